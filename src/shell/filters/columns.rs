//! column, envsubst, paste, rev.

use super::{Call, Options, lines, plainly};

/// `column -t [-s CHARACTERS] [-o TEXT]`.
pub(super) fn column(call: &mut Call<'_>) -> i32 {
    let long = [("table", 't'), ("separator", 's'), ("output-separator", 'o')];
    let options = match Options::read(call, "tn", "so", &long) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let (inputs, failed) = call.inputs(&options.operands, |path, reason| format!("{path}: {reason}"));
    let separators: Vec<char> = options.value('s').map_or_else(Vec::new, |given| given.chars().collect());
    let joint = options.value('o').unwrap_or("  ");
    let mut rows: Vec<Vec<&str>> = Vec::new();
    for line in inputs.iter().flat_map(|(_, text)| lines(text)).filter(|line| !line.trim().is_empty()) {
        rows.push(match (options.has('t'), separators.is_empty()) {
            (false, _) => vec![line],
            (true, true) => line.split_whitespace().collect(),
            (true, false) => line.split(separators.as_slice()).collect(),
        });
    }
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in &rows {
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            out.push_str(if at > 0 { joint } else { "" });
            match at + 1 == row.len() {
                true => out.push_str(cell),
                false => out.push_str(&format!("{cell:width$}")),
            }
        }
        out.push('\n');
    }
    call.out(&out);
    i32::from(failed)
}

/// `envsubst ['$NAME …']`: exported variables take the place of `$NAME` and `${NAME}`.
pub(super) fn envsubst(call: &mut Call<'_>) -> i32 {
    let wanted = match call.args {
        [] => None,
        [format] if !format.starts_with('-') => Some(format.clone()),
        args => return call.unsupported(&args.join(" "), "envsubst ['$NAME ${NAME}']"),
    };
    let environment = call.workstation.environment();
    let text = call.stdin();
    let named = |rest: &str| -> Option<(String, usize)> {
        let inner = rest.strip_prefix('{').unwrap_or(rest);
        let length = inner.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let name = inner.get(..length).filter(|name| crate::shell::syntax::is_name(name))?;
        let braced = rest.starts_with('{');
        if braced && !inner.get(length..)?.starts_with('}') {
            return None;
        }
        Some((name.to_owned(), length + if braced { 2 } else { 0 }))
    };
    let mentioned: Option<Vec<String>> =
        wanted.map(|format| format.split('$').skip(1).filter_map(|rest| named(rest).map(|(name, _)| name)).collect());
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((plain, after)) = rest.split_once('$') {
        out.push_str(plain);
        let found = named(after).filter(|(name, _)| mentioned.as_ref().is_none_or(|names| names.contains(name)));
        match found {
            Some((name, length)) => {
                out.push_str(environment.get(&name).map_or("", String::as_str));
                rest = after.get(length..).unwrap_or_default();
            }
            None => {
                out.push('$');
                rest = after;
            }
        }
        if out.len() > super::MAX_TOOL_OUTPUT {
            break;
        }
    }
    out.push_str(rest);
    call.out(&out);
    0
}

/// `paste [-s] [-d CHARACTERS] FILE …`.
pub(super) fn paste(call: &mut Call<'_>) -> i32 {
    let options = match Options::read(call, "s", "d", &[("serial", 's'), ("delimiters", 'd')]) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let (inputs, failed) = call.inputs(&options.operands, plainly);
    let given = options.value('d').unwrap_or("\t").replace("\\n", "\n").replace("\\t", "\t");
    let delimiters: Vec<char> = given.chars().collect();
    let joined = |cells: &[&str]| {
        let mut line = String::new();
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                line.extend(delimiters.get((at - 1) % delimiters.len().max(1)));
            }
            line.push_str(cell);
        }
        line + "\n"
    };
    let mut sides: Vec<Vec<&str>> = inputs.iter().map(|(_, text)| lines(text).collect()).collect();
    // `paste - -`: each takes the next line of the same input.
    let shared: Vec<usize> =
        (0..inputs.len()).filter(|at| inputs.get(*at).is_some_and(|(path, _)| path == "-")).collect();
    if let [first, _, ..] = shared.as_slice()
        && let Some(all) = sides.get(*first).cloned()
    {
        for (place, side) in shared.iter().enumerate() {
            if let Some(side) = sides.get_mut(*side) {
                *side = all.iter().skip(place).step_by(shared.len()).copied().collect();
            }
        }
    }
    let mut out = String::new();
    if options.has('s') {
        sides.iter().for_each(|side| out.push_str(&joined(side)));
    } else {
        for at in 0..sides.iter().map(Vec::len).max().unwrap_or(0) {
            let cells: Vec<&str> = sides.iter().map(|side| side.get(at).copied().unwrap_or_default()).collect();
            out.push_str(&joined(&cells));
        }
    }
    call.out(&out);
    i32::from(failed)
}

pub(super) fn rev(call: &mut Call<'_>) -> i32 {
    let args = call.args;
    let (inputs, failed) = call.inputs(args, |path, reason| format!("cannot open {path}: {reason}"));
    for (_, text) in inputs {
        let mut out = String::new();
        for line in text.split_inclusive('\n') {
            let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
            out.extend(line.chars().rev());
            out.push_str(end);
        }
        call.out(&out);
    }
    i32::from(failed)
}
