//! Managed node groups and Fargate profiles of EKS (eks 13.4): operations, used by [`super::eks`].

use super::eks::{CLUSTER_NAME, MAX, NEXT, REQUEST_TOKEN, TAGS, paged, values};
use super::{INTEGER, Member, Operation, Shape, TEXT, TEXTS, field, inert, optional, required};
use crate::aws::eks::{AMI_TYPES, CAPACITY_TYPES, TAINT_EFFECTS};

const NODEGROUP_NAME: Member = required("nodegroupName", TEXT, "The name of the node group.");
const PROFILE_NAME: Member = required("fargateProfileName", TEXT, "The name of the Fargate profile.");

const fn at_least(min: i64) -> Shape {
    Shape::Integer { min: Some(min) }
}

const SIZES: Shape = Shape::Structure(&[
    field("minSize", at_least(0)),
    field("maxSize", at_least(1)),
    field("desiredSize", at_least(0)),
]);
const REMOTE_ACCESS: Shape = Shape::Structure(&[field("ec2SshKey", TEXT), field("sourceSecurityGroups", TEXTS)]);
const TAINT: Shape = Shape::Structure(&[
    field("key", Shape::Text { min: 1, values: &[] }),
    field("value", TEXT),
    field("effect", values(TAINT_EFFECTS)),
]);
const LAUNCH_TEMPLATE: Shape = Shape::Structure(&[field("name", TEXT), field("version", TEXT), field("id", TEXT)]);
const UPDATE_CONFIG: Shape = Shape::Structure(&[
    field("maxUnavailable", at_least(1)),
    field("maxUnavailablePercentage", at_least(1)),
    field("updateStrategy", values(&["DEFAULT", "MINIMAL"])),
]);
const REPAIR_OVERRIDE: Shape = Shape::Structure(&[
    field("nodeMonitoringCondition", TEXT),
    field("nodeUnhealthyReason", TEXT),
    field("minRepairWaitTimeMins", at_least(1)),
    field("repairAction", values(&["Replace", "Reboot", "NoAction"])),
]);
const REPAIR: Shape = Shape::Structure(&[
    field("enabled", Shape::Boolean),
    field("maxUnhealthyNodeThresholdCount", at_least(1)),
    field("maxUnhealthyNodeThresholdPercentage", at_least(1)),
    field("maxParallelNodesRepairedCount", at_least(1)),
    field("maxParallelNodesRepairedPercentage", at_least(1)),
    field("nodeRepairConfigOverrides", Shape::List(&REPAIR_OVERRIDE)),
]);
const WARM_POOL: Shape = Shape::Structure(&[
    field("enabled", Shape::Boolean),
    field("minSize", at_least(0)),
    field("maxGroupPreparedCapacity", INTEGER),
    field("poolState", values(&["STOPPED", "RUNNING", "HIBERNATED"])),
    field("reuseOnScaleIn", Shape::Boolean),
]);
const ISSUE: Shape = Shape::Structure(&[field("code", TEXT), field("message", TEXT), field("resourceIds", TEXTS)]);
const HEALTH: Shape = Shape::Structure(&[field("issues", Shape::List(&ISSUE))]);
const SELECTOR: Shape = Shape::Structure(&[field("namespace", TEXT), field("labels", Shape::Map)]);
const SCALING_GROUP: Shape = Shape::Structure(&[field("name", TEXT)]);

const NODEGROUP: Shape = Shape::Structure(&[
    field("nodegroupName", TEXT),
    field("nodegroupArn", TEXT),
    field("clusterName", TEXT),
    field("version", TEXT),
    field("releaseVersion", TEXT),
    field("createdAt", Shape::Timestamp),
    field("modifiedAt", Shape::Timestamp),
    field("status", TEXT),
    field("capacityType", TEXT),
    field("scalingConfig", SIZES),
    field("instanceTypes", TEXTS),
    field("subnets", TEXTS),
    field("remoteAccess", REMOTE_ACCESS),
    field("amiType", TEXT),
    field("nodeRole", TEXT),
    field("labels", Shape::Map),
    field("taints", Shape::List(&TAINT)),
    field(
        "resources",
        Shape::Structure(&[
            field("autoScalingGroups", Shape::List(&SCALING_GROUP)),
            field("remoteAccessSecurityGroup", TEXT),
        ]),
    ),
    field("diskSize", INTEGER),
    field("health", HEALTH),
    field("updateConfig", UPDATE_CONFIG),
    field("nodeRepairConfig", REPAIR),
    field("launchTemplate", LAUNCH_TEMPLATE),
    field("tags", Shape::Map),
    field("warmPoolConfig", WARM_POOL),
]);
const FARGATE_PROFILE: Shape = Shape::Structure(&[
    field("fargateProfileName", TEXT),
    field("fargateProfileArn", TEXT),
    field("clusterName", TEXT),
    field("createdAt", Shape::Timestamp),
    field("podExecutionRoleArn", TEXT),
    field("subnets", TEXTS),
    field("selectors", Shape::List(&SELECTOR)),
    field("status", TEXT),
    field("tags", Shape::Map),
    field("health", HEALTH),
]);
const ONE_NODEGROUP: &[Member] = &[field("nodegroup", NODEGROUP)];
const ONE_PROFILE: &[Member] = &[field("fargateProfile", FARGATE_PROFILE)];

pub(super) const CREATE_FARGATE_PROFILE: Operation = Operation {
    name: "CreateFargateProfile",
    doc: "Creates a Fargate profile; EKS lets its pod execution role in.",
    input: &[
        PROFILE_NAME,
        CLUSTER_NAME,
        required("podExecutionRoleArn", TEXT, "The role that Fargate registers pods' nodes with."),
        optional("subnets", TEXTS, "Private subnets for the pods; those of the cluster if missing."),
        optional("selectors", Shape::List(&SELECTOR), "Which pods run on Fargate, by namespace and labels."),
        REQUEST_TOKEN,
        TAGS,
    ],
    output: ONE_PROFILE,
    paging: None,
};

pub(super) const CREATE_NODEGROUP: Operation = Operation {
    name: "CreateNodegroup",
    doc: "Creates a managed node group; EKS lets its node role in.",
    input: &[
        CLUSTER_NAME,
        NODEGROUP_NAME,
        optional("scalingConfig", SIZES, "How many nodes: minSize, maxSize, desiredSize."),
        optional("diskSize", INTEGER, "Size of each node's disk in GiB."),
        required("subnets", TEXTS, "Subnets for the nodes."),
        optional("instanceTypes", TEXTS, "EC2 instance types; t3.medium if missing."),
        optional("amiType", values(AMI_TYPES), "The kind of machine image; it decides the type of the access entry."),
        optional("remoteAccess", REMOTE_ACCESS, "Access to the nodes by SSH; shown only."),
        required("nodeRole", TEXT, "The ARN of the IAM role of the nodes."),
        optional("labels", Shape::Map, "Kubernetes labels of the nodes."),
        optional("taints", Shape::List(&TAINT), "Kubernetes taints of the nodes."),
        TAGS,
        REQUEST_TOKEN,
        optional("launchTemplate", LAUNCH_TEMPLATE, "An EC2 launch template; shown only."),
        optional("updateConfig", UPDATE_CONFIG, "How many nodes may be away during an update; shown only."),
        optional("nodeRepairConfig", REPAIR, "When nodes are repaired; shown only."),
        optional("capacityType", values(CAPACITY_TYPES), "How the nodes are bought."),
        Member {
            option: Some("kubernetes-version"),
            ..optional("version", TEXT, "The cluster's Kubernetes version, or one of the three before it.")
        },
        optional("releaseVersion", TEXT, "The release of the machine image."),
        inert("warmPoolConfig", WARM_POOL),
    ],
    output: ONE_NODEGROUP,
    paging: None,
};

pub(super) const DELETE_FARGATE_PROFILE: Operation = Operation {
    name: "DeleteFargateProfile",
    doc: "Deletes a Fargate profile; the access of its role stays.",
    input: &[CLUSTER_NAME, PROFILE_NAME],
    output: ONE_PROFILE,
    paging: None,
};

pub(super) const DELETE_NODEGROUP: Operation = Operation {
    name: "DeleteNodegroup",
    doc: "Deletes a managed node group; a line of its role in aws-auth goes, an access entry stays.",
    input: &[CLUSTER_NAME, NODEGROUP_NAME],
    output: ONE_NODEGROUP,
    paging: None,
};

pub(super) const DESCRIBE_FARGATE_PROFILE: Operation = Operation {
    name: "DescribeFargateProfile",
    doc: "Shows a Fargate profile.",
    input: &[CLUSTER_NAME, PROFILE_NAME],
    output: ONE_PROFILE,
    paging: None,
};

pub(super) const DESCRIBE_NODEGROUP: Operation = Operation {
    name: "DescribeNodegroup",
    doc: "Shows a managed node group.",
    input: &[CLUSTER_NAME, NODEGROUP_NAME],
    output: ONE_NODEGROUP,
    paging: None,
};

pub(super) const LIST_FARGATE_PROFILES: Operation = Operation {
    name: "ListFargateProfiles",
    doc: "Lists the Fargate profiles of a cluster.",
    input: &[CLUSTER_NAME, MAX, NEXT],
    output: &[field("fargateProfileNames", TEXTS), field("nextToken", TEXT)],
    paging: paged("fargateProfileNames", &[]),
};

pub(super) const LIST_NODEGROUPS: Operation = Operation {
    name: "ListNodegroups",
    doc: "Lists the managed node groups of a cluster.",
    input: &[CLUSTER_NAME, MAX, NEXT],
    output: &[field("nodegroups", TEXTS), field("nextToken", TEXT)],
    paging: paged("nodegroups", &[]),
};
