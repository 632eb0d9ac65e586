//! Calls that change objects. [`prepare`] does all checks in the server's order (authorization, decoding, admission,
//! privilege escalation, validation) and reads only; [`carry_out`] stores what was found good.

use serde_json::Value;

use super::{action, authorize, kind, patch, reviews};
use crate::engine::authn::AWS_AUTH;
use crate::engine::authz::{self, Identity};
use crate::engine::request::{GroupResource, KubeRequest, KubeResponse};
use crate::engine::world::{Cluster, World};
use crate::formats::time::Timestamp;
use crate::k8s::controllers;
use crate::k8s::discovery::Resource;
use crate::k8s::escalation::{self, BindingWrite, Refused, RoleWrite};
use crate::k8s::object::{Body, Meta, to_json};
use crate::k8s::rbac::{self, BindingKey};
use crate::k8s::schema;
use crate::k8s::size::Size;
use crate::k8s::status::Status;
use crate::k8s::validate::{self, FieldError, Metadata};

/// A change that passed every check.
pub enum Write {
    /// A new object.
    Create(Resource, Meta, Body),
    /// A changed object.
    Replace(Resource, Meta, Body),
    /// An object goes. True if what belongs to it stays.
    Delete(Resource, String, String, bool),
    /// A dry run: this would have been answered.
    Nothing(KubeResponse),
}

/// What may have to react to a change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Roles, bindings, and what is not stored.
    Nothing,
    /// Controllers of pods.
    Pods,
    /// Also nodes, which log in by aws-auth.
    Nodes,
}

impl Write {
    /// What may have to react.
    pub fn reach(&self) -> Reach {
        let (resource, name) = match self {
            Self::Create(resource, meta, _) | Self::Replace(resource, meta, _) => (resource, &meta.name),
            Self::Delete(resource, _, name, _) => (resource, name),
            Self::Nothing(_) => return Reach::Nothing,
        };
        match resource.plural.as_ref() {
            _ if resource.group == rbac::API_GROUP => Reach::Nothing,
            "nodes" => Reach::Nodes,
            "configmaps" if name == AWS_AUTH.1 => Reach::Nodes,
            _ => Reach::Pods,
        }
    }
}

/// Stores a change.
pub fn carry_out(cluster: &mut Cluster, write: Write, now: Timestamp) -> KubeResponse {
    match write {
        Write::Create(resource, meta, body) => {
            let has_owner = meta.other.contains_key("ownerReferences");
            let made = cluster.objects.create(&resource, meta, body, now);
            if cluster.managed && has_owner {
                controllers::collect(&mut cluster.objects);
            }
            KubeResponse::Object(made)
        }
        Write::Replace(resource, meta, body) => KubeResponse::Object(cluster.objects.replace(&resource, meta, body)),
        Write::Delete(resource, namespace, name, orphans) => {
            let owner = cluster.objects.find(&resource, &namespace, &name).filter(|_| orphans && cluster.managed);
            if let Some((owner, _)) = owner {
                controllers::orphan(&mut cluster.objects, owner.uid);
            }
            cluster.objects.remove(&resource, &namespace, &name);
            if cluster.managed {
                controllers::collect(&mut cluster.objects);
            }
            KubeResponse::Done
        }
        Write::Nothing(KubeResponse::Object(object)) => KubeResponse::Object(as_if_stored(object, now)),
        Write::Nothing(answer) => answer,
    }
}

/// Checks a change.
///
/// # Errors
/// The API server's status.
pub fn prepare(world: &World, cluster: &Cluster, identity: &Identity, request: KubeRequest) -> Result<Write, Status> {
    match request {
        KubeRequest::Create { resource, namespace, object, dry_run, strict } => {
            authorize(cluster, identity, action("create", &resource, namespace.as_deref(), ""))?;
            let target = Target { cluster, identity, resource: kind(cluster, &resource)?, group_resource: resource };
            if reviews::is_review(&target.resource) {
                let (meta, body) = target.decode(namespace.as_deref(), &object, strict)?;
                let answer = reviews::answer(world, cluster, identity, &target.resource, &meta, &body.to_json())?;
                return Ok(Write::Nothing(KubeResponse::Object(answer)));
            }
            target.create(namespace.as_deref(), &object, dry_run, strict)
        }
        KubeRequest::Update { resource, namespace, name, object, dry_run, strict } => {
            authorize(cluster, identity, action("update", &resource, namespace.as_deref(), &name))?;
            let target = Target { cluster, identity, resource: kind(cluster, &resource)?, group_resource: resource };
            target.replace(namespace.as_deref(), &name, &object, dry_run, strict)
        }
        KubeRequest::Patch { resource, namespace, name, kind: how, patch: change, dry_run, strict } => {
            authorize(cluster, identity, action("patch", &resource, namespace.as_deref(), &name))?;
            let target = Target { cluster, identity, resource: kind(cluster, &resource)?, group_resource: resource };
            let old = target.existing(namespace.as_deref(), &name)?;
            let old = to_json(&target.resource, &old.0, old.1.to_json());
            Size::of(&change).check_request()?;
            let mut object = patch::apply(how, &old, &change)?;
            // A patch states no version unless it means to.
            if change.pointer("/metadata/resourceVersion").is_none()
                && let Some(meta) = object.get_mut("metadata").and_then(Value::as_object_mut)
            {
                meta.remove("resourceVersion");
            }
            target.replace(namespace.as_deref(), &name, &object, dry_run, strict)
        }
        KubeRequest::Delete { resource, namespace, name, orphan, dry_run } => {
            authorize(cluster, identity, action("delete", &resource, namespace.as_deref(), &name))?;
            let target = Target { cluster, identity, resource: kind(cluster, &resource)?, group_resource: resource };
            target.delete(namespace.as_deref(), &name, orphan, dry_run)
        }
        _ => Err(Status::method_not_allowed()),
    }
}

/// What a write is about.
struct Target<'a> {
    cluster: &'a Cluster,
    identity: &'a Identity,
    resource: Resource,
    group_resource: GroupResource,
}

impl Target<'_> {
    fn allows(&self, verb: &str) -> Result<(), Status> {
        if self.resource.verbs.contains(&verb) { Ok(()) } else { Err(Status::method_not_allowed()) }
    }

    fn existing(&self, namespace: Option<&str>, name: &str) -> Result<(Meta, Body), Status> {
        let found = self.cluster.objects.find(&self.resource, namespace.unwrap_or_default(), name);
        found.ok_or_else(|| Status::not_found(&self.group_resource.resource, &self.group_resource.group, name))
    }

    /// Decodes what the client sent, fills in defaults, and puts it into the namespace of the request.
    fn decode(&self, namespace: Option<&str>, object: &Value, strict: bool) -> Result<(Meta, Body), Status> {
        Size::of(object).check()?;
        let kind = &self.resource.kind;
        let refuse = |text: &str| {
            let version = &self.resource.version;
            Status::bad_request(format!("{kind} in version \"{version}\" cannot be handled as a {kind}: {text}"))
        };
        let findings = schema::check(kind, object);
        if let Some(error) = &findings.wrong_type {
            return Err(refuse(error));
        }
        if strict && !findings.unknown.is_empty() {
            let fields: Vec<String> = findings.unknown.iter().map(|path| format!("unknown field \"{path}\"")).collect();
            return Err(refuse(&format!("strict decoding error: {}", fields.join(", "))));
        }
        let mut meta = Meta::from_json(object).map_err(|error| refuse(&error))?;
        let mut body = Body::from_json(&self.resource, object).map_err(|error| refuse(&error))?;
        match (self.resource.namespaced, namespace) {
            (true, Some(namespace)) => {
                if !meta.namespace.is_empty() && meta.namespace != namespace {
                    return Err(Status::bad_request(
                        "the namespace of the provided object does not match the namespace sent on the request",
                    ));
                }
                namespace.clone_into(&mut meta.namespace);
            }
            (true, None) => return Err(Status::bad_request("an empty namespace may not be set during creation")),
            // The handler clears the namespace of a cluster-scoped object.
            (false, _) => meta.namespace.clear(),
        }
        if let Body::Binding(binding) = &mut body {
            binding.apply_defaults();
        }
        Ok((meta, body))
    }

    fn create(&self, namespace: Option<&str>, object: &Value, dry_run: bool, strict: bool) -> Result<Write, Status> {
        self.allows("create")?;
        let (mut meta, mut body) = self.decode(namespace, object, strict)?;
        let prefix = meta.other.get("generateName").and_then(Value::as_str).unwrap_or_default();
        if meta.name.is_empty() && !prefix.is_empty() {
            meta.name = self.generate(prefix, &meta.namespace);
        }
        if self.resource.namespaced && !self.cluster.objects.has_namespace(&meta.namespace) {
            return Err(Status::not_found("namespaces", "", &meta.namespace));
        }
        self.check_escalation((&meta, &body), None)?;
        self.validate(&meta, &body, None)?;
        Size::of(object).check_stored()?;
        if self.cluster.objects.find(&self.resource, &meta.namespace, &meta.name).is_some() {
            let GroupResource { group, resource } = &self.group_resource;
            return Err(Status::already_exists(resource, group, &meta.name));
        }
        if self.cluster.managed {
            self.admit_pod(&meta, &body)?;
            self.start(&mut meta, &mut body);
        } else {
            fill_in(&self.resource, &mut body);
        }
        Ok(if dry_run {
            Write::Nothing(KubeResponse::Object(to_json(&self.resource, &meta, body.to_json())))
        } else {
            Write::Create(self.resource.clone(), meta, body)
        })
    }

    /// The admission plugin ServiceAccount: the service account of a pod must exist.
    fn admit_pod(&self, meta: &Meta, body: &Body) -> Result<(), Status> {
        let Body::Json(members) = body else { return Ok(()) };
        if self.resource.qualified() != "pods" {
            return Ok(());
        }
        let account = controllers::account_of(members.get("spec"));
        let namespace = &meta.namespace;
        if self.cluster.objects.has("serviceaccounts", namespace, account) {
            return Ok(());
        }
        let text =
            format!("error looking up service account {namespace}/{account}: serviceaccount \"{account}\" not found");
        Err(Status::forbidden_object("pods", "", &meta.name, &text))
    }

    /// What the server sets in a new object; controllers report its state.
    fn start(&self, meta: &mut Meta, body: &mut Body) {
        let Body::Json(members) = body else { return };
        match self.resource.qualified().as_str() {
            "pods" => {
                let account = controllers::account_of(members.get("spec")).to_owned();
                if let Some(spec) = members.get_mut("spec").and_then(Value::as_object_mut) {
                    spec.insert("serviceAccountName".to_owned(), account.into());
                }
                members.insert("status".to_owned(), serde_json::json!({ "phase": "Pending" }));
            }
            "secrets" => {
                members.entry("type").or_insert_with(|| "Opaque".into());
            }
            kind if controllers::WORKLOADS.contains(&kind) => {
                meta.generation = 1;
                members.shift_remove("status");
            }
            _ => {}
        }
    }

    /// A change of a workload: its state is the controllers', and a new specification is a new generation.
    fn go_on(&self, meta: &mut Meta, body: &mut Body, old_meta: &Meta, old: &Body) {
        let (Body::Json(members), Body::Json(old)) = (body, old) else { return };
        let kind = self.resource.qualified();
        if kind != "pods" && kind != "nodes" && !controllers::WORKLOADS.contains(&kind.as_str()) {
            return;
        }
        match old.get("status") {
            Some(status) => drop(members.insert("status".to_owned(), status.clone())),
            None => drop(members.shift_remove("status")),
        }
        // Where a pod runs, and as whom, is decided once.
        if kind == "pods"
            && let Some(spec) = members.get_mut("spec").and_then(Value::as_object_mut)
        {
            for member in ["nodeName", "serviceAccountName", "serviceAccount"] {
                if let Some(kept) = old.get("spec").and_then(|old| old.get(member)) {
                    spec.entry(member).or_insert_with(|| kept.clone());
                }
            }
        }
        let changed = members.get("spec") != old.get("spec");
        meta.generation = old_meta.generation + i64::from(changed && old_meta.generation > 0);
    }

    /// A name with five letters after the prefix, the first that is free.
    fn generate(&self, prefix: &str, namespace: &str) -> String {
        const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
        let name = |mut n: usize| {
            let mut suffix = String::new();
            for _ in 0..5 {
                suffix.push(LETTERS.get(n % LETTERS.len()).copied().map_or('x', char::from));
                n = n / LETTERS.len() + 7;
            }
            format!("{prefix}{suffix}")
        };
        let free = |name: &String| self.cluster.objects.find(&self.resource, namespace, name).is_none();
        (0..100_000).map(name).find(free).unwrap_or_else(|| prefix.to_owned())
    }

    fn replace(
        &self,
        namespace: Option<&str>,
        name: &str,
        object: &Value,
        dry_run: bool,
        strict: bool,
    ) -> Result<Write, Status> {
        self.allows("update")?;
        let (old_meta, old_body) = self.existing(namespace, name)?;
        let (mut meta, mut body) = self.decode(namespace, object, strict)?;
        let GroupResource { group, resource } = &self.group_resource;
        if meta.name.is_empty() {
            name.clone_into(&mut meta.name);
        }
        if meta.name != name {
            return Err(Status::bad_request(format!(
                "the name of the object ({}) does not match the name on the URL ({name})",
                meta.name
            )));
        }
        let version = object.pointer("/metadata/resourceVersion").and_then(Value::as_str).unwrap_or_default();
        if !version.is_empty() && version != old_meta.resource_version.to_string() {
            return Err(Status::modified(resource, group, name));
        }
        self.check_escalation((&meta, &body), Some((&old_meta, &old_body)))?;
        if self.cluster.managed {
            self.go_on(&mut meta, &mut body, &old_meta, &old_body);
        }
        self.validate(&meta, &body, Some(&old_body))?;
        Size::of(object).check_stored()?;
        Ok(if dry_run {
            let kept = Meta {
                uid: old_meta.uid,
                resource_version: old_meta.resource_version,
                created: old_meta.created,
                ..meta
            };
            Write::Nothing(KubeResponse::Object(to_json(&self.resource, &kept, body.to_json())))
        } else {
            Write::Replace(self.resource.clone(), meta, body)
        })
    }

    fn delete(&self, namespace: Option<&str>, name: &str, orphan: bool, dry_run: bool) -> Result<Write, Status> {
        self.allows("delete")?;
        self.existing(namespace, name)?;
        let qualified = self.resource.qualified();
        // The admission plugin NamespaceLifecycle protects these three.
        if qualified == "namespaces" && ["default", "kube-system", "kube-public"].contains(&name) {
            return Err(Status::forbidden_object("namespaces", "", name, "this namespace may not be deleted"));
        }
        let namespace = namespace.unwrap_or_default().to_owned();
        Ok(if dry_run {
            Write::Nothing(KubeResponse::Done)
        } else {
            Write::Delete(self.resource.clone(), namespace, name.to_owned(), orphan)
        })
    }

    /// Writes of roles and bindings must not grant what the caller does not hold by RBAC (rbac 11, eks 12.8).
    fn check_escalation(&self, new: (&Meta, &Body), old: Option<(&Meta, &Body)>) -> Result<(), Status> {
        let (meta, body) = new;
        let content = |(meta, body): (&Meta, &Body)| (body.clone(), meta.labels.clone(), meta.annotations.clone());
        let unchanged = old.is_some_and(|old| content(old) == content(new));
        let store = self.cluster.objects.rbac();
        let user = &self.identity.user;
        // `escalate` and `bind` may come from any authorizer.
        let allowed = |_: &_, action: &_| authz::decide(self.cluster, self.identity, action).allowed;
        let namespace = Some(meta.namespace.as_str()).filter(|namespace| !namespace.is_empty());
        let request_name = if old.is_some() { meta.name.as_str() } else { "" };
        let name = &meta.name;
        let role = |rules, aggregates| RoleWrite { namespace, name, request_name, rules, unchanged, aggregates };
        let result = match body {
            Body::Json(_) => return Ok(()),
            Body::Role(new) => escalation::check_role_write(store, user, &role(&new.rules, false), allowed),
            Body::ClusterRole(new) => {
                let before = matches!(old, Some((_, Body::ClusterRole(old))) if !old.selectors().is_empty());
                let aggregates = before || !new.selectors().is_empty();
                escalation::check_role_write(store, user, &role(&new.rules, aggregates), allowed)
            }
            Body::Binding(new) => {
                let key = match namespace {
                    Some(namespace) => BindingKey::namespaced(namespace, &meta.name),
                    None => BindingKey::cluster(&meta.name),
                };
                let write = BindingWrite { key: &key, role_ref: &new.role_ref, unchanged };
                escalation::check_binding_write(store, user, &write, allowed)
            }
        };
        result.map_err(|refused| match refused {
            Refused::Forbidden { resource, name, cause } => {
                Status::forbidden_object(resource, rbac::API_GROUP, &name, &cause)
            }
            Refused::RoleNotFound { resource, name } => Status::not_found(resource, rbac::API_GROUP, &name),
            Refused::UnsupportedKind { .. } => Status::internal(refused.to_string()),
        })
    }

    fn validate(&self, meta: &Meta, body: &Body, old: Option<&Body>) -> Result<(), Status> {
        let metadata = Metadata {
            name: &meta.name,
            generate_name: "",
            namespace: &meta.namespace,
            labels: Some(&meta.labels),
            annotations: Some(&meta.annotations),
        };
        let errors = match body {
            Body::Role(role) => validate::role(&metadata, role),
            Body::ClusterRole(role) => validate::cluster_role(&metadata, role),
            Body::Binding(binding) => {
                let mut errors = if self.resource.namespaced {
                    validate::role_binding(&metadata, binding)
                } else {
                    validate::cluster_role_binding(&metadata, binding)
                };
                if let Some(Body::Binding(old)) = old {
                    errors.extend(validate::binding_update(binding, old));
                }
                errors
            }
            Body::Json(members) => self.other_kind(&metadata, members),
        };
        if errors.is_empty() {
            return Ok(());
        }
        let causes = errors.iter().map(ToString::to_string).collect();
        Err(Status::invalid(&self.resource.kind, &self.resource.group, &meta.name, causes))
    }

    fn other_kind(&self, metadata: &Metadata<'_>, members: &serde_json::Map<String, Value>) -> Vec<FieldError> {
        let label = |name: &str, _: bool| validate::dns_label(name);
        let subdomain = |name: &str, _: bool| validate::dns_subdomain(name);
        let by_label = self.resource.kind == "Namespace" || self.resource.kind == "Service";
        let rule: fn(&str, bool) -> Vec<String> = if by_label { label } else { subdomain };
        let mut errors = validate::object_metadata(metadata, self.resource.namespaced, rule);
        if matches!(self.resource.kind.as_ref(), "ConfigMap" | "Secret") {
            let keys = members.get("data").and_then(Value::as_object).into_iter().flatten().map(|(key, _)| key);
            let good = |key: &str| {
                !key.is_empty()
                    && key.len() <= 253
                    && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
            };
            for key in keys.filter(|key| !good(key)) {
                errors.push(FieldError::invalid(
                    format!("data[{key}]"),
                    key,
                    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  \
                     or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
                ));
            }
        }
        errors
    }
}

/// The answer to a dry run of a new object: made now, and without the version that only storing gives.
fn as_if_stored(mut object: Value, now: Timestamp) -> Value {
    if let Some(meta) = object.get_mut("metadata").and_then(Value::as_object_mut)
        && meta.get("resourceVersion").and_then(Value::as_str) == Some("0")
    {
        meta.shift_remove("resourceVersion");
        meta.insert("creationTimestamp".to_owned(), now.kubernetes_text().into());
    }
    object
}

/// What controllers would fill in soon after: workloads are simulated as running at once.
fn fill_in(resource: &Resource, body: &mut Body) {
    let Body::Json(members) = body else { return };
    match resource.kind.as_ref() {
        "Pod" => {
            members.insert("status".to_owned(), serde_json::json!({ "phase": "Running" }));
        }
        "Secret" => {
            members.entry("type").or_insert_with(|| "Opaque".into());
        }
        "Deployment" => {
            let replicas =
                members.get("spec").and_then(|spec| spec.get("replicas")).and_then(Value::as_i64).unwrap_or(1);
            let status = serde_json::json!({ "replicas": replicas, "updatedReplicas": replicas,
                "readyReplicas": replicas, "availableReplicas": replicas });
            members.insert("status".to_owned(), status);
        }
        _ => {}
    }
}
