//! What every EKS cluster has from its beginning, beside the stock objects of Kubernetes (eks 2.14).
//!
//! The facts lie in `src/data/eks-objects.json`. They are part of no saved world.

use std::cell::RefCell;
use std::rc::Rc;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::engine::world::{Cluster, World};
use crate::formats::json;
use crate::formats::time::Timestamp;
use crate::k8s::controllers;
use crate::k8s::discovery::{self, Resource};
use crate::k8s::object::{Body, Meta};
use crate::k8s::store::Addition;

const FACTS: &str = include_str!("../../data/eks-objects.json");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Facts {
    service_accounts: Vec<String>,
    objects: Vec<Value>,
}

/// Additions with the time and the region that they were made for.
type Made = ((Timestamp, String), Rc<[Addition]>);

/// The objects that EKS puts into a new cluster.
pub fn additions(world: &World, cluster: &Cluster) -> Rc<[Addition]> {
    made(cluster.objects.since(), &world.region)
}

fn made(since: Timestamp, region: &str) -> Rc<[Addition]> {
    thread_local! {
        static LAST: RefCell<Option<Made>> = const { RefCell::new(None) };
    }
    let is_it = |(key, _): &&Made| key.0 == since && key.1 == region;
    let known = LAST.with_borrow(|last| last.as_ref().filter(is_it).map(|(_, made)| Rc::clone(made)));
    known.unwrap_or_else(|| {
        // The facts are part of the program; a test holds that they can be read.
        let facts: Option<Facts> = json::read(&FACTS.replace("REGION", region)).ok();
        let made: Rc<[Addition]> = facts.map(|facts| build(facts, since)).unwrap_or_default().into();
        LAST.set(Some(((since, region.to_owned()), Rc::clone(&made))));
        made
    })
}

fn build(facts: Facts, since: Timestamp) -> Vec<Addition> {
    let mut all = facts.objects;
    for name in facts.service_accounts {
        all.push(json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": "kube-system"}}));
    }
    let known = discovery::built_in();
    all.iter().zip(300..).filter_map(|(object, number)| addition(&known, object, number, since)).collect()
}

fn addition(known: &[Resource], object: &Value, number: u64, since: Timestamp) -> Option<Addition> {
    let (version, kind) = (object.get("apiVersion")?.as_str()?, object.get("kind")?.as_str()?);
    let resource = known.iter().find(|resource| resource.kind == kind && resource.api_version() == version)?;
    let meta = Meta::from_json(object).ok()?;
    let body = Body::from_json(resource, object).ok()?;
    let meta = Meta {
        uid: controllers::made_uid(&[&kind, &meta.namespace, &meta.name]),
        resource_version: number,
        created: since,
        generation: i64::from(controllers::WORKLOADS.contains(&resource.qualified().as_str())),
        ..meta
    };
    Some((resource.clone(), meta, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_can_be_read() {
        let facts: Facts = json::read(FACTS).unwrap();
        let wanted = facts.objects.len() + facts.service_accounts.len();
        assert_eq!(made(Timestamp(0), "us-east-1").len(), wanted);
    }
}
