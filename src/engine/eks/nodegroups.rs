//! Managed node groups (eks 13.4). Their machines are not simulated: a group is ready for the call after the one that
//! makes it, and gone for the call after the one that deletes it.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::node_access::{self, INVALID_AWS_AUTH};
use super::updates::NODE_SKEW;
use super::{change, check_tags, cluster, is_name, page, shape};
use crate::aws::eks::{
    AMI_TYPES, CAPACITY_TYPES, ClusterPaging, CreateNodegroupRequest, EntryType, NodegroupRef, ScalingConfig,
    TAINT_EFFECTS,
};
use crate::aws::exception::Exception;
use crate::engine::limits;
use crate::engine::world::{Cluster, World, uuid};
use crate::formats::time::Timestamp;
use crate::k8s::{releases, validate};

/// A managed node group as the service keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nodegroup {
    /// Number that the id in the group's ARN is made from.
    pub serial: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it was made with, its tags as they are now. What is absent has its default.
    pub asked: CreateNodegroupRequest,
    /// What went wrong, if something did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Failed>,
    /// The version of its nodes, if it was made without one and the cluster has gone on to the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// What EKS could not finish because aws-auth was in the way (eks 13.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Failed {
    /// The nodes could not be let in.
    CreateFailed,
    /// The role could not be taken out.
    DeleteFailed,
}

impl Failed {
    /// The status that says so.
    pub fn status(self) -> &'static str {
        match self {
            Self::CreateFailed => "CREATE_FAILED",
            Self::DeleteFailed => "DELETE_FAILED",
        }
    }

    /// The health of a group or profile whose role is this.
    pub fn issues(failed: Option<Self>, role: &str) -> Value {
        let issue = json!({ "code": "AccessDenied", "message": INVALID_AWS_AUTH, "resourceIds": [role] });
        json!({ "issues": failed.map(|_| issue).into_iter().collect::<Vec<_>>() })
    }
}

impl Nodegroup {
    /// The Kubernetes version of its nodes.
    pub fn version<'a>(&'a self, cluster: &'a Cluster) -> &'a str {
        self.asked.version.as_ref().or(self.version.as_ref()).unwrap_or(&cluster.version)
    }

    /// The group's ARN.
    pub fn arn(&self, world: &World) -> String {
        let (cluster, name) = (&self.asked.cluster_name, &self.asked.nodegroup_name);
        format!(
            "arn:{}:eks:{}:{}:nodegroup/{cluster}/{name}/{}",
            world.partition,
            world.region,
            world.account,
            uuid(self.serial)
        )
    }
}

/// The AMI type of a group that is made without one: Amazon Linux 2 up to Kubernetes 1.29.
fn default_ami_type(version: &str) -> &'static str {
    let minor = releases::minor(version);
    if minor.is_some_and(|minor| minor < 30) { "AL2_x86_64" } else { "AL2023_x86_64_STANDARD" }
}

/// The release of the AMI that a group made at this time gets: made up from the versions and the day.
fn release_version(version: &str, at: Timestamp) -> String {
    let release = releases::minor(version).and_then(releases::git_version);
    let patch = release.and_then(|release| release.rsplit('.').next()).unwrap_or("0");
    let day: String = at.aws_text().chars().take(10).filter(char::is_ascii_digit).collect();
    format!("{version}.{patch}-{day}")
}

fn describe(world: &World, cluster: &Cluster, group: &Nodegroup) -> Map<String, Value> {
    let asked = &group.asked;
    let version = group.version(cluster);
    let ami_type = asked.ami_type.as_deref().unwrap_or_else(|| default_ami_type(version));
    let by_template = asked.launch_template.is_some();
    let disk = if group.entry_type() == EntryType::Ec2Windows { 50 } else { 20 };
    let sizes = |size| ScalingConfig { min_size: Some(size), max_size: Some(size), desired_size: Some(size) };
    let instance_types = asked.instance_types.clone().filter(|types| !types.is_empty());
    let release = asked.release_version.clone().unwrap_or_else(|| release_version(version, group.created_at));
    let mut out = Map::new();
    let mut show = |member: &str, value: Value| drop(out.insert(member.to_owned(), value));
    show("nodegroupName", json!(asked.nodegroup_name));
    show("nodegroupArn", json!(group.arn(world)));
    show("clusterName", json!(asked.cluster_name));
    show("version", json!(version));
    show("releaseVersion", json!(release));
    show("createdAt", json!(group.created_at.aws_text()));
    show("modifiedAt", json!(group.created_at.aws_text()));
    show("status", json!(group.failed.map_or("ACTIVE", Failed::status)));
    show("capacityType", json!(asked.capacity_type.as_deref().unwrap_or("ON_DEMAND")));
    show("scalingConfig", shape(asked.scaling_config.clone().unwrap_or_else(|| sizes(2))));
    // Of a group with a launch template these stand in the template.
    if instance_types.is_some() || !by_template {
        show("instanceTypes", json!(instance_types.unwrap_or_else(|| vec!["t3.medium".to_owned()])));
    }
    show("subnets", json!(asked.subnets));
    if let Some(remote_access) = &asked.remote_access {
        show("remoteAccess", remote_access.clone());
    }
    show("amiType", json!(ami_type));
    show("nodeRole", json!(asked.node_role));
    show("labels", json!(asked.labels.clone().unwrap_or_default()));
    if let Some(taints) = asked.taints.as_ref().filter(|taints| !taints.is_empty()) {
        show("taints", shape(taints));
    }
    let scaling_group = format!("eks-{}-{}", asked.nodegroup_name, uuid(group.serial));
    show("resources", json!({ "autoScalingGroups": [{ "name": scaling_group }] }));
    if !by_template {
        show("diskSize", json!(asked.disk_size.unwrap_or(disk)));
    }
    show("health", Failed::issues(group.failed, &asked.node_role));
    show("updateConfig", asked.update_config.clone().unwrap_or_else(|| json!({ "maxUnavailable": 1 })));
    if let Some(repair) = &asked.node_repair_config {
        show("nodeRepairConfig", repair.clone());
    }
    if let Some(template) = &asked.launch_template {
        show("launchTemplate", template.clone());
    }
    show("tags", json!(asked.tags.clone().unwrap_or_default()));
    out
}

/// The client takes any word for an enumerated member (eks 16.5).
fn check_value(member: &str, value: Option<&str>, known: &[&str]) -> Result<(), Exception> {
    match value.filter(|value| !known.contains(value)) {
        Some(value) => Err(Exception::nodegroup_value(&format!("Unsupported {member}: {value}"))),
        None => Ok(()),
    }
}

fn check_scaling(sizes: &ScalingConfig) -> Result<(), Exception> {
    let (Some(min), Some(max), Some(desired)) = (sizes.min_size, sizes.max_size, sizes.desired_size) else {
        return Err(Exception::nodegroup_value("scalingConfig needs minSize, maxSize and desiredSize"));
    };
    if min > desired {
        return Err(Exception::size_order("minSize", "desiredSize"));
    }
    if desired > max { Err(Exception::size_order("desiredSize", "maxSize")) } else { Ok(()) }
}

/// Beginnings of label keys that EKS keeps for itself.
const RESERVED_LABELS: [&str; 3] = ["kubernetes.io/", "k8s.io/", "eks.amazonaws.com/"];

fn check_nodes(input: &CreateNodegroupRequest) -> Result<(), Exception> {
    for (key, value) in input.labels.iter().flatten() {
        if !(1..=63).contains(&key.chars().count()) {
            return Err(Exception::nodegroup_value("Label keys have 1 to 63 characters"));
        }
        if RESERVED_LABELS.iter().any(|prefix| key.starts_with(prefix)) {
            return Err(Exception::reserved_label());
        }
        if !validate::qualified_name(key).is_empty() {
            return Err(Exception::bad_label_value(key));
        }
        if value.is_empty() || !validate::label_value(value).is_empty() {
            return Err(Exception::bad_label_value(value));
        }
    }
    for taint in input.taints.iter().flatten() {
        check_value("taint effect", Some(taint.effect.as_deref().unwrap_or_default()), TAINT_EFFECTS)?;
        let key = taint.key.as_deref().unwrap_or_default();
        if !(1..=63).contains(&key.chars().count()) {
            return Err(Exception::nodegroup_value("Taint keys have 1 to 63 characters"));
        }
        if !validate::qualified_name(key).is_empty() {
            return Err(Exception::bad_taint_key(key));
        }
        let value = taint.value.as_deref().unwrap_or_default();
        if !validate::label_value(value).is_empty() {
            return Err(Exception::bad_label_value(value));
        }
    }
    Ok(())
}

fn check_machines(cluster: &Cluster, now: Timestamp, input: &CreateNodegroupRequest) -> Result<(), Exception> {
    if input.subnets.is_empty() {
        return Err(Exception::nodegroup_value("A node group needs at least one subnet"));
    }
    check_value("amiType", input.ami_type.as_deref(), AMI_TYPES)?;
    check_value("capacityType", input.capacity_type.as_deref(), CAPACITY_TYPES)?;
    input.scaling_config.as_ref().map_or(Ok(()), check_scaling)?;
    if input.instance_types.as_ref().is_some_and(|types| types.len() > 20) {
        return Err(Exception::nodegroup_value("A node group can have at most 20 instance types"));
    }
    check_template(input)?;
    if input.disk_size.is_some_and(|size| size < 1) {
        return Err(Exception::nodegroup_value("diskSize must be at least 1"));
    }
    let version = input.version.as_deref().unwrap_or(&cluster.version);
    let supported = node_versions(&cluster.version);
    if !supported.iter().any(|supported| supported == version) {
        return Err(Exception::nodegroup_version(&cluster.version, &supported));
    }
    check_processors(version, input)?;
    check_settings(input)?;
    // Releases of Bottlerocket and Windows do not begin with the version of Kubernetes.
    let is_amazon_linux = input.ami_type.as_deref().is_none_or(|ami_type| ami_type.starts_with("AL"));
    let begins = format!("{version}.");
    match input.release_version.as_deref().filter(|release| is_amazon_linux && !release.starts_with(&begins)) {
        Some(release) => Err(Exception::release_version(release, &release_version(version, now))),
        None => Ok(()),
    }
}

/// The versions that nodes of a cluster may have, the cluster's first.
fn node_versions(cluster: &str) -> Vec<String> {
    let Some(minor) = releases::minor(cluster) else { return vec![cluster.to_owned()] };
    (minor.saturating_sub(NODE_SKEW)..=minor).rev().map(|minor| format!("1.{minor}")).collect()
}

fn check_template(input: &CreateNodegroupRequest) -> Result<(), Exception> {
    let Some(template) = &input.launch_template else {
        let custom = input.ami_type.as_deref() == Some("CUSTOM");
        return if custom { Err(Exception::custom_without_template()) } else { Ok(()) };
    };
    let has = |member: &str| template.get(member).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    match (has("id"), has("name")) {
        (true, true) => return Err(Exception::template_named_twice()),
        (false, false) => return Err(Exception::template_without_name()),
        _ => {}
    }
    if input.disk_size.is_some() {
        return Err(Exception::disk_beside_template());
    }
    if input.remote_access.is_some() { Err(Exception::remote_access_beside_template()) } else { Ok(()) }
}

/// Instance types with AWS's own processors: generation and `g` (`m6g`, `c7gn`), and the first of them, `a1`.
fn is_arm(instance_type: &str) -> bool {
    let family = instance_type.split('.').next().unwrap_or_default();
    let after = family.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let letters = after.trim_start_matches(|c: char| c.is_ascii_digit());
    family == "a1" || (letters.len() < after.len() && letters.starts_with('g'))
}

fn check_processors(version: &str, input: &CreateNodegroupRequest) -> Result<(), Exception> {
    let ami_type = input.ami_type.as_deref().unwrap_or_else(|| default_ami_type(version));
    let wants_arm = ami_type.contains("ARM_64");
    if !wants_arm && !ami_type.contains("x86_64") {
        return Ok(());
    }
    let types = input.instance_types.iter().flatten().map(String::as_str);
    let wrong: Vec<&str> = types.filter(|instance_type| is_arm(instance_type) != wants_arm).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Exception::instance_types(&wrong, ami_type)) }
}

/// Settings for updates and repairs.
fn check_settings(input: &CreateNodegroupRequest) -> Result<(), Exception> {
    let has = |config: &Value, member: &str| config.get(member).is_some();
    if let Some(config) = &input.update_config {
        if config.as_object().is_none_or(Map::is_empty) {
            return Err(Exception::empty_update_config());
        }
        if has(config, "maxUnavailable") && has(config, "maxUnavailablePercentage") {
            return Err(Exception::unavailable_twice());
        }
    }
    let pairs = [
        ("maxUnhealthyNodeThresholdCount", "maxUnhealthyNodeThresholdPercentage"),
        ("maxParallelNodesRepairedCount", "maxParallelNodesRepairedPercentage"),
    ];
    let twice = |config: &Value| pairs.iter().any(|(number, share)| has(config, number) && has(config, share));
    if input.node_repair_config.as_ref().is_some_and(twice) { Err(Exception::repair_twice()) } else { Ok(()) }
}

/// CreateNodegroup. A repeated call with the same `clientRequestToken` and input answers as the first (eks 15.3).
pub fn create_nodegroup(world: &mut World, input: &CreateNodegroupRequest) -> Result<Value, Exception> {
    let (cluster_name, name) = (&input.cluster_name, &input.nodegroup_name);
    let refuse = |exception: Exception| exception.with_nodegroup(cluster_name, name);
    if !is_name(name) {
        return Err(Exception::bad_nodegroup_name());
    }
    let found = cluster(world, cluster_name)?;
    if name.chars().count() > 63 {
        return Err(Exception::long_nodegroup_name());
    }
    if let Some(group) = found.nodegroups.get(name) {
        let is_again = input.client_request_token.is_some() && group.asked == *input;
        return if is_again {
            Ok(json!({ "nodegroup": as_made(describe(world, found, group), input) }))
        } else {
            Err(refuse(Exception::nodegroup_exists(cluster_name, name)))
        };
    }
    if found.status() != "ACTIVE" {
        return Err(Exception::cluster_not_active(cluster_name));
    }
    check_machines(found, world.clock, input).and_then(|()| check_nodes(input)).map_err(refuse)?;
    input.tags.as_ref().map_or(Ok(()), check_tags)?;
    let role = node_access::find_role(world, &input.node_role).map_err(refuse)?;
    if node_access::is_closed(&role) {
        return Err(refuse(Exception::role_not_for_nodes(&input.node_role)));
    }
    if found.nodegroups.len() >= limits::NODEGROUPS {
        return Err(refuse(Exception::over_limit(limits::NODEGROUPS, "managed node groups per cluster")));
    }
    let serial = world.next_serial();
    let mut made = Nodegroup { serial, created_at: world.clock, asked: input.clone(), failed: None, version: None };
    let admitted = node_access::admit(world, cluster_name, &role, made.entry_type());
    made.failed = (!admitted).then_some(Failed::CreateFailed);
    let shown = as_made(describe(world, cluster(world, cluster_name)?, &made), input);
    change(world, cluster_name)?.nodegroups.insert(name.clone(), Rc::new(made));
    Ok(json!({ "nodegroup": shown }))
}

/// A group while it is being made: its machines are not there yet, and labels show only if they were given.
fn as_made(mut shown: Map<String, Value>, input: &CreateNodegroupRequest) -> Map<String, Value> {
    shown.insert("status".into(), json!("CREATING"));
    shown.insert("health".into(), json!({ "issues": [] }));
    shown.shift_remove("resources");
    if input.labels.is_none() {
        shown.shift_remove("labels");
    }
    shown
}

/// The group, or the service's refusal.
fn find<'a>(world: &'a World, input: &NodegroupRef) -> Result<(&'a Cluster, &'a Rc<Nodegroup>), Exception> {
    let NodegroupRef { cluster_name, nodegroup_name } = input;
    let refuse = |exception: Exception| exception.with_nodegroup(cluster_name, nodegroup_name);
    let found = cluster(world, cluster_name).map_err(refuse)?;
    let group = found.nodegroups.get(nodegroup_name);
    Ok((found, group.ok_or_else(|| refuse(Exception::no_nodegroup(nodegroup_name)))?))
}

/// DescribeNodegroup.
pub fn describe_nodegroup(world: &World, input: &NodegroupRef) -> Result<Value, Exception> {
    let (cluster, group) = find(world, input)?;
    Ok(json!({ "nodegroup": describe(world, cluster, group) }))
}

/// ListNodegroups, by name.
pub fn list_nodegroups(world: &World, input: &ClusterPaging) -> Result<Value, Exception> {
    let names = cluster(world, &input.cluster_name)?.nodegroups.keys().map(|name| json!(name)).collect();
    page("nodegroups", names, input.max_results, input.next_token.as_deref(), &[])
}

/// DeleteNodegroup (eks 13.3). With aws-auth in the way the group stays, and says why (eks 13.6).
pub fn delete_nodegroup(world: &mut World, input: &NodegroupRef) -> Result<Value, Exception> {
    let (cluster, group) = find(world, input)?;
    let mut shown = describe(world, cluster, group);
    shown.insert("status".into(), json!("DELETING"));
    let (mut group, name) = (Rc::clone(group), input.nodegroup_name.clone());
    change(world, &input.cluster_name)?.nodegroups.remove(&name);
    if !node_access::dismiss(world, &input.cluster_name, &group.asked.node_role) {
        Rc::make_mut(&mut group).failed = Some(Failed::DeleteFailed);
        change(world, &input.cluster_name)?.nodegroups.insert(name, group);
    }
    Ok(json!({ "nodegroup": shown }))
}
