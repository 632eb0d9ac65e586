//! Near misses: Python's `difflib.get_close_matches`, which chooses what "Maybe you meant" offers (cli 5.2).

use std::collections::BTreeMap;

use crate::formats::ordered::sort_by;

/// The least similarity that counts.
const CUTOFF: f64 = 0.8;
/// The most names that are offered.
const MOST: usize = 3;

/// The names most similar to `word`, best first; of equally similar ones the greater text first.
pub fn close_matches<'a>(word: &str, names: &[&'a str]) -> Vec<&'a str> {
    above(CUTOFF, word, names)
}

/// The least similarity of what is offered in the place of something that is not simulated.
const NEAREST: f64 = 0.5;

/// The names that come nearest to what is not simulated, as the end of a sentence.
pub fn nearest(word: &str, names: &[&str], tool: &str) -> String {
    let found = above(NEAREST, word, names);
    let shown: Vec<String> = found.iter().map(|name| format!("`{tool} {name}`")).collect();
    if shown.is_empty() { String::new() } else { format!(" Nearest: {}.", shown.join(", ")) }
}

fn above<'a>(cutoff: f64, word: &str, names: &[&'a str]) -> Vec<&'a str> {
    let word: Vec<char> = word.chars().collect();
    let index = Index::new(&word);
    let mut found: Vec<(f64, &str)> = Vec::new();
    for name in names {
        let chars: Vec<char> = name.chars().collect();
        // An upper bound first: long words are settled without a comparison.
        let both = word.len() + chars.len();
        if both > 0 && 2.0 * word.len().min(chars.len()) as f64 / (both as f64) < cutoff {
            continue;
        }
        let ratio = if both == 0 { 1.0 } else { 2.0 * index.matching(&chars) as f64 / both as f64 };
        if ratio >= cutoff {
            found.push((ratio, name));
        }
    }
    sort_by(&mut found, &|a, b| b.0.total_cmp(&a.0).then_with(|| b.1.cmp(a.1)));
    found.into_iter().take(MOST).map(|(_, name)| name).collect()
}

/// Where each character of the word stands.
struct Index {
    length: usize,
    places: BTreeMap<char, Vec<usize>>,
}

/// Stretches still to be compared: low and high end in the name, low and high end in the word.
type Stretch = (usize, usize, usize, usize);

impl Index {
    fn new(word: &[char]) -> Self {
        let mut places: BTreeMap<char, Vec<usize>> = BTreeMap::new();
        for (at, c) in word.iter().enumerate() {
            places.entry(*c).or_default().push(at);
        }
        if word.len() >= 200 {
            // difflib leaves out what is frequent in long texts.
            places.retain(|_, at| at.len() <= word.len() / 100 + 1);
        }
        Self { length: word.len(), places }
    }

    /// Number of characters in matching blocks.
    fn matching(&self, name: &[char]) -> usize {
        let mut queue: Vec<Stretch> = vec![(0, name.len(), 0, self.length)];
        let mut total = 0;
        while let Some((alo, ahi, blo, bhi)) = queue.pop() {
            let (i, j, size) = self.longest(name, (alo, ahi, blo, bhi));
            if size == 0 {
                continue;
            }
            total += size;
            if alo < i && blo < j {
                queue.push((alo, i, blo, j));
            }
            if i + size < ahi && j + size < bhi {
                queue.push((i + size, ahi, j + size, bhi));
            }
        }
        total
    }

    /// The longest common block within a stretch; the earliest in the name, then in the word.
    fn longest(&self, name: &[char], (alo, ahi, blo, bhi): Stretch) -> (usize, usize, usize) {
        let mut best = (alo, blo, 0);
        let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
        for (i, c) in name.iter().enumerate().take(ahi).skip(alo) {
            let mut next = BTreeMap::new();
            for j in self.places.get(c).into_iter().flatten().copied() {
                if j < blo {
                    continue;
                }
                if j >= bhi {
                    break;
                }
                let before = j.checked_sub(1).and_then(|j| lengths.get(&j)).copied().unwrap_or(0);
                let length = before + 1;
                next.insert(j, length);
                if length > best.2 {
                    best = (i + 1 - length, j + 1 - length, length);
                }
            }
            lengths = next;
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::super::model;
    use super::*;

    /// As Python 3.11 answers.
    #[test]
    fn the_nearest_names_are_found() {
        let eks = model::service("eks").unwrap().choices();
        let services = model::commands();
        let check =
            |word: &str, names: &[&str], expected: &[&str]| assert_eq!(close_matches(word, names), expected, "{word}");
        check("create-acces-entry", &eks, &["create-access-entry", "update-access-entry", "delete-access-entry"]);
        check(
            "associate-access-policies",
            &eks,
            &["associate-access-policy", "list-associated-access-policies", "disassociate-access-policy"],
        );
        check("list-access-policy", &eks, &["list-access-policies"]);
        check("foo", &eks, &[]);
        check("ek", &services, &["eks"]);
        check("esk", &services, &["es"]);
        check("", &services, &[]);
    }

    #[test]
    fn what_is_not_simulated_names_what_comes_nearest() {
        let iam = ["create-role", "delete-role", "list-roles"];
        assert!(nearest("create-group", &iam, "aws iam").starts_with(" Nearest: `aws iam create-role`"));
        assert_eq!(nearest("zzz", &iam, "aws iam"), "");
    }
}
