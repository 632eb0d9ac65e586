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

/// The same, by choice without regard to case.
pub(super) fn fits(text: &str, pattern: &str, fold: bool) -> bool {
    if fold { matches(&text.to_lowercase(), &pattern.to_lowercase()) } else { matches(text, pattern) }
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

/// `text` with the longest match of the pattern replaced: the first one, or for `/` all, `#` one at the start, `%` one at
/// the end.
pub(super) fn replace(text: &str, pattern: &str, with: &str, place: Option<char>) -> String {
    let tokens = tokens(pattern);
    let chars: Vec<char> = text.chars().collect();
    let fixed = tokens.iter().filter(|token| **token != Token::Any).count();
    let stars = fixed < tokens.len();
    let fits = |token: Option<&Token>, c: Option<&char>| match (token, c) {
        (Some(Token::Any) | None, _) => true,
        (Some(token), Some(c)) => all(&[*c], std::slice::from_ref(token)),
        (Some(_), None) => false,
    };
    let mut out = String::new();
    let mut at = 0;
    while at <= chars.len() {
        let left = chars.len() - at;
        // Without a `*` only one length fits; a start that does not fit needs no looking further.
        let (least, most) = if stars { (fixed, left) } else { (fixed, fixed) };
        let begins = fits(tokens.first(), chars.get(at));
        let lengths = match place {
            _ if !begins || most > left => 0..0,
            Some('%') => left..left + usize::from(least <= left && left <= most),
            _ => least..most + 1,
        };
        let found = lengths.rev().find(|length| chars.get(at..at + length).is_some_and(|part| all(part, &tokens)));
        match found.filter(|length| *length > 0 || matches!(place, Some('#' | '%')) && tokens.is_empty()) {
            Some(length) => {
                out.push_str(with);
                at += length;
                if place != Some('/') {
                    break;
                }
            }
            None => {
                out.extend(chars.get(at));
                at += 1;
            }
        }
        if place == Some('#') {
            break;
        }
    }
    out.extend(chars.iter().skip(at));
    out
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
        if c == '[' && chars.get(at + 1) == Some(&':') {
            let rest = chars.get(at + 2..)?;
            let length = rest.windows(2).position(|two| two == [':', ']'])?;
            let name: String = rest.iter().take(length).collect();
            ranges.extend(class(&name));
            at += length + 4;
            continue;
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

/// The ranges of `[:name:]`.
fn class(name: &str) -> Vec<(char, char)> {
    match name {
        "alpha" => vec![('a', 'z'), ('A', 'Z')],
        "digit" => vec![('0', '9')],
        "alnum" => vec![('a', 'z'), ('A', 'Z'), ('0', '9')],
        "upper" => vec![('A', 'Z')],
        "lower" => vec![('a', 'z')],
        "space" => vec![(' ', ' '), ('\t', '\r')],
        "blank" => vec![(' ', ' '), ('\t', '\t')],
        "punct" => vec![('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "xdigit" => vec![('0', '9'), ('a', 'f'), ('A', 'F')],
        _ => Vec::new(),
    }
}

/// How many characters may be looked at to replace a pattern in a text of that length.
pub(super) fn cost(length: usize, pattern: &str) -> usize {
    match pattern.contains('*') {
        true => length.saturating_mul(length).saturating_mul(length) / 16,
        false => length.saturating_mul(1 + pattern.len()),
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
