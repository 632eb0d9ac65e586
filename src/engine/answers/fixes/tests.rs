//! What is offered in typical refusals. That every fix helps is a law: `tests/it/properties.rs`.

use serde_json::json;

use super::*;
use crate::engine::answers::tests::{
    CLUSTER, action, arn, associate, aws, aws_auth, bind, iam, role, root, session_of, world,
};
use crate::engine::request::Impersonate;
use crate::shell::render;

fn all(world: &World, caller: Caller, asked: (&str, &str)) -> Vec<Fix> {
    let by = Callers { aws: iam(world, "cluster-creator"), kubectl: root() };
    let found = fixes(world, CLUSTER, &Principal::Caller(caller), &action(asked.0, asked.1), &by);
    assert!(found.iter().all(|fix| fix.refused.is_none()), "{found:#?}");
    found
}

fn dev(world: &World) -> Caller {
    iam(world, "k8s-dev")
}

/// The kinds in their order, with the labels of those of one kind.
fn of_kind(fixes: &[Fix], kind: Kind) -> Vec<&str> {
    fixes.iter().filter(|fix| fix.kind == kind).map(|fix| fix.label.as_str()).collect()
}

fn with_entry(groups: &[&str]) -> World {
    let mut world = world();
    aws(&mut world, "CreateAccessEntry", json!({"principalArn": arn("user/k8s-dev"), "kubernetesGroups": groups}));
    world
}

#[test]
fn the_smallest_right_comes_first() {
    let world = with_entry(&[]);
    let found = all(&world, dev(&world), ("get /pods", "dev"));
    let first: Vec<_> = found.iter().take(3).map(|fix| (fix.kind, fix.effect)).collect();
    let view = Effect { gained: 168, others: 0, lost: 0 };
    let one = Effect { gained: 1, others: 0, lost: 0 };
    assert_eq!(first, [(Kind::CreateRoleAndBinding, one), (Kind::AssociatePolicy, view), (Kind::BindRole, view)]);
    let policies = of_kind(&found, Kind::AssociatePolicy);
    assert_eq!(policies[0], "Associate AmazonEKSViewPolicy for namespace dev");
    assert_eq!(*policies.last().unwrap(), "Associate AmazonEKSClusterAdminPolicy for namespace dev");
    assert_eq!(
        render::command(&found[1].requests[0]),
        "aws eks associate-access-policy --cluster-name eks-demo-cluster \
         --principal-arn arn:aws:iam::111122223333:user/k8s-dev \
         --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy \
         --access-scope type=namespace,namespaces=dev"
    );
    // What is allowed needs no fix.
    assert_eq!(all(&world, iam(&world, "k8s-admin"), ("get /pods", "dev")), []);
}

#[test]
fn whoever_is_not_let_in_gets_an_entry_or_a_line_first() {
    let world = world();
    let found = all(&world, dev(&world), ("get /pods", "dev"));
    let policies = of_kind(&found, Kind::AssociatePolicy);
    assert_eq!(policies[0], "Create an access entry for k8s-dev, then associate AmazonEKSViewPolicy for namespace dev");
    let lines = of_kind(&found, Kind::BindRole);
    assert!(lines.iter().any(|label| label.starts_with("Add k8s-dev to mapUsers of aws-auth, then bind")), "{lines:?}");
    // Everybody who is let in may ask for this.
    let found = all(&world, dev(&world), ("create authorization.k8s.io/selfsubjectaccessreviews", ""));
    let alone: Vec<_> = found.iter().map(|fix| (fix.kind, fix.requests.len())).collect();
    assert_eq!(alone, [(Kind::CreateEntry, 1), (Kind::AddMapping, 1)]);
}

#[test]
fn a_scope_is_widened_and_keeps_what_it_has() {
    let mut world = with_entry(&[]);
    aws(&mut world, "AssociateAccessPolicy", associate("user/k8s-dev", "AmazonEKSViewPolicy", &["prod"]));
    let found = all(&world, dev(&world), ("get /pods", "dev"));
    assert_eq!(of_kind(&found, Kind::WidenScope), ["Widen the scope of AmazonEKSViewPolicy to namespace dev"]);
    assert!(found.iter().find(|fix| fix.kind == Kind::WidenScope).is_some_and(|fix| fix.effect.lost == 0));
    let found = all(&world, dev(&world), ("list /pods", ""));
    assert_eq!(of_kind(&found, Kind::WidenScope), ["Widen the scope of AmazonEKSViewPolicy to the whole cluster"]);
}

#[test]
fn groups_roles_and_bindings_that_exist_are_used() {
    let mut world = with_entry(&[]);
    role(&mut world, "dev", "podder", json!({"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}));
    bind(&mut world, "dev", "podder", "Role/podder", ("Group", "devs"));
    bind(&mut world, "dev", "dangling", "Role/nothing", ("User", &arn("user/k8s-dev")));
    let found = all(&world, dev(&world), ("get /pods", "dev"));
    assert_eq!(of_kind(&found, Kind::AddGroup), ["Add the group devs to the access entry"]);
    let user = format!("User {}", arn("user/k8s-dev"));
    assert_eq!(of_kind(&found, Kind::AddSubject), [format!("Add {user} to RoleBinding podder")]);
    assert_eq!(of_kind(&found, Kind::CreateRole), ["Create Role nothing, which RoleBinding dangling misses"]);
    assert_eq!(of_kind(&found, Kind::BindRole)[0], format!("Bind Role podder in namespace dev to {user}"));
    // Its own role is given a rule, a stock role never is.
    bind(&mut world, "dev", "mine", "Role/podder", ("User", &arn("user/k8s-dev")));
    bind(&mut world, "dev", "viewer", "ClusterRole/view", ("User", &arn("user/k8s-dev")));
    let found = all(&world, dev(&world), ("delete /pods", "dev"));
    let rules = of_kind(&found, Kind::AddRule);
    assert_eq!(rules, ["Add a rule for exactly this to Role podder"]);
}

#[test]
fn an_entry_that_hides_a_line_can_go() {
    let mut world = world();
    aws(&mut world, "CreateAccessEntry", json!({"principalArn": arn("user/k8s-admin")}));
    let found = all(&world, iam(&world, "k8s-admin"), ("get /nodes", ""));
    let labels = of_kind(&found, Kind::DeleteEntry);
    assert_eq!(labels, ["Delete the access entry, so that the line of aws-auth counts again"]);
    // It makes an administrator of the user: no other fix grants more.
    let most = found.iter().map(|fix| fix.effect.gained).max();
    assert_eq!(found.iter().find(|fix| fix.kind == Kind::DeleteEntry).map(|fix| fix.effect.gained), most);
}

#[test]
fn a_line_with_a_path_is_corrected() {
    let mut world = world();
    aws(&mut world, "CreateRole", json!({"RoleName": "app", "Path": "/team/"}));
    let line = format!("# roles\n- rolearn: {}\n  username: app\n  groups: [system:masters]\n", arn("role/team/app"));
    aws_auth(&mut world, json!({"mapRoles": line}));
    let found = all(&world, session_of(&world, "team/app", "s"), ("get /nodes", ""));
    let labels = of_kind(&found, Kind::CorrectMapping);
    assert_eq!(labels, [format!("Correct line 1 of mapRoles to {}", arn("role/app"))]);
}

#[test]
fn all_sessions_of_a_role_are_helped_by_a_group() {
    let mut world = world();
    aws(&mut world, "CreateRole", json!({"RoleName": "ci"}));
    aws(&mut world, "CreateAccessEntry", json!({"principalArn": arn("role/ci")}));
    let found = all(&world, session_of(&world, "ci", "run-1"), ("get /pods", "dev"));
    let roles = of_kind(&found, Kind::CreateRoleAndBinding);
    let start = "Create Role get-pods for exactly this in namespace dev, bind it to";
    assert_eq!(
        roles,
        [
            format!("{start} User arn:aws:sts::111122223333:assumed-role/ci/run-1"),
            format!("{start} Group get-pods-ci, which all sessions of the role get"),
        ]
    );
}

#[test]
fn a_missing_namespace_is_made_first() {
    let world = with_entry(&["devs"]);
    let found = all(&world, dev(&world), ("get /pods", "new"));
    let fix = found.iter().find(|fix| fix.kind == Kind::CreateRoleAndBinding).unwrap();
    let lines: Vec<String> = fix.requests.iter().map(render::command).collect();
    assert!(lines[0].contains("kind: Namespace"), "{lines:?}");
    assert_eq!(lines.len(), 3);
    // A group has nobody else in it here, but it stands for whoever joins it: the user comes first.
    let roles = of_kind(&found, Kind::CreateRoleAndBinding);
    assert!(roles[0].contains("bind it to User ") && roles[1].ends_with("bind it to Group devs"), "{roles:?}");
}

#[test]
fn impersonation_can_be_allowed() {
    let mut world = with_entry(&[]);
    let wanted = Impersonate { user: "alice".into(), groups: vec!["ops".into()], uid: String::new() };
    let caller = Caller { impersonate: Some(wanted), ..dev(&world) };
    let found = all(&world, caller.clone(), ("create authorization.k8s.io/selfsubjectaccessreviews", ""));
    let labels = of_kind(&found, Kind::AllowImpersonation);
    assert_eq!(labels, [format!("Allow User {} to impersonate alice", arn("user/k8s-dev"))]);
    // The caller's own policies do not count for whom it is taken for; RBAC does.
    let view = json!({"verbs": ["impersonate"], "apiGroups": [""], "resources": ["users", "groups"]});
    role(&mut world, "", "impersonator", view);
    bind(&mut world, "", "impersonator", "ClusterRole/impersonator", ("User", &arn("user/k8s-dev")));
    let found = all(&world, caller, ("get /pods", "dev"));
    assert!(!found.is_empty());
    assert_eq!(of_kind(&found, Kind::AssociatePolicy), [""; 0]);
    assert!(found[0].label.ends_with("bind it to User alice"), "{}", found[0].label);
}

#[test]
fn whoever_may_not_carry_a_fix_out_is_told_why() {
    let world = with_entry(&[]);
    let by = Callers { aws: iam(&world, "cluster-creator"), kubectl: dev(&world) };
    let who = Principal::User(arn("user/k8s-dev"));
    let found = fixes(&world, CLUSTER, &who, &action("get /pods", "dev"), &by);
    let refused = |kind| found.iter().find(|fix| fix.kind == kind).unwrap().refused.as_deref();
    assert_eq!(refused(Kind::AssociatePolicy), None);
    assert_eq!(
        refused(Kind::CreateRoleAndBinding),
        Some(
            "roles.rbac.authorization.k8s.io is forbidden: User \"arn:aws:iam::111122223333:user/k8s-dev\" cannot \
             create resource \"roles\" in API group \"rbac.authorization.k8s.io\" in the namespace \"dev\""
        )
    );
    // Nobody is behind a bad token; whoever has no credentials is not given rights that everybody has then.
    for credential in [Credential::Token("?".into()), Credential::Anonymous] {
        let nobody = Principal::Caller(Caller::new(credential));
        assert_eq!(fixes(&world, CLUSTER, &nobody, &action("get /pods", "dev"), &by), []);
    }
}

/// What mends the cause comes before what grants less: waiting for a change on its way (eks 14.1), and an entry for the
/// principal of today (eks 14.4).
#[test]
fn what_mends_the_cause_comes_first() {
    let mut world = world();
    world.propagation_millis = 10_000;
    aws(&mut world, "CreateAccessEntry", json!({ "principalArn": arn("user/k8s-dev") }));
    aws(&mut world, "AssociateAccessPolicy", associate("user/k8s-dev", "AmazonEKSViewPolicy", &["dev"]));
    let found = all(&world, dev(&world), ("get /pods", "dev"));
    assert_eq!(found[0].label, "Wait 11 seconds: a change of the access entry is on its way");

    let mut world = with_entry(&[]);
    aws(&mut world, "AssociateAccessPolicy", associate("user/k8s-dev", "AmazonEKSViewPolicy", &["dev"]));
    aws(&mut world, "DeleteUser", json!({ "UserName": "k8s-dev" }));
    aws(&mut world, "CreateUser", json!({ "UserName": "k8s-dev" }));
    let found = all(&world, dev(&world), ("get /pods", "dev"));
    assert_eq!(found[0].label, "Delete the access entry of the earlier k8s-dev and create it anew");
}
