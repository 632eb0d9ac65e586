//! What nearly allowed a refused request, at every stage from the access entry to the rule, the likeliest slip first.
//!
//! Reads a [`Trace`], and the cluster it was made on for what would have been (a mapping that an entry shadows,
//! a group that nothing binds).

mod kinds;

use std::ops::ControlFlow;

use crate::aws::mapper::Denial;
use crate::engine::authn::{AWS_AUTH, EntryFate, Lookup, MappingFate, MappingSeen, Refusal, Via};
use crate::engine::authz::{self, Holder, Identity, PolicyEvent, Published};
use crate::engine::explain::{NearWhy, PolicySeen, RuleSeen, Trace};
use crate::engine::world::{Cluster, Entry};
use crate::formats::ordered::{set_of, sort_by};
use crate::k8s::attributes::{Action, ResourceAction, UserInfo};
use crate::k8s::rules::{Mismatch, resource_matches, rule_matches, verb_matches};

pub use kinds::{Kind, Lack, NearMiss, Object};

/// What nearly allowed the request of `trace`, made on `cluster`; nothing if it was allowed.
pub fn near_misses(cluster: &Cluster, trace: &Trace) -> Vec<NearMiss> {
    if trace.decision.allowed {
        return Vec::new();
    }
    let mut found: Vec<(Kind, Object, Lack)> = Vec::new();
    let mut add = |kind, object, lacks| found.push((kind, object, lacks));
    if trace.is_authenticated() {
        authorization(cluster, trace, &mut add);
    } else {
        authentication(cluster, &trace.lookup, &mut add);
    }
    ranked(found)
}

/// What keeps a caller from being authenticated, whatever is asked; nothing if the caller is.
pub fn at_the_door(cluster: &Cluster, lookup: &Lookup) -> Vec<NearMiss> {
    let mut found = Vec::new();
    if lookup.outcome.is_err() {
        authentication(cluster, lookup, &mut |kind, object, lacks| found.push((kind, object, lacks)));
    }
    ranked(found)
}

fn ranked(mut found: Vec<(Kind, Object, Lack)>) -> Vec<NearMiss> {
    // Stable: within a kind the order of the walks stays.
    sort_by(&mut found, &|a, b| a.0.cmp(&b.0));
    let found = found.into_iter().enumerate();
    found.map(|(place, (kind, object, lacks))| NearMiss { rank: place + 1, kind, object, lacks }).collect()
}

/// Why nobody stands behind the request: 401.
fn authentication(cluster: &Cluster, lookup: &Lookup, add: &mut impl FnMut(Kind, Object, Lack)) {
    let Some(caller) = &lookup.caller else { return };
    if let Some(seen) = &lookup.entry {
        let object = Object::Entry(seen.principal_arn.clone());
        match &seen.fate {
            EntryFate::Stale { caller_id, .. } => add(Kind::StaleEntry, object, Lack::UniqueId(caller_id.clone())),
            EntryFate::NotRead => add(Kind::EntryNotRead, object, Lack::Mode),
            EntryFate::Decides => {}
        }
    }
    for mapping in &lookup.mappings {
        if let Some((kind, lack)) = mapping_slip(mapping, &caller.canonical_arn) {
            add(kind, Object::Mapping(mapping.section, mapping.index), lack);
        }
    }
    if let Err(Refusal::Authenticator(
        denial @ (Denial::NotAnInstanceSession { .. } | Denial::Ec2LookupFailed { .. }),
    )) = &lookup.outcome
    {
        let entry = lookup.entry.as_ref().filter(|entry| entry.fate == EntryFate::Decides);
        let line = lookup.mappings.iter().find(|line| line.fate == MappingFate::Overridden);
        let object = match (entry, line) {
            (Some(entry), _) => Object::Entry(entry.principal_arn.clone()),
            (None, Some(line)) => Object::Mapping(line.section, line.index),
            (None, None) => Object::Caller(caller.canonical_arn.clone()),
        };
        add(Kind::TemplateUnfilled, object, Lack::Session(denial.to_string()));
    }
    // Only a section that speaks of the caller is a near miss.
    let texts = cluster.objects.config_map(AWS_AUTH.0, AWS_AUTH.1).unwrap_or_default();
    let arn = caller.canonical_arn.to_lowercase();
    for problem in &lookup.problems {
        let text = texts.get(problem.section.as_str());
        let kept = |line: &MappingSeen| line.section == problem.section && line.arn.to_lowercase() == arn;
        if text.is_some_and(|text| text.to_lowercase().contains(&arn)) && !lookup.mappings.iter().any(kept) {
            let lack = Lack::Readable(problem.message.clone());
            add(Kind::SectionUnreadable, Object::AwsAuth(problem.section), lack);
        }
    }
    if lookup.entry.is_none() && lookup.mappings.is_empty() {
        add(Kind::NotMapped, Object::Caller(caller.canonical_arn.clone()), Lack::Mapping);
    }
}

fn mapping_slip(mapping: &MappingSeen, canonical_arn: &str) -> Option<(Kind, Lack)> {
    let arn = || Lack::Arn(canonical_arn.to_owned());
    match mapping.fate {
        MappingFate::NotRead => Some((Kind::MappingNotRead, Lack::Mode)),
        MappingFate::HasPath => Some((Kind::MappingHasPath, arn())),
        MappingFate::IsSession => Some((Kind::MappingIsSession, arn())),
        MappingFate::OtherAccount => Some((Kind::MappingOtherAccount, arn())),
        MappingFate::Decides | MappingFate::Refuses | MappingFate::Shadowed | MappingFate::Overridden => None,
    }
}

/// Why no authorizer allows: 403.
fn authorization(cluster: &Cluster, trace: &Trace, add: &mut impl FnMut(Kind, Object, Lack)) {
    let caller = trace.lookup.outcome.as_ref().map(|identity| identity.user.username.clone()).unwrap_or_default();
    if let Some(status) = &trace.impersonation_refused {
        add(Kind::ImpersonationRefused, Object::Caller(caller), Lack::Impersonation(status.message.clone()));
        return;
    }
    if trace.impersonated {
        put_aside(cluster, trace, add);
    } else {
        overtaken(cluster, trace, add);
    }
    let principal_arn = match &trace.lookup.via {
        Some(Via::Entry(arn)) => arn.as_str(),
        _ => "",
    };
    for policy in &trace.policies {
        if let Some((kind, lack)) = policy_slip(policy, &trace.action) {
            let policy_arn = policy.association.policy_arn.clone();
            add(kind, Object::Policy { principal_arn: principal_arn.to_owned(), policy_arn }, lack);
        }
    }
    for binding in &trace.bindings {
        let (namespace, name) = (binding.namespace.clone(), binding.name.clone());
        match &binding.rules {
            Err(error) => add(Kind::RoleMissing, Object::Binding { namespace, name }, Lack::Role(error.clone())),
            Ok(rules) => {
                let slips = rules.iter().filter_map(|rule| Some((rule_slip(rule, &trace.action)?, rule.index)));
                if let Some(((kind, lack), index)) = slips.min_by_key(|((kind, _), index)| (*kind, *index)) {
                    let (role_kind, role) = (binding.role.kind.clone(), binding.role.name.clone());
                    add(kind, Object::Rule { namespace, binding: name, role_kind, role, index }, lack);
                }
            }
        }
    }
    for near in &trace.near {
        let object = Object::Binding { namespace: near.namespace.clone(), name: near.name.clone() };
        match &near.why {
            NearWhy::OtherNamespace => {
                let namespace = trace.action.namespace().map(str::to_owned);
                add(Kind::BindingOtherNamespace, object, Lack::Namespace(namespace));
            }
            NearWhy::OtherSubject(Some(_)) => add(Kind::SubjectAlike, object, Lack::Subject),
            NearWhy::OtherSubject(None) => add(Kind::OtherSubject, object, Lack::Subject),
        }
    }
    unbound(cluster, trace, principal_arn, add);
}

/// Policies of the real caller that an impersonated request does without.
fn put_aside(cluster: &Cluster, trace: &Trace, add: &mut impl FnMut(Kind, Object, Lack)) {
    let Ok(identity) = &trace.lookup.outcome else { return };
    Published::with(|published| {
        let mut last = None;
        authz::walk_policies(cluster, identity, &trace.action, published, |event| {
            if let PolicyEvent::Rule(association, _, rule) = event
                && rule_matches(rule, &trace.action).is_ok()
                && last != Some(&association.policy_arn)
            {
                last = Some(&association.policy_arn);
                let principal_arn = identity.holder.as_ref().map(|h| h.principal_arn.clone()).unwrap_or_default();
                let object = Object::Policy { principal_arn, policy_arn: association.policy_arn.clone() };
                add(Kind::PolicyPutAside, object, Lack::OwnRequest);
            }
            ControlFlow::<()>::Continue(())
        });
    });
}

/// Entries and lines that did not decide who the caller is, if they would have allowed the request.
fn overtaken(cluster: &Cluster, trace: &Trace, add: &mut impl FnMut(Kind, Object, Lack)) {
    let lookup = &trace.lookup;
    let allows = |identity: &Identity| authz::decide(cluster, identity, &trace.action).allowed;
    if let Some(seen) = &lookup.entry
        && let Some(entry) = cluster.served_entry(&seen.principal_arn)
        && seen.fate != EntryFate::Decides
        && allows(&identity_of(entry))
    {
        let object = Object::Entry(seen.principal_arn.clone());
        match &seen.fate {
            EntryFate::Stale { caller_id, .. } => add(Kind::StaleEntry, object, Lack::UniqueId(caller_id.clone())),
            _ => add(Kind::EntryNotRead, object, Lack::Mode),
        }
    }
    for line in &lookup.mappings {
        let (kind, lack) = match line.fate {
            MappingFate::Shadowed => (Kind::MappingShadowed, Lack::Precedence),
            _ => match mapping_slip(line, lookup.caller.as_ref().map_or("", |caller| &caller.canonical_arn)) {
                Some(slip) if slip.0 != Kind::MappingOtherAccount => slip,
                _ => continue,
            },
        };
        if allows(&Identity { user: user(&line.username, &line.groups), holder: None }) {
            add(kind, Object::Mapping(line.section, line.index), lack);
        }
    }
}

fn user(username: &str, groups: &[String]) -> UserInfo {
    let mut groups = groups.to_vec();
    groups.push("system:authenticated".to_owned());
    UserInfo { username: username.to_owned(), groups, ..UserInfo::default() }
}

/// Whom an entry would make of its principal.
fn identity_of(entry: &Entry) -> Identity {
    let holder = Holder {
        principal_arn: entry.principal_arn.clone(),
        canonical_arn: entry.principal_arn.clone(),
        unique_id: entry.unique_id.clone(),
    };
    Identity { user: user(&entry.username, &entry.groups), holder: Some(holder) }
}

fn policy_slip(policy: &PolicySeen, action: &Action) -> Option<(Kind, Lack)> {
    let namespace = || Lack::Namespace(action.namespace().map(str::to_owned));
    if !policy.published {
        return policy.covers.then_some((Kind::PolicyNotPublished, Lack::PublicRules));
    }
    if !policy.covers {
        return policy.would_allow().then(|| (Kind::PolicyOutOfScope, namespace()));
    }
    let closest = policy.rules.iter().filter_map(|rule| rule.outcome.err()).max();
    match (closest?, action) {
        (Mismatch::Verb | Mismatch::ResourceName, _) => {
            Some((Kind::PolicyOtherVerb, Lack::Verb(action.verb().to_owned())))
        }
        (Mismatch::Resource, Action::Resource(asked)) => {
            Some((Kind::PolicyOtherResource, Lack::Resource(resource_text(asked))))
        }
        (Mismatch::ApiGroup, Action::Resource(asked)) => {
            Some((Kind::PolicyOtherApiGroup, Lack::ApiGroup(asked.api_group.clone())))
        }
        (_, Action::Url { path, .. }) => Some((Kind::PolicyOtherResource, Lack::Url(path.clone()))),
        _ => None,
    }
}

fn resource_text(asked: &ResourceAction) -> String {
    let ResourceAction { resource, subresource, .. } = asked;
    if subresource.is_empty() { resource.clone() } else { format!("{resource}/{subresource}") }
}

/// How a rule of the caller's own role nearly allows, if it does.
fn rule_slip(seen: &RuleSeen, action: &Action) -> Option<(Kind, Lack)> {
    let RuleSeen { rule, outcome, .. } = seen;
    let verb = || Lack::Verb(action.verb().to_owned());
    match (outcome.err()?, action) {
        (Mismatch::Verb, _) => Some((Kind::RuleOtherVerb, verb())),
        (Mismatch::ResourceName, Action::Resource(asked)) => {
            Some((Kind::RuleOtherName, Lack::Name(asked.name.clone())))
        }
        (Mismatch::ApiGroup, Action::Resource(asked)) if resource_matches(rule, asked) => {
            // A rule for all resources of another group is not about this one.
            let named = rule.resources.iter().any(|resource| resource != "*");
            let near = named && verb_matches(rule, &asked.verb);
            near.then(|| (Kind::RuleOtherApiGroup, Lack::ApiGroup(asked.api_group.clone())))
        }
        (Mismatch::Resource, Action::Resource(asked)) if verb_matches(rule, &asked.verb) => {
            let alike = |written: &String| {
                let bare = written.split('/').next().unwrap_or_default().to_ascii_lowercase();
                let wanted = asked.resource.to_ascii_lowercase();
                bare == wanted || wanted.strip_suffix('s') == Some(bare.as_str())
            };
            let near = rule.resources.iter().any(alike);
            near.then(|| (Kind::RuleOtherResource, Lack::Resource(resource_text(asked))))
        }
        _ => None,
    }
}

/// Groups that nothing binds, and an entry that has nothing else.
fn unbound(cluster: &Cluster, trace: &Trace, principal_arn: &str, add: &mut impl FnMut(Kind, Object, Lack)) {
    let Some(user) = &trace.user else { return };
    let groups = set_of(user.groups.iter().map(String::as_str).filter(|group| !group.starts_with("system:")));
    let bindings = cluster.objects.rbac().bindings();
    let subjects = bindings.flat_map(|(_, binding)| &binding.subjects).filter(|subject| subject.kind == "Group");
    let bound = set_of(subjects.filter_map(|subject| groups.get(subject.name.as_str()).copied()));
    let entry = cluster.served_entry(principal_arn).filter(|_| !trace.impersonated);
    if let Some(entry) = entry
        && entry.policies.is_empty()
        && bound.is_empty()
    {
        add(Kind::EntryWithoutEffect, Object::Entry(principal_arn.to_owned()), Lack::PolicyOrGroup);
    }
    for group in groups.difference(&bound) {
        add(Kind::GroupUnbound, Object::Group((*group).to_owned()), Lack::Binding);
    }
}
