//! Tags of clusters, access entries, node groups and Fargate profiles.

use std::rc::Rc;

use serde_json::{Value, json};

use super::{change, check_tags};
use crate::aws::eks::{ResourceRef, TagResourceRequest, UntagResourceRequest};
use crate::aws::exception::Exception;
use crate::aws::tags::Tags;
use crate::engine::world::World;

/// What an ARN of EKS names.
enum Tagged {
    Cluster(String),
    /// Cluster and principal ARN.
    Entry(String, String),
    /// Cluster and name.
    Nodegroup(String, String),
    /// Cluster and name.
    FargateProfile(String, String),
}

fn find(world: &World, arn: &str) -> Result<Tagged, Exception> {
    for cluster in &world.clusters {
        if cluster.arn(world) == arn {
            return Ok(Tagged::Cluster(cluster.name.clone()));
        }
        if let Some(entry) = cluster.entries.values().find(|entry| entry.arn(world, &cluster.name) == arn) {
            return Ok(Tagged::Entry(cluster.name.clone(), entry.principal_arn.clone()));
        }
        if let Some((name, _)) = cluster.nodegroups.iter().find(|(_, group)| group.arn(world) == arn) {
            return Ok(Tagged::Nodegroup(cluster.name.clone(), name.clone()));
        }
        if let Some((name, _)) = cluster.fargate_profiles.iter().find(|(_, profile)| profile.arn(world) == arn) {
            return Ok(Tagged::FargateProfile(cluster.name.clone(), name.clone()));
        }
    }
    Err(Exception::no_resource(arn))
}

fn get<'a>(world: &'a World, tagged: &Tagged) -> Option<&'a Tags> {
    match tagged {
        Tagged::Cluster(name) => world.cluster(name).map(|cluster| &cluster.tags),
        Tagged::Entry(name, principal) => world.cluster(name)?.entries.get(principal).map(|entry| &entry.tags),
        Tagged::Nodegroup(cluster, name) => world.cluster(cluster)?.nodegroups.get(name)?.asked.tags.as_ref(),
        Tagged::FargateProfile(cluster, name) => {
            world.cluster(cluster)?.fargate_profiles.get(name)?.asked.tags.as_ref()
        }
    }
}

fn set(world: &mut World, tagged: &Tagged, tags: Tags) -> Result<(), Exception> {
    match tagged {
        Tagged::Cluster(name) => change(world, name)?.tags = tags,
        Tagged::Entry(name, principal) => {
            if let Some(entry) = change(world, name)?.entries.get_mut(principal) {
                Rc::make_mut(entry).tags = tags;
            }
        }
        Tagged::Nodegroup(cluster, name) => {
            if let Some(group) = change(world, cluster)?.nodegroups.get_mut(name) {
                Rc::make_mut(group).asked.tags = Some(tags);
            }
        }
        Tagged::FargateProfile(cluster, name) => {
            if let Some(profile) = change(world, cluster)?.fargate_profiles.get_mut(name) {
                Rc::make_mut(profile).asked.tags = Some(tags);
            }
        }
    }
    Ok(())
}

/// ListTagsForResource.
pub fn list(world: &World, input: &ResourceRef) -> Result<Value, Exception> {
    let tagged = find(world, &input.resource_arn)?;
    Ok(json!({ "tags": get(world, &tagged).cloned().unwrap_or_default() }))
}

/// TagResource: adds to the tags there are; it works while an update runs (eks 3.3).
pub fn tag(world: &mut World, input: &TagResourceRequest) -> Result<Value, Exception> {
    let tagged = find(world, &input.resource_arn)?;
    let mut tags = get(world, &tagged).cloned().unwrap_or_default();
    for (key, value) in input.tags.iter() {
        tags.insert(key.to_owned(), value.to_owned());
    }
    check_tags(&tags)?;
    set(world, &tagged, tags)?;
    Ok(Value::Null)
}

/// UntagResource: keys that are not there are passed over.
pub fn untag(world: &mut World, input: &UntagResourceRequest) -> Result<Value, Exception> {
    let tagged = find(world, &input.resource_arn)?;
    let mut tags = get(world, &tagged).cloned().unwrap_or_default();
    tags.retain(|key| !input.tag_keys.iter().any(|gone| gone == key));
    set(world, &tagged, tags)?;
    Ok(Value::Null)
}
