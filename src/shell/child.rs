//! Commands that a tool starts: credential plugins of kubectl, editors. They run in the shell, on a copy of the session.

use std::collections::{BTreeMap, BTreeSet};

use super::context::Context;
use super::io::ScriptOutput;
use super::render::quote;
use super::terminal;
use crate::session::Session;

/// The shell has no such command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing;

/// What a command did.
#[derive(Debug, Clone)]
pub struct Ran {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The exit code.
    pub exit: i32,
    files: (BTreeMap<String, String>, BTreeSet<String>),
}

impl Ran {
    /// Takes over the files and directories as the command left them.
    pub fn keep_files(&mut self, ctx: &mut Context<'_>) {
        let workstation = ctx.session.workstation_mut();
        (workstation.files, workstation.directories) = std::mem::take(&mut self.files);
    }
}

/// Marks the environment of a child. A child's tools start no further commands: a credential plugin or an editor that
/// calls kubectl would never end.
const MARK: &str = "EKS_PLAYGROUND_CHILD";

/// Runs a command with these exported variables and no standard input.
///
/// # Errors
/// The shell does not have the command.
pub fn run(ctx: &Context<'_>, env: &BTreeMap<String, String>, words: &[&str]) -> Result<Ran, Missing> {
    let text: Vec<String> = words.iter().map(|word| quote(word)).collect();
    run_text(ctx, env, &text.join(" "))
}

/// Runs a line of the shell, as `bash -c` does.
///
/// # Errors
/// The shell does not have the line's command.
pub fn run_text(ctx: &Context<'_>, env: &BTreeMap<String, String>, line: &str) -> Result<Ran, Missing> {
    let mut session = Session::new(ctx.session.now().clone()).with_standing_clock();
    let mut all = ScriptOutput::default();
    let files = |session: &Session| (session.workstation().files.clone(), session.workstation().directories.clone());
    if env.contains_key(MARK) {
        return Ok(Ran { stdout: String::new(), stderr: String::new(), exit: 1, files: files(&session) });
    }
    let workstation = session.workstation_mut();
    workstation.variables.clone_from(env);
    workstation.variables.insert(MARK.to_owned(), "1".to_owned());
    workstation.exported = workstation.variables.keys().cloned().collect();
    workstation.aliases.clear();
    for ran in terminal::run(&mut session, line) {
        for chunk in &ran.chunks {
            all.push(chunk.stream, &chunk.text);
        }
        all.exit = ran.exit;
    }
    // 127 of a command that exists is its own.
    let ends = [": command not found\n", ": No such file or directory\n"];
    if all.exit == 127 && all.stdout.is_empty() && ends.iter().any(|end| all.stderr.ends_with(end)) {
        return Err(Missing);
    }
    Ok(Ran { stdout: all.stdout, stderr: all.stderr, exit: all.exit, files: files(&session) })
}
