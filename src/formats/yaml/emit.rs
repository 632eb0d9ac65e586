//! kubectl's YAML (`-o yaml`): keys sorted, lists not indented, quotes by the rules of YAML 1.1 (cli 13.5).
//!
//! kubectl prints through sigs.k8s.io/yaml, whose emitter is a descendant of libyaml. Observed with kubectl 1.32 and
//! 1.33, session `kubectl-yaml-quoting`.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::block::{BEST_WIDTH, Dialect, LONGEST_SIMPLE_KEY, Page, document, escaped, is_break, styles};
use crate::formats::json::{go_number, go_print_number};

/// The document as kubectl prints it, newline at the end included.
#[must_use]
pub fn emit(value: &Value) -> String {
    document(value, &KUBECTL)
}

const KUBECTL: Dialect = Dialect { text, number, order: natural_order, simple_key };

/// kubectl turns objects into JSON first, where a float without fraction becomes an integer.
fn number(number: &Number) -> String {
    let text = go_number(number);
    if text.contains(['.', 'e']) { go_print_number(number) } else { text }
}

fn simple_key(key: &str) -> bool {
    key.len() <= LONGEST_SIMPLE_KEY && !key.chars().any(is_break)
}

fn text(page: &mut Page, text: &str, indent: usize, is_key: bool) {
    let styles = styles(text, is_printable);
    if text.contains('\n') {
        if styles.block && !is_key { literal(page, text, indent) } else { double_quoted(page, text, indent, is_key) }
    } else if reads_as_other_type(text) || !styles.single {
        double_quoted(page, text, indent, is_key);
    } else if styles.plain {
        plain(page, text, indent, is_key);
    } else {
        single_quoted(page, text, indent, is_key);
    }
}

/// Whether an unquoted text would be read as null, boolean, number or time.
fn reads_as_other_type(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return true };
    match first {
        'y' | 'Y' | 'n' | 'N' | 't' | 'T' | 'f' | 'F' | 'o' | 'O' | '~' => is_word_of_other_type(text),
        '.' => matches!(text, ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF") || is_float(&text.replace('_', "")),
        '+' | '-' | '0'..='9' => {
            let digits = text.replace('_', "");
            matches!(text.trim_start_matches(['+', '-']), ".inf" | ".Inf" | ".INF")
                || is_time(text)
                || is_integer(&digits)
                || is_float(&digits)
                || is_base_60(text)
        }
        _ => false,
    }
}

fn is_word_of_other_type(text: &str) -> bool {
    const WORDS: [&str; 9] = ["y", "yes", "true", "on", "n", "no", "false", "off", "null"];
    let lower = text.to_ascii_lowercase();
    let capital =
        || lower.chars().take(1).map(|c| c.to_ascii_uppercase()).chain(lower.chars().skip(1)).eq(text.chars());
    text == "~" || WORDS.contains(&lower.as_str()) && (text == lower || text == lower.to_ascii_uppercase() || capital())
}

/// Decimal, `0x`, `0o`, `0b` and old octal integers of at most 64 bits.
fn is_integer(digits: &str) -> bool {
    let (negative, unsigned) = match digits.strip_prefix(['+', '-']) {
        Some(rest) => (digits.starts_with('-'), rest),
        None => (false, digits),
    };
    let lower = unsigned.to_ascii_lowercase();
    let (radix, digits) = match lower.split_at_checked(2) {
        Some(("0x", rest)) => (16, rest),
        Some(("0o", rest)) => (8, rest),
        Some(("0b", rest)) => (2, rest),
        _ if lower.starts_with('0') && lower.len() > 1 => (8, lower.trim_start_matches('0')),
        _ => (10, lower.as_str()),
    };
    if digits.is_empty() {
        return radix == 8 && lower.bytes().all(|b| b == b'0') && !lower.is_empty();
    }
    if digits.starts_with(['+', '-']) {
        return false;
    }
    let limit = if negative { 1 << 63 } else { u64::MAX };
    u64::from_str_radix(digits, radix).is_ok_and(|value| value <= limit)
}

/// `.5`, `1.`, `1.5e3`: digits with a point somewhere and perhaps an exponent.
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole)
        && all_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|digits| !digits.is_empty() && all_digits(digits))
}

/// `12:30`, `1:20:30.5`: YAML 1.1 counts to the base 60.
fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut parts = whole.split(':');
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let head = parts.next().is_some_and(|head| head.starts_with(|c: char| c.is_ascii_digit()) && is_digits(head));
    let mut rest = parts.peekable();
    let sixtieth = |part: &str| matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']);
    head && is_digits(fraction) && rest.peek().is_some() && rest.all(sixtieth)
}

/// `2024-01-17`, `2024-1-7 10:30:00`, `2024-01-17T10:30:00.5Z`.
fn is_time(text: &str) -> bool {
    let (date, time) = match text.find([' ', 'T', 't']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let mut parts = date.split('-');
    let mut number = |lengths: std::ops::RangeInclusive<usize>| {
        parts
            .next()
            .filter(|part| lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))?
            .parse::<u32>()
            .ok()
    };
    let (Some(year), Some(month), Some(day)) = (number(4..=4), number(1..=2), number(1..=2)) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    };
    let date_exists = (1..=12).contains(&month) && (1..=days).contains(&day) && parts.next().is_none();
    date_exists && (time.is_empty() || is_clock(time))
}

fn is_clock(text: &str) -> bool {
    let (separator, rest) = text.split_at(1);
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(end);
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(clock, fraction)| (clock, Some(fraction)));
    let limits = [24, 60, 60];
    let parts: Vec<_> = clock.split(':').collect();
    let clock_fits = parts.len() == limits.len()
        && parts
            .iter()
            .zip(limits)
            .all(|(part, limit)| part.len() <= 2 && part.parse::<u32>().is_ok_and(|n| n < limit));
    let fraction_fits = fraction.is_none_or(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    let zone_fits = if separator == " " {
        zone.is_empty()
    } else {
        zone == "Z"
            || matches!(zone.as_bytes(), [b'+' | b'-', a, b, b':', c, d] if [a, b, c, d].iter().all(|b| b.is_ascii_digit()))
    };
    clock_fits && fraction_fits && zone_fits
}

fn plain(page: &mut Page, text: &str, indent: usize, is_key: bool) {
    words(page, text, indent, |page, at| !is_key && page.column() > BEST_WIDTH && !at.before_blank && !at.after_blank);
}

fn single_quoted(page: &mut Page, text: &str, indent: usize, is_key: bool) {
    page.push("'");
    words(page, &text.replace('\'', "''"), indent, |page, at| {
        let between_words = !at.before_blank && !at.after_blank && !at.first && !at.last;
        !is_key && page.column() > BEST_WIDTH && between_words
    });
    page.push("'");
}

fn double_quoted(page: &mut Page, text: &str, indent: usize, is_key: bool) {
    page.push("\"");
    let mut after_blank = false;
    let mut chars = text.chars().enumerate().peekable();
    while let Some((index, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        if c != ' ' {
            page.push(&escaped(c, is_printable));
        } else if !is_key && !after_blank && page.column() > BEST_WIDTH && index > 0 && next.is_some() {
            page.start_line(indent);
            if next == Some(' ') {
                page.push("\\");
            }
        } else {
            page.push(" ");
        }
        after_blank = c == ' ';
    }
    page.push("\"");
}

fn literal(page: &mut Page, text: &str, indent: usize) {
    let hint = if text.starts_with(|c| c == ' ' || is_break(c)) { "2" } else { "" };
    let chomp = match text.strip_suffix('\n') {
        None => "-",
        Some(rest) if rest.is_empty() || rest.ends_with('\n') => "+",
        Some(_) => "",
    };
    page.push(&format!("|{hint}{chomp}"));
    page.break_line();
    for line in text.split_inclusive('\n') {
        let content = line.strip_suffix('\n').unwrap_or(line);
        if !content.is_empty() {
            page.start_line(indent);
            page.push(content);
        }
        if line.ends_with('\n') {
            page.break_line();
        }
    }
}

/// Where a blank of the text stands.
struct Blank {
    first: bool,
    last: bool,
    after_blank: bool,
    before_blank: bool,
}

/// Writes a text, asking at each blank whether the line ends in its place.
fn words(page: &mut Page, text: &str, indent: usize, folds: impl Fn(&Page, &Blank) -> bool) {
    let mut previous = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        let blank = Blank {
            first: previous.is_none(),
            last: next.is_none(),
            after_blank: previous == Some(' '),
            before_blank: next == Some(' '),
        };
        if c == ' ' && folds(page, &blank) {
            page.start_line(indent);
        } else {
            page.push(c.encode_utf8(&mut [0; 4]));
        }
        previous = Some(c);
    }
}

/// The characters that need no escape: those of YAML 1.1 up to U+FFFD, without tab and byte order mark.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{fffd}') && c != '\u{feff}'
}

/// The order of keys in kubectl's YAML: letters after other characters, runs of digits by their number.
fn natural_order(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let Some(at) = a.iter().zip(&b).position(|(x, y)| x != y) else { return a.len().cmp(&b.len()) };
    let (Some(&x), Some(&y)) = (a.get(at), b.get(at)) else { return Ordering::Equal };
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => return x.cmp(&y),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // A zero inside a longer number still counts its earlier digits; leading zeros do not.
    let earlier_digits = a.iter().take(at).rev().take_while(|c| c.is_ascii_digit());
    let inside_number = (x == '0' || y == '0') && earlier_digits.into_iter().any(|c| *c != '0');
    let number = |text: &[char]| {
        let digits = text.iter().skip(at).map_while(|c| c.to_digit(10));
        let start = (u64::from(inside_number), 0_usize);
        digits.fold(start, |(n, length), digit| (n.saturating_mul(10).saturating_add(digit.into()), length + 1))
    };
    number(&a).cmp(&number(&b)).then(x.cmp(&y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const QUOTING: &str = include_str!("../../../tests/vectors/cli/kubectl/kubectl-yaml-quoting.json");

    /// The texts that the first step of the session passes as `--from-literal=kNN=...`.
    fn literals(command: &str) -> Vec<(&str, &str)> {
        let words = command.split("'--from-literal=").skip(1);
        words.filter_map(|word| word.trim_end().strip_suffix('\'')?.split_once('=')).collect()
    }

    #[test]
    fn recorded_quoting_of_config_map_data() {
        let session: Value = serde_json::from_str(QUOTING).unwrap();
        let step = &session["steps"][0];
        let literals = literals(step["command"].as_str().unwrap());
        assert_eq!(literals.len(), 57);
        let data: serde_json::Map<_, _> = literals.into_iter().map(|(k, v)| (k.to_owned(), json!(v))).collect();
        let metadata = json!({"name": "quoting", "creationTimestamp": null});
        let object = json!({"kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata, "data": data});
        assert_eq!(emit(&object), step["stdout"].as_str().unwrap());
    }

    #[test]
    fn texts_as_kubectl_prints_them() {
        let check =
            |text: &str, expected: &str| assert_eq!(emit(&json!([text])), format!("- {expected}\n"), "{text:?}");
        for quoted in ["1_000", "1.", ".5_0", "0b11", "+.inf", "2024-1-7 1:02:03", "190:20:30", "NULL", "0", "-0x1f"] {
            check(quoted, &format!("\"{quoted}\""));
        }
        for plain in ["nULL", "08x", "1:60", "2024-13-01", "0b", "_1", "=", "99999999999999999999x", "?x", "1e"] {
            check(plain, plain);
        }
        check("a:", "'a:'");
        check("tab\tx", "\"tab\\tx\"");
        check("\u{1f600}", "\"\\U0001F600\"");
        check("a \nb", "\"a \\nb\"");
        check("\n", "|2+\n");
        assert_eq!(emit(&json!("a\nb")), "|-\n  a\n  b\n");
        check("it's", "it's");
    }

    #[test]
    fn layout_and_order() {
        let value =
            json!({"a10": 1, "a2": [], "B": {}, "1": [[1, [2]], [{"y": null, "x": [3]}]], "a-b": 1e6, "ab": 2.5});
        assert_eq!(
            emit(&value),
            "\"1\":\n- - 1\n  - - 2\n- - x:\n    - 3\n    \"y\": null\nB: {}\na-b: 1000000\na2: []\na10: 1\nab: 2.5\n"
        );
    }
}
