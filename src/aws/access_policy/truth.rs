//! The catalogue against the truth table of eks 22.

use super::{PolicyRow, by_name};

const COLUMNS: [&str; 6] = [
    "AmazonEKSViewPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSAdminPolicy",
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSSecretReaderPolicy",
];

/// Request, and a `+` or `-` for each column.
const TRUTH: &[(&str, &str)] = &[
    ("get pods", "+++++-"),
    ("get pods/log", "+++++-"),
    ("create pods", "--+++-"),
    ("delete pods", "--+++-"),
    ("create pods/exec", "--+++-"),
    ("get pods/exec", "-++++-"),
    ("create pods/portforward", "--+++-"),
    ("create pods/eviction", "----+-"),
    ("list deployments.apps", "+++++-"),
    ("create deployments.apps", "--+++-"),
    ("patch deployments/scale.apps", "--+++-"),
    ("update deployments/status.apps", "----+-"),
    ("list services", "+++++-"),
    ("create services", "--+++-"),
    ("get secrets", "-+++++"),
    ("create secrets", "--+++-"),
    ("list configmaps", "+++++-"),
    ("delete configmaps", "--+++-"),
    ("list events", "+++++-"),
    ("create events", "--+++-"),
    ("list serviceaccounts", "+++++-"),
    ("create serviceaccounts/token", "----+-"),
    ("impersonate serviceaccounts", "--+++-"),
    ("list namespaces", "+++++-"),
    ("create namespaces", "----+-"),
    ("list nodes", "-+--+-"),
    ("list persistentvolumes", "-+--+-"),
    ("list persistentvolumeclaims", "+++++-"),
    ("list storageclasses.storage.k8s.io", "-+--+-"),
    ("list ingresses.networking.k8s.io", "+++++-"),
    ("list ingressclasses.networking.k8s.io", "-+--+-"),
    ("list roles.rbac.authorization.k8s.io", "-+-++-"),
    ("create rolebindings.rbac.authorization.k8s.io", "---++-"),
    ("bind clusterroles.rbac.authorization.k8s.io", "----+-"),
    ("list clusterroles.rbac.authorization.k8s.io", "-+--+-"),
    ("list customresourcedefinitions.apiextensions.k8s.io", "-+--+-"),
    ("list servicemonitors.monitoring.coreos.com", "-+--+-"),
    ("list pods.metrics.k8s.io", "-+--+-"),
    ("list leases.coordination.k8s.io", "-+--+-"),
    ("create resourcequotas", "----+-"),
    ("get resourcequotas", "+++++-"),
    ("create localsubjectaccessreviews.authorization.k8s.io", "---++-"),
    ("list jobs.batch", "+++++-"),
    ("create cronjobs.batch", "--+++-"),
];

/// `VERB RESOURCE[/SUBRESOURCE][.GROUP]`
fn allows(rules: &[PolicyRow], request: &str) -> bool {
    let (verb, rest) = request.split_once(' ').unwrap();
    let (resource, group) = rest.split_once('.').unwrap_or((rest, ""));
    let has = |list: &[String], wanted: &str| list.iter().any(|item| item == "*" || item == wanted);
    rules.iter().any(|rule| has(&rule.verbs, verb) && has(&rule.api_groups, group) && has(&rule.resources, resource))
}

#[test]
fn truth_table() {
    for (request, expected) in TRUTH {
        let actual: String = COLUMNS
            .iter()
            .map(|name| if allows(by_name(name).unwrap().rules.as_ref().unwrap(), request) { '+' } else { '-' })
            .collect();
        assert_eq!(actual, *expected, "{request}");
    }
}
