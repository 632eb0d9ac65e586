//! Running awk rules over lines.

use std::collections::BTreeMap;

use super::super::MAX_TOOL_OUTPUT;
use super::super::regex::{Syntax, compile};
use super::{Expr, Pattern, Rule, Statement};
use crate::formats::ordered::map_of;

/// A value: a number, a text, or a text from the input that counts as a number if it looks like one.
#[derive(Debug, Clone)]
enum Value {
    Number(f64),
    Text(String),
    Input(String),
}

impl Value {
    fn number(&self) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Text(text) | Self::Input(text) => leading_number(text),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Number(number) => number_text(*number),
            Self::Text(text) | Self::Input(text) => text.clone(),
        }
    }

    /// The number, if the value compares as one.
    fn numeric(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(_) => None,
            Self::Input(text) => {
                text.trim().parse().ok().filter(|_| !text.contains(|c: char| c.is_alphabetic() && c != 'e'))
            }
        }
    }

    fn holds(&self) -> bool {
        match self.numeric() {
            Some(number) => number != 0.0,
            None => !self.text().is_empty(),
        }
    }
}

fn leading_number(text: &str) -> f64 {
    let text = text.trim_start();
    let length = text
        .bytes()
        .enumerate()
        .take_while(|(at, b)| b.is_ascii_digit() || *b == b'.' || *at == 0 && matches!(b, b'-' | b'+'))
        .count();
    text.get(..length).and_then(|digits| digits.parse().ok()).unwrap_or(0.0)
}

/// A number as `print` shows it: whole, or with six significant digits.
fn number_text(number: f64) -> String {
    if number == number.trunc() && number.abs() < 1e16 {
        return format!("{}", number as i64);
    }
    let digits = 5 - number.abs().log10().floor().clamp(-5.0, 5.0) as i32;
    let text = format!("{number:.*}", digits.max(0) as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

struct State {
    line: String,
    fields: Vec<String>,
    number: usize,
    variables: BTreeMap<String, Value>,
    out: String,
    ranges: Vec<bool>,
}

/// What ends the statements of a line.
enum Flow {
    Go,
    Next,
    Exit,
}

type Outcome<T> = Result<T, String>;

/// Runs the rules. An error comes with what was printed before.
pub(super) fn run(
    rules: &[Rule],
    text: &str,
    separator: String,
    variables: Vec<(String, String)>,
) -> Result<String, (String, String)> {
    let mut state = State {
        line: String::new(),
        fields: Vec::new(),
        number: 0,
        variables: map_of(variables.into_iter().map(|(name, value)| (name, Value::Input(value)))),
        out: String::new(),
        ranges: vec![false; rules.len() * 2],
    };
    state.variables.entry("FS".to_owned()).or_insert(Value::Text(separator));
    match all(&mut state, rules, text) {
        Ok(()) => Ok(state.out),
        Err(message) => Err((state.out, message)),
    }
}

fn all(state: &mut State, rules: &[Rule], text: &str) -> Outcome<()> {
    let mut exited = false;
    for rule in rules.iter().filter(|rule| matches!(rule.pattern, Pattern::Begin)) {
        exited = exited || matches!(act(state, rule)?, Flow::Exit);
    }
    let middle = rules.iter().any(|rule| !matches!(rule.pattern, Pattern::Begin));
    for line in text.split_terminator('\n').filter(|_| middle) {
        if exited {
            break;
        }
        state.number += 1;
        state.line = line.to_owned();
        state.fields = fields(state)?;
        for rule in rules {
            let applies = match &rule.pattern {
                Pattern::Begin | Pattern::End => false,
                Pattern::Always => true,
                Pattern::Expr(expr) => eval(state, expr)?.holds(),
                Pattern::Range(from, to, at) => {
                    let inside = state.ranges.get(*at).copied().unwrap_or(false);
                    let begins = !inside && eval(state, from)?.holds();
                    let now = inside || begins;
                    let ends = now && eval(state, to)?.holds();
                    if let Some(range) = state.ranges.get_mut(*at) {
                        *range = now && !ends;
                    }
                    now
                }
            };
            if !applies {
                continue;
            }
            match act(state, rule)? {
                Flow::Go => {}
                Flow::Next => break,
                Flow::Exit => {
                    exited = true;
                    break;
                }
            }
        }
    }
    for rule in rules.iter().filter(|rule| matches!(rule.pattern, Pattern::End)) {
        if let Flow::Exit = act(state, rule)? {
            break;
        }
    }
    Ok(())
}

fn fields(state: &State) -> Outcome<Vec<String>> {
    let separator = state.variables.get("FS").map(Value::text).unwrap_or_default();
    let line = state.line.as_str();
    if line.is_empty() {
        return Ok(Vec::new());
    }
    Ok(match separator.as_str() {
        " " => line.split_ascii_whitespace().map(str::to_owned).collect(),
        "" => line.chars().map(String::from).collect(),
        one if one.chars().count() == 1 => line.split(one).map(str::to_owned).collect(),
        pattern => {
            let regex = compile(pattern, Syntax::Extended, false)?;
            regex.split(line).map(str::to_owned).collect()
        }
    })
}

fn act(state: &mut State, rule: &Rule) -> Outcome<Flow> {
    let Some(action) = &rule.action else {
        emit(state, &[])?;
        return Ok(Flow::Go);
    };
    for statement in action {
        match statement {
            Statement::Print(list) => emit(state, list)?,
            Statement::Printf(list) => formatted(state, list)?,
            Statement::Expr(expr) => _ = eval(state, expr)?,
            Statement::Next => return Ok(Flow::Next),
            Statement::Exit => return Ok(Flow::Exit),
        }
    }
    Ok(Flow::Go)
}

fn emit(state: &mut State, list: &[Expr]) -> Outcome<()> {
    let between = state.variables.get("OFS").map_or(" ".to_owned(), Value::text);
    let end = state.variables.get("ORS").map_or("\n".to_owned(), Value::text);
    let mut texts = Vec::new();
    for expr in list {
        texts.push(eval(state, expr)?.text());
    }
    let line = if list.is_empty() { state.line.clone() } else { texts.join(&between) };
    print(state, &line)?;
    print(state, &end)
}

fn print(state: &mut State, text: &str) -> Outcome<()> {
    if state.out.len() + text.len() > MAX_TOOL_OUTPUT {
        return Err(format!("the output is longer than {MAX_TOOL_OUTPUT} bytes; stopped"));
    }
    state.out.push_str(text);
    Ok(())
}

/// `printf` with `%s`, `%d`, `%i`, `%%` and widths.
fn formatted(state: &mut State, list: &[Expr]) -> Outcome<()> {
    let mut values = Vec::new();
    for expr in list {
        values.push(eval(state, expr)?);
    }
    let mut values = values.into_iter();
    let format = values.next().map(|value| value.text()).unwrap_or_default();
    let mut out = String::new();
    let mut rest = format.as_str();
    while let Some((plain, after)) = rest.split_once('%') {
        out.push_str(plain);
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let length = after.bytes().take_while(|b| b"-0123456789.".contains(b)).count();
        let (spec, after) = after.split_at(length);
        let letter = after.chars().next();
        let left = spec.starts_with('-');
        let digits = spec.trim_start_matches('-');
        let (width, precision) = digits.split_once('.').unwrap_or((digits, ""));
        let zero = width.starts_with('0') && !left;
        let width = width.parse::<usize>().unwrap_or(0).min(1_000);
        let value = values.next();
        let text = match letter {
            Some('s') => {
                let text = value.map(|value| value.text()).unwrap_or_default();
                match precision.parse::<usize>() {
                    Ok(most) => text.chars().take(most).collect(),
                    Err(_) => text,
                }
            }
            Some('d' | 'i') => format!("{}", value.map_or(0.0, |value| value.number()).trunc() as i64),
            Some('f') => {
                let places = precision.parse::<usize>().unwrap_or(6).min(30);
                format!("{:.places$}", value.map_or(0.0, |value| value.number()))
            }
            other => {
                let letter = other.map(String::from).unwrap_or_default();
                return Err(format!("`%{letter}` is not supported in this terminal; supported: %s, %d, %i, %f, %%"));
            }
        };
        rest = after.get(1..).unwrap_or_default();
        out.push_str(&match (left, zero && letter != Some('s')) {
            (true, _) => format!("{text:<width$}"),
            (false, true) => {
                let (sign, digits) = text.split_at(usize::from(text.starts_with('-')));
                format!("{sign}{digits:0>rest$}", rest = width.saturating_sub(sign.len()))
            }
            (false, false) => format!("{text:>width$}"),
        });
    }
    out.push_str(rest);
    print(state, &out)
}

fn eval(state: &mut State, expr: &Expr) -> Outcome<Value> {
    let truth = |holds: bool| Value::Number(f64::from(u8::from(holds)));
    Ok(match expr {
        Expr::Number(number) => Value::Number(*number),
        Expr::Text(text) => Value::Text(text.clone()),
        Expr::Match(subject, regex) => truth(regex.is_match(&eval(state, subject)?.text())),
        Expr::Variable(name) => match name.as_str() {
            "NR" | "FNR" => Value::Number(state.number as f64),
            "NF" => Value::Number(state.fields.len() as f64),
            name => state.variables.get(name).cloned().unwrap_or(Value::Input(String::new())),
        },
        Expr::Field(index) => match eval(state, index)?.number() {
            index if index < 0.0 => return Err("attempt to access field -1".to_owned()),
            0.0 => Value::Input(state.line.clone()),
            index => Value::Input(state.fields.get(index as usize - 1).cloned().unwrap_or_default()),
        },
        Expr::Not(inner) => truth(!eval(state, inner)?.holds()),
        Expr::Negative(inner) => Value::Number(-eval(state, inner)?.number()),
        Expr::Choice(condition, yes, no) => {
            let chosen = if eval(state, condition)?.holds() { yes } else { no };
            eval(state, chosen)?
        }
        Expr::Assign(name, value) => {
            let value = eval(state, value)?;
            assign(state, name, value.clone())?;
            value
        }
        Expr::Step(name, step, before) => {
            let old = eval(state, &Expr::Variable(name.clone()))?.number();
            assign(state, name, Value::Number(old + step))?;
            Value::Number(if *before { old } else { old + step })
        }
        Expr::Binary("&&", left, right) => truth(eval(state, left)?.holds() && eval(state, right)?.holds()),
        Expr::Binary("||", left, right) => truth(eval(state, left)?.holds() || eval(state, right)?.holds()),
        Expr::Binary(operator, left, right) => {
            let (left, right) = (eval(state, left)?, eval(state, right)?);
            binary(operator, &left, &right)?
        }
        Expr::Call(name, arguments) => {
            let mut values = Vec::new();
            for argument in arguments {
                values.push(eval(state, argument)?);
            }
            function(state, name, &values)
        }
    })
}

fn assign(state: &mut State, name: &str, value: Value) -> Outcome<()> {
    if matches!(name, "NR" | "NF" | "FNR" | "RS") {
        return Err(format!("`{name} = …` is not supported in this terminal"));
    }
    let size = if let Value::Text(text) = &value { text.len() } else { 0 };
    if size > 100_000 {
        return Err("a text longer than 100000 bytes is not supported in this terminal".to_owned());
    }
    state.variables.insert(name.to_owned(), value);
    Ok(())
}

fn binary(operator: &str, left: &Value, right: &Value) -> Outcome<Value> {
    let number = |value: f64| Ok(Value::Number(value));
    match operator {
        "" => return Ok(Value::Text(left.text() + &right.text())),
        "+" => return number(left.number() + right.number()),
        "-" => return number(left.number() - right.number()),
        "*" => return number(left.number() * right.number()),
        "/" | "%" if right.number() == 0.0 => return Err("division by zero".to_owned()),
        "/" => return number(left.number() / right.number()),
        "%" => return number(left.number() % right.number()),
        _ => {}
    }
    let empty = |value: &Value| matches!(value, Value::Input(text) if text.is_empty());
    // A variable that was never set compares as a number with numbers, as a text with texts.
    let numbers = match (left.numeric(), right.numeric()) {
        (Some(l), Some(r)) => Some((l, r)),
        (None, Some(r)) if empty(left) && matches!(right, Value::Number(_)) => Some((0.0, r)),
        (Some(l), None) if empty(right) && matches!(left, Value::Number(_)) => Some((l, 0.0)),
        _ => None,
    };
    let order = match numbers {
        Some((left, right)) => left.partial_cmp(&right),
        None => Some(left.text().cmp(&right.text())),
    };
    let holds = order.is_some_and(|order| match operator {
        "==" => order.is_eq(),
        "!=" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        _ => order.is_ge(),
    });
    number(f64::from(u8::from(holds)))
}

fn function(state: &State, name: &str, values: &[Value]) -> Value {
    let text = |at: usize| values.get(at).map(Value::text).unwrap_or_default();
    match name {
        "length" if values.is_empty() => Value::Number(state.line.chars().count() as f64),
        "length" => Value::Number(text(0).chars().count() as f64),
        "toupper" => Value::Text(text(0).to_uppercase()),
        "tolower" => Value::Text(text(0).to_lowercase()),
        "index" => {
            let (whole, part) = (text(0), text(1));
            let at = whole.find(&part).map_or(0, |at| whole.get(..at).unwrap_or_default().chars().count() + 1);
            Value::Number(at as f64)
        }
        _ => {
            let start = values.get(1).map_or(1.0, Value::number).round();
            let end = values.get(2).map_or(f64::INFINITY, |length| start + length.number().round());
            let chosen = |at: usize| (at + 1) as f64 >= start && ((at + 1) as f64) < end;
            Value::Text(text(0).chars().enumerate().filter(|(at, _)| chosen(*at)).map(|(_, c)| c).collect())
        }
    }
}
