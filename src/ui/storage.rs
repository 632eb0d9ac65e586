//! The browser's storage: the work of this tab, and saves under names.
//!
//! A tab keeps its work under a number of its own, so that tabs never overwrite one another; the number is in the
//! session storage, which a reload keeps. A duplicated tab gets a copy of the number while the first still uses it:
//! a mark that is there as long as a tab is open tells, and the copy then takes a new number.
//!
//! Work is kept as soon as it changes ([`change`]), at most so often that a twentieth of the time goes into it; what
//! waits is written when the page is hidden or left, and before another world takes its place. A world that nobody has
//! changed is not kept: the address or the program holds it, and it would crowd out work.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use gloo::events::EventListener;
use web_sys::{Storage, js_sys};

use super::dom;
use crate::session::Session;
use crate::session::log::stored;
use crate::session::saves::{self, Kept, Opened, Save, SaveError};
use crate::session::share::{self, Asked};

/// Names in the session storage: the tab's number, and the mark that it is open.
const TAB: &str = "eks-access-playground/tab";
const OPEN: &str = "eks-access-playground/open";
/// The name of the note in the session storage that `static/boot.js` leaves when the program stops.
const STOPPED: &str = "eks-access-playground/stopped";
/// Written and removed to find out whether the storage takes anything.
const PROBE: &str = "eks-access-playground/probe";
/// The least time between two writes in milliseconds, and how many times as long as the last write it is.
const REST: f64 = 250.0;
const REST_OF_COST: f64 = 20.0;
/// A write that takes longer than this many milliseconds waits until no key was pressed for so long.
const LONG: f64 = 8.0;
const QUIET: f64 = 400.0;
/// What a write takes for each character of the link, roughly, in milliseconds.
const COST_OF_CHARACTER: f64 = 0.001;

thread_local! {
    static OWN: RefCell<String> = const { RefCell::new(String::new()) };
    static IS_TROUBLE_TOLD: Cell<bool> = const { Cell::new(false) };
    /// Whether the last write came to nothing.
    static IS_LOSING: Cell<bool> = const { Cell::new(false) };
    /// What waits to be kept, and a world that nobody has changed yet.
    static DUE: RefCell<Option<Rc<Work>>> = const { RefCell::new(None) };
    static UNTOUCHED: RefCell<Option<Rc<Work>>> = const { RefCell::new(None) };
    /// When the next write may be, by the page's clock; how long the last one took; when a key was pressed last.
    static RESTED_AT: Cell<f64> = const { Cell::new(0.0) };
    static COST: Cell<f64> = const { Cell::new(0.0) };
    static LAST_KEY: Cell<f64> = const { Cell::new(f64::NEG_INFINITY) };
}

/// Why nothing is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is no storage here.
    Blocked,
    /// It takes no more.
    Full,
}

impl Trouble {
    /// What the person should know.
    pub fn text(self) -> &'static str {
        match self {
            Self::Blocked => {
                "The browser keeps no data for this page (a private window or strict settings). Your work stays in the address: copy the link, or save to a file."
            }
            Self::Full => {
                "The browser's storage for this site is full. Delete some saved work, or save to a file; the address still holds this world."
            }
        }
    }
}

/// The work of this tab, and its link once it was asked for.
pub struct Work {
    session: Rc<Session>,
    asked: Option<Asked>,
    link: OnceCell<String>,
}

impl Work {
    /// The work as it is now.
    pub fn new(session: Rc<Session>, asked: Option<Asked>) -> Rc<Self> {
        Rc::new(Self { session, asked, link: OnceCell::new() })
    }

    /// Whether it is the same world with the same question, and nothing was done that could be undone.
    fn is_untouched(&self, untouched: &Self) -> bool {
        self.asked == untouched.asked
            && self.session.now() == untouched.session.now()
            && self.session.undone().is_empty()
            && !self.session.log().iter().any(|entry| entry.changed)
    }

    /// Makes what takes longest about its link beforehand. Says whether that took so long that the rest should wait
    /// for what the person does.
    pub fn prepare(&self) -> bool {
        let start = dom::now();
        share::prepare(self.session.now());
        let cost = dom::now() - start;
        COST.set(COST.get().max(cost));
        cost > LONG
    }

    /// Its link.
    pub fn link(&self) -> &str {
        self.link.get_or_init(|| share::encode_with(self.session.now(), self.asked.as_ref()))
    }
}

fn local() -> Result<Storage, Trouble> {
    dom::local_storage().ok_or(Trouble::Blocked)
}

fn session() -> Option<Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}

fn session_item(name: &str) -> Option<String> {
    session()?.get_item(name).ok().flatten()
}

fn set_session_item(name: &str, text: &str) {
    if let Some(storage) = session() {
        let _ = storage.set_item(name, text);
    }
}

/// The browser's time in milliseconds since 1970.
pub fn now() -> i64 {
    // Far below the limits of both types.
    js_sys::Date::now() as i64
}

/// Takes a new number, so that what this tab has kept so far, and what waits to be kept, stays as it is.
pub fn begin_anew() {
    // A storage that takes nothing is told about with the next change.
    let _ = write_due();
    let random = (js_sys::Math::random() * 1e9) as u64;
    let number = format!("{:x}-{random:x}", now());
    set_session_item(TAB, &number);
    OWN.replace(number);
}

/// Finds out what this tab has kept, if it is no new one. What cannot be opened is left as it is.
pub fn begin(is_fresh: bool) -> Option<Result<Opened, SaveError>> {
    let before = session_item(TAB).filter(|number| !number.is_empty() && number.len() < 60);
    let is_copy = session_item(OPEN).is_some();
    let text = before.as_ref().and_then(|number| local().ok()?.get_item(&saves::tab_key(number)).ok().flatten());
    expect(text.as_ref().map_or(0, String::len));
    let kept =
        text.filter(|_| !is_fresh).map(|text| saves::read(&text).and_then(|save| saves::open_with_history(&save)));
    match before {
        Some(number) if !is_copy && !is_fresh && !matches!(kept, Some(Err(_))) => {
            OWN.replace(number);
        }
        _ => begin_anew(),
    }
    set_session_item(OPEN, "1");
    if let Some(window) = dom::window_target() {
        let close = |_: &web_sys::Event| {
            if let Some(storage) = session() {
                let _ = storage.remove_item(OPEN);
            }
        };
        EventListener::new(&window, "pagehide", close).forget();
        EventListener::new(&window, "keydown", |_| LAST_KEY.set(dom::now())).forget();
        EventListener::new(&window, "pageshow", |_| set_session_item(OPEN, "1")).forget();
    }
    kept
}

/// What `static/boot.js` notes when the program stops.
pub struct Stopped {
    /// What the fault said.
    pub message: String,
    /// Whether the program stopped while it started: it must not open the same state again.
    pub is_start: bool,
}

/// Finds out whether the program stopped the last time; the note is gone then.
pub fn take_stopped() -> Option<Stopped> {
    let text = session_item(STOPPED)?;
    if let Some(storage) = session() {
        let _ = storage.remove_item(STOPPED);
    }
    let note: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(Stopped {
        message: note.get("message")?.as_str()?.chars().take(2_000).collect(),
        is_start: note.get("starting").is_some(),
    })
}

/// Expects of the first write what a world that came by a link of this length will take.
pub fn expect(length: usize) {
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    COST.set(COST.get().max(f64::from(length) * COST_OF_CHARACTER));
}

/// The world as the page was opened with it: kept from its first change on.
pub fn untouched(work: Rc<Work>) {
    UNTOUCHED.replace(Some(work));
}

/// Takes note of the work of this tab, to be kept with the next [`flush`].
pub fn change(work: Rc<Work>) {
    DUE.replace(Some(work));
}

/// Whether the last write was so long ago that the next one does not slow the page down.
pub fn is_rested() -> bool {
    dom::now() >= RESTED_AT.get()
}

/// Whether a write would come between two keys and be felt.
pub fn is_felt() -> bool {
    COST.get() > LONG && dom::now() - LAST_KEY.get() < QUIET
}

/// Whether the storage takes nothing, so that the address alone holds the work.
pub fn is_losing() -> bool {
    IS_LOSING.get()
}

/// Keeps what waits. The first time that it cannot, it says why.
pub fn flush() -> Option<Trouble> {
    let trouble = write_due().err()?;
    let was_told = IS_TROUBLE_TOLD.replace(true);
    (!was_told).then_some(trouble)
}

fn write_due() -> Result<(), Trouble> {
    let Some(due) = DUE.take() else { return Ok(()) };
    let start = dom::now();
    let untouched = UNTOUCHED.take().filter(|untouched| due.is_untouched(untouched));
    let outcome = if untouched.is_some() {
        UNTOUCHED.replace(untouched);
        probe()
    } else {
        let key = OWN.with_borrow(|own| saves::tab_key(own));
        let link = due.link().to_owned();
        let log = Some(stored::write(&due.session, &link));
        put(&key, &Save { name: String::new(), at: now(), link, log })
    };
    IS_LOSING.set(outcome.is_err());
    let cost = dom::now() - start;
    COST.set(cost);
    RESTED_AT.set(start + REST.max(cost * REST_OF_COST));
    outcome
}

fn probe() -> Result<(), Trouble> {
    let storage = local()?;
    storage.set_item(PROBE, "1").map_err(|_| Trouble::Full)?;
    let _ = storage.remove_item(PROBE);
    Ok(())
}

/// Writes a save. When the storage is full, histories make room, those of other tabs first, and then the work of other
/// tabs; the oldest go first.
///
/// # Errors
/// Why it is not kept.
pub fn put(key: &str, save: &Save) -> Result<(), Trouble> {
    let storage = local()?;
    // Only a new tab makes them more.
    if !matches!(storage.get_item(key), Ok(Some(_))) {
        for old in saves::surplus(&list()) {
            remove(&old);
        }
    }
    let text = saves::write(save);
    if storage.set_item(key, &text).is_ok() {
        return Ok(());
    }
    let own = OWN.with_borrow(|own| saves::tab_key(own));
    let tabs: Vec<Kept> =
        list().into_iter().rev().filter(|kept| kept.is_tab && kept.key != own && kept.save.is_ok()).collect();
    for kept in &tabs {
        let Some(bare) = kept.save.as_ref().ok().and_then(saves::without_history) else { continue };
        if storage.set_item(&kept.key, &saves::write(&bare)).is_ok() && storage.set_item(key, &text).is_ok() {
            return Ok(());
        }
    }
    let text = saves::without_history(save).map_or(text, |bare| saves::write(&bare));
    if storage.set_item(key, &text).is_ok() {
        return Ok(());
    }
    for kept in &tabs {
        remove(&kept.key);
        if storage.set_item(key, &text).is_ok() {
            return Ok(());
        }
    }
    Err(Trouble::Full)
}

/// Forgets a save.
pub fn remove(key: &str) {
    if let Ok(storage) = local() {
        let _ = storage.remove_item(key);
    }
}

/// The latest work of another tab.
pub fn latest() -> Option<Save> {
    others().into_iter().find(|kept| kept.is_tab)?.save.ok()
}

/// All saves, this tab's own work left out.
pub fn others() -> Vec<Kept> {
    let own = OWN.with_borrow(|own| saves::tab_key(own));
    list().into_iter().filter(|kept| kept.key != own).collect()
}

fn list() -> Vec<Kept> {
    let Ok(storage) = local() else { return Vec::new() };
    let keys = (0..storage.length().unwrap_or(0)).filter_map(|index| storage.key(index).ok().flatten());
    let items = keys.filter_map(|key| {
        let text = storage.get_item(&key).ok().flatten()?;
        Some((key, text))
    });
    saves::list(items.collect::<Vec<_>>())
}
