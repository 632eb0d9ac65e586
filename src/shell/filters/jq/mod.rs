//! jq: the part of the language that reads access data. Messages and printing are those of jq 1.6.
//!
//! Paths, `.[]`, slices, `..`, `?`, `|`, `,`, `//`, arithmetic, comparison, `and`, `or`, arrays, objects, text with `\( )`,
//! `if`, `as $x`, and the functions of [`functions::NAMES`]. Assignment (`|=`, `=`), `def`, `reduce`, `foreach`, `try`,
//! `label` and `import` are refused by name.

mod eval;
pub mod functions;
mod parse;
mod print;
mod values;

use std::collections::BTreeMap;

use serde_json::Value;

use super::Call;

/// The most inputs that one call reads.
const MAX_INPUTS: usize = 20_000;

#[derive(Default)]
struct Options {
    raw: bool,
    join: bool,
    compact: bool,
    exit_status: bool,
    null_input: bool,
    slurp: bool,
    raw_input: bool,
    sort_keys: bool,
    variables: BTreeMap<String, Value>,
    program: Option<String>,
    files: Vec<String>,
}

pub(super) fn jq(call: &mut Call<'_>) -> i32 {
    let options = match options(call) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    // Without a program jq prints its input in order.
    let program = options.program.clone().unwrap_or_else(|| ".".to_owned());
    let known: Vec<&str> = options.variables.keys().map(String::as_str).collect();
    let filter = match parse::program(&program, &known) {
        Ok(filter) => filter,
        Err(parse::Error::Compile(message)) => {
            call.err(&format!("jq: error: {message} at <top-level>, line 1:\n{program}\njq: 1 compile error\n"));
            return 3;
        }
        Err(parse::Error::Unsupported(what)) => {
            return call.unsupported(
                &what,
                "paths, .[], slices, |, ,, //, ?, arithmetic, comparison, and, or, if, arrays, objects, \"\\(…)\", `as $x`, select, map, to_entries, sort_by, group_by, test, join and other plain functions",
            );
        }
    };
    let (texts, failed) = if options.null_input {
        (vec![("-".to_owned(), String::new())], false)
    } else {
        let mut texts = Vec::new();
        let mut failed = false;
        if options.files.is_empty() {
            texts.push(("-".to_owned(), call.stdin()));
        }
        for path in &options.files {
            match call.read(path) {
                Ok(text) if texts.len() < MAX_INPUTS => texts.push((path.clone(), text)),
                Ok(_) => failed = true,
                Err(error) => {
                    call.err(&format!("jq: error: Could not open file {path}: {error}\n"));
                    failed = true;
                }
            }
        }
        (texts, failed)
    };
    let mut inputs = Vec::new();
    let mut broken = None;
    for (_, text) in &texts {
        if options.null_input {
            inputs.push((Value::Null, None));
        } else if options.raw_input && options.slurp {
            inputs.push((Value::String(text.clone()), Some(text.matches('\n').count())));
        } else if options.raw_input {
            inputs.extend(
                super::lines(text).enumerate().map(|(at, line)| (Value::String(line.to_owned()), Some(at + 1))),
            );
        } else {
            broken = values(text, &mut inputs);
            if broken.is_some() {
                break;
            }
        }
    }
    let too_many = inputs.len() > MAX_INPUTS;
    if too_many {
        inputs.clear();
    }
    if options.slurp && !options.raw_input && !options.null_input {
        let all = inputs.drain(..).map(|(value, _)| value).collect();
        let lines = texts.iter().map(|(_, text)| text.matches('\n').count()).sum();
        if broken.is_none() {
            inputs.push((Value::Array(all), Some(lines)));
        }
    }
    let (mut exit, mut last) = (0, None);
    let mut budget = eval::Budget::default();
    for (input, line) in inputs {
        let mut results = Vec::new();
        let outcome = eval::run(&filter, input, &options.variables, &mut budget, &mut results);
        for result in &results {
            let mut text = match (result, options.raw || options.join) {
                (Value::String(text), true) => text.clone(),
                (value, _) => print::print(value, options.compact, options.sort_keys),
            };
            if !options.join {
                text.push('\n');
            }
            call.out(&text);
        }
        last = results.pop().or(last);
        match outcome {
            Ok(()) => exit = 0,
            Err(eval::Error::Limit(message)) => {
                call.complain(&message);
                return 2;
            }
            Err(eval::Error::Value(message)) => {
                let place = match line {
                    Some(line) if options.files.is_empty() => format!("<stdin>:{line}"),
                    Some(line) => format!("{}:{line}", texts.last().map_or("", |(path, _)| path)),
                    None => "<unknown>".to_owned(),
                };
                call.err(&format!("jq: error (at {place}): {message}\n"));
                exit = 5;
            }
        }
    }
    if let Some(message) = broken {
        call.err(&format!("parse error: {message}\n"));
        return 4;
    }
    if too_many {
        call.complain(&format!("more than {MAX_INPUTS} values; stopped"));
        return 2;
    }
    if exit == 0 && failed {
        return 2;
    }
    if exit == 0 && options.exit_status {
        return match last {
            None => 4,
            Some(Value::Null | Value::Bool(false)) => 1,
            Some(_) => 0,
        };
    }
    exit
}

fn options(call: &mut Call<'_>) -> Result<Options, i32> {
    const SUPPORTED: &str = "-r, -j, -c, -e, -n, -s, -R, -S, -M, -C, --arg NAME VALUE, --argjson NAME VALUE";
    let mut options = Options::default();
    let mut args = call.args.iter();
    let mut only_operands = false;
    while let Some(arg) = args.next() {
        if only_operands || !arg.starts_with('-') || arg == "-" {
            match options.program {
                None => options.program = Some(arg.clone()),
                Some(_) => options.files.push(arg.clone()),
            }
            continue;
        }
        let letters = match arg.as_str() {
            "--" => {
                only_operands = true;
                continue;
            }
            "--arg" | "--argjson" => {
                let (Some(name), Some(value)) = (args.next(), args.next()) else {
                    call.err(&format!("jq: {arg} takes two parameters (e.g. {arg} varname value)\n"));
                    return Err(2);
                };
                let value = if arg == "--arg" {
                    Value::String(value.clone())
                } else {
                    match serde_json::from_str(value) {
                        Ok(value) => value,
                        Err(_) => {
                            call.err("jq: Invalid JSON text passed to --argjson\n");
                            return Err(2);
                        }
                    }
                };
                options.variables.insert(name.clone(), value);
                continue;
            }
            "--raw-output" => "r",
            "--join-output" => "j",
            "--compact-output" => "c",
            "--exit-status" => "e",
            "--null-input" => "n",
            "--slurp" => "s",
            "--raw-input" => "R",
            "--sort-keys" => "S",
            "--monochrome-output" => "M",
            "--color-output" => "C",
            long if long.starts_with("--") => return Err(call.unsupported(long, SUPPORTED)),
            short => short.strip_prefix('-').unwrap_or_default(),
        };
        for letter in letters.chars() {
            match letter {
                'r' => options.raw = true,
                'j' => options.join = true,
                'c' => options.compact = true,
                'e' => options.exit_status = true,
                'n' => options.null_input = true,
                's' => options.slurp = true,
                'R' => options.raw_input = true,
                'S' => options.sort_keys = true,
                'M' | 'C' => {}
                _ => return Err(call.unsupported(arg, SUPPORTED)),
            }
        }
    }
    Ok(options)
}

/// Reads the values of a text, each with the line it ends on; the message for what is not JSON.
fn values(text: &str, inputs: &mut Vec<(Value, Option<usize>)>) -> Option<String> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let (mut counted, mut line) = (0, 1);
    loop {
        match stream.next()? {
            Ok(value) => {
                let end = stream.byte_offset();
                line += text.get(counted..end).map_or(0, |part| part.matches('\n').count());
                counted = end;
                // jq reads whole lines: the newline after the value counts if there is one.
                let at = if text.get(end..).is_some_and(|rest| rest.contains('\n')) { line } else { line - 1 };
                inputs.push((value, Some(at)));
                if inputs.len() > MAX_INPUTS {
                    return None;
                }
            }
            Err(error) if error.is_eof() => {
                let lines = text.matches('\n').count();
                let column = text.rsplit('\n').next().map_or(0, str::len);
                return Some(format!("Unfinished JSON term at EOF at line {}, column {column}", lines + 1));
            }
            Err(error) => {
                let row = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
                let from = error.column().saturating_sub(1).min(row.len());
                let word = row.get(from..).map_or(0, |rest| {
                    rest.find(|c: char| c.is_whitespace() || "[]{},:\"".contains(c)).unwrap_or(rest.len())
                });
                return Some(match word {
                    0 => {
                        format!("Expected separator between values at line {}, column {}", error.line(), error.column())
                    }
                    _ if from + word == row.len() => {
                        format!("Invalid numeric literal at line {}, column 0", error.line() + 1)
                    }
                    _ => format!("Invalid numeric literal at line {}, column {}", error.line(), from + word + 1),
                });
            }
        }
    }
}
