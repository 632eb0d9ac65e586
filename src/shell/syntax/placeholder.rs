//! `<ACCOUNTID>` and other angle brackets that tutorials put where the reader's own value belongs (cli, Part III).
//!
//! To bash such a word is a redirection. A caller replaces the placeholders it knows with [`find_placeholders`] before
//! the text is parsed, and says so on a line of its own; the parser refuses the others outside quotes.

use std::ops::Range;

/// The longest name looked for, in bytes.
const MAX_NAME: usize = 60;

/// A `<NAME>` in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// Its bytes, brackets included.
    pub range: Range<usize>,
    /// What stands between the brackets.
    pub name: String,
}

impl Placeholder {
    /// True for the spellings of an account id: `<ACCOUNTID>`, `<ACCOUNT_ID>`, `<AWS_ACCOUNT_ID>`, `<account-id>`, `<your-account-id>` …
    pub fn is_account_id(&self) -> bool {
        let name: String =
            self.name.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).map(|c| c.to_ascii_lowercase()).collect();
        let name = name.strip_prefix("your").or(name.strip_prefix("my")).unwrap_or(&name);
        matches!(name.strip_prefix("aws").unwrap_or(name), "account" | "accountid" | "accountnumber")
    }
}

/// Every `<NAME>` in `text`, inside and outside quotes and here-documents. A name begins with a letter and holds letters,
/// digits, `-`, `_` and single blanks.
pub fn find_placeholders(text: &str) -> Vec<Placeholder> {
    text.match_indices('<')
        .filter_map(|(at, _)| {
            let name = name_at(text, at)?;
            Some(Placeholder { range: at..at + name.len() + 2, name: name.to_owned() })
        })
        .collect()
}

/// The name of the placeholder at `at`, and its length with the brackets, if an unquoted `<` there can hardly be meant as
/// a redirection. `sort <in>out` and `sort <in >out` are redirections.
pub(super) fn unquoted(text: &str, at: usize) -> Option<(String, usize)> {
    let name = name_at(text, at)?;
    let before = text.get(..at).and_then(|t| t.chars().next_back());
    let after = text.get(at + name.len() + 2..).and_then(|t| t.chars().next());
    let inside_word = before.is_some_and(|c| !c.is_whitespace() && !matches!(c, ';' | '|' | '&' | '('));
    let goes_on = after.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '&' | '>' | '$' | '~'));
    (inside_word || !goes_on).then(|| (name.to_owned(), name.len() + 2))
}

/// The name between the `<` at `at` and the next `>`.
fn name_at(text: &str, at: usize) -> Option<&str> {
    let bytes = text.as_bytes().get(at + 1..)?;
    let length = bytes.iter().take(MAX_NAME + 1).position(|b| *b == b'>')?;
    let name = text.get(at + 1..at + 1 + length)?;
    let good = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && !name.ends_with(' ')
        && !name.contains("  ")
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b' '));
    good.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_ids_are_found_wherever_they_stand() {
        let text = "aws --arn \"arn:aws:iam::<ACCOUNTID>:user/x\" --b arn::<aws-account-id>:y '<account_id>' <NAME> <<EOF\n<ACCOUNT_ID>\nEOF\n";
        let found = find_placeholders(text);
        let names: Vec<_> = found.iter().map(|p| (p.name.as_str(), p.is_account_id())).collect();
        let expected = [
            ("ACCOUNTID", true),
            ("aws-account-id", true),
            ("account_id", true),
            ("NAME", false),
            ("ACCOUNT_ID", true),
        ];
        assert_eq!(names, expected);
        assert_eq!(text.get(found[0].range.clone()), Some("<ACCOUNTID>"));
    }

    #[test]
    fn redirections_are_not_placeholders() {
        for text in ["sort <in>out", "sort <in >out", "cat <a.txt> b", "cat <<EOF\nEOF", "a <1>"] {
            let at = text.find('<').unwrap();
            assert_eq!(unquoted(text, at), None, "{text}");
        }
        for text in ["aws --name <my-cluster>", "aws --name x/<NAME>y", "aws <your cluster name>"] {
            let at = text.find('<').unwrap();
            assert!(unquoted(text, at).is_some(), "{text}");
        }
    }
}
