//! From an address to a cluster of the world, and from a credential plugin to what calls are signed with.

use serde_json::Value;

use super::{Target, text};
use crate::engine::{Credential, tokens};
use crate::shell::context::Context;
use crate::shell::profiles;

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

/// What a credential plugin would answer.
///
/// # Errors
/// Why it fails, and what it prints on standard error.
pub fn credential(ctx: &Context<'_>, exec: &Value, target: &Target) -> Result<Credential, (String, String)> {
    let command = text(exec, "command");
    let program = command.rsplit('/').next().unwrap_or_default();
    let args: Vec<&str> =
        exec.get("args").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let option = |names: &[&str]| {
        args.iter().enumerate().find_map(|(at, arg)| {
            let (name, value) = arg.split_once('=').map_or((*arg, None), |(name, value)| (name, Some(value)));
            names.contains(&name).then(|| value.or_else(|| args.get(at + 1).copied())).flatten()
        })
    };
    if !matches!(program, "aws" | "aws-iam-authenticator") {
        let hint = "It looks like you are trying to use a client-go credential plugin that is not installed.\n\n\
            To learn more about this feature, consult the documentation available at:\n      \
            https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins";
        return Err((format!("getting credentials: exec: executable {command} not found\n\n{hint}"), String::new()));
    }
    let mut env = ctx.env.clone();
    for variable in exec.get("env").and_then(Value::as_array).into_iter().flatten() {
        env.insert(text(variable, "name").to_owned(), text(variable, "value").to_owned());
    }
    let failed = |code: i32, said: String| {
        let why = format!("getting credentials: exec: executable {program} failed with exit code {code}");
        (why, format!("\naws: [ERROR]: {said}\n"))
    };
    let profile = profiles::resolve(ctx.session.workstation(), &env, option(&["--profile"]))
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
