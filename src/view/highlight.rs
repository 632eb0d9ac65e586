//! YAML in colours: which part of a line is what.
//!
//! Lines are read one by one, so that a keystroke costs little and the text in a block (`mapRoles: |`), which is YAML
//! in aws-auth, is coloured too. Nothing depends on it but colours.

use crate::formats::yaml::scalar::{self, Scalar};

/// What a part of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Paint {
    Plain,
    Key,
    Text,
    /// A number, a boolean or null.
    Literal,
    /// `-`, `:`, `|` and the like.
    Sign,
    Comment,
}

impl Paint {
    /// A fixed word for each, for class names.
    pub fn code(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Key => "key",
            Self::Text => "text",
            Self::Literal => "literal",
            Self::Sign => "sign",
            Self::Comment => "comment",
        }
    }
}

/// A part of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<'a> {
    /// What it is.
    pub paint: Paint,
    /// Its text.
    pub text: &'a str,
}

/// The parts of a line; together they are the line.
pub fn line(text: &str) -> Vec<Span<'_>> {
    let mut spans = Spans(Vec::new());
    let mut rest = spans.blanks(text);
    while let Some(after) = rest.strip_prefix('-').filter(|after| after.is_empty() || after.starts_with(' ')) {
        spans.push(Paint::Sign, rest, 1);
        rest = spans.blanks(after);
    }
    if rest.starts_with('#') {
        spans.push(Paint::Comment, rest, rest.len());
        return spans.0;
    }
    if let Some(end) = key_end(rest) {
        spans.push(Paint::Key, rest, end);
        let after = rest.get(end..).unwrap_or_default();
        spans.push(Paint::Sign, after, 1);
        rest = spans.blanks(after.get(1..).unwrap_or_default());
    }
    let end = comment_start(rest).unwrap_or(rest.len());
    let value = rest.get(..end).unwrap_or(rest);
    spans.push(paint_of(value.trim_end()), rest, end);
    let comment = rest.get(end..).unwrap_or_default();
    spans.push(Paint::Comment, comment, comment.len());
    spans.0
}

struct Spans<'a>(Vec<Span<'a>>);

impl<'a> Spans<'a> {
    fn push(&mut self, paint: Paint, from: &'a str, length: usize) {
        let text = from.get(..length).unwrap_or(from);
        if !text.is_empty() {
            self.0.push(Span { paint, text });
        }
    }

    /// Takes blanks off the front.
    fn blanks(&mut self, text: &'a str) -> &'a str {
        let rest = text.trim_start();
        self.push(Paint::Plain, text, text.len() - rest.len());
        rest
    }
}

/// Where the `:` of a key stands.
fn key_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if at == 0 => quote = Some(c),
            (None, '#') if text.get(..at).is_some_and(|before| before.ends_with(' ')) => return None,
            (None, ':') => {
                let after = text.get(at + 1..).unwrap_or_default();
                if at > 0 && (after.is_empty() || after.starts_with(' ')) {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Where a comment after a value begins, with the blank before it.
fn comment_start(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') if at == 0 => quote = Some(c),
            (None, '#') if text.get(..at).is_some_and(|before| before.ends_with(' ')) => return Some(at),
            _ => {}
        }
    }
    None
}

fn paint_of(value: &str) -> Paint {
    match value.chars().next() {
        None => Paint::Plain,
        Some('|' | '>' | '&' | '*' | '!' | '[' | '{') => Paint::Sign,
        Some('"' | '\'') => Paint::Text,
        Some(_) if matches!(scalar::resolve(value), Scalar::Text) => Paint::Text,
        Some(_) => Paint::Literal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(Paint, &str)]) {
        let spans = line(text);
        let found: Vec<(Paint, &str)> = spans.iter().map(|span| (span.paint, span.text)).collect();
        assert_eq!(found, expected, "{text}");
        assert_eq!(spans.iter().map(|span| span.text).collect::<String>(), text);
    }

    #[test]
    fn keys_values_and_comments() {
        use Paint::*;
        check(
            "  - rolearn: arn:aws:iam::1:role/a # me",
            &[
                (Plain, "  "),
                (Sign, "-"),
                (Plain, " "),
                (Key, "rolearn"),
                (Sign, ":"),
                (Plain, " "),
                (Text, "arn:aws:iam::1:role/a "),
                (Comment, "# me"),
            ],
        );
        check("immutable: yes", &[(Key, "immutable"), (Sign, ":"), (Plain, " "), (Literal, "yes")]);
        check("mapRoles: |", &[(Key, "mapRoles"), (Sign, ":"), (Plain, " "), (Sign, "|")]);
        check("# all", &[(Comment, "# all")]);
        check("- 'a: b'", &[(Sign, "-"), (Plain, " "), (Text, "'a: b'")]);
        check("", &[]);
        check(":", &[(Text, ":")]);
    }
}
