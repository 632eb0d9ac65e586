//! What the operations of the EKS API answer when they succeed: members and their order, defaults, paging, modes and
//! updates over time (eks 2 to 4, 7, 9, 15).
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use eks_access_playground::aws::exception::Exception;
use eks_access_playground::engine::{ApiError, AwsRequest, Caller, Credential, Request, Response, World};
use eks_access_playground::session::scenario;
use serde_json::{Value, json};

const DEMO: &str = "eks-demo-cluster";
const DEV: &str = "arn:aws:iam::111122223333:user/k8s-dev";
const CREATOR: &str = "arn:aws:iam::111122223333:user/cluster-creator";
const NODE_ROLE: &str = "arn:aws:iam::111122223333:role/eks-node-role";
const NOW: &str = "2024-01-17T10:30:00+00:00";

fn world() -> World {
    (*scenario::walkthrough().world).clone()
}

fn try_call(world: &mut World, operation: &str, input: Value) -> Result<Value, Exception> {
    let caller = Caller::new(Credential::AccessKey(world.users[0].access_key.clone()));
    match world.call(&caller, Request::Aws(AwsRequest::from_parts(operation, input).unwrap())) {
        Ok(Response::Aws(value)) => Ok(value),
        Err(ApiError::Aws(exception)) => Err(exception),
        other => panic!("{other:?}"),
    }
}

fn call(world: &mut World, operation: &str, input: Value) -> Value {
    try_call(world, operation, input).unwrap()
}

fn on_demo(principal: &str, more: Value) -> Value {
    let mut input = json!({ "clusterName": DEMO, "principalArn": principal });
    for (key, value) in more.as_object().unwrap() {
        input[key] = value.clone();
    }
    input
}

/// Compares texts, and so the order of members. Ids that are made up stand as `ID`.
fn check(answer: &Value, expected: &str) {
    let mut text = answer.to_string();
    while let Some(at) = text.find("-4").and_then(|_| uuid_at(&text)) {
        text.replace_range(at..at + 36, "ID");
    }
    assert_eq!(text, expected);
}

fn uuid_at(text: &str) -> Option<usize> {
    let is_uuid = |part: &str| {
        part.char_indices().all(|(at, c)| if [8, 13, 18, 23].contains(&at) { c == '-' } else { c.is_ascii_hexdigit() })
    };
    (0..text.len().saturating_sub(35)).find(|at| text.get(*at..at + 36).is_some_and(is_uuid))
}

#[test]
fn an_entry_from_creation_to_deletion() {
    let mut world = world();
    let input = on_demo(DEV, json!({ "kubernetesGroups": ["b", "a"], "tags": { "z": "1", "a": "2" } }));
    let made = call(&mut world, "CreateAccessEntry", input);
    let shown = |groups: &str, modified: &str, username: &str| {
        format!(
            "{{\"accessEntry\":{{\"clusterName\":\"{DEMO}\",\"principalArn\":\"{DEV}\",\"kubernetesGroups\":{groups},\
             \"accessEntryArn\":\"arn:aws:eks:ap-south-1:111122223333:access-entry/{DEMO}/user/111122223333/k8s-dev/ID\",\
             \"createdAt\":\"{NOW}\",\"modifiedAt\":\"{modified}\",\"tags\":{{\"z\":\"1\",\"a\":\"2\"}},\
             \"username\":\"{username}\",\"type\":\"STANDARD\"}}}}"
        )
    };
    check(&made, &shown("[\"b\",\"a\"]", NOW, DEV));
    assert_eq!(call(&mut world, "DescribeAccessEntry", on_demo(DEV, json!({}))), made);
    world.advance(1500);
    let later = "2024-01-17T10:30:01.500000+00:00";
    // What is absent stays; an empty list clears (eks 7.4).
    let changed = call(&mut world, "UpdateAccessEntry", on_demo(DEV, json!({ "username": "dev:x" })));
    check(&changed, &shown("[\"b\",\"a\"]", later, "dev:x"));
    let changed = call(&mut world, "UpdateAccessEntry", on_demo(DEV, json!({ "kubernetesGroups": [] })));
    check(&changed, &shown("[]", later, "dev:x"));
    assert_eq!(call(&mut world, "DeleteAccessEntry", on_demo(DEV, json!({}))), Value::Null);
    // Made anew, it has another id (eks 4).
    let again = call(&mut world, "CreateAccessEntry", on_demo(DEV, json!({})));
    assert_ne!(again["accessEntry"]["accessEntryArn"], made["accessEntry"]["accessEntryArn"]);
}

#[test]
fn defaults_of_every_type() {
    let node = "system:node:{{EC2PrivateDNSName}}";
    let by_session = "system:node:{{SessionName}}";
    let role = "arn:aws:sts::111122223333:assumed-role/team-role/{{SessionName}}";
    for (kind, username, groups) in [
        (None, role, &[][..]),
        (Some("STANDARD"), role, &[]),
        (Some("EC2_LINUX"), node, &["system:nodes"]),
        (Some("EC2_WINDOWS"), node, &["system:nodes", "eks:kube-proxy-windows"]),
        (Some("FARGATE_LINUX"), by_session, &["system:nodes", "system:node-proxier"]),
        (Some("HYBRID_LINUX"), by_session, &["system:nodes"]),
        (Some("HYPERPOD_LINUX"), by_session, &["system:nodes"]),
        (Some("EC2"), by_session, &["system:nodes"]),
    ] {
        let mut world = world();
        call(&mut world, "CreateRole", json!({ "RoleName": "team-role", "Path": "/team/" }));
        let mut input = on_demo("arn:aws:iam::111122223333:role/team/team-role", json!({}));
        if let Some(kind) = kind {
            input["type"] = json!(kind);
        }
        let made = call(&mut world, "CreateAccessEntry", input);
        let entry = &made["accessEntry"];
        assert_eq!(entry["username"], username, "{kind:?}");
        assert_eq!(entry["kubernetesGroups"], json!(groups), "{kind:?}");
        assert_eq!(entry["type"], kind.unwrap_or("STANDARD"));
        let arn = entry["accessEntryArn"].as_str().unwrap();
        assert!(arn.contains("/role/111122223333/team-role/"), "the path is left out: {arn}");
    }
}

#[test]
fn names_that_are_allowed() {
    for username in [":john{{SessionName}}", "jo:hn{{SessionName}}", "john", "System:x", "x:system:{{SessionNameRaw}}"]
    {
        let made = call(&mut world(), "CreateAccessEntry", on_demo(DEV, json!({ "username": username })));
        assert_eq!(made["accessEntry"]["username"], username);
    }
    // An account that is not ours is taken on trust, for STANDARD alone (eks 8.4).
    let other = "arn:aws:iam::444455556666:role/path/dev";
    let made = call(&mut world(), "CreateAccessEntry", on_demo(other, json!({})));
    let arn = made["accessEntry"]["accessEntryArn"].as_str().unwrap();
    let begins = "arn:aws:eks:ap-south-1:111122223333:access-entry/eks-demo-cluster/role/444455556666/dev/";
    assert!(arn.starts_with(begins), "{arn}");
}

#[test]
fn a_repeated_create_with_its_token_is_no_error() {
    let mut world = world();
    let input = on_demo(DEV, json!({ "kubernetesGroups": ["a"], "clientRequestToken": "t" }));
    let made = call(&mut world, "CreateAccessEntry", input.clone());
    let before = world.clone();
    assert_eq!(call(&mut world, "CreateAccessEntry", input.clone()), made);
    assert!(world == before);
    // Another token or another input is another call (eks 5.6); so is one without token.
    for (member, value) in [("clientRequestToken", json!("u")), ("kubernetesGroups", json!(["b"])), ("tags", json!({}))]
    {
        let mut other = input.clone();
        other[member] = value;
        assert_eq!(try_call(&mut world, "CreateAccessEntry", other).unwrap_err(), Exception::entry_in_use());
    }
    let plain = on_demo(CREATOR, json!({}));
    assert_eq!(try_call(&mut world, "CreateAccessEntry", plain).unwrap_err(), Exception::entry_in_use());
    // Once deleted, the same call makes a new one.
    call(&mut world, "DeleteAccessEntry", on_demo(DEV, json!({})));
    assert_ne!(call(&mut world, "CreateAccessEntry", input), made);
    // The token survives saving.
    let back: World = serde_json::from_value(serde_json::to_value(&world).unwrap()).unwrap();
    assert!(back == world);
}

#[test]
fn associations() {
    let mut world = world();
    call(&mut world, "CreateAccessEntry", on_demo(DEV, json!({})));
    let view = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";
    let with = |scope: Value| on_demo(DEV, json!({ "policyArn": view, "accessScope": scope }));
    let made =
        call(&mut world, "AssociateAccessPolicy", with(json!({ "type": "namespace", "namespaces": ["b", "a*"] })));
    let shown = |scope: &str, modified: &str| {
        format!(
            "{{\"policyArn\":\"{view}\",\"accessScope\":{scope},\"associatedAt\":\"{NOW}\",\"modifiedAt\":\"{modified}\"}}"
        )
    };
    let scope = "{\"type\":\"namespace\",\"namespaces\":[\"b\",\"a*\"]}";
    let head = format!("{{\"clusterName\":\"{DEMO}\",\"principalArn\":\"{DEV}\",\"associatedAccessPolicy\":");
    check(&made, &format!("{head}{}}}", shown(scope, NOW)));
    world.advance(1000);
    // Again: the scope is replaced, whole (eks 9.3); a cluster scope reads back with an empty list (eks 9.7).
    let later = "2024-01-17T10:30:01+00:00";
    let scope = "{\"type\":\"cluster\",\"namespaces\":[]}";
    let made = call(&mut world, "AssociateAccessPolicy", with(json!({ "type": "cluster" })));
    check(&made, &format!("{head}{}}}", shown(scope, later)));
    let listed = call(&mut world, "ListAssociatedAccessPolicies", on_demo(DEV, json!({})));
    let list = format!("\"associatedAccessPolicies\":[{}]}}", shown(scope, later));
    check(&listed, &format!("{{\"clusterName\":\"{DEMO}\",\"principalArn\":\"{DEV}\",{list}"));
    // The entry itself is as it was.
    let entry = call(&mut world, "DescribeAccessEntry", on_demo(DEV, json!({})));
    assert_eq!(entry["accessEntry"]["modifiedAt"], NOW);
    let gone = on_demo(DEV, json!({ "policyArn": view }));
    assert_eq!(call(&mut world, "DisassociateAccessPolicy", gone), Value::Null);
    let listed = call(&mut world, "ListAssociatedAccessPolicies", on_demo(DEV, json!({})));
    assert_eq!(listed["associatedAccessPolicies"], json!([]));
}

#[test]
fn auto_mode_nodes_take_their_policy() {
    let mut world = world();
    call(&mut world, "CreateRole", json!({ "RoleName": "auto" }));
    let auto = "arn:aws:iam::111122223333:role/auto";
    call(&mut world, "CreateAccessEntry", on_demo(auto, json!({ "type": "EC2" })));
    let with = |policy: &str| {
        let policy = format!("arn:aws:eks::aws:cluster-access-policy/{policy}");
        on_demo(auto, json!({ "policyArn": policy, "accessScope": { "type": "cluster" } }))
    };
    call(&mut world, "AssociateAccessPolicy", with("AmazonEKSAutoNodePolicy"));
    let refused = try_call(&mut world, "AssociateAccessPolicy", with("AmazonEKSViewPolicy")).unwrap_err();
    assert_eq!(refused, Exception::only_standard());
}

#[test]
fn lists_come_in_pages_and_in_order() {
    let mut world = world();
    for n in 0..150 {
        let name = format!("u{n:03}");
        call(&mut world, "CreateUser", json!({ "UserName": name }));
        call(&mut world, "CreateAccessEntry", on_demo(&format!("arn:aws:iam::111122223333:user/{name}"), json!({})));
    }
    // At most 100 unless told otherwise (eks 15).
    let first = call(&mut world, "ListAccessEntries", json!({ "clusterName": DEMO }));
    assert_eq!(first["accessEntries"].as_array().unwrap().len(), 100);
    assert_eq!(first.as_object().unwrap().keys().collect::<Vec<_>>(), ["accessEntries", "nextToken"]);
    for max in [1, 7, 76, 100] {
        let (mut all, mut token) = (Vec::new(), Value::Null);
        loop {
            let mut input = json!({ "clusterName": DEMO, "maxResults": max });
            if !token.is_null() {
                input["nextToken"] = token;
            }
            let page = call(&mut world, "ListAccessEntries", input);
            let items = page["accessEntries"].as_array().unwrap().clone();
            assert!(!items.is_empty() && items.len() <= max);
            all.extend(items.iter().map(|item| item.as_str().unwrap().to_owned()));
            token = page.get("nextToken").cloned().unwrap_or_default();
            if token.is_null() {
                break;
            }
        }
        assert_eq!(all.len(), 152);
        assert!(all.is_sorted(), "by ARN (eks 15.1)");
        assert_eq!(all[0], NODE_ROLE);
    }
    let policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";
    let some = call(&mut world, "ListAccessEntries", json!({ "clusterName": DEMO, "associatedPolicyArn": policy }));
    check(&some, &format!("{{\"accessEntries\":[\"{CREATOR}\"]}}"));
}

#[test]
fn policies_are_listed_in_every_mode() {
    let mut world = world();
    let listed = call(&mut world, "ListAccessPolicies", json!({ "maxResults": 1 }));
    let expected = "{\"accessPolicies\":[{\"name\":\"AIDevOpsAgentAccessPolicy\",\
                    \"arn\":\"arn:aws:eks::aws:cluster-access-policy/AIDevOpsAgentAccessPolicy\"}],\
                    \"nextToken\":\"dG9rOjE=\"}";
    check(&listed, expected);
    assert_eq!(call(&mut world, "ListAccessPolicies", json!({}))["accessPolicies"].as_array().unwrap().len(), 36);
    world.clusters.clear();
    assert_eq!(call(&mut world, "ListAccessPolicies", json!({}))["accessPolicies"].as_array().unwrap().len(), 36);
}

#[test]
fn tags_of_clusters_and_entries() {
    let mut world = world();
    let cluster = "arn:aws:eks:ap-south-1:111122223333:cluster/eks-demo-cluster";
    let entry = call(&mut world, "DescribeAccessEntry", on_demo(CREATOR, json!({})));
    let entry = entry["accessEntry"]["accessEntryArn"].as_str().unwrap().to_owned();
    for arn in [cluster, &entry] {
        let tags = json!({ "resourceArn": arn, "tags": { "b": "1", "a": "" } });
        assert_eq!(call(&mut world, "TagResource", tags), Value::Null);
        call(&mut world, "TagResource", json!({ "resourceArn": arn, "tags": { "b": "2", "c": "3" } }));
        let listed = call(&mut world, "ListTagsForResource", json!({ "resourceArn": arn }));
        check(&listed, "{\"tags\":{\"b\":\"2\",\"a\":\"\",\"c\":\"3\"}}");
        let untag = json!({ "resourceArn": arn, "tagKeys": ["b", "nothing"] });
        assert_eq!(call(&mut world, "UntagResource", untag), Value::Null);
        let listed = call(&mut world, "ListTagsForResource", json!({ "resourceArn": arn }));
        check(&listed, "{\"tags\":{\"a\":\"\",\"c\":\"3\"}}");
    }
    // 50 tags, keys of 128 and values of 256 characters, are the most.
    let most: serde_json::Map<String, Value> =
        (0..50).map(|n| (format!("{n:é>128}"), json!("v".repeat(256)))).collect();
    call(&mut world, "CreateAccessEntry", on_demo(DEV, json!({ "tags": most })));
}

fn new_cluster(name: &str, access: Value) -> Value {
    let role = "arn:aws:iam::111122223333:role/eks-cluster-role";
    let mut input =
        json!({ "name": name, "roleArn": role, "resourcesVpcConfig": { "subnetIds": ["subnet-1", "subnet-2"] } });
    if !access.is_null() {
        input["accessConfig"] = access;
    }
    input
}

#[test]
fn clusters_and_their_creator() {
    let mut world = world();
    let made = call(&mut world, "CreateCluster", new_cluster("plain", Value::Null));
    assert_eq!(made["cluster"]["status"], "CREATING");
    let access = "{\"bootstrapClusterCreatorAdminPermissions\":true,\"authenticationMode\":\"CONFIG_MAP\"}";
    check(&made["cluster"]["accessConfig"], access);
    let shown = call(&mut world, "DescribeCluster", json!({ "name": "plain" }));
    let members: Vec<&String> = shown["cluster"].as_object().unwrap().keys().collect();
    let expected = [
        "name",
        "arn",
        "createdAt",
        "version",
        "endpoint",
        "roleArn",
        "resourcesVpcConfig",
        "kubernetesNetworkConfig",
        "logging",
        "identity",
        "status",
        "certificateAuthority",
        "platformVersion",
        "tags",
        "health",
        "accessConfig",
    ];
    assert_eq!(members, expected);
    assert_eq!(shown["cluster"]["status"], "ACTIVE");
    check(&shown["cluster"]["accessConfig"], "{\"authenticationMode\":\"CONFIG_MAP\"}");
    // The creator's entry: at once in the modes that know entries (eks 2.2), unless it is not wanted (eks 2.3).
    for (name, bootstrap, count) in [("with", true, 1), ("without", false, 0)] {
        let access = json!({ "authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": bootstrap });
        call(&mut world, "CreateCluster", new_cluster(name, access));
        let entries = call(&mut world, "ListAccessEntries", json!({ "clusterName": name }));
        assert_eq!(entries["accessEntries"].as_array().unwrap().len(), count);
    }
    let of_creator = json!({ "clusterName": "with", "principalArn": CREATOR });
    let policies = call(&mut world, "ListAssociatedAccessPolicies", of_creator.clone());
    let policy = &policies["associatedAccessPolicies"][0];
    assert_eq!(policy["policyArn"], "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy");
    check(&policy["accessScope"], "{\"type\":\"cluster\",\"namespaces\":[]}");
    // It is an ordinary entry.
    assert_eq!(call(&mut world, "DeleteAccessEntry", of_creator), Value::Null);
    let listed = call(&mut world, "ListClusters", json!({}));
    check(&listed, "{\"clusters\":[\"eks-demo-cluster\",\"plain\",\"with\",\"without\"]}");
    let gone = call(&mut world, "DeleteCluster", json!({ "name": "plain" }));
    assert_eq!(gone["cluster"]["status"], "DELETING");
    assert!(world.cluster("plain").is_none());
}

#[test]
fn modes_go_one_way_step_by_step_and_take_their_time() {
    let mut world = world();
    call(&mut world, "CreateCluster", new_cluster("c", Value::Null));
    world.update_millis = 120_000;
    let step = |mode: &str| json!({ "name": "c", "accessConfig": { "authenticationMode": mode } });
    let status = |world: &mut World| {
        let cluster = call(world, "DescribeCluster", json!({ "name": "c" }));
        let of = |pointer: &str| cluster.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        (of("/cluster/status"), of("/cluster/accessConfig/authenticationMode"))
    };
    let pair = |status: &str, mode: &str| (status.to_owned(), mode.to_owned());
    let started = call(&mut world, "UpdateClusterConfig", step("API_AND_CONFIG_MAP"));
    let shown = |status: &str, mode: &str, at: &str| {
        format!(
            "{{\"update\":{{\"id\":\"ID\",\"status\":\"{status}\",\"type\":\"AccessConfigUpdate\",\"params\":[{{\"type\":\
             \"AuthenticationMode\",\"value\":\"\\\"{mode}\\\"\"}}],\"createdAt\":\"{at}\",\"errors\":[]}}}}"
        )
    };
    check(&started, &shown("InProgress", "API_AND_CONFIG_MAP", NOW));
    let id = started["update"]["id"].as_str().unwrap().to_owned();
    let describe = json!({ "name": "c", "updateId": id });
    // The old mode applies until the update is done (eks 3.5), to the millisecond; tagging works meanwhile (eks 3.3).
    for wait in [0, 119_999] {
        world.advance(wait);
        assert_eq!(status(&mut world), pair("UPDATING", "CONFIG_MAP"));
        let entries = try_call(&mut world, "ListAccessEntries", json!({ "clusterName": "c" })).unwrap_err();
        assert_eq!(entries, Exception::mode_without_entries());
        let again = try_call(&mut world, "UpdateClusterConfig", step("API_AND_CONFIG_MAP")).unwrap_err();
        assert_eq!(again, Exception::update_in_progress("AccessConfigUpdate", "c", &id).with_cluster("c"));
    }
    let arn = "arn:aws:eks:ap-south-1:111122223333:cluster/c";
    call(&mut world, "TagResource", json!({ "resourceArn": arn, "tags": { "a": "b" } }));
    world.advance(1);
    assert_eq!(status(&mut world), pair("ACTIVE", "API_AND_CONFIG_MAP"));
    check(&call(&mut world, "DescribeUpdate", describe), &shown("Successful", "API_AND_CONFIG_MAP", NOW));
    // The creator's entry shows now (eks 2.6).
    check(
        &call(&mut world, "ListAccessEntries", json!({ "clusterName": "c" })),
        &format!("{{\"accessEntries\":[\"{CREATOR}\"]}}"),
    );
    let second = call(&mut world, "UpdateClusterConfig", step("API"));
    assert_ne!(second["update"]["id"], started["update"]["id"]);
    // Entries are served while an update runs from a mode that knows them.
    call(&mut world, "ListAccessEntries", json!({ "clusterName": "c" }));
    world.advance(120_000);
    assert_eq!(status(&mut world), pair("ACTIVE", "API"));
    let ids = call(&mut world, "ListUpdates", json!({ "name": "c" }));
    assert_eq!(ids, json!({ "updateIds": [started["update"]["id"], second["update"]["id"]] }));
    // Without a duration an update is done before the next call, and its answer says that it runs.
    world.update_millis = 0;
    call(&mut world, "CreateCluster", new_cluster("d", Value::Null));
    let quick = json!({ "name": "d", "accessConfig": { "authenticationMode": "API_AND_CONFIG_MAP" } });
    let started = call(&mut world, "UpdateClusterConfig", quick);
    assert_eq!(started["update"]["status"], "InProgress");
    call(&mut world, "ListAccessEntries", json!({ "clusterName": "d" }));
}

#[test]
fn names_of_clusters_and_the_end_of_a_list() {
    let mut world = world();
    let create =
        |world: &mut World, name: &str| try_call(world, "CreateCluster", new_cluster(name, json!({}))).map(|_| ());
    for name in ["a", "9", "a-b_c", &"n".repeat(100)] {
        create(&mut world, name).unwrap();
    }
    for name in ["", "-a", "_a", "a.b", "a b", &"n".repeat(101)] {
        assert_eq!(create(&mut world, name).unwrap_err().code, "InvalidParameterException", "{name}");
    }
    // A token that says that all was given is none that the service gives out.
    let mut page =
        |max: u32, token: &str| try_call(&mut world, "ListClusters", json!({ "maxResults": max, "nextToken": token }));
    let [four, five] = ["dG9rOjQ=", "dG9rOjU="];
    assert_eq!(page(1, "dG9rOjM=").unwrap()["nextToken"], four);
    assert_eq!(page(1, four).unwrap()["clusters"].as_array().unwrap().len(), 1);
    assert!(page(1, five).is_err());
}

#[test]
fn an_update_takes_effect_at_its_end_and_not_before() {
    let mut world = world();
    world.update_millis = 10_000;
    let mode = |world: &World| world.clusters[0].mode;
    let before = mode(&world);
    call(&mut world, "UpdateClusterConfig", json!({ "name": DEMO, "accessConfig": { "authenticationMode": "API" } }));
    let caller = Caller::new(Credential::Anonymous);
    let late = world.clone();
    let wait = |world: &mut World, millis: i64, done: bool| {
        world.call(&caller, Request::Wait { millis }).unwrap();
        assert_eq!((mode(world) != before, world.clusters[0].updates[0].done), (done, done), "{millis}");
    };
    wait(&mut world, 9_999, false);
    wait(&mut world, 1, true);
    wait(&mut { late }, 60_000, true);
}
