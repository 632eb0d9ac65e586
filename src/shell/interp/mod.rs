//! Runs parsed scripts: variables, substitution, pipes, redirection, loops, exit codes.
//!
//! [`run_script`] runs a text at once; [`Script`] runs it one top-level command at a time, so that a terminal can show
//! output as it comes and stop after a failure. The tools being imitated (`aws`, `kubectl`) and all outside facts come
//! from a [`Host`]. Messages and exit codes are bash's; what bash has and this shell has not is refused with exit code 2.
//!
//! Everything is bounded: the constants of this module and of [`super::syntax`].

mod arithmetic;
mod arrays;
mod braces;
mod builtins;
mod compound;
mod condition;
mod devices;
mod exec;
mod expand;
mod globs;
mod invoke;
mod options;
mod output;
mod pattern;
mod print;
mod redirect;
mod select;
mod transform;
mod traps;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use super::io::{CommandOutput, Input, ScriptOutput, Stream};
use super::syntax::ast::AndOr;
use super::syntax::{ErrorKind, Line, Lines, SyntaxError};
use crate::session::workstation::Workstation;
pub(crate) use arrays::{function_name, typed_name};
use exec::{Shell, Stop};

/// The most commands that one script runs, rounds of loops included.
pub const MAX_COMMANDS: usize = 100_000;
/// The most calls of imitated tools that one script makes: each may be a hundred times the work of another command.
pub const MAX_TOOL_CALLS: usize = 20_000;
/// The most rounds that the loops of one script make together.
pub const MAX_ROUNDS: usize = 20_000;
/// The most bytes that one script prints.
pub const MAX_OUTPUT_BYTES: usize = 2_000_000;
/// The most words that one command, or one list of a `for`, expands to.
pub const MAX_FIELDS: usize = 10_000;
/// The most bytes that one script moves through expansions, pipes and files: bounds the time it takes.
pub const MAX_WORK_BYTES: usize = 100_000_000;
/// How deep `eval`, `source`, `xargs` and `env` may call each other.
pub const MAX_CALLS: usize = 16;
/// How deep running commands may stand in each other, `eval` and `source` included: bounds the stack.
pub const MAX_DEPTH: usize = 80;

/// What the shell needs from outside: the tools, the workstation and the world's clock.
pub trait Host {
    /// Files, variables and aliases.
    fn workstation(&mut self) -> &mut Workstation;

    /// Runs the command `argv` with the exported variables `env`; `None` if there is no such command.
    /// `argv` has at least one word.
    fn run(&mut self, argv: &[String], env: &BTreeMap<String, String>, stdin: &Input<'_>) -> Option<CommandOutput>;

    /// True if [`Host::run`] knows a command of that name: for `which` and `type`.
    fn knows(&self, name: &str) -> bool;

    /// Seconds since 1970 on the simulated clock.
    fn now(&self) -> i64;

    /// `sleep`: moves the simulated clock.
    fn sleep(&mut self, seconds: f64);

    /// The lines typed so far, oldest first.
    fn history(&self) -> Vec<String>;

    /// What `help` prints.
    fn help(&self) -> String;

    /// `clear`: empties the screen.
    fn clear(&mut self);

    /// A pipeline of the script itself has ended, and another one that depends on it follows (`a && b`). `source` is its
    /// text, which begins at `start`.
    fn pipeline_ends(&mut self, source: &str, start: usize) {
        let _ = (source, start);
    }

    /// True if the shell ends where the script ends, so that `trap … EXIT` counts; a terminal goes on.
    fn ends_with_script(&self) -> bool {
        true
    }

    /// True if a person types the lines: messages then lack the line number, as those of an interactive bash.
    /// The recorded sessions were run by `bash -c`, which prints it.
    fn interactive(&self) -> bool {
        false
    }
}

/// The names of the commands that the shell runs itself, and of those that work on files.
pub fn builtin_names() -> impl Iterator<Item = &'static str> {
    builtins::names().chain(super::files::names())
}

/// A script that runs one top-level command at a time.
///
/// Options set with `set` and the bounds hold for the script as a whole; variables, files and `$?` live in the workstation.
#[derive(Debug)]
pub struct Script {
    text: String,
    /// The lines read, up to the first that cannot be read.
    lines: VecDeque<Result<Line, SyntaxError>>,
    queue: VecDeque<AndOr>,
    /// Where the line stands whose commands are in the queue, until the first of them has run.
    line: Option<Range<usize>>,
    progress: exec::Progress,
    /// The first command has run.
    started: bool,
    ended: bool,
}

/// The variable that keeps the options between the lines that a person types: none can be called so by hand.
const KEPT_OPTIONS: &str = "set -o";

/// What one top-level command did.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The command as written; the whole offending line for a syntax error.
    pub source: String,
    /// Where it stands in the text.
    pub range: Range<usize>,
    /// Where the whole line stands, from its first command to the end of its last, if this is the first.
    pub line: Option<Range<usize>>,
    /// Its output and exit code.
    pub output: ScriptOutput,
    /// The error, if the line could not be read; its text is also in the output.
    pub error: Option<SyntaxError>,
}

impl Script {
    /// Begins at the start of `text`. Nothing is run yet; a line that cannot be read says so when its turn comes.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            lines: Lines::new(&text).collect(),
            text,
            queue: VecDeque::new(),
            line: None,
            progress: exec::Progress::default(),
            started: false,
            ended: false,
        }
    }

    /// How many lines and commands have not run yet.
    pub fn left(&self) -> usize {
        if self.ended { 0 } else { self.lines.len() + self.queue.len() }
    }

    /// A part of the text.
    pub fn text(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// Runs nothing more.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// Runs the next top-level command; `None` when there is none, or the script has ended by `exit`, an error or a bound.
    ///
    /// A line is read after the lines before it have run, and as a whole: if it cannot be read, none of it runs.
    pub fn step(&mut self, host: &mut dyn Host) -> Option<Step> {
        let mut shell = Shell::new(host, std::mem::take(&mut self.progress));
        if !std::mem::replace(&mut self.started, true) && shell.interactive() {
            let kept = shell.host.workstation().variables.get(KEPT_OPTIONS).cloned();
            shell.progress.options = options::Options::from_changed(&kept.unwrap_or_default());
        }
        let was_ended = self.ended;
        while self.queue.is_empty() && !self.ended {
            let Some(line) = self.lines.pop_front() else {
                self.ended = true;
                break;
            };
            match line {
                Ok(line) => {
                    for open in &line.open_here_documents {
                        shell.warn_open_here_document(self.text.lines().count(), open);
                    }
                    let ends = line.commands.iter().map(|command| command.range.end);
                    self.line = line.commands.first().map(|first| first.range.start..ends.max().unwrap_or_default());
                    self.queue.extend(line.commands);
                }
                Err(error) => {
                    self.ended = true;
                    let (range, source) = line_around(&self.text, &error.range);
                    let text = syntax_message(&error, &self.text, source, shell.interactive());
                    let source = source.to_owned();
                    shell.print(Stream::Err, &text);
                    shell.set_status(2);
                    let output = shell.finish(2).0;
                    return Some(Step { source, line: Some(range.clone()), range, output, error: Some(error) });
                }
            }
        }
        let Some(command) = self.queue.pop_front().filter(|_| !self.ended) else {
            // What the script wanted at its end.
            let status = shell.host.workstation().last_status;
            let ends = !was_ended && shell.host.ends_with_script();
            if ends && let Err(Stop::Exit(status)) = shell.exit_trap() {
                shell.set_status(status);
            }
            let (output, progress) = shell.finish(status);
            self.progress = progress;
            let at = self.text.len();
            let step = Step { source: String::new(), range: at..at, line: None, output, error: None };
            return Some(step).filter(|step| !step.output.chunks.is_empty());
        };
        let range = command.range.clone();
        let status = match shell.top_level(&command, &self.text) {
            Ok(status) => status,
            Err(Stop::Exit(status)) => {
                self.ended = true;
                shell.set_status(status);
                match shell.exit_trap() {
                    Err(Stop::Exit(status)) => status,
                    _ => status,
                }
            }
            Err(Stop::Line(status)) => {
                self.queue.clear();
                status
            }
            // `break` outside a loop has already said so.
            Err(Stop::Break(_) | Stop::Continue(_) | Stop::Return(_)) => 0,
        };
        shell.set_status(status);
        if shell.interactive() {
            shell.keep_options();
        }
        let (output, progress) = shell.finish(status);
        self.progress = progress;
        let source = self.text.get(range.clone()).unwrap_or_default().to_owned();
        Some(Step { source, range, line: self.line.take(), output, error: None })
    }
}

/// Runs a whole text. The exit code is that of the last command, 0 if there is none.
pub fn run_script(host: &mut dyn Host, text: &str) -> ScriptOutput {
    let mut all = ScriptOutput::default();
    let mut script = Script::new(text);
    while let Some(step) = script.step(host) {
        for chunk in &step.output.chunks {
            all.push(chunk.stream, &chunk.text);
        }
        all.exit = step.output.exit;
    }
    all
}

/// What bash prints for a text that it cannot read. For a token out of place it also prints the line.
fn syntax_message(error: &SyntaxError, text: &str, source: &str, interactive: bool) -> String {
    if interactive {
        return format!("bash: {error}\n");
    }
    let ours = !matches!(error.kind, ErrorKind::UnexpectedToken(_) | ErrorKind::Incomplete(_));
    if ours {
        return format!("bash: line {}: {error}\n", error.line);
    }
    // The end of the text is one line after the last.
    let at_end = error.to_string().ends_with("end of file");
    let line = if at_end { text.lines().count() + 1 } else { error.line };
    let mut message = format!("bash: -c: line {line}: {error}\n");
    if matches!(error.kind, ErrorKind::UnexpectedToken(_)) {
        message.push_str(&format!("bash: -c: line {line}: `{source}'\n"));
    }
    message
}

/// The line of `text` in which `range` begins.
fn line_around<'t>(text: &'t str, range: &Range<usize>) -> (Range<usize>, &'t str) {
    let mut at = range.start.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let start = text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |newline| newline + 1);
    let end = text.get(at..).and_then(|t| t.find('\n')).map_or(text.len(), |newline| at + newline);
    (start..end, text.get(start..end).unwrap_or_default())
}
