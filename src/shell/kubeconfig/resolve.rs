//! From an address to a cluster of the world, and from a credential plugin to what calls are signed with.

use serde_json::Value;

use super::{Target, text};
use crate::engine::{Credential, tokens};
use crate::formats::yaml::load::load;
use crate::shell::child::{self, Missing};
use crate::shell::context::Context;
use crate::shell::kubectl::failure::{Failure, local};
use crate::shell::profiles;

/// Versions of the plugins' API that kubectl knows.
pub const V1BETA1: &str = "client.authentication.k8s.io/v1beta1";
const V1: &str = "client.authentication.k8s.io/v1";

/// What kubectl says behind the name of a plugin that is not installed.
const NOT_INSTALLED: &str = "It looks like you are trying to use a client-go credential plugin that is not installed.\n\n\
    To learn more about this feature, consult the documentation available at:\n      \
    https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins";

/// What stands behind an address.
pub fn target(ctx: &Context<'_>, server: &str) -> Target {
    let world = ctx.session.world();
    if let Some(cluster) = world.clusters.iter().find(|cluster| cluster.endpoint(&world.region) == server) {
        return Target::Cluster(cluster.name.clone());
    }
    let (scheme, rest) = server.split_once("://").unwrap_or(("https", server));
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port),
        None => (authority, if scheme == "http" { "80" } else { "443" }),
    };
    let why = if host == "localhost" || host.starts_with("127.") {
        let address = if host == "localhost" { "127.0.0.1" } else { host };
        format!("dial tcp {address}:{port}: connect: connection refused")
    } else if host.split('.').all(|part| part.parse::<u8>().is_ok()) {
        format!("dial tcp {host}:{port}: i/o timeout")
    } else {
        format!("dial tcp: lookup {host}: no such host")
    };
    Target::Unreachable { why, said: String::new() }
}

/// Checks an exec section as kubectl does before it runs the plugin (cli 15.1).
///
/// # Errors
/// Missing and unknown values, each with the name of the user entry.
pub fn check(user: &str, exec: &Value) -> Result<(), Failure> {
    let needed = |what: &str| format!("{what} must be specified for {user} to use exec authentication plugin");
    let (version, mode) = (text(exec, "apiVersion"), text(exec, "interactiveMode"));
    let mut faults = Vec::new();
    if text(exec, "command").is_empty() {
        faults.push(needed("command"));
    }
    if version.is_empty() {
        faults.push(needed("apiVersion"));
    }
    faults.extend(env(exec).filter(|(name, _)| name.is_empty()).map(|_| needed("env variable name")));
    match mode {
        "" => faults.push(needed("interactiveMode")),
        "Never" | "IfAvailable" | "Always" => {}
        other => faults.push(format!("invalid interactiveMode for {user}: {other:?}")),
    }
    match faults.as_slice() {
        [] if version == V1 || version == V1BETA1 => Ok(()),
        [] => Err(local(format!("exec plugin: invalid apiVersion {version:?}"))),
        [one] => Err(local(one.clone())),
        several => {
            let lines: String = several.iter().map(|fault| format!("\n* {fault}")).collect();
            Err(Failure::Plain(format!("Error in configuration: {lines}")))
        }
    }
}

fn env(exec: &Value) -> impl Iterator<Item = (&str, &str)> {
    let variables = exec.get("env").and_then(Value::as_array).into_iter().flatten();
    variables.map(|variable| (text(variable, "name"), text(variable, "value")))
}

/// What calls are signed with, as the credential plugin answers. The plugin runs as a command of the shell
/// (cli 15.2).
///
/// # Errors
/// Why there is no credential, and what the plugin printed on standard error.
pub fn credential(ctx: &Context<'_>, exec: &Value, target: &Target) -> Result<Credential, (String, String)> {
    let command = text(exec, "command");
    let program = command.rsplit('/').next().unwrap_or_default();
    let args: Vec<&str> =
        exec.get("args").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    if program == "aws-iam-authenticator" {
        return signed(ctx, exec, &args, target);
    }
    let quiet = |why: String| (why, String::new());
    if text(exec, "interactiveMode") == "Always" {
        let why = "exec plugin cannot support interactive mode: standard input is not a terminal";
        return Err(quiet(why.to_owned()));
    }
    let version = text(exec, "apiVersion");
    if program == "aws"
        && is_as_written(&args)
        && let Ok(credential) = signed(ctx, exec, &args, target)
        && ctx.session.world().identify(&credential).is_ok()
    {
        return Ok(credential);
    }
    let info = format!(r#"{{"kind":"ExecCredential","apiVersion":"{version}","spec":{{"interactive":false}}}}"#);
    let mut all = ctx.env.clone();
    all.extend(env(exec).map(|(name, value)| (name.to_owned(), value.to_owned())));
    all.insert("KUBERNETES_EXEC_INFO".to_owned(), info);
    let words: Vec<&str> =
        std::iter::once(if program == "aws" { program } else { command }).chain(args.clone()).collect();
    let ran = match child::run(ctx, &all, &words) {
        Ok(ran) => ran,
        Err(Missing) if command.contains('/') => {
            return Err(quiet(format!("exec: fork/exec {command}: no such file or directory")));
        }
        Err(Missing) => {
            let hint = text(exec, "installHint");
            let hint = if hint.is_empty() { String::new() } else { format!("\n\n{hint}") };
            return Err(quiet(format!("exec: executable {command} not found\n\n{NOT_INSTALLED}{hint}")));
        }
    };
    if ran.exit != 0 {
        return Err((format!("exec: executable {command} failed with exit code {}", ran.exit), ran.stderr));
    }
    let token = token(&ran.stdout, version).map_err(|why| (why, ran.stderr))?;
    // What signs the token says more of the caller than the token.
    if program == "aws" && args.windows(2).any(|pair| pair == ["eks", "get-token"]) {
        return signed(ctx, exec, &args, target);
    }
    Ok(Credential::Token(token))
}

/// True for the arguments that `aws eks update-kubeconfig` writes. A command with them either gives a token of the
/// credentials that it finds, or fails: the page, which asks at every change, need not run it to know the token.
fn is_as_written(args: &[&str]) -> bool {
    let options = match args {
        ["--region", _, "eks", "get-token", options @ ..] => options,
        _ => return false,
    };
    let known = ["--cluster-name", "--output", "--role", "--role-arn"];
    options.chunks(2).all(|pair| match pair {
        ["--output", format] => *format == "json",
        [name, value] => known.contains(name) && !value.starts_with('-'),
        _ => false,
    })
}

/// The token in the answer of a plugin.
///
/// # Errors
/// What kubectl says of an answer that it cannot use.
fn token(answer: &str, version: &str) -> Result<String, String> {
    const PARSE: &str = "decoding stdout: couldn't get version/kind; json parse error: json: cannot unmarshal";
    const FIELDS: &str = r#"into Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#;
    // YAML is understood as well.
    let value = load(answer)
        .map_err(|error| format!("decoding stdout: couldn't get version/kind; json parse error: {error}"))?;
    let what = match &value {
        Value::Object(_) | Value::Null => "",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
    };
    if !what.is_empty() {
        return Err(format!("{PARSE} {what} {FIELDS}"));
    }
    let (kind, returned) = (text(&value, "kind"), text(&value, "apiVersion"));
    match (kind, returned) {
        ("ExecCredential" | "", V1 | V1BETA1 | "") => {}
        _ => {
            let place = "in scheme \"pkg/client/auth/exec/exec.go:62\"";
            return Err(format!("decoding stdout: no kind {kind:?} is registered for version {returned:?} {place}"));
        }
    }
    if returned != version {
        let returned = if returned.is_empty() { "client.authentication.k8s.io/__internal" } else { returned };
        return Err(format!(
            "exec plugin is configured to use API version {version}, plugin returned version {returned}"
        ));
    }
    match value.get("status").filter(|status| !status.is_null()) {
        None => Err("exec plugin didn't return a status field".to_owned()),
        Some(status) if text(status, "token").is_empty() => {
            Err("exec plugin didn't return a token or cert/key pair".to_owned())
        }
        Some(status) => Ok(text(status, "token").to_owned()),
    }
}

/// The credential that `aws eks get-token` or `aws-iam-authenticator token` signs a token with.
///
/// # Errors
/// Profiles that cannot be used, with what the plugin prints on standard error.
fn signed(ctx: &Context<'_>, exec: &Value, args: &[&str], target: &Target) -> Result<Credential, (String, String)> {
    let option = |names: &[&str]| {
        args.iter().enumerate().find_map(|(at, arg)| {
            let (name, value) = arg.split_once('=').map_or((*arg, None), |(name, value)| (name, Some(value)));
            names.contains(&name).then(|| value.or_else(|| args.get(at + 1).copied())).flatten()
        })
    };
    let mut variables = ctx.env.clone();
    variables.extend(env(exec).map(|(name, value)| (name.to_owned(), value.to_owned())));
    let failed = |code: i32, said: String| {
        let why = format!("exec: executable {} failed with exit code {code}", text(exec, "command"));
        (why, format!("\naws: [ERROR]: {said}\n"))
    };
    let profile = profiles::resolve(ctx.session.workstation(), &variables, option(&["--profile"]))
        .map_err(|error| failed(error.exit_code(), error.to_string()))?;
    let none = "Unable to locate credentials. You can configure credentials by running \"aws configure\".";
    let source = profile.credential.ok_or_else(|| failed(253, none.to_owned()))?;
    let credential = match option(&["--role-arn", "--role", "-r"]) {
        Some(role) => Credential::AssumedRole {
            source: Box::new(source),
            role_arn: role.to_owned(),
            session: profiles::TOKEN_SESSION.to_owned(),
        },
        None => source,
    };
    // A token names the cluster it was made for; another one refuses it.
    Ok(match (option(&["--cluster-name", "--cluster-id", "-i"]), target) {
        (Some(wanted), Target::Cluster(name)) if wanted != name => {
            let world = ctx.session.world();
            Credential::Token(tokens::of_eks(world, wanted, &credential, &world.region))
        }
        _ => credential,
    })
}
