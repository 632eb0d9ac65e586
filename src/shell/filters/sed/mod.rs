//! sed: the commands, addresses and flags of GNU sed, without `e`, `l`, `M` and back-references in patterns.
//!
//! [`parse`] reads the script into a flat list of commands, [`run`] takes lines through it.

mod parse;
mod run;

use regex_lite::Regex;

use super::{Call, Options};

const SUPPORTED: &str =
    "s y p P d D q Q n N g G h H x a i c r w = z b t T : { }, with addresses N, $, /re/, first~step and ranges of them";

/// Where a command applies.
enum Address {
    Line(usize),
    Last,
    /// `first~step`.
    Step(usize, usize),
    /// Without one: the one used last.
    Match(Option<Regex>),
    /// `+N` and `~N` after a comma.
    Lines(usize),
    Multiple(usize),
}

/// A piece of what `s` puts in.
enum Piece {
    Text(String),
    Group(usize),
    /// `\U`, `\L`, `\u`, `\l`, `\E`.
    Case(char),
}

struct Substitution {
    /// Without one: the one used last.
    regex: Option<Regex>,
    replacement: Vec<Piece>,
    global: bool,
    nth: usize,
    print: bool,
    write: Option<String>,
}

enum Action {
    /// One of `p P d D = n N g G h H x z`, and of `}`, which does nothing.
    Plain(char),
    /// `q`, `Q`: true if the pattern space is printed.
    Quit(i32, bool),
    Append(String),
    Insert(String),
    Change(String),
    Transliterate(Vec<(char, char)>),
    Read(String),
    Write(String),
    /// Goes on after the command of that place.
    Block(usize),
    Label(String),
    /// `b`, `t`, `T`: where it goes; the end without a label.
    Branch(char, Option<usize>),
    Substitute(Box<Substitution>),
}

struct Command {
    from: Option<Address>,
    to: Option<Address>,
    negated: bool,
    action: Action,
    /// Inside a range: up to that line, or without one to where the second address says.
    active: Option<Option<usize>>,
}

pub(super) fn sed(call: &mut Call<'_>) -> i32 {
    let long = [
        ("quiet", 'n'),
        ("silent", 'n'),
        ("regexp-extended", 'E'),
        ("expression", 'e'),
        ("file", 'f'),
        ("separate", 's'),
        ("unbuffered", 'u'),
        ("in-place", 'i'),
    ];
    // `-i` has a value only if it is attached.
    let (mut args, mut suffix) = (Vec::new(), None);
    let mut before = "";
    for arg in call.args {
        let letters = arg.strip_prefix('-').filter(|letters| !letters.starts_with('-')).unwrap_or_default();
        let flags = letters.bytes().take_while(|b| b"nErsu".contains(b)).count();
        if let Some(given) = arg.strip_prefix("--in-place=") {
            suffix = Some(given.to_owned());
            args.push("-i".to_owned());
        } else if before != "-e"
            && before != "-f"
            && letters.as_bytes().get(flags) == Some(&b'i')
            && letters.len() > flags + 1
        {
            suffix = letters.get(flags + 1..).map(str::to_owned);
            args.push(format!("-{}i", letters.get(..flags).unwrap_or_default()));
        } else {
            args.push(arg.clone());
        }
        before = arg;
    }
    let options = match Options::read_from(call, &args, "nErisu", "ef", &long) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let mut operands = options.operands.clone();
    let mut scripts = Vec::new();
    for (letter, value) in &options.given {
        match (letter, value) {
            ('e', Some(script)) => scripts.push(script.clone()),
            ('f', Some(path)) => match call.read(path) {
                Ok(text) => scripts.push(text.strip_suffix('\n').unwrap_or(&text).to_owned()),
                Err(error) => {
                    call.complain(&format!("couldn't open file {path}: {error}"));
                    return 4;
                }
            },
            _ => {}
        }
    }
    if scripts.is_empty() {
        if operands.is_empty() {
            call.err("Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n");
            return 1;
        }
        scripts.push(operands.remove(0));
    }
    let extended = options.has('E') || options.has('r');
    let commands = match parse::script(&scripts, extended) {
        Ok(commands) => commands,
        Err((message, exit)) => {
            call.complain(&message);
            return exit;
        }
    };
    let in_place = options.has('i');
    if in_place && operands.is_empty() {
        call.complain("no input files");
        return 4;
    }
    let quiet = options.has('n') || scripts.first().is_some_and(|script| script == "#n" || script.starts_with("#n\n"));
    let mut runner = run::Runner::new(commands, quiet);
    let mut exit = 0;
    if in_place || options.has('s') {
        for path in &operands {
            let text = match call.read(path) {
                Ok(text) => text,
                Err(error) => {
                    call.complain(&format!("can't read {path}: {error}"));
                    exit = 2;
                    continue;
                }
            };
            let done = runner.file(call, &text);
            let out = runner.take_output();
            if in_place {
                if let Some(suffix) = &suffix {
                    let backup =
                        if suffix.contains('*') { suffix.replace('*', path) } else { format!("{path}{suffix}") };
                    if let Err(error) = call.workstation.write(&backup, &text) {
                        call.complain(&format!("couldn't write {backup}: {error}"));
                    }
                }
                if let Err(error) = call.workstation.write(path, &out) {
                    call.complain(&format!("couldn't write {path}: {error}"));
                    exit = 4;
                }
            } else {
                call.out(&out);
            }
            if let Some(code) = ended(call, done) {
                exit = code;
                break;
            }
        }
    } else {
        let (inputs, failed) = call.inputs(&operands, |path, reason| format!("can't read {path}: {reason}"));
        exit = if failed { 2 } else { 0 };
        let mut text = String::new();
        for (_, input) in inputs {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&input);
        }
        let done = runner.file(call, &text);
        let out = runner.take_output();
        call.out(&out);
        exit = ended(call, done).unwrap_or(exit);
    }
    for (path, text) in runner.written {
        if let Err(error) = call.workstation.write(&path, &text) {
            call.complain(&format!("couldn't open file {path}: {error}"));
            exit = 4;
        }
    }
    exit
}

/// The exit code if the script ended before its input did.
fn ended(call: &mut Call<'_>, done: Result<Option<i32>, String>) -> Option<i32> {
    match done {
        Ok(code) => code,
        Err(message) => {
            call.complain(&message);
            Some(2)
        }
    }
}
