//! The JSON layouts of the imitated tools.
//!
//! | Function | Layout | Seen in |
//! | --- | --- | --- |
//! | [`aws_pretty`] | four blanks, text as it is | AWS CLI `--output json` (cli 3.3) |
//! | [`kubectl_pretty`] | four blanks, Go escapes | `kubectl -o json` (cli 11.6) |
//! | [`go_compact`] | no blanks, Go escapes | the last-applied annotation (cli 12.1), JSONPath results |
//! | [`python_compact`] | no blanks, ASCII only | JMESPath `to_string` |
//! | [`python_spaced`] | `", "` and `": "`, ASCII only | tokens made by Python's `json.dumps` (cli 4) |
//!
//! Members come in the order of the value; [`sort_keys`] orders them as kubectl does for stored objects.
//! None of the functions ends its text with a newline.

use serde_json::{Map, Number, Value};

use crate::formats::ordered;

/// Reads JSON into a type, by way of a [`Value`]: one reader of text serves all types, which keeps the program small.
///
/// # Errors
/// Text that is no JSON, and JSON that is not of the type.
pub fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    serde_json::from_value(serde_json::from_str(text)?)
}

/// Python's `indent=4, ensure_ascii=False`: non-ASCII characters stay, empty containers are `[]` and `{}`.
#[must_use]
pub fn aws_pretty(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, &Layout { newline: true, ..PYTHON }, 0);
    out
}

/// Go's `MarshalIndent` with four blanks: `<`, `>`, `&` and the two Unicode line separators are escaped.
#[must_use]
pub fn kubectl_pretty(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, &Layout { newline: true, ..GO }, 0);
    out
}

/// Go's `Marshal`: no blanks, escapes as in [`kubectl_pretty`].
#[must_use]
pub fn go_compact(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, &GO, 0);
    out
}

/// Python's `json.dumps(value, separators=(",", ":"))`: no blanks, everything beyond ASCII as `\uXXXX`.
#[must_use]
pub fn python_compact(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, &Layout { escape: python_ascii_escape, ..PYTHON }, 0);
    out
}

/// Python's `json.dumps(value)`: a blank after `,` and `:`, everything beyond ASCII as `\uXXXX`.
#[must_use]
pub fn python_spaced(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, &Layout { escape: python_ascii_escape, comma: ", ", colon: ": ", ..PYTHON }, 0);
    out
}

/// The same value with the members of every object sorted by name (byte order), as kubectl prints stored objects.
#[must_use]
pub fn sort_keys(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(sort_keys).collect()),
        Value::Object(members) => {
            let sorted = ordered::members(members);
            Value::Object(
                sorted.into_iter().map(|(name, value)| (name.clone(), sort_keys(value))).collect::<Map<_, _>>(),
            )
        }
        scalar => scalar.clone(),
    }
}

/// A number as Python prints it: integers in full, floats in the shortest form that reads back, `1e+22`, `2.0`.
#[must_use]
pub fn python_number(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => {
            let (digits, exponent) = shortest_digits(float);
            let text = if (-4..16).contains(&exponent) {
                let text = positional(&digits, exponent);
                if text.contains('.') { text } else { format!("{text}.0") }
            } else {
                scientific(&digits, exponent)
            };
            signed(float, text)
        }
        _ => number.to_string(),
    }
}

/// A number as Go's `encoding/json` writes it: floats without exponent from 1e-6 up to 1e21.
#[must_use]
pub fn go_number(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => {
            let (digits, exponent) = shortest_digits(float);
            let text = if (-6..21).contains(&exponent) {
                positional(&digits, exponent)
            } else {
                // The JSON encoder alone shortens e-09 to e-9.
                scientific(&digits, exponent).replace("e-0", "e-")
            };
            signed(float, text)
        }
        _ => number.to_string(),
    }
}

/// A number as Go's `fmt` prints it with `%v`: floats without exponent from 1e-4 up to 1e6.
#[must_use]
pub fn go_print_number(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => {
            let (digits, exponent) = shortest_digits(float);
            let plain = (-4..6).contains(&exponent);
            signed(float, if plain { positional(&digits, exponent) } else { scientific(&digits, exponent) })
        }
        _ => number.to_string(),
    }
}

struct Layout {
    newline: bool,
    comma: &'static str,
    colon: &'static str,
    escape: fn(&mut String, char),
    number: fn(&Number) -> String,
}

const PYTHON: Layout = Layout { newline: false, comma: ",", colon: ":", escape: python_escape, number: python_number };
const GO: Layout = Layout { newline: false, comma: ",", colon: ":", escape: go_escape, number: go_number };

fn write(out: &mut String, value: &Value, layout: &Layout, level: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&(layout.number)(number)),
        Value::String(text) => quote(out, text, layout.escape),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Object(members) if members.is_empty() => out.push_str("{}"),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                start_item(out, layout, level + 1, index == 0);
                write(out, item, layout, level + 1);
            }
            end_items(out, layout, level, ']');
        }
        Value::Object(members) => {
            out.push('{');
            for (index, (name, value)) in members.iter().enumerate() {
                start_item(out, layout, level + 1, index == 0);
                quote(out, name, layout.escape);
                out.push_str(if layout.newline { ": " } else { layout.colon });
                write(out, value, layout, level + 1);
            }
            end_items(out, layout, level, '}');
        }
    }
}

fn start_item(out: &mut String, layout: &Layout, level: usize, first: bool) {
    if !first {
        out.push_str(if layout.newline { "," } else { layout.comma });
    }
    if layout.newline {
        new_line(out, level);
    }
}

fn end_items(out: &mut String, layout: &Layout, level: usize, bracket: char) {
    if layout.newline {
        new_line(out, level);
    }
    out.push(bracket);
}

fn new_line(out: &mut String, level: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("    ", level));
}

fn quote(out: &mut String, text: &str, escape: fn(&mut String, char)) {
    out.push('"');
    for c in text.chars() {
        escape(out, c);
    }
    out.push('"');
}

fn python_escape(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        c if c < ' ' => unicode_escape(out, c),
        c => out.push(c),
    }
}

fn python_ascii_escape(out: &mut String, c: char) {
    if ('\u{7f}'..).contains(&c) && c != '\u{7f}' { unicode_escape(out, c) } else { python_escape(out, c) }
}

fn go_escape(out: &mut String, c: char) {
    match c {
        '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => unicode_escape(out, c),
        c => python_escape(out, c),
    }
}

fn unicode_escape(out: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        out.push_str(&format!("\\u{unit:04x}"));
    }
}

/// The shortest decimal digits that read back as `|float|`, and the exponent of the first one.
fn shortest_digits(float: f64) -> (String, i32) {
    // Rust prints the shortest digits as well: `1.2345e-7`.
    let text = format!("{:e}", float.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (mantissa.replace('.', ""), exponent.parse().unwrap_or(0))
}

fn positional(digits: &str, exponent: i32) -> String {
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or(0));
    if exponent < 0 {
        return format!("0.{}{digits}", zeros(-exponent - 1));
    }
    if length <= exponent + 1 {
        return format!("{digits}{}", zeros(exponent + 1 - length));
    }
    let (whole, fraction) = digits.split_at(usize::try_from(exponent + 1).unwrap_or(0));
    format!("{whole}.{fraction}")
}

fn scientific(digits: &str, exponent: i32) -> String {
    let (first, rest) = digits.split_at(digits.len().min(1));
    let point = if rest.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{first}{point}{rest}e{sign}{:02}", exponent.abs())
}

fn signed(float: f64, text: String) -> String {
    if float.is_sign_negative() { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn layouts_differ_in_blanks_and_escapes() {
        let value = json!({"b": [1, {"x": "<é&\u{2028}>"}], "a": {}, "c": [], "t": "\t\u{1}\u{7f}\""});
        assert_eq!(
            aws_pretty(&value),
            "{\n    \"b\": [\n        1,\n        {\n            \"x\": \"<é&\u{2028}>\"\n        }\n    ],\n    \"a\": {},\n    \
             \"c\": [],\n    \"t\": \"\\t\\u0001\u{7f}\\\"\"\n}"
        );
        assert_eq!(
            go_compact(&value),
            "{\"b\":[1,{\"x\":\"\\u003cé\\u0026\\u2028\\u003e\"}],\"a\":{},\"c\":[],\"t\":\"\\t\\u0001\u{7f}\\\"\"}"
        );
        assert!(kubectl_pretty(&value).contains("            \"x\": \"\\u003cé\\u0026\\u2028\\u003e\"\n"));
        assert_eq!(python_compact(&json!({"é": ["😀", "<"]})), "{\"\\u00e9\":[\"\\ud83d\\ude00\",\"<\"]}");
        assert_eq!(python_spaced(&json!({"nextToken": null, "n": [1, 2]})), "{\"nextToken\": null, \"n\": [1, 2]}");
    }

    #[test]
    fn sorting_reaches_every_level() {
        let sorted = sort_keys(&json!({"b": [{"z": 1, "a": 2}], "a": null}));
        assert_eq!(go_compact(&sorted), "{\"a\":null,\"b\":[{\"a\":2,\"z\":1}]}");
    }

    #[test]
    fn numbers_follow_each_tool() {
        let check = |number: Value, python: &str, go: &str, print: &str| {
            let Value::Number(number) = number else { panic!("a number") };
            assert_eq!((python_number(&number), go_number(&number)), (python.into(), go.into()));
            assert_eq!(go_print_number(&number), print);
        };
        check(json!(12), "12", "12", "12");
        check(json!(2.0), "2.0", "2", "2");
        check(json!(-2.5), "-2.5", "-2.5", "-2.5");
        check(json!(1e15), "1000000000000000.0", "1000000000000000", "1e+15");
        check(json!(1e22), "1e+22", "1e+22", "1e+22");
        check(json!(1.5e-7), "1.5e-07", "1.5e-7", "1.5e-07");
        check(json!(0.00001), "1e-05", "0.00001", "1e-05");
        check(json!(1_705_487_400.123), "1705487400.123", "1705487400.123", "1.705487400123e+09");
    }
}
