//! Words: quotes, backslashes, `$NAME`, `${NAME…}`, `$( )`, backquotes, `$(( ))`.

use super::ast::{List, Operation, Part, Word};
use super::error::{ErrorKind, Incomplete, SyntaxError};
use super::parser::{Parser, is_meta, is_name};

impl Parser<'_> {
    /// The word that comes next; `None` if an operator or the end of the line does.
    pub(super) fn word(&mut self) -> Result<Option<Word>, SyntaxError> {
        let start = self.pos;
        let parts = self.parts(is_meta)?;
        if self.pos == start {
            return Ok(None);
        }
        self.count_word()?;
        Ok(Some(Word { range: self.base + start..self.base + self.pos, parts }))
    }

    /// The index of an array's element, whose `[` has been passed, with its `]`.
    pub(super) fn index_word(&mut self) -> Result<Word, SyntaxError> {
        let start = self.pos;
        let parts = self.nested(|parser| parser.parts(|c| c == ']'))?;
        let range = self.base + start..self.base + self.pos;
        self.expect_char(']')?;
        self.count_word()?;
        Ok(Word { range, parts })
    }

    /// The regular expression after `=~`: parentheses and `|` belong to it.
    pub(super) fn regex_word(&mut self) -> Result<Word, SyntaxError> {
        let start = self.pos;
        let parts = self.parts(|c| matches!(c, ' ' | '\t' | '\n'))?;
        self.count_word()?;
        Ok(Word { range: self.base + start..self.base + self.pos, parts })
    }

    /// Pieces of a word up to an unquoted character for which `ends` holds.
    fn parts(&mut self, ends: fn(char) -> bool) -> Result<Vec<Part>, SyntaxError> {
        let mut parts = Vec::new();
        loop {
            let rest = self.rest();
            if (rest.starts_with("<(") || rest.starts_with(">(")) && ends('<') {
                let writes = rest.starts_with('>');
                let list = self.nested(|parser| {
                    parser.pos += 2;
                    let list = parser.list(&[])?;
                    parser.expect_char(')')?;
                    Ok(list)
                })?;
                parts.push(Part::Process(list, writes));
                continue;
            }
            let Some(c) = self.peek().filter(|c| !ends(*c)) else { break };
            match c {
                '\'' => {
                    self.pos += 1;
                    let text = self.until_quote()?;
                    parts.push(Part::Quoted(text));
                }
                '"' => {
                    self.pos += 1;
                    self.double_quoted(&mut parts)?;
                }
                '\\' => {
                    self.pos += 1;
                    match self.peek() {
                        None => {
                            self.open_continuation = true;
                            literal(&mut parts, '\\');
                        }
                        Some('\n') => self.pos += 1,
                        Some(escaped) => {
                            self.pos += escaped.len_utf8();
                            parts.push(Part::Quoted(escaped.into()));
                        }
                    }
                }
                '$' if self.rest().starts_with("$'") => {
                    self.pos += 2;
                    let text = self.ansi_quoted()?;
                    parts.push(Part::Quoted(text));
                }
                '$' if self.rest().starts_with("$\"") => self.pos += 1,
                '$' => self.dollar(&mut parts, false)?,
                '`' => self.backquoted(&mut parts, false)?,
                c => {
                    self.pos += c.len_utf8();
                    literal(&mut parts, c);
                }
            }
        }
        Ok(parts)
    }

    /// The text up to the closing single quote.
    fn until_quote(&mut self) -> Result<String, SyntaxError> {
        let rest = self.rest();
        let Some(length) = rest.find('\'') else { return Err(self.open_quote('\'')) };
        self.pos += length + 1;
        Ok(rest.get(..length).unwrap_or_default().to_owned())
    }

    /// The error for a quote that was opened just before and is never closed.
    fn open_quote(&self, quote: char) -> SyntaxError {
        let start = self.here(0).start.saturating_sub(1);
        self.error(ErrorKind::Incomplete(Incomplete::Closing(quote)), start..start + 1)
    }

    /// `$'…'` with the escapes of bash's manual.
    fn ansi_quoted(&mut self) -> Result<String, SyntaxError> {
        let open = self.open_quote('\'');
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else { return Err(open) };
            self.pos += c.len_utf8();
            match c {
                '\'' => return Ok(text),
                '\\' => {
                    let Some(escaped) = self.peek() else { return Err(open) };
                    self.pos += escaped.len_utf8();
                    match escaped {
                        'n' => text.push('\n'),
                        't' => text.push('\t'),
                        'r' => text.push('\r'),
                        '\\' | '\'' | '"' | '?' => text.push(escaped),
                        other => {
                            let what = format!("\\{other} in $'…'");
                            let range = self.here(0).start - other.len_utf8()..self.here(0).start;
                            return Err(self.unsupported(&what, "use `\\n`, `\\t`, `\\r`, `\\\\` or `\\'`", range));
                        }
                    }
                }
                c => text.push(c),
            }
        }
    }

    /// What follows an opening double quote, and the closing one.
    fn double_quoted(&mut self, parts: &mut Vec<Part>) -> Result<(), SyntaxError> {
        let open = self.open_quote('"');
        // Even an empty pair of quotes makes a word.
        let mut text = String::new();
        let mut any = false;
        loop {
            match self.peek() {
                None => return Err(open),
                Some('"') => {
                    self.pos += 1;
                    if !text.is_empty() || !any {
                        parts.push(Part::Quoted(text));
                    }
                    return Ok(());
                }
                Some(_) => any |= self.quoted_piece(&mut text, parts, "$`\"\\")?,
            }
        }
    }

    /// The body of a here-document whose delimiter is not quoted: `"` means itself.
    pub(super) fn here_parts(&mut self) -> Result<Vec<Part>, SyntaxError> {
        let (mut text, mut parts) = (String::new(), Vec::new());
        while self.peek().is_some() {
            self.quoted_piece(&mut text, &mut parts, "$`\\")?;
        }
        parts.push(Part::Quoted(text));
        Ok(parts)
    }

    /// One character or expansion of quoted text. A backslash escapes the characters in `escapes`, and newlines.
    /// True if a part was added to `parts`; plain characters are only added to `text`.
    fn quoted_piece(&mut self, text: &mut String, parts: &mut Vec<Part>, escapes: &str) -> Result<bool, SyntaxError> {
        let Some(c) = self.peek() else { return Ok(false) };
        match c {
            '\\' => {
                self.pos += 1;
                match self.peek() {
                    Some('\n') => self.pos += 1,
                    Some(escaped) if escapes.contains(escaped) => {
                        self.pos += escaped.len_utf8();
                        text.push(escaped);
                    }
                    _ => text.push('\\'),
                }
            }
            '$' | '`' => {
                let mut found = Vec::new();
                if c == '$' {
                    self.dollar(&mut found, true)?;
                } else {
                    self.backquoted(&mut found, true)?;
                }
                if let [Part::Literal(dollar)] = found.as_slice() {
                    text.push_str(dollar);
                } else {
                    if !text.is_empty() {
                        parts.push(Part::Quoted(std::mem::take(text)));
                    }
                    parts.append(&mut found);
                    return Ok(true);
                }
            }
            c => {
                self.pos += c.len_utf8();
                text.push(c);
            }
        }
        Ok(false)
    }

    /// Whatever a `$` begins; a `$` that begins nothing is itself.
    fn dollar(&mut self, parts: &mut Vec<Part>, quoted: bool) -> Result<(), SyntaxError> {
        let rest = self.rest();
        if rest.starts_with("$((") && closes_arithmetic(rest) {
            let part = self.nested(Self::arithmetic)?;
            parts.push(part);
            return Ok(());
        }
        if rest.starts_with("$(") {
            let list = self.nested(|parser| {
                parser.pos += 2;
                let list = parser.list(&[])?;
                parser.expect_char(')')?;
                Ok(list)
            })?;
            parts.push(Part::Substitution { list, quoted });
            return Ok(());
        }
        if rest.starts_with("${") {
            let part = self.nested(|parser| parser.braced(quoted))?;
            parts.push(part);
            return Ok(());
        }
        let after = rest.get(1..).unwrap_or_default();
        let mut length = after.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        if after.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '?' | '#' | '@' | '*' | '$' | '!' | '-')) {
            length = 1;
        }
        self.pos += 1 + length;
        if length == 0 {
            literal(parts, '$');
        } else {
            let name = after.get(..length).unwrap_or_default().to_owned();
            parts.push(Part::Parameter { name, index: None, indirect: false, operation: Operation::Value, quoted });
        }
        Ok(())
    }

    /// `$((…))`.
    fn arithmetic(&mut self) -> Result<Part, SyntaxError> {
        self.pos += 3;
        let start = self.pos;
        let length = arithmetic_length(self.rest()).unwrap_or(self.rest().len());
        let body = self.rest().get(..length).unwrap_or_default();
        let line = self.line_at(start);
        let parts = self.within(body, self.base + start, line, |parser| parser.here_parts())?;
        self.pos += length + 2;
        self.count_word()?;
        Ok(Part::Arithmetic(Word { range: self.base + start..self.base + start + length, parts }))
    }

    /// `${…}`.
    fn braced(&mut self, quoted: bool) -> Result<Part, SyntaxError> {
        let start = self.pos;
        self.pos += 2;
        let inner = self.rest();
        let length_of = inner.starts_with('#') && !inner.starts_with("#}");
        let indirect = inner.starts_with('!') && !inner.starts_with("!}");
        self.pos += usize::from(length_of || indirect);
        let rest = self.rest();
        let mut length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        if length == 0 && rest.starts_with(['?', '#', '@', '*', '$', '!', '-']) {
            length = 1;
        }
        let name = rest.get(..length).unwrap_or_default().to_owned();
        if self.rest().is_empty() {
            return Err(self.incomplete(Incomplete::Closing('}')));
        }
        self.pos += length;
        let plain = is_name(&name) || name.bytes().all(|b| b.is_ascii_digit()) && !name.is_empty() || name.len() == 1;
        if !plain {
            return Err(self.unsupported_braces(start));
        }
        let index = match is_name(&name) && self.eat("[") {
            true => Some(Box::new(self.index_word()?)),
            false => None,
        };
        let operation = match self.peek() {
            None => return Err(self.incomplete(Incomplete::Closing('}'))),
            Some('}') if length_of => Operation::Length,
            Some('}') => Operation::Value,
            Some(_) if length_of => return Err(self.unsupported_braces(start)),
            Some(c @ ('#' | '%')) => {
                self.pos += 1;
                let longest = self.eat(if c == '#' { "#" } else { "%" });
                Operation::Trim { suffix: c == '%', longest, pattern: self.braced_word(quoted, true, |c| c == '}')? }
            }
            Some('/') => {
                self.pos += 1;
                let place = self.peek().filter(|c| matches!(c, '/' | '#' | '%'));
                self.pos += usize::from(place.is_some());
                let pattern = self.braced_word(quoted, true, |c| c == '}' || c == '/')?;
                let text = match self.eat("/") {
                    true => self.braced_word(quoted, false, |c| c == '}')?,
                    false => Word { range: self.here(0), parts: Vec::new() },
                };
                Operation::Replace { place, pattern, text }
            }
            Some('@') if self.rest().len() > 2 && self.rest().as_bytes().get(2) == Some(&b'}') => {
                let letter = self.rest().chars().nth(1).unwrap_or('@');
                if !"QEPAKkaUuL".contains(letter) {
                    return Err(self.unsupported_braces(start));
                }
                self.pos += 2;
                Operation::Transform(letter)
            }
            Some(c @ ('^' | ',')) => {
                self.pos += 1;
                let all = self.eat(if c == '^' { "^" } else { "," });
                Operation::Case { upper: c == '^', all }
            }
            Some(_) => {
                let colon = self.eat(":");
                match self.peek() {
                    Some(action @ ('-' | '=' | '?' | '+')) => {
                        self.pos += 1;
                        Operation::Test { colon, action, word: self.braced_word(quoted, false, |c| c == '}')? }
                    }
                    None => return Err(self.incomplete(Incomplete::Closing('}'))),
                    Some(_) if colon => self.slice(quoted)?,
                    Some(_) => return Err(self.unsupported_braces(start)),
                }
            }
        };
        self.expect_char('}')?;
        Ok(Part::Parameter { name, index, indirect, operation, quoted })
    }

    /// `offset:length` of `${NAME:offset:length}`.
    fn slice(&mut self, quoted: bool) -> Result<Operation, SyntaxError> {
        let offset = self.braced_word(quoted, false, |c| c == '}' || c == ':')?;
        let length = match self.eat(":") {
            true => Some(self.braced_word(quoted, false, |c| c == '}')?),
            false => None,
        };
        Ok(Operation::Slice { offset, length })
    }

    fn unsupported_braces(&self, start: usize) -> SyntaxError {
        let rest = self.text.get(start..).unwrap_or_default();
        let end = rest.find(['}', '\n']).map_or(rest.len(), |at| at + 1);
        let what = rest.get(..end).unwrap_or_default().trim_end();
        let instead = "use `${NAME}`, `${#NAME}`, `${NAME:-word}`, `:=`, `:?`, `:+`, `#pattern`, `%pattern`, `/pattern/text` or `:offset:length`";
        self.unsupported(what, instead, self.base + start..self.base + start + what.len())
    }

    /// The word inside `${NAME:-word}`. In double quotes single quotes mean themselves, except in patterns.
    fn braced_word(&mut self, quoted: bool, pattern: bool, ends: fn(char) -> bool) -> Result<Word, SyntaxError> {
        let start = self.pos;
        let mut parts = Vec::new();
        if quoted && !pattern {
            let mut text = String::new();
            while self.peek().is_some_and(|c| !ends(c)) {
                if self.eat("\"") {
                    // Quotes inside quotes: their content is as quoted as what surrounds it.
                    continue;
                }
                self.quoted_piece(&mut text, &mut parts, "$`\"\\}")?;
            }
            parts.push(Part::Quoted(text));
        } else {
            parts = self.parts(ends)?;
        }
        self.count_word()?;
        Ok(Word { range: self.base + start..self.base + self.pos, parts })
    }

    /// `` `…` ``: the text inside is read again after its backslashes are removed.
    fn backquoted(&mut self, parts: &mut Vec<Part>, quoted: bool) -> Result<(), SyntaxError> {
        let start = self.pos;
        self.pos += 1;
        let mut body = String::new();
        loop {
            let Some(c) = self.peek() else {
                let range = self.base + start..self.base + start + 1;
                return Err(self.error(ErrorKind::Incomplete(Incomplete::Closing('`')), range));
            };
            self.pos += c.len_utf8();
            match c {
                '`' => break,
                '\\' => match self.peek() {
                    Some(escaped @ ('`' | '\\' | '$')) => {
                        self.pos += 1;
                        body.push(escaped);
                    }
                    Some('"') if quoted => {
                        self.pos += 1;
                        body.push('"');
                    }
                    _ => body.push('\\'),
                },
                c => body.push(c),
            }
        }
        let line = self.line_at(start);
        let list: List = self.within(&body, self.base + start + 1, line, |parser| {
            let list = parser.list(&[])?;
            if parser.peek().is_some() {
                return Err(parser.error(ErrorKind::UnexpectedToken(")".to_owned()), parser.here(1)));
            }
            Ok(list)
        })?;
        parts.push(Part::Substitution { list, quoted });
        Ok(())
    }
}

/// Adds a plain character.
fn literal(parts: &mut Vec<Part>, c: char) {
    match parts.last_mut() {
        Some(Part::Literal(text)) => text.push(c),
        _ => parts.push(Part::Literal(c.into())),
    }
}

/// The length of what stands between `$((` (already passed) and its `))`.
fn arithmetic_length(text: &str) -> Option<usize> {
    let mut open = 0usize;
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'(' => open += 1,
            b')' if open > 0 => open -= 1,
            b')' => return bytes.peek().is_some_and(|(_, next)| *next == b')').then_some(at),
            b'\n' | b'`' | b'"' | b'\'' => return None,
            _ => {}
        }
    }
    None
}

/// True if the `$((` at the start of `text` is arithmetic, and not a subshell in a substitution.
fn closes_arithmetic(text: &str) -> bool {
    arithmetic_length(text.get(3..).unwrap_or_default()).is_some()
}
