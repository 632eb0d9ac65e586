//! Words as text again, for messages.

use super::super::syntax::ast::{Part, Word};

/// A word as it could have been typed. Expansions with more than a name are shortened.
pub(super) fn word(word: &Word) -> String {
    word.parts
        .iter()
        .map(|part| match part {
            Part::Literal(text) | Part::Quoted(text) => text.clone(),
            Part::Parameter { name, .. } => format!("${name}"),
            Part::Substitution { .. } => "$(…)".to_owned(),
            Part::Arithmetic(_) => "$((…))".to_owned(),
            Part::Process(_, writes) => if *writes { ">(…)" } else { "<(…)" }.to_owned(),
        })
        .collect()
}

/// A value in the quotes that `export -p` and `alias` put around it.
pub(super) fn single_quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "'\\''"))
}

/// A word as `set -x` shows it.
pub(super) fn traced(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "%+,-./:=@_^~".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { single_quoted(word) }
}
