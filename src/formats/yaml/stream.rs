//! A manifest with several documents, cut and read as kubectl does (cli 12.2).
//!
//! A text that begins with `{` is a row of JSON values; anything else is cut at lines that begin with `---`, and each
//! part is read as YAML by itself.

use serde_json::{Map, Value};

use super::error::Error;
use super::load::{MAX_BYTES, load};
use super::scalar::Scalar;
use crate::formats::ordered;

/// All documents of a manifest, empty ones left out.
///
/// # Errors
/// The first fault; use [`load_stream`] where the documents before it still count.
pub fn load_documents(text: &str) -> Result<Vec<Value>, Error> {
    let (values, error) = load_stream(text);
    error.map_or(Ok(values), Err)
}

/// The documents of a manifest up to the first fault, and that fault. Empty documents are left out.
///
/// kubectl parses each part by itself, so the line that a fault's `Display` shows counts from the last separator, and
/// [`Error::line`] from the start of the text.
pub fn load_stream(text: &str) -> (Vec<Value>, Option<Error>) {
    if text.trim_start().starts_with('{') {
        return load_json_stream(text);
    }
    let mut values = Vec::new();
    for part in Parts::new(text) {
        match part.and_then(|part| part.load()) {
            Ok(Value::Null) => {}
            Ok(value) => values.push(value),
            Err(error) => return (values, Some(error)),
        }
    }
    (values, None)
}

/// A document of a manifest, and how many lines stand before it.
struct Part {
    text: String,
    lines_before: usize,
}

impl Part {
    fn load(&self) -> Result<Value, Error> {
        load(&self.text).map_err(|error| {
            let line = if error.line > 0 { error.line + self.lines_before } else { 0 };
            Error { line, ..error }
        })
    }
}

/// Cuts a manifest at its separators.
struct Parts<'a> {
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
    lines_before: usize,
    ended: bool,
}

impl<'a> Parts<'a> {
    fn new(text: &'a str) -> Self {
        Self { lines: text.lines().enumerate(), lines_before: 0, ended: false }
    }
}

impl Iterator for Parts<'_> {
    type Item = Result<Part, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let lines_before = self.lines_before;
        let mut text = String::new();
        for (index, line) in self.lines.by_ref() {
            if let Some(rest) = line.strip_prefix("---") {
                let rest = rest.trim();
                if !rest.is_empty() && !rest.starts_with('#') {
                    self.ended = true;
                    return Some(Err(Error::bare(format!("invalid Yaml document separator: {rest}"), index + 1, 4)));
                }
                // A separator at the very beginning of a part belongs to it: YAML itself takes it as a marker.
                if !text.is_empty() {
                    self.lines_before = index + 1;
                    return Some(Ok(Part { text, lines_before }));
                }
            }
            text.push_str(line);
            text.push('\n');
        }
        self.ended = true;
        Some(Ok(Part { text, lines_before }))
    }
}

fn load_json_stream(text: &str) -> (Vec<Value>, Option<Error>) {
    if text.len() > MAX_BYTES {
        return (Vec::new(), Some(Error::bare(format!("the text is longer than {MAX_BYTES} bytes"), 0, 0)));
    }
    let mut values = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        match value {
            Ok(value) => values.push(like_yaml(value)),
            Err(error) => {
                return (values, Some(Error::bare(go_words(&error, text), error.line(), error.column())));
            }
        }
    }
    (values, None)
}

/// The value as [`load`] would give it: members sorted, whole numbers without a point. `serde_json` bounds the depth.
fn like_yaml(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            number.as_f64().and_then(|number| Scalar::Float(number).to_json("")).unwrap_or(Value::Number(number))
        }
        Value::Array(items) => items.into_iter().map(like_yaml).collect(),
        Value::Object(members) => {
            let members: Map<String, Value> = members.into_iter().map(|(k, v)| (k, like_yaml(v))).collect();
            Value::Object(ordered::by_name(members))
        }
        other => other,
    }
}

/// What Go's JSON reader says to the same fault.
fn go_words(error: &serde_json::Error, text: &str) -> String {
    if error.is_eof() {
        return "unexpected EOF".to_owned();
    }
    let line_start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = (line_start + error.column()).saturating_sub(1);
    let found = text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or('\n');
    let message = error.to_string();
    let says = |words: &str| message.starts_with(words);
    let context = if says("key must be a string") || says("trailing comma") && found == '}' {
        "looking for beginning of object key string".to_owned()
    } else if says("expected `:`") {
        "after object key".to_owned()
    } else if says("expected `,` or `}`") {
        "after object key:value pair".to_owned()
    } else if says("expected `,` or `]`") {
        "after array element".to_owned()
    } else if says("invalid escape") {
        "in string escape code".to_owned()
    } else if says("control character") {
        "in string literal".to_owned()
    } else if says("invalid number") {
        "in numeric literal".to_owned()
    } else if let Some(context) = literal(text.get(..at).unwrap_or_default()).filter(|_| says("expected ident")) {
        context
    } else {
        "looking for beginning of value".to_owned()
    };
    let found = if found == '\n' { "\\n".to_owned() } else { found.to_string() };
    format!("json: offset {}: invalid character '{found}' {context}", at + 1)
}

/// Which literal a text breaks off in, and what should have come.
fn literal(before: &str) -> Option<String> {
    let started = before.rsplit(|c: char| !c.is_ascii_lowercase()).next()?;
    let literal = ["true", "false", "null"].into_iter().find(|literal| literal.starts_with(started))?;
    let expected = literal.chars().nth(started.len())?;
    Some(format!("in literal {literal} (expecting '{expected}')"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{load_documents, load_stream};

    fn check(text: &str, expected: &serde_json::Value) {
        let values = load_documents(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
        assert_eq!(&serde_json::Value::Array(values), expected, "{text}");
    }

    /// The documents before the fault, and the fault.
    fn check_error(text: &str, before: usize, expected: &str) {
        let (values, error) = load_stream(text);
        assert_eq!((values.len(), error.map(|e| e.to_string()).as_deref()), (before, Some(expected)), "{text}");
    }

    #[test]
    fn documents_are_cut_at_separators() {
        check("---\na: 1\n---\n# nothing\n---  \nb: 2\n---\n", &json!([{"a": 1}, {"b": 2}]));
        check("a: 1\n--- # comment\nb: 2", &json!([{"a": 1}, {"b": 2}]));
        check("a: |\n  x", &json!([{"a": "x\n"}]));
        check("", &json!([]));
    }

    #[test]
    fn documents_before_a_fault_count() {
        check_error("a: 1\n---\nb: c: d\n", 1, "yaml: mapping values are not allowed in this context");
        check_error("a: 1\n---\n\nb: c: d\n", 1, "yaml: line 2: mapping values are not allowed in this context");
        assert_eq!(load_stream("a: 1\n---\n\nb: c: d\n").1.map(|error| error.line), Some(4));
        check_error("a: 1\n---\nb: 1\n----\nc: 1", 1, "invalid Yaml document separator: -");
    }

    #[test]
    fn json_as_kubectl_reads_it() {
        check("{\"b\": 1.0, \"a\": 2}{\"c\": 3}\n", &json!([{"b": 1, "a": 2}, {"c": 3}]));
        check("---\n{b: 1,}\n", &json!([{"b": 1}]));
        check_error("{b: 1}", 0, "json: offset 2: invalid character 'b' looking for beginning of object key string");
        check_error("{\"a\": 1\n", 0, "unexpected EOF");
        check_error("{\"a\": [1 2]}\n", 0, "json: offset 10: invalid character '2' after array element");
        check_error("{\"a\": [1,]}\n", 0, "json: offset 10: invalid character ']' looking for beginning of value");
        check_error("{\"a\": 1 \"b\"}\n", 0, "json: offset 9: invalid character '\"' after object key:value pair");
        check_error("{\"a\": tru}\n", 0, "json: offset 10: invalid character '}' in literal true (expecting 'e')");
        check_error("{\"a\": \"\\q\"}\n", 0, "json: offset 9: invalid character 'q' in string escape code");
        check_error("{\"a\": 1}\n---\nb: 2\n", 1, "json: offset 11: invalid character '-' in numeric literal");
        check_error("{\"a\":\"b}\n", 0, "json: offset 9: invalid character '\\n' in string literal");
    }
}
