//! Reading JSON with the messages of Python's reader, which the AWS CLI passes on (cli 2.3, 3.7).

use serde_json::{Map, Number, Value};

/// Deeper nesting is refused; the tools' inputs have a handful of levels.
const MAX_DEPTH: usize = 128;

/// Why a text is not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}: line {line} column {column} (char {offset})")]
pub struct PythonJsonError {
    /// The reader's words, such as `Expecting value`.
    pub message: &'static str,
    /// Line of the place, from 1.
    pub line: usize,
    /// Column of the place in characters, from 1.
    pub column: usize,
    /// The place in characters from 0.
    pub offset: usize,
}

/// Reads one JSON value; members keep their order, of repeated names the last value counts.
pub fn parse(text: &str) -> Result<Value, PythonJsonError> {
    let mut reader = Reader { chars: text.chars().collect(), at: 0 };
    reader.skip_blanks();
    let value = reader.value(0).and_then(|value| {
        reader.skip_blanks();
        if reader.at == reader.chars.len() { Ok(value) } else { Err(("Extra data", reader.at)) }
    });
    value.map_err(|(message, offset)| {
        let before = reader.chars.get(..offset).unwrap_or(&reader.chars);
        let line = 1 + before.iter().filter(|c| **c == '\n').count();
        let column = 1 + before.iter().rev().take_while(|c| **c != '\n').count();
        PythonJsonError { message, line, column, offset }
    })
}

/// A message and the place it is about.
type Fault = (&'static str, usize);

struct Reader {
    chars: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Value, Fault> {
        if depth > MAX_DEPTH {
            return Err(("Too deeply nested", self.at));
        }
        match self.peek() {
            Some('"') => self.text().map(Value::String),
            Some('{') => self.object(depth),
            Some('[') => self.array(depth),
            Some('-' | '0'..='9') => self.number(),
            _ => [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))]
                .into_iter()
                .find(|(word, _)| self.chars.iter().skip(self.at).take(word.len()).copied().eq(word.chars()))
                .map(|(word, value)| {
                    self.at += word.len();
                    value
                })
                .ok_or(("Expecting value", self.at)),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Fault> {
        let mut members = Map::new();
        self.at += 1;
        self.skip_blanks();
        if self.take('}') {
            return Ok(Value::Object(members));
        }
        loop {
            if self.peek() != Some('"') {
                return Err(("Expecting property name enclosed in double quotes", self.at));
            }
            let name = self.text()?;
            self.skip_blanks();
            if !self.take(':') {
                return Err(("Expecting ':' delimiter", self.at));
            }
            self.skip_blanks();
            members.insert(name, self.value(depth + 1)?);
            self.skip_blanks();
            if self.take('}') {
                return Ok(Value::Object(members));
            }
            let comma = self.comma()?;
            if self.peek() == Some('}') {
                return Err(("Illegal trailing comma before end of object", comma));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, Fault> {
        let mut items = Vec::new();
        self.at += 1;
        self.skip_blanks();
        if self.take(']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_blanks();
            if self.take(']') {
                return Ok(Value::Array(items));
            }
            let comma = self.comma()?;
            if self.peek() == Some(']') {
                return Err(("Illegal trailing comma before end of array", comma));
            }
        }
    }

    fn comma(&mut self) -> Result<usize, Fault> {
        let comma = self.at;
        if !self.take(',') {
            return Err(("Expecting ',' delimiter", comma));
        }
        self.skip_blanks();
        Ok(comma)
    }

    fn number(&mut self) -> Result<Value, Fault> {
        let start = self.at;
        self.take('-');
        if !self.take('0') && self.digits() == 0 {
            return Err(("Expecting value", start));
        }
        let mut is_float = false;
        for part in [Self::fraction, Self::exponent] {
            let before = self.at;
            if part(self) {
                is_float = true;
            } else {
                self.at = before;
            }
        }
        let text: String = self.chars.iter().take(self.at).skip(start).collect();
        let whole = || text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from)).ok();
        let float = || text.parse().ok().and_then(Number::from_f64);
        let number = if is_float { float() } else { whole().or_else(float) };
        number.map(Value::Number).ok_or(("Expecting value", start))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn fraction(&mut self) -> bool {
        self.take('.') && self.digits() > 0
    }

    fn exponent(&mut self) -> bool {
        (self.take('e') || self.take('E')) && {
            let _ = self.take('+') || self.take('-');
            self.digits() > 0
        }
    }

    fn text(&mut self) -> Result<String, Fault> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let here = self.at;
            self.at += 1;
            match self.chars.get(here).copied() {
                None => return Err(("Unterminated string starting at", start)),
                Some('"') => return Ok(out),
                Some('\\') => out.push(self.escape(start)?),
                Some(c) if c < ' ' => return Err(("Invalid control character at", here)),
                Some(c) => out.push(c),
            }
        }
    }

    /// The character meant by an escape, whose backslash has been read.
    fn escape(&mut self, start: usize) -> Result<char, Fault> {
        let backslash = self.at - 1;
        let c = self.peek().ok_or(("Unterminated string starting at", start))?;
        self.at += 1;
        Ok(match c {
            '"' | '\\' | '/' => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let high = self.four_digits(backslash + 1)?;
                let after = self.at;
                let pair = (0xd800..0xdc00).contains(&high) && self.take('\\') && self.take('u');
                let low = if pair { self.four_digits(after + 1).ok() } else { None };
                match low.filter(|low| (0xdc00..0xe000).contains(low)) {
                    Some(low) => char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)),
                    None => {
                        self.at = after;
                        char::from_u32(high)
                    }
                }
                .unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return Err(("Invalid \\escape", backslash)),
        })
    }

    fn four_digits(&mut self, place: usize) -> Result<u32, Fault> {
        let digits: String = self.chars.iter().skip(self.at).take(4).collect();
        self.at += 4;
        let valid = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        u32::from_str_radix(&digits, 16).ok().filter(|_| valid).ok_or(("Invalid \\uXXXX escape", place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_json() {
        let text = " {\"b\": [1, -2.5e3, \"\\u00e9\\ud83d\\ude00\\n\"], \"a\": {}, \"b\": null, \"c\": [true,false]}\n";
        assert_eq!(parse(text), Ok(json!({"b": null, "a": {}, "c": [true, false]})));
        assert_eq!(parse("\"\\ud83d\\ude00\\/\""), Ok(json!("😀/")));
    }

    #[test]
    fn faults_in_the_words_of_python() {
        let check = |text: &str, expected: &str| assert_eq!(parse(text).unwrap_err().to_string(), expected);
        check("", "Expecting value: line 1 column 1 (char 0)");
        check("{\"team\": }", "Expecting value: line 1 column 10 (char 9)");
        check("{\"a\": 1 \"b\"}", "Expecting ',' delimiter: line 1 column 9 (char 8)");
        check("{a: 1}", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)");
        check("{\"a\"\n1}", "Expecting ':' delimiter: line 2 column 1 (char 5)");
        check("[1] x", "Extra data: line 1 column 5 (char 4)");
        check("01", "Extra data: line 1 column 2 (char 1)");
        check("\"a", "Unterminated string starting at: line 1 column 1 (char 0)");
        check("\"\\x\"", "Invalid \\escape: line 1 column 2 (char 1)");
        check("\"\\u12\"", "Invalid \\uXXXX escape: line 1 column 3 (char 2)");
        check("\"\n\"", "Invalid control character at: line 1 column 2 (char 1)");
        check("[1,]", "Illegal trailing comma before end of array: line 1 column 3 (char 2)");
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
