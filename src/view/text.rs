//! Short forms of long names, and lists in words.

/// An ARN or another long name, at most `max` characters long. It is cut in the middle: the end tells names apart.
pub fn shorten(name: &str, max: usize) -> String {
    let length = name.chars().count();
    if length <= max {
        return name.to_owned();
    }
    // Of an ARN the resource is what people look for.
    if let Some(resource) = name.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4)) {
        let short = format!("arn:…:{resource}");
        if short.chars().count() <= max {
            return short;
        }
    }
    let kept = max.saturating_sub(1);
    let head = kept / 3;
    let start: String = name.chars().take(head).collect();
    let end: String = name.chars().skip(length - (kept - head)).collect();
    format!("{start}…{end}")
}

/// The name at the end of an ARN, or the whole text if it is none.
pub fn last_name(arn: &str) -> &str {
    if arn.starts_with("arn:") { arn.rsplit('/').next().unwrap_or(arn) } else { arn }
}

/// `a, b and c`; `nothing` for an empty list.
pub fn and_list(items: &[String], nothing: &str) -> String {
    match items {
        [] => nothing.to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A text with a capital letter in front, unless it begins with a name such as `mapUsers` or `aws-auth`.
pub fn capital(text: &str) -> String {
    let first = text.split([' ', ',', ':']).next().unwrap_or_default();
    if first.chars().any(|c| c.is_uppercase() || "-_/.".contains(c)) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// `1 entry`, `2 entries`.
pub fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// Splits what was typed into a list field: at commas, blanks and line ends.
pub fn words(text: &str) -> Vec<String> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_their_end() {
        let check = |name: &str, max: usize, expected: &str| assert_eq!(shorten(name, max), expected);
        check("short", 10, "short");
        check("arn:aws:iam::111122223333:user/k8s-dev", 24, "arn:…:user/k8s-dev");
        check("abcdefghijklmnopqrstuvwxyz", 10, "abc…uvwxyz");
        check("äöüäöüäöüäöü", 5, "ä…äöü");
    }

    #[test]
    fn lists_and_counts() {
        assert_eq!(and_list(&["a".into(), "b".into(), "c".into()], "none"), "a, b and c");
        assert_eq!(and_list(&[], "none"), "none");
        assert_eq!(count(1, "entry", "entries"), "1 entry");
        for (text, expected) in [
            ("the key", "The key"),
            ("mapUsers is no list", "mapUsers is no list"),
            ("aws-auth has it", "aws-auth has it"),
            ("`x` is", "`x` is"),
            ("", ""),
        ] {
            assert_eq!(capital(text), expected);
        }
        assert_eq!(words(" a,b  c\nd,"), ["a", "b", "c", "d"]);
    }
}
