//! The expressions of awk.

use super::super::regex::{Syntax, compile, with_control_characters};
use super::parse::{Parsed, Parser, unsupported};
use super::{Expr, escapes};

/// The functions with the least and the most arguments.
const FUNCTIONS: [(&str, usize, usize); 21] = [
    ("atan2", 2, 2),
    ("close", 1, 1),
    ("cos", 1, 1),
    ("exp", 1, 1),
    ("fflush", 0, 1),
    ("gsub", 2, 3),
    ("index", 2, 2),
    ("int", 1, 1),
    ("length", 0, 1),
    ("log", 1, 1),
    ("match", 2, 2),
    ("rand", 0, 0),
    ("sin", 1, 1),
    ("split", 2, 3),
    ("sprintf", 1, 1_000),
    ("sqrt", 1, 1),
    ("srand", 0, 1),
    ("sub", 2, 3),
    ("substr", 2, 3),
    ("tolower", 1, 1),
    ("toupper", 1, 1),
];
const REFUSED: [&str; 9] =
    ["getline", "system", "gensub", "strftime", "systime", "mktime", "asort", "asorti", "nextfile"];
/// Words that cannot be names.
const RESERVED: [&str; 14] = [
    "if", "else", "for", "while", "do", "function", "delete", "in", "next", "exit", "break", "continue", "return",
    "print",
];

/// Binary operators by levels: `||`, `&&`, `in`, `~`, comparison, joining, sums, products.
const LEVELS: [&[&str]; 8] = [
    &["||"],
    &["&&"],
    &["in"],
    &["!~", "~"],
    &["<=", ">=", "==", "!=", "<", ">"],
    &[""],
    &["+", "-"],
    &["*", "/", "%"],
];
const IN: usize = 2;
const MATCHING: usize = 3;
const JOINING: usize = 5;

impl Parser<'_> {
    /// An expression of `print`, where `>` is a redirection.
    pub(super) fn no_redirection(&mut self) -> Parsed<Expr> {
        self.ternary(false)
    }

    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        self.ternary(true)
    }

    fn ternary(&mut self, greater: bool) -> Parsed<Expr> {
        self.deeper(|parser| {
            let condition = parser.binary(0, greater)?;
            if is_target(&condition)
                && let Some(operator) = parser.assignment()
            {
                parser.skip_newlines();
                let value = parser.ternary(greater)?;
                return Ok(Expr::Assign(condition.into(), operator, value.into()));
            }
            if !parser.eat("?") {
                return Ok(condition);
            }
            parser.skip_newlines();
            let yes = parser.ternary(greater)?;
            parser.skip_newlines();
            parser.need(":")?;
            parser.skip_newlines();
            let no = parser.ternary(greater)?;
            Ok(Expr::Choice(condition.into(), yes.into(), no.into()))
        })
    }

    /// The operator of an assignment, passed, without its `=`.
    fn assignment(&mut self) -> Option<&'static str> {
        self.skip();
        if self.rest.starts_with("==") {
            return None;
        }
        ["", "+", "-", "*", "/", "%", "^", "**"]
            .into_iter()
            .find(|operator| self.eat(&format!("{operator}=")))
            .map(|operator| if operator == "**" { "^" } else { operator })
    }

    fn binary(&mut self, level: usize, greater: bool) -> Parsed<Expr> {
        let Some(operators) = LEVELS.get(level) else { return self.unary(greater) };
        let mut left = self.binary(level + 1, greater)?;
        let mut joined = 0;
        loop {
            self.skip();
            joined += 1;
            if joined > 200 {
                return Err("an expression of more than 200 parts is not supported in this terminal".to_owned());
            }
            if level == JOINING {
                // Two operands side by side are joined.
                let begins = self
                    .rest
                    .starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '"' | '$' | '(' | '_' | '.'))
                    || self.rest.starts_with("++")
                    || self.rest.starts_with("--");
                if !begins || self.word() == Some("in") {
                    return Ok(left);
                }
                let right = self.binary(level + 1, greater)?;
                left = Expr::Binary("", left.into(), right.into());
                continue;
            }
            if level == IN {
                if !self.keyword("in") {
                    return Ok(left);
                }
                left = Expr::In(vec![left], self.name()?);
                continue;
            }
            let found = operators.iter().find(|op| self.rest.starts_with(**op));
            let Some(operator) = found.filter(|op| greater || **op != ">") else { return Ok(left) };
            let after = self.rest.get(operator.len()..).unwrap_or_default();
            // `a += b`, `a++`, `a ** b`.
            let longer = matches!(*operator, "+" | "-" | "*" | "/" | "%") && after.starts_with('=')
                || matches!(*operator, "+" | "-" | "*") && after.starts_with(operator);
            if longer {
                return Ok(left);
            }
            self.rest = after;
            if level < IN {
                self.skip_newlines();
            }
            let right = self.binary(level + 1, greater)?;
            left = match level {
                MATCHING => Expr::Match(left.into(), right.into(), *operator == "!~"),
                _ => {
                    // The right side of `&&` may be an assignment: `a && b = 1`.
                    let right = match self.assignment_after(&right, level) {
                        Some(operator) => {
                            let value = self.ternary(greater)?;
                            Expr::Assign(right.into(), operator, value.into())
                        }
                        None => right,
                    };
                    Expr::Binary(operator, left.into(), right.into())
                }
            };
        }
    }

    fn assignment_after(&mut self, right: &Expr, level: usize) -> Option<&'static str> {
        if level < IN && is_target(right) { self.assignment() } else { None }
    }

    fn unary(&mut self, greater: bool) -> Parsed<Expr> {
        self.deeper(|parser| {
            parser.skip();
            if !parser.rest.starts_with("!~") && parser.eat("!") {
                return Ok(Expr::Not(parser.unary(greater)?.into()));
            }
            let (minus, plus) = (parser.rest.starts_with('-'), parser.rest.starts_with('+'));
            let step = parser.rest.starts_with("--") || parser.rest.starts_with("++");
            if (minus || plus) && !step {
                parser.rest = parser.rest.get(1..).unwrap_or_default();
                let inner = parser.unary(greater)?;
                return Ok(match minus {
                    true => Expr::Negative(inner.into()),
                    false => Expr::Binary("+", Expr::Number(0.0).into(), inner.into()),
                });
            }
            parser.power(greater)
        })
    }

    /// `a ^ b`: groups to the right, and more strongly than a sign before it.
    fn power(&mut self, greater: bool) -> Parsed<Expr> {
        let base = self.step()?;
        self.skip();
        let starred = self.rest.starts_with("**") && !self.rest.starts_with("**=");
        if !starred && (!self.rest.starts_with('^') || self.rest.starts_with("^=")) {
            return Ok(base);
        }
        self.rest = self.rest.get(if starred { 2 } else { 1 }..).unwrap_or_default();
        let exponent = self.unary(greater)?;
        Ok(Expr::Binary("^", base.into(), exponent.into()))
    }

    /// `++x`, `x++` and operands.
    fn step(&mut self) -> Parsed<Expr> {
        self.skip();
        for (operator, step) in [("++", 1.0), ("--", -1.0)] {
            if self.eat(operator) {
                let target = self.primary()?;
                if !is_target(&target) {
                    return Err(self.syntax_error());
                }
                return Ok(Expr::Step(target.into(), step, false));
            }
        }
        let operand = self.primary()?;
        if is_target(&operand) {
            for (operator, step) in [("++", 1.0), ("--", -1.0)] {
                if self.eat(operator) {
                    return Ok(Expr::Step(operand.into(), step, true));
                }
            }
        }
        Ok(operand)
    }

    fn primary(&mut self) -> Parsed<Expr> {
        self.skip();
        let Some(first) = self.rest.chars().next() else { return Err(self.syntax_error()) };
        match first {
            '"' => {
                let text = self.delimited('"').ok_or("runaway string constant")?;
                Ok(Expr::Text(escapes(&text)))
            }
            '/' => {
                let text = self.delimited('/').ok_or("runaway regular expression")?;
                let pattern = text.replace("\\/", "/").replace("\\\"", "\"");
                Ok(Expr::Regex(compile(&with_control_characters(&pattern), Syntax::Extended, false)?.into()))
            }
            '(' => {
                self.eat("(");
                let mut list = self.list(")")?;
                match (list.len(), list.pop()) {
                    // `(a) (b)` and `(a)++` are not `a b` and `a++`: but for targets nothing differs.
                    (1, Some(inner)) => Ok(inner),
                    (0, _) | (_, None) => Err(self.syntax_error()),
                    (_, Some(last)) => {
                        list.push(last);
                        if !self.keyword("in") {
                            return Err(self.syntax_error());
                        }
                        Ok(Expr::In(list, self.name()?))
                    }
                }
            }
            '$' => {
                self.eat("$");
                let index = self.deeper(|parser| match parser.eat("-") {
                    true => Ok(Expr::Negative(parser.primary()?.into())),
                    false if parser.rest.starts_with("++") || parser.rest.starts_with("--") => parser.step(),
                    false => parser.primary(),
                })?;
                Ok(Expr::Field(index.into()))
            }
            c if c.is_ascii_digit() || c == '.' => self.number(),
            _ => self.named(),
        }
    }

    fn number(&mut self) -> Parsed<Expr> {
        let bytes = self.rest.as_bytes();
        let mut length = bytes.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
        if matches!(bytes.get(length), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
            let digits = bytes.iter().skip(length + 1 + sign).take_while(|b| b.is_ascii_digit()).count();
            length += if digits > 0 { 1 + sign + digits } else { 0 };
        }
        let (digits, after) = self.rest.split_at(length);
        self.rest = after;
        digits.parse().map(Expr::Number).map_err(|_| format!("syntax error at or near {digits}"))
    }

    fn named(&mut self) -> Parsed<Expr> {
        let Some(name) = self.word() else { return Err(self.syntax_error()) };
        if REFUSED.contains(&name) {
            return Err(unsupported(name));
        }
        if RESERVED.contains(&name) {
            return Err(self.syntax_error());
        }
        self.rest = self.rest.get(name.len()..).unwrap_or_default();
        if let Some((function, least, most)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) {
            let arguments = match self.eat("(") {
                true => self.list(")")?,
                false if *function == "length" => Vec::new(),
                false => return Err(self.syntax_error()),
            };
            if arguments.len() < *least || arguments.len() > *most {
                return Err(format!("wrong number of arguments in call to {name}"));
            }
            return Ok(Expr::Call(function, arguments));
        }
        // Only without a blank is it a call, or `a (b)` could not be joined.
        if self.rest.starts_with('(') {
            self.eat("(");
            return Ok(Expr::User(name.to_owned(), self.list(")")?));
        }
        if self.eat("[") {
            return Ok(Expr::Element(name.to_owned(), self.list("]")?));
        }
        Ok(Expr::Variable(name.to_owned()))
    }

    /// The text between two delimiters, escapes left as they are.
    fn delimited(&mut self, delimiter: char) -> Option<String> {
        let mut out = String::new();
        // A delimiter between brackets ends no regular expression.
        let mut bracket = None;
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => {
                    out.push('\\');
                    out.push(chars.next()?.1);
                    continue;
                }
                c if c == delimiter && bracket.is_none() => {
                    self.rest = self.rest.get(at + 1..)?;
                    return Some(out);
                }
                '\n' => return None,
                '[' if delimiter == '/' && bracket.is_none() => {
                    let closes = self.rest.get(at..)?.find(']');
                    bracket = closes.map(|_| out.len());
                }
                // `[]a]` and `[^]a]`: the first one means itself.
                ']' => {
                    let inside = bracket.and_then(|from| out.get(from + 1..));
                    if inside.is_some_and(|inside| !inside.is_empty() && inside != "^") {
                        bracket = None;
                    }
                }
                _ => {}
            }
            out.push(c);
        }
        None
    }
}

/// True for what can be assigned to.
fn is_target(expr: &Expr) -> bool {
    matches!(expr, Expr::Variable(_) | Expr::Field(_) | Expr::Element(..))
}
