//! The imitated `aws` command: AWS CLI version 2 (cli, part I).
//!
//! [`run`] is the way in. [`model`] is the one table of commands; [`args`] is the grammar, [`params`] makes inputs of
//! words, [`operation`] calls the world and shows the answer, [`usage`] words the failures. Commands that the tool has
//! by hand have a module each.

pub mod args;
mod configure;
pub mod globals;
mod help;
pub mod kubeconfig;
pub mod model;
pub mod near;
mod operation;
mod paging;
pub mod params;
mod shorthand;
mod skeleton;
pub mod token;
mod usage;
mod validate;
pub mod wait;

#[cfg(test)]
mod tests;

use super::context::{CommandOutput, Context};
use super::profiles::{self, Profile};
use args::{Parsed, Positional};
use globals::Globals;
use usage::{ErrorFormat, Failure};

/// What `aws --version` prints.
pub const VERSION: &str = "aws-cli/2.36.7 Python/3.14.5 Linux/6.8.0 exe/x86_64.ubuntu.24";

/// What a command prints on success.
type Outcome = Result<CommandOutput, Failure>;

/// Runs `aws` with the words behind it.
pub fn run(args: &[String], ctx: &mut Context<'_>) -> CommandOutput {
    // `--help` anywhere is `help` at the end.
    let with_help: Vec<String>;
    let args = if args.iter().any(|word| word == "--help") {
        let others = args.iter().filter(|word| *word != "--help").cloned();
        with_help = others.chain(["help".to_owned()]).collect();
        &with_help
    } else {
        args
    };
    let command = Positional { name: "command", optional: false, choices: model::commands() };
    let from_env = ctx.env.get("AWS_CLI_ERROR_FORMAT").and_then(|name| ErrorFormat::parse(name));
    // `--version`, cut or not, ends the command where it stands, whatever else is missing.
    if args.iter().any(|word| word.starts_with("--v") && "--version".starts_with(word.as_str())) {
        return CommandOutput::ok(format!("{VERSION}\n"));
    }
    let parsed = match args::parse(args, &globals::options(), &[command]) {
        Ok(parsed) => parsed,
        Err(message) => return Failure::Grammar(message).output(from_env.unwrap_or_default()),
    };
    let format = parsed.value("--cli-error-format").and_then(ErrorFormat::parse).or(from_env).unwrap_or_default();
    dispatch(&parsed, format, ctx).unwrap_or_else(|failure| failure.output(format))
}

fn dispatch(parsed: &Parsed, error_format: ErrorFormat, ctx: &mut Context<'_>) -> Outcome {
    let globals = globals::read(parsed, error_format)?;
    let command = parsed.positional("command").unwrap_or_default();
    if command == "help" {
        return Ok(CommandOutput::ok(help::main()));
    }
    if command == "configure" {
        return configure::run(&parsed.rest, &globals, ctx);
    }
    let Some(service) = model::service(command) else {
        return Err(Failure::Unsupported(format!(
            "aws {command} is not simulated here. Simulated services: {}.",
            model::SERVICES.iter().map(|s| s.name).chain(["configure"]).collect::<Vec<_>>().join(", ")
        )));
    };
    let choices = service.choices();
    let positional = Positional { name: "operation", optional: false, choices };
    let parsed = args::parse(&parsed.rest, &[], &[positional]).map_err(Failure::Grammar)?;
    let operation = parsed.positional("operation").unwrap_or_default();
    match (service.name, operation) {
        (_, "help") => Ok(CommandOutput::ok(help::service(service))),
        ("eks", "update-kubeconfig") => kubeconfig::run(&parsed.rest, &globals, ctx),
        ("eks", "get-token") => token::run(&parsed.rest, &globals, ctx),
        ("eks", "wait") => wait::run(&parsed.rest, &globals, ctx),
        _ => match service.operation(operation) {
            Some(found) => operation::run(service, found, &parsed.rest, &globals, ctx),
            None => {
                let commands: Vec<String> = service.operations.iter().map(model::Operation::command).collect();
                let names: Vec<&str> = commands.iter().map(String::as_str).collect();
                let name = service.name;
                let nearest = near::nearest(operation, &names, &format!("aws {name}"));
                Err(Failure::Unsupported(format!(
                    "aws {name} {operation} is not simulated here. `aws {name} help` lists what is.{nearest}"
                )))
            }
        },
    }
}

/// The profile of a command.
fn profile(globals: &Globals, ctx: &Context<'_>) -> Result<Profile, Failure> {
    profiles::resolve(ctx.session.workstation(), ctx.env, globals.profile.as_deref())
        .map_err(|error| Failure::Other(error.to_string()))
}

/// The region of a command.
fn region(globals: &Globals, profile: &Profile) -> Result<String, Failure> {
    let region = globals.region.clone().or_else(|| profile.region.clone()).ok_or_else(|| {
        Failure::Configuration(
            "NoRegion",
            "You must specify a region. You can also configure your region by running \"aws configure\".".to_owned(),
        )
    })?;
    let fits = (1..=63).contains(&region.len())
        && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !region.starts_with('-')
        && !region.ends_with('-')
        && region.bytes().any(|b| !b.is_ascii_digit());
    if fits {
        Ok(region)
    } else {
        Err(Failure::Other(format!("Provided region_name '{region}' doesn't match a supported format.")))
    }
}
