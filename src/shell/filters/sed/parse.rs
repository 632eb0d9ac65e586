//! Reading a sed script.

use super::super::regex::{Syntax, compile, with_control_characters};
use super::{Action, Address, Command, Piece, SUPPORTED, Substitution};

/// The most commands in a script.
const MAX_COMMANDS: usize = 200;

/// A message with the exit code.
type Failure = (String, i32);

struct Parser<'a> {
    rest: &'a str,
    syntax: Syntax,
    /// Open blocks by their place.
    open: Vec<usize>,
}

/// Reads the scripts of `-e` and `-f`.
pub(super) fn script(scripts: &[String], extended: bool) -> Result<Vec<Command>, Failure> {
    let whole = scripts.join("\n");
    let syntax = if extended { Syntax::Extended } else { Syntax::Basic };
    let mut parser = Parser { rest: &whole, syntax, open: Vec::new() };
    match parser.commands() {
        Ok(commands) => Ok(commands),
        Err(message) if message.contains("not supported in this terminal") => Err((message, 2)),
        Err(message) if message.starts_with("can't find label") => Err((message, 4)),
        Err(message) => {
            let mut at = if message == UNMATCHED { 0 } else { whole.len().saturating_sub(parser.rest.len()) };
            let mut number = 1;
            for script in scripts {
                if at <= script.len() {
                    break;
                }
                at -= script.len() + 1;
                number += 1;
            }
            Err((format!("-e expression #{number}, char {at}: {message}"), 1))
        }
    }
}

const UNMATCHED: &str = "unmatched `{'";
const OPEN: &str = "unterminated `s' command";

fn unsupported(what: &str) -> String {
    format!("`{what}` is not supported in this terminal; supported: {SUPPORTED}")
}

impl<'a> Parser<'a> {
    fn commands(&mut self) -> Result<Vec<Command>, String> {
        let mut commands: Vec<Command> = Vec::new();
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\t', '\n', ';']);
            if self.rest.starts_with('#') {
                self.line();
                continue;
            }
            if self.rest.is_empty() {
                break;
            }
            if commands.len() >= MAX_COMMANDS {
                return Err(format!("a script of more than {MAX_COMMANDS} commands is not supported in this terminal"));
            }
            let command = self.command(commands.len())?;
            if matches!(command.action, Action::Plain('}')) {
                let place = commands.len();
                let opened = self.open.pop().ok_or("unexpected `}'")?;
                if let Some(Command { action: Action::Block(end), .. }) = commands.get_mut(opened) {
                    *end = place;
                }
            }
            commands.push(command);
        }
        if !self.open.is_empty() {
            return Err(UNMATCHED.to_owned());
        }
        let labels: Vec<(String, usize)> = commands
            .iter()
            .enumerate()
            .filter_map(|(place, command)| match &command.action {
                Action::Label(name) => Some((name.clone(), place)),
                _ => None,
            })
            .collect();
        for (name, at) in self.wanted(&commands) {
            let place = labels.iter().find(|(known, _)| *known == name).map(|(_, place)| *place);
            let place = place.ok_or_else(|| format!("can't find label for jump to `{name}'"))?;
            if let Some(Command { action, .. }) = commands.get_mut(at)
                && let Action::Read(text) = action
            {
                let letter = text.chars().next().unwrap_or('b');
                *action = Action::Branch(letter, Some(place));
            }
        }
        Ok(commands)
    }

    /// Jumps that still wait for their labels (kept as `\0` and the letter before the name).
    fn wanted(&self, commands: &[Command]) -> Vec<(String, usize)> {
        let jump = |command: &Command| match &command.action {
            Action::Read(text) => text.split_once('\0').map(|(_, name)| name.to_owned()),
            _ => None,
        };
        commands.iter().enumerate().filter_map(|(at, command)| Some((jump(command)?, at))).collect()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = self.rest.get(c.len_utf8()..).unwrap_or_default();
        Some(c)
    }

    fn eat(&mut self, token: char) -> bool {
        let found = self.rest.starts_with(token);
        if found {
            self.next();
        }
        found
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// The rest of the line, passed.
    fn line(&mut self) -> &'a str {
        let (line, after) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = after;
        line
    }

    fn number(&mut self) -> Option<usize> {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = self.rest.split_at(digits);
        let number = number.parse().ok()?;
        self.rest = after;
        Some(number)
    }

    fn command(&mut self, place: usize) -> Result<Command, String> {
        let from = self.address()?;
        let mut to = None;
        self.blanks();
        if from.is_some() && self.eat(',') {
            self.blanks();
            to = Some(self.second_address()?);
        }
        self.blanks();
        let mut negated = false;
        while self.eat('!') {
            negated = true;
            self.blanks();
        }
        let Some(letter) = self.next() else { return Err("missing command".to_owned()) };
        if matches!(from, Some(Address::Line(0))) && !matches!(to, Some(Address::Match(_))) {
            return Err("invalid usage of line address 0".to_owned());
        }
        let action = match letter {
            'p' | 'P' | 'd' | 'D' | '=' | 'n' | 'N' | 'g' | 'G' | 'h' | 'H' | 'x' | 'z' => Action::Plain(letter),
            '}' if from.is_some() => return Err("} doesn't want any addresses".to_owned()),
            '}' => Action::Plain('}'),
            '{' => {
                self.open.push(place);
                return Ok(Command { from, to, negated, action: Action::Block(place), active: None });
            }
            'q' | 'Q' => {
                if to.is_some() {
                    return Err("command only uses one address".to_owned());
                }
                self.blanks();
                let code = self.number().unwrap_or(0);
                Action::Quit(i32::try_from(code).unwrap_or(1) & 255, letter == 'q')
            }
            'a' | 'i' | 'c' => {
                let text = self.text()?;
                let action = match letter {
                    'a' => Action::Append(text),
                    'i' => Action::Insert(text),
                    _ => Action::Change(text),
                };
                return Ok(Command { from, to, negated, action, active: None });
            }
            'r' | 'w' => {
                let file = self.line().trim_start_matches([' ', '\t']).to_owned();
                if file.is_empty() {
                    return Err("missing filename in r/R/w/W commands".to_owned());
                }
                let action = if letter == 'r' { Action::Read(file) } else { Action::Write(file) };
                return Ok(Command { from, to, negated, action, active: None });
            }
            ':' if from.is_some() => return Err(": doesn't want any addresses".to_owned()),
            ':' | 'b' | 't' | 'T' => {
                self.blanks();
                let length = self.rest.find(['\n', ';', '}']).filter(|_| letter != ':');
                let length = length.or(self.rest.find(['\n', ';'])).unwrap_or(self.rest.len());
                let (name, after) = self.rest.split_at(length);
                let name = name.trim_end().to_owned();
                self.rest = after;
                match letter {
                    ':' if name.is_empty() => return Err("\":\" lacks a label".to_owned()),
                    ':' => Action::Label(name),
                    letter if name.is_empty() => Action::Branch(letter, None),
                    letter => Action::Read(format!("{letter}\0{name}")),
                }
            }
            'y' => self.transliteration()?,
            's' => self.substitution()?,
            'e' | 'l' | 'F' | 'R' | 'W' | 'v' => return Err(unsupported(&letter.to_string())),
            other => return Err(format!("unknown command: `{other}'")),
        };
        self.blanks();
        if !self.rest.is_empty() && !self.rest.starts_with([';', '\n', '}', '#']) {
            self.next();
            return Err("extra characters after command".to_owned());
        }
        Ok(Command { from, to, negated, action, active: None })
    }

    /// The text of `a`, `i` and `c`, with a newline at its end.
    fn text(&mut self) -> Result<String, String> {
        self.blanks();
        if self.rest.is_empty() {
            return Err("expected \\ after `a', `c' or `i'".to_owned());
        }
        if self.eat('\\') {
            let before = self.rest;
            self.blanks();
            // `a\` and the text on the next line, or `a\text`, which keeps its blanks.
            if !self.eat('\n') {
                self.rest = before;
            }
        }
        let mut text = String::new();
        while let Some(c) = self.next() {
            match c {
                '\n' => break,
                '\\' => match self.next() {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    other => text.extend(other),
                },
                c => text.push(c),
            }
        }
        text.push('\n');
        Ok(text)
    }

    fn address(&mut self) -> Result<Option<Address>, String> {
        if self.eat('$') {
            return Ok(Some(Address::Last));
        }
        if self.rest.starts_with(['/', '\\']) {
            let delimiter =
                if self.eat('\\') { self.next().ok_or("unexpected end")? } else { self.next().unwrap_or('/') };
            let pattern = self.delimited(delimiter).ok_or("unterminated address regex")?;
            let ignore_case = self.eat('I');
            return Ok(Some(Address::Match(self.regex(&pattern, ignore_case)?)));
        }
        let Some(first) = self.number() else { return Ok(None) };
        if self.eat('~') {
            let step = self.number().unwrap_or(0);
            return Ok(Some(if step == 0 { Address::Line(first) } else { Address::Step(first, step) }));
        }
        Ok(Some(Address::Line(first)))
    }

    fn second_address(&mut self) -> Result<Address, String> {
        for sign in ['+', '~'] {
            if self.eat(sign) {
                let Some(count) = self.number() else { return Err("expected number".to_owned()) };
                return Ok(if sign == '+' { Address::Lines(count) } else { Address::Multiple(count) });
            }
        }
        self.address()?.ok_or_else(|| "unexpected `,'".to_owned())
    }

    fn regex(&self, pattern: &str, ignore_case: bool) -> Result<Option<regex_lite::Regex>, String> {
        if pattern.is_empty() {
            return Ok(None);
        }
        compile(&with_control_characters(pattern), self.syntax, ignore_case).map(Some)
    }

    /// The text up to an unescaped delimiter. An escaped delimiter means itself.
    fn delimited(&mut self, delimiter: char) -> Option<String> {
        let mut out = String::new();
        let mut bracket = None;
        loop {
            let rest = self.rest;
            let c = self.next()?;
            match c {
                '\\' => {
                    let escaped = self.next()?;
                    if escaped != delimiter {
                        out.push('\\');
                    }
                    out.push(escaped);
                    continue;
                }
                c if c == delimiter && bracket.is_none() => return Some(out),
                '[' if bracket.is_none() && rest.contains(']') => bracket = Some(out.len()),
                // The first character of a set may be `]`.
                ']' => {
                    let inside = bracket.and_then(|from| out.get(from + 1..));
                    let class = inside.is_some_and(|inside| {
                        inside.rfind("[:").is_some_and(|at| !inside.get(at..).is_some_and(|open| open.contains(":]")))
                            && !inside.ends_with(':')
                    });
                    if inside.is_some_and(|inside| !inside.is_empty() && inside != "^") && !class {
                        let ends_class = inside.is_some_and(|inside| inside.ends_with(':') && inside.contains("[:"));
                        if !ends_class {
                            bracket = None;
                        }
                    }
                }
                _ => {}
            }
            out.push(c);
        }
    }

    fn transliteration(&mut self) -> Result<Action, String> {
        const OPEN: &str = "unterminated `y' command";
        let delimiter = self.next().filter(|c| *c != '\n' && *c != '\\').ok_or(OPEN)?;
        let mut side = || -> Result<Vec<char>, String> {
            let mut out = Vec::new();
            loop {
                match self.next().ok_or(OPEN)? {
                    '\\' => match self.next().ok_or(OPEN)? {
                        'n' => out.push('\n'),
                        't' => out.push('\t'),
                        c if c == delimiter || c == '\\' => out.push(c),
                        c => out.extend(['\\', c]),
                    },
                    c if c == delimiter => return Ok(out),
                    c => out.push(c),
                }
            }
        };
        let (from, to) = (side()?, side()?);
        if from.len() != to.len() {
            return Err("strings for `y' command are different lengths".to_owned());
        }
        Ok(Action::Transliterate(from.into_iter().zip(to).collect()))
    }

    fn substitution(&mut self) -> Result<Action, String> {
        let delimiter = self.next().filter(|c| *c != '\n' && *c != '\\').ok_or(OPEN)?;
        let pattern = self.delimited(delimiter).ok_or(OPEN)?;
        let mut replacement = Vec::new();
        loop {
            match self.next().ok_or(OPEN)? {
                c if c == delimiter => break,
                '\\' => match self.next().ok_or(OPEN)? {
                    c if c == delimiter && !c.is_ascii_digit() => add(&mut replacement, c),
                    digit @ '0'..='9' => replacement.push(Piece::Group(digit as usize - '0' as usize)),
                    'n' => add(&mut replacement, '\n'),
                    't' => add(&mut replacement, '\t'),
                    'r' => add(&mut replacement, '\r'),
                    letter @ ('U' | 'L' | 'u' | 'l' | 'E') => replacement.push(Piece::Case(letter)),
                    other => add(&mut replacement, other),
                },
                '&' => replacement.push(Piece::Group(0)),
                c => add(&mut replacement, c),
            }
        }
        let (mut global, mut ignore_case, mut print, mut nth, mut write) = (false, false, false, 1, None);
        while let Some(flag) = self.rest.chars().next() {
            if flag.is_ascii_digit() {
                nth = self.number().filter(|nth| *nth > 0).ok_or("number option to `s' command may not be zero")?;
                continue;
            }
            if matches!(flag, ' ' | '\t' | '\n' | ';' | '}' | '#') {
                break;
            }
            self.next();
            match flag {
                'g' => global = true,
                'i' | 'I' => ignore_case = true,
                'p' => print = true,
                'w' => {
                    let file = self.line().trim_start_matches([' ', '\t']).to_owned();
                    if file.is_empty() {
                        return Err("missing filename in r/R/w/W commands".to_owned());
                    }
                    write = Some(file);
                    break;
                }
                'e' | 'm' | 'M' => return Err(unsupported(&format!("s///{flag}"))),
                _ => return Err("unknown option to `s'".to_owned()),
            }
        }
        let regex = self.regex(&pattern, ignore_case)?;
        let most = regex.as_ref().map_or(10, regex_lite::Regex::captures_len);
        if let Some(Piece::Group(group)) =
            replacement.iter().find(|piece| matches!(piece, Piece::Group(group) if *group >= most))
        {
            return Err(format!("invalid reference \\{group} on `s' command's RHS"));
        }
        Ok(Action::Substitute(Box::new(Substitution { regex, replacement, global, nth, print, write })))
    }
}

fn add(replacement: &mut Vec<Piece>, c: char) {
    match replacement.last_mut() {
        Some(Piece::Text(text)) => text.push(c),
        _ => replacement.push(Piece::Text(c.into())),
    }
}
