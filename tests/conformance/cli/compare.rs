//! Compares recorded and actual output: placeholders, ids that differ from run to run, numbers compared by shape.

#![allow(clippy::indexing_slicing, reason = "a case that cannot be read fails by panicking")]

use std::collections::BTreeMap;

/// Placeholders of the recorded outputs; each stands for a text without line breaks.
const PLACEHOLDERS: [&str; 4] = ["<TOKEN>", "<TIMESTAMP>", "<KLOG>", "<ENDPOINT>"];

/// Which actual id stands for which recorded one, grown as outputs are compared.
pub struct Ids {
    to_actual: BTreeMap<String, String>,
    to_recorded: BTreeMap<String, String>,
}

impl Ids {
    /// A map that knows some pairs of recorded and actual ids.
    pub fn new(known: Vec<(String, String)>) -> Self {
        let turned = known.iter().map(|(recorded, actual)| (actual.clone(), recorded.clone())).collect();
        Self { to_actual: known.into_iter().collect(), to_recorded: turned }
    }

    /// A recorded command with the ids of this run.
    pub fn to_actual(&self, command: &str) -> String {
        rewrite(command, |id| self.to_actual.get(id).cloned())
    }

    /// Compares an output with the recorded one.
    pub fn compare(&mut self, recorded: &str, actual: &str) -> Result<(), String> {
        let (recorded, actual) = (by_shape(recorded), by_shape(actual));
        let (left, right) = (uuids(&recorded), uuids(&actual));
        if left.len() == right.len() {
            for (recorded, actual) in left.into_iter().zip(right) {
                self.to_actual.entry(recorded.to_owned()).or_insert_with(|| actual.to_owned());
                self.to_recorded.entry(actual.to_owned()).or_insert_with(|| recorded.to_owned());
            }
        }
        let actual = rewrite(&actual, |id| self.to_recorded.get(id).cloned());
        if matches(&recorded, &actual) { Ok(()) } else { Err(difference(&recorded, &actual)) }
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_digit() || (b'a'..=b'f').contains(&b),
        })
}

/// The ids in a text with where they begin.
fn find_uuids(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at + 36 <= text.len() {
        match text.get(at..at + 36).filter(|part| is_uuid(part)) {
            Some(id) => {
                found.push((at, id));
                at += 36;
            }
            None => at += 1,
        }
    }
    found
}

fn uuids(text: &str) -> Vec<&str> {
    find_uuids(text).into_iter().map(|(_, id)| id).collect()
}

fn rewrite(text: &str, with: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut done = 0;
    for (at, id) in find_uuids(text) {
        out.push_str(&text[done..at]);
        out.push_str(&with(id).unwrap_or_else(|| id.to_owned()));
        done = at + 36;
    }
    out + &text[done..]
}

/// A text with everything that is compared by shape alone put into one form.
fn by_shape(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| unique_ids(&kubernetes_ids(line))).collect();
    lines.join("\n")
}

/// `uid` and `resourceVersion` of Kubernetes objects count every write since the server started.
fn kubernetes_ids(line: &str) -> String {
    let mut out = line.to_owned();
    for (name, mark) in [("uid", "<UID>"), ("resourceVersion", "<VERSION>")] {
        for head in [format!("{name}: "), format!("\"{name}\": ")] {
            let Some(at) = out.find(&head).map(|at| at + head.len()) else { continue };
            let rest = out[at..].to_owned();
            let quote = if rest.starts_with('"') { "\"" } else { "" };
            let value = rest.trim_start_matches('"');
            let end = value.find(['"', ',', ' ', '}']).unwrap_or(value.len());
            let fits = match name {
                "uid" => is_uuid(&value[..end]),
                _ => end > 0 && value[..end].bytes().all(|b| b.is_ascii_digit()),
            };
            if fits {
                out = format!("{}{quote}{mark}{}", &out[..at], &value[end..]);
            }
        }
    }
    out
}

/// Unique ids of users and roles: the recorded server called the same user by two of them. In a table the width stays.
fn unique_ids(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("AIDA").into_iter().chain(rest.find("AROA")).min() {
        let end =
            rest[at..].find(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit()).map_or(rest.len(), |e| at + e);
        let id = &rest[at..end];
        out.push_str(&rest[..at]);
        rest = &rest[end..];
        if !(16..=24).contains(&id.len()) {
            out.push_str(id);
            continue;
        }
        out.push_str(&format!("{}<ID>", &id[..4]));
        if line.starts_with('|') {
            out.push_str(&" ".repeat(id.len() - 8));
        }
    }
    out + rest
}

fn matches(recorded: &str, actual: &str) -> bool {
    let mut pieces = vec![recorded];
    for placeholder in PLACEHOLDERS {
        pieces = pieces.into_iter().flat_map(|piece| piece.split(placeholder)).collect();
    }
    let [first, middle @ ..] = pieces.as_slice() else { return recorded == actual };
    let Some(mut rest) = actual.strip_prefix(first) else { return false };
    for (at, piece) in middle.iter().enumerate() {
        let found = if at + 1 == middle.len() {
            rest.strip_suffix(piece).map(str::len)
        } else {
            rest.get(1..).and_then(|r| r.find(piece)).map(|at| at + 1)
        };
        match found {
            Some(wild) if wild > 0 && !rest[..wild].contains('\n') => rest = &rest[wild + piece.len()..],
            _ => return false,
        }
    }
    rest.is_empty()
}

/// Both texts, and the first line that differs.
fn difference(recorded: &str, actual: &str) -> String {
    let (left, right): (Vec<&str>, Vec<&str>) = (recorded.split('\n').collect(), actual.split('\n').collect());
    let line = left.iter().zip(&right).position(|(a, b)| a != b).unwrap_or(left.len().min(right.len()));
    let show = |lines: &[&str]| {
        let from = line.saturating_sub(2);
        lines.iter().skip(from).take(8).map(|line| format!("    {line}⏎")).collect::<Vec<_>>().join("\n")
    };
    format!("  differs from line {}\n  expected:\n{}\n  actual:\n{}", line + 1, show(&left), show(&right))
}
