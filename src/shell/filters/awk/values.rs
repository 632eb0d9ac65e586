//! The values of awk: numbers, texts, and texts of the input that may be either.

use crate::shell::numbers::Spec;

/// A value.
#[derive(Debug, Clone, Default)]
pub(super) enum Value {
    /// Of a variable that was never set: both 0 and the empty text.
    #[default]
    Unset,
    Number(f64),
    Text(String),
    /// A text of the input: a number if it looks like one.
    Input(String),
}

impl Value {
    pub fn truth(holds: bool) -> Self {
        Self::Number(f64::from(u8::from(holds)))
    }

    pub fn count(count: usize) -> Self {
        Self::Number(count as f64)
    }

    pub fn number(&self) -> f64 {
        match self {
            Self::Unset => 0.0,
            Self::Number(number) => *number,
            Self::Text(text) | Self::Input(text) => leading_number(text),
        }
    }

    /// As a text; `format` is `CONVFMT` or `OFMT`.
    pub fn text_as(&self, format: &str) -> String {
        match self {
            Self::Unset => String::new(),
            Self::Number(number) => number_text(*number, format),
            Self::Text(text) | Self::Input(text) => text.clone(),
        }
    }

    /// The number, if the value compares as one.
    pub fn numeric(&self) -> Option<f64> {
        match self {
            Self::Unset => Some(0.0),
            Self::Number(number) => Some(*number),
            Self::Text(_) => None,
            Self::Input(text) => {
                let text = text.trim();
                (number_length(text) == text.len() && !text.is_empty()).then(|| leading_number(text))
            }
        }
    }

    pub fn holds(&self) -> bool {
        match (self, self.numeric()) {
            (_, Some(number)) => number != 0.0,
            (Self::Text(text) | Self::Input(text), None) => !text.is_empty(),
            _ => false,
        }
    }

    /// How much of the bounds it takes.
    pub fn size(&self) -> usize {
        match self {
            Self::Text(text) | Self::Input(text) => text.len(),
            _ => 0,
        }
    }
}

/// The length of the number at the start of a text; 0 if there is none.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let sign = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let whole = digits(sign);
    let mut length = sign + whole;
    let mut any = whole > 0;
    if bytes.get(length) == Some(&b'.') {
        let fraction = digits(length + 1);
        any |= fraction > 0;
        length += 1 + fraction;
    }
    if !any {
        return 0;
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'-' | b'+')));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}

fn leading_number(text: &str) -> f64 {
    let text = text.trim_start();
    text.get(..number_length(text)).and_then(|digits| digits.parse().ok()).unwrap_or(0.0)
}

fn number_text(number: f64, format: &str) -> String {
    if number == number.trunc() && number.abs() < 1e16 {
        return format!("{}", number as i64);
    }
    let (spec, rest) = Spec::read(format.strip_prefix('%').unwrap_or(".6g"), &mut || 0);
    spec.number(rest.chars().next().filter(|c| "eEfFgG".contains(*c)).unwrap_or('g'), number)
}
