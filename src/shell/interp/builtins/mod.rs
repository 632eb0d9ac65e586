//! The commands that the shell runs itself, because they need its variables, its loops or the host.

mod declare;
mod options;
mod print;
mod run;
mod signals;
mod variables;

pub(super) use print::unescape;
pub(super) use run::{is_only_a_program, run_text, script};

use super::exec::{Io, Run, Shell, Stop};

/// A builtin: gets the arguments after its name.
pub(super) type Builtin = fn(&mut Shell<'_>, &[String], &Io) -> Run;

/// The builtins by name, sorted.
const BUILTINS: &[(&str, Builtin)] = &[
    (".", run::source),
    (":", succeed),
    ("[", bracket),
    ("alias", variables::alias),
    ("bash", run::bash),
    ("break", leave_loop),
    ("cd", cd),
    ("clear", clear),
    ("command", run::command),
    ("continue", next_round),
    ("declare", declare::declare),
    ("echo", print::echo),
    ("env", run::env),
    ("eval", run::eval),
    ("exit", exit),
    ("export", variables::export),
    ("false", fail),
    ("getopts", declare::getopts),
    ("help", help),
    ("history", history),
    ("jobs", signals::jobs),
    ("kill", signals::kill),
    ("let", declare::let_),
    ("local", declare::local),
    ("mapfile", declare::mapfile),
    ("printenv", variables::printenv),
    ("printf", print::printf),
    ("pwd", pwd),
    ("read", variables::read),
    ("readarray", declare::mapfile),
    ("readonly", declare::readonly),
    ("return", return_),
    ("set", options::set),
    ("sh", run::bash),
    ("shift", declare::shift),
    ("shopt", options::shopt),
    ("sleep", sleep),
    ("source", run::source),
    ("test", test),
    ("time", run::time),
    ("timeout", run::timeout),
    ("trap", signals::trap),
    ("true", succeed),
    ("type", run::type_of),
    ("typeset", declare::declare),
    ("unalias", variables::unalias),
    ("unset", variables::unset),
    ("wait", signals::wait),
    ("which", run::which),
    ("xargs", run::xargs),
];

/// Builtins that set the variables that their arguments name.
pub(super) const SETTERS: [&str; 7] = ["export", "getopts", "let", "mapfile", "printf", "read", "readarray"];

/// Well-known commands that are not here, and what to use instead.
const ELSEWHERE: &[(&str, &str)] = &[
    ("curl", "there is no network here: paste the text with `cat > FILE <<'EOF'`"),
    ("emacs", "write the file with `cat > FILE <<'EOF'`"),
    ("exec", "run the command without it"),
    ("find", "use `ls`"),
    ("git", "there is no network here: paste the text with `cat > FILE <<'EOF'`"),
    ("nano", "write the file with `cat > FILE <<'EOF'`"),
    ("perl", "use `sed` or `awk`"),
    ("python", "use `jq`, `sed` or `awk`"),
    ("python3", "use `jq`, `sed` or `awk`"),
    ("sudo", "run the command without it"),
    ("vi", "write the file with `cat > FILE <<'EOF'`"),
    ("vim", "write the file with `cat > FILE <<'EOF'`"),
    ("watch", "run the command again, or in a `for` loop with `sleep`"),
    ("wget", "there is no network here: paste the text with `cat > FILE <<'EOF'`"),
    ("yq", "use `kubectl … -o json | jq`"),
];

/// The builtin of that name.
pub(super) fn find(name: &str) -> Option<Builtin> {
    BUILTINS.iter().find(|(known, _)| *known == name).map(|(_, builtin)| *builtin)
}

/// The names of the builtins, sorted.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    BUILTINS.iter().map(|(name, _)| *name)
}

/// What to use instead of a well-known command that is not here.
pub(super) fn instead_of(name: &str) -> Option<&'static str> {
    ELSEWHERE.iter().find(|(known, _)| *known == name).map(|(_, instead)| *instead)
}

/// Says that an option is known to bash and not to this shell.
fn unsupported(shell: &mut Shell<'_>, io: &Io, command: &str, option: &str, supported: &str) -> Run {
    shell.complain(io, &format!("{command}: `{option}` is not supported in this terminal; supported: {supported}"))?;
    Ok(2)
}

fn succeed(_: &mut Shell<'_>, _: &[String], _: &Io) -> Run {
    Ok(0)
}

fn fail(_: &mut Shell<'_>, _: &[String], _: &Io) -> Run {
    Ok(1)
}

fn exit(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    match args {
        [] => Err(Stop::Exit(shell.host.workstation().last_status)),
        [status] => match status.parse::<i64>() {
            Ok(status) => Err(Stop::Exit((status & 255) as i32)),
            Err(_) => {
                shell.complain(io, &format!("exit: {status}: numeric argument required"))?;
                Err(Stop::Exit(2))
            }
        },
        _ => {
            shell.complain(io, "exit: too many arguments")?;
            Ok(1)
        }
    }
}

fn return_(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    if shell.returns == 0 {
        shell.complain(io, "return: can only `return' from a function or sourced script")?;
        return Ok(1);
    }
    match args.first().map(|status| status.parse::<i64>()) {
        None => Err(Stop::Return(shell.host.workstation().last_status)),
        Some(Ok(status)) => Err(Stop::Return((status & 255) as i32)),
        Some(Err(_)) => {
            let given = args.first().map_or("", String::as_str);
            shell.complain(io, &format!("return: {given}: numeric argument required"))?;
            Err(Stop::Return(2))
        }
    }
}

fn leave_loop(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    loop_levels(shell, args, io, "break", Stop::Break)
}

fn next_round(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    loop_levels(shell, args, io, "continue", Stop::Continue)
}

fn loop_levels(shell: &mut Shell<'_>, args: &[String], io: &Io, name: &str, stop: fn(usize) -> Stop) -> Run {
    if shell.loops == 0 {
        shell.complain(io, &format!("{name}: only meaningful in a `for', `while', or `until' loop"))?;
        return Ok(0);
    }
    match args.first().map_or(Ok(1), |levels| levels.parse::<usize>()) {
        Ok(levels) if levels > 0 => Err(stop(levels.min(shell.loops))),
        _ => {
            let given = args.first().map_or("", String::as_str);
            shell.complain(io, &format!("{name}: {given}: loop count out of range"))?;
            Ok(1)
        }
    }
}

fn test(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    conditional(shell, "test", args, io)
}

fn bracket(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    match args.split_last() {
        Some((last, args)) if last == "]" => conditional(shell, "[", args, io),
        _ => {
            shell.complain(io, "[: missing `]'")?;
            Ok(2)
        }
    }
}

fn conditional(shell: &mut Shell<'_>, name: &str, args: &[String], io: &Io) -> Run {
    if let [operator, option] = args
        && operator == "-o"
    {
        return Ok(i32::from(shell.progress.options.state(option, false) != Some(true)));
    }
    match super::condition::evaluate(args, shell.host.workstation()) {
        Ok(holds) => Ok(i32::from(!holds)),
        Err(message) => {
            shell.complain(io, &format!("{name}: {message}"))?;
            Ok(2)
        }
    }
}

fn cd(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let w = shell.host.workstation();
    let target = match args {
        [] => w.variables.get("HOME").unwrap_or(&w.home).clone(),
        [dash] if dash == "-" => match w.variables.get("OLDPWD").cloned() {
            Some(old) => {
                shell.out(io, &format!("{old}\n"))?;
                old
            }
            None => {
                shell.complain(io, "cd: OLDPWD not set")?;
                return Ok(1);
            }
        },
        [target] => target.clone(),
        _ => {
            shell.complain(io, "cd: too many arguments")?;
            return Ok(1);
        }
    };
    match shell.host.workstation().change_directory(&target) {
        Ok(()) => Ok(0),
        Err(error) => {
            shell.complain(io, &format!("cd: {target}: {error}"))?;
            Ok(1)
        }
    }
}

fn pwd(shell: &mut Shell<'_>, _: &[String], io: &Io) -> Run {
    let text = format!("{}\n", shell.host.workstation().cwd);
    shell.out(io, &text)?;
    Ok(0)
}

fn clear(shell: &mut Shell<'_>, _: &[String], _: &Io) -> Run {
    shell.host.clear();
    Ok(0)
}

fn help(shell: &mut Shell<'_>, _: &[String], io: &Io) -> Run {
    let text = shell.host.help();
    shell.out(io, &text)?;
    Ok(0)
}

fn history(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let lines = shell.host.history();
    let wanted = match args {
        [] => lines.len(),
        [count] => match count.parse::<usize>() {
            Ok(count) => count,
            Err(_) => return unsupported(shell, io, "history", count, "history, history N"),
        },
        _ => {
            shell.complain(io, "history: too many arguments")?;
            return Ok(1);
        }
    };
    let skipped = lines.len().saturating_sub(wanted);
    let numbered = lines.iter().enumerate().skip(skipped);
    let text: String = numbered.map(|(at, line)| format!("{:5}  {line}\n", at + 1)).collect();
    shell.out(io, &text)?;
    Ok(0)
}

fn sleep(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let Some(first) = args.first() else {
        shell.write(&io.stderr, "sleep: missing operand\nTry 'sleep --help' for more information.\n")?;
        return Ok(1);
    };
    let mut total = 0.0;
    for arg in args {
        let (number, unit) = match arg.char_indices().next_back() {
            Some((at, 's')) => (arg.get(..at), 1.0),
            Some((at, 'm')) => (arg.get(..at), 60.0),
            Some((at, 'h')) => (arg.get(..at), 3_600.0),
            Some((at, 'd')) => (arg.get(..at), 86_400.0),
            _ => (Some(arg.as_str()), 1.0),
        };
        match number.unwrap_or_default().parse::<f64>() {
            Ok(number) if number.is_finite() && number >= 0.0 => total += number * unit,
            _ => {
                let text =
                    format!("sleep: invalid time interval ‘{first}’\nTry 'sleep --help' for more information.\n");
                shell.write(&io.stderr, &text)?;
                return Ok(1);
            }
        }
    }
    shell.host.sleep(total);
    Ok(0)
}

/// True for the names that `type` calls keywords.
fn is_keyword(name: &str) -> bool {
    [
        "if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "{", "}", "!", "case", "esac", "in",
        "[[", "]]", "function", "time",
    ]
    .contains(&name)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tables_are_sorted() {
        assert!(super::BUILTINS.is_sorted_by_key(|(name, _)| *name));
        assert!(super::ELSEWHERE.is_sorted_by_key(|(name, _)| *name));
    }
}
