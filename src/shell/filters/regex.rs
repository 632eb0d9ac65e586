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
    /// `grep -P`: as Perl has it.
    Perl,
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
        Syntax::Perl => translate_perl(pattern)?,
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

/// The name of the group that `\\K` begins.
pub(super) const KEPT: &str = "kept";

/// An expression of Perl; the notation of `regex-lite` is mostly the same.
fn translate_perl(pattern: &str) -> Result<String, String> {
    const REFUSED: [(&str, &str); 10] = [
        ("(?=", "look-ahead"),
        ("(?!", "negative look-ahead"),
        ("(?<=", "look-behind"),
        ("(?<!", "negative look-behind"),
        ("(?>", "an atomic group"),
        ("(?|", "a branch reset"),
        ("(?(", "a condition"),
        ("(?#", "a comment"),
        ("(?R", "recursion"),
        ("(*", "a verb"),
    ];
    let refused = |what: &str, text: &str| Err(format!("{what} `{text}` is not supported in this terminal"));
    let chars: Vec<char> = pattern.chars().collect();
    let mut out = String::new();
    let (mut at, mut kept, mut depth, mut alternatives) = (0, false, 0usize, false);
    while let Some(&c) = chars.get(at) {
        let rest: String = chars.get(at..).unwrap_or_default().iter().take(4).collect();
        at += 1;
        let next = chars.get(at).copied();
        match c {
            '\\' => {
                let Some(escaped) = next else { return Err("\\ at end of pattern".to_owned()) };
                at += 1;
                match escaped {
                    'K' if kept || depth > 0 => return refused("a second or a nested", "\\K"),
                    'K' => {
                        kept = true;
                        out = format!("(?:{out})(?P<{KEPT}>");
                    }
                    'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'b' | 'B' | 'n' | 't' | 'r' | 'f' | 'v' | 'a' | 'A' | 'z'
                    | 'x' => {
                        out.extend(['\\', escaped]);
                    }
                    'Z' => out.push_str("\\z"),
                    'h' => out.push_str("[ \\t]"),
                    'R' => out.push_str("(?:\\r\\n|\\n|\\r)"),
                    'e' => out.push('\u{1b}'),
                    '1'..='9' | 'g' | 'k' => return refused("the back-reference", &format!("\\{escaped}")),
                    other if other.is_ascii_alphanumeric() => return refused("the escape", &format!("\\{other}")),
                    other => escape(&mut out, other),
                }
            }
            '[' => at = perl_class(&chars, at, &mut out)?,
            '(' => {
                if let Some((text, what)) = REFUSED.into_iter().find(|(text, _)| rest.starts_with(text)) {
                    return refused(what, text);
                }
                depth += 1;
                out.push('(');
            }
            ')' => {
                let Some(less) = depth.checked_sub(1) else { return Err("unmatched closing parenthesis".to_owned()) };
                depth = less;
                out.push(')');
            }
            '{' if chars.get(at).is_some_and(|c| *c != ',') => {
                match interval(chars.get(at..).unwrap_or_default(), false) {
                    Some(_) => out.push('{'),
                    None => out.push_str("\\{"),
                }
            }
            '{' => out.push_str("\\{"),
            '+' if at > 1
                && matches!(chars.get(at - 2), Some('*' | '+' | '?' | '}'))
                && !ends_escaped(&chars, at - 2) =>
            {
                return refused("the possessive", &rest);
            }
            '|' => {
                alternatives |= depth == 0;
                out.push('|');
            }
            other => out.push(other),
        }
    }
    if depth > 0 {
        return Err("missing closing parenthesis".to_owned());
    }
    if kept {
        if alternatives {
            return refused("beside `|`,", "\\K");
        }
        out.push(')');
    }
    Ok(out)
}

/// True if an odd number of backslashes stands before the character.
fn ends_escaped(chars: &[char], at: usize) -> bool {
    chars.get(..at).unwrap_or_default().iter().rev().take_while(|c| **c == '\\').count() % 2 == 1
}

/// Copies the class of Perl that begins after the `[` before `at`; returns where it ends.
fn perl_class(chars: &[char], mut at: usize, out: &mut String) -> Result<usize, String> {
    out.push('[');
    if chars.get(at) == Some(&'^') {
        out.push('^');
        at += 1;
    }
    let first = at;
    while let Some(&c) = chars.get(at) {
        at += 1;
        match (c, chars.get(at).copied()) {
            (']', _) if at > first + 1 => {
                out.push(']');
                return Ok(at);
            }
            ('[', Some(':')) => {
                let rest = chars.get(at..).unwrap_or_default();
                let Some(length) = rest.windows(2).position(|two| two == [':', ']']) else { continue };
                out.push('[');
                out.extend(rest.iter().take(length + 3));
                at += length + 3;
            }
            ('\\', Some(escaped)) => {
                at += 1;
                match escaped {
                    'h' => out.push_str(" \\t"),
                    'b' => out.push_str("\\x08"),
                    '<' | '>' => out.push(escaped),
                    _ => out.extend(['\\', escaped]),
                }
            }
            ('[' | ']' | '&' | '~', _) => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    Err("missing terminating ] for character class".to_owned())
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
    fn expressions_of_perl() {
        for (pattern, expected) in [
            (r"\d+\s*\w+?\b", r"\d+\s*\w+?\b"),
            (r"a{2,}b{x}{,3}", r"a{2,}b\{x}\{,3}"),
            (r"[\w.-]+@[^]\s]", r"[\w.-]+@[^\]\s]"),
            (r"[[:alpha:]_]\<\/", r"[[:alpha:]_]</"),
            (r"id=\K\d+", r"(?:id=)(?P<kept>\d+)"),
        ] {
            assert_eq!(translate_perl(pattern).as_deref(), Ok(expected), "{pattern}");
        }
        for refused in ["(?=a)", "(?<!a)b", "(?>a)", "a*+", r"(a)\1", r"\p{L}", r"a\Kb|c", "(a", "a)", "[a"] {
            assert!(translate_perl(refused).is_err(), "{refused}");
        }
        assert!(compile(r"(?i)(?:a|b)(?<n>c)?\.", Syntax::Perl, false).is_ok());
    }

    #[test]
    fn large_expressions_are_refused() {
        assert!(compile(&"a".repeat(MAX_PATTERN_BYTES + 1), Syntax::Fixed, false).is_err());
        assert!(compile("((a{100}){100}){100}", Syntax::Extended, false).is_err());
        assert!(compile("[[:alpha:]_]+(=|:)$", Syntax::Extended, false).is_ok());
    }
}
