//! Terms of jq: paths, texts, arrays, objects, calls, and the forms that begin with a word.

use std::cell::OnceCell;
use std::rc::Rc;

use serde_json::{Number, Value};

use super::functions;
use super::library::LIBRARY;
use super::parse::{Definition, Error, Filter, KEYWORDS, Kind, MAX_PARTS, Parsed, Parser};

impl Parser<'_> {
    pub(super) fn postfix(&mut self) -> Parsed<Filter> {
        self.skip();
        let mut filter = self.deeper(Self::primary)?;
        let mut parts = 0;
        loop {
            parts += 1;
            if parts > MAX_PARTS {
                return Err(Error::Unsupported(format!("a path of more than {MAX_PARTS} parts")));
            }
            self.skip();
            if !self.rest.starts_with("?//") && self.eat("?") {
                filter = Filter::Try(filter.into(), None);
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
                    if name == "base32" || name == "base32d" {
                        return Err(Error::Unsupported(format!("@{name}")));
                    }
                    return Err(Error::Compile(format!("{name} is not a valid format")));
                }
                self.rest = self.rest.get(name.len()..).unwrap_or_default();
                self.skip();
                if self.rest.starts_with('"') { self.text(Some(name)) } else { Ok(Filter::Format(name)) }
            }
            '$' => {
                let name = self.variable_name()?;
                match (self.known(Kind::Variable, &name), name.as_str()) {
                    (Some(id), _) => Ok(Filter::Variable(id)),
                    (None, "ENV") => Ok(Filter::Environment),
                    (None, "__loc__") => {
                        let read = self.whole.len().saturating_sub(self.rest.len());
                        let line = self.whole.get(..read).map_or(1, |text| text.matches('\n').count() + 1);
                        Ok(Filter::Literal(serde_json::json!({"file": "<top-level>", "line": line})))
                    }
                    (None, _) => Err(Error::Compile(format!("${name} is not defined"))),
                }
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
            Err(_) => match text.parse::<f64>().ok().and_then(|number| Number::from_f64(number.min(f64::MAX))) {
                Some(number) => Value::Number(number),
                None => return Err(self.unexpected()),
            },
        };
        self.rest = after;
        Ok(Filter::Literal(value))
    }

    /// A text, with the format for what is put into it.
    pub(super) fn text(&mut self, format: Option<String>) -> Parsed<Filter> {
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
                            let mut codes = vec![self.code_unit()?];
                            if (0xD800..0xDC00).contains(&codes.iter().copied().next().unwrap_or(0))
                                && self.rest.starts_with("\\u")
                            {
                                self.rest = self.rest.get(2..).unwrap_or_default();
                                codes.push(self.code_unit()?);
                            }
                            text.push_str(&String::from_utf16_lossy(&codes));
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

    /// The four digits after `\\u`.
    fn code_unit(&mut self) -> Parsed<u16> {
        let code = self.rest.get(..4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let Some(code) = code else {
            return Err(Error::Compile("syntax error, unexpected INVALID_CHARACTER".to_owned()));
        };
        self.rest = self.rest.get(4..).unwrap_or_default();
        Ok(code)
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
                    let name = self.rest.get(1..).unwrap_or_default();
                    let length = name.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
                    let name = name.get(..length).unwrap_or_default().to_owned();
                    short = Some(self.primary()?);
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
        match name {
            "if" => return self.condition(),
            "import" | "include" => return Err(Error::Unsupported(name.to_owned())),
            "try" => {
                self.keyword("try");
                let body = self.deeper(Self::postfix)?;
                let handler = if self.keyword("catch") { Some(self.deeper(Self::postfix)?.into()) } else { None };
                return Ok(Filter::Try(body.into(), handler));
            }
            "reduce" | "foreach" => return self.fold(name == "reduce"),
            "break" => {
                self.keyword("break");
                let name = self.variable_name()?;
                return match self.known(Kind::Label, &name) {
                    Some(id) => Ok(Filter::Break(id)),
                    None => Err(Error::Compile(format!("$*label-{name} is not defined"))),
                };
            }
            _ => {}
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
        if let Some(id) = self.known(Kind::Function(count), name) {
            return Ok(Filter::User(id, arguments));
        }
        if let Some((known, _)) = functions::NAMES.iter().find(|(known, arity)| *known == name && *arity == count) {
            return Ok(Filter::Call(known, arguments));
        }
        match LIBRARY.iter().position(|(known, arity, _)| *known == name && *arity == count) {
            Some(place) => Ok(Filter::Library(self.library_function(place)?, arguments)),
            None if functions::ELSEWHERE.contains(&name) => Err(Error::Unsupported(format!("{name}/{count}"))),
            None => Err(Error::Compile(format!("{name}/{count} is not defined"))),
        }
    }

    /// A function of the library, read when it is first needed.
    fn library_function(&mut self, place: usize) -> Parsed<Rc<OnceCell<Definition>>> {
        if let Some((_, found)) = self.library.iter().find(|(known, _)| *known == place) {
            return Ok(Rc::clone(found));
        }
        let cell = Rc::new(OnceCell::new());
        self.library.push((place, Rc::clone(&cell)));
        let text = LIBRARY.get(place).map_or("", |(_, _, text)| text);
        let mut inner = Parser {
            whole: text,
            rest: text,
            depth: 0,
            scope: Vec::new(),
            ids: self.ids,
            library: std::mem::take(&mut self.library),
        };
        inner.keyword("def");
        let definition = inner.definition();
        (self.ids, self.library) = (inner.ids, inner.library);
        // The cell is new: this is the only place that fills it.
        let _ = cell.set(definition?);
        Ok(cell)
    }

    /// `reduce SOURCE as $x (init; update)` and `foreach`.
    fn fold(&mut self, is_reduce: bool) -> Parsed<Filter> {
        self.keyword(if is_reduce { "reduce" } else { "foreach" });
        let source = self.deeper(Self::postfix)?;
        if !self.keyword("as") {
            return Err(self.unexpected());
        }
        let scope = self.scope.len();
        let pattern = self.pattern(scope)?;
        let added = self.scope.split_off(scope);
        self.need("(")?;
        let init = self.pipe()?;
        self.need(";")?;
        self.scope.extend(added);
        let update = self.pipe()?;
        let extract = if !is_reduce && self.eat(";") { Some(self.pipe()?.into()) } else { None };
        self.need(")")?;
        self.scope.truncate(scope);
        Ok(match is_reduce {
            true => Filter::Reduce(source.into(), pattern, init.into(), update.into()),
            false => Filter::Foreach(source.into(), pattern, init.into(), update.into(), extract),
        })
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
