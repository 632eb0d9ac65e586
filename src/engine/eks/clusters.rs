//! Clusters (eks 2, 15). Network and certificates are only shown; their values are made up from the name.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::{check_tags, cluster, entries, page};
use crate::aws::eks::{AuthenticationMode, CreateClusterRequest, Paging};
use crate::aws::exception::Exception;
use crate::aws::sts::Caller as CallerIdentity;
use crate::engine::iam;
use crate::engine::world::{Cluster, Creator, World};
use crate::k8s::store::ObjectStore;

/// Version of a cluster that is made without one.
pub const DEFAULT_VERSION: &str = "1.33";

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
    let given = cluster.vpc.as_ref().and_then(|vpc| vpc.get("subnetIds")).cloned();
    given.unwrap_or_else(|| json!(["subnet-0aaa0000000000001", "subnet-0aaa0000000000002"]))
}

fn describe(world: &World, cluster: &Cluster) -> Map<String, Value> {
    let vpc = |member: &str| cluster.vpc.as_ref().and_then(|vpc| vpc.get(member)).cloned();
    let out = json!({
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
        "kubernetesNetworkConfig": { "serviceIpv4Cidr": "10.100.0.0/16", "ipFamily": "ipv4" },
        "logging": { "clusterLogging": [{
            "types": ["api", "audit", "authenticator", "controllerManager", "scheduler"],
            "enabled": false,
        }] },
        "identity": { "oidc": { "issuer": oidc_issuer(&world.region, &cluster.name) } },
        "status": cluster.status(),
        "certificateAuthority": { "data": cluster.certificate_authority() },
        "platformVersion": cluster.platform_version,
        "tags": cluster.tags,
        "health": { "issues": [] },
        // The bootstrap flag is not shown by real outputs (eks 2.8).
        "accessConfig": { "authenticationMode": cluster.mode.name() },
    });
    match out {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// DescribeCluster.
pub fn describe_cluster(world: &World, name: &str) -> Result<Value, Exception> {
    let found = cluster(world, name).map_err(|exception| exception.with_cluster(name))?;
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
    let mut letters = name.chars();
    let first = letters.next().is_some_and(|c| c.is_ascii_alphanumeric());
    if !first || name.len() > 100 || !letters.all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        return Err(Exception::bad_cluster_name(name));
    }
    if world.cluster(name).is_some() {
        return Err(Exception::cluster_exists(name).with_cluster(name));
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
    let tags = input.tags.clone().unwrap_or_default();
    check_tags(&tags)?;
    let (principal_arn, unique_id) = iam::principal_of(world, caller);
    let made = Cluster {
        name: name.clone(),
        version: input.version.clone().unwrap_or_else(|| DEFAULT_VERSION.to_owned()),
        platform_version: "eks.1".to_owned(),
        created_at: world.clock,
        role_arn: input.role_arn.clone(),
        tags,
        vpc: Some(input.resources_vpc_config.clone()),
        mode,
        creator: bootstrap.then_some(Creator { principal_arn, unique_id }),
        entries: std::collections::BTreeMap::new(),
        former: std::collections::BTreeMap::new(),
        nodegroups: std::collections::BTreeMap::new(),
        fargate_profiles: std::collections::BTreeMap::new(),
        integrations: super::Integrations::default(),
        updates: Vec::new(),
        objects: ObjectStore::stock(world.clock),
        static_users: std::collections::BTreeMap::new(),
        eks_authorizer: true,
        server_version: crate::engine::world::server_version(),
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

/// DeleteCluster: entries and associations go with it (eks 14.5); node groups and Fargate profiles must be gone before
/// (eks 13.4).
pub fn delete_cluster(world: &mut World, name: &str) -> Result<Value, Exception> {
    let found = cluster(world, name)?;
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
