//! `kubectl auth can-i` and `whoami` (cli 9, 10).

use serde_json::{Map, Value, json};

use crate::engine::{KubeRequest, KubeResponse};
use crate::formats::table::{Columns, align_rows};
use crate::k8s::attributes::{Action, ResourceAction, UserInfo};

use super::failure::{Failure, local};
use super::flags::Parsed;
use super::printers::{self, Allowed};
use super::resources::TypeName;
use super::rule_rows;
use super::tool::{Outcome, Tool};

/// Verbs on resources that raise no warning.
const RESOURCE_VERBS: [&str; 15] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "impersonate",
    "*",
    "approve",
    "sign",
    "escalate",
];
/// The one that is known besides.
const ATTEST: &str = "attest";
/// Verbs on URLs that raise no warning.
const URL_VERBS: [&str; 8] = ["get", "put", "post", "head", "options", "delete", "patch", "*"];
/// Resources that no server lists, but that can be asked for.
const VIRTUAL: [&str; 2] = ["users", "groups"];

/// `kubectl auth can-i`. The answer no is exit code 1.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn can_i(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    if parsed.switch("list") {
        return list(tool, parsed);
    }
    let [verb, object] = parsed.args.as_slice() else {
        return Err(local(
            "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
        ));
    };
    let (all, subresource) = (parsed.switch("all-namespaces"), parsed.text_or_empty("subresource"));
    let action = if object.starts_with('/') {
        tool.connection()?;
        tool.check_impersonation()?;
        if !subresource.is_empty() {
            return Err(local("--subresource can not be used with NonResourceURL"));
        }
        if !URL_VERBS.contains(&verb.as_str()) {
            warn(tool, &format!("verb '{verb}' is not a known verb"));
        }
        Action::Url { verb: verb.clone(), path: object.clone() }
    } else {
        let (resource, name) = object.split_once('/').unwrap_or((object, ""));
        let asked = resolve(tool, resource)?;
        let namespace = if all { String::new() } else { tool.namespace()?.0 };
        if !all {
            if !asked.namespaced {
                let place = if asked.group.is_empty() { String::new() } else { format!(" in group '{}'", asked.group) };
                warn(tool, &format!("resource '{}' is not namespace scoped{place}", asked.resource));
            }
            if !RESOURCE_VERBS.contains(&verb.as_str()) && verb != ATTEST {
                warn(tool, &format!("verb '{verb}' is not a known verb"));
            }
        }
        if subresource.is_empty()
            && ["log", "exec", "scale", "status", "portforward", "attach", "token"].contains(&name)
        {
            tool.hint = Some(format!(
                "`{object}` asks for the object named \"{name}\"; for the subresource write `{resource} --subresource={name}`."
            ));
        }
        Action::Resource(ResourceAction {
            verb: verb.clone(),
            api_group: asked.group,
            resource: asked.resource,
            subresource: subresource.to_owned(),
            name: name.to_owned(),
            namespace,
        })
    };
    if parsed.switch("no-headers") {
        return Err(local("--no-headers cannot be set without --list specified"));
    }
    let KubeResponse::AccessReview { allowed, reason, evaluation_error } =
        tool.call(KubeRequest::SelfSubjectAccessReview { action })?
    else {
        return Err(Failure::Silent);
    };
    let mut answer = if allowed { "yes" } else { "no" }.to_owned();
    for why in [reason, evaluation_error].iter().filter(|why| !allowed && !why.is_empty()) {
        answer.push_str(" - ");
        answer.push_str(why);
    }
    if !parsed.switch("quiet") {
        tool.say(answer);
    }
    if allowed { Ok(()) } else { Err(Failure::Silent) }
}

/// A resource as the review names it.
struct Asked {
    resource: String,
    group: String,
    namespaced: bool,
}

/// Looks a resource up; what is not found goes into the review as typed.
fn resolve(tool: &mut Tool<'_, '_>, typed: &str) -> Result<Asked, Failure> {
    tool.check_impersonation()?;
    let as_typed = || Asked { resource: typed.to_owned(), group: String::new(), namespaced: true };
    if typed == "*" {
        return Ok(as_typed());
    }
    let name = TypeName::read(typed);
    // Without an answer of the server every name is unknown. Each look-up asks twice.
    let attempts = if typed.matches('.').count() > 1 { 4 } else { 2 };
    let kinds = tool.kinds(attempts).unwrap_or_default();
    if let Some(kind) = name.find(&kinds) {
        return Ok(Asked {
            resource: kind.plural.to_string(),
            group: kind.group.to_string(),
            namespaced: kind.namespaced,
        });
    }
    if !(VIRTUAL.contains(&name.resource.as_str()) && name.group.is_empty()) {
        let place = if name.group.is_empty() { String::new() } else { format!(" in group '{}'", name.group) };
        warn(tool, &format!("the server doesn't have a resource type '{}'{place}", name.resource));
    }
    Ok(as_typed())
}

/// A warning and the empty line after it.
fn warn(tool: &mut Tool<'_, '_>, text: &str) {
    tool.complain(format!("Warning: {text}\n"));
}

fn list(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    if !parsed.args.is_empty() {
        return Err(local("list option must be specified with no arguments"));
    }
    tool.check_impersonation()?;
    let (namespace, _) = tool.namespace()?;
    if parsed.switch("quiet") || parsed.switch("all-namespaces") || !parsed.text_or_empty("subresource").is_empty() {
        return Err(local("list option can't be specified with neither quiet, all-namespaces nor subresource options"));
    }
    let KubeResponse::RulesReview(review) = tool.call(KubeRequest::SelfSubjectRulesReview { namespace })? else {
        return Err(Failure::Silent);
    };
    if review.incomplete {
        tool.complain(format!("Warning: the list may be incomplete: {}", review.evaluation_error));
    }
    let headers = (!parsed.switch("no-headers")).then(|| rule_rows::HEADERS.map(str::to_owned));
    let rows = headers.into_iter().chain(rule_rows::cells(&rule_rows::of_review(&review)));
    tool.out.push_str(&align_rows(Columns::GET, rows));
    Ok(())
}

/// `kubectl auth whoami`. Further words are ignored.
///
/// # Errors
/// Bad formats and the server's refusals.
pub fn whoami(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let format = printers::format(tool, parsed, Allowed::Objects)?;
    tool.check_impersonation()?;
    let KubeResponse::User(user) = tool.call(KubeRequest::SelfSubjectReview)? else { return Err(Failure::Silent) };
    match format {
        Some(format) => {
            let created = tool.now().kubernetes_text();
            printers::print(tool, &format, &review(&user, &created))
        }
        None => {
            tool.out.push_str(&align_rows(Columns::GET, rows(&user)));
            Ok(())
        }
    }
}

fn rows(user: &UserInfo) -> Vec<[String; 2]> {
    let list = |texts: &[String]| format!("[{}]", texts.join(" "));
    let row = |name: &str, value: String| [name.to_owned(), value];
    let mut rows = vec![row("ATTRIBUTE", "VALUE".to_owned())];
    if !user.username.is_empty() {
        rows.push(row("Username", user.username.clone()));
    }
    if !user.uid.is_empty() {
        rows.push(row("UID", user.uid.clone()));
    }
    if !user.groups.is_empty() {
        rows.push(row("Groups", list(&user.groups)));
    }
    rows.extend(user.extra.iter().map(|(key, values)| row(&format!("Extra: {key}"), list(values))));
    rows
}

/// The review object, members in declaration order.
fn review(user: &UserInfo, created: &str) -> Value {
    let mut info = Map::new();
    let mut put = |key: &str, value: Value, keep: bool| {
        if keep {
            info.insert(key.to_owned(), value);
        }
    };
    put("username", json!(user.username), !user.username.is_empty());
    put("uid", json!(user.uid), !user.uid.is_empty());
    put("groups", json!(user.groups), !user.groups.is_empty());
    put("extra", json!(user.extra), !user.extra.is_empty());
    json!({
        "kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"creationTimestamp": created}, "status": {"userInfo": info},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoami_shows_what_there_is() {
        let mut user =
            UserInfo { username: "jane".into(), groups: vec!["a".into(), "b".into()], ..UserInfo::default() };
        user.extra.insert("arn".into(), vec!["x".into()]);
        let table = align_rows(Columns::GET, rows(&user));
        assert_eq!(table, "ATTRIBUTE    VALUE\nUsername     jane\nGroups       [a b]\nExtra: arn   [x]\n");
        assert_eq!(review(&user, "now")["status"]["userInfo"]["groups"], json!(["a", "b"]));
    }
}
