//! What commands read and write: standard input, and output in the order in which it appeared.

use std::cell::Cell;

/// Where a piece of output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// A piece of output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Where it goes.
    pub stream: Stream,
    /// The text.
    pub text: String,
}

/// What one command printed, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommandOutput {
    /// In the order printed.
    pub chunks: Vec<Chunk>,
    /// The exit code.
    pub exit: i32,
}

impl CommandOutput {
    /// Output of a command that printed `stdout`, then `stderr`.
    pub fn new(stdout: impl Into<String>, stderr: impl Into<String>, exit: i32) -> Self {
        let mut output = Self { exit, chunks: Vec::new() };
        output.push(Stream::Out, stdout.into());
        output.push(Stream::Err, stderr.into());
        output
    }

    /// Adds a piece of output; an empty one is dropped.
    pub fn push(&mut self, stream: Stream, text: String) {
        if !text.is_empty() {
            self.chunks.push(Chunk { stream, text });
        }
    }
}

/// What a script printed, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScriptOutput {
    /// Both streams as a terminal shows them; neighbours of the same stream are joined.
    pub chunks: Vec<Chunk>,
    /// Standard output alone.
    pub stdout: String,
    /// Standard error alone.
    pub stderr: String,
    /// The exit code.
    pub exit: i32,
}

impl ScriptOutput {
    /// Adds a piece of output.
    pub fn push(&mut self, stream: Stream, text: &str) {
        if text.is_empty() {
            return;
        }
        match stream {
            Stream::Out => self.stdout.push_str(text),
            Stream::Err => self.stderr.push_str(text),
        }
        match self.chunks.last_mut() {
            Some(last) if last.stream == stream => last.text.push_str(text),
            _ => self.chunks.push(Chunk { stream, text: text.to_owned() }),
        }
    }
}

/// The standard input of an imitated tool: what the tool does not take stays there for the next command of a loop.
#[derive(Debug, Clone, Default)]
pub struct Input<'a> {
    text: &'a str,
    taken: Cell<usize>,
}

impl<'a> Input<'a> {
    /// Input that holds `text`.
    pub fn new(text: &'a str) -> Self {
        Self { text, taken: Cell::new(0) }
    }

    /// Takes all that is left.
    pub fn take(&self) -> &'a str {
        let rest = self.text.get(self.taken.get()..).unwrap_or_default();
        self.taken.set(self.text.len());
        rest
    }

    /// Takes a line, without its end; `None` at the end of the input.
    pub fn line(&self) -> Option<&'a str> {
        let rest = self.text.get(self.taken.get()..).filter(|rest| !rest.is_empty())?;
        let line = rest.split_once('\n').map_or(rest, |(line, _)| line);
        self.taken.set((self.taken.get() + line.len() + 1).min(self.text.len()));
        Some(line)
    }

    /// True if there is something to take.
    pub fn is_piped(&self) -> bool {
        self.taken.get() < self.text.len()
    }

    /// How many bytes were taken.
    pub fn taken(&self) -> usize {
        self.taken.get()
    }
}

/// Standard input: a text that is read once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stdin {
    text: String,
    read: usize,
    file: bool,
}

impl Stdin {
    /// Input that holds `text`.
    pub fn new(text: String) -> Self {
        Self { text, read: 0, file: false }
    }

    /// Input from a file by `<`: some tools ask for its size.
    pub fn from_file(text: String) -> Self {
        Self { text, read: 0, file: true }
    }

    /// True if it comes from a file.
    pub fn is_file(&self) -> bool {
        self.file
    }

    /// What has not been read yet.
    pub fn rest(&self) -> &str {
        self.text.get(self.read..).unwrap_or_default()
    }

    /// Takes all that has not been read yet.
    pub fn take(&mut self) -> String {
        let rest = self.rest().to_owned();
        self.read = self.text.len();
        rest
    }

    /// Passes over the next `bytes`.
    pub fn skip(&mut self, bytes: usize) {
        self.read = (self.read + bytes).min(self.text.len());
    }

    /// Gives back the last `bytes` that were read.
    pub fn leave(&mut self, bytes: usize) {
        self.read = self.read.saturating_sub(bytes);
    }

    /// Takes the text up to a delimiter, without it; `None` at the end. The flag says whether the delimiter was there.
    pub fn take_until(&mut self, delimiter: char) -> Option<(String, bool)> {
        let rest = self.rest();
        if rest.is_empty() {
            return None;
        }
        let (line, ended) = match rest.split_once(delimiter) {
            Some((line, _)) => (line.to_owned(), true),
            None => (rest.to_owned(), false),
        };
        self.read += line.len() + if ended { delimiter.len_utf8() } else { 0 };
        Some((line, ended))
    }
}
