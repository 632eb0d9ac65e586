//! Builtins that run other commands, or say which command would run.

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
            run_text(shell, &text, io)
        }
        Err(error) => {
            shell.complain(io, &format!("{path}: {error}"))?;
            Ok(1)
        }
    }
}

/// `command NAME …` runs it without aliases; `command -v NAME` says what it is.
pub(super) fn command(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    match args.first().map(String::as_str) {
        Some("-v") => {
            let mut status = 1;
            for name in args.iter().skip(1) {
                let text = match shell.host.workstation().aliases.get(name).cloned() {
                    Some(value) => format!("alias {name}={}\n", single_quoted(&value)),
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
        _ => shell.call(|shell| shell.invoke(args, io)),
    }
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
    ["clear", "date", "env", "printenv", "sleep", "which", "xargs"].contains(&name)
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

/// `xargs [-n N] [-I TEXT] [-r] [command …]`.
pub(super) fn xargs(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let (mut per_call, mut replace, mut skip_empty) = (None, None, false);
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
            "-n" => match value().and_then(|value| value.parse::<usize>().ok()).filter(|n| *n > 0) {
                Some(count) => per_call = Some(count),
                None => {
                    shell.write(&io.stderr, "xargs: value for -n option should be >= 1\n")?;
                    return Ok(1);
                }
            },
            "-I" => replace = value().filter(|value| !value.is_empty()),
            "-r" if attached.is_empty() => skip_empty = true,
            _ => return unsupported(shell, io, "xargs", arg, "-n N, -I TEXT, -r"),
        }
    }
    let command = if rest.is_empty() { vec!["echo".to_owned()] } else { rest.to_vec() };
    let input = shell.inputs.get_mut(io.stdin).map(Stdin::take).unwrap_or_default();
    shell.work(input.len())?;
    let calls: Vec<Vec<String>> = if let Some(mark) = replace {
        let lines = input.lines().map(str::trim_start).filter(|line| !line.is_empty());
        let mut calls = Vec::new();
        for line in lines {
            let call: Vec<String> = command.iter().map(|word| word.replace(&mark, line)).collect();
            shell.work(call.iter().map(String::len).sum())?;
            calls.push(call);
        }
        calls
    } else {
        let Some(items) = items(&input) else {
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
            items.chunks(size).map(|chunk| command.iter().chain(chunk).cloned().collect()).collect()
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
