//! `kubectl patch`, `label` and `annotate`.

use serde_json::{Map, Value, json};

use crate::engine::KubeRequest;
use crate::engine::kube::patch;
use crate::engine::request::PatchKind;
use crate::formats::yaml::load::{load, load_stream};
use crate::k8s::discovery::built_in;
use crate::k8s::validate::fields::label_value;

use super::failure::{self, Failure, NOTHING, local};
use super::flags::Parsed;
use super::get::fetch;
use super::manifest;
use super::printers::{self, Allowed, name_of};
use super::resources::{Wanted, group_resource, place, select};
use super::tool::{Outcome, Tool};
use super::writing::{DryRun, dry_run};

/// `kubectl patch`. The object is read first, as kubectl does; with `--local` it is that of the file.
///
/// # Errors
/// Faults of the command line, of the patch, and the server's refusals.
pub fn patch(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let dry = dry_run(tool, parsed)?;
    let (namespace, _) = tool.namespace()?;
    let file = parsed.text_or_empty("patch-file");
    let text = match (parsed.text_or_empty("patch"), file) {
        ("", "") => return Err(local("must specify --patch or --patch-file containing the contents of the patch")),
        (text, "") => Some(text.to_owned()),
        ("", _) => None,
        _ => return Err(local("cannot specify --patch and --patch-file together")),
    };
    let is_local = parsed.switch("local");
    if is_local && !parsed.args.is_empty() {
        return Err(local("cannot specify --local and server resources"));
    }
    if is_local && dry == DryRun::Server {
        return Err(local(LOCAL_AND_SERVER));
    }
    let kind = match parsed.text("type").unwrap_or_default().to_lowercase().as_str() {
        "json" => PatchKind::Json,
        "merge" => PatchKind::Merge,
        "strategic" | "" => PatchKind::Strategic,
        other => {
            return Err(local(format!("--type must be one of [json merge strategic], not {other:?}")));
        }
    };
    let text = match text {
        Some(text) => text,
        None => {
            let missing = |_| local(format!("unable to read patch file: open {file}: no such file or directory"));
            tool.ctx.session.workstation().read(file).map_err(missing)?.to_owned()
        }
    };
    if is_local {
        return patch_locally(tool, parsed, kind, &text);
    }
    let patch = load(&text).map_err(|error| local(format!("unable to parse {text:?}: {error}")))?;
    let (targets, mut failures) = targets(tool, parsed, &parsed.args, &namespace)?;
    for (wanted, live) in targets {
        let request = KubeRequest::Patch {
            resource: group_resource(&wanted.kind),
            namespace: place(&wanted.kind, namespace_of(&live)),
            name: wanted.name.clone().unwrap_or_default(),
            kind,
            patch: patch.clone(),
            // The client cannot tell what a patch does; the server's dry run can.
            dry_run: dry != DryRun::No,
            strict: true,
        };
        match tool.object(request) {
            Ok(stored) => {
                let what = if stored == live { "patched (no change)" } else { "patched" };
                // What it says of a dry run is what it says of a real one (recorded).
                say(tool, parsed, &stored, what, DryRun::No, Printer::OfEach)?;
            }
            Err(failure) => failures.push(failure),
        }
    }
    failure::all(failures)
}

const LOCAL_AND_SERVER: &str = "cannot specify --local and --dry-run=server - did you mean --dry-run=client?";

/// Patches the objects of the files without a server (cli 12.10).
fn patch_locally(tool: &mut Tool<'_, '_>, parsed: &Parsed, kind: PatchKind, text: &str) -> Outcome {
    if !parsed.given("filename") && !parsed.given("kustomize") {
        return Err(local(NOTHING));
    }
    // A text that begins as JSON is taken for JSON.
    let patch = if text.trim_start().starts_with('{') {
        let (mut documents, fault) = load_stream(text);
        match fault.map(|fault| fault.to_string()) {
            None if documents.len() == 1 => Ok(documents.remove(0)),
            fault => Err(match kind {
                PatchKind::Merge => patch::BAD_MERGE_PATCH.to_owned(),
                PatchKind::Strategic => patch::BAD_STRATEGIC_PATCH.to_owned(),
                PatchKind::Json => match fault.as_deref().and_then(|fault| fault.split_once("invalid character")) {
                    Some((_, rest)) => format!("invalid character{rest}"),
                    None => "unexpected end of JSON input".to_owned(),
                },
            }),
        }
    } else {
        Ok(load(text).map_err(|error| local(format!("unable to parse {text:?}: {error}")))?)
    };
    let (objects, mut failures) = manifest::read_locally(tool, parsed)?;
    let known = built_in();
    for object in objects {
        let text = |member: &str| object.get(member).and_then(Value::as_str).unwrap_or_default();
        let is_known = known.iter().any(|one| one.kind == text("kind") && one.api_version() == text("apiVersion"));
        if kind == PatchKind::Strategic && !is_known {
            failures.push(local(format!(
                "strategic merge patch is not supported for {}, Kind={} locally, try --type merge",
                text("apiVersion"),
                text("kind")
            )));
            continue;
        }
        let patched = patch.clone().and_then(|patch| patch::apply_locally(kind, &object, &patch));
        match patched {
            Ok(patched) if patched.get("kind").and_then(Value::as_str).unwrap_or_default().is_empty() => {
                let shown = crate::formats::json::go_compact(&crate::formats::json::sort_keys(&patched));
                failures.push(local(format!("Object 'Kind' is missing in '{shown}'")));
            }
            Ok(patched) => {
                let what = if patched == object { "patched (no change)" } else { "patched" };
                say(tool, parsed, &patched, what, DryRun::No, Printer::OfEach)?;
            }
            Err(text) => failures.push(local(text)),
        }
    }
    failure::all(failures)
}

/// `kubectl label`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn label(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    change(
        tool,
        parsed,
        &Member {
            name: "labels",
            one: "label",
            done: "labeled",
            none: "not labeled",
            gone: "unlabeled",
            file: "pod",
            printer: Printer::OfEach,
        },
    )
}

/// `kubectl annotate`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn annotate(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let member = Member {
        name: "annotations",
        one: "annotation",
        done: "annotated",
        none: "annotated",
        gone: "annotated",
        file: "rsrc",
        printer: Printer::OfAll,
    };
    change(tool, parsed, &member)
}

/// The words for labels and annotations.
struct Member {
    name: &'static str,
    one: &'static str,
    done: &'static str,
    none: &'static str,
    gone: &'static str,
    /// The file that its messages name as an example.
    file: &'static str,
    printer: Printer,
}

/// Whether several objects are printed by one printer, which puts a line between documents, or each by its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Printer {
    OfAll,
    OfEach,
}

fn change(tool: &mut Tool<'_, '_>, parsed: &Parsed, member: &Member) -> Outcome {
    let dry = dry_run(tool, parsed)?;
    let (namespace, _) = tool.namespace()?;
    let is_label = member.one == "label";
    // What looks like a pair is a pair; the rest names objects.
    let is_pair = |arg: &&String| {
        arg.split_once('=').is_some_and(|(key, _)| !key.is_empty()) || arg.len() > 1 && arg.ends_with('-')
    };
    let split = parsed.args.iter().position(|arg| is_pair(&arg)).unwrap_or(parsed.args.len());
    let (objects, pairs) = parsed.args.split_at(split);
    if let Some(stray) = pairs.iter().find(|arg| !is_pair(arg)) {
        return Err(local(format!("all resources must be specified before {} changes: {stray}", member.one)));
    }
    let (mut set, mut remove) = (Map::new(), Vec::new());
    for pair in pairs {
        if let Some((_, value)) = pair.split_once('=').filter(|_| is_label)
            && let Some(problem) = label_value(value).first().filter(|_| !value.contains('='))
        {
            return Err(local(format!("invalid label value: {pair:?}: {problem}")));
        }
        match pair.split_once('=') {
            Some((_, value)) if is_label && value.contains('=') => {
                return Err(local(format!("invalid label spec: {pair}")));
            }
            Some((key, value)) => _ = set.insert(key.to_owned(), json!(value)),
            None => remove.push(pair.trim_end_matches('-').to_owned()),
        }
    }
    let both: Vec<&str> = remove.iter().map(String::as_str).filter(|key| set.contains_key(*key)).collect();
    if !both.is_empty() {
        return Err(local(match member.one {
            "label" => "can not both modify and remove a label in the same command".to_owned(),
            _ => format!(
                "can not both modify and remove the following annotation(s) in the same command: {}",
                both.join(", ")
            ),
        }));
    }
    let is_local = parsed.switch("local");
    check(parsed, member, objects, dry)?;
    if pairs.is_empty() && !parsed.switch("list") {
        return Err(local(format!("at least one {} update is required", member.one)));
    }
    let (targets, mut failures) = if is_local {
        let (objects, failures) = manifest::read_locally(tool, parsed)?;
        (objects.into_iter().map(|object| (None, object)).collect::<Vec<_>>(), failures)
    } else {
        let (targets, failures) = targets(tool, parsed, objects, &namespace)?;
        (targets.into_iter().map(|(wanted, object)| (Some(wanted), object)).collect(), failures)
    };
    // One file counts as one object, whatever it holds.
    let files = parsed.all("filename");
    let several = match files.as_slice() {
        [] => targets.len() > 1,
        [file] => file == "-" || tool.ctx.session.workstation().is_directory(file),
        _ => true,
    };
    for (wanted, live) in targets {
        let now = live.pointer(&format!("/metadata/{}", member.name)).and_then(Value::as_object);
        let now = now.cloned().unwrap_or_default();
        if parsed.switch("list") {
            let indent = if several || parsed.switch("all") && files.is_empty() {
                let text = |pointer: &str| live.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
                let group = text("/apiVersion").split_once('/').map_or("", |(group, _)| group);
                tool.say(format!("Listing {} for {}.{group}/{}:", member.name, text("/kind"), text("/metadata/name")));
                " "
            } else {
                ""
            };
            for (key, value) in &now {
                tool.say(format!("{indent}{key}={}", value.as_str().unwrap_or_default()));
            }
            continue;
        }
        let taken = set.iter().find(|(key, value)| now.get(*key).is_some_and(|old| old != *value));
        if let Some((key, _)) = taken.filter(|_| !parsed.switch("overwrite")) {
            let old = now.get(key).and_then(Value::as_str).unwrap_or_default();
            failures.push(local(match member.one {
                "label" => format!("'{key}' already has a value ({old}), and --overwrite is false"),
                _ => format!("--overwrite is false but found the following declared annotation(s): '{key}' already has a value ({old})"),
            }));
            continue;
        }
        let sends = dry != DryRun::Client && !is_local;
        for key in remove.iter().filter(|key| !now.contains_key(*key)) {
            if is_label && sends {
                tool.say(format!("label \"{key}\" not found."));
            }
        }
        let changed = set.iter().any(|(key, value)| now.get(key) != Some(value));
        let removed = remove.iter().any(|key| now.contains_key(key));
        let what = match (changed, removed) {
            (true, _) => member.done,
            (false, true) => member.gone,
            (false, false) => member.none,
        };
        let mut patch = set.clone();
        patch.extend(remove.iter().map(|key| (key.clone(), Value::Null)));
        let mut stored = live.clone();
        if !sends && let Some(metadata) = manifest::metadata(&mut stored) {
            if let Some(version) = parsed.text("resource-version").filter(|version| !version.is_empty()) {
                metadata.insert("resourceVersion".to_owned(), json!(version));
            }
            let pairs = metadata.entry(member.name).or_insert_with(|| json!({}));
            if pairs.is_null() {
                *pairs = json!({});
            }
            if let Some(pairs) = pairs.as_object_mut() {
                pairs.extend(set.clone());
                remove.iter().for_each(|key| _ = pairs.shift_remove(key));
            }
        }
        if (changed || removed)
            && sends
            && let Some(wanted) = &wanted
        {
            let request = KubeRequest::Patch {
                resource: group_resource(&wanted.kind),
                namespace: place(&wanted.kind, namespace_of(&live)),
                name: wanted.name.clone().unwrap_or_default(),
                kind: PatchKind::Merge,
                patch: json!({"metadata": {member.name: patch}}),
                dry_run: dry == DryRun::Server,
                strict: true,
            };
            match tool.object(request) {
                Ok(object) => stored = object,
                Err(failure) => {
                    failures.push(failure);
                    continue;
                }
            }
        }
        say(tool, parsed, &stored, what, dry, member.printer)?;
    }
    failure::all(failures)
}

/// The combinations that `label` and `annotate` refuse.
fn check(parsed: &Parsed, member: &Member, objects: &[String], dry: DryRun) -> Outcome {
    let named = |flag: &str| !parsed.text_or_empty(flag).is_empty();
    for selector in ["selector", "field-selector"] {
        if parsed.switch("all") && named(selector) {
            return Err(local(format!("cannot set --all and --{selector} at the same time")));
        }
    }
    let file = member.file;
    let files = parsed.given("filename") || parsed.given("kustomize");
    match parsed.switch("local") {
        true if dry == DryRun::Server => Err(local(LOCAL_AND_SERVER)),
        true if !objects.is_empty() => Err(local(format!(
            "can only use local files by -f {file}.yaml or --filename={file}.json when --local=true is set"
        ))),
        true if !files => {
            Err(local(format!("one or more files must be specified as -f {file}.yaml or --filename={file}.json")))
        }
        false if objects.is_empty() && !files => {
            Err(local("one or more resources must be specified as <resource> <name> or <resource>/<name>"))
        }
        _ => Ok(()),
    }
}

/// The objects that arguments, selectors or files name, as they are now.
#[expect(clippy::type_complexity, reason = "objects beside the failures of others")]
fn targets(
    tool: &mut Tool<'_, '_>,
    parsed: &Parsed,
    args: &[String],
    namespace: &str,
) -> Result<(Vec<(Wanted, Value)>, Vec<Failure>), Failure> {
    let mut failures = Vec::new();
    let mut wanted: Vec<(Wanted, String)> = Vec::new();
    if parsed.given("filename") || parsed.given("kustomize") {
        let (manifests, faults) = manifest::read(tool, parsed)?;
        failures = faults;
        wanted.extend(manifests.into_iter().map(|m| (Wanted { kind: m.kind, name: Some(m.name) }, m.namespace)));
    } else if args.is_empty() {
        return Err(local(NOTHING));
    } else {
        let selection = select(tool, args)?;
        wanted.extend(selection.wanted.into_iter().map(|wanted| (wanted, namespace.to_owned())));
    }
    let by_field = !parsed.text_or_empty("field-selector").is_empty();
    let selected = parsed.switch("all") || by_field || !parsed.text_or_empty("selector").is_empty();
    let mut found = Vec::new();
    for (one, namespace) in wanted {
        if one.name.is_none() && !selected {
            return Err(local("resource(s) were provided, but no name was specified"));
        }
        match fetch(tool, parsed, &one, &namespace) {
            Ok(objects) => found.extend(objects.into_iter().map(|object| {
                let name = object.pointer("/metadata/name").and_then(Value::as_str).map(str::to_owned);
                (Wanted { kind: one.kind.clone(), name }, object)
            })),
            Err(failure) => failures.push(failure),
        }
    }
    Ok((found, failures))
}

fn namespace_of(object: &Value) -> &str {
    object.pointer("/metadata/namespace").and_then(Value::as_str).unwrap_or_default()
}

/// Says what was done; kubectl prints the object sorted here.
fn say(tool: &mut Tool<'_, '_>, parsed: &Parsed, object: &Value, what: &str, dry: DryRun, printer: Printer) -> Outcome {
    match printers::format(tool, parsed, Allowed::Objects)? {
        None => tool.say(format!("{} {what}{}", name_of(object), dry.suffix())),
        Some(format) => {
            if printer == Printer::OfAll {
                printers::separator(tool, &format);
            }
            printers::print(tool, &format, &crate::formats::json::sort_keys(object))?;
        }
    }
    Ok(())
}
