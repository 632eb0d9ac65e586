//! SelfSubjectRulesReview: listing what an identity may do (rbac 9).

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::attributes::UserInfo;
use super::rbac::{PolicyRule, Rbac};
use super::resolve::{Event, unresolved_text, walk};

/// The answer of one authorizer, in the form of the status of a SelfSubjectRulesReview.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RulesReview {
    /// Rules on resources, unmerged and with repetitions.
    pub resource_rules: Vec<ResourceRule>,
    /// Rules on URLs. Those that come through a RoleBinding are listed although they never take effect.
    pub non_resource_rules: Vec<NonResourceRule>,
    /// True if there may be more; never for RBAC.
    pub incomplete: bool,
    /// The role references that could not be resolved.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub evaluation_error: String,
}

/// The resource part of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceRule {
    /// Verbs.
    pub verbs: Vec<String>,
    /// API groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub api_groups: Vec<String>,
    /// Resources.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Names, if the rule is limited to some.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_names: Vec<String>,
}

/// The URL part of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NonResourceRule {
    /// Verbs.
    pub verbs: Vec<String>,
    /// Paths.
    #[serde(rename = "nonResourceURLs", skip_serializing_if = "Vec::is_empty")]
    pub non_resource_urls: Vec<String>,
}

/// Lists the rules of all bindings that apply to `user` in `namespace`, in visiting order.
/// The API refuses an empty namespace beforehand; here it means cluster-wide bindings alone.
pub fn rules_for(rbac: &Rbac, user: &UserInfo, namespace: &str) -> RulesReview {
    let (mut review, mut unresolved) = (RulesReview::default(), Vec::new());
    walk(rbac, user, Some(namespace).filter(|ns| !ns.is_empty()), |_, event| {
        match event {
            Event::Applies => {}
            Event::Unresolved(error) => unresolved.push(error),
            Event::Rule(_, rule) => review.add(rule),
        }
        ControlFlow::<()>::Continue(())
    });
    review.evaluation_error = unresolved_text(&unresolved);
    review
}

impl RulesReview {
    /// Lists a rule: under resources, under URLs, under both or not at all.
    pub fn add(&mut self, rule: &PolicyRule) {
        let PolicyRule { verbs, api_groups, resources, resource_names, non_resource_urls } = rule.clone();
        if !resources.is_empty() {
            self.resource_rules.push(ResourceRule { verbs: verbs.clone(), api_groups, resources, resource_names });
        }
        if !non_resource_urls.is_empty() {
            self.non_resource_rules.push(NonResourceRule { verbs, non_resource_urls });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_listed_by_its_parts() {
        let mut review = RulesReview::default();
        let rule = |resources: &[&str], urls: &[&str]| PolicyRule {
            verbs: vec!["get".to_owned()],
            resources: resources.iter().map(|r| (*r).to_owned()).collect(),
            non_resource_urls: urls.iter().map(|r| (*r).to_owned()).collect(),
            ..PolicyRule::default()
        };
        for rule in [rule(&["pods"], &[]), rule(&[], &["/x"]), rule(&["a"], &["/b"]), rule(&[], &[])] {
            review.add(&rule);
        }
        assert_eq!((review.resource_rules.len(), review.non_resource_rules.len()), (2, 2));
    }
}
