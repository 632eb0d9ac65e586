//! The fidelity ledger against the code and the specification: what the code cites is labelled, and what is labelled
//! is a rule.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use eks_access_playground::engine::ledger::ledger;

/// The specifications by the word they are cited with.
const SPECS: &[(&str, &str)] = &[
    ("eks", include_str!("../docs/spec/eks.md")),
    ("iam", include_str!("../docs/spec/iam-mapping.md")),
    ("rbac", include_str!("../docs/spec/kubernetes-rbac.md")),
    ("cli", include_str!("../docs/spec/cli.md")),
];

/// `5.6` as a pair, `5` without the second.
type Number = (u32, Option<u32>);

/// `5` or `5.6` at the beginning, and what follows.
fn number(text: &str) -> Option<(Number, &str)> {
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (first, rest) = text.split_at(digits(text));
    let major = first.parse().ok()?;
    let minor = rest.strip_prefix('.').map(|rest| rest.split_at(digits(rest)));
    match minor.and_then(|(minor, rest)| Some((minor.parse().ok()?, rest))) {
        Some((minor, rest)) => Some(((major, Some(minor)), rest)),
        None => Some(((major, None), rest)),
    }
}

/// The numbers of a specification: of its headings, and of the paragraphs that begin with one.
fn rules_of(spec: &str) -> BTreeSet<Number> {
    let of_line = |line: &str| {
        let (number, rest) = number(line.trim_start_matches('#').trim_start())?;
        let heading = line.starts_with('#');
        let paragraph = number.1.is_some() && rest.starts_with(' ');
        (heading && rest.starts_with(['.', ' ']) || paragraph).then_some(number)
    };
    spec.lines().filter_map(of_line).collect()
}

/// The rules that a text cites: `eks 5.6`, `iam 4.2, 4.3`, `eks 8.1 to 8.3`, `cli 1.1–1.5`.
fn citations(text: &str, known: &dyn Fn(&str) -> BTreeSet<Number>) -> BTreeSet<String> {
    // A citation may go over the end of a comment's line.
    let words: Vec<&str> = text.split_whitespace().filter(|word| !["//", "///", "//!"].contains(word)).collect();
    let text = words.join(" ");
    let mut cited = BTreeSet::new();
    for (spec, _) in SPECS {
        for (at, _) in text.match_indices(&format!("{spec} ")) {
            if text[..at].ends_with(|c: char| c.is_alphanumeric() || "_-/.".contains(c)) {
                continue;
            }
            let mut rest = &text[at + spec.len() + 1..];
            let mut from = None;
            while let Some((this, after)) = number(rest) {
                // `eks 3 nodes` would be prose: a number is followed by punctuation or another citation.
                if let Some(first) = from {
                    cited.extend(known(spec).range(first..=this).map(|number| id(spec, *number)));
                }
                cited.insert(id(spec, this));
                let links = [(", ", false), (" to ", true), ("–", true), (" and ", false)];
                let Some((next, range)) = links.iter().find_map(|(link, r)| Some((after.strip_prefix(link)?, *r)))
                else {
                    break;
                };
                from = range.then_some(this);
                rest = next;
            }
        }
    }
    cited
}

fn id(spec: &str, (major, minor): Number) -> String {
    minor.map_or_else(|| format!("{spec} {major}"), |minor| format!("{spec} {major}.{minor}"))
}

fn known(spec: &str) -> BTreeSet<Number> {
    SPECS.iter().filter(|(name, _)| *name == spec).flat_map(|(_, text)| rules_of(text)).collect()
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in folder.read_dir().unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

#[test]
fn what_the_code_cites_is_in_the_ledger() {
    assert!(!ledger().rules.is_empty(), "src/data/ledger.json cannot be read");
    let labelled: BTreeSet<&str> = ledger().rules.iter().map(|rule| rule.id.as_str()).collect();
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let mut count = 0;
    let mut missing = Vec::new();
    for (path, text) in &sources {
        for id in citations(text, &known) {
            count += 1;
            if !labelled.contains(id.as_str()) {
                missing.push(format!("{}: {id}", path.display()));
            }
        }
    }
    assert!(count > 200, "the citations were not found");
    assert!(missing.is_empty(), "not in src/data/ledger.json:\n{}", missing.join("\n"));
}

#[test]
fn what_is_in_the_ledger_is_a_rule_with_sources() {
    let mut seen = BTreeSet::new();
    for rule in &ledger().rules {
        let (spec, text) = rule.id.split_once(' ').unwrap();
        let (number, rest) = number(text).unwrap();
        assert!(rest.is_empty() && known(spec).contains(&number), "{} is no rule of docs/spec", rule.id);
        assert!(seen.insert(&rule.id), "{} stands twice", rule.id);
        assert!(rule.text.ends_with('.') && rule.text.len() > 4, "{}: {}", rule.id, rule.text);
        for source in &rule.sources {
            let issue = source
                .split_once('#')
                .is_some_and(|(name, number)| name.split('/').count() == 2 && number.parse::<u32>().is_ok());
            assert!(issue || ledger().sources.contains_key(source), "{}: unknown source `{source}`", rule.id);
        }
    }
    let order = |id: &str| {
        let (spec, text) = id.split_once(' ').unwrap();
        (SPECS.iter().position(|(name, _)| *name == spec), number(text).unwrap().0)
    };
    assert!(ledger().rules.is_sorted_by_key(|rule| order(&rule.id)), "not in the order of the specification");
    let used: BTreeSet<&String> = ledger().rules.iter().flat_map(|rule| &rule.sources).collect();
    assert!(ledger().sources.keys().all(|tag| used.contains(tag)), "a source that no rule names");
}

#[test]
fn citations_are_read() {
    let check = |text: &str, expected: &[&str]| {
        let expected: BTreeSet<String> = expected.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(citations(text, &known), expected, "{text}");
    };
    check("/// A refusal (eks 5.6).", &["eks 5.6"]);
    check("(iam 4.2, 4.3; rbac 7)", &["iam 4.2", "iam 4.3", "rbac 7"]);
    check("(eks 8.1 to 8.3)", &["eks 8.1", "eks 8.2", "eks 8.3"]);
    check("(cli 1.1–1.3)", &["cli 1.1", "cli 1.2", "cli 1.3"]);
    check("broken (eks\n    /// 5.6)", &["eks 5.6"]);
    check("eks 1.1, if any", &["eks 1.1"]);
    check("aws eks create-cluster, src/eks 5, the cli is", &[]);
}

#[test]
fn rules_of_a_specification_are_read() {
    let rules = rules_of("## 4. Title\n### 4.1 Reading\n\n4.2 A rule.\n12 apples\n1.30 is a version\n| 5.6 | cell |\n");
    assert_eq!(rules.into_iter().collect::<Vec<_>>(), [(1, Some(30)), (4, None), (4, Some(1)), (4, Some(2))]);
}
