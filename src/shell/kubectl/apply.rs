//! `kubectl apply` and `kubectl diff` (cli 12.1, 12.2).

use serde_json::Value;

use crate::engine::KubeRequest;
use crate::engine::request::PatchKind;
use crate::formats::json::{go_compact, sort_keys};
use crate::formats::yaml::emit::emit;

use super::failure::{self, Failure, local, usage};
use super::flags::Parsed;
use super::last_applied;
use super::manifest::{self, Manifest};
use super::merge::{difference, three_way};
use super::printers::{self, Allowed, name_of};
use super::resources::{group_resource, place};
use super::tool::{Outcome, Tool};
use super::writing::{DryRun, annotate_last_applied, dry_run, strict};

/// The annotation that holds what was applied last.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Runs the command.
///
/// # Errors
/// Faults of the command line and of the files, the server's refusals; the other objects are applied all the same.
pub fn run(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    if let Some(outcome) = last_applied::run(tool, parsed) {
        return outcome;
    }
    if !parsed.args.is_empty() {
        return Err(usage("kubectl apply", &format!("Unexpected args: [{}]", parsed.args.join(" "))));
    }
    if parsed.switch("prune") {
        return Err(local("the playground does not simulate --prune; use kubectl delete"));
    }
    let dry = dry_run(tool, parsed)?;
    if parsed.switch("server-side") && dry == DryRun::Client {
        return Err(local("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)"));
    }
    if parsed.switch("force-conflicts") && !parsed.switch("server-side") {
        return Err(local("--force-conflicts only works with --server-side"));
    }
    let format = printers::format(tool, parsed, Allowed::Objects)?;
    let (manifests, mut failures) = manifest::read(tool, parsed)?;
    if manifests.is_empty() && failures.is_empty() {
        return Err(local("no objects passed to apply"));
    }
    let mut printed = Vec::new();
    for manifest in &manifests {
        match apply(tool, parsed, manifest, dry) {
            Ok((object, what)) if format.is_none() => {
                tool.say(format!("{} {what}{}", name_of(&object), dry.suffix()));
            }
            Ok((object, _)) => printed.push(sort_keys(&object)),
            Err(failure) => failures.push(failure),
        }
    }
    if let Some(format) = format.filter(|_| !printed.is_empty()) {
        let object = match printed.as_slice() {
            [one] => one.clone(),
            _ => printers::list_of(printed),
        };
        printers::print(tool, &format, &object)?;
    }
    failure::all(failures)
}

/// Applies one object: what became of it, and the word for it.
fn apply(
    tool: &mut Tool<'_, '_>,
    parsed: &Parsed,
    manifest: &Manifest,
    dry: DryRun,
) -> Result<(Value, &'static str), Failure> {
    let (resource, namespace) = (group_resource(&manifest.kind), place(&manifest.kind, &manifest.namespace));
    let mut wanted = manifest.object.clone();
    let server_side = parsed.switch("server-side");
    if !server_side {
        annotate_last_applied(&mut wanted);
    }
    let name = manifest.name.clone();
    let get = || KubeRequest::Get { resource: resource.clone(), namespace: namespace.clone(), name: name.clone() };
    // The client builds no URL without a name.
    let live = if name.is_empty() { Err(local("resource name may not be empty")) } else { tool.object(get()) };
    let live = match live {
        Ok(live) => live,
        Err(failure) if failure.is_not_found() => {
            tool.ctx.session.expect_refusal();
            let done = if server_side { "serverside-applied" } else { "created" };
            if dry == DryRun::Client {
                return Ok((wanted, done));
            }
            let request = KubeRequest::Create {
                resource,
                namespace,
                object: wanted,
                dry_run: dry == DryRun::Server,
                strict: strict(parsed),
            };
            let stored = tool.object(request).map_err(|f| f.while_doing("creating", &manifest.source))?;
            return Ok((stored, done));
        }
        Err(failure) => {
            let place = describe(manifest);
            let source = &manifest.source;
            let text =
                format!("error when retrieving current configuration of:\n{place}\nfrom server for: {source:?}: ");
            return Err(failure.before(&text));
        }
    };
    let before = live.get("metadata").and_then(|m| m.get("annotations")).and_then(|a| a.get(LAST_APPLIED));
    let before = before.and_then(Value::as_str);
    if before.is_none() && !server_side && dry != DryRun::Client {
        tool.complain(format!(
            "Warning: resource {}/{name} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.",
            manifest.kind.plural
        ));
    }
    let before: Value = before.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let merged = three_way(&before, &wanted, &live);
    let done = if server_side { "serverside-applied" } else { "configured" };
    if dry == DryRun::Client {
        return Ok((merged, done));
    }
    let patch = difference(&live, &merged);
    if patch.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok((live, if server_side { done } else { "unchanged" }));
    }
    let request = KubeRequest::Patch {
        resource,
        namespace,
        name,
        kind: PatchKind::Merge,
        patch: patch.clone(),
        dry_run: dry == DryRun::Server,
        strict: strict(parsed),
    };
    let stored = tool.object(request).map_err(|failure| {
        let (patch, place) = (go_compact(&sort_keys(&patch)), describe(manifest));
        failure.before(&format!("error when applying patch:\n{patch}\nto:\n{place}\nfor: {:?}: ", manifest.source))
    })?;
    Ok((stored, done))
}

/// The lines by which apply names an object.
fn describe(manifest: &Manifest) -> String {
    let kind = &manifest.kind;
    let version = if kind.group.is_empty() { format!("/{}", kind.version) } else { kind.api_version() };
    format!(
        "Resource: \"{version}, Resource={}\", GroupVersionKind: \"{version}, Kind={}\"\nName: {:?}, Namespace: {:?}",
        kind.plural, kind.kind, manifest.name, manifest.namespace
    )
}

/// `kubectl diff`: exit code 1 if applying would change something.
///
/// # Errors
/// Faults of the command line and of the files, the server's refusals.
pub fn diff(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    if !parsed.args.is_empty() {
        return Err(usage("kubectl diff", &format!("Unexpected args: [{}]", parsed.args.join(" "))));
    }
    let (manifests, mut failures) = manifest::read(tool, parsed)?;
    let mut differs = false;
    for manifest in &manifests {
        let (resource, namespace) = (group_resource(&manifest.kind), place(&manifest.kind, &manifest.namespace));
        let name = manifest.name.clone();
        let live = match tool.object(KubeRequest::Get {
            resource: resource.clone(),
            namespace: namespace.clone(),
            name: name.clone(),
        }) {
            Ok(live) => live,
            Err(failure) if failure.is_not_found() => {
                tool.ctx.session.expect_refusal();
                Value::Null
            }
            Err(failure) => {
                failures.push(failure);
                continue;
            }
        };
        let mut wanted = manifest.object.clone();
        annotate_last_applied(&mut wanted);
        let before = live.get("metadata").and_then(|m| m.get("annotations")).and_then(|a| a.get(LAST_APPLIED));
        let before: Value =
            before.and_then(Value::as_str).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let merged = if live.is_null() {
            let object = KubeRequest::Create { resource, namespace, object: wanted, dry_run: true, strict: true };
            tool.object(object)
        } else {
            let patch = difference(&live, &three_way(&before, &wanted, &live));
            let kind = PatchKind::Merge;
            tool.object(KubeRequest::Patch { resource, namespace, name, kind, patch, dry_run: true, strict: true })
        };
        match merged {
            Ok(merged) => differs |= show(tool, manifest, &live, &merged),
            Err(failure) => failures.push(failure),
        }
    }
    failure::all(failures)?;
    if differs { Err(Failure::Silent) } else { Ok(()) }
}

/// Prints how two states differ, as `diff -u -N` does with the whole text as context. True if they do.
fn show(tool: &mut Tool<'_, '_>, manifest: &Manifest, live: &Value, merged: &Value) -> bool {
    let text = |object: &Value| {
        let mut object = sort_keys(object);
        if let Some(annotations) = object.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
            annotations.shift_remove(LAST_APPLIED);
            if annotations.is_empty()
                && let Some(metadata) = manifest::metadata(&mut object)
            {
                metadata.shift_remove("annotations");
            }
        }
        if object.is_null() { String::new() } else { emit(&object) }
    };
    let (old, new) = (text(live), text(merged));
    if old == new {
        return false;
    }
    let kind = &manifest.kind;
    let name =
        format!("{}.{}.{}.{}", kind.api_version().replace('/', "."), kind.kind, manifest.namespace, manifest.name);
    tool.say(format!("diff -u -N /tmp/LIVE/{name} /tmp/MERGED/{name}"));
    tool.say(format!("--- /tmp/LIVE/{name}\n+++ /tmp/MERGED/{name}"));
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let start = |lines: &[&str]| usize::from(!lines.is_empty());
    tool.say(format!("@@ -{},{} +{},{} @@", start(&old), old.len(), start(&new), new.len()));
    let same_before = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let same_after = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let same_after = same_after.min(old.len().min(new.len()) - same_before);
    let part = |lines: &[&str], sign: char, from: usize, to: usize| -> String {
        lines.iter().skip(from).take(to.saturating_sub(from)).map(|line| format!("{sign}{line}\n")).collect()
    };
    let changed = [
        part(&old, ' ', 0, same_before),
        part(&old, '-', same_before, old.len() - same_after),
        part(&new, '+', same_before, new.len() - same_after),
        part(&old, ' ', old.len() - same_after, old.len()),
    ];
    tool.out.push_str(&changed.concat());
    true
}
