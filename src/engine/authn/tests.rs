//! What a look-up shows of the entries and lines that are about a caller, or nearly.

use serde_json::json;

use super::{EntryFate, EntrySeen, Lookup, MappingFate, Refusal, Via, look_up};
use crate::aws::aws_auth::Section;
use crate::aws::eks::AuthenticationMode;
use crate::engine::request::GroupResource;
use crate::engine::world::Creator;
use crate::engine::{AwsRequest, Caller, Credential, KubeRequest, Request, World};
use crate::k8s::attributes::UserInfo;
use crate::session::scenario;

const CLUSTER: &str = "eks-demo-cluster";
const ACCOUNT: &str = "arn:aws:iam::111122223333";

/// The walk-through's world; entries and lines are made as needed.
fn world() -> World {
    let mut world = (*scenario::walkthrough().world).clone();
    let root = UserInfo { username: "root".into(), groups: vec!["system:masters".into()], ..UserInfo::default() };
    world.cluster_mut(CLUSTER).unwrap().static_users.insert("root".into(), root);
    world
}

fn aws(world: &mut World, operation: &str, input: serde_json::Value) {
    let caller = Caller::new(Credential::AccessKey(world.users[0].access_key.clone()));
    world.call(&caller, Request::Aws(AwsRequest::from_parts(operation, input).unwrap())).unwrap();
}

fn entry(world: &mut World, principal: &str) {
    aws(world, "CreateAccessEntry", json!({"clusterName": CLUSTER, "principalArn": format!("{ACCOUNT}:{principal}")}));
}

fn lines(world: &mut World, roles: &[&str], users: &[&str]) {
    let section = |key: &str, lines: &[&str]| {
        lines.iter().map(|arn| format!("- {key}: {arn}\n  username: u\n  groups: [g]\n")).collect::<String>()
    };
    aws_auth(world, json!({"mapRoles": section("rolearn", roles), "mapUsers": section("userarn", users)}));
}

fn aws_auth(world: &mut World, data: serde_json::Value) {
    let (namespace, name) = (Some("kube-system".to_owned()), "aws-auth".to_owned());
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data});
    let resource = GroupResource::new("", "configmaps");
    let request = KubeRequest::Update { resource, namespace, name, object, dry_run: false, strict: false };
    let root = Caller::new(Credential::AccessKey("root".to_owned()));
    world.call(&root, Request::Kube { cluster: CLUSTER.to_owned(), request }).unwrap();
}

fn user(world: &World, name: &str) -> Credential {
    let user = world.users.iter().find(|user| user.name == name).unwrap();
    Credential::AccessKey(user.access_key.clone())
}

fn session(role: &str) -> Credential {
    Credential::RoleSession { role_arn: format!("{ACCOUNT}:role/{role}"), session: "me".to_owned() }
}

fn seen(world: &World, credential: &Credential) -> Lookup {
    look_up(world, world.cluster(CLUSTER).unwrap(), credential)
}

fn entry_of(world: &World, credential: &Credential) -> Option<EntrySeen> {
    seen(world, credential).entry
}

fn deciding(principal: &str) -> Option<EntrySeen> {
    Some(EntrySeen { principal_arn: format!("{ACCOUNT}:{principal}"), fate: EntryFate::Decides })
}

fn set_mode(world: &mut World, mode: AuthenticationMode) {
    world.cluster_mut(CLUSTER).unwrap().mode = mode;
}

#[test]
fn an_entry_is_seen_by_its_own_principal_alone() {
    // eks 11 step 1; callers have no path, entries do.
    let mut world = world();
    aws(&mut world, "CreateRole", json!({"Path": "/team/", "RoleName": "app"}));
    aws(&mut world, "CreateRole", json!({"RoleName": "my-app"}));
    let dev = user(&world, "k8s-dev");
    assert_eq!(entry_of(&world, &dev), None);
    entry(&mut world, "user/k8s-dev");
    entry(&mut world, "role/my-app");
    assert_eq!(entry_of(&world, &dev), deciding("user/k8s-dev"));
    assert_eq!(entry_of(&world, &session("team/app")), None);
    entry(&mut world, "role/team/app");
    assert_eq!(entry_of(&world, &session("team/app")), deciding("role/team/app"));
    assert_eq!(entry_of(&world, &session("my-app")), deciding("role/my-app"));
    assert_eq!(entry_of(&world, &user(&world, "k8s-admin")), None);
    // The mode knows no entries (eks 11 step 1).
    set_mode(&mut world, AuthenticationMode::ConfigMap);
    assert_eq!(entry_of(&world, &dev).unwrap().fate, EntryFate::NotRead);
}

#[test]
fn an_entry_for_a_principal_of_another_id_is_stale() {
    // eks 14.4.
    let mut world = world();
    entry(&mut world, "user/k8s-dev");
    let entry_id = world.users[2].unique_id.clone();
    aws(&mut world, "DeleteUser", json!({"UserName": "k8s-dev"}));
    aws(&mut world, "CreateUser", json!({"UserName": "k8s-dev"}));
    let dev = user(&world, "k8s-dev");
    let caller_id = world.users.iter().find(|user| user.name == "k8s-dev").unwrap().unique_id.clone();
    let lookup = seen(&world, &dev);
    assert_eq!(lookup.entry.unwrap().fate, EntryFate::Stale { entry_id, caller_id });
    assert!(lookup.outcome.is_err());

    // A role that was made anew under another path has the same ARN without it: its own entry is what decides.
    aws(&mut world, "CreateRole", json!({"Path": "/a/", "RoleName": "app"}));
    entry(&mut world, "role/a/app");
    aws(&mut world, "DeleteRole", json!({"RoleName": "app"}));
    aws(&mut world, "CreateRole", json!({"Path": "/b/", "RoleName": "app"}));
    assert!(matches!(entry_of(&world, &session("b/app")).unwrap().fate, EntryFate::Stale { .. }));
    entry(&mut world, "role/b/app");
    assert_eq!(entry_of(&world, &session("b/app")), deciding("role/b/app"));
}

#[test]
fn an_entry_whose_placeholders_stay_empty_decides_against_the_caller() {
    // iam 6: no instance, no `{{EC2PrivateDNSName}}`.
    let world = world();
    let lookup = seen(&world, &session("eks-node-role"));
    assert_eq!((lookup.via, lookup.entry), (None, deciding("role/eks-node-role")));
    assert!(lookup.outcome.is_err());
}

/// Positions and fates of the lines seen.
fn fates(world: &World, credential: &Credential) -> Vec<(Section, usize, MappingFate)> {
    seen(world, credential).mappings.iter().map(|line| (line.section, line.index, line.fate)).collect()
}

#[test]
fn lines_of_aws_auth_are_seen_with_what_becomes_of_them() {
    use MappingFate::*;
    // iam 4.2, 4.3; eks 11.
    let mut world = world();
    aws(&mut world, "CreateRole", json!({"Path": "/team/", "RoleName": "app"}));
    let roles = [
        "arn:aws:iam::111122223333:role/app",
        "arn:aws:iam::111122223333:role/other",
        "arn:aws:iam::111122223333:role/APP",
        "arn:aws:iam::111122223333:role/team/app",
        "arn:aws:sts::111122223333:assumed-role/app/me",
        "arn:aws:iam::999900001111:role/app",
        "arn:aws:iam::111122223333:role/my-app",
        "arn:aws:iam::999900001111:user/app",
    ];
    lines(&mut world, &roles, &["arn:aws:iam::111122223333:role/app"]);
    let line = |index, fate| (Section::MapRoles, index, fate);
    let app = session("team/app");
    let near = [line(3, HasPath), line(4, IsSession), line(5, OtherAccount)];
    let with = |first: [(Section, usize, MappingFate); 2], last: MappingFate| {
        let mut all = first.to_vec();
        all.extend(near);
        all.push((Section::MapUsers, 0, last));
        all
    };
    // The later line for the same ARN counts, in whatever case it is written.
    let decides = seen(&world, &app);
    assert_eq!(decides.via, Some(Via::Mapping(Section::MapRoles, 2)));
    assert_eq!(decides.mappings[0].arn, roles[0]);
    assert_eq!((decides.mappings[0].username.as_str(), &decides.mappings[0].groups), ("u", &vec!["g".to_owned()]));
    assert_eq!(fates(&world, &app), with([line(0, Overridden), line(2, Decides)], Overridden));
    entry(&mut world, "role/team/app");
    assert_eq!(fates(&world, &app), with([line(0, Shadowed), line(2, Shadowed)], Shadowed));
    set_mode(&mut world, AuthenticationMode::Api);
    assert_eq!(fates(&world, &app), with([line(0, NotRead), line(2, NotRead)], NotRead));
    assert_eq!(fates(&world, &user(&world, "k8s-dev")), []);
}

#[test]
fn the_creator_is_known_by_its_id_and_in_one_mode() {
    // eks 2.5.
    let mut world = world();
    let (creator, dev) = (user(&world, "cluster-creator"), user(&world, "k8s-dev"));
    let unique_id = world.identify(&creator).unwrap().user_id;
    let principal_arn = format!("{ACCOUNT}:user/cluster-creator");
    world.cluster_mut(CLUSTER).unwrap().creator = Some(Creator { principal_arn, unique_id });
    assert_eq!(seen(&world, &creator).via, Some(Via::Entry(format!("{ACCOUNT}:user/cluster-creator"))));
    set_mode(&mut world, AuthenticationMode::ConfigMap);
    assert_eq!(seen(&world, &creator).via, Some(Via::Creator));
    assert_eq!(seen(&world, &dev).via, None);
}

/// A line of aws-auth for the creator, or its account in mapAccounts, takes the place of its hidden rights (eks 2.10).
#[test]
fn aws_auth_covers_the_creators_hidden_rights() {
    let mut world = world();
    let creator = user(&world, "cluster-creator");
    let unique_id = world.identify(&creator).unwrap().user_id;
    let principal_arn = format!("{ACCOUNT}:user/cluster-creator");
    world.cluster_mut(CLUSTER).unwrap().creator = Some(Creator { principal_arn: principal_arn.clone(), unique_id });
    set_mode(&mut world, AuthenticationMode::ConfigMap);
    let mut check = |data: &[(&str, &str)], expected: Result<(&str, &[&str]), &str>, fates: &[MappingFate]| {
        aws_auth(&mut world, data.iter().map(|(key, text)| ((*key).to_owned(), json!(text))).collect());
        let lookup = seen(&world, &creator);
        assert_eq!(lookup.mappings.iter().map(|line| line.fate).collect::<Vec<_>>(), fates, "{data:?}");
        assert_eq!(lookup.creator_covered, lookup.via != Some(Via::Creator), "{data:?}");
        match (&lookup.outcome, expected) {
            (Ok(identity), Ok((name, groups))) => {
                assert_eq!(
                    (identity.user.username.as_str(), &identity.user.groups[..]),
                    (name, &groups.iter().map(|g| (*g).to_owned()).collect::<Vec<_>>()[..])
                );
            }
            (Err(Refusal::Authenticator(denial)), Err(code)) => assert_eq!(denial.code(), code),
            other => panic!("{data:?}: {other:?}"),
        }
    };
    let line = |username: &str, groups: &str| {
        format!("- userarn: {principal_arn}\n  username: \"{username}\"\n  groups: [{groups}]\n")
    };
    let masters = Ok(("kubernetes-admin", &["system:masters", "system:authenticated"][..]));
    check(&[], masters, &[]);
    check(&[("mapUsers", "broken: [")], masters, &[]);
    check(&[("mapAccounts", "- \"444455556666\"")], masters, &[]);
    check(&[("mapUsers", &line("creator", ""))], Ok(("creator", &["system:authenticated"])), &[MappingFate::Decides]);
    check(
        &[("mapRoles", &line("creator", "a").replace("userarn", "rolearn"))],
        Ok(("creator", &["a", "system:authenticated"])),
        &[MappingFate::Decides],
    );
    check(&[("mapAccounts", "- \"111122223333\"")], Ok((&principal_arn, &["system:authenticated"])), &[]);
    let node = line("system:node:{{EC2PrivateDNSName}}", "system:nodes");
    check(&[("mapUsers", &node)], Err("template:not-an-instance-session"), &[MappingFate::Refuses]);
    // Of two lines the later decides.
    let both = format!("{}{node}", line("creator", ""));
    check(
        &[("mapUsers", &both)],
        Err("template:not-an-instance-session"),
        &[MappingFate::Overridden, MappingFate::Refuses],
    );
}

#[test]
fn everybody_but_the_anonymous_is_authenticated_once() {
    // rbac 7.
    let mut world = world();
    let mut groups = |username: &str, groups: &[&str]| {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        let user = UserInfo { username: username.into(), groups, ..UserInfo::default() };
        world.cluster_mut(CLUSTER).unwrap().static_users.insert("key".into(), user);
        seen(&world, &Credential::AccessKey("key".into())).outcome.unwrap().user.groups
    };
    assert_eq!(groups("jane", &["g"]), ["g", "system:authenticated"]);
    assert_eq!(groups("jane", &["system:authenticated"]), ["system:authenticated"]);
    assert_eq!(groups("jane", &["system:unauthenticated"]), ["system:unauthenticated"]);
    assert_eq!(groups("system:anonymous", &[]), [""; 0]);
}

#[test]
fn instances_are_named_for_entries_and_for_lines() {
    // iam 7: the private DNS name of the node whose instance the session is named after.
    let mut world = world();
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "ip-10-0-1-23.ec2.internal"},
        "spec": {"providerID": "aws:///us-east-1a/i-0123456789abcdef0"}});
    let request = KubeRequest::Create {
        resource: GroupResource::new("", "nodes"),
        namespace: None,
        object: node,
        dry_run: false,
        strict: false,
    };
    let root = Caller::new(Credential::AccessKey("root".to_owned()));
    world.call(&root, Request::Kube { cluster: CLUSTER.to_owned(), request }).unwrap();
    let node = |world: &World| {
        let role_arn = format!("{ACCOUNT}:role/eks-node-role");
        let session = "i-0123456789abcdef0".to_owned();
        seen(world, &Credential::RoleSession { role_arn, session }).outcome.unwrap().user.username
    };
    assert_eq!(node(&world), "system:node:ip-10-0-1-23.ec2.internal");
    // The same by a line alone.
    set_mode(&mut world, AuthenticationMode::ConfigMap);
    let data =
        "- rolearn: arn:aws:iam::111122223333:role/eks-node-role\n  username: n-{{EC2PrivateDNSName}}\n  groups: [g]\n";
    aws_auth(&mut world, json!({"mapRoles": data}));
    assert_eq!(node(&world), "n-ip-10-0-1-23.ec2.internal");
}

#[test]
fn a_line_for_a_like_named_role_elsewhere_is_no_path_slip() {
    let mut world = world();
    aws(&mut world, "CreateRole", json!({"RoleName": "app"}));
    lines(&mut world, &["arn:aws:iam::999900001111:role/team/app"], &[]);
    assert_eq!(fates(&world, &session("app")), [(Section::MapRoles, 0, MappingFate::OtherAccount)]);
}

#[test]
fn other_outcomes_are_counted_once_and_only_if_they_differ() {
    // iam 4.3: of users that differ in letter case, either may be found.
    let mut world = world();
    set_mode(&mut world, AuthenticationMode::ConfigMap);
    let lines = [("k8s-dev", "u"), ("K8s-dev", "u"), ("K8S-dev", "v"), ("K8S-DEV", "v")];
    let line = |(name, username): &(&str, &str)| format!("- userarn: {ACCOUNT}:user/{name}\n  username: {username}\n");
    aws_auth(&mut world, json!({ "mapUsers": lines.iter().map(line).collect::<String>() }));
    let lookup = seen(&world, &user(&world, "k8s-dev"));
    assert_eq!((lookup.outcome.unwrap().user.username.as_str(), lookup.alternatives), ("u", 1));
    aws_auth(&mut world, json!({ "mapUsers": lines[..2].iter().map(line).collect::<String>() }));
    assert_eq!(seen(&world, &user(&world, "k8s-dev")).alternatives, 0);
}
