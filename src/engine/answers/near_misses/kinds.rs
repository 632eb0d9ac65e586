//! The kinds of near misses, what they are about, and what that lacks.

use std::fmt;

use crate::aws::aws_auth::Section;

/// Something that nearly allowed a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// The place in the ranking, from 1: the likeliest slip.
    pub rank: usize,
    /// What kind of slip it is.
    pub kind: Kind,
    /// What to look at.
    pub object: Object,
    /// What that lacks.
    pub lacks: Lack,
}

/// Kinds of slips, the likeliest first: a ranking within a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An access entry for an earlier principal of the same name (eks 14.4).
    StaleEntry,
    /// An access entry in a mode that knows none (eks 1).
    EntryNotRead,
    /// A line of aws-auth in a mode that does not read it (eks 1).
    MappingNotRead,
    /// A line that names the role with its path (iam 4.3).
    MappingHasPath,
    /// A line that names a session of the role (iam 4.3).
    MappingIsSession,
    /// A section of aws-auth that names the caller and cannot be read (iam 4.1).
    SectionUnreadable,
    /// An entry or line whose placeholders cannot be filled in for this session (iam 7).
    TemplateUnfilled,
    /// A line for the same name in another account.
    MappingOtherAccount,
    /// Nothing names the caller.
    NotMapped,
    /// The caller may not impersonate (rbac 7).
    ImpersonationRefused,
    /// An access policy that would allow, but counts for nothing in an impersonated request (eks 12.7).
    PolicyPutAside,
    /// A line of aws-auth that would allow, but the caller's access entry comes first (eks 11).
    MappingShadowed,
    /// A binding for the caller whose role does not exist (rbac 4).
    RoleMissing,
    /// A binding that names somebody alike: another letter case, or another kind.
    SubjectAlike,
    /// A rule for other object names.
    RuleOtherName,
    /// A binding for the caller in another namespace.
    BindingOtherNamespace,
    /// An access policy whose scope does not cover the request (eks 10).
    PolicyOutOfScope,
    /// A rule of the caller's role without this verb.
    RuleOtherVerb,
    /// A rule of the caller's access policy without this verb.
    PolicyOtherVerb,
    /// A rule of the caller's role that has the resource in another API group.
    RuleOtherApiGroup,
    /// A rule of the caller's role for something alike: without the subresource, or in the singular.
    RuleOtherResource,
    /// An access policy whose rules are not public, and so not evaluated (eks 9.4).
    PolicyNotPublished,
    /// An access entry without access policy, whose groups nothing binds or which has none.
    EntryWithoutEffect,
    /// A group of the caller that no binding names.
    GroupUnbound,
    /// An access policy without rules for this API group.
    PolicyOtherApiGroup,
    /// An access policy without rules for this resource.
    PolicyOtherResource,
    /// A binding whose role would allow, for somebody else.
    OtherSubject,
}

/// What a near miss is about: enough for a page to find it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Object {
    /// The access entry of this principal.
    Entry(String),
    /// An access policy of an entry.
    Policy {
        /// ARN of the entry's principal.
        principal_arn: String,
        /// ARN of the policy.
        policy_arn: String,
    },
    /// A line of aws-auth: section, and position from 0.
    Mapping(Section, usize),
    /// A section of aws-auth.
    AwsAuth(Section),
    /// A binding.
    Binding {
        /// Its namespace; none for a ClusterRoleBinding.
        namespace: Option<String>,
        /// Its name.
        name: String,
    },
    /// A rule of the role that a binding gives.
    Rule {
        /// Namespace of the binding.
        namespace: Option<String>,
        /// Name of the binding.
        binding: String,
        /// Kind of the role.
        role_kind: String,
        /// Name of the role.
        role: String,
        /// The place of the rule, from 0.
        index: usize,
    },
    /// A Kubernetes group.
    Group(String),
    /// The caller: its ARN without path, or its user name.
    Caller(String),
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = |text: &str| text.rsplit('/').next().unwrap_or_default().to_owned();
        match self {
            Self::Entry(arn) => write!(f, "access entry {}", last(arn)),
            Self::Policy { policy_arn, .. } => f.write_str(&last(policy_arn)),
            Self::Mapping(section, index) => write!(f, "aws-auth {}[{index}]", section.as_str()),
            Self::AwsAuth(section) => write!(f, "aws-auth {}", section.as_str()),
            Self::Binding { namespace: None, name } => write!(f, "ClusterRoleBinding {name}"),
            Self::Binding { namespace: Some(namespace), name } => write!(f, "RoleBinding {namespace}/{name}"),
            Self::Rule { role_kind, role, index, .. } => {
                write!(f, "{role_kind} {role}, rule {}", index.saturating_add(1))
            }
            Self::Group(group) => write!(f, "group {group}"),
            Self::Caller(caller) => f.write_str(caller),
        }
    }
}

/// What something lacks to allow a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The unique id of the present principal.
    UniqueId(String),
    /// An authentication mode that reads it.
    Mode,
    /// The ARN that callers are looked up by.
    Arn(String),
    /// A text that can be read; what is wrong with it.
    Readable(String),
    /// What its placeholders ask for; the authenticator's words.
    Session(String),
    /// An access entry, or a line of aws-auth.
    Mapping,
    /// The right to impersonate; the API server's words.
    Impersonation(String),
    /// A request without impersonation.
    OwnRequest,
    /// That no access entry comes first.
    Precedence,
    /// The role; the authorizer's words.
    Role(String),
    /// The caller's own name, or one of its groups, among the subjects.
    Subject,
    /// The name of the object; empty for a request without one.
    Name(String),
    /// The namespace; none for a cluster-wide request.
    Namespace(Option<String>),
    /// The verb.
    Verb(String),
    /// The API group.
    ApiGroup(String),
    /// The resource, with its subresource.
    Resource(String),
    /// The path.
    Url(String),
    /// Rules that are public.
    PublicRules,
    /// An access policy, or a group that a binding names.
    PolicyOrGroup,
    /// A binding.
    Binding,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UniqueId(id) => write!(f, "the unique id `{id}` of the present principal"),
            Self::Mode => f.write_str("an authentication mode that reads it"),
            Self::Arn(arn) => write!(f, "the ARN `{arn}`, without path or session"),
            Self::Readable(problem) => write!(f, "a text that can be read: {problem}"),
            Self::Session(problem) => write!(f, "a session that its placeholders fit: {problem}"),
            Self::Mapping => f.write_str("an access entry or a line of aws-auth"),
            Self::Impersonation(problem) => write!(f, "the right to impersonate: {problem}"),
            Self::OwnRequest => f.write_str("a request without impersonation"),
            Self::Precedence => f.write_str("precedence: the access entry comes first"),
            Self::Role(problem) => write!(f, "its role: {problem}"),
            Self::Subject => f.write_str("the caller among its subjects"),
            Self::Name(name) if name.is_empty() => f.write_str("leave for requests without an object name"),
            Self::Name(name) => write!(f, "the object name `{name}`"),
            Self::Namespace(None) => f.write_str("effect outside namespaces"),
            Self::Namespace(Some(namespace)) => write!(f, "the namespace `{namespace}`"),
            Self::Verb(verb) => write!(f, "the verb `{verb}`"),
            Self::ApiGroup(group) => write!(f, "the API group `{group}`"),
            Self::Resource(resource) => write!(f, "the resource `{resource}`"),
            Self::Url(path) => write!(f, "the path `{path}`"),
            Self::PublicRules => f.write_str("public rules: it was not evaluated"),
            Self::PolicyOrGroup => f.write_str("an access policy, or a group that a binding names"),
            Self::Binding => f.write_str("a binding that names it"),
        }
    }
}
