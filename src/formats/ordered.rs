//! Sorting, and building of ordered collections, in little code.
//!
//! The standard library's sort is made for speed: for every type and every comparison the compiler writes out some
//! five kilobytes anew, also wherever a `BTreeMap` or `BTreeSet` is collected or made from an array, as these sort first.
//! The lists here have tens of items, and the whole program is loaded by a page before it can show anything.
//! So one routine sorts positions, whatever the type; for each type only a comparison and a swap are added.
//! Nothing here panics, even if a comparison contradicts itself.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// Sorts by a comparison; equal items keep their order. `n log n` comparisons.
pub fn sort_by<T>(items: &mut [T], order: &dyn Fn(&T, &T) -> Ordering) {
    let by_place = |left: usize, right: usize| match (items.get(left), items.get(right)) {
        (Some(left), Some(right)) => order(left, right),
        _ => Ordering::Equal,
    };
    for (left, right) in swaps(items.len(), &by_place) {
        items.swap(left, right);
    }
}

/// Sorts by the order of the type; equal items keep their order.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, &T::cmp);
}

/// The members of an object in byte order of their names.
#[must_use]
pub fn members(object: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut members: Vec<_> = object.iter().collect();
    sort_by(&mut members, &|(left, _), (right, _)| left.cmp(right));
    members
}

/// The object with its members in byte order of their names; what is inside the members stays as it is.
#[must_use]
pub fn by_name(object: Map<String, Value>) -> Map<String, Value> {
    let mut members: Vec<_> = object.into_iter().collect();
    sort_by(&mut members, &|(left, _), (right, _)| left.cmp(right));
    members.into_iter().collect()
}

/// A map of the pairs; of pairs with the same key the last one counts.
pub fn map_of<K: Ord, V>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in pairs {
        map.insert(key, value);
    }
    map
}

/// A set of the items.
pub fn set_of<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    for item in items {
        set.insert(item);
    }
    set
}

/// Pairs of positions that, swapped one after the other, bring `length` items into order.
fn swaps(length: usize, order: &dyn Fn(usize, usize) -> Ordering) -> Vec<(usize, usize)> {
    let mut sources = sorted(length, order);
    let mut swaps = Vec::new();
    // Every cycle of the permutation is walked once; what is settled is its own source.
    for start in 0..length {
        let mut at = start;
        while let Some(source) = sources.get_mut(at) {
            let from = std::mem::replace(source, at);
            if from == start {
                break;
            }
            swaps.push((at, from));
            at = from;
        }
    }
    swaps
}

/// The positions below `length` in the order of what stands there: runs of 1, 2, 4, … positions are merged.
fn sorted(length: usize, order: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..length).collect();
    let mut run = 1;
    while run < length {
        let mut merged = Vec::with_capacity(length);
        for pair in sorted.chunks(run * 2) {
            let (left, right) = pair.split_at(run.min(pair.len()));
            let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
            loop {
                let next = match (left.peek(), right.peek()) {
                    (Some(l), Some(r)) if order(**l, **r) == Ordering::Greater => right.next(),
                    (Some(_), _) => left.next(),
                    (None, _) => right.next(),
                };
                let Some(next) = next else { break };
                merged.push(*next);
            }
        }
        sorted = merged;
        run *= 2;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs sorted by their first part alone: the second shows whether equal ones keep their order.
    fn check(keys: &[u32]) {
        let mut items: Vec<(u32, usize)> = keys.iter().copied().zip(0..).collect();
        let mut expected = items.clone();
        expected.sort_by_key(|(key, _)| *key);
        sort_by(&mut items, &|a, b| a.0.cmp(&b.0));
        assert_eq!(items, expected, "{keys:?}");
    }

    #[test]
    fn sorts_as_the_standard_library() {
        let mut state = 1_u32;
        for length in 0..70 {
            for range in [1, 3, 1000] {
                let mut next = || {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 8) % range
                };
                check(&(0..length).map(|_| next()).collect::<Vec<_>>());
            }
            check(&(0..length).collect::<Vec<_>>());
            check(&(0..length).rev().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_comparison_that_contradicts_itself_loses_nothing() {
        for answer in [Ordering::Greater, Ordering::Less] {
            let mut items: Vec<usize> = (0..50).collect();
            sort_by(&mut items, &|_, _| answer);
            items.sort_unstable();
            assert_eq!(items, (0..50).collect::<Vec<_>>());
        }
    }

    #[test]
    fn long_lists_take_n_log_n_comparisons() {
        let count = std::cell::Cell::new(0);
        let mut items: Vec<u32> = (0..4096_u32).map(|i| i.wrapping_mul(2_654_435_761)).collect();
        sort_by(&mut items, &|a, b| {
            count.set(count.get() + 1);
            a.cmp(b)
        });
        assert!(items.is_sorted());
        assert!(count.get() <= 4096 * 12, "{}", count.get());
    }

    #[test]
    fn of_equal_keys_the_last_counts() {
        assert_eq!(map_of([("b", 1), ("a", 2), ("b", 3)]), BTreeMap::from([("a", 2), ("b", 3)]));
        assert_eq!(set_of(["b", "a", "b"]), BTreeSet::from(["a", "b"]));
    }

    #[test]
    fn members_come_by_name_and_keep_their_inside() {
        let object = serde_json::json!({"b": {"z": 1, "y": 2}, "a": 0});
        let object = object.as_object().cloned().unwrap_or_default();
        let names: Vec<&str> = members(&object).into_iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(serde_json::to_string(&by_name(object)).unwrap(), r#"{"a":0,"b":{"z":1,"y":2}}"#);
    }
}
