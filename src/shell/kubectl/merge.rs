//! The three-way merge of `kubectl apply`: what the file says, less what it said before, on what there is.

use serde_json::{Map, Value};

/// The members that tell the items of a list apart. Lists not named here are replaced whole.
fn merge_key(list: &str) -> Option<&'static str> {
    match list {
        "containers" | "initContainers" | "env" | "volumes" | "imagePullSecrets" | "secrets" => Some("name"),
        "volumeMounts" => Some("mountPath"),
        "conditions" => Some("type"),
        _ => None,
    }
}

/// `live` with everything from `wanted`, without what was in `before` and is no longer wanted.
pub fn three_way(before: &Value, wanted: &Value, live: &Value) -> Value {
    merged(before, wanted, live, "")
}

fn merged(before: &Value, wanted: &Value, live: &Value, member: &str) -> Value {
    match (wanted, live) {
        (Value::Object(new), Value::Object(old)) => {
            let mut out = old.clone();
            let removed = before.as_object().into_iter().flatten().filter(|(key, _)| !new.contains_key(*key));
            for (key, _) in removed {
                out.shift_remove(key);
            }
            for (key, value) in new {
                if value.is_null() {
                    out.shift_remove(key);
                    continue;
                }
                let none = Value::Null;
                let value = merged(before.get(key).unwrap_or(&none), value, old.get(key).unwrap_or(&none), key);
                out.insert(key.clone(), value);
            }
            Value::Object(out)
        }
        (Value::Array(new), Value::Array(old)) => match merge_key(member) {
            Some(key) => merged_list(before, new, old, key),
            None => wanted.clone(),
        },
        (Value::Object(new), _) => Value::Object(without_nulls(new)),
        _ => wanted.clone(),
    }
}

/// Items of the file in its order, then what others have added.
fn merged_list(before: &Value, new: &[Value], old: &[Value], key: &str) -> Value {
    let none = Value::Null;
    let same = |items: &[Value], item: &Value| -> Option<Value> {
        items.iter().find(|other| other.get(key).is_some() && other.get(key) == item.get(key)).cloned()
    };
    let before = before.as_array().map_or(&[][..], Vec::as_slice);
    let mut out: Vec<Value> = new
        .iter()
        .map(|item| {
            let earlier = same(before, item).unwrap_or_default();
            merged(&earlier, item, &same(old, item).unwrap_or(none.clone()), "")
        })
        .collect();
    out.extend(old.iter().filter(|item| same(new, item).is_none() && same(before, item).is_none()).cloned());
    Value::Array(out)
}

fn without_nulls(members: &Map<String, Value>) -> Map<String, Value> {
    members.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// The merge patch (RFC 7396) that makes `to` of `from`; empty if they are equal.
pub fn difference(from: &Value, to: &Value) -> Value {
    let (Value::Object(old), Value::Object(new)) = (from, to) else { return to.clone() };
    let mut patch = Map::new();
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    for (key, value) in new {
        match old.get(key) {
            Some(before) if before == value => {}
            Some(before) if before.is_object() && value.is_object() => {
                patch.insert(key.clone(), difference(before, value));
            }
            _ => _ = patch.insert(key.clone(), value.clone()),
        }
    }
    Value::Object(patch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(before: Value, wanted: Value, live: Value, expected: Value) {
        assert_eq!(three_way(&before, &wanted, &live), expected);
    }

    #[test]
    fn what_the_file_dropped_goes_and_what_others_added_stays() {
        check(
            json!({"data": {"a": "1", "b": "2"}}),
            json!({"data": {"a": "9"}}),
            json!({"data": {"a": "1", "b": "2", "c": "3"}, "x": 1}),
            json!({"data": {"a": "9", "c": "3"}, "x": 1}),
        );
    }

    #[test]
    fn rules_are_replaced_and_containers_merged() {
        check(
            json!({}),
            json!({"rules": [1], "containers": [{"name": "a", "image": "new"}]}),
            json!({"rules": [1, 2], "containers": [{"name": "a", "image": "old", "x": 1}, {"name": "b"}]}),
            json!({"rules": [1], "containers": [{"name": "a", "image": "new", "x": 1}, {"name": "b"}]}),
        );
    }

    #[test]
    fn differences_are_merge_patches() {
        let (from, to) = (json!({"a": 1, "m": {"x": 1, "y": 2}}), json!({"m": {"x": 1, "z": 3}}));
        assert_eq!(difference(&from, &to), json!({"a": null, "m": {"y": null, "z": 3}}));
        assert_eq!(difference(&to, &to), json!({}));
    }
}
