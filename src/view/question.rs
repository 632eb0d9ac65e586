//! The question of the question bar: can this one do that, there?

use super::who::Who;
use crate::engine::world::Cluster;
use crate::k8s::attributes::{Action, ResourceAction};

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
}
