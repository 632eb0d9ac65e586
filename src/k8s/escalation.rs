//! Privilege-escalation checks on writes of RBAC objects (rbac 11).
//!
//! They come after the ordinary permission to write and before field validation.
//! Deleting is not checked, and an update that changes nothing but owner references, finalizers and managed fields
//! gives nothing away, whatever the role holds and whether it exists or not.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::attributes::{Action, ResourceAction, UserInfo};
use super::rbac::{API_GROUP, BindingKey, PolicyRule, Rbac, RoleRef};
use super::resolve::{Event, Unresolved, is_super_user, resolve, walk};
use super::rules::{group_matches, name_matches, url_covers, verb_matches};
use crate::formats::go_text::{aggregate, quote, quote_list};

/// A write of a Role or ClusterRole.
#[derive(Clone, Copy, Debug)]
pub struct RoleWrite<'a> {
    /// The namespace of a Role; none for a ClusterRole.
    pub namespace: Option<&'a str>,
    /// The name of the object.
    pub name: &'a str,
    /// The name in the request's path: empty on create, else that of the object.
    pub request_name: &'a str,
    /// All rules of the new object.
    pub rules: &'a [PolicyRule],
    /// True for an update that leaves the object as it is, but for owner references, finalizers and managed fields.
    pub unchanged: bool,
    /// True if the new ClusterRole, or the one that it replaces, has selectors in its `aggregationRule`.
    pub aggregates: bool,
}

/// Why a write was refused. The text is that of the API's status.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// 403: the caller would give away what it does not hold.
    #[error("{} is forbidden: {cause}", qualified(resource, name))]
    Forbidden {
        /// Plural resource of the object that is written.
        resource: &'static str,
        /// Its name.
        name: String,
        /// The text after `is forbidden: `.
        cause: String,
    },
    /// 404: the role of the binding does not exist.
    #[error("{} not found", qualified(resource, name))]
    RoleNotFound {
        /// `roles` or `clusterroles`.
        resource: &'static str,
        /// The name of the role.
        name: String,
    },
    /// 500: the binding refers to something else than a role.
    #[error("unsupported role reference kind: {}", quote(kind))]
    UnsupportedKind {
        /// What it refers to.
        kind: String,
    },
}

fn qualified(resource: &str, name: &str) -> String {
    format!("{resource}.{API_GROUP} {}", quote(name))
}

/// May `user` give a role these rules? `authorize` is the complete authorizer chain, asked for the verb `escalate`.
pub fn check_role_write(
    rbac: &Rbac,
    user: &UserInfo,
    write: &RoleWrite<'_>,
    authorize: impl Fn(&UserInfo, &Action) -> bool,
) -> Result<(), Refused> {
    let resource = if write.namespace.is_some() { "roles" } else { "clusterroles" };
    let escalate = action("escalate", API_GROUP, resource, write.request_name, write.namespace);
    if write.unchanged || is_super_user(user) || authorize(user, &escalate) {
        return Ok(());
    }
    let forbidden = |cause| Refused::Forbidden { resource, name: write.name.to_owned(), cause };
    let held = Held::of(rbac, user, write.namespace);
    held.cover(user, write.rules).map_err(forbidden)?;
    if write.namespace.is_none() && write.aggregates && held.cover(user, &full_authority()).is_err() {
        return Err(forbidden("must have cluster-admin privileges to use the aggregationRule".to_owned()));
    }
    Ok(())
}

/// A write of a RoleBinding or ClusterRoleBinding.
#[derive(Clone, Copy, Debug)]
pub struct BindingWrite<'a> {
    /// The binding.
    pub key: &'a BindingKey,
    /// The role that it gives.
    pub role_ref: &'a RoleRef,
    /// As of [`RoleWrite::unchanged`].
    pub unchanged: bool,
}

/// May `user` give somebody this role? `authorize` is the complete authorizer chain, asked for the verb `bind`.
pub fn check_binding_write(
    rbac: &Rbac,
    user: &UserInfo,
    write: &BindingWrite<'_>,
    authorize: impl Fn(&UserInfo, &Action) -> bool,
) -> Result<(), Refused> {
    let BindingWrite { key, role_ref, unchanged } = *write;
    let namespace = key.namespace.as_deref();
    let may_bind =
        |resource| authorize(user, &action("bind", &role_ref.api_group, resource, &role_ref.name, namespace));
    let bind = match role_ref.kind.as_str() {
        "Role" => may_bind("roles"),
        "ClusterRole" => may_bind("clusterroles"),
        _ => false,
    };
    if unchanged || is_super_user(user) || bind {
        return Ok(());
    }
    let not_found = |resource, name: &str| Refused::RoleNotFound { resource, name: name.to_owned() };
    let rules = resolve(rbac, role_ref, namespace).map_err(|error| match error {
        Unresolved::Role(name) => not_found("roles", name),
        Unresolved::ClusterRole(name) => not_found("clusterroles", name),
        Unresolved::Kind(kind) => Refused::UnsupportedKind { kind: kind.to_owned() },
    })?;
    let resource = if namespace.is_some() { "rolebindings" } else { "clusterrolebindings" };
    let forbidden = |cause| Refused::Forbidden { resource, name: key.name.as_ref().to_owned(), cause };
    Held::of(rbac, user, namespace).cover(user, rules).map_err(forbidden)
}

fn action(verb: &str, group: &str, resource: &str, name: &str, namespace: Option<&str>) -> Action {
    let namespace = namespace.unwrap_or_default();
    let [verb, api_group, resource, name, namespace] = [verb, group, resource, name, namespace].map(str::to_owned);
    Action::Resource(ResourceAction { verb, api_group, resource, subresource: String::new(), name, namespace })
}

/// What a role with an aggregation rule may come to hold.
fn full_authority() -> [PolicyRule; 2] {
    let all = || vec!["*".to_owned()];
    [
        PolicyRule { verbs: all(), api_groups: all(), resources: all(), ..PolicyRule::default() },
        PolicyRule { verbs: all(), non_resource_urls: all(), ..PolicyRule::default() },
    ]
}

/// The rules that a caller holds, and the errors met in finding them.
struct Held<'a> {
    rules: Vec<&'a PolicyRule>,
    unresolved: Vec<Unresolved<'a>>,
}

impl<'a> Held<'a> {
    fn of(rbac: &'a Rbac, user: &'a UserInfo, namespace: Option<&'a str>) -> Self {
        let mut held = Self { rules: Vec::new(), unresolved: Vec::new() };
        walk(rbac, user, namespace, |_, event| {
            match event {
                Event::Applies => {}
                Event::Unresolved(error) => held.unresolved.push(error),
                Event::Rule(_, rule) => held.rules.push(rule),
            }
            ControlFlow::<()>::Continue(())
        });
        held
    }

    /// Is every single right of `rules` covered by one rule that is held? `Err` is the cause of the refusal.
    fn cover(&self, user: &UserInfo, rules: &[PolicyRule]) -> Result<(), String> {
        let missing = missing_rights(&self.rules, rules);
        if missing.is_empty() {
            return Ok(());
        }
        let lines: Vec<_> = missing.into_iter().collect();
        let mut cause = format!(
            "user {} (groups={}) is attempting to grant RBAC permissions not currently held:\n{}",
            quote(&user.username),
            quote_list(&user.groups),
            lines.join("\n")
        );
        if !self.unresolved.is_empty() {
            let errors = aggregate(self.unresolved.iter().map(Unresolved::storage_text));
            cause.push_str(&format!("; resolution errors: [{errors}]"));
        }
        Err(cause)
    }
}

/// The most single rights that one check looks at. A rule of four long lists stands for billions of them.
/// Beyond it the write is refused (a limit of this program; the server has none but the size of a request).
const MOST_RIGHTS: usize = 200_000;

/// The rights of `wanted` that no rule of `held` covers, each as a line of the refusal.
fn missing_rights(held: &[&PolicyRule], wanted: &[PolicyRule]) -> BTreeSet<String> {
    let mut missing = Missing { resources: BTreeMap::new(), lines: BTreeSet::new(), left: MOST_RIGHTS };
    for rule in wanted.iter().filter(|rule| !held.iter().any(|held| covers_whole(held, rule))) {
        if missing.resource_rights(held, rule).and_then(|()| missing.url_rights(held, rule)).is_none() {
            break;
        }
    }
    let mut lines = missing.lines;
    lines.extend(missing.resources.into_iter().map(|((group, resource, name), verbs)| {
        let name = name.map(|name| format!(", ResourceNames:[{}]", quote(name))).unwrap_or_default();
        let (group, resource, verbs) = (quote(group), quote(resource), quote_list(&verbs));
        format!("{{APIGroups:[{group}], Resources:[{resource}]{name}, Verbs:{verbs}}}")
    }));
    lines
}

/// Rights found missing so far.
struct Missing<'a> {
    /// Verbs by group, resource and name, in order of appearance; one that several rules list stands there as often.
    resources: BTreeMap<(&'a str, &'a str, Option<&'a str>), Vec<&'a str>>,
    lines: BTreeSet<String>,
    /// How many rights may still be looked at; the last one counts as missing.
    left: usize,
}

impl<'a> Missing<'a> {
    /// Looks at every resource right of `rule`. The rules that can cover one are narrowed down list by list.
    /// None if there were too many.
    fn resource_rights(&mut self, held: &[&PolicyRule], rule: &'a PolicyRule) -> Option<()> {
        if rule.verbs.is_empty() {
            return Some(());
        }
        for group in &rule.api_groups {
            let held = filtered(held, |held| group_matches(held, group));
            for resource in &rule.resources {
                let held = filtered(&held, |held| resource_covered(held, resource));
                for verb in &rule.verbs {
                    let held = filtered(&held, |held| verb_matches(held, verb));
                    let names = rule.resource_names.iter().map(|name| Some(name.as_str()));
                    for name in names.chain(rule.resource_names.is_empty().then_some(None)) {
                        self.left -= 1;
                        if self.left == 0 || !held.iter().any(|held| name_covered(held, name)) {
                            self.resources.entry((group, resource, name)).or_default().push(verb);
                        }
                        (self.left > 0).then_some(())?;
                    }
                }
            }
        }
        Some(())
    }

    /// Looks at every URL right of `rule`. None if there were too many.
    fn url_rights(&mut self, held: &[&PolicyRule], rule: &PolicyRule) -> Option<()> {
        for url in &rule.non_resource_urls {
            // The server compares all parts of a right, so a rule that is limited to names covers no URL either.
            let held = filtered(held, |held| held.resource_names.is_empty() && url_covered(held, url));
            for verb in &rule.verbs {
                self.left -= 1;
                if self.left == 0 || !held.iter().any(|held| verb_matches(held, verb)) {
                    self.lines.insert(format!("{{NonResourceURLs:[{}], Verbs:[{}]}}", quote(url), quote(verb)));
                }
                (self.left > 0).then_some(())?;
            }
        }
        Some(())
    }
}

/// Does `held` cover every right of `wanted`? Spares taking `wanted` apart, as with cluster administrators.
fn covers_whole(held: &PolicyRule, wanted: &PolicyRule) -> bool {
    let names = &wanted.resource_names;
    let all_names = held.resource_names.is_empty()
        || wanted.non_resource_urls.is_empty()
            && !names.is_empty()
            && names.iter().all(|name| name_matches(held, name));
    all_names
        && wanted.verbs.iter().all(|verb| verb_matches(held, verb))
        && wanted.api_groups.iter().all(|group| group_matches(held, group))
        && wanted.resources.iter().all(|resource| resource_covered(held, resource))
        && wanted.non_resource_urls.iter().all(|url| url_covered(held, url))
}

fn filtered<'a>(rules: &[&'a PolicyRule], keep: impl Fn(&PolicyRule) -> bool) -> Vec<&'a PolicyRule> {
    rules.iter().copied().filter(|rule| keep(rule)).collect()
}

/// Does the rule cover the right on `resource`, itself perhaps `*` or `*/SUBRESOURCE`?
fn resource_covered(rule: &PolicyRule, resource: &str) -> bool {
    let any_parent = resource.split_once('/').map(|(_, subresource)| format!("*/{subresource}"));
    rule.resources.iter().any(|entry| entry == "*" || entry == resource || Some(entry) == any_parent.as_ref())
}

/// Does the rule cover a right on that name, or on all names?
fn name_covered(rule: &PolicyRule, name: Option<&str>) -> bool {
    match name {
        Some(name) => name_matches(rule, name),
        None => rule.resource_names.is_empty(),
    }
}

fn url_covered(rule: &PolicyRule, url: &str) -> bool {
    rule.non_resource_urls.iter().any(|entry| url_covers(entry, url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: &str) -> PolicyRule {
        serde_json::from_str(json).unwrap()
    }

    fn check(held: &[&str], wanted: &str, expected: &[&str]) {
        let held: Vec<_> = held.iter().map(|json| rule(json)).collect();
        let missing = missing_rights(&held.iter().collect::<Vec<_>>(), &[rule(wanted)]);
        assert_eq!(missing.into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn rights_are_covered_one_by_one_by_one_rule() {
        let pods = r#"{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}"#;
        check(&[pods], pods, &[]);
        check(&[], r#"{"verbs":["get"]}"#, &[]);
        check(
            &[pods],
            r#"{"verbs":["get","list"],"apiGroups":[""],"resources":["pods","pods/log"]}"#,
            &[
                r#"{APIGroups:[""], Resources:["pods"], Verbs:["list"]}"#,
                r#"{APIGroups:[""], Resources:["pods/log"], Verbs:["get" "list"]}"#,
            ],
        );
        let named = r#"{"verbs":["get"],"apiGroups":[""],"resources":["pods"],"resourceNames":["a"]}"#;
        check(&[pods], named, &[]);
        check(&[named], named, &[]);
        check(&[named], pods, &[r#"{APIGroups:[""], Resources:["pods"], Verbs:["get"]}"#]);
        let all = r#"{"verbs":["get"],"apiGroups":[""],"resources":["*"]}"#;
        check(&[all], r#"{"verbs":["get"],"apiGroups":[""],"resources":["pods/log","*/x","*"]}"#, &[]);
        let logs = r#"{"verbs":["get"],"apiGroups":[""],"resources":["*/log"]}"#;
        check(&[logs], r#"{"verbs":["get"],"apiGroups":[""],"resources":["pods/log","*/log"]}"#, &[]);
        check(&[logs], all, &[r#"{APIGroups:[""], Resources:["*"], Verbs:["get"]}"#]);
    }

    #[test]
    fn urls() {
        let logs = r#"{"verbs":["get"],"nonResourceURLs":["/logs*"]}"#;
        check(&[logs], r#"{"verbs":["get"],"nonResourceURLs":["/logs/*","/logs"]}"#, &[]);
        check(
            &[logs],
            r#"{"verbs":["get","put"],"nonResourceURLs":["/x","/logs"]}"#,
            &[
                r#"{NonResourceURLs:["/logs"], Verbs:["put"]}"#,
                r#"{NonResourceURLs:["/x"], Verbs:["get"]}"#,
                r#"{NonResourceURLs:["/x"], Verbs:["put"]}"#,
            ],
        );
        let limited = r#"{"verbs":["*"],"nonResourceURLs":["*"],"resourceNames":["a"]}"#;
        check(&[limited], logs, &[r#"{NonResourceURLs:["/logs*"], Verbs:["get"]}"#]);
    }

    #[test]
    fn huge_products_end() {
        let many: Vec<String> = (0..3000).map(|i| format!("x{i}")).collect();
        let huge = PolicyRule {
            verbs: many.clone(),
            api_groups: many.clone(),
            resources: many.clone(),
            resource_names: many,
            non_resource_urls: Vec::new(),
        };
        let all = rule(r#"{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}"#);
        let get = rule(r#"{"verbs":["x0"],"apiGroups":["*"],"resources":["*"]}"#);
        assert!(missing_rights(&[&all], std::slice::from_ref(&huge)).is_empty());
        assert!(!missing_rights(&[&get], std::slice::from_ref(&huge)).is_empty());
    }
}
