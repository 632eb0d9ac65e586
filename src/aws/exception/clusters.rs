//! Refusals about clusters: names, creation, configuration, versions (eks 1.6, 2.9, 2.12, 15.7).

use super::Exception;

/// What follows the name of a parameter with letters that it may not have.
const NAME_FORM: &str = "contains invalid characters. It should conform to the regular expression \
    \"^[0-9A-Za-z][A-Za-z0-9-_]*\"In other words, it should start with a number or letter, and can contain numbers, \
    letters, dashes, and underscores.";

impl Exception {
    /// A cluster's name with other letters than eks 2.9 allows; `member` is `name` or `clusterName` (both reported, each
    /// for one operation).
    pub fn bad_cluster_name(member: &str) -> Self {
        Self::invalid_parameter(match member {
            "name" => format!("The parameter name {NAME_FORM}"),
            _ => format!("The {member} parameter {NAME_FORM}"),
        })
    }

    /// A node group's name with other letters (eks 13.4, reported).
    pub fn bad_nodegroup_name() -> Self {
        Self::invalid_parameter(format!("The nodegroup name parameter {NAME_FORM}"))
    }

    /// A cluster's name of more than 100 letters (own wording).
    pub fn long_cluster_name() -> Self {
        Self::invalid_parameter("The parameter name can't be longer than 100 characters").own()
    }

    /// A version that the service does not offer (eks 2.12, reported).
    pub fn unsupported_version(version: &str) -> Self {
        Self::invalid_parameter(format!("unsupported Kubernetes version {version}"))
    }

    /// A step of the version other than one minor version up (eks 2.13, reported).
    pub fn unsupported_version_step(from: &str, to: &str) -> Self {
        Self::invalid_parameter(format!("Unsupported Kubernetes minor version update from {from} to {to}"))
    }

    /// A step of the version that leaves node groups too far behind (eks 2.13, reported for the years when one minor
    /// version was the limit).
    pub fn nodegroups_behind(names: &str, version: &str) -> Self {
        Self::invalid_parameter(format!(
            "Nodegroups {names} must be updated to match cluster version {version} before updating cluster version."
        ))
        .inferred()
    }

    /// Neither endpoint would answer (eks 2.12, reported for CreateCluster).
    pub fn no_endpoint() -> Self {
        Self::invalid_parameter("Private and public endpoint access cannot be false")
    }

    /// One subnet, or several in one zone (eks 2.12, reported).
    pub fn one_zone() -> Self {
        Self::invalid_parameter("Subnets specified must be in at least two different AZs")
    }

    /// Encryption of anything but Secrets (eks 2.12, reported).
    pub fn encryption_resource() -> Self {
        Self::invalid_parameter("Invalid k8s resource for encryption")
    }

    /// A key of another region or partition (eks 2.12, reported).
    pub fn encryption_region() -> Self {
        Self::invalid_parameter("The keyArn for encryptionConfig is scoped to invalid aws region.")
    }

    /// Auto Mode switched on in part (eks 2.12, reported).
    pub fn auto_mode_in_part() -> Self {
        Self::invalid_parameter(
            "For EKS Auto Mode, please ensure that all required configs, including computeConfig, \
             kubernetesNetworkConfig, and blockStorage are all either fully enabled or fully disabled.",
        )
    }

    /// Node pools without a role for their nodes (eks 2.12, reported).
    pub fn pools_without_role() -> Self {
        Self::invalid_parameter("When Compute Config nodeRoleArn is null or empty, nodePool list cannot be populated.")
    }

    /// Auto Mode without access entries (eks 1.6, reported).
    pub fn auto_mode_needs_entries() -> Self {
        Self::invalid_parameter(
            "When EKS Auto Mode is enabled, you must use an EKS access config authentication mode of \
             API_AND_CONFIG_MAP or API",
        )
    }

    /// Hybrid nodes without access entries (eks 1.6, reported).
    pub fn hybrid_needs_entries() -> Self {
        Self::invalid_parameter(
            "AccessConfig AuthMode must be API_AND_CONFIG_MAP or API when remoteNetworkConfig is specified",
        )
    }

    /// Networks of pods without networks of nodes (eks 2.12, reported).
    pub fn no_remote_nodes() -> Self {
        Self::invalid_parameter("remoteNodeNetworks are required when specifying remoteNetworkConfig.")
    }

    /// A remote network, of `node` or `pod`, that cannot be (eks 2.12, reported).
    pub fn remote_network(of: &str, cidr: &str, why: &str) -> Self {
        Self::invalid_parameter(format!("Invalid remote {of} network: CIDR {cidr} {why}"))
    }

    /// IPv4 services of an IPv6 cluster (eks 2.12, reported).
    pub fn ipv4_in_ipv6() -> Self {
        Self::invalid_parameter("serviceIpv4Cidr cannot be specified when creating an \"ipv6\" cluster")
    }

    /// A range of service addresses that cannot be (eks 2.12, reported).
    pub fn service_cidr(cidr: &str, cluster: &str, why: &str) -> Self {
        Self::invalid_parameter(format!("Invalid Cluster Service Ipv4 CIDR {cidr} for the cluster {cluster}, {why}"))
    }

    /// UpdateClusterConfig with the endpoints as they are (eks 15.7, reported).
    pub fn endpoints_unchanged(private: bool, public: bool, cidrs: &str) -> Self {
        Self::invalid_parameter(format!(
            "Cluster is already at the desired configuration with endpointPrivateAccess: {private} , \
             endpointPublicAccess: {public}, and Public Endpoint Restrictions: [{cidrs}]"
        ))
    }

    /// UpdateClusterConfig with the logs as they are (eks 15.7, reported).
    pub fn logging_unchanged() -> Self {
        Self::invalid_parameter("No changes needed for the logging config provided")
    }
}
