//! Pods: how controllers make them from a template.

use serde_json::{Value, json};

use super::super::object::Meta;
use super::super::store::Members;
use super::Turn;
use super::values::*;
use crate::formats::time::Timestamp;

/// Whose pods are made.
pub struct Maker<'a> {
    pub api_version: &'static str,
    pub kind: &'static str,
    pub meta: &'a Meta,
    pub template: &'a Value,
    /// The number that names and uids come from at the beginning.
    pub root: u64,
}

/// A pod as controllers see it.
#[derive(Clone, Debug)]
pub struct Pod {
    pub meta: Meta,
    pub members: Members,
}

impl Pod {
    pub fn phase(&self) -> &str {
        status(&self.members, "/phase").and_then(Value::as_str).unwrap_or("Pending")
    }

    /// True unless the pod has ended.
    pub fn is_active(&self) -> bool {
        !matches!(self.phase(), "Succeeded" | "Failed")
    }

    pub fn is_ready(&self) -> bool {
        match condition(&self.members, "Ready") {
            // Pods of saved worlds say only that they run.
            "" => self.phase() == "Running",
            status => status == "True",
        }
    }
}

impl Turn<'_> {
    /// The pods that belong to a controller, oldest first.
    pub fn pods_of(&self, meta: &Meta) -> Vec<Pod> {
        let uid = super::super::object::uid(meta.uid);
        let own = |pod: &Meta| pod.namespace == meta.namespace && is_owned_by(pod, &uid);
        let pods = self.store.of(PODS).filter(|(pod, _)| own(pod));
        pods.map(|(meta, members)| Pod { meta: meta.clone(), members: members.clone() }).collect()
    }

    /// Gives pods without a controller to one whose selector matches.
    pub fn adopt(&mut self, meta: &Meta, reference: &Value, selector: Option<&Value>) {
        let lost = |pod: &Meta| {
            pod.namespace == meta.namespace
                && !pod.other.contains_key("ownerReferences")
                && matches(selector, &pod.labels)
        };
        let found = self.store.of(PODS).filter(|(pod, members)| {
            let ended = status(members, "/phase").and_then(Value::as_str);
            lost(pod) && !matches!(ended, Some("Succeeded" | "Failed"))
        });
        let found: Vec<_> = found.map(|(pod, members)| (pod.clone(), members.clone())).collect();
        for (mut pod, members) in found {
            pod.other.insert("ownerReferences".to_owned(), reference.clone());
            self.put(PODS, pod, members);
        }
    }

    /// Why no pod can be made from a template: the message of the admission plugin ServiceAccount.
    pub fn refusal(&self, maker: &Maker<'_>, prefix: &str) -> Option<String> {
        let account = account_of(maker.template.get("spec"));
        let namespace = &maker.meta.namespace;
        (!self.store.has("serviceaccounts", namespace, account)).then(|| {
            format!(
                "pods \"{prefix}\" is forbidden: error looking up service account {namespace}/{account}: serviceaccount \"{account}\" not found"
            )
        })
    }

    /// Makes a pod with a generated name.
    pub fn make_generated(&mut self, maker: &Maker<'_>, labels: &[(&str, &str)], extra: &str) {
        let seed = self.seed(maker.root);
        let prefix = format!("{}-", maker.meta.name);
        let name = |attempt: u64| format!("{prefix}{}", letters(hash(&[&seed, &prefix, &extra, &attempt]), 5));
        let free = |name: &String| !self.store.has(PODS, &maker.meta.namespace, name);
        let Some(name) = (0..10_000).map(name).find(free) else { return };
        self.make(maker, &name, Some(&prefix), labels, maker.meta.created, |_| {});
    }

    /// Makes a pod, unless there are too many.
    pub fn make(
        &mut self,
        maker: &Maker<'_>,
        name: &str,
        prefix: Option<&str>,
        labels: &[(&str, &str)],
        since: Timestamp,
        change: impl FnOnce(&mut Members),
    ) {
        if self.store.of(PODS).nth(super::MOST_PODS_OF_ALL).is_some() {
            return;
        }
        let mut meta = Meta {
            name: name.to_owned(),
            namespace: maker.meta.namespace.clone(),
            labels: labels_of(maker.template),
            annotations: strings(maker.template.pointer("/metadata/annotations")),
            uid: made_uid(&[&self.seed(maker.root), &name]),
            resource_version: maker.meta.resource_version,
            created: self.time(since),
            ..Meta::default()
        };
        meta.labels.extend(labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        if let Some(prefix) = prefix {
            meta.other.insert("generateName".to_owned(), json!(prefix));
        }
        meta.other.insert("ownerReferences".to_owned(), reference(maker.api_version, maker.kind, maker.meta));
        let mut spec = maker.template.get("spec").and_then(Value::as_object).cloned().unwrap_or_default();
        let account = account_of(maker.template.get("spec")).to_owned();
        for member in ["serviceAccountName", "serviceAccount"] {
            spec.insert(member.to_owned(), json!(account));
        }
        let mut members = Members::new();
        change(&mut spec);
        members.insert("spec".to_owned(), Value::Object(spec));
        members.insert("status".to_owned(), json!({ "phase": "Pending" }));
        self.put(PODS, meta, members);
    }
}

/// The service account of a pod's specification.
pub fn account_of(spec: Option<&Value>) -> &str {
    let text = |member: &str| spec.and_then(|spec| spec.get(member)).and_then(Value::as_str).filter(|t| !t.is_empty());
    text("serviceAccountName").or_else(|| text("serviceAccount")).unwrap_or("default")
}
