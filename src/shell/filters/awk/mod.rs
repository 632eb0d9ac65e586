//! awk: what GNU awk and mawk have in common, without `getline`, `system` and pipes.
//!
//! [`parse`] and [`expressions`] read the program, [`run`] goes through the lines, [`eval`] gives expressions their values.

mod eval;
mod expressions;
mod parse;
mod replace;
mod run;
mod values;

use super::Call;

/// What the messages offer.
const SUPPORTED: &str = "the statements and functions that all awks have, but getline, system and pipes";

/// An expression.
#[derive(Debug, Clone)]
enum Expr {
    Number(f64),
    Text(String),
    Regex(Box<regex_lite::Regex>),
    Variable(String),
    Field(Box<Expr>),
    /// `name[index, …]`.
    Element(String, Vec<Expr>),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    /// A text, a pattern, and whether it must not match.
    Match(Box<Expr>, Box<Expr>, bool),
    /// What is assigned to, the operator before `=`, and the value.
    Assign(Box<Expr>, &'static str, Box<Expr>),
    Choice(Box<Expr>, Box<Expr>, Box<Expr>),
    Call(&'static str, Vec<Expr>),
    /// A function of the program.
    User(String, Vec<Expr>),
    /// `(index, …) in name`.
    In(Vec<Expr>, String),
    /// A variable, field or element before or after a step: step, and whether the value is the one before.
    Step(Box<Expr>, f64, bool),
}

/// Where `print` writes.
#[derive(Debug, Clone)]
struct Redirection {
    append: bool,
    file: Expr,
}

#[derive(Debug, Clone)]
enum Statement {
    Print(Vec<Expr>, Option<Redirection>),
    Printf(Vec<Expr>, Option<Redirection>),
    Expr(Expr),
    Block(Vec<Statement>),
    If(Expr, Box<Statement>, Option<Box<Statement>>),
    While(Expr, Box<Statement>),
    Do(Box<Statement>, Expr),
    For(Option<Box<Statement>>, Option<Expr>, Option<Box<Statement>>, Box<Statement>),
    /// `for (name in array)`.
    ForIn(String, String, Box<Statement>),
    /// An element, or the whole array.
    Delete(String, Option<Vec<Expr>>),
    Next,
    Exit(Option<Expr>),
    Break,
    Continue,
    Return(Option<Expr>),
}

#[derive(Debug, Clone)]
enum Pattern {
    Begin,
    End,
    Always,
    Expr(Expr),
    /// `a, b`: from a line to a line; the number tells ranges apart.
    Range(Expr, Expr, usize),
}

#[derive(Debug, Clone)]
struct Rule {
    pattern: Pattern,
    /// Without an action the line is printed.
    action: Option<Statement>,
}

#[derive(Debug)]
struct Function {
    name: String,
    parameters: Vec<String>,
    body: Statement,
}

#[derive(Debug, Default)]
struct Program {
    rules: Vec<Rule>,
    functions: Vec<Function>,
}

pub(super) fn awk(call: &mut Call<'_>) -> i32 {
    // Options end at the program: `awk '{print}' -x` reads a file of that name.
    let (mut separator, mut variables, mut programs) = (" ".to_owned(), Vec::new(), Vec::new());
    let mut rest = call.args;
    while let Some((arg, after)) = rest.split_first().filter(|(arg, _)| arg.starts_with('-') && arg.len() > 1) {
        rest = after;
        if arg == "--" {
            break;
        }
        let (option, attached) = (arg.get(..2).unwrap_or_default(), arg.get(2..).unwrap_or_default());
        if !matches!(option, "-F" | "-v" | "-f") {
            return call.unsupported(arg, "-F SEPARATOR, -v NAME=value, -f FILE");
        }
        let value = if attached.is_empty() {
            let Some((value, after)) = rest.split_first() else {
                call.complain(&format!("option requires an argument -- {}", arg.trim_start_matches('-')));
                return 2;
            };
            rest = after;
            value.as_str()
        } else {
            attached
        };
        if option == "-f" {
            match call.read(value) {
                Ok(text) => programs.push(text),
                Err(error) => {
                    call.complain(&format!("couldn't open file {value}: {error}"));
                    return 2;
                }
            }
            continue;
        }
        match (option, assignment(value)) {
            ("-F", _) => separator = escapes(if value == "t" { "\\t" } else { value }),
            (_, Some(assigned)) => variables.push(assigned),
            (_, None) => return call.unsupported(arg, "-F SEPARATOR, -v NAME=value, -f FILE"),
        }
    }
    if programs.is_empty() {
        let Some((program, files)) = rest.split_first() else {
            call.err("Usage: awk [-F value] [-v var=value] 'program' [file ...]\n");
            return 2;
        };
        programs.push(program.clone());
        rest = files;
    }
    let program = match parse::program(&programs.join("\n")) {
        Ok(program) => program,
        Err(message) => {
            call.complain(&message);
            return 2;
        }
    };
    run::run(call, &program, rest, separator, variables)
}

/// `NAME=value` of `-v` or between the files.
fn assignment(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    crate::shell::syntax::is_name(name).then(|| (name.to_owned(), escapes(value)))
}

/// The escapes of awk strings.
fn escapes(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('a') => out.push('\u{7}'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('v') => out.push('\u{b}'),
            Some(c @ ('\\' | '"' | '/')) => out.push(c),
            Some('\n') => {}
            Some(digit @ '0'..='7') => {
                let mut code = digit.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    let Some(next) = chars.peek().and_then(|c| c.to_digit(8)) else { break };
                    code = code * 8 + next;
                    chars.next();
                }
                out.extend(char::from_u32(code & 0xff));
            }
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}
