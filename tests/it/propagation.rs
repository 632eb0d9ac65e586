//! Changes of access entries that take their time (eks 14.1).

use std::rc::Rc;

use eks_access_playground::engine::authn::look_up;
use eks_access_playground::engine::explain::explain;
use eks_access_playground::engine::{AwsRequest, Caller, Credential, Request, World};
use eks_access_playground::k8s::attributes::{Action, ResourceAction};
use eks_access_playground::session::{Snapshot, scenario, share};
use eks_access_playground::view::entries::arrival_seconds;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::worlds;

const CLUSTER: &str = "eks-demo-cluster";
const DEV: &str = "arn:aws:iam::111122223333:user/k8s-dev";
const VIEW: &str = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";
const DELAY: i64 = 10_000;

fn caller(world: &World, user: usize) -> Caller {
    Caller::new(Credential::AccessKey(world.users[user].access_key.clone()))
}

fn call(world: &mut World, operation: &str, more: Value) {
    let mut input = json!({ "clusterName": CLUSTER, "principalArn": DEV });
    for (key, value) in more.as_object().unwrap() {
        input[key] = value.clone();
    }
    let caller = caller(world, 0);
    world.call(&caller, Request::Aws(AwsRequest::from_parts(operation, input).unwrap())).unwrap();
}

fn delayed() -> World {
    let mut world = (*scenario::walkthrough().world).clone();
    let caller = caller(&world, 0);
    world.call(&caller, Request::Propagation { millis: DELAY }).unwrap();
    world
}

/// The groups with which k8s-dev is logged in, without those that everybody has.
fn groups(world: &World) -> Option<Vec<String>> {
    let lookup = look_up(world, world.cluster(CLUSTER).unwrap(), &caller(world, 2).credential);
    let groups = lookup.outcome.ok()?.user.groups;
    Some(groups.into_iter().filter(|group| group != "system:authenticated").collect())
}

fn may_list_pods(world: &World) -> bool {
    let action = Action::Resource(ResourceAction {
        verb: "list".into(),
        resource: "pods".into(),
        namespace: "default".into(),
        ..ResourceAction::default()
    });
    explain(world, world.cluster(CLUSTER).unwrap(), &caller(world, 2), &action).decision.allowed
}

fn named(group: &str) -> Option<Vec<String>> {
    Some(vec![group.to_owned()])
}

#[test]
fn every_kind_of_change_arrives_later() {
    let mut world = delayed();
    call(&mut world, "CreateAccessEntry", json!({ "kubernetesGroups": ["a"] }));
    assert!(world.cluster(CLUSTER).unwrap().entries.contains_key(DEV), "the service shows it at once");
    assert_eq!(groups(&world), None);
    let seconds = |world: &World| arrival_seconds(world, world.cluster(CLUSTER).unwrap());
    assert_eq!(seconds(&world), Some(10));
    world.advance(DELAY - 1);
    assert_eq!((groups(&world), seconds(&world)), (None, Some(1)));
    world.advance(1);
    assert_eq!(seconds(&world), None);
    assert_eq!(groups(&world), named("a"));
    call(&mut world, "UpdateAccessEntry", json!({ "kubernetesGroups": ["b"] }));
    assert_eq!(groups(&world), named("a"));
    world.advance(DELAY);
    assert_eq!(groups(&world), named("b"));
    call(&mut world, "AssociateAccessPolicy", json!({ "policyArn": VIEW, "accessScope": { "type": "cluster" } }));
    assert!(!may_list_pods(&world));
    world.advance(DELAY);
    assert!(may_list_pods(&world));
    call(&mut world, "DisassociateAccessPolicy", json!({ "policyArn": VIEW }));
    assert!(may_list_pods(&world));
    world.advance(DELAY);
    assert!(!may_list_pods(&world));
    call(&mut world, "DeleteAccessEntry", json!({}));
    assert_eq!(groups(&world), named("b"));
    world.advance(DELAY);
    assert_eq!(groups(&world), None);
    // So do the entries that EKS makes itself.
    let role = "arn:aws:iam::111122223333:role/eks-cluster-role";
    let group = json!({ "clusterName": CLUSTER, "nodegroupName": "ng", "nodeRole": role, "subnets": ["s"] });
    let creator = caller(&world, 0);
    world.call(&creator, Request::Aws(AwsRequest::from_parts("CreateNodegroup", group).unwrap())).unwrap();
    let served = |world: &World| world.cluster(CLUSTER).unwrap().served_entry(role).is_some();
    assert!(!served(&world));
    world.advance(DELAY);
    assert!(served(&world));
}

#[test]
fn changes_on_their_way_arrive_together_or_cancel_out() {
    let mut world = delayed();
    call(&mut world, "CreateAccessEntry", json!({ "kubernetesGroups": ["a"] }));
    world.advance(DELAY - 1);
    call(&mut world, "UpdateAccessEntry", json!({ "kubernetesGroups": ["b"] }));
    world.advance(1);
    assert_eq!(groups(&world), None, "the last change has not arrived");
    world.advance(DELAY);
    assert_eq!(groups(&world), named("b"));
    let other = json!({ "principalArn": "arn:aws:iam::111122223333:user/k8s-admin" });
    call(&mut world, "CreateAccessEntry", other.clone());
    assert_eq!(world.cluster(CLUSTER).unwrap().former.len(), 1);
    call(&mut world, "DeleteAccessEntry", other);
    assert!(world.cluster(CLUSTER).unwrap().former.is_empty());
}

#[test]
fn without_delay_everything_that_waits_arrives() {
    let mut world = delayed();
    call(&mut world, "CreateAccessEntry", json!({ "kubernetesGroups": ["a"] }));
    let creator = caller(&world, 0);
    world.call(&creator, Request::Propagation { millis: 0 }).unwrap();
    assert_eq!(groups(&world), named("a"));
    let text = serde_json::to_string(&world).unwrap();
    assert!(!text.contains("propagation") && !text.contains("former"));
}

#[test]
fn what_is_on_its_way_travels_in_links() {
    let mut world = delayed();
    call(&mut world, "CreateAccessEntry", json!({}));
    let deleted = json!({ "principalArn": "arn:aws:iam::111122223333:role/eks-node-role" });
    call(&mut world, "DeleteAccessEntry", deleted);
    let snapshot = Snapshot { world: world.into(), ..scenario::walkthrough() };
    assert_eq!(share::decode(&share::encode(&snapshot)).unwrap(), snapshot);
    let mut json = share::to_json(&snapshot);
    json["world"]["clusters"][0]["former"]["x"] = json!({ "until": 1 });
    let error = share::from_json(json).unwrap_err().to_string();
    assert!(error.contains("former access entries"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Once everything has arrived, a world is as if it had taken no time.
    #[test]
    fn in_the_end_the_delay_makes_no_difference(calls in worlds::calls()) {
        let mut at_once = (*worlds::start().world).clone();
        // A machine that logs in before its entry goes leaves a Node behind; nodes are not compared.
        for cluster in &mut at_once.clusters {
            Rc::make_mut(cluster).managed = false;
        }
        let mut later = at_once.clone();
        later.propagation_millis = DELAY;
        let mut worlds = [at_once, later];
        for world in &mut worlds {
            for request in &calls {
                let caller = worlds::caller_for(world, request);
                let _ = world.call(&caller, request.clone());
            }
            world.advance(DELAY);
        }
        let [at_once, mut later] = worlds;
        prop_assert!(later.clusters.iter().all(|cluster| cluster.former.is_empty()));
        later.propagation_millis = 0;
        prop_assert!(at_once == later);
    }
}
