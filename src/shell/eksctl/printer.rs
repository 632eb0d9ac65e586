//! How eksctl prints lists: as a table, JSON or YAML.

use serde_json::Value;

use crate::formats::json::kubectl_pretty;
use crate::formats::yaml::emit::emit;

/// A layout, by `-o`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `table`, the default.
    Table,
    /// `json`
    Json,
    /// `yaml`
    Yaml,
}

impl Format {
    /// The layout of this name; the empty name is the default.
    ///
    /// # Errors
    /// No such layout (wording inferred).
    pub fn parse(name: &str) -> Result<Self, String> {
        match name {
            "" | "table" => Ok(Self::Table),
            "json" => Ok(Self::Json),
            "yaml" => Ok(Self::Yaml),
            other => {
                Err(format!("unknown output printer type: expected {{\"yaml\",\"json\",\"table\"}} but got {other:?}"))
            }
        }
    }
}

/// A list as JSON or YAML. JSON ends without a newline, as in the original.
pub fn list(items: Vec<Value>, format: Format) -> String {
    let items = Value::Array(items);
    match format {
        Format::Yaml => emit(&items),
        _ => kubectl_pretty(&items),
    }
}

/// A table: rows in order of their texts, columns apart by tabs to stops of eight, as the original's table printer
/// lays them out. An empty table is a sentence.
pub fn table(kind: &str, columns: &[&str], mut rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return format!("No {kind} found\n");
    }
    rows.sort();
    rows.insert(0, columns.iter().map(|name| (*name).to_owned()).collect());
    let length = |cell: &String| cell.chars().count();
    let widths: Vec<usize> = (0..columns.len())
        .map(|at| rows.iter().filter_map(|row| row.get(at)).map(length).max().unwrap_or(0) + 1)
        .map(|width| width.div_ceil(8) * 8)
        .collect();
    let mut out = String::new();
    for row in &rows {
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            out.push_str(cell);
            if at + 1 < row.len() {
                let tabs = (width - length(cell)).div_ceil(8);
                out.extend(std::iter::repeat_n('\t', tabs));
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_reached_by_tabs() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let text = table("things", &["NAME", "N"], vec![row(["twelve chars", "2"]), row(["eightsig", "1"])]);
        assert_eq!(text, "NAME\t\tN\neightsig\t1\ntwelve chars\t2\n");
        assert_eq!(table("things", &["NAME", "N"], Vec::new()), "No things found\n");
    }
}
