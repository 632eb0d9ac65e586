//! Starting worlds.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Value, json};

use super::{Snapshot, Workstation};
use crate::aws::eks::{AccessScope, AuthenticationMode, EntryType};
use crate::aws::iam::{IamRole, IamUser, PrincipalArn, PrincipalKind, access_key_id, unique_id};
use crate::aws::names;
use crate::aws::tags::Tags;
use crate::engine::authn::AWS_AUTH;
use crate::engine::control_plane;
use crate::engine::world::{Association, Cluster, Entry, World, server_version};
use crate::formats::time::Timestamp;
use crate::k8s::object::{Body, Meta, StringMap};
use crate::k8s::store::ObjectStore;

/// 2024-01-17T10:30:00Z, shortly after access entries appeared.
const START: Timestamp = Timestamp(1_705_487_400_000);
const DAY: i64 = 86_400_000;
const ACCOUNT: &str = "111122223333";
const REGION: &str = "ap-south-1";
const CLUSTER: &str = "eks-demo-cluster";
const NODE: &str = "ip-10-0-1-10.ap-south-1.compute.internal";

/// The world that the playground starts with: a cluster in mode `API_AND_CONFIG_MAP` whose creator is at the keyboard,
/// an aws-auth line that makes the IAM user k8s-admin an administrator, and the IAM user k8s-dev without any access.
pub fn walkthrough() -> Snapshot {
    let mut world = World {
        clock: START,
        partition: "aws".to_owned(),
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        root_access_key: None,
        users: Vec::new(),
        roles: Vec::new(),
        oidc_providers: BTreeMap::new(),
        clusters: Vec::new(),
        listed_policies: None,
        update_millis: 0,
        propagation_millis: 0,
        serial: 0,
    };
    for name in ["cluster-creator", "k8s-admin", "k8s-dev"] {
        add_user(&mut world, name);
    }
    for name in ["eks-cluster-role", "eks-node-role"] {
        add_role(&mut world, name);
    }
    let cluster = cluster(&mut world);
    let workstation = workstation(&world, &cluster);
    world.clusters.push(Rc::new(cluster));
    control_plane::revive(&mut world);
    Snapshot { world: Rc::new(world), workstation: Rc::new(workstation) }
}

fn add_user(world: &mut World, name: &str) {
    let serial = world.next_serial();
    world.users.push(Rc::new(IamUser {
        name: name.to_owned(),
        path: "/".to_owned(),
        unique_id: unique_id(PrincipalKind::User, serial),
        access_key: access_key_id(PrincipalKind::User, serial),
        created_at: Timestamp(START.0 - 30 * DAY),
        keys: Vec::new(),
    }));
}

fn add_role(world: &mut World, name: &str) {
    let serial = world.next_serial();
    world.roles.push(Rc::new(IamRole {
        name: name.to_owned(),
        path: "/".to_owned(),
        unique_id: unique_id(PrincipalKind::Role, serial),
        created_at: Timestamp(START.0 - 30 * DAY),
        description: String::new(),
        trust: None,
    }));
}

fn cluster(world: &mut World) -> Cluster {
    let made = Timestamp(START.0 - 10 * DAY);
    let mut entries = BTreeMap::new();
    let creator = world.users.first().map(|user| (user.arn("aws", ACCOUNT), user.unique_id.clone()));
    let node = world.roles.last().map(|role| (role.arn("aws", ACCOUNT), role.unique_id.clone()));
    let principals = [(creator, EntryType::Standard, &[][..]), (node, EntryType::Ec2Linux, &["system:nodes"][..])];
    for (principal, kind, groups) in principals {
        let Some((principal_arn, unique_id)) = principal else { continue };
        let Ok(arn) = principal_arn.parse::<PrincipalArn>() else { continue };
        let admin = Association {
            policy_arn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy".to_owned(),
            scope: AccessScope::cluster(),
            associated_at: made,
            modified_at: made,
        };
        let entry = Entry {
            principal_arn: principal_arn.clone(),
            unique_id,
            serial: world.next_serial(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            username: names::default_entry_username(&arn, kind.name()),
            kind,
            created_at: made,
            modified_at: made,
            tags: Tags::default(),
            policies: if kind == EntryType::Standard { vec![admin] } else { Vec::new() },
            made_by: None,
        };
        entries.insert(principal_arn, Rc::new(entry));
    }
    Cluster {
        name: CLUSTER.to_owned(),
        version: "1.33".to_owned(),
        platform_version: "eks.1".to_owned(),
        created_at: made,
        role_arn: format!("arn:aws:iam::{ACCOUNT}:role/eks-cluster-role"),
        tags: Tags::default(),
        vpc: None,
        settings: serde_json::Map::new(),
        mode: AuthenticationMode::ApiAndConfigMap,
        creator: None,
        entries,
        former: BTreeMap::new(),
        nodegroups: BTreeMap::new(),
        fargate_profiles: BTreeMap::new(),
        integrations: Default::default(),
        updates: Vec::new(),
        objects: objects(made),
        static_users: BTreeMap::new(),
        eks_authorizer: true,
        managed: true,
        server_version: server_version(),
    }
}

fn objects(made: Timestamp) -> ObjectStore {
    let mut store = ObjectStore::stock(made);
    let map_users = format!(
        "- userarn: arn:aws:iam::{ACCOUNT}:user/k8s-admin\n  username: k8s-admin\n  groups:\n  - system:masters\n"
    );
    let web = json!({"app": "web"});
    let container = json!([{"name": "web", "image": "nginx:1.25"}]);
    let pod = |ip: &str| json!({"spec": {"containers": container, "nodeName": NODE}, "status": {"phase": "Running", "podIP": ip}});
    let node = json!({
        "spec": {"providerID": "aws:///ap-south-1a/i-0a1b2c3d4e5f60718"},
        "status": {
            "conditions": [{"type": "Ready", "status": "True"}],
            "addresses": [{"type": "InternalIP", "address": "10.0.1.10"}],
            "nodeInfo": {"kubeletVersion": "v1.33.3-eks-1", "osImage": "Amazon Linux 2023",
                "kernelVersion": "6.1.0", "containerRuntimeVersion": "containerd://1.7.27"},
        },
    });
    let deployment = json!({
        "spec": {"replicas": 2, "selector": {"matchLabels": web},
            "template": {"metadata": {"labels": web}, "spec": {"containers": container}}},
        "status": {"replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2},
    });
    let labels = |given: bool| {
        if given { StringMap::from([("app".to_owned(), "web".to_owned())]) } else { StringMap::new() }
    };
    let objects = [
        ("", "nodes", "", NODE, false, node),
        ("", "configmaps", AWS_AUTH.0, AWS_AUTH.1, false, json!({"data": {"mapUsers": map_users}})),
        ("apps", "deployments", "default", "web", true, deployment),
        ("", "pods", "default", "web-5d8f7c9b6d-4xk2p", true, pod("10.0.1.20")),
        ("", "pods", "default", "web-5d8f7c9b6d-9qw7z", true, pod("10.0.1.21")),
    ];
    for (group, plural, namespace, name, labelled, body) in objects {
        let (Some(resource), Value::Object(members)) = (store.resource(group, plural), body) else { continue };
        let meta = Meta {
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            labels: labels(labelled),
            ..Meta::default()
        };
        store.create(&resource, meta, Body::Json(members), Timestamp(START.0 - 3 * DAY));
    }
    store
}

/// Profiles for the three users, and a kubeconfig as `aws eks update-kubeconfig` made it for the creator.
fn workstation(world: &World, cluster: &Cluster) -> Workstation {
    let mut workstation = Workstation::default();
    let profiles = [("default", "cluster-creator"), ("k8s-admin-demo", "k8s-admin"), ("k8s-dev-demo", "k8s-dev")];
    let (mut config, mut credentials) = (String::new(), String::new());
    for (profile, user) in profiles {
        let key = world.users.iter().find(|u| u.name == user).map(|u| u.access_key.as_str()).unwrap_or_default();
        let section = if profile == "default" { profile.to_owned() } else { format!("profile {profile}") };
        config.push_str(&format!("[{section}]\nregion = {REGION}\noutput = json\n\n"));
        credentials.push_str(&format!("[{profile}]\naws_access_key_id = {key}\naws_secret_access_key = simulated\n\n"));
    }
    let arn = cluster.arn(world);
    let kubeconfig = format!(
        "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: {ca}\n    server: {server}\n  \
         name: {arn}\ncontexts:\n- context:\n    cluster: {arn}\n    user: {arn}\n  name: {arn}\n\
         current-context: {arn}\nkind: Config\npreferences: {{}}\nusers:\n- name: {arn}\n  user:\n    exec:\n      \
         apiVersion: client.authentication.k8s.io/v1beta1\n      args:\n      - --region\n      - {REGION}\n      \
         - eks\n      - get-token\n      - --cluster-name\n      - {CLUSTER}\n      - --output\n      - json\n      \
         command: aws\n",
        ca = cluster.certificate_authority(),
        server = cluster.endpoint(REGION),
    );
    let files = [("~/.aws/config", config), ("~/.aws/credentials", credentials), ("~/.kube/config", kubeconfig)];
    for (path, text) in files {
        // Far below every limit of the workstation.
        let path = workstation.expand_home(path);
        let _ = workstation.write_with_parents(&path, &text);
    }
    workstation
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{AwsRequest, Caller, Credential, Request, Response};

    #[test]
    fn the_creator_can_call_and_the_files_are_there() {
        let snapshot = walkthrough();
        let creator = snapshot.world.users.first().unwrap();
        let caller = Caller::new(Credential::AccessKey(creator.access_key.clone()));
        let request = AwsRequest::from_parts("GetCallerIdentity", json!({})).unwrap();
        let Response::Aws(answer) = snapshot.world.read(&caller, &Request::Aws(request)).unwrap() else { panic!() };
        assert_eq!(answer["Arn"], "arn:aws:iam::111122223333:user/cluster-creator");
        let kubeconfig = snapshot.workstation.read("/home/user/.kube/config").unwrap();
        assert!(crate::formats::yaml::load::load(kubeconfig).unwrap()["current-context"].is_string());
    }

    #[test]
    fn a_world_survives_its_json() {
        let world = walkthrough().world;
        let text = serde_json::to_string(&*world).unwrap();
        let back: World = serde_json::from_str(&text).unwrap();
        assert_eq!(back, *world);
    }
}
