//! AWS API exceptions: codes and texts (eks 23).
//!
//! Every template stands here once, with the rule that it comes from and how well its words are known ([`Wording`]).

mod clusters;
mod compute;
mod objects;

use super::eks::EntryType;

/// How well the text of an [`Exception`] is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wording {
    /// Seen from the real service, in a public report.
    Reported,
    /// Formed after a reported text of the same service.
    Inferred,
    /// Worded here: the refusal is documented or follows from the model, its text is shown by no source.
    Own,
}

impl Wording {
    /// The word for readers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Inferred => "inferred",
            Self::Own => "own",
        }
    }
}

/// A refusal of an AWS API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The exception's name, such as `ResourceNotFoundException`.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// The text.
    pub message: String,
    /// Further modelled members, which AWS CLI v2 prints as additional details (cli 5.3).
    pub members: Vec<(&'static str, String)>,
    /// How well the text is known.
    pub wording: Wording,
}

/// The types of nodes as refusals list them (eks 5.7).
const NODE_TYPES: &str = "[EC2_LINUX, EC2_WINDOWS, FARGATE_LINUX, HYBRID_LINUX, EC2]";

impl Exception {
    fn new(code: &'static str, status: u16, message: impl Into<String>) -> Self {
        Self { code, status, message: message.into(), members: Vec::new(), wording: Wording::Reported }
    }

    fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterException", 400, message)
    }

    fn not_found(message: impl Into<String>) -> Self {
        Self::new("ResourceNotFoundException", 404, message)
    }

    fn inferred(self) -> Self {
        Self { wording: Wording::Inferred, ..self }
    }

    fn own(self) -> Self {
        Self { wording: Wording::Own, ..self }
    }

    fn reported_if(self, reported: bool) -> Self {
        if reported { self } else { self.inferred() }
    }

    /// The same exception with the member `clusterName`, as DescribeCluster, UpdateClusterConfig and CreateCluster give
    /// it (eks 15.7).
    pub fn with_cluster(self, name: &str) -> Self {
        self.with_member("clusterName", name)
    }

    fn with_member(mut self, member: &'static str, value: &str) -> Self {
        self.members.push((member, value.to_owned()));
        self
    }

    /// Entry call on a cluster in `CONFIG_MAP` mode (eks 1.5, reported).
    pub fn mode_without_entries() -> Self {
        Self::new(
            "InvalidRequestException",
            400,
            "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.",
        )
    }

    /// A step between modes that does not exist (eks 1.2; reported for three pairs, inferred for the others).
    pub fn unsupported_mode_step(from: &str, to: &str) -> Self {
        let made = Self::invalid_parameter(format!("Unsupported authentication mode update from {from} to {to}"));
        made.reported_if(matches!(
            (from, to),
            ("CONFIG_MAP", "API") | ("API_AND_CONFIG_MAP", "API_AND_CONFIG_MAP" | "CONFIG_MAP")
        ))
    }

    /// A mode that does not exist (own wording).
    pub fn unknown_mode(mode: &str) -> Self {
        Self::invalid_parameter(format!("unsupported authentication mode: {mode}")).own()
    }

    /// UpdateClusterConfig without anything to change (inferred).
    pub fn no_changes() -> Self {
        Self::invalid_parameter("No changes needed for the cluster config provided").inferred()
    }

    /// Two kinds of configuration in one call (eks 3.4, reported).
    pub fn one_update_type() -> Self {
        Self::invalid_parameter("Only one type of update can be allowed.")
    }

    /// A second update while one runs (eks 3.3, reported; the other kinds are inferred).
    pub fn update_in_progress(kind: &str, cluster: &str, update: &str) -> Self {
        let text = format!("Cannot {kind} because cluster {cluster} currently has update {update} in progress");
        let exception = Self::new("ResourceInUseException", 409, text);
        if kind == "AccessConfigUpdate" { exception } else { exception.inferred() }
    }

    /// `CONFIG_MAP` without an admin (eks 2.4, reported).
    pub fn bootstrap_must_be_true() -> Self {
        Self::invalid_parameter(
            "bootstrapClusterCreatorAdminPermissions must be true if cluster authentication mode is set to CONFIG_MAP",
        )
    }

    /// No such cluster (eks 15.4, reported).
    pub fn no_cluster(name: &str) -> Self {
        Self::not_found(format!("No cluster found for name: {name}."))
    }

    /// A cluster of that name exists (inferred).
    pub fn cluster_exists(name: &str) -> Self {
        Self::new("ResourceInUseException", 409, format!("Cluster already exists with name: {name}")).inferred()
    }

    /// A second entry for a principal (eks 5.6, reported).
    pub fn entry_in_use() -> Self {
        let text = "The specified access entry resource is already in use on this cluster.";
        Self::new("ResourceInUseException", 409, text)
    }

    /// No entry for the principal (eks 9.4, reported).
    pub fn no_entry() -> Self {
        Self::not_found(
            "The specified principalArn could not be found. \
             You can view your available access entries with 'list-access-entries'.",
        )
    }

    /// A principal that does not exist (eks 8.3, reported).
    pub fn invalid_principal() -> Self {
        Self::invalid_parameter("The specified principalArn is invalid: invalid principal.")
    }

    /// A text that is no principal's ARN (eks 8.3): reported for ARNs of another service than IAM, such as those of
    /// sessions and access entries, inferred for the rest.
    pub fn principal_format(is_elsewhere: bool) -> Self {
        let made = Self::invalid_parameter("The principalArn parameter format is not valid");
        made.reported_if(is_elsewhere)
    }

    /// A service-linked role (eks 8.5, reported).
    pub fn service_linked_role() -> Self {
        Self::invalid_parameter(
            "The caller is not allowed to modify access entries with a principalArn value of a Service Linked Role",
        )
    }

    /// A node type for a principal of another account (eks 5.7; reported for EC2_LINUX, inferred for the others).
    pub fn other_account(kind: EntryType) -> Self {
        let types = NODE_TYPES;
        let text =
            format!("AccessEntry principalArn must be from the same account as the cluster when using types {types}");
        Self::invalid_parameter(text).reported_if(kind == EntryType::Ec2Linux)
    }

    /// A node type for a user (eks 5.7; reported for the types of the list, inferred for HYPERPOD_LINUX).
    pub fn type_needs_role(kind: EntryType) -> Self {
        let text = format!("AccessEntry principalArn must be IAM role when using types {NODE_TYPES}");
        Self::invalid_parameter(text).reported_if(kind != EntryType::HyperpodLinux)
    }

    /// An unknown entry type (eks 5.1; the form is reported, today's list and its order are a choice).
    pub fn unknown_type() -> Self {
        Self::invalid_parameter(
            "AccessEntry type must be one of \
             [EC2_LINUX, EC2_WINDOWS, FARGATE_LINUX, HYBRID_LINUX, EC2, HYPERPOD_LINUX, STANDARD]",
        )
        .inferred()
    }

    /// Groups (`kubernetesGroups`) or a user name (`username`) on a node type (eks 5.7; reported for EC2_LINUX, inferred
    /// for the others).
    pub fn type_without(kind: EntryType, member: &str) -> Self {
        let name = kind.name();
        let text =
            format!("The specified {member} is invalid: setting {member} is not allowed when the type is \"{name}\"");
        Self::invalid_parameter(text).reported_if(kind == EntryType::Ec2Linux)
    }

    /// A group with a reserved prefix (eks 7.2; on an update reported for `system:`, inferred for the others).
    pub fn reserved_group(group: &str, prefix: &str, on_update: bool) -> Self {
        Self::invalid_parameter(format!("The kubernetes group name {group} is invalid, it cannot start with {prefix}"))
            .reported_if(!on_update || prefix == "system:")
    }

    /// A user name with a reserved prefix (eks 6.2, reported).
    pub fn reserved_username(prefix: &str) -> Self {
        Self::invalid_parameter(format!("The username must not begin with {prefix}"))
    }

    /// More of something than a quota allows (eks 9.11; the quotas are documented, their text is shown by no source).
    pub fn over_limit(most: usize, what: &str) -> Self {
        let text = format!("The limit of {most} {what} is reached.");
        Self::new("ResourceLimitExceededException", 400, text).own()
    }

    /// `{{SessionName}}` without a colon before it (eks 6.3, own wording).
    pub fn session_name_needs_colon() -> Self {
        Self::invalid_parameter("A username that contains {{SessionName}} must have a colon before it.").own()
    }

    /// An operation for STANDARD entries alone (eks 5.2, reported).
    pub fn only_standard() -> Self {
        Self::invalid_parameter("This operation can only be performed on Access Entries with a type of \"STANDARD\".")
    }

    /// Tags outside the model's limits (eks 4, own wording).
    pub fn bad_tags(text: &str) -> Self {
        Self::invalid_parameter(text).own()
    }

    /// A policy that only AWS services may have (eks 9.5, reported).
    pub fn reserved_policy() -> Self {
        Self::invalid_parameter("The specified policyArn can only be associated with service-linked roles")
    }

    /// The ARN of another service, or no ARN, as an access policy (eks 9.6; reported for an ARN that is to be associated).
    pub fn policy_format(reported: bool) -> Self {
        Self::invalid_parameter("The policyArn parameter format is not valid").reported_if(reported)
    }

    /// An access policy that does not exist (eks 9.6, reported; whether a full stop ends it is not known).
    pub fn no_policy() -> Self {
        Self::not_found(
            "The specified policyArn could not be found. \
             You can view your available access policies with 'list-access-policies'",
        )
    }

    /// An unknown scope type (own wording).
    pub fn scope_type(kind: &str) -> Self {
        Self::invalid_parameter(format!("The specified accessScope type is invalid: {kind}")).own()
    }

    /// Scope `namespace` without namespaces (eks 9.7, reported).
    pub fn scope_needs_namespaces() -> Self {
        Self::invalid_parameter("At least 1 namespace must be provided if the type is set as namespace")
    }

    /// Scope `cluster` with namespaces (eks 9.7, reported).
    pub fn scope_takes_no_namespaces() -> Self {
        Self::invalid_parameter("accessScope should not include namespaces if the type is not set as namespace")
    }

    /// Taking away what is not there (eks 9.9, own wording).
    pub fn not_associated() -> Self {
        Self::not_found("The specified policyArn is not associated to the specified principalArn.").own()
    }

    /// No such update (inferred).
    pub fn no_update(id: &str) -> Self {
        Self::not_found(format!("No update found for ID: {id}")).inferred()
    }

    /// A paging token that was not handed out (own wording).
    pub fn bad_next_token() -> Self {
        Self::invalid_parameter("Invalid nextToken").own()
    }

    /// `maxResults` outside 1 to 100 (eks 15, own wording).
    pub fn bad_max_results() -> Self {
        Self::invalid_parameter("maxResults must be between 1 and 100").own()
    }

    /// A tagged resource that does not exist (own wording).
    pub fn no_resource(arn: &str) -> Self {
        Self::new("NotFoundException", 404, format!("Resource not found for ARN: {arn}")).own()
    }

    /// An IAM user that does not exist (IAM's wording, reported).
    pub fn no_user(name: &str) -> Self {
        Self::new("NoSuchEntity", 404, format!("The user with name {name} cannot be found."))
    }

    /// An IAM role that does not exist (IAM's wording, reported).
    pub fn no_role(name: &str) -> Self {
        Self::new("NoSuchEntity", 404, format!("The role with name {name} cannot be found."))
    }

    /// A user or role name that is taken (IAM's wording, reported). `kind` is `User` or `Role`.
    pub fn principal_exists(kind: &str, name: &str) -> Self {
        Self::new("EntityAlreadyExists", 409, format!("{kind} with name {name} already exists."))
    }

    /// The name of a `user`, `role` or `group` outside its pattern (iam 9.1, reported).
    pub fn bad_name(kind: &str) -> Self {
        let text = format!(
            "The specified value for {kind}Name is invalid. It must contain only alphanumeric characters and/or the \
             following: +=,.@_-"
        );
        Self::new("ValidationError", 400, text)
    }

    /// The path of service-linked roles (iam 9.1, reported).
    pub fn reserved_path() -> Self {
        let text = "Paths beginning with '/aws-service-role' are reserved for AWS Service Linked Roles";
        Self::new("InvalidInput", 400, text)
    }

    fn malformed_policy(text: impl Into<String>) -> Self {
        Self::new("MalformedPolicyDocument", 400, text)
    }

    /// A trust policy with actions of another kind (iam 9.1, reported).
    pub fn only_assume_role() -> Self {
        Self::malformed_policy("AssumeRole policy may only specify STS AssumeRole actions.")
    }

    /// A trust policy with a principal that is none (iam 9.1, reported). `kind` is `AWS` or `SERVICE`.
    pub fn policy_principal(kind: &str, name: &str) -> Self {
        Self::malformed_policy(format!("Invalid principal in policy: \"{kind}\":\"{name}\""))
    }

    /// A trust policy with the bare principal `*` (iam 9.1, reported).
    pub fn star_principal() -> Self {
        Self::malformed_policy("AssumeRolepolicy contained an invalid principal: \"STAR\":\"*\"")
    }

    /// A trust policy with a resource (iam 9.1, reported).
    pub fn prohibited_field(field: &str) -> Self {
        Self::malformed_policy(format!("Has prohibited field {field}"))
    }

    /// A name, path or session name outside its pattern (iam 9, own wording).
    pub fn validation(text: impl Into<String>) -> Self {
        Self::new("ValidationError", 400, text).own()
    }

    /// A key that AWS does not know (reported).
    pub fn unknown_key() -> Self {
        let text = "The security token included in the request is invalid.";
        Self::new("UnrecognizedClientException", 400, text)
    }

    /// The same as STS and IAM say it (reported); EKS keeps to [`Exception::unknown_key`].
    pub fn unknown_token() -> Self {
        Self { code: "InvalidClientTokenId", status: 403, ..Self::unknown_key() }
    }

    /// What no policy of the caller allows (eks 15.6, 23; reported for two actions). `policy` is the kind of policy that
    /// is missing. EKS and IAM have different codes for it.
    pub fn not_authorized(caller: &str, action: &str, resource: &str, policy: &str) -> Self {
        let text = format!(
            "User: {caller} is not authorized to perform: {action} on resource: {resource} \
             because no {policy} allows the {action} action"
        );
        let code = if action.starts_with("eks:") { "AccessDeniedException" } else { "AccessDenied" };
        let made = Self::new(code, 403, text);
        let reported =
            ["eks:DescribeCluster", "eks:CreateAccessEntry"].contains(&action) && policy == "identity-based policy";
        if reported { made } else { made.inferred() }
    }

    /// A permission set that the user does not have (IAM Identity Center's wording, reported).
    pub fn no_role_credentials() -> Self {
        Self::new("ForbiddenException", 403, "No access")
    }

    /// GetFederationToken with a temporary key (reported).
    pub fn federation_needs_key() -> Self {
        Self::new("AccessDenied", 403, "Cannot call GetFederationToken with session credentials")
    }

    /// AssumeRole by the root user (reported).
    pub fn root_cannot_assume() -> Self {
        Self::new("AccessDenied", 403, "Roles may not be assumed by root accounts.")
    }

    /// A role that the caller may not assume, or that does not exist: STS tells them apart no more than this (reported).
    pub fn cannot_assume(caller: &str, role: &str) -> Self {
        let text = format!("User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role}");
        Self::new("AccessDenied", 403, text)
    }
}
