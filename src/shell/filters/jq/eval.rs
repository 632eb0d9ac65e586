//! Running a filter: every filter gives any number of values for one.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use super::parse::Filter;
use super::print::print;
use super::{functions, values};

/// How many steps one call takes: copied members of values and evaluated filters.
pub(super) const MAX_STEPS: usize = 3_000_000;

/// What is left of [`MAX_STEPS`], over all inputs of a call.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: MAX_STEPS }
    }
}

/// Why a filter stopped.
#[derive(Debug)]
pub(super) enum Error {
    /// jq's message; `?` catches it.
    Value(String),
    /// A bound of this program.
    Limit(String),
}

pub(super) type Outcome<T> = Result<T, Error>;
type Variables = BTreeMap<String, Value>;

/// An error that `?` catches.
pub(super) fn fail<T>(message: impl Into<String>) -> Outcome<T> {
    Err(Error::Value(message.into()))
}

/// Runs `filter` on `input`; results before an error are in `out`.
pub(super) fn run(
    filter: &Filter,
    input: Value,
    variables: &Variables,
    budget: &mut Budget,
    out: &mut Vec<Value>,
) -> Outcome<()> {
    eval(filter, &input, variables, budget, out)
}

impl Budget {
    /// Takes `steps` off.
    pub fn spend(&mut self, steps: usize) -> Outcome<()> {
        match self.left.checked_sub(steps) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(Error::Limit(format!("the filter takes more than {MAX_STEPS} steps; stopped"))),
        }
    }

    /// A copy of a value, paid for by its size.
    pub fn copy(&mut self, value: &Value) -> Outcome<Value> {
        self.spend(size(value))?;
        Ok(value.clone())
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => {
            1 + members.iter().map(|(name, item)| 1 + name.len() / 64 + size(item)).sum::<usize>()
        }
        Value::String(text) => 1 + text.len() / 64,
        _ => 1,
    }
}

/// All values of `filter` for `input`.
pub(super) fn all(filter: &Filter, input: &Value, variables: &Variables, budget: &mut Budget) -> Outcome<Vec<Value>> {
    let mut out = Vec::new();
    eval(filter, input, variables, budget, &mut out)?;
    Ok(out)
}

pub(super) fn eval(
    filter: &Filter,
    input: &Value,
    variables: &Variables,
    budget: &mut Budget,
    out: &mut Vec<Value>,
) -> Outcome<()> {
    budget.spend(1)?;
    match filter {
        Filter::Identity => out.push(budget.copy(input)?),
        Filter::Recurse => recurse(input, budget, out)?,
        Filter::Literal(value) => out.push(budget.copy(value)?),
        Filter::Variable(name) => out.push(budget.copy(variables.get(name).unwrap_or(&Value::Null))?),
        Filter::Format(format) => out.push(Value::String(values::format(format, input)?)),
        Filter::Text(format, parts) => {
            // The last part varies fastest.
            let mut texts = vec![String::new()];
            for (plain, inner) in parts {
                texts.iter_mut().for_each(|text| text.push_str(plain));
                let Some(inner) = inner else { continue };
                let mut pieces = Vec::new();
                for value in all(inner, input, variables, budget)? {
                    pieces.push(values::format(format.as_deref().unwrap_or("text"), &value)?);
                }
                budget
                    .spend(texts.iter().map(|text| 1 + text.len() / 64).sum::<usize>().saturating_mul(pieces.len()))?;
                texts =
                    pieces.iter().flat_map(|piece| texts.iter().map(move |text| format!("{text}{piece}"))).collect();
            }
            out.extend(texts.into_iter().map(Value::String));
        }
        Filter::Index(of, index) => {
            for value in all(of, input, variables, budget)? {
                for index in all(index, input, variables, budget)? {
                    out.push(values::index(&value, &index, budget)?);
                }
            }
        }
        Filter::Slice(of, from, to) => {
            for value in all(of, input, variables, budget)? {
                let bound = |filter: &Option<Box<Filter>>, budget: &mut Budget| match filter {
                    None => Ok(vec![Value::Null]),
                    Some(filter) => all(filter, input, variables, budget),
                };
                for to in bound(to, budget)? {
                    for from in bound(from, budget)? {
                        out.push(values::slice(&value, &from, &to, budget)?);
                    }
                }
            }
        }
        Filter::Iterate(of) => {
            for value in all(of, input, variables, budget)? {
                match value {
                    Value::Array(items) => out.extend(items),
                    Value::Object(members) => out.extend(members.into_iter().map(|(_, value)| value)),
                    value => return fail(format!("Cannot iterate over {}", values::described(&value))),
                }
            }
        }
        Filter::Try(inner) => match eval(inner, input, variables, budget, out) {
            Err(Error::Value(_)) => {}
            other => other?,
        },
        Filter::Negative(inner) => {
            for value in all(inner, input, variables, budget)? {
                match value.as_f64() {
                    Some(number) => out.push(number_value(-number)),
                    None => return fail(format!("{} cannot be negated", values::described(&value))),
                }
            }
        }
        Filter::Pipe(first, second) => {
            for value in all(first, input, variables, budget)? {
                eval(second, &value, variables, budget, out)?;
            }
        }
        Filter::Comma(first, second) => {
            eval(first, input, variables, budget, out)?;
            eval(second, input, variables, budget, out)?;
        }
        Filter::Binary(operator, left, right) => binary(operator, left, right, input, variables, budget, out)?,
        Filter::Bind(value, name, body) => {
            for value in all(value, input, variables, budget)? {
                budget.spend(variables.values().map(size).sum())?;
                let mut inner = variables.clone();
                inner.insert(name.clone(), value);
                eval(body, input, &inner, budget, out)?;
            }
        }
        Filter::If(branches, otherwise) => choose(branches, otherwise, input, variables, budget, out)?,
        Filter::Array(None) => out.push(Value::Array(Vec::new())),
        Filter::Array(Some(inner)) => out.push(Value::Array(all(inner, input, variables, budget)?)),
        Filter::Object(members) => {
            let mut objects = vec![Map::new()];
            for (key, value) in members {
                let keys = all(key, input, variables, budget)?;
                let values = all(value, input, variables, budget)?;
                let mut next = Vec::new();
                for object in &objects {
                    for key in &keys {
                        let Value::String(key) = key else {
                            return fail(format!("Cannot use {} as object key", values::described(key)));
                        };
                        for value in &values {
                            budget.spend(object.len() + size(value))?;
                            let mut object = object.clone();
                            object.insert(key.clone(), value.clone());
                            next.push(object);
                        }
                    }
                }
                objects = next;
            }
            out.extend(objects.into_iter().map(Value::Object));
        }
        Filter::Call(name, arguments) => functions::call(name, arguments, input, variables, budget, out)?,
    }
    Ok(())
}

/// Two objects in one; what both have as objects is merged as well.
fn merged(left: &Map<String, Value>, right: &Map<String, Value>) -> Map<String, Value> {
    let mut out = left.clone();
    for (name, value) in right {
        let value = match (out.get(name), value) {
            (Some(Value::Object(left)), Value::Object(right)) => Value::Object(merged(left, right)),
            _ => value.clone(),
        };
        out.insert(name.clone(), value);
    }
    out
}

fn recurse(value: &Value, budget: &mut Budget, out: &mut Vec<Value>) -> Outcome<()> {
    out.push(budget.copy(value)?);
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| recurse(item, budget, out)),
        Value::Object(members) => members.values().try_for_each(|item| recurse(item, budget, out)),
        _ => Ok(()),
    }
}

fn choose(
    branches: &[(Filter, Filter)],
    otherwise: &Filter,
    input: &Value,
    variables: &Variables,
    budget: &mut Budget,
    out: &mut Vec<Value>,
) -> Outcome<()> {
    let Some(((condition, body), rest)) = branches.split_first() else {
        return eval(otherwise, input, variables, budget, out);
    };
    for value in all(condition, input, variables, budget)? {
        if holds(&value) {
            eval(body, input, variables, budget, out)?;
        } else {
            choose(rest, otherwise, input, variables, budget, out)?;
        }
    }
    Ok(())
}

/// Everything but `null` and `false`.
pub(super) fn holds(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

fn binary(
    operator: &str,
    left: &Filter,
    right: &Filter,
    input: &Value,
    variables: &Variables,
    budget: &mut Budget,
    out: &mut Vec<Value>,
) -> Outcome<()> {
    match operator {
        "//" => {
            let mut values = Vec::new();
            match eval(left, input, variables, budget, &mut values) {
                Ok(()) | Err(Error::Value(_)) => {}
                Err(limit) => return Err(limit),
            }
            values.retain(holds);
            if values.is_empty() {
                return eval(right, input, variables, budget, out);
            }
            out.extend(values);
        }
        "and" | "or" => {
            for left in all(left, input, variables, budget)? {
                if holds(&left) == (operator == "or") {
                    out.push(Value::Bool(operator == "or"));
                    continue;
                }
                out.extend(all(right, input, variables, budget)?.iter().map(|right| Value::Bool(holds(right))));
            }
        }
        operator => {
            let rights = all(right, input, variables, budget)?;
            let lefts = all(left, input, variables, budget)?;
            for right in &rights {
                for left in &lefts {
                    budget.spend(size(left) + size(right))?;
                    out.push(operate(operator, left, right)?);
                }
            }
        }
    }
    Ok(())
}

/// A number as a value: whole if it is.
pub(super) fn number_value(number: f64) -> Value {
    if number == number.trunc() && number.abs() < 9e15 {
        return Value::from(number as i64);
    }
    // JSON has no infinity: jq prints the greatest number.
    let finite = if number.is_nan() { return Value::Null } else { number.clamp(f64::MIN, f64::MAX) };
    Number::from_f64(finite).map_or(Value::Null, Value::Number)
}

/// The longest text and the largest array that `+` and `*` make.
const MAX_RESULT: usize = 1_000_000;

fn operate(operator: &str, left: &Value, right: &Value) -> Outcome<Value> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let order = || values::compare(left, right);
    let compared = match operator {
        "==" => Some(order() == Equal),
        "!=" => Some(order() != Equal),
        "<" => Some(order() == Less),
        "<=" => Some(order() != Greater),
        ">" => Some(order() == Greater),
        ">=" => Some(order() != Less),
        _ => None,
    };
    if let Some(holds) = compared {
        return Ok(Value::Bool(holds));
    }
    match (operator, left, right) {
        ("+", Value::Null, other) | ("+", other, Value::Null) => return Ok(other.clone()),
        ("+", Value::String(left), Value::String(right)) if left.len() + right.len() <= MAX_RESULT => {
            return Ok(Value::String(format!("{left}{right}")));
        }
        ("+", Value::Array(left), Value::Array(right)) if left.len() + right.len() <= MAX_RESULT => {
            return Ok(Value::Array(left.iter().chain(right).cloned().collect()));
        }
        ("+", Value::Object(left), Value::Object(right)) => {
            let mut sum = left.clone();
            sum.extend(right.iter().map(|(name, value)| (name.clone(), value.clone())));
            return Ok(Value::Object(sum));
        }
        ("-", Value::Array(left), Value::Array(right)) => {
            if left.len().saturating_mul(right.len()) > MAX_RESULT {
                return Err(Error::Limit("the arrays are too large to be subtracted; stopped".to_owned()));
            }
            let kept = left.iter().filter(|item| !right.iter().any(|other| values::compare(item, other) == Equal));
            return Ok(Value::Array(kept.cloned().collect()));
        }
        ("/", Value::String(text), Value::String(by)) => return Ok(values::split(text, by)),
        ("*", Value::Object(left), Value::Object(right)) => return Ok(Value::Object(merged(left, right))),
        ("*", Value::String(text), Value::Number(times)) => {
            let times = times.as_f64().unwrap_or_default().ceil();
            if times <= 0.0 {
                return Ok(Value::Null);
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "positive; `as` keeps to the range"
            )]
            let times = times as usize;
            if text.len().saturating_mul(times) > MAX_RESULT {
                return Err(Error::Limit("the result is too large; stopped".to_owned()));
            }
            return Ok(Value::String(text.repeat(times)));
        }
        ("+", Value::String(_), Value::String(_)) | ("+", Value::Array(_), Value::Array(_)) => {
            return Err(Error::Limit("the result is too large; stopped".to_owned()));
        }
        _ => {}
    }
    if let (Some(left), Some(right)) = (left.as_f64(), right.as_f64()) {
        return Ok(number_value(match operator {
            "+" => left + right,
            "-" => left - right,
            "*" => left * right,
            "/" if right == 0.0 => {
                let text = |n| print(&number_value(n), true, false);
                return fail(format!(
                    "number ({}) and number ({}) cannot be divided because the divisor is zero",
                    text(left),
                    text(right)
                ));
            }
            "/" => left / right,
            _ if right.trunc() == 0.0 => {
                return fail(format!(
                    "{} and {} cannot be divided because the divisor is zero",
                    values::described(&number_value(left)),
                    values::described(&number_value(right))
                ));
            }
            _ => left.trunc() % right.trunc().abs(),
        }));
    }
    let done = match operator {
        "+" => "added",
        "-" => "subtracted",
        "*" => "multiplied",
        _ => "divided",
    };
    fail(format!("{} and {} cannot be {done}", values::described(left), values::described(right)))
}
