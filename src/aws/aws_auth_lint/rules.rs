//! What each lint of aws-auth means: severity, why it matters, what to do, where it is known from (iam 11).

use super::Severity::{self, Error, Info, Warning};

/// A lint, apart from the place where it strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its fixed word.
    pub id: &'static str,
    /// How bad it usually is; a single case may be worse or better.
    pub severity: Severity,
    /// Why it matters.
    pub reason: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// Rule and public source.
    pub source: &'static str,
}

impl Rule {
    const fn new(
        id: &'static str,
        severity: Severity,
        reason: &'static str,
        remedy: &'static str,
        source: &'static str,
    ) -> Self {
        Self { id, severity, reason, remedy, source }
    }
}

/// The lints that need nothing but the ConfigMap and the partition.
pub const RULES: &[Rule] = &[
    Rule::new(
        "section-unreadable",
        Error,
        "One syntax error loses the whole section: none of its entries counts any more, those of nodes included. \
         The other sections still count.",
        "Correct the line; what was stored before does not come back by itself.",
        "iam 4.1; kubernetes-sigs/aws-iam-authenticator#607",
    ),
    Rule::new(
        "tab-indent",
        Error,
        "YAML does not allow tabs for indentation.",
        "Replace the tab by spaces.",
        "iam 4.1",
    ),
    Rule::new(
        "unquoted-placeholder",
        Error,
        "Without quotes YAML reads the braces as a mapping.",
        "Put the whole value in quotes.",
        "iam 4.1; kubernetes-sigs/metrics-server#541",
    ),
    Rule::new(
        "section-not-a-list",
        Error,
        "A section is a list; anything else maps nobody.",
        "Begin every entry with `- `.",
        "iam 4.1",
    ),
    Rule::new(
        "unknown-section",
        Info,
        "Only the keys mapRoles, mapUsers and mapAccounts are read, and they are exact.",
        "Rename the key, or remove it.",
        "iam 4.1",
    ),
    Rule::new(
        "role-path",
        Error,
        "STS reports role sessions without the role's path, so a line with a path never matches. \
         Access entries are the other way round: they want the path.",
        "Write `role/NAME` without the path.",
        "iam 4.3; kubernetes-sigs/aws-iam-authenticator#268",
    ),
    Rule::new(
        "assumed-role-arn",
        Error,
        "Callers are compared as the role behind their session, so a session's ARN never matches.",
        "Write the ARN of the role; to tell people apart use `{{SessionName}}` in the user name, or access entries.",
        "iam 4.3; kubernetes-sigs/aws-iam-authenticator#229",
    ),
    Rule::new(
        "not-a-principal",
        Error,
        "Only users, roles, the root user and federated users call a cluster.",
        "For nodes name the role inside the instance profile; for an IAM group name a role that its members may assume.",
        "iam 4.3; kubernetes-sigs/aws-iam-authenticator#176",
    ),
    Rule::new(
        "bad-arn",
        Error,
        "ARNs are compared as they stand, without patterns; this one cannot equal any caller's.",
        "Write the exact ARN of the user or role.",
        "iam 2",
    ),
    Rule::new(
        "missing-arn",
        Error,
        "An entry that names nobody is dropped; its neighbours stay.",
        "Give mapRoles entries a `rolearn` and mapUsers entries a `userarn`.",
        "iam 4.1",
    ),
    Rule::new(
        "unknown-field",
        Warning,
        "Unknown keys are ignored without a word.",
        "Use rolearn or userarn, username, groups.",
        "iam 4.1; terraform-aws-modules/terraform-aws-eks#494",
    ),
    Rule::new(
        "wrong-type",
        Error,
        "A value of the wrong type leaves its field empty; the rest of the entry counts.",
        "Write `groups` as a list of texts, everything else as a text.",
        "iam 4.1",
    ),
    Rule::new(
        "duplicate-arn",
        Warning,
        "Of two role entries that are equal without regard to case the later counts; of two user entries in \
         different case either may.",
        "Keep one entry.",
        "iam 4.2; eksctl-io/eksctl#4957",
    ),
    Rule::new(
        "wrong-section",
        Info,
        "The section does not decide what an ARN is: this works, but confuses other tools.",
        "Move the entry to the other section.",
        "iam 4.3",
    ),
    Rule::new(
        "empty-username",
        Warning,
        "kubectl works with an empty user name, but metrics and other aggregated APIs answer Unauthorized.",
        "Give the entry a `username`.",
        "iam 8; kubernetes-sigs/aws-iam-authenticator#289",
    ),
    Rule::new(
        "odd-group",
        Warning,
        "Such a group name is legal, but mostly a badly indented dash or a list in one text.",
        "Write one group per list item.",
        "iam 11; opstrace/opstrace#112",
    ),
    Rule::new(
        "unknown-placeholder",
        Warning,
        "Only EC2PrivateDNSName, AccountID, SessionName, SessionNameRaw and AccessKeyID are filled in; \
         anything else stays in the name as text.",
        "Correct the spelling; there are no blanks inside the braces.",
        "iam 7",
    ),
    Rule::new(
        "session-name-for-user",
        Warning,
        "Users have no session: the session name is empty for them, and an instance's name cannot be looked up.",
        "Write the user's name.",
        "iam 7",
    ),
    Rule::new(
        "bare-session-name",
        Warning,
        "Whoever may assume the role picks the session name, and with it any Kubernetes user name.",
        "Put a fixed prefix and a colon before the placeholder, such as `dev:{{SessionName}}`.",
        "iam 7",
    ),
    Rule::new(
        "masters",
        Warning,
        "Members of system:masters pass every check; no role or binding can take that away.",
        "Map a group of your own and bind it, or use an access entry with AmazonEKSClusterAdminPolicy.",
        "eks 7.3",
    ),
    Rule::new(
        "account-rule",
        Warning,
        "Every user and role of a listed account can log in, with its ARN as user name and without groups.",
        "Map the principals that need access one by one.",
        "iam 4.5",
    ),
    Rule::new(
        "account-id-form",
        Error,
        "Accounts are compared as texts of 12 digits.",
        "Write 12 digits in quotes.",
        "iam 4.1",
    ),
    Rule::new(
        "sso-role-name",
        Warning,
        "The suffix of such a role changes when the permission set is assigned anew, and then the line matches nobody.",
        "Check the suffix after every change of the assignment.",
        "iam 4.4",
    ),
    Rule::new(
        "sso-field",
        Warning,
        "`sso` needs an alpha feature gate that is off by default; with a `partition` it never matches.",
        "Name the role with `rolearn`.",
        "iam 4.4",
    ),
    Rule::new(
        "partition-mismatch",
        Error,
        "Callers of a cluster come from its own partition.",
        "Write the partition of the cluster.",
        "iam 2",
    ),
    Rule::new(
        "not-migratable",
        Info,
        "Access entries refuse groups and user names with reserved prefixes, service-linked roles, and whole accounts.",
        "Before a step to API give these callers another way in.",
        "eks 20, eks 6.2, eks 7.2",
    ),
];
