//! Builds the world and the workstation that a session starts from.

#![allow(clippy::indexing_slicing, reason = "a case that cannot be read fails by panicking")]

use std::collections::BTreeMap;
use std::rc::Rc;

use eks_access_playground::aws::eks::AuthenticationMode;
use eks_access_playground::aws::iam::{IamRole, IamUser};
use eks_access_playground::aws::tags::Tags;
use eks_access_playground::engine::request::GroupResource;
use eks_access_playground::engine::world::{Cluster, Creator, World};
use eks_access_playground::engine::{AwsRequest, Caller, Credential, KubeRequest, Request};
use eks_access_playground::formats::time::Timestamp;
use eks_access_playground::k8s::attributes::UserInfo;
use eks_access_playground::k8s::object::Body;
use eks_access_playground::k8s::store::ObjectStore;
use eks_access_playground::session::{Snapshot, Workstation};
use serde_json::{Value, json};

const DAY: i64 = 86_400_000;
/// The bearer token of the one who puts the objects into a cluster; unknown once that is done.
const SEEDER: &str = "seeder";

/// The state that `initial` describes, and the recorded ids of its access entries with those of this run.
pub fn state(initial: &Value) -> Result<(Snapshot, Vec<(String, String)>), String> {
    let (world, mut workstation) = if initial["contexts"].is_object() { kubernetes(initial)? } else { aws(initial)? };
    for (name, contents) in members(&initial["files"]) {
        put(&mut workstation, name, contents.as_str().unwrap_or_default())?;
    }
    let ids = entry_ids(&world, initial);
    Ok((Snapshot { world: Rc::new(world), workstation: Rc::new(workstation) }, ids))
}

fn entry_ids(world: &World, initial: &Value) -> Vec<(String, String)> {
    let last = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
    let mut ids = Vec::new();
    for cluster in items(&initial["clusters"]) {
        let name = text(&cluster["name"], "");
        for entry in items(&cluster["accessEntries"]) {
            let made = world.cluster(name).and_then(|c| c.entries.get(text(&entry["principalArn"], "")));
            if let (Some(recorded), Some(made)) = (entry["accessEntryArn"].as_str(), made) {
                ids.push((last(recorded), last(&made.arn(world, name))));
            }
        }
    }
    ids
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text<'a>(value: &'a Value, default: &'a str) -> &'a str {
    value.as_str().unwrap_or(default)
}

fn put(workstation: &mut Workstation, path: &str, contents: &str) -> Result<(), String> {
    workstation.write_with_parents(path, contents).map_err(|error| format!("{path}: {error}"))
}

fn empty_world(initial: &Value) -> Result<World, String> {
    Ok(World {
        root_access_key: None,
        clock: Timestamp::parse(text(&initial["clock"], "")).map_err(|error| error.to_string())?,
        partition: "aws".to_owned(),
        account: text(&initial["account"], "111122223333").to_owned(),
        region: text(&initial["region"], "ap-south-1").to_owned(),
        users: Vec::new(),
        roles: Vec::new(),
        oidc_providers: Default::default(),
        clusters: Vec::new(),
        listed_policies: None,
        update_millis: 0,
        propagation_millis: 0,
        serial: 0,
    })
}

fn aws(initial: &Value) -> Result<(World, Workstation), String> {
    let mut world = empty_world(initial)?;
    // What the recorded IAM answered as the time at which everybody was made.
    let made = Timestamp::parse("2024-01-10T08:00:00Z").map_err(|error| error.to_string())?;
    for name in items(&initial["users"]).filter_map(Value::as_str) {
        let (path, name) = path_and_name(name);
        let unique_id = unique_id("AIDA", &name);
        let access_key = format!("AKIAEXAMPLE{:09}", world.users.len() + 1);
        world.users.push(Rc::new(IamUser { name, path, unique_id, access_key, created_at: made, keys: Vec::new() }));
    }
    for name in items(&initial["roles"]).filter_map(Value::as_str) {
        let (path, name) = path_and_name(name);
        let unique_id = unique_id("AROA", &name);
        world.roles.push(Rc::new(IamRole {
            name,
            path,
            unique_id,
            created_at: made,
            description: String::new(),
            trust: None,
        }));
    }
    if let Some(policies) = initial["accessPolicies"].as_array() {
        world.listed_policies = Some(policies.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    }
    for cluster in items(&initial["clusters"]) {
        seed_cluster(&mut world, cluster)?;
    }
    let mut workstation = Workstation::default();
    profiles(&world, &initial["profiles"], &mut workstation)?;
    Ok((world, workstation))
}

/// `path/to/name` → `/path/to/` and `name`.
fn path_and_name(text: &str) -> (String, String) {
    match text.rsplit_once('/') {
        Some((path, name)) => (format!("/{}/", path.trim_matches('/')), name.to_owned()),
        None => ("/".to_owned(), text.to_owned()),
    }
}

/// The recorded IAM's ids: 21 characters, from the name.
fn unique_id(prefix: &str, name: &str) -> String {
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    format!("{:0<21.21}", format!("{prefix}{letters}"))
}

fn seed_cluster(world: &mut World, given: &Value) -> Result<(), String> {
    let name = text(&given["name"], "").to_owned();
    let mode = text(&given["accessConfig"]["authenticationMode"], "API_AND_CONFIG_MAP");
    let mode = AuthenticationMode::parse(mode).ok_or_else(|| format!("unknown mode {mode}"))?;
    let mut cluster = cluster(world, &name);
    cluster.version = text(&given["version"], "1.29").to_owned();
    cluster.tags = serde_json::from_value(given["tags"].clone()).unwrap_or_default();
    // Entries are made by the API, which a cluster in CONFIG_MAP mode does not have.
    cluster.mode = AuthenticationMode::Api;
    world.clusters.push(Rc::new(cluster));
    for entry in items(&given["accessEntries"]) {
        let mut input = json!({"clusterName": name});
        let members = ["principalArn", "kubernetesGroups", "tags", "username", "type"];
        for member in members.into_iter().filter(|member| !entry[*member].is_null()) {
            input[member] = entry[member].clone();
        }
        call(world, "CreateAccessEntry", input)?;
        for policy in items(&entry["policies"]) {
            let input = json!({
                "clusterName": name, "principalArn": entry["principalArn"],
                "policyArn": policy["policyArn"], "accessScope": policy["accessScope"],
            });
            call(world, "AssociateAccessPolicy", input)?;
        }
    }
    let creator = given["creator"].as_str().map(|arn| {
        let user = world.users.iter().find(|user| arn.ends_with(&format!("/{}", user.name)));
        let role = world.roles.iter().find(|role| arn.ends_with(&format!("/{}", role.name)));
        let unique_id = user.map(|user| &user.unique_id).or(role.map(|role| &role.unique_id));
        Creator { principal_arn: arn.to_owned(), unique_id: unique_id.cloned().unwrap_or_default() }
    });
    let cluster = world.cluster_mut(&name).ok_or("the cluster is gone")?;
    cluster.mode = mode;
    cluster.creator = creator;
    Ok(())
}

fn cluster(world: &World, name: &str) -> Cluster {
    Cluster {
        name: name.to_owned(),
        version: "1.29".to_owned(),
        platform_version: "eks.1".to_owned(),
        created_at: world.clock,
        role_arn: format!("arn:aws:iam::{}:role/eks-cluster-role", world.account),
        tags: Tags::default(),
        vpc: None,
        settings: serde_json::Map::new(),
        mode: AuthenticationMode::ApiAndConfigMap,
        creator: None,
        entries: BTreeMap::new(),
        former: BTreeMap::new(),
        nodegroups: BTreeMap::new(),
        fargate_profiles: BTreeMap::new(),
        integrations: Default::default(),
        updates: Vec::new(),
        objects: ObjectStore::stock(Timestamp(world.clock.0 - 10 * DAY)),
        static_users: BTreeMap::new(),
        eks_authorizer: true,
        managed: false,
        server_version: "v1.33.3-eks-1".to_owned(),
    }
}

fn call(world: &mut World, operation: &str, input: Value) -> Result<(), String> {
    let key = world.users.first().map(|user| user.access_key.clone()).ok_or("a session needs a user")?;
    let request = AwsRequest::from_parts(operation, input).map_err(|error| format!("{operation}: {error}"))?;
    let caller = Caller::new(Credential::AccessKey(key));
    world.call(&caller, Request::Aws(request)).map(|_| ()).map_err(|error| format!("{operation}: {error}"))
}

/// Users have their keys in the credentials file; sessions of a role are profiles with a role and a source.
fn profiles(world: &World, given: &Value, workstation: &mut Workstation) -> Result<(), String> {
    let (mut config, mut credentials) = (String::new(), String::new());
    let arn = |profile: &Value| text(&profile["callerArn"], "").to_owned();
    let is_user = |profile: &Value| arn(profile).contains(":user/");
    let source = members(given).find(|(_, profile)| is_user(profile)).map(|(name, _)| name.clone());
    for (name, profile) in members(given) {
        let section = if name == "default" { name.clone() } else { format!("profile {name}") };
        config.push_str(&format!("[{section}]\nregion = {}\n", world.region));
        let arn = arn(profile);
        if is_user(profile) {
            let user = world.users.iter().find(|user| arn.ends_with(&format!("/{}", user.name)));
            let key = user.map(|user| user.access_key.clone()).ok_or_else(|| format!("no user {arn}"))?;
            credentials.push_str(&format!("[{name}]\naws_access_key_id = {key}\naws_secret_access_key = secret\n\n"));
        } else if let [_, role, session] = arn.split('/').collect::<Vec<_>>().as_slice() {
            let role = world.roles.iter().find(|r| r.name == *role).ok_or_else(|| format!("no role {role}"))?;
            let role = role.arn(&world.partition, &world.account);
            let source = source.as_deref().ok_or("no profile of a user")?;
            config.push_str(&format!("role_arn = {role}\nrole_session_name = {session}\nsource_profile = {source}\n"));
        }
        config.push('\n');
    }
    put(workstation, "/home/user/.aws/config", &config)?;
    put(workstation, "/home/user/.aws/credentials", &credentials)
}

fn kubernetes(initial: &Value) -> Result<(World, Workstation), String> {
    let mut world = empty_world(initial)?;
    let given = &initial["cluster"];
    let arn = text(&given["name"], "").to_owned();
    let name = arn.rsplit('/').next().unwrap_or_default().to_owned();
    if let [_, _, _, region, account, _] = arn.split(':').collect::<Vec<_>>().as_slice() {
        (world.region, world.account) = ((*region).to_owned(), (*account).to_owned());
    }
    let mut cluster = cluster(&world, &name);
    cluster.version = "1.33".to_owned();
    cluster.server_version = text(&given["version"], "v1.33.3-eks-1").to_owned();
    cluster.eks_authorizer = initial["incomplete_rules"].is_string();
    let masters =
        UserInfo { username: SEEDER.to_owned(), groups: vec!["system:masters".to_owned()], ..UserInfo::default() };
    cluster.static_users.insert(SEEDER.to_owned(), masters);
    for (context, settings) in members(&initial["contexts"]) {
        if !settings["user"].is_null() {
            let user = serde_json::from_value(settings["user"].clone()).map_err(|error| error.to_string())?;
            cluster.static_users.insert(key_of(context), user);
        }
    }
    world.clusters.push(Rc::new(cluster));
    seed_objects(&mut world, &name, initial)?;
    if let Some(cluster) = world.cluster_mut(&name) {
        cluster.static_users.remove(SEEDER);
    }
    let mut workstation = Workstation::default();
    put(&mut workstation, "/home/user/.kube/config", &kubeconfig(&world, &name, initial))?;
    let (mut config, mut credentials) = (String::new(), String::new());
    for (context, _) in members(&initial["contexts"]) {
        config.push_str(&format!("[profile {context}]\nregion = {}\n\n", world.region));
        let key = key_of(context);
        credentials.push_str(&format!("[{context}]\naws_access_key_id = {key}\naws_secret_access_key = secret\n\n"));
    }
    put(&mut workstation, "/home/user/.aws/config", &config)?;
    put(&mut workstation, "/home/user/.aws/credentials", &credentials)?;
    Ok((world, workstation))
}

/// The access key of a context's user.
fn key_of(context: &str) -> String {
    format!("AKIAEXAMPLE{}", context.to_uppercase())
}

fn seed_objects(world: &mut World, cluster: &str, initial: &Value) -> Result<(), String> {
    let now = world.clock;
    let namespaces = items(&initial["namespaces"])
        .map(|name| (10, json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})));
    let objects = items(&initial["objects"]).map(|object| (3, object.clone()));
    let caller = Caller::new(Credential::Token(SEEDER.to_owned()));
    for (days, object) in namespaces.chain(objects) {
        let kind = text(&object["kind"], "").to_owned();
        let group = text(&object["apiVersion"], "").rsplit_once('/').map(|(group, _)| group.to_owned());
        let group = group.unwrap_or_default();
        let known = world.cluster(cluster).map(|c| c.objects.resources()).unwrap_or_default();
        let resource = known.iter().find(|r| r.group == group && r.kind == kind);
        let resource = resource.ok_or_else(|| format!("unknown kind {kind}"))?;
        let namespace = resource.namespaced.then(|| text(&object["metadata"]["namespace"], "default").to_owned());
        let (name, status) = (text(&object["metadata"]["name"], "").to_owned(), object["status"].clone());
        let request = KubeRequest::Create {
            resource: GroupResource::new(group, resource.plural.clone()),
            namespace: namespace.clone(),
            object,
            dry_run: false,
            strict: false,
        };
        world.clock = Timestamp(now.0 - days * DAY);
        let made = world.call(&caller, Request::Kube { cluster: cluster.to_owned(), request });
        world.clock = now;
        made.map_err(|error| format!("{kind}: {error}"))?;
        // The API does not take a status from whoever makes an object; the recorded ones have theirs.
        let store = world.cluster_mut(cluster).map(|cluster| &mut cluster.objects).filter(|_| !status.is_null());
        let Some(store) = store else { continue };
        if let Some((meta, Body::Json(mut body))) = store.find(resource, &namespace.unwrap_or_default(), &name) {
            body.insert("status".to_owned(), status);
            store.replace(resource, meta, Body::Json(body));
        }
    }
    Ok(())
}

/// The file that `aws eks update-kubeconfig` leaves behind for these contexts, one profile each.
fn kubeconfig(world: &World, cluster: &str, initial: &Value) -> String {
    let contexts: Vec<(&String, &Value)> = members(&initial["contexts"]).collect();
    let arn = text(&initial["cluster"]["name"], "");
    let context = |(name, settings): &(&String, &Value)| {
        let mut context = json!({"cluster": arn, "user": name});
        if let Some(namespace) = settings["namespace"].as_str() {
            context["namespace"] = namespace.into();
        }
        json!({"context": context, "name": name})
    };
    let user = |(name, _): &(&String, &Value)| {
        let args = ["--region", &world.region, "eks", "get-token", "--cluster-name", cluster, "--output", "json"];
        let env = json!([{"name": "AWS_PROFILE", "value": name}]);
        let version = "client.authentication.k8s.io/v1beta1";
        json!({"name": name, "user": {"exec": {"apiVersion": version, "args": args, "command": "aws", "env": env}}})
    };
    let config = json!({
        "apiVersion": "v1",
        "clusters": [{"cluster": {
            "certificate-authority-data": "LS0tLS1CRUdJTi1TVFVCLUNFUlQtLS0tLQo=",
            "server": initial["cluster"]["server"],
        }, "name": arn}],
        "contexts": contexts.iter().map(context).collect::<Vec<_>>(),
        "current-context": initial["currentContext"],
        "kind": "Config",
        "preferences": {},
        "users": contexts.iter().map(user).collect::<Vec<_>>(),
    });
    eks_access_playground::formats::yaml::emit::emit(&config)
}
