//! What the API server's decoder accepts: known members and their types, for the kinds whose form matters here.
//!
//! Other kinds are taken as they come. Texts: the strict decoder of apimachinery (cli 12.2) and Go's JSON decoder.

use serde_json::Value;

/// The form of a member.
enum Node {
    /// Anything goes.
    Any,
    Text,
    Bool,
    Texts,
    TextMap,
    /// A list; the name is Go's type of its items.
    List(&'static str, &'static Node),
    /// An object: Go's name of the struct, and its members.
    Object(&'static str, &'static [(&'static str, Node)]),
}

use Node::{Any, Bool, List, Object, Text, TextMap, Texts};

const META: Node = Object(
    "ObjectMeta",
    &[
        ("name", Text),
        ("generateName", Text),
        ("namespace", Text),
        ("selfLink", Text),
        ("uid", Text),
        ("resourceVersion", Text),
        ("generation", Any),
        ("creationTimestamp", Any),
        ("deletionTimestamp", Any),
        ("deletionGracePeriodSeconds", Any),
        ("labels", TextMap),
        ("annotations", TextMap),
        ("ownerReferences", Any),
        ("finalizers", Texts),
        ("managedFields", Any),
    ],
);

const RULE: Node = Object(
    "PolicyRule",
    &[
        ("verbs", Texts),
        ("apiGroups", Texts),
        ("resources", Texts),
        ("resourceNames", Texts),
        ("nonResourceURLs", Texts),
    ],
);

const REQUIREMENT: Node = Object("LabelSelectorRequirement", &[("key", Text), ("operator", Text), ("values", Texts)]);

const SELECTOR: Node = Object(
    "LabelSelector",
    &[("matchLabels", TextMap), ("matchExpressions", List("v1.LabelSelectorRequirement", &REQUIREMENT))],
);

const AGGREGATION: Node = Object("AggregationRule", &[("clusterRoleSelectors", List("v1.LabelSelector", &SELECTOR))]);

const SUBJECT: Node = Object("Subject", &[("kind", Text), ("apiGroup", Text), ("name", Text), ("namespace", Text)]);

const ROLE_REF: Node = Object("RoleRef", &[("apiGroup", Text), ("kind", Text), ("name", Text)]);

const ROLE: Node = Object(
    "Role",
    &[("apiVersion", Text), ("kind", Text), ("metadata", META), ("rules", List("v1.PolicyRule", &RULE))],
);

const CLUSTER_ROLE: Node = Object(
    "ClusterRole",
    &[
        ("apiVersion", Text),
        ("kind", Text),
        ("metadata", META),
        ("rules", List("v1.PolicyRule", &RULE)),
        ("aggregationRule", AGGREGATION),
    ],
);

const ROLE_BINDING: Node = Object(
    "RoleBinding",
    &[
        ("apiVersion", Text),
        ("kind", Text),
        ("metadata", META),
        ("subjects", List("v1.Subject", &SUBJECT)),
        ("roleRef", ROLE_REF),
    ],
);

const CLUSTER_ROLE_BINDING: Node = Object(
    "ClusterRoleBinding",
    &[
        ("apiVersion", Text),
        ("kind", Text),
        ("metadata", META),
        ("subjects", List("v1.Subject", &SUBJECT)),
        ("roleRef", ROLE_REF),
    ],
);

const CONFIG_MAP: Node = Object(
    "ConfigMap",
    &[
        ("apiVersion", Text),
        ("kind", Text),
        ("metadata", META),
        ("immutable", Bool),
        ("data", TextMap),
        ("binaryData", TextMap),
    ],
);

const NAMESPACE: Node =
    Object("Namespace", &[("apiVersion", Text), ("kind", Text), ("metadata", META), ("spec", Any), ("status", Any)]);

const SERVICE_ACCOUNT: Node = Object(
    "ServiceAccount",
    &[
        ("apiVersion", Text),
        ("kind", Text),
        ("metadata", META),
        ("secrets", Any),
        ("imagePullSecrets", Any),
        ("automountServiceAccountToken", Bool),
    ],
);

const RESOURCE_ATTRIBUTES: Node = Object(
    "ResourceAttributes",
    &[
        ("namespace", Text),
        ("verb", Text),
        ("group", Text),
        ("version", Text),
        ("resource", Text),
        ("subresource", Text),
        ("name", Text),
        ("fieldSelector", Any),
        ("labelSelector", Any),
    ],
);

const URL_ATTRIBUTES: Node = Object("NonResourceAttributes", &[("path", Text), ("verb", Text)]);

const SELF_ACCESS_REVIEW: Node = Object(
    "SelfSubjectAccessReview",
    &[
        ("apiVersion", Text),
        ("kind", Text),
        ("metadata", META),
        (
            "spec",
            Object(
                "SelfSubjectAccessReviewSpec",
                &[("resourceAttributes", RESOURCE_ATTRIBUTES), ("nonResourceAttributes", URL_ATTRIBUTES)],
            ),
        ),
        ("status", Any),
    ],
);

const ACCESS_REVIEW_SPEC: Node = Object(
    "SubjectAccessReviewSpec",
    &[
        ("resourceAttributes", RESOURCE_ATTRIBUTES),
        ("nonResourceAttributes", URL_ATTRIBUTES),
        ("user", Text),
        ("groups", Texts),
        ("extra", Any),
        ("uid", Text),
    ],
);

const ACCESS_REVIEW: Node = Object(
    "SubjectAccessReview",
    &[("apiVersion", Text), ("kind", Text), ("metadata", META), ("spec", ACCESS_REVIEW_SPEC), ("status", Any)],
);

const LOCAL_ACCESS_REVIEW: Node = Object(
    "LocalSubjectAccessReview",
    &[("apiVersion", Text), ("kind", Text), ("metadata", META), ("spec", ACCESS_REVIEW_SPEC), ("status", Any)],
);

const RULES_REVIEW: Node = Object(
    "SelfSubjectRulesReview",
    &[
        ("apiVersion", Text),
        ("kind", Text),
        ("metadata", META),
        ("spec", Object("SelfSubjectRulesReviewSpec", &[("namespace", Text)])),
        ("status", Any),
    ],
);

const SELF_REVIEW: Node =
    Object("SelfSubjectReview", &[("apiVersion", Text), ("kind", Text), ("metadata", META), ("status", Any)]);

/// What decoding found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Go's decoding error on the first member of a wrong type.
    pub wrong_type: Option<String>,
    /// Paths of unknown members, in order of appearance.
    pub unknown: Vec<String>,
}

/// Holds `object` against the form of `kind`; kinds without a known form pass.
pub fn check(kind: &str, object: &Value) -> Findings {
    let node = match kind {
        "Role" => &ROLE,
        "ClusterRole" => &CLUSTER_ROLE,
        "RoleBinding" => &ROLE_BINDING,
        "ClusterRoleBinding" => &CLUSTER_ROLE_BINDING,
        "ConfigMap" => &CONFIG_MAP,
        "Namespace" => &NAMESPACE,
        "ServiceAccount" => &SERVICE_ACCOUNT,
        "SelfSubjectAccessReview" => &SELF_ACCESS_REVIEW,
        "SubjectAccessReview" => &ACCESS_REVIEW,
        "LocalSubjectAccessReview" => &LOCAL_ACCESS_REVIEW,
        "SelfSubjectRulesReview" => &RULES_REVIEW,
        "SelfSubjectReview" => &SELF_REVIEW,
        _ => return Findings::default(),
    };
    let mut findings = Findings::default();
    walk(node, object, "", &At { owner: "", field: String::new() }, &mut findings);
    findings
}

/// Where Go's decoder stands: the struct that has the member, and the member's path without indices.
struct At {
    owner: &'static str,
    field: String,
}

fn walk(node: &Node, value: &Value, path: &str, at: &At, findings: &mut Findings) {
    if value.is_null() {
        return;
    }
    let mut wrong = |go_type: &str| {
        let found = match value {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let text =
            format!("json: cannot unmarshal {found} into Go struct field {}.{} of type {go_type}", at.owner, at.field);
        findings.wrong_type.get_or_insert(text);
    };
    match node {
        Any => {}
        Text if value.is_string() => {}
        Text => wrong("string"),
        Bool if value.is_boolean() => {}
        Bool => wrong("bool"),
        Texts => match value.as_array() {
            None => wrong("[]string"),
            Some(items) => items.iter().for_each(|item| walk(&Text, item, path, at, findings)),
        },
        TextMap => match value.as_object() {
            None => wrong("map[string]string"),
            Some(members) => members.values().for_each(|member| walk(&Text, member, path, at, findings)),
        },
        List(items, item_node) => match value.as_array() {
            None => wrong(&format!("[]{items}")),
            Some(list) => {
                for (index, item) in list.iter().enumerate() {
                    walk(item_node, item, &format!("{path}[{index}]"), at, findings);
                }
            }
        },
        Object(name, members) => match value.as_object() {
            None => wrong(&format!("v1.{name}")),
            Some(object) => {
                for (key, member) in object {
                    let dotted = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    let field = if at.field.is_empty() { key.clone() } else { format!("{}.{key}", at.field) };
                    match members.iter().find(|(known, _)| known == key) {
                        Some((_, node)) => walk(node, member, &dotted, &At { owner: name, field }, findings),
                        None => findings.unknown.push(dotted),
                    }
                }
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn unknown_members_are_named_with_their_path() {
        let found = check("Role", &json!({"rules": [{"apiGroup": "", "verbs": ["get"]}], "x": 1}));
        assert_eq!(found, Findings { wrong_type: None, unknown: vec!["rules[0].apiGroup".into(), "x".into()] });
    }

    #[test]
    fn wrong_types_read_as_in_go() {
        let check = |object: Value, expected: &str| {
            assert_eq!(super::check("Role", &object).wrong_type.unwrap(), expected);
        };
        check(
            json!({"rules": [{"verbs": "get"}]}),
            "json: cannot unmarshal string into Go struct field PolicyRule.rules.verbs of type []string",
        );
        check(
            json!({"rules": {}}),
            "json: cannot unmarshal object into Go struct field Role.rules of type []v1.PolicyRule",
        );
        check(
            json!({"metadata": {"labels": {"a": 1}}}),
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
        );
    }

    #[test]
    fn other_kinds_and_nulls_pass() {
        assert_eq!(check("Pod", &json!({"anything": 1})), Findings::default());
        assert_eq!(check("Role", &json!({"rules": null, "metadata": null})), Findings::default());
    }
}
