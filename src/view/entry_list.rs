//! The list of access entries as the page shows it: found, filtered, sorted, cut into pages.

use super::entries::{Row, rows, type_label};
use crate::aws::eks::EntryType;
use crate::engine::world::Cluster;

/// How many rows a page of the list has.
pub const PAGE: usize = 20;

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Part of a cell.
    pub text: String,
    /// Only entries of this type.
    pub kind: Option<EntryType>,
    /// The column that sorts.
    pub column: Column,
    /// Whether the last comes first.
    pub is_descending: bool,
    /// The page, from 0.
    pub page: usize,
}

impl Query {
    /// Whether something is filtered away on purpose.
    pub fn is_filter(&self) -> bool {
        !self.text.trim().is_empty() || self.kind.is_some()
    }

    /// The same sorted by a column; by the column that sorts already, the other way round.
    pub fn sorted_by(&self, column: Column) -> Self {
        let is_descending = self.column == column && !self.is_descending;
        Self { column, is_descending, page: 0, ..self.clone() }
    }

    /// The value of `aria-sort` for a column.
    pub fn aria_sort(&self, column: Column) -> Option<&'static str> {
        (self.column == column).then_some(if self.is_descending { "descending" } else { "ascending" })
    }
}

/// A page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The rows of the page.
    pub rows: Vec<Row>,
    /// How many entries match.
    pub matching: usize,
    /// How many entries there are.
    pub total: usize,
    /// The page, from 0; never behind the last.
    pub page: usize,
    /// How many pages there are; at least one.
    pub pages: usize,
    /// The types that occur.
    pub kinds: Vec<EntryType>,
}

impl List {
    /// `1–20 of 45`.
    pub fn range(&self) -> String {
        let first = self.page * PAGE;
        format!("{}–{} of {}", (first + 1).min(self.matching), first + self.rows.len(), self.matching)
    }
}

/// The page of the list that is wanted.
pub fn list(cluster: &Cluster, query: &Query) -> List {
    let total = rows(cluster, "");
    let kinds = EntryType::ALL.into_iter().filter(|kind| total.iter().any(|row| row.kind == *kind)).collect();
    let mut found = rows(cluster, &query.text);
    found.retain(|row| query.kind.is_none_or(|kind| row.kind == kind));
    found.sort_by(|a, b| query.column.key(a).cmp(&query.column.key(b)));
    if query.is_descending {
        found.reverse();
    }
    let matching = found.len();
    let pages = matching.div_ceil(PAGE).max(1);
    let page = query.page.min(pages - 1);
    let rows = found.into_iter().skip(page * PAGE).take(PAGE).collect();
    List { rows, matching, total: total.len(), page, pages, kinds }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

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

    fn names(list: &List) -> Vec<&str> {
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
        assert_eq!(first.kinds, [EntryType::Standard, EntryType::Ec2Linux]);
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
