//! Authentication modes and updates (eks 1, 3).

use serde_json::{Value, json};

use super::{change, cluster, entries, node_access, page, shape};
use crate::aws::eks::{
    AuthenticationMode, DescribeUpdateRequest, ListUpdatesRequest, Update, UpdateClusterConfigRequest, UpdateParam,
};
use crate::aws::exception::Exception;
use crate::engine::world::{ConfigUpdate, World, uuid};
use crate::formats::time::Timestamp;

/// UpdateClusterConfig (eks 3).
pub fn update_cluster_config(world: &mut World, input: &UpdateClusterConfigRequest) -> Result<Value, Exception> {
    let name = &input.name;
    let refuse = |exception: Exception| exception.with_cluster(name);
    let found = cluster(world, name).map_err(refuse)?;
    if let Some(running) = found.running_update() {
        return Err(refuse(Exception::update_in_progress(name, &uuid(running.serial))));
    }
    let wanted = input.access_config.as_ref().and_then(|config| config.authentication_mode.as_deref());
    let others = [&input.logging, &input.resources_vpc_config, &input.upgrade_policy];
    let others = others.into_iter().filter(|other| other.is_some()).count();
    if others + usize::from(input.access_config.is_some()) > 1 {
        return Err(refuse(Exception::one_update_type()));
    }
    // Logging, VPC and upgrade settings are not simulated; the service would change them.
    let Some(wanted) = wanted else { return Err(refuse(Exception::no_changes())) };
    let mode = AuthenticationMode::parse(wanted).ok_or_else(|| refuse(Exception::unknown_mode(wanted)))?;
    if found.mode.next() != Some(mode) {
        return Err(refuse(Exception::unsupported_mode_step(found.mode.name(), mode.name())));
    }
    let (serial, now) = (world.next_serial(), world.clock);
    let ends_at = Timestamp(now.0.saturating_add(world.update_millis.max(0)));
    let update = ConfigUpdate { serial, mode, created_at: now, ends_at, done: false };
    let answer = json!({ "update": shape(describe(&update)) });
    change(world, name)?.updates.push(update);
    settle(world);
    Ok(answer)
}

/// Lets updates whose time has come take effect.
pub fn settle(world: &mut World) {
    let now = world.clock;
    let due: Vec<String> = world
        .clusters
        .iter()
        .filter(|cluster| cluster.running_update().is_some_and(|update| update.ends_at <= now))
        .map(|cluster| cluster.name.clone())
        .collect();
    for name in due {
        let Some(cluster) = world.cluster_mut(&name) else { continue };
        let before = cluster.mode;
        for update in cluster.updates.iter_mut().filter(|update| !update.done && update.ends_at <= now) {
            update.done = true;
            cluster.mode = update.mode;
        }
        if before == AuthenticationMode::ConfigMap && cluster.mode.uses_entries() {
            entries::reveal_creator(world, &name);
            node_access::migrate(world, &name);
        }
    }
}

fn describe(update: &ConfigUpdate) -> Update {
    Update {
        id: uuid(update.serial),
        status: if update.done { "Successful" } else { "InProgress" },
        kind: "AccessConfigUpdate".to_owned(),
        // The value is JSON within the text, marks included (eks 3.2).
        params: vec![UpdateParam {
            kind: "AuthenticationMode".to_owned(),
            value: format!("\"{}\"", update.mode.name()),
        }],
        created_at: update.created_at,
        errors: Vec::new(),
    }
}

/// DescribeUpdate.
pub fn describe_update(world: &World, input: &DescribeUpdateRequest) -> Result<Value, Exception> {
    let updates = &cluster(world, &input.name)?.updates;
    let found = updates.iter().find(|update| uuid(update.serial) == input.update_id);
    let update = found.ok_or_else(|| Exception::no_update(&input.update_id))?;
    Ok(json!({ "update": shape(describe(update)) }))
}

/// ListUpdates, oldest first.
pub fn list_updates(world: &World, input: &ListUpdatesRequest) -> Result<Value, Exception> {
    let ids = cluster(world, &input.name)?.updates.iter().map(|update| json!(uuid(update.serial))).collect();
    page("updateIds", ids, input.max_results, input.next_token.as_deref(), &[])
}
