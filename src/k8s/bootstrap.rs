//! Stock roles and bindings of a named Kubernetes version (rbac 13).
//!
//! The facts lie in `src/data/kubernetes-rbac.json` in a compact form that its `source` member explains.
//! They are read once; every cluster starts with a clone that shares them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde::Deserialize;

use crate::formats::json;

use super::rbac::{
    API_GROUP, AggregationRule, Binding, BindingKey, ClusterRole, LabelSelector, Labels, PolicyRule, Rbac, Role,
    RoleRef, Subject,
};
use super::releases;

const FACTS: &str = include_str!("../data/kubernetes-rbac.json");

/// The label of all stock objects, key and value.
pub const LABEL: (&str, &str) = ("kubernetes.io/bootstrapping", "rbac-defaults");
/// The annotation of all stock objects, key and value: at its start the server repairs objects that carry it.
pub const ANNOTATION: (&str, &str) = ("rbac.authorization.kubernetes.io/autoupdate", "true");

/// The stock roles and bindings of the usual version, aggregation settled.
pub fn rbac() -> Rbac {
    rbac_of(releases::DEFAULT)
}

/// The stock roles and bindings of Kubernetes 1.`minor`, aggregation settled.
pub fn rbac_of(minor: u8) -> Rbac {
    thread_local! {
        static STOCK: RefCell<BTreeMap<u8, Rbac>> = const { RefCell::new(BTreeMap::new()) };
    }
    // The facts are part of the program; a test holds that they can be read.
    STOCK.with_borrow_mut(|stock| {
        stock
            .entry(minor)
            .or_insert_with(|| json::read(FACTS).map(|facts| build(facts, minor)).unwrap_or_default())
            .clone()
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Facts {
    cluster_roles: BTreeMap<String, StockClusterRole>,
    roles: BTreeMap<String, Vec<Vec<String>>>,
    cluster_role_bindings: BTreeMap<String, StockBinding>,
    role_bindings: BTreeMap<String, StockBinding>,
    /// What other minor versions have otherwise than the version next to them, on the side of the usual one.
    versions: BTreeMap<u8, Difference>,
}

/// Members by name; none: the version does not have that object.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Difference {
    #[serde(default)]
    cluster_roles: BTreeMap<String, Option<StockClusterRole>>,
    #[serde(default)]
    cluster_role_bindings: BTreeMap<String, Option<StockBinding>>,
}

impl Facts {
    /// The facts of a minor version.
    fn of(mut self, minor: u8) -> Self {
        let mut differences = std::mem::take(&mut self.versions);
        let steps: Vec<u8> = if minor < releases::DEFAULT {
            (minor..releases::DEFAULT).rev().collect()
        } else {
            (releases::DEFAULT..=minor).skip(1).collect()
        };
        for difference in steps.into_iter().filter_map(|step| differences.remove(&step)) {
            merge(&mut self.cluster_roles, difference.cluster_roles);
            merge(&mut self.cluster_role_bindings, difference.cluster_role_bindings);
        }
        self
    }
}

fn merge<T>(facts: &mut BTreeMap<String, T>, difference: BTreeMap<String, Option<T>>) {
    for (name, other) in difference {
        match other {
            Some(other) => drop(facts.insert(name, other)),
            None => drop(facts.remove(&name)),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StockClusterRole {
    #[serde(default)]
    rules: Vec<Vec<String>>,
    aggregate_to: Option<String>,
    aggregates: Option<String>,
}

#[derive(Deserialize)]
struct StockBinding {
    role: String,
    subjects: Vec<String>,
}

fn build(facts: Facts, minor: u8) -> Rbac {
    let facts = facts.of(minor);
    let mut rbac = Rbac::default();
    rbac.insert_cluster_roles(facts.cluster_roles.into_iter().map(|(name, stock)| {
        let mut labels = Labels::from([(LABEL.0.to_owned(), LABEL.1.to_owned())]);
        labels.extend(stock.aggregate_to.map(aggregation_label));
        let selector = stock.aggregates.map(|to| LabelSelector {
            match_labels: Labels::from([aggregation_label(to)]),
            match_expressions: Vec::new(),
        });
        let aggregation_rule = selector.map(|selector| AggregationRule { cluster_role_selectors: vec![selector] });
        (Rc::from(name), labels, ClusterRole { rules: rules(&stock.rules), aggregation_rule })
    }));
    for (key, stock) in &facts.roles {
        let (namespace, name) = key.split_once('/').unwrap_or(("", key));
        rbac.insert_role(namespace, name, Role { rules: rules(stock) });
    }
    for (name, stock) in &facts.cluster_role_bindings {
        rbac.insert_binding(BindingKey::cluster(name), binding(stock));
    }
    for (key, stock) in &facts.role_bindings {
        let (namespace, name) = key.split_once('/').unwrap_or(("", key));
        rbac.insert_binding(BindingKey::namespaced(namespace, name), binding(stock));
    }
    rbac
}

fn aggregation_label(to: String) -> (String, String) {
    (format!("{API_GROUP}/aggregate-to-{to}"), "true".to_owned())
}

fn rules(rules: &[Vec<String>]) -> Vec<PolicyRule> {
    let rule = |parts: &Vec<String>| {
        let list = |i: usize| parts.get(i).map_or_else(Vec::new, |p| p.split(',').map(str::to_owned).collect());
        if parts.len() == 2 {
            PolicyRule { verbs: list(0), non_resource_urls: list(1), ..PolicyRule::default() }
        } else {
            PolicyRule {
                verbs: list(0),
                api_groups: list(1),
                resources: list(2),
                resource_names: list(3),
                non_resource_urls: Vec::new(),
            }
        }
    };
    rules.iter().map(rule).collect()
}

fn binding(stock: &StockBinding) -> Binding {
    let (kind, name) = stock.role.split_once(' ').unwrap_or_default();
    let role_ref = RoleRef { api_group: API_GROUP.to_owned(), kind: kind.to_owned(), name: name.to_owned() };
    let subject = |text: &String| {
        let (kind, name) = text.split_once(' ').unwrap_or_default();
        let (namespace, name) = name.split_once('/').unwrap_or(("", name));
        let [kind, name, namespace] = [kind, name, namespace].map(str::to_owned);
        Subject { kind, api_group: String::new(), name, namespace }
    };
    let mut binding = Binding { subjects: stock.subjects.iter().map(subject).collect(), role_ref };
    binding.apply_defaults();
    binding
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stock_objects_are_complete() {
        let rbac = rbac();
        assert_eq!(rbac.cluster_roles().count(), 66);
        assert_eq!(rbac.bindings_in(None).count(), 47);
        assert_eq!((rbac.roles().count(), rbac.bindings().count() - 47), (7, 7));
        let rules = |name| rbac.cluster_role(name).unwrap().rules.len();
        assert_eq!([rules("view"), rules("edit"), rules("admin"), rules("cluster-admin")], [10, 23, 25, 2]);
    }

    #[test]
    fn every_stock_binding_leads_to_a_role() {
        let rbac = rbac();
        for (key, binding) in rbac.bindings() {
            assert!(
                crate::k8s::resolve::resolve(&rbac, &binding.role_ref, key.namespace.as_deref()).is_ok(),
                "{key:?}"
            );
            // Kept for old clusters only: nodes have an authorizer of their own.
            assert_eq!(binding.subjects.is_empty(), &*key.name == "system:node", "{key:?}");
        }
    }
}
