//! The global options (cli 1.1) and what they amount to.

use super::args::{Arity, Opt, Parsed};
use super::usage::{ERROR_FORMATS, ErrorFormat, Failure};
use crate::formats::aws_output::Format;
use crate::formats::python;
use crate::formats::query::Query;

/// The options in the tool's order: candidates of an ambiguous prefix come in it.
pub fn options() -> Vec<Opt> {
    let flag = |name: &str| Opt { arity: Arity::Flag, ..Opt::new(name) };
    let choice = |name: &str, choices| Opt { choices, ..Opt::new(name) };
    vec![
        flag("--debug"),
        Opt::new("--endpoint-url"),
        flag("--no-verify-ssl"),
        flag("--no-paginate"),
        choice("--output", &["json", "text", "table", "yaml", "yaml-stream", "off"]),
        Opt::new("--query"),
        Opt::new("--profile"),
        Opt::new("--region"),
        flag("--version"),
        choice("--color", &["on", "off", "auto"]),
        flag("--no-sign-request"),
        Opt::new("--ca-bundle"),
        Opt::new("--cli-read-timeout"),
        Opt::new("--cli-connect-timeout"),
        choice("--cli-binary-format", &["base64", "raw-in-base64-out"]),
        flag("--no-cli-pager"),
        flag("--cli-auto-prompt"),
        flag("--no-cli-auto-prompt"),
        choice("--cli-error-format", ERROR_FORMATS),
    ]
}

/// The global options of one command line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Globals {
    /// `--output`.
    pub output: Option<Format>,
    /// `--query`.
    pub query: Option<Query>,
    /// `--profile`.
    pub profile: Option<String>,
    /// `--region`.
    pub region: Option<String>,
    /// False with `--no-paginate`.
    pub paginate: bool,
    /// False with `--no-sign-request`.
    pub sign: bool,
    /// How errors are shown: option, environment.
    pub error_format: ErrorFormat,
}

/// Reads the values of the global options.
///
/// # Errors
/// A malformed query or URL.
pub fn read(parsed: &Parsed, error_format: ErrorFormat) -> Result<Globals, Failure> {
    // An empty text is as good as none.
    let text = |flag| parsed.value(flag).filter(|value| !value.is_empty()).map(str::to_owned);
    for flag in ["--cli-read-timeout", "--cli-connect-timeout"] {
        if let Some(word) = parsed.value(flag).filter(|word| super::args::python_int(word).is_none()) {
            let shown = python::repr(&word.into());
            return Err(Failure::Other(format!("invalid literal for int() with base 10: {shown}")));
        }
    }
    let query = match parsed.value("--query") {
        Some(query) => Some(Query::parse(query).map_err(|error| Failure::Value(error.to_string()))?),
        None => None,
    };
    if let Some(url) = parsed.value("--endpoint-url").filter(|url| !url.contains("://")) {
        return Err(Failure::Value(format!(
            "Bad value for --endpoint-url \"{url}\": scheme is missing.  Must be of the form http://<hostname>/ or https://<hostname>/"
        )));
    }
    Ok(Globals {
        output: parsed.value("--output").and_then(Format::parse),
        query,
        profile: text("--profile"),
        region: text("--region"),
        paginate: !parsed.has("--no-paginate"),
        sign: !parsed.has("--no-sign-request"),
        error_format,
    })
}
