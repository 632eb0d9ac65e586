//! `trap`, `kill`, `wait`, `jobs`.

use super::super::exec::{Io, Run, Shell};
use super::super::print::single_quoted;
use super::super::traps::{self, OWN_ID, SIGNALS, signal, trappable, variable};

/// `trap [-lp] [[COMMANDS] SIGNAL …]`.
pub(super) fn trap(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    match args {
        [option] if option == "-l" => {
            let text = table();
            shell.out(io, &text)?;
            Ok(0)
        }
        [] => list(shell, &[], io),
        [option, names @ ..] if option == "-p" => list(shell, names, io),
        [option, ..] if option.starts_with('-') && option.len() > 1 && option != "--" => {
            shell.complain(io, &format!("trap: {option}: invalid option"))?;
            shell.write(&io.stderr, "trap: usage: trap [-lp] [[arg] signal_spec ...]\n")?;
            Ok(2)
        }
        args => {
            let args =
                if args.first().is_some_and(|arg| arg == "--") { args.get(1..).unwrap_or_default() } else { args };
            let (commands, signals) = match args {
                // A signal alone, or a number first, takes traps away.
                [one] => (None, std::slice::from_ref(one)),
                [first, ..] if first.bytes().all(|b| b.is_ascii_digit()) && !first.is_empty() => (None, args),
                [first, rest @ ..] => (Some(first.as_str()).filter(|first| *first != "-"), rest),
                [] => return list(shell, &[], io),
            };
            let mut status = 0;
            for given in signals {
                let Some(name) = trappable(given) else {
                    shell.complain(io, &format!("trap: {given}: invalid signal specification"))?;
                    status = 1;
                    continue;
                };
                shell.quiet_traps.retain(|quiet| *quiet != name);
                match commands {
                    Some(commands) => shell.set_variable(&variable(name), commands.to_owned())?,
                    None => _ = shell.host.workstation().variables.remove(&variable(name)),
                }
            }
            Ok(status)
        }
    }
}

fn list(shell: &mut Shell<'_>, names: &[String], io: &Io) -> Run {
    let mut status = 0;
    for given in names {
        if trappable(given).is_none() {
            shell.complain(io, &format!("trap: {given}: invalid signal specification"))?;
            status = 1;
        }
    }
    let wanted = |name: &str| names.is_empty() || names.iter().any(|given| trappable(given) == Some(name));
    let variables = &shell.host.workstation().variables;
    let lines = traps::listed().filter(|(name, _)| wanted(name)).filter_map(|(name, printed)| {
        let commands = variables.get(&variable(name))?;
        Some(format!("trap -- {} {printed}\n", single_quoted(commands)))
    });
    let text: String = lines.collect();
    shell.out(io, &text)?;
    Ok(status)
}

/// The signals as `kill -l` lists them: five in a row.
fn table() -> String {
    let real_time = |number: usize| match number {
        34 => "RTMIN".to_owned(),
        35..=49 => format!("RTMIN+{}", number - 34),
        64 => "RTMAX".to_owned(),
        number => format!("RTMAX-{}", 64 - number),
    };
    let named = SIGNALS.iter().enumerate().skip(1).map(|(number, name)| (number, (*name).to_owned()));
    let all = named.chain((34..=64).map(|number| (number, real_time(number))));
    let mut out = String::new();
    for (at, (number, name)) in all.enumerate() {
        let end = if at % 5 == 4 { "\n" } else { "\t" };
        out.push_str(&format!("{number:2}) SIG{name}{end}"));
    }
    out.push('\n');
    out
}

const USAGE: &str = "kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n";

/// `kill [-s SIGNAL] NUMBER …`, `kill -l [SIGNAL …]`. The only process that still runs is the shell.
pub(super) fn kill(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let mut given = "TERM".to_owned();
    let ids = match args {
        [option, names @ ..] if matches!(option.as_str(), "-l" | "-L") => return names_of(shell, names, io),
        [option, name, ids @ ..] if matches!(option.as_str(), "-s" | "-n") => {
            given.clone_from(name);
            ids
        }
        [option, ids @ ..] if option.starts_with('-') && option.len() > 1 && option != "--" => {
            given = option.trim_start_matches('-').to_owned();
            ids
        }
        ids => ids,
    };
    let ids = if ids.first().is_some_and(|id| id == "--") { ids.get(1..).unwrap_or_default() } else { ids };
    let Some((number, name)) = signal(&given) else {
        shell.complain(io, &format!("kill: {given}: invalid signal specification"))?;
        return Ok(1);
    };
    if ids.is_empty() {
        shell.write(&io.stderr, USAGE)?;
        return Ok(2);
    }
    let mut status = 0;
    for id in ids {
        let message = match id.parse::<i64>() {
            Ok(found) if found == OWN_ID as i64 => {
                status = shell.signalled(number, name, io)?;
                continue;
            }
            Ok(found) => format!("({found}) - No such process"),
            Err(_) if id.starts_with('%') => format!("{id}: no such job"),
            Err(_) => format!("{id}: arguments must be process or job IDs"),
        };
        shell.complain(io, &format!("kill: {message}"))?;
        status = 1;
    }
    Ok(status)
}

/// The name of each number, the number of each name.
fn names_of(shell: &mut Shell<'_>, given: &[String], io: &Io) -> Run {
    if given.is_empty() {
        let text = table();
        shell.out(io, &text)?;
        return Ok(0);
    }
    let mut status = 0;
    for word in given {
        let number = word.parse::<usize>().ok();
        // The status of a command that a signal ended means that signal.
        let wanted = number.filter(|number| *number > 128).map_or(word.clone(), |number| (number - 128).to_string());
        match signal(&wanted) {
            Some((number, name)) => {
                let text = if word.parse::<usize>().is_ok() { name.to_owned() } else { number.to_string() };
                shell.out(io, &format!("{text}\n"))?;
            }
            None => {
                shell.complain(io, &format!("kill: {word}: invalid signal specification"))?;
                status = 1;
            }
        }
    }
    Ok(status)
}

/// `wait [NUMBER …]`: what ran with `&` has ended already.
pub(super) fn wait(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let mut status = 0;
    for id in args.iter().filter(|arg| !matches!(arg.as_str(), "-n" | "-f")) {
        let message = match id.parse::<usize>() {
            Ok(number) => match shell.job(number) {
                Some(ended) => {
                    status = ended;
                    shell.progress.awaited = (shell.progress.awaited + 1).min(shell.progress.jobs.len());
                    continue;
                }
                None => format!("pid {number} is not a child of this shell"),
            },
            Err(_) if id.starts_with('%') => format!("{id}: no such job"),
            Err(_) => format!("`{id}': not a pid or valid job spec"),
        };
        shell.complain(io, &format!("wait: {message}"))?;
        status = if id.starts_with(|c: char| c.is_ascii_digit() || c == '%') { 127 } else { 1 };
    }
    match args {
        [] => shell.progress.awaited = shell.progress.jobs.len(),
        [option] if option == "-n" => {
            status = shell.progress.jobs.get(shell.progress.awaited).copied().unwrap_or(127);
            shell.progress.awaited = (shell.progress.awaited + 1).min(shell.progress.jobs.len());
        }
        _ => {}
    }
    Ok(status)
}

/// `jobs`: none runs any more.
pub(super) fn jobs(_: &mut Shell<'_>, _: &[String], _: &Io) -> Run {
    Ok(0)
}
