//! JSON patch (RFC 6902), as the library that the API server and kubectl share applies it (rbac 14).
//!
//! It is laxer than the RFC: a `replace` may add a member, a negative index counts from the end, and a member that is
//! missing equals null. The texts are the library's; the server keeps them to itself, kubectl prints them.

use serde_json::Value;

use crate::k8s::size::{MAX_DEPTH, MAX_REQUEST_BYTES, Size};
use crate::k8s::status::Status;

/// The most operations of a JSON patch (rbac 14).
const MAX_OPERATIONS: usize = 10_000;
/// The most bytes that the `copy` operations of a JSON patch may add together (rbac 14).
const MAX_COPIED_BYTES: usize = MAX_REQUEST_BYTES;
/// The most elements that the operations of a JSON patch may visit together: inserting into a list moves its tail.
const MAX_VISITED: usize = 20_000_000;

const MISSING: &str = "missing value";
const FAILED: &str = "test failed";

/// Why a patch is not applied.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// It is no list of operations; the library's text.
    Undecodable(String),
    /// An operation cannot be applied; the library's text.
    Operation(String),
    /// A bound of the server.
    Bound(Status),
}

impl Fault {
    /// The answer of the API server.
    pub fn status(self) -> Status {
        match self {
            Self::Undecodable(text) => Status::bad_request(text),
            Self::Operation(_) => Status::unprocessable(),
            Self::Bound(status) => status,
        }
    }

    /// What kubectl prints when it applies the patch itself (cli 12.10).
    pub fn text(self) -> String {
        match self {
            Self::Undecodable(text) => text,
            Self::Operation(text) => match text.split_once("doc is missing key: ") {
                Some((_, key)) => format!("Object to be patched is missing field ({key})"),
                None => text,
            },
            Self::Bound(status) => status.message,
        }
    }
}

/// Applies the operations in order. One that cannot be applied refuses the patch as a whole.
///
/// # Errors
/// The first fault.
pub fn apply(mut object: Value, patch: &Value) -> Result<Value, Fault> {
    let unmarshal = |value: &Value, of: &str| {
        Fault::Undecodable(format!("json: cannot unmarshal {} into Go value of type jsonpatch.{of}", kind_of(value)))
    };
    let operations = match patch {
        Value::Null => return Ok(object),
        Value::Array(operations) => operations,
        other => return Err(unmarshal(other, "Patch")),
    };
    if let Some(bad) = operations.iter().find(|operation| !operation.is_object() && !operation.is_null()) {
        return Err(unmarshal(bad, "Operation"));
    }
    if operations.len() > MAX_OPERATIONS {
        let text =
            format!("The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {}", operations.len());
        return Err(Fault::Bound(Status::too_large(&text)));
    }
    let (mut copied, mut visited) = (0, 0);
    for operation in operations {
        step(&mut object, operation, &mut copied, &mut visited)?;
        if visited > MAX_VISITED {
            return Err(Fault::Bound(Status::bad_request("the patch changes long lists or maps too often")));
        }
    }
    Ok(object)
}

fn step(object: &mut Value, operation: &Value, copied: &mut usize, visited: &mut usize) -> Result<(), Fault> {
    let kind = operation.get("op").and_then(Value::as_str).unwrap_or("unknown");
    let fault = |text: String| Fault::Operation(text);
    let path = || match operation.get("path") {
        Some(Value::String(path)) => Ok(path.as_str()),
        None | Some(Value::Null) => Err(format!("operation missing path field: {MISSING}")),
        Some(other) => Err(format!("json: cannot unmarshal {} into Go value of type string", kind_of(other))),
    };
    let no_path = |why: String| match kind {
        "add" | "remove" | "copy" => fault(format!("{kind} operation failed to decode path: {MISSING}")),
        _ => fault(format!("{kind} operation failed to decode path: {why}")),
    };
    let from = || match operation.get("from") {
        Some(Value::String(from)) => Ok(from.as_str()),
        None | Some(Value::Null) => {
            Err(fault(format!("{kind} operation failed to decode from: operation, missing from field: {MISSING}")))
        }
        Some(other) => Err(fault(format!(
            "{kind} operation failed to decode from: json: cannot unmarshal {} into Go value of type string",
            kind_of(other)
        ))),
    };
    let value = || operation.get("value").cloned().unwrap_or_default();
    match kind {
        "add" => {
            let path = path().map_err(no_path)?;
            let place = find(object, path, visited).ok_or_else(|| {
                fault(format!("add operation does not apply: doc is missing path: \"{path}\": {MISSING}"))
            })?;
            bounded(path, value()).and_then(|value| {
                place.add(value).map_err(|why| fault(format!("error in add for path: '{path}': {why}")))
            })
        }
        "remove" => {
            let path = path().map_err(no_path)?;
            let place = find(object, path, visited).ok_or_else(|| {
                fault(format!("remove operation does not apply: doc is missing path: \"{path}\": {MISSING}"))
            })?;
            place.remove().map(drop).map_err(|why| fault(format!("error in remove for path: '{path}': {why}")))
        }
        "replace" => {
            let path = path().map_err(no_path)?;
            if path.is_empty() {
                // The library takes any value here and uses none but objects and lists.
                if let whole @ (Value::Object(_) | Value::Array(_)) = value() {
                    *object = bounded(path, whole)?;
                }
                return Ok(());
            }
            let place = find(object, path, visited).ok_or_else(|| {
                fault(format!("replace operation does not apply: doc is missing path: {path}: {MISSING}"))
            })?;
            let value = bounded(path, value())?;
            place
                .set(value)
                .map_err(|_| fault(format!("replace operation does not apply: doc is missing key: {path}: {MISSING}")))
        }
        "move" => {
            let from = from()?;
            let place = find(object, from, visited).ok_or_else(|| {
                fault(format!("move operation does not apply: doc is missing from path: {from}: {MISSING}"))
            })?;
            let key = place.key.clone();
            let taken = place.remove().map_err(|why| fault(format!("error in move for path: '{key}': {why}")))?;
            let path = path().map_err(no_path)?;
            let place = find(object, path, visited).ok_or_else(|| {
                fault(format!("move operation does not apply: doc is missing destination path: {path}: {MISSING}"))
            })?;
            let taken = bounded(path, taken)?;
            place.add(taken).map_err(|why| fault(format!("error in move for path: '{path}': {why}")))
        }
        "test" => {
            let path = path().map_err(no_path)?;
            let there = if path.is_empty() {
                object.clone()
            } else {
                let place = find(object, path, visited).ok_or_else(|| {
                    fault(format!("test operation does not apply: is missing path: {path}: {MISSING}"))
                })?;
                place.get().map_err(|why| fault(format!("error in test for path: '{path}': {why}")))?
            };
            if there == value() { Ok(()) } else { Err(fault(format!("testing value {path} failed: {FAILED}"))) }
        }
        "copy" => {
            let from = from()?;
            let place = find(object, from, visited).ok_or_else(|| {
                fault(format!("copy operation does not apply: doc is missing from path: {from}: {MISSING}"))
            })?;
            let source = place.get().map_err(|why| fault(format!("error in copy for from: '{from}': {why}")))?;
            let path = path().map_err(no_path)?;
            let place = find(object, path, visited).ok_or_else(|| {
                fault(format!("copy operation does not apply: doc is missing destination path: {path}: {MISSING}"))
            })?;
            *copied += Size::of(&source).bytes;
            if *copied > MAX_COPIED_BYTES {
                return Err(Fault::Bound(Status::unprocessable()));
            }
            let source = bounded(path, source)?;
            place.add(source).map_err(|why| fault(format!("error while adding value during copy: {why}")))
        }
        other => Err(fault(format!("Unexpected kind: {other}"))),
    }
}

/// A value, unless it would nest too deep at its place.
fn bounded(path: &str, value: Value) -> Result<Value, Fault> {
    if path.matches('/').count() + Size::of(&value).depth > MAX_DEPTH {
        let text = format!("the patch nests lists and maps more than {MAX_DEPTH} deep at {path}");
        return Err(Fault::Bound(Status::bad_request(text)));
    }
    Ok(value)
}

/// Go's word for the kind of a JSON value.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A member of a map or a list, which may not be there.
struct Place<'a> {
    parent: &'a mut Value,
    key: String,
}

/// The place that a path names, if all above it is there. Adds the parent's elements to `visited`. What comes before the
/// first slash does not count.
fn find<'a>(object: &'a mut Value, path: &str, visited: &mut usize) -> Option<Place<'a>> {
    let unescaped = |part: &str| part.replace("~1", "/").replace("~0", "~");
    let mut parts = path.split('/').skip(1).map(unescaped);
    let mut key = parts.next()?;
    let mut parent = object;
    for next in parts {
        parent = match parent {
            Value::Object(members) => members.get_mut(&key)?,
            Value::Array(items) => {
                let at = index(&key, items.len(), items.len()).ok()?;
                items.get_mut(at)?
            }
            _ => return None,
        };
        key = next;
    }
    *visited += match parent {
        Value::Array(items) => items.len(),
        Value::Object(members) => members.len(),
        _ => return None,
    };
    Some(Place { parent, key })
}

/// The place in a list of `length` elements, of which `limit` is the first that is too far.
fn index(key: &str, length: usize, limit: usize) -> Result<usize, String> {
    let number: i64 = key.parse().map_err(|_| {
        let digits = key.strip_prefix(['+', '-']).unwrap_or(key);
        let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
        let why = if is_number { "value out of range" } else { "invalid syntax" };
        format!("strconv.Atoi: parsing {key:?}: {why}")
    })?;
    let from_the_end = || length.checked_sub(usize::try_from(number.unsigned_abs()).ok()?);
    let at = if number < 0 { from_the_end() } else { usize::try_from(number).ok() };
    at.filter(|at| *at < limit)
        .ok_or_else(|| format!("Unable to access invalid index: {number}: invalid index referenced"))
}

impl Place<'_> {
    /// The value; a member that is missing is null.
    fn get(self) -> Result<Value, String> {
        match self.parent {
            Value::Array(items) => {
                let at = index(&self.key, items.len(), items.len())?;
                Ok(items.get(at).cloned().unwrap_or_default())
            }
            parent => Ok(parent.get(&self.key).cloned().unwrap_or_default()),
        }
    }

    fn set(self, value: Value) -> Result<(), String> {
        match self.parent {
            Value::Array(items) => {
                let at = index(&self.key, items.len(), items.len())?;
                if let Some(item) = items.get_mut(at) {
                    *item = value;
                }
            }
            Value::Object(members) => drop(members.insert(self.key, value)),
            _ => {}
        }
        Ok(())
    }

    fn add(self, value: Value) -> Result<(), String> {
        match self.parent {
            Value::Array(items) if self.key == "-" => items.push(value),
            Value::Array(items) => {
                let length = items.len().saturating_add(1);
                let at = index(&self.key, length, length).map_err(|why| match why.strip_prefix("strconv") {
                    Some(_) => format!("value was not a proper array index: '{}': {why}", self.key),
                    None => why,
                })?;
                items.insert(at, value);
            }
            Value::Object(members) => drop(members.insert(self.key, value)),
            _ => {}
        }
        Ok(())
    }

    fn remove(self) -> Result<Value, String> {
        match self.parent {
            Value::Array(items) => {
                let at = index(&self.key, items.len(), items.len())?;
                Ok(items.remove(at))
            }
            Value::Object(members) => members
                .shift_remove(&self.key)
                .ok_or_else(|| format!("Unable to remove nonexistent key: {}: {MISSING}", self.key)),
            _ => Ok(Value::Null),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object() -> Value {
        json!({"a": 1, "none": null, "m": {"x": "1", "a/b": 1, "c~d": 2}, "list": ["x", "y", "z"]})
    }

    /// As the library of kubectl 1.33 has it (recorded, except where it crashes).
    #[test]
    fn operations_that_apply() {
        for (operation, pointer, expected) in [
            (json!({"op": "add", "path": "/list/-", "value": 3}), "/list", json!(["x", "y", "z", 3])),
            (json!({"op": "add", "path": "/list/-1", "value": 3}), "/list", json!(["x", "y", "z", 3])),
            (json!({"op": "add", "path": "/list/0", "value": 3}), "/list", json!([3, "x", "y", "z"])),
            (json!({"op": "remove", "path": "/list/-1"}), "/list", json!(["x", "y"])),
            (json!({"op": "remove", "path": "/list/0"}), "/list", json!(["y", "z"])),
            (json!({"op": "remove", "path": "/m/a~1b"}), "/m", json!({"x": "1", "c~d": 2})),
            (json!({"op": "replace", "path": "/m/c~0d", "value": 3}), "/m/c~0d", json!(3)),
            (json!({"op": "replace", "path": "/zz", "value": 1}), "/zz", json!(1)),
            (json!({"op": "replace", "path": "", "value": {"b": 1}}), "", json!({"b": 1})),
            (json!({"op": "add", "path": "/m/q"}), "/m/q", Value::Null),
            (json!({"op": "add", "path": "ignored/zz", "value": 1}), "/zz", json!(1)),
            (json!({"op": "test", "path": "/nothing", "value": null}), "/a", json!(1)),
            (json!({"op": "test", "path": "/list", "value": ["x", "y", "z"]}), "/a", json!(1)),
            (json!({"op": "copy", "from": "/nothing", "path": "/b"}), "/b", Value::Null),
            (json!({"op": "move", "from": "/list/1", "path": "/a"}), "/a", json!("y")),
        ] {
            let patched = apply(object(), &json!([operation])).unwrap();
            assert_eq!(patched.pointer(pointer), Some(&expected), "{operation}");
        }
    }

    #[test]
    fn operations_that_do_not_apply_refuse_the_patch() {
        for operation in [
            json!({"op": "remove", "path": "/zz"}),
            json!({"op": "remove", "path": "/list/3"}),
            json!({"op": "remove", "path": "/list/-"}),
            json!({"op": "remove", "path": "/a/0"}),
            json!({"op": "remove", "path": "/none/0"}),
            json!({"op": "remove", "path": "a"}),
            json!({"op": "add", "path": "/list/4", "value": 1}),
            json!({"op": "replace", "path": "/list/3", "value": 1}),
            json!({"op": "test", "path": "/a", "value": 2}),
            json!({"op": "fly", "path": "/a"}),
            json!({}),
        ] {
            let fault = apply(object(), &json!([operation])).unwrap_err();
            assert_eq!(fault.status(), Status::unprocessable(), "{operation}");
        }
        let text = "json: cannot unmarshal object into Go value of type jsonpatch.Patch";
        assert_eq!(apply(object(), &json!({})).unwrap_err().status(), Status::bad_request(text));
        assert_eq!(apply(object(), &Value::Null), Ok(object()));
    }

    #[test]
    fn short_patches_that_multiply_are_refused() {
        let object = json!({"metadata": {"annotations": {"a": "x".repeat(1_000)}}, "list": []});
        let refused = |patch: Value| apply(object.clone(), &patch).unwrap_err().status();
        let copy = |from: &str, path: String| json!({"op": "copy", "from": from, "path": path});
        // Each doubles the object.
        let doubling: Vec<Value> = (0..40).map(|n| copy("/metadata", format!("/metadata/c{n}"))).collect();
        assert_eq!(refused(json!(doubling)), Status::unprocessable());
        // Each goes to the deepest place that the one before made.
        let nesting: Vec<Value> = (0..14).map(|n| copy("/metadata", "/metadata".repeat((1 << n) + 1))).collect();
        assert!(refused(json!(nesting)).message.contains("more than 100 deep"));
        let many = vec![json!({"op": "add", "path": "/x", "value": 1}); 10_001];
        let text = "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001";
        assert_eq!(refused(json!(many)).message, text);
        let long = json!({"list": vec![0; 40_000]});
        let inserts = vec![json!({"op": "add", "path": "/list/0", "value": 1}); 9_000];
        assert!(apply(long, &json!(inserts)).unwrap_err().status().message.contains("too often"));
    }
}
