//! A session: the world, the workstation beside it, the log with undo and redo, and the share link.
//!
//! The log keeps what was there before each entry (cheap: shared `Rc`s), so undo is a restore, not an inverse
//! operation. It is bounded, and survives the page as text ([`log::stored`]). One typed line or one click is one entry, however many calls it makes.

pub mod log;
pub mod saves;
pub mod scenario;
pub mod share;
pub mod workstation;

use std::rc::Rc;

use crate::engine::{ApiError, Caller, Request, Response, World};

pub use log::{CallRecord, LogEntry, Origin};
pub use workstation::Workstation;

/// All that a link carries: the world and the workstation of the person in front of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// AWS and the clusters.
    pub world: Rc<World>,
    /// Files, variables and directory of the in-page shell.
    pub workstation: Rc<Workstation>,
}

/// A snapshot with its history.
#[derive(Clone, Debug)]
pub struct Session {
    now: Snapshot,
    log: Vec<Rc<LogEntry>>,
    undone: Vec<Rc<LogEntry>>,
    open: Option<Step>,
    tick: i64,
    /// How many changes the log no longer holds, and how many that were taken back.
    dropped: usize,
    forgotten: usize,
    /// What the log weighs, about, in bytes.
    weight: usize,
}

/// The entry being made.
#[derive(Clone, Debug)]
struct Step {
    origin: Origin,
    line: Option<String>,
    calls: Vec<CallRecord>,
    before: Snapshot,
}

/// The most entries of a log, and about how many bytes they may hold. The oldest go first.
pub const MAX_LOG_ENTRIES: usize = 1_000;
const MAX_LOG_WEIGHT: usize = 50_000_000;
/// What an entry weighs besides its line and the files that it writes.
const ENTRY_WEIGHT: usize = 4_000;

/// How far the simulated clock moves with each logged entry, in milliseconds, unless told otherwise.
pub const TICK_MILLIS: i64 = 1000;

impl Session {
    /// A session without history.
    pub fn new(now: Snapshot) -> Self {
        Self::with_log(now, Vec::new(), Vec::new(), 0, 0)
    }

    /// A session with the history that led to `now`: `log` ends there, and the last of `undone` begins there.
    /// `dropped` and `forgotten` are how many older and how many undone changes are missing.
    fn with_log(
        now: Snapshot,
        log: Vec<Rc<LogEntry>>,
        undone: Vec<Rc<LogEntry>>,
        dropped: usize,
        forgotten: usize,
    ) -> Self {
        let weight = log.iter().map(|entry| weight(entry)).sum();
        Self { now, log, undone, open: None, tick: TICK_MILLIS, dropped, forgotten, weight }
    }

    /// The same session on a clock that stands still, as the recorded cases want it.
    pub fn with_standing_clock(self) -> Self {
        Self { tick: 0, ..self }
    }

    /// The present state.
    pub fn now(&self) -> &Snapshot {
        &self.now
    }

    /// The present world.
    pub fn world(&self) -> &World {
        &self.now.world
    }

    /// The present workstation.
    pub fn workstation(&self) -> &Workstation {
        &self.now.workstation
    }

    /// The workstation, to be changed within a step (see [`Session::begin`]).
    pub fn workstation_mut(&mut self) -> &mut Workstation {
        Rc::make_mut(&mut self.now.workstation)
    }

    /// Entries that are in effect, oldest first.
    pub fn log(&self) -> &[Rc<LogEntry>] {
        &self.log
    }

    /// Entries taken back, the next to be redone last.
    pub fn undone(&self) -> &[Rc<LogEntry>] {
        &self.undone
    }

    /// How many changes went before the first entry of the log that is kept.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// How many changes that were taken back are no longer kept.
    pub fn forgotten(&self) -> usize {
        self.forgotten
    }

    /// Opens a log entry; what is called and changed until [`Session::end`] belongs to it.
    /// An entry still open is closed first.
    pub fn begin(&mut self, origin: Origin, line: Option<String>) {
        self.end();
        self.open = Some(Step { origin, line, calls: Vec::new(), before: self.now.clone() });
    }

    /// Gives the open log entry its command line.
    pub fn name_step(&mut self, line: &str) {
        if let Some(step) = &mut self.open {
            step.line = Some(line.to_owned());
        }
    }

    /// Closes the open log entry, if any. An entry that changed nothing and called nothing leaves no trace;
    /// one that only asked is logged but is no step of undo.
    pub fn end(&mut self) {
        let Some(step) = self.open.take() else { return };
        let Snapshot { world, workstation } = &step.before;
        let same_world = Rc::ptr_eq(world, &self.now.world) || *world == self.now.world;
        let same_desk = Rc::ptr_eq(workstation, &self.now.workstation) || workstation.same_work(&self.now.workstation);
        let changed = !(same_world && same_desk);
        if same_world {
            self.now.world = Rc::clone(world);
        }
        if !changed && step.calls.is_empty() && step.line.is_none() {
            return;
        }
        let at = self.now.world.clock;
        if changed {
            self.undone.clear();
            self.forgotten = 0;
            if self.tick != 0 {
                Rc::make_mut(&mut self.now.world).advance(self.tick);
            }
        }
        let calls = step.calls;
        self.push(LogEntry {
            at,
            origin: step.origin,
            line: step.line,
            title: log::title(&calls),
            by: log::callers(&step.before.world, &calls),
            refused: log::refusal(step.origin, self.now.workstation.last_status, &calls),
            calls,
            changed,
            before: step.before,
            after: self.now.clone(),
            cached: log::Cache::default(),
        });
    }

    /// Adds an entry; the oldest ones make room.
    fn push(&mut self, entry: LogEntry) {
        self.weight += weight(&entry);
        self.log.push(Rc::new(entry));
        let mut surplus = 0;
        for old in self.log.iter().take(self.log.len() - 1) {
            if self.log.len() - surplus <= MAX_LOG_ENTRIES && self.weight <= MAX_LOG_WEIGHT {
                break;
            }
            surplus += 1;
            self.weight = self.weight.saturating_sub(weight(old));
            self.dropped += usize::from(old.changed);
        }
        self.log.drain(..surplus);
    }

    /// Makes a call: the one way a world changes. It belongs to the open entry, or makes one of its own.
    ///
    /// # Errors
    /// The API's refusal; the world is then as before.
    pub fn call(&mut self, caller: &Caller, request: Request) -> Result<Response, ApiError> {
        let alone = self.open.is_none();
        if alone {
            self.begin(Origin::Console, None);
        }
        let outcome = if request.is_read() {
            self.now.world.read(caller, &request)
        } else {
            let before = Rc::clone(&self.now.world);
            let outcome = Rc::make_mut(&mut self.now.world).call(caller, request.clone());
            if outcome.is_err() {
                self.now.world = before;
            }
            outcome
        };
        if let Some(step) = &mut self.open {
            step.calls.push(CallRecord { caller: caller.clone(), request, error: outcome.as_ref().err().cloned() });
        }
        if alone {
            self.end();
        }
        outcome
    }

    /// Tells that the caller expected the refusal of the last call and goes on: it is not the outcome of the command.
    pub fn expect_refusal(&mut self) {
        if let Some(last) = self.open.as_mut().and_then(|step| step.calls.last_mut()) {
            last.error = None;
        }
    }

    /// Takes the last change back; entries that only asked are passed over and go with it. `None` if there is none.
    pub fn undo(&mut self) -> Option<Rc<LogEntry>> {
        self.end();
        let last = self.log.iter().rposition(|entry| entry.changed)?;
        let taken = self.log.split_off(last);
        self.weight = self.weight.saturating_sub(taken.iter().map(|entry| weight(entry)).sum());
        let entry = taken.first().cloned()?;
        self.now = entry.before.clone();
        self.undone.push(Rc::clone(&entry));
        Some(entry)
    }

    /// Makes the last undone change again. `None` if there is none.
    pub fn redo(&mut self) -> Option<Rc<LogEntry>> {
        self.end();
        let entry = self.undone.pop()?;
        self.now = entry.after.clone();
        self.weight += weight(&entry);
        self.log.push(Rc::clone(&entry));
        Some(entry)
    }
}

/// What an entry weighs, about, in bytes: states share what is equal, but not the files of the workstation.
fn weight(entry: &LogEntry) -> usize {
    let (before, after) = (&entry.before.workstation, &entry.after.workstation);
    let files = if Rc::ptr_eq(before, after) { 0 } else { after.file_bytes() };
    ENTRY_WEIGHT + entry.line.as_ref().map_or(0, String::len) + files
}
