//! Objects from files: `-f FILE`, `-f DIRECTORY`, `-f -`, `-k DIRECTORY` (cli 12.2).

use serde_json::{Map, Value, json};

use crate::formats::yaml::load::{load, load_stream};
use crate::k8s::discovery::Resource;

use super::failure::{Failure, local};
use super::flags::Parsed;
use super::tool::{Tool, asks_for_credentials};
use crate::engine::{KubeRequest, KubeResponse};
use crate::shell::published;

/// What `--validate` may say.
const VALIDATE: [&str; 6] = ["", "strict", "true", "warn", "ignore", "false"];

/// How deep kustomizations may name each other.
const MAX_DEPTH: usize = 8;

/// An object read from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// File name as given, `STDIN` for standard input.
    pub source: String,
    /// The object; its namespace is filled in.
    pub object: Value,
    /// Its kind.
    pub kind: Resource,
    /// Its name.
    pub name: String,
    /// Where it goes; empty for cluster-scoped kinds.
    pub namespace: String,
}

/// Reads all objects. What can be used is used: faults of single objects come beside them.
///
/// # Errors
/// No files named, a file that does not exist.
pub fn read(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Result<(Vec<Manifest>, Vec<Failure>), Failure> {
    let files = parsed.all("filename");
    let directory = parsed.text("kustomize").filter(|text| !text.is_empty());
    if files.is_empty() && directory.is_none() {
        return Err(local("must specify one of -f and -k"));
    }
    if !files.is_empty() && directory.is_some() {
        return Err(local("only one of -f or -k can be specified"));
    }
    if let Some(other) = parsed.text("validate").filter(|text| !VALIDATE.contains(text)) {
        return Err(local(format!(
            "invalid - validate option {other:?}; must be one of: strict (or true), warn, ignore (or false)"
        )));
    }
    let (namespace, enforced) = tool.namespace()?;
    let (objects, mut failures) = load_all(tool, parsed, &files, directory)?;
    let mut manifests = Vec::new();
    let validate = !matches!(parsed.text("validate"), Some("false" | "ignore"));
    for (source, object) in flatten(objects) {
        match resolve(tool, &source, object, &namespace, enforced, validate) {
            Ok(manifest) => manifests.push(manifest),
            Err(failure) => failures.push(failure),
        }
    }
    Ok((manifests, failures))
}

/// The objects of the files alone, each with its source, for commands that work without a server (`--local`, cli 12.10).
/// Their kinds may be unknown, their names and namespaces missing.
///
/// # Errors
/// A file that does not exist.
pub fn read_locally(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Result<(Vec<Value>, Vec<Failure>), Failure> {
    let (namespace, enforced) = tool.namespace()?;
    let directory = parsed.text("kustomize").filter(|text| !text.is_empty());
    let (objects, mut failures) = load_all(tool, parsed, &parsed.all("filename"), directory)?;
    let mut found = Vec::new();
    for (source, object) in flatten(objects) {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let own = text("/metadata/namespace");
        if text("/kind").is_empty() {
            failures.push(no_kind(&source, &object));
        } else if enforced && !own.is_empty() && own != namespace {
            failures.push(other_namespace(own, &namespace));
        } else {
            found.push(object);
        }
    }
    Ok((found, failures))
}

fn no_kind(source: &str, object: &Value) -> Failure {
    let shown = crate::formats::json::go_compact(object);
    local(format!("unable to decode {source:?}: Object 'Kind' is missing in '{shown}'"))
}

fn other_namespace(own: &str, namespace: &str) -> Failure {
    local(format!(
        "the namespace from the provided object {own:?} does not match the namespace {namespace:?}. You must pass '--namespace={own}' to perform this operation."
    ))
}

/// The documents of all files, each with its source.
#[expect(clippy::type_complexity, reason = "objects beside the failures of others")]
fn load_all(
    tool: &mut Tool<'_, '_>,
    parsed: &Parsed,
    files: &[String],
    directory: Option<&str>,
) -> Result<(Vec<(String, Value)>, Vec<Failure>), Failure> {
    let mut texts: Vec<(String, String)> = Vec::new();
    for file in files {
        texts.extend(texts_of(tool, file, parsed.switch("recursive"))?);
    }
    let mut objects: Vec<(String, Value)> = Vec::new();
    let mut failures = Vec::new();
    for (source, text) in &texts {
        let (documents, fault) = load_stream(text);
        objects.extend(documents.into_iter().map(|document| (source.clone(), document)));
        if let Some(fault) = fault {
            let shown = if source == "STDIN" { "STDIN" } else { source };
            failures.push(local(format!("error parsing {shown}: error converting YAML to JSON: {fault}")));
        }
    }
    if let Some(directory) = directory {
        objects.extend(kustomize(tool, directory, 0)?.into_iter().map(|object| (directory.to_owned(), object)));
    }
    Ok((objects, failures))
}

/// The objects of an edited text, in the namespace that they are in.
///
/// # Errors
/// The first fault of the text.
pub fn of_text(tool: &mut Tool<'_, '_>, source: &str, text: &str, namespace: &str) -> Result<Vec<Manifest>, Failure> {
    let (documents, fault) = load_stream(text);
    if let Some(fault) = fault {
        return Err(local(format!("error parsing {source}: error converting YAML to JSON: {fault}")));
    }
    let objects = documents.into_iter().map(|document| (source.to_owned(), document)).collect();
    flatten(objects)
        .into_iter()
        .map(|(source, object)| resolve(tool, &source, object, namespace, true, false))
        .collect()
}

/// The texts that a `-f` stands for.
fn texts_of(tool: &Tool<'_, '_>, file: &str, recursive: bool) -> Result<Vec<(String, String)>, Failure> {
    if file == "-" {
        return Ok(vec![("STDIN".to_owned(), tool.ctx.stdin.take().to_owned())]);
    }
    if file == "/dev/stdin" {
        return Ok(vec![(file.to_owned(), tool.ctx.stdin.take().to_owned())]);
    }
    if file.starts_with("http://") || file.starts_with("https://") {
        let text = published::find(file);
        let refuse = || local(format!("unable to read URL {file:?}: {}", published::unknown()));
        return text.map(|text| vec![(file.to_owned(), text)]).ok_or_else(refuse);
    }
    let workstation = tool.ctx.session.workstation();
    if let Ok(text) = workstation.read(file) {
        return Ok(vec![(file.to_owned(), text.to_owned())]);
    }
    if !workstation.is_directory(file) {
        return Err(local(format!("the path {file:?} does not exist")));
    }
    let mut found = Vec::new();
    let mut directories = vec![file.trim_end_matches('/').to_owned()];
    while let Some(directory) = directories.pop() {
        for (name, is_directory) in workstation.list(&directory).unwrap_or_default() {
            let path = format!("{directory}/{name}");
            if is_directory && recursive {
                directories.push(path);
            } else if [".json", ".yaml", ".yml"].iter().any(|end| name.ends_with(end)) {
                let text = workstation.read(&path).unwrap_or_default().to_owned();
                found.push((path, text));
            }
        }
    }
    if found.is_empty() {
        return Err(local(format!("error reading [{file}]: recognized file extensions are [.json .yaml .yml]")));
    }
    Ok(found)
}

/// Lists become their items.
fn flatten(objects: Vec<(String, Value)>) -> Vec<(String, Value)> {
    let mut out = Vec::new();
    for (source, object) in objects {
        let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default();
        match object.get("items").and_then(Value::as_array) {
            Some(items) if kind.ends_with("List") => {
                out.extend(items.iter().map(|item| (source.clone(), item.clone())));
            }
            _ => out.push((source, object)),
        }
    }
    out
}

/// Checks in kubectl's order: kind and version present, schema at hand, kind known, namespace agreeing.
fn resolve(
    tool: &mut Tool<'_, '_>,
    source: &str,
    object: Value,
    namespace: &str,
    enforced: bool,
    validate: bool,
) -> Result<Manifest, Failure> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (version, kind) = (text("/apiVersion"), text("/kind"));
    let (name, own) = (text("/metadata/name"), text("/metadata/namespace"));
    if validate {
        let invalid = |why: &str| {
            local(format!(
                "error validating {source:?}: error validating data: {why}; if you choose to ignore these errors, turn validation off with --validate=false"
            ))
        };
        let unset: Vec<&str> = [("apiVersion", &version), ("kind", &kind)]
            .into_iter()
            .filter(|(_, value)| value.is_empty())
            .map(|(member, _)| member)
            .collect();
        if !object.is_object() {
            return Err(invalid("invalid object to validate"));
        }
        match unset.as_slice() {
            [] => {}
            [one] => return Err(invalid(&format!("{one} not set"))),
            _ => return Err(invalid("[apiVersion not set, kind not set]")),
        }
        openapi(tool).map_err(|failure| invalid(&format!("failed to download openapi: {}", failure.words())))?;
    } else if kind.is_empty() {
        return Err(no_kind(source, &object));
    }
    let kinds = tool.kinds(super::resources::ATTEMPTS)?;
    let Some(found) = kinds.iter().find(|known| known.kind == kind && known.api_version() == version) else {
        return Err(local(format!(
            "resource mapping not found for name: {name:?} namespace: {own:?} from {source:?}: no matches for kind {kind:?} in version {version:?}\nensure CRDs are installed first"
        )));
    };
    let mut object = object;
    let namespace = if !found.namespaced {
        String::new()
    } else if own.is_empty() {
        if let Some(metadata) = metadata(&mut object) {
            metadata.insert("namespace".to_owned(), json!(namespace));
        }
        namespace.to_owned()
    } else if enforced && own != namespace {
        return Err(other_namespace(&own, namespace));
    } else {
        own
    };
    Ok(Manifest { source: source.to_owned(), kind: found.clone(), name, namespace, object })
}

/// The members of `metadata`, made if missing.
pub fn metadata(object: &mut Value) -> Option<&mut Map<String, Value>> {
    let members = object.as_object_mut()?;
    let metadata = members.entry("metadata").or_insert_with(|| json!({}));
    if metadata.is_null() {
        *metadata = json!({});
    }
    metadata.as_object_mut()
}

/// The schema, which is never cached: this is where a call without credentials fails first.
fn openapi(tool: &mut Tool<'_, '_>) -> Result<(), Failure> {
    match tool.call(KubeRequest::Discovery) {
        Ok(KubeResponse::Discovery(_)) => Ok(()),
        Ok(_) => Ok(()),
        Err(Failure::Unreachable(mut unreachable)) => {
            unreachable.url = unreachable.url.replace("/api?", "/openapi/v2?");
            Err(Failure::Unreachable(unreachable))
        }
        Err(failure) => Err(asks_for_credentials(failure)),
    }
}

/// The objects of a kustomization: resources, namespace, name prefix and suffix, common labels and annotations.
fn kustomize(tool: &Tool<'_, '_>, directory: &str, depth: usize) -> Result<Vec<Value>, Failure> {
    if depth > MAX_DEPTH {
        return Err(local(format!("kustomizations nest deeper than {MAX_DEPTH} below {directory:?}")));
    }
    let workstation = tool.ctx.session.workstation();
    let directory = directory.trim_end_matches('/');
    let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    if !workstation.is_directory(directory) {
        return Err(local(format!(
            "must build at directory: not a valid directory: evalsymlink failure on '{directory}' : lstat {}: no such file or directory",
            workstation.resolve(directory)
        )));
    }
    let Some(text) = names.iter().find_map(|name| workstation.read(&format!("{directory}/{name}")).ok()) else {
        return Err(local(format!(
            "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{}'",
            workstation.resolve(directory)
        )));
    };
    let plan = load(text).map_err(|error| local(format!("invalid Kustomization: {error}")))?;
    const KNOWN: [&str; 10] = [
        "apiVersion",
        "kind",
        "metadata",
        "resources",
        "bases",
        "namespace",
        "namePrefix",
        "nameSuffix",
        "commonLabels",
        "commonAnnotations",
    ];
    let members = plan.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
    if let Some(other) = members.into_iter().find(|key| !KNOWN.contains(key)) {
        return Err(local(format!("the playground does not simulate `{other}` of kustomizations")));
    }
    let list = |key: &str| plan.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut objects = Vec::new();
    for resource in list("resources").iter().chain(&list("bases")).filter_map(Value::as_str) {
        let path = format!("{directory}/{resource}");
        if workstation.is_directory(&path) {
            objects.extend(kustomize(tool, &path, depth + 1)?);
            continue;
        }
        let missing = |_| {
            local(format!(
                "accumulating resources: accumulation err='accumulating resources from '{resource}': open {}: no such file or directory'",
                workstation.resolve(&path)
            ))
        };
        let (documents, fault) = load_stream(workstation.read(&path).map_err(missing)?);
        if let Some(fault) = fault {
            return Err(local(format!("accumulating resources from '{resource}': {fault}")));
        }
        objects.extend(documents);
    }
    let text = |key: &str| plan.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (prefix, suffix, namespace) = (text("namePrefix"), text("nameSuffix"), text("namespace"));
    for object in &mut objects {
        let cluster_wide = is_cluster_wide(object);
        let Some(metadata) = metadata(object) else { continue };
        if let Some(name) = metadata.get("name").and_then(Value::as_str) {
            let name = format!("{prefix}{name}{suffix}");
            metadata.insert("name".to_owned(), json!(name));
        }
        if !namespace.is_empty() && !cluster_wide {
            metadata.insert("namespace".to_owned(), json!(namespace));
        }
        for (from, to) in [("commonLabels", "labels"), ("commonAnnotations", "annotations")] {
            if let Some(added) = plan.get(from).and_then(Value::as_object)
                && let Some(into) = metadata.entry(to).or_insert_with(|| json!({})).as_object_mut()
            {
                into.extend(added.clone());
            }
        }
    }
    Ok(objects)
}

fn is_cluster_wide(object: &Value) -> bool {
    let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default();
    crate::k8s::discovery::built_in().iter().any(|known| known.kind == kind && !known.namespaced)
}
