//! `kubectl delete` (cli 12.3).

use crate::engine::KubeRequest;

use super::failure::{self, Failure, NOTHING, local};
use super::flags::Parsed;
use super::get::{BOTH, fetch};
use super::manifest;
use super::resources::{Wanted, group_resource, kind_name, place, select};
use super::tool::{Outcome, Tool};
use super::writing::{DryRun, dry_run};
use crate::k8s::discovery::Resource;

/// An object that is to go.
struct Doomed {
    kind: Resource,
    name: String,
    namespace: Option<String>,
    source: String,
}

/// Runs the command.
///
/// # Errors
/// Faults of the command line and the server's refusals; the other objects are deleted all the same.
pub fn run(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let (namespace, _) = tool.namespace()?;
    let dry = dry_run(tool, parsed)?;
    let from_files = parsed.given("filename") || parsed.given("kustomize");
    let names_only = match parsed.text_or_empty("output") {
        "" => false,
        "name" => true,
        other => return Err(local(format!("unexpected -o output mode: {other}. We only support '-o name'"))),
    };
    match parsed.text_or_empty("cascade") {
        "" | "background" | "foreground" | "orphan" => {}
        // The values of old.
        "true" | "false" => {}
        other => {
            return Err(local(format!(
                "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
            )));
        }
    }
    let selectors = ["selector", "field-selector"].map(|flag| !parsed.text_or_empty(flag).is_empty());
    if parsed.switch("all") && selectors.contains(&true) {
        return Err(local("setting 'all' parameter but found a non empty selector. "));
    }
    if from_files && !parsed.args.is_empty() {
        return Err(local(BOTH));
    }
    if parsed.args.is_empty() && !from_files {
        let selected = parsed.switch("all") || selectors.contains(&true);
        return Err(local(if selected {
            "at least one resource must be specified to use a selector"
        } else {
            NOTHING
        }));
    }
    let (doomed, mut failures) =
        if from_files { from_manifests(tool, parsed)? } else { chosen(tool, parsed, &namespace)? };
    let force = parsed.switch("force");
    if force && dry == DryRun::No {
        tool.complain(
            "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.",
        );
    }
    if doomed.is_empty() && failures.is_empty() {
        if !names_only {
            tool.say("No resources found");
        }
        return Ok(());
    }
    for one in doomed {
        if dry != DryRun::Client {
            let request = KubeRequest::Delete {
                resource: group_resource(&one.kind),
                namespace: one.namespace.clone(),
                name: one.name.clone(),
                orphan: ["orphan", "false"].contains(&parsed.text_or_empty("cascade")),
                dry_run: dry == DryRun::Server,
            };
            match tool.call(request) {
                Ok(_) => {}
                Err(failure) if failure.is_not_found() && parsed.switch("ignore-not-found") => continue,
                Err(failure) => {
                    failures.push(failure.while_doing("deleting", &one.source));
                    continue;
                }
            }
        }
        let kind = kind_name(&one.kind);
        if names_only {
            tool.say(format!("{kind}/{}", one.name));
        } else {
            let how = if force { "force deleted" } else { "deleted" };
            tool.say(format!("{kind} \"{}\" {how}{}", one.name, dry.suffix()));
        }
    }
    failure::all(failures)
}

fn from_manifests(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Result<(Vec<Doomed>, Vec<Failure>), Failure> {
    let (manifests, failures) = manifest::read(tool, parsed)?;
    let doomed = |m: manifest::Manifest| Doomed {
        namespace: place(&m.kind, &m.namespace),
        kind: m.kind,
        name: m.name,
        source: m.source,
    };
    Ok((manifests.into_iter().map(doomed).collect(), failures))
}

/// The objects that the arguments name or select.
fn chosen(tool: &mut Tool<'_, '_>, parsed: &Parsed, namespace: &str) -> Result<(Vec<Doomed>, Vec<Failure>), Failure> {
    let selected = parsed.switch("all")
        || ["selector", "field-selector"].iter().any(|flag| !parsed.text_or_empty(flag).is_empty());
    let (mut doomed, mut failures) = (Vec::new(), Vec::new());
    let selection = select(tool, &parsed.args)?;
    for wanted in selection.wanted {
        match &wanted.name {
            Some(_) if selected => {
                return Err(local("name cannot be provided when a selector is specified"));
            }
            Some(name) => doomed.push(Doomed {
                namespace: place(&wanted.kind, namespace),
                name: name.clone(),
                kind: wanted.kind,
                source: String::new(),
            }),
            None if !selected => return Err(local("resource(s) were provided, but no name was specified")),
            None => match all_of(tool, parsed, &wanted, namespace) {
                Ok(found) => doomed.extend(found),
                Err(failure) => failures.push(failure),
            },
        }
    }
    Ok((doomed, failures))
}

fn all_of(tool: &mut Tool<'_, '_>, parsed: &Parsed, wanted: &Wanted, namespace: &str) -> Result<Vec<Doomed>, Failure> {
    let objects = fetch(tool, parsed, wanted, namespace)?;
    let doomed = objects.iter().map(|object| {
        let text = |pointer: &str| object.pointer(pointer).and_then(serde_json::Value::as_str).unwrap_or_default();
        Doomed {
            kind: wanted.kind.clone(),
            name: text("/metadata/name").to_owned(),
            namespace: place(&wanted.kind, text("/metadata/namespace")),
            source: String::new(),
        }
    });
    Ok(doomed.collect())
}
