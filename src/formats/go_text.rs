//! How Go prints values: `%q`, lists of it, `%#v` of a list of texts, and error lists.
//!
//! Sources: Go's `strconv.Quote` and `fmt`; `NewAggregate` in `apimachinery:pkg/util/errors/errors.go`.

use std::collections::BTreeSet;
use std::fmt::Write;

/// `%q` of a text: in double quotes, everything that is not printable escaped.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    quote_into(text, &mut out);
    out
}

/// Appends what [`quote`] gives.
pub fn quote_into(text: &str, out: &mut String) {
    out.push('"');
    // Most texts need no look at each of their characters.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')) {
        out.push_str(text);
    } else {
        text.chars().for_each(|c| quote_char(c, out));
    }
    out.push('"');
}

fn quote_char(c: char, out: &mut String) {
    let escape = match c {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\x07' => "\\a",
        '\x08' => "\\b",
        '\x0c' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\x0b' => "\\v",
        _ if is_printable(c) => return out.push(c),
        _ => {
            let code = u32::from(c);
            // Writing to a text cannot fail.
            let _ = match code {
                0..0x80 => write!(out, "\\x{code:02x}"),
                0x80..0x1_0000 => write!(out, "\\u{code:04x}"),
                _ => write!(out, "\\U{code:08x}"),
            };
            return;
        }
    };
    out.push_str(escape);
}

/// Letters, marks, numbers, punctuation, symbols and the ASCII space: Go's `IsPrint`.
///
/// The standard library has the same notion, but shows it only by what `escape_debug` leaves alone.
/// It treats the first character of a text specially (combining marks), hence the leading letter.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    let mut text = String::from("a");
    text.push(c);
    text.escape_debug().eq(text.chars())
}

/// `%q` of a list of texts: `["a" "b"]`.
pub fn quote_list<S: AsRef<str>>(list: &[S]) -> String {
    let quoted: Vec<_> = list.iter().map(|text| quote(text.as_ref())).collect();
    format!("[{}]", quoted.join(" "))
}

/// `%#v` of a list of texts: `[]string{"a", "b"}`.
pub fn string_slice<S: AsRef<str>>(list: &[S]) -> String {
    format!("[]string{{{}}}", quote_joined(list))
}

/// Quoted texts with commas between them: `"a", "b"`.
pub fn quote_joined<S: AsRef<str>>(list: &[S]) -> String {
    list.iter().map(|text| quote(text.as_ref())).collect::<Vec<_>>().join(", ")
}

/// The text of several errors: each distinct one once, in order; one stands alone, several as `[a, b]`.
/// No errors give an empty text.
pub fn aggregate<S: AsRef<str>>(errors: impl IntoIterator<Item = S>) -> String {
    let (mut seen, mut distinct) = (BTreeSet::new(), Vec::new());
    for error in errors {
        if seen.insert(error.as_ref().to_owned()) {
            distinct.push(error.as_ref().to_owned());
        }
    }
    let joined = distinct.join(", ");
    if distinct.len() > 1 { format!("[{joined}]") } else { joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        assert_eq!(quote(input), expected);
    }

    #[test]
    fn quotes_as_go_does() {
        check("plain text", "\"plain text\"");
        check("a\"b\\c", r#""a\"b\\c""#);
        check("\x07\x08\x0c\n\r\t\x0b", r#""\a\b\f\n\r\t\v""#);
        check("\0\x01\x1b\x7f", r#""\x00\x01\x1b\x7f""#);
        check("\u{80}\u{9f}\u{a0}", r#""\u0080\u009f\u00a0""#);
        check("rôle 役 🚀 é", "\"rôle 役 🚀 é\"");
        check("e\u{301}", "\"e\u{301}\"");
        check("\u{200b}\u{feff}\u{2028}\u{3000}\u{ad}", r#""\u200b\ufeff\u2028\u3000\u00ad""#);
        check("\u{200c}\u{200d}", r#""\u200c\u200d""#);
        check("\u{e000}\u{f0000}\u{e0041}", r#""\ue000\U000f0000\U000e0041""#);
        check("\u{fffd}", "\"\u{fffd}\"");
        check("'", "\"'\"");
    }

    #[test]
    fn lists() {
        assert_eq!(quote_list(&["a", "b\""]), r#"["a" "b\""]"#);
        assert_eq!(quote_list::<&str>(&[]), "[]");
        assert_eq!(string_slice(&["a", "b"]), r#"[]string{"a", "b"}"#);
        assert_eq!(aggregate(["a", "b", "a"]), "[a, b]");
        assert_eq!(aggregate(["a", "a"]), "a");
        assert_eq!(aggregate::<&str>([]), "");
    }
}
