//! Effective rights: what an identity may do in a place, merged to rows that can be read, each with its sources.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::grants::{self, Origin};
use super::principals::{Gate, Principal};
use crate::engine::authz::{self, Identity, PolicyEvent, Published};
use crate::engine::world::{Cluster, World};
use crate::formats::ordered::{sort, sort_by};
use crate::k8s::rbac::{PolicyRule, RoleRef};
use crate::k8s::resolve::is_super_user;

/// What an identity may do in one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// True for members of `system:masters`, who may do everything; there are no rows then (rbac 2).
    pub super_user: bool,
    /// The rights: by API group and resource, names last; then URLs.
    pub rows: Vec<Row>,
    /// What the rows point to.
    pub sources: Vec<Source>,
    /// Policies that count here but whose rules are not public: they may give more.
    pub not_evaluated: Vec<String>,
}

/// A row of rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// On what.
    pub on: On,
    /// The verbs, `*` among them if a rule says so, in order.
    pub verbs: Vec<VerbRight>,
}

/// What a row is about. Written as in rules: `*` stands for all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// A resource.
    Resource {
        /// API group, empty for core.
        group: String,
        /// Resource, with its subresource.
        resource: String,
        /// Names that the right is limited to; empty for no limit.
        names: Vec<String>,
    },
    /// A path.
    Url(String),
}

/// A verb, and where the right comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerbRight {
    /// The verb.
    pub verb: String,
    /// Positions in [`Rights::sources`].
    pub sources: Vec<usize>,
}

/// Where a right comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The node authorizer.
    Node,
    /// An access policy of the principal's entry.
    Policy {
        /// ARN of the policy.
        policy_arn: String,
        /// True for cluster scope, false for a scope of namespaces.
        cluster_wide: bool,
    },
    /// A binding.
    Binding {
        /// Its namespace; none for a ClusterRoleBinding.
        namespace: Option<String>,
        /// Its name.
        name: String,
        /// The role.
        role: RoleRef,
    },
}

impl Source {
    fn of(origin: Origin<'_>) -> Self {
        match origin {
            Origin::Node => Self::Node,
            Origin::Policy(association) => {
                Self::Policy { policy_arn: association.policy_arn.clone(), cluster_wide: origin.is_cluster_wide() }
            }
            Origin::Binding(grant) => Self::Binding {
                namespace: grant.key.namespace.as_ref().map(ToString::to_string),
                name: grant.key.name.to_string(),
                role: grant.binding.role_ref.clone(),
            },
        }
    }
}

/// What `identity` may do in `namespace` (none: cluster-wide, which counts in every namespace too).
/// Rules that change nothing are left out: URLs of what counts in namespaces alone, rules without verbs.
pub fn rights(cluster: &Cluster, identity: &Identity, namespace: Option<&str>) -> Rights {
    if is_super_user(&identity.user) {
        return Rights { super_user: true, ..Rights::default() };
    }
    let namespace = namespace.filter(|namespace| !namespace.is_empty());
    let mut table = Table::default();
    Published::with(|published| {
        grants::walk(cluster, identity, namespace, published, |origin, _, rule| table.add(origin, rule));
        let mut rights = table.finish();
        let place = grants::anything_in(namespace);
        authz::walk_policies(cluster, identity, &place, published, |event| {
            if let PolicyEvent::NotPublished(association) = event
                && authz::scope_covers(&association.scope, &place)
            {
                rights.not_evaluated.push(association.policy_arn.clone());
            }
            ControlFlow::<()>::Continue(())
        });
        rights
    })
}

/// The rights of a principal cluster-wide, and in each namespace that exists. `None` if the API server does not
/// know the principal.
pub fn all_rights(world: &World, cluster: &Cluster, principal: &Principal) -> Option<Vec<(Option<String>, Rights)>> {
    let identity = Gate::of(world, cluster).identity(principal)?;
    let places = [None].into_iter().chain(cluster.objects.namespaces().into_iter().map(Some));
    Some(places.map(|place| (place.clone(), rights(cluster, &identity, place.as_deref()))).collect())
}

#[derive(Default)]
struct Table {
    sources: BTreeMap<Source, usize>,
    rows: BTreeMap<On, BTreeMap<String, BTreeSet<usize>>>,
}

impl Table {
    fn add(&mut self, origin: Origin<'_>, rule: &PolicyRule) {
        let next = self.sources.len();
        let source = *self.sources.entry(Source::of(origin)).or_insert(next);
        let mut names = rule.resource_names.clone();
        sort(&mut names);
        names.dedup();
        let resources = rule.api_groups.iter().flat_map(|group| {
            rule.resources.iter().map(|resource| On::Resource {
                group: group.clone(),
                resource: resource.clone(),
                names: names.clone(),
            })
        });
        let urls = rule.non_resource_urls.iter().filter(|_| origin.is_cluster_wide()).cloned().map(On::Url);
        for on in resources.chain(urls) {
            let verbs = self.rows.entry(on).or_default();
            for verb in &rule.verbs {
                verbs.entry(verb.clone()).or_default().insert(source);
            }
        }
    }

    fn finish(self) -> Rights {
        let verb = |(verb, sources): (String, BTreeSet<usize>)| VerbRight { verb, sources: Vec::from_iter(sources) };
        let rows = self.rows.into_iter().filter(|(_, verbs)| !verbs.is_empty());
        let rows = rows.map(|(on, verbs)| Row { on, verbs: verbs.into_iter().map(verb).collect() }).collect();
        let mut sources: Vec<(Source, usize)> = self.sources.into_iter().collect();
        sort_by(&mut sources, &|a, b| a.1.cmp(&b.1));
        let sources = sources.into_iter().map(|(source, _)| source).collect();
        Rights { super_user: false, rows, sources, not_evaluated: Vec::new() }
    }
}
