//! xxd, with `-p -r -u -c -g -l -s`.

use super::Call;

const SUPPORTED: &str = "-p -r (with -p) -u -c N -g N -l N -s N";

#[derive(Default)]
struct Choices {
    plain: bool,
    reverse: bool,
    upper: bool,
    columns: Option<usize>,
    group: Option<usize>,
    length: Option<usize>,
    seek: usize,
    file: Option<String>,
}

pub(super) fn xxd(call: &mut Call<'_>) -> i32 {
    let choices = match read(call) {
        Ok(choices) => choices,
        Err(exit) => return exit,
    };
    let path = choices.file.clone().unwrap_or_else(|| "-".to_owned());
    let text = match call.read(&path) {
        Ok(text) => text,
        Err(error) => {
            call.complain(&format!("{path}: {error}"));
            return 2;
        }
    };
    if choices.reverse {
        if !choices.plain {
            return call.unsupported("-r without -p", "-r -p");
        }
        return match String::from_utf8(bytes_of(&text)) {
            Ok(text) => {
                call.out(&text);
                0
            }
            Err(_) => call.unsupported("binary data", "text in UTF-8"),
        };
    }
    let bytes = text.as_bytes().get(choices.seek..).unwrap_or_default();
    let bytes = bytes.get(..choices.length.unwrap_or(usize::MAX).min(bytes.len())).unwrap_or_default();
    let hex = |byte: &u8| if choices.upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
    let columns = choices.columns.unwrap_or(if choices.plain { 30 } else { 16 });
    let group = choices.group.filter(|group| *group > 0 && *group < columns).unwrap_or(match choices.group {
        None => 2,
        Some(_) => columns,
    });
    let mut out = String::new();
    // `-c 0` of the plain style is one line.
    let width = if columns == 0 { bytes.len().max(1) } else { columns };
    for (at, row) in bytes.chunks(width).enumerate() {
        if choices.plain {
            out.extend(row.iter().map(hex));
        } else {
            let groups: Vec<String> = row.chunks(group).map(|part| part.iter().map(hex).collect()).collect();
            let whole = 2 * columns + columns.div_ceil(group);
            let shown = |byte: &u8| if (32..127).contains(byte) { char::from(*byte) } else { '.' };
            let text: String = row.iter().map(shown).collect();
            out.push_str(&format!("{:08x}: {:whole$} {text}", choices.seek + at * columns, groups.join(" ")));
        }
        out.push('\n');
    }
    call.out(&out);
    0
}

/// The options, of which the real one looks at the first letters only.
fn read(call: &mut Call<'_>) -> Result<Choices, i32> {
    let mut choices = Choices::default();
    let mut files = Vec::new();
    let mut args = call.args.iter();
    while let Some(arg) = args.next() {
        let Some(name) = arg.strip_prefix('-').filter(|name| !name.is_empty()) else {
            files.push(arg.clone());
            continue;
        };
        match name {
            "p" | "ps" | "plain" | "postscript" => choices.plain = true,
            "r" | "revert" => choices.reverse = true,
            "u" => choices.upper = true,
            _ if name.starts_with(['c', 'g', 'l', 's']) => {
                let (letter, attached) = name.split_at(1);
                let value = match attached {
                    "" | "ols" | "roupsize" | "en" | "eek" => args.next().map_or("", String::as_str),
                    attached => attached,
                };
                let number = match value.strip_prefix("0x") {
                    Some(digits) => usize::from_str_radix(digits, 16).ok(),
                    None => value.parse::<usize>().ok(),
                };
                let Some(number) = number else {
                    return Err(call.unsupported(&format!("{arg} {value}"), SUPPORTED));
                };
                match letter {
                    "c" if number <= 256 && (number > 0 || choices.plain) => choices.columns = Some(number),
                    "c" if number == 0 => choices.columns = None,
                    "c" => {
                        call.complain("invalid number of columns (max. 256).");
                        return Err(1);
                    }
                    "g" => choices.group = Some(number),
                    "l" => choices.length = Some(number),
                    _ => choices.seek = number,
                }
            }
            _ => return Err(call.unsupported(arg, SUPPORTED)),
        }
    }
    if let Some(second) = files.get(1) {
        return Err(call.unsupported(&format!("the output file {second}"), "`>`"));
    }
    choices.file = files.pop();
    Ok(choices)
}

/// Two digits make a byte; what is no digit divides nothing.
fn bytes_of(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks_exact(2).map(|two| two.iter().fold(0, |byte, digit| byte << 4 | *digit as u8)).collect()
}
