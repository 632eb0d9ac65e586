//! Running commands: lists, pipelines, compound commands, dispatch; output and bounds.

use std::collections::{BTreeMap, BTreeSet};

use super::super::io::{Input, ScriptOutput, Stdin, Stream};
use super::super::syntax::OpenHereDocument;
use super::super::syntax::ast::*;
use super::super::{files, filters};
use super::arrays;
use super::builtins;
use super::{Host, MAX_CALLS, MAX_DEPTH, MAX_ROUNDS, MAX_TOOL_CALLS};

/// Why running does not go on to the next command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// `break`, out of that many loops.
    Break(usize),
    /// `continue` of the loop that many levels up.
    Continue(usize),
    /// `return` from a function or a sourced file.
    Return(i32),
    /// `exit`, an error that ends a script, or a bound.
    Exit(i32),
}

/// A status, or why the script does not go on.
pub(super) type Run = Result<i32, Stop>;

/// Where output goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sink {
    /// What the terminal shows.
    Terminal(Stream),
    /// One of the texts being collected for `$( )` or a pipe.
    Capture(usize),
    /// A file, at its end.
    File(String),
    /// Nowhere.
    Null,
}

/// The three standard streams of a command.
#[derive(Debug, Clone)]
pub(super) struct Io {
    /// An index into [`Shell::inputs`].
    pub stdin: usize,
    pub stdout: Sink,
    pub stderr: Sink,
}

/// What a script carries from one top-level command to the next: options and how much of the bounds is used.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    pub options: Options,
    pub commands: usize,
    tool_calls: usize,
    rounds: usize,
    pub work: usize,
    pub printed: usize,
}

/// The options of `set`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options {
    /// `-e`.
    pub exit_on_error: bool,
    /// `-u`.
    pub no_unset: bool,
    /// `-o pipefail`.
    pub pipe_fail: bool,
    /// `-x`.
    pub trace: bool,
}

/// What a subshell gets a copy of.
struct Saved {
    cwd: String,
    variables: BTreeMap<String, String>,
    exported: BTreeSet<String>,
    aliases: BTreeMap<String, String>,
    options: Options,
}

/// A running script.
pub(super) struct Shell<'h> {
    pub host: &'h mut dyn Host,
    pub progress: Progress,
    pub inputs: Vec<Stdin>,
    /// The line of the command being run, for messages.
    pub line: usize,
    /// How many loops are being run, in this subshell.
    pub loops: usize,
    /// How many `eval`, `source`, `xargs` and the like are being run.
    pub calls: usize,
    /// How many commands are being run inside each other.
    depth: usize,
    /// Above 0 a failure is a condition and does not end the script under `set -e`.
    conditions: usize,
    pub captures: Vec<String>,
    pub output: ScriptOutput,
    /// The status of the last `$( )`, for commands that are only assignments.
    pub substituted: Option<i32>,
    /// How many functions and sourced files are being run: `return` ends them.
    pub returns: usize,
    /// For each function being run what its local variables hide.
    pub locals: Vec<Vec<Hidden>>,
    /// The files of `<( )` that the command being run reads.
    pub processes: Vec<String>,
    /// The state of `$RANDOM`.
    pub random: u32,
}

/// What a local variable hides.
#[derive(Debug)]
pub(super) struct Hidden {
    pub name: String,
    pub values: Vec<(String, String)>,
    pub exported: bool,
}

impl<'h> Shell<'h> {
    pub fn new(host: &'h mut dyn Host, progress: Progress) -> Self {
        Self {
            host,
            progress,
            inputs: vec![Stdin::default()],
            line: 1,
            loops: 0,
            calls: 0,
            depth: 0,
            conditions: 0,
            captures: Vec::new(),
            output: ScriptOutput::default(),
            substituted: None,
            returns: 0,
            locals: Vec::new(),
            processes: Vec::new(),
            random: 42,
        }
    }

    /// What was printed, with the exit code, and what the next command goes on with.
    pub fn finish(mut self, exit: i32) -> (ScriptOutput, Progress) {
        self.output.exit = exit;
        (self.output, self.progress)
    }

    pub fn interactive(&self) -> bool {
        self.host.interactive()
    }

    pub fn set_status(&mut self, status: i32) {
        self.host.workstation().last_status = status;
    }

    /// Runs a command of the script `text` itself.
    pub fn top_level(&mut self, command: &AndOr, text: &str) -> Run {
        let io = Io { stdin: 0, stdout: Sink::Terminal(Stream::Out), stderr: Sink::Terminal(Stream::Err) };
        self.and_or(command, &io, Some(text))
    }

    pub fn warn_open_here_document(&mut self, last_line: usize, open: &OpenHereDocument) {
        let text = format!(
            "bash: line {last_line}: warning: here-document at line {} delimited by end-of-file (wanted `{}')\n",
            open.line, open.delimiter
        );
        self.print(Stream::Err, &text);
    }

    // --- lists and pipelines

    pub fn list(&mut self, list: &[AndOr], io: &Io) -> Run {
        let mut status = 0;
        for item in list {
            status = self.and_or(item, io, None)?;
        }
        Ok(status)
    }

    /// Runs pipelines joined by `&&` and `||`; those of the script `text` itself are told to the host one by one.
    fn and_or(&mut self, item: &AndOr, io: &Io, text: Option<&str>) -> Run {
        let mut pipeline = &item.first;
        let mut rest = item.rest.iter();
        loop {
            let is_last = rest.len() == 0;
            self.conditions += usize::from(!is_last || pipeline.negated);
            let result = self.pipeline(pipeline, io);
            self.conditions -= usize::from(!is_last || pipeline.negated);
            let status = result?;
            self.set_status(status);
            let fatal = self.progress.options.exit_on_error && self.conditions == 0 && !pipeline.negated;
            if is_last && status != 0 && fatal {
                return Err(Stop::Exit(status));
            }
            let done = pipeline;
            pipeline = loop {
                match rest.next() {
                    None => return Ok(status),
                    Some((Connector::And, next)) if status == 0 => break next,
                    Some((Connector::Or, next)) if status != 0 => break next,
                    Some(_) => {}
                }
            };
            if let (Some(text), Some(first), Some(last)) = (text, done.commands.first(), done.commands.last()) {
                let before =
                    text.get(..first.range.start).filter(|_| done.negated).and_then(|before| before.rfind('!'));
                let start = before.unwrap_or(first.range.start);
                self.host.pipeline_ends(text.get(start..last.range.end).unwrap_or_default(), start);
            }
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline, io: &Io) -> Run {
        let status = match pipeline.commands.as_slice() {
            [command] => self.command(command, io)?,
            commands => self.stages(commands, io)?,
        };
        Ok(if pipeline.negated { i32::from(status == 0) } else { status })
    }

    /// Runs the commands of a pipe one after another, each as a subshell with the output of the one before as its input.
    fn stages(&mut self, commands: &[Command], io: &Io) -> Run {
        let mut stage_io = io.clone();
        let (mut status, mut failed) = (0, 0);
        for (at, command) in commands.iter().enumerate() {
            let is_last = at + 1 == commands.len();
            let capture = self.captures.len();
            stage_io.stdout = if is_last { io.stdout.clone() } else { Sink::Capture(capture) };
            if !is_last {
                self.captures.push(String::new());
            }
            let result = self.subshell(|shell| shell.command(command, &stage_io));
            let piped = if is_last { String::new() } else { self.captures.pop().unwrap_or_default() };
            status = result?;
            failed = if status != 0 { status } else { failed };
            if !is_last {
                self.inputs.push(Stdin::new(piped));
                stage_io.stdin = self.inputs.len() - 1;
            }
        }
        self.inputs.truncate(self.inputs.len() + 1 - commands.len());
        Ok(if self.progress.options.pipe_fail { failed } else { status })
    }

    /// Runs with a copy of the variables. `exit` ends only the subshell; a passed bound ends everything.
    pub fn subshell(&mut self, run: impl FnOnce(&mut Self) -> Run) -> Run {
        let w = self.host.workstation();
        let saved = Saved {
            cwd: w.cwd.clone(),
            variables: w.variables.clone(),
            exported: w.exported.clone(),
            aliases: w.aliases.clone(),
            options: self.progress.options,
        };
        let size: usize = saved.variables.values().chain(saved.aliases.values()).map(String::len).sum();
        self.work(size + saved.variables.len() * 32)?;
        let loops = std::mem::take(&mut self.loops);
        let result = run(self);
        self.loops = loops;
        self.progress.options = saved.options;
        let w = self.host.workstation();
        (w.variables, w.exported, w.aliases) = (saved.variables, saved.exported, saved.aliases);
        if w.is_directory(&saved.cwd) {
            w.cwd = saved.cwd;
        }
        match result {
            Err(Stop::Exit(status) | Stop::Return(status)) if !self.spent() => Ok(status),
            Err(Stop::Break(_) | Stop::Continue(_)) => Ok(0),
            other => other,
        }
    }

    /// Runs `list` as a subshell and returns what it printed, without newlines at the end.
    pub fn capture(&mut self, list: &[AndOr], io: &Io) -> Result<String, Stop> {
        let mut text = self.captured(list, io)?;
        text.truncate(text.trim_end_matches('\n').len());
        Ok(text)
    }

    /// Runs `list` as a subshell and returns what it printed.
    pub fn captured(&mut self, list: &[AndOr], io: &Io) -> Result<String, Stop> {
        let capture = self.captures.len();
        self.captures.push(String::new());
        let inner = Io { stdout: Sink::Capture(capture), ..io.clone() };
        let result = self.subshell(|shell| {
            // As bash has it outside its POSIX mode: `set -e` does not reach into substitutions.
            shell.progress.options.exit_on_error = false;
            shell.list(list, &inner)
        });
        let text = self.captures.pop().unwrap_or_default();
        let status = result?;
        self.substituted = Some(status);
        self.set_status(status);
        self.work(text.len())?;
        Ok(text)
    }

    // --- commands

    fn command(&mut self, command: &Command, io: &Io) -> Run {
        self.count_command()?;
        if self.depth >= MAX_DEPTH {
            return self.refuse(&format!("commands run in each other more than {MAX_DEPTH} deep; stopped"));
        }
        self.depth += 1;
        let result = self.command_inside(command, io);
        self.depth -= 1;
        result
    }

    fn command_inside(&mut self, command: &Command, io: &Io) -> Run {
        self.line = command.line;
        let (inputs, processes) = (self.inputs.len(), self.processes.len());
        let result = match self.redirect(&command.redirections, io)? {
            Some(io) => self.kind(&command.kind, &io),
            None => Ok(1),
        };
        for path in self.processes.split_off(processes) {
            self.host.workstation().files.remove(&path);
        }
        self.inputs.truncate(inputs);
        result
    }

    fn kind(&mut self, kind: &CommandKind, io: &Io) -> Run {
        match kind {
            CommandKind::Simple { assignments, declared, words } => self.simple(assignments, declared, words, io),
            CommandKind::Case { word, arms } => self.case(word, arms, io),
            CommandKind::Conditional(test) => self.conditional(test, io),
            CommandKind::Arithmetic(expression) => self.arithmetic(expression, io),
            CommandKind::ForArithmetic { parts, body } => self.for_arithmetic(parts, body, io),
            CommandKind::Function { name, body } => {
                self.set_variable(&arrays::function(name), body.clone())?;
                Ok(0)
            }
            CommandKind::Subshell(list) => self.subshell(|shell| shell.list(list, io)),
            CommandKind::Group(list) => self.list(list, io),
            CommandKind::If { branches, otherwise } => {
                for (condition, body) in branches {
                    if self.condition(condition, io)? == 0 {
                        return self.list(body, io);
                    }
                }
                self.list(otherwise, io)
            }
            CommandKind::For { name, words, body } => {
                let values = self.fields(words, io)?;
                let mut status = 0;
                for value in values {
                    self.set_variable(name, value)?;
                    if self.round(body, io, &mut status)? {
                        break;
                    }
                }
                Ok(status)
            }
            CommandKind::While { until, condition, body } => {
                let mut status = 0;
                while (self.condition(condition, io)? == 0) != *until {
                    if self.round(body, io, &mut status)? {
                        break;
                    }
                }
                Ok(status)
            }
        }
    }

    fn condition(&mut self, list: &[AndOr], io: &Io) -> Run {
        self.conditions += 1;
        let result = self.list(list, io);
        self.conditions -= 1;
        result
    }

    /// One round of a loop; true if it was the last.
    pub fn round(&mut self, body: &[AndOr], io: &Io, status: &mut i32) -> Result<bool, Stop> {
        self.progress.rounds += 1;
        if self.progress.rounds > MAX_ROUNDS {
            return self.refuse(&format!("the loops of this script made more than {MAX_ROUNDS} rounds; stopped"));
        }
        self.loops += 1;
        let result = self.list(body, io);
        self.loops -= 1;
        match result {
            Ok(last) => *status = last,
            Err(Stop::Break(levels)) if levels > 1 => return Err(Stop::Break(levels - 1)),
            Err(Stop::Continue(levels)) if levels > 1 => return Err(Stop::Continue(levels - 1)),
            Err(Stop::Break(_)) => {
                *status = 0;
                return Ok(true);
            }
            Err(Stop::Continue(_)) => *status = 0,
            Err(stop) => return Err(stop),
        }
        Ok(false)
    }

    fn simple(&mut self, assignments: &[Assignment], declared: &[Assignment], words: &[Word], io: &Io) -> Run {
        self.substituted = None;
        let aliased = self.expand_alias(words, io)?;
        let argv = self.fields(aliased.as_deref().unwrap_or(words), io)?;
        if !declared.is_empty() {
            return self.declared(&argv, declared, io);
        }
        let mut values = Vec::new();
        for assignment in assignments {
            if argv.is_empty() {
                self.assign(assignment, io)?;
                continue;
            }
            let mut value = self.assigned(&assignment.value, io)?;
            if assignment.append {
                let old = self.host.workstation().variables.get(&assignment.name).cloned().unwrap_or_default();
                value.insert_str(0, &old);
            }
            values.push((assignment.name.clone(), value));
        }
        if self.progress.options.trace && !argv.is_empty() {
            let words: Vec<String> = argv.iter().map(|word| super::print::traced(word)).collect();
            let set = values.iter().map(|(name, value)| format!("{name}={} ", super::print::traced(value)));
            let line = format!("+ {}{}\n", set.collect::<String>(), words.join(" "));
            self.write(&io.stderr, &line)?;
        }
        if argv.is_empty() {
            return Ok(self.substituted.unwrap_or(0));
        }
        if values.is_empty() {
            return self.invoke(&argv, io);
        }
        // `NAME=value command`: for the time of the command the variable is set and exported.
        let mut before = Vec::new();
        for (name, value) in values {
            let w = self.host.workstation();
            before.push((name.clone(), w.variables.get(&name).cloned(), w.exported.contains(&name)));
            w.exported.insert(name.clone());
            self.set_variable(&name, value)?;
        }
        let result = self.invoke(&argv, io);
        let w = self.host.workstation();
        for (name, value, exported) in before.into_iter().rev() {
            if !exported {
                w.exported.remove(&name);
            }
            match value {
                Some(value) => w.variables.insert(name, value),
                None => w.variables.remove(&name),
            };
        }
        result
    }

    /// Runs the command `argv`: a builtin, a tool of this shell, or one of the host's.
    pub fn invoke(&mut self, argv: &[String], io: &Io) -> Run {
        let Some((name, args)) = argv.split_first() else { return Ok(0) };
        if let Some(body) = self.host.workstation().variables.get(&arrays::function(name)).cloned() {
            return self.function(name, &body, args, io);
        }
        self.program(name, args, argv, io)
    }

    /// Runs a command that is no function.
    pub fn program(&mut self, name: &str, args: &[String], argv: &[String], io: &Io) -> Run {
        if let Some(builtin) = builtins::find(name) {
            return builtin(self, args, io);
        }
        let base = name.strip_prefix("/usr/bin/").or(name.strip_prefix("/bin/")).unwrap_or(name);
        if let Some(tool) = files::find(base).or_else(|| filters::find(base)) {
            let mut stdin = self.inputs.get_mut(io.stdin).map(std::mem::take).unwrap_or_default();
            self.work(stdin.rest().len())?;
            let now = self.host.now();
            let mut call = filters::Call::new(base, args, self.host.workstation(), &mut stdin);
            call.now = now;
            let exit = tool(&mut call);
            let chunks = call.finish();
            if let Some(input) = self.inputs.get_mut(io.stdin) {
                *input = stdin;
            }
            self.write_chunks(&chunks, io)?;
            return Ok(exit);
        }
        let env = self.host.workstation().environment();
        let stdin = self.inputs.get(io.stdin).map(|input| input.rest().to_owned()).unwrap_or_default();
        self.work(stdin.len() + env.values().map(String::len).sum::<usize>())?;
        if self.progress.tool_calls > MAX_TOOL_CALLS {
            return self.refuse(&format!("the script called tools more than {MAX_TOOL_CALLS} times; stopped"));
        }
        let input = Input::new(&stdin);
        if let Some(output) = self.host.run(argv, &env, &input) {
            self.progress.tool_calls += 1;
            if let Some(stdin) = self.inputs.get_mut(io.stdin) {
                stdin.skip(input.taken());
            }
            self.write_chunks(&output.chunks, io)?;
            return Ok(output.exit);
        }
        self.not_found(name, args, io)
    }

    fn not_found(&mut self, name: &str, args: &[String], io: &Io) -> Run {
        if let Some(instead) = builtins::instead_of(name) {
            self.complain(io, &format!("{name}: not supported in this terminal; {instead}"))?;
            return Ok(2);
        }
        let w = self.host.workstation();
        let (message, status) = match name.contains('/') {
            true if w.is_directory(name) => ("Is a directory", 126),
            true if w.is_file(name) => {
                let path = [name.to_owned()];
                return builtins::script(self, &[&path, args].concat(), io);
            }
            true => ("No such file or directory", 127),
            false => ("command not found", 127),
        };
        self.complain(io, &format!("{name}: {message}"))?;
        Ok(status)
    }

    /// Runs `run` as something that a command calls, with a bound on how deep that goes.
    pub fn call(&mut self, run: impl FnOnce(&mut Self) -> Run) -> Run {
        if self.calls >= MAX_CALLS {
            return self.refuse(&format!("commands call each other more than {MAX_CALLS} deep; stopped"));
        }
        self.count_command()?;
        self.calls += 1;
        let result = run(self);
        self.calls -= 1;
        result
    }
}
