//! Failures of the `aws` command: their frames, streams and exit codes (cli 5).

use serde_json::{Map, Value};

use super::super::context::CommandOutput;
use crate::aws::exception::Exception;
use crate::formats::aws_output::{self, Format};

/// The block that parser errors end with (cli 5.1).
pub const USAGE: &str = "usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]
To see help text, you can run:

  aws help
  aws <command> help
  aws <command> <subcommand> help
";

/// Why a command ended without a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The words do not fit the grammar; shown with the usage block.
    Grammar(String),
    /// Words that nothing takes.
    Unknown(Vec<String>),
    /// A value, a validation finding, a malformed query.
    Value(String),
    /// No region, no credentials: the code and the sentence.
    Configuration(&'static str, String),
    /// The service refused: its exception and the operation.
    Service(Exception, &'static str),
    /// Anything else the tool stops at.
    Other(String),
    /// What was printed before the failure.
    After(String, Box<Failure>),
    /// A text that is printed as it stands, with its exit code.
    Plain(String, i32),
    /// Something the real tool does and this one does not; printed in our own words.
    Unsupported(String),
}

/// How errors are shown (`--cli-error-format`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorFormat {
    /// A sentence and the further members of the exception.
    #[default]
    Enhanced,
    /// The sentence alone.
    Legacy,
    /// As a value in an output format.
    Structured(Format),
}

/// The values of `--cli-error-format`.
pub const ERROR_FORMATS: &[&str] = &["legacy", "json", "yaml", "text", "table", "enhanced"];

impl ErrorFormat {
    /// The format of this name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "enhanced" => Some(Self::Enhanced),
            "legacy" => Some(Self::Legacy),
            "json" | "yaml" | "text" | "table" => Format::parse(name).map(Self::Structured),
            _ => None,
        }
    }
}

impl Failure {
    /// The exit code.
    pub fn exit(&self) -> i32 {
        match self {
            Self::Grammar(_) | Self::Unknown(_) | Self::Value(_) => 252,
            Self::Configuration(..) => 253,
            Self::Service(..) => 254,
            Self::Other(_) => 255,
            Self::After(_, failure) => failure.exit(),
            Self::Plain(_, exit) => *exit,
            Self::Unsupported(_) => 2,
        }
    }

    /// What the command prints and how it ends.
    pub fn output(&self, format: ErrorFormat) -> CommandOutput {
        let printed = if let Self::After(printed, _) = self { printed.clone() } else { String::new() };
        CommandOutput { stdout: printed, ..CommandOutput::fail(self.exit(), self.text(format)) }
    }

    fn text(&self, format: ErrorFormat) -> String {
        const PREFIX: &str = "\naws: [ERROR]: ";
        match self {
            Self::Grammar(message) => {
                format!("{PREFIX}An error occurred (ParamValidation): {message}\n\n{USAGE}")
            }
            Self::Unknown(words) => format!("\n{USAGE}\n{PREFIX}Unknown options: {}\n", words.join(", ")),
            Self::Value(message) => structured(format, "ParamValidation", message, &[])
                .unwrap_or_else(|| format!("{PREFIX}An error occurred (ParamValidation): {message}\n")),
            Self::Configuration(code, message) => structured(format, code, message, &[])
                .unwrap_or_else(|| format!("{PREFIX}An error occurred ({code}): {message}\n")),
            Self::Service(exception, operation) => service(exception, operation, format, PREFIX),
            Self::Other(message) => format!("{PREFIX}{message}\n"),
            Self::After(_, failure) => failure.text(format),
            Self::Plain(text, _) => text.clone(),
            Self::Unsupported(text) => format!("{text}\n"),
        }
    }
}

fn service(exception: &Exception, operation: &str, format: ErrorFormat, prefix: &str) -> String {
    let members: Vec<(&str, &str)> = exception.members.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let modelled: Vec<(&str, &str)> =
        members.iter().copied().chain([("message", exception.message.as_str())]).collect();
    if let ErrorFormat::Structured(format) = format {
        let standard = [("Message", exception.message.as_str()), ("Code", exception.code)];
        return show(format, standard.into_iter().chain(modelled));
    }
    let sentence =
        format!("An error occurred ({}) when calling the {operation} operation: {}", exception.code, exception.message);
    // Blanks at the end of a message do not reach the terminal.
    let mut text = format!("{prefix}{}\n", sentence.trim_end());
    if format == ErrorFormat::Enhanced && !members.is_empty() {
        text.push_str("\nAdditional error details:\n");
        for (name, value) in members {
            text.push_str(&format!("{name}: {value}\n"));
        }
    }
    text
}

/// The failure as a value, if a structured format is wanted.
fn structured(format: ErrorFormat, code: &str, message: &str, more: &[(&str, &str)]) -> Option<String> {
    let ErrorFormat::Structured(format) = format else { return None };
    Some(show(format, [("Code", code), ("Message", message)].into_iter().chain(more.iter().copied())))
}

fn show<'a>(format: Format, members: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let value: Map<String, Value> = members.map(|(name, value)| (name.to_owned(), value.into())).collect();
    aws_output::render(&Value::Object(value), format, "error").unwrap_or_else(|error| error.to_string())
}
