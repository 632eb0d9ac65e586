//! Everything an authorizer looked at, in words: near misses first, each with what it lacks; and what would help.

use super::access_path::Verdict;
use super::objects::Kind;
use super::route::Route;
use super::text::{count, last_name};
use crate::aws::access_policy;
use crate::aws::eks::{AccessScope, AssociateAccessPolicyRequest, CreateAccessEntryRequest, EntryType};
use crate::engine::authn::Via;
use crate::engine::authz::{Published, scope_covers};
use crate::engine::explain::{BindingSeen, NearBinding, NearWhy, PolicySeen, RuleSeen, Trace};
use crate::engine::world::Cluster;
use crate::engine::{AwsRequest, Request};
use crate::k8s::rbac::PolicyRule;
use crate::k8s::rules::{Mismatch, rules_allow};
use crate::shell::render;

/// A group of things that were looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The heading.
    pub title: &'static str,
    /// The things.
    pub items: Vec<Item>,
}

/// A thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// Whether it allows the request.
    pub allows: bool,
    /// What it says, or lacks.
    pub reason: String,
    /// Where to see it.
    pub route: Option<Route>,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// A rule that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its place, from 1.
    pub number: usize,
    /// What it allows.
    pub text: String,
    /// What keeps it from matching; `None` if it matches.
    pub lacks: Option<String>,
}

/// A command that would change a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does.
    pub label: String,
    /// The command line.
    pub command: String,
}

/// All groups of a trace that have something to show.
pub fn groups(trace: &Trace) -> Vec<Group> {
    let near = trace.near.iter().map(near_item).collect();
    let policies = trace.policies.iter().map(|policy| policy_item(trace, policy)).collect();
    let mut bindings: Vec<Item> = trace.bindings.iter().map(binding_item).collect();
    // What allows comes first, stock bindings of everybody come last.
    bindings.sort_by_key(|item| !item.allows);
    let group = |title, items| Group { title, items };
    let groups = [
        group("Near misses: would allow it, but do not apply", near),
        group("Access policies of the entry", policies),
        group("Bindings that apply", bindings),
    ];
    groups.into_iter().filter(|group: &Group| !group.items.is_empty()).collect()
}

/// `scope cluster`, or the namespaces of a scope.
pub fn scope_text(scope: &AccessScope) -> String {
    if scope.kind == "cluster" {
        return "scope cluster".to_owned();
    }
    format!(
        "scope {} {}",
        if scope.namespaces.len() == 1 { "namespace" } else { "namespaces" },
        scope.namespaces.join(", ")
    )
}

/// Kind and name of a binding.
pub fn binding_name(binding: &BindingSeen) -> String {
    qualified(binding.namespace.as_deref(), &binding.name)
}

/// The page of a binding.
pub fn binding_route(binding: &BindingSeen) -> Route {
    route(binding.namespace.as_deref(), &binding.name)
}

fn qualified(namespace: Option<&str>, name: &str) -> String {
    match namespace {
        None => format!("ClusterRoleBinding {name}"),
        Some(namespace) => format!("RoleBinding {namespace}/{name}"),
    }
}

fn route(namespace: Option<&str>, name: &str) -> Route {
    match namespace {
        None => Route::Object(Kind::ClusterRoleBindings, String::new(), name.to_owned()),
        Some(namespace) => Route::Object(Kind::RoleBindings, namespace.to_owned(), name.to_owned()),
    }
}

fn near_item(near: &NearBinding) -> Item {
    let reason = match &near.why {
        NearWhy::OtherNamespace => "names the caller, but counts in its own namespace only".to_owned(),
        NearWhy::OtherSubject(Some(alike)) => {
            format!("names {} {}, which is alike but not the same", alike.kind, alike.name)
        }
        NearWhy::OtherSubject(None) => "does not name this user or any of its groups".to_owned(),
    };
    Item {
        name: qualified(near.namespace.as_deref(), &near.name),
        allows: false,
        reason: format!("{} {}: {reason}", near.role.kind, near.role.name),
        route: Some(route(near.namespace.as_deref(), &near.name)),
        rules: Vec::new(),
    }
}

fn policy_item(trace: &Trace, policy: &PolicySeen) -> Item {
    let scope = scope_text(&policy.association.scope);
    let reason = if policy.allows() {
        format!("{scope}: allows it")
    } else if !policy.published {
        format!("{scope}: its rules are not public, so it is not evaluated")
    } else if !policy.covers && policy.would_allow() {
        format!("near miss: a rule of it allows this, but {scope} does not cover the request")
    } else if !policy.covers {
        format!("{scope} does not cover the request")
    } else {
        format!("{scope}: none of {} allows this", count(policy.rules.len(), "rule", "rules"))
    };
    let entry = match &trace.lookup.via {
        Some(Via::Entry(principal)) => Some(Route::Entry(principal.clone())),
        _ => None,
    };
    let name = last_name(&policy.association.policy_arn).to_owned();
    Item { name, allows: policy.allows(), reason, route: entry, rules: rules(&policy.rules) }
}

fn binding_item(binding: &BindingSeen) -> Item {
    let subject = format!("{} {}", binding.subject.kind, binding.subject.name);
    let role = format!("{} {}", binding.role.kind, binding.role.name);
    let (reason, rules) = match &binding.rules {
        Err(missing) => (format!("{subject}: {missing}"), Vec::new()),
        Ok(seen) => (format!("gives {role} to {subject}"), rules(seen)),
    };
    Item { name: binding_name(binding), allows: binding.allows(), reason, route: Some(binding_route(binding)), rules }
}

/// Rules with the nearest first.
fn rules(seen: &[RuleSeen]) -> Vec<Rule> {
    let mut sorted: Vec<&RuleSeen> = seen.iter().collect();
    sorted.sort_by_key(|rule| (rule.outcome.is_err(), std::cmp::Reverse(rule.outcome.err())));
    let rule = |seen: &&RuleSeen| Rule {
        number: seen.index + 1,
        text: rule_text(&seen.rule),
        lacks: seen.outcome.err().map(|mismatch| lacks(mismatch, &seen.rule)),
    };
    sorted.iter().map(rule).collect()
}

/// A rule in words: `get, list on pods, pods/log`.
pub fn rule_text(rule: &PolicyRule) -> String {
    let verbs = rule.verbs.join(", ");
    if !rule.non_resource_urls.is_empty() {
        return format!("{verbs} on {}", rule.non_resource_urls.join(", "));
    }
    let groups: Vec<&str> = rule.api_groups.iter().map(|group| if group.is_empty() { "core" } else { group }).collect();
    let mut text = format!("{verbs} on {}", rule.resources.join(", "));
    if groups != ["core"] {
        text.push_str(&format!(" in {}", groups.join(", ")));
    }
    if !rule.resource_names.is_empty() {
        text.push_str(&format!(" named {}", rule.resource_names.join(", ")));
    }
    text
}

fn lacks(mismatch: Mismatch, rule: &PolicyRule) -> String {
    match mismatch {
        Mismatch::RequestKind if rule.non_resource_urls.is_empty() => "speaks of resources, not of URLs".to_owned(),
        Mismatch::RequestKind => "speaks of URLs, not of resources".to_owned(),
        Mismatch::ApiGroup => "another API group".to_owned(),
        Mismatch::Resource => "other resources".to_owned(),
        Mismatch::Url => "other URLs".to_owned(),
        Mismatch::Verb => "other verbs".to_owned(),
        Mismatch::ResourceName => "only objects of other names".to_owned(),
    }
}

/// Commands that would change a refusal, the smallest right first.
pub fn fixes(cluster: &Cluster, trace: &Trace, verdict: Verdict) -> Vec<Fix> {
    if verdict == Verdict::Yes || !cluster.mode.uses_entries() {
        return Vec::new();
    }
    let Some(caller) = &trace.lookup.caller else { return Vec::new() };
    let entry = trace.lookup.entry.as_ref().and_then(|seen| cluster.entries.get(&seen.principal_arn));
    match entry {
        None if verdict == Verdict::Unauthorized => {
            let request = CreateAccessEntryRequest {
                cluster_name: cluster.name.clone(),
                principal_arn: caller.canonical_arn.clone(),
                ..CreateAccessEntryRequest::default()
            };
            vec![fix("Create an access entry", AwsRequest::CreateAccessEntry(request))]
        }
        Some(entry) if verdict == Verdict::No && entry.kind == EntryType::Standard => smallest_policy(trace)
            .map_or_else(Vec::new, |(arn, scope)| {
                let label = format!("Associate {}, {}", last_name(&arn), scope_text(&scope));
                let request = AssociateAccessPolicyRequest {
                    cluster_name: cluster.name.clone(),
                    principal_arn: entry.principal_arn.clone(),
                    policy_arn: arn,
                    access_scope: scope,
                };
                vec![fix(&label, AwsRequest::AssociateAccessPolicy(request))]
            }),
        _ => Vec::new(),
    }
}

/// The published policy with the fewest rights that allows the request, in the smallest scope that covers it.
fn smallest_policy(trace: &Trace) -> Option<(String, AccessScope)> {
    const BY_SIZE: &[&str] = &[
        "AmazonEKSViewPolicy",
        "AmazonEKSEditPolicy",
        "AmazonEKSAdminPolicy",
        "AmazonEKSAdminViewPolicy",
        "AmazonEKSClusterAdminPolicy",
    ];
    let scope = match trace.action.namespace() {
        Some(namespace) => AccessScope { kind: "namespace".to_owned(), namespaces: vec![namespace.to_owned()] },
        None => AccessScope::cluster(),
    };
    if !scope_covers(&scope, &trace.action) {
        return None;
    }
    let allows = |name: &&&str| {
        let arn = access_policy::by_name(name).map(|policy| policy.arn("aws")).unwrap_or_default();
        Published::with(|published| published.of(&arn).is_some_and(|rules| rules_allow(rules, &trace.action)))
    };
    let name = BY_SIZE.iter().find(allows)?;
    let partition = trace.lookup.caller.as_ref().and_then(|caller| caller.arn.split(':').nth(1)).unwrap_or("aws");
    Some((access_policy::by_name(name)?.arn(partition), scope))
}

fn fix(label: &str, request: AwsRequest) -> Fix {
    Fix { label: label.to_owned(), command: render::command(&Request::Aws(request)) }
}
