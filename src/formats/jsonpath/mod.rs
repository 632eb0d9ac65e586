//! kubectl's JSONPath templates: `-o jsonpath=...`, and the paths of custom columns and `--sort-by` (cli 13.4).
//!
//! The dialect is that of client-go (`util/jsonpath`), compared with kubectl 1.32. Keys that are missing give nothing unless [`Template::strict`].
//! Where the real tool walks over the members of an object in no fixed order, this one goes by name.

mod eval;
mod parse;

use serde_json::Value;

use super::go_values;
use super::json::{go_compact, go_print_number, kubectl_pretty, sort_keys};

/// A parsed template.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    source: String,
    nodes: Vec<parse::Node>,
    /// Whether a key that no object has is a failure.
    strict: bool,
}

/// Why a template cannot be read or executed; shown after `error: `.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `-o jsonpath=` without a template.
    #[error("template format specified but no template given")]
    Empty,
    /// The template is malformed.
    #[error("error parsing jsonpath {template}, {message}")]
    Syntax {
        /// The template as typed.
        template: String,
        /// What is wrong with it.
        message: String,
    },
    /// The template does not fit the object. kubectl shows both.
    #[error(
        "error executing jsonpath {}: Error executing template: {message}. Printing more information for debugging the \
         template:\n\ttemplate was:\n\t\t{template}\n\tobject given to jsonpath engine was:\n\t\t{object}\n\n\n",
        go_values::quoted(template)
    )]
    Execution {
        /// The template as typed.
        template: String,
        /// What went wrong.
        message: String,
        /// The object in Go's notation.
        object: String,
    },
    /// A path without braces is not a simple one.
    #[error(
        "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{{name1.name2}}' or '{{.name1.name2}}'"
    )]
    Path,
}

impl Template {
    /// Reads a template such as `{.items[*].metadata.name}`; text outside of braces stands for itself.
    pub fn parse(source: &str) -> Result<Self, TemplateError> {
        if source.is_empty() {
            return Err(TemplateError::Empty);
        }
        let syntax = |message| TemplateError::Syntax { template: source.to_owned(), message };
        parse::parse(source).map(|nodes| Self { source: source.to_owned(), nodes, strict: false }).map_err(syntax)
    }

    /// The template with missing keys as failures (`--allow-missing-template-keys=false`), or without.
    #[must_use]
    pub fn strict(self, strict: bool) -> Self {
        Self { strict, ..self }
    }

    /// Reads a path in the relaxed form of custom columns and `--sort-by`: `x.y`, `.x.y`, `{x.y}` or `{.x.y}`.
    pub fn parse_relaxed(path: &str) -> Result<Self, TemplateError> {
        let inner = path.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(path);
        let field = inner.strip_prefix('.').filter(|rest| !rest.is_empty()).unwrap_or(inner);
        if path.is_empty() {
            return Self::parse_nonempty("");
        }
        if field.is_empty() || field.contains(['{', '}']) {
            return Err(TemplateError::Path);
        }
        Self::parse_nonempty(&format!("{{.{field}}}"))
    }

    fn parse_nonempty(source: &str) -> Result<Self, TemplateError> {
        if source.is_empty() {
            Ok(Self { source: String::new(), nodes: Vec::new(), strict: false })
        } else {
            Self::parse(source)
        }
    }

    /// The results, one list per part of the template.
    pub fn find(&self, object: &Value) -> Result<Vec<Vec<Value>>, TemplateError> {
        eval::find(&self.nodes, object, self.strict).map_err(|message| TemplateError::Execution {
            template: self.source.clone(),
            message,
            object: go_values::syntax(object),
        })
    }

    /// The text that kubectl prints, without a newline at the end.
    pub fn print(&self, object: &Value) -> Result<String, TemplateError> {
        let parts = self.find(object)?;
        Ok(parts.iter().map(|results| results.iter().map(printed).collect::<Vec<_>>().join(" ")).collect())
    }

    /// The text of `-o jsonpath-as-json`: each part of the template as an indented list, with its newline.
    pub fn print_as_json(&self, object: &Value) -> Result<String, TemplateError> {
        let parts = self.find(object)?;
        Ok(parts.into_iter().map(|results| kubectl_pretty(&sort_keys(&Value::Array(results))) + "\n").collect())
    }
}

fn printed(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => go_print_number(number),
        Value::Array(_) | Value::Object(_) => go_compact(&sort_keys(value)),
    }
}

#[cfg(test)]
mod tests;
