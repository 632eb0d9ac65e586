//! The functions of jq that are written in Rust.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::eval::{
    Emit, Env, Error, Machine, Outcome, Trail, all, eval, fail, holds, items, number_value, onward, sorting,
};
use super::matches::matches;
use super::parse::Filter;
use super::paths::{as_path, delete_all, first, get, paths, set};
use super::plain::{flatten, plain, selected_type, with_argument};
use super::print::print;
use super::values::{compare, described, indices, no_path, type_name};
use crate::formats::ordered::sort_by;
use crate::shell::dates;

/// The functions with the number of their arguments.
pub const NAMES: &[(&str, usize)] = &[
    ("_captured", 0),
    ("abs", 0),
    ("add", 0),
    ("all", 0),
    ("all", 1),
    ("any", 0),
    ("any", 1),
    ("arrays", 0),
    ("ascii_downcase", 0),
    ("ascii_upcase", 0),
    ("booleans", 0),
    ("ceil", 0),
    ("contains", 1),
    ("debug", 0),
    ("delpaths", 1),
    ("empty", 0),
    ("endswith", 1),
    ("env", 0),
    ("error", 0),
    ("error", 1),
    ("explode", 0),
    ("fabs", 0),
    ("first", 0),
    ("first", 1),
    ("flatten", 0),
    ("flatten", 1),
    ("floor", 0),
    ("from_entries", 0),
    ("fromdateiso8601", 0),
    ("fromjson", 0),
    ("getpath", 1),
    ("group_by", 1),
    ("halt", 0),
    ("halt_error", 1),
    ("has", 1),
    ("implode", 0),
    ("indices", 1),
    ("infinite", 0),
    ("input", 0),
    ("input_filename", 0),
    ("input_line_number", 0),
    ("inputs", 0),
    ("inside", 1),
    ("isinfinite", 0),
    ("isnan", 0),
    ("isnormal", 0),
    ("iterables", 0),
    ("join", 1),
    ("keys", 0),
    ("keys_unsorted", 0),
    ("last", 0),
    ("last", 1),
    ("length", 0),
    ("limit", 2),
    ("log", 0),
    ("log10", 0),
    ("log2", 0),
    ("ltrim", 0),
    ("ltrimstr", 1),
    ("map", 1),
    ("map_values", 1),
    ("match", 1),
    ("match", 2),
    ("max", 0),
    ("max_by", 1),
    ("min", 0),
    ("min_by", 1),
    ("nan", 0),
    ("not", 0),
    ("now", 0),
    ("nulls", 0),
    ("numbers", 0),
    ("objects", 0),
    ("path", 1),
    ("pow", 2),
    ("range", 1),
    ("range", 2),
    ("range", 3),
    ("recurse", 0),
    ("recurse", 1),
    ("repeat", 1),
    ("reverse", 0),
    ("round", 0),
    ("rtrim", 0),
    ("rtrimstr", 1),
    ("scalars", 0),
    ("select", 1),
    ("setpath", 2),
    ("sort", 0),
    ("sort_by", 1),
    ("split", 1),
    ("sqrt", 0),
    ("startswith", 1),
    ("stderr", 0),
    ("strftime", 1),
    ("strings", 0),
    ("test", 1),
    ("test", 2),
    ("to_entries", 0),
    ("todateiso8601", 0),
    ("tojson", 0),
    ("tonumber", 0),
    ("tostring", 0),
    ("trim", 0),
    ("type", 0),
    ("unique", 0),
    ("unique_by", 1),
    ("until", 2),
    ("utf8bytelength", 0),
    ("values", 0),
    ("while", 2),
];

/// Functions of jq that are not here.
pub(super) const ELSEWHERE: &[&str] = &[
    "builtins",
    "exp",
    "exp10",
    "exp2",
    "fromstream",
    "gmtime",
    "localtime",
    "mktime",
    "modulemeta",
    "strflocaltime",
    "strptime",
    "truncate_stream",
];

/// The most rounds of a loop such as `until`: each costs steps besides.
const MAX_ROUNDS: usize = 100_000;

/// Calls a function of [`NAMES`].
#[inline(never)]
pub(super) fn call<'p>(
    m: &mut Machine,
    name: &str,
    arguments: &'p [Filter],
    env: &Env<'p>,
    input: &Value,
    trail: Trail<'_>,
    emit: &mut Emit<'_>,
) -> Outcome<()> {
    match (name, arguments) {
        ("empty", _) => Ok(()),
        ("recurse", []) => eval(m, &Filter::Recurse, env, input, trail, emit),
        ("error", []) => Err(Error::Value(m.copy(input)?)),
        ("select", [condition]) => eval(m, condition, env, input, None, &mut |m, value, _| match holds(&value) {
            true => emit(m, Cow::Borrowed(input), trail),
            false => Ok(()),
        }),
        ("first", [body]) => limit(m, body, 1, env, input, trail, emit),
        ("limit", [count, body]) => {
            for count in all(m, count, env, input)? {
                limit(m, body, count.as_f64().unwrap_or(0.0).max(0.0) as usize, env, input, trail, emit)?;
            }
            Ok(())
        }
        ("last", [body]) => {
            let mut last = None;
            eval(m, body, env, input, trail, &mut |m, value, trail| {
                last = Some((m.own(value)?, trail.map(<[Value]>::to_vec)));
                Ok(())
            })?;
            last.map_or(Ok(()), |(value, trail)| emit(m, Cow::Owned(value), trail.as_deref()))
        }
        ("recurse" | "repeat", [step]) => walk(m, None, step, env, input, trail, emit),
        ("while", [condition, step]) => walk(m, Some(condition), step, env, input, trail, emit),
        ("getpath", [path]) => {
            for path in all(m, path, env, input)? {
                let keys = as_path(&path)?;
                let found = get(m, input, keys)?;
                let trail = trail.map(|trail| [trail, keys].concat());
                emit(m, found, trail.as_deref())?;
            }
            Ok(())
        }
        (name, []) if selected_type(name).is_some() => match selected_type(name) {
            Some(wanted) if wanted.contains(&type_name(input)) => emit(m, Cow::Borrowed(input), trail),
            _ => Ok(()),
        },
        ("first" | "last", []) => {
            let at = if name == "first" { 0 } else { -1 };
            let found = super::values::index(m, input, &json!(at))?;
            emit(m, found, onward(trail, || json!(at)).as_deref())
        }
        (name, arguments) => {
            let mut emit = |m: &mut Machine, value: Value| {
                if trail.is_some() && !value.is_null() {
                    return no_path(&value);
                }
                emit(m, Cow::Owned(value), trail)
            };
            match takes_values(name, arguments) {
                true => product(m, name, arguments, &mut Vec::new(), env, input, &mut emit),
                false => pathless(m, name, arguments, env, input, &mut emit),
            }
        }
    }
}

/// The first `count` values of `body`.
#[inline(never)]
fn limit<'p>(
    m: &mut Machine,
    body: &'p Filter,
    count: usize,
    env: &Env<'p>,
    input: &Value,
    trail: Trail<'_>,
    emit: &mut Emit<'_>,
) -> Outcome<()> {
    if count == 0 {
        return Ok(());
    }
    let stop = m.label();
    let mut left = count;
    let result = eval(m, body, env, input, trail, &mut |m, value, trail| {
        emit(m, value, trail)?;
        left -= 1;
        if left == 0 { Err(Error::Break(stop)) } else { Ok(()) }
    });
    match result {
        Err(Error::Break(to)) if to == stop => Ok(()),
        other => other,
    }
}

/// `recurse`, `repeat` and `while`: the input, then what `step` makes of it, and so on.
#[inline(never)]
fn walk<'p>(
    m: &mut Machine,
    condition: Option<&'p Filter>,
    step: &'p Filter,
    env: &Env<'p>,
    input: &Value,
    trail: Trail<'_>,
    emit: &mut Emit<'_>,
) -> Outcome<()> {
    let mut todo = vec![(m.copy(input)?, trail.map(<[Value]>::to_vec))];
    while let Some((value, trail)) = todo.pop() {
        if let Some(condition) = condition
            && !first(m, condition, env, &value)?.is_some_and(|holding| holds(&holding))
        {
            continue;
        }
        emit(m, Cow::Borrowed(&value), trail.as_deref())?;
        let from = todo.len();
        eval(m, step, env, &value, trail.as_deref(), &mut |m, value, trail| {
            todo.push((m.own(value)?, trail.map(<[Value]>::to_vec)));
            Ok(())
        })?;
        if let Some(added) = todo.get_mut(from..) {
            added.reverse();
        }
    }
    Ok(())
}

/// The functions whose values stand nowhere in the input.
#[inline(never)]
fn pathless<'p>(
    m: &mut Machine,
    name: &str,
    arguments: &'p [Filter],
    env: &Env<'p>,
    input: &Value,
    emit: &mut dyn FnMut(&mut Machine, Value) -> Outcome<()>,
) -> Outcome<()> {
    match (name, arguments) {
        ("inputs", _) => {
            while let Some((value, _)) = m.inputs.pop_front() {
                emit(m, value)?;
            }
            Ok(())
        }
        (name, []) => {
            let value = plain(m, name, input)?;
            emit(m, value)
        }
        ("path", [of]) => {
            for path in paths(m, of, env, input)? {
                emit(m, Value::Array(path))?;
            }
            Ok(())
        }
        ("map", [each]) => {
            let mut mapped = Vec::new();
            items(m, input, None, &mut |m, item, _| {
                eval(m, each, env, item, None, &mut |m, value, _| {
                    mapped.push(m.own(value)?);
                    Ok(())
                })
            })?;
            emit(m, Value::Array(mapped))
        }
        ("map_values", [each]) => {
            let value = match input {
                Value::Object(members) => {
                    let mut mapped = Map::new();
                    for (name, item) in members {
                        if let Some(value) = first(m, each, env, item)? {
                            mapped.insert(name.clone(), value);
                        }
                    }
                    Value::Object(mapped)
                }
                _ => {
                    let mut mapped = Vec::new();
                    items(m, input, None, &mut |m, item, _| {
                        mapped.extend(first(m, each, env, item)?);
                        Ok(())
                    })?;
                    Value::Array(mapped)
                }
            };
            emit(m, value)
        }
        ("any" | "all", [each]) => {
            let mut found = name == "all";
            items(m, input, None, &mut |m, item, _| {
                for value in all(m, each, env, item)? {
                    found = if name == "any" { found || holds(&value) } else { found && holds(&value) };
                }
                Ok(())
            })?;
            emit(m, Value::Bool(found))
        }
        ("until", [condition, step]) => {
            let mut value = m.copy(input)?;
            for _ in 0..MAX_ROUNDS {
                if first(m, condition, env, &value)?.is_some_and(|holding| holds(&holding)) {
                    return emit(m, value);
                }
                match first(m, step, env, &value)? {
                    Some(next) => value = next,
                    None => return Ok(()),
                }
            }
            Err(Error::Limit(format!("`until` makes more than {MAX_ROUNDS} rounds; stopped")))
        }
        ("sort_by" | "group_by" | "unique_by" | "min_by" | "max_by", [key]) => {
            let value = by(m, name, key, env, input)?;
            emit(m, value)
        }
        _ => Ok(()),
    }
}

/// True for a function whose arguments are evaluated for its input, and that works on their values alone.
fn takes_values(name: &str, arguments: &[Filter]) -> bool {
    const FILTERS: [&str; 12] = [
        "all",
        "any",
        "group_by",
        "map",
        "map_values",
        "max_by",
        "min_by",
        "path",
        "sort_by",
        "unique_by",
        "until",
        "inputs",
    ];
    !arguments.is_empty() && !FILTERS.contains(&name)
}

/// Calls a function for every combination of the values of its arguments.
#[inline(never)]
fn product<'p>(
    m: &mut Machine,
    name: &str,
    arguments: &'p [Filter],
    chosen: &mut Vec<Value>,
    env: &Env<'p>,
    input: &Value,
    emit: &mut dyn FnMut(&mut Machine, Value) -> Outcome<()>,
) -> Outcome<()> {
    if let Some((argument, rest)) = arguments.split_first() {
        for value in all(m, argument, env, input)? {
            chosen.push(value);
            product(m, name, rest, chosen, env, input, emit)?;
            chosen.pop();
        }
        return Ok(());
    }
    with_values(m, name, chosen, input, emit)
}

/// Calls a function with the values of its arguments.
#[inline(never)]
fn with_values(
    m: &mut Machine,
    name: &str,
    chosen: &[Value],
    input: &Value,
    emit: &mut dyn FnMut(&mut Machine, Value) -> Outcome<()>,
) -> Outcome<()> {
    let number = |at: usize| chosen.get(at).and_then(Value::as_f64);
    match (name, chosen) {
        ("range", bounds) => {
            let (start, end, step) = match bounds.len() {
                1 => (Some(0.0), number(0), Some(1.0)),
                2 => (number(0), number(1), Some(1.0)),
                _ => (number(0), number(1), number(2)),
            };
            let (Some(mut at), Some(end), Some(step)) = (start, end, step) else {
                return fail("Range bounds must be numeric");
            };
            while step > 0.0 && at < end || step < 0.0 && at > end || step == 0.0 && at < end {
                m.spend(1)?;
                emit(m, number_value(at))?;
                at += step;
            }
            Ok(())
        }
        ("match" | "test", [pattern, flags @ ..]) => {
            // `["pattern", "flags"]` is one argument.
            let (pattern, flags) = match (pattern, flags) {
                (Value::Array(both), []) => (both.first().unwrap_or(&Value::Null), both.get(1)),
                (pattern, flags) => (pattern, flags.first()),
            };
            let found = matches(m, input, pattern, flags.unwrap_or(&Value::Null), name == "test")?;
            if name == "test" {
                return emit(m, Value::Bool(!found.is_empty()));
            }
            found.into_iter().try_for_each(|found| emit(m, found))
        }
        ("setpath", [path, new]) => {
            let (mut value, new) = (m.copy(input)?, m.copy(new)?);
            set(m, &mut value, as_path(path)?, new)?;
            emit(m, value)
        }
        ("delpaths", [paths]) => {
            let mut value = m.copy(input)?;
            delete_all(m, &mut value, paths)?;
            emit(m, value)
        }
        ("pow", _) => match (number(0), number(1)) {
            (Some(base), Some(exponent)) => emit(m, number_value(base.powf(exponent))),
            _ => fail(format!("{} number required", described(chosen.first().unwrap_or(&Value::Null)))),
        },
        ("halt_error", [code]) => {
            let text = if let Value::String(text) = input { text.clone() } else { print(input, Some(0), false) + "\n" };
            Err(Error::Halt(code.as_i64().unwrap_or(5) as i32, text))
        }
        ("error", [error]) => Err(Error::Value(error.clone())),
        ("indices", [part]) => {
            let found = indices(m, input, part)?;
            emit(m, found)
        }
        ("flatten", [depth]) => match (input, depth.as_f64()) {
            (_, Some(depth)) if depth < 0.0 => fail("flatten depth must not be negative"),
            (Value::Array(list), Some(depth)) => {
                let mut flat = Vec::new();
                flatten(m, list, depth as usize, &mut flat)?;
                emit(m, Value::Array(flat))
            }
            (input, _) => fail(format!("Cannot iterate over {}", described(input))),
        },
        ("strftime", [Value::String(format)]) => {
            let Some(seconds) = input.as_f64() else { return fail("strftime/1 requires parsed datetime inputs") };
            match dates::formatted(seconds as i64, format) {
                Ok(text) => emit(m, text.into()),
                Err(letter) => Err(Error::Limit(format!("`%{letter}` is not supported in this terminal"))),
            }
        }
        (name, [argument]) => {
            let value = with_argument(m, name, input, argument)?;
            emit(m, value)
        }
        _ => Ok(()),
    }
}

#[inline(never)]
fn by<'p>(m: &mut Machine, name: &str, key: &'p Filter, env: &Env<'p>, input: &Value) -> Outcome<Value> {
    let Value::Array(items) = input else {
        let what = match name {
            "sort_by" => "sorted",
            "group_by" | "unique_by" => "grouped",
            _ => return fail(format!("Cannot index {} with number", type_name(input))),
        };
        return fail(format!("{} cannot be {what}, as it is not an array", described(input)));
    };
    let mut keyed = Vec::new();
    for item in items {
        let key = Value::Array(all(m, key, env, item)?);
        keyed.push((key, m.copy(item)?));
    }
    m.spend(sorting(keyed.len()))?;
    sort_by(&mut keyed, &|left, right| compare(&left.0, &right.0));
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for (key, item) in keyed {
        match groups.last_mut() {
            Some((last, group)) if compare(last, &key) == Ordering::Equal => group.push(item),
            _ => groups.push((key, vec![item])),
        }
    }
    Ok(match name {
        "sort_by" => Value::Array(groups.into_iter().flat_map(|(_, group)| group).collect()),
        "group_by" => Value::Array(groups.into_iter().map(|(_, group)| Value::Array(group)).collect()),
        "unique_by" => Value::Array(groups.into_iter().filter_map(|(_, group)| group.into_iter().next()).collect()),
        "min_by" => groups.into_iter().next().and_then(|(_, group)| group.into_iter().next()).unwrap_or(Value::Null),
        _ => groups.pop().and_then(|(_, mut group)| group.pop()).unwrap_or(Value::Null),
    })
}
