//! Roles and bindings, and the store that the authorizer reads them from.
//!
//! The bodies have the form of the API (`rbac.authorization.k8s.io/v1`): wire names, order of fields and what is left out
//! are the API's. Metadata is not part of them: the object store keeps it beside, under the same key.
//! [`Rbac`] holds the bodies, the labels of cluster roles (aggregation needs them, rbac 8)
//! and an index from users and groups to bindings, so that a decision reads only what can concern the caller.

mod body;
mod store;

pub use body::{
    AggregationRule, Binding, ClusterRole, LabelSelector, LabelSelectorRequirement, PolicyRule, Role, RoleRef, Subject,
};
pub use store::{BindingKey, Labels, Rbac};
pub(in crate::k8s) use store::{account_number, service_account_namespace, who_number};

/// The API group of all four kinds.
pub const API_GROUP: &str = "rbac.authorization.k8s.io";
/// The group whose members pass every check (rbac 2).
pub const SUPER_USER_GROUP: &str = "system:masters";
