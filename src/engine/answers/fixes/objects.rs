//! The calls that fixes are made of.

use serde_json::{Value, json};

use crate::engine::authn::AWS_AUTH;
use crate::engine::request::{GroupResource, KubeRequest, PatchKind, Request};
use crate::engine::world::Cluster;
use crate::k8s::attributes::Action;
use crate::k8s::rbac::{API_GROUP, BindingKey, RoleRef, Subject};

fn kube(cluster: &Cluster, request: KubeRequest) -> Request {
    Request::Kube { cluster: cluster.name.clone(), request }
}

fn plural(kind: &str) -> GroupResource {
    GroupResource::new(API_GROUP, format!("{}s", kind.to_ascii_lowercase()))
}

fn create(cluster: &Cluster, resource: GroupResource, namespace: Option<&str>, object: Value) -> Request {
    let namespace = namespace.map(str::to_owned);
    kube(cluster, KubeRequest::Create { resource, namespace, object, dry_run: false, strict: true })
}

fn metadata(namespace: Option<&str>, name: &str) -> Value {
    match namespace {
        Some(namespace) => json!({"name": name, "namespace": namespace}),
        None => json!({"name": name}),
    }
}

/// The namespace of a request, made first if it does not exist: nothing can be put into it before.
pub fn namespace(cluster: &Cluster, action: &Action) -> Vec<Request> {
    let missing = action.namespace().filter(|name| !cluster.objects.has_namespace(name));
    let object = |name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    missing.map(|name| create(cluster, GroupResource::new("", "namespaces"), None, object(name))).into_iter().collect()
}

/// A new Role in a namespace, or a new ClusterRole.
pub fn role(cluster: &Cluster, namespace: Option<&str>, name: &str, rules: &[Value]) -> Request {
    let kind = role_kind(namespace);
    let object = json!({
        "apiVersion": format!("{API_GROUP}/v1"),
        "kind": kind,
        "metadata": metadata(namespace, name),
        "rules": rules,
    });
    create(cluster, plural(kind), namespace, object)
}

/// The kind of roles that are defined in a namespace, or outside.
pub fn role_kind(namespace: Option<&str>) -> &'static str {
    if namespace.is_some() { "Role" } else { "ClusterRole" }
}

/// A new binding.
pub fn binding(cluster: &Cluster, key: &BindingKey, kind: &str, role: &str, subject: &Subject) -> Request {
    let namespace = key.namespace.as_deref();
    let object = json!({
        "apiVersion": format!("{API_GROUP}/v1"),
        "kind": key.kind(),
        "metadata": metadata(namespace, &key.name),
        "roleRef": RoleRef { api_group: API_GROUP.to_owned(), kind: kind.to_owned(), name: role.to_owned() },
        "subjects": [subject],
    });
    create(cluster, plural(key.kind()), namespace, object)
}

/// Puts an item at the end of a list of an object of RBAC (RFC 6902); an empty list is not there yet.
pub fn append(
    cluster: &Cluster,
    kind: &str,
    namespace: Option<&str>,
    name: &str,
    list: (&str, bool),
    item: Value,
) -> Request {
    let (list, is_empty) = list;
    let patch = if is_empty {
        json!([{"op": "add", "path": format!("/{list}"), "value": [item]}])
    } else {
        json!([{"op": "add", "path": format!("/{list}/-"), "value": item}])
    };
    patch_of(cluster, plural(kind), namespace, name, PatchKind::Json, patch)
}

/// Gives a section of aws-auth another text; the ConfigMap is made if it is missing.
pub fn aws_auth(cluster: &Cluster, section: &str, text: &str) -> Request {
    let (namespace, name) = AWS_AUTH;
    let resource = GroupResource::new("", "configmaps");
    let data = json!({section: text});
    if cluster.objects.config_map(namespace, name).is_some() {
        return patch_of(cluster, resource, Some(namespace), name, PatchKind::Merge, json!({"data": data}));
    }
    let metadata = metadata(Some(namespace), name);
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data});
    create(cluster, resource, Some(namespace), object)
}

fn patch_of(
    cluster: &Cluster,
    resource: GroupResource,
    namespace: Option<&str>,
    name: &str,
    kind: PatchKind,
    patch: Value,
) -> Request {
    let (namespace, name) = (namespace.map(str::to_owned), name.to_owned());
    kube(cluster, KubeRequest::Patch { resource, namespace, name, kind, patch, dry_run: false, strict: true })
}

/// A subject of RBAC.
pub fn subject(kind: &str, name: &str) -> Subject {
    Subject { kind: kind.to_owned(), api_group: API_GROUP.to_owned(), name: name.to_owned(), namespace: String::new() }
}

/// A name that objects may have, made of any text: no capitals, no signs.
pub fn plain(text: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let text: String = text.chars().map(keep).collect();
    let mut words = text.split('-').filter(|word| !word.is_empty());
    let mut name = words.next().unwrap_or("any").to_owned();
    for word in words {
        if name.len() + word.len() > 50 {
            break;
        }
        name.push('-');
        name.push_str(word);
    }
    name
}

/// `wanted`, or `wanted-2` and so on if it is taken.
pub fn unused(wanted: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut name = wanted.to_owned();
    let mut number = 1;
    while taken(&name) {
        number += 1;
        name = format!("{wanted}-{number}");
    }
    name
}
