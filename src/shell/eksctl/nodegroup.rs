//! `eksctl create|get|delete nodegroup`, and the node groups of a new cluster. Stacks are not simulated: what a stack would
//! make, a role and a group, is made by calls.

use serde_json::{Value, json};

use super::config_file::{self, ClusterConfig};
use super::printer::{self, Format};
use super::stack;
use super::tool::{Cluster, Outcome, Tool};
use super::{access_entry, identity_mapping, required_cluster};
use crate::aws::aws_auth::Section;
use crate::engine::eks::node_groups;

/// A node group to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// The name.
    pub name: String,
    /// Whether EKS manages it; eksctl runs the machines of others itself.
    pub managed: bool,
    /// EC2 instance types; empty for the default.
    pub instance_types: Vec<String>,
    /// Least, most, wanted number of nodes.
    pub sizes: [Option<i64>; 3],
    /// The nodes' role, if there is one already.
    pub role: String,
    /// Labels of the nodes.
    pub labels: Vec<(String, String)>,
    /// Whether spot capacity is bought.
    pub spot: bool,
}

/// The flags about one group, for `create cluster` and `create nodegroup`.
pub fn from_flags(tool: &mut Tool<'_, '_>, name: &str) -> Outcome<Group> {
    let parsed = tool.parsed;
    let number = |flag: &str| -> Outcome<Option<i64>> {
        match parsed.value(flag) {
            None => Ok(None),
            Some(text) => text.parse::<i64>().map(Some).map_err(|_| {
                let why = format!("strconv.ParseInt: parsing {text:?}: invalid syntax");
                format!("invalid argument {text:?} for \"--{flag}\" flag: {why}")
            }),
        }
    };
    let sizes = [number("nodes-min")?, number("nodes-max")?, number("nodes")?];
    let mut instance_types = parsed.list("instance-types");
    instance_types.extend(parsed.value("node-type").map(str::to_owned));
    let labels = parsed.list("node-labels");
    let labels = labels.iter().filter_map(|pair| pair.split_once('=')).map(|(key, value)| (key.into(), value.into()));
    Ok(Group {
        name: if name.is_empty() { generated(tool) } else { name.to_owned() },
        managed: parsed.value("managed") != Some("false"),
        instance_types,
        sizes,
        role: String::new(),
        labels: labels.collect(),
        spot: parsed.on("spot"),
    })
}

/// `ng-` and eight digits.
fn generated(tool: &Tool<'_, '_>) -> String {
    format!("ng-{:08x}", stack::number(&format!("ng/{}", tool.ctx.session.world().serial)) as u32)
}

/// The sizes as EKS takes them: what is missing follows from the others, 2 if all are missing.
fn sizes([min, max, desired]: [Option<i64>; 3]) -> Outcome<[i64; 3]> {
    let wanted = desired.or(min).or(max.map(|max| max.min(2))).unwrap_or(2);
    let (min, max) = (min.unwrap_or(wanted), max.unwrap_or(wanted.max(min.unwrap_or(0))));
    if wanted < min {
        return Err(format!("cannot use --nodes-min={min} and --nodes={wanted} at the same time"));
    }
    if wanted > max {
        return Err(format!("cannot use --nodes-max={max} and --nodes={wanted} at the same time"));
    }
    Ok([min, max, wanted])
}

/// Makes a group, as its stack does, and gives the ARN of its role.
///
/// # Errors
/// IAM or EKS refuses.
pub fn make(tool: &mut Tool<'_, '_>, cluster: &Cluster, group: &Group) -> Outcome<String> {
    let kind = if group.managed { "managed nodegroup" } else { "nodegroup" };
    let stack = format!("eksctl-{}-nodegroup-{}", cluster.name, group.name);
    let [min, max, desired] = sizes(group.sizes)?;
    tool.info(format!("building {kind} stack {stack:?}"));
    tool.info(format!("deploying stack {stack:?}"));
    tool.info(format!("waiting for CloudFormation stack {stack:?}"));
    let role = match group.role.as_str() {
        "" => stack::make_role(tool, &cluster.account, &stack, "NodeInstanceRole", "ec2.amazonaws.com")?,
        role => role.to_owned(),
    };
    if !group.managed {
        return Ok(role);
    }
    let answer = tool.eks(cluster, "DescribeCluster", json!({ "name": cluster.name }))?;
    let subnets = answer.pointer("/cluster/resourcesVpcConfig/subnetIds").cloned().unwrap_or_default();
    let mut tags = stack::tags(&cluster.name);
    if let Some(tags) = tags.as_object_mut() {
        tags.insert("alpha.eksctl.io/nodegroup-name".to_owned(), group.name.clone().into());
        tags.insert("alpha.eksctl.io/nodegroup-type".to_owned(), "managed".into());
    }
    let mut labels = json!({
        "alpha.eksctl.io/cluster-name": cluster.name,
        "alpha.eksctl.io/nodegroup-name": group.name,
    });
    if let Some(labels) = labels.as_object_mut() {
        labels.extend(group.labels.iter().map(|(key, value)| (key.clone(), value.clone().into())));
    }
    let types =
        if group.instance_types.is_empty() { vec!["m5.large".to_owned()] } else { group.instance_types.clone() };
    let input = json!({
        "clusterName": cluster.name,
        "nodegroupName": group.name,
        "nodeRole": role,
        "subnets": subnets,
        "instanceTypes": types,
        "capacityType": if group.spot { "SPOT" } else { "ON_DEMAND" },
        "scalingConfig": { "minSize": min, "maxSize": max, "desiredSize": desired },
        "labels": labels,
        "tags": tags,
    });
    tool.eks(cluster, "CreateNodegroup", input)?;
    Ok(role)
}

/// Lets the nodes of a group that eksctl runs itself in: an entry, or a line of aws-auth where there are no entries.
///
/// # Errors
/// The refusal of EKS or of the API server.
pub fn admit(tool: &mut Tool<'_, '_>, cluster: &Cluster, role: &str) -> Outcome {
    if cluster.mode.uses_entries() {
        let kind = "EC2_LINUX".to_owned();
        let entry = access_entry::NewEntry { principal_arn: role.to_owned(), kind, ..Default::default() };
        return access_entry::create_all(tool, cluster, &[entry]);
    }
    let groups = ["system:bootstrappers", "system:nodes"].map(str::to_owned).to_vec();
    let username = "system:node:{{EC2PrivateDNSName}}".to_owned();
    let line = identity_mapping::Mapping { section: Section::MapRoles, arn: role.to_owned(), username, groups };
    identity_mapping::add(tool, cluster, line)
}

fn wanted(tool: &mut Tool<'_, '_>) -> Outcome<(String, Option<String>, Vec<Group>)> {
    match tool.parsed.value("config-file") {
        Some(path) => {
            let ClusterConfig { name, region, groups, .. } = config_file::read(tool, path)?;
            Ok((name, Some(region), groups))
        }
        None => {
            let (name, region) = required_cluster(tool)?;
            let group = tool.parsed.name("name")?;
            Ok((name, region, vec![from_flags(tool, &group)?]))
        }
    }
}

/// `1 nodegroup (a) was included …`
fn included(tool: &mut Tool<'_, '_>, groups: &[Group]) {
    let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    let (s, was) = if names.len() == 1 { ("", "was") } else { ("s", "were") };
    let count = names.len();
    tool.info(format!(
        "{count} nodegroup{s} ({}) {was} included (based on the include/exclude rules)",
        names.join(", ")
    ));
}

/// `eksctl create nodegroup`.
///
/// # Errors
/// Faults of flags and file; IAM or EKS refuses.
pub fn create(tool: &mut Tool<'_, '_>) -> Outcome {
    let (name, region, groups) = wanted(tool)?;
    let cluster = tool.connect(&name, region.as_deref())?;
    let version = tool.eks(&cluster, "DescribeCluster", json!({ "name": name }))?;
    let version = version.pointer("/cluster/version").and_then(Value::as_str).unwrap_or_default().to_owned();
    tool.info(format!("will use version {version} for new nodegroup(s) based on control plane version"));
    let (old, new): (Vec<Group>, Vec<Group>) = groups.into_iter().partition(|group| {
        let world = tool.ctx.session.world();
        world.cluster(&name).is_some_and(|cluster| node_groups(cluster).any(|known| known == group.name))
    });
    if !old.is_empty() {
        let names: Vec<&str> = old.iter().map(|group| group.name.as_str()).collect();
        tool.info(format!("{} existing nodegroup(s) ({}) will be excluded", old.len(), names.join(",")));
    }
    for group in &new {
        tool.info(format!("nodegroup {:?} will use \"\" [AmazonLinux2023/{version}]", group.name));
    }
    if !new.is_empty() {
        included(tool, &new);
    }
    let managed = new.iter().filter(|group| group.managed).count();
    for group in &new {
        let role = make(tool, &cluster, group)
            .map_err(|why| format!("failed to create nodegroups for cluster {name:?}: {why}"))?;
        if !group.managed {
            admit(tool, &cluster, &role)?;
        }
    }
    tool.info("no tasks");
    tool.success(format!("created {} nodegroup(s) in cluster {name:?}", new.len() - managed));
    tool.success(format!("created {managed} managed nodegroup(s) in cluster {name:?}"));
    tool.info("checking security group configuration for all nodegroups");
    tool.info("all nodegroups have up-to-date cloudformation templates");
    Ok(())
}

/// `eksctl get nodegroup`.
///
/// # Errors
/// No such cluster, no such group; none at all, for a table.
pub fn get(tool: &mut Tool<'_, '_>) -> Outcome {
    let format = tool.format()?;
    let (name, region) = match tool.parsed.value("config-file") {
        Some(path) => config_file::read(tool, path).map(|config| (config.name, Some(config.region)))?,
        None => required_cluster(tool)?,
    };
    let wanted = tool.parsed.name("name")?;
    let cluster = tool.connect(&name, region.as_deref())?;
    let names = match wanted.as_str() {
        "" => {
            let answer = tool.eks(&cluster, "ListNodegroups", json!({ "clusterName": name }))?;
            let names = answer.get("nodegroups").and_then(Value::as_array).cloned().unwrap_or_default();
            names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        one => vec![one.to_owned()],
    };
    let mut summaries = Vec::new();
    for group in names {
        let answer = tool.eks(&cluster, "DescribeNodegroup", json!({ "clusterName": name, "nodegroupName": group }))?;
        summaries.push(summary(answer.get("nodegroup").unwrap_or(&Value::Null)));
    }
    if format != Format::Table {
        tool.out.push_str(&printer::list(summaries, format));
        return Ok(());
    }
    if summaries.is_empty() {
        return Err("No nodegroups found".to_owned());
    }
    let columns = [
        ("CLUSTER", "Cluster"),
        ("NODEGROUP", "Name"),
        ("STATUS", "Status"),
        ("CREATED", "CreationTime"),
        ("MIN SIZE", "MinSize"),
        ("MAX SIZE", "MaxSize"),
        ("DESIRED CAPACITY", "DesiredCapacity"),
        ("INSTANCE TYPE", "InstanceType"),
        ("IMAGE ID", "ImageID"),
        ("ASG NAME", "AutoScalingGroupName"),
        ("TYPE", "Type"),
    ];
    let row = |summary: &Value| {
        columns
            .iter()
            .map(|(_, member)| match summary.get(*member) {
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => String::new(),
            })
            .collect()
    };
    let rows = summaries.iter().map(row).collect();
    tool.out.push_str(&printer::table("nodegroups", &columns.map(|(name, _)| name), rows));
    Ok(())
}

fn summary(group: &Value) -> Value {
    let text = |pointer: &str| group.pointer(pointer).cloned().unwrap_or_else(|| json!(""));
    let created =
        text("/createdAt").as_str().map(|at| at.split(['.', '+']).next().unwrap_or_default().to_owned() + "Z");
    json!({
        "Cluster": text("/clusterName"),
        "Name": text("/nodegroupName"),
        "Status": text("/status"),
        "MaxSize": text("/scalingConfig/maxSize"),
        "MinSize": text("/scalingConfig/minSize"),
        "DesiredCapacity": text("/scalingConfig/desiredSize"),
        "InstanceType": group.pointer("/instanceTypes/0").cloned().unwrap_or_else(|| json!("-")),
        "ImageID": text("/amiType"),
        "CreationTime": created,
        "NodeInstanceRoleARN": text("/nodeRole"),
        "AutoScalingGroupName": text("/resources/autoScalingGroups/0/name"),
        "Version": text("/version"),
        "Type": "managed",
    })
}

/// Deletes a group and the role that eksctl made for it.
///
/// # Errors
/// EKS refuses.
pub fn remove(tool: &mut Tool<'_, '_>, cluster: &Cluster, group: &str) -> Outcome {
    let stack = format!("eksctl-{}-nodegroup-{group}", cluster.name);
    let input = json!({ "clusterName": cluster.name, "nodegroupName": group });
    tool.info(format!("will delete stack {stack:?}"));
    tool.eks(cluster, "DeleteNodegroup", input)?;
    stack::delete_roles(tool, &cluster.account, &stack);
    Ok(())
}

/// `eksctl delete nodegroup`.
///
/// # Errors
/// No group is named; there is none of that name.
pub fn delete(tool: &mut Tool<'_, '_>) -> Outcome {
    let (name, region, groups) = match tool.parsed.value("config-file") {
        Some(path) => {
            let ClusterConfig { name, region, groups, .. } = config_file::read(tool, path)?;
            (name, Some(region), groups)
        }
        None => {
            let (name, region) = required_cluster(tool)?;
            let group = tool.parsed.name("name")?;
            if group.is_empty() {
                return Err("--name must be set".to_owned());
            }
            (name, region, vec![Group { name: group, managed: true, ..Group::default() }])
        }
    };
    let cluster = tool.connect(&name, region.as_deref())?;
    if tool.parsed.value("config-file").is_some() && !tool.parsed.on("approve") {
        included(tool, &groups);
        let names: Vec<String> =
            groups.iter().map(|group| format!("delete nodegroup {:?} [async]", group.name)).collect();
        tool.info(format!("(plan) would delete {} nodegroup(s): {}", groups.len(), names.join(", ")));
        tool.warn("no changes were applied, run again with '--approve' to apply the changes");
        return Ok(());
    }
    included(tool, &groups);
    tool.info(format!("will drain {} nodegroup(s) in cluster {name:?}", groups.len()));
    tool.info("starting parallel draining, max in-flight of 1");
    for group in &groups {
        remove(tool, &cluster, &group.name)?;
    }
    tool.success(format!("deleted {} nodegroup(s) from cluster {name:?}", groups.len()));
    Ok(())
}
