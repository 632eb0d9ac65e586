//! Fargate profiles (eks 13.4). No pod is scheduled here: what counts is the role's access.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::clusters;
use super::node_access;
use super::nodegroups::Failed;
use super::{change, check_tags, cluster, page, shape};
use crate::aws::eks::{
    ClusterPaging, CreateFargateProfileRequest, EntryType, FargateProfileRef, FargateProfileSelector,
};
use crate::aws::exception::Exception;
use crate::engine::limits;
use crate::engine::world::{Cluster, World, uuid};
use crate::formats::time::Timestamp;
use crate::k8s::validate;

/// A Fargate profile as the service keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FargateProfile {
    /// Number that the id in the profile's ARN is made from.
    pub serial: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it was made with, its tags as they are now.
    pub asked: CreateFargateProfileRequest,
    /// What went wrong, if something did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Failed>,
}

impl FargateProfile {
    /// The profile's ARN.
    pub fn arn(&self, world: &World) -> String {
        let (cluster, name) = (&self.asked.cluster_name, &self.asked.fargate_profile_name);
        format!(
            "arn:{}:eks:{}:{}:fargateprofile/{cluster}/{name}/{}",
            world.partition,
            world.region,
            world.account,
            uuid(self.serial)
        )
    }
}

fn describe(world: &World, cluster: &Cluster, profile: &FargateProfile, status: Option<&str>) -> Value {
    let asked = &profile.asked;
    let subnets = asked.subnets.clone().filter(|subnets| !subnets.is_empty());
    let mut out = Map::new();
    let mut show = |member: &str, value: Value| drop(out.insert(member.to_owned(), value));
    show("fargateProfileName", json!(asked.fargate_profile_name));
    show("fargateProfileArn", json!(profile.arn(world)));
    show("clusterName", json!(asked.cluster_name));
    show("createdAt", json!(profile.created_at.aws_text()));
    show("podExecutionRoleArn", json!(asked.pod_execution_role_arn));
    show("subnets", subnets.map_or_else(|| clusters::subnets(cluster), |subnets| json!(subnets)));
    show("selectors", shape(asked.selectors.clone().unwrap_or_default()));
    let present = profile.failed.map_or("ACTIVE", Failed::status);
    show("status", json!(status.unwrap_or(present)));
    show("tags", json!(asked.tags.clone().unwrap_or_default()));
    if profile.failed.is_some() && status.is_none() {
        show("health", Failed::issues(profile.failed, &asked.pod_execution_role_arn));
    }
    json!({ "fargateProfile": out })
}

fn check_selectors(selectors: &[FargateProfileSelector]) -> Result<(), Exception> {
    if selectors.is_empty() {
        return Err(Exception::no_selectors());
    }
    if selectors.len() > 5 {
        return Err(Exception::too_many_selectors());
    }
    for selector in selectors {
        if selector.namespace.as_deref().unwrap_or_default().is_empty() {
            return Err(Exception::selector_needs_namespace());
        }
        if selector.labels.as_ref().is_some_and(|labels| labels.len() > 5) {
            return Err(Exception::too_many_selector_labels());
        }
    }
    Ok(())
}

/// What the service looks at before it looks for the cluster (eks 13.4). Wildcards may stand in selectors.
fn check_form(input: &CreateFargateProfileRequest) -> Result<(), Exception> {
    let mut letters = input.fargate_profile_name.chars();
    let first = letters.next().is_some_and(char::is_alphanumeric);
    if !first || !letters.all(|c| c.is_alphanumeric() || c == '-' || c == '_') {
        return Err(Exception::bad_profile_name());
    }
    let plain = |text: &str| text.replace(['*', '?'], "x");
    for selector in input.selectors.iter().flatten() {
        let namespace = plain(selector.namespace.as_deref().unwrap_or_default());
        if !namespace.is_empty() && !validate::dns_label(&namespace).is_empty() {
            return Err(Exception::selector_namespace());
        }
    }
    for (key, value) in input.selectors.iter().flatten().flat_map(|selector| selector.labels.iter().flatten()) {
        let good = validate::qualified_name(&plain(key)).is_empty() && validate::label_value(&plain(value)).is_empty();
        if !good {
            return Err(Exception::selector_label());
        }
    }
    Ok(())
}

/// CreateFargateProfile. A repeated call with the same `clientRequestToken` and input answers as the first (eks 15.3).
pub fn create_fargate_profile(world: &mut World, input: &CreateFargateProfileRequest) -> Result<Value, Exception> {
    let (cluster_name, name) = (&input.cluster_name, &input.fargate_profile_name);
    check_form(input)?;
    let found = cluster(world, cluster_name)?;
    if name.chars().count() > 100 {
        return Err(Exception::long_profile_name());
    }
    if name.starts_with("eks-") {
        return Err(Exception::reserved_profile_name());
    }
    if let Some(profile) = found.fargate_profiles.get(name) {
        let is_again = input.client_request_token.is_some() && profile.asked == *input;
        return if is_again {
            Ok(describe(world, found, profile, Some("CREATING")))
        } else {
            Err(Exception::fargate_profile_exists())
        };
    }
    if found.status() != "ACTIVE" {
        return Err(Exception::cluster_not_active(cluster_name));
    }
    check_selectors(input.selectors.as_deref().unwrap_or_default())?;
    input.tags.as_ref().map_or(Ok(()), check_tags)?;
    let role = node_access::find_role(world, &input.pod_execution_role_arn)?;
    if node_access::is_closed(&role) {
        return Err(Exception::role_not_for_fargate());
    }
    if found.fargate_profiles.len() >= limits::FARGATE_PROFILES {
        return Err(Exception::over_limit(limits::FARGATE_PROFILES, "Fargate profiles per cluster"));
    }
    let serial = world.next_serial();
    let mut made = FargateProfile { serial, created_at: world.clock, asked: input.clone(), failed: None };
    let admitted = node_access::admit(world, cluster_name, &role, EntryType::FargateLinux);
    made.failed = (!admitted).then_some(Failed::CreateFailed);
    let shown = describe(world, cluster(world, cluster_name)?, &made, Some("CREATING"));
    change(world, cluster_name)?.fargate_profiles.insert(name.clone(), Rc::new(made));
    Ok(shown)
}

/// The profile; of a profile that is not there the service repeats cluster and name only to who wants to delete it.
fn find<'a>(world: &'a World, input: &FargateProfileRef) -> Result<(&'a Cluster, &'a Rc<FargateProfile>), Exception> {
    let found = cluster(world, &input.cluster_name).map_err(|exception| exception.with_cluster(&input.cluster_name))?;
    let profile = found.fargate_profiles.get(&input.fargate_profile_name);
    Ok((found, profile.ok_or_else(|| Exception::no_fargate_profile(&input.fargate_profile_name))?))
}

/// DescribeFargateProfile.
pub fn describe_fargate_profile(world: &World, input: &FargateProfileRef) -> Result<Value, Exception> {
    let (cluster, profile) = find(world, input)?;
    Ok(describe(world, cluster, profile, None))
}

/// ListFargateProfiles, by name.
pub fn list_fargate_profiles(world: &World, input: &ClusterPaging) -> Result<Value, Exception> {
    let names = cluster(world, &input.cluster_name)?.fargate_profiles.keys().map(|name| json!(name)).collect();
    page("fargateProfileNames", names, input.max_results, input.next_token.as_deref(), &[])
}

/// DeleteFargateProfile: line and entry of the role stay (eks 13.3).
pub fn delete_fargate_profile(world: &mut World, input: &FargateProfileRef) -> Result<Value, Exception> {
    let FargateProfileRef { cluster_name, fargate_profile_name: name } = input;
    let (cluster, profile) = find(world, input).map_err(|exception| {
        if exception.members.is_empty() { exception.with_fargate_profile(cluster_name, name) } else { exception }
    })?;
    if cluster.running_update().is_some() {
        return Err(Exception::profile_of_updating_cluster(name, cluster_name).with_cluster(cluster_name));
    }
    let shown = describe(world, cluster, profile, Some("DELETING"));
    change(world, cluster_name)?.fargate_profiles.remove(name);
    Ok(shown)
}
