//! Words into fields: braces, tilde, parameters, substitution, splitting, file names. The order is bash's.

use super::super::syntax::ast::*;
use super::super::syntax::{is_name, parse};
use super::braces::braces;
use super::exec::{Io, Shell, Stop};
use super::{MAX_FIELDS, arithmetic, pattern};

/// The separators in effect when `IFS` is not set.
const DEFAULT_SEPARATORS: &str = " \t\n";

/// A word on its way to being a field.
#[derive(Default)]
struct Field {
    text: String,
    /// The same text as a pattern: what was quoted is escaped.
    pattern: String,
    /// An unquoted `*`, `?` or `[` is in it.
    globs: bool,
}

impl Field {
    fn quoted(&mut self, text: &str) {
        self.text.push_str(text);
        pattern::escape(text, &mut self.pattern);
    }

    fn plain(&mut self, c: char) {
        self.globs |= matches!(c, '*' | '?' | '[');
        self.text.push(c);
        self.pattern.push(c);
    }
}

/// The fields of a command as they grow.
#[derive(Default)]
struct Fields {
    done: Vec<Field>,
    current: Option<Field>,
}

impl Fields {
    fn current(&mut self) -> &mut Field {
        self.current.get_or_insert_default()
    }

    fn end(&mut self) {
        self.done.extend(self.current.take());
    }

    /// Adds the value of an unquoted expansion: separators end fields.
    fn split(&mut self, value: &str, separators: &str) {
        let mut after_blank = false;
        for c in value.chars() {
            if !separators.contains(c) {
                self.current().plain(c);
                after_blank = false;
            } else if c.is_ascii_whitespace() {
                after_blank |= self.current.is_some();
                self.end();
            } else {
                // A blank and the separator after it are one.
                if !std::mem::take(&mut after_blank) {
                    self.current();
                }
                self.end();
            }
        }
    }
}

impl Shell<'_> {
    /// The fields that `words` expand to.
    pub fn fields(&mut self, words: &[Word], io: &Io) -> Result<Vec<String>, Stop> {
        let mut fields = Vec::new();
        for word in words {
            let Some(expanded) = braces(word) else { return self.too_many_fields() };
            for parts in expanded {
                self.word_fields(&parts, io, &mut fields)?;
                if fields.len() > MAX_FIELDS {
                    return self.too_many_fields();
                }
            }
        }
        Ok(fields)
    }

    fn word_fields(&mut self, parts: &[Part], io: &Io, out: &mut Vec<String>) -> Result<(), Stop> {
        let mut fields = Fields::default();
        for (at, part) in parts.iter().enumerate() {
            match part {
                Part::Literal(text) => {
                    let mut text = text.as_str();
                    // `~` at the start, and as in bash after what looks like an assignment.
                    if let Some((name, value)) = text.split_once('=').filter(|(name, _)| at == 0 && is_name(name)) {
                        fields.current().quoted(&format!("{name}="));
                        text = value;
                    }
                    let home = if at == 0 { self.tilde(text, parts.len() == 1) } else { None };
                    if let Some((home, _)) = &home {
                        fields.current().quoted(home);
                    }
                    let rest = home.map_or_else(|| text.to_owned(), |(_, rest)| rest);
                    rest.chars().for_each(|c| fields.current().plain(c));
                }
                part => self.add_part(part, io, &mut fields)?,
            }
            if fields.done.len() > MAX_FIELDS {
                return self.too_many_fields();
            }
        }
        fields.end();
        for field in fields.done {
            self.work(field.text.len())?;
            let matches = if field.globs { self.matching_paths(&field.pattern)? } else { Vec::new() };
            if matches.is_empty() {
                out.push(field.text);
            } else {
                out.extend(matches);
            }
        }
        Ok(())
    }

    /// Adds what a part that is not plain text stands for.
    fn add_part(&mut self, part: &Part, io: &Io, fields: &mut Fields) -> Result<(), Stop> {
        let quoted = match part {
            Part::Quoted(text) => {
                fields.current().quoted(text);
                return Ok(());
            }
            Part::Parameter { name, quoted: true, .. } if name == "@" => return Ok(()), // no positional parameters
            Part::Parameter { name, operation: Operation::Test { colon, action, word }, quoted: false } => {
                let missing = self.value_of(name).is_none_or(|value| *colon && value.is_empty());
                if (*action, missing) == ('-', true) || (*action, missing) == ('+', false) {
                    // The word's own quotes count.
                    let separators = self.separators();
                    for part in &word.parts {
                        match part {
                            Part::Literal(text) => fields.split(text, &separators),
                            part => self.add_part(part, io, fields)?,
                        }
                    }
                    return Ok(());
                }
                false
            }
            Part::Parameter { quoted, .. } | Part::Substitution { quoted, .. } => *quoted,
            Part::Literal(_) | Part::Arithmetic(_) => true,
        };
        let value = self.part_value(part, io)?;
        if quoted {
            fields.current().quoted(&value);
        } else {
            let separators = self.separators();
            fields.split(&value, &separators);
        }
        Ok(())
    }

    /// The characters that separate fields.
    pub fn separators(&mut self) -> String {
        self.host.workstation().variables.get("IFS").cloned().unwrap_or_else(|| DEFAULT_SEPARATORS.to_owned())
    }

    /// The value of an assignment or a here-string: one text, `~` expanded after `=` and `:`.
    pub fn assigned(&mut self, word: &Word, io: &Io) -> Result<String, Stop> {
        let mut value = String::new();
        for (at, part) in word.parts.iter().enumerate() {
            match part {
                Part::Literal(text) => {
                    let pieces: Vec<&str> = text.split(':').collect();
                    for (n, piece) in pieces.iter().enumerate() {
                        value.push_str(if n > 0 { ":" } else { "" });
                        let starts = n > 0 || at == 0;
                        let whole = n + 1 < pieces.len() || at + 1 == word.parts.len();
                        match if starts { self.tilde(piece, whole) } else { None } {
                            Some((home, rest)) => value.extend([home, rest]),
                            None => value.push_str(piece),
                        }
                    }
                }
                part => value.push_str(&self.part_value(part, io)?),
            }
        }
        self.work(value.len())?;
        Ok(value)
    }

    /// One text, nothing split and no `~` expanded: the body of a here-document.
    pub fn joined(&mut self, word: &Word, io: &Io) -> Result<String, Stop> {
        let mut text = String::new();
        for part in &word.parts {
            text.push_str(&self.part_value(part, io)?);
        }
        self.work(text.len())?;
        Ok(text)
    }

    /// A word as a pattern: what is quoted in it matches itself only.
    fn pattern_of(&mut self, word: &Word, io: &Io) -> Result<String, Stop> {
        let mut text = String::new();
        for part in &word.parts {
            let value = self.part_value(part, io)?;
            match part {
                Part::Literal(_) | Part::Parameter { quoted: false, .. } | Part::Substitution { quoted: false, .. } => {
                    text.push_str(&value);
                }
                _ => pattern::escape(&value, &mut text),
            }
        }
        Ok(text)
    }

    fn part_value(&mut self, part: &Part, io: &Io) -> Result<String, Stop> {
        match part {
            Part::Literal(text) | Part::Quoted(text) => Ok(text.clone()),
            Part::Substitution { list, .. } => self.capture(list, io),
            Part::Arithmetic(word) => {
                let text = self.joined(word, io)?;
                match arithmetic::evaluate(&text, &self.host.workstation().variables) {
                    Ok(value) => Ok(value.to_string()),
                    Err(error) => {
                        self.complain(io, &error)?;
                        Err(Stop::Exit(1))
                    }
                }
            }
            Part::Parameter { name, operation, .. } => self.parameter(name, operation, io),
        }
    }

    /// The value of a parameter; `None` if it is not set.
    fn value_of(&mut self, name: &str) -> Option<String> {
        let w = self.host.workstation();
        match name {
            "?" => Some(w.last_status.to_string()),
            "#" => Some("0".to_owned()),
            "0" => Some("bash".to_owned()),
            "$" => Some("1".to_owned()),
            "@" | "*" | "-" => Some(String::new()),
            name => w.variables.get(name).cloned(),
        }
    }

    fn parameter(&mut self, name: &str, operation: &Operation, io: &Io) -> Result<String, Stop> {
        let value = self.value_of(name);
        self.work(value.as_ref().map_or(0, String::len))?;
        let unset = value.is_none();
        match operation {
            Operation::Test { colon, action, word } => {
                let missing = value.as_ref().is_none_or(|value| *colon && value.is_empty());
                match (action, missing) {
                    ('+', true) => Ok(String::new()),
                    ('+', false) | ('-', true) => self.assigned(word, io),
                    ('=', true) if is_name(name) => {
                        let value = self.assigned(word, io)?;
                        self.set_variable(name, value.clone())?;
                        Ok(value)
                    }
                    ('=', true) => self.fatal(io, &format!("${name}: cannot assign in this way"), 1),
                    ('?', true) => {
                        let mut message = self.assigned(word, io)?;
                        if message.is_empty() {
                            message.push_str(if *colon { "parameter null or not set" } else { "parameter not set" });
                        }
                        self.fatal(io, &format!("{name}: {message}"), 127)
                    }
                    _ => Ok(value.unwrap_or_default()),
                }
            }
            _ if unset && self.progress.options.no_unset && name != "!" => {
                let status = if self.progress.options.exit_on_error { 1 } else { 127 };
                self.fatal(io, &format!("{name}: unbound variable"), status)
            }
            Operation::Value => Ok(value.unwrap_or_default()),
            Operation::Length => Ok(value.unwrap_or_default().chars().count().to_string()),
            Operation::Trim { suffix, longest, pattern } => {
                let (pattern, value) = (self.pattern_of(pattern, io)?, value.unwrap_or_default());
                // The matcher is tried at every place of the value.
                self.work(value.len().saturating_mul(value.len().min(1_000)).saturating_add(pattern.len()))?;
                Ok(pattern::trim(&value, &pattern, *suffix, *longest))
            }
        }
    }

    /// An error that ends the script.
    fn fatal<T>(&mut self, io: &Io, message: &str, status: i32) -> Result<T, Stop> {
        self.complain(io, message)?;
        Err(Stop::Exit(status))
    }

    /// The home directory for a leading `~`, and the text after it. `whole`: the text is not followed by more of its word.
    fn tilde(&mut self, text: &str, whole: bool) -> Option<(String, String)> {
        let rest = text.strip_prefix('~')?;
        if !(rest.starts_with('/') || rest.is_empty() && whole) {
            return None;
        }
        let w = self.host.workstation();
        Some((w.variables.get("HOME").unwrap_or(&w.home).clone(), rest.to_owned()))
    }

    /// The paths that match a pattern, sorted; none if there are none.
    fn matching_paths(&mut self, pattern: &str) -> Result<Vec<String>, Stop> {
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
                let hidden = component.starts_with('.');
                next.extend(
                    names
                        .into_iter()
                        .filter(|(name, _)| hidden || !name.starts_with('.'))
                        .filter(|(name, _)| pattern::matches(name, component))
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
    let [Command { kind: CommandKind::Simple { assignments, words }, redirections, .. }] =
        item.first.commands.as_slice()
    else {
        return None;
    };
    let simple = list.is_empty() && item.rest.is_empty() && assignments.is_empty() && redirections.is_empty();
    simple.then(|| words.clone())
}
