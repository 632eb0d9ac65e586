//! What an imitated tool gets to work with, and what it gives back.

use std::collections::BTreeMap;

use crate::session::Session;

/// The surroundings of one command.
pub struct Context<'a> {
    /// The world, to be changed by [`Session::call`] alone, and the workstation's files.
    pub session: &'a mut Session,
    /// Exported variables, those before the command included.
    pub env: &'a BTreeMap<String, String>,
    /// What was piped in; empty if nothing was.
    pub stdin: &'a str,
}

/// What a command printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandOutput {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// Exit status.
    pub exit: i32,
    /// A remark of ours on what happened, to be drawn apart from the imitated output.
    pub hint: Option<String>,
}

impl CommandOutput {
    /// Success with this text.
    pub fn ok(stdout: impl Into<String>) -> Self {
        Self { stdout: stdout.into(), ..Self::default() }
    }

    /// Failure with this text on standard error.
    pub fn fail(exit: i32, stderr: impl Into<String>) -> Self {
        Self { stderr: stderr.into(), exit, ..Self::default() }
    }
}
