//! `aws eks wait`: asks until a cluster, node group or Fargate profile is there or gone (eks 3.8). Time passes in between,
//! in the simulation as well.

use serde_json::Value;

use super::args::{self, Positional};
use super::globals::Globals;
use super::model::{EKS_WAITERS, Operation, service};
use super::usage::Failure;
use super::{Outcome, help, operation, params, profile, region};
use crate::engine::{Caller, Request};
use crate::shell::context::{CommandOutput, Context};

/// A waiter of the service model.
pub struct Waiter {
    /// The command.
    pub command: &'static str,
    /// Its name in messages.
    name: &'static str,
    /// The command that is asked, and the member of its answer with the status.
    asks: (&'static str, &'static str),
    /// Statuses that end the waiting well; none if the resource is to be gone.
    good: &'static [&'static str],
    /// Statuses that end it badly.
    bad: &'static [&'static str],
    /// How often is asked, and how long between two questions, in milliseconds.
    tries: (usize, i64),
}

impl Waiter {
    /// The operation that is asked.
    pub fn operation(&self) -> Option<&'static Operation> {
        service("eks")?.operation(self.asks.0)
    }
}

/// The waiters that are simulated.
pub const WAITERS: &[Waiter] = &[
    Waiter {
        command: "cluster-active",
        name: "ClusterActive",
        asks: ("describe-cluster", "cluster"),
        good: &["ACTIVE"],
        bad: &["DELETING", "FAILED"],
        tries: (40, 30_000),
    },
    Waiter {
        command: "cluster-deleted",
        name: "ClusterDeleted",
        asks: ("describe-cluster", "cluster"),
        good: &[],
        bad: &["ACTIVE", "CREATING", "PENDING"],
        tries: (40, 30_000),
    },
    Waiter {
        command: "fargate-profile-active",
        name: "FargateProfileActive",
        asks: ("describe-fargate-profile", "fargateProfile"),
        good: &["ACTIVE"],
        bad: &["CREATE_FAILED"],
        tries: (60, 10_000),
    },
    Waiter {
        command: "fargate-profile-deleted",
        name: "FargateProfileDeleted",
        asks: ("describe-fargate-profile", "fargateProfile"),
        good: &[],
        bad: &["DELETE_FAILED"],
        tries: (60, 30_000),
    },
    Waiter {
        command: "nodegroup-active",
        name: "NodegroupActive",
        asks: ("describe-nodegroup", "nodegroup"),
        good: &["ACTIVE"],
        bad: &["CREATE_FAILED"],
        tries: (80, 30_000),
    },
    Waiter {
        command: "nodegroup-deleted",
        name: "NodegroupDeleted",
        asks: ("describe-nodegroup", "nodegroup"),
        good: &[],
        bad: &["DELETE_FAILED"],
        tries: (40, 30_000),
    },
];

/// Runs the command with the words behind it.
pub fn run(words: &[String], globals: &Globals, ctx: &mut Context<'_>) -> Outcome {
    let choices: Vec<&str> = EKS_WAITERS.split_whitespace().collect();
    if words == ["help"] {
        let lines: Vec<(&str, &str)> = choices.iter().map(|name| (*name, "")).collect();
        return Ok(CommandOutput::ok(help::command("eks wait", "Waits until a condition holds.", &lines)));
    }
    let subcommand = Positional { name: "subcommand", optional: true, choices };
    let parsed = args::parse(words, &[], &[subcommand]).map_err(Failure::Grammar)?;
    let Some(command) = parsed.positional("subcommand") else {
        if !parsed.rest.is_empty() {
            return Err(Failure::Value(format!("Unknown options: {}", parsed.rest.join(","))));
        }
        let usage = "usage: aws [options] eks wait <subcommand> [parameters]\naws: [ERROR]: too few arguments";
        return Err(Failure::Value(usage.to_owned()));
    };
    let Some(waiter) = WAITERS.iter().find(|waiter| waiter.command == command) else {
        return Err(Failure::Unsupported(format!("aws eks wait {command} is not simulated here.")));
    };
    let Some(describe) = waiter.operation() else {
        return Ok(CommandOutput::default());
    };
    let parsed = operation::parse(describe, &parsed.rest)?;
    let input = params::input(describe, &parsed, ctx.session.workstation())?;
    let findings = super::validate::findings(&Value::Object(input.clone()), describe.input, &[]);
    if !findings.is_empty() {
        return Err(Failure::Value(format!("Parameter validation failed:\n{}", findings.join("\n"))));
    }
    let profile = profile(globals, ctx)?;
    let region = region(globals, &profile)?;
    let caller = Caller::new(operation::credential(&profile, globals, ctx)?);
    let failed = |reason: String| Err(Failure::Other(format!("Waiter {} failed: {reason}", waiter.name)));
    let status_of = format!("{}.status", waiter.asks.1);
    for _ in 0..waiter.tries.0 {
        match operation::ask(describe, input.clone(), &caller, &region, ctx) {
            Ok(answer) => {
                let status = answer.get(waiter.asks.1).and_then(|shown| shown.get("status")).and_then(Value::as_str);
                let status = status.unwrap_or_default();
                if waiter.good.contains(&status) {
                    return Ok(CommandOutput::default());
                }
                if waiter.bad.contains(&status) {
                    return failed(format!(
                        "Waiter encountered a terminal failure state: For expression \"{status_of}\" we matched expected path: \"{status}\""
                    ));
                }
            }
            Err(error) if waiter.good.is_empty() && error.code == "ResourceNotFoundException" => {
                return Ok(CommandOutput::default());
            }
            Err(error) => return failed(format!("An error occurred ({}): {}", error.code, error.message)),
        }
        ctx.session
            .call(&caller, Request::Wait { millis: waiter.tries.1 })
            .map_err(|error| Failure::Other(error.to_string()))?;
    }
    failed("Max attempts exceeded".to_owned())
}
