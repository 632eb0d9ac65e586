//! `kubectl apply view-last-applied|set-last-applied|edit-last-applied`: the annotation that apply compares with.

use serde_json::{Value, json};

use super::apply::LAST_APPLIED;
use super::failure::{self, Failure, local, usage};
use super::flags::Parsed;
use super::printers::{self, Allowed, name_of};
use super::resources::{group_resource, place, select};
use super::tool::{Outcome, Tool};
use super::writing::{DryRun, dry_run};
use super::{get, manifest};
use crate::engine::KubeRequest;
use crate::engine::request::PatchKind;
use crate::formats::json::{go_compact, sort_keys};
use crate::formats::yaml::emit::emit;

/// Runs the subcommand, if the first word is one.
pub fn run(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Option<Outcome> {
    match parsed.args.first()?.as_str() {
        "view-last-applied" => Some(view(tool, parsed)),
        "set-last-applied" => Some(set(tool, parsed)),
        "edit-last-applied" if parsed.args.len() < 2 && !parsed.given("filename") => {
            Some(Err(local(failure::NOTHING)))
        }
        "edit-last-applied" => Some(Err(Failure::Plain(
            "kubectl apply edit-last-applied: the playground does not simulate this command; see `kubectl apply set-last-applied` and `kubectl edit`".to_owned(),
        ))),
        _ => None,
    }
}

/// The annotation of an object.
fn annotation(object: &Value) -> Option<&str> {
    object.pointer("/metadata/annotations")?.get(LAST_APPLIED)?.as_str()
}

fn view(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let (namespace, _) = tool.namespace()?;
    let (wanted, mut failures) = if parsed.given("filename") {
        get::of_files(tool, parsed)?
    } else if parsed.args.len() < 2 {
        return Err(local(failure::NOTHING));
    } else {
        let selected = select(tool, parsed.args.get(1..).unwrap_or_default())?.wanted;
        (selected.into_iter().map(|wanted| (wanted, namespace.clone())).collect(), Vec::new())
    };
    for (one, namespace) in &wanted {
        let objects = match get::fetch(tool, parsed, one, namespace) {
            Ok(objects) => objects,
            Err(failure) => {
                failures.push(failure);
                continue;
            }
        };
        for object in &objects {
            let applied = annotation(object).and_then(|text| serde_json::from_str::<Value>(text).ok());
            let Some(applied) = applied else { continue };
            match parsed.text("output").unwrap_or("yaml") {
                "yaml" => tool.out.push_str(&emit(&sort_keys(&applied))),
                "json" => tool.say(format!("{:#}", sort_keys(&applied))),
                other => {
                    let text =
                        format!("Unexpected -o output mode: {other}, the flag 'output' must be one of yaml|json");
                    return Err(usage("kubectl apply view-last-applied", &text));
                }
            }
        }
    }
    failure::all(failures)
}

/// Writes the files into the annotation of the objects, and nothing else. All of them are looked at before the first
/// is changed.
fn set(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    if !parsed.given("filename") {
        return Err(local(failure::NOTHING));
    }
    let dry = dry_run(tool, parsed)?;
    let format = printers::format(tool, parsed, Allowed::Objects)?;
    let (manifests, failures) = manifest::read(tool, parsed)?;
    failure::all(failures)?;
    let mut changes = Vec::new();
    for manifest in &manifests {
        let (resource, namespace) = (group_resource(&manifest.kind), place(&manifest.kind, &manifest.namespace));
        let name = manifest.name.clone();
        let get = KubeRequest::Get { resource: resource.clone(), namespace: namespace.clone(), name: name.clone() };
        let live = tool.object(get)?;
        let text = format!("{}\n", go_compact(&sort_keys(&manifest.object)));
        match annotation(&live) {
            None if !parsed.switch("create-annotation") => {
                return Err(local(format!(
                    "no last-applied-configuration annotation found on resource: {name}, to create the annotation, run the command with --create-annotation"
                )));
            }
            Some(before) if before == text => tool.say(format!("set-last-applied {name}: no changes required.")),
            _ => changes.push((resource, namespace, name, live, text)),
        }
    }
    for (resource, namespace, name, live, text) in changes {
        let object = if dry == DryRun::Client {
            live
        } else {
            let patch = json!({"metadata": {"annotations": {LAST_APPLIED: text}}});
            let (kind, dry_run) = (PatchKind::Merge, dry == DryRun::Server);
            tool.object(KubeRequest::Patch { resource, namespace, name, kind, patch, dry_run, strict: true })?
        };
        match &format {
            None => tool.say(format!("{} configured{}", name_of(&object), dry.suffix())),
            Some(format) => printers::print(tool, format, &object)?,
        }
    }
    Ok(())
}
