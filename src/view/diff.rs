//! The difference of two texts, line by line.

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Change {
    Same,
    Added,
    Removed,
}

/// A line of either text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What became of it.
    pub change: Change,
    /// Its number in the text that has it, from 1; of a line that stayed, in the new text.
    pub number: usize,
    /// The line.
    pub text: String,
}

/// Tables of more cells than this are not filled in: the changed part is then shown as replaced whole.
const MOST_CELLS: usize = 1_000_000;

/// All lines of both texts, in order: of a change first what goes, then what comes.
pub fn lines(old: &str, new: &str) -> Vec<Line> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = |all: &[&str]| all.len() - head;
    let most = rest(&old).min(rest(&new));
    let tail = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let middle = |all: &'_ [&'_ str]| head..all.len() - tail;
    let (old_middle, new_middle) = (middle(&old), middle(&new));
    let a = old.get(old_middle).unwrap_or_default();
    let b = new.get(new_middle).unwrap_or_default();
    let line = |change, index: usize, text: &str| Line { change, number: index + 1, text: text.to_owned() };
    let mut lines: Vec<Line> = new.iter().take(head).enumerate().map(|(i, text)| line(Change::Same, i, text)).collect();
    let (mut i, mut j) = (0, 0);
    let table = Table::of(a, b);
    while i < a.len() || j < b.len() {
        match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) if x == y && !table.is_empty() => {
                lines.push(line(Change::Same, head + j, y));
                (i, j) = (i + 1, j + 1);
            }
            (Some(x), _) if j >= b.len() || table.at(i + 1, j) >= table.at(i, j + 1) => {
                lines.push(line(Change::Removed, head + i, x));
                i += 1;
            }
            (_, Some(y)) => {
                lines.push(line(Change::Added, head + j, y));
                j += 1;
            }
            _ => break,
        }
    }
    let from = new.len() - tail;
    lines.extend(new.iter().enumerate().skip(from).map(|(i, text)| line(Change::Same, i, text)));
    lines
}

/// How many lines two ends of the texts have in common, for all ends.
struct Table {
    cells: Vec<u32>,
    width: usize,
}

impl Table {
    fn of(a: &[&str], b: &[&str]) -> Self {
        let width = b.len() + 1;
        if a.len().saturating_mul(b.len()) > MOST_CELLS {
            return Self { cells: Vec::new(), width };
        }
        let mut table = Self { cells: vec![0; width * (a.len() + 1)], width };
        for (i, x) in a.iter().enumerate().rev() {
            for (j, y) in b.iter().enumerate().rev() {
                let length =
                    if x == y { table.at(i + 1, j + 1) + 1 } else { table.at(i + 1, j).max(table.at(i, j + 1)) };
                if let Some(cell) = table.cells.get_mut(i * width + j) {
                    *cell = length;
                }
            }
        }
        table
    }

    fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    fn at(&self, i: usize, j: usize) -> u32 {
        self.cells.get(i * self.width + j).copied().unwrap_or_default()
    }
}

/// The changed parts with `context` lines around each.
pub fn hunks(lines: &[Line], context: usize) -> Vec<&[Line]> {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for (at, _) in lines.iter().enumerate().filter(|(_, line)| line.change != Change::Same) {
        let (from, to) = (at.saturating_sub(context), (at + context + 1).min(lines.len()));
        match ranges.last_mut() {
            Some(last) if from <= last.1 => last.1 = to,
            _ => ranges.push((from, to)),
        }
    }
    ranges.into_iter().filter_map(|(from, to)| lines.get(from..to)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> String {
        let sign = |line: &Line| match line.change {
            Change::Same => ' ',
            Change::Added => '+',
            Change::Removed => '-',
        };
        lines(old, new).iter().map(|line| format!("{}{}{}\n", line.number, sign(line), line.text)).collect()
    }

    #[test]
    fn lines_that_stay_go_and_come() {
        assert_eq!(shown("a\nb\nc\nd", "a\nc\nx\nd"), "1 a\n2-b\n2 c\n3+x\n4 d\n");
        assert_eq!(shown("", "a\nb"), "1+a\n2+b\n");
        assert_eq!(shown("a\nb", ""), "1-a\n2-b\n");
        assert_eq!(shown("a", "b"), "1-a\n1+b\n");
        assert_eq!(shown("a\na", "a"), "1 a\n2-a\n");
        assert_eq!(shown("same", "same"), "1 same\n");
    }

    #[test]
    fn long_texts_without_likeness_are_replaced_whole() {
        let text = |word: &str| (0..1200).map(|n| format!("{word}{n}\n")).collect::<String>();
        let lines = lines(&text("a"), &text("b"));
        assert_eq!(lines.len(), 2400);
        assert!(lines.iter().take(1200).all(|line| line.change == Change::Removed));
    }

    #[test]
    fn unchanged_parts_are_left_out() {
        let old = (0..30).map(|n| format!("{n}\n")).collect::<String>();
        let new = old.replace("\n5\n", "\nfive\n").replace("\n25\n", "\n");
        let lines = lines(&old, &new);
        let hunks = hunks(&lines, 2);
        assert_eq!(hunks.iter().map(|hunk| hunk.len()).collect::<Vec<_>>(), [6, 5]);
    }
}
