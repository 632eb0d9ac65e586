//! Nodes: the machines of managed node groups as Node objects, and whether nodes can still log in (eks 13.1, 13.8).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Nodegroup;
use super::nodegroups::Failed;
use crate::aws::eks::EntryType;
use crate::engine::authn::{self, AWS_AUTH};
use crate::engine::iam;
use crate::engine::request::Credential;
use crate::engine::world::{Cluster, World};
use crate::formats::time::Timestamp;
use crate::k8s::controllers;
use crate::k8s::object::{Meta, StringMap};
use crate::k8s::store::{Members, ObjectStore};

const NODES: &str = "nodes";
/// The label that names the group of a managed node.
pub const NODEGROUP: &str = "eks.amazonaws.com/nodegroup";
/// Maximum number of Node objects of a group (a choice).
const MOST_NODES: i64 = 50;

/// Makes the nodes of managed node groups that can log in, removes those of deleted groups, and sets which nodes are
/// ready. Nodes are as old as their group.
pub fn sync(world: &World, cluster: &Cluster, store: &mut ObjectStore) {
    let mut known: BTreeSet<String> = BTreeSet::new();
    for group in cluster.nodegroups.values() {
        let machines = if group.failed == Some(Failed::CreateFailed) { Vec::new() } else { machines(world, group) };
        let Some(first) = machines.first() else { continue };
        let made = |machine: &Machine| node(world, cluster, group, machine, group.created_at);
        let mut tried = store.clone();
        if !tried.has(NODES, "", &first.name) {
            let (meta, members) = made(first);
            tried.set(NODES, meta, members);
        }
        let tried = Cluster { objects: tried, ..cluster.clone() };
        let joins = logs_in(world, &tried, &group.asked.node_role, first);
        for machine in &machines {
            known.insert(machine.name.clone());
            if store.has(NODES, "", &machine.name) {
                controllers::set_readiness(store, &machine.name, joins);
            } else if joins {
                let (meta, members) = made(machine);
                store.set(NODES, meta, members);
            }
        }
    }
    let managed = store.of(NODES).filter(|(meta, _)| meta.labels.contains_key(NODEGROUP));
    let gone: Vec<String> = managed.map(|(meta, _)| meta.name.clone()).filter(|name| !known.contains(name)).collect();
    for name in gone {
        store.discard(NODES, "", &name);
    }
    others(world, cluster, store, &known);
}

/// Nodes that no managed group made: each is ready while some role that is mapped for nodes lets it log in. Which role a
/// machine has is not stored (a choice).
fn others(world: &World, cluster: &Cluster, store: &mut ObjectStore, known: &BTreeSet<String>) {
    let instance = |members: &Members| {
        let id = members.get("spec")?.get("providerID")?.as_str()?.rsplit('/').next()?;
        id.starts_with("i-").then(|| id.to_owned())
    };
    let own = store.of(NODES).filter(|(meta, _)| !known.contains(&meta.name));
    let own: Vec<Machine> = own
        .filter_map(|(meta, members)| {
            Some(Machine { name: meta.name.clone(), instance: instance(members)?, address: String::new() })
        })
        .collect();
    if own.is_empty() {
        return;
    }
    let roles = node_roles(world, cluster);
    let seen = Cluster { objects: store.clone(), ..cluster.clone() };
    for machine in own {
        let ready = roles.iter().any(|role| logs_in(world, &seen, role, &machine));
        controllers::set_readiness(store, &machine.name, ready);
    }
}

/// The account's roles that access entries or aws-auth map for nodes.
fn node_roles(world: &World, cluster: &Cluster) -> Vec<String> {
    let is_node = |kind: EntryType| kind != EntryType::Standard && kind != EntryType::FargateLinux;
    let entries = cluster.served();
    let by_entry = entries.values().filter(|entry| is_node(entry.kind)).map(|entry| entry.principal_arn.clone());
    let mut arns: BTreeSet<String> = by_entry.collect();
    let parsed = cluster.objects.read_config_map(AWS_AUTH.0, AWS_AUTH.1, crate::aws::aws_auth::parse);
    let lines = parsed.iter().flat_map(|parsed| parsed.roles.iter());
    let lines = lines.filter(|line| line.groups.iter().any(|group| group == "system:nodes"));
    let names: BTreeSet<&str> = lines.filter_map(|line| line.arn.rsplit('/').next()).collect();
    let by_line = world.roles.iter().filter(|role| names.contains(role.name.as_str()));
    arns.extend(by_line.map(|role| role.arn(&world.partition, &world.account)));
    arns.into_iter().collect()
}

/// Whether a machine with this role is taken for its node.
fn logs_in(world: &World, cluster: &Cluster, role: &str, machine: &Machine) -> bool {
    let session = Credential::RoleSession { role_arn: role.to_owned(), session: machine.instance.clone() };
    let Ok(caller) = iam::identify(world, &session) else { return false };
    let Ok(identity) = authn::look_up_sts(cluster, &caller).outcome else { return false };
    let user = identity.user;
    user.username == format!("system:node:{}", machine.name) && user.groups.iter().any(|group| group == "system:nodes")
}

/// A machine of a node group.
struct Machine {
    name: String,
    instance: String,
    address: String,
}

/// The machines that a group's size asks for: addresses and ids come from the group's number.
fn machines(world: &World, group: &Nodegroup) -> Vec<Machine> {
    let sizes = group.asked.scaling_config.as_ref();
    let desired = sizes.and_then(|sizes| sizes.desired_size.or(sizes.min_size)).unwrap_or(2).clamp(0, MOST_NODES);
    let domain = match world.region.as_str() {
        "us-east-1" => "ec2.internal".to_owned(),
        region => format!("{region}.compute.internal"),
    };
    let mut taken = BTreeSet::new();
    let machine = |n: i64| {
        let id: String = crate::engine::world::uuid(group.serial.wrapping_mul(1000).wrapping_add(n.unsigned_abs()))
            .chars()
            .filter(char::is_ascii_hexdigit)
            .collect();
        let octet =
            |at: usize| id.get(at..at + 2).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or_default();
        let (third, fourth) = (octet(0), 10 + octet(2) % 200);
        let instance = format!("i-0{}", id.get(4..20).unwrap_or_default());
        let address = format!("10.0.{third}.{fourth}");
        let name = format!("ip-10-0-{third}-{fourth}.{domain}");
        taken.insert(name.clone()).then_some(Machine { name, instance, address })
    };
    (0..desired).filter_map(machine).collect()
}

/// The Node object of a machine.
fn node(world: &World, cluster: &Cluster, group: &Nodegroup, machine: &Machine, now: Timestamp) -> (Meta, Members) {
    let asked = &group.asked;
    let is_windows = group.entry_type() == EntryType::Ec2Windows;
    let ami = asked.ami_type.as_deref().unwrap_or_default();
    let is_arm = ami.contains("ARM_64");
    let (os, arch) = (if is_windows { "windows" } else { "linux" }, if is_arm { "arm64" } else { "amd64" });
    let instance_type =
        asked.instance_types.as_ref().and_then(|types| types.first()).map_or("t3.medium", String::as_str);
    let zone = format!("{}a", world.region);
    let mut labels = StringMap::new();
    for (key, value) in [
        ("beta.kubernetes.io/arch", arch),
        ("beta.kubernetes.io/instance-type", instance_type),
        ("beta.kubernetes.io/os", os),
        ("eks.amazonaws.com/capacityType", asked.capacity_type.as_deref().unwrap_or("ON_DEMAND")),
        (NODEGROUP, &asked.nodegroup_name),
        ("failure-domain.beta.kubernetes.io/region", &world.region),
        ("failure-domain.beta.kubernetes.io/zone", &zone),
        ("kubernetes.io/arch", arch),
        ("kubernetes.io/hostname", &machine.name),
        ("kubernetes.io/os", os),
        ("node.kubernetes.io/instance-type", instance_type),
        ("topology.kubernetes.io/region", &world.region),
        ("topology.kubernetes.io/zone", &zone),
    ] {
        labels.insert(key.to_owned(), value.to_owned());
    }
    labels.extend(asked.labels.iter().flatten().map(|(key, value)| (key.clone(), value.clone())));
    let effect = |effect: &str| match effect {
        "NO_EXECUTE" => "NoExecute",
        "PREFER_NO_SCHEDULE" => "PreferNoSchedule",
        _ => "NoSchedule",
    };
    let taints = asked.taints.iter().flatten().map(|taint| {
        let mut out = Map::new();
        out.insert("effect".to_owned(), json!(effect(taint.effect.as_deref().unwrap_or_default())));
        out.insert("key".to_owned(), json!(taint.key));
        if let Some(value) = taint.value.as_ref().filter(|value| !value.is_empty()) {
            out.insert("value".to_owned(), json!(value));
        }
        Value::Object(out)
    });
    let taints: Vec<Value> = taints.collect();
    let mut spec = json!({ "providerID": format!("aws:///{zone}/{}", machine.instance) });
    if let Some(spec) = spec.as_object_mut().filter(|_| !taints.is_empty()) {
        spec.insert("taints".to_owned(), json!(taints));
    }
    let since = now.kubernetes_text();
    let condition = |kind: &str, status: &str, reason: &str, message: &str| {
        json!({"type": kind, "status": status, "lastHeartbeatTime": since, "lastTransitionTime": since,
            "reason": reason, "message": message})
    };
    let image = match ami {
        _ if is_windows => "Windows Server 2022 Datacenter",
        ami if ami.starts_with("BOTTLEROCKET") => "Bottlerocket OS 1.41.0 (aws-k8s)",
        ami if ami.starts_with("AL2_") => "Amazon Linux 2",
        _ => "Amazon Linux 2023",
    };
    let status = json!({
        "addresses": [
            {"type": "InternalIP", "address": machine.address}, {"type": "InternalDNS", "address": machine.name},
            {"type": "Hostname", "address": machine.name},
        ],
        "allocatable": {"cpu": "1930m", "memory": "3388360Ki", "pods": "17"},
        "capacity": {"cpu": "2", "memory": "3943368Ki", "pods": "17"},
        "conditions": [
            condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
            condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
        ],
        "nodeInfo": {
            "architecture": arch, "containerRuntimeVersion": "containerd://1.7.27", "kernelVersion": "6.1.0",
            "kubeletVersion": cluster.server_version, "operatingSystem": os, "osImage": image,
        },
    });
    let meta = Meta {
        name: machine.name.clone(),
        labels,
        uid: controllers::made_uid(&[&group.serial, &machine.name]),
        resource_version: 1000 + group.serial,
        created: now,
        ..Meta::default()
    };
    let mut members = Members::new();
    members.insert("spec".to_owned(), spec);
    members.insert("status".to_owned(), status);
    (meta, members)
}
