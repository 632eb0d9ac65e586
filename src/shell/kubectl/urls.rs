//! The URL of a request, as failed connections show it.

use crate::engine::KubeRequest;
use crate::engine::request::GroupResource;

/// HTTP method as Go's client prints it, and the path with its query.
pub fn of(request: &KubeRequest) -> (&'static str, String) {
    match request {
        KubeRequest::List { resource, namespace, .. } => {
            ("Get", format!("{}?limit=500", collection(resource, namespace.as_deref())))
        }
        KubeRequest::Get { resource, namespace, name } => {
            ("Get", format!("{}/{name}", collection(resource, namespace.as_deref())))
        }
        KubeRequest::Create { resource, namespace, dry_run, .. } => {
            let dry = if *dry_run { "dryRun=All&" } else { "" };
            let path = collection(resource, namespace.as_deref());
            ("Post", format!("{path}?{dry}fieldManager=kubectl-create&fieldValidation=Strict"))
        }
        KubeRequest::Update { resource, namespace, name, .. } => {
            ("Put", format!("{}/{name}", collection(resource, namespace.as_deref())))
        }
        KubeRequest::Patch { resource, namespace, name, .. } => {
            ("Patch", format!("{}/{name}", collection(resource, namespace.as_deref())))
        }
        KubeRequest::Delete { resource, namespace, name, .. } => {
            ("Delete", format!("{}/{name}", collection(resource, namespace.as_deref())))
        }
        KubeRequest::Subresource { verb, resource, subresource, namespace, name } => {
            let method = if verb == "get" { "Get" } else { "Post" };
            (method, format!("{}/{name}/{subresource}", collection(resource, namespace.as_deref())))
        }
        KubeRequest::TokenRequest(wanted) => {
            let accounts = collection(&GroupResource::new("", "serviceaccounts"), Some(&wanted.namespace));
            ("Post", format!("{accounts}/{}/token", wanted.name))
        }
        KubeRequest::Url { path } => ("Get", path.clone()),
        KubeRequest::SelfSubjectAccessReview { .. } => ("Post", review("selfsubjectaccessreviews")),
        KubeRequest::SubjectAccessReview { .. } => ("Post", review("subjectaccessreviews")),
        KubeRequest::SelfSubjectRulesReview { .. } => ("Post", review("selfsubjectrulesreviews")),
        KubeRequest::SelfSubjectReview => ("Post", "/apis/authentication.k8s.io/v1/selfsubjectreviews".to_owned()),
        KubeRequest::Discovery => ("Get", "/api?timeout=32s".to_owned()),
    }
}

fn review(resource: &str) -> String {
    format!("/apis/authorization.k8s.io/v1/{resource}")
}

fn collection(resource: &GroupResource, namespace: Option<&str>) -> String {
    let served = crate::k8s::discovery::built_in();
    let version = served
        .iter()
        .find(|kind| kind.group == resource.group && kind.plural == resource.resource)
        .map_or("v1", |kind| kind.version.as_ref());
    let root = if resource.group.is_empty() {
        format!("/api/{version}")
    } else {
        format!("/apis/{}/{version}", resource.group)
    };
    match namespace {
        Some(namespace) => format!("{root}/namespaces/{namespace}/{}", resource.resource),
        None => format!("{root}/{}", resource.resource),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_follow_group_and_namespace() {
        let request = KubeRequest::Get {
            resource: GroupResource::new("apps", "deployments"),
            namespace: Some("dev".to_owned()),
            name: "web".to_owned(),
        };
        assert_eq!(of(&request), ("Get", "/apis/apps/v1/namespaces/dev/deployments/web".to_owned()));
        assert_eq!(of(&KubeRequest::Discovery).1, "/api?timeout=32s");
    }
}
