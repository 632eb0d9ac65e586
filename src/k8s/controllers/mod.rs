//! Controllers of the control plane: Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs and CronJobs make pods,
//! the scheduler binds pods to nodes, and nodes run them (rbac 15).
//!
//! [`run`] brings the objects to a fixed point. Controllers act as the control plane, so no authorizer is asked; they
//! obey what the cluster holds: service accounts, nodes, taints. States are functions of the objects alone, and names
//! come from numbers of the world, so that equal worlds have equal pods.

mod apps;
mod batch;
mod daemons;
mod garbage;
mod pods;
mod rollout;
mod schedule;
mod values;

pub use garbage::{collect, orphan};
pub use pods::account_of;
pub use rollout::{CHANGE_CAUSE, REVISION, is_same_template};
pub use schedule::{is_ready, set_readiness};
pub use values::{Owner, WORKLOADS, made_uid, matches, owner};

use super::store::ObjectStore;
use crate::formats::time::Timestamp;

/// Maximum number of rounds to a fixed point: a rolling update of many pods takes a few dozen.
const ROUNDS: usize = 200;
/// Maximum number of pods that one controller makes (a choice; a real cluster is bound by its nodes).
pub const MOST_PODS: i64 = 250;

/// Maximum number of pods beyond which controllers make no more.
const MOST_PODS_OF_ALL: usize = 1_000;
/// Maximum number of workloads of one kind that controllers look after: worlds from outside may hold thousands.
const MOST_WORKLOADS: usize = 300;

/// What the controllers react to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A call or the passing of time.
    After {
        /// The simulated time.
        clock: Timestamp,
        /// The number of the last write, if the call wrote objects: new pods get names that were not used before.
        write: Option<u64>,
    },
    /// The beginning: everything is made as if right after its owner.
    Beginning,
}

/// A run of the controllers.
pub(super) struct Turn<'a> {
    store: &'a mut ObjectStore,
    moment: Moment,
    changed: bool,
}

/// Runs the controllers until nothing changes.
pub fn run(store: &mut ObjectStore, moment: Moment) {
    let mut turn = Turn { store, moment, changed: false };
    turn.number_generations();
    for _ in 0..ROUNDS {
        turn.changed = false;
        turn.cron_jobs();
        turn.jobs();
        turn.deployments();
        turn.replica_sets();
        turn.stateful_sets();
        turn.daemon_sets();
        turn.clean_up();
        turn.schedule();
        if !turn.changed {
            break;
        }
    }
}

impl Turn<'_> {
    /// The objects of a kind that controllers look after.
    fn all(&self, kind: &str) -> Vec<(super::object::Meta, super::store::Members)> {
        let all = self.store.of(kind).take(MOST_WORKLOADS);
        all.map(|(meta, members)| (meta.clone(), members.clone())).collect()
    }

    /// The time at which an object is made for an owner that was made at `owner`. What no write causes counts from its
    /// owner: a pod on a new node is as old as the node.
    fn time(&self, owner: Timestamp) -> Timestamp {
        match self.moment {
            Moment::After { clock, write: Some(_) } => clock,
            _ => owner,
        }
    }

    /// The number that names of new objects come from; `root` is that of the object they are made for.
    fn seed(&self, root: u64) -> u64 {
        match self.moment {
            Moment::After { write: Some(write), .. } => write,
            _ => root,
        }
    }

    /// Workloads of worlds that were saved without generations are in their first one.
    fn number_generations(&mut self) {
        for kind in WORKLOADS {
            let missing = self.store.of(kind).filter(|(meta, _)| meta.generation == 0);
            let missing: Vec<_> = missing.map(|(meta, members)| (meta.clone(), members.clone())).collect();
            for (meta, members) in missing {
                self.store.set(kind, super::object::Meta { generation: 1, ..meta }, members);
            }
        }
    }

    /// Replaces the object, if anything is different.
    fn put(&mut self, kind: &str, meta: super::object::Meta, members: super::store::Members) {
        let same = self
            .store
            .one(kind, &meta.namespace, &meta.name)
            .is_some_and(|(old, old_members)| *old == meta && *old_members == members);
        if !same {
            self.store.set(kind, meta, members);
            self.changed = true;
        }
    }

    /// Removes an object.
    fn discard(&mut self, kind: &str, namespace: &str, name: &str) {
        self.store.discard(kind, namespace, name);
        self.changed = true;
    }
}
