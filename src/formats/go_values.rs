//! How Go's `fmt` shows decoded JSON, as custom columns and template errors of kubectl do.

use serde_json::Value;

use super::json::go_print_number;
use crate::formats::ordered;

/// `%v`: texts raw, `[a b]`, `map[k:v]` with sorted keys, `<nil>`.
#[must_use]
pub fn print(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => go_print_number(number),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(print).collect::<Vec<_>>().join(" ")),
        Value::Object(members) => {
            let members: Vec<_> =
                ordered::members(members).into_iter().map(|(name, value)| format!("{name}:{}", print(value))).collect();
            format!("map[{}]", members.join(" "))
        }
    }
}

/// `%#v`: the value as Go source, `map[string]interface {}{"k":1}`.
#[must_use]
pub fn syntax(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".to_owned(),
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            format!("[]interface {{}}{{{}}}", items.iter().map(syntax).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| format!("{}:{}", quoted(name), syntax(value));
            format!(
                "map[string]interface {{}}{{{}}}",
                ordered::members(members).into_iter().map(member).collect::<Vec<_>>().join(", ")
            )
        }
        scalar => print(scalar),
    }
}

/// The Go type that kubectl decodes the value to.
#[must_use]
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

/// A text in double quotes with Go's escapes.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' || c == '\u{7f}' => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if c.is_control() || matches!(c, '\u{a0}' | '\u{ad}' | '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_look_as_in_go() {
        let value = json!({"b": [1, 2.5e9, null], "a": {"x": "t\n"}});
        assert_eq!(print(&value), "map[a:map[x:t\n] b:[1 2.5e+09 <nil>]]");
        assert_eq!(
            syntax(&value),
            "map[string]interface {}{\"a\":map[string]interface {}{\"x\":\"t\\n\"}, \
             \"b\":[]interface {}{1, 2.5e+09, interface {}(nil)}}"
        );
    }
}
