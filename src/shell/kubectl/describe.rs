//! `kubectl describe` (cli 13.6).

use serde_json::Value;

use crate::engine::KubeRequest;
use crate::engine::request::GroupResource;
use crate::formats::ordered::map_of;
use crate::formats::table::{Columns, align};
use crate::k8s::discovery::Resource;

use super::apply::LAST_APPLIED;
use super::failure::{self, Failure, local};
use super::flags::Parsed;
use super::generic_describe;
use super::get::{fetch, of_files};
use super::resources::{Wanted, group_resource, place, select};
use super::rule_rows;
use super::tool::{Outcome, Tool};
use super::workload_describe;

/// From this length on an annotation gets lines of its own.
const LONG_ANNOTATION: usize = 140;

/// Runs the command.
///
/// # Errors
/// Faults of the command line and the server's refusals; what could be read is printed first.
pub fn run(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let (namespace, _) = tool.namespace()?;
    let from_files = parsed.given("filename") || parsed.given("kustomize");
    if parsed.args.is_empty() && !from_files {
        return Err(local(
            "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.",
        ));
    }
    let (wanted, mut failures) = if from_files {
        of_files(tool, parsed)?
    } else {
        let selected = select(tool, &parsed.args)?.wanted;
        (selected.into_iter().map(|wanted| (wanted, namespace.clone())).collect(), Vec::new())
    };
    let several = wanted.windows(2).any(|pair| matches!(pair, [(a, _), (b, _)] if a.kind != b.kind));
    if several && parsed.args.len() > 1 && !parsed.args.iter().any(|arg| arg.contains('/')) {
        return Err(local("you may only specify a single resource type"));
    }
    let mut found: Vec<(Resource, Value)> = Vec::new();
    for (one, namespace) in &wanted {
        match fetch(tool, parsed, one, namespace) {
            Ok(objects) => found.extend(objects.into_iter().map(|object| (one.kind.clone(), object))),
            Err(failure) if failure.is_not_found() && wanted.len() == 1 && parsed.args.len() == 2 => {
                return by_prefix(tool, parsed, one, namespace, failure);
            }
            Err(failure) => failures.push(failure),
        }
    }
    // Of objects given as TYPE/NAME all must be there.
    if !failures.is_empty() && parsed.args.first().is_some_and(|word| word.contains('/')) {
        return failure::all(failures);
    }
    let nothing = found.is_empty() && failures.is_empty();
    let mut texts = Vec::new();
    for (kind, object) in found {
        match reread(tool, &kind, &object).and_then(|object| describe(tool, parsed, &kind, &object)) {
            Ok(text) => texts.push(text),
            Err(failure) if failures.contains(&failure) => {}
            Err(failure) => failures.push(failure),
        }
    }
    tool.out.push_str(&texts.join("\n\n"));
    if nothing {
        if parsed.switch("all-namespaces") {
            tool.complain("No resources found");
        } else {
            tool.complain(format!("No resources found in {namespace} namespace."));
        }
    }
    failure::all(failures)
}

/// Objects whose names begin with what was typed.
fn by_prefix(tool: &mut Tool<'_, '_>, parsed: &Parsed, wanted: &Wanted, namespace: &str, original: Failure) -> Outcome {
    let prefix = wanted.name.clone().unwrap_or_default();
    let objects = fetch(tool, parsed, &Wanted { kind: wanted.kind.clone(), name: None }, namespace)?;
    let mut any = false;
    for object in objects.iter().filter(|object| text(object, "/metadata/name").starts_with(&prefix)) {
        let object = reread(tool, &wanted.kind, object)?;
        let described = describe(tool, parsed, &wanted.kind, &object)?;
        tool.say(described);
        any = true;
    }
    if any { Ok(()) } else { Err(original) }
}

/// A describer asks for the object itself, whatever the listing said.
fn reread(tool: &mut Tool<'_, '_>, kind: &Resource, object: &Value) -> Result<Value, Failure> {
    let namespace = place(kind, text(object, "/metadata/namespace"));
    let name = text(object, "/metadata/name").to_owned();
    tool.object(KubeRequest::Get { resource: group_resource(kind), namespace, name })
}

fn describe(tool: &mut Tool<'_, '_>, parsed: &Parsed, kind: &Resource, object: &Value) -> Result<String, Failure> {
    let mut text = match kind.qualified().as_str() {
        "roles.rbac.authorization.k8s.io" | "clusterroles.rbac.authorization.k8s.io" => role(object),
        "rolebindings.rbac.authorization.k8s.io" | "clusterrolebindings.rbac.authorization.k8s.io" => binding(object),
        "configmaps" => config_map(object),
        "secrets" => secret(object),
        "serviceaccounts" => service_account(object),
        "namespaces" => namespace(tool, object)?,
        "pods" => workload_describe::pod(object),
        "deployments.apps" => workload_describe::deployment(object),
        _ => generic_describe::describe(object),
    };
    if parsed.given("show-events") && !parsed.switch("show-events") {
        text = text.replace("Events:\t<none>\n", "");
    }
    Ok(align(Columns::DESCRIBE, &text))
}

/// `Name:`, perhaps `Namespace:`, `Labels:`, `Annotations:`.
pub fn head(object: &Value, with_namespace: bool) -> String {
    let mut out = format!("Name:\t{}\n", text(object, "/metadata/name"));
    if with_namespace {
        out.push_str(&format!("Namespace:\t{}\n", text(object, "/metadata/namespace")));
    }
    let labels = pairs(object, "/metadata/labels").into_iter().map(|(key, value)| format!("{key}={value}"));
    out.push_str(&lines("Labels", &labels.collect::<Vec<_>>()));
    let annotations = pairs(object, "/metadata/annotations").into_iter().filter(|(key, _)| key != LAST_APPLIED);
    out.push_str(&lines("Annotations", &annotations.map(|(key, value)| annotation(&key, &value)).collect::<Vec<_>>()));
    out
}

fn annotation(key: &str, value: &str) -> String {
    let value = value.strip_suffix('\n').unwrap_or(value);
    if key.len() + value.len() + 2 < LONG_ANNOTATION && !value.contains('\n') {
        return format!("{key}: {value}");
    }
    let cut = |line: &str| {
        if line.chars().count() <= LONG_ANNOTATION - 2 {
            return line.to_owned();
        }
        format!("{}...", line.chars().take(LONG_ANNOTATION - 2).collect::<String>())
    };
    let more: Vec<String> = value.split('\n').map(|line| format!("\t  {}", cut(line))).collect();
    format!("{key}:\n{}", more.join("\n"))
}

/// A title with one line for each item.
pub fn lines(title: &str, items: &[String]) -> String {
    if items.is_empty() {
        return format!("{title}:\t<none>\n");
    }
    let title = std::iter::once(format!("{title}:")).chain(std::iter::repeat(String::new()));
    title.zip(items).map(|(title, item)| format!("{title}\t{item}\n")).collect()
}

fn role(object: &Value) -> String {
    let mut out = head(object, false);
    out.push_str("PolicyRule:\n");
    let dashes = rule_rows::HEADERS.map(|header| "-".repeat(header.len()));
    let rows = rule_rows::cells(&rule_rows::of_role(object));
    let headers = rule_rows::HEADERS.map(str::to_owned);
    for row in [headers, dashes].iter().chain(&rows) {
        out.push_str(&format!("  {}\n", row.join("\t")));
    }
    out
}

fn binding(object: &Value) -> String {
    let mut out = head(object, false);
    let (kind, name) = (text(object, "/roleRef/kind"), text(object, "/roleRef/name"));
    out.push_str(&format!("Role:\n  Kind:\t{kind}\n  Name:\t{name}\nSubjects:\n"));
    out.push_str("  Kind\tName\tNamespace\n  ----\t----\t---------\n");
    for subject in object.get("subjects").and_then(Value::as_array).into_iter().flatten() {
        let [kind, name, namespace] = ["/kind", "/name", "/namespace"].map(|member| text(subject, member));
        out.push_str(&format!("  {kind}\t{name}\t{namespace}\n"));
    }
    out
}

fn config_map(object: &Value) -> String {
    let mut out = head(object, true);
    out.push_str("\nData\n====\n");
    for (key, value) in pairs(object, "/data") {
        out.push_str(&format!("{key}:\n----\n{value}\n\n"));
    }
    out.push_str("\nBinaryData\n====\n");
    for (key, value) in pairs(object, "/binaryData") {
        out.push_str(&format!("{key}: {} bytes\n", decoded_length(&value)));
    }
    out.push_str("\nEvents:\t<none>\n");
    out
}

fn secret(object: &Value) -> String {
    let mut out = head(object, true);
    out.push_str(&format!("\nType:\t{}\n\nData\n====\n", text(object, "/type")));
    for (key, value) in pairs(object, "/data") {
        out.push_str(&format!("{key}:\t{} bytes\n", decoded_length(&value)));
    }
    out
}

fn service_account(object: &Value) -> String {
    let names = |pointer: &str| {
        let list = object.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
        list.map(|item| text(item, "/name").to_owned()).collect::<Vec<_>>()
    };
    let mut out = head(object, true);
    out.push_str(&lines("Image pull secrets", &names("/imagePullSecrets")));
    out.push_str(&lines("Mountable secrets", &names("/secrets")));
    out.push_str("Tokens:\t<none>\nEvents:\t<none>\n");
    out
}

/// A namespace shows its quotas and limits, so describing it needs the right to list them.
fn namespace(tool: &mut Tool<'_, '_>, object: &Value) -> Result<String, Failure> {
    let name = text(object, "/metadata/name");
    let mut out = head(object, false);
    let phase = Some(text(object, "/status/phase")).filter(|phase| !phase.is_empty());
    out.push_str(&format!("Status:\t{}\n", phase.unwrap_or("Active")));
    for (resource, title, none) in [
        ("resourcequotas", "Resource Quotas", "No resource quota."),
        ("limitranges", "Resource Limits", "No LimitRange resource."),
    ] {
        let items = tool.items(KubeRequest::List {
            resource: GroupResource::new("", resource),
            namespace: Some(name.to_owned()),
            label_selector: String::new(),
            field_selector: String::new(),
        })?;
        if items.is_empty() {
            out.push_str(&format!("\n{none}\n"));
            continue;
        }
        out.push_str(&format!("\n{title}\n"));
        for item in &items {
            out.push_str(&format!("  Name:\t{}\n", text(item, "/metadata/name")));
        }
    }
    Ok(out)
}

/// How many bytes a base64 text stands for.
fn decoded_length(text: &str) -> usize {
    text.trim_end_matches('=').len() * 3 / 4
}

/// Members with text values, sorted by name.
pub fn pairs(object: &Value, pointer: &str) -> std::collections::BTreeMap<String, String> {
    let members = object.pointer(pointer).and_then(Value::as_object).into_iter().flatten();
    map_of(members.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())))
}

/// The text at a place; empty if there is none.
pub fn text<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn labels_and_annotations_stand_below_each_other() {
        let object = json!({"metadata": {
            "name": "x", "labels": {"b": "2", "a": "1"},
            "annotations": {LAST_APPLIED: "{}", "n": "v", "long": "one\ntwo\n"},
        }});
        assert_eq!(
            align(Columns::DESCRIBE, &head(&object, false)),
            "Name:         x\nLabels:       a=1\n              b=2\nAnnotations:  long:\n                one\n                two\n              n: v\n"
        );
    }

    #[test]
    fn sizes_of_secrets_are_in_bytes() {
        assert_eq!((decoded_length("cQ=="), decoded_length("cXE="), decoded_length("cXFx")), (1, 2, 3));
    }
}
