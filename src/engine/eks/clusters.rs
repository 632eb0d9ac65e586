//! Clusters (eks 2, 15). Network and certificates are only shown; their values are made up from the name.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::{check_tags, entries, is_name, named, network, page, updates};
use crate::aws::eks::{AuthenticationMode, CreateClusterRequest, Paging};
use crate::aws::exception::Exception;
use crate::aws::sts::Caller as CallerIdentity;
use crate::engine::iam;
use crate::engine::limits;
use crate::engine::world::{Cluster, Creator, World, eks_build};
use crate::k8s::releases;
use crate::k8s::store::ObjectStore;

/// The platform version of every cluster.
pub const PLATFORM_VERSION: &str = "eks.1";

/// `NAME` in upper case without dashes, padded to 32: the id in endpoint and issuer.
fn cluster_id(name: &str) -> String {
    let mut id: String = name.chars().filter(|c| *c != '-' && *c != '_').collect::<String>().to_uppercase();
    id.truncate(32);
    format!("{id:0<32}")
}

/// The issuer of tokens for a cluster's service accounts.
pub fn oidc_issuer(region: &str, cluster: &str) -> String {
    format!("https://oidc.eks.{region}.amazonaws.com/id/{}", cluster_id(cluster))
}

impl Cluster {
    /// The address of the API server.
    pub fn endpoint(&self, region: &str) -> String {
        format!("https://{}.gr7.{region}.eks.amazonaws.com", cluster_id(&self.name))
    }

    /// The certificate of the API server, in base64.
    pub fn certificate_authority(&self) -> &'static str {
        "LS0tLS1CRUdJTi1TVFVCLUNFUlQtLS0tLQo="
    }
}

/// The cluster's subnets.
pub fn subnets(cluster: &Cluster) -> Value {
    cluster.vpc("subnetIds").unwrap_or_else(|| json!(["subnet-0aaa0000000000001", "subnet-0aaa0000000000002"]))
}

/// Members that show only if they were given, in the order of the model; the client puts `encryptionConfig` in its place.
const SHOWN_SETTINGS: [&str; 5] =
    ["encryptionConfig", "upgradePolicy", "remoteNetworkConfig", "computeConfig", "storageConfig"];

fn describe(world: &World, cluster: &Cluster) -> Map<String, Value> {
    let vpc = |member: &str| cluster.vpc(member);
    let mut out = json!({
        "name": cluster.name,
        "arn": cluster.arn(world),
        "createdAt": cluster.created_at.aws_text(),
        "version": cluster.version,
        "endpoint": cluster.endpoint(&world.region),
        "roleArn": cluster.role_arn,
        "resourcesVpcConfig": {
            "subnetIds": subnets(cluster),
            "securityGroupIds": vpc("securityGroupIds").unwrap_or_else(|| json!([])),
            "clusterSecurityGroupId": "sg-0aaa000000000000f",
            "vpcId": "vpc-0aaa000000000000f",
            "endpointPublicAccess": vpc("endpointPublicAccess").unwrap_or(json!(true)),
            "endpointPrivateAccess": vpc("endpointPrivateAccess").unwrap_or(json!(false)),
            "publicAccessCidrs": vpc("publicAccessCidrs").unwrap_or_else(|| json!(["0.0.0.0/0"])),
        },
        "kubernetesNetworkConfig": network::describe_services(cluster.settings.get("kubernetesNetworkConfig")),
        "logging": updates::describe_logging(cluster),
        "identity": { "oidc": { "issuer": oidc_issuer(&world.region, &cluster.name) } },
        "status": cluster.status(),
        "certificateAuthority": { "data": cluster.certificate_authority() },
        "platformVersion": cluster.platform_version,
        "tags": cluster.tags,
        "health": { "issues": [] },
        // The bootstrap flag is not shown by real outputs (eks 2.8).
        "accessConfig": { "authenticationMode": cluster.mode.name() },
    });
    for member in SHOWN_SETTINGS {
        if let (Some(value), Some(out)) = (cluster.settings.get(member), out.as_object_mut()) {
            out.insert(member.to_owned(), value.clone());
        }
    }
    match out {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// DescribeCluster.
pub fn describe_cluster(world: &World, name: &str) -> Result<Value, Exception> {
    let found = named(world, name).map_err(|exception| exception.with_cluster(name))?;
    Ok(json!({ "cluster": describe(world, found) }))
}

/// ListClusters, in order of creation.
pub fn list_clusters(world: &World, input: &Paging) -> Result<Value, Exception> {
    let items = world.clusters.iter().map(|cluster| json!(cluster.name)).collect();
    page("clusters", items, input.max_results, input.next_token.as_deref(), &[])
}

/// CreateCluster (eks 2). The answer shows the cluster as being created; it is ready for the next call.
pub fn create_cluster(
    world: &mut World,
    caller: &CallerIdentity,
    input: &CreateClusterRequest,
) -> Result<Value, Exception> {
    let name = &input.name;
    if !is_name(name) {
        return Err(Exception::bad_cluster_name("name"));
    }
    if name.len() > 100 {
        return Err(Exception::long_cluster_name());
    }
    if world.cluster(name).is_some() {
        return Err(Exception::cluster_exists(name).with_cluster(name));
    }
    let parts: Vec<&str> = input.role_arn.split(':').collect();
    if matches!(parts.as_slice(), ["arn", _, "iam", _, account, ..] if *account != world.account) {
        return Err(Exception::cross_account_role());
    }
    let config = input.access_config.as_ref();
    let mode = match config.and_then(|config| config.authentication_mode.as_deref()) {
        None => AuthenticationMode::ConfigMap,
        Some(text) => AuthenticationMode::parse(text).ok_or_else(|| Exception::unknown_mode(text))?,
    };
    let bootstrap = config.and_then(|config| config.bootstrap_cluster_creator_admin_permissions).unwrap_or(true);
    if !bootstrap && mode == AuthenticationMode::ConfigMap {
        return Err(Exception::bootstrap_must_be_true());
    }
    let minor = match &input.version {
        None => releases::DEFAULT,
        Some(version) => {
            updates::check_version(version)?;
            releases::known_minor(version)
        }
    };
    network::check(world, input, mode)?;
    let tags = input.tags.clone().unwrap_or_default();
    check_tags(&tags)?;
    if world.clusters.len() >= limits::CLUSTERS {
        return Err(Exception::over_limit(limits::CLUSTERS, "clusters"));
    }
    let (principal_arn, unique_id) = iam::principal_of(world, caller);
    let made = Cluster {
        name: name.clone(),
        version: format!("1.{minor}"),
        platform_version: PLATFORM_VERSION.to_owned(),
        created_at: world.clock,
        role_arn: input.role_arn.clone(),
        tags,
        vpc: Some(input.resources_vpc_config.clone()),
        settings: settings(input),
        mode,
        creator: bootstrap.then_some(Creator { principal_arn, unique_id }),
        entries: std::collections::BTreeMap::new(),
        former: std::collections::BTreeMap::new(),
        nodegroups: std::collections::BTreeMap::new(),
        fargate_profiles: std::collections::BTreeMap::new(),
        integrations: super::Integrations::default(),
        updates: Vec::new(),
        objects: ObjectStore::stock_of(minor, world.clock),
        static_users: std::collections::BTreeMap::new(),
        eks_authorizer: true,
        managed: true,
        server_version: releases::git_version(minor).map(eks_build).unwrap_or_default(),
    };
    let mut shown = describe(world, &made);
    for later in ["endpoint", "identity"] {
        shown.shift_remove(later);
    }
    shown.insert("status".into(), json!("CREATING"));
    shown.insert("certificateAuthority".into(), json!({}));
    let access = json!({ "bootstrapClusterCreatorAdminPermissions": bootstrap, "authenticationMode": mode.name() });
    shown.insert("accessConfig".into(), access);
    world.clusters.push(Rc::new(made));
    if mode.uses_entries() {
        entries::reveal_creator(world, name);
    }
    Ok(json!({ "cluster": shown }))
}

/// What of the request is kept to be shown.
fn settings(input: &CreateClusterRequest) -> Map<String, Value> {
    let logging = input.logging.as_ref().map(updates::logging_of);
    let members = [
        ("logging", logging.as_ref()),
        ("kubernetesNetworkConfig", input.kubernetes_network_config.as_ref()),
        ("encryptionConfig", input.encryption_config.as_ref()),
        ("upgradePolicy", input.upgrade_policy.as_ref()),
        ("remoteNetworkConfig", input.remote_network_config.as_ref()),
        ("computeConfig", input.compute_config.as_ref()),
        ("storageConfig", input.storage_config.as_ref()),
    ];
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.clone()))).collect()
}

/// DeleteCluster: entries and associations go with it (eks 14.5); node groups and Fargate profiles must be gone before
/// (eks 13.4).
pub fn delete_cluster(world: &mut World, name: &str) -> Result<Value, Exception> {
    let found = named(world, name)?;
    if !found.nodegroups.is_empty() {
        let names: Vec<&str> = found.nodegroups.keys().map(String::as_str).collect();
        return Err(Exception::cluster_has_nodegroups().with_nodegroup(name, &names.join(",")));
    }
    if !found.fargate_profiles.is_empty() {
        return Err(Exception::cluster_has_fargate_profiles().with_cluster(name));
    }
    let mut shown = describe(world, found);
    shown.insert("status".into(), json!("DELETING"));
    world.clusters.retain(|cluster| cluster.name != name);
    Ok(json!({ "cluster": shown }))
}
