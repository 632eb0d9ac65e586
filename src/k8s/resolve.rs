//! The one walk over bindings and rules (rbac 3 to 6).
//!
//! [`walk`] shows every binding that applies to a caller, with its role and rules, in the fixed order:
//! cluster role bindings, then the role bindings of the namespace, each by name.
//! Deciding ([`authorize`]) stops it at the first rule that allows; explaining ([`explain`]), listing
//! ([`super::rules_review`]) and the escalation check ([`super::escalation`]) let it run to the end.
//! All of them ask [`rules::rule_matches`](super::rules::rule_matches), so they cannot disagree.

mod explain;

use std::fmt;
use std::ops::ControlFlow;

use super::attributes::{Action, UserInfo};
use super::rbac::{Binding, BindingKey, PolicyRule, Rbac, RoleRef, SUPER_USER_GROUP, Subject};
use super::rbac::{service_account_namespace, who_number};
use super::rules::{Mismatch, rule_matches};
use crate::formats::go_text;

pub use explain::{Considered, Explanation, FIRST, NearMiss, Tried, WhyNot, explain, near_misses};

/// A binding that applies, and the first of its subjects that matches the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant<'a> {
    /// Which binding.
    pub key: &'a BindingKey,
    /// Its body.
    pub binding: &'a Binding,
    /// The subject that matches.
    pub subject: &'a Subject,
}

impl Grant<'_> {
    /// The reason of a decision that rests on this binding (rbac 6).
    pub fn reason(&self) -> String {
        let BindingKey { namespace, name } = self.key;
        let (role, subject) = (&self.binding.role_ref, self.subject);
        let home = match subject.kind.as_str() {
            "ServiceAccount" => Some(service_account_namespace(subject, namespace.as_deref()).unwrap_or_default()),
            _ => None,
        };
        // Every decision that allows makes one of these: no texts in between.
        let mut text = String::with_capacity(160);
        let mut add = |before: &str, kind: &str, name: &str, namespace: Option<&str>| {
            [before, kind, " "].into_iter().for_each(|part| text.push_str(part));
            match namespace {
                None => go_text::quote_into(name, &mut text),
                Some(namespace) => go_text::quote_into(&format!("{name}/{namespace}"), &mut text),
            }
        };
        add("RBAC: allowed by ", self.key.kind(), name, namespace.as_deref());
        add(" of ", &role.kind, &role.name, None);
        add(" to ", &subject.kind, &subject.name, home);
        text
    }
}

/// A role reference that leads nowhere (rbac 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unresolved<'a> {
    /// There is no such Role in the namespace of the binding.
    Role(&'a str),
    /// There is no such ClusterRole.
    ClusterRole(&'a str),
    /// References of this kind mean nothing.
    Kind(&'a str),
}

impl Unresolved<'_> {
    /// The text that the API's own storage gives, with the resource in the plural; the authorizer's is in the singular.
    pub fn storage_text(&self) -> String {
        match self {
            Unresolved::Role(name) => format!("roles.rbac.authorization.k8s.io {} not found", go_text::quote(name)),
            Unresolved::ClusterRole(name) => {
                format!("clusterroles.rbac.authorization.k8s.io {} not found", go_text::quote(name))
            }
            Unresolved::Kind(_) => self.to_string(),
        }
    }
}

impl fmt::Display for Unresolved<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unresolved::Role(name) => write!(f, "role.rbac.authorization.k8s.io {} not found", go_text::quote(name)),
            Unresolved::ClusterRole(name) => {
                write!(f, "clusterrole.rbac.authorization.k8s.io {} not found", go_text::quote(name))
            }
            Unresolved::Kind(kind) => write!(f, "unsupported role reference kind: {}", go_text::quote(kind)),
        }
    }
}

/// The rules of the role that a binding in `namespace` (none: cluster-wide) refers to.
pub fn resolve<'a>(
    rbac: &'a Rbac,
    role_ref: &'a RoleRef,
    namespace: Option<&str>,
) -> Result<&'a [PolicyRule], Unresolved<'a>> {
    let name = role_ref.name.as_str();
    match role_ref.kind.as_str() {
        "Role" => {
            let role = namespace.and_then(|namespace| rbac.role(namespace, name));
            role.map(|role| role.rules.as_slice()).ok_or(Unresolved::Role(name))
        }
        "ClusterRole" => rbac.cluster_role(name).map(|role| role.rules.as_slice()).ok_or(Unresolved::ClusterRole(name)),
        kind => Err(Unresolved::Kind(kind)),
    }
}

/// What the walk comes across in a binding that applies.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The binding itself, before its rules; also when it has none.
    Applies,
    /// Its role reference leads nowhere; the walk goes on.
    Unresolved(Unresolved<'a>),
    /// A rule of its role, with its place there.
    Rule(usize, &'a PolicyRule),
}

/// Shows `visit` every binding that applies to `user` in `namespace` (none: cluster-wide bindings alone),
/// and every rule it gives, until `visit` breaks. Gives what it broke with.
pub fn walk<'a, B>(
    rbac: &'a Rbac,
    user: &'a UserInfo,
    namespace: Option<&'a str>,
    mut visit: impl FnMut(Grant<'a>, Event<'a>) -> ControlFlow<B>,
) -> Option<B> {
    let identity = Identity::of(user);
    let named = rbac.naming(identity.numbers());
    let namespaced = namespace.map(Some);
    for scope in [None].into_iter().chain(namespaced) {
        for (key, binding) in named.in_scope(scope) {
            let Some(subject) = identity.matching_subject(binding, scope) else { continue };
            let grant = Grant { key, binding, subject };
            if let ControlFlow::Break(value) = visit_binding(rbac, grant, &mut visit) {
                return Some(value);
            }
        }
    }
    None
}

fn visit_binding<'a, B>(
    rbac: &'a Rbac,
    grant: Grant<'a>,
    visit: &mut impl FnMut(Grant<'a>, Event<'a>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    visit(grant, Event::Applies)?;
    match resolve(rbac, &grant.binding.role_ref, grant.key.namespace.as_deref()) {
        Err(error) => visit(grant, Event::Unresolved(error)),
        Ok(rules) => rules.iter().enumerate().try_for_each(|(i, rule)| visit(grant, Event::Rule(i, rule))),
    }
}

/// A caller, ready to be compared with many subjects.
struct Identity<'a> {
    user: &'a str,
    /// With what the index of bindings is to be asked for: sorted by that, which is faster than by name, each once.
    groups: Vec<(u64, &'a str)>,
}

impl<'a> Identity<'a> {
    fn of(user: &'a UserInfo) -> Self {
        let mut groups: Vec<(u64, &str)> =
            user.groups.iter().map(|group| (who_number(group), group.as_str())).collect();
        groups.sort_unstable();
        groups.dedup();
        Self { user: &user.username, groups }
    }

    /// What the index of bindings is to be asked for. A number may come twice.
    fn numbers(&self) -> impl Iterator<Item = u64> {
        std::iter::once(who_number(self.user)).chain(self.groups.iter().map(|(number, _)| *number))
    }

    fn matching_subject<'b>(&self, binding: &'b Binding, namespace: Option<&str>) -> Option<&'b Subject> {
        binding.subjects.iter().find(|subject| self.matches(subject, namespace))
    }

    /// Is the caller meant by the subject of a binding in `namespace` (rbac 3)?
    fn matches(&self, subject: &Subject, namespace: Option<&str>) -> bool {
        match subject.kind.as_str() {
            "User" => subject.name == self.user,
            "Group" => {
                let number = who_number(&subject.name);
                let from = self.groups.partition_point(|(group, _)| *group < number);
                let mut same = self.groups.iter().skip(from).take_while(|(group, _)| *group == number);
                same.any(|(_, group)| *group == subject.name)
            }
            "ServiceAccount" => service_account_namespace(subject, namespace).is_some_and(|namespace| {
                let rest = self.user.strip_prefix("system:serviceaccount:").and_then(|u| u.strip_prefix(namespace));
                rest.and_then(|rest| rest.strip_prefix(':')) == Some(subject.name.as_str())
            }),
            _ => false,
        }
    }
}

/// The answer of an authorizer that knows no denial: allowed, or no opinion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Whether the action is allowed.
    pub allowed: bool,
    /// Why; for a refusal the role references that could not be resolved. May be empty.
    pub reason: String,
}

/// True for members of `system:masters`, whom nothing can refuse and no reason is given for (rbac 2).
/// Only the group counts, not a user of that name.
pub fn is_super_user(user: &UserInfo) -> bool {
    user.in_group(SUPER_USER_GROUP)
}

/// The super-user check, then RBAC.
pub fn authorize(rbac: &Rbac, user: &UserInfo, action: &Action) -> Decision {
    if is_super_user(user) { Decision { allowed: true, reason: String::new() } } else { decide(rbac, user, action) }
}

/// What RBAC alone says (rbac 3 to 6).
pub fn decide(rbac: &Rbac, user: &UserInfo, action: &Action) -> Decision {
    let mut unresolved = Vec::new();
    let allowed = walk(rbac, user, action.namespace(), |grant, event| match event {
        Event::Rule(_, rule) if rule_matches(rule, action).is_ok() => ControlFlow::Break(grant),
        Event::Unresolved(error) => {
            unresolved.push(error);
            ControlFlow::Continue(())
        }
        _ => ControlFlow::Continue(()),
    });
    decision(allowed, &unresolved)
}

fn decision(allowed: Option<Grant<'_>>, unresolved: &[Unresolved<'_>]) -> Decision {
    match allowed {
        Some(grant) => Decision { allowed: true, reason: grant.reason() },
        None if unresolved.is_empty() => Decision::default(),
        None => Decision { allowed: false, reason: format!("RBAC: {}", unresolved_text(unresolved)) },
    }
}

/// The text of several unresolved references, as the authorizer gives it.
pub fn unresolved_text(errors: &[Unresolved<'_>]) -> String {
    go_text::aggregate(errors.iter().map(ToString::to_string))
}

#[cfg(test)]
mod tests;
