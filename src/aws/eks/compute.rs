//! Shapes of managed node groups and Fargate profiles (eks 13).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::EntryType;
use crate::aws::tags::Tags;

/// The AMI types of the service model.
pub const AMI_TYPES: &[&str] = &[
    "AL2_x86_64",
    "AL2_x86_64_GPU",
    "AL2_ARM_64",
    "CUSTOM",
    "BOTTLEROCKET_ARM_64",
    "BOTTLEROCKET_x86_64",
    "BOTTLEROCKET_ARM_64_FIPS",
    "BOTTLEROCKET_x86_64_FIPS",
    "BOTTLEROCKET_ARM_64_NVIDIA",
    "BOTTLEROCKET_x86_64_NVIDIA",
    "BOTTLEROCKET_ARM_64_NVIDIA_FIPS",
    "BOTTLEROCKET_x86_64_NVIDIA_FIPS",
    "WINDOWS_CORE_2019_x86_64",
    "WINDOWS_FULL_2019_x86_64",
    "WINDOWS_CORE_2022_x86_64",
    "WINDOWS_FULL_2022_x86_64",
    "WINDOWS_CORE_2025_x86_64",
    "WINDOWS_FULL_2025_x86_64",
    "AL2023_x86_64_STANDARD",
    "AL2023_ARM_64_STANDARD",
    "AL2023_x86_64_NEURON",
    "AL2023_x86_64_NVIDIA",
    "AL2023_ARM_64_NVIDIA",
];
/// How nodes are bought.
pub const CAPACITY_TYPES: &[&str] = &["ON_DEMAND", "SPOT", "CAPACITY_BLOCK"];
/// What a taint does.
pub const TAINT_EFFECTS: &[&str] = &["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"];

/// The type of the entry that nodes of an AMI type need. Of a custom AMI EKS cannot tell that it is Windows: such nodes
/// get the wrong type (eks 13).
pub fn entry_type_of(ami_type: &str) -> EntryType {
    if ami_type.starts_with("WINDOWS_") { EntryType::Ec2Windows } else { EntryType::Ec2Linux }
}

inputs! {
    /// Member `scalingConfig` of a node group.
    ScalingConfig {
        #[serde(default, skip_serializing_if = "Option::is_none")] min_size: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")] max_size: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")] desired_size: Option<i64>,
    }
    /// A taint of the nodes of a group.
    Taint {
        #[serde(default, skip_serializing_if = "Option::is_none")] key: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")] value: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")] effect: Option<String>,
    }
    /// Input of CreateNodegroup. Launch template and update settings are kept to be shown.
    CreateNodegroupRequest {
        cluster_name: String,
        nodegroup_name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")] scaling_config: Option<ScalingConfig>,
        #[serde(default, skip_serializing_if = "Option::is_none")] disk_size: Option<i64>,
        subnets: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")] instance_types: Option<Vec<String>>,
        #[serde(default, skip_serializing_if = "Option::is_none")] ami_type: Option<String>,
        node_role: String,
        #[serde(default, skip_serializing_if = "Option::is_none")] labels: Option<BTreeMap<String, String>>,
        #[serde(default, skip_serializing_if = "Option::is_none")] taints: Option<Vec<Taint>>,
        #[serde(default, skip_serializing_if = "Option::is_none")] tags: Option<Tags>,
        #[serde(default, skip_serializing_if = "Option::is_none")] client_request_token: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")] launch_template: Option<Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")] update_config: Option<Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")] remote_access: Option<Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")] node_repair_config: Option<Value>,
        #[serde(default, skip_serializing_if = "Option::is_none")] capacity_type: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")] version: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")] release_version: Option<String>,
    }
    /// Input of DescribeNodegroup and DeleteNodegroup.
    NodegroupRef { cluster_name: String, nodegroup_name: String }
    /// Input of ListNodegroups and ListFargateProfiles.
    ClusterPaging {
        cluster_name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")] max_results: Option<u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")] next_token: Option<String>,
    }
    /// Which pods run on Fargate.
    FargateProfileSelector {
        #[serde(default, skip_serializing_if = "Option::is_none")] namespace: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")] labels: Option<BTreeMap<String, String>>,
    }
    /// Input of CreateFargateProfile.
    CreateFargateProfileRequest {
        fargate_profile_name: String,
        cluster_name: String,
        pod_execution_role_arn: String,
        #[serde(default, skip_serializing_if = "Option::is_none")] subnets: Option<Vec<String>>,
        #[serde(default, skip_serializing_if = "Option::is_none")] selectors: Option<Vec<FargateProfileSelector>>,
        #[serde(default, skip_serializing_if = "Option::is_none")] client_request_token: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")] tags: Option<Tags>,
    }
    /// Input of DescribeFargateProfile and DeleteFargateProfile.
    FargateProfileRef { cluster_name: String, fargate_profile_name: String }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_is_known_by_its_ami_type_alone() {
        for ami_type in AMI_TYPES {
            let expected = if ami_type.contains("WINDOWS") { EntryType::Ec2Windows } else { EntryType::Ec2Linux };
            assert_eq!(entry_type_of(ami_type), expected, "{ami_type}");
        }
        assert_eq!(entry_type_of("CUSTOM"), EntryType::Ec2Linux);
    }
}
