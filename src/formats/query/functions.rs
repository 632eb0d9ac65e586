//! The functions of JMESPath, with argument checks in the words of the Python implementation.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

use super::eval::{Evaluation, order, python_equal};
use super::parse::Node;
use crate::formats::json::python_compact;
use crate::formats::ordered;
use crate::formats::python;

/// A function's argument: a value, or an expression that the function applies by itself.
pub(super) enum Argument<'a> {
    Value(Value),
    Expression(&'a Node),
}

/// The types each argument may have (none: any), and whether more of the last kind may follow.
struct Signature {
    arguments: &'static [&'static [&'static str]],
    variadic: bool,
}

const ANY: &[&str] = &[];
const ARRAY: &[&str] = &["array"];
const EXPREF: &[&str] = &["expref"];
const NUMBER: &[&str] = &["number"];
const NUMBERS: &[&str] = &["array-number"];
const NUMBERS_OR_STRINGS: &[&str] = &["array-number", "array-string"];
const OBJECT: &[&str] = &["object"];
const STRING: &[&str] = &["string"];

fn signature(name: &str) -> Option<Signature> {
    let arguments: &'static [&'static [&'static str]] = match name {
        "abs" | "ceil" | "floor" => &[NUMBER],
        "avg" | "sum" => &[NUMBERS],
        "contains" => &[&["array", "string"], ANY],
        "ends_with" | "starts_with" => &[STRING, STRING],
        "join" => &[STRING, &["array-string"]],
        "keys" | "values" | "merge" => &[OBJECT],
        "length" => &[&["string", "array", "object"]],
        "map" => &[EXPREF, ARRAY],
        "max" | "min" => &[NUMBERS_OR_STRINGS],
        "max_by" | "min_by" | "sort_by" => &[ARRAY, EXPREF],
        "not_null" | "to_array" | "to_number" | "to_string" | "type" => &[ANY],
        "reverse" => &[&["array", "string"]],
        "sort" => &[&["array-string", "array-number"]],
        _ => return None,
    };
    Some(Signature { arguments, variadic: matches!(name, "merge" | "not_null") })
}

/// Calls a function. Fails with the whole message.
pub(super) fn call(run: &mut Evaluation, name: &str, arguments: Vec<Argument>) -> Result<Value, String> {
    let signature = signature(name).ok_or_else(|| format!("Unknown function: {name}()"))?;
    check(&signature, name, &arguments)?;
    let mut arguments = arguments.into_iter();
    // The number of arguments has been checked.
    let first = arguments.next();
    let second = if signature.variadic { None } else { arguments.next() };
    match (name, first, second) {
        ("map", Some(Argument::Expression(node)), Some(Argument::Value(Value::Array(items)))) => {
            items.iter().map(|item| run.node(node, item)).collect::<Result<_, _>>().map(Value::Array)
        }
        ("sort_by", Some(Argument::Value(Value::Array(items))), Some(Argument::Expression(node))) => {
            sort_by(run, items, node)
        }
        (name, Some(Argument::Value(Value::Array(items))), Some(Argument::Expression(node))) => {
            extreme_by(run, name, items, node)
        }
        ("merge" | "not_null", Some(Argument::Value(first)), _) => {
            let rest = arguments.filter_map(|argument| match argument {
                Argument::Value(value) => Some(value),
                Argument::Expression(_) => None,
            });
            Ok(variadic(name, std::iter::once(first).chain(rest)))
        }
        (name, Some(Argument::Value(first)), None) => of_one(run, name, first),
        (name, Some(Argument::Value(first)), Some(Argument::Value(second))) => of_two(run, name, &first, &second),
        // An expression where any value may stand has no type that the functions know.
        _ => Ok(Value::Null),
    }
}

fn of_one(run: &mut Evaluation, name: &str, value: Value) -> Result<Value, String> {
    Ok(match (name, value) {
        ("type", value) => Value::from(type_name(&value)),
        ("to_string", value @ Value::String(_)) => value,
        ("to_string", value) => {
            let text = python_compact(&value);
            run.charge(text.len())?;
            Value::from(text)
        }
        ("to_array", value @ Value::Array(_)) => value,
        ("to_array", value) => Value::Array(vec![value]),
        ("to_number", value) => to_number(value),
        ("abs", Value::Number(number)) => match number.as_i64() {
            Some(whole) => Value::from(whole.unsigned_abs()),
            None => float(number.as_f64().unwrap_or(0.0).abs()),
        },
        ("ceil", Value::Number(number)) => rounded(&number, f64::ceil),
        ("floor", Value::Number(number)) => rounded(&number, f64::floor),
        ("keys", Value::Object(members)) => members.into_iter().map(|(name, _)| Value::from(name)).collect(),
        ("values", Value::Object(members)) => members.into_iter().map(|(_, value)| value).collect(),
        ("length", Value::String(text)) => Value::from(text.chars().count()),
        ("length", Value::Array(items)) => Value::from(items.len()),
        ("length", Value::Object(members)) => Value::from(members.len()),
        ("reverse", Value::String(text)) => Value::from(text.chars().rev().collect::<String>()),
        ("reverse", Value::Array(items)) => items.into_iter().rev().collect(),
        ("sum", Value::Array(items)) => sum(&items),
        ("avg", Value::Array(items)) if items.is_empty() => Value::Null,
        ("avg", Value::Array(items)) => {
            #[expect(clippy::cast_precision_loss, reason = "a list of 2^53 items does not fit in memory")]
            let count = items.len() as f64;
            float(sum(&items).as_f64().unwrap_or(0.0) / count)
        }
        ("sort", Value::Array(mut items)) => {
            ordered::sort_by(&mut items, &|left, right| {
                order("<", left, right).ok().flatten().unwrap_or(Ordering::Equal)
            });
            Value::Array(items)
        }
        ("max" | "min", Value::Array(items)) => extreme(name, items.into_iter().map(|item| (item.clone(), item)))?,
        _ => Value::Null,
    })
}

fn of_two(run: &mut Evaluation, name: &str, first: &Value, second: &Value) -> Result<Value, String> {
    Ok(match (name, first, second) {
        ("contains", Value::Array(items), wanted) => Value::Bool(items.iter().any(|item| python_equal(item, wanted))),
        ("contains", Value::String(text), Value::String(wanted)) => Value::Bool(text.contains(wanted)),
        ("contains", _, wanted) => {
            let found = python::type_name(wanted);
            return Err(format!("'in <string>' requires string as left operand, not {found}"));
        }
        ("starts_with", Value::String(text), Value::String(start)) => Value::Bool(text.starts_with(start)),
        ("ends_with", Value::String(text), Value::String(end)) => Value::Bool(text.ends_with(end)),
        ("join", Value::String(separator), Value::Array(items)) => {
            let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            run.charge(texts.iter().map(|text| text.len() + separator.len()).sum())?;
            Value::from(texts.join(separator))
        }
        _ => Value::Null,
    })
}

fn variadic(name: &str, values: impl Iterator<Item = Value>) -> Value {
    let mut values = values;
    if name == "not_null" {
        return values.find(|value| !value.is_null()).unwrap_or(Value::Null);
    }
    let mut merged = Map::new();
    for value in values {
        if let Value::Object(members) = value {
            merged.extend(members);
        }
    }
    Value::Object(merged)
}

fn sort_by(run: &mut Evaluation, items: Vec<Value>, node: &Node) -> Result<Value, String> {
    let Some(first) = items.first() else { return Ok(Value::Array(items)) };
    let wanted = type_name(&run.node(node, first)?);
    if !matches!(wanted, "number" | "string") {
        return Err(type_error("sort_by", first, wanted, &["string", "number"]));
    }
    let mut keyed = keyed(run, "sort_by", items, node, &[wanted])?;
    ordered::sort_by(&mut keyed, &|(left, _), (right, _)| {
        order("<", left, right).ok().flatten().unwrap_or(Ordering::Equal)
    });
    Ok(keyed.into_iter().map(|(_, item)| item).collect())
}

fn extreme_by(run: &mut Evaluation, name: &str, items: Vec<Value>, node: &Node) -> Result<Value, String> {
    let keyed = keyed(run, name, items, node, &["number", "string"])?;
    extreme(name, keyed.into_iter())
}

/// The items with what they are ordered by.
fn keyed(
    run: &mut Evaluation,
    name: &str,
    items: Vec<Value>,
    node: &Node,
    allowed: &[&str],
) -> Result<Vec<(Value, Value)>, String> {
    let with_key = |item: Value| {
        let key = run.node(node, &item)?;
        let found = type_name(&key);
        if allowed.contains(&found) { Ok((key, item)) } else { Err(type_error(name, &key, found, allowed)) }
    };
    items.into_iter().map(with_key).collect()
}

/// The first item with the largest key for names that begin with `max`, with the smallest otherwise.
fn extreme(name: &str, keyed: impl Iterator<Item = (Value, Value)>) -> Result<Value, String> {
    let (symbol, wanted) = if name.starts_with("max") { (">", Ordering::Greater) } else { ("<", Ordering::Less) };
    let mut best: Option<(Value, Value)> = None;
    for (key, item) in keyed {
        let better = match &best {
            Some((best, _)) => order(symbol, &key, best)? == Some(wanted),
            None => true,
        };
        if better {
            best = Some((key, item));
        }
    }
    Ok(best.map_or(Value::Null, |(_, item)| item))
}

fn sum(items: &[Value]) -> Value {
    let whole = items.iter().try_fold(0_i64, |sum, item| sum.checked_add(item.as_i64()?));
    whole.map_or_else(|| float(items.iter().filter_map(Value::as_f64).sum()), Value::from)
}

fn rounded(number: &Number, round: fn(f64) -> f64) -> Value {
    if !number.is_f64() {
        return Value::Number(number.clone());
    }
    let float = round(number.as_f64().unwrap_or(0.0));
    #[expect(clippy::cast_possible_truncation, reason = "whole, and too large ones end at the largest integer")]
    let whole = float as i64;
    Value::from(whole)
}

fn float(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn to_number(value: Value) -> Value {
    match value {
        Value::Number(_) => value,
        Value::String(text) => {
            let text = text.trim();
            // Underscores may stand between digits.
            let digits = if text.starts_with('_') || text.ends_with('_') || text.contains("__") {
                text.to_owned()
            } else {
                text.replace('_', "")
            };
            let is_name = digits.contains(|c: char| c.is_alphabetic() && !matches!(c, 'e' | 'E'));
            let as_float = || digits.parse().ok().filter(|_| !is_name).map(float);
            digits.parse::<i64>().ok().map(Value::from).or_else(as_float).unwrap_or(Value::Null)
        }
        _ => Value::Null,
    }
}

/// The type of a value in the words of the query language.
fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn check(signature: &Signature, name: &str, arguments: &[Argument]) -> Result<(), String> {
    let (expected, received) = (signature.arguments.len(), arguments.len());
    let fits = if signature.variadic { received >= expected } else { received == expected };
    if !fits {
        let least = if signature.variadic { "at least " } else { "" };
        let plural = if expected == 1 { "" } else { "s" };
        return Err(format!("Expected {least}{expected} argument{plural} for function {name}(), received {received}"));
    }
    signature.arguments.iter().zip(arguments).try_for_each(|(types, argument)| check_type(name, types, argument))
}

fn check_type(name: &str, types: &[&str], argument: &Argument) -> Result<(), String> {
    let main = |wanted: &str| types.iter().any(|allowed| allowed.split('-').next() == Some(wanted));
    let value = match argument {
        Argument::Expression(_) if types.is_empty() || main("expref") => return Ok(()),
        Argument::Expression(_) => {
            let shown = "<jmespath.visitor._Expression object>";
            return Err(type_error_text(name, shown, "expref", types));
        }
        Argument::Value(value) => value,
    };
    if !types.is_empty() && !main(type_name(value)) {
        return Err(type_error(name, value, type_name(value), types));
    }
    let item_types: Vec<&str> = types.iter().filter_map(|allowed| allowed.strip_prefix("array-")).collect();
    let Value::Array(items) = value else { return Ok(()) };
    // All items must be of the allowed type that the first one has. Messages name Python's types here.
    let wanted = items.first().map(type_name);
    let misfit = items.iter().find(|item| !item_types.contains(&type_name(item)) || wanted != Some(type_name(item)));
    match misfit {
        Some(item) if !item_types.is_empty() => Err(type_error(name, item, python::type_name(item), types)),
        _ => Ok(()),
    }
}

fn type_error(name: &str, value: &Value, found: &str, expected: &[&str]) -> String {
    type_error_text(name, &python::str(value), found, expected)
}

fn type_error_text(name: &str, value: &str, found: &str, expected: &[&str]) -> String {
    let expected = python::repr(&expected.iter().copied().map(Value::from).collect());
    format!("In function {name}(), invalid type for value: {value}, expected one of: {expected}, received: \"{found}\"")
}
