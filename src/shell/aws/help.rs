//! Help pages: our own words, compact, made from the table.

use super::model::{Operation, SERVICES, Service, Shape};
use super::params;
use crate::formats::ordered::sort;

/// `aws help`.
pub fn main() -> String {
    let mut out = String::from("aws [options] <command> <subcommand> [parameters]\n\nCommands simulated here:\n");
    let services = SERVICES.iter().map(|service| (service.name, service.doc));
    table(&mut out, services.chain([("configure", "Settings of this tool: list, list-profiles, get, set")]));
    out.push_str("\nOptions that may stand anywhere:\n");
    table(
        &mut out,
        [
            ("--output FORMAT", "json, text, table, yaml, yaml-stream or off"),
            ("--query EXPRESSION", "shows a part of the answer (JMESPath)"),
            ("--profile NAME", "uses a profile of ~/.aws/config"),
            ("--region NAME", "asks another region"),
            ("--no-paginate", "makes one call, however long the list is"),
            ("--cli-error-format FORMAT", "enhanced, legacy, json, yaml, text or table"),
        ],
    );
    out
}

/// `aws SERVICE help`.
pub fn service(service: &Service) -> String {
    let mut out = format!("aws {}: {}\n\nSimulated here:\n", service.name, service.doc);
    let operations: Vec<(String, &str)> = service.operations.iter().map(|o| (o.command(), o.doc)).collect();
    let extra = service.extra.iter().map(|(name, doc)| ((*name).to_owned(), *doc));
    let mut rows: Vec<(String, &str)> = operations.into_iter().chain(extra).collect();
    sort(&mut rows);
    table(&mut out, rows.iter().map(|(name, doc)| (name.as_str(), *doc)));
    out.push_str(&format!("\n`aws {} COMMAND help` explains a command.\n", service.name));
    out
}

/// `aws SERVICE OPERATION help`.
pub fn operation(service: &Service, operation: &Operation) -> String {
    let mut out = format!("aws {} {}\n\n{}\n", service.name, operation.command(), operation.doc);
    let mut rows: Vec<(String, String)> = Vec::new();
    for member in operation.input {
        let value = match member.shape {
            Shape::Boolean => String::new(),
            shape => format!(" <{}>", shape.word()),
        };
        let mark = if member.required { "Required. " } else { "" };
        rows.push((format!("--{}{value}", member.option_name()), format!("{mark}{}", member.doc)));
        let shorthand = shorthand(&member.shape);
        if !shorthand.is_empty() {
            rows.push((String::new(), format!("Shorthand: {shorthand}")));
        }
    }
    let listed = operation.input.len();
    let others = params::options(operation)
        .into_iter()
        .filter(|o| !operation.input.iter().any(|m| o.flag.ends_with(&m.option_name())));
    let others: Vec<String> = others.map(|option| option.flag).collect();
    if listed > 0 {
        out.push_str("\nOptions:\n");
        table(&mut out, rows.iter().map(|(name, doc)| (name.as_str(), doc.as_str())));
    }
    out.push_str(&format!("\nAlso: {}\n", others.join(" ")));
    out
}

/// A command that is written by hand.
pub fn command(name: &str, doc: &str, options: &[(&str, &str)]) -> String {
    let mut out = format!("aws {name}\n\n{doc}\n\n");
    let dashes = if name == "configure" || name == "eks wait" { "" } else { "--" };
    let rows: Vec<(String, &str)> = options.iter().map(|(name, doc)| (format!("{dashes}{name}"), *doc)).collect();
    table(&mut out, rows.iter().map(|(name, doc)| (name.as_str(), *doc)));
    out
}

/// How a value is written in shorthand, in one line; empty for plain values.
fn shorthand(shape: &Shape) -> String {
    match shape {
        Shape::Map => "key=value,key=value".to_owned(),
        Shape::Structure(members) => {
            let parts = members.iter().map(|member| match member.shape {
                Shape::Text { values, .. } if !values.is_empty() => format!("{}={}", member.name, values.join("|")),
                Shape::List(_) => format!("{}=a,b", member.name),
                Shape::Structure(_) => format!("{}={{…}}", member.name),
                _ => format!("{}={}", member.name, member.shape.word()),
            });
            parts.collect::<Vec<_>>().join(",")
        }
        Shape::List(item) => shorthand(item),
        _ => String::new(),
    }
}

/// Rows of two columns, indented by two.
fn table<'a>(out: &mut String, rows: impl IntoIterator<Item = (&'a str, &'a str)>) {
    let rows: Vec<(&str, &str)> = rows.into_iter().collect();
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    for (name, doc) in rows {
        out.push_str(format!("  {name:<width$}  {doc}").trim_end());
        out.push('\n');
    }
}
