//! The log as text, to be kept beside the present state: each entry with what leads from the state after it to the one
//! before it, or, of an entry that was taken back, the other way. States between are made again, one from the next.
//!
//! `OWN.OF.JSON`: check sums of the JSON and of the link of the present state, then
//! `{"v": 1, "dropped": n, "forgotten": n, "done": [ENTRY…], "undone": [ENTRY…]}`, both lists beginning next to the present.
//! The text is untrusted: its length, its form and every state that it leads to are checked.

use std::fmt::Write;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Cached, LogEntry, Origin, changes};
use crate::formats::time::Timestamp;
use crate::session::share;
use crate::session::{Session, Snapshot};

/// The longest text of a log, in bytes. The oldest entries make room.
pub const MAX_LOG_BYTES: usize = 200_000;
/// How much of it entries that were taken back may use.
const MAX_UNDONE_BYTES: usize = MAX_LOG_BYTES / 2;
/// What a storage that is full holds instead.
pub const LEFT_OUT: &str = "-";
const VERSION: u64 = 1;

/// Why a stored log cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// There was no room for it.
    #[error("the browser's storage was full, so only the world was kept")]
    LeftOut,
    /// It is of a later format.
    #[error("it was kept by a newer version of the playground")]
    Newer,
    /// It is too long.
    #[error("it is longer than {MAX_LOG_BYTES} bytes")]
    TooLong,
    /// A check sum is wrong, or it is no log.
    #[error("it is damaged")]
    Damaged,
    /// It was kept beside another state.
    #[error("it belongs to another state of the world")]
    OtherWorld,
    /// It leads to something that is no state.
    #[error("step {0} leads to no world: {1}")]
    NotAWorld(usize, String),
}

/// An entry as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    at: Timestamp,
    #[serde(default, skip_serializing_if = "is_false")]
    page: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    line: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    title: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    by: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    /// What leads from the state next to the present to the nearer one of this entry: the last exit code, mostly.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    skip: Map<String, Value>,
    /// What leads to the farther state; missing if nothing was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Text {
    v: u64,
    #[serde(default)]
    dropped: usize,
    #[serde(default)]
    forgotten: usize,
    #[serde(default)]
    done: Vec<Value>,
    #[serde(default)]
    undone: Vec<Value>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// The text of a session's log, kept beside `link`, the link of its present state. Entries that were written before take
/// no time.
pub fn write(session: &Session, link: &str) -> String {
    let (undone, forgotten, _) = texts(session, session.undone(), true, MAX_UNDONE_BYTES);
    let (done, dropped, _) = texts(session, session.log(), false, MAX_LOG_BYTES.saturating_sub(undone.len() + 200));
    let (dropped, forgotten) = (dropped + session.dropped(), forgotten + session.forgotten());
    let json = format!(
        "{{\"v\":{VERSION},\"dropped\":{dropped},\"forgotten\":{forgotten},\"done\":[{done}],\"undone\":[{undone}]}}"
    );
    format!("{:08x}.{:08x}.{json}", share::hash(&json), share::hash(link))
}

/// The texts of entries from the present on, as long as they fit, and how many changes do not.
fn texts(session: &Session, entries: &[Rc<LogEntry>], undone: bool, most: usize) -> (String, usize, usize) {
    let mut from = session.now().clone();
    let mut out = String::new();
    for (index, entry) in entries.iter().rev().enumerate() {
        let text = entry_text(entry, &from, undone);
        if out.len() + text.len() + 1 > most {
            let rest = entries.get(..entries.len() - index).unwrap_or_default();
            return (out, rest.iter().filter(|entry| entry.changed).count(), rest.len());
        }
        if !out.is_empty() {
            out.push(',');
        }
        let _ = out.write_str(&text);
        if entry.changed {
            from = if undone { entry.after.clone() } else { entry.before.clone() };
        }
    }
    (out, 0, 0)
}

fn entry_text(entry: &LogEntry, from: &Snapshot, undone: bool) -> Rc<str> {
    let is_same = |one: &Snapshot, other: &Snapshot| {
        Rc::ptr_eq(&one.world, &other.world) && Rc::ptr_eq(&one.workstation, &other.workstation)
    };
    let known = entry.cached.0.borrow().clone();
    if let Some(Cached { from: of, undone: way, text }) = known
        && way == undone
        && (!entry.changed || is_same(&of, from))
    {
        return text;
    }
    let (near, far) = if undone { (&entry.before, &entry.after) } else { (&entry.after, &entry.before) };
    let step = || changes::between(near, far);
    let kept = Kept {
        at: entry.at,
        page: entry.origin == Origin::Console,
        line: entry.line.clone().unwrap_or_default(),
        title: entry.title.clone(),
        by: entry.by.clone(),
        refused: entry.refused.clone(),
        skip: if entry.changed { changes::between(from, near) } else { Map::new() },
        step: entry.changed.then(step),
    };
    let text: Rc<str> = json!(kept).to_string().into();
    entry.cached.0.replace(Some(Cached { from: from.clone(), undone, text: Rc::clone(&text) }));
    text
}

/// The session of a present state, kept under `link`, and its log's text.
///
/// # Errors
/// Why the log cannot be used; the state can, all the same.
pub fn read(text: &str, link: &str, now: &Snapshot) -> Result<Session, LogError> {
    if text == LEFT_OUT {
        return Err(LogError::LeftOut);
    }
    if text.len() > MAX_LOG_BYTES + 1_000 {
        return Err(LogError::TooLong);
    }
    let mut parts = text.splitn(3, '.');
    let (Some(own), Some(of), Some(json)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(LogError::Damaged);
    };
    if own != format!("{:08x}", share::hash(json)) {
        return Err(LogError::Damaged);
    }
    if of != format!("{:08x}", share::hash(link)) {
        return Err(LogError::OtherWorld);
    }
    let whole = share::parse(json.as_bytes()).map_err(|_| LogError::Damaged)?;
    if whole.get("v").and_then(Value::as_u64).is_some_and(|version| version > VERSION) {
        return Err(LogError::Newer);
    }
    let Text { v: VERSION, dropped, forgotten, done, undone } =
        serde_json::from_value(whole).map_err(|_| LogError::Damaged)?
    else {
        return Err(LogError::Damaged);
    };
    let log = entries(done, now, false)?;
    let undone = entries(undone, now, true)?;
    Ok(Session::with_log(now.clone(), log, undone, dropped, forgotten))
}

/// Entries in the order in which a session keeps them: the one next to the present last.
fn entries(kept: Vec<Value>, now: &Snapshot, undone: bool) -> Result<Vec<Rc<LogEntry>>, LogError> {
    let mut from = now.clone();
    let mut out = Vec::with_capacity(kept.len());
    for (index, value) in kept.into_iter().enumerate() {
        let bad = |why: String| LogError::NotAWorld(index + 1, why);
        let Ok(kept) = serde_json::from_value::<Kept>(value) else { return Err(LogError::Damaged) };
        let follow = |from: &Snapshot, patch: Map<String, Value>| {
            if patch.is_empty() { Ok(from.clone()) } else { changes::changed(from, &Value::Object(patch)).map_err(bad) }
        };
        let near = follow(&from, kept.skip)?;
        let changed = kept.step.is_some();
        let far = follow(&near, kept.step.unwrap_or_default())?;
        let (before, after) = if undone { (near, far.clone()) } else { (far.clone(), near) };
        out.push(Rc::new(LogEntry {
            at: kept.at,
            origin: if kept.page { Origin::Console } else { Origin::Terminal },
            line: Some(kept.line).filter(|line| !line.is_empty()),
            title: kept.title,
            by: kept.by,
            refused: kept.refused,
            calls: Vec::new(),
            changed,
            before,
            after,
            cached: super::Cache::default(),
        }));
        from = far;
    }
    out.reverse();
    Ok(out)
}
