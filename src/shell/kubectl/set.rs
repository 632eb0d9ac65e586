//! `kubectl set image|env|serviceaccount|resources` (cli 16.5), for objects of the server.

use serde_json::{Map, Value, json};

use crate::engine::KubeRequest;
use crate::engine::request::PatchKind;

use super::describe::{pairs, text};
use super::failure::{self, Failure, NOTHING, local};
use super::flags::Parsed;
use super::merge::difference;
use super::printers;
use super::resources::{Wanted, group_resource, place};
use super::rollout::{named, shown};
use super::tool::{Outcome, Tool};
use super::writing::{DryRun, dry_run};

/// Where the pod's specification is within an object.
fn place_of_spec(wanted: &Wanted, object: &Value) -> Result<&'static str, Failure> {
    let at = match wanted.kind.kind.as_ref() {
        "Pod" => "/spec",
        "CronJob" => "/spec/jobTemplate/spec/template/spec",
        _ => "/spec/template/spec",
    };
    if object.pointer(at).and_then(|spec| spec.get("containers")).is_some() {
        return Ok(at);
    }
    let (kind, name) = (&wanted.kind.kind, wanted.name.as_deref().unwrap_or_default());
    Err(local(format!(
        "{}/{name} the object is not a pod or does not have a pod template: *v1.{kind}",
        wanted.kind.plural
    )))
}

/// The change of one pod specification; a failure beside a change is told after it.
type Change<'c> = dyn FnMut(&mut Tool<'_, '_>, &Wanted, &mut Value) -> Vec<Failure> + 'c;

/// Changes the pod specification of each object that the arguments name. `what` was updated; an object that the change
/// leaves as it is is passed over, unless it is to be sent `always`.
fn update(
    tool: &mut Tool<'_, '_>,
    parsed: &Parsed,
    resources: &[String],
    (what, always): (&str, bool),
    change: &mut Change<'_>,
) -> Outcome {
    let dry = dry_run(tool, parsed)?;
    let format = printers::format(tool, parsed, printers::Allowed::Objects)?;
    let mut failures = Vec::new();
    for (wanted, object) in named(tool, parsed, resources)? {
        let at = match place_of_spec(&wanted, &object) {
            Ok(at) => at,
            Err(failure) => {
                failures.push(failure);
                continue;
            }
        };
        let mut changed = object.clone();
        let Some(spec) = changed.pointer_mut(at) else { continue };
        failures.extend(change(tool, &wanted, spec));
        if changed == object && !always {
            continue;
        }
        let done = if dry == DryRun::Client { Ok(changed) } else { send(tool, &wanted, (&object, &changed), dry) };
        match (done, &format) {
            (Ok(stored), Some(format)) => printers::print(tool, format, &stored)?,
            (Ok(_), None) => tool.say(format!("{} {what} updated{}", shown(&wanted), dry.suffix())),
            (Err(failure), _) => failures.push(failure),
        }
    }
    failure::all(failures)
}

/// Sends what is different.
fn send(tool: &mut Tool<'_, '_>, wanted: &Wanted, (old, new): (&Value, &Value), dry: DryRun) -> Result<Value, Failure> {
    tool.object(KubeRequest::Patch {
        resource: group_resource(&wanted.kind),
        namespace: place(&wanted.kind, text(old, "/metadata/namespace")),
        name: wanted.name.clone().unwrap_or_default(),
        kind: PatchKind::Merge,
        patch: difference(old, new),
        dry_run: dry == DryRun::Server,
        strict: false,
    })
}

/// The containers of a pod's specification whose names match, those that start first included.
fn containers<'s>(spec: &'s mut Value, pattern: &str) -> Vec<&'s mut Value> {
    let fits = |name: &str| match pattern.split_once('*') {
        Some((before, after)) => {
            name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
        }
        None => name == pattern,
    };
    let lists = spec.as_object_mut().into_iter().flatten();
    let lists = lists.filter(|(member, _)| *member == "containers" || *member == "initContainers");
    let all = lists.flat_map(|(_, list)| list.as_array_mut().into_iter().flatten());
    all.filter(|container| container.is_object() && fits(text(container, "/name"))).collect()
}

/// `kubectl set image`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn image(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let (pairs, resources): (Vec<String>, Vec<String>) = parsed.args.iter().cloned().partition(|arg| arg.contains('='));
    if resources.is_empty() {
        return Err(local(NOTHING));
    }
    if pairs.is_empty() {
        return Err(local("at least one image update is required"));
    }
    update(tool, parsed, &resources, ("image", false), &mut |_, _, spec| {
        let mut failures = Vec::new();
        for pair in &pairs {
            let (name, image) = pair.split_once('=').unwrap_or_default();
            let found = containers(spec, name);
            if found.is_empty() {
                failures.push(local(format!("unable to find container named {name:?}")));
            }
            for container in found {
                container["image"] = json!(image);
            }
        }
        failures
    })
}

/// `kubectl set serviceaccount`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn service_account(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let Some((account, resources)) = parsed.args.split_last() else {
        return Err(local("serviceaccount is required"));
    };
    if resources.is_empty() {
        return Err(local(NOTHING));
    }
    update(tool, parsed, resources, ("serviceaccount", true), &mut |_, _, spec| {
        spec["serviceAccountName"] = json!(account);
        if let Some(old) = spec.get_mut("serviceAccount") {
            *old = json!(account);
        }
        Vec::new()
    })
}

/// `kubectl set resources`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn resources(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    if parsed.args.is_empty() {
        return Err(local(NOTHING));
    }
    let amounts = [("limits", amounts(parsed, "limits")?), ("requests", amounts(parsed, "requests")?)];
    if amounts.iter().all(|(_, amounts)| amounts.is_empty()) {
        return Err(local("you must specify an update to requests or limits (in the form of --requests/--limits)"));
    }
    let pattern = parsed.text("containers").unwrap_or("*").to_owned();
    update(tool, parsed, &parsed.args, ("resource requirements", false), &mut |_, _, spec| {
        let found = containers(spec, &pattern);
        if found.is_empty() {
            return vec![local(format!("unable to find container named {pattern}"))];
        }
        for container in found {
            for (member, amounts) in amounts.iter().filter(|(_, amounts)| !amounts.is_empty()) {
                let amounts: Map<String, Value> =
                    amounts.iter().map(|(name, amount)| (name.clone(), json!(amount))).collect();
                let added = json!({"resources": {*member: amounts}});
                super::workload::merge_into(container, &added);
            }
        }
        Vec::new()
    })
}

/// The amounts of `cpu=200m,memory=512Mi`.
fn amounts(parsed: &Parsed, flag: &str) -> Result<Vec<(String, String)>, Failure> {
    const UNITS: [&str; 14] = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti"];
    let read = |pair: &str| {
        let (name, amount) = pair
            .split_once('=')
            .ok_or_else(|| local(format!("Invalid argument syntax {pair}, expected <resource>=<value>")))?;
        let unit = amount.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '+' || c == '-');
        let number = amount.strip_suffix(unit).unwrap_or_default();
        if number.parse::<f64>().is_err() || !UNITS.contains(&unit) {
            return Err(local(
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
            ));
        }
        Ok((name.to_owned(), amount.to_owned()))
    };
    parsed.text_or_empty(flag).split(',').filter(|pair| !pair.is_empty()).map(read).collect()
}

/// `kubectl set env`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn env(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let is_change = |arg: &String| arg.contains('=') || arg.len() > 1 && arg.ends_with('-');
    let at = parsed.args.iter().position(is_change).unwrap_or(parsed.args.len());
    let (resources, changes) = parsed.args.split_at(at);
    if !changes.iter().all(is_change) {
        let all = parsed.args.join(" ");
        return Err(local(format!("all resources must be specified before environment changes: {all}")));
    }
    if resources.is_empty() {
        return Err(local("one or more resources must be specified as <resource> <name> or <resource>/<name>"));
    }
    let mut wanted: Vec<(String, Option<Value>)> = Vec::new();
    for change in changes.iter().chain(&parsed.all("env")) {
        let (name, value) = match change.split_once('=') {
            Some((name, value)) => (name, Some(json!({"name": name, "value": value}))),
            None => (change.trim_end_matches('-'), None),
        };
        check_name(name)?;
        wanted.push((name.to_owned(), value));
    }
    if let Some(from) = parsed.text("from").filter(|from| !from.is_empty()) {
        wanted.extend(of_object(tool, parsed, from)?);
    }
    let pattern = parsed.text("containers").unwrap_or("*").to_owned();
    if parsed.switch("list") {
        return list(tool, parsed, resources, &pattern);
    }
    let keeps = parsed.given("overwrite") && !parsed.switch("overwrite");
    update(tool, parsed, resources, ("env", false), &mut |tool, object, spec| {
        let found = containers(spec, &pattern);
        if found.is_empty() {
            let (kind, name) = (&object.kind.kind, object.name.as_deref().unwrap_or_default());
            tool.complain(format!("Warning: {kind}/{name} does not have any containers matching {pattern:?}"));
        }
        let mut failures = Vec::new();
        for container in found {
            let mut all = container.get("env").and_then(Value::as_array).cloned().unwrap_or_default();
            for (name, value) in &wanted {
                let place = all.iter().position(|one| text(one, "/name") == name);
                match (place, value) {
                    (Some(place), Some(_)) if keeps => {
                        let old = all.get(place).map(|one| text(one, "/value")).unwrap_or_default();
                        let (plural, of) = (&object.kind.plural, object.name.as_deref().unwrap_or_default());
                        failures.push(local(format!(
                            "{plural}/{of} '{name}' already has a value ({old}), and --overwrite is false"
                        )));
                    }
                    (Some(place), Some(value)) => {
                        all.iter_mut().skip(place).take(1).for_each(|one| *one = value.clone())
                    }
                    (None, Some(value)) => all.push(value.clone()),
                    (_, None) => all.retain(|one| text(one, "/name") != name),
                }
            }
            let Some(members) = container.as_object_mut() else { continue };
            if all.is_empty() {
                members.shift_remove("env");
            } else {
                members.insert("env".to_owned(), Value::Array(all));
            }
        }
        failures
    })
}

fn check_name(name: &str) -> Outcome {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    if !name.is_empty() && name.chars().all(is_part) && !name.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(());
    }
    Err(local(format!(
        "{name:?} is not a valid key name: a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')"
    )))
}

/// Variables that refer to the keys of a ConfigMap or Secret.
fn of_object(tool: &mut Tool<'_, '_>, parsed: &Parsed, from: &str) -> Result<Vec<(String, Option<Value>)>, Failure> {
    let keys = parsed.all("keys");
    let mut out = Vec::new();
    for (wanted, object) in named(tool, parsed, &[from.to_owned()])? {
        let member = match wanted.kind.plural.as_ref() {
            "configmaps" => "configMapKeyRef",
            "secrets" => "secretKeyRef",
            _ => return Err(local(format!("unsupported resource specified in --from: {from}"))),
        };
        for key in pairs(&object, "/data").into_keys().filter(|key| keys.is_empty() || keys.contains(key)) {
            let name: String = key.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
            let name = format!("{}{}", parsed.text_or_empty("prefix"), name.to_uppercase());
            let reference = json!({"key": key, "name": text(&object, "/metadata/name")});
            out.push((name.clone(), Some(json!({"name": name, "valueFrom": {member: reference}}))));
        }
    }
    Ok(out)
}

/// The variables of the containers as they are.
fn list(tool: &mut Tool<'_, '_>, parsed: &Parsed, resources: &[String], pattern: &str) -> Outcome {
    for (wanted, object) in named(tool, parsed, resources)? {
        let mut spec = object.pointer(place_of_spec(&wanted, &object)?).cloned().unwrap_or_default();
        let name = wanted.name.as_deref().unwrap_or_default();
        for container in containers(&mut spec, pattern) {
            tool.say(format!("# {} {name}, container {}", wanted.kind.kind, text(container, "/name")));
            for variable in container.get("env").and_then(Value::as_array).into_iter().flatten() {
                let name = text(variable, "/name");
                let reference = |member: &str| variable.pointer(&format!("/valueFrom/{member}"));
                let line = if let Some(field) = reference("fieldRef") {
                    format!("# {name} from field path {}", text(field, "/fieldPath"))
                } else if let Some(key) = reference("configMapKeyRef") {
                    format!("# {name} from configmap {}, key {}", text(key, "/name"), text(key, "/key"))
                } else if let Some(key) = reference("secretKeyRef") {
                    format!("# {name} from secret {}, key {}", text(key, "/name"), text(key, "/key"))
                } else {
                    format!("{name}={}", text(variable, "/value"))
                };
                tool.say(line);
            }
        }
    }
    Ok(())
}
