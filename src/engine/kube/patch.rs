//! Patches of objects: merge (RFC 7396), strategic merge as far as lists have merge keys here, and JSON patch (RFC 6902).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::engine::request::PatchKind;
use crate::k8s::size::{MAX_DEPTH, MAX_REQUEST_BYTES, Size};
use crate::k8s::status::Status;

/// `object` with `patch` applied.
///
/// # Errors
/// 400 or 422 for a patch that cannot be applied.
pub fn apply(kind: PatchKind, object: &Value, patch: &Value) -> Result<Value, Status> {
    match kind {
        PatchKind::Merge => Ok(merge(object.clone(), patch)),
        PatchKind::Strategic => Ok(strategic(object.clone(), patch, "")),
        PatchKind::Json => json_patch(object.clone(), patch),
    }
}

/// JSON merge patch: null removes, objects merge, everything else replaces.
pub fn merge(target: Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut target = match target {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    for (key, value) in patch {
        if value.is_null() {
            target.shift_remove(key);
        } else {
            let old = target.get(key).cloned().unwrap_or_default();
            target.insert(key.clone(), merge(old, value));
        }
    }
    Value::Object(target)
}

/// The merge key of lists that have one. Rules and subjects have none: they are replaced whole.
fn merge_key(member: &str) -> Option<&'static str> {
    match member {
        "containers" | "initContainers" | "env" | "volumes" | "imagePullSecrets" | "secrets" => Some("name"),
        "ports" => Some("containerPort"),
        "volumeMounts" => Some("mountPath"),
        "ownerReferences" => Some("uid"),
        _ => None,
    }
}

fn strategic(target: Value, patch: &Value, member: &str) -> Value {
    match (target, patch) {
        (Value::Object(mut target), Value::Object(patch)) => {
            for (key, value) in patch {
                if value.is_null() {
                    target.shift_remove(key);
                } else {
                    let old = target.get(key).cloned().unwrap_or_default();
                    target.insert(key.clone(), strategic(old, value, key));
                }
            }
            Value::Object(target)
        }
        (Value::Array(mut target), Value::Array(patch)) => {
            let Some(key) = merge_key(member) else { return Value::Array(patch.clone()) };
            let key_of = |item: &Value| item.get(key).map(Value::to_string);
            let mut places = BTreeMap::new();
            for (place, key) in target.iter().enumerate().filter_map(|(place, item)| Some((place, key_of(item)?))) {
                places.entry(key).or_insert(place);
            }
            for item in patch {
                let key = key_of(item);
                let same = key.as_ref().and_then(|key| places.get(key)).and_then(|place| target.get_mut(*place));
                match same {
                    Some(old) => *old = strategic(old.take(), item, ""),
                    None => {
                        places.extend(key.map(|key| (key, target.len())));
                        target.push(item.clone());
                    }
                }
            }
            Value::Array(target)
        }
        (_, Value::Object(_)) => merge(Value::Null, patch),
        (_, other) => other.clone(),
    }
}

/// The most operations of a JSON patch (rbac 14).
const MAX_OPERATIONS: usize = 10_000;
/// The most bytes that the `copy` operations of a JSON patch may add together (rbac 14).
const MAX_COPIED_BYTES: usize = MAX_REQUEST_BYTES;
/// The most elements that the operations of a JSON patch may visit together: inserting into a list moves its tail.
const MAX_VISITED: usize = 20_000_000;

/// Applies the operations of a JSON patch in order (RFC 6902). An operation that cannot be applied refuses the patch
/// as a whole, and the server does not say which one it was (rbac 14).
fn json_patch(mut object: Value, patch: &Value) -> Result<Value, Status> {
    let Some(operations) = patch.as_array() else {
        return Err(Status::bad_request("error decoding patch: a JSON patch is a list of operations"));
    };
    if operations.len() > MAX_OPERATIONS {
        let text =
            format!("The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {}", operations.len());
        return Err(Status::too_large(&text));
    }
    let (mut copied, mut visited) = (0, 0);
    for operation in operations {
        let text = |key: &str| operation.get(key).and_then(Value::as_str);
        let path = text("path").ok_or_else(Status::unprocessable)?;
        let value = || operation.get("value").cloned().unwrap_or_default();
        let added = match text("op") {
            Some("add" | "replace") => value(),
            Some("remove") => {
                take(&mut object, path, &mut visited)?;
                continue;
            }
            Some("test") if object.pointer(path) == operation.get("value") => continue,
            Some("move") => take(&mut object, text("from").unwrap_or_default(), &mut visited)?,
            Some("copy") => {
                let source = object.pointer(text("from").unwrap_or_default()).ok_or_else(Status::unprocessable)?;
                copied += Size::of(source).bytes;
                if copied > MAX_COPIED_BYTES {
                    return Err(Status::unprocessable());
                }
                source.clone()
            }
            _ => return Err(Status::unprocessable()),
        };
        if path.matches('/').count() + Size::of(&added).depth > MAX_DEPTH {
            let text = format!("the patch nests lists and maps more than {MAX_DEPTH} deep at {path}");
            return Err(Status::bad_request(text));
        }
        put(&mut object, path, added, text("op") != Some("replace"), &mut visited)?;
        if visited > MAX_VISITED {
            return Err(Status::bad_request("the patch changes long lists or maps too often"));
        }
    }
    Ok(object)
}

/// The parent of `path` and the last key. Adds the parent's elements to `visited`.
fn parent<'a>(object: &'a mut Value, path: &str, visited: &mut usize) -> Result<(&'a mut Value, String), Status> {
    let (head, last) = path.rsplit_once('/').ok_or_else(Status::unprocessable)?;
    let parent = object.pointer_mut(head).ok_or_else(Status::unprocessable)?;
    *visited += match parent {
        Value::Array(items) => items.len(),
        Value::Object(members) => members.len(),
        _ => return Err(Status::unprocessable()),
    };
    Ok((parent, last.replace("~1", "/").replace("~0", "~")))
}

fn put(object: &mut Value, path: &str, value: Value, insert: bool, visited: &mut usize) -> Result<(), Status> {
    let (parent, key) = parent(object, path, visited)?;
    match parent {
        Value::Object(members) if insert || members.contains_key(&key) => drop(members.insert(key, value)),
        Value::Array(items) if insert && key == "-" => items.push(value),
        Value::Array(items) => {
            let index = key.parse::<usize>().map_err(|_| Status::unprocessable())?;
            if insert && index <= items.len() {
                items.insert(index, value);
            } else {
                *items.get_mut(index).filter(|_| !insert).ok_or_else(Status::unprocessable)? = value;
            }
        }
        _ => return Err(Status::unprocessable()),
    }
    Ok(())
}

fn take(object: &mut Value, path: &str, visited: &mut usize) -> Result<Value, Status> {
    let (parent, key) = parent(object, path, visited)?;
    match parent {
        Value::Object(members) => members.shift_remove(&key).ok_or_else(Status::unprocessable),
        Value::Array(items) => {
            let index = key.parse::<usize>().ok().filter(|index| *index < items.len());
            index.map(|index| items.remove(index)).ok_or_else(Status::unprocessable)
        }
        _ => Err(Status::unprocessable()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(kind: PatchKind, patch: Value, expected: Value) {
        let object = json!({"a": 1, "m": {"x": "1", "y": "2"}, "rules": [1, 2],
            "containers": [{"name": "c", "image": "old"}, {"name": "d"}]});
        let patched = apply(kind, &object, &patch).unwrap();
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&patched[key], value, "{key}");
        }
    }

    #[test]
    fn merge_patch() {
        check(
            PatchKind::Merge,
            json!({"m": {"x": null, "z": "3"}, "rules": [3], "a": null}),
            json!({"m": {"y": "2", "z": "3"}, "rules": [3], "a": null}),
        );
    }

    #[test]
    fn strategic_patch_merges_by_key() {
        check(
            PatchKind::Strategic,
            json!({"containers": [{"name": "c", "image": "new"}], "rules": [9]}),
            json!({"containers": [{"name": "c", "image": "new"}, {"name": "d"}], "rules": [9]}),
        );
    }

    #[test]
    fn json_patch_operations() {
        check(
            PatchKind::Json,
            json!([{"op": "add", "path": "/rules/-", "value": 3}, {"op": "remove", "path": "/m/x"},
                {"op": "replace", "path": "/a", "value": 2}, {"op": "test", "path": "/a", "value": 2}]),
            json!({"rules": [1, 2, 3], "m": {"y": "2"}, "a": 2}),
        );
        for bad in [
            json!({}),
            json!([{"op": "remove", "path": "/zz"}]),
            json!([{"op": "replace", "path": "/zz"}]),
            json!([{"op": "add", "path": "/rules/9", "value": 1}]),
            json!([{"op": "fly", "path": "/a"}]),
        ] {
            assert!(apply(PatchKind::Json, &json!({"rules": []}), &bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_removal_takes_what_is_there() {
        // RFC 6902, 4.2 and 4.4: the place must exist, and takes its value along when it moves.
        let object = || json!({"list": ["x", "y", "z"], "m": {"a/b": 1, "c~d": 2}, "n": 3});
        let patched = |patch: Value| apply(PatchKind::Json, &object(), &patch);
        let remove = |path: &str| patched(json!([{"op": "remove", "path": path}]));
        assert_eq!(remove("/list/0").unwrap()["list"], json!(["y", "z"]));
        assert_eq!(remove("/list/2").unwrap()["list"], json!(["x", "y"]));
        assert_eq!(remove("/m/a~1b").unwrap()["m"], json!({"c~d": 2}));
        assert_eq!(remove("/m/c~0d").unwrap()["m"], json!({"a/b": 1}));
        for missing in ["/list/3", "/list/-", "/list/x", "/m/q", "/n/0", "/q/a", "n"] {
            assert_eq!(remove(missing).unwrap_err(), Status::unprocessable(), "{missing}");
        }
        let moved = patched(json!([{"op": "move", "from": "/list/1", "path": "/n"}])).unwrap();
        assert_eq!((&moved["list"], &moved["n"]), (&json!(["x", "z"]), &json!("y")));
    }

    #[test]
    fn short_patches_that_multiply_are_refused() {
        let object = json!({"metadata": {"annotations": {"a": "x".repeat(1_000)}}, "list": []});
        let refused = |patch: Value| apply(PatchKind::Json, &object, &patch).unwrap_err();
        let copy = |from: &str, path: String| json!({"op": "copy", "from": from, "path": path});
        // Each doubles the object.
        let doubling: Vec<Value> = (0..40).map(|n| copy("", format!("/c{n}"))).collect();
        assert_eq!(refused(json!(doubling)), Status::unprocessable());
        // Each goes to the deepest place that the one before made.
        let nesting: Vec<Value> = (0..14).map(|n| copy("", "/metadata".repeat(1 << n))).collect();
        let nested = apply(PatchKind::Json, &object, &json!(nesting));
        assert!(nested.unwrap_err().message.contains("more than 100 deep"));
        let many = vec![json!({"op": "add", "path": "/x", "value": 1}); 10_001];
        let text = "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001";
        assert_eq!(refused(json!(many)).message, text);
        let long = json!({"list": vec![0; 40_000]});
        let inserts = vec![json!({"op": "add", "path": "/list/0", "value": 1}); 9_000];
        assert!(apply(PatchKind::Json, &long, &json!(inserts)).unwrap_err().message.contains("too often"));
    }
}
