//! The command table: commands, aliases, flags and one-line help. It feeds the parser, the help pages and completion.
//!
//! Commands in the order in which kubectl v1.33 registers them, which is the order of its suggestions (cli 7.3).

use super::flag_sets::*;
use super::subcommands::{AUTH, CONFIG, CREATE, ROLLOUT, SET_COMMANDS};
use super::tool::{Outcome, Tool};
use super::{
    apply, delete, describe, discovery, edit, explain, get, help, logs, modify, replace, streams, wait, workload,
};
use crate::shell::kubectl::flags::Parsed;

/// How a flag takes its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// On or off; a value only with `=`.
    Switch,
    /// One word; the last one counts.
    Text,
    /// A whole number.
    Number,
    /// A time such as `10m`.
    Duration,
    /// `k=v,k2=v2`.
    Pairs,
    /// Words; commas separate, repetitions add.
    Slice,
    /// Words; repetitions add, commas are part of a word.
    Array,
    /// One word, or this one if the flag stands alone.
    Optional(&'static str),
}

/// A flag.
#[derive(Debug, Clone, Copy)]
pub struct Flag {
    /// Without the dashes.
    pub name: &'static str,
    /// The letter, if there is one.
    pub short: Option<char>,
    /// Its value.
    pub value: Value,
    /// One line of help.
    pub help: &'static str,
}

impl Flag {
    /// True if the next word is never its value.
    pub fn stands_alone(&self) -> bool {
        self.default_when_bare().is_some()
    }

    /// The value of the flag standing alone.
    pub fn default_when_bare(&self) -> Option<&'static str> {
        match self.value {
            Value::Switch => Some("true"),
            Value::Optional(bare) => Some(bare),
            _ => None,
        }
    }
}

/// What runs a command.
#[derive(Clone, Copy)]
pub enum Run {
    /// The command itself.
    Own(fn(&mut Tool<'_, '_>, &Parsed) -> Outcome),
    /// A group of commands; alone it prints its help and fails.
    Group,
    /// Known to kubectl, not simulated here.
    Missing,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Run::Own(_) => "Own",
            Run::Group => "Group",
            Run::Missing => "Missing",
        })
    }
}

/// A command.
#[derive(Debug)]
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// What follows the name in the usage line.
    pub usage: &'static str,
    /// One line of help.
    pub short: &'static str,
    /// Lines of the help page below its first line.
    pub long: &'static [&'static str],
    /// Pairs of remark and command.
    pub examples: &'static [(&'static str, &'static str)],
    /// Flags besides the global ones.
    pub flags: &'static [&'static [Flag]],
    /// Flags that must be given.
    pub required: &'static [&'static str],
    /// Commands below it.
    pub subcommands: &'static [Command],
    /// What runs it.
    pub run: Run,
    /// Left out of help and suggestions.
    pub hidden: bool,
}

/// A command with nothing set, to be filled in.
pub const BLANK: Command = Command {
    name: "",
    aliases: &[],
    usage: "",
    short: "",
    long: &[],
    examples: &[],
    flags: &[],
    required: &[],
    subcommands: &[],
    run: Run::Missing,
    hidden: false,
};

impl Command {
    /// True if `word` is the command's name or an alias.
    pub fn is_called(&self, word: &str) -> bool {
        self.name == word || self.aliases.contains(&word)
    }

    /// All flags it takes, its own first.
    pub fn all_flags(&self) -> impl Iterator<Item = &'static Flag> {
        self.flags.iter().flat_map(|set| set.iter()).chain(GLOBAL)
    }

    /// The flag of this name.
    pub fn flag(&self, name: &str) -> Option<&'static Flag> {
        self.all_flags().find(|flag| flag.name == name)
    }

    /// The flag of this letter.
    pub fn short_flag(&self, letter: char) -> Option<&'static Flag> {
        self.all_flags().find(|flag| flag.short == Some(letter))
    }
}

/// A command that kubectl has and the playground has not.
pub const fn missing(name: &'static str, short: &'static str) -> Command {
    Command { name, short, ..BLANK }
}

/// `kubectl` itself.
pub static ROOT: Command = Command {
    name: "kubectl",
    short: "kubectl controls the Kubernetes cluster manager.",
    long: &[" Find more information at: https://kubernetes.io/docs/reference/kubectl/"],
    subcommands: COMMANDS,
    run: Run::Own(help::root),
    ..BLANK
};

static COMMANDS: &[Command] = &[
    Command {
        name: "create",
        usage: "-f FILENAME",
        short: "Create a resource from a file or from stdin",
        flags: &[FILES, WRITING, OUTPUT, CREATE_FILE],
        subcommands: CREATE,
        run: Run::Own(replace::create),
        ..BLANK
    },
    missing(
        "expose",
        "Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service",
    ),
    Command {
        name: "run",
        usage: "NAME --image=image [--env=\"key=value\"] [--dry-run=server|client] [-- COMMAND] [args...]",
        short: "Run a particular image on the cluster",
        flags: &[WRITING, OUTPUT, RUN],
        required: &["image"],
        run: Run::Own(workload::run),
        ..BLANK
    },
    Command {
        name: "set",
        usage: "SUBCOMMAND",
        short: "Set specific features on objects",
        subcommands: SET_COMMANDS,
        run: Run::Group,
        ..BLANK
    },
    Command {
        name: "explain",
        usage: "TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2]",
        short: "Get documentation for a resource",
        flags: &[EXPLAIN],
        run: Run::Own(explain::run),
        ..BLANK
    },
    Command {
        name: "get",
        usage: "[(-o|--output=)json|yaml|name|jsonpath|custom-columns|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]",
        short: "Display one or many resources",
        flags: &[FILES, SELECT, OUTPUT, GET],
        run: Run::Own(get::run),
        ..BLANK
    },
    Command {
        name: "edit",
        usage: "(RESOURCE/NAME | -f FILENAME)",
        short: "Edit a resource on the server",
        flags: &[FILES, WRITING, OUTPUT, EDIT],
        run: Run::Own(edit::run),
        ..BLANK
    },
    Command {
        name: "delete",
        usage: "([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])",
        short: "Delete resources by file names, stdin, resources and names, or by resources and label selector",
        flags: &[FILES, SELECT, DELETE],
        run: Run::Own(delete::run),
        ..BLANK
    },
    Command {
        name: "rollout",
        usage: "SUBCOMMAND",
        short: "Manage the rollout of a resource",
        subcommands: ROLLOUT,
        run: Run::Group,
        ..BLANK
    },
    Command {
        name: "scale",
        usage: "[--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)",
        short: "Set a new size for a deployment, replica set, or replication controller",
        flags: &[FILES, SELECT, WRITING, OUTPUT, SCALE],
        required: &["replicas"],
        run: Run::Own(workload::scale),
        ..BLANK
    },
    missing("autoscale", "Auto-scale a deployment, replica set, stateful set, or replication controller"),
    missing("certificate", "Modify certificate resources"),
    Command {
        name: "cluster-info",
        short: "Display cluster information",
        run: Run::Own(discovery::cluster_info),
        ..BLANK
    },
    missing("top", "Display resource (CPU/memory) usage"),
    missing("cordon", "Mark node as unschedulable"),
    missing("uncordon", "Mark node as schedulable"),
    missing("drain", "Drain node in preparation for maintenance"),
    missing("taint", "Update the taints on one or more nodes"),
    Command {
        name: "describe",
        usage: "(-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)",
        short: "Show details of a specific resource or group of resources",
        flags: &[FILES, SELECT, DESCRIBE],
        run: Run::Own(describe::run),
        ..BLANK
    },
    Command {
        name: "logs",
        usage: "[-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]",
        short: "Print the logs for a container in a pod",
        flags: &[LOGS],
        run: Run::Own(logs::run),
        ..BLANK
    },
    Command {
        name: "attach",
        usage: "(POD | TYPE/NAME) -c CONTAINER",
        short: "Attach to a running container",
        flags: &[EXEC],
        run: Run::Own(streams::attach),
        ..BLANK
    },
    Command {
        name: "exec",
        usage: "(POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]",
        short: "Execute a command in a container",
        flags: &[EXEC],
        run: Run::Own(streams::exec),
        ..BLANK
    },
    Command {
        name: "port-forward",
        usage: "TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]",
        short: "Forward one or more local ports to a pod",
        flags: &[PORT_FORWARD],
        run: Run::Own(streams::port_forward),
        ..BLANK
    },
    missing("proxy", "Run a proxy to the Kubernetes API server"),
    Command {
        name: "cp",
        usage: "<file-spec-src> <file-spec-dest>",
        short: "Copy files and directories to and from containers",
        flags: &[COPY],
        run: Run::Own(streams::cp),
        ..BLANK
    },
    Command {
        name: "auth",
        usage: "[flags]",
        short: "Inspect authorization.",
        subcommands: AUTH,
        run: Run::Group,
        ..BLANK
    },
    missing("debug", "Create debugging sessions for troubleshooting workloads and nodes"),
    missing("events", "List events"),
    Command {
        name: "diff",
        usage: "-f FILENAME",
        short: "Diff the live version against a would-be applied version",
        flags: &[FILES, SELECT, DIFF],
        run: Run::Own(apply::diff),
        ..BLANK
    },
    Command {
        name: "apply",
        usage: "(-f FILENAME | -k DIRECTORY)",
        short: "Apply a configuration to a resource by file name or stdin",
        flags: &[FILES, SELECT, WRITING, OUTPUT, APPLY],
        run: Run::Own(apply::run),
        ..BLANK
    },
    Command {
        name: "patch",
        usage: "(-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]",
        short: "Update fields of a resource",
        flags: &[FILES, WRITING, OUTPUT, PATCH],
        run: Run::Own(modify::patch),
        ..BLANK
    },
    Command {
        name: "replace",
        usage: "-f FILENAME",
        short: "Replace a resource by file name or stdin",
        flags: &[FILES, WRITING, OUTPUT, REPLACE],
        run: Run::Own(replace::replace),
        ..BLANK
    },
    Command {
        name: "wait",
        usage: "([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
        short: "Experimental: Wait for a specific condition on one or many resources",
        flags: &[SELECT, WAIT],
        run: Run::Own(wait::run),
        ..BLANK
    },
    missing("kustomize", "Build a kustomization target from a directory or URL"),
    Command {
        name: "label",
        usage: "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N",
        short: "Update the labels on a resource",
        flags: &[FILES, SELECT, WRITING, OUTPUT, LABEL],
        run: Run::Own(modify::label),
        ..BLANK
    },
    Command {
        name: "annotate",
        usage: "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N",
        short: "Update the annotations on a resource",
        flags: &[FILES, SELECT, WRITING, OUTPUT, LABEL],
        run: Run::Own(modify::annotate),
        ..BLANK
    },
    missing("completion", "Output shell completion code for the specified shell"),
    Command { hidden: true, ..missing("alpha", "Commands for features in alpha") },
    Command {
        name: "config",
        usage: "SUBCOMMAND",
        short: "Modify kubeconfig files",
        subcommands: CONFIG,
        run: Run::Group,
        ..BLANK
    },
    missing("plugin", "Provides utilities for interacting with plugins"),
    Command {
        name: "version",
        usage: "[--client] [--output=json|yaml]",
        short: "Print the client and server version information",
        flags: &[VERSION],
        run: Run::Own(discovery::version),
        ..BLANK
    },
    Command {
        name: "api-versions",
        short: "Print the supported API versions on the server, in the form of \"group/version\"",
        run: Run::Own(discovery::api_versions),
        ..BLANK
    },
    Command {
        name: "api-resources",
        usage: "[flags]",
        short: "Print the supported API resources on the server",
        flags: &[API_RESOURCES],
        run: Run::Own(discovery::api_resources),
        ..BLANK
    },
    Command {
        name: "options",
        short: "Print the list of flags inherited by all commands",
        run: Run::Own(help::options),
        hidden: true,
        ..BLANK
    },
    Command { name: "help", short: "Help about any command", run: Run::Own(help::help), hidden: true, ..BLANK },
];
