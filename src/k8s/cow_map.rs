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

/// A key that a number comes first in when keys are compared, its bits well mixed: where it lies in a map can be guessed.
pub trait Numbered {
    /// The number.
    fn number(&self) -> u64;
}

/// A place in a map. Its first chunk has an entry there, or there are no chunks.
#[derive(Debug)]
pub struct Cursor<'a, K, V> {
    chunks: &'a [Chunk<K, V>],
    at: usize,
}

impl<K, V> Clone for Cursor<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Cursor<'_, K, V> {}

impl<'a, K, V> Cursor<'a, K, V> {
    /// The entry there; none behind the last.
    pub fn get(&self) -> Option<(&'a K, &'a V)> {
        let (key, value) = self.chunks.first()?.entries.get(self.at)?;
        Some((key, value))
    }

    /// Moves on to the first key that `before` does not hold for; it must hold for a prefix of the keys only.
    /// Costs the logarithm of how far that is.
    pub fn seek(&mut self, before: impl Fn(&K) -> bool) {
        if !self.get().is_some_and(|(key, _)| before(key)) {
            return;
        }
        let skipped = partition_near(self.chunks, 0, |chunk| before(&chunk.last));
        if skipped > 0 {
            self.at = 0;
            self.chunks = self.chunks.get(skipped..).unwrap_or_default();
        }
        let entries = self.chunks.first().and_then(|chunk| chunk.entries.get(self.at..));
        self.at += entries.map_or(0, |entries| partition_near(entries, 0, |(key, _)| before(key)));
    }
}

impl<'a, K, V> Iterator for Cursor<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        let (first, rest) = self.chunks.split_first()?;
        let (key, value) = first.entries.get(self.at)?;
        self.at += 1;
        if self.at == first.entries.len() {
            (self.chunks, self.at) = (rest, 0);
        }
        Some((key, value))
    }
}

/// The place of the first element that `before` does not hold for. Costs the logarithm of how far the guess is off.
fn partition_near<T>(list: &[T], guess: usize, before: impl Fn(&T) -> bool) -> usize {
    let guess = guess.min(list.len());
    let is_before = |at: usize| list.get(at).is_some_and(&before);
    let (mut low, mut high, mut step) = (guess, guess, 1);
    if is_before(guess) {
        while is_before(high) {
            (low, high) = (high + 1, high + step);
            step *= 2;
        }
    } else {
        while low > 0 && !is_before(low - 1) {
            (low, high) = (low.saturating_sub(step), low - 1);
            step *= 2;
        }
    }
    let unknown = list.get(low..high.min(list.len())).unwrap_or_default();
    low + unknown.partition_point(before)
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

impl<K: Ord, V> CowMap<K, V> {
    /// The keys that only one of the maps has, or whose values are not the `same`, in order.
    pub fn differing<'a>(&'a self, other: &'a Self, same: impl Fn(&V, &V) -> bool) -> Vec<&'a K> {
        let mut found = Vec::new();
        if Rc::ptr_eq(&self.chunks, &other.chunks) {
            return found;
        }
        let [one, two] = unshared(&self.chunks, &other.chunks);
        let (mut one, mut two) = (entries(one).peekable(), entries(two).peekable());
        loop {
            let order = match (one.peek(), two.peek()) {
                (Some((a, _)), Some((b, _))) => a.cmp(b),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return found,
            };
            let a = if order.is_le() { one.next() } else { None };
            let b = if order.is_ge() { two.next() } else { None };
            match (a, b) {
                (Some((_, a)), Some((_, b))) if same(a, b) => {}
                (Some((key, _)), _) | (None, Some((key, _))) => found.push(key),
                (None, None) => {}
            }
        }
    }
}

/// What two lists of chunks do not share at the beginning and at the end.
fn unshared<'a, K, V>(one: &'a [Chunk<K, V>], two: &'a [Chunk<K, V>]) -> [&'a [Chunk<K, V>]; 2] {
    let shared = |(a, b): &(&Chunk<K, V>, &Chunk<K, V>)| Rc::ptr_eq(&a.entries, &b.entries);
    let head = one.iter().zip(two).take_while(shared).count();
    let rest = |chunks: &'a [Chunk<K, V>]| chunks.get(head..).unwrap_or_default();
    let tail = rest(one).iter().rev().zip(rest(two).iter().rev()).take_while(shared).count();
    let middle = |chunks: &'a [Chunk<K, V>]| chunks.get(head..chunks.len() - tail).unwrap_or_default();
    [middle(one), middle(two)]
}

fn entries<K, V>(chunks: &[Chunk<K, V>]) -> impl Iterator<Item = &(K, V)> {
    chunks.iter().flat_map(|chunk| chunk.entries.iter())
}

impl<K: PartialEq, V: PartialEq> PartialEq for CowMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        if self.len != other.len {
            return false;
        }
        if Rc::ptr_eq(&self.chunks, &other.chunks) {
            return true;
        }
        // What both share needs no look.
        let [one, two] = unshared(&self.chunks, &other.chunks);
        entries(one).eq(entries(two))
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

    /// The value whose key `order` calls equal; `order` compares a key of the map with the wanted one.
    pub fn find(&self, order: impl Fn(&K) -> Ordering) -> Option<&V> {
        let (chunk, at) = self.position(|k| order(k) == Ordering::Less);
        let (key, value) = self.chunks.get(chunk)?.entries.get(at)?;
        (order(key) == Ordering::Equal).then_some(value)
    }

    /// The place of the first key that `before` does not hold for.
    /// `before` must hold for a prefix of the keys only.
    pub fn cursor(&self, before: impl Fn(&K) -> bool) -> Cursor<'_, K, V> {
        let (chunk, at) = self.position(before);
        Cursor { chunks: self.chunks.get(chunk..).unwrap_or_default(), at }
    }

    /// Chunk and place in it of the first key that `before` does not hold for.
    fn position(&self, before: impl Fn(&K) -> bool) -> (usize, usize) {
        let chunk = self.chunks.partition_point(|chunk| before(&chunk.last));
        let at = self.chunks.get(chunk).map_or(0, |chunk| chunk.entries.partition_point(|(k, _)| before(k)));
        (chunk, at)
    }
}

impl<K: Numbered, V> CowMap<K, V> {
    /// The place of the first key with this number or a higher one. Costs a few looks around where it should be.
    pub fn cursor_at(&self, number: u64) -> Cursor<'_, K, V> {
        // A part of 2³² of a length: neither overflows.
        let part_of = |part: u64, length: usize| {
            let length = u64::try_from(length).unwrap_or_default();
            usize::try_from((part * length) >> 32).unwrap_or_default()
        };
        let guess = part_of(number >> 32, self.chunks.len());
        let at = partition_near(&self.chunks, guess, |chunk| chunk.last.number() < number);
        let chunks = self.chunks.get(at..).unwrap_or_default();
        let Some(chunk) = chunks.first() else { return Cursor { chunks, at: 0 } };
        let first = chunk.entries.first().map_or(0, |(key, _)| key.number());
        let (part, whole) = (number.saturating_sub(first), chunk.last.number().saturating_sub(first));
        let guess = part_of(part / ((whole >> 32) + 1), chunk.entries.len());
        Cursor { chunks, at: partition_near(&chunk.entries, guess, |(key, _)| key.number() < number) }
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
                let expected: Vec<&u16> = if before == map { Vec::new() } else { vec![key] };
                prop_assert_eq!(before.differing(&map, |a, b| a == b), expected);
                if let Some(old) = before_model {
                    prop_assert!(before.iter().eq(old.iter()));
                }
                prop_assert_eq!(map.get(key), model.get(key));
            }
            prop_assert_eq!(map.len(), model.len());
            prop_assert!(map.iter().eq(model.iter()));
            prop_assert!(map.cursor(|k| *k < cut).eq(model.range(cut..)));
        }
    }

    impl Numbered for (u64, u16) {
        fn number(&self) -> u64 {
            self.0
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        // However the numbers lie, a place is where a plain search finds it.
        #[test]
        fn guesses_lead_to_the_place(
            spread in prop::collection::vec((any::<u64>(), 0u16..4), 0..900),
            crowd in prop::collection::vec((0u64..40, 0u16..200), 0..900),
            wanted in prop::collection::vec((any::<u64>(), 0u64..40, 0u16..200), 1..40),
        ) {
            let mut map = CowMap::default();
            for key in spread.into_iter().chain(crowd) {
                map.insert(key, ());
            }
            for (far, near, from) in wanted {
                for number in [far, near, far & !0 << 56] {
                    let found = map.cursor_at(number);
                    prop_assert!(found.eq(map.cursor(|key| key.0 < number)));
                    let mut sought = found;
                    sought.seek(|key| (key.0, key.1) < (number, from));
                    prop_assert!(sought.eq(map.cursor(|key| *key < (number, from))));
                }
            }
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
