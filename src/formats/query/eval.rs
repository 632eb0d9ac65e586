//! Evaluation of a parsed expression.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::functions::{self, Argument};
use super::lex::Kind;
use super::parse::Node;
use crate::formats::python;

/// Evaluation stops with an error when it has copied this much (about one unit per byte). A query can double its
/// result with every few characters; results of the real operations stay far below.
const BUDGET: usize = 10_000_000;

/// The value of an expression for an input, or the message of a failure.
pub(super) fn evaluate(node: &Node, value: &Value) -> Result<Value, String> {
    Evaluation { budget: BUDGET }.node(node, value)
}

/// One run, which counts what it copies.
pub(super) struct Evaluation {
    budget: usize,
}

type Evaluated = Result<Value, String>;

impl Evaluation {
    /// The value of a node for an input.
    pub(super) fn node(&mut self, node: &Node, value: &Value) -> Evaluated {
        match node {
            Node::Identity => self.copy(value),
            Node::Field(name) => self.copy(value.get(name).unwrap_or(&Value::Null)),
            Node::Literal(literal) => self.copy(literal),
            Node::Chain(nodes) => {
                let Some((first, rest)) = nodes.split_first() else { return self.copy(value) };
                // Looking up `a.b` copies `b` only.
                let first = if *first == Node::Identity { None } else { Some(self.node(first, value)?) };
                rest.iter()
                    .try_fold(first, |current, node| self.node(node, current.as_ref().unwrap_or(value)).map(Some))
                    .map(Option::unwrap_or_default)
            }
            Node::Index(index) => self.copy(item(value, *index).unwrap_or(&Value::Null)),
            Node::Slice(parts) => self.slice(value, *parts),
            Node::Projection(left, right) => match self.node(left, value)? {
                Value::Array(items) => self.project(items.iter(), right),
                _ => Ok(Value::Null),
            },
            Node::ValueProjection(left, right) => match self.node(left, value)? {
                Value::Object(members) => self.project(members.values(), right),
                _ => Ok(Value::Null),
            },
            Node::FilterProjection(left, right, condition) => {
                let Value::Array(items) = self.node(left, value)? else { return Ok(Value::Null) };
                let mut kept = Vec::new();
                for item in items {
                    if !is_false(&self.node(condition, &item)?) {
                        kept.push(item);
                    }
                }
                self.project(kept.iter(), right)
            }
            Node::Flatten(node) => Ok(match self.node(node, value)? {
                Value::Array(items) => Value::Array(items.into_iter().flat_map(flattened).collect()),
                _ => Value::Null,
            }),
            Node::Comparison(operator, left, right) => {
                compare(*operator, &self.node(left, value)?, &self.node(right, value)?)
            }
            Node::Or(left, right) => {
                let left = self.node(left, value)?;
                if is_false(&left) { self.node(right, value) } else { Ok(left) }
            }
            Node::And(left, right) => {
                let left = self.node(left, value)?;
                if is_false(&left) { Ok(left) } else { self.node(right, value) }
            }
            // Zero is true here, as any other number.
            Node::Not(node) => {
                let inner = self.node(node, value)?;
                Ok(Value::Bool(!inner.is_number() && !python::is_truthy(&inner)))
            }
            Node::MultiList(_) | Node::MultiHash(_) if value.is_null() => Ok(Value::Null),
            Node::MultiList(nodes) => {
                nodes.iter().map(|node| self.node(node, value)).collect::<Result<_, _>>().map(Value::Array)
            }
            Node::MultiHash(pairs) => {
                let mut members = Map::new();
                for (name, node) in pairs {
                    members.insert(name.clone(), self.node(node, value)?);
                }
                Ok(Value::Object(members))
            }
            Node::Function(name, arguments) => {
                let mut evaluated = Vec::new();
                for argument in arguments {
                    evaluated.push(match argument {
                        Node::Expref(node) => Argument::Expression(node),
                        node => Argument::Value(self.node(node, value)?),
                    });
                }
                functions::call(self, name, evaluated)
            }
            // The real tool fails to print such a value.
            Node::Expref(_) => Err("Circular reference detected".to_owned()),
        }
    }

    /// Counts the making of a text of that length.
    pub(super) fn charge(&mut self, length: usize) -> Result<(), String> {
        self.budget = self.budget.checked_sub(length).ok_or("The result of the query is too large.")?;
        Ok(())
    }

    fn copy(&mut self, value: &Value) -> Evaluated {
        self.charge(weight(value))?;
        Ok(value.clone())
    }

    fn project<'a>(&mut self, items: impl Iterator<Item = &'a Value>, right: &Node) -> Evaluated {
        let mut out = Vec::new();
        for item in items {
            let projected = self.node(right, item)?;
            if !projected.is_null() {
                out.push(projected);
            }
        }
        Ok(Value::Array(out))
    }

    /// Python's slices: negative bounds count from the end, bounds beyond the ends are cut.
    fn slice(&mut self, value: &Value, [start, stop, step]: [Option<i64>; 3]) -> Evaluated {
        let Value::Array(items) = value else { return Ok(Value::Null) };
        let step = step.unwrap_or(1);
        if step == 0 {
            return Err("slice step cannot be zero".to_owned());
        }
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
        let bound = |bound: Option<i64>, default: i64| match bound {
            Some(bound) if bound < 0 => bound.saturating_add(length).max(low),
            Some(bound) => bound.min(high),
            None => default,
        };
        let (first, last) = if step > 0 { (low, high) } else { (high, low) };
        let (mut at, end) = (bound(start, first), bound(stop, last));
        let mut out = Vec::new();
        while (step > 0 && at < end) || (step < 0 && at > end) {
            if let Some(item) = usize::try_from(at).ok().and_then(|at| items.get(at)) {
                out.push(self.copy(item)?);
            }
            at = at.saturating_add(step);
        }
        Ok(Value::Array(out))
    }
}

/// What copying a value costs.
fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => 8 + text.len(),
        Value::Array(items) => 8 + items.iter().map(weight).sum::<usize>(),
        Value::Object(members) => 8 + members.iter().map(|(name, value)| name.len() + weight(value)).sum::<usize>(),
        _ => 8,
    }
}

fn item(value: &Value, index: i64) -> Option<&Value> {
    let items = value.as_array()?;
    let offset = if index < 0 { i64::try_from(items.len()).ok()?.checked_add(index)? } else { index };
    items.get(usize::try_from(offset).ok()?)
}

fn flattened(item: Value) -> Vec<Value> {
    match item {
        Value::Array(items) => items,
        other => vec![other],
    }
}

fn is_false(value: &Value) -> bool {
    !value.is_number() && !python::is_truthy(value)
}

fn compare(operator: Kind, left: &Value, right: &Value) -> Evaluated {
    let holds: fn(Ordering) -> bool = match operator {
        Kind::Eq => return Ok(Value::Bool(equal(left, right))),
        Kind::Ne => return Ok(Value::Bool(!equal(left, right))),
        Kind::Lt => Ordering::is_lt,
        Kind::Lte => Ordering::is_le,
        Kind::Gt => Ordering::is_gt,
        _ => Ordering::is_ge,
    };
    let comparable = |value: &Value| value.is_number() || value.is_string();
    if !comparable(left) || !comparable(right) {
        return Ok(Value::Null);
    }
    let symbol = match operator {
        Kind::Lt => "<",
        Kind::Lte => "<=",
        Kind::Gt => ">",
        _ => ">=",
    };
    order(symbol, left, right).map(|ordering| Value::Bool(ordering.is_some_and(holds)))
}

/// The order of two numbers or two texts; Python's refusal for one of each.
pub(super) fn order(symbol: &str, left: &Value, right: &Value) -> Result<Option<Ordering>, String> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Ok(Some(left.cmp(right))),
        (Value::Number(left), Value::Number(right)) => Ok(match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            _ => left.as_f64().zip(right.as_f64()).and_then(|(left, right)| left.partial_cmp(&right)),
        }),
        _ => {
            let (left, right) = (python::type_name(left), python::type_name(right));
            Err(format!("'{symbol}' not supported between instances of '{left}' and '{right}'"))
        }
    }
}

/// `==` of the query language, which keeps booleans and numbers apart.
fn equal(left: &Value, right: &Value) -> bool {
    left.is_boolean() == right.is_boolean() && python_equal(left, right)
}

/// `==` of Python, where `True` is 1 and 1 is 1.0; it rules inside lists and objects.
pub(super) fn python_equal(left: &Value, right: &Value) -> bool {
    let number = |value: &Value| value.as_bool().map(|truth| f64::from(u8::from(truth))).or(value.as_f64());
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| python_equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let same =
                |(name, value): (&String, &Value)| right.get(name).is_some_and(|other| python_equal(value, other));
            left.len() == right.len() && left.iter().all(same)
        }
        (Value::Number(left), Value::Number(right)) if !left.is_f64() && !right.is_f64() => left == right,
        _ => match (number(left), number(right)) {
            (Some(left), Some(right)) => left == right,
            _ => left == right,
        },
    }
}
