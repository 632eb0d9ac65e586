//! The trace of a decision: from the IAM caller to the rule, with everything that was looked at (eks 11, 12).
//!
//! The same walks that decide ([`super::authz`], [`resolve`]) are read to their end here.

use std::ops::ControlFlow;

use super::authn::{self, Lookup};
use super::authz::{self, PolicyEvent, Published};
use super::kube;
use super::request::Caller;
use super::world::{Association, Cluster, World};
use crate::k8s::attributes::{Action, UserInfo};
use crate::k8s::rbac::{PolicyRule, RoleRef, Subject};
use crate::k8s::resolve::{self, Decision, WhyNot};
use crate::k8s::rules::{Mismatch, rule_matches};
use crate::k8s::status::Status;

/// How many near misses of each kind a trace holds.
pub const NEAR_MISSES: usize = 8;

/// Why a caller may, or may not, do something.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// What was asked.
    pub action: Action,
    /// How the caller was looked up.
    pub lookup: Lookup,
    /// The refusal of an impersonation; the request then ends there.
    pub impersonation_refused: Option<Status>,
    /// Who the request is decided for; `None` if there is nobody (401, or a refused impersonation).
    pub user: Option<UserInfo>,
    /// True if access policies were put aside because of an impersonation (eks 12.7).
    pub impersonated: bool,
    /// True if membership of `system:masters` decided.
    pub super_user: bool,
    /// True if the node authorizer decided.
    pub node: bool,
    /// The caller's access policies.
    pub policies: Vec<PolicySeen>,
    /// The bindings that apply to the caller.
    pub bindings: Vec<BindingSeen>,
    /// Bindings that would allow it, but do not apply; none if something allows it.
    pub near: Vec<NearBinding>,
    /// The decision; not allowed if there is nobody to decide for.
    pub decision: Decision,
}

/// An access policy of the caller's entry.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicySeen {
    /// The association.
    pub association: Association,
    /// Whether its scope covers the request.
    pub covers: bool,
    /// Whether the policy's rules are public; if not, it was not evaluated.
    pub published: bool,
    /// The rules with their results; of a policy whose scope does not cover the request, what they would say.
    pub rules: Vec<RuleSeen>,
}

impl PolicySeen {
    /// True if this policy allows the request.
    pub fn allows(&self) -> bool {
        self.covers && self.would_allow()
    }

    /// True if this policy would allow the request if its scope covered it.
    pub fn would_allow(&self) -> bool {
        self.rules.iter().any(|rule| rule.outcome.is_ok())
    }
}

/// A rule, and whether it allows the request.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleSeen {
    /// Its place, from 0.
    pub index: usize,
    /// The rule.
    pub rule: PolicyRule,
    /// What keeps it from matching, if anything.
    pub outcome: Result<(), Mismatch>,
}

/// A binding that applies to the caller.
#[derive(Clone, Debug, PartialEq)]
pub struct BindingSeen {
    /// Its namespace; none for a ClusterRoleBinding.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// The role.
    pub role: RoleRef,
    /// The subject that matches.
    pub subject: Subject,
    /// The role's rules with their results, or the error of a role that is missing.
    pub rules: Result<Vec<RuleSeen>, String>,
}

impl BindingSeen {
    /// True if this binding allows the request.
    pub fn allows(&self) -> bool {
        self.rules.as_ref().is_ok_and(|rules| rules.iter().any(|rule| rule.outcome.is_ok()))
    }
}

/// A binding whose role would allow the request, but which does not apply.
#[derive(Clone, Debug, PartialEq)]
pub struct NearBinding {
    /// Its namespace; none for a ClusterRoleBinding.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// The role.
    pub role: RoleRef,
    /// Why it does not apply.
    pub why: NearWhy,
}

/// Why a binding does not apply.
#[derive(Clone, Debug, PartialEq)]
pub enum NearWhy {
    /// It names the caller, but counts in another namespace.
    OtherNamespace,
    /// It does not name the caller; perhaps it names something alike.
    OtherSubject(Option<Subject>),
}

/// Explains what `caller` may do.
pub fn explain(world: &World, cluster: &Cluster, caller: &Caller, action: &Action) -> Trace {
    let mut trace = Trace::start(authn::look_up(world, cluster, &caller.credential), action);
    trace.impersonated = caller.impersonate.is_some();
    let Ok(identity) = trace.lookup.outcome.clone() else { return trace };
    let identity = match &caller.impersonate {
        None => identity,
        Some(wanted) => match kube::impersonate(cluster, &identity, wanted) {
            Ok(identity) => identity,
            Err(status) => {
                trace.impersonation_refused = Some(status);
                return trace;
            }
        },
    };
    trace.authorize(cluster, identity);
    trace
}

/// Explains what an identity taken as stated may do: a service account, or somebody whom `kubectl --as` names. No
/// access policy counts for it (eks 12.7).
pub fn explain_stated(cluster: &Cluster, user: &UserInfo, action: &Action) -> Trace {
    let mut trace = Trace::start(Lookup::stated(cluster, user.clone()), action);
    trace.authorize(cluster, authz::Identity { user: user.clone(), holder: None });
    trace
}

fn seen(index: usize, rule: &PolicyRule, action: &Action) -> RuleSeen {
    RuleSeen { index, rule: rule.clone(), outcome: rule_matches(rule, action) }
}

fn policies(cluster: &Cluster, identity: &authz::Identity, action: &Action) -> Vec<PolicySeen> {
    Published::with(|published| {
        let mut out: Vec<PolicySeen> = Vec::new();
        authz::walk_policies(cluster, identity, action, published, |event| {
            match event {
                PolicyEvent::Association(association, covers) => out.push(PolicySeen {
                    association: association.clone(),
                    covers,
                    published: true,
                    rules: Vec::new(),
                }),
                PolicyEvent::NotPublished(_) => {
                    if let Some(last) = out.last_mut() {
                        last.published = false;
                    }
                }
                PolicyEvent::Rule(_, index, rule) => {
                    if let Some(last) = out.last_mut() {
                        last.rules.push(seen(index, rule, action));
                    }
                }
            }
            ControlFlow::<()>::Continue(())
        });
        // What a policy would say if its scope covered the request is a near miss worth knowing.
        for policy in out.iter_mut().filter(|policy| !policy.covers) {
            let rules = published.of(&policy.association.policy_arn).unwrap_or_default();
            policy.rules = rules.iter().enumerate().map(|(index, rule)| seen(index, rule, action)).collect();
        }
        out
    })
}

fn bindings(cluster: &Cluster, user: &UserInfo, action: &Action) -> Vec<BindingSeen> {
    let explanation = resolve::explain(cluster.objects.rbac(), user, action);
    let considered = explanation.considered.into_iter().map(|considered| BindingSeen {
        namespace: considered.grant.key.namespace.as_ref().map(ToString::to_string),
        name: considered.grant.key.name.to_string(),
        role: considered.grant.binding.role_ref.clone(),
        subject: considered.grant.subject.clone(),
        rules: match considered.rules {
            Err(unresolved) => Err(unresolved.to_string()),
            Ok(tried) => Ok(tried
                .into_iter()
                .map(|tried| RuleSeen { index: tried.index, rule: tried.rule.clone(), outcome: tried.outcome })
                .collect()),
        },
    });
    considered.collect()
}

fn near(cluster: &Cluster, user: &UserInfo, action: &Action) -> Vec<NearBinding> {
    let misses = resolve::near_misses(cluster.objects.rbac(), user, action, NEAR_MISSES);
    let near = misses.into_iter().map(|miss| NearBinding {
        namespace: miss.key.namespace.as_ref().map(ToString::to_string),
        name: miss.key.name.to_string(),
        role: miss.binding.role_ref.clone(),
        why: match miss.why {
            WhyNot::Namespace => NearWhy::OtherNamespace,
            WhyNot::Subject(alike) => NearWhy::OtherSubject(alike.cloned()),
        },
    });
    near.collect()
}

impl Trace {
    fn start(lookup: Lookup, action: &Action) -> Self {
        Self {
            action: action.clone(),
            lookup,
            impersonation_refused: None,
            user: None,
            impersonated: false,
            super_user: false,
            node: false,
            policies: Vec::new(),
            bindings: Vec::new(),
            near: Vec::new(),
            decision: Decision::default(),
        }
    }

    /// Asks every authorizer about `identity`.
    fn authorize(&mut self, cluster: &Cluster, identity: authz::Identity) {
        let action = &self.action;
        self.super_user = resolve::is_super_user(&identity.user);
        self.node = authz::node_allows(&identity.user, action);
        self.policies = policies(cluster, &identity, action);
        self.bindings = bindings(cluster, &identity.user, action);
        self.decision = authz::decide(cluster, &identity, action);
        if !self.decision.allowed {
            self.near = near(cluster, &identity.user, action);
        }
        self.user = Some(identity.user);
    }

    /// True if somebody stands behind the request: the difference between 401 and 403.
    pub fn is_authenticated(&self) -> bool {
        self.lookup.outcome.is_ok()
    }

    /// True if any authorizer's own record allows; holds whenever the decision does.
    pub fn some_record_allows(&self) -> bool {
        self.super_user
            || self.node
            || self.policies.iter().any(PolicySeen::allows)
            || self.bindings.iter().any(BindingSeen::allows)
    }
}
