//! Add-ons, pod identity associations and identity provider configurations of a cluster: objects that EKS keeps and
//! shows. No one gets in to the cluster by them here (eks 26).

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::engine::request::Members;
use crate::engine::world::{World, uuid};
use crate::formats::time::Timestamp;

/// What a cluster has of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Integrations {
    /// Add-ons by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub addons: BTreeMap<String, Rc<Made>>,
    /// Pod identity associations by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pod_identities: BTreeMap<String, Rc<Made>>,
    /// OIDC identity providers by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub identity_providers: BTreeMap<String, Rc<Made>>,
}

/// One of them, as the service keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// Number that ids are made from.
    pub serial: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// The input that made it, with later changes; without the cluster's name.
    pub input: Members,
}

impl Made {
    /// A new one, made from this input.
    pub fn new(world: &mut World, input: &Members) -> Self {
        let mut input = input.clone();
        ["clusterName", "clientRequestToken", "resolveConflicts"].iter().for_each(|member| input.remove(member));
        Self { serial: world.next_serial(), created_at: world.clock, modified_at: world.clock, input }
    }
}

impl Integrations {
    /// The most of each kind.
    const MOST: usize = 200;
    /// The most bytes that one of them may have in a link.
    const MOST_BYTES: usize = 40_000;

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// True if what came from outside keeps the limits.
    pub fn is_within_limits(&self) -> bool {
        let kinds = [&self.addons, &self.pod_identities, &self.identity_providers];
        kinds
            .iter()
            .all(|kind| kind.len() <= Self::MOST && kind.values().all(|made| made.input.bytes() <= Self::MOST_BYTES))
    }
}

/// The ARN of something of a cluster's: `kind/CLUSTER/REST`.
pub fn arn(world: &World, kind: &str, cluster: &str, rest: &str) -> String {
    format!("arn:{}:eks:{}:{}:{kind}/{cluster}/{rest}", world.partition, world.region, world.account)
}

/// An output structure: these members, in order, without those that are null.
pub fn shown(members: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let kept = members.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(kept.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

/// The update that a changing call answers with; it is done at once, and not kept.
pub fn update(world: &mut World, kind: &str, params: &[(&str, String)]) -> Value {
    let params: Vec<Value> = params.iter().map(|(kind, value)| json!({ "type": kind, "value": value })).collect();
    json!({
        "id": uuid(world.next_serial()),
        "status": "InProgress",
        "type": kind,
        "params": params,
        "createdAt": world.clock.aws_text(),
        "errors": [],
    })
}
