//! The terminal: runs what is typed or pasted against a session, one top-level command at a time,
//! so that output appears as it goes and each command is one entry of the log.

use super::io::Chunk;
use crate::session::Session;

/// What one top-level command did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// The command as typed.
    pub command: String,
    /// Output in the order printed.
    pub chunks: Vec<Chunk>,
    /// Exit status.
    pub exit: i32,
    /// Remarks of ours, to be drawn apart from the imitated output.
    pub hints: Vec<String>,
}

/// A text that is being run.
#[derive(Clone, Debug)]
pub struct Job {
    text: String,
}

impl Job {
    /// A job that runs `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// Runs the next top-level command; `None` when all have run.
    pub fn step(&mut self, session: &mut Session) -> Option<Ran> {
        let _ = session;
        self.text.clear();
        None
    }
}

/// Whether a text is a complete script, so that Enter runs it instead of starting another line.
pub fn is_complete(text: &str) -> bool {
    let _ = text;
    true
}

/// Runs a whole text and gives what each of its commands did, in order.
pub fn run(session: &mut Session, text: &str) -> Vec<Ran> {
    let mut job = Job::new(text);
    std::iter::from_fn(|| job.step(session)).collect()
}
