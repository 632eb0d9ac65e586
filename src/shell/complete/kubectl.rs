//! Completion of `kubectl` (cli 7 to 10): commands and flags by the command table, and their values.

use std::collections::{BTreeMap, BTreeSet};

use super::Offers;
use super::world::Scene;
use crate::engine::Cluster;
use crate::k8s::discovery::{Resource, built_in};
use crate::shell::kubeconfig::Overrides;
use crate::shell::kubectl::resources::TypeName;
use crate::shell::kubectl::spec::{Command, Flag, ROOT, Run, Value};

/// Verbs of requests for objects.
const VERBS: [&str; 15] = [
    "*",
    "approve",
    "bind",
    "create",
    "delete",
    "deletecollection",
    "escalate",
    "get",
    "impersonate",
    "list",
    "patch",
    "sign",
    "update",
    "use",
    "watch",
];
/// Paths that are no resources.
const URLS: [&str; 8] = ["/api", "/apis", "/healthz", "/livez", "/metrics", "/openapi/v2", "/readyz", "/version"];
/// Subresources, with the kind that each belongs to.
const SUBRESOURCES: [(&str, &str); 10] = [
    ("attach", "pods"),
    ("ephemeralcontainers", "pods"),
    ("eviction", "pods"),
    ("exec", "pods"),
    ("log", "pods"),
    ("portforward", "pods"),
    ("proxy", "pods"),
    ("scale", "deployments"),
    ("status", "pods"),
    ("token", "serviceaccounts"),
];

/// The words before the cursor, as far as they are understood.
struct Line<'w> {
    command: &'static Command,
    /// The words that name it, without `kubectl`.
    path: Vec<&'static str>,
    args: Vec<&'w str>,
    given: Vec<(&'static Flag, &'w str)>,
    /// The flag that waits for its value.
    waiting: Option<&'static Flag>,
    /// `--` was there.
    dashes: bool,
}

impl<'w> Line<'w> {
    fn read(words: &'w [String]) -> Self {
        let mut line = Self {
            command: &ROOT,
            path: Vec::new(),
            args: Vec::new(),
            given: Vec::new(),
            waiting: None,
            dashes: false,
        };
        for word in words {
            line.take(word);
        }
        line
    }

    fn take(&mut self, word: &'w str) {
        if let Some(flag) = self.waiting.take() {
            return self.given.push((flag, word));
        }
        if self.dashes {
            return self.args.push(word);
        }
        if word == "--" {
            self.dashes = true;
        } else if let Some((flag, value)) = self.flag(word) {
            match value.or(flag.default_when_bare()) {
                Some(value) => self.given.push((flag, value)),
                None => self.waiting = Some(flag),
            }
        } else if !word.starts_with('-') || word == "-" {
            let below = self.command.subcommands.iter().find(|command| command.is_called(word));
            match below.filter(|_| self.args.is_empty()) {
                Some(command) => {
                    self.command = command;
                    self.path.push(command.name);
                }
                None => self.args.push(word),
            }
        }
    }

    /// The flag that a word gives, and its value if that is in the word: `--name`, `--name=value`, `-nvalue`.
    fn flag<'t>(&self, word: &'t str) -> Option<(&'static Flag, Option<&'t str>)> {
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            return Some((self.command.flag(name)?, value));
        }
        let letters = word.strip_prefix('-')?;
        let letter = letters.chars().next()?;
        let flag = self.command.short_flag(letter)?;
        let rest = letters.get(letter.len_utf8()..).unwrap_or_default();
        let rest = rest.strip_prefix('=').unwrap_or(rest);
        Some((flag, Some(rest).filter(|rest| !rest.is_empty() && !flag.stands_alone())))
    }

    fn value(&self, name: &str) -> Option<&'w str> {
        self.given.iter().rev().find(|(flag, _)| flag.name == name).map(|(_, value)| *value)
    }

    fn overrides(&self) -> Overrides {
        // Some commands use the names of global flags for flags of their own.
        let own = |name: &str| self.command.flags.iter().flat_map(|set| set.iter()).any(|flag| flag.name == name);
        let global = |name: &str| self.value(name).filter(|_| !own(name)).map(str::to_owned);
        Overrides {
            kubeconfig: global("kubeconfig"),
            context: global("context"),
            cluster: global("cluster"),
            user: global("user"),
            namespace: global("namespace"),
            ..Overrides::default()
        }
    }
}

/// What the line is about, found when it is needed.
struct Target<'a> {
    cluster: Option<&'a Cluster>,
    /// The namespace; none with `-A`.
    namespace: Option<String>,
}

/// Offers what fits after these words.
pub(super) fn offer(scene: &Scene<'_>, words: &[String], offers: &mut Offers) {
    let line = Line::read(words);
    let (cluster, namespace) = scene.target(&line.overrides());
    let everywhere = line.value("all-namespaces") == Some("true");
    let target = Target { cluster, namespace: Some(namespace).filter(|_| !everywhere) };
    if let Some(flag) = line.waiting {
        return value(scene, &target, &line, flag, offers);
    }
    if line.dashes {
        return;
    }
    let typed = offers.partial.clone();
    if typed.starts_with('-') && typed.len() > 1 {
        if let Some((flag, Some(part))) = line.flag(&typed)
            && (!typed.starts_with("--") || typed.contains('='))
        {
            offers.keep(typed.len() - part.len());
            return value(scene, &target, &line, flag, offers);
        }
        if let Some((flag, _)) = typed.strip_suffix('=').and_then(|typed| line.flag(typed)) {
            offers.keep(typed.len());
            return value(scene, &target, &line, flag, offers);
        }
    }
    if typed.starts_with('-') {
        return flags(&line, offers);
    }
    if line.args.is_empty() {
        for command in line.command.subcommands {
            if !command.hidden && !matches!(command.run, Run::Missing) {
                offers.add(command.name, command.short);
            }
        }
    }
    arguments(scene, &target, &line, offers);
}

fn flags(line: &Line<'_>, offers: &mut Offers) {
    let repeats = |flag: &Flag| matches!(flag.value, Value::Array | Value::Slice);
    for flag in line.command.all_flags() {
        if repeats(flag) || !line.given.iter().any(|(given, _)| given.name == flag.name) {
            offers.add(&format!("--{}", flag.name), flag.help);
            if let Some(letter) = flag.short {
                offers.add(&format!("-{letter}"), flag.help);
            }
        }
    }
}

fn arguments(scene: &Scene<'_>, target: &Target<'_>, line: &Line<'_>, offers: &mut Offers) {
    let kubeconfig = line.value("kubeconfig");
    let first = line.args.is_empty();
    match line.path.as_slice() {
        ["get" | "describe" | "delete" | "edit" | "patch" | "label" | "annotate" | "scale"]
            if line.value("filename").is_none() =>
        {
            let verb = match line.path.as_slice() {
                ["get" | "describe"] => "get",
                ["delete"] => "delete",
                _ => "patch",
            };
            objects(scene, target, line, Some(verb), offers);
        }
        ["explain"] if first => types(target, None, offers),
        ["auth", "can-i"] if line.value("list").is_none() => match line.args.as_slice() {
            [] => offers.add_all(VERBS),
            [_] if offers.partial.starts_with('/') => offers.add_all(URLS),
            [_] => {
                objects(scene, target, &Line { args: Vec::new(), ..Line::read(&[]) }, None, offers);
                offers.add_all(["*", "groups", "users"]);
            }
            _ => {}
        },
        ["logs" | "exec" | "attach" | "port-forward"] if first => {
            if offers.partial.contains('/') {
                return objects(scene, target, line, Some("get"), offers);
            }
            names(scene, target, "pods", &[], offers);
        }
        ["create", "token"] if first => names(scene, target, "serviceaccounts", &[], offers),
        ["config", "use-context" | "delete-context" | "rename-context" | "set-context"] if first => {
            scene.kubeconfig(kubeconfig, "contexts", offers);
        }
        ["config", "delete-cluster" | "set-cluster"] if first => scene.kubeconfig(kubeconfig, "clusters", offers),
        ["config", "delete-user" | "set-credentials"] if first => scene.kubeconfig(kubeconfig, "users", offers),
        ["config", "set" | "unset"] if first => {
            offers.add("current-context", "");
            ["clusters.", "contexts.", "users."].iter().for_each(|section| offers.add_open(section, ""));
        }
        ["help"] => {
            let mut command = &ROOT;
            for word in &line.args {
                let Some(below) = command.subcommands.iter().find(|below| below.is_called(word)) else { return };
                command = below;
            }
            for below in command.subcommands.iter().filter(|below| !below.hidden) {
                offers.add(below.name, below.short);
            }
        }
        _ => {}
    }
}

/// `TYPE NAME …`, `TYPE,TYPE NAME …` or `TYPE/NAME …`.
fn objects(scene: &Scene<'_>, target: &Target<'_>, line: &Line<'_>, verb: Option<&str>, offers: &mut Offers) {
    if let Some((kind, _)) = offers.partial.split_once('/') {
        let kind = kind.to_owned();
        offers.keep(kind.len() + 1);
        return names(scene, target, &kind, &line.args, offers);
    }
    match line.args.split_first() {
        None => {
            offers.keep_to_last(&[',']);
            types(target, verb, offers);
            if verb == Some("get") || verb == Some("delete") {
                offers.add("all", "the common kinds of workloads");
            }
        }
        // The words after TYPE/NAME are more of the same, or labels.
        Some((first, _)) if first.contains('/') => {}
        // The words after a name to be labelled are labels.
        Some((kinds, [_, ..])) if matches!(line.path.as_slice(), ["label" | "annotate"]) => {
            let member = if line.path == ["label"] { "labels" } else { "annotations" };
            for key in pairs(target, kinds, member).into_keys() {
                offers.add_open(&format!("{key}="), "");
                offers.add(&format!("{key}-"), "remove it");
            }
        }
        Some((_, [_, ..])) if matches!(line.path.as_slice(), ["patch" | "edit"]) => {}
        Some((kinds, rest)) => kinds.split(',').for_each(|kind| names(scene, target, kind, rest, offers)),
    }
}

fn kinds(target: &Target<'_>) -> Vec<Resource> {
    target.cluster.map_or_else(built_in, |cluster| cluster.objects.resources())
}

/// Names of kinds: plurals, and of those that were begun also singulars and short names.
fn types(target: &Target<'_>, verb: Option<&str>, offers: &mut Offers) {
    let begun = !offers.partial.is_empty();
    for kind in kinds(target) {
        if verb.is_some_and(|verb| !kind.verbs.contains(&verb)) {
            continue;
        }
        let version = kind.api_version();
        offers.add(&kind.plural, &version);
        if begun {
            offers.add(&kind.singular, &version);
            kind.short_names.iter().for_each(|short| offers.add(short, &kind.plural));
        }
        if offers.partial.contains('.') {
            offers.add(&kind.qualified(), &version);
        }
    }
}

fn names(scene: &Scene<'_>, target: &Target<'_>, kind: &str, taken: &[&str], offers: &mut Offers) {
    let kinds = kinds(target);
    let Some((cluster, kind)) = target.cluster.zip(TypeName::read(kind).find(&kinds)) else { return };
    scene.objects(cluster, kind, target.namespace.as_deref(), taken, offers);
}

fn value(scene: &Scene<'_>, target: &Target<'_>, line: &Line<'_>, flag: &Flag, offers: &mut Offers) {
    if flag.value == Value::Slice && flag.name != "filename" {
        offers.keep_to_last(&[',']);
    }
    let kubeconfig = line.value("kubeconfig");
    let binds = line.path.first() == Some(&"create") && line.path.last().is_some_and(|name| name.ends_with("binding"));
    match flag.name {
        "namespace" => {
            if let Some(cluster) = target.cluster {
                cluster.objects.namespaces().iter().for_each(|namespace| offers.add(namespace, ""));
            }
        }
        "context" => scene.kubeconfig(kubeconfig, "contexts", offers),
        "cluster" => scene.kubeconfig(kubeconfig, "clusters", offers),
        "user" if !binds => scene.kubeconfig(kubeconfig, "users", offers),
        "as" | "user" => {
            let Some(cluster) = target.cluster else { return };
            scene.users(cluster, offers);
            if flag.name == "as" {
                scene.service_accounts(cluster, "system:serviceaccount:", offers);
            }
        }
        "as-group" | "group" => scene.groups(target.cluster.as_slice(), offers),
        "serviceaccount" if binds => {
            if let Some(cluster) = target.cluster {
                scene.service_accounts(cluster, "", offers);
            }
        }
        "clusterrole" => names(scene, target, "clusterroles", &[], offers),
        "role" => names(scene, target, "roles", &[], offers),
        "verb" | "verbs" => offers.add_all(VERBS),
        "resource" => match offers.partial.split_once('/') {
            Some((kind, _)) => {
                let kind = kind.to_owned();
                offers.keep(kind.len() + 1);
                subresources(target, &kind, offers);
            }
            None => kinds(target).iter().for_each(|kind| offers.add(&kind.qualified(), "")),
        },
        "resource-name" => {
            for kind in line.value("resource").into_iter().flat_map(|kinds| kinds.split(',')) {
                names(scene, target, kind, &[], offers);
            }
        }
        "subresource" => subresources(target, line.args.get(1).copied().unwrap_or_default(), offers),
        "non-resource-url" | "raw" => offers.add_all(URLS),
        "api-group" => kinds(target).iter().for_each(|kind| offers.add(&kind.group, "")),
        "api-version" => kinds(target).iter().for_each(|kind| offers.add(&kind.api_version(), "")),
        "output" => formats(line, offers),
        "dry-run" => {
            offers.add("none", "send and store");
            offers.add("client", "print, do not send");
            offers.add("server", "send, do not store");
        }
        "cascade" => offers.add_all(["background", "foreground", "orphan"]),
        "validate" => offers.add_all(["false", "ignore", "strict", "true", "warn"]),
        "restart" => offers.add_all(["Always", "Never", "OnFailure"]),
        "image-pull-policy" => offers.add_all(["Always", "IfNotPresent", "Never"]),
        "type" if line.path == ["patch"] => offers.add_all(["json", "merge", "strategic"]),
        "sort-by" if line.path == ["api-resources"] => offers.add_all(["kind", "name"]),
        "categories" => offers.add("all", ""),
        "selector" => selector(target, line, offers),
        "field-selector" => {
            offers.keep_to_last(&[',']);
            if let Some(field) = offers.partial.strip_suffix('=').or(offers.partial.split_once('=').map(|(f, _)| f)) {
                let field = field.to_owned();
                offers.keep(field.len() + 1);
                match field.as_str() {
                    "metadata.name" => line.args.first().into_iter().for_each(|kinds| {
                        kinds.split(',').for_each(|kind| names(scene, target, kind, &[], offers));
                    }),
                    "metadata.namespace" => {
                        if let Some(cluster) = target.cluster {
                            cluster.objects.namespaces().iter().for_each(|namespace| offers.add(namespace, ""));
                        }
                    }
                    _ => {}
                }
                return;
            }
            ["metadata.name=", "metadata.namespace="].iter().for_each(|field| offers.add_open(field, ""));
        }
        "filename" | "kubeconfig" | "patch-file" | "from-env-file" | "from-file" => {
            offers.keep_to_last(if flag.name == "from-file" { &['='] } else { &[','] });
            scene.files(false, offers);
        }
        "kustomize" => scene.files(true, offers),
        _ if flag.value == Value::Switch => offers.add_all(["false", "true"]),
        _ => {}
    }
}

/// Keys of the labels or annotations of the objects of some kinds, with the values that each has.
fn pairs(target: &Target<'_>, typed: &str, member: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let kinds = kinds(target);
    let Some(cluster) = target.cluster else { return found };
    for kind in typed.split(',').filter_map(|typed| TypeName::read(typed).find(&kinds)) {
        for object in cluster.objects.list(kind, target.namespace.as_deref()) {
            let pairs = object.pointer(&format!("/metadata/{member}")).and_then(serde_json::Value::as_object);
            for (key, value) in pairs.into_iter().flatten() {
                found.entry(key.clone()).or_default().insert(value.as_str().unwrap_or_default().to_owned());
            }
        }
    }
    found
}

/// A label selector: keys, and after `=` the values of that key.
fn selector(target: &Target<'_>, line: &Line<'_>, offers: &mut Offers) {
    offers.keep_to_last(&[',']);
    let kinds = line.args.first().copied().unwrap_or_default();
    let labels = pairs(target, kinds, "labels");
    let Some((key, _)) = offers.partial.split_once('=') else {
        labels.keys().for_each(|key| offers.add_open(&format!("{key}="), ""));
        return;
    };
    let key = key.to_owned();
    offers.keep(key.len() + 1);
    if offers.partial.starts_with('=') {
        offers.keep(1);
    }
    if let Some(values) = labels.get(key.trim_end_matches('!')) {
        values.iter().for_each(|value| offers.add(value, ""));
    }
}

/// The subresources of a kind; all of them if the kind is not known.
fn subresources(target: &Target<'_>, kind: &str, offers: &mut Offers) {
    let kinds = kinds(target);
    let plural = TypeName::read(kind).find(&kinds).map(|kind| &*kind.plural);
    for (name, of) in SUBRESOURCES {
        let fits = plural.is_none_or(|plural| {
            plural == of || matches!(name, "status") || of == "deployments" && plural == "replicasets"
        });
        if fits {
            offers.add(name, "");
        }
    }
}

/// The output formats of a command (cli 13).
fn formats(line: &Line<'_>, offers: &mut Offers) {
    let (plain, open): (&[&str], &[&str]) = match line.path.as_slice() {
        ["get"] => (&["json", "name", "wide", "yaml"], &["custom-columns=", "jsonpath="]),
        ["delete"] | ["config", "get-contexts"] => (&["name"], &[]),
        ["api-resources"] => (&["name", "wide"], &[]),
        ["version"] => (&["json", "yaml"], &[]),
        ["explain"] => (&["plaintext", "plaintext-openapiv2"], &[]),
        _ => (&["json", "name", "yaml"], &["jsonpath="]),
    };
    offers.add_all(plain.iter().copied());
    open.iter().for_each(|format| offers.add_open(format, ""));
}
