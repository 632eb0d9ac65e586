//! `kubectl patch`, `label` and `annotate`.

use serde_json::{Map, Value, json};

use crate::engine::KubeRequest;
use crate::engine::request::PatchKind;
use crate::formats::yaml::load::load;
use crate::k8s::validate::fields::label_value;

use super::failure::{self, Failure, NOTHING, local};
use super::flags::Parsed;
use super::get::fetch;
use super::manifest;
use super::printers::{self, Allowed, name_of};
use super::resources::{Wanted, group_resource, place, select};
use super::tool::{Outcome, Tool};
use super::writing::{DryRun, dry_run};

/// `kubectl patch`. The object is read first, as kubectl does.
///
/// # Errors
/// Faults of the command line, of the patch, and the server's refusals.
pub fn patch(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let dry = dry_run(tool, parsed)?;
    let (namespace, _) = tool.namespace()?;
    let kind = match parsed.text("type").unwrap_or("strategic").to_lowercase().as_str() {
        "json" => PatchKind::Json,
        "merge" => PatchKind::Merge,
        "strategic" => PatchKind::Strategic,
        other => {
            return Err(local(format!("--type must be one of [json merge strategic], not {other:?}")));
        }
    };
    let file = parsed.text_or_empty("patch-file");
    let text = match (parsed.text_or_empty("patch"), file) {
        ("", "") => return Err(local("must specify --patch or --patch-file containing the contents of the patch")),
        (text, "") => text.to_owned(),
        ("", file) => {
            let missing = |_| local(format!("unable to read patch file: open {file}: no such file or directory"));
            tool.ctx.session.workstation().read(file).map_err(missing)?.to_owned()
        }
        _ => return Err(local("cannot specify --patch and --patch-file together")),
    };
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
                say(tool, parsed, &stored, what, DryRun::No)?;
            }
            Err(failure) => failures.push(failure),
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
        &Member { name: "labels", one: "label", done: "labeled", none: "not labeled", gone: "unlabeled" },
    )
}

/// `kubectl annotate`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn annotate(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let member =
        Member { name: "annotations", one: "annotation", done: "annotated", none: "annotated", gone: "annotated" };
    change(tool, parsed, &member)
}

/// The words for labels and annotations.
struct Member {
    name: &'static str,
    one: &'static str,
    done: &'static str,
    none: &'static str,
    gone: &'static str,
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
    if objects.is_empty() && !parsed.given("filename") && !parsed.given("kustomize") {
        return Err(local("one or more resources must be specified as <resource> <name> or <resource>/<name>"));
    }
    if pairs.is_empty() && !parsed.switch("list") {
        return Err(local(format!("at least one {} update is required", member.one)));
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
    let (targets, mut failures) = targets(tool, parsed, objects, &namespace)?;
    let several = targets.len() > 1;
    for (wanted, live) in targets {
        let now = live.pointer(&format!("/metadata/{}", member.name)).and_then(Value::as_object);
        let now = now.cloned().unwrap_or_default();
        if parsed.switch("list") {
            let indent = if parsed.switch("all") || several {
                let kind = &wanted.kind;
                let name = wanted.name.as_deref().unwrap_or_default();
                tool.say(format!("Listing {} for {}.{}/{name}:", member.name, kind.kind, kind.group));
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
        for key in remove.iter().filter(|key| !now.contains_key(*key)) {
            if member.one == "label" {
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
        if dry == DryRun::Client
            && let Some(metadata) = manifest::metadata(&mut stored)
            && let Some(pairs) = metadata.entry(member.name).or_insert_with(|| json!({})).as_object_mut()
        {
            pairs.extend(set.clone());
            remove.iter().for_each(|key| _ = pairs.shift_remove(key));
        }
        if (changed || removed) && dry != DryRun::Client {
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
        say(tool, parsed, &stored, what, dry)?;
    }
    failure::all(failures)
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
    if by_field && parsed.switch("all") {
        return Err(local("cannot set --all and --field-selector at the same time"));
    }
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
fn say(tool: &mut Tool<'_, '_>, parsed: &Parsed, object: &Value, what: &str, dry: DryRun) -> Outcome {
    match printers::format(tool, parsed, Allowed::Objects)? {
        None => tool.say(format!("{} {what}{}", name_of(object), dry.suffix())),
        Some(format) => {
            printers::separator(tool, &format);
            printers::print(tool, &format, &crate::formats::json::sort_keys(object))?;
        }
    }
    Ok(())
}
