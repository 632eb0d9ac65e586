//! Running commands: lists, pipelines, compound commands, dispatch; output and bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::io::{ScriptOutput, Stdin, Stream};
use super::super::syntax::OpenHereDocument;
use super::super::syntax::ast::*;
use super::arrays;
use super::options::{self, Options};
use super::{Host, MAX_DEPTH, MAX_ROUNDS};

/// Why running does not go on to the next command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// `break`, out of that many loops.
    Break(usize),
    /// `continue` of the loop that many levels up.
    Continue(usize),
    /// `return` from a function or a sourced file.
    Return(i32),
    /// An error that ends the line being run, and no more.
    Line(i32),
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
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    pub options: Options,
    /// `${PIPESTATUS[@]}`.
    pub pipe_status: Vec<i32>,
    /// The status of what ran with `&`, by the number that `$!` gave: the first is 1001.
    pub jobs: Vec<i32>,
    /// How many of them `wait` has asked for.
    pub awaited: usize,
    pub commands: usize,
    pub tool_calls: usize,
    rounds: usize,
    pub work: usize,
    pub printed: usize,
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
    /// The files of `<( )` and `>( )` of the command being run; of the latter what reads them.
    pub processes: Vec<(String, Option<List>)>,
    /// How many subshells are being run in each other.
    pub subshells: usize,
    /// How many scripts are being run by `bash` in each other.
    pub scripts: usize,
    /// The innermost of them is the text of `bash -c`.
    pub is_text: bool,
    /// The traps that do not count in the function, or the trap, being run.
    pub quiet_traps: Vec<&'static str>,
    /// The line whose trap is being run.
    pub trap_line: Option<usize>,
    /// `$BASH_COMMAND`.
    pub command: Rc<str>,
    /// Where `set -x` prints.
    pub traces: Sink,
    /// How many `$( )` are being run in each other: `set -x` shows it.
    pub substitutions: usize,
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
            subshells: 0,
            scripts: 0,
            is_text: false,
            quiet_traps: Vec::new(),
            trap_line: None,
            command: Rc::from(""),
            traces: Sink::Terminal(Stream::Err),
            substitutions: 0,
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

    /// The commands of `trap … EXIT`, where the script itself ends.
    pub fn exit_trap(&mut self) -> Result<(), Stop> {
        let io = Io { stdin: 0, stdout: Sink::Terminal(Stream::Out), stderr: Sink::Terminal(Stream::Err) };
        if self.spent() { Ok(()) } else { self.trap("EXIT", &io) }
    }

    /// Keeps the options for the next line that a person types. `set -e` would close a real terminal with the first
    /// failure; here it counts for the text that it stands in.
    pub fn keep_options(&mut self) {
        let mut options = self.progress.options;
        options.put(options::EXIT_ON_ERROR, false);
        options.put(options::NO_EXEC, false);
        let names = options.changed();
        let variables = &mut self.host.workstation().variables;
        match names.is_empty() {
            true => _ = variables.remove(super::KEPT_OPTIONS),
            false => _ = variables.insert(super::KEPT_OPTIONS.to_owned(), names),
        }
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
        if self.progress.options.has(options::NO_EXEC) && !self.interactive() {
            return Ok(0);
        }
        if item.background {
            return self.background(item, io);
        }
        let mut pipeline = &item.first;
        let mut rest = item.rest.iter();
        loop {
            let is_last = rest.len() == 0;
            self.conditions += usize::from(!is_last || pipeline.negated);
            let result = self.pipeline(pipeline, io);
            self.conditions -= usize::from(!is_last || pipeline.negated);
            let status = result?;
            self.set_status(status);
            if is_last && status != 0 && self.conditions == 0 && !pipeline.negated && is_alone(pipeline) {
                self.trap("ERR", io)?;
                if self.progress.options.has(options::EXIT_ON_ERROR) {
                    return Err(Stop::Exit(status));
                }
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
            [command] => {
                let status = self.command(command, io)?;
                self.progress.pipe_status.clear();
                self.progress.pipe_status.push(status);
                status
            }
            commands => self.stages(commands, io)?,
        };
        Ok(if pipeline.negated { i32::from(status == 0) } else { status })
    }

    /// Runs the commands of a pipe one after another, each as a subshell with the output of the one before as its input.
    fn stages(&mut self, commands: &[Command], io: &Io) -> Run {
        let mut stage_io = io.clone();
        let (mut status, mut failed) = (0, 0);
        let mut statuses = Vec::new();
        for (at, command) in commands.iter().enumerate() {
            let is_last = at + 1 == commands.len();
            let capture = self.captures.len();
            stage_io.stdout = if is_last { io.stdout.clone() } else { Sink::Capture(capture) };
            if !is_last {
                self.captures.push(String::new());
            }
            let here = is_last && self.progress.options.has(options::LAST_PIPE) && !self.interactive();
            let result = match here {
                true => self.command(command, &stage_io),
                false => self.subshell(&stage_io, |shell| shell.command(command, &stage_io)),
            };
            let piped = if is_last { String::new() } else { self.captures.pop().unwrap_or_default() };
            status = result?;
            statuses.push(status);
            failed = if status != 0 { status } else { failed };
            if !is_last {
                self.inputs.push(Stdin::new(piped));
                stage_io.stdin = self.inputs.len() - 1;
            }
        }
        self.inputs.truncate(self.inputs.len() + 1 - commands.len());
        self.progress.pipe_status = statuses;
        Ok(if self.progress.options.has(options::PIPE_FAIL) { failed } else { status })
    }

    /// Runs with a copy of the variables. `exit` ends only the subshell; a passed bound ends everything.
    pub fn subshell(&mut self, io: &Io, run: impl FnOnce(&mut Self) -> Run) -> Run {
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
        self.subshells += 1;
        self.reset_traps();
        let mut result = run(self);
        if let Ok(status) | Err(Stop::Exit(status) | Stop::Line(status)) = result
            && !self.spent()
        {
            self.set_status(status);
            match self.trap("EXIT", io) {
                Ok(()) => {}
                Err(stop) => result = Err(stop),
            }
        }
        self.subshells -= 1;
        self.loops = loops;
        self.progress.options = saved.options;
        let w = self.host.workstation();
        (w.variables, w.exported, w.aliases) = (saved.variables, saved.exported, saved.aliases);
        if w.is_directory(&saved.cwd) {
            w.cwd = saved.cwd;
        }
        match result {
            Err(Stop::Exit(status) | Stop::Return(status) | Stop::Line(status)) if !self.spent() => Ok(status),
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
        self.substitutions += 1;
        let result = self.subshell(&inner, |shell| {
            // As bash has it outside its POSIX mode: `set -e` does not reach into substitutions.
            if !shell.progress.options.has(options::INHERIT_ERR_EXIT) {
                shell.progress.options.put(options::EXIT_ON_ERROR, false);
            }
            shell.list(list, &inner)
        });
        self.substitutions -= 1;
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
        if self.trap_line.is_none() {
            self.line = command.line;
            if let Some(source) = &command.source {
                self.command = Rc::clone(source);
            }
        }
        if !matches!(
            command.kind,
            CommandKind::Group(_)
                | CommandKind::Subshell(_)
                | CommandKind::Function { .. }
                | CommandKind::If { .. }
                | CommandKind::While { .. }
        ) {
            self.trap("DEBUG", io)?;
        }
        let traces = std::mem::replace(&mut self.traces, io.stderr.clone());
        let result = self.redirected(command, io);
        self.traces = traces;
        result
    }

    fn redirected(&mut self, command: &Command, io: &Io) -> Run {
        let (inputs, processes) = (self.inputs.len(), self.processes.len());
        let result = match self.redirect(&command.redirections, io)? {
            Some(io) => self.kind(&command.kind, &io),
            None => Ok(1),
        };
        for (path, list) in self.processes.split_off(processes) {
            let text = self.host.workstation().files.remove(&path).unwrap_or_default();
            if let Some(list) = list {
                self.inputs.push(Stdin::new(text));
                let inner = Io { stdin: self.inputs.len() - 1, ..io.clone() };
                self.subshell(&inner, |shell| shell.list(&list, &inner))?;
            }
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
            CommandKind::Subshell(list) => self.subshell(io, |shell| shell.list(list, io)),
            CommandKind::Group(list) => self.list(list, io),
            CommandKind::If { branches, otherwise } => {
                for (condition, body) in branches {
                    if self.condition(condition, io)? == 0 {
                        return self.list(body, io);
                    }
                }
                self.list(otherwise, io)
            }
            CommandKind::Select { name, words, body } => self.select(name, words, body, io),
            CommandKind::For { name, words, body } => {
                let values = self.fields(words, io)?;
                let mut status = 0;
                let shown = values.iter().map(|value| super::print::traced(value)).collect::<Vec<_>>().join(" ");
                for (at, value) in values.into_iter().enumerate() {
                    if at > 0 {
                        self.trap("DEBUG", io)?;
                    }
                    self.trace(&format!("for {name} in {shown}"))?;
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
        let aliased = match self.progress.options.has(options::EXPAND_ALIASES) {
            true => self.expand_alias(words, io)?,
            false => None,
        };
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
        if self.progress.options.has(options::TRACE) && !argv.is_empty() {
            let words: Vec<String> = argv.iter().map(|word| super::print::traced(word)).collect();
            for (name, value) in &values {
                self.trace(&format!("{name}={}", super::print::traced(value)))?;
            }
            self.trace(&words.join(" "))?;
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
            if self.refuses_to_change(&name, io)? {
                continue;
            }
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
}

/// True if nothing in the pipeline has counted its failure already, as the commands of a group or a loop have.
fn is_alone(pipeline: &Pipeline) -> bool {
    match pipeline.commands.as_slice() {
        [command] => !matches!(
            command.kind,
            CommandKind::Group(_)
                | CommandKind::If { .. }
                | CommandKind::For { .. }
                | CommandKind::ForArithmetic { .. }
                | CommandKind::While { .. }
                | CommandKind::Select { .. }
                | CommandKind::Case { .. }
        ),
        _ => true,
    }
}
