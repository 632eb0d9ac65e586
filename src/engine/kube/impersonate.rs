//! Impersonation (rbac 7): checked item by item on the real caller; access policies count for nothing afterwards.

use super::authorize;
use crate::engine::authz::Identity;
use crate::engine::request::Impersonate;
use crate::engine::world::Cluster;
use crate::k8s::attributes::{Action, ResourceAction, UserInfo};
use crate::k8s::status::Status;

const AUTHENTICATED: &str = "system:authenticated";
const UNAUTHENTICATED: &str = "system:unauthenticated";
const ANONYMOUS: &str = "system:anonymous";

fn item(group: &str, resource: &str, name: &str, namespace: &str) -> Action {
    Action::Resource(ResourceAction {
        verb: "impersonate".to_owned(),
        api_group: group.to_owned(),
        resource: resource.to_owned(),
        subresource: String::new(),
        name: name.to_owned(),
        namespace: namespace.to_owned(),
    })
}

/// Namespace and name of a service account's user name.
pub fn service_account(username: &str) -> Option<(&str, &str)> {
    let (namespace, name) = username.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    let valid = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.')
    };
    (valid(namespace) && valid(name)).then_some((namespace, name))
}

/// The identity that `caller` is taken for once every item of `wanted` has been allowed.
///
/// # Errors
/// 403 for the first item that the caller may not impersonate; 500 if no user is wanted.
pub fn impersonate(cluster: &Cluster, caller: &Identity, wanted: &Impersonate) -> Result<Identity, Status> {
    if wanted.user.is_empty() {
        let what = format!("{:?}", wanted.groups);
        return Err(Status::internal(format!("requested {what} without impersonating a user")));
    }
    match service_account(&wanted.user) {
        Some((namespace, name)) => authorize(cluster, caller, item("", "serviceaccounts", name, namespace))?,
        None => authorize(cluster, caller, item("", "users", &wanted.user, ""))?,
    }
    for group in &wanted.groups {
        authorize(cluster, caller, item("", "groups", group, ""))?;
    }
    if !wanted.uid.is_empty() {
        authorize(cluster, caller, item("authentication.k8s.io", "uids", &wanted.uid, ""))?;
    }
    Ok(Identity { user: stated(wanted), holder: None })
}

/// Whom the API server takes a request for that is made as `wanted`, once that is allowed: with the groups that
/// service accounts and everybody else get by themselves (rbac 7). A request with the service account's own token is
/// taken for the same.
pub fn stated(wanted: &Impersonate) -> UserInfo {
    let mut groups = wanted.groups.clone();
    if let (Some((namespace, _)), true) = (service_account(&wanted.user), groups.is_empty()) {
        groups = vec!["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")];
    }
    let has = |groups: &[String], group: &str| groups.iter().any(|g| g == group);
    if wanted.user == ANONYMOUS {
        if !has(&groups, UNAUTHENTICATED) {
            groups.push(UNAUTHENTICATED.to_owned());
        }
    } else if !has(&groups, AUTHENTICATED) && !has(&groups, UNAUTHENTICATED) {
        groups.push(AUTHENTICATED.to_owned());
    }
    UserInfo { username: wanted.user.clone(), uid: wanted.uid.clone(), groups, ..UserInfo::default() }
}
