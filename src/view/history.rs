//! The history page: what happened, and the way to any earlier moment.

use crate::session::{LogEntry, Origin, Session};
use crate::shell::render;

/// A row of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Simulated time, as `HH:MM:SS`.
    pub time: String,
    /// Where it came from.
    pub origin: &'static str,
    /// The command line.
    pub line: String,
    /// What came of it.
    pub effect: String,
    /// Whether it changed anything.
    pub changed: bool,
    /// Whether it was refused.
    pub refused: bool,
    /// Whether it has been taken back.
    pub undone: bool,
    /// How many steps of undo (or, if negative, of redo) lead to the moment right after it.
    pub steps: isize,
    /// Whether that moment is now.
    pub is_now: bool,
}

/// All rows, the latest first; on top those that have been taken back.
pub fn rows(session: &Session) -> Vec<Row> {
    let mut rows = Vec::new();
    let undone = session.undone();
    for (index, entry) in undone.iter().enumerate() {
        let steps = isize::try_from(undone.len() - index).unwrap_or(isize::MAX);
        rows.push(row(entry, -steps, true));
    }
    let mut later: isize = 0;
    for entry in session.log().iter().rev() {
        rows.push(row(entry, later, false));
        later += isize::from(entry.changed);
    }
    if let Some(now) = rows.iter_mut().find(|row| !row.undone && row.changed) {
        now.is_now = true;
    }
    rows
}

/// How many changes can be taken back in all.
pub fn changes(session: &Session) -> usize {
    session.log().iter().filter(|entry| entry.changed).count()
}

fn row(entry: &LogEntry, steps: isize, undone: bool) -> Row {
    let text = entry.at.kubernetes_text();
    let time = text.split('T').nth(1).unwrap_or_default().trim_end_matches('Z').to_owned();
    let error = entry.calls.iter().find_map(|call| call.error.as_ref());
    let effect = match (entry.changed, error) {
        (_, Some(error)) => error.to_string(),
        (true, None) => "changed".to_owned(),
        (false, None) => "asked only".to_owned(),
    };
    Row {
        time,
        origin: match entry.origin {
            Origin::Terminal => "terminal",
            Origin::Console => "page",
        },
        line: entry.line.clone().unwrap_or_else(|| {
            let lines: Vec<String> = entry.calls.iter().map(|call| render::command(&call.request)).collect();
            lines.join("\n")
        }),
        effect,
        changed: entry.changed,
        refused: error.is_some(),
        undone,
        steps,
        is_now: false,
    }
}
