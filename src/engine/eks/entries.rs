//! Access entries (eks 4 to 8, 14).

use std::rc::Rc;

use serde_json::{Value, json};

use super::{change, check_tags, cluster_with_entries, page, shape};
use crate::aws::eks::{
    AccessEntry, AccessScope, CreateAccessEntryRequest, EntryRef, EntryType, ListAccessEntriesRequest,
    UpdateAccessEntryRequest,
};
use crate::aws::exception::Exception;
use crate::aws::iam::{PrincipalArn, PrincipalKind};
use crate::aws::names::{self, UsernameError};
use crate::aws::tags::Tags;
use crate::engine::iam::{self, PrincipalRef};
use crate::engine::limits;
use crate::engine::world::{Association, Cluster, Entry, World};

/// The entry of a cluster as the API shows it.
pub fn describe(world: &World, cluster: &Cluster, entry: &Entry) -> AccessEntry {
    AccessEntry {
        cluster_name: cluster.name.clone(),
        principal_arn: entry.principal_arn.clone(),
        kubernetes_groups: entry.groups.clone(),
        access_entry_arn: entry.arn(world, &cluster.name),
        created_at: entry.created_at,
        modified_at: entry.modified_at,
        tags: entry.tags.clone(),
        username: entry.username.clone(),
        kind: entry.kind,
    }
}

/// Groups that EKS gives to entries of a type; only those of EC2_LINUX are documented (eks 5).
fn own_groups(kind: EntryType) -> Vec<String> {
    let groups: &[&str] = match kind {
        EntryType::Standard => &[],
        EntryType::Ec2Windows => &["system:nodes", "eks:kube-proxy-windows"],
        EntryType::FargateLinux => &["system:nodes", "system:node-proxier"],
        EntryType::Ec2Linux | EntryType::HybridLinux | EntryType::HyperpodLinux | EntryType::Ec2 => &["system:nodes"],
    };
    groups.iter().map(|group| (*group).to_owned()).collect()
}

/// The form of the principal of a call that changes an entry. Those of service-linked roles belong to AWS services, and
/// the ARN alone tells (eks 8.5).
pub fn changeable_principal(arn: &str) -> Result<PrincipalArn, Exception> {
    let arn = iam::principal_arn(arn)?;
    if arn.is_service_linked() { Err(Exception::service_linked_role()) } else { Ok(arn) }
}

fn check_groups(groups: &[String], on_update: bool) -> Result<(), Exception> {
    let reserved = |group: &String| Some(Exception::reserved_group(group, names::reserved_prefix(group)?, on_update));
    groups.iter().find_map(reserved).map_or(Ok(()), Err)
}

fn check_username(username: &str) -> Result<(), Exception> {
    match names::check_entry_username(username) {
        Ok(()) => Ok(()),
        Err(UsernameError::ReservedPrefix(prefix)) => Err(Exception::reserved_username(prefix)),
        Err(UsernameError::SessionNameNeedsColon) => Err(Exception::session_name_needs_colon()),
    }
}

/// CreateAccessEntry. A repeated call with the same `clientRequestToken` and input answers as the first (eks 15.3).
/// The names are checked before the cluster is looked up, the rest after that (eks 8.7).
pub fn create_access_entry(world: &mut World, input: &CreateAccessEntryRequest) -> Result<Value, Exception> {
    let arn = changeable_principal(&input.principal_arn)?;
    let kind = match input.kind.as_deref() {
        None => EntryType::Standard,
        Some(name) => EntryType::parse(name).ok_or_else(Exception::unknown_type)?,
    };
    if kind != EntryType::Standard {
        if arn.kind() != PrincipalKind::Role {
            return Err(Exception::type_needs_role(kind));
        }
        if arn.account() != world.account {
            return Err(Exception::other_account(kind));
        }
    }
    let groups = input.kubernetes_groups.clone().unwrap_or_default();
    check_groups(&groups, false)?;
    let username = input.username.as_deref().filter(|name| !name.is_empty());
    username.map_or(Ok(()), check_username)?;
    let cluster = cluster_with_entries(world, &input.cluster_name)?;
    if let Some(entry) = cluster.entries.get(&input.principal_arn)
        && entry.made_by.as_deref() == Some(input)
    {
        return Ok(json!({ "accessEntry": shape(describe(world, cluster, entry)) }));
    }
    if kind != EntryType::Standard {
        if !groups.is_empty() {
            return Err(Exception::type_without(kind, "kubernetesGroups"));
        }
        if username.is_some() {
            return Err(Exception::type_without(kind, "username"));
        }
    }
    let principal = iam::find_principal(world, &input.principal_arn)?;
    let tags = input.tags.clone().unwrap_or_default();
    check_tags(&tags)?;
    if cluster.entries.contains_key(&input.principal_arn) {
        return Err(Exception::entry_in_use());
    }
    if cluster.entries.len() >= limits::ENTRIES {
        return Err(Exception::over_limit(limits::ENTRIES, "access entries per cluster"));
    }
    let groups = if kind == EntryType::Standard { groups } else { own_groups(kind) };
    let mut entry = new_entry(world, &principal, kind, groups, username, tags);
    entry.made_by = input.client_request_token.is_some().then(|| Rc::new(input.clone()));
    add(world, &input.cluster_name, entry)
}

fn new_entry(
    world: &mut World,
    principal: &PrincipalRef,
    kind: EntryType,
    groups: Vec<String>,
    username: Option<&str>,
    tags: Tags,
) -> Entry {
    let username = username.map_or_else(|| names::default_entry_username(&principal.arn, kind.name()), str::to_owned);
    Entry {
        principal_arn: principal.arn.to_string(),
        unique_id: principal.unique_id.clone(),
        serial: world.next_serial(),
        groups,
        username,
        kind,
        created_at: world.clock,
        modified_at: world.clock,
        tags,
        policies: Vec::new(),
        made_by: None,
    }
}

/// An entry as EKS makes it for the role of nodes (eks 13).
pub fn new_node_entry(world: &mut World, role: &PrincipalRef, kind: EntryType) -> Entry {
    new_entry(world, role, kind, own_groups(kind), None, Tags::default())
}

fn add(world: &mut World, cluster: &str, entry: Entry) -> Result<Value, Exception> {
    let principal_arn = entry.principal_arn.clone();
    change(world, cluster)?.entries.insert(principal_arn.clone(), Rc::new(entry));
    describe_access_entry(world, &EntryRef { cluster_name: cluster.to_owned(), principal_arn })
}

/// Makes the creator's entry visible (eks 2.2, 2.6): an ordinary entry with cluster admin.
/// Nothing happens if there is no hidden creator, or an entry for the principal.
pub fn reveal_creator(world: &mut World, cluster: &str) {
    let Some(creator) = world.cluster_mut(cluster).and_then(|cluster| cluster.creator.take()) else { return };
    let kind = EntryType::Standard;
    let now = world.clock;
    // The root user may create clusters, too (eks 2.11); a federated user gets no entry.
    let Ok(arn) = creator.principal_arn.parse::<PrincipalArn>() else { return };
    let principal = PrincipalRef { arn, unique_id: creator.unique_id };
    let mut entry = new_entry(world, &principal, kind, Vec::new(), None, Tags::default());
    entry.policies.push(Association {
        policy_arn: format!("arn:{}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy", world.partition),
        scope: AccessScope::cluster(),
        associated_at: now,
        modified_at: now,
    });
    if let Some(cluster) = world.cluster_mut(cluster) {
        cluster.entries.entry(creator.principal_arn).or_insert_with(|| Rc::new(entry));
    }
}

/// DescribeAccessEntry.
pub fn describe_access_entry(world: &World, input: &EntryRef) -> Result<Value, Exception> {
    iam::principal_arn(&input.principal_arn)?;
    let cluster = cluster_with_entries(world, &input.cluster_name)?;
    let entry = cluster.entries.get(&input.principal_arn).ok_or_else(Exception::no_entry)?;
    Ok(json!({ "accessEntry": shape(describe(world, cluster, entry)) }))
}

/// ListAccessEntries, by ARN (eks 15.1).
pub fn list_access_entries(world: &World, input: &ListAccessEntriesRequest) -> Result<Value, Exception> {
    let cluster = cluster_with_entries(world, &input.cluster_name)?;
    let policy = input.associated_policy_arn.as_deref();
    if policy.is_some_and(|arn| !super::policies::is_policy_arn(arn)) {
        return Err(Exception::policy_format(false));
    }
    let wanted = |entry: &&Rc<Entry>| policy.is_none_or(|arn| entry.policies.iter().any(|a| a.policy_arn == arn));
    let items = cluster.entries.values().filter(wanted).map(|entry| json!(entry.principal_arn)).collect();
    page("accessEntries", items, input.max_results, input.next_token.as_deref(), &[])
}

/// UpdateAccessEntry: a list that is present replaces the groups, an absent one leaves them (eks 7.4).
pub fn update_access_entry(world: &mut World, input: &UpdateAccessEntryRequest) -> Result<Value, Exception> {
    let now = world.clock;
    changeable_principal(&input.principal_arn)?;
    // As on creation, the names come first (eks 8.7): a node entry's own ones sent back meet these checks (eks 5.3, 7.2).
    check_groups(input.kubernetes_groups.as_deref().unwrap_or_default(), true)?;
    input.username.as_deref().map_or(Ok(()), check_username)?;
    let cluster = cluster_with_entries(world, &input.cluster_name)?;
    let mut entry = (**cluster.entries.get(&input.principal_arn).ok_or_else(Exception::no_entry)?).clone();
    if entry.kind != EntryType::Standard && (input.kubernetes_groups.is_some() || input.username.is_some()) {
        return Err(Exception::only_standard());
    }
    if let Some(groups) = &input.kubernetes_groups {
        entry.groups.clone_from(groups);
    }
    if let Some(username) = input.username.as_deref().filter(|name| !name.is_empty()) {
        username.clone_into(&mut entry.username);
    }
    entry.modified_at = now;
    add(world, &input.cluster_name, entry)
}

/// DeleteAccessEntry: its associations go with it (eks 14.2).
pub fn delete_access_entry(world: &mut World, input: &EntryRef) -> Result<Value, Exception> {
    changeable_principal(&input.principal_arn)?;
    let cluster = cluster_with_entries(world, &input.cluster_name)?;
    cluster.entries.get(&input.principal_arn).ok_or_else(Exception::no_entry)?;
    change(world, &input.cluster_name)?.entries.remove(&input.principal_arn);
    Ok(Value::Null)
}
