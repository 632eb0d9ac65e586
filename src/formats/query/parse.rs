//! From tokens to a tree: a top-down operator-precedence parser.

use serde_json::Value;

use super::lex::{Kind, Token};

/// Tokens that bind weaker than this end a projection.
const PROJECTION_STOP: u8 = 10;
/// A taller tree is refused: evaluation recurses as deep as the tree is tall.
const MAX_HEIGHT: usize = 200;

/// A part of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// `@`, or nothing after a projection.
    Identity,
    Field(String),
    Literal(Value),
    /// Each applied to the outcome of the one before: `a.b.c`, `a[0][1]`, `a | b`.
    Chain(Vec<Node>),
    Index(i64),
    Slice([Option<i64>; 3]),
    /// Applies the second to each item of what the first gives.
    Projection(Box<Node>, Box<Node>),
    /// As [`Node::Projection`], over the values of an object.
    ValueProjection(Box<Node>, Box<Node>),
    /// As [`Node::Projection`], for the items that the third accepts.
    FilterProjection(Box<Node>, Box<Node>, Box<Node>),
    Flatten(Box<Node>),
    Comparison(Kind, Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Not(Box<Node>),
    MultiList(Vec<Node>),
    MultiHash(Vec<(String, Node)>),
    Function(String, Vec<Node>),
    /// `&expression`, an argument that a function applies by itself.
    Expref(Box<Node>),
}

/// Parses a token list that ends with [`Kind::Eof`]. Fails with the whole message.
pub(super) fn parse(expression: &str, tokens: &[Token]) -> Result<Node, String> {
    let mut parser = Parser { tokens, at: 0, height: 0 };
    let parsed = parser.expression(0).and_then(|node| match parser.token() {
        token if token.kind == Kind::Eof => Ok(node.0),
        token => Err(Fault::at(&token, format!("Unexpected token: {}", token.text()))),
    });
    parsed.map_err(|fault| fault.message(expression))
}

/// What the loop over operators has to know about the left side, beside the node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Index,
    Other,
}

enum Fault {
    /// The expression ends too early.
    Incomplete,
    TooTall,
    Token {
        message: String,
        place: usize,
        text: String,
        kind: Kind,
    },
}

impl Fault {
    fn at(token: &Token, message: String) -> Self {
        Self::Token { message, place: token.start, text: token.text(), kind: token.kind }
    }

    fn message(&self, expression: &str) -> String {
        let caret = |place: usize| format!("\"{expression}\"\n{}^", " ".repeat(place + 1));
        match self {
            Self::Incomplete => {
                let shown = caret(expression.chars().count());
                format!("Invalid jmespath expression: Incomplete expression:\n{shown}")
            }
            Self::TooTall => format!("Invalid jmespath expression: more than {MAX_HEIGHT} levels"),
            Self::Token { message, place, text, kind } => {
                let kind = kind.name().to_uppercase();
                let shown = caret(*place);
                format!("{message}: Parse error at column {place}, token \"{text}\" ({kind}), for expression:\n{shown}")
            }
        }
    }
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    height: usize,
}

type Parsed = Result<Node, Fault>;

impl Parser<'_> {
    /// The token `offset` places ahead; the end stays the end.
    fn ahead(&self, offset: usize) -> Token {
        let token = self.tokens.get(self.at + offset).or(self.tokens.last());
        token.cloned().unwrap_or(Token { kind: Kind::Eof, value: Value::from(""), start: 0 })
    }

    fn token(&self) -> Token {
        self.ahead(0)
    }

    fn kind(&self) -> Kind {
        self.tokens.get(self.at).map_or(Kind::Eof, |token| token.kind)
    }

    fn expect(&mut self, kind: Kind) -> Result<(), Fault> {
        if self.kind() == kind {
            self.at += 1;
            return Ok(());
        }
        Err(self.unexpected(kind.name()))
    }

    fn unexpected(&self, expected: &str) -> Fault {
        match self.kind() {
            Kind::Eof => Fault::Incomplete,
            got => Fault::at(&self.token(), format!("Expecting: {expected}, got: {}", got.name())),
        }
    }

    /// Everything that binds stronger than `power`.
    fn expression(&mut self, power: u8) -> Result<(Node, Shape), Fault> {
        let before = self.height;
        self.grow()?;
        let token = self.token();
        self.at += 1;
        let mut left = self.start(&token)?;
        while power < self.kind().power() {
            self.grow()?;
            left = self.operator(left)?;
        }
        self.height = before;
        Ok(left)
    }

    fn grow(&mut self) -> Result<(), Fault> {
        self.height += 1;
        if self.height > MAX_HEIGHT { Err(Fault::TooTall) } else { Ok(()) }
    }

    fn node(&mut self, power: u8) -> Result<Box<Node>, Fault> {
        self.expression(power).map(|(node, _)| Box::new(node))
    }

    /// A token that begins an expression.
    fn start(&mut self, token: &Token) -> Result<(Node, Shape), Fault> {
        let node = match token.kind {
            Kind::Literal => Node::Literal(token.value.clone()),
            Kind::UnquotedIdentifier => Node::Field(token.text()),
            Kind::QuotedIdentifier => {
                let next = self.token();
                if next.kind == Kind::Lparen {
                    let message = "Quoted identifier not allowed for function names.".to_owned();
                    return Err(Fault::Token { message, place: 0, text: next.text(), kind: next.kind });
                }
                Node::Field(token.text())
            }
            Kind::Star => {
                let in_brackets = self.kind() == Kind::Rbracket;
                let right = if in_brackets { Box::new(Node::Identity) } else { self.projected(Kind::Star.power())? };
                Node::ValueProjection(Box::new(Node::Identity), right)
            }
            Kind::Filter => self.filter(Node::Identity)?,
            Kind::Lbrace => self.multi_hash()?,
            Kind::Lparen => {
                let inner = self.expression(0)?;
                self.expect(Kind::Rparen)?;
                return Ok(inner);
            }
            Kind::Flatten => {
                let right = self.projected(Kind::Flatten.power())?;
                Node::Projection(Box::new(Node::Flatten(Box::new(Node::Identity))), right)
            }
            Kind::Not => Node::Not(self.node(Kind::Not.power())?),
            Kind::Lbracket => match self.kind() {
                Kind::Number | Kind::Colon => return self.index((Node::Identity, Shape::Other)),
                Kind::Star if self.ahead(1).kind == Kind::Rbracket => {
                    self.at += 2;
                    Node::Projection(Box::new(Node::Identity), self.projected(Kind::Star.power())?)
                }
                _ => self.multi_list()?,
            },
            Kind::Current => Node::Identity,
            Kind::Expref => Node::Expref(self.node(Kind::Expref.power())?),
            Kind::Eof => return Err(Fault::Incomplete),
            _ => return Err(Fault::at(token, "invalid token".to_owned())),
        };
        Ok((node, Shape::Other))
    }

    /// A token that continues an expression.
    fn operator(&mut self, (left, shape): (Node, Shape)) -> Result<(Node, Shape), Fault> {
        let token = self.token();
        let power = token.kind.power();
        self.at += 1;
        let node = match token.kind {
            Kind::Dot if self.kind() == Kind::Star => {
                self.at += 1;
                Node::ValueProjection(Box::new(left), self.projected(power)?)
            }
            Kind::Dot => Node::Chain(vec![left, self.after_dot(power)?]),
            Kind::Pipe => Node::Chain(vec![left, *self.node(power)?]),
            Kind::Or => Node::Or(Box::new(left), self.node(power)?),
            Kind::And => Node::And(Box::new(left), self.node(power)?),
            Kind::Eq | Kind::Ne | Kind::Gt | Kind::Gte | Kind::Lt | Kind::Lte => {
                Node::Comparison(token.kind, Box::new(left), self.node(power)?)
            }
            Kind::Lparen => self.call(left)?,
            Kind::Filter => self.filter(left)?,
            Kind::Flatten => Node::Projection(Box::new(Node::Flatten(Box::new(left))), self.projected(power)?),
            Kind::Lbracket if matches!(self.kind(), Kind::Number | Kind::Colon) => return self.index((left, shape)),
            Kind::Lbracket => {
                self.expect(Kind::Star)?;
                self.expect(Kind::Rbracket)?;
                Node::Projection(Box::new(left), self.projected(Kind::Star.power())?)
            }
            _ => return Err(Fault::at(&token, "invalid token".to_owned())),
        };
        Ok((node, Shape::Other))
    }

    /// `0]` or `1:2]` after the bracket.
    ///
    /// A slice starts a projection, except directly after an index: the Python implementation takes both for one
    /// index expression then.
    fn index(&mut self, (left, shape): (Node, Shape)) -> Result<(Node, Shape), Fault> {
        let is_slice = self.kind() == Kind::Colon || self.ahead(1).kind == Kind::Colon;
        let step = if is_slice {
            self.slice()?
        } else {
            let number = self.token().value.as_i64().unwrap_or(0);
            self.at += 1;
            self.expect(Kind::Rbracket)?;
            Node::Index(number)
        };
        let indexed = Node::Chain(vec![left, step]);
        if is_slice && shape != Shape::Index {
            let right = self.projected(Kind::Star.power())?;
            return Ok((Node::Projection(Box::new(indexed), right), Shape::Other));
        }
        Ok((indexed, Shape::Index))
    }

    fn slice(&mut self) -> Parsed {
        let mut parts = [None; 3];
        let mut index = 0;
        while self.kind() != Kind::Rbracket {
            let token = self.token();
            match (token.kind, parts.get_mut(index)) {
                (Kind::Colon, _) if index < 2 => index += 1,
                (Kind::Number, Some(part)) => *part = token.value.as_i64(),
                _ => return Err(Fault::at(&token, "syntax error".to_owned())),
            }
            self.at += 1;
        }
        self.expect(Kind::Rbracket)?;
        Ok(Node::Slice(parts))
    }

    fn filter(&mut self, left: Node) -> Parsed {
        let condition = self.node(0)?;
        self.expect(Kind::Rbracket)?;
        let flattened = self.kind() == Kind::Flatten;
        let right = if flattened { Box::new(Node::Identity) } else { self.projected(Kind::Filter.power())? };
        Ok(Node::FilterProjection(Box::new(left), right, condition))
    }

    fn call(&mut self, left: Node) -> Parsed {
        let Node::Field(name) = left else {
            let before = self.at.checked_sub(2).and_then(|at| self.tokens.get(at)).cloned();
            let token = before.unwrap_or_else(|| self.token());
            return Err(Fault::at(&token, format!("Invalid function name '{}'", token.text())));
        };
        let mut arguments = Vec::new();
        while self.kind() != Kind::Rparen {
            arguments.push(*self.node(0)?);
            if self.kind() == Kind::Comma {
                self.at += 1;
            }
        }
        self.expect(Kind::Rparen)?;
        Ok(Node::Function(name, arguments))
    }

    fn multi_list(&mut self) -> Parsed {
        let mut nodes = Vec::new();
        loop {
            nodes.push(*self.node(0)?);
            if self.kind() == Kind::Rbracket {
                self.at += 1;
                return Ok(Node::MultiList(nodes));
            }
            self.expect(Kind::Comma)?;
        }
    }

    fn multi_hash(&mut self) -> Parsed {
        let mut pairs = Vec::new();
        loop {
            let key = self.token();
            if !matches!(key.kind, Kind::QuotedIdentifier | Kind::UnquotedIdentifier) {
                return Err(self.unexpected("['quoted_identifier', 'unquoted_identifier']"));
            }
            self.at += 1;
            self.expect(Kind::Colon)?;
            pairs.push((key.text(), *self.node(0)?));
            match self.kind() {
                Kind::Comma => self.at += 1,
                Kind::Rbrace => {
                    self.at += 1;
                    return Ok(Node::MultiHash(pairs));
                }
                _ => {}
            }
        }
    }

    /// What follows a projection and is applied to each of its items.
    fn projected(&mut self, power: u8) -> Result<Box<Node>, Fault> {
        match self.kind() {
            kind if kind.power() < PROJECTION_STOP => Ok(Box::new(Node::Identity)),
            Kind::Lbracket | Kind::Filter => self.node(power),
            Kind::Dot => {
                self.at += 1;
                self.after_dot(power).map(Box::new)
            }
            _ => Err(Fault::at(&self.token(), "syntax error".to_owned())),
        }
    }

    fn after_dot(&mut self, power: u8) -> Parsed {
        match self.kind() {
            Kind::QuotedIdentifier | Kind::UnquotedIdentifier | Kind::Star => self.node(power).map(|node| *node),
            Kind::Lbracket => {
                self.at += 1;
                self.multi_list()
            }
            Kind::Lbrace => {
                self.at += 1;
                self.multi_hash()
            }
            got => {
                let allowed = "['quoted_identifier', 'unquoted_identifier', 'lbracket', 'lbrace']";
                Err(Fault::at(&self.token(), format!("Expecting: {allowed}, got: {}", got.name())))
            }
        }
    }
}
