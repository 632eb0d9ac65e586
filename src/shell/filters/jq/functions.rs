//! The functions of jq.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::eval::{Budget, Error, Outcome, all, eval, fail, holds, number_value};
use super::parse::Filter;
use super::print::print;
use super::values::{compare, described, format, split, type_name};
use crate::formats::ordered::{sort, sort_by};

/// The functions with the number of their arguments.
pub const NAMES: &[(&str, usize)] = &[
    ("add", 0),
    ("all", 0),
    ("all", 1),
    ("any", 0),
    ("any", 1),
    ("arrays", 0),
    ("ascii_downcase", 0),
    ("ascii_upcase", 0),
    ("booleans", 0),
    ("contains", 1),
    ("empty", 0),
    ("endswith", 1),
    ("error", 1),
    ("first", 0),
    ("first", 1),
    ("flatten", 0),
    ("floor", 0),
    ("from_entries", 0),
    ("fromjson", 0),
    ("group_by", 1),
    ("has", 1),
    ("index", 1),
    ("inside", 1),
    ("join", 1),
    ("keys", 0),
    ("keys_unsorted", 0),
    ("last", 0),
    ("length", 0),
    ("limit", 2),
    ("ltrimstr", 1),
    ("map", 1),
    ("map_values", 1),
    ("max", 0),
    ("max_by", 1),
    ("min", 0),
    ("min_by", 1),
    ("not", 0),
    ("numbers", 0),
    ("objects", 0),
    ("range", 1),
    ("recurse", 0),
    ("reverse", 0),
    ("rtrimstr", 1),
    ("select", 1),
    ("sort", 0),
    ("sort_by", 1),
    ("split", 1),
    ("startswith", 1),
    ("strings", 0),
    ("test", 1),
    ("test", 2),
    ("to_entries", 0),
    ("tojson", 0),
    ("tonumber", 0),
    ("tostring", 0),
    ("type", 0),
    ("unique", 0),
    ("unique_by", 1),
    ("values", 0),
    ("with_entries", 1),
];

/// Functions of jq that are not here.
pub(super) const ELSEWHERE: &[&str] = &[
    "capture",
    "ceil",
    "combinations",
    "debug",
    "del",
    "delpaths",
    "env",
    "explode",
    "fromdate",
    "fromdateiso8601",
    "getpath",
    "gsub",
    "halt",
    "implode",
    "in",
    "indices",
    "input",
    "inputs",
    "isvalid",
    "leaf_paths",
    "match",
    "mktime",
    "now",
    "nth",
    "path",
    "paths",
    "pick",
    "pow",
    "rindex",
    "round",
    "scan",
    "setpath",
    "splits",
    "sqrt",
    "strftime",
    "strptime",
    "sub",
    "todate",
    "todateiso8601",
    "transpose",
    "truncate_stream",
    "until",
    "walk",
    "while",
];

type Variables = BTreeMap<String, Value>;

/// Calls a function of [`NAMES`].
pub(super) fn call(
    name: &str,
    arguments: &[Filter],
    input: &Value,
    variables: &Variables,
    budget: &mut Budget,
    out: &mut Vec<Value>,
) -> Outcome<()> {
    let Some(first) = arguments.first() else {
        if name == "empty" {
            return Ok(());
        }
        if let Some(wanted) = selected_type(name) {
            if wanted.contains(&type_name(input)) {
                out.push(budget.copy(input)?);
            }
            return Ok(());
        }
        if name == "recurse" {
            return eval(&Filter::Recurse, input, variables, budget, out);
        }
        let copied = budget.copy(input)?;
        out.push(plain(name, copied)?);
        return Ok(());
    };
    match name {
        "select" => {
            for value in all(first, input, variables, budget)? {
                if holds(&value) {
                    out.push(budget.copy(input)?);
                }
            }
        }
        "map" => {
            let mut mapped = Vec::new();
            for item in items(input)? {
                eval(first, item, variables, budget, &mut mapped)?;
            }
            out.push(Value::Array(mapped));
        }
        "map_values" => match input {
            Value::Object(members) => {
                let mut mapped = Map::new();
                for (name, value) in members {
                    if let Some(value) = all(first, value, variables, budget)?.into_iter().next() {
                        mapped.insert(name.clone(), value);
                    }
                }
                out.push(Value::Object(mapped));
            }
            _ => {
                let mut mapped = Vec::new();
                for item in items(input)? {
                    mapped.extend(all(first, item, variables, budget)?.into_iter().next());
                }
                out.push(Value::Array(mapped));
            }
        },
        "with_entries" => {
            let entries = plain("to_entries", budget.copy(input)?)?;
            let mut changed = Vec::new();
            for entry in items(&entries)? {
                eval(first, entry, variables, budget, &mut changed)?;
            }
            out.push(plain("from_entries", Value::Array(changed))?);
        }
        "any" | "all" => {
            let mut found = name == "all";
            for item in items(input)? {
                for value in all(first, item, variables, budget)? {
                    found = if name == "any" { found || holds(&value) } else { found && holds(&value) };
                }
            }
            out.push(Value::Bool(found));
        }
        "first" => out.extend(all(first, input, variables, budget)?.into_iter().next()),
        "limit" => {
            let Some(body) = arguments.get(1) else { return Ok(()) };
            for count in all(first, input, variables, budget)? {
                let count = count.as_f64().unwrap_or(0.0).max(0.0) as usize;
                out.extend(all(body, input, variables, budget)?.into_iter().take(count));
            }
        }
        "range" => {
            for end in all(first, input, variables, budget)? {
                let Some(end) = end.as_f64() else { return fail("Range bounds must be numeric") };
                let mut at = 0;
                while f64::from(at) < end {
                    budget.spend(1)?;
                    out.push(Value::from(at));
                    at += 1;
                }
            }
        }
        "sort_by" | "group_by" | "unique_by" | "min_by" | "max_by" => by(name, first, input, variables, budget, out)?,
        _ => {
            let flags = match arguments.get(1) {
                Some(flags) => all(flags, input, variables, budget)?.into_iter().next().unwrap_or(Value::Null),
                None => Value::Null,
            };
            for argument in all(first, input, variables, budget)? {
                let copied = budget.copy(input)?;
                out.push(with_argument(name, copied, argument, &flags, budget)?);
            }
        }
    }
    Ok(())
}

fn by(
    name: &str,
    key: &Filter,
    input: &Value,
    variables: &Variables,
    budget: &mut Budget,
    out: &mut Vec<Value>,
) -> Outcome<()> {
    let Value::Array(items) = input else {
        let what = match name {
            "sort_by" => "sorted",
            "group_by" => "grouped",
            "unique_by" => "grouped",
            _ => return fail(format!("Cannot index {} with number", type_name(input))),
        };
        return fail(format!("{} cannot be {what}, as it is not an array", described(input)));
    };
    let mut keyed = Vec::new();
    for item in items {
        let key = Value::Array(all(key, item, variables, budget)?);
        keyed.push((key, budget.copy(item)?));
    }
    sort_by(&mut keyed, &|left, right| compare(&left.0, &right.0));
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for (key, item) in keyed {
        match groups.last_mut() {
            Some((last, group)) if compare(last, &key) == Ordering::Equal => group.push(item),
            _ => groups.push((key, vec![item])),
        }
    }
    out.push(match name {
        "sort_by" => Value::Array(groups.into_iter().flat_map(|(_, group)| group).collect()),
        "group_by" => Value::Array(groups.into_iter().map(|(_, group)| Value::Array(group)).collect()),
        "unique_by" => Value::Array(groups.into_iter().filter_map(|(_, group)| group.into_iter().next()).collect()),
        "min_by" => groups.into_iter().next().and_then(|(_, group)| group.into_iter().next()).unwrap_or(Value::Null),
        _ => groups.pop().and_then(|(_, mut group)| group.pop()).unwrap_or(Value::Null),
    });
    Ok(())
}

/// The types that a selector such as `strings` lets through.
fn selected_type(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "arrays" => &["array"],
        "booleans" => &["boolean"],
        "numbers" => &["number"],
        "objects" => &["object"],
        "strings" => &["string"],
        "values" => &["array", "boolean", "number", "object", "string"],
        _ => return None,
    })
}

/// A function without arguments.
fn plain(name: &str, input: Value) -> Outcome<Value> {
    Ok(match (name, input) {
        ("not", input) => Value::Bool(!holds(&input)),
        ("type", input) => type_name(&input).into(),
        ("length", Value::Null) => Value::from(0),
        ("length", Value::String(text)) => Value::from(text.chars().count()),
        ("length", Value::Array(items)) => Value::from(items.len()),
        ("length", Value::Object(members)) => Value::from(members.len()),
        ("length", Value::Number(number)) => number_value(number.as_f64().unwrap_or(0.0).abs()),
        ("length", input) => return fail(format!("{} has no length", described(&input))),
        ("keys" | "keys_unsorted", Value::Array(items)) => Value::Array((0..items.len()).map(Value::from).collect()),
        ("keys", Value::Object(members)) => {
            let mut names: Vec<String> = members.into_iter().map(|(name, _)| name).collect();
            sort(&mut names);
            Value::from(names)
        }
        ("keys_unsorted", Value::Object(members)) => members.into_iter().map(|(name, _)| Value::String(name)).collect(),
        ("keys" | "keys_unsorted", input) => return fail(format!("{} has no keys", described(&input))),
        ("to_entries", Value::Object(members)) => members
            .into_iter()
            .map(|(name, value)| {
                Value::Object([("key".to_owned(), name.into()), ("value".to_owned(), value)].into_iter().collect())
            })
            .collect(),
        ("to_entries", input) => return fail(format!("{} has no keys", described(&input))),
        ("from_entries", input) => {
            let mut members = Map::new();
            for entry in items(&input)? {
                let member = |names: &[&str]| names.iter().find_map(|name| entry.get(*name).filter(|v| holds(v)));
                let key = match member(&["key", "k", "name", "Name", "K", "Key"]) {
                    Some(Value::String(key)) => key.clone(),
                    Some(other) => print(other, true, false),
                    None => "null".to_owned(),
                };
                let value = ["value", "v", "Value", "V"].iter().find_map(|name| entry.get(*name));
                members.insert(key, value.cloned().unwrap_or(Value::Null));
            }
            Value::Object(members)
        }
        ("add", input) => sum(items(&input)?)?,
        ("any", input) => Value::Bool(items(&input)?.into_iter().any(holds)),
        ("all", input) => Value::Bool(items(&input)?.into_iter().all(holds)),
        ("first" | "last", Value::Array(mut items)) => {
            let item = if name == "last" { items.pop() } else { items.into_iter().next() };
            item.unwrap_or(Value::Null)
        }
        ("first" | "last", Value::Null) => Value::Null,
        ("first" | "last", input) => return fail(format!("Cannot index {} with number", type_name(&input))),
        ("reverse", Value::Array(mut items)) => {
            items.reverse();
            Value::Array(items)
        }
        ("reverse", Value::Null) => Value::Array(Vec::new()),
        ("reverse", Value::String(text)) if text.is_empty() => Value::Array(Vec::new()),
        ("reverse", input) => return fail(format!("Cannot index {} with number", type_name(&input))),
        ("sort" | "unique" | "min" | "max", Value::Array(mut items)) => {
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
            flatten(items, &mut flat);
            Value::Array(flat)
        }
        ("flatten", input) => return fail(format!("Cannot iterate over {}", described(&input))),
        ("floor", Value::Number(number)) => number_value(number.as_f64().unwrap_or(0.0).floor()),
        ("floor", input) => return fail(format!("{} number required", described(&input))),
        ("ascii_downcase", Value::String(text)) => text.to_ascii_lowercase().into(),
        ("ascii_upcase", Value::String(text)) => text.to_ascii_uppercase().into(),
        ("ascii_downcase" | "ascii_upcase", _) => return fail(format!("{name} input must be a string")),
        ("tostring", Value::String(text)) => Value::String(text),
        ("tostring" | "tojson", input) => Value::String(print(&input, true, false)),
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
        (name, _) => return Err(Error::Limit(format!("{name} is not supported in this terminal"))),
    })
}

/// A function with one value as its argument.
fn with_argument(name: &str, input: Value, argument: Value, flags: &Value, budget: &mut Budget) -> Outcome<Value> {
    Ok(match (name, &input, &argument) {
        ("has", Value::Object(members), Value::String(name)) => Value::Bool(members.contains_key(name)),
        ("has", Value::Array(items), Value::Number(at)) => {
            Value::Bool(at.as_f64().is_some_and(|at| at >= 0.0 && at < items.len() as f64))
        }
        ("has", ..) => {
            return fail(format!("Cannot check whether {} has a {} key", type_name(&input), type_name(&argument)));
        }
        ("contains", ..) => Value::Bool(contains(&input, &argument, budget)?),
        ("inside", ..) => Value::Bool(contains(&argument, &input, budget)?),
        ("startswith", Value::String(text), Value::String(part)) => Value::Bool(text.starts_with(part.as_str())),
        ("endswith", Value::String(text), Value::String(part)) => Value::Bool(text.ends_with(part.as_str())),
        ("startswith" | "endswith", ..) => return fail(format!("{name}() requires string inputs")),
        ("ltrimstr", Value::String(text), Value::String(part)) => {
            text.strip_prefix(part.as_str()).unwrap_or(text).into()
        }
        ("rtrimstr", Value::String(text), Value::String(part)) => {
            text.strip_suffix(part.as_str()).unwrap_or(text).into()
        }
        ("ltrimstr" | "rtrimstr", ..) => input,
        ("split", Value::String(text), Value::String(by)) => split(text, by),
        ("split", ..) => return fail("split input and separator must be strings"),
        ("join", _, Value::String(by)) => {
            let mut texts: Vec<String> = Vec::new();
            for item in items(&input)? {
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
        ("join", ..) => return fail(format!("{} and string (\"\") cannot be added", described(&argument))),
        ("test", Value::String(text), Value::String(pattern)) => {
            let ignore_case = match flags {
                Value::Null => false,
                Value::String(flags) if flags.chars().all(|c| matches!(c, 'i' | 'g' | 'n')) => flags.contains('i'),
                flags => return fail(format!("{} is not a valid modifier string", print(flags, true, false))),
            };
            if pattern.len() > super::super::regex::MAX_PATTERN_BYTES {
                return fail("the regular expression is too long");
            }
            let regex = regex_lite::RegexBuilder::new(pattern).case_insensitive(ignore_case).size_limit(40_000).build();
            match regex {
                Ok(regex) => Value::Bool(regex.is_match(text)),
                Err(error) => return fail(format!("{pattern} (at offset 0) is not a valid regex: {error}")),
            }
        }
        ("test", input, _) => return fail(format!("{} cannot be matched, as it is not a string", described(input))),
        ("index", Value::String(text), Value::String(part)) => match text.find(part.as_str()) {
            Some(at) if !part.is_empty() => Value::from(at),
            _ => Value::Null,
        },
        ("error", _, Value::String(message)) => return fail(message.clone()),
        ("error", _, argument) => return fail(format!("{} (not a string)", print(argument, true, false))),
        (name, ..) => {
            return Err(Error::Limit(format!("{name} of {} is not supported in this terminal", type_name(&input))));
        }
    })
}

/// What `.[]` goes over.
fn items(value: &Value) -> Outcome<Vec<&Value>> {
    match value {
        Value::Array(items) => Ok(items.iter().collect()),
        Value::Object(members) => Ok(members.values().collect()),
        value => fail(format!("Cannot iterate over {}", described(value))),
    }
}

fn flatten(items: Vec<Value>, flat: &mut Vec<Value>) {
    for item in items {
        match item {
            Value::Array(items) => flatten(items, flat),
            item => flat.push(item),
        }
    }
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

fn contains(whole: &Value, part: &Value, budget: &mut Budget) -> Outcome<bool> {
    budget.spend(1)?;
    Ok(match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            for (name, value) in part {
                match whole.get(name) {
                    Some(found) if contains(found, value, budget)? => {}
                    _ => return Ok(false),
                }
            }
            true
        }
        (Value::Array(whole), Value::Array(part)) => {
            for value in part {
                let mut found = false;
                for candidate in whole.iter().filter(|candidate| type_name(candidate) == type_name(value)) {
                    found = found || contains(candidate, value, budget)?;
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
