//! Rights by way of the access entry, or of the line of aws-auth, behind a caller.

use super::{Case, Draft, Kind, objects};
use crate::aws::aws_auth::{self, Entry as Line, Section};
use crate::aws::eks::{AccessScope, AssociateAccessPolicyRequest, EntryRef, EntryType, UpdateAccessEntryRequest};
use crate::engine::authn::{AWS_AUTH, MappingFate, Via};
use crate::engine::authz::{self, Published};
use crate::engine::world::Entry;
use crate::engine::{AwsRequest, Request};
use crate::formats::ordered::set_of;
use crate::formats::yaml::emit;
use crate::k8s::rules::rules_allow;
use crate::k8s::who_can::allowing_bindings;

/// The most groups that are tried.
const GROUPS: usize = 6;

/// Policies and groups for whoever is let in.
pub fn drafts(case: &Case<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let Some(lookup) = case.lookup.as_ref().filter(|_| !case.impersonates()) else { return drafts };
    match &lookup.via {
        Some(Via::Entry(arn)) => {
            let Some(entry) = case.cluster.entries.get(arn) else { return drafts };
            if lookup.mappings.iter().any(|line| line.fate == MappingFate::Shadowed) {
                let input = EntryRef { cluster_name: case.cluster.name.clone(), principal_arn: arn.clone() };
                let requests = vec![Request::Aws(AwsRequest::DeleteAccessEntry(input))];
                let label = "Delete the access entry, so that the line of aws-auth counts again";
                drafts.push(Draft::new(Kind::DeleteEntry, label, requests));
            }
            policies(case, entry, &mut drafts);
            if entry.kind == EntryType::Standard {
                for group in bound_groups(case) {
                    let label = format!("Add the group {group} to the access entry");
                    drafts.push(Draft::new(Kind::AddGroup, label, vec![with_group(case, entry, &group)]));
                }
            }
        }
        Some(Via::Mapping(section, index)) => {
            for group in bound_groups(case) {
                let text = line_with_group(case, *section, *index, &group);
                drafts.extend(text.map(|text| {
                    let label = format!("Add the group {group} to line {} of {}", index + 1, section.as_str());
                    let request = objects::aws_auth(case.cluster, section.as_str(), &text);
                    Draft::new(Kind::AddGroup, label, vec![request])
                }));
            }
        }
        _ => {}
    }
    drafts
}

/// Policies whose public rules allow the request, each in the narrowest scope that covers it (eks 9, 10).
fn policies(case: &Case<'_>, entry: &Entry, drafts: &mut Vec<Draft>) {
    let partition = entry.principal_arn.split(':').nth(1).unwrap_or("aws");
    for policy in case.world.policies() {
        let arn = policy.arn(partition);
        let allows = |published: &Published| published.of(&arn).is_some_and(|rules| rules_allow(rules, case.action));
        if !Published::with(allows) {
            continue;
        }
        let old = entry.policies.iter().find(|association| association.policy_arn == arn);
        let mut namespaces = old.map(|association| association.scope.namespaces.clone()).unwrap_or_default();
        namespaces.extend(case.action.namespace().map(str::to_owned));
        let (scope, place) = match case.action.namespace() {
            Some(namespace) => {
                (AccessScope { kind: "namespace".to_owned(), namespaces }, format!("namespace {namespace}"))
            }
            None => (AccessScope::cluster(), "the whole cluster".to_owned()),
        };
        if !authz::scope_covers(&scope, case.action) {
            continue;
        }
        let (kind, label) = match old {
            Some(_) => (Kind::WidenScope, format!("Widen the scope of {} to {place}", policy.name)),
            None => (Kind::AssociatePolicy, format!("Associate {} for {place}", policy.name)),
        };
        let request = AssociateAccessPolicyRequest {
            cluster_name: case.cluster.name.clone(),
            principal_arn: entry.principal_arn.clone(),
            policy_arn: arn,
            access_scope: scope,
        };
        drafts.push(Draft::new(kind, label, vec![Request::Aws(AwsRequest::AssociateAccessPolicy(request))]));
    }
}

/// Groups that bindings name and that would allow the request. Reserved ones cannot be given (eks 7).
fn bound_groups(case: &Case<'_>) -> Vec<String> {
    let allowing = allowing_bindings(case.cluster.objects.rbac(), case.action).filter_map(Result::ok);
    let groups = allowing.flat_map(|allowing| &allowing.binding.subjects).filter(|subject| subject.kind == "Group");
    let own = groups.map(|group| group.name.as_str()).filter(|name| !name.starts_with("system:"));
    set_of(own).into_iter().take(GROUPS).map(str::to_owned).collect()
}

/// The call that gives an entry one more group; the list is replaced whole.
pub fn with_group(case: &Case<'_>, entry: &Entry, group: &str) -> Request {
    let groups = entry.groups.iter().cloned().chain([group.to_owned()]).collect();
    Request::Aws(AwsRequest::UpdateAccessEntry(UpdateAccessEntryRequest {
        cluster_name: case.cluster.name.clone(),
        principal_arn: entry.principal_arn.clone(),
        kubernetes_groups: Some(groups),
        ..UpdateAccessEntryRequest::default()
    }))
}

/// A section of aws-auth written anew, one line with one more group; `None` if lines would be lost by that.
pub fn line_with_group(case: &Case<'_>, section: Section, index: usize, group: &str) -> Option<String> {
    let parsed = case.cluster.objects.read_config_map(AWS_AUTH.0, AWS_AUTH.1, aws_auth::parse)?;
    if parsed.problems.iter().any(|problem| problem.section == section) {
        return None;
    }
    let (lines, key) = match section {
        Section::MapRoles => (&parsed.roles, "rolearn"),
        Section::MapUsers => (&parsed.users, "userarn"),
        Section::MapAccounts => return None,
    };
    let row = |line: &Line| {
        let mut groups = line.groups.clone();
        groups.extend((line.index == index).then(|| group.to_owned()));
        let row = serde_json::json!({key: line.arn, "username": line.username, "groups": groups});
        (line.sso.is_none() && line.user_id.is_empty()).then_some(row)
    };
    let rows = lines.iter().map(row).collect::<Option<Vec<_>>>()?;
    Some(emit::emit(&serde_json::Value::Array(rows)))
}
