//! Resource arguments: `TYPE`, `TYPE NAME…`, `TYPE/NAME…`, `TYPE1,TYPE2`, `all` (cli 8).

use crate::engine::request::GroupResource;
use crate::k8s::discovery::Resource;

use super::failure::{Failure, local, no_type};
use super::tool::Tool;

/// What a command is to work on: a kind, and one object or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The kind.
    pub kind: Resource,
    /// One object; `None` for the collection.
    pub name: Option<String>,
}

/// The arguments, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// In the order of the arguments.
    pub wanted: Vec<Wanted>,
    /// True if exactly one object was named.
    pub single: bool,
}

/// How often a command that takes resource arguments asks for the kinds before it gives up (recorded).
pub const ATTEMPTS: usize = 5;

/// The resource part of a request for a kind.
pub fn group_resource(kind: &Resource) -> GroupResource {
    GroupResource::new(kind.group.as_ref(), kind.plural.as_ref())
}

/// The namespace of a request for a kind: none for cluster-scoped kinds.
pub fn place(kind: &Resource, namespace: &str) -> Option<String> {
    (kind.namespaced && !namespace.is_empty()).then(|| namespace.to_owned())
}

/// `TYPE[.GROUP]` in lower case, the name kubectl gives to kinds of objects.
pub fn kind_name(kind: &Resource) -> String {
    crate::k8s::status::qualified(&kind.kind.to_lowercase(), &kind.group)
}

/// `resource`, `resource.group` or `resource.version.group`; the first part in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeName {
    /// The part before the first dot.
    pub resource: String,
    /// What follows the first dot.
    pub group: String,
    /// The same, read with a version: version and group.
    versioned: Option<(String, String)>,
}

impl TypeName {
    /// Reads a type as typed.
    pub fn read(typed: &str) -> Self {
        let typed = typed.to_lowercase();
        let (resource, rest) = typed.split_once('.').unwrap_or((&typed, ""));
        let versioned = rest.split_once('.').map(|(version, group)| (version.to_owned(), group.to_owned()));
        Self { resource: resource.to_owned(), group: rest.to_owned(), versioned }
    }

    /// The kind that is meant. A group may be cut short if no kind has exactly this one.
    pub fn find<'k>(&self, kinds: &'k [Resource]) -> Option<&'k Resource> {
        let named = |kind: &&Resource| {
            kind.plural == self.resource
                || kind.singular == self.resource
                || kind.short_names.iter().any(|short| *short == self.resource)
        };
        let versioned = self.versioned.as_ref().and_then(|(version, group)| {
            kinds.iter().filter(named).find(|kind| kind.version == *version && kind.group == *group)
        });
        let exact = || kinds.iter().filter(named).find(|kind| self.group.is_empty() || kind.group == self.group);
        let prefix = || kinds.iter().filter(named).find(|kind| kind.group.starts_with(&self.group));
        versioned.or_else(exact).or_else(prefix)
    }
}

/// Resolves the arguments of get, describe, delete and the like.
///
/// # Errors
/// Unknown types, mixed forms, and a server that does not list its kinds.
pub fn select(tool: &mut Tool<'_, '_>, args: &[String]) -> Result<Selection, Failure> {
    let slashes = args.iter().filter(|arg| arg.contains('/')).count();
    if slashes > 0 && slashes < args.len() {
        return Err(local(
            "there is no need to specify a resource type as a separate argument when passing arguments in \
             resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource \
             resource/<resource_name>'",
        ));
    }
    let pairs: Vec<(Vec<&str>, Vec<&str>)> = if slashes > 0 {
        args.iter().map(|arg| pair(arg)).collect::<Result<_, _>>()?
    } else {
        let types = args.first().map(|types| types.split(',').collect()).unwrap_or_default();
        vec![(types, args.iter().skip(1).map(String::as_str).collect())]
    };
    let kinds = tool.kinds(ATTEMPTS)?;
    let mut wanted = Vec::new();
    for (types, names) in pairs {
        for typed in types {
            let found = resolve(&kinds, typed);
            if found.is_err() {
                let name = TypeName::read(typed);
                tool.point_out(&kinds, &name.resource, &name.group);
            }
            for kind in found? {
                if names.is_empty() {
                    wanted.push(Wanted { kind: kind.clone(), name: None });
                }
                let named = |name: &&str| Wanted { kind: kind.clone(), name: Some((*name).to_owned()) };
                wanted.extend(names.iter().map(named));
            }
        }
    }
    // Two names of one type are one type.
    let mut seen: Vec<Wanted> = Vec::new();
    if args.len() == 1 {
        wanted.retain(|one| {
            let new = !seen.contains(one);
            if new {
                seen.push(one.clone());
            }
            new
        });
    }
    let single = matches!(wanted.as_slice(), [Wanted { name: Some(_), .. }]);
    Ok(Selection { wanted, single })
}

fn pair(arg: &str) -> Result<(Vec<&str>, Vec<&str>), Failure> {
    let mut parts = arg.split('/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(kind), Some(name), None) if !kind.is_empty() && !name.is_empty() => Ok((vec![kind], vec![name])),
        (_, _, Some(_)) => Err(local("arguments in resource/name form may not have more than one slash")),
        _ => Err(local("arguments in resource/name form must have a single resource and name")),
    }
}

fn resolve<'k>(kinds: &'k [Resource], typed: &str) -> Result<Vec<&'k Resource>, Failure> {
    if typed == "all" {
        return Ok(kinds.iter().filter(|kind| kind.in_all).collect());
    }
    let name = TypeName::read(typed);
    name.find(kinds).map(|kind| vec![kind]).ok_or_else(|| no_type(typed.split('.').next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::k8s::discovery::built_in;

    #[test]
    fn types_have_many_names() {
        let kinds = built_in();
        let check = |typed: &str, expected: Option<&str>| {
            let found = TypeName::read(typed).find(&kinds).map(Resource::qualified);
            assert_eq!(found.as_deref(), expected, "{typed}");
        };
        for typed in ["pods", "pod", "po", "PODS", "Pod", "pods.", "pods.v1."] {
            check(typed, Some("pods"));
        }
        for typed in ["deploy", "deploy.apps", "deployments.v1.apps", "deployment.apps"] {
            check(typed, Some("deployments.apps"));
        }
        check("clusterroles.rbac.authorization.k8s.io", Some("clusterroles.rbac.authorization.k8s.io"));
        check("roles.rbac", Some("roles.rbac.authorization.k8s.io"));
        check("events", Some("events"));
        check("events.events.k8s.io", Some("events.events.k8s.io"));
        check("deployments.extensions", None);
        check("pods.v2.", None);
        check("foo", None);
    }

    #[test]
    fn forms_must_not_be_mixed_up() {
        assert!(pair("pod/web").is_ok());
        for bad in ["pod/", "/web", "a/b/c"] {
            assert!(pair(bad).is_err(), "{bad}");
        }
        assert_eq!(resolve(&built_in(), "all").unwrap().len(), 10);
    }
}
