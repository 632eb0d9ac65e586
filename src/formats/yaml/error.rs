//! What is wrong with a YAML text, in the words of go-yaml v2, which kubectl shows (cli 12.2).
//!
//! go-yaml counts lines in its own way: faults of its scanner carry the true line, faults of its parser the line before,
//! and a fault on the first line carries none. Users know the result from kubectl, so [`Error`]'s `Display` does the
//! same; [`Error::line`] is the true line for our own explanations.

use std::fmt;

use super::node::MAX_DEPTH;

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
    /// True if the message does not come from go-yaml, so that it does not say `yaml: `.
    pub is_bare: bool,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_bare {
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

/// A place in a text, all counted from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) index: usize,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// Which part of go-yaml finds a fault: that decides the line it prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Scanner,
    Parser,
}

impl Error {
    /// A syntax error at a place.
    pub(super) fn placed(message: impl Into<String>, at: Mark, stage: Stage) -> Self {
        // go-yaml counts from 0 and takes 0 for «no line».
        let shown_line = match (at.line, stage) {
            (0, _) => None,
            (line, Stage::Scanner) => Some(line + 1),
            (line, Stage::Parser) => Some(line),
        };
        Self { message: message.into(), line: at.line + 1, column: at.column + 1, shown_line, is_bare: false }
    }

    /// A fault that go-yaml reports without a line, found at `line` and `column`.
    pub(super) fn unplaced(message: impl Into<String>, line: usize, column: usize) -> Self {
        Self { message: message.into(), line, column, shown_line: None, is_bare: false }
    }

    /// A fault outside of go-yaml, found at `line` and `column`.
    pub(super) fn bare(message: impl Into<String>, line: usize, column: usize) -> Self {
        Self { message: message.into(), line, column, shown_line: None, is_bare: true }
    }

    /// Lists and mappings nest deeper than [`MAX_DEPTH`].
    pub(super) fn too_deep(at: Mark) -> Self {
        Self::unplaced(format!("exceeded max depth of {MAX_DEPTH}"), at.line + 1, at.column + 1)
    }
}
