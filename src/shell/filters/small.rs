//! comm, nl, yes.

use super::{Call, Options, lines, plainly};

/// `comm [-123] FILE1 FILE2`: what only the first, only the second, and both sorted files have.
pub(super) fn comm(call: &mut Call<'_>) -> i32 {
    let options = match Options::read(call, "123", "", &[]) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let [left, right] = options.operands.as_slice() else {
        let last = options.operands.last().cloned();
        call.complain(&last.map_or("missing operand".to_owned(), |last| match options.operands.len() {
            1 => format!("missing operand after ‘{last}’"),
            _ => format!("extra operand ‘{}’", options.operands.get(2).cloned().unwrap_or_default()),
        }));
        call.err("Try 'comm --help' for more information.\n");
        return 1;
    };
    let mut texts = Vec::new();
    for path in [left, right] {
        match call.read(path) {
            Ok(text) => texts.push(text),
            Err(error) => {
                call.complain(&plainly(path, &error));
                return 1;
            }
        }
    }
    let mut sides = texts.iter().map(|text| lines(text).peekable());
    let (Some(mut left), Some(mut right)) = (sides.next(), sides.next()) else { return 1 };
    let tabs = |column: usize| (1..column).filter(|n| !options.has(char::from(b'0' + *n as u8))).count();
    let mut out = String::new();
    loop {
        let (column, line) = match (left.peek().copied(), right.peek().copied()) {
            (None, None) => break,
            (Some(l), Some(r)) if l == r => {
                right.next();
                (3, left.next())
            }
            (Some(l), Some(r)) if l < r => (1, left.next()),
            (Some(_), None) => (1, left.next()),
            _ => (2, right.next()),
        };
        if !options.has(char::from(b'0' + column as u8)) {
            out.push_str(&format!("{}{}\n", "\t".repeat(tabs(column)), line.unwrap_or_default()));
        }
    }
    call.out(&out);
    0
}

/// `nl [-b a] [FILE …]`: numbers the lines that are not empty, or all.
pub(super) fn nl(call: &mut Call<'_>) -> i32 {
    let options = match Options::read(call, "", "b", &[("body-numbering", 'b')]) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let all = match options.value('b') {
        None | Some("t") => false,
        Some("a") => true,
        Some(other) => return call.unsupported(&format!("-b {other}"), "-b a, -b t"),
    };
    let (inputs, failed) = call.inputs(&options.operands, plainly);
    let (mut number, mut out) = (0, String::new());
    for line in inputs.iter().flat_map(|(_, text)| lines(text)) {
        if line.is_empty() && !all {
            out.push_str("       \n");
            continue;
        }
        number += 1;
        out.push_str(&format!("{number:6}\t{line}\n"));
    }
    call.out(&out);
    i32::from(failed)
}

/// How often `yes` prints its line: nothing that reads it here asks for more.
const ROUNDS: usize = 10_000;

/// `yes [TEXT …]`, which ends as the real one does when nobody reads on.
pub(super) fn yes(call: &mut Call<'_>) -> i32 {
    let line = if call.args.is_empty() { "y".to_owned() } else { call.args.join(" ") };
    call.out(&format!("{line}\n").repeat(ROUNDS.min(super::MAX_TOOL_OUTPUT / (line.len() + 1))));
    141
}
