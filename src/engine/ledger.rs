//! The fidelity ledger: every rule that is implemented, how well it is known, and from where.
//!
//! The facts are `src/data/ledger.json`; ids are those of `docs/spec` as the code cites them.
//! `tests/ledger.rs` holds that every citation in the code is here, and that every rule here is in the specification.

use crate::formats::json;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

/// How well a rule is known. What is only partly known as its label says, its text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// A document or model of the makers says so.
    Documented,
    /// Seen: in recorded output, in public reports, or read and run in the source.
    Observed,
    /// Follows from documented and observed rules.
    Inferred,
    /// No source decides it: a decision of this simulator.
    Choice,
}

impl Label {
    /// All labels, the best known first.
    pub const ALL: [Label; 4] = [Self::Documented, Self::Observed, Self::Inferred, Self::Choice];

    /// The word for readers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Observed => "observed",
            Self::Inferred => "inferred",
            Self::Choice => "choice",
        }
    }
}

/// A rule: id, label, one line in our words, sources.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "(String, Label, String, String)")]
pub struct Rule {
    /// As it is cited: `eks 5.6`.
    pub id: String,
    /// How well it is known.
    pub label: Label,
    /// What it says.
    pub text: String,
    /// Tags of [`Ledger::sources`], or public issues as `OWNER/NAME#NUMBER`.
    pub sources: Vec<String>,
}

impl From<(String, Label, String, String)> for Rule {
    fn from((id, label, text, sources): (String, Label, String, String)) -> Self {
        Self { id, label, text, sources: sources.split("; ").map(str::to_owned).collect() }
    }
}

/// The whole ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// What each tag stands for.
    pub sources: BTreeMap<String, String>,
    /// The rules, in the order of the specification.
    pub rules: Vec<Rule>,
}

impl Ledger {
    /// The rule of this id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// A source in full: what its tag stands for, or the issue itself.
    pub fn source<'a>(&'a self, tag: &'a str) -> &'a str {
        self.sources.get(tag).map_or(tag, String::as_str)
    }
}

/// The text of the ledger. Only who calls this (or [`ledger`]) carries it.
pub fn text() -> &'static str {
    include_str!("../data/ledger.json")
}

/// The ledger, read once.
pub fn ledger() -> &'static Ledger {
    static LEDGER: OnceLock<Ledger> = OnceLock::new();
    // The text is part of the program; a test holds that it can be read.
    LEDGER.get_or_init(|| json::read(text()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found_with_their_sources() {
        let read: Result<Ledger, _> = serde_json::from_str(text());
        assert_eq!(read.as_ref().map_err(ToString::to_string), Ok(ledger()));
        let rule = ledger().rule("eks 1.2").unwrap();
        assert_eq!((rule.label, rule.sources.len()), (Label::Observed, 3));
        assert_eq!(ledger().source("UG"), "Amazon EKS User Guide");
        assert_eq!(ledger().source("aws/aws-cdk#31032"), "aws/aws-cdk#31032");
        assert!(ledger().rule("nothing").is_none());
        for label in Label::ALL {
            assert!(ledger().rules.iter().any(|rule| rule.label == label), "{}", label.as_str());
        }
    }
}
