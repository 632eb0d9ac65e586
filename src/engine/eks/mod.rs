//! The EKS API (eks 15): each operation checks in the order of the real service as far as it is known
//! (cluster, mode, principal, members), then changes the cluster.

mod additions;
mod addons;
mod clusters;
mod entries;
mod fargate;
mod identity_providers;
mod integrations;
mod network;
mod node_access;
mod nodegroups;
pub mod nodes;
mod pod_identity;
mod policies;
mod propagation;
mod tags;
mod updates;

use serde_json::{Map, Value, json};

use super::request::AwsRequest;
use super::world::{Cluster, World};
use crate::aws::exception::Exception;
use crate::aws::sts::Caller as CallerIdentity;
use crate::aws::tags::Tags;

pub use additions::additions;
pub use clusters::oidc_issuer;
pub use entries::describe as describe_entry;
pub use fargate::FargateProfile;
pub use integrations::Integrations;
pub use node_access::users_of;
pub use nodegroups::{Failed, Nodegroup};
pub use propagation::{Former, set as set_propagation};

/// Answers an EKS operation that reads.
///
/// # Errors
/// The service's exception.
pub fn read(world: &World, request: &AwsRequest) -> Result<Value, Exception> {
    match request {
        AwsRequest::DescribeAccessEntry(input) => entries::describe_access_entry(world, input),
        AwsRequest::ListAccessEntries(input) => entries::list_access_entries(world, input),
        AwsRequest::ListAssociatedAccessPolicies(input) => policies::list_associated(world, input),
        AwsRequest::ListAccessPolicies(input) => policies::list_access_policies(world, input),
        AwsRequest::DescribeCluster(input) => clusters::describe_cluster(world, &input.name),
        AwsRequest::ListClusters(input) => clusters::list_clusters(world, input),
        AwsRequest::DescribeUpdate(input) => updates::describe_update(world, input),
        AwsRequest::ListUpdates(input) => updates::list_updates(world, input),
        AwsRequest::DescribeNodegroup(input) => nodegroups::describe_nodegroup(world, input),
        AwsRequest::ListNodegroups(input) => nodegroups::list_nodegroups(world, input),
        AwsRequest::DescribeFargateProfile(input) => fargate::describe_fargate_profile(world, input),
        AwsRequest::ListFargateProfiles(input) => fargate::list_fargate_profiles(world, input),
        AwsRequest::ListTagsForResource(input) => tags::list(world, input),
        AwsRequest::DescribePodIdentityAssociation(input) => pod_identity::show(world, input),
        AwsRequest::ListPodIdentityAssociations(input) => pod_identity::list(world, input),
        AwsRequest::DescribeAddon(input) => addons::show(world, input),
        AwsRequest::DescribeAddonVersions(input) => addons::versions(input),
        AwsRequest::ListAddons(input) => addons::list(world, input),
        AwsRequest::DescribeIdentityProviderConfig(input) => identity_providers::show(world, input),
        AwsRequest::ListIdentityProviderConfigs(input) => identity_providers::list(world, input),
        _ => Ok(Value::Null),
    }
}

/// Lets what was started take effect whose time has come: updates, and changes of access entries.
/// True if something did.
pub fn settle(world: &mut World) -> bool {
    let updates = updates::settle(world);
    propagation::settle(world) || updates
}

/// Carries out an EKS operation that changes something.
///
/// # Errors
/// The service's exception; nothing has changed then.
pub fn write(world: &mut World, caller: &CallerIdentity, request: &AwsRequest) -> Result<Value, Exception> {
    if world.propagation_millis <= 0 || !propagation::concerns(request) {
        return carry_out(world, caller, request);
    }
    let before = propagation::snapshot(world);
    let answer = carry_out(world, caller, request)?;
    propagation::hold_back(world, before);
    Ok(answer)
}

fn carry_out(world: &mut World, caller: &CallerIdentity, request: &AwsRequest) -> Result<Value, Exception> {
    match request {
        AwsRequest::CreateAccessEntry(input) => entries::create_access_entry(world, input),
        AwsRequest::UpdateAccessEntry(input) => entries::update_access_entry(world, input),
        AwsRequest::DeleteAccessEntry(input) => entries::delete_access_entry(world, input),
        AwsRequest::AssociateAccessPolicy(input) => policies::associate(world, input),
        AwsRequest::DisassociateAccessPolicy(input) => policies::disassociate(world, input),
        AwsRequest::CreateCluster(input) => clusters::create_cluster(world, caller, input),
        AwsRequest::DeleteCluster(input) => clusters::delete_cluster(world, &input.name),
        AwsRequest::UpdateClusterConfig(input) => updates::update_cluster_config(world, input),
        AwsRequest::UpdateClusterVersion(input) => updates::update_cluster_version(world, input),
        AwsRequest::CreateNodegroup(input) => nodegroups::create_nodegroup(world, input),
        AwsRequest::DeleteNodegroup(input) => nodegroups::delete_nodegroup(world, input),
        AwsRequest::CreateFargateProfile(input) => fargate::create_fargate_profile(world, input),
        AwsRequest::DeleteFargateProfile(input) => fargate::delete_fargate_profile(world, input),
        AwsRequest::TagResource(input) => tags::tag(world, input),
        AwsRequest::UntagResource(input) => tags::untag(world, input),
        AwsRequest::CreatePodIdentityAssociation(input) => pod_identity::create(world, input),
        AwsRequest::UpdatePodIdentityAssociation(input) => pod_identity::update(world, input),
        AwsRequest::DeletePodIdentityAssociation(input) => pod_identity::delete(world, input),
        AwsRequest::CreateAddon(input) => addons::create(world, input),
        AwsRequest::UpdateAddon(input) => addons::update(world, input),
        AwsRequest::DeleteAddon(input) => addons::delete(world, input),
        AwsRequest::AssociateIdentityProviderConfig(input) => identity_providers::associate(world, input),
        AwsRequest::DisassociateIdentityProviderConfig(input) => identity_providers::disassociate(world, input),
        other => read(world, other),
    }
}

/// The names of a cluster's managed node groups.
pub fn node_groups(cluster: &Cluster) -> impl Iterator<Item = &str> {
    cluster.nodegroups.keys().map(String::as_str)
}

/// The cluster of this name, given as `clusterName`. A name that no cluster can have is refused in other words (eks 2.9).
fn cluster<'a>(world: &'a World, name: &str) -> Result<&'a Cluster, Exception> {
    find(world, name, "clusterName")
}

/// The cluster of this name, given as `name`.
fn named<'a>(world: &'a World, name: &str) -> Result<&'a Cluster, Exception> {
    find(world, name, "name")
}

fn find<'a>(world: &'a World, name: &str, member: &str) -> Result<&'a Cluster, Exception> {
    // A name that is empty or begins with another letter is looked up: only creation refuses it (choice).
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    world.cluster(name).ok_or_else(|| match plain {
        true => Exception::no_cluster(name),
        false => Exception::bad_cluster_name(member),
    })
}

/// Whether a name is made of letters, digits, `-` and `_`, and begins with one of the first two.
fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    let first = letters.next().is_some_and(|c| c.is_ascii_alphanumeric());
    first && letters.all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// The cluster of this name, whose mode knows access entries (eks 1.5).
fn cluster_with_entries<'a>(world: &'a World, name: &str) -> Result<&'a Cluster, Exception> {
    let cluster = cluster(world, name)?;
    if cluster.mode.uses_entries() { Ok(cluster) } else { Err(Exception::mode_without_entries()) }
}

/// The cluster of this name, to be changed; callers have looked it up before.
fn change<'a>(world: &'a mut World, name: &str) -> Result<&'a mut Cluster, Exception> {
    world.cluster_mut(name).ok_or_else(|| Exception::no_cluster(name))
}

/// One page of a listing: `member` with at most `max` items (1 to 100, default 100), and `nextToken` if there are more.
/// A token tells how many items were given already; any other text is refused.
fn page(
    member: &str,
    items: Vec<Value>,
    max: Option<u32>,
    token: Option<&str>,
    others: &[(&str, Value)],
) -> Result<Value, Exception> {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD;
    let max = match max.unwrap_or(100) {
        max @ 1..=100 => max as usize,
        _ => return Err(Exception::bad_max_results()),
    };
    let start = match token {
        None => 0,
        Some(token) => {
            let text = base64.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let number = text.and_then(|text| text.strip_prefix("tok:")?.parse::<usize>().ok());
            number.filter(|start| *start < items.len()).ok_or_else(Exception::bad_next_token)?
        }
    };
    let end = items.len().min(start.saturating_add(max));
    let mut out = Map::new();
    for (key, value) in others {
        out.insert((*key).to_owned(), value.clone());
    }
    let more = end < items.len();
    out.insert(member.to_owned(), items.into_iter().take(end).skip(start).collect());
    if more {
        out.insert("nextToken".to_owned(), json!(base64.encode(format!("tok:{end}"))));
    }
    Ok(Value::Object(out))
}

/// Holds tags against the model's limits (eks 4).
fn check_tags(tags: &Tags) -> Result<(), Exception> {
    if tags.len() > 50 {
        return Err(Exception::bad_tags("A resource can have at most 50 tags"));
    }
    for (key, value) in tags.iter() {
        let length = key.chars().count();
        if !(1..=128).contains(&length) || value.chars().count() > 256 {
            return Err(Exception::bad_tags("Tag keys have 1 to 128 characters, tag values at most 256"));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Exception::bad_tags("Tag keys must not begin with aws:"));
        }
    }
    Ok(())
}

/// A value of an output shape as JSON.
fn shape(value: impl serde::Serialize) -> Value {
    // Output shapes are plain structs of texts, lists and maps with text keys: they always serialize.
    serde_json::to_value(value).unwrap_or_default()
}
