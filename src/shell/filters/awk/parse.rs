//! The program of awk into rules: statements and patterns.

use super::{Expr, Function, Pattern, Program, Redirection, Rule, SUPPORTED, Statement};

/// How deep expressions and statements may stand in each other.
pub(super) const MAX_DEPTH: usize = 30;
/// The longest program, in bytes.
const MAX_PROGRAM_BYTES: usize = 10_000;

pub(super) type Parsed<T> = Result<T, String>;

pub(super) struct Parser<'a> {
    pub rest: &'a str,
    pub depth: usize,
    ranges: usize,
}

pub(super) fn unsupported(what: &str) -> String {
    format!("`{what}` is not supported in this terminal; supported: {SUPPORTED}")
}

/// Reads a program; the error is the message.
pub(super) fn program(text: &str) -> Parsed<Program> {
    if text.len() > MAX_PROGRAM_BYTES {
        return Err(format!("a program longer than {MAX_PROGRAM_BYTES} bytes is not supported in this terminal"));
    }
    let mut parser = Parser { rest: text, depth: 0, ranges: 0 };
    let mut program = Program::default();
    loop {
        parser.skip_separators();
        if parser.rest.is_empty() {
            return Ok(program);
        }
        if parser.keyword("function") || parser.keyword("func") {
            program.functions.push(parser.function()?);
        } else {
            program.rules.push(parser.rule()?);
        }
    }
}

impl<'a> Parser<'a> {
    /// Passes blanks, continued lines and a comment.
    pub fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\r']);
            if let Some(after) = self.rest.strip_prefix("\\\n") {
                self.rest = after;
                continue;
            }
            if self.rest.starts_with('#') {
                self.rest = self.rest.find('\n').and_then(|at| self.rest.get(at..)).unwrap_or_default();
            }
            return;
        }
    }

    pub fn skip_newlines(&mut self) {
        self.skip();
        while let Some(after) = self.rest.strip_prefix('\n') {
            self.rest = after;
            self.skip();
        }
    }

    fn skip_separators(&mut self) {
        self.skip_newlines();
        while let Some(after) = self.rest.strip_prefix(';') {
            self.rest = after;
            self.skip_newlines();
        }
    }

    pub fn eat(&mut self, token: &str) -> bool {
        self.skip();
        match self.rest.strip_prefix(token) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => false,
        }
    }

    pub fn need(&mut self, token: &str) -> Parsed<()> {
        if self.eat(token) { Ok(()) } else { Err(self.syntax_error()) }
    }

    pub fn word(&mut self) -> Option<&'a str> {
        self.skip();
        let length = self.rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let word = self.rest.get(..length)?;
        (length > 0 && !word.starts_with(|c: char| c.is_ascii_digit())).then_some(word)
    }

    pub fn keyword(&mut self, keyword: &str) -> bool {
        let found = self.word() == Some(keyword);
        if found {
            self.rest = self.rest.get(keyword.len()..).unwrap_or_default();
        }
        found
    }

    /// A name, passed.
    pub fn name(&mut self) -> Parsed<String> {
        let Some(name) = self.word() else { return Err(self.syntax_error()) };
        self.rest = self.rest.get(name.len()..).unwrap_or_default();
        Ok(name.to_owned())
    }

    pub fn syntax_error(&self) -> String {
        let near: String = self.rest.chars().take(10).take_while(|c| *c != '\n').collect();
        if near.is_empty() {
            "syntax error at or near end of line".to_owned()
        } else {
            format!("syntax error at or near {near}")
        }
    }

    pub fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(format!("expressions more than {MAX_DEPTH} deep are not supported in this terminal"));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn function(&mut self) -> Parsed<Function> {
        let name = self.name()?;
        self.need("(")?;
        let mut parameters = Vec::new();
        self.skip_newlines();
        while !self.eat(")") {
            parameters.push(self.name()?);
            self.skip_newlines();
            if self.eat(",") {
                self.skip_newlines();
            } else if !self.rest.starts_with(')') {
                return Err(self.syntax_error());
            }
        }
        self.skip_newlines();
        Ok(Function { name, parameters, body: self.block()? })
    }

    fn rule(&mut self) -> Parsed<Rule> {
        let pattern = match self.word() {
            Some(word @ ("BEGIN" | "END")) => {
                self.keyword(word);
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
                    self.skip_newlines();
                    self.ranges += 1;
                    Pattern::Range(first, self.expr()?, self.ranges - 1)
                } else {
                    Pattern::Expr(first)
                }
            }
        };
        self.skip();
        if self.rest.starts_with('{') {
            return Ok(Rule { pattern, action: Some(self.block()?) });
        }
        if !self.rest.is_empty() && !self.rest.starts_with([';', '\n']) {
            return Err(self.syntax_error());
        }
        Ok(Rule { pattern, action: None })
    }

    fn block(&mut self) -> Parsed<Statement> {
        self.need("{")?;
        let mut statements = Vec::new();
        loop {
            self.skip_separators();
            if self.eat("}") {
                return Ok(Statement::Block(statements));
            }
            if self.rest.is_empty() {
                return Err(self.syntax_error());
            }
            statements.push(self.statement()?);
        }
    }

    /// A statement with what ends it.
    fn statement(&mut self) -> Parsed<Statement> {
        self.deeper(|parser| {
            parser.skip();
            if parser.rest.starts_with('{') {
                return parser.block();
            }
            if parser.eat(";") {
                return Ok(Statement::Block(Vec::new()));
            }
            let word = parser.word().unwrap_or_default();
            match word {
                "if" => {
                    parser.keyword(word);
                    let condition = parser.condition()?;
                    let yes = parser.statement()?;
                    let before = parser.rest;
                    parser.skip_separators();
                    let no = if parser.keyword("else") {
                        parser.skip_newlines();
                        Some(parser.statement()?.into())
                    } else {
                        parser.rest = before;
                        None
                    };
                    return Ok(Statement::If(condition, yes.into(), no));
                }
                "while" => {
                    parser.keyword(word);
                    let condition = parser.condition()?;
                    return Ok(Statement::While(condition, parser.statement()?.into()));
                }
                "do" => {
                    parser.keyword(word);
                    parser.skip_newlines();
                    let body = parser.statement()?;
                    parser.skip_separators();
                    if !parser.keyword("while") {
                        return Err(parser.syntax_error());
                    }
                    parser.need("(")?;
                    let condition = parser.expr()?;
                    parser.need(")")?;
                    parser.ended()?;
                    return Ok(Statement::Do(body.into(), condition));
                }
                "for" => return parser.for_loop(),
                _ => {}
            }
            let statement = parser.simple()?;
            parser.ended()?;
            Ok(statement)
        })
    }

    /// Passes the end of a simple statement.
    fn ended(&mut self) -> Parsed<()> {
        self.skip();
        if self.rest.starts_with(';') || self.rest.starts_with('\n') {
            self.rest = self.rest.get(1..).unwrap_or_default();
            return Ok(());
        }
        if self.rest.starts_with('|') && !self.rest.starts_with("||") {
            return Err(unsupported("| getline"));
        }
        if self.rest.is_empty() || self.rest.starts_with('}') { Ok(()) } else { Err(self.syntax_error()) }
    }

    /// `(condition)` and the newlines after it.
    fn condition(&mut self) -> Parsed<Expr> {
        self.need("(")?;
        let condition = self.expr()?;
        self.need(")")?;
        self.skip_newlines();
        Ok(condition)
    }

    fn for_loop(&mut self) -> Parsed<Statement> {
        self.keyword("for");
        self.need("(")?;
        let before = self.rest;
        if let Ok(name) = self.name()
            && self.keyword("in")
            && let Ok(array) = self.name()
            && self.eat(")")
        {
            self.skip_newlines();
            return Ok(Statement::ForIn(name, array, self.statement()?.into()));
        }
        self.rest = before;
        let first = if self.eat(";") {
            None
        } else {
            let first = self.simple()?;
            self.need(";")?;
            Some(first.into())
        };
        self.skip_newlines();
        let condition = if self.eat(";") {
            None
        } else {
            let condition = self.expr()?;
            self.need(";")?;
            Some(condition)
        };
        self.skip_newlines();
        let step = if self.eat(")") {
            None
        } else {
            let step = self.simple()?;
            self.need(")")?;
            Some(step.into())
        };
        self.skip_newlines();
        Ok(Statement::For(first, condition, step, self.statement()?.into()))
    }

    /// A statement without statements in it.
    fn simple(&mut self) -> Parsed<Statement> {
        let word = self.word().unwrap_or_default();
        const WORDS: [&str; 8] = ["print", "printf", "next", "exit", "delete", "break", "continue", "return"];
        if WORDS.contains(&word) {
            self.keyword(word);
        }
        Ok(match word {
            "next" => Statement::Next,
            "break" => Statement::Break,
            "continue" => Statement::Continue,
            "exit" | "return" => {
                self.skip();
                let value = match self.rest.starts_with([';', '\n', '}']) || self.rest.is_empty() {
                    true => None,
                    false => Some(self.expr()?),
                };
                if word == "exit" { Statement::Exit(value) } else { Statement::Return(value) }
            }
            "delete" => {
                let name = self.name()?;
                if !self.eat("[") {
                    return Ok(Statement::Delete(name, None));
                }
                let index = self.list("]")?;
                Statement::Delete(name, Some(index))
            }
            "print" | "printf" => {
                let list = self.printed()?;
                let redirection = self.redirection()?;
                if word == "print" { Statement::Print(list, redirection) } else { Statement::Printf(list, redirection) }
            }
            _ => Statement::Expr(self.expr()?),
        })
    }

    /// What `print` prints.
    fn printed(&mut self) -> Parsed<Vec<Expr>> {
        self.skip();
        let before = self.rest;
        // `print (a, b)`: a list in parentheses.
        if self.eat("(") {
            let list = self.list(")")?;
            self.skip();
            if self.rest.is_empty() || self.rest.starts_with([';', '\n', '}', '>', '|']) {
                return Ok(list);
            }
            self.rest = before;
        }
        let mut list = Vec::new();
        if self.rest.is_empty() || self.rest.starts_with([';', '\n', '}', '>', '|']) {
            return Ok(list);
        }
        loop {
            list.push(self.no_redirection()?);
            if !self.eat(",") {
                return Ok(list);
            }
            self.skip_newlines();
        }
    }

    fn redirection(&mut self) -> Parsed<Option<Redirection>> {
        self.skip();
        if self.rest.starts_with('|') {
            return Err(unsupported("print | command"));
        }
        let append = self.eat(">>");
        if !append && !self.eat(">") {
            return Ok(None);
        }
        Ok(Some(Redirection { append, file: self.no_redirection()? }))
    }

    /// Expressions with commas between them, up to `close`.
    pub fn list(&mut self, close: &str) -> Parsed<Vec<Expr>> {
        let mut list = Vec::new();
        self.skip_newlines();
        if self.eat(close) {
            return Ok(list);
        }
        loop {
            list.push(self.expr()?);
            self.skip_newlines();
            if self.eat(close) {
                return Ok(list);
            }
            self.need(",")?;
            self.skip_newlines();
        }
    }
}
