//! `aws eks get-token`: a token for a cluster, as kubectl asks for it (eks 17.8).

use serde_json::{Value, json};

use super::args::{self, Opt};
use super::globals::Globals;
use super::usage::Failure;
use super::{Outcome, help, operation, profile};
use crate::engine::tokens;
use crate::formats::time::Timestamp;
use crate::shell::context::{CommandOutput, Context};
use crate::shell::profiles::{TOKEN_SESSION, assumed};

/// How long a token is said to live, in milliseconds.
const LIFETIME: i64 = 14 * 60 * 1000;

/// The options: name and what it does.
pub const OPTIONS: &[(&str, &str)] = &[
    ("cluster-name", "The name of the cluster."),
    ("role-arn", "A role to assume for the token."),
    ("cluster-id", "The id of a local cluster on Outposts."),
];

/// Runs the command with the words behind it.
pub fn run(words: &[String], globals: &Globals, ctx: &mut Context<'_>) -> Outcome {
    if words == ["help"] {
        return Ok(CommandOutput::ok(help::command("eks get-token", "Prints a token for a cluster.", OPTIONS)));
    }
    let options: Vec<Opt> = OPTIONS.iter().map(|(name, _)| Opt::new(format!("--{name}"))).collect();
    let parsed = args::parse(words, &options, &[]).map_err(Failure::Grammar)?;
    if !parsed.rest.is_empty() {
        return Err(Failure::Value(format!("Unknown options: {}", parsed.rest.join(","))));
    }
    let profile = profile(globals, ctx)?;
    let mut credential = operation::credential(&profile, globals, ctx)?;
    if let Some(role) = parsed.value("--role-arn") {
        credential = assumed(credential, role, TOKEN_SESSION);
        ctx.session.world().identify(&credential).map_err(|error| Failure::Service(error, "AssumeRole"))?;
    }
    let cluster = match (parsed.value("--cluster-name"), parsed.value("--cluster-id")) {
        (Some(_), Some(_)) => {
            return Err(Failure::Value(
                "The key \"cluster_name\" cannot be specified when one of the following keys are also specified: cluster_id"
                    .to_owned(),
            ));
        }
        (name, id) => id.or(name).filter(|name| !name.is_empty()),
    };
    let Some(cluster) = cluster else {
        let text = "Either parameter --cluster-name or --cluster-id must be specified.\n";
        return Err(Failure::Plain(text.to_owned(), 1));
    };
    let world = ctx.session.world();
    let region = globals.region.clone().or_else(|| profile.region.clone()).unwrap_or_else(|| world.region.clone());
    let expires = Timestamp(world.clock.0.saturating_add(LIFETIME)).kubernetes_text();
    let object = json!({
        "kind": "ExecCredential",
        "apiVersion": api_version(ctx.env.get("KUBERNETES_EXEC_INFO").map_or("", String::as_str)),
        "spec": {},
        "status": { "expirationTimestamp": expires, "token": tokens::of_eks(world, cluster, &credential, &region) },
    });
    let format = operation::format(globals, &profile)?;
    let shown = operation::render(&object, globals.query.as_ref(), format, "get-token")?;
    Ok(CommandOutput::ok(shown + "\n"))
}

/// The version that the asking client wants, if it is one of those supported.
fn api_version(exec_info: &str) -> String {
    let info: Value = serde_json::from_str(exec_info).unwrap_or_default();
    let wanted = info.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    let known = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1alpha1"];
    if known.contains(&wanted) { wanted.to_owned() } else { "client.authentication.k8s.io/v1beta1".to_owned() }
}
