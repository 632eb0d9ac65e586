//! sed: `s///[gpiN]`, `p`, `d`, `q`, `=` with addresses `N`, `$`, `/re/` and pairs of them; `-n -E -e -i`.

use regex_lite::{Captures, Regex};

use super::regex::{Syntax, compile};
use super::{Call, Options};

const SUPPORTED: &str = "s/a/b/[gpiN], p, d, q, = with addresses N, $, /re/ and ranges of them";

/// Where a command applies.
enum Address {
    Line(usize),
    Last,
    Match(Regex),
}

/// A piece of what `s` puts in.
enum Piece {
    Text(String),
    Group(usize),
}

enum Action {
    Print,
    Delete,
    Quit,
    Number,
    Substitute { regex: Regex, replacement: Vec<Piece>, global: bool, nth: usize, print: bool },
}

struct Command {
    from: Option<Address>,
    to: Option<Address>,
    negated: bool,
    action: Action,
    /// Inside a range.
    active: bool,
}

/// The most commands in a script.
const MAX_COMMANDS: usize = 50;

pub(super) fn sed(call: &mut Call<'_>) -> i32 {
    let long = [("quiet", 'n'), ("silent", 'n'), ("regexp-extended", 'E'), ("expression", 'e'), ("in-place", 'i')];
    let options = match Options::read(call, "nErisu", "e", &long) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let mut operands = options.operands.clone();
    let mut scripts: Vec<String> = options.values('e').map(str::to_owned).collect();
    if scripts.is_empty() {
        if operands.is_empty() {
            call.err("Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n");
            return 1;
        }
        scripts.push(operands.remove(0));
    }
    let syntax = if options.has('E') || options.has('r') { Syntax::Extended } else { Syntax::Basic };
    let mut commands = match parse(&scripts.join("\n"), syntax) {
        Ok(commands) => commands,
        Err(message) => {
            call.complain(&message);
            return 2;
        }
    };
    let quiet = options.has('n');
    if options.has('i') {
        if operands.is_empty() {
            call.complain("no input files");
            return 1;
        }
        let mut exit = 0;
        for path in &operands {
            let text = match call.read(path) {
                Ok(text) => text,
                Err(error) => {
                    call.complain(&format!("can't read {path}: {error}"));
                    exit = 2;
                    continue;
                }
            };
            commands.iter_mut().for_each(|command| command.active = false);
            let edited = apply(&mut commands, &text, quiet);
            if let Err(error) = call.workstation.write(path, &edited) {
                call.complain(&format!("couldn't write {path}: {error}"));
                exit = 4;
            }
        }
        return exit;
    }
    let (inputs, failed) = call.inputs(&operands, |path, reason| format!("can't read {path}: {reason}"));
    let mut text = String::new();
    for (_, input) in inputs {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&input);
    }
    let out = apply(&mut commands, &text, quiet);
    call.out(&out);
    if failed { 2 } else { 0 }
}

fn apply(commands: &mut [Command], text: &str, quiet: bool) -> String {
    let total = text.split_inclusive('\n').count();
    let mut out = String::new();
    'lines: for (at, whole) in text.split_inclusive('\n').enumerate() {
        if out.len() > super::MAX_TOOL_OUTPUT {
            break;
        }
        let (line, end) = whole.strip_suffix('\n').map_or((whole, ""), |line| (line, "\n"));
        let mut space = line.to_owned();
        let (number, last) = (at + 1, at + 1 == total);
        // A line that is printed twice needs its newline in between even at the end of the text.
        let emit = |out: &mut String, space: &str| {
            if !out.is_empty() && !out.ends_with('\n') {
                out.push('\n');
            }
            out.push_str(space);
            out.push_str(end);
        };
        let mut quit = false;
        for command in commands.iter_mut() {
            if applies(command, &space, number, last) == command.negated {
                continue;
            }
            match &command.action {
                Action::Print => emit(&mut out, &space),
                Action::Number => out.push_str(&format!("{number}\n")),
                Action::Delete => continue 'lines,
                Action::Quit => {
                    quit = true;
                    break;
                }
                Action::Substitute { regex, replacement, global, nth, print } => {
                    let (changed, any) = substitute(&space, regex, replacement, *global, *nth);
                    space = changed;
                    if any && *print {
                        emit(&mut out, &space);
                    }
                }
            }
        }
        if !quiet {
            emit(&mut out, &space);
        }
        if quit {
            break;
        }
    }
    out
}

fn applies(command: &mut Command, space: &str, number: usize, last: bool) -> bool {
    let hits = |address: &Address| match address {
        Address::Line(line) => *line == number,
        Address::Last => last,
        Address::Match(regex) => regex.is_match(space),
    };
    let Some(from) = &command.from else { return true };
    let Some(to) = &command.to else { return hits(from) };
    if command.active {
        command.active = match to {
            Address::Line(line) => number < *line,
            to => !hits(to),
        };
        // Past a line number already: the range has ended before this line.
        return !matches!(to, Address::Line(line) if number > *line);
    }
    if !hits(from) {
        return false;
    }
    command.active = match to {
        Address::Line(line) => number < *line,
        Address::Last => !last,
        Address::Match(_) => true,
    };
    true
}

fn substitute(text: &str, regex: &Regex, replacement: &[Piece], global: bool, nth: usize) -> (String, bool) {
    let mut out = String::new();
    let (mut done, mut count) = (0, 0);
    let mut any = false;
    for captures in regex.captures_iter(text) {
        let Some(whole) = captures.get(0) else { continue };
        // An empty match right after the match before does not count.
        if whole.is_empty() && whole.start() == done && count > 0 && done > 0 {
            continue;
        }
        count += 1;
        if count < nth || out.len() > super::MAX_TOOL_OUTPUT {
            continue;
        }
        out.push_str(text.get(done..whole.start()).unwrap_or_default());
        insert(&mut out, replacement, &captures);
        done = whole.end();
        any = true;
        if !global {
            break;
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    (out, any)
}

fn insert(out: &mut String, replacement: &[Piece], captures: &Captures<'_>) {
    for piece in replacement {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Group(group) => out.push_str(captures.get(*group).map_or("", |found| found.as_str())),
        }
    }
}

fn unsupported(what: &str) -> String {
    format!("`{what}` is not supported in this terminal; supported: {SUPPORTED}")
}

fn parse(script: &str, syntax: Syntax) -> Result<Vec<Command>, String> {
    let mut commands = Vec::new();
    let mut rest = script;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', ';']);
        if rest.is_empty() {
            return Ok(commands);
        }
        if commands.len() >= MAX_COMMANDS {
            return Err(format!("a script of more than {MAX_COMMANDS} commands is not supported in this terminal"));
        }
        let command;
        (command, rest) = one(rest, syntax)?;
        commands.push(command);
        rest = rest.trim_start_matches([' ', '\t']);
        if !rest.is_empty() && !rest.starts_with([';', '\n']) {
            return Err(unsupported(rest.split(['\n', ';']).next().unwrap_or(rest)));
        }
    }
}

fn one(text: &str, syntax: Syntax) -> Result<(Command, &str), String> {
    let (from, mut rest) = address(text, syntax)?;
    let mut to = None;
    if from.is_some() {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(',') {
            (to, rest) = address(after.trim_start(), syntax)?;
            if to.is_none() {
                return Err("unexpected `,'".to_owned());
            }
        }
    }
    rest = rest.trim_start();
    let negated = rest.starts_with('!');
    rest = rest.strip_prefix('!').unwrap_or(rest).trim_start();
    let Some(letter) = rest.chars().next() else { return Err("missing command".to_owned()) };
    let after = rest.get(letter.len_utf8()..).unwrap_or_default();
    let (action, rest) = match letter {
        'p' => (Action::Print, after),
        'd' => (Action::Delete, after),
        'q' => (Action::Quit, after),
        '=' => (Action::Number, after),
        's' => substitution(after, syntax)?,
        other => return Err(unsupported(&other.to_string())),
    };
    Ok((Command { from, to, negated, action, active: false }, rest))
}

fn address(text: &str, syntax: Syntax) -> Result<(Option<Address>, &str), String> {
    if let Some(rest) = text.strip_prefix('$') {
        return Ok((Some(Address::Last), rest));
    }
    if text.starts_with('/') {
        let (pattern, rest) = delimited(text.get(1..).unwrap_or_default(), '/').ok_or("unterminated address regex")?;
        if pattern.is_empty() {
            return Err(unsupported("//"));
        }
        let (ignore_case, rest) = rest.strip_prefix('I').map_or((false, rest), |rest| (true, rest));
        return Ok((Some(Address::Match(compile(&pattern, syntax, ignore_case)?)), rest));
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return Ok((None, text));
    }
    let (number, rest) = text.split_at(digits);
    if rest.starts_with('~') {
        return Err(unsupported("first~step"));
    }
    let number = number.parse().map_err(|_| "invalid usage of line address".to_owned())?;
    if number == 0 {
        return Err("invalid usage of line address 0".to_owned());
    }
    Ok((Some(Address::Line(number)), rest))
}

/// The text up to an unescaped delimiter, and what follows. An escaped delimiter means itself.
fn delimited(text: &str, delimiter: char) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut bracket = false;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                let (_, escaped) = chars.next()?;
                if escaped != delimiter {
                    out.push('\\');
                }
                out.push(escaped);
            }
            c if c == delimiter && !bracket => return Some((out, text.get(at + c.len_utf8()..)?)),
            c => {
                match c {
                    '[' => bracket = text.get(at..)?.contains(']'),
                    // The first character of a set may be `]`.
                    ']' if bracket && !out.ends_with('[') && !out.ends_with("[^") => bracket = false,
                    _ => {}
                }
                out.push(c);
            }
        }
    }
    None
}

fn substitution(text: &str, syntax: Syntax) -> Result<(Action, &str), String> {
    const OPEN: &str = "unterminated `s' command";
    let delimiter = text.chars().next().filter(|c| *c != '\n' && *c != '\\').ok_or(OPEN)?;
    let (pattern, rest) = delimited(text.get(delimiter.len_utf8()..).unwrap_or_default(), delimiter).ok_or(OPEN)?;
    if pattern.is_empty() {
        return Err(unsupported("an empty pattern"));
    }
    let mut replacement = Vec::new();
    let mut chars = rest.char_indices();
    let end = loop {
        let (at, c) = chars.next().ok_or(OPEN)?;
        match c {
            c if c == delimiter => break at + c.len_utf8(),
            '\\' => match chars.next().ok_or(OPEN)?.1 {
                digit @ '0'..='9' => replacement.push(Piece::Group(digit as usize - '0' as usize)),
                'n' => add(&mut replacement, '\n'),
                't' => add(&mut replacement, '\t'),
                letter @ ('U' | 'L' | 'u' | 'l' | 'E') => return Err(unsupported(&format!("\\{letter}"))),
                other => add(&mut replacement, other),
            },
            '&' => replacement.push(Piece::Group(0)),
            c => add(&mut replacement, c),
        }
    };
    let mut rest = rest.get(end..).unwrap_or_default();
    let (mut global, mut ignore_case, mut print, mut nth) = (false, false, false, 1);
    while let Some(flag) = rest.chars().next() {
        match flag {
            'g' => global = true,
            'i' | 'I' => ignore_case = true,
            'p' => print = true,
            '1'..='9' => nth = flag as usize - '0' as usize,
            ' ' | '\t' | '\n' | ';' => break,
            other => return Err(unsupported(&format!("s///{other}"))),
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    let regex = compile(&pattern, syntax, ignore_case)?;
    let most = regex.captures_len();
    if let Some(Piece::Group(group)) = replacement.iter().find(|p| matches!(p, Piece::Group(group) if *group >= most)) {
        return Err(format!("invalid reference \\{group} on `s' command's RHS"));
    }
    Ok((Action::Substitute { regex, replacement, global, nth, print }, rest))
}

fn add(replacement: &mut Vec<Piece>, c: char) {
    match replacement.last_mut() {
        Some(Piece::Text(text)) => text.push(c),
        _ => replacement.push(Piece::Text(c.into())),
    }
}
