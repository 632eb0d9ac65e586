//! `echo`, `printf`, `date`.

use super::super::exec::{Io, Run, Shell, Stop};
use super::super::options::XPG_ECHO;
use super::unsupported;
use crate::shell::numbers::Spec;

pub(super) fn echo(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let (mut newline, mut escapes) = (true, shell.progress.options.has(XPG_ECHO));
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
pub(in super::super) fn unescape(text: &str, octal_zero: bool) -> (String, bool) {
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

pub(super) fn printf(shell: &mut Shell<'_>, args: &[String], io: &Io) -> Run {
    let (target, args) = match args {
        [option, name, rest @ ..] if option == "-v" => (Some(name.clone()), rest),
        args => (None, args),
    };
    let args = if args.first().is_some_and(|arg| arg == "--") { args.get(1..).unwrap_or_default() } else { args };
    let Some((format, values)) = args.split_first() else {
        shell.write(&io.stderr, "printf: usage: printf [-v var] format [arguments]\n")?;
        return Ok(2);
    };
    if format.starts_with('-') && format.len() == 2 {
        return unsupported(shell, io, "printf", format, "printf [-v NAME] FORMAT ARGUMENTS");
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
                put(shell, target, &out, io)?;
                return Ok(status);
            }
            if let Some(after) = after.strip_prefix('%') {
                out.push('%');
                rest = after;
                continue;
            }
            let (spec, after) =
                Spec::read(after, &mut || values.next().and_then(|value| value.parse().ok()).unwrap_or(0));
            let letter = after.chars().next().unwrap_or('%');
            rest = after.get(letter.len_utf8().min(after.len())..).unwrap_or_default();
            let value = values.next();
            let given = value.map_or("", String::as_str);
            let text = match letter {
                's' => spec.text(given),
                'b' => spec.text(&unescape(given, true).0),
                'q' => spec.text(&value.map(|value| quoted(value)).unwrap_or_default()),
                'c' => spec.text(&given.chars().next().map(String::from).unwrap_or_default()),
                'd' | 'i' | 'o' | 'u' | 'x' | 'X' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
                    let whole = "diouxX".contains(letter);
                    let number = if given.is_empty() && value.is_none() { Some(0.0) } else { number(given) };
                    if number.is_none() {
                        shell.complain(io, &format!("printf: {given}: invalid number"))?;
                        status = 1;
                    }
                    let exact = given.trim_start().parse::<i64>().ok();
                    let number = number.unwrap_or(0.0);
                    if whole { spec.whole(letter, exact.unwrap_or(number as i64)) } else { spec.number(letter, number) }
                }
                other => {
                    let what = format!("%{other}");
                    return unsupported(shell, io, "printf", &what, "%s %b %q %c %d %i %o %u %x %X %e %f %g %%");
                }
            };
            out.push_str(&text);
            shell.work(text.len() + 1)?;
        }
        let (text, ended) = unescape(rest, false);
        out.push_str(&text);
        // The format is used again as long as it takes arguments.
        if ended || values.len() == 0 || values.len() == before {
            break;
        }
    }
    put(shell, target, &out, io)?;
    Ok(status)
}

/// Prints a text, or sets the variable to it.
fn put(shell: &mut Shell<'_>, target: Option<String>, text: &str, io: &Io) -> Result<(), Stop> {
    match target {
        Some(name) => shell.set_variable(&name, text.to_owned()),
        None => shell.out(io, text),
    }
}

/// A number as `printf` reads it: of C, or the code of a character behind a quote.
fn number(text: &str) -> Option<f64> {
    let text = text.trim_start();
    if let Some(c) = text.strip_prefix(['\'', '"']) {
        return Some(c.chars().next().map_or(0.0, |c| f64::from(u32::from(c))));
    }
    let (sign, digits) = text.strip_prefix('-').map_or((1.0, text), |digits| (-1.0, digits));
    if let Some(hexadecimal) = digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        return i64::from_str_radix(hexadecimal, 16).ok().map(|number| sign * number as f64);
    }
    if digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit()) {
        return i64::from_str_radix(digits, 8).ok().map(|number| sign * number as f64);
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A value with backslashes, as `%q` prints it.
fn quoted(value: &str) -> String {
    if value.is_empty() {
        return "''".to_owned();
    }
    let safe = |c: char| c.is_alphanumeric() || "%+-./:=@_".contains(c);
    value.chars().flat_map(|c| (!safe(c)).then_some('\\').into_iter().chain([c])).collect()
}
