//! What controllers read out of objects, and the names and ids that they give.

use serde_json::{Value, json};

use super::super::aggregation::selector_matches;
use super::super::object::{Meta, StringMap, uid};
use super::super::rbac::LabelSelector;
use super::super::store::Members;

pub const PODS: &str = "pods";
pub const NODES: &str = "nodes";
pub const DEPLOYMENTS: &str = "deployments.apps";
pub const REPLICA_SETS: &str = "replicasets.apps";
pub const STATEFUL_SETS: &str = "statefulsets.apps";
pub const DAEMON_SETS: &str = "daemonsets.apps";
pub const JOBS: &str = "jobs.batch";
pub const CRON_JOBS: &str = "cronjobs.batch";
/// Kinds whose specification has a generation.
pub const WORKLOADS: &[&str] = &[DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, DAEMON_SETS, JOBS, CRON_JOBS];
/// The label that tells the pods of one template from those of another.
pub const TEMPLATE_HASH: &str = "pod-template-hash";

/// The letters of generated names: no vowels, no digits that look like letters.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// The controller that an object belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "members are those of the API")]
pub struct Owner {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    pub uid: String,
}

/// The controller that an object names as its owner.
pub fn owner(meta: &Meta) -> Option<Owner> {
    let all = meta.other.get("ownerReferences")?.as_array()?;
    let one = all.iter().find(|owner| owner.get("controller") == Some(&Value::Bool(true)))?;
    let text = |member: &str| one.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Owner { api_version: text("apiVersion"), kind: text("kind"), name: text("name"), uid: text("uid") })
}

/// True if the controller of an object has this uid.
pub fn is_owned_by(meta: &Meta, wanted: &str) -> bool {
    let all = meta.other.get("ownerReferences").and_then(Value::as_array).into_iter().flatten();
    all.into_iter().any(|owner| {
        owner.get("controller") == Some(&Value::Bool(true)) && owner.get("uid").and_then(Value::as_str) == Some(wanted)
    })
}

/// `ownerReferences` with one controller.
pub fn reference(api_version: &str, kind: &str, meta: &Meta) -> Value {
    json!([{
        "apiVersion": api_version, "kind": kind, "name": meta.name, "uid": uid(meta.uid),
        "controller": true, "blockOwnerDeletion": true,
    }])
}

/// The number in the uid of an object's controller.
pub fn owner_number(meta: &Meta) -> Option<u64> {
    owner(meta)?.uid.rsplit('-').next()?.parse().ok()
}

/// True if the label selector of an object matches labels; an empty selector matches nothing.
pub fn matches(selector: Option<&Value>, labels: &StringMap) -> bool {
    let selector = selector.and_then(|selector| serde_json::from_value::<LabelSelector>(selector.clone()).ok());
    let Some(selector) = selector else { return false };
    let is_empty = selector.match_labels.is_empty() && selector.match_expressions.is_empty();
    !is_empty && selector_matches(&selector, labels)
}

/// The labels of a pod template.
pub fn labels_of(template: &Value) -> StringMap {
    strings(template.pointer("/metadata/labels"))
}

/// A map of texts.
pub fn strings(value: Option<&Value>) -> StringMap {
    let pairs = value.and_then(Value::as_object).into_iter().flatten();
    pairs.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// A member of the specification.
pub fn spec<'m>(members: &'m Members, pointer: &str) -> Option<&'m Value> {
    members.get("spec")?.pointer(pointer)
}

/// A number of the specification.
pub fn spec_number(members: &Members, pointer: &str) -> Option<i64> {
    spec(members, pointer)?.as_i64()
}

/// A text of the specification.
pub fn spec_text<'m>(members: &'m Members, pointer: &str) -> &'m str {
    spec(members, pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A member of the state.
pub fn status<'m>(members: &'m Members, pointer: &str) -> Option<&'m Value> {
    members.get("status")?.pointer(pointer)
}

/// The status of a condition: `True`, `False`, `Unknown`, or nothing.
pub fn condition<'m>(members: &'m Members, kind: &str) -> &'m str {
    let all = status(members, "/conditions").and_then(Value::as_array).into_iter().flatten();
    let text = |condition: &'m Value, member: &str| condition.get(member).and_then(Value::as_str).unwrap_or_default();
    all.into_iter().find(|condition| text(condition, "type") == kind).map_or("", |condition| text(condition, "status"))
}

/// The number of replicas wanted, within bounds.
pub fn replicas(members: &Members) -> i64 {
    spec_number(members, "/replicas").unwrap_or(1).clamp(0, super::MOST_PODS)
}

/// A number that depends on all parts (FNV-1a, spread over all bits).
pub fn hash(parts: &[&dyn std::fmt::Display]) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for part in parts {
        for byte in part.to_string().bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^ (hash >> 31)
}

/// A number for a uid, beyond those of objects that clients make.
pub fn made_uid(parts: &[&dyn std::fmt::Display]) -> u64 {
    100_000_000_000 + hash(parts) % 900_000_000_000
}

/// `count` letters of a generated name.
pub fn letters(mut number: u64, count: usize) -> String {
    let mut out = String::new();
    for _ in 0..count {
        let at = usize::try_from(number % LETTERS.len() as u64).unwrap_or_default();
        out.push(LETTERS.get(at).copied().map_or('x', char::from));
        number /= LETTERS.len() as u64;
    }
    out
}

/// The hash of a template as names and labels show it: a number of 32 bits, its digits replaced by safe letters.
pub fn template_hash(template: &Value, collisions: u64) -> String {
    let number = hash(&[&crate::formats::json::sort_keys(template), &collisions]) & 0xFFFF_FFFF;
    let letter = |digit: u8| LETTERS.get(usize::from(digit) % LETTERS.len()).copied().map_or('x', char::from);
    number.to_string().bytes().map(letter).collect()
}
