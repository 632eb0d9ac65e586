//! `kubectl auth reconcile`: brings roles and bindings to what a file says, adding what is missing (cli 12.4).

use serde_json::{Value, json};

use crate::engine::KubeRequest;
use crate::engine::request::GroupResource;

use super::failure::{self, Failure, local};
use super::flags::Parsed;
use super::manifest::{self, Manifest};
use super::printers::{self, Allowed, name_of};
use super::resources::{group_resource, place};
use super::tool::{Outcome, Tool};
use super::writing::{DryRun, dry_run};

/// What has to be done to an object, and what to say of it.
#[derive(Debug, PartialEq)]
struct Plan {
    operation: Option<&'static str>,
    object: Value,
    findings: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// Faults of the command line and of the files, the server's refusals; the other objects are reconciled all the same.
pub fn run(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    if !parsed.args.is_empty() {
        return Err(local("no arguments are allowed"));
    }
    let dry = dry_run(tool, parsed)?;
    if dry == DryRun::Server {
        return Err(local("--dry-run=server for command reconcile is not supported yet"));
    }
    let format = printers::format(tool, parsed, Allowed::Objects)?;
    let (manifests, mut failures) = manifest::read(tool, parsed)?;
    for manifest in &manifests {
        match reconcile(tool, parsed, manifest, dry) {
            // Objects of other kinds are passed over in silence.
            Ok(None) => {}
            Ok(Some(plan)) => {
                match &format {
                    None => tool.say(format!("{} reconciled{}", name_of(&plan.object), dry.suffix())),
                    Some(format) => printers::print(tool, format, &plan.object)?,
                }
                for line in plan.findings {
                    tool.complain(line);
                }
            }
            Err(failure) => failures.push(failure),
        }
    }
    failure::all(failures)
}

fn reconcile(
    tool: &mut Tool<'_, '_>,
    parsed: &Parsed,
    manifest: &Manifest,
    dry: DryRun,
) -> Result<Option<Plan>, Failure> {
    if manifest.kind.group != "rbac.authorization.k8s.io" {
        return Ok(None);
    }
    let (resource, namespace) = (group_resource(&manifest.kind), place(&manifest.kind, &manifest.namespace));
    let name = manifest.name.clone();
    let get = KubeRequest::Get { resource: resource.clone(), namespace: namespace.clone(), name: name.clone() };
    let live = match tool.object(get) {
        Ok(live) => Some(live),
        Err(failure) if failure.is_not_found() => {
            tool.ctx.session.expect_refusal();
            None
        }
        Err(failure) => return Err(failure),
    };
    let is_role = manifest.kind.kind.ends_with("Role");
    let plan = if is_role {
        role_plan(&manifest.object, live, parsed.switch("remove-extra-permissions"))
    } else {
        binding_plan(&manifest.object, live, parsed.switch("remove-extra-subjects"))
    };
    let Some(operation) = plan.operation.filter(|_| dry == DryRun::No) else { return Ok(Some(plan)) };
    if operation == "create"
        && let Some(namespace) = &namespace
    {
        ensure_namespace(tool, namespace)?;
    }
    let object = plan.object.clone();
    let stored = match operation {
        "update" => {
            tool.object(KubeRequest::Update { resource, namespace, name, object, dry_run: false, strict: false })?
        }
        _ => {
            if operation == "recreate" {
                let (resource, namespace) = (resource.clone(), namespace.clone());
                tool.call(KubeRequest::Delete { resource, namespace, name, orphan: false, dry_run: false })?;
            }
            tool.object(KubeRequest::Create { resource, namespace, object, dry_run: false, strict: false })?
        }
    };
    Ok(Some(Plan { object: stored, ..plan }))
}

/// A namespaced object gets its namespace made, if need be and if allowed.
fn ensure_namespace(tool: &mut Tool<'_, '_>, namespace: &str) -> Outcome {
    let resource = GroupResource::new("", "namespaces");
    let get = KubeRequest::Get { resource: resource.clone(), namespace: None, name: namespace.to_owned() };
    match tool.call(get) {
        Err(failure) if failure.is_not_found() => {
            tool.ctx.session.expect_refusal();
            let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
            tool.call(KubeRequest::Create { resource, namespace: None, object, dry_run: false, strict: false })?;
            Ok(())
        }
        // Whoever may not look at namespaces may still write into one.
        _ => Ok(()),
    }
}

fn role_plan(wanted: &Value, live: Option<Value>, remove_extra: bool) -> Plan {
    let Some(live) = live else {
        let mut findings = vec!["\treconciliation required create".to_owned()];
        findings.extend(section("missing rules added", list(wanted, "rules").iter().map(rule_text)));
        return Plan { operation: Some("create"), object: wanted.clone(), findings };
    };
    let (old, new) = (list(&live, "rules"), list(wanted, "rules"));
    let missing: Vec<Value> = uncovered(&old, &new);
    let extra: Vec<Value> = uncovered(&new, &old);
    let mut object = live.clone();
    let mut findings = Vec::new();
    let same_aggregation =
        wanted.get("aggregationRule") == live.get("aggregationRule") || wanted.get("aggregationRule").is_none();
    let updates = !missing.is_empty() || remove_extra && !extra.is_empty() || !same_aggregation;
    if updates {
        findings.push("\treconciliation required update".to_owned());
        let rules = if remove_extra && !extra.is_empty() {
            new
        } else {
            old.into_iter().chain(missing.iter().cloned()).collect()
        };
        set(&mut object, "rules", json!(rules));
        if let Some(rule) = wanted.get("aggregationRule") {
            set(&mut object, "aggregationRule", rule.clone());
        }
    }
    findings.extend(section("missing rules added", missing.iter().map(rule_text)));
    if remove_extra {
        findings.extend(section("extra rules removed", extra.iter().map(rule_text)));
    }
    let more = merge_metadata(&mut object, wanted);
    if more && !updates {
        findings.insert(0, "\treconciliation required update".to_owned());
    }
    Plan { operation: (updates || more).then_some("update"), object, findings }
}

fn binding_plan(wanted: &Value, live: Option<Value>, remove_extra: bool) -> Plan {
    let new = list(wanted, "subjects");
    let create = |operation: &'static str, findings: &mut Vec<String>| {
        findings.push(format!("\treconciliation required {operation}"));
        findings.extend(section("missing subjects added", new.iter().map(subject_text)));
    };
    let mut findings = Vec::new();
    let Some(live) = live else {
        create("create", &mut findings);
        return Plan { operation: Some("create"), object: wanted.clone(), findings };
    };
    if role(&live) != role(wanted) {
        // A role reference cannot be changed.
        create("recreate", &mut findings);
        return Plan { operation: Some("recreate"), object: wanted.clone(), findings };
    }
    let old = list(&live, "subjects");
    let not_in = |items: &[Value], others: &[Value]| -> Vec<Value> {
        let known: Vec<String> = others.iter().map(subject_text).collect();
        items.iter().filter(|item| !known.contains(&subject_text(item))).cloned().collect()
    };
    let (missing, extra) = (not_in(&new, &old), not_in(&old, &new));
    let mut object = live.clone();
    let updates = !missing.is_empty() || remove_extra && !extra.is_empty();
    if updates {
        let subjects: Vec<Value> =
            if remove_extra { new.clone() } else { old.iter().chain(&missing).cloned().collect() };
        set(&mut object, "subjects", json!(subjects));
        findings.push("\treconciliation required update".to_owned());
    }
    findings.extend(section("missing subjects added", missing.iter().map(subject_text)));
    if remove_extra {
        findings.extend(section("extra subjects removed", extra.iter().map(subject_text)));
    }
    let more = merge_metadata(&mut object, wanted);
    Plan { operation: (updates || more).then_some("update"), object, findings }
}

fn role(binding: &Value) -> [String; 2] {
    ["/roleRef/kind", "/roleRef/name"]
        .map(|p| binding.pointer(p).and_then(Value::as_str).unwrap_or_default().to_owned())
}

/// A title and its items, indented; nothing without items.
fn section(title: &str, items: impl Iterator<Item = String>) -> Vec<String> {
    let items: Vec<String> = items.map(|item| format!("\t\t{item}")).collect();
    if items.is_empty() { items } else { std::iter::once(format!("\t{title}:")).chain(items).collect() }
}

/// The rules of `wanted` that no rule of `held` covers, right by right put together again.
fn uncovered(held: &[Value], wanted: &[Value]) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for rule in wanted {
        for single in singles(rule) {
            if held.iter().any(|held| covers(held, &single)) {
                continue;
            }
            let same = |other: &Value| {
                ["apiGroups", "resources", "resourceNames"].iter().all(|m| other.get(*m) == single.get(*m))
                    && single.get("nonResourceURLs").is_none()
            };
            match out.iter_mut().find(|other| same(other)) {
                Some(other) => {
                    let verb = texts(&single, "verbs");
                    let mut verbs = texts(other, "verbs");
                    verbs.extend(verb);
                    set(other, "verbs", json!(verbs));
                }
                None => out.push(single),
            }
        }
    }
    out
}

/// A rule taken apart into single rights.
fn singles(rule: &Value) -> Vec<Value> {
    let mut out = Vec::new();
    let names = texts(rule, "resourceNames");
    for group in texts(rule, "apiGroups") {
        for resource in texts(rule, "resources") {
            for verb in texts(rule, "verbs") {
                if names.is_empty() {
                    out.push(json!({"verbs": [verb], "apiGroups": [group], "resources": [resource]}));
                }
                for name in &names {
                    out.push(json!({
                        "verbs": [verb], "apiGroups": [group], "resources": [resource], "resourceNames": [name],
                    }));
                }
            }
        }
    }
    for url in texts(rule, "nonResourceURLs") {
        for verb in texts(rule, "verbs") {
            out.push(json!({"verbs": [verb], "nonResourceURLs": [url]}));
        }
    }
    out
}

/// Whether one rule grants a single right (rbac 11, covering).
fn covers(held: &Value, right: &Value) -> bool {
    let all = |member: &str, fits: &dyn Fn(&str, &str) -> bool| {
        texts(right, member).iter().all(|wanted| texts(held, member).iter().any(|held| fits(held, wanted)))
    };
    let star = |held: &str, wanted: &str| held == "*" || held == wanted;
    let resource = |held: &str, wanted: &str| {
        star(held, wanted) || wanted.split_once('/').is_some_and(|(_, sub)| held == format!("*/{sub}"))
    };
    let url = |held: &str, wanted: &str| {
        held == wanted || held.strip_suffix('*').is_some_and(|stem| wanted.starts_with(stem))
    };
    let names = texts(held, "resourceNames");
    let wanted_names = texts(right, "resourceNames");
    let named = names.is_empty() || !wanted_names.is_empty() && wanted_names.iter().all(|name| names.contains(name));
    all("verbs", &star)
        && all("apiGroups", &star)
        && all("resources", &resource)
        && all("nonResourceURLs", &url)
        && named
}

/// Labels and annotations of the file are added. True if that changes something.
fn merge_metadata(object: &mut Value, wanted: &Value) -> bool {
    let mut changed = false;
    for member in ["labels", "annotations"] {
        let Some(added) = wanted.pointer(&format!("/metadata/{member}")).and_then(Value::as_object) else { continue };
        let Some(metadata) = manifest::metadata(object) else { continue };
        let Some(into) = metadata.entry(member).or_insert_with(|| json!({})).as_object_mut() else { continue };
        for (key, value) in added {
            changed |= into.insert(key.clone(), value.clone()).as_ref() != Some(value);
        }
    }
    changed
}

fn rule_text(rule: &Value) -> String {
    let part = |member: &str| format!("[{}]", texts(rule, member).join(" "));
    format!(
        "{{Verbs:{} APIGroups:{} Resources:{} ResourceNames:{} NonResourceURLs:{}}}",
        part("verbs"),
        part("apiGroups"),
        part("resources"),
        part("resourceNames"),
        part("nonResourceURLs")
    )
}

fn subject_text(subject: &Value) -> String {
    let part = |member: &str| subject.get(member).and_then(Value::as_str).unwrap_or_default();
    let kind = part("kind");
    let group = match part("apiGroup") {
        "" if kind != "ServiceAccount" => "rbac.authorization.k8s.io",
        group => group,
    };
    format!("{{Kind:{kind} APIGroup:{group} Name:{} Namespace:{}}}", part("name"), part("namespace"))
}

fn list(object: &Value, member: &str) -> Vec<Value> {
    object.get(member).and_then(Value::as_array).cloned().unwrap_or_default()
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let list = value.get(key).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

fn set(object: &mut Value, member: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(member.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_rights_are_added_and_extra_ones_only_removed_on_demand() {
        let rule = |verb: &str| json!({"verbs": [verb], "apiGroups": [""], "resources": ["pods"]});
        let role = |rules: Vec<Value>| json!({"metadata": {"name": "x"}, "rules": rules});
        let plan = role_plan(&role(vec![rule("watch")]), Some(role(vec![rule("get")])), false);
        assert_eq!((plan.operation, list(&plan.object, "rules").len()), (Some("update"), 2));
        let plan = role_plan(&role(vec![rule("watch")]), Some(role(vec![rule("get"), rule("watch")])), true);
        assert_eq!(list(&plan.object, "rules"), [rule("watch")]);
        assert_eq!(plan.findings.len(), 3);
        let plan = role_plan(&role(vec![rule("get")]), Some(role(vec![rule("*")])), false);
        assert_eq!((plan.operation, plan.findings.len()), (None, 0));
    }

    #[test]
    fn bindings_with_another_role_are_made_anew() {
        let binding = |role: &str| json!({"roleRef": {"kind": "ClusterRole", "name": role}, "metadata": {}});
        assert_eq!(binding_plan(&binding("edit"), Some(binding("view")), false).operation, Some("recreate"));
        assert_eq!(binding_plan(&binding("view"), Some(binding("view")), false).operation, None);
    }
}
