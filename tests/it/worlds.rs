//! Small worlds made by chance: the walkthrough's world with a few more principals and namespaces, and then calls.
//!
//! Everything is made of a few words, so that entries, lines, roles and bindings often meet, and nearly meet.

use eks_access_playground::aws::aws_auth::Section;
use eks_access_playground::aws::eks::AuthenticationMode;
use eks_access_playground::engine::request::{GroupResource, Impersonate, PatchKind};
use eks_access_playground::engine::world::Creator;
use eks_access_playground::engine::{AwsRequest, Caller, Credential, KubeRequest, Request, World};
use eks_access_playground::k8s::attributes::{Action, ResourceAction, UserInfo};
use eks_access_playground::session::{Snapshot, scenario};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};
use std::rc::Rc;

pub const CLUSTER: &str = "eks-demo-cluster";
const ACCOUNT: &str = "111122223333";
const RBAC: &str = "rbac.authorization.k8s.io";

pub const NAMESPACES: &[&str] = &["default", "dev", "prod"];
pub const VERBS: &[&str] = &["get", "list", "create", "delete", "impersonate"];
pub const NAMES: &[&str] = &["a", "b"];
const GROUPS: &[&str] = &["devs", "ops", "view-{{SessionName}}"];
const USERS: &[&str] = &["alice", "team:{{SessionName}}", "system:node:{{EC2PrivateDNSName}}"];
/// Resources with their groups.
pub const RESOURCES: &[(&str, &str)] =
    &[("", "pods"), ("", "pods/log"), ("", "secrets"), ("apps", "deployments"), ("", "nodes"), ("", "users")];
pub const URLS: &[&str] = &["/healthz", "/logs/x"];
const PRINCIPALS: &[&str] = &["user/k8s-dev", "user/k8s-admin", "role/team/app", "role/eks-node-role"];
const POLICIES: &[&str] = &[
    "AmazonEKSViewPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSSecretReaderPolicy",
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSAdminViewPolicy",
];

/// The world that calls start from.
pub fn start() -> Snapshot {
    thread_local! {
        static START: Snapshot = {
            let Snapshot { world, workstation } = scenario::walkthrough();
            let mut world = (*world).clone();
            let root = UserInfo { username: "root".into(), groups: vec!["system:masters".into()], ..UserInfo::default() };
            world.cluster_mut(CLUSTER).unwrap().static_users.insert("root".into(), root);
            let role = aws("CreateRole", json!({"Path": "/team/", "RoleName": "app"}));
            let namespace = |name: &str| {
                create("", "namespaces", "", json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))
            };
            for request in [role, namespace("dev"), namespace("prod")] {
                let caller = caller_for(&world, &request);
                world.call(&caller, request).unwrap();
            }
            Snapshot { world: Rc::new(world), workstation }
        };
    }
    START.with(Clone::clone)
}

/// The administrator who makes a call: of AWS, or of the cluster.
pub fn caller_for(world: &World, request: &Request) -> Caller {
    let key = match request {
        Request::Kube { .. } => "root",
        _ => world.users[0].access_key.as_str(),
    };
    Caller::new(Credential::AccessKey(key.to_owned()))
}

/// How a world is made.
#[derive(Clone, Debug)]
pub struct Made {
    mode: AuthenticationMode,
    calls: Vec<Request>,
}

impl Made {
    /// The world after the calls; refused ones count for nothing.
    pub fn world(&self) -> World {
        let mut world = (*start().world).clone();
        let creator = Creator { principal_arn: arn("user/k8s-dev"), unique_id: world.users[2].unique_id.clone() };
        let cluster = world.cluster_mut(CLUSTER).unwrap();
        cluster.mode = self.mode;
        if self.mode == AuthenticationMode::ConfigMap {
            cluster.creator = Some(creator);
        }
        for request in &self.calls {
            let caller = caller_for(&world, request);
            let _ = world.call(&caller, request.clone());
        }
        world
    }
}

/// A world in any mode, and what was called there.
pub fn made() -> impl Strategy<Value = Made> {
    let mode = prop_oneof![
        1 => Just(AuthenticationMode::ConfigMap),
        4 => Just(AuthenticationMode::ApiAndConfigMap),
        1 => Just(AuthenticationMode::Api),
    ];
    (mode, calls()).prop_map(|(mode, calls)| Made { mode, calls })
}

fn arn(principal: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{principal}")
}

fn aws(operation: &str, input: Value) -> Request {
    Request::Aws(AwsRequest::from_parts(operation, input).unwrap())
}

fn kube(request: KubeRequest) -> Request {
    Request::Kube { cluster: CLUSTER.to_owned(), request }
}

fn place(namespace: &str) -> Option<String> {
    Some(namespace.to_owned()).filter(|namespace| !namespace.is_empty())
}

fn create(group: &str, plural: &str, namespace: &str, object: Value) -> Request {
    let resource = GroupResource::new(group, plural);
    kube(KubeRequest::Create { resource, namespace: place(namespace), object, dry_run: false, strict: false })
}

fn some(list: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    subsequence(list, 1..=2).prop_map(|words| words.into_iter().map(str::to_owned).collect())
}

fn few(list: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    subsequence(list, 0..=2).prop_map(|words| words.into_iter().map(str::to_owned).collect())
}

/// A namespace, or none.
pub fn anywhere() -> impl Strategy<Value = &'static str> {
    prop_oneof![1 => Just(""), 3 => select(NAMESPACES)]
}

fn rule() -> impl Strategy<Value = Value> {
    const WRITTEN: &[&str] = &["pods", "pods/log", "*/log", "secrets", "deployments", "nodes", "users", "*"];
    const ASKED: &[&str] = &["get", "list", "create", "impersonate", "*"];
    let names = prop_oneof![Just(Vec::new()), some(NAMES)];
    let resources = (some(ASKED), some(&["", "apps", "*"]), some(WRITTEN), names).prop_map(
        |(verbs, groups, resources, names)| {
            json!({"verbs": verbs, "apiGroups": groups, "resources": resources, "resourceNames": names})
        },
    );
    let urls = (some(ASKED), some(&["/healthz", "/logs/*", "*"]))
        .prop_map(|(verbs, urls)| json!({"verbs": verbs, "nonResourceURLs": urls}));
    prop_oneof![5 => resources, 1 => urls]
}

fn subject() -> impl Strategy<Value = Value> {
    const GROUPS: &[&str] = &["devs", "ops", "view-me", "system:authenticated", "system:masters", "Devs"];
    const USERS: &[&str] = &["alice", "team:me", "bob", "arn:aws:iam::111122223333:user/k8s-dev"];
    prop_oneof![
        select(GROUPS).prop_map(|name| json!({"kind": "Group", "name": name})),
        select(USERS).prop_map(|name| json!({"kind": "User", "name": name})),
        select(NAMESPACES).prop_map(|home| json!({"kind": "ServiceAccount", "name": "bot", "namespace": home})),
    ]
}

/// A new Role or ClusterRole.
pub fn new_role() -> impl Strategy<Value = Request> {
    (anywhere(), select(&["r1", "r2", "r3"][..]), prop::collection::vec(rule(), 1..3)).prop_map(
        |(home, name, rules)| {
            let (kind, plural) = if home.is_empty() { ("ClusterRole", "clusterroles") } else { ("Role", "roles") };
            let body =
                json!({"apiVersion": format!("{RBAC}/v1"), "kind": kind, "metadata": {"name": name}, "rules": rules});
            create(RBAC, plural, home, body)
        },
    )
}

/// A new RoleBinding or ClusterRoleBinding.
pub fn new_binding() -> impl Strategy<Value = Request> {
    let role = prop_oneof![
        select(&["r1", "r2", "r3", "view", "edit", "admin"][..]).prop_map(|name| ("ClusterRole", name)),
        select(&["r1", "r2", "r3"][..]).prop_map(|name| ("Role", name)),
    ];
    let subjects = prop::collection::vec(subject(), 1..3);
    (anywhere(), 0..8, role, subjects).prop_map(|(home, number, (role_kind, role), subjects)| {
        let (kind, plural) = if home.is_empty() {
            ("ClusterRoleBinding", "clusterrolebindings")
        } else {
            ("RoleBinding", "rolebindings")
        };
        let role_kind = if home.is_empty() { "ClusterRole" } else { role_kind };
        let body = json!({"apiVersion": format!("{RBAC}/v1"), "kind": kind, "metadata": {"name": format!("b{number}")},
            "roleRef": {"apiGroup": RBAC, "kind": role_kind, "name": role}, "subjects": subjects});
        create(RBAC, plural, home, body)
    })
}

/// A new association of an access policy.
pub fn new_association() -> impl Strategy<Value = Request> {
    let scope = prop_oneof![
        1 => Just(json!({"type": "cluster"})),
        3 => some(&["dev", "pro*", "default"]).prop_map(|list| json!({"type": "namespace", "namespaces": list})),
    ];
    (select(PRINCIPALS), select(POLICIES), scope).prop_map(|(principal, policy, scope)| {
        let policy = format!("arn:aws:eks::aws:cluster-access-policy/{policy}");
        let input =
            json!({"clusterName": CLUSTER, "principalArn": arn(principal), "policyArn": policy, "accessScope": scope});
        aws("AssociateAccessPolicy", input)
    })
}

fn new_entry() -> impl Strategy<Value = Request> {
    let username = prop_oneof![2 => Just(None), 1 => select(USERS).prop_map(Some)];
    (select(PRINCIPALS), few(GROUPS), username).prop_map(|(principal, groups, username)| {
        let mut input = json!({"clusterName": CLUSTER, "principalArn": arn(principal), "kubernetesGroups": groups});
        if let Some(username) = username {
            input["username"] = json!(username);
        }
        aws("CreateAccessEntry", input)
    })
}

/// aws-auth anew; lines may name a path, a session or another account.
fn new_aws_auth() -> impl Strategy<Value = Request> {
    const LINES: &[&str] = &[
        "arn:aws:iam::111122223333:role/app",
        "arn:aws:iam::111122223333:role/team/app",
        "arn:aws:iam::444455556666:role/app",
        "arn:aws:sts::111122223333:assumed-role/app/me",
        "arn:aws:iam::111122223333:user/k8s-dev",
        "arn:aws:iam::111122223333:user/k8s-admin",
    ];
    const LINE_GROUPS: &[&str] = &["devs", "ops", "system:masters", "view-{{SessionName}}"];
    let line = (select(LINES), select(USERS), few(LINE_GROUPS)).prop_map(|(arn, username, groups)| {
        let section = if arn.contains(":user/") { Section::MapUsers } else { Section::MapRoles };
        let key = if section == Section::MapUsers { "userarn" } else { "rolearn" };
        (section, format!("- {key}: {arn}\n  username: \"{username}\"\n  groups: {}\n", json!(groups)))
    });
    let broken = prop_oneof![9 => Just(""), 1 => Just("\t- x")];
    (prop::collection::vec(line, 0..4), broken).prop_map(|(lines, broken)| {
        let text = |section| {
            let lines: String = lines.iter().filter(|(s, _)| *s == section).map(|(_, line)| line.as_str()).collect();
            lines + broken
        };
        let data = json!({"mapRoles": text(Section::MapRoles), "mapUsers": text(Section::MapUsers)});
        kube(KubeRequest::Patch {
            resource: GroupResource::new("", "configmaps"),
            namespace: Some("kube-system".to_owned()),
            name: "aws-auth".to_owned(),
            kind: PatchKind::Merge,
            patch: json!({"data": data}),
            dry_run: false,
            strict: false,
        })
    })
}

fn removal() -> impl Strategy<Value = Request> {
    let binding = (anywhere(), 0..8).prop_map(|(home, number)| {
        let plural = if home.is_empty() { "clusterrolebindings" } else { "rolebindings" };
        let (resource, name) = (GroupResource::new(RBAC, plural), format!("b{number}"));
        kube(KubeRequest::Delete { resource, namespace: place(home), name, orphan: false, dry_run: false })
    });
    let entry = select(PRINCIPALS)
        .prop_map(|name| aws("DeleteAccessEntry", json!({"clusterName": CLUSTER, "principalArn": arn(name)})));
    let role = select(&["app", "nobody"][..]).prop_map(|name| aws("DeleteRole", json!({"RoleName": name})));
    let again = Just(aws("CreateRole", json!({"Path": "/team/", "RoleName": "app"})));
    let mode = select(&["API", "API_AND_CONFIG_MAP"][..]).prop_map(|mode| {
        aws("UpdateClusterConfig", json!({"name": CLUSTER, "accessConfig": {"authenticationMode": mode}}))
    });
    let wait = (0..5000_i64).prop_map(|millis| Request::Wait { millis });
    prop_oneof![2 => binding, 2 => entry, 1 => role, 1 => again, 1 => mode, 1 => wait]
}

/// A node group or Fargate profile is made, or goes.
fn compute() -> impl Strategy<Value = Request> {
    let role = select(&["role/team/app", "role/eks-node-role", "role/nobody"][..]).prop_map(arn);
    let ami_type = select(&["AL2023_x86_64_STANDARD", "WINDOWS_CORE_2022_x86_64", "CUSTOM"][..]);
    (select(NAMES), role, ami_type, 0..6_usize).prop_map(|(name, role, ami_type, which)| match which {
        0..3 => aws(
            "CreateNodegroup",
            json!({"clusterName": CLUSTER, "nodegroupName": name, "subnets": ["subnet-1"], "nodeRole": role,
                "amiType": ami_type}),
        ),
        3 => aws(
            "CreateFargateProfile",
            json!({"clusterName": CLUSTER, "fargateProfileName": name, "podExecutionRoleArn": role,
                "selectors": [{"namespace": "dev"}]}),
        ),
        4 => aws("DeleteNodegroup", json!({"clusterName": CLUSTER, "nodegroupName": name})),
        _ => aws("DeleteFargateProfile", json!({"clusterName": CLUSTER, "fargateProfileName": name})),
    })
}

/// An access key, a provider, a trust policy, an add-on or an association is made or changed, or goes.
fn object() -> impl Strategy<Value = Request> {
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service":
        "pods.eks.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}]});
    (select(&["k8s-dev", "k8s-admin", "nobody"][..]), select(NAMES), 0..10_usize).prop_map(
        move |(user, name, which)| match which {
            0 => aws("CreateAccessKey", json!({"UserName": user})),
            1 => aws("DeleteUser", json!({"UserName": user})),
            2 => aws("CreateOpenIDConnectProvider", json!({"Url": format!("https://{name}"), "ClientIDList": [user]})),
            3 => {
                let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{name}");
                aws("DeleteOpenIDConnectProvider", json!({"OpenIDConnectProviderArn": arn}))
            }
            4 => aws("UpdateAssumeRolePolicy", json!({"RoleName": "app", "PolicyDocument": trust.to_string()})),
            5 => aws(
                "CreatePodIdentityAssociation",
                json!({"clusterName": CLUSTER, "namespace": "dev", "serviceAccount": name, "roleArn":
                    arn("role/team/app")}),
            ),
            6 => aws("CreateAddon", json!({"clusterName": CLUSTER, "addonName": "vpc-cni", "tags": {name: user}})),
            7 => {
                aws("UpdateAddon", json!({"clusterName": CLUSTER, "addonName": "vpc-cni", "configurationValues": "{}"}))
            }
            8 => aws("DeleteAddon", json!({"clusterName": CLUSTER, "addonName": "vpc-cni"})),
            _ => aws(
                "AssociateIdentityProviderConfig",
                json!({"clusterName": CLUSTER, "oidc": {"identityProviderConfigName": name, "issuerUrl": "https://x",
                    "clientId": user}}),
            ),
        },
    )
}

/// A call that may change a world, or be refused.
pub fn call() -> impl Strategy<Value = Request> {
    prop_oneof![
        3 => new_entry(),
        3 => new_association(),
        2 => new_aws_auth(),
        3 => new_role(),
        5 => new_binding(),
        1 => compute(),
        2 => object(),
        2 => removal(),
    ]
}

/// Calls that fill a world, then some that take away or are refused.
pub fn calls() -> impl Strategy<Value = Vec<Request>> {
    use prop::collection::vec;
    let access =
        (vec(new_entry(), 1..5), vec(new_association(), 1..6), vec(new_aws_auth(), 0..2), vec(compute(), 0..2));
    let rbac = (vec(new_role(), 1..5), vec(new_binding(), 2..8));
    (access, rbac, vec(removal(), 0..2), vec(call(), 0..4)).prop_map(
        |((entries, associations, lines, compute), (roles, bindings), removals, others)| {
            [entries, associations, lines, compute, roles, bindings, removals, others].concat()
        },
    )
}

/// Something to be allowed or not.
pub fn action() -> impl Strategy<Value = Action> {
    let name = prop_oneof![2 => Just(""), 1 => select(NAMES)];
    let resource =
        (select(VERBS), select(RESOURCES), name, anywhere()).prop_map(|(verb, (group, what), name, home)| {
            let (resource, subresource) = what.split_once('/').unwrap_or((what, ""));
            let [verb, api_group, resource, subresource, name, namespace] =
                [verb, group, resource, subresource, name, home].map(str::to_owned);
            Action::Resource(ResourceAction { verb, api_group, resource, subresource, name, namespace })
        });
    let url = (select(VERBS), select(URLS))
        .prop_map(|(verb, path)| Action::Url { verb: verb.to_owned(), path: path.to_owned() });
    prop_oneof![6 => resource, 1 => url]
}

/// Everybody who may come to the cluster of `world`, with and without impersonation.
pub fn callers(world: &World) -> Vec<Caller> {
    let keys = world.users.iter().map(|user| Credential::AccessKey(user.access_key.clone()));
    let session = |role: &str, session: &str| Credential::AssumedRole {
        source: Box::new(Credential::AccessKey(world.users[0].access_key.clone())),
        role_arn: arn(role),
        session: session.to_owned(),
    };
    let sessions = [
        session("role/team/app", "me"),
        session("role/team/app", "session"),
        session("role/eks-node-role", "i-0a1b2c3d4e5f60718"),
    ];
    let source = Box::new(Credential::AccessKey(world.users[0].access_key.clone()));
    let others = [
        Credential::SignIn(format!("arn:aws:iam::{ACCOUNT}:root")),
        Credential::FederatedUser { source, name: "bob".to_owned(), policy: false },
        Credential::RoleSession { role_arn: arn("role/team/app"), session: "portal".to_owned() },
    ];
    let mut callers: Vec<Caller> = keys.chain(sessions).chain(others).map(Caller::new).collect();
    callers.push(Caller::new(Credential::Anonymous));
    callers.push(Caller::new(Credential::AccessKey("root".to_owned())));
    let impersonating: Vec<Caller> = callers
        .iter()
        .map(|caller| {
            let wanted = Impersonate { user: "alice".to_owned(), groups: vec!["devs".to_owned()], uid: String::new() };
            Caller { impersonate: Some(wanted), ..caller.clone() }
        })
        .collect();
    callers.extend(impersonating);
    callers
}
