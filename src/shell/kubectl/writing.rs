//! What all commands that write have in common: dry runs, and the line that says what was done (cli 11.4).

use serde_json::{Value, json};

use crate::engine::KubeRequest;
use crate::engine::request::GroupResource;

use super::apply::LAST_APPLIED;
use super::failure::{Failure, local, usage};
use super::flags::{Parsed, parse_bool};
use super::printers::{self, Allowed, declared, name_of};
use super::tool::{Outcome, Tool, klog_warning};

/// `--dry-run`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DryRun {
    /// The real thing.
    No,
    /// Nothing is sent.
    Client,
    /// Everything is checked by the server, nothing stored.
    Server,
}

impl DryRun {
    /// What follows the line that says what was done.
    pub fn suffix(self) -> &'static str {
        match self {
            DryRun::No => "",
            DryRun::Client => " (dry run)",
            DryRun::Server => " (server dry run)",
        }
    }
}

/// Reads `--dry-run`. The flag standing alone means the client; that and the truth values of old come with a warning.
///
/// # Errors
/// Other values.
pub fn dry_run(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Result<DryRun, Failure> {
    let (meant, line, given) = match parsed.text("dry-run") {
        None | Some("none") => return Ok(DryRun::No),
        Some("client") => return Ok(DryRun::Client),
        Some("server") => return Ok(DryRun::Server),
        Some("unchanged") => ("client", 703, "--dry-run is deprecated".to_owned()),
        Some(other) => match parse_bool(other) {
            Some(true) => ("client", 717, format!("--dry-run={other} is deprecated (boolean value)")),
            Some(false) => ("none", 720, format!("--dry-run={other} is deprecated (boolean value)")),
            None => {
                return Err(local(format!(
                    "Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\"."
                )));
            }
        },
    };
    let text = format!("{given} and can be replaced with --dry-run={meant}.");
    let line = klog_warning(tool.now(), &format!("helpers.go:{line}"), &text);
    tool.report(&line);
    Ok(if meant == "none" { DryRun::No } else { DryRun::Client })
}

/// True unless `--validate=false` and the like switch the server's strictness off.
pub fn strict(parsed: &Parsed) -> bool {
    !matches!(parsed.text("validate"), Some("false" | "ignore" | "warn"))
}

/// The one name that a `create` command takes.
///
/// # Errors
/// None, or several.
pub fn one_name(parsed: &Parsed) -> Result<&str, Failure> {
    let names = parsed.dash.map_or(parsed.args.len(), |dash| dash);
    match parsed.args.first().filter(|_| names == 1) {
        Some(name) => Ok(name),
        None => Err(usage(&parsed.name(), &format!("exactly one NAME is required, got {names}"))),
    }
}

/// Says what was done to an object, or prints it in the format asked for.
///
/// # Errors
/// Bad formats.
pub fn report(tool: &mut Tool<'_, '_>, parsed: &Parsed, object: &Value, verb: &str, dry: DryRun) -> Outcome {
    match printers::format(tool, parsed, Allowed::Objects)? {
        None => tool.say(format!("{} {verb}{}", name_of(object), dry.suffix())),
        Some(format) => {
            printers::separator(tool, &format);
            printers::print(tool, &format, object)?;
        }
    }
    Ok(())
}

/// A new object that a `create` command has built.
pub struct New {
    /// Its kind.
    pub resource: GroupResource,
    /// Members in declaration order.
    pub object: Value,
    /// True if it lives in a namespace.
    pub namespaced: bool,
}

/// Sends a new object, or only prints it, and says so. `frame` puts kubectl's words around a refusal.
///
/// # Errors
/// The server's refusal, bad formats.
pub fn create(tool: &mut Tool<'_, '_>, parsed: &Parsed, new: New, frame: fn(Failure) -> Failure) -> Outcome {
    printers::format(tool, parsed, Allowed::Objects)?;
    let dry = dry_run(tool, parsed)?;
    let (namespace, explicit) = tool.namespace()?;
    let mut object = new.object;
    if new.namespaced
        && explicit
        && let Some(metadata) = super::manifest::metadata(&mut object)
    {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    if parsed.switch("save-config") {
        // The objects that these commands build are encoded as they are declared.
        let text = format!("{}\n", crate::formats::json::go_compact(&declared(&object)));
        put_last_applied(&mut object, text);
    }
    if dry == DryRun::Client {
        return report(tool, parsed, &declared(&object), "created", dry);
    }
    let namespace = new.namespaced.then_some(namespace);
    let (resource, strict) = (new.resource, strict(parsed));
    let request = KubeRequest::Create { resource, namespace, object, dry_run: dry == DryRun::Server, strict };
    let stored = tool.object(request).map_err(frame)?;
    report(tool, parsed, &declared(&stored), "created", dry)
}

/// No words around a refusal.
pub fn bare(failure: Failure) -> Failure {
    failure
}

/// Puts the annotation that apply compares with: compact, sorted, with a newline at the end (cli 12.1).
pub fn annotate_last_applied(object: &mut Value) {
    let text = last_applied(object);
    put_last_applied(object, text);
}

fn put_last_applied(object: &mut Value, text: String) {
    if let Some(metadata) = super::manifest::metadata(object) {
        let annotations = metadata.entry("annotations").or_insert_with(|| json!({}));
        if annotations.is_null() {
            *annotations = json!({});
        }
        if let Some(annotations) = annotations.as_object_mut() {
            annotations.insert(LAST_APPLIED.to_owned(), json!(text));
        }
    }
}

/// The text of the annotation.
pub fn last_applied(object: &Value) -> String {
    let mut plain = object.clone();
    if let Some(metadata) = super::manifest::metadata(&mut plain) {
        let annotations = metadata.entry("annotations").or_insert_with(|| json!({}));
        if annotations.is_null() {
            *annotations = json!({});
        }
        if let Some(annotations) = annotations.as_object_mut() {
            annotations.shift_remove(LAST_APPLIED);
        }
    }
    format!("{}\n", crate::formats::json::go_compact(&crate::formats::json::sort_keys(&plain)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_annotation_is_compact_and_sorted() {
        let mut object = json!({"kind": "X", "metadata": {"name": "x"}, "apiVersion": "v1"});
        annotate_last_applied(&mut object);
        let expected = "{\"apiVersion\":\"v1\",\"kind\":\"X\",\"metadata\":{\"annotations\":{},\"name\":\"x\"}}\n";
        assert_eq!(object["metadata"]["annotations"][LAST_APPLIED], expected);
        assert_eq!(last_applied(&object), expected);
    }
}
