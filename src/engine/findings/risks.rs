//! Rights that amount to more than they seem: wildcards, ways to grant oneself more, secrets (rbac 5, 7, 11).

use super::{ObjectRef, Report, Severity, bindings};
use crate::engine::authz::{Published, pattern_matches, scope_covers};
use crate::engine::world::{Association, Cluster};
use crate::k8s::attributes::{Action, ResourceAction};
use crate::k8s::rbac::{API_GROUP, PolicyRule};
use crate::k8s::resolve::resolve;
use crate::k8s::rules::{rule_matches, rules_allow};

/// Groups that hold everybody, or everybody who can log in.
const EVERYBODY: &[&str] = &["system:anonymous", "system:unauthenticated", "system:authenticated"];

/// Looks at what the cluster's own bindings and its access policies grant.
pub fn check(cluster: &Cluster, report: &mut Report) {
    let rbac = cluster.objects.rbac();
    for (key, binding) in bindings::own(&cluster.objects) {
        let Some(first) = binding.subjects.first() else { continue };
        let more = match binding.subjects.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        let who = format!("{} `{}`{more}", first.kind, first.name);
        if let Some(open) = binding.subjects.iter().find(|subject| EVERYBODY.contains(&subject.name.as_str())) {
            let message = format!("`{}` gets {} `{}`", open.name, binding.role_ref.kind, binding.role_ref.name);
            report.add("open-to-everybody", bindings::object(key), message);
        }
        let Ok(rules) = resolve(rbac, &binding.role_ref, key.namespace.as_deref()) else { continue };
        let namespace = key.namespace.as_deref();
        let reaches = |asked: &str| namespace.is_none_or(|own| own == asked);
        for (id, what) in risks(rules, namespace.is_none(), reaches("kube-system")) {
            report.add(id, bindings::object(key), format!("{who} {what}"));
        }
    }
    for entry in cluster.entries.values().filter(|_| cluster.mode.uses_entries() && cluster.eks_authorizer) {
        // A scope that no namespace matches grants nothing, and is a finding of its own.
        let is_somewhere = |association: &&Association| {
            let scope = &association.scope;
            let matches = |name: &String| scope.namespaces.iter().any(|pattern| pattern_matches(pattern, name));
            scope.kind == "cluster" || cluster.objects.namespaces().iter().any(matches)
        };
        for association in entry.policies.iter().filter(is_somewhere) {
            let object = || ObjectRef::Association(entry.principal_arn.clone(), association.policy_arn.clone());
            let cluster_wide = association.scope.kind == "cluster";
            let in_system = scope_covers(&association.scope, &action("create", "", "pods", "", "kube-system"));
            let found = Published::with(|rules| {
                let rules = rules.of(&association.policy_arn).unwrap_or_default();
                risks(rules, cluster_wide, in_system)
            });
            for (id, what) in found {
                // AWS made the policy and somebody chose it: a remark, no warning.
                if let Some(finding) = report.add(id, object(), format!("the holder {what}")) {
                    finding.severity = Severity::Info;
                }
            }
        }
    }
}

/// Asks for something by rule alone, whatever the place.
fn action(verb: &str, group: &str, resource: &str, subresource: &str, namespace: &str) -> Action {
    let [verb, api_group, resource, subresource, namespace] =
        [verb, group, resource, subresource, namespace].map(str::to_owned);
    Action::Resource(ResourceAction { verb, api_group, resource, subresource, name: String::new(), namespace })
}

/// Ids of what the rules amount to, and in words what their holder may do. Full rights are the one risk of theirs.
fn risks(rules: &[PolicyRule], cluster_wide: bool, in_kube_system: bool) -> Vec<(&'static str, String)> {
    let allows = |verb: &str, group: &str, resource: &str, subresource: &str| {
        rules_allow(rules, &action(verb, group, resource, subresource, ""))
    };
    // `*` as a question matches only rules that say `*` (rbac 1).
    if allows("*", "*", "*", "") {
        return vec![("wildcard-rights", "may do everything with every resource".to_owned())];
    }
    let mut found = Vec::new();
    let mut add = |id, what: String| found.push((id, what));
    let verbs = |verbs: &[&'static str], group: &str, resource: &str, subresource: &str| {
        let granted: Vec<&str> = verbs.iter().copied().filter(|v| allows(v, group, resource, subresource)).collect();
        granted.join(", ")
    };
    for resource in ["roles", "clusterroles"] {
        let granted = verbs(&["escalate", "bind"], API_GROUP, resource, "");
        if !granted.is_empty() {
            add("can-escalate", format!("may {granted} {resource}"));
        }
    }
    let asked: &[&str] = if cluster_wide { &["users", "groups", "serviceaccounts"] } else { &["serviceaccounts"] };
    let impersonated: Vec<&str> =
        asked.iter().copied().filter(|resource| allows("impersonate", "", resource, "")).collect();
    if !impersonated.is_empty() {
        add("can-impersonate", format!("may impersonate {}", impersonated.join(", ")));
    }
    let read = verbs(&["get", "list", "watch"], "", "secrets", "");
    if cluster_wide && !read.is_empty() {
        add("reads-all-secrets", format!("may {read} secrets in every namespace"));
    }
    let [exec, attach] = ["exec", "attach"].map(|subresource| verbs(&["create", "get"], "", "pods", subresource));
    match (exec.as_str(), attach.as_str()) {
        ("", "") => {}
        (exec, "") => add("can-exec", format!("may {exec} pods/exec")),
        ("", attach) => add("can-exec", format!("may {attach} pods/attach")),
        (exec, attach) if exec == attach => add("can-exec", format!("may {exec} pods/exec and pods/attach")),
        (exec, attach) => add("can-exec", format!("may {exec} pods/exec and {attach} pods/attach")),
    }
    let creating = [("", "pods"), ("apps", "deployments"), ("apps", "daemonsets"), ("apps", "statefulsets")];
    let creating = creating.into_iter().chain([("batch", "jobs"), ("batch", "cronjobs")]);
    let created: Vec<&str> = creating
        .filter(|(group, resource)| {
            rules.iter().any(|rule| rule_matches(rule, &action("create", group, resource, "", "")).is_ok())
        })
        .map(|(_, resource)| resource)
        .collect();
    if in_kube_system && !created.is_empty() {
        add("creates-pods-in-kube-system", format!("may create {} in kube-system", created.join(", ")));
    }
    found
}
