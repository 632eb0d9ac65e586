//! `-o yaml|json|name|jsonpath=…|custom-columns=…` (cli 11.4, 11.6, 13.4, 13.5).

use serde_json::{Map, Value};

use crate::formats::custom_columns::CustomColumns;
use crate::formats::go_template;
use crate::formats::json::{kubectl_pretty, sort_keys};
use crate::formats::jsonpath::Template;
use crate::formats::yaml::emit::emit;

use super::failure::{Failure, local};
use super::flags::Parsed;
use super::tool::Tool;

/// What `-o` asks for, besides tables.
#[derive(Debug, Clone, PartialEq)]
pub enum Format {
    /// `-o name`
    Name,
    /// `-o yaml`
    Yaml,
    /// `-o json`
    Json,
    /// `-o jsonpath=`
    JsonPath(Template),
    /// `-o jsonpath-as-json=`
    JsonPathAsJson(Template),
    /// `-o go-template=`; true if missing members are errors.
    GoTemplate(go_template::Template, bool),
    /// `-o custom-columns=`
    Columns(CustomColumns),
}

/// What a command can print: `get` also knows tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// `get`
    Tables,
    /// The rest.
    Objects,
}

const OBJECTS: &str =
    "go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,yaml";
const TABLES: &str = "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml";

/// The format of a command line; `None` for kubectl's own (a table, or a line that says what was done).
///
/// # Errors
/// Unknown formats, bad templates.
pub fn format(tool: &Tool<'_, '_>, parsed: &Parsed, allowed: Allowed) -> Result<Option<Format>, Failure> {
    let output = parsed.text_or_empty("output");
    let template = parsed.text_or_empty("template");
    let (name, argument) = match output.split_once('=') {
        Some((name, argument)) => (name, argument.to_owned()),
        None => (output, template.to_owned()),
    };
    // These three are read without regard to case.
    let plain = ["name", "yaml", "json"].into_iter().find(|plain| plain.eq_ignore_ascii_case(output));
    let file = |what: &str, argument: &str| {
        let text = tool.ctx.session.workstation().read(argument);
        let missing =
            |_| local(format!("error reading {what} {argument}, open {argument}: no such file or directory\n"));
        text.map(str::to_owned).map_err(missing)
    };
    let parse = |source: &str| {
        if source.is_empty() {
            return Err(local("template format specified but no template given"));
        }
        Template::parse(source).map_err(|error| local(error.to_string()))
    };
    let strict = parsed.text("allow-missing-template-keys").is_some_and(|value| value.starts_with(['f', 'F', '0']));
    Ok(Some(match plain.unwrap_or(name) {
        "" if template.is_empty() => return Ok(None),
        "wide" if allowed == Allowed::Tables => return Ok(None),
        "name" => Format::Name,
        "yaml" => Format::Yaml,
        "json" => Format::Json,
        "jsonpath" => Format::JsonPath(parse(&argument)?.strict(strict)),
        "jsonpath-file" => Format::JsonPath(parse(&file("--template", &argument)?)?.strict(strict)),
        "jsonpath-as-json" => Format::JsonPathAsJson(parse(&argument)?.strict(strict)),
        "custom-columns" if allowed == Allowed::Tables => {
            if argument.is_empty() {
                return Err(local("custom-columns format specified but no custom columns given"));
            }
            Format::Columns(CustomColumns::parse(&argument).map_err(|error| local(error.to_string()))?)
        }
        "custom-columns-file" if allowed == Allowed::Tables => {
            if argument.is_empty() {
                return Err(local("custom-columns format specified but no custom columns given"));
            }
            let text = file("template", &argument)?;
            Format::Columns(CustomColumns::parse_file(&text).map_err(|error| local(error.to_string()))?)
        }
        "" | "go-template" | "go-template-file" | "template" | "templatefile" => {
            let source =
                if name.ends_with("file") && !argument.is_empty() { file("--template", &argument)? } else { argument };
            if source.is_empty() {
                return Err(local("template format specified but no template given"));
            }
            Format::GoTemplate(go_template::Template::parse(&source).map_err(local)?, strict)
        }
        _ => {
            let formats = if allowed == Allowed::Tables { TABLES } else { OBJECTS };
            return Err(local(format!(
                "unable to match a printer suitable for the output format {output:?}, allowed formats are: {formats}"
            )));
        }
    }))
}

/// Prints an object, or a list of objects as one `List`.
///
/// # Errors
/// A template that does not fit.
pub fn print(tool: &mut Tool<'_, '_>, format: &Format, object: &Value) -> Result<(), Failure> {
    let bad = |error: String| local(error);
    match format {
        Format::Yaml => tool.out.push_str(&emit(&sort_keys(object))),
        Format::Json => tool.say(kubectl_pretty(object)),
        Format::Name => {
            for item in items(object) {
                let line = name_of(item);
                tool.say(line);
            }
        }
        Format::JsonPath(template) => {
            tool.out.push_str(&template.print(object).map_err(|error| bad(error.to_string()))?);
        }
        Format::JsonPathAsJson(template) => {
            tool.out.push_str(&template.print_as_json(object).map_err(|error| bad(error.to_string()))?);
        }
        Format::GoTemplate(template, strict) => match template.print(object, *strict) {
            Ok(text) => tool.out.push_str(&text),
            Err(misfit) => {
                tool.out.push_str(&misfit.printed);
                return Err(local(misfit.message));
            }
        },
        Format::Columns(columns) => {
            let objects: Vec<Value> = items(object).into_iter().cloned().collect();
            tool.out.push_str(&columns.print(&objects, true).map_err(|error| bad(error.to_string()))?);
        }
    }
    Ok(())
}

/// Several documents of YAML are told apart by a line.
pub fn separator(tool: &mut Tool<'_, '_>, format: &Format) {
    if *format == Format::Yaml && !tool.out.is_empty() {
        tool.say("---");
    }
}

/// The objects of a list, or the object itself.
pub fn items(object: &Value) -> Vec<&Value> {
    let is_list = object.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"));
    match object.get("items").and_then(Value::as_array).filter(|_| is_list) {
        Some(items) => items.iter().collect(),
        None => vec![object],
    }
}

/// `kind.group/name`.
pub fn name_of(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let group = text("/apiVersion").split_once('/').map_or("", |(group, _)| group);
    let kind = crate::k8s::status::qualified(&text("/kind").to_lowercase(), group);
    let name = if text("/metadata/name").is_empty() { "<unknown>" } else { text("/metadata/name") };
    format!("{kind}/{name}")
}

/// Several objects as the list that kubectl makes of them, sorted.
pub fn list_of(items: Vec<Value>) -> Value {
    sort_keys(
        &serde_json::json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": items}),
    )
}

/// The members of a typed object in declaration order, as kubectl prints what it built itself (cli 11.6).
#[must_use]
pub fn declared(object: &Value) -> Value {
    ordered(object, &["kind", "apiVersion", "metadata"])
}

/// What stands first among the members of the same object; the rest keeps its order.
const ORDERS: [(&str, &[&str]); 7] = [
    (
        "metadata",
        &[
            "name",
            "generateName",
            "namespace",
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
            "deletionTimestamp",
            "labels",
            "annotations",
            "ownerReferences",
            "finalizers",
        ],
    ),
    ("rules", &["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"]),
    ("subjects", &["kind", "apiGroup", "name", "namespace"]),
    ("roleRef", &["apiGroup", "kind", "name"]),
    ("containers", &["name", "image", "command", "args", "ports", "env", "resources"]),
    ("userInfo", &["username", "uid", "groups", "extra"]),
    ("template", &["metadata", "spec"]),
];

fn ordered(value: &Value, first: &[&str]) -> Value {
    match value {
        Value::Object(members) => {
            let rest = members.keys().map(String::as_str).filter(|key| !first.contains(key));
            let mut out = Map::new();
            for key in first.iter().copied().chain(rest) {
                if let Some(member) = members.get(key) {
                    let order = ORDERS.iter().find(|(name, _)| *name == key).map_or(&[][..], |(_, order)| order);
                    out.insert(key.to_owned(), ordered(member, order));
                }
            }
            Value::Object(out)
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| ordered(item, first)).collect()),
        scalar => scalar.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_carry_kind_and_group() {
        let check = |object: Value, expected: &str| assert_eq!(name_of(&object), expected);
        check(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}}), "pod/web");
        check(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}}), "deployment.apps/x");
        check(json!({"apiVersion": "a/v1", "kind": "Review", "metadata": {}}), "review.a/<unknown>");
    }

    #[test]
    fn typed_objects_keep_their_declaration_order() {
        let object = json!({
            "apiVersion": "v1", "kind": "Role", "rules": [{"apiGroups": [""], "verbs": ["get"]}],
            "metadata": {"creationTimestamp": null, "name": "x"},
        });
        let text = declared(&object).to_string();
        assert_eq!(
            text,
            r#"{"kind":"Role","apiVersion":"v1","metadata":{"name":"x","creationTimestamp":null},"rules":[{"verbs":["get"],"apiGroups":[""]}]}"#
        );
    }
}
