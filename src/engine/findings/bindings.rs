//! Roles and bindings that do not do what they look like (rbac 3, 4), and who is bound at all.

use std::collections::{BTreeMap, BTreeSet};

use super::{ObjectRef, Report, remedy};
use crate::engine::authz::pattern_matches;
use crate::engine::world::Cluster;
use crate::k8s::names;
use crate::k8s::rbac::{Binding, BindingKey, PolicyRule, Rbac, RoleRef, Subject};
use crate::k8s::resolve::resolve;
use crate::k8s::store::ObjectStore;

/// Whom bindings name, to look up groups and user names of mappings.
#[derive(Debug, Default)]
pub struct Bound {
    users: BTreeSet<String>,
    groups: BTreeSet<String>,
}

impl Bound {
    /// Reads all bindings.
    pub fn of(rbac: &Rbac) -> Self {
        let mut bound = Self { users: BTreeSet::new(), groups: BTreeSet::new() };
        for (_, binding) in rbac.bindings() {
            for subject in &binding.subjects {
                match subject.kind.as_str() {
                    "User" => bound.users.insert(subject.name.clone()),
                    "Group" => bound.groups.insert(subject.name.clone()),
                    _ => false,
                };
            }
        }
        bound
    }

    /// True if a binding names the group, or it needs none: those that begin with `system:` or `eks:` are built in.
    pub fn group(&self, group: &str) -> bool {
        group.starts_with("system:") || group.starts_with("eks:") || can_become(&self.groups, group)
    }

    /// True if a binding names the user.
    pub fn user(&self, username: &str) -> bool {
        can_become(&self.users, username)
    }
}

/// Whether a name with placeholders can become one of `bound`.
fn can_become(bound: &BTreeSet<String>, template: &str) -> bool {
    if !template.contains("{{") {
        return bound.contains(template);
    }
    // Each placeholder stands for any text.
    let (mut pattern, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once("{{") {
        pattern.push_str(before);
        match after.split_once("}}") {
            Some((_, after)) => {
                pattern.push('*');
                rest = after;
            }
            None => {
                pattern.push_str("{{");
                rest = after;
            }
        }
    }
    pattern.push_str(rest);
    bound.iter().any(|name| pattern_matches(&pattern, name))
}

/// Bindings that are not as every cluster has them.
pub fn own(objects: &ObjectStore) -> impl Iterator<Item = (&BindingKey, &Binding)> {
    let stock = objects.stock_rbac();
    objects
        .rbac()
        .bindings()
        .filter(move |(key, binding)| stock.binding(key) != Some(binding))
        .map(|(key, binding)| (key, &**binding))
}

/// The binding as an object.
pub fn object(key: &BindingKey) -> ObjectRef {
    let namespace = key.namespace.as_deref().unwrap_or_default().to_owned();
    ObjectRef::Object { kind: key.kind(), namespace, name: key.name.to_string() }
}

/// Looks at the cluster's own bindings and roles.
pub fn check(cluster: &Cluster, report: &mut Report) {
    let rbac = cluster.objects.rbac();
    let delete = |key: &BindingKey| {
        remedy::delete_object(cluster, key.kind(), key.namespace.as_deref().unwrap_or_default(), &key.name)
    };
    // Of equal grants in a place, the binding seen first.
    let mut seen: BTreeMap<(Option<String>, RoleRef, Subject), &BindingKey> = BTreeMap::new();
    for (key, binding) in own(&cluster.objects) {
        let RoleRef { kind, name, .. } = &binding.role_ref;
        if resolve(rbac, &binding.role_ref, key.namespace.as_deref()).is_err() {
            let message = format!("{kind} `{name}` does not exist");
            report.add_with("dangling-role-ref", object(key), message, vec![delete(key)]);
        }
        if binding.subjects.is_empty() {
            let message = format!("nobody gets {kind} `{name}` by it");
            report.add_with("binding-without-subjects", object(key), message, vec![delete(key)]);
        }
        missing_service_accounts(cluster, key, binding, report);
        for subject in &binding.subjects {
            let grant = (key.namespace.as_deref().map(str::to_owned), binding.role_ref.clone(), subject.clone());
            match seen.get(&grant).filter(|first| **first != key) {
                Some(first) => {
                    let message =
                        format!("{} `{}` has {kind} `{name}` by {} too", subject.kind, subject.name, object(first));
                    let steps = if binding.subjects.len() == 1 { vec![delete(key)] } else { Vec::new() };
                    report.add_with("duplicate-binding", object(key), message, steps);
                }
                None => {
                    seen.insert(grant, key);
                }
            }
        }
    }
    unbound_roles(cluster, report);
    unknown_names(cluster, report);
}

/// Names in the rules of the cluster's own roles that no server knows.
fn unknown_names(cluster: &Cluster, report: &mut Report) {
    let (rbac, stock, kinds) = (cluster.objects.rbac(), Rbac::bootstrap(), cluster.objects.resources());
    let mut look = |kind: &'static str, namespace: &str, name: &str, rules: &[PolicyRule]| {
        for (index, rule) in rules.iter().enumerate() {
            for remark in names::remarks(&kinds, rule) {
                let (namespace, name) = (namespace.to_owned(), name.to_owned());
                let message = format!("rule {}: {}", index + 1, remark.replace('"', "`"));
                report.add("unknown-name", ObjectRef::Object { kind, namespace, name }, message);
            }
        }
    };
    for (name, role, _) in rbac.cluster_roles() {
        // What an aggregated role takes up is said of the role that it comes from.
        if stock.cluster_role(name).is_none() && role.aggregation_rule.is_none() {
            look("ClusterRole", "", name, &role.rules);
        }
    }
    for (namespace, name, role) in rbac.roles() {
        if stock.role(namespace, name).is_none() {
            look("Role", namespace, name, &role.rules);
        }
    }
}

fn missing_service_accounts(cluster: &Cluster, key: &BindingKey, binding: &Binding, report: &mut Report) {
    let Some(accounts) = cluster.objects.resource("", "serviceaccounts") else { return };
    for subject in binding.subjects.iter().filter(|subject| subject.kind == "ServiceAccount") {
        let home = if subject.namespace.is_empty() { key.namespace.as_deref() } else { Some(&*subject.namespace) };
        let Some(home) = home else { continue };
        if cluster.objects.find(&accounts, home, &subject.name).is_none() {
            let message = format!("the service account `{home}/{}` does not exist", subject.name);
            report.add("missing-service-account", object(key), message);
        }
    }
}

fn unbound_roles(cluster: &Cluster, report: &mut Report) {
    let (rbac, stock) = (cluster.objects.rbac(), cluster.objects.stock_rbac());
    let mut bound: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (key, binding) in rbac.bindings() {
        // A ClusterRole stands without namespace, wherever it is bound.
        let place = if binding.role_ref.kind == "Role" { key.namespace.as_deref().unwrap_or_default() } else { "" };
        bound.insert((place, &binding.role_ref.name));
    }
    for (name, _, labels) in rbac.cluster_roles() {
        let aggregated = labels.keys().any(|label| label.starts_with("rbac.authorization.k8s.io/aggregate-to-"));
        if stock.cluster_role(name).is_none() && !aggregated && !bound.contains(&("", &**name)) {
            unbound_role(cluster, "ClusterRole", "", name, report);
        }
    }
    for (namespace, name, _) in rbac.roles() {
        if stock.role(namespace, name).is_none() && !bound.contains(&(namespace, name)) {
            unbound_role(cluster, "Role", namespace, name, report);
        }
    }
}

fn unbound_role(cluster: &Cluster, kind: &'static str, namespace: &str, name: &str, report: &mut Report) {
    let object = ObjectRef::Object { kind, namespace: namespace.to_owned(), name: name.to_owned() };
    let steps = vec![remedy::delete_object(cluster, kind, namespace, name)];
    report.add_with("unbound-role", object, format!("no binding names {kind} `{name}`"), steps);
}
