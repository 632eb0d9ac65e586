//! Shorthand: `key=value,key=value`, the short way to write structures and maps (cli 2.2).

use serde_json::{Map, Value};

use super::args::python_int;
use super::model::Shape;

/// Deepest nesting of `[` and `{`.
const MAX_DEPTH: usize = 100;

/// Why a text is no shorthand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The whole message after `Error parsing parameter '--x': `.
    Text(String),
    /// A file behind `@=` that cannot be read.
    File(String),
}

/// What replaces a value behind `@=`: the text of a file, or nothing if the value names none.
pub type Files<'a> = &'a dyn Fn(&str) -> Result<Option<String>, String>;

/// Reads shorthand without regard to types; every value is a text, a list or an object.
///
/// # Errors
/// The tool's message, with input and caret.
pub fn parse(text: &str, files: Files<'_>) -> Result<Value, Fault> {
    let chars: Vec<char> = text.chars().collect();
    let mut reader = Reader { chars: &chars, at: 0, from_file: false, files };
    reader.parameter().map_err(|stop| match stop {
        Stop::Syntax { expected, received, at } => {
            let place = location(&chars, at);
            Fault::Text(format!("Expected: '{expected}', received: '{received}' for input:\n {place}"))
        }
        Stop::Repeated { key, at } => Fault::Text(format!(
            "Second instance of key \"{key}\" encountered for input:\n{}\nThis is often because there is a preceding \",\" instead of a space.",
            location(&chars, at)
        )),
        Stop::File(message) => Fault::File(message),
    })
}

/// The line of the input with a caret line behind it; a later rest of the input follows the caret.
fn location(chars: &[char], at: usize) -> String {
    let text = |from: usize, to: usize| chars.get(from..to).unwrap_or_default().iter().collect::<String>();
    let before = chars.get(..at).unwrap_or_default();
    let column = before.iter().rposition(|c| *c == '\n').map_or(at, |newline| at - newline - 1);
    let end = chars.iter().skip(at).position(|c| *c == '\n').map_or(chars.len(), |offset| at + offset);
    format!("{}\n{}^{}", text(0, end), " ".repeat(column), text(end, chars.len()))
}

enum Stop {
    Syntax { expected: String, received: String, at: usize },
    Repeated { key: String, at: usize },
    File(String),
}

type Step<T> = Result<T, Stop>;

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
    /// Whether the value read next stands behind `@=`.
    from_file: bool,
    files: Files<'a>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|c| c.is_ascii_whitespace() || c == '\u{b}') {
            self.at += 1;
        }
    }

    fn expect(&mut self, wanted: char) -> Step<()> {
        match self.peek() {
            Some(c) if c == wanted => {
                self.at += 1;
                Ok(())
            }
            other => Err(Stop::Syntax {
                expected: wanted.into(),
                received: other.map_or_else(|| "EOF".to_owned(), String::from),
                at: self.at,
            }),
        }
    }

    /// [`Reader::expect`] with blanks around.
    fn expect_loose(&mut self, wanted: char) -> Step<()> {
        self.blanks();
        self.expect(wanted)?;
        self.blanks();
        Ok(())
    }

    fn parameter(&mut self) -> Step<Value> {
        let mut members = Map::new();
        loop {
            let start = self.at;
            let key = self.key_and_equals()?;
            let value = self.values()?;
            if members.contains_key(&key) {
                // The mark stands after the comma, whatever blanks follow it.
                let comma = self.chars.iter().take(start).rposition(|c| *c == ',').map_or(start, |at| at + 1);
                return Err(Stop::Repeated { key, at: comma });
            }
            members.insert(key, value);
            if self.at >= self.chars.len() {
                return Ok(Value::Object(members));
            }
            self.expect_loose(',')?;
        }
    }

    fn key_and_equals(&mut self) -> Step<String> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || "-_.#/:".contains(c)) {
            self.at += 1;
        }
        let key = self.chars.get(start..self.at).unwrap_or_default().iter().collect();
        self.from_file = self.expect_loose('@').is_ok();
        self.expect_loose('=')?;
        Ok(key)
    }

    fn values(&mut self) -> Step<Value> {
        match self.peek() {
            None => Ok(Value::String(String::new())),
            Some('[' | '{') => self.bracketed(0),
            _ => self.comma_separated(),
        }
    }

    /// `b` in `a=b`, and the list in `a=b,c`; stops before a part that is a key.
    fn comma_separated(&mut self) -> Step<Value> {
        let first = self.first_value()?;
        self.blanks();
        if self.peek() != Some(',') {
            return Ok(first);
        }
        let mut comma = self.at;
        self.expect_loose(',')?;
        let mut items = vec![first];
        loop {
            let step = self.second_value().and_then(|value| {
                self.blanks();
                if self.peek().is_none() {
                    return Ok((value, None));
                }
                let next = self.at;
                self.expect_loose(',').map(|()| (value, Some(next)))
            });
            match step {
                Ok((value, None)) => {
                    items.push(value);
                    break;
                }
                Ok((value, Some(next))) => {
                    items.push(value);
                    comma = next;
                }
                Err(stop @ Stop::File(_)) => return Err(stop),
                Err(stop) if self.at >= self.chars.len() => return Err(stop),
                Err(_) => {
                    // What follows the last comma belongs to the next key.
                    let read = self.chars.get(comma..=self.at).unwrap_or_default();
                    self.at = read.iter().rposition(|c| *c == ',').map_or(comma, |offset| comma + offset);
                    break;
                }
            }
        }
        let only = if items.len() == 1 { items.pop() } else { None };
        Ok(only.unwrap_or(Value::Array(items)))
    }

    fn bracketed(&mut self, depth: usize) -> Step<Value> {
        if depth > MAX_DEPTH {
            return Err(Stop::Syntax {
                expected: ",".into(),
                received: self.peek().into_iter().collect(),
                at: self.at,
            });
        }
        match self.peek() {
            Some('[') => {
                self.expect_loose('[')?;
                let mut items = Vec::new();
                while self.peek() != Some(']') {
                    items.push(self.bracketed(depth + 1)?);
                    self.separator(']')?;
                }
                self.expect(']')?;
                Ok(Value::Array(items))
            }
            Some('{') => {
                self.expect_loose('{')?;
                let mut members = Map::new();
                while self.peek() != Some('}') {
                    let key = self.key_and_equals()?;
                    let value = self.bracketed(depth + 1)?;
                    self.separator('}')?;
                    members.insert(key, value);
                }
                self.expect('}')?;
                Ok(Value::Object(members))
            }
            _ => self.first_value(),
        }
    }

    /// A comma, unless the bracket ends.
    fn separator(&mut self, end: char) -> Step<()> {
        self.blanks();
        if self.peek() != Some(end) {
            self.expect(',')?;
            self.blanks();
        }
        Ok(())
    }

    fn first_value(&mut self) -> Step<Value> {
        if let Some(quote @ ('\'' | '"')) = self.peek() {
            return self.quoted(quote);
        }
        let word = self.word(is_first_follow).unwrap_or_default();
        self.resolve(word)
    }

    fn second_value(&mut self) -> Step<Value> {
        if let Some(quote @ ('\'' | '"')) = self.peek() {
            return self.quoted(quote);
        }
        match self.word(is_second_follow) {
            Some(word) => self.resolve(word),
            None => Err(self.nothing("<second>")),
        }
    }

    fn nothing(&self, expected: &str) -> Stop {
        Stop::Syntax { expected: expected.to_owned(), received: "<none>".to_owned(), at: self.at }
    }

    /// A bare word; blanks at its end do not count, and `\,` is a comma.
    fn word(&mut self, follows: fn(char) -> bool) -> Option<String> {
        let start = self.at;
        loop {
            let accepts = if self.at == start { is_start } else { follows };
            match self.peek() {
                Some('\\') if self.chars.get(self.at + 1) == Some(&',') => self.at += 2,
                Some(c) if accepts(c) => self.at += 1,
                _ => break,
            }
        }
        if self.at == start {
            return None;
        }
        let word: String = self.chars.get(start..self.at).unwrap_or_default().iter().collect();
        Some(word.replace("\\,", ",").trim_end().to_owned())
    }

    fn quoted(&mut self, quote: char) -> Step<Value> {
        let mut at = self.at + 1;
        let mut last_escaped = None;
        let end = loop {
            match self.chars.get(at) {
                None => break last_escaped,
                Some(c) if *c == quote => break Some(at),
                Some('\\') if self.chars.get(at + 1) == Some(&quote) => {
                    last_escaped = Some(at + 1);
                    at += 2;
                }
                Some(_) => at += 1,
            }
        };
        let Some(end) = end else {
            return Err(self.nothing(if quote == '\'' { "<singled quoted>" } else { "<double quoted>" }));
        };
        let inner: String = self.chars.get(self.at + 1..end).unwrap_or_default().iter().collect();
        self.at = end + 1;
        self.resolve(inner.replace(&format!("\\{quote}"), &quote.to_string()).replace("\\\\", "\\"))
    }

    fn resolve(&self, word: String) -> Step<Value> {
        if !self.from_file {
            return Ok(Value::String(word));
        }
        let text = (self.files)(&word).map_err(Stop::File)?;
        Ok(Value::String(text.unwrap_or(word)))
    }
}

/// Characters that may begin a bare word.
fn is_start(c: char) -> bool {
    c > ' ' && !"\"',=[{".contains(c) && c <= '\u{ffff}'
}

/// Characters that may go on in the first word of a value.
fn is_first_follow(c: char) -> bool {
    (c >= ' ' || c.is_whitespace()) && !"\"',]}".contains(c) && c <= '\u{ffff}'
}

/// Characters that may go on in later words of a value; `=` ends them, so that a key is seen as one.
fn is_second_follow(c: char) -> bool {
    (c >= ' ' || c.is_whitespace()) && !"\"',=".contains(c) && c <= '\u{ffff}'
}

/// Fits what was read to the model: a single value for a list becomes a list, numbers and booleans are read.
///
/// # Errors
/// Python's message about a number that is none.
pub fn fit(value: Value, shape: &Shape) -> Result<Value, String> {
    match (shape, value) {
        (Shape::Structure(members), Value::Object(mut given)) => {
            for member in *members {
                if let Some(value) = given.get_mut(member.name) {
                    *value = fit(value.take(), &member.shape)?;
                }
            }
            Ok(Value::Object(given))
        }
        (Shape::List(item), Value::Array(values)) => {
            let only = match item {
                Shape::Structure([only]) => Some(only.name),
                _ => None,
            };
            let fitted = values.into_iter().map(|value| match (only, value) {
                (Some(name), value) if !value.is_object() => {
                    Ok(Value::Object([(name.to_owned(), value)].into_iter().collect()))
                }
                (_, value) => fit(value, item),
            });
            Ok(Value::Array(fitted.collect::<Result<_, String>>()?))
        }
        (Shape::List(_), value) => Ok(Value::Array(vec![value])),
        (Shape::Integer { .. }, Value::String(text)) => integer(&text),
        (Shape::Boolean, Value::String(text)) => Ok(match text.to_lowercase().as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::String(text),
        }),
        (_, value) => Ok(value),
    }
}

/// A whole number as Python reads it.
///
/// # Errors
/// `invalid literal for int() with base 10: 'abc'`.
pub fn integer(text: &str) -> Result<Value, String> {
    python_int(text).map(Value::from).ok_or_else(|| format!("invalid literal for int() with base 10: '{text}'"))
}

#[cfg(test)]
mod tests {
    use super::super::model::{TEXT, TEXTS};
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Value, String> {
        let read = parse(text, &|path| match path.strip_prefix("file://") {
            Some("x") => Ok(Some("from file".to_owned())),
            Some(other) => Err(format!("no {other}")),
            None => Ok(None),
        });
        read.map_err(|(Fault::Text(why) | Fault::File(why))| why)
    }

    #[test]
    fn values_are_texts_lists_and_objects() {
        for (text, expected) in [
            ("type=cluster", json!({"type": "cluster"})),
            ("type=namespace,namespaces=a,b", json!({"type": "namespace", "namespaces": ["a", "b"]})),
            ("namespaces=a,b,type=x", json!({"namespaces": ["a", "b"], "type": "x"})),
            ("a=[x, y ],b={k=v,l=[1]}", json!({"a": ["x", "y"], "b": {"k": "v", "l": ["1"]}})),
            ("a='x,y',b=\"q\\\"r\"", json!({"a": "x,y", "b": "q\"r"})),
            ("a=x\\,y", json!({"a": "x,y"})),
            ("a= b , c = d", json!({"a": "b", "c": "d"})),
            ("a=", json!({"a": ""})),
            ("=b", json!({"": "b"})),
            ("a=b=c", json!({"a": "b=c"})),
            ("a=,b=c", json!({"a": "", "b": "c"})),
            ("a=x,'y z',b=1", json!({"a": ["x", "y z"], "b": "1"})),
            ("a@=file://x,b@=c", json!({"a": "from file", "b": "c"})),
            ("a=[]", json!({"a": []})),
        ] {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn errors_show_where_reading_stopped() {
        for (text, expected) in [
            ("cluster", "Expected: '=', received: 'EOF' for input:\n cluster\n       ^"),
            ("", "Expected: '=', received: 'EOF' for input:\n \n^"),
            ("type=cluster,", "Expected: '<second>', received: '<none>' for input:\n type=cluster,\n             ^"),
            ("a=b c=d,,e", "Expected: '=', received: 'EOF' for input:\n a=b c=d,,e\n          ^"),
            ("a=[dev", "Expected: ',', received: 'EOF' for input:\n a=[dev\n      ^"),
            ("a=[b]c", "Expected: ',', received: 'c' for input:\n a=[b]c\n     ^"),
            ("a='b", "Expected: '<singled quoted>', received: '<none>' for input:\n a='b\n  ^"),
            ("a=b,\nc!=d\ne", "Expected: '=', received: '!' for input:\n a=b,\nc!=d\n ^\ne"),
            (
                "type=a,type=b",
                "Second instance of key \"type\" encountered for input:\ntype=a,type=b\n       ^\nThis is often because there is a preceding \",\" instead of a space.",
            ),
            ("a@=file://y", "no y"),
        ] {
            assert_eq!(read(text), Err(expected.to_owned()), "{text}");
        }
        assert!(read(&format!("a={}", "[".repeat(10_000))).is_err());
    }

    #[test]
    fn values_are_fitted_to_the_model() {
        use super::super::model::service;
        let create = service("eks").and_then(|s| s.operation("create-cluster")).unwrap();
        let shape = &create.member("resourcesVpcConfig").unwrap().shape;
        let given = json!({"subnetIds": "a", "endpointPublicAccess": "True", "endpointPrivateAccess": "maybe"});
        let fitted = json!({"subnetIds": ["a"], "endpointPublicAccess": true, "endpointPrivateAccess": "maybe"});
        assert_eq!(fit(given, shape), Ok(fitted));
        assert_eq!(fit(json!("a"), &TEXTS), Ok(json!(["a"])));
        assert_eq!(fit(json!("a"), &TEXT), Ok(json!("a")));
        assert_eq!(
            fit(json!("x"), &Shape::Integer { min: None }),
            Err("invalid literal for int() with base 10: 'x'".to_owned())
        );
    }
}
