//! How Python shows values: `str()`, `repr()` and type names, as they appear in the AWS CLI's outputs and messages
//! (cli 2.5, 3.5, 3.7).

use serde_json::Value;

use super::json::python_number;

/// Python's `str(value)`: texts raw, `None`, `True`, `False`; lists and objects as in [`repr`].
#[must_use]
pub fn str(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => repr(other),
    }
}

/// Python's `repr(value)`: `'text'`, `['a', 1]`, `{'k': None}`.
#[must_use]
pub fn repr(value: &Value) -> String {
    written(value, false)
}

/// [`repr`] of a value whose objects are ordered dictionaries: `OrderedDict({'k': None})`.
#[must_use]
pub fn repr_ordered(value: &Value) -> String {
    written(value, true)
}

fn written(value: &Value, ordered: bool) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => python_number(number),
        Value::String(text) => repr_text(text),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(|item| written(item, ordered)).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) => {
            let is_empty = members.is_empty();
            let pairs = members.iter().map(|(name, v)| format!("{}: {}", repr_text(name), written(v, ordered)));
            let pairs = pairs.collect::<Vec<_>>().join(", ");
            match (ordered, is_empty) {
                (false, _) => format!("{{{pairs}}}"),
                (true, false) => format!("OrderedDict({{{pairs}}})"),
                (true, true) => "OrderedDict()".to_owned(),
            }
        }
    }
}

/// The name of the value's Python type: `str`, `int`, `float`, `bool`, `list`, `dict`, `NoneType`.
#[must_use]
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// Whether Python takes the value for true in a condition: not null, false, zero or empty.
#[must_use]
pub fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

fn repr_text(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            c if c < ' ' || ('\u{7f}'..='\u{a0}').contains(&c) || c == '\u{ad}' => {
                out.push_str(&format!("\\x{:02x}", u32::from(c)));
            }
            '\u{2028}' | '\u{2029}' | '\u{feff}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_look_as_in_python() {
        let check = |value: Value, text: &str| assert_eq!(str(&value), text);
        check(json!("it's"), "it's");
        check(json!(["it's", "a\"'", "\n\u{1}é", null, true, 1.0]), r#"["it's", 'a"\'', '\n\x01é', None, True, 1.0]"#);
        check(json!({"a": {"b": []}}), "{'a': {'b': []}}");
        assert_eq!(
            (type_name(&json!(1)), type_name(&json!(1.5)), type_name(&json!(null))),
            ("int", "float", "NoneType")
        );
        assert!(is_truthy(&json!([0])) && !is_truthy(&json!(0.0)) && !is_truthy(&json!("")));
    }
}
