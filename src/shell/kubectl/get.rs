//! `kubectl get` (cli 8, 13).

use serde_json::Value;

use crate::engine::{KubeRequest, KubeResponse};
use crate::formats::custom_columns::CustomColumns;
use crate::formats::json::sort_keys;
use crate::formats::jsonpath::Template;
use crate::formats::ordered::sort_by;
use crate::formats::table::{Columns, align_rows};
use crate::k8s::discovery::Resource;
use crate::k8s::status::Reason;

use super::failure::{self, Failure, local, usage};
use super::flags::Parsed;
use super::printers::{self, Allowed, Format};
use super::resources::{Selection, Wanted, group_resource, kind_name, place, select};
use super::tool::{Outcome, Tool};
use super::{manifest, tables};

/// Arguments and files together.
pub const BOTH: &str =
    "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well";

/// What one request of a `get` found.
pub struct Found {
    /// The kind asked for.
    pub kind: Resource,
    /// The objects.
    pub objects: Vec<Value>,
}

/// Runs the command.
///
/// # Errors
/// Faults of the command line and the server's refusals; what could be read is printed first.
pub fn run(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    if let Some(path) = parsed.text("raw").filter(|path| !path.is_empty()) {
        return raw(tool, parsed, path);
    }
    let (namespace, _) = tool.namespace()?;
    let from_files = parsed.given("filename") || parsed.given("kustomize");
    if from_files && !parsed.args.is_empty() {
        return Err(local(BOTH));
    }
    if parsed.args.is_empty() && !parsed.given("filename") && !parsed.given("kustomize") {
        tool.complain(
            "You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n",
        );
        return Err(usage(
            "kubectl get",
            "Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).",
        ));
    }
    let watches = parsed.switch("watch") || parsed.switch("watch-only");
    let (selection, mut failures, places) = chosen(tool, parsed, &namespace)?;
    if !parsed.text_or_empty("subresource").is_empty() && selection.wanted.iter().any(|wanted| wanted.name.is_none()) {
        return Err(local("subresource cannot be used when bulk resources are specified"));
    }
    if watches && selection.wanted.windows(2).any(|pair| matches!(pair, [a, b] if a.kind != b.kind)) {
        return Err(local("you may only specify a single resource type"));
    }
    let mut found = Vec::new();
    for (wanted, namespace) in selection.wanted.iter().zip(&places) {
        match fetch(tool, parsed, wanted, namespace) {
            Ok(objects) => found.push(Found { kind: wanted.kind.clone(), objects }),
            Err(failure) if failure.is_not_found() && parsed.switch("ignore-not-found") => {}
            Err(failure) => failures.push(failure),
        }
    }
    if let Some(path) = parsed.text("sort-by").filter(|path| !path.is_empty()) {
        sort(&mut found, path)?;
    }
    if watches {
        failure::all(failures)?;
        return watch(tool, parsed, (&selection, &namespace), &found);
    }
    if matches!(parsed.text_or_empty("output"), "" | "wide") && parsed.text_or_empty("template").is_empty() {
        let wrote = table(tool, parsed, &found);
        if !wrote && failures.is_empty() && !parsed.switch("ignore-not-found") {
            let namespaced = !parsed.switch("all-namespaces") && found.iter().all(|found| found.kind.namespaced);
            if namespaced {
                tool.complain(format!("No resources found in {namespace} namespace."));
            } else {
                tool.complain("No resources found");
            }
        }
        return failure::all(failures);
    }
    if selection.single && !failures.is_empty() {
        return failure::all(failures);
    }
    let objects: Vec<Value> = found.into_iter().flat_map(|found| found.objects).map(|o| stored(&o)).collect();
    if objects.is_empty() && parsed.switch("ignore-not-found") {
        return failure::all(failures);
    }
    let Some(format) = printers::format(tool, parsed, Allowed::Tables)? else { return failure::all(failures) };
    let object = match objects.as_slice() {
        [one] if selection.single => one.clone(),
        _ => printers::list_of(objects),
    };
    match &format {
        Format::Columns(columns) => columns_without_headers(tool, parsed, columns, &object)?,
        format => printers::print(tool, format, &object)?,
    }
    failure::all(failures)
}

/// What a watch prints before it waits: each object by itself. Nothing changes while a command runs, so it ends there.
fn watch(
    tool: &mut Tool<'_, '_>,
    parsed: &Parsed,
    (selection, namespace): (&Selection, &str),
    found: &[Found],
) -> Outcome {
    let shown = if parsed.switch("watch-only") { &[] } else { found };
    if let Some(format) = printers::format(tool, parsed, Allowed::Tables)? {
        for object in shown.iter().flat_map(|found| &found.objects) {
            printers::separator(tool, &format);
            printers::print(tool, &format, &stored(object))?;
        }
    } else {
        table(tool, parsed, shown);
    }
    for Wanted { kind, name } in &selection.wanted {
        let place = if parsed.switch("all-namespaces") { None } else { place(kind, namespace) };
        let request = KubeRequest::Subresource {
            verb: "watch".to_owned(),
            resource: group_resource(kind),
            subresource: String::new(),
            namespace: place,
            name: name.clone().unwrap_or_default(),
        };
        match tool.call(request) {
            // A collection has no name to be found.
            Err(failure) if !(name.is_none() && failure.is_not_found()) => return Err(failure),
            _ => {}
        }
    }
    tool.hint = Some("kubectl would now wait for changes until Ctrl-C. Nothing changes here while a command runs, so the watch ends.".to_owned());
    Ok(())
}

/// A stored object as it is printed: sorted. A cluster role that only aggregates, and gathers nothing yet, shows no
/// rules (recorded).
fn stored(object: &Value) -> Value {
    let mut object = sort_keys(object);
    if let Some(members) = object.as_object_mut()
        && members.contains_key("aggregationRule")
        && members.get("rules").is_some_and(Value::is_null)
    {
        members.shift_remove("rules");
    }
    object
}

fn columns_without_headers(
    tool: &mut Tool<'_, '_>,
    parsed: &Parsed,
    columns: &CustomColumns,
    object: &Value,
) -> Outcome {
    let objects: Vec<Value> = printers::items(object).into_iter().cloned().collect();
    let text = columns.print(&objects, !parsed.switch("no-headers")).map_err(|error| local(error.to_string()))?;
    tool.out.push_str(&text);
    Ok(())
}

/// The objects that arguments or files name, and the namespace to look for each in.
fn chosen(
    tool: &mut Tool<'_, '_>,
    parsed: &Parsed,
    namespace: &str,
) -> Result<(Selection, Vec<Failure>, Vec<String>), Failure> {
    if parsed.given("filename") || parsed.given("kustomize") {
        let (named, failures) = of_files(tool, parsed)?;
        let (wanted, places): (Vec<Wanted>, Vec<String>) = named.into_iter().unzip();
        let single = wanted.len() == 1;
        return Ok((Selection { wanted, single }, failures, places));
    }
    let selection = select(tool, &parsed.args)?;
    let places = vec![namespace.to_owned(); selection.wanted.len()];
    Ok((selection, Vec::new(), places))
}

/// The objects that files name, each with its namespace.
///
/// # Errors
/// Files that cannot be read.
#[expect(clippy::type_complexity, reason = "objects beside the failures of others")]
pub fn of_files(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Result<(Vec<(Wanted, String)>, Vec<Failure>), Failure> {
    let (manifests, failures) = manifest::read(tool, parsed)?;
    let named = manifests.into_iter().map(|m| (Wanted { kind: m.kind, name: Some(m.name) }, m.namespace));
    Ok((named.collect(), failures))
}

/// Asks for one object or one collection.
///
/// # Errors
/// The server's refusal, and names together with what only collections take.
pub fn fetch(
    tool: &mut Tool<'_, '_>,
    parsed: &Parsed,
    wanted: &Wanted,
    namespace: &str,
) -> Result<Vec<Value>, Failure> {
    let all = parsed.switch("all-namespaces");
    let resource = group_resource(&wanted.kind);
    let label_selector = parsed.text_or_empty("selector").to_owned();
    let field_selector = parsed.text_or_empty("field-selector").to_owned();
    let selectors = [&label_selector, &field_selector].map(String::clone);
    match &wanted.name {
        Some(_) if all => Err(local("a resource cannot be retrieved by name across all namespaces")),
        Some(_) if !label_selector.is_empty() => Err(local("name cannot be provided when a selector is specified")),
        Some(name) => {
            let namespace = place(&wanted.kind, namespace);
            tool.object(KubeRequest::Get { resource, namespace, name: name.clone() }).map(|object| vec![object])
        }
        None => {
            let namespace = if all { None } else { place(&wanted.kind, namespace) };
            let request = KubeRequest::List { resource, namespace, label_selector, field_selector };
            tool.items(request).map_err(|failure| unlisted(failure, &wanted.kind, &selectors))
        }
    }
}

/// What kubectl puts before the words of a server that cannot make sense of a listing.
fn unlisted(failure: Failure, kind: &Resource, [labels, fields]: &[String; 2]) -> Failure {
    let refused = matches!(&failure, Failure::Status(status) if status.reason == Reason::BadRequest);
    if !refused && !failure.is_not_found() {
        return failure;
    }
    let resource = format!("{}/{}, Resource={}", kind.group, kind.version, kind.plural);
    if labels.is_empty() && fields.is_empty() {
        return failure.before(&format!("Unable to list {resource:?}: "));
    }
    failure.before(&format!(
        "Unable to find {resource:?} that match label selector {labels:?}, field selector {fields:?}: "
    ))
}

fn raw(tool: &mut Tool<'_, '_>, parsed: &Parsed, path: &str) -> Outcome {
    if !parsed.args.is_empty() {
        return Err(local("arguments may not be passed when --raw is specified"));
    }
    if !path.starts_with('/') {
        return Err(local(format!("--raw must be a valid URL path: parse {path:?}: invalid URI for request")));
    }
    match tool.call(KubeRequest::Url { path: path.to_owned() })? {
        KubeResponse::Text(text) => {
            tool.out.push_str(&text);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Prints the tables. False if there was nothing to print.
fn table(tool: &mut Tool<'_, '_>, parsed: &Parsed, found: &[Found]) -> bool {
    let wide = parsed.text("output") == Some("wide");
    let several = found.windows(2).any(|pair| matches!(pair, [a, b] if a.kind != b.kind));
    let with_kind = several || parsed.switch("show-kind");
    let with_headers = !parsed.switch("no-headers");
    let label_columns = parsed.all("label-columns");
    let mut wrote = false;
    // Neighbours of the same kind share a table.
    for group in found.chunk_by(|a, b| a.kind == b.kind) {
        let Some(kind) = group.first().map(|found| &found.kind) else { continue };
        let with_namespace = parsed.switch("all-namespaces") && kind.namespaced;
        let (always, more) = tables::headers(kind);
        let shown = always.len() + if wide { more.len() } else { 0 };
        let mut rows: Vec<Vec<String>> = Vec::new();
        for object in group.iter().flat_map(|found| &found.objects) {
            let mut row = tables::cells(kind, object, tool.now());
            row.truncate(shown);
            if let Some(name) = row.first_mut().filter(|_| with_kind) {
                *name = format!("{}/{name}", kind_name(kind));
            }
            let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            if with_namespace {
                row.insert(0, text("/metadata/namespace").to_owned());
            }
            let labels = object.pointer("/metadata/labels");
            for label in &label_columns {
                let value = labels.and_then(|labels| labels.get(label)).and_then(Value::as_str);
                row.push(value.unwrap_or_default().to_owned());
            }
            if parsed.switch("show-labels") {
                let all = tables::labels(labels);
                row.push(if all.is_empty() { "<none>".to_owned() } else { all });
            }
            rows.push(row);
        }
        if rows.is_empty() {
            continue;
        }
        if with_headers {
            let mut header: Vec<String> = Vec::new();
            header.extend(with_namespace.then(|| "NAMESPACE".to_owned()));
            header.extend(always.iter().chain(more).take(shown).map(|h| (*h).to_owned()));
            header.extend(label_columns.iter().map(|l| l.rsplit('/').next().unwrap_or_default().to_uppercase()));
            header.extend(parsed.switch("show-labels").then(|| "LABELS".to_owned()));
            rows.insert(0, header);
        }
        if wrote && with_headers {
            tool.say("");
        }
        wrote = true;
        tool.out.push_str(&align_rows(Columns::GET, rows));
    }
    wrote
}

/// Sorts the objects of each kind by a field: numbers by size, texts as people sort them.
fn sort(found: &mut [Found], path: &str) -> Result<(), Failure> {
    let template = Template::parse_relaxed(path).map_err(|error| local(error.to_string()))?;
    let has = |object: &Value| template.find(object).is_ok_and(|parts| parts.iter().any(|part| !part.is_empty()));
    let mut objects = found.iter().flat_map(|found| &found.objects).peekable();
    if objects.peek().is_some() && !objects.any(has) {
        let inner = path.trim_matches(['{', '}']).trim_start_matches('.');
        return Err(local(format!("couldn't find any field with path \"{{.{inner}}}\" in the list of objects")));
    }
    for found in found {
        let mut keyed: Vec<(Option<Value>, Value)> = Vec::new();
        for object in found.objects.drain(..) {
            let key = template.find(&object).ok().and_then(|parts| parts.into_iter().flatten().next());
            keyed.push((key, object));
        }
        sort_by(&mut keyed, &|(a, _), (b, _)| match (a, b) {
            (Some(Value::Number(a)), Some(Value::Number(b))) => {
                a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(std::cmp::Ordering::Equal)
            }
            (Some(Value::String(a)), Some(Value::String(b))) => natural(a).cmp(&natural(b)),
            (a, b) => a.is_some().cmp(&b.is_some()),
        });
        found.objects = keyed.into_iter().map(|(_, object)| object).collect();
    }
    Ok(())
}

/// Texts cut into words and numbers, so that `n2` comes before `n10`.
fn natural(text: &str) -> Vec<(u64, String)> {
    let mut parts: Vec<(u64, String)> = Vec::new();
    let mut in_number = false;
    for c in text.chars() {
        match (c.to_digit(10), parts.last_mut()) {
            (Some(digit), Some((number, _))) if in_number => {
                *number = number.saturating_mul(10).saturating_add(u64::from(digit));
            }
            (Some(digit), _) => parts.push((u64::from(digit), String::new())),
            (None, Some((_, word))) if !in_number => word.push(c),
            (None, _) => parts.push((0, c.to_string())),
        }
        in_number = c.is_ascii_digit();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_inside_texts_sort_by_size() {
        let mut names = ["n10", "n2", "m"];
        names.sort_by_key(|name| natural(name));
        assert_eq!(names, ["m", "n2", "n10"]);
    }
}
