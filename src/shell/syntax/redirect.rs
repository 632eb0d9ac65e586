//! Redirections and here-documents.

use std::cell::OnceCell;
use std::rc::Rc;

use super::ast::{Part, Redirection, RedirectionKind, Word};
use super::error::{ErrorKind, SyntaxError};
use super::parser::{OpenHereDocument, Parser, Pending};
use super::placeholder;

impl Parser<'_> {
    /// The redirection that comes next, if one does.
    pub(super) fn redirection(&mut self) -> Result<Option<Redirection>, SyntaxError> {
        let start = self.pos;
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let operator = self.rest().get(digits..).unwrap_or_default();
        let both = digits == 0 && operator.starts_with("&>");
        // `<(list)` and `>(list)` are words.
        if digits == 0 && (operator.starts_with("<(") || operator.starts_with(">(")) {
            return Ok(None);
        }
        if !both && !operator.starts_with(['<', '>']) {
            return Ok(None);
        }
        if digits == 0
            && let Some((name, length)) = placeholder::unquoted(self.text, self.pos)
        {
            return Err(self.error(ErrorKind::Placeholder(name), self.here(length)));
        }
        for (form, instead) in [("<>", "use `<` or `>`"), ("<&", "use `<` with a file")] {
            if operator.starts_with(form) {
                return Err(self.unsupported(form, instead, self.here(digits + 2)));
            }
        }
        let descriptor = match self.rest().get(..digits) {
            Some("") => None,
            Some("0") => Some(0),
            Some("1") => Some(1),
            Some("2") => Some(2),
            other => {
                let what = format!("{}>", other.unwrap_or_default());
                return Err(self.unsupported(&what, "only 0, 1 and 2 can be redirected", self.here(digits)));
            }
        };
        self.pos += digits;
        let output = descriptor.unwrap_or(1);
        let kind = if self.eat("<<<") {
            RedirectionKind::HereString(self.target()?)
        } else if self.eat("<<-") {
            self.here_document(true)?
        } else if self.eat("<<") {
            self.here_document(false)?
        } else if self.eat("<") {
            RedirectionKind::Read(self.target()?)
        } else if self.eat("&>>") {
            RedirectionKind::WriteBoth { append: true, file: self.target()? }
        } else if self.eat("&>") {
            RedirectionKind::WriteBoth { append: false, file: self.target()? }
        } else if self.eat(">&") {
            let target = self.target()?;
            match (target.literal(), descriptor) {
                (Some("1"), _) => RedirectionKind::Duplicate { descriptor: output, of: 1 },
                (Some("2"), _) => RedirectionKind::Duplicate { descriptor: output, of: 2 },
                (Some("-"), _) => RedirectionKind::Close(output),
                (_, None) => RedirectionKind::WriteBoth { append: false, file: target },
                (_, Some(_)) => {
                    let instead = "only `>&1`, `>&2` and `>&-` are";
                    return Err(self.unsupported("n>&word", instead, target.range));
                }
            }
        } else {
            let append = self.eat(">>");
            if !append {
                self.pos += 1;
            }
            let force = !append && self.eat("|");
            RedirectionKind::Write { descriptor: output, append, force, file: self.target()? }
        };
        Ok(Some(Redirection { range: self.base + start..self.base + self.pos, kind }))
    }

    fn target(&mut self) -> Result<Word, SyntaxError> {
        self.skip_blanks();
        match self.word()? {
            Some(word) => Ok(word),
            None if self.peek().is_none() => {
                Err(self.error(ErrorKind::UnexpectedToken("newline".to_owned()), self.here(0)))
            }
            None => Err(self.unexpected()),
        }
    }

    fn here_document(&mut self, strip_tabs: bool) -> Result<RedirectionKind, SyntaxError> {
        let line = self.line_at(self.pos);
        let target = self.target()?;
        let mut delimiter = String::new();
        let mut quoted = false;
        for part in &target.parts {
            match part {
                Part::Literal(text) => delimiter.push_str(text),
                Part::Quoted(text) => {
                    delimiter.push_str(text);
                    quoted = true;
                }
                _ => return Err(self.unsupported("<<$…", "use a plain word such as `<<EOF`", target.range.clone())),
            }
        }
        let body = Rc::new(OnceCell::new());
        self.pending.push(Pending { delimiter, quoted, strip_tabs, line, body: Rc::clone(&body) });
        Ok(RedirectionKind::HereDocument(body))
    }

    pub(super) fn here_body(&mut self, pending: Pending) -> Result<(), SyntaxError> {
        let start = self.pos;
        let mut body = String::new();
        let mut closed = false;
        while !closed && self.pos < self.text.len() {
            let rest = self.rest();
            let length = rest.find('\n').unwrap_or(rest.len());
            let whole = rest.get(..length).unwrap_or_default();
            let line = if pending.strip_tabs { whole.trim_start_matches('\t') } else { whole };
            closed = line == pending.delimiter;
            if !closed {
                body.push_str(line);
                body.push('\n');
            }
            self.pos = (self.pos + length + 1).min(self.text.len());
        }
        if !closed {
            self.open_here_documents
                .push(OpenHereDocument { line: pending.line, delimiter: pending.delimiter.clone() });
        }
        let end = self.pos - usize::from(closed && self.text.as_bytes().get(self.pos - 1) == Some(&b'\n'));
        self.here_end = self.base + end;
        let range = self.base + start..self.base + end;
        let parts = if pending.quoted {
            vec![Part::Quoted(body)]
        } else {
            let line = self.line_at(start);
            self.within(&body, range.start, line, |parser| parser.here_parts())?
        };
        // The cell is new: this is the only place that fills it.
        let _ = pending.body.set(Word { range, parts });
        Ok(())
    }

    /// A here-document whose line is the last of the text: its body is empty.
    pub(super) fn close_at_end(&mut self, pending: Pending) {
        let _ = pending.body.set(Word { range: self.here(0), parts: Vec::new() });
        self.open_here_documents.push(OpenHereDocument { line: pending.line, delimiter: pending.delimiter });
    }
}
