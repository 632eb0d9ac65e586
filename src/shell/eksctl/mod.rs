//! The imitated `eksctl`: the commands that concern access (eks 19, 20).
//!
//! Behaviour and most texts are facts read from eksctl (its packages `actions/accessentry`, `actions/iamidentitymapping`,
//! `authconfigmap`, `ctl/cmdutils`) and from recorded output; what is worded here is marked `inferred` where it stands.
//! [`COMMANDS`] is the one table that feeds parser, help and completion. The line format of the log is that of recorded output, with
//! the simulated clock; work that takes CloudFormation half a minute takes no time here.

pub mod access_entry;
pub mod checks;
pub mod config_file;
mod decode;
pub mod flags;
pub mod identity_mapping;
pub mod migrate;
pub mod printer;
mod service;
pub mod stack;
pub mod tool;

use super::context::{CommandOutput, Context};
use flags::{Flag, Kind, Parsed};
use tool::{Outcome, Tool};

/// What `eksctl version` prints.
pub const VERSION: &str = "0.211.0";

/// A command.
pub struct Command {
    /// The verb.
    pub verb: &'static str,
    /// What it is about, and other names for it.
    pub names: &'static [&'static str],
    /// What it does.
    pub about: &'static str,
    /// Its flags, those of all commands aside.
    pub flags: &'static [&'static [Flag]],
    /// Flags that cannot stand beside `-f`.
    pub not_with_file: &'static [&'static str],
    run: fn(&mut Tool<'_, '_>) -> Outcome,
}

const fn flag(name: &'static str, letter: Option<char>, kind: Kind, about: &'static str) -> Flag {
    Flag { name, letter, kind, about }
}

const CLUSTER: Flag = flag("cluster", Some('c'), Kind::Text, "EKS cluster name");
const CONFIG_FILE: Flag =
    flag("config-file", Some('f'), Kind::Text, "load configuration from a file (or stdin if set to '-')");
const OUTPUT: Flag =
    flag("output", Some('o'), Kind::Text, "specifies the output format (valid option: table, json, yaml)");
const CHUNK_SIZE: Flag = flag("chunk-size", None, Kind::Text, "return large lists in chunks");
const PRINCIPAL: Flag = flag("principal-arn", None, Kind::Arn, "principal ARN to which the access entry is associated");
const MAPPED: Flag = flag("arn", None, Kind::Text, "ARN of the IAM role or user of the mapping");
const ACCOUNT: Flag = flag("account", None, Kind::Text, "account ID of the mapping");

/// Flags that every command has.
pub const COMMON: &[Flag] = &[
    flag("region", Some('r'), Kind::Text, "AWS region"),
    flag(
        "profile",
        Some('p'),
        Kind::Text,
        "AWS credentials profile to use (overrides the AWS_PROFILE environment variable)",
    ),
    flag("timeout", None, Kind::Text, "maximum waiting time for any long-running operation"),
    flag("color", Some('C'), Kind::Text, "toggle colorized logs (valid options: true, false, fabulous)"),
    flag(
        "verbose",
        Some('v'),
        Kind::Text,
        "set log level, use 0 to silence, 4 for debugging and 5 for debugging with AWS debug logging",
    ),
    flag("dumpLogs", Some('d'), Kind::Switch, "dump logs to disk on failure if set true"),
    flag("help", Some('h'), Kind::Switch, "help for this command"),
];

const MAPPING_FILE: &[&str] =
    &["account", "arn", "cluster", "group", "namespace", "no-duplicate-arns", "region", "service-name", "username"];

/// The commands.
pub const COMMANDS: &[Command] = &[
    Command {
        verb: "create",
        names: &["iamidentitymapping"],
        about: "Create an IAM identity mapping",
        flags: &[&[
            MAPPED,
            flag("username", None, Kind::Text, "user name within Kubernetes to map to the IAM role or user"),
            flag("group", None, Kind::List, "group within Kubernetes to which the IAM role or user is mapped"),
            ACCOUNT,
            flag("no-duplicate-arns", None, Kind::Switch, "throw an error when a record with the given ARN exists"),
            flag("service-name", None, Kind::Text, "service name; valid value: emr-containers"),
            flag(
                "namespace",
                None,
                Kind::Text,
                "namespace in which to create RBAC resources (only with --service-name)",
            ),
            CLUSTER,
            CONFIG_FILE,
        ]],
        not_with_file: MAPPING_FILE,
        run: identity_mapping::create,
    },
    Command {
        verb: "get",
        names: &["iamidentitymapping"],
        about: "Get IAM identity mapping(s)",
        flags: &[&[MAPPED, CLUSTER, CHUNK_SIZE, OUTPUT]],
        not_with_file: &[],
        run: identity_mapping::get,
    },
    Command {
        verb: "delete",
        names: &["iamidentitymapping"],
        about: "Delete an IAM identity mapping",
        flags: &[&[
            MAPPED,
            ACCOUNT,
            flag("all", None, Kind::Switch, "delete all matching mappings instead of just one"),
            CLUSTER,
        ]],
        not_with_file: &[],
        run: identity_mapping::delete,
    },
    Command {
        verb: "create",
        names: &["accessentry"],
        about: "Create access entries",
        flags: &[&[
            PRINCIPAL,
            flag("type", None, Kind::Text, "type of access entry"),
            flag("kubernetes-groups", None, Kind::List, "a set of Kubernetes groups to map to the principal ARN"),
            flag("kubernetes-username", None, Kind::Text, "a Kubernetes username to map to the principal ARN"),
            CLUSTER,
            CONFIG_FILE,
        ]],
        not_with_file: &["kubernetes-groups", "kubernetes-username", "principal-arn"],
        run: access_entry::create,
    },
    Command {
        verb: "get",
        names: &["accessentry", "accessentries"],
        about: "Get access entry(ies)",
        flags: &[&[PRINCIPAL, CLUSTER, CONFIG_FILE, CHUNK_SIZE, OUTPUT]],
        not_with_file: &["cluster", "principal-arn", "region"],
        run: access_entry::get,
    },
    Command {
        verb: "delete",
        names: &["accessentry", "accessentries"],
        about: "Delete access entry(ies)",
        flags: &[&[PRINCIPAL, CLUSTER, CONFIG_FILE]],
        not_with_file: &["cluster", "principal-arn", "region"],
        run: access_entry::delete,
    },
    Command {
        verb: "utils",
        names: &["update-authentication-mode"],
        about: "Updates the authentication mode for a cluster",
        flags: &[&[
            flag("authentication-mode", None, Kind::Text, "authentication mode of the cluster"),
            CLUSTER,
            CONFIG_FILE,
        ]],
        not_with_file: &["authentication-mode", "cluster", "region"],
        run: migrate::update_mode,
    },
    Command {
        verb: "utils",
        names: &["migrate-to-access-entry"],
        about: "Migrates aws-auth to API authentication mode for the cluster",
        flags: &[&[
            flag(
                "target-authentication-mode",
                None,
                Kind::Text,
                "target authentication mode of migration (default \"API_AND_CONFIG_MAP\")",
            ),
            flag("approve", None, Kind::Switch, "apply the changes"),
            CLUSTER,
        ]],
        not_with_file: &[],
        run: migrate::migrate,
    },
];

/// Runs `eksctl` with these arguments, the command's own name left out.
pub fn run(args: &[String], ctx: &mut Context<'_>) -> CommandOutput {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["help" | "-h" | "--help"] => return CommandOutput::ok(help()),
        ["version", ..] => return CommandOutput::ok(format!("{VERSION}\n")),
        ["help", rest @ ..] => {
            let rest: Vec<String> = rest.iter().map(|word| (*word).to_owned()).chain(["--help".to_owned()]).collect();
            return run(&rest, ctx);
        }
        _ => {}
    }
    let is_verb = words.first().is_some_and(|verb| COMMANDS.iter().any(|command| command.verb == *verb));
    if is_verb && matches!(words.get(1), None | Some(&("-h" | "--help"))) {
        return CommandOutput::ok(help_verb(words.first().copied().unwrap_or_default()));
    }
    let found = words.split_first_chunk().and_then(|([verb, name], _)| {
        COMMANDS.iter().find(|command| command.verb == *verb && command.names.contains(name))
    });
    match found {
        Some(command) => run_known(command, args.get(2..).unwrap_or_default(), ctx),
        None => {
            let asked: Vec<&str> = words.into_iter().take(2).take_while(|word| !word.starts_with('-')).collect();
            let text = "the playground simulates only the access commands of eksctl; `eksctl help` lists them";
            CommandOutput::fail(1, format!("eksctl {}: {text}\n", asked.join(" ")))
        }
    }
}

fn run_known(command: &Command, words: &[String], ctx: &mut Context<'_>) -> CommandOutput {
    let flags: Vec<Flag> = command.flags.iter().copied().flatten().chain(COMMON).copied().collect();
    let parsed = match flags::parse(words, &flags) {
        Ok(parsed) => parsed,
        Err(text) => return CommandOutput::fail(1, format!("Error: {text}\n")),
    };
    if parsed.on("help") {
        return CommandOutput::ok(help_command(command, &flags));
    }
    let mut tool = Tool::new(ctx, &parsed);
    let outcome = acceptable(command, &parsed).and_then(|()| (command.run)(&mut tool));
    let Tool { out: stdout, err: mut stderr, hint, .. } = tool;
    let exit = match outcome {
        Ok(()) => 0,
        Err(text) => {
            stderr.push_str(&format!("Error: {text}\n"));
            1
        }
    };
    CommandOutput { stdout, stderr, exit, hint, ..CommandOutput::default() }
}

/// What no command takes: words without a flag, flags that the file replaces.
fn acceptable(command: &Command, parsed: &Parsed) -> Outcome {
    if !parsed.words.is_empty() {
        return Err("name argument is not supported".to_owned());
    }
    let beside = command.not_with_file.iter().find(|name| parsed.value(name).is_some());
    match (parsed.value("config-file"), beside) {
        (Some(_), Some(name)) => Err(format!("cannot use --{name} when --config-file/-f is set")),
        _ => Ok(()),
    }
}

/// The cluster and the region that the flags name.
fn required_cluster(tool: &Tool<'_, '_>) -> Outcome<(String, Option<String>)> {
    match tool.parsed.text("cluster") {
        "" => Err("--cluster must be set".to_owned()),
        name => Ok((name.to_owned(), tool.parsed.value("region").map(str::to_owned))),
    }
}

/// What is simulated; our own words.
fn help() -> String {
    let mut out =
        "The official CLI for Amazon EKS; simulated here are the commands that concern access.\n\n".to_owned();
    for command in COMMANDS {
        let usage = format!("eksctl {} {}", command.verb, command.names.first().copied().unwrap_or_default());
        out.push_str(&format!("  {usage:<41} {}\n", command.about));
    }
    out.push_str("  eksctl version\n\nUse 'eksctl [command] --help' for the flags of a command.\n");
    out
}

fn help_verb(verb: &str) -> String {
    let mut out = format!("Usage: eksctl {verb} [flags]\n\nCommands:\n");
    for command in COMMANDS.iter().filter(|command| command.verb == verb) {
        let name = format!("eksctl {verb} {}", command.names.first().copied().unwrap_or_default());
        out.push_str(&format!("  {name:<41} {}\n", command.about));
    }
    out
}

fn help_command(command: &Command, flags: &[Flag]) -> String {
    let Command { verb, names, about, .. } = command;
    let mut out =
        format!("{about}\n\nUsage: eksctl {verb} {} [flags]\n\nFlags:\n", names.first().copied().unwrap_or_default());
    for Flag { name, letter, kind, about } in flags {
        let letter = letter.map_or("    ".to_owned(), |letter| format!("-{letter}, "));
        let value = match kind {
            Kind::Switch => "",
            Kind::List => " strings",
            Kind::Text | Kind::Arn => " string",
        };
        out.push_str(&format!("  {letter}{:<36} {about}\n", format!("--{name}{value}")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_command_names_a_flag_twice() {
        for command in COMMANDS {
            let flags: Vec<&Flag> = command.flags.iter().copied().flatten().chain(COMMON).collect();
            for (at, flag) in flags.iter().enumerate() {
                let twice = flags
                    .iter()
                    .skip(at + 1)
                    .any(|other| other.name == flag.name || other.letter.is_some() && other.letter == flag.letter);
                assert!(!twice, "{} {:?} --{}", command.verb, command.names, flag.name);
            }
        }
    }
}
