//! The pod that `exec`, `logs`, `attach` and `port-forward` mean, and the state of its containers (cli 16).

use serde_json::Value;

use crate::engine::KubeRequest;
use crate::engine::request::GroupResource;

use super::describe::{pairs, text};
use super::failure::{Failure, local, no_type};
use super::resources::{ATTEMPTS, TypeName, group_resource, place};
use super::tool::Tool;
use super::workload_describe;

/// The annotation that names the container to use when none is named.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// What an argument `POD` or `TYPE/NAME` names.
pub struct Target {
    /// The object that is named.
    pub object: Value,
    /// The pods that it stands for, the one to use first.
    pub pods: Vec<Value>,
}

impl Target {
    /// The pod to use.
    ///
    /// # Errors
    /// No pod comes up in time.
    pub fn pod(&self) -> Result<&Value, Failure> {
        self.pods.first().ok_or_else(|| local("timed out waiting for the condition"))
    }
}

/// Finds what an argument names. `cannot` begins the sentence about a kind that has no pods.
///
/// # Errors
/// Unknown types, kinds without pods, and the server's refusals.
pub fn target(tool: &mut Tool<'_, '_>, arg: &str, cannot: &str) -> Result<Target, Failure> {
    let (namespace, _) = tool.namespace()?;
    let (typed, name) = arg.split_once('/').unwrap_or(("pods", arg));
    let kinds = if arg.contains('/') { tool.kinds(ATTEMPTS)? } else { crate::k8s::discovery::built_in() };
    let Some(kind) = TypeName::read(typed).find(&kinds) else {
        tool.point_out(&kinds, typed, "");
        return Err(no_type(typed));
    };
    let request =
        KubeRequest::Get { resource: group_resource(kind), namespace: place(kind, &namespace), name: name.to_owned() };
    let object = tool.object(request)?;
    if kind.plural == "pods" {
        return Ok(Target { pods: vec![object.clone()], object });
    }
    let label_selector =
        selector(&object, &kind.kind).map_err(|why| local(format!("{cannot} *v1.{}: {why}", kind.kind)))?;
    let pods = listed(tool, label_selector)?;
    Ok(Target { object, pods })
}

/// The pods of the namespace with these labels, the one to use first: one that runs before others.
///
/// # Errors
/// The server's refusals.
pub fn listed(tool: &mut Tool<'_, '_>, label_selector: String) -> Result<Vec<Value>, Failure> {
    let (namespace, _) = tool.namespace()?;
    let request = KubeRequest::List {
        resource: GroupResource::new("", "pods"),
        namespace: Some(namespace),
        label_selector,
        field_selector: String::new(),
    };
    let mut pods = tool.items(request)?;
    pods.sort_by_key(|pod| (!is_assigned(pod), text(pod, "/status/phase") != "Running"));
    Ok(pods)
}

/// The label selector of the pods of an object, or why it has none.
fn selector(object: &Value, kind: &str) -> Result<String, String> {
    let labels = |pointer: &str| {
        let all = pairs(object, pointer).into_iter().map(|(key, value)| format!("{key}={value}"));
        all.collect::<Vec<_>>().join(",")
    };
    let found = match kind {
        "Service" => labels("/spec/selector"),
        "ReplicationController" => labels("/spec/selector"),
        "Job" if object.pointer("/spec/selector").is_none() => {
            format!("batch.kubernetes.io/job-name={}", text(object, "/metadata/name"))
        }
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" => workload_describe::selector(object),
        _ => return Err(format!("selector for *v1.{kind} not implemented")),
    };
    if kind == "Service" && found.is_empty() {
        let name = text(object, "/metadata/name");
        return Err(format!("invalid service '{name}': Service is defined without a selector"));
    }
    Ok(found)
}

/// True if a pod has a node. Pods of saved worlds that run have one, even if they do not say which.
pub fn is_assigned(pod: &Value) -> bool {
    !text(pod, "/spec/nodeName").is_empty() || text(pod, "/status/phase") == "Running"
}

/// The containers of a pod in kubectl's order: member of the specification, container.
pub fn containers(pod: &Value) -> Vec<(&'static str, &Value)> {
    let list = |member: &'static str| {
        let all = pod.pointer(&format!("/spec/{member}")).and_then(Value::as_array).into_iter().flatten();
        all.map(move |container| (member, container))
    };
    list("containers").chain(list("initContainers")).collect()
}

/// The container of this name.
pub fn container<'p>(pod: &'p Value, name: &str) -> Option<&'p Value> {
    containers(pod).into_iter().map(|(_, container)| container).find(|container| text(container, "/name") == name)
}

/// The container to use when the command line names none; kubectl says which one it takes unless it is to be `quiet`.
pub fn default_container(tool: &mut Tool<'_, '_>, pod: &Value, quiet: bool) -> String {
    let chosen = pairs(pod, "/metadata/annotations").get(DEFAULT_CONTAINER).cloned().unwrap_or_default();
    if !chosen.is_empty() {
        if container(pod, &chosen).is_some() {
            return chosen;
        }
        if !quiet {
            let name = text(pod, "/metadata/name");
            tool.complain(format!("Default container name {chosen:?} not found in pod {name}"));
        }
    }
    let all = containers(pod);
    let first = all.first().map(|(_, container)| text(container, "/name").to_owned()).unwrap_or_default();
    if all.len() > 1 && !quiet {
        let name = |(member, container): &(&str, &Value)| {
            let note = if *member == "initContainers" { " (init)" } else { "" };
            format!("{}{note}", text(container, "/name"))
        };
        let names: Vec<String> = all.iter().map(name).collect();
        tool.complain(format!("Defaulted container {first:?} out of: {}", names.join(", ")));
    }
    first
}

/// What a container does.
#[derive(Debug, PartialEq, Eq)]
pub enum State {
    /// It has not started, for this reason.
    Waiting(String),
    /// It runs.
    Running,
    /// It has ended.
    Ended,
}

/// The state of a container; of a pod that reports none, the phase tells.
pub fn state(pod: &Value, name: &str) -> State {
    let all = ["/status/containerStatuses", "/status/initContainerStatuses"];
    let mut all = all.iter().flat_map(|at| pod.pointer(at).and_then(Value::as_array).into_iter().flatten());
    let found = all.find(|status| text(status, "/name") == name).and_then(|status| status.get("state"));
    let waiting = |reason: &str| State::Waiting(reason.to_owned());
    match found {
        Some(state) if state.get("running").is_some() => State::Running,
        Some(state) if state.get("terminated").is_some() => State::Ended,
        Some(state) if state.get("waiting").is_some() => waiting(text(state, "/waiting/reason")),
        _ => match text(pod, "/status/phase") {
            "Running" => State::Running,
            "Succeeded" | "Failed" => State::Ended,
            _ => waiting("ContainerCreating"),
        },
    }
}
