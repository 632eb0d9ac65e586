//! The sentence of an answer: what decided it, in plain words.

use super::Verdict;
use crate::aws::eks::AuthenticationMode;
use crate::engine::authn::{EntryFate, MappingFate, Refusal, Via};
use crate::engine::explain::Trace;
use crate::view::details;
use crate::view::question::Asked;
use crate::view::text::{and_list, last_name};

/// The answer in plain words, with what decided it.
pub(super) fn sentence(who: &str, asked: &Asked, trace: &Trace, verdict: Verdict) -> String {
    match verdict {
        Verdict::Yes => format!("{who} can {}: {}.", asked.words, reason_of_yes(asked, trace)),
        Verdict::No => format!("{who} cannot {}: {}.", asked.words, reason_of_no(trace)),
        Verdict::Unauthorized => format!("{who} is not logged in: {}.", reason_of_unauthorized(trace)),
    }
}

fn reason_of_yes(asked: &Asked, trace: &Trace) -> String {
    if trace.super_user {
        return format!("group system:masters may do everything{}", origin(trace));
    }
    if trace.node {
        return "the node authorizer allows what kubelets need".to_owned();
    }
    if let Some(policy) = trace.policies.iter().find(|policy| policy.allows()) {
        let rule = policy.rules.iter().find(|rule| rule.outcome.is_ok()).map_or(0, |rule| rule.index + 1);
        let name = last_name(&policy.association.policy_arn);
        let scope = details::scope_text(&policy.association.scope);
        return format!("access policy {name} of the access entry allows it, {scope}, rule {rule}");
    }
    let Some(binding) = trace.bindings.iter().find(|binding| binding.allows()) else {
        return "an authorizer allows it".to_owned();
    };
    let rules = binding.rules.as_deref().unwrap_or_default();
    let rule = rules.iter().find(|rule| rule.outcome.is_ok()).map_or(0, |rule| rule.index + 1);
    let place = match &binding.namespace {
        Some(namespace) => format!(" in namespace {namespace}"),
        None if asked.is_namespaced => " in every namespace".to_owned(),
        None => String::new(),
    };
    let subject = format!("{} {}", binding.subject.kind.to_lowercase(), binding.subject.name);
    let role = format!("{} {}", binding.role.kind, binding.role.name);
    format!("{subject} is bound to {role} by {}, whose rule {rule} allows it{place}", details::binding_name(binding))
}

/// Where the groups come from, if from aws-auth.
fn origin(trace: &Trace) -> &'static str {
    match trace.lookup.via {
        Some(Via::Mapping(..)) => "; aws-auth gives it",
        Some(Via::Creator) => "; cluster creators have it in this mode",
        _ => "",
    }
}

fn reason_of_no(trace: &Trace) -> String {
    if let Some(status) = &trace.impersonation_refused {
        return status.message.clone();
    }
    let shadowed = trace.lookup.mappings.iter().find(|m| m.fate == MappingFate::Shadowed && !m.groups.is_empty());
    let has_policies = !trace.policies.is_empty();
    let mut reason = match &trace.lookup.via {
        Some(Via::Entry(_)) if !has_policies => {
            "its access entry has no access policy, and no binding of its user or groups allows it".to_owned()
        }
        Some(Via::Entry(_)) => "none of its access policies and no binding of its user or groups allows it".to_owned(),
        _ => "no binding of its user or groups allows it".to_owned(),
    };
    if let Some(mapping) = shadowed {
        let groups = and_list(&mapping.groups, "");
        reason.push_str(&format!(
            "; the aws-auth line that gives {groups} no longer counts, since an access entry comes first"
        ));
    }
    reason
}

fn reason_of_unauthorized(trace: &Trace) -> String {
    let lookup = &trace.lookup;
    match &lookup.outcome {
        Err(Refusal::Aws(exception)) => return exception.message.trim_end_matches('.').to_owned(),
        Err(Refusal::Token(fault)) => return format!("the bearer token is not taken: {fault}"),
        _ => {}
    }
    if lookup.mappings.iter().any(|mapping| mapping.fate == MappingFate::NotRead) {
        return format!("mode {} does not read aws-auth, and there is no access entry", lookup.mode.name());
    }
    if let Some(entry) = &lookup.entry {
        return match &entry.fate {
            EntryFate::Stale { .. } => "the access entry was made for an earlier principal of the same ARN".to_owned(),
            EntryFate::NotRead => format!("mode {} knows no access entries", lookup.mode.name()),
            EntryFate::Decides => match &lookup.outcome {
                Err(Refusal::Authenticator(denial)) => denial.to_string(),
                _ => "the access entry could not be used".to_owned(),
            },
        };
    }
    match lookup.mode {
        AuthenticationMode::Api => "no access entry is for this principal".to_owned(),
        AuthenticationMode::ConfigMap => "no line of aws-auth maps this principal".to_owned(),
        AuthenticationMode::ApiAndConfigMap => {
            "no access entry and no line of aws-auth is for this principal".to_owned()
        }
    }
}
