//! Reviews as objects (rbac 1, 9): `kubectl create -f` of a SelfSubjectAccessReview and its kin. Nothing is stored;
//! the answer is the object with its status.
//!
//! Sources: `pkg/apis/authorization/validation/validation.go` and `pkg/registry/authorization/*/rest.go`, v1.33.

use serde_json::{Map, Value, json};

use super::reads;
use crate::engine::authn;
use crate::engine::authz::{self, Identity};
use crate::engine::tokens::Fault;
use crate::engine::world::{Cluster, World};
use crate::formats::go_text;
use crate::k8s::attributes::{Action, ResourceAction, UserInfo};
use crate::k8s::discovery::Resource;
use crate::k8s::object::{Meta, StringMap};
use crate::k8s::status::Status;
use crate::k8s::validate::FieldError;

const GROUP: &str = "authorization.k8s.io";

/// Whether objects of a kind are answered and not stored.
pub fn is_review(kind: &Resource) -> bool {
    kind.group == GROUP || kind.group == "authentication.k8s.io"
}

/// The refusal of a review. Its kind is empty: the server asks the decoded object for it, which no longer says.
pub fn refused(errors: Vec<FieldError>) -> Status {
    Status::invalid("", GROUP, "", errors.iter().map(ToString::to_string).collect())
}

/// A review of nobody.
pub fn nobody() -> FieldError {
    FieldError::invalid("spec.user", "", "at least one of user or group must be specified")
}

/// The answer to a review that `identity` may make.
///
/// # Errors
/// What is wrong with it.
pub fn answer(
    world: &World,
    cluster: &Cluster,
    identity: &Identity,
    kind: &Resource,
    meta: &Meta,
    body: &Map<String, Value>,
) -> Result<Value, Status> {
    let object = |spec: Option<Value>, status: Value| {
        let mut out = Map::new();
        // Only a review of the caller says when it was made; that is filled in as with a dry run.
        let mut metadata = match spec {
            None => json!({ "resourceVersion": "0" }),
            Some(_) => json!({ "creationTimestamp": null }),
        };
        if let (false, Some(members)) = (meta.namespace.is_empty(), metadata.as_object_mut()) {
            members.insert("namespace".into(), json!(meta.namespace));
        }
        out.insert("kind".into(), json!(kind.kind));
        out.insert("apiVersion".into(), json!(kind.api_version()));
        out.insert("metadata".into(), metadata);
        out.extend(spec.map(|spec| ("spec".to_owned(), spec)));
        out.insert("status".into(), status);
        Value::Object(out)
    };
    let spec = body.get("spec").cloned().unwrap_or_default();
    match kind.kind.as_ref() {
        "SelfSubjectReview" => Ok(object(None, json!({ "userInfo": without_defaults(&json!(identity.user)) }))),
        "SelfSubjectRulesReview" => {
            let namespace = text(&spec, "namespace");
            if namespace.is_empty() {
                return Err(Status::bad_request("no namespace on request"));
            }
            // The server answers with an object of its own: the namespace is not in it.
            Ok(object(Some(json!({})), json!(reads::rules(cluster, &identity.user, namespace))))
        }
        "TokenReview" => {
            let token = text(&spec, "token");
            if token.is_empty() {
                return Err(Status::bad_request("token is required for TokenReview in authentication"));
            }
            let audiences: Option<Vec<String>> =
                spec.get("audiences").cloned().and_then(|list| serde_json::from_value(list).ok());
            // This object alone is the client's own, metadata and all.
            let mut answer = object(Some(without_defaults(&spec)), token_status(world, cluster, token, audiences));
            if let Some(members) = answer.get_mut("metadata").and_then(Value::as_object_mut) {
                let texts = [("labels", &meta.labels), ("annotations", &meta.annotations)];
                let texts = texts.into_iter().filter(|(_, texts)| !texts.is_empty());
                let name = Some(&meta.name).filter(|name| !name.is_empty());
                members.extend(name.map(|name| ("name".to_owned(), json!(name))));
                members.extend(texts.map(|(member, texts)| (member.to_owned(), json!(texts))));
            }
            Ok(answer)
        }
        own => {
            let asked = Asked::read(&spec);
            let errors = asked.errors(own, meta);
            let Some(action) = asked.action().filter(|_| errors.is_empty()) else { return Err(refused(errors)) };
            // A review of somebody uses user and groups as stated; no access entry stands behind them (rbac 7).
            let somebody = Identity { user: asked.user.clone(), holder: None };
            let decision = authz::decide(cluster, if own == SELF { identity } else { &somebody }, &action);
            let mut status = json!({ "allowed": decision.allowed });
            if let (false, Some(members)) = (decision.reason.is_empty(), status.as_object_mut()) {
                members.insert("reason".into(), json!(decision.reason));
            }
            Ok(object(Some(without_defaults(&spec)), status))
        }
    }
}

/// What the authenticators make of a token (iam 1).
fn token_status(world: &World, cluster: &Cluster, token: &str, audiences: Option<Vec<String>>) -> Value {
    let (lookup, audiences) = authn::look_up_token(world, cluster, token, audiences.as_deref().unwrap_or_default());
    match lookup.outcome {
        Ok(identity) => {
            let user = without_defaults(&json!(identity.user));
            json!({ "authenticated": true, "user": user, "audiences": audiences })
        }
        Err(refusal) => {
            // One authenticator stands beside the cluster's: the server's own loopback token.
            let error = match refusal {
                authn::Refusal::Token(Fault::ServiceAccount(text)) => format!("[invalid bearer token, {text}]"),
                _ => "invalid bearer token".to_owned(),
            };
            json!({ "user": {}, "error": error })
        }
    }
}

const SELF: &str = "SelfSubjectAccessReview";
const LOCAL: &str = "LocalSubjectAccessReview";

fn text<'a>(of: &'a Value, member: &str) -> &'a str {
    of.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// What the spec of an access review asks.
struct Asked {
    resource: Option<ResourceAction>,
    url: Option<(String, String)>,
    user: UserInfo,
}

impl Asked {
    fn read(spec: &Value) -> Self {
        let given = |member: &str| spec.get(member).filter(|value| value.is_object());
        let resource = given("resourceAttributes").map(|of| {
            let [verb, api_group, resource, subresource, name, namespace] =
                ["verb", "group", "resource", "subresource", "name", "namespace"]
                    .map(|member| text(of, member).to_owned());
            ResourceAction { verb, api_group, resource, subresource, name, namespace }
        });
        let url = given("nonResourceAttributes").map(|of| (text(of, "verb").to_owned(), text(of, "path").to_owned()));
        let groups = spec.get("groups").and_then(Value::as_array).into_iter().flatten();
        let user = UserInfo {
            username: text(spec, "user").to_owned(),
            uid: text(spec, "uid").to_owned(),
            groups: groups.map(|group| group.as_str().unwrap_or_default().to_owned()).collect(),
            ..UserInfo::default()
        };
        Self { resource, url, user }
    }

    fn action(&self) -> Option<Action> {
        let url = || self.url.clone().map(|(verb, path)| Action::Url { verb, path });
        self.resource.clone().map(Action::Resource).or_else(url)
    }

    /// What is wrong, in the server's order.
    fn errors(&self, kind: &str, meta: &Meta) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let url = self.url.as_ref().map(|(verb, path)| {
            let [path, verb] = [path, verb].map(|text| go_text::quote(text));
            format!("authorization.NonResourceAttributes{{Path:{path}, Verb:{verb}}}")
        });
        match (&self.resource, &url) {
            (Some(_), Some(url)) => {
                let why = "cannot be specified in combination with resourceAttributes";
                errors.push(FieldError::invalid_value("spec.nonResourceAttributes", url.clone(), why));
            }
            (None, None) => {
                let why = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
                errors.push(FieldError::invalid("spec.resourceAttributes", "null", why));
            }
            _ => {}
        }
        if kind != SELF && self.user.username.is_empty() && self.user.groups.is_empty() {
            errors.push(nobody());
        }
        let is_local = kind == LOCAL;
        if !is_bare(meta) {
            let why = if is_local { "must be empty except for namespace" } else { "must be empty" };
            errors.push(FieldError::invalid_value("metadata", go_meta(meta), why));
        }
        if let Some(resource) = self.resource.as_ref().filter(|asked| is_local && asked.namespace != meta.namespace) {
            let why = "must match metadata.namespace";
            errors.push(FieldError::invalid("spec.resourceAttributes.namespace", &resource.namespace, why));
        }
        if let Some(url) = url.filter(|_| is_local) {
            let why = "disallowed on this kind of request";
            errors.push(FieldError::invalid_value("spec.nonResourceAttributes", url, why));
        }
        errors
    }
}

/// Whether the metadata of a review is empty, its namespace aside.
fn is_bare(meta: &Meta) -> bool {
    meta.name.is_empty() && meta.labels.is_empty() && meta.annotations.is_empty() && meta.other.is_empty()
}

/// The metadata as Go prints it (`%#v`). The real text goes on with the managed fields and their addresses.
fn go_meta(meta: &Meta) -> String {
    let map = |texts: &StringMap| {
        let pairs: Vec<String> =
            texts.iter().map(|(key, value)| format!("{}:{}", go_text::quote(key), go_text::quote(value))).collect();
        if pairs.is_empty() {
            "map[string]string(nil)".to_owned()
        } else {
            format!("map[string]string{{{}}}", pairs.join(", "))
        }
    };
    let other =
        |member: &str| meta.other.get(member).and_then(Value::as_str).map_or_else(|| "\"\"".to_owned(), go_text::quote);
    let finalizers = meta.other.get("finalizers").and_then(Value::as_array).into_iter().flatten();
    let finalizers: Vec<&str> = finalizers.filter_map(Value::as_str).collect();
    let finalizers =
        if finalizers.is_empty() { "[]string(nil)".to_owned() } else { go_text::string_slice(&finalizers) };
    format!(
        "v1.ObjectMeta{{Name:{}, GenerateName:{}, Namespace:{}, SelfLink:\"\", UID:\"\", ResourceVersion:\"\", \
         Generation:0, CreationTimestamp:time.Date(1, time.January, 1, 0, 0, 0, 0, time.UTC), \
         DeletionTimestamp:<nil>, DeletionGracePeriodSeconds:(*int64)(nil), Labels:{}, Annotations:{}, \
         OwnerReferences:[]v1.OwnerReference(nil), Finalizers:{finalizers}, \
         ManagedFields:[]v1.ManagedFieldsEntry(nil)}}",
        go_text::quote(&meta.name),
        other("generateName"),
        go_text::quote(&meta.namespace),
        map(&meta.labels),
        map(&meta.annotations),
    )
}

/// The value without members that are empty: the server leaves them out of its answer.
fn without_defaults(value: &Value) -> Value {
    let Some(members) = value.as_object() else { return value.clone() };
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(_) | Value::Bool(_) | Value::Number(_) => false,
    };
    let kept = members.iter().map(|(key, value)| (key.clone(), without_defaults(value)));
    Value::Object(kept.filter(|(_, value)| !is_empty(value)).collect())
}
