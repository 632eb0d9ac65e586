//! The short form of a snapshot's JSON: without what the rest of it says already.
//!
//! A member goes only if the rest gives back exactly what stood there, so the short form loses nothing. What links of
//! version 2 leave out is frozen; their golden tests hold it.
//!
//! - Times are seconds since the base's start; a time with milliseconds is a text.
//! - The id and key of a principal are the number that they were made from.
//! - A node group and a Fargate profile do not repeat their names.
//! - An access entry does not repeat its key, its principal's id, nor the user name that it has by default.
//! - An object does not repeat its last-applied annotation, a namespace not what its controllers put into it.
//! - Counters that stand at the highest number given out are left out.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::aws::iam::{PrincipalKind, access_key_id, unique_id};
use crate::formats::json::{go_compact, sort_keys};
use crate::k8s::discovery;

/// 2024-01-17T10:30:00Z.
const START: i64 = 1_705_487_400_000;
/// How many numbers are tried as the origin of a principal's id.
const MOST_SERIALS: u64 = 4_000;
/// Resource versions are this much above uids.
const VERSION_OVER_UID: u64 = 1_000;
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

type Members = Map<String, Value>;

/// Leaves out what the rest says.
pub fn shorten(snapshot: &mut Value) {
    let Some(world) = snapshot.get_mut("world").and_then(Value::as_object_mut) else { return };
    let ids = principals(world);
    shorten_ids(world);
    put_back(world, "serial", Some(json!(0)));
    let last = highest_serial(world);
    leave_out(world, "serial", last.map(Value::from));
    time(world, "clock", to_short_time);
    for cluster in items(world, "clusters") {
        let Some(cluster) = cluster.as_object_mut() else { continue };
        time(cluster, "created_at", to_short_time);
        for update in items(cluster, "updates").filter_map(Value::as_object_mut) {
            leave_out(update, "done", Some(json!(true)));
            let asked = update.get("created_at").cloned();
            leave_out(update, "ends_at", asked);
            for name in ["created_at", "ends_at"] {
                time(update, name, to_short_time);
            }
        }
        compute(cluster, |asked, name, value| leave_out(asked, name, Some(value)), to_short_time);
        for (arn, entry) in members(cluster, "entries") {
            let Some(entry) = entry.as_object_mut() else { continue };
            leave_out(entry, "principal_arn", Some(json!(arn)));
            leave_out(entry, "unique_id", ids.get(arn.as_str()).cloned());
            let username = usual_username(arn, entry);
            leave_out(entry, "username", username);
            let made = entry.get("created_at").cloned();
            leave_out(entry, "modified_at", made);
            for policy in items(entry, "policies").filter_map(Value::as_object_mut) {
                let made = policy.get("associated_at").cloned();
                leave_out(policy, "modified_at", made);
                for name in ["associated_at", "modified_at"] {
                    time(policy, name, to_short_time);
                }
            }
            for name in ["created_at", "modified_at"] {
                time(entry, name, to_short_time);
            }
        }
        if let Some(store) = cluster.get_mut("objects").and_then(Value::as_object_mut) {
            shorten_store(store);
        }
    }
}

/// Puts back what [`shorten`] left out. Something else may come of hostile values, which is then checked as any.
pub fn lengthen(snapshot: &mut Value) {
    let Some(world) = snapshot.get_mut("world").and_then(Value::as_object_mut) else { return };
    time(world, "clock", to_long_time);
    lengthen_ids(world);
    let ids = principals(world);
    for cluster in items(world, "clusters") {
        let Some(cluster) = cluster.as_object_mut() else { continue };
        time(cluster, "created_at", to_long_time);
        for update in items(cluster, "updates").filter_map(Value::as_object_mut) {
            for name in ["created_at", "ends_at"] {
                time(update, name, to_long_time);
            }
            let asked = update.get("created_at").cloned();
            put_back(update, "ends_at", asked);
            put_back(update, "done", Some(json!(true)));
        }
        compute(cluster, |asked, name, value| put_back(asked, name, Some(value)), to_long_time);
        for (arn, entry) in members(cluster, "entries") {
            let Some(entry) = entry.as_object_mut() else { continue };
            for name in ["created_at", "modified_at"] {
                time(entry, name, to_long_time);
            }
            for policy in items(entry, "policies").filter_map(Value::as_object_mut) {
                for name in ["associated_at", "modified_at"] {
                    time(policy, name, to_long_time);
                }
                let made = policy.get("associated_at").cloned();
                put_back(policy, "modified_at", made);
            }
            let made = entry.get("created_at").cloned();
            put_back(entry, "modified_at", made);
            put_back(entry, "principal_arn", Some(json!(arn)));
            put_back(entry, "unique_id", ids.get(arn.as_str()).cloned());
            let username = usual_username(arn, entry);
            put_back(entry, "username", username);
        }
        if let Some(store) = cluster.get_mut("objects").and_then(Value::as_object_mut) {
            lengthen_store(store);
        }
    }
    let last = highest_serial(world);
    put_back(world, "serial", last.map(Value::from));
}

/// Node groups and Fargate profiles with the names that they do not repeat.
fn compute(cluster: &mut Members, change: fn(&mut Members, &str, Value), to_time: fn(&Value) -> Option<Value>) {
    let of = cluster.get("name").cloned().unwrap_or_default();
    for (list, own) in [("nodegroups", "nodegroupName"), ("fargate_profiles", "fargateProfileName")] {
        for (name, made) in members(cluster, list) {
            let Some(made) = made.as_object_mut() else { continue };
            time(made, "created_at", to_time);
            if let Some(asked) = made.get_mut("asked").and_then(Value::as_object_mut) {
                change(asked, "clusterName", of.clone());
                change(asked, own, json!(name));
            }
        }
    }
}

fn leave_out(members: &mut Members, name: &str, expected: Option<Value>) {
    if expected.is_some() && members.get(name) == expected.as_ref() {
        members.shift_remove(name);
    }
}

fn put_back(members: &mut Members, name: &str, expected: Option<Value>) {
    if let Some(expected) = expected
        && !members.contains_key(name)
    {
        members.insert(name.to_owned(), expected);
    }
}

fn items<'a>(members: &'a mut Members, name: &str) -> impl Iterator<Item = &'a mut Value> {
    members.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten()
}

fn members<'a>(parent: &'a mut Members, name: &str) -> impl Iterator<Item = (&'a String, &'a mut Value)> {
    parent.get_mut(name).and_then(Value::as_object_mut).into_iter().flatten()
}

fn time(members: &mut Members, name: &str, change: fn(&Value) -> Option<Value>) {
    if let Some(value) = members.get_mut(name)
        && let Some(changed) = change(value)
    {
        *value = changed;
    }
}

fn to_short_time(value: &Value) -> Option<Value> {
    let millis = value.as_i64()?;
    let seconds = millis.checked_sub(START).filter(|since| since % 1000 == 0).map(|since| since / 1000);
    Some(seconds.map_or_else(|| json!(millis.to_string()), Value::from))
}

fn to_long_time(value: &Value) -> Option<Value> {
    match value {
        Value::String(millis) => millis.parse::<i64>().ok().map(Value::from),
        _ => Some(json!(value.as_i64()?.checked_mul(1000)?.checked_add(START)?)),
    }
}

/// Unique ids of users and roles by ARN; the last of a name, as the account has no two.
fn principals(world: &mut Members) -> BTreeMap<String, Value> {
    let text = |members: &Members, name: &str| members.get(name)?.as_str().map(str::to_owned);
    let account = text(world, "account").unwrap_or_default();
    let partition = text(world, "partition").unwrap_or_else(|| "aws".to_owned());
    let mut ids = BTreeMap::new();
    for (list, kind) in [("users", "user"), ("roles", "role")] {
        for principal in items(world, list).filter_map(|principal| principal.as_object()) {
            let parts = text(principal, "path").zip(text(principal, "name"));
            if let (Some((path, name)), Some(id)) = (parts, principal.get("uniqueId")) {
                ids.insert(format!("arn:{partition}:iam::{account}:{kind}{path}{name}"), id.clone());
            }
        }
    }
    ids
}

fn shorten_ids(world: &mut Members) {
    let most = world.get("serial").and_then(Value::as_u64).unwrap_or(MOST_SERIALS).min(MOST_SERIALS);
    for (list, kind) in [("users", PrincipalKind::User), ("roles", PrincipalKind::Role)] {
        let mut known = None;
        for principal in items(world, list).filter_map(Value::as_object_mut) {
            time(principal, "createdAt", to_short_time);
            leave_out(principal, "path", Some(json!("/")));
            let known: &BTreeMap<String, u64> =
                known.get_or_insert_with(|| (1..=most).map(|serial| (unique_id(kind, serial), serial)).collect());
            let id = principal.get("uniqueId").and_then(Value::as_str);
            let Some(serial) = id.and_then(|id| known.get(id)).copied() else { continue };
            leave_out(principal, "accessKey", Some(json!(access_key_id(kind, serial))));
            principal.insert("uniqueId".to_owned(), json!(serial));
        }
    }
}

fn lengthen_ids(world: &mut Members) {
    for (list, kind) in [("users", PrincipalKind::User), ("roles", PrincipalKind::Role)] {
        for principal in items(world, list).filter_map(Value::as_object_mut) {
            time(principal, "createdAt", to_long_time);
            put_back(principal, "path", Some(json!("/")));
            let Some(serial) = principal.get("uniqueId").and_then(Value::as_u64) else { continue };
            principal.insert("uniqueId".to_owned(), json!(unique_id(kind, serial)));
            if kind == PrincipalKind::User {
                put_back(principal, "accessKey", Some(json!(access_key_id(kind, serial))));
            }
        }
    }
}

/// The highest number in the world that the counter of ids has given out.
fn highest_serial(world: &mut Members) -> Option<u64> {
    let serial = |value: &Value| value.get("serial")?.as_u64();
    let mut last = None;
    for cluster in items(world, "clusters").filter_map(Value::as_object_mut) {
        last = last.max(items(cluster, "updates").filter_map(|update| serial(update)).max());
        for list in ["entries", "nodegroups", "fargate_profiles"] {
            last = last.max(members(cluster, list).filter_map(|(_, made)| serial(made)).max());
        }
    }
    last
}

/// The user name that an entry has unless it is given one.
fn usual_username(arn: &str, entry: &Members) -> Option<Value> {
    match entry.get("kind").and_then(Value::as_str) {
        Some("EC2_LINUX" | "EC2_WINDOWS" | "EC2") => return Some(json!("system:node:{{EC2PrivateDNSName}}")),
        Some("FARGATE_LINUX" | "HYBRID_LINUX" | "HYPERPOD_LINUX") => {
            return Some(json!("system:node:{{SessionName}}"));
        }
        _ => {}
    }
    match arn.split_once(":role/") {
        None => Some(json!(arn)),
        Some((account, path)) => {
            let name = path.rsplit('/').next().unwrap_or(path);
            let account = account.replacen(":iam:", ":sts:", 1);
            Some(json!(format!("{account}:assumed-role/{name}/{{{{SessionName}}}}")))
        }
    }
}

fn shorten_store(store: &mut Members) {
    time(store, "stockSince", to_short_time);
    let last = highest_uid(store);
    leave_out(store, "writes", last.map(Value::from));
    let Some(objects) = store.get_mut("objects").and_then(Value::as_object_mut) else { return };
    for (name, uid, created) in namespaces(objects) {
        for (key, expected) in contents(&name, uid, &created) {
            match objects.get(&key) {
                Some(found) if *found == expected => drop(objects.shift_remove(&key)),
                Some(_) => {}
                None => drop(objects.insert(key, json!(0))),
            }
        }
    }
    for (key, saved) in objects.iter_mut() {
        let Some(saved) = saved.as_object_mut() else { continue };
        leave_out(saved, "version", usual_version(saved));
        time(saved, "created", to_short_time);
        let applied = saved.get("object").and_then(|object| usual_applied(key, object));
        let annotations = saved.get_mut("object").and_then(|object| object.pointer_mut("/metadata/annotations"));
        if let Some(annotations) = annotations.and_then(Value::as_object_mut)
            && annotations.len() == 1
            && annotations.get(LAST_APPLIED) == applied.as_ref()
            && let Some(metadata) = saved.get_mut("object").and_then(|object| object.get_mut("metadata"))
            && let Some(metadata) = metadata.as_object_mut()
        {
            metadata.shift_remove("annotations");
            let is_empty = metadata.is_empty();
            if is_empty && let Some(object) = saved.get_mut("object").and_then(Value::as_object_mut) {
                object.shift_remove("metadata");
            }
            saved.insert("applied".to_owned(), json!(true));
        }
    }
}

fn lengthen_store(store: &mut Members) {
    time(store, "stockSince", to_long_time);
    if let Some(objects) = store.get_mut("objects").and_then(Value::as_object_mut) {
        for (key, saved) in objects.iter_mut() {
            let Some(saved) = saved.as_object_mut() else { continue };
            time(saved, "created", to_long_time);
            put_back(saved, "version", usual_version(saved));
            if saved.shift_remove("applied").is_none() {
                continue;
            }
            let Some(object) = saved.get_mut("object") else { continue };
            let Some(applied) = usual_applied(key, object) else { continue };
            let Some(object) = object.as_object_mut() else { continue };
            let metadata = object.entry("metadata").or_insert_with(|| json!({}));
            if let Some(metadata) = metadata.as_object_mut() {
                metadata.insert("annotations".to_owned(), json!({ LAST_APPLIED: applied }));
            }
        }
        for (name, uid, created) in namespaces(objects) {
            for (key, expected) in contents(&name, uid, &created) {
                match objects.get(&key) {
                    None => drop(objects.insert(key, expected)),
                    Some(Value::Number(_)) => drop(objects.shift_remove(&key)),
                    Some(_) => {}
                }
            }
        }
    }
    let last = highest_uid(store);
    put_back(store, "writes", last.map(Value::from));
}

fn usual_version(saved: &Members) -> Option<Value> {
    Some(json!(saved.get("uid")?.as_u64()?.checked_add(VERSION_OVER_UID)?))
}

/// The number of the last write that an object remembers.
fn highest_uid(store: &mut Members) -> Option<u64> {
    let version = |saved: &Value| saved.get("version")?.as_u64()?.checked_sub(VERSION_OVER_UID);
    members(store, "objects").filter_map(|(_, saved)| version(saved).max(saved.get("uid")?.as_u64())).max()
}

/// Name, uid and time of each saved namespace.
fn namespaces(objects: &Members) -> Vec<(String, u64, Value)> {
    let named = objects.iter().filter_map(|(key, saved)| Some((key.strip_prefix("namespaces  ")?, saved)));
    named
        .filter_map(|(name, saved)| Some((name.to_owned(), saved.get("uid")?.as_u64()?, saved.get("created")?.clone())))
        .collect()
}

/// What the controllers put into a new namespace.
fn contents(namespace: &str, uid: u64, created: &Value) -> [(String, Value); 2] {
    let saved = |number: u64, object: Value| {
        let uid = uid.saturating_add(number);
        json!({"uid": uid, "version": uid.saturating_add(VERSION_OVER_UID), "created": created, "object": object})
    };
    let certificate = json!({"data": {"ca.crt": "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n"}});
    [
        (format!("serviceaccounts {namespace} default"), saved(1, json!({}))),
        (format!("configmaps {namespace} kube-root-ca.crt"), saved(2, certificate)),
    ]
}

/// The annotation that `kubectl apply` writes when the object was made from just what is saved of it.
fn usual_applied(key: &str, object: &Value) -> Option<Value> {
    let mut parts = key.splitn(3, ' ');
    let (kind, namespace, name) = (parts.next()?, parts.next()?, parts.next()?);
    let (plural, group) = kind.split_once('.').unwrap_or((kind, ""));
    let resource = discovery::find(group, plural)?;
    let mut whole = object.as_object()?.clone();
    let mut metadata =
        whole.shift_remove("metadata").and_then(|metadata| metadata.as_object().cloned()).unwrap_or_default();
    metadata.insert("annotations".to_owned(), json!({}));
    metadata.insert("name".to_owned(), json!(name));
    if !namespace.is_empty() {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    whole.insert("metadata".to_owned(), Value::Object(metadata));
    let version = if group.is_empty() { resource.version.to_string() } else { format!("{group}/{}", resource.version) };
    whole.insert("apiVersion".to_owned(), json!(version));
    whole.insert("kind".to_owned(), json!(resource.kind));
    Some(json!(format!("{}\n", go_compact(&sort_keys(&Value::Object(whole))))))
}
