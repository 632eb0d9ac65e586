//! `kubectl create -f` and `kubectl replace -f` (cli 12).

use crate::engine::KubeRequest;
use crate::formats::json::sort_keys;

use super::failure;
use super::failure::usage;
use super::flags::Parsed;
use super::manifest;
use super::resources::{group_resource, place};
use super::tool::{Outcome, Tool};
use super::writing::{DryRun, annotate_last_applied, dry_run, report, strict};

/// `create -f`: each object anew.
///
/// # Errors
/// Faults of the command line and of the files, the server's refusals.
pub fn create(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    if !parsed.args.is_empty() {
        return Err(usage("kubectl create", &format!("Unexpected args: [{}]", parsed.args.join(" "))));
    }
    let dry = dry_run(tool, parsed)?;
    let (manifests, mut failures) = manifest::read(tool, parsed)?;
    for manifest in manifests {
        let mut object = manifest.object;
        if parsed.switch("save-config") {
            annotate_last_applied(&mut object);
        }
        let stored = if dry == DryRun::Client {
            Ok(object)
        } else {
            tool.object(KubeRequest::Create {
                resource: group_resource(&manifest.kind),
                namespace: place(&manifest.kind, &manifest.namespace),
                object,
                dry_run: dry == DryRun::Server,
                strict: strict(parsed),
            })
        };
        match stored {
            Ok(stored) => report(tool, parsed, &sort_keys(&stored), "created", dry)?,
            Err(failure) => failures.push(failure.while_doing("creating", &manifest.source)),
        }
    }
    failure::all(failures)
}

/// `replace -f`: each object as a whole; it must exist.
///
/// # Errors
/// Faults of the command line and of the files, the server's refusals.
pub fn replace(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    if !parsed.args.is_empty() {
        return Err(usage("kubectl replace", &format!("Unexpected args: [{}]", parsed.args.join(" "))));
    }
    let dry = dry_run(tool, parsed)?;
    let (manifests, mut failures) = manifest::read(tool, parsed)?;
    for manifest in manifests {
        let mut object = manifest.object;
        if parsed.switch("save-config") {
            annotate_last_applied(&mut object);
        }
        let (resource, namespace) = (group_resource(&manifest.kind), place(&manifest.kind, &manifest.namespace));
        if parsed.switch("force") && dry == DryRun::No {
            let gone = tool.call(KubeRequest::Delete {
                resource: resource.clone(),
                namespace: namespace.clone(),
                name: manifest.name.clone(),
                orphan: false,
                dry_run: false,
            });
            match gone {
                Ok(_) => {
                    let kind = super::resources::kind_name(&manifest.kind);
                    tool.say(format!("{kind} \"{}\" deleted", manifest.name));
                }
                Err(failure) if failure.is_not_found() => {}
                Err(failure) => {
                    failures.push(failure);
                    continue;
                }
            }
            match tool.object(KubeRequest::Create {
                resource,
                namespace,
                object,
                dry_run: false,
                strict: strict(parsed),
            }) {
                Ok(stored) => report(tool, parsed, &sort_keys(&stored), "replaced", dry)?,
                Err(failure) => failures.push(failure),
            }
            continue;
        }
        let stored = if dry == DryRun::Client {
            Ok(object)
        } else {
            tool.object(KubeRequest::Update {
                resource,
                namespace,
                name: manifest.name.clone(),
                object,
                dry_run: dry == DryRun::Server,
                strict: strict(parsed),
            })
        };
        match stored {
            Ok(stored) => report(tool, parsed, &sort_keys(&stored), "replaced", dry)?,
            Err(failure) => failures.push(failure.while_doing("replacing", &manifest.source)),
        }
    }
    failure::all(failures)
}
