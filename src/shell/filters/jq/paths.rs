//! Changing values at paths: assignment, `setpath`, `delpaths`, `path`.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::eval::{Env, Error, Machine, Outcome, all, eval, fail, holds};
use super::operators::{MAX_RESULT, operate};
use super::parse::Filter;
use super::values::{self, compare, type_name};
use crate::formats::ordered::sort_by;

/// The longest path.
const MAX_PATH: usize = 200;

/// The paths that a filter names in `input`.
#[inline(never)]
pub(super) fn paths<'p>(m: &mut Machine, filter: &'p Filter, env: &Env<'p>, input: &Value) -> Outcome<Vec<Vec<Value>>> {
    let mut out = Vec::new();
    eval(m, filter, env, input, Some(&[]), &mut |m, value, trail| match trail {
        Some(trail) => {
            m.spend(1 + trail.len())?;
            out.push(trail.to_vec());
            Ok(())
        }
        None => values::no_path(&value),
    })?;
    Ok(out)
}

/// `left = right` and its like; every result goes to `emit`.
#[inline(never)]
pub(super) fn assign<'p>(
    m: &mut Machine,
    operator: &str,
    left: &'p Filter,
    right: &'p Filter,
    env: &Env<'p>,
    input: &Value,
    emit: &mut dyn FnMut(&mut Machine, Value) -> Outcome<()>,
) -> Outcome<()> {
    if operator == "|=" {
        let value = updated(m, left, right, env, input)?;
        return emit(m, value);
    }
    for new in all(m, right, env, input)? {
        let value = assigned(m, operator, left, new, env, input)?;
        emit(m, value)?;
    }
    Ok(())
}

/// `left |= right`.
#[inline(never)]
fn updated<'p>(m: &mut Machine, left: &'p Filter, right: &'p Filter, env: &Env<'p>, input: &Value) -> Outcome<Value> {
    let mut value = m.copy(input)?;
    for path in paths(m, left, env, input)? {
        let old = get(m, &value, &path)?.into_owned();
        match first(m, right, env, &old)? {
            Some(new) => set(m, &mut value, &path, new)?,
            None => delete(&mut value, &path)?,
        }
    }
    Ok(value)
}

#[inline(never)]
fn assigned<'p>(
    m: &mut Machine,
    operator: &str,
    left: &'p Filter,
    new: Value,
    env: &Env<'p>,
    input: &Value,
) -> Outcome<Value> {
    let mut value = m.copy(input)?;
    for path in paths(m, left, env, input)? {
        let new = match operator {
            "=" => m.copy(&new)?,
            operator => {
                let old = get(m, &value, &path)?.into_owned();
                match operator.trim_end_matches('=') {
                    "//" if holds(&old) => old,
                    "//" => m.copy(&new)?,
                    operator => operate(m, operator, &old, &new)?,
                }
            }
        };
        set(m, &mut value, &path, new)?;
    }
    Ok(value)
}

/// The first value of a filter.
#[inline(never)]
pub(super) fn first<'p>(m: &mut Machine, filter: &'p Filter, env: &Env<'p>, input: &Value) -> Outcome<Option<Value>> {
    let stop = m.label();
    let mut found = None;
    match eval(m, filter, env, input, None, &mut |m, value, _| {
        found = Some(m.own(value)?);
        Err(Error::Break(stop))
    }) {
        Err(Error::Break(to)) if to == stop => Ok(found),
        other => other.map(|()| found),
    }
}

/// The value at a path; null where the path leads nowhere.
pub(super) fn get<'v>(m: &mut Machine, value: &'v Value, path: &[Value]) -> Outcome<Cow<'v, Value>> {
    let mut at = Cow::Borrowed(value);
    for key in path {
        at = match at {
            Cow::Borrowed(value) => values::index(m, value, key)?,
            Cow::Owned(value) => Cow::Owned(values::index(m, &value, key)?.into_owned()),
        };
    }
    let steps = super::eval::size(&at, 0)?;
    m.spend(steps)?;
    Ok(at)
}

/// Puts a value at a path; what is missing on the way is made.
pub(super) fn set(m: &mut Machine, value: &mut Value, path: &[Value], new: Value) -> Outcome<()> {
    m.spend(1)?;
    if path.len() > MAX_PATH {
        return Err(Error::Limit(format!("a path of more than {MAX_PATH} parts; stopped")));
    }
    let Some((key, rest)) = path.split_first() else {
        *value = new;
        return Ok(());
    };
    if value.is_null() {
        match key {
            Value::String(_) => *value = Value::Object(Map::new()),
            Value::Number(_) => *value = Value::Array(Vec::new()),
            _ => {}
        }
    }
    match (&mut *value, key) {
        (Value::Object(members), Value::String(name)) => {
            set(m, members.entry(name.as_str()).or_insert(Value::Null), rest, new)
        }
        (Value::Array(items), Value::Number(at)) => {
            let at = at.as_f64().unwrap_or(0.0).floor();
            let at = if at < 0.0 { at + items.len() as f64 } else { at };
            if at < 0.0 {
                return fail("Out of bounds negative array index");
            }
            let at = at as usize;
            if at >= MAX_RESULT {
                return Err(Error::Limit("the array is too large; stopped".to_owned()));
            }
            while items.len() <= at {
                m.spend(1)?;
                items.push(Value::Null);
            }
            match items.get_mut(at) {
                Some(item) => set(m, item, rest, new),
                None => Ok(()),
            }
        }
        (Value::Array(_) | Value::Null, Value::Object(bounds)) => {
            let bound = |name| bounds.get(name).unwrap_or(&Value::Null);
            let mut items = match std::mem::take(value) {
                Value::Array(items) => items,
                _ => Vec::new(),
            };
            let (from, to) = values::range(items.len(), bound("start"), bound("end"))?;
            let mut part = Value::Array(items.get(from..to).unwrap_or_default().to_vec());
            m.spend(items.len())?;
            set(m, &mut part, rest, new)?;
            let Value::Array(part) = part else {
                return fail("A slice of an array can only be assigned another array");
            };
            items.splice(from..to, part);
            *value = Value::Array(items);
            Ok(())
        }
        (value, key) => values::index(m, value, key).map(|_| ()),
    }
}

/// Takes away what stands at a path.
pub(super) fn delete(value: &mut Value, path: &[Value]) -> Outcome<()> {
    let Some((key, rest)) = path.split_first() else {
        *value = Value::Null;
        return Ok(());
    };
    let last = rest.is_empty();
    match (&mut *value, key) {
        (Value::Null, _) => {}
        (Value::Object(members), Value::String(name)) if last => _ = members.shift_remove(name),
        (Value::Object(members), Value::String(name)) => {
            if let Some(member) = members.get_mut(name) {
                delete(member, rest)?;
            }
        }
        (Value::Array(items), Value::Number(at)) => {
            let at = at.as_f64().unwrap_or(0.0).floor();
            let at = if at < 0.0 { at + items.len() as f64 } else { at };
            let at = if at >= 0.0 && at < items.len() as f64 { at as usize } else { return Ok(()) };
            if last {
                items.remove(at);
            } else if let Some(item) = items.get_mut(at) {
                delete(item, rest)?;
            }
        }
        (Value::Array(items), Value::Object(bounds)) => {
            let bound = |name| bounds.get(name).unwrap_or(&Value::Null);
            let (from, to) = values::range(items.len(), bound("start"), bound("end"))?;
            if last {
                items.drain(from..to);
            } else {
                let mut part = Value::Array(items.get(from..to).unwrap_or_default().to_vec());
                delete(&mut part, rest)?;
                if let Value::Array(part) = part {
                    items.splice(from..to, part);
                }
            }
        }
        (value, Value::String(name)) => {
            return fail(format!("Cannot delete field at object index of {} ({name})", type_name(value)));
        }
        (value, key) => {
            return fail(format!("Cannot delete field at {} index of {}", type_name(key), type_name(value)));
        }
    }
    Ok(())
}

/// `delpaths`: from the last to the first, so that no path moves.
pub(super) fn delete_all(m: &mut Machine, value: &mut Value, paths: &Value) -> Outcome<()> {
    let Value::Array(paths) = paths else { return fail("Paths must be specified as an array") };
    let mut paths: Vec<&Value> = paths.iter().collect();
    m.spend(paths.len())?;
    sort_by(&mut paths, &|left, right| compare(right, left));
    for path in paths {
        m.spend(1)?;
        delete(value, as_path(path)?)?;
    }
    Ok(())
}

/// A value that is used as a path.
pub(super) fn as_path(value: &Value) -> Outcome<&[Value]> {
    match value {
        Value::Array(path) => Ok(path),
        _ => fail("Path must be specified as an array"),
    }
}
