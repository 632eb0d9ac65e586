//! What happened: one entry for each typed line, click or restored link.

use serde::{Deserialize, Serialize};

use super::Snapshot;
use crate::engine::{ApiError, Caller, Request};
use crate::formats::time::Timestamp;

/// Where a change came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// A line typed or pasted into the terminal, or run from a script.
    Terminal,
    /// A click on a page.
    Console,
}

/// A call and how it ended.
#[derive(Clone, Debug, PartialEq)]
pub struct CallRecord {
    /// Who called.
    pub caller: Caller,
    /// What was called.
    pub request: Request,
    /// The refusal, if it was refused.
    pub error: Option<ApiError>,
}

/// An entry of the session's log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEntry {
    /// Simulated time at which it happened.
    pub at: Timestamp,
    /// Where it came from.
    pub origin: Origin,
    /// The command line: as typed, or the one that would have done the same.
    pub line: Option<String>,
    /// The API calls it made, in order.
    pub calls: Vec<CallRecord>,
    /// Whether it changed anything; only then is it a step of undo.
    pub changed: bool,
    /// The state before.
    pub before: Snapshot,
    /// The state after.
    pub after: Snapshot,
}
