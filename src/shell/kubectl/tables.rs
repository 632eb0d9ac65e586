//! The columns of `kubectl get` by kind (cli 13.2).

use serde_json::Value;

use super::workload_describe::selector;
use crate::formats::ordered::sort;
use crate::formats::time::Timestamp;
use crate::k8s::discovery::Resource;

const NONE: &str = "<none>";

/// The headers of a kind: those always shown, and those of `-o wide`.
pub fn headers(kind: &Resource) -> (&'static [&'static str], &'static [&'static str]) {
    match kind.qualified().as_str() {
        "pods" => {
            (&["NAME", "READY", "STATUS", "RESTARTS", "AGE"], &["IP", "NODE", "NOMINATED NODE", "READINESS GATES"])
        }
        "nodes" => (
            &["NAME", "STATUS", "ROLES", "AGE", "VERSION"],
            &["INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"],
        ),
        "namespaces" => (&["NAME", "STATUS", "AGE"], &[]),
        "configmaps" => (&["NAME", "DATA", "AGE"], &[]),
        "serviceaccounts" => (&["NAME", "SECRETS", "AGE"], &[]),
        "secrets" => (&["NAME", "TYPE", "DATA", "AGE"], &[]),
        "services" => (&["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"], &["SELECTOR"]),
        "deployments.apps" => {
            (&["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"], &["CONTAINERS", "IMAGES", "SELECTOR"])
        }
        "replicasets.apps" => (&["NAME", "DESIRED", "CURRENT", "READY", "AGE"], &["CONTAINERS", "IMAGES", "SELECTOR"]),
        "statefulsets.apps" => (&["NAME", "READY", "AGE"], &["CONTAINERS", "IMAGES"]),
        "daemonsets.apps" => (
            &["NAME", "DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE", "NODE SELECTOR", "AGE"],
            &["CONTAINERS", "IMAGES", "SELECTOR"],
        ),
        "roles.rbac.authorization.k8s.io" | "clusterroles.rbac.authorization.k8s.io" => (&["NAME", "CREATED AT"], &[]),
        "customresourcedefinitions.apiextensions.k8s.io" => (&["NAME", "CREATED AT"], &[]),
        "rolebindings.rbac.authorization.k8s.io" | "clusterrolebindings.rbac.authorization.k8s.io" => {
            (&["NAME", "ROLE", "AGE"], &["USERS", "GROUPS", "SERVICEACCOUNTS"])
        }
        _ => (&["NAME", "AGE"], &[]),
    }
}

/// The cells of an object, in the order of [`headers`], the wide ones included.
pub fn cells(kind: &Resource, object: &Value, now: Timestamp) -> Vec<String> {
    let name = text(object, "/metadata/name").to_owned();
    let age = age(object, now);
    match kind.qualified().as_str() {
        "pods" => pod(object, name, age),
        "nodes" => node(object, name, age),
        "namespaces" => {
            let phase = or(text(object, "/status/phase"), "Active");
            vec![name, phase, age]
        }
        "configmaps" => vec![name, (count(object, "/data") + count(object, "/binaryData")).to_string(), age],
        "serviceaccounts" => vec![name, list(object, "/secrets").len().to_string(), age],
        "secrets" => vec![name, or(text(object, "/type"), "Opaque"), count(object, "/data").to_string(), age],
        "services" => service(object, name, age),
        "deployments.apps" => {
            let ready = format!("{}/{}", number(object, "/status/readyReplicas"), desired(object));
            let updated = number(object, "/status/updatedReplicas").to_string();
            let available = number(object, "/status/availableReplicas").to_string();
            let [containers, images] = containers(object);
            vec![name, ready, updated, available, age, containers, images, selector(object)]
        }
        "replicasets.apps" => {
            let current = number(object, "/status/replicas").to_string();
            let ready = number(object, "/status/readyReplicas").to_string();
            let [containers, images] = containers(object);
            vec![name, desired(object).to_string(), current, ready, age, containers, images, selector(object)]
        }
        "statefulsets.apps" => {
            let ready = format!("{}/{}", number(object, "/status/readyReplicas"), desired(object));
            let [containers, images] = containers(object);
            vec![name, ready, age, containers, images]
        }
        "daemonsets.apps" => {
            let status = |key: &str| number(object, &format!("/status/{key}")).to_string();
            let [containers, images] = containers(object);
            let nodes = or(&labels(object.pointer("/spec/template/spec/nodeSelector")), NONE);
            vec![
                name,
                status("desiredNumberScheduled"),
                status("currentNumberScheduled"),
                status("numberReady"),
                status("updatedNumberScheduled"),
                status("numberAvailable"),
                nodes,
                age,
                containers,
                images,
                selector(object),
            ]
        }
        "roles.rbac.authorization.k8s.io"
        | "clusterroles.rbac.authorization.k8s.io"
        | "customresourcedefinitions.apiextensions.k8s.io" => {
            vec![name, text(object, "/metadata/creationTimestamp").to_owned()]
        }
        "rolebindings.rbac.authorization.k8s.io" | "clusterrolebindings.rbac.authorization.k8s.io" => {
            let role = format!("{}/{}", text(object, "/roleRef/kind"), text(object, "/roleRef/name"));
            vec![
                name,
                role,
                age,
                subjects(object, "User"),
                subjects(object, "Group"),
                subjects(object, "ServiceAccount"),
            ]
        }
        _ => vec![name, age],
    }
}

/// `a=b,c=d`, sorted; empty without labels.
pub fn labels(labels: Option<&Value>) -> String {
    let mut pairs: Vec<String> = labels
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    sort(&mut pairs);
    pairs.join(",")
}

/// The age of an object.
pub fn age(object: &Value, now: Timestamp) -> String {
    match Timestamp::parse(text(object, "/metadata/creationTimestamp")) {
        Ok(created) => created.age(now),
        Err(_) => "<unknown>".to_owned(),
    }
}

fn pod(object: &Value, name: String, age: String) -> Vec<String> {
    let phase = or(text(object, "/status/phase"), "Pending");
    let all = list(object, "/spec/containers").len();
    let reported = list(object, "/status/containerStatuses");
    let ready = if reported.is_empty() {
        // What the simulated cluster stores says only whether the pod runs.
        if phase == "Running" { all } else { 0 }
    } else {
        reported.iter().filter(|status| status.get("ready") == Some(&Value::Bool(true))).count()
    };
    let restarts: i64 = reported.iter().filter_map(|s| s.get("restartCount").and_then(Value::as_i64)).sum();
    let gates = list(object, "/spec/readinessGates");
    let gates = if gates.is_empty() { NONE.to_owned() } else { format!("0/{}", gates.len()) };
    vec![
        name,
        format!("{ready}/{all}"),
        phase,
        restarts.to_string(),
        age,
        or(text(object, "/status/podIP"), NONE),
        or(text(object, "/spec/nodeName"), NONE),
        or(text(object, "/status/nominatedNodeName"), NONE),
        gates,
    ]
}

fn node(object: &Value, name: String, age: String) -> Vec<String> {
    let ready = list(object, "/status/conditions").iter().find(|c| text(c, "/type") == "Ready");
    let mut status = match ready.map(|condition| text(condition, "/status")) {
        None | Some("True") => "Ready".to_owned(),
        Some(_) => "NotReady".to_owned(),
    };
    if object.pointer("/spec/unschedulable") == Some(&Value::Bool(true)) {
        status.push_str(",SchedulingDisabled");
    }
    let prefix = "node-role.kubernetes.io/";
    let roles = object.pointer("/metadata/labels").and_then(Value::as_object).into_iter().flatten();
    let mut roles: Vec<&str> = roles.filter_map(|(key, _)| key.strip_prefix(prefix)).collect();
    sort(&mut roles);
    let address = |kind: &str| {
        let found = list(object, "/status/addresses").iter().find(|a| text(a, "/type") == kind);
        or(found.map(|a| text(a, "/address")).unwrap_or_default(), NONE)
    };
    let fact = |key: &str| or(text(object, &format!("/status/nodeInfo/{key}")), "<unknown>");
    vec![
        name,
        status,
        or(&roles.join(","), NONE),
        age,
        text(object, "/status/nodeInfo/kubeletVersion").to_owned(),
        address("InternalIP"),
        address("ExternalIP"),
        fact("osImage"),
        fact("kernelVersion"),
        fact("containerRuntimeVersion"),
    ]
}

fn service(object: &Value, name: String, age: String) -> Vec<String> {
    let port = |port: &Value| {
        let number = |key: &str| port.get(key).and_then(Value::as_i64);
        let protocol = or(text(port, "/protocol"), "TCP");
        let node = number("nodePort").map(|node| format!(":{node}")).unwrap_or_default();
        format!("{}{node}/{protocol}", number("port").unwrap_or_default())
    };
    let ports: Vec<String> = list(object, "/spec/ports").iter().map(port).collect();
    vec![
        name,
        or(text(object, "/spec/type"), "ClusterIP"),
        or(text(object, "/spec/clusterIP"), NONE),
        or(text(object, "/spec/externalName"), NONE),
        or(&ports.join(","), NONE),
        age,
        or(&labels(object.pointer("/spec/selector")), NONE),
    ]
}

fn subjects(object: &Value, kind: &str) -> String {
    let name = |subject: &Value| match kind {
        "ServiceAccount" => format!("{}/{}", text(subject, "/namespace"), text(subject, "/name")),
        _ => text(subject, "/name").to_owned(),
    };
    let subjects = list(object, "/subjects").iter().filter(|subject| text(subject, "/kind") == kind);
    subjects.map(name).collect::<Vec<_>>().join(", ")
}

fn containers(object: &Value) -> [String; 2] {
    let all = list(object, "/spec/template/spec/containers");
    ["/name", "/image"].map(|member| all.iter().map(|c| text(c, member)).collect::<Vec<_>>().join(","))
}

fn desired(object: &Value) -> i64 {
    object.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1)
}

fn number(object: &Value, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or_default()
}

fn count(object: &Value, pointer: &str) -> usize {
    object.pointer(pointer).and_then(Value::as_object).map_or(0, |members| members.len())
}

fn list<'v>(object: &'v Value, pointer: &str) -> &'v [Value] {
    object.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn or(text: &str, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k8s::discovery::built_in;
    use serde_json::json;

    fn kind(plural: &str) -> Resource {
        built_in().into_iter().find(|kind| kind.plural == plural).unwrap()
    }

    #[test]
    fn every_kind_has_as_many_cells_as_headers() {
        let object = json!({"metadata": {"name": "x", "creationTimestamp": "2024-01-14T10:30:00Z"}});
        for kind in built_in() {
            let (always, wide) = headers(&kind);
            assert_eq!(cells(&kind, &object, Timestamp(0)).len(), always.len() + wide.len(), "{}", kind.plural);
        }
    }

    #[test]
    fn bindings_list_their_subjects_by_kind() {
        let object = json!({
            "metadata": {"name": "b"}, "roleRef": {"kind": "ClusterRole", "name": "view"},
            "subjects": [
                {"kind": "User", "name": "jane"}, {"kind": "User", "name": "joe"},
                {"kind": "ServiceAccount", "name": "default", "namespace": "dev"},
            ],
        });
        let cells = cells(&kind("rolebindings"), &object, Timestamp(0));
        assert_eq!(cells, ["b", "ClusterRole/view", "<unknown>", "jane, joe", "", "dev/default"]);
    }
}
