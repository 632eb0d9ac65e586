//! The question of the question bar: can this one do that, there?

use super::who::Who;
use crate::engine::world::Cluster;
use crate::k8s::attributes::{Action, ResourceAction};
use crate::k8s::names;

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
    /// Whether the request is for a resource that lives in namespaces.
    pub is_namespaced: bool,
    /// Remarks: how the question is understood, and what in it no server knows.
    pub notes: Vec<String>,
}

/// A field of the question bar that is typed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the fields")]
pub enum Field {
    Verb,
    Resource,
    AccountNamespace,
    AccountName,
    UserName,
    GroupName,
}

/// The fields that are empty and must not be, each with what to type there.
pub fn faults(question: &Question) -> Vec<(Field, &'static str)> {
    let mut required = Vec::new();
    match &question.who {
        Who::Current | Who::Profile(_) | Who::Principal(_) => {}
        Who::ServiceAccount(namespace, name) => {
            required.push((Field::AccountNamespace, namespace, "Type the namespace of the service account."));
            required.push((Field::AccountName, name, "Type the name of the service account."));
        }
        Who::User(name, _) => required.push((Field::UserName, name, "Type a user name, such as jane.")),
        Who::Group(name) => required.push((Field::GroupName, name, "Type a group, such as developers.")),
    }
    required.push((Field::Verb, &question.verb, "Type a verb, such as get."));
    required.push((Field::Resource, &question.resource, "Type a resource, such as pods, or a URL, such as /healthz."));
    required.into_iter().filter(|(_, text, _)| text.trim().is_empty()).map(|(field, _, text)| (field, text)).collect()
}

/// Paths that the API server answers; every other URL begins with one of them.
const PATHS: &[&str] =
    &["/api", "/apis", "/healthz", "/livez", "/logs", "/metrics", "/openapi", "/readyz", "/version", "/.well-known"];

/// What no server knows in a question for a URL.
fn url_notes(verb: &str, path: &str) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(unknown) = names::check_url_verb(verb) {
        notes.push(names::verb_remark(verb, &unknown));
    }
    let first = path.split('/').nth(1).unwrap_or_default();
    let head = format!("/{first}");
    if !first.is_empty() && first != "*" && !PATHS.contains(&head.as_str()) {
        let near = names::nearest(&head, PATHS.iter().copied());
        let question = near.first().map(|path| format!(" Did you mean {path:?}?")).unwrap_or_default();
        notes.push(format!("The API server has no path {head:?}.{question}"));
    }
    notes
}

/// Reads a question as the API server would get it.
pub fn asked(cluster: &Cluster, question: &Question) -> Asked {
    let verb = question.verb.trim().to_owned();
    let text = question.resource.trim();
    if text.starts_with('/') {
        let words = format!("{verb} {text}");
        let action = Action::Url { verb: verb.to_lowercase(), path: text.to_owned() };
        let notes = url_notes(&verb.to_lowercase(), text);
        return Asked { action, words, is_namespaced: false, notes };
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
    let mut notes = Vec::new();
    let mut typed_group = (!group.is_empty()).then_some(group);
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
                notes.extend(Some(format!("{} belong to no namespace.", resource.plural)).filter(|_| !own));
            }
            typed_group = Some(&resource.group);
        }
        None => {
            asked.resource = name.to_owned();
            asked.api_group = group.to_owned();
        }
    }
    let is_namespaced = known.is_none_or(|resource| resource.namespaced);
    let words = words(&asked, is_namespaced);
    let written =
        if subresource.is_empty() { asked.resource.clone() } else { format!("{}/{subresource}", asked.resource) };
    notes.extend(names::question_remarks(&resources, &verb, typed_group, &written));
    Asked { action: Action::Resource(asked), words, is_namespaced, notes }
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
    use crate::session::{Session, scenario};
    use crate::shell::terminal;

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
    fn what_no_server_knows_is_pointed_out() {
        let mut session = Session::new(scenario::walkthrough());
        let crd = "kubectl apply -f - <<'EOF'
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
EOF";
        terminal::run(&mut session, crd);
        let cluster = session.world().clusters.first().unwrap();
        let check = |verb: &str, resource: &str, expected: &[&str]| {
            let question = Question { verb: verb.into(), resource: resource.into(), ..Question::default() };
            assert_eq!(asked(cluster, &question).notes, expected, "{verb} {resource}");
        };
        for (verb, resource) in [
            ("get", "pods"),
            ("*", "*"),
            ("list", "deploy"),
            ("get", "deployments.apps"),
            ("get", "po/log"),
            ("get", "widgets"),
            ("create", "widgets.example.com/status"),
            ("impersonate", "users"),
            ("impersonate", "userextras.authentication.k8s.io/scopes"),
            ("get", "/healthz"),
            ("get", "/healthz/etcd"),
            ("get", "/*"),
        ] {
            check(verb, resource, &[]);
        }
        check("lst", "pods", &["No request has the verb \"lst\". Did you mean \"list\"?"]);
        check("get", "deploymnts", &["The cluster has no resource \"deploymnts\". Did you mean \"deployments\"?"]);
        check(
            "get",
            "pods/logs",
            &["The cluster has no resource \"pods/logs\" in the core API group. Did you mean \"pods/log\"?"],
        );
        check("get", "widgts", &["The cluster has no resource \"widgts\". Did you mean \"widgets\"?"]);
        check("get", "x.app", &["The cluster has no API group \"app\". Did you mean \"apps\"?"]);
        check("get", "x.example.org", &["The cluster has no API group \"example.org\". Did you mean \"example.com\"?"]);
        check(
            "list",
            "/healthzz",
            &[
                "No request has the verb \"list\".",
                "The API server has no path \"/healthzz\". Did you mean \"/healthz\"?",
            ],
        );
        check("get", "nodes", &["nodes belong to no namespace."]);
    }

    #[test]
    fn empty_fields_are_faults() {
        let check = |question: Question, expected: &[Field]| {
            let found: Vec<Field> = faults(&question).into_iter().map(|(field, _)| field).collect();
            assert_eq!(found, expected);
        };
        let none = || " ".to_owned();
        check(Question::default(), &[]);
        check(Question { verb: none(), resource: none(), ..Question::default() }, &[Field::Verb, Field::Resource]);
        let of = |who: Who| Question { who, ..Question::default() };
        check(of(Who::ServiceAccount(none(), none())), &[Field::AccountNamespace, Field::AccountName]);
        check(of(Who::User(none(), "ops".into())), &[Field::UserName]);
        check(of(Who::Group(none())), &[Field::GroupName]);
    }

    #[test]
    fn terminal_and_page_say_the_same_sentence() {
        let world = scenario::walkthrough().world;
        for (verb, resource, command) in [
            ("lst", "pods", "kubectl auth can-i lst pods"),
            ("get", "deploymnts", "kubectl auth can-i get deploymnts"),
            ("get", "deploymnts.apps", "kubectl auth can-i get deploymnts.apps"),
            ("get", "pods/logs", "kubectl auth can-i get pods --subresource=logs"),
            ("get", "gizmos", "kubectl auth can-i get gizmos"),
            ("lst", "/healthz", "kubectl auth can-i lst /healthz"),
            ("get", "deploymnts", "kubectl get deploymnts"),
            ("get", "deploymnts", "kubectl describe deploymnts/x"),
            ("get", "deploymnts", "kubectl explain deploymnts"),
            ("get", "deploymnts", "kubectl create role r --verb=get --resource=deploymnts"),
            ("get", "pods", "kubectl auth can-i get pods"),
            ("list", "deploy", "kubectl auth can-i list deploy -A"),
        ] {
            let question = Question { verb: verb.to_owned(), resource: resource.to_owned(), ..Question::default() };
            let notes = asked(world.clusters.first().unwrap(), &question).notes;
            let mut session = Session::new(scenario::walkthrough());
            let hints = terminal::run(&mut session, command).pop().unwrap().hints;
            assert_eq!(hints, notes, "{command}");
        }
    }
}
