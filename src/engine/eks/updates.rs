//! Updates of a cluster: authentication mode, logs, endpoints, version (eks 1, 2.13, 3, 15.7).

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::{change, entries, named, network, node_access, page, shape};
use crate::aws::eks::{
    AuthenticationMode, DescribeUpdateRequest, ListUpdatesRequest, OFFERED_VERSIONS, Update,
    UpdateClusterConfigRequest, UpdateClusterVersionRequest, UpdateParam,
};
use crate::aws::exception::Exception;
use crate::engine::limits;
use crate::engine::world::{Cluster, ClusterChange, ConfigUpdate, World, eks_build, uuid};
use crate::formats::time::Timestamp;
use crate::k8s::releases;

/// The control plane's logs, in the order in which the service lists them.
const LOGS: [&str; 5] = ["api", "audit", "authenticator", "controllerManager", "scheduler"];
const ENDPOINT_MEMBERS: [&str; 3] = ["endpointPublicAccess", "endpointPrivateAccess", "publicAccessCidrs"];
/// How many minor versions the nodes of a group may be behind the control plane.
pub(super) const NODE_SKEW: u8 = 3;

/// UpdateClusterConfig (eks 3, 15.7).
pub fn update_cluster_config(world: &mut World, input: &UpdateClusterConfigRequest) -> Result<Value, Exception> {
    let name = &input.name;
    let refuse = |exception: Exception| exception.with_cluster(name);
    let found = named(world, name).map_err(refuse)?;
    let (mode, change) = wanted(found, input).map_err(refuse)?;
    start(world, name, mode, change)
}

/// UpdateClusterVersion: one minor version up (eks 2.13).
pub fn update_cluster_version(world: &mut World, input: &UpdateClusterVersionRequest) -> Result<Value, Exception> {
    let UpdateClusterVersionRequest { name, version, .. } = input;
    let refuse = |exception: Exception| exception.with_cluster(name);
    let found = named(world, name).map_err(refuse)?;
    let change = ClusterChange::Version(version.clone());
    refuse_second(found, "VersionUpdate")?;
    check_version(version).map_err(refuse)?;
    let (from, to) = (releases::minor(&found.version), releases::minor(version).unwrap_or_default());
    if from.and_then(|from| from.checked_add(1)) != Some(to) {
        return Err(refuse(Exception::unsupported_version_step(&found.version, version)));
    }
    let behind = |group: &super::Nodegroup| {
        let minor = releases::minor(group.version(found)).unwrap_or(to);
        minor.saturating_add(NODE_SKEW) < to
    };
    let behind: Vec<&str> =
        found.nodegroups.iter().filter(|(_, group)| behind(group)).map(|(name, _)| name.as_str()).collect();
    if !behind.is_empty() {
        return Err(refuse(Exception::nodegroups_behind(&behind.join(", "), &found.version)));
    }
    start(world, name, None, Some(change))
}

/// Refuses a version that no cluster can be made with or taken to (eks 2.12).
pub(super) fn check_version(version: &str) -> Result<(), Exception> {
    if OFFERED_VERSIONS.contains(&version) { Ok(()) } else { Err(Exception::unsupported_version(version)) }
}

fn refuse_second(cluster: &Cluster, kind: &str) -> Result<(), Exception> {
    cluster.running_update().map_or(Ok(()), |running| {
        let exception = Exception::update_in_progress(kind, &cluster.name, &uuid(running.serial));
        Err(exception.with_cluster(&cluster.name))
    })
}

/// What UpdateClusterConfig asks for, if it would change anything.
fn wanted(
    cluster: &Cluster,
    input: &UpdateClusterConfigRequest,
) -> Result<(Option<AuthenticationMode>, Option<ClusterChange>), Exception> {
    let vpc = input.resources_vpc_config.as_ref();
    let has = |members: &[&str]| vpc.is_some_and(|vpc| members.iter().any(|member| vpc.get(member).is_some()));
    let of_endpoints = has(&ENDPOINT_MEMBERS);
    let of_subnets = has(&["subnetIds", "securityGroupIds"]);
    let kinds = [
        (input.access_config.is_some(), "AccessConfigUpdate"),
        (input.logging.is_some(), "LoggingUpdate"),
        (of_endpoints || (vpc.is_some() && !of_subnets), "EndpointAccessUpdate"),
        (of_subnets, "VpcConfigUpdate"),
        (input.upgrade_policy.is_some(), "UpgradePolicyUpdate"),
    ];
    let mut kinds = kinds.into_iter().filter(|(asked, _)| *asked).map(|(_, kind)| kind);
    let kind = kinds.next();
    if let Some(running) = cluster.running_update() {
        let kind = kind.unwrap_or("AccessConfigUpdate");
        return Err(Exception::update_in_progress(kind, &cluster.name, &uuid(running.serial)));
    }
    if kinds.next().is_some() {
        return Err(Exception::one_update_type());
    }
    if let Some(logging) = &input.logging {
        return if logs_after(cluster, logging) == enabled_logs(cluster) {
            Err(Exception::logging_unchanged())
        } else {
            Ok((None, Some(ClusterChange::Logging(logging.clone()))))
        };
    }
    if let Some(asked) = vpc.filter(|_| of_endpoints) {
        return endpoints(cluster, asked).map(|change| (None, Some(change)));
    }
    if let Some(asked) = vpc.filter(|_| of_subnets) {
        let same = |member: &str| asked.get(member).is_none_or(|value| cluster.vpc(member).as_ref() == Some(value));
        return if same("subnetIds") && same("securityGroupIds") {
            Err(Exception::no_changes())
        } else {
            Ok((None, Some(ClusterChange::Vpc(asked.clone()))))
        };
    }
    if let Some(policy) = input.upgrade_policy.as_ref().filter(|policy| policy.get("supportType").is_some()) {
        return if cluster.settings.get("upgradePolicy") == Some(policy) {
            Err(Exception::no_changes())
        } else {
            Ok((None, Some(ClusterChange::UpgradePolicy(policy.clone()))))
        };
    }
    let wanted = input.access_config.as_ref().and_then(|config| config.authentication_mode.as_deref());
    let Some(wanted) = wanted else { return Err(Exception::no_changes()) };
    let mode = AuthenticationMode::parse(wanted).ok_or_else(|| Exception::unknown_mode(wanted))?;
    if cluster.mode.next() != Some(mode) {
        return Err(Exception::unsupported_mode_step(cluster.mode.name(), mode.name()));
    }
    Ok((Some(mode), None))
}

fn endpoints(cluster: &Cluster, asked: &Value) -> Result<ClusterChange, Exception> {
    let flag = |member: &str, default: bool| {
        let before = cluster.vpc(member).and_then(|value| value.as_bool()).unwrap_or(default);
        (before, asked.get(member).and_then(Value::as_bool).unwrap_or(before))
    };
    let (public, private) = (flag(ENDPOINT_MEMBERS[0], true), flag(ENDPOINT_MEMBERS[1], false));
    let everywhere = || json!(["0.0.0.0/0"]);
    let before = cluster.vpc(ENDPOINT_MEMBERS[2]).unwrap_or_else(everywhere);
    let given = asked.get(ENDPOINT_MEMBERS[2]).filter(|cidrs| cidrs.as_array().is_some_and(|list| !list.is_empty()));
    let cidrs = given.cloned().unwrap_or_else(|| before.clone());
    let after = json!({
        "endpointPublicAccess": public.1, "endpointPrivateAccess": private.1, "publicAccessCidrs": cidrs,
    });
    network::check_endpoints(&after)?;
    if (public.0, private.0, &before) == (public.1, private.1, &cidrs) {
        let list: Vec<&str> = cidrs.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        return Err(Exception::endpoints_unchanged(private.1, public.1, &list.join(", ")));
    }
    Ok(ClusterChange::Endpoints(after))
}

fn start(
    world: &mut World,
    name: &str,
    mode: Option<AuthenticationMode>,
    what: Option<ClusterChange>,
) -> Result<Value, Exception> {
    let (serial, now) = (world.next_serial(), world.clock);
    let ends_at = Timestamp(now.0.saturating_add(world.update_millis.max(0)));
    let update = ConfigUpdate { serial, mode, change: what, created_at: now, ends_at, done: false };
    let answer = json!({ "update": shape(describe(&update)) });
    let updates = &mut change(world, name)?.updates;
    updates.push(update);
    updates.drain(..updates.len().saturating_sub(limits::UPDATES));
    settle(world);
    Ok(answer)
}

/// Lets updates whose time has come take effect.
pub fn settle(world: &mut World) -> bool {
    let now = world.clock;
    let due: Vec<String> = world
        .clusters
        .iter()
        .filter(|cluster| cluster.running_update().is_some_and(|update| update.ends_at <= now))
        .map(|cluster| cluster.name.clone())
        .collect();
    for name in &due {
        let Some(cluster) = world.cluster_mut(name) else { continue };
        let before = cluster.mode;
        let mut done = Vec::new();
        for update in cluster.updates.iter_mut().filter(|update| !update.done && update.ends_at <= now) {
            update.done = true;
            cluster.mode = update.mode.unwrap_or(cluster.mode);
            done.extend(update.change.clone());
        }
        for change in done {
            apply(cluster, change, now);
        }
        if before == AuthenticationMode::ConfigMap && cluster.mode.uses_entries() {
            entries::reveal_creator(world, name);
            node_access::migrate(world, name);
        }
    }
    !due.is_empty()
}

fn apply(cluster: &mut Cluster, change: ClusterChange, now: Timestamp) {
    match change {
        ClusterChange::Logging(asked) => {
            let logging = describe_logs(&logs_after(cluster, &asked));
            cluster.settings.insert("logging".to_owned(), logging);
        }
        ClusterChange::Endpoints(asked) | ClusterChange::Vpc(asked) => {
            let mut vpc = cluster.vpc.clone().filter(Value::is_object).unwrap_or_else(|| json!({}));
            if let (Some(vpc), Value::Object(asked)) = (vpc.as_object_mut(), asked) {
                vpc.extend(asked);
            }
            cluster.vpc = Some(vpc);
        }
        ClusterChange::UpgradePolicy(policy) => {
            cluster.settings.insert("upgradePolicy".to_owned(), policy);
        }
        ClusterChange::Version(version) => {
            // Nodes keep their version until their own update.
            let before = cluster.version.clone();
            for group in cluster.nodegroups.values_mut().filter(|group| group.asked.version.is_none()) {
                let group = Rc::make_mut(group);
                group.version.get_or_insert_with(|| before.clone());
            }
            let minor = releases::known_minor(&version);
            cluster.server_version = releases::git_version(minor).map(eks_build).unwrap_or_default();
            cluster.objects.upgrade(minor, now);
            cluster.version = version;
        }
    }
}

impl Cluster {
    /// A member of `resourcesVpcConfig`, if it was given.
    pub(super) fn vpc(&self, member: &str) -> Option<Value> {
        self.vpc.as_ref().and_then(|vpc| vpc.get(member)).cloned()
    }
}

fn set_ups(logging: &Value) -> impl Iterator<Item = (bool, Vec<&str>)> {
    let list = logging.get("clusterLogging").and_then(Value::as_array).into_iter().flatten();
    list.map(|set_up| {
        let types = set_up.get("types").and_then(Value::as_array).into_iter().flatten();
        let enabled = set_up.get("enabled").and_then(Value::as_bool).unwrap_or(false);
        (enabled, types.filter_map(Value::as_str).collect())
    })
}

/// Which logs are kept.
fn enabled_logs(cluster: &Cluster) -> [bool; LOGS.len()] {
    cluster.settings.get("logging").map_or([false; LOGS.len()], |logging| with_logs([false; LOGS.len()], logging))
}

fn logs_after(cluster: &Cluster, asked: &Value) -> [bool; LOGS.len()] {
    with_logs(enabled_logs(cluster), asked)
}

fn with_logs(before: [bool; LOGS.len()], asked: &Value) -> [bool; LOGS.len()] {
    let mut logs = before;
    for (enabled, types) in set_ups(asked) {
        for (log, _) in logs.iter_mut().zip(LOGS).filter(|(_, name)| types.contains(name)) {
            *log = enabled;
        }
    }
    logs
}

fn describe_logs(logs: &[bool; LOGS.len()]) -> Value {
    let of = |enabled: bool| {
        let types: Vec<&str> = LOGS.into_iter().zip(logs).filter(|(_, log)| **log == enabled).map(|(n, _)| n).collect();
        (!types.is_empty()).then(|| json!({ "types": types, "enabled": enabled }))
    };
    let set_ups: Vec<Value> = [true, false].into_iter().filter_map(of).collect();
    json!({ "clusterLogging": set_ups })
}

/// Member `logging` as DescribeCluster shows it.
pub(super) fn describe_logging(cluster: &Cluster) -> Value {
    describe_logs(&enabled_logs(cluster))
}

/// What CreateCluster keeps of `logging`.
pub(super) fn logging_of(asked: &Value) -> Value {
    describe_logs(&with_logs([false; LOGS.len()], asked))
}

fn describe(update: &ConfigUpdate) -> Update {
    let params = match &update.change {
        _ if update.mode.is_some() => {
            // The mode as JSON text, with its quotation marks (eks 3.2).
            let mode = update.mode.map_or("", AuthenticationMode::name);
            vec![("AuthenticationMode", json!(mode).to_string())]
        }
        None => Vec::new(),
        Some(ClusterChange::Logging(asked)) => vec![("ClusterLogging", asked.to_string())],
        Some(ClusterChange::Endpoints(asked)) => {
            let kinds = ["EndpointPublicAccess", "EndpointPrivateAccess", "PublicAccessCidrs"];
            members(asked, &kinds.into_iter().zip(ENDPOINT_MEMBERS).collect::<Vec<_>>())
        }
        Some(ClusterChange::Vpc(asked)) => {
            members(asked, &[("SecurityGroups", "securityGroupIds"), ("Subnets", "subnetIds")])
        }
        Some(ClusterChange::UpgradePolicy(asked)) => vec![("UpgradePolicy", asked.to_string())],
        Some(ClusterChange::Version(version)) => {
            vec![("Version", version.clone()), ("PlatformVersion", super::clusters::PLATFORM_VERSION.to_owned())]
        }
    };
    let param = |(kind, value): (&str, String)| UpdateParam { kind: kind.to_owned(), value };
    Update {
        id: uuid(update.serial),
        status: if update.done { "Successful" } else { "InProgress" },
        kind: update.kind().to_owned(),
        params: params.into_iter().map(param).collect(),
        created_at: update.created_at,
        errors: Vec::new(),
    }
}

fn members<'a>(asked: &Value, names: &[(&'a str, &str)]) -> Vec<(&'a str, String)> {
    let all: Option<&Map<String, Value>> = asked.as_object();
    let value = |member: &str| all.and_then(|all| all.get(member)).map(Value::to_string);
    names.iter().filter_map(|(kind, member)| value(member).map(|value| (*kind, value))).collect()
}

impl ConfigUpdate {
    /// The kind of update, as the API names it.
    pub fn kind(&self) -> &'static str {
        match &self.change {
            None => "AccessConfigUpdate",
            Some(ClusterChange::Logging(_)) => "LoggingUpdate",
            Some(ClusterChange::Endpoints(_)) => "EndpointAccessUpdate",
            Some(ClusterChange::Vpc(_)) => "VpcConfigUpdate",
            Some(ClusterChange::UpgradePolicy(_)) => "UpgradePolicyUpdate",
            Some(ClusterChange::Version(_)) => "VersionUpdate",
        }
    }

    /// What it changes, for readers.
    pub fn what(&self) -> String {
        match (&self.mode, &self.change) {
            (Some(mode), _) => format!("Access config update: {}", mode.label()),
            (None, None) => "Access config update".to_owned(),
            (None, Some(ClusterChange::Logging(_))) => "Logging update".to_owned(),
            (None, Some(ClusterChange::Endpoints(_))) => "Endpoint access update".to_owned(),
            (None, Some(ClusterChange::Vpc(_))) => "VPC config update".to_owned(),
            (None, Some(ClusterChange::UpgradePolicy(_))) => "Upgrade policy update".to_owned(),
            (None, Some(ClusterChange::Version(version))) => format!("Version update: {version}"),
        }
    }
}

/// DescribeUpdate.
pub fn describe_update(world: &World, input: &DescribeUpdateRequest) -> Result<Value, Exception> {
    let updates = &named(world, &input.name)?.updates;
    let found = updates.iter().find(|update| uuid(update.serial) == input.update_id);
    let update = found.ok_or_else(|| Exception::no_update(&input.update_id))?;
    Ok(json!({ "update": shape(describe(update)) }))
}

/// ListUpdates, oldest first.
pub fn list_updates(world: &World, input: &ListUpdatesRequest) -> Result<Value, Exception> {
    let ids = named(world, &input.name)?.updates.iter().map(|update| json!(uuid(update.serial))).collect();
    page("updateIds", ids, input.max_results, input.next_token.as_deref(), &[])
}
