//! The AWS CLI's output formats for a result whose members are in the order of the service model (cli 3).
//!
//! The modules [`text`], [`table`] and [`yaml`] each draw one format; [`render`] picks among them.

pub mod table;
pub mod text;
mod width;
pub mod yaml;

use serde_json::{Value, json};

use super::json::aws_pretty;

/// The values of `--output` (cli 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Four blanks, members in model order.
    #[default]
    Json,
    /// Block YAML with sorted keys.
    Yaml,
    /// As [`Format::Yaml`], each page of the result an item of a list.
    YamlStream,
    /// Tab-separated lines without names.
    Text,
    /// Drawn boxes.
    Table,
    /// Nothing at all.
    Off,
}

impl Format {
    /// All formats under the names that `--output` takes, in the order the tool lists them.
    pub const ALL: [(&'static str, Self); 6] = [
        ("json", Self::Json),
        ("text", Self::Text),
        ("table", Self::Table),
        ("yaml", Self::Yaml),
        ("yaml-stream", Self::YamlStream),
        ("off", Self::Off),
    ];

    /// The format of that name, if there is one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, format)| *format)
    }
}

/// A result that the real tool cannot draw in the format either: it stops with this message and exit code 255.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RenderError {
    /// The tool's words.
    pub message: String,
    /// What it has printed by then.
    pub printed: String,
}

impl RenderError {
    fn new(message: String) -> Self {
        Self { message, printed: String::new() }
    }
}

/// Standard output of a command whose result is `value`, newline at the end included.
///
/// `operation` is the operation in Pascal case, the title of tables. An empty object prints nothing in any format.
/// Fails where lists mix kinds of items in a way that `text` or `table` cannot draw.
pub fn render(value: &Value, format: Format, operation: &str) -> Result<String, RenderError> {
    // Also the empty object that a query selects prints nothing: the tool asks only whether the result is `{}`.
    if value.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok(String::new());
    }
    match format {
        Format::Json => Ok(aws_pretty(value) + "\n"),
        Format::Yaml => Ok(yaml::render(value)),
        Format::YamlStream => Ok(yaml::render(&Value::Array(vec![value.clone()]))),
        Format::Text => text::render(value),
        Format::Table => table::render(value, operation),
        Format::Off => Ok(String::new()),
    }
}

/// What `--output text` prints after the last page of a truncated listing, as a result of its own:
/// `NEXTTOKEN<TAB>token`. A `--query` is applied to it separately, which is why such a command ends with `None`.
#[must_use]
pub fn text_next_token(token: &str) -> Value {
    json!({"NextToken": {"NextToken": token}})
}

#[cfg(test)]
mod tests;
