//! Commands: lists, pipelines, compound commands.
//!
//! A recursive descent over the text itself, without tokens in between: what a character means in shell text depends
//! on where it stands. Nesting is bounded by [`MAX_NESTING`], so the recursion is too.

use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

use super::ast::*;
use super::error::{ErrorKind, Incomplete, MAX_NESTING, MAX_SCRIPT_BYTES, MAX_SCRIPT_WORDS, SyntaxError};

/// One complete command line: everything up to a newline that ends a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The commands on it, split at `;`.
    pub commands: List,
    /// Here-documents that the end of the text cut off. Bash warns and takes what there is.
    pub open_here_documents: Vec<OpenHereDocument>,
}

/// A here-document without its last line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenHereDocument {
    /// The line of its operator, counted from 1.
    pub line: usize,
    /// The word that would have ended it.
    pub delimiter: String,
}

/// Reads a script line by line; stops after the first error.
#[derive(Debug)]
pub struct Lines<'a> {
    parser: Parser<'a>,
    failed: bool,
}

impl<'a> Lines<'a> {
    /// Starts at the beginning of `text`.
    pub fn new(text: &'a str) -> Self {
        Self { parser: Parser::new(text), failed: false }
    }

    /// True if the text ends in a backslash that would continue the line.
    pub(super) fn ends_in_continuation(&self) -> bool {
        self.parser.open_continuation
    }
}

impl Iterator for Lines<'_> {
    type Item = Result<Line, SyntaxError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let line = self.parser.complete_line().transpose();
        self.failed = matches!(line, Some(Err(_)));
        line
    }
}

/// A here-document whose body begins after the current line.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) delimiter: String,
    pub(super) quoted: bool,
    pub(super) strip_tabs: bool,
    pub(super) line: usize,
    pub(super) body: Rc<OnceCell<Word>>,
}

/// The reader. `word.rs` holds the part of it that reads words, `redirect.rs` that of redirections.
#[derive(Debug)]
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) pos: usize,
    /// Added to positions: where `text` begins in the script.
    pub(super) base: usize,
    /// Added to line numbers.
    pub(super) base_line: usize,
    pub(super) depth: usize,
    pub(super) words: usize,
    /// The last byte is a backslash outside quotes.
    pub(super) open_continuation: bool,
    newlines: Vec<usize>,
    pub(super) pending: Vec<Pending>,
    pub(super) open_here_documents: Vec<OpenHereDocument>,
    /// The end of the last here-document read.
    pub(super) here_end: usize,
}

/// Commands whose arguments may be assignments.
const DECLARING: [&str; 5] = ["declare", "export", "local", "readonly", "typeset"];

/// Words that divide or end compound commands. They count only where a command may begin.
const RESERVED: [&str; 8] = ["then", "elif", "else", "fi", "do", "done", "}", "esac"];

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let newlines = if text.len() > MAX_SCRIPT_BYTES {
            Vec::new()
        } else {
            text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at).collect()
        };
        Self {
            text,
            pos: 0,
            base: 0,
            base_line: 0,
            depth: 0,
            words: 0,
            open_continuation: false,
            newlines,
            pending: Vec::new(),
            open_here_documents: Vec::new(),
            here_end: 0,
        }
    }

    /// The next complete line that holds commands; `None` at the end.
    fn complete_line(&mut self) -> Result<Option<Line>, SyntaxError> {
        if self.text.len() > MAX_SCRIPT_BYTES {
            let what = format!("the text is longer than the {MAX_SCRIPT_BYTES} bytes that this terminal reads at once");
            return Err(self.error(ErrorKind::TooLarge(what), 0..0));
        }
        self.skip_prompt_and_blank_lines()?;
        if self.peek().is_none() {
            return Ok(None);
        }
        let mut commands = List::new();
        loop {
            commands.push(self.and_or()?);
            if !self.rest().starts_with(";;") && self.eat(";") || self.background(&mut commands) {
                self.skip_blanks();
            } else if !matches!(self.peek(), None | Some('\n')) {
                return Err(self.unexpected());
            }
            if self.peek().is_none() || self.peek() == Some('\n') {
                break;
            }
        }
        self.newline()?;
        for open in std::mem::take(&mut self.pending) {
            self.close_at_end(open);
        }
        // A here-document belongs to the command that opened it; with several on a line, to the last of them.
        if self.here_end > 0
            && let Some(last) = commands.last_mut()
        {
            last.range.end = last.range.end.max(self.here_end);
        }
        self.here_end = 0;
        Ok(Some(Line { commands, open_here_documents: std::mem::take(&mut self.open_here_documents) }))
    }

    /// Passes blank lines, comments and the `$ ` that documentation puts before commands (cli, Part III).
    fn skip_prompt_and_blank_lines(&mut self) -> Result<(), SyntaxError> {
        loop {
            self.skip_blanks();
            if self.rest().starts_with("$ ") || self.rest().starts_with("$\t") {
                self.pos += 1;
            } else if self.peek() == Some('\n') {
                self.newline()?;
            } else {
                return Ok(());
            }
        }
    }

    /// Commands up to a closing parenthesis, one of the reserved words in `ends`, or the end of the text.
    pub(super) fn list(&mut self, ends: &[&str]) -> Result<List, SyntaxError> {
        let mut list = List::new();
        loop {
            self.skip_newlines()?;
            match self.peek() {
                None | Some(')') => return Ok(list),
                Some(';') if ends.contains(&";;") => return Ok(list),
                _ if self.keyword().is_some_and(|word| ends.contains(&word)) => return Ok(list),
                _ => {}
            }
            list.push(self.and_or()?);
            match self.peek() {
                Some(';') if !self.rest().starts_with(";;") && !self.rest().starts_with(";&") => self.pos += 1,
                Some(';') if ends.contains(&";;") => return Ok(list),
                Some('&') if self.background(&mut list) => {}
                None | Some('\n' | ')') => {}
                _ => return Err(self.unexpected()),
            }
        }
    }

    /// Passes a `&` behind the last command.
    fn background(&mut self, list: &mut List) -> bool {
        let single = !self.rest().starts_with("&&") && !self.rest().starts_with("&>");
        let found = single && self.eat("&");
        if let Some(last) = list.last_mut() {
            last.background = found;
        }
        found
    }

    pub(super) fn and_or(&mut self) -> Result<AndOr, SyntaxError> {
        let start = self.here(0).start;
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            let connector = if self.eat("&&") {
                Connector::And
            } else if self.eat("||") {
                Connector::Or
            } else {
                break;
            };
            self.skip_newlines()?;
            rest.push((connector, self.pipeline()?));
        }
        let end = self.base + self.text.get(..self.pos).map_or(self.pos, |t| t.trim_end_matches([' ', '\t']).len());
        Ok(AndOr { range: start..end.max(start), first, rest, background: false })
    }

    pub(super) fn pipeline(&mut self) -> Result<Pipeline, SyntaxError> {
        self.skip_blanks();
        let mut negated = false;
        while self.keyword() == Some("!") {
            negated = !negated;
            self.pos += 1;
            self.skip_blanks();
        }
        let mut commands = vec![self.command()?];
        while self.peek() == Some('|') && !self.rest().starts_with("||") {
            let range = self.here(1);
            self.pos += 1;
            if self.eat("&")
                && let Some(before) = commands.last_mut()
            {
                let kind = RedirectionKind::Duplicate { descriptor: 2, of: 1 };
                before.redirections.push(Redirection { range, kind });
            }
            self.skip_newlines()?;
            commands.push(self.command()?);
        }
        Ok(Pipeline { negated, commands })
    }

    pub(super) fn command(&mut self) -> Result<Command, SyntaxError> {
        self.skip_blanks();
        let (start, line, from) = (self.here(0).start, self.line_at(self.pos), self.pos);
        self.words += 1;
        let compound = match (self.peek(), self.keyword()) {
            (None, _) => return Err(self.incomplete(Incomplete::Command)),
            (Some('('), _) if self.rest().starts_with("((") => Some(self.nested(Self::arithmetic_command)?),
            (Some('('), _) => Some(self.nested(Self::subshell)?),
            (_, Some("{")) => Some(self.nested(Self::group)?),
            (_, Some("if")) => Some(self.nested(Self::if_command)?),
            (_, Some("for" | "select")) => Some(self.nested(Self::for_command)?),
            (_, Some("while" | "until")) => Some(self.nested(Self::while_command)?),
            (_, Some("case")) => Some(self.nested(Self::case_command)?),
            (_, Some("[[")) => Some(self.nested(Self::conditional)?),
            (_, Some("function")) => Some(self.nested(Self::function_keyword)?),
            (_, Some(word @ "coproc")) => {
                return Err(self.unsupported(word, "write the commands out", self.here(word.len())));
            }
            (_, Some(word)) if RESERVED.contains(&word) => return Err(self.unexpected()),
            _ => None,
        };
        let (kind, redirections) = match compound {
            None => self.simple()?,
            Some(kind) => {
                let mut redirections = Vec::new();
                loop {
                    self.skip_blanks();
                    match self.redirection()? {
                        Some(redirection) => redirections.push(redirection),
                        None => break (kind, redirections),
                    }
                }
            }
        };
        let simple = matches!(kind, CommandKind::Simple { .. });
        let source = self.text.get(from..self.pos).filter(|_| simple).map(|text| Rc::from(text.trim()));
        Ok(Command { range: start..(self.base + self.pos).max(start), line, source, kind, redirections })
    }

    /// Runs `read` one level deeper.
    pub(super) fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, SyntaxError>,
    ) -> Result<T, SyntaxError> {
        if self.depth >= MAX_NESTING {
            let what =
                format!("commands stand in each other more than {MAX_NESTING} deep, which this terminal refuses");
            return Err(self.error(ErrorKind::TooLarge(what), self.here(1)));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    pub(super) fn subshell(&mut self) -> Result<CommandKind, SyntaxError> {
        self.pos += 1;
        let list = self.some_list(&[])?;
        self.expect_char(')')?;
        Ok(CommandKind::Subshell(list))
    }

    pub(super) fn group(&mut self) -> Result<CommandKind, SyntaxError> {
        self.pos += 1;
        let list = self.some_list(&["}"])?;
        self.expect("}")?;
        Ok(CommandKind::Group(list))
    }

    fn if_command(&mut self) -> Result<CommandKind, SyntaxError> {
        let mut branches = Vec::new();
        self.expect("if")?;
        loop {
            let condition = self.some_list(&["then"])?;
            self.expect("then")?;
            branches.push((condition, self.some_list(&["elif", "else", "fi"])?));
            if self.keyword() != Some("elif") {
                break;
            }
            self.expect("elif")?;
        }
        let mut otherwise = List::new();
        if self.keyword() == Some("else") {
            self.expect("else")?;
            otherwise = self.some_list(&["fi"])?;
        }
        self.expect("fi")?;
        Ok(CommandKind::If { branches, otherwise })
    }

    fn for_command(&mut self) -> Result<CommandKind, SyntaxError> {
        let is_select = self.keyword() == Some("select");
        self.expect(if is_select { "select" } else { "for" })?;
        self.skip_blanks();
        if self.rest().starts_with("((") && !is_select {
            return self.for_arithmetic();
        }
        let name = self.keyword().unwrap_or_default().to_owned();
        if !is_name(&name) {
            return Err(if self.peek().is_none() { self.incomplete(Incomplete::Command) } else { self.unexpected() });
        }
        self.pos += name.len();
        self.skip_newlines()?;
        let all = Part::Parameter {
            name: "@".to_owned(),
            index: None,
            indirect: false,
            operation: Operation::Value,
            quoted: true,
        };
        let mut words = vec![Word { range: self.here(0), parts: vec![all] }];
        if self.keyword() == Some("in") {
            self.pos += 2;
            words.clear();
            loop {
                self.skip_blanks();
                match self.word()? {
                    Some(word) => words.push(word),
                    None => break,
                }
            }
        }
        if !self.eat(";") && !matches!(self.peek(), None | Some('\n')) && self.keyword() != Some("do") {
            return Err(self.unexpected());
        }
        self.skip_newlines()?;
        let body = self.do_group()?;
        Ok(if is_select { CommandKind::Select { name, words, body } } else { CommandKind::For { name, words, body } })
    }

    fn while_command(&mut self) -> Result<CommandKind, SyntaxError> {
        let until = self.keyword() == Some("until");
        self.pos += 5; // both words are as long
        let condition = self.some_list(&["do"])?;
        Ok(CommandKind::While { until, condition, body: self.do_group()? })
    }

    pub(super) fn do_group(&mut self) -> Result<List, SyntaxError> {
        self.expect("do")?;
        let body = self.some_list(&["done"])?;
        self.expect("done")?;
        Ok(body)
    }

    /// A list that must hold at least one command.
    pub(super) fn some_list(&mut self, ends: &[&str]) -> Result<List, SyntaxError> {
        let list = self.list(ends)?;
        match self.peek() {
            None => Err(self.incomplete(Incomplete::Command)),
            Some(_) if list.is_empty() => Err(self.unexpected()),
            Some(_) => Ok(list),
        }
    }

    fn simple(&mut self) -> Result<(CommandKind, Vec<Redirection>), SyntaxError> {
        let (mut assignments, mut words, mut redirections) = (Vec::new(), Vec::<Word>::new(), Vec::new());
        let mut declared = Vec::new();
        loop {
            self.skip_blanks();
            if let Some(redirection) = self.redirection()? {
                redirections.push(redirection);
                continue;
            }
            if self.peek() == Some('(') {
                let empty =
                    self.rest().get(1..).is_some_and(|rest| rest.trim_start_matches([' ', '\t']).starts_with(')'));
                if let ([name], true) = (words.as_slice(), empty && assignments.is_empty() && redirections.is_empty())
                    && let Some(name) = name.literal()
                {
                    let name = name.to_owned();
                    return Ok((self.nested(|parser| parser.function(name))?, redirections));
                }
                return Err(self.unexpected());
            }
            if words.first().and_then(Word::literal).is_some_and(|name| DECLARING.contains(&name))
                && let Some(assignment) = self.assignment()?
            {
                let parts = vec![Part::Literal(assignment.name.clone())];
                words.push(Word { range: assignment.value.range.clone(), parts });
                declared.push(assignment);
                continue;
            }
            if words.is_empty()
                && let Some(assignment) = self.assignment()?
            {
                assignments.push(assignment);
                continue;
            }
            match self.word()? {
                Some(word) => words.push(word),
                None => break,
            }
        }
        if assignments.is_empty() && words.is_empty() && redirections.is_empty() {
            return Err(if self.peek().is_none() { self.incomplete(Incomplete::Command) } else { self.unexpected() });
        }
        Ok((CommandKind::Simple { assignments, declared, words }, redirections))
    }

    /// Passes a newline and the bodies of the here-documents opened before it.
    fn newline(&mut self) -> Result<(), SyntaxError> {
        if !self.eat("\n") {
            return Ok(());
        }
        for pending in std::mem::take(&mut self.pending) {
            self.here_body(pending)?;
        }
        Ok(())
    }

    /// Reads `text`, which stands (perhaps with escapes removed) at `base` of the script, with the same bounds.
    pub(super) fn within<T>(
        &mut self,
        text: &str,
        base: usize,
        line: usize,
        read: impl FnOnce(&mut Parser<'_>) -> Result<T, SyntaxError>,
    ) -> Result<T, SyntaxError> {
        let mut inner = Parser::new(text);
        (inner.base, inner.base_line) = (base, line.saturating_sub(1));
        (inner.depth, inner.words) = (self.depth, self.words);
        let result = inner.nested(read);
        self.words = inner.words;
        for open in std::mem::take(&mut inner.pending) {
            inner.close_at_end(open);
        }
        self.open_here_documents.append(&mut inner.open_here_documents);
        result
    }

    // --- small things

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.pos..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Passes `token` if it comes next.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        self.pos += if found { token.len() } else { 0 };
        found
    }

    /// The plain word that comes next, if it ends where a reserved word may end.
    pub(super) fn keyword(&self) -> Option<&'a str> {
        let rest = self.rest();
        let end = rest.find(is_meta).unwrap_or(rest.len());
        rest.get(..end).filter(|word| !word.is_empty() && !word.contains(['\'', '"', '\\', '$', '`']))
    }

    pub(super) fn expect(&mut self, keyword: &str) -> Result<(), SyntaxError> {
        self.skip_blanks();
        if self.keyword() == Some(keyword) {
            self.pos += keyword.len();
            self.skip_blanks();
            return Ok(());
        }
        Err(if self.peek().is_none() { self.incomplete(Incomplete::Command) } else { self.unexpected() })
    }

    pub(super) fn expect_char(&mut self, close: char) -> Result<(), SyntaxError> {
        match self.peek() {
            Some(found) if found == close => {
                self.pos += close.len_utf8();
                Ok(())
            }
            None => Err(self.incomplete(Incomplete::Closing(close))),
            Some(_) => Err(self.unexpected()),
        }
    }

    /// Passes blanks, continued lines and a comment.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            if [" ", "\t", "\r", "\\\n", "\\\r\n"].into_iter().any(|blank| self.eat(blank)) {
                continue;
            }
            // Only called between words, so a `#` begins a comment.
            if self.peek() == Some('#') {
                self.pos += self.rest().find('\n').unwrap_or(self.rest().len());
            }
            return;
        }
    }

    pub(super) fn skip_newlines(&mut self) -> Result<(), SyntaxError> {
        loop {
            self.skip_blanks();
            if self.peek() != Some('\n') {
                return Ok(());
            }
            self.newline()?;
        }
    }

    /// The range of the next `length` bytes in the script.
    pub(super) fn here(&self, length: usize) -> Range<usize> {
        self.base + self.pos..self.base + self.pos + length
    }

    pub(super) fn line_at(&self, pos: usize) -> usize {
        self.base_line + 1 + self.newlines.partition_point(|newline| *newline < pos)
    }

    pub(super) fn error(&self, kind: ErrorKind, range: Range<usize>) -> SyntaxError {
        SyntaxError { kind, line: self.line_at(range.start.saturating_sub(self.base)), range }
    }

    pub(super) fn incomplete(&self, what: Incomplete) -> SyntaxError {
        self.error(ErrorKind::Incomplete(what), self.here(0))
    }

    pub(super) fn unsupported(&self, what: &str, instead: &'static str, range: Range<usize>) -> SyntaxError {
        self.error(ErrorKind::Unsupported { what: what.to_owned(), instead }, range)
    }

    /// The error for whatever comes next.
    pub(super) fn unexpected(&self) -> SyntaxError {
        let rest = self.rest();
        let token = match rest.chars().next() {
            None | Some('\n') => "newline",
            Some(_) => ["&&", "||", ";;", "&>", ">>", "<<"]
                .into_iter()
                .find(|token| rest.starts_with(token))
                .or(self.keyword())
                .unwrap_or_else(|| rest.get(..rest.chars().next().map_or(0, char::len_utf8)).unwrap_or_default()),
        };
        self.error(ErrorKind::UnexpectedToken(token.to_owned()), self.here(token.len().min(rest.len())))
    }

    /// Counts a word.
    pub(super) fn count_word(&mut self) -> Result<(), SyntaxError> {
        self.words += 1;
        if self.words > MAX_SCRIPT_WORDS {
            let what = format!("the text has more than the {MAX_SCRIPT_WORDS} words that this terminal reads at once");
            return Err(self.error(ErrorKind::TooLarge(what), self.here(0)));
        }
        Ok(())
    }
}

/// Characters that end a word.
pub(super) fn is_meta(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | ';' | '&' | '|' | '<' | '>' | '(' | ')')
}

/// True for a variable's name.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
