//! Changes of access entries on their way to the API server (eks 14.1): the service shows a change at once, the API server
//! decides by the former state until its time has come. Off unless a world says how long that takes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::engine::limits;
use crate::engine::request::AwsRequest;
use crate::engine::world::{Cluster, Entry, World};
use crate::formats::time::Timestamp;

/// What the API server still takes for the state of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Former {
    /// The entry before the change; `None` if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Rc<Entry>>,
    /// Until when it counts.
    pub until: Timestamp,
}

/// The access entries of a cluster.
pub type Entries = BTreeMap<String, Rc<Entry>>;

impl Cluster {
    /// The entries that the API server decides by.
    pub fn served(&self) -> Cow<'_, Entries> {
        if self.former.is_empty() {
            return Cow::Borrowed(&self.entries);
        }
        let mut served = self.entries.clone();
        for (principal, former) in &self.former {
            match &former.entry {
                Some(entry) => drop(served.insert(principal.clone(), Rc::clone(entry))),
                None => drop(served.remove(principal)),
            }
        }
        Cow::Owned(served)
    }

    /// The entry that the API server decides by.
    pub fn served_entry(&self, principal: &str) -> Option<&Rc<Entry>> {
        match self.former.get(principal) {
            Some(former) => former.entry.as_ref(),
            None => self.entries.get(principal),
        }
    }
}

/// Whether an operation changes access entries.
pub fn concerns(request: &AwsRequest) -> bool {
    matches!(
        request,
        AwsRequest::CreateAccessEntry(_)
            | AwsRequest::UpdateAccessEntry(_)
            | AwsRequest::DeleteAccessEntry(_)
            | AwsRequest::AssociateAccessPolicy(_)
            | AwsRequest::DisassociateAccessPolicy(_)
            | AwsRequest::CreateNodegroup(_)
            | AwsRequest::CreateFargateProfile(_)
    )
}

/// The entries of every cluster, before something changes them.
pub fn snapshot(world: &World) -> Vec<(String, Entries)> {
    world.clusters.iter().map(|cluster| (cluster.name.clone(), cluster.entries.clone())).collect()
}

/// Keeps what changed from the API server for a while. Further changes of an entry on its way go with it: what counted
/// before the first counts until the last has arrived.
pub fn hold_back(world: &mut World, before: Vec<(String, Entries)>) {
    let until = Timestamp(world.clock.0.saturating_add(world.propagation_millis));
    for (name, old) in before {
        let Some(new) = world.cluster(&name).map(|cluster| &cluster.entries) else { continue };
        let principals: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let changed = principals.into_iter().filter(|principal| old.get(*principal) != new.get(*principal));
        let changed: Vec<String> = changed.cloned().collect();
        let Some(cluster) = world.cluster_mut(&name).filter(|_| !changed.is_empty()) else { continue };
        for principal in changed {
            let entry = match cluster.former.remove(&principal) {
                Some(former) => former.entry,
                None => old.get(&principal).cloned(),
            };
            if cluster.entries.get(&principal) != entry.as_ref() {
                cluster.former.insert(principal, Former { entry, until });
            }
        }
        // Beyond the bound a change arrives at once.
        while cluster.former.len() > limits::ENTRIES {
            cluster.former.pop_first();
        }
    }
}

/// Lets changes whose time has come arrive.
pub fn settle(world: &mut World) -> bool {
    let now = world.clock;
    let due = |cluster: &Cluster| cluster.former.values().any(|former| former.until <= now);
    let due: Vec<String> = world.clusters.iter().filter(|c| due(c)).map(|cluster| cluster.name.clone()).collect();
    for name in &due {
        if let Some(cluster) = world.cluster_mut(name) {
            cluster.former.retain(|_, former| former.until > now);
        }
    }
    !due.is_empty()
}

/// Sets how long changes take; with 0 all that are on their way arrive.
pub fn set(world: &mut World, millis: i64) {
    world.propagation_millis = millis.max(0);
    if world.propagation_millis == 0 {
        let waiting = world.clusters.iter().filter(|cluster| !cluster.former.is_empty());
        let waiting: Vec<String> = waiting.map(|cluster| cluster.name.clone()).collect();
        for name in waiting {
            if let Some(cluster) = world.cluster_mut(&name) {
                cluster.former.clear();
            }
        }
    }
}
