//! The list of access entries as the page shows it: found, filtered, sorted, cut into pages.

use super::entries::{Row, rows, type_label};
use super::listing::{self, List};
use crate::aws::eks::EntryType;
use crate::engine::world::Cluster;

/// A column to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns")]
pub enum Column {
    #[default]
    Principal,
    Type,
    Username,
    Groups,
    Policies,
}

impl Column {
    /// The columns with their labels (eks 18.1).
    pub const ALL: [(Column, &'static str); 5] = [
        (Column::Principal, "IAM principal ARN"),
        (Column::Type, "Type"),
        (Column::Username, "Username"),
        (Column::Groups, "Group names"),
        (Column::Policies, "Access policies"),
    ];

    /// What a row is sorted by; the ARN breaks ties.
    fn key(self, row: &Row) -> (String, &str) {
        let key = match self {
            Self::Principal => String::new(),
            Self::Type => type_label(row.kind).to_owned(),
            Self::Username => row.username.clone(),
            Self::Groups => row.groups.join(" "),
            Self::Policies => row.policies.iter().map(|policy| policy.name.as_str()).collect::<Vec<_>>().join(" "),
        };
        (key, &row.principal_arn)
    }
}

/// What the person wants to see.
pub type Query = listing::Query<EntryType, Column>;

/// The types that occur.
pub fn kinds(cluster: &Cluster) -> Vec<EntryType> {
    EntryType::ALL.into_iter().filter(|kind| cluster.entries.values().any(|entry| entry.kind == *kind)).collect()
}

/// The page of the list that is wanted.
pub fn list(cluster: &Cluster, query: &Query) -> List<Row> {
    let mut found = rows(cluster, &query.text);
    found.retain(|row| query.kind.is_none_or(|kind| row.kind == kind));
    found.sort_by(|a, b| query.column.key(a).cmp(&query.column.key(b)));
    query.cut(found, cluster.entries.len())
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::super::listing::PAGE;
    use super::*;
    use crate::session::scenario;
    use crate::view::text::last_name;

    /// The walkthrough's cluster with 45 entries more.
    fn cluster() -> Cluster {
        let now = scenario::walkthrough();
        let mut cluster = now.world.clusters.first().unwrap().as_ref().clone();
        let model = cluster.entries.values().next_back().unwrap().as_ref().clone();
        for number in 0..45 {
            let arn = format!("arn:aws:iam::111122223333:user/z{number:02}");
            let entry =
                crate::engine::world::Entry { principal_arn: arn.clone(), username: arn.clone(), ..model.clone() };
            cluster.entries.insert(arn, Rc::new(entry));
        }
        cluster
    }

    fn names(list: &List<Row>) -> Vec<&str> {
        list.rows.iter().map(|row| last_name(&row.principal_arn)).collect()
    }

    #[test]
    fn pages_follow_one_another_and_none_is_behind_the_last() {
        let cluster = cluster();
        let page = |page: usize| list(&cluster, &Query { page, ..Query::default() });
        let (first, last) = (page(0), page(2));
        assert_eq!((first.rows.len(), first.pages, first.range().as_str()), (PAGE, 3, "1–20 of 47"));
        assert_eq!((last.rows.len(), last.range().as_str()), (7, "41–47 of 47"));
        assert_eq!(page(9), last);
        assert_eq!(kinds(&cluster), [EntryType::Standard, EntryType::Ec2Linux]);
    }

    #[test]
    fn a_column_sorts_and_then_the_other_way_round() {
        let cluster = cluster();
        let by_type = Query::default().sorted_by(Column::Type);
        assert_eq!(names(&list(&cluster, &by_type)).first(), Some(&"eks-node-role"));
        let back = by_type.sorted_by(Column::Type);
        assert_eq!(names(&list(&cluster, &back)).first(), Some(&"z44"));
        assert_eq!((back.aria_sort(Column::Type), back.aria_sort(Column::Groups)), (Some("descending"), None));
    }

    #[test]
    fn filters_are_joined() {
        let cluster = cluster();
        let node = Query { kind: Some(EntryType::Ec2Linux), ..Query::default() };
        assert_eq!(names(&list(&cluster, &node)), ["eks-node-role"]);
        let none = list(&cluster, &Query { text: "z1".into(), ..node });
        assert_eq!((none.matching, none.total, none.range().as_str()), (0, 47, "0–0 of 0"));
    }
}
