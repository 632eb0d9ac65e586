//! Tokens of a JMESPath expression with their places in characters.

use serde_json::Value;

use crate::formats::{python, python_json};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Eof,
    UnquotedIdentifier,
    QuotedIdentifier,
    Literal,
    Rbracket,
    Rparen,
    Comma,
    Rbrace,
    Number,
    Current,
    Expref,
    Colon,
    Pipe,
    Or,
    And,
    Eq,
    Gt,
    Lt,
    Gte,
    Lte,
    Ne,
    Flatten,
    Star,
    Filter,
    Dot,
    Not,
    Lbrace,
    Lbracket,
    Lparen,
}

impl Kind {
    /// The name in messages and how strongly the token binds to what stands before it.
    const fn traits(self) -> (&'static str, u8) {
        match self {
            Self::Eof => ("eof", 0),
            Self::UnquotedIdentifier => ("unquoted_identifier", 0),
            Self::QuotedIdentifier => ("quoted_identifier", 0),
            Self::Literal => ("literal", 0),
            Self::Rbracket => ("rbracket", 0),
            Self::Rparen => ("rparen", 0),
            Self::Comma => ("comma", 0),
            Self::Rbrace => ("rbrace", 0),
            Self::Number => ("number", 0),
            Self::Current => ("current", 0),
            Self::Expref => ("expref", 0),
            Self::Colon => ("colon", 0),
            Self::Pipe => ("pipe", 1),
            Self::Or => ("or", 2),
            Self::And => ("and", 3),
            Self::Eq => ("eq", 5),
            Self::Gt => ("gt", 5),
            Self::Lt => ("lt", 5),
            Self::Gte => ("gte", 5),
            Self::Lte => ("lte", 5),
            Self::Ne => ("ne", 5),
            Self::Flatten => ("flatten", 9),
            Self::Star => ("star", 20),
            Self::Filter => ("filter", 21),
            Self::Dot => ("dot", 40),
            Self::Not => ("not", 45),
            Self::Lbrace => ("lbrace", 50),
            Self::Lbracket => ("lbracket", 55),
            Self::Lparen => ("lparen", 60),
        }
    }

    /// The name in messages.
    pub(super) const fn name(self) -> &'static str {
        self.traits().0
    }

    /// How strongly the token binds to what stands before it.
    pub(super) const fn power(self) -> u8 {
        self.traits().1
    }
}

/// A token, its value (the name, the literal, the number, else the text itself) and its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) value: Value,
    pub(super) start: usize,
}

impl Token {
    /// The value as messages show it.
    pub(super) fn text(&self) -> String {
        python::str(&self.value)
    }
}

/// The tokens of an expression, the last one [`Kind::Eof`]. Fails with the whole message.
pub(super) fn tokens(expression: &str) -> Result<Vec<Token>, String> {
    let mut lexer = Lexer { chars: expression.chars().collect(), at: 0 };
    let mut out = Vec::new();
    loop {
        while matches!(lexer.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            lexer.at += 1;
        }
        let start = lexer.at;
        let Some(c) = lexer.peek() else { break };
        let (kind, value) = lexer.token(c).map_err(|(message, place)| {
            format!("Bad jmespath expression: {message}:\n{expression}\n{}^", " ".repeat(place))
        })?;
        out.push(Token { kind, value, start });
    }
    out.push(Token { kind: Kind::Eof, value: Value::from(""), start: lexer.chars.len() });
    Ok(out)
}

type Fault = (String, usize);

struct Lexer {
    chars: Vec<char>,
    at: usize,
}

impl Lexer {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn run(&mut self, allowed: fn(char) -> bool) -> String {
        let run: String = self.chars.iter().skip(self.at).take_while(|c| allowed(**c)).collect();
        self.at += run.chars().count();
        run
    }

    fn token(&mut self, c: char) -> Result<(Kind, Value), Fault> {
        let start = self.at;
        if c.is_ascii_alphabetic() || c == '_' {
            let name = self.run(|c| c.is_ascii_alphanumeric() || c == '_');
            return Ok((Kind::UnquotedIdentifier, Value::from(name)));
        }
        self.at += 1;
        let simple = |kind| Ok((kind, Value::from(c.to_string())));
        match c {
            '.' => simple(Kind::Dot),
            '*' => simple(Kind::Star),
            ']' => simple(Kind::Rbracket),
            ',' => simple(Kind::Comma),
            ':' => simple(Kind::Colon),
            '@' => simple(Kind::Current),
            '(' => simple(Kind::Lparen),
            ')' => simple(Kind::Rparen),
            '{' => simple(Kind::Lbrace),
            '}' => simple(Kind::Rbrace),
            '[' if self.take(']') => Ok((Kind::Flatten, Value::from("[]"))),
            '[' if self.take('?') => Ok((Kind::Filter, Value::from("[?"))),
            '[' => simple(Kind::Lbracket),
            '|' if self.take('|') => Ok((Kind::Or, Value::from("||"))),
            '|' => simple(Kind::Pipe),
            '&' if self.take('&') => Ok((Kind::And, Value::from("&&"))),
            '&' => simple(Kind::Expref),
            '<' if self.take('=') => Ok((Kind::Lte, Value::from("<="))),
            '<' => simple(Kind::Lt),
            '>' if self.take('=') => Ok((Kind::Gte, Value::from(">="))),
            '>' => simple(Kind::Gt),
            '!' if self.take('=') => Ok((Kind::Ne, Value::from("!="))),
            '!' => simple(Kind::Not),
            '=' if self.take('=') => Ok((Kind::Eq, Value::from("=="))),
            '=' => Err(("Unknown token '='".to_owned(), start)),
            '\'' => Ok((Kind::Literal, Value::from(self.until('\'')?.replace("\\'", "'")))),
            '`' => self.json_literal(start),
            '"' => self.quoted_identifier(start),
            '-' | '0'..='9' => self.number(c, start),
            other => Err((format!("Unknown token {other}"), start)),
        }
    }

    fn number(&mut self, first: char, start: usize) -> Result<(Kind, Value), Fault> {
        let digits = self.run(|c| c.is_ascii_digit());
        if first == '-' && digits.is_empty() {
            return Err(("Unknown token '-'".to_owned(), start));
        }
        let limit = if first == '-' { i64::MIN } else { i64::MAX };
        let number = format!("{first}{digits}").parse().unwrap_or(limit);
        Ok((Kind::Number, Value::from(number)))
    }

    /// Text between back quotes: JSON, or in an old notation a text without its quotes.
    fn json_literal(&mut self, start: usize) -> Result<(Kind, Value), Fault> {
        let text = self.until('`')?.replace("\\`", "`");
        let old_notation = || python_json::parse(&format!("\"{}\"", text.trim_start()));
        match python_json::parse(&text).or_else(|_| old_notation()) {
            Ok(value) => Ok((Kind::Literal, value)),
            Err(_) => Err((format!("Bad token {text}"), start)),
        }
    }

    fn quoted_identifier(&mut self, start: usize) -> Result<(Kind, Value), Fault> {
        let text = format!("\"{}\"", self.until('"')?);
        match python_json::parse(&text) {
            Ok(name) => Ok((Kind::QuotedIdentifier, name)),
            Err(error) => Err((error.message.to_owned(), start)),
        }
    }

    /// The text up to the delimiter, which a backslash hides; escapes stay as they are.
    fn until(&mut self, delimiter: char) -> Result<String, Fault> {
        let start = self.at - 1;
        let mut out = String::new();
        loop {
            let mut c = self.peek();
            if c == Some(delimiter) {
                self.at += 1;
                return Ok(out);
            }
            if c == Some('\\') {
                out.push('\\');
                self.at += 1;
                c = self.peek();
            }
            out.push(c.ok_or_else(|| (format!("Unclosed {delimiter} delimiter"), start))?);
            self.at += 1;
        }
    }
}
