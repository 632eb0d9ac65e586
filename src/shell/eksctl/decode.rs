//! The sections of aws-auth as eksctl reads them: YAML made JSON, then decoded as Go decodes JSON (eks 19.1).
//!
//! Numbers and truth values in the place of a text become that text; what else does not fit stops the command.

use serde_json::{Map, Value};

use super::identity_mapping::Mapping;
use super::tool::Outcome;
use crate::aws::aws_auth::Section;
use crate::formats::ordered;
use crate::formats::yaml::load::load;

/// The lines of mapRoles or mapUsers.
///
/// # Errors
/// The section cannot be read.
pub fn mappings(section: Section, text: &str) -> Outcome<Vec<Mapping>> {
    let record = if section == Section::MapUsers { "UserIdentity" } else { "RoleIdentity" };
    let place = format!("Go value of type []iam.{record}");
    list(section, text, &place)?.iter().map(|item| mapping(section, record, item)).collect()
}

/// The accounts of mapAccounts.
///
/// # Errors
/// The section cannot be read.
pub fn accounts(text: &str) -> Outcome<Vec<String>> {
    let section = Section::MapAccounts;
    let items = list(section, text, "Go value of type []string")?;
    items.iter().map(|item| string(section, item, "Go value of type string")).collect()
}

fn list(section: Section, text: &str, place: &str) -> Outcome<Vec<Value>> {
    let value = load(text).map_err(|error| refused(section, &format!("error converting YAML to JSON: {error}")))?;
    match value {
        Value::Array(items) => Ok(items),
        Value::Null => Ok(Vec::new()),
        other => Err(wrong(section, &other, place)),
    }
}

fn mapping(section: Section, record: &str, item: &Value) -> Outcome<Mapping> {
    let mut mapping = Mapping { section, arn: String::new(), username: String::new(), groups: Vec::new() };
    let none = Map::new();
    let members = match item {
        Value::Object(members) => members,
        Value::Null => &none,
        other => return Err(wrong(section, other, &format!("Go value of type iam.{record}"))),
    };
    let arn = if section == Section::MapUsers { "userarn" } else { "rolearn" };
    for (key, value) in ordered::members(members) {
        let place = |name: &str, kind: &str| format!("Go struct field {record}.{name} of type {kind}");
        match key.to_lowercase().as_str() {
            name if name == arn => mapping.arn = string(section, value, &place(arn, "string"))?,
            "username" => mapping.username = string(section, value, &place("username", "string"))?,
            "groups" => {
                mapping.groups = match value {
                    Value::Null => Vec::new(),
                    Value::Array(items) => items
                        .iter()
                        .map(|item| string(section, item, &place("groups", "string")))
                        .collect::<Outcome<_>>()?,
                    other => return Err(wrong(section, other, &place("groups", "[]string"))),
                }
            }
            _ => {}
        }
    }
    Ok(mapping)
}

fn string(section: Section, value: &Value, place: &str) -> Outcome<String> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        other => Err(wrong(section, other, place)),
    }
}

fn wrong(section: Section, value: &Value, place: &str) -> String {
    let found = match value {
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::Null => "null",
    };
    let why = format!("json: cannot unmarshal {found} into {place}");
    refused(section, &format!("error unmarshaling JSON: while decoding JSON: {why}"))
}

fn refused(section: Section, why: &str) -> String {
    format!("unmarshalling {:?}: {why}", section.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_told_as_go_tells_it() {
        let json = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal";
        let roles = |text: &str, expected: &str| {
            let said = mappings(Section::MapRoles, text).unwrap_err();
            assert_eq!(said, format!("unmarshalling \"mapRoles\": {json} {expected}"));
        };
        roles("a: b", "object into Go value of type []iam.RoleIdentity");
        roles("text", "string into Go value of type []iam.RoleIdentity");
        roles("- text", "string into Go value of type iam.RoleIdentity");
        roles("- groups: text", "string into Go struct field RoleIdentity.groups of type []string");
        roles("- username: [a]", "array into Go struct field RoleIdentity.username of type string");
        let users = mappings(Section::MapUsers, "- userarn: {a: b}").unwrap_err();
        assert!(users.ends_with("object into Go struct field UserIdentity.userarn of type string"), "{users}");
        let said = accounts("- [1]").unwrap_err();
        assert_eq!(said, format!("unmarshalling \"mapAccounts\": {json} array into Go value of type string"));
        let syntax = mappings(Section::MapRoles, "- a: [").unwrap_err();
        assert!(syntax.starts_with("unmarshalling \"mapRoles\": error converting YAML to JSON: yaml: "), "{syntax}");
    }

    #[test]
    fn numbers_become_texts_and_lines_without_arn_stay_lines() {
        assert_eq!(
            accounts("- 111122223333\n- \"012345678901\"\n- ~\n"),
            Ok(["111122223333", "012345678901", ""].map(str::to_owned).to_vec())
        );
        let lines = mappings(Section::MapRoles, "- ROLEARN: a\n  username: 7\n- ~\n- username: b\n").unwrap();
        let shown: Vec<_> = lines.iter().map(|line| (line.arn.as_str(), line.username.as_str())).collect();
        assert_eq!(shown, [("a", "7"), ("", ""), ("", "b")]);
    }
}
