//! The authorizer chain of an EKS cluster (eks 12, rbac 2): super-user group, node authorizer, access policies, RBAC.
//!
//! Each authorizer allows or has no opinion; none can deny. Deciding stops at the first that allows;
//! explaining ([`super::explain`]) reads the same walks to their end.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use super::world::{Association, Cluster, Entry};
use crate::aws::access_policy;
use crate::aws::eks::AccessScope;
use crate::formats::ordered::map_of;
use crate::k8s::attributes::{Action, UserInfo};
use crate::k8s::rbac::{PolicyRule, Rbac};
use crate::k8s::resolve::{self, Decision};
use crate::k8s::rules::{rule_matches, rules_allow};

/// Who the API server takes a caller for, and whose access policies count for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// User name, groups and the rest.
    pub user: UserInfo,
    /// The access entry behind the caller; none after impersonation (eks 12.7).
    pub holder: Option<Holder>,
}

/// The principal that access policies are bound to: by its unique id, not by user name or groups (eks 12.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// ARN of the access entry.
    pub principal_arn: String,
    /// The caller's ARN without path, as it stands in reasons.
    pub canonical_arn: String,
    /// `AROA…` or `AIDA…`.
    pub unique_id: String,
}

/// Decides. The reason is that of the authorizer that allowed; of a refusal those of all, line by line (rbac 2).
pub fn decide(cluster: &Cluster, identity: &Identity, action: &Action) -> Decision {
    if resolve::is_super_user(&identity.user) || node_allows(&identity.user, action) {
        return Decision { allowed: true, reason: String::new() };
    }
    if let Some(reason) = policies_allow(cluster, identity, action) {
        return Decision { allowed: true, reason };
    }
    resolve::decide(cluster.objects.rbac(), &identity.user, action)
}

/// Whether the node authorizer allows.
pub fn node_allows(user: &UserInfo, action: &Action) -> bool {
    is_node(user) && rules_allow(&node_rules(), action)
}

/// What the node authorizer gives every node: the rules of the stock role `system:node`, whatever became of that role.
/// Real nodes also get what their pods refer to (secrets, volumes, …), which is not simulated:
/// those are left to RBAC (inferred from the list of the stock role).
pub fn node_rules() -> Rc<[PolicyRule]> {
    const BY_GRAPH: &[&str] =
        &["secrets", "configmaps", "persistentvolumeclaims", "persistentvolumes", "serviceaccounts"];
    thread_local! {
        static RULES: Rc<[PolicyRule]> = {
            let stock = Rbac::bootstrap();
            let mut rules = stock.cluster_role("system:node").map(|role| role.rules.clone()).unwrap_or_default();
            let by_graph = |resource: &str| BY_GRAPH.contains(&resource.split('/').next().unwrap_or_default());
            rules.iter_mut().for_each(|rule| rule.resources.retain(|resource| !by_graph(resource)));
            rules.retain(|rule| !rule.resources.is_empty());
            rules.into()
        };
    }
    RULES.with(Rc::clone)
}

/// True for the identities that the node authorizer looks at.
pub fn is_node(user: &UserInfo) -> bool {
    user.username.starts_with("system:node:") && user.in_group("system:nodes")
}

/// The entry whose policies count for `identity`.
pub fn entry<'a>(cluster: &'a Cluster, identity: &Identity) -> Option<&'a Rc<Entry>> {
    let holder = identity.holder.as_ref()?;
    let entry = cluster.served_entry(&holder.principal_arn)?;
    (cluster.eks_authorizer && entry.unique_id == holder.unique_id).then_some(entry)
}

/// What the walk over a caller's access policies comes across.
#[derive(Clone, Copy, Debug)]
pub enum PolicyEvent<'a> {
    /// An association, before its rules, and whether its scope covers the request.
    Association(&'a Association, bool),
    /// The policy's rules are not public.
    NotPublished(&'a Association),
    /// A rule of a policy whose scope covers the request, with its place in the published table.
    Rule(&'a Association, usize, &'a PolicyRule),
}

/// Shows `visit` every association of the caller's entry and every rule that counts, until it breaks.
pub fn walk_policies<'a, B>(
    cluster: &'a Cluster,
    identity: &Identity,
    action: &Action,
    rules: &'a Published,
    mut visit: impl FnMut(PolicyEvent<'a>) -> ControlFlow<B>,
) -> Option<B> {
    let mut walk = || {
        for association in entry(cluster, identity).into_iter().flat_map(|entry| &entry.policies) {
            let covers = scope_covers(&association.scope, action);
            visit(PolicyEvent::Association(association, covers))?;
            match rules.of(&association.policy_arn) {
                None => visit(PolicyEvent::NotPublished(association))?,
                Some(rules) if covers => {
                    for (index, rule) in rules.iter().enumerate() {
                        visit(PolicyEvent::Rule(association, index, rule))?;
                    }
                }
                Some(_) => {}
            }
        }
        ControlFlow::Continue(())
    };
    match walk() {
        ControlFlow::Break(value) => Some(value),
        ControlFlow::Continue(()) => None,
    }
}

fn policies_allow(cluster: &Cluster, identity: &Identity, action: &Action) -> Option<String> {
    // Most callers have no policies: they need no rules.
    if entry(cluster, identity)?.policies.is_empty() {
        return None;
    }
    Published::with(|rules| {
        walk_policies(cluster, identity, action, rules, |event| match event {
            PolicyEvent::Rule(association, _, rule) if rule_matches(rule, action).is_ok() => {
                ControlFlow::Break(reason(identity, association, action))
            }
            _ => ControlFlow::Continue(()),
        })
    })
}

/// The reason string of the EKS authorizer (eks 12.3). That of a namespace scope is inferred from RBAC's.
pub fn reason(identity: &Identity, association: &Association, action: &Action) -> String {
    let policy = &association.policy_arn;
    let holder = identity.holder.as_ref();
    let canonical = holder.map_or("", |holder| &holder.canonical_arn);
    let id = holder.map_or("", |holder| &holder.unique_id);
    let (kind, place) = match (association.scope.kind.as_str(), action.namespace()) {
        ("namespace", Some(namespace)) => ("RoleBinding", format!("/{namespace}")),
        _ => ("ClusterRoleBinding", String::new()),
    };
    format!(
        "EKS Access Policy: allowed by {kind} \"{canonical}+{policy}{place}\" of ClusterRole \"{policy}\" to User \"{id}\""
    )
}

/// Whether a scope covers a request (eks 10).
pub fn scope_covers(scope: &AccessScope, action: &Action) -> bool {
    if scope.kind == "cluster" {
        return true;
    }
    let namespace = action.namespace();
    namespace.is_some_and(|namespace| scope.namespaces.iter().any(|pattern| pattern_matches(pattern, namespace)))
}

/// `*` stands for any run of characters, everything else for itself (eks 10.3; beyond a trailing star a choice).
pub fn pattern_matches(pattern: &str, namespace: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == namespace };
    let Some(mut text) = namespace.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or_default();
    for part in parts {
        match text.find(part) {
            Some(at) => text = text.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    text.ends_with(tail)
}

/// The published rules of the access policies, in the form that RBAC matches.
#[derive(Debug, Default)]
pub struct Published {
    by_name: BTreeMap<&'static str, Vec<PolicyRule>>,
}

impl Published {
    /// Gives `read` the rules; they are converted once.
    pub fn with<T>(read: impl FnOnce(&Published) -> T) -> T {
        thread_local! {
            static RULES: Published = Published::build();
        }
        RULES.with(read)
    }

    fn build() -> Self {
        let rules = |policy: &'static access_policy::AccessPolicy| {
            let rule = |row: &access_policy::PolicyRow| PolicyRule {
                verbs: row.verbs.clone(),
                api_groups: row.api_groups.clone(),
                resources: row.resources.clone(),
                resource_names: Vec::new(),
                non_resource_urls: row.non_resource_urls.clone(),
            };
            let rows = policy.rules.as_ref()?;
            Some((policy.name.as_str(), rows.iter().map(rule).collect()))
        };
        Self { by_name: map_of(access_policy::all().iter().filter_map(rules)) }
    }

    /// The rules of the policy with this ARN; `None` if they are not public.
    pub fn of(&self, arn: &str) -> Option<&[PolicyRule]> {
        let name = arn.rsplit_once('/')?.1;
        self.by_name.get(name).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_runs_of_characters() {
        let check = |pattern: &str, namespace: &str, expected: bool| {
            assert_eq!(pattern_matches(pattern, namespace), expected, "{pattern} {namespace}");
        };
        check("dev", "dev", true);
        check("dev", "dev-a", false);
        check("dev-*", "dev-a", true);
        check("dev-*", "dev-", true);
        check("dev-*", "dev", false);
        check("*", "anything", true);
        check("*-prod", "eu-prod", true);
        check("*-prod", "eu-prod-2", false);
        check("a*b*c", "a1b2c", true);
        check("a*b*c", "acb", false);
        check("ab*ba", "aba", false);
    }

    fn user(username: &str, groups: &[&str]) -> UserInfo {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        UserInfo { username: username.to_owned(), groups, ..UserInfo::default() }
    }

    #[test]
    fn a_node_has_the_name_and_the_group() {
        assert!(is_node(&user("system:node:a", &["system:nodes"])));
        assert!(!is_node(&user("system:node:a", &["g"])));
        assert!(!is_node(&user("jane", &["system:nodes"])));
    }

    #[test]
    fn what_a_star_has_matched_does_not_match_again() {
        assert!(!pattern_matches("*ab*ab", "xab"));
        assert!(pattern_matches("*ab*ab", "xabab"));
    }

    const POLICY: &str = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";

    /// The walk-through's cluster with an entry of this id that holds the view policy in `dev`, and whoever has it.
    fn viewer() -> (Cluster, Identity) {
        let mut cluster = (**crate::session::scenario::walkthrough().world.clusters.first().unwrap()).clone();
        let principal_arn = "arn:aws:iam::111122223333:user/viewer".to_owned();
        let (arn, mut entry) = cluster.entries.first_key_value().map(|(arn, e)| (arn.clone(), (**e).clone())).unwrap();
        assert!(arn.contains(":user/") || arn.contains(":role/"));
        entry.principal_arn.clone_from(&principal_arn);
        entry.unique_id = "AIDAVIEWER".to_owned();
        let association = serde_json::json!({ "policy_arn": POLICY, "associated_at": 0, "modified_at": 0,
            "scope": { "type": "namespace", "namespaces": ["dev"] } });
        entry.policies = vec![serde_json::from_value(association).unwrap()];
        cluster.entries.insert(principal_arn.clone(), entry.into());
        let canonical_arn = principal_arn.clone();
        let holder = Holder { principal_arn, canonical_arn, unique_id: "AIDAVIEWER".to_owned() };
        (cluster, Identity { user: user("viewer", &["system:authenticated"]), holder: Some(holder) })
    }

    #[test]
    fn a_policy_is_its_holders_and_needs_the_authorizer() {
        let (mut cluster, identity) = viewer();
        let action = Action::Resource(crate::k8s::attributes::ResourceAction {
            verb: "list".to_owned(),
            resource: "pods".to_owned(),
            namespace: "dev".to_owned(),
            ..Default::default()
        });
        let decision = decide(&cluster, &identity, &action);
        assert_eq!(
            (decision.allowed, decision.reason),
            (
                true,
                format!(
                    "EKS Access Policy: allowed by RoleBinding \"arn:aws:iam::111122223333:user/viewer+{POLICY}/dev\" \
                     of ClusterRole \"{POLICY}\" to User \"AIDAVIEWER\""
                )
            )
        );
        let mut other = identity.clone();
        other.holder.as_mut().unwrap().unique_id = "AIDAOTHER".to_owned();
        assert!(!decide(&cluster, &other, &action).allowed);
        cluster.eks_authorizer = false;
        assert!(!decide(&cluster, &identity, &action).allowed);
    }
}
