//! The pages of the access policies: what each grants, rule by rule, and who has it on a cluster.

use super::details::{rule_text, scope_text};
use super::rule_words;
use super::text::last_name;
use crate::aws::access_policy::{self, AccessPolicy};
use crate::engine::authz::Published;
use crate::engine::{Cluster, World};

/// A policy in the list of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub summary: String,
    /// Number of its rules; none if they are not public.
    pub rules: Option<usize>,
    /// Number of the cluster's access entries that have it.
    pub holders: usize,
}

/// The page of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// What it is for.
    pub summary: String,
    /// Its rules in the order of the published table; none if they are not public.
    pub rules: Option<Vec<Rule>>,
    /// The access entries that have it.
    pub holders: Vec<Holder>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its place, from 1.
    pub number: usize,
    /// `get, list on pods, pods/log`.
    pub text: String,
    /// The same as a sentence.
    pub sentence: String,
}

/// An access entry that has the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The principal's ARN.
    pub principal_arn: String,
    /// Its name.
    pub name: String,
    /// Where the policy counts, in words.
    pub scope: String,
}

/// All policies of the catalogue, those for people first.
pub fn rows(world: &World, cluster: &Cluster) -> Vec<Row> {
    let mut policies = world.policies();
    policies.sort_by_key(|policy| !policy.for_people);
    let row = |policy: &&AccessPolicy| Row {
        name: policy.name.clone(),
        summary: policy.summary.clone(),
        rules: policy.rules.as_ref().map(Vec::len),
        holders: holders(cluster, &policy.name).len(),
    };
    policies.iter().map(row).collect()
}

/// The page of the policy of this name; `None` if there is no such policy.
pub fn page(world: &World, cluster: &Cluster, name: &str) -> Option<Page> {
    let policy = access_policy::all().iter().find(|policy| policy.name == name)?;
    let arn = policy.arn(&world.partition);
    let rules = Published::with(|published| {
        let rule =
            |(index, rule)| Rule { number: index + 1, text: rule_text(rule), sentence: rule_words::sentence(rule) };
        published.of(&arn).map(|rules| rules.iter().enumerate().map(rule).collect())
    });
    let (name, summary) = (policy.name.clone(), policy.summary.clone());
    Some(Page { holders: holders(cluster, &name), name, arn, summary, rules })
}

fn holders(cluster: &Cluster, policy: &str) -> Vec<Holder> {
    let entries = cluster.entries.values().filter(|_| cluster.mode.uses_entries());
    let associations = entries.flat_map(|entry| entry.policies.iter().map(move |association| (entry, association)));
    let found = associations.filter(|(_, association)| last_name(&association.policy_arn) == policy);
    found
        .map(|(entry, association)| Holder {
            principal_arn: entry.principal_arn.clone(),
            name: last_name(&entry.principal_arn).to_owned(),
            scope: scope_text(&association.scope),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::scenario;

    #[test]
    fn every_policy_has_a_page_with_its_rules() {
        let now = scenario::walkthrough();
        let cluster = now.world.clusters.first().unwrap();
        for row in rows(&now.world, cluster) {
            let page = page(&now.world, cluster, &row.name).unwrap();
            assert_eq!(
                (page.rules.as_ref().map(Vec::len), page.holders.len()),
                (row.rules, row.holders),
                "{}",
                row.name
            );
        }
        assert_eq!(page(&now.world, cluster, "AmazonEKSNoPolicy"), None);
        let admin = page(&now.world, cluster, "AmazonEKSClusterAdminPolicy").unwrap();
        assert_eq!(
            admin.rules.unwrap()[0].sentence,
            "Do anything with every resource and subresource of every API group."
        );
        assert_eq!(
            (admin.holders[0].name.as_str(), admin.holders[0].scope.as_str()),
            ("cluster-creator", "scope cluster")
        );
    }
}
