//! The operators between two values.

use serde_json::{Map, Value};

use super::eval::{Error, Machine, Outcome, fail, number_value, size};
use super::print::print;
use super::values;

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

/// The longest text and the largest array that `+` and `*` make.
pub(super) const MAX_RESULT: usize = 1_000_000;

/// The value of a binary operator.
pub(super) fn operate(m: &mut Machine, operator: &str, left: &Value, right: &Value) -> Outcome<Value> {
    let steps = size(left, 0)? + size(right, 0)?;
    m.spend(steps)?;
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
                let text = |n| print(&number_value(n), Some(0), false);
                return fail(format!(
                    "number ({}) and number ({}) cannot be divided because the divisor is zero",
                    text(left),
                    text(right)
                ));
            }
            "/" => left / right,
            _ if right.trunc() == 0.0 => {
                return fail(format!(
                    "{} and {} cannot be divided (remainder) because the divisor is zero",
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
