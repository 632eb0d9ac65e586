//! Access keys of users (iam 9.3).
//!
//! Every user can sign in here without a key that IAM lists: the key that a user is made with belongs to the simulation,
//! which acts as the user with it. It is no access key of the account: IAM neither lists nor counts it.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::CallerIdentity;
use crate::aws::exception::Exception;
use crate::aws::iam::{AccessKey, IamUser};
use crate::engine::request::{AwsRequest, Members};
use crate::engine::world::World;

/// The most keys of a user.
pub const MOST: usize = 2;

/// Answers an operation about access keys that reads; `None` if it is another one.
pub fn read(world: &World, caller: &CallerIdentity, request: &AwsRequest) -> Option<Result<Value, Exception>> {
    Some(match request {
        AwsRequest::ListAccessKeys(input) => whose(world, caller, input).map(|at| {
            let user = world.users.get(at);
            let keys = user.iter().flat_map(|user| user.keys.iter().map(|key| shape(user, key, false)));
            json!({ "AccessKeyMetadata": keys.collect::<Vec<_>>() })
        }),
        AwsRequest::GetAccessKeyLastUsed(input) => {
            let id = input.text("AccessKeyId").unwrap_or_default();
            let owner = world.users.iter().find(|user| user.access_key == id || user.keys.iter().any(|k| k.id() == id));
            // Use is not kept (choice): every key answers as one that was never used.
            let used = json!({ "ServiceName": "N/A", "Region": "N/A" });
            owner
                .map(|user| json!({ "UserName": user.name, "AccessKeyLastUsed": used }))
                .ok_or_else(|| Exception::no_access_key(id))
        }
        _ => return None,
    })
}

/// Carries out an operation that changes access keys; `None` if it is another one.
pub fn write(world: &mut World, caller: &CallerIdentity, request: &AwsRequest) -> Option<Result<Value, Exception>> {
    Some(match request {
        AwsRequest::CreateAccessKey(input) => create(world, caller, input),
        AwsRequest::UpdateAccessKey(input) => match input.text("Status").unwrap_or_default() {
            "Active" => change(world, caller, input, |keys, at| set_inactive(keys, at, false)),
            "Inactive" => change(world, caller, input, |keys, at| set_inactive(keys, at, true)),
            other => Err(Exception::validation(format!(
                "1 validation error detected: Value '{other}' at 'status' failed to satisfy constraint: Member must \
                 satisfy enum value set: [Active, Inactive]"
            ))),
        },
        AwsRequest::DeleteAccessKey(input) => change(world, caller, input, |keys, at| {
            keys.remove(at);
        }),
        _ => return None,
    })
}

fn set_inactive(keys: &mut [AccessKey], at: usize, inactive: bool) {
    if let Some(key) = keys.get_mut(at) {
        key.inactive = inactive;
    }
}

/// The user that the call is about: the named one, else the caller.
fn whose(world: &World, caller: &CallerIdentity, input: &Members) -> Result<usize, Exception> {
    match input.text("UserName") {
        Some(name) => {
            let found = world.users.iter().position(|user| user.name.eq_ignore_ascii_case(name));
            found.ok_or_else(|| Exception::no_user(name))
        }
        None => {
            let own = world.users.iter().position(|user| user.unique_id == caller.user_id);
            own.ok_or_else(|| Exception::validation("Must specify userName when calling with non-User credentials"))
        }
    }
}

fn shape(user: &IamUser, key: &AccessKey, with_secret: bool) -> Value {
    let mut out = Map::new();
    let mut show = |member: &str, value: String| drop(out.insert(member.to_owned(), value.into()));
    show("UserName", user.name.clone());
    show("AccessKeyId", key.id());
    show("Status", key.status().to_owned());
    if with_secret {
        show("SecretAccessKey", key.secret());
    }
    show("CreateDate", key.created_at.whole_seconds().aws_text());
    Value::Object(out)
}

fn create(world: &mut World, caller: &CallerIdentity, input: &Members) -> Result<Value, Exception> {
    let at = whose(world, caller, input)?;
    if world.users.get(at).is_some_and(|user| user.keys.len() >= MOST) {
        return Err(Exception::over_quota("AccessKeysPerUser", MOST));
    }
    let key = AccessKey { serial: world.next_serial(), created_at: world.clock, inactive: false };
    let Some(user) = world.users.get_mut(at).map(Rc::make_mut) else { return Ok(Value::Null) };
    let shown = shape(user, &key, true);
    user.keys.push(key);
    Ok(json!({ "AccessKey": shown }))
}

fn change(
    world: &mut World,
    caller: &CallerIdentity,
    input: &Members,
    edit: impl FnOnce(&mut Vec<AccessKey>, usize),
) -> Result<Value, Exception> {
    let at = whose(world, caller, input)?;
    let id = input.text("AccessKeyId").unwrap_or_default();
    let unknown = || Exception::no_access_key(id);
    let user = world.users.get_mut(at).ok_or_else(unknown)?;
    let key = user.keys.iter().position(|key| key.id() == id).ok_or_else(unknown)?;
    edit(&mut Rc::make_mut(user).keys, key);
    Ok(Value::Null)
}
