//! Printing as jq does: two blanks a level, or on one line.

use serde_json::{Number, Value};

use crate::formats::ordered;

/// A value as text, without a newline at the end. A level is indented by so many blanks (`None`: by a tab); 0 puts all
/// on one line.
pub(super) fn print(value: &Value, indent: Option<usize>, sort_keys: bool) -> String {
    let mut out = String::new();
    let level = indent.map_or("\t".to_owned(), |blanks| " ".repeat(blanks));
    write(value, &level, sort_keys, 0, &mut out);
    out
}

/// The depth of a value is bounded by the reader of JSON and by the depth of the program.
fn write(value: &Value, level: &str, sort_keys: bool, depth: usize, out: &mut String) {
    let compact = level.is_empty();
    let line = |out: &mut String, depth: usize| {
        if !compact {
            out.push('\n');
            out.extend(std::iter::repeat_n(level, depth));
        }
    };
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number_text(number)),
        Value::String(text) => quote(text, out),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                line(out, depth + 1);
                write(item, level, sort_keys, depth + 1, out);
            }
            line(out, depth);
            out.push(']');
        }
        Value::Object(members) if members.is_empty() => out.push_str("{}"),
        Value::Object(members) => {
            out.push('{');
            let members = if sort_keys { ordered::members(members) } else { members.iter().collect() };
            for (at, (name, item)) in members.into_iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                line(out, depth + 1);
                quote(name, out);
                out.push_str(if compact { ":" } else { ": " });
                write(item, level, sort_keys, depth + 1, out);
            }
            line(out, depth);
            out.push('}');
        }
    }
}

/// A number: without a fraction if it has none.
pub(super) fn number_text(number: &Number) -> String {
    let value = number.as_f64().unwrap_or(0.0);
    if let Some(whole) = number.as_i64().filter(|whole| whole.unsigned_abs() < 1 << 53) {
        return whole.to_string();
    }
    if value == value.trunc() && value.abs() < 1e17 {
        return format!("{value:.0}");
    }
    if value.abs() >= 1e17 {
        // `1e20` is `1e+20` to C.
        return format!("{value:e}").replace('e', "e+");
    }
    number.to_string()
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if (c as u32) < 0x20 || c == '\u{7f}' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}
