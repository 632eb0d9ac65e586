//! `kubectl edit`: there is no editor in the terminal, so the page has to open its own.

use serde_json::Value;

use super::failure::{local, usage};
use super::flags::Parsed;
use super::get::fetch;
use super::manifest;
use super::printers::name_of;
use super::resources::{Wanted, select};
use super::tool::{Outcome, Tool};

/// Reads the object as kubectl would, then says that nothing was changed and what to do instead.
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
        return Err(usage("kubectl edit", "must specify one of -f and -k"));
    } else {
        select(tool, &parsed.args)?.wanted
    };
    let mut objects: Vec<Value> = Vec::new();
    for one in &wanted {
        objects.extend(fetch(tool, parsed, one, &namespace)?);
    }
    let Some(object) = objects.first() else {
        return Err(local("edit cancelled, no objects found"));
    };
    let name = name_of(object);
    let place = match object.pointer("/metadata/namespace").and_then(Value::as_str) {
        Some(namespace) => format!(" -n {namespace}"),
        None => String::new(),
    };
    tool.hint = Some(format!(
        "The terminal has no editor: open {name} in the page's editor, or run `kubectl get {name}{place} -o yaml >x.yaml`, change x.yaml and run `kubectl replace -f x.yaml`."
    ));
    tool.complain("Edit cancelled, no changes made.");
    Ok(())
}
