//! Regular expressions in jq: `test`, `match` and what is built on them.

use regex_lite::{Captures, RegexBuilder};
use serde_json::{Map, Value, json};

use super::super::regex::MAX_PATTERN_BYTES;
use super::eval::{Machine, Outcome, fail};
use super::print::print;
use super::values::{described, type_name};

/// The largest compiled expression, in bytes.
const MAX_COMPILED_BYTES: usize = 40_000;

/// The matches of a pattern in a text, as `match` gives them; with `test` at most one.
pub(super) fn matches(
    m: &mut Machine,
    input: &Value,
    pattern: &Value,
    flags: &Value,
    test: bool,
) -> Outcome<Vec<Value>> {
    let Value::String(text) = input else {
        return fail(format!("{} cannot be matched, as it is not a string", described(input)));
    };
    let Value::String(pattern) = pattern else {
        return fail(format!("{} not a string or array", type_name(pattern)));
    };
    let flags = match flags {
        Value::Null => "",
        Value::String(flags) if flags.chars().all(|c| matches!(c, 'g' | 'i' | 'x' | 's' | 'n' | 'l' | 'p')) => flags,
        Value::String(flags) => return fail(format!("{flags} is not a valid modifier string")),
        flags => return fail(format!("{} is not a string", print(flags, Some(0), false))),
    };
    if pattern.len() > MAX_PATTERN_BYTES {
        return fail("the regular expression is too long");
    }
    let has = |flag: char| flags.contains(flag);
    let regex = RegexBuilder::new(pattern)
        .case_insensitive(has('i'))
        .ignore_whitespace(has('x'))
        .dot_matches_new_line(has('s') || has('p'))
        .size_limit(MAX_COMPILED_BYTES)
        .build();
    let regex = match regex {
        Ok(regex) => regex,
        Err(error) => return fail(format!("{pattern} (at offset 0) is not a valid regex: {error}")),
    };
    // Every byte may be held against every part of the expression.
    m.spend(1 + text.len().saturating_mul(1 + pattern.len()) / 8)?;
    if test {
        return Ok(if regex.is_match(text) { vec![Value::Null] } else { Vec::new() });
    }
    let names: Vec<Option<&str>> = regex.capture_names().skip(1).collect();
    let mut found = Vec::new();
    // Offsets count characters.
    let (mut bytes, mut characters) = (0, 0);
    for captures in regex.captures_iter(text) {
        let Some(whole) = captures.get(0) else { continue };
        if has('n') && whole.is_empty() {
            continue;
        }
        characters += text.get(bytes..whole.start()).map_or(0, |part| part.chars().count());
        bytes = whole.start();
        m.spend(1 + names.len() + whole.len() / 16)?;
        found.push(described_match(text, &captures, &names, (bytes, characters)));
        if !has('g') {
            break;
        }
    }
    Ok(found)
}

fn described_match(
    text: &str,
    captures: &Captures<'_>,
    names: &[Option<&str>],
    (bytes, characters): (usize, usize),
) -> Value {
    let offset = |start: usize| characters + text.get(bytes..start).map_or(0, |part| part.chars().count());
    let groups = names.iter().enumerate().map(|(at, name)| match captures.get(at + 1) {
        Some(group) => json!({
            "offset": offset(group.start()),
            "length": group.as_str().chars().count(),
            "string": group.as_str(),
            "name": name,
        }),
        None => json!({"offset": -1, "string": null, "length": 0, "name": name}),
    });
    let groups: Vec<Value> = groups.collect();
    let whole = captures.get(0).map_or("", |whole| whole.as_str());
    json!({"offset": characters, "length": whole.chars().count(), "string": whole, "captures": groups})
}

/// The named groups of a match as an object.
pub(super) fn captured(found: &Value) -> Value {
    let groups = found.get("captures").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let named = groups.iter().filter_map(|group| {
        let name = group.get("name")?.as_str()?;
        Some((name.to_owned(), group.get("string").cloned().unwrap_or(Value::Null)))
    });
    Value::Object(named.collect::<Map<_, _>>())
}
