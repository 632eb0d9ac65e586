//! diff: normal and unified output, `-q`, `-i`, `-w`, `-b`, `-B`, `-s`.

use super::{Call, Options, lines};

/// The most lines on either side, and how many pairs of lines are compared.
const MAX_LINES: usize = 5_000;
const MAX_PAIRS: usize = 4_000_000;

/// A run of lines that differ: from and to on both sides.
#[derive(Clone, Copy)]
struct Change {
    left: (usize, usize),
    right: (usize, usize),
}

pub(super) fn diff(call: &mut Call<'_>) -> i32 {
    let long = [
        ("brief", 'q'),
        ("ignore-case", 'i'),
        ("ignore-all-space", 'w'),
        ("ignore-space-change", 'b'),
        ("ignore-blank-lines", 'B'),
        ("report-identical-files", 's'),
        ("unified", 'u'),
        ("label", 'L'),
    ];
    let options = match Options::read(call, "qiwbBsuNra", "UL", &long) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let [left, right] = options.operands.as_slice() else {
        let what = match options.operands.last() {
            Some(last) if options.operands.len() == 1 => format!("missing operand after '{last}'"),
            Some(_) => format!("extra operand '{}'", options.operands.get(2).map_or("", String::as_str)),
            None => "missing operand".to_owned(),
        };
        call.complain(&what);
        call.err("diff: Try 'diff --help' for more information.\n");
        return 2;
    };
    let mut texts = Vec::new();
    for path in [left, right] {
        match call.read(path) {
            Ok(text) => texts.push(text),
            Err(error) => {
                call.complain(&format!("{path}: {error}"));
                return 2;
            }
        }
    }
    let sides: Vec<Vec<&str>> = texts.iter().map(|text| lines(text).collect()).collect();
    let [before, after] = sides.as_slice() else { return 2 };
    if before.len() > MAX_LINES || after.len() > MAX_LINES {
        call.complain(&format!("more than {MAX_LINES} lines are not supported in this terminal"));
        return 2;
    }
    let plain = |line: &str| {
        let mut line = line.to_owned();
        if options.has('i') {
            line = line.to_lowercase();
        }
        if options.has('w') {
            line.retain(|c| !c.is_whitespace());
        } else if options.has('b') {
            line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        line
    };
    let keys = |side: &[&str]| side.iter().map(|line| plain(line)).collect::<Vec<String>>();
    let Some(mut changes) = changes(&keys(before), &keys(after)) else {
        call.complain("the files differ too much to be compared in this terminal");
        return 2;
    };
    if options.has('B') {
        let blank = |side: &[&str], (from, to): (usize, usize)| {
            side.get(from..to).is_some_and(|run| run.iter().all(|line| line.is_empty()))
        };
        changes.retain(|change| !(blank(before, change.left) && blank(after, change.right)));
    }
    // Only the last newline may differ.
    let [old_end, new_end] = [0, 1].map(|at| texts.get(at).is_some_and(|text| text.is_empty() || text.ends_with('\n')));
    if changes.is_empty() && old_end == new_end {
        if options.has('s') {
            call.out(&format!("Files {left} and {right} are identical\n"));
        }
        return 0;
    }
    if options.has('q') {
        call.out(&format!("Files {left} and {right} differ\n"));
        return 1;
    }
    let context = options.value('U').map_or(3, |lines| lines.parse().unwrap_or(3));
    let out = if options.has('u') || options.value('U').is_some() {
        let labels: Vec<&str> = options.values('L').collect();
        let name = |at: usize, path: &str| match labels.get(at) {
            Some(label) => (*label).to_owned(),
            None => format!("{path}\t{}", crate::shell::dates::formatted(call.now, "%F %T.%N %z").unwrap_or_default()),
        };
        format!("--- {}\n+++ {}\n{}", name(0, left), name(1, right), unified(before, after, &changes, context))
    } else {
        normal(before, after, &changes)
    };
    call.out(&out);
    1
}

/// The runs that differ, by the longest common subsequence; `None` if that takes too much.
fn changes(left: &[String], right: &[String]) -> Option<Vec<Change>> {
    let same = left.iter().zip(right).take_while(|(l, r)| l == r).count();
    let rest = (left.get(same..)?, right.get(same..)?);
    let end = rest.0.iter().rev().zip(rest.1.iter().rev()).take_while(|(l, r)| l == r).count();
    let (old, new) = (rest.0.get(..rest.0.len() - end)?, rest.1.get(..rest.1.len() - end)?);
    if old.len().saturating_mul(new.len()) > MAX_PAIRS {
        return None;
    }
    // How long the common part of what follows is, for each pair of places.
    let width = new.len() + 1;
    let mut lengths = vec![0u16; (old.len() + 1) * width];
    for (o, line) in old.iter().enumerate().rev() {
        for (n, other) in new.iter().enumerate().rev() {
            let at = |o: usize, n: usize| lengths.get(o * width + n).copied().unwrap_or(0);
            let length = if line == other { at(o + 1, n + 1) + 1 } else { at(o + 1, n).max(at(o, n + 1)) };
            if let Some(cell) = lengths.get_mut(o * width + n) {
                *cell = length;
            }
        }
    }
    let at = |o: usize, n: usize| lengths.get(o * width + n).copied().unwrap_or(0);
    let (mut o, mut n) = (0, 0);
    let mut found: Vec<Change> = Vec::new();
    while o < old.len() || n < new.len() {
        if o < old.len() && n < new.len() && old.get(o) == new.get(n) {
            (o, n) = (o + 1, n + 1);
            continue;
        }
        let removes = n == new.len() || o < old.len() && at(o + 1, n) >= at(o, n + 1);
        let (from_left, from_right) = (same + o, same + n);
        if removes {
            o += 1
        } else {
            n += 1
        }
        let (to_left, to_right) = (same + o, same + n);
        match found.last_mut() {
            Some(last) if last.left.1 == from_left && last.right.1 == from_right => {
                (last.left.1, last.right.1) = (to_left, to_right);
            }
            _ => found.push(Change { left: (from_left, to_left), right: (from_right, to_right) }),
        }
    }
    Some(found)
}

fn normal(before: &[&str], after: &[&str], changes: &[Change]) -> String {
    let range = |(from, to): (usize, usize)| match to - from {
        0 => from.to_string(),
        1 => to.to_string(),
        _ => format!("{},{to}", from + 1),
    };
    let mut out = String::new();
    for Change { left, right } in changes {
        let letter = if left.0 == left.1 {
            'a'
        } else if right.0 == right.1 {
            'd'
        } else {
            'c'
        };
        out.push_str(&format!("{}{letter}{}\n", range(*left), range(*right)));
        for line in before.get(left.0..left.1).unwrap_or_default() {
            out.push_str(&format!("< {line}\n"));
        }
        if letter == 'c' {
            out.push_str("---\n");
        }
        for line in after.get(right.0..right.1).unwrap_or_default() {
            out.push_str(&format!("> {line}\n"));
        }
    }
    out
}

fn unified(before: &[&str], after: &[&str], changes: &[Change], context: usize) -> String {
    let mut out = String::new();
    let mut rest = changes;
    while let Some(first) = rest.first() {
        // Changes whose surroundings touch are shown together.
        let mut count = 1;
        while let (Some(last), Some(next)) = (rest.get(count - 1), rest.get(count)) {
            if next.left.0 - last.left.1 > 2 * context {
                break;
            }
            count += 1;
        }
        let (group, others) = rest.split_at(count);
        rest = others;
        let Some(last) = group.last() else { return out };
        let lead = first.left.0.min(context);
        let start = (first.left.0 - lead, first.right.0 - lead);
        let tail = context.min(before.len() - last.left.1);
        let end = (last.left.1 + tail, last.right.1 + tail);
        let range = |from: usize, to: usize| match to - from {
            0 => format!("{from},0"),
            1 => to.to_string(),
            length => format!("{},{length}", from + 1),
        };
        out.push_str(&format!("@@ -{} +{} @@\n", range(start.0, end.0), range(start.1, end.1)));
        let mut add = |mark: char, run: &[&str]| run.iter().for_each(|line| out.push_str(&format!("{mark}{line}\n")));
        let mut at = start.0;
        for change in group {
            add(' ', before.get(at..change.left.0).unwrap_or_default());
            add('-', before.get(change.left.0..change.left.1).unwrap_or_default());
            add('+', after.get(change.right.0..change.right.1).unwrap_or_default());
            at = change.left.1;
        }
        add(' ', before.get(at..end.0).unwrap_or_default());
    }
    out
}
