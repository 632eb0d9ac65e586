//! EKS API shapes, named and ordered as the service model has them (eks 4, 9.10, 15).
//!
//! Field order is output order. Inputs leave absent members out; outputs always show theirs.

use serde::{Deserialize, Serialize};

use super::tags::Tags;
use crate::formats::time::Timestamp;

/// The Kubernetes versions that clusters can be made with: those that the service took in September 2026 (eks 2.12).
pub const OFFERED_VERSIONS: [&str; 7] = ["1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36"];

/// Timestamps leave the API model as the AWS CLI v2 shows them (cli 3.2).
fn iso<S: serde::Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.aws_text())
}

/// How a cluster authenticates IAM principals (eks 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuthenticationMode {
    /// aws-auth only; the access-entry API refuses (eks 1.5).
    ConfigMap,
    /// Access entries first, then aws-auth.
    ApiAndConfigMap,
    /// Access entries only; aws-auth is an ordinary object that nobody reads.
    Api,
}

impl AuthenticationMode {
    /// All modes, in the order of their one-way steps (eks 1.1).
    pub const ALL: [AuthenticationMode; 3] = [Self::ConfigMap, Self::ApiAndConfigMap, Self::Api];

    /// The wire name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ConfigMap => "CONFIG_MAP",
            Self::ApiAndConfigMap => "API_AND_CONFIG_MAP",
            Self::Api => "API",
        }
    }

    /// The mode of this wire name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// The label of the AWS console (eks 1).
    pub fn label(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMap",
            Self::ApiAndConfigMap => "EKS API and ConfigMap",
            Self::Api => "EKS API",
        }
    }

    /// True if access entries count in this mode.
    pub fn uses_entries(self) -> bool {
        self != Self::ConfigMap
    }

    /// True if aws-auth is read in this mode.
    pub fn reads_config_map(self) -> bool {
        self != Self::Api
    }

    /// The only mode that the service lets this one change to (eks 1.1), if any.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::ConfigMap => Some(Self::ApiAndConfigMap),
            Self::ApiAndConfigMap => Some(Self::Api),
            Self::Api => None,
        }
    }
}

/// Type of an access entry (eks 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EntryType {
    /// People, pipelines, services.
    #[default]
    Standard,
    /// Self-managed Linux and Bottlerocket nodes.
    #[serde(rename = "EC2_LINUX")]
    Ec2Linux,
    /// Self-managed Windows nodes.
    #[serde(rename = "EC2_WINDOWS")]
    Ec2Windows,
    /// Fargate pod execution roles.
    FargateLinux,
    /// Hybrid nodes.
    HybridLinux,
    /// SageMaker HyperPod.
    HyperpodLinux,
    /// Auto Mode nodes.
    #[serde(rename = "EC2")]
    Ec2,
}

impl EntryType {
    /// All types, in the order of the documentation.
    pub const ALL: [EntryType; 7] = [
        Self::Standard,
        Self::Ec2Linux,
        Self::Ec2Windows,
        Self::FargateLinux,
        Self::HybridLinux,
        Self::HyperpodLinux,
        Self::Ec2,
    ];

    /// The wire name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::Ec2Linux => "EC2_LINUX",
            Self::Ec2Windows => "EC2_WINDOWS",
            Self::FargateLinux => "FARGATE_LINUX",
            Self::HybridLinux => "HYBRID_LINUX",
            Self::HyperpodLinux => "HYPERPOD_LINUX",
            Self::Ec2 => "EC2",
        }
    }

    /// The type of this wire name; case counts (eks 5.1).
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }
}

/// `type=cluster` or `type=namespace` with patterns (eks 9.7, 10).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessScope {
    /// `cluster` or `namespace`; any text may arrive from a client (eks 16.5).
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Namespace names or patterns; empty for scope `cluster`.
    #[serde(default)]
    pub namespaces: Vec<String>,
}

impl AccessScope {
    /// The scope of a whole cluster.
    pub fn cluster() -> Self {
        Self { kind: "cluster".into(), namespaces: Vec::new() }
    }
}

/// An access entry as the API shows it (eks 4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "member names are those of the API")]
pub struct AccessEntry {
    pub cluster_name: String,
    pub principal_arn: String,
    pub kubernetes_groups: Vec<String>,
    pub access_entry_arn: String,
    #[serde(serialize_with = "iso")]
    pub created_at: Timestamp,
    #[serde(serialize_with = "iso")]
    pub modified_at: Timestamp,
    pub tags: Tags,
    pub username: String,
    #[serde(rename = "type")]
    pub kind: EntryType,
}

/// An association of an access policy with an entry (eks 9.10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "member names are those of the API")]
pub struct AssociatedAccessPolicy {
    pub policy_arn: String,
    pub access_scope: AccessScope,
    #[serde(serialize_with = "iso")]
    pub associated_at: Timestamp,
    #[serde(serialize_with = "iso")]
    pub modified_at: Timestamp,
}

/// A change of a cluster's configuration (eks 3.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "member names are those of the API")]
pub struct Update {
    pub id: String,
    pub status: &'static str,
    #[serde(rename = "type")]
    pub kind: String,
    pub params: Vec<UpdateParam>,
    #[serde(serialize_with = "iso")]
    pub created_at: Timestamp,
    pub errors: Vec<String>,
}

/// A parameter of an [`Update`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "member names are those of the API")]
pub struct UpdateParam {
    #[serde(rename = "type")]
    pub kind: String,
    pub value: String,
}

/// A policy of the catalogue, as ListAccessPolicies shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "member names are those of the API")]
pub struct AccessPolicy {
    pub name: String,
    pub arn: String,
}

macro_rules! inputs {
    ($($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $ty:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        #[expect(missing_docs, reason = "member names are those of the API")]
        pub struct $name { $($(#[$attr])* pub $field: $ty),* }
    )*};
}

mod compute;

pub use compute::*;

inputs! {
    /// Input of CreateAccessEntry.
    CreateAccessEntryRequest {
        cluster_name: String,
        principal_arn: String,
        #[serde(default, skip_serializing_if = "Option::is_none")] kubernetes_groups: Option<Vec<String>>,
        #[serde(default, skip_serializing_if = "Option::is_none")] tags: Option<Tags>,
        #[serde(default, skip_serializing_if = "Option::is_none")] client_request_token: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")] username: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none", rename = "type")] kind: Option<String>,
    }
    /// Input of UpdateAccessEntry.
    UpdateAccessEntryRequest {
        cluster_name: String,
        principal_arn: String,
        #[serde(default, skip_serializing_if = "Option::is_none")] kubernetes_groups: Option<Vec<String>>,
        #[serde(default, skip_serializing_if = "Option::is_none")] client_request_token: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")] username: Option<String>,
    }
    /// Input of DescribeAccessEntry and DeleteAccessEntry.
    EntryRef { cluster_name: String, principal_arn: String }
    /// Input of ListAccessEntries.
    ListAccessEntriesRequest {
        cluster_name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")] associated_policy_arn: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")] max_results: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")] next_token: Option<String>,
    }
    /// Input of AssociateAccessPolicy.
    AssociateAccessPolicyRequest {
        cluster_name: String,
        principal_arn: String,
        policy_arn: String,
        access_scope: AccessScope,
    }
    /// Input of DisassociateAccessPolicy.
    DisassociateAccessPolicyRequest { cluster_name: String, principal_arn: String, policy_arn: String }
    /// Input of ListAssociatedAccessPolicies.
    ListAssociatedAccessPoliciesRequest {
        cluster_name: String,
        principal_arn: String,
        #[serde(default, skip_serializing_if = "Option::is_none")] max_results: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")] next_token: Option<String>,
    }
    /// Paging members alone (ListAccessPolicies, ListClusters).
    Paging {
        #[serde(default, skip_serializing_if = "Option::is_none")] max_results: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")] next_token: Option<String>,
    }
    /// Member `accessConfig` of UpdateClusterConfig.
    UpdateAccessConfig {
        #[serde(default, skip_serializing_if = "Option::is_none")] authentication_mode: Option<String>,
    }
    /// Input of UpdateClusterConfig.
    UpdateClusterConfigRequest {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")] access_config: Option<UpdateAccessConfig>,
        #[serde(default, skip_serializing_if = "Option::is_none")] logging: Option<serde_json::Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")] resources_vpc_config: Option<serde_json::Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")] upgrade_policy: Option<serde_json::Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")] client_request_token: Option<String>,
    }
    /// Input of DescribeUpdate.
    DescribeUpdateRequest { name: String, update_id: String }
    /// Input of ListUpdates.
    ListUpdatesRequest {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")] max_results: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")] next_token: Option<String>,
    }
    /// Input of DescribeCluster and DeleteCluster.
    ClusterRef { name: String }
    /// Member `accessConfig` of CreateCluster.
    CreateAccessConfig {
        #[serde(default, skip_serializing_if = "Option::is_none")] bootstrap_cluster_creator_admin_permissions: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")] authentication_mode: Option<String>,
    }
    /// Input of CreateCluster.
    CreateClusterRequest {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")] version: Option<String>,
        role_arn: String,
        resources_vpc_config: serde_json::Value,
        #[serde(default, skip_serializing_if = "Option::is_none")] logging: Option<serde_json::Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")] client_request_token: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")] tags: Option<Tags>,
        #[serde(default, skip_serializing_if = "Option::is_none")] access_config: Option<CreateAccessConfig>,
        #[serde(default, skip_serializing_if = "Option::is_none")] kubernetes_network_config: Option<serde_json::Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")] encryption_config: Option<serde_json::Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")] upgrade_policy: Option<serde_json::Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")] remote_network_config: Option<serde_json::Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")] compute_config: Option<serde_json::Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")] storage_config: Option<serde_json::Value>,
    }
    /// Input of UpdateClusterVersion.
    UpdateClusterVersionRequest {
        name: String,
        version: String,
        #[serde(default, skip_serializing_if = "Option::is_none")] client_request_token: Option<String>,
    }
    /// Input of TagResource.
    TagResourceRequest { resource_arn: String, tags: Tags }
    /// Input of UntagResource.
    UntagResourceRequest { resource_arn: String, tag_keys: Vec<String> }
    /// Input of ListTagsForResource.
    ResourceRef { resource_arn: String }
}
