//! `eksctl create iamidentitymapping --service-name`: access for an AWS service (eks 19.1).

use serde_json::{Value, json};

use super::identity_mapping::{AuthConfigMap, Mapping, save, write_mappings};
use super::tool::{Cluster, Outcome, Tool};
use crate::aws::aws_auth::Section;
use crate::engine::KubeRequest;
use crate::engine::request::GroupResource;
use crate::k8s::status::Status;

/// The one service that eksctl knows; also its user name on the cluster, and the name of its role there.
const EMR: &str = "emr-containers";
const EMR_ROLE: &str = "AWSServiceRoleForAmazonEMRContainers";
const RBAC: &str = "rbac.authorization.k8s.io";

/// Makes the service's Role and RoleBinding in the namespace, and its line in aws-auth.
///
/// # Errors
/// A service that eksctl does not know; a refusal of the API server.
pub fn grant(
    tool: &mut Tool<'_, '_>,
    cluster: &Cluster,
    name: &str,
    namespace: &str,
    mut map: AuthConfigMap,
) -> Outcome {
    if name != EMR {
        return Err(format!("invalid service name {name:?}"));
    }
    let metadata = json!({ "name": EMR, "namespace": namespace });
    let role = json!({ "apiVersion": format!("{RBAC}/v1"), "kind": "Role", "metadata": metadata, "rules": rules() });
    let binding = json!({
        "apiVersion": format!("{RBAC}/v1"),
        "kind": "RoleBinding",
        "metadata": metadata,
        "roleRef": { "apiGroup": RBAC, "kind": "Role", "name": EMR },
        "subjects": [{ "apiGroup": RBAC, "kind": "User", "name": EMR }],
    });
    for (kind, resource, object) in [("Role", "roles", role), ("RoleBinding", "rolebindings", binding)] {
        let verb = create_or_replace(tool, cluster, resource, namespace, object)
            .map_err(|status| format!("error applying resource: {}", status.message))?;
        tool.info(format!("{verb} \"{namespace}:{kind}.{RBAC}/{EMR}\""));
    }
    let world = tool.ctx.session.world();
    let arn = format!("arn:{}:iam::{}:role/{EMR_ROLE}", world.partition, world.account);
    let is_it = |known: &Mapping| known.section == Section::MapRoles && known.arn == arn && known.username == EMR;
    if !map.mappings.iter().any(is_it) {
        tool.info(format!("adding identity {arn:?} to auth ConfigMap"));
        let section = Section::MapRoles;
        map.mappings.push(Mapping { section, arn, username: EMR.to_owned(), groups: Vec::new() });
        write_mappings(&mut map);
    }
    save(tool, cluster, &map).map_err(|why| format!("error applying service role: {why}"))
}

fn create_or_replace(
    tool: &mut Tool<'_, '_>,
    cluster: &Cluster,
    resource: &str,
    namespace: &str,
    object: Value,
) -> Result<&'static str, Status> {
    let (dry_run, strict, resource) = (false, false, GroupResource::new(RBAC, resource));
    let (name, namespace) = (EMR.to_owned(), Some(namespace.to_owned()));
    let get = KubeRequest::Get { resource: resource.clone(), namespace: namespace.clone(), name: name.clone() };
    match tool.look_up(cluster, get)? {
        Some(_) => {
            let request = KubeRequest::Update { resource, namespace, name, object, dry_run, strict };
            tool.kube(cluster, request).map(|_| "replaced")
        }
        None => {
            let request = KubeRequest::Create { resource, namespace, object, dry_run, strict };
            tool.kube(cluster, request).map(|_| "created")
        }
    }
}

/// What EMR may do in the namespace. Some of the verbs that eksctl grants are none of the API's; they are kept.
fn rules() -> Value {
    let most = ["get", "list", "watch", "describe", "create", "edit", "delete", "annotate", "patch", "label"];
    let all = [
        "get",
        "list",
        "watch",
        "describe",
        "create",
        "edit",
        "delete",
        "deletecollection",
        "annotate",
        "patch",
        "label",
    ];
    let rule = |group: &str, resources: &[&str], verbs: &[&str]| json!({ "apiGroups": [group], "resources": resources, "verbs": verbs });
    json!([
        rule("", &["namespaces"], &["get"]),
        rule("", &["serviceaccounts", "services", "configmaps", "events", "pods", "pods/log"], &all),
        rule("", &["secrets"], &["create", "patch", "delete", "watch"]),
        rule("apps", &["statefulsets", "deployments"], &most),
        rule("batch", &["jobs"], &most),
        rule("extensions", &["ingresses"], &most),
        rule(RBAC, &["roles", "rolebindings"], &all),
        rule("", &["persistentvolumeclaims"], &["create", "list", "delete"]),
    ])
}
