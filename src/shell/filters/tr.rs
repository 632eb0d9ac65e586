//! tr: sets with ranges, classes and escapes; `-d`, `-s`, `-c`.

use super::{Call, Options};

pub(super) fn tr(call: &mut Call<'_>) -> i32 {
    let long = [("delete", 'd'), ("squeeze-repeats", 's'), ("complement", 'c')];
    let options = match Options::read(call, "dscC", "", &long) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let (delete, squeeze) = (options.has('d'), options.has('s'));
    let complement = options.has('c') || options.has('C');
    let (first, second) = match options.operands.as_slice() {
        [first, second] => (first, Some(second)),
        [first] if delete || squeeze => (first, None),
        [] => {
            call.complain("missing operand");
            call.err("Try 'tr --help' for more information.\n");
            return 1;
        }
        [first] => {
            call.complain(&format!("missing operand after ‘{first}’"));
            call.err("Two strings must be given when translating.\nTry 'tr --help' for more information.\n");
            return 1;
        }
        [_, _, extra, ..] => {
            call.complain(&format!("extra operand ‘{extra}’"));
            call.err("Try 'tr --help' for more information.\n");
            return 1;
        }
    };
    let sets = set(first).and_then(|first| Ok((first, second.map(|second| set(second)).transpose()?)));
    let (first, second) = match sets {
        Ok(sets) => sets,
        Err(what) => {
            return call.unsupported(&what, "characters, ranges a-z, classes [:alpha:], \\n \\t \\r \\\\ and octal");
        }
    };
    let listed = |c: char| first.contains(&c) != complement;
    let translate = |c: char| -> char {
        let (Some(second), false) = (&second, delete) else { return c };
        let place = if complement {
            if first.contains(&c) { None } else { Some(usize::MAX) }
        } else {
            first.iter().rposition(|known| *known == c)
        };
        match place {
            Some(at) => second.get(at).or(second.last()).copied().unwrap_or(c),
            None => c,
        }
    };
    let squeezed = |c: char| match (&second, squeeze) {
        (_, false) => false,
        (Some(second), true) => second.contains(&c),
        (None, true) => listed(c),
    };
    let text = call.stdin();
    let mut out = String::new();
    let mut last = None;
    for c in text.chars() {
        if delete && listed(c) {
            continue;
        }
        let c = translate(c);
        if last == Some(c) && squeezed(c) {
            continue;
        }
        last = Some(c);
        out.push(c);
    }
    call.out(&out);
    0
}

/// The most characters in a set.
const MAX_SET: usize = 5_000;

/// The characters of a set, in order; what is not understood is the error.
fn set(text: &str) -> Result<Vec<char>, String> {
    let mut set: Vec<char> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if set.len() > MAX_SET {
            return Err("a set of that size".to_owned());
        }
        if let Some((class, after)) = rest.strip_prefix("[:").and_then(|inner| inner.split_once(":]")) {
            let is = class_of(class).ok_or_else(|| format!("[:{class}:]"))?;
            set.extend((0u8..128).map(char::from).filter(is));
            rest = after;
            continue;
        }
        if rest.starts_with("[=") {
            return Err("[=".to_owned());
        }
        let (from, after) = element(rest, c)?;
        rest = after;
        if let Some(end) = rest.strip_prefix('-')
            && let Some(c) = end.chars().next()
        {
            let (to, after) = element(end, c)?;
            if to < from || to as usize - from as usize > MAX_SET {
                return Err(format!("{from}-{to}"));
            }
            set.extend(from..=to);
            rest = after;
            continue;
        }
        set.push(from);
    }
    Ok(set)
}

/// The character that begins `text`, escapes read, and what follows it.
fn element(text: &str, first: char) -> Result<(char, &str), String> {
    let rest = text.get(first.len_utf8()..).unwrap_or_default();
    if first != '\\' {
        return Ok((first, rest));
    }
    let Some(escaped) = rest.chars().next() else { return Ok(('\\', rest)) };
    let after = rest.get(escaped.len_utf8()..).unwrap_or_default();
    let c = match escaped {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'f' => '\u{c}',
        'v' => '\u{b}',
        'a' => '\u{7}',
        'b' => '\u{8}',
        '0'..='7' => {
            let length = rest.bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
            let value = rest.get(..length).and_then(|digits| u32::from_str_radix(digits, 8).ok()).unwrap_or(0);
            let c = char::from_u32(value).filter(char::is_ascii).ok_or_else(|| format!("\\{value:o}"))?;
            return Ok((c, rest.get(length..).unwrap_or_default()));
        }
        other => other,
    };
    Ok((c, after))
}

fn class_of(name: &str) -> Option<fn(&char) -> bool> {
    Some(match name {
        "alpha" => |c| c.is_ascii_alphabetic(),
        "digit" => |c| c.is_ascii_digit(),
        "alnum" => |c| c.is_ascii_alphanumeric(),
        "upper" => |c| c.is_ascii_uppercase(),
        "lower" => |c| c.is_ascii_lowercase(),
        "space" => |c| matches!(*c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}'),
        "blank" => |c| matches!(*c, ' ' | '\t'),
        "punct" => |c| c.is_ascii_punctuation(),
        "cntrl" => |c| c.is_ascii_control(),
        "print" => |c| (' '..='~').contains(c),
        "graph" => |c| c.is_ascii_graphic(),
        "xdigit" => |c| c.is_ascii_hexdigit(),
        _ => return None,
    })
}
