//! The word under the cursor and the words before it, for completion: works on text that is not finished.

use std::ops::Range;

use super::error::MAX_SCRIPT_BYTES;

/// What stands before the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AtCursor {
    /// The words of the command before the one being typed, without their quotes. Assignments before the command are left out.
    pub words: Vec<String>,
    /// The text of the word being typed up to the cursor, without its quotes.
    pub typed: String,
    /// The bytes of that text, quotes included; empty at the cursor if no word has been begun.
    pub range: Range<usize>,
    /// The quote that is open at the cursor.
    pub quote: Option<char>,
    /// The word being typed is the file of a redirection.
    pub redirection: bool,
}

/// What surrounds a `$(`: the words before, the word it stands in, and the open quote.
type Outer = (Vec<String>, Option<(usize, String)>, Option<char>);

/// Looks at `text` up to the byte `cursor` (moved back to the start of a character if it stands inside one).
///
/// Words are read as the shell reads them, except that expansions stay as written.
pub fn at_cursor(text: &str, cursor: usize) -> AtCursor {
    let mut cursor = cursor.min(text.len()).min(MAX_SCRIPT_BYTES);
    while !text.is_char_boundary(cursor) {
        cursor -= 1;
    }
    let before = text.get(..cursor).unwrap_or_default();
    let mut found = AtCursor { range: cursor..cursor, ..AtCursor::default() };
    let mut word: Option<(usize, String)> = None;
    let mut substitutions: Vec<Outer> = Vec::new();
    let mut chars = before.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        match (found.quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => found.quote = None,
            (Some('\''), c) => add(&mut word, at, c),
            (_, '\\') => match next {
                Some('\n') => _ = chars.next(),
                Some(escaped) => {
                    chars.next();
                    if found.quote.is_some() && !matches!(escaped, '$' | '`' | '"' | '\\') {
                        add(&mut word, at, '\\');
                    }
                    add(&mut word, at, escaped);
                }
                None => add(&mut word, at, '\\'),
            },
            (_, '$') if next == Some('(') => {
                chars.next();
                add(&mut word, at, '$');
                substitutions.push((std::mem::take(&mut found.words), word.take(), found.quote.take()));
            }
            (Some(_), c) => add(&mut word, at, c),
            (None, '\'' | '"') => {
                word.get_or_insert_with(|| (at, String::new()));
                found.quote = Some(c);
            }
            (None, ')') if !substitutions.is_empty() => {
                if let Some((words, outer, quote)) = substitutions.pop() {
                    (found.words, word, found.quote) = (words, outer, quote);
                    add(&mut word, at, ')');
                }
            }
            (None, ' ' | '\t') => end_word(&mut found, word.take()),
            (None, '<' | '>') => {
                // `2>`: the digit is no word.
                end_word(&mut found, word.take().filter(|(_, text)| !text.bytes().all(|b| b.is_ascii_digit())));
                found.redirection = true;
            }
            (None, '&') if found.redirection && word.is_none() => {}
            (None, '\n' | ';' | '|' | '&' | '(' | ')') => {
                word = None;
                found.words.clear();
                found.redirection = false;
            }
            (None, '#') if word.is_none() => {
                while chars.peek().is_some_and(|(_, c)| *c != '\n') {
                    chars.next();
                }
            }
            (None, c) => add(&mut word, at, c),
        }
    }
    if let Some((start, typed)) = word {
        found.range = start..cursor;
        found.typed = typed;
    }
    found
}

fn add(word: &mut Option<(usize, String)>, at: usize, c: char) {
    word.get_or_insert_with(|| (at, String::new())).1.push(c);
}

/// Words after which a command begins.
const BEFORE_COMMANDS: [&str; 9] = ["if", "then", "elif", "else", "while", "until", "do", "{", "!"];

fn end_word(found: &mut AtCursor, word: Option<(usize, String)>) {
    let Some((_, text)) = word else { return };
    if std::mem::take(&mut found.redirection) {
        return;
    }
    let assignment = text.split_once('=').is_some_and(|(name, _)| super::parser::is_name(name));
    if found.words.is_empty() && (assignment || BEFORE_COMMANDS.contains(&text.as_str())) {
        return;
    }
    found.words.push(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, words: &[&str], typed: &str, quote: Option<char>) {
        let found = at_cursor(text, text.len());
        assert_eq!(
            (found.words.as_slice(), found.typed.as_str(), found.quote),
            (words.map_owned().as_slice(), typed, quote)
        );
        assert_eq!(found.range.end, text.len());
    }

    trait Owned {
        fn map_owned(&self) -> Vec<String>;
    }
    impl Owned for &[&str] {
        fn map_owned(&self) -> Vec<String> {
            self.iter().map(|w| (*w).to_owned()).collect()
        }
    }

    #[test]
    fn finds_the_word_being_typed() {
        check("", &[], "", None);
        check("kub", &[], "kub", None);
        check("kubectl get po", &["kubectl", "get"], "po", None);
        check("kubectl get ", &["kubectl", "get"], "", None);
        check("a; AWS_PROFILE=x aws eks \"li", &["aws", "eks"], "li", Some('"'));
        check("x | grep 'a b", &["grep"], "a b", Some('\''));
        check("for v in a; do kubectl au", &["kubectl"], "au", None);
        check("A=$(aws sts ge", &["aws", "sts"], "ge", None);
        check("echo $(date) x", &["echo", "$)"], "x", None);
        check("echo a \\\n  b", &["echo", "a"], "b", None);
        check("echo a # kubectl", &["echo", "a"], "", None);
        check("é 'ö", &["é"], "ö", Some('\''));
    }

    #[test]
    fn knows_redirections() {
        assert!(at_cursor("cat > ro", 8).redirection);
        assert!(!at_cursor("cat > ro x", 10).redirection);
        assert_eq!(at_cursor("kubectl get 2>&1 x", 18).words, ["kubectl", "get"]);
    }
}
