//! ReplicaSets and StatefulSets.

use serde_json::{Value, json};

use super::super::object::Meta;
use super::super::store::Members;
use super::Turn;
use super::pods::{Maker, Pod};
use super::values::*;

impl Turn<'_> {
    /// Makes and removes the pods of ReplicaSets.
    pub fn replica_sets(&mut self) {
        let all = self.all(REPLICA_SETS);
        for (meta, mut members) in all {
            let nothing = Value::Null;
            let template = spec(&members, "/template").cloned().unwrap_or(nothing);
            self.adopt(&meta, &reference("apps/v1", "ReplicaSet", &meta), spec(&members, "/selector"));
            let maker = Maker {
                api_version: "apps/v1",
                kind: "ReplicaSet",
                meta: &meta,
                template: &template,
                root: owner_number(&meta).unwrap_or(meta.uid),
            };
            let mut pods: Vec<Pod> = self.pods_of(&meta).into_iter().filter(Pod::is_active).collect();
            let wanted = usize::try_from(replicas(&members)).unwrap_or_default();
            let mut refusal = None;
            if pods.len() < wanted {
                refusal = self.refusal(&maker, &format!("{}-", meta.name));
                if refusal.is_none() {
                    for _ in pods.len()..wanted {
                        self.make_generated(&maker, &[], "");
                    }
                    pods = self.pods_of(&meta).into_iter().filter(Pod::is_active).collect();
                }
            }
            for pod in surplus(&mut pods, wanted) {
                self.discard(PODS, &pod.meta.namespace, &pod.meta.name);
            }
            let ready = pods.iter().filter(|pod| pod.is_ready()).count();
            let mut state = Members::new();
            state.insert("replicas".to_owned(), json!(pods.len()));
            for (member, count) in
                [("fullyLabeledReplicas", pods.len()), ("readyReplicas", ready), ("availableReplicas", ready)]
            {
                if count > 0 {
                    state.insert(member.to_owned(), json!(count));
                }
            }
            state.insert("observedGeneration".to_owned(), json!(meta.generation));
            if let Some(message) = refusal {
                let failure = failure("FailedCreate", &message, &meta);
                state.insert("conditions".to_owned(), json!([failure]));
            }
            members.insert("status".to_owned(), Value::Object(state));
            self.put(REPLICA_SETS, meta, members);
        }
    }

    /// Makes and removes the pods of StatefulSets: names with ordinals, highest removed first.
    pub fn stateful_sets(&mut self) {
        let all = self.all(STATEFUL_SETS);
        for (meta, mut members) in all {
            let nothing = Value::Null;
            let template = spec(&members, "/template").cloned().unwrap_or(nothing);
            let revision = format!("{}-{}", meta.name, template_hash(&template, 0));
            let maker =
                Maker { api_version: "apps/v1", kind: "StatefulSet", meta: &meta, template: &template, root: meta.uid };
            let wanted = replicas(&members);
            let rolling = spec_text(&members, "/updateStrategy/type") != "OnDelete";
            let in_parallel = spec_text(&members, "/podManagementPolicy") == "Parallel";
            let mut refusal = None;
            // An update replaces one pod after the other, the last one first.
            if rolling {
                let is_old = |pod: &Pod| pod.meta.labels.get(REVISION_HASH) != Some(&revision);
                if let Some(old) = self.pods_of(&meta).into_iter().rfind(is_old) {
                    self.discard(PODS, &old.meta.namespace, &old.meta.name);
                }
            }
            for ordinal in 0..wanted {
                let name = format!("{}-{ordinal}", meta.name);
                if let Some((pod, members_of_pod)) = self.store.one(PODS, &meta.namespace, &name) {
                    let pod = Pod { meta: pod.clone(), members: members_of_pod.clone() };
                    if pod.is_ready() || in_parallel {
                        continue;
                    }
                    break;
                }
                refusal = self.refusal(&maker, &name);
                if refusal.is_some() {
                    break;
                }
                let index = ordinal.to_string();
                let labels = [
                    ("apps.kubernetes.io/pod-index", index.as_str()),
                    (REVISION_HASH, &revision),
                    ("statefulset.kubernetes.io/pod-name", &name),
                ];
                self.make(&maker, &name, None, &labels, meta.created, |spec| {
                    spec.insert("hostname".to_owned(), json!(name));
                });
                // The next pod waits until this one runs.
                if !in_parallel {
                    break;
                }
            }
            let beyond = |pod: &Pod| {
                let ordinal = pod.meta.name.rsplit('-').next().and_then(|ordinal| ordinal.parse::<i64>().ok());
                ordinal.is_none_or(|ordinal| ordinal >= wanted)
            };
            for pod in self.pods_of(&meta).iter().filter(|pod| beyond(pod)) {
                self.discard(PODS, &pod.meta.namespace, &pod.meta.name);
            }
            let pods = self.pods_of(&meta);
            let ready = pods.iter().filter(|pod| pod.is_ready()).count();
            let updated = pods.iter().filter(|pod| pod.meta.labels.get(REVISION_HASH) == Some(&revision)).count();
            let mut state = json!({
                "observedGeneration": meta.generation, "replicas": pods.len(), "readyReplicas": ready,
                "currentReplicas": updated, "updatedReplicas": updated, "currentRevision": revision,
                "updateRevision": revision, "collisionCount": 0, "availableReplicas": ready,
            });
            if let (Some(message), Some(state)) = (refusal, state.as_object_mut()) {
                state.insert("conditions".to_owned(), json!([failure("FailedCreate", &message, &meta)]));
            }
            members.insert("status".to_owned(), state);
            self.put(STATEFUL_SETS, meta, members);
        }
    }
}

/// The label of the revision of a StatefulSet's or DaemonSet's template.
pub const REVISION_HASH: &str = "controller-revision-hash";

/// Takes the pods beyond `wanted` out of the list: first those that do not run, then the youngest.
fn surplus(pods: &mut Vec<Pod>, wanted: usize) -> Vec<Pod> {
    crate::formats::ordered::sort_by(pods, &|one, two| {
        let key = |pod: &Pod| (!pod.is_ready(), pod.meta.created, pod.meta.name.clone());
        key(one).cmp(&key(two))
    });
    if pods.len() > wanted { pods.split_off(wanted) } else { Vec::new() }
}

/// The condition that says why no pod can be made.
pub fn failure(reason: &str, message: &str, meta: &Meta) -> Value {
    json!({
        "type": "ReplicaFailure", "status": "True", "lastTransitionTime": meta.created.kubernetes_text(),
        "reason": reason, "message": message,
    })
}
