//! Lists as pages show them: found, filtered, sorted, cut into pages.

/// How many rows a page of a list has.
pub const PAGE: usize = 20;

/// What the person wants to see: `K` is what the list can be filtered by, `C` its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query<K, C> {
    /// Part of a cell.
    pub text: String,
    /// Only rows of this kind.
    pub kind: Option<K>,
    /// The column that sorts.
    pub column: C,
    /// Whether the last comes first.
    pub is_descending: bool,
    /// The page, from 0.
    pub page: usize,
}

impl<K, C: Default> Default for Query<K, C> {
    fn default() -> Self {
        Self { text: String::new(), kind: None, column: C::default(), is_descending: false, page: 0 }
    }
}

impl<K: Clone, C: Copy + PartialEq> Query<K, C> {
    /// The same sorted by a column; by the column that sorts already, the other way round.
    pub fn sorted_by(&self, column: C) -> Self {
        let is_descending = self.column == column && !self.is_descending;
        Self { column, is_descending, page: 0, ..self.clone() }
    }

    /// The value of `aria-sort` for a column.
    pub fn aria_sort(&self, column: C) -> Option<&'static str> {
        (self.column == column).then_some(if self.is_descending { "descending" } else { "ascending" })
    }

    /// The page of `found` that is wanted: the rows that match, in order; the last comes first if that is wanted.
    pub fn cut<R>(&self, mut found: Vec<R>, total: usize) -> List<R> {
        if self.is_descending {
            found.reverse();
        }
        let matching = found.len();
        let pages = matching.div_ceil(PAGE).max(1);
        let page = self.page.min(pages - 1);
        let rows = found.into_iter().skip(page * PAGE).take(PAGE).collect();
        List { rows, matching, total, page, pages }
    }
}

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List<R> {
    /// The rows of the page.
    pub rows: Vec<R>,
    /// How many match.
    pub matching: usize,
    /// How many there are.
    pub total: usize,
    /// The page, from 0; never behind the last.
    pub page: usize,
    /// How many pages there are; at least one.
    pub pages: usize,
}

impl<R> List<R> {
    /// `1–20 of 45`.
    pub fn range(&self) -> String {
        let first = self.page * PAGE;
        format!("{}–{} of {}", (first + 1).min(self.matching), first + self.rows.len(), self.matching)
    }
}
