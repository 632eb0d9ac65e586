//! `--generate-cli-skeleton`: the structure of an input or output with placeholders (cli 2.6).

use serde_json::{Map, Value};

use super::model::{Member, Shape};

/// The input's structure: texts empty (or the first documented value), numbers 0.
pub fn input(members: &[Member]) -> Value {
    structure(members, false)
}

/// The output's structure: texts are the names of their members.
pub fn output(members: &[Member]) -> Value {
    structure(members, true)
}

/// The input's structure as YAML, each member with a remark.
pub fn yaml(members: &[Member]) -> String {
    members.iter().map(|member| yaml_member(member, 0)).collect()
}

fn structure(members: &[Member], names: bool) -> Value {
    let pairs = members.iter().map(|m| (m.name.to_owned(), value(&m.shape, names, m.name)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

fn value(shape: &Shape, names: bool, name: &str) -> Value {
    match shape {
        Shape::Text { .. } if names => name.into(),
        Shape::Text { values, .. } => values.first().copied().unwrap_or_default().into(),
        Shape::Integer { .. } => 0.into(),
        Shape::Boolean => true.into(),
        Shape::Timestamp => "1970-01-01T00:00:00".into(),
        Shape::List(item) => vec![value(item, names, "String")].into(),
        Shape::Map => Value::Object([("KeyName".to_owned(), "".into())].into_iter().collect()),
        Shape::Structure(members) => structure(members, names),
    }
}

fn yaml_member(member: &Member, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let mark = if member.required { " # [REQUIRED]" } else { " #" };
    let doc =
        if member.doc.is_empty() { mark.trim_end_matches(" #").to_owned() } else { format!("{mark} {}", member.doc) };
    let head = format!("{pad}{}:", member.name);
    match &member.shape {
        Shape::Structure(members) => {
            format!("{head}{doc}\n{}", members.iter().map(|m| yaml_member(m, indent + 2)).collect::<String>())
        }
        Shape::List(Shape::Structure(members)) => {
            let inner: String = members.iter().map(|m| yaml_member(m, indent + 2)).collect();
            format!("{head}{doc}\n{pad}- {}", inner.trim_start())
        }
        Shape::List(item) => format!("{head}{doc}\n{pad}- {}\n", yaml_scalar(item)),
        Shape::Map => format!("{head}{doc}\n{pad}  KeyName: ''\n"),
        scalar => format!("{head} {}{doc}\n", yaml_scalar(scalar)),
    }
}

fn yaml_scalar(shape: &Shape) -> String {
    match value(shape, false, "") {
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
        let shown = output(associate.output);
        assert_eq!(shown["associatedAccessPolicy"]["accessScope"]["namespaces"], expected["namespaces"]);
        assert_eq!(shown["clusterName"], json!("clusterName"));
        assert!(yaml(associate.input).contains("accessScope: # [REQUIRED] Where"));
        assert!(yaml(associate.input).contains("  type: cluster\n  namespaces:\n  - ''\n"));
    }
}
