//! What a look-up shows of the entries and lines that are about a caller, or nearly.

use serde_json::json;

use super::{EntryFate, EntrySeen, Lookup, MappingFate, Via, look_up};
use crate::aws::aws_auth::Section;
use crate::aws::eks::AuthenticationMode;
use crate::engine::request::GroupResource;
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
    let data = json!({"mapRoles": section("rolearn", roles), "mapUsers": section("userarn", users)});
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
