//! What happened: one entry for each typed line, click or restored link.

mod changes;
mod deeds;
pub mod stored;

use std::cell::RefCell;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::Snapshot;
use crate::engine::{ApiError, Caller, Request, World};
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
    /// What its calls did, in words; empty if they only read.
    pub title: String,
    /// Who made its calls: ARNs, each with the name it was impersonating, if any.
    pub by: Vec<String>,
    /// The refusal, if it ended with one.
    pub refused: Option<String>,
    /// The API calls it made, in order. They do not outlive the page.
    pub calls: Vec<CallRecord>,
    /// Whether it changed anything; only then is it a step of undo.
    pub changed: bool,
    /// The state before.
    pub before: Snapshot,
    /// The state after.
    pub after: Snapshot,
    /// How it was last written.
    pub(super) cached: Cache,
}

/// The text of an entry, with what it depends on besides the entry.
#[derive(Clone, Debug)]
struct Cached {
    from: Snapshot,
    undone: bool,
    text: Rc<str>,
}

/// The last text of an entry: it says nothing that the entry does not.
#[derive(Clone, Debug, Default)]
pub(super) struct Cache(RefCell<Option<Cached>>);

impl PartialEq for Cache {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What the calls of an entry did, in words.
pub(super) fn title(calls: &[CallRecord]) -> String {
    deeds::text(calls)
}

/// Who made calls in this world, each once.
pub(super) fn callers(world: &World, calls: &[CallRecord]) -> Vec<String> {
    let mut seen: Vec<&Caller> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for CallRecord { caller, .. } in calls {
        if seen.contains(&caller) {
            continue;
        }
        seen.push(caller);
        let mut name = world.identify(&caller.credential).map_or_else(|_| "nobody".to_owned(), |who| who.arn);
        if let Some(wanted) = &caller.impersonate {
            name.push_str(&format!(" as {}", wanted.user));
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The refusal that an entry ended with. Tools ask before they write, so a refusal on the way is none of theirs:
/// a command has failed if it says so, a click if its last call was refused.
pub(super) fn refusal(origin: Origin, status: i32, calls: &[CallRecord]) -> Option<String> {
    let last = match origin {
        Origin::Terminal if status == 0 => None,
        Origin::Terminal => calls.iter().rev().find_map(|call| call.error.as_ref()),
        Origin::Console => calls.last().and_then(|call| call.error.as_ref()),
    };
    last.map(ToString::to_string)
}
