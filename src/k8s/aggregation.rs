//! Aggregated cluster roles (rbac 8).
//!
//! In a cluster a controller does this after each change; here [`Rbac`] calls it before the change is complete,
//! so that nobody sees a state in between.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::rbac::{ClusterRole, LabelSelector, LabelSelectorRequirement, Labels, PolicyRule, Rbac};
use super::validate;
use crate::formats::ordered::sort;

/// Computes the rules of the roles in `dirty` and of those that select a role with any of the labels in `changed`,
/// then of the roles that select these, until nothing changes. Gives the names of the roles whose rules changed.
///
/// Roles are processed in the order of their names, in rounds.
/// Without cycles this ends after as many rounds as the longest chain is long, at most one for each aggregating role.
/// Cycles need not settle (in a cluster neither); the number of rounds, and of roles looked at, is limited.
pub fn settle(rbac: &mut Rbac, changed: &[Rc<Labels>], mut dirty: BTreeSet<Rc<str>>) -> BTreeSet<Rc<str>> {
    let aggregating: Vec<Rc<str>> = rbac.aggregating().cloned().collect();
    let mut all_changed = BTreeSet::new();
    let mut labels: Vec<Rc<Labels>> = changed.to_vec();
    let mut left = aggregating.len() * 8 + 64;
    for _ in 0..=aggregating.len() {
        // Roles with equal labels are selected by the same roles.
        sort(&mut labels);
        labels.dedup();
        dirty.extend(aggregating.iter().filter(|name| selects_any(rbac, name, &labels)).cloned());
        labels.clear();
        for name in std::mem::take(&mut dirty) {
            if left == 0 {
                return all_changed;
            }
            left -= 1;
            let Some(role) = rbac.cluster_role(&name).cloned() else { continue };
            let Some(rules) = aggregated_rules(rbac, &name, &role) else { continue };
            if rules != role.rules {
                labels.extend(rbac.cluster_role_labels(&name).cloned());
                rbac.set_rules(&name, ClusterRole { rules, aggregation_rule: role.aggregation_rule.clone() });
                all_changed.insert(name);
            }
        }
        if labels.is_empty() {
            break;
        }
    }
    all_changed
}

fn selects_any(rbac: &Rbac, name: &str, labels: &[Rc<Labels>]) -> bool {
    let selectors = rbac.cluster_role(name).map_or(&[][..], |role| role.selectors());
    selectors.iter().any(|selector| labels.iter().any(|labels| selector_matches(selector, labels)))
}

/// The rules that `role` gets; none if one of its selectors is invalid: the controller then leaves the role alone.
fn aggregated_rules(rbac: &Rbac, name: &str, role: &ClusterRole) -> Option<Vec<PolicyRule>> {
    if !role.selectors().iter().all(validate::is_valid_selector) {
        return None;
    }
    let (mut rules, mut seen) = (Vec::new(), BTreeSet::new());
    for selector in role.selectors() {
        let selected =
            rbac.cluster_roles().filter(|(n, _, labels)| &***n != name && selector_matches(selector, labels));
        for rule in selected.flat_map(|(_, role, _)| &role.rules) {
            if seen.insert(rule) {
                rules.push(rule.clone());
            }
        }
    }
    Some(rules)
}

/// Does the selector match an object with these labels? All parts must hold; an unknown operator never does.
pub fn selector_matches(selector: &LabelSelector, labels: &Labels) -> bool {
    selector.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value))
        && selector.match_expressions.iter().all(|requirement| requirement_holds(requirement, labels))
}

fn requirement_holds(requirement: &LabelSelectorRequirement, labels: &Labels) -> bool {
    let value = labels.get(&requirement.key);
    let listed = value.is_some_and(|value| requirement.values.contains(value));
    match requirement.operator.as_str() {
        "In" => listed,
        "NotIn" => !listed,
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(resource: &str, selectors: &[(&str, &str)]) -> ClusterRole {
        let rule = PolicyRule { resources: vec![resource.to_owned()], ..PolicyRule::default() };
        let selector = |(key, value): &(&str, &str)| LabelSelector {
            match_labels: Labels::from([((*key).to_owned(), (*value).to_owned())]),
            ..LabelSelector::default()
        };
        let cluster_role_selectors: Vec<_> = selectors.iter().map(selector).collect();
        ClusterRole {
            rules: if resource.is_empty() { vec![] } else { vec![rule] },
            aggregation_rule: (!selectors.is_empty())
                .then_some(crate::k8s::rbac::AggregationRule { cluster_role_selectors }),
        }
    }

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    fn check(rbac: &Rbac, name: &str, expected: &str) {
        let rules = &rbac.cluster_role(name).unwrap().rules;
        let resources: Vec<_> = rules.iter().flat_map(|rule| rule.resources.iter().map(String::as_str)).collect();
        assert_eq!(resources.join(" "), expected, "{name}");
    }

    #[test]
    fn chains_settle_in_either_order_of_names() {
        for (top, bottom) in [("a", "z"), ("z", "a")] {
            let mut rbac = Rbac::default();
            rbac.insert_cluster_role(top, labels(&[]), role("by-hand", &[("to", "top")]));
            check(&rbac, top, "");
            rbac.insert_cluster_role("m", labels(&[("to", "top")]), role("", &[("to", "middle")]));
            let changed = rbac.insert_cluster_role(bottom, labels(&[("to", "middle")]), role("pods", &[]));
            assert_eq!(changed.len(), 2);
            check(&rbac, top, "pods");
            rbac.insert_cluster_role("n", labels(&[("to", "top")]), role("nodes", &[]));
            check(&rbac, top, "pods nodes");
            rbac.insert_cluster_role("n", labels(&[]), role("nodes", &[]));
            check(&rbac, top, "pods");
            rbac.remove_cluster_role(bottom).unwrap();
            check(&rbac, top, "");
        }
    }

    #[test]
    fn cycles_end() {
        let mut rbac = Rbac::default();
        for (name, next) in [("a", "b"), ("b", "c"), ("c", "a")] {
            rbac.insert_cluster_role(name, labels(&[("is", name)]), role("", &[("is", next), ("is", "leaf")]));
        }
        rbac.insert_cluster_role("x", labels(&[("is", "leaf")]), role("pods", &[]));
        check(&rbac, "a", "pods");
        rbac.insert_cluster_role("y", labels(&[("is", "leaf")]), role("nodes", &[]));
        rbac.remove_cluster_role("x").unwrap();
        assert!(rbac.cluster_role("a").is_some());
    }

    #[test]
    fn selectors() {
        let expression = |operator: &str, values: &[&str]| LabelSelector {
            match_expressions: vec![LabelSelectorRequirement {
                key: "k".to_owned(),
                operator: operator.to_owned(),
                values: values.iter().map(|v| (*v).to_owned()).collect(),
            }],
            ..LabelSelector::default()
        };
        for (operator, values, with_v, without) in [
            ("In", &["v"][..], true, false),
            ("In", &["w"], false, false),
            ("NotIn", &["v"], false, true),
            ("NotIn", &["w"], true, true),
            ("Exists", &[], true, false),
            ("DoesNotExist", &[], false, true),
            ("Near", &[], false, false),
        ] {
            let selector = expression(operator, values);
            assert_eq!(selector_matches(&selector, &labels(&[("k", "v")])), with_v, "{operator} {values:?}");
            assert_eq!(selector_matches(&selector, &labels(&[])), without, "{operator} {values:?}");
        }
        assert!(selector_matches(&LabelSelector::default(), &labels(&[])));
    }

    #[test]
    fn a_role_with_a_selector_that_cannot_be_used_is_left_alone() {
        let mut rbac = Rbac::default();
        rbac.insert_cluster_role("good", labels(&[]), role("", &[("to", "x")]));
        rbac.insert_cluster_role("bad", labels(&[]), role("by-hand", &[("to", "not a value")]));
        rbac.insert_cluster_role("part", labels(&[("to", "x")]), role("pods", &[]));
        check(&rbac, "good", "pods");
        check(&rbac, "bad", "by-hand");
    }
}
