//! Every rule that counts for an identity in one place: node authorizer, access policies, RBAC (eks 12.1).
//!
//! The super-user group is no rule: ask [`crate::k8s::resolve::is_super_user`] first.

use std::ops::ControlFlow;

use crate::engine::authz::{self, Identity, PolicyEvent, Published};
use crate::engine::world::{Association, Cluster};
use crate::k8s::attributes::{Action, ResourceAction};
use crate::k8s::rbac::PolicyRule;
use crate::k8s::resolve::{self, Event, Grant};

/// Where a rule comes from.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'a> {
    /// The node authorizer.
    Node,
    /// An access policy of the caller's entry.
    Policy(&'a Association),
    /// A binding.
    Binding(Grant<'a>),
}

impl Origin<'_> {
    /// True if the rule counts outside namespaces as well: only then its URLs count (rbac 5, eks 10).
    pub fn is_cluster_wide(&self) -> bool {
        match self {
            Self::Node => true,
            Self::Policy(association) => association.scope.kind == "cluster",
            Self::Binding(grant) => grant.key.namespace.is_none(),
        }
    }
}

/// Shows `visit` every rule that counts for `identity` in `namespace` (none: cluster-wide), with its place in its
/// policy or role. Rules are shown in the order of the authorizers.
pub fn walk<'a>(
    cluster: &'a Cluster,
    identity: &'a Identity,
    namespace: Option<&'a str>,
    published: &'a Published,
    mut visit: impl FnMut(Origin<'a>, usize, &PolicyRule),
) {
    if authz::is_node(&identity.user) {
        for (index, rule) in authz::node_rules().iter().enumerate() {
            visit(Origin::Node, index, rule);
        }
    }
    authz::walk_policies(cluster, identity, &anything_in(namespace), published, |event| {
        if let PolicyEvent::Rule(association, index, rule) = event {
            visit(Origin::Policy(association), index, rule);
        }
        ControlFlow::<()>::Continue(())
    });
    resolve::walk(cluster.objects.rbac(), &identity.user, namespace, |grant, event| {
        if let Event::Rule(index, rule) = event {
            visit(Origin::Binding(grant), index, rule);
        }
        ControlFlow::<()>::Continue(())
    });
}

/// A request in `namespace` of which only the place counts.
pub fn anything_in(namespace: Option<&str>) -> Action {
    let namespace = namespace.unwrap_or_default().to_owned();
    Action::Resource(ResourceAction { namespace, ..ResourceAction::default() })
}
