//! The client's check of an input against the model: all findings together (cli 2.5).
//!
//! Documented values and patterns are not checked, lengths only at their lower end.

use serde_json::Value;

use super::model::{Member, Shape};
use crate::formats::python;

/// The findings, one a line; empty if there are none. The members `as_json` were read into ordered dictionaries.
pub fn findings(input: &Value, members: &[Member], as_json: &[&str]) -> Vec<String> {
    let mut found = Found { lines: Vec::new(), as_json };
    structure(input, members, "", &mut found);
    found.lines
}

/// What was found so far.
struct Found<'a> {
    lines: Vec<String>,
    as_json: &'a [&'a str],
}

impl Found<'_> {
    fn push(&mut self, line: String) {
        self.lines.push(line);
    }
}

/// `input` at the top, else the path of the member.
fn display(path: &str) -> &str {
    if path.is_empty() { "input" } else { path.strip_prefix('.').unwrap_or(path) }
}

fn wrong_type(path: &str, value: &Value, valid: &str, found: &mut Found<'_>) {
    let name = display(path);
    let ordered = found.as_json.iter().any(|json| name.split(['.', '[']).next() == Some(json));
    let (shown, kind) = match value {
        Value::Object(_) if ordered => (python::repr_ordered(value), "collections.OrderedDict"),
        Value::Array(_) if ordered => (python::repr_ordered(value), "list"),
        _ => (python::str(value), python::type_name(value)),
    };
    found.push(format!(
        "Invalid type for parameter {name}, value: {shown}, type: <class '{kind}'>, valid types: {valid}"
    ));
}

fn structure(value: &Value, members: &[Member], path: &str, found: &mut Found<'_>) {
    let Some(given) = value.as_object() else { return wrong_type(path, value, "<class 'dict'>", found) };
    for member in members.iter().filter(|m| m.required && !given.contains_key(m.name)) {
        found.push(format!("Missing required parameter in {}: \"{}\"", display(path), member.name));
    }
    let known = |name: &str| members.iter().find(|m| m.name == name);
    for name in given.keys().filter(|name| known(name).is_none()) {
        let names: Vec<&str> = members.iter().map(|m| m.name).collect();
        found.push(format!("Unknown parameter in {}: \"{name}\", must be one of: {}", display(path), names.join(", ")));
    }
    for (name, value) in given {
        if let Some(member) = known(name) {
            check(value, &member.shape, &format!("{path}.{name}"), found);
        }
    }
}

fn check(value: &Value, shape: &Shape, path: &str, found: &mut Found<'_>) {
    match (shape, value) {
        (Shape::Structure(members), value) => structure(value, members, path, found),
        (Shape::Text { min, .. }, Value::String(text)) => {
            let length = text.chars().count();
            if length < *min {
                found.push(format!(
                    "Invalid length for parameter {}, value: {length}, valid min length: {min}",
                    display(path)
                ));
            }
        }
        // For Python a boolean is a number, too.
        (Shape::Integer { min }, Value::Number(_) | Value::Bool(_)) if !value.is_f64() => {
            let number = value.as_i64().unwrap_or_else(|| i64::from(value == &Value::Bool(true)));
            if let Some(min) = min.filter(|min| number < *min) {
                found.push(format!(
                    "Invalid value for parameter {}, value: {}, valid min value: {min}",
                    display(path),
                    python::str(value)
                ));
            }
        }
        (Shape::Boolean, Value::Bool(_)) => {}
        // The one list in these models whose items may not be empty, TagKeyList, may not be empty itself.
        (Shape::List(Shape::Text { min: 1.., .. }), Value::Array(values)) if values.is_empty() => {
            found.push(format!("Invalid length for parameter {}, value: 0, valid min length: 1", display(path)));
        }
        (Shape::List(item), Value::Array(values)) => {
            for (at, value) in values.iter().enumerate() {
                check(value, item, &format!("{path}[{at}]"), found);
            }
        }
        (Shape::Map, Value::Object(values)) => {
            for (name, value) in values {
                // The keys of all maps in these models have at least one character.
                if name.is_empty() {
                    let path = display(path);
                    found.push(format!("Invalid length for parameter {path} (key: ), value: 0, valid min length: 1"));
                }
                check(value, &super::model::TEXT, &format!("{path}.{name}"), found);
            }
        }
        (Shape::Text { .. } | Shape::Timestamp, _) => wrong_type(path, value, "<class 'str'>", found),
        (Shape::Integer { .. }, _) => wrong_type(path, value, "<class 'int'>", found),
        (Shape::Boolean, _) => wrong_type(path, value, "<class 'bool'>", found),
        (Shape::List(_), _) => wrong_type(path, value, "<class 'list'>, <class 'tuple'>", found),
        (Shape::Map, _) => wrong_type(path, value, "<class 'dict'>", found),
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::service;
    use super::*;
    use serde_json::json;

    fn check(command: &str, input: Value, expected: &[&str]) {
        let operation = service("eks").and_then(|s| s.operation(command)).unwrap();
        assert_eq!(findings(&input, operation.input, &["tags"]), expected, "{input}");
    }

    #[test]
    fn findings_are_worded_as_the_client_words_them() {
        check("describe-cluster", json!({"name": ""}), &[]);
        check(
            "create-access-entry",
            json!({"clusterName": "a", "bogus": 1}),
            &[
                "Missing required parameter in input: \"principalArn\"",
                "Unknown parameter in input: \"bogus\", must be one of: clusterName, principalArn, kubernetesGroups, tags, clientRequestToken, username, type",
            ],
        );
        check(
            "create-access-entry",
            json!({"clusterName": "a", "principalArn": "b", "tags": {"team": 1}, "kubernetesGroups": [1, "a"]}),
            &[
                "Invalid type for parameter tags.team, value: 1, type: <class 'int'>, valid types: <class 'str'>",
                "Invalid type for parameter kubernetesGroups[0], value: 1, type: <class 'int'>, valid types: <class 'str'>",
            ],
        );
        check(
            "associate-access-policy",
            json!({"clusterName": "a", "principalArn": "b", "policyArn": "c", "accessScope": {"namespaces": "dev", "x": 1}}),
            &[
                "Unknown parameter in accessScope: \"x\", must be one of: type, namespaces",
                "Invalid type for parameter accessScope.namespaces, value: dev, type: <class 'str'>, valid types: <class 'list'>, <class 'tuple'>",
            ],
        );
        check(
            "untag-resource",
            json!({"resourceArn": "a", "tagKeys": []}),
            &["Invalid length for parameter tagKeys, value: 0, valid min length: 1"],
        );
        check(
            "list-access-entries",
            json!({"clusterName": "a", "maxResults": 0}),
            &["Invalid value for parameter maxResults, value: 0, valid min value: 1"],
        );
        check(
            "create-cluster",
            json!({"name": "", "roleArn": "r", "resourcesVpcConfig": []}),
            &[
                "Invalid length for parameter name, value: 0, valid min length: 1",
                "Invalid type for parameter resourcesVpcConfig, value: [], type: <class 'list'>, valid types: <class 'dict'>",
            ],
        );
    }
}
