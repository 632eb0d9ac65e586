//! `kubectl create namespace|serviceaccount|configmap|secret|token` (cli 11).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::failure::{Failure, local};
use super::flags::Parsed;
use super::printers;
use super::tool::{Outcome, Tool};
use super::writing::{New, bare, create, one_name};
use crate::engine::KubeRequest;
use crate::engine::request::GroupResource;
use crate::engine::tokens::Wanted;
use crate::formats::json::{go_compact, sort_keys};
use crate::formats::{ordered, sha256};

/// How long a token is good for unless `--duration` says otherwise, in seconds.
const TOKEN_SECONDS: i64 = 3600;

/// `create namespace`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn namespace(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let object = json!({
        "kind": "Namespace", "apiVersion": "v1",
        "metadata": {"name": one_name(parsed)?, "creationTimestamp": null}, "spec": {}, "status": {},
    });
    let resource = GroupResource::new("", "namespaces");
    create(tool, parsed, New { resource, object, namespaced: false }, bare)
}

/// `create serviceaccount`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn service_account(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let object = json!({
        "kind": "ServiceAccount", "apiVersion": "v1",
        "metadata": {"name": one_name(parsed)?, "creationTimestamp": null},
    });
    let resource = GroupResource::new("", "serviceaccounts");
    let new = New { resource, object, namespaced: true };
    create(tool, parsed, new, |failure| failure.failed_to_create("serviceaccount"))
}

/// `create configmap`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn config_map(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let name = one_name(parsed)?;
    let data = data(tool, parsed, "ConfigMap", name)?;
    let mut object =
        json!({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": name, "creationTimestamp": null}});
    insert_data(&mut object, data, |text| json!(text));
    if parsed.switch("append-hash") {
        append_hash(&mut object);
    }
    let resource = GroupResource::new("", "configmaps");
    let new = New { resource, object, namespaced: true };
    create(tool, parsed, new, |failure| failure.failed_to_create("configmap"))
}

/// `create secret generic`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn secret(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let name = one_name(parsed)?;
    let data = data(tool, parsed, "Secret", name)?;
    create_secret(tool, parsed, name, data, parsed.text_or_empty("type"))
}

/// `create secret tls`. Whether key and certificate belong together is not looked at.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn tls_secret(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let name = one_name(parsed)?;
    let [cert, key] = ["cert", "key"].map(|flag| parsed.text_or_empty(flag));
    if cert.is_empty() || key.is_empty() {
        return Err(local("key and cert must be specified"));
    }
    let workstation = tool.ctx.session.workstation();
    let read = |path: &str| {
        let text = workstation.read(path).map(str::to_owned);
        text.map_err(|error| {
            let why = error.to_string().to_lowercase();
            local(format!("Cannot read file {path}, open {path}: {why}"))
        })
    };
    let (cert, key) = (read(cert)?, read(key)?);
    for (text, what) in [(&cert, "certificate"), (&key, "key")] {
        if !text.contains("-----BEGIN ") {
            return Err(local(format!("tls: failed to find any PEM data in {what} input")));
        }
    }
    let data = [("tls.crt", cert), ("tls.key", key)].map(|(name, text)| (name.to_owned(), text.into()));
    create_secret(tool, parsed, name, data.into_iter().collect(), "kubernetes.io/tls")
}

/// `create secret docker-registry`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn registry_secret(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    const KEY: &str = ".dockerconfigjson";
    let name = one_name(parsed)?;
    let [user, password, email] =
        ["docker-username", "docker-password", "docker-email"].map(|flag| parsed.text_or_empty(flag));
    let server = parsed.text("docker-server").unwrap_or("https://index.docker.io/v1/");
    let data = if parsed.given("from-file") {
        data(tool, parsed, "Secret", name)?
    } else if user.is_empty() || password.is_empty() || server.is_empty() {
        return Err(local(
            "either --from-file or the combination of --docker-username, --docker-password and --docker-server is required",
        ));
    } else {
        let mut account = json!({"username": user, "password": password, "email": email});
        if let Some(members) = account.as_object_mut() {
            members.retain(|_, value| value != "");
            members.insert("auth".to_owned(), STANDARD.encode(format!("{user}:{password}")).into());
        }
        let text = go_compact(&json!({"auths": {server: account}}));
        [(KEY.to_owned(), text.into())].into_iter().collect()
    };
    create_secret(tool, parsed, name, data, "kubernetes.io/dockerconfigjson")
}

fn create_secret(
    tool: &mut Tool<'_, '_>,
    parsed: &Parsed,
    name: &str,
    data: Map<String, Value>,
    kind: &str,
) -> Outcome {
    let mut object =
        json!({"kind": "Secret", "apiVersion": "v1", "metadata": {"name": name, "creationTimestamp": null}});
    insert_data(&mut object, data, |text| json!(STANDARD.encode(text)));
    if let Some(members) = object.as_object_mut().filter(|_| !kind.is_empty()) {
        members.insert("type".to_owned(), json!(kind));
    }
    if parsed.switch("append-hash") {
        append_hash(&mut object);
    }
    let resource = GroupResource::new("", "secrets");
    let new = New { resource, object, namespaced: true };
    create(tool, parsed, new, |failure| local(format!("failed to create secret {}", failure.words())))
}

/// Puts a hash of the contents behind the name (`--append-hash`): ten digits, with letters for those that could spell
/// a word.
fn append_hash(object: &mut Value) {
    let empty = json!({});
    let of = |member: &str| object.get(member).cloned().unwrap_or_default();
    let name = object.pointer("/metadata/name").cloned().unwrap_or_default();
    let data = object.get("data").unwrap_or(&empty);
    let mut hashed = json!({"data": data, "kind": of("kind"), "name": name});
    let kind = object.get("type").cloned().unwrap_or_else(|| json!(""));
    if let Some(members) = hashed.as_object_mut().filter(|_| object.get("kind") == Some(&json!("Secret"))) {
        members.insert("type".to_owned(), kind);
    }
    let letters = |digit: char| match digit {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    };
    let hash: String = sha256::hex(go_compact(&sort_keys(&hashed)).as_bytes()).chars().take(10).map(letters).collect();
    let name = format!("{}-{hash}", name.as_str().unwrap_or_default());
    if let Some(metadata) = super::manifest::metadata(object) {
        metadata.insert("name".to_owned(), name.into());
    }
}

/// `create token`: a token that the cluster takes for the service account.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn token(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let name = one_name(parsed)?.to_owned();
    let format = printers::format(tool, parsed, printers::Allowed::Objects)?;
    let (namespace, _) = tool.namespace()?;
    let seconds = parsed.text("duration").and_then(duration_seconds).unwrap_or_default();
    if seconds < 0 {
        return Err(local("--duration must be greater than or equal to 0"));
    }
    let seconds = if seconds == 0 { TOKEN_SECONDS } else { seconds };
    match (parsed.text_or_empty("bound-object-kind"), parsed.text_or_empty("bound-object-name")) {
        ("", "") if !parsed.text_or_empty("bound-object-uid").is_empty() => {
            return Err(local("--bound-object-uid can only be set if --bound-object-kind is provided"));
        }
        ("", "") => {}
        ("", _) => return Err(local("--bound-object-name can only be set if --bound-object-kind is provided")),
        ("Node" | "Pod" | "Secret", "") => {
            return Err(local("--bound-object-name is required if --bound-object-kind is provided"));
        }
        ("Node" | "Pod" | "Secret", _) => {}
        _ => return Err(local("supported --bound-object-kind values are Node, Pod, Secret")),
    }
    let bound_to = parsed.text("bound-object-kind").filter(|kind| !kind.is_empty()).map(|kind| {
        let [name, uid] = ["bound-object-name", "bound-object-uid"].map(|flag| parsed.text_or_empty(flag).to_owned());
        (kind.to_owned(), name, uid)
    });
    let wanted = Wanted { namespace, name, audiences: parsed.all("audience"), seconds, bound_to };
    let answer = tool.object(KubeRequest::TokenRequest(wanted)).map_err(|failure| failure.failed_to_create("token"))?;
    let Some(format) = format else {
        tool.out.push_str(answer.pointer("/status/token").and_then(Value::as_str).unwrap_or_default());
        return Ok(());
    };
    printers::print(tool, &format, &answer)
}

/// The seconds of Go's `1h30m`, which the flag has checked.
pub fn duration_seconds(text: &str) -> Option<i64> {
    let (sign, mut rest) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number: f64 = rest.strip_suffix(unit)?.parse().ok()?;
        let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
        let (name, size) = units.into_iter().find(|(name, _)| unit.starts_with(name)).unwrap_or(("", 0.0));
        seconds += number * size;
        rest = unit.strip_prefix(name).filter(|_| !name.is_empty()).unwrap_or_default();
    }
    // A value that fits is as near as need be.
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds are meant; `as` keeps to the type's range")]
    Some((sign * seconds) as i64)
}

fn insert_data(object: &mut Value, data: Map<String, Value>, encode: fn(&str) -> Value) {
    let encoded: Map<String, Value> = ordered::by_name(data)
        .into_iter()
        .map(|(key, value)| (key, encode(value.as_str().unwrap_or_default())))
        .collect();
    if let Some(members) = object.as_object_mut().filter(|_| !encoded.is_empty()) {
        members.insert("data".to_owned(), Value::Object(encoded));
    }
}

/// Keys and values of `--from-file`, `--from-literal`, `--from-env-file`.
fn data(tool: &Tool<'_, '_>, parsed: &Parsed, kind: &str, name: &str) -> Result<Map<String, Value>, Failure> {
    if parsed.given("from-env-file") && (parsed.given("from-file") || parsed.given("from-literal")) {
        return Err(local("from-env-file cannot be combined with from-file or from-literal"));
    }
    let mut data = Map::new();
    let mut add = |key: &str, value: String| {
        if key.is_empty() || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
            return Err(local(format!(
                "{key:?} is not a valid key name for a {kind}: a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
            )));
        }
        if data.contains_key(key) {
            let owner = if kind == "Secret" { name.to_owned() } else { format!("{kind} {name:?}") };
            let text = match kind {
                "Secret" => format!("cannot add key {key}, another key by that name already exists"),
                _ => format!("cannot add key {key:?}, another key by that name already exists in Data for {owner}"),
            };
            return Err(local(text));
        }
        data.insert(key.to_owned(), Value::String(value));
        Ok(())
    };
    let workstation = tool.ctx.session.workstation();
    let read = |path: &str| {
        let text = workstation.read(path).map(str::to_owned);
        text.map_err(|error| local(format!("error reading {path}: {}", error.to_string().to_lowercase())))
    };
    for source in parsed.all("from-file") {
        let (key, path) = match source.split_once('=') {
            Some((key, path)) => (key.to_owned(), path.to_owned()),
            None => (source.rsplit('/').next().unwrap_or_default().to_owned(), source.clone()),
        };
        if workstation.is_directory(&path) {
            for (file, is_directory) in workstation.list(&path).unwrap_or_default() {
                if !is_directory {
                    add(&file, read(&format!("{path}/{file}"))?)?;
                }
            }
        } else {
            add(&key, read(&path)?)?;
        }
    }
    for literal in parsed.all("from-literal") {
        let Some((key, value)) = literal.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(local(format!("invalid literal source {literal}, expected key=value")));
        };
        add(key, value.to_owned())?;
    }
    for path in parsed.all("from-env-file") {
        let text = read(&path)?;
        for line in text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.split_once('=') {
                Some((key, value)) => add(key, value.to_owned())?,
                None => add(line, tool.ctx.env.get(line).cloned().unwrap_or_default())?,
            }
        }
    }
    Ok(data)
}
