//! The scheduler, which binds pods to nodes, and the nodes, which run what is bound to them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::object::Meta;
use super::super::store::{Members, ObjectStore};
use super::Turn;
use super::values::*;
use crate::formats::time::Timestamp;

/// What the scheduler says when there is no node at all.
const NO_NODES: &str = "no nodes available to schedule pods";

/// True if a node reports that it is ready; nodes without conditions are.
pub fn is_ready(node: &Members) -> bool {
    matches!(condition(node, "Ready"), "" | "True")
}

/// True if a node has the labels that a pod asks for.
pub fn fits(pod: Option<&Value>, node: &Meta, _: &Members) -> bool {
    let wanted = strings(pod.and_then(|pod| pod.get("nodeSelector")));
    wanted.iter().all(|(key, value)| node.labels.get(key) == Some(value))
}

/// True if a pod tolerates a taint.
pub fn tolerates(pod: Option<&Value>, taint: &Value) -> bool {
    let text = |of: &Value, member: &str| of.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    let all = pod.and_then(|pod| pod.get("tolerations")).and_then(Value::as_array).into_iter().flatten();
    all.into_iter().any(|toleration| {
        let (key, effect) = (text(toleration, "key"), text(toleration, "effect"));
        let is_exists = text(toleration, "operator") == "Exists";
        (effect.is_empty() || effect == text(taint, "effect"))
            && (key == text(taint, "key") || key.is_empty() && is_exists)
            && (is_exists || text(toleration, "value") == text(taint, "value"))
    })
}

/// Why a pod cannot run on a node, as the scheduler words it.
fn obstacle(pod: Option<&Value>, node: &Meta, of_node: &Members) -> Option<String> {
    let is_closed = spec(of_node, "/unschedulable") == Some(&Value::Bool(true));
    if is_closed && !tolerates(pod, &json!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"})) {
        return Some("node(s) were unschedulable".to_owned());
    }
    let taints = spec(of_node, "/taints").and_then(Value::as_array).into_iter().flatten();
    let text = |of: &Value, member: &str| of.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    for taint in taints {
        if text(taint, "effect") != "PreferNoSchedule" && !tolerates(pod, taint) {
            let (key, value) = (text(taint, "key"), text(taint, "value"));
            return Some(format!("node(s) had untolerated taint {{{key}: {value}}}"));
        }
    }
    if !is_ready(of_node) {
        return Some("node(s) had untolerated taint {node.kubernetes.io/unreachable: }".to_owned());
    }
    (!fits(pod, node, of_node)).then(|| "node(s) didn't match Pod's node affinity/selector".to_owned())
}

impl Turn<'_> {
    /// Binds pods to nodes and starts them.
    pub fn schedule(&mut self) {
        let all: Vec<_> = self.store.of(PODS).map(|(meta, members)| (meta.clone(), members.clone())).collect();
        let nodes: Vec<(Meta, Members)> =
            self.store.of(NODES).map(|(meta, members)| (meta.clone(), members.clone())).collect();
        let mut load: BTreeMap<String, usize> = nodes.iter().map(|(node, _)| (node.name.clone(), 0)).collect();
        for (_, members) in &all {
            if let Some(count) = load.get_mut(spec_text(members, "/nodeName")) {
                *count += 1;
            }
        }
        for (meta, mut members) in all {
            if matches!(status(&members, "/phase").and_then(Value::as_str), Some("Succeeded" | "Failed")) {
                continue;
            }
            let mut node = spec_text(&members, "/nodeName").to_owned();
            if node.is_empty() {
                match choose(members.get("spec"), &nodes, &load, meta.created) {
                    Ok(chosen) => {
                        *load.entry(chosen.clone()).or_default() += 1;
                        if let Some(spec) = members.get_mut("spec").and_then(Value::as_object_mut) {
                            spec.insert("nodeName".to_owned(), json!(chosen));
                        }
                        node = chosen;
                    }
                    Err(message) => {
                        let state = pending(&members, &message, meta.created);
                        members.insert("status".to_owned(), state);
                        self.put(PODS, meta, members);
                        continue;
                    }
                }
            }
            let Some((on, of_node)) = nodes.iter().find(|(known, _)| known.name == node) else { continue };
            // What a saved world says of a pod that runs is left as it is.
            let is_bare = status(&members, "/conditions").is_none() && status(&members, "/podIP").is_some();
            if !is_bare {
                let state = self.running(&meta, &members, on, of_node);
                members.insert("status".to_owned(), state);
            }
            self.put(PODS, meta, members);
        }
    }

    /// The state of a pod that a node runs.
    fn running(&self, meta: &Meta, members: &Members, node: &Meta, of_node: &Members) -> Value {
        let since = meta.created.max(node.created).kubernetes_text();
        let address = status(members, "/podIP").and_then(Value::as_str).map(str::to_owned);
        let address = address.unwrap_or_else(|| self.address(meta, node));
        let host = internal_address(of_node);
        let is_ready = is_ready(of_node);
        let containers = |list: &str, done: bool| -> Vec<Value> {
            let all = spec(members, list).and_then(Value::as_array).into_iter().flatten();
            let text = |of: &Value, member: &str| of.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
            all.map(|container| {
                let (name, image) = (text(container, "name"), text(container, "image"));
                let id = format!("containerd://{:016x}", hash(&[&meta.uid, &name]));
                let state = if done {
                    json!({"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": since, "finishedAt": since}})
                } else {
                    json!({"running": {"startedAt": since}})
                };
                json!({
                    "name": name, "state": state, "lastState": {}, "ready": true, "restartCount": 0, "image": image,
                    "imageID": "", "containerID": id, "started": !done,
                })
            })
            .collect()
        };
        let mut conditions: Vec<Value> =
            ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]
                .iter()
                .map(|kind| json!({"type": kind, "status": "True", "lastProbeTime": null, "lastTransitionTime": since}))
                .collect();
        if let Some(ready) = conditions.get_mut(2).and_then(Value::as_object_mut).filter(|_| !is_ready) {
            ready.insert("status".to_owned(), json!("False"));
        }
        let mut state = json!({
            "phase": "Running", "conditions": conditions, "hostIP": host, "hostIPs": [{"ip": host}],
            "podIP": address, "podIPs": [{"ip": address}], "startTime": since,
        });
        if let Some(state) = state.as_object_mut() {
            let first = containers("/initContainers", true);
            if !first.is_empty() {
                state.insert("initContainerStatuses".to_owned(), json!(first));
            }
            state.insert("containerStatuses".to_owned(), json!(containers("/containers", false)));
            state.insert("qosClass".to_owned(), json!(quality(members)));
        }
        state
    }

    /// An address in the node's network that no pod has: pods of the host's network have the host's.
    fn address(&self, meta: &Meta, node: &Meta) -> String {
        let (_, of_node) = match self.store.one(NODES, "", &node.name) {
            Some(found) => found,
            None => return String::new(),
        };
        let host = internal_address(of_node);
        let on_host = self
            .store
            .one(PODS, &meta.namespace, &meta.name)
            .is_some_and(|(_, members)| spec(members, "/hostNetwork") == Some(&Value::Bool(true)));
        if on_host {
            return host;
        }
        let network = host.rsplit_once('.').map_or("10.0.0", |(network, _)| network);
        let taken = |address: &str| {
            address == host
                || self.store.of(PODS).any(|(pod, members)| {
                    pod.uid != meta.uid && status(members, "/podIP").and_then(Value::as_str) == Some(address)
                })
        };
        let first = hash(&[&meta.uid, &"address"]) % 200;
        let free = (0..200).map(|n| format!("{network}.{}", 30 + (first + n) % 200)).find(|address| !taken(address));
        free.unwrap_or_else(|| format!("{network}.254"))
    }
}

fn internal_address(node: &Members) -> String {
    let all = status(node, "/addresses").and_then(Value::as_array).into_iter().flatten();
    let text = |of: &Value, member: &str| of.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    let found = all.into_iter().find(|address| text(address, "type") == "InternalIP");
    found.map_or_else(|| "10.0.0.10".to_owned(), |address| text(address, "address"))
}

/// The node with the fewest pods of those that a pod may run on, or why there is none.
fn choose(
    pod: Option<&Value>,
    nodes: &[(Meta, Members)],
    load: &BTreeMap<String, usize>,
    since: Timestamp,
) -> Result<String, String> {
    if nodes.is_empty() {
        return Err(NO_NODES.to_owned());
    }
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    // A pod goes to a node that was there when it was made, else to the first that came: worlds that are read again
    // have all nodes at once.
    let mut best: Option<(Timestamp, usize, &str)> = None;
    for (node, members) in nodes {
        if let Some(reason) = obstacle(pod, node, members) {
            *reasons.entry(reason).or_default() += 1;
            continue;
        }
        let came = node.created.max(since);
        let rank = (came, load.get(&node.name).copied().unwrap_or_default(), node.name.as_str());
        if best.is_none_or(|best| rank < best) {
            best = Some(rank);
        }
    }
    if let Some((_, _, name)) = best {
        return Ok(name.to_owned());
    }
    let total = nodes.len();
    let reasons: Vec<String> = reasons.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    Err(format!(
        "0/{total} nodes are available: {}. preemption: 0/{total} nodes are available: {total} Preemption is not helpful for scheduling.",
        reasons.join(", ")
    ))
}

/// The state of a pod that no node takes.
fn pending(members: &Members, message: &str, since: Timestamp) -> Value {
    json!({
        "phase": "Pending",
        "conditions": [{
            "type": "PodScheduled", "status": "False", "lastProbeTime": null,
            "lastTransitionTime": since.kubernetes_text(), "reason": "Unschedulable", "message": message,
        }],
        "qosClass": quality(members),
    })
}

/// The class of a pod's requests and limits.
fn quality(members: &Members) -> &'static str {
    let containers = || spec(members, "/containers").and_then(Value::as_array).into_iter().flatten();
    let amounts = |of: &Value, member: &str| strings(of.pointer(&format!("/resources/{member}")));
    let has_any = containers().any(|c| !amounts(c, "requests").is_empty() || !amounts(c, "limits").is_empty());
    let is_guaranteed = containers().all(|container| {
        let (requests, limits) = (amounts(container, "requests"), amounts(container, "limits"));
        ["cpu", "memory"].iter().all(|name| {
            limits.contains_key(*name) && requests.get(*name).is_none_or(|asked| limits.get(*name) == Some(asked))
        })
    });
    match (has_any, is_guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

/// Sets whether a node is ready, with the conditions and taints of one that no longer reports.
pub fn set_readiness(store: &mut ObjectStore, node: &str, ready: bool) {
    let Some((meta, members)) = store.one(NODES, "", node) else { return };
    if is_ready(members) == ready {
        return;
    }
    let (meta, mut members) = (meta.clone(), members.clone());
    let since = meta.created.kubernetes_text();
    if let Some(conditions) = members.get_mut("status").and_then(|s| s.pointer_mut("/conditions"))
        && let Some(conditions) = conditions.as_array_mut()
    {
        for condition in conditions {
            let is_ready = condition.get("type").and_then(Value::as_str) == Some("Ready");
            let Some(condition) = condition.as_object_mut() else { continue };
            let good = if is_ready { "True" } else { "False" };
            condition.insert("status".to_owned(), json!(if ready { good } else { "Unknown" }));
            for (member, text) in [("reason", "NodeStatusUnknown"), ("message", "Kubelet stopped posting node status.")]
            {
                if ready {
                    condition.shift_remove(member);
                } else {
                    condition.insert(member.to_owned(), json!(text));
                }
            }
        }
    } else if let Some(status) = members.entry("status").or_insert_with(|| json!({})).as_object_mut() {
        let state = if ready { "True" } else { "Unknown" };
        status
            .insert("conditions".to_owned(), json!([{"type": "Ready", "status": state, "lastTransitionTime": since}]));
    }
    let unreachable = "node.kubernetes.io/unreachable";
    if let Some(spec) = members.entry("spec").or_insert_with(|| json!({})).as_object_mut() {
        let mut taints = spec.get("taints").and_then(Value::as_array).cloned().unwrap_or_default();
        taints.retain(|taint| taint.get("key").and_then(Value::as_str) != Some(unreachable));
        if !ready {
            taints.extend(["NoSchedule", "NoExecute"].map(|effect| json!({"key": unreachable, "effect": effect})));
        }
        if taints.is_empty() {
            spec.shift_remove("taints");
        } else {
            spec.insert("taints".to_owned(), Value::Array(taints));
        }
    }
    store.set(NODES, meta, members);
}
