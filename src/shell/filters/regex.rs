//! POSIX regular expressions, basic and extended with the GNU additions, by way of `regex-lite`.
//!
//! The expression is translated to the notation of that crate, whose time is bounded by the product of the lengths.
//! Of several matches at one place it takes the first alternative and not the longest: `a|ab` finds `a` in `ab`.
//! Back-references are refused.

use regex_lite::{Regex, RegexBuilder};

/// The longest expression, in bytes.
pub const MAX_PATTERN_BYTES: usize = 500;
/// The most memory a compiled expression takes: bounds counted repetition.
const MAX_COMPILED_BYTES: usize = 40_000;

/// Which characters are special.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    /// `grep`, `sed`: `\(`, `\|`, `\+`.
    Basic,
    /// `grep -E`, `sed -E`, `awk`: `(`, `|`, `+`.
    Extended,
    /// `grep -F`: nothing is.
    Fixed,
}

/// Compiles an expression.
///
/// # Errors
/// What is wrong, for the tool to put its name before.
pub(super) fn compile(pattern: &str, syntax: Syntax, ignore_case: bool) -> Result<Regex, String> {
    if pattern.len() > MAX_PATTERN_BYTES {
        return Err(format!("the regular expression is longer than {MAX_PATTERN_BYTES} bytes"));
    }
    let translated = match syntax {
        Syntax::Fixed => regex_lite::escape(pattern),
        _ => translate(pattern, syntax == Syntax::Extended)?,
    };
    let mut builder = RegexBuilder::new(&translated);
    builder.case_insensitive(ignore_case).size_limit(MAX_COMPILED_BYTES);
    builder
        .build()
        .map_err(|error| format!("regular expression `{pattern}` is not supported in this terminal: {error}"))
}

/// A pattern of awk or sed: unlike grep they know `\r` and the like.
pub(super) fn with_control_characters(pattern: &str) -> String {
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('r') => out.push('\r'),
            Some('f') => out.push('\u{c}'),
            Some('v') => out.push('\u{b}'),
            Some('a') => out.push('\u{7}'),
            other => {
                out.push('\\');
                out.extend(other);
            }
        }
    }
    out
}

/// True if what stands from `start` to `end` has no letter, digit or `_` on either side (`grep -w`).
pub(super) fn is_whole_word(line: &str, start: usize, end: usize) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    !line.get(..start).is_some_and(|before| before.ends_with(word))
        && !line.get(end..).is_some_and(|after| after.starts_with(word))
}

fn translate(pattern: &str, extended: bool) -> Result<String, String> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    let mut open = 0usize;
    // True where an expression begins: there `*` means itself and `^` is an anchor.
    let mut start = true;
    while let Some(&c) = chars.get(at) {
        at += 1;
        let next = chars.get(at).copied();
        let was_start = std::mem::take(&mut start);
        match c {
            '\\' => {
                let Some(escaped) = next else { return Err("Trailing backslash".to_owned()) };
                at += 1;
                match escaped {
                    '(' | '|' if !extended => {
                        out.push(escaped);
                        open += usize::from(escaped == '(');
                        start = true;
                    }
                    ')' if !extended => {
                        open = open.checked_sub(1).ok_or("Unmatched ) or \\)")?;
                        out.push(')');
                    }
                    '{' if !extended => {
                        let length =
                            interval(chars.get(at..).unwrap_or_default(), true).ok_or("Invalid content of \\{\\}")?;
                        push_interval(&mut out, chars.get(at..at + length).unwrap_or_default());
                        at += length + 2;
                    }
                    '+' | '?' if !extended && !was_start => out.push(escaped),
                    '<' | '>' => out.push_str("\\b"),
                    'b' | 'B' | 'w' | 'W' | 's' | 'S' => out.extend(['\\', escaped]),
                    'n' => out.push_str("\\n"),
                    't' => out.push_str("\\t"),
                    '`' => out.push_str("\\A"),
                    '\'' => out.push_str("\\z"),
                    '1'..='9' => {
                        return Err(format!("the back-reference `\\{escaped}` is not supported in this terminal"));
                    }
                    other => escape(&mut out, other),
                }
            }
            '[' => at = bracket(&chars, at, &mut out)?,
            '.' => out.push('.'),
            '*' if was_start => out.push_str("\\*"),
            '*' => {
                // `a**` is `a*`.
                if !out.ends_with('*') || out.ends_with("\\*") {
                    out.push('*');
                }
            }
            '^' if extended || was_start => {
                out.push('^');
                start = true;
            }
            '$' if extended => out.push('$'),
            '$' if next.is_none() || chars.get(at..at + 2).is_some_and(|two| matches!(two, ['\\', ')' | '|'])) => {
                out.push('$');
            }
            '(' if extended => {
                open += 1;
                out.push('(');
                start = true;
            }
            ')' if extended && open > 0 => {
                open -= 1;
                out.push(')');
            }
            '|' if extended => {
                out.push('|');
                start = true;
            }
            '+' | '?' if extended && !was_start => out.push(c),
            '{' if extended && !was_start => match interval(chars.get(at..).unwrap_or_default(), false) {
                Some(length) => {
                    push_interval(&mut out, chars.get(at..at + length).unwrap_or_default());
                    at += length + 1;
                }
                None => out.push_str("\\{"),
            },
            other => escape(&mut out, other),
        }
    }
    if open > 0 {
        return Err("Unmatched ( or \\(".to_owned());
    }
    Ok(out)
}

/// The length of `n`, `n,`, `,m` or `n,m` before the closing brace (with a backslash before it in basic syntax).
fn interval(chars: &[char], basic: bool) -> Option<usize> {
    let length = chars.iter().take_while(|c| c.is_ascii_digit() || **c == ',').count();
    let rest = chars.get(length..)?;
    let closed = if basic { rest.starts_with(&['\\', '}']) } else { rest.starts_with(&['}']) };
    let commas = chars.iter().take(length).filter(|c| **c == ',').count();
    (closed && length > commas && commas < 2).then_some(length)
}

fn push_interval(out: &mut String, digits: &[char]) {
    out.push('{');
    if digits.first() == Some(&',') {
        out.push('0');
    }
    out.extend(digits);
    out.push('}');
}

/// Copies the bracket expression that begins after the `[` before `at`; returns where it ends.
fn bracket(chars: &[char], mut at: usize, out: &mut String) -> Result<usize, String> {
    const OPEN: &str = "Unmatched [, [^, [:, [., or [=";
    out.push('[');
    if chars.get(at) == Some(&'^') {
        out.push('^');
        at += 1;
    }
    let first = at;
    loop {
        let Some(&c) = chars.get(at) else { return Err(OPEN.to_owned()) };
        at += 1;
        match c {
            ']' if at > first + 1 => {
                out.push(']');
                return Ok(at);
            }
            '[' if chars.get(at) == Some(&':') => {
                let rest = chars.get(at..).unwrap_or_default();
                let length = rest.windows(2).position(|two| two == [':', ']']).ok_or(OPEN)?;
                out.push('[');
                out.extend(rest.iter().take(length + 2));
                at += length + 2;
            }
            '[' if matches!(chars.get(at), Some('.' | '=')) => {
                return Err("`[.` and `[=` are not supported in this terminal".to_owned());
            }
            // A `-` between two characters makes a range; at either end it means itself.
            '-' if at > first + 1 && chars.get(at).is_some_and(|next| *next != ']') => out.push('-'),
            other => {
                if !other.is_alphanumeric() {
                    out.push('\\');
                }
                match other {
                    '\n' => out.push('n'),
                    '\t' => out.push('t'),
                    c if c.is_whitespace() || !c.is_ascii() => {
                        out.pop();
                        out.push(c);
                    }
                    c => out.push(c),
                }
            }
        }
    }
}

fn escape(out: &mut String, c: char) {
    out.push_str(&regex_lite::escape(c.encode_utf8(&mut [0; 4])));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, extended: bool, expected: &str) {
        assert_eq!(translate(pattern, extended).as_deref(), Ok(expected), "{pattern}");
    }

    #[test]
    fn basic_and_extended_differ_where_posix_says() {
        check("a+b", false, "a\\+b");
        check("a\\+b", false, "a+b");
        check("a+b", true, "a+b");
        check("\\(a\\|b\\)*", false, "(a|b)*");
        check("(a|b)*", false, "\\(a\\|b\\)*");
        check("*a^b$c", false, "\\*a\\^b\\$c");
        check("^*a$", false, "^\\*a$");
        check("a\\{2,3\\}", false, "a{2,3}");
        check("a{2,3}{x", true, "a{2,3}\\{x");
        check("[]^a-z\\]", false, "[\\]\\^a-z\\\\]");
        check("[^[:space:]-]", true, "[^[:space:]\\-]");
        check("\\<a\\>", true, "\\ba\\b");
        check("\\.\\/\\$", true, "\\./\\$");
        assert!(translate("\\(a\\)\\1", false).is_err());
        assert!(translate("(a", true).is_err());
        assert!(translate("[a", true).is_err());
        assert!(translate("a\\", true).is_err());
    }

    #[test]
    fn large_expressions_are_refused() {
        assert!(compile(&"a".repeat(MAX_PATTERN_BYTES + 1), Syntax::Fixed, false).is_err());
        assert!(compile("((a{100}){100}){100}", Syntax::Extended, false).is_err());
        assert!(compile("[[:alpha:]_]+(=|:)$", Syntax::Extended, false).is_ok());
    }
}
