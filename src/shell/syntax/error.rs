//! What can be wrong with a script, in the words of bash where bash has words for it.

use std::fmt;
use std::ops::Range;

/// The longest script, in bytes.
pub const MAX_SCRIPT_BYTES: usize = 1_000_000;
/// The most words in a script.
pub const MAX_SCRIPT_WORDS: usize = 20_000;
/// How deep `$( )`, `( )`, `{ }`, `${ }`, `if` and loops may stand in each other.
pub const MAX_NESTING: usize = 40;

/// Why a script cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: ErrorKind,
    /// The offending bytes.
    pub range: Range<usize>,
    /// The line of the first of them, counted from 1.
    pub line: usize,
}

/// The kinds of [`SyntaxError`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// A token where it cannot stand, as in `echo )`.
    UnexpectedToken(String),
    /// The text ends too early: more lines could make it whole.
    Incomplete(Incomplete),
    /// Something that bash knows and this shell does not.
    Unsupported {
        /// The construct, as written.
        what: String,
        /// What to use instead.
        instead: &'static str,
    },
    /// `<name>` outside quotes, which a tutorial means as "put your own value here".
    Placeholder(String),
    /// Larger than this shell reads.
    TooLarge(String),
}

/// What a text that ends too early still needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incomplete {
    /// The closing quote, parenthesis or brace.
    Closing(char),
    /// The line that ends a here-document.
    HereDocument(String),
    /// The line after a backslash.
    Continuation,
    /// A command after `|`, `&&`, `||`, or the end of `if`, `for`, `while`, `(`, `{`.
    Command,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::UnexpectedToken(token) => write!(f, "syntax error near unexpected token `{token}'"),
            ErrorKind::Incomplete(Incomplete::Closing(close)) => {
                write!(f, "unexpected EOF while looking for matching `{close}'")
            }
            ErrorKind::Incomplete(_) => f.write_str("syntax error: unexpected end of file"),
            ErrorKind::Unsupported { what, instead } => {
                write!(f, "`{what}` is not supported in this terminal; {instead}")
            }
            ErrorKind::Placeholder(name) => write!(
                f,
                "`<{name}>` is a placeholder: replace it, with its angle brackets, by your own value and run the line again"
            ),
            ErrorKind::TooLarge(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for SyntaxError {}
