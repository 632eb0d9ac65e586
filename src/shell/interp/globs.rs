//! File names that match a pattern, and the words of an alias.

use super::super::syntax::ast::*;
use super::super::syntax::parse;
use super::exec::{Io, Shell, Stop};
use super::{options, pattern};

impl Shell<'_> {
    /// The paths that match a pattern, sorted; none if there are none.
    pub(super) fn matching_paths(&mut self, pattern: &str) -> Result<Vec<String>, Stop> {
        let absolute = pattern.starts_with('/');
        let mut found = vec![String::from(if absolute { "/" } else { "" })];
        for (at, component) in pattern.split('/').enumerate() {
            if component.is_empty() {
                if at > 0 && found.iter().any(|path| !path.is_empty() && !path.ends_with('/')) {
                    return Ok(Vec::new()); // a slash at the end: only directories, which nobody types
                }
                continue;
            }
            let mut next = Vec::new();
            for path in &found {
                let base = if path.is_empty() || path.ends_with('/') { path.clone() } else { format!("{path}/") };
                let plain = pattern::literal(component);
                let w = self.host.workstation();
                if let Some(name) = plain {
                    let path = format!("{base}{name}");
                    if w.is_file(&path) || w.is_directory(&path) {
                        next.push(path);
                    }
                    continue;
                }
                let names = w.list(if base.is_empty() { "." } else { &base }).unwrap_or_default();
                self.work(names.iter().map(|(name, _)| name.len() * component.len()).sum())?;
                let options = self.progress.options;
                let hidden = component.starts_with('.') || options.has(options::DOT_GLOB);
                let fold = options.has(options::NO_CASE_GLOB);
                next.extend(
                    names
                        .into_iter()
                        .filter(|(name, _)| hidden || !name.starts_with('.'))
                        .filter(|(name, _)| pattern::fits(name, component, fold))
                        .map(|(name, _)| format!("{base}{name}")),
                );
            }
            found = next;
        }
        Ok(found)
    }

    /// The words with the alias of the first one put in; `None` if it has none.
    pub fn expand_alias(&mut self, words: &[Word], io: &Io) -> Result<Option<Vec<Word>>, Stop> {
        let mut used = Vec::new();
        let mut expanded: Option<Vec<Word>> = None;
        while let Some(name) = expanded.as_deref().unwrap_or(words).first().and_then(Word::literal) {
            let Some(value) = self.host.workstation().aliases.get(name).filter(|_| !used.contains(&name.to_owned()))
            else {
                break;
            };
            let value = value.clone();
            used.push(name.to_owned());
            let name = name.to_owned();
            let Some(mut start) = alias_words(&value) else {
                return self.fatal(
                    io,
                    &format!("alias {name}: only a command with arguments is supported as an alias"),
                    2,
                );
            };
            start.extend(expanded.as_deref().unwrap_or(words).iter().skip(1).cloned());
            expanded = Some(start);
        }
        Ok(expanded)
    }
}

/// The words of an alias, if it is one simple command.
fn alias_words(value: &str) -> Option<Vec<Word>> {
    let mut list = parse(value).ok()?;
    let item = list.pop()?;
    let [Command { kind: CommandKind::Simple { assignments, declared, words }, redirections, .. }] =
        item.first.commands.as_slice()
    else {
        return None;
    };
    let simple = list.is_empty()
        && item.rest.is_empty()
        && assignments.is_empty()
        && declared.is_empty()
        && redirections.is_empty();
    simple.then(|| words.clone())
}
