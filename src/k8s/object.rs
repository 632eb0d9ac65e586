//! Kubernetes objects: metadata and bodies.
//!
//! On the wire an object is JSON with `apiVersion`, `kind`, `metadata` and the members of its kind (the body).
//! Here metadata is typed, because the server fills it in; bodies stay JSON, except those of roles and bindings,
//! which [`Rbac`](super::rbac::Rbac) holds in typed form.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::discovery::Resource;
use super::rbac::{self, Binding, ClusterRole, Role};
use crate::formats::time::Timestamp;

/// Labels or annotations.
pub type StringMap = BTreeMap<String, String>;

/// What every object has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meta {
    /// The name.
    pub name: String,
    /// The namespace, empty for cluster-scoped kinds.
    pub namespace: String,
    /// Labels.
    pub labels: StringMap,
    /// Annotations.
    pub annotations: StringMap,
    /// Number the uid is made from.
    pub uid: u64,
    /// Counts the writes of the whole store.
    pub resource_version: u64,
    /// When the object was made.
    pub created: Timestamp,
    /// Counts the changes of the specification of workloads; 0 for objects without this number.
    pub generation: i64,
    /// Members that mean nothing here (`finalizers`, `ownerReferences`, …), kept as written.
    pub other: Map<String, Value>,
}

/// Members that the server owns: what a client sends for them is ignored.
const SERVER_OWNED: &[&str] =
    &["uid", "resourceVersion", "creationTimestamp", "managedFields", "selfLink", "generation", "deletionTimestamp"];

impl Meta {
    /// Reads the `metadata` member of `object`. What the server owns is left at its default.
    ///
    /// # Errors
    /// The server's decoding error if a member has the wrong type.
    pub fn from_json(object: &Value) -> Result<Self, String> {
        let mut meta = Self::default();
        let Some(given) = object.get("metadata").filter(|m| !m.is_null()) else { return Ok(meta) };
        let members = given.as_object().ok_or_else(|| wrong_type("metadata", given, "v1.ObjectMeta"))?;
        for (key, value) in members {
            match key.as_str() {
                _ if value.is_null() || SERVER_OWNED.contains(&key.as_str()) => {}
                "name" => meta.name = text(value, "metadata.name")?,
                "namespace" => meta.namespace = text(value, "metadata.namespace")?,
                "labels" => meta.labels = texts(value, "metadata.labels")?,
                "annotations" => meta.annotations = texts(value, "metadata.annotations")?,
                _ => {
                    meta.other.insert(key.clone(), value.clone());
                }
            }
        }
        Ok(meta)
    }

    /// The `metadata` member, in declaration order of the API.
    pub fn to_json(&self) -> Value {
        let mut out = Map::new();
        let mut put = |key: &str, value: Value| drop(out.insert(key.to_owned(), value));
        put("name", json!(self.name));
        if !self.namespace.is_empty() {
            put("namespace", json!(self.namespace));
        }
        put("uid", json!(uid(self.uid)));
        put("resourceVersion", json!(self.resource_version.to_string()));
        if self.generation > 0 {
            put("generation", json!(self.generation));
        }
        put("creationTimestamp", json!(self.created.kubernetes_text()));
        if !self.labels.is_empty() {
            put("labels", json!(self.labels));
        }
        if !self.annotations.is_empty() {
            put("annotations", json!(self.annotations));
        }
        out.extend(self.other.clone());
        Value::Object(out)
    }
}

/// The uid made from a number; its form is that of the API, its digits count.
pub fn uid(serial: u64) -> String {
    format!("00000000-0000-4000-8000-{serial:012}")
}

fn text(value: &Value, path: &str) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| wrong_type(path, value, "string"))
}

fn texts(value: &Value, path: &str) -> Result<StringMap, String> {
    let members = value.as_object().ok_or_else(|| wrong_type(path, value, "map[string]string"))?;
    let mut texts = StringMap::new();
    for (key, value) in members {
        texts.insert(key.clone(), text(value, path)?);
    }
    Ok(texts)
}

/// Go's JSON decoder on a member of the wrong type.
fn wrong_type(path: &str, value: &Value, wanted: &str) -> String {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    format!("json: cannot unmarshal {found} into Go struct field .{path} of type {wanted}")
}

/// The members of an object that belong to its kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Of a Role.
    Role(Role),
    /// Of a ClusterRole.
    ClusterRole(ClusterRole),
    /// Of a RoleBinding or a ClusterRoleBinding.
    Binding(Binding),
    /// Of any other kind.
    Json(Map<String, Value>),
}

impl Body {
    /// The body of `object`, which is of kind `resource`.
    ///
    /// # Errors
    /// A member of a role or binding has the wrong type.
    pub fn from_json(resource: &Resource, object: &Value) -> Result<Self, String> {
        let members = object.as_object().into_iter().flatten();
        let own = members.filter(|(key, _)| !matches!(key.as_str(), "apiVersion" | "kind" | "metadata"));
        let own: Map<String, Value> = own.map(|(key, value)| (key.clone(), value.clone())).collect();
        if resource.group != rbac::API_GROUP {
            return Ok(Self::Json(own));
        }
        let own = Value::Object(own);
        let body = match resource.kind.as_ref() {
            "Role" => serde_json::from_value(own).map(Self::Role),
            "ClusterRole" => serde_json::from_value(own).map(Self::ClusterRole),
            _ => serde_json::from_value(own).map(Self::Binding),
        };
        body.map_err(|error| error.to_string())
    }

    /// The members in declaration order of the kind.
    pub fn to_json(&self) -> Map<String, Value> {
        let value = match self {
            Self::Role(body) => serde_json::to_value(body),
            Self::ClusterRole(body) => serde_json::to_value(body),
            Self::Binding(body) => serde_json::to_value(body),
            Self::Json(body) => return body.clone(),
        };
        match value {
            Ok(Value::Object(members)) => members,
            // Plain structs of texts and lists always become objects.
            _ => Map::new(),
        }
    }
}

/// The whole object as the API shows it.
pub fn to_json(resource: &Resource, meta: &Meta, body: Map<String, Value>) -> Value {
    let mut out = Map::new();
    out.insert("kind".into(), json!(resource.kind));
    out.insert("apiVersion".into(), json!(resource.api_version()));
    out.insert("metadata".into(), meta.to_json());
    out.extend(body);
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_ignores_what_it_owns() {
        let sent = json!({"metadata": {"name": "x", "uid": "mine", "creationTimestamp": null, "finalizers": ["f"]}});
        let meta = Meta::from_json(&sent).unwrap();
        assert_eq!((meta.name.as_str(), meta.uid), ("x", 0));
        assert_eq!(meta.to_json()["finalizers"], json!(["f"]));
    }

    #[test]
    fn wrong_types_are_named() {
        let check = |object: Value, expected: &str| {
            assert_eq!(Meta::from_json(&object).unwrap_err(), expected);
        };
        check(
            json!({"metadata": {"name": 1}}),
            "json: cannot unmarshal number into Go struct field .metadata.name of type string",
        );
        check(
            json!({"metadata": {"labels": {"a": true}}}),
            "json: cannot unmarshal bool into Go struct field .metadata.labels of type string",
        );
    }
}
