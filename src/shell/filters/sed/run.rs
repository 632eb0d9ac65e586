//! Taking lines through a sed script.

use std::collections::BTreeMap;

use regex_lite::{Captures, Regex};

use super::super::{Call, MAX_TOOL_OUTPUT};
use super::{Action, Address, Command, Piece, Substitution};

/// How many commands one call runs; long lines count for more.
const MAX_STEPS: usize = 1_500_000;
/// The longest pattern and hold space.
const MAX_SPACE: usize = 1_000_000;

/// What happens after a command.
enum Flow {
    Next,
    /// To the command of that place.
    To(usize),
    /// The line is done; true if it is printed.
    Done(bool),
    /// Once more from the start, without a new line.
    Again,
    Quit(i32, bool),
}

pub(super) struct Runner {
    commands: Vec<Command>,
    quiet: bool,
    number: usize,
    space: String,
    hold: String,
    out: String,
    /// The newline of the line in the pattern space; the last line of a text may lack it.
    end: &'static str,
    /// What is printed when the line is done.
    after: Vec<String>,
    substituted: bool,
    /// The expression used last.
    last: Option<Regex>,
    steps: usize,
    /// What `w` wrote.
    pub written: BTreeMap<String, String>,
}

/// The lines of a text that have not been read.
struct Lines<'t> {
    rest: &'t str,
}

impl Lines<'_> {
    fn next(&mut self) -> Option<(String, &'static str)> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, after, end) = match self.rest.split_once('\n') {
            Some((line, after)) => (line, after, "\n"),
            None => (self.rest, "", ""),
        };
        self.rest = after;
        Some((line.to_owned(), end))
    }
}

impl Runner {
    pub fn new(commands: Vec<Command>, quiet: bool) -> Self {
        Self {
            commands,
            quiet,
            number: 0,
            space: String::new(),
            hold: String::new(),
            out: String::new(),
            end: "\n",
            after: Vec::new(),
            substituted: false,
            last: None,
            steps: 0,
            written: BTreeMap::new(),
        }
    }

    pub fn take_output(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    /// Edits a text; the exit code if the script quits. The error is a bound that was passed.
    pub fn file(&mut self, call: &Call<'_>, text: &str) -> Result<Option<i32>, String> {
        self.number = 0;
        self.commands.iter_mut().for_each(|command| {
            command.active = if matches!(command.from, Some(Address::Line(0))) { Some(None) } else { None }
        });
        // The commands are lent out while they run.
        let mut commands = std::mem::take(&mut self.commands);
        let done = self.lines(call, &mut commands, Lines { rest: text });
        self.commands = commands;
        done
    }

    fn lines(
        &mut self,
        call: &Call<'_>,
        commands: &mut [Command],
        mut lines: Lines<'_>,
    ) -> Result<Option<i32>, String> {
        let mut again = false;
        loop {
            if !std::mem::take(&mut again) {
                let Some((line, end)) = lines.next() else { return Ok(None) };
                (self.space, self.end) = (line, end);
                self.number += 1;
            }
            self.substituted = false;
            let flow = self.cycle(call, commands, &mut lines)?;
            let (print, quit) = match flow {
                Flow::Again => (false, None),
                Flow::Done(print) => (print, None),
                Flow::Quit(code, print) => (print, Some(code)),
                _ => (true, None),
            };
            if print && !self.quiet {
                self.emit_space();
            }
            self.flush();
            if quit.is_some() {
                return Ok(quit);
            }
            again = matches!(flow, Flow::Again);
        }
    }

    fn cycle(&mut self, call: &Call<'_>, commands: &mut [Command], lines: &mut Lines<'_>) -> Result<Flow, String> {
        let mut at = 0;
        loop {
            let Some(command) = commands.get_mut(at) else { return Ok(Flow::Done(true)) };
            let asks = matches!(command.from, Some(Address::Match(_))) || matches!(command.to, Some(Address::Match(_)));
            self.spend(1 + if asks { self.space.len() / 4 } else { 0 })?;
            if self.applies(command, lines.rest.is_empty()) == command.negated {
                at = if let Action::Block(end) = command.action { end + 1 } else { at + 1 };
                continue;
            }
            match self.run(call, command, lines)? {
                Flow::Next => at += 1,
                Flow::To(place) => at = place,
                other => return Ok(other),
            }
        }
    }

    fn spend(&mut self, steps: usize) -> Result<(), String> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > MAX_STEPS {
            return Err(format!("the script takes more than {MAX_STEPS} steps; stopped"));
        }
        if self.space.len() > MAX_SPACE || self.hold.len() > MAX_SPACE {
            return Err(format!("a pattern space of more than {MAX_SPACE} bytes; stopped"));
        }
        if self.out.len() > MAX_TOOL_OUTPUT {
            return Err(format!("the output is longer than {MAX_TOOL_OUTPUT} bytes; stopped"));
        }
        Ok(())
    }

    /// A line that is printed needs its newline even after one that lacks it.
    fn emit(&mut self, text: &str, end: &str) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        self.out.push_str(text);
        self.out.push_str(end);
    }

    fn emit_space(&mut self) {
        let space = std::mem::take(&mut self.space);
        self.emit(&space, self.end);
        self.space = space;
    }

    /// Prints what `a` and `r` left for the end of the line.
    fn flush(&mut self) {
        for text in std::mem::take(&mut self.after) {
            self.emit(&text, "");
        }
    }

    fn matches(&mut self, regex: &Option<Regex>) -> bool {
        match regex {
            Some(regex) => {
                let found = regex.is_match(&self.space);
                self.last = Some(regex.clone());
                found
            }
            None => self.last.as_ref().is_some_and(|regex| regex.is_match(&self.space)),
        }
    }

    fn hits(&mut self, address: &Address, last: bool) -> bool {
        match address {
            Address::Line(line) => *line == self.number,
            Address::Last => last,
            Address::Step(first, step) => self.number >= *first && (self.number - first).is_multiple_of(*step),
            Address::Match(regex) => self.matches(regex),
            Address::Lines(_) | Address::Multiple(_) => false,
        }
    }

    fn applies(&mut self, command: &mut Command, last: bool) -> bool {
        let Some(from) = &command.from else { return true };
        let Some(to) = &command.to else { return self.hits(from, last) };
        let number = self.number;
        match command.active {
            Some(Some(end)) => {
                if number >= end {
                    command.active = None;
                }
                // Past the end already: the range has ended before this line.
                if number <= end {
                    return true;
                }
            }
            Some(None) => {
                if self.hits(to, last) {
                    command.active = None;
                }
                return true;
            }
            None => {}
        }
        if !self.hits(from, last) {
            return false;
        }
        let end = match to {
            Address::Line(line) => Some(*line),
            Address::Lines(count) => Some(number + count),
            Address::Multiple(of) => Some(if *of == 0 { number } else { number.div_ceil(*of) * of }),
            Address::Last if last => Some(number),
            _ => None,
        };
        command.active = match end {
            Some(end) if end <= number => None,
            end => Some(end),
        };
        true
    }

    fn run(&mut self, call: &Call<'_>, command: &Command, lines: &mut Lines<'_>) -> Result<Flow, String> {
        match &command.action {
            Action::Plain(letter) => return self.plain(*letter, lines),
            Action::Quit(code, print) => return Ok(Flow::Quit(*code, *print)),
            Action::Append(text) => self.after.push(text.clone()),
            Action::Insert(text) => self.emit(text, ""),
            Action::Change(text) => {
                // Of a range the last line is changed, the others go.
                if command.negated || command.to.is_none() || command.active.is_none() {
                    self.emit(text, "");
                }
                return Ok(Flow::Done(false));
            }
            Action::Transliterate(pairs) => {
                self.spend(self.space.len() / 64)?;
                let changed = |c: char| pairs.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to);
                self.space = self.space.chars().map(changed).collect();
            }
            Action::Read(path) => {
                if let Ok(text) = call.workstation.read(path) {
                    self.after.push(text.to_owned());
                }
            }
            Action::Write(path) => self.write(path),
            Action::Block(_) | Action::Label(_) => {}
            Action::Branch(letter, place) => {
                let jumps = match letter {
                    't' => std::mem::take(&mut self.substituted),
                    'T' => !std::mem::take(&mut self.substituted),
                    _ => true,
                };
                if jumps {
                    return Ok(place.map_or(Flow::Done(true), Flow::To));
                }
            }
            Action::Substitute(substitution) => {
                // Every byte may be held against every part of the expression.
                self.spend(self.space.len() / 2)?;
                self.substitute(substitution)?;
            }
        }
        Ok(Flow::Next)
    }

    fn plain(&mut self, letter: char, lines: &mut Lines<'_>) -> Result<Flow, String> {
        match letter {
            'p' => self.emit_space(),
            'P' => {
                let first = self.space.split('\n').next().unwrap_or_default().to_owned();
                self.emit(&first, "\n");
            }
            'd' => return Ok(Flow::Done(false)),
            'D' => {
                self.spend(self.space.len() / 64)?;
                return Ok(match self.space.split_once('\n') {
                    Some((_, rest)) => {
                        self.space = rest.to_owned();
                        Flow::Again
                    }
                    None => Flow::Done(false),
                });
            }
            '=' => self.emit(&self.number.to_string(), "\n"),
            'n' | 'N' => {
                if letter == 'n' && !self.quiet && !lines.rest.is_empty() {
                    self.emit_space();
                }
                // Without a next line the script ends as if it were done.
                let Some((line, end)) = lines.next() else { return Ok(Flow::Quit(0, true)) };
                self.flush();
                self.number += 1;
                self.end = end;
                if letter == 'n' {
                    self.space = line;
                } else {
                    self.space.push('\n');
                    self.space.push_str(&line);
                }
            }
            'g' | 'G' | 'h' | 'H' => self.hold_or_get(letter)?,
            'x' => std::mem::swap(&mut self.space, &mut self.hold),
            'z' => self.space.clear(),
            _ => {}
        }
        Ok(Flow::Next)
    }

    fn hold_or_get(&mut self, letter: char) -> Result<(), String> {
        self.spend((self.space.len() + self.hold.len()) / 64)?;
        let (to, from) = if letter.eq_ignore_ascii_case(&'g') {
            (&mut self.space, &self.hold)
        } else {
            (&mut self.hold, &self.space)
        };
        if letter.is_ascii_lowercase() {
            to.clear();
        } else {
            to.push('\n');
        }
        to.push_str(from);
        Ok(())
    }

    fn write(&mut self, path: &str) {
        if path == "/dev/stdout" {
            return self.emit_space();
        }
        let text = self.written.entry(path.to_owned()).or_default();
        if text.len() < MAX_TOOL_OUTPUT {
            text.push_str(&self.space);
            text.push('\n');
        }
    }

    fn substitute(&mut self, substitution: &Substitution) -> Result<(), String> {
        let regex = match (&substitution.regex, &self.last) {
            (Some(regex), _) => regex.clone(),
            (None, Some(regex)) => regex.clone(),
            (None, None) => return Err("no previous regular expression".to_owned()),
        };
        let mut out = String::new();
        let (mut done, mut count, mut any) = (0, 0, false);
        for captures in regex.captures_iter(&self.space) {
            let Some(whole) = captures.get(0) else { continue };
            // An empty match right after the match before does not count.
            if whole.is_empty() && whole.start() == done && count > 0 && done > 0 {
                continue;
            }
            count += 1;
            if count < substitution.nth {
                continue;
            }
            out.push_str(self.space.get(done..whole.start()).unwrap_or_default());
            insert(&mut out, &substitution.replacement, &captures);
            if out.len() > MAX_SPACE {
                return Err(format!("a pattern space of more than {MAX_SPACE} bytes; stopped"));
            }
            done = whole.end();
            any = true;
            if !substitution.global {
                break;
            }
        }
        self.last = Some(regex);
        if !any {
            return Ok(());
        }
        out.push_str(self.space.get(done..).unwrap_or_default());
        self.space = out;
        self.substituted = true;
        if substitution.print {
            self.emit_space();
        }
        if let Some(path) = &substitution.write {
            self.write(path);
        }
        Ok(())
    }
}

/// Adds the replacement. `\U` and `\L` hold until `\E`, `\u` and `\l` for one character.
fn insert(out: &mut String, replacement: &[Piece], captures: &Captures<'_>) {
    let (mut lasting, mut once) = ('E', None);
    for piece in replacement {
        let text = match piece {
            Piece::Case(letter @ ('u' | 'l')) => {
                once = Some(*letter);
                continue;
            }
            Piece::Case(letter) => {
                (lasting, once) = (*letter, None);
                continue;
            }
            Piece::Text(text) => text.as_str(),
            Piece::Group(group) => captures.get(*group).map_or("", |found| found.as_str()),
        };
        for c in text.chars() {
            match once.take().unwrap_or(lasting) {
                'U' | 'u' => out.extend(c.to_uppercase()),
                'L' | 'l' => out.extend(c.to_lowercase()),
                _ => out.push(c),
            }
        }
    }
}
