//! `aws eks wait`: asks until a cluster is there or gone (eks 3.8). Time passes in between, in the simulation as well.

use serde_json::Value;

use super::args::{self, Positional};
use super::globals::Globals;
use super::model::{EKS_WAITERS, service};
use super::usage::Failure;
use super::{Outcome, help, operation, params, profile, region};
use crate::engine::{Caller, Request};
use crate::shell::context::{CommandOutput, Context};

/// How often is asked.
const TRIES: usize = 40;
/// How long between two questions, in milliseconds.
const PAUSE: i64 = 30_000;

/// Runs the command with the words behind it.
pub fn run(words: &[String], globals: &Globals, ctx: &mut Context<'_>) -> Outcome {
    let choices: Vec<&str> = EKS_WAITERS.split_whitespace().collect();
    if words == ["help"] {
        let lines: Vec<(&str, &str)> = choices.iter().map(|name| (*name, "")).collect();
        return Ok(CommandOutput::ok(help::command("eks wait", "Waits until a condition holds.", &lines)));
    }
    let subcommand = Positional { name: "subcommand", optional: true, choices };
    let parsed = args::parse(words, &[], &[subcommand]).map_err(Failure::Grammar)?;
    let Some(waiter) = parsed.positional("subcommand") else {
        if !parsed.rest.is_empty() {
            return Err(Failure::Value(format!("Unknown options: {}", parsed.rest.join(","))));
        }
        let usage = "usage: aws [options] wait <subcommand> [parameters]\naws: [ERROR]: too few arguments";
        return Err(Failure::Value(usage.to_owned()));
    };
    let (name, wanted) = match waiter {
        "cluster-active" => ("ClusterActive", Wanted::Active),
        "cluster-deleted" => ("ClusterDeleted", Wanted::Gone),
        other => return Err(Failure::Unsupported(format!("aws eks wait {other} is not simulated here."))),
    };
    let Some(describe) = service("eks").and_then(|eks| eks.operation("describe-cluster")) else {
        return Ok(CommandOutput::default());
    };
    let parsed = operation::parse(describe, &parsed.rest)?;
    let input = params::input(describe, &parsed, ctx.session.workstation())?;
    let findings = super::validate::findings(&Value::Object(input.clone()), describe.input);
    if !findings.is_empty() {
        return Err(Failure::Value(format!("Parameter validation failed:\n{}", findings.join("\n"))));
    }
    let profile = profile(globals, ctx)?;
    let region = region(globals, &profile)?;
    let caller = Caller::new(operation::credential(&profile, globals, ctx)?);
    let failed = |reason: String| Err(Failure::Other(format!("Waiter {name} failed: {reason}")));
    for _ in 0..TRIES {
        match operation::ask(describe, input.clone(), &caller, &region, ctx) {
            Ok(answer) => {
                let status = answer.pointer("/cluster/status").and_then(Value::as_str).unwrap_or_default();
                match wanted.verdict(status) {
                    Some(true) => return Ok(CommandOutput::default()),
                    Some(false) => {
                        return failed(format!(
                            "Waiter encountered a terminal failure state: For expression \"cluster.status\" we matched expected path: \"{status}\""
                        ));
                    }
                    None => {}
                }
            }
            Err(error) if wanted == Wanted::Gone && error.code == "ResourceNotFoundException" => {
                return Ok(CommandOutput::default());
            }
            Err(error) => return failed(format!("An error occurred ({}): {}", error.code, error.message)),
        }
        ctx.session
            .call(&caller, Request::Wait { millis: PAUSE })
            .map_err(|error| Failure::Other(error.to_string()))?;
    }
    failed("Max attempts exceeded".to_owned())
}

/// What is waited for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Active,
    Gone,
}

impl Wanted {
    /// Whether a status ends the waiting, and how.
    fn verdict(self, status: &str) -> Option<bool> {
        match (self, status) {
            (Self::Active, "ACTIVE") => Some(true),
            (Self::Active, "DELETING" | "FAILED") => Some(false),
            (Self::Gone, "ACTIVE" | "CREATING" | "PENDING") => Some(false),
            _ => None,
        }
    }
}
