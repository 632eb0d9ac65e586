//! Everything that can be asked of a world: one variant per API operation, and the answers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::aws::eks::*;
use crate::aws::exception::Exception;
use crate::k8s::attributes::{Action, UserInfo};
use crate::k8s::status::Status;

/// Who makes a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// What the call is signed with.
    pub credential: Credential,
    /// `--as`, `--as-group`, `--as-uid`; Kubernetes calls only.
    pub impersonate: Option<Impersonate>,
}

impl Caller {
    /// A caller without impersonation.
    pub fn new(credential: Credential) -> Self {
        Self { credential, impersonate: None }
    }
}

/// What a call is signed with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Credential {
    /// A long-term access key of an IAM user (or a key the world knows otherwise).
    AccessKey(String),
    /// A role assumed with another credential.
    AssumedRole {
        /// The credential that assumes the role.
        source: Box<Credential>,
        /// The role, with its path.
        role_arn: String,
        /// The session name.
        session: String,
    },
    /// A session of a role, however it came about: that of a service-linked role is its service's alone.
    RoleSession {
        /// The role, with its path.
        role_arn: String,
        /// The session name.
        session: String,
    },
    /// A user of IAM Identity Center in the role of a permission set (iam 9).
    IdentityCenter {
        /// The account of the role.
        account: String,
        /// The permission set.
        permission_set: String,
        /// The user's name; it becomes the session's.
        user: String,
    },
    /// A sign-in to the console (`aws login`) as an IAM user or as the account's root user, by ARN.
    SignIn(String),
    /// A federated user, as `GetFederationToken` makes one (iam 3).
    FederatedUser {
        /// The long-term credential that vouches for the user.
        source: Box<Credential>,
        /// The user's name.
        name: String,
        /// Whether a session policy was given. Its content is not simulated: without one the user may do nothing on AWS.
        policy: bool,
    },
    /// A bearer token.
    Token(String),
    /// No credential at all.
    Anonymous,
}

/// The identity a Kubernetes caller asks to be taken for (rbac 7).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impersonate {
    /// `--as`; empty if only groups or a uid were given.
    pub user: String,
    /// `--as-group`, in order.
    pub groups: Vec<String>,
    /// `--as-uid`, or empty.
    pub uid: String,
}

/// One API call.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// A call to an AWS API.
    Aws(AwsRequest),
    /// A call to the API server of a cluster.
    Kube {
        /// Name of the cluster.
        cluster: String,
        /// The call.
        request: KubeRequest,
    },
    /// From now on changes of access entries reach the API servers after this time (eks 14.1); no API call.
    Propagation {
        /// How long, in milliseconds; 0 for at once.
        millis: i64,
    },
    /// Time passes; no API call.
    Wait {
        /// How long, in milliseconds.
        millis: i64,
    },
}

macro_rules! operations {
    ($($name:ident($input:ty),)*) => {
        /// A call to an AWS API; inputs have the member names of the service model.
        #[derive(Clone, Debug, PartialEq)]
        #[expect(missing_docs, reason = "variants are the operations of the API")]
        pub enum AwsRequest {
            $($name($input),)*
        }

        impl AwsRequest {
            /// The operation of this name with `input` as its members, as a command-line client has bound and checked
            /// them.
            ///
            /// # Errors
            /// An unknown operation, a missing member, or one of the wrong type; clients check those beforehand.
            pub fn from_parts(operation: &str, input: Value) -> Result<Self, serde_json::Error> {
                match operation {
                    $(stringify!($name) => serde_json::from_value(input).map(Self::$name),)*
                    _ => Err(serde::de::Error::custom(format!("unknown operation `{operation}`"))),
                }
            }

            /// The operation's name.
            pub fn operation(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name),)*
                }
            }

            /// The members of the input.
            pub fn input(&self) -> Value {
                let value = match self {
                    $(Self::$name(input) => serde_json::to_value(input),)*
                };
                // Inputs are plain structs of texts, lists and maps with text keys: they always serialize.
                value.unwrap_or_default()
            }
        }
    };
}

operations! {
    CreateAccessEntry(CreateAccessEntryRequest),
    DescribeAccessEntry(EntryRef),
    ListAccessEntries(ListAccessEntriesRequest),
    UpdateAccessEntry(UpdateAccessEntryRequest),
    DeleteAccessEntry(EntryRef),
    AssociateAccessPolicy(AssociateAccessPolicyRequest),
    DisassociateAccessPolicy(DisassociateAccessPolicyRequest),
    ListAssociatedAccessPolicies(ListAssociatedAccessPoliciesRequest),
    ListAccessPolicies(Paging),
    CreateCluster(Box<CreateClusterRequest>),
    DescribeCluster(ClusterRef),
    DeleteCluster(ClusterRef),
    ListClusters(Paging),
    UpdateClusterConfig(UpdateClusterConfigRequest),
    UpdateClusterVersion(UpdateClusterVersionRequest),
    CreateNodegroup(Box<CreateNodegroupRequest>),
    DescribeNodegroup(NodegroupRef),
    ListNodegroups(ClusterPaging),
    DeleteNodegroup(NodegroupRef),
    CreateFargateProfile(CreateFargateProfileRequest),
    DescribeFargateProfile(FargateProfileRef),
    ListFargateProfiles(ClusterPaging),
    DeleteFargateProfile(FargateProfileRef),
    DescribeUpdate(DescribeUpdateRequest),
    ListUpdates(ListUpdatesRequest),
    TagResource(TagResourceRequest),
    UntagResource(UntagResourceRequest),
    ListTagsForResource(ResourceRef),
    GetCallerIdentity(Empty),
    AssumeRole(AssumeRoleRequest),
    GetFederationToken(GetFederationTokenRequest),
    CreateUser(NewPrincipal),
    GetUser(UserRef),
    ListUsers(Empty),
    DeleteUser(UserRef),
    CreateRole(NewRole),
    GetRole(RoleRefInput),
    ListRoles(Empty),
    DeleteRole(RoleRefInput),
    UpdateAssumeRolePolicy(Members),
    CreateAccessKey(Members),
    GetAccessKeyLastUsed(Members),
    ListAccessKeys(Members),
    UpdateAccessKey(Members),
    DeleteAccessKey(Members),
    CreateOpenIDConnectProvider(Members),
    GetOpenIDConnectProvider(Members),
    ListOpenIDConnectProviders(Members),
    DeleteOpenIDConnectProvider(Members),
    AddClientIDToOpenIDConnectProvider(Members),
    CreatePodIdentityAssociation(Members),
    DescribePodIdentityAssociation(Members),
    ListPodIdentityAssociations(Members),
    UpdatePodIdentityAssociation(Members),
    DeletePodIdentityAssociation(Members),
    CreateAddon(Members),
    DescribeAddon(Members),
    DescribeAddonVersions(Members),
    ListAddons(Members),
    UpdateAddon(Members),
    DeleteAddon(Members),
    AssociateIdentityProviderConfig(Members),
    DescribeIdentityProviderConfig(Members),
    ListIdentityProviderConfigs(Members),
    DisassociateIdentityProviderConfig(Members),
}

/// An input as the client has bound and checked it, by the names of the service model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Members(Map<String, Value>);

impl Members {
    /// A member.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// A list of texts; empty if it is missing.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let items = self.get(name).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// A truth value.
    pub fn on(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }

    /// A number that is not negative.
    pub fn count(&self, name: &str) -> Option<u32> {
        self.get(name)?.as_u64()?.try_into().ok()
    }

    /// Sets a member.
    pub fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// Takes a member away.
    pub fn remove(&mut self, name: &str) {
        self.0.shift_remove(name);
    }

    /// Sets those of these members that `other` has.
    pub fn overlay(&mut self, other: &Self, names: &[&str]) {
        for name in names {
            if let Some(value) = other.get(name) {
                self.set(name, value.clone());
            }
        }
    }

    /// About how much of a link they take.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len() + value.to_string().len()).sum()
    }
}

/// Input without members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

/// Input of sts AssumeRole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "member names are those of the API")]
pub struct AssumeRoleRequest {
    pub role_arn: String,
    pub role_session_name: String,
}

/// Input of sts GetFederationToken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "member names are those of the API")]
pub struct GetFederationTokenRequest {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_arns: Option<Vec<Value>>,
}

/// Input of iam CreateUser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "member names are those of the API")]
pub struct NewPrincipal {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    pub user_name: String,
}

/// Input of iam GetUser and DeleteUser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "member names are those of the API")]
pub struct UserRef {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
}

/// Input of iam CreateRole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "member names are those of the API")]
pub struct NewRole {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    pub role_name: String,
    #[serde(default)]
    pub assume_role_policy_document: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Input of iam GetRole and DeleteRole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "member names are those of the API")]
pub struct RoleRefInput {
    pub role_name: String,
}

/// A kind of objects, as a URL names it: plural resource name and API group (empty for core).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "named by the type's text")]
pub struct GroupResource {
    pub group: String,
    pub resource: String,
}

impl GroupResource {
    /// From the two names.
    pub fn new(group: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { group: group.into(), resource: resource.into() }
    }
}

/// How a PATCH body is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchKind {
    /// `application/merge-patch+json` (RFC 7396).
    Merge,
    /// `application/strategic-merge-patch+json`: lists with a merge key are merged by it.
    Strategic,
    /// `application/json-patch+json` (RFC 6902).
    Json,
}

/// A call to a Kubernetes API server. Objects travel as JSON, as on the wire.
///
/// `namespace` is `None` for cluster-scoped kinds and for calls across all namespaces.
/// `dry_run` is `?dryRun=All`: everything is checked, nothing is stored.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "members are the parameters of the API")]
pub enum KubeRequest {
    /// All objects of a kind.
    List { resource: GroupResource, namespace: Option<String>, label_selector: String, field_selector: String },
    /// One object.
    Get { resource: GroupResource, namespace: Option<String>, name: String },
    /// A new object. `strict`: unknown and repeated fields are an error (`fieldValidation=Strict`).
    Create { resource: GroupResource, namespace: Option<String>, object: Value, dry_run: bool, strict: bool },
    /// The whole object anew (PUT).
    Update {
        resource: GroupResource,
        namespace: Option<String>,
        name: String,
        object: Value,
        dry_run: bool,
        strict: bool,
    },
    /// A change of an object.
    Patch {
        resource: GroupResource,
        namespace: Option<String>,
        name: String,
        kind: PatchKind,
        patch: Value,
        dry_run: bool,
        strict: bool,
    },
    /// One object goes, and what belongs to it unless `orphan` (`propagationPolicy=Orphan`).
    Delete { resource: GroupResource, namespace: Option<String>, name: String, orphan: bool, dry_run: bool },
    /// A request below an object that only matters for authorization here: `pods/exec`, `pods/log`, …
    Subresource { verb: String, resource: GroupResource, subresource: String, namespace: Option<String>, name: String },
    /// A token for a service account (`create token`); answered with the request and its status.
    TokenRequest(crate::engine::tokens::Wanted),
    /// A URL that is no resource (`get --raw /healthz`).
    Url { path: String },
    /// May the caller do this? (`auth can-i`)
    SelfSubjectAccessReview { action: Action },
    /// May somebody else do this?
    SubjectAccessReview { user: UserInfo, action: Action },
    /// What may the caller do in a namespace? (`auth can-i --list`)
    SelfSubjectRulesReview { namespace: String },
    /// Who is the caller? (`auth whoami`)
    SelfSubjectReview,
    /// The kinds that the server knows; needs an authenticated caller.
    Discovery,
}

/// What an API call answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// Output of an AWS operation, members in model order; `Null` for operations without output.
    Aws(Value),
    /// Answer of an API server.
    Kube(KubeResponse),
    /// Nothing to say (time passed).
    Done,
}

/// Answers of an API server.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "members are those of the API")]
pub enum KubeResponse {
    /// An object as stored, defaults filled in, members in declaration order of its kind.
    Object(Value),
    /// The objects of a list, each complete.
    List { items: Vec<Value> },
    /// Status of an access review.
    AccessReview { allowed: bool, reason: String, evaluation_error: String },
    /// Status of a rules review, as the API shows it.
    RulesReview(crate::k8s::rules_review::RulesReview),
    /// Who the server takes the caller for.
    User(UserInfo),
    /// Plain text of a URL or log.
    Text(String),
    /// Kinds, in discovery order.
    Discovery(Vec<crate::k8s::discovery::Resource>),
    /// The call succeeded and answers nothing of use.
    Done,
}

/// Why an API call was refused. The world is as before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// An AWS exception.
    #[error("{}", .0.message)]
    Aws(Exception),
    /// A Kubernetes status.
    #[error("{}", .0.message)]
    Kube(Status),
}

impl From<Exception> for ApiError {
    fn from(exception: Exception) -> Self {
        Self::Aws(exception)
    }
}

impl From<Status> for ApiError {
    fn from(status: Status) -> Self {
        Self::Kube(status)
    }
}
