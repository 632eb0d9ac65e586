//! jq: the language and the options of jq 1.6, its messages and its printing.
//!
//! A program is read into a filter ([`parse`], [`terms`]), which hands each value on as soon as it is there ([`eval`]).
//! Functions are written in Rust ([`functions`]: those that run filters; [`plain`]: those of values) or in jq ([`library`]).
//! Modules and streams (`import`, `--stream`) are refused by name.

mod bindings;
mod eval;
pub mod functions;
mod library;
mod made;
mod matches;
mod operators;
mod options;
mod parse;
mod paths;
mod plain;
mod print;
mod terms;
mod values;

use std::collections::VecDeque;

use serde_json::Value;

use super::Call;
use eval::{Env, Error, Machine};
use options::Options;

/// The most inputs that one call reads.
const MAX_INPUTS: usize = 20_000;

/// What may be used when something is refused.
const SUPPORTED: &str = "the language of jq 1.6 without modules, streams and broken-down times";

pub(super) fn jq(call: &mut Call<'_>) -> i32 {
    let options = match options::read(call) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    // Without a program jq prints its input in order.
    let mut program = options.program.clone().unwrap_or_else(|| ".".to_owned());
    if options.from_file {
        match call.read(&program) {
            Ok(text) => program = text,
            Err(error) => {
                call.err(&format!("jq: error: Could not open {program}: {error}\n"));
                return 2;
            }
        }
    }
    let known: Vec<&str> = options.variables.iter().map(|(name, _)| name.as_str()).collect();
    let filter = match parse::program(&program, &known) {
        Ok(filter) => filter,
        Err(parse::Error::Compile(message)) => {
            call.err(&format!("jq: error: {message} at <top-level>, line 1:\n{program}\njq: 1 compile error\n"));
            return 3;
        }
        Err(parse::Error::Unsupported(what)) => return call.unsupported(&what, SUPPORTED),
    };
    let (mut texts, mut failed) = (Vec::new(), false);
    // Without input nothing is read, unless the program asks for it.
    let asks = program.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| matches!(word, "input" | "inputs"));
    if options.files.is_empty() && (!options.null_input || asks) {
        texts.push(("<stdin>".to_owned(), call.stdin()));
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
    let environment = call.workstation.environment();
    let environment = environment.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    let mut machine = Machine::new(Value::Object(environment), call.now);
    let broken = read_inputs(&options, &texts, &mut machine.inputs);
    if machine.inputs.len() > MAX_INPUTS {
        call.complain(&format!("more than {MAX_INPUTS} values; stopped"));
        return 2;
    }
    let mut env = Env::default();
    for (id, (_, value)) in options.variables.iter().enumerate() {
        env = env.with_value(id, value.clone());
    }
    let place = texts.last().map_or("", |(path, _)| path);
    let (mut exit, mut last) = (0, None);
    let mut next = if options.null_input { Some((Value::Null, None)) } else { machine.inputs.pop_front() };
    while let Some((input, line)) = next {
        let outcome = eval::eval(&mut machine, &filter, &env, &input, None, &mut |m, result, _| {
            call.err(&std::mem::take(&mut m.messages));
            let text = options.show(&result);
            m.spend(text.len() / 64)?;
            call.out(&text);
            last = Some(eval::holds(&result));
            if call.is_full() { Err(Error::Halt(2, String::new())) } else { Ok(()) }
        });
        call.err(&std::mem::take(&mut machine.messages));
        match outcome {
            Ok(()) => exit = 0,
            Err(Error::Limit(message)) => {
                call.complain(&message);
                return 2;
            }
            Err(Error::Halt(exit, text)) => {
                call.err(&text);
                return exit & 255;
            }
            Err(Error::Break(_)) => {
                call.err("jq: error (at <unknown>): break\n");
                exit = 5;
            }
            Err(Error::Value(error)) => {
                let place = line.map_or("<unknown>".to_owned(), |line| format!("{place}:{line}"));
                let text = match &error {
                    Value::String(message) => format!("jq: error (at {place}): {message}\n"),
                    error => {
                        format!("jq: error (at {place}) (not a string): {}\n", print::print(error, Some(0), false))
                    }
                };
                call.err(&text);
                exit = 5;
            }
        }
        next = if options.null_input { None } else { machine.inputs.pop_front() };
    }
    if let Some(message) = broken.filter(|_| !options.null_input) {
        call.err(&format!("parse error: {message}\n"));
        return 4;
    }
    if exit == 0 && failed {
        return 2;
    }
    if exit == 0 && options.exit_status {
        return last.map_or(4, |holds| i32::from(!holds));
    }
    exit
}

/// Reads the texts as the options say; the message for what is not JSON.
fn read_inputs(
    options: &Options,
    texts: &[(String, String)],
    inputs: &mut VecDeque<(Value, Option<usize>)>,
) -> Option<String> {
    let lines = texts.iter().map(|(_, text)| text.matches('\n').count()).sum();
    if options.raw_input && options.slurp {
        let whole: String = texts.iter().map(|(_, text)| text.as_str()).collect();
        inputs.push_back((Value::String(whole), Some(lines)));
        return None;
    }
    for (_, text) in texts {
        if options.raw_input {
            let lines = super::lines(text).enumerate().map(|(at, line)| (Value::String(line.to_owned()), Some(at + 1)));
            inputs.extend(lines);
        } else if let Some(message) = values(text, inputs) {
            if options.slurp {
                inputs.clear();
            }
            return Some(message);
        }
    }
    if options.slurp && !options.raw_input {
        let all = inputs.drain(..).map(|(value, _)| value).collect();
        inputs.push_back((Value::Array(all), Some(lines)));
    }
    None
}

/// Reads the values of a text, each with the line it ends on; the message for what is not JSON.
fn values(text: &str, inputs: &mut VecDeque<(Value, Option<usize>)>) -> Option<String> {
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
                inputs.push_back((value, Some(at)));
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
