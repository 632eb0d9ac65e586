//! Requests, written as command lines and run, are the requests that were written: `parse ∘ render = identity`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use eks_access_playground::engine::request::{GroupResource, PatchKind};
use eks_access_playground::engine::{AwsRequest, KubeRequest, Request};
use eks_access_playground::k8s::attributes::{Action, ResourceAction};
use eks_access_playground::session::{CallRecord, Session, scenario};
use eks_access_playground::shell::{render, terminal};
use proptest::prelude::*;
use serde_json::{Value, json};

const CLUSTER: &str = "eks-demo-cluster";

/// The calls that the rendered line makes.
fn made_by(line: &str) -> (Vec<CallRecord>, String) {
    let mut session = Session::new(scenario::walkthrough()).with_standing_clock();
    let ran = terminal::run(&mut session, line);
    let printed = ran.iter().flat_map(|ran| &ran.chunks).map(|chunk| chunk.text.as_str()).collect();
    (session.log().iter().flat_map(|entry| entry.calls.clone()).collect(), printed)
}

#[track_caller]
fn check(request: Request) -> Result<(), TestCaseError> {
    let line = render::command(&request);
    let (calls, printed) = made_by(&line);
    let made: Vec<&Request> = calls.iter().map(|call| &call.request).collect();
    prop_assert!(made.contains(&&request), "{line}\nprinted {printed}\nmade {made:#?}\nwanted {request:#?}");
    Ok(())
}

/// Texts that a shell, the AWS CLI or YAML could read otherwise.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9:/@._-]{1,20}",
        "[ -~]{1,12}",
        Just("it's".to_owned()),
        Just("$HOME `x` \\ \"q\" *?".to_owned()),
        Just("{{SessionName}}".to_owned()),
        Just("é ü\t".to_owned()),
        Just("-x".to_owned()),
        Just("--y=1".to_owned()),
        Just("[1]".to_owned()),
        Just("{\"a\":1}".to_owned()),
        Just("true".to_owned()),
        Just("a,b=c".to_owned()),
        Just("~/x".to_owned()),
        Just("#x".to_owned()),
    ]
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9-]{0,10}[a-z0-9]"
}

fn aws() -> impl Strategy<Value = Request> {
    let entry = || (text(), prop::option::of(prop::collection::vec(text(), 0..4)), prop::option::of(text()));
    let request = |operation: &str, input: Value| Request::Aws(AwsRequest::from_parts(operation, input).unwrap());
    let scope = prop_oneof![
        Just(json!({"type": "cluster"})),
        prop::collection::vec(prop_oneof![name(), text()], 1..4)
            .prop_map(|namespaces| json!({"type": "namespace", "namespaces": namespaces})),
    ];
    prop_oneof![
        (entry(), any::<bool>(), prop::option::of(prop::collection::btree_map(text(), text(), 1..3))).prop_map(
            move |((principal, groups, username), create, tags)| {
                let mut input = json!({"clusterName": CLUSTER, "principalArn": principal});
                if let Some(groups) = groups {
                    input["kubernetesGroups"] = json!(groups);
                }
                if let Some(username) = username {
                    input["username"] = json!(username);
                }
                if let Some(tags) = tags.filter(|_| create) {
                    input["tags"] = json!(tags);
                }
                request(if create { "CreateAccessEntry" } else { "UpdateAccessEntry" }, input)
            }
        ),
        (text(), text(), scope).prop_map(move |(principal, policy, scope)| request(
            "AssociateAccessPolicy",
            json!({"clusterName": CLUSTER, "principalArn": principal, "policyArn": policy, "accessScope": scope})
        )),
        (text(), text()).prop_map(move |(principal, policy)| request(
            "DisassociateAccessPolicy",
            json!({"clusterName": CLUSTER, "principalArn": principal, "policyArn": policy})
        )),
        (text(), any::<bool>()).prop_map(move |(principal, delete)| request(
            if delete { "DeleteAccessEntry" } else { "DescribeAccessEntry" },
            json!({"clusterName": CLUSTER, "principalArn": principal})
        )),
        text().prop_map(move |mode| request(
            "UpdateClusterConfig",
            json!({"name": CLUSTER, "accessConfig": {"authenticationMode": mode}})
        )),
        (text(), prop::collection::vec(text(), 1..3))
            .prop_map(move |(arn, keys)| request("UntagResource", json!({"resourceArn": arn, "tagKeys": keys}))),
        (
            text(),
            text(),
            prop::collection::vec(text(), 0..3),
            prop::collection::btree_map(text(), text(), 0..3),
            0..9_i64
        )
            .prop_map(move |(name, role, subnets, labels, size)| request(
                "CreateNodegroup",
                json!({"clusterName": CLUSTER, "nodegroupName": name, "subnets": subnets, "nodeRole": role,
                    "scalingConfig": {"minSize": size, "maxSize": 9, "desiredSize": size}, "diskSize": size,
                    "labels": labels, "taints": [{"key": name, "effect": "NO_EXECUTE"}], "version": "1.33"})
            )),
        (text(), text(), prop::collection::btree_map(text(), text(), 0..3)).prop_map(move |(name, role, labels)| {
            request(
                "CreateFargateProfile",
                json!({"clusterName": CLUSTER, "fargateProfileName": name, "podExecutionRoleArn": role,
                "selectors": [{"namespace": name, "labels": labels}, {"namespace": role}]}),
            )
        }),
        (text(), any::<bool>()).prop_map(move |(name, delete)| request(
            if delete { "DeleteNodegroup" } else { "DescribeNodegroup" },
            json!({"clusterName": CLUSTER, "nodegroupName": name})
        )),
        (name(), text()).prop_map(move |(name, document)| request(
            "CreateRole",
            json!({"RoleName": name, "Path": "/team/", "AssumeRolePolicyDocument": document})
        )),
        (name(), text(), text()).prop_map(move |(name, role, policy)| request(
            "CreatePodIdentityAssociation",
            json!({"clusterName": CLUSTER, "namespace": name, "serviceAccount": name, "roleArn": role,
                "disableSessionTags": true, "policy": policy})
        )),
        (text(), text(), any::<bool>()).prop_map(move |(name, value, create)| request(
            if create { "CreateAddon" } else { "UpdateAddon" },
            json!({"clusterName": CLUSTER, "addonName": name, "configurationValues": value})
        )),
        (text(), text(), prop::collection::btree_map(text(), text(), 1..3)).prop_map(move |(name, url, claims)| {
            request(
                "AssociateIdentityProviderConfig",
                json!({"clusterName": CLUSTER, "oidc": {"identityProviderConfigName": name, "issuerUrl": url,
                "clientId": name, "requiredClaims": claims}}),
            )
        }),
        (text(), prop::collection::vec(text(), 1..3), text()).prop_map(move |(url, clients, value)| request(
            "CreateOpenIDConnectProvider",
            json!({"Url": url, "ClientIDList": clients, "Tags": [{"Key": url, "Value": value}]})
        )),
        (name(), "[A-Z0-9]{16,20}", 0..5_usize).prop_map(move |(name, id, which)| match which {
            0 => request("CreateAccessKey", json!({"UserName": name})),
            1 => request("UpdateAccessKey", json!({"UserName": name, "AccessKeyId": id, "Status": "Inactive"})),
            2 => request("DeleteAccessKey", json!({"UserName": name, "AccessKeyId": id})),
            3 => request("UpdateAssumeRolePolicy", json!({"RoleName": name, "PolicyDocument": id})),
            _ => request("ListAccessKeys", json!({"UserName": name})),
        }),
        (name(), 0..5_usize).prop_map(move |(name, which)| match which {
            0 => request("CreateUser", json!({"UserName": name})),
            1 => request("DeleteUser", json!({"UserName": name})),
            2 => request("DeleteRole", json!({"RoleName": name})),
            3 => request("DeleteCluster", json!({"name": name})),
            _ => request("DescribeCluster", json!({"name": name})),
        }),
        (text(), prop::collection::btree_map(text(), text(), 1..3))
            .prop_map(move |(arn, tags)| request("TagResource", json!({"resourceArn": arn, "tags": tags}))),
        Just(request("GetCallerIdentity", json!({}))),
    ]
}

fn kinds() -> impl Strategy<Value = (GroupResource, &'static str, &'static str, bool)> {
    prop_oneof![
        Just((GroupResource::new("", "configmaps"), "v1", "ConfigMap", true)),
        Just((GroupResource::new("", "namespaces"), "v1", "Namespace", false)),
        Just((GroupResource::new("rbac.authorization.k8s.io", "roles"), "rbac.authorization.k8s.io/v1", "Role", true)),
        Just((
            GroupResource::new("rbac.authorization.k8s.io", "clusterroles"),
            "rbac.authorization.k8s.io/v1",
            "ClusterRole",
            false
        )),
    ]
}

fn kube() -> impl Strategy<Value = Request> {
    let namespace = prop_oneof![Just("default".to_owned()), Just("kube-system".to_owned()), name()];
    (kinds(), namespace, name(), text(), any::<bool>(), 0..9_usize).prop_map(
        |((resource, version, kind, namespaced), namespace, name, value, dry_run, which)| {
            let place = namespaced.then(|| namespace.clone());
            let mut metadata = json!({"name": name, "annotations": {"note": value}});
            if namespaced {
                metadata["namespace"] = json!(namespace);
            }
            let object = json!({"apiVersion": version, "kind": kind, "metadata": metadata});
            let request = match which {
                0 => KubeRequest::Create { resource, namespace: place, object, dry_run, strict: true },
                1 => KubeRequest::Get { resource, namespace: place, name },
                2 => KubeRequest::List {
                    resource,
                    namespace: place,
                    label_selector: format!("app={name}"),
                    field_selector: String::new(),
                },
                3 => KubeRequest::SelfSubjectAccessReview {
                    action: Action::Resource(ResourceAction {
                        verb: "list".to_owned(),
                        api_group: resource.group,
                        resource: resource.resource,
                        namespace,
                        ..ResourceAction::default()
                    }),
                },
                4 => KubeRequest::SelfSubjectRulesReview { namespace },
                5 => KubeRequest::SelfSubjectReview,
                7 => KubeRequest::Update { resource, namespace: place, name, object, dry_run, strict: true },
                6 => KubeRequest::Delete { resource, namespace: place, name, orphan: false, dry_run },
                _ => KubeRequest::Patch {
                    resource: GroupResource::new("", "configmaps"),
                    namespace: Some("kube-system".to_owned()),
                    name: "aws-auth".to_owned(),
                    kind: if dry_run { PatchKind::Merge } else { PatchKind::Strategic },
                    patch: json!({"data": {"note": value}}),
                    dry_run,
                    strict: true,
                },
            };
            Request::Kube { cluster: CLUSTER.to_owned(), request }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn aws_requests_come_back(request in aws()) {
        check(request)?;
    }

    #[test]
    fn kubernetes_requests_come_back(request in kube()) {
        check(request)?;
    }
}

#[test]
fn tags_that_look_like_shorthand_come_back() {
    for key in ["@", "key@", "a*b", "a+b", "-", "a=b", "[a]"] {
        let input = json!({"resourceArn": "arn", "tags": {key: "-x"}});
        check(Request::Aws(AwsRequest::from_parts("TagResource", input).unwrap())).unwrap();
    }
}
