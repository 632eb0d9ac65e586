//! YAML text into tokens, by YAML 1.1 with the liberties that go-yaml v2 takes.
//!
//! A block has no brackets: where one begins and ends follows from columns, and whether a scalar is a key shows only
//! when `:` comes after it. The scanner therefore keeps the column of every open block, and for every open bracket the
//! place of the last token that may still turn out to be a key.

mod scalars;
mod tags;

use std::collections::VecDeque;

use super::error::{Error, Mark, Stage};
use super::node::MAX_DEPTH;

/// A key must end on its line and within so many characters.
const LONGEST_KEY: usize = 1024;

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    StreamEnd,
    /// `%YAML`, with the numbers.
    Version(String, String),
    /// `%TAG`, with handle and prefix.
    TagPrefix(String, String),
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    /// Handle and suffix.
    Tag(String, String),
    Scalar {
        text: String,
        plain: bool,
    },
}

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: Mark,
    pub(super) end: Mark,
}

/// The last token at some level of brackets that may be a key.
#[derive(Debug, Clone, Copy)]
struct PossibleKey {
    /// Its number, counted from the first token of the text.
    token: usize,
    start: Mark,
    /// True if nothing else would be right here.
    required: bool,
}

/// Reads a text token by token.
pub(super) struct Scanner {
    text: Vec<char>,
    at: Mark,
    tokens: VecDeque<Token>,
    /// How many tokens have been taken.
    taken: usize,
    ended: bool,
    /// The column of the block at hand, -1 outside of blocks, and those around it.
    indent: isize,
    indents: Vec<isize>,
    /// One for every open bracket, and one for the text outside of brackets.
    keys: Vec<Option<PossibleKey>>,
    key_allowed: bool,
}

type Scanned<T = ()> = Result<T, Error>;

impl Scanner {
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: text.chars().collect(),
            at: Mark::default(),
            tokens: VecDeque::new(),
            taken: 0,
            ended: false,
            indent: -1,
            indents: Vec::new(),
            keys: vec![None],
            key_allowed: true,
        }
    }

    /// The next token, which stays. After the last one it is the end of the stream again and again.
    pub(super) fn peek(&mut self) -> Scanned<&Token> {
        while self.needs_more()? {
            self.fetch()?;
        }
        if self.tokens.is_empty() {
            self.push(Kind::StreamEnd, self.at);
        }
        self.tokens.front().ok_or_else(|| self.fault("did not find expected token"))
    }

    /// Takes the token that [`Scanner::peek`] showed.
    pub(super) fn skip(&mut self) {
        if self.tokens.pop_front().is_some() {
            self.taken += 1;
        }
    }

    /// True as long as the next token is not known, or may turn out to be a key.
    fn needs_more(&mut self) -> Scanned<bool> {
        let head = self.keys.iter().position(|key| key.is_some_and(|key| key.token == self.taken));
        let more = match head {
            _ if self.tokens.is_empty() => true,
            Some(level) => self.key_at(level)?.is_some(),
            None => false,
        };
        Ok(more && !self.ended)
    }

    // Characters.

    fn char(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at.index + ahead).copied()
    }

    fn is(&self, wanted: char) -> bool {
        self.char(0) == Some(wanted)
    }

    /// A blank, a line break or the end.
    fn is_space_at(&self, ahead: usize) -> bool {
        self.char(ahead).is_none_or(|c| is_blank(c) || is_break(c))
    }

    fn is_blank(&self) -> bool {
        self.char(0).is_some_and(is_blank)
    }

    fn is_break(&self) -> bool {
        self.char(0).is_some_and(is_break)
    }

    fn is_line_end(&self) -> bool {
        self.char(0).is_none_or(is_break)
    }

    fn in_brackets(&self) -> bool {
        self.keys.len() > 1
    }

    fn column(&self) -> isize {
        isize::try_from(self.at.column).unwrap_or(isize::MAX)
    }

    /// `---` or `...` at the start of a line.
    fn at_document_marker(&self) -> bool {
        let three = (self.char(0), self.char(1), self.char(2));
        self.at.column == 0
            && (three == (Some('-'), Some('-'), Some('-')) || three == (Some('.'), Some('.'), Some('.')))
            && self.is_space_at(3)
    }

    /// Steps over characters within a line.
    fn step(&mut self, count: usize) {
        self.at.index += count;
        self.at.column += count;
    }

    /// Takes one character within a line.
    fn take(&mut self) -> Option<char> {
        let c = self.char(0)?;
        self.step(1);
        Some(c)
    }

    /// Takes a line break: the one or two characters as the text means them.
    fn take_break(&mut self) -> Option<char> {
        let c = self.char(0).filter(|c| is_break(*c))?;
        let length = if c == '\r' && self.char(1) == Some('\n') { 2 } else { 1 };
        self.at.index += length;
        self.at.line += 1;
        self.at.column = 0;
        Some(if matches!(c, '\u{2028}' | '\u{2029}') { c } else { '\n' })
    }

    fn step_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.char(0).is_some_and(&wanted) {
            self.step(1);
        }
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let start = self.at.index;
        self.step_while(wanted);
        self.text.get(start..self.at.index).unwrap_or_default().iter().collect()
    }

    fn fault(&self, message: &str) -> Error {
        Error::placed(message, self.at, Stage::Scanner)
    }

    // Tokens, blocks and keys.

    fn push(&mut self, kind: Kind, start: Mark) {
        self.tokens.push_back(Token { kind, start, end: self.at });
    }

    /// Puts an empty token before the token with this number.
    fn insert(&mut self, number: usize, kind: Kind, start: Mark) {
        self.tokens.insert(number.saturating_sub(self.taken), Token { kind, start, end: start });
    }

    /// Opens a block if the column is to the right of the one at hand.
    fn open_block(&mut self, column: isize, number: Option<usize>, kind: Kind, start: Mark) -> Scanned {
        if self.in_brackets() || self.indent >= column {
            return Ok(());
        }
        if self.indents.len() >= MAX_DEPTH {
            return Err(Error::too_deep(self.at));
        }
        self.indents.push(self.indent);
        self.indent = column;
        let number = number.unwrap_or(self.taken + self.tokens.len());
        self.insert(number, kind, start);
        Ok(())
    }

    /// Closes the blocks that begin to the right of the column.
    fn close_blocks(&mut self, column: isize) {
        while !self.in_brackets() && self.indent > column {
            self.push(Kind::BlockEnd, self.at);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    /// The token that may be a key at this level, unless it has become too late for it.
    fn key_at(&mut self, level: usize) -> Scanned<Option<PossibleKey>> {
        let Some(key) = self.keys.get(level).copied().flatten() else { return Ok(None) };
        if key.start.line == self.at.line && key.start.index + LONGEST_KEY >= self.at.index {
            return Ok(Some(key));
        }
        if key.required {
            return Err(self.fault("could not find expected ':'"));
        }
        if let Some(slot) = self.keys.get_mut(level) {
            *slot = None;
        }
        Ok(None)
    }

    /// The token that may be a key is none.
    fn drop_key(&mut self) -> Scanned {
        match self.keys.last_mut() {
            Some(Some(key)) if key.required => Err(self.fault("could not find expected ':'")),
            Some(slot) => {
                *slot = None;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// The token that comes next may be a key.
    fn save_key(&mut self) -> Scanned {
        if !self.key_allowed {
            return Ok(());
        }
        let required = !self.in_brackets() && self.indent == self.column();
        let key = PossibleKey { token: self.taken + self.tokens.len(), start: self.at, required };
        self.drop_key()?;
        if let Some(slot) = self.keys.last_mut() {
            *slot = Some(key);
        }
        Ok(())
    }

    /// Adds at least one token, unless only blanks are left.
    fn fetch(&mut self) -> Scanned {
        self.skip_blanks();
        self.close_blocks(self.column());
        let Some(c) = self.char(0) else { return self.fetch_end() };
        if self.at.column == 0 && c == '%' {
            return self.fetch_directive();
        }
        if self.at_document_marker() {
            self.close_blocks(-1);
            self.drop_key()?;
            self.key_allowed = false;
            let kind = if c == '-' { Kind::DocumentStart } else { Kind::DocumentEnd };
            return self.sign(kind, 3);
        }
        let space_next = self.is_space_at(1);
        match c {
            '[' => self.fetch_open(Kind::FlowSequenceStart),
            '{' => self.fetch_open(Kind::FlowMappingStart),
            ']' => self.fetch_close(Kind::FlowSequenceEnd),
            '}' => self.fetch_close(Kind::FlowMappingEnd),
            ',' => {
                self.drop_key()?;
                self.key_allowed = true;
                self.sign(Kind::FlowEntry, 1)
            }
            '-' if space_next => self.fetch_block_entry(),
            '?' if self.in_brackets() || space_next => self.fetch_key(),
            ':' if self.in_brackets() || space_next => self.fetch_value(),
            '*' | '&' => self.fetch_anchor(c),
            '!' => self.fetch_tag(),
            '|' | '>' if !self.in_brackets() => self.fetch_block_scalar(c == '|'),
            '\'' | '"' => self.fetch_quoted(c),
            '-' => self.fetch_plain(),
            '?' | ':' if !self.in_brackets() => self.fetch_plain(),
            '\t' | '#' | '|' | '>' | '%' | '@' | '`' => Err(self.fault("found character that cannot start any token")),
            _ => self.fetch_plain(),
        }
    }

    /// Skips blanks, comments and line breaks. A tab may not stand where a key may begin.
    fn skip_blanks(&mut self) {
        loop {
            while self.is(' ') || self.is('\t') && (self.in_brackets() || !self.key_allowed) {
                self.step(1);
            }
            if self.is('#') {
                self.step_while(|c| !is_break(c));
            }
            if self.take_break().is_none() {
                return;
            }
            if !self.in_brackets() {
                self.key_allowed = true;
            }
        }
    }

    /// Adds a token for the next `length` characters.
    fn sign(&mut self, kind: Kind, length: usize) -> Scanned {
        let start = self.at;
        self.step(length);
        self.push(kind, start);
        Ok(())
    }

    fn fetch_end(&mut self) -> Scanned {
        if self.at.column != 0 {
            self.at.column = 0;
            self.at.line += 1;
        }
        self.close_blocks(-1);
        self.drop_key()?;
        self.key_allowed = false;
        self.ended = true;
        self.push(Kind::StreamEnd, self.at);
        Ok(())
    }

    fn fetch_open(&mut self, kind: Kind) -> Scanned {
        self.save_key()?;
        if self.keys.len() > MAX_DEPTH {
            return Err(Error::too_deep(self.at));
        }
        self.keys.push(None);
        self.key_allowed = true;
        self.sign(kind, 1)
    }

    fn fetch_close(&mut self, kind: Kind) -> Scanned {
        self.drop_key()?;
        if self.in_brackets() {
            self.keys.pop();
        }
        self.key_allowed = false;
        self.sign(kind, 1)
    }

    fn fetch_block_entry(&mut self) -> Scanned {
        // Within brackets the parser finds the fault.
        if !self.in_brackets() {
            if !self.key_allowed {
                return Err(self.fault("block sequence entries are not allowed in this context"));
            }
            self.open_block(self.column(), None, Kind::BlockSequenceStart, self.at)?;
        }
        self.drop_key()?;
        self.key_allowed = true;
        self.sign(Kind::BlockEntry, 1)
    }

    fn fetch_key(&mut self) -> Scanned {
        if !self.in_brackets() {
            if !self.key_allowed {
                return Err(self.fault("mapping keys are not allowed in this context"));
            }
            self.open_block(self.column(), None, Kind::BlockMappingStart, self.at)?;
        }
        self.drop_key()?;
        self.key_allowed = !self.in_brackets();
        self.sign(Kind::Key, 1)
    }

    fn fetch_value(&mut self) -> Scanned {
        let level = self.keys.len().saturating_sub(1);
        if let Some(key) = self.key_at(level)? {
            self.insert(key.token, Kind::Key, key.start);
            let column = isize::try_from(key.start.column).unwrap_or(isize::MAX);
            self.open_block(column, Some(key.token), Kind::BlockMappingStart, key.start)?;
            if let Some(slot) = self.keys.last_mut() {
                *slot = None;
            }
            self.key_allowed = false;
        } else {
            if !self.in_brackets() {
                if !self.key_allowed {
                    return Err(self.fault("mapping values are not allowed in this context"));
                }
                self.open_block(self.column(), None, Kind::BlockMappingStart, self.at)?;
            }
            self.key_allowed = !self.in_brackets();
        }
        self.sign(Kind::Value, 1)
    }

    fn fetch_anchor(&mut self, sign: char) -> Scanned {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.at;
        self.step(1);
        let name = self.take_while(is_word);
        let ends = self.is_space_at(0) || self.char(0).is_some_and(|c| "?:,]}%@`".contains(c));
        if name.is_empty() || !ends {
            return Err(self.fault("did not find expected alphabetic or numeric character"));
        }
        self.push(if sign == '*' { Kind::Alias(name) } else { Kind::Anchor(name) }, start);
        Ok(())
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}
