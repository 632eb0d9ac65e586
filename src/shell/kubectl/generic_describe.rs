//! `kubectl describe` of kinds without a describer of their own here: all members, indented.

use serde_json::Value;

use super::describe::head;
use crate::formats::ordered;

/// How deep members are followed.
const MAX_DEPTH: usize = 40;

/// Head, all members sorted by name, no events. Columns are still to be aligned.
pub fn describe(object: &Value) -> String {
    let with_namespace = object.pointer("/metadata/namespace").is_some();
    let mut out = head(object, with_namespace);
    members(&mut out, object, 0, "");
    out.push_str("Events:\t<none>\n");
    out
}

fn members(out: &mut String, object: &Value, level: usize, path: &str) {
    const SHOWN_ABOVE: [&str; 5] = [
        ".metadata.name",
        ".metadata.namespace",
        ".metadata.labels",
        ".metadata.annotations",
        ".metadata.managedFields",
    ];
    if level > MAX_DEPTH {
        return;
    }
    let Some(object) = object.as_object() else { return };
    let indent = "  ".repeat(level);
    for (key, value) in ordered::members(object) {
        let path = format!("{path}.{key}");
        if SHOWN_ABOVE.contains(&path.as_str()) {
            continue;
        }
        let label = label(key);
        match value {
            Value::Object(_) => {
                out.push_str(&format!("{indent}{label}:\n"));
                members(out, value, level + 1, &path);
            }
            Value::Array(items) => {
                out.push_str(&format!("{indent}{label}:\n"));
                for item in items {
                    match item {
                        Value::Object(_) => members(out, item, level + 1, &path),
                        other => out.push_str(&format!("{indent}  {}\n", scalar(other))),
                    }
                }
            }
            other => out.push_str(&format!("{indent}{label}:\t{}\n", scalar(other))),
        }
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "<nil>".to_owned(),
        other => other.to_string(),
    }
}

/// `apiVersion` as `API Version`, `nodeName` as `Node Name`.
fn label(key: &str) -> String {
    if key.contains(['/', '.', '-']) {
        return key.to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    let mut upper_before = true;
    for c in key.chars() {
        match words.last_mut() {
            Some(word) if !c.is_uppercase() || upper_before => word.push(c),
            _ => words.push(c.to_string()),
        }
        upper_before = c.is_uppercase();
    }
    let title = |word: &String| match word.to_lowercase().as_str() {
        known @ ("api" | "url" | "uid" | "osb" | "guid") => known.to_uppercase(),
        _ => {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
        }
    };
    words.iter().map(title).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_become_labels() {
        for (key, expected) in
            [("apiVersion", "API Version"), ("nodeName", "Node Name"), ("uid", "UID"), ("a/b", "a/b")]
        {
            assert_eq!(label(key), expected);
        }
    }

    #[test]
    fn members_are_sorted_and_indented() {
        let text = describe(&json!({"kind": "W", "metadata": {"name": "x"}, "spec": {"b": [1], "a": {"c": true}}}));
        assert!(
            text.ends_with("Kind:\tW\nMetadata:\nSpec:\n  A:\n    C:\ttrue\n  B:\n    1\nEvents:\t<none>\n"),
            "{text}"
        );
    }
}
