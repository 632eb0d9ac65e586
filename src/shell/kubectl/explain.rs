//! `kubectl explain`, for the kinds this playground is about, in words of our own.

use super::failure::{Failure, local, no_type};
use super::flags::Parsed;
use super::resources::{ATTEMPTS, TypeName};
use super::tool::{Outcome, Tool};

/// Path below the kind, type, and what it is.
type Field = (&'static str, &'static str, &'static str);

const METADATA: Field = ("metadata", "<ObjectMeta>", "Name, namespace, labels and annotations.");
const RULES: Field = ("rules", "<[]PolicyRule>", "What the role permits. Rules only add up; none takes away.");
const RULE: [Field; 5] = [
    ("rules.verbs", "<[]string> -required-", "Verbs such as get, list, watch, create; * is all."),
    ("rules.apiGroups", "<[]string>", "API groups; \"\" is the core group, * is all."),
    ("rules.resources", "<[]string>", "Plural resource names, pods/log for a subresource; * is all."),
    (
        "rules.resourceNames",
        "<[]string>",
        "Limits the rule to objects of these names. Does not fit create, and list only by name.",
    ),
    (
        "rules.nonResourceURLs",
        "<[]string>",
        "URL paths that are no resources; * at the end is a wildcard. Cluster roles only.",
    ),
];
const BINDING: [Field; 8] = [
    ("roleRef", "<RoleRef> -required-", "The role that is granted. It cannot be changed later."),
    ("roleRef.apiGroup", "<string> -required-", "rbac.authorization.k8s.io"),
    ("roleRef.kind", "<string> -required-", "Role or ClusterRole."),
    ("roleRef.name", "<string> -required-", "Name of the role."),
    ("subjects", "<[]Subject>", "Who gets the role."),
    ("subjects.kind", "<string> -required-", "User, Group or ServiceAccount."),
    (
        "subjects.name",
        "<string> -required-",
        "Name of the user, group or service account, exactly as the API server sees it.",
    ),
    ("subjects.namespace", "<string>", "Namespace of a service account."),
];

/// What is known of a kind: its qualified name, what it is, its fields.
fn page(qualified: &str) -> Option<(&'static str, Vec<Field>)> {
    let with = |first: &[Field], rest: &[Field]| first.iter().chain(rest).copied().collect::<Vec<Field>>();
    Some(match qualified {
        "roles.rbac.authorization.k8s.io" => (
            "A named set of rules that counts in one namespace, once a RoleBinding there refers to it.",
            with(&[METADATA, RULES], &RULE),
        ),
        "clusterroles.rbac.authorization.k8s.io" => (
            "A named set of rules outside of namespaces. A ClusterRoleBinding grants it everywhere, a RoleBinding in one namespace.",
            with(
                &[
                    ("aggregationRule", "<AggregationRule>", "Labels of cluster roles whose rules are gathered here."),
                    METADATA,
                    RULES,
                ],
                &RULE,
            ),
        ),
        "rolebindings.rbac.authorization.k8s.io" => {
            ("Grants a role, or the rules of a cluster role, in one namespace.", with(&[METADATA], &BINDING))
        }
        "clusterrolebindings.rbac.authorization.k8s.io" => {
            ("Grants a cluster role in the whole cluster.", with(&[METADATA], &BINDING))
        }
        "configmaps" => (
            "Configuration as keys and values, such as aws-auth in kube-system.",
            with(&[("data", "<map[string]string>", "Texts by key."), METADATA], &[]),
        ),
        "namespaces" => ("A part of the cluster with names and permissions of its own.", vec![METADATA]),
        "serviceaccounts" => {
            ("An identity for what runs in pods: system:serviceaccount:NAMESPACE:NAME.", vec![METADATA])
        }
        "pods" => (
            "Containers that run together on a node.",
            with(
                &[METADATA, ("spec", "<PodSpec>", "What is to run."), ("status", "<PodStatus>", "What is running.")],
                &[],
            ),
        ),
        "deployments.apps" => (
            "Keeps a number of equal pods running.",
            with(
                &[
                    METADATA,
                    ("spec", "<DeploymentSpec>", "How many pods of which form."),
                    ("status", "<DeploymentStatus>", "What is running."),
                ],
                &[],
            ),
        ),
        _ => return None,
    })
}

/// Runs the command.
///
/// # Errors
/// Unknown kinds and fields, and kinds that are not explained here.
pub fn run(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let [typed] = parsed.args.as_slice() else {
        return Err(match parsed.args.len() {
            0 => local(
                "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources.\n",
            ),
            _ => local("We accept only this format: explain RESOURCE\n"),
        });
    };
    let kinds = tool.kinds(ATTEMPTS)?;
    // `roles.rules.verbs` is a kind and a path, `roles.rbac.authorization.k8s.io` a kind alone.
    let whole = TypeName::read(typed);
    let (kind, path) = match whole.find(&kinds) {
        Some(kind) => (kind, ""),
        None => {
            let (first, path) = typed.split_once('.').unwrap_or((typed, ""));
            let Some(kind) = TypeName::read(first).find(&kinds) else {
                tool.point_out(&kinds, first, "");
                return Err(Failure::Plain(no_type(first).words()));
            };
            (kind, path)
        }
    };
    let Some((about, fields)) = page(&kind.qualified()) else {
        return Err(local(format!("the playground does not explain {}", kind.qualified())));
    };
    let mut head = String::new();
    if !kind.group.is_empty() {
        head.push_str(&format!("GROUP:      {}\n", kind.group));
    }
    tool.say(format!("{head}KIND:       {}\nVERSION:    {}\n", kind.kind, kind.version));
    let below = |parent: &str| -> Vec<Field> {
        let prefix = if parent.is_empty() { String::new() } else { format!("{parent}.") };
        fields
            .iter()
            .filter(|(name, ..)| name.strip_prefix(&prefix).is_some_and(|rest| !rest.contains('.')))
            .copied()
            .collect()
    };
    if path.is_empty() {
        tool.say(format!("DESCRIPTION:\n    {about}\n    "));
    } else {
        let Some((name, kind, text)) = fields.iter().find(|(name, ..)| *name == path) else {
            return Err(unknown_field(path));
        };
        let last = name.rsplit('.').next().unwrap_or_default();
        tool.say(format!("FIELD: {last} {kind}\n\nDESCRIPTION:\n    {text}\n    "));
    }
    let rows = below(path);
    if !rows.is_empty() {
        tool.say("FIELDS:");
        for (name, kind, text) in rows {
            let last = name.rsplit('.').next().unwrap_or_default();
            tool.say(format!("  {last}\t{kind}\n    {text}\n"));
        }
    }
    Ok(())
}

fn unknown_field(path: &str) -> Failure {
    let last = path.rsplit('.').next().unwrap_or_default();
    local(format!("field {last:?} does not exist"))
}
