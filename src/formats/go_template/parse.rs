//! The tree of a template.

use std::collections::BTreeMap;

use serde_json::Value;

use super::functions;
use super::token::{Fault, Kind, Token, tokens};

/// All templates of a source, by name; the main one is `output`.
pub type Templates = BTreeMap<String, Vec<Node>>;

/// The most that blocks and parentheses stand in each other.
const MAX_DEPTH: usize = 60;

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Text outside of braces.
    Text(String),
    /// A pipeline whose value is printed, unless it is kept.
    Print(Pipe),
    /// `if`, `with` or `range`: pipeline, body, `else`.
    Block(Block, Pipe, Vec<Node>, Vec<Node>),
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `template "name" pipeline`
    Call(String, usize, Option<Pipe>),
}

/// What a block does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// Its body if the value is not empty.
    If,
    /// The same, with the value as the dot.
    With,
    /// Its body for each element.
    Range,
}

/// Commands that hand their value on, and the variables that keep the last one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pipe {
    /// Variables.
    pub names: Vec<String>,
    /// They exist already.
    pub assigns: bool,
    /// Commands.
    pub commands: Vec<Command>,
}

/// Words with a place and the text that messages show.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Words; the first may be a function.
    pub terms: Vec<Term>,
    /// Its place.
    pub at: usize,
    /// Its text.
    pub text: String,
}

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// What it is.
    pub base: Base,
    /// Members of it.
    pub fields: Vec<String>,
    /// Its place.
    pub at: usize,
    /// Its text.
    pub text: String,
}

/// What a word is.
#[derive(Clone, Debug, PartialEq)]
pub enum Base {
    /// `.`, and what begins with a member.
    Dot,
    /// `$x`
    Variable(String),
    /// A constant.
    Value(Value),
    /// `nil`
    Nil,
    /// A function.
    Function(String),
    /// `( … )`
    Pipe(Pipe),
}

/// Reads a template.
pub fn parse(source: &str) -> Result<Templates, (usize, String)> {
    let line = |(at, text): Fault| (1 + source.get(..at).unwrap_or_default().matches('\n').count(), text);
    let tokens = tokens(source).map_err(line)?;
    let mut parser = Parser {
        tokens: tokens.iter().peekable(),
        end: source.len(),
        templates: Templates::new(),
        variables: vec!["$".to_owned()],
        depth: 0,
        loops: 0,
    };
    let (nodes, end) = parser.nodes().map_err(line)?;
    if let Some(word) = end {
        return Err(line((word.at, format!("unexpected {{{{{}}}}}", word.text))));
    }
    parser.templates.insert("output".to_owned(), nodes);
    Ok(parser.templates)
}

struct Parser<'t> {
    tokens: std::iter::Peekable<std::slice::Iter<'t, Token>>,
    end: usize,
    templates: Templates,
    variables: Vec<String>,
    depth: usize,
    loops: usize,
}

impl<'t> Parser<'t> {
    /// Reads nodes up to `end` or `else`, which is given back with the pipeline behind it still to be read.
    fn nodes(&mut self) -> Result<(Vec<Node>, Option<&'t Token>), Fault> {
        self.deeper()?;
        let mut nodes = Vec::new();
        while let Some(token) = self.tokens.next() {
            match &token.kind {
                Kind::Text(text) => nodes.push(Node::Text(text.clone())),
                Kind::Open => {
                    let word = self.tokens.next_if(|t| keyword(t));
                    match word {
                        Some(word) if matches!(word.text.as_str(), "end" | "else") => {
                            self.depth -= 1;
                            return Ok((nodes, Some(word)));
                        }
                        Some(word) => nodes.extend(self.block(word)?),
                        None => {
                            let pipe = self.pipe("command")?;
                            self.close()?;
                            nodes.push(Node::Print(pipe));
                        }
                    }
                }
                _ => return Err(unexpected(token, "input")),
            }
        }
        self.depth -= 1;
        Ok((nodes, None))
    }

    fn deeper(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err((0, format!("more than {MAX_DEPTH} deep"))) } else { Ok(()) }
    }

    fn block(&mut self, word: &Token) -> Result<Option<Node>, Fault> {
        let name = word.text.as_str();
        match name {
            "break" | "continue" => {
                self.close()?;
                if self.loops == 0 {
                    return Err((word.at, format!("{{{{{name}}}}} outside {{{{range}}}}")));
                }
                Ok(Some(if name == "break" { Node::Break } else { Node::Continue }))
            }
            "template" => {
                let called = self.name(name)?;
                let ends = self.tokens.peek().is_some_and(|t| t.kind == Kind::Close);
                let pipe = if ends { None } else { Some(self.pipe("template clause")?) };
                self.close()?;
                Ok(Some(Node::Call(called, word.at, pipe)))
            }
            "define" | "block" => {
                let defined = self.name(&format!("{name} clause"))?;
                let pipe = if name == "block" { Some(self.pipe("block clause")?) } else { None };
                self.close()?;
                let variables = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
                let (body, end) = self.nodes()?;
                self.variables = variables;
                self.ended(end)?;
                self.templates.insert(defined.clone(), body);
                Ok(pipe.map(|pipe| Node::Call(defined, word.at, Some(pipe))))
            }
            "if" => self.control(Block::If, name).map(Some),
            "with" => self.control(Block::With, name).map(Some),
            _ => self.control(Block::Range, name).map(Some),
        }
    }

    fn control(&mut self, block: Block, name: &str) -> Result<Node, Fault> {
        self.deeper()?;
        let known = self.variables.len();
        let pipe = self.pipe(name)?;
        self.close()?;
        self.loops += usize::from(block == Block::Range);
        let (body, end) = self.nodes()?;
        self.loops -= usize::from(block == Block::Range);
        let mut otherwise = Vec::new();
        if let Some(word) = end.filter(|word| word.text == "else") {
            let again = self.tokens.next_if(|t| t.text == name && block != Block::Range && keyword(t));
            if again.is_some() {
                otherwise.push(self.control(block, name)?);
                self.variables.truncate(known);
                self.depth -= 1;
                return Ok(Node::Block(block, pipe, body, otherwise));
            }
            self.close()?;
            let (nodes, end) = self.nodes()?;
            otherwise = nodes;
            if end.is_some_and(|end| end.text == "else") {
                return Err((word.at, "expected end; found {{else}}".to_owned()));
            }
            self.ended(end)?;
        } else {
            self.ended(end)?;
        }
        self.variables.truncate(known);
        self.depth -= 1;
        Ok(Node::Block(block, pipe, body, otherwise))
    }

    fn ended(&mut self, end: Option<&Token>) -> Result<(), Fault> {
        match end {
            Some(word) if word.text == "end" => self.close(),
            Some(word) => Err((word.at, format!("unexpected {{{{{}}}}}", word.text))),
            None => Err((self.end, "unexpected EOF".to_owned())),
        }
    }

    fn name(&mut self, context: &str) -> Result<String, Fault> {
        match self.tokens.next() {
            Some(Token { kind: Kind::Value(Value::String(name)), .. }) => Ok(name.clone()),
            Some(token) => Err(unexpected(token, context)),
            None => Err((self.end, "unexpected EOF".to_owned())),
        }
    }

    fn close(&mut self) -> Result<(), Fault> {
        match self.tokens.next() {
            Some(Token { kind: Kind::Close, .. }) => Ok(()),
            Some(token) => Err(unexpected(token, "end")),
            None => Err((self.end, "unexpected EOF".to_owned())),
        }
    }

    /// Reads commands up to the closing braces or parenthesis, which stay.
    fn pipe(&mut self, context: &str) -> Result<Pipe, Fault> {
        let mut pipe = Pipe::default();
        let start = self.tokens.peek().map_or(self.end, |token| token.at);
        self.declarations(&mut pipe, context)?;
        loop {
            let command = self.command()?;
            let piped = self.tokens.next_if(|t| t.kind == Kind::Sign("|"));
            match command {
                Some(command) => pipe.commands.push(command),
                None if pipe.commands.is_empty() && piped.is_none() => {
                    return Err((start, format!("missing value for {context}")));
                }
                None => return Err((start, "missing value for command".to_owned())),
            }
            if piped.is_none() {
                break;
            }
        }
        for command in pipe.commands.iter().skip(1) {
            if let Some(Term { base: Base::Dot | Base::Value(_) | Base::Nil, fields, text, .. }) = command.terms.first()
                && fields.is_empty()
            {
                return Err((command.at, format!("non executable command in pipeline stage 2: {text}")));
            }
        }
        // A variable is known behind its own pipeline.
        if !pipe.assigns {
            self.variables.extend(pipe.names.iter().cloned());
        }
        Ok(pipe)
    }

    fn declarations(&mut self, pipe: &mut Pipe, context: &str) -> Result<(), Fault> {
        let mut ahead = self.tokens.clone();
        let mut names = Vec::new();
        while let Some(Token { kind: Kind::Variable(name), at, .. }) = ahead.next() {
            names.push(name.clone());
            match ahead.next().map(|token| &token.kind) {
                Some(Kind::Sign(sign @ (":=" | "="))) => {
                    pipe.assigns = *sign == "=";
                    if pipe.assigns
                        && let Some(unknown) = names.iter().find(|name| !self.variables.contains(name))
                    {
                        return Err((*at, format!("undefined variable {unknown:?}")));
                    }
                    pipe.names = names;
                    self.tokens = ahead;
                    return Ok(());
                }
                Some(Kind::Sign(",")) if context == "range" && names.len() < 2 => {}
                Some(Kind::Sign(",")) => return Err((*at, format!("too many declarations in {context}"))),
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    fn command(&mut self) -> Result<Option<Command>, Fault> {
        let Some(at) = self.tokens.peek().map(|token| token.at) else {
            return Err((self.end, "unexpected EOF".to_owned()));
        };
        let mut terms: Vec<Term> = Vec::new();
        while let Some(term) = self.term()? {
            terms.push(term);
        }
        let text = terms.iter().map(|term| term.text.as_str()).collect::<Vec<_>>().join(" ");
        Ok(if terms.is_empty() { None } else { Some(Command { terms, at, text }) })
    }

    fn term(&mut self) -> Result<Option<Term>, Fault> {
        let Some(token) = self.tokens.peek().copied() else { return Err((self.end, "unexpected EOF".to_owned())) };
        let mut fields = Vec::new();
        let mut text = token.text.clone();
        let base = match &token.kind {
            Kind::Close | Kind::Sign(")" | "|") => return Ok(None),
            Kind::Sign(".") => Base::Dot,
            Kind::Field(name) => {
                fields.push(name.clone());
                Base::Dot
            }
            Kind::Variable(name) if self.variables.contains(name) => Base::Variable(name.clone()),
            Kind::Variable(name) => return Err((token.at, format!("undefined variable {name:?}"))),
            Kind::Value(value) => Base::Value(value.clone()),
            Kind::Word(word) if word == "nil" => Base::Nil,
            Kind::Word(word) if functions::is_known(word) => Base::Function(word.clone()),
            Kind::Word(word) => return Err((token.at, format!("function {word:?} not defined"))),
            Kind::Sign("(") => {
                self.tokens.next();
                self.deeper()?;
                let pipe = self.pipe("parenthesized pipeline")?;
                self.depth -= 1;
                if !self.tokens.peek().is_some_and(|t| t.kind == Kind::Sign(")")) {
                    return Err((token.at, "unclosed left paren".to_owned()));
                }
                text = format!("({})", pipe.commands.iter().map(|c| c.text.as_str()).collect::<Vec<_>>().join(" | "));
                Base::Pipe(pipe)
            }
            _ => return Err(unexpected(token, "operand")),
        };
        self.tokens.next();
        let mut at = token.at;
        while let Some(Token { kind: Kind::Field(name), at: place, text: shown, .. }) =
            self.tokens.next_if(|t| t.joined && matches!(t.kind, Kind::Field(_)))
        {
            // Go places a chain at its second member.
            if at == token.at && !fields.is_empty() {
                at = *place;
            }
            fields.push(name.clone());
            text.push_str(shown);
        }
        Ok(Some(Term { base, fields, at, text }))
    }
}

fn keyword(token: &Token) -> bool {
    const WORDS: [&str; 10] =
        ["if", "else", "end", "range", "with", "break", "continue", "define", "template", "block"];
    matches!(&token.kind, Kind::Word(word) if WORDS.contains(&word.as_str()))
}

fn unexpected(token: &Token, context: &str) -> Fault {
    (token.at, format!("unexpected {} in {context}", super::go_text::quote(&token.text)))
}
