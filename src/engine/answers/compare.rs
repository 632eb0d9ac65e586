//! Who gains and who loses: two worlds, or two principals, asked the same questions and told apart.
//!
//! The questions are the standard ones (every kind served, with its verbs) and whatever the rules of those concerned
//! mention: other resources, subresources, verbs, names, URLs. A rule limited to names is asked by those names.

use std::collections::{BTreeMap, BTreeSet};

use super::grants;
use super::matrix::{Axes, Matrix, Target, matrix_at};
use super::principals::{Gate, Principal};
use super::subjects::{self, everybody};
use crate::engine::authz::{Identity, Published};
use crate::engine::request::{ApiError, Caller, Request};
use crate::engine::world::{Cluster, World};
use crate::formats::ordered::{map_of, set_of, sort, sort_by};
use crate::k8s::rbac::PolicyRule;
use crate::k8s::resolve::is_super_user;

/// The verbs that are asked of every kind; `*` is what only a rule with `*` allows.
const STANDARD_VERBS: &[&str] =
    &["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "*"];

/// What changes from one state to another, cluster by cluster; clusters without change are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The clusters that see a change, by name.
    pub clusters: Vec<ClusterChange>,
}

/// What changes on a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterChange {
    /// Its name.
    pub cluster: String,
    /// Who gains or loses.
    pub principals: Vec<PrincipalChange>,
}

/// What changes for one principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalChange {
    /// Who.
    pub principal: Principal,
    /// Whether the API server knew the principal before, and knows it after (401 or not).
    pub logged_in: (bool, bool),
    /// What it may do afterwards and might not before.
    pub gained: Vec<Block>,
    /// What it might do before and may not afterwards.
    pub lost: Vec<Block>,
}

/// Cells that can be told in one sentence: each verb on each target in each place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Where; none is a cluster-wide request, URLs have no other place.
    pub namespaces: Vec<Option<String>>,
    /// On what; of group, resource and verb, `*` stands for everything there is and will be.
    pub targets: Vec<Target>,
    /// The verbs.
    pub verbs: Vec<String>,
}

impl Block {
    /// How many answers the block stands for.
    pub fn cells(&self) -> usize {
        self.namespaces.len() * self.targets.len() * self.verbs.len()
    }
}

impl Comparison {
    /// True if nobody gains or loses anything.
    pub fn is_empty(&self) -> bool {
        self.clusters.is_empty()
    }
}

/// What a call would change for everybody; the world stays as it is. An update that the call starts is let finish.
///
/// # Errors
/// The refusal that the call would meet.
pub fn preview(world: &World, caller: &Caller, request: Request) -> Result<Comparison, ApiError> {
    let mut after = world.clone();
    after.call(caller, request)?;
    let ends = after.clusters.iter().filter_map(|cluster| cluster.running_update().map(|update| update.ends_at.0));
    if let Some(last) = ends.max() {
        after.advance(last.saturating_sub(after.clock.0));
    }
    Ok(compare_worlds(world, &after))
}

/// What changes from one world to another: for every principal known in either, and for users and groups that a
/// binding names and that no IAM identity maps to.
pub fn compare_worlds(before: &World, after: &World) -> Comparison {
    let names = set_of(before.clusters.iter().chain(&after.clusters).map(|cluster| cluster.name.as_str()));
    let mut comparison = Comparison::default();
    for name in names {
        let old = before.cluster(name).map(|cluster| Gate::of(before, cluster));
        let new = after.cluster(name).map(|cluster| Gate::of(after, cluster));
        let gates = [old.as_ref(), new.as_ref()];
        let mut all = everybody(gates.into_iter().flatten());
        let named = subjects::named_by_changes(gates);
        subjects::add_sessions(gates, &named, &mut all);
        let mapped = gates.map(|gate| subjects::Mapped::of(gate, &all));
        all.extend(named.iter().filter_map(subjects::principal));
        let sides = gates.map(|gate| gate.map(|gate| (gate, all.as_slice())));
        let mut principals = changes(sides, &all);
        principals.retain_mut(|change| subjects::keep_unmapped(change, &mapped));
        if !principals.is_empty() {
            comparison.clusters.push(ClusterChange { cluster: name.to_owned(), principals });
        }
    }
    comparison
}

/// What `second` may do and `first` may not (gained), and the reverse (lost). `None` if they may do the same.
pub fn compare_principals(
    world: &World,
    cluster: &Cluster,
    first: &Principal,
    second: &Principal,
) -> Option<PrincipalChange> {
    let gate = Gate::of(world, cluster);
    let (first, second) = (std::slice::from_ref(first), std::slice::from_ref(second));
    changes([Some((&gate, first)), Some((&gate, second))], second).pop()
}

/// What changes for `principals` from one state of a cluster to each of several others, asked the same questions
/// so that the changes can be told against one another.
pub(super) fn compare_many(before: &Gate<'_>, afters: &[Gate<'_>], all: &[Principal]) -> Vec<Vec<PrincipalChange>> {
    let pairs = afters.iter().map(|after| [Some((before, all)), Some((after, all))]);
    let concerned: Vec<Vec<Principal>> = pairs.map(|sides| differing(sides, all)).collect();
    let of_after = |index: usize| Some((afters.get(index)?, concerned.get(index)?.as_slice()));
    let of_before = concerned.iter().map(|list| Some((before, list.as_slice())));
    let sides: Vec<Side<'_>> = of_before.chain((0..afters.len()).map(of_after)).collect();
    let questions = Questions::of(&sides);
    let compare = |(index, named): (usize, &Vec<Principal>)| {
        compare_all(&questions, [Some((before, named.as_slice())), of_after(index)], named)
    };
    concerned.iter().enumerate().map(compare).collect()
}

/// A state, and who is asked about in it.
type Side<'a> = Option<(&'a Gate<'a>, &'a [Principal])>;

/// Compares the principals of two sides one by one and reports them as `named`.
fn changes(sides: [Side<'_>; 2], named: &[Principal]) -> Vec<PrincipalChange> {
    let positions = positions(sides, named);
    if positions.is_empty() {
        return Vec::new();
    }
    let only = |list: &[Principal]| positions.iter().filter_map(|index| list.get(*index).cloned()).collect::<Vec<_>>();
    let lists = sides.map(|side| side.map(|(_, principals)| only(principals)).unwrap_or_default());
    let [first, second] = sides;
    let [first_list, second_list] = &lists;
    let asked =
        [first.map(|(gate, _)| (gate, first_list.as_slice())), second.map(|(gate, _)| (gate, second_list.as_slice()))];
    compare_all(&Questions::of(&asked), asked, &only(named))
}

/// Those of `all`, asked about on both sides, whose rules differ.
fn differing(sides: [Side<'_>; 2], all: &[Principal]) -> Vec<Principal> {
    positions(sides, all).into_iter().filter_map(|index| all.get(index).cloned()).collect()
}

/// The positions of the principals whose rules differ between the sides.
fn positions(sides: [Side<'_>; 2], named: &[Principal]) -> Vec<usize> {
    let gates = sides.into_iter().flatten().map(|(gate, _)| gate.cluster().objects.namespaces());
    let namespaces: BTreeSet<String> = gates.flatten().collect();
    // Whoever has the very same rules on both sides need not be asked about: mostly nearly everybody.
    let rules = |side: Side<'_>, index: usize| {
        let (gate, principals) = side?;
        let identity = gate.identity(principals.get(index)?)?;
        Some(rules_of(gate.cluster(), &identity, &namespaces))
    };
    let [first, second] = sides;
    let differs = |index: &usize| rules(first, *index) != rules(second, *index);
    (0..named.len()).filter(differs).collect()
}

/// All rules of an identity: place, whether it counts cluster-wide, address. Worlds that come from one another share
/// what did not change, so that most rules are where they were.
fn rules_of(cluster: &Cluster, identity: &Identity, namespaces: &BTreeSet<String>) -> Vec<(usize, bool, usize)> {
    if is_super_user(&identity.user) {
        return vec![(usize::MAX, true, 0)];
    }
    let mut found = Vec::new();
    Published::with(|published| {
        let places = [None].into_iter().chain(namespaces.iter().map(|name| Some(name.as_str())));
        for (number, place) in places.enumerate() {
            grants::walk(cluster, identity, place, published, |origin, _, rule| {
                found.push((number, origin.is_cluster_wide(), std::ptr::from_ref(rule).addr()));
            });
        }
    });
    found
}

fn compare_all(questions: &Questions, sides: [Side<'_>; 2], named: &[Principal]) -> Vec<PrincipalChange> {
    let matrices = sides.map(|side| {
        side.map(|(gate, principals)| {
            let axes = Axes {
                principals: principals.to_vec(),
                targets: questions.targets.clone(),
                verbs: questions.verbs.clone(),
                namespaces: questions.namespaces.clone(),
            };
            matrix_at(gate, axes)
        })
    });
    let [before, after] = matrices.each_ref().map(Option::as_ref);
    let mut changes = Vec::new();
    for (index, principal) in named.iter().enumerate() {
        let is_in = |matrix: Option<&Matrix>| matrix.is_some_and(|matrix| matrix.is_logged_in(index));
        let logged_in = (is_in(before), is_in(after));
        let gained = questions.blocks(index, before, after);
        let lost = questions.blocks(index, after, before);
        if logged_in.0 != logged_in.1 || !gained.is_empty() || !lost.is_empty() {
            changes.push(PrincipalChange { principal: principal.clone(), logged_in, gained, lost });
        }
    }
    changes
}

/// What is asked of both sides.
struct Questions {
    targets: Vec<Target>,
    verbs: Vec<String>,
    namespaces: Vec<Option<String>>,
    /// For each target: true if requests for it are made in namespaces, and outside them.
    places: Vec<(bool, bool)>,
    /// Positions of target and verb that make sense together.
    asked: BTreeSet<(usize, usize)>,
}

/// Questions while they are collected: verbs by target.
type Wanted = BTreeMap<Target, BTreeSet<String>>;

impl Questions {
    fn of(sides: &[Side<'_>]) -> Self {
        let mut wanted = Wanted::new();
        let mut scopes: BTreeMap<(String, String), bool> = BTreeMap::new();
        let mut names = BTreeSet::new();
        for (gate, _) in sides.iter().flatten() {
            for kind in gate.cluster().objects.resources() {
                let verbs = wanted.entry(Target::resource(&kind.group, &kind.plural)).or_default();
                verbs.extend(kind.verbs.iter().map(|verb| (*verb).to_owned()).chain(["*".to_owned()]));
                scopes.insert((kind.group.to_string(), kind.plural.to_string()), kind.namespaced);
            }
            names.extend(gate.cluster().objects.namespaces());
        }
        let everything = wanted.entry(Target::resource("*", "*")).or_default();
        everything.extend(STANDARD_VERBS.iter().map(|verb| (*verb).to_owned()));
        for (gate, principals) in sides.iter().flatten() {
            let mut rules = Rules::default();
            for identity in principals.iter().filter_map(|principal| gate.identity(principal)) {
                rules.collect(gate.cluster(), &identity, &names);
            }
            rules.rules.iter().for_each(|rule| mention(rule, &mut wanted));
        }
        let verbs = set_of(wanted.values().flatten());
        let rank = |verb: &str| STANDARD_VERBS.iter().position(|v| *v == verb).unwrap_or(STANDARD_VERBS.len());
        let mut verbs: Vec<String> = verbs.into_iter().cloned().collect();
        sort_by(&mut verbs, &|a, b| rank(a).cmp(&rank(b)));
        let positions = map_of(verbs.iter().enumerate().map(|(i, verb)| (verb.as_str(), i)));
        let (mut targets, mut places, mut asked) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (index, (target, verbs)) in wanted.iter().enumerate() {
            asked.extend(verbs.iter().filter_map(|verb| Some((index, *positions.get(verb.as_str())?))));
            places.push(places_of(target, &scopes));
            targets.push(target.clone());
        }
        let namespaces = [None].into_iter().chain(names.into_iter().map(Some)).collect();
        Self { targets, namespaces, places, asked, verbs }
    }

    /// What `after` allows and `before` does not, in as few blocks as are easily found.
    fn blocks(&self, principal: usize, before: Option<&Matrix>, after: Option<&Matrix>) -> Vec<Block> {
        // Target and place to verbs, then equal rows together, then equal places together.
        let mut by_place: BTreeMap<usize, BTreeMap<Vec<usize>, Vec<usize>>> = BTreeMap::new();
        for place in 0..self.namespaces.len() {
            let before = before.and_then(|matrix| matrix.grid(principal, place));
            let Some(after) = after.and_then(|matrix| matrix.grid(principal, place)) else { continue };
            if before.is_some_and(|before| before.yes == after.yes) {
                continue;
            }
            let new = |bit: usize| after.yes.get(bit) && !before.is_some_and(|before| before.yes.get(bit));
            let mut of_kind: Option<(usize, Vec<usize>)> = None;
            for (index, target) in self.targets.iter().enumerate() {
                let (inside, outside) = self.places.get(index).copied().unwrap_or_default();
                if !(if place == 0 { outside } else { inside }) {
                    continue;
                }
                let asked = self.asked.range((index, 0)..(index + 1, 0)).map(|(_, verb)| *verb);
                let mut verbs: Vec<usize> = asked.filter(|verb| new(index * self.verbs.len() + verb)).collect();
                // Targets are in order: the kind comes before its names, and what it gains they gain.
                if is_named(target) {
                    if let Some((kind, of_kind)) = &of_kind
                        && self.targets.get(*kind).is_some_and(|kind| same_kind(kind, target))
                    {
                        verbs.retain(|verb| !of_kind.contains(verb));
                    }
                } else {
                    of_kind = Some((index, verbs.clone()));
                }
                if !verbs.is_empty() {
                    by_place.entry(place).or_default().entry(verbs).or_default().push(index);
                }
            }
        }
        let mut blocks: BTreeMap<(Vec<usize>, Vec<usize>), Vec<usize>> = BTreeMap::new();
        for (place, rows) in by_place {
            for (verbs, targets) in rows {
                blocks.entry((targets, verbs)).or_default().push(place);
            }
        }
        let mut blocks: Vec<_> =
            blocks.into_iter().map(|((targets, verbs), places)| (places, targets, verbs)).collect();
        sort(&mut blocks);
        let pick =
            |list: &[String], places: &[usize]| places.iter().filter_map(|place| list.get(*place).cloned()).collect();
        let block = |(places, targets, verbs): (Vec<usize>, Vec<usize>, Vec<usize>)| Block {
            namespaces: places.iter().filter_map(|place| self.namespaces.get(*place).cloned()).collect(),
            targets: targets.iter().filter_map(|target| self.targets.get(*target).cloned()).collect(),
            verbs: pick(&self.verbs, &verbs),
        };
        blocks.into_iter().map(block).collect()
    }
}

fn is_named(target: &Target) -> bool {
    matches!(target, Target::Resource { name, .. } if !name.is_empty())
}

fn same_kind(kind: &Target, named: &Target) -> bool {
    match (kind, named) {
        (
            Target::Resource { group: a, resource: b, subresource: c, name },
            Target::Resource { group: x, resource: y, subresource: z, .. },
        ) => name.is_empty() && (a, b, c) == (x, y, z),
        _ => false,
    }
}

/// Whether requests are made in namespaces, and outside them. Lists of a namespaced kind are made in both,
/// and a namespace object lies in itself.
fn places_of(target: &Target, scopes: &BTreeMap<(String, String), bool>) -> (bool, bool) {
    match target {
        Target::Url(_) => (false, true),
        Target::Resource { group, resource, .. } => {
            let namespaced = scopes.get(&(group.clone(), resource.clone())).copied().unwrap_or(true);
            (namespaced || group.is_empty() && resource == "namespaces", true)
        }
    }
}

/// The different rules of the principals asked about.
#[derive(Default)]
struct Rules {
    seen: BTreeSet<usize>,
    rules: Vec<PolicyRule>,
}

impl Rules {
    fn collect(&mut self, cluster: &Cluster, identity: &Identity, namespaces: &BTreeSet<String>) {
        Published::with(|published| {
            let places = [None].into_iter().chain(namespaces.iter().map(|name| Some(name.as_str())));
            for place in places {
                grants::walk(cluster, identity, place, published, |_, _, rule| {
                    if self.seen.insert(std::ptr::from_ref(rule).addr()) {
                        self.rules.push(rule.clone());
                    }
                });
            }
        });
    }
}

/// Adds what a rule speaks of to the questions.
fn mention(rule: &PolicyRule, wanted: &mut Wanted) {
    let mut add = |target: Target, all: bool| {
        let verbs = wanted.entry(target).or_default();
        verbs.extend(rule.verbs.iter().cloned());
        if all && rule.verbs.iter().any(|verb| verb == "*") {
            verbs.extend(STANDARD_VERBS.iter().map(|verb| (*verb).to_owned()));
        }
    };
    for url in &rule.non_resource_urls {
        add(Target::Url(url.clone()), false);
    }
    for group in &rule.api_groups {
        for resource in &rule.resources {
            let kind = Target::resource(group, resource);
            for name in rule.resource_names.iter().filter(|name| !name.is_empty()) {
                if let Target::Resource { group, resource, subresource, .. } = kind.clone() {
                    add(Target::Resource { group, resource, subresource, name: name.clone() }, true);
                }
            }
            add(kind, true);
        }
    }
}
