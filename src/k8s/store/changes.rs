//! Two states of a store compared by object, and one state made from the other: a history keeps only what changed.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use super::ObjectStore;
use super::saved::{SavedObject, is_definition, read_key, saved_key};

impl ObjectStore {
    /// True if both stores began with the same stock objects; only then can one be made from the other.
    pub fn has_stock_of(&self, other: &Self) -> bool {
        self.stock_since == other.stock_since
    }

    /// How many writes there were.
    pub fn writes(&self) -> u64 {
        self.writes
    }

    /// The objects that only one of the stores has, or that differ, as `KIND NAMESPACE NAME`.
    pub fn differing(&self, other: &Self) -> Vec<String> {
        let same = |a: &Rc<_>, b: &Rc<_>| Rc::ptr_eq(a, b) || a == b;
        self.objects.differing(&other.objects, same).into_iter().map(saved_key).collect()
    }

    /// An object, named as [`ObjectStore::differing`] does, in the form in which it is saved.
    pub fn saved(&self, name: &str) -> Option<Value> {
        let key = read_key(name);
        let stored = self.objects.get(&key)?;
        // Sorted: the order of members is no difference.
        let value = serde_json::to_value(self.saved_object(&key, stored)).ok()?;
        Some(crate::formats::json::sort_keys(&value))
    }

    /// The store after these objects have been put in place of the present ones; `None` removes an object.
    ///
    /// # Errors
    /// An object that is not well-formed, or of an unknown kind.
    pub fn with_saved(&self, changes: BTreeMap<String, Option<Value>>, writes: u64) -> Result<Self, String> {
        let mut store = self.clone();
        let (definitions, others): (Vec<_>, Vec<_>) = changes.into_iter().partition(|(name, _)| is_definition(name));
        for (name, change) in definitions.into_iter().chain(others) {
            match change {
                Some(value) => {
                    let saved: SavedObject = serde_json::from_value(value).map_err(|error| error.to_string())?;
                    store.put_saved(&name, saved)?;
                }
                None => {
                    let key = read_key(&name);
                    if !store.drop_key(&key) {
                        return Err(format!("there is no object `{name}` to remove"));
                    }
                    if is_definition(&name) {
                        store.definitions.retain(|resource| resource.qualified() != *key.name);
                    }
                }
            }
        }
        store.writes = writes;
        Ok(store)
    }
}
