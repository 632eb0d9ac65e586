//! Field validation of RBAC objects (rbac 12), and the parts of it that all objects share.
//!
//! The caller fills in defaults first ([`Binding::apply_defaults`]) and passes the metadata beside the body.
//! Texts and their order are the API server's.

pub mod fields;

use super::rbac::{
    API_GROUP, AggregationRule, Binding, ClusterRole, LabelSelector, PolicyRule, Role, RoleRef, Subject,
};
use crate::formats::go_text;

pub use fields::{
    FieldError, Metadata, dns_label, dns_subdomain, invalid_message, label_value, object_metadata, path_segment,
    qualified_name,
};

/// What is wrong with a Role.
pub fn role(metadata: &Metadata<'_>, role: &Role) -> Vec<FieldError> {
    let mut errors = object_metadata(metadata, true, path_segment);
    errors.extend(rules(&role.rules, true));
    errors
}

/// What is wrong with a ClusterRole.
pub fn cluster_role(metadata: &Metadata<'_>, role: &ClusterRole) -> Vec<FieldError> {
    let mut errors = object_metadata(metadata, false, path_segment);
    errors.extend(rules(&role.rules, false));
    errors.extend(role.aggregation_rule.iter().flat_map(aggregation_rule));
    errors
}

/// What is wrong with a RoleBinding.
pub fn role_binding(metadata: &Metadata<'_>, binding: &Binding) -> Vec<FieldError> {
    self::binding(metadata, binding, true)
}

/// What is wrong with a ClusterRoleBinding.
pub fn cluster_role_binding(metadata: &Metadata<'_>, binding: &Binding) -> Vec<FieldError> {
    self::binding(metadata, binding, false)
}

/// What an update of a binding of either kind must not change. Comes after the errors of the new binding.
pub fn binding_update(new: &Binding, old: &Binding) -> Vec<FieldError> {
    let RoleRef { api_group, kind, name } = &new.role_ref;
    if new.role_ref == old.role_ref {
        return Vec::new();
    }
    let [group, kind, name] = [api_group, kind, name].map(|text| go_text::quote(text));
    let value = format!("rbac.RoleRef{{APIGroup:{group}, Kind:{kind}, Name:{name}}}");
    vec![FieldError::invalid_value("roleRef", value, "cannot change roleRef")]
}

fn rules(rules: &[PolicyRule], namespaced: bool) -> Vec<FieldError> {
    rules.iter().enumerate().flat_map(|(i, rule)| policy_rule(rule, namespaced, &format!("rules[{i}]"))).collect()
}

fn policy_rule(rule: &PolicyRule, namespaced: bool, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if rule.verbs.is_empty() {
        errors.push(FieldError::required(format!("{path}.verbs"), "verbs must contain at least one value"));
    }
    if !rule.non_resource_urls.is_empty() {
        let mut refuse = |why: &str| {
            let value = go_text::string_slice(&rule.non_resource_urls);
            errors.push(FieldError::invalid_value(format!("{path}.nonResourceURLs"), value, why));
        };
        if namespaced {
            refuse("namespaced rules cannot apply to non-resource URLs");
        }
        if !(rule.api_groups.is_empty() && rule.resources.is_empty() && rule.resource_names.is_empty()) {
            refuse("rules cannot apply to both regular resources and non-resource URLs");
        }
        return errors;
    }
    if rule.api_groups.is_empty() {
        let why = "resource rules must supply at least one api group";
        errors.push(FieldError::required(format!("{path}.apiGroups"), why));
    }
    if rule.resources.is_empty() {
        let why = "resource rules must supply at least one resource";
        errors.push(FieldError::required(format!("{path}.resources"), why));
    }
    errors
}

fn aggregation_rule(rule: &AggregationRule) -> Vec<FieldError> {
    let path = "aggregationRule.clusterRoleSelectors";
    if rule.cluster_role_selectors.is_empty() {
        let why = "at least one clusterRoleSelector required if aggregationRule is non-nil";
        return vec![FieldError::required(path, why)];
    }
    let mut errors = Vec::new();
    for (i, selector) in rule.cluster_role_selectors.iter().enumerate() {
        let path = format!("{path}[{i}]");
        let found = label_selector(selector, &path);
        let bad = !found.is_empty();
        errors.extend(found);
        if bad {
            errors.push(FieldError::invalid(path, "null", "invalid label selector."));
        }
    }
    errors
}

/// What is wrong with a label selector at `path`.
pub fn label_selector(selector: &LabelSelector, path: &str) -> Vec<FieldError> {
    let mut errors = fields::labels(&selector.match_labels, &format!("{path}.matchLabels"));
    for (i, requirement) in selector.match_expressions.iter().enumerate() {
        let path = format!("{path}.matchExpressions[{i}]");
        let (values, operator) = (format!("{path}.values"), requirement.operator.as_str());
        match operator {
            "In" | "NotIn" if requirement.values.is_empty() => {
                errors.push(FieldError::required(values, "must be specified when `operator` is 'In' or 'NotIn'"));
            }
            "Exists" | "DoesNotExist" if !requirement.values.is_empty() => {
                let why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                errors.push(FieldError::forbidden(values, why));
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => {
                errors.push(FieldError::invalid(format!("{path}.operator"), operator, "not a valid selector operator"))
            }
        }
        errors.extend(FieldError::each(&format!("{path}.key"), &requirement.key, qualified_name(&requirement.key)));
        for (j, value) in requirement.values.iter().enumerate() {
            errors.extend(FieldError::each(&format!("{path}.values[{j}]"), value, label_value(value)));
        }
    }
    errors
}

/// Can the selector be used? The aggregation controller passes over roles with others.
pub fn is_valid_selector(selector: &LabelSelector) -> bool {
    label_selector(selector, "").is_empty()
}

fn binding(metadata: &Metadata<'_>, binding: &Binding, namespaced: bool) -> Vec<FieldError> {
    let mut errors = object_metadata(metadata, namespaced, path_segment);
    let RoleRef { api_group, kind, name } = &binding.role_ref;
    if api_group != API_GROUP {
        errors.push(FieldError::unsupported("roleRef.apiGroup", api_group, &[API_GROUP]));
    }
    let kinds = if namespaced { &["Role", "ClusterRole"][..] } else { &["ClusterRole"] };
    if !kinds.contains(&kind.as_str()) {
        errors.push(FieldError::unsupported("roleRef.kind", kind, kinds));
    }
    if name.is_empty() {
        errors.push(FieldError::required("roleRef.name", ""));
    } else {
        errors.extend(FieldError::each("roleRef.name", name, path_segment(name, false)));
    }
    let subjects = binding.subjects.iter().enumerate();
    errors.extend(subjects.flat_map(|(i, s)| subject(s, namespaced, &format!("subjects[{i}]"))));
    errors
}

fn subject(subject: &Subject, namespaced: bool, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let Subject { kind, api_group, name, namespace } = subject;
    let field = |name: &str| format!("{path}.{name}");
    if name.is_empty() {
        errors.push(FieldError::required(field("name"), ""));
    }
    match kind.as_str() {
        "ServiceAccount" => {
            if !name.is_empty() {
                errors.extend(FieldError::each(&field("name"), name, dns_subdomain(name)));
            }
            if !api_group.is_empty() {
                errors.push(FieldError::unsupported(field("apiGroup"), api_group, &[""]));
            }
            if !namespaced && namespace.is_empty() {
                errors.push(FieldError::required(field("namespace"), ""));
            }
        }
        "User" | "Group" if api_group == API_GROUP => {}
        "User" | "Group" => errors.push(FieldError::unsupported(field("apiGroup"), api_group, &[API_GROUP])),
        _ => errors.push(FieldError::unsupported(field("kind"), kind, &["ServiceAccount", "User", "Group"])),
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_for_urls_or_for_resources() {
        // rbac 12.
        let urls = || PolicyRule {
            verbs: vec!["get".to_owned()],
            non_resource_urls: vec!["/x".to_owned()],
            ..PolicyRule::default()
        };
        let some = || vec!["a".to_owned()];
        let mixed = [
            PolicyRule { api_groups: some(), ..urls() },
            PolicyRule { resources: some(), ..urls() },
            PolicyRule { resource_names: some(), ..urls() },
        ];
        for rule in mixed {
            let told: Vec<String> = policy_rule(&rule, false, "rules[0]").iter().map(ToString::to_string).collect();
            let text = "rules[0].nonResourceURLs: Invalid value: []string{\"/x\"}: \
                        rules cannot apply to both regular resources and non-resource URLs";
            assert_eq!(told, [text], "{rule:?}");
        }
        assert_eq!(policy_rule(&urls(), false, "rules[0]"), []);
    }
}
