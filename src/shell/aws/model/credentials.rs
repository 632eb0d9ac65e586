//! Access keys and OpenID Connect providers of IAM: operations, used by [`super::identity`].

use super::identity::{MARKER, MAX_ITEMS, ROLE_NAME, TAG, USER_NAME_OR_OWN, paged, text};
use super::{Member, Operation, Shape, TEXT, TEXTS, field, optional, required};

const KEY_ID: Member = required("AccessKeyId", text(16), "The id of the access key.");
const METADATA: Shape = Shape::Structure(&[
    field("UserName", TEXT),
    field("AccessKeyId", TEXT),
    field("Status", TEXT),
    field("CreateDate", Shape::Timestamp),
]);

pub(super) const CREATE_ACCESS_KEY: Operation = Operation {
    name: "CreateAccessKey",
    doc: "Creates an access key for a user; without a name, for the caller.",
    input: &[USER_NAME_OR_OWN],
    output: &[field(
        "AccessKey",
        Shape::Structure(&[
            field("UserName", TEXT),
            field("AccessKeyId", TEXT),
            field("Status", TEXT),
            field("SecretAccessKey", TEXT),
            field("CreateDate", Shape::Timestamp),
        ]),
    )],
    paging: None,
};
pub(super) const DELETE_ACCESS_KEY: Operation = Operation {
    name: "DeleteAccessKey",
    doc: "Deletes an access key.",
    input: &[USER_NAME_OR_OWN, KEY_ID],
    output: &[],
    paging: None,
};
pub(super) const GET_ACCESS_KEY_LAST_USED: Operation = Operation {
    name: "GetAccessKeyLastUsed",
    doc: "Shows the user of an access key; when it was used is not kept.",
    input: &[KEY_ID],
    output: &[
        field("UserName", TEXT),
        field(
            "AccessKeyLastUsed",
            Shape::Structure(&[
                field("LastUsedDate", Shape::Timestamp),
                field("ServiceName", TEXT),
                field("Region", TEXT),
            ]),
        ),
    ],
    paging: None,
};
pub(super) const LIST_ACCESS_KEYS: Operation = Operation {
    name: "ListAccessKeys",
    doc: "Lists the access keys of a user; without a name, of the caller.",
    input: &[USER_NAME_OR_OWN, MARKER, MAX_ITEMS],
    output: &[
        field("AccessKeyMetadata", Shape::List(&METADATA)),
        field("IsTruncated", Shape::Boolean),
        field("Marker", TEXT),
    ],
    paging: paged("AccessKeyMetadata"),
};
pub(super) const UPDATE_ACCESS_KEY: Operation = Operation {
    name: "UpdateAccessKey",
    doc: "Makes an access key active or inactive.",
    input: &[
        USER_NAME_OR_OWN,
        KEY_ID,
        required("Status", Shape::Text { min: 0, values: &["Active", "Inactive", "Expired"] }, "Active or Inactive."),
    ],
    output: &[],
    paging: None,
};

const PROVIDER_ARN: Member = required("OpenIDConnectProviderArn", text(20), "The ARN of the provider.");
const TAGS: Shape = Shape::List(&TAG);

pub(super) const ADD_CLIENT_ID: Operation = Operation {
    name: "AddClientIDToOpenIDConnectProvider",
    doc: "Adds an audience to an OpenID Connect provider.",
    input: &[PROVIDER_ARN, required("ClientID", text(1), "The audience.")],
    output: &[],
    paging: None,
};
pub(super) const CREATE_OIDC_PROVIDER: Operation = Operation {
    name: "CreateOpenIDConnectProvider",
    doc: "Creates an OpenID Connect provider, which roles for service accounts need.",
    input: &[
        required("Url", text(1), "The URL of the issuer."),
        optional("ClientIDList", TEXTS, "The audiences; sts.amazonaws.com for service accounts."),
        optional("ThumbprintList", TEXTS, "Fingerprints of the certificates of the issuer's server."),
        optional("Tags", TAGS, "Tags of the provider."),
    ],
    output: &[field("OpenIDConnectProviderArn", TEXT), field("Tags", TAGS)],
    paging: None,
};
pub(super) const DELETE_OIDC_PROVIDER: Operation = Operation {
    name: "DeleteOpenIDConnectProvider",
    doc: "Deletes an OpenID Connect provider.",
    input: &[PROVIDER_ARN],
    output: &[],
    paging: None,
};
pub(super) const GET_OIDC_PROVIDER: Operation = Operation {
    name: "GetOpenIDConnectProvider",
    doc: "Shows an OpenID Connect provider.",
    input: &[PROVIDER_ARN],
    output: &[
        field("Url", TEXT),
        field("ClientIDList", TEXTS),
        field("ThumbprintList", TEXTS),
        field("CreateDate", Shape::Timestamp),
        field("Tags", TAGS),
    ],
    paging: None,
};
pub(super) const LIST_OIDC_PROVIDERS: Operation = Operation {
    name: "ListOpenIDConnectProviders",
    doc: "Lists the OpenID Connect providers of the account.",
    input: &[],
    output: &[field("OpenIDConnectProviderList", Shape::List(&Shape::Structure(&[field("Arn", TEXT)])))],
    paging: None,
};
pub(super) const UPDATE_TRUST: Operation = Operation {
    name: "UpdateAssumeRolePolicy",
    doc: "Replaces the trust policy of a role.",
    input: &[ROLE_NAME, required("PolicyDocument", text(1), "Who may assume the role, as a JSON policy.")],
    output: &[],
    paging: None,
};
