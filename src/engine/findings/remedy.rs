//! Remedies that can be carried out: a command line and the call that it stands for.

use crate::aws::eks::{AssociateAccessPolicyRequest, CreateAccessEntryRequest, EntryRef, EntryType};
use crate::aws::iam::PrincipalArn;
use crate::aws::names::default_entry_username;
use crate::engine::request::{AwsRequest, GroupResource, KubeRequest, Request};
use crate::engine::world::{Association, Cluster, Entry};

/// One step of a remedy.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The command line.
    pub command: String,
    /// The same as a call; none for a command that makes several.
    pub request: Option<Request>,
}

/// A word of a command line, in quotes if it needs them.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+=,%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

fn eks(operation: &str, cluster: &Cluster, principal: &str, options: &[(&str, Vec<String>)]) -> String {
    let mut line =
        format!("aws eks {operation} --cluster-name {} --principal-arn {}", word(&cluster.name), word(principal));
    for (option, values) in options.iter().filter(|(_, values)| !values.is_empty()) {
        line.push_str(&format!(" --{option}"));
        values.iter().for_each(|value| line.push_str(&format!(" {}", word(value))));
    }
    line
}

/// Deletes an access entry.
pub fn delete_entry(cluster: &Cluster, principal: &str) -> Step {
    let input = EntryRef { cluster_name: cluster.name.clone(), principal_arn: principal.to_owned() };
    let command = eks("delete-access-entry", cluster, principal, &[]);
    Step { command, request: Some(Request::Aws(AwsRequest::DeleteAccessEntry(input))) }
}

/// Makes an access entry. An empty user name stands for the default one.
pub fn create_entry(cluster: &Cluster, principal: &str, kind: EntryType, groups: &[String], username: &str) -> Step {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let username = some(username);
    let kind = Some(kind.name()).filter(|_| kind != EntryType::Standard);
    let options = [
        ("type", kind.iter().map(|kind| (*kind).to_owned()).collect()),
        ("username", username.iter().cloned().collect()),
        ("kubernetes-groups", groups.to_vec()),
    ];
    let command = eks("create-access-entry", cluster, principal, &options);
    let input = CreateAccessEntryRequest {
        cluster_name: cluster.name.clone(),
        principal_arn: principal.to_owned(),
        kubernetes_groups: Some(groups.to_vec()).filter(|groups| !groups.is_empty()),
        username,
        kind: kind.map(str::to_owned),
        ..CreateAccessEntryRequest::default()
    };
    Step { command, request: Some(Request::Aws(AwsRequest::CreateAccessEntry(input))) }
}

/// Deletes an access entry and makes it anew, policies included, for the principal of today.
pub fn recreate_entry(cluster: &Cluster, entry: &Entry) -> Vec<Step> {
    let principal = &entry.principal_arn;
    let standard = entry.kind == EntryType::Standard;
    let default = principal.parse::<PrincipalArn>().map(|arn| default_entry_username(&arn, entry.kind.name()));
    let username = if default.as_ref() == Ok(&entry.username) || !standard { "" } else { &entry.username };
    let groups = if standard { entry.groups.as_slice() } else { &[] };
    let mut steps =
        vec![delete_entry(cluster, principal), create_entry(cluster, principal, entry.kind, groups, username)];
    steps.extend(entry.policies.iter().map(|association| associate(cluster, principal, association)));
    steps
}

fn associate(cluster: &Cluster, principal: &str, association: &Association) -> Step {
    let Association { policy_arn, scope, .. } = association;
    let mut text = format!("type={}", scope.kind);
    if !scope.namespaces.is_empty() {
        text.push_str(&format!(",namespaces={}", scope.namespaces.join(",")));
    }
    let options = [("policy-arn", vec![policy_arn.clone()]), ("access-scope", vec![text])];
    let command = eks("associate-access-policy", cluster, principal, &options);
    let input = AssociateAccessPolicyRequest {
        cluster_name: cluster.name.clone(),
        principal_arn: principal.to_owned(),
        policy_arn: policy_arn.clone(),
        access_scope: scope.clone(),
    };
    Step { command, request: Some(Request::Aws(AwsRequest::AssociateAccessPolicy(input))) }
}

/// Deletes a role or binding; an empty namespace stands for a cluster-scoped kind.
pub fn delete_object(cluster: &Cluster, kind: &str, namespace: &str, name: &str) -> Step {
    let plural = format!("{}s", kind.to_ascii_lowercase());
    let mut command = format!("kubectl delete {} {}", kind.to_ascii_lowercase(), word(name));
    if !namespace.is_empty() {
        command.push_str(&format!(" --namespace {}", word(namespace)));
    }
    let request = KubeRequest::Delete {
        resource: GroupResource::new(crate::k8s::rbac::API_GROUP, plural),
        namespace: Some(namespace.to_owned()).filter(|namespace| !namespace.is_empty()),
        name: name.to_owned(),
        orphan: false,
        dry_run: false,
    };
    Step { command, request: Some(Request::Kube { cluster: cluster.name.clone(), request }) }
}
