//! Arrays, positional parameters and functions: kept among the variables, under names that no variable can have.
//!
//! An element is `name[index]`, an associative array has `name[` besides; `$1` is `1`; a function is what bash itself calls it
//! in an environment, `BASH_FUNC_name%%`. So subshells, undo and links keep them as they keep variables.

use crate::session::workstation::Workstation;

/// The variable that holds an element.
pub(super) fn element(name: &str, index: &str) -> String {
    format!("{name}[{index}]")
}

/// The variable that holds a function's body.
pub(super) fn function(name: &str) -> String {
    format!("BASH_FUNC_{name}%%")
}

/// The function whose body a variable holds.
pub fn function_name(variable: &str) -> Option<&str> {
    variable.strip_prefix("BASH_FUNC_")?.strip_suffix("%%")
}

/// What `$` is typed before to get at a variable: an array for its elements, nothing for a function.
pub fn typed_name(variable: &str) -> Option<&str> {
    let name = variable.split_once('[').map_or(variable, |(array, _)| array);
    crate::shell::syntax::is_name(name).then_some(name).filter(|_| !name.starts_with("__OPT"))
}

/// The letters that `declare` gave a variable: `i`, `l`, `n`, `r`, `u`.
pub(super) fn attributes<'w>(w: &'w Workstation, name: &str) -> &'w str {
    w.variables.get(&attributes_of(name)).map_or("", String::as_str)
}

/// Gives a variable an attribute, or takes it away.
pub(super) fn set_attribute(w: &mut Workstation, name: &str, letter: char, on: bool) {
    let mut letters: Vec<char> = attributes(w, name).chars().filter(|known| *known != letter).collect();
    letters.extend(on.then_some(letter));
    // `l` and `u` exclude each other.
    let other = match letter {
        'l' => 'u',
        'u' => 'l',
        _ => ' ',
    };
    letters.retain(|letter| !on || *letter != other);
    crate::formats::ordered::sort(&mut letters);
    match letters.is_empty() {
        true => w.variables.remove(&attributes_of(name)),
        false => w.variables.insert(attributes_of(name), letters.into_iter().collect()),
    };
}

/// The variable that holds the attributes of one: no variable that a person sets can be called so.
fn attributes_of(name: &str) -> String {
    format!("declare {name}")
}

/// The variable, or element, that a name stands for when it is a reference made by `declare -n`.
pub(super) fn target(w: &Workstation, name: &str) -> String {
    let (mut base, mut index) = match name.find('[') {
        Some(at) => name.split_at(at),
        None => (name, ""),
    };
    for _ in 0..8 {
        if !attributes(w, base).contains('n') {
            break;
        }
        let Some(next) = w.variables.get(base).filter(|next| !next.is_empty()) else { break };
        base = next;
        if let Some(at) = next.find('[') {
            (base, index) = next.split_at(at);
        }
    }
    format!("{base}{index}")
}

/// True for an array whose indices are words.
pub(super) fn is_associative(w: &Workstation, name: &str) -> bool {
    w.variables.contains_key(&format!("{name}["))
}

/// The indices of an array with their values, in order. A plain variable has the index 0.
pub(super) fn elements(w: &Workstation, name: &str) -> Vec<(String, String)> {
    let prefix = format!("{name}[");
    let found = w.variables.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
    let mut elements: Vec<(String, String)> = found
        .filter_map(|(key, value)| Some((key.strip_prefix(&prefix)?.strip_suffix(']')?.to_owned(), value.clone())))
        .collect();
    if !is_associative(w, name) {
        let number = |(index, _): &(String, String)| index.parse::<u64>().unwrap_or(0);
        crate::formats::ordered::sort_by(&mut elements, &|left, right| number(left).cmp(&number(right)));
        if elements.is_empty() {
            elements.extend(w.variables.get(name).map(|value| ("0".to_owned(), value.clone())));
        }
    }
    elements
}

/// The value of a variable or element. Of an array without an index it is the first.
pub(super) fn value(w: &Workstation, name: &str) -> Option<String> {
    let first = || match name.split_once('[') {
        None => w.variables.get(&element(name, "0")),
        Some((array, "0]")) => w.variables.get(array),
        Some(_) => None,
    };
    w.variables.get(name).or_else(first).cloned()
}

/// A number as an index: negative ones count from the end.
pub(super) fn place(w: &Workstation, name: &str, index: i64) -> i64 {
    if index >= 0 {
        return index;
    }
    let last = elements(w, name).last().and_then(|(index, _)| index.parse::<i64>().ok()).unwrap_or(-1);
    last + 1 + index
}

/// Takes a variable away, as an array too, with its attributes; what it was.
pub(super) fn take(w: &mut Workstation, name: &str) -> Vec<(String, String)> {
    let mut taken = take_values(w, name);
    let attributes = attributes_of(name);
    taken.extend(w.variables.remove(&attributes).map(|letters| (attributes, letters)));
    taken
}

/// Takes the values of a variable or array away; its attributes stay.
pub(super) fn take_values(w: &mut Workstation, name: &str) -> Vec<(String, String)> {
    let prefix = format!("{name}[");
    let names: Vec<String> = w
        .variables
        .range(name.to_owned()..)
        .take_while(|(key, _)| key.starts_with(name))
        .filter(|(key, _)| *key == name || key.starts_with(&prefix))
        .map(|(key, _)| key.clone())
        .collect();
    names.into_iter().filter_map(|key| w.variables.remove(&key).map(|value| (key, value))).collect()
}

/// `$1`, `$2` and so on.
pub(super) fn positional(w: &Workstation) -> Vec<String> {
    (1..).map_while(|at: usize| w.variables.get(&at.to_string()).cloned()).collect()
}

/// Sets `$1`, `$2` and so on; what they were.
pub(super) fn set_positional(w: &mut Workstation, values: &[String]) -> Vec<String> {
    let old = positional(w);
    for at in 1..=old.len() {
        w.variables.remove(&at.to_string());
    }
    for (at, value) in values.iter().enumerate() {
        w.variables.insert((at + 1).to_string(), value.clone());
    }
    old
}
