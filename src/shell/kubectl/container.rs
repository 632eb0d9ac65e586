//! The few programs of a simulated container (cli 16.1). What they print follows from the objects of the cluster: the
//! pod's specification, the ConfigMaps and Secrets it refers to, its service account.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::engine::tokens::{self, Wanted};
use crate::engine::world::Cluster;
use crate::formats::sha256;
use crate::formats::time::Timestamp;
use crate::k8s::controllers::account_of;
use crate::k8s::store::Members;

use super::describe::text;
use super::pods;
use super::tool::Tool;

/// The programs, as hints list them.
pub const PROGRAMS: &str = "cat, date, echo, env, false, hostname, id, ls, printenv, pwd, true and whoami";

/// Where the token of a pod's service account lies.
const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// How long such a token lives, in seconds.
const TOKEN_SECONDS: i64 = 3607;

/// What a program printed, and its exit code.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
    /// Exit code.
    pub exit: i32,
}

impl Ran {
    fn said(out: impl Into<String>) -> Self {
        Self { out: out.into(), ..Self::default() }
    }
}

/// What the container runtime says of a program that is not there.
pub fn not_found(pod: &Value, program: &str) -> String {
    let id = sha256::hex(format!("{} {program}", text(pod, "/metadata/uid")).as_bytes());
    let why = if program.contains('/') {
        format!("stat {program}: no such file or directory")
    } else {
        "executable file not found in $PATH".to_owned()
    };
    format!(
        "Internal error occurred: error executing command in container: failed to exec in container: failed to start exec {id:?}: OCI runtime exec failed: exec failed: unable to start container process: exec: {program:?}: {why}: unknown"
    )
}

/// Runs a command in a container.
///
/// # Errors
/// There is no such program.
pub fn run(
    tool: &mut Tool<'_, '_>,
    pod: &Value,
    container: &str,
    command: &[String],
    input: &str,
) -> Result<Ran, String> {
    let Some((program, args)) = command.split_first() else { return Ok(Ran::default()) };
    let cluster = tool.connection().ok().and_then(|connection| connection.cluster.clone());
    let world = tool.ctx.session.world();
    let Some(cluster) = cluster.and_then(|name| world.cluster(&name)) else { return Err(not_found(pod, program)) };
    let inside = Inside { cluster, pod, container, token: token(world, cluster, pod) };
    let known = ["/bin/", "/usr/bin/"].iter().find_map(|folder| program.strip_prefix(folder)).unwrap_or(program);
    Ok(match known {
        "true" => Ran::default(),
        "false" => Ran { exit: 1, ..Ran::default() },
        "env" | "printenv" if args.is_empty() => {
            Ran::said(inside.environment().iter().map(|(name, value)| format!("{name}={value}\n")).collect::<String>())
        }
        "printenv" => {
            let all = inside.environment();
            let found: Vec<&String> =
                args.iter().filter_map(|name| Some(&all.iter().find(|(known, _)| known == name)?.1)).collect();
            let exit = i32::from(found.len() < args.len());
            Ran { exit, ..Ran::said(found.iter().map(|value| format!("{value}\n")).collect::<String>()) }
        }
        "echo" => {
            let (words, end) = match args.split_first() {
                Some((first, rest)) if first == "-n" => (rest, ""),
                _ => (args, "\n"),
            };
            Ran::said(format!("{}{end}", words.join(" ")))
        }
        "date" if args.is_empty() => Ran::said(date(world.clock)),
        "hostname" if args.is_empty() => Ran::said(format!("{}\n", inside.hostname())),
        "whoami" if args.is_empty() => Ran::said("root\n"),
        "id" if args.is_empty() => Ran::said("uid=0(root) gid=0(root) groups=0(root)\n"),
        "pwd" if args.is_empty() => Ran::said("/\n"),
        "cat" if args.is_empty() => Ran::said(input),
        "cat" => {
            let mut ran = Ran::default();
            for path in args {
                match inside.files().remove(path.trim_end_matches('/')) {
                    Some(contents) => ran.out.push_str(&contents),
                    None => {
                        ran.err.push_str(&format!("cat: {path}: No such file or directory\n"));
                        ran.exit = 1;
                    }
                }
            }
            ran
        }
        "ls" if args.len() == 1 && args.iter().all(|arg| arg.starts_with('/')) => {
            let path = args.first().map(|path| path.trim_end_matches('/')).unwrap_or_default();
            let files = inside.files();
            let names = files.keys().filter_map(|file| file.strip_prefix(path)?.strip_prefix('/'));
            let mut names: Vec<&str> = names.filter_map(|name| name.split('/').next()).collect();
            names.dedup();
            match names.as_slice() {
                [] => {
                    let err = format!("ls: cannot access '{path}': No such file or directory\n");
                    Ran { err, exit: 2, ..Ran::default() }
                }
                names => Ran::said(names.iter().map(|name| format!("{name}\n")).collect::<String>()),
            }
        }
        _ => return Err(not_found(pod, program)),
    })
}

/// `Wed Jan 17 10:30:00 UTC 2024`.
fn date(now: Timestamp) -> String {
    let long = super::workload_describe::date(&now.kubernetes_text());
    let part = |from: usize, to: usize| long.get(from..to).unwrap_or_default();
    // Wed, 17 Jan 2024 10:30:00 +0000
    let day = part(5, 7).trim_start_matches('0');
    format!("{} {} {day:>2} {} UTC {}\n", part(0, 3), part(8, 11), part(17, 25), part(12, 16))
}

/// The token of the pod's service account, unless the pod or the account does without.
fn token(world: &crate::engine::World, cluster: &Cluster, pod: &Value) -> Option<String> {
    let namespace = text(pod, "/metadata/namespace");
    let name = account_of(pod.get("spec"));
    let (_, account) = cluster.objects.one("serviceaccounts", namespace, name)?;
    let wish = |of: Option<&Value>| of.and_then(Value::as_bool);
    let is_wanted = wish(pod.pointer("/spec/automountServiceAccountToken"))
        .or_else(|| wish(account.get("automountServiceAccountToken")))
        .unwrap_or(true);
    let bound = ("Pod".to_owned(), text(pod, "/metadata/name").to_owned(), String::new());
    let wanted = Wanted {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        seconds: TOKEN_SECONDS,
        bound_to: Some(bound),
        ..Wanted::default()
    };
    let answer = is_wanted.then(|| tokens::answer(world, cluster, &wanted).ok()).flatten()?;
    Some(text(&answer, "/status/token").to_owned())
}

/// A container, and what it sees of its cluster.
struct Inside<'a> {
    cluster: &'a Cluster,
    pod: &'a Value,
    container: &'a str,
    token: Option<String>,
}

impl Inside<'_> {
    fn namespace(&self) -> &str {
        text(self.pod, "/metadata/namespace")
    }

    fn hostname(&self) -> &str {
        let own = text(self.pod, "/spec/hostname");
        if own.is_empty() { text(self.pod, "/metadata/name") } else { own }
    }

    /// The data of a ConfigMap or Secret as text.
    fn data(&self, kind: &str, name: &str) -> BTreeMap<String, String> {
        let Some((_, members)) = self.cluster.objects.one(kind, self.namespace(), name) else { return BTreeMap::new() };
        let text_of = |value: &Value| {
            let text = value.as_str().unwrap_or_default();
            if kind == "secrets" {
                let bytes = STANDARD.decode(text).unwrap_or_default();
                String::from_utf8_lossy(&bytes).into_owned()
            } else {
                text.to_owned()
            }
        };
        let data = |members: &Members| members.get("data").and_then(Value::as_object).cloned().unwrap_or_default();
        data(members).iter().map(|(key, value)| (key.clone(), text_of(value))).collect()
    }

    /// The environment, in the order in which a runtime lays it out.
    fn environment(&self) -> Vec<(String, String)> {
        let mut all = vec![
            ("PATH".to_owned(), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()),
            ("HOSTNAME".to_owned(), self.hostname().to_owned()),
        ];
        let container = pods::container(self.pod, self.container).cloned().unwrap_or_default();
        let list = |member: &str| container.get(member).and_then(Value::as_array).cloned().unwrap_or_default();
        let mut set = |name: String, value: String| {
            all.retain(|(known, _)| *known != name);
            all.push((name, value));
        };
        for source in list("envFrom") {
            for (kind, member) in [("configmaps", "/configMapRef/name"), ("secrets", "/secretRef/name")] {
                for (key, value) in self.data(kind, text(&source, member)) {
                    set(format!("{}{key}", text(&source, "/prefix")), value);
                }
            }
        }
        let mut own: Vec<(String, String)> = Vec::new();
        for variable in list("env") {
            let value = match variable.get("valueFrom") {
                Some(from) => self.value_from(from),
                None => expand(text(&variable, "/value"), &own),
            };
            if let Some(value) = value {
                own.push((text(&variable, "/name").to_owned(), value));
            }
        }
        own.into_iter().for_each(|(name, value)| set(name, value));
        let service = self.cluster.objects.one("services", "default", "kubernetes");
        let address = service.and_then(|(_, members)| members.get("spec")?.get("clusterIP")?.as_str());
        let address = address.unwrap_or("10.100.0.1");
        let url = format!("tcp://{address}:443");
        for (name, value) in [
            ("KUBERNETES_SERVICE_HOST", address),
            ("KUBERNETES_SERVICE_PORT", "443"),
            ("KUBERNETES_SERVICE_PORT_HTTPS", "443"),
            ("KUBERNETES_PORT", &url),
            ("KUBERNETES_PORT_443_TCP", &url),
            ("KUBERNETES_PORT_443_TCP_PROTO", "tcp"),
            ("KUBERNETES_PORT_443_TCP_PORT", "443"),
            ("KUBERNETES_PORT_443_TCP_ADDR", address),
            ("HOME", "/root"),
        ] {
            set(name.to_owned(), value.to_owned());
        }
        all
    }

    /// The value of a variable that refers to something.
    fn value_from(&self, from: &Value) -> Option<String> {
        let path = text(from, "/fieldRef/fieldPath");
        if !path.is_empty() {
            let (at, key) = match path.strip_suffix("']").and_then(|path| path.split_once("['")) {
                Some((map, key)) => (map, Some(key)),
                None => (path, None),
            };
            let found = self.pod.pointer(&format!("/{}", at.replace('.', "/")));
            let found = key.map_or(found, |key| found.and_then(|map| map.get(key)));
            return Some(found.and_then(Value::as_str).unwrap_or_default().to_owned());
        }
        for (kind, member) in [("configmaps", "/configMapKeyRef"), ("secrets", "/secretKeyRef")] {
            if let Some(reference) = from.pointer(member) {
                return self.data(kind, text(reference, "/name")).remove(text(reference, "/key"));
            }
        }
        None
    }

    /// The files that Kubernetes puts into the container, by path.
    fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        files.insert("/etc/hostname".to_owned(), format!("{}\n", self.hostname()));
        if let Some(token) = &self.token {
            let root = self.data("configmaps", "kube-root-ca.crt").remove("ca.crt").unwrap_or_default();
            let all = [("ca.crt", root), ("namespace", self.namespace().to_owned()), ("token", token.clone())];
            files.extend(all.map(|(name, contents)| (format!("{ACCOUNT}/{name}"), contents)));
        }
        let container = pods::container(self.pod, self.container).cloned().unwrap_or_default();
        let list = |of: &Value, at: &str| of.pointer(at).and_then(Value::as_array).cloned().unwrap_or_default();
        for mount in list(&container, "/volumeMounts") {
            let volumes = list(self.pod, "/spec/volumes");
            let Some(volume) = volumes.iter().find(|volume| text(volume, "/name") == text(&mount, "/name")) else {
                continue;
            };
            let folder = text(&mount, "/mountPath").trim_end_matches('/');
            let part = text(&mount, "/subPath");
            for (kind, member, name) in
                [("configmaps", "/configMap", "/configMap/name"), ("secrets", "/secret", "/secret/secretName")]
            {
                let items = list(volume, &format!("{member}/items"));
                for (key, contents) in self.data(kind, text(volume, name)) {
                    let item = items.iter().find(|item| text(item, "/key") == key);
                    let file = item.map_or(key.as_str(), |item| text(item, "/path"));
                    if !items.is_empty() && item.is_none() || !part.is_empty() && part != file {
                        continue;
                    }
                    let path = if part.is_empty() { format!("{folder}/{file}") } else { folder.to_owned() };
                    files.insert(path, contents);
                }
            }
        }
        files
    }
}

/// Replaces `$(NAME)` by variables that come before; `$$` is one dollar.
fn expand(value: &str, known: &[(String, String)]) -> Option<String> {
    let mut out = String::new();
    let mut rest = value;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let name = from.strip_prefix("$(").and_then(|inner| inner.split_once(')'));
        let found = name.and_then(|(name, after)| Some((&known.iter().rfind(|(known, _)| known == name)?.1, after)));
        rest = match found {
            Some((value, after)) => {
                out.push_str(value);
                after
            }
            None => {
                out.push('$');
                from.strip_prefix("$$").or_else(|| from.strip_prefix('$')).unwrap_or_default()
            }
        };
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_to_variables_are_replaced() {
        let known = [("A".to_owned(), "1".to_owned())];
        for (value, expected) in
            [("x$(A)y", "x1y"), ("$(B)", "$(B)"), ("$$(A)", "$(A)"), ("a$", "a$"), ("$(A", "$(A"), ("", "")]
        {
            assert_eq!(expand(value, &known).as_deref(), Some(expected), "{value}");
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let pod = json!({"metadata": {"uid": "u"}});
        for (program, expected) in [
            ("bash", r#"exec: "bash": executable file not found in $PATH: unknown"#),
            ("/bin/sh", r#"exec: "/bin/sh": stat /bin/sh: no such file or directory: unknown"#),
        ] {
            assert!(not_found(&pod, program).ends_with(expected), "{program}");
        }
    }

    #[test]
    fn dates_are_those_of_a_plain_shell() {
        assert_eq!(date(Timestamp::parse("2024-01-07T10:30:00Z").unwrap()), "Sun Jan  7 10:30:00 UTC 2024\n");
    }
}
