//! What `${NAME@Q}`, `declare -p` and the like print of variables.

use super::arrays;
use crate::session::workstation::Workstation;

/// A value as bash can read it again.
pub(super) fn quoted(value: &str) -> String {
    if !value.chars().any(char::is_control) {
        return super::print::single_quoted(value);
    }
    let mut out = String::from("$'");
    for c in value.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{1b}' => out.push_str("\\E"),
            '\'' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\{:03o}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// A value between double quotes.
pub(super) fn double_quoted(value: &str) -> String {
    if value.chars().any(char::is_control) {
        return quoted(value);
    }
    let escaped: String = value
        .chars()
        .flat_map(|c| matches!(c, '"' | '\\' | '$' | '`').then_some('\\').into_iter().chain([c]))
        .collect();
    format!("\"{escaped}\"")
}

/// The text with the escapes of `$'…'` replaced.
pub(super) fn unescaped(value: &str) -> String {
    super::builtins::unescape(value, false).0
}

/// The letters that `declare -p` shows of a variable.
pub(super) fn attributes(w: &Workstation, name: &str) -> String {
    let name = name.split('[').next().unwrap_or_default();
    let mut letters = String::new();
    if arrays::is_associative(w, name) {
        letters.push('A');
    } else if is_array(w, name) {
        letters.push('a');
    }
    let rest = arrays::attributes(w, name);
    // The order is bash's own.
    for letter in "inrxlu".chars() {
        let has = if letter == 'x' { w.exported.contains(name) } else { rest.contains(letter) };
        letters.extend(has.then_some(letter));
    }
    letters
}

/// True if there are elements, or the name was declared as an array.
fn is_array(w: &Workstation, name: &str) -> bool {
    let prefix = format!("{name}[");
    let found = w.variables.range(prefix.clone()..).next().is_some_and(|(key, _)| key.starts_with(&prefix));
    found || arrays::attributes(w, name).contains('a')
}

/// The line that `declare -p` prints for a variable; `None` if there is none of that name.
pub(super) fn declaration(w: &Workstation, name: &str) -> Option<String> {
    let letters = attributes(w, name);
    let flags = if letters.is_empty() { "--".to_owned() } else { format!("-{letters}") };
    if is_array(w, name) || arrays::is_associative(w, name) {
        let elements = elements(w, name, true);
        return Some(match elements.is_empty() {
            true => format!("declare {flags} {name}"),
            false => format!("declare {flags} {name}=({elements})"),
        });
    }
    match w.variables.get(name) {
        Some(value) => Some(format!("declare {flags} {name}={}", double_quoted(value))),
        None => (!letters.is_empty()).then(|| format!("declare {flags} {name}")),
    }
}

/// The elements of an array: `[0]="a" [1]="b"`, or without `brackets` `0 "a" 1 "b"`. bash ends those of an
/// associative one with a blank.
fn elements(w: &Workstation, name: &str, brackets: bool) -> String {
    let associative = arrays::is_associative(w, name);
    let each = arrays::elements(w, name).into_iter().map(|(index, value)| match brackets {
        true => format!("[{index}]={}", double_quoted(&value)),
        false => format!("{index} {}", double_quoted(&value)),
    });
    let mut text = each.collect::<Vec<_>>().join(" ");
    if associative && !text.is_empty() {
        text.push(' ');
    }
    text
}

/// What `${NAME[@]@A}` and its like stand for.
pub(super) fn of_array(w: &Workstation, name: &str, letter: char) -> Vec<String> {
    match letter {
        'A' => declaration(w, name).into_iter().collect(),
        'K' => vec![elements(w, name, false)],
        'k' => arrays::elements(w, name).into_iter().flat_map(|(index, value)| [index, value]).collect(),
        _ => arrays::elements(w, name).iter().map(|_| attributes(w, name)).collect(),
    }
}
