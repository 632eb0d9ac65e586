//! The command line of jq.

use serde_json::{Value, json};

use super::super::Call;
use super::print::print;

#[derive(Default)]
pub(super) struct Options {
    pub raw: bool,
    pub join: bool,
    pub exit_status: bool,
    pub null_input: bool,
    pub slurp: bool,
    pub raw_input: bool,
    pub from_file: bool,
    sort_keys: bool,
    ascii: bool,
    /// How far a level is indented; `None` is two blanks, an inner `None` a tab.
    indent: Option<Option<usize>>,
    /// By `--arg` and its like; the first of a name counts.
    pub variables: Vec<(String, Value)>,
    pub program: Option<String>,
    pub files: Vec<String>,
}

impl Options {
    /// A result as it is printed.
    pub fn show(&self, result: &Value) -> String {
        let mut text = match result {
            Value::String(text) if self.raw || self.join => text.clone(),
            value => print(value, self.indent.unwrap_or(Some(2)), self.sort_keys),
        };
        if self.ascii && !text.is_ascii() {
            let escaped = |c: char| -> String {
                if c.is_ascii() {
                    return c.into();
                }
                c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
            };
            text = text.chars().map(escaped).collect();
        }
        if !self.join {
            text.push('\n');
        }
        text
    }
}

const SUPPORTED: &str = "-r, -j, -c, -e, -n, -s, -R, -S, -a, -f, -M, -C, --tab, --indent N, --arg, --argjson, --slurpfile, --rawfile, --args, --jsonargs";

/// What follows `--args` and `--jsonargs`.
#[derive(Clone, Copy, PartialEq)]
enum Rest {
    Files,
    Texts,
    Json,
}

/// Reads the arguments; the exit code if they are wrong, which has been said.
pub(super) fn read(call: &mut Call<'_>) -> Result<Options, i32> {
    let mut options = Options::default();
    let mut args = call.args.iter();
    let mut only_operands = false;
    let (mut rest, mut positional) = (Rest::Files, Vec::new());
    while let Some(arg) = args.next() {
        // `-1` is a program.
        let is_option =
            arg.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-'));
        if only_operands || !is_option {
            match (&options.program, rest) {
                (None, _) => options.program = Some(arg.clone()),
                (Some(_), Rest::Files) => options.files.push(arg.clone()),
                (Some(_), Rest::Texts) => positional.push(Value::String(arg.clone())),
                (Some(_), Rest::Json) => match serde_json::from_str(arg) {
                    Ok(value) => positional.push(value),
                    Err(_) => {
                        call.err(&format!("jq: Invalid JSON text passed to --jsonargs\n{USAGE}"));
                        return Err(2);
                    }
                },
            }
            continue;
        }
        let letters = match arg.as_str() {
            "--" => {
                only_operands = true;
                continue;
            }
            "--args" | "--jsonargs" => {
                rest = if arg == "--args" { Rest::Texts } else { Rest::Json };
                continue;
            }
            "--arg" | "--argjson" | "--slurpfile" | "--rawfile" => {
                let (Some(name), Some(value)) = (args.next(), args.next()) else {
                    let what = if arg.ends_with("file") { "filename" } else { "value" };
                    let form = if what == "value" { "varname value" } else { "varname filename" };
                    call.err(&format!("jq: {arg} takes two parameters (e.g. {arg} {form})\n{USAGE}"));
                    return Err(2);
                };
                let value = value_of(call, arg, name, value)?;
                options.variables.push((name.clone(), value));
                continue;
            }
            "--indent" => {
                let Some(given) = args.next() else {
                    call.err(&format!("jq: --indent takes one parameter\n{USAGE}"));
                    return Err(2);
                };
                let wanted = given.parse::<i64>().unwrap_or(0);
                if !(-1..=7).contains(&wanted) {
                    call.err(&format!("jq: --indent takes a number between -1 and 7\n{USAGE}"));
                    return Err(2);
                }
                options.indent = Some(usize::try_from(wanted).ok());
                continue;
            }
            "--tab" => {
                options.indent = Some(None);
                continue;
            }
            "--version" => {
                call.out("jq-1.6\n");
                return Err(0);
            }
            "--help" => {
                call.out(USAGE);
                return Err(0);
            }
            "--unbuffered" => continue,
            "--raw-output" => "r",
            "--join-output" => "j",
            "--compact-output" => "c",
            "--exit-status" => "e",
            "--null-input" => "n",
            "--slurp" => "s",
            "--raw-input" => "R",
            "--sort-keys" => "S",
            "--ascii-output" => "a",
            "--from-file" => "f",
            "--monochrome-output" => "M",
            "--color-output" => "C",
            long if long.starts_with("--") => return Err(call.unsupported(long, SUPPORTED)),
            short => short.strip_prefix('-').unwrap_or_default(),
        };
        for letter in letters.chars() {
            match letter {
                'r' => options.raw = true,
                'j' => options.join = true,
                'c' => options.indent = Some(Some(0)),
                'e' => options.exit_status = true,
                'n' => options.null_input = true,
                's' => options.slurp = true,
                'R' => options.raw_input = true,
                'S' => options.sort_keys = true,
                'a' => options.ascii = true,
                'f' => options.from_file = true,
                'M' | 'C' => {}
                _ => return Err(call.unsupported(arg, SUPPORTED)),
            }
        }
    }
    let named: serde_json::Map<String, Value> = options.variables.iter().rev().cloned().collect();
    options.variables.reverse();
    options.variables.insert(0, ("ARGS".to_owned(), json!({"positional": positional, "named": named})));
    Ok(options)
}

const USAGE: &str = "Use jq --help for help with command-line options,\nor see the jq manpage, or online docs  at https://stedolan.github.io/jq\n";

/// The value of `--arg NAME VALUE` and its like.
fn value_of(call: &mut Call<'_>, option: &str, name: &str, value: &str) -> Result<Value, i32> {
    match option {
        "--arg" => Ok(Value::String(value.to_owned())),
        "--argjson" => serde_json::from_str(value).map_err(|_| {
            call.err(&format!("jq: invalid JSON text passed to --argjson\n{USAGE}"));
            2
        }),
        option => {
            let text = call.read(value).map_err(|error| {
                call.err(&format!("jq: Bad JSON in {option} {name} {value}: Could not open {value}: {error}\n"));
                2
            })?;
            if option == "--rawfile" {
                return Ok(Value::String(text));
            }
            let values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
            values.collect::<Result<Vec<Value>, _>>().map(Value::Array).map_err(|error| {
                call.err(&format!("jq: Bad JSON in {option} {name} {value}: {error}\n"));
                2
            })
        }
    }
}
