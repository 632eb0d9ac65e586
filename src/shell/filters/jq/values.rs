//! What jq does with single values: indexing, slicing, order, description in messages, formats.

use std::cmp::Ordering;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::eval::{Budget, Outcome, fail};
use super::print::{number_text, print};
use crate::formats::ordered::sort;

/// `value[index]`.
pub(super) fn index(value: &Value, index: &Value, budget: &mut Budget) -> Outcome<Value> {
    match (value, index) {
        (Value::Object(members), Value::String(name)) => {
            members.get(name).map_or(Ok(Value::Null), |found| budget.copy(found))
        }
        (Value::Array(items), Value::Number(at)) => {
            let at = at.as_f64().unwrap_or(0.0).floor();
            let at = if at < 0.0 { at + items.len() as f64 } else { at };
            let found = if at >= 0.0 { items.get(at as usize) } else { None };
            found.map_or(Ok(Value::Null), |found| budget.copy(found))
        }
        (Value::Null, Value::String(_) | Value::Number(_) | Value::Null) => Ok(Value::Null),
        (value, Value::String(name)) => fail(format!("Cannot index {} with string \"{name}\"", type_name(value))),
        (value, index) => fail(format!("Cannot index {} with {}", type_name(value), type_name(index))),
    }
}

/// `value[from:to]`.
pub(super) fn slice(value: &Value, from: &Value, to: &Value, budget: &mut Budget) -> Outcome<Value> {
    let length = match value {
        Value::Null => return Ok(Value::Null),
        Value::Array(items) => items.len(),
        Value::String(text) => text.chars().count(),
        value => return fail(format!("Cannot index {} with object", type_name(value))),
    };
    let bound = |bound: &Value, default: usize| match bound {
        Value::Null => Ok(default),
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or(0.0);
            let number = if number < 0.0 { number + length as f64 } else { number };
            Ok(number.clamp(0.0, length as f64) as usize)
        }
        _ => fail("Start and end indices of an array slice must be numbers"),
    };
    let (from, to) = (bound(from, 0)?, bound(to, length)?);
    let count = to.saturating_sub(from);
    budget.spend(count)?;
    Ok(match value {
        Value::String(text) => Value::String(text.chars().skip(from).take(count).collect()),
        Value::Array(items) => Value::Array(items.iter().skip(from).take(count).cloned().collect()),
        _ => Value::Null,
    })
}

pub(super) fn split(text: &str, by: &str) -> Value {
    if text.is_empty() {
        return Value::Array(Vec::new());
    }
    if by.is_empty() {
        return text.chars().map(|c| Value::String(c.into())).collect();
    }
    text.split(by).map(Value::from).collect()
}

/// The order of jq: null, false, true, numbers, texts, arrays, objects.
pub(super) fn compare(left: &Value, right: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(false) => 1,
        Value::Bool(true) => 2,
        Value::Number(_) => 3,
        Value::String(_) => 4,
        Value::Array(_) => 5,
        Value::Object(_) => 6,
    };
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left.as_f64().unwrap_or(0.0).partial_cmp(&right.as_f64().unwrap_or(0.0)).unwrap_or(Ordering::Equal)
        }
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Array(left), Value::Array(right)) => {
            let different = left.iter().zip(right).map(|(l, r)| compare(l, r)).find(|order| order.is_ne());
            different.unwrap_or(left.len().cmp(&right.len()))
        }
        (Value::Object(left), Value::Object(right)) => {
            let sorted = |members: &Map<String, Value>| {
                let mut names: Vec<String> = members.keys().cloned().collect();
                sort(&mut names);
                names
            };
            let names = sorted(left);
            names.cmp(&sorted(right)).then_with(|| {
                let pair = |name: &String| Some(compare(left.get(name)?, right.get(name)?));
                names.iter().filter_map(pair).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
            })
        }
        (left, right) => rank(left).cmp(&rank(right)),
    }
}

pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A value in a message: its type and the start of its text.
pub(super) fn described(value: &Value) -> String {
    const SHOWN: usize = 11;
    let text = print(value, true, false);
    let shown = if text.len() < SHOWN {
        text
    } else {
        let mut end = SHOWN - 4;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        format!("{}...", text.get(..end).unwrap_or_default())
    };
    format!("{} ({shown})", type_name(value))
}

/// A value in the format `@name`.
pub(super) fn format(name: &str, value: &Value) -> Outcome<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        value => print(value, true, false),
    };
    let row = |quote: &dyn Fn(&str) -> String, between: &str| -> Outcome<String> {
        let Value::Array(items) = value else {
            return fail(format!("{} cannot be {name}-formatted, only an array can be", described(value)));
        };
        let mut cells = Vec::new();
        for item in items {
            cells.push(match item {
                Value::Null => String::new(),
                Value::Bool(value) => value.to_string(),
                Value::Number(number) => number_text(number),
                Value::String(text) => quote(text),
                item => return fail(format!("{} is not valid in a {name} row", described(item))),
            });
        }
        Ok(cells.join(between))
    };
    Ok(match name {
        "text" => text(value),
        "json" => print(value, true, false),
        "csv" => row(&|text| format!("\"{}\"", text.replace('"', "\"\"")), ",")?,
        "tsv" => row(
            &|text| text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r"),
            "\t",
        )?,
        "base64" => STANDARD.encode(text(value)),
        "base64d" => match STANDARD.decode(text(value)).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
            Some(text) => text,
            None => return fail(format!("{} is not valid base64 data", described(value))),
        },
        "sh" => match value {
            Value::String(text) => format!("'{}'", text.replace('\'', "'\\''")),
            Value::Array(_) | Value::Object(_) => {
                return fail(format!("{} can not be escaped for shell", described(value)));
            }
            value => text(value),
        },
        "html" => text(value)
            .chars()
            .map(|c| match c {
                '<' => "&lt;".to_owned(),
                '>' => "&gt;".to_owned(),
                '&' => "&amp;".to_owned(),
                '\'' => "&#39;".to_owned(),
                '"' => "&quot;".to_owned(),
                c => c.to_string(),
            })
            .collect(),
        _ => text(value)
            .bytes()
            .map(|byte| match byte {
                b if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) => char::from(b).to_string(),
                b => format!("%{b:02X}"),
            })
            .collect(),
    })
}
