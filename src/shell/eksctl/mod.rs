//! The imitated `eksctl`: the commands that concern access (eks 19, 20).
//!
//! Behaviour and most texts are facts read from eksctl (its packages `actions/accessentry`, `actions/iamidentitymapping`,
//! `authconfigmap`, `ctl/cmdutils`) and from recorded output; what is worded here is marked `inferred` where it stands.
//! [`COMMANDS`] is the one table that feeds parser, help and completion. The line format of the log is that of recorded output, with
//! the simulated clock; work that takes CloudFormation half a minute takes no time here.

pub mod access_entry;
pub mod checks;
mod cluster;
pub mod config_file;
mod decode;
pub mod flags;
pub mod identity_mapping;
mod irsa;
mod kubeconfig;
pub mod migrate;
mod nodegroup;
pub mod printer;
mod service;
pub mod stack;
pub mod tool;

use super::aws::near;
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
    /// Whether a word without a flag is a name.
    pub takes_name: bool,
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

/// `--name` of a cluster.
pub const NAME: Flag = flag("name", Some('n'), Kind::Text, "EKS cluster name");
/// `--name` of a node group.
pub const GROUP_NAME: Flag = flag("name", Some('n'), Kind::Text, "name of the nodegroup");
const APPROVE: Flag = flag("approve", None, Kind::Switch, "apply the changes");
const WAIT: Flag = flag("wait", Some('w'), Kind::Switch, "wait for the end of the deletion; nothing takes time here");
const KUBECONFIG: &[Flag] = &[
    flag("kubeconfig", None, Kind::Text, "path to write kubeconfig (incompatible with --auto-kubeconfig)"),
    flag("authenticator-role-arn", None, Kind::Text, "AWS IAM role to assume for authenticator"),
    flag(
        "set-kubeconfig-context",
        None,
        Kind::Switch,
        "whether the current context is set in kubeconfig (default true)",
    ),
    flag("auto-kubeconfig", None, Kind::Switch, "save kubeconfig file by cluster name"),
];
const NODES: &[Flag] = &[
    flag("node-type", Some('t'), Kind::Text, "node instance type"),
    flag("instance-types", None, Kind::List, "instance types"),
    flag("nodes", Some('N'), Kind::Text, "total number of nodes"),
    flag("nodes-min", Some('m'), Kind::Text, "minimum nodes in the group"),
    flag("nodes-max", Some('M'), Kind::Text, "maximum nodes in the group"),
    flag("node-labels", None, Kind::List, "labels of the nodes: k1=v1,k2=v2"),
    flag("managed", None, Kind::Switch, "create a nodegroup that EKS manages (default true)"),
    flag("spot", None, Kind::Switch, "use spot instances"),
    flag("node-ami-family", None, Kind::Text, "AMI family; without effect here"),
    flag("node-volume-size", None, Kind::Text, "size of the disks; without effect here"),
    flag("node-volume-type", None, Kind::Text, "kind of the disks; without effect here"),
    flag("node-private-networking", Some('P'), Kind::Switch, "private nodes; without effect here"),
    flag("node-zones", None, Kind::List, "zones of the nodes; without effect here"),
    flag("ssh-access", None, Kind::Switch, "SSH to the nodes; without effect here"),
    flag("ssh-public-key", None, Kind::Text, "key for SSH; without effect here"),
    flag("asg-access", None, Kind::Switch, "policy for the autoscaler; without effect here"),
    flag("full-ecr-access", None, Kind::Switch, "policy for ECR; without effect here"),
    flag("external-dns-access", None, Kind::Switch, "policy for DNS; without effect here"),
    flag("alb-ingress-access", None, Kind::Switch, "policy for load balancers; without effect here"),
    flag("appmesh-access", None, Kind::Switch, "policy for App Mesh; without effect here"),
];
const SERVICE_ACCOUNT: &[Flag] = &[
    flag("name", None, Kind::Text, "name of the iamserviceaccount"),
    flag("namespace", None, Kind::Text, "namespace of the iamserviceaccount (default \"default\")"),
    CLUSTER,
    CONFIG_FILE,
];
const SERVICE_ACCOUNT_FILE: &[&str] = &["cluster", "name", "namespace", "region"];

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
        takes_name: false,
        run: identity_mapping::create,
    },
    Command {
        verb: "get",
        names: &["iamidentitymapping"],
        about: "Get IAM identity mapping(s)",
        flags: &[&[MAPPED, CLUSTER, CHUNK_SIZE, OUTPUT]],
        not_with_file: &[],
        takes_name: false,
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
        takes_name: false,
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
        takes_name: false,
        run: access_entry::create,
    },
    Command {
        verb: "get",
        names: &["accessentry", "accessentries"],
        about: "Get access entry(ies)",
        flags: &[&[PRINCIPAL, CLUSTER, CONFIG_FILE, CHUNK_SIZE, OUTPUT]],
        not_with_file: &["cluster", "principal-arn", "region"],
        takes_name: false,
        run: access_entry::get,
    },
    Command {
        verb: "delete",
        names: &["accessentry", "accessentries"],
        about: "Delete access entry(ies)",
        flags: &[&[PRINCIPAL, CLUSTER, CONFIG_FILE]],
        not_with_file: &["cluster", "principal-arn", "region"],
        takes_name: false,
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
        takes_name: false,
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
        takes_name: false,
        run: migrate::migrate,
    },
    Command {
        verb: "create",
        names: &["cluster"],
        about: "Create a cluster",
        flags: &[
            &[
                NAME,
                CONFIG_FILE,
                flag("version", None, Kind::Text, "Kubernetes version"),
                flag("tags", None, Kind::List, "tags of the resources: k1=v1,k2=v2"),
                flag("with-oidc", None, Kind::Switch, "enable the IAM OIDC provider"),
                flag("nodegroup-name", None, Kind::Text, "name of the nodegroup"),
                flag("without-nodegroup", None, Kind::Switch, "no initial nodegroup"),
                flag("write-kubeconfig", None, Kind::Switch, "toggle writing of kubeconfig (default true)"),
                flag("zones", None, Kind::List, "availability zones; without effect here"),
                flag("vpc-cidr", None, Kind::Text, "addresses of the VPC; without effect here"),
                flag("vpc-private-subnets", None, Kind::List, "private subnets; without effect here"),
                flag("vpc-public-subnets", None, Kind::List, "public subnets; without effect here"),
                flag("vpc-nat-mode", None, Kind::Text, "NAT of the VPC; without effect here"),
                flag("fargate", None, Kind::Switch, "no nodegroup; Fargate profiles are made with `aws eks`"),
                flag("enable-auto-mode", None, Kind::Switch, "no nodegroup; Auto Mode is not simulated"),
            ],
            NODES,
            KUBECONFIG,
        ],
        not_with_file: &[
            "name",
            "nodegroup-name",
            "nodes",
            "nodes-max",
            "nodes-min",
            "node-type",
            "region",
            "tags",
            "version",
            "with-oidc",
            "without-nodegroup",
        ],
        takes_name: true,
        run: cluster::create,
    },
    Command {
        verb: "get",
        names: &["cluster", "clusters"],
        about: "Get cluster(s)",
        flags: &[&[
            NAME,
            flag("all-regions", Some('A'), Kind::Switch, "list clusters of all regions"),
            CONFIG_FILE,
            CHUNK_SIZE,
            OUTPUT,
        ]],
        not_with_file: &["name", "region"],
        takes_name: true,
        run: cluster::get,
    },
    Command {
        verb: "delete",
        names: &["cluster"],
        about: "Delete a cluster",
        flags: &[&[
            NAME,
            CONFIG_FILE,
            WAIT,
            flag("force", None, Kind::Switch, "go on after errors; without effect here"),
            flag("disable-nodegroup-eviction", None, Kind::Switch, "without effect here"),
        ]],
        not_with_file: &["name", "region"],
        takes_name: true,
        run: cluster::delete,
    },
    Command {
        verb: "create",
        names: &["nodegroup", "ng"],
        about: "Create a nodegroup",
        flags: &[&[GROUP_NAME, CLUSTER, CONFIG_FILE], NODES],
        not_with_file: &["cluster", "name", "nodes", "nodes-max", "nodes-min", "node-type", "region"],
        takes_name: true,
        run: nodegroup::create,
    },
    Command {
        verb: "get",
        names: &["nodegroup", "nodegroups", "ng"],
        about: "Get nodegroup(s)",
        flags: &[&[GROUP_NAME, CLUSTER, CONFIG_FILE, CHUNK_SIZE, OUTPUT]],
        not_with_file: &["cluster", "name", "region"],
        takes_name: true,
        run: nodegroup::get,
    },
    Command {
        verb: "delete",
        names: &["nodegroup", "ng"],
        about: "Delete a nodegroup",
        flags: &[&[
            GROUP_NAME,
            CLUSTER,
            CONFIG_FILE,
            APPROVE,
            WAIT,
            flag("drain", None, Kind::Switch, "drain the nodes; without effect here"),
            flag("disable-eviction", None, Kind::Switch, "without effect here"),
        ]],
        not_with_file: &["cluster", "name", "region"],
        takes_name: true,
        run: nodegroup::delete,
    },
    Command {
        verb: "create",
        names: &["iamserviceaccount"],
        about: "Create an iamserviceaccount - AWS IAM role bound to a Kubernetes service account",
        flags: &[
            SERVICE_ACCOUNT,
            &[
                flag("attach-policy-arn", None, Kind::List, "ARN of a policy for the role"),
                flag("attach-role-arn", None, Kind::Text, "ARN of a role that is there already"),
                flag("role-name", None, Kind::Text, "name of the role"),
                flag("role-only", None, Kind::Switch, "make the role only"),
                flag("override-existing-serviceaccounts", None, Kind::Switch, "change service accounts that are there"),
                flag("tags", None, Kind::List, "tags of the role; without effect here"),
                APPROVE,
            ],
        ],
        not_with_file: &["attach-policy-arn", "cluster", "name", "namespace", "region"],
        takes_name: true,
        run: irsa::create,
    },
    Command {
        verb: "get",
        names: &["iamserviceaccount", "iamserviceaccounts"],
        about: "Get iamserviceaccount(s)",
        flags: &[SERVICE_ACCOUNT, &[CHUNK_SIZE, OUTPUT]],
        not_with_file: SERVICE_ACCOUNT_FILE,
        takes_name: true,
        run: irsa::get,
    },
    Command {
        verb: "delete",
        names: &["iamserviceaccount"],
        about: "Delete an IAM service account",
        flags: &[SERVICE_ACCOUNT, &[APPROVE, WAIT]],
        not_with_file: SERVICE_ACCOUNT_FILE,
        takes_name: true,
        run: irsa::delete,
    },
    Command {
        verb: "utils",
        names: &["associate-iam-oidc-provider"],
        about: "Setup IAM OIDC provider for a cluster to enable IAM roles for pods",
        flags: &[&[CLUSTER, CONFIG_FILE, APPROVE]],
        not_with_file: &["cluster", "region"],
        takes_name: false,
        run: irsa::associate,
    },
    Command {
        verb: "utils",
        names: &["write-kubeconfig"],
        about: "Write kubeconfig file for a given cluster",
        flags: &[&[CLUSTER, NAME], KUBECONFIG],
        not_with_file: &[],
        takes_name: true,
        run: kubeconfig::write,
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
            let text = "the playground simulates only the access commands of eksctl; `eksctl help` lists them.";
            let known: Vec<String> = COMMANDS
                .iter()
                .map(|command| format!("{} {}", command.verb, command.names.first().copied().unwrap_or_default()))
                .collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let nearest = near::nearest(&asked.join(" "), &known, "eksctl");
            CommandOutput::fail(1, format!("eksctl {}: {text}{nearest}\n", asked.join(" ")))
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
    if !parsed.words.is_empty() && !command.takes_name {
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

/// The cluster that `--cluster`, `--name` or a word names, and the region.
fn named_cluster(tool: &Tool<'_, '_>) -> Outcome<(String, Option<String>)> {
    let flag = if tool.parsed.text("cluster").is_empty() { "name" } else { "cluster" };
    match tool.parsed.name(flag)?.as_str() {
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
