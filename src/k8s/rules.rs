//! The small matching predicates: verb, group, resource, name, URL (rbac 5).
//!
//! They need no binding, so an access policy (a list of rules without bindings) can be asked as well.
//! All comparisons are exact and case-sensitive; `*` alone is a wildcard, `get*` is plain text.

use super::attributes::{Action, ResourceAction};
use super::rbac::PolicyRule;

/// The part of a rule that keeps it from matching. Sorted from far off to nearly matching:
/// the parts are looked at in this order, and the first that fails is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mismatch {
    /// The rule speaks of resources and the request of a URL, or the reverse.
    RequestKind,
    /// The API group is not among the rule's.
    ApiGroup,
    /// The resource, or its subresource, is not among the rule's.
    Resource,
    /// No URL of the rule covers the path.
    Url,
    /// The verb is not among the rule's, everything before matches.
    Verb,
    /// Only the name is missing: the rule is limited to other names, or the request carries none.
    ResourceName,
}

/// Does `rule` allow `action`? `Err` names the first part that does not match.
pub fn rule_matches(rule: &PolicyRule, action: &Action) -> Result<(), Mismatch> {
    let need = |holds: bool, otherwise| if holds { Ok(()) } else { Err(otherwise) };
    match action {
        Action::Resource(request) => {
            need(!rule.resources.is_empty() || rule.non_resource_urls.is_empty(), Mismatch::RequestKind)?;
            need(group_matches(rule, &request.api_group), Mismatch::ApiGroup)?;
            need(resource_matches(rule, request), Mismatch::Resource)?;
            need(verb_matches(rule, &request.verb), Mismatch::Verb)?;
            need(name_matches(rule, &request.name), Mismatch::ResourceName)
        }
        Action::Url { verb, path } => {
            need(!rule.non_resource_urls.is_empty(), Mismatch::RequestKind)?;
            need(rule.non_resource_urls.iter().any(|url| url_covers(url, path)), Mismatch::Url)?;
            need(verb_matches(rule, verb), Mismatch::Verb)
        }
    }
}

/// Does any of `rules` allow `action`?
pub fn rules_allow(rules: &[PolicyRule], action: &Action) -> bool {
    rules.iter().any(|rule| rule_matches(rule, action).is_ok())
}

/// Is `verb` among the rule's verbs?
pub fn verb_matches(rule: &PolicyRule, verb: &str) -> bool {
    rule.verbs.iter().any(|v| v == "*" || v == verb)
}

/// Is `group` among the rule's API groups? The core group is the empty text.
pub fn group_matches(rule: &PolicyRule, group: &str) -> bool {
    // Two empty texts are not compared byte by byte: they lie nowhere, and processors are slow to read no byte there.
    rule.api_groups.iter().any(|g| if g.is_empty() { group.is_empty() } else { g == "*" || g == group })
}

/// Does the rule speak of the requested resource and subresource?
pub fn resource_matches(rule: &PolicyRule, request: &ResourceAction) -> bool {
    let ResourceAction { resource, subresource, .. } = request;
    rule.resources.iter().any(|entry| {
        entry == "*"
            || if subresource.is_empty() {
                entry == resource
            } else {
                let whole = entry.strip_suffix(subresource.as_str()).and_then(|stem| stem.strip_suffix('/'));
                whole.is_some_and(|stem| stem == resource || stem == "*")
            }
    })
}

/// May the rule be used for an object of that name? An empty name stands for a request without one.
pub fn name_matches(rule: &PolicyRule, name: &str) -> bool {
    rule.resource_names.is_empty() || rule.resource_names.iter().any(|n| n == name)
}

/// Does an entry of `nonResourceURLs` cover the path?
/// Also tells whether the right on `entry` includes the right on the entry `path` (rbac 11).
pub fn url_covers(entry: &str, path: &str) -> bool {
    entry == path || entry.ends_with('*') && path.starts_with(entry.trim_end_matches('*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `rule`: verbs; groups; resources; names; URLs, each separated by commas, `-` for an empty list.
    fn rule(text: &str) -> PolicyRule {
        let lists: Vec<Vec<String>> = text
            .split("; ")
            .map(|list| if list == "-" { vec![] } else { list.split(',').map(str::to_owned).collect() })
            .collect();
        let list = |i: usize| lists.get(i).cloned().unwrap_or_default();
        PolicyRule {
            verbs: list(0),
            api_groups: list(1),
            resources: list(2),
            resource_names: list(3),
            non_resource_urls: list(4),
        }
    }

    fn check_resource(text: &str, request: [&str; 5], expected: Result<(), Mismatch>) {
        let [verb, api_group, resource, subresource, name] = request.map(str::to_owned);
        let action =
            Action::Resource(ResourceAction { verb, api_group, resource, subresource, name, namespace: String::new() });
        assert_eq!(rule_matches(&rule(text), &action), expected, "{text} {action:?}");
    }

    #[test]
    fn resource_rules() {
        let pods = ["get", "", "pods", "", "a"];
        let log = ["get", "", "pods", "log", "a"];
        check_resource("get; ; pods", pods, Ok(()));
        check_resource("get; ; pods", log, Err(Mismatch::Resource));
        check_resource("get; ; pods/log", pods, Err(Mismatch::Resource));
        check_resource("get; ; pods/log", log, Ok(()));
        check_resource("get; ; *", log, Ok(()));
        check_resource("get; ; */log", log, Ok(()));
        check_resource("get; ; pods/*", log, Err(Mismatch::Resource));
        check_resource("get; ; */*", log, Err(Mismatch::Resource));
        check_resource("get; core; pods", pods, Err(Mismatch::ApiGroup));
        check_resource("ge*; *; pods", pods, Err(Mismatch::Verb));
        check_resource("*; *; pods; *,b", pods, Err(Mismatch::ResourceName));
        check_resource("*; *; pods; ", ["list", "", "pods", "", ""], Ok(()));
        check_resource("*; *; pods; b", ["list", "", "pods", "", ""], Err(Mismatch::ResourceName));
        check_resource("*; -; -; -; *", pods, Err(Mismatch::RequestKind));
        check_resource("-; -; -", pods, Err(Mismatch::ApiGroup));
        check_resource("get; ; /log", log, Err(Mismatch::Resource));
    }

    #[test]
    fn url_rules() {
        for (entry, path, expected) in [
            ("*", "/x", true),
            ("/logs/*", "/logs/a/b", true),
            ("/logs/*", "/logs/", true),
            ("/logs/*", "/logs", false),
            ("/logs*", "/logsx", true),
            ("/a/*/b", "/a/x/b", false),
            ("*/x", "/a/x", false),
            ("/a**", "/abc", true),
            ("/healthz", "/healthz/", false),
        ] {
            assert_eq!(url_covers(entry, path), expected, "{entry} {path}");
            let action = Action::Url { verb: "get".to_owned(), path: path.to_owned() };
            let outcome = rule_matches(&rule(&format!("get; -; -; -; {entry}")), &action);
            assert_eq!(outcome, if expected { Ok(()) } else { Err(Mismatch::Url) });
        }
        let action = Action::Url { verb: "get".to_owned(), path: "/x".to_owned() };
        assert_eq!(rule_matches(&rule("get; *; *"), &action), Err(Mismatch::RequestKind));
        assert_eq!(rule_matches(&rule("put; -; -; -; /x"), &action), Err(Mismatch::Verb));
    }
}
