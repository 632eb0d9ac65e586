//! `$((…))`: whole numbers, variables, the usual operators. Messages are bash's.

use std::collections::BTreeMap;

/// How deep parentheses and signs may stand in each other.
const MAX_DEPTH: usize = 40;

/// The value of an expression.
///
/// # Errors
/// The message that bash prints after the line number.
pub(super) fn evaluate(text: &str, variables: &BTreeMap<String, String>) -> Result<i64, String> {
    let whole = text.trim();
    if whole.is_empty() {
        return Ok(0);
    }
    let mut reader = Reader { whole, rest: whole, variables, depth: 0 };
    let value = reader.binary(0)?;
    reader.skip();
    if reader.rest.is_empty() { Ok(value) } else { Err(reader.error("syntax error in expression")) }
}

struct Reader<'a> {
    whole: &'a str,
    rest: &'a str,
    variables: &'a BTreeMap<String, String>,
    depth: usize,
}

/// Operators from the weakest to the strongest; of those that begin alike the longer first.
const OPERATORS: [(&str, u8); 13] = [
    ("||", 1),
    ("&&", 2),
    ("==", 3),
    ("!=", 3),
    ("<=", 4),
    (">=", 4),
    ("<", 4),
    (">", 4),
    ("+", 5),
    ("-", 5),
    ("*", 6),
    ("/", 6),
    ("%", 6),
];

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn error(&self, what: &str) -> String {
        format!("{}: {what} (error token is \"{}\")", self.whole, self.rest)
    }

    fn binary(&mut self, weakest: u8) -> Result<i64, String> {
        let mut left = self.unary()?;
        loop {
            self.skip();
            let found = OPERATORS.iter().find(|(op, level)| self.rest.starts_with(op) && *level > weakest);
            let Some((operator, level)) = found else { return Ok(left) };
            if ["**", "<<", ">>", "*=", "/=", "%=", "+=", "-="].iter().any(|op| self.rest.starts_with(op)) {
                return Err(self.error("only + - * / % and comparisons are supported in this terminal"));
            }
            let before = self.rest;
            self.rest = self.rest.get(operator.len()..).unwrap_or_default();
            self.skip();
            if self.rest.is_empty() {
                self.rest = before;
                return Err(self.error("syntax error: operand expected"));
            }
            let operand = self.rest;
            let right = self.binary(*level)?;
            left = match *operator {
                "||" => i64::from(left != 0 || right != 0),
                "&&" => i64::from(left != 0 && right != 0),
                "==" => i64::from(left == right),
                "!=" => i64::from(left != right),
                "<=" => i64::from(left <= right),
                ">=" => i64::from(left >= right),
                "<" => i64::from(left < right),
                ">" => i64::from(left > right),
                "+" => left.wrapping_add(right),
                "-" => left.wrapping_sub(right),
                "*" => left.wrapping_mul(right),
                _ if right == 0 => {
                    self.rest = operand;
                    return Err(self.error("division by 0"));
                }
                "/" => left.wrapping_div(right),
                _ => left.wrapping_rem(right),
            };
        }
    }

    fn unary(&mut self) -> Result<i64, String> {
        self.skip();
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("expression recursion level exceeded"));
        }
        let sign = self.rest.chars().next();
        let value = match sign {
            Some(c @ ('-' | '+' | '!' | '(')) => {
                self.rest = self.rest.get(1..).unwrap_or_default();
                if c == '(' {
                    let value = self.binary(0)?;
                    self.skip();
                    self.rest = self.rest.strip_prefix(')').ok_or_else(|| self.error("missing `)'"))?;
                    value
                } else {
                    let value = self.unary()?;
                    match c {
                        '-' => value.wrapping_neg(),
                        '!' => i64::from(value == 0),
                        _ => value,
                    }
                }
            }
            _ => self.operand()?,
        };
        self.depth -= 1;
        Ok(value)
    }

    fn operand(&mut self) -> Result<i64, String> {
        let rest = self.rest.strip_prefix('$').unwrap_or(self.rest);
        let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let word = rest.get(..length).unwrap_or_default();
        if word.is_empty() {
            return Err(self.error("syntax error: operand expected"));
        }
        let value = if word.starts_with(|c: char| c.is_ascii_digit()) {
            let (digits, radix) = match word {
                w if w.starts_with("0x") => (w.get(2..).unwrap_or_default(), 16),
                w if w.len() > 1 && w.starts_with('0') => (w, 8),
                w => (w, 10),
            };
            i64::from_str_radix(digits, radix).map_err(|_| self.error("value too great for base"))?
        } else {
            let text = self.variables.get(word).map_or("0", |v| v.trim());
            let text = if text.is_empty() { "0" } else { text };
            text.parse().map_err(|_| format!("{text}: only a whole number is supported as the value of `{word}`"))?
        };
        self.rest = rest.get(length..).unwrap_or_default();
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_have_the_values_of_bash() {
        let variables = BTreeMap::from([("n".to_owned(), "4".to_owned()), ("e".to_owned(), String::new())]);
        for (text, expected) in [
            ("1+2*3", Ok(7)),
            ("(1+2)*3", Ok(9)),
            ("10-2-3", Ok(5)),
            ("n % 3 == 1 && !e", Ok(1)),
            ("-n + 0x10 - 010", Ok(4)),
            ("", Ok(0)),
            ("1/0", Err("1/0: division by 0 (error token is \"0\")")),
            ("1+", Err("1+: syntax error: operand expected (error token is \"+\")")),
        ] {
            assert_eq!(evaluate(text, &variables), expected.map_err(str::to_owned), "{text}");
        }
        assert!(evaluate(&"(".repeat(100_000), &variables).is_err());
        assert!(evaluate(&"-".repeat(100_000), &variables).is_err());
    }
}
