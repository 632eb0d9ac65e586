//! Column layouts: the elastic tabs that kubectl prints its tables with (cli 9.7, 13.1, 13.6).
//!
//! The rules are those of Go's `text/tabwriter` with blanks for padding. A cell is text that a tab ends; what follows
//! the last tab of a line belongs to no column. Neighbouring lines with a cell in the same place form a column block,
//! and all cells of a block get one width.

/// How wide columns are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The least width of a column, padding included.
    pub min_width: usize,
    /// Blanks after the longest cell.
    pub padding: usize,
}

impl Columns {
    /// `kubectl get`, `auth can-i --list`, `auth whoami`, `config get-contexts`: three blanks, at least six columns.
    pub const GET: Self = Self { min_width: 6, padding: 3 };
    /// `kubectl describe`: two blanks.
    pub const DESCRIBE: Self = Self { min_width: 0, padding: 2 };
}

/// Lays out lines of tab-ended cells. Line breaks stay as they are, a missing one at the end stays missing.
#[must_use]
pub fn align(columns: Columns, text: &str) -> String {
    let lines: Vec<Vec<&str>> = text.split('\n').map(|line| line.split('\t').collect()).collect();
    let widths = column_widths(columns, &lines);
    let mut out = String::with_capacity(text.len() * 2);
    for (index, (line, widths)) in lines.iter().zip(&widths).enumerate() {
        if index > 0 {
            out.push('\n');
        }
        for (cell, width) in line.iter().zip(widths.iter().map(Some).chain(std::iter::once(None))) {
            out.push_str(cell);
            if let Some(width) = width {
                out.extend(std::iter::repeat_n(' ', width.saturating_sub(length(cell))));
            }
        }
    }
    out
}

/// Rows of a table, one line each; every column but the last is padded, also before a last cell that is empty.
#[must_use]
pub fn align_rows<Row, Cell>(columns: Columns, rows: impl IntoIterator<Item = Row>) -> String
where
    Row: IntoIterator<Item = Cell>,
    Cell: AsRef<str>,
{
    let mut text = String::new();
    for row in rows {
        for (index, cell) in row.into_iter().enumerate() {
            if index > 0 {
                text.push('\t');
            }
            text.push_str(cell.as_ref());
        }
        text.push('\n');
    }
    align(columns, &text)
}

/// The widths of the cells of each line, the one after the last tab left out.
fn column_widths(columns: Columns, lines: &[Vec<&str>]) -> Vec<Vec<usize>> {
    let mut widths: Vec<Vec<usize>> = lines.iter().map(|line| vec![0; line.len() - 1]).collect();
    // The open block of each column: its width so far and its first line.
    let mut open: Vec<(usize, usize)> = Vec::new();
    for index in 0..=lines.len() {
        let cells = lines.get(index).map_or(&[][..], |line| line.split_last().map_or(&[][..], |(_, cells)| cells));
        for (offset, (width, first)) in open.iter().skip(cells.len()).enumerate() {
            let column = cells.len() + offset;
            let block = widths.iter_mut().take(index).skip(*first);
            block.filter_map(|line| line.get_mut(column)).for_each(|slot| *slot = *width);
        }
        open.truncate(cells.len());
        for (column, cell) in cells.iter().enumerate() {
            let width = columns.min_width.max(length(cell) + columns.padding);
            match open.get_mut(column) {
                Some((widest, _)) => *widest = width.max(*widest),
                None => open.push((width, index)),
            }
        }
    }
    widths
}

fn length(cell: &str) -> usize {
    cell.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    const SESSIONS: [&str; 5] = [
        include_str!("../../tests/vectors/cli/kubectl/kubectl-get.json"),
        include_str!("../../tests/vectors/cli/kubectl/kubectl-config.json"),
        include_str!("../../tests/vectors/cli/kubectl/kubectl-whoami.json"),
        include_str!("../../tests/vectors/cli/kubectl/kubectl-cani-developer.json"),
        include_str!("../../tests/vectors/cli/kubectl/kubectl-cani-impersonate.json"),
    ];

    /// Takes a printed table apart at the columns where its headers start.
    fn cells(table: &str) -> Option<Vec<Vec<&str>>> {
        let header = table.lines().next()?;
        let starts: Vec<usize> = header
            .char_indices()
            .filter(|(at, c)| *c != ' ' && (*at == 0 || header[..*at].ends_with("   ")))
            .map(|(at, _)| at)
            .collect();
        table
            .lines()
            .map(|line| {
                let ends = starts.iter().skip(1).copied().chain([line.len()]);
                starts.iter().zip(ends).map(|(start, end)| line.get(*start..end).map(str::trim_end)).collect()
            })
            .collect()
    }

    #[test]
    fn recorded_tables_come_out_of_their_cells() {
        let mut seen = 0;
        for session in SESSIONS {
            let session: Value = serde_json::from_str(session).unwrap();
            for step in session["steps"].as_array().unwrap() {
                let out = step["stdout"].as_str().unwrap();
                let whole = !step["command"].as_str().unwrap().contains(['|', ';']);
                let header = ["NAME ", "Resources ", "ATTRIBUTE ", "CURRENT ", "NAMESPACE "];
                if !whole || out.contains("\n\n") || !header.iter().any(|name| out.starts_with(name)) {
                    continue;
                }
                let cells = cells(out).unwrap_or_else(|| panic!("{}", step["id"]));
                assert_eq!(align_rows(Columns::GET, cells), out, "{}", step["id"]);
                seen += 1;
            }
        }
        assert!(seen > 50, "{seen} tables");
    }

    #[test]
    fn short_columns_have_six_places() {
        assert_eq!(align_rows(Columns::GET, [["a", "b"], ["c", ""]]), "a     b\nc     \n");
    }

    #[test]
    fn a_block_ends_where_a_line_has_no_cell() {
        let text = "Name:\tx\nRules:\n  Resources\tVerbs\n  ---------\t-----\n  a\t[*]\n";
        assert_eq!(
            align(Columns::DESCRIBE, text),
            "Name:  x\nRules:\n  Resources  Verbs\n  ---------  -----\n  a          [*]\n"
        );
        assert_eq!(align(Columns::DESCRIBE, "a\tb\tc\nlong\td"), "a     b  c\nlong  d");
        assert_eq!(align(Columns::DESCRIBE, ""), "");
    }
}
