//! Saved work: what is kept in the browser's storage for each tab and under names, and what is written to files.
//!
//! A save is a small JSON object around the text of a link, so that the link codec's limits hold for it too. Everything
//! read is untrusted: another program, an older or a newer version may have written it.

use serde_json::{Value, json};

use super::log::stored::{self, LogError};
use super::share::{self, Asked, DecodeError, Shared};
use super::{Session, Snapshot};

/// The longest world that is read, in bytes.
pub const MAX_SAVE_BYTES: usize = 4_000_000;
/// The longest save that is read, in bytes: a log in it is a text within a text, and half of it may be quotation marks.
const MAX_WITH_LOG_BYTES: usize = MAX_SAVE_BYTES + 3 * stored::MAX_LOG_BYTES;
/// The longest name, in characters.
pub const MAX_NAME_CHARS: usize = 60;
/// How many tabs keep their work.
pub const MAX_TABS: usize = 30;
/// Says what a file is.
const FORMAT: &str = "eks-access-playground";
const VERSION: u64 = 1;
/// What keys in the storage begin with: the work of a tab, and a named save.
const TAB: &str = "eks-access-playground/tab/";
const NAMED: &str = "eks-access-playground/save/";

/// Work as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Save {
    /// The name; empty for the work of a tab.
    pub name: String,
    /// When it was kept, in milliseconds since 1970 by the browser's clock.
    pub at: i64,
    /// The link.
    pub link: String,
    /// The session's log beside it ([`stored`]); only the work of a tab has one.
    pub log: Option<String>,
}

/// A save as it goes on.
pub struct Opened {
    /// The session, with its history if the save has one that can be used.
    pub session: Session,
    /// The question.
    pub asked: Option<Asked>,
    /// Why the history that was kept is not there.
    pub lost: Option<LogError>,
}

/// What is wrong with a save.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveError {
    /// It is neither a save, nor a link, nor a world's JSON.
    #[error("it holds no saved world")]
    NotASave,
    /// It is of a later format.
    #[error("it was made by a newer version of the playground (format {0}); reload the page to get that version")]
    Newer(u64),
    /// It is too long.
    #[error("it is longer than {MAX_SAVE_BYTES} bytes")]
    TooLong,
    /// Its link or world cannot be used.
    #[error(transparent)]
    World(#[from] DecodeError),
}

/// The text of a save.
pub fn write(save: &Save) -> String {
    let mut value =
        json!({ "format": FORMAT, "version": VERSION, "name": save.name, "at": save.at, "link": save.link });
    if let (Some(members), Some(log)) = (value.as_object_mut(), &save.log) {
        members.insert("log".to_owned(), json!(log));
    }
    value.to_string()
}

/// The save of a text, without a look at its link.
///
/// # Errors
/// What is wrong with the text.
pub fn read(text: &str) -> Result<Save, SaveError> {
    if text.len() > MAX_WITH_LOG_BYTES {
        return Err(SaveError::TooLong);
    }
    let value = share::parse(text.as_bytes()).map_err(|_| SaveError::NotASave)?;
    if value.get("format").and_then(Value::as_str) != Some(FORMAT) {
        return Err(SaveError::NotASave);
    }
    match value.get("version").and_then(Value::as_u64) {
        Some(VERSION) => {}
        Some(version) if version > VERSION => return Err(SaveError::Newer(version)),
        _ => return Err(SaveError::NotASave),
    }
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(Save {
        name: clean_name(&text("name").unwrap_or_default()),
        at: value.get("at").and_then(Value::as_i64).unwrap_or_default(),
        link: text("link").ok_or(SaveError::NotASave)?,
        log: text("log"),
    })
}

/// What a save holds.
///
/// # Errors
/// What is wrong with its link.
pub fn open(save: &Save) -> Result<Shared, SaveError> {
    Ok(share::open_within(&save.link, MAX_SAVE_BYTES)?)
}

/// What a save holds, with its history.
///
/// # Errors
/// What is wrong with its link. A history that cannot be used is no error.
pub fn open_with_history(save: &Save) -> Result<Opened, SaveError> {
    let Shared { snapshot, asked } = open(save)?;
    let (session, lost) = match save.log.as_ref().map(|log| stored::read(log, &save.link, &snapshot)) {
        Some(Ok(session)) => (session, None),
        Some(Err(error)) => (Session::new(snapshot), Some(error)),
        None => (Session::new(snapshot), None),
    };
    Ok(Opened { session, asked, lost })
}

/// The save without its history, with a mark that says so; `None` if it has none.
pub fn without_history(save: &Save) -> Option<Save> {
    let has_one = save.log.as_ref().is_some_and(|log| log != stored::LEFT_OUT);
    has_one.then(|| Save { log: Some(stored::LEFT_OUT.to_owned()), ..save.clone() })
}

/// What a file holds, with its name if it has one: a save, a link (also within an address), or a world's JSON.
///
/// # Errors
/// What is wrong with the file.
pub fn open_file(text: &str) -> Result<(String, Shared), SaveError> {
    if text.len() > MAX_WITH_LOG_BYTES {
        return Err(SaveError::TooLong);
    }
    let text = text.trim().trim_start_matches('\u{feff}');
    if !text.starts_with('{') {
        return match share::open_within(text, MAX_SAVE_BYTES) {
            Ok(shared) => Ok((String::new(), shared)),
            Err(DecodeError::NotALink) => Err(SaveError::NotASave),
            Err(error) => Err(error.into()),
        };
    }
    match read(text) {
        Ok(save) => Ok((save.name.clone(), open(&save)?)),
        Err(SaveError::NotASave) => {
            let value = share::parse(text.as_bytes()).map_err(|error| match error {
                DecodeError::TooMany => error.into(),
                _ => SaveError::NotASave,
            })?;
            Ok((String::new(), Shared { snapshot: share::from_json(value)?, asked: None }))
        }
        Err(error) => Err(error),
    }
}

/// A save of the present state.
pub fn save(name: &str, at: i64, snapshot: &Snapshot, asked: Option<&share::Asked>) -> Save {
    Save { name: clean_name(name), at, link: share::encode_with(snapshot, asked), log: None }
}

/// A name as it is kept: one line, no blanks around it, not too long.
pub fn clean_name(name: &str) -> String {
    let line: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_NAME_CHARS).collect();
    line.trim().to_owned()
}

/// The storage's key for the work of a tab.
pub fn tab_key(tab: &str) -> String {
    format!("{TAB}{tab}")
}

/// The storage's key for a named save; equal names have equal keys.
pub fn named_key(name: &str) -> String {
    format!("{NAMED}{}", clean_name(name))
}

/// A kept save as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its key in the storage.
    pub key: String,
    /// Whether it is the work of a tab.
    pub is_tab: bool,
    /// The save, or what is wrong with it.
    pub save: Result<Save, SaveError>,
}

/// The saves among the storage's items, named ones first, the latest first of each kind.
pub fn list(items: impl IntoIterator<Item = (String, String)>) -> Vec<Kept> {
    let kept = |(key, text): (String, String)| {
        let is_tab = key.starts_with(TAB);
        (is_tab || key.starts_with(NAMED)).then(|| Kept { is_tab, save: read(&text), key })
    };
    let mut all: Vec<Kept> = items.into_iter().filter_map(kept).collect();
    let at = |kept: &Kept| kept.save.as_ref().map_or(i64::MIN, |save| save.at);
    all.sort_by(|a, b| (a.is_tab, at(b), &a.key).cmp(&(b.is_tab, at(a), &b.key)));
    all
}

/// Keys of tabs' work beyond the number that is kept, oldest first. Work of newer versions is left alone.
pub fn surplus(all: &[Kept]) -> Vec<String> {
    let tabs = all.iter().filter(|kept| kept.is_tab && !matches!(kept.save, Err(SaveError::Newer(_))));
    let mut keys: Vec<String> = tabs.skip(MAX_TABS).map(|kept| kept.key.clone()).collect();
    keys.reverse();
    keys
}

/// A name for a file: what every system takes.
pub fn file_name(name: &str) -> String {
    let word: String = name.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let parts: Vec<&str> = word.split('-').filter(|part| !part.is_empty()).collect();
    let word = if parts.is_empty() { "world".to_owned() } else { parts.join("-") };
    format!("{word}.eks-access.json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::scenario;

    fn kept() -> Save {
        save(" Lesson\n1 ", 5, &scenario::walkthrough(), None)
    }

    #[test]
    fn saves_come_back() {
        assert_eq!(kept().name, "Lesson 1");
        assert_eq!(read(&write(&kept())), Ok(kept()));
        assert_eq!(open(&kept()).unwrap().snapshot, scenario::walkthrough());
        let link = share::encode(&scenario::walkthrough());
        let world = share::to_json(&scenario::walkthrough()).to_string();
        for (text, name) in [
            (write(&kept()), "Lesson 1"),
            (link.clone(), ""),
            (format!("https://example.org/#/access?s={link}\n"), ""),
            (world, ""),
        ] {
            let (found, shared) = open_file(&text).unwrap();
            assert_eq!((found.as_str(), shared.snapshot), (name, scenario::walkthrough()));
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        let text = write(&kept());
        assert_eq!(read(""), Err(SaveError::NotASave));
        assert_eq!(read("{}"), Err(SaveError::NotASave));
        assert_eq!(read(&text.replace("\"version\":1", "\"version\":7")), Err(SaveError::Newer(7)));
        assert_eq!(read(&text.replace("\"version\":1", "\"version\":\"1\"")), Err(SaveError::NotASave));
        assert_eq!(open_file(&"x".repeat(MAX_WITH_LOG_BYTES + 1)), Err(SaveError::TooLong));
        assert_eq!(open_file("hello"), Err(SaveError::NotASave));
        let damaged = Save { link: kept().link + "A", ..kept() };
        assert_eq!(open(&damaged), Err(SaveError::World(DecodeError::Damaged)));
        assert!(matches!(open_file("{\"world\":1}"), Err(SaveError::World(_))));
        assert_eq!(open_file(&"{\"a\":".repeat(100_000)), Err(SaveError::NotASave));
        let many = format!("{{\"world\":[{}1]}}", "1,".repeat(share::MAX_VALUES));
        assert_eq!(open_file(&many), Err(SaveError::World(DecodeError::TooMany)));
    }

    #[test]
    fn lists_are_in_order_and_tabs_are_not_kept_for_ever() {
        let item = |key: String, at| (key, write(&Save { at, ..kept() }));
        let mut items: Vec<_> = (0..40).map(|n| item(tab_key(&format!("t{n}")), n)).collect();
        items.push(item(named_key("b"), 1));
        items.push(item(named_key("a"), 2));
        items.push((tab_key("broken"), "?".to_owned()));
        items.push((tab_key("newer"), "{\"format\":\"eks-access-playground\",\"version\":9}".to_owned()));
        items.push(("something-else".to_owned(), "1".to_owned()));
        let all = list(items);
        let keys: Vec<&str> = all.iter().map(|kept| kept.key.rsplit('/').next().unwrap()).collect();
        assert_eq!(keys[..4], ["a", "b", "t39", "t38"]);
        assert_eq!(all.len(), 44);
        let gone = surplus(&all);
        assert_eq!(gone.len(), 40 + 1 - MAX_TABS);
        assert_eq!(gone[0], tab_key("broken"));
        assert_eq!(gone[1], tab_key("t0"));
    }

    #[test]
    fn names_of_files_are_plain() {
        assert_eq!(file_name("Lesson 1: <entries>/aws-auth"), "lesson-1-entries-aws-auth.eks-access.json");
        assert_eq!(file_name(""), "world.eks-access.json");
    }
}
