//! Rules and bindings in plain English: what a rule grants, what it does not, and whom a binding gives what (rbac 3, 5).

use super::text::and_list;
use crate::k8s::rbac::{Binding, PolicyRule, Subject};

/// What a rule grants, as a sentence: `Get, list and watch pods and pods/log.`
pub fn sentence(rule: &PolicyRule) -> String {
    let verbs = verbs(&rule.verbs);
    let phrase = if let Some(missing) = missing(rule) {
        return format!("Grants nothing: the rule has no {missing}.");
    } else if rule.resources.is_empty() {
        format!("{verbs} {}", urls(&rule.non_resource_urls))
    } else {
        let mut phrase = format!("{verbs} {}{}", resources(&rule.resources), groups(&rule.api_groups));
        if !rule.resource_names.is_empty() {
            let (noun, names) =
                (if rule.resource_names.len() == 1 { "the one" } else { "those" }, &rule.resource_names);
            phrase.push_str(&format!(", only {noun} named {}", and_list(names, "")));
        }
        phrase
    };
    let mut letters = phrase.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// The list that a rule lacks, so that it matches nothing (rbac 5).
fn missing(rule: &PolicyRule) -> Option<&'static str> {
    if rule.verbs.is_empty() {
        Some("verbs")
    } else if rule.resources.is_empty() && rule.non_resource_urls.is_empty() {
        Some("resources")
    } else if !rule.resources.is_empty() && rule.api_groups.is_empty() {
        Some("API groups")
    } else {
        None
    }
}

fn verbs(verbs: &[String]) -> String {
    if verbs.iter().any(|verb| verb == "*") {
        return "do anything with".to_owned();
    }
    and_list(verbs, "")
}

fn resources(resources: &[String]) -> String {
    let word = |resource: &String| match resource.split_once('/') {
        _ if resource == "*" => "every resource and subresource".to_owned(),
        Some(("*", sub)) => format!("the subresource {sub} of every resource"),
        _ => resource.clone(),
    };
    and_list(&resources.iter().map(word).collect::<Vec<_>>(), "")
}

fn groups(groups: &[String]) -> String {
    if groups.iter().any(|group| group == "*") {
        return " of every API group".to_owned();
    }
    if let [core] = groups
        && core.is_empty()
    {
        return String::new();
    }
    let word = |group: &String| if group.is_empty() { "core".to_owned() } else { group.clone() };
    let noun = if groups.len() == 1 { "API group" } else { "API groups" };
    format!(" of the {noun} {}", and_list(&groups.iter().map(word).collect::<Vec<_>>(), ""))
}

fn urls(urls: &[String]) -> String {
    if urls.iter().any(|url| url == "*") {
        return "every URL".to_owned();
    }
    format!("{} {}", if urls.len() == 1 { "the URL" } else { "the URLs" }, and_list(urls, ""))
}

/// What a rule does not do, though it looks as if it did.
pub fn surprises(rule: &PolicyRule) -> Vec<String> {
    let mut notes = Vec::new();
    let has = |verb: &str| rule.verbs.iter().any(|own| own == verb || own == "*");
    if !rule.resource_names.is_empty() && !rule.resource_names.iter().any(String::is_empty) {
        let without: Vec<String> =
            ["create", "deletecollection"].into_iter().filter(|verb| has(verb)).map(str::to_owned).collect();
        if !without.is_empty() {
            notes.push(format!("It never allows {}: such a request carries no name.", and_list(&without, "")));
        }
        if has("list") || has("watch") {
            notes.push(
                "List and watch need a field selector, as in `kubectl get … --field-selector metadata.name=NAME`."
                    .to_owned(),
            );
        }
    }
    let partial = |list: &[String], is_pattern: fn(&str) -> bool| list.iter().find(|text| is_pattern(text)).cloned();
    let star_inside = |text: &str| text.len() > 1 && text.contains('*');
    let bad_resource = |text: &str| text.len() > 1 && text.contains('*') && !text.starts_with("*/");
    let lists = [
        (&rule.verbs, star_inside as fn(&str) -> bool),
        (&rule.api_groups, star_inside),
        (&rule.resources, bad_resource),
    ];
    for text in lists.into_iter().filter_map(|(list, is_pattern)| partial(list, is_pattern)) {
        notes.push(format!("`{text}` is no pattern here: only a lone `*` stands for all."));
    }
    if !rule.resources.is_empty() && !rule.non_resource_urls.is_empty() {
        notes.push("A rule is for resources or for URLs, not for both: the API server refuses it.".to_owned());
    }
    notes
}

/// What a binding gives to whom, as a sentence. `namespace` is that of a RoleBinding.
pub fn binding(binding: &Binding, namespace: Option<&str>) -> String {
    let role = &binding.role_ref;
    let kind = if role.kind == "ClusterRole" { "cluster role" } else { "role" };
    let place = match namespace {
        Some(namespace) => format!("in namespace {namespace}"),
        None => "in every namespace and for the cluster itself".to_owned(),
    };
    let whom: Vec<String> = binding.subjects.iter().map(|subject| self::subject(subject, namespace)).collect();
    format!("Gives the {kind} {} to {}, {place}.", or_open(&role.name), and_list(&whom, "nobody"))
}

/// A name; dots where a form still waits for it.
fn or_open(name: &str) -> &str {
    if name.is_empty() { "…" } else { name }
}

/// A subject of a binding in words.
pub fn subject(subject: &Subject, namespace: Option<&str>) -> String {
    match subject.kind.as_str() {
        "Group" if subject.name == "system:authenticated" => "everybody who is let in".to_owned(),
        "Group" if subject.name == "system:unauthenticated" => "everybody without credentials".to_owned(),
        "Group" => format!("group {}", or_open(&subject.name)),
        "ServiceAccount" => {
            let home = Some(subject.namespace.as_str()).filter(|home| !home.is_empty()).or(namespace);
            format!("service account {}/{}", home.unwrap_or_default(), or_open(&subject.name))
        }
        "User" => format!("user {}", or_open(&subject.name)),
        other => format!("{other} {}", subject.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rule(json: serde_json::Value) -> PolicyRule {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn rules_read_as_sentences() {
        let check = |json, expected: &str| assert_eq!(sentence(&rule(json)), expected);
        check(
            json!({"verbs": ["get", "list", "watch"], "apiGroups": [""], "resources": ["pods", "pods/log"]}),
            "Get, list and watch pods and pods/log.",
        );
        check(
            json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}),
            "Do anything with every resource and subresource of every API group.",
        );
        check(
            json!({"verbs": ["get"], "apiGroups": ["", "apps"], "resources": ["*/scale"], "resourceNames": ["web"]}),
            "Get the subresource scale of every resource of the API groups core and apps, only the one named web.",
        );
        check(
            json!({"verbs": ["get"], "nonResourceURLs": ["/healthz", "/version"]}),
            "Get the URLs /healthz and /version.",
        );
        check(json!({"verbs": ["get"], "resources": ["pods"]}), "Grants nothing: the rule has no API groups.");
        check(json!({"apiGroups": [""], "resources": ["pods"]}), "Grants nothing: the rule has no verbs.");
    }

    #[test]
    fn what_a_rule_does_not_do_is_said() {
        let named = rule(
            json!({"verbs": ["create", "list"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a"]}),
        );
        assert_eq!(surprises(&named).len(), 2);
        let pattern = rule(json!({"verbs": ["get*"], "apiGroups": ["*.k8s.io"], "resources": ["*/log"]}));
        assert_eq!(surprises(&pattern).len(), 2);
        assert!(surprises(&rule(json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}))).is_empty());
    }

    #[test]
    fn bindings_read_as_sentences() {
        let edit: Binding = serde_json::from_value(json!({
            "roleRef": {"kind": "ClusterRole", "name": "edit"},
            "subjects": [{"kind": "Group", "name": "dev"}, {"kind": "ServiceAccount", "name": "robot"}],
        }))
        .unwrap();
        assert_eq!(
            binding(&edit, Some("web")),
            "Gives the cluster role edit to group dev and service account web/robot, in namespace web."
        );
        assert_eq!(
            binding(&Binding { subjects: Vec::new(), ..edit }, None),
            "Gives the cluster role edit to nobody, in every namespace and for the cluster itself."
        );
        let open: Binding = serde_json::from_value(json!({
            "roleRef": {"kind": "Role", "name": ""},
            "subjects": [{"kind": "Group", "name": ""}],
        }))
        .unwrap();
        assert_eq!(binding(&open, Some("web")), "Gives the role … to group …, in namespace web.");
    }
}
