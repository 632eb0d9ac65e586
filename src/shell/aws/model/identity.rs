//! STS and IAM: the operations that look up and make principals.

use super::credentials::*;
use super::{INTEGER, Member, Operation, Paging, Service, Shape, TEXT, field, inert, known, optional, required};

pub(super) const fn text(min: usize) -> Shape {
    Shape::Text { min, values: &[] }
}

const USER_NAME: Member = required("UserName", text(1), "The name of the user.");
pub(super) const USER_NAME_OR_OWN: Member = optional("UserName", text(1), "The name of the user.");
pub(super) const ROLE_NAME: Member = required("RoleName", text(1), "The name of the role.");
const PATH: Member = optional("Path", text(1), "The path, such as /team/; it becomes part of the ARN.");
const PATH_PREFIX: Member = inert("PathPrefix", text(1));
pub(super) const MARKER: Member = inert("Marker", text(1));
pub(super) const MAX_ITEMS: Member = inert("MaxItems", Shape::Integer { min: Some(1) });
pub(super) const TAG: Shape = Shape::Structure(&[required("Key", text(1), ""), required("Value", text(0), "")]);
const BOUNDARY: Shape =
    Shape::Structure(&[field("PermissionsBoundaryType", TEXT), field("PermissionsBoundaryArn", TEXT)]);
const USER: Shape = Shape::Structure(&[
    field("Path", TEXT),
    field("UserName", TEXT),
    field("UserId", TEXT),
    field("Arn", TEXT),
    field("CreateDate", Shape::Timestamp),
    field("PasswordLastUsed", Shape::Timestamp),
    field("PermissionsBoundary", BOUNDARY),
    field("Tags", Shape::List(&TAG)),
]);
const ROLE: Shape = Shape::Structure(&[
    field("Path", TEXT),
    field("RoleName", TEXT),
    field("RoleId", TEXT),
    field("Arn", TEXT),
    field("CreateDate", Shape::Timestamp),
    field("AssumeRolePolicyDocument", TEXT),
    field("Description", TEXT),
    field("MaxSessionDuration", INTEGER),
    field("PermissionsBoundary", BOUNDARY),
    field("Tags", Shape::List(&TAG)),
    field("RoleLastUsed", Shape::Structure(&[field("LastUsedDate", Shape::Timestamp), field("Region", TEXT)])),
]);

const CREDENTIALS: Member = field(
    "Credentials",
    Shape::Structure(&[
        field("AccessKeyId", TEXT),
        field("SecretAccessKey", TEXT),
        field("SessionToken", TEXT),
        field("Expiration", Shape::Timestamp),
    ]),
);
const POLICY_ARNS: Shape = Shape::List(&Shape::Structure(&[field("arn", text(20))]));

pub(super) const fn paged(result: &'static str) -> Option<Paging> {
    Some(Paging { input_token: "Marker", output_token: "Marker", limit: "MaxItems", result, rest: &[] })
}

/// The token service.
pub const STS: Service = Service {
    name: "sts",
    doc: "AWS Security Token Service",
    operations: &[
        Operation {
            name: "AssumeRole",
            doc: "Returns temporary credentials for a role.",
            input: &[
                required("RoleArn", text(20), "The ARN of the role."),
                required("RoleSessionName", text(2), "A name for the session; it ends the caller's ARN."),
                inert("PolicyArns", POLICY_ARNS),
                inert("Policy", text(1)),
                inert("DurationSeconds", Shape::Integer { min: Some(900) }),
                inert("Tags", Shape::List(&TAG)),
                inert("TransitiveTagKeys", Shape::List(&text(1))),
                inert("ExternalId", text(2)),
                inert("SerialNumber", text(9)),
                inert("TokenCode", text(6)),
                inert("SourceIdentity", text(2)),
                inert(
                    "ProvidedContexts",
                    Shape::List(&Shape::Structure(&[
                        field("ProviderArn", text(20)),
                        field("ContextAssertion", text(4)),
                    ])),
                ),
            ],
            output: &[
                CREDENTIALS,
                field("AssumedRoleUser", Shape::Structure(&[field("AssumedRoleId", TEXT), field("Arn", TEXT)])),
                field("PackedPolicySize", INTEGER),
                field("SourceIdentity", TEXT),
            ],
            paging: None,
        },
        Operation {
            name: "GetCallerIdentity",
            doc: "Shows who the calls come from.",
            input: &[],
            output: &[field("UserId", TEXT), field("Account", TEXT), field("Arn", TEXT)],
            paging: None,
        },
        Operation {
            name: "GetFederationToken",
            doc: "Returns temporary credentials for a federated user; without a policy it may do nothing on AWS.",
            input: &[
                required("Name", text(2), "The name of the federated user; it ends the caller's ARN."),
                optional("Policy", text(1), "A session policy. That there is one counts, not what it says."),
                optional("PolicyArns", POLICY_ARNS, "Managed policies as session policies."),
                inert("DurationSeconds", Shape::Integer { min: Some(900) }),
                inert("Tags", Shape::List(&TAG)),
            ],
            output: &[
                CREDENTIALS,
                field("FederatedUser", Shape::Structure(&[field("FederatedUserId", TEXT), field("Arn", TEXT)])),
                field("PackedPolicySize", INTEGER),
            ],
            paging: None,
        },
    ],
    extra: &[],
    commands: known::STS,
    regional: false,
};

/// Identity and access management.
pub const IAM: Service = Service {
    name: "iam",
    doc: "AWS Identity and Access Management",
    operations: &[
        ADD_CLIENT_ID,
        CREATE_ACCESS_KEY,
        CREATE_OIDC_PROVIDER,
        Operation {
            name: "CreateRole",
            doc: "Creates a role.",
            input: &[
                PATH,
                ROLE_NAME,
                required("AssumeRolePolicyDocument", text(1), "Who may assume the role, as a JSON policy."),
                optional("Description", TEXT, "What the role is for."),
                inert("MaxSessionDuration", Shape::Integer { min: Some(3600) }),
                inert("PermissionsBoundary", text(20)),
                inert("Tags", Shape::List(&TAG)),
            ],
            output: &[field("Role", ROLE)],
            paging: None,
        },
        Operation {
            name: "CreateUser",
            doc: "Creates a user.",
            input: &[PATH, USER_NAME, inert("PermissionsBoundary", text(20)), inert("Tags", Shape::List(&TAG))],
            output: &[field("User", USER)],
            paging: None,
        },
        DELETE_ACCESS_KEY,
        DELETE_OIDC_PROVIDER,
        Operation { name: "DeleteRole", doc: "Deletes a role.", input: &[ROLE_NAME], output: &[], paging: None },
        Operation { name: "DeleteUser", doc: "Deletes a user.", input: &[USER_NAME], output: &[], paging: None },
        GET_ACCESS_KEY_LAST_USED,
        GET_OIDC_PROVIDER,
        Operation {
            name: "GetRole",
            doc: "Shows a role.",
            input: &[ROLE_NAME],
            output: &[field("Role", ROLE)],
            paging: None,
        },
        Operation {
            name: "GetUser",
            doc: "Shows a user; without a name, the caller.",
            input: &[USER_NAME_OR_OWN],
            output: &[field("User", USER)],
            paging: None,
        },
        LIST_ACCESS_KEYS,
        LIST_OIDC_PROVIDERS,
        Operation {
            name: "ListRoles",
            doc: "Lists the roles of the account.",
            input: &[PATH_PREFIX, MARKER, MAX_ITEMS],
            output: &[field("Roles", Shape::List(&ROLE)), field("IsTruncated", Shape::Boolean), field("Marker", TEXT)],
            paging: paged("Roles"),
        },
        Operation {
            name: "ListUsers",
            doc: "Lists the users of the account.",
            input: &[PATH_PREFIX, MARKER, MAX_ITEMS],
            output: &[field("Users", Shape::List(&USER)), field("IsTruncated", Shape::Boolean), field("Marker", TEXT)],
            paging: paged("Users"),
        },
        UPDATE_ACCESS_KEY,
        UPDATE_TRUST,
    ],
    extra: &[],
    commands: known::IAM,
    regional: false,
};
