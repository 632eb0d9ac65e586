//! Why a decision fell as it did: the walk without stopping, and the bindings that nearly applied.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::*;
use crate::formats::ordered::sort_by;
use crate::k8s::rbac::account_number;

/// Everything RBAC looked at for one request. The super-user check is not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation<'a> {
    /// The same decision that [`decide`] gives.
    pub decision: Decision,
    /// Every binding that applies, in visiting order.
    pub considered: Vec<Considered<'a>>,
}

/// One binding that applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Considered<'a> {
    /// The binding and the subject that matches.
    pub grant: Grant<'a>,
    /// Its rules with their results, or why it has none.
    pub rules: Result<Vec<Tried<'a>>, Unresolved<'a>>,
}

/// One rule and whether it allows the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried<'a> {
    /// The place of the rule in its role.
    pub index: usize,
    /// The rule.
    pub rule: &'a PolicyRule,
    /// What keeps it from matching, if anything.
    pub outcome: Result<(), Mismatch>,
}

/// A binding whose role has an allowing rule, but which does not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NearMiss<'a> {
    /// Which binding.
    pub key: &'a BindingKey,
    /// Its body.
    pub binding: &'a Binding,
    /// What keeps it from applying.
    pub why: WhyNot<'a>,
}

/// What keeps a binding from applying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNot<'a> {
    /// It names the caller, but is a RoleBinding of a namespace that the request is not made in.
    /// Cluster-wide and URL requests are made in none.
    Namespace,
    /// It holds here, but names others. The subject is one that nearly names the caller:
    /// the same name in other letter case, or of another kind.
    Subject(Option<&'a Subject>),
}

/// How many bindings of a namespace, and of the whole cluster, are read for near misses of others.
pub const FIRST: usize = 100;

/// Tells everything that RBAC considers for `action`.
pub fn explain<'a>(rbac: &'a Rbac, user: &'a UserInfo, action: &'a Action) -> Explanation<'a> {
    let mut considered: Vec<Considered<'a>> = Vec::new();
    let (mut allowed, mut unresolved) = (None, Vec::new());
    walk(rbac, user, action.namespace(), |grant, event| {
        let last = considered.last_mut();
        match event {
            Event::Applies => considered.push(Considered { grant, rules: Ok(Vec::new()) }),
            Event::Unresolved(error) => {
                unresolved.push(error);
                last.into_iter().for_each(|last| last.rules = Err(error));
            }
            Event::Rule(index, rule) => {
                let outcome = rule_matches(rule, action);
                if outcome.is_ok() && allowed.is_none() {
                    allowed = Some(grant);
                }
                if let Some(Ok(tried)) = last.map(|last| &mut last.rules) {
                    tried.push(Tried { index, rule, outcome });
                }
            }
        }
        ControlFlow::<()>::Continue(())
    });
    let decision = decision(allowed, &unresolved);
    Explanation { decision, considered }
}

/// Bindings that do not apply although their role would allow the request: at most `limit` of each kind, the likeliest
/// slips first. They matter for a refusal alone, and cost more than the rest of an explanation.
///
/// Bindings that name the caller elsewhere, or somebody alike, are found wherever they are; those for others only among
/// the first [`FIRST`] of a place, so that an explanation does not cost more on a larger cluster.
pub fn near_misses<'a>(rbac: &'a Rbac, user: &'a UserInfo, action: &'a Action, limit: usize) -> Vec<NearMiss<'a>> {
    let identity = Identity::of(user);
    let mut roles = Roles { rbac, action, known: BTreeMap::new() };
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    let elsewhere = identity.numbers().flat_map(|who| rbac.role_bindings_naming(who));
    for (key, binding) in elsewhere.filter(|(key, _)| key.namespace.as_deref() != action.namespace()) {
        if found.len() >= limit {
            break;
        }
        if identity.matching_subject(binding, key.namespace.as_deref()).is_none() {
            continue;
        }
        if seen.insert(key) && roles.allow(key, binding) {
            found.push(NearMiss { key, binding, why: WhyNot::Namespace });
        }
    }
    let scopes = || [None].into_iter().chain(action.namespace().map(Some));
    let names = identity.alike();
    let nearly = |subject: &&Subject| names.iter().any(|name| name.eq_ignore_ascii_case(&subject.name));
    // The role first: it rules out more bindings than the caller's own, and is remembered.
    let mut misses = |key: &'a BindingKey, binding: &'a Binding| {
        roles.allow(key, binding) && identity.matching_subject(binding, key.namespace.as_deref()).is_none()
    };
    // Whoever is named nearly as the caller is found by the index; of all others only the first bindings are read.
    let mut similar = Vec::new();
    let alike = rbac.naming(names.iter().flat_map(|name| [who_number(name), account_number(name)]));
    for (key, binding) in scopes().flat_map(|scope| alike.in_scope(scope)) {
        if similar.len() >= limit {
            break;
        }
        if let Some(alike) = binding.subjects.iter().find(nearly)
            && misses(key, binding)
        {
            similar.push(NearMiss { key, binding, why: WhyNot::Subject(Some(alike)) });
        }
    }
    // Bindings of the system's own components are nobody's slip, and there are many.
    for (key, binding) in scopes().flat_map(|scope| rbac.bindings_in(scope).take(FIRST)) {
        if similar.len() >= limit {
            break;
        }
        let is_stock = key.name.starts_with("system:");
        if !is_stock && misses(key, binding) && !binding.subjects.iter().any(|subject| nearly(&subject)) {
            similar.push(NearMiss { key, binding, why: WhyNot::Subject(None) });
        }
    }
    found.extend(similar);
    // Stable: within each group the visiting order stays.
    let is_last = |miss: &NearMiss<'_>| !matches!(miss.why, WhyNot::Namespace | WhyNot::Subject(Some(_)));
    sort_by(&mut found, &|a, b| is_last(a).cmp(&is_last(b)));
    found
}

impl<'a> Identity<'a> {
    /// The names that a subject has which nearly names the caller, in whatever letter case and of whatever kind.
    fn alike(&self) -> Vec<&'a str> {
        let short = self.user.strip_prefix("system:serviceaccount:").and_then(|rest| rest.rsplit(':').next());
        [Some(self.user), short].into_iter().flatten().chain(self.groups.iter().map(|(_, group)| *group)).collect()
    }
}

/// Remembers which roles allow the action: many bindings refer to few roles.
struct Roles<'a> {
    rbac: &'a Rbac,
    action: &'a Action,
    /// By number and name, kind and namespace: numbers are compared faster than names, of which many begin alike.
    known: BTreeMap<(u64, &'a str, &'a str, Option<&'a str>), bool>,
}

impl<'a> Roles<'a> {
    fn allow(&mut self, key: &'a BindingKey, binding: &'a Binding) -> bool {
        let role = &binding.role_ref;
        let namespace = key.namespace.as_deref().filter(|_| role.kind == "Role");
        let number = who_number(&role.name);
        *self.known.entry((number, &role.name, &role.kind, namespace)).or_insert_with(|| {
            let rules = resolve(self.rbac, role, namespace);
            rules.is_ok_and(|rules| rules.iter().any(|rule| rule_matches(rule, self.action).is_ok()))
        })
    }
}
