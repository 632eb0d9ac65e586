//! `kubectl rollout` (cli 16.3). Controllers come to rest with each call, so nothing is waited for: what has not come
//! true by now ends as it does when the time is up.

use serde_json::{Value, json};

use crate::engine::KubeRequest;
use crate::engine::request::{GroupResource, PatchKind};
use crate::k8s::controllers::{CHANGE_CAUSE, REVISION, is_same_template};

use super::describe::text;
use super::failure::{Failure, local};
use super::flags::Parsed;
use super::get::fetch;
use super::resources::{Wanted, group_resource, kind_name, place, select};
use super::tool::{Outcome, Tool};
use super::writing::{DryRun, dry_run};

/// The objects that the arguments name, each with its kind.
///
/// # Errors
/// No arguments, unknown types and the server's refusals.
pub fn named(tool: &mut Tool<'_, '_>, parsed: &Parsed, args: &[String]) -> Result<Vec<(Wanted, Value)>, Failure> {
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

fn number(object: &Value, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or_default()
}

/// `KIND/NAME`.
pub fn shown(wanted: &Wanted) -> String {
    format!("{}/{}", kind_name(&wanted.kind), wanted.name.as_deref().unwrap_or_default())
}

/// Patches an object and gives it as stored.
///
/// # Errors
/// The server's refusals.
pub fn patch(tool: &mut Tool<'_, '_>, wanted: &Wanted, live: &Value, patch: Value) -> Result<Value, Failure> {
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
    let revision = revision(parsed, "revision")?;
    for (wanted, object) in named(tool, parsed, &parsed.args)? {
        let name = wanted.name.clone().unwrap_or_default();
        let state = match wanted.kind.kind.as_ref() {
            "Deployment" => deployment_status(&object, &name, revision),
            "DaemonSet" => daemon_set_status(&object, &name),
            "StatefulSet" => stateful_set_status(&object),
            _ => {
                let kind = crate::k8s::status::qualified(&wanted.kind.kind, &wanted.kind.group);
                return Err(local(format!("no status viewer has been implemented for {kind}")));
            }
        };
        match state.map_err(local)? {
            State::Done(line) => tool.say(line),
            State::Waiting(line) => {
                tool.say(line);
                if !parsed.switch("watch") && parsed.given("watch") {
                    continue;
                }
                if parsed.given("timeout") {
                    return Err(local("timed out waiting for the condition"));
                }
                if wanted.kind.kind == "Deployment" {
                    return Err(local(format!("deployment {name:?} exceeded its progress deadline")));
                }
                tool.hint =
                    Some("Nothing changes by itself any more; the real command waits without an end.".to_owned());
                return Err(local("timed out waiting for the condition"));
            }
        }
    }
    Ok(())
}

/// A number of a revision; 0 means none in particular.
fn revision(parsed: &Parsed, flag: &str) -> Result<i64, Failure> {
    match parsed.text(flag).and_then(|text| text.parse().ok()).unwrap_or_default() {
        negative if negative < 0 => Err(local(format!("revision must be a positive integer: {negative}"))),
        revision => Ok(revision),
    }
}

/// How far a rollout is.
enum State {
    Waiting(String),
    Done(String),
}

/// Only rolling updates have a status; the server sets that strategy where an object names none.
fn check_strategy(object: &Value) -> Result<(), String> {
    match text(object, "/spec/updateStrategy/type") {
        "" | "RollingUpdate" => Ok(()),
        _ => Err("rollout status is only available for RollingUpdate strategy type".to_owned()),
    }
}

fn daemon_set_status(object: &Value, name: &str) -> Result<State, String> {
    check_strategy(object)?;
    let count = |member: &str| number(object, &format!("/status/{member}"));
    let (desired, updated, available) =
        (count("desiredNumberScheduled"), count("updatedNumberScheduled"), count("numberAvailable"));
    let begin = format!("Waiting for daemon set {name:?} rollout to finish: ");
    Ok(if updated < desired {
        State::Waiting(format!("{begin}{updated} out of {desired} new pods have been updated..."))
    } else if available < desired {
        State::Waiting(format!("{begin}{available} of {desired} updated pods are available..."))
    } else {
        State::Done(format!("daemon set {name:?} successfully rolled out"))
    })
}

fn stateful_set_status(object: &Value) -> Result<State, String> {
    check_strategy(object)?;
    let count = |member: &str| number(object, &format!("/status/{member}"));
    let wanted = object.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
    let (ready, updated) = (count("readyReplicas"), count("updatedReplicas"));
    let revisions = ["/status/currentRevision", "/status/updateRevision"].map(|member| text(object, member));
    Ok(if ready < wanted {
        State::Waiting(format!("Waiting for {} pods to be ready...", wanted - ready))
    } else if let Some(kept) = object.pointer("/spec/updateStrategy/rollingUpdate/partition").and_then(Value::as_i64) {
        let moved = wanted - kept;
        if updated < moved {
            State::Waiting(format!(
                "Waiting for partitioned roll out to finish: {updated} out of {moved} new pods have been updated..."
            ))
        } else {
            State::Done(format!("partitioned roll out complete: {updated} new pods have been updated..."))
        }
    } else if revisions[0] != revisions[1] {
        let [_, to] = revisions;
        State::Waiting(format!("waiting for statefulset rolling update to complete {updated} pods at revision {to}..."))
    } else {
        let [revision, _] = revisions;
        let current = count("currentReplicas");
        State::Done(format!("statefulset rolling update complete {current} pods at revision {revision}..."))
    })
}

fn deployment_status(object: &Value, name: &str, pinned: i64) -> Result<State, String> {
    let running: i64 = annotation(object, REVISION).parse().unwrap_or_default();
    if pinned > 0 && pinned != running {
        return Err(format!("desired revision ({pinned}) is different from the running revision ({running})"));
    }
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
    let is_late = |one: &Value| text(one, "/reason") == "ProgressDeadlineExceeded";
    if conditions.into_iter().any(|one| text(one, "/type") == "Progressing" && is_late(one)) {
        return Err(format!("deployment {name:?} exceeded its progress deadline"));
    }
    let count = |member: &str| number(object, &format!("/status/{member}"));
    let wanted = object.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
    let (updated, total, available) = (count("updatedReplicas"), count("replicas"), count("availableReplicas"));
    let begin = format!("Waiting for deployment {name:?} rollout to finish: ");
    Ok(if updated < wanted {
        State::Waiting(format!("{begin}{updated} out of {wanted} new replicas have been updated..."))
    } else if total > updated {
        State::Waiting(format!("{begin}{} old replicas are pending termination...", total - updated))
    } else if available < updated {
        State::Waiting(format!("{begin}{available} of {updated} updated replicas are available..."))
    } else {
        State::Done(format!("deployment {name:?} successfully rolled out"))
    })
}

/// `kubectl rollout restart`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn restart(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let now = tool.now().kubernetes_text();
    for (wanted, object) in named(tool, parsed, &parsed.args)? {
        if !["Deployment", "DaemonSet", "StatefulSet"].contains(&wanted.kind.kind.as_ref()) {
            let name = wanted.name.unwrap_or_default();
            return Err(local(format!("{} {name:?} restarting is not supported", wanted.kind.qualified())));
        }
        if object.pointer("/spec/paused") == Some(&Value::Bool(true)) {
            let name = wanted.name.unwrap_or_default();
            return Err(local(format!(
                "{} {name:?} can't restart paused deployment (run rollout resume first)",
                wanted.kind.qualified()
            )));
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
            return Err(local(format!("{} {name:?} {what} is not supported", wanted.kind.qualified())));
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

/// What kubectl says of kinds without revisions, and the simulation of those whose revisions it does not keep.
fn without_history(wanted: &Wanted, what: &str, doer: &str) -> Failure {
    let (kind, group) = (&wanted.kind.kind, &wanted.kind.group);
    let qualified = crate::k8s::status::qualified(kind, group);
    let who = if what == "history" { format!("{what} {doer}") } else { format!("{what}{doer}") };
    match kind.as_ref() {
        "StatefulSet" | "DaemonSet" => local(format!(
            "the playground keeps no ControllerRevisions, so a {kind} has no history to show or to go back to; a Deployment has"
        )),
        "Pod" | "ReplicaSet" | "ReplicationController" | "Job" | "CronJob" => {
            local(format!("no {who} has been implemented for {qualified:?}"))
        }
        _ => {
            let who = if what == "history" { "history" } else { &who };
            local(format!("error retrieving {who} for {qualified:?}, no visitor method exists for {{{group} {kind}}}"))
        }
    }
}

/// `kubectl rollout history`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn history(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let one = revision(parsed, "revision")?;
    for (wanted, object) in named(tool, parsed, &parsed.args)? {
        if wanted.kind.kind != "Deployment" {
            return Err(without_history(&wanted, "history", "viewer"));
        }
        let revisions = revisions(tool, &object)?;
        if revisions.is_empty() {
            let which = if one > 0 { format!("with revision #{one}") } else { String::new() };
            tool.say(format!("{} {which}\nNo rollout history found.", shown(&wanted)));
            continue;
        }
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
    let dry = dry_run(tool, parsed)?;
    let to: i64 = parsed.text("to-revision").and_then(|text| text.parse().ok()).unwrap_or_default();
    for (wanted, object) in named(tool, parsed, &parsed.args)? {
        let name = wanted.name.clone().unwrap_or_default();
        if wanted.kind.kind != "Deployment" {
            return Err(without_history(&wanted, "rollback", "er"));
        }
        let revisions = revisions(tool, &object)?;
        let target = if to != 0 {
            let found = revisions.iter().find(|(number, _)| *number == to);
            found.ok_or_else(|| local(format!("unable to find specified revision {to} in history")))?
        } else {
            let before = revisions.len().checked_sub(2).and_then(|at| revisions.get(at));
            before.ok_or_else(|| local(format!("no rollout history found for deployment {name:?}")))?
        };
        if dry == DryRun::Client {
            let template = super::workload_describe::pod_template(&target.1);
            tool.say(format!("{} {template} (dry run)", shown(&wanted)));
            continue;
        }
        if object.pointer("/spec/paused") == Some(&Value::Bool(true)) {
            return Err(local(format!(
                "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume deployment/{name}' and try again"
            )));
        }
        let current = object.pointer("/spec/template").cloned().unwrap_or_default();
        if is_same_template(target.1.pointer("/spec/template"), &current) {
            tool.say(format!(
                "{} skipped rollback (current template already matches revision {to}){}",
                shown(&wanted),
                dry.suffix()
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
            dry_run: dry == DryRun::Server,
            strict: false,
        })?;
        tool.say(format!("{} rolled back{}", shown(&wanted), dry.suffix()));
    }
    Ok(())
}
