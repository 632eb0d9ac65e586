//! `select`: a menu on standard error, and answers from standard input.

use super::exec::{Io, Run, Shell};
use crate::shell::syntax::ast::{AndOr, Word};

/// The width of the terminal.
const COLUMNS: usize = 80;

impl Shell<'_> {
    pub(super) fn select(&mut self, name: &str, words: &[Word], body: &[AndOr], io: &Io) -> Run {
        let values = self.fields(words, io)?;
        if values.is_empty() {
            return Ok(0);
        }
        let mut status = 0;
        let mut shows = true;
        loop {
            if shows {
                self.write(&io.stderr, &menu(&values))?;
            }
            let prompt = self.host.workstation().variables.get("PS3").cloned().unwrap_or_else(|| "#? ".to_owned());
            self.write(&io.stderr, &prompt)?;
            let line = self.inputs.get_mut(io.stdin).and_then(|input| input.take_until('\n'));
            let Some((line, _)) = line else {
                self.write(&io.stdout, "\n")?;
                return Ok(1);
            };
            let line = line.trim_matches([' ', '\t']).to_owned();
            // An empty answer shows the menu again.
            shows = line.is_empty();
            if shows {
                continue;
            }
            let chosen = line.parse::<usize>().ok().and_then(|number| values.get(number.checked_sub(1)?));
            self.set_variable(name, chosen.cloned().unwrap_or_default())?;
            self.set_variable("REPLY", line)?;
            if self.round(body, io, &mut status)? {
                return Ok(status);
            }
            // As in bash the menu is shown again when REPLY was emptied.
            shows = self.host.workstation().variables.get("REPLY").is_none_or(String::is_empty);
        }
    }
}

/// The numbered words in columns, as bash lays them out.
fn menu(values: &[String]) -> String {
    let digits = values.len().to_string().len();
    let longest = values.iter().map(|value| value.chars().count()).max().unwrap_or(0);
    let width = longest + digits + 4;
    let columns = (COLUMNS / width).max(1);
    let mut rows = values.len().div_ceil(columns);
    let mut columns = values.len().div_ceil(rows.max(1));
    if rows == 1 {
        (rows, columns) = (columns, 1);
    }
    // A column's numbers are as wide as the greatest of the first column, or of the last.
    let first = rows.to_string().len();
    let mut out = String::new();
    for row in 0..rows {
        let mut at = 0;
        for column in 0..columns {
            let index = column * rows + row;
            let Some(value) = values.get(index) else { break };
            let digits = if column == 0 { first } else { digits };
            let text = format!("{:>digits$}) {value}", index + 1);
            out.push_str(&text);
            let next = values.get(index + rows).is_some() && column + 1 < columns;
            if next {
                indent(&mut out, at + text.chars().count(), at + width);
                at += width;
            }
        }
        out.push('\n');
    }
    out
}

/// Blanks up to a column, with tabs where they reach.
fn indent(out: &mut String, mut from: usize, to: usize) {
    while from < to {
        if to / 8 > from / 8 {
            out.push('\t');
            from += 8 - from % 8;
        } else {
            out.push(' ');
            from += 1;
        }
    }
}
