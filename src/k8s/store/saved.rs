//! The saved form of a store: the difference from the stock one.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{Key, ObjectStore, Stored};
use crate::formats::time::Timestamp;
use crate::k8s::object::{Body, Meta};
use crate::k8s::releases;

/// What is saved of a store: the difference from the stock one.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Saved {
    stock_since: Timestamp,
    #[serde(default = "default_minor", skip_serializing_if = "is_default_minor")]
    minor: u8,
    writes: u64,
    /// By `KIND NAMESPACE NAME`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    objects: BTreeMap<String, SavedObject>,
    /// Stock objects that were deleted, as `KIND NAMESPACE NAME`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    removed: Vec<String>,
    /// What controllers make is saved too, and they need not run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    whole: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedObject {
    uid: u64,
    version: u64,
    created: Timestamp,
    /// The members of the kind, and `metadata` without what the key and the members above say.
    object: Value,
}

fn default_minor() -> u8 {
    releases::DEFAULT
}

fn is_default_minor(minor: &u8) -> bool {
    *minor == releases::DEFAULT
}

/// How a saved store names an object.
pub(super) fn saved_key(key: &Key) -> String {
    format!("{} {} {}", key.kind, key.namespace, key.name)
}

pub(super) fn read_key(text: &str) -> Key {
    let mut parts = text.splitn(3, ' ');
    let mut part = || Rc::from(parts.next().unwrap_or_default());
    Key { kind: part(), namespace: part(), name: part() }
}

impl Serialize for ObjectStore {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stock = Self::stock_of(self.minor, self.stock_since);
        let mut objects = BTreeMap::new();
        for (key, stored) in self.objects.iter().filter(|(key, _)| !self.omitted.contains(key)) {
            let is_stock = |s: &Rc<Stored>| s.meta == stored.meta && stock.body(key, s) == self.body(key, stored);
            if !stock.objects.get(key).is_some_and(is_stock) {
                objects.insert(saved_key(key), self.saved_object(key, stored));
            }
        }
        let gone = stock.objects.iter().map(|(key, _)| key).filter(|key| self.objects.get(key).is_none());
        let removed = gone.chain(&self.removed).map(saved_key).collect();
        let (stock_since, minor, writes, whole) = (self.stock_since, self.minor, self.writes, self.whole);
        Saved { stock_since, minor, writes, objects, removed, whole }.serialize(serializer)
    }
}

impl ObjectStore {
    pub(super) fn saved_object(&self, key: &Key, stored: &Stored) -> SavedObject {
        let body = self.body(key, stored);
        let mut members = body.to_json();
        // Aggregated rules are computed again.
        if let Body::ClusterRole(role) = &body
            && !role.selectors().is_empty()
        {
            members.shift_remove("rules");
        }
        if let Value::Object(mut meta) = stored.meta.to_json() {
            // Workloads are in their first generation unless they say otherwise.
            if stored.meta.generation == 1 {
                meta.shift_remove("generation");
            }
            meta.retain(|member, _| !NAMED_ELSEWHERE.contains(&member.as_str()));
            if !meta.is_empty() {
                members.insert("metadata".into(), Value::Object(meta));
            }
        }
        let Meta { uid, resource_version: version, created, .. } = stored.meta;
        SavedObject { uid, version, created, object: Value::Object(members) }
    }

    pub(super) fn put_saved(&mut self, name: &str, saved: SavedObject) -> Result<(), String> {
        let key = read_key(name);
        let (plural, group) = key.kind.split_once('.').unwrap_or((&key.kind, ""));
        let resource = self.resource(group, plural).ok_or_else(|| format!("unknown kind of object `{}`", key.kind))?;
        let meta = Meta::from_json(&saved.object)?;
        let body = Body::from_json(&resource, &saved.object)?;
        let meta = Meta {
            name: key.name.to_string(),
            namespace: key.namespace.to_string(),
            uid: saved.uid,
            resource_version: saved.version,
            created: saved.created,
            generation: saved
                .object
                .pointer("/metadata/generation")
                .and_then(Value::as_i64)
                .unwrap_or_else(|| i64::from(crate::k8s::controllers::WORKLOADS.contains(&&*key.kind))),
            ..meta
        };
        self.store(&resource, key, meta, Some(body));
        Ok(())
    }
}

/// Whether a saved name is that of a definition: objects of its kind need it.
pub(super) fn is_definition(name: &str) -> bool {
    name.starts_with("customresourcedefinitions.")
}

/// Members of metadata that a saved object need not repeat.
const NAMED_ELSEWHERE: &[&str] = &["name", "namespace", "uid", "resourceVersion", "creationTimestamp"];

impl<'de> Deserialize<'de> for ObjectStore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let saved = Saved::deserialize(deserializer)?;
        if releases::git_version(saved.minor).is_none() {
            return Err(D::Error::custom(format!("Kubernetes 1.{} is not known here", saved.minor)));
        }
        let mut store = Self::stock_of(saved.minor, saved.stock_since);
        for line in &saved.removed {
            let key = read_key(line);
            if !store.drop_key(&key) {
                store.removed.push(key);
            }
        }
        // Definitions first: objects of their kinds need them.
        let (definitions, others): (Vec<_>, Vec<_>) =
            saved.objects.into_iter().partition(|(name, _)| is_definition(name));
        for (name, saved) in definitions.into_iter().chain(others) {
            store.put_saved(&name, saved).map_err(D::Error::custom)?;
        }
        store.writes = saved.writes;
        store.whole = saved.whole;
        Ok(store)
    }
}
