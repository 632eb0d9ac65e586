//! Verbs, API groups and resources that no server knows, and the nearest names that it knows.
//!
//! RBAC accepts every text in a rule and in a question: a misspelt name is never an error, it only never matches.
//! Whatever takes such a name from a user asks here whether to point it out.

use std::fmt;

use super::discovery::Resource;
use super::rbac::PolicyRule;

/// Maximum number of names that are offered in place of an unknown one.
const MOST: usize = 3;

/// Verbs of requests for resources, `*` included: those of requests, then those that only authorizers ask for.
pub const RESOURCE_VERBS: &[&str] = &[
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "escalate",
    "impersonate",
    "approve",
    "sign",
    "attest",
    "proxy",
    "*",
];
/// Verbs of requests for URLs (`nonResourceURLs`), `*` included.
pub const URL_VERBS: &[&str] = &["get", "post", "put", "delete", "patch", "head", "options", "*"];

/// Words that people take for verbs, and the verbs that they mean.
const MEANT: &[(&str, &[&str])] = &[
    ("read", &["get", "list", "watch"]),
    ("view", &["get", "list", "watch"]),
    ("show", &["get", "list"]),
    ("describe", &["get", "list"]),
    ("write", &["create", "update", "patch"]),
    ("edit", &["update", "patch"]),
    ("modify", &["update", "patch"]),
    ("replace", &["update"]),
    ("put", &["update"]),
    ("apply", &["create", "patch"]),
    ("post", &["create"]),
    ("add", &["create"]),
    ("exec", &["create"]),
    ("remove", &["delete"]),
    ("all", &["*"]),
    ("any", &["*"]),
];

/// Resources that rules name and servers do not list, or not by default: group, name.
const VIRTUAL: &[(&str, &str)] = &[
    ("", "users"),
    ("", "groups"),
    ("authentication.k8s.io", "userextras"),
    ("authentication.k8s.io", "uids"),
    ("certificates.k8s.io", "signers"),
    ("coordination.k8s.io", "leasecandidates"),
    ("policy", "podsecuritypolicies"),
];

/// Subresources of single resources: group, resource, subresources. All may have [`EVERYWHERE`] besides.
const SUBRESOURCES: &[(&str, &str, &[&str])] = &[
    (
        "",
        "pods",
        &["attach", "binding", "ephemeralcontainers", "eviction", "exec", "log", "portforward", "proxy", "resize"],
    ),
    ("", "nodes", &["checkpoint", "configz", "healthz", "log", "metrics", "pods", "proxy", "spec", "stats"]),
    ("", "services", &["proxy"]),
    ("", "namespaces", &["finalize"]),
    ("", "serviceaccounts", &["token"]),
    ("", "endpoints", &["restricted"]),
    ("apps", "deployments", &["rollback"]),
    ("certificates.k8s.io", "certificatesigningrequests", &["approval", "nodeclient", "selfnodeclient"]),
];
/// Subresources that any resource may have.
const EVERYWHERE: &[&str] = &["status", "scale", "finalizers"];

/// A name that is not known, with the nearest ones that are, nearest first; there may be none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Names in the form in which the unknown one was given.
    pub nearest: Vec<Near>,
}

/// A known name near to an unknown one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
    /// The verb, API group, or `resource[/subresource]`.
    pub name: String,
    /// The API group of a resource, where it is not the one that was asked for.
    pub group: Option<String>,
}

impl fmt::Display for Near {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.name)?;
        match self.group.as_deref() {
            None => Ok(()),
            Some("") => f.write_str(" of the core API group"),
            Some(group) => write!(f, " of API group {group:?}"),
        }
    }
}

impl Unknown {
    fn plain<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let nearest = names.into_iter().map(|name| Near { name: name.to_owned(), group: None }).collect();
        Self { nearest }
    }

    /// ` Did you mean "list"?`, or nothing.
    pub fn question(&self) -> String {
        let names: Vec<String> = self.nearest.iter().map(Near::to_string).collect();
        if names.is_empty() { String::new() } else { format!(" Did you mean {}?", names.join(" or ")) }
    }
}

/// Looks at a verb of requests for resources; `None` if it is known. Case counts.
pub fn check_verb(verb: &str) -> Option<Unknown> {
    check(verb, RESOURCE_VERBS)
}

/// Looks at a verb of requests for URLs; `None` if it is known. Case counts.
pub fn check_url_verb(verb: &str) -> Option<Unknown> {
    check(verb, URL_VERBS)
}

fn check(verb: &str, known: &[&str]) -> Option<Unknown> {
    if known.contains(&verb) {
        return None;
    }
    let lower = verb.trim().to_lowercase();
    let meant = MEANT.iter().find(|(word, _)| *word == lower).map(|(_, verbs)| verbs.to_vec());
    let meant = meant.map(|verbs| verbs.into_iter().filter(|verb| known.contains(verb)).collect::<Vec<_>>());
    Some(Unknown::plain(
        meant.filter(|verbs| !verbs.is_empty()).unwrap_or_else(|| nearest(&lower, known.iter().copied())),
    ))
}

/// Looks at an API group; `None` if the server has it or it resembles no group that the server has, since custom
/// resources may bring it later.
pub fn check_group(kinds: &[Resource], group: &str) -> Option<Unknown> {
    if group == "*" || serves(kinds, group) {
        return None;
    }
    let lower = group.trim().to_lowercase();
    let (head, version) = lower.split_once('/').unwrap_or((&lower, ""));
    if ["core", "v1", "api"].contains(&head) {
        return Some(Unknown::plain([""]));
    }
    let mut groups: Vec<&str> =
        kinds.iter().map(|kind| kind.group.as_ref()).filter(|group| !group.is_empty()).collect();
    groups.dedup();
    // `rbac` for `rbac.authorization.k8s.io`.
    let short = groups.iter().copied().filter(|group| group.split('.').next() == Some(head)).collect::<Vec<_>>();
    let near = if short.is_empty() { nearest(head, groups.iter().copied()) } else { short };
    (!near.is_empty() || !version.is_empty()).then(|| Unknown::plain(near))
}

fn serves(kinds: &[Resource], group: &str) -> bool {
    kinds.iter().any(|kind| kind.group == group)
}

/// Looks at a resource as rules name it (`plural` or `plural/subresource`), in any of `groups`; `None` if it is known, or
/// if the server does not have one of the groups, so that the resource cannot be known.
///
/// Rules take neither singulars nor short names nor capitals: `pod`, `deploy` and `Pods` are unknown.
pub fn check_resource(kinds: &[Resource], groups: &[&str], resource: &str) -> Option<Unknown> {
    let any = groups.contains(&"*");
    if resource == "*" || (!any && !groups.iter().all(|group| serves(kinds, group))) {
        return None;
    }
    let in_groups = |group: &str| any || groups.contains(&group);
    let (plural, subresource) = resource.split_once('/').map_or((resource, None), |(head, rest)| (head, Some(rest)));
    if plural == "*" {
        return check_subresource("*", "", subresource?);
    }
    if let Some((group, _)) = VIRTUAL.iter().find(|(group, name)| *name == plural && in_groups(group)) {
        // `userextras/KEY`
        return subresource.filter(|_| *group != "authentication.k8s.io").map(|_| Unknown::plain([plural]));
    }
    if let Some(kind) = kinds.iter().find(|kind| kind.plural == plural && in_groups(&kind.group)) {
        return check_subresource(&kind.plural, &kind.group, subresource?);
    }
    let with_rest = |name: &str| subresource.map_or_else(|| name.to_owned(), |rest| format!("{name}/{rest}"));
    let near = |kind: &Resource| Near {
        name: with_rest(&kind.plural),
        group: (!in_groups(&kind.group)).then(|| kind.group.to_string()),
    };
    let lower = plural.trim().to_lowercase();
    let (head, group) = lower.split_once('.').unwrap_or((&lower, ""));
    let named = |kind: &&Resource| {
        let short = || kind.short_names.iter().any(|short| *short == head);
        (kind.plural == head || kind.singular == head || short()) && kind.group.starts_with(group)
    };
    // The same name in one of the groups, or else in another.
    let (inside, outside): (Vec<&Resource>, Vec<&Resource>) =
        kinds.iter().filter(named).partition(|kind| in_groups(&kind.group));
    let found = if inside.is_empty() { outside } else { inside };
    if !found.is_empty() {
        return Some(Unknown { nearest: found.into_iter().take(MOST).map(near).collect() });
    }
    let of = |inside: bool| {
        let kinds = kinds.iter().filter(move |kind| in_groups(&kind.group) == inside);
        nearest(head, kinds.clone().map(|kind| kind.plural.as_ref()))
            .into_iter()
            .filter_map(|name| kinds.clone().find(|kind| kind.plural == name))
            .collect::<Vec<_>>()
    };
    let found = Some(of(true)).filter(|found| !found.is_empty()).unwrap_or_else(|| of(false));
    Some(Unknown { nearest: found.into_iter().map(near).collect() })
}

/// Looks at a subresource of a resource that is known, or of `*`.
fn check_subresource(plural: &str, group: &str, subresource: &str) -> Option<Unknown> {
    let rows = SUBRESOURCES.iter().filter(|row| plural == "*" || (row.0 == group && row.1 == plural));
    let known: Vec<&str> = rows.flat_map(|row| row.2.iter().copied()).chain(EVERYWHERE.iter().copied()).collect();
    // Services and pods are reached through `proxy` with further words.
    if known.contains(&subresource.split('/').next().unwrap_or_default()) {
        return None;
    }
    let near = nearest(&subresource.trim().to_lowercase(), known.iter().copied());
    let near = near.into_iter().map(|name| Near { name: format!("{plural}/{name}"), group: None });
    Some(Unknown { nearest: near.collect() })
}

/// What is unknown in a rule, each as a sentence with the nearest known names.
pub fn remarks(kinds: &[Resource], rule: &PolicyRule) -> Vec<String> {
    placed_remarks(kinds, rule).into_iter().map(|(_, text)| text).collect()
}

/// As [`remarks`], each with its place in the rule: `/verbs/1`.
pub fn placed_remarks(kinds: &[Resource], rule: &PolicyRule) -> Vec<(String, String)> {
    let for_urls = rule.resources.is_empty() && !rule.non_resource_urls.is_empty();
    let check = if for_urls { check_url_verb } else { check_verb };
    let groups: Vec<&str> = rule.api_groups.iter().map(String::as_str).collect();
    let of_verb = |verb: &String| Some(verb_remark(verb, &check(verb)?));
    let of_group = |group: &String| Some(group_remark(group, &check_group(kinds, group)?));
    let of_resource =
        |resource: &String| Some(resource_remark(&groups, resource, &check_resource(kinds, &groups, resource)?));
    type Remark<'a> = &'a dyn Fn(&String) -> Option<String>;
    let members: [(&str, &[String], Remark<'_>); 3] = [
        ("verbs", &rule.verbs, &of_verb),
        ("apiGroups", &rule.api_groups, &of_group),
        ("resources", &rule.resources, &of_resource),
    ];
    let of_member = |(member, names, remark): (&str, &[String], Remark<'_>)| {
        let found = names.iter().enumerate().filter_map(|(at, name)| Some((format!("/{member}/{at}"), remark(name)?)));
        found.collect::<Vec<_>>()
    };
    members.into_iter().flat_map(of_member).collect()
}

/// What no server knows in a question for a resource, as page and terminal say it. `group` is none if any group is meant.
pub fn question_remarks(kinds: &[Resource], verb: &str, group: Option<&str>, resource: &str) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(unknown) = check_verb(verb) {
        notes.push(verb_remark(verb, &unknown));
    }
    let groups = [group.unwrap_or("*")];
    if let Some(unknown) = check_resource(kinds, &groups, resource) {
        notes.push(resource_remark(&groups, resource, &unknown));
    } else if let Some(group) = group.filter(|group| *group != "*" && !serves(kinds, group)) {
        let question = check_group(kinds, group).map(|unknown| unknown.question()).unwrap_or_default();
        notes.push(format!("The cluster has no API group {group:?}.{question}"));
    }
    notes
}

/// The sentence for an unknown verb.
pub fn verb_remark(verb: &str, unknown: &Unknown) -> String {
    format!("No request has the verb {verb:?}.{}", unknown.question())
}

fn group_remark(group: &str, unknown: &Unknown) -> String {
    format!("The cluster has no API group {group:?}.{}", unknown.question())
}

/// The sentence for a resource that none of `groups` has; without groups, for one that no group has.
pub fn resource_remark(groups: &[&str], resource: &str, unknown: &Unknown) -> String {
    let place = match groups {
        [] | ["*"] => String::new(),
        [""] => " in the core API group".to_owned(),
        [group] => format!(" in API group {group:?}"),
        several => {
            format!(" in the API groups {}", several.iter().map(|g| format!("{g:?}")).collect::<Vec<_>>().join(", "))
        }
    };
    format!("The cluster has no resource {resource:?}{place}.{}", unknown.question())
}

/// The names that `word` was most likely meant to be, nearest first.
///
/// Small words allow one slip of the keyboard, longer ones one in three letters; a name that begins with the word is near, too.
pub fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let letters: Vec<char> = word.chars().take(MAX_LENGTH).collect();
    let limit = (letters.len() / 3).clamp(1, 4);
    let mut found: Vec<(usize, &str)> = names
        .filter(|name| name.len() > 1)
        .filter_map(|name| {
            let slips = slips(&letters, &name.chars().collect::<Vec<char>>());
            let begins = letters.len() >= 3 && name.starts_with(word);
            (slips <= limit && slips < letters.len() || begins).then_some((slips, name))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    let best = found.first().map_or(0, |first| first.0);
    // A name twice as far off as the best one is no help.
    found.into_iter().filter(|(slips, _)| *slips <= best.saturating_add(1)).take(MOST).map(|(_, name)| name).collect()
}

/// Maximum length of a word that is compared; longer than any name.
const MAX_LENGTH: usize = 80;

/// Number of letters to add, drop, change, or swap with their neighbour (optimal string alignment).
fn slips(a: &[char], b: &[char]) -> usize {
    let (mut before, mut last): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i.saturating_add(1)];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX);
            let changed = at(&last, j).saturating_add(usize::from(x != y));
            let mut least = changed.min(at(&last, j + 1).saturating_add(1)).min(at(&row, j).saturating_add(1));
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                least = least.min(at(&before, j - 1).saturating_add(1));
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(a.len())
}

#[cfg(test)]
mod tests {
    use super::super::discovery::built_in;
    use super::*;

    #[track_caller]
    fn check_found(found: Option<Unknown>, expected: &str) {
        let shown = |unknown: Unknown| {
            let names = unknown.nearest.iter().map(|near| match &near.group {
                Some(group) => format!("{}@{group}", near.name),
                None => near.name.clone(),
            });
            format!("?{}", names.collect::<Vec<_>>().join(","))
        };
        assert_eq!(found.map(shown).unwrap_or_default(), expected);
    }

    #[test]
    fn verbs() {
        for verb in RESOURCE_VERBS {
            check_found(check_verb(verb), "");
        }
        for (verb, expected) in [
            ("lst", "?list"),
            ("lsit", "?list"),
            ("gets", "?get"),
            ("GET", "?get"),
            ("delet", "?delete"),
            ("deletecolection", "?deletecollection"),
            ("read", "?get,list,watch"),
            ("xyzzy", "?"),
            ("", "?"),
            ("g*", "?"),
        ] {
            check_found(check_verb(verb), expected);
        }
        check_found(check_url_verb("list"), "?");
        check_found(check_url_verb("optoins"), "?options");
        check_found(check_url_verb("head"), "");
    }

    #[test]
    fn resources() {
        let kinds = built_in();
        for kind in &kinds {
            check_found(check_resource(&kinds, &[&kind.group], &kind.plural), "");
        }
        for (group, resource, expected) in [
            ("apps", "deploymnts", "?deployments"),
            ("*", "deploymnts", "?deployments"),
            ("", "deployments", "?deployments@apps"),
            ("", "deploymnts", "?deployments@apps"),
            ("", "pod", "?pods"),
            ("", "Pods", "?pods"),
            ("apps", "deploy", "?deployments"),
            ("apps", "deployments.apps", "?deployments"),
            ("", "secret", "?secrets"),
            ("", "configmap", "?configmaps"),
            ("", "pods/logs", "?pods/log"),
            ("", "pods/log", ""),
            ("", "pod/exec", "?pods/exec"),
            ("apps", "deployments/scale", ""),
            ("", "*/status", ""),
            ("", "*", ""),
            ("", "users", ""),
            ("authentication.k8s.io", "userextras/scopes", ""),
            ("karpenter.sh", "nodepools", ""),
            ("", "gizmos", "?"),
            ("", "", "?"),
        ] {
            check_found(check_resource(&kinds, &[group], resource), expected);
        }
        check_found(check_resource(&kinds, &["", "apps"], "deployments"), "");
        check_found(check_resource(&kinds, &["", "example.com"], "widgets"), "");
    }

    #[test]
    fn groups() {
        let kinds = built_in();
        for (group, expected) in [
            ("", ""),
            ("*", ""),
            ("apps", ""),
            ("app", "?apps"),
            ("apps/v1", "?apps"),
            ("v1", "?"),
            ("core", "?"),
            ("rbac", "?rbac.authorization.k8s.io"),
            ("rbac.authorisation.k8s.io", "?rbac.authorization.k8s.io"),
            ("karpenter.sh", ""),
            ("metrics.k8s.io", ""),
        ] {
            check_found(check_group(&kinds, group), expected);
        }
    }

    #[test]
    fn a_rule_is_looked_at_whole() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let rule = PolicyRule {
            verbs: words(&["get", "lst"]),
            api_groups: words(&["apps"]),
            resources: words(&["deploymnts", "pods"]),
            ..PolicyRule::default()
        };
        let expected = [
            "No request has the verb \"lst\". Did you mean \"list\"?",
            "The cluster has no resource \"deploymnts\" in API group \"apps\". Did you mean \"deployments\"?",
            "The cluster has no resource \"pods\" in API group \"apps\". Did you mean \"pods\" of the core API group?",
        ];
        assert_eq!(remarks(&built_in(), &rule), expected);
        let urls =
            PolicyRule { verbs: words(&["list"]), non_resource_urls: words(&["/metrics"]), ..PolicyRule::default() };
        assert_eq!(remarks(&built_in(), &urls), ["No request has the verb \"list\"."]);
    }

    /// Every rule that Kubernetes and EKS bring along is free of remarks.
    #[test]
    fn stock_rules_are_known() {
        let kinds = built_in();
        for (name, role, _) in super::super::bootstrap::rbac().cluster_roles() {
            for rule in &role.rules {
                assert_eq!(remarks(&kinds, rule), [""; 0], "{name}");
            }
        }
    }
}
