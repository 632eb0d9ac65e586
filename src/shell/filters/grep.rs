//! grep, with `-E -F -G -P -i -v -c -l -L -n -o -q -s -w -x -h -H -m -e -A -B -C -r`.

use regex_lite::Regex;

use super::regex::{KEPT, Syntax, compile, is_whole_word};
use super::{Call, Options, lines, plainly};

pub(super) fn grep(call: &mut Call<'_>) -> i32 {
    run(call, Syntax::Basic)
}

pub(super) fn egrep(call: &mut Call<'_>) -> i32 {
    run(call, Syntax::Extended)
}

pub(super) fn fgrep(call: &mut Call<'_>) -> i32 {
    run(call, Syntax::Fixed)
}

const LONG: &[(&str, char)] = &[
    ("after-context", 'A'),
    ("before-context", 'B'),
    ("context", 'C'),
    ("count", 'c'),
    ("extended-regexp", 'E'),
    ("files-with-matches", 'l'),
    ("files-without-match", 'L'),
    ("fixed-strings", 'F'),
    ("ignore-case", 'i'),
    ("invert-match", 'v'),
    ("line-number", 'n'),
    ("line-regexp", 'x'),
    ("max-count", 'm'),
    ("no-filename", 'h'),
    ("no-messages", 's'),
    ("only-matching", 'o'),
    ("perl-regexp", 'P'),
    ("quiet", 'q'),
    ("regexp", 'e'),
    ("silent", 'q'),
    ("with-filename", 'H'),
    ("word-regexp", 'w'),
];

/// What decides about a line.
struct Matcher {
    patterns: Vec<Regex>,
    whole_words: bool,
    whole_lines: bool,
    /// `\K` stands in an expression.
    keeps: bool,
}

impl Matcher {
    /// The first match at or after `from`.
    fn find(&self, line: &str, from: usize) -> Option<(usize, usize)> {
        let one = |pattern: &Regex| {
            let mut at = from;
            loop {
                let found = pattern.find_at(line, at)?;
                let mut range = (found.start(), found.end());
                let whole = range == (0, line.len());
                if self.keeps {
                    let kept = pattern.captures_at(line, at).and_then(|captures| captures.name(KEPT));
                    range.0 = kept.map_or(range.0, |kept| kept.start());
                }
                if (!self.whole_lines || whole) && (!self.whole_words || is_whole_word(line, range.0, range.1)) {
                    return Some(range);
                }
                at = line.get(range.0..)?.chars().next().map(|c| range.0 + c.len_utf8())?;
            }
        };
        self.patterns.iter().filter_map(one).min_by_key(|(start, end)| (*start, std::cmp::Reverse(*end)))
    }
}

/// The most expressions in one call.
const MAX_PATTERNS: usize = 20;

fn run(call: &mut Call<'_>, mut syntax: Syntax) -> i32 {
    // Nothing is coloured here, as it is not when the output is no terminal.
    let is_colour = |arg: &&String| ["--color", "--colour"].iter().any(|name| arg.split('=').next() == Some(name));
    let args: Vec<String> = call.args.iter().filter(|arg| !is_colour(arg)).cloned().collect();
    let options = match Options::read_from(call, &args, "EFGPivclLnoqswxhHr", "eABCm", LONG) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    for (letter, _) in &options.given {
        syntax = match letter {
            'E' => Syntax::Extended,
            'F' => Syntax::Fixed,
            'G' => Syntax::Basic,
            'P' => Syntax::Perl,
            _ => syntax,
        };
    }
    if options.has('r') {
        return call.unsupported("-r", "the files named one by one, or a pattern such as *.yaml");
    }
    let mut operands = options.operands.clone();
    let mut patterns: Vec<String> = options.values('e').map(str::to_owned).collect();
    if patterns.is_empty() {
        if operands.is_empty() {
            call.err("Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n");
            return 2;
        }
        patterns.push(operands.remove(0));
    }
    let patterns: Vec<&str> = patterns.iter().flat_map(|pattern| pattern.split('\n')).collect();
    if patterns.len() > 1 && syntax == Syntax::Perl {
        call.complain("the -P option only supports a single pattern");
        return 2;
    }
    if patterns.len() > MAX_PATTERNS {
        return call.unsupported("that many patterns", &format!("{MAX_PATTERNS} patterns"));
    }
    let mut matcher =
        Matcher { patterns: Vec::new(), whole_words: options.has('w'), whole_lines: options.has('x'), keeps: false };
    for pattern in patterns {
        let pattern = if options.has('x') && syntax != Syntax::Fixed {
            match syntax {
                Syntax::Extended => format!("^({pattern})$"),
                Syntax::Perl => format!("^(?:{pattern})$"),
                _ => format!("^\\({pattern}\\)$"),
            }
        } else {
            pattern.to_owned()
        };
        match compile(&pattern, syntax, options.has('i')) {
            Ok(regex) => {
                matcher.keeps |= regex.capture_names().flatten().any(|name| name == KEPT);
                matcher.patterns.push(regex);
            }
            Err(message) => {
                call.complain(&message);
                return 2;
            }
        }
    }
    let mut numbers = [0usize, 0, usize::MAX];
    for (place, letters) in [(0, "AC"), (1, "BC"), (2, "m")] {
        let given = options.given.iter().rev().find(|(letter, _)| letters.contains(*letter));
        if let (Some((letter, Some(value))), Some(number)) = (given, numbers.get_mut(place)) {
            match value.parse() {
                Ok(parsed) => *number = parsed,
                Err(_) => {
                    let what = if *letter == 'm' { "invalid max count" } else { "invalid context length argument" };
                    call.complain(&if *letter == 'm' { what.to_owned() } else { format!("{value}: {what}") });
                    return 2;
                }
            }
        }
    }
    let [after, before, most] = numbers;
    let (inputs, mut failed) = if options.has('s') {
        let readable: Vec<String> = operands.iter().filter(|path| call.workstation.is_file(path)).cloned().collect();
        let missing = readable.len() < operands.len();
        if readable.is_empty() && missing { (Vec::new(), true) } else { (call.inputs(&readable, plainly).0, missing) }
    } else {
        call.inputs(&operands, plainly)
    };
    let named = (operands.len() > 1 || options.has('H')) && !options.has('h');
    let mut any = false;
    for (path, text) in &inputs {
        let path = if path == "-" { "(standard input)" } else { path };
        let head = |mark: char| if named { format!("{path}{mark}") } else { String::new() };
        let numbered =
            |at: usize, mark: char| if options.has('n') { format!("{}{mark}", at + 1) } else { String::new() };
        let all: Vec<&str> = lines(text).collect();
        let mut found: Vec<usize> = Vec::new();
        for (at, line) in all.iter().enumerate() {
            if found.len() >= most {
                break;
            }
            if matcher.find(line, 0).is_some() != options.has('v') {
                found.push(at);
            }
        }
        let lists_without = options.has('L') && !options.has('q');
        any |= found.is_empty() == lists_without;
        if options.has('q') {
            continue;
        }
        if lists_without {
            if found.is_empty() {
                call.out(&format!("{path}\n"));
            }
            continue;
        }
        if options.has('l') {
            if !found.is_empty() {
                call.out(&format!("{path}\n"));
            }
        } else if options.has('c') {
            call.out(&format!("{}{}\n", head(':'), found.len()));
        } else if options.has('o') {
            for at in found.into_iter().filter(|_| !options.has('v')) {
                let line = all.get(at).copied().unwrap_or_default();
                let mut from = 0;
                while let Some((start, end)) = matcher.find(line, from).filter(|_| !call.is_full()) {
                    if end > start {
                        let text = line.get(start..end).unwrap_or_default();
                        call.out(&format!("{}{}{text}\n", head(':'), numbered(at, ':')));
                        from = end;
                    } else {
                        match line.get(end..).and_then(|rest| rest.chars().next()) {
                            Some(c) => from = end + c.len_utf8(),
                            None => break,
                        }
                    }
                }
            }
        } else {
            let mut shown: Option<usize> = None;
            for (nth, &at) in found.iter().enumerate() {
                let from = at.saturating_sub(before).max(shown.map_or(0, |shown| shown + 1));
                if (after > 0 || before > 0) && shown.is_some_and(|shown| from > shown + 1) {
                    call.out("--\n");
                }
                let limit = found.get(nth + 1).copied().unwrap_or(all.len());
                let to = at.saturating_add(after).min(limit.saturating_sub(1)).min(all.len().saturating_sub(1)).max(at);
                for (number, line) in all.iter().enumerate().take(to + 1).skip(from) {
                    let mark = if number == at { ':' } else { '-' };
                    call.out(&format!("{}{}{line}\n", head(mark), numbered(number, mark)));
                }
                shown = Some(to);
            }
        }
    }
    failed &= !(options.has('q') && any);
    if failed { 2 } else { i32::from(!any) }
}
