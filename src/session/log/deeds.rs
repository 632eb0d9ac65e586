//! What calls do, in a few words: `Create RoleBinding dev/readers`, `Associate access policy AmazonEKSViewPolicy (k8s-dev)`.

use serde_json::Value;

use super::CallRecord;
use crate::engine::request::GroupResource;
use crate::engine::{AwsRequest, KubeRequest, Request};
use crate::k8s::discovery;

/// How many calls are named.
const NAMED: usize = 3;
/// Members of AWS inputs that say what a call is about, the most telling first; IAM's begin with a capital letter.
const NAMES: &[&str] = &[
    "policyArn",
    "principalArn",
    "nodegroupName",
    "fargateProfileName",
    "addonName",
    "accessKeyId",
    "policyName",
    "roleName",
    "userName",
    "groupName",
    "resourceArn",
    "name",
    "clusterName",
];

/// What the calls that write do; empty if none does.
pub(super) fn text(calls: &[CallRecord]) -> String {
    let mut deeds: Vec<String> = Vec::new();
    for deed in calls.iter().filter_map(|call| deed(&call.request)) {
        if deeds.last() != Some(&deed) {
            deeds.push(deed);
        }
    }
    let named = deeds.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; ");
    match deeds.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named}; and {more} more"),
    }
}

fn deed(request: &Request) -> Option<String> {
    match request {
        _ if request.is_read() => None,
        Request::Aws(request) => Some(aws(request)),
        Request::Kube { request, .. } => kube(request),
        Request::Propagation { millis } => Some(format!("Set the propagation delay to {} s", millis / 1000)),
        Request::Wait { millis } => Some(format!("Wait {} s", millis / 1000)),
    }
}

fn kube(request: &KubeRequest) -> Option<String> {
    let (verb, resource, namespace, name) = match request {
        KubeRequest::Create { resource, namespace, object, dry_run: false, .. } => {
            let of = |member: &str| object.pointer(member).and_then(Value::as_str).unwrap_or_default();
            // A review is asked by creating it, and stores nothing.
            if matches!(resource.group.as_str(), "authorization.k8s.io" | "authentication.k8s.io") {
                return None;
            }
            let name = Some(of("/metadata/name")).filter(|name| !name.is_empty());
            ("Create", resource, namespace, name.unwrap_or_else(|| of("/metadata/generateName")))
        }
        KubeRequest::Update { resource, namespace, name, dry_run: false, .. }
        | KubeRequest::Patch { resource, namespace, name, dry_run: false, .. } => {
            ("Change", resource, namespace, name.as_str())
        }
        KubeRequest::Delete { resource, namespace, name, dry_run: false, .. } => {
            ("Delete", resource, namespace, name.as_str())
        }
        _ => return None,
    };
    let place = namespace.as_ref().filter(|namespace| !namespace.is_empty());
    let place = place.map(|namespace| format!("{namespace}/")).unwrap_or_default();
    Some(format!("{verb} {} {place}{name}", kind(resource)))
}

fn kind(resource: &GroupResource) -> String {
    discovery::find(&resource.group, &resource.resource)
        .map_or_else(|| resource.resource.clone(), |found| found.kind.into_owned())
}

fn aws(request: &AwsRequest) -> String {
    let input = request.input();
    let mut names = NAMES.iter().filter_map(|name| {
        let (first, rest) = name.split_at(1);
        let value = input.get(*name).or_else(|| input.get(format!("{}{rest}", first.to_ascii_uppercase())))?;
        value.as_str().map(|text| text.rsplit('/').next().unwrap_or(text))
    });
    let mut text = in_words(request.operation());
    if let Some(name) = names.next() {
        text.push_str(&format!(" {name}"));
        // Of an access policy or a key, whose it is.
        if let Some(of) = names.next().filter(|_| input.get("policyArn").is_some() || input.get("UserName").is_some()) {
            text.push_str(&format!(" ({of})"));
        }
    }
    text
}

/// `CreateAccessEntry` as `Create access entry`.
fn in_words(operation: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for c in operation.chars() {
        let begins = c.is_ascii_uppercase() && before.is_ascii_lowercase();
        if begins {
            out.push(' ');
        }
        out.push(if begins { c.to_ascii_lowercase() } else { c });
        before = c;
    }
    out
}
