//! The small text tools: grep, head, tail, wc, sort, uniq, cut, tr, sed, awk, jq, base64, cat and a few more.
//!
//! Each reads its arguments, files of the workstation and its standard input, and prints what the GNU tool (for `jq`:
//! jq 1.6) prints. An option or a form that is not there is refused by name with exit code 2, never guessed at.

mod awk;
mod base64;
mod checksum;
mod columns;
mod diff;
mod expr;
mod fetch;
mod grep;
pub mod jq;
mod lines;
mod options;
mod regex;
mod sed;
mod small;
mod sort;
mod tr;
mod xxd;

#[cfg(test)]
mod tests;

use super::io::{Chunk, Stdin, Stream};
use crate::session::workstation::Workstation;

pub(crate) use options::Options;

/// A tool: reads its [`Call`], prints there, and returns the exit code.
pub(crate) type Tool = fn(&mut Call<'_>) -> i32;

/// The most bytes that one call of a tool prints.
pub const MAX_TOOL_OUTPUT: usize = 2_000_000;

const TOOLS: &[(&str, Tool)] = &[
    ("awk", awk::awk),
    ("base64", base64::base64),
    ("basename", lines::basename),
    ("cat", lines::cat),
    ("column", columns::column),
    ("comm", small::comm),
    ("curl", fetch::curl),
    ("cut", lines::cut),
    ("date", crate::shell::dates::date),
    ("diff", diff::diff),
    ("dirname", lines::dirname),
    ("egrep", grep::egrep),
    ("envsubst", columns::envsubst),
    ("expr", expr::expr),
    ("fgrep", grep::fgrep),
    ("gawk", awk::awk),
    ("grep", grep::grep),
    ("head", lines::head),
    ("jq", jq::jq),
    ("less", lines::cat),
    ("mawk", awk::awk),
    ("md5sum", checksum::md5sum),
    ("more", lines::cat),
    ("nl", small::nl),
    ("paste", columns::paste),
    ("rev", columns::rev),
    ("sed", sed::sed),
    ("seq", lines::seq),
    ("sha256sum", checksum::sha256sum),
    ("sort", sort::sort),
    ("tac", lines::tac),
    ("tail", lines::tail),
    ("tee", lines::tee),
    ("tr", tr::tr),
    ("uniq", sort::uniq),
    ("wc", lines::wc),
    ("wget", fetch::wget),
    ("xxd", xxd::xxd),
    ("yes", small::yes),
];

/// The tool of that name.
pub(crate) fn find(name: &str) -> Option<Tool> {
    TOOLS.iter().find(|(known, _)| *known == name).map(|(_, tool)| *tool)
}

/// The names of the tools, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    TOOLS.iter().map(|(name, _)| *name)
}

/// What an extended regular expression finds in a text, and its groups; nothing if it does not match.
pub(crate) fn find_extended(pattern: &str, text: &str) -> Result<Vec<String>, String> {
    let regex = regex::compile(pattern, regex::Syntax::Extended, false)?;
    let Some(captures) = regex.captures(text) else { return Ok(Vec::new()) };
    Ok(captures.iter().map(|group| group.map_or(String::new(), |group| group.as_str().to_owned())).collect())
}

/// Makes the message about a file that cannot be read.
pub(crate) type Say = fn(&str, &str) -> String;

/// What most tools say about a file that cannot be read.
pub(crate) fn plainly(path: &str, reason: &str) -> String {
    format!("{path}: {reason}")
}

/// One call of a tool.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    /// The name it was called by.
    pub name: &'a str,
    /// The arguments after the name.
    pub args: &'a [String],
    /// Files and directories.
    pub workstation: &'a mut Workstation,
    /// Seconds since 1970.
    pub now: i64,
    stdin: &'a mut Stdin,
    chunks: Vec<Chunk>,
    printed: usize,
}

impl<'a> Call<'a> {
    /// A call that has not printed anything.
    pub fn new(name: &'a str, args: &'a [String], workstation: &'a mut Workstation, stdin: &'a mut Stdin) -> Self {
        Self { name, args, workstation, now: 0, stdin, chunks: Vec::new(), printed: 0 }
    }

    /// What was printed.
    pub fn finish(self) -> Vec<Chunk> {
        self.chunks
    }

    /// Prints on standard output. What passes [`MAX_TOOL_OUTPUT`] is cut off with a message.
    pub fn out(&mut self, text: &str) {
        self.push(Stream::Out, text);
    }

    /// Prints a message of the tool on standard error: `name: message`.
    pub fn complain(&mut self, message: &str) {
        let text = format!("{}: {message}\n", self.name);
        self.push(Stream::Err, &text);
    }

    /// Prints on standard error as it stands.
    pub fn err(&mut self, text: &str) {
        self.push(Stream::Err, text);
    }

    /// Says that something is not there, and what is. The exit code is 2.
    pub fn unsupported(&mut self, what: &str, supported: &str) -> i32 {
        self.complain(&format!("`{what}` is not supported in this terminal; supported: {supported}"));
        2
    }

    /// True once the output is cut off: nothing more needs to be computed.
    pub fn is_full(&self) -> bool {
        self.printed > MAX_TOOL_OUTPUT
    }

    fn push(&mut self, stream: Stream, text: &str) {
        if self.is_full() || text.is_empty() {
            return;
        }
        self.printed += text.len();
        let cut = self.is_full();
        let text = if cut {
            format!("{}: the output is longer than {MAX_TOOL_OUTPUT} bytes; stopped\n", self.name)
        } else {
            text.to_owned()
        };
        let stream = if cut { Stream::Err } else { stream };
        match self.chunks.last_mut() {
            Some(last) if last.stream == stream => last.text.push_str(&text),
            _ => self.chunks.push(Chunk { stream, text }),
        }
    }

    /// The rest of the standard input.
    pub fn stdin(&mut self) -> String {
        self.stdin.take()
    }

    /// Gives back the last bytes that were read from the standard input.
    pub fn leave(&mut self, bytes: usize) {
        self.stdin.leave(bytes);
    }

    /// The contents of a file; `-` is the standard input. The error is the C library's words.
    pub fn read(&mut self, path: &str) -> Result<String, String> {
        if path == "-" || path == "/dev/stdin" {
            return Ok(self.stdin());
        }
        self.workstation.read(path).map(str::to_owned).map_err(|error| error.to_string())
    }

    /// True if the standard input is a file, and not a pipe.
    pub fn stdin_is_file(&self) -> bool {
        self.stdin.is_file()
    }

    /// The files named by `paths`, or the standard input if there are none. Unreadable ones are reported in the words
    /// that `say` makes of path and reason, and left out; the flag says whether there were any.
    pub fn inputs(&mut self, paths: &[String], say: Say) -> (Vec<(String, String)>, bool) {
        if paths.is_empty() {
            return (vec![("-".to_owned(), self.stdin())], false);
        }
        let (mut texts, mut failed) = (Vec::new(), false);
        let mut total = 0;
        for path in paths {
            match self.read(path) {
                Ok(text) => {
                    total += text.len();
                    // The same file may be named over and over.
                    if total > MAX_TOOL_OUTPUT {
                        self.complain(&format!("the input is longer than {MAX_TOOL_OUTPUT} bytes; stopped"));
                        return (texts, true);
                    }
                    texts.push((path.clone(), text));
                }
                Err(error) => {
                    self.complain(&say(path, &error));
                    failed = true;
                }
            }
        }
        (texts, failed)
    }
}

/// The lines of a text without their newlines; a last line without newline counts.
pub(crate) fn lines(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    let whole = text.strip_suffix('\n').unwrap_or(text);
    let count = if text.is_empty() { 0 } else { usize::MAX };
    // `split` and not `lines`: a carriage return belongs to the line.
    let mut all: Vec<&str> = whole.split('\n').collect();
    all.truncate(count);
    all.into_iter()
}
