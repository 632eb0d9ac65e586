//! Access entries that do not do what they look like (eks 7, 9, 11, 14).

use super::bindings::Bound;
use super::{ObjectRef, Report, remedy};
use crate::aws::access_policy;
use crate::aws::eks::EntryType;
use crate::engine::authz::pattern_matches;
use crate::engine::iam::find_principal;
use crate::engine::world::{Association, Cluster, Entry, World};
use crate::k8s::discovery;

/// Looks at all access entries. In `CONFIG_MAP` mode there are none that count.
pub fn check(world: &World, cluster: &Cluster, report: &mut Report) {
    if !cluster.mode.uses_entries() {
        return;
    }
    let bound = Bound::of(cluster.objects.rbac());
    let namespaces = cluster.objects.namespaces();
    let built_in = discovery::built_in().len();
    let custom: Vec<String> =
        cluster.objects.resources().iter().skip(built_in).map(discovery::Resource::qualified).collect();
    for entry in cluster.entries.values() {
        principal(world, cluster, entry, report);
        groups(entry, &bound, report);
        for association in &entry.policies {
            policy(cluster, entry, association, &namespaces, &custom, report);
        }
    }
}

/// The principal as it is today (eks 8.6). That of another account cannot be looked up.
fn principal(world: &World, cluster: &Cluster, entry: &Entry, report: &mut Report) {
    let arn = &entry.principal_arn;
    let object = ObjectRef::AccessEntry(arn.clone());
    match find_principal(world, arn) {
        Ok(today) if today.arn.account() == world.account && today.unique_id != entry.unique_id => {
            let message = format!("made for {}; the principal of today is {}", entry.unique_id, today.unique_id);
            report.add_with("stale-entry", object, message, remedy::recreate_entry(cluster, entry));
        }
        // EKS makes entries for service-linked roles itself (eks 13); nobody else may delete them.
        Err(_) if !arn.contains(":role/aws-service-role/") => {
            let message = format!("`{arn}` does not exist any more");
            report.add_with("entry-without-principal", object, message, vec![remedy::delete_entry(cluster, arn)]);
        }
        _ => {}
    }
}

fn groups(entry: &Entry, bound: &Bound, report: &mut Report) {
    if entry.kind != EntryType::Standard {
        return;
    }
    let object = || ObjectRef::AccessEntry(entry.principal_arn.clone());
    for group in entry.groups.iter().filter(|group| !bound.group(group)) {
        report.add("unbound-group", object(), format!("no binding names the group `{group}`"));
    }
    let effect = entry.groups.iter().any(|group| bound.group(group)) || bound.user(&entry.username);
    if entry.policies.is_empty() && !effect {
        let message = format!("`{}` can log in and do nothing", entry.principal_arn);
        report.add("entry-without-effect", object(), message);
    }
}

/// Policies whose namesakes in Kubernetes take up custom resources by aggregation; they themselves do not.
const NAMESAKES: &[&str] = &["AmazonEKSAdminPolicy", "AmazonEKSEditPolicy", "AmazonEKSViewPolicy"];

fn policy(
    cluster: &Cluster,
    entry: &Entry,
    association: &Association,
    namespaces: &[String],
    custom: &[String],
    report: &mut Report,
) {
    let (principal, arn) = (&entry.principal_arn, &association.policy_arn);
    let object = || ObjectRef::Association(principal.clone(), arn.clone());
    let name = arn.rsplit('/').next().unwrap_or_default();
    for pattern in &association.scope.namespaces {
        if !namespaces.iter().any(|namespace| pattern_matches(pattern, namespace)) {
            report.add("scope-without-namespace", object(), format!("no namespace matches `{pattern}`"));
        }
    }
    if access_policy::by_arn(arn).is_none_or(|policy| policy.rules.is_none()) {
        report.add("policy-not-published", object(), format!("the rules of {name} are not public"));
    }
    if NAMESAKES.contains(&name) && !custom.is_empty() {
        let shown: Vec<&str> = custom.iter().take(3).map(String::as_str).collect();
        let more = if custom.len() > shown.len() { ", …" } else { "" };
        let message = format!("{name} does not cover {}{more}", shown.join(", "));
        report.add("custom-resources-not-covered", object(), message);
    }
    if name == "AmazonEKSAdminPolicy" && !may_bind(entry) {
        let message = format!("{name} alone cannot create roles and bindings in {}", cluster.name);
        report.add("admin-policy-cannot-bind", object(), message);
    }
}

/// Whether another policy of the entry carries the verbs `bind` and `escalate` (eks 12.8).
fn may_bind(entry: &Entry) -> bool {
    entry.policies.iter().any(|a| a.policy_arn.ends_with("/AmazonEKSClusterAdminPolicy"))
}
