//! sort and uniq. Lines compare by their bytes, as in the C locale.

use std::cmp::Ordering;

use super::{Call, Options, lines, plainly};
use crate::formats::ordered::sort_by;

/// A `-k` of `sort`: fields from `first` to `last`, with the options written on it.
struct Key {
    first: usize,
    last: usize,
    numeric: bool,
    reverse: bool,
}

/// The most keys that `sort` takes.
const MAX_KEYS: usize = 8;

pub(super) fn sort(call: &mut Call<'_>) -> i32 {
    let long = [
        ("reverse", 'r'),
        ("numeric-sort", 'n'),
        ("unique", 'u'),
        ("key", 'k'),
        ("field-separator", 't'),
        ("ignore-case", 'f'),
        ("version-sort", 'V'),
    ];
    let options = match Options::read(call, "rnufb", "kto", &long) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let mut keys = Vec::new();
    for value in options.values('k') {
        match key(value).filter(|_| keys.len() < MAX_KEYS) {
            Some(key) => keys.push(key),
            None => return call.unsupported(&format!("-k {value}"), "-k N, -k N,M, with n and r"),
        }
    }
    let (inputs, failed) = call.inputs(&options.operands, |path, reason| format!("cannot read: {path}: {reason}"));
    if failed {
        return 2;
    }
    let separator = options.value('t');
    let fold = options.has('f');
    let mut all: Vec<&str> = inputs.iter().flat_map(|(_, text)| lines(text)).collect();
    let compare = |left: &str, right: &str| -> Ordering {
        if keys.is_empty() {
            let order = compare_texts(left, right, options.has('n'), fold);
            return if options.has('r') { order.reverse() } else { order };
        }
        for key in &keys {
            let numeric = key.numeric || options.has('n');
            let order = compare_texts(fields(left, key, separator), fields(right, key, separator), numeric, fold);
            let reversed = key.reverse || options.has('r') && !key.numeric;
            if order != Ordering::Equal {
                return if reversed { order.reverse() } else { order };
            }
        }
        Ordering::Equal
    };
    sort_by(&mut all, &|left, right| {
        let order = compare(left, right);
        if order != Ordering::Equal || options.has('u') {
            return order;
        }
        // Lines that compare equal are put in order by all their bytes.
        if options.has('r') { right.cmp(left) } else { left.cmp(right) }
    });
    if options.has('u') {
        all.dedup_by(|right, left| compare(left, right) == Ordering::Equal);
    }
    let text: String = all.iter().flat_map(|line| [line, "\n"]).collect();
    match options.value('o').map(str::to_owned) {
        Some(path) => {
            if let Err(error) = call.workstation.write(&path, &text) {
                call.complain(&format!("open failed: {path}: {error}"));
                return 2;
            }
        }
        None => call.out(&text),
    }
    0
}

fn key(text: &str) -> Option<Key> {
    let (first, last) = text.split_once(',').map_or((text, None), |(first, last)| (first, Some(last)));
    let letters = |text: &str| -> Option<(usize, String)> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, letters) = text.split_at(digits);
        let number = number.parse().ok().filter(|n| *n > 0)?;
        letters.chars().all(|c| matches!(c, 'n' | 'r' | 'b')).then(|| (number, letters.to_owned()))
    };
    let (first, mut flags) = letters(first)?;
    let last = match last {
        None => usize::MAX,
        Some(last) => {
            let (last, more) = letters(last)?;
            flags.push_str(&more);
            last
        }
    };
    Some(Key { first, last, numeric: flags.contains('n'), reverse: flags.contains('r') })
}

/// The part of a line that a key names. Without a separator the blanks before a field belong to it.
fn fields<'l>(line: &'l str, key: &Key, separator: Option<&str>) -> &'l str {
    let mut starts = vec![0];
    match separator {
        Some(separator) if !separator.is_empty() => {
            starts.extend(line.match_indices(separator).map(|(at, found)| at + found.len()));
        }
        _ => {
            let bytes = line.as_bytes();
            let blank = |at: usize| bytes.get(at).is_some_and(|b| matches!(b, b' ' | b'\t'));
            starts.extend((1..bytes.len()).filter(|at| blank(*at) && !blank(at - 1)));
        }
    }
    let Some(&start) = starts.get(key.first - 1) else { return "" };
    let end = match starts.get(key.last.min(starts.len())) {
        Some(next) => next - separator.map_or(0, str::len),
        None => line.len(),
    };
    line.get(start..end).unwrap_or_default()
}

fn compare_texts(left: &str, right: &str, numeric: bool, fold: bool) -> Ordering {
    if numeric {
        return number(left).total_cmp(&number(right));
    }
    if fold {
        return left.to_uppercase().cmp(&right.to_uppercase());
    }
    left.cmp(right)
}

/// The number at the start of a text; 0 if there is none.
fn number(text: &str) -> f64 {
    let text = text.trim_start_matches([' ', '\t']);
    let length = text
        .bytes()
        .enumerate()
        .take_while(|(at, b)| b.is_ascii_digit() || *b == b'.' || *at == 0 && *b == b'-')
        .count();
    let number: f64 = text.get(..length).and_then(|digits| digits.parse().ok()).unwrap_or(0.0);
    if number == 0.0 { 0.0 } else { number }
}

pub(super) fn uniq(call: &mut Call<'_>) -> i32 {
    let options = match Options::read(
        call,
        "cdui",
        "",
        &[("count", 'c'), ("repeated", 'd'), ("unique", 'u'), ("ignore-case", 'i')],
    ) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    if options.operands.len() > 1 {
        return call.unsupported("an output file", "uniq [FILE], with `>` for the output");
    }
    let (inputs, failed) = call.inputs(&options.operands, plainly);
    for (_, text) in inputs {
        let mut groups: Vec<(&str, usize)> = Vec::new();
        for line in lines(&text) {
            match groups.last_mut() {
                Some((last, count)) if *last == line || options.has('i') && last.eq_ignore_ascii_case(line) => {
                    *count += 1
                }
                _ => groups.push((line, 1)),
            }
        }
        let mut out = String::new();
        for (line, count) in groups {
            if options.has('d') && count == 1 || options.has('u') && count > 1 {
                continue;
            }
            if options.has('c') {
                out.push_str(&format!("{count:7} "));
            }
            out.push_str(line);
            out.push('\n');
        }
        call.out(&out);
    }
    i32::from(failed)
}
