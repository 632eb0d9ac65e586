//! `kubectl edit` (cli 12.9). An editor that the environment names runs as a command of the shell; without one the page
//! opens its own, which the command asks for.

use serde_json::Value;

use super::failure::{self, Failure, local};
use super::flags::Parsed;
use super::get::fetch;
use super::manifest::{self, Manifest};
use super::merge::difference;
use super::printers::{self, Allowed, list_of, name_of};
use super::resources::{Wanted, group_resource, place, select};
use super::tool::{Outcome, Tool};
use super::writing::strict;
use crate::engine::KubeRequest;
use crate::engine::request::PatchKind;
use crate::formats::json::{go_compact, sort_keys};
use crate::formats::yaml::emit::emit;
use crate::k8s::status::Reason;
use crate::shell::child::{self, Missing};
use crate::shell::context::Edit;

/// Reads the object as kubectl would, then has it edited. The page's editor opens the first of several objects.
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
    let editor = ["KUBE_EDITOR", "EDITOR"].iter().find_map(|name| tool.ctx.env.get(*name).filter(|v| !v.is_empty()));
    if let Some(editor) = editor.cloned() {
        let objects = objects.into_iter().map(|(_, object)| object).collect();
        return Editing { editor, objects, namespace, header: String::new() }.run(tool, parsed);
    }
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let edit =
        Edit { resource: resource.clone(), namespace: text("/metadata/namespace"), name: text("/metadata/name") };
    if !edit.has_page() {
        return Err(no_editor(DEFAULT_EDITOR));
    }
    tool.hint = Some(format!("The page opens {} for editing.", name_of(object)));
    tool.edit = Some(Box::new(edit));
    Ok(())
}

/// What kubectl starts when the environment names no editor.
pub const DEFAULT_EDITOR: &str = "vi";

/// The failure to start an editor, and what helps.
pub fn no_editor(editor: &str) -> Failure {
    local(format!(
        "unable to launch the editor {editor:?}\nThere is no editor here: set KUBE_EDITOR to a command that changes a file, \
         such as \"sed -i s/old/new/\"."
    ))
}

const HEADER: &str = "# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
";

/// One `kubectl edit` with an editor of the shell.
struct Editing {
    editor: String,
    objects: Vec<Value>,
    namespace: String,
    /// What was wrong with the last text, as comment lines.
    header: String,
}

impl Editing {
    /// Opens the editor until its text is taken, or comes back as it was (recorded).
    fn run(mut self, tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
        let document = match self.objects.as_slice() {
            [one] => one.clone(),
            several => list_of(several.to_vec()),
        };
        let original = emit(&sort_keys(&document));
        let mut text = original.clone();
        loop {
            let file = new_file(tool);
            let shown = format!("{HEADER}{}{text}", self.header);
            let written = tool.ctx.session.workstation_mut().write(&file, &shown);
            written.map_err(|error| local(format!("open {file}: {}", error.to_string().to_lowercase())))?;
            let edited = self.edited(tool, &file)?;
            if !self.header.is_empty() && edited == text {
                return stored(tool, &file, "Edit cancelled, no valid changes were saved.");
            }
            if edited == original {
                remove(tool, &file);
                tool.complain("Edit cancelled, no changes made.");
                return Ok(());
            }
            if edited.trim().is_empty() {
                remove(tool, &file);
                tool.complain("Edit cancelled, saved file was empty.");
                return Ok(());
            }
            self.header.clear();
            let namespace = self
                .objects
                .first()
                .and_then(|object| object.pointer("/metadata/namespace")?.as_str().map(str::to_owned));
            match manifest::of_text(tool, "edited-file", &edited, namespace.as_deref().unwrap_or(&self.namespace)) {
                Ok(manifests) => self.save(tool, parsed, &manifests, &file)?,
                Err(failure) => {
                    let words = failure.words();
                    let words = words.strip_prefix("error: ").unwrap_or(&words);
                    if words.starts_with("the namespace from the provided object") {
                        return stored(tool, &file, words);
                    }
                    self.reason(&format!("The edited file had a syntax error: {words}"), &[]);
                }
            }
            if self.header.is_empty() {
                remove(tool, &file);
                return Ok(());
            }
            text = edited;
        }
    }

    /// Runs the editor on a file; its text without comments.
    fn edited(&self, tool: &mut Tool<'_, '_>, file: &str) -> Result<String, Failure> {
        let mut env = tool.ctx.env.clone();
        env.remove("KUBERNETES_EXEC_INFO");
        let words: Vec<&str> = self.editor.split(' ').chain([file]).collect();
        let ran = if self.editor.contains(' ') && self.editor.contains(['"', '\'', '\\']) {
            // Quotes are left to the shell.
            child::run_text(tool.ctx, &env, &format!("{} {file:?}", self.editor))
        } else {
            child::run(tool.ctx, &env, &words)
        };
        let mut ran = ran.map_err(|Missing| no_editor(&self.editor))?;
        tool.out.push_str(&ran.stdout);
        tool.report(&ran.stderr);
        ran.keep_files(tool.ctx);
        if ran.exit != 0 {
            return Err(local(format!("there was a problem with the editor {:?}", self.editor)));
        }
        let text = tool.ctx.session.workstation().read(file);
        let text = text.map_err(|error| local(format!("open {file}: {}", error.to_string().to_lowercase())))?;
        Ok(text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect())
    }

    /// Sends the changes; what the server finds invalid goes into the header.
    fn save(&mut self, tool: &mut Tool<'_, '_>, parsed: &Parsed, manifests: &[Manifest], file: &str) -> Outcome {
        let format = printers::format(tool, parsed, Allowed::Objects)?;
        let (mut retryable, mut gone) = (false, false);
        for manifest in manifests {
            let edited = &manifest.object;
            let uid = |object: &Value| object.pointer("/metadata/uid").cloned();
            let Some(live) = self.objects.iter().find(|live| uid(live) == uid(edited)).cloned() else {
                return stored(tool, file, &format!("no original object found for {}", go_compact(edited)));
            };
            let fixed = ["/apiVersion", "/kind", "/metadata/name"];
            if fixed.iter().any(|pointer| live.pointer(pointer) != edited.pointer(pointer)) {
                return stored(tool, file, "At least one of apiVersion, kind and name was changed");
            }
            let patch = difference(&live, edited);
            if patch.as_object().is_some_and(serde_json::Map::is_empty) {
                tool.say(format!("{} skipped", name_of(&live)));
                continue;
            }
            if parsed.switch("output-patch") {
                tool.say(format!("Patch: {}", go_compact(&sort_keys(&patch))));
            }
            let request = KubeRequest::Patch {
                resource: group_resource(&manifest.kind),
                namespace: place(&manifest.kind, &manifest.namespace),
                name: manifest.name.clone(),
                kind: PatchKind::Merge,
                patch,
                dry_run: false,
                strict: strict(parsed),
            };
            let what = format!("{} {:?}", manifest.kind.plural, manifest.name);
            match tool.object(request) {
                Ok(stored) => match &format {
                    None => tool.say(format!("{} edited", name_of(&stored))),
                    Some(format) => {
                        printers::separator(tool, format);
                        printers::print(tool, format, &sort_keys(&stored))?;
                    }
                },
                Err(Failure::Status(status)) if status.reason == Reason::Invalid => {
                    tool.complain(format!("error: {what} is invalid"));
                    self.reason(&format!("{what} was not valid:"), &status.causes);
                }
                Err(failure) if failure.is_not_found() => {
                    tool.complain(format!("error: {what} could not be found on the server"));
                    gone = true;
                }
                Err(failure) => {
                    tool.complain(format!("error: {what} could not be patched: {}", failure.words()));
                    retryable = true;
                }
            }
        }
        if retryable {
            tool.complain(format!("You can run `kubectl replace -f {file}` to try this update again."));
            return Err(Failure::Silent);
        }
        if gone {
            tool.complain(format!("The edits you made on deleted resources have been saved to {file:?}"));
            return Err(Failure::Silent);
        }
        Ok(())
    }

    fn reason(&mut self, head: &str, causes: &[String]) {
        let lines = head.lines().map(str::to_owned).chain(causes.iter().map(|cause| format!("* {cause}")));
        lines.for_each(|line| self.header.push_str(&format!("# {line}\n")));
        self.header.push_str("#\n");
    }
}

/// A name that no file has; kubectl takes a random number.
fn new_file(tool: &Tool<'_, '_>) -> String {
    let workstation = tool.ctx.session.workstation();
    let name = |number: i64| format!("/tmp/kubectl-edit-{number}.yaml");
    let first = tool.now().0.div_euclid(1000);
    (first..).map(name).find(|file| !workstation.is_file(file)).unwrap_or_else(|| name(first))
}

fn remove(tool: &mut Tool<'_, '_>, file: &str) {
    // The editor may have removed it already.
    _ = tool.ctx.session.workstation_mut().remove_file(file);
}

/// A failure that leaves the edited file behind.
fn stored(tool: &mut Tool<'_, '_>, file: &str, why: &str) -> Outcome {
    tool.complain(format!("A copy of your changes has been stored to {file:?}"));
    Err(local(why))
}
