//! The access matrix: principals × resources × verbs × namespaces.
//!
//! A caller is looked up once and its rules are collected once for each place; a rule is held against resources and
//! verbs once for all callers, and gives a set of bits. A cell is then a bit. The predicates are those of
//! [`crate::k8s::rules`], so a cell says what [`authz::decide`](crate::engine::authz::decide) says.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::grants::{self, Origin};
use super::principals::{Gate, Principal};
use crate::engine::authz::{Identity, Published};
use crate::engine::world::{Cluster, World};
use crate::k8s::attributes::{Action, ResourceAction};
use crate::k8s::rbac::PolicyRule;
use crate::k8s::resolve::is_super_user;
use crate::k8s::rules::{group_matches, name_matches, resource_matches, url_covers, verb_matches};

/// What a row of the matrix is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Objects of a kind.
    Resource {
        /// API group, empty for core.
        group: String,
        /// Plural name.
        resource: String,
        /// Subresource, or empty.
        subresource: String,
        /// Name of one object; empty for the kind.
        name: String,
    },
    /// A path that is no resource. It lies in no namespace.
    Url(String),
}

impl Target {
    /// All objects of `resource`, which may have a subresource behind a slash.
    pub fn resource(group: &str, resource: &str) -> Self {
        let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        let [group, resource, subresource] = [group, resource, subresource].map(str::to_owned);
        Self::Resource { group, resource, subresource, name: String::new() }
    }

    /// The request that a cell stands for.
    pub fn action(&self, verb: &str, namespace: Option<&str>) -> Action {
        match self {
            Self::Url(path) => Action::Url { verb: verb.to_owned(), path: path.clone() },
            Self::Resource { group, resource, subresource, name } => Action::Resource(ResourceAction {
                verb: verb.to_owned(),
                api_group: group.clone(),
                resource: resource.clone(),
                subresource: subresource.clone(),
                name: name.clone(),
                namespace: namespace.unwrap_or_default().to_owned(),
            }),
        }
    }

    /// True if a request for the kind may carry a name with this verb: of an object that is being created and of a
    /// whole collection the authorizer knows none, so rules limited to names never help there (rbac 5).
    pub fn may_be_named(&self, verb: &str) -> bool {
        match self {
            Self::Resource { subresource, name, .. } => {
                name.is_empty() && verb != "deletecollection" && (verb != "create" || !subresource.is_empty())
            }
            Self::Url(_) => false,
        }
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Axes {
    /// Who.
    pub principals: Vec<Principal>,
    /// What.
    pub targets: Vec<Target>,
    /// How.
    pub verbs: Vec<String>,
    /// Where; none is a cluster-wide request.
    pub namespaces: Vec<Option<String>>,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// There is nobody to decide for: 401.
    NotLoggedIn,
    /// Refused, whatever the object is called.
    No,
    /// Allowed for objects of some names alone.
    Partly,
    /// Allowed.
    Yes,
}

/// The answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// What was asked.
    pub axes: Axes,
    /// For each principal and namespace, principals first; none for principals without an identity.
    grids: Vec<Option<Grid>>,
}

/// The answers for one principal in one place: a bit for each target and verb.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grid {
    pub(super) yes: Bits,
    partly: Bits,
}

impl Matrix {
    /// The answer for positions on the axes; `No` beyond their ends.
    pub fn cell(&self, principal: usize, target: usize, verb: usize, namespace: usize) -> Cell {
        let inside = target < self.axes.targets.len() && verb < self.axes.verbs.len();
        if !inside || namespace >= self.axes.namespaces.len() {
            return Cell::No;
        }
        let bit = target * self.axes.verbs.len() + verb;
        match self.grids.get(principal * self.axes.namespaces.len() + namespace) {
            None => Cell::No,
            Some(None) => Cell::NotLoggedIn,
            Some(Some(grid)) if grid.yes.get(bit) => Cell::Yes,
            Some(Some(grid)) if grid.partly.get(bit) => Cell::Partly,
            Some(Some(_)) => Cell::No,
        }
    }

    /// True if the API server knows the principal at this position.
    pub fn is_logged_in(&self, principal: usize) -> bool {
        matches!(self.grids.get(principal * self.axes.namespaces.len()), Some(Some(_)))
    }

    /// The answers of one principal in one place, for comparison bit by bit.
    pub(super) fn grid(&self, principal: usize, namespace: usize) -> Option<&Grid> {
        self.grids.get(principal * self.axes.namespaces.len() + namespace)?.as_ref()
    }
}

/// Asks everything on `axes` of a cluster.
pub fn matrix(world: &World, cluster: &Cluster, axes: Axes) -> Matrix {
    matrix_at(&Gate::of(world, cluster), axes)
}

/// Asks everything on `axes` of the cluster behind a door.
pub fn matrix_at(gate: &Gate<'_>, axes: Axes) -> Matrix {
    let identities: Vec<_> = axes.principals.iter().map(|principal| gate.identity(principal)).collect();
    let grids = Published::with(|published| {
        let mut masks = Masks::new(&axes);
        let mut grids = Vec::with_capacity(identities.len() * axes.namespaces.len());
        for identity in &identities {
            for namespace in &axes.namespaces {
                let namespace = namespace.as_deref().filter(|namespace| !namespace.is_empty());
                let ask = |identity| masks.grid(gate.cluster(), identity, namespace, published);
                grids.push(identity.as_ref().map(ask));
            }
        }
        grids
    });
    Matrix { axes, grids }
}

/// What each rule says to every target and verb, worked out when the rule is first met.
struct Masks<'a> {
    axes: &'a Axes,
    requests: Vec<Action>,
    /// By the address of the rule: rules stay where they are while a matrix is made.
    known: BTreeMap<usize, Rc<Mask>>,
}

struct Mask {
    yes: Bits,
    partly: Bits,
    /// Bits of `yes` that are about URLs: they count if the rule is given cluster-wide.
    urls: Bits,
}

impl<'a> Masks<'a> {
    fn new(axes: &'a Axes) -> Self {
        let requests = axes.targets.iter().map(|target| target.action("", None)).collect();
        Self { axes, requests, known: BTreeMap::new() }
    }

    fn size(&self) -> usize {
        self.axes.targets.len() * self.axes.verbs.len()
    }

    fn grid(&mut self, cluster: &Cluster, identity: &Identity, namespace: Option<&str>, published: &Published) -> Grid {
        let mut grid = Grid { yes: Bits::none(self.size()), partly: Bits::none(self.size()) };
        if is_super_user(&identity.user) {
            grid.yes = Bits::all(self.size());
            return grid;
        }
        grants::walk(cluster, identity, namespace, published, |origin: Origin<'_>, _, rule| {
            let mask = self.mask(rule);
            grid.yes.add(&mask.yes);
            grid.partly.add(&mask.partly);
            if origin.is_cluster_wide() {
                grid.yes.add(&mask.urls);
            }
        });
        grid
    }

    fn mask(&mut self, rule: &PolicyRule) -> Rc<Mask> {
        let address = std::ptr::from_ref(rule).addr();
        if let Some(mask) = self.known.get(&address) {
            return Rc::clone(mask);
        }
        let mask = Rc::new(self.read(rule));
        self.known.insert(address, Rc::clone(&mask));
        mask
    }

    fn read(&self, rule: &PolicyRule) -> Mask {
        let size = self.size();
        let mut mask = Mask { yes: Bits::none(size), partly: Bits::none(size), urls: Bits::none(size) };
        let verbs: Vec<usize> = matching(&self.axes.verbs, |verb| verb_matches(rule, verb));
        for (place, (target, request)) in self.axes.targets.iter().zip(&self.requests).enumerate() {
            let first = place * self.axes.verbs.len();
            match request {
                Action::Url { path, .. } => {
                    if rule.non_resource_urls.iter().any(|url| url_covers(url, path)) {
                        verbs.iter().for_each(|verb| mask.urls.set(first + verb));
                    }
                }
                Action::Resource(request) => {
                    if !group_matches(rule, &request.api_group) || !resource_matches(rule, request) {
                        continue;
                    }
                    if name_matches(rule, &request.name) {
                        verbs.iter().for_each(|verb| mask.yes.set(first + verb));
                        continue;
                    }
                    let nameable =
                        |place: &&usize| self.axes.verbs.get(**place).is_some_and(|verb| target.may_be_named(verb));
                    verbs.iter().filter(nameable).for_each(|verb| mask.partly.set(first + verb));
                }
            }
        }
        mask
    }
}

fn matching(list: &[String], holds: impl Fn(&str) -> bool) -> Vec<usize> {
    list.iter().enumerate().filter(|(_, item)| holds(item)).map(|(place, _)| place).collect()
}

/// A set of small numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    fn none(size: usize) -> Self {
        Self(vec![0; size.div_ceil(64)])
    }

    fn all(size: usize) -> Self {
        Self(vec![u64::MAX; size.div_ceil(64)])
    }

    pub(super) fn get(&self, bit: usize) -> bool {
        self.0.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    fn set(&mut self, bit: usize) {
        if let Some(word) = self.0.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }

    fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, more)| *word |= more);
    }
}
