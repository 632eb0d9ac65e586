//! Each finding, with a world that provokes it and one that does not.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Finding, catalogue, findings, findings_for};
use crate::aws::eks::AuthenticationMode;
use crate::engine::request::GroupResource;
use crate::engine::world::{Creator, World};
use crate::engine::{AwsRequest, Caller, Credential, KubeRequest, Request};
use crate::session::scenario;

const CLUSTER: &str = "eks-demo-cluster";
const DEV: &str = "arn:aws:iam::111122223333:user/k8s-dev";
const NODE_ROLE: &str = "arn:aws:iam::111122223333:role/eks-node-role";

/// The walk-through without its aws-auth, and somebody who may change it.
struct Bench {
    world: World,
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self { world: (*scenario::walkthrough().world).clone() };
        bench.delete("", "configmaps", Some("kube-system"), "aws-auth");
        bench
    }

    fn creator(&self) -> Caller {
        Caller::new(Credential::AccessKey(self.world.users[0].access_key.clone()))
    }

    fn call(&mut self, request: Request) {
        let creator = self.creator();
        self.world.call(&creator, request).unwrap();
    }

    fn aws(&mut self, operation: &str, mut input: Value) {
        if !operation.ends_with("Role") && !operation.ends_with("User") {
            input["clusterName"] = json!(CLUSTER);
        }
        self.call(Request::Aws(AwsRequest::from_parts(operation, input).unwrap()));
    }

    fn kube(&mut self, request: KubeRequest) {
        self.call(Request::Kube { cluster: CLUSTER.to_owned(), request });
    }

    fn delete(&mut self, group: &str, plural: &str, namespace: Option<&str>, name: &str) {
        let resource = GroupResource::new(group, plural);
        let (namespace, name) = (namespace.map(str::to_owned), name.to_owned());
        self.kube(KubeRequest::Delete { resource, namespace, name, orphan: false, dry_run: false });
    }

    /// Creates an object; `place` is `NAMESPACE/NAME`, or `NAME`.
    fn create(&mut self, kind: &str, place: &str, body: Value) {
        let (namespace, name) = match place.split_once('/') {
            Some((namespace, name)) => (Some(namespace.to_owned()), name),
            None => (None, place),
        };
        let rbac = "rbac.authorization.k8s.io";
        let (group, version) = match kind {
            "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding" => (rbac, "v1"),
            "CustomResourceDefinition" => ("apiextensions.k8s.io", "v1"),
            _ => ("", "v1"),
        };
        let mut object = json!({
            "apiVersion": if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") },
            "kind": kind,
            "metadata": { "name": name },
        });
        if let Some(namespace) = &namespace {
            object["metadata"]["namespace"] = json!(namespace);
        }
        for (key, value) in body.as_object().unwrap() {
            object[key] = value.clone();
        }
        let resource = GroupResource::new(group, format!("{}s", kind.to_lowercase()));
        self.kube(KubeRequest::Create { resource, namespace, object, dry_run: false, strict: true });
    }

    fn aws_auth(&mut self, section: &str, text: &str) {
        self.create("ConfigMap", "kube-system/aws-auth", json!({ "data": { section: text } }));
    }

    fn entry(&mut self, principal: &str, groups: &[&str]) {
        self.aws("CreateAccessEntry", json!({ "principalArn": principal, "kubernetesGroups": groups }));
    }

    fn policy(&mut self, principal: &str, policy: &str, namespaces: &[&str]) {
        let kind = if namespaces.is_empty() { "cluster" } else { "namespace" };
        let policy = format!("arn:aws:eks::aws:cluster-access-policy/{policy}");
        let scope = json!({ "type": kind, "namespaces": namespaces });
        let input = json!({ "principalArn": principal, "policyArn": policy, "accessScope": scope });
        self.aws("AssociateAccessPolicy", input);
    }

    /// A binding of a cluster role to a group.
    fn bind(&mut self, place: &str, role: &str, group: &str) {
        let kind = if place.contains('/') { "RoleBinding" } else { "ClusterRoleBinding" };
        let subject = json!({ "kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": group });
        let role = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role });
        self.create(kind, place, json!({ "subjects": [subject], "roleRef": role }));
    }

    fn rule(&mut self, role: &str, verbs: &[&str], group: &str, resources: &[&str]) {
        let rules = json!([{ "verbs": verbs, "apiGroups": [group], "resources": resources }]);
        self.create("ClusterRole", role, json!({ "rules": rules }));
    }

    fn mode(&mut self, mode: AuthenticationMode) {
        self.world.cluster_mut(CLUSTER).unwrap().mode = mode;
    }

    fn found(&self) -> Vec<Finding> {
        findings(&self.world, self.world.cluster(CLUSTER).unwrap())
    }
}

/// `SEVERITY ID [OBJECT] MESSAGE`, and the commands of the remedy, each on a line with `$`.
fn shown(finding: &Finding) -> String {
    let commands = finding.remedy.iter().flat_map(|remedy| &remedy.commands).map(|line| format!("\n$ {line}"));
    let Finding { id, severity, object, message, .. } = finding;
    format!("{} {id} [{object}] {message}{}", severity.as_str(), commands.collect::<String>())
}

type Setup = fn(&mut Bench);

/// What provokes the finding, all findings of that kind, and a like state without it.
const CASES: &[(&str, Setup, &[&str], Setup)] = &[
    (
        "no-groups",
        |b| b.aws_auth("mapUsers", &format!("- userarn: {DEV}\n  username: dev\n")),
        &[
            "info no-groups [aws-auth mapUsers, line 1, entry 1] `arn:aws:iam::111122223333:user/k8s-dev` has no groups, \
           and no binding names `dev`",
        ],
        |b| {
            b.aws_auth("mapUsers", &format!("- userarn: {DEV}\n  username: dev:{{{{AccountID}}}}\n"));
            let subject = json!({ "kind": "User", "name": "dev:111122223333" });
            let role = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view" });
            b.create("ClusterRoleBinding", "dev", json!({ "subjects": [subject], "roleRef": role }));
        },
    ),
    (
        "unbound-group",
        |b| {
            b.aws_auth("mapUsers", &format!("- userarn: {DEV}\n  username: dev\n  groups:\n  - devs\n"));
            b.entry("arn:aws:iam::111122223333:user/k8s-admin", &["ops"]);
        },
        &[
            "warning unbound-group [aws-auth mapUsers, line 1, entry 1] no binding names the group `devs`",
            "warning unbound-group [access entry arn:aws:iam::111122223333:user/k8s-admin] no binding names the group \
             `ops`",
        ],
        |b| {
            b.aws_auth("mapUsers", &format!("- userarn: {DEV}\n  username: dev\n  groups:\n  - devs\n"));
            b.bind("default/devs", "view", "devs");
        },
    ),
    (
        "node-mapping",
        |b| {
            b.aws("CreateRole", json!({ "RoleName": "self-managed" }));
            let line = "- rolearn: arn:aws:iam::111122223333:role/self-managed\n  username: nodes\n  groups:\n  \
                        - system:nodes\n";
            b.aws_auth("mapRoles", line);
            b.aws("DeleteAccessEntry", json!({ "principalArn": NODE_ROLE }));
        },
        &["error node-mapping [aws-auth mapRoles, line 1, entry 1] `arn:aws:iam::111122223333:role/self-managed`: \
           the user name is `nodes`, not `system:node:{{EC2PrivateDNSName}}`; \
           the group system:bootstrappers is missing"],
        |b| b.aws_auth("mapRoles", &format!("- rolearn: {NODE_ROLE}\n  username: x\n  groups: [system:nodes]\n")),
    ),
    (
        "node-mapping",
        |b| {
            b.aws("DeleteAccessEntry", json!({ "principalArn": NODE_ROLE }));
        },
        &["error node-mapping [ConfigMap kube-system/aws-auth] the cluster has 1 node, and no role is mapped as that \
           of nodes"],
        |_| {},
    ),
    (
        "ignored-in-api-mode",
        |b| {
            b.aws_auth("mapUsers", &format!("- userarn: {DEV}\n  username: dev\n"));
            b.mode(AuthenticationMode::Api);
        },
        &["error ignored-in-api-mode [ConfigMap kube-system/aws-auth] 1 entry of it is not read in mode API"],
        |b| b.mode(AuthenticationMode::Api),
    ),
    (
        "shadowed-by-access-entry",
        |b| {
            b.aws_auth("mapUsers", &format!("- userarn: {DEV}\n  username: dev\n  groups: [devs]\n"));
            b.entry(DEV, &["team", "ops"]);
        },
        &["warning shadowed-by-access-entry [aws-auth mapUsers, line 1, entry 1] the entry of \
           `arn:aws:iam::111122223333:user/k8s-dev` answers with the user name \
           `arn:aws:iam::111122223333:user/k8s-dev` and the groups team, ops"],
        |b| {
            b.aws_auth("mapUsers", &format!("- userarn: {DEV}\n  username: dev\n  groups: [devs]\n"));
            b.entry(DEV, &["team"]);
            b.mode(AuthenticationMode::ConfigMap);
        },
    ),
    (
        "creator-not-listed",
        |b| {
            let principal_arn = "arn:aws:iam::111122223333:user/cluster-creator".to_owned();
            let unique_id = b.world.users[0].unique_id.clone();
            b.mode(AuthenticationMode::ConfigMap);
            b.world.cluster_mut(CLUSTER).unwrap().creator = Some(Creator { principal_arn, unique_id });
        },
        &["info creator-not-listed [cluster eks-demo-cluster] the creator \
           `arn:aws:iam::111122223333:user/cluster-creator` is an administrator, and not in aws-auth"],
        |b| {
            let principal_arn = "arn:aws:iam::111122223333:user/cluster-creator".to_owned();
            let line = format!("- userarn: {principal_arn}\n  username: creator\n  groups: [system:masters]\n");
            b.aws_auth("mapUsers", &line);
            let unique_id = b.world.users[0].unique_id.clone();
            b.mode(AuthenticationMode::ConfigMap);
            b.world.cluster_mut(CLUSTER).unwrap().creator = Some(Creator { principal_arn, unique_id });
        },
    ),
    (
        "creator-covered",
        |b| {
            let principal_arn = "arn:aws:iam::111122223333:user/cluster-creator".to_owned();
            let line = format!("- userarn: {principal_arn}\n  username: creator\n  groups: [viewers]\n");
            b.aws_auth("mapUsers", &line);
            b.mode(AuthenticationMode::ConfigMap);
            let unique_id = b.world.users[0].unique_id.clone();
            b.world.cluster_mut(CLUSTER).unwrap().creator = Some(Creator { principal_arn, unique_id });
        },
        &["error creator-covered [aws-auth mapUsers, line 1, entry 1] the creator \
           `arn:aws:iam::111122223333:user/cluster-creator` has what this line gives and no more: the user name \
           `creator` and the groups viewers"],
        |b| {
            let principal_arn = "arn:aws:iam::111122223333:user/cluster-creator".to_owned();
            b.aws_auth("mapUsers", &format!("- userarn: {DEV}\n  username: dev\n  groups: [viewers]\n"));
            b.mode(AuthenticationMode::ConfigMap);
            let unique_id = b.world.users[0].unique_id.clone();
            b.world.cluster_mut(CLUSTER).unwrap().creator = Some(Creator { principal_arn, unique_id });
        },
    ),
    (
        "creator-covered",
        |b| {
            let principal_arn = "arn:aws:iam::111122223333:user/cluster-creator".to_owned();
            b.aws_auth("mapAccounts", "- \"111122223333\"\n");
            b.mode(AuthenticationMode::ConfigMap);
            let unique_id = b.world.users[0].unique_id.clone();
            b.world.cluster_mut(CLUSTER).unwrap().creator = Some(Creator { principal_arn, unique_id });
        },
        &["error creator-covered [aws-auth mapAccounts] mapAccounts has the account of the creator \
           `arn:aws:iam::111122223333:user/cluster-creator`, who has no groups by it"],
        |b| {
            let principal_arn = "arn:aws:iam::111122223333:user/cluster-creator".to_owned();
            b.aws_auth("mapAccounts", "- \"444455556666\"\n");
            b.mode(AuthenticationMode::ConfigMap);
            let unique_id = b.world.users[0].unique_id.clone();
            b.world.cluster_mut(CLUSTER).unwrap().creator = Some(Creator { principal_arn, unique_id });
        },
    ),
    (
        "node-role-lost-in-api-mode",
        |b| {
            b.aws("CreateRole", json!({ "RoleName": "karpenter", "Path": "/nodes/" }));
            let line = "- rolearn: arn:aws:iam::111122223333:role/karpenter\n  \
                        username: system:node:{{EC2PrivateDNSName}}\n  \
                        groups: [system:bootstrappers, system:nodes, eks:kube-proxy-windows]\n";
            b.aws_auth("mapRoles", line);
        },
        &["warning node-role-lost-in-api-mode [aws-auth mapRoles, line 1, entry 1] nodes of \
           `arn:aws:iam::111122223333:role/karpenter` would lose the cluster in mode API: the role has no access entry\n\
           $ aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn \
           arn:aws:iam::111122223333:role/nodes/karpenter --type EC2_WINDOWS"],
        |b| {
            let line = format!(
                "- rolearn: {NODE_ROLE}\n  username: system:node:{{{{EC2PrivateDNSName}}}}\n  \
                 groups: [system:bootstrappers, system:nodes]\n"
            );
            b.aws_auth("mapRoles", &line);
        },
    ),
    (
        "stale-entry",
        |b| {
            b.entry(DEV, &["o'ps"]);
            b.policy(DEV, "AmazonEKSViewPolicy", &["default", "kube-*"]);
            b.world.users[2] = std::rc::Rc::new(crate::aws::iam::IamUser {
                unique_id: "AIDAQWERTZUIOPASDFGHX".to_owned(),
                ..(*b.world.users[2]).clone()
            });
        },
        &["error stale-entry [access entry arn:aws:iam::111122223333:user/k8s-dev] made for OLD; the principal of \
           today is AIDAQWERTZUIOPASDFGHX\n\
           $ aws eks delete-access-entry --cluster-name eks-demo-cluster --principal-arn \
           arn:aws:iam::111122223333:user/k8s-dev\n\
           $ aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn \
           arn:aws:iam::111122223333:user/k8s-dev --kubernetes-groups 'o'\\''ps'\n\
           $ aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn \
           arn:aws:iam::111122223333:user/k8s-dev --policy-arn \
           arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy --access-scope \
           'type=namespace,namespaces=default,kube-*'"],
        |b| b.entry(DEV, &[]),
    ),
    (
        "entry-without-principal",
        |b| {
            b.entry(DEV, &[]);
            b.aws("DeleteUser", json!({ "UserName": "k8s-dev" }));
        },
        &["warning entry-without-principal [access entry arn:aws:iam::111122223333:user/k8s-dev] \
           `arn:aws:iam::111122223333:user/k8s-dev` does not exist any more\n\
           $ aws eks delete-access-entry --cluster-name eks-demo-cluster --principal-arn \
           arn:aws:iam::111122223333:user/k8s-dev"],
        |b| b.entry("arn:aws:iam::444455556666:user/somebody", &[]),
    ),
    (
        "entry-without-effect",
        |b| b.entry(DEV, &["devs"]),
        &["warning entry-without-effect [access entry arn:aws:iam::111122223333:user/k8s-dev] \
           `arn:aws:iam::111122223333:user/k8s-dev` can log in and do nothing"],
        |b| {
            b.entry(DEV, &["devs"]);
            b.bind("devs", "view", "devs");
        },
    ),
    (
        "scope-without-namespace",
        |b| {
            b.entry(DEV, &[]);
            b.policy(DEV, "AmazonEKSViewPolicy", &["default", "dev-*", "prod"]);
        },
        &[
            "warning scope-without-namespace [AmazonEKSViewPolicy on access entry \
             arn:aws:iam::111122223333:user/k8s-dev] no namespace matches `dev-*`",
            "warning scope-without-namespace [AmazonEKSViewPolicy on access entry \
             arn:aws:iam::111122223333:user/k8s-dev] no namespace matches `prod`",
        ],
        |b| {
            b.create("Namespace", "dev-a", json!({}));
            b.entry(DEV, &[]);
            b.policy(DEV, "AmazonEKSViewPolicy", &["dev-*"]);
        },
    ),
    (
        "policy-not-published",
        |b| {
            b.entry(DEV, &[]);
            b.policy(DEV, "AmazonEKSKROPolicy", &[]);
        },
        &["info policy-not-published [AmazonEKSKROPolicy on access entry arn:aws:iam::111122223333:user/k8s-dev] \
           the rules of AmazonEKSKROPolicy are not public"],
        |b| {
            b.entry(DEV, &[]);
            b.policy(DEV, "AmazonEKSViewPolicy", &[]);
        },
    ),
    (
        "custom-resources-not-covered",
        |b| {
            b.create("CustomResourceDefinition", "widgets.example.com", widgets());
            b.entry(DEV, &[]);
            b.policy(DEV, "AmazonEKSEditPolicy", &["default"]);
        },
        &["info custom-resources-not-covered [AmazonEKSEditPolicy on access entry \
           arn:aws:iam::111122223333:user/k8s-dev] AmazonEKSEditPolicy does not cover widgets.example.com"],
        |b| {
            b.create("CustomResourceDefinition", "widgets.example.com", widgets());
            b.entry(DEV, &[]);
            b.policy(DEV, "AmazonEKSAdminViewPolicy", &[]);
        },
    ),
    (
        "admin-policy-cannot-bind",
        |b| {
            b.entry(DEV, &[]);
            b.policy(DEV, "AmazonEKSAdminPolicy", &["default"]);
        },
        &["info admin-policy-cannot-bind [AmazonEKSAdminPolicy on access entry \
           arn:aws:iam::111122223333:user/k8s-dev] AmazonEKSAdminPolicy alone cannot create roles and bindings \
           in eks-demo-cluster"],
        |b| {
            b.entry(DEV, &[]);
            b.policy(DEV, "AmazonEKSAdminPolicy", &["default"]);
            b.policy(DEV, "AmazonEKSClusterAdminPolicy", &[]);
        },
    ),
    (
        "dangling-role-ref",
        |b| b.bind("default/devs", "developer", "devs"),
        &["warning dangling-role-ref [RoleBinding default/devs] ClusterRole `developer` does not exist\n\
           $ kubectl delete rolebinding devs --namespace default"],
        |b| b.bind("default/devs", "view", "devs"),
    ),
    (
        "missing-service-account",
        |b| {
            let role = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view" });
            let subject = json!({ "kind": "ServiceAccount", "name": "bot", "namespace": "default" });
            b.create("RoleBinding", "default/bot", json!({ "subjects": [subject], "roleRef": role }));
        },
        &["info missing-service-account [RoleBinding default/bot] the service account `default/bot` does not exist"],
        |b| {
            let role = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view" });
            let subject = json!({ "kind": "ServiceAccount", "name": "default", "namespace": "default" });
            b.create("RoleBinding", "default/bot", json!({ "subjects": [subject], "roleRef": role }));
        },
    ),
    (
        "binding-without-subjects",
        |b| {
            let role = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view" });
            b.create("ClusterRoleBinding", "nobody", json!({ "roleRef": role }));
        },
        &["info binding-without-subjects [ClusterRoleBinding nobody] nobody gets ClusterRole `view` by it\n\
           $ kubectl delete clusterrolebinding nobody"],
        |b| b.bind("somebody", "view", "devs"),
    ),
    (
        "unbound-role",
        |b| b.rule("developer", &["get"], "", &["pods"]),
        &["info unbound-role [ClusterRole developer] no binding names ClusterRole `developer`\n\
           $ kubectl delete clusterrole developer"],
        |b| {
            b.rule("developer", &["get"], "", &["pods"]);
            b.bind("default/devs", "developer", "devs");
        },
    ),
    (
        "duplicate-binding",
        |b| {
            b.bind("a", "view", "devs");
            b.bind("b", "view", "devs");
        },
        &["info duplicate-binding [ClusterRoleBinding b] Group `devs` has ClusterRole `view` by ClusterRoleBinding a \
           too\n$ kubectl delete clusterrolebinding b"],
        |b| {
            b.bind("a", "view", "devs");
            b.bind("default/a", "view", "devs");
        },
    ),
    (
        "wildcard-rights",
        |b| {
            b.aws("DeleteAccessEntry", json!({ "principalArn": NODE_ROLE }));
            b.bind("everything", "cluster-admin", "devs");
        },
        &[
            "warning wildcard-rights [ClusterRoleBinding everything] Group `devs` may do everything with every resource",
            "info wildcard-rights [AmazonEKSClusterAdminPolicy on access entry \
             arn:aws:iam::111122223333:user/cluster-creator] the holder may do everything with every resource",
        ],
        |b| {
            b.aws("DeleteAccessEntry", json!({ "principalArn": "arn:aws:iam::111122223333:user/cluster-creator" }));
        },
    ),
    (
        "can-escalate",
        |b| {
            b.rule("granter", &["bind", "escalate"], "rbac.authorization.k8s.io", &["roles"]);
            b.bind("default/granters", "granter", "devs");
        },
        &["warning can-escalate [RoleBinding default/granters] Group `devs` may escalate, bind roles"],
        |b| b.bind("default/granters", "admin", "devs"),
    ),
    (
        "can-impersonate",
        |b| {
            b.rule("actor", &["impersonate"], "", &["users", "groups"]);
            b.bind("actors", "actor", "devs");
        },
        &["warning can-impersonate [ClusterRoleBinding actors] Group `devs` may impersonate users, groups"],
        |b| {
            // In a namespace only service accounts can be impersonated.
            b.rule("actor", &["impersonate"], "", &["users", "groups"]);
            b.bind("default/actors", "actor", "devs");
        },
    ),
    (
        "unknown-name",
        |b| b.rule("typos", &["get", "lst"], "apps", &["deploymnts"]),
        &[
            "warning unknown-name [ClusterRole typos] rule 1: No request has the verb `lst`. Did you mean `list`?",
            "warning unknown-name [ClusterRole typos] rule 1: The cluster has no resource `deploymnts` in API group \
             `apps`. Did you mean `deployments`?",
        ],
        |b| b.rule("fine", &["get", "*"], "example.com", &["widgets", "*"]),
    ),
    (
        "reads-all-secrets",
        |b| {
            b.rule("reader", &["get", "watch"], "", &["secrets"]);
            b.bind("readers", "reader", "devs");
        },
        &["warning reads-all-secrets [ClusterRoleBinding readers] Group `devs` may get, watch secrets in every \
           namespace"],
        |b| {
            b.rule("reader", &["get", "watch"], "", &["secrets"]);
            b.bind("default/readers", "reader", "devs");
        },
    ),
    (
        "can-exec",
        |b| {
            b.rule("debugger", &["create"], "", &["pods/exec", "pods/attach"]);
            b.bind("default/debuggers", "debugger", "devs");
            b.rule("watcher", &["get"], "", &["pods/attach"]);
            b.bind("default/watchers", "watcher", "devs");
        },
        &[
            "info can-exec [RoleBinding default/debuggers] Group `devs` may create pods/exec and pods/attach",
            "info can-exec [RoleBinding default/watchers] Group `devs` may get pods/attach",
        ],
        |b| {
            b.rule("reader", &["get"], "", &["pods", "pods/log"]);
            b.bind("default/readers", "reader", "devs");
            b.entry(DEV, &[]);
            b.policy(DEV, "AmazonEKSEditPolicy", &["nowhere"]);
        },
    ),
    (
        "creates-pods-in-kube-system",
        |b| {
            b.rule("deployer", &["create"], "*", &["deployments", "pods"]);
            b.bind("kube-system/deployers", "deployer", "devs");
            b.entry(DEV, &[]);
            b.policy(DEV, "AmazonEKSEditPolicy", &["kube-*"]);
        },
        &[
            "warning creates-pods-in-kube-system [RoleBinding kube-system/deployers] Group `devs` may create \
             pods, deployments in kube-system",
            "info creates-pods-in-kube-system [AmazonEKSEditPolicy on access entry \
             arn:aws:iam::111122223333:user/k8s-dev] the holder may create pods, deployments, daemonsets, \
             statefulsets, jobs, cronjobs in kube-system",
        ],
        |b| {
            b.rule("deployer", &["create"], "*", &["deployments", "pods"]);
            b.bind("default/deployers", "deployer", "devs");
        },
    ),
    (
        "open-to-everybody",
        |b| b.bind("default/open", "view", "system:unauthenticated"),
        &["error open-to-everybody [RoleBinding default/open] `system:unauthenticated` gets ClusterRole `view`"],
        |b| b.bind("default/open", "view", "devs"),
    ),
];

fn widgets() -> Value {
    json!({ "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": { "plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList" },
        "versions": [{ "name": "v1", "served": true, "storage": true,
            "schema": { "openAPIV3Schema": { "type": "object" } } }],
    } })
}

fn of_kind(bench: &Bench, id: &str) -> Vec<String> {
    // The id of a user that was made before is not the point.
    let old = scenario::walkthrough().world.users[2].unique_id.clone();
    let found = bench.found();
    found.iter().filter(|finding| finding.id == id).map(|finding| shown(finding).replace(&old, "OLD")).collect()
}

#[test]
fn each_finding_strikes_with_these_words() {
    let wrong = CASES.iter().filter_map(|(id, setup, expected, _)| {
        let mut bench = Bench::new();
        setup(&mut bench);
        let found = of_kind(&bench, id);
        (found != *expected).then(|| format!("{id}\n  expected {expected:#?}\n  found {found:#?}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_finding_is_silent_where_nothing_is_wrong() {
    for (id, .., good) in CASES {
        let mut bench = Bench::new();
        good(&mut bench);
        assert_eq!(of_kind(&bench, id), Vec::<String>::new(), "{id}");
    }
}

#[test]
fn a_person_with_a_role_of_nodes() {
    let mut bench = Bench::new();
    bench.aws("DeleteAccessEntry", json!({ "principalArn": NODE_ROLE }));
    let line = format!(
        "- rolearn: {NODE_ROLE}\n  username: system:node:{{{{EC2PrivateDNSName}}}}\n  \
         groups: [system:bootstrappers, system:nodes]\n"
    );
    bench.aws_auth("mapRoles", &line);
    let as_session = |session: &str| {
        let source = Box::new(bench.creator().credential);
        let credential =
            Credential::AssumedRole { source, role_arn: NODE_ROLE.to_owned(), session: session.to_owned() };
        let found = findings_for(&bench.world, bench.world.cluster(CLUSTER).unwrap(), &[credential]);
        found.iter().filter(|f| f.id == "person-on-node-role").map(shown).collect::<Vec<_>>()
    };
    let expected = "warning person-on-node-role [aws-auth mapRoles, line 1, entry 1] \
                    `arn:aws:sts::111122223333:assumed-role/eks-node-role/alice` is no instance, and is refused by \
                    this line";
    assert_eq!(as_session("alice"), [expected]);
    assert_eq!(as_session("i-0a1b2c3d4e5f60718"), Vec::<String>::new());
}

/// EKS makes the entries of what it manages with the step from CONFIG_MAP; what it does not manage is lost (eks 3.6).
#[test]
fn the_role_of_a_managed_node_group_is_not_lost() {
    let lost = |bench: &Bench| bench.found().iter().filter(|f| f.id == "node-role-lost-in-api-mode").count();
    let mut bench = Bench::new();
    bench.mode(AuthenticationMode::ConfigMap);
    bench.aws("CreateRole", json!({ "RoleName": "nodes" }));
    let role = "arn:aws:iam::111122223333:role/nodes";
    bench.aws("CreateNodegroup", json!({ "nodegroupName": "ng", "nodeRole": role, "subnets": ["subnet-1"] }));
    assert_eq!(lost(&bench), 0);
    // Nobody makes it later: here somebody deleted it.
    bench.mode(AuthenticationMode::ApiAndConfigMap);
    assert_eq!(lost(&bench), 1);
    bench.mode(AuthenticationMode::ConfigMap);
    bench.world.cluster_mut(CLUSTER).unwrap().nodegroups.clear();
    assert_eq!(lost(&bench), 1);
}

#[test]
fn every_rule_has_a_case_and_its_words() {
    let lints: BTreeSet<&str> = crate::aws::aws_auth_lint::rules::RULES.iter().map(|rule| rule.id).collect();
    let tested: BTreeSet<&str> = CASES.iter().map(|(id, ..)| *id).chain(["person-on-node-role"]).collect();
    let rules: BTreeSet<&str> = catalogue().map(|rule| rule.id).filter(|id| !lints.contains(id)).collect();
    assert_eq!(tested, rules);
    assert_eq!(catalogue().count(), lints.len() + rules.len(), "an id is taken twice");
    for rule in catalogue() {
        assert!(rule.reason.ends_with('.') && rule.remedy.ends_with('.') && !rule.source.is_empty(), "{}", rule.id);
    }
}

/// Every row of the table of iam 11 is a rule here.
#[test]
fn the_lints_of_the_specification_are_all_there() {
    let spec = include_str!("../../../docs/spec/iam-mapping.md");
    let section = spec.split("\n## 11. ").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let rows: Vec<&str> = rows.collect();
    assert_eq!(rows.len(), 34);
    for id in rows {
        assert!(catalogue().any(|rule| rule.id == id), "{id}");
    }
}

#[test]
fn the_walkthrough() {
    let world = scenario::walkthrough().world;
    let found = findings(&world, world.cluster(CLUSTER).unwrap());
    let expected = [
        "warning masters [aws-auth mapUsers, line 4, entry 1] `arn:aws:iam::111122223333:user/k8s-admin` is in \
         system:masters",
        "info wildcard-rights [AmazonEKSClusterAdminPolicy on access entry \
         arn:aws:iam::111122223333:user/cluster-creator] the holder may do everything with every resource",
    ];
    assert_eq!(found.iter().map(shown).collect::<Vec<_>>(), expected);
}

/// The calls of a remedy go through, and the finding is gone.
#[test]
fn remedies_help() {
    for (id, setup, ..) in CASES {
        let mut bench = Bench::new();
        setup(&mut bench);
        let requests: Vec<Request> = bench
            .found()
            .into_iter()
            .filter(|f| f.id == *id)
            .filter_map(|f| f.remedy)
            .flat_map(|r| r.requests)
            .collect();
        if !requests.is_empty() {
            requests.into_iter().for_each(|request| bench.call(request));
            assert_eq!(of_kind(&bench, id), Vec::<String>::new(), "{id}");
        }
    }
}

#[test]
fn the_worst_comes_first() {
    let mut bench = Bench::new();
    bench.aws("DeleteAccessEntry", json!({ "principalArn": NODE_ROLE }));
    bench.entry(DEV, &["b", "a"]);
    bench.bind("z", "view", "devs");
    bench.bind("default/open", "edit", "system:authenticated");
    let found = bench.found();
    assert!(found.is_sorted_by_key(|finding| (finding.severity, finding.id, finding.object.clone())));
    assert_eq!(found, bench.found());
}
