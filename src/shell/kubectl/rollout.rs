//! `kubectl rollout`, `set image` and `wait`. Controllers come to rest with each call, so nothing is waited for:
//! what has not come true by now ends as it does when the time is up.

use serde_json::{Value, json};

use crate::engine::KubeRequest;
use crate::engine::request::{GroupResource, PatchKind};
use crate::formats::jsonpath::Template;
use crate::k8s::controllers::{CHANGE_CAUSE, REVISION, is_same_template};

use super::failure::{self, Failure, NOTHING, local};
use super::flags::Parsed;
use super::get::fetch;
use super::resources::{Wanted, group_resource, kind_name, place, select};
use super::tool::{Outcome, Tool};

/// The objects that the arguments name, each with its kind.
fn named(tool: &mut Tool<'_, '_>, parsed: &Parsed, args: &[String]) -> Result<Vec<(Wanted, Value)>, Failure> {
    if args.is_empty() {
        return Err(local("required resource not specified"));
    }
    let (namespace, _) = tool.namespace()?;
    let mut out = Vec::new();
    for wanted in select(tool, args)?.wanted {
        for object in fetch(tool, parsed, &wanted, &namespace)? {
            let name = text(&object, "/metadata/name").to_owned();
            out.push((Wanted { kind: wanted.kind.clone(), name: Some(name) }, object));
        }
    }
    Ok(out)
}

fn text<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn number(object: &Value, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or_default()
}

fn shown(wanted: &Wanted) -> String {
    format!("{}/{}", kind_name(&wanted.kind), wanted.name.as_deref().unwrap_or_default())
}

/// Patches an object and gives it as stored.
fn patch(tool: &mut Tool<'_, '_>, wanted: &Wanted, live: &Value, patch: Value) -> Result<Value, Failure> {
    tool.object(KubeRequest::Patch {
        resource: group_resource(&wanted.kind),
        namespace: place(&wanted.kind, text(live, "/metadata/namespace")),
        name: wanted.name.clone().unwrap_or_default(),
        kind: PatchKind::Strategic,
        patch,
        dry_run: false,
        strict: false,
    })
}

/// `kubectl rollout status`.
///
/// # Errors
/// Faults of the command line, the server's refusals, and a rollout that does not end.
pub fn status(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    for (wanted, object) in named(tool, parsed, &parsed.args)? {
        let name = wanted.name.clone().unwrap_or_default();
        let stuck = match wanted.kind.kind.as_ref() {
            "Deployment" => deployment_status(&object, &name),
            "DaemonSet" => {
                let count = |member: &str| number(&object, &format!("/status/{member}"));
                let (desired, updated) = (count("desiredNumberScheduled"), count("updatedNumberScheduled"));
                let begin = format!("Waiting for daemon set {name:?} rollout to finish: ");
                if updated < desired {
                    Err(format!("{begin}{updated} out of {desired} new pods have been updated..."))
                } else if count("numberAvailable") < desired {
                    Err(format!("{begin}{} of {desired} updated pods are available...", count("numberAvailable")))
                } else {
                    Ok(format!("daemon set {name:?} successfully rolled out"))
                }
            }
            "StatefulSet" => {
                let wanted = object.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
                let ready = number(&object, "/status/readyReplicas");
                if ready < wanted {
                    Err(format!("Waiting for {} pods to be ready...", wanted - ready))
                } else {
                    let revision = text(&object, "/status/currentRevision");
                    let current = number(&object, "/status/currentReplicas");
                    Ok(format!("statefulset rolling update complete {current} pods at revision {revision}..."))
                }
            }
            _ => return Err(no_status(&wanted)),
        };
        match stuck {
            Ok(line) => tool.say(line),
            Err(line) => {
                tool.say(line);
                if !parsed.switch("watch") && parsed.given("watch") {
                    continue;
                }
                let is_timed = parsed.given("timeout");
                return Err(local(if is_timed || wanted.kind.kind != "Deployment" {
                    "timed out waiting for the condition".to_owned()
                } else {
                    format!("deployment {name:?} exceeded its progress deadline")
                }));
            }
        }
    }
    Ok(())
}

fn no_status(wanted: &Wanted) -> Failure {
    local(format!("no status viewer has been implemented for {}", wanted.kind.kind))
}

/// What a Deployment still waits for, or that it is done.
fn deployment_status(object: &Value, name: &str) -> Result<String, String> {
    let count = |member: &str| number(object, &format!("/status/{member}"));
    let wanted = object.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
    let (updated, total, available) = (count("updatedReplicas"), count("replicas"), count("availableReplicas"));
    let begin = format!("Waiting for deployment {name:?} rollout to finish: ");
    if updated < wanted {
        Err(format!("{begin}{updated} out of {wanted} new replicas have been updated..."))
    } else if total > updated {
        Err(format!("{begin}{} old replicas are pending termination...", total - updated))
    } else if available < updated {
        Err(format!("{begin}{available} of {updated} updated replicas are available..."))
    } else {
        Ok(format!("deployment {name:?} successfully rolled out"))
    }
}

/// `kubectl rollout restart`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn restart(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let now = tool.now().kubernetes_text();
    for (wanted, object) in named(tool, parsed, &parsed.args)? {
        if !["Deployment", "DaemonSet", "StatefulSet"].contains(&wanted.kind.kind.as_ref()) {
            let (kind, name) = (kind_name(&wanted.kind), wanted.name.unwrap_or_default());
            return Err(local(format!("{kind} {name:?} restarting is not supported")));
        }
        if object.pointer("/spec/paused") == Some(&Value::Bool(true)) {
            return Err(local("can't restart paused deployment (run rollout resume first)"));
        }
        let stamp =
            json!({"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": now}}}}});
        patch(tool, &wanted, &object, stamp)?;
        tool.say(format!("{} restarted", shown(&wanted)));
    }
    Ok(())
}

/// `kubectl rollout pause`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn pause(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    set_paused(tool, parsed, true)
}

/// `kubectl rollout resume`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn resume(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    set_paused(tool, parsed, false)
}

fn set_paused(tool: &mut Tool<'_, '_>, parsed: &Parsed, paused: bool) -> Outcome {
    let verb = if paused { "paused" } else { "resumed" };
    for (wanted, object) in named(tool, parsed, &parsed.args)? {
        let name = wanted.name.clone().unwrap_or_default();
        if wanted.kind.kind != "Deployment" {
            let what = if paused { "pausing" } else { "resuming" };
            return Err(local(format!("{} {name:?} {what} is not supported", kind_name(&wanted.kind))));
        }
        let is_paused = object.pointer("/spec/paused") == Some(&Value::Bool(true));
        if is_paused == paused {
            let state = if paused { "is already paused" } else { "is not paused" };
            return Err(local(format!("{} {name:?} {state}", wanted.kind.qualified())));
        }
        let value = if paused { Value::Bool(true) } else { Value::Null };
        patch(tool, &wanted, &object, json!({"spec": {"paused": value}}))?;
        tool.say(format!("{} {verb}", shown(&wanted)));
    }
    Ok(())
}

/// The revisions of a Deployment: number and ReplicaSet, oldest first.
fn revisions(tool: &mut Tool<'_, '_>, deployment: &Value) -> Result<Vec<(i64, Value)>, Failure> {
    let uid = text(deployment, "/metadata/uid").to_owned();
    let sets = tool.items(KubeRequest::List {
        resource: GroupResource::new("apps", "replicasets"),
        namespace: Some(text(deployment, "/metadata/namespace").to_owned()),
        label_selector: String::new(),
        field_selector: String::new(),
    })?;
    let own = sets.into_iter().filter(|set| text(set, "/metadata/ownerReferences/0/uid") == uid);
    let mut out: Vec<(i64, Value)> =
        own.map(|set| (annotation(&set, REVISION).parse().unwrap_or_default(), set)).collect();
    crate::formats::ordered::sort_by(&mut out, &|one, two| one.0.cmp(&two.0));
    Ok(out)
}

fn annotation<'v>(object: &'v Value, name: &str) -> &'v str {
    let all = object.pointer("/metadata/annotations").and_then(Value::as_object);
    all.and_then(|all| all.get(name)).and_then(Value::as_str).unwrap_or_default()
}

/// `kubectl rollout history`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn history(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let one: i64 = parsed.text("revision").and_then(|text| text.parse().ok()).unwrap_or_default();
    for (wanted, object) in named(tool, parsed, &parsed.args)? {
        if wanted.kind.kind != "Deployment" {
            return Err(local(format!(
                "the playground keeps no history of a {}; it does of a Deployment",
                wanted.kind.kind
            )));
        }
        let revisions = revisions(tool, &object)?;
        if one > 0 {
            let Some((_, set)) = revisions.iter().find(|(number, _)| *number == one) else {
                return Err(local("unable to find the specified revision"));
            };
            tool.say(format!("{} with revision #{one}", shown(&wanted)));
            let template = super::workload_describe::pod_template(set);
            tool.out.push_str(&template);
            tool.say("");
            continue;
        }
        tool.say(format!("{} ", shown(&wanted)));
        let width = revisions.iter().map(|(number, _)| number.to_string().len()).max().unwrap_or(0).max(8) + 2;
        tool.say(format!("{:width$}CHANGE-CAUSE", "REVISION"));
        for (number, set) in revisions {
            let cause = Some(annotation(&set, CHANGE_CAUSE)).filter(|cause| !cause.is_empty()).unwrap_or("<none>");
            tool.say(format!("{number:<width$}{cause}"));
        }
        tool.say("");
    }
    Ok(())
}

/// `kubectl rollout undo`.
///
/// # Errors
/// Faults of the command line, no such revision, and the server's refusals.
pub fn undo(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let to: i64 = parsed.text("to-revision").and_then(|text| text.parse().ok()).unwrap_or_default();
    for (wanted, object) in named(tool, parsed, &parsed.args)? {
        let name = wanted.name.clone().unwrap_or_default();
        if wanted.kind.kind != "Deployment" {
            return Err(local(format!(
                "the playground does not roll back a {}; see `kubectl apply`",
                wanted.kind.kind
            )));
        }
        if object.pointer("/spec/paused") == Some(&Value::Bool(true)) {
            return Err(local(format!(
                "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume deployment/{name}' and try again"
            )));
        }
        let revisions = revisions(tool, &object)?;
        let target = if to > 0 {
            let found = revisions.iter().find(|(number, _)| *number == to);
            found.ok_or_else(|| local(format!("unable to find specified revision {to} in history")))?
        } else {
            let before = revisions.len().checked_sub(2).and_then(|at| revisions.get(at));
            before.ok_or_else(|| local(format!("no rollout history found for deployment {name:?}")))?
        };
        let current = object.pointer("/spec/template").cloned().unwrap_or_default();
        if is_same_template(target.1.pointer("/spec/template"), &current) {
            tool.say(format!(
                "{} skipped rollback (current template already matches revision {})",
                shown(&wanted),
                target.0
            ));
            continue;
        }
        let mut template = target.1.pointer("/spec/template").cloned().unwrap_or_default();
        if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
            labels.shift_remove("pod-template-hash");
        }
        tool.object(KubeRequest::Patch {
            resource: group_resource(&wanted.kind),
            namespace: place(&wanted.kind, text(&object, "/metadata/namespace")),
            name,
            kind: PatchKind::Json,
            patch: json!([{"op": "replace", "path": "/spec/template", "value": template}]),
            dry_run: false,
            strict: false,
        })?;
        tool.say(format!("{} rolled back", shown(&wanted)));
    }
    Ok(())
}

/// `kubectl set image`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn set_image(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let (pairs, resources): (Vec<String>, Vec<String>) = parsed.args.iter().cloned().partition(|arg| arg.contains('='));
    if resources.is_empty() {
        return Err(local("one or more resources must be specified as <resource> <name> or <resource>/<name>"));
    }
    if pairs.is_empty() {
        return Err(local("at least one image update is required"));
    }
    let mut failures = Vec::new();
    for (wanted, object) in named(tool, parsed, &resources)? {
        let at = if wanted.kind.kind == "Pod" { "/spec" } else { "/spec/template/spec" };
        let mut spec = object.pointer(at).cloned().unwrap_or_default();
        for pair in &pairs {
            let (container, image) = pair.split_once('=').unwrap_or_default();
            let mut found = false;
            for list in ["containers", "initContainers"] {
                for one in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                    if container == "*" || text(one, "/name") == container {
                        found = true;
                        one["image"] = json!(image);
                    }
                }
            }
            if !found {
                failures.push(local(format!("unable to find container named {container:?}")));
            }
        }
        if Some(&spec) == object.pointer(at) {
            continue;
        }
        let change = if at == "/spec" { json!({"spec": spec}) } else { json!({"spec": {"template": {"spec": spec}}}) };
        match patch(tool, &wanted, &object, change) {
            Ok(_) => tool.say(format!("{} image updated", shown(&wanted))),
            Err(failure) => failures.push(failure),
        }
    }
    failure::all(failures)
}

/// `kubectl wait`.
///
/// # Errors
/// Faults of the command line, the server's refusals, and what has not come true.
pub fn wait(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let wanted_state = parsed.text_or_empty("for").to_owned();
    let (condition, value) = match wanted_state.split_once('=') {
        Some((kind, rest)) => (kind.to_lowercase(), rest.to_owned()),
        None => (wanted_state.to_lowercase(), String::new()),
    };
    if !["condition", "jsonpath", "delete", "create"].contains(&condition.as_str()) {
        return Err(local(format!("unrecognized condition: {wanted_state:?}")));
    }
    if parsed.args.is_empty() {
        return Err(local(NOTHING));
    }
    let found = match named(tool, parsed, &parsed.args) {
        Err(failure) if failure.is_not_found() && condition == "delete" => return Ok(()),
        found => found?,
    };
    if found.is_empty() {
        return if condition == "delete" { Ok(()) } else { Err(local("no matching resources found")) };
    }
    let mut failures = Vec::new();
    for (wanted, object) in found {
        let holds = match condition.as_str() {
            "condition" => {
                let (kind, status) = value.split_once('=').unwrap_or((&value, "true"));
                let all = object.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
                let is_it = |one: &&Value| text(one, "/type").eq_ignore_ascii_case(kind);
                // Pods of saved worlds say only that they run.
                let is_bare = wanted.kind.kind == "Pod" && object.pointer("/status/conditions").is_none();
                let runs = is_bare && kind.eq_ignore_ascii_case("ready") && text(&object, "/status/phase") == "Running";
                runs || all.into_iter().find(is_it).is_some_and(|one| text(one, "/status").eq_ignore_ascii_case(status))
            }
            "jsonpath" => {
                let (path, expected) = match value.rsplit_once("}=") {
                    Some((path, expected)) => (format!("{path}}}"), Some(expected.trim_matches(['\'', '"']))),
                    None => (value.clone(), None),
                };
                let template = Template::parse(&path).map_err(|error| local(error.to_string()))?;
                let seen = template.print(&object).unwrap_or_default();
                expected.map_or(!seen.is_empty(), |expected| seen == expected)
            }
            "create" => true,
            _ => false,
        };
        if holds {
            tool.say(format!("{} condition met", shown(&wanted)));
        } else {
            let name = wanted.name.clone().unwrap_or_default();
            failures.push(local(format!("timed out waiting for the condition on {}/{name}", wanted.kind.plural)));
        }
    }
    failure::all(failures)
}
