//! Add-ons, pod identity associations and identity provider configurations (eks 26): operations, used by [`super::eks`].

use super::eks::{CLUSTER_NAME, MAX, NEXT, REQUEST_TOKEN, TAGS, UPDATE, paged, values};
use super::{Member, Operation, Shape, TEXT, TEXTS, field, inert, optional, required};

const ASSOCIATION_ID: Member = required("associationId", TEXT, "The id of the association.");
const NAMESPACE: Member = required("namespace", TEXT, "The namespace of the service account.");
const SERVICE_ACCOUNT: Member = required("serviceAccount", TEXT, "The name of the service account.");
const ROLE_FOR_PODS: &str = "The ARN of the IAM role that pods of the service account get.";
const NO_TAGS: Member = optional("disableSessionTags", Shape::Boolean, "Leaves the tags out of the pods' sessions.");
const TARGET_ROLE: Member = optional("targetRoleArn", TEXT, "A role of another account that pods assume with theirs.");
const POLICY: Member = optional("policy", TEXT, "A session policy; shown only.");
const ASSOCIATION: Shape = Shape::Structure(&[
    field("clusterName", TEXT),
    field("namespace", TEXT),
    field("serviceAccount", TEXT),
    field("roleArn", TEXT),
    field("associationArn", TEXT),
    field("associationId", TEXT),
    field("tags", Shape::Map),
    field("createdAt", Shape::Timestamp),
    field("modifiedAt", Shape::Timestamp),
    field("ownerArn", TEXT),
    field("disableSessionTags", Shape::Boolean),
    field("targetRoleArn", TEXT),
    field("externalId", TEXT),
    field("policy", TEXT),
]);
const ONE_ASSOCIATION: &[Member] = &[field("association", ASSOCIATION)];
const SUMMARY: Shape = Shape::Structure(&[
    field("clusterName", TEXT),
    field("namespace", TEXT),
    field("serviceAccount", TEXT),
    field("associationArn", TEXT),
    field("associationId", TEXT),
    field("ownerArn", TEXT),
]);

pub(super) const CREATE_POD_IDENTITY: Operation = Operation {
    name: "CreatePodIdentityAssociation",
    doc: "Gives the pods of a service account an IAM role.",
    input: &[
        CLUSTER_NAME,
        NAMESPACE,
        SERVICE_ACCOUNT,
        required("roleArn", TEXT, ROLE_FOR_PODS),
        REQUEST_TOKEN,
        TAGS,
        NO_TAGS,
        TARGET_ROLE,
        POLICY,
    ],
    output: ONE_ASSOCIATION,
    paging: None,
};
pub(super) const DELETE_POD_IDENTITY: Operation = Operation {
    name: "DeletePodIdentityAssociation",
    doc: "Deletes a pod identity association.",
    input: &[CLUSTER_NAME, ASSOCIATION_ID],
    output: ONE_ASSOCIATION,
    paging: None,
};
pub(super) const DESCRIBE_POD_IDENTITY: Operation = Operation {
    name: "DescribePodIdentityAssociation",
    doc: "Shows a pod identity association.",
    input: &[CLUSTER_NAME, ASSOCIATION_ID],
    output: ONE_ASSOCIATION,
    paging: None,
};
pub(super) const LIST_POD_IDENTITIES: Operation = Operation {
    name: "ListPodIdentityAssociations",
    doc: "Lists the pod identity associations of a cluster.",
    input: &[
        CLUSTER_NAME,
        optional("namespace", TEXT, "Only those of this namespace."),
        optional("serviceAccount", TEXT, "Only those of this service account."),
        MAX,
        NEXT,
    ],
    output: &[field("associations", Shape::List(&SUMMARY)), field("nextToken", TEXT)],
    paging: paged("associations", &[]),
};
pub(super) const UPDATE_POD_IDENTITY: Operation = Operation {
    name: "UpdatePodIdentityAssociation",
    doc: "Changes the role of a pod identity association.",
    input: &[
        CLUSTER_NAME,
        ASSOCIATION_ID,
        optional("roleArn", TEXT, ROLE_FOR_PODS),
        REQUEST_TOKEN,
        NO_TAGS,
        TARGET_ROLE,
        POLICY,
    ],
    output: ONE_ASSOCIATION,
    paging: None,
};

/// Operations on add-ons have a lower bound on the cluster's name.
const ADDON_CLUSTER: Member = required("clusterName", Shape::Text { min: 1, values: &[] }, "The name of the cluster.");
const ADDON_NAME: Member = required("addonName", TEXT, "The name of the add-on.");
const ADDON_VERSION: Member = optional("addonVersion", TEXT, "The version of the add-on.");
const ADDON_ROLE: Member = optional(
    "serviceAccountRoleArn",
    Shape::Text { min: 1, values: &[] },
    "The ARN of the IAM role of the add-on's service account.",
);
const CONFLICTS: Member = optional(
    "resolveConflicts",
    values(&["OVERWRITE", "NONE", "PRESERVE"]),
    "What becomes of settings that were changed on the cluster.",
);
const CONFIGURATION: Member = optional("configurationValues", TEXT, "Settings of the add-on; shown only.");
const ADDON_IDENTITIES: Member = inert(
    "podIdentityAssociations",
    Shape::List(&Shape::Structure(&[required("serviceAccount", TEXT, ""), required("roleArn", TEXT, "")])),
);
const ADDON_NAMESPACE: Shape = Shape::Structure(&[field("namespace", Shape::Text { min: 1, values: &[] })]);
const MARKETPLACE: Shape = Shape::Structure(&[field("productId", TEXT), field("productUrl", TEXT)]);
const ISSUE: Shape = Shape::Structure(&[field("code", TEXT), field("message", TEXT), field("resourceIds", TEXTS)]);
const ADDON: Shape = Shape::Structure(&[
    field("addonName", TEXT),
    field("clusterName", TEXT),
    field("status", TEXT),
    field("addonVersion", TEXT),
    field("health", Shape::Structure(&[field("issues", Shape::List(&ISSUE))])),
    field("addonArn", TEXT),
    field("createdAt", Shape::Timestamp),
    field("modifiedAt", Shape::Timestamp),
    field("serviceAccountRoleArn", TEXT),
    field("tags", Shape::Map),
    field("publisher", TEXT),
    field("owner", TEXT),
    field("marketplaceInformation", MARKETPLACE),
    field("configurationValues", TEXT),
    field("podIdentityAssociations", TEXTS),
    field("namespaceConfig", ADDON_NAMESPACE),
]);
const ONE_ADDON: &[Member] = &[field("addon", ADDON)];
const COMPATIBILITY: Shape = Shape::Structure(&[
    field("clusterVersion", TEXT),
    field("platformVersions", TEXTS),
    field("defaultVersion", Shape::Boolean),
]);
const VERSION: Shape = Shape::Structure(&[
    field("addonVersion", TEXT),
    field("architecture", TEXTS),
    field("computeTypes", TEXTS),
    field("compatibilities", Shape::List(&COMPATIBILITY)),
    field("requiresConfiguration", Shape::Boolean),
    field("requiresIamPermissions", Shape::Boolean),
]);
const VERSIONS: Shape = Shape::Structure(&[
    field("addonName", TEXT),
    field("type", TEXT),
    field("addonVersions", Shape::List(&VERSION)),
    field("publisher", TEXT),
    field("owner", TEXT),
    field("marketplaceInformation", MARKETPLACE),
    field("defaultNamespace", TEXT),
]);

pub(super) const CREATE_ADDON: Operation = Operation {
    name: "CreateAddon",
    doc: "Creates an add-on; it is an object only.",
    input: &[
        ADDON_CLUSTER,
        ADDON_NAME,
        ADDON_VERSION,
        ADDON_ROLE,
        CONFLICTS,
        REQUEST_TOKEN,
        TAGS,
        CONFIGURATION,
        ADDON_IDENTITIES,
        optional("namespaceConfig", ADDON_NAMESPACE, "The namespace of the add-on; shown only."),
    ],
    output: ONE_ADDON,
    paging: None,
};
pub(super) const DELETE_ADDON: Operation = Operation {
    name: "DeleteAddon",
    doc: "Deletes an add-on.",
    input: &[ADDON_CLUSTER, ADDON_NAME, inert("preserve", Shape::Boolean)],
    output: ONE_ADDON,
    paging: None,
};
pub(super) const DESCRIBE_ADDON: Operation = Operation {
    name: "DescribeAddon",
    doc: "Shows an add-on.",
    input: &[ADDON_CLUSTER, ADDON_NAME],
    output: ONE_ADDON,
    paging: None,
};
pub(super) const DESCRIBE_ADDON_VERSIONS: Operation = Operation {
    name: "DescribeAddonVersions",
    doc: "Lists add-ons and their versions; one version of each is known here.",
    input: &[
        optional("kubernetesVersion", TEXT, "Only versions for this version of Kubernetes."),
        MAX,
        NEXT,
        optional("addonName", TEXT, "Only this add-on."),
        optional("types", TEXTS, "Only add-ons of these types."),
        optional("publishers", TEXTS, "Only add-ons of these publishers."),
        optional("owners", TEXTS, "Only add-ons of these owners."),
    ],
    output: &[field("addons", Shape::List(&VERSIONS)), field("nextToken", TEXT)],
    paging: paged("addons", &[]),
};
pub(super) const LIST_ADDONS: Operation = Operation {
    name: "ListAddons",
    doc: "Lists the add-ons of a cluster.",
    input: &[ADDON_CLUSTER, MAX, NEXT],
    output: &[field("addons", TEXTS), field("nextToken", TEXT)],
    paging: paged("addons", &[]),
};
pub(super) const UPDATE_ADDON: Operation = Operation {
    name: "UpdateAddon",
    doc: "Changes an add-on.",
    input: &[
        ADDON_CLUSTER,
        ADDON_NAME,
        ADDON_VERSION,
        ADDON_ROLE,
        CONFLICTS,
        REQUEST_TOKEN,
        CONFIGURATION,
        ADDON_IDENTITIES,
    ],
    output: &[field("update", UPDATE)],
    paging: None,
};

const OIDC_REQUEST: Shape = Shape::Structure(&[
    required("identityProviderConfigName", TEXT, ""),
    required("issuerUrl", TEXT, ""),
    required("clientId", TEXT, ""),
    field("usernameClaim", TEXT),
    field("usernamePrefix", TEXT),
    field("groupsClaim", TEXT),
    field("groupsPrefix", TEXT),
    field("requiredClaims", Shape::Map),
]);
const OIDC: Shape = Shape::Structure(&[
    field("identityProviderConfigName", TEXT),
    field("identityProviderConfigArn", TEXT),
    field("clusterName", TEXT),
    field("issuerUrl", TEXT),
    field("clientId", TEXT),
    field("usernameClaim", TEXT),
    field("usernamePrefix", TEXT),
    field("groupsClaim", TEXT),
    field("groupsPrefix", TEXT),
    field("requiredClaims", Shape::Map),
    field("tags", Shape::Map),
    field("status", TEXT),
]);
const CONFIG_REF: Shape = Shape::Structure(&[required("type", TEXT, ""), required("name", TEXT, "")]);
const CONFIG: Member = required("identityProviderConfig", CONFIG_REF, "Type (oidc) and name of the provider.");

pub(super) const ASSOCIATE_IDENTITY_PROVIDER: Operation = Operation {
    name: "AssociateIdentityProviderConfig",
    doc: "Associates an OIDC identity provider; its tokens are not simulated.",
    input: &[
        CLUSTER_NAME,
        required("oidc", OIDC_REQUEST, "The provider: name, issuer, client, claims and prefixes."),
        TAGS,
        REQUEST_TOKEN,
    ],
    output: &[field("update", UPDATE), field("tags", Shape::Map)],
    paging: None,
};
pub(super) const DESCRIBE_IDENTITY_PROVIDER: Operation = Operation {
    name: "DescribeIdentityProviderConfig",
    doc: "Shows an identity provider configuration.",
    input: &[CLUSTER_NAME, CONFIG],
    output: &[field("identityProviderConfig", Shape::Structure(&[field("oidc", OIDC)]))],
    paging: None,
};
pub(super) const DISASSOCIATE_IDENTITY_PROVIDER: Operation = Operation {
    name: "DisassociateIdentityProviderConfig",
    doc: "Takes an identity provider away.",
    input: &[CLUSTER_NAME, CONFIG, REQUEST_TOKEN],
    output: &[field("update", UPDATE)],
    paging: None,
};
pub(super) const LIST_IDENTITY_PROVIDERS: Operation = Operation {
    name: "ListIdentityProviderConfigs",
    doc: "Lists the identity provider configurations of a cluster.",
    input: &[CLUSTER_NAME, MAX, NEXT],
    output: &[field("identityProviderConfigs", Shape::List(&CONFIG_REF)), field("nextToken", TEXT)],
    paging: paged("identityProviderConfigs", &[]),
};
