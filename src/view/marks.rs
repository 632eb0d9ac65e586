//! Remarks at the lines of a text in the editor: what is wrong, how bad it is, and what to do.

use std::collections::BTreeMap;

use crate::engine::findings::Severity;
use crate::formats::yaml::load as yaml;

/// A remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The line, from 1; none for a remark on the whole text.
    pub line: Option<usize>,
    /// How bad it is.
    pub severity: Severity,
    /// What is the matter.
    pub text: String,
    /// Why it matters and what to do; may be empty.
    pub advice: String,
}

impl Mark {
    /// An error without advice.
    pub fn error(line: Option<usize>, text: impl Into<String>) -> Self {
        Self { line, severity: Severity::Error, text: text.into(), advice: String::new() }
    }
}

/// What keeps a text from being read as YAML. A fault at its end stands at its last line.
pub fn syntax(text: &str, error: &yaml::Error) -> Mark {
    let lines = text.split('\n').count();
    Mark::error(Some(error.line.min(lines)).filter(|line| *line > 0), error.to_string())
}

/// The worst remark of each line that has one.
pub fn by_line(marks: &[Mark]) -> BTreeMap<usize, Severity> {
    let mut worst = BTreeMap::new();
    for (line, severity) in marks.iter().filter_map(|mark| Some((mark.line?, mark.severity))) {
        worst.entry(line).and_modify(|known: &mut Severity| *known = severity.min(*known)).or_insert(severity);
    }
    worst
}

/// `2 errors, 1 warning`; empty for none.
pub fn tally(marks: &[Mark]) -> String {
    let parts = [Severity::Error, Severity::Warning, Severity::Info].into_iter().filter_map(|severity| {
        let n = marks.iter().filter(|mark| mark.severity == severity).count();
        let (one, many) = match severity {
            Severity::Error => ("error", "errors"),
            Severity::Warning => ("warning", "warnings"),
            Severity::Info => ("remark", "remarks"),
        };
        (n > 0).then(|| super::text::count(n, one, many))
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// The line of a text that a line of a YAML block in it is: `key_line` is the line of the block's key.
///
/// A value that is no block (`|`, `>`) stands on the key's own line.
pub fn line_in_block(text: &str, key_line: usize, line: usize) -> usize {
    let header = text.lines().nth(key_line.saturating_sub(1)).unwrap_or_default();
    let value = header.split_once(':').map(|(_, value)| value.trim_start()).unwrap_or_default();
    if value.starts_with(['|', '>']) { key_line + line } else { key_line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_blocks_and_of_other_values() {
        let text = "mapAccounts: \"[]\"\nmapRoles: |\n  - rolearn: a\n";
        assert_eq!(line_in_block(text, 2, 1), 3);
        assert_eq!(line_in_block(text, 1, 1), 1);
    }

    #[test]
    fn the_worst_of_a_line_and_the_tally() {
        let mark = |severity| Mark { severity, ..Mark::error(Some(2), "x") };
        let marks = [mark(Severity::Info), mark(Severity::Warning), Mark::error(None, "y")];
        assert_eq!(by_line(&marks), BTreeMap::from([(2, Severity::Warning)]));
        assert_eq!(tally(&marks), "1 error, 1 warning, 1 remark");
        assert_eq!(tally(&[]), "");
    }
}
