//! The question of the question bar: can this one do that, there?

use super::acting::{self, Acting};
use crate::engine::world::Cluster;
use crate::engine::{Caller, Credential};
use crate::k8s::attributes::{Action, ResourceAction};
use crate::session::Snapshot;

/// Who is asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Who {
    /// Whom kubectl acts as now.
    #[default]
    Current,
    /// A profile of the workstation.
    Profile(String),
    /// An IAM user or role of the account, by ARN.
    Principal(String),
}

/// A question, as the fields of the question bar hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Who.
    pub who: Who,
    /// Does what.
    pub verb: String,
    /// To what: `RESOURCE[.GROUP][/SUBRESOURCE]`, or a URL path.
    pub resource: String,
    /// The name of the object; empty for none.
    pub name: String,
    /// Where; empty for all namespaces.
    pub namespace: String,
}

impl Default for Question {
    fn default() -> Self {
        let text = str::to_owned;
        Self {
            who: Who::Current,
            verb: text("list"),
            resource: text("pods"),
            name: String::new(),
            namespace: text("default"),
        }
    }
}

/// A choice of a list field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What the field holds.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// A group of choices under a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
    /// The heading.
    pub label: String,
    /// The choices.
    pub items: Vec<Choice>,
}

impl Who {
    /// The value of a list field.
    pub fn to_value(&self) -> String {
        match self {
            Self::Current => String::new(),
            Self::Profile(name) => format!("profile:{name}"),
            Self::Principal(arn) => arn.clone(),
        }
    }

    /// What a value of a list field stands for.
    pub fn from_value(value: &str) -> Self {
        match value.strip_prefix("profile:") {
            _ if value.is_empty() => Self::Current,
            Some(name) => Self::Profile(name.to_owned()),
            None => Self::Principal(value.to_owned()),
        }
    }

    /// The identity behind it.
    pub fn acting(&self, now: &Snapshot) -> Acting {
        match self {
            Self::Current => acting::kubectl(now).acting,
            Self::Profile(name) => acting::of_profile(now, name),
            Self::Principal(arn) => of_principal(now, arn),
        }
    }
}

/// What calls of a user or role are signed with. Roles are assumed by the account's first user.
fn of_principal(now: &Snapshot, arn: &str) -> Acting {
    let world = &now.world;
    let user = world.users.iter().find(|user| user.arn(&world.partition, &world.account) == arn);
    let credential = match (user, world.users.first()) {
        (Some(user), _) => Credential::AccessKey(user.access_key.clone()),
        (None, Some(first)) => Credential::AssumedRole {
            source: Box::new(Credential::AccessKey(first.access_key.clone())),
            role_arn: arn.to_owned(),
            session: session_name(now, arn),
        },
        (None, None) => Credential::Anonymous,
    };
    let identity = world.identify(&credential).ok();
    Acting { profile: String::new(), caller: Caller::new(credential), arn: identity.map(|identity| identity.arn) }
}

/// Sessions of node roles are named after their instance (iam 8); other sessions may have any name.
fn session_name(now: &Snapshot, arn: &str) -> String {
    let is_node = |cluster: &Cluster| cluster.entries.get(arn).is_some_and(|entry| entry.username.contains("{{EC2"));
    let instance = now.world.clusters.iter().filter(|cluster| is_node(cluster)).find_map(|cluster| {
        let nodes = cluster.objects.list(&cluster.objects.resource("", "nodes")?, None);
        nodes.iter().find_map(|node| node.pointer("/spec/providerID")?.as_str()?.rsplit('/').next().map(str::to_owned))
    });
    instance.unwrap_or_else(|| "session".to_owned())
}

/// Everybody who can be asked about, in groups.
pub fn who_choices(now: &Snapshot) -> Vec<Choices> {
    let world = &now.world;
    let current = acting::kubectl(now).acting;
    let me = Choice { value: String::new(), label: format!("{} (kubectl now)", current.name()) };
    let choice = |arn: String, name: &str| Choice { label: name.to_owned(), value: arn };
    let profiles = acting::profiles(&now.workstation).into_iter().map(|name| Choice {
        value: format!("profile:{name}"),
        label: format!("{name} ({})", acting::of_profile(now, &name).name()),
    });
    let users = world.users.iter().map(|user| choice(user.arn(&world.partition, &world.account), &user.name));
    let roles = world.roles.iter().map(|role| choice(role.arn(&world.partition, &world.account), &role.name));
    let group = |label: &str, items: Vec<Choice>| Choices { label: label.to_owned(), items };
    let groups = [
        group("Now", vec![me]),
        group("IAM users", users.collect()),
        group("IAM roles", roles.collect()),
        group("Profiles", profiles.collect()),
    ];
    groups.into_iter().filter(|group| !group.items.is_empty()).collect()
}

/// Verbs to choose from; others may be typed.
pub const VERBS: &[&str] = &[
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "impersonate",
    "bind",
    "escalate",
    "approve",
    "*",
];

/// Resources to choose from: all that the cluster serves, the common subresources, and two URLs.
pub fn resource_choices(cluster: &Cluster) -> Vec<String> {
    let resources = cluster.objects.resources();
    let mut names: Vec<String> = resources.iter().map(|r| r.plural.to_string()).collect();
    for extra in ["pods/log", "pods/exec", "pods/portforward", "deployments/scale", "*", "/healthz", "/metrics"] {
        names.push(extra.to_owned());
    }
    names.sort();
    names.dedup();
    names
}

/// What is asked, in the API server's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The request.
    pub action: Action,
    /// The whole question in words, without the one who asks: `list pods in namespace default`.
    pub words: String,
    /// A remark on how the question was understood.
    pub note: Option<String>,
}

/// Reads a question as the API server would get it.
pub fn asked(cluster: &Cluster, question: &Question) -> Asked {
    let verb = question.verb.trim().to_owned();
    let text = question.resource.trim();
    if text.starts_with('/') {
        let words = format!("{verb} {text}");
        let action = Action::Url { verb: verb.to_lowercase(), path: text.to_owned() };
        return Asked { action, words, note: None };
    }
    let (kind, subresource) = text.split_once('/').unwrap_or((text, ""));
    let (name, group) = kind.split_once('.').unwrap_or((kind, ""));
    let lower = name.to_lowercase();
    let resources = cluster.objects.resources();
    let known = resources.iter().find(|r| {
        let named = r.plural == lower || r.singular == lower || r.short_names.iter().any(|short| *short == lower);
        named && (group.is_empty() || group == r.group)
    });
    let mut asked = ResourceAction {
        verb: verb.clone(),
        subresource: subresource.to_owned(),
        name: question.name.trim().to_owned(),
        namespace: question.namespace.clone(),
        ..ResourceAction::default()
    };
    let mut note = None;
    match known {
        _ if name == "*" => {
            asked.resource = "*".to_owned();
            asked.api_group = if group.is_empty() { "*" } else { group }.to_owned();
        }
        Some(resource) => {
            asked.resource = resource.plural.to_string();
            asked.api_group = resource.group.to_string();
            if !resource.namespaced {
                // The API server takes the namespace itself for the namespace of a request about it (eks 10.2).
                let own = resource.plural == "namespaces" && !asked.name.is_empty();
                asked.namespace = if own { asked.name.clone() } else { String::new() };
                note = Some(format!("{} belong to no namespace.", resource.plural)).filter(|_| !own);
            }
        }
        None => {
            asked.resource = name.to_owned();
            asked.api_group = group.to_owned();
            note = Some(format!("The cluster serves no resource called {name}; rules may name it all the same."));
        }
    }
    let words = words(&asked, known.is_none_or(|resource| resource.namespaced));
    Asked { action: Action::Resource(asked), words, note }
}

fn words(asked: &ResourceAction, namespaced: bool) -> String {
    let mut words = format!("{} {}", asked.verb, asked.resource);
    if !asked.subresource.is_empty() {
        words.push_str(&format!("/{}", asked.subresource));
    }
    if !asked.name.is_empty() {
        words.push_str(&format!(" {}", asked.name));
    }
    match (namespaced, asked.namespace.as_str()) {
        (false, _) => {}
        (true, "") => words.push_str(" in all namespaces"),
        (true, namespace) => words.push_str(&format!(" in namespace {namespace}")),
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::scenario;

    #[test]
    fn questions_become_requests() {
        let now = scenario::walkthrough();
        let cluster = now.world.clusters.first().unwrap();
        let check = |resource: &str, name: &str, namespace: &str, expected: (&str, &str, &str, &str), words: &str| {
            let question = Question {
                resource: resource.into(),
                name: name.into(),
                namespace: namespace.into(),
                ..Question::default()
            };
            let asked = asked(cluster, &question);
            let Action::Resource(r) = &asked.action else { panic!("{:?}", asked.action) };
            let got = (r.api_group.as_str(), r.resource.as_str(), r.subresource.as_str(), r.namespace.as_str());
            assert_eq!((got, asked.words.as_str()), (expected, words));
        };
        check("pods", "", "default", ("", "pods", "", "default"), "list pods in namespace default");
        check("po/log", "web", "", ("", "pods", "log", ""), "list pods/log web in all namespaces");
        check("deploy", "", "a", ("apps", "deployments", "", "a"), "list deployments in namespace a");
        check("nodes", "", "a", ("", "nodes", "", ""), "list nodes");
        check("namespaces", "dev", "a", ("", "namespaces", "", "dev"), "list namespaces dev");
        check("*", "", "", ("*", "*", "", ""), "list * in all namespaces");
        check("widgets.example.com", "", "a", ("example.com", "widgets", "", "a"), "list widgets in namespace a");
        let url = asked(cluster, &Question { resource: "/healthz".into(), ..Question::default() });
        assert_eq!(url.words, "list /healthz");
    }

    #[test]
    fn everybody_has_an_identity() {
        let now = scenario::walkthrough();
        for choice in who_choices(&now).into_iter().flat_map(|group| group.items) {
            let who = Who::from_value(&choice.value);
            assert_eq!(who.to_value(), choice.value);
            assert!(who.acting(&now).arn.is_some(), "{}", choice.label);
        }
    }
}
