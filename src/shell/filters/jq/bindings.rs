//! Variables of patterns, and the loops that bind them: `as`, `reduce`, `foreach`.

use std::borrow::Cow;

use serde_json::Value;

use super::eval::{Emit, Env, Error, Machine, Outcome, all, eval, fail};
use super::parse::{Filter, Pattern};
use super::values;

/// Goes on with what the variables of the first pattern that fits stand for.
#[inline(never)]
pub(super) fn destructure<'p>(
    m: &mut Machine,
    patterns: &'p [Pattern],
    env: &Env<'p>,
    value: &Value,
    input: &Value,
    go_on: &mut dyn FnMut(&mut Machine, &Env<'p>) -> Outcome<()>,
) -> Outcome<()> {
    let Some((pattern, others)) = patterns.split_first() else { return Ok(()) };
    // Variables of the other patterns are null: a number that stands for nothing is.
    match bind(m, &[(pattern, value)], env, input, go_on) {
        Err(Error::Value(_)) if !others.is_empty() => destructure(m, others, env, value, input, go_on),
        other => other,
    }
}

/// Binds every pattern to its value, then goes on.
#[inline(never)]
fn bind<'p>(
    m: &mut Machine,
    todo: &[(&'p Pattern, &Value)],
    env: &Env<'p>,
    input: &Value,
    go_on: &mut dyn FnMut(&mut Machine, &Env<'p>) -> Outcome<()>,
) -> Outcome<()> {
    let Some(((pattern, value), rest)) = todo.split_first() else { return go_on(m, env) };
    m.spend(1 + rest.len())?;
    match pattern {
        Pattern::Variable(id) => {
            let env = env.with_value(*id, m.copy(value)?);
            bind(m, rest, &env, input, go_on)
        }
        Pattern::Array(patterns) => {
            let mut found = Vec::new();
            for at in 0..patterns.len() {
                found.push(values::index(m, value, &Value::from(at))?);
            }
            let inner = patterns.iter().zip(found.iter().map(|value| &**value));
            bind(m, &inner.chain(rest.iter().copied()).collect::<Vec<_>>(), env, input, go_on)
        }
        Pattern::Object(members) => members_of(m, members, value, rest, env, input, go_on),
    }
}

#[inline(never)]
fn members_of<'p>(
    m: &mut Machine,
    members: &'p [(Option<usize>, Filter, Option<Pattern>)],
    value: &Value,
    rest: &[(&'p Pattern, &Value)],
    env: &Env<'p>,
    input: &Value,
    go_on: &mut dyn FnMut(&mut Machine, &Env<'p>) -> Outcome<()>,
) -> Outcome<()> {
    let Some(((variable, key, pattern), others)) = members.split_first() else {
        return bind(m, rest, env, input, go_on);
    };
    for key in all(m, key, env, input)? {
        if !key.is_string() {
            return fail(format!("Cannot index {} with {}", values::type_name(value), values::type_name(&key)));
        }
        let found = values::index(m, value, &key)?;
        let env = match variable {
            Some(id) => env.with_value(*id, m.copy(&found)?),
            None => env.clone(),
        };
        let todo: Vec<_> = pattern.iter().map(|pattern| (pattern, &*found)).collect();
        bind(m, &todo, &env, input, &mut |m, env| members_of(m, others, value, rest, env, input, go_on))?;
    }
    Ok(())
}

/// What is done with the states of a loop.
#[derive(Clone, Copy)]
pub(super) enum Fold<'p> {
    /// The last one is the value.
    Reduce,
    /// Each one is, or what a filter makes of it.
    Foreach(Option<&'p Filter>),
}

#[inline(never)]
pub(super) fn fold<'p>(
    m: &mut Machine,
    (source, pattern): (&'p Filter, &'p Pattern),
    [init, update]: [&'p Filter; 2],
    kind: Fold<'p>,
    env: &Env<'p>,
    input: &Value,
    emit: &mut Emit<'_>,
) -> Outcome<()> {
    for mut state in all(m, init, env, input)? {
        eval(m, source, env, input, None, &mut |m, value, _| {
            destructure(m, std::slice::from_ref(pattern), env, &value, input, &mut |m, env| {
                // Of several values the last stays; of none, null.
                let before = std::mem::take(&mut state);
                eval(m, update, env, &before, None, &mut |m, value, _| {
                    state = m.own(value)?;
                    match kind {
                        Fold::Reduce => Ok(()),
                        Fold::Foreach(None) => emit(m, Cow::Borrowed(&state), None),
                        Fold::Foreach(Some(extract)) => eval(m, extract, env, &state, None, emit),
                    }
                })
            })
        })?;
        if matches!(kind, Fold::Reduce) {
            emit(m, Cow::Owned(state), None)?;
        }
    }
    Ok(())
}
