//! Calls that read: lists, objects, access reviews.

use super::label_selector::LabelSelector;
use super::selectors::FieldSelector;
use super::{action, authorize, kind, reviews};
use crate::engine::authz::{self, Identity};
use crate::engine::request::{GroupResource, KubeRequest, KubeResponse};
use crate::engine::tokens;
use crate::engine::world::{Cluster, World};
use crate::k8s::attributes::{Action, ResourceAction, UserInfo};
use crate::k8s::rules_review::{self, RulesReview};
use crate::k8s::status::Status;

/// What a webhook authorizer says to a rules review (rbac 9).
const WEBHOOK_INCOMPLETE: &str = "webhook authorizer does not support user rule resolution";
/// What the node authorizer says, to nodes.
const NODE_INCOMPLETE: &str = "node authorizer does not support user rule resolution";

/// Answers a call that reads.
///
/// # Errors
/// The API server's status.
pub fn answer(
    world: &World,
    cluster: &Cluster,
    identity: &Identity,
    request: &KubeRequest,
) -> Result<KubeResponse, Status> {
    match request {
        KubeRequest::List { resource, namespace, label_selector, field_selector } => {
            list(cluster, identity, resource, namespace.as_deref(), label_selector, field_selector)
        }
        KubeRequest::Get { resource, namespace, name } => {
            authorize(cluster, identity, action("get", resource, namespace.as_deref(), name))?;
            let kind = kind(cluster, resource)?;
            let found = cluster.objects.get(&kind, namespace.as_deref().unwrap_or_default(), name);
            let object = found.ok_or_else(|| Status::not_found(&resource.resource, &resource.group, name))?;
            Ok(KubeResponse::Object(object))
        }
        KubeRequest::Subresource { verb, resource, subresource, namespace, name } => {
            let place = namespace.as_deref();
            authorize(cluster, identity, below(verb, resource, place, name, subresource))?;
            let kind = kind(cluster, resource)?;
            match cluster.objects.get(&kind, place.unwrap_or_default(), name) {
                Some(_) => Ok(KubeResponse::Done),
                None => Err(Status::not_found(&resource.resource, &resource.group, name)),
            }
        }
        KubeRequest::TokenRequest(wanted) => {
            let accounts = GroupResource::new("", "serviceaccounts");
            authorize(cluster, identity, below("create", &accounts, Some(&wanted.namespace), &wanted.name, "token"))?;
            Ok(KubeResponse::Object(tokens::answer(world, cluster, wanted)?))
        }
        KubeRequest::Url { path } => {
            authorize(cluster, identity, Action::Url { verb: "get".to_owned(), path: path.clone() })?;
            url(cluster, path)
        }
        KubeRequest::SelfSubjectAccessReview { action } => {
            review(cluster, identity, "authorization.k8s.io", "selfsubjectaccessreviews")?;
            Ok(access_review(cluster, identity, action))
        }
        KubeRequest::SubjectAccessReview { user, action } => {
            review(cluster, identity, "authorization.k8s.io", "subjectaccessreviews")?;
            if user.username.is_empty() && user.groups.is_empty() {
                return Err(reviews::refused(vec![reviews::nobody()]));
            }
            // A review uses user and groups as stated; no access entry stands behind them (rbac 7).
            Ok(access_review(cluster, &Identity { user: user.clone(), holder: None }, action))
        }
        KubeRequest::SelfSubjectRulesReview { namespace } => {
            review(cluster, identity, "authorization.k8s.io", "selfsubjectrulesreviews")?;
            if namespace.is_empty() {
                return Err(Status::bad_request("no namespace on request"));
            }
            Ok(KubeResponse::RulesReview(rules(cluster, &identity.user, namespace)))
        }
        KubeRequest::SelfSubjectReview => {
            review(cluster, identity, "authentication.k8s.io", "selfsubjectreviews")?;
            Ok(KubeResponse::User(identity.user.clone()))
        }
        KubeRequest::Discovery => {
            authorize(cluster, identity, Action::Url { verb: "get".to_owned(), path: "/api".to_owned() })?;
            Ok(KubeResponse::Discovery(cluster.objects.resources()))
        }
        // Writes come in by another way; here they would change nothing.
        KubeRequest::Create { .. }
        | KubeRequest::Update { .. }
        | KubeRequest::Patch { .. }
        | KubeRequest::Delete { .. } => {
            let _ = world;
            Err(Status::method_not_allowed())
        }
    }
}

/// Reviews are objects that are created; every authenticated identity may (`system:basic-user`) unless taken away.
fn review(cluster: &Cluster, identity: &Identity, group: &str, resource: &str) -> Result<(), Status> {
    authorize(cluster, identity, action("create", &GroupResource::new(group, resource), None, ""))
}

fn access_review(cluster: &Cluster, identity: &Identity, action: &Action) -> KubeResponse {
    let decision = authz::decide(cluster, identity, action);
    KubeResponse::AccessReview { allowed: decision.allowed, reason: decision.reason, evaluation_error: String::new() }
}

/// The attributes of a request below an object.
fn below(verb: &str, resource: &GroupResource, namespace: Option<&str>, name: &str, subresource: &str) -> Action {
    match action(verb, resource, namespace, name) {
        Action::Resource(asked) => Action::Resource(ResourceAction { subresource: subresource.to_owned(), ..asked }),
        url @ Action::Url { .. } => url,
    }
}

/// The rules review of the whole chain (rbac 9): RBAC's rules; the other authorizers only say that there may be more.
pub fn rules(cluster: &Cluster, user: &UserInfo, namespace: &str) -> RulesReview {
    let mut review = rules_review::rules_for(cluster.objects.rbac(), user, namespace);
    let mut errors: Vec<String> = Vec::new();
    if authz::is_node(user) {
        review.incomplete = true;
        errors.push(NODE_INCOMPLETE.to_owned());
    }
    if cluster.eks_authorizer {
        review.incomplete = true;
        errors.push(WEBHOOK_INCOMPLETE.to_owned());
    }
    if !review.evaluation_error.is_empty() {
        errors.push(std::mem::take(&mut review.evaluation_error));
    }
    review.evaluation_error = match errors.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    };
    review
}

fn list(
    cluster: &Cluster,
    identity: &Identity,
    resource: &GroupResource,
    namespace: Option<&str>,
    labels: &str,
    fields: &str,
) -> Result<KubeResponse, Status> {
    let fields = FieldSelector::parse(fields, &resource.resource)?;
    let asked = match (action("list", resource, namespace, ""), fields.name()) {
        (Action::Resource(asked), Some(name)) => Action::Resource(ResourceAction { name: name.to_owned(), ..asked }),
        (asked, _) => asked,
    };
    authorize(cluster, identity, asked)?;
    let kind = kind(cluster, resource)?;
    let labels = LabelSelector::parse(labels)?;
    let items = cluster.objects.list(&kind, namespace);
    let items = items.into_iter().filter(|object| labels.matches(object) && fields.matches(object)).collect();
    Ok(KubeResponse::List { items })
}

/// The URLs that answer here; the others are authorized and then not found.
fn url(cluster: &Cluster, path: &str) -> Result<KubeResponse, Status> {
    match path.trim_end_matches('/') {
        "/healthz" | "/livez" | "/readyz" => Ok(KubeResponse::Text("ok".to_owned())),
        "/version" => {
            let (major, minor) = version_parts(&cluster.server_version);
            Ok(KubeResponse::Text(format!(
                "{{\n  \"major\": \"{major}\",\n  \"minor\": \"{minor}\",\n  \"gitVersion\": \"{}\"\n}}",
                cluster.server_version
            )))
        }
        _ => Err(Status::no_such_resource()),
    }
}

/// Major and minor of `v1.33.3-eks-1`.
fn version_parts(version: &str) -> (&str, &str) {
    let mut parts = version.trim_start_matches('v').split('.');
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}
