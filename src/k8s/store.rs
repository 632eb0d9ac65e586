//! The object store of one cluster.
//!
//! Invariants: every object's namespace exists; the rules and bindings that the authorizer reads ([`Rbac`]) are the
//! bodies of the objects here; each write takes the next resource version. Clones share their contents.

mod changes;
mod saved;
mod system;

use std::any::Any;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::{Value, json};

use super::bootstrap;
use super::cow_map::CowMap;
use super::discovery::{self, Resource};
use super::object::{Body, Meta, StringMap, to_json};
use super::rbac::{Binding, BindingKey, ClusterRole, Rbac, Role};
use super::releases;
use crate::formats::ordered::map_of;
use crate::formats::time::Timestamp;

pub use system::{Addition, Members};

/// Namespaces that every cluster has.
pub const STOCK_NAMESPACES: &[&str] = &["default", "kube-node-lease", "kube-public", "kube-system"];

/// What identifies an object: `plural` or `plural.group`, namespace (empty for cluster-scoped kinds), name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    kind: Rc<str>,
    namespace: Rc<str>,
    name: Rc<str>,
}

impl Key {
    fn new(resource: &Resource, namespace: &str, name: &str) -> Self {
        let namespace = if resource.namespaced { namespace } else { "" };
        Self { kind: resource.qualified().into(), namespace: namespace.into(), name: name.into() }
    }
}

/// An object at rest. The body of a role or binding is in [`Rbac`] instead.
#[derive(Debug)]
struct Stored {
    meta: Meta,
    body: Option<Body>,
    /// What was last read out of it ([`ObjectStore::read_config_map`]): an object at rest never changes.
    reading: OnceCell<Rc<dyn Any>>,
}

impl Stored {
    fn new(meta: Meta, body: Option<Body>) -> Rc<Self> {
        Rc::new(Self { meta, body, reading: OnceCell::new() })
    }
}

impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || (&self.meta, &self.body) == (&other.meta, &other.body)
    }
}

/// All objects of a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectStore {
    rbac: Rbac,
    objects: CowMap<Key, Rc<Stored>>,
    definitions: Vec<Resource>,
    /// The minor version of Kubernetes that stock objects and kinds are of.
    minor: u8,
    /// When the stock objects were made.
    stock_since: Timestamp,
    writes: u64,
    /// Of a store that was read or is to be saved: objects that its makers would make again and that were removed.
    removed: Vec<Key>,
    /// Of a store that is to be saved: objects that its reader knows.
    omitted: BTreeSet<Key>,
    /// Of a store that was read or is to be saved: nothing of what controllers made is left out.
    whole: bool,
}

impl Default for ObjectStore {
    fn default() -> Self {
        Self::stock(Timestamp(0))
    }
}

impl ObjectStore {
    /// The store of a new cluster of the usual version.
    pub fn stock(since: Timestamp) -> Self {
        Self::stock_of(releases::DEFAULT, since)
    }

    /// The store of a new cluster of Kubernetes 1.`minor`: stock roles and bindings (rbac 13), the four stock namespaces.
    pub fn stock_of(minor: u8, since: Timestamp) -> Self {
        thread_local! {
            static LAST: RefCell<Option<ObjectStore>> = const { RefCell::new(None) };
        }
        let is_it = |last: &Self| last.stock_since == since && last.minor == minor;
        let known = LAST.with_borrow(|last| last.clone()).filter(is_it);
        known.unwrap_or_else(|| {
            let made = Self::build_stock(minor, since);
            LAST.set(Some(made.clone()));
            made
        })
    }

    fn build_stock(minor: u8, since: Timestamp) -> Self {
        let mut store = Self {
            rbac: bootstrap::rbac_of(minor),
            minor,
            objects: CowMap::default(),
            definitions: Vec::new(),
            stock_since: since,
            writes: 0,
            removed: Vec::new(),
            omitted: BTreeSet::new(),
            whole: false,
        };
        let rbac = store.rbac.clone();
        store.name_stock(&rbac, since);
        for name in STOCK_NAMESPACES {
            store.add_namespace(name, StringMap::new(), StringMap::new(), since);
        }
        store
    }

    /// Roles and bindings as they came with the cluster's version.
    pub fn stock_rbac(&self) -> Rbac {
        bootstrap::rbac_of(self.minor)
    }

    /// Takes the cluster to another minor version: the server adds the stock roles and bindings that are missing, and
    /// to those there are the rules and subjects that are missing, unless they are marked to be left alone; it takes
    /// nothing away (rbac 13).
    pub fn upgrade(&mut self, minor: u8, now: Timestamp) {
        self.minor = minor;
        let stock = bootstrap::rbac_of(minor);
        let mut missing = Rbac::default();
        for (name, role, labels) in stock.cluster_roles() {
            match self.rbac.cluster_role(name).cloned() {
                None => drop(missing.insert_cluster_role(name, (**labels).clone(), (**role).clone())),
                Some(there) if self.is_kept_up("clusterroles", "", name) && there.selectors().is_empty() => {
                    let mut rules = there.rules.clone();
                    rules.extend(role.rules.iter().filter(|rule| !there.rules.contains(rule)).cloned());
                    if rules.len() > there.rules.len() {
                        let labels =
                            self.rbac.cluster_role_labels(name).map_or_else(Default::default, |l| (**l).clone());
                        self.rbac.insert_cluster_role(name, labels, ClusterRole { rules, ..(*there).clone() });
                    }
                }
                Some(_) => {}
            }
        }
        for (namespace, name, role) in stock.roles() {
            match self.rbac.role(namespace, name).cloned() {
                None => drop(missing.insert_role(namespace, name, (**role).clone())),
                Some(there) if self.is_kept_up("roles", namespace, name) => {
                    let mut rules = there.rules.clone();
                    rules.extend(role.rules.iter().filter(|rule| !there.rules.contains(rule)).cloned());
                    self.rbac.insert_role(namespace, name, Role { rules });
                }
                Some(_) => {}
            }
        }
        for (key, binding) in stock.bindings() {
            let (plural, namespace) =
                key.namespace.as_deref().map_or(("clusterrolebindings", ""), |ns| ("rolebindings", ns));
            match self.rbac.binding(key).cloned() {
                None => drop(missing.insert_binding(key.clone(), (**binding).clone())),
                Some(there) if self.is_kept_up(plural, namespace, &key.name) && there.role_ref == binding.role_ref => {
                    let mut subjects = there.subjects.clone();
                    subjects.extend(binding.subjects.iter().filter(|s| !there.subjects.contains(s)).cloned());
                    self.rbac.insert_binding(key.clone(), Binding { subjects, ..(*there).clone() });
                }
                Some(_) => {}
            }
        }
        for (name, role, labels) in missing.cluster_roles() {
            self.rbac.insert_cluster_role(name, (**labels).clone(), (**role).clone());
        }
        for (namespace, name, role) in missing.roles() {
            self.rbac.insert_role(namespace, name, (**role).clone());
        }
        for (key, binding) in missing.bindings() {
            self.rbac.insert_binding(key.clone(), (**binding).clone());
        }
        self.name_stock(&missing, now);
    }

    /// Whether the server may repair a stock object at its start.
    fn is_kept_up(&self, plural: &str, namespace: &str, name: &str) -> bool {
        let resource = discovery::find(super::rbac::API_GROUP, plural);
        let found = resource.and_then(|resource| self.objects.get(&Key::new(&resource, namespace, name)));
        let (key, value) = bootstrap::ANNOTATION;
        found.is_some_and(|stored| stored.meta.annotations.get(key).is_some_and(|own| own == value))
    }

    /// Gives the objects of stock roles and bindings their metadata.
    fn name_stock(&mut self, rbac: &Rbac, since: Timestamp) {
        let label = || map_of([(bootstrap::LABEL.0.to_owned(), bootstrap::LABEL.1.to_owned())]);
        let mut add = |plural: &str, namespace: &str, name: &str, labels: StringMap| {
            let Some(resource) = discovery::find(super::rbac::API_GROUP, plural) else { return };
            let (key, value) = bootstrap::ANNOTATION;
            let annotations = map_of([(key.to_owned(), value.to_owned())]);
            let (name, namespace) = (name.to_owned(), namespace.to_owned());
            self.put(&resource, Meta { name, namespace, labels, annotations, ..Meta::default() }, None, since);
        };
        for (name, _, labels) in rbac.cluster_roles() {
            add("clusterroles", "", name, (**labels).clone());
        }
        for (namespace, name, _) in rbac.roles() {
            add("roles", namespace, name, label());
        }
        for (key, _) in rbac.bindings() {
            match &key.namespace {
                None => add("clusterrolebindings", "", &key.name, label()),
                Some(namespace) => add("rolebindings", namespace, &key.name, label()),
            }
        }
    }

    /// What the authorizer reads.
    pub fn rbac(&self) -> &Rbac {
        &self.rbac
    }

    /// All kinds served, in discovery order: built-in ones, then those of custom resource definitions.
    pub fn resources(&self) -> Vec<Resource> {
        let mut all = discovery::built_in_of(self.minor);
        all.extend(self.definitions.iter().cloned());
        all
    }

    /// The minor version of Kubernetes whose stock objects and kinds are here.
    pub fn minor(&self) -> u8 {
        self.minor
    }

    /// The kind with this group and plural name.
    pub fn resource(&self, group: &str, plural: &str) -> Option<Resource> {
        let custom = || self.definitions.iter().find(|r| r.group == group && r.plural == plural).cloned();
        discovery::find(group, plural).filter(|found| discovery::is_served(found, self.minor)).or_else(custom)
    }

    /// True if the namespace exists.
    pub fn has_namespace(&self, name: &str) -> bool {
        let at = |key: &Key| (&*key.kind, &*key.namespace, &*key.name).cmp(&("namespaces", "", name));
        self.objects.find(at).is_some()
    }

    /// Names of all namespaces, in order.
    pub fn namespaces(&self) -> Vec<String> {
        self.of_kind("namespaces").map(|(key, _)| key.name.to_string()).collect()
    }

    /// The `data` of a ConfigMap; `None` if there is no such object.
    pub fn config_map(&self, namespace: &str, name: &str) -> Option<StringMap> {
        texts(self.stored_config_map(namespace, name)?)
    }

    /// What `read` makes of the `data` of a ConfigMap; `None` if there is no such object.
    /// It is kept until the object is written again, so `read` must depend on nothing else.
    pub fn read_config_map<T: 'static>(
        &self,
        namespace: &str,
        name: &str,
        read: impl FnOnce(&StringMap) -> T,
    ) -> Option<Rc<T>> {
        let stored = self.stored_config_map(namespace, name)?;
        if let Some(known) = stored.reading.get().and_then(|known| Rc::clone(known).downcast().ok()) {
            return Some(known);
        }
        let made = Rc::new(read(&texts(stored)?));
        // Taken already only if something else was read before.
        let _ = stored.reading.set(Rc::<T>::clone(&made));
        Some(made)
    }

    fn stored_config_map(&self, namespace: &str, name: &str) -> Option<&Stored> {
        let at = |key: &Key| (&*key.kind, &*key.namespace, &*key.name).cmp(&("configmaps", namespace, name));
        self.objects.find(at).map(Rc::as_ref)
    }

    fn of_kind<'a, 'k>(&'a self, kind: &'k str) -> impl Iterator<Item = (&'a Key, &'a Rc<Stored>)> + use<'a, 'k> {
        self.objects.cursor(|key| &*key.kind < kind).take_while(move |(key, _)| &*key.kind == kind)
    }

    fn body(&self, key: &Key, stored: &Stored) -> Body {
        if let Some(body) = &stored.body {
            return body.clone();
        }
        let empty = || Body::Json(serde_json::Map::new());
        match &*key.kind {
            "clusterroles.rbac.authorization.k8s.io" => {
                self.rbac.cluster_role(&key.name).map_or_else(empty, |role| Body::ClusterRole((**role).clone()))
            }
            "roles.rbac.authorization.k8s.io" => {
                self.rbac.role(&key.namespace, &key.name).map_or_else(empty, |role| Body::Role((**role).clone()))
            }
            _ => {
                let binding = self.rbac.binding(&binding_key(key));
                binding.map_or_else(empty, |binding| Body::Binding((**binding).clone()))
            }
        }
    }

    /// Metadata and body of an object.
    pub fn find(&self, resource: &Resource, namespace: &str, name: &str) -> Option<(Meta, Body)> {
        let key = Key::new(resource, namespace, name);
        let stored = self.objects.get(&key)?;
        Some((stored.meta.clone(), self.body(&key, stored)))
    }

    /// The whole object as the API shows it.
    pub fn get(&self, resource: &Resource, namespace: &str, name: &str) -> Option<Value> {
        let (meta, body) = self.find(resource, namespace, name)?;
        Some(to_json(resource, &meta, body.to_json()))
    }

    /// Namespaces (empty for cluster-scoped kinds) and names of the objects of a kind, in one namespace or (`None`)
    /// in all.
    pub fn names(&self, resource: &Resource, namespace: Option<&str>) -> Vec<(&str, &str)> {
        let kind = resource.qualified();
        let all = self.of_kind(&kind).map(|(key, _)| (&*key.namespace, &*key.name));
        all.filter(|(place, _)| namespace.is_none_or(|ns| !resource.namespaced || *place == ns)).collect()
    }

    /// All objects of a kind, in one namespace or (`None`) in all, by namespace and name.
    pub fn list(&self, resource: &Resource, namespace: Option<&str>) -> Vec<Value> {
        let kind = resource.qualified();
        let all = self.of_kind(&kind);
        let wanted = all.filter(|(key, _)| namespace.is_none_or(|ns| !resource.namespaced || &*key.namespace == ns));
        wanted.map(|(key, stored)| to_json(resource, &stored.meta, self.body(key, stored).to_json())).collect()
    }

    /// Stores a new object and gives it as stored. The caller has checked that the name is free.
    pub fn create(&mut self, resource: &Resource, meta: Meta, body: Body, now: Timestamp) -> Value {
        let (namespace, name) = (meta.namespace.clone(), meta.name.clone());
        if resource.qualified() == "namespaces" {
            self.add_namespace(&name, meta.labels, meta.annotations, now);
        } else {
            self.put(resource, meta, Some(body), now);
        }
        self.get(resource, &namespace, &name).unwrap_or_default()
    }

    /// Replaces an object and gives it as stored. Nothing is written if nothing changes.
    pub fn replace(&mut self, resource: &Resource, meta: Meta, body: Body) -> Value {
        let (namespace, name) = (meta.namespace.clone(), meta.name.clone());
        let key = Key::new(resource, &namespace, &name);
        if let Some(old) = self.objects.get(&key).cloned() {
            let kept = Meta {
                uid: old.meta.uid,
                resource_version: old.meta.resource_version,
                created: old.meta.created,
                ..meta.clone()
            };
            if kept != old.meta || self.body(&key, &old) != body {
                self.writes += 1;
                let meta = Meta { resource_version: 1000 + self.writes, ..kept };
                self.store(resource, key, meta, Some(body));
            }
        }
        self.get(resource, &namespace, &name).unwrap_or_default()
    }

    /// Deletes an object; a namespace goes with everything in it. False if there is no such object.
    pub fn remove(&mut self, resource: &Resource, namespace: &str, name: &str) -> bool {
        let key = Key::new(resource, namespace, name);
        if !self.drop_key(&key) {
            return false;
        }
        self.writes += 1;
        if &*key.kind == "namespaces" {
            let inside: Vec<Key> =
                self.objects.iter().map(|(key, _)| key).filter(|key| &*key.namespace == name).cloned().collect();
            for key in &inside {
                self.drop_key(key);
            }
        }
        if &*key.kind == "customresourcedefinitions.apiextensions.k8s.io" {
            let gone: Vec<Resource> = self.definitions.iter().filter(|r| r.qualified() == name).cloned().collect();
            self.definitions.retain(|r| r.qualified() != name);
            for resource in gone {
                let kind = resource.qualified();
                let objects: Vec<Key> = self.of_kind(&kind).map(|(key, _)| key.clone()).collect();
                for key in &objects {
                    self.drop_key(key);
                }
            }
        }
        true
    }

    fn drop_key(&mut self, key: &Key) -> bool {
        match &*key.kind {
            "clusterroles.rbac.authorization.k8s.io" => drop(self.rbac.remove_cluster_role(&key.name)),
            "roles.rbac.authorization.k8s.io" => drop(self.rbac.remove_role(&key.namespace, &key.name)),
            "clusterrolebindings.rbac.authorization.k8s.io" | "rolebindings.rbac.authorization.k8s.io" => {
                drop(self.rbac.remove_binding(&binding_key(key)));
            }
            _ => {}
        }
        self.objects.remove(key).is_some()
    }

    fn put(&mut self, resource: &Resource, meta: Meta, body: Option<Body>, now: Timestamp) {
        self.writes += 1;
        let key = Key::new(resource, &meta.namespace, &meta.name);
        let meta = Meta { uid: self.writes, resource_version: 1000 + self.writes, created: now, ..meta };
        self.store(resource, key, meta, body);
    }

    /// Puts an object in place. No body: that of a role or binding that [`Rbac`] has already.
    fn store(&mut self, resource: &Resource, key: Key, meta: Meta, body: Option<Body>) {
        let kept = match body {
            None => None,
            Some(Body::Role(role)) => {
                self.rbac.insert_role(&key.namespace, &key.name, role);
                None
            }
            Some(Body::ClusterRole(role)) => {
                self.rbac.insert_cluster_role(&key.name, meta.labels.clone(), role);
                None
            }
            Some(Body::Binding(binding)) => {
                self.rbac.insert_binding(binding_key(&key), binding);
                None
            }
            Some(Body::Json(members)) => Some(Body::Json(members)),
        };
        if resource.qualified() == "customresourcedefinitions.apiextensions.k8s.io" {
            let object = Value::Object(kept.as_ref().map(Body::to_json).unwrap_or_default());
            let name = meta.name.clone();
            self.definitions.retain(|r| r.qualified() != name);
            self.definitions.extend(discovery::from_definition(&object));
            // In the order in which a saved store is read, whatever the order in which they were made.
            self.definitions.sort_by_key(Resource::qualified);
        }
        self.objects.insert(key, Stored::new(meta, kept));
    }

    /// A namespace with what its controllers put into it: the service account `default` and the root certificate.
    fn add_namespace(&mut self, name: &str, labels: StringMap, annotations: StringMap, now: Timestamp) {
        let mut labels = labels;
        labels.insert("kubernetes.io/metadata.name".into(), name.into());
        let inside = |object: &str| Meta { name: object.into(), namespace: name.into(), ..Meta::default() };
        let namespace = Meta { name: name.into(), labels, annotations, ..Meta::default() };
        let spec = json!({"spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}});
        let certificate = json!({"data": {"ca.crt": "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n"}});
        let contents = [
            ("namespaces", namespace, spec),
            ("serviceaccounts", inside("default"), json!({})),
            ("configmaps", inside("kube-root-ca.crt"), certificate),
        ];
        for (plural, meta, body) in contents {
            if let (Some(resource), Value::Object(members)) = (discovery::find("", plural), body) {
                self.put(&resource, meta, Some(Body::Json(members)), now);
            }
        }
    }

    /// Sets when an object was made; for building worlds from recorded states.
    pub fn set_created(&mut self, resource: &Resource, namespace: &str, name: &str, created: Timestamp) {
        let key = Key::new(resource, namespace, name);
        if let Some(stored) = self.objects.get(&key) {
            let stored = Stored::new(Meta { created, ..stored.meta.clone() }, stored.body.clone());
            self.objects.insert(key, stored);
        }
    }
}

/// The `data` of a ConfigMap.
fn texts(stored: &Stored) -> Option<StringMap> {
    let Some(Body::Json(members)) = &stored.body else { return None };
    let data = members.get("data").and_then(Value::as_object).into_iter().flatten();
    Some(data.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect())
}

fn binding_key(key: &Key) -> BindingKey {
    let namespace = Some(&key.namespace).filter(|namespace| !namespace.is_empty()).map(Rc::clone);
    BindingKey { namespace, name: Rc::clone(&key.name) }
}
