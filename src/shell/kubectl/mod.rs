//! The imitated `kubectl`, client v1.33.1 (cli Part II).
//!
//! A command line is read by the command table ([`spec`], [`flags`]), resolved to a cluster and a caller
//! ([`super::kubeconfig`]), turned into calls, and its answers are printed in kubectl's words. One file for each group of
//! commands; what they share is in [`tool`], [`resources`], [`manifest`], [`printers`], [`writing`].

pub mod apply;
pub mod auth;
pub mod config;
pub mod config_set;
pub mod container;
pub mod create_core;
pub mod create_rbac;
pub mod delete;
pub mod describe;
pub mod discovery;
pub mod edit;
pub mod explain;
pub mod failure;
pub mod flag_sets;
pub mod flags;
pub mod generic_describe;
pub mod get;
pub mod help;
pub mod help_texts;
pub mod last_applied;
pub mod logs;
pub mod manifest;
pub mod merge;
pub mod modify;
pub mod pods;
pub mod printers;
pub mod reconcile;
pub mod replace;
pub mod resources;
pub mod rollout;
pub mod rule_rows;
pub mod set;
pub mod spec;
pub mod streams;
pub mod subcommands;
pub mod tables;
pub mod tool;
pub mod urls;
pub mod wait;
pub mod workload;
pub mod workload_describe;
pub mod writing;

use super::context::{CommandOutput, Context};
use failure::Failure;
use flags::{Parsed, Reading};
use spec::Run;
use tool::{Outcome, Tool};

/// Runs `kubectl` with these arguments, the command's own name left out.
pub fn run(args: &[String], ctx: &mut Context<'_>) -> CommandOutput {
    match flags::read(args) {
        Ok(Reading::Known(parsed)) => run_known(&parsed, ctx),
        Ok(Reading::Unknown(word)) => unknown(&word),
        Err(error) if error.command == "kubectl diff" => {
            CommandOutput::fail(2, format!("error: {}\nSee 'kubectl diff -h' for help and examples\n", error.text))
        }
        Err(error) => {
            CommandOutput::fail(1, format!("error: {}\nSee '{} --help' for usage.\n", error.text, error.command))
        }
    }
}

fn unknown(word: &str) -> CommandOutput {
    let mut text = format!("error: unknown command {word:?} for \"kubectl\"\n");
    let near = flags::suggestions(word);
    if !near.is_empty() {
        text.push_str("\nDid you mean this?\n");
        near.iter().for_each(|name| text.push_str(&format!("\t{name}\n")));
    }
    CommandOutput::fail(1, text)
}

fn run_known(parsed: &Parsed, ctx: &mut Context<'_>) -> CommandOutput {
    if parsed.help {
        return CommandOutput::ok(help::page(parsed.command, &parsed.path));
    }
    let mut tool = Tool::new(ctx, parsed);
    let outcome = perform(&mut tool, parsed);
    let exit = match outcome {
        Ok(()) => 0,
        Err(Failure::Ended(exit)) => {
            tool.report(&Failure::Ended(exit).printed());
            exit
        }
        Err(failure) => {
            tool.report(&failure.printed());
            // 1 of `diff` means a difference; its faults are told apart from that.
            if parsed.command.name == "diff" && failure != Failure::Silent { 2 } else { 1 }
        }
    };
    tool.finish(exit)
}

/// What comes nearest to a command that is not simulated.
fn instead(path: &[&str]) -> &'static str {
    match path.get(1).copied().unwrap_or_default() {
        "top" => "there are no measurements here, `kubectl get pods` shows what is there",
        "events" => "see `kubectl get events`",
        "proxy" => "see `kubectl get --raw PATH`",
        "debug" => "`kubectl exec` shows whether it would be permitted",
        "autoscale" => "see `kubectl scale`",
        "set" => "see `kubectl patch` and `kubectl edit`",
        "cordon" | "uncordon" | "drain" | "taint" => "see `kubectl patch` and `kubectl edit`",
        "certificate" => "`kubectl auth can-i approve certificatesigningrequests` asks for the right to",
        "kustomize" => "see `kubectl apply -k DIRECTORY --dry-run=client -o yaml`",
        "completion" => "the Tab key completes here as it is",
        "create" | "expose" => "see `kubectl apply -f FILE`",
        _ => "`kubectl help` lists the commands",
    }
}

fn perform(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let missing: Vec<String> =
        parsed.command.required.iter().filter(|flag| !parsed.given(flag)).map(|flag| format!("{flag:?}")).collect();
    if !missing.is_empty() {
        return Err(failure::local(format!("required flag(s) {} not set", missing.join(", "))));
    }
    match parsed.command.run {
        Run::Own(run) => run(tool, parsed),
        Run::Group => help::group(tool, parsed),
        Run::Missing => {
            let name = parsed.name();
            Err(Failure::Plain(format!(
                "{name}: the playground does not simulate this command; {}",
                instead(&parsed.path)
            )))
        }
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod instead_tests {
    use super::*;

    #[test]
    fn what_is_not_simulated_names_the_nearest_thing() {
        for command in spec::ROOT.subcommands.iter().filter(|command| matches!(command.run, Run::Missing)) {
            let general = instead(&["kubectl", "plugin"]);
            let own = ["plugin", "alpha"].contains(&command.name) || instead(&["kubectl", command.name]) != general;
            assert!(own, "{}", command.name);
        }
        assert_eq!(instead(&["kubectl", "create", "job"]), "see `kubectl apply -f FILE`");
    }
}
