//! Every refusal of the AWS side, provoked through `World::call` and compared whole: code, status, text, members,
//! wording (eks 23). After each the world is as before. The list is held complete against `src/aws/exception.rs`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use eks_access_playground::aws::exception::{Exception, Wording};
use eks_access_playground::engine::{ApiError, AwsRequest, Caller, Credential, Request, Response, World};
use eks_access_playground::session::scenario;
use serde_json::{Value, json};

/// A call that is refused: constructor, operation, input, code and status, text, wording, cluster among the members.
struct Case {
    of: &'static str,
    operation: &'static str,
    input: Value,
    refusal: &'static str,
    text: String,
    wording: Wording,
    cluster: Option<&'static str>,
}

const INVALID: &str = "InvalidParameterException 400";
const NOT_FOUND: &str = "ResourceNotFoundException 404";
const IN_USE: &str = "ResourceInUseException 409";

fn case(of: &'static str, operation: &'static str, input: Value, refusal: &'static str, text: &str) -> Case {
    Case { of, operation, input, refusal, text: text.to_owned(), wording: Wording::Reported, cluster: None }
}

impl Case {
    fn inferred(self) -> Self {
        Self { wording: Wording::Inferred, ..self }
    }

    fn own(self) -> Self {
        Self { wording: Wording::Own, ..self }
    }

    fn with_cluster(self, cluster: &'static str) -> Self {
        Self { cluster: Some(cluster), ..self }
    }
}

const DEMO: &str = "eks-demo-cluster";
const DEV: &str = "arn:aws:iam::111122223333:user/k8s-dev";
const CREATOR: &str = "arn:aws:iam::111122223333:user/cluster-creator";
const NODE_ROLE: &str = "arn:aws:iam::111122223333:role/eks-node-role";
const LINKED: &str = "arn:aws:iam::111122223333:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS";
const OWNED: &str = "arn:aws:iam::111122223333:role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup";
const VIEW: &str = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";

fn creator(world: &World) -> Caller {
    Caller::new(Credential::AccessKey(world.users[0].access_key.clone()))
}

fn call(world: &mut World, operation: &str, input: Value) -> Result<Value, Exception> {
    let request = AwsRequest::from_parts(operation, input).unwrap();
    let caller = creator(world);
    match world.call(&caller, Request::Aws(request)) {
        Ok(eks_access_playground::engine::Response::Aws(value)) => Ok(value),
        Err(ApiError::Aws(exception)) => Err(exception),
        other => panic!("{other:?}"),
    }
}

fn new_cluster(name: &str, mode: &str) -> Value {
    json!({ "name": name, "roleArn": "arn:aws:iam::111122223333:role/eks-cluster-role",
        "resourcesVpcConfig": {}, "accessConfig": { "authenticationMode": mode } })
}

/// The walk-through, a service-linked role, and further clusters: `old` (CONFIG_MAP), `new` (API), `busy` (being
/// updated from CONFIG_MAP).
fn world() -> World {
    let mut world = (*scenario::walkthrough().world).clone();
    // EKS makes such an entry itself (eks 13); no call can.
    let cluster = world.cluster_mut(DEMO).unwrap();
    let mut entry = (**cluster.entries.get(CREATOR).unwrap()).clone();
    entry.principal_arn = OWNED.to_owned();
    cluster.entries.insert(OWNED.to_owned(), entry.into());
    // IAM makes service-linked roles for its services alone.
    call(&mut world, "CreateRole", json!({ "RoleName": "AWSServiceRoleForAmazonEKS" })).unwrap();
    let mut role = (**world.roles.last().unwrap()).clone();
    role.path = "/aws-service-role/eks.amazonaws.com/".to_owned();
    *world.roles.last_mut().unwrap() = role.into();
    for (name, mode) in [("old", "CONFIG_MAP"), ("new", "API"), ("busy", "CONFIG_MAP")] {
        call(&mut world, "CreateCluster", new_cluster(name, mode)).unwrap();
    }
    world.update_millis = 60_000;
    let step = json!({ "name": "busy", "accessConfig": { "authenticationMode": "API_AND_CONFIG_MAP" } });
    call(&mut world, "UpdateClusterConfig", step).unwrap();
    world
}

fn create(principal: &str, more: Value) -> Value {
    let mut input = json!({ "clusterName": DEMO, "principalArn": principal });
    for (key, value) in more.as_object().unwrap() {
        input[key] = value.clone();
    }
    input
}

fn associate(principal: &str, policy: &str, scope: Value) -> Value {
    json!({ "clusterName": DEMO, "principalArn": principal, "policyArn": policy, "accessScope": scope })
}

/// A new role with a trust policy of one statement.
fn trust(members: &str) -> Value {
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",{members}}}]}}"#);
    json!({ "RoleName": "t", "AssumeRolePolicyDocument": document })
}

fn step(cluster: &str, mode: &str) -> Value {
    json!({ "name": cluster, "accessConfig": { "authenticationMode": mode } })
}

#[rustfmt::skip]
fn cases(world: &World) -> Vec<Case> {
    let update = eks_access_playground::engine::world::uuid(world.cluster("busy").unwrap().updates[0].serial);
    let cluster_scope = || json!({ "type": "cluster" });
    let no_entry = "The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'.";
    let mode_text = "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.";
    let linked = "The caller is not allowed to modify access entries with a principalArn value of a Service Linked Role";
    let invalid_principal = "The specified principalArn is invalid: invalid principal.";
    let only_standard = "This operation can only be performed on Access Entries with a type of \"STANDARD\".";
    let tags_length = "Tag keys have 1 to 128 characters, tag values at most 256";
    let many: serde_json::Map<String, Value> = (0..51).map(|n| (format!("k{n}"), json!(""))).collect();
    let mut cases = vec![
        // Modes.
        case("unsupported_mode_step", "UpdateClusterConfig", step("old", "API"), INVALID, "Unsupported authentication mode update from CONFIG_MAP to API").with_cluster("old"),
        case("unsupported_mode_step", "UpdateClusterConfig", step(DEMO, "API_AND_CONFIG_MAP"), INVALID, "Unsupported authentication mode update from API_AND_CONFIG_MAP to API_AND_CONFIG_MAP").with_cluster(DEMO),
        case("unsupported_mode_step", "UpdateClusterConfig", step(DEMO, "CONFIG_MAP"), INVALID, "Unsupported authentication mode update from API_AND_CONFIG_MAP to CONFIG_MAP").with_cluster(DEMO),
        case("unsupported_mode_step", "UpdateClusterConfig", step("old", "CONFIG_MAP"), INVALID, "Unsupported authentication mode update from CONFIG_MAP to CONFIG_MAP").inferred().with_cluster("old"),
        case("unsupported_mode_step", "UpdateClusterConfig", step("new", "API"), INVALID, "Unsupported authentication mode update from API to API").inferred().with_cluster("new"),
        case("unsupported_mode_step", "UpdateClusterConfig", step("new", "API_AND_CONFIG_MAP"), INVALID, "Unsupported authentication mode update from API to API_AND_CONFIG_MAP").inferred().with_cluster("new"),
        case("unsupported_mode_step", "UpdateClusterConfig", step("new", "CONFIG_MAP"), INVALID, "Unsupported authentication mode update from API to CONFIG_MAP").inferred().with_cluster("new"),
        case("unknown_mode", "UpdateClusterConfig", step(DEMO, "BOGUS"), INVALID, "unsupported authentication mode: BOGUS").own().with_cluster(DEMO),
        case("unknown_mode", "CreateCluster", new_cluster("c", "api"), INVALID, "unsupported authentication mode: api").own(),
        case("no_changes", "UpdateClusterConfig", json!({ "name": DEMO }), INVALID, "No changes needed for the cluster config provided").inferred().with_cluster(DEMO),
        case("one_update_type", "UpdateClusterConfig", json!({ "name": DEMO, "accessConfig": { "authenticationMode": "API" }, "logging": {} }), INVALID, "Only one type of update can be allowed.").with_cluster(DEMO),
        case("update_in_progress", "UpdateClusterConfig", step("busy", "API"), IN_USE, &format!("Cannot AccessConfigUpdate because cluster busy currently has update {update} in progress")).with_cluster("busy"),
        case("no_update", "DescribeUpdate", json!({ "name": "busy", "updateId": "x" }), NOT_FOUND, "No update found for ID: x").inferred(),
        // Clusters.
        case("bootstrap_must_be_true", "CreateCluster", json!({ "name": "c", "roleArn": "r", "resourcesVpcConfig": {}, "accessConfig": { "bootstrapClusterCreatorAdminPermissions": false } }), INVALID, "bootstrapClusterCreatorAdminPermissions must be true if cluster authentication mode is set to CONFIG_MAP"),
        case("cluster_exists", "CreateCluster", new_cluster("old", "API"), IN_USE, "Cluster already exists with name: old").inferred().with_cluster("old"),
        // Entries.
        case("entry_in_use", "CreateAccessEntry", create(CREATOR, json!({})), IN_USE, "The specified access entry resource is already in use on this cluster."),
        case("no_entry", "DescribeAccessEntry", create(DEV, json!({})), NOT_FOUND, no_entry),
        case("no_entry", "UpdateAccessEntry", create(DEV, json!({})), NOT_FOUND, no_entry),
        case("no_entry", "DeleteAccessEntry", create(DEV, json!({})), NOT_FOUND, no_entry),
        case("no_entry", "ListAssociatedAccessPolicies", create(DEV, json!({})), NOT_FOUND, no_entry),
        case("no_entry", "AssociateAccessPolicy", associate(DEV, VIEW, cluster_scope()), NOT_FOUND, no_entry),
        case("no_entry", "DisassociateAccessPolicy", create(DEV, json!({ "policyArn": VIEW })), NOT_FOUND, no_entry),
        case("invalid_principal", "CreateAccessEntry", create("arn:aws:iam::111122223333:role/nobody", json!({})), INVALID, invalid_principal),
        // The path is part of the name (eks 8.2).
        case("invalid_principal", "CreateAccessEntry", create("arn:aws:iam::111122223333:role/team/eks-node-role", json!({})), INVALID, invalid_principal),
        case("service_linked_role", "CreateAccessEntry", create(LINKED, json!({})), INVALID, linked),
        case("service_linked_role", "UpdateAccessEntry", create(OWNED, json!({ "kubernetesGroups": [] })), INVALID, linked),
        case("service_linked_role", "DeleteAccessEntry", create(OWNED, json!({})), INVALID, linked),
        case("service_linked_role", "AssociateAccessPolicy", associate(OWNED, VIEW, cluster_scope()), INVALID, linked),
        case("service_linked_role", "DisassociateAccessPolicy", create(OWNED, json!({ "policyArn": VIEW })), INVALID, linked),
        case("reserved_username", "CreateAccessEntry", create(DEV, json!({ "username": "system:dev" })), INVALID, "The username must not begin with system:"),
        // A node entry's own name sent back (eks 5.3).
        case("reserved_username", "UpdateAccessEntry", create(NODE_ROLE, json!({ "username": "system:node:{{EC2PrivateDNSName}}" })), INVALID, "The username must not begin with system:"),
        case("session_name_needs_colon", "CreateAccessEntry", create(DEV, json!({ "username": "john{{SessionName}}" })), INVALID, "A username that contains {{SessionName}} must have a colon before it.").own(),
        case("only_standard", "UpdateAccessEntry", create(NODE_ROLE, json!({ "kubernetesGroups": [] })), INVALID, only_standard),
        case("only_standard", "AssociateAccessPolicy", associate(NODE_ROLE, VIEW, cluster_scope()), INVALID, only_standard),
        // Policies.
        case("reserved_policy", "AssociateAccessPolicy", associate(CREATOR, "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterInsightsPolicy", cluster_scope()), INVALID, "The specified policyArn can only be associated with service-linked roles"),
        case("policy_format", "AssociateAccessPolicy", associate(CREATOR, "arn:aws:iam::aws:policy/AdministratorAccess", cluster_scope()), INVALID, "The policyArn parameter format is not valid"),
        case("policy_format", "AssociateAccessPolicy", associate(CREATOR, "AmazonEKSViewPolicy", cluster_scope()), INVALID, "The policyArn parameter format is not valid").inferred(),
        case("policy_format", "ListAccessEntries", json!({ "clusterName": DEMO, "associatedPolicyArn": "x" }), INVALID, "The policyArn parameter format is not valid").inferred(),
        case("scope_type", "AssociateAccessPolicy", associate(CREATOR, VIEW, json!({ "type": "Namespace", "namespaces": ["a"] })), INVALID, "The specified accessScope type is invalid: Namespace").own(),
        case("scope_needs_namespaces", "AssociateAccessPolicy", associate(CREATOR, VIEW, json!({ "type": "namespace" })), INVALID, "At least 1 namespace must be provided if the type is set as namespace"),
        case("scope_takes_no_namespaces", "AssociateAccessPolicy", associate(CREATOR, VIEW, json!({ "type": "cluster", "namespaces": ["a"] })), INVALID, "accessScope should not include namespaces if the type is not set as namespace"),
        case("not_associated", "DisassociateAccessPolicy", create(CREATOR, json!({ "policyArn": VIEW })), NOT_FOUND, "The specified policyArn is not associated to the specified principalArn.").own(),
        // Tags.
        case("bad_tags", "CreateAccessEntry", create(DEV, json!({ "tags": { "aws:x": "1" } })), INVALID, "Tag keys must not begin with aws:").own(),
        case("bad_tags", "CreateAccessEntry", create(DEV, json!({ "tags": { "": "1" } })), INVALID, tags_length).own(),
        case("bad_tags", "CreateAccessEntry", create(DEV, json!({ "tags": { "k".repeat(129): "1" } })), INVALID, tags_length).own(),
        case("bad_tags", "CreateAccessEntry", create(DEV, json!({ "tags": { "k": "v".repeat(257) } })), INVALID, tags_length).own(),
        case("bad_tags", "TagResource", json!({ "resourceArn": "arn:aws:eks:ap-south-1:111122223333:cluster/old", "tags": many }), INVALID, "A resource can have at most 50 tags").own(),
        case("no_resource", "ListTagsForResource", json!({ "resourceArn": "arn:aws:eks:ap-south-1:111122223333:cluster/nowhere" }), "NotFoundException 404", "Resource not found for ARN: arn:aws:eks:ap-south-1:111122223333:cluster/nowhere").own(),
        case("no_resource", "TagResource", json!({ "resourceArn": "x", "tags": {} }), "NotFoundException 404", "Resource not found for ARN: x").own(),
        case("no_resource", "UntagResource", json!({ "resourceArn": "x", "tagKeys": [] }), "NotFoundException 404", "Resource not found for ARN: x").own(),
        // IAM and STS.
        case("no_user", "GetUser", json!({ "UserName": "x" }), "NoSuchEntity 404", "The user with name x cannot be found."),
        case("no_user", "DeleteUser", json!({ "UserName": "x" }), "NoSuchEntity 404", "The user with name x cannot be found."),
        case("no_role", "GetRole", json!({ "RoleName": "x" }), "NoSuchEntity 404", "The role with name x cannot be found."),
        case("no_role", "DeleteRole", json!({ "RoleName": "x" }), "NoSuchEntity 404", "The role with name x cannot be found."),
        case("principal_exists", "CreateUser", json!({ "UserName": "K8S-dev" }), "EntityAlreadyExists 409", "User with name K8S-dev already exists."),
        case("principal_exists", "CreateRole", json!({ "RoleName": "eks-node-role", "Path": "/a/" }), "EntityAlreadyExists 409", "Role with name eks-node-role already exists."),
        case("bad_name", "CreateUser", json!({ "UserName": "a b" }), "ValidationError 400", "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"),
        case("bad_name", "CreateRole", json!({ "RoleName": "bad name!" }), "ValidationError 400", "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"),
        case("reserved_path", "CreateRole", json!({ "RoleName": "x", "Path": "/aws-service-role/" }), "InvalidInput 400", "Paths beginning with '/aws-service-role' are reserved for AWS Service Linked Roles"),
        case("reserved_path", "CreateUser", json!({ "UserName": "x", "Path": "/aws-service-role/a.b/" }), "InvalidInput 400", "Paths beginning with '/aws-service-role' are reserved for AWS Service Linked Roles"),
        case("only_assume_role", "CreateRole", trust(r#""Principal":{"AWS":"*"},"Action":"s3:GetObject""#), "MalformedPolicyDocument 400", "AssumeRole policy may only specify STS AssumeRole actions."),
        case("policy_principal", "CreateRole", trust(r#""Principal":{"AWS":"12345"},"Action":"sts:AssumeRole""#), "MalformedPolicyDocument 400", "Invalid principal in policy: \"AWS\":\"12345\""),
        case("policy_principal", "CreateRole", trust(r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/nobody"},"Action":"sts:AssumeRole""#), "MalformedPolicyDocument 400", "Invalid principal in policy: \"AWS\":\"arn:aws:iam::111122223333:role/nobody\""),
        case("star_principal", "CreateRole", trust(r#""Principal":"*","Action":"sts:AssumeRole""#), "MalformedPolicyDocument 400", "AssumeRolepolicy contained an invalid principal: \"STAR\":\"*\""),
        case("prohibited_field", "CreateRole", trust(r#""Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Resource":"*""#), "MalformedPolicyDocument 400", "Has prohibited field Resource"),
        case("validation", "CreateRole", json!({ "RoleName": "a", "Path": "b" }), "ValidationError 400", "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.").own(),
        case("validation", "AssumeRole", json!({ "RoleArn": NODE_ROLE, "RoleSessionName": "a b" }), "ValidationError 400", "1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*").own(),
        case("cannot_assume", "AssumeRole", json!({ "RoleArn": "arn:aws:iam::111122223333:role/x", "RoleSessionName": "ab" }), "AccessDenied 403", "User: arn:aws:iam::111122223333:user/cluster-creator is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/x"),
    ];
    cases.extend(entry_cases());
    // Every call that names a cluster, on one that is not there; every call about entries, in CONFIG_MAP mode, also
    // while an update from it runs (eks 1.5, 3.5).
    let about_entries = [
        ("CreateAccessEntry", json!({ "principalArn": DEV })),
        ("DescribeAccessEntry", json!({ "principalArn": DEV })),
        ("ListAccessEntries", json!({})),
        ("UpdateAccessEntry", json!({ "principalArn": DEV })),
        ("DeleteAccessEntry", json!({ "principalArn": DEV })),
        ("AssociateAccessPolicy", json!({ "principalArn": DEV, "policyArn": VIEW, "accessScope": { "type": "cluster" } })),
        ("DisassociateAccessPolicy", json!({ "principalArn": DEV, "policyArn": VIEW })),
        ("ListAssociatedAccessPolicies", json!({ "principalArn": DEV })),
    ];
    let on = |input: &Value, member: &str, cluster: &str| {
        let mut input = input.clone();
        input[member] = json!(cluster);
        input
    };
    for (operation, input) in &about_entries {
        for cluster in ["old", "busy"] {
            cases.push(case("mode_without_entries", operation, on(input, "clusterName", cluster), "InvalidRequestException 400", mode_text));
        }
        cases.push(case("no_cluster", operation, on(input, "clusterName", "x"), NOT_FOUND, "No cluster found for name: x."));
    }
    cases.push(case("no_cluster", "DescribeCluster", json!({ "name": "x" }), NOT_FOUND, "No cluster found for name: x.").with_cluster("x"));
    for (operation, input) in [("DeleteCluster", json!({})), ("ListUpdates", json!({})), ("DescribeUpdate", json!({ "updateId": "x" }))] {
        cases.push(case("no_cluster", operation, on(&input, "name", "x"), NOT_FOUND, "No cluster found for name: x."));
    }
    cases.push(case("no_cluster", "UpdateClusterConfig", step("x", "API"), NOT_FOUND, "No cluster found for name: x.").with_cluster("x"));
    // Every list.
    for (operation, input) in [
        ("ListAccessEntries", json!({ "clusterName": DEMO })),
        ("ListAssociatedAccessPolicies", json!({ "clusterName": DEMO, "principalArn": CREATOR })),
        ("ListAccessPolicies", json!({})),
        ("ListClusters", json!({})),
        ("ListUpdates", json!({ "name": DEMO })),
    ] {
        for wrong in [0, 101] {
            let mut input = input.clone();
            input["maxResults"] = json!(wrong);
            cases.push(case("bad_max_results", operation, input, INVALID, "maxResults must be between 1 and 100").own());
        }
        for wrong in ["", "x", "dG9rOjk5", "dG9rOi0x"] {
            let mut input = input.clone();
            input["nextToken"] = json!(wrong);
            cases.push(case("bad_next_token", operation, input, INVALID, "Invalid nextToken").own());
        }
    }
    cases
}

/// What access entries refuse, for every name, type and operation that the rule covers, and in its order (eks 5.1, 5.7,
/// 6.2, 7.2, 8.1 to 8.7, 9.6, 9.11).
#[rustfmt::skip]
fn entry_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let not_a_role = "AccessEntry principalArn must be IAM role when using types [EC2_LINUX, EC2_WINDOWS, FARGATE_LINUX, HYBRID_LINUX, EC2]";
    let foreign = "AccessEntry principalArn must be from the same account as the cluster when using types [EC2_LINUX, EC2_WINDOWS, FARGATE_LINUX, HYBRID_LINUX, EC2]";
    let types = "AccessEntry type must be one of [EC2_LINUX, EC2_WINDOWS, FARGATE_LINUX, HYBRID_LINUX, EC2, HYPERPOD_LINUX, STANDARD]";
    let linked = "The caller is not allowed to modify access entries with a principalArn value of a Service Linked Role";
    let on = |cluster: &str, principal: &str, more: Value| {
        let mut input = create(principal, more);
        input["clusterName"] = json!(cluster);
        input
    };
    // The names are checked before the cluster is looked up: all of these are the same on a cluster that is not there,
    // and in a mode without entries.
    for cluster in [DEMO, "nope", "old"] {
        for prefix in ["system:", "eks:", "aws:", "amazon:", "iam:"] {
            let text = format!("The kubernetes group name {prefix}x is invalid, it cannot start with {prefix}");
            let groups = json!({ "kubernetesGroups": ["a", format!("{prefix}x"), "system:y"] });
            cases.push(case("reserved_group", "CreateAccessEntry", on(cluster, DEV, groups.clone()), INVALID, &text));
            let update = case("reserved_group", "UpdateAccessEntry", on(cluster, CREATOR, groups.clone()), INVALID, &text);
            cases.push(if prefix == "system:" { update } else { update.inferred() });
            // Of a node type with such a group the prefix is named.
            let mut node = groups;
            node["type"] = json!("EC2_LINUX");
            cases.push(case("reserved_group", "CreateAccessEntry", on(cluster, NODE_ROLE, node), INVALID, &text));
            let text = format!("The username must not begin with {prefix}");
            for operation in ["CreateAccessEntry", "UpdateAccessEntry"] {
                let name = json!({ "username": format!("{prefix}x") });
                cases.push(case("reserved_username", operation, on(cluster, CREATOR, name), INVALID, &text));
            }
        }
        for kind in ["EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX", "EC2", "HYPERPOD_LINUX"] {
            let made = |of: &'static str, principal: &str, text: &str, reported: bool| {
                let input = on(cluster, principal, json!({ "type": kind, "kubernetesGroups": ["system:x"] }));
                let case = case(of, "CreateAccessEntry", input, INVALID, text);
                if reported { case } else { case.inferred() }
            };
            for principal in [DEV, ROOT, "arn:aws:iam::444455556666:user/x", "arn:aws:iam::111122223333:user/nobody"] {
                cases.push(made("type_needs_role", principal, not_a_role, kind != "HYPERPOD_LINUX"));
            }
            cases.push(made("other_account", "arn:aws:iam::444455556666:role/nodes", foreign, kind == "EC2_LINUX"));
            for role in [LINKED, "arn:aws:iam::444455556666:role/aws-service-role/x.amazonaws.com/Gone"] {
                cases.push(made("service_linked_role", role, linked, true));
            }
        }
        for kind in ["Standard", "EC2_Linux", "ROBOT", ""] {
            let input = on(cluster, DEV, json!({ "type": kind }));
            cases.push(case("unknown_type", "CreateAccessEntry", input, INVALID, types).inferred());
        }
        let about_one = [
            ("CreateAccessEntry", json!({})),
            ("DescribeAccessEntry", json!({})),
            ("UpdateAccessEntry", json!({ "kubernetesGroups": ["system:x"] })),
            ("DeleteAccessEntry", json!({})),
            ("AssociateAccessPolicy", json!({ "policyArn": "x", "accessScope": { "type": "cluster" } })),
            ("DisassociateAccessPolicy", json!({ "policyArn": VIEW })),
            ("ListAssociatedAccessPolicies", json!({})),
        ];
        for (operation, more) in about_one {
            let format = |principal: &str| {
                let text = "The principalArn parameter format is not valid";
                case("principal_format", operation, on(cluster, principal, more.clone()), INVALID, text)
            };
            let entry = format!("arn:aws:eks:ap-south-1:111122223333:access-entry/{DEMO}/user/111122223333/k8s-dev");
            cases.push(format("arn:aws:sts::111122223333:assumed-role/eks-node-role/s"));
            cases.push(format(&entry));
            for principal in [
                "", "k8s-dev", "arn:aws:iam::111122223333:group/devs", "arn:aws:iam::111122223333:instance-profile/x",
                "arn:aws:iam::1:role/x", "arn:aws:iam::111122223333:role/", "arn:aws:iam::111122223333:root/x",
                "arn:aws:iam::111122223333:role/x\u{7f}/y",
            ] {
                cases.push(format(principal).inferred());
            }
            if !operation.starts_with("Describe") && !operation.starts_with("List") {
                let role = "arn:aws:iam::444455556666:role/aws-service-role/x.amazonaws.com/Gone";
                cases.push(case("service_linked_role", operation, on(cluster, role, more), INVALID, linked));
            }
        }
    }
    // After the cluster: groups and user name of node types, then whether the principal exists, then the duplicate.
    let missing = "arn:aws:iam::111122223333:role/nobody";
    for kind in ["EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX", "EC2", "HYPERPOD_LINUX"] {
        let more = [("kubernetesGroups", json!({ "type": kind, "kubernetesGroups": ["a"], "username": "a" })), ("username", json!({ "type": kind, "username": "a" }))];
        for (member, more) in more {
            let text = format!("The specified {member} is invalid: setting {member} is not allowed when the type is \"{kind}\"");
            for role in [NODE_ROLE, missing] {
                let case = case("type_without", "CreateAccessEntry", create(role, more.clone()), INVALID, &text);
                cases.push(if kind == "EC2_LINUX" { case } else { case.inferred() });
            }
            cases.push(case("no_cluster", "CreateAccessEntry", on("nope", NODE_ROLE, more), NOT_FOUND, "No cluster found for name: nope."));
        }
    }
    cases.push(case("no_cluster", "CreateAccessEntry", on("nope", missing, json!({})), NOT_FOUND, "No cluster found for name: nope."));
    // A root user of another partition.
    cases.push(case("invalid_principal", "CreateAccessEntry", create("arn:aws-cn:iam::111122223333:root", json!({})), INVALID, "The specified principalArn is invalid: invalid principal."));
    // Policies.
    let no_policy = "The specified policyArn could not be found. You can view your available access policies with 'list-access-policies'";
    for policy in [
        "arn:aws:eks::aws:cluster-access-policy/Mine", "arn:aws-cn:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
        "arn:aws:eks:aws:cluster-access-policy/AmazonEKSViewPolicy", "arn:aws:eks:::cluster-access-policy/AmazonEKSViewPolicy",
        "arn:aws:eks::aws:cluster-access-policy/amazoneksviewpolicy",
    ] {
        let input = associate(CREATOR, policy, json!({ "type": "cluster" }));
        cases.push(case("no_policy", "AssociateAccessPolicy", input, NOT_FOUND, no_policy));
    }
    cases
}

/// A cluster has room for 3,000 entries (eks 9.11); a duplicate is named before the limit is.
#[test]
fn a_full_cluster_takes_no_more_entries() {
    let mut world = world();
    let cluster = world.cluster_mut(DEMO).unwrap();
    let entry = cluster.entries.get(CREATOR).unwrap().clone();
    for n in cluster.entries.len()..2_999 {
        cluster.entries.insert(format!("arn:aws:iam::111122223333:role/r{n}"), entry.clone());
    }
    call(&mut world, "CreateAccessEntry", create(DEV, json!({}))).unwrap();
    let refused = |world: &mut World, principal: &str| {
        call(world, "CreateAccessEntry", create(principal, json!({}))).unwrap_err()
    };
    assert_eq!(refused(&mut world, ROOT), Exception::over_limit(3_000, "access entries per cluster"));
    assert_eq!(refused(&mut world, DEV), Exception::entry_in_use());
    call(&mut world, "DeleteAccessEntry", create(DEV, json!({}))).unwrap();
    call(&mut world, "CreateAccessEntry", create(ROOT, json!({}))).unwrap();
}

#[test]
fn every_refusal_has_its_words_and_changes_nothing() {
    let before = world();
    for case in cases(&before) {
        let Case { of, operation, input, refusal, text, wording, cluster } = case;
        let mut world = before.clone();
        let what = format!("{of}: {operation} {input}");
        let exception = call(&mut world, operation, input).expect_err(&what);
        assert_eq!(format!("{} {}", exception.code, exception.status), refusal, "{what}");
        assert_eq!((exception.message, exception.wording), (text, wording), "{what}");
        let members: Vec<_> = cluster.iter().map(|name| ("clusterName", (*name).to_owned())).collect();
        assert_eq!(exception.members, members, "{what}");
        assert!(world == before, "{what} changed the world");
    }
}

const ROOT: &str = "arn:aws:iam::111122223333:root";

fn sign_in(arn: &str) -> Credential {
    Credential::SignIn(arn.to_owned())
}

fn session_of(role_arn: &str) -> Credential {
    Credential::RoleSession { role_arn: role_arn.to_owned(), session: "ab".to_owned() }
}

fn federated(world: &World, policy: bool) -> Credential {
    let source = Box::new(creator(world).credential);
    Credential::FederatedUser { source, name: "bob".to_owned(), policy }
}

/// Refusals that depend on who calls.
fn cases_by_caller(world: &World) -> Vec<(Credential, Case)> {
    let assume = |role: &str| json!({ "RoleArn": role, "RoleSessionName": "ab" });
    let cannot = |who: &str, role: &str| {
        let text = format!("User: {who} is not authorized to perform: sts:AssumeRole on resource: {role}");
        case("cannot_assume", "AssumeRole", assume(role), "AccessDenied 403", &text)
    };
    let describe = |who: &str, policy: &str| {
        let text = format!(
            "User: {who} is not authorized to perform: eks:DescribeCluster on resource: \
             arn:aws:eks:ap-south-1:111122223333:cluster/{DEMO} because no {policy} allows the eks:DescribeCluster action"
        );
        case("not_authorized", "DescribeCluster", json!({ "name": DEMO }), "AccessDeniedException 403", &text)
    };
    let linked = "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForAmazonEKS/ab";
    // The resource of a refusal (eks 15.6).
    let refused = |operation: &'static str, principal: &str, resource: &str| {
        let action = format!("eks:{operation}");
        let text = format!(
            "User: {linked} is not authorized to perform: {action} on resource: \
             arn:aws:eks:ap-south-1:111122223333:{resource} because no identity-based policy allows the {action} action"
        );
        let input = if principal.is_empty() { json!({ "clusterName": DEMO }) } else { create(principal, json!({})) };
        case("not_authorized", operation, input, "AccessDeniedException 403", &text)
    };
    let bob = "arn:aws:sts::111122223333:federated-user/bob";
    let list_users = format!(
        "User: {linked} is not authorized to perform: iam:ListUsers on resource: * \
         because no identity-based policy allows the iam:ListUsers action"
    );
    let needs_key = || {
        let text = "Cannot call GetFederationToken with session credentials";
        case("federation_needs_key", "GetFederationToken", json!({ "Name": "bob" }), "AccessDenied 403", text)
    };
    let no_access = Credential::IdentityCenter {
        account: "111122223333".to_owned(),
        permission_set: "Nobody".to_owned(),
        user: "a@example.com".to_owned(),
    };
    let invalid = "The security token included in the request is invalid.";
    vec![
        (
            sign_in(ROOT),
            case(
                "root_cannot_assume",
                "AssumeRole",
                assume(NODE_ROLE),
                "AccessDenied 403",
                "Roles may not be assumed by root accounts.",
            ),
        ),
        (sign_in(ROOT), needs_key()),
        (session_of(NODE_ROLE), needs_key()),
        (federated(world, true), needs_key()),
        (creator(world).credential, cannot(CREATOR, LINKED)),
        // A role's own session needs to be trusted like any other (iam 9.2).
        (session_of(NODE_ROLE), cannot("arn:aws:sts::111122223333:assumed-role/eks-node-role/ab", NODE_ROLE)),
        (federated(world, true), cannot(bob, NODE_ROLE)),
        (session_of(LINKED), describe(linked, "identity-based policy")),
        (
            session_of(LINKED),
            case("not_authorized", "ListUsers", json!({}), "AccessDenied 403", &list_users).inferred(),
        ),
        (federated(world, false), describe(bob, "session policy").inferred()),
        (session_of(LINKED), refused("CreateAccessEntry", ROOT, "cluster/eks-demo-cluster")),
        (session_of(LINKED), refused("ListAccessEntries", "", "cluster/eks-demo-cluster").inferred()),
        (
            session_of(LINKED),
            refused("DescribeAccessEntry", DEV, "access-entry/eks-demo-cluster/user/111122223333/k8s-dev/*").inferred(),
        ),
        (
            session_of(LINKED),
            refused(
                "UpdateAccessEntry",
                "arn:aws:iam::444455556666:role/a/b",
                "access-entry/eks-demo-cluster/role/444455556666/b/*",
            )
            .inferred(),
        ),
        (session_of(LINKED), refused("DeleteAccessEntry", "k8s-dev", "access-entry/eks-demo-cluster////*").inferred()),
        (
            session_of(LINKED),
            refused("ListAssociatedAccessPolicies", ROOT, "access-entry/eks-demo-cluster/root/111122223333/root/*")
                .inferred(),
        ),
        (federated(world, true), case("unknown_token", "ListUsers", json!({}), "InvalidClientTokenId 403", invalid)),
        (
            no_access,
            case(
                "no_role_credentials",
                "DescribeCluster",
                json!({ "name": DEMO }),
                "ForbiddenException 403",
                "No access",
            ),
        ),
        (
            sign_in("arn:aws:iam::111122223333:user/nobody"),
            case("unknown_key", "ListAccessPolicies", json!({}), "UnrecognizedClientException 400", invalid),
        ),
    ]
}

#[test]
fn some_callers_are_refused_for_what_they_are() {
    let before = world();
    for (credential, case) in cases_by_caller(&before) {
        let mut world = before.clone();
        let what = format!("{}: {credential:?}", case.of);
        let request = Request::Aws(AwsRequest::from_parts(case.operation, case.input).unwrap());
        let Err(ApiError::Aws(exception)) = world.call(&Caller::new(credential), request) else { panic!("{what}") };
        assert_eq!(format!("{} {}", exception.code, exception.status), case.refusal, "{what}");
        assert_eq!((exception.message, exception.wording), (case.text, case.wording), "{what}");
        assert!(world == before, "{what} changed the world");
    }
}

/// What is asked of nobody's policies (eks 11.4).
#[test]
fn everybody_may_ask_who_they_are() {
    let world = world();
    let check = |credential: Credential, user_id: &str, arn: &str| {
        let request = Request::Aws(AwsRequest::from_parts("GetCallerIdentity", json!({})).unwrap());
        let answer = world.read(&Caller::new(credential), &request).unwrap();
        let expected = json!({ "UserId": user_id, "Account": "111122223333", "Arn": arn });
        assert_eq!(answer, Response::Aws(expected));
    };
    check(sign_in(ROOT), "111122223333", ROOT);
    let bob = "arn:aws:sts::111122223333:federated-user/bob";
    check(federated(&world, false), "111122223333:bob", bob);
    let linked = world.roles.iter().find(|role| LINKED.ends_with(&format!("/{}", role.name))).unwrap();
    let session = format!("{}:ab", linked.unique_id);
    check(session_of(LINKED), &session, "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForAmazonEKS/ab");
}

/// A caller whom AWS does not know.
#[test]
fn an_unknown_key_is_refused_by_every_service() {
    let before = world();
    for credential in [Credential::AccessKey("nobody".into()), Credential::Anonymous, Credential::Token("t".into())] {
        for operation in ["GetCallerIdentity", "ListUsers", "ListAccessPolicies"] {
            let mut world = before.clone();
            let request = Request::Aws(AwsRequest::from_parts(operation, json!({})).unwrap());
            let Err(ApiError::Aws(exception)) = world.call(&Caller::new(credential.clone()), request) else {
                panic!("{operation}")
            };
            let (expected, code, status) = match operation {
                "ListAccessPolicies" => (Exception::unknown_key(), "UnrecognizedClientException", 400),
                _ => (Exception::unknown_token(), "InvalidClientTokenId", 403),
            };
            assert_eq!(exception, expected);
            assert_eq!((exception.code, exception.status), (code, status));
            assert_eq!(exception.message, "The security token included in the request is invalid.");
            assert!(world == before);
        }
    }
}

/// A role that trusts every principal trusts its own sessions (iam 9.2).
#[test]
fn a_roles_own_session_assumes_it_where_it_is_trusted() {
    let mut world = world();
    call(&mut world, "CreateRole", trust(r#""Principal":{"AWS":"*"},"Action":"sts:AssumeRole""#)).unwrap();
    let role = "arn:aws:iam::111122223333:role/t";
    let assume = json!({ "RoleArn": role, "RoleSessionName": "cd" });
    let request = Request::Aws(AwsRequest::from_parts("AssumeRole", assume).unwrap());
    world.read(&Caller::new(session_of(role)), &request).unwrap();
}

/// GetUser without a name needs a user's own key; a role session has none.
#[test]
fn a_role_session_has_no_user_of_its_own() {
    let world = world();
    let source = Box::new(creator(&world).credential);
    let session = Credential::AssumedRole { source, role_arn: NODE_ROLE.to_owned(), session: "ab".to_owned() };
    let request = Request::Aws(AwsRequest::from_parts("GetUser", json!({})).unwrap());
    let Err(ApiError::Aws(exception)) = world.read(&Caller::new(session), &request) else { panic!() };
    assert_eq!(exception.message, "Must specify userName when calling with non-User credentials");
}

/// The names of the constructors in the source.
fn constructors(source: &str) -> BTreeSet<&str> {
    let shipped = source.split("#[cfg(test)]").next().unwrap();
    let functions = shipped.split("    pub fn ").skip(1);
    let made = functions.filter(|text| {
        let head = text.split('{').next().unwrap();
        head.contains("-> Self") && !head.contains("self")
    });
    made.map(|text| text.split('(').next().unwrap()).collect()
}

fn all_cases() -> Vec<Case> {
    let world = world();
    cases(&world).into_iter().chain(cases_by_caller(&world).into_iter().map(|(_, case)| case)).collect()
}

#[test]
fn no_exception_is_left_out() {
    let mut tested: BTreeSet<&str> = all_cases().iter().map(|case| case.of).collect();
    // Has a test of its own.
    tested.insert("over_limit");
    let made = constructors(include_str!("../src/aws/exception.rs"));
    assert!(made.len() > 30, "the constructors were not found");
    assert_eq!(tested, made);
}

/// The rows of the catalogue in `docs/spec/eks.md`, placeholders apart, are among the texts.
#[test]
fn no_row_of_the_catalogue_is_left_out() {
    let spec = include_str!("../docs/spec/eks.md");
    let section = spec.split("\n## 23. ").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows: Vec<Vec<&str>> = section
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| Case"))
        .map(|line| line.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect())
        .collect();
    assert_eq!(rows.len(), 22);
    let cases = all_cases();
    // A row may hold several texts, marks of its age, and a list that the rule has.
    let texts = rows.iter().flat_map(|row| {
        let text = row[2].split(" (new 2026").next().unwrap().split(" (amended 2026").next().unwrap();
        text.replace("[ … ] (5.1)", "ID").split("; ").map(|text| (row[1], text.to_owned())).collect::<Vec<_>>()
    });
    // Fixed words of a text: what is left without the placeholders A, B, N, ID, G, P, "T", ARN.
    let fixed = |text: &str| -> Vec<String> {
        let words = text
            .split(' ')
            .map(|word| if ["A", "B", "N", "ID", "G", "P", "\"T\"", "ARN"].contains(&word) { "|" } else { word });
        words.collect::<Vec<_>>().join(" ").split('|').map(|part| part.trim().to_owned()).collect()
    };
    for (refusal, text) in texts {
        let parts = fixed(&text);
        let found = cases.iter().any(|case| {
            let mut rest = case.text.as_str();
            let all = parts.iter().all(|part| match rest.find(part.as_str()) {
                Some(at) => {
                    rest = &rest[at + part.len()..];
                    true
                }
                None => false,
            });
            all && case.refusal == refusal
        });
        assert!(found, "{text}");
    }
}
