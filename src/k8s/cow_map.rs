//! An ordered map whose clones share their contents.
//!
//! A world is kept whole before every change so that the change can be undone.
//! A plain `Rc<BTreeMap>` would then be copied entirely by the next insertion;
//! here the entries lie in sorted chunks, each shared on its own,
//! so that a clone costs one counter and a change after it copies one chunk and the list of chunks: O(√n).

use std::cmp::Ordering;
use std::rc::Rc;

/// The most entries a chunk holds.
const CHUNK: usize = 256;

/// Entries in order, and the key of the last of them: the search for a chunk then reads this list alone.
#[derive(Clone, Debug)]
struct Chunk<K, V> {
    last: K,
    entries: Rc<Vec<(K, V)>>,
}

/// A sorted map with cheap clones. No chunk is ever empty.
#[derive(Debug)]
pub struct CowMap<K, V> {
    chunks: Rc<Vec<Chunk<K, V>>>,
    len: usize,
}

impl<K, V> Clone for CowMap<K, V> {
    fn clone(&self) -> Self {
        Self { chunks: Rc::clone(&self.chunks), len: self.len }
    }
}

impl<K, V> Default for CowMap<K, V> {
    fn default() -> Self {
        Self { chunks: Rc::new(Vec::new()), len: 0 }
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for CowMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        if self.len != other.len {
            return false;
        }
        if Rc::ptr_eq(&self.chunks, &other.chunks) {
            return true;
        }
        // Chunks that both share at the beginning and at the end need no look.
        let (one, two) = (self.chunks.as_slice(), other.chunks.as_slice());
        let shared = |(a, b): &(&Chunk<K, V>, &Chunk<K, V>)| Rc::ptr_eq(&a.entries, &b.entries);
        let head = one.iter().zip(two).take_while(shared).count();
        let (one, two) = (one.get(head..).unwrap_or_default(), two.get(head..).unwrap_or_default());
        let tail = one.iter().rev().zip(two.iter().rev()).take_while(shared).count();
        let middle = |chunks: &'_ [Chunk<K, V>]| chunks.len() - tail;
        let one = one.iter().take(middle(one)).flat_map(|chunk| chunk.entries.iter());
        one.eq(two.iter().take(middle(two)).flat_map(|chunk| chunk.entries.iter()))
    }
}

impl<K, V> CowMap<K, V> {
    /// The number of entries.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All entries in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.chunks.iter().flat_map(|chunk| chunk.entries.iter()).map(|(k, v)| (k, v))
    }

    /// The entries from the first key on that `before` does not hold for.
    /// `before` must hold for a prefix of the keys only.
    pub fn iter_from<F: Fn(&K) -> bool>(&self, before: F) -> impl Iterator<Item = (&K, &V)> + use<'_, K, V, F> {
        let (chunk, at) = self.position(before);
        let chunks = self.chunks.get(chunk..).unwrap_or_default();
        let (first, rest) =
            chunks.split_first().map_or((&[][..], &[][..]), |(first, rest)| (first.entries.as_slice(), rest));
        let first = first.get(at..).unwrap_or_default();
        first.iter().chain(rest.iter().flat_map(|chunk| chunk.entries.iter())).map(|(k, v)| (k, v))
    }

    /// The value whose key `order` calls equal; `order` compares a key of the map with the wanted one.
    pub fn find(&self, order: impl Fn(&K) -> Ordering) -> Option<&V> {
        let (chunk, at) = self.position(|k| order(k) == Ordering::Less);
        let (key, value) = self.chunks.get(chunk)?.entries.get(at)?;
        (order(key) == Ordering::Equal).then_some(value)
    }

    /// Chunk and place in it of the first key that `before` does not hold for.
    fn position(&self, before: impl Fn(&K) -> bool) -> (usize, usize) {
        let chunk = self.chunks.partition_point(|chunk| before(&chunk.last));
        let at = self.chunks.get(chunk).map_or(0, |chunk| chunk.entries.partition_point(|(k, _)| before(k)));
        (chunk, at)
    }
}

impl<K: Ord + Clone, V: Clone> CowMap<K, V> {
    /// The value of `key`.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.find(|k| k.cmp(key))
    }

    /// Puts `value` at `key` and gives back what was there.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let (mut index, mut at) = self.position(|k| *k < key);
        let chunks = Rc::make_mut(&mut self.chunks);
        if index == chunks.len() {
            // Beyond the last key: goes to the end of the last chunk, or to a new one when that is full,
            // so that insertion in order fills the chunks.
            match chunks.last_mut() {
                Some(last) if last.entries.len() < CHUNK => {
                    last.last.clone_from(&key);
                    (index, at) = (index - 1, last.entries.len());
                }
                _ => chunks.push(Chunk { last: key.clone(), entries: Rc::default() }),
            }
        }
        let chunk = chunks.get_mut(index)?;
        let entries = Rc::make_mut(&mut chunk.entries);
        if let Some((k, v)) = entries.get_mut(at)
            && *k == key
        {
            return Some(std::mem::replace(v, value));
        }
        entries.insert(at, (key, value));
        self.len += 1;
        if entries.len() > CHUNK {
            let upper = entries.split_off(CHUNK / 2);
            let last = entries.last().map(|(k, _)| k.clone())?;
            let last = std::mem::replace(&mut chunk.last, last);
            chunks.insert(index + 1, Chunk { last, entries: Rc::new(upper) });
        }
        None
    }

    /// Takes `key` out and gives back its value.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let (index, at) = self.position(|k| k < key);
        if self.chunks.get(index)?.entries.get(at)?.0 != *key {
            return None;
        }
        let chunks = Rc::make_mut(&mut self.chunks);
        let chunk = chunks.get_mut(index)?;
        let entries = Rc::make_mut(&mut chunk.entries);
        let (_, value) = entries.remove(at);
        match entries.last() {
            Some((last, _)) => chunk.last.clone_from(last),
            None => drop(chunks.remove(index)),
        }
        self.len -= 1;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn behaves_as_a_btree_map_and_clones_stay(steps in prop::collection::vec((any::<bool>(), 0u16..700), 0..1500), cut in 0u16..700) {
            let (mut map, mut model) = (CowMap::default(), BTreeMap::new());
            for (i, (insert, key)) in steps.iter().enumerate() {
                let (before, before_model) = (map.clone(), (i % 100 == 0).then(|| model.clone()));
                if *insert {
                    prop_assert_eq!(map.insert(*key, i), model.insert(*key, i));
                } else {
                    prop_assert_eq!(map.remove(key), model.remove(key));
                }
                prop_assert_eq!(before == map, before.iter().eq(map.iter()));
                if let Some(old) = before_model {
                    prop_assert!(before.iter().eq(old.iter()));
                }
                prop_assert_eq!(map.get(key), model.get(key));
            }
            prop_assert_eq!(map.len(), model.len());
            prop_assert!(map.iter().eq(model.iter()));
            prop_assert!(map.iter_from(|k| *k < cut).eq(model.range(cut..)));
        }
    }

    #[test]
    fn a_change_copies_one_chunk() {
        let mut map = CowMap::default();
        for i in 0..10_000 {
            map.insert(i, i);
        }
        let before = map.clone();
        map.insert(20_000, 0);
        let shared =
            map.chunks.iter().zip(before.chunks.iter()).filter(|(a, b)| Rc::ptr_eq(&a.entries, &b.entries)).count();
        assert!(shared + 1 >= before.chunks.len(), "{shared} of {}", before.chunks.len());
    }
}
