//! The principals that a comparison asks about: IAM identities, sessions of roles, and subjects of bindings.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::compare::PrincipalChange;
use super::principals::{Gate, Principal, service_accounts};
use super::who_can::{Named, Templates};
use crate::engine::kube;
use crate::engine::request::Impersonate;
use crate::engine::world::Cluster;
use crate::formats::ordered::set_of;
use crate::k8s::rbac::{Binding, BindingKey};
use crate::k8s::resolve::resolve;

/// Principals of each state, and the service accounts that bindings name.
pub(super) fn everybody<'a>(gates: impl Iterator<Item = &'a Gate<'a>>) -> Vec<Principal> {
    let mut all: Vec<Principal> = Vec::new();
    let mut arns = BTreeSet::new();
    let mut accounts = BTreeSet::new();
    for gate in gates {
        for principal in gate.principals() {
            let (text, session) = match &principal {
                Principal::Role { arn, session } => (arn.clone(), session.clone()),
                Principal::User(text) | Principal::Static(text) => (text.clone(), String::new()),
                Principal::Stated(_) | Principal::Caller(_) => continue,
            };
            if arns.insert((text, session)) {
                all.push(principal);
            }
        }
        accounts.extend(service_accounts(gate.cluster()));
    }
    all.extend(accounts.iter().map(|(namespace, name)| Principal::service_account(namespace, name)));
    all
}

/// Users and groups named by the bindings that are not the same on both sides. Only a binding, or the role that it
/// refers to, changes what such a subject may do.
pub(super) fn named_by_changes(gates: [Option<&Gate<'_>>; 2]) -> BTreeSet<Named> {
    let [old, new] = gates.map(|gate| gate.map(Gate::cluster));
    let mut named = BTreeSet::new();
    for (cluster, other) in [(old, new), (new, old)] {
        let Some(cluster) = cluster else { continue };
        for (key, binding) in cluster.objects.rbac().bindings() {
            if !other.is_some_and(|other| is_same(cluster, other, key, binding)) {
                named.extend(named_in(key, binding));
            }
        }
    }
    named.retain(|named| !matches!(named, Named::ServiceAccount { .. }));
    named
}

fn named_in<'a>(key: &'a BindingKey, binding: &'a Binding) -> impl Iterator<Item = Named> + 'a {
    binding.subjects.iter().filter_map(|subject| Named::of(subject, key.namespace.as_deref()))
}

/// True if `other` holds the same binding to the same rules. Worlds that come from one another share what did not change,
/// so that addresses are enough: a difference that is none costs time only.
fn is_same(cluster: &Cluster, other: &Cluster, key: &BindingKey, binding: &Rc<Binding>) -> bool {
    let rules = |cluster: &Cluster| {
        let found = resolve(cluster.objects.rbac(), &binding.role_ref, key.namespace.as_deref());
        found.ok().map(|rules| (rules.as_ptr().addr(), rules.len()))
    };
    let twin = other.objects.rbac().binding(key);
    twin.is_some_and(|twin| Rc::ptr_eq(twin, binding)) && rules(cluster) == rules(other)
}

/// Adds the sessions of roles by which a role becomes a subject that matters: where the entry or line that maps the role
/// has a template with the session name, one session does not stand for all.
///
/// Where the template is the same on both sides, only the subjects of `changed` bindings can make a difference.
pub(super) fn add_sessions(gates: [Option<&Gate<'_>>; 2], changed: &BTreeSet<Named>, all: &mut Vec<Principal>) {
    let templates = |gate: Option<&Gate<'_>>, principal: &Principal| {
        let gate = gate?;
        let (via, _) = gate.admit(principal)?.ok()?;
        Some(Templates::of(gate, &via)).filter(Templates::need_session)
    };
    let mut every: Option<BTreeSet<Named>> = None;
    let mut added: BTreeSet<(String, String)> = BTreeSet::new();
    for principal in all.iter() {
        let Principal::Role { arn, .. } = principal else { continue };
        let found = gates.map(|gate| templates(gate, principal));
        if found.iter().all(Option::is_none) {
            continue;
        }
        let [old, new] = &found;
        let subjects = if old == new { changed } else { every.get_or_insert_with(|| named_anywhere(gates)) };
        for subject in subjects {
            for (gate, templates) in gates.iter().zip(&found) {
                let Some((gate, templates)) = gate.zip(templates.as_ref()) else { continue };
                let Some(session) = templates.session(principal, subject) else { continue };
                let other = Principal::Role { arn: arn.clone(), session };
                let fits = gate.identity(&other).is_some_and(|identity| subject.means(&identity.user));
                if let Principal::Role { arn, session } = other.clone()
                    && fits
                    && other != *principal
                {
                    added.insert((arn, session));
                }
            }
        }
    }
    all.extend(added.into_iter().map(|(arn, session)| Principal::Role { arn, session }));
}

fn named_anywhere(gates: [Option<&Gate<'_>>; 2]) -> BTreeSet<Named> {
    let bindings = gates.into_iter().flatten().flat_map(|gate| gate.cluster().objects.rbac().bindings());
    bindings.flat_map(|(key, binding)| named_in(key, binding)).collect()
}

/// A user or group as a principal; of a member of a group, nothing but the group counts.
pub(super) fn principal(named: &Named) -> Option<Principal> {
    let (user, groups) = match named {
        Named::User(name) => (name.clone(), Vec::new()),
        Named::Group(name) => (String::new(), vec![name.clone()]),
        Named::ServiceAccount { .. } => return None,
    };
    Some(Principal::Stated(kube::stated(&Impersonate { user, groups, uid: String::new() })))
}

/// The user names and groups that the IAM identities of one side map to.
#[derive(Default)]
pub(super) struct Mapped {
    users: BTreeSet<String>,
    groups: BTreeSet<String>,
}

impl Mapped {
    /// Reads who the API server takes `all` for.
    pub(super) fn of(gate: Option<&Gate<'_>>, all: &[Principal]) -> Self {
        let callers = all.iter().filter(|principal| !matches!(principal, Principal::Stated(_)));
        let identities: Vec<_> = callers.filter_map(|principal| gate?.identity(principal)).collect();
        Self {
            users: set_of(identities.iter().map(|identity| identity.user.username.clone())),
            groups: set_of(identities.iter().flat_map(|identity| identity.user.groups.iter().cloned())),
        }
    }

    fn has(&self, named: &Named) -> bool {
        match named {
            Named::User(name) => self.users.contains(name),
            Named::Group(name) => self.groups.contains(name),
            Named::ServiceAccount { .. } => false,
        }
    }
}

/// The user or group that a principal stands for by its name alone; `None` for everything else.
pub(super) fn named(principal: &Principal) -> Option<Named> {
    let Principal::Stated(user) = principal else { return None };
    if user.username.is_empty() {
        return user.groups.first().cloned().map(Named::Group);
    }
    let is_account = kube::service_account(&user.username).is_some();
    (!is_account).then(|| Named::User(user.username.clone()))
}

/// Takes out of a change what an IAM identity that maps to the user or group gains or loses itself. False if nothing is left.
pub(super) fn keep_unmapped(change: &mut PrincipalChange, [before, after]: &[Mapped; 2]) -> bool {
    let Some(named) = named(&change.principal) else { return true };
    if after.has(&named) {
        change.gained.clear();
    }
    if before.has(&named) {
        change.lost.clear();
    }
    !change.gained.is_empty() || !change.lost.is_empty()
}
