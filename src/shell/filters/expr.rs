//! expr: arithmetic, comparison, `:`, match, length, substr, index.

use super::Call;
use super::regex::{Syntax, compile};

/// A message of expr with its exit code.
type Outcome<T> = Result<T, (i32, String)>;

/// How deep parentheses may stand in each other.
const MAX_DEPTH: usize = 50;

/// The operators from the loosest to the tightest.
const LEVELS: [&[&str]; 6] =
    [&["|"], &["&"], &["<", "<=", "=", "==", "!=", ">=", ">"], &["+", "-"], &["*", "/", "%"], &[":"]];

pub(super) fn expr(call: &mut Call<'_>) -> i32 {
    let args = call.args.strip_prefix(&["--".to_owned()]).unwrap_or(call.args);
    if args.is_empty() {
        call.complain("missing operand");
        call.err("Try 'expr --help' for more information.\n");
        return 2;
    }
    let mut reader = Reader { args, at: 0, depth: 0 };
    let outcome = reader.level(0, true).and_then(|value| match reader.peek() {
        Some(extra) => Err((2, format!("syntax error: unexpected argument ‘{extra}’"))),
        None => Ok(value),
    });
    match outcome {
        Ok(value) => {
            call.out(&format!("{value}\n"));
            i32::from(is_null(&value))
        }
        Err((exit, message)) => {
            call.complain(&message);
            exit
        }
    }
}

/// The empty text and zero, in any writing.
fn is_null(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    value.is_empty() || !digits.is_empty() && digits.bytes().all(|b| b == b'0')
}

fn integer(value: &str) -> Option<i128> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| value.parse().ok())?
}

struct Reader<'a> {
    args: &'a [String],
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.args.get(self.at).map(String::as_str)
    }

    /// The next argument, which must be there.
    fn next(&mut self) -> Outcome<&'a str> {
        let Some(arg) = self.peek() else {
            let last = self.args.last().map_or("", String::as_str);
            return Err((2, format!("syntax error: missing argument after ‘{last}’")));
        };
        self.at += 1;
        Ok(arg)
    }

    /// Operands joined by the operators of a level; `counts` is false where the value is not asked for.
    fn level(&mut self, level: usize, counts: bool) -> Outcome<String> {
        let Some(operators) = LEVELS.get(level) else { return self.operand(counts) };
        let mut left = self.level(level + 1, counts)?;
        while let Some(operator) = self.peek().filter(|arg| operators.contains(arg)) {
            self.at += 1;
            let right_counts = counts
                && match operator {
                    "|" => is_null(&left),
                    "&" => !is_null(&left),
                    _ => true,
                };
            let right = self.level(level + 1, right_counts)?;
            if counts {
                left = joined(operator, left, right)?;
            }
        }
        Ok(left)
    }

    fn operand(&mut self, counts: bool) -> Outcome<String> {
        let arg = self.next()?;
        // A keyword that is the last argument is a text, as `+ length` is.
        match arg {
            "(" => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err((2, format!("parentheses are nested more than {MAX_DEPTH} deep")));
                }
                let value = self.level(0, counts)?;
                self.depth -= 1;
                match self.peek() {
                    Some(")") => self.at += 1,
                    Some(other) => return Err((2, format!("syntax error: expecting ')' instead of ‘{other}’"))),
                    None => {
                        let last = self.args.last().map_or("", String::as_str);
                        return Err((2, format!("syntax error: expecting ')' after ‘{last}’")));
                    }
                }
                Ok(value)
            }
            ")" => Err((2, "syntax error: unexpected ')'".to_owned())),
            "+" => Ok(self.next()?.to_owned()),
            "length" => Ok(self.operand(counts)?.chars().count().to_string()),
            "match" => {
                let (text, pattern) = (self.operand(counts)?, self.operand(counts)?);
                if counts { matched(&text, &pattern) } else { Ok(text) }
            }
            "index" => {
                let (text, any) = (self.operand(counts)?, self.operand(counts)?);
                Ok(text.chars().position(|c| any.contains(c)).map_or(0, |at| at + 1).to_string())
            }
            "substr" => {
                let (text, from, count) = (self.operand(counts)?, self.operand(counts)?, self.operand(counts)?);
                let number = |text: &str| integer(text).and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
                Ok(match (number(&from), number(&count)) {
                    (Some(from), Some(count)) => text.chars().skip(from - 1).take(count).collect(),
                    _ => String::new(),
                })
            }
            text => Ok(text.to_owned()),
        }
    }
}

fn joined(operator: &str, left: String, right: String) -> Outcome<String> {
    let order = match (integer(&left), integer(&right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => left.cmp(&right),
    };
    let truth = |holds: bool| Ok(i32::from(holds).to_string());
    match operator {
        "|" if !is_null(&left) => return Ok(left),
        "|" => return Ok(if is_null(&right) { "0".to_owned() } else { right }),
        "&" => return Ok(if is_null(&left) || is_null(&right) { "0".to_owned() } else { left }),
        ":" => return matched(&left, &right),
        "<" => return truth(order.is_lt()),
        "<=" => return truth(order.is_le()),
        "=" | "==" => return truth(order.is_eq()),
        "!=" => return truth(order.is_ne()),
        ">=" => return truth(order.is_ge()),
        ">" => return truth(order.is_gt()),
        _ => {}
    }
    let (Some(a), Some(b)) = (integer(&left), integer(&right)) else {
        return Err((2, "non-integer argument".to_owned()));
    };
    let result = match operator {
        "+" => a.checked_add(b),
        "-" => a.checked_sub(b),
        "*" => a.checked_mul(b),
        _ if b == 0 => return Err((2, "division by zero".to_owned())),
        "/" => a.checked_div(b),
        _ => a.checked_rem(b),
    };
    result.map(|result| result.to_string()).ok_or((3, "numbers of more than 38 digits are not supported".to_owned()))
}

/// `TEXT : PATTERN`: the first group, or how many characters match from the start.
fn matched(text: &str, pattern: &str) -> Outcome<String> {
    // `^` at the start means itself twice over: the pattern is anchored anyway.
    let regex = compile(&format!("^\\({}\\)", pattern.strip_prefix('^').unwrap_or(pattern)), Syntax::Basic, false)
        .map_err(|message| (2, message))?;
    let grouped = regex.captures_len() > 2;
    let Some(captures) = regex.captures(text) else {
        return Ok(if grouped { String::new() } else { "0".to_owned() });
    };
    if grouped {
        return Ok(captures.get(2).map_or(String::new(), |group| group.as_str().to_owned()));
    }
    Ok(captures.get(0).map_or(0, |all| all.as_str().chars().count()).to_string())
}
