//! Traps, signals, and what runs with `&`. The shell is the one process there is: signals come from its own `kill`.

use super::super::io::Stdin;
use super::super::syntax::ast::AndOr;
use super::builtins;
use super::exec::{Io, Run, Shell, Stop};
use super::options;

/// The number of this shell, `$$`.
pub(super) const OWN_ID: usize = 1;
/// The number of the first command run with `&`.
const FIRST_JOB: usize = 1_001;

/// The signals by number.
pub(super) const SIGNALS: [&str; 32] = [
    "EXIT", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
    "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH",
    "IO", "PWR", "SYS",
];

/// What can be trapped besides signals.
const EVENTS: [&str; 3] = ["DEBUG", "ERR", "RETURN"];

/// The number and name of a signal given by either; `EXIT` is 0.
pub(super) fn signal(given: &str) -> Option<(usize, &'static str)> {
    let upper = given.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let at = match given.parse::<usize>() {
        Ok(number) => number,
        Err(_) => SIGNALS.iter().position(|known| *known == name)?,
    };
    SIGNALS.get(at).map(|name| (at, *name))
}

/// A signal or event by the name that `trap` keeps it under.
pub(super) fn trappable(given: &str) -> Option<&'static str> {
    let upper = given.to_ascii_uppercase();
    signal(given).map(|(_, name)| name).or_else(|| EVENTS.into_iter().find(|event| *event == upper))
}

/// Everything that can be trapped, in the order in which `trap` lists it, with the name it prints.
pub(super) fn listed() -> impl Iterator<Item = (&'static str, String)> {
    let printed = |name: &'static str| if name == "EXIT" { name.to_owned() } else { format!("SIG{name}") };
    SIGNALS.into_iter().map(move |name| (name, printed(name))).chain(EVENTS.map(|name| (name, name.to_owned())))
}

/// The variable that holds the commands of a trap: no variable that a person sets can be called so.
pub(super) fn variable(name: &str) -> String {
    format!("trap {name}")
}

impl Shell<'_> {
    /// Runs the commands of a trap, if there are any. `$?` is afterwards what it was.
    pub(super) fn trap(&mut self, name: &'static str, io: &Io) -> Result<(), Stop> {
        let variables = &self.host.workstation().variables;
        let Some(commands) = variables.get(&variable(name)).filter(|commands| !commands.is_empty()) else {
            return Ok(());
        };
        if self.quiet_traps.contains(&name) {
            return Ok(());
        }
        let commands = commands.clone();
        if name == "EXIT" {
            self.host.workstation().variables.remove(&variable(name));
        }
        let status = self.host.workstation().last_status;
        self.quiet_traps.push(name);
        let line = self.line;
        let outer = self.trap_line.replace(line);
        let result = builtins::run_text(self, &commands, io);
        self.trap_line = outer;
        self.quiet_traps.pop();
        self.set_status(status);
        result.map(|_| ())
    }

    /// A subshell begins without the traps of its parent, but what the parent ignores stays ignored.
    pub(super) fn reset_traps(&mut self) {
        let keeps = |option| self.progress.options.has(option);
        let (errors, others) = (keeps(options::ERR_TRACE), keeps(options::FUNC_TRACE));
        let variables = &mut self.host.workstation().variables;
        if variables.range("trap ".to_owned()..).next().is_none_or(|(name, _)| !name.starts_with("trap ")) {
            return;
        }
        variables.retain(|name, commands| match name.strip_prefix("trap ") {
            None => true,
            Some("ERR") => errors,
            Some("DEBUG" | "RETURN") => others,
            Some(_) => commands.is_empty(),
        });
    }

    /// A signal that the shell sends to itself.
    pub(super) fn signalled(&mut self, number: usize, name: &'static str, io: &Io) -> Run {
        let trapped = self.host.workstation().variables.get(&variable(name)).map(|commands| !commands.is_empty());
        match (trapped, name) {
            (_, "KILL" | "STOP") | (None, _) if !matches!(name, "CHLD" | "CONT" | "URG" | "WINCH" | "EXIT") => {
                Err(Stop::Exit(128 + number as i32))
            }
            (Some(true), _) => self.trap(name, io).map(|()| 0),
            _ => Ok(0),
        }
    }

    /// `command &`: it runs at once, as a subshell without input, and has ended when the next command begins.
    pub(super) fn background(&mut self, item: &AndOr, io: &Io) -> Run {
        self.inputs.push(Stdin::default());
        let inner = Io { stdin: self.inputs.len() - 1, ..io.clone() };
        let here = AndOr { background: false, ..item.clone() };
        let result = self.subshell(&inner, |shell| shell.list(std::slice::from_ref(&here), &inner));
        self.inputs.pop();
        let status = result?;
        self.progress.jobs.push(status);
        Ok(0)
    }

    /// `$!`.
    pub(super) fn last_job(&self) -> Option<usize> {
        (FIRST_JOB..).take(self.progress.jobs.len()).last()
    }

    /// The status of a command that ran with `&`.
    pub(super) fn job(&self, id: usize) -> Option<i32> {
        self.progress.jobs.get(id.checked_sub(FIRST_JOB)?).copied()
    }

    /// A line of `set -x`.
    pub(super) fn trace(&mut self, text: &str) -> Result<(), Stop> {
        if !self.progress.options.has(options::TRACE) {
            return Ok(());
        }
        let prefix = self.host.workstation().variables.get("PS4").cloned().unwrap_or_else(|| "+ ".to_owned());
        let first: String = prefix.chars().take(1).collect();
        let sink = self.traces.clone();
        self.write(&sink, &format!("{}{prefix}{text}\n", first.repeat(self.substitutions)))
    }
}
