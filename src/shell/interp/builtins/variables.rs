//! `export`, `unset`, `set`, `read`, `printenv`, `alias`, `unalias`.

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
    for name in args.iter().filter(|arg| *arg != "-v") {
        if !is_name(name) {
            if name.starts_with('-') {
                return unsupported(shell, io, "unset", name, "-v");
            }
            // Bash takes it for the name of a function, and there is none.
            continue;
        }
        let w = shell.host.workstation();
        w.variables.remove(name);
        w.exported.remove(name);
    }
    Ok(0)
}

/// `set -e`, `-u`, `-o pipefail` and the same with `+`.
pub(super) fn set(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    const SUPPORTED: &str = "-e, -u, -o errexit, -o nounset, -o pipefail, and the same with `+`";
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let (on, letters) = match arg.strip_prefix('-').map(|l| (true, l)).or(arg.strip_prefix('+').map(|l| (false, l)))
        {
            Some((on, letters)) if !letters.is_empty() => (on, letters),
            _ => return unsupported(shell, io, "set", arg, SUPPORTED),
        };
        for letter in letters.chars() {
            let options = &mut shell.progress.options;
            let option = match letter {
                'e' => &mut options.exit_on_error,
                'u' => &mut options.no_unset,
                'o' => match args.next().map(String::as_str) {
                    Some("errexit") => &mut options.exit_on_error,
                    Some("nounset") => &mut options.no_unset,
                    Some("pipefail") => &mut options.pipe_fail,
                    other => {
                        let other = other.unwrap_or("-o").to_owned();
                        return unsupported(shell, io, "set", &other, SUPPORTED);
                    }
                },
                _ => return unsupported(shell, io, "set", arg, SUPPORTED),
            };
            *option = on;
        }
    }
    Ok(0)
}

/// `read [-r] NAME…`: a line of the standard input into variables.
pub(super) fn read(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let mut raw = false;
    let mut names = args;
    while let Some((option, rest)) = names.split_first().filter(|(first, _)| first.starts_with('-')) {
        match option.as_str() {
            "-r" => raw = true,
            option => {
                let option = option.to_owned();
                return unsupported(shell, io, "read", &option, "-r");
            }
        }
        names = rest;
    }
    if let Some(bad) = names.iter().find(|name| !is_name(name)) {
        shell.complain(io, &format!("read: `{bad}': not a valid identifier"))?;
        return Ok(1);
    }
    let taken = shell.inputs.get_mut(io.stdin).and_then(crate::shell::io::Stdin::take_line);
    let (mut line, ended) = taken.unwrap_or_default();
    shell.work(line.len())?;
    if !raw {
        line = line.replace('\\', "");
    }
    let separators = shell.separators();
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
