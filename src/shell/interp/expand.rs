//! Words into fields: braces, tilde, parameters, substitution, splitting, file names. The order is bash's.

use super::super::syntax::ast::*;
use super::super::syntax::is_name;
use super::braces::braces;
use super::exec::{Io, Shell, Stop};
use super::{MAX_FIELDS, arithmetic, arrays, options, pattern, transform, traps};

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
            let options = self.progress.options;
            let globs = field.globs && !options.has(options::NO_GLOB);
            let matches = if globs { self.matching_paths(&field.pattern)? } else { Vec::new() };
            if matches.is_empty() {
                if globs && options.has(options::FAIL_GLOB) {
                    self.complain(io, &format!("no match: {}", field.text))?;
                    return Err(Stop::Line(1));
                }
                if !globs || !options.has(options::NULL_GLOB) {
                    out.push(field.text);
                }
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
            Part::Parameter { quoted, .. } if self.is_many(part) => {
                let (values, joined) = self.many(part, io)?;
                return self.add_many(&values, *quoted, joined, fields);
            }
            Part::Parameter {
                name,
                index,
                indirect: false,
                operation: Operation::Test { colon, action, word },
                quoted: false,
            } => {
                let name = self.named(name, index.as_deref(), io)?;
                let missing = self.value_of(&name).is_none_or(|value| *colon && value.is_empty());
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
            Part::Literal(_) | Part::Arithmetic(_) | Part::Process(..) => true,
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
    pub fn pattern_of(&mut self, word: &Word, io: &Io) -> Result<String, Stop> {
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
                self.calculate(&text, io)?.map_or(Err(Stop::Exit(1)), |value| Ok(value.to_string()))
            }
            Part::Process(list, writes) => self.process(list, *writes, io),
            Part::Parameter { quoted, .. } if self.is_many(part) => {
                let (values, joined) = self.many(part, io)?;
                let separator = if joined && *quoted { self.joint() } else { " ".to_owned() };
                Ok(values.join(&separator))
            }
            Part::Parameter { name, operation: Operation::Length, .. } if matches!(name.as_str(), "@" | "*") => {
                Ok(arrays::positional(self.host.workstation()).len().to_string())
            }
            Part::Parameter { name, index: Some(index), operation: Operation::Length, .. }
                if matches!(index.literal(), Some("@" | "*")) =>
            {
                let w = self.host.workstation();
                let name = arrays::target(w, name);
                Ok(match name.as_str() {
                    "PIPESTATUS" => self.progress.pipe_status.len().to_string(),
                    name => arrays::elements(w, name).len().to_string(),
                })
            }
            Part::Parameter { name, index, indirect, operation, .. } => {
                // Of a reference it is the name of what it refers to.
                if *indirect && index.is_none() && arrays::attributes(self.host.workstation(), name).contains('n') {
                    return Ok(arrays::target(self.host.workstation(), name));
                }
                let mut name = self.named(name, index.as_deref(), io)?;
                if *indirect {
                    name = self.value_of(&name).unwrap_or_default();
                }
                self.parameter(&name, operation, io)
            }
        }
    }

    /// The value of a parameter; `None` if it is not set.
    fn value_of(&mut self, name: &str) -> Option<String> {
        let w = self.host.workstation();
        match name {
            "?" => Some(w.last_status.to_string()),
            "#" => Some(arrays::positional(w).len().to_string()),
            "0" => Some(w.variables.get("0").cloned().unwrap_or_else(|| "bash".to_owned())),
            "$" => Some(traps::OWN_ID.to_string()),
            "!" => self.last_job().map(|id| id.to_string()),
            "-" => {
                let letters = self.progress.options.letters();
                Some(if self.host.interactive() { format!("{letters}i") } else { format!("{letters}c") })
            }
            "PIPESTATUS" | "PIPESTATUS[0]" => self.progress.pipe_status.first().map(i32::to_string),
            "BASH_COMMAND" => Some(self.command.to_string()),
            "BASH_SUBSHELL" => Some(self.subshells.to_string()),
            "LINENO" => Some(self.line.to_string()),
            "BASH_VERSION" => Some("5.2.15(1)-release".to_owned()),
            "RANDOM" => {
                self.random = self.random.wrapping_mul(1_103_515_245).wrapping_add(12_345);
                Some((self.random >> 16 & 0x7fff).to_string())
            }
            "SECONDS" | "EPOCHSECONDS" if !w.variables.contains_key(name) => Some(self.host.now().to_string()),
            name => arrays::value(w, name),
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
                        let status = self.fatal_status();
                        self.fatal(io, &format!("{name}: {message}"), status)
                    }
                    _ => Ok(value.unwrap_or_default()),
                }
            }
            _ if unset && self.progress.options.has(options::NO_UNSET) && name != "!" => {
                let status = if self.progress.options.has(options::EXIT_ON_ERROR) { 1 } else { self.fatal_status() };
                self.fatal(io, &format!("{name}: unbound variable"), status)
            }
            Operation::Value => Ok(value.unwrap_or_default()),
            Operation::Transform(letter) => self.transformed(name, value, *letter, io),
            operation => self.operated(value.unwrap_or_default(), operation, io),
        }
    }

    /// What an operation that does not ask whether there is a value makes of it.
    fn operated(&mut self, value: String, operation: &Operation, io: &Io) -> Result<String, Stop> {
        // Matchers are tried at every place of the value.
        let tries = value.len().saturating_mul(value.len().min(1_000));
        Ok(match operation {
            Operation::Value | Operation::Test { .. } => value,
            Operation::Transform(letter) => self.transformed("", Some(value), *letter, io)?,
            Operation::Length => value.chars().count().to_string(),
            Operation::Trim { suffix, longest, pattern } => {
                let pattern = self.pattern_of(pattern, io)?;
                self.work(tries.saturating_add(pattern.len()))?;
                pattern::trim(&value, &pattern, *suffix, *longest)
            }
            Operation::Replace { place, pattern, text } => {
                let (pattern, text) = (self.pattern_of(pattern, io)?, self.joined(text, io)?);
                self.work(
                    pattern::cost(value.len(), &pattern).saturating_add(text.len().saturating_mul(value.len()) / 4),
                )?;
                pattern::replace(&value, &pattern, &text, *place)
            }
            Operation::Case { upper, all } => {
                let changed = |c: char| -> String {
                    if *upper { c.to_uppercase().collect() } else { c.to_lowercase().collect() }
                };
                let each = |(at, c): (usize, char)| if *all || at == 0 { changed(c) } else { c.into() };
                value.chars().enumerate().map(each).collect()
            }
            Operation::Slice { offset, length } => {
                let count = value.chars().count();
                let (from, to) = self.bounds(offset, length.as_ref(), count, io)?;
                value.chars().skip(from).take(to - from).collect()
            }
        })
    }

    /// Where a slice of `count` things begins and ends.
    fn bounds(&mut self, offset: &Word, length: Option<&Word>, count: usize, io: &Io) -> Result<(usize, usize), Stop> {
        let number = |word: &Word, shell: &mut Self| -> Result<i64, Stop> {
            let text = shell.joined(word, io)?;
            shell.calculate(&text, io)?.ok_or(Stop::Exit(1))
        };
        let count = count as i64;
        let from = number(offset, self)?;
        let from = if from < 0 { from.saturating_add(count) } else { from };
        let to = match length {
            None => count,
            Some(length) => match number(length, self)? {
                length if length < 0 => count.saturating_add(length),
                length => from.saturating_add(length),
            },
        };
        if from < 0 || from > count {
            return Ok((0, 0));
        }
        Ok((from as usize, to.clamp(from, count) as usize))
    }

    /// The value of an arithmetic expression; what is wrong with it has been said.
    pub fn calculate(&mut self, text: &str, io: &Io) -> Result<Option<i64>, Stop> {
        self.work(text.len())?;
        match arithmetic::evaluate(text, self.host.workstation()) {
            Ok(value) => Ok(Some(value)),
            Err(error) => {
                self.complain(io, &error)?;
                Ok(None)
            }
        }
    }

    /// A variable's name, or that of the element at `index`.
    pub fn named(&mut self, name: &str, index: Option<&Word>, io: &Io) -> Result<String, Stop> {
        let name = &arrays::target(self.host.workstation(), name);
        let Some(index) = index else { return Ok(name.to_owned()) };
        if name == "PIPESTATUS" {
            let text = self.joined(index, io)?;
            return Ok(arrays::element(name, &text));
        }
        let text = self.joined(index, io)?;
        if arrays::is_associative(self.host.workstation(), name) {
            return Ok(arrays::element(name, &text));
        }
        match self.calculate(&text, io)? {
            Some(at) => {
                let at = arrays::place(self.host.workstation(), name, at);
                Ok(arrays::element(name, &at.to_string()))
            }
            None => Err(Stop::Exit(1)),
        }
    }

    /// True for `$@`, `$*`, `${a[@]}`, `${a[*]}` and operations on each of their values.
    fn is_many(&self, part: &Part) -> bool {
        let Part::Parameter { name, index, operation, .. } = part else { return false };
        let all = matches!(name.as_str(), "@" | "*")
            || index.as_ref().is_some_and(|index| matches!(index.literal(), Some("@" | "*")));
        all && !matches!(operation, Operation::Length)
    }

    /// The values that a parameter of many stands for, and whether `*` joins them.
    fn many(&mut self, part: &Part, io: &Io) -> Result<(Vec<String>, bool), Stop> {
        let Part::Parameter { name, index, indirect, operation, .. } = part else { return Ok((Vec::new(), false)) };
        let joined = name == "*" || index.as_ref().is_some_and(|index| index.literal() == Some("*"));
        let w = self.host.workstation();
        let name = &arrays::target(w, name);
        let positional = matches!(name.as_str(), "@" | "*");
        if let Operation::Transform(letter @ ('A' | 'K' | 'k' | 'a')) = operation
            && !positional
        {
            return Ok((transform::of_array(w, name, *letter), joined));
        }
        let mut values: Vec<String> = match (positional, indirect) {
            (true, _) => arrays::positional(w),
            (false, false) if name == "PIPESTATUS" => self.progress.pipe_status.iter().map(i32::to_string).collect(),
            (false, true) => arrays::elements(w, name).into_iter().map(|(index, _)| index).collect(),
            (false, false) => arrays::elements(w, name).into_iter().map(|(_, value)| value).collect(),
        };
        self.work(values.iter().map(String::len).sum())?;
        match operation {
            Operation::Slice { offset, length } => {
                if positional {
                    values.insert(0, self.value_of("0").unwrap_or_default());
                }
                // Of an array the offset is an index, and the length counts what there is.
                let w = self.host.workstation();
                let places: Vec<usize> = match positional || arrays::is_associative(w, name) {
                    true => (0..values.len()).collect(),
                    false => arrays::elements(w, name).iter().filter_map(|(index, _)| index.parse().ok()).collect(),
                };
                let count = places.last().map_or(0, |last| last + 1);
                let (from, to) = self.bounds(offset, length.as_ref(), count, io)?;
                let skipped = places.iter().filter(|place| **place < from).count();
                let most = if length.is_some() { to - from } else { count };
                values = values.into_iter().skip(skipped).take(most).collect();
            }
            Operation::Test { action, word, .. } => {
                if (*action == '+') != values.is_empty() {
                    values = vec![self.assigned(word, io)?];
                }
            }
            Operation::Value | Operation::Length => {}
            operation => {
                let mut changed = Vec::new();
                for value in values {
                    changed.push(self.operated(value, operation, io)?);
                }
                values = changed;
            }
        }
        Ok((values, joined))
    }

    /// The first of the separators, which joins what `"$*"` stands for.
    fn joint(&mut self) -> String {
        self.separators().chars().next().map(String::from).unwrap_or_default()
    }

    fn add_many(&mut self, values: &[String], quoted: bool, joined: bool, fields: &mut Fields) -> Result<(), Stop> {
        if quoted && joined {
            let joint = self.joint();
            fields.current().quoted(&values.join(&joint));
            return Ok(());
        }
        let separators = self.separators();
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                fields.end();
            }
            if quoted {
                fields.current().quoted(value);
            } else {
                fields.split(value, &separators);
            }
            if fields.done.len() > MAX_FIELDS {
                return self.too_many_fields();
            }
        }
        Ok(())
    }

    /// `<(list)`: the name of a file that holds what it prints, until the command has ended.
    /// `>(list)`: the name of a file whose text `list` reads when the command has ended.
    fn process(&mut self, list: &[AndOr], writes: bool, io: &Io) -> Result<String, Stop> {
        let status = self.host.workstation().last_status;
        let capture = if writes { String::new() } else { self.captured(list, io)? };
        self.substituted = None;
        self.set_status(status);
        let w = self.host.workstation();
        let path = (0..64).rev().map(|number| format!("/dev/fd/{number}")).find(|path| !w.files.contains_key(path));
        let path = path.unwrap_or_default();
        w.files.insert(path.clone(), capture);
        self.processes.push((path.clone(), writes.then(|| list.to_vec())));
        Ok(path)
    }

    /// What a script ends with when a variable that it needs is missing: `bash -c` gives another status than the rest.
    fn fatal_status(&self) -> i32 {
        if self.subshells == 0 && (self.scripts == 0 || self.is_text) { 127 } else { 1 }
    }

    /// `${NAME@Q}` and its like.
    fn transformed(&mut self, name: &str, value: Option<String>, letter: char, io: &Io) -> Result<String, Stop> {
        let w = self.host.workstation();
        let attributes = transform::attributes(w, name);
        Ok(match (letter, value) {
            ('a', _) => attributes,
            (_, None) => String::new(),
            ('Q' | 'K' | 'k', Some(value)) => transform::quoted(&value),
            ('E', Some(value)) => transform::unescaped(&value),
            ('A', Some(value)) if attributes.is_empty() => format!("{name}={}", transform::quoted(&value)),
            ('A', Some(value)) => format!("declare -{attributes} {name}={}", transform::quoted(&value)),
            ('U', Some(value)) => value.to_uppercase(),
            ('L', Some(value)) => value.to_lowercase(),
            ('u', Some(value)) => {
                let rest: String = value.chars().skip(1).collect();
                value.chars().take(1).flat_map(char::to_uppercase).chain(rest.chars()).collect()
            }
            ('P', Some(value)) => {
                let user = w.variables.get("USER").cloned().unwrap_or_default();
                let home = w.home.clone();
                let directory = w.cwd.strip_prefix(&home).map_or(w.cwd.clone(), |rest| format!("~{rest}"));
                let text = value.replace("\\u", &user).replace("\\w", &directory).replace("\\$", "$");
                let text = text.replace("\\h", "playground").replace("\\n", "\n");
                self.work(text.len())?;
                let _ = io;
                text
            }
            (_, Some(value)) => value,
        })
    }

    /// An error that ends the script.
    pub(super) fn fatal<T>(&mut self, io: &Io, message: &str, status: i32) -> Result<T, Stop> {
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
}
