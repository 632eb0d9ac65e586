//! The size of an object, and the bounds of the API server and of etcd on it (rbac 14).
//!
//! Every object that is written is measured before it is decoded, and a JSON patch is measured after each of its
//! operations: a short patch can otherwise double an object, or nest it, many times over.

use serde_json::Value;

use super::status::Status;

/// The largest object that etcd stores, in bytes: its default for a request.
pub const MAX_OBJECT_BYTES: usize = 1_572_864;
/// The largest body of a request that the API server reads, in bytes.
pub const MAX_REQUEST_BYTES: usize = 3 * 1024 * 1024;
/// The deepest nesting of an object. The API server has no such bound; saved worlds do.
pub const MAX_DEPTH: usize = 100;
/// The most values in an object. The API server has no such bound; saved worlds do.
pub const MAX_VALUES: usize = 50_000;

/// What a value takes as JSON without blanks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Bytes of text; escapes count as two bytes, and a number as it is printed.
    pub bytes: usize,
    /// Values, the value itself included.
    pub values: usize,
    /// Levels of lists and objects; 0 for a scalar. Nothing below [`MAX_DEPTH`] + 1 levels is looked at.
    pub depth: usize,
}

impl Size {
    /// The size of `value`.
    pub fn of(value: &Value) -> Self {
        let mut size = Self::default();
        size.add(value, 0);
        size
    }

    fn add(&mut self, value: &Value, level: usize) {
        self.values += 1;
        self.bytes += match value {
            Value::Null => 4,
            Value::Bool(_) => 5,
            Value::Number(number) => number.to_string().len(),
            Value::String(text) => text_bytes(text),
            Value::Array(items) => 2 + items.len().saturating_sub(1),
            Value::Object(members) => {
                2 + members.len().saturating_sub(1) + members.keys().map(|name| text_bytes(name) + 1).sum::<usize>()
            }
        };
        if !matches!(value, Value::Array(_) | Value::Object(_)) {
            return;
        }
        self.depth = self.depth.max(level + 1);
        if self.depth > MAX_DEPTH {
            return;
        }
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.add(item, level + 1)),
            Value::Object(members) => members.values().for_each(|member| self.add(member, level + 1)),
            _ => {}
        }
    }

    /// Holds the body of a request against the server's bound.
    ///
    /// # Errors
    /// 413 for a body that is too large.
    pub fn check_request(self) -> Result<(), Status> {
        if self.bytes > MAX_REQUEST_BYTES {
            return Err(Status::too_large(&format!("limit is {MAX_REQUEST_BYTES}")));
        }
        Ok(())
    }

    /// Holds an object that passed every other check against the bound of etcd.
    ///
    /// # Errors
    /// The storage's refusal.
    pub fn check_stored(self) -> Result<(), Status> {
        if self.bytes > MAX_OBJECT_BYTES {
            return Err(Status::storage("etcdserver: request is too large"));
        }
        Ok(())
    }

    /// Holds an object that a request sends against the bounds, before anything else looks at it.
    ///
    /// # Errors
    /// The API server's status for a body that is too large; a status of the simulator for an object that is too deep
    /// or has too many values.
    pub fn check(self) -> Result<(), Status> {
        self.check_request()?;
        if self.depth > MAX_DEPTH {
            return Err(Status::bad_request(format!(
                "the object nests lists and maps more than {MAX_DEPTH} deep, which this simulated API server does not store"
            )));
        }
        if self.values > MAX_VALUES {
            return Err(Status::bad_request(format!(
                "the object holds more than {MAX_VALUES} values, which this simulated API server does not store"
            )));
        }
        Ok(())
    }
}

/// The bytes of a quoted text.
fn text_bytes(text: &str) -> usize {
    2 + text.len() + text.bytes().filter(|byte| *byte < b' ' || matches!(byte, b'"' | b'\\')).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sizes_are_those_of_the_text() {
        for value in [json!(null), json!({"a": [1, 2.5, "x\"y\n"], "b": {}}), json!([]), json!([[[]], "é"])] {
            assert_eq!(Size::of(&value).bytes, value.to_string().len(), "{value}");
        }
        let size = Size::of(&json!({"a": [1, [2]], "b": {}}));
        assert_eq!((size.values, size.depth), (6, 3));
        assert_eq!(Size::of(&json!("x")).depth, 0);
    }

    #[test]
    fn each_bound_has_its_text() {
        let check = |value: &Value, expected: &str| {
            let size = Size::of(value);
            let text =
                size.check().and_then(|()| size.check_stored()).err().map(|status| status.message).unwrap_or_default();
            assert!(text.contains(expected) && text.is_empty() == expected.is_empty(), "{text}");
        };
        let nested = |depth: usize| (1..depth).fold(json!([]), |inner, _| json!([inner]));
        check(&nested(MAX_DEPTH), "");
        check(&nested(MAX_DEPTH + 1), "more than 100 deep");
        check(&nested(1_000), "more than 100 deep");
        check(&json!("x".repeat(MAX_OBJECT_BYTES - 2)), "");
        check(&json!("x".repeat(MAX_OBJECT_BYTES - 1)), "etcdserver: request is too large");
        check(&json!("x".repeat(MAX_REQUEST_BYTES)), "Request entity too large: limit is 3145728");
        check(&json!(vec![0; MAX_VALUES]), "more than 50000 values");
    }
}
