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

/// Takes a variable away, as an array too; what it was.
pub(super) fn take(w: &mut Workstation, name: &str) -> Vec<(String, String)> {
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
