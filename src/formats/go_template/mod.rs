//! Go templates as kubectl's `-o go-template=…` runs them.
//!
//! The language is that of Go's `text/template` with kubectl's functions `exists` and `base64decode`
//! (`cli-runtime:pkg/printers/template.go`). Objects are read as kubectl reads them, so that every number is a float.
//! Not there: `call` and `js`. Steps and output are bounded.

mod eval;
mod functions;
mod parse;
mod token;

use serde_json::{Number, Value};

use super::{go_text, go_values, json};
use parse::Templates;

/// A parsed template.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    source: String,
    templates: Templates,
}

/// A template that does not fit the object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// What is printed: what the template gave before, then words for debugging.
    pub printed: String,
    /// The error.
    pub message: String,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// What Go says of a malformed one, behind `error parsing template …, `.
    pub fn parse(source: &str) -> Result<Self, String> {
        match parse::parse(source) {
            Ok(templates) => Ok(Self { source: source.to_owned(), templates }),
            Err((line, message)) => {
                Err(format!("error parsing template {source}, template: output:{line}: {message}\n"))
            }
        }
    }

    /// Runs the template on an object. If `strict`, a missing member is an error.
    ///
    /// # Errors
    /// The template does not fit the object.
    pub fn print(&self, object: &Value, strict: bool) -> Result<String, Misfit> {
        let data = floats(object);
        let mut run = eval::Run::new(&self.source, &self.templates, &data, strict);
        match run.all() {
            Ok(()) => Ok(run.out),
            Err(message) => {
                let printed = format!(
                    "{}Error executing template: {message}. Printing more information for debugging the template:\n\
                     \ttemplate was:\n\t\t{}\n\traw data was:\n\t\t{}\n\tobject given to template engine was:\n\t\t{}\n\n",
                    run.out,
                    self.source,
                    json::go_compact(object),
                    go_values::print(&data),
                );
                let message = format!("error executing template {}: {message}", go_text::quote(&self.source));
                Err(Misfit { printed, message })
            }
        }
    }
}

/// The value with all numbers as floats, as Go's JSON reader has them.
fn floats(value: &Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().and_then(Number::from_f64).map_or(Value::Null, Value::Number),
        Value::Array(items) => Value::Array(items.iter().map(floats).collect()),
        Value::Object(members) => Value::Object(members.iter().map(|(k, v)| (k.clone(), floats(v))).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
