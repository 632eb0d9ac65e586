//! Completion of `aws` (cli 1): services, operations, options by the service model, and their values.

use super::Offers;
use super::world::Scene;
use crate::aws::eks::EntryType;
use crate::shell::aws::args::{Arity, Opt};
use crate::shell::aws::model::{self, Member, Operation, Shape};
use crate::shell::aws::wait::WAITERS;
use crate::shell::aws::{globals, kubeconfig, params, token};

/// What may follow `configure get` and `configure set`.
const SETTINGS: [&str; 6] =
    ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "output", "region", "role_arn"];
/// Commands of `configure` that are simulated.
const CONFIGURE: [&str; 4] = ["get", "list", "list-profiles", "set"];

/// The words before the cursor, as far as they are understood.
struct Line<'w> {
    /// Service, operation and what follows them.
    positionals: Vec<&'w str>,
    /// Options with their words, in order.
    given: Vec<(Opt, Vec<&'w str>)>,
    /// True if the last option still takes words.
    open: bool,
    /// All options that may be given.
    known: Vec<Opt>,
}

/// Offers what fits after these words.
pub(super) fn offer(scene: &Scene<'_>, words: &[String], offers: &mut Offers) {
    let line = read(words);
    let typed = offers.partial.clone();
    if typed.starts_with("--")
        && let Some((flag, _)) = typed.split_once('=')
    {
        if let Some(option) = find(&line.known, flag) {
            offers.keep(flag.len() + 1);
            value(scene, &line, option, offers);
        }
        return;
    }
    if let Some((option, taken)) = line.given.last().filter(|_| line.open && !typed.starts_with("--")) {
        value(scene, &line, option, offers);
        if option.arity == Arity::One || !taken.is_empty() || !offers.is_empty() {
            return;
        }
    }
    if typed.starts_with('-') {
        return options(&line, offers);
    }
    match line.positionals.as_slice() {
        [] => {
            for service in model::SERVICES {
                offers.add(service.name, service.doc);
            }
            offers.add("configure", "Shows and changes the configuration.");
            offers.add("help", "");
        }
        ["configure"] => offers.add_all(CONFIGURE),
        ["configure", "get" | "set"] => offers.add_all(SETTINGS),
        ["eks", "wait"] => offers.add_all(WAITERS.iter().map(|waiter| waiter.command)),
        [service] => {
            let Some(service) = model::service(service) else { return };
            for operation in service.operations {
                offers.add(&operation.command(), operation.doc);
            }
            for (name, doc) in service.extra {
                offers.add(name, doc);
            }
            offers.add("help", "");
        }
        _ => options(&line, offers),
    }
}

fn read(words: &[String]) -> Line<'_> {
    let mut line = Line { positionals: Vec::new(), given: Vec::new(), open: false, known: globals::options() };
    for word in words {
        if word.starts_with("--") {
            let (flag, value) = word.split_once('=').map_or((word.as_str(), None), |(flag, value)| (flag, Some(value)));
            line.open = false;
            if let Some(option) = find(&line.known, flag).cloned() {
                line.open = value.is_none() && matches!(option.arity, Arity::One | Arity::Any);
                line.given.push((option, value.into_iter().collect()));
            }
            continue;
        }
        match line.given.last_mut().filter(|_| line.open) {
            Some((option, taken)) => {
                taken.push(word);
                line.open = option.arity == Arity::Any;
            }
            None => {
                line.positionals.push(word);
                match line.positionals.as_slice() {
                    [service, operation] => line.known.extend(options_of(service, operation)),
                    ["eks", "wait", _] => {
                        line.known.extend(operation_of(&line).map(params::options).unwrap_or_default())
                    }
                    _ => {}
                }
            }
        }
    }
    line
}

/// An option in full or cut, if only one begins so (cli 1.3).
fn find<'o>(known: &'o [Opt], flag: &str) -> Option<&'o Opt> {
    let mut cut = known.iter().filter(|option| option.flag.starts_with(flag));
    let only = cut.next().filter(|_| cut.next().is_none());
    known.iter().find(|option| option.flag == flag).or(only)
}

fn options_of(service: &str, operation: &str) -> Vec<Opt> {
    let plain = |table: &[(&str, &str)]| table.iter().map(|(name, _)| Opt::new(format!("--{name}"))).collect();
    match (service, operation) {
        ("eks", "update-kubeconfig") => {
            let flag = |name: &str| if ["dry-run", "verbose"].contains(&name) { Arity::Flag } else { Arity::One };
            let option = |(name, _): &(&str, &str)| Opt { arity: flag(name), ..Opt::new(format!("--{name}")) };
            kubeconfig::OPTIONS.iter().map(option).collect()
        }
        ("eks", "get-token") => plain(token::OPTIONS),
        _ => {
            let found = model::service(service).and_then(|service| service.operation(operation));
            found.map(params::options).unwrap_or_default()
        }
    }
}

/// The operation of a line; of a waiter the one that it asks.
fn operation_of(line: &Line<'_>) -> Option<&'static Operation> {
    match line.positionals.as_slice() {
        ["eks", "wait", command, ..] => WAITERS.iter().find(|waiter| waiter.command == *command)?.operation(),
        [service, operation, ..] => model::service(service)?.operation(operation),
        _ => None,
    }
}

/// The member that an option of the line's operation sets.
fn member(line: &Line<'_>, flag: &str) -> Option<&'static Member> {
    let name = flag.trim_start_matches("--");
    operation_of(line)?.input.iter().find(|member| member.option_name() == name)
}

fn options(line: &Line<'_>, offers: &mut Offers) {
    let by_hand: &[(&str, &str)] = match line.positionals.as_slice() {
        ["eks", "update-kubeconfig", ..] => kubeconfig::OPTIONS,
        ["eks", "get-token", ..] => token::OPTIONS,
        _ => &[],
    };
    for option in &line.known {
        if line.given.iter().any(|(given, _)| given.flag == option.flag) {
            continue;
        }
        let name = option.flag.trim_start_matches("--");
        let note = by_hand.iter().find(|(known, _)| *known == name).map(|(_, doc)| *doc);
        let note = note.or_else(|| member(line, &option.flag).map(|member| member.doc)).unwrap_or_default();
        offers.add(&option.flag, note);
    }
}

fn value(scene: &Scene<'_>, line: &Line<'_>, option: &Opt, offers: &mut Offers) {
    if offers.partial.starts_with("file://") {
        offers.keep("file://".len());
        return scene.files(false, offers);
    }
    let service = line.positionals.first().copied().unwrap_or_default();
    let operation = line.positionals.get(1).copied().unwrap_or_default();
    let makes = operation.starts_with("create-");
    let given = |flag: &str| {
        let words = line.given.iter().rev().find(|(option, _)| option.flag == flag).map(|(_, words)| words);
        words.and_then(|words| words.first()).copied()
    };
    let cluster = given("--cluster-name").or_else(|| given("--name").filter(|_| service == "eks"));
    match option.flag.trim_start_matches("--") {
        "profile" => scene.profiles(offers),
        "region" => scene.regions(offers),
        "cluster-name" => scene.clusters(offers),
        "name" if service == "eks" && !makes => scene.clusters(offers),
        "principal-arn" if makes => scene.principals(true, true, offers),
        "principal-arn" => {
            for entry in scene.clusters_named(cluster).iter().flat_map(|cluster| cluster.entries.values()) {
                offers.add(&entry.principal_arn, entry.kind.name());
            }
        }
        "policy-arn" if operation.starts_with("disassociate") => {
            let clusters = scene.clusters_named(cluster);
            let entries = clusters.iter().flat_map(|cluster| cluster.entries.values());
            let principal = given("--principal-arn");
            for entry in entries.filter(|entry| principal.is_none_or(|arn| arn == entry.principal_arn)) {
                entry.policies.iter().for_each(|association| offers.add(&association.policy_arn, ""));
            }
        }
        "policy-arn" | "associated-policy-arn" => scene.policies(offers),
        "kubernetes-groups" => scene.groups(&scene.clusters_named(cluster), offers),
        "role-arn" | "assume-role-arn" | "node-role" | "pod-execution-role-arn" => {
            scene.principals(false, true, offers);
        }
        "nodegroup-name" if !makes => {
            for cluster in scene.clusters_named(cluster) {
                offers.add_all(cluster.nodegroups.keys().map(String::as_str));
            }
        }
        "fargate-profile-name" if !makes => {
            for cluster in scene.clusters_named(cluster) {
                offers.add_all(cluster.fargate_profiles.keys().map(String::as_str));
            }
        }
        "user-name" if !makes => offers.add_all(scene.world.users.iter().map(|user| user.name.as_str())),
        "role-name" if !makes => offers.add_all(scene.world.roles.iter().map(|role| role.name.as_str())),
        "resource-arn" => scene.resources(offers),
        "update-id" => scene.updates(cluster, offers),
        "type" if operation == "create-access-entry" => offers.add_all(EntryType::ALL.map(EntryType::name)),
        "kubeconfig" => scene.files(false, offers),
        "cli-input-json" | "cli-input-yaml" | "assume-role-policy-document" => offers.add_open("file://", "a file"),
        "generate-cli-skeleton" => offers.add_all(option.choices.iter().copied()),
        _ if !option.choices.is_empty() => offers.add_all(option.choices.iter().copied()),
        _ => match member(line, &option.flag).map(|member| member.shape) {
            Some(Shape::Text { values, .. }) => offers.add_all(values.iter().copied()),
            Some(Shape::Structure(members)) => shorthand(scene, cluster, members, offers),
            _ => {}
        },
    }
}

/// `key=value,key=word,word`: the part after the last comma (cli 2.2).
fn shorthand(scene: &Scene<'_>, cluster: Option<&str>, members: &[Member], offers: &mut Offers) {
    let typed = offers.partial.clone();
    let parts: Vec<&str> = typed.split(',').collect();
    let scope = members.iter().any(|member| member.name == "namespaces");
    // A part without `=` belongs to the list before it.
    let last_key = parts.iter().rev().find_map(|part| part.split_once('=')).map(|(key, _)| key);
    let in_value = parts.last().is_some_and(|part| part.contains('='));
    offers.keep_to_last(&[',']);
    let named = |name: &str| members.iter().find(|member| member.name == name);
    let values = |member: &Member, offers: &mut Offers| match member.shape {
        Shape::List(_) if member.name == "namespaces" => {
            for cluster in scene.clusters_named(cluster) {
                cluster.objects.namespaces().iter().for_each(|namespace| offers.add(namespace, ""));
            }
        }
        Shape::Text { values, .. } => {
            for value in values {
                match *value {
                    // This scope is nothing without its namespaces.
                    "namespace" if scope => offers.add_open("namespace,namespaces=", ""),
                    value => offers.add(value, ""),
                }
            }
        }
        Shape::Boolean => offers.add_all(["false", "true"]),
        _ => {}
    };
    if in_value {
        offers.keep_to_last(&['=']);
        if let Some(member) = last_key.and_then(named) {
            values(member, offers);
        }
        return;
    }
    if let Some(member) = last_key.and_then(named).filter(|member| matches!(member.shape, Shape::List(_))) {
        values(member, offers);
    }
    for member in
        members.iter().filter(|member| !parts.iter().any(|part| part.starts_with(&format!("{}=", member.name))))
    {
        match member.shape {
            // The two forms there are, at once.
            Shape::Text { values, .. } if parts.len() == 1 && !values.is_empty() => {
                for value in values {
                    let whole = format!("{}={value}", member.name);
                    if scope && *value == "namespace" {
                        offers.add_open(&format!("{whole},namespaces="), "");
                    } else {
                        offers.add(&whole, "");
                    }
                }
            }
            _ if scope && parts.len() == 1 => {}
            _ => offers.add_open(&format!("{}=", member.name), member.shape.word()),
        }
    }
}
