//! The access-policy catalogue, as versioned data with provenance (eks 9, 21).
//!
//! The service shows names alone. Rules are public for some policies (tables of the User Guide); of the others only
//! the name or a description is, and they are never evaluated as if they granted or refused anything.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::formats::json;

const FACTS: &str = include_str!("../data/access-policies.json");

/// Which entries may have a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Associable {
    /// Any STANDARD entry.
    Standard,
    /// Entries of type EC2 (Auto Mode nodes).
    Ec2,
    /// Entries of service-linked roles alone (eks 9.5).
    ServiceLinked,
    /// No source says; treated as for STANDARD entries.
    Unconfirmed,
}

/// One row of a policy's table: verbs on resources of API groups, or verbs on URLs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "columns of the published tables")]
pub struct PolicyRow {
    pub verbs: Vec<String>,
    pub api_groups: Vec<String>,
    pub resources: Vec<String>,
    pub non_resource_urls: Vec<String>,
}

/// An access policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessPolicy {
    /// The name.
    pub name: String,
    /// When it appeared (`2024-04-23`), if known.
    pub since: Option<String>,
    /// True if it is meant for people, false if for AWS services and add-ons.
    pub for_people: bool,
    /// Which entries may have it.
    pub associable: Associable,
    /// What it is for, in our words.
    pub summary: String,
    /// The scope that its description suggests.
    pub scope_hint: Option<String>,
    /// Dated listings that show it (`2024-01`, `2025`, `2026-04`).
    pub lists: Vec<String>,
    /// Where the facts come from.
    pub sources: Vec<String>,
    /// What it grants; `None` if that is not public.
    pub rules: Option<Vec<PolicyRow>>,
}

impl AccessPolicy {
    /// The policy's ARN in a partition (eks 9.2).
    pub fn arn(&self, partition: &str) -> String {
        format!("arn:{partition}:eks::aws:cluster-access-policy/{}", self.name)
    }

    /// True if only service-linked roles may have it.
    pub fn service_linked_only(&self) -> bool {
        self.associable == Associable::ServiceLinked
    }
}

#[derive(Deserialize)]
struct Facts {
    sources: Vec<String>,
    policies: Vec<Fact>,
}

#[derive(Deserialize)]
struct Fact {
    name: String,
    since: Option<String>,
    audience: String,
    #[serde(rename = "for")]
    associable: Associable,
    summary: String,
    scope: Option<String>,
    #[serde(default)]
    lists: Vec<String>,
    sources: Vec<usize>,
    rules: Option<Vec<Vec<String>>>,
}

/// All policies, in listing order (by name).
pub fn all() -> &'static [AccessPolicy] {
    static CATALOGUE: OnceLock<Vec<AccessPolicy>> = OnceLock::new();
    // The facts are part of the program; a test holds that they can be read.
    CATALOGUE.get_or_init(|| json::read::<Facts>(FACTS).map(build).unwrap_or_default())
}

/// The policy of this name.
pub fn by_name(name: &str) -> Option<&'static AccessPolicy> {
    all().iter().find(|policy| policy.name == name)
}

/// The policy of this ARN, in whichever partition.
pub fn by_arn(arn: &str) -> Option<&'static AccessPolicy> {
    by_name(arn.rsplit_once(":cluster-access-policy/")?.1)
}

fn build(facts: Facts) -> Vec<AccessPolicy> {
    let Facts { sources, policies } = facts;
    let policy = |fact: Fact| AccessPolicy {
        name: fact.name,
        since: fact.since,
        for_people: fact.audience == "user",
        associable: fact.associable,
        summary: fact.summary,
        scope_hint: fact.scope,
        lists: fact.lists,
        sources: fact.sources.iter().filter_map(|index| sources.get(*index).cloned()).collect(),
        rules: fact.rules.map(|rows| rows.iter().map(|row| self::row(row)).collect()),
    };
    policies.into_iter().map(policy).collect()
}

fn row(cells: &[String]) -> PolicyRow {
    let list = |cell: &String| cell.split(',').map(str::to_owned).collect::<Vec<_>>();
    match cells {
        [verbs, urls] => PolicyRow { verbs: list(verbs), non_resource_urls: list(urls), ..PolicyRow::default() },
        [verbs, groups, resources] => PolicyRow {
            verbs: list(verbs),
            api_groups: list(groups),
            resources: list(resources),
            non_resource_urls: Vec::new(),
        },
        _ => PolicyRow::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_complete_and_in_order() {
        assert_eq!(all().len(), 36);
        assert!(all().is_sorted_by_key(|policy| &policy.name));
        let published = all().iter().filter(|policy| policy.rules.is_some()).map(|policy| policy.name.as_str());
        let expected = [
            "AmazonEKSAdminPolicy",
            "AmazonEKSAdminViewPolicy",
            "AmazonEKSClusterAdminPolicy",
            "AmazonEKSEditPolicy",
            "AmazonEKSHybridPolicy",
            "AmazonEKSSecretReaderPolicy",
            "AmazonEKSViewPolicy",
        ];
        assert_eq!(published.collect::<Vec<_>>(), expected);
        assert!(all().iter().all(|policy| !policy.sources.is_empty()));
        let launch = all().iter().filter(|policy| policy.lists.iter().any(|list| list == "2024-01"));
        assert_eq!(launch.count(), 4);
        let for_people = |name: &str| by_name(name).unwrap().for_people;
        assert!(for_people("AmazonEKSViewPolicy") && !for_people("AmazonEKSKROPolicy"));
    }

    #[test]
    fn every_row_grants_something() {
        for policy in all() {
            for row in policy.rules.iter().flatten() {
                let resources = !row.api_groups.is_empty() && !row.resources.is_empty();
                assert!(!row.verbs.is_empty() && resources == row.non_resource_urls.is_empty(), "{}", policy.name);
            }
        }
    }

    #[test]
    fn arns_take_the_partition() {
        let policy = by_arn("arn:aws-cn:eks::aws:cluster-access-policy/AmazonEKSViewPolicy").unwrap();
        assert_eq!(policy.arn("aws"), "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy");
        assert!(by_arn("arn:aws:iam::aws:policy/AdministratorAccess").is_none());
    }
}
