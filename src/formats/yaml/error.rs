//! What is wrong with a YAML text, in the words of go-yaml v2, which kubectl shows (cli 12.2).
//!
//! go-yaml counts lines in its own way: faults of its scanner carry the true line, faults of its parser the line before,
//! and a line number of nought is left out. Users know the result from kubectl, so [`Error`]'s `Display` does the same;
//! [`Error::line`] is the true line for our own explanations.

use std::fmt;

use saphyr_parser::ScanError;

/// A fault in a YAML text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// go-yaml's words, without position.
    pub message: String,
    /// The true line of the fault, from 1; 0 if the fault has no place.
    pub line: usize,
    /// The column of the fault in characters, from 1; 0 if the fault has no place.
    pub column: usize,
    /// The line that go-yaml prints, if it prints one.
    pub shown_line: Option<usize>,
    /// True if the message comes from the step from YAML to JSON, which does not say `yaml: `.
    pub from_json: bool,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from_json {
            return f.write_str(&self.message);
        }
        f.write_str("yaml: ")?;
        if let Some(line) = self.shown_line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl Error {
    /// A fault that go-yaml reports without a line, found at `line` and `column`.
    pub(super) fn unplaced(message: impl Into<String>, line: usize, column: usize) -> Self {
        Self { message: message.into(), line, column, shown_line: None, from_json: false }
    }

    /// A fault in the step from YAML to JSON.
    pub(super) fn json(message: impl Into<String>, line: usize, column: usize) -> Self {
        Self { message: message.into(), line, column, shown_line: None, from_json: true }
    }
}

/// The words that the parser in use has for a fault, go-yaml's words for it, and which part of go-yaml would find it.
/// The first line that fits counts. Other faults keep their words, less the part that says what was being read.
const WORDS: &[(&str, &str, Stage)] = &[
    ("unexpected character: ", "found character that cannot start any token", Stage::Scanner),
    ("tabs disallowed", "found character that cannot start any token", Stage::Scanner),
    ("found a tab", "found a tab character that violates indentation", Stage::Scanner),
    ("tab cannot be used", "found a tab character that violates indentation", Stage::Scanner),
    ("simple key expect", "could not find expected ':'", Stage::Scanner),
    ("did not find expected key", "did not find expected key", Stage::Parser),
    ("did not find expected '-' indicator", "did not find expected '-' indicator", Stage::Parser),
    ("expected ',' or ']'", "did not find expected ',' or ']'", Stage::Parser),
    ("illegal placement of ':'", "did not find expected ',' or ']'", Stage::Parser),
    ("expected ',' or '}'", "did not find expected ',' or '}'", Stage::Parser),
    ("did not find expected node content", "did not find expected node content", Stage::Parser),
    ("invalid trailing content after double-quoted", "did not find expected key", Stage::Parser),
    ("misplaced bracket", "did not find expected node content", Stage::Parser),
    ("handle wasn't declared", "found undefined tag handle", Stage::Parser),
];

/// Which part of go-yaml finds a fault: that decides the line it prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Scanner,
    Parser,
}

/// Puts a fault into go-yaml's words.
pub(super) fn translate(error: &ScanError, text: &str) -> Error {
    let (line, column) = (error.marker().line(), error.marker().col() + 1);
    let info = error.info();
    if info.ends_with("found unknown anchor") {
        return super::node::unknown_anchor(text, line, column);
    }
    let (message, stage) = WORDS
        .iter()
        .find(|(words, ..)| info.contains(words))
        .map_or((info.rsplit(", ").next().unwrap_or(info), Stage::Scanner), |(_, message, stage)| (*message, *stage));
    // go-yaml counts from 0 and takes 0 for «no line».
    let shown_line = match (line.saturating_sub(1), stage) {
        (0, _) => None,
        (before, Stage::Scanner) => Some(before + 1),
        (before, Stage::Parser) => Some(before),
    };
    Error { message: message.to_owned(), line, column, shown_line, from_json: false }
}
