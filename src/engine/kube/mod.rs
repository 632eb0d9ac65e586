//! The API server of a cluster: authentication, impersonation, authorization, then the operation.

mod impersonate;
mod json_patch;
mod label_selector;
pub mod patch;
mod reads;
mod reviews;
mod selectors;
#[cfg(test)]
mod tests;
mod writes;

use super::authn;
use super::authz::{self, Identity};
use super::control_plane;
use super::request::{Caller, GroupResource, KubeRequest, KubeResponse};
use super::world::{Cluster, World};
use crate::k8s::attributes::{Action, ResourceAction};
use crate::k8s::discovery::Resource;
use crate::k8s::status::Status;

use writes::Reach;

pub use impersonate::{impersonate, service_account, stated};

/// Answers a call that reads.
///
/// # Errors
/// The API server's status.
pub fn read(world: &World, cluster: &str, caller: &Caller, request: &KubeRequest) -> Result<KubeResponse, Status> {
    let (cluster, identity) = enter(world, cluster, caller)?;
    reads::answer(world, cluster, &identity, request)
}

/// Carries out a call that changes something; with a dry run everything but the storing is done.
///
/// # Errors
/// The API server's status; nothing has changed then.
pub fn write(world: &mut World, cluster: &str, caller: &Caller, request: KubeRequest) -> Result<KubeResponse, Status> {
    let (found, identity) = enter(world, cluster, caller)?;
    let write = writes::prepare(world, found, &identity, request)?;
    let (now, reach) = (world.clock, write.reach());
    let answer = match world.cluster_mut(cluster) {
        Some(cluster) => writes::carry_out(cluster, write, now),
        None => return Err(Status::unauthorized()),
    };
    match reach {
        Reach::Nothing => {}
        Reach::Pods => control_plane::after_write(world, cluster, false),
        Reach::Nodes => control_plane::after_write(world, cluster, true),
    }
    Ok(answer)
}

/// The cluster, and who it takes the caller for after impersonation.
fn enter<'a>(world: &'a World, name: &str, caller: &Caller) -> Result<(&'a Cluster, Identity), Status> {
    // A token for another cluster, or a cluster that is gone, is refused like any bad token.
    let cluster = world.cluster(name).ok_or_else(Status::unauthorized)?;
    let identity = authn::authenticate(world, cluster, &caller.credential).ok_or_else(Status::unauthorized)?;
    match &caller.impersonate {
        None => Ok((cluster, identity)),
        Some(wanted) => Ok((cluster, impersonate(cluster, &identity, wanted)?)),
    }
}

/// Refuses with 403 unless the chain allows.
fn authorize(cluster: &Cluster, identity: &Identity, action: Action) -> Result<(), Status> {
    let decision = authz::decide(cluster, identity, &action);
    if decision.allowed { Ok(()) } else { Err(Status::forbidden(&identity.user, &action, &decision.reason)) }
}

/// The attributes of a request for an object or a collection (rbac 1). A namespace object lies in itself.
fn action(verb: &str, resource: &GroupResource, namespace: Option<&str>, name: &str) -> Action {
    let is_namespace = resource.group.is_empty() && resource.resource == "namespaces";
    let namespace = if is_namespace { name } else { namespace.unwrap_or_default() };
    Action::Resource(ResourceAction {
        verb: verb.to_owned(),
        api_group: resource.group.clone(),
        resource: resource.resource.clone(),
        subresource: String::new(),
        name: name.to_owned(),
        namespace: namespace.to_owned(),
    })
}

/// The kind that a request names.
fn kind(cluster: &Cluster, resource: &GroupResource) -> Result<Resource, Status> {
    cluster.objects.resource(&resource.group, &resource.resource).ok_or_else(Status::no_such_resource)
}
