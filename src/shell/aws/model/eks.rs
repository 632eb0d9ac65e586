//! EKS: operations in the order of the service model (eks 15).

use super::{
    MAX_RESULTS, Member, Operation, Paging, Service, Shape, TEXT, TEXTS, compute, field, inert, integrations, known,
    optional, required,
};

pub(super) const CLUSTER_NAME: Member = required("clusterName", TEXT, "The name of the cluster.");
const NAME: Member = required("name", TEXT, "The name of the cluster.");
const PRINCIPAL: Member = required("principalArn", TEXT, "The ARN of the IAM role or user, with its path.");
const POLICY: Member = required("policyArn", TEXT, "The ARN of the access policy.");
const GROUPS: Member = optional("kubernetesGroups", TEXTS, "Kubernetes groups that bindings can name.");
const USERNAME: Member = optional("username", TEXT, "The name the caller has in Kubernetes.");
pub(super) const REQUEST_TOKEN: Member = optional("clientRequestToken", TEXT, "Makes a repeated request count once.");
pub(super) const TAGS: Member = optional("tags", Shape::Map, "Keys and values to tag the resource with.");
const RESOURCE_ARN: Member =
    required("resourceArn", TEXT, "The ARN of the cluster, access entry, node group or Fargate profile.");
pub(super) const MAX: Member = optional("maxResults", MAX_RESULTS, "The most results in one answer, 1 to 100.");
pub(super) const NEXT: Member = optional("nextToken", TEXT, "Where the previous answer stopped.");

pub(super) const fn values(values: &'static [&'static str]) -> Shape {
    Shape::Text { min: 0, values }
}

const MODES: Shape = values(&["API", "API_AND_CONFIG_MAP", "CONFIG_MAP"]);
const ACCESS_SCOPE: Shape =
    Shape::Structure(&[field("type", values(&["cluster", "namespace"])), field("namespaces", TEXTS)]);
const ENABLED: Shape = Shape::Structure(&[field("enabled", Shape::Boolean)]);
const VPC_REQUEST: Shape = Shape::Structure(&[
    field("subnetIds", TEXTS),
    field("securityGroupIds", TEXTS),
    field("endpointPublicAccess", Shape::Boolean),
    field("endpointPrivateAccess", Shape::Boolean),
    field("publicAccessCidrs", TEXTS),
]);
const LOG_TYPE: Shape = values(&["api", "audit", "authenticator", "controllerManager", "scheduler"]);
const LOG_SETUP: Shape = Shape::Structure(&[field("types", Shape::List(&LOG_TYPE)), field("enabled", Shape::Boolean)]);
const LOGGING: Shape = Shape::Structure(&[field("clusterLogging", Shape::List(&LOG_SETUP))]);
const NETWORK_REQUEST: Shape = Shape::Structure(&[
    field("serviceIpv4Cidr", TEXT),
    field("ipFamily", values(&["ipv4", "ipv6"])),
    field("elasticLoadBalancing", ENABLED),
]);
const ENCRYPTION: Shape =
    Shape::Structure(&[field("resources", TEXTS), field("provider", Shape::Structure(&[field("keyArn", TEXT)]))]);
const OUTPOST: Shape = Shape::Structure(&[
    required("outpostArns", TEXTS, ""),
    required("controlPlaneInstanceType", TEXT, ""),
    field("controlPlanePlacement", Shape::Structure(&[field("groupName", TEXT)])),
]);
const UPGRADE_POLICY: Shape = Shape::Structure(&[field("supportType", values(&["STANDARD", "EXTENDED"]))]);
const CIDRS: Shape = Shape::Structure(&[field("cidrs", TEXTS)]);
const REMOTE_NETWORK: Shape = Shape::Structure(&[
    field("remoteNodeNetworks", Shape::List(&CIDRS)),
    field("remotePodNetworks", Shape::List(&CIDRS)),
]);
const COMPUTE: Shape =
    Shape::Structure(&[field("enabled", Shape::Boolean), field("nodePools", TEXTS), field("nodeRoleArn", TEXT)]);
const STORAGE: Shape = Shape::Structure(&[field("blockStorage", ENABLED)]);
const SCALING: Shape =
    Shape::Structure(&[field("tier", values(&["standard", "tier-xl", "tier-2xl", "tier-4xl", "tier-8xl"]))]);

const ACCESS_ENTRY: Shape = Shape::Structure(&[
    field("clusterName", TEXT),
    field("principalArn", TEXT),
    field("kubernetesGroups", TEXTS),
    field("accessEntryArn", TEXT),
    field("createdAt", Shape::Timestamp),
    field("modifiedAt", Shape::Timestamp),
    field("tags", Shape::Map),
    field("username", TEXT),
    field("type", TEXT),
]);
const ASSOCIATION: Shape = Shape::Structure(&[
    field("policyArn", TEXT),
    field("accessScope", ACCESS_SCOPE),
    field("associatedAt", Shape::Timestamp),
    field("modifiedAt", Shape::Timestamp),
]);
const ACCESS_POLICY: Shape = Shape::Structure(&[field("name", TEXT), field("arn", TEXT)]);
const UPDATE_PARAM: Shape = Shape::Structure(&[field("type", TEXT), field("value", TEXT)]);
const UPDATE_ERROR: Shape =
    Shape::Structure(&[field("errorCode", TEXT), field("errorMessage", TEXT), field("resourceIds", TEXTS)]);
pub(super) const UPDATE: Shape = Shape::Structure(&[
    field("id", TEXT),
    field("status", TEXT),
    field("type", TEXT),
    field("params", Shape::List(&UPDATE_PARAM)),
    field("createdAt", Shape::Timestamp),
    field("errors", Shape::List(&UPDATE_ERROR)),
]);
const HEALTH_ISSUE: Shape =
    Shape::Structure(&[field("code", TEXT), field("message", TEXT), field("resourceIds", TEXTS)]);
const CLUSTER: Shape = Shape::Structure(&[
    field("name", TEXT),
    field("arn", TEXT),
    field("createdAt", Shape::Timestamp),
    field("version", TEXT),
    field("endpoint", TEXT),
    field("roleArn", TEXT),
    field(
        "resourcesVpcConfig",
        Shape::Structure(&[
            field("subnetIds", TEXTS),
            field("securityGroupIds", TEXTS),
            field("clusterSecurityGroupId", TEXT),
            field("vpcId", TEXT),
            field("endpointPublicAccess", Shape::Boolean),
            field("endpointPrivateAccess", Shape::Boolean),
            field("publicAccessCidrs", TEXTS),
        ]),
    ),
    field(
        "kubernetesNetworkConfig",
        Shape::Structure(&[
            field("serviceIpv4Cidr", TEXT),
            field("serviceIpv6Cidr", TEXT),
            field("ipFamily", TEXT),
            field("elasticLoadBalancing", ENABLED),
        ]),
    ),
    field("logging", LOGGING),
    field("identity", Shape::Structure(&[field("oidc", Shape::Structure(&[field("issuer", TEXT)]))])),
    field("status", TEXT),
    field("certificateAuthority", Shape::Structure(&[field("data", TEXT)])),
    field("clientRequestToken", TEXT),
    field("platformVersion", TEXT),
    field("tags", Shape::Map),
    field("encryptionConfig", Shape::List(&ENCRYPTION)),
    field(
        "connectorConfig",
        Shape::Structure(&[
            field("activationId", TEXT),
            field("activationCode", TEXT),
            field("activationExpiry", Shape::Timestamp),
            field("provider", TEXT),
            field("roleArn", TEXT),
        ]),
    ),
    field("id", TEXT),
    field("health", Shape::Structure(&[field("issues", Shape::List(&HEALTH_ISSUE))])),
    field("outpostConfig", OUTPOST),
    field(
        "accessConfig",
        Shape::Structure(&[
            field("bootstrapClusterCreatorAdminPermissions", Shape::Boolean),
            field("authenticationMode", TEXT),
        ]),
    ),
    field("upgradePolicy", UPGRADE_POLICY),
    field("zonalShiftConfig", ENABLED),
    field("remoteNetworkConfig", REMOTE_NETWORK),
    field("computeConfig", COMPUTE),
    field("storageConfig", STORAGE),
    field("deletionProtection", Shape::Boolean),
    field("controlPlaneScalingConfig", SCALING),
]);

pub(super) const fn paged(result: &'static str, rest: &'static [&'static str]) -> Option<Paging> {
    Some(Paging { input_token: "nextToken", output_token: "nextToken", limit: "maxResults", result, rest })
}

const OPERATIONS: &[Operation] = &[
    Operation {
        name: "AssociateAccessPolicy",
        doc: "Associates an access policy and its scope with an access entry; a second time replaces the scope.",
        input: &[
            CLUSTER_NAME,
            PRINCIPAL,
            POLICY,
            required("accessScope", ACCESS_SCOPE, "Where the policy counts: the cluster, or namespaces."),
        ],
        output: &[
            field("clusterName", TEXT),
            field("principalArn", TEXT),
            field("associatedAccessPolicy", ASSOCIATION),
        ],
        paging: None,
    },
    integrations::ASSOCIATE_IDENTITY_PROVIDER,
    Operation {
        name: "CreateAccessEntry",
        doc: "Lets an IAM principal log in to a cluster.",
        input: &[
            CLUSTER_NAME,
            PRINCIPAL,
            GROUPS,
            TAGS,
            REQUEST_TOKEN,
            USERNAME,
            optional(
                "type",
                TEXT,
                "STANDARD (default), EC2_LINUX, EC2_WINDOWS, FARGATE_LINUX, HYBRID_LINUX, HYPERPOD_LINUX or EC2.",
            ),
        ],
        output: &[field("accessEntry", ACCESS_ENTRY)],
        paging: None,
    },
    integrations::CREATE_ADDON,
    Operation {
        name: "CreateCluster",
        doc: "Creates a cluster.",
        input: &[
            required("name", Shape::Text { min: 1, values: &[] }, "The name of the cluster."),
            Member { option: Some("kubernetes-version"), ..optional("version", TEXT, "The Kubernetes version.") },
            required("roleArn", TEXT, "The ARN of the cluster's own IAM role."),
            required("resourcesVpcConfig", VPC_REQUEST, "Subnets and security groups."),
            optional("kubernetesNetworkConfig", NETWORK_REQUEST, "Addresses of services; load balancers of Auto Mode."),
            optional("logging", LOGGING, "Which control-plane logs are kept."),
            REQUEST_TOKEN,
            TAGS,
            optional("encryptionConfig", Shape::List(&ENCRYPTION), "The key that encrypts Secrets; shown only."),
            inert("outpostConfig", OUTPOST),
            optional(
                "accessConfig",
                Shape::Structure(&[
                    field("bootstrapClusterCreatorAdminPermissions", Shape::Boolean),
                    field("authenticationMode", MODES),
                ]),
                "Authentication mode, and whether the creator becomes cluster admin.",
            ),
            inert("bootstrapSelfManagedAddons", Shape::Boolean),
            optional("upgradePolicy", UPGRADE_POLICY, "Support after the end of standard support."),
            inert("zonalShiftConfig", ENABLED),
            optional("remoteNetworkConfig", REMOTE_NETWORK, "Networks of hybrid nodes; shown only."),
            optional("computeConfig", COMPUTE, "Nodes of Auto Mode; shown only."),
            optional("storageConfig", STORAGE, "Volumes of Auto Mode; shown only."),
            inert("deletionProtection", Shape::Boolean),
            inert("controlPlaneScalingConfig", SCALING),
        ],
        output: &[field("cluster", CLUSTER)],
        paging: None,
    },
    compute::CREATE_FARGATE_PROFILE,
    compute::CREATE_NODEGROUP,
    integrations::CREATE_POD_IDENTITY,
    Operation {
        name: "DeleteAccessEntry",
        doc: "Deletes an access entry with all its policy associations.",
        input: &[CLUSTER_NAME, PRINCIPAL],
        output: &[],
        paging: None,
    },
    integrations::DELETE_ADDON,
    Operation {
        name: "DeleteCluster",
        doc: "Deletes a cluster.",
        input: &[NAME],
        output: &[field("cluster", CLUSTER)],
        paging: None,
    },
    compute::DELETE_FARGATE_PROFILE,
    compute::DELETE_NODEGROUP,
    integrations::DELETE_POD_IDENTITY,
    Operation {
        name: "DescribeAccessEntry",
        doc: "Shows an access entry.",
        input: &[CLUSTER_NAME, PRINCIPAL],
        output: &[field("accessEntry", ACCESS_ENTRY)],
        paging: None,
    },
    integrations::DESCRIBE_ADDON,
    integrations::DESCRIBE_ADDON_VERSIONS,
    Operation {
        name: "DescribeCluster",
        doc: "Shows a cluster.",
        input: &[NAME],
        output: &[field("cluster", CLUSTER)],
        paging: None,
    },
    compute::DESCRIBE_FARGATE_PROFILE,
    integrations::DESCRIBE_IDENTITY_PROVIDER,
    compute::DESCRIBE_NODEGROUP,
    integrations::DESCRIBE_POD_IDENTITY,
    Operation {
        name: "DescribeUpdate",
        doc: "Shows an update of a cluster.",
        input: &[
            NAME,
            required("updateId", TEXT, "The id of the update."),
            inert("nodegroupName", TEXT),
            inert("addonName", TEXT),
            inert("capabilityName", TEXT),
        ],
        output: &[field("update", UPDATE)],
        paging: None,
    },
    Operation {
        name: "DisassociateAccessPolicy",
        doc: "Takes an access policy off an access entry.",
        input: &[CLUSTER_NAME, PRINCIPAL, POLICY],
        output: &[],
        paging: None,
    },
    integrations::DISASSOCIATE_IDENTITY_PROVIDER,
    Operation {
        name: "ListAccessEntries",
        doc: "Lists the access entries of a cluster.",
        input: &[
            CLUSTER_NAME,
            optional("associatedPolicyArn", TEXT, "Only entries with this access policy."),
            MAX,
            NEXT,
        ],
        output: &[field("accessEntries", TEXTS), field("nextToken", TEXT)],
        paging: paged("accessEntries", &[]),
    },
    Operation {
        name: "ListAccessPolicies",
        doc: "Lists the access policies that exist.",
        input: &[MAX, NEXT],
        output: &[field("accessPolicies", Shape::List(&ACCESS_POLICY)), field("nextToken", TEXT)],
        paging: paged("accessPolicies", &[]),
    },
    integrations::LIST_ADDONS,
    Operation {
        name: "ListAssociatedAccessPolicies",
        doc: "Lists the access policies of an access entry.",
        input: &[CLUSTER_NAME, PRINCIPAL, MAX, NEXT],
        output: &[
            field("clusterName", TEXT),
            field("principalArn", TEXT),
            field("nextToken", TEXT),
            field("associatedAccessPolicies", Shape::List(&ASSOCIATION)),
        ],
        paging: paged("associatedAccessPolicies", &["clusterName", "principalArn"]),
    },
    Operation {
        name: "ListClusters",
        doc: "Lists the clusters of the region.",
        input: &[MAX, NEXT, inert("include", TEXTS)],
        output: &[field("clusters", TEXTS), field("nextToken", TEXT)],
        paging: paged("clusters", &[]),
    },
    compute::LIST_FARGATE_PROFILES,
    integrations::LIST_IDENTITY_PROVIDERS,
    compute::LIST_NODEGROUPS,
    integrations::LIST_POD_IDENTITIES,
    Operation {
        name: "ListTagsForResource",
        doc: "Lists the tags of a cluster, access entry, node group or Fargate profile.",
        input: &[RESOURCE_ARN],
        output: &[field("tags", Shape::Map)],
        paging: None,
    },
    Operation {
        name: "ListUpdates",
        doc: "Lists the updates of a cluster.",
        input: &[
            NAME,
            inert("nodegroupName", TEXT),
            inert("addonName", TEXT),
            inert("capabilityName", TEXT),
            NEXT,
            MAX,
        ],
        output: &[field("updateIds", TEXTS), field("nextToken", TEXT)],
        paging: paged("updateIds", &[]),
    },
    Operation {
        name: "TagResource",
        doc: "Adds tags to a cluster, access entry, node group or Fargate profile.",
        input: &[RESOURCE_ARN, required("tags", Shape::Map, "Keys and values to add.")],
        output: &[],
        paging: None,
    },
    Operation {
        name: "UntagResource",
        doc: "Removes tags from a cluster, access entry, node group or Fargate profile.",
        input: &[
            RESOURCE_ARN,
            required("tagKeys", Shape::List(&Shape::Text { min: 1, values: &[] }), "The keys to remove."),
        ],
        output: &[],
        paging: None,
    },
    Operation {
        name: "UpdateAccessEntry",
        doc: "Changes groups (the whole list) and user name of an access entry.",
        input: &[CLUSTER_NAME, PRINCIPAL, GROUPS, REQUEST_TOKEN, USERNAME],
        output: &[field("accessEntry", ACCESS_ENTRY)],
        paging: None,
    },
    integrations::UPDATE_ADDON,
    Operation {
        name: "UpdateClusterConfig",
        doc: "Changes the configuration of a cluster, such as its authentication mode.",
        input: &[
            NAME,
            optional("resourcesVpcConfig", VPC_REQUEST, "Endpoint access, subnets and security groups."),
            optional("logging", LOGGING, "Which control-plane logs are kept."),
            REQUEST_TOKEN,
            optional(
                "accessConfig",
                Shape::Structure(&[field("authenticationMode", MODES)]),
                "The authentication mode; it only goes from CONFIG_MAP over API_AND_CONFIG_MAP to API.",
            ),
            optional("upgradePolicy", UPGRADE_POLICY, "Support after the end of standard support."),
            inert("zonalShiftConfig", ENABLED),
            inert("computeConfig", COMPUTE),
            inert("kubernetesNetworkConfig", NETWORK_REQUEST),
            inert("storageConfig", STORAGE),
            inert("remoteNetworkConfig", REMOTE_NETWORK),
            inert("deletionProtection", Shape::Boolean),
            inert("controlPlaneScalingConfig", SCALING),
        ],
        output: &[field("update", UPDATE)],
        paging: None,
    },
    Operation {
        name: "UpdateClusterVersion",
        doc: "Takes a cluster to the next Kubernetes version.",
        input: &[
            NAME,
            Member { option: Some("kubernetes-version"), ..required("version", TEXT, "The next minor version.") },
            REQUEST_TOKEN,
            inert("force", Shape::Boolean),
        ],
        output: &[field("update", UPDATE)],
        paging: None,
    },
    integrations::UPDATE_POD_IDENTITY,
];

/// The service.
pub const EKS: Service = Service {
    name: "eks",
    doc: "Amazon Elastic Kubernetes Service",
    operations: OPERATIONS,
    extra: &[
        ("update-kubeconfig", "Writes a context for a cluster into a kubeconfig file."),
        ("get-token", "Prints a token for a cluster, as kubectl asks for it."),
        ("wait", "Waits until a cluster, node group or Fargate profile reaches a state."),
    ],
    commands: known::EKS,
    regional: true,
};
