//! The functions of jq whose arguments are values.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::eval::{Error, Machine, Outcome, fail, holds, number_value, sorting};
use super::matches::captured;
use super::print::print;
use super::values::{compare, described, format, split, type_name};
use crate::formats::ordered::{sort, sort_by};
use crate::formats::time::Timestamp;
use crate::shell::dates;

/// The types that a selector such as `strings` lets through.
pub(super) fn selected_type(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "arrays" => &["array"],
        "iterables" => &["array", "object"],
        "nulls" => &["null"],
        "scalars" => &["boolean", "null", "number", "string"],
        "booleans" => &["boolean"],
        "numbers" => &["number"],
        "objects" => &["object"],
        "strings" => &["string"],
        "values" => &["array", "boolean", "number", "object", "string"],
        _ => return None,
    })
}

/// A function without arguments.
pub(super) fn plain(m: &mut Machine, name: &str, input: &Value) -> Outcome<Value> {
    if let Some(value) = looked_at(m, name, input)? {
        return Ok(value);
    }
    Ok(match (name, m.copy(input)?) {
        ("keys" | "keys_unsorted", Value::Array(items)) => Value::Array((0..items.len()).map(Value::from).collect()),
        ("keys", Value::Object(members)) => {
            let mut names: Vec<String> = members.into_iter().map(|(name, _)| name).collect();
            sort(&mut names);
            Value::from(names)
        }
        ("keys_unsorted", Value::Object(members)) => members.into_iter().map(|(name, _)| Value::String(name)).collect(),
        ("keys" | "keys_unsorted", input) => return fail(format!("{} has no keys", described(&input))),
        ("to_entries", Value::Object(members)) => {
            members.into_iter().map(|(name, value)| json!({"key": name, "value": value})).collect()
        }
        ("to_entries", Value::Array(items)) => {
            items.into_iter().enumerate().map(|(at, value)| json!({"key": at, "value": value})).collect()
        }
        ("to_entries", input) => return fail(format!("{} has no keys", described(&input))),
        ("from_entries", input) => {
            let mut members = Map::new();
            for entry in listed(&input)? {
                if !entry.is_object() {
                    return fail(format!("Cannot index {} with string \"key\"", type_name(entry)));
                }
                let member = |names: &[&str]| names.iter().find_map(|name| entry.get(*name).filter(|v| holds(v)));
                let key = match member(&["key", "k", "name", "Name", "K", "Key"]) {
                    Some(Value::String(key)) => key.clone(),
                    Some(other) => print(other, Some(0), false),
                    None => "null".to_owned(),
                };
                let value = ["value", "v", "Value", "V"].iter().find_map(|name| entry.get(*name));
                members.insert(key, value.cloned().unwrap_or(Value::Null));
            }
            Value::Object(members)
        }
        ("add", input) => sum(listed(&input)?)?,
        ("any", input) => Value::Bool(listed(&input)?.into_iter().any(holds)),
        ("all", input) => Value::Bool(listed(&input)?.into_iter().all(holds)),
        ("reverse", Value::Array(mut items)) => {
            items.reverse();
            Value::Array(items)
        }
        ("reverse", Value::Null) => Value::Array(Vec::new()),
        ("reverse", Value::String(text)) if text.is_empty() => Value::Array(Vec::new()),
        ("reverse", input) => return fail(format!("Cannot index {} with number", type_name(&input))),
        ("sort" | "unique" | "min" | "max", Value::Array(mut items)) => {
            m.spend(sorting(items.len()))?;
            sort_by(&mut items, &compare);
            match name {
                "min" => items.into_iter().next().unwrap_or(Value::Null),
                "max" => items.pop().unwrap_or(Value::Null),
                "unique" => {
                    items.dedup_by(|right, left| compare(left, right) == Ordering::Equal);
                    Value::Array(items)
                }
                _ => Value::Array(items),
            }
        }
        ("sort" | "unique" | "min" | "max", input) => {
            return fail(format!("{} cannot be sorted, as it is not an array", described(&input)));
        }
        ("flatten", Value::Array(items)) => {
            let mut flat = Vec::new();
            flatten(m, &items, usize::MAX, &mut flat)?;
            Value::Array(flat)
        }
        ("flatten", input) => return fail(format!("Cannot iterate over {}", described(&input))),
        ("explode", Value::String(text)) => text.chars().map(|c| Value::from(u32::from(c))).collect(),
        ("explode", _) => return fail("explode input must be a string"),
        ("implode", Value::Array(codes)) => {
            let c = |code: &Value| char::from_u32(code.as_f64()? as u32);
            match codes.iter().map(c).collect::<Option<String>>() {
                Some(text) => text.into(),
                None => return fail("Unicode codepoint must be numeric"),
            }
        }
        ("implode", _) => return fail("implode input must be an array"),
        ("trim" | "ltrim" | "rtrim", Value::String(text)) => match name {
            "trim" => text.trim().into(),
            "ltrim" => text.trim_start().into(),
            _ => text.trim_end().into(),
        },
        ("trim" | "ltrim" | "rtrim", input) => return fail(format!("{} cannot be trimmed", described(&input))),
        ("fromdateiso8601", Value::String(text)) => match Timestamp::parse(&text) {
            Ok(time) => Value::from(time.0.div_euclid(1_000)),
            Err(_) => return fail(format!("date \"{text}\" does not match format \"%Y-%m-%dT%H:%M:%SZ\"")),
        },
        ("fromdateiso8601", input) => {
            return fail(format!("strptime/1 requires string inputs and arguments: {}", described(&input)));
        }
        ("todateiso8601", Value::Number(number)) => {
            match dates::formatted(number.as_f64().unwrap_or(0.0) as i64, "%Y-%m-%dT%H:%M:%SZ") {
                Ok(text) => text.into(),
                Err(_) => Value::Null,
            }
        }
        ("todateiso8601", _) => return fail("strftime/1 requires parsed datetime inputs"),
        ("ascii_downcase", Value::String(text)) => text.to_ascii_lowercase().into(),
        ("ascii_upcase", Value::String(text)) => text.to_ascii_uppercase().into(),
        ("ascii_downcase" | "ascii_upcase", _) => return fail(format!("{name} input must be a string")),
        ("tostring", Value::String(text)) => Value::String(text),
        ("tostring" | "tojson", input) => Value::String(print(&input, Some(0), false)),
        ("tonumber", Value::Number(number)) => Value::Number(number),
        ("tonumber", Value::String(text)) => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => number_value(number),
            _ => {
                return fail(format!(
                    "Invalid numeric literal at EOF at line 1, column {} (while parsing '{text}')",
                    text.len()
                ));
            }
        },
        ("tonumber", input) => return fail(format!("{} cannot be parsed as a number", described(&input))),
        ("fromjson", Value::String(text)) => match serde_json::from_str(&text) {
            Ok(value) => value,
            Err(_) => return fail(format!("Invalid JSON text (while parsing '{text}')")),
        },
        ("fromjson", input) => return fail(format!("{} cannot be parsed as JSON", described(&input))),
        (name, Value::Number(number)) => number_value(arithmetic(name, number.as_f64().unwrap_or(0.0))),
        (_, input) => return fail(format!("{} number required", described(&input))),
    })
}

/// A function of one number.
fn arithmetic(name: &str, number: f64) -> f64 {
    match name {
        "abs" | "fabs" => number.abs(),
        "ceil" => number.ceil(),
        "floor" => number.floor(),
        "log" => number.ln(),
        "log10" => number.log10(),
        "log2" => number.log2(),
        "round" => number.round(),
        _ => number.sqrt(),
    }
}

/// The functions without arguments that need no copy of the input.
fn looked_at(m: &mut Machine, name: &str, input: &Value) -> Outcome<Option<Value>> {
    Ok(Some(match (name, input) {
        ("not", input) => Value::Bool(!holds(input)),
        ("type", input) => type_name(input).into(),
        ("length", Value::Null) => Value::from(0),
        ("length", Value::String(text)) => Value::from(text.chars().count()),
        ("length", Value::Array(items)) => Value::from(items.len()),
        ("length", Value::Object(members)) => Value::from(members.len()),
        ("length", Value::Number(number)) => number_value(number.as_f64().unwrap_or(0.0).abs()),
        ("length", input) => return fail(format!("{} has no length", described(input))),
        ("utf8bytelength", Value::String(text)) => Value::from(text.len()),
        ("utf8bytelength", input) => return fail(format!("{} only strings have UTF-8 byte length", described(input))),
        ("infinite", _) => number_value(f64::INFINITY),
        ("nan" | "input_filename", _) => Value::Null,
        ("isnan", input) => Value::Bool(input.is_null()),
        ("isinfinite", input) => Value::Bool(input.as_f64().is_some_and(|number| number.abs() == f64::MAX)),
        ("isnormal", input) => Value::Bool(input.as_f64().is_some_and(f64::is_normal)),
        ("input_line_number", _) => Value::from(0),
        ("now", _) => Value::from(m.now),
        ("env", _) => m.environment.clone(),
        ("_captured", found) => captured(found),
        ("input", _) => match m.inputs.pop_front() {
            Some((value, _)) => value,
            None => return fail("No more inputs"),
        },
        ("halt", _) => return Err(Error::Halt(0, String::new())),
        ("debug" | "stderr", input) => {
            let text = print(input, Some(0), false);
            m.spend(text.len())?;
            m.messages.push_str(&if name == "debug" { format!("[\"DEBUG:\",{text}]\n") } else { text });
            m.copy(input)?
        }
        _ => return Ok(None),
    }))
}

/// A function with one value as its argument.
pub(super) fn with_argument(m: &mut Machine, name: &str, input: &Value, argument: &Value) -> Outcome<Value> {
    Ok(match (name, input, argument) {
        ("has", Value::Object(members), Value::String(name)) => Value::Bool(members.contains_key(name)),
        ("has", Value::Array(items), Value::Number(at)) => {
            Value::Bool(at.as_f64().is_some_and(|at| at >= 0.0 && at < items.len() as f64))
        }
        ("has", ..) => {
            return fail(format!("Cannot check whether {} has a {} key", type_name(input), type_name(argument)));
        }
        ("contains", ..) => Value::Bool(contains(m, input, argument)?),
        ("inside", ..) => Value::Bool(contains(m, argument, input)?),
        ("startswith", Value::String(text), Value::String(part)) => Value::Bool(text.starts_with(part.as_str())),
        ("endswith", Value::String(text), Value::String(part)) => Value::Bool(text.ends_with(part.as_str())),
        ("startswith" | "endswith", ..) => return fail(format!("{name}() requires string inputs")),
        ("ltrimstr", Value::String(text), Value::String(part)) => {
            text.strip_prefix(part.as_str()).unwrap_or(text).into()
        }
        ("rtrimstr", Value::String(text), Value::String(part)) => {
            text.strip_suffix(part.as_str()).unwrap_or(text).into()
        }
        ("ltrimstr" | "rtrimstr", ..) => m.copy(input)?,
        ("split", Value::String(text), Value::String(by)) => split(text, by),
        ("split", ..) => return fail("split input and separator must be strings"),
        ("join", _, Value::String(by)) => {
            let mut texts: Vec<String> = Vec::new();
            for item in listed(input)? {
                m.spend(1)?;
                texts.push(match item {
                    Value::Null => String::new(),
                    Value::Array(_) | Value::Object(_) => {
                        let before = format!("{}{by}", texts.join(by.as_str()));
                        let before = described(&Value::String(before));
                        return fail(format!("{before} and {} cannot be added", described(item)));
                    }
                    item => format("text", item)?,
                });
            }
            texts.join(by.as_str()).into()
        }
        ("join", ..) => return fail(format!("{} and string (\"\") cannot be added", described(argument))),
        (name, ..) => {
            return Err(Error::Limit(format!("{name} of {} is not supported in this terminal", type_name(input))));
        }
    })
}

/// What `.[]` goes over.
fn listed(value: &Value) -> Outcome<Vec<&Value>> {
    match value {
        Value::Array(items) => Ok(items.iter().collect()),
        Value::Object(members) => Ok(members.values().collect()),
        value => fail(format!("Cannot iterate over {}", described(value))),
    }
}

pub(super) fn flatten(m: &mut Machine, items: &[Value], depth: usize, flat: &mut Vec<Value>) -> Outcome<()> {
    for item in items {
        match item {
            Value::Array(items) if depth > 0 => flatten(m, items, depth - 1, flat)?,
            item => flat.push(m.copy(item)?),
        }
    }
    Ok(())
}

/// The sum of all items. Each kind is added up at once: adding one by one would copy the sum each time.
fn sum(items: Vec<&Value>) -> Outcome<Value> {
    let mut sum = Value::Null;
    for item in items {
        match (&mut sum, item) {
            (_, Value::Null) => {}
            (Value::Null, item) => sum = item.clone(),
            (Value::String(text), Value::String(more)) => text.push_str(more),
            (Value::Array(list), Value::Array(more)) => list.extend(more.iter().cloned()),
            (Value::Object(members), Value::Object(more)) => {
                members.extend(more.iter().map(|(name, value)| (name.clone(), value.clone())));
            }
            (Value::Number(left), Value::Number(right)) => {
                sum = number_value(left.as_f64().unwrap_or(0.0) + right.as_f64().unwrap_or(0.0));
            }
            (sum, item) => return fail(format!("{} and {} cannot be added", described(sum), described(item))),
        }
    }
    Ok(sum)
}

fn contains(m: &mut Machine, whole: &Value, part: &Value) -> Outcome<bool> {
    m.spend(1)?;
    Ok(match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            for (name, value) in part {
                match whole.get(name) {
                    Some(found) if contains(m, found, value)? => {}
                    _ => return Ok(false),
                }
            }
            true
        }
        (Value::Array(whole), Value::Array(part)) => {
            for value in part {
                let mut found = false;
                for candidate in whole.iter().filter(|candidate| type_name(candidate) == type_name(value)) {
                    found = found || contains(m, candidate, value)?;
                }
                if !found {
                    return Ok(false);
                }
            }
            true
        }
        (Value::String(whole), Value::String(part)) => whole.contains(part.as_str()),
        (whole, part) if type_name(whole) == type_name(part) => compare(whole, part) == Ordering::Equal,
        (whole, part) => {
            return fail(format!("{} and {} cannot have their containment checked", described(whole), described(part)));
        }
    })
}
