//! Patches of objects: merge (RFC 7396), strategic merge as far as lists have merge keys here, and JSON patch.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::engine::request::PatchKind;
use crate::formats::go_values;
use crate::k8s::status::Status;

use super::json_patch;

/// `object` with `patch` applied.
///
/// # Errors
/// 400 or 422 for a patch that cannot be applied.
pub fn apply(kind: PatchKind, object: &Value, patch: &Value) -> Result<Value, Status> {
    match kind {
        PatchKind::Merge => Ok(merge(object.clone(), patch)),
        // The server passes the library's fault on without a reason.
        PatchKind::Strategic => strategic(object.clone(), patch, "").map_err(|text| Status::storage(&text)),
        PatchKind::Json => json_patch::apply(object.clone(), patch).map_err(json_patch::Fault::status),
    }
}

/// `object` with `patch` applied by kubectl itself (`patch --local`, cli 12.10).
///
/// # Errors
/// The text of kubectl's patch libraries.
pub fn apply_locally(kind: PatchKind, object: &Value, patch: &Value) -> Result<Value, String> {
    match kind {
        PatchKind::Merge if patch.is_object() => Ok(merge(object.clone(), patch)),
        PatchKind::Merge if patch.is_array() => {
            Err("json: cannot unmarshal array into Go value of type unstructured.detector".to_owned())
        }
        PatchKind::Merge => Err(BAD_MERGE_PATCH.to_owned()),
        PatchKind::Strategic if patch.is_null() => Ok(object.clone()),
        PatchKind::Strategic if patch.is_object() => strategic(object.clone(), patch, ""),
        PatchKind::Strategic => Err(BAD_STRATEGIC_PATCH.to_owned()),
        PatchKind::Json => json_patch::apply(object.clone(), patch).map_err(json_patch::Fault::text),
    }
}

/// What kubectl says of a merge patch that is no JSON.
pub const BAD_MERGE_PATCH: &str = "Invalid JSON Patch";
/// What kubectl says of a strategic merge patch that is no JSON.
pub const BAD_STRATEGIC_PATCH: &str = "invalid JSON document";

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

/// The member of a patch that says how it applies: `merge`, `replace` or `delete`.
const DIRECTIVE: &str = "$patch";

/// Members that only tell the server about the order of lists and about unions.
fn is_remark(member: &str) -> bool {
    member == DIRECTIVE || member == "$retainKeys" || member.starts_with("$setElementOrder/")
}

fn directive(patch: &Value) -> &str {
    patch.get(DIRECTIVE).and_then(Value::as_str).unwrap_or_default()
}

fn strategic(target: Value, patch: &Value, member: &str) -> Result<Value, String> {
    match (target, patch) {
        (Value::Object(mut target), Value::Object(members)) => {
            match directive(patch) {
                "delete" => return Ok(Value::Object(Map::new())),
                "replace" => target.clear(),
                _ => {}
            }
            for (key, value) in members.iter().filter(|(key, _)| !is_remark(key)) {
                if let Some(list) = key.strip_prefix("$deleteFromPrimitiveList/") {
                    let gone = value.as_array().map(Vec::as_slice).unwrap_or_default();
                    if let Some(items) = target.get_mut(list).and_then(Value::as_array_mut) {
                        items.retain(|item| !gone.contains(item));
                    }
                } else if value.is_null() {
                    target.shift_remove(key);
                } else {
                    let old = target.get(key).cloned().unwrap_or_default();
                    target.insert(key.clone(), strategic(old, value, key)?);
                }
            }
            Ok(Value::Object(target))
        }
        (Value::Array(target), Value::Array(patch)) => match merge_key(member) {
            Some(key) => merge_lists(target, patch, key),
            None => Ok(Value::Array(patch.clone())),
        },
        (_, Value::Object(_)) => strategic(Value::Object(Map::new()), patch, member),
        // Items of a new list lose their directives, too.
        (_, Value::Array(items)) if merge_key(member).is_some() => {
            Ok(Value::Array(items.iter().filter(|item| directive(item).is_empty()).cloned().collect()))
        }
        (_, other) => Ok(other.clone()),
    }
}

/// Items with the same key merge, others go to the end; directives delete items or replace the list.
fn merge_lists(mut target: Vec<Value>, patch: &[Value], key: &str) -> Result<Value, String> {
    if patch.iter().any(|item| directive(item) == "replace") {
        target.clear();
    }
    let key_of = |item: &Value| item.get(key).map(Value::to_string);
    let mut deleted = Vec::new();
    let mut places = BTreeMap::new();
    for (place, key) in target.iter().enumerate().filter_map(|(place, item)| Some((place, key_of(item)?))) {
        places.entry(key).or_insert(place);
    }
    for item in patch.iter().filter(|item| directive(item) != "replace") {
        let Some(value) = key_of(item) else {
            return Err(format!("map: {} does not contain declared merge key: {key}", go_values::print(item)));
        };
        if directive(item) == "delete" {
            deleted.push(value);
            continue;
        }
        match places.get(&value).and_then(|place| target.get_mut(*place)) {
            Some(old) => *old = strategic(old.take(), item, "")?,
            None => {
                places.insert(value, target.len());
                target.push(strategic(Value::Null, item, "")?);
            }
        }
    }
    target.retain(|item| key_of(item).is_none_or(|value| !deleted.contains(&value)));
    Ok(Value::Array(target))
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
    }

    /// As `kubectl patch --local` has it (recorded).
    #[test]
    fn directives_replace_and_delete() {
        for (patch, member, expected) in [
            (json!({"m": {"$patch": "replace", "z": "1"}}), "m", json!({"z": "1"})),
            (json!({"m": {"$patch": "delete"}}), "m", json!({})),
            (json!({"containers": [{"name": "c", "$patch": "delete"}]}), "containers", json!([{"name": "d"}])),
            (
                json!({"containers": [{"$patch": "replace"}, {"name": "e"}], "$setElementOrder/containers": []}),
                "containers",
                json!([{"name": "e"}]),
            ),
            (json!({"$deleteFromPrimitiveList/rules": [1]}), "rules", json!([2])),
        ] {
            check(PatchKind::Strategic, patch, json!({ member: expected }));
        }
        let refused = apply(PatchKind::Strategic, &json!({"ports": []}), &json!({"ports": [{"name": "x"}]}));
        assert_eq!(refused.unwrap_err().message, "map: map[name:x] does not contain declared merge key: containerPort");
    }
}
