//! Shell text into commands with byte ranges.
//!
//! [`Lines`] reads a script as bash does: one complete command line at a time, so that an error in line 9 is found after
//! the lines before it have run. [`needs_more`] tells a terminal whether to ask for another line.
//! [`placeholder::find_placeholders`] finds the `<ACCOUNTID>` of tutorials; [`cursor::at_cursor`] finds the word being typed.
//!
//! Grammar: the Shell Command Language of POSIX with the few bash forms that learners paste (cli, Part III).
//! What bash knows and this shell does not is refused by name ([`ErrorKind::Unsupported`]), never guessed at.

pub mod ast;
mod compound;
pub mod cursor;
mod error;
mod parser;
pub mod placeholder;
mod redirect;
mod word;

#[cfg(test)]
mod tests;

pub use error::{ErrorKind, Incomplete, MAX_NESTING, MAX_SCRIPT_BYTES, MAX_SCRIPT_WORDS, SyntaxError};
pub(crate) use parser::is_name;
pub use parser::{Line, Lines, OpenHereDocument};

/// What `text` still needs to be a whole script; `None` if it is whole, or wrong in a way that more lines cannot mend.
pub fn needs_more(text: &str) -> Option<Incomplete> {
    let mut lines = Lines::new(text);
    for line in lines.by_ref() {
        match line {
            Ok(line) => {
                if let Some(open) = line.open_here_documents.into_iter().next() {
                    return Some(Incomplete::HereDocument(open.delimiter));
                }
            }
            Err(error) => {
                return match error.kind {
                    ErrorKind::Incomplete(what) => Some(what),
                    _ => None,
                };
            }
        }
    }
    lines.ends_in_continuation().then_some(Incomplete::Continuation)
}

/// Reads a whole script at once: every top-level command in order.
///
/// # Errors
/// The first line that cannot be read.
pub fn parse(text: &str) -> Result<ast::List, SyntaxError> {
    let mut list = ast::List::new();
    for line in Lines::new(text) {
        list.extend(line?.commands);
    }
    Ok(list)
}
