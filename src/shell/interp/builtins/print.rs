//! `echo`, `printf`, `date`.

use super::super::exec::{Io, Run, Shell};
use super::unsupported;
use crate::shell::dates::formatted;

pub(super) fn echo(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let (mut newline, mut escapes) = (true, false);
    let mut rest = args;
    while let Some((first, after)) = rest.split_first() {
        let letters = first.strip_prefix('-').unwrap_or_default();
        if letters.is_empty() || !letters.chars().all(|c| matches!(c, 'n' | 'e' | 'E')) {
            break;
        }
        for letter in letters.chars() {
            match letter {
                'n' => newline = false,
                letter => escapes = letter == 'e',
            }
        }
        rest = after;
    }
    let mut text = rest.join(" ");
    if escapes {
        let (unescaped, ended) = unescape(&text, true);
        text = unescaped;
        newline &= !ended;
    }
    if newline {
        text.push('\n');
    }
    shell.out(io, &text)?;
    Ok(0)
}

/// Replaces backslash escapes; true if `\c` ended the text. `octal_zero`: octal digits need a leading zero, as for `echo`.
fn unescape(text: &str, octal_zero: bool) -> (String, bool) {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('a') => out.push('\u{7}'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('v') => out.push('\u{b}'),
            Some('e') => out.push('\u{1b}'),
            Some('\\') => out.push('\\'),
            Some('c') => return (out, true),
            Some(digit @ '0'..='7') if !octal_zero || digit == '0' => {
                let mut value = digit.to_digit(8).unwrap_or(0);
                for _ in 0..if octal_zero { 3 } else { 2 } {
                    let Some(next) = chars.peek().and_then(|c| c.to_digit(8)) else { break };
                    value = value * 8 + next;
                    chars.next();
                }
                out.extend(char::from_u32(value & 0x7f));
            }
            Some('"') if !octal_zero => out.push('"'),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    (out, false)
}

/// The widest field of a `printf` conversion.
const MAX_WIDTH: usize = 1_000;

pub(super) fn printf(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let args = if args.first().is_some_and(|arg| arg == "--") { args.get(1..).unwrap_or_default() } else { args };
    let Some((format, values)) = args.split_first() else {
        shell.write(&io.stderr, "printf: usage: printf [-v var] format [arguments]\n")?;
        return Ok(2);
    };
    if format.starts_with('-') && format.len() == 2 {
        return unsupported(shell, io, "printf", format, "printf FORMAT ARGUMENTS");
    }
    let mut values = values.iter();
    let mut status = 0;
    let mut out = String::new();
    loop {
        let before = values.len();
        let mut rest = format.as_str();
        while let Some((plain, after)) = rest.split_once('%') {
            let (text, ended) = unescape(plain, false);
            out.push_str(&text);
            if ended {
                shell.out(io, &out)?;
                return Ok(status);
            }
            if let Some(after) = after.strip_prefix('%') {
                out.push('%');
                rest = after;
                continue;
            }
            let length = after.bytes().take_while(|b| b"-0 123456789.+".contains(b)).count();
            let (spec, after) = after.split_at(length);
            let mut conversion = after.chars();
            let letter = conversion.next();
            rest = conversion.as_str();
            let value = values.next();
            let text = match letter {
                Some('s') => value.cloned().unwrap_or_default(),
                Some('b') => unescape(value.map_or("", String::as_str), true).0,
                Some('q') => value.map(|value| quoted(value)).unwrap_or_default(),
                Some('d' | 'i') => {
                    let given = value.map_or("0", String::as_str);
                    match given.trim_start().parse::<i64>() {
                        Ok(number) => number.to_string(),
                        Err(_) => {
                            shell.complain(io, &format!("printf: {given}: invalid number"))?;
                            status = 1;
                            "0".to_owned()
                        }
                    }
                }
                other => {
                    let what = format!("%{spec}{}", other.map(String::from).unwrap_or_default());
                    return unsupported(shell, io, "printf", &what, "%s, %d, %i, %b, %q, %%");
                }
            };
            pad(&mut out, spec, &text, matches!(letter, Some('d' | 'i')));
            shell.work(text.len() + spec.len())?;
        }
        let (text, ended) = unescape(rest, false);
        out.push_str(&text);
        // The format is used again as long as it takes arguments.
        if ended || values.len() == 0 || values.len() == before {
            break;
        }
    }
    shell.out(io, &out)?;
    Ok(status)
}

/// Adds `text` with the width, alignment and precision of `spec`.
fn pad(out: &mut String, spec: &str, text: &str, number: bool) {
    let left = spec.contains('-');
    let plus = number && spec.contains('+') && !text.starts_with('-');
    let digits = spec.trim_start_matches(['-', '+', ' ']);
    let zero = number && digits.starts_with('0') && !left;
    let (width, precision) = digits.split_once('.').map_or((digits, None), |(width, rest)| (width, Some(rest)));
    let width = width.parse::<usize>().unwrap_or(0).min(MAX_WIDTH);
    let mut text: String = match precision {
        Some(limit) if !number => text.chars().take(limit.parse().unwrap_or(0)).collect(),
        _ => text.to_owned(),
    };
    if plus {
        text.insert(0, '+');
    }
    let missing = width.saturating_sub(text.chars().count());
    if zero {
        let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+'])));
        out.extend([sign, &"0".repeat(missing), digits]);
    } else if left {
        out.extend([text.as_str(), &" ".repeat(missing)]);
    } else {
        out.extend([&" ".repeat(missing), text.as_str()]);
    }
}

/// A value with backslashes, as `%q` prints it.
fn quoted(value: &str) -> String {
    if value.is_empty() {
        return "''".to_owned();
    }
    let safe = |c: char| c.is_alphanumeric() || "%+-./:=@_".contains(c);
    value.chars().flat_map(|c| (!safe(c)).then_some('\\').into_iter().chain([c])).collect()
}

/// `date [-u] [+FORMAT]`, from the simulated clock, always UTC.
pub(super) fn date(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let mut format = "%a %b %e %H:%M:%S UTC %Y".to_owned();
    for arg in args {
        match arg.as_str() {
            "-u" | "--utc" => {}
            "-Iseconds" | "--iso-8601=seconds" => format = "%Y-%m-%dT%H:%M:%S+00:00".to_owned(),
            "-I" => format = "%F".to_owned(),
            arg => match arg.strip_prefix('+') {
                Some(given) => format = given.to_owned(),
                None => return unsupported(shell, io, "date", arg, "-u, -I, -Iseconds, +FORMAT"),
            },
        }
    }
    match formatted(shell.host.now(), &format) {
        Ok(text) => {
            shell.out(io, &format!("{text}\n"))?;
            Ok(0)
        }
        Err(conversion) => {
            let supported = "%Y %m %d %e %H %M %S %s %F %T %a %A %b %B %y %j %Z %z %N %n %%";
            unsupported(shell, io, "date", &format!("%{conversion}"), supported)
        }
    }
}
