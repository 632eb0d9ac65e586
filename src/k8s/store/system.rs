//! Writes of the control plane: objects that controllers make and states that they report.
//! They count no write, so that an object keeps its version while only its state changes.

use super::{Body, Key, Meta, ObjectStore, Resource, Stored};

/// The members of an object besides its metadata.
pub type Members = serde_json::Map<String, serde_json::Value>;
/// An object that a cluster has from its beginning.
pub type Addition = (Resource, Meta, Body);

impl ObjectStore {
    /// When the cluster's stock objects were made.
    pub fn since(&self) -> crate::formats::time::Timestamp {
        self.stock_since
    }

    /// Metadata and members of the objects of a kind (`deployments.apps`), by namespace and name; RBAC kinds have none.
    pub fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a Meta, &'a Members)> + use<'a> {
        self.of_kind(kind).filter_map(|(_, stored)| stored.members())
    }

    /// Metadata and members of one object.
    pub fn one(&self, kind: &str, namespace: &str, name: &str) -> Option<(&Meta, &Members)> {
        self.stored(kind, namespace, name)?.members()
    }

    /// True if there is such an object.
    pub fn has(&self, kind: &str, namespace: &str, name: &str) -> bool {
        self.stored(kind, namespace, name).is_some()
    }

    fn stored(&self, kind: &str, namespace: &str, name: &str) -> Option<&Stored> {
        let at = |key: &Key| (&*key.kind, &*key.namespace, &*key.name).cmp(&(kind, namespace, name));
        self.objects.find(at).map(AsRef::as_ref)
    }

    /// Kind, namespace and metadata of every object that names an owner.
    pub fn owned(&self) -> impl Iterator<Item = (&str, &Meta)> {
        let all = self.objects.iter().map(|(key, stored)| (&*key.kind, &stored.meta));
        all.filter(|(_, meta)| meta.other.contains_key("ownerReferences"))
    }

    /// Puts an object in place exactly as given, uid, version and time included.
    pub fn set(&mut self, kind: &str, meta: Meta, members: Members) {
        let key = system_key(kind, &meta.namespace, &meta.name);
        self.objects.insert(key, Stored::new(meta, Some(Body::Json(members))));
    }

    /// Puts an object of any kind in place exactly as given.
    pub fn set_body(&mut self, resource: &Resource, meta: Meta, body: Body) {
        let key = Key::new(resource, &meta.namespace, &meta.name);
        self.store(resource, key, meta, Some(body));
    }

    /// Removes an object, and nothing with it.
    pub fn discard(&mut self, kind: &str, namespace: &str, name: &str) {
        self.drop_key(&system_key(kind, namespace, name));
    }

    /// Remembers that an object was removed which its maker would make again.
    pub fn remember_removed(&mut self, kind: &str, namespace: &str, name: &str) {
        self.removed.push(system_key(kind, namespace, name));
    }

    /// Says that nothing is left out of this store which its makers would make again.
    pub fn mark_whole(&mut self) {
        self.whole = true;
    }

    /// True if nothing was left out when the store was saved; forgets it.
    pub fn take_whole(&mut self) -> bool {
        std::mem::take(&mut self.whole)
    }

    /// Leaves objects out of what is saved that are just as given; those that are missing are remembered as removed.
    pub fn omit(&mut self, additions: &[Addition]) {
        for (resource, meta, body) in additions {
            let key = Key::new(resource, &meta.namespace, &meta.name);
            match self.objects.get(&key) {
                None => self.removed.push(key),
                Some(stored) if stored.meta == *meta && self.body(&key, stored) == *body => {
                    self.omitted.insert(key);
                }
                Some(_) => {}
            }
        }
    }

    /// Adds the objects that are neither here nor remembered as removed.
    pub fn add_missing(&mut self, additions: &[Addition]) {
        for (resource, meta, body) in additions {
            let key = Key::new(resource, &meta.namespace, &meta.name);
            if self.objects.get(&key).is_none() && !self.removed.contains(&key) {
                self.store(resource, key, meta.clone(), Some(body.clone()));
            }
        }
    }

    /// Removes again what was removed before the world was saved, and forgets that it was.
    pub fn remove_remembered(&mut self) {
        for key in std::mem::take(&mut self.removed) {
            self.drop_key(&key);
        }
        self.omitted.clear();
    }
}

fn system_key(kind: &str, namespace: &str, name: &str) -> Key {
    Key { kind: kind.into(), namespace: namespace.into(), name: name.into() }
}

impl Stored {
    fn members(&self) -> Option<(&Meta, &Members)> {
        match &self.body {
            Some(Body::Json(members)) => Some((&self.meta, members)),
            _ => None,
        }
    }
}
