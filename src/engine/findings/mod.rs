//! A linter over both worlds: what in a cluster's access will surprise somebody, why, and what to do.
//!
//! The lints that aws-auth shows by itself are those of [`aws_auth_lint`] (iam 11); the others need the mode, the
//! entries, the bindings or the principals, and are in the modules below. A finding is a remark, never a decision:
//! nothing in the engine reads it.

mod aws_auth;
mod bindings;
mod entries;
pub(super) mod remedy;
mod risks;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::authn::AWS_AUTH;
use super::request::{Credential, Request};
use super::world::{Cluster, World};
use crate::aws::aws_auth_lint::{self, Place, rules as aws_auth_rules};
use crate::formats::ordered::sort_by;

pub use bindings::{Bound, own as own_bindings};

pub use crate::aws::aws_auth_lint::Severity;
pub use crate::aws::aws_auth_lint::rules::Rule;

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectRef {
    /// The cluster as a whole.
    Cluster(String),
    /// The aws-auth ConfigMap, or a place in it.
    AwsAuth(Option<Place>),
    /// The access entry of this principal.
    AccessEntry(String),
    /// An access policy on the entry of this principal: the principal's and the policy's ARN.
    Association(String, String),
    /// A Kubernetes object.
    Object {
        /// Its kind, such as `RoleBinding`.
        kind: &'static str,
        /// Its namespace; empty for cluster-scoped kinds.
        namespace: String,
        /// Its name.
        name: String,
    },
}

impl std::fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cluster(name) => write!(f, "cluster {name}"),
            Self::AwsAuth(None) => write!(f, "ConfigMap {}/{}", AWS_AUTH.0, AWS_AUTH.1),
            Self::AwsAuth(Some(Place { key, line, entry })) => {
                write!(f, "aws-auth {key}")?;
                line.map_or(Ok(()), |line| write!(f, ", line {line}"))?;
                entry.map_or(Ok(()), |entry| write!(f, ", entry {}", entry.saturating_add(1)))
            }
            Self::AccessEntry(principal) => write!(f, "access entry {principal}"),
            Self::Association(principal, policy) => {
                write!(f, "{} on access entry {principal}", policy.rsplit('/').next().unwrap_or_default())
            }
            Self::Object { kind, namespace, name } if namespace.is_empty() => write!(f, "{kind} {name}"),
            Self::Object { kind, namespace, name } => write!(f, "{kind} {namespace}/{name}"),
        }
    }
}

/// What can be done about a finding.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remedy {
    /// In words.
    pub text: String,
    /// Command lines that do it, if there are any.
    pub commands: Vec<String>,
    /// The same as calls, in order.
    pub requests: Vec<Request>,
}

/// One remark.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// A fixed word for its kind.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub object: ObjectRef,
    /// What is the matter.
    pub message: String,
    /// Why it matters.
    pub reason: &'static str,
    /// What to do.
    pub remedy: Option<Remedy>,
    /// Rule and public source.
    pub source: &'static str,
}

/// All kinds of findings, with their reasons, remedies and sources: those of aws-auth first.
pub fn catalogue() -> impl Iterator<Item = &'static Rule> {
    aws_auth_rules::RULES.iter().chain(rules::RULES)
}

/// All findings about a cluster, worst first, then by id and object.
/// The IAM users of the world count as callers ([`findings_for`]).
pub fn findings(world: &World, cluster: &Cluster) -> Vec<Finding> {
    findings_for(world, cluster, &keys(world))
}

/// The keys of the account's users.
fn keys(world: &World) -> Vec<Credential> {
    world.users.iter().map(|user| Credential::AccessKey(user.access_key.clone())).collect()
}

/// Like [`findings`], with the credentials that are in use: a line for nodes that meets a person is found by them.
pub fn findings_for(world: &World, cluster: &Cluster, callers: &[Credential]) -> Vec<Finding> {
    let mut report = Report { found: Vec::new() };
    aws_auth::check(world, cluster, callers, &mut report);
    entries::check(world, cluster, &mut report);
    bindings::check(cluster, &mut report);
    risks::check(cluster, &mut report);
    let mut found = report.found;
    sort_by(&mut found, &|a, b| {
        (a.severity, a.id, &a.object, &a.message).cmp(&(b.severity, b.id, &b.object, &b.message))
    });
    found
}

/// The findings about aws-auth if its data were `data`, in no order. `bound` is read from the cluster once for many texts.
pub fn of_aws_auth(world: &World, cluster: &Cluster, data: &BTreeMap<String, String>, bound: &Bound) -> Vec<Finding> {
    let mut report = Report { found: Vec::new() };
    aws_auth::check_data(world, cluster, Some(data), bound, &keys(world), &mut report);
    report.found
}

/// Findings in the making.
struct Report {
    found: Vec<Finding>,
}

impl Report {
    /// A finding of a rule, with its usual severity and its words of remedy.
    fn add(&mut self, id: &str, object: ObjectRef, message: String) -> Option<&mut Finding> {
        // Every id has its rule; a test holds that.
        let rule = catalogue().find(|rule| rule.id == id)?;
        self.found.push(finding(rule, object, message));
        self.found.last_mut()
    }

    /// The same with a remedy that can be carried out.
    fn add_with(&mut self, id: &str, object: ObjectRef, message: String, steps: Vec<remedy::Step>) {
        let Some(Remedy { commands, requests, .. }) =
            self.add(id, object, message).and_then(|finding| finding.remedy.as_mut())
        else {
            return;
        };
        for step in steps {
            commands.push(step.command);
            requests.extend(step.request);
        }
    }

    fn lint(&mut self, lint: aws_auth_lint::Lint) {
        let severity = lint.severity;
        let finding = finding(lint.rule, ObjectRef::AwsAuth(Some(lint.place)), lint.message);
        self.found.push(Finding { severity, ..finding });
    }
}

fn finding(rule: &'static Rule, object: ObjectRef, message: String) -> Finding {
    let remedy = Remedy { text: rule.remedy.to_owned(), ..Remedy::default() };
    Finding {
        id: rule.id,
        severity: rule.severity,
        object,
        message,
        reason: rule.reason,
        remedy: Some(remedy).filter(|remedy| !remedy.text.is_empty()),
        source: rule.source,
    }
}
