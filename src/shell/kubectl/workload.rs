//! `kubectl run`, `create deployment` and `scale`.

use serde_json::{Map, Value, json};

use crate::engine::KubeRequest;
use crate::engine::request::{GroupResource, PatchKind};
use crate::formats::yaml::load::load;

use super::failure::{self, Failure, local, usage};
use super::flags::Parsed;
use super::resources::{group_resource, kind_name, place, select};
use super::tool::{Outcome, Tool};
use super::writing::{DryRun, New, bare, create, dry_run, one_name};

/// `kubectl run`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn run(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let words = parsed.dash.unwrap_or(parsed.args.len());
    let Some(name) = parsed.args.first().filter(|_| words > 0) else {
        return Err(usage("kubectl run", "NAME is required for run"));
    };
    let image = parsed.text_or_empty("image");
    if image.is_empty() {
        return Err(local("--image is required"));
    }
    if !is_image(image) {
        return Err(local(format!("Invalid image name {image:?}: invalid reference format")));
    }
    if parsed.switch("rm") && !(parsed.switch("attach") || parsed.switch("stdin")) {
        return Err(usage("kubectl run", "--rm should only be used for attached containers"));
    }
    if parsed.switch("expose") && parsed.text_or_empty("port").is_empty() {
        return Err(usage("kubectl run", "--port must be set when exposing a service"));
    }
    let restart = parsed.text("restart").unwrap_or("Always");
    if !["Always", "OnFailure", "Never"].contains(&restart) {
        return Err(usage("kubectl run", &format!("invalid restart policy: {restart}")));
    }
    if parsed.switch("expose") {
        return Err(local("the playground does not simulate --expose; create the pod, then apply a Service"));
    }
    let mut labels = Map::new();
    for pair in parsed.text_or_empty("labels").split(',').filter(|pair| !pair.is_empty()) {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(local(format!("unexpected label spec: {pair}")));
        };
        labels.insert(key.to_owned(), json!(value));
    }
    if labels.is_empty() {
        labels.insert("run".to_owned(), json!(name));
    }
    let rest: Vec<&String> = parsed.args.iter().skip(1).collect();
    let command = if parsed.switch("command") { Some("command") } else { Some("args") };
    let container = container(name, image, command.map(|member| (member, rest.as_slice())), parsed)?;
    let object = json!({
        "kind": "Pod", "apiVersion": "v1",
        "metadata": {"name": name, "creationTimestamp": null, "labels": labels},
        "spec": {"containers": [container], "restartPolicy": restart, "dnsPolicy": "ClusterFirst"},
        "status": {},
    });
    let mut object = object;
    if let Some(text) = parsed.text("overrides").filter(|text| !text.is_empty()) {
        let overrides: Value = load(text).map_err(|error| local(format!("Invalid JSON Patch: {error}")))?;
        merge_into(&mut object, &overrides);
    }
    let pods = || GroupResource::new("", "pods");
    let printed = tool.out.len();
    create(tool, parsed, New { resource: pods(), object, namespaced: true }, bare)?;
    if parsed.switch("rm") && dry_run(tool, parsed)? == DryRun::No {
        // Of an attached pod kubectl prints what the container prints, not that it was created.
        tool.out.truncate(printed);
        tool.hint = Some("Containers do not run here: this one ended at once without output.".to_owned());
        // The container ends at once; kubectl then deletes its pod.
        let (namespace, _) = tool.namespace()?;
        let name = name.clone();
        tool.call(KubeRequest::Delete {
            resource: pods(),
            namespace: Some(namespace),
            name: name.clone(),
            orphan: false,
            dry_run: false,
        })?;
        tool.say(format!("pod {name:?} deleted"));
    }
    Ok(())
}

/// True if a text can be the name of an image.
fn is_image(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || "-._/:@".contains(c))
        && text.chars().next().is_some_and(|c| c.is_ascii_alphanumeric())
}

/// A JSON merge patch: members replace members, null removes them.
pub fn merge_into(object: &mut Value, patch: &Value) {
    let (Some(members), Some(changes)) = (object.as_object_mut(), patch.as_object()) else {
        *object = patch.clone();
        return;
    };
    for (key, change) in changes {
        if change.is_null() {
            members.shift_remove(key);
        } else {
            merge_into(members.entry(key.clone()).or_insert(Value::Null), change);
        }
    }
}

/// A container as kubectl builds it.
fn container(name: &str, image: &str, words: Option<(&str, &[&String])>, parsed: &Parsed) -> Result<Value, Failure> {
    let mut out = Map::new();
    out.insert("name".to_owned(), json!(name));
    out.insert("image".to_owned(), json!(image));
    if let Some((member, words)) = words.filter(|(_, words)| !words.is_empty()) {
        out.insert(member.to_owned(), json!(words));
    }
    if let Some(port) = parsed.text("port").filter(|port| !port.is_empty()) {
        let number: u16 = port.parse().map_err(|_| local(format!("strconv.Atoi: parsing {port:?}: invalid syntax")))?;
        out.insert("ports".to_owned(), json!([{"containerPort": number}]));
    }
    let mut env = Vec::new();
    for pair in parsed.all("env") {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(local(format!("invalid env: {pair}")));
        };
        env.push(json!({"name": key, "value": value}));
    }
    if !env.is_empty() {
        out.insert("env".to_owned(), json!(env));
    }
    out.insert("resources".to_owned(), json!({}));
    if let Some(policy) = parsed.text("image-pull-policy").filter(|policy| !policy.is_empty()) {
        out.insert("imagePullPolicy".to_owned(), json!(policy));
    }
    Ok(Value::Object(out))
}

/// `kubectl create deployment`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn create_deployment(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let name = one_name(parsed)?;
    let images = parsed.all("image");
    let command: Vec<&String> = parsed.dash.map_or(Vec::new(), |dash| parsed.args.iter().skip(dash).collect());
    if images.len() > 1 && !command.is_empty() {
        return Err(local("cannot specify multiple --image options and command"));
    }
    let mut containers = Vec::new();
    for image in &images {
        // The name of the image: without registry, tag and digest.
        let base = image.rsplit('/').next().unwrap_or_default();
        let base = base.split(['@', ':']).next().unwrap_or_default();
        containers.push(container(base, image, Some(("command", command.as_slice())), parsed)?);
    }
    let replicas: i64 = parsed.text("replicas").and_then(|text| text.parse().ok()).unwrap_or(1);
    let object = json!({
        "kind": "Deployment", "apiVersion": "apps/v1",
        "metadata": {"name": name, "creationTimestamp": null, "labels": {"app": name}},
        "spec": {
            "replicas": replicas, "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"creationTimestamp": null, "labels": {"app": name}}, "spec": {"containers": containers},
            },
            "strategy": {},
        },
        "status": {},
    });
    let new = New { resource: GroupResource::new("apps", "deployments"), object, namespaced: true };
    create(tool, parsed, new, |failure| failure.failed_to_create("deployment"))
}

/// `kubectl scale`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn scale(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let dry = dry_run(tool, parsed)?;
    let (namespace, _) = tool.namespace()?;
    let replicas: i64 = parsed.text("replicas").and_then(|text| text.parse().ok()).unwrap_or(-1);
    if replicas < 0 {
        return Err(local("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0"));
    }
    let (wanted, mut failures) = if parsed.given("filename") {
        super::get::of_files(tool, parsed)?
    } else if parsed.args.is_empty() {
        return Err(local(failure::NOTHING));
    } else {
        let selected = select(tool, &parsed.args)?.wanted;
        (selected.into_iter().map(|wanted| (wanted, namespace.clone())).collect(), Vec::new())
    };
    for (wanted, namespace) in wanted {
        let Some(name) = wanted.name else { return Err(local("resource(s) were provided, but no name was specified")) };
        let (resource, place) = (group_resource(&wanted.kind), place(&wanted.kind, &namespace));
        let done = tool
            .call(KubeRequest::Get { resource: resource.clone(), namespace: place.clone(), name: name.clone() })
            // The right that counts is the one on the subresource.
            .and_then(|_| {
                tool.call(KubeRequest::Subresource {
                    verb: "patch".to_owned(),
                    resource: resource.clone(),
                    subresource: "scale".to_owned(),
                    namespace: place.clone(),
                    name: name.clone(),
                })
            })
            .and_then(|_| match dry {
                DryRun::Client => Ok(Value::Null),
                _ => tool.object(KubeRequest::Patch {
                    resource,
                    namespace: place,
                    name: name.clone(),
                    kind: PatchKind::Merge,
                    patch: json!({"spec": {"replicas": replicas}, "status": {
                        "replicas": replicas, "readyReplicas": replicas,
                        "updatedReplicas": replicas, "availableReplicas": replicas,
                    }}),
                    dry_run: dry == DryRun::Server,
                    strict: false,
                }),
            });
        match done {
            Ok(_) => tool.say(format!("{}/{name} scaled{}", kind_name(&wanted.kind), dry.suffix())),
            Err(failure) if failure.is_not_found() => {
                failures.push(local(format!("no objects passed to scale {}", failure.words())));
            }
            Err(failure) => failures.push(failure),
        }
    }
    failure::all(failures)
}
