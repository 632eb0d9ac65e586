//! Everything an authorizer looked at, in words: near misses first, each with what it lacks.

use super::objects::Kind;
use super::route::{Route, Spot};
use super::text::{count, last_name};
use crate::aws::eks::AccessScope;
use crate::engine::answers::near_misses::{NearMiss, Object, near_misses};
use crate::engine::authn::Via;
use crate::engine::explain::{BindingSeen, NearBinding, NearWhy, PolicySeen, RuleSeen, Trace};
use crate::engine::world::Cluster;
use crate::k8s::rbac::PolicyRule;
use crate::k8s::rules::Mismatch;

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
    /// Where to see it.
    pub route: Route,
}

/// All groups of a trace that have something to show.
pub fn groups(cluster: &Cluster, trace: &Trace) -> Vec<Group> {
    let near = near_misses(cluster, trace).iter().map(|miss| miss_item(trace, miss)).collect();
    let policies = trace.policies.iter().map(policy_item).collect();
    let mut bindings: Vec<Item> = trace.bindings.iter().map(binding_item).collect();
    // What allows comes first, stock bindings of everybody come last.
    bindings.sort_by_key(|item| !item.allows);
    let group = |title, items| Group { title, items };
    let groups = [
        group("Near misses, the likeliest slip first", near),
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

/// The page of an access policy, at the rule that allows if one does.
pub fn policy_route(policy: &PolicySeen) -> Route {
    let name = last_name(&policy.association.policy_arn).to_owned();
    let deciding = policy.rules.iter().find(|rule| policy.covers && rule.outcome.is_ok());
    Route::Policy(name, deciding.map(|rule| rule.index + 1))
}

/// The page of the role that a binding gives, at a rule, from 1.
pub fn rule_route(binding: &BindingSeen, number: usize) -> Route {
    let name = binding.role.name.clone();
    match (binding.role.kind.as_str(), &binding.namespace) {
        ("Role", Some(namespace)) => Route::ObjectAt(Kind::Roles, namespace.clone(), name, Spot::Rule(number)),
        _ => Route::ObjectAt(Kind::ClusterRoles, String::new(), name, Spot::Rule(number)),
    }
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

/// A near miss with what it lacks. Of bindings for others the trace knows more.
fn miss_item(trace: &Trace, miss: &NearMiss) -> Item {
    let same = |near: &&NearBinding| matches!(&miss.object, Object::Binding { namespace, name } if *namespace == near.namespace && *name == near.name);
    if let Some(near) = trace.near.iter().find(same) {
        return near_item(near);
    }
    let (name, route) = (miss.object.to_string(), object_route(&miss.object));
    // A group is no object: what gives it to the caller is; of a group that was only asked about, nothing.
    let route = match (&miss.object, &trace.lookup.via) {
        (Object::Group(_), Some(Via::Entry(principal))) => Some(Route::Entry(principal.clone())),
        (Object::Group(_), Some(Via::Mapping(section, index))) => {
            Some(Route::AwsAuthEntry(section.as_str().to_owned(), *index))
        }
        (Object::Group(_), _) => Some(Route::NewObject(Kind::ClusterRoleBindings)),
        _ => route,
    };
    Item { name, allows: false, reason: format!("lacks {}", miss.lacks), route, rules: Vec::new() }
}

fn object_route(object: &Object) -> Option<Route> {
    match object {
        Object::Entry(arn) => Some(Route::Entry(arn.clone())),
        Object::Policy { principal_arn, .. } => Some(Route::Entry(principal_arn.clone())),
        Object::Mapping(section, index) => Some(Route::AwsAuthEntry(section.as_str().to_owned(), *index)),
        Object::AwsAuth(_) => Some(Route::AwsAuth),
        Object::Binding { namespace, name } => Some(route(namespace.as_deref(), name)),
        Object::Rule { namespace, role_kind, role, index, .. } => {
            let rule = Spot::Rule(index + 1);
            Some(match (role_kind.as_str(), namespace) {
                ("Role", Some(namespace)) => Route::ObjectAt(Kind::Roles, namespace.clone(), role.clone(), rule),
                _ => Route::ObjectAt(Kind::ClusterRoles, String::new(), role.clone(), rule),
            })
        }
        Object::Group(_) | Object::Caller(_) => None,
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

fn policy_item(policy: &PolicySeen) -> Item {
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
    let name = last_name(&policy.association.policy_arn).to_owned();
    let route = Some(policy_route(policy));
    let rules = rules(&policy.rules, |number| Route::Policy(name.clone(), Some(number)));
    Item { name, allows: policy.allows(), reason, route, rules }
}

fn binding_item(binding: &BindingSeen) -> Item {
    let subject = format!("{} {}", binding.subject.kind, binding.subject.name);
    let role = format!("{} {}", binding.role.kind, binding.role.name);
    let (reason, rules) = match &binding.rules {
        Err(missing) => (format!("{subject}: {missing}"), Vec::new()),
        Ok(seen) => (format!("gives {role} to {subject}"), rules(seen, |number| rule_route(binding, number))),
    };
    Item { name: binding_name(binding), allows: binding.allows(), reason, route: Some(binding_route(binding)), rules }
}

/// Rules with the nearest first.
fn rules(seen: &[RuleSeen], route: impl Fn(usize) -> Route) -> Vec<Rule> {
    let mut sorted: Vec<&RuleSeen> = seen.iter().collect();
    sorted.sort_by_key(|rule| (rule.outcome.is_err(), std::cmp::Reverse(rule.outcome.err())));
    let rule = |seen: &&RuleSeen| Rule {
        number: seen.index + 1,
        text: rule_text(&seen.rule),
        lacks: seen.outcome.err().map(|mismatch| lacks(mismatch, &seen.rule)),
        route: route(seen.index + 1),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Session, scenario};
    use crate::shell::terminal;
    use crate::view::access_path::answer;
    use crate::view::question::Question;
    use crate::view::who::Who;

    #[test]
    fn the_hint_and_the_page_name_the_same_cause() {
        let dev = "arn:aws:iam::111122223333:user/k8s-dev";
        let entry = format!(
            "aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn {dev} --kubernetes-groups ops"
        );
        let policy = format!(
            "aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn {dev} --policy-arn \
             arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy --access-scope type=namespace,namespaces=dev"
        );
        let bind = "kubectl create clusterrolebinding b";
        for (script, name, said) in [
            (entry.clone(), "access entry k8s-dev", "lacks an access policy, or a group that a binding names"),
            (format!("{entry}\n{policy}"), "AmazonEKSViewPolicy", "its scope is the namespaces dev"),
            (format!("{entry}\n{bind} --clusterrole=view --group=Ops"), "ClusterRoleBinding b", "names the Group Ops"),
            (format!("{entry}\n{bind} --clusterrole=none --group=ops"), "ClusterRoleBinding b", "lacks its role"),
            (
                format!(
                    "{entry}\nkubectl create clusterrole r --verb=get --resource=pods\n{bind} --clusterrole=r --group=ops"
                ),
                "ClusterRole r, rule 1",
                "lacks the verb `list`",
            ),
            (
                format!(
                    "{entry}\nkubectl create ns dev\nkubectl create rolebinding b --clusterrole=view --group=ops -n dev"
                ),
                "RoleBinding dev/b",
                "in its own namespace only",
            ),
        ] {
            let mut session = Session::new(scenario::walkthrough());
            terminal::run(&mut session, &script);
            let ran = terminal::run(&mut session, "AWS_PROFILE=k8s-dev-demo kubectl get pods");
            let question = Question { who: Who::Principal(dev.to_owned()), ..Question::default() };
            let path = answer(session.now(), session.world().clusters.first().unwrap(), &question);
            assert_eq!(path.details[0].items[0].name, name, "{script}");
            let hint = ran.last().unwrap().hints.join(" ");
            assert!(hint.contains(name) && hint.contains(said), "{script}\n{hint}");
        }
    }

    #[test]
    fn a_group_that_nothing_binds_leads_to_what_gives_it() {
        let arn = "arn:aws:iam::111122223333:user/k8s-dev";
        let mut session = Session::new(scenario::walkthrough());
        let line = format!(
            "aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn {arn} --kubernetes-groups developer"
        );
        terminal::run(&mut session, &line);
        let question = Question { who: Who::Principal(arn.to_owned()), ..Question::default() };
        let path = answer(session.now(), session.world().clusters.first().unwrap(), &question);
        let items: Vec<&Item> = path.details.iter().flat_map(|group| &group.items).collect();
        let group = items.iter().find(|item| item.name == "group developer").unwrap();
        assert_eq!(group.route, Some(Route::Entry(arn.to_owned())));
    }
}
