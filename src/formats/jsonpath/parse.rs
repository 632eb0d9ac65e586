//! From the text of a template to its nodes.

use serde_json::{Number, Value};

/// Bracketed parts may hold paths of their own; a filter in a filter in a filter is plenty.
const MAX_DEPTH: usize = 16;

/// A step of a path, or text of the template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// The steps between two braces.
    Action(Vec<Node>),
    /// Text, a number or a boolean, which stands for itself.
    Constant(Value),
    Field(String),
    Wildcard,
    Recursive,
    /// `range`, `end` or an unknown word.
    Identifier(String),
    Slice(Slice),
    Union(Vec<Vec<Node>>),
    /// `[?(left operator right)]`; without operator: `left` exists.
    Filter(Vec<Node>, Option<(String, Vec<Node>)>),
}

/// `[start:end:step]`. A single index has the end after it, which is marked because `[-1]` ends at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
    pub(super) end_is_derived: bool,
    pub(super) step: Option<i64>,
}

/// The parts of a template: text and actions. Fails with the message.
pub(super) fn parse(source: &str) -> Result<Vec<Node>, String> {
    let mut parser = Parser { chars: source.chars().collect(), at: 0, depth: 0 };
    let mut nodes = Vec::new();
    while parser.at < parser.chars.len() {
        let text = parser.run(|c| c != '{');
        if !text.is_empty() {
            nodes.push(Node::Constant(Value::from(text)));
        }
        if parser.next().is_some() {
            nodes.push(Node::Action(parser.action()?));
        }
    }
    Ok(nodes)
}

fn parse_inner(text: &str, depth: usize) -> Result<Vec<Node>, String> {
    if depth > MAX_DEPTH {
        return Err(format!("more than {MAX_DEPTH} expressions inside each other"));
    }
    let mut parser = Parser { chars: text.chars().chain(['}']).collect(), at: 0, depth };
    parser.action()
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }

    fn take(&mut self, prefix: &str) -> bool {
        let found = self.chars.iter().skip(self.at).take(prefix.len()).copied().eq(prefix.chars());
        self.at += if found { prefix.len() } else { 0 };
        found
    }

    fn run(&mut self, allowed: impl Fn(char) -> bool) -> String {
        let run: String = self.chars.iter().skip(self.at).copied().take_while(|c| allowed(*c)).collect();
        self.at += run.chars().count();
        run
    }

    fn since(&self, start: usize) -> String {
        self.chars.iter().take(self.at).skip(start).collect()
    }

    /// The steps up to the closing brace.
    fn action(&mut self) -> Result<Vec<Node>, String> {
        let mut nodes = Vec::new();
        loop {
            if self.take("}") {
                return Ok(nodes);
            }
            if self.take("[?(") {
                nodes.push(self.filter()?);
                continue;
            }
            if self.take("..") {
                if nodes.last() == Some(&Node::Recursive) {
                    return Err("invalid multiple recursive descent".to_owned());
                }
                nodes.push(Node::Recursive);
                if self.peek().is_some_and(is_alphanumeric) {
                    nodes.push(self.field());
                }
                continue;
            }
            let start = self.at;
            match self.next() {
                None | Some('\r' | '\n') => return Err("unclosed action".to_owned()),
                Some(' ' | '@' | '$') => {}
                Some('[') => nodes.extend(self.brackets()?),
                Some(quote @ ('"' | '\'')) => nodes.push(self.quoted(quote)?),
                Some('.') => nodes.push(self.field()),
                Some(c) if c == '+' || c == '-' || c.is_numeric() => nodes.push(self.number(start)?),
                Some(c) if is_alphanumeric(c) => {
                    let word = format!("{c}{}", self.run(|c| !is_terminator(c)));
                    nodes.push(match word.as_str() {
                        "true" | "false" => Node::Constant(Value::Bool(word == "true")),
                        _ => Node::Identifier(word),
                    });
                }
                Some(c) => return Err(format!("unrecognized character in action: U+{:04X} '{c}'", u32::from(c))),
            }
        }
    }

    fn field(&mut self) -> Node {
        let start = self.at;
        while let Some(c) = self.peek().filter(|c| !is_terminator(*c)) {
            self.at += 1;
            if c == '\\' {
                self.next();
            }
        }
        match self.since(start).as_str() {
            "*" => Node::Wildcard,
            name => Node::Field(name.replace('\\', "")),
        }
    }

    fn number(&mut self, start: usize) -> Result<Node, String> {
        self.run(|c| c == '.' || c.is_numeric());
        let text = self.since(start);
        let float = || text.parse().ok().and_then(Number::from_f64).map(Value::Number);
        let number = text.parse::<i64>().ok().map(Value::from).or_else(float);
        number.map(Node::Constant).ok_or_else(|| format!("cannot parse number {text}"))
    }

    fn quoted(&mut self, quote: char) -> Result<Node, String> {
        let start = self.at - 1;
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated quoted string".to_owned()),
                Some(c) if c == quote && self.before_last() != Some('\\') => break,
                Some(_) => {}
            }
        }
        let text = self.since(start);
        match unquoted(&text) {
            Some(value) => Ok(Node::Constant(Value::from(value))),
            None => Err(format!("unquote string {text} error invalid syntax")),
        }
    }

    /// The character before the one just read.
    fn before_last(&self) -> Option<char> {
        self.at.checked_sub(2).and_then(|at| self.chars.get(at)).copied()
    }

    fn brackets(&mut self) -> Result<Vec<Node>, String> {
        let text = self.run(|c| c != ']' && c != '\n');
        if self.next() != Some(']') {
            return Err("unterminated array".to_owned());
        }
        let text = if text == "*" { ":" } else { &text };
        if text.contains(',') {
            let part = |part: &str| parse_inner(&format!("[{}]", part.trim_matches(' ')), self.depth + 1);
            return Ok(vec![Node::Union(text.split(',').map(part).collect::<Result<_, _>>()?)]);
        }
        if let Some(key) =
            text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).filter(|key| !key.contains('\''))
        {
            return parse_inner(&format!(".{key}"), self.depth + 1);
        }
        slice(text).map(|slice| vec![Node::Slice(slice)])
    }

    /// What follows `[?(`: up to a `)` outside of the first pair of quotes, and `]`.
    fn filter(&mut self) -> Result<Node, String> {
        let start = self.at;
        let (mut opened, mut closed) = (None, false);
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated filter".to_owned()),
                Some(c @ ('"' | '\'')) => match opened {
                    None => opened = Some(c),
                    Some(pair) => closed |= c == pair && self.before_last() != Some('\\'),
                },
                Some(')') if opened.is_some() == closed => break,
                Some(_) => {}
            }
        }
        let text: String = self.chars.iter().take(self.at - 1).skip(start).collect();
        if self.next() != Some(']') {
            return Err("unclosed array expect ]".to_owned());
        }
        let is_operator = |c: char| matches!(c, '!' | '<' | '>' | '=');
        let comparison = text.find(is_operator).filter(|at| *at > 0).and_then(|at| {
            let (left, rest) = text.split_at(at);
            let end = rest.find(|c| !is_operator(c))?;
            let (operator, right) = rest.split_at(end);
            Some((left, operator, right))
        });
        let depth = self.depth + 1;
        Ok(match comparison {
            Some((left, operator, right)) => {
                Node::Filter(parse_inner(left, depth)?, Some((operator.to_owned(), parse_inner(right, depth)?)))
            }
            None => Node::Filter(parse_inner(&text, depth)?, None),
        })
    }
}

fn slice(text: &str) -> Result<Slice, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let is_index = |part: &&str| part.strip_prefix('-').unwrap_or(part).bytes().all(|b| b.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(is_index) {
        return Err(format!("invalid array index {text}"));
    }
    let number = |part: Option<&&str>| match part {
        Some(part) if !part.is_empty() => {
            part.parse::<i64>().map(Some).map_err(|_| format!("array index {part} is not a number"))
        }
        _ => Ok(None),
    };
    let start = number(parts.first())?;
    let end_is_derived = parts.len() < 2;
    let end = if end_is_derived { start.unwrap_or(0).checked_add(1) } else { number(parts.get(1))? };
    Ok(Slice { start, end, end_is_derived, step: number(parts.get(2))? })
}

/// The text inside quotes of either kind, with Go's escapes.
fn unquoted(text: &str) -> Option<String> {
    let inner = text.get(1..text.len().checked_sub(1)?)?;
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let escape = chars.next()?;
        let mut code = |digits: usize, radix: u32, start: &str| {
            let digits: String = start.chars().chain(chars.by_ref().take(digits)).collect();
            u32::from_str_radix(&digits, radix).ok().and_then(char::from_u32)
        };
        out.push(match escape {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            '\\' | '\'' | '"' => escape,
            'x' => code(2, 16, "")?,
            'u' => code(4, 16, "")?,
            'U' => code(8, 16, "")?,
            '0'..='7' => code(2, 8, escape.encode_utf8(&mut [0; 4]))?,
            _ => return None,
        });
    }
    Some(out)
}

fn is_terminator(c: char) -> bool {
    matches!(c, '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}' | ' ' | '\t' | '\r' | '\n')
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}
