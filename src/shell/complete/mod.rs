//! Completion: what may stand at the cursor, from the command tables and the world.
//!
//! The word at the cursor comes from [`cursor::at_cursor`]; what fits there from the tables that parse the commands
//! ([`super::aws::model`], [`super::kubectl::spec`], [`super::eksctl::COMMANDS`]) and from what exists: clusters, principals, objects, files,
//! variables. Names are those of the world, whether or not the caller may list them. Candidates are sorted and their
//! number is bounded; what they begin with in common is that of all that fit.

mod aws;
mod eksctl;
mod kubectl;
mod shell;
mod world;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use super::syntax::cursor;
use crate::session::Session;

/// The most candidates of one answer.
pub const MAX_CANDIDATES: usize = 200;

/// What may stand at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The bytes of the text that a candidate, or [`Completion::common`], replaces. It ends at the cursor.
    pub range: Range<usize>,
    /// What fits, sorted; at most [`MAX_CANDIDATES`].
    pub candidates: Vec<Candidate>,
    /// What can be put in at once: what all that fit begin with. If there is but one, the whole of it and the blank
    /// after it; if there is none, the text as it is.
    pub common: String,
}

/// Something that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What replaces the range, quoted as the shell needs it.
    pub text: String,
    /// What it is, in a few words; may be empty.
    pub note: String,
}

/// Finds what may stand at the byte `cursor` of `text`.
pub fn complete(session: &Session, text: &str, cursor: usize) -> Completion {
    let found = cursor::at_cursor(text, cursor);
    let raw = text.get(found.range.clone()).unwrap_or_default();
    let mut offers = Offers::new(&found.typed);
    shell::offer(&world::Scene::new(session), &found, raw, &mut offers);
    offers.finish(raw, &found)
}

/// Values that fit, before they are quoted. Those that do not begin with what was typed are dropped when added.
#[derive(Debug)]
struct Offers {
    /// The part of the typed word that stays, such as `type=namespace,namespaces=`.
    kept: String,
    /// The part that is being completed.
    partial: String,
    /// Values with their notes; the flag says that the word goes on after the value.
    found: BTreeMap<String, (String, bool)>,
    /// What all values begin with, those beyond the bound included.
    common: Option<String>,
    /// How many values there were.
    count: usize,
}

impl Offers {
    fn new(typed: &str) -> Self {
        Self { kept: String::new(), partial: typed.to_owned(), found: BTreeMap::new(), common: None, count: 0 }
    }

    /// Leaves the first `bytes` of what is being completed as they are.
    fn keep(&mut self, bytes: usize) {
        if let Some((kept, partial)) = self.partial.split_at_checked(bytes) {
            self.kept.push_str(kept);
            self.partial = partial.to_owned();
        }
    }

    /// Leaves everything up to the last of these characters as it is.
    fn keep_to_last(&mut self, separators: &[char]) {
        if let Some(at) = self.partial.rfind(separators) {
            self.keep(at + 1);
        }
    }

    /// True if nothing fits so far.
    fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Adds a value that ends its word.
    fn add(&mut self, value: &str, note: &str) {
        self.put(value, note, false);
    }

    /// Adds a value after which the word goes on, such as a directory.
    fn add_open(&mut self, value: &str, note: &str) {
        self.put(value, note, true);
    }

    /// Adds values without notes.
    fn add_all<'v>(&mut self, values: impl IntoIterator<Item = &'v str>) {
        values.into_iter().for_each(|value| self.add(value, ""));
    }

    fn put(&mut self, value: &str, note: &str, open: bool) {
        if !value.starts_with(&self.partial) || value.is_empty() || self.found.contains_key(value) {
            return;
        }
        self.count += 1;
        let common = self.common.get_or_insert_with(|| value.to_owned());
        let same = common.chars().zip(value.chars()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
        common.truncate(same);
        self.found.insert(value.to_owned(), (note.to_owned(), open));
        if self.found.len() > MAX_CANDIDATES {
            self.found.pop_last();
        }
    }

    fn finish(self, raw: &str, at: &cursor::AtCursor) -> Completion {
        let Range { start, end } = at.range;
        let Some(common) = self.common else {
            return Completion { range: start..end, candidates: Vec::new(), common: raw.to_owned() };
        };
        // If the part is as typed, only it is replaced; else the whole word is, quoted anew.
        let in_place = raw.ends_with(&self.partial);
        let (start, before) = if in_place {
            (end - self.partial.len(), String::new())
        } else {
            (start, at.quote.map(String::from).unwrap_or_default() + &quoted(&self.kept, at.quote))
        };
        let written = |value: &str| format!("{before}{}", quoted(value, at.quote));
        let closing = at.quote.map(String::from).unwrap_or_default();
        let alone = self.count == 1;
        let mut common = written(&common);
        let mut candidates = Vec::new();
        for (value, (note, open)) in self.found {
            let text = written(&value) + if open { "" } else { &closing };
            if alone {
                common = if open { text.clone() } else { format!("{text} ") };
            }
            candidates.push(Candidate { text, note });
        }
        Completion { range: start..end, candidates, common }
    }
}

/// `text` as it is written where `quote` is open.
fn quoted(text: &str, quote: Option<char>) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match quote {
            Some('\'') if c == '\'' => out.push_str("'\\'"),
            Some('\'') => {}
            Some(_) if matches!(c, '"' | '\\' | '$' | '`') => out.push('\\'),
            None if !(c.is_alphanumeric() || "-_./:=,@%+^{}".contains(c)) => out.push('\\'),
            _ => {}
        }
        out.push(c);
    }
    out
}
