//! `--output table`: a stack of titled sections (cli 3.6).
//!
//! A result is first turned into sections, then all sections are drawn to one width.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::RenderError;
use super::width::display_width;
use crate::formats::python;

/// The width of a terminal nobody knows.
const TERMINAL_WIDTH: i64 = 80;

/// The drawn result, titled with the operation's name; nothing for an empty or zero result.
///
/// Fails if rows of one section differ in length or a list of objects has other items, as the real tool does.
pub fn render(value: &Value, title: &str) -> Result<String, RenderError> {
    let mut sections = Vec::new();
    build(&mut sections, Some(title), value, 0)?;
    if sections.is_empty() {
        return Ok(String::new());
    }
    let mut width = widest(&sections);
    if width > TERMINAL_WIDTH {
        sections.iter_mut().try_for_each(Section::turn)?;
        width = widest(&sections);
    }
    let mut out = format!("{}\n", repeat("-", width));
    for section in &sections {
        section.draw(&mut out, width);
    }
    Ok(out)
}

/// A title, perhaps a header row, and rows.
///
/// `arity` is the length of the first header or row; `columns` holds the width of the longest text per column.
#[derive(Default)]
struct Section {
    title: Option<String>,
    level: usize,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    arity: Option<usize>,
    columns: Vec<i64>,
}

fn build(sections: &mut Vec<Section>, title: Option<&str>, value: &Value, level: usize) -> Result<(), RenderError> {
    if !python::is_truthy(value) {
        return Ok(());
    }
    if title.is_some() {
        sections.push(Section { title: title.map(str::to_owned), level, ..Section::default() });
    }
    match value {
        Value::Array(items) if items.first().is_some_and(Value::is_object) => objects(sections, title, items, level),
        Value::Array(items) => items.iter().try_for_each(|item| list_item(sections, item)),
        Value::Object(members) => object(sections, members, level),
        _ => Ok(()),
    }
}

fn list_item(sections: &mut Vec<Section>, item: &Value) -> Result<(), RenderError> {
    match item {
        Value::Array(cells) if cells.iter().all(is_scalar) => current(sections).add_row(cells.iter().map(python::str)),
        // The tool walks over an object as over a list, which gives its names.
        Value::Object(members) => current(sections).add_row(members.keys().cloned()),
        Value::Array(_) => build(sections, None, item, 0),
        scalar => current(sections).add_row([python::str(scalar)]),
    }
}

fn object(sections: &mut Vec<Section>, members: &Map<String, Value>, level: usize) -> Result<(), RenderError> {
    let (scalars, nested) = grouped(members);
    let texts = scalars.iter().map(|name| member_text(members, name));
    match scalars.first() {
        None => {}
        Some(name) if scalars.len() == 1 => {
            current(sections).add_row(std::iter::once((*name).to_owned()).chain(texts))?
        }
        Some(_) => {
            current(sections).add_header(scalars.iter().map(|name| (*name).to_owned()))?;
            current(sections).add_row(texts)?;
        }
    }
    add_nested(sections, members, &nested, level)
}

fn objects(sections: &mut Vec<Section>, title: Option<&str>, items: &[Value], level: usize) -> Result<(), RenderError> {
    let (mut columns, mut nested) = (BTreeSet::new(), BTreeSet::new());
    for item in items {
        let (scalars, others) = grouped(members_of(item)?);
        columns.extend(scalars);
        nested.extend(others);
    }
    let header = || columns.iter().map(|name| (*name).to_owned());
    current(sections).add_header(header())?;
    for (index, item) in items.iter().enumerate() {
        let members = members_of(item)?;
        if index > 0 && !nested.is_empty() {
            sections.push(Section { title: title.map(str::to_owned), level, ..Section::default() });
            current(sections).add_header(header())?;
        }
        current(sections).add_row(columns.iter().map(|name| member_text(members, name)))?;
        add_nested(sections, members, &nested, level)?;
    }
    Ok(())
}

fn add_nested(
    sections: &mut Vec<Section>,
    members: &Map<String, Value>,
    names: &BTreeSet<&str>,
    level: usize,
) -> Result<(), RenderError> {
    for name in names {
        if let Some(value) = members.get(*name) {
            build(sections, Some(name), value, level + 1)?;
        }
    }
    Ok(())
}

/// The names of the scalar members and of the others.
fn grouped(members: &Map<String, Value>) -> (BTreeSet<&str>, BTreeSet<&str>) {
    members.keys().map(String::as_str).partition(|name| members.get(*name).is_some_and(is_scalar))
}

fn members_of(item: &Value) -> Result<&Map<String, Value>, RenderError> {
    item.as_object().ok_or_else(|| {
        RenderError::new(match item {
            Value::String(text) if text.is_empty() => "'str' object has no attribute 'get'".to_owned(),
            Value::String(_) => "string indices must be integers, not 'str'".to_owned(),
            Value::Array(items) if items.is_empty() => "'list' object has no attribute 'get'".to_owned(),
            Value::Array(_) => "list indices must be integers or slices, not str".to_owned(),
            scalar => format!("'{}' object is not iterable", python::type_name(scalar)),
        })
    })
}

fn member_text(members: &Map<String, Value>, name: &str) -> String {
    members.get(name).map_or_else(String::new, python::str)
}

fn is_scalar(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

/// The section that rows go to; there always is one, because the outermost call has a title.
fn current(sections: &mut Vec<Section>) -> &mut Section {
    if sections.is_empty() {
        sections.push(Section::default());
    }
    let last = sections.len() - 1;
    #[expect(clippy::indexing_slicing, reason = "the list was just made non-empty")]
    &mut sections[last]
}

impl Section {
    fn add_header(&mut self, header: impl IntoIterator<Item = String>) -> Result<(), RenderError> {
        self.header = header.into_iter().collect();
        self.arity.get_or_insert(self.header.len());
        widen(&mut self.columns, &self.header)
    }

    fn add_row(&mut self, row: impl IntoIterator<Item = String>) -> Result<(), RenderError> {
        let row: Vec<String> = row.into_iter().collect();
        let arity = *self.arity.get_or_insert(row.len());
        if arity != row.len() {
            return Err(RenderError::new(format!("Row should have {arity} elements, instead it has {}", row.len())));
        }
        widen(&mut self.columns, &row)?;
        self.rows.push(row);
        Ok(())
    }

    /// Turns a header with a single row by a quarter: a row `name | value` for each column.
    fn turn(&mut self) -> Result<(), RenderError> {
        if self.rows.len() != 1 || self.header.is_empty() {
            return Ok(());
        }
        (self.arity, self.columns) = (None, Vec::new());
        let header = std::mem::take(&mut self.header);
        let values = std::mem::take(&mut self.rows).into_iter().flatten();
        header.into_iter().zip(values).try_for_each(|(name, value)| self.add_row([name, value]))
    }

    fn title_width(&self) -> i64 {
        // A section without title counts as if it were called "None".
        self.title.as_deref().map_or(4, display_width)
    }

    fn full_width(&self) -> i64 {
        let edges = 2 + 2 * as_i64(self.level);
        let columns: i64 = self.columns.iter().map(|width| width + 4).sum();
        (columns + edges).max(self.title_width() + edges)
    }

    /// Column widths, edges included, scaled so that they fill `width`.
    fn scaled_columns(&self, width: i64) -> Vec<i64> {
        let natural: Vec<i64> = self.columns.iter().map(|column| column + 4).collect();
        let sum: i64 = natural.iter().sum();
        #[expect(clippy::cast_precision_loss, reason = "the real tool computes with floats; widths are small")]
        let factor = width as f64 / sum as f64;
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "as above")]
        let mut scaled: Vec<i64> =
            natural.iter().map(|column| (factor * *column as f64).round_ties_even() as i64).collect();
        let mut excess = scaled.iter().sum::<i64>() - width;
        while excess != 0 && !scaled.is_empty() {
            let step = excess.signum();
            let take = usize::try_from(excess.abs()).unwrap_or(0).min(scaled.len());
            if step > 0 {
                scaled.iter_mut().take(take).for_each(|column| *column -= 1);
            } else {
                scaled.iter_mut().rev().take(take).for_each(|column| *column += 1);
            }
            excess -= step * as_i64(take);
        }
        scaled
    }

    fn draw(&self, out: &mut String, table_width: i64) {
        let width = table_width - 2 * as_i64(self.level);
        let edge = "|".repeat(self.level);
        let mut put = |line: &str| out.extend([edge.as_str(), line, edge.as_str(), "\n"]);
        if let Some(title) = self.title.as_deref().filter(|title| !title.is_empty()) {
            put(&centred(title, width, "|"));
            if self.header.is_empty() && self.rows.is_empty() {
                put(&format!("+{}+", repeat("-", width - 2)));
            }
        }
        let columns = self.scaled_columns(width);
        let rule = rule(&columns);
        if !self.header.is_empty() {
            put(&rule);
            put(&cells(&columns, &self.header, centred));
        }
        if !self.rows.is_empty() && !columns.is_empty() {
            put(&rule);
            for row in &self.rows {
                put(&cells(&columns, row, left_aligned));
            }
            put(&rule);
        }
    }
}

fn widen(columns: &mut Vec<i64>, texts: &[String]) -> Result<(), RenderError> {
    let widths = texts.iter().map(|text| display_width(text));
    if columns.is_empty() {
        columns.extend(widths);
        return Ok(());
    }
    if texts.len() > columns.len() {
        return Err(RenderError::new("list index out of range".to_owned()));
    }
    for (column, width) in columns.iter_mut().zip(widths) {
        *column = width.max(*column);
    }
    Ok(())
}

fn widest(sections: &[Section]) -> i64 {
    sections.iter().map(Section::full_width).max().unwrap_or(0)
}

fn cells(columns: &[i64], texts: &[String], draw: fn(&str, i64, &str) -> String) -> String {
    let edges = std::iter::once("|").chain(std::iter::repeat(""));
    columns.iter().zip(texts).zip(edges).map(|((width, text), edge)| draw(text, *width, edge)).collect()
}

fn rule(columns: &[i64]) -> String {
    let mut out = String::from("+");
    for (index, width) in columns.iter().enumerate() {
        out.push_str(&repeat("-", if index == 0 { width - 2 } else { width - 1 }));
        out.push('+');
    }
    out
}

fn centred(text: &str, width: i64, left_edge: &str) -> String {
    let length = display_width(text);
    let before = width / 2 - length / 2 - 1;
    let after = width - 1 - (as_i64(left_edge.len()) + before + length);
    format!("{left_edge}{}{text}{}|", repeat(" ", before), repeat(" ", after))
}

fn left_aligned(text: &str, width: i64, left_edge: &str) -> String {
    let length = display_width(text);
    let edges = as_i64(left_edge.len()) + 1;
    let before = if width >= length + 2 + edges { 2 } else { 0 };
    let after = width - edges - before - length;
    format!("{left_edge}{}{text}{}|", repeat(" ", before), repeat(" ", after))
}

fn repeat(text: &str, count: i64) -> String {
    text.repeat(usize::try_from(count).unwrap_or(0))
}

fn as_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
