//! The store of roles and bindings, with its index by subject.

use std::cmp::Ordering;
use std::collections::binary_heap::PeekMut;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::rc::Rc;

use super::{Binding, ClusterRole, Role, Subject};
use crate::formats::ordered::set_of;
use crate::k8s::cow_map::{CowMap, Cursor, Numbered};
use crate::k8s::{aggregation, bootstrap};

/// The labels of an object.
pub type Labels = BTreeMap<String, String>;

/// What identifies a binding. Sorts cluster role bindings first, then by namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BindingKey {
    /// The namespace of a RoleBinding; none for a ClusterRoleBinding.
    pub namespace: Option<Rc<str>>,
    /// The name.
    pub name: Rc<str>,
}

impl BindingKey {
    /// The key of a ClusterRoleBinding.
    pub fn cluster(name: &str) -> Self {
        Self { namespace: None, name: name.into() }
    }

    /// The key of a RoleBinding.
    pub fn namespaced(namespace: &str, name: &str) -> Self {
        Self { namespace: Some(namespace.into()), name: name.into() }
    }

    /// `ClusterRoleBinding` or `RoleBinding`.
    pub fn kind(&self) -> &'static str {
        if self.namespace.is_some() { "RoleBinding" } else { "ClusterRoleBinding" }
    }
}

/// The roles and bindings of one cluster. Clones share their contents; a change after a clone costs O(√n).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rbac {
    cluster_roles: CowMap<Rc<str>, Labelled>,
    /// The names of the cluster roles with selectors, so that a change need not look for them.
    aggregating: CowMap<Rc<str>, ()>,
    /// The cluster roles by number ([`hash`]) and name: what decisions look them up in.
    by_number: CowMap<(u64, Rc<str>), Rc<ClusterRole>>,
    roles: CowMap<(Rc<str>, Rc<str>), Rc<Role>>,
    bindings: CowMap<BindingKey, Rc<Binding>>,
    by_subject: CowMap<IndexKey, Rc<Binding>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Labelled {
    role: Rc<ClusterRole>,
    labels: Rc<Labels>,
}

/// An entry of the index: somebody, as a number, and a binding that names them.
/// The index may hold two names under one number, so whoever reads it compares the subjects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct IndexKey {
    who: u64,
    binding: BindingKey,
}

/// The number under which the index has the bindings that name a user or a group, in whatever letter case: who nearly
/// names somebody is found as well. A service account is looked up by its user name, which is all that a subject is
/// compared with (rbac 3).
pub(in crate::k8s) fn who_number(name: &str) -> u64 {
    hash(1, name)
}

/// The number under which the index has the bindings that name a service account of this name in any namespace.
pub(in crate::k8s) fn account_number(name: &str) -> u64 {
    hash(2, name)
}

/// The numbers of whom `subject` means in a binding of `namespace`; none if it can match nobody.
fn numbers_of(subject: &Subject, namespace: Option<&str>) -> [Option<u64>; 2] {
    match subject.kind.as_str() {
        "User" | "Group" => [Some(who_number(&subject.name)), None],
        "ServiceAccount" => {
            let user = |home| who_number(&format!("system:serviceaccount:{home}:{}", subject.name));
            [service_account_namespace(subject, namespace).map(user), Some(account_number(&subject.name))]
        }
        _ => [None, None],
    }
}

/// A number for `text` in whatever letter case, its bits well mixed. (The bit that tells the cases apart is set in all
/// bytes, so a few signs count as others, which is no harm.) Numbers are compared much faster than names, of
/// which many begin alike.
fn hash(seed: u64, text: &str) -> u64 {
    let mix = |hash: u64, word: u64| {
        let product = (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        product ^ (product >> 29)
    };
    let bytes = text.as_bytes();
    let (words, rest) = bytes.as_chunks::<8>();
    let word = |word: &[u8; 8]| u64::from_le_bytes(*word) | 0x2020_2020_2020_2020;
    let hash = words.iter().fold(seed, |hash, bytes| mix(hash, word(bytes)));
    // The last word overlaps the one before; a text that is shorter than a word is filled up.
    let rest = match bytes.last_chunk::<8>() {
        Some(last) => word(last),
        None => rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte | 0x20)),
    };
    mix(mix(hash, rest), u64::try_from(bytes.len()).unwrap_or_default())
}

/// The namespace of a service account subject: its own, else that of the binding.
pub(in crate::k8s) fn service_account_namespace<'a>(subject: &'a Subject, binding: Option<&'a str>) -> Option<&'a str> {
    if subject.namespace.is_empty() { binding.filter(|ns| !ns.is_empty()) } else { Some(&subject.namespace) }
}

impl Rbac {
    /// The roles and bindings that every cluster starts with (rbac 13).
    pub fn bootstrap() -> Self {
        bootstrap::rbac()
    }

    /// The cluster role `name`, its aggregated rules included.
    pub fn cluster_role(&self, name: &str) -> Option<&Rc<ClusterRole>> {
        let number = hash(0, name);
        let mut same = self.by_number.cursor_at(number).take_while(|((n, _), _)| *n == number);
        same.find(|((_, k), _)| **k == *name).map(|(_, role)| role)
    }

    /// The labels of the cluster role `name`.
    pub fn cluster_role_labels(&self, name: &str) -> Option<&Rc<Labels>> {
        self.cluster_roles.find(|k| (**k).cmp(name)).map(|entry| &entry.labels)
    }

    /// All cluster roles by name.
    pub fn cluster_roles(&self) -> impl Iterator<Item = (&Rc<str>, &Rc<ClusterRole>, &Rc<Labels>)> {
        self.cluster_roles.iter().map(|(name, entry)| (name, &entry.role, &entry.labels))
    }

    /// The names of the cluster roles that aggregate others, in order.
    pub fn aggregating(&self) -> impl Iterator<Item = &Rc<str>> {
        self.aggregating.iter().map(|(name, ())| name)
    }

    /// Creates or replaces a cluster role and lets aggregation settle (rbac 8).
    /// Gives the names of the roles whose rules aggregation changed, possibly this one.
    pub fn insert_cluster_role(&mut self, name: &str, labels: Labels, role: ClusterRole) -> BTreeSet<Rc<str>> {
        self.insert_cluster_roles([(name.into(), labels, role)])
    }

    /// Creates or replaces several cluster roles and lets aggregation settle once.
    /// Gives the names of the roles whose rules aggregation changed.
    pub fn insert_cluster_roles(
        &mut self,
        roles: impl IntoIterator<Item = (Rc<str>, Labels, ClusterRole)>,
    ) -> BTreeSet<Rc<str>> {
        let (mut changed_labels, mut dirty) = (Vec::new(), BTreeSet::new());
        for (name, labels, role) in roles {
            if role.selectors().is_empty() {
                self.aggregating.remove(&name);
            } else {
                self.aggregating.insert(Rc::clone(&name), ());
                dirty.insert(Rc::clone(&name));
            }
            let labels = Rc::new(labels);
            changed_labels.push(Rc::clone(&labels));
            let role = Rc::new(role);
            self.by_number.insert((hash(0, &name), Rc::clone(&name)), Rc::clone(&role));
            let old = self.cluster_roles.insert(name, Labelled { role, labels });
            changed_labels.extend(old.map(|old| old.labels));
        }
        aggregation::settle(self, &changed_labels, dirty)
    }

    /// Deletes a cluster role and lets aggregation settle.
    /// Gives the role, and the names of the roles whose rules aggregation changed; none if there is no such role.
    pub fn remove_cluster_role(&mut self, name: &str) -> Option<(Rc<ClusterRole>, BTreeSet<Rc<str>>)> {
        let name = Rc::from(name);
        let old = self.cluster_roles.remove(&name)?;
        self.by_number.remove(&(hash(0, &name), Rc::clone(&name)));
        self.aggregating.remove(&name);
        Some((old.role, aggregation::settle(self, &[old.labels], BTreeSet::new())))
    }

    /// Sets the rules of an aggregating role, without further consequences.
    pub(in crate::k8s) fn set_rules(&mut self, name: &Rc<str>, role: ClusterRole) {
        if let Some(entry) = self.cluster_roles.get(name) {
            let entry = Labelled { role: Rc::new(role), labels: Rc::clone(&entry.labels) };
            self.by_number.insert((hash(0, name), Rc::clone(name)), Rc::clone(&entry.role));
            self.cluster_roles.insert(Rc::clone(name), entry);
        }
    }

    /// The role `name` of `namespace`.
    pub fn role(&self, namespace: &str, name: &str) -> Option<&Rc<Role>> {
        self.roles.find(|(ns, n)| (&**ns, &**n).cmp(&(namespace, name)))
    }

    /// All roles by namespace and name.
    pub fn roles(&self) -> impl Iterator<Item = (&str, &str, &Rc<Role>)> {
        self.roles.iter().map(|((namespace, name), role)| (&**namespace, &**name, role))
    }

    /// Creates or replaces a role; gives the one before.
    pub fn insert_role(&mut self, namespace: &str, name: &str, role: Role) -> Option<Rc<Role>> {
        self.roles.insert((namespace.into(), name.into()), Rc::new(role))
    }

    /// Deletes a role.
    pub fn remove_role(&mut self, namespace: &str, name: &str) -> Option<Rc<Role>> {
        self.roles.remove(&(namespace.into(), name.into()))
    }

    /// The binding of that key.
    pub fn binding(&self, key: &BindingKey) -> Option<&Rc<Binding>> {
        self.bindings.get(key)
    }

    /// All bindings: cluster role bindings by name, then role bindings by namespace and name.
    pub fn bindings(&self) -> impl Iterator<Item = (&BindingKey, &Rc<Binding>)> {
        self.bindings.iter()
    }

    /// The RoleBindings of a namespace, or the ClusterRoleBindings, by name.
    pub fn bindings_in<'a>(
        &'a self,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = (&'a BindingKey, &'a Rc<Binding>)> + use<'a> {
        let from = self.bindings.cursor(|key| key.namespace.as_deref() < namespace);
        from.take_while(move |(key, _)| key.namespace.as_deref() == namespace)
    }

    /// Creates or replaces a binding; gives the one before.
    pub fn insert_binding(&mut self, key: BindingKey, binding: Binding) -> Option<Rc<Binding>> {
        let binding = Rc::new(binding);
        let old = self.remove_binding(&key);
        for index_key in index_keys(&key, &binding) {
            self.by_subject.insert(index_key, Rc::clone(&binding));
        }
        self.bindings.insert(key, binding);
        old
    }

    /// Deletes a binding.
    pub fn remove_binding(&mut self, key: &BindingKey) -> Option<Rc<Binding>> {
        let old = self.bindings.remove(key)?;
        for index_key in index_keys(key, &old) {
            self.by_subject.remove(&index_key);
        }
        Some(old)
    }

    /// Looks up the bindings that name any of `who` ([`who_number`]).
    pub(in crate::k8s) fn naming(&self, who: impl IntoIterator<Item = u64>) -> Named<'_> {
        let who = who.into_iter();
        let mut lists = Vec::with_capacity(who.size_hint().0);
        lists.extend(who.filter_map(|who| {
            let list = self.by_subject.cursor_at(who);
            list.get().is_some_and(|(key, _)| key.who == who).then_some(list)
        }));
        Named { lists }
    }

    /// All RoleBindings, in any namespace, that name `who`, and perhaps others: by namespace and name.
    pub(in crate::k8s) fn role_bindings_naming(
        &self,
        who: u64,
    ) -> impl Iterator<Item = (&BindingKey, &Rc<Binding>)> + use<'_> {
        let mut list = self.by_subject.cursor_at(who);
        list.seek(|key| (key.who, key.binding.namespace.is_some()) < (who, true));
        list.take_while(move |(key, _)| key.who == who).map(|(key, binding)| (&key.binding, binding))
    }
}

type IndexCursor<'a> = Cursor<'a, IndexKey, Rc<Binding>>;

/// The bindings that name somebody.
pub(in crate::k8s) struct Named<'a> {
    /// Where those of each number begin that has any: the cluster-wide ones, then by namespace.
    lists: Vec<IndexCursor<'a>>,
}

impl<'a> Named<'a> {
    /// Those of a namespace, or the cluster-wide ones: by name, each once.
    /// Others may be among them, so the subjects are still to be compared.
    pub(in crate::k8s) fn in_scope(
        &self,
        namespace: Option<&str>,
    ) -> impl Iterator<Item = (&'a BindingKey, &'a Rc<Binding>)> + use<'a> {
        let heads = self.lists.iter().filter_map(|list| {
            let (mut list, who) = (*list, list.get()?.0.who);
            list.seek(|key| key.who == who && key.binding.namespace.as_deref() < namespace);
            let (key, binding) = list.next()?;
            let is_meant = key.who == who && key.binding.namespace.as_deref() == namespace;
            is_meant.then_some(Head { key, binding, rest: list })
        });
        // The next binding of each list that has one: what comes first is given out, and its list moves on.
        let mut heads: BinaryHeap<Head<'a>> = heads.collect::<Vec<_>>().into();
        let mut last: Option<&Rc<Binding>> = None;
        std::iter::from_fn(move || {
            loop {
                let mut head = heads.peek_mut()?;
                let (key, binding) = (head.key, head.binding);
                match head.rest.next() {
                    Some((next, binding)) if next.is_beside(key) => (head.key, head.binding) = (next, binding),
                    _ => drop(PeekMut::pop(head)),
                }
                if !last.is_some_and(|last| Rc::ptr_eq(last, binding)) {
                    last = Some(binding);
                    return Some((&key.binding, binding));
                }
            }
        })
    }
}

impl IndexKey {
    /// Whether both stand for the same person or group in the same scope.
    fn is_beside(&self, other: &Self) -> bool {
        self.who == other.who && self.binding.namespace == other.binding.namespace
    }
}

impl Numbered for IndexKey {
    fn number(&self) -> u64 {
        self.who
    }
}

impl Numbered for (u64, Rc<str>) {
    fn number(&self) -> u64 {
        self.0
    }
}

/// The first of a list of bindings of one scope, and where the others are. Sorts the least name highest, as a heap
/// wants it.
struct Head<'a> {
    key: &'a IndexKey,
    binding: &'a Rc<Binding>,
    rest: IndexCursor<'a>,
}

impl Ord for Head<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key.binding.name.cmp(&self.key.binding.name)
    }
}

impl PartialOrd for Head<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Head<'_> {}

fn index_keys(key: &BindingKey, binding: &Binding) -> BTreeSet<IndexKey> {
    let who = binding.subjects.iter().flat_map(|subject| numbers_of(subject, key.namespace.as_deref())).flatten();
    set_of(who.map(|who| IndexKey { who, binding: key.clone() }))
}
