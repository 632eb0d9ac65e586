//! Shell patterns: `*`, `?`, `[a-z]`, and a backslash before what means itself.

/// One element of a pattern.
#[derive(Debug, PartialEq)]
enum Token {
    /// `*`.
    Any,
    /// `?`.
    One,
    /// A character that means itself.
    Char(char),
    /// `[…]`.
    Set { negated: bool, ranges: Vec<(char, char)> },
}

/// Adds `text` to `pattern` so that it matches itself only.
pub(super) fn escape(text: &str, pattern: &mut String) {
    for c in text.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
}

/// The text that a pattern without special characters matches.
pub(super) fn literal(pattern: &str) -> Option<String> {
    tokens(pattern).into_iter().map(|token| if let Token::Char(c) = token { Some(c) } else { None }).collect()
}

/// True if the pattern matches the whole text.
pub(super) fn matches(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    all(&text, &tokens(pattern))
}

/// `text` without the part at its start (or end) that the pattern matches.
pub(super) fn trim(text: &str, pattern: &str, suffix: bool, longest: bool) -> String {
    let tokens = tokens(pattern);
    let chars: Vec<char> = text.chars().collect();
    let mut lengths: Vec<usize> = (0..=chars.len()).collect();
    if longest {
        lengths.reverse();
    }
    for length in lengths {
        let (start, end) = if suffix { (chars.len() - length, chars.len()) } else { (0, length) };
        if chars.get(start..end).is_some_and(|part| all(part, &tokens)) {
            return chars.iter().take(start).chain(chars.iter().skip(end)).collect();
        }
    }
    text.to_owned()
}

fn tokens(pattern: &str) -> Vec<Token> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    // A set that is never closed says the same of all that follow: looking again for each would take quadratic time.
    let mut closed = true;
    while let Some(&c) = chars.get(at) {
        at += 1;
        match c {
            '*' => {
                if tokens.last() != Some(&Token::Any) {
                    tokens.push(Token::Any);
                }
            }
            '?' => tokens.push(Token::One),
            '\\' => {
                tokens.push(Token::Char(chars.get(at).copied().unwrap_or('\\')));
                at += 1;
            }
            '[' => match closed.then(|| set(chars.get(at..).unwrap_or_default())).flatten() {
                Some((token, length)) => {
                    tokens.push(token);
                    at += length;
                }
                None => {
                    closed = false;
                    tokens.push(Token::Char('['));
                }
            },
            c => tokens.push(Token::Char(c)),
        }
    }
    tokens
}

/// The set that begins after a `[`, and how many characters it takes.
fn set(chars: &[char]) -> Option<(Token, usize)> {
    let mut at = 0;
    let negated = matches!(chars.first(), Some('!' | '^'));
    at += usize::from(negated);
    let first = at;
    let mut ranges = Vec::new();
    loop {
        let mut c = *chars.get(at)?;
        if c == ']' && at > first {
            return Some((Token::Set { negated, ranges }, at + 1));
        }
        if c == '\\' {
            at += 1;
            c = *chars.get(at)?;
        }
        at += 1;
        match (chars.get(at), chars.get(at + 1)) {
            (Some('-'), Some(&end)) if end != ']' => {
                ranges.push((c, end));
                at += 2;
            }
            _ => ranges.push((c, c)),
        }
    }
}

/// Goes back to the last `*` only, so the time is at most the product of the lengths.
fn all(text: &[char], tokens: &[Token]) -> bool {
    let (mut t, mut p) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        let fits = match (tokens.get(p), text.get(t)) {
            (None, None) => return true,
            (Some(Token::Any), _) => {
                star = Some((p, t));
                p += 1;
                continue;
            }
            (Some(Token::One), Some(_)) => true,
            (Some(Token::Char(want)), Some(c)) => want == c,
            (Some(Token::Set { negated, ranges }), Some(c)) => {
                ranges.iter().any(|(from, to)| from <= c && c <= to) != *negated
            }
            _ => false,
        };
        if fits {
            t += 1;
            p += 1;
            continue;
        }
        match star {
            Some((at, from)) if from < text.len() => {
                star = Some((at, from + 1));
                (p, t) = (at + 1, from + 1);
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_the_shell() {
        for (text, pattern, expected) in [
            ("role.yaml", "*.yaml", true),
            ("role.yaml", "*.yml", false),
            ("abc", "a?c", true),
            ("abc", "[a-c]b[!x]", true),
            ("a*c", "a\\*c", true),
            ("abc", "a\\*c", false),
            ("", "*", true),
            ("[x", "[x", true),
        ] {
            assert_eq!(matches(text, pattern), expected, "{text} {pattern}");
        }
        let text = "a/b/c.tar.gz";
        assert_eq!(trim(text, "*/", false, true), "c.tar.gz");
        assert_eq!(trim(text, "*/", false, false), "b/c.tar.gz");
        assert_eq!(trim(text, ".*", true, false), "a/b/c.tar");
        assert_eq!(trim(text, ".*", true, true), "a/b/c");
        assert!(!matches(&"a".repeat(2_000), &("*a".repeat(500) + "b")));
    }
}
