//! The program of jq into a filter.

use serde_json::{Number, Value};

use super::functions;

/// How deep expressions may stand in each other.
const MAX_DEPTH: usize = 30;
/// The longest program, in bytes.
const MAX_PROGRAM_BYTES: usize = 10_000;
/// The most parts of one expression on a level: they are evaluated inside each other.
const MAX_PARTS: usize = 60;

/// A filter.
#[derive(Debug, Clone)]
pub(super) enum Filter {
    Identity,
    Recurse,
    Literal(Value),
    /// Text with `\( )` in it, and the `@format` before it.
    Text(Option<String>, Vec<(String, Option<Filter>)>),
    Format(String),
    Variable(String),
    Index(Box<Filter>, Box<Filter>),
    Slice(Box<Filter>, Option<Box<Filter>>, Option<Box<Filter>>),
    Iterate(Box<Filter>),
    Try(Box<Filter>),
    Negative(Box<Filter>),
    Pipe(Box<Filter>, Box<Filter>),
    Comma(Box<Filter>, Box<Filter>),
    Binary(&'static str, Box<Filter>, Box<Filter>),
    Bind(Box<Filter>, String, Box<Filter>),
    If(Vec<(Filter, Filter)>, Box<Filter>),
    Array(Option<Box<Filter>>),
    Object(Vec<(Filter, Filter)>),
    Call(&'static str, Vec<Filter>),
}

/// Why a program cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Error {
    /// jq's own message.
    Compile(String),
    /// jq has it, this one has not.
    Unsupported(String),
}

type Parsed<T> = Result<T, Error>;

/// Reads a program. `variables` are the names given by `--arg`.
pub(super) fn program(text: &str, variables: &[&str]) -> Parsed<Filter> {
    if text.len() > MAX_PROGRAM_BYTES {
        return Err(Error::Unsupported(format!("a program longer than {MAX_PROGRAM_BYTES} bytes")));
    }
    let mut parser =
        Parser { rest: text, depth: 0, variables: variables.iter().map(|name| (*name).to_owned()).collect() };
    parser.skip();
    if parser.rest.is_empty() {
        return Ok(Filter::Identity);
    }
    let filter = parser.pipe()?;
    parser.skip();
    if parser.rest.is_empty() { Ok(filter) } else { Err(parser.unexpected()) }
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
    variables: Vec<String>,
}

const KEYWORDS: [&str; 16] = [
    "def", "reduce", "foreach", "try", "catch", "label", "import", "include", "if", "then", "elif", "else", "end",
    "as", "and", "or",
];

/// Operators that join two filters, weakest first, with their level.
const OPERATORS: [(&str, u8); 14] = [
    ("//", 1),
    ("or", 2),
    ("and", 3),
    ("==", 4),
    ("!=", 4),
    ("<=", 4),
    (">=", 4),
    ("<", 4),
    (">", 4),
    ("+", 5),
    ("-", 5),
    ("*", 6),
    ("/", 6),
    ("%", 6),
];

impl<'a> Parser<'a> {
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with('#') {
                return;
            }
            self.rest = self.rest.find('\n').and_then(|at| self.rest.get(at..)).unwrap_or_default();
        }
    }

    fn eat(&mut self, token: &str) -> bool {
        self.skip();
        match self.rest.strip_prefix(token) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => false,
        }
    }

    fn need(&mut self, token: &str) -> Parsed<()> {
        if self.eat(token) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&mut self) -> Error {
        self.skip();
        let found = match self.rest.chars().next() {
            None => "$end".to_owned(),
            Some(_) if self.word().is_some_and(|word| !KEYWORDS.contains(&word)) => "IDENT".to_owned(),
            Some(_) if self.word().is_some() => self.word().unwrap_or_default().to_owned(),
            Some(c @ ('}' | ']' | ')' | '?' | ':' | ',' | '|' | '.')) => format!("'{c}'"),
            Some(c) => format!("'{c}'"),
        };
        Error::Compile(format!("syntax error, unexpected {found} (Unix shell quoting issues?)"))
    }

    /// The name that comes next.
    fn word(&self) -> Option<&'a str> {
        let length = self.rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        self.rest.get(..length).filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        self.skip();
        let found = self.word() == Some(keyword);
        if found {
            self.rest = self.rest.get(keyword.len()..).unwrap_or_default();
        }
        found
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(Error::Unsupported(format!("an expression more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn pipe(&mut self) -> Parsed<Filter> {
        self.deeper(|parser| {
            let mut stages = Vec::new();
            loop {
                parser.skip();
                if parser.word() == Some("def") {
                    return Err(Error::Unsupported("def".to_owned()));
                }
                let stage = parser.comma()?;
                if parser.keyword("as") {
                    parser.need("$")?;
                    let Some(name) = parser.word() else { return Err(Error::Unsupported("as […]".to_owned())) };
                    let name = name.to_owned();
                    parser.rest = parser.rest.get(name.len()..).unwrap_or_default();
                    parser.need("|")?;
                    parser.variables.push(name.clone());
                    let body = parser.pipe()?;
                    parser.variables.pop();
                    stages.push(Filter::Bind(stage.into(), name, body.into()));
                    break;
                }
                stages.push(stage);
                parser.skip();
                if parser.rest.starts_with("|=") || !parser.eat("|") {
                    break;
                }
                if stages.len() > MAX_PARTS {
                    return Err(Error::Unsupported(format!("a pipe of more than {MAX_PARTS} stages")));
                }
            }
            let mut stages = stages.into_iter().rev();
            let last = stages.next().unwrap_or(Filter::Identity);
            Ok(stages.fold(last, |after, before| Filter::Pipe(before.into(), after.into())))
        })
    }

    fn comma(&mut self) -> Parsed<Filter> {
        let mut left = self.binary(0)?;
        let mut parts = 0;
        while self.eat(",") {
            parts += 1;
            if parts > MAX_PARTS {
                return Err(Error::Unsupported(format!("a list of more than {MAX_PARTS} parts")));
            }
            let right = self.binary(0)?;
            left = Filter::Comma(left.into(), right.into());
        }
        Ok(left)
    }

    fn binary(&mut self, weakest: u8) -> Parsed<Filter> {
        let mut left = self.postfix()?;
        let mut parts = 0;
        loop {
            self.skip();
            for assignment in ["|=", "+=", "-=", "*=", "/=", "%=", "//="] {
                if self.rest.starts_with(assignment) {
                    return Err(Error::Unsupported(assignment.to_owned()));
                }
            }
            if self.rest.starts_with('=') && !self.rest.starts_with("==") {
                return Err(Error::Unsupported("=".to_owned()));
            }
            let word = self.word();
            let found = OPERATORS.iter().find(|(operator, _)| match word {
                Some(word) => word == *operator,
                None => self.rest.starts_with(operator),
            });
            let Some((operator, level)) = found.filter(|(_, level)| *level > weakest) else { return Ok(left) };
            self.rest = self.rest.get(operator.len()..).unwrap_or_default();
            parts += 1;
            if parts > MAX_PARTS {
                return Err(Error::Unsupported(format!("an expression of more than {MAX_PARTS} parts")));
            }
            // `//` groups to the right, the others to the left.
            let right = self.deeper(|parser| parser.binary(if *operator == "//" { 0 } else { *level }))?;
            left = Filter::Binary(operator, left.into(), right.into());
        }
    }

    fn postfix(&mut self) -> Parsed<Filter> {
        self.skip();
        if self.eat("-") {
            return self.deeper(|parser| Ok(Filter::Negative(parser.postfix()?.into())));
        }
        let mut filter = self.deeper(Self::primary)?;
        let mut parts = 0;
        loop {
            parts += 1;
            if parts > MAX_PARTS {
                return Err(Error::Unsupported(format!("a path of more than {MAX_PARTS} parts")));
            }
            self.skip();
            if self.eat("?") {
                filter = Filter::Try(filter.into());
            } else if self.rest.starts_with('[') {
                filter = self.brackets(filter)?;
            } else if self.rest.starts_with('.') && !self.rest.starts_with("..") {
                self.eat(".");
                self.skip();
                filter = match self.rest.chars().next() {
                    Some('[') => self.brackets(filter)?,
                    Some('"') => {
                        let name = self.text(None)?;
                        Filter::Index(filter.into(), name.into())
                    }
                    _ => match self.word() {
                        Some(name) => {
                            self.rest = self.rest.get(name.len()..).unwrap_or_default();
                            Filter::Index(filter.into(), Filter::Literal(name.into()).into())
                        }
                        None => return Err(self.unexpected()),
                    },
                };
            } else {
                return Ok(filter);
            }
        }
    }

    /// `[…]` after a filter.
    fn brackets(&mut self, of: Filter) -> Parsed<Filter> {
        self.need("[")?;
        if self.eat("]") {
            return Ok(Filter::Iterate(of.into()));
        }
        if self.eat(":") {
            let end = self.pipe()?;
            self.need("]")?;
            return Ok(Filter::Slice(of.into(), None, Some(end.into())));
        }
        let index = self.pipe()?;
        if self.eat(":") {
            let end = if self.eat("]") {
                return Ok(Filter::Slice(of.into(), Some(index.into()), None));
            } else {
                self.pipe()?
            };
            self.need("]")?;
            return Ok(Filter::Slice(of.into(), Some(index.into()), Some(end.into())));
        }
        self.need("]")?;
        Ok(Filter::Index(of.into(), index.into()))
    }

    fn primary(&mut self) -> Parsed<Filter> {
        self.skip();
        let Some(first) = self.rest.chars().next() else { return Err(self.unexpected()) };
        match first {
            '.' if self.rest.starts_with("..") => {
                self.eat("..");
                Ok(Filter::Recurse)
            }
            '.' => {
                let after = self.rest.get(1..).unwrap_or_default();
                if after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '"' || c == '[') {
                    // The path is read by `postfix`.
                    if after.starts_with('[') {
                        self.eat(".");
                    }
                    return Ok(Filter::Identity);
                }
                if after.starts_with(|c: char| c.is_ascii_digit()) {
                    return self.number();
                }
                self.eat(".");
                Ok(Filter::Identity)
            }
            '"' => self.text(None),
            '@' => {
                self.eat("@");
                let name = self.word().unwrap_or_default().to_owned();
                if !["text", "json", "csv", "tsv", "base64", "base64d", "sh", "uri", "html"].contains(&name.as_str()) {
                    return Err(Error::Compile(format!("{name} is not a valid format")));
                }
                self.rest = self.rest.get(name.len()..).unwrap_or_default();
                self.skip();
                if self.rest.starts_with('"') { self.text(Some(name)) } else { Ok(Filter::Format(name)) }
            }
            '$' => {
                self.eat("$");
                let name = self.word().unwrap_or_default().to_owned();
                self.rest = self.rest.get(name.len()..).unwrap_or_default();
                if matches!(name.as_str(), "ENV" | "__loc__") {
                    return Err(Error::Unsupported(format!("${name}")));
                }
                if !self.variables.contains(&name) {
                    return Err(Error::Compile(format!("${name} is not defined")));
                }
                Ok(Filter::Variable(name))
            }
            '(' => {
                self.eat("(");
                let inner = self.pipe()?;
                self.need(")")?;
                Ok(inner)
            }
            '[' => {
                self.eat("[");
                if self.eat("]") {
                    return Ok(Filter::Array(None));
                }
                let inner = self.pipe()?;
                self.need("]")?;
                Ok(Filter::Array(Some(inner.into())))
            }
            '{' => self.object(),
            c if c.is_ascii_digit() => self.number(),
            _ => self.named(),
        }
    }

    fn number(&mut self) -> Parsed<Filter> {
        let bytes = self.rest.as_bytes();
        let mut length = bytes.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
        if matches!(bytes.get(length), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
            let digits = bytes.iter().skip(length + 1 + sign).take_while(|b| b.is_ascii_digit()).count();
            length += if digits > 0 { 1 + sign + digits } else { 0 };
        }
        let (text, after) = self.rest.split_at(length);
        let value = match text.parse::<i64>() {
            Ok(whole) => Value::from(whole),
            Err(_) => match text.parse::<f64>().ok().and_then(Number::from_f64) {
                Some(number) => Value::Number(number),
                None => return Err(self.unexpected()),
            },
        };
        self.rest = after;
        Ok(Filter::Literal(value))
    }

    /// A text, with the format for what is put into it.
    fn text(&mut self, format: Option<String>) -> Parsed<Filter> {
        self.need("\"")?;
        let mut parts = Vec::new();
        let mut text = String::new();
        loop {
            let Some(c) = self.rest.chars().next() else { return Err(self.unexpected()) };
            self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
            match c {
                '"' => break,
                '\\' => {
                    let Some(escaped) = self.rest.chars().next() else { return Err(self.unexpected()) };
                    self.rest = self.rest.get(escaped.len_utf8()..).unwrap_or_default();
                    match escaped {
                        '(' => {
                            let inner = self.pipe()?;
                            self.need(")")?;
                            parts.push((std::mem::take(&mut text), Some(inner)));
                        }
                        'n' => text.push('\n'),
                        't' => text.push('\t'),
                        'r' => text.push('\r'),
                        'b' => text.push('\u{8}'),
                        'f' => text.push('\u{c}'),
                        '"' | '\\' | '/' => text.push(escaped),
                        'u' => {
                            let code = self.rest.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
                            let Some(c) = code.and_then(char::from_u32) else {
                                return Err(Error::Unsupported("\\u of that kind".to_owned()));
                            };
                            text.push(c);
                            self.rest = self.rest.get(4..).unwrap_or_default();
                        }
                        _ => return Err(Error::Compile("syntax error, unexpected INVALID_CHARACTER".to_owned())),
                    }
                }
                c => text.push(c),
            }
        }
        if parts.is_empty() {
            return Ok(Filter::Literal(Value::String(text)));
        }
        parts.push((text, None));
        Ok(Filter::Text(format, parts))
    }

    fn object(&mut self) -> Parsed<Filter> {
        self.need("{")?;
        let mut members = Vec::new();
        while !self.eat("}") {
            if members.len() > MAX_PARTS {
                return Err(Error::Unsupported(format!("an object of more than {MAX_PARTS} members")));
            }
            self.skip();
            // The value if only the name is given.
            let mut short = None;
            let key = match self.rest.chars().next() {
                Some('(') => {
                    self.eat("(");
                    let key = self.pipe()?;
                    self.need(")")?;
                    key
                }
                Some('$') => {
                    let Filter::Variable(name) = self.primary()? else { return Err(self.unexpected()) };
                    short = Some(Filter::Variable(name.clone()));
                    Filter::Literal(Value::String(name))
                }
                Some('"' | '@') => {
                    let key = self.primary()?;
                    short = Some(Filter::Index(Filter::Identity.into(), key.clone().into()));
                    key
                }
                _ => {
                    let Some(name) = self.word() else { return Err(self.unexpected()) };
                    self.rest = self.rest.get(name.len()..).unwrap_or_default();
                    let key = Filter::Literal(name.into());
                    short = Some(Filter::Index(Filter::Identity.into(), key.clone().into()));
                    key
                }
            };
            let value = if self.eat(":") {
                // A value is what `|` joins; a comma ends it.
                let mut value = self.binary(0)?;
                while self.eat("|") {
                    let after = self.binary(0)?;
                    value = Filter::Pipe(value.into(), after.into());
                }
                value
            } else {
                match short {
                    Some(value) => value,
                    None => return Err(self.unexpected()),
                }
            };
            members.push((key, value));
            self.skip();
            if !self.eat(",") && !self.rest.starts_with('}') {
                return Err(self.unexpected());
            }
        }
        Ok(Filter::Object(members))
    }

    fn named(&mut self) -> Parsed<Filter> {
        let Some(name) = self.word() else { return Err(self.unexpected()) };
        if name == "if" {
            return self.condition();
        }
        if ["def", "reduce", "foreach", "try", "label", "import", "include"].contains(&name) {
            return Err(Error::Unsupported(name.to_owned()));
        }
        if KEYWORDS.contains(&name) {
            return Err(self.unexpected());
        }
        self.rest = self.rest.get(name.len()..).unwrap_or_default();
        match name {
            "true" => return Ok(Filter::Literal(Value::Bool(true))),
            "false" => return Ok(Filter::Literal(Value::Bool(false))),
            "null" => return Ok(Filter::Literal(Value::Null)),
            _ => {}
        }
        let mut arguments = Vec::new();
        if self.eat("(") {
            loop {
                arguments.push(self.pipe()?);
                if self.eat(")") {
                    break;
                }
                self.need(";")?;
            }
        }
        let count = arguments.len();
        match functions::NAMES.iter().find(|(known, arity)| *known == name && *arity == count) {
            Some((known, _)) => Ok(Filter::Call(known, arguments)),
            None if functions::ELSEWHERE.contains(&name)
                || functions::NAMES.iter().any(|(known, _)| *known == name) =>
            {
                Err(Error::Unsupported(format!("{name}/{count}")))
            }
            None => Err(Error::Compile(format!("{name}/{count} is not defined"))),
        }
    }

    fn condition(&mut self) -> Parsed<Filter> {
        let mut branches = Vec::new();
        while self.keyword(if branches.is_empty() { "if" } else { "elif" }) {
            let condition = self.pipe()?;
            if !self.keyword("then") {
                return Err(self.unexpected());
            }
            branches.push((condition, self.pipe()?));
            if branches.len() > MAX_PARTS {
                return Err(Error::Unsupported(format!("more than {MAX_PARTS} branches")));
            }
        }
        // Newer versions allow `if` without `else`.
        let otherwise = if self.keyword("else") { self.pipe()? } else { Filter::Identity };
        if !self.keyword("end") {
            return Err(self.unexpected());
        }
        Ok(Filter::If(branches, otherwise.into()))
    }
}
