//! `export`, `unset`, `set`, `read`, `printenv`, `alias`, `unalias`.

use super::super::arrays;
use super::super::exec::{Io, Run, Shell};
use super::super::print::single_quoted;
use super::unsupported;
use crate::session::workstation::MAX_VARIABLES;
use crate::shell::syntax::is_name;

pub(super) fn export(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let (mut names, mut status, mut remove) = (args, 0, false);
    match args.first().map(String::as_str) {
        None | Some("-p") => {
            let w = shell.host.workstation();
            let text: String = w
                .exported
                .iter()
                .map(|name| match w.variables.get(name) {
                    Some(value) => {
                        let escaped: String = value
                            .chars()
                            .flat_map(|c| matches!(c, '"' | '\\' | '$' | '`').then_some('\\').into_iter().chain([c]))
                            .collect();
                        format!("declare -x {name}=\"{escaped}\"\n")
                    }
                    None => format!("declare -x {name}\n"),
                })
                .collect();
            shell.out(io, &text)?;
            return Ok(0);
        }
        Some("-n") => {
            remove = true;
            names = args.get(1..).unwrap_or_default();
        }
        Some(option) if option.starts_with('-') && option.len() > 1 => {
            return unsupported(shell, io, "export", option, "-n, -p");
        }
        _ => {}
    }
    for arg in names {
        let (name, value) = arg.split_once('=').map_or((arg.as_str(), None), |(name, value)| (name, Some(value)));
        if !is_name(name) {
            shell.complain(io, &format!("export: `{arg}': not a valid identifier"))?;
            status = 1;
            continue;
        }
        if let Some(value) = value {
            shell.set_variable(name, value.to_owned())?;
        }
        let w = shell.host.workstation();
        if remove {
            w.exported.remove(name);
        } else if w.exported.len() < MAX_VARIABLES {
            w.exported.insert(name.to_owned());
        }
    }
    Ok(status)
}

pub(super) fn unset(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let functions = args.first().is_some_and(|arg| arg == "-f");
    let references = args.first().is_some_and(|arg| arg == "-n");
    let mut status = 0;
    for name in args.iter().filter(|arg| !matches!(arg.as_str(), "-v" | "-f" | "-n")) {
        let w = shell.host.workstation();
        // `name[index]`.
        if let Some((array, index)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            w.variables.remove(&arrays::element(array, index.trim_matches(['"', '\''])));
            continue;
        }
        if arrays::attributes(w, name).contains('r') && !functions {
            shell.complain(io, &format!("unset: {name}: cannot unset: readonly variable"))?;
            status = 1;
            continue;
        }
        if references {
            arrays::take(w, name);
            continue;
        }
        let name = &arrays::target(w, name);
        if functions || !is_name(name) {
            if name.starts_with('-') {
                return unsupported(shell, io, "unset", name, "-v, -f, -n");
            }
            w.variables.remove(&arrays::function(name));
            continue;
        }
        if arrays::take(w, name).is_empty() {
            w.variables.remove(&arrays::function(name));
        }
        w.exported.remove(name);
    }
    Ok(status)
}

/// `read [-r] [-a ARRAY] [-d DELIMITER] NAME…`: a line of the standard input into variables.
pub(super) fn read(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let (mut raw, mut array, mut delimiter) = (false, None, '\n');
    let mut names = args;
    while let Some((option, rest)) = names.split_first().filter(|(first, _)| first.starts_with('-')) {
        names = rest;
        for (at, letter) in option.char_indices().skip(1) {
            match letter {
                'r' => raw = true,
                's' | 'e' => {}
                'a' | 'p' | 'd' | 't' | 'n' | 'u' => {
                    let attached = option.get(at + 1..).unwrap_or_default();
                    let value = if attached.is_empty() {
                        let value = names.first().cloned().unwrap_or_default();
                        names = names.get(1..).unwrap_or_default();
                        value
                    } else {
                        attached.to_owned()
                    };
                    match letter {
                        'a' => array = Some(value),
                        'd' => delimiter = value.chars().next().unwrap_or('\0'),
                        'n' | 'u' => return unsupported(shell, io, "read", option, "-r -a -d -p -s -t"),
                        _ => {}
                    }
                    break;
                }
                _ => return unsupported(shell, io, "read", option, "-r -a -d -p -s -t"),
            }
        }
    }
    if let Some(bad) = names.iter().find(|name| !is_name(name)) {
        shell.complain(io, &format!("read: `{bad}': not a valid identifier"))?;
        return Ok(1);
    }
    let taken = shell.inputs.get_mut(io.stdin).and_then(|input| input.take_until(delimiter));
    let (mut line, ended) = taken.unwrap_or_default();
    shell.work(line.len())?;
    if !raw {
        line = line.replace('\\', "");
    }
    let separators = shell.separators();
    if let Some(array) = array {
        let array = arrays::target(shell.host.workstation(), &array);
        arrays::take_values(shell.host.workstation(), &array);
        let fields = line.split(|c| separators.contains(c)).filter(|field| !field.is_empty());
        for (at, field) in fields.enumerate() {
            shell.set_variable(&arrays::element(&array, &at.to_string()), field.to_owned())?;
        }
        return Ok(i32::from(!ended));
    }
    let reply = ["REPLY".to_owned()];
    let (whole, names) = if names.is_empty() { (true, reply.as_slice()) } else { (false, names) };
    let blank = |c: char| separators.contains(c) && c.is_ascii_whitespace();
    let mut rest = if whole { line.as_str() } else { line.trim_matches(blank) };
    for (at, name) in names.iter().enumerate() {
        let value = if at + 1 == names.len() {
            rest
        } else {
            let end = rest.find(|c| separators.contains(c)).unwrap_or(rest.len());
            let (value, after) = rest.split_at(end);
            let after = after.trim_start_matches(blank);
            let hard = after.chars().next().filter(|c| separators.contains(*c) && !blank(*c));
            rest = hard.map_or(after, |c| after.get(c.len_utf8()..).unwrap_or_default().trim_start_matches(blank));
            value
        };
        let value = value.to_owned();
        shell.set_variable(name, value)?;
    }
    Ok(i32::from(!ended))
}

pub(super) fn printenv(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let environment = shell.host.workstation().environment();
    if args.is_empty() {
        let text: String = environment.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        shell.out(io, &text)?;
        return Ok(0);
    }
    let mut status = 0;
    for name in args {
        match environment.get(name) {
            Some(value) => shell.out(io, &format!("{value}\n"))?,
            None => status = 1,
        }
    }
    Ok(status)
}

pub(super) fn alias(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let mut status = 0;
    if args.is_empty() {
        let aliases = &shell.host.workstation().aliases;
        let text: String =
            aliases.iter().map(|(name, value)| format!("alias {name}={}\n", single_quoted(value))).collect();
        shell.out(io, &text)?;
    }
    for arg in args.iter().filter(|arg| *arg != "-p") {
        match arg.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                shell.work(value.len())?;
                let w = shell.host.workstation();
                w.aliases.insert(name.to_owned(), value.to_owned());
                if w.check().is_err() {
                    w.aliases.remove(name);
                    return shell.refuse("alias: No space left on device");
                }
            }
            _ => match shell.host.workstation().aliases.get(arg) {
                Some(value) => {
                    let text = format!("alias {arg}={}\n", single_quoted(value));
                    shell.out(io, &text)?;
                }
                None => {
                    shell.complain(io, &format!("alias: {arg}: not found"))?;
                    status = 1;
                }
            },
        }
    }
    Ok(status)
}

pub(super) fn unalias(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let mut status = 0;
    for name in args {
        if name == "-a" {
            shell.host.workstation().aliases.clear();
        } else if shell.host.workstation().aliases.remove(name).is_none() {
            shell.complain(io, &format!("unalias: {name}: not found"))?;
            status = 1;
        }
    }
    Ok(status)
}
