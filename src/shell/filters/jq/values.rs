//! What jq does with single values: indexing, slicing, order, description in messages, formats.

use std::borrow::Cow;
use std::cmp::Ordering;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::eval::{Machine, Outcome, fail};
use super::print::{number_text, print};
use crate::formats::ordered::sort;

/// `value[index]`.
pub(super) fn index<'v>(m: &mut Machine, value: &'v Value, index: &Value) -> Outcome<Cow<'v, Value>> {
    let found = match (value, index) {
        (Value::Object(members), Value::String(name)) => members.get(name),
        (Value::Array(items), Value::Number(at)) => {
            let at = at.as_f64().unwrap_or(0.0).floor();
            let at = if at < 0.0 { at + items.len() as f64 } else { at };
            if at >= 0.0 { items.get(at as usize) } else { None }
        }
        (Value::Array(_) | Value::Null, Value::Object(bounds)) => {
            let bound = |name| bounds.get(name).unwrap_or(&Value::Null);
            return slice(m, value, bound("start"), bound("end")).map(Cow::Owned);
        }
        (Value::Array(_), Value::Array(_)) => return indices(m, value, index).map(Cow::Owned),
        (Value::Null, Value::String(_) | Value::Number(_) | Value::Null) => None,
        (value, Value::String(name)) => {
            return fail(format!("Cannot index {} with string \"{name}\"", type_name(value)));
        }
        (value, index) => return fail(format!("Cannot index {} with {}", type_name(value), type_name(index))),
    };
    Ok(found.map_or(Cow::Owned(Value::Null), Cow::Borrowed))
}

/// Where `part` stands in a text or an array.
pub(super) fn indices(m: &mut Machine, whole: &Value, part: &Value) -> Outcome<Value> {
    Ok(match (whole, part) {
        (Value::Null, _) => Value::Null,
        (Value::String(whole), Value::String(part)) => {
            let mut found = Vec::new();
            // Matches may overlap.
            for (at, _) in whole.char_indices().filter(|_| !part.is_empty()) {
                m.spend(1 + part.len() / 64)?;
                if whole.get(at..).is_some_and(|rest| rest.starts_with(part.as_str())) {
                    found.push(Value::from(at));
                }
            }
            Value::Array(found)
        }
        (Value::Array(items), part) => {
            let wanted = match part {
                Value::Array(wanted) => wanted.as_slice(),
                one => std::slice::from_ref(one),
            };
            let mut found = Vec::new();
            for at in 0..items.len() {
                let here = items.get(at..at + wanted.len()).filter(|_| !wanted.is_empty());
                m.spend(wanted.len())?;
                if here.is_some_and(|here| here.iter().zip(wanted).all(|(l, r)| compare(l, r).is_eq())) {
                    found.push(Value::from(at));
                }
            }
            Value::Array(found)
        }
        (whole, part) => {
            return fail(format!("Cannot determine indices of {} in {}", type_name(part), type_name(whole)));
        }
    })
}

/// The range that the bounds of a slice name.
pub(super) fn range(length: usize, from: &Value, to: &Value) -> Outcome<(usize, usize)> {
    let bound = |bound: &Value, default: f64, round: fn(f64) -> f64| match bound {
        Value::Null => Ok(default),
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or(0.0);
            let number = if number < 0.0 { number + length as f64 } else { number };
            Ok(round(number.clamp(0.0, length as f64)))
        }
        _ => fail("Start and end indices of an array slice must be numbers"),
    };
    let (from, to) = (bound(from, 0.0, f64::floor)? as usize, bound(to, length as f64, f64::ceil)? as usize);
    Ok((from, to.max(from)))
}

/// `value[from:to]`.
pub(super) fn slice(m: &mut Machine, value: &Value, from: &Value, to: &Value) -> Outcome<Value> {
    Ok(match value {
        Value::Null => Value::Null,
        Value::Array(items) => {
            let (from, to) = range(items.len(), from, to)?;
            let mut part = Vec::new();
            for item in items.get(from..to).unwrap_or_default() {
                part.push(m.copy(item)?);
            }
            Value::Array(part)
        }
        Value::String(text) => {
            let (from, to) = range(text.chars().count(), from, to)?;
            m.spend(text.len() / 16)?;
            Value::String(text.chars().skip(from).take(to - from).collect())
        }
        value => return fail(format!("Cannot index {} with object", type_name(value))),
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

/// The start of a value's text, less than `most` bytes.
pub(super) fn shown(value: &Value, most: usize) -> String {
    let text = print(value, Some(0), false);
    if text.len() < most {
        return text;
    }
    let mut end = most - 4;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}...", text.get(..end).unwrap_or_default())
}

/// The error for a value that has no place in the input.
pub(super) fn no_path<T>(value: &Value) -> Outcome<T> {
    fail(format!("Invalid path expression with result {}", shown(value, 30)))
}

/// A value in a message: its type and the start of its text.
pub(super) fn described(value: &Value) -> String {
    format!("{} ({})", type_name(value), shown(value, 11))
}

/// A value in the format `@name`.
pub(super) fn format(name: &str, value: &Value) -> Outcome<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        value => print(value, Some(0), false),
    };
    let row = |quote: &dyn Fn(&str) -> String, between: &str| -> Outcome<String> {
        let Value::Array(items) = value else {
            return fail(format!("{} cannot be {name}-formatted, only array", described(value)));
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
        "json" => print(value, Some(0), false),
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
        "sh" => {
            let items = if let Value::Array(items) = value { items.as_slice() } else { std::slice::from_ref(value) };
            let mut words = Vec::new();
            for item in items {
                words.push(match item {
                    Value::String(text) => format!("'{}'", text.replace('\'', "'\\''")),
                    Value::Array(_) | Value::Object(_) => {
                        return fail(format!("{} can not be escaped for shell", described(item)));
                    }
                    item => text(item),
                });
            }
            words.join(" ")
        }
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
