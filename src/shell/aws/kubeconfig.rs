//! `aws eks update-kubeconfig`: writes a context for a cluster into a kubeconfig file (cli 6.1–6.4, eks 17).

use serde_json::{Map, Value, json};

use super::args::{self, Arity, Opt};
use super::globals::Globals;
use super::model::service;
use super::usage::Failure;
use super::{Outcome, help, operation, profile, region};
use crate::engine::Caller;
use crate::formats::aws_output;
use crate::formats::python;
use crate::formats::yaml::block::{Dialect, LONGEST_SIMPLE_KEY, Page, document, is_break};
use crate::formats::yaml::load;
use crate::session::Workstation;
use crate::shell::context::{CommandOutput, Context};
use crate::shell::profiles::assumed;

/// The session name under which `--assume-role-arn` looks at the cluster.
const DESCRIBE_SESSION: &str = "EKSDescribeClusterSession";

/// The options: name and what it does.
pub const OPTIONS: &[(&str, &str)] = &[
    ("name", "The name of the cluster."),
    (
        "kubeconfig",
        "The file to write; else the one in KUBECONFIG that has the cluster, else its first, else ~/.kube/config.",
    ),
    ("role-arn", "A role that kubectl assumes to log in to the cluster."),
    ("proxy-url", "A proxy on the way to the cluster."),
    ("dry-run", "Prints the whole file instead of writing it."),
    ("verbose", "Prints the entries, too."),
    ("alias", "The name of the context; else the name of the user entry."),
    ("user-alias", "The name of the user entry; else the cluster's ARN."),
    ("assume-role-arn", "A role to assume for looking at the cluster."),
];

/// Runs the command with the words behind it.
pub fn run(words: &[String], globals: &Globals, ctx: &mut Context<'_>) -> Outcome {
    if words == ["help"] {
        return Ok(CommandOutput::ok(help::command(
            "eks update-kubeconfig",
            "Writes a context for a cluster into a kubeconfig file.",
            OPTIONS,
        )));
    }
    let options: Vec<Opt> = OPTIONS
        .iter()
        .map(|(name, _)| {
            let arity = if ["dry-run", "verbose"].contains(name) { Arity::Flag } else { Arity::One };
            Opt { arity, required: *name == "name", ..Opt::new(format!("--{name}")) }
        })
        .collect();
    let parsed = args::parse(words, &options, &[]).map_err(Failure::Grammar)?;
    if !parsed.rest.is_empty() {
        return Err(Failure::Value(format!("Unknown options: {}", parsed.rest.join(","))));
    }
    let profile = profile(globals, ctx)?;
    let asked = region(globals, &profile)?;
    let mut credential = operation::credential(&profile, globals, ctx)?;
    if let Some(role) = parsed.value("--assume-role-arn") {
        credential = assumed(credential, role, DESCRIBE_SESSION);
        ctx.session.world().identify(&credential).map_err(|error| Failure::Service(error, "AssumeRole"))?;
    }
    let name = parsed.value("--name").unwrap_or_default();
    let cluster = describe(name, &Caller::new(credential), &asked, ctx)?;
    let text = |pointer: &str| cluster.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    if !["ACTIVE", "UPDATING"].contains(&text("/status")) {
        return Err(Failure::Other(format!("Cluster status is {}", text("/status"))));
    }
    let arn = text("/arn");
    let mut server = json!({
        "certificate-authority-data": text("/certificateAuthority/data"),
        "server": text("/endpoint"),
    });
    if let (Some(proxy), Some(members)) = (parsed.value("--proxy-url"), server.as_object_mut()) {
        members.insert("proxy-url".to_owned(), proxy.into());
    }
    let cluster_entry = json!({ "cluster": server, "name": arn });
    let user_name = parsed.value("--user-alias").filter(|alias| !alias.is_empty()).unwrap_or(arn);
    let region = arn.split(':').nth(3).unwrap_or_default();
    let mut exec_args = vec!["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json"];
    if let Some(role) = parsed.value("--role-arn") {
        exec_args.extend(["--role", role]);
    }
    let mut exec = json!({
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "args": exec_args,
        "command": "aws",
    });
    if let (Some(profile), Some(members)) = (&profile.chosen, exec.as_object_mut()) {
        members.insert("env".to_owned(), json!([{ "name": "AWS_PROFILE", "value": profile }]));
    }
    let user_entry = json!({ "name": user_name, "user": { "exec": exec } });
    let context = parsed.value("--alias").filter(|alias| !alias.is_empty()).unwrap_or(user_name);
    let context_entry = json!({ "context": { "cluster": arn, "user": user_name }, "name": context });

    let workstation = ctx.session.workstation();
    let path =
        choose(workstation, ctx.env.get("KUBECONFIG").map_or("", String::as_str), parsed.value("--kubeconfig"), arn);
    let mut config = read(workstation, &path)?;
    let known = has_cluster(&config, arn);
    for (key, entry) in [("clusters", &cluster_entry), ("users", &user_entry), ("contexts", &context_entry)] {
        insert(&mut config, key, entry);
    }
    config.insert("current-context".to_owned(), context.into());
    let file = emit(&Value::Object(config));
    if parsed.has("--dry-run") {
        return Ok(CommandOutput::ok(file));
    }
    ctx.session
        .workstation_mut()
        .write_with_parents(&path, &file)
        .map_err(|error| Failure::Other(format!("Can't open kubeconfig for writing: {error}: '{path}'")))?;
    let mut out = if known {
        format!("Updated context {context} in {path}\n")
    } else {
        format!("Added new context {context} to {path}\n")
    };
    if parsed.has("--verbose") {
        out.push_str("Entries:\n\n");
        for entry in [&context_entry, &user_entry, &cluster_entry] {
            out.push_str(&format!("{}\n", emit(entry)));
        }
    }
    Ok(CommandOutput::ok(out))
}

fn describe(name: &str, caller: &Caller, region: &str, ctx: &mut Context<'_>) -> Result<Value, Failure> {
    let Some(operation) = service("eks").and_then(|eks| eks.operation("describe-cluster")) else {
        return Err(Failure::Other("Cluster not found".to_owned()));
    };
    let input = [("name".to_owned(), name.into())].into_iter().collect();
    let answer = operation::ask(operation, input, caller, region, ctx);
    let mut answer = answer.map_err(|error| Failure::Service(error, operation.name))?;
    Ok(answer.get_mut("cluster").map(Value::take).unwrap_or_default())
}

/// The file that the command writes (eks 17.6).
fn choose(workstation: &Workstation, variable: &str, option: Option<&str>, arn: &str) -> String {
    let absolute = |path: &str| workstation.resolve(&workstation.expand_home(path));
    if let Some(path) = option {
        return absolute(path);
    }
    let mut paths: Vec<String> = variable.split(':').filter(|path| !path.trim().is_empty()).map(absolute).collect();
    if paths.is_empty() {
        paths.push(absolute("~/.kube/config"));
    }
    let has = |path: &&String| read(workstation, path).is_ok_and(|config| has_cluster(&config, arn));
    paths.iter().find(has).or(paths.first()).cloned().unwrap_or_default()
}

/// The contents of a kubeconfig file; a new one if there is none.
fn read(workstation: &Workstation, path: &str) -> Result<Map<String, Value>, Failure> {
    let text = match workstation.read(path) {
        Ok(text) => text,
        Err(crate::session::workstation::FileError::NotFound) => "",
        Err(error) => {
            let number = super::params::error_number(&error.to_string());
            let why = format!("[Errno {number}] {error}: '{path}'");
            return Err(Failure::Other(format!("Can't open kubeconfig for reading: {why}")));
        }
    };
    let loaded =
        load::load(text).map_err(|error| Failure::Other(format!("YamlError while loading kubeconfig: {error}")))?;
    let new = json!({
        "apiVersion": "v1", "clusters": [], "contexts": [], "current-context": "", "kind": "Config",
        "preferences": {}, "users": [],
    });
    let (Value::Object(new), loaded) = (new, loaded) else { return Ok(Map::new()) };
    let config = match loaded {
        Value::Null => return Ok(new),
        Value::Object(config) => config,
        _ => return Err(Failure::Other("Content not a <class 'dict'>.".to_owned())),
    };
    for (key, model) in &new {
        let Some(value) = config.get(key).filter(|value| !value.is_null()) else { continue };
        let (found, wanted) = (python::type_name(value), python::type_name(model));
        if found != wanted {
            return Err(Failure::Other(format!(
                "{key} is wrong type: <class '{found}'> (Should be <class '{wanted}'>)"
            )));
        }
        if value.as_array().is_some_and(|entries| !entries.iter().all(Value::is_object)) {
            return Err(Failure::Other(format!("Entry in {key} not a <class 'dict'>. ")));
        }
    }
    Ok(config)
}

fn has_cluster(config: &Map<String, Value>, arn: &str) -> bool {
    let mut entries = config.get("clusters").and_then(Value::as_array).into_iter().flatten();
    entries.any(|entry| entry.get("name").and_then(Value::as_str) == Some(arn))
}

/// Puts an entry in the place of the one with the same name, or at the end (eks 17.3).
fn insert(config: &mut Map<String, Value>, key: &str, entry: &Value) {
    let entries = config.entry(key).or_insert_with(|| json!([]));
    if entries.is_null() {
        *entries = json!([]);
    }
    let Some(entries) = entries.as_array_mut() else { return };
    match entries.iter_mut().find(|known| known.get("name") == entry.get("name")) {
        Some(known) => *known = entry.clone(),
        None => entries.push(entry.clone()),
    }
}

/// The file as the command writes it: quoting as in `--output yaml`, members in their order, long words stay where they are.
fn emit(value: &Value) -> String {
    document(value, &DIALECT)
}

const DIALECT: Dialect =
    Dialect { text, number: crate::formats::json::python_number, order: |_, _| std::cmp::Ordering::Equal, simple_key };

fn simple_key(key: &str) -> bool {
    key.chars().count() < LONGEST_SIMPLE_KEY && !key.chars().any(is_break)
}

fn text(page: &mut Page, text: &str, indent: usize, _is_key: bool) {
    // An item of a list never moves to another line: what is written behind its dash is the text in its quoting.
    let rendered = aws_output::yaml::render(&Value::Array(vec![text.into()]));
    for (at, line) in rendered.strip_prefix("- ").unwrap_or(&rendered).trim_end_matches('\n').split('\n').enumerate() {
        if at == 0 {
            page.push(line);
        } else {
            page.start_line(indent);
            page.push(line.trim_start());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_chosen_by_option_then_by_content_then_by_place() {
        let mut w = Workstation::default();
        let check = |w: &Workstation, variable: &str, option: Option<&str>, expected: &str| {
            assert_eq!(choose(w, variable, option, "arn"), expected, "{variable} {option:?}");
        };
        check(&w, "", None, "/home/user/.kube/config");
        check(&w, "a:b", None, "/home/user/work/a");
        check(&w, ": :", None, "/home/user/.kube/config");
        check(&w, "a", Some("~/x"), "/home/user/x");
        w.write("b", "clusters:\n- name: arn\n").unwrap();
        check(&w, "a:b", None, "/home/user/work/b");
    }

    #[test]
    fn faulty_files_are_named() {
        let mut w = Workstation::default();
        for (text, expected) in [
            ("clusters: x", "clusters is wrong type: <class 'str'> (Should be <class 'list'>)"),
            ("- a", "Content not a <class 'dict'>."),
            ("users: [a]", "Entry in users not a <class 'dict'>. "),
        ] {
            w.write("f", text).unwrap();
            assert_eq!(read(&w, "f"), Err(Failure::Other(expected.to_owned())), "{text}");
        }
        assert!(w.write("f", "").is_ok() && read(&w, "f").is_ok_and(|c| c.len() == 7));
    }

    #[test]
    fn members_keep_their_order_and_long_words_their_line() {
        let long = format!("https://{}", "x".repeat(90));
        let value = json!({"b": long, "a": "1.29", "c": {}});
        assert_eq!(emit(&value), format!("b: {long}\na: '1.29'\nc: {{}}\n"));
    }
}
