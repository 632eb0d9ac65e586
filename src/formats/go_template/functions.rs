//! The functions of templates: those of Go, and kubectl's two.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::formats::{go_text, go_values, json};

const KNOWN: [&str; 21] = [
    "and",
    "base64decode",
    "eq",
    "exists",
    "ge",
    "gt",
    "html",
    "index",
    "le",
    "len",
    "lt",
    "ne",
    "not",
    "or",
    "print",
    "printf",
    "println",
    "slice",
    "urlquery",
    "js",
    "call",
];

/// The longest text that a width or a precision makes.
const MAX_WIDTH: usize = 10_000;

/// True for the name of a function.
pub fn is_known(name: &str) -> bool {
    KNOWN.contains(&name)
}

/// Neither empty nor zero nor false.
pub fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

/// A value as a template prints it.
pub fn printed(value: &Value) -> String {
    if value.is_null() { "<no value>".to_owned() } else { go_values::print(value) }
}

/// Calls a function. The error is what stands behind the place of the call.
pub fn call(name: &str, arguments: &[Value]) -> Result<Value, String> {
    let count = arguments.len();
    let (least, most) = match name {
        "not" | "len" | "base64decode" => (1, 1),
        "ne" | "lt" | "le" | "gt" | "ge" => (2, 2),
        "print" | "println" | "html" | "urlquery" => (0, usize::MAX),
        _ => (1, usize::MAX),
    };
    if count < least || count > most {
        let want = if most == usize::MAX { format!("at least {least}") } else { least.to_string() };
        return Err(format!("wrong number of args for {name}: want {want} got {count}"));
    }
    let calling = |message: String| format!("error calling {name}: {message}");
    let first = arguments.first().unwrap_or(&Value::Null);
    Ok(match name {
        "not" => (!is_true(first)).into(),
        "len" => length(first).map_err(calling)?.into(),
        "index" => index(arguments).map_err(calling)?,
        "slice" => slice(arguments).map_err(calling)?,
        "exists" => exists(arguments).into(),
        "base64decode" => {
            let text =
                first.as_str().ok_or_else(|| format!("wrong type for value; expected string; got {}", kind(first)))?;
            let bytes = STANDARD.decode(text).map_err(|error| calling(format!("base64 decode failed: {error}")))?;
            String::from_utf8_lossy(&bytes).into_owned().into()
        }
        "eq" => equal(arguments).map_err(calling)?.into(),
        "ne" => (!equal(arguments).map_err(calling)?).into(),
        "lt" | "le" | "gt" | "ge" => {
            let order = compare(first, arguments.get(1).unwrap_or(&Value::Null)).map_err(calling)?;
            match name {
                "lt" => order.is_lt(),
                "le" => order.is_le(),
                "gt" => order.is_gt(),
                _ => order.is_ge(),
            }
            .into()
        }
        "print" => joined(arguments).into(),
        "println" => {
            let words: Vec<String> = arguments.iter().map(go_values::print).collect();
            format!("{}\n", words.join(" ")).into()
        }
        "printf" => {
            let format =
                first.as_str().ok_or_else(|| format!("wrong type for value; expected string; got {}", kind(first)))?;
            printf(format, arguments.get(1..).unwrap_or_default()).into()
        }
        "html" => escaped(&joined(arguments)).into(),
        "urlquery" => url(&joined(arguments)).into(),
        _ => return Err(calling("the playground does not simulate this function".to_owned())),
    })
}

/// The Go type of a value.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Number(number) if !number.is_f64() => "int",
        other => go_values::type_name(other),
    }
}

/// `print`: blanks between operands when neither is a text.
fn joined(arguments: &[Value]) -> String {
    let mut out = String::new();
    let mut after_text = true;
    for value in arguments {
        let is_text = value.is_string();
        if !out.is_empty() && !is_text && !after_text {
            out.push(' ');
        }
        out.push_str(&go_values::print(value));
        after_text = is_text;
    }
    out
}

fn length(value: &Value) -> Result<usize, String> {
    match value {
        Value::String(text) => Ok(text.len()),
        Value::Array(items) => Ok(items.len()),
        Value::Object(members) => Ok(members.len()),
        Value::Null => Err("reflect: call of reflect.Value.Type on zero Value".to_owned()),
        other => Err(format!("len of type {}", kind(other))),
    }
}

fn index(arguments: &[Value]) -> Result<Value, String> {
    let (mut value, keys) = match arguments.split_first() {
        Some((value, keys)) => (value, keys),
        None => return Ok(Value::Null),
    };
    let mut byte = None;
    for key in keys {
        value = match value {
            Value::Object(members) => {
                let name = match key {
                    Value::String(name) => name,
                    Value::Null => return Err("value is nil; should be of type string".to_owned()),
                    other => return Err(format!("value has type {}; should be string", kind(other))),
                };
                members.get(name).unwrap_or(&Value::Null)
            }
            Value::Array(items) => {
                let at = position(key, items.len())?;
                items.get(at).ok_or("reflect: slice index out of range")?
            }
            Value::String(text) => {
                let at = position(key, text.len())?;
                let found = text.as_bytes().get(at).ok_or("reflect: string index out of range")?;
                byte = Some(Value::from(*found));
                continue;
            }
            Value::Null => return Err("index of untyped nil".to_owned()),
            other => return Err(format!("can't index item of type {}", kind(other))),
        };
    }
    Ok(byte.unwrap_or_else(|| value.clone()))
}

/// An index into what has `length` parts.
fn position(key: &Value, length: usize) -> Result<usize, String> {
    match key {
        Value::Number(number) if !number.is_f64() => {
            let at = usize::try_from(number.as_i64().unwrap_or(-1)).ok().filter(|at| *at <= length);
            at.ok_or_else(|| format!("index out of range: {number}"))
        }
        Value::Null => Err("cannot index slice/array with nil".to_owned()),
        other => Err(format!("cannot index slice/array with type {}", kind(other))),
    }
}

fn slice(arguments: &[Value]) -> Result<Value, String> {
    let value = arguments.first().unwrap_or(&Value::Null);
    let length = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.len(),
        Value::Null => return Err("slice of untyped nil".to_owned()),
        other => return Err(format!("can't slice item of type {}", kind(other))),
    };
    let at = |n: usize, otherwise: usize| arguments.get(n).map_or(Ok(otherwise), |key| position(key, length));
    let (from, to) = (at(1, 0)?, at(2, length)?);
    if from > to {
        return Err(format!("invalid slice index: {from} > {to}"));
    }
    Ok(match value {
        Value::Array(items) => items.get(from..to).unwrap_or_default().into(),
        other => other.as_str().and_then(|text| text.get(from..to)).unwrap_or_default().into(),
    })
}

/// kubectl's `exists`: as `index`, but whether it is there.
fn exists(arguments: &[Value]) -> bool {
    let Some((mut value, keys)) = arguments.split_first() else { return false };
    for key in keys {
        let next = match (value, key) {
            (Value::Object(members), Value::String(name)) => members.get(name),
            (Value::Array(items), Value::Number(at)) => at.as_u64().and_then(|at| items.get(usize::try_from(at).ok()?)),
            _ => None,
        };
        match next {
            Some(next) => value = next,
            None => return false,
        }
    }
    true
}

/// `eq`: the first argument against any of the others.
fn equal(arguments: &[Value]) -> Result<bool, String> {
    let Some((first, others)) = arguments.split_first() else { return Ok(false) };
    if others.is_empty() {
        return Err("missing argument for comparison".to_owned());
    }
    for other in others {
        let same = match (first, other) {
            (Value::Null, Value::Null) => true,
            (Value::Null, _) | (_, Value::Null) => false,
            (Value::Array(_) | Value::Object(_), _) | (_, Value::Array(_) | Value::Object(_)) => {
                return Err(format!("non-comparable type {}: {}", go_values::print(first), kind(first)));
            }
            (Value::Number(a), Value::Number(b)) if a.is_f64() != b.is_f64() => return Err(incompatible()),
            (a, b) if kind(a) != kind(b) => return Err(incompatible()),
            (a, b) => a == b,
        };
        if same {
            return Ok(true);
        }
    }
    Ok(false)
}

fn incompatible() -> String {
    "incompatible types for comparison".to_owned()
}

fn compare(a: &Value, b: &Value) -> Result<Ordering, String> {
    match (a, b) {
        (Value::String(a), Value::String(b)) => Ok(a.cmp(b)),
        (Value::Number(x), Value::Number(y)) if kind(a) == kind(b) => {
            Ok(x.as_f64().partial_cmp(&y.as_f64()).unwrap_or(Ordering::Equal))
        }
        (Value::String(_) | Value::Number(_), Value::String(_) | Value::Number(_)) => Err(incompatible()),
        _ => Err("invalid type for comparison".to_owned()),
    }
}

/// Go's `Sprintf` with the verbs of templates: `%s %v %d %q %t %f %e %g %x %c %%`.
fn printf(format: &str, arguments: &[Value]) -> String {
    let mut out = String::new();
    let mut arguments = arguments.iter();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut flags = String::new();
        while let Some(flag) = chars.next_if(|c| "-+# 0".contains(*c)) {
            flags.push(flag);
        }
        let mut number = || {
            let mut digits = String::new();
            while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                digits.push(digit);
            }
            digits.parse::<usize>().ok().map(|n| n.min(MAX_WIDTH))
        };
        let width = number().unwrap_or_default();
        let precision = if chars.next_if_eq(&'.').is_some() {
            let mut digits = String::new();
            while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                digits.push(digit);
            }
            Some(digits.parse::<usize>().unwrap_or_default().min(MAX_WIDTH))
        } else {
            None
        };
        let text = match (chars.next(), flags.as_str()) {
            (None, _) => "%!(NOVERB)".to_owned(),
            (Some('%'), _) => "%".to_owned(),
            (Some(verb), flags) => match arguments.next() {
                None => format!("%!{verb}(MISSING)"),
                Some(value) => formatted(verb, flags, precision, value),
            },
        };
        let missing = width.saturating_sub(text.chars().count());
        if flags.contains('-') {
            out.push_str(&text);
            out.extend(std::iter::repeat_n(' ', missing));
        } else if flags.contains('0') {
            let (sign, digits) = text.split_at(usize::from(text.starts_with('-')));
            out.push_str(sign);
            out.extend(std::iter::repeat_n('0', missing));
            out.push_str(digits);
        } else {
            out.extend(std::iter::repeat_n(' ', missing));
            out.push_str(&text);
        }
    }
    let surplus: Vec<String> = arguments.map(|value| format!("{}={}", kind(value), go_values::print(value))).collect();
    if !surplus.is_empty() {
        out.push_str(&format!("%!(EXTRA {})", surplus.join(", ")));
    }
    out
}

/// One value under one verb. Lists are shown element by element.
fn formatted(verb: char, flags: &str, precision: Option<usize>, value: &Value) -> String {
    let short = |text: &str| precision.map_or(text.to_owned(), |n| text.chars().take(n).collect());
    match (verb, value) {
        ('v', Value::String(text)) if flags.contains('#') => go_text::quote(text),
        ('v', value) if flags.contains('#') => go_values::syntax(value),
        ('v', Value::String(text)) => short(text),
        ('v', value) => go_values::print(value),
        ('s', Value::String(text)) => short(text),
        ('q', Value::String(text)) => go_text::quote(&short(text)),
        ('x', Value::String(text)) => text.bytes().map(|byte| format!("{byte:02x}")).collect(),
        ('t', Value::Bool(truth)) => truth.to_string(),
        ('T', value) => kind(value).to_owned(),
        ('d', Value::Number(number)) if !number.is_f64() => number.to_string(),
        ('x', Value::Number(number)) if !number.is_f64() => format!("{:x}", number.as_i64().unwrap_or_default()),
        ('c', Value::Number(number)) if !number.is_f64() => {
            let code = number.as_u64().and_then(|code| u32::try_from(code).ok()).and_then(char::from_u32);
            code.unwrap_or('\u{fffd}').to_string()
        }
        ('f' | 'F', Value::Number(number)) if number.is_f64() => {
            format!("{:.*}", precision.unwrap_or(6), number.as_f64().unwrap_or_default())
        }
        ('g', Value::Number(number)) if number.is_f64() => json::go_print_number(number),
        ('s' | 'q' | 'd' | 'x' | 't' | 'f', Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(|item| formatted(verb, flags, precision, item)).collect();
            format!("[{}]", items.join(" "))
        }
        (verb, Value::Null) => format!("%!{verb}(<nil>)"),
        (verb, value) => format!("%!{verb}({}={})", kind(value), go_values::print(value)),
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn url(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
