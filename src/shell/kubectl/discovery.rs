//! `kubectl api-resources`, `api-versions`, `version`, `cluster-info`.

use serde_json::{Value, json};

use crate::engine::{KubeRequest, KubeResponse};
use crate::formats::ordered::{sort, sort_by};
use crate::formats::table::{Columns, align_rows};
use crate::formats::yaml::emit::emit;
use crate::k8s::discovery::{Resource, further_versions};
use crate::k8s::releases;

use super::failure::{Failure, local, usage};
use super::flags::Parsed;
use super::resources::ATTEMPTS;
use super::tool::{Outcome, Tool, asks_for_credentials};

/// What this kubectl calls itself.
const CLIENT_VERSION: &str = "v1.33.1";
const KUSTOMIZE_VERSION: &str = "v5.6.0";

/// `kubectl api-resources`. It always asks the server.
///
/// # Errors
/// Faults of the command line; the server's refusal, after an empty table.
pub fn api_resources(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    if !parsed.args.is_empty() {
        return Err(usage("kubectl api-resources", &format!("unexpected arguments: [{}]", parsed.args.join(" "))));
    }
    let output = parsed.text_or_empty("output");
    if !["", "wide", "name"].contains(&output) {
        return Err(local(format!("--output {output} is not available")));
    }
    let sort = parsed.text_or_empty("sort-by");
    if !["", "name", "kind"].contains(&sort) {
        return Err(local("--sort-by accepts only name or kind"));
    }
    let (kinds, failure) = match tool.ask_kinds(1) {
        Ok(kinds) => (kinds, None),
        // A kubeconfig that leads nowhere ends the command before its table.
        Err(failure @ Failure::Local(_)) => return Err(failure),
        Err(failure) => (Vec::new(), Some(failure)),
    };
    let verbs = parsed.all("verbs");
    let categories = parsed.all("categories");
    let wanted = |kind: &&Resource| {
        parsed.text("api-group").is_none_or(|group| group == kind.group)
            && (!parsed.given("namespaced") || kind.namespaced == parsed.switch("namespaced"))
            && verbs.iter().all(|verb| kind.verbs.contains(&verb.as_str()))
            && categories.iter().all(|category| category == "all" && kind.in_all)
    };
    let mut kinds: Vec<&Resource> = kinds.iter().filter(wanted).collect();
    match sort {
        "name" => sort_by(&mut kinds, &|a, b| a.plural.cmp(&b.plural)),
        "kind" => sort_by(&mut kinds, &|a, b| a.kind.cmp(&b.kind)),
        _ => {}
    }
    if output == "name" {
        kinds.iter().for_each(|kind| tool.say(kind.qualified()));
        return failure.map_or(Ok(()), Err);
    }
    let wide = output == "wide";
    let mut rows: Vec<Vec<String>> = Vec::new();
    if !parsed.switch("no-headers") {
        let headers = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", "VERBS", "CATEGORIES"];
        rows.push(headers.iter().take(if wide { 7 } else { 5 }).map(|h| (*h).to_owned()).collect());
    }
    for kind in kinds {
        let mut row = vec![
            kind.plural.to_string(),
            kind.short_names.join(","),
            kind.api_version(),
            kind.namespaced.to_string(),
            kind.kind.to_string(),
        ];
        if wide {
            row.push(kind.verbs.join(","));
            row.push(if kind.in_all { "all".to_owned() } else { String::new() });
        }
        rows.push(row);
    }
    tool.out.push_str(&align_rows(Columns::GET, rows));
    failure.map_or(Ok(()), Err)
}

/// `kubectl api-versions`.
///
/// # Errors
/// The server's refusal.
pub fn api_versions(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    if !parsed.args.is_empty() {
        return Err(usage("kubectl api-versions", &format!("unexpected arguments: [{}]", parsed.args.join(" "))));
    }
    let kinds = tool.ask_kinds(1).map_err(|failure| match failure {
        Failure::Status(_) => local(format!("couldn't get available api versions from server: {}", failure.words())),
        other => other,
    })?;
    let mut versions: Vec<String> = kinds.iter().map(Resource::api_version).collect();
    versions.extend(further_versions(server_minor(tool)).map(str::to_owned));
    sort(&mut versions);
    versions.dedup();
    versions.iter().for_each(|version| tool.say(version));
    Ok(())
}

/// `kubectl version`.
///
/// # Errors
/// Bad formats; the server's refusal, after the client's version.
pub fn version(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    if !parsed.args.is_empty() {
        return Err(local(format!("extra arguments: [{}]", parsed.args.join(" "))));
    }
    let output = parsed.text_or_empty("output");
    if !["", "yaml", "json"].contains(&output) {
        return Err(local("--output must be 'yaml' or 'json'"));
    }
    let server = if parsed.switch("client") { Ok(None) } else { server_version(tool).map(Some) };
    let found = server.as_ref().ok().cloned().flatten();
    if output.is_empty() {
        tool.say(format!("Client Version: {CLIENT_VERSION}"));
        tool.say(format!("Kustomize Version: {KUSTOMIZE_VERSION}"));
        if let Some(version) = &found {
            tool.say(format!("Server Version: {version}"));
        }
    } else {
        let mut document = json!({
            "clientVersion": client_version(), "kustomizeVersion": KUSTOMIZE_VERSION,
        });
        if let (Some(members), Some(version)) = (document.as_object_mut(), &found) {
            members.insert("serverVersion".to_owned(), version_info(version));
        }
        match output {
            "yaml" => tool.out.push_str(&format!("{}\n", emit(&crate::formats::json::sort_keys(&document)).trim_end())),
            // Two blanks here, where all other commands print four.
            _ => tool.say(format!("{document:#}")),
        }
    }
    server.map(|_| ())
}

/// The minor version of the server that the tool talks to.
fn server_minor(tool: &mut Tool<'_, '_>) -> u8 {
    let cluster = tool.connection().ok().and_then(|connection| connection.cluster.clone());
    let cluster =
        cluster.and_then(|name| tool.ctx.session.world().cluster(&name).map(|cluster| cluster.objects.minor()));
    cluster.unwrap_or(releases::DEFAULT)
}

fn server_version(tool: &mut Tool<'_, '_>) -> Result<String, Failure> {
    let answer = tool.call(KubeRequest::Url { path: "/version".to_owned() }).map_err(asks_for_credentials)?;
    let KubeResponse::Text(text) = answer else { return Ok(String::new()) };
    let version: Value = serde_json::from_str(&text).unwrap_or_default();
    Ok(version.get("gitVersion").and_then(Value::as_str).unwrap_or_default().to_owned())
}

/// What this kubectl says of itself.
fn client_version() -> Value {
    json!({
        "major": "1", "minor": "33", "gitVersion": CLIENT_VERSION,
        "gitCommit": "8adc0f041b8e7ad1d30e29cc59c6ae7a15e19828", "gitTreeState": "clean",
        "buildDate": "2025-05-15T08:27:33Z", "goVersion": "go1.24.2", "compiler": "gc", "platform": "linux/amd64",
    })
}

fn version_info(version: &str) -> Value {
    let mut parts = version.trim_start_matches('v').split('.');
    let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    json!({"major": major, "minor": minor, "gitVersion": version, "platform": "linux/amd64"})
}

/// `kubectl cluster-info`.
///
/// # Errors
/// The server's refusal.
pub fn cluster_info(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    if parsed.args.first().is_some_and(|word| word == "dump") {
        return Err(Failure::Plain(
            "kubectl cluster-info dump: the playground does not simulate this command; try `kubectl get all -A -o yaml`".to_owned(),
        ));
    }
    let server = tool.connection()?.server.clone();
    let further = "\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.";
    if let Err(failure) = tool.kinds(ATTEMPTS) {
        tool.say(further);
        return Err(failure);
    }
    tool.say(format!("Kubernetes control plane is running at {server}"));
    tool.say(further);
    // Services labelled as cluster services are listed, too; who may not list services gets the refusal.
    tool.items(KubeRequest::List {
        resource: crate::engine::request::GroupResource::new("", "services"),
        namespace: Some("kube-system".to_owned()),
        label_selector: "kubernetes.io/cluster-service=true".to_owned(),
        field_selector: String::new(),
    })
    .map(|_| ())
}
