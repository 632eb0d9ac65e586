//! `--generate-cli-skeleton`: the structure of an input or output with placeholders (cli 2.6).

use serde_json::{Map, Value};

use super::model::{Member, Shape};
use crate::formats::aws_output::Format;

/// A time in outputs; what is not JSON has a blank between date and clock.
const TIMES: [&str; 2] = ["1970-01-01T00:00:00", "1970-01-01 00:00:00"];

/// The input's structure: texts empty (or the first documented value), numbers 0.
pub fn input(members: &[Member]) -> Value {
    structure(members, None)
}

/// The output's structure: texts are the names of their members.
pub fn output(members: &[Member], format: Format) -> Value {
    let [in_json, elsewhere] = TIMES;
    structure(members, Some(if format == Format::Json { in_json } else { elsewhere }))
}

/// The printed output with its times as YAML writes times: without quotes.
pub fn plain_times(text: &str, format: Format) -> String {
    let [_, time] = TIMES;
    if matches!(format, Format::Yaml | Format::YamlStream) {
        text.replace(&format!("'{time}'"), time)
    } else {
        text.to_owned()
    }
}

/// The input's structure as YAML, each member with a remark.
pub fn yaml(members: &[Member]) -> String {
    yaml_members(members, 0)
}

fn structure(members: &[Member], times: Option<&str>) -> Value {
    let pairs = members.iter().map(|m| (m.name.to_owned(), value(&m.shape, times, m.name)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// `time` is how times are written, in an output; texts are `name` there.
fn value(shape: &Shape, time: Option<&str>, name: &str) -> Value {
    match shape {
        Shape::Text { .. } if time.is_some() => name.into(),
        Shape::Text { values, .. } => values.first().copied().unwrap_or_default().into(),
        Shape::Integer { .. } => 0.into(),
        Shape::Boolean => true.into(),
        Shape::Timestamp => time.unwrap_or_default().into(),
        // Items are called by their type. The one type of text that is not `String` is that of `clusterLogging.types`.
        Shape::List(item) => vec![value(item, time, if name == "types" { "LogType" } else { "String" })].into(),
        Shape::Map => Value::Object([("KeyName".to_owned(), "".into())].into_iter().collect()),
        Shape::Structure(members) => structure(members, time),
    }
}

fn yaml_members(members: &[Member], indent: usize) -> String {
    members.iter().enumerate().map(|(at, member)| yaml_member(member, indent, at == 0)).collect()
}

/// Before the remark of the first member of a structure stand two blanks.
fn yaml_member(member: &Member, indent: usize, first: bool) -> String {
    let pad = " ".repeat(indent);
    let gap = if first { "  " } else { " " };
    let mark = if member.required { " [REQUIRED]" } else { "" };
    let doc = match (member.doc, mark) {
        ("", "") => String::new(),
        ("", mark) => format!("{gap}#{mark}"),
        (doc, mark) => format!("{gap}#{mark} {doc}"),
    };
    let head = format!("{pad}{}:", member.name);
    match &member.shape {
        Shape::Structure(members) => {
            format!("{head}{doc}\n{}", yaml_members(members, indent + 2))
        }
        Shape::List(Shape::Structure(members)) => {
            format!("{head}{doc}\n{pad}- {}", yaml_members(members, indent + 2).trim_start())
        }
        Shape::List(item) => format!("{head}{doc}\n{pad}- {}\n", yaml_scalar(item)),
        Shape::Map => format!("{head}{doc}\n{pad}  KeyName: ''\n"),
        scalar => format!("{head} {}{doc}\n", yaml_scalar(scalar)),
    }
}

fn yaml_scalar(shape: &Shape) -> String {
    match value(shape, None, "") {
        Value::String(text) if text.is_empty() => "''".to_owned(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::service;
    use super::*;
    use serde_json::json;

    #[test]
    fn skeletons_show_every_member() {
        let eks = service("eks").unwrap();
        let create = eks.operation("create-access-entry").unwrap();
        let expected = json!({
            "clusterName": "", "principalArn": "", "kubernetesGroups": [""], "tags": {"KeyName": ""},
            "clientRequestToken": "", "username": "", "type": "",
        });
        assert_eq!(input(create.input), expected);
        let associate = eks.operation("associate-access-policy").unwrap();
        let expected = json!({"type": "cluster", "namespaces": ["String"]});
        assert_eq!(input(associate.input)["accessScope"]["namespaces"], json!([""]));
        let shown = output(associate.output, Format::Json);
        assert_eq!(shown["associatedAccessPolicy"]["accessScope"]["namespaces"], expected["namespaces"]);
        assert_eq!(shown["clusterName"], json!("clusterName"));
        assert!(yaml(associate.input).contains("accessScope: # [REQUIRED] Where"));
        assert!(yaml(associate.input).contains("  type: cluster\n  namespaces:\n  - ''\n"));
    }
}
