//! The functions of awk.

use regex_lite::Regex;
use std::rc::Rc;

use super::Expr;
use super::eval::{eval, put, text, text_of};
use super::run::{MAX_TEXT, Outcome, State, too_long};
use super::values::Value;
use crate::shell::numbers::Spec;

/// Calls a function.
#[inline(never)]
pub(super) fn function(state: &mut State<'_>, name: &str, arguments: &[Expr]) -> Outcome<Value> {
    match (name, arguments) {
        ("length", []) => Ok(Value::count(state.line.chars().count())),
        ("length", [Expr::Variable(array)]) if is_array(state, array) => {
            let array = state.array_name(array);
            Ok(Value::count(state.arrays.get(&array).map_or(0, |array| array.elements.len())))
        }
        ("split", [whole, Expr::Variable(array), separator @ ..]) => split(state, whole, array, separator.first()),
        ("split", _) => Err("split: the second argument must be an array".to_owned()),
        ("sub" | "gsub", [pattern, replacement, target @ ..]) => {
            replace(state, pattern, replacement, target.first(), name == "gsub")
        }
        ("match", [subject, pattern]) => find(state, subject, pattern),
        ("sprintf", list) => formatted(state, list).map(Value::Text),
        _ => {
            let mut values = Vec::new();
            for argument in arguments {
                values.push(eval(state, argument)?);
            }
            of_values(state, name, &values)
        }
    }
}

fn is_array(state: &State<'_>, name: &str) -> bool {
    match state.locals.last().and_then(|locals| locals.get(name)) {
        Some(local) => matches!(local, super::run::Local::Array(_)),
        None => state.arrays.contains_key(name),
    }
}

fn of_values(state: &mut State<'_>, name: &str, values: &[Value]) -> Outcome<Value> {
    // Most of them look at each character.
    state.spend(values.iter().map(|value| value.size() / 8).sum())?;
    let text = |at: usize| values.get(at).map(|value| text_of(state, value)).unwrap_or_default();
    let number = values.first().map_or(0.0, Value::number);
    Ok(match name {
        "length" => Value::count(text(0).chars().count()),
        "toupper" => Value::Text(text(0).to_uppercase()),
        "tolower" => Value::Text(text(0).to_lowercase()),
        "index" => {
            let (whole, part) = (text(0), text(1));
            Value::count(whole.find(&part).map_or(0, |at| whole.get(..at).unwrap_or_default().chars().count() + 1))
        }
        "substr" => {
            let round = |value: f64| (value + 0.5).floor();
            let start = values.get(1).map_or(1.0, |start| round(start.number()));
            let end = values.get(2).map_or(f64::INFINITY, |length| start + round(length.number()));
            let chosen = |at: usize| (at + 1) as f64 >= start && ((at + 1) as f64) < end;
            Value::Text(text(0).chars().enumerate().filter(|(at, _)| chosen(*at)).map(|(_, c)| c).collect())
        }
        "int" => Value::Number(number.trunc()),
        "sqrt" => Value::Number(number.sqrt()),
        "exp" => Value::Number(number.exp()),
        "log" => Value::Number(number.ln()),
        "sin" => Value::Number(number.sin()),
        "cos" => Value::Number(number.cos()),
        "atan2" => Value::Number(number.atan2(values.get(1).map_or(0.0, Value::number))),
        // The same numbers every time, as of an awk without `srand`.
        "rand" => {
            state.seed = state.seed.wrapping_mul(1_103_515_245).wrapping_add(12_345);
            Value::Number(f64::from(state.seed >> 8) / f64::from(1 << 24))
        }
        "srand" => {
            let old = state.seed;
            state.seed = if values.is_empty() { 1 } else { number as i64 as u32 };
            Value::Number(f64::from(old))
        }
        // Files are written at the end.
        _ => Value::Number(0.0),
    })
}

fn pattern_of(state: &mut State<'_>, pattern: &Expr) -> Outcome<Rc<Regex>> {
    match pattern {
        Expr::Regex(regex) => Ok(Rc::new(Regex::clone(regex))),
        pattern => {
            let pattern = text(state, pattern)?;
            state.regex(&pattern)
        }
    }
}

fn split(state: &mut State<'_>, whole: &Expr, array: &str, separator: Option<&Expr>) -> Outcome<Value> {
    let whole = text(state, whole)?;
    let parts = match separator {
        Some(Expr::Regex(regex)) if whole.is_empty() => Vec::from_iter(None::<String>.filter(|_| regex.is_match(""))),
        Some(Expr::Regex(regex)) => regex.split(&whole).map(str::to_owned).collect(),
        separator => {
            let separator = match separator {
                Some(separator) => text(state, separator)?,
                None => state.setting("FS"),
            };
            state.split(&whole, &separator)?
        }
    };
    state.clear(array);
    let count = parts.len();
    state.spend(count)?;
    for (at, part) in parts.into_iter().enumerate() {
        state.set_element(array, (at + 1).to_string(), Value::Input(part))?;
    }
    Ok(Value::count(count))
}

fn find(state: &mut State<'_>, subject: &Expr, pattern: &Expr) -> Outcome<Value> {
    let subject = text(state, subject)?;
    let regex = pattern_of(state, pattern)?;
    state.spend(subject.len() / 4)?;
    let (start, length) = match regex.find(&subject) {
        Some(found) => {
            let before = subject.get(..found.start()).unwrap_or_default().chars().count();
            ((before + 1) as f64, found.as_str().chars().count() as f64)
        }
        None => (0.0, -1.0),
    };
    state.assign_variable("RSTART", Value::Number(start))?;
    state.assign_variable("RLENGTH", Value::Number(length))?;
    Ok(Value::Number(start))
}

/// `sub` and `gsub`: how often something was replaced.
fn replace(
    state: &mut State<'_>,
    pattern: &Expr,
    replacement: &Expr,
    target: Option<&Expr>,
    global: bool,
) -> Outcome<Value> {
    let line = Expr::Field(Expr::Number(0.0).into());
    let target = target.unwrap_or(&line);
    let regex = pattern_of(state, pattern)?;
    let replacement = text(state, replacement)?;
    let old = text(state, target)?;
    state.spend(old.len() / 2)?;
    let (mut out, mut done, mut count) = (String::new(), 0, 0);
    for found in regex.find_iter(&old) {
        // An empty match right after the match before does not count.
        if found.is_empty() && found.start() == done && count > 0 && done > 0 {
            continue;
        }
        out.push_str(old.get(done..found.start()).unwrap_or_default());
        insert(&mut out, &replacement, found.as_str());
        if out.len() > MAX_TEXT {
            return Err(too_long());
        }
        done = found.end();
        count += 1;
        if !global {
            break;
        }
    }
    if count > 0 {
        out.push_str(old.get(done..).unwrap_or_default());
        put(state, target, Value::Text(out))?;
    }
    Ok(Value::count(count))
}

/// Adds the replacement: `&` is what was found, `\&` itself.
fn insert(out: &mut String, replacement: &str, found: &str) {
    let mut chars = replacement.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if matches!(chars.peek(), Some('&' | '\\')) => out.extend(chars.next()),
            '&' => out.push_str(found),
            c => out.push(c),
        }
    }
}

/// The text of `printf` and `sprintf`.
pub(super) fn formatted(state: &mut State<'_>, list: &[Expr]) -> Outcome<String> {
    let mut values = Vec::new();
    for expr in list {
        values.push(eval(state, expr)?);
    }
    let mut values = values.into_iter();
    let format = values.next().map(|value| text_of(state, &value)).unwrap_or_default();
    let mut out = String::new();
    let mut rest = format.as_str();
    while let Some((plain, after)) = rest.split_once('%') {
        out.push_str(plain);
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let (spec, after) = Spec::read(after, &mut || values.next().map_or(0.0, |value| value.number()) as i64);
        let letter = after.chars().next().unwrap_or('%');
        rest = after.get(letter.len_utf8()..).unwrap_or_default();
        if !"sdiouxXceEfFgG".contains(letter) {
            return Err(format!(
                "`%{letter}` is not supported in this terminal; supported: %s %d %i %c %f %e %g %x %o %u %%"
            ));
        }
        let value = values.next().unwrap_or_default();
        out.push_str(&match letter {
            's' => spec.text(&text_of(state, &value)),
            'c' => {
                let c = match &value {
                    Value::Number(code) => char::from_u32(*code as u32).map(String::from),
                    value => text_of(state, value).chars().next().map(String::from),
                };
                spec.text(&c.unwrap_or_default())
            }
            'd' | 'i' | 'o' | 'u' | 'x' | 'X' => spec.whole(letter, value.number() as i64),
            letter => spec.number(letter, value.number()),
        });
        state.spend(1 + out.len() / 1_000)?;
        if out.len() > MAX_TEXT {
            return Err(too_long());
        }
    }
    out.push_str(rest);
    Ok(out)
}
