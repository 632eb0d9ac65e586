//! cat, head, tail, tac, wc, cut, tee, seq, basename, dirname.

use super::{Call, Options, lines, plainly};

pub(super) fn cat(call: &mut Call<'_>) -> i32 {
    // `less` and `more` print like `cat` when they cannot take over the screen.
    let options = match Options::read(call, "nbsEeATtvuRFX", "", &[("number", 'n')]) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    if let Some((letter, _)) = options.given.iter().find(|(letter, _)| "bsEeATtv".contains(*letter)) {
        return call.unsupported(&format!("-{letter}"), "-n");
    }
    let (inputs, failed) = call.inputs(&options.operands, plainly);
    let mut number = 0;
    for (_, text) in inputs {
        if options.has('n') {
            let mut numbered = String::new();
            for line in text.split_inclusive('\n') {
                number += 1;
                numbered.push_str(&format!("{number:6}\t{line}"));
            }
            call.out(&numbered);
        } else {
            call.out(&text);
        }
    }
    i32::from(failed)
}

/// `-5` as the first argument means `-n 5`.
fn with_old_count(args: &[String]) -> Vec<String> {
    let mut args = args.to_vec();
    if let Some(first) = args.first_mut()
        && let Some(digits) = first.strip_prefix('-')
        && !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
    {
        *first = format!("-n{digits}");
    }
    args
}

pub(super) fn head(call: &mut Call<'_>) -> i32 {
    ends(call, true)
}

pub(super) fn tail(call: &mut Call<'_>) -> i32 {
    ends(call, false)
}

fn ends(call: &mut Call<'_>, head: bool) -> i32 {
    let args = with_old_count(call.args);
    let long = [("lines", 'n'), ("bytes", 'c'), ("quiet", 'q')];
    let options = match Options::read_from(call, &args, "qv", "nc", &long) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let (letter, amount) = match options.given.iter().rev().find(|(letter, _)| "nc".contains(*letter)) {
        Some((letter, Some(value))) => (*letter, value.as_str()),
        _ => ('n', "10"),
    };
    let (sign, digits) = match amount.chars().next() {
        Some(sign @ ('+' | '-')) => (Some(sign), amount.get(1..).unwrap_or_default()),
        _ => (None, amount),
    };
    let Ok(count) = digits.parse::<usize>() else {
        let what = if letter == 'n' { "lines" } else { "bytes" };
        call.complain(&format!("invalid number of {what}: ‘{amount}’"));
        return 1;
    };
    let (inputs, failed) =
        call.inputs(&options.operands, |path, reason| format!("cannot open '{path}' for reading: {reason}"));
    let titled = (options.operands.len() > 1 || options.has('v')) && !options.has('q');
    for (at, (path, text)) in inputs.iter().enumerate() {
        if titled {
            let path = if path == "-" { "standard input" } else { path };
            call.out(&format!("{}==> {path} <==\n", if at > 0 { "\n" } else { "" }));
        }
        let units: Vec<usize> = if letter == 'n' {
            text.match_indices('\n')
                .map(|(at, _)| at + 1)
                .chain((!text.ends_with('\n')).then_some(text.len()))
                .collect()
        } else {
            text.char_indices().map(|(at, c)| at + c.len_utf8()).collect()
        };
        // How many units from the start the cut lies.
        let total = if text.is_empty() { 0 } else { units.len() };
        let cut = match (head, sign) {
            (true, Some('-')) => total.saturating_sub(count),
            (true, _) => count.min(total),
            (false, Some('+')) => count.saturating_sub(1).min(total),
            (false, _) => total.saturating_sub(count),
        };
        let byte = if cut == 0 { 0 } else { units.get(cut - 1).copied().unwrap_or(text.len()) };
        let (before, after) = text.split_at(byte);
        if head && path == "-" && call.stdin_is_file() {
            call.leave(after.len());
        }
        call.out(if head { before } else { after });
    }
    i32::from(failed)
}

pub(super) fn tac(call: &mut Call<'_>) -> i32 {
    let options = match Options::read(call, "", "", &[]) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let (inputs, failed) =
        call.inputs(&options.operands, |path, reason| format!("failed to open '{path}' for reading: {reason}"));
    for (_, text) in inputs {
        let pieces: Vec<&str> = text.split_inclusive('\n').rev().collect();
        call.out(&pieces.concat());
    }
    i32::from(failed)
}

pub(super) fn wc(call: &mut Call<'_>) -> i32 {
    let long = [("lines", 'l'), ("words", 'w'), ("bytes", 'c'), ("chars", 'm')];
    let options = match Options::read(call, "lwcm", "", &long) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let piped = options.operands.is_empty() && !call.stdin_is_file();
    let asked = |letter| options.has(letter) || options.given.is_empty() && letter != 'm';
    let (inputs, failed) = call.inputs(&options.operands, plainly);
    let mut rows: Vec<(Vec<usize>, String)> = Vec::new();
    for (path, text) in &inputs {
        let mut row = Vec::new();
        for letter in ['l', 'w', 'm', 'c'].into_iter().filter(|letter| asked(*letter)) {
            row.push(match letter {
                'l' => text.matches('\n').count(),
                'w' => text.split_ascii_whitespace().count(),
                'm' => text.chars().count(),
                _ => text.len(),
            });
        }
        rows.push((row, path.clone()));
    }
    if options.operands.len() > 1 {
        let sums = (0..rows.first().map_or(0, |(row, _)| row.len()))
            .map(|column| rows.iter().filter_map(|(row, _)| row.get(column)).sum())
            .collect();
        rows.push((sums, "total".to_owned()));
    }
    // The width of the greatest number; 7 if several are read from a pipe, whose length is not known beforehand.
    let widest = if piped { 7 } else { 1 };
    let largest: usize = inputs.iter().map(|(_, text)| text.len()).sum();
    let columns = rows.first().map_or(0, |(row, _)| row.len());
    let single = columns == 1 && rows.len() == 1;
    let width = if single { 1 } else { widest.max(largest.to_string().len()) };
    for (row, path) in rows {
        let numbers: Vec<String> = row.iter().map(|number| format!("{number:width$}")).collect();
        let name = if options.operands.is_empty() { String::new() } else { format!(" {path}") };
        call.out(&format!("{}{name}\n", numbers.join(" ")));
    }
    i32::from(failed)
}

pub(super) fn cut(call: &mut Call<'_>) -> i32 {
    let long = [
        ("delimiter", 'd'),
        ("fields", 'f'),
        ("characters", 'c'),
        ("bytes", 'b'),
        ("only-delimited", 's'),
        ("complement", 'C'),
        ("output-delimiter", 'o'),
    ];
    let options = match Options::read(call, "sC", "dfcbo", &long) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let (by_field, list) = match (options.value('f'), options.value('c').or(options.value('b'))) {
        (Some(list), None) => (true, list),
        (None, Some(list)) => (false, list),
        (None, None) => {
            call.complain("you must specify a list of bytes, characters, or fields");
            call.err("Try 'cut --help' for more information.\n");
            return 1;
        }
        (Some(_), Some(_)) => {
            call.complain("only one list may be specified");
            call.err("Try 'cut --help' for more information.\n");
            return 1;
        }
    };
    let Some(ranges) = ranges(list) else {
        let what = if by_field { "field" } else { "byte/character" };
        let zero = list.split([',', '-', ' ']).any(|number| number.parse() == Ok(0));
        call.complain(&match (zero, by_field) {
            (true, true) => "fields are numbered from 1".to_owned(),
            (true, false) => "byte/character positions are numbered from 1".to_owned(),
            (false, _) => format!("invalid {what} list: ‘{list}’"),
        });
        call.err("Try 'cut --help' for more information.\n");
        return 1;
    };
    let delimiter = options.value('d').unwrap_or("\t");
    if delimiter.chars().count() != 1 {
        call.complain("the delimiter must be a single character");
        call.err("Try 'cut --help' for more information.\n");
        return 1;
    }
    let joint = options.value('o').unwrap_or(if by_field { delimiter } else { "" });
    let chosen = |at: usize| ranges.iter().any(|(from, to)| *from <= at && at <= *to) != options.has('C');
    let (inputs, failed) = call.inputs(&options.operands, plainly);
    for (_, text) in inputs {
        let mut out = String::new();
        for line in lines(&text) {
            if by_field && !line.contains(delimiter) {
                if !options.has('s') {
                    out.push_str(line);
                    out.push('\n');
                }
                continue;
            }
            if by_field {
                let fields: Vec<&str> =
                    line.split(delimiter).enumerate().filter(|(at, _)| chosen(at + 1)).map(|(_, f)| f).collect();
                out.push_str(&fields.join(joint));
            } else {
                out.extend(line.chars().enumerate().filter(|(at, _)| chosen(at + 1)).map(|(_, c)| c));
            }
            out.push('\n');
        }
        call.out(&out);
    }
    i32::from(failed)
}

/// The most ranges in a list of `cut`.
const MAX_RANGES: usize = 100;

/// `1,3-5,7-` as pairs.
fn ranges(list: &str) -> Option<Vec<(usize, usize)>> {
    let number = |text: &str| text.parse::<usize>().ok().filter(|n| *n > 0);
    let ranges: Vec<_> = list
        .split([',', ' '])
        .map(|item| match item.split_once('-') {
            None => number(item).map(|n| (n, n)),
            Some(("", "")) => None,
            Some(("", to)) => Some((1, number(to)?)),
            Some((from, "")) => Some((number(from)?, usize::MAX)),
            Some((from, to)) => Some((number(from)?, number(to)?)).filter(|(from, to)| from <= to),
        })
        .collect::<Option<_>>()?;
    (ranges.len() <= MAX_RANGES).then_some(ranges)
}

pub(super) fn tee(call: &mut Call<'_>) -> i32 {
    let options = match Options::read(call, "a", "", &[("append", 'a')]) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let text = call.stdin();
    call.out(&text);
    let mut exit = 0;
    for path in &options.operands {
        let written =
            if options.has('a') { call.workstation.append(path, &text) } else { call.workstation.write(path, &text) };
        if let Err(error) = written {
            call.complain(&format!("{path}: {error}"));
            exit = 1;
        }
    }
    exit
}

/// The most numbers that `seq` prints.
const MAX_NUMBERS: i64 = 100_000;

pub(super) fn seq(call: &mut Call<'_>) -> i32 {
    let mut numbers = Vec::new();
    for arg in call.args {
        match arg.parse::<i64>() {
            Ok(number) => numbers.push(number),
            Err(_) => {
                return call.unsupported(&arg.clone(), "whole numbers: seq LAST, seq FIRST LAST, seq FIRST STEP LAST");
            }
        }
    }
    let (first, step, last) = match numbers.as_slice() {
        [last] => (1, 1, *last),
        [first, last] => (*first, 1, *last),
        [first, step, last] if *step != 0 => (*first, *step, *last),
        [_, step, _] => {
            call.complain(&format!("invalid Zero increment value: ‘{step}’"));
            call.err("Try 'seq --help' for more information.\n");
            return 1;
        }
        _ => {
            call.complain(if numbers.is_empty() { "missing operand" } else { "extra operand" });
            call.err("Try 'seq --help' for more information.\n");
            return 1;
        }
    };
    let mut out = String::new();
    let (mut number, mut count) = (first, 0);
    while step > 0 && number <= last || step < 0 && number >= last {
        if count == MAX_NUMBERS {
            call.complain(&format!("more than {MAX_NUMBERS} numbers; stopped"));
            return 2;
        }
        out.push_str(&format!("{number}\n"));
        let Some(next) = number.checked_add(step) else { break };
        (number, count) = (next, count + 1);
    }
    call.out(&out);
    0
}

pub(super) fn basename(call: &mut Call<'_>) -> i32 {
    let (path, suffix) = match call.args {
        [path] => (path, ""),
        [path, suffix] => (path, suffix.as_str()),
        _ => return call.unsupported(&call.args.join(" "), "basename PATH [SUFFIX]"),
    };
    let trimmed = path.trim_end_matches('/');
    let name = trimmed.rsplit('/').next().unwrap_or_default();
    let name = if trimmed.is_empty() && !path.is_empty() { "/" } else { name };
    let name = name.strip_suffix(suffix).filter(|rest| !rest.is_empty()).unwrap_or(name);
    let text = format!("{name}\n");
    call.out(&text);
    0
}

pub(super) fn dirname(call: &mut Call<'_>) -> i32 {
    let [path] = call.args else { return call.unsupported(&call.args.join(" "), "dirname PATH") };
    let trimmed = path.trim_end_matches('/');
    let directory = match trimmed.rsplit_once('/') {
        Some((directory, _)) => directory.trim_end_matches('/'),
        None if trimmed.is_empty() && path.starts_with('/') => "",
        None => ".",
    };
    let text = if directory.is_empty() { "/\n".to_owned() } else { format!("{directory}\n") };
    call.out(&text);
    0
}
