//! What node groups and Fargate profiles do to access (eks 13, 13.3, 13.5): an access entry of a node type for their
//! role, a line of aws-auth, or both, as the mode has them.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::entries;
use crate::aws::aws_auth::{self, ProblemKind, Section};
use crate::aws::aws_auth_edit;
use crate::aws::eks::{EntryType, entry_type_of};
use crate::aws::exception::Exception;
use crate::aws::iam::{PrincipalArn, PrincipalKind, SERVICE_LINKED_PATH, SSO_PATH};
use crate::aws::names;
use crate::engine::authn::AWS_AUTH;
use crate::engine::iam::{self, PrincipalRef};
use crate::engine::world::{Cluster, World};
use crate::formats::time::Timestamp;
use crate::k8s::object::{Body, Meta};

/// What a node group or profile in aws-auth's way says about itself (eks 13.6).
pub const INVALID_AWS_AUTH: &str = "The aws-auth ConfigMap in your cluster is invalid.";

/// The role for nodes or Fargate pods, which must exist in the account.
///
/// # Errors
/// No role's ARN, or one of a role that does not exist.
pub fn find_role(world: &World, text: &str) -> Result<PrincipalRef, Exception> {
    let arn = text.parse::<PrincipalArn>().ok();
    let is_role = |arn: &PrincipalArn| arn.kind() == PrincipalKind::Role && arn.account() == world.account;
    let arn = arn.filter(is_role).ok_or_else(|| Exception::bad_role_arn(text))?;
    iam::find_principal(world, text).map_err(|_| Exception::no_such_node_role(arn.name()))
}

/// Whether only its own service may use a role. Other trust policies are not simulated.
pub fn is_closed(role: &PrincipalRef) -> bool {
    [SERVICE_LINKED_PATH, SSO_PATH].iter().any(|path| role.arn.path().starts_with(path))
}

/// Lets the nodes of a role in. An entry or line that is there for the role is kept.
/// False if that would take a line of aws-auth, and aws-auth cannot be read (eks 13.6).
pub fn admit(world: &mut World, cluster: &str, role: &PrincipalRef, kind: EntryType) -> bool {
    let now = world.clock;
    let Some(mode) = world.cluster(cluster).map(|cluster| cluster.mode) else { return true };
    let arn = role.arn.to_string();
    let written = !mode.reads_config_map() || {
        let username = names::default_entry_username(&role.arn, kind.name());
        let change = |section: &str| aws_auth_edit::with_role(section, &arn, &username, kind);
        world.cluster_mut(cluster).is_some_and(|cluster| edit_map_roles(cluster, now, &change))
    };
    if mode.uses_entries() {
        add_entry(world, cluster, role, kind);
    }
    // Where entries count, aws-auth in the way keeps nobody out.
    written || mode.uses_entries()
}

/// Makes an entry for the role unless there is one.
fn add_entry(world: &mut World, cluster: &str, role: &PrincipalRef, kind: EntryType) {
    let arn = role.arn.to_string();
    if world.cluster(cluster).is_some_and(|cluster| !cluster.entries.contains_key(&arn)) {
        let entry = entries::new_node_entry(world, role, kind);
        if let Some(cluster) = world.cluster_mut(cluster) {
            cluster.entries.insert(arn, Rc::new(entry));
        }
    }
}

/// Takes the role of a deleted node group out of aws-auth, unless another group or profile has it; an entry stays
/// (eks 13.3). False if aws-auth is in the way (eks 13.6).
pub fn dismiss(world: &mut World, cluster: &str, role: &str) -> bool {
    let now = world.clock;
    let Some(cluster) = world.cluster_mut(cluster) else { return true };
    if !cluster.mode.reads_config_map() || users_of(cluster, role).next().is_some() {
        return true;
    }
    let done = edit_map_roles(cluster, now, &|section| aws_auth_edit::without_role(section, role));
    done || cluster.mode.uses_entries()
}

/// Makes entries for the roles of the node groups and profiles there are, as the step from `CONFIG_MAP` does (eks 3.6).
pub fn migrate(world: &mut World, cluster: &str) {
    let Some(found) = world.cluster(cluster) else { return };
    let groups = found.nodegroups.values().map(|group| (group.asked.node_role.clone(), group.entry_type()));
    let profiles = found.fargate_profiles.values().map(|profile| &profile.asked.pod_execution_role_arn);
    let roles: Vec<(String, EntryType)> =
        groups.chain(profiles.map(|role| (role.clone(), EntryType::FargateLinux))).collect();
    for (role, kind) in roles {
        // A role that is gone gets no entry.
        if let Ok(role) = iam::find_principal(world, &role) {
            add_entry(world, cluster, &role, kind);
        }
    }
}

/// Who of a cluster has its nodes log in with a role: `managed node group NAME`, `Fargate profile NAME`.
pub fn users_of<'a>(cluster: &'a Cluster, role: &'a str) -> impl Iterator<Item = String> + 'a {
    let groups = cluster.nodegroups.iter().filter(move |(_, group)| group.asked.node_role == role);
    let profiles = cluster.fargate_profiles.iter().filter(move |(_, made)| made.asked.pod_execution_role_arn == role);
    let groups = groups.map(|(name, _)| format!("managed node group {name}"));
    groups.chain(profiles.map(|(name, _)| format!("Fargate profile {name}")))
}

/// Changes mapRoles of aws-auth, which is made if it is missing. False, and nothing changed, if aws-auth cannot be read.
fn edit_map_roles(cluster: &mut Cluster, now: Timestamp, change: &dyn Fn(&str) -> Option<String>) -> bool {
    let (namespace, name) = AWS_AUTH;
    let data = cluster.objects.config_map(namespace, name).unwrap_or_default();
    let fatal = |kind| matches!(kind, ProblemKind::Syntax | ProblemKind::WrongType);
    if aws_auth::parse(&data).problems.iter().any(|problem| fatal(problem.kind)) {
        return false;
    }
    let key = Section::MapRoles.as_str();
    let before = data.get(key).map_or("", String::as_str);
    let Some(after) = change(before) else { return false };
    let Some(resource) = cluster.objects.resource("", "configmaps").filter(|_| after != before) else { return true };
    match cluster.objects.find(&resource, namespace, name) {
        Some((meta, body)) => {
            let mut members = body.to_json();
            let data = members.entry("data").or_insert_with(|| json!({}));
            match data.as_object_mut() {
                Some(data) => drop(data.insert(key.to_owned(), after.into())),
                None => *data = json!({ key: after }),
            }
            cluster.objects.replace(&resource, meta, Body::Json(members));
        }
        None => {
            let meta = Meta { name: name.to_owned(), namespace: namespace.to_owned(), ..Meta::default() };
            let members: Map<String, Value> = [("data".to_owned(), json!({ key: after }))].into_iter().collect();
            cluster.objects.create(&resource, meta, Body::Json(members), now);
        }
    }
    true
}

impl super::Nodegroup {
    /// The type of the entry that EKS makes for the group's role (eks 13).
    pub fn entry_type(&self) -> EntryType {
        self.asked.ami_type.as_deref().map_or(EntryType::Ec2Linux, entry_type_of)
    }
}
