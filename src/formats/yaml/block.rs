//! What the YAML printers of kubectl and of the AWS CLI share: block layout with lists not indented below their key,
//! and the analysis of which styles a text may be written in.
//!
//! Both descend from libyaml's emitter; they differ in what needs quotes, in folding and in the order of keys,
//! which is what a [`Dialect`] says.

use std::cmp::Ordering;

use serde_json::{Map, Value};

/// Both tools fold at this column.
pub const BEST_WIDTH: usize = 80;
/// Longer keys are written with `? `.
pub const LONGEST_SIMPLE_KEY: usize = 128;

/// What differs between the tools.
pub struct Dialect {
    /// Writes a text at the current column; continuation lines start at the given indentation.
    /// The flag is set for keys, which must stay on one line.
    pub text: fn(&mut Page, &str, usize, bool),
    /// Shows a number.
    pub number: fn(&serde_json::Number) -> String,
    /// The order of keys.
    pub order: fn(&str, &str) -> Ordering,
    /// Whether a key of this text fits on one line with its colon.
    pub simple_key: fn(&str) -> bool,
}

/// The text written so far and the column that the next character will stand in.
#[derive(Default)]
pub struct Page {
    out: String,
    column: usize,
}

impl Page {
    /// The column of the next character, counted in characters from 0.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    /// Appends text without line breaks.
    pub fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    /// Ends the line, even an empty one.
    pub fn break_line(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    /// Goes to the given column of a fresh line, ending the current one unless nothing is on it.
    pub fn start_line(&mut self, indent: usize) {
        if self.column > 0 {
            self.break_line();
        }
        self.push(&" ".repeat(indent));
    }
}

/// The whole document, newline at the end included.
#[must_use]
pub fn document(value: &Value, dialect: &Dialect) -> String {
    let mut page = Page::default();
    match value {
        Value::Object(members) if !members.is_empty() => mapping(&mut page, members, 0, dialect),
        Value::Array(items) if !items.is_empty() => sequence(&mut page, items, 0, dialect),
        // The lines of a text that is the whole document are indented too.
        scalar => flat(&mut page, scalar, 2, dialect),
    }
    if page.column > 0 {
        page.break_line();
    }
    page.out
}

fn mapping(page: &mut Page, members: &Map<String, Value>, indent: usize, dialect: &Dialect) {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by(|(a, _), (b, _)| (dialect.order)(a, b));
    for (index, (key, value)) in sorted.into_iter().enumerate() {
        if index > 0 {
            page.start_line(indent);
        }
        if (dialect.simple_key)(key) {
            (dialect.text)(page, key, indent + 2, true);
            page.push(":");
            member(page, value, indent, dialect);
        } else {
            page.push("? ");
            (dialect.text)(page, key, indent + 2, false);
            page.start_line(indent);
            page.push(":");
            item(page, value, indent, dialect);
        }
    }
}

fn sequence(page: &mut Page, items: &[Value], indent: usize, dialect: &Dialect) {
    for (index, value) in items.iter().enumerate() {
        if index > 0 {
            page.start_line(indent);
        }
        page.push("-");
        item(page, value, indent, dialect);
    }
}

/// The value after `key:`.
fn member(page: &mut Page, value: &Value, indent: usize, dialect: &Dialect) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            page.start_line(indent + 2);
            mapping(page, members, indent + 2, dialect);
        }
        Value::Array(items) if !items.is_empty() => {
            page.start_line(indent);
            sequence(page, items, indent, dialect);
        }
        scalar => {
            page.push(" ");
            flat(page, scalar, indent + 2, dialect);
        }
    }
}

/// The value after `-`, which starts on the same line whatever it is.
fn item(page: &mut Page, value: &Value, indent: usize, dialect: &Dialect) {
    page.push(" ");
    match value {
        Value::Object(members) if !members.is_empty() => mapping(page, members, indent + 2, dialect),
        Value::Array(items) if !items.is_empty() => sequence(page, items, indent + 2, dialect),
        scalar => flat(page, scalar, indent + 2, dialect),
    }
}

fn flat(page: &mut Page, value: &Value, indent: usize, dialect: &Dialect) {
    match value {
        Value::Null => page.push("null"),
        Value::Bool(true) => page.push("true"),
        Value::Bool(false) => page.push("false"),
        Value::Number(number) => page.push(&(dialect.number)(number)),
        Value::String(text) => (dialect.text)(page, text, indent, false),
        Value::Array(_) => page.push("[]"),
        Value::Object(_) => page.push("{}"),
    }
}

/// Which styles can carry a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Styles {
    /// Without quotes.
    pub plain: bool,
    /// In single quotes.
    pub single: bool,
    /// As a block after `|`.
    pub block: bool,
    /// The text has several lines.
    pub multiline: bool,
}

/// Finds the styles that can carry `text`. Characters that are neither breaks nor `printable` need escapes.
#[must_use]
pub fn styles(text: &str, printable: fn(char) -> bool) -> Styles {
    if text.is_empty() {
        return Styles { plain: true, single: true, block: false, multiline: false };
    }
    let mut indicators = text.starts_with("---") || text.starts_with("...");
    let (mut multiline, mut special, mut break_space, mut space_break) = (false, false, false, false);
    let mut previous = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let followed_by_blank = chars.peek().copied().is_none_or(is_blank);
        indicators |= match (previous, c) {
            (None, '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`') => {
                true
            }
            (None, '-' | '?' | ':') | (_, ':') => followed_by_blank,
            (Some(before), '#') => is_blank(before),
            _ => false,
        };
        multiline |= is_break(c);
        special |= !is_break(c) && !printable(c) || c == '\r';
        break_space |= c == ' ' && previous.is_some_and(is_break);
        space_break |= is_break(c) && previous == Some(' ');
        previous = Some(c);
    }
    let at_edge = |c: Option<char>| c.is_some_and(|c| c == ' ' || is_break(c));
    let blank_edges = at_edge(text.chars().next()) || at_edge(previous);
    let escapes = special || space_break;
    Styles {
        plain: !(indicators || multiline || blank_edges || break_space || escapes),
        single: !(break_space || escapes),
        block: !(escapes || previous == Some(' ')),
        multiline,
    }
}

/// Line breaks as YAML 1.1 counts them.
#[must_use]
pub fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\0') || is_break(c)
}

/// A character inside double quotes: itself, or its escape if it is not `printable` or has a meaning there.
#[must_use]
pub fn escaped(c: char, printable: fn(char) -> bool) -> String {
    let short = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        c if printable(c) => return c.to_string(),
        c => {
            return match u32::from(c) {
                0xa0 => "\\_".to_owned(),
                code @ ..=0xff => format!("\\x{code:02X}"),
                code @ ..=0xffff => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{short}")
}
