//! A request as the authorizers see it: who asks, and what for (rbac 1, 7).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Who the API server takes the caller for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UserInfo {
    /// The user name; it may be any text.
    pub username: String,
    /// The unique id, empty when there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub uid: String,
    /// All groups, `system:authenticated` included once authentication is done.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Extra attributes from the authenticator.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, Vec<String>>,
}

impl UserInfo {
    /// True if `group` is one of the identity's groups.
    pub fn in_group(&self, group: &str) -> bool {
        self.groups.iter().any(|g| g == group)
    }
}

/// What is asked: a resource request or a non-resource request (rbac 1).
/// All fields are compared exactly and case-sensitively.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", untagged)]
pub enum Action {
    /// A request for a path that is no resource, such as `/healthz`.
    Url {
        /// HTTP method in lower case.
        verb: String,
        /// The path.
        path: String,
    },
    /// A request for a resource.
    Resource(ResourceAction),
}

/// The attributes of a resource request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceAction {
    /// Verb, such as `list`.
    pub verb: String,
    /// API group, empty for core.
    pub api_group: String,
    /// Plural resource name.
    pub resource: String,
    /// Subresource, or empty.
    pub subresource: String,
    /// Object name, empty for a request without name.
    pub name: String,
    /// Namespace, empty for a cluster-wide request.
    pub namespace: String,
}

impl Action {
    /// The verb asked for.
    pub fn verb(&self) -> &str {
        match self {
            Action::Url { verb, .. } => verb,
            Action::Resource(r) => &r.verb,
        }
    }

    /// The namespace of the request, if it has one.
    pub fn namespace(&self) -> Option<&str> {
        match self {
            Action::Resource(r) if !r.namespace.is_empty() => Some(&r.namespace),
            _ => None,
        }
    }
}
