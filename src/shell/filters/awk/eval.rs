//! The values of awk expressions.

use std::collections::BTreeMap;

use super::replace;
use super::run::{Flow, Local, MAX_TEXT, Outcome, State, execute, too_long};
use super::values::Value;
use super::{Expr, Function};

/// How deep expressions and functions may be evaluated inside each other.
const MAX_DEPTH: usize = 300;
/// How deep functions may call each other.
const MAX_CALLS: usize = 40;

/// The value of an expression.
pub(super) fn eval(state: &mut State<'_>, expr: &Expr) -> Outcome<Value> {
    state.step()?;
    state.depth += 1;
    if state.depth > MAX_DEPTH {
        return Err(format!("expressions evaluated more than {MAX_DEPTH} deep; stopped"));
    }
    let value = match expr {
        Expr::Number(number) => Ok(Value::Number(*number)),
        Expr::Text(text) => Ok(Value::Text(text.clone())),
        Expr::Regex(regex) => Ok(Value::truth(regex.is_match(&state.line))),
        Expr::Variable(name) => Ok(variable(state, name)),
        Expr::Field(index) => field(state, index),
        Expr::Element(name, index) => element(state, name, index),
        Expr::Match(subject, pattern, negated) => {
            matched(state, subject, pattern).map(|holds| Value::truth(holds != *negated))
        }
        Expr::Not(inner) => eval(state, inner).map(|value| Value::truth(!value.holds())),
        Expr::Negative(inner) => eval(state, inner).map(|value| Value::Number(-value.number())),
        Expr::Choice(condition, yes, no) => {
            eval(state, condition).and_then(|condition| eval(state, if condition.holds() { yes } else { no }))
        }
        Expr::Assign(target, operator, value) => assigned(state, target, operator, value),
        Expr::Step(target, step, before) => stepped(state, target, *step, *before),
        Expr::Binary(operator @ ("&&" | "||"), left, right) => logic(state, operator, left, right),
        Expr::Binary(operator, left, right) => both(state, operator, left, right),
        Expr::In(index, name) => contained(state, index, name),
        Expr::Call(name, arguments) => replace::function(state, name, arguments),
        Expr::User(name, arguments) => called(state, name, arguments),
    };
    state.depth -= 1;
    value
}

/// The value of an expression as a text.
pub(super) fn text(state: &mut State<'_>, expr: &Expr) -> Outcome<String> {
    let value = eval(state, expr)?;
    Ok(text_of(state, &value))
}

/// A value as a text.
pub(super) fn text_of(state: &State<'_>, value: &Value) -> String {
    match value {
        Value::Number(number) if *number != number.trunc() => value.text_as(&state.setting("CONVFMT")),
        value => value.text_as(""),
    }
}

fn variable(state: &State<'_>, name: &str) -> Value {
    match state.locals.last().and_then(|locals| locals.get(name)) {
        Some(Local::Value(value)) => value.clone(),
        Some(Local::Array(_) | Local::Unknown(_)) => Value::Unset,
        None if name == "NF" => Value::count(state.fields.len()),
        None => state.variables.get(name).cloned().unwrap_or_default(),
    }
}

/// The number of a field.
fn place(state: &mut State<'_>, index: &Expr) -> Outcome<usize> {
    let index = eval(state, index)?.number();
    if index < 0.0 {
        return Err(format!("attempt to access field {index:.0}"));
    }
    Ok(index as usize)
}

#[inline(never)]
fn field(state: &mut State<'_>, index: &Expr) -> Outcome<Value> {
    Ok(match place(state, index)? {
        0 => Value::Input(state.line.clone()),
        at => state.fields.get(at - 1).map_or(Value::Unset, |field| Value::Input(field.clone())),
    })
}

/// The name of an element: what its indices are, with `SUBSEP` between.
pub(super) fn key(state: &mut State<'_>, index: &[Expr]) -> Outcome<String> {
    let mut key = String::new();
    for (at, part) in index.iter().enumerate() {
        if at > 0 {
            key.push_str(&state.setting("SUBSEP"));
        }
        key.push_str(&text(state, part)?);
    }
    if key.len() > MAX_TEXT { Err(too_long()) } else { Ok(key) }
}

#[inline(never)]
fn element(state: &mut State<'_>, name: &str, index: &[Expr]) -> Outcome<Value> {
    let key = key(state, index)?;
    state.element(name, key).cloned()
}

#[inline(never)]
fn contained(state: &mut State<'_>, index: &[Expr], name: &str) -> Outcome<Value> {
    let key = key(state, index)?;
    let name = state.array_name(name);
    Ok(Value::truth(state.arrays.get(&name).is_some_and(|array| array.elements.contains_key(&key))))
}

#[inline(never)]
fn matched(state: &mut State<'_>, subject: &Expr, pattern: &Expr) -> Outcome<bool> {
    let subject = text(state, subject)?;
    state.spend(subject.len() / 4)?;
    if let Expr::Regex(regex) = pattern {
        return Ok(regex.is_match(&subject));
    }
    let pattern = text(state, pattern)?;
    Ok(state.regex(&pattern)?.is_match(&subject))
}

/// Puts a value into a variable, field or element.
#[inline(never)]
pub(super) fn put(state: &mut State<'_>, target: &Expr, value: Value) -> Outcome<()> {
    match target {
        Expr::Variable(name) => state.assign_variable(name, value),
        Expr::Field(index) => {
            let at = place(state, index)?;
            let text = text_of(state, &value);
            state.set_field(at, text)
        }
        Expr::Element(name, index) => {
            let key = key(state, index)?;
            state.set_element(name, key, value)
        }
        _ => Ok(()),
    }
}

#[inline(never)]
fn assigned(state: &mut State<'_>, target: &Expr, operator: &str, value: &Expr) -> Outcome<Value> {
    let mut value = eval(state, value)?;
    if !operator.is_empty() {
        let old = eval(state, target)?;
        value = binary(state, operator, &old, &value)?;
    }
    put(state, target, value.clone())?;
    Ok(value)
}

#[inline(never)]
fn stepped(state: &mut State<'_>, target: &Expr, step: f64, before: bool) -> Outcome<Value> {
    let old = eval(state, target)?.number();
    put(state, target, Value::Number(old + step))?;
    Ok(Value::Number(if before { old } else { old + step }))
}

#[inline(never)]
fn logic(state: &mut State<'_>, operator: &str, left: &Expr, right: &Expr) -> Outcome<Value> {
    let left = eval(state, left)?.holds();
    if left == (operator == "||") {
        return Ok(Value::truth(left));
    }
    Ok(Value::truth(eval(state, right)?.holds()))
}

#[inline(never)]
fn both(state: &mut State<'_>, operator: &str, left: &Expr, right: &Expr) -> Outcome<Value> {
    let left = eval(state, left)?;
    let right = eval(state, right)?;
    binary(state, operator, &left, &right)
}

fn binary(state: &mut State<'_>, operator: &str, left: &Value, right: &Value) -> Outcome<Value> {
    let number = |value: f64| Ok(Value::Number(value));
    match operator {
        "" => {
            let text = text_of(state, left) + &text_of(state, right);
            state.spend(text.len() / 64)?;
            return if text.len() > MAX_TEXT { Err(too_long()) } else { Ok(Value::Text(text)) };
        }
        "+" => return number(left.number() + right.number()),
        "-" => return number(left.number() - right.number()),
        "*" => return number(left.number() * right.number()),
        "^" => return number(left.number().powf(right.number())),
        "/" if right.number() == 0.0 => return Err("division by zero".to_owned()),
        "%" if right.number() == 0.0 => return Err("division by zero in %".to_owned()),
        "/" => return number(left.number() / right.number()),
        "%" => return number(left.number() % right.number()),
        _ => {}
    }
    // What was never set compares as a number with numbers, as a text with texts.
    let order = match (left.numeric(), right.numeric()) {
        (Some(left), Some(right)) => left.partial_cmp(&right),
        _ => Some(text_of(state, left).cmp(&text_of(state, right))),
    };
    let holds = order.is_some_and(|order| match operator {
        "==" => order.is_eq(),
        "!=" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        _ => order.is_ge(),
    });
    Ok(Value::truth(holds))
}

/// Calls a function of the program.
#[inline(never)]
fn called(state: &mut State<'_>, name: &str, arguments: &[Expr]) -> Outcome<Value> {
    let functions: &[Function] = state.functions;
    let Some(function) = functions.iter().find(|function| function.name == name) else {
        return Err(format!("function {name} never defined"));
    };
    if arguments.len() > function.parameters.len() {
        return Err(format!("function {name} called with too many args"));
    }
    if state.locals.len() >= MAX_CALLS {
        return Err(format!("functions call each other more than {MAX_CALLS} deep; stopped"));
    }
    let mut locals = BTreeMap::new();
    for (at, parameter) in function.parameters.iter().enumerate() {
        let local = match arguments.get(at) {
            None => Local::Value(Value::Unset),
            // A name may stand for an array, which the function then shares.
            Some(Expr::Variable(given)) => passed(state, given),
            Some(argument) => Local::Value(eval(state, argument)?),
        };
        locals.insert(parameter.clone(), local);
    }
    state.locals.push(locals);
    let flow = execute(state, &function.body);
    let locals = state.locals.pop().unwrap_or_default();
    // What the function used as an array is one for its caller too.
    for (parameter, argument) in function.parameters.iter().zip(arguments) {
        if let (Some(Local::Array(array)), Expr::Variable(given)) = (locals.get(parameter), argument)
            && let Some(own) = state.locals.last_mut().and_then(|locals| locals.get_mut(given))
        {
            *own = Local::Array(array.clone());
        }
    }
    match flow? {
        Flow::Return(value) => Ok(value),
        _ => Ok(Value::Unset),
    }
}

/// What a variable is for the function it is given to.
fn passed(state: &State<'_>, given: &str) -> Local {
    match state.locals.last().and_then(|locals| locals.get(given)) {
        Some(Local::Array(array)) => Local::Array(array.clone()),
        Some(Local::Value(Value::Unset)) => Local::Unknown(format!("{} {given}", state.locals.len())),
        Some(Local::Unknown(array)) => Local::Unknown(array.clone()),
        Some(Local::Value(value)) => Local::Value(value.clone()),
        None if state.arrays.contains_key(given) => Local::Array(given.to_owned()),
        None => match variable(state, given) {
            Value::Unset => Local::Unknown(given.to_owned()),
            value => Local::Value(value),
        },
    }
}
