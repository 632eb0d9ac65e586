//! `kubectl create clusterrole|role|clusterrolebinding|rolebinding` (cli 11.1, 11.2).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::engine::request::GroupResource;
use crate::k8s::discovery::Resource;

use super::failure::{Failure, local};
use super::flags::Parsed;
use super::resources::TypeName;
use super::tool::{Outcome, Tool};
use super::writing::{New, bare, create, one_name};

const GROUP: &str = "rbac.authorization.k8s.io";
const API_VERSION: &str = "rbac.authorization.k8s.io/v1";

/// Verbs on resources that raise no warning.
const RESOURCE_VERBS: [&str; 14] = [
    "*",
    "get",
    "delete",
    "list",
    "create",
    "update",
    "patch",
    "watch",
    "proxy",
    "deletecollection",
    "use",
    "bind",
    "escalate",
    "impersonate",
];
/// Verbs that URLs may have.
const URL_VERBS: [&str; 8] = ["*", "get", "post", "put", "delete", "patch", "head", "options"];
/// Verbs that only some resources have: verb, group, resource.
const SPECIAL_VERBS: [(&str, &str, &str); 10] = [
    ("use", "policy", "podsecuritypolicies"),
    ("use", "extensions", "podsecuritypolicies"),
    ("bind", GROUP, "roles"),
    ("bind", GROUP, "clusterroles"),
    ("escalate", GROUP, "roles"),
    ("escalate", GROUP, "clusterroles"),
    ("impersonate", "", "users"),
    ("impersonate", "", "serviceaccounts"),
    ("impersonate", "", "groups"),
    ("impersonate", "authentication.k8s.io", "userextras"),
];

/// A resource as typed: `deployments.apps/scale`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Typed {
    resource: String,
    group: String,
    subresource: String,
}

/// `create clusterrole`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn cluster_role(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let name = one_name(parsed)?;
    let aggregation = parsed.text("aggregation-rule").filter(|text| !text.is_empty());
    let urls = distinct(parsed.all("non-resource-url"));
    let mut object = base("ClusterRole", name);
    if let Some(aggregation) = aggregation {
        if !urls.is_empty() || ["verb", "resource", "resource-name"].iter().any(|flag| !parsed.all(flag).is_empty()) {
            return Err(local(
                "aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames",
            ));
        }
        object.insert("rules".to_owned(), Value::Null);
        object.insert(
            "aggregationRule".to_owned(),
            json!({"clusterRoleSelectors": [{"matchLabels": labels(aggregation)}]}),
        );
    } else {
        let rules = rules(tool, parsed, Some(&urls))?;
        object.insert("rules".to_owned(), rules);
    }
    let resource = GroupResource::new(GROUP, "clusterroles");
    create(tool, parsed, New { resource, object: Value::Object(object), namespaced: false }, bare)
}

/// `create role`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn role(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let mut object = base("Role", one_name(parsed)?);
    object.insert("rules".to_owned(), rules(tool, parsed, None)?);
    let resource = GroupResource::new(GROUP, "roles");
    create(tool, parsed, New { resource, object: Value::Object(object), namespaced: true }, bare)
}

/// `create clusterrolebinding`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn cluster_role_binding(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let name = one_name(parsed)?;
    let object = binding(parsed, "ClusterRoleBinding", name, "ClusterRole", parsed.text_or_empty("clusterrole"))?;
    let resource = GroupResource::new(GROUP, "clusterrolebindings");
    let new = New { resource, object, namespaced: false };
    create(tool, parsed, new, |failure| failure.failed_to_create("clusterrolebinding"))
}

/// `create rolebinding`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn role_binding(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let name = one_name(parsed)?;
    let (kind, role) = match (parsed.text_or_empty("clusterrole"), parsed.text_or_empty("role")) {
        (role, "") if !role.is_empty() => ("ClusterRole", role),
        ("", role) if !role.is_empty() => ("Role", role),
        _ => return Err(local("exactly one of clusterrole or role must be specified")),
    };
    let object = binding(parsed, "RoleBinding", name, kind, role)?;
    let resource = GroupResource::new(GROUP, "rolebindings");
    let new = New { resource, object, namespaced: true };
    create(tool, parsed, new, |failure| failure.failed_to_create("rolebinding"))
}

fn base(kind: &str, name: &str) -> Map<String, Value> {
    let object = json!({
        "kind": kind, "apiVersion": API_VERSION, "metadata": {"name": name, "creationTimestamp": null},
    });
    object.as_object().cloned().unwrap_or_default()
}

fn binding(parsed: &Parsed, kind: &str, name: &str, role_kind: &str, role: &str) -> Result<Value, Failure> {
    let mut subjects = Vec::new();
    for (flag, kind) in [("user", "User"), ("group", "Group")] {
        let named = |name: String| json!({"kind": kind, "apiGroup": GROUP, "name": name});
        subjects.extend(parsed.all(flag).into_iter().map(named));
    }
    for account in parsed.all("serviceaccount") {
        let parts: Vec<&str> = account.split(':').collect();
        let [namespace, name] = parts.as_slice() else {
            return Err(local("serviceaccount must be <namespace>:<name>"));
        };
        if namespace.is_empty() || name.is_empty() {
            return Err(local("serviceaccount must be <namespace>:<name>"));
        }
        subjects.push(json!({"kind": "ServiceAccount", "name": name, "namespace": namespace}));
    }
    let mut object = base(kind, name);
    if !subjects.is_empty() {
        object.insert("subjects".to_owned(), json!(subjects));
    }
    object.insert("roleRef".to_owned(), json!({"apiGroup": GROUP, "kind": role_kind, "name": role}));
    Ok(Value::Object(object))
}

/// The rules of `--verb`, `--resource`, `--resource-name`, and `--non-resource-url` where there is one:
/// one for each API group, in byte order, then one for the URLs.
fn rules(tool: &mut Tool<'_, '_>, parsed: &Parsed, urls: Option<&[String]>) -> Result<Value, Failure> {
    let mut verbs = distinct(parsed.all("verb"));
    if verbs.iter().any(|verb| verb == "*") {
        verbs = vec!["*".to_owned()];
    }
    let mut typed: Vec<Typed> = Vec::new();
    for text in parsed.all("resource") {
        let one = Typed::read(&text);
        if text == "*" {
            typed = vec![one];
            break;
        }
        typed.push(one);
    }
    if verbs.is_empty() {
        return Err(local("at least one verb must be specified"));
    }
    match urls {
        Some([]) if typed.is_empty() => return Err(local("one of resource or nonResourceURL must be specified")),
        None if typed.is_empty() => {
            warn_of_verbs(tool, &verbs);
            return Err(local("at least one resource must be specified"));
        }
        _ => {}
    }
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if !typed.is_empty() {
        warn_of_verbs(tool, &verbs);
        // Resolving a name asks twice.
        let kinds = tool.kinds(2)?;
        for one in &typed {
            let checked = one.check(&kinds, &verbs);
            if checked.is_err() {
                tool.point_out(&kinds, &one.resource, &one.group);
            }
            checked?;
            if one.resource == "*" {
                break;
            }
        }
        for one in &typed {
            let (group, resource) = one.resolve(&kinds).unwrap_or((one.group.clone(), one.resource.clone()));
            let resource =
                if one.subresource.is_empty() { resource } else { format!("{resource}/{}", one.subresource) };
            let resources = groups.entry(group).or_default();
            if !resources.contains(&resource) {
                resources.push(resource);
            }
        }
    }
    let urls = urls.unwrap_or_default();
    let foreign = verbs.iter().find(|verb| !URL_VERBS.contains(&verb.as_str()));
    if let Some(verb) = foreign.filter(|_| !urls.is_empty()) {
        return Err(local(format!("invalid verb: '{verb}' for nonResourceURL")));
    }
    for url in urls.iter().filter(|url| *url != "*") {
        if !url.starts_with('/') {
            return Err(local("nonResourceURL should start with /"));
        }
        if url.strip_suffix('*').unwrap_or(url).contains('*') {
            return Err(local("nonResourceURL only supports wildcard matches when '*' is at the end"));
        }
    }
    let names = distinct(parsed.all("resource-name"));
    let mut rules: Vec<Value> = Vec::new();
    for (group, resources) in groups {
        let mut rule = json!({"verbs": verbs, "apiGroups": [group], "resources": resources});
        if let Some(members) = rule.as_object_mut().filter(|_| !names.is_empty()) {
            members.insert("resourceNames".to_owned(), json!(names));
        }
        rules.push(rule);
    }
    if !urls.is_empty() {
        rules.push(json!({"verbs": verbs, "nonResourceURLs": urls}));
    }
    Ok(Value::Array(rules))
}

fn warn_of_verbs(tool: &mut Tool<'_, '_>, verbs: &[String]) {
    for verb in verbs.iter().filter(|verb| !RESOURCE_VERBS.contains(&verb.as_str())) {
        tool.complain(format!("Warning: '{verb}' is not a standard resource verb"));
    }
}

impl Typed {
    fn read(text: &str) -> Self {
        let (head, subresource) = text.split_once('/').unwrap_or((text, ""));
        let (resource, group) = head.split_once('.').unwrap_or((head, ""));
        Self { resource: resource.to_owned(), group: group.to_owned(), subresource: subresource.to_owned() }
    }

    /// Group and plural name, if the server knows the resource.
    fn resolve(&self, kinds: &[Resource]) -> Option<(String, String)> {
        let name = TypeName::read(&crate::k8s::status::qualified(&self.resource, &self.group));
        name.find(kinds).map(|kind| (kind.group.to_string(), kind.plural.to_string()))
    }

    fn check(&self, kinds: &[Resource], verbs: &[String]) -> Result<(), Failure> {
        if self.resource.is_empty() {
            return Err(local("resource must be specified if apiGroup/subresource specified"));
        }
        if self.resource == "*" {
            return Ok(());
        }
        let found = self.resolve(kinds);
        let (group, resource) = found.clone().unwrap_or((self.group.clone(), self.resource.clone()));
        let mut special = false;
        for verb in verbs {
            let mut rows = SPECIAL_VERBS.iter().filter(|(special, _, _)| special == verb).peekable();
            if rows.peek().is_none() {
                continue;
            }
            if !rows.any(|(_, g, r)| *g == group && *r == resource) {
                return Err(local(format!("can not perform '{verb}' on '{resource}' in group '{group}'")));
            }
            special = true;
        }
        if found.is_some() || special {
            return Ok(());
        }
        let place = if self.group.is_empty() { String::new() } else { format!(" in group {:?}", self.group) };
        Err(Failure::Plain(format!("the server doesn't have a resource type {:?}{place}", self.resource)))
    }
}

/// `k=v,k2=v2` as an object; the flag has been checked.
fn labels(text: &str) -> Value {
    let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
    Value::Object(pairs.map(|(key, value)| (key.trim().to_owned(), json!(value.trim()))).collect())
}

/// Each text once, in order.
fn distinct(texts: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    texts.into_iter().filter(|text| seen.insert(text.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k8s::discovery::built_in;

    #[test]
    fn resources_resolve_to_plurals() {
        let check = |text: &str, expected: Option<(&str, &str)>| {
            let found = Typed::read(text).resolve(&built_in());
            let found = found.as_ref().map(|(group, resource)| (group.as_str(), resource.as_str()));
            assert_eq!(found, expected, "{text}");
        };
        check("po", Some(("", "pods")));
        check("rs.apps", Some(("apps", "replicasets")));
        check("deploy/scale", Some(("apps", "deployments")));
        check("widgets", None);
    }

    #[test]
    fn special_verbs_belong_to_their_resources() {
        let check = |text: &str, verb: &str| Typed::read(text).check(&built_in(), &[verb.to_owned()]);
        assert!(check("users", "impersonate").is_ok());
        assert!(check("roles", "bind").is_ok());
        assert_eq!(check("pods", "use"), Err(local("can not perform 'use' on 'pods' in group ''")));
        assert!(check("users", "get").is_err());
    }
}
