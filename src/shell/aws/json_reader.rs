//! Reads JSON with the messages of Python's reader, which the AWS CLI passes on (cli 2.3).

use serde_json::{Map, Number, Value};

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 200;

/// Reads one JSON value.
///
/// # Errors
/// Python's message with line, column and character: `Expecting value: line 1 column 9 (char 8)`.
pub fn parse(text: &str) -> Result<Value, String> {
    let chars: Vec<char> = text.chars().collect();
    let mut reader = Reader { chars: &chars, at: 0 };
    reader.blanks();
    let value = reader.value(0)?;
    reader.blanks();
    if reader.at < chars.len() { Err(reader.error("Extra data", reader.at)) } else { Ok(value) }
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    /// `what: line L column C (char N)`; lines count from 1, and so do columns.
    fn error(&self, what: &str, at: usize) -> String {
        let before = self.chars.get(..at.min(self.chars.len())).unwrap_or_default();
        let line = before.iter().filter(|c| **c == '\n').count() + 1;
        let column = match before.iter().rposition(|c| *c == '\n') {
            Some(newline) => at - newline,
            None => at + 1,
        };
        format!("{what}: line {line} column {column} (char {at})")
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        match self.peek() {
            Some('{') if depth < MAX_DEPTH => self.object(depth),
            Some('[') if depth < MAX_DEPTH => self.array(depth),
            Some('{') => Err("maximum recursion depth exceeded while decoding a JSON object from a unicode string".into()),
            Some('[') => Err("maximum recursion depth exceeded while decoding a JSON array from a unicode string".into()),
            Some('"') => self.string().map(Value::String),
            Some('-' | '0'..='9') => self.number(),
            _ => {
                for (word, value) in [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))] {
                    if self.word(word) {
                        return Ok(value);
                    }
                }
                Err(self.error("Expecting value", self.at))
            }
        }
    }

    fn word(&mut self, word: &str) -> bool {
        let end = self.at + word.len();
        let found = self.chars.get(self.at..end).is_some_and(|chars| chars.iter().copied().eq(word.chars()));
        if found {
            self.at = end;
        }
        found
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        let mut members = Map::new();
        self.at += 1;
        self.blanks();
        if self.peek() == Some('}') {
            self.at += 1;
            return Ok(Value::Object(members));
        }
        loop {
            if self.peek() != Some('"') {
                return Err(self.error("Expecting property name enclosed in double quotes", self.at));
            }
            let name = self.string()?;
            self.blanks();
            if self.peek() != Some(':') {
                return Err(self.error("Expecting ':' delimiter", self.at));
            }
            self.at += 1;
            self.blanks();
            let value = self.value(depth + 1)?;
            // A repeated name keeps its place and takes the last value.
            members.insert(name, value);
            self.blanks();
            match self.peek() {
                Some(',') => self.at += 1,
                Some('}') => {
                    self.at += 1;
                    return Ok(Value::Object(members));
                }
                _ => return Err(self.error("Expecting ',' delimiter", self.at)),
            }
            self.blanks();
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, String> {
        let mut items = Vec::new();
        self.at += 1;
        self.blanks();
        if self.peek() == Some(']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.blanks();
            match self.peek() {
                Some(',') => self.at += 1,
                Some(']') => {
                    self.at += 1;
                    return Ok(Value::Array(items));
                }
                _ => return Err(self.error("Expecting ',' delimiter", self.at)),
            }
            self.blanks();
        }
    }

    fn string(&mut self) -> Result<String, String> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else { return Err(self.error("Unterminated string starting at", start)) };
            match c {
                '"' => {
                    self.at += 1;
                    return Ok(text);
                }
                '\\' => text.push(self.escape(start)?),
                c if c < ' ' => return Err(self.error("Invalid control character at", self.at)),
                c => {
                    text.push(c);
                    self.at += 1;
                }
            }
        }
    }

    fn escape(&mut self, start: usize) -> Result<char, String> {
        let at = self.at;
        let Some(c) = self.chars.get(at + 1).copied() else {
            return Err(self.error("Unterminated string starting at", start));
        };
        self.at += 2;
        Ok(match c {
            '"' | '\\' | '/' => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let high = self.hex(at)?;
                if (0xd800..0xdc00).contains(&high) && self.chars.get(self.at..self.at + 2) == Some(&['\\', 'u']) {
                    let back = self.at;
                    self.at += 2;
                    let low = self.hex(back)?;
                    if (0xdc00..0xe000).contains(&low) {
                        let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                        return Ok(char::from_u32(code).unwrap_or('\u{fffd}'));
                    }
                    self.at = back;
                }
                // Half a pair has no Rust text; Python would carry it along.
                char::from_u32(high).unwrap_or('\u{fffd}')
            }
            _ => return Err(self.error("Invalid \\escape", at)),
        })
    }

    fn hex(&mut self, escape: usize) -> Result<u32, String> {
        let mut code = 0;
        for offset in 0..4 {
            let digit = self.chars.get(self.at + offset).and_then(|c| c.to_digit(16));
            let Some(digit) = digit else { return Err(self.error("Invalid \\uXXXX escape", escape + 1)) };
            code = code * 16 + digit;
        }
        self.at += 4;
        Ok(code)
    }

    fn number(&mut self) -> Result<Value, String> {
        let start = self.at;
        if self.peek() == Some('-') {
            self.at += 1;
        }
        match self.peek() {
            Some('0') => self.at += 1,
            Some('1'..='9') => self.digits(),
            _ => {
                self.at = start;
                return Err(self.error("Expecting value", start));
            }
        }
        let mut is_float = false;
        if self.peek() == Some('.') && self.digit_at(self.at + 1) {
            self.at += 1;
            self.digits();
            is_float = true;
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            let sign = usize::from(matches!(self.chars.get(self.at + 1), Some('+' | '-')));
            if self.digit_at(self.at + 1 + sign) {
                self.at += 1 + sign;
                self.digits();
                is_float = true;
            }
        }
        let text: String = self.chars.get(start..self.at).unwrap_or_default().iter().collect();
        let whole = if is_float { None } else { text.parse::<i64>().ok().map(Number::from) };
        let number = whole.or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64));
        Ok(number.map_or(Value::Null, Value::Number))
    }

    fn digit_at(&self, at: usize) -> bool {
        self.chars.get(at).is_some_and(char::is_ascii_digit)
    }

    fn digits(&mut self) {
        while self.digit_at(self.at) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Messages as Python 3.11 gives them.
    #[test]
    fn errors_are_worded_as_python_words_them() {
        for (text, expected) in [
            ("", "Expecting value: line 1 column 1 (char 0)"),
            (r#"{"team":"#, "Expecting value: line 1 column 9 (char 8)"),
            (r#"{"type":"namespace""#, "Expecting ',' delimiter: line 1 column 20 (char 19)"),
            ("{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
            (r#"{"a":1,}"#, "Expecting property name enclosed in double quotes: line 1 column 8 (char 7)"),
            ("{'a':1}", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
            (r#"{"a" 1}"#, "Expecting ':' delimiter: line 1 column 6 (char 5)"),
            ("[1,]", "Expecting value: line 1 column 4 (char 3)"),
            ("[1] x", "Extra data: line 1 column 5 (char 4)"),
            (r#"["abc"#, "Unterminated string starting at: line 1 column 2 (char 1)"),
            (r#"["a\x"]"#, r"Invalid \escape: line 1 column 4 (char 3)"),
            (r#"["\u12"]"#, r"Invalid \uXXXX escape: line 1 column 4 (char 3)"),
            ("[\"a\nb\"]", "Invalid control character at: line 1 column 4 (char 3)"),
            ("[\n1\n2]", "Expecting ',' delimiter: line 3 column 1 (char 4)"),
            ("[-]", "Expecting value: line 1 column 2 (char 1)"),
        ] {
            assert_eq!(parse(text), Err(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn values_are_read() {
        assert_eq!(parse(r#" {"a": [1, -2.5e1, true, null, "x\u00e9\ud83d\ude00\n"]} "#), Ok(json!({"a": [1, -25.0, true, null, "xé😀\n"]})));
        assert_eq!(parse(r#"{"a":1,"b":2,"a":3}"#), Ok(json!({"a": 3, "b": 2})));
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
