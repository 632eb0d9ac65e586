//! Numbers and texts as C's `printf` writes them.

/// The widest field and the most digits.
const MAX_WIDTH: usize = 1_000;

/// What stands between `%` and the letter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spec {
    left: bool,
    plus: bool,
    blank: bool,
    zero: bool,
    alternate: bool,
    width: usize,
    /// The digits, or the longest text.
    precision: Option<usize>,
}

impl Spec {
    /// Reads the text after a `%`; `star` gives the value for each `*`. What follows begins with the letter.
    pub fn read<'t>(text: &'t str, star: &mut dyn FnMut() -> i64) -> (Self, &'t str) {
        let mut spec = Self::default();
        let mut rest = text;
        while let Some(flag) = rest.chars().next().filter(|c| "-+ 0#'".contains(*c)) {
            match flag {
                '-' => spec.left = true,
                '+' => spec.plus = true,
                ' ' => spec.blank = true,
                '0' => spec.zero = true,
                '#' => spec.alternate = true,
                _ => {}
            }
            rest = rest.get(1..).unwrap_or_default();
        }
        let mut number = |rest: &mut &'t str| -> i64 {
            if let Some(after) = rest.strip_prefix('*') {
                *rest = after;
                return star();
            }
            let length = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (digits, after) = rest.split_at(length);
            *rest = after;
            digits.parse().unwrap_or(0)
        };
        let width = number(&mut rest);
        spec.left |= width < 0;
        spec.width = (width.unsigned_abs() as usize).min(MAX_WIDTH);
        if let Some(after) = rest.strip_prefix('.') {
            rest = after;
            spec.precision = usize::try_from(number(&mut rest)).ok().map(|digits| digits.min(MAX_WIDTH));
        }
        // The lengths of C's types mean nothing here.
        (spec, rest.trim_start_matches(['l', 'h', 'z', 'j']))
    }

    /// A text with this width and precision.
    pub fn text(&self, text: &str) -> String {
        let text: String = match self.precision {
            Some(most) => text.chars().take(most).collect(),
            None => text.to_owned(),
        };
        self.fill(String::new(), text, false)
    }

    /// A whole number as `d`, `i`, `o`, `u`, `x` or `X`.
    pub fn whole(&self, letter: char, number: i64) -> String {
        let digits = match letter {
            'o' => format!("{number:o}"),
            'x' => format!("{number:x}"),
            'X' => format!("{number:X}"),
            'u' => format!("{}", number as u64),
            _ => format!("{}", number.unsigned_abs()),
        };
        let digits = match self.precision {
            Some(0) if number == 0 => String::new(),
            Some(least) => format!("{digits:0>least$}"),
            None => digits,
        };
        let sign = match letter {
            'd' | 'i' => self.sign(number < 0),
            'x' | 'X' if self.alternate && number != 0 => format!("0{letter}"),
            'o' if self.alternate && !digits.starts_with('0') => "0".to_owned(),
            _ => String::new(),
        };
        self.fill(sign, digits, self.precision.is_none())
    }

    /// A number as `e`, `f`, `g` or their capitals.
    pub fn number(&self, letter: char, number: f64) -> String {
        let size = number.abs();
        let precision = self.precision.unwrap_or(6);
        let text = if !number.is_finite() {
            if number.is_nan() { "nan" } else { "inf" }.to_owned()
        } else {
            match letter.to_ascii_lowercase() {
                'f' => format!("{size:.precision$}"),
                'e' => exponential(size, precision),
                _ => general(size, precision, self.alternate),
            }
        };
        let text = if letter.is_ascii_uppercase() { text.to_uppercase() } else { text };
        self.fill(self.sign(number.is_sign_negative() && !number.is_nan()), text, number.is_finite())
    }

    fn sign(&self, negative: bool) -> String {
        match (negative, self.plus, self.blank) {
            (true, ..) => "-".to_owned(),
            (false, true, _) => "+".to_owned(),
            (false, false, true) => " ".to_owned(),
            _ => String::new(),
        }
    }

    fn fill(&self, sign: String, text: String, zeros: bool) -> String {
        let missing = self.width.saturating_sub(sign.chars().count() + text.chars().count());
        match (self.left, self.zero && zeros) {
            (true, _) => format!("{sign}{text}{}", " ".repeat(missing)),
            (false, true) => format!("{sign}{}{text}", "0".repeat(missing)),
            (false, false) => format!("{}{sign}{text}", " ".repeat(missing)),
        }
    }
}

/// `%e` of a number that is not negative: `1.500000e+00`.
fn exponential(number: f64, precision: usize) -> String {
    let text = format!("{number:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// `%g` of a number that is not negative.
fn general(number: f64, precision: usize, keep_zeros: bool) -> String {
    let digits = precision.max(1);
    let text = exponential(number, digits - 1);
    let exponent: i32 = text.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    let plain = exponent >= -4 && exponent < i32::try_from(digits).unwrap_or(i32::MAX);
    let trimmed = |text: &str| match text.contains('.') && !keep_zeros {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if plain {
        let places = i32::try_from(digits).unwrap_or(0) - 1 - exponent;
        return trimmed(&format!("{number:.*}", usize::try_from(places).unwrap_or(0)));
    }
    match text.split_once('e') {
        Some((digits, exponent)) => format!("{}e{exponent}", trimmed(digits)),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::Spec;

    #[test]
    fn numbers_are_written_as_by_c() {
        for (format, number, expected) in [
            ("g", 0.1, "0.1"),
            ("g", 1e20, "1e+20"),
            ("g", 123_456_789.0, "1.23457e+08"),
            ("g", 0.000_01, "1e-05"),
            (".3g", 2.71528, "2.72"),
            ("#g", 1.0, "1.00000"),
            ("e", 1.5, "1.500000e+00"),
            (".2f", -2.345, "-2.35"),
            ("08.2f", -2.5, "-0002.50"),
            ("+d", 5.0, "+5"),
            ("5d", -3.0, "   -3"),
            ("-5dx", 3.0, "3    "),
            (".3d", 7.0, "007"),
            ("x", 255.0, "ff"),
            ("#X", 255.0, "0XFF"),
            ("#o", 8.0, "010"),
        ] {
            let (spec, rest) = Spec::read(format, &mut || 0);
            let letter = rest.chars().next().unwrap();
            let text =
                if "efg".contains(letter) { spec.number(letter, number) } else { spec.whole(letter, number as i64) };
            assert_eq!(text, expected, "{format}");
        }
        let (spec, rest) = Spec::read("-*.2s|", &mut || 4);
        assert_eq!((spec.text("abc").as_str(), rest), ("ab  ", "s|"));
    }
}
