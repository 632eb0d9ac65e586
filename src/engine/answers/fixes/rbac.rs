//! Rights by roles and bindings.

use std::ops::ControlFlow;

use serde_json::{Value, json};

use super::objects::{plain, role_kind, subject, unused};
use super::{Case, Draft, Kind, grants, objects};
use crate::aws::eks::EntryType;
use crate::engine::authn::Via;
use crate::engine::{Request, kube};
use crate::formats::ordered::sort_by;
use crate::k8s::attributes::{Action, ResourceAction, UserInfo};
use crate::k8s::rbac::{BindingKey, PolicyRule, Subject};
use crate::k8s::resolve::{self, Event, resolve};
use crate::k8s::rules::rules_allow;
use crate::k8s::who_can::allowing_bindings;

/// The most roles, and the most bindings, that are tried.
const TRIED: usize = 6;

/// Somebody to bind a role to, and what has to be done before.
struct Whom {
    subject: Subject,
    text: String,
    before: Vec<Request>,
}

/// Roles and bindings for whoever the request is decided for.
pub fn drafts(case: &Case<'_>) -> Vec<Draft> {
    let Some(identity) = &case.identity else { return Vec::new() };
    let user = &identity.user;
    if user.username == "system:anonymous" {
        // Whoever has no credentials needs some: rights for the whole world are no fix.
        return Vec::new();
    }
    let rule = rule_for(case.action);
    let names = Names::of(case, user);
    let mut drafts = Vec::new();
    bound_roles(case, user, &rule, &mut drafts);
    for whom in subjects(case, user, &names) {
        new_role(case, &names, &whom, &rule, &mut drafts);
        existing_roles(case, &names, &whom, &mut drafts);
        existing_bindings(case, &whom, &mut drafts);
    }
    drafts
}

/// A rule for exactly this request. A name in it counts where requests carry one (rbac 5).
fn rule_for(action: &Action) -> Value {
    let mut rule = PolicyRule { verbs: vec![action.verb().to_owned()], ..PolicyRule::default() };
    match action {
        Action::Url { path, .. } => rule.non_resource_urls.push(path.clone()),
        Action::Resource(ResourceAction { verb, api_group, resource, subresource, name, .. }) => {
            rule.api_groups.push(api_group.clone());
            rule.resources.push(match subresource.as_str() {
                "" => resource.clone(),
                subresource => format!("{resource}/{subresource}"),
            });
            let is_new = verb == "create" && subresource.is_empty();
            rule.resource_names.extend(Some(name.clone()).filter(|name| !name.is_empty() && !is_new));
        }
    }
    json!(rule)
}

/// Names for what is made.
struct Names {
    /// Of a role: `get-pods`.
    role: String,
    /// Of whom it is for.
    user: String,
}

impl Names {
    fn of(case: &Case<'_>, user: &UserInfo) -> Self {
        let wanted = match case.action {
            Action::Url { verb, path } => plain(&format!("{verb} {path}")),
            Action::Resource(asked) => plain(&format!("{} {} {}", asked.verb, asked.resource, asked.subresource)),
        };
        let rbac = case.cluster.objects.rbac();
        let taken = |name: &str| match case.action.namespace() {
            Some(namespace) => rbac.role(namespace, name).is_some(),
            None => rbac.cluster_role(name).is_some(),
        };
        let last = user.username.rsplit(['/', ':']).next().unwrap_or_default();
        Self { role: unused(&wanted, taken), user: plain(last) }
    }

    fn binding(&self, case: &Case<'_>, role: &str, whom: &Subject) -> BindingKey {
        let rbac = case.cluster.objects.rbac();
        let key = |name: &str| match case.action.namespace() {
            Some(namespace) => BindingKey::namespaced(namespace, name),
            None => BindingKey::cluster(name),
        };
        let who = if whom.kind == "User" { self.user.clone() } else { plain(&whom.name) };
        let wanted = format!("{}-{who}", plain(role));
        key(&unused(&wanted, |name| rbac.binding(&key(name)).is_some()))
    }
}

/// The user, its groups, and for sessions of a role a group of the role: user names of sessions differ.
fn subjects(case: &Case<'_>, user: &UserInfo, names: &Names) -> Vec<Whom> {
    let simple =
        |subject: Subject| Whom { text: format!("{} {}", subject.kind, subject.name), subject, before: Vec::new() };
    let mut all = Vec::new();
    match kube::service_account(&user.username) {
        Some((namespace, name)) => {
            let (namespace, kind) = (namespace.to_owned(), "ServiceAccount".to_owned());
            all.push(simple(Subject { kind, api_group: String::new(), name: name.to_owned(), namespace }));
        }
        None if !user.username.is_empty() => all.push(simple(subject("User", &user.username))),
        None => {}
    }
    // Of Kubernetes' own groups only those of service accounts, and only where the question is about such a group.
    let own = |group: &str| group.starts_with("system:serviceaccounts") && user.username.is_empty();
    let groups = user.groups.iter().filter(|group| !group.starts_with("system:") || own(group));
    all.extend(groups.take(TRIED).map(|group| simple(subject("Group", group))));
    let lookup = case.lookup.as_ref().filter(|_| !case.impersonates());
    let Some(lookup) = lookup.filter(|lookup| lookup.caller.as_ref().is_some_and(|c| !c.session_name.is_empty()))
    else {
        return all;
    };
    if all.len() > 1 {
        return all;
    }
    let group = format!("{}-{}", names.role, plain(&role_name(case)));
    let before = match &lookup.via {
        Some(Via::Entry(arn)) => {
            let entry = case.cluster.entries.get(arn).filter(|entry| entry.kind == EntryType::Standard);
            entry.map(|entry| grants::with_group(case, entry, &group))
        }
        Some(Via::Mapping(section, index)) => grants::line_with_group(case, *section, *index, &group)
            .map(|text| objects::aws_auth(case.cluster, section.as_str(), &text)),
        _ => None,
    };
    all.extend(before.map(|before| Whom {
        text: format!("Group {group}, which all sessions of the role get"),
        subject: subject("Group", &group),
        before: vec![before],
    }));
    all
}

fn role_name(case: &Case<'_>) -> String {
    let principal = case.principal().map(|(_, arn)| arn).unwrap_or_default();
    principal.rsplit('/').next().unwrap_or_default().to_owned()
}

fn place(case: &Case<'_>) -> String {
    case.action.namespace().map_or_else(|| "the whole cluster".to_owned(), |name| format!("namespace {name}"))
}

fn new_role(case: &Case<'_>, names: &Names, whom: &Whom, rule: &Value, drafts: &mut Vec<Draft>) {
    let (cluster, namespace) = (case.cluster, case.action.namespace());
    let key = names.binding(case, &names.role, &whom.subject);
    let kind = role_kind(namespace);
    let mut requests = objects::namespace(cluster, case.action);
    requests.extend(whom.before.iter().cloned());
    requests.push(objects::role(cluster, namespace, &names.role, std::slice::from_ref(rule)));
    requests.push(objects::binding(cluster, &key, kind, &names.role, &whom.subject));
    let label = format!("Create {kind} {} for exactly this in {}, bind it to {}", names.role, place(case), whom.text);
    drafts.push(Draft::new(Kind::CreateRoleAndBinding, label, requests));
}

/// How much a role grants, roughly.
fn size(rules: &[PolicyRule]) -> u64 {
    // In the browser a usize has 32 bits, which three stars would pass.
    let length = |list: &[String]| u64::try_from(list.len()).unwrap_or(u64::MAX).min(1000);
    let weight = |list: &[String]| if list.iter().any(|item| item == "*") { 1000 } else { length(list) };
    let of = |rule: &PolicyRule| {
        let names = if rule.resource_names.is_empty() { 10 } else { length(&rule.resource_names).min(10) };
        weight(&rule.verbs)
            * (weight(&rule.resources) * weight(&rule.api_groups) * names + length(&rule.non_resource_urls))
    };
    rules.iter().map(of).sum()
}

/// Roles made for the parts of Kubernetes and EKS themselves.
fn is_internal(name: &str) -> bool {
    name.starts_with("system:") || name.starts_with("eks:")
}

fn existing_roles(case: &Case<'_>, names: &Names, whom: &Whom, drafts: &mut Vec<Draft>) {
    let (cluster, rbac) = (case.cluster, case.cluster.objects.rbac());
    let of_cluster = rbac.cluster_roles().map(|(name, role, _)| ("ClusterRole", &**name, role.rules.as_slice()));
    let namespace = case.action.namespace();
    let of_namespace = rbac.roles().filter(|(home, ..)| Some(*home) == namespace);
    let of_namespace = of_namespace.map(|(_, name, role)| ("Role", name, role.rules.as_slice()));
    let allows = |(_, name, rules): &(&str, &str, &[PolicyRule])| !is_internal(name) && rules_allow(rules, case.action);
    let mut roles: Vec<_> = of_namespace.chain(of_cluster).filter(allows).collect();
    sort_by(&mut roles, &|a, b| size(a.2).cmp(&size(b.2)));
    for (kind, role, _) in roles.into_iter().take(TRIED) {
        let key = names.binding(case, role, &whom.subject);
        let mut requests = objects::namespace(cluster, case.action);
        requests.extend(whom.before.iter().cloned());
        requests.push(objects::binding(cluster, &key, kind, role, &whom.subject));
        let label = format!("Bind {kind} {role} in {} to {}", place(case), whom.text);
        drafts.push(Draft::new(Kind::BindRole, label, requests));
    }
}

/// One more subject in a binding that allows the request to others.
fn existing_bindings(case: &Case<'_>, whom: &Whom, drafts: &mut Vec<Draft>) {
    let (rbac, stock) = (case.cluster.objects.rbac(), case.cluster.objects.stock_rbac());
    let allowing = allowing_bindings(rbac, case.action).filter_map(Result::ok);
    let own = allowing.filter(|allowing| stock.binding(allowing.key).is_none() && !is_internal(&allowing.key.name));
    for allowing in own.take(TRIED) {
        let BindingKey { namespace, name } = allowing.key;
        let list = ("subjects", allowing.binding.subjects.is_empty());
        let mut requests = whom.before.clone();
        let kind = allowing.key.kind();
        requests.push(objects::append(case.cluster, kind, namespace.as_deref(), name, list, json!(whom.subject)));
        let label = format!("Add {} to {kind} {name}", whom.text);
        drafts.push(Draft::new(Kind::AddSubject, label, requests));
    }
}

/// Roles that are bound to the user already: one more rule, or the role itself if it is missing.
fn bound_roles(case: &Case<'_>, user: &UserInfo, rule: &Value, drafts: &mut Vec<Draft>) {
    let (cluster, rbac, stock) = (case.cluster, case.cluster.objects.rbac(), case.cluster.objects.stock_rbac());
    let mut tried = 0;
    resolve::walk(rbac, user, case.action.namespace(), |grant, event| {
        if !matches!(event, Event::Applies) {
            return ControlFlow::Continue(());
        }
        let home = grant.key.namespace.as_deref();
        let role = &grant.binding.role_ref;
        let namespace = if role.kind == "Role" { home } else { None };
        let draft = match resolve(rbac, role, home) {
            Err(_) => {
                let request = objects::role(cluster, namespace, &role.name, std::slice::from_ref(rule));
                let label =
                    format!("Create {} {}, which {} {} misses", role.kind, role.name, grant.key.kind(), grant.key.name);
                Draft::new(Kind::CreateRole, label, vec![request])
            }
            Ok(_)
                if role.kind == "ClusterRole" && stock.cluster_role(&role.name).is_some()
                    || is_internal(&role.name) =>
            {
                return ControlFlow::Continue(());
            }
            Ok(rules) => {
                let list = ("rules", rules.is_empty());
                let request = objects::append(cluster, &role.kind, namespace, &role.name, list, rule.clone());
                let label = format!("Add a rule for exactly this to {} {}", role.kind, role.name);
                Draft::new(Kind::AddRule, label, vec![request])
            }
        };
        if !drafts.contains(&draft) {
            drafts.push(draft);
            tried += 1;
        }
        if tried == TRIED { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
}

/// The right to impersonate, for a caller that may not (rbac 7).
pub fn impersonation(case: &Case<'_>) -> Vec<Draft> {
    let super::Principal::Caller(crate::engine::Caller { impersonate: Some(wanted), .. }) = case.who else {
        return Vec::new();
    };
    let caller = case.lookup.as_ref().and_then(|lookup| lookup.outcome.as_ref().ok());
    let Some(user) = caller.filter(|_| case.identity.is_none()).map(|identity| &identity.user) else {
        return Vec::new();
    };
    let rule = |group: &str, resource: &str, names: &[String]| json!({"verbs": ["impersonate"], "apiGroups": [group], "resources": [resource], "resourceNames": names});
    let mut rules = vec![match kube::service_account(&wanted.user) {
        Some((_, name)) => rule("", "serviceaccounts", &[name.to_owned()]),
        None => rule("", "users", std::slice::from_ref(&wanted.user)),
    }];
    if !wanted.groups.is_empty() {
        rules.push(rule("", "groups", &wanted.groups));
    }
    if !wanted.uid.is_empty() {
        rules.push(rule("authentication.k8s.io", "uids", std::slice::from_ref(&wanted.uid)));
    }
    let rbac = case.cluster.objects.rbac();
    let last = wanted.user.rsplit(['/', ':']).next().unwrap_or_default();
    let role = unused(&plain(&format!("impersonate {last}")), |name| rbac.cluster_role(name).is_some());
    let name = unused(&role, |name| rbac.binding(&BindingKey::cluster(name)).is_some());
    let whom = subject("User", &user.username);
    let requests = vec![
        objects::role(case.cluster, None, &role, &rules),
        objects::binding(case.cluster, &BindingKey::cluster(&name), "ClusterRole", &role, &whom),
    ];
    let label = format!("Allow User {} to impersonate {}", user.username, wanted.user);
    vec![Draft::new(Kind::AllowImpersonation, label, requests)]
}
