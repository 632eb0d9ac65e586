//! The program of awk into rules.

use super::super::regex::{Syntax, compile};
use super::{Expr, Pattern, Rule, SUPPORTED, Statement, escapes};

/// How deep expressions may stand in each other.
const MAX_DEPTH: usize = 30;
/// The longest program, in bytes.
const MAX_PROGRAM_BYTES: usize = 10_000;

type Parsed<T> = Result<T, String>;

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
    ranges: usize,
}

fn unsupported(what: &str) -> String {
    format!("`{what}` is not supported in this terminal; supported: {SUPPORTED}")
}

/// Reads a program; the error is the message.
pub(super) fn program(text: &str) -> Parsed<Vec<Rule>> {
    if text.len() > MAX_PROGRAM_BYTES {
        return Err(format!("a program longer than {MAX_PROGRAM_BYTES} bytes is not supported in this terminal"));
    }
    let mut parser = Parser { rest: text, depth: 0, ranges: 0 };
    let mut rules = Vec::new();
    loop {
        parser.skip_separators();
        if parser.rest.is_empty() {
            return Ok(rules);
        }
        rules.push(parser.rule()?);
    }
}

const FUNCTIONS: [&str; 5] = ["length", "substr", "index", "toupper", "tolower"];
const REFUSED: [&str; 20] = [
    "if", "for", "while", "do", "function", "delete", "getline", "gsub", "sub", "split", "match", "sprintf", "in",
    "return", "system", "printf(", "int", "rand", "close", "else",
];

impl<'a> Parser<'a> {
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t']);
            match self.rest.strip_prefix("\\\n") {
                Some(after) => self.rest = after,
                None => return,
            }
        }
    }

    fn skip_separators(&mut self) {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r', ';']);
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

    fn word(&mut self) -> Option<&'a str> {
        self.skip();
        let length = self.rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let word = self.rest.get(..length)?;
        (length > 0 && !word.starts_with(|c: char| c.is_ascii_digit())).then_some(word)
    }

    fn syntax_error(&self) -> String {
        let near: String = self.rest.chars().take(10).take_while(|c| *c != '\n').collect();
        if near.is_empty() {
            "syntax error at or near end of line".to_owned()
        } else {
            format!("syntax error at or near {near}")
        }
    }

    fn rule(&mut self) -> Parsed<Rule> {
        let pattern = match self.word() {
            Some(word @ ("BEGIN" | "END")) => {
                self.rest = self.rest.get(word.len()..).unwrap_or_default();
                self.skip();
                if !self.rest.starts_with('{') {
                    return Err(self.syntax_error());
                }
                if word == "BEGIN" { Pattern::Begin } else { Pattern::End }
            }
            _ if self.rest.starts_with('{') => Pattern::Always,
            _ => {
                let first = self.expr()?;
                if self.eat(",") {
                    self.ranges += 1;
                    Pattern::Range(first, self.expr()?, self.ranges - 1)
                } else {
                    Pattern::Expr(first)
                }
            }
        };
        if !self.eat("{") {
            if !self.rest.is_empty() && !self.rest.starts_with([';', '\n']) {
                return Err(self.syntax_error());
            }
            return Ok(Rule { pattern, action: None });
        }
        let mut statements = Vec::new();
        loop {
            self.skip_separators();
            if self.eat("}") {
                return Ok(Rule { pattern, action: Some(statements) });
            }
            if self.rest.is_empty() {
                return Err(self.syntax_error());
            }
            statements.push(self.statement()?);
            self.skip();
            if !self.rest.starts_with([';', '\n', '}', '#']) {
                return Err(self.syntax_error());
            }
        }
    }

    fn statement(&mut self) -> Parsed<Statement> {
        let word = self.word().unwrap_or_default();
        if matches!(word, "print" | "printf" | "next" | "exit") {
            self.rest = self.rest.get(word.len()..).unwrap_or_default();
        }
        match word {
            "next" => Ok(Statement::Next),
            "exit" => {
                self.skip();
                if self.rest.starts_with(|c: char| c.is_ascii_digit()) && !self.rest.starts_with('0') {
                    return Err(unsupported("exit CODE"));
                }
                self.eat("0");
                Ok(Statement::Exit)
            }
            "print" | "printf" => {
                let mut list = Vec::new();
                self.skip();
                let before = self.rest;
                // `print (a, b)`: a list in parentheses.
                if self.eat("(") {
                    loop {
                        list.push(self.expr()?);
                        if !self.eat(",") {
                            break;
                        }
                    }
                    let closed = self.eat(")");
                    self.skip();
                    if !closed || !(self.rest.is_empty() || self.rest.starts_with([';', '\n', '}'])) {
                        list.clear();
                        self.rest = before;
                    }
                }
                if list.is_empty() && !self.rest.starts_with([';', '\n', '}', '>', '|']) && !self.rest.is_empty() {
                    loop {
                        list.push(self.no_redirection()?);
                        if !self.eat(",") {
                            break;
                        }
                    }
                }
                self.skip();
                if self.rest.starts_with(['>', '|']) {
                    return Err(unsupported("print > file"));
                }
                if word == "print" { Ok(Statement::Print(list)) } else { Ok(Statement::Printf(list)) }
            }
            _ => Ok(Statement::Expr(self.expr()?)),
        }
    }

    /// An expression of `print`, where `>` is a redirection.
    fn no_redirection(&mut self) -> Parsed<Expr> {
        self.ternary(false)
    }

    fn expr(&mut self) -> Parsed<Expr> {
        self.ternary(true)
    }

    fn ternary(&mut self, greater: bool) -> Parsed<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("expressions more than {MAX_DEPTH} deep are not supported in this terminal"));
        }
        let condition = self.binary(0, greater)?;
        let result = if self.eat("?") {
            let yes = self.ternary(greater)?;
            if !self.eat(":") {
                return Err(self.syntax_error());
            }
            let no = self.ternary(greater)?;
            Expr::Choice(condition.into(), yes.into(), no.into())
        } else {
            condition
        };
        self.depth -= 1;
        Ok(result)
    }

    /// Binary operators by levels: `||`, `&&`, `~`, comparison, joining, sums, products.
    fn binary(&mut self, level: usize, greater: bool) -> Parsed<Expr> {
        const LEVELS: [&[&str]; 7] =
            [&["||"], &["&&"], &["!~", "~"], &["<=", ">=", "==", "!=", "<", ">"], &[""], &["+", "-"], &["*", "/", "%"]];
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1, greater)?;
        let mut joined = 0;
        loop {
            self.skip();
            joined += 1;
            if joined > 200 {
                return Err("an expression of more than 200 parts is not supported in this terminal".to_owned());
            }
            if *operators == [""] {
                // Two operands side by side are joined.
                let begins = self
                    .rest
                    .starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '"' | '$' | '(' | '_' | '.'));
                if !begins || self.word() == Some("in") {
                    return Ok(left);
                }
                let right = self.binary(level + 1, greater)?;
                left = Expr::Binary("", left.into(), right.into());
                continue;
            }
            let found = operators.iter().find(|op| self.rest.starts_with(**op));
            let Some(operator) = found.filter(|op| greater || **op != ">") else { return Ok(left) };
            if matches!(*operator, "+" | "-") && ["++", "--"].iter().any(|op| self.rest.starts_with(op)) {
                return Ok(left);
            }
            self.rest = self.rest.get(operator.len()..).unwrap_or_default();
            if level == 2 {
                self.skip();
                let regex = if self.rest.starts_with('/') {
                    self.regex()?
                } else if self.rest.starts_with('"') {
                    let text = self.string()?;
                    compile(&text, Syntax::Extended, false)?
                } else {
                    return Err(unsupported("~ with a computed expression"));
                };
                left = Expr::Match(left.into(), regex.into());
                if *operator == "!~" {
                    left = Expr::Not(left.into());
                }
                continue;
            }
            let right = self.binary(level + 1, greater)?;
            left = Expr::Binary(operator, left.into(), right.into());
        }
    }

    fn unary(&mut self) -> Parsed<Expr> {
        self.skip();
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("expressions more than {MAX_DEPTH} deep are not supported in this terminal"));
        }
        let result = if self.rest.starts_with("++") || self.rest.starts_with("--") {
            let step = if self.rest.starts_with('+') { 1.0 } else { -1.0 };
            self.rest = self.rest.get(2..).unwrap_or_default();
            let name = self.word().ok_or_else(|| self.syntax_error())?;
            self.rest = self.rest.get(name.len()..).unwrap_or_default();
            Expr::Step(name.to_owned(), step, false)
        } else if !self.rest.starts_with("!~") && self.eat("!") {
            Expr::Not(self.unary()?.into())
        } else if self.eat("-") {
            Expr::Negative(self.unary()?.into())
        } else if self.eat("+") {
            Expr::Binary("+", Expr::Number(0.0).into(), self.unary()?.into())
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Ok(result)
    }

    fn primary(&mut self) -> Parsed<Expr> {
        self.skip();
        let Some(first) = self.rest.chars().next() else { return Err(self.syntax_error()) };
        match first {
            '"' => Ok(Expr::Text(self.string()?)),
            '/' => {
                let regex = self.regex()?;
                let line = Expr::Field(Expr::Number(0.0).into());
                Ok(Expr::Match(line.into(), regex.into()))
            }
            '(' => {
                self.eat("(");
                let inner = self.ternary(true)?;
                if self.eat(")") { Ok(inner) } else { Err(self.syntax_error()) }
            }
            '$' => {
                self.eat("$");
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(self.syntax_error());
                }
                let index = if self.eat("-") { Expr::Negative(self.primary()?.into()) } else { self.primary()? };
                self.depth -= 1;
                self.skip();
                let assigned = self.rest.starts_with('=') && !self.rest.starts_with("==");
                if assigned || ["+=", "-=", "++", "--"].iter().any(|op| self.rest.starts_with(op)) {
                    return Err(unsupported("$N = value"));
                }
                Ok(Expr::Field(index.into()))
            }
            c if c.is_ascii_digit() || c == '.' => {
                let length = self.rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
                let (digits, after) = self.rest.split_at(length);
                self.rest = after;
                digits.parse().map(Expr::Number).map_err(|_| format!("syntax error at or near {digits}"))
            }
            _ => {
                let Some(name) = self.word() else { return Err(self.syntax_error()) };
                if REFUSED.contains(&name) {
                    return Err(unsupported(name));
                }
                self.rest = self.rest.get(name.len()..).unwrap_or_default();
                if let Some(function) = FUNCTIONS.iter().find(|known| **known == name) {
                    return self.function(function);
                }
                if self.rest.starts_with(['(', '[']) {
                    let shape = if self.rest.starts_with('(') { "(…)" } else { "[…]" };
                    return Err(unsupported(&format!("{name}{shape}")));
                }
                self.variable(name)
            }
        }
    }

    fn function(&mut self, name: &'static str) -> Parsed<Expr> {
        let mut arguments = Vec::new();
        if self.eat("(") {
            while !self.eat(")") {
                arguments.push(self.ternary(true)?);
                self.skip();
                if !self.eat(",") && !self.rest.starts_with(')') {
                    return Err(self.syntax_error());
                }
            }
        } else if name != "length" {
            return Err(self.syntax_error());
        }
        let (least, most) = match name {
            "length" => (0, 1),
            "substr" => (2, 3),
            "index" => (2, 2),
            _ => (1, 1),
        };
        if arguments.len() < least || arguments.len() > most {
            return Err(format!("wrong number of arguments in call to {name}"));
        }
        Ok(Expr::Call(name, arguments))
    }

    fn variable(&mut self, name: &str) -> Parsed<Expr> {
        self.skip();
        let name = name.to_owned();
        for (operator, step) in [("++", 1.0), ("--", -1.0)] {
            if self.eat(operator) {
                return Ok(Expr::Step(name, step, true));
            }
        }
        for (operator, base) in [("+=", "+"), ("-=", "-"), ("*=", "*"), ("/=", "/")] {
            if self.eat(operator) {
                let right = self.ternary(true)?;
                let sum = Expr::Binary(base, Expr::Variable(name.clone()).into(), right.into());
                return Ok(Expr::Assign(name, sum.into()));
            }
        }
        if self.rest.starts_with('=') && !self.rest.starts_with("==") {
            self.eat("=");
            let value = self.ternary(true)?;
            return Ok(Expr::Assign(name, value.into()));
        }
        Ok(Expr::Variable(name))
    }

    /// The string that begins here.
    fn string(&mut self) -> Parsed<String> {
        let text = self.delimited('"').ok_or("runaway string constant")?;
        Ok(escapes(&text))
    }

    fn regex(&mut self) -> Parsed<regex_lite::Regex> {
        let text = self.delimited('/').ok_or("runaway regular expression")?;
        compile(&text.replace("\\/", "/").replace("\\\"", "\""), Syntax::Extended, false)
    }

    /// The text between two delimiters, escapes left as they are.
    fn delimited(&mut self, delimiter: char) -> Option<String> {
        let mut out = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => {
                    out.push('\\');
                    out.push(chars.next()?.1);
                }
                c if c == delimiter => {
                    self.rest = self.rest.get(at + 1..)?;
                    return Some(out);
                }
                '\n' => return None,
                c => out.push(c),
            }
        }
        None
    }
}
