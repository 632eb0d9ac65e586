//! What each finding means that needs more than the text of aws-auth (iam 11, eks 24).

use crate::aws::aws_auth_lint::Severity::{self, Error, Info, Warning};
use crate::aws::aws_auth_lint::rules::Rule;

/// The rules of this module and its siblings.
pub const RULES: &[Rule] = &[
    // aws-auth against the rest of the cluster.
    rule(
        "no-groups",
        Info,
        "The caller logs in and may do only what every authenticated identity may.",
        "Give the line a group that a binding names, or bind the user name.",
        "iam 11, eks 11.3",
    ),
    rule(
        "unbound-group",
        Warning,
        "Groups are no objects: a name that no binding has grants nothing, and no API complains.",
        "Correct the group, or bind it: kubectl create clusterrolebinding NAME --clusterrole=ROLE --group=GROUP.",
        "iam 11, eks 7.1, eks 7.5",
    ),
    rule(
        "node-mapping",
        Error,
        "Nodes whose role is not mapped as a node role turn NotReady and new ones cannot join. \
         Often the ConfigMap was replaced where something should have been added.",
        "Map the role with the user name system:node:{{EC2PrivateDNSName}} and the groups system:bootstrappers \
         and system:nodes, or make an access entry of a node type.",
        "iam 11, eks 13.1; terraform-aws-modules/terraform-aws-eks#1524",
    ),
    rule(
        "person-on-node-role",
        Warning,
        "The user name asks for the instance that the session is named after; any other caller is refused, \
         and the search stops there.",
        "Let people assume a role of their own.",
        "iam 7, iam 5",
    ),
    rule(
        "ignored-in-api-mode",
        Error,
        "In mode API nobody reads aws-auth: whoever is mapped only there gets 401.",
        "Make access entries for those who need access, then delete the ConfigMap.",
        "eks 3.7",
    ),
    rule(
        "shadowed-by-access-entry",
        Warning,
        "The access entry answers alone: user name and groups of the line are not added.",
        "Remove the line, or move its groups to the entry.",
        "iam 5, eks 11; eksworkshop.com",
    ),
    rule(
        "creator-covered",
        Error,
        "In mode CONFIG_MAP aws-auth is asked before the creator's hidden rights: a line for the creator, or its account in \
         mapAccounts, is the only one that counts, and if its user name cannot be filled in, the creator is refused.",
        "Take the line away, or give the creator a line with the rights that it needs.",
        "eks 2.10; eksctl-io/eksctl#1975; eksctl-io/eksctl#2792",
    ),
    rule(
        "creator-not-listed",
        Info,
        "The creator has access that no API shows. If that principal goes away, so may the last way in.",
        "Map a second administrator, or step to API_AND_CONFIG_MAP, which makes the creator's entry visible.",
        "eks 2.5; kubernetes-sigs/aws-iam-authenticator#281",
    ),
    rule(
        "node-role-lost-in-api-mode",
        Warning,
        "Node roles that only aws-auth maps lose the cluster with a step to API; EKS makes entries for managed node \
         groups and Fargate, not for self-managed nodes.",
        "Make an access entry of a node type for the role first.",
        "eks 13.1, eks 3.7",
    ),
    // Access entries.
    rule(
        "stale-entry",
        Error,
        "An entry belongs to the unique id that its principal had. A principal deleted and made anew has another: \
         its callers get 401, and describe-access-entry shows nothing wrong.",
        "Delete the entry and create it again.",
        "eks 14.4; aws/containers-roadmap#2441",
    ),
    rule(
        "entry-without-principal",
        Warning,
        "Deleting a principal leaves its entry behind; it will not work for a new principal of that name either.",
        "Delete the entry.",
        "eks 14.3",
    ),
    rule(
        "entry-without-effect",
        Warning,
        "Without a policy and without a bound group or user name the caller logs in and may do only what every \
         authenticated identity may.",
        "Associate an access policy, or bind one of the entry's groups.",
        "eks 11.3",
    ),
    rule(
        "scope-without-namespace",
        Warning,
        "EKS does not check the names of a scope. A pattern counts as soon as a namespace matches it; until then it \
         grants nothing.",
        "Correct the name, or create the namespace.",
        "eks 9.8, eks 10.4",
    ),
    rule(
        "policy-not-published",
        Info,
        "AWS does not publish what this policy grants: decisions here leave it out instead of guessing.",
        "Judge rights of this entry on a real cluster.",
        "eks 9.1, eks 21",
    ),
    rule(
        "custom-resources-not-covered",
        Info,
        "The policy names built-in API groups only; unlike the Kubernetes roles of that name it takes up nothing from \
         labelled cluster roles.",
        "Give the entry a group and bind it to a role that names the custom resources.",
        "eks 12.9; aws/containers-roadmap#2349",
    ),
    rule(
        "admin-policy-cannot-bind",
        Info,
        "The policy may create bindings, but Kubernetes then asks whether the caller holds the rights by RBAC, \
         which access policies do not feed.",
        "Give the entry a group that holds the rights by RBAC, or associate AmazonEKSClusterAdminPolicy.",
        "eks 12.8; aws/containers-roadmap#2682",
    ),
    // Roles and bindings.
    rule(
        "dangling-role-ref",
        Warning,
        "A binding to a role that does not exist grants nothing, and starts to grant as soon as somebody makes a role \
         of that name.",
        "Make the role, or delete the binding; a roleRef cannot be changed.",
        "rbac 4, rbac 12",
    ),
    rule(
        "missing-service-account",
        Info,
        "Nobody can be that service account until it is made; whoever makes one of that name gets the rights.",
        "Make the service account, or take the subject out.",
        "rbac 3",
    ),
    rule(
        "binding-without-subjects",
        Info,
        "A binding without subjects matches nobody.",
        "Add a subject, or delete the binding.",
        "rbac 3",
    ),
    rule("unbound-role", Info, "A role that no binding names grants nothing.", "Bind it, or delete it.", "rbac 3"),
    rule("duplicate-binding", Info, "Taking the right away means deleting both.", "Delete one of the two.", "rbac 3"),
    rule(
        "unknown-name",
        Warning,
        "RBAC accepts every text: a rule with a misspelt verb, API group or resource is no error, it only never matches.",
        "Correct the name. A resource that comes with a custom resource definition is known once that exists.",
        "rbac 5",
    ),
    // Risks.
    rule(
        "wildcard-rights",
        Warning,
        "Every verb on every resource includes those that do not exist yet, Secrets, and granting more rights.",
        "Name the resources and verbs that are needed.",
        "rbac 5",
    ),
    rule(
        "can-escalate",
        Warning,
        "The verbs escalate and bind switch off the check that keeps people from granting what they do not hold.",
        "Grant the rights themselves, or limit bind to named roles.",
        "rbac 11",
    ),
    rule(
        "can-impersonate",
        Warning,
        "Whoever may impersonate users or groups at will has the rights of all of them.",
        "Limit the rule by resourceNames.",
        "rbac 7",
    ),
    rule(
        "reads-all-secrets",
        Warning,
        "Secrets hold the tokens of service accounts and the passwords of applications, in kube-system too.",
        "Grant it by RoleBindings, in the namespaces that need it.",
        "rbac 5",
    ),
    rule(
        "can-exec",
        Info,
        "A shell in a pod has the rights of the pod's service account and sees its mounted secrets.",
        "Grant pods/exec and pods/attach to those who debug there.",
        "rbac 5",
    ),
    rule(
        "creates-pods-in-kube-system",
        Warning,
        "A pod in kube-system may run as any service account of that namespace, controllers' accounts included.",
        "Leave kube-system out: bind in the namespaces of the applications.",
        "rbac 5, rbac 13",
    ),
    rule(
        "open-to-everybody",
        Error,
        "These groups hold everybody who can reach the API server, or everybody who can log in.",
        "Bind a group of your own.",
        "rbac 7",
    ),
];

const fn rule(
    id: &'static str,
    severity: Severity,
    reason: &'static str,
    remedy: &'static str,
    source: &'static str,
) -> Rule {
    Rule { id, severity, reason, remedy, source }
}
