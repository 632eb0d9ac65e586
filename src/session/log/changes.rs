//! What makes one state out of another, as JSON: only what differs is looked at, kept and made again, so that states
//! made this way share the rest.
//!
//! `{"w": CHANGE, "order": [NAME…], "c": {NAME: null | CHANGE | {"f": CHANGE, "n": WRITES, "o": {OBJECT: null | CHANGE}}},
//! "d": CHANGE}`: the world without its clusters, the order of clusters if it changes, the clusters, the workstation.
//! A CHANGE is `{"=": VALUE}`, or `{"~": DIFFERENCE}` in the form that links use.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map, Value, json};

use crate::engine::world::{Cluster, World};
use crate::k8s::store::ObjectStore;
use crate::session::share::difference::{apply, difference};
use crate::session::{Snapshot, Workstation};

/// The largest value that a change may make, in bytes: changes of texts could double them again and again.
const MAX_VALUE_BYTES: usize = 4_000_000;

/// What makes `to` out of `from`; nothing if they are equal. Caches of tools are left out.
pub(super) fn between(from: &Snapshot, to: &Snapshot) -> Map<String, Value> {
    let mut patch = Map::new();
    if !Rc::ptr_eq(&from.world, &to.world) {
        let frames = frames(&from.world, &to.world);
        let whole = || json!(World { clusters: Vec::new(), ..(*to.world).clone() });
        put(&mut patch, "w", change(&json!(frames.0), &json!(frames.1), whole));
        let clusters = clusters(&from.world, &to.world);
        if !clusters.is_empty() {
            patch.insert("c".to_owned(), Value::Object(clusters));
        }
        let order = |world: &World| world.clusters.iter().map(|cluster| cluster.name.clone()).collect::<Vec<_>>();
        if order(&from.world) != order(&to.world) {
            patch.insert("order".to_owned(), json!(order(&to.world)));
        }
    }
    if !Rc::ptr_eq(&from.workstation, &to.workstation) {
        let (mut old, mut new) = (from.workstation.without_caches(), to.workstation.without_caches());
        let files = std::mem::take(&mut old.files);
        old.files.extend(files.into_iter().filter(|(path, text)| new.files.get(path) != Some(text)));
        let kept = &from.workstation.files;
        new.files.retain(|path, text| old.files.contains_key(path) || kept.get(path) != Some(text));
        put(&mut patch, "d", change(&json!(old), &json!(new), || json!(to.workstation.without_caches())));
    }
    patch
}

/// The state that a change makes out of `from`.
///
/// # Errors
/// What does not fit, or is not well-formed.
pub(super) fn changed(from: &Snapshot, patch: &Value) -> Result<Snapshot, String> {
    let mut to = from.clone();
    let world = Rc::make_mut(&mut to.world);
    if let Some(change) = patch.get("w") {
        let mentions = |list: &str| change.pointer("/~").is_none_or(|difference| difference.get(list).is_some());
        let [users, roles] = [mentions("users"), mentions("roles")];
        let mut frame = World { clusters: Vec::new(), ..world.clone() };
        if !users {
            frame.users.clear();
        }
        if !roles {
            frame.roles.clear();
        }
        frame = read(made(json!(frame), change)?)?;
        if !users {
            frame.users.clone_from(&world.users);
        }
        if !roles {
            frame.roles.clone_from(&world.roles);
        }
        frame.clusters = std::mem::take(&mut world.clusters);
        *world = frame;
    }
    for (name, change) in patch.get("c").and_then(Value::as_object).into_iter().flatten() {
        let at = world.clusters.iter().position(|cluster| cluster.name == *name);
        match (at, change) {
            (Some(at), Value::Null) => drop(world.clusters.remove(at)),
            (None, change) => world.clusters.push(Rc::new(read(made(Value::Null, change)?)?)),
            (Some(at), change) => {
                let cluster = world.clusters.get_mut(at).ok_or("no cluster")?;
                *cluster = Rc::new(changed_cluster(cluster, change)?);
            }
        }
    }
    if let Some(order) = patch.get("order").and_then(Value::as_array) {
        let place = |cluster: &Rc<Cluster>| order.iter().position(|name| *name == *cluster.name);
        world.clusters.sort_by_key(place);
    }
    if let Some(change) = patch.get("d") {
        let mut old = to.workstation.without_caches();
        let mentioned = change.pointer("/~").map(|difference| difference.get("files"));
        let mut kept = BTreeMap::new();
        if let Some(files) = mentioned {
            let is_mentioned = |path: &str| files.is_some_and(|files| files.get(path).is_some());
            let (inside, outside) = old.files.into_iter().partition(|(path, _)| is_mentioned(path));
            (old.files, kept) = (inside, outside);
        }
        let mut new: Workstation = read(made(json!(old), change)?)?;
        new.files.append(&mut kept);
        new.check().map_err(|error| error.to_string())?;
        to.workstation = Rc::new(new);
    }
    to.world.check()?;
    Ok(to)
}

/// Both worlds without their clusters, and without users and roles that they share.
fn frames(from: &World, to: &World) -> (World, World) {
    let [mut old, mut new] = [from, to].map(|world| World { clusters: Vec::new(), ..world.clone() });
    if is_shared(&old.users, &new.users) {
        (old.users, new.users) = (Vec::new(), Vec::new());
    }
    if is_shared(&old.roles, &new.roles) {
        (old.roles, new.roles) = (Vec::new(), Vec::new());
    }
    (old, new)
}

fn is_shared<T>(old: &[Rc<T>], new: &[Rc<T>]) -> bool {
    old.len() == new.len() && old.iter().zip(new).all(|(a, b)| Rc::ptr_eq(a, b))
}

fn clusters(from: &World, to: &World) -> Map<String, Value> {
    let mut out = Map::new();
    for old in &from.clusters {
        match to.cluster(&old.name) {
            None => drop(out.insert(old.name.clone(), Value::Null)),
            Some(new) if std::ptr::eq(&raw const **old, new) => {}
            Some(new) => drop(cluster_change(old, new).map(|change| out.insert(old.name.clone(), change))),
        }
    }
    let is_new = |cluster: &&Rc<Cluster>| from.cluster(&cluster.name).is_none();
    out.extend(to.clusters.iter().filter(is_new).map(|new| (new.name.clone(), json!({ "=": **new }))));
    out
}

fn cluster_change(old: &Cluster, new: &Cluster) -> Option<Value> {
    if !old.objects.has_stock_of(&new.objects) {
        return Some(json!({ "=": new }));
    }
    let mut patch = Map::new();
    // The same objects on both sides take no time to compare.
    let frame = Cluster { objects: old.objects.clone(), ..new.clone() };
    if *old != frame {
        put(&mut patch, "f", change(&frame_json(old), &frame_json(new), || frame_json(new)));
    }
    let mut objects = Map::new();
    for name in old.objects.differing(&new.objects) {
        let told = match (old.objects.saved(&name), new.objects.saved(&name)) {
            (Some(old), Some(new)) => change(&old, &new, || new.clone()).unwrap_or(json!({ "~": {} })),
            (_, Some(new)) => json!({ "=": new }),
            (_, None) => Value::Null,
        };
        objects.insert(name, told);
    }
    if !objects.is_empty() {
        patch.insert("o".to_owned(), Value::Object(objects));
    }
    if old.objects.writes() != new.objects.writes() {
        patch.insert("n".to_owned(), json!(new.objects.writes()));
    }
    (!patch.is_empty()).then_some(Value::Object(patch))
}

fn changed_cluster(old: &Cluster, patch: &Value) -> Result<Cluster, String> {
    if patch.get("=").is_some() {
        return read(made(Value::Null, patch)?);
    }
    let mut cluster = match patch.get("f") {
        Some(change) => Cluster { objects: old.objects.clone(), ..read(made(frame_json(old), change)?)? },
        None => old.clone(),
    };
    if cluster.name != old.name {
        return Err(format!("cluster `{}` changes its name", old.name));
    }
    let mut objects = BTreeMap::new();
    for (name, change) in patch.get("o").and_then(Value::as_object).into_iter().flatten() {
        let new = match change {
            Value::Null => None,
            change => Some(made(old.objects.saved(name).unwrap_or_default(), change)?),
        };
        objects.insert(name.clone(), new);
    }
    let writes = patch.get("n").and_then(Value::as_u64).unwrap_or_else(|| old.objects.writes());
    cluster.objects = cluster.objects.with_saved(objects, writes)?;
    Ok(cluster)
}

/// A cluster without its objects.
fn frame_json(cluster: &Cluster) -> Value {
    thread_local! {
        static BLANK: ObjectStore = ObjectStore::default();
    }
    let mut frame = json!(Cluster { objects: BLANK.with(ObjectStore::clone), ..cluster.clone() });
    if let Some(members) = frame.as_object_mut() {
        members.shift_remove("objects");
    }
    frame
}

fn put(patch: &mut Map<String, Value>, member: &str, change: Option<Value>) {
    patch.extend(change.map(|change| (member.to_owned(), change)));
}

/// How a value changes, if it does. `old` and `new` may both lack what is equal; `whole` is all of the new one.
fn change(old: &Value, new: &Value, whole: impl FnOnce() -> Value) -> Option<Value> {
    if old == new {
        return None;
    }
    Some(match difference(old, new) {
        Some(difference) => json!({ "~": difference }),
        None => json!({ "=": whole() }),
    })
}

fn made(old: Value, change: &Value) -> Result<Value, String> {
    if let Some(whole) = change.get("=") {
        return Ok(whole.clone());
    }
    let difference = change.get("~").ok_or("a change that is neither a value nor a difference")?;
    let made = apply(old, difference);
    if bytes(&made) > MAX_VALUE_BYTES { Err("a value that is too large".to_owned()) } else { Ok(made) }
}

/// About how long a value is as text.
fn bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(|item| bytes(item) + 1).sum(),
        Value::Object(members) => members.iter().map(|(key, value)| key.len() + bytes(value) + 1).sum(),
        _ => 1,
    }
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}
