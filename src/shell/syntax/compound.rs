//! The compound commands of bash: `case`, `[[ … ]]`, `((…))`, functions, arrays.

use super::ast::*;
use super::error::{Incomplete, SyntaxError};
use super::parser::{Parser, is_name};

impl Parser<'_> {
    pub(super) fn case_command(&mut self) -> Result<CommandKind, SyntaxError> {
        self.expect("case")?;
        let Some(word) = self.word()? else { return Err(self.unexpected()) };
        self.skip_newlines()?;
        self.expect("in")?;
        let mut arms = Vec::new();
        loop {
            self.skip_newlines()?;
            if self.keyword() == Some("esac") {
                self.expect("esac")?;
                return Ok(CommandKind::Case { word, arms });
            }
            self.eat("(");
            let mut patterns = Vec::new();
            loop {
                self.skip_blanks();
                match self.word()? {
                    Some(pattern) => patterns.push(pattern),
                    None if self.peek().is_none() => return Err(self.incomplete(Incomplete::Command)),
                    None => return Err(self.unexpected()),
                }
                self.skip_blanks();
                if !self.eat("|") {
                    break;
                }
            }
            self.expect_char(')')?;
            let body = self.list(&["esac", ";;"])?;
            let end = if self.eat(";;&") {
                CaseEnd::GoOn
            } else if self.eat(";;") {
                CaseEnd::Done
            } else if self.eat(";&") {
                CaseEnd::FallThrough
            } else if self.keyword() == Some("esac") {
                CaseEnd::Done
            } else if self.peek().is_none() {
                return Err(self.incomplete(Incomplete::Command));
            } else {
                return Err(self.unexpected());
            };
            arms.push(CaseArm { patterns, body, end });
        }
    }

    /// `function name { … }`.
    pub(super) fn function_keyword(&mut self) -> Result<CommandKind, SyntaxError> {
        self.expect("function")?;
        match self.word()? {
            Some(name) => match name.literal() {
                Some(name) => self.function(name.to_owned()),
                None => Err(self.unexpected()),
            },
            None if self.peek().is_none() => Err(self.incomplete(Incomplete::Command)),
            None => Err(self.unexpected()),
        }
    }

    /// What follows a function's name.
    pub(super) fn function(&mut self, name: String) -> Result<CommandKind, SyntaxError> {
        self.skip_blanks();
        if self.eat("(") {
            self.skip_blanks();
            self.expect_char(')')?;
        }
        self.skip_newlines()?;
        let start = self.pos;
        if self.peek().is_none() {
            return Err(self.incomplete(Incomplete::Command));
        }
        let body = self.command()?;
        if matches!(body.kind, CommandKind::Simple { .. } | CommandKind::Function { .. }) {
            self.pos = start;
            return Err(self.unexpected());
        }
        let body = self.text.get(start..self.pos).unwrap_or_default().trim_end().to_owned();
        Ok(CommandKind::Function { name, body })
    }

    /// `((…))`, or a subshell in a subshell if it does not end so.
    pub(super) fn arithmetic_command(&mut self) -> Result<CommandKind, SyntaxError> {
        match self.double_parentheses()? {
            Some(expression) => Ok(CommandKind::Arithmetic(expression)),
            None => self.subshell(),
        }
    }

    /// What stands in `((` and `))`.
    fn double_parentheses(&mut self) -> Result<Option<Word>, SyntaxError> {
        let (start, mut open, mut end, mut closed) = (self.pos + 2, 0usize, None, false);
        for (at, byte) in self.rest().bytes().enumerate().skip(2) {
            match byte {
                b'(' => open += 1,
                b')' if open > 0 => open -= 1,
                b')' => {
                    closed = true;
                    end = self.rest().get(at..).filter(|rest| rest.starts_with("))")).map(|_| at);
                    break;
                }
                _ => {}
            }
        }
        if !closed {
            return Err(self.incomplete(Incomplete::Closing(')')));
        }
        let Some(end) = end else { return Ok(None) };
        let text = self.rest().get(2..end).unwrap_or_default();
        let word = self.expression(text, start)?;
        self.pos += end + 2;
        Ok(Some(word))
    }

    /// An arithmetic expression that begins at `start`.
    pub(super) fn expression(&mut self, text: &str, start: usize) -> Result<Word, SyntaxError> {
        let line = self.line_at(start);
        let base = self.base + start;
        let parts = self.within(text, base, line, |parser| parser.here_parts())?;
        Ok(Word { range: base..base + text.len(), parts })
    }

    pub(super) fn for_arithmetic(&mut self) -> Result<CommandKind, SyntaxError> {
        let start = self.pos + 2;
        let Some(whole) = self.double_parentheses()? else { return Err(self.unexpected()) };
        let text = self.text.get(start..start + whole.range.len()).unwrap_or_default();
        let (mut parts, mut at) = (Vec::new(), start);
        for part in text.split(';') {
            parts.push(self.expression(part, at)?);
            at += part.len() + 1;
        }
        if parts.len() != 3 {
            return Err(self.unexpected());
        }
        self.skip_blanks();
        self.eat(";");
        self.skip_newlines()?;
        let body = if self.keyword() == Some("{") {
            match self.group()? {
                CommandKind::Group(body) => body,
                _ => return Err(self.unexpected()),
            }
        } else {
            self.do_group()?
        };
        Ok(CommandKind::ForArithmetic { parts, body })
    }

    pub(super) fn conditional(&mut self) -> Result<CommandKind, SyntaxError> {
        self.expect("[[")?;
        let test = self.test_or()?;
        self.skip_newlines()?;
        self.expect("]]")?;
        Ok(CommandKind::Conditional(test))
    }

    fn test_or(&mut self) -> Result<Test, SyntaxError> {
        let mut left = self.test_and()?;
        loop {
            self.skip_newlines()?;
            if !self.eat("||") {
                return Ok(left);
            }
            left = Test::Or(left.into(), self.test_and()?.into());
        }
    }

    fn test_and(&mut self) -> Result<Test, SyntaxError> {
        let mut left = self.test()?;
        loop {
            self.skip_newlines()?;
            if !self.eat("&&") {
                return Ok(left);
            }
            left = Test::And(left.into(), self.test()?.into());
        }
    }

    fn test(&mut self) -> Result<Test, SyntaxError> {
        self.nested(|parser| {
            parser.skip_newlines()?;
            if parser.keyword() == Some("!") {
                parser.expect("!")?;
                return Ok(Test::Not(parser.test()?.into()));
            }
            if parser.eat("(") {
                let inner = parser.test_or()?;
                parser.skip_newlines()?;
                parser.expect_char(')')?;
                return Ok(inner);
            }
            let left = parser.test_word()?;
            parser.skip_blanks();
            let ends = parser.keyword() == Some("]]")
                || ["&&", "||", ")", "\n"].iter().any(|end| parser.rest().starts_with(end));
            if ends {
                return Ok(Test::Unary("-n".to_owned(), left));
            }
            if let Some(operator) = left.literal().filter(|text| text.len() == 2 && text.starts_with('-')) {
                let operator = operator.to_owned();
                return Ok(Test::Unary(operator, parser.test_word()?));
            }
            let operator = if parser.eat("<") {
                "<".to_owned()
            } else if parser.eat(">") {
                ">".to_owned()
            } else {
                match parser.test_word()?.literal() {
                    Some(operator) => operator.to_owned(),
                    None => return Err(parser.unexpected()),
                }
            };
            parser.skip_blanks();
            let right = if operator == "=~" { parser.regex_word()? } else { parser.test_word()? };
            Ok(Test::Binary(left, operator, right))
        })
    }

    fn test_word(&mut self) -> Result<Word, SyntaxError> {
        self.skip_blanks();
        match self.word()? {
            Some(word) => Ok(word),
            None if self.peek().is_none() => Err(self.incomplete(Incomplete::Command)),
            None => Err(self.unexpected()),
        }
    }

    /// `( word [index]=word … )`.
    pub(super) fn array_items(&mut self) -> Result<Vec<(Option<Word>, Word)>, SyntaxError> {
        self.expect_char('(')?;
        let mut items = Vec::new();
        loop {
            self.skip_newlines()?;
            if self.eat(")") {
                return Ok(items);
            }
            let indexed = self.peek() == Some('[')
                && self.rest().split_once("]=").is_some_and(|(index, _)| !index.contains([' ', '\n', ')']));
            let mut index = None;
            if indexed {
                self.pos += 1;
                index = Some(self.index_word()?);
                self.eat("=");
            }
            match self.word()? {
                Some(word) => items.push((index, word)),
                None if index.is_some() => items.push((index, Word { range: self.here(0), parts: Vec::new() })),
                None if self.peek().is_none() => return Err(self.incomplete(Incomplete::Closing(')'))),
                None => return Err(self.unexpected()),
            }
        }
    }

    /// `NAME=` or `NAME+=` and its value.
    pub(super) fn assignment(&mut self) -> Result<Option<Assignment>, SyntaxError> {
        let rest = self.rest();
        let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let name = rest.get(..length).unwrap_or_default();
        let after = rest.get(length..).unwrap_or_default();
        let append = after.starts_with("+=");
        if !is_name(name) {
            return Ok(None);
        }
        let before = self.pos;
        let (name, mut index) = (name.to_owned(), None);
        if after.starts_with('[') {
            // `name[index]=`: otherwise a word such as `a[b]`.
            let closes =
                after.split([' ', '\t', '\n']).next().is_some_and(|word| word.contains("]=") || word.contains("]+="));
            let spaced = after
                .find(']')
                .and_then(|at| after.get(at + 1..))
                .is_some_and(|rest| rest.starts_with('=') || rest.starts_with("+="));
            if !closes && !spaced {
                return Ok(None);
            }
            self.pos += length + 1;
            index = Some(self.index_word()?);
            if !(self.rest().starts_with('=') || self.rest().starts_with("+=")) {
                self.pos = before;
                return Ok(None);
            }
        } else if append || after.starts_with('=') {
            self.pos += length;
        } else {
            return Ok(None);
        }
        let append = self.eat("+");
        self.eat("=");
        if self.peek() == Some('(') {
            let range = self.here(1);
            let array = Some(self.nested(Self::array_items)?);
            return Ok(Some(Assignment { name, index, array, append, value: Word { range, parts: Vec::new() } }));
        }
        let value = self.word()?.unwrap_or(Word { range: self.here(0), parts: Vec::new() });
        Ok(Some(Assignment { name, index, array: None, append, value }))
    }
}
