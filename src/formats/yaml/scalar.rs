//! The type of a plain scalar, by YAML 1.1 in the manner of go-yaml v2 (iam 4.1).
//!
//! `y yes on true` and their opposites are booleans in three spellings, numbers may be hexadecimal, binary, octal with
//! a leading `0`, or carry `_`; sexagesimal numbers and dates stay text.

use serde_json::{Number, Value};

/// What a scalar stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// `~`, `null` or nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number; go-yaml's range is that of `i64` and `u64` together.
    Int(i128),
    /// A number that is not whole, too large, or written with an exponent.
    Float(f64),
    /// Anything else.
    Text,
}

impl Scalar {
    /// The scalar as JSON; `text` is what was written. `None` for an infinite number and for NaN, which JSON cannot hold.
    pub fn to_json(&self, text: &str) -> Option<Value> {
        Some(match self {
            Scalar::Null => Value::Null,
            Scalar::Bool(b) => Value::Bool(*b),
            Scalar::Int(i) => Value::Number(int_number(*i)?),
            Scalar::Float(f) => Value::Number(float_number(*f)?),
            Scalar::Text => Value::String(text.to_owned()),
        })
    }

    /// go-yaml's short name of the type, as used in its messages.
    pub fn tag(&self) -> &'static str {
        match self {
            Scalar::Null => "!!null",
            Scalar::Bool(_) => "!!bool",
            Scalar::Int(_) => "!!int",
            Scalar::Float(_) => "!!float",
            Scalar::Text => "!!str",
        }
    }
}

fn int_number(value: i128) -> Option<Number> {
    i64::try_from(value).map(Number::from).or_else(|_| u64::try_from(value).map(Number::from)).ok()
}

/// Go prints a whole float below 1e21 without point or exponent, so that `1e3` is the JSON number 1000.
fn float_number(value: f64) -> Option<Number> {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53: whole numbers below it convert without loss
    if value.fract() == 0.0 && value.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "checked just above")]
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}

/// The type of the plain scalar `text`.
pub fn resolve(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Scalar::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        _ => {}
    }
    match text.as_bytes().first() {
        Some(b'.') => decimal(text).map_or(Scalar::Text, Scalar::Float),
        Some(b'0'..=b'9' | b'+' | b'-') => {
            let plain: String = text.chars().filter(|c| *c != '_').collect();
            if let Some(value) = integer(&plain) {
                return Scalar::Int(value);
            }
            decimal(&plain).map_or(Scalar::Text, Scalar::Float)
        }
        _ => Scalar::Text,
    }
}

/// A whole number as Go reads it with base 0, within `i64` or (unsigned) `u64`.
fn integer(plain: &str) -> Option<i128> {
    let (negative, signed, digits) = match plain.as_bytes().first()? {
        b'-' => (true, true, plain.get(1..)?),
        b'+' => (false, true, plain.get(1..)?),
        _ => (false, false, plain),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, lower.get(2..)?),
        Some("0b") => (2, lower.get(2..)?),
        Some("0o") => (8, lower.get(2..)?),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, lower.get(1..)?),
        _ => (10, lower.as_str()),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    let value = if negative { -value } else { value };
    let (low, high) = (i128::from(i64::MIN), i128::from(if signed { i64::MAX as u64 } else { u64::MAX }));
    (low..=high).contains(&value).then_some(value)
}

/// A decimal fraction: digits with at most one point, then perhaps an exponent. Too large a value is not a number.
fn decimal(text: &str) -> Option<f64> {
    let digits = text.trim_start_matches(['+', '-']);
    if text.len() - digits.len() > 1 {
        return None;
    }
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (digits.get(..at)?, digits.get(at + 1..)),
        None => (digits, None),
    };
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let well_formed = match mantissa.split_once('.') {
        Some((whole, part)) => all_digits(whole) && all_digits(part) && !(whole.is_empty() && part.is_empty()),
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    let exponent_fits = exponent.is_none_or(|e| {
        let e = e.strip_prefix(['+', '-']).unwrap_or(e);
        !e.is_empty() && all_digits(e)
    });
    if !well_formed || !exponent_fits {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::{Scalar, resolve};

    fn check(text: &str, expected: &str) {
        let actual = resolve(text).to_json(text).map_or_else(|| "not JSON".to_owned(), |v| v.to_string());
        assert_eq!(actual, expected, "{text}");
    }

    #[test]
    fn booleans_and_null_in_three_spellings() {
        for text in ["y", "Yes", "on", "TRUE"] {
            check(text, "true");
        }
        for text in ["n", "NO", "Off", "false"] {
            check(text, "false");
        }
        for text in ["", "~", "null", "Null", "NULL"] {
            check(text, "null");
        }
        check("yEs", "\"yEs\"");
        check("nULL", "\"nULL\"");
    }

    #[test]
    fn numbers() {
        check("0755", "493");
        check("0o17", "15");
        check("012345678901", "12345678901"); // 8 and 9 are no octal digits: read as a decimal fraction
        check("0x1F", "31");
        check("-0b101", "-5");
        check("1_000", "1000");
        check("+12", "12");
        check(".5", "0.5");
        check("1e3", "1000");
        check("1.", "1");
        check("18446744073709551615", "18446744073709551615");
        check("+18446744073709551615", "1.8446744073709552e+19");
        check("-9223372036854775808", "-9223372036854775808");
        check(".inf", "not JSON");
    }

    #[test]
    fn looks_like_a_number_but_is_text() {
        for text in
            ["1:30", "2024-01-31", "0x", "0xg", "1e", "--1", "+-1", ".", "-", "1.2.3", "_1", "1e999", "infinity"]
        {
            assert_eq!(resolve(text), Scalar::Text, "{text}");
        }
    }
}
