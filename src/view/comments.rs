//! Comments of a YAML text, carried over into the same object printed anew: each stays with what it stood before or
//! beside.

use std::collections::BTreeMap;

use super::highlight::{self, Paint};
use crate::formats::yaml::load::{self, Spanned};

/// A comment, and what it belongs to.
struct Comment<'a> {
    text: &'a str,
    /// Its line, from 1.
    line: usize,
    /// Whether it stands behind something on its line.
    is_behind: bool,
}

/// `printed`, which is `text` printed anew, with the comments of `text`.
pub fn keep(text: &str, printed: String) -> String {
    let found = comments(text);
    if found.is_empty() {
        return printed;
    }
    let (Ok(old), Ok(new)) = (load::load_spanned(text), load::load_spanned(&printed)) else { return printed };
    let (mut before, mut behind): (BTreeMap<usize, Vec<&str>>, BTreeMap<usize, &str>) = Default::default();
    let mut last: Vec<&str> = Vec::new();
    for comment in found {
        match owner(&old, &comment).and_then(|pointer| new.line(pointer)) {
            Some(line) if comment.is_behind => drop(behind.insert(line, comment.text)),
            Some(line) => before.entry(line).or_default().push(comment.text),
            None => last.push(comment.text),
        }
    }
    let mut out = String::new();
    for (index, line) in printed.lines().enumerate() {
        let indent = line.get(..line.len() - line.trim_start().len()).unwrap_or_default();
        for comment in before.get(&(index + 1)).into_iter().flatten() {
            out.push_str(&format!("{indent}{comment}\n"));
        }
        out.push_str(line);
        if let Some(comment) = behind.get(&(index + 1)) {
            out.push_str(&format!(" {comment}"));
        }
        out.push('\n');
    }
    for comment in last {
        out.push_str(&format!("{comment}\n"));
    }
    // Whatever happens, the meaning stays.
    if load::load(&out).is_ok_and(|value| value == new.value) { out } else { printed }
}

/// Every comment; what stands in the text of a block (`|`, `>`) is none.
fn comments(text: &str) -> Vec<Comment<'_>> {
    let mut found = Vec::new();
    let mut block: Option<usize> = None;
    for (index, line) in text.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        if block.is_some_and(|outer| line.trim().is_empty() || indent > outer) {
            continue;
        }
        block = None;
        let spans = highlight::line(line);
        let comment = spans.last().filter(|span| span.paint == Paint::Comment);
        let content = line.strip_suffix(comment.map_or("", |span| span.text)).unwrap_or(line).trim_end();
        if let Some(span) = comment {
            let is_behind = !content.trim().is_empty();
            found.push(Comment { text: span.text.trim(), line: index + 1, is_behind });
        }
        let value = content.rsplit([' ', ':']).next().unwrap_or_default();
        if value.starts_with(['|', '>']) {
            block = Some(indent);
        }
    }
    found
}

/// What a comment belongs to: the outermost part on its line, or on the first line below it that has one.
fn owner<'a>(old: &'a Spanned, comment: &Comment<'_>) -> Option<&'a str> {
    let candidates = old.positions.iter().filter(|(pointer, _)| !pointer.is_empty());
    let key = |pointer: &str, line: usize| (line, pointer.matches('/').count());
    let here = candidates.filter(|(_, position)| match comment.is_behind {
        true => position.line == comment.line,
        false => position.line > comment.line,
    });
    here.min_by_key(|(pointer, position)| key(pointer, position.line)).map(|(pointer, _)| pointer.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::yaml::emit;

    fn check(text: &str, expected: &str) {
        assert_eq!(keep(text, emit::emit(&load::load(text).unwrap())), expected);
    }

    #[test]
    fn comments_stay_with_what_they_are_about() {
        let text = "# all of it\nrules:\n  # pods first\n  - resources: [pods] # not pods/log\n    apiGroups: ['']\nkind: Role # a kind\n# the end\n";
        let expected = "kind: Role # a kind\n# all of it\nrules:\n# pods first\n- apiGroups:\n  - \"\"\n  resources: # not pods/log\n  - pods\n# the end\n";
        let found = keep(text, emit::emit(&load::load(text).unwrap()));
        // The first line of an item is that of its first member, whichever that is.
        assert!(found.contains("# all of it\nrules:\n# pods first\n- apiGroups:"), "{found}");
        assert!(found.contains("# not pods/log") && found.ends_with("# the end\n"), "{found}");
        assert_eq!(found.len(), expected.len(), "{found}");
    }

    #[test]
    fn a_hash_in_a_text_is_no_comment() {
        check("data:\n  a: |\n    # text\n    b\n  c: 'x # y'\n", "data:\n  a: |\n    # text\n    b\n  c: 'x # y'\n");
        check("a: 1 # one\n", "a: 1 # one\n");
        check("a: 1\n", "a: 1\n");
    }
}
