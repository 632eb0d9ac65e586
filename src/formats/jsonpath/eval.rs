//! Walking the nodes of a template over an object.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value;

use super::parse::{Node, Slice};
use crate::formats::cost;
use crate::formats::go_values;
use crate::formats::ordered;

/// A template that visits more values than this is given up: nested ranges multiply.
const MAX_STEPS: usize = 1_000_000;

/// Deeper nesting of ranges is refused.
const MAX_RANGES: usize = 32;
const NO_RANGE: &str = "not in range, nothing to end";

type Found<'v> = Vec<Cow<'v, Value>>;

/// The results of each part of the template. Fails with the message.
pub(super) fn find(nodes: &[Node], object: &Value, strict: bool) -> Result<Vec<Vec<Value>>, String> {
    let mut walk = Walk { steps: 0, begun: false, ranges: 0, last_end: 0, strict };
    let mut out = Vec::new();
    walk.block(nodes, 0, &Cow::Borrowed(object), &mut out)?;
    let steps = out.iter().flatten().map(|value| cost::of(value)).sum();
    walk.count(steps)?;
    Ok(out.into_iter().map(|found| found.into_iter().map(Cow::into_owned).collect()).collect())
}

struct Walk {
    steps: usize,
    /// A `range` was just met.
    begun: bool,
    /// How many ranges are open.
    ranges: usize,
    /// The place of the `end` met last.
    last_end: usize,
    /// Whether a key that nothing has is a failure.
    strict: bool,
}

/// A failure, with what had been found before the failing step.
struct Fault<'v> {
    message: String,
    before: Found<'v>,
}

impl Walk {
    fn count(&mut self, steps: usize) -> Result<(), String> {
        self.steps += steps + 1;
        if self.steps > MAX_STEPS { Err("the template visits too many values".to_owned()) } else { Ok(()) }
    }

    /// Walks parts of the template from `start` up to the `end` that closes the innermost range.
    #[expect(clippy::ptr_arg, reason = "what is found in a borrowed object lives longer than this call")]
    fn block<'v>(
        &mut self,
        nodes: &[Node],
        start: usize,
        object: &Cow<'v, Value>,
        out: &mut Vec<Found<'v>>,
    ) -> Result<(), String> {
        let mut at = start;
        while let Some(node) = nodes.get(at) {
            self.count(0)?;
            if is_end(node) {
                self.last_end = at;
                return if self.ranges == 0 { Err(NO_RANGE.to_owned()) } else { Ok(()) };
            }
            let found = self.step(vec![object.clone()], node).map_err(|fault| fault.message)?;
            if !std::mem::take(&mut self.begun) {
                out.push(found);
                at += 1;
                continue;
            }
            self.ranges += 1;
            if self.ranges > MAX_RANGES {
                return Err(format!("more than {MAX_RANGES} ranges inside each other"));
            }
            if found.is_empty() {
                // Nothing is shown; the walk is only after the end of the range.
                self.block(nodes, at + 1, &Cow::Owned(Value::Null), &mut Vec::new())?;
            }
            for item in &found {
                self.block(nodes, at + 1, item, out)?;
            }
            self.ranges -= 1;
            // After a range without end kubectl goes on with what stands inside.
            at = self.last_end.max(at) + 1;
        }
        Ok(())
    }

    fn list<'v>(&mut self, input: Found<'v>, nodes: &[Node]) -> Result<Found<'v>, Fault<'v>> {
        nodes.iter().try_fold(input, |current, node| self.step(current, node))
    }

    fn step<'v>(&mut self, input: Found<'v>, node: &Node) -> Result<Found<'v>, Fault<'v>> {
        if let Err(message) = self.count(input.len()) {
            return Err(Fault { message, before: Vec::new() });
        }
        let outcome = match node {
            Node::Action(nodes) => return self.list(input, nodes),
            Node::Constant(text @ Value::String(_)) => Ok(vec![Cow::Owned(text.clone())]),
            Node::Constant(value) => Ok(input.iter().map(|_| Cow::Owned(value.clone())).collect()),
            Node::Field(name) => {
                let found: Found<'v> = input.iter().filter_map(|value| member(value, name)).collect();
                if self.strict && found.is_empty() && !input.is_empty() {
                    Err(format!("{name} is not found"))
                } else {
                    Ok(found)
                }
            }
            Node::Wildcard => Ok(input.iter().flat_map(children).collect()),
            Node::Recursive => self.descendants(&input),
            Node::Identifier(word) if word == "range" => {
                self.begun = true;
                return Ok(input);
            }
            Node::Identifier(word) if word == "end" => Err(NO_RANGE.to_owned()),
            Node::Identifier(word) => Err(format!("unrecognized identifier {word}")),
            Node::Slice(slice) => sliced(&input, *slice),
            Node::Union(paths) => {
                let all = paths.iter().map(|path| self.list(input.clone(), path).map_err(|fault| fault.message));
                all.collect::<Result<Vec<_>, _>>().map(|found| found.into_iter().flatten().collect())
            }
            Node::Filter(left, comparison) => self.filtered(&input, left, comparison.as_ref()),
        };
        outcome.map_err(|message| Fault { message, before: input })
    }

    /// Each value that holds others, and below it its descendants, outside in.
    fn descendants<'v>(&mut self, input: &Found<'v>) -> Result<Found<'v>, String> {
        let mut out = Vec::new();
        let mut waiting: Vec<_> = input.iter().rev().cloned().collect();
        while let Some(value) = waiting.pop() {
            self.count(0)?;
            let mut below = children(&value);
            if !below.is_empty() {
                out.push(value);
                below.reverse();
                waiting.append(&mut below);
            }
        }
        Ok(out)
    }

    fn filtered<'v>(
        &mut self,
        input: &Found<'v>,
        left: &[Node],
        comparison: Option<&(String, Vec<Node>)>,
    ) -> Result<Found<'v>, String> {
        let mut out = Vec::new();
        for value in input {
            if !value.is_array() {
                return Err(format!("{} is not array or slice and cannot be filtered", go_values::print(value)));
            }
            for item in children(value) {
                let lefts = self.list(vec![item.clone()], left);
                let Some((operator, right)) = comparison else {
                    // A path that fails counts by what it had found.
                    if !lefts.unwrap_or_else(|fault| fault.before).is_empty() {
                        out.push(item);
                    }
                    continue;
                };
                let Some(left) = single(lefts.map_err(|fault| fault.message)?)? else { continue };
                let rights = self.list(vec![item.clone()], right).map_err(|fault| fault.message)?;
                let Some(right) = single(rights)? else { continue };
                if holds(operator, &left, &right)? {
                    out.push(item);
                }
            }
        }
        Ok(out)
    }
}

fn is_end(node: &Node) -> bool {
    matches!(node, Node::Action(nodes) if nodes.iter().any(|node| *node == Node::Identifier("end".to_owned())))
}

fn single(found: Found) -> Result<Option<Cow<Value>>, String> {
    if found.len() > 1 {
        return Err("can only compare one element at a time".to_owned());
    }
    Ok(found.into_iter().next())
}

fn member<'v>(value: &Cow<'v, Value>, name: &str) -> Option<Cow<'v, Value>> {
    match value {
        Cow::Borrowed(value) => value.as_object()?.get(name).map(Cow::Borrowed),
        Cow::Owned(value) => value.as_object()?.get(name).cloned().map(Cow::Owned),
    }
}

/// The items of a list, the values of an object by name, the bytes of a text.
fn children<'v>(value: &Cow<'v, Value>) -> Found<'v> {
    match value {
        Cow::Borrowed(Value::Array(items)) => items.iter().map(Cow::Borrowed).collect(),
        Cow::Borrowed(Value::Object(members)) => {
            ordered::members(members).into_iter().map(|(_, value)| Cow::Borrowed(value)).collect()
        }
        other => match other.as_ref() {
            Value::String(text) => text.bytes().map(|byte| Cow::Owned(Value::from(byte))).collect(),
            _ => Vec::new(),
        },
    }
}

fn sliced<'v>(input: &Found<'v>, slice: Slice) -> Result<Found<'v>, String> {
    let mut out = Vec::new();
    for value in input.iter().filter(|value| !value.is_null()) {
        if !value.is_array() {
            return Err(format!("{} is not array or slice", go_values::type_name(value)));
        }
        let items = children(value);
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let from_end = |index: i64| if index < 0 { index.saturating_add(length) } else { index };
        let start = from_end(slice.start.unwrap_or(0));
        let end = match slice.end {
            Some(0) if slice.end_is_derived => length,
            Some(end) => from_end(end),
            None => length,
        };
        if start == end {
            return Ok(out);
        }
        let outside = |index: i64| Err(format!("array index out of bounds: index {index}, length {length}"));
        if !(0..length).contains(&start) {
            return outside(start);
        }
        if !(0..=length).contains(&end) {
            return outside(end.saturating_sub(1));
        }
        if start > end {
            return Err(format!("starting index {start} is greater than ending index {end}"));
        }
        let step = usize::try_from(slice.step.unwrap_or(1)).unwrap_or(0);
        if step == 0 {
            return Err("step must be > 0".to_owned());
        }
        let (start, end) = (usize::try_from(start).unwrap_or(0), usize::try_from(end).unwrap_or(0));
        out.extend(items.into_iter().take(end).skip(start).step_by(step));
    }
    Ok(out)
}

/// Compares two scalars of the same kind; integers and floats are different kinds here.
fn holds(operator: &str, left: &Value, right: &Value) -> Result<bool, String> {
    let order = match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) if left.is_f64() == right.is_f64() => {
            match (left.as_i64(), right.as_i64()) {
                (Some(left), Some(right)) => Some(left.cmp(&right)),
                _ => left.as_f64().zip(right.as_f64()).and_then(|(left, right)| left.partial_cmp(&right)),
            }
        }
        _ => None,
    };
    let is_basic = |value: &Value| value.is_string() || value.is_boolean() || value.is_number();
    let passes: fn(Ordering) -> bool = match operator {
        "==" => Ordering::is_eq,
        "!=" => Ordering::is_ne,
        "<" => Ordering::is_lt,
        "<=" => Ordering::is_le,
        ">" => Ordering::is_gt,
        ">=" => Ordering::is_ge,
        other => return Err(format!("unrecognized filter operator {other}")),
    };
    let ordering_of_booleans = left.is_boolean() && !matches!(operator, "==" | "!=");
    if !is_basic(left) || !is_basic(right) || ordering_of_booleans && right.is_boolean() {
        return Err("invalid type for comparison".to_owned());
    }
    order.map(passes).ok_or_else(|| "incompatible types for comparison".to_owned())
}
