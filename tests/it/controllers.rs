//! Controllers: what they leave behind after any calls, and that saved worlds bring the same pods back.

use std::collections::BTreeSet;
use std::rc::Rc;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use eks_access_playground::engine::request::{GroupResource, PatchKind};
use eks_access_playground::engine::{AwsRequest, KubeRequest, Request, World};
use eks_access_playground::k8s::controllers::{Moment, run};
use eks_access_playground::session::{Snapshot, scenario, share};

use crate::worlds::{CLUSTER, caller_for, start};

fn kube(request: KubeRequest) -> Request {
    Request::Kube { cluster: CLUSTER.to_owned(), request }
}

fn create(kind: &str, group: &str, plural: &str, name: &str, body: Value) -> Request {
    let version = if group.is_empty() { "v1".to_owned() } else { format!("{group}/v1") };
    let mut object = json!({"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "default"}});
    object.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    let resource = GroupResource::new(group, plural);
    kube(KubeRequest::Create { resource, namespace: Some("default".into()), object, dry_run: false, strict: true })
}

fn template(name: &str, image: &str, account: &str) -> Value {
    json!({
        "metadata": {"labels": {"app": name}},
        "spec": {"serviceAccountName": account, "containers": [{"name": "c", "image": image}]},
    })
}

fn workload() -> impl Strategy<Value = Request> {
    let kinds = [
        ("Deployment", "deployments"),
        ("StatefulSet", "statefulsets"),
        ("DaemonSet", "daemonsets"),
        ("ReplicaSet", "replicasets"),
    ];
    (select(kinds.to_vec()), 0..3, 0..4, select(vec!["default", "default", "missing"])).prop_map(
        |((kind, plural), number, replicas, account)| {
            let name = format!("w{number}");
            let mut spec = json!({
                "selector": {"matchLabels": {"app": name}}, "template": template(&name, "nginx:1", account),
            });
            if kind != "DaemonSet" {
                spec["replicas"] = json!(replicas);
            }
            create(kind, "apps", plural, &name, json!({ "spec": spec }))
        },
    )
}

fn job() -> impl Strategy<Value = Request> {
    (0..3).prop_map(|number| {
        let name = format!("j{number}");
        let mut template = template(&name, "busybox", "default");
        template["spec"]["restartPolicy"] = json!("Never");
        create("Job", "batch", "jobs", &name, json!({"spec": {"completions": number + 1, "template": template}}))
    })
}

fn change() -> impl Strategy<Value = Request> {
    let patches = prop_oneof![
        (0..5).prop_map(|replicas| json!({"spec": {"replicas": replicas}})),
        (0..3).prop_map(|image| json!({"spec": {"template": {"spec": {"containers": [{"name": "c", "image": format!("nginx:{image}")}]}}}})),
        any::<bool>().prop_map(|paused| json!({"spec": {"paused": paused}})),
        Just(json!({"spec": {"template": {"spec": {"serviceAccountName": "missing"}}}})),
    ];
    (0..3, patches).prop_map(|(number, patch)| {
        kube(KubeRequest::Patch {
            resource: GroupResource::new("apps", "deployments"),
            namespace: Some("default".into()),
            name: if number == 2 { "web".into() } else { format!("w{number}") },
            kind: PatchKind::Strategic,
            patch,
            dry_run: false,
            strict: false,
        })
    })
}

/// Stands for the pod at this place of the list: names are known only when the call is made.
const ANY_POD: &str = "pod-";

fn removal() -> impl Strategy<Value = Request> {
    let kinds = [
        ("apps", "deployments"),
        ("apps", "replicasets"),
        ("apps", "daemonsets"),
        ("batch", "jobs"),
        ("", "pods"),
        ("", "nodes"),
    ];
    (select(kinds.to_vec()), 0..4, any::<bool>()).prop_map(|((group, plural), number, orphan)| {
        let name = match plural {
            "pods" | "nodes" => format!("{ANY_POD}{number}"),
            "jobs" => format!("j{number}"),
            _ => format!("w{number}"),
        };
        let namespace = (plural != "nodes").then(|| "default".to_owned());
        kube(KubeRequest::Delete {
            resource: GroupResource::new(group, plural),
            namespace,
            name,
            orphan,
            dry_run: false,
        })
    })
}

fn other() -> impl Strategy<Value = Request> {
    let nodes = |n: i64| {
        json!({"clusterName": CLUSTER, "nodegroupName": format!("g{n}"), "subnets": ["s"], "scalingConfig": {"minSize": 0, "maxSize": 3, "desiredSize": n},
            "nodeRole": "arn:aws:iam::111122223333:role/eks-node-role"})
    };
    prop_oneof![
        (1..3_i64).prop_map(move |n| Request::Aws(AwsRequest::from_parts("CreateNodegroup", nodes(n)).unwrap())),
        (1..3_i64).prop_map(|n| {
            let input = json!({"clusterName": CLUSTER, "nodegroupName": format!("g{n}")});
            Request::Aws(AwsRequest::from_parts("DeleteNodegroup", input).unwrap())
        }),
        Just(Request::Aws(
            AwsRequest::from_parts(
                "DeleteAccessEntry",
                json!({"clusterName": CLUSTER, "principalArn": "arn:aws:iam::111122223333:role/eks-node-role"}),
            )
            .unwrap()
        )),
        Just(create("ServiceAccount", "", "serviceaccounts", "missing", json!({}))),
        Just(Request::Wait { millis: 90_000 }),
    ]
}

fn calls() -> impl Strategy<Value = Vec<Request>> {
    prop::collection::vec(prop_oneof![3 => workload(), 1 => job(), 3 => change(), 3 => removal(), 2 => other()], 1..14)
}

fn play(calls: &[Request]) -> World {
    let mut world = (*start().world).clone();
    for request in calls {
        let mut request = request.clone();
        if let Request::Kube { request: KubeRequest::Delete { resource, name, .. }, .. } = &mut request
            && let Some(number) = name.strip_prefix(ANY_POD)
        {
            let store = &world.cluster(CLUSTER).unwrap().objects;
            let names: Vec<&str> = store.of(&resource.resource).map(|(meta, _)| meta.name.as_str()).collect();
            let at = number.parse::<usize>().unwrap();
            *name = names.get(at % names.len().max(1)).map_or("none", |name| *name).to_owned();
        }
        let caller = caller_for(&world, &request);
        let _ = world.call(&caller, request);
        world.advance(1000);
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn controllers_come_to_rest_and_leave_nothing_behind(calls in calls()) {
        let world = play(&calls);
        let cluster = world.cluster(CLUSTER).unwrap();
        let mut again = cluster.objects.clone();
        run(&mut again, Moment::After { clock: world.clock, write: None });
        prop_assert!(again == cluster.objects, "the controllers are not at rest");
        let mut owners = BTreeSet::new();
        for resource in cluster.objects.resources() {
            owners.extend(cluster.objects.list(&resource, None).iter().map(|o| o["metadata"]["uid"].to_string()));
        }
        for (kind, meta) in cluster.objects.owned() {
            for owner in meta.other["ownerReferences"].as_array().unwrap() {
                prop_assert!(owners.contains(&owner["uid"].to_string()), "{kind} {} has no owner", meta.name);
            }
        }
        for (meta, members) in cluster.objects.of("replicasets.apps") {
            let failed = members["status"].get("conditions").is_some();
            prop_assert!(failed || members["status"]["replicas"] == members["spec"]["replicas"], "{}", meta.name);
        }
    }

    #[test]
    fn saved_worlds_bring_the_same_pods_back(calls in calls()) {
        let snapshot = Snapshot { world: Rc::new(play(&calls)), ..scenario::walkthrough() };
        let back = share::decode(&share::encode(&snapshot)).unwrap();
        let (one, two) = (snapshot.world.cluster(CLUSTER).unwrap(), back.world.cluster(CLUSTER).unwrap());
        for resource in one.objects.resources() {
            prop_assert_eq!(one.objects.list(&resource, None), two.objects.list(&resource, None));
        }
        prop_assert!(back == snapshot);
    }
}
