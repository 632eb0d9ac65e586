//! The garbage collector: what belongs to an object goes with it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::object::{Meta, uid};
use super::super::store::ObjectStore;
use super::Turn;
use super::values::*;

/// Removes the objects whose owners are all gone, and what belongs to them.
pub fn collect(store: &mut ObjectStore) {
    // Each pass removes one level of ownership.
    for _ in 0..16 {
        let lost: Vec<(String, String, String)> = store
            .owned()
            .filter(|(_, meta)| !has_live_owner(store, meta))
            .map(|(kind, meta)| (kind.to_owned(), meta.namespace.clone(), meta.name.clone()))
            .collect();
        if lost.is_empty() {
            return;
        }
        for (kind, namespace, name) in lost {
            store.discard(&kind, &namespace, &name);
        }
    }
}

fn references(meta: &Meta) -> impl Iterator<Item = &Value> {
    meta.other.get("ownerReferences").and_then(Value::as_array).into_iter().flatten()
}

fn has_live_owner(store: &ObjectStore, meta: &Meta) -> bool {
    let mut all = references(meta).peekable();
    // An empty list is no list.
    if all.peek().is_none() {
        return true;
    }
    all.any(|reference| {
        let text = |member: &str| reference.get(member).and_then(Value::as_str).unwrap_or_default();
        let (api_version, kind, name) = (text("apiVersion"), text("kind"), text("name"));
        if let Some(kind) = known(api_version, kind) {
            return store.one(kind, &meta.namespace, name).is_some_and(|(owner, _)| uid(owner.uid) == text("uid"));
        }
        let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
        let resource = store.resources().into_iter().find(|r| r.group == group && r.kind == kind);
        // A kind that the server does not serve blocks the collector.
        let Some(resource) = resource else { return true };
        let namespace = if resource.namespaced { meta.namespace.as_str() } else { "" };
        store.find(&resource, namespace, name).is_some_and(|(owner, _)| uid(owner.uid) == text("uid"))
    })
}

/// The stored name of a kind that owns pods.
fn known(api_version: &str, kind: &str) -> Option<&'static str> {
    match (api_version, kind) {
        ("apps/v1", "Deployment") => Some(DEPLOYMENTS),
        ("apps/v1", "ReplicaSet") => Some(REPLICA_SETS),
        ("apps/v1", "StatefulSet") => Some(STATEFUL_SETS),
        ("apps/v1", "DaemonSet") => Some(DAEMON_SETS),
        ("batch/v1", "Job") => Some(JOBS),
        ("batch/v1", "CronJob") => Some(CRON_JOBS),
        _ => None,
    }
}

/// Takes an object that is about to go out of the lists of owners (`--cascade=orphan`).
pub fn orphan(store: &mut ObjectStore, owner: u64) {
    let owner = uid(owner);
    let is_it = |reference: &Value| reference.get("uid").and_then(Value::as_str) == Some(&owner);
    let owned: Vec<(String, Meta)> = store
        .owned()
        .filter(|(_, meta)| references(meta).any(is_it))
        .map(|(kind, meta)| (kind.to_owned(), meta.clone()))
        .collect();
    for (kind, mut meta) in owned {
        let left: Vec<Value> = references(&meta).filter(|reference| !is_it(reference)).cloned().collect();
        if left.is_empty() {
            meta.other.shift_remove("ownerReferences");
        } else {
            meta.other.insert("ownerReferences".to_owned(), Value::Array(left));
        }
        let Some((_, members)) = store.one(&kind, &meta.namespace, &meta.name) else { continue };
        let members = members.clone();
        store.set(&kind, meta, members);
    }
}

impl Turn<'_> {
    /// Removes pods and ReplicaSets without a live owner, and started pods whose node is gone.
    pub fn clean_up(&mut self) {
        let nodes: BTreeSet<&str> = self.store.of(NODES).map(|(meta, _)| meta.name.as_str()).collect();
        let mut lost: Vec<(&str, String, String)> = Vec::new();
        for (meta, members) in self.store.of(PODS) {
            let node = spec_text(members, "/nodeName");
            if !node.is_empty() && !nodes.contains(node) && status(members, "/conditions").is_some() {
                lost.push((PODS, meta.namespace.clone(), meta.name.clone()));
            }
        }
        for kind in [PODS, REPLICA_SETS, JOBS] {
            for (meta, _) in self.store.of(kind) {
                if meta.other.contains_key("ownerReferences") && !has_live_owner(self.store, meta) {
                    lost.push((kind, meta.namespace.clone(), meta.name.clone()));
                }
            }
        }
        for (kind, namespace, name) in lost {
            self.discard(kind, &namespace, &name);
        }
    }
}
