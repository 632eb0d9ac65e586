//! Builtins that run other commands, or say which command would run.

use super::super::arrays;
use super::super::exec::{Io, Run, Shell, Stop};
use super::super::print::single_quoted;
use super::{find, is_keyword, unsupported};
use crate::shell::io::Stdin;
use crate::shell::syntax::{Lines, is_name};
use crate::shell::{files, filters};

/// Runs a text in this shell, line by line.
fn run_text(shell: &mut Shell<'_>, text: &str, io: &Io) -> Run {
    let text = text.to_owned();
    let line = shell.line;
    let result = shell.call(|shell| {
        let mut status = 0;
        for parsed in Lines::new(&text) {
            match parsed {
                Ok(parsed) => status = shell.list(&parsed.commands, io)?,
                Err(error) => {
                    shell.line = line;
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
    match shell.host.workstation().read(path).map(str::to_owned) {
        Ok(text) => {
            shell.work(text.len())?;
            let arguments = args.get(1..).unwrap_or_default();
            let old = (!arguments.is_empty()).then(|| arrays::set_positional(shell.host.workstation(), arguments));
            shell.returns += 1;
            let result = run_text(shell, &text, io);
            shell.returns -= 1;
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
    let (mut rest, mut is_text) = (args, false);
    let mut options = Vec::new();
    while let Some((option, after)) = rest.split_first().filter(|(arg, _)| arg.starts_with('-') && arg.len() > 1) {
        rest = after;
        match option.as_str() {
            "--" | "--login" => {}
            letters if !letters.starts_with("--") && letters.chars().skip(1).all(|c| "celisux".contains(c)) => {
                is_text |= letters.contains('c');
                let set: String = letters.chars().filter(|c| "eux".contains(*c)).collect();
                if !set.is_empty() {
                    options.push(format!("-{set}"));
                }
            }
            option => return unsupported(shell, io, "bash", option, "bash FILE, bash -c TEXT, -e, -u, -x"),
        }
    }
    let Some((first, after)) = rest.split_first() else {
        let text = shell.inputs.get_mut(io.stdin).map(Stdin::take).unwrap_or_default();
        return own_shell(shell, &text, "bash", &[], &options, io);
    };
    if !is_text {
        return script(shell, rest, io);
    }
    let (name, arguments) = after.split_first().map_or(("bash", after), |(name, arguments)| (name.as_str(), arguments));
    own_shell(shell, &first.clone(), name, arguments, &options, io)
}

/// Runs a file as a script; the arguments follow its name.
pub(in super::super) fn script(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let Some((path, arguments)) = args.split_first() else { return Ok(0) };
    match shell.host.workstation().read(path).map(str::to_owned) {
        Ok(text) => own_shell(shell, &text, path, arguments, &[], io),
        Err(error) => {
            shell.write(&io.stderr, &format!("bash: {path}: {error}\n"))?;
            Ok(127)
        }
    }
}

fn own_shell(shell: &mut Shell<'_>, text: &str, name: &str, arguments: &[String], options: &[String], io: &Io) -> Run {
    shell.work(text.len())?;
    shell.subshell(|shell| {
        shell.progress.options = Default::default();
        let w = shell.host.workstation();
        let exported = w.exported.clone();
        w.variables.retain(|name, _| exported.contains(name));
        w.aliases.clear();
        arrays::set_positional(w, arguments);
        w.variables.insert("0".to_owned(), name.to_owned());
        super::variables::set(shell, options, io)?;
        let result = run_text(shell, text, io);
        let trap = shell.host.workstation().variables.remove(super::EXIT_TRAP);
        if let (Some(trap), Ok(_) | Err(Stop::Exit(_))) = (trap, &result) {
            run_text(shell, &trap, io)?;
        }
        result
    })
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
fn is_only_a_program(name: &str) -> bool {
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
        shell.subshell(|shell| {
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
