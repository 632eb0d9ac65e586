//! The file commands: ls, rm, mkdir, rmdir, touch, cp, mv. Messages are those of GNU coreutils.

use super::filters::{Call, Options, Tool};
use crate::formats::ordered::sort;

const TOOLS: &[(&str, Tool)] = &[
    ("chmod", chmod),
    ("cp", cp),
    ("ls", ls),
    ("mkdir", mkdir),
    ("mktemp", mktemp),
    ("mv", mv),
    ("rm", rm),
    ("rmdir", rmdir),
    ("touch", touch),
];

/// The names of the tools.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TOOLS.iter().map(|(name, _)| *name)
}

/// The command of that name.
pub(crate) fn find(name: &str) -> Option<Tool> {
    TOOLS.iter().find(|(known, _)| *known == name).map(|(_, tool)| *tool)
}

/// Modes are not simulated: every file can be read, written and run.
fn chmod(call: &mut Call<'_>) -> i32 {
    let args = call.args;
    let operands: Vec<&String> = args.iter().filter(|arg| !matches!(arg.as_str(), "-R" | "-v" | "-f" | "-c")).collect();
    let Some((mode, paths)) = operands.split_first() else { return missing_operand(call, "missing operand") };
    if paths.is_empty() {
        return missing_operand(call, &format!("missing operand after ‘{mode}’"));
    }
    let mut exit = 0;
    for path in paths {
        if !call.workstation.is_file(path) && !call.workstation.is_directory(path) {
            call.complain(&format!("cannot access '{path}': No such file or directory"));
            exit = 1;
        }
    }
    exit
}

/// `mktemp [-d] [TEMPLATE]`.
fn mktemp(call: &mut Call<'_>) -> i32 {
    let options = match Options::read(call, "dqut", "p", &[("directory", 'd'), ("tmpdir", 'p')]) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let template = options.operands.first().map_or("/tmp/tmp.XXXXXXXXXX", String::as_str);
    let stem = template.trim_end_matches('X');
    let count = template.len() - stem.len();
    if count < 3 {
        call.complain(&format!("too few X's in template ‘{template}’"));
        return 1;
    }
    let folder = match options.value('p').or(options.has('t').then_some("/tmp")) {
        Some(folder) => format!("{folder}/"),
        None => String::new(),
    };
    // The first name that is free: the same every time, as all here.
    const LETTERS: &[u8] = b"abcdefghijkmnopqrstuvwxyzABCDEFGHIJKLMNPQRSTUVWXYZ0123456789";
    let mut seed = 7usize;
    for _ in 0..1_000 {
        let mut letter = || {
            seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345) & 0x7fff_ffff;
            LETTERS.get((seed >> 8) % LETTERS.len()).map_or('x', |byte| char::from(*byte))
        };
        let path = format!("{folder}{stem}{}", (0..count).map(|_| letter()).collect::<String>());
        if call.workstation.is_file(&path) || call.workstation.is_directory(&path) {
            continue;
        }
        let made = match options.has('d') {
            true => call.workstation.make_directory(&path, false),
            false => call.workstation.write(&path, ""),
        };
        return match made {
            Ok(()) => {
                call.out(&format!("{path}\n"));
                0
            }
            Err(error) => {
                let what = if options.has('d') { "directory" } else { "file" };
                call.complain(&format!("failed to create {what} via template ‘{template}’: {error}"));
                1
            }
        };
    }
    1
}

fn missing_operand(call: &mut Call<'_>, what: &str) -> i32 {
    let name = call.name;
    call.complain(what);
    call.err(&format!("Try '{name} --help' for more information.\n"));
    1
}

/// `ls [-l] [-a] [-A] [-1]`: one name a line, as when the output is not a terminal.
fn ls(call: &mut Call<'_>) -> i32 {
    let options = match Options::read(call, "laA1hdRF", "", &[("all", 'a'), ("almost-all", 'A'), ("directory", 'd')]) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    if let Some(letter) = ['R', 'F'].into_iter().find(|letter| options.has(*letter)) {
        return call.unsupported(&format!("-{letter}"), "-l -a -A -1 -d");
    }
    let operands = if options.operands.is_empty() { vec![".".to_owned()] } else { options.operands.clone() };
    let (mut files, mut directories, mut exit) = (Vec::new(), Vec::new(), 0);
    for path in operands {
        if path.is_empty() || !(call.workstation.is_file(&path) || call.workstation.is_directory(&path)) {
            call.complain(&format!("cannot access '{path}': No such file or directory"));
            exit = 2;
        } else if call.workstation.is_directory(&path) && !options.has('d') {
            directories.push(path);
        } else {
            files.push(path);
        }
    }
    sort(&mut files);
    sort(&mut directories);
    let titled = files.len() + directories.len() > 1 || exit != 0 && options.operands.len() > 1;
    let rows: Vec<(String, String)> = files.iter().map(|path| (path.clone(), path.clone())).collect();
    show(call, &rows, options.has('l'));
    for (at, directory) in directories.iter().enumerate() {
        if titled {
            let gap = if at > 0 || !files.is_empty() { "\n" } else { "" };
            call.out(&format!("{gap}{directory}:\n"));
        }
        let mut names: Vec<String> =
            call.workstation.list(directory).unwrap_or_default().into_iter().map(|(name, _)| name).collect();
        if options.has('a') {
            names.extend([".".to_owned(), "..".to_owned()]);
        } else if !options.has('A') {
            names.retain(|name| !name.starts_with('.'));
        }
        sort(&mut names);
        let rows: Vec<(String, String)> = names.into_iter().map(|name| (format!("{directory}/{name}"), name)).collect();
        if options.has('l') {
            call.out("total 0\n");
        }
        show(call, &rows, options.has('l'));
    }
    exit
}

/// Prints names; with `long` their kind and size. Owner and time are not simulated and always the same.
fn show(call: &mut Call<'_>, rows: &[(String, String)], long: bool) {
    let size = |path: &str| call.workstation.read(path).map_or(4_096, str::len);
    let width = rows.iter().map(|(path, _)| size(path).to_string().len()).max().unwrap_or(1);
    let mut out = String::new();
    for (path, name) in rows {
        if long {
            let (kind, links) = if call.workstation.is_directory(path) { ("drwxr-xr-x", 2) } else { ("-rw-r--r--", 1) };
            out.push_str(&format!("{kind} {links} user user {:>width$} {name}\n", size(path)));
        } else {
            out.push_str(name);
            out.push('\n');
        }
    }
    call.out(&out);
}

fn rm(call: &mut Call<'_>) -> i32 {
    let options = match Options::read(call, "rRfiv", "", &[("recursive", 'r'), ("force", 'f')]) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let force = options.has('f');
    if options.operands.is_empty() && !force {
        return missing_operand(call, "missing operand");
    }
    let recursive = options.has('r') || options.has('R');
    let mut exit = 0;
    for path in &options.operands {
        let exists = call.workstation.is_file(path) || call.workstation.is_directory(path);
        if !exists && force {
            continue;
        }
        let removed = if recursive { call.workstation.remove_tree(path) } else { call.workstation.remove_file(path) };
        if let Err(error) = removed {
            call.complain(&format!("cannot remove '{path}': {error}"));
            exit = 1;
        }
    }
    exit
}

fn rmdir(call: &mut Call<'_>) -> i32 {
    let options = match Options::read(call, "", "", &[]) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let mut exit = 0;
    for path in &options.operands {
        let error = match call.workstation.list(path) {
            Err(error) => Some(error.to_string()),
            Ok(names) if !names.is_empty() => Some("Directory not empty".to_owned()),
            Ok(_) => call.workstation.remove_tree(path).err().map(|error| error.to_string()),
        };
        if let Some(error) = error {
            call.complain(&format!("failed to remove '{path}': {error}"));
            exit = 1;
        }
    }
    exit
}

fn mkdir(call: &mut Call<'_>) -> i32 {
    let options = match Options::read(call, "pv", "m", &[("parents", 'p')]) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    if options.operands.is_empty() {
        return missing_operand(call, "missing operand");
    }
    let mut exit = 0;
    for path in &options.operands {
        if let Err(error) = call.workstation.make_directory(path, options.has('p')) {
            call.complain(&format!("cannot create directory ‘{path}’: {error}"));
            exit = 1;
        }
    }
    exit
}

fn touch(call: &mut Call<'_>) -> i32 {
    let options = match Options::read(call, "c", "", &[]) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    if options.operands.is_empty() {
        return missing_operand(call, "missing file operand");
    }
    let mut exit = 0;
    for path in &options.operands {
        if call.workstation.is_directory(path) || options.has('c') {
            continue;
        }
        if let Err(error) = call.workstation.append(path, "") {
            call.complain(&format!("cannot touch '{path}': {error}"));
            exit = 1;
        }
    }
    exit
}

fn cp(call: &mut Call<'_>) -> i32 {
    transfer(call, false)
}

fn mv(call: &mut Call<'_>) -> i32 {
    transfer(call, true)
}

fn transfer(call: &mut Call<'_>, moves: bool) -> i32 {
    let options = match Options::read(call, "rRafvpn", "", &[("recursive", 'r'), ("force", 'f')]) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let Some((target, sources)) = options.operands.split_last() else {
        return missing_operand(call, "missing file operand");
    };
    if sources.is_empty() {
        return missing_operand(call, &format!("missing destination file operand after '{target}'"));
    }
    let into = call.workstation.is_directory(target);
    if sources.len() > 1 && !into {
        call.complain(&format!(
            "target '{target}': {}",
            if call.workstation.is_file(target) { "Not a directory" } else { "No such file or directory" }
        ));
        return 1;
    }
    let mut exit = 0;
    for source in sources {
        let name = source.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let to = if into { format!("{}/{name}", target.trim_end_matches('/')) } else { target.clone() };
        if let Err(message) = transfer_one(call, source, &to, moves, &options) {
            call.complain(&message);
            exit = 1;
        }
    }
    exit
}

fn transfer_one(call: &mut Call<'_>, source: &str, to: &str, moves: bool, options: &Options) -> Result<(), String> {
    let w = &mut *call.workstation;
    let (from, target) = (w.resolve(source), w.resolve(to));
    let stat = |error| format!("cannot stat '{source}': {error}");
    if w.is_directory(&from) {
        if !moves && !['r', 'R', 'a'].into_iter().any(|letter| options.has(letter)) {
            return Err(format!("-r not specified; omitting directory '{source}'"));
        }
        if target == from || target.starts_with(&format!("{from}/")) {
            return Err(match moves {
                true => format!("cannot move '{source}' to a subdirectory of itself, '{to}'"),
                false => format!("cannot copy a directory, '{source}', into itself, '{to}'"),
            });
        }
        let prefix = format!("{from}/");
        let files: Vec<(String, String)> = w
            .files
            .range(prefix.clone()..)
            .take_while(|(path, _)| path.starts_with(&prefix))
            .map(|(path, text)| (path.clone(), text.clone()))
            .collect();
        let directories: Vec<String> = w.directories.iter().filter(|path| path.starts_with(&prefix)).cloned().collect();
        let create = |error| format!("cannot create directory '{to}': {error}");
        w.make_directory(&target, false).map_err(create)?;
        for directory in directories {
            let rest = directory.strip_prefix(&from).unwrap_or_default();
            w.make_directory(&format!("{target}{rest}"), true).map_err(create)?;
        }
        if moves {
            w.remove_tree(&from).map_err(|error| format!("cannot move '{source}' to '{to}': {error}"))?;
        }
        for (path, text) in files {
            let rest = path.strip_prefix(&from).unwrap_or_default();
            w.write(&format!("{target}{rest}"), &text)
                .map_err(|error| format!("cannot create regular file '{to}': {error}"))?;
        }
        return Ok(());
    }
    let text = w.read(source).map(str::to_owned).map_err(stat)?;
    if from == target {
        return Err(format!("'{source}' and '{to}' are the same file"));
    }
    if moves {
        // Moving needs no room for a second copy; what cannot be moved stays.
        w.remove_file(&from).map_err(stat)?;
        if let Err(error) = w.write(to, &text) {
            let _ = w.write(&from, &text);
            return Err(format!("cannot move '{source}' to '{to}': {error}"));
        }
        return Ok(());
    }
    w.write(to, &text).map_err(|error| format!("cannot create regular file '{to}': {error}"))
}
