//! `kubectl edit`: the page opens its own editor, which the command asks for.

use serde_json::Value;

use super::failure::{self, local};
use super::flags::Parsed;
use super::get::fetch;
use super::manifest;
use super::printers::name_of;
use super::resources::{Wanted, select};
use super::tool::{Outcome, Tool};
use crate::shell::context::Edit;

/// Reads the object as kubectl would, then asks for the page's editor on it; of several objects, on the first.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn run(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let (namespace, _) = tool.namespace()?;
    let wanted: Vec<Wanted> = if parsed.given("filename") || parsed.given("kustomize") {
        let (manifests, failures) = manifest::read(tool, parsed)?;
        super::failure::all(failures)?;
        manifests.into_iter().map(|m| Wanted { kind: m.kind, name: Some(m.name) }).collect()
    } else if parsed.args.is_empty() {
        return Err(local(failure::NOTHING));
    } else {
        select(tool, &parsed.args)?.wanted
    };
    let mut objects: Vec<(String, Value)> = Vec::new();
    for one in &wanted {
        let found = fetch(tool, parsed, one, &namespace)?;
        objects.extend(found.into_iter().map(|object| (one.kind.plural.to_string(), object)));
    }
    let Some((resource, object)) = objects.first() else {
        return Err(local("edit cancelled, no objects found"));
    };
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (namespace, name) = (text("/metadata/namespace"), text("/metadata/name"));
    let place = if namespace.is_empty() { String::new() } else { format!(" -n {namespace}") };
    let full = name_of(object);
    let by_file = format!("`kubectl get {full}{place} -o yaml >x.yaml`, change x.yaml, `kubectl replace -f x.yaml`");
    let edit = Edit { resource: resource.clone(), namespace, name };
    // An editor that the environment names is not run: it would be one that leaves the text as it is.
    let own_editor = ["KUBE_EDITOR", "EDITOR"].iter().any(|name| tool.ctx.env.contains_key(*name));
    if own_editor || !edit.has_page() {
        tool.hint = Some(format!("The terminal has no editor. Instead: {by_file}."));
        tool.complain("Edit cancelled, no changes made.");
        return Ok(());
    }
    tool.hint = Some(format!("The page opens {full} for editing. In a script: {by_file}."));
    tool.edit = Some(Box::new(edit));
    Ok(())
}
