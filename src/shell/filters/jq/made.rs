//! The filters that make new values: literals, texts, operators, arrays, objects, assignment.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::eval::{Bound, Emit, Env, Machine, Outcome, Trail, all, fail, holds, number_value};
use super::parse::Filter;
use super::{operators, paths, values};

/// The filters whose values stand nowhere in the input.
#[inline(never)]
pub(super) fn made<'p>(
    m: &mut Machine,
    filter: &'p Filter,
    env: &Env<'p>,
    input: &Value,
    trail: Trail<'_>,
    emit: &mut Emit<'_>,
) -> Outcome<()> {
    let mut emit = |m: &mut Machine, value: Cow<'_, Value>| {
        // jq lets null through.
        if trail.is_some() && !value.is_null() {
            return values::no_path(&value);
        }
        emit(m, value, trail)
    };
    match filter {
        Filter::Literal(value) => emit(m, Cow::Borrowed(value)),
        Filter::Variable(id) => match env.bound(*id) {
            Some(Bound::Value(value)) => emit(m, Cow::Borrowed(value)),
            _ => emit(m, Cow::Owned(Value::Null)),
        },
        Filter::Environment => {
            let environment = m.environment.clone();
            emit(m, Cow::Owned(environment))
        }
        Filter::Format(format) => {
            let text = values::format(format, input)?;
            emit(m, Cow::Owned(text.into()))
        }
        Filter::Text(format, parts) => text(m, format.as_deref(), parts, env, input, &mut emit),
        Filter::Negative(inner) => negative(m, inner, env, input, &mut emit),
        Filter::Binary("and" | "or", ..) => logic(m, filter, env, input, &mut emit),
        Filter::Binary(operator, left, right) => binary(m, operator, left, right, env, input, &mut emit),
        Filter::Assign(operator, left, right) => {
            paths::assign(m, operator, left, right, env, input, &mut |m, value| emit(m, Cow::Owned(value)))
        }
        Filter::Array(inner) => {
            let items = inner.as_ref().map_or(Ok(Vec::new()), |inner| all(m, inner, env, input))?;
            emit(m, Cow::Owned(Value::Array(items)))
        }
        Filter::Object(members) => {
            let mut objects = objects(m, members, env, input)?.into_iter();
            objects.try_for_each(|object| emit(m, Cow::Owned(Value::Object(object))))
        }
        _ => Ok(()),
    }
}

/// Takes the values of a filter that stand nowhere in the input.
type Give<'e> = dyn FnMut(&mut Machine, Cow<'_, Value>) -> Outcome<()> + 'e;

// Each in a function of its own: filters are evaluated inside each other, and what they need lies on the stack.

#[inline(never)]
fn text<'p>(
    m: &mut Machine,
    format: Option<&str>,
    parts: &'p [(String, Option<Filter>)],
    env: &Env<'p>,
    input: &Value,
    emit: &mut Give<'_>,
) -> Outcome<()> {
    // The last part varies fastest.
    let mut texts = vec![String::new()];
    for (plain, inner) in parts {
        texts.iter_mut().for_each(|text| text.push_str(plain));
        let Some(inner) = inner else { continue };
        let mut pieces = Vec::new();
        for value in all(m, inner, env, input)? {
            pieces.push(values::format(format.unwrap_or("text"), &value)?);
        }
        m.spend(texts.iter().map(|text| 1 + text.len() / 64).sum::<usize>().saturating_mul(pieces.len()))?;
        texts = pieces.iter().flat_map(|piece| texts.iter().map(move |text| format!("{text}{piece}"))).collect();
    }
    texts.into_iter().try_for_each(|text| emit(m, Cow::Owned(text.into())))
}

#[inline(never)]
fn negative<'p>(m: &mut Machine, inner: &'p Filter, env: &Env<'p>, input: &Value, emit: &mut Give<'_>) -> Outcome<()> {
    all(m, inner, env, input)?.into_iter().try_for_each(|value| match value.as_f64() {
        Some(number) => emit(m, Cow::Owned(number_value(-number))),
        None => fail(format!("{} cannot be negated", values::described(&value))),
    })
}

/// `and`, `or`.
#[inline(never)]
fn logic<'p>(m: &mut Machine, filter: &'p Filter, env: &Env<'p>, input: &Value, emit: &mut Give<'_>) -> Outcome<()> {
    let Filter::Binary(operator, left, right) = filter else { return Ok(()) };
    for left in all(m, left, env, input)? {
        if holds(&left) == (*operator == "or") {
            emit(m, Cow::Owned(Value::Bool(*operator == "or")))?;
            continue;
        }
        for right in all(m, right, env, input)? {
            emit(m, Cow::Owned(Value::Bool(holds(&right))))?;
        }
    }
    Ok(())
}

#[inline(never)]
fn binary<'p>(
    m: &mut Machine,
    operator: &str,
    left: &'p Filter,
    right: &'p Filter,
    env: &Env<'p>,
    input: &Value,
    emit: &mut Give<'_>,
) -> Outcome<()> {
    let rights = all(m, right, env, input)?;
    let lefts = all(m, left, env, input)?;
    for right in &rights {
        for left in &lefts {
            let value = operators::operate(m, operator, left, right)?;
            emit(m, Cow::Owned(value))?;
        }
    }
    Ok(())
}

#[inline(never)]
fn objects<'p>(
    m: &mut Machine,
    members: &'p [(Filter, Filter)],
    env: &Env<'p>,
    input: &Value,
) -> Outcome<Vec<Map<String, Value>>> {
    let mut objects = vec![Map::new()];
    for (key, value) in members {
        let keys = all(m, key, env, input)?;
        let found = all(m, value, env, input)?;
        let mut next = Vec::new();
        for object in &objects {
            for key in &keys {
                let Value::String(key) = key else {
                    return fail(format!("Cannot use {} as object key", values::described(key)));
                };
                for value in &found {
                    m.spend(object.len())?;
                    let mut object = object.clone();
                    object.insert(key.clone(), m.copy(value)?);
                    next.push(object);
                }
            }
        }
        objects = next;
    }
    Ok(objects)
}
