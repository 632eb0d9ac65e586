//! Words of a template: text outside of braces, and what stands inside.

use serde_json::Value;

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Text outside of braces, already trimmed.
    Text(String),
    /// `{{`
    Open,
    /// `}}`
    Close,
    /// `.name`
    Field(String),
    /// `$name`
    Variable(String),
    /// A name: keyword, constant or function.
    Word(String),
    /// A text, number, character or constant.
    Value(Value),
    /// `:=`, `=`, `|`, `(`, `)`, `,` or `.`
    Sign(&'static str),
}

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its place in the source.
    pub at: usize,
    /// Its text.
    pub text: String,
    /// Nothing stands between it and the token before.
    pub joined: bool,
}

/// What is wrong, and where.
pub type Fault = (usize, String);

/// Cuts a template into tokens.
pub fn tokens(source: &str) -> Result<Vec<Token>, Fault> {
    let mut out: Vec<Token> = Vec::new();
    let mut at = 0;
    let mut trims = false;
    loop {
        let rest = source.get(at..).unwrap_or_default();
        let open = rest.find("{{");
        let mut text = rest.get(..open.unwrap_or(rest.len())).unwrap_or_default();
        if trims {
            text = text.trim_start();
        }
        let inside = open.map(|open| at + open + 2);
        let trims_before = inside.is_some_and(|inside| trim_mark(source.get(inside..).unwrap_or_default()));
        if trims_before {
            text = text.trim_end();
        }
        if !text.is_empty() {
            out.push(Token { kind: Kind::Text(text.to_owned()), at, text: text.to_owned(), joined: false });
        }
        let Some(inside) = inside else { return Ok(out) };
        at = if trims_before { inside + 1 } else { inside };
        let rest = source.get(at..).unwrap_or_default();
        let comment = rest.trim_start();
        if let Some(body) = comment.strip_prefix("/*") {
            let start = at + (rest.len() - comment.len());
            let Some(end) = body.find("*/") else { return Err((start, "unclosed comment".to_owned())) };
            let after = start + 2 + end + 2;
            let tail = source.get(after..).unwrap_or_default();
            let tight = tail.trim_start();
            (trims, at) = match (tail.strip_prefix("}}"), tight.strip_prefix("-}}")) {
                (Some(_), _) => (false, after + 2),
                (None, Some(rest)) if tight.len() < tail.len() => (true, source.len() - rest.len()),
                _ => return Err((start, "comment ends before closing delimiter".to_owned())),
            };
            continue;
        }
        (trims, at) = action(source, at, &mut out)?;
    }
}

/// `- ` behind the open braces.
fn trim_mark(rest: &str) -> bool {
    rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_whitespace))
}

/// Reads up to the closing braces; says whether they trim, and where they end.
fn action(source: &str, start: usize, out: &mut Vec<Token>) -> Result<(bool, usize), Fault> {
    let mut at = start;
    out.push(Token { kind: Kind::Open, at, text: "{{".to_owned(), joined: false });
    let mut depth = 0_usize;
    let mut joined = false;
    loop {
        let rest = source.get(at..).unwrap_or_default();
        let Some(first) = rest.chars().next() else { return Err((at, "unclosed action".to_owned())) };
        let trimmed = rest.trim_start();
        let trims = trimmed.len() < rest.len() && trimmed.starts_with("-}}");
        if depth == 0 && (trims || rest.starts_with("}}")) {
            let end = at + if trims { rest.len() - trimmed.len() + 3 } else { 2 };
            out.push(Token { kind: Kind::Close, at, text: "}}".to_owned(), joined: false });
            return Ok((trims, end));
        }
        if first.is_whitespace() {
            at += first.len_utf8();
            joined = false;
            continue;
        }
        let name = |text: &str| text.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(text.len());
        let tail = rest.get(first.len_utf8()..).unwrap_or_default();
        let fault = |text: String| Err((at, text));
        let (kind, length) = match first {
            ':' if tail.starts_with('=') => (Kind::Sign(":="), 2),
            ':' => return fault("expected :=".to_owned()),
            '=' => (Kind::Sign("="), 1),
            '|' => (Kind::Sign("|"), 1),
            ',' => (Kind::Sign(","), 1),
            '(' => {
                depth += 1;
                (Kind::Sign("("), 1)
            }
            ')' => {
                let Some(less) = depth.checked_sub(1) else { return fault("unexpected right paren".to_owned()) };
                depth = less;
                (Kind::Sign(")"), 1)
            }
            '"' => {
                let end = end_of_quoted(tail, '"').ok_or((at, "unterminated quoted string".to_owned()))?;
                (Kind::Value(unquote(tail.get(..end).unwrap_or_default()).into()), end + 2)
            }
            '`' => {
                let end = tail.find('`').ok_or((at, "unterminated raw quoted string".to_owned()))?;
                (Kind::Value(tail.get(..end).unwrap_or_default().into()), end + 2)
            }
            '\'' => {
                let end = end_of_quoted(tail, '\'').ok_or((at, "unterminated character constant".to_owned()))?;
                let c = unquote(tail.get(..end).unwrap_or_default()).chars().next().unwrap_or_default();
                (Kind::Value(u32::from(c).into()), end + 2)
            }
            '$' => {
                let length = 1 + name(tail);
                (Kind::Variable(rest.get(..length).unwrap_or_default().to_owned()), length)
            }
            '.' if !tail.starts_with(|c: char| c.is_ascii_digit()) => match name(tail) {
                0 => (Kind::Sign("."), 1),
                length => (Kind::Field(tail.get(..length).unwrap_or_default().to_owned()), length + 1),
            },
            '0'..='9' | '+' | '-' | '.' => {
                let length = 1 + tail.find(|c: char| !(c.is_alphanumeric() || "._".contains(c))).unwrap_or(tail.len());
                let word = rest.get(..length).unwrap_or_default();
                let Some(number) = number(word) else { return fault(format!("bad number syntax: {word:?}")) };
                (Kind::Value(number), length)
            }
            c if c == '_' || c.is_alphabetic() => {
                let length = name(rest);
                let word = rest.get(..length).unwrap_or_default();
                let kind = match word {
                    "true" => Kind::Value(true.into()),
                    "false" => Kind::Value(false.into()),
                    _ => Kind::Word(word.to_owned()),
                };
                (kind, length)
            }
            c => return fault(format!("unrecognized character in action: U+{:04X} '{c}'", u32::from(c))),
        };
        let text = rest.get(..length).unwrap_or_default().to_owned();
        out.push(Token { kind, at, text, joined });
        at += length;
        joined = true;
    }
}

/// A number: whole ones stay whole.
fn number(word: &str) -> Option<Value> {
    let plain = word.replace('_', "");
    let hex = plain.strip_prefix("0x").and_then(|digits| i64::from_str_radix(digits, 16).ok());
    let whole = hex.or_else(|| plain.parse::<i64>().ok());
    match whole {
        Some(whole) => Some(whole.into()),
        None => plain.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Value::Number),
    }
}

/// Where the closing quote stands; a backslash hides the next character.
fn end_of_quoted(text: &str, quote: char) -> Option<usize> {
    let mut hidden = false;
    for (at, c) in text.char_indices() {
        match c {
            '\n' => return None,
            _ if hidden => hidden = false,
            '\\' => hidden = true,
            c if c == quote => return Some(at),
            _ => {}
        }
    }
    None
}

fn unquote(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('x') => out.extend(by_number(&mut chars, 2)),
            Some('u') => out.extend(by_number(&mut chars, 4)),
            Some('U') => out.extend(by_number(&mut chars, 8)),
            Some(c) => {
                out.push(match c {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    'a' => '\x07',
                    'b' => '\x08',
                    'f' => '\x0c',
                    'v' => '\x0b',
                    other => other,
                });
            }
            None => {}
        }
    }
    out
}

/// The character of this many hexadecimal digits.
fn by_number(chars: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let text: String = chars.by_ref().take(digits).collect();
    u32::from_str_radix(&text, 16).ok().and_then(char::from_u32)
}
