//! The browser's storage: the work of this tab, and saves under names.
//!
//! A tab keeps its work under a number of its own, so that tabs never overwrite one another; the number is in the
//! session storage, which a reload keeps. A duplicated tab gets a copy of the number while the first still uses it:
//! a mark that is there as long as a tab is open tells, and the copy then takes a new number.

use std::cell::{Cell, RefCell};

use gloo::events::EventListener;
use web_sys::{Storage, js_sys};

use super::dom;
use crate::session::Snapshot;
use crate::session::saves::{self, Kept, Save, SaveError};
use crate::session::share::{Asked, Shared};

/// Names in the session storage: the tab's number, and the mark that it is open.
const TAB: &str = "eks-access-playground/tab";
const OPEN: &str = "eks-access-playground/open";

thread_local! {
    static OWN: RefCell<String> = const { RefCell::new(String::new()) };
    static IS_TROUBLE_TOLD: Cell<bool> = const { Cell::new(false) };
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

/// Takes a new number, so that what this tab has kept so far stays as it is.
pub fn begin_anew() {
    let random = (js_sys::Math::random() * 1e9) as u64;
    let number = format!("{:x}-{random:x}", now());
    set_session_item(TAB, &number);
    OWN.with(|own| *own.borrow_mut() = number);
}

/// Finds out what this tab has kept, if it is no new one. What cannot be opened is left as it is.
pub fn begin(is_fresh: bool) -> Option<Result<Shared, SaveError>> {
    let before = session_item(TAB).filter(|number| !number.is_empty() && number.len() < 60);
    let is_copy = session_item(OPEN).is_some();
    let text = before.as_ref().and_then(|number| local().ok()?.get_item(&saves::tab_key(number)).ok().flatten());
    let kept = text.map(|text| saves::read(&text).and_then(|save| saves::open(&save)));
    match before {
        Some(number) if !is_copy && !is_fresh && !matches!(kept, Some(Err(_))) => {
            OWN.with(|own| *own.borrow_mut() = number);
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
        EventListener::new(&window, "pageshow", |_| set_session_item(OPEN, "1")).forget();
    }
    kept.filter(|_| !is_fresh)
}

/// Keeps the work of this tab. The first time that it cannot, it says why.
pub fn keep(snapshot: &Snapshot, asked: Option<&Asked>) -> Option<Trouble> {
    let key = OWN.with(|own| saves::tab_key(&own.borrow()));
    let outcome = put(&key, &saves::save("", now(), snapshot, asked));
    let trouble = outcome.err()?;
    let was_told = IS_TROUBLE_TOLD.with(|told| told.replace(true));
    (!was_told).then_some(trouble)
}

/// Writes a save. When the storage is full, work of tabs that were closed makes room, the oldest first.
///
/// # Errors
/// Why it is not kept.
pub fn put(key: &str, save: &Save) -> Result<(), Trouble> {
    let storage = local()?;
    let text = saves::write(save);
    for old in saves::surplus(&list()) {
        remove(&old);
    }
    if storage.set_item(key, &text).is_ok() {
        return Ok(());
    }
    let own = OWN.with(|own| saves::tab_key(&own.borrow()));
    let tabs = list().into_iter().rev().filter(|kept| kept.is_tab && kept.key != own && kept.save.is_ok());
    for kept in tabs {
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

/// All saves, this tab's own work left out.
pub fn others() -> Vec<Kept> {
    let own = OWN.with(|own| saves::tab_key(&own.borrow()));
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
