//! The text of an object in the editor: what it says, and what the API server would say to it.
//!
//! The call is tried on a copy of the world, so every check is the API server's own; its refusals are put at the lines
//! of the fields that they name.

use std::rc::Rc;

use serde_json::Value;

use super::comments;
use super::marks::{self, Mark};
use super::objects::{self, Kind};
use super::{rule_words, what_if};
use crate::engine::findings::Severity;
use crate::engine::{ApiError, Caller, Cluster, Request, World};
use crate::formats::yaml::emit;
use crate::formats::yaml::load::{self, Spanned};
use crate::k8s::names;
use crate::k8s::rbac::{Binding, PolicyRule};
use crate::k8s::status::{Reason, Status};

/// A text that was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// What is wrong with it, by line.
    pub marks: Vec<Mark>,
    /// What it grants, sentence by sentence.
    pub sentences: Vec<Sentence>,
    /// The call that applies it; none for a text that is no object of the kind.
    pub request: Option<Request>,
    /// The world after that call, or what the API server says instead.
    pub outcome: Option<Result<Rc<World>, ApiError>>,
}

/// A sentence on what an object grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Of a rule its number, from 1.
    pub rule: Option<usize>,
    /// Its line in the text.
    pub line: Option<usize>,
    /// The sentence.
    pub text: String,
    /// What it does not do, though it looks as if it did.
    pub notes: Vec<String>,
}

/// Reads a text. `object` is the namespace and name of the object that it replaces; none for a new one.
pub fn read(
    world: &World,
    cluster: &Cluster,
    caller: &Caller,
    kind: Kind,
    object: Option<(&str, &str)>,
    text: &str,
) -> Draft {
    let spanned = match load::load_spanned(text) {
        Ok(spanned) => spanned,
        Err(error) => return Draft { marks: vec![marks::syntax(text, &error)], ..Draft::default() },
    };
    let Some(resource) = kind.resource(cluster) else { return Draft::default() };
    let value = &spanned.value;
    if !value.is_object() {
        return Draft { marks: vec![Mark::error(Some(1), "The text must be an object.")], ..Draft::default() };
    }
    for (member, expected) in [("apiVersion", resource.api_version()), ("kind", resource.kind.to_string())] {
        let found = value.get(member).and_then(Value::as_str).unwrap_or_default();
        if found != expected {
            let text = format!("{member} must be {expected} here.");
            let marks = vec![Mark::error(spanned.line(&format!("/{member}")).or(Some(1)), text)];
            return Draft { marks, ..Draft::default() };
        }
    }
    let request = match object {
        Some((namespace, name)) => objects::update(kind, cluster, namespace, name, value),
        None => objects::create(kind, cluster, value),
    };
    let outcome = what_if::world_after(world, caller, &request);
    let mut marks = outcome.as_ref().err().map(|error| refusal(error, &spanned)).unwrap_or_default();
    let sentences = sentences(kind, value, &spanned);
    for sentence in &sentences {
        marks.extend(
            sentence
                .notes
                .iter()
                .map(|note| Mark { severity: Severity::Warning, ..Mark::error(sentence.line, note.clone()) }),
        );
    }
    marks.extend(unknown_names(kind, cluster, value, &spanned));
    Draft { marks, sentences, request: Some(request), outcome: Some(outcome) }
}

/// Verbs, API groups and resources of a role that no server knows, at their lines.
fn unknown_names(kind: Kind, cluster: &Cluster, value: &Value, spanned: &Spanned) -> Vec<Mark> {
    if !matches!(kind, Kind::ClusterRoles | Kind::Roles) {
        return Vec::new();
    }
    let kinds = cluster.objects.resources();
    let rules = value.get("rules").and_then(Value::as_array).into_iter().flatten().enumerate();
    let remarks = rules.flat_map(|(index, rule)| {
        let rule: PolicyRule = serde_json::from_value(rule.clone()).unwrap_or_default();
        let placed = names::placed_remarks(&kinds, &rule).into_iter();
        placed.map(move |(place, text)| (format!("/rules/{index}{place}"), text)).collect::<Vec<_>>()
    });
    remarks
        .map(|(pointer, text)| Mark { severity: Severity::Warning, ..Mark::error(spanned.line(&pointer), text) })
        .collect()
}

/// The text printed as kubectl prints objects, with its comments; `None` if it is no YAML.
pub fn format(text: &str) -> Option<String> {
    let value = load::load(text).ok()?;
    Some(comments::keep(text, emit::emit(&value)))
}

/// The lines of a rule, from 1: first and last.
pub fn rule_lines(text: &str, number: usize) -> Option<(usize, usize)> {
    let spanned = load::load_spanned(text).ok()?;
    let pointer = format!("/rules/{}", number.checked_sub(1)?);
    let first = spanned.positions.get(&pointer)?.line;
    Some((first, super::aws_auth::entry_end(text, first)))
}

fn sentences(kind: Kind, value: &Value, spanned: &Spanned) -> Vec<Sentence> {
    match kind {
        Kind::ClusterRoles | Kind::Roles => {
            let rules = value.get("rules").and_then(Value::as_array).into_iter().flatten();
            let sentence = |(index, rule): (usize, &Value)| {
                let rule: PolicyRule = serde_json::from_value(rule.clone()).ok()?;
                let line = spanned.positions.get(&format!("/rules/{index}")).map(|at| at.line);
                let (text, notes) = (rule_words::sentence(&rule), rule_words::surprises(&rule));
                Some(Sentence { rule: Some(index + 1), line, text, notes })
            };
            rules.enumerate().filter_map(sentence).collect()
        }
        Kind::ClusterRoleBindings | Kind::RoleBindings => {
            let binding: Option<Binding> = serde_json::from_value(value.clone()).ok();
            let namespace = value.pointer("/metadata/namespace").and_then(Value::as_str);
            let sentence = |binding: Binding| Sentence {
                rule: None,
                line: spanned.line("/roleRef"),
                text: rule_words::binding(&binding, namespace),
                notes: Vec::new(),
            };
            binding.map(sentence).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// A refusal of the API server, at the lines of the fields that it names.
fn refusal(error: &ApiError, spanned: &Spanned) -> Vec<Mark> {
    let ApiError::Kube(Status { reason, message, causes, .. }) = error else {
        return vec![Mark::error(None, error.to_string())];
    };
    if *reason == Reason::Invalid && !causes.is_empty() {
        let mark = |cause: &String| Mark::error(line_of(spanned, cause.split(": ").next().unwrap_or_default()), cause);
        return causes.iter().map(mark).collect();
    }
    let unknown: Vec<&str> =
        message.split("unknown field \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    if !unknown.is_empty() {
        let mark = |field: &&str| Mark::error(line_of(spanned, field), format!("Unknown field `{field}`."));
        return unknown.iter().map(mark).collect();
    }
    let struct_field = message.split("Go struct field ").nth(1).and_then(|rest| rest.split(' ').next());
    let line = match struct_field {
        Some(field) => line_of_struct_field(spanned, field),
        None if *reason == Reason::Conflict => line_of(spanned, "metadata.resourceVersion"),
        None => None,
    };
    vec![Mark::error(line, message.clone())]
}

/// The line of `rules[0].verbs`, or of what it is part of.
fn line_of(spanned: &Spanned, field: &str) -> Option<usize> {
    let pointer = format!("/{}", field.replace('[', "/").replace(']', "").replace('.', "/"));
    spanned.line(&pointer)
}

/// The line of the first member that Go's decoder may mean by `PolicyRule.rules.verbs`: it leaves positions out.
fn line_of_struct_field(spanned: &Spanned, field: &str) -> Option<usize> {
    let wanted: Vec<&str> = field.split('.').skip(1).collect();
    let without_positions = |pointer: &str| -> Vec<String> {
        let is_number = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
        pointer.split('/').skip(1).filter(|part| !is_number(part)).map(str::to_owned).collect()
    };
    let found = spanned.positions.iter().find(|(pointer, _)| without_positions(pointer) == wanted);
    found.map(|(_, position)| position.line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Credential;
    use crate::session::{Snapshot, scenario};
    use crate::view::acting;

    fn read_new(now: &Snapshot, kind: Kind, text: &str) -> Draft {
        let caller = acting::kubectl(now).acting.caller;
        read(&now.world, now.world.clusters.first().unwrap(), &caller, kind, None, text)
    }

    fn lines(kind: Kind, text: &str) -> Vec<(Option<usize>, String)> {
        let draft = read_new(&scenario::walkthrough(), kind, text);
        draft.marks.into_iter().map(|mark| (mark.line, mark.text)).collect()
    }

    const ROLE: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: x\n  namespace: default\nrules:\n- apiGroups: ['']\n  resources: [pods]\n";

    #[test]
    fn the_servers_refusals_stand_at_their_fields() {
        let found = lines(Kind::Roles, &format!("{ROLE}  verbs: []\n"));
        assert_eq!(found[0].0, Some(9), "{found:?}");
        assert!(found[0].1.starts_with("rules[0].verbs: Required value"), "{found:?}");
        let found = lines(Kind::Roles, &format!("{ROLE}  verbs: [get]\n  verb: list\n"));
        assert_eq!(found, [(Some(10), "Unknown field `rules[0].verb`.".to_owned())]);
        let found = lines(Kind::Roles, &format!("{ROLE}  verbs: get\n"));
        assert_eq!(found[0].0, Some(9), "{found:?}");
        let found = lines(Kind::Roles, "kind: ClusterRole\napiVersion: rbac.authorization.k8s.io/v1\n");
        assert_eq!(found, [(Some(1), "kind must be Role here.".to_owned())]);
        assert_eq!(lines(Kind::Roles, "a: [")[0].0, Some(1));
        assert_eq!(lines(Kind::Roles, &format!("{ROLE}  verbs: [get]\n")), []);
    }

    #[test]
    fn names_that_no_server_knows_are_marked_where_they_are() {
        let text = format!("{ROLE}  verbs:\n  - get\n  - lst\n").replace("[pods]", "[pods, deploymnts]");
        let expected = [
            (Some(11), "No request has the verb \"lst\". Did you mean \"list\"?".to_owned()),
            (
                Some(8),
                "The cluster has no resource \"deploymnts\" in the core API group. Did you mean \"deployments\" of API group \"apps\"?"
                    .to_owned(),
            ),
        ];
        assert_eq!(lines(Kind::Roles, &text), expected);
    }

    #[test]
    fn the_roles_of_every_cluster_have_no_remarks() {
        let now = scenario::walkthrough();
        let cluster = now.world.clusters.first().unwrap();
        let caller = acting::kubectl(&now).acting.caller;
        for kind in [Kind::ClusterRoles, Kind::Roles] {
            for (namespace, name) in kind.names(cluster) {
                let text = objects::yaml(cluster, kind, namespace, name).unwrap();
                let draft = read(&now.world, cluster, &caller, kind, Some((namespace, name)), &text);
                let warned: Vec<_> = draft.marks.iter().filter(|mark| mark.text.contains(" no ")).collect();
                assert!(warned.is_empty(), "{namespace}/{name}: {warned:?}");
            }
        }
    }

    #[test]
    fn a_refusal_that_names_no_field_is_about_the_whole() {
        let now = scenario::walkthrough();
        let cluster = now.world.clusters.first().unwrap();
        let nobody = Caller::new(Credential::Anonymous);
        let draft = read(&now.world, cluster, &nobody, Kind::Roles, None, &format!("{ROLE}  verbs: [get]\n"));
        assert_eq!(draft.marks[0].line, None);
        assert!(draft.marks[0].text.contains("cannot create resource"), "{:?}", draft.marks);
        assert!(draft.request.is_some());
    }

    #[test]
    fn the_text_says_what_it_grants() {
        let now = scenario::walkthrough();
        let text = format!("{ROLE}  verbs: [get, list]\n- nonResourceURLs: [/x]\n  verbs: [get]\n");
        let draft = read_new(
            &now,
            Kind::ClusterRoles,
            &text.replace("Role\n", "ClusterRole\n").replace("  namespace: default\n", ""),
        );
        assert_eq!(draft.sentences[0].text, "Get and list pods.");
        assert_eq!((draft.sentences[1].rule, draft.sentences[1].line), (Some(2), Some(9)));
        assert_eq!(rule_lines(&text, 1), Some((7, 9)));
        assert_eq!(rule_lines(&text, 3), None);
    }
}
