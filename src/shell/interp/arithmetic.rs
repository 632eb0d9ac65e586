//! Arithmetic of the shell: whole numbers, the operators of C, assignment to variables and elements.

use super::arrays;
use crate::session::workstation::Workstation;

/// How deep parentheses and signs may stand in each other.
const MAX_DEPTH: usize = 40;

/// The value of an expression. Variables may change.
///
/// # Errors
/// The message that bash prints after the line number.
pub(super) fn evaluate(text: &str, workstation: &mut Workstation) -> Result<i64, String> {
    evaluate_within(text, workstation, 0)
}

fn evaluate_within(text: &str, workstation: &mut Workstation, depth: usize) -> Result<i64, String> {
    let whole = text.trim();
    if whole.is_empty() {
        return Ok(0);
    }
    let mut reader = Reader { whole, rest: whole, workstation, depth, unused: false };
    let value = reader.list()?;
    reader.skip();
    if reader.rest.is_empty() { Ok(value) } else { Err(reader.error("syntax error in expression")) }
}

struct Reader<'a> {
    whole: &'a str,
    rest: &'a str,
    workstation: &'a mut Workstation,
    depth: usize,
    /// The value does not count, as behind `0 &&`: nothing is assigned or divided.
    unused: bool,
}

/// Operators from the weakest to the strongest; of those that begin alike the longer first.
const OPERATORS: [(&str, u8); 19] = [
    ("||", 1),
    ("&&", 2),
    ("==", 6),
    ("!=", 6),
    ("<<", 8),
    (">>", 8),
    ("<=", 7),
    (">=", 7),
    ("<", 7),
    (">", 7),
    ("|", 3),
    ("^", 4),
    ("&", 5),
    ("+", 9),
    ("-", 9),
    ("**", 11),
    ("*", 10),
    ("/", 10),
    ("%", 10),
];

/// Operators that assign; those of two characters and more first.
const ASSIGNMENTS: [&str; 11] = ["<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "="];

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn error(&self, what: &str) -> String {
        format!("{}: {what} (error token is \"{}\")", self.whole, self.rest)
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(self.error("expression recursion level exceeded")) } else { Ok(()) }
    }

    fn eat(&mut self, token: &str) -> bool {
        self.skip();
        match self.rest.strip_prefix(token) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => false,
        }
    }

    fn list(&mut self) -> Result<i64, String> {
        let mut value = self.choice()?;
        while self.eat(",") {
            value = self.choice()?;
        }
        Ok(value)
    }

    /// `condition ? yes : no`.
    fn choice(&mut self) -> Result<i64, String> {
        self.deeper()?;
        let condition = self.binary(0)?;
        let value = if self.eat("?") {
            let unused = self.unused;
            self.unused = unused || condition == 0;
            let yes = self.list()?;
            if !self.eat(":") {
                return Err(self.error("`:' expected for conditional expression"));
            }
            self.unused = unused || condition != 0;
            let no = self.choice()?;
            self.unused = unused;
            if condition != 0 { yes } else { no }
        } else {
            condition
        };
        self.depth -= 1;
        Ok(value)
    }

    fn binary(&mut self, weakest: u8) -> Result<i64, String> {
        let mut left = self.unary()?;
        loop {
            self.skip();
            let found = OPERATORS.iter().find(|(op, _)| self.rest.starts_with(op));
            let Some((operator, level)) = found.filter(|(_, level)| *level > weakest) else { return Ok(left) };
            if ASSIGNMENTS.iter().any(|assigns| assigns.len() > operator.len() && self.rest.starts_with(assigns))
                && !self.rest.starts_with("==")
            {
                return Err(self.error("attempted assignment to non-variable"));
            }
            let before = self.rest;
            self.rest = self.rest.get(operator.len()..).unwrap_or_default();
            self.skip();
            if self.rest.is_empty() {
                self.rest = before;
                return Err(self.error("syntax error: operand expected"));
            }
            let operand = self.rest;
            let unused = self.unused;
            self.unused |= *operator == "||" && left != 0 || *operator == "&&" && left == 0;
            // `**` groups to the right.
            let right = self.binary(if *operator == "**" { *level - 1 } else { *level })?;
            self.unused = unused;
            left = match self.operate(operator, left, right) {
                Some(value) => value,
                None => {
                    self.rest = operand;
                    return Err(self.error(if *operator == "**" { "exponent less than 0" } else { "division by 0" }));
                }
            };
        }
    }

    fn operate(&self, operator: &str, left: i64, right: i64) -> Option<i64> {
        Some(match operator {
            "||" => i64::from(left != 0 || right != 0),
            "&&" => i64::from(left != 0 && right != 0),
            "==" => i64::from(left == right),
            "!=" => i64::from(left != right),
            "<=" => i64::from(left <= right),
            ">=" => i64::from(left >= right),
            "<" => i64::from(left < right),
            ">" => i64::from(left > right),
            "|" => left | right,
            "^" => left ^ right,
            "&" => left & right,
            "<<" => left.wrapping_shl(right as u32),
            ">>" => left.wrapping_shr(right as u32),
            "+" => left.wrapping_add(right),
            "-" => left.wrapping_sub(right),
            "*" => left.wrapping_mul(right),
            "**" => left.wrapping_pow(u32::try_from(right).ok()?),
            _ if right == 0 && self.unused => 0,
            _ if right == 0 => return None,
            "/" => left.wrapping_div(right),
            _ => left.wrapping_rem(right),
        })
    }

    fn unary(&mut self) -> Result<i64, String> {
        self.skip();
        self.deeper()?;
        let value = if let Some(step) = self.step() {
            self.skip();
            let name = self.name()?;
            let value = self.value(&name)?.wrapping_add(step);
            self.assign(&name, value)?;
            value
        } else {
            match self.rest.chars().next() {
                Some('(') => {
                    self.eat("(");
                    let value = self.list()?;
                    if !self.eat(")") {
                        return Err(self.error("missing `)'"));
                    }
                    value
                }
                Some(c @ ('-' | '+' | '!' | '~')) => {
                    self.rest = self.rest.get(1..).unwrap_or_default();
                    let value = self.unary()?;
                    match c {
                        '-' => value.wrapping_neg(),
                        '!' => i64::from(value == 0),
                        '~' => !value,
                        _ => value,
                    }
                }
                _ => self.operand()?,
            }
        };
        self.depth -= 1;
        Ok(value)
    }

    /// `++` or `--`, passed.
    fn step(&mut self) -> Option<i64> {
        let step = if self.rest.starts_with("++") {
            1
        } else if self.rest.starts_with("--") {
            -1
        } else {
            return None;
        };
        // `--5` is twice a sign.
        let after = self.rest.get(2..).unwrap_or_default();
        if !after.trim_start().starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return None;
        }
        self.rest = after;
        Some(step)
    }

    /// A variable or `name[index]`.
    fn name(&mut self) -> Result<String, String> {
        let length = self.rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let (name, rest) = self.rest.split_at(length);
        if name.is_empty() {
            return Err(self.error("syntax error: operand expected"));
        }
        self.rest = rest;
        let Some(inner) = self.rest.strip_prefix('[') else { return Ok(name.to_owned()) };
        let Some(end) = inner.find(']') else { return Err(self.error("syntax error in expression")) };
        let (index, after) = inner.split_at(end);
        self.rest = after.get(1..).unwrap_or_default();
        let (name, index) = (name.to_owned(), index.to_owned());
        if arrays::is_associative(self.workstation, &name) {
            return Ok(arrays::element(&name, index.trim_matches(['"', '\''])));
        }
        self.deeper()?;
        let index = evaluate_within(&index, self.workstation, self.depth)?;
        self.depth -= 1;
        Ok(arrays::element(&name, &arrays::place(self.workstation, &name, index).to_string()))
    }

    fn value(&mut self, name: &str) -> Result<i64, String> {
        let text = arrays::value(self.workstation, name).unwrap_or_default();
        let text = text.trim();
        if text.is_empty() {
            return Ok(0);
        }
        if let Ok(number) = text.parse() {
            return Ok(number);
        }
        // A value is an expression itself.
        self.deeper()?;
        let text = text.to_owned();
        let value = evaluate_within(&text, self.workstation, self.depth)?;
        self.depth -= 1;
        Ok(value)
    }

    fn assign(&mut self, name: &str, value: i64) -> Result<(), String> {
        if self.unused {
            return Ok(());
        }
        self.workstation.set_variable(name, value.to_string()).map_err(|error| format!("{name}: {error}"))
    }

    fn operand(&mut self) -> Result<i64, String> {
        let rest = self.rest.strip_prefix('$').unwrap_or(self.rest);
        let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'#')).count();
        let word = rest.get(..length).unwrap_or_default();
        if word.is_empty() {
            return Err(self.error("syntax error: operand expected"));
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            let (digits, radix) = match word.split_once('#') {
                Some((radix, digits)) => (digits, radix.parse().unwrap_or(0)),
                None if word.starts_with("0x") => (word.get(2..).unwrap_or_default(), 16),
                None if word.len() > 1 && word.starts_with('0') => (word, 8),
                None => (word, 10),
            };
            if !(2..=36).contains(&radix) {
                return Err(self.error("invalid arithmetic base"));
            }
            let value = i64::from_str_radix(digits, radix).map_err(|_| self.error("value too great for base"))?;
            self.rest = rest.get(length..).unwrap_or_default();
            return Ok(value);
        }
        self.rest = rest;
        let name = self.name()?;
        self.skip();
        let assigns = ASSIGNMENTS.iter().find(|assigns| self.rest.starts_with(**assigns));
        if let Some(assigns) = assigns.filter(|_| !self.rest.starts_with("==")) {
            self.rest = self.rest.get(assigns.len()..).unwrap_or_default();
            let operand = self.rest;
            let right = self.choice()?;
            let operator = assigns.trim_end_matches('=');
            let value = match operator {
                "" => right,
                operator => {
                    let old = self.value(&name)?;
                    match self.operate(operator, old, right) {
                        Some(value) => value,
                        None => {
                            self.rest = operand;
                            return Err(self.error("division by 0"));
                        }
                    }
                }
            };
            self.assign(&name, value)?;
            return Ok(value);
        }
        let value = self.value(&name)?;
        for (operator, step) in [("++", 1), ("--", -1)] {
            if self.rest.starts_with(operator) {
                self.rest = self.rest.get(2..).unwrap_or_default();
                self.assign(&name, value.wrapping_add(step))?;
            }
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_have_the_values_of_bash() {
        let mut workstation = Workstation::default();
        for (name, value) in [("n", "4"), ("e", ""), ("a[2]", "7"), ("m", "n+1")] {
            workstation.set_variable(name, value.to_owned()).unwrap();
        }
        for (text, expected) in [
            ("1+2*3", Ok(7)),
            ("(1+2)*3", Ok(9)),
            ("10-2-3", Ok(5)),
            ("n % 3 == 1 && !e", Ok(1)),
            ("-n + 0x10 - 010", Ok(4)),
            ("", Ok(0)),
            ("2**3**2", Ok(512)),
            ("n > 3 ? n << 1 : 1/0", Ok(8)),
            ("0 && 1/0", Ok(0)),
            ("a[n-2] + m", Ok(12)),
            ("n++ + n", Ok(9)),
            ("--n, n *= 2", Ok(8)),
            ("n = 4, 16#ff & ~1", Ok(254)),
            ("1/0", Err("1/0: division by 0 (error token is \"0\")")),
            ("1+", Err("1+: syntax error: operand expected (error token is \"+\")")),
        ] {
            assert_eq!(evaluate(text, &mut workstation), expected.map_err(str::to_owned), "{text}");
        }
        workstation.set_variable("r", "r".to_owned()).unwrap();
        for text in ["(".repeat(100_000), "-".repeat(100_000), "r".to_owned(), "1?".repeat(10_000), "e=".repeat(10_000)]
        {
            assert!(evaluate(&text, &mut workstation).is_err());
        }
    }
}
