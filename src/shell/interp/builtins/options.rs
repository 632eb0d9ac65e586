//! `set` and `shopt`.

use super::super::arrays;
use super::super::exec::{Io, Run, Shell};
use super::super::options::{Refusal, as_commands, as_row};
use super::super::print::traced;
use super::super::transform;
use crate::shell::syntax::is_name;

/// `set -e`, `-o pipefail` and their like, the same with `+`, and the arguments of the script.
pub(super) fn set(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    if args.is_empty() {
        return list_variables(shell, io);
    }
    let whole = args;
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == "--" || !arg.starts_with(['-', '+']) {
            let from = whole.len() - args.len() - usize::from(arg != "--");
            let values = whole.get(from..).unwrap_or_default();
            let w = shell.host.workstation();
            let old = arrays::set_positional(w, values);
            if w.check().is_err() {
                arrays::set_positional(w, &old);
                return shell.refuse("set: No space left on device");
            }
            return Ok(0);
        }
        let on = arg.starts_with('-');
        for letter in arg.chars().skip(1) {
            if letter != 'o' {
                let changed = shell.progress.options.change(&letter.to_string(), false, on);
                if let Err(refusal) = changed {
                    return refuse(shell, io, "set", arg, &format!("{}{letter}", if on { '-' } else { '+' }), &refusal);
                }
                continue;
            }
            let Some(name) = args.next() else {
                let options = shell.progress.options;
                let line = |(name, is_on)| if on { as_row(name, is_on) } else { as_commands(name, is_on, false) };
                let text: String = options.all(false).map(line).collect();
                shell.out(io, &text)?;
                return Ok(0);
            };
            if let Err(refusal) = shell.progress.options.change(name, false, on) {
                return match refusal {
                    Refusal::Unknown => {
                        shell.complain(io, &format!("set: {name}: invalid option name"))?;
                        Ok(2)
                    }
                    Refusal::Unsupported => refuse(shell, io, "set", arg, &format!("{arg} {name}"), &refusal),
                };
            }
        }
    }
    Ok(0)
}

/// What is said of an option that stays as it is.
fn refuse(shell: &mut Shell<'_>, io: &Io, command: &str, given: &str, option: &str, refusal: &Refusal) -> Run {
    match refusal {
        Refusal::Unsupported => {
            shell.complain(io, &format!("{command}: `{option}` is not supported in this terminal"))?
        }
        Refusal::Unknown => {
            shell.complain(io, &format!("{command}: {given}: invalid option"))?;
            let usage = "set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]\n";
            shell.write(&io.stderr, usage)?;
        }
    }
    Ok(2)
}

/// `set` alone: the variables, and then the functions.
fn list_variables(shell: &mut Shell<'_>, io: &Io) -> Run {
    let w = shell.host.workstation();
    let mut text = String::new();
    for (name, value) in w.variables.iter().filter(|(name, _)| is_name(name) && !name.starts_with("__OPT")) {
        let shown = if value.is_empty() { String::new() } else { traced(value) };
        let shown = if value.chars().any(char::is_control) { transform::quoted(value) } else { shown };
        text.push_str(&format!("{name}={shown}\n"));
    }
    for (name, body) in w.variables.iter().filter_map(|(name, body)| Some((arrays::function_name(name)?, body))) {
        text.push_str(&format!("{name} () \n{}\n", body.trim()));
    }
    shell.out(io, &text)?;
    Ok(0)
}

/// `shopt [-pqsu] [-o] [NAME …]`.
pub(super) fn shopt(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let (mut prints, mut quiet, mut change, mut of_set) = (false, false, None, false);
    let mut names = args;
    while let Some((option, rest)) = names.split_first().filter(|(option, _)| option.starts_with('-')) {
        names = rest;
        for letter in option.chars().skip(1) {
            match letter {
                'p' => prints = true,
                'q' => quiet = true,
                's' => change = Some(true),
                'u' => change = Some(false),
                'o' => of_set = true,
                letter => {
                    shell.complain(io, &format!("shopt: -{letter}: invalid option"))?;
                    shell.write(&io.stderr, "shopt: usage: shopt [-pqsu] [-o] [optname ...]\n")?;
                    return Ok(2);
                }
            }
        }
    }
    let options = shell.progress.options;
    let line = |name: &str, on: bool| if prints { as_commands(name, on, !of_set) } else { as_row(name, on) };
    if names.is_empty() {
        let wanted = options.all(!of_set).filter(|(_, on)| change.is_none_or(|wanted| wanted == *on));
        let text: String = wanted.map(|(name, on)| line(name, on)).collect();
        shell.out(io, if quiet { "" } else { &text })?;
        return Ok(0);
    }
    let mut status = 0;
    for name in names {
        let Some(on) = options.state(name, !of_set) else {
            let what = if of_set { "invalid option name" } else { "invalid shell option name" };
            shell.complain(io, &format!("shopt: {name}: {what}"))?;
            status = 1;
            continue;
        };
        match change {
            Some(on) => {
                if shell.progress.options.change(name, !of_set, on).is_err() {
                    shell.complain(io, &format!("shopt: `{name}` is not supported in this terminal"))?;
                    status = 2;
                }
            }
            None => {
                status = if on { status } else { 1 };
                if !quiet {
                    let text = line(name, on);
                    shell.out(io, &text)?;
                }
            }
        }
    }
    Ok(status)
}
