//! Running other programs, and telling how that went.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Why a command of ours cannot go on, in words for the person who typed it: what, why, what next.
#[derive(Debug, Clone)]
pub struct Error(pub String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The result of a step.
pub type Result<T> = std::result::Result<T, Error>;

/// `Err` with a message.
pub fn fail<T>(message: impl Into<String>) -> Result<T> {
    Err(Error(message.into()))
}

/// Prints a line of progress at once.
pub fn say(text: impl fmt::Display) {
    let mut out = std::io::stdout().lock();
    // Nobody reads us any more (a closed pipe): not a reason to stop the work.
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// The command as one would type it.
fn typed(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Runs a command with its output shown.
///
/// # Errors
/// If it cannot be started or does not end well.
pub fn run(command: &mut Command) -> Result<()> {
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => fail(format!("`{}` failed ({status})", typed(command))),
        Err(error) => fail(format!("cannot run `{}`: {error}", typed(command))),
    }
}

/// Runs a command; shows each line of its standard output and hands it to `each`.
///
/// # Errors
/// As [`run`].
pub fn run_reading(command: &mut Command, mut each: impl FnMut(&str)) -> Result<()> {
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = started.map_err(|error| Error(format!("cannot run `{}`: {error}", typed(command))))?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n').map_while(std::io::Result::ok) {
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            say(&line);
            each(&line);
        }
    }
    match child.wait() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => fail(format!("`{}` failed ({status})", typed(command))),
        Err(error) => fail(format!("lost `{}`: {error}", typed(command))),
    }
}

/// The standard output of a command that ended well, trimmed; `None` otherwise.
pub fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first executable of that name on PATH.
pub fn find_on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(|file| is_executable(file))
}

/// Whether there is a file that may be run.
#[cfg(unix)]
pub fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// Whether there is a file that may be run.
#[cfg(not(unix))]
pub fn is_executable(file: &Path) -> bool {
    file.is_file()
}

/// PATH with `first` before everything else.
///
/// # Errors
/// If a folder's name cannot stand in PATH.
pub fn path_with(first: &[PathBuf]) -> Result<OsString> {
    let rest = env::var_os("PATH").unwrap_or_default();
    env::join_paths(first.iter().cloned().chain(env::split_paths(&rest)))
        .map_err(|error| Error(format!("the tool folder cannot be put on PATH: {error}")))
}
