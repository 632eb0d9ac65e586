//! A session: the world, the workstation beside it, the log with undo and redo, and the share link.
//!
//! The log keeps what was there before each entry (cheap: shared `Rc`s), so undo is a restore, not an inverse
//! operation. One typed line or one click is one entry, however many calls it makes.

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
}

/// The entry being made.
#[derive(Clone, Debug)]
struct Step {
    origin: Origin,
    line: Option<String>,
    calls: Vec<CallRecord>,
    before: Snapshot,
}

/// How far the simulated clock moves with each logged entry, in milliseconds, unless told otherwise.
pub const TICK_MILLIS: i64 = 1000;

impl Session {
    /// A session without history.
    pub fn new(now: Snapshot) -> Self {
        Self { now, log: Vec::new(), undone: Vec::new(), open: None, tick: TICK_MILLIS }
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
            if self.tick != 0 {
                Rc::make_mut(&mut self.now.world).advance(self.tick);
            }
        }
        self.log.push(Rc::new(LogEntry {
            at,
            origin: step.origin,
            line: step.line,
            calls: step.calls,
            changed,
            before: step.before,
            after: self.now.clone(),
        }));
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

    /// Takes the last change back; entries that only asked are passed over and go with it. `None` if there is none.
    pub fn undo(&mut self) -> Option<Rc<LogEntry>> {
        self.end();
        let last = self.log.iter().rposition(|entry| entry.changed)?;
        let taken = self.log.split_off(last);
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
        self.log.push(Rc::clone(&entry));
        Some(entry)
    }
}
