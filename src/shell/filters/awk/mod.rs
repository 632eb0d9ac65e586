//! awk: rules with patterns (`/re/`, comparisons, `BEGIN`, `END`) and the statements of one-liners.
//!
//! Statements: `print`, `printf`, assignment, `next`, `exit`. Expressions: fields, variables, numbers, strings, arithmetic,
//! joining, comparison, `~`, `&&`, `||`, `!`, `length`, `substr`, `index`, `toupper`, `tolower`.
//! Loops, `if`, arrays and the other functions are refused by name.

mod parse;
mod run;

use super::Call;

/// What the messages offer.
const SUPPORTED: &str =
    "/re/, comparisons, BEGIN, END, print, printf, assignments, next, exit, length, substr, index, toupper, tolower";

/// An expression.
#[derive(Debug, Clone)]
enum Expr {
    Number(f64),
    Text(String),
    Match(Box<Expr>, Box<regex_lite::Regex>),
    Variable(String),
    Field(Box<Expr>),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Assign(String, Box<Expr>),
    Choice(Box<Expr>, Box<Expr>, Box<Expr>),
    Call(&'static str, Vec<Expr>),
    /// A variable before or after a step: name, step, and whether the value is the one before.
    Step(String, f64, bool),
}

#[derive(Debug, Clone)]
enum Statement {
    Print(Vec<Expr>),
    Printf(Vec<Expr>),
    Expr(Expr),
    Next,
    Exit,
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
    action: Option<Vec<Statement>>,
}

pub(super) fn awk(call: &mut Call<'_>) -> i32 {
    // Options end at the program: `awk '{print}' -x` reads a file of that name.
    let (mut separator, mut variables) = (" ".to_owned(), Vec::new());
    let mut rest = call.args;
    while let Some((arg, after)) = rest.split_first().filter(|(arg, _)| arg.starts_with('-') && arg.len() > 1) {
        rest = after;
        if arg == "--" {
            break;
        }
        let (option, attached) = (arg.get(..2).unwrap_or_default(), arg.get(2..).unwrap_or_default());
        if !matches!(option, "-F" | "-v") {
            return call.unsupported(arg, "-F SEPARATOR, -v NAME=value");
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
        let value = escapes(value);
        match (option, value.split_once('=')) {
            ("-F", _) => separator = value,
            (_, Some((name, value))) => variables.push((name.to_owned(), value.to_owned())),
            (_, None) => return call.unsupported(arg, "-F SEPARATOR, -v NAME=value"),
        }
    }
    let Some((program, files)) = rest.split_first() else {
        call.err("Usage: awk [-F value] [-v var=value] 'program' [file ...]\n");
        return 2;
    };
    let rules = match parse::program(program) {
        Ok(rules) => rules,
        Err(message) => {
            call.complain(&message);
            return 2;
        }
    };
    if let Some(assignment) = files.iter().find(|file| file.contains('=') && !call.workstation.is_file(file)) {
        return call.unsupported(assignment, "-v NAME=value before the program");
    }
    let only_begin = rules.iter().all(|rule| matches!(rule.pattern, Pattern::Begin));
    let (inputs, failed) = if only_begin {
        (Vec::new(), false)
    } else {
        call.inputs(files, |path, reason| format!("cannot open {path} ({reason})"))
    };
    let text: String = inputs
        .into_iter()
        .map(|(_, text)| if text.is_empty() || text.ends_with('\n') { text } else { text + "\n" })
        .collect();
    match run::run(&rules, &text, separator, variables) {
        Ok(out) => {
            call.out(&out);
            if failed { 2 } else { 0 }
        }
        Err((out, message)) => {
            call.out(&out);
            call.complain(&message);
            2
        }
    }
}

/// The escapes of awk strings.
fn escapes(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some(c @ ('\\' | '"' | '/')) => out.push(c),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}
