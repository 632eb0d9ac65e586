//! From words to the input of an operation: files, JSON, shorthand, `--cli-input-json` (cli 2).

use serde_json::{Map, Value};

use super::args::{Arity, Opt, Parsed};
use super::model::{Member, Operation, Shape, TEXT};
use super::shorthand;
use super::usage::Failure;
use crate::formats::{python, python_json, yaml};
use crate::session::Workstation;

/// The options of an operation, in the order in which the tool declares them (cli 1.6).
pub fn options(operation: &Operation) -> Vec<Opt> {
    let mut options = Vec::new();
    for member in operation.input {
        let flag = format!("--{}", member.option_name());
        let arity = match member.shape {
            Shape::Boolean => Arity::Flag,
            Shape::List(_) => Arity::Any,
            _ => Arity::One,
        };
        if member.shape == Shape::Boolean {
            options.push(Opt { arity, ..Opt::new(flag) });
            options.push(Opt { arity, ..Opt::new(format!("--no-{}", member.option_name())) });
        } else if !is_paging_option(operation, &flag) {
            options.push(Opt { arity, required: member.required, ..Opt::new(flag) });
        }
    }
    options.extend(["--cli-input-json", "--cli-input-yaml"].map(Opt::new));
    if operation.paging.is_some() {
        options.push(Opt::new("--starting-token"));
        options.push(Opt { integer: true, ..Opt::new("--page-size") });
        options.push(Opt { integer: true, ..Opt::new("--max-items") });
    }
    options.push(Opt {
        arity: Arity::Optional("input"),
        choices: &["input", "output", "yaml-input"],
        ..Opt::new("--generate-cli-skeleton")
    });
    options
}

/// IAM's own `MaxItems` hides behind the tool's `--max-items`.
fn is_paging_option(operation: &Operation, flag: &str) -> bool {
    operation.paging.is_some() && ["--starting-token", "--page-size", "--max-items"].contains(&flag)
}

/// Whether these words lift the duty to give the required options (cli 2.4, 2.6): the exact option, not a prefix of it.
pub fn lifts_required(words: &[String]) -> bool {
    let asks_output = |at: usize| words.get(at + 1).is_some_and(|w| w == "output");
    words.iter().enumerate().any(|(at, word)| match word.as_str() {
        "--cli-input-json" | "--cli-input-yaml" => true,
        "--generate-cli-skeleton" => !asks_output(at),
        _ => false,
    })
}

/// The input that the options state, before validation, and the members that came from `--cli-input-…`.
///
/// # Errors
/// A value that cannot be read.
pub fn input(operation: &Operation, parsed: &Parsed, files: &Workstation) -> Result<Map<String, Value>, Failure> {
    let mut input = Map::new();
    for member in operation.input {
        let flag = format!("--{}", member.option_name());
        if member.shape == Shape::Boolean {
            if parsed.has(&flag) {
                input.insert(member.name.to_owned(), true.into());
            } else if parsed.has(&format!("--no-{}", member.option_name())) {
                input.insert(member.name.to_owned(), false.into());
            }
        } else if let Some(words) = parsed.words(&flag).filter(|_| !is_paging_option(operation, &flag)) {
            input.insert(member.name.to_owned(), value(member, &flag, words, files)?);
        }
    }
    for flag in ["--cli-input-json", "--cli-input-yaml"] {
        if let Some(word) = parsed.value(flag) {
            let text = param_file(word, files).map_err(|why| bad_value(flag, &why))?;
            let given = whole_input(flag, text.as_deref().unwrap_or(word))?;
            for (name, value) in given {
                if !input.contains_key(&name) {
                    input.insert(name, value);
                }
            }
        }
    }
    if parsed.has("--cli-input-json") && parsed.has("--cli-input-yaml") {
        return Err(Failure::Value("Only one --cli-input- parameter may be specified.".to_owned()));
    }
    Ok(input)
}

/// The members whose option holds JSON, or a file: the tool reads that into a dictionary of another type, which its
/// messages name.
pub fn given_as_json(operation: &Operation, parsed: &Parsed) -> Vec<&'static str> {
    let is_json = |word: &str| word.trim_start().starts_with(['{', '[']) || word.starts_with("file");
    let given = |member: &&Member| parsed.value(&format!("--{}", member.option_name())).is_some_and(is_json);
    operation.input.iter().filter(given).map(|member| member.name).collect()
}

fn whole_input(flag: &str, text: &str) -> Result<Map<String, Value>, Failure> {
    let name = flag.trim_start_matches('-');
    let read = if flag == "--cli-input-json" {
        python_json::parse(text).map_err(|_| bad_value(name, "Invalid JSON received."))?
    } else {
        yaml::load::load(text).map_err(|_| bad_value(name, "Invalid YAML received."))?
    };
    match read {
        Value::Object(members) => Ok(members),
        other => {
            let kind = python::type_name(&other);
            Err(bad_value(flag, &format!("Invalid type: expecting map, received <class '{kind}'>")))
        }
    }
}

fn bad_value(name: &str, why: &str) -> Failure {
    Failure::Value(format!("Error parsing parameter '{name}': {why}"))
}

/// The text of a file that `word` names with `file://` or `fileb://`; nothing if it names none (cli 2.1).
///
/// # Errors
/// The tool's message about a file that cannot be read.
pub fn param_file(word: &str, files: &Workstation) -> Result<Option<String>, String> {
    let Some(path) = word.strip_prefix("file://").or_else(|| word.strip_prefix("fileb://")) else { return Ok(None) };
    let path = files.expand_home(path);
    match files.read(&path) {
        Ok(text) => Ok(Some(text.to_owned())),
        Err(error) => {
            let number = error_number(&error.to_string());
            let shown = python::repr(&Value::String(path));
            Err(format!("Unable to load paramfile {word}: [Errno {number}] {error}: {shown}"))
        }
    }
}

/// The number that goes with the system's words.
pub fn error_number(words: &str) -> u32 {
    match words {
        "Is a directory" => 21,
        "Not a directory" => 20,
        "File name too long" => 36,
        _ => 2,
    }
}

/// What a list option holds: its words, or the text of a file.
enum Given {
    Words(Vec<String>),
    Text(String),
}

fn value(member: &Member, flag: &str, words: &[String], files: &Workstation) -> Result<Value, Failure> {
    let wrong = |why: String| bad_value(flag, &why);
    let from_file = match words {
        [word] => param_file(word, files).map_err(wrong)?,
        _ => None,
    };
    let is_list = matches!(member.shape, Shape::List(_));
    let given = match from_file {
        Some(text) => Given::Text(text),
        None if is_list => Given::Words(words.to_vec()),
        None => Given::Text(words.first().cloned().unwrap_or_default()),
    };
    let looks_like_json = |text: &str| text.trim_start().starts_with(['[', '{']);
    let read_file = |word: &str| param_file(word, files);
    let first = match &given {
        Given::Words(words) => words.first().cloned().unwrap_or_default(),
        Given::Text(text) => text.clone(),
    };
    if member.shape.takes_shorthand() && !looks_like_json(&first) {
        let read = |text: &str| {
            shorthand::parse(text, &read_file).map_err(|fault| match fault {
                shorthand::Fault::Text(why) => bad_value(flag, &why),
                shorthand::Fault::File(why) => Failure::Other(why),
            })
        };
        let value = match given {
            Given::Text(text) => read(&text)?,
            Given::Words(words) => Value::Array(words.iter().map(|w| read(w)).collect::<Result<_, _>>()?),
        };
        // A whole list out of a file is not taken apart; validation says so.
        return if is_list && value.is_object() {
            Ok(value)
        } else {
            shorthand::fit(value, &member.shape).map_err(Failure::Other)
        };
    }
    match (&member.shape, given) {
        (Shape::List(_), Given::Text(text)) if text.trim_start().starts_with('[') => json(flag, &text),
        (Shape::List(item), Given::Text(text)) => {
            // The text is a sequence of characters to the tool.
            text.chars().map(|c| single(item, flag, &c.to_string())).collect::<Result<_, _>>().map(Value::Array)
        }
        (Shape::List(_), Given::Words(words)) if words.len() == 1 && first.trim().starts_with('[') => {
            json(flag, &first)
        }
        (Shape::List(item), Given::Words(words)) => {
            words.iter().map(|word| single(item, flag, word)).collect::<Result<_, _>>().map(Value::Array)
        }
        (shape, Given::Text(text)) => single(shape, flag, &text),
        (_, Given::Words(_)) => single(&TEXT, flag, &first),
    }
}

fn single(shape: &Shape, flag: &str, text: &str) -> Result<Value, Failure> {
    match shape {
        Shape::Integer { .. } => shorthand::integer(text).map_err(Failure::Other),
        Shape::Boolean => Ok(Value::Bool(!text.is_empty() && !text.eq_ignore_ascii_case("false"))),
        Shape::Structure(_) | Shape::Map if text.trim_start().starts_with('{') => json(flag, text),
        Shape::Structure(_) | Shape::Map => Err(bad_value(flag, &format!("Invalid JSON:\n{text}"))),
        _ => Ok(Value::String(text.to_owned())),
    }
}

fn json(flag: &str, text: &str) -> Result<Value, Failure> {
    python_json::parse(text).map_err(|why| bad_value(flag, &format!("Invalid JSON: {why}\nJSON received: {text}")))
}
