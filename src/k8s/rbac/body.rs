//! Bodies of the four kinds in the form of the API.
//!
//! An absent list, `null` and an empty list are read alike.
//! They are written as a Go server writes what it read back from storage, which knows no empty lists:
//! a list that the API always shows (`rules`, `verbs`) as `null`, the others not at all.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::API_GROUP;

/// One rule: verbs on resources, or verbs on URL paths (rbac 5).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyRule {
    /// Verbs; `*` stands for all.
    #[serde(serialize_with = "null_if_empty", deserialize_with = "null_as_default")]
    pub verbs: Vec<String>,
    /// API groups; the empty text is the core group, `*` stands for all.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "null_as_default")]
    pub api_groups: Vec<String>,
    /// Resources, `RESOURCE/SUBRESOURCE`, `*/SUBRESOURCE` or `*`.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "null_as_default")]
    pub resources: Vec<String>,
    /// Names the rule is limited to; empty means no limit.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "null_as_default")]
    pub resource_names: Vec<String>,
    /// Paths, with `*` at the end as a wildcard.
    #[serde(rename = "nonResourceURLs", skip_serializing_if = "Vec::is_empty", deserialize_with = "null_as_default")]
    pub non_resource_urls: Vec<String>,
}

/// The body of a Role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Role {
    /// What the role grants in its namespace.
    #[serde(serialize_with = "null_if_empty", deserialize_with = "null_as_default")]
    pub rules: Vec<PolicyRule>,
}

/// The body of a ClusterRole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterRole {
    /// What the role grants; replaced by aggregation if there is an aggregation rule.
    #[serde(serialize_with = "null_if_empty", deserialize_with = "null_as_default")]
    pub rules: Vec<PolicyRule>,
    /// Which cluster roles the rules are collected from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregation_rule: Option<AggregationRule>,
}

impl ClusterRole {
    /// The selectors of the aggregation rule; empty for a role that does not aggregate.
    pub fn selectors(&self) -> &[LabelSelector] {
        self.aggregation_rule.as_ref().map_or(&[], |rule| &rule.cluster_role_selectors)
    }
}

/// Tells which cluster roles are aggregated (rbac 8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AggregationRule {
    /// Alternatives: a role that any of them selects is taken.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "null_as_default")]
    pub cluster_role_selectors: Vec<LabelSelector>,
}

/// A label selector; all of its parts must hold, without parts it selects everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LabelSelector {
    /// Labels that must be present with these values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "null_as_default")]
    pub match_labels: BTreeMap<String, String>,
    /// Further conditions.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "null_as_default")]
    pub match_expressions: Vec<LabelSelectorRequirement>,
}

/// One condition of a label selector.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LabelSelectorRequirement {
    /// The label key.
    #[serde(deserialize_with = "null_as_default")]
    pub key: String,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`; anything else is refused by validation.
    #[serde(deserialize_with = "null_as_default")]
    pub operator: String,
    /// The values of `In` and `NotIn`.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "null_as_default")]
    pub values: Vec<String>,
}

/// The body of a RoleBinding or a ClusterRoleBinding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Binding {
    /// Who gets the role.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "null_as_default")]
    pub subjects: Vec<Subject>,
    /// The role.
    #[serde(deserialize_with = "null_as_default")]
    pub role_ref: RoleRef,
}

impl Binding {
    /// Fills in the API groups that the server fills in before it validates (rbac 12).
    pub fn apply_defaults(&mut self) {
        let default = |group: &mut String| {
            if group.is_empty() {
                API_GROUP.clone_into(group);
            }
        };
        default(&mut self.role_ref.api_group);
        let named = self.subjects.iter_mut().filter(|s| s.kind == "User" || s.kind == "Group");
        named.for_each(|subject| default(&mut subject.api_group));
    }
}

/// The role that a binding gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RoleRef {
    /// Always `rbac.authorization.k8s.io` in a valid binding.
    #[serde(deserialize_with = "null_as_default")]
    pub api_group: String,
    /// `Role` or `ClusterRole`.
    #[serde(deserialize_with = "null_as_default")]
    pub kind: String,
    /// The name of the role.
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
}

/// Somebody that a binding names.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Subject {
    /// `User`, `Group` or `ServiceAccount`.
    #[serde(deserialize_with = "null_as_default")]
    pub kind: String,
    /// `rbac.authorization.k8s.io` for users and groups, empty for service accounts.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "null_as_default")]
    pub api_group: String,
    /// The name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
    /// The namespace of a service account; without meaning for the others.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "null_as_default")]
    pub namespace: String,
}

fn null_as_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

fn null_if_empty<S: Serializer, T: Serialize>(list: &Vec<T>, to: S) -> Result<S::Ok, S::Error> {
    if list.is_empty() { to.serialize_none() } else { list.serialize(to) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: Serialize + for<'de> Deserialize<'de>>(input: &str, expected: &str) {
        let value: T = serde_json::from_str(input).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), expected);
    }

    #[test]
    fn bodies_have_the_wire_form_of_the_api() {
        check::<Role>(r#"{"rules":null}"#, r#"{"rules":null}"#);
        check::<Role>(r#"{"rules":[]}"#, r#"{"rules":null}"#);
        check::<ClusterRole>(
            r#"{"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"b":"1","a":"2"}}]},
                "rules":[{"nonResourceURLs":["/x"],"verbs":["get"]}]}"#,
            r#"{"rules":[{"verbs":["get"],"nonResourceURLs":["/x"]}],"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"2","b":"1"}}]}}"#,
        );
        check::<Binding>(
            r#"{"roleRef":{"name":"r","kind":"Role"},"subjects":[{"name":"a","kind":"User"}]}"#,
            r#"{"subjects":[{"kind":"User","name":"a"}],"roleRef":{"apiGroup":"","kind":"Role","name":"r"}}"#,
        );
        check::<Binding>("{}", r#"{"roleRef":{"apiGroup":"","kind":"","name":""}}"#);
    }
}
