//! Completion of `eksctl`: commands and flags by its command table, and their values.

use super::Offers;
use super::world::Scene;
use crate::aws::eks::{AuthenticationMode, EntryType};
use crate::engine::eks::node_groups;
use crate::shell::eksctl::flags::{Flag, Kind};
use crate::shell::eksctl::{COMMANDS, COMMON, GROUP_NAME, NAME};

/// Offers what fits after these words.
pub(super) fn offer(scene: &Scene<'_>, words: &[String], offers: &mut Offers) {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (verb, rest) = match words.as_slice() {
        [] => {
            for command in COMMANDS {
                offers.add(command.verb, "");
            }
            offers.add("help", "what is simulated");
            return offers.add("version", "");
        }
        ["help", rest @ ..] if rest.len() < 2 => return offer(scene, &owned(rest), offers),
        [verb, rest @ ..] => (*verb, rest),
    };
    let Some((name, rest)) = rest.split_first() else {
        for command in COMMANDS.iter().filter(|command| command.verb == verb) {
            command.names.iter().take(1).for_each(|name| offers.add(name, command.about));
        }
        return;
    };
    let found = COMMANDS.iter().find(|command| command.verb == verb && command.names.contains(name));
    let Some(command) = found else { return };
    let all: Vec<&Flag> = command.flags.iter().copied().flatten().chain(COMMON).collect();
    let find = |word: &str| {
        let long = word.strip_prefix("--");
        let letter =
            word.strip_prefix('-').filter(|rest| rest.chars().count() == 1).and_then(|rest| rest.chars().next());
        all.iter().copied().find(|flag| Some(flag.name) == long || letter.is_some() && flag.letter == letter)
    };
    let waiting = rest.last().and_then(|word| find(word)).filter(|flag| flag.kind != Kind::Switch);
    if let Some(flag) = waiting {
        return value(scene, flag, rest, offers);
    }
    let typed = offers.partial.clone();
    if let Some((flag, _)) = typed.split_once('=')
        && let Some(flag) = find(flag)
    {
        offers.keep(flag.name.len() + 3);
        return value(scene, flag, rest, offers);
    }
    for flag in &all {
        let given = rest.iter().any(|word| word.split('=').next().and_then(find) == Some(*flag));
        if !given || flag.kind == Kind::List {
            offers.add(&format!("--{}", flag.name), flag.about);
        }
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// What a flag may say. `rest` are the words of the command, where the cluster may be named.
fn value(scene: &Scene<'_>, flag: &Flag, rest: &[&str], offers: &mut Offers) {
    if flag.kind == Kind::List {
        offers.keep_to_last(&[',']);
    }
    let named = rest.iter().enumerate().find_map(|(at, word)| match word.split_once('=') {
        Some(("--cluster", name)) => Some(name),
        _ if ["--cluster", "-c"].contains(word) => rest.get(at + 1).copied(),
        _ => None,
    });
    let clusters = scene.clusters_named(named);
    match flag.name {
        "cluster" => scene.clusters(offers),
        "name" if *flag == NAME => scene.clusters(offers),
        "name" if *flag == GROUP_NAME => {
            let groups = clusters.iter().flat_map(|cluster| node_groups(cluster));
            groups.for_each(|name| offers.add(name, ""));
        }
        "principal-arn" | "arn" => scene.principals(true, true, offers),
        "group" | "kubernetes-groups" => scene.groups(&clusters, offers),
        "username" | "kubernetes-username" => clusters.iter().for_each(|cluster| scene.users(cluster, offers)),
        "namespace" => {
            for name in clusters.iter().flat_map(|cluster| cluster.objects.namespaces()) {
                offers.add(&name, "");
            }
        }
        "region" => scene.regions(offers),
        "profile" => scene.profiles(offers),
        "output" => offers.add_all(["json", "table", "yaml"]),
        "type" => offers.add_all(EntryType::ALL.iter().map(|kind| kind.name())),
        "authentication-mode" | "target-authentication-mode" => {
            offers.add_all(AuthenticationMode::ALL.iter().map(|mode| mode.name()));
        }
        "config-file" | "kubeconfig" => scene.files(false, offers),
        "color" => offers.add_all(["fabulous", "false", "true"]),
        "service-name" => offers.add("emr-containers", ""),
        _ => {}
    }
}
