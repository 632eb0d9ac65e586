//! Kubeconfig files: reading and merging them, changing them, and what a context resolves to (cli 8.4, 14, 15).
//!
//! Files are those of `--kubeconfig`, else of the `KUBECONFIG` list, else `~/.kube/config`. Of entries with the same name
//! the first counts. What is written has kubectl's layout: sorted keys, entries sorted by name.

mod resolve;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::context::Context;
use super::kubectl::failure::{Failure, local};
use crate::engine::request::Impersonate;
use crate::engine::{Caller, Credential};
use crate::formats::json::sort_keys;
use crate::formats::ordered::map_of;
use crate::formats::yaml::{emit::emit, load::load};

/// The three lists of a kubeconfig, each with the member that holds an entry's body.
pub const SECTIONS: [(&str, &str); 3] = [("clusters", "cluster"), ("contexts", "context"), ("users", "user")];

/// What is called when nothing says otherwise.
const DEFAULT_SERVER: &str = "http://localhost:8080";

/// The global flags that change what a kubeconfig says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "members are the flags")]
pub struct Overrides {
    pub kubeconfig: Option<String>,
    pub context: Option<String>,
    pub cluster: Option<String>,
    pub user: Option<String>,
    pub namespace: Option<String>,
    pub server: Option<String>,
    pub token: Option<String>,
    pub as_user: String,
    pub as_groups: Vec<String>,
    pub as_uid: String,
}

/// What calls go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A cluster of the world.
    Cluster(String),
    /// Nothing that answers.
    Unreachable {
        /// Go's words for it.
        why: String,
        /// What a credential plugin printed on standard error before.
        said: String,
    },
}

/// A context, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Address of the server, as the kubeconfig has it.
    pub server: String,
    /// What stands behind the address.
    pub target: Target,
    /// The cluster at the address, even if no credential can be had for it.
    pub cluster: Option<String>,
    /// Who calls.
    pub caller: Caller,
    /// Name of the user entry.
    pub user: String,
}

/// One file.
#[derive(Debug, Clone, PartialEq)]
struct File {
    path: String,
    exists: bool,
    sections: BTreeMap<&'static str, BTreeMap<String, Value>>,
    current: String,
}

/// The merged files.
#[derive(Debug, Clone, PartialEq)]
pub struct Kubeconfig {
    files: Vec<File>,
}

impl Kubeconfig {
    /// Reads the files.
    ///
    /// # Errors
    /// An explicitly named file does not exist, or a file is no YAML.
    pub fn load(ctx: &Context<'_>, explicit: Option<&str>) -> Result<Self, String> {
        if let Some(path) = explicit
            && !ctx.session.workstation().is_file(path)
        {
            return Err(format!("stat {path}: no such file or directory"));
        }
        Self::load_or_new(ctx, explicit)
    }

    /// As [`Kubeconfig::load`]; a file that is named and does not exist counts as an empty one, to be written.
    ///
    /// # Errors
    /// A file that is no YAML.
    pub fn load_or_new(ctx: &Context<'_>, explicit: Option<&str>) -> Result<Self, String> {
        let workstation = ctx.session.workstation();
        let listed = ctx.env.get("KUBECONFIG").filter(|list| !list.is_empty());
        let paths: Vec<String> = match (explicit, listed) {
            (Some(path), _) => vec![path.to_owned()],
            (None, Some(list)) => list.split(':').filter(|path| !path.is_empty()).map(str::to_owned).collect(),
            (None, None) => vec![format!("{}/.kube/config", workstation.home)],
        };
        let mut files = Vec::new();
        for path in paths {
            let text = workstation.read(&path).ok();
            let value = load(text.unwrap_or_default());
            let value = value.map_err(|error| format!("error loading config file {path:?}: {error}"))?;
            files.push(File::read(path, text.is_some(), &value));
        }
        Ok(Self { files })
    }

    /// The entries of `clusters`, `contexts` or `users`, sorted by name.
    pub fn entries(&self, section: &str) -> BTreeMap<&str, &Value> {
        let mut found = BTreeMap::new();
        for file in self.files.iter().rev() {
            found.extend(file.section(section).map(|(name, body)| (name.as_str(), body)));
        }
        found
    }

    /// The body of an entry.
    pub fn entry(&self, section: &str, name: &str) -> Option<&Value> {
        self.files.iter().find_map(|file| file.sections.get(section).and_then(|entries| entries.get(name)))
    }

    /// `current-context`, or an empty text.
    pub fn current_context(&self) -> &str {
        self.files.iter().map(|file| file.current.as_str()).find(|current| !current.is_empty()).unwrap_or_default()
    }

    /// The file that new entries go to, as named.
    pub fn default_file(&self) -> &str {
        self.files.first().map(|file| file.path.as_str()).unwrap_or_default()
    }

    /// Sets or removes an entry, in the file that has it, else in the first.
    pub fn put(&mut self, section: &'static str, name: &str, body: Option<Value>) {
        let holder = self.files.iter().position(|file| file.has(section, name)).unwrap_or(0);
        if let Some(file) = self.files.get_mut(holder) {
            let entries = file.sections.entry(section).or_default();
            match body {
                Some(body) => _ = entries.insert(name.to_owned(), normal(section, &body)),
                None => _ = entries.remove(name),
            }
        }
    }

    /// Sets or clears `current-context`.
    pub fn set_current(&mut self, name: &str) {
        let holder = self.files.iter().position(|file| !file.current.is_empty()).filter(|_| name.is_empty());
        if let Some(file) = self.files.get_mut(holder.unwrap_or(0)) {
            name.clone_into(&mut file.current);
        }
    }

    /// Writes the files that differ from `before`.
    ///
    /// # Errors
    /// The disk is full, or a directory is in the way.
    pub fn save(&self, ctx: &mut Context<'_>, before: &Self) -> Result<(), Failure> {
        for (file, old) in self.files.iter().zip(&before.files) {
            if file == old {
                continue;
            }
            let text = emit(&sort_keys(&file.document()));
            let written = ctx.session.workstation_mut().write_with_parents(&file.path, &text);
            written.map_err(|error| local(format!("open {}: {}", file.path, error.to_string().to_lowercase())))?;
        }
        Ok(())
    }

    /// The merged file, members in declaration order.
    pub fn document(&self) -> Value {
        let mut merged = File::read(String::new(), true, &Value::Null);
        for (section, _) in SECTIONS {
            let entries = self.entries(section).into_iter().map(|(name, body)| (name.to_owned(), body.clone()));
            merged.sections.insert(section, map_of(entries));
        }
        self.current_context().clone_into(&mut merged.current);
        merged.document()
    }

    /// The same with the current context and what it uses alone (`config view --minify`).
    ///
    /// # Errors
    /// No current context, or it does not exist, or what it names does not.
    pub fn minified(&self, overrides: &Overrides) -> Result<Self, Failure> {
        let current = overrides.context.as_deref().unwrap_or_else(|| self.current_context());
        if current.is_empty() {
            return Err(local("current-context must exist in order to minify"));
        }
        let Some(context) = self.entry("contexts", current) else {
            return Err(local(format!("cannot locate context {current}")));
        };
        let mut file = File::read(self.default_file().to_owned(), true, &Value::Null);
        file.current = current.to_owned();
        let wanted = [("clusters", text(context, "cluster")), ("contexts", current), ("users", text(context, "user"))];
        for (section, name) in wanted.into_iter().filter(|(_, name)| !name.is_empty()) {
            let Some(body) = self.entry(section, name) else {
                return Err(local(format!("cannot locate {} {name}", section.trim_end_matches('s'))));
            };
            file.sections.entry(section).or_default().insert(name.to_owned(), body.clone());
        }
        Ok(Self { files: vec![file] })
    }

    /// The same with the contents of the files that entries name (`config view --flatten`). Relative names count from the
    /// directory of the kubeconfig that has the entry.
    ///
    /// # Errors
    /// A file that does not exist.
    pub fn flattened(&self, ctx: &Context<'_>) -> Result<Self, Failure> {
        const NAMED: [(&str, &str); 3] =
            [("users", "client-certificate"), ("users", "client-key"), ("clusters", "certificate-authority")];
        let workstation = ctx.session.workstation();
        let mut flat = self.clone();
        for (section, member) in NAMED {
            for file in &mut flat.files {
                let directory = workstation.resolve(&file.path);
                let directory = directory.rsplit_once('/').map_or("", |(directory, _)| directory);
                for body in file.sections.get_mut(section).into_iter().flat_map(BTreeMap::values_mut) {
                    let Some(members) = body.as_object_mut() else { continue };
                    let Some(name) = members.get(member).and_then(Value::as_str).filter(|name| !name.is_empty()) else {
                        continue;
                    };
                    let path = if name.starts_with('/') { name.to_owned() } else { format!("{directory}/{name}") };
                    let missing = |_| local(format!("open {path}: no such file or directory"));
                    let contents = STANDARD.encode(workstation.read(&path).map_err(missing)?);
                    members.shift_remove(member);
                    members.insert(format!("{member}-data"), json!(contents));
                    *body = normal(section, body);
                }
            }
        }
        Ok(flat)
    }

    /// The namespace of the chosen context.
    ///
    /// # Errors
    /// The context, or the cluster that is asked for, does not exist.
    pub fn namespace(&self, overrides: &Overrides) -> Result<String, Failure> {
        let chosen = overrides.context.as_deref().unwrap_or_else(|| self.current_context());
        let context = match self.entry("contexts", chosen) {
            Some(context) => context,
            None if chosen.is_empty() => &Value::Null,
            None => {
                let text = format!("Error in configuration: context was not found for specified context: {chosen}");
                return Err(Failure::Plain(text));
            }
        };
        let cluster = overrides.cluster.as_deref().unwrap_or_else(|| text(context, "cluster"));
        if !cluster.is_empty() && overrides.server.is_none() {
            let server = self.entry("clusters", cluster).map(|body| text(body, "server")).unwrap_or_default();
            if server.is_empty() {
                return Err(local(format!("no server found for cluster {cluster:?}")));
            }
        }
        Ok(match text(context, "namespace") {
            "" => "default".to_owned(),
            namespace => namespace.to_owned(),
        })
    }

    /// Resolves the chosen context to a cluster of the world and a caller.
    ///
    /// # Errors
    /// Context, cluster or user do not exist.
    pub fn connect(&self, overrides: &Overrides, ctx: &Context<'_>) -> Result<Connection, Failure> {
        let chosen = overrides.context.as_deref().unwrap_or_else(|| self.current_context());
        if let Some(user) = overrides.user.as_deref().filter(|user| self.entry("users", user).is_none()) {
            return Err(local(format!("auth info {user:?} does not exist")));
        }
        let context = match self.entry("contexts", chosen) {
            Some(context) => context,
            None if chosen.is_empty() => &Value::Null,
            None => return Err(local(format!("context {chosen:?} does not exist"))),
        };
        if let Some(cluster) = overrides.cluster.as_deref().filter(|c| self.entry("clusters", c).is_none()) {
            return Err(local(format!("cluster {cluster:?} does not exist")));
        }
        let cluster = overrides.cluster.as_deref().unwrap_or_else(|| text(context, "cluster"));
        let server = match (&overrides.server, self.entry("clusters", cluster)) {
            (Some(server), _) => server.clone(),
            (None, Some(body)) => text(body, "server").to_owned(),
            (None, None) if cluster.is_empty() => DEFAULT_SERVER.to_owned(),
            (None, None) => return Err(local(format!("no server found for cluster {cluster:?}"))),
        };
        let user = overrides.user.as_deref().unwrap_or_else(|| text(context, "user"));
        let server = server.trim_end_matches('/').to_owned();
        let mut target = resolve::target(ctx, &server);
        let found = match &target {
            Target::Cluster(name) => Some(name.clone()),
            Target::Unreachable { .. } => None,
        };
        let body = self.entry("users", user).unwrap_or(&Value::Null);
        if let Some(exec) = body.get("exec") {
            resolve::check(user, exec)?;
        }
        let credential = match (&overrides.token, text(body, "token")) {
            (Some(token), _) => Credential::Token(token.clone()),
            (None, "") => match body.get("exec") {
                // The plugin runs before the connection is made.
                Some(exec) => resolve::credential(ctx, exec, &target).unwrap_or_else(|(why, said)| {
                    target = Target::Unreachable { why: format!("getting credentials: {why}"), said };
                    Credential::Anonymous
                }),
                None => Credential::Anonymous,
            },
            (None, token) => Credential::Token(token.to_owned()),
        };
        let impersonate = Impersonate {
            user: overrides.as_user.clone(),
            groups: overrides.as_groups.clone(),
            uid: overrides.as_uid.clone(),
        };
        let impersonate = Some(impersonate).filter(|wanted| *wanted != Impersonate::default());
        let caller = Caller { credential, impersonate };
        Ok(Connection { server, target, cluster: found, caller, user: user.to_owned() })
    }
}

impl File {
    fn read(path: String, exists: bool, value: &Value) -> Self {
        let mut sections = BTreeMap::new();
        for (section, member) in SECTIONS {
            let list = value.get(section).and_then(Value::as_array).into_iter().flatten();
            let mut entries = BTreeMap::new();
            for entry in list {
                let body = entry.get(member).unwrap_or(&Value::Null);
                entries.entry(text(entry, "name").to_owned()).or_insert_with(|| normal(section, body));
            }
            sections.insert(section, entries);
        }
        Self { path, exists, sections, current: text(value, "current-context").to_owned() }
    }

    fn section(&self, section: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.sections.get(section).into_iter().flatten()
    }

    fn has(&self, section: &str, name: &str) -> bool {
        self.sections.get(section).is_some_and(|entries| entries.contains_key(name))
    }

    /// Members in declaration order; empty lists are null.
    fn document(&self) -> Value {
        let list = |section: &str, member: &str| {
            let entries = self.section(section).map(|(name, body)| json!({ "name": name, member: body }));
            let entries: Vec<Value> = entries.collect();
            if entries.is_empty() { Value::Null } else { Value::Array(entries) }
        };
        json!({
            "kind": "Config",
            "apiVersion": "v1",
            "preferences": {},
            "clusters": list("clusters", "cluster"),
            "users": list("users", "user"),
            "contexts": list("contexts", "context"),
            "current-context": self.current,
        })
    }
}

/// An entry as kubectl keeps it: members in declaration order, exec plugins with their defaults.
fn normal(section: &str, body: &Value) -> Value {
    const ORDER: [&[&str]; 3] = [
        &[
            "server",
            "tls-server-name",
            "insecure-skip-tls-verify",
            "certificate-authority",
            "certificate-authority-data",
            "proxy-url",
        ],
        &["cluster", "user", "namespace"],
        &[
            "client-certificate",
            "client-certificate-data",
            "client-key",
            "client-key-data",
            "token",
            "tokenFile",
            "username",
            "password",
            "exec",
        ],
    ];
    let order = SECTIONS.iter().zip(ORDER).find(|((name, _), _)| *name == section).map_or(&[][..], |(_, order)| order);
    let mut out = Map::new();
    let Some(members) = body.as_object() else { return Value::Object(out) };
    let rest = members.keys().map(String::as_str).filter(|key| !order.contains(key));
    for key in order.iter().copied().chain(rest) {
        let Some(value) = members.get(key).filter(|value| !is_empty(value)) else { continue };
        out.insert(key.to_owned(), if key == "exec" { normal_exec(value) } else { value.clone() });
    }
    if section == "contexts" {
        for key in ["cluster", "user"] {
            out.entry(key).or_insert_with(|| json!(""));
        }
    }
    if section == "clusters" {
        out.entry("server").or_insert_with(|| json!(""));
    }
    Value::Object(out)
}

fn normal_exec(exec: &Value) -> Value {
    let get = |key: &str| exec.get(key).filter(|value| !is_empty(value)).cloned();
    let mut out = Map::new();
    out.insert("command".to_owned(), get("command").unwrap_or_else(|| json!("")));
    out.insert("args".to_owned(), get("args").unwrap_or_default());
    out.insert("env".to_owned(), get("env").unwrap_or_default());
    if let Some(version) = get("apiVersion") {
        out.insert("apiVersion".to_owned(), version);
    }
    if let Some(hint) = get("installHint") {
        out.insert("installHint".to_owned(), hint);
    }
    out.insert("provideClusterInfo".to_owned(), get("provideClusterInfo").unwrap_or_else(|| json!(false)));
    // Only the versions before v1 have a default.
    let has_default = matches!(text(exec, "apiVersion"), "client.authentication.k8s.io/v1alpha1" | resolve::V1BETA1);
    if let Some(mode) = get("interactiveMode").or_else(|| has_default.then(|| json!("IfAvailable"))) {
        out.insert("interactiveMode".to_owned(), mode);
    }
    Value::Object(out)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(texts: &[&str]) -> Kubeconfig {
        let file = |(at, text): (usize, &&str)| File::read(format!("/{at}"), true, &load(text).unwrap());
        Kubeconfig { files: texts.iter().enumerate().map(file).collect() }
    }

    const FIRST: &str = "contexts:\n- name: a\n  context: {cluster: c, user: u, namespace: dev}\n";
    const SECOND: &str = "current-context: b\ncontexts:\n- name: a\n  context: {cluster: other, user: u}\n- name: b\n  context: {cluster: c, user: u}\n";

    #[test]
    fn of_entries_with_the_same_name_the_first_counts() {
        let merged = config(&[FIRST, SECOND]);
        assert_eq!(merged.entries("contexts").into_keys().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(text(merged.entry("contexts", "a").unwrap(), "cluster"), "c");
        assert_eq!(merged.current_context(), "b");
    }

    #[test]
    fn changes_go_to_the_file_that_has_the_entry() {
        let before = config(&[FIRST, SECOND]);
        let mut after = before.clone();
        after.put("contexts", "b", None);
        after.put("contexts", "new", Some(json!({"cluster": "c"})));
        let changed: Vec<bool> = before.files.iter().zip(&after.files).map(|(old, new)| old != new).collect();
        assert_eq!(changed, [true, true]);
        assert_eq!(after.entries("contexts").into_keys().collect::<Vec<_>>(), ["a", "new"]);
    }

    #[test]
    fn namespaces_come_from_the_context() {
        let merged = config(&[FIRST, SECOND, "clusters:\n- name: c\n  cluster: {server: https://x}\n"]);
        let of =
            |context: &str| merged.namespace(&Overrides { context: Some(context.to_owned()), ..Overrides::default() });
        assert_eq!(of("a"), Ok("dev".to_owned()));
        assert_eq!(of("b"), Ok("default".to_owned()));
        let text = "Error in configuration: context was not found for specified context: z";
        assert_eq!(of("z"), Err(Failure::Plain(text.to_owned())));
    }

    #[test]
    fn plugins_get_their_defaults() {
        let check = |version: &str, mode: Value| {
            let text = format!(
                "users:\n- name: u\n  user: {{exec: {{command: aws, apiVersion: client.authentication.k8s.io/{version}}}}}\n"
            );
            let merged = config(&[&text]);
            let exec = &merged.entry("users", "u").unwrap()["exec"];
            assert_eq!((&exec["interactiveMode"], &exec["provideClusterInfo"]), (&mode, &json!(false)));
        };
        check("v1beta1", json!("IfAvailable"));
        check("v1", Value::Null);
    }
}
