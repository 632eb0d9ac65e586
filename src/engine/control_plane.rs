//! The control plane of the clusters: runs the controllers after calls and when time passes, and keeps what they make out
//! of saved worlds.
//!
//! A saved world holds what clients made. Reading it runs the controllers from the beginning ([`revive`]); objects that
//! come out otherwise than they were (a pod that was made again under another name) are saved as well ([`slim`]).

use std::borrow::Cow;
use std::rc::Rc;

use serde_json::{Value, json};

use super::eks::{additions, nodes};
use super::world::{Cluster, World};
use crate::k8s::controllers::{self, Moment};
use crate::k8s::object::{Body, Meta};
use crate::k8s::store::{Members, ObjectStore};

/// The kinds that controllers make or report the state of.
const KINDS: &[&str] = &[
    "cronjobs.batch",
    "daemonsets.apps",
    "deployments.apps",
    "jobs.batch",
    "nodes",
    "pods",
    "replicasets.apps",
    "statefulsets.apps",
];
const PODS: &str = "pods";
const REVISION: &str = controllers::REVISION;

/// Lets the controllers of a cluster react to a call that wrote objects. `concerns_nodes`: the call may change who can
/// log in.
pub fn after_write(world: &mut World, cluster: &str, concerns_nodes: bool) {
    let Some(found) = world.cluster(cluster).filter(|cluster| cluster.managed) else { return };
    let write = Some(found.objects.writes());
    react(world, cluster, write, concerns_nodes);
}

/// Lets the controllers of all clusters react to a call to AWS, or to the passing of time.
pub fn after_call(world: &mut World) {
    let managed = world.clusters.iter().filter(|cluster| cluster.managed);
    let names: Vec<String> = managed.map(|cluster| cluster.name.clone()).collect();
    for name in names {
        react(world, &name, None, true);
    }
}

/// Lets the controllers that watch the clock act.
pub fn after_pause(world: &mut World) {
    let has_timers = |cluster: &Cluster| {
        let timers = ["cronjobs.batch", "jobs.batch"].iter().any(|kind| cluster.objects.of(kind).next().is_some());
        cluster.managed && timers
    };
    let names: Vec<String> =
        world.clusters.iter().filter(|cluster| has_timers(cluster)).map(|cluster| cluster.name.clone()).collect();
    for name in names {
        react(world, &name, None, false);
    }
}

fn react(world: &mut World, name: &str, write: Option<u64>, concerns_nodes: bool) {
    let Some(cluster) = world.cluster(name) else { return };
    let mut store = cluster.objects.clone();
    if concerns_nodes {
        nodes::sync(world, cluster, &mut store);
    }
    controllers::run(&mut store, Moment::After { clock: world.clock, write });
    if store != cluster.objects
        && let Some(cluster) = world.cluster_mut(name)
    {
        cluster.objects = store;
    }
}

/// Completes the clusters of a world that was read or built: what every cluster has, and what controllers make.
pub fn revive(world: &mut World) {
    for at in 0..world.clusters.len() {
        let Some(cluster) = world.clusters.get(at) else { continue };
        let mut store = cluster.objects.clone();
        if cluster.managed {
            store = revived(world, cluster, store);
        } else {
            store.remove_remembered();
        }
        if let Some(cluster) = world.clusters.get_mut(at).filter(|cluster| cluster.objects != store) {
            Rc::make_mut(cluster).objects = store;
        }
    }
}

fn revived(world: &World, cluster: &Cluster, mut store: ObjectStore) -> ObjectStore {
    store.add_missing(&additions(world, cluster));
    if store.take_whole() {
        store.remove_remembered();
        return store;
    }
    let mut kept: Vec<(&str, Meta, Members)> = Vec::new();
    for kind in KINDS {
        let whole = store.of(kind).filter(|(meta, members)| is_whole(kind, meta, members));
        kept.extend(whole.map(|(meta, members)| (*kind, meta.clone(), members.clone())));
    }
    for (kind, meta, members) in &kept {
        if *kind == PODS && is_of_replica_set(meta) {
            let (meta, members) = named(meta, members);
            store.set(PODS, meta, members);
            continue;
        }
        match save_form(kind, meta, members) {
            Form::Made => store.discard(kind, &meta.namespace, &meta.name),
            Form::Short(meta, members) => store.set(kind, *meta, members),
            Form::Same => {}
        }
    }
    make(world, cluster, &mut store);
    for (kind, meta, members) in kept {
        store.set(kind, meta, members);
    }
    store.remove_remembered();
    store
}

/// Makes everything from the beginning.
fn make(world: &World, cluster: &Cluster, store: &mut ObjectStore) {
    let seen = Cluster { objects: store.clone(), ..cluster.clone() };
    nodes::sync(world, &seen, store);
    controllers::run(store, Moment::Beginning);
}

/// A world as it is saved: without what [`revive`] makes again.
pub fn slim(world: &World) -> Cow<'_, World> {
    if !world.clusters.iter().any(|cluster| cluster.managed) {
        return Cow::Borrowed(world);
    }
    let mut out = world.clone();
    for cluster in out.clusters.iter_mut().filter(|cluster| cluster.managed) {
        let store = slimmed(world, cluster);
        Rc::make_mut(cluster).objects = store;
    }
    Cow::Owned(out)
}

fn slimmed(world: &World, cluster: &Cluster) -> ObjectStore {
    let whole = &cluster.objects;
    let mut left = whole.clone();
    for kind in KINDS {
        for (meta, members) in whole.of(kind) {
            match save_form(kind, meta, members) {
                Form::Made => left.discard(kind, &meta.namespace, &meta.name),
                Form::Short(meta, members) => left.set(kind, *meta, members),
                Form::Same => {}
            }
        }
    }
    let mut again = left.clone();
    make(world, cluster, &mut again);
    // Pods with names of their own: it may do to name them.
    let is_new = |meta: &Meta, members: &Members| {
        is_of_replica_set(meta)
            && has_state(members)
            && again.one(PODS, &meta.namespace, &meta.name) != Some((meta, members))
    };
    let new: Vec<_> = whole.of(PODS).filter(|(meta, members)| is_new(meta, members)).collect();
    if !new.is_empty() {
        for (meta, members) in new {
            let (meta, members) = named(meta, members);
            left.set(PODS, meta, members);
        }
        again = left.clone();
        make(world, cluster, &mut again);
    }
    for kind in KINDS {
        for (meta, members) in whole.of(kind) {
            if again.one(kind, &meta.namespace, &meta.name) != Some((meta, members)) {
                left.set(kind, meta.clone(), members.clone());
            }
        }
        for (meta, _) in again.of(kind) {
            if !whole.has(kind, &meta.namespace, &meta.name) {
                left.remember_removed(kind, &meta.namespace, &meta.name);
            }
        }
    }
    let additions = additions(world, cluster);
    for (resource, meta, body) in additions.iter() {
        // The state of an add-on is no change of it.
        let (kind, Body::Json(given)) = (resource.qualified(), body) else { continue };
        let plain = |members: &Members| {
            let mut members = members.clone();
            members.shift_remove("status");
            members
        };
        let is_as_given = left
            .one(&kind, &meta.namespace, &meta.name)
            .is_some_and(|(own, members)| own == meta && plain(members) == plain(given));
        if is_as_given {
            left.set(&kind, meta.clone(), given.clone());
        }
    }
    left.omit(&additions);
    if revived(world, cluster, left.clone()) == *whole {
        return left;
    }
    // Some histories have no short form.
    let mut all = whole.clone();
    all.omit(&additions);
    all.mark_whole();
    all
}

/// How an object of [`KINDS`] is saved if controllers bring the rest back.
enum Form {
    /// Not at all: a controller makes it.
    Made,
    /// Without its state.
    Short(Box<Meta>, Members),
    /// As it is.
    Same,
}

fn has_state(members: &Members) -> bool {
    let status = members.get("status");
    status.is_some_and(|status| status.get("conditions").is_some() || status.get("observedGeneration").is_some())
}

/// True if a saved object is complete, rather than in its short form.
fn is_whole(kind: &str, meta: &Meta, members: &Members) -> bool {
    match kind {
        "nodes" => true,
        _ => meta.other.contains_key("ownerReferences") || has_state(members),
    }
}

fn save_form(kind: &str, meta: &Meta, members: &Members) -> Form {
    if !is_whole(kind, meta, members) {
        return Form::Same;
    }
    let is_owned = controllers::owner(meta).is_some();
    let (mut meta, mut members) = (meta.clone(), members.clone());
    match kind {
        "nodes" if meta.labels.contains_key(nodes::NODEGROUP) => return Form::Made,
        "nodes" => return Form::Same,
        // A pod of a world that was made before controllers ran: its owner finds it by name.
        PODS if is_owned && !has_state(&members) => disown(&mut meta),
        _ if is_owned => return Form::Made,
        PODS => stop(&mut members),
        "deployments.apps" => {
            if meta.annotations.get(REVISION).is_some_and(|revision| revision == "1") {
                meta.annotations.remove(REVISION);
            }
            let replicas = members.get("spec").and_then(|spec| spec.get("replicas")).and_then(Value::as_i64);
            let replicas = replicas.unwrap_or(1);
            members.insert("status".to_owned(), all_ready(replicas));
        }
        _ => {
            members.shift_remove("status");
        }
    }
    Form::Short(Box::new(meta), members)
}

/// Takes a pod from its ReplicaSet, which finds it again by its name.
fn disown(meta: &mut Meta) {
    meta.other.shift_remove("ownerReferences");
    meta.labels.remove("pod-template-hash");
}

/// The pod of a ReplicaSet without all that the ReplicaSet, the scheduler and the node bring back.
fn named(meta: &Meta, members: &Members) -> (Meta, Members) {
    let (mut meta, mut members) = (meta.clone(), members.clone());
    disown(&mut meta);
    stop(&mut members);
    (meta, members)
}

fn is_of_replica_set(meta: &Meta) -> bool {
    controllers::owner(meta).is_some_and(|owner| owner.kind == "ReplicaSet")
}

/// Takes a pod's node and state away, which the scheduler and the node bring back.
fn stop(members: &mut Members) {
    if let Some(spec) = members.get_mut("spec").and_then(Value::as_object_mut) {
        spec.shift_remove("nodeName");
    }
    members.insert("status".to_owned(), json!({ "phase": "Running" }));
}

/// What worlds say of a Deployment whose pods all run.
fn all_ready(replicas: i64) -> Value {
    json!({ "replicas": replicas, "updatedReplicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas })
}
