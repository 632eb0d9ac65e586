//! Scalars: plain, quoted and block.

use super::{Kind, Scanned, Scanner, Token, is_blank, is_break};

impl Scanner {
    pub(super) fn fetch_block_scalar(&mut self, literal: bool) -> Scanned {
        self.drop_key()?;
        self.key_allowed = true;
        let start = self.at;
        self.step(1);
        let (mut keep, mut width) = (None, None);
        for _ in 0..2 {
            match self.char(0) {
                Some(sign @ ('+' | '-')) if keep.is_none() => keep = Some(sign),
                Some('0') if width.is_none() => {
                    return Err(self.fault("found an indentation indicator equal to 0"));
                }
                Some(digit @ '1'..='9') if width.is_none() => width = digit.to_digit(10),
                _ => break,
            }
            self.step(1);
        }
        self.skip_to_line_end()?;
        let mut column = width.map(|width| usize::try_from(self.indent.max(0)).unwrap_or(0) + width as usize);
        let mut text = String::new();
        let (mut line_break, mut empty_lines) = (None::<char>, self.empty_lines(&mut column)?);
        let mut line_is_indented = false;
        while Some(self.at.column) == column && self.char(0).is_some() {
            let indented = self.is_blank();
            match line_break {
                Some('\n') if !literal && !line_is_indented && !indented => {
                    if empty_lines.is_empty() {
                        text.push(' ');
                    }
                }
                other => text.extend(other),
            }
            text.push_str(&empty_lines);
            line_is_indented = indented;
            text.push_str(&self.take_while(|c| !is_break(c)));
            line_break = self.take_break();
            empty_lines = self.empty_lines(&mut column)?;
        }
        if keep != Some('-') {
            text.extend(line_break);
        }
        if keep == Some('+') {
            text.push_str(&empty_lines);
        }
        self.push(Kind::Scalar { text, plain: false }, start);
        Ok(())
    }

    /// Takes empty lines of a block scalar and the indentation after them. The first text tells the column, if it is
    /// not known yet.
    fn empty_lines(&mut self, column: &mut Option<usize>) -> Scanned<String> {
        let (mut breaks, mut deepest) = (String::new(), 0);
        loop {
            while self.is(' ') && column.is_none_or(|column| self.at.column < column) {
                self.step(1);
            }
            deepest = deepest.max(self.at.column);
            if self.is('\t') && column.is_none_or(|column| self.at.column < column) {
                return Err(self.fault("found a tab character where an indentation space is expected"));
            }
            match self.take_break() {
                Some(line_break) => breaks.push(line_break),
                None => break,
            }
        }
        let least = usize::try_from(self.indent + 1).unwrap_or(0).max(1);
        column.get_or_insert(deepest.max(least));
        Ok(breaks)
    }

    pub(super) fn fetch_quoted(&mut self, quote: char) -> Scanned {
        self.save_key()?;
        self.key_allowed = false;
        let start = self.at;
        self.step(1);
        let mut text = String::new();
        loop {
            if self.at_document_marker() {
                return Err(self.fault("found unexpected document indicator"));
            }
            if self.char(0).is_none() {
                return Err(self.fault("found unexpected end of stream"));
            }
            let mut folded = Folded::default();
            while !self.is_space_at(0) && !(self.is(quote) && !(quote == '\'' && self.char(1) == Some('\''))) {
                match self.take() {
                    Some('\'') if quote == '\'' => {
                        self.step(1);
                        text.push('\'');
                    }
                    Some('\\') if quote == '"' => {
                        if self.take_break().is_some() {
                            folded.after_break = true;
                            break;
                        }
                        let c = self.escape()?;
                        text.push(c);
                    }
                    other => text.extend(other),
                }
            }
            if self.is(quote) && !folded.after_break {
                break;
            }
            self.fold(&mut folded, None)?;
            folded.finish(&mut text);
        }
        self.step(1);
        self.push(Kind::Scalar { text, plain: false }, start);
        Ok(())
    }

    /// What stands after a backslash.
    fn escape(&mut self) -> Scanned<char> {
        let sign = self.char(0);
        let digits = match sign {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            _ => {
                let c = match sign {
                    Some('0') => '\0',
                    Some('a') => '\u{7}',
                    Some('b') => '\u{8}',
                    Some('t' | '\t') => '\t',
                    Some('n') => '\n',
                    Some('v') => '\u{b}',
                    Some('f') => '\u{c}',
                    Some('r') => '\r',
                    Some('e') => '\u{1b}',
                    Some(c @ (' ' | '"' | '\'' | '\\')) => c,
                    Some('N') => '\u{85}',
                    Some('_') => '\u{a0}',
                    Some('L') => '\u{2028}',
                    Some('P') => '\u{2029}',
                    Some(_) => return Err(self.fault("found unknown escape character")),
                    None => return Err(self.fault("found unexpected end of stream")),
                };
                self.step(1);
                return Ok(c);
            }
        };
        let mut code = 0;
        for ahead in 1..=digits {
            match self.char(ahead).and_then(|c| c.to_digit(16)) {
                Some(digit) => code = code << 4 | digit,
                None => return Err(self.fault("did not find expected hexdecimal number")),
            }
        }
        let c = char::from_u32(code).ok_or_else(|| self.fault("found invalid Unicode character escape code"))?;
        self.step(1 + digits);
        Ok(c)
    }

    pub(super) fn fetch_plain(&mut self) -> Scanned {
        self.save_key()?;
        self.key_allowed = false;
        let (start, mut end) = (self.at, self.at);
        let indent = self.indent + 1;
        let mut text = String::new();
        let mut folded = Folded::default();
        while !self.at_document_marker() && !self.is('#') {
            while let Some(c) = self.char(0).filter(|c| !is_blank(*c) && !is_break(*c)) {
                let ends = c == ':' && self.is_space_at(1) || self.in_brackets() && ",?[]{}".contains(c);
                if ends {
                    break;
                }
                std::mem::take(&mut folded).finish(&mut text);
                text.push(c);
                self.step(1);
                end = self.at;
            }
            if !self.is_blank() && !self.is_break() {
                break;
            }
            self.fold(&mut folded, Some(indent))?;
            if !self.in_brackets() && self.column() < indent {
                break;
            }
        }
        self.tokens.push_back(Token { kind: Kind::Scalar { text, plain: true }, start, end });
        if folded.after_break {
            self.key_allowed = true;
        }
        Ok(())
    }

    /// Takes the blanks and line breaks within a scalar. Those of a plain scalar may not hold a tab left of `indent`.
    fn fold(&mut self, folded: &mut Folded, indent: Option<isize>) -> Scanned {
        loop {
            if self.is_blank() {
                if folded.after_break && self.is('\t') && indent.is_some_and(|indent| self.column() < indent) {
                    return Err(self.fault("found a tab character that violates indentation"));
                }
                let blank = self.take();
                if !folded.after_break {
                    folded.blanks.extend(blank);
                }
            } else if let Some(line_break) = self.take_break() {
                if folded.after_break {
                    folded.further_breaks.push(line_break);
                } else {
                    folded.blanks.clear();
                    folded.first_break = Some(line_break);
                    folded.after_break = true;
                }
            } else {
                return Ok(());
            }
        }
    }
}

/// Blanks and line breaks between two words of a scalar.
#[derive(Default)]
struct Folded {
    blanks: String,
    after_break: bool,
    first_break: Option<char>,
    further_breaks: String,
}

impl Folded {
    /// Blanks within a line stay; one line break becomes a blank; of several the first is left out.
    fn finish(self, text: &mut String) {
        match self.first_break {
            _ if !self.after_break => text.push_str(&self.blanks),
            Some('\n') if self.further_breaks.is_empty() => text.push(' '),
            Some('\n') => text.push_str(&self.further_breaks),
            other => {
                text.extend(other);
                text.push_str(&self.further_breaks);
            }
        }
    }
}
