//! Builtins around functions and arrays: `local`, `declare`, `readonly`, `shift`, `getopts`, `let`, `mapfile`.

use super::super::arrays;
use super::super::exec::{Hidden, Io, Run, Shell};
use super::super::options::SHIFT_VERBOSE;
use super::super::transform;
use super::unsupported;
use crate::shell::syntax::is_name;

/// `local NAME …`; values behind the names are set afterwards.
pub(super) fn local(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    if shell.locals.is_empty() {
        shell.complain(io, "local: can only be used in a function")?;
        return Ok(1);
    }
    declare(shell, args, io)
}

/// `declare [-aAfFgilnprux] NAME …`: in a function the names are local.
pub(super) fn declare(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let (mut given, mut removed) = (String::new(), String::new());
    let mut names = Vec::new();
    for arg in args {
        match arg.strip_prefix(['-', '+']).filter(|letters| !letters.is_empty()) {
            Some(letters) if letters.chars().all(|letter| "aAfFgilnprux".contains(letter)) => {
                if arg.starts_with('-') { &mut given } else { &mut removed }.push_str(letters);
            }
            Some(_) => {
                return unsupported(shell, io, "declare", arg, "-a, -A, -f, -F, -g, -i, -l, -n, -p, -r, -u, -x");
            }
            None => names.push(arg.as_str()),
        }
    }
    if given.contains(['f', 'F']) {
        return functions(shell, &names, given.contains('F'), io);
    }
    if given.contains('p') || names.is_empty() {
        return print(shell, &names, &given, io);
    }
    let (associative, global, exports) = (given.contains('A'), given.contains('g'), given.contains('x'));
    let mut status = 0;
    for name in names {
        if !is_name(name) {
            shell.complain(io, &format!("declare: `{name}': not a valid identifier"))?;
            status = 1;
            continue;
        }
        if !global {
            hide(shell, name);
        }
        let w = shell.host.workstation();
        if exports {
            w.exported.insert(name.to_owned());
        }
        if removed.contains('x') {
            w.exported.remove(name);
        }
        // `n` and `r` count from when there is a value; one that follows is set by the shell itself.
        for letter in given.chars().filter(|letter| "ailu".contains(*letter)) {
            arrays::set_attribute(w, name, letter, true);
        }
        for letter in removed.chars().filter(|letter| "ailnu".contains(*letter)) {
            arrays::set_attribute(w, name, letter, false);
        }
        if given.contains('r') && arrays::value(w, name).is_some() {
            arrays::set_attribute(w, name, 'r', true);
        }
        if given.contains('n') {
            arrays::set_attribute(w, name, 'n', true);
        }
        if associative {
            shell.host.workstation().variables.insert(format!("{name}["), String::new());
        }
    }
    Ok(status)
}

/// `declare -p`: variables as they can be declared again.
fn print(shell: &mut Shell<'_>, names: &[&str], letters: &str, io: &Io) -> Run {
    let mut status = 0;
    let w = shell.host.workstation();
    let mut all: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    if all.is_empty() {
        let known = w.variables.keys().map(|key| key.strip_prefix("declare ").unwrap_or(key));
        all = known.filter_map(|key| key.split('[').next()).filter(|name| is_name(name)).map(str::to_owned).collect();
        crate::formats::ordered::sort(&mut all);
        all.dedup();
        let wanted: Vec<char> = letters.chars().filter(|letter| *letter != 'p').collect();
        all.retain(|name| {
            let has = transform::attributes(w, name);
            !name.starts_with("__OPT") && wanted.iter().all(|letter| has.contains(*letter))
        });
    }
    for name in all {
        match transform::declaration(shell.host.workstation(), &name) {
            Some(line) => shell.out(io, &format!("{line}\n"))?,
            None => {
                shell.complain(io, &format!("declare: {name}: not found"))?;
                status = 1;
            }
        }
    }
    Ok(status)
}

/// `declare -f` and `-F`: functions, or their names.
fn functions(shell: &mut Shell<'_>, names: &[&str], only_names: bool, io: &Io) -> Run {
    let w = shell.host.workstation();
    let all = w.variables.iter().filter_map(|(name, body)| Some((arrays::function_name(name)?, body)));
    let found: Vec<(String, String)> = all
        .filter(|(name, _)| names.is_empty() || names.contains(name))
        .map(|(name, body)| (name.to_owned(), body.clone()))
        .collect();
    for (name, body) in &found {
        let text = match (only_names, names.is_empty()) {
            (true, true) => format!("declare -f {name}\n"),
            (true, false) => format!("{name}\n"),
            (false, _) => format!("{name} () \n{}\n", body.trim()),
        };
        shell.out(io, &text)?;
    }
    Ok(i32::from(found.len() < names.len()))
}

/// Makes a variable local to the function being run.
fn hide(shell: &mut Shell<'_>, name: &str) {
    let Some(locals) = shell.locals.last_mut() else { return };
    if locals.iter().any(|hidden| hidden.name == name) {
        return;
    }
    let w = shell.host.workstation();
    let hidden = Hidden { name: name.to_owned(), exported: w.exported.contains(name), values: arrays::take(w, name) };
    locals.push(hidden);
}

/// `readonly [-p] NAME …`; a value that follows is set by the shell itself.
pub(super) fn readonly(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let names: Vec<String> = args.iter().filter(|arg| !arg.starts_with('-')).cloned().collect();
    if let Some(bad) = names.iter().find(|name| !is_name(name)) {
        shell.complain(io, &format!("readonly: `{bad}': not a valid identifier"))?;
        return Ok(1);
    }
    if names.is_empty() {
        return print(shell, &[], "r", io);
    }
    for name in names {
        let w = shell.host.workstation();
        if arrays::value(w, &name).is_some() {
            arrays::set_attribute(w, &name, 'r', true);
        }
    }
    Ok(0)
}

pub(super) fn shift(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let count = match args.first().map(|count| count.parse::<usize>()) {
        None => 1,
        Some(Ok(count)) => count,
        Some(Err(_)) => {
            let given = args.first().map_or("", String::as_str);
            shell.complain(io, &format!("shift: {given}: numeric argument required"))?;
            return Ok(1);
        }
    };
    let w = shell.host.workstation();
    let values = arrays::positional(w);
    match values.get(count..) {
        Some(rest) => {
            arrays::set_positional(w, rest);
            Ok(0)
        }
        None => {
            if shell.progress.options.has(SHIFT_VERBOSE) {
                shell.complain(io, &format!("shift: {count}: shift count out of range"))?;
            }
            Ok(1)
        }
    }
}

pub(super) fn let_(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let mut status = 1;
    for arg in args {
        status = shell.calculate(arg, io)?.map_or(1, |value| i32::from(value == 0));
    }
    Ok(status)
}

/// `mapfile [-t] [NAME]`: the lines of the standard input into an array.
pub(super) fn mapfile(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let mut name = "MAPFILE";
    let mut trims = false;
    for arg in args {
        match arg.as_str() {
            "-t" => trims = true,
            option if option.starts_with('-') => return unsupported(shell, io, "mapfile", option, "-t"),
            given => name = given,
        }
    }
    let text = shell.inputs.get_mut(io.stdin).map(crate::shell::io::Stdin::take).unwrap_or_default();
    let name = &arrays::target(shell.host.workstation(), name);
    arrays::take_values(shell.host.workstation(), name);
    for (at, line) in text.split_inclusive('\n').enumerate() {
        let line = if trims { line.trim_end_matches('\n') } else { line };
        shell.set_variable(&arrays::element(name, &at.to_string()), line.to_owned())?;
    }
    Ok(0)
}

/// `getopts OPTIONS NAME [ARGUMENT …]`.
pub(super) fn getopts(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let [options, name, given @ ..] = args else {
        shell.write(&io.stderr, "getopts: usage: getopts optstring name [arg ...]\n")?;
        return Ok(2);
    };
    let w = shell.host.workstation();
    let words = if given.is_empty() { arrays::positional(w) } else { given.to_vec() };
    // `OPTIND` is the word, `OPTPOS` (which bash keeps to itself) the letter in it.
    let number = |name: &str| w.variables.get(name).and_then(|text| text.parse::<usize>().ok());
    let index = number("OPTIND").unwrap_or(1).max(1);
    let position = number("__OPTPOS").filter(|_| number("__OPTAT") == Some(index)).unwrap_or(1);
    let (silent, known) = options.strip_prefix(':').map_or((false, options.as_str()), |known| (true, known));
    let word = words.get(index - 1).filter(|word| word.starts_with('-') && word.len() > 1);
    let Some(word) = word.filter(|word| *word != "--") else {
        let ended = words.get(index - 1).is_some_and(|word| word == "--");
        shell.set_variable(name, "?".to_owned())?;
        shell.set_variable("OPTIND", (index + usize::from(ended)).to_string())?;
        return Ok(1);
    };
    let letter = word.chars().nth(position).unwrap_or('?');
    let rest: String = word.chars().skip(position + 1).collect();
    let mut next = if rest.is_empty() { (index + 1, 1) } else { (index, position + 1) };
    let place = known.find(letter).filter(|_| letter != ':');
    let takes = place.is_some_and(|at| known.get(at + letter.len_utf8()..).is_some_and(|after| after.starts_with(':')));
    let (mut option, mut value) = (letter.to_string(), String::new());
    let mut message = None;
    if place.is_none() {
        option = "?".to_owned();
        value = if silent { letter.to_string() } else { String::new() };
        message = Some(format!("illegal option -- {letter}"));
    } else if takes {
        next = (index + 1, 1);
        match (rest.is_empty(), words.get(index)) {
            (false, _) => value = rest,
            (true, Some(word)) => {
                value.clone_from(word);
                next = (index + 2, 1);
            }
            (true, None) => {
                option = if silent { ":" } else { "?" }.to_owned();
                value = if silent { letter.to_string() } else { String::new() };
                message = Some(format!("option requires an argument -- {letter}"));
            }
        }
    }
    if let Some(message) = message.filter(|_| !silent) {
        let script = shell.host.workstation().variables.get("0").cloned().unwrap_or_else(|| "bash".to_owned());
        shell.write(&io.stderr, &format!("{script}: {message}\n"))?;
    }
    shell.set_variable(name, option)?;
    shell.set_variable("OPTARG", value)?;
    shell.set_variable("OPTIND", next.0.to_string())?;
    shell.set_variable("__OPTAT", next.0.to_string())?;
    shell.set_variable("__OPTPOS", next.1.to_string())?;
    Ok(0)
}
