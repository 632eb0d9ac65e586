//! The program of jq into a filter.

use std::cell::OnceCell;
use std::rc::Rc;

use serde_json::Value;

/// How deep expressions may stand in each other.
const MAX_DEPTH: usize = 30;
/// The longest program, in bytes.
const MAX_PROGRAM_BYTES: usize = 10_000;
/// The most parts of one expression on a level: they are evaluated inside each other.
pub(super) const MAX_PARTS: usize = 60;

/// A filter. Variables, functions and labels are numbered, so that names need no scopes when it runs.
#[derive(Debug, Clone)]
pub(super) enum Filter {
    Identity,
    Recurse,
    Literal(Value),
    /// Text with `\( )` in it, and the `@format` before it.
    Text(Option<String>, Vec<(String, Option<Filter>)>),
    Format(String),
    Variable(usize),
    /// `$ENV`.
    Environment,
    Index(Box<Filter>, Box<Filter>),
    Slice(Box<Filter>, Option<Box<Filter>>, Option<Box<Filter>>),
    Iterate(Box<Filter>),
    /// `try body catch handler`, `body?`.
    Try(Box<Filter>, Option<Box<Filter>>),
    Negative(Box<Filter>),
    Pipe(Box<Filter>, Box<Filter>),
    Comma(Box<Filter>, Box<Filter>),
    Binary(&'static str, Box<Filter>, Box<Filter>),
    /// `paths = value`, `|=`, `+=` and the like.
    Assign(&'static str, Box<Filter>, Box<Filter>),
    /// `source as pattern ?// pattern | body`.
    Bind(Box<Filter>, Vec<Pattern>, Box<Filter>),
    Reduce(Box<Filter>, Pattern, Box<Filter>, Box<Filter>),
    Foreach(Box<Filter>, Pattern, Box<Filter>, Box<Filter>, Option<Box<Filter>>),
    If(Vec<(Filter, Filter)>, Box<Filter>),
    Array(Option<Box<Filter>>),
    Object(Vec<(Filter, Filter)>),
    /// A function of [`functions::NAMES`].
    Call(&'static str, Vec<Filter>),
    /// `def …; rest`.
    Define(Rc<Definition>, Box<Filter>),
    /// A function, or a function's parameter, by its number.
    User(usize, Vec<Filter>),
    /// A function of the library.
    Library(Rc<OnceCell<Definition>>, Vec<Filter>),
    Label(usize, Box<Filter>),
    Break(usize),
}

/// `def name(parameters): body;`.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    pub id: usize,
    /// The number as a function, and for `$name` that as a variable.
    pub parameters: Vec<(usize, Option<usize>)>,
    pub body: Filter,
}

/// What stands after `as`.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    Variable(usize),
    Array(Vec<Pattern>),
    /// `{$name, key: pattern}`: for each member the variable that gets it, its name, and the pattern for it.
    Object(Vec<(Option<usize>, Filter, Option<Pattern>)>),
}

/// Why a program cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Error {
    /// jq's own message.
    Compile(String),
    /// jq has it, this one has not.
    Unsupported(String),
}

pub(super) type Parsed<T> = Result<T, Error>;

/// Reads a program. The variables named by `--arg` and its like have the numbers from 0.
pub(super) fn program(text: &str, variables: &[&str]) -> Parsed<Filter> {
    if text.len() > MAX_PROGRAM_BYTES {
        return Err(Error::Unsupported(format!("a program longer than {MAX_PROGRAM_BYTES} bytes")));
    }
    let named = variables.iter().enumerate().map(|(id, name)| (Kind::Variable, (*name).to_owned(), id));
    let mut parser =
        Parser { whole: text, rest: text, depth: 0, scope: named.collect(), ids: variables.len(), library: Vec::new() };
    parser.skip();
    if parser.rest.is_empty() {
        return Ok(Filter::Identity);
    }
    let filter = parser.pipe()?;
    parser.skip();
    if parser.rest.is_empty() { Ok(filter) } else { Err(parser.unexpected()) }
}

/// What a name in scope stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Variable,
    /// With that many parameters.
    Function(usize),
    Label,
}

pub(super) struct Parser<'a> {
    pub(super) whole: &'a str,
    pub(super) rest: &'a str,
    pub(super) depth: usize,
    pub(super) scope: Vec<(Kind, String, usize)>,
    /// How many numbers have been given out.
    pub(super) ids: usize,
    /// The functions of the library that were needed, by their place in [`LIBRARY`].
    pub(super) library: Vec<(usize, Rc<OnceCell<Definition>>)>,
}

pub(super) const KEYWORDS: [&str; 16] = [
    "def", "reduce", "foreach", "try", "catch", "label", "import", "include", "if", "then", "elif", "else", "end",
    "as", "and", "or",
];

/// Operators that join two filters with their level, weakest first; of those that begin alike the longer first.
const OPERATORS: [(&str, u8); 22] = [
    ("//=", ASSIGNMENT),
    ("//", 1),
    ("==", COMPARISON),
    ("|=", ASSIGNMENT),
    ("+=", ASSIGNMENT),
    ("-=", ASSIGNMENT),
    ("*=", ASSIGNMENT),
    ("/=", ASSIGNMENT),
    ("%=", ASSIGNMENT),
    ("=", ASSIGNMENT),
    ("or", 3),
    ("and", 4),
    ("!=", COMPARISON),
    ("<=", COMPARISON),
    (">=", COMPARISON),
    ("<", COMPARISON),
    (">", COMPARISON),
    ("+", 6),
    ("-", 6),
    ("*", 7),
    ("/", 7),
    ("%", 7),
];
const ASSIGNMENT: u8 = 2;
const COMPARISON: u8 = 5;

impl<'a> Parser<'a> {
    pub(super) fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with('#') {
                return;
            }
            self.rest = self.rest.find('\n').and_then(|at| self.rest.get(at..)).unwrap_or_default();
        }
    }

    pub(super) fn eat(&mut self, token: &str) -> bool {
        self.skip();
        match self.rest.strip_prefix(token) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => false,
        }
    }

    pub(super) fn need(&mut self, token: &str) -> Parsed<()> {
        if self.eat(token) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub(super) fn unexpected(&mut self) -> Error {
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
    pub(super) fn word(&self) -> Option<&'a str> {
        let length = self.rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        self.rest.get(..length).filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
    }

    pub(super) fn keyword(&mut self, keyword: &str) -> bool {
        self.skip();
        let found = self.word() == Some(keyword);
        if found {
            self.rest = self.rest.get(keyword.len()..).unwrap_or_default();
        }
        found
    }

    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(Error::Unsupported(format!("an expression more than {MAX_DEPTH} deep")));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    pub(super) fn pipe(&mut self) -> Parsed<Filter> {
        self.deeper(|parser| {
            if parser.keyword("def") {
                let scope = parser.scope.len();
                let definition = parser.definition()?;
                let rest = parser.pipe()?;
                parser.scope.truncate(scope);
                return Ok(Filter::Define(definition.into(), rest.into()));
            }
            if parser.keyword("label") {
                let scope = parser.scope.len();
                let name = parser.variable_name()?;
                let id = parser.add(Kind::Label, &name);
                parser.need("|")?;
                let body = parser.pipe()?;
                parser.scope.truncate(scope);
                return Ok(Filter::Label(id, body.into()));
            }
            let mut stages = Vec::new();
            loop {
                stages.push(parser.comma()?);
                if !parser.eat("|") {
                    break;
                }
                parser.skip();
                // What these bind holds for all that follows.
                if matches!(parser.word(), Some("def" | "label")) {
                    stages.push(parser.pipe()?);
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

    /// What follows `def`, up to its semicolon. The name stays in scope.
    pub(super) fn definition(&mut self) -> Parsed<Definition> {
        self.skip();
        let Some(name) = self.word() else { return Err(self.unexpected()) };
        let name = name.to_owned();
        self.rest = self.rest.get(name.len()..).unwrap_or_default();
        let mut names = Vec::new();
        if self.eat("(") {
            loop {
                let is_variable = self.eat("$");
                self.skip();
                let Some(parameter) = self.word() else { return Err(self.unexpected()) };
                names.push((parameter.to_owned(), is_variable));
                self.rest = self.rest.get(parameter.len()..).unwrap_or_default();
                if names.len() > MAX_PARTS {
                    return Err(Error::Unsupported(format!("more than {MAX_PARTS} parameters")));
                }
                if self.eat(")") {
                    break;
                }
                self.need(";")?;
            }
        }
        self.need(":")?;
        let id = self.add(Kind::Function(names.len()), &name);
        let scope = self.scope.len();
        let mut parameters = Vec::new();
        for (name, is_variable) in &names {
            let function = self.add(Kind::Function(0), name);
            parameters.push((function, is_variable.then(|| self.add(Kind::Variable, name))));
        }
        let body = self.pipe()?;
        self.need(";")?;
        self.scope.truncate(scope);
        Ok(Definition { id, parameters, body })
    }

    /// Puts a name into scope.
    fn add(&mut self, kind: Kind, name: &str) -> usize {
        let id = self.ids;
        self.ids += 1;
        self.scope.push((kind, name.to_owned(), id));
        id
    }

    /// The number of a name in scope.
    pub(super) fn known(&self, kind: Kind, name: &str) -> Option<usize> {
        let entry = self.scope.iter().rev().find(|(known, text, _)| *known == kind && text == name);
        entry.map(|(_, _, id)| *id)
    }

    /// `$name`.
    pub(super) fn variable_name(&mut self) -> Parsed<String> {
        self.need("$")?;
        let Some(name) = self.word() else { return Err(self.unexpected()) };
        self.rest = self.rest.get(name.len()..).unwrap_or_default();
        Ok(name.to_owned())
    }

    /// A pattern; its variables come into scope. Those of alternatives have the same numbers.
    pub(super) fn pattern(&mut self, scope: usize) -> Parsed<Pattern> {
        self.deeper(|parser| {
            let mut parts = 0;
            if parser.eat("[") {
                let mut items = Vec::new();
                loop {
                    items.push(parser.pattern(scope)?);
                    parts += 1;
                    if parser.eat("]") {
                        return Ok(Pattern::Array(items));
                    }
                    if parts > MAX_PARTS {
                        return Err(Error::Unsupported(format!("a pattern of more than {MAX_PARTS} parts")));
                    }
                    parser.need(",")?;
                }
            }
            if !parser.eat("{") {
                return Ok(Pattern::Variable(parser.bound(scope)?.1));
            }
            let mut members = Vec::new();
            loop {
                parser.skip();
                let (variable, key) = match parser.rest.chars().next() {
                    Some('$') => {
                        let (name, id) = parser.bound(scope)?;
                        (Some(id), Filter::Literal(name.into()))
                    }
                    Some('(') => {
                        parser.eat("(");
                        let key = parser.pipe()?;
                        parser.need(")")?;
                        (None, key)
                    }
                    Some('"') => (None, parser.text(None)?),
                    _ => {
                        let Some(name) = parser.word() else { return Err(parser.unexpected()) };
                        parser.rest = parser.rest.get(name.len()..).unwrap_or_default();
                        (None, Filter::Literal(name.into()))
                    }
                };
                let inner = if parser.eat(":") { Some(parser.pattern(scope)?) } else { None };
                if variable.is_none() && inner.is_none() {
                    return Err(parser.unexpected());
                }
                members.push((variable, key, inner));
                parts += 1;
                if parser.eat("}") {
                    return Ok(Pattern::Object(members));
                }
                if parts > MAX_PARTS {
                    return Err(Error::Unsupported(format!("a pattern of more than {MAX_PARTS} parts")));
                }
                parser.need(",")?;
            }
        })
    }

    fn bound(&mut self, scope: usize) -> Parsed<(String, usize)> {
        let name = self.variable_name()?;
        let known = self.scope.iter().skip(scope).find(|(_, text, _)| *text == name).map(|(_, _, id)| *id);
        let id = known.unwrap_or_else(|| self.add(Kind::Variable, &name));
        Ok((name, id))
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

    pub(super) fn binary(&mut self, weakest: u8) -> Parsed<Filter> {
        let mut left = self.operand()?;
        let (mut parts, mut before) = (0, 0);
        loop {
            self.skip();
            let word = self.word();
            let found = OPERATORS.iter().find(|(operator, _)| match word {
                Some(word) => word == *operator,
                None => self.rest.starts_with(operator),
            });
            let Some((operator, level)) = found.filter(|(_, level)| *level > weakest) else { return Ok(left) };
            // `a = b = c` and `a < b < c` have no meaning.
            if *level == before && matches!(*level, ASSIGNMENT | COMPARISON) {
                return Err(self.unexpected());
            }
            before = *level;
            self.rest = self.rest.get(operator.len()..).unwrap_or_default();
            parts += 1;
            if parts > MAX_PARTS {
                return Err(Error::Unsupported(format!("an expression of more than {MAX_PARTS} parts")));
            }
            // `//` groups to the right, the others to the left.
            let right = self.deeper(|parser| parser.binary(if *operator == "//" { 0 } else { *level }))?;
            left = match *level {
                ASSIGNMENT => Filter::Assign(operator, left.into(), right.into()),
                _ => Filter::Binary(operator, left.into(), right.into()),
            };
        }
    }

    /// A term with its sign, or `term as $x | …`.
    fn operand(&mut self) -> Parsed<Filter> {
        self.skip();
        if self.eat("-") {
            return self.deeper(|parser| Ok(Filter::Negative(parser.operand()?.into())));
        }
        let term = self.postfix()?;
        if !self.keyword("as") {
            return Ok(term);
        }
        let scope = self.scope.len();
        let mut patterns = vec![self.pattern(scope)?];
        while self.eat("?//") {
            patterns.push(self.pattern(scope)?);
        }
        self.need("|")?;
        let body = self.pipe()?;
        self.scope.truncate(scope);
        Ok(Filter::Bind(term.into(), patterns, body.into()))
    }
}
