//! Patches of objects: merge (RFC 7396), strategic merge as far as lists have merge keys here, and JSON patch (RFC 6902).

use serde_json::{Map, Value};

use crate::engine::request::PatchKind;
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
            for item in patch {
                let same = target.iter_mut().find(|old| old.get(key).is_some() && old.get(key) == item.get(key));
                match same {
                    Some(old) => *old = strategic(old.take(), item, ""),
                    None => target.push(item.clone()),
                }
            }
            Value::Array(target)
        }
        (_, Value::Object(_)) => merge(Value::Null, patch),
        (_, other) => other.clone(),
    }
}

fn unprocessable(text: &str) -> Status {
    Status::bad_request(text.to_owned())
}

fn json_patch(mut object: Value, patch: &Value) -> Result<Value, Status> {
    let operations =
        patch.as_array().ok_or_else(|| unprocessable("error decoding patch: a JSON patch is a list of operations"))?;
    for operation in operations {
        let text = |key: &str| operation.get(key).and_then(Value::as_str);
        let path = text("path").ok_or_else(|| unprocessable("error decoding patch: operation without path"))?;
        let value = || operation.get("value").cloned().unwrap_or_default();
        match text("op") {
            Some("add") => put(&mut object, path, value(), true)?,
            Some("replace") => put(&mut object, path, value(), false)?,
            Some("remove") => drop(take(&mut object, path)?),
            Some("test") if object.pointer(path) == operation.get("value") => {}
            Some("test") => {
                return Err(unprocessable(&format!("testing value {path} failed: test failed")));
            }
            Some(op @ ("move" | "copy")) => {
                let from = text("from").unwrap_or_default();
                let moved = match op {
                    "move" => take(&mut object, from)?,
                    _ => object.pointer(from).cloned().ok_or_else(|| missing(from))?,
                };
                put(&mut object, path, moved, true)?;
            }
            other => {
                let op = other.unwrap_or_default();
                return Err(unprocessable(&format!("Unexpected kind: {op}")));
            }
        }
    }
    Ok(object)
}

fn missing(path: &str) -> Status {
    unprocessable(&format!("the server rejected our request due to an error in our request: missing path {path}"))
}

/// The parent of `path` and the last key.
fn parent<'a>(object: &'a mut Value, path: &str) -> Result<(&'a mut Value, String), Status> {
    let (head, last) = path.rsplit_once('/').ok_or_else(|| missing(path))?;
    let parent = object.pointer_mut(head).ok_or_else(|| missing(path))?;
    Ok((parent, last.replace("~1", "/").replace("~0", "~")))
}

fn put(object: &mut Value, path: &str, value: Value, insert: bool) -> Result<(), Status> {
    let (parent, key) = parent(object, path)?;
    match parent {
        Value::Object(members) => {
            if !insert && !members.contains_key(&key) {
                return Err(missing(path));
            }
            members.insert(key, value);
        }
        Value::Array(items) if insert && key == "-" => items.push(value),
        Value::Array(items) => {
            let index = key.parse::<usize>().ok().filter(|index| *index <= items.len()).ok_or_else(|| missing(path))?;
            if insert {
                items.insert(index, value);
            } else {
                *items.get_mut(index).ok_or_else(|| missing(path))? = value;
            }
        }
        _ => return Err(missing(path)),
    }
    Ok(())
}

fn take(object: &mut Value, path: &str) -> Result<Value, Status> {
    let (parent, key) = parent(object, path)?;
    match parent {
        Value::Object(members) => members.shift_remove(&key).ok_or_else(|| missing(path)),
        Value::Array(items) => {
            let index = key.parse::<usize>().ok().filter(|index| *index < items.len()).ok_or_else(|| missing(path))?;
            Ok(items.remove(index))
        }
        _ => Err(missing(path)),
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
            let text =
                format!("the server rejected our request due to an error in our request: missing path {missing}");
            assert_eq!(remove(missing).unwrap_err().message, text);
        }
        let moved = patched(json!([{"op": "move", "from": "/list/1", "path": "/n"}])).unwrap();
        assert_eq!((&moved["list"], &moved["n"]), (&json!(["x", "z"]), &json!("y")));
    }
}
