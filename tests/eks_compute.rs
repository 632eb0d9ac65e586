//! Managed node groups and Fargate profiles (eks 13): what the operations answer, what they do to access in each mode,
//! and every refusal about them, compared whole.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use eks_access_playground::aws::exception::{Exception, Wording};
use eks_access_playground::engine::request::{GroupResource, KubeRequest};
use eks_access_playground::engine::{ApiError, AwsRequest, Caller, Credential, Request, Response, World};
use eks_access_playground::session::{Snapshot, scenario, share};
use serde_json::{Value, json};

const DEMO: &str = "eks-demo-cluster";
const NODES: &str = "arn:aws:iam::111122223333:role/nodes";
const PODS: &str = "arn:aws:iam::111122223333:role/pods";
const OLD: &str = "arn:aws:iam::111122223333:role/eks-node-role";
const LINKED: &str = "arn:aws:iam::111122223333:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS";

/// The walk-through with roles for nodes and pods, and two more clusters: `old` (CONFIG_MAP) and `new` (API).
fn world() -> World {
    let mut world = (*scenario::walkthrough().world).clone();
    for name in ["nodes", "pods"] {
        call(&mut world, "CreateRole", json!({ "RoleName": name }));
    }
    // IAM makes service-linked roles for its services alone.
    call(&mut world, "CreateRole", json!({ "RoleName": "AWSServiceRoleForAmazonEKS" }));
    let mut role = (**world.roles.last().unwrap()).clone();
    role.path = "/aws-service-role/eks.amazonaws.com/".to_owned();
    *world.roles.last_mut().unwrap() = role.into();
    for (name, mode) in [("old", "CONFIG_MAP"), ("new", "API")] {
        let input = json!({ "name": name, "roleArn": OLD, "resourcesVpcConfig": {},
            "accessConfig": { "authenticationMode": mode } });
        call(&mut world, "CreateCluster", input);
    }
    world
}

fn creator(world: &World) -> Caller {
    Caller::new(Credential::AccessKey(world.users[0].access_key.clone()))
}

fn try_call(world: &mut World, operation: &str, input: Value) -> Result<Value, Exception> {
    let caller = creator(world);
    match world.call(&caller, Request::Aws(AwsRequest::from_parts(operation, input).unwrap())) {
        Ok(Response::Aws(value)) => Ok(value),
        Err(ApiError::Aws(exception)) => Err(exception),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn call(world: &mut World, operation: &str, input: Value) -> Value {
    try_call(world, operation, input).unwrap()
}

fn with(mut input: Value, more: Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        input[key] = value.clone();
    }
    input
}

fn group(cluster: &str, name: &str, more: Value) -> Value {
    let input = json!({ "clusterName": cluster, "nodegroupName": name, "subnets": ["subnet-1"], "nodeRole": NODES });
    with(input, more)
}

fn of_group(cluster: &str, name: &str) -> Value {
    json!({ "clusterName": cluster, "nodegroupName": name })
}

fn profile(cluster: &str, name: &str, more: Value) -> Value {
    let input = json!({ "fargateProfileName": name, "clusterName": cluster, "podExecutionRoleArn": PODS,
        "selectors": [{ "namespace": "default" }] });
    with(input, more)
}

fn of_profile(cluster: &str, name: &str) -> Value {
    json!({ "clusterName": cluster, "fargateProfileName": name })
}

fn map_roles(world: &World, cluster: &str) -> Option<String> {
    world.cluster(cluster).unwrap().objects.config_map("kube-system", "aws-auth")?.get("mapRoles").cloned()
}

fn entry_type(world: &World, cluster: &str, role: &str) -> Option<&'static str> {
    world.cluster(cluster).unwrap().entries.get(role).map(|entry| entry.kind.name())
}

fn write_aws_auth(world: &mut World, cluster: &str, map_roles: &str) {
    let object = json!({ "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": { "name": "aws-auth", "namespace": "kube-system", "labels": { "kept": "yes" } },
        "data": { "mapRoles": map_roles } });
    let (resource, namespace) = (GroupResource::new("", "configmaps"), Some("kube-system".to_owned()));
    let exists = world.cluster(cluster).unwrap().objects.config_map("kube-system", "aws-auth").is_some();
    let (dry_run, strict) = (false, true);
    let request = if exists {
        KubeRequest::Update { resource, namespace, name: "aws-auth".to_owned(), object, dry_run, strict }
    } else {
        KubeRequest::Create { resource, namespace, object, dry_run, strict }
    };
    let caller = creator(world);
    world.call(&caller, Request::Kube { cluster: cluster.to_owned(), request }).unwrap();
}

fn step(world: &mut World, cluster: &str, mode: &str) {
    let input = json!({ "name": cluster, "accessConfig": { "authenticationMode": mode } });
    call(world, "UpdateClusterConfig", input);
}

/// The line that EKS writes for a role.
fn line(role: &str, own: &str, username: &str) -> String {
    let groups = format!("- groups:\n  - system:bootstrappers\n  - system:nodes\n{own}");
    format!("{groups}  rolearn: {role}\n  username: system:node:{{{{{username}}}}}\n")
}

/// Compares texts, and so the order of members; the made-up ids stand as `ID`.
#[track_caller]
fn check(answer: &Value, id: &str, expected: &str) {
    assert_eq!(answer.to_string().replace(id, "ID"), expected);
}

#[test]
fn a_node_group_from_creation_to_deletion() {
    let mut world = world();
    let made = call(&mut world, "CreateNodegroup", group(DEMO, "ng-1", json!({})));
    let arn = made["nodegroup"]["nodegroupArn"].as_str().unwrap().to_owned();
    let id = arn.rsplit('/').next().unwrap();
    assert_eq!(id.len(), 36);
    let begins = "{\"nodegroup\":{\"nodegroupName\":\"ng-1\",\"nodegroupArn\":\"arn:aws:eks:ap-south-1:111122223333:nodegroup/eks-demo-cluster/ng-1/ID\",\
                  \"clusterName\":\"eks-demo-cluster\",\"version\":\"1.33\",\"releaseVersion\":\"1.33.3-20240117\",\
                  \"createdAt\":\"2024-01-17T10:30:00+00:00\",\"modifiedAt\":\"2024-01-17T10:30:00+00:00\",\"status\":";
    let sizes = "\"capacityType\":\"ON_DEMAND\",\"scalingConfig\":{\"minSize\":2,\"maxSize\":2,\"desiredSize\":2},\
                 \"instanceTypes\":[\"t3.medium\"],\"subnets\":[\"subnet-1\"],\"amiType\":\"AL2023_x86_64_STANDARD\",\
                 \"nodeRole\":\"arn:aws:iam::111122223333:role/nodes\"";
    let ends = "\"diskSize\":20,\"health\":{\"issues\":[]},\"updateConfig\":{\"maxUnavailable\":1},\"tags\":{}}}";
    let resources = "\"labels\":{},\"resources\":{\"autoScalingGroups\":[{\"name\":\"eks-ng-1-ID\"}]}";
    check(&made, id, &format!("{begins}\"CREATING\",{sizes},{ends}"));
    let shown = call(&mut world, "DescribeNodegroup", of_group(DEMO, "ng-1"));
    check(&shown, id, &format!("{begins}\"ACTIVE\",{sizes},{resources},{ends}"));
    assert_eq!(call(&mut world, "ListNodegroups", json!({ "clusterName": DEMO })), json!({ "nodegroups": ["ng-1"] }));
    let gone = call(&mut world, "DeleteNodegroup", of_group(DEMO, "ng-1"));
    check(&gone, id, &format!("{begins}\"DELETING\",{sizes},{resources},{ends}"));
    assert_eq!(call(&mut world, "ListNodegroups", json!({ "clusterName": DEMO })), json!({ "nodegroups": [] }));
}

#[test]
fn what_was_given_for_a_node_group_is_shown() {
    let mut world = world();
    let more = json!({
        "scalingConfig": { "minSize": 0, "maxSize": 5, "desiredSize": 1 }, "diskSize": 60,
        "instanceTypes": ["m5.large", "m5a.large"], "amiType": "WINDOWS_CORE_2022_x86_64", "capacityType": "SPOT",
        "labels": { "team": "a" }, "taints": [{ "key": "os", "value": "windows", "effect": "NO_SCHEDULE" }],
        "tags": { "z": "1", "a": "2" }, "updateConfig": { "maxUnavailablePercentage": 50 },
        "version": "1.33", "releaseVersion": "1.33-2025.01.01",
    });
    let made = call(&mut world, "CreateNodegroup", group(DEMO, "ng", more.clone()));
    for (member, value) in more.as_object().unwrap() {
        assert_eq!(made["nodegroup"][member], *value, "{member}");
    }
    // Windows has larger disks; with a launch template disk and instances are in it.
    let disk = |world: &mut World, name: &str, more: Value| {
        call(world, "CreateNodegroup", group(DEMO, name, more))["nodegroup"]["diskSize"].clone()
    };
    assert_eq!(disk(&mut world, "windows", json!({ "amiType": "WINDOWS_FULL_2019_x86_64" })), json!(50));
    let template = json!({ "name": "lt", "version": "1" });
    let made = call(&mut world, "CreateNodegroup", group(DEMO, "lt", json!({ "launchTemplate": template })));
    let members: Vec<&str> = made["nodegroup"].as_object().unwrap().keys().map(String::as_str).collect();
    assert!(!members.contains(&"diskSize") && !members.contains(&"instanceTypes"), "{members:?}");
    assert_eq!(made["nodegroup"]["launchTemplate"], template);
    // Amazon Linux 2 up to 1.29.
    let input = json!({ "name": "aged", "version": "1.30", "roleArn": OLD, "resourcesVpcConfig": {},
        "accessConfig": { "authenticationMode": "API" } });
    call(&mut world, "CreateCluster", input);
    let made = call(&mut world, "CreateNodegroup", group("aged", "ng", json!({ "version": "1.29" })));
    assert_eq!(made["nodegroup"]["amiType"], "AL2_x86_64");
    assert_eq!(made["nodegroup"]["releaseVersion"], "1.29.15-20240117");
}

#[test]
fn a_fargate_profile_from_creation_to_deletion() {
    let mut world = world();
    let selectors = json!([{ "namespace": "prod*", "labels": { "b": "1", "a": "2" } }]);
    let made = call(&mut world, "CreateFargateProfile", profile(DEMO, "fp", json!({ "selectors": selectors })));
    let arn = made["fargateProfile"]["fargateProfileArn"].as_str().unwrap().to_owned();
    let id = arn.rsplit('/').next().unwrap();
    let shown = |status: &str| {
        format!(
            "{{\"fargateProfile\":{{\"fargateProfileName\":\"fp\",\"fargateProfileArn\":\"arn:aws:eks:ap-south-1:111122223333:fargateprofile/eks-demo-cluster/fp/ID\",\
             \"clusterName\":\"eks-demo-cluster\",\"createdAt\":\"2024-01-17T10:30:00+00:00\",\"podExecutionRoleArn\":\"{PODS}\",\
             \"subnets\":[\"subnet-0aaa0000000000001\",\"subnet-0aaa0000000000002\"],\
             \"selectors\":[{{\"namespace\":\"prod*\",\"labels\":{{\"a\":\"2\",\"b\":\"1\"}}}}],\"status\":\"{status}\",\"tags\":{{}}}}}}"
        )
    };
    check(&made, id, &shown("CREATING"));
    check(&call(&mut world, "DescribeFargateProfile", of_profile(DEMO, "fp")), id, &shown("ACTIVE"));
    let list = |world: &mut World| call(world, "ListFargateProfiles", json!({ "clusterName": DEMO }));
    assert_eq!(list(&mut world), json!({ "fargateProfileNames": ["fp"] }));
    check(&call(&mut world, "DeleteFargateProfile", of_profile(DEMO, "fp")), id, &shown("DELETING"));
    assert_eq!(list(&mut world), json!({ "fargateProfileNames": [] }));
    let own = call(&mut world, "CreateFargateProfile", profile(DEMO, "own", json!({ "subnets": ["subnet-9"] })));
    assert_eq!(own["fargateProfile"]["subnets"], json!(["subnet-9"]));
}

#[test]
fn lists_come_by_name_and_page_by_page() {
    let mut world = world();
    for name in ["c", "a", "b"] {
        call(&mut world, "CreateNodegroup", group(DEMO, name, json!({})));
        call(&mut world, "CreateFargateProfile", profile(DEMO, name, json!({})));
    }
    for (operation, member) in [("ListNodegroups", "nodegroups"), ("ListFargateProfiles", "fargateProfileNames")] {
        let first = call(&mut world, operation, json!({ "clusterName": DEMO, "maxResults": 2 }));
        assert_eq!(first[member], json!(["a", "b"]));
        let input = json!({ "clusterName": DEMO, "nextToken": first["nextToken"] });
        assert_eq!(call(&mut world, operation, input), json!({ member: ["c"] }));
    }
}

#[test]
fn a_repeated_create_with_its_token_is_no_error() {
    let mut world = world();
    let token = json!({ "clientRequestToken": "t", "labels": { "a": "b" } });
    let made = call(&mut world, "CreateNodegroup", group(DEMO, "ng", token.clone()));
    let before = world.clone();
    assert_eq!(call(&mut world, "CreateNodegroup", group(DEMO, "ng", token)), made);
    let input = profile(DEMO, "fp", json!({ "clientRequestToken": "t" }));
    let made = call(&mut world, "CreateFargateProfile", input.clone());
    assert_eq!(call(&mut world, "CreateFargateProfile", input), made);
    world.cluster_mut(DEMO).unwrap().fargate_profiles.clear();
    assert_eq!(world.cluster(DEMO).unwrap().nodegroups, before.cluster(DEMO).unwrap().nodegroups);
}

#[test]
fn tags_of_node_groups_and_profiles() {
    let mut world = world();
    let made = call(&mut world, "CreateNodegroup", group(DEMO, "ng", json!({ "tags": { "a": "1" } })));
    let other = call(&mut world, "CreateFargateProfile", profile(DEMO, "fp", json!({})));
    for arn in [&made["nodegroup"]["nodegroupArn"], &other["fargateProfile"]["fargateProfileArn"]] {
        call(&mut world, "TagResource", json!({ "resourceArn": arn, "tags": { "b": "2" } }));
        call(&mut world, "UntagResource", json!({ "resourceArn": arn, "tagKeys": ["a"] }));
        let tags = call(&mut world, "ListTagsForResource", json!({ "resourceArn": arn }));
        assert_eq!(tags, json!({ "tags": { "b": "2" } }));
    }
    let shown = call(&mut world, "DescribeNodegroup", of_group(DEMO, "ng"));
    assert_eq!(shown["nodegroup"]["tags"], json!({ "b": "2" }));
}

#[test]
fn with_entries_eks_makes_one_of_the_type_of_the_machines() {
    for cluster in [DEMO, "new"] {
        for (ami_type, expected) in [
            (None, "EC2_LINUX"),
            (Some("BOTTLEROCKET_x86_64"), "EC2_LINUX"),
            (Some("WINDOWS_CORE_2022_x86_64"), "EC2_WINDOWS"),
            // Windows or not, EKS does not know.
            (Some("CUSTOM"), "EC2_LINUX"),
        ] {
            let mut world = world();
            let template = (ami_type == Some("CUSTOM")).then(|| json!({ "name": "lt" }));
            let more = json!({ "amiType": ami_type, "launchTemplate": template });
            call(&mut world, "CreateNodegroup", group(cluster, "ng", more));
            assert_eq!(entry_type(&world, cluster, NODES), Some(expected), "{cluster} {ami_type:?}");
            // Where aws-auth is read, the role has its line too (eks 13.5).
            let windows = if expected == "EC2_WINDOWS" { "  - eks:kube-proxy-windows\n" } else { "" };
            let expected = (cluster == DEMO).then(|| line(NODES, windows, "EC2PrivateDNSName"));
            assert_eq!(map_roles(&world, cluster), expected, "{cluster} {ami_type:?}");
        }
        let mut world = world();
        call(&mut world, "CreateFargateProfile", profile(cluster, "fp", json!({})));
        let expected = (cluster == DEMO).then(|| line(PODS, "  - system:node-proxier\n", "SessionName"));
        assert_eq!(map_roles(&world, cluster), expected);
        assert_eq!(entry_type(&world, cluster, PODS), Some("FARGATE_LINUX"));
        let entry = call(&mut world, "DescribeAccessEntry", json!({ "clusterName": cluster, "principalArn": PODS }));
        assert_eq!(entry["accessEntry"]["username"], "system:node:{{SessionName}}");
        assert_eq!(entry["accessEntry"]["kubernetesGroups"], json!(["system:nodes", "system:node-proxier"]));
    }
}

#[test]
fn an_entry_that_is_there_is_kept_even_if_it_is_dead() {
    let mut world = world();
    let mine = json!({ "clusterName": DEMO, "principalArn": NODES, "kubernetesGroups": ["mine"] });
    call(&mut world, "CreateAccessEntry", mine);
    let before = world.cluster(DEMO).unwrap().entries.clone();
    call(&mut world, "CreateNodegroup", group(DEMO, "ng", json!({})));
    assert_eq!(world.cluster(DEMO).unwrap().entries, before);
    // The role is made anew: the entry of the first one stays, and the nodes stay out (eks 14.4).
    call(&mut world, "DeleteNodegroup", of_group(DEMO, "ng"));
    call(&mut world, "DeleteRole", json!({ "RoleName": "nodes" }));
    call(&mut world, "CreateRole", json!({ "RoleName": "nodes" }));
    call(&mut world, "CreateNodegroup", group(DEMO, "ng", json!({})));
    let entry = &world.cluster(DEMO).unwrap().entries[NODES];
    let role = world.roles.iter().find(|role| role.name == "nodes").unwrap();
    assert_ne!(entry.unique_id, role.unique_id);
}

#[test]
fn without_entries_eks_writes_a_line_of_aws_auth() {
    let mut world = world();
    assert_eq!(map_roles(&world, "old"), None);
    call(&mut world, "CreateNodegroup", group("old", "linux", json!({})));
    let linux = line(NODES, "", "EC2PrivateDNSName");
    assert_eq!(map_roles(&world, "old").as_ref(), Some(&linux));
    // A second group of the role needs no second line.
    call(&mut world, "CreateNodegroup", group("old", "more", json!({})));
    assert_eq!(map_roles(&world, "old").as_ref(), Some(&linux));
    call(&mut world, "CreateFargateProfile", profile("old", "fp", json!({})));
    let both = linux + &line(PODS, "  - system:node-proxier\n", "SessionName");
    assert_eq!(map_roles(&world, "old").as_ref(), Some(&both));
    let windows = json!({ "nodeRole": OLD, "amiType": "WINDOWS_CORE_2022_x86_64" });
    call(&mut world, "CreateNodegroup", group("old", "windows", windows));
    let all = both + &line(OLD, "  - eks:kube-proxy-windows\n", "EC2PrivateDNSName");
    assert_eq!(map_roles(&world, "old"), Some(all));
    assert!(world.cluster("old").unwrap().entries.is_empty());
}

#[test]
fn what_else_is_in_aws_auth_stays() {
    let mut world = world();
    write_aws_auth(&mut world, "old", "# mine\n- rolearn: arn:aws:iam::111122223333:role/ops\n  username: ops\n");
    call(&mut world, "CreateNodegroup", group("old", "ng", json!({})));
    let ops = "- rolearn: arn:aws:iam::111122223333:role/ops\n  username: ops\n";
    let both = format!("{ops}{}", line(NODES, "", "EC2PrivateDNSName"));
    assert_eq!(map_roles(&world, "old"), Some(both));
    let maps = world.cluster("old").unwrap().objects.resource("", "configmaps").unwrap();
    let (meta, _) = world.cluster("old").unwrap().objects.find(&maps, "kube-system", "aws-auth").unwrap();
    assert_eq!(meta.labels.get("kept").map(String::as_str), Some("yes"));
    call(&mut world, "DeleteNodegroup", of_group("old", "ng"));
    assert_eq!(map_roles(&world, "old").as_deref(), Some(ops));
}

#[test]
fn the_last_node_group_of_a_role_takes_its_line_along_and_leaves_its_entry() {
    let mut world = world();
    for name in ["a", "b"] {
        call(&mut world, "CreateNodegroup", group("old", name, json!({})));
    }
    let linux = line(NODES, "", "EC2PrivateDNSName");
    call(&mut world, "DeleteNodegroup", of_group("old", "a"));
    assert_eq!(map_roles(&world, "old").as_ref(), Some(&linux), "another group has the role");
    call(&mut world, "DeleteNodegroup", of_group("old", "b"));
    assert_eq!(map_roles(&world, "old").as_deref(), Some("[]\n"));
    // A profile keeps its role in, and takes nothing along.
    let shared = json!({ "podExecutionRoleArn": NODES });
    call(&mut world, "CreateNodegroup", group("old", "c", json!({})));
    call(&mut world, "CreateFargateProfile", profile("old", "fp", shared));
    call(&mut world, "DeleteNodegroup", of_group("old", "c"));
    assert_eq!(map_roles(&world, "old").as_ref(), Some(&linux));
    call(&mut world, "DeleteFargateProfile", of_profile("old", "fp"));
    assert_eq!(map_roles(&world, "old").as_ref(), Some(&linux));
    // With entries: the entry stays; a line somebody wrote goes while aws-auth is read.
    for (cluster, left) in [(DEMO, "[]\n"), ("new", linux.as_str())] {
        write_aws_auth(&mut world, cluster, &linux);
        call(&mut world, "CreateNodegroup", group(cluster, "ng", json!({})));
        call(&mut world, "DeleteNodegroup", of_group(cluster, "ng"));
        assert_eq!(entry_type(&world, cluster, NODES), Some("EC2_LINUX"), "{cluster}");
        assert_eq!(map_roles(&world, cluster).as_deref(), Some(left), "{cluster}");
    }
}

#[test]
fn the_step_to_entries_makes_those_of_node_groups_and_profiles() {
    let mut world = world();
    call(&mut world, "CreateNodegroup", group("old", "ng", json!({ "amiType": "WINDOWS_CORE_2022_x86_64" })));
    call(&mut world, "CreateFargateProfile", profile("old", "fp", json!({})));
    let lost = json!({ "nodeRole": OLD });
    call(&mut world, "CreateNodegroup", group("old", "lost", lost));
    call(&mut world, "DeleteRole", json!({ "RoleName": "eks-node-role" }));
    let lines = map_roles(&world, "old");
    step(&mut world, "old", "API_AND_CONFIG_MAP");
    assert_eq!(entry_type(&world, "old", NODES), Some("EC2_WINDOWS"));
    assert_eq!(entry_type(&world, "old", PODS), Some("FARGATE_LINUX"));
    assert_eq!(entry_type(&world, "old", OLD), None, "the role is gone");
    assert_eq!(map_roles(&world, "old"), lines, "the lines stay");
}

#[test]
fn an_unreadable_aws_auth_makes_node_groups_fail() {
    let mut world = world();
    call(&mut world, "CreateNodegroup", group("old", "good", json!({})));
    write_aws_auth(&mut world, "old", "- rolearn: [\n");
    call(&mut world, "CreateNodegroup", group("old", "ng", json!({})));
    call(&mut world, "CreateFargateProfile", profile("old", "fp", json!({})));
    let issue = |role: &str| {
        json!({ "issues": [{ "code": "AccessDenied", "message": "The aws-auth ConfigMap in your cluster is invalid.",
            "resourceIds": [role] }] })
    };
    let shown = call(&mut world, "DescribeNodegroup", of_group("old", "ng"));
    assert_eq!(shown["nodegroup"]["status"], "CREATE_FAILED");
    assert_eq!(shown["nodegroup"]["health"], issue(NODES));
    let shown = call(&mut world, "DescribeFargateProfile", of_profile("old", "fp"));
    assert_eq!(shown["fargateProfile"]["status"], "CREATE_FAILED");
    assert_eq!(shown["fargateProfile"]["health"], issue(PODS));
    assert_eq!(map_roles(&world, "old").as_deref(), Some("- rolearn: [\n"));
    // Another group has the role, so nothing has to be written.
    call(&mut world, "DeleteNodegroup", of_group("old", "ng"));
    assert_eq!(call(&mut world, "DeleteNodegroup", of_group("old", "good"))["nodegroup"]["status"], "DELETING");
    let shown = call(&mut world, "DescribeNodegroup", of_group("old", "good"));
    assert_eq!(shown["nodegroup"]["status"], "DELETE_FAILED");
    write_aws_auth(&mut world, "old", "[]");
    call(&mut world, "DeleteNodegroup", of_group("old", "good"));
    assert!(world.cluster("old").unwrap().nodegroups.is_empty());
    // With entries nothing has to be read.
    write_aws_auth(&mut world, DEMO, "word");
    call(&mut world, "CreateNodegroup", group(DEMO, "ng", json!({})));
    assert_eq!(call(&mut world, "DescribeNodegroup", of_group(DEMO, "ng"))["nodegroup"]["status"], "ACTIVE");
    call(&mut world, "DeleteNodegroup", of_group(DEMO, "ng"));
    assert!(world.cluster(DEMO).unwrap().nodegroups.is_empty());
}

#[test]
fn a_cluster_goes_after_its_node_groups_and_profiles() {
    let mut world = world();
    call(&mut world, "CreateNodegroup", group(DEMO, "ng", json!({})));
    call(&mut world, "CreateFargateProfile", profile(DEMO, "fp", json!({})));
    assert!(try_call(&mut world, "DeleteCluster", json!({ "name": DEMO })).is_err());
    call(&mut world, "DeleteNodegroup", of_group(DEMO, "ng"));
    assert!(try_call(&mut world, "DeleteCluster", json!({ "name": DEMO })).is_err());
    call(&mut world, "DeleteFargateProfile", of_profile(DEMO, "fp"));
    call(&mut world, "DeleteCluster", json!({ "name": DEMO }));
    assert!(world.cluster(DEMO).is_none());
}

#[test]
fn node_groups_and_profiles_travel_in_links() {
    let mut world = world();
    let before = share::encode(&Snapshot { world: world.clone().into(), ..scenario::walkthrough() }).len();
    call(&mut world, "CreateNodegroup", group(DEMO, "ng", json!({ "tags": { "z": "1", "a": "2" }, "diskSize": 30 })));
    world.advance(1500);
    call(&mut world, "CreateFargateProfile", profile(DEMO, "fp", json!({ "clientRequestToken": "t" })));
    write_aws_auth(&mut world, "old", "word");
    call(&mut world, "CreateNodegroup", group("old", "failed", json!({})));
    let snapshot = Snapshot { world: world.into(), ..scenario::walkthrough() };
    let link = share::encode(&snapshot);
    assert_eq!(share::decode(&link).unwrap(), snapshot);
    assert!(link.len() - before < 500, "{} characters more", link.len() - before);
    // A name that does not fit its key is no world.
    let mut json = share::to_json(&snapshot);
    json["world"]["clusters"][0]["nodegroups"]["ng"]["asked"]["nodegroupName"] = json!("other");
    let error = share::from_json(json).unwrap_err().to_string();
    assert!(error.contains("`ng` is not the name of a node group or Fargate profile"), "{error}");
}

/// A call that is refused.
struct Case {
    of: &'static str,
    operation: &'static str,
    input: Value,
    refusal: &'static str,
    text: String,
    wording: Wording,
    members: Vec<(&'static str, &'static str)>,
}

impl Case {
    fn inferred(self) -> Self {
        Self { wording: Wording::Inferred, ..self }
    }

    fn own(self) -> Self {
        Self { wording: Wording::Own, ..self }
    }

    fn about(self, members: &[(&'static str, &'static str)]) -> Self {
        Self { members: members.to_vec(), ..self }
    }
}

const INVALID: &str = "InvalidParameterException 400";
const NOT_FOUND: &str = "ResourceNotFoundException 404";
const IN_USE: &str = "ResourceInUseException 409";
const BUSY: &str = "InvalidRequestException 400";

fn case(of: &'static str, operation: &'static str, input: Value, refusal: &'static str, text: &str) -> Case {
    let (text, wording) = (text.to_owned(), Wording::Reported);
    Case { of, operation, input, refusal, text, wording, members: Vec::new() }
}

#[rustfmt::skip]
fn cases() -> Vec<Case> {
    let form = "contains invalid characters. It should conform to the regular expression \"^[0-9A-Za-z][A-Za-z0-9-_]*\"In other words, it should start with a number or letter, and can contain numbers, letters, dashes, and underscores.";
    let group_name = format!("The nodegroup name parameter {form}");
    let profile_name = "The Fargate profile name parameter contains invalid characters. It should begin with letter or digit and can have any of the following characters: the set of Unicode letters, digits, hyphens and underscores.";
    let (by_name, by_cluster_name) = (format!("The parameter name {form}"), format!("The clusterName parameter {form}"));
    let taint_key = |key: &str| format!("invalid taint spec: {key} , a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName', or 'my.name', or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')");
    let reserved = "Label cannot start with reserved prefixes [kubernetes.io/, k8s.io/, eks.amazonaws.com/]";
    let repair = "Either provide max parallel nodes to repair count or percentage in the request.";
    let one_name = "Either provide launch template ID or launch template name in the request.";
    let no_name = "Either a launch template ID or a launch template name must be specified in the request.";
    let label = |value: &str| format!("Invalid value: {value} : field must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')");
    let no_cluster = "No cluster found for name: x.";
    let there: &[(&str, &str)] = &[("clusterName", DEMO), ("nodegroupName", "there")];
    let new: &[(&str, &str)] = &[("clusterName", DEMO), ("nodegroupName", "n")];
    let nowhere: &[(&str, &str)] = &[("clusterName", DEMO), ("nodegroupName", "no")];
    let create = |of: &'static str, more: Value, text: &str| case(of, "CreateNodegroup", group(DEMO, "n", more), INVALID, text).about(new);
    let own = |more: Value, text: &str| create("nodegroup_value", more, text).own();
    let sizes = |min: i64, max: i64, desired: i64| json!({ "scalingConfig": { "minSize": min, "maxSize": max, "desiredSize": desired } });
    let taint = |key: &str, value: &str, effect: &str| json!({ "taints": [{ "key": key, "value": value, "effect": effect }] });
    let fargate = |of: &'static str, more: Value, text: &str| case(of, "CreateFargateProfile", profile(DEMO, "p", more), INVALID, text);
    let selectors = |selectors: Value| json!({ "selectors": selectors });
    let six: serde_json::Map<String, Value> = (0..6).map(|n| (format!("k{n}"), json!("v"))).collect();
    let twenty_one: Vec<String> = (0..21).map(|n| format!("m{n}.large")).collect();
    vec![
        case("nodegroup_exists", "CreateNodegroup", group(DEMO, "there", json!({})), IN_USE, "NodeGroup already exists with name there and cluster name eks-demo-cluster").about(there),
        case("no_nodegroup", "DescribeNodegroup", of_group(DEMO, "no"), NOT_FOUND, "No node group found for name: no.").about(nowhere),
        case("no_nodegroup", "DeleteNodegroup", of_group(DEMO, "no"), NOT_FOUND, "No node group found for name: no.").about(nowhere),
        case("fargate_profile_exists", "CreateFargateProfile", profile(DEMO, "there", json!({})), IN_USE, "A Fargate Profile already exists with this name in this cluster."),
        case("no_fargate_profile", "DescribeFargateProfile", of_profile(DEMO, "no"), NOT_FOUND, "No Fargate Profile found with name: no."),
        case("no_fargate_profile", "DeleteFargateProfile", of_profile(DEMO, "no"), NOT_FOUND, "No Fargate Profile found with name: no.").about(&[("clusterName", DEMO), ("fargateProfileName", "no")]),
        case("cluster_not_active", "CreateNodegroup", group("busy", "n", json!({})), BUSY, "Cluster 'busy' is not in ACTIVE status"),
        case("cluster_not_active", "CreateFargateProfile", profile("busy", "p", json!({})), BUSY, "Cluster 'busy' is not in ACTIVE status"),
        case("profile_of_updating_cluster", "DeleteFargateProfile", of_profile("busy", "there"), IN_USE, "Cannot Delete Fargate Profile there because cluster busy currently has an update in progress").about(&[("clusterName", "busy")]),
        case("cluster_has_nodegroups", "DeleteCluster", json!({ "name": DEMO }), IN_USE, "Cluster has nodegroups attached").about(&[("clusterName", DEMO), ("nodegroupName", "another,there")]),
        case("cluster_has_fargate_profiles", "DeleteCluster", json!({ "name": "busy" }), IN_USE, "Cluster has Fargate Profiles in ACTIVE/CREATING state").about(&[("clusterName", "busy")]),
        case("long_nodegroup_name", "CreateNodegroup", group(DEMO, &"n".repeat(64), json!({})), INVALID, "nodeGroupName can't be longer than 63 characters!"),
        // Names are looked at before the cluster, their length is not.
        case("", "CreateNodegroup", group("x", "a.b", json!({})), INVALID, &group_name),
        case("", "CreateNodegroup", group(DEMO, "-a", json!({})), INVALID, &group_name),
        case("", "CreateNodegroup", group(DEMO, "", json!({})), INVALID, &group_name),
        case("", "CreateNodegroup", group("x", &"n".repeat(64), json!({})), NOT_FOUND, no_cluster),
        case("bad_profile_name", "CreateFargateProfile", profile("x", "a b", json!({})), INVALID, profile_name),
        case("bad_profile_name", "CreateFargateProfile", profile("x", "_a", json!({})), INVALID, profile_name),
        case("long_profile_name", "CreateFargateProfile", profile(DEMO, &"p".repeat(101), json!({})), INVALID, "fargateProfileName can't be longer than 100 characters").own(),
        case("", "DeleteCluster", json!({ "name": "a.b" }), INVALID, &by_name),
        case("", "ListNodegroups", json!({ "clusterName": "a.b" }), INVALID, &by_cluster_name),
        case("", "CreateNodegroup", group("a b", "n", json!({})), INVALID, &by_cluster_name),
        case("", "ListUpdates", json!({ "name": "a/b" }), INVALID, &by_name),
        case("reserved_profile_name", "CreateFargateProfile", profile(DEMO, "eks-p", json!({})), INVALID, "The fargate profile name starts with the reserved prefix: 'eks-'."),
        create("size_order", sizes(3, 5, 2), "minSize can't be greater than desiredSize"),
        create("size_order", sizes(1, 2, 3), "desiredSize can't be greater than maxSize"),
        create("bad_label_value", json!({ "labels": { "a": "b/c" } }), &label("b/c")),
        create("bad_label_value", json!({ "labels": { "a": "" } }), &label("")),
        create("bad_label_value", taint("a", "b/c", "NO_EXECUTE"), &label("b/c")),
        create("release_version", json!({ "releaseVersion": "1.32.1-20240101" }), "Requested Nodegroup release version 1.32.1-20240101 is invalid. Allowed release version is 1.33.3-20240117"),
        create("release_version", json!({ "releaseVersion": "1.3", "amiType": "AL2_ARM_64" }), "Requested Nodegroup release version 1.3 is invalid. Allowed release version is 1.33.3-20240117"),
        create("disk_beside_template", json!({ "launchTemplate": { "name": "lt" }, "diskSize": 20 }), "Disk size must be specified within the launch template."),
        own(json!({ "subnets": [] }), "A node group needs at least one subnet"),
        own(json!({ "amiType": "AL3" }), "Unsupported amiType: AL3"),
        own(json!({ "capacityType": "spot" }), "Unsupported capacityType: spot"),
        own(json!({ "scalingConfig": { "minSize": 1, "maxSize": 1 } }), "scalingConfig needs minSize, maxSize and desiredSize"),
        own(json!({ "instanceTypes": twenty_one }), "A node group can have at most 20 instance types"),
        own(json!({ "diskSize": 0 }), "diskSize must be at least 1"),
        create("nodegroup_version", json!({ "version": "1.29" }), "Cluster Kubernetes version 1.33 supports the following Nodegroup Kubernetes versions: [1.33, 1.32, 1.31, 1.30]"),
        create("nodegroup_version", json!({ "version": "1.34" }), "Cluster Kubernetes version 1.33 supports the following Nodegroup Kubernetes versions: [1.33, 1.32, 1.31, 1.30]"),
        create("reserved_label", json!({ "labels": { "kubernetes.io/role": "x" } }), reserved),
        create("reserved_label", json!({ "labels": { "k8s.io/a": "x" } }), reserved),
        create("reserved_label", json!({ "labels": { "eks.amazonaws.com/nodegroup": "x" } }), reserved),
        create("bad_label_value", json!({ "labels": { "bad key!": "x" } }), &label("bad key!")),
        create("bad_taint_key", taint("bad key!", "x", "NO_EXECUTE"), &taint_key("bad key!")),
        create("template_named_twice", json!({ "launchTemplate": { "name": "a", "id": "lt-1" } }), one_name),
        create("template_without_name", json!({ "launchTemplate": {} }), no_name),
        create("template_without_name", json!({ "launchTemplate": { "version": "1" } }), no_name),
        create("custom_without_template", json!({ "amiType": "CUSTOM" }), "Launch template details can't be null for Custom ami type node group"),
        create("remote_access_beside_template", json!({ "launchTemplate": { "name": "a" }, "remoteAccess": { "ec2SshKey": "k" } }), "Remote access configuration cannot be specified with a launch template."),
        create("empty_update_config", json!({ "updateConfig": {} }), "UpdateConfig cannot be empty if set in the request."),
        create("unavailable_twice", json!({ "updateConfig": { "maxUnavailable": 1, "maxUnavailablePercentage": 10 } }), "Either provide max-unavailable or max-unavailable-percentage in the request."),
        create("repair_twice", json!({ "nodeRepairConfig": { "maxUnhealthyNodeThresholdCount": 1, "maxUnhealthyNodeThresholdPercentage": 1 } }), repair),
        create("repair_twice", json!({ "nodeRepairConfig": { "maxParallelNodesRepairedCount": 1, "maxParallelNodesRepairedPercentage": 1 } }), repair),
        create("instance_types", json!({ "instanceTypes": ["m5.large", "m6g.large"], "amiType": "AL2023_x86_64_STANDARD" }), "[m6g.large] is not a valid instance type for requested amiType AL2023_x86_64_STANDARD"),
        create("instance_types", json!({ "instanceTypes": ["a1.large", "c7gn.large", "g5g.xlarge"] }), "[a1.large, c7gn.large, g5g.xlarge] is not a valid instance type for requested amiType AL2023_x86_64_STANDARD"),
        create("instance_types", json!({ "instanceTypes": ["g4dn.xlarge", "m6g.large"], "amiType": "BOTTLEROCKET_ARM_64" }), "[g4dn.xlarge] is not a valid instance type for requested amiType BOTTLEROCKET_ARM_64"),
        own(json!({ "labels": { "": "a" } }), "Label keys have 1 to 63 characters"),
        own(json!({ "labels": { "k".repeat(64): "a" } }), "Label keys have 1 to 63 characters"),
        own(taint("", "", "NO_SCHEDULE"), "Taint keys have 1 to 63 characters"),
        own(taint("a", "", "NoSchedule"), "Unsupported taint effect: NoSchedule"),
        create("bad_role_arn", json!({ "nodeRole": "nodes" }), "Invalid Role Arn: 'nodes'").own(),
        create("bad_role_arn", json!({ "nodeRole": "arn:aws:iam::111122223333:user/k8s-dev" }), "Invalid Role Arn: 'arn:aws:iam::111122223333:user/k8s-dev'").own(),
        create("bad_role_arn", json!({ "nodeRole": "arn:aws:iam::444455556666:role/nodes" }), "Invalid Role Arn: 'arn:aws:iam::444455556666:role/nodes'").own(),
        fargate("bad_role_arn", json!({ "podExecutionRoleArn": "" }), "Invalid Role Arn: ''").own(),
        create("no_such_node_role", json!({ "nodeRole": "arn:aws:iam::111122223333:role/x/no" }), "The role with name no cannot be found.").inferred(),
        fargate("no_such_node_role", json!({ "podExecutionRoleArn": "arn:aws:iam::111122223333:role/no" }), "The role with name no cannot be found.").inferred(),
        create("role_not_for_nodes", json!({ "nodeRole": LINKED }), &format!("Following required service principals [ec2.amazonaws.com] were not found in the trust relationships of nodeRole {LINKED}")),
        fargate("role_not_for_fargate", json!({ "podExecutionRoleArn": LINKED }), "Misconfigured PodExecutionRole Trust Policy; Please add the eks-fargate-pods.amazonaws.com Service Principal"),
        fargate("no_selectors", selectors(json!([])), "Fargate Profile requires at least one selector."),
        fargate("no_selectors", selectors(Value::Null), "Fargate Profile requires at least one selector."),
        fargate("selector_needs_namespace", selectors(json!([{ "labels": { "a": "b" } }])), "Fargate Profile must have at least one selector with at least one namespace value."),
        fargate("too_many_selector_labels", selectors(json!([{ "namespace": "a", "labels": six }])), "Request contains Selector with more than 5 Label pairs"),
        fargate("too_many_selectors", selectors(json!([{}, {}, {}, {}, {}, {}])), "Request contains more than 5 Selectors"),
        case("", "CreateFargateProfile", profile("x", "p", selectors(json!([{}, {}, {}, {}, {}, {}]))), NOT_FOUND, no_cluster),
        case("selector_namespace", "CreateFargateProfile", profile("x", "p", selectors(json!([{ "namespace": "bad_ns" }]))), INVALID, "The namespace provided is invalid."),
        case("selector_label", "CreateFargateProfile", profile("x", "p", selectors(json!([{ "namespace": "a*", "labels": { "bad key!": "x" } }]))), INVALID, "Selector label provided is invalid."),
        case("selector_label", "CreateFargateProfile", profile("x", "p", selectors(json!([{ "namespace": "a", "labels": { "a": "b c" } }]))), INVALID, "Selector label provided is invalid."),
        // Refusals of the other kinds.
        case("", "CreateNodegroup", group(DEMO, "n", json!({ "tags": { "aws:a": "" } })), INVALID, "Tag keys must not begin with aws:").own(),
        case("", "CreateFargateProfile", profile(DEMO, "p", json!({ "tags": { "aws:a": "" } })), INVALID, "Tag keys must not begin with aws:").own(),
        case("", "CreateNodegroup", group("x", "n", json!({})), NOT_FOUND, no_cluster),
        case("", "DescribeNodegroup", of_group("x", "n"), NOT_FOUND, no_cluster).about(&[("clusterName", "x"), ("nodegroupName", "n")]),
        case("", "ListNodegroups", json!({ "clusterName": "x" }), NOT_FOUND, no_cluster),
        case("", "CreateFargateProfile", profile("x", "p", json!({})), NOT_FOUND, no_cluster),
        case("", "DescribeFargateProfile", of_profile("x", "p"), NOT_FOUND, no_cluster).about(&[("clusterName", "x")]),
        case("", "DeleteFargateProfile", of_profile("x", "p"), NOT_FOUND, no_cluster).about(&[("clusterName", "x")]),
        case("", "ListFargateProfiles", json!({ "clusterName": "x" }), NOT_FOUND, no_cluster),
        case("", "ListNodegroups", json!({ "clusterName": DEMO, "maxResults": 0 }), INVALID, "maxResults must be between 1 and 100").own(),
        case("", "ListFargateProfiles", json!({ "clusterName": DEMO, "nextToken": "x" }), INVALID, "Invalid nextToken").own(),
    ]
}

#[test]
fn every_refusal_has_its_words_and_changes_nothing() {
    let mut before = world();
    for name in ["there", "another"] {
        call(&mut before, "CreateNodegroup", group(DEMO, name, json!({})));
    }
    let busy = json!({ "name": "busy", "roleArn": OLD, "resourcesVpcConfig": {} });
    call(&mut before, "CreateCluster", busy);
    for cluster in [DEMO, "busy"] {
        call(&mut before, "CreateFargateProfile", profile(cluster, "there", json!({})));
    }
    before.update_millis = 60_000;
    step(&mut before, "busy", "API_AND_CONFIG_MAP");
    for Case { of, operation, input, refusal, text, wording, members } in cases() {
        let mut world = before.clone();
        let what = format!("{of}: {operation} {input}");
        let exception = try_call(&mut world, operation, input).expect_err(&what);
        assert_eq!(format!("{} {}", exception.code, exception.status), refusal, "{what}");
        assert_eq!((exception.message, exception.wording), (text, wording), "{what}");
        let members: Vec<_> = members.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        assert_eq!(exception.members, members, "{what}");
        assert!(world == before, "{what} changed the world");
    }
}

#[test]
fn no_exception_is_left_out() {
    let source = include_str!("../src/aws/exception/compute.rs");
    let functions = source.split("    pub fn ").skip(1);
    let made: BTreeSet<&str> = functions
        .filter(|text| !text.split('{').next().unwrap().contains("(self"))
        .map(|text| text.split('(').next().unwrap())
        .collect();
    assert!(made.len() > 20, "the constructors were not found");
    let tested: BTreeSet<&str> = cases().iter().map(|case| case.of).filter(|of| !of.is_empty()).collect();
    assert_eq!(tested, made);
}

#[test]
fn bounds_are_met_exactly() {
    let mut world = world();
    let mut names = 0;
    let mut try_group = |more: Value| {
        names += 1;
        let name = format!("g{names}");
        try_call(&mut world, "CreateNodegroup", with(group("new", &name, json!({})), more)).is_ok()
    };
    let sizes = |min: i64, desired: i64, max: i64| json!({ "scalingConfig": { "minSize": min, "desiredSize": desired, "maxSize": max } });
    assert!(try_group(sizes(2, 2, 2)) && !try_group(sizes(3, 2, 3)) && !try_group(sizes(1, 3, 2)));
    let types = |n: usize| json!({ "instanceTypes": vec!["t3.medium"; n] });
    assert!(try_group(types(20)) && !try_group(types(21)));
    assert!(try_group(json!({ "diskSize": 1 })) && !try_group(json!({ "diskSize": 0 })));
    for (letters, good) in [(63, true), (64, false)] {
        assert_eq!(try_group(json!({ "nodegroupName": "n".repeat(letters) })), good, "{letters}");
    }
    let mut try_profile = |name: &str, selectors: Value| {
        try_call(&mut world, "CreateFargateProfile", profile("new", name, json!({ "selectors": selectors }))).is_ok()
    };
    let selectors = |n: usize| json!(vec![json!({ "namespace": "a" }); n]);
    assert!(try_profile("five", selectors(5)) && !try_profile("six", selectors(6)));
    let labels = |n: usize| {
        let labels: serde_json::Map<String, Value> = (0..n).map(|n| (format!("k{n}"), json!("v"))).collect();
        json!([{ "namespace": "a", "labels": labels }])
    };
    assert!(try_profile("few", labels(5)) && !try_profile("many", labels(6)));
    assert!(try_profile(&"p".repeat(100), selectors(1)) && !try_profile(&"p".repeat(101), selectors(1)));
}

#[test]
fn amazon_linux_2_ends_with_kubernetes_1_29() {
    let mut world = world();
    for (at, (version, ami_type)) in [("1.29", "AL2_x86_64"), ("1.30", "AL2023_x86_64_STANDARD")].iter().enumerate() {
        world.cluster_mut("new").unwrap().version = (*version).to_owned();
        let made = call(&mut world, "CreateNodegroup", group("new", &format!("g{at}"), json!({})));
        assert_eq!(made["nodegroup"]["amiType"], *ami_type);
    }
}

#[test]
fn the_last_step_makes_no_entry_again() {
    // eks 13.3: what was deleted stays deleted.
    let mut world = world();
    call(&mut world, "CreateNodegroup", group("old", "g", json!({})));
    step(&mut world, "old", "API_AND_CONFIG_MAP");
    assert_eq!(entry_type(&world, "old", NODES), Some("EC2_LINUX"));
    call(&mut world, "DeleteAccessEntry", json!({ "clusterName": "old", "principalArn": NODES }));
    step(&mut world, "old", "API");
    assert_eq!(entry_type(&world, "old", NODES), None);
}
