//! Words into fields: braces, tilde, parameters, substitution, splitting, file names. The order is bash's.

use super::super::syntax::ast::*;
use super::super::syntax::{is_name, parse};
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
                    let text = if at == 0 { self.tilde(text, parts.len() == 1) } else { None }.map_or_else(
                        || text.as_str().to_owned(),
                        |(home, rest)| {
                            fields.current().quoted(&home);
                            rest
                        },
                    );
                    text.chars().for_each(|c| fields.current().plain(c));
                }
                Part::Quoted(text) => fields.current().quoted(text),
                Part::Parameter { name, quoted, .. } if *quoted && name == "@" => {} // no positional parameters
                part => {
                    let quoted = match part {
                        Part::Parameter { quoted, .. } | Part::Substitution { quoted, .. } => *quoted,
                        _ => true,
                    };
                    let value = self.part_value(part, io)?;
                    if quoted {
                        fields.current().quoted(&value);
                    } else {
                        let separators = self.separators();
                        fields.split(&value, &separators);
                    }
                }
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
                self.fatal(io, &format!("{name}: unbound variable"), 127)
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

// --- braces

/// A piece of a word for brace expansion: a plain character, or something braces do not look into.
#[derive(Clone, Debug)]
enum Piece {
    Char(char),
    Part(Part),
}

/// `{a,b}` and `{1..3}` expanded; `None` if that makes too many words.
fn braces(word: &Word) -> Option<Vec<Vec<Part>>> {
    if !word.parts.iter().any(|part| matches!(part, Part::Literal(text) if text.contains('{'))) {
        return Some(vec![word.parts.clone()]);
    }
    let mut pieces = Vec::new();
    for part in &word.parts {
        match part {
            Part::Literal(text) => pieces.extend(text.chars().map(Piece::Char)),
            part => pieces.push(Piece::Part(part.clone())),
        }
    }
    let mut todo = vec![(pieces, 0)];
    let mut done = Vec::new();
    let mut work = 0usize;
    while let Some((pieces, from)) = todo.pop() {
        work += pieces.len();
        if work > 2_000_000 || todo.len() + done.len() > MAX_FIELDS {
            return None;
        }
        match first_brace(&pieces, from) {
            None => done.push(parts_of(pieces)),
            Some((start, end, choices)) => {
                let (before, after) = (pieces.get(..start)?, pieces.get(end..)?);
                for choice in choices.into_iter().rev() {
                    todo.push(([before, &choice, after].concat(), start));
                }
            }
        }
    }
    Some(done)
}

/// The first brace expression at or after `from`: where it starts and ends, and its choices.
fn first_brace(pieces: &[Piece], from: usize) -> Option<(usize, usize, Vec<Vec<Piece>>)> {
    // Closing braces found for every opening one, in one pass.
    let mut stack: Vec<(usize, Vec<usize>)> = Vec::new();
    let mut best: Option<(usize, usize, Vec<usize>)> = None;
    for (at, piece) in pieces.iter().enumerate().skip(from) {
        match piece {
            Piece::Char('{') => stack.push((at, Vec::new())),
            Piece::Char(',') => {
                if let Some((_, commas)) = stack.last_mut() {
                    commas.push(at);
                }
            }
            Piece::Char('}') => {
                if let Some((start, commas)) = stack.pop() {
                    let counts = !commas.is_empty() || range(pieces.get(start + 1..at)?).is_some();
                    if counts && best.as_ref().is_none_or(|(first, ..)| start < *first) {
                        best = Some((start, at, commas));
                    }
                }
            }
            _ => {}
        }
        if stack.is_empty() && best.is_some() {
            break;
        }
    }
    let (start, end, commas) = best?;
    let choices = if commas.is_empty() {
        range(pieces.get(start + 1..end)?)?
    } else {
        let mut from = start + 1;
        let mut choices = Vec::new();
        for comma in commas.into_iter().chain([end]) {
            choices.push(pieces.get(from..comma)?.to_vec());
            from = comma + 1;
        }
        choices
    };
    Some((start, end + 1, choices))
}

/// `1..3` or `a..c`.
fn range(pieces: &[Piece]) -> Option<Vec<Vec<Piece>>> {
    if pieces.len() > 24 {
        return None;
    }
    let text: String =
        pieces.iter().map(|p| if let Piece::Char(c) = p { Some(*c) } else { None }).collect::<Option<_>>()?;
    let (from, to) = text.split_once("..")?;
    let word = |text: String| text.chars().map(Piece::Char).collect::<Vec<_>>();
    if let (Ok(from), Ok(to)) = (from.parse::<i32>(), to.parse::<i32>()) {
        if from.abs_diff(to) as usize > MAX_FIELDS {
            return None;
        }
        let step = if from <= to { 1 } else { -1 };
        return Some((0..=from.abs_diff(to) as i32).map(|n| word((from + n * step).to_string())).collect());
    }
    let letter = |text: &str| text.chars().next().filter(|c| text.len() == 1 && c.is_ascii_alphabetic());
    let (from, to) = (letter(from)?, letter(to)?);
    let letters: Vec<char> = if from <= to { (from..=to).collect() } else { (to..=from).rev().collect() };
    Some(letters.into_iter().map(|c| vec![Piece::Char(c)]).collect())
}

fn parts_of(pieces: Vec<Piece>) -> Vec<Part> {
    let mut parts = Vec::new();
    for piece in pieces {
        match (piece, parts.last_mut()) {
            (Piece::Char(c), Some(Part::Literal(text))) => text.push(c),
            (Piece::Char(c), _) => parts.push(Part::Literal(c.into())),
            (Piece::Part(part), _) => parts.push(part),
        }
    }
    parts
}
