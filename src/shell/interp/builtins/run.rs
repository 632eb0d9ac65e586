//! Builtins that run other commands, or say which command would run.

use super::super::arrays;
use super::super::exec::{Io, Run, Shell, Stop};
use super::super::options::{Options, Refusal};
use super::super::print::single_quoted;
use super::{find, is_keyword, unsupported};
use crate::shell::io::Stdin;
use crate::shell::syntax::{Lines, is_name};
use crate::shell::{files, filters};

/// Runs a text in this shell, line by line.
pub(in super::super) fn run_text(shell: &mut Shell<'_>, text: &str, io: &Io) -> Run {
    let text = text.to_owned();
    let line = shell.line;
    let result = shell.call(|shell| {
        let mut status = 0;
        for parsed in Lines::new(&text) {
            match parsed {
                Ok(parsed) => {
                    status = match shell.list(&parsed.commands, io) {
                        Err(Stop::Line(status)) => {
                            shell.set_status(status);
                            status
                        }
                        other => other?,
                    }
                }
                Err(error) => {
                    shell.line = if shell.scripts > 0 { error.line } else { line };
                    shell.complain(io, &error.to_string())?;
                    return Ok(2);
                }
            }
        }
        Ok(status)
    });
    shell.line = line;
    result
}

pub(super) fn eval(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let text = args.join(" ");
    shell.work(text.len())?;
    run_text(shell, &text, io)
}

pub(super) fn source(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let Some(path) = args.first() else {
        shell.complain(io, "source: filename argument required")?;
        shell.write(&io.stderr, "source: usage: source filename [arguments]\n")?;
        return Ok(2);
    };
    match shell.text_of(path, io) {
        Ok(text) => {
            shell.work(text.len())?;
            let arguments = args.get(1..).unwrap_or_default();
            let old = (!arguments.is_empty()).then(|| arrays::set_positional(shell.host.workstation(), arguments));
            shell.returns += 1;
            let mut result = run_text(shell, &text, io);
            shell.returns -= 1;
            if let Ok(status) | Err(Stop::Return(status)) = result {
                shell.set_status(status);
                if let Err(stop) = shell.trap("RETURN", io) {
                    result = Err(stop);
                }
            }
            if let Some(old) = old {
                arrays::set_positional(shell.host.workstation(), &old);
            }
            match result {
                Err(Stop::Return(status)) => Ok(status),
                other => other,
            }
        }
        Err(error) => {
            shell.complain(io, &format!("{path}: {error}"))?;
            Ok(1)
        }
    }
}

/// `bash FILE ARGUMENTS`, `bash -c TEXT NAME ARGUMENTS`: a script in a shell of its own.
pub(super) fn bash(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let (mut rest, mut is_text, mut from_input) = (args, false, false);
    let mut options = Vec::new();
    let is_option = |arg: &str| arg.len() > 1 && arg.starts_with(['-', '+']);
    while let Some((option, after)) = rest.split_first().filter(|(arg, _)| is_option(arg)) {
        rest = after;
        match option.as_str() {
            "--" => break,
            "--login" | "--norc" | "--noprofile" => {}
            "--version" => {
                shell.out(io, VERSION)?;
                return Ok(0);
            }
            "-O" | "+O" => {
                let Some((name, after)) = rest.split_first() else { break };
                options.push((name.clone(), true, option.starts_with('-')));
                rest = after;
            }
            long if long.starts_with("--") => {
                return unsupported(
                    shell,
                    io,
                    "bash",
                    long,
                    "bash FILE, bash -c TEXT, bash -s, and the options of set",
                );
            }
            letters => {
                let on = letters.starts_with('-');
                for letter in letters.chars().skip(1) {
                    match letter {
                        'c' => is_text = true,
                        's' => from_input = true,
                        'i' | 'l' => {}
                        'o' => {
                            let Some((name, after)) = rest.split_first() else { break };
                            options.push((name.clone(), false, on));
                            rest = after;
                        }
                        letter => options.push((letter.to_string(), false, on)),
                    }
                }
            }
        }
    }
    let mut wanted = Options::default();
    for (name, shopt, on) in options {
        match wanted.change(&name, shopt, on) {
            Ok(()) => {}
            Err(Refusal::Unsupported) => {
                let supported = "bash FILE, bash -c TEXT, bash -s, and the options of set";
                return unsupported(shell, io, "bash", &name, supported);
            }
            Err(Refusal::Unknown) => {
                let kind = if shopt { "invalid shell option name" } else { "invalid option name" };
                let given = if name.chars().count() == 1 {
                    format!("-{name}: invalid option")
                } else {
                    format!("{name}: {kind}")
                };
                let head = if name.chars().count() == 1 { "bash: " } else { "bash: line 0: bash: " };
                shell.write(&io.stderr, &format!("{head}{given}\n"))?;
                return Ok(if shopt { 1 } else { 2 });
            }
        }
    }
    if is_text {
        let Some((text, after)) = rest.split_first() else {
            shell.write(&io.stderr, "bash: -c: option requires an argument\n")?;
            return Ok(2);
        };
        let (name, arguments) = after.split_first().map_or(("bash", after), |(name, args)| (name.as_str(), args));
        return own_shell(shell, &Own { text, name, arguments, options: wanted, is_text: true }, io);
    }
    let Some((path, arguments)) = rest.split_first().filter(|_| !from_input) else {
        let text = shell.inputs.get_mut(io.stdin).map(Stdin::take).unwrap_or_default();
        return own_shell(
            shell,
            &Own { text: &text, name: "bash", arguments: rest, options: wanted, is_text: false },
            io,
        );
    };
    file(shell, path, arguments, wanted, io)
}

/// What `bash --version` prints first.
const VERSION: &str = "GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\n";

/// A script in a shell of its own.
struct Own<'a> {
    text: &'a str,
    /// `$0`.
    name: &'a str,
    /// `$1` and so on.
    arguments: &'a [String],
    options: Options,
    /// It is the text of `bash -c`.
    is_text: bool,
}

/// Runs a file as a script; the arguments follow its name.
pub(in super::super) fn script(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let Some((path, arguments)) = args.split_first() else { return Ok(0) };
    file(shell, path, arguments, Options::default(), io)
}

fn file(shell: &mut Shell<'_>, path: &str, arguments: &[String], options: Options, io: &Io) -> Run {
    match shell.text_of(path, io) {
        Ok(text) => own_shell(shell, &Own { text: &text, name: path, arguments, options, is_text: false }, io),
        Err(error) => {
            let status = if error == "Is a directory" { 126 } else { 127 };
            let what =
                if status == 126 { format!("{path}: {path}: {error}") } else { format!("bash: {path}: {error}") };
            shell.write(&io.stderr, &format!("{what}\n"))?;
            Ok(status)
        }
    }
}

fn own_shell(shell: &mut Shell<'_>, own: &Own<'_>, io: &Io) -> Run {
    let Own { text, name, arguments, options, is_text } = own;
    shell.work(text.len())?;
    let before = (shell.is_text, shell.subshells, shell.substitutions, std::mem::take(&mut shell.quiet_traps));
    (shell.is_text, shell.subshells, shell.substitutions) = (*is_text, 0, 0);
    shell.scripts += 1;
    let result = shell.subshell(io, |shell| {
        // Its own failures are those of a whole script.
        shell.subshells = 0;
        shell.progress.options = *options;
        let w = shell.host.workstation();
        let exported = w.exported.clone();
        w.variables.retain(|name, _| exported.contains(name));
        w.aliases.clear();
        arrays::set_positional(w, arguments);
        w.variables.insert("0".to_owned(), (*name).to_owned());
        let result = run_text(shell, text, io);
        shell.subshells = 1;
        result
    });
    shell.scripts -= 1;
    (shell.is_text, shell.subshells, shell.substitutions, shell.quiet_traps) = before;
    result
}

/// `time command`: the clock stands still while commands run.
pub(super) fn time(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let before = shell.host.now();
    let status = shell.call(|shell| shell.invoke(args, io))?;
    let seconds = shell.host.now() - before;
    let real = format!("{}m{}.000s", seconds / 60, seconds % 60);
    shell.write(&io.stderr, &format!("\nreal\t{real}\nuser\t0m0.000s\nsys\t0m0.000s\n"))?;
    Ok(status)
}

/// `timeout DURATION command`: nothing here takes too long.
pub(super) fn timeout(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let mut rest = args;
    while let Some((option, after)) = rest.split_first().filter(|(arg, _)| arg.starts_with('-')) {
        rest = if matches!(option.as_str(), "-k" | "-s") { after.get(1..).unwrap_or_default() } else { after };
    }
    let Some((_, command)) = rest.split_first().filter(|(_, command)| !command.is_empty()) else {
        shell.write(&io.stderr, "timeout: missing operand\nTry 'timeout --help' for more information.\n")?;
        return Ok(125);
    };
    shell.call(|shell| shell.invoke(command, io))
}

/// `command NAME …` runs it without aliases; `command -v NAME` says what it is.
pub(super) fn command(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    match args.first().map(String::as_str) {
        Some("-v") => {
            let mut status = 1;
            for name in args.iter().skip(1) {
                let text = match shell.host.workstation().aliases.get(name).cloned() {
                    Some(value) => format!("alias {name}={}\n", single_quoted(&value)),
                    None if is_function(shell, name) => format!("{name}\n"),
                    None if find(name).is_some() || is_keyword(name) => format!("{name}\n"),
                    None if is_tool(shell, name) => format!("/usr/bin/{name}\n"),
                    None => continue,
                };
                shell.out(io, &text)?;
                status = 0;
            }
            Ok(status)
        }
        Some(option) if option.starts_with('-') => unsupported(shell, io, "command", option, "-v"),
        _ => match args.split_first() {
            Some((name, rest)) => shell.call(|shell| shell.program(name, rest, args, io)),
            None => Ok(0),
        },
    }
}

fn is_function(shell: &mut Shell<'_>, name: &str) -> bool {
    shell.host.workstation().variables.contains_key(&arrays::function(name))
}

pub(super) fn which(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let mut status = i32::from(args.is_empty());
    for name in args {
        if is_tool(shell, name) || is_also_a_program(name) {
            shell.out(io, &format!("/usr/bin/{name}\n"))?;
        } else {
            status = 1;
        }
    }
    Ok(status)
}

pub(super) fn type_of(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let mut status = 0;
    for name in args {
        let text = match shell.host.workstation().aliases.get(name).cloned() {
            Some(value) => format!("{name} is aliased to `{value}'\n"),
            None if is_keyword(name) => format!("{name} is a shell keyword\n"),
            None if is_function(shell, name) => format!("{name} is a function\n"),
            None if find(name).is_some() && !is_only_a_program(name) => format!("{name} is a shell builtin\n"),
            None if is_tool(shell, name) || is_only_a_program(name) => format!("{name} is /usr/bin/{name}\n"),
            None => {
                shell.complain(io, &format!("type: {name}: not found"))?;
                status = 1;
                continue;
            }
        };
        shell.out(io, &text)?;
    }
    Ok(status)
}

fn is_tool(shell: &Shell<'_>, name: &str) -> bool {
    files::find(name).or_else(|| filters::find(name)).is_some() || shell.host.knows(name)
}

/// Builtins here that are programs, and no builtins, of a real system.
pub(in super::super) fn is_only_a_program(name: &str) -> bool {
    ["clear", "env", "printenv", "sleep", "which", "xargs"].contains(&name)
}

/// Builtins of bash that are programs besides.
fn is_also_a_program(name: &str) -> bool {
    is_only_a_program(name) || ["[", "echo", "false", "printf", "pwd", "test", "true"].contains(&name)
}

/// `env [NAME=value …] [command …]`.
pub(super) fn env(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let mut rest = args;
    let mut changes = Vec::new();
    while let Some((arg, after)) = rest.split_first() {
        match arg.split_once('=') {
            Some((name, value)) if is_name(name) => changes.push((name.to_owned(), Some(value.to_owned()))),
            _ if arg == "-u" => {
                let Some((name, _)) = after.split_first() else {
                    shell.write(&io.stderr, "env: option requires an argument -- 'u'\n")?;
                    return Ok(125);
                };
                changes.push((name.clone(), None));
                rest = after.get(1..).unwrap_or_default();
                continue;
            }
            _ if arg.starts_with('-') => return unsupported(shell, io, "env", arg, "-u NAME, NAME=value"),
            _ => break,
        }
        rest = after;
    }
    let rest = rest.to_vec();
    shell.call(|shell| {
        shell.subshell(io, |shell| {
            for (name, value) in changes {
                let w = shell.host.workstation();
                match value {
                    Some(value) => {
                        w.exported.insert(name.clone());
                        shell.set_variable(&name, value)?;
                    }
                    None => {
                        w.variables.remove(&name);
                        w.exported.remove(&name);
                    }
                }
            }
            if rest.is_empty() { super::variables::printenv(shell, &[], io) } else { shell.invoke(&rest, io) }
        })
    })
}

/// `xargs [-n N] [-L N] [-I TEXT] [-d CHARACTER] [-0] [-r] [command …]`.
pub(super) fn xargs(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let (mut per_call, mut replace, mut skip_empty, mut delimiter) = (None, None, false, None);
    let mut whole_lines = false;
    let mut rest = args;
    while let Some((arg, after)) = rest.split_first().filter(|(arg, _)| arg.starts_with('-') && arg.len() > 1) {
        rest = after;
        let (option, attached) = arg.split_at(2);
        let mut value = || {
            if !attached.is_empty() {
                return Some(attached.to_owned());
            }
            let (value, after) = rest.split_first()?;
            rest = after;
            Some(value.clone())
        };
        match option {
            "-n" | "-L" => match value().and_then(|value| value.parse::<usize>().ok()).filter(|n| *n > 0) {
                Some(count) => {
                    per_call = Some(count);
                    whole_lines = option == "-L";
                }
                None => {
                    shell.write(&io.stderr, &format!("xargs: value for {option} option should be >= 1\n"))?;
                    return Ok(1);
                }
            },
            "-I" => replace = value().filter(|value| !value.is_empty()),
            "-r" | "-t" if attached.is_empty() => skip_empty |= option == "-r",
            "-0" if attached.is_empty() => delimiter = Some('\0'),
            "-d" => {
                delimiter = value().and_then(|given| if given == "\\n" { Some('\n') } else { given.chars().next() })
            }
            // One after another is as good as several at once.
            "-P" => _ = value(),
            "--" if attached == "no-run-if-empty" => skip_empty = true,
            "--" if attached == "null" => delimiter = Some('\0'),
            _ => return unsupported(shell, io, "xargs", arg, "-n N, -L N, -I TEXT, -d CHARACTER, -0, -P N, -r"),
        }
    }
    let command = if rest.is_empty() { vec!["echo".to_owned()] } else { rest.to_vec() };
    let input = shell.inputs.get_mut(io.stdin).map(Stdin::take).unwrap_or_default();
    shell.work(input.len())?;
    let calls: Vec<Vec<String>> = if let Some(mark) = replace {
        let lines = input.split(delimiter.unwrap_or('\n')).map(str::trim_start).filter(|line| !line.is_empty());
        let mut calls = Vec::new();
        for line in lines {
            let call: Vec<String> = command.iter().map(|word| word.replace(&mark, line)).collect();
            shell.work(call.iter().map(String::len).sum())?;
            calls.push(call);
        }
        calls
    } else {
        let items = match delimiter {
            Some(delimiter) => {
                let ended = input.strip_suffix(delimiter).unwrap_or(&input);
                Some(ended.split(delimiter).filter(|_| !input.is_empty()).map(str::to_owned).collect())
            }
            None if whole_lines => {
                Some(input.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect())
            }
            None => items(&input),
        };
        let Some(items) = items else {
            shell.write(
                &io.stderr,
                "xargs: unmatched quote; by default quotes are special to xargs unless you use the -0 option\n",
            )?;
            return Ok(1);
        };
        if items.is_empty() && skip_empty {
            return Ok(0);
        }
        let size = per_call.unwrap_or(items.len()).max(1);
        if items.is_empty() {
            vec![command]
        } else {
            shell.work(items.len() / size * command.iter().map(String::len).sum::<usize>())?;
            let words = |chunk: &[String]| -> Vec<String> {
                match whole_lines {
                    true => chunk.iter().flat_map(|line| line.split_whitespace()).map(str::to_owned).collect(),
                    false => chunk.to_vec(),
                }
            };
            items.chunks(size).map(|chunk| command.iter().cloned().chain(words(chunk)).collect()).collect()
        }
    };
    let mut status = 0;
    for call in calls {
        shell.inputs.push(Stdin::default());
        let inner = Io { stdin: shell.inputs.len() - 1, ..io.clone() };
        let result = shell.call(|shell| shell.invoke(&call, &inner));
        shell.inputs.pop();
        match result {
            Ok(0) => {}
            Ok(found @ (126 | 127)) => return Ok(found),
            Ok(_) => status = 123,
            Err(stop @ Stop::Exit(_)) => return Err(stop),
            Err(_) => status = 123,
        }
    }
    Ok(status)
}

/// The items of `xargs`: separated by blanks, with quotes and backslashes; `None` if a quote is open.
fn items(input: &str) -> Option<Vec<String>> {
    let mut items = Vec::new();
    let mut current: Option<String> = None;
    let mut quote = None;
    let mut chars = input.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), '\n') => return None,
            (Some(_), c) => current.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                current.get_or_insert_default();
            }
            (None, '\\') => current.get_or_insert_default().extend(chars.next()),
            (None, c) if c.is_ascii_whitespace() => items.extend(current.take()),
            (None, c) => current.get_or_insert_default().push(c),
        }
    }
    items.extend(current);
    quote.is_none().then_some(items)
}
