//! DaemonSets: a pod on every node that it may run on.

use serde_json::{Value, json};

use super::super::object::Meta;
use super::super::store::Members;
use super::Turn;
use super::apps::REVISION_HASH;
use super::pods::{Maker, Pod};
use super::schedule::{fits, tolerates};
use super::values::*;

impl Turn<'_> {
    /// Makes and removes the pods of DaemonSets.
    pub fn daemon_sets(&mut self) {
        let all = self.all(DAEMON_SETS);
        for (meta, members) in all {
            self.daemon_set(&meta, members);
        }
    }

    fn daemon_set(&mut self, meta: &Meta, mut members: Members) {
        let nothing = Value::Null;
        let template = spec(&members, "/template").cloned().unwrap_or(nothing);
        let revision = template_hash(&template, 0);
        let generation = meta.generation.to_string();
        let maker = Maker { api_version: "apps/v1", kind: "DaemonSet", meta, template: &template, root: meta.uid };
        // Pods of DaemonSets stay on nodes that are not ready or closed for new pods.
        let may_run = |node: &Meta, of_node: &Members| {
            fits(template.get("spec"), node, of_node) && {
                let taints = spec(of_node, "/taints").and_then(Value::as_array).into_iter().flatten();
                taints.into_iter().all(|taint| {
                    let key = taint.get("key").and_then(Value::as_str).unwrap_or_default();
                    key.starts_with("node.kubernetes.io/") || tolerates(template.get("spec"), taint)
                })
            }
        };
        let nodes: Vec<Meta> = self.store.of(NODES).filter(|(n, m)| may_run(n, m)).map(|(n, _)| n.clone()).collect();
        let on = |pod: &Pod| spec_text(&pod.members, "/nodeName").to_owned();
        let pods: Vec<Pod> = self.pods_of(meta).into_iter().filter(Pod::is_active).collect();
        let keeps_old = spec_text(&members, "/updateStrategy/type") == "OnDelete";
        let is_current = |pod: &Pod| keeps_old || pod.meta.labels.get(REVISION_HASH) == Some(&revision);
        for pod in pods.iter().filter(|pod| !nodes.iter().any(|node| node.name == on(pod)) || !is_current(pod)) {
            self.discard(PODS, &pod.meta.namespace, &pod.meta.name);
        }
        let has = |pods: &[Pod], node: &Meta| pods.iter().any(|pod| on(pod) == node.name && is_current(pod));
        for node in nodes.iter().filter(|node| !has(&pods, node)) {
            if self.refusal(&maker, &format!("{}-", meta.name)).is_some() {
                break;
            }
            let labels = [(REVISION_HASH, revision.as_str()), ("pod-template-generation", generation.as_str())];
            let prefix = format!("{}-", meta.name);
            let seed = self.seed(maker.root);
            let name = |n: u64| format!("{prefix}{}", letters(hash(&[&seed, &prefix, &node.name, &n]), 5));
            let free = |name: &String| !self.store.has(PODS, &meta.namespace, name);
            let Some(name) = (0..10_000).map(name).find(free) else { continue };
            let since = meta.created.max(node.created);
            self.make(&maker, &name, Some(&prefix), &labels, since, |spec| {
                spec.insert("nodeName".to_owned(), json!(node.name));
            });
        }
        let pods: Vec<Pod> = self.pods_of(meta).into_iter().filter(Pod::is_active).collect();
        let ready = pods.iter().filter(|pod| pod.is_ready()).count();
        let updated = pods.iter().filter(|pod| pod.meta.labels.get(REVISION_HASH) == Some(&revision)).count();
        let mut state = json!({
            "currentNumberScheduled": pods.len(), "numberMisscheduled": 0, "desiredNumberScheduled": nodes.len(),
            "numberReady": ready, "observedGeneration": meta.generation,
        });
        if let Some(state) = state.as_object_mut() {
            let missing = nodes.len().saturating_sub(ready);
            for (member, count) in
                [("updatedNumberScheduled", updated), ("numberAvailable", ready), ("numberUnavailable", missing)]
            {
                if count > 0 {
                    state.insert(member.to_owned(), json!(count));
                }
            }
        }
        members.insert("status".to_owned(), state);
        self.put(DAEMON_SETS, meta.clone(), members);
    }
}
