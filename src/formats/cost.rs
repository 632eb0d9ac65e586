//! What handling a value costs, so that interpreters charge for what they touch and not only for their steps.

use serde_json::Value;

/// How many bytes of text cost as much as one value.
const BYTES: usize = 64;

/// The cost of copying, comparing or printing a value: one for each value in it, and one for every 64 bytes of text.
#[must_use]
pub fn of(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(of).sum::<usize>(),
        Value::Object(members) => 1 + members.iter().map(|(name, member)| of_text(name) + of(member)).sum::<usize>(),
        Value::String(text) => of_text(text),
        _ => 1,
    }
}

/// The cost of handling a text.
#[must_use]
pub fn of_text(text: &str) -> usize {
    1 + text.len() / BYTES
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn values_and_bytes_cost() {
        for (value, expected) in
            [(json!(null), 1), (json!([1, [2], {}]), 5), (json!({"a": "b"}), 3), (json!("x".repeat(640)), 11)]
        {
            assert_eq!(super::of(&value), expected, "{value}");
        }
    }
}
