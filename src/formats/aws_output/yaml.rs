//! `--output yaml`: sorted keys, YAML 1.2 quoting, long words on a line of their own (cli 3.4).
//!
//! The layout is shared with kubectl ([`block`](crate::formats::yaml::block)); quoting and folding are not.

use serde_json::Value;

use crate::formats::json::{aws_pretty, python_number};
use crate::formats::yaml::block::{BEST_WIDTH, Dialect, LONGEST_SIMPLE_KEY, Page, document, escaped, is_break, styles};

/// The document; a result that is a bare text, number, boolean or null is written as JSON.
#[must_use]
pub fn render(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => document(value, &AWS),
        scalar => aws_pretty(scalar) + "\n",
    }
}

const AWS: Dialect = Dialect { text, number: python_number, order: str::cmp, simple_key };

fn simple_key(key: &str) -> bool {
    key.chars().count() < LONGEST_SIMPLE_KEY && !key.chars().any(is_break)
}

fn text(page: &mut Page, text: &str, indent: usize, is_key: bool) {
    let styles = styles(text, is_printable);
    let other_type = reads_as_other_type(text);
    if styles.plain && !other_type && !(is_key && text.is_empty()) {
        plain(page, text, indent, is_key);
    } else if styles.single && !text.contains(['\'', '\n']) && !(is_key && styles.multiline) {
        single_quoted(page, text, indent, is_key);
    } else {
        double_quoted(page, text, indent, is_key);
    }
}

/// Whether YAML 1.2, with the dates of 1.1, reads an unquoted text as something else.
fn reads_as_other_type(text: &str) -> bool {
    const WORDS: [&str; 13] =
        ["", "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE", "<<", "="];
    WORDS.contains(&text) || is_integer(text) || is_float(text) || is_time(text)
}

fn is_integer(text: &str) -> bool {
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-') {
        return false;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let all =
        |digits: &str, allowed: fn(char) -> bool| !digits.is_empty() && digits.chars().all(|c| c == '_' || allowed(c));
    all(unsigned, |c| c.is_ascii_digit())
        || unsigned.strip_prefix("0b").is_some_and(|digits| all(digits, |c| matches!(c, '0' | '1')))
        || unsigned.strip_prefix("0o").is_some_and(|digits| all(digits, |c| c.is_digit(8)))
        || unsigned.strip_prefix("0x").is_some_and(|digits| all(digits, |c| c.is_ascii_hexdigit()))
}

fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == '_');
    let exponent_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned_exponent = |text: &str| exponent_digits(text.strip_prefix(['+', '-']).unwrap_or(text));
    match mantissa.split_once('.') {
        // Without a digit before the point the exponent needs its sign.
        Some(("", fraction)) => {
            let fits = |text: &str| text.strip_prefix(['+', '-']).is_some_and(exponent_digits);
            !fraction.is_empty() && digits(fraction) && exponent.is_none_or(fits)
        }
        Some((whole, fraction)) => {
            starts_with_digit(whole) && digits(whole) && digits(fraction) && exponent.is_none_or(unsigned_exponent)
        }
        None => starts_with_digit(mantissa) && digits(mantissa) && exponent.is_some_and(unsigned_exponent),
    }
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// `2024-01-17`, or with a clock: `2024-1-7T10:30:00.5+01:00`.
fn is_time(text: &str) -> bool {
    let (date, rest) = match text.find(['T', 't', ' ', '\t']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let mut parts = date.split('-');
    let lengths: Vec<usize> = parts.by_ref().map_while(|part| is_digits(part).then_some(part.len())).collect();
    if date.split('-').count() != 3 || lengths.len() != 3 {
        return false;
    }
    match (lengths.as_slice(), rest) {
        ([4, 2, 2], "") => true,
        ([4, 1 | 2, 1 | 2], rest) if !rest.is_empty() => is_clock(rest),
        _ => false,
    }
}

fn is_clock(text: &str) -> bool {
    let clock = text.strip_prefix(['T', 't']).unwrap_or_else(|| text.trim_start_matches([' ', '\t']));
    let end = clock.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(end);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let parts: Vec<_> = clock.split(':').collect();
    let zone = zone.trim_start_matches([' ', '\t']);
    let offset = |text: &str| match text.split_once(':') {
        Some((hours, minutes)) => {
            matches!(hours.len(), 1 | 2) && is_digits(hours) && minutes.len() == 2 && is_digits(minutes)
        }
        None => matches!(text.len(), 1 | 2) && is_digits(text),
    };
    let zone_fits = zone.is_empty() || zone == "Z" || zone.strip_prefix(['+', '-']).is_some_and(offset);
    matches!(parts.iter().map(|part| part.len()).collect::<Vec<_>>().as_slice(), [1 | 2, 2, 2])
        && parts.iter().all(|part| is_digits(part))
        && fraction.bytes().all(|b| b.is_ascii_digit())
        && zone_fits
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// A text without quotes. A word that would end beyond the width goes to the next line, and the blank before it stays
/// where it is; so does the one after `key:`. Items of lists start at their own indentation and never move.
fn plain(page: &mut Page, text: &str, indent: usize, is_key: bool) {
    for (blanks, word) in blank_runs(text) {
        if blanks == 1 && page.column() >= BEST_WIDTH && !is_key {
            page.start_line(indent);
        } else {
            page.push(&" ".repeat(blanks));
        }
        if !is_key && page.column() + word.chars().count() > BEST_WIDTH && page.column() > indent {
            page.start_line(indent);
        }
        page.push(word);
    }
}

fn single_quoted(page: &mut Page, text: &str, indent: usize, is_key: bool) {
    page.push("'");
    let mut written = 0;
    for (blanks, word) in blank_runs(text) {
        let inside = written > 0 && written + blanks < text.len();
        if blanks == 1 && page.column() > BEST_WIDTH && !is_key && inside {
            page.start_line(indent);
        } else {
            page.push(&" ".repeat(blanks));
        }
        page.push(word);
        written += blanks + word.len();
    }
    page.push("'");
}

/// Splits into runs of blanks, each with the word after it.
fn blank_runs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let word_and_more = rest.trim_start_matches(' ');
        let blanks = rest.len() - word_and_more.len();
        let (word, more) = word_and_more.split_at(word_and_more.find(' ').unwrap_or(word_and_more.len()));
        rest = more;
        (blanks > 0 || !word.is_empty()).then_some((blanks, word))
    })
}

fn double_quoted(page: &mut Page, text: &str, indent: usize, is_key: bool) {
    page.push("\"");
    let chars: Vec<char> = text.chars().collect();
    // The characters from `start` up to the current one are not written yet.
    let mut start = 0;
    let pending = |start: usize, end: usize| chars.iter().take(end).skip(start).collect::<String>();
    for (index, c) in chars.iter().copied().enumerate() {
        let escape = escaped(c, is_printable);
        if !escape.chars().eq([c]) {
            page.push(&pending(start, index));
            page.push(&escape);
            start = index + 1;
        }
        let foldable = 0 < index && index + 1 < chars.len() && (c == ' ' || start >= index) && !is_key;
        if foldable && page.column() + index.saturating_sub(start) > BEST_WIDTH {
            let soft = start != index && ends_cleanly(&chars, index);
            page.push(&pending(start, index));
            page.push(if soft { "" } else { "\\" });
            start = start.max(index);
            page.start_line(indent);
            if chars.get(start) == Some(&' ') {
                if soft {
                    start += 1;
                } else {
                    page.push("\\");
                }
            }
        }
    }
    page.push(&pending(start, chars.len()));
    page.push("\"");
}

/// Whether a line may end at the blank at `end` without a backslash.
fn ends_cleanly(chars: &[char], end: usize) -> bool {
    let Some(blank) = chars.iter().skip(end).position(|c| *c == ' ').map(|offset| end + offset) else { return false };
    // A line break before that blank counts as the place to look behind.
    let place = chars.iter().take(blank).skip(end).position(|c| *c == '\n').map_or(blank, |offset| end + offset);
    let after = chars.get(place + 1).copied();
    let doubled = chars.get(end) == Some(&' ') && end.checked_sub(1).and_then(|i| chars.get(i)) == Some(&' ');
    if chars.get(place) == Some(&'\n') && after != Some(' ') {
        return false;
    }
    let quotes_between = chars.iter().take(place).skip(end).any(|c| matches!(c, '"' | '\''));
    !quotes_between && after.is_some_and(|c| c != ' ' && c != '\n') && !doubled
}

/// The characters that need no escape: all but controls, U+FEFF and the special line breaks.
fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{10ffff}')
        && !matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{2028}' | '\u{2029}')
}
