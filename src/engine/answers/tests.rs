//! What the answers say of a small world, case by case; `tests/it/properties.rs` holds their laws.

use serde_json::{Value, json};

use super::near_misses::Object;
use super::principals::Gate;
use super::rights::{On, Source};
use super::who_can::Named;
use super::*;
use crate::engine::explain::explain;
use crate::engine::request::GroupResource;
use crate::engine::{ApiError, AwsRequest, Caller, Credential, KubeRequest, Request, World};
use crate::k8s::attributes::{Action, ResourceAction, UserInfo};
use crate::session::scenario;

pub(super) const CLUSTER: &str = "eks-demo-cluster";
const ACCOUNT: &str = "111122223333";

/// The walkthrough's world with the namespaces `dev` and `prod`, and a user who may do everything without IAM.
pub(super) fn world() -> World {
    let mut world = (*scenario::walkthrough().world).clone();
    let admin = UserInfo { username: "root".into(), groups: vec!["system:masters".into()], ..UserInfo::default() };
    world.cluster_mut(CLUSTER).unwrap().static_users.insert("root".into(), admin);
    for name in ["dev", "prod"] {
        create(
            &mut world,
            "",
            "namespaces",
            "",
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}),
        );
    }
    world
}

pub(super) fn root() -> Caller {
    Caller::new(Credential::AccessKey("root".into()))
}

pub(super) fn iam(world: &World, user: &str) -> Caller {
    let user = world.users.iter().find(|u| u.name == user).unwrap();
    Caller::new(Credential::AccessKey(user.access_key.clone()))
}

pub(super) fn session_of(world: &World, role: &str, session: &str) -> Caller {
    Caller::new(Credential::AssumedRole {
        source: Box::new(iam(world, "cluster-creator").credential),
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/{role}"),
        session: session.into(),
    })
}

pub(super) fn aws_request(operation: &str, mut input: Value) -> Request {
    if !operation.ends_with("Role") && !operation.ends_with("Config") {
        input["clusterName"] = json!(CLUSTER);
    }
    Request::Aws(AwsRequest::from_parts(operation, input).unwrap())
}

pub(super) fn aws(world: &mut World, operation: &str, input: Value) {
    let caller = iam(world, "cluster-creator");
    world.call(&caller, aws_request(operation, input)).unwrap();
}

pub(super) fn arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{name}")
}

pub(super) fn policy(name: &str) -> String {
    format!("arn:aws:eks::aws:cluster-access-policy/{name}")
}

pub(super) fn associate(principal: &str, name: &str, namespaces: &[&str]) -> Value {
    let kind = if namespaces.is_empty() { "cluster" } else { "namespace" };
    let scope = json!({"type": kind, "namespaces": namespaces});
    json!({"principalArn": arn(principal), "policyArn": policy(name), "accessScope": scope})
}

pub(super) fn create(world: &mut World, group: &str, plural: &str, namespace: &str, object: Value) {
    let namespace = Some(namespace.to_owned()).filter(|namespace| !namespace.is_empty());
    let resource = GroupResource::new(group, plural);
    let request = KubeRequest::Create { resource, namespace, object, dry_run: false, strict: false };
    world.call(&root(), Request::Kube { cluster: CLUSTER.into(), request }).unwrap();
}

/// A Role with one rule, or with an empty namespace a ClusterRole.
pub(super) fn role(world: &mut World, namespace: &str, name: &str, rule: Value) {
    let (kind, plural) = if namespace.is_empty() { ("ClusterRole", "clusterroles") } else { ("Role", "roles") };
    let object = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
        "metadata": {"name": name}, "rules": [rule]});
    create(world, "rbac.authorization.k8s.io", plural, namespace, object);
}

/// A binding of the role of the same name; `role` is `Role/NAME` or `ClusterRole/NAME`.
pub(super) fn bind(world: &mut World, namespace: &str, name: &str, role: &str, subject: (&str, &str)) {
    let (kind, plural) = if namespace.is_empty() {
        ("ClusterRoleBinding", "clusterrolebindings")
    } else {
        ("RoleBinding", "rolebindings")
    };
    let (role_kind, role_name) = role.split_once('/').unwrap();
    let object = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role_kind, "name": role_name},
        "subjects": [{"kind": subject.0, "name": subject.1}]});
    create(world, "rbac.authorization.k8s.io", plural, namespace, object);
}

pub(super) fn aws_auth(world: &mut World, data: Value) {
    let request = KubeRequest::Patch {
        resource: GroupResource::new("", "configmaps"),
        namespace: Some("kube-system".into()),
        name: "aws-auth".into(),
        kind: crate::engine::request::PatchKind::Merge,
        patch: json!({"data": data}),
        dry_run: false,
        strict: false,
    };
    world.call(&root(), Request::Kube { cluster: CLUSTER.into(), request }).unwrap();
}

/// `VERB GROUP/RESOURCE[/SUBRESOURCE] [NAME]` in a namespace; `VERB URL` if the second begins with `/`.
pub(super) fn action(text: &str, namespace: &str) -> Action {
    let mut words = text.split(' ').map(str::to_owned);
    let (verb, what, name) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap_or_default());
    let mut parts = what.split('/').map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    let (api_group, resource, subresource) = (part(), part(), part());
    if api_group.is_empty() && !resource.is_empty() && what.starts_with("//") {
        return Action::Url { verb, path: what[1..].to_owned() };
    }
    Action::Resource(ResourceAction { verb, api_group, resource, subresource, name, namespace: namespace.into() })
}

fn principal_text(principal: &Principal) -> String {
    match principal {
        Principal::User(arn) => arn.rsplit(':').next().unwrap().to_owned(),
        Principal::Role { arn, session } => format!("{}/{session}", arn.rsplit(':').next().unwrap()),
        other => format!("{other:?}"),
    }
}

/// Principals that can, each with its ways.
fn who(world: &World, action: &Action) -> Vec<String> {
    let answer = who_can(world, world.cluster(CLUSTER).unwrap(), action);
    let path = |path: &Path| match path {
        Path::SuperUser => "master".to_owned(),
        Path::Binding { name, rule, .. } => format!("{name}#{rule}"),
        Path::Node { username } => username.clone(),
        Path::Policy { association, rule, .. } => {
            format!("{}#{rule}", association.policy_arn.rsplit('/').next().unwrap())
        }
        Path::As { subject: Named::User(name) | Named::Group(name), session, .. } => {
            format!("as {name}{}", session.as_ref().map(|s| format!(" by {s}")).unwrap_or_default())
        }
        other => format!("{other:?}"),
    };
    let line = |holder: &Holder| {
        let who = match &holder.who {
            Who::Subject(Named::User(name) | Named::Group(name)) => name.clone(),
            Who::Subject(Named::ServiceAccount { namespace, name }) => format!("{namespace}:{name}"),
            Who::Principal(principal) => principal_text(principal),
        };
        format!("{who}: {}", holder.through.iter().map(path).collect::<Vec<_>>().join(", "))
    };
    answer.holders.iter().map(line).filter(|line| !line.starts_with("kube-system:")).collect()
}

#[test]
fn holders_of_policies_stand_beside_subjects_of_bindings() {
    let mut world = world();
    aws(&mut world, "CreateAccessEntry", json!({"principalArn": arn("user/k8s-dev"), "kubernetesGroups": ["devs"]}));
    aws(&mut world, "AssociateAccessPolicy", associate("user/k8s-dev", "AmazonEKSEditPolicy", &["dev"]));
    bind(&mut world, "prod", "devs", "ClusterRole/edit", ("Group", "devs"));
    let pods = |namespace| action("delete /pods", namespace);
    assert_eq!(
        who(&world, &pods("prod")),
        [
            "system:masters: master, cluster-admin#0",
            "system:kube-scheduler: system:kube-scheduler#5",
            "devs: devs#EDIT",
            "user/cluster-creator: AmazonEKSClusterAdminPolicy#0",
            "user/k8s-admin: as system:masters",
            "user/k8s-dev: as devs",
            "role/eks-node-role/i-0a1b2c3d4e5f60718: system:node:ip-10-0-1-10.ap-south-1.compute.internal",
            "Static(\"root\"): as system:masters",
        ]
        .map(|line| line.replace("#EDIT", &format!("#{}", edit_rule(&world))))
    );
    let in_dev = who(&world, &pods("dev"));
    assert!(in_dev.iter().any(|line| line.starts_with("user/k8s-dev: AmazonEKSEditPolicy#")), "{in_dev:?}");
    assert!(!in_dev.iter().any(|line| line.starts_with("devs")));
}

/// The place of the rule of `edit` that lets pods be deleted.
fn edit_rule(world: &World) -> usize {
    let rbac = world.cluster(CLUSTER).unwrap().objects.rbac();
    let edit = rbac.cluster_role("edit").unwrap();
    let pods = action("delete /pods", "prod");
    edit.rules.iter().position(|rule| crate::k8s::rules::rule_matches(rule, &pods).is_ok()).unwrap()
}

#[test]
fn a_session_name_can_make_a_role_somebody() {
    let mut world = world();
    let roles = json!(format!("- rolearn: {}\n  username: team:{{{{SessionName}}}}\n", arn("role/eks-cluster-role")));
    aws_auth(&mut world, json!({"mapRoles": roles}));
    bind(&mut world, "dev", "alice", "ClusterRole/view", ("User", "team:alice"));
    let lines = who(&world, &action("list /pods", "dev"));
    assert!(lines.contains(&"role/eks-cluster-role/session: as team:alice by alice".to_owned()), "{lines:?}");
}

#[test]
fn nodes_and_policies_that_are_not_public() {
    let mut world = world();
    aws(&mut world, "CreateAccessEntry", json!({"principalArn": arn("role/eks-cluster-role")}));
    let open = crate::aws::access_policy::all().iter().find(|policy| {
        policy.rules.is_none() && policy.associable == crate::aws::access_policy::Associable::Unconfirmed
            || policy.rules.is_none() && policy.associable == crate::aws::access_policy::Associable::Standard
    });
    let open = &open.unwrap().name;
    aws(&mut world, "AssociateAccessPolicy", associate("role/eks-cluster-role", open, &["dev"]));
    let cluster = world.cluster(CLUSTER).unwrap();
    let lines = who(&world, &action("list /services", "dev"));
    let node = "role/eks-node-role/i-0a1b2c3d4e5f60718: system:node:ip-10-0-1-10.ap-south-1.compute.internal";
    assert!(lines.iter().any(|line| line.starts_with(node)), "{lines:?}");
    let not_evaluated = |namespace| who_can(&world, cluster, &action("list /services", namespace)).not_evaluated.len();
    assert_eq!((not_evaluated("dev"), not_evaluated("prod")), (1, 0));
    let identity = Gate::of(&world, cluster).identity(&Principal::iam(&arn("role/eks-cluster-role")).unwrap()).unwrap();
    assert_eq!(rights(cluster, &identity, Some("dev")).not_evaluated, [policy(open)]);
    assert_eq!(rights(cluster, &identity, Some("prod")).not_evaluated, Vec::<String>::new());
}

#[test]
fn rights_are_merged_and_keep_their_sources() {
    let mut world = world();
    aws(&mut world, "CreateAccessEntry", json!({"principalArn": arn("user/k8s-dev"), "kubernetesGroups": ["devs"]}));
    aws(&mut world, "AssociateAccessPolicy", associate("user/k8s-dev", "AmazonEKSSecretReaderPolicy", &["dev"]));
    role(&mut world, "dev", "r", json!({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "delete"]}));
    bind(&mut world, "dev", "b", "Role/r", ("Group", "devs"));
    let cluster = world.cluster(CLUSTER).unwrap();
    let all = all_rights(&world, cluster, &Principal::iam(&arn("user/k8s-dev")).unwrap()).unwrap();
    let of = |place: Option<&str>| &all.iter().find(|(name, _)| name.as_deref() == place).unwrap().1;
    let secrets = On::Resource { group: String::new(), resource: "secrets".into(), names: vec![] };
    let row = of(Some("dev")).rows.iter().find(|row| row.on == secrets).unwrap();
    let verb = |name: &str| {
        let right = row.verbs.iter().find(|right| right.verb == name).unwrap();
        right.sources.iter().map(|source| &of(Some("dev")).sources[*source]).collect::<Vec<_>>()
    };
    assert!(matches!(verb("get")[..], [Source::Policy { cluster_wide: false, .. }, Source::Binding { .. }]));
    assert!(matches!(verb("delete")[..], [Source::Binding { .. }]));
    assert!(of(None).rows.iter().all(|row| row.on != secrets));
    assert!(of(None).rows.iter().any(|row| row.on == On::Url("/healthz".into())));
    let creator = all_rights(&world, cluster, &Principal::iam(&arn("user/k8s-admin")).unwrap()).unwrap();
    assert!(creator.iter().all(|(_, rights)| rights.super_user && rights.rows.is_empty()));
    assert!(all_rights(&world, cluster, &Principal::iam(&arn("role/eks-cluster-role")).unwrap()).is_none());
}

#[test]
fn cells_of_the_matrix() {
    let mut world = world();
    aws(&mut world, "CreateAccessEntry", json!({"principalArn": arn("user/k8s-dev"), "kubernetesGroups": ["devs"]}));
    let rule = json!({"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["a"],
        "verbs": ["get", "create"]});
    role(&mut world, "dev", "named", rule);
    bind(&mut world, "dev", "b", "Role/named", ("Group", "devs"));
    let cluster = world.cluster(CLUSTER).unwrap();
    let iam = |name: &str| Principal::iam(&arn(name)).unwrap();
    let axes = Axes {
        principals: vec![iam("user/k8s-admin"), iam("user/k8s-dev"), iam("role/eks-cluster-role")],
        targets: vec![Target::resource("", "configmaps"), Target::Url("/healthz".into())],
        verbs: ["get", "create"].map(str::to_owned).to_vec(),
        namespaces: vec![None, Some("dev".to_owned())],
    };
    let matrix = matrix(&world, cluster, axes);
    let row = |principal| {
        let cell = |(target, verb, place)| match matrix.cell(principal, target, verb, place) {
            Cell::Yes => '+',
            Cell::No => '-',
            Cell::Partly => 'n',
            Cell::NotLoggedIn => '?',
        };
        let cells = [(0, 0, 0), (0, 0, 1), (0, 1, 1), (1, 0, 0), (1, 0, 1), (1, 1, 0)];
        cells.into_iter().map(cell).collect::<String>()
    };
    // get configmaps: cluster-wide, in dev; create configmaps in dev; get /healthz: both; create /healthz
    assert_eq!([row(0), row(1), row(2)], ["++++++", "-n-++-", "??????"]);
    assert_eq!(
        (matrix.cell(9, 0, 0, 0), matrix.cell(0, 9, 0, 0), matrix.cell(0, 0, 0, 9)),
        (Cell::No, Cell::No, Cell::No)
    );
}

fn block_texts(blocks: &[compare::Block]) -> Vec<String> {
    let place = |place: &Option<String>| place.clone().unwrap_or_else(|| "*".to_owned());
    let target = |target: &Target| match target {
        Target::Url(path) => path.clone(),
        Target::Resource { group, resource, subresource, name } => format!("{group}/{resource}/{subresource}/{name}"),
    };
    let text = |block: &compare::Block| {
        let places: Vec<_> = block.namespaces.iter().map(place).collect();
        let targets: Vec<_> = block.targets.iter().map(target).collect();
        format!("{} {} in {}", block.verbs.join(","), targets.join(","), places.join(","))
    };
    blocks.iter().map(text).collect()
}

#[test]
fn a_preview_tells_gains_and_losses_and_changes_nothing() {
    let mut world = world();
    aws(&mut world, "CreateAccessEntry", json!({"principalArn": arn("user/k8s-dev"), "kubernetesGroups": ["devs"]}));
    let before = world.clone();
    let caller = iam(&world, "cluster-creator");
    let request =
        aws_request("AssociateAccessPolicy", associate("user/k8s-dev", "AmazonEKSSecretReaderPolicy", &["dev"]));
    let preview = super::preview(&world, &caller, request).unwrap();
    assert_eq!(world, before);
    let [cluster] = &preview.clusters[..] else { panic!("{preview:?}") };
    let [change] = &cluster.principals[..] else { panic!("{cluster:?}") };
    assert_eq!((principal_text(&change.principal).as_str(), change.logged_in), ("user/k8s-dev", (true, true)));
    assert_eq!(block_texts(&change.gained), ["get,list,watch /secrets// in dev"]);
    assert_eq!(change.lost, []);
    let gone = aws_request("DeleteAccessEntry", json!({"principalArn": arn("user/cluster-creator")}));
    let gone = super::preview(&world, &caller, gone).unwrap();
    let change = &gone.clusters[0].principals[0];
    assert_eq!((change.logged_in, change.gained.len()), ((true, false), 0));
    assert!(change.lost.iter().any(|block| block.targets.contains(&Target::resource("*", "*"))), "{:?}", change.lost);
    let unknown = aws_request("DeleteAccessEntry", json!({"principalArn": arn("user/nobody")}));
    assert!(matches!(super::preview(&world, &caller, unknown), Err(ApiError::Aws(_))));
}

#[test]
fn a_step_of_the_mode_shows_who_falls_out() {
    let mut world = world();
    world.update_millis = 60_000;
    let caller = iam(&world, "cluster-creator");
    let step = json!({"name": CLUSTER, "accessConfig": {"authenticationMode": "API"}});
    let preview = super::preview(&world, &caller, aws_request("UpdateClusterConfig", step)).unwrap();
    let principals: Vec<_> = preview.clusters[0].principals.iter().map(|p| principal_text(&p.principal)).collect();
    assert_eq!(principals, ["user/k8s-admin"]);
    assert_eq!(preview.clusters[0].principals[0].logged_in, (true, false));
}

#[test]
fn two_principals_are_compared_by_name_too() {
    let mut world = world();
    for (user, group) in [("k8s-dev", "devs"), ("k8s-admin", "others")] {
        let entry = json!({"principalArn": arn(&format!("user/{user}")), "kubernetesGroups": [group]});
        aws(&mut world, "CreateAccessEntry", entry);
    }
    let rule = |names: &[&str]| json!({"apiGroups": [""], "resources": ["configmaps"], "resourceNames": names, "verbs": ["get"]});
    role(&mut world, "dev", "one", rule(&["a"]));
    role(&mut world, "dev", "two", rule(&["a", "b"]));
    bind(&mut world, "dev", "one", "Role/one", ("Group", "devs"));
    bind(&mut world, "dev", "two", "Role/two", ("Group", "others"));
    let principal = |user: &str| Principal::iam(&arn(&format!("user/{user}"))).unwrap();
    let compare =
        |a: &str, b: &str| compare_principals(&world, world.cluster(CLUSTER).unwrap(), &principal(a), &principal(b));
    let change = compare("k8s-dev", "k8s-admin").unwrap();
    assert_eq!(block_texts(&change.gained), ["get /configmaps//b in dev"]);
    assert_eq!(change.lost, []);
    assert_eq!(compare("k8s-dev", "k8s-dev"), None);
}

fn misses(world: &World, caller: &Caller, action: &Action) -> Vec<String> {
    let cluster = world.cluster(CLUSTER).unwrap();
    let trace = explain(world, cluster, caller, action);
    let text = |miss: &NearMiss| {
        let object = match &miss.object {
            Object::Entry(arn) | Object::Caller(arn) => arn.rsplit(':').next().unwrap().to_owned(),
            Object::Policy { policy_arn, .. } => policy_arn.rsplit('/').next().unwrap().to_owned(),
            Object::Mapping(section, index) => format!("{}[{index}]", section.as_str()),
            Object::AwsAuth(section) => section.as_str().to_owned(),
            Object::Binding { name, .. } | Object::Rule { binding: name, .. } | Object::Group(name) => name.clone(),
        };
        format!("{:?} {object}", miss.kind)
    };
    let all = near_misses(cluster, &trace);
    assert!(all.iter().enumerate().all(|(place, miss)| miss.rank == place + 1 && !miss.lacks.to_string().is_empty()));
    let stock = |text: &String| text.contains("system:") || text.starts_with("OtherSubject cluster-admin");
    all.iter().map(text).filter(|text| !stock(text)).collect()
}

#[test]
fn near_misses_before_the_door() {
    let mut world = world();
    let pods = action("list /pods", "dev");
    let dev = iam(&world, "k8s-dev");
    assert_eq!(misses(&world, &dev, &pods), ["NotMapped user/k8s-dev"]);
    assert_eq!(misses(&world, &iam(&world, "k8s-admin"), &pods), Vec::<String>::new());
    let role = session_of(&world, "eks-cluster-role", "me");
    let line = |arn: &str| format!("- rolearn: {arn}\n  username: x\n");
    let lines = [
        "arn:aws:iam::111122223333:role/team/eks-cluster-role",
        "arn:aws:sts::111122223333:assumed-role/eks-cluster-role/me",
        "arn:aws:iam::444455556666:role/eks-cluster-role",
    ];
    aws_auth(&mut world, json!({"mapRoles": lines.map(line).concat()}));
    let expected = ["MappingHasPath mapRoles[0]", "MappingIsSession mapRoles[1]", "MappingOtherAccount mapRoles[2]"];
    assert_eq!(misses(&world, &role, &pods), expected);
    aws_auth(&mut world, json!({"mapRoles": format!("{}\t- x", line(&arn("role/eks-cluster-role")))}));
    assert_eq!(misses(&world, &role, &pods), ["SectionUnreadable mapRoles", "NotMapped role/eks-cluster-role"]);
    aws(&mut world, "CreateAccessEntry", json!({"principalArn": arn("role/eks-cluster-role")}));
    aws(&mut world, "DeleteRole", json!({"RoleName": "eks-cluster-role"}));
    aws(&mut world, "CreateRole", json!({"RoleName": "eks-cluster-role"}));
    let expected = ["StaleEntry role/eks-cluster-role", "SectionUnreadable mapRoles"];
    assert_eq!(misses(&world, &role, &pods), expected);
    let node = session_of(&world, "eks-node-role", "me");
    assert_eq!(misses(&world, &node, &pods), ["TemplateUnfilled role/eks-node-role"]);
    let admin = iam(&world, "k8s-admin");
    aws(&mut world, "UpdateClusterConfig", json!({"name": CLUSTER, "accessConfig": {"authenticationMode": "API"}}));
    assert_eq!(misses(&world, &admin, &pods), ["MappingNotRead mapUsers[0]"]);
}

#[test]
fn near_misses_behind_the_door() {
    let mut world = world();
    let dev = iam(&world, "k8s-dev");
    let entry = json!({"principalArn": arn("user/k8s-dev"), "kubernetesGroups": ["devs"]});
    aws(&mut world, "CreateAccessEntry", entry);
    let pods = action("list /pods", "dev");
    let expected = ["EntryWithoutEffect user/k8s-dev", "GroupUnbound devs"];
    assert_eq!(misses(&world, &dev, &pods), expected);

    bind(&mut world, "prod", "elsewhere", "ClusterRole/view", ("Group", "devs"));
    bind(&mut world, "dev", "typo", "ClusterRole/view", ("Group", "Devs"));
    bind(&mut world, "dev", "others", "ClusterRole/view", ("Group", "ops"));
    role(&mut world, "dev", "one", json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}));
    bind(&mut world, "dev", "verb", "Role/one", ("Group", "devs"));
    bind(&mut world, "dev", "ghost", "Role/nothing", ("User", &arn("user/k8s-dev")));
    let expected = [
        "RoleMissing ghost",
        "SubjectAlike typo",
        "BindingOtherNamespace elsewhere",
        "RuleOtherVerb verb",
        "OtherSubject others",
    ];
    assert_eq!(misses(&world, &dev, &pods), expected);
    let deployments = action("get apps/pods", "dev");
    assert!(misses(&world, &dev, &deployments).contains(&"RuleOtherApiGroup verb".to_owned()));
    assert!(misses(&world, &dev, &action("get /pods/log", "dev")).contains(&"RuleOtherResource verb".to_owned()));

    aws(&mut world, "AssociateAccessPolicy", associate("user/k8s-dev", "AmazonEKSViewPolicy", &["prod"]));
    aws(&mut world, "AssociateAccessPolicy", associate("user/k8s-dev", "AmazonEKSSecretReaderPolicy", &[]));
    let found = misses(&world, &dev, &pods);
    assert!(found.contains(&"PolicyOutOfScope AmazonEKSViewPolicy".to_owned()), "{found:?}");
    assert!(found.contains(&"PolicyOtherResource AmazonEKSSecretReaderPolicy".to_owned()), "{found:?}");
    let found = misses(&world, &dev, &action("delete /secrets", "dev"));
    assert!(found.contains(&"PolicyOtherVerb AmazonEKSSecretReaderPolicy".to_owned()), "{found:?}");
    let found = misses(&world, &dev, &action("list apps/deployments", "dev"));
    assert!(found.contains(&"PolicyOtherApiGroup AmazonEKSSecretReaderPolicy".to_owned()), "{found:?}");
}

#[test]
fn near_misses_of_those_who_were_overtaken() {
    let mut world = world();
    let pods = action("list /pods", "dev");
    // The line makes k8s-admin a master; an entry without anything comes first.
    aws(&mut world, "CreateAccessEntry", json!({"principalArn": arn("user/k8s-admin")}));
    let admin = iam(&world, "k8s-admin");
    let expected = ["MappingShadowed mapUsers[0]", "EntryWithoutEffect user/k8s-admin"];
    assert_eq!(misses(&world, &admin, &pods), expected);
    let mut creator = iam(&world, "cluster-creator");
    let wanted = crate::engine::request::Impersonate { user: "bob".into(), ..Default::default() };
    creator.impersonate = Some(wanted.clone());
    assert_eq!(misses(&world, &creator, &pods), ["PolicyPutAside AmazonEKSClusterAdminPolicy"]);
    let admin = Caller { impersonate: Some(wanted), ..admin };
    assert_eq!(misses(&world, &admin, &pods), ["ImpersonationRefused user/k8s-admin"]);
}
