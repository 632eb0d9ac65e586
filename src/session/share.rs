//! The link codec: a snapshot as text that fits into an address, and back.
//!
//! `v1.TEXT.CHECK`: the version; the snapshot as JSON, written as the difference from a built-in world, deflated, in
//! base64url; a check sum, so that a link that was cut off says so. Only `A-Z a-z 0-9 . _ -` occur, and the last
//! character is a letter or digit, which keeps mail and chat programs from dropping it.
//!
//! Links are untrusted input: length, inflated size and the world's own limits are checked before anything is taken.
//! Version 1 must open for ever: the base worlds and the difference format are frozen, new ones get new names.

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::{Snapshot, Workstation, scenario};
use crate::engine::World;

/// The longest link that is read, in characters.
pub const MAX_LINK_CHARS: usize = 200_000;
/// The largest JSON that a link may inflate to, in bytes.
pub const MAX_JSON_BYTES: usize = 4_000_000;
/// The version that is written.
const VERSION: &str = "v1";
/// The name of the walkthrough's world as a base.
const WALKTHROUGH: &str = "w";
/// Stands for no base: the whole snapshot follows.
const WHOLE: &str = "0";

/// What is wrong with a link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It does not begin with a version.
    #[error("the link holds no saved world: it should begin with `{VERSION}.`")]
    NotALink,
    /// It is of a later format.
    #[error("the link was made by a newer version of the playground (`{0}`); reload the page to get that version")]
    Newer(String),
    /// Its check sum is missing or wrong.
    #[error("the link is damaged or cut off: copy it again, whole")]
    Damaged,
    /// It is too long.
    #[error("the link is longer than {MAX_LINK_CHARS} characters")]
    TooLong,
    /// It inflates to too much.
    #[error("the link holds more than {MAX_JSON_BYTES} bytes")]
    TooLarge,
    /// Its content is no snapshot.
    #[error("the link's content is no world: {0}")]
    NotAWorld(String),
}

/// The snapshot as a link's text.
pub fn encode(snapshot: &Snapshot) -> String {
    let whole = to_json(snapshot);
    let difference = difference(&to_json(&scenario::walkthrough()), &whole);
    let (base, content) = match difference {
        Some(difference) => (WALKTHROUGH, difference),
        None => (WHOLE, whole),
    };
    let text = json!({ base: content }).to_string();
    let packed = URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 10));
    let check = check_sum(&packed);
    format!("{VERSION}.{packed}.{check}")
}

/// The snapshot of a link. An address or a fragment with a link in it is taken as well.
///
/// # Errors
/// What is wrong with the link, for the person who opened it.
pub fn decode(link: &str) -> Result<Snapshot, DecodeError> {
    if link.len() > MAX_LINK_CHARS {
        return Err(DecodeError::TooLong);
    }
    let text = link.rsplit_once("s=").map_or(link, |(_, text)| text).trim();
    let mut parts = text.split('.');
    let version = parts.next().unwrap_or_default();
    if version != VERSION {
        let number = version.strip_prefix('v').filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        return Err(number.map_or(DecodeError::NotALink, |_| DecodeError::Newer(version.to_owned())));
    }
    let (Some(packed), Some(check), None) = (parts.next(), parts.next(), parts.next()) else {
        return Err(DecodeError::Damaged);
    };
    if check_sum(packed) != check {
        return Err(DecodeError::Damaged);
    }
    let bytes = URL_SAFE_NO_PAD.decode(packed).map_err(|_| DecodeError::Damaged)?;
    let bytes =
        miniz_oxide::inflate::decompress_to_vec_with_limit(&bytes, MAX_JSON_BYTES).map_err(|error| {
            match error.status {
                miniz_oxide::inflate::TINFLStatus::HasMoreOutput => DecodeError::TooLarge,
                _ => DecodeError::Damaged,
            }
        })?;
    let not_a_world = |error: serde_json::Error| DecodeError::NotAWorld(error.to_string());
    let content: Value = serde_json::from_slice(&bytes).map_err(not_a_world)?;
    let Value::Object(content) = content else { return Err(DecodeError::NotAWorld("not an object".to_owned())) };
    match content.iter().next() {
        Some((base, whole)) if base == WHOLE => from_json(whole.clone()),
        Some((base, difference)) if base == WALKTHROUGH => {
            from_json(apply(to_json(&scenario::walkthrough()), difference))
        }
        Some((base, _)) => Err(DecodeError::NotAWorld(format!("unknown base `{base}`"))),
        None => Err(DecodeError::NotAWorld("empty".to_owned())),
    }
}

/// The snapshot as JSON: `{"world": …, "workstation": …}`. Caches of tools stay behind.
pub fn to_json(snapshot: &Snapshot) -> Value {
    json!({ "world": *snapshot.world, "workstation": snapshot.workstation.without_caches() })
}

/// A snapshot from its JSON; without a `workstation`, one without files.
///
/// # Errors
/// What is missing, of the wrong type, or beyond the limits.
pub fn from_json(value: Value) -> Result<Snapshot, DecodeError> {
    let not_a_world = |error: serde_json::Error| DecodeError::NotAWorld(error.to_string());
    let Value::Object(mut members) = value else { return Err(DecodeError::NotAWorld("not an object".to_owned())) };
    let world = members.remove("world").ok_or_else(|| DecodeError::NotAWorld("no member `world`".to_owned()))?;
    let world: World = serde_json::from_value(world).map_err(not_a_world)?;
    let workstation: Workstation = match members.remove("workstation") {
        Some(workstation) => serde_json::from_value(workstation).map_err(not_a_world)?,
        None => Workstation::default(),
    };
    world.check().map_err(DecodeError::NotAWorld)?;
    workstation.check().map_err(|error| DecodeError::NotAWorld(format!("workstation: {error}")))?;
    Ok(Snapshot { world: Rc::new(world), workstation: Rc::new(workstation) })
}

/// Six hexadecimal digits that depend on every character (FNV-1a, folded).
fn check_sum(text: &str) -> String {
    let hash = text.bytes().fold(0x811C_9DC5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{:06x}", (hash >> 24 ^ hash) & 0x00FF_FFFF)
}

/// The member that gives the length of a changed list.
const LENGTH: &str = "#";

/// How `new` differs from `base`, as an object: members that changed (nested), `null` for those that went;
/// lists as objects of changed items by position, with their new length under [`LENGTH`].
/// `None` if this form cannot say it: a `null` in the content, or a member called [`LENGTH`].
fn difference(base: &Value, new: &Value) -> Option<Value> {
    match (base, new) {
        (Value::Object(base), Value::Object(new)) => {
            let mut out = Map::new();
            for (key, value) in new {
                if value.is_null() || key == LENGTH {
                    return None;
                }
                match base.get(key) {
                    Some(old) if old == value => {}
                    Some(old) if same_shape(old, value) => drop(out.insert(key.clone(), difference(old, value)?)),
                    _ => drop(out.insert(key.clone(), plain(value)?)),
                }
            }
            for key in base.keys().filter(|key| !new.contains_key(*key)) {
                out.insert(key.clone(), Value::Null);
            }
            Some(Value::Object(out))
        }
        (Value::Array(base), Value::Array(new)) => {
            let mut out = Map::new();
            if base.len() != new.len() {
                out.insert(LENGTH.to_owned(), json!(new.len()));
            }
            for (index, value) in new.iter().enumerate() {
                match base.get(index) {
                    Some(old) if old == value => {}
                    Some(old) if same_shape(old, value) => {
                        out.insert(index.to_string(), difference(old, value)?);
                    }
                    _ => drop(out.insert(index.to_string(), plain(value)?)),
                }
            }
            Some(Value::Object(out))
        }
        _ => plain(new),
    }
}

fn same_shape(a: &Value, b: &Value) -> bool {
    a.is_object() && b.is_object() || a.is_array() && b.is_array()
}

/// `value` itself, if it holds nothing that a difference uses for itself.
fn plain(value: &Value) -> Option<Value> {
    fn good(value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::Array(items) => items.iter().all(good),
            Value::Object(members) => members.iter().all(|(key, value)| key != LENGTH && good(value)),
            _ => true,
        }
    }
    good(value).then(|| value.clone())
}

/// `base` with a difference applied. Hostile differences give some other JSON, which is then checked as any.
fn apply(base: Value, difference: &Value) -> Value {
    match (base, difference) {
        (Value::Object(mut base), Value::Object(changes)) => {
            for (key, change) in changes {
                if change.is_null() {
                    base.shift_remove(key);
                } else {
                    let old = base.get(key).cloned().unwrap_or_default();
                    base.insert(key.clone(), apply(old, change));
                }
            }
            Value::Object(base)
        }
        (Value::Array(mut base), Value::Object(changes)) => {
            if let Some(length) = changes.get(LENGTH).and_then(Value::as_u64) {
                // A length beyond what the changes can fill would only add nulls.
                let most = base.len().saturating_add(changes.len());
                base.resize(usize::try_from(length).unwrap_or(usize::MAX).min(most), Value::Null);
            }
            for (key, change) in changes.iter().filter(|(key, _)| *key != LENGTH) {
                if let Some(item) = key.parse::<usize>().ok().and_then(|index| base.get_mut(index)) {
                    *item = apply(item.take(), change);
                }
            }
            Value::Array(base)
        }
        (_, change) => change.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::eks::CreateAccessEntryRequest;
    use crate::engine::{AwsRequest, Caller, Credential, Request};
    use crate::session::Session;

    fn changed() -> Snapshot {
        let mut session = Session::new(scenario::walkthrough());
        let caller = Caller::new(Credential::AccessKey(session.world().users[0].access_key.clone()));
        let input = CreateAccessEntryRequest {
            cluster_name: "eks-demo-cluster".into(),
            principal_arn: "arn:aws:iam::111122223333:user/k8s-dev".into(),
            kubernetes_groups: Some(vec!["developer".into()]),
            ..CreateAccessEntryRequest::default()
        };
        session.call(&caller, Request::Aws(AwsRequest::CreateAccessEntry(input))).unwrap();
        session.now().clone()
    }

    #[test]
    fn links_come_back_as_they_were() {
        for snapshot in [scenario::walkthrough(), changed()] {
            let link = encode(&snapshot);
            assert!(link.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)), "{link}");
            assert!(link.ends_with(|c: char| c.is_ascii_alphanumeric()));
            assert_eq!(decode(&link).unwrap(), snapshot);
            assert_eq!(decode(&format!("https://example.org/x/#/access?s={link}")).unwrap(), snapshot);
        }
    }

    #[test]
    fn caches_stay_behind() {
        let start = scenario::walkthrough();
        let mut looked = start.clone();
        let workstation = Rc::make_mut(&mut looked.workstation);
        workstation.write_with_parents("/home/user/.kube/cache/discovery/x/servergroups.json", "{}").unwrap();
        assert_eq!(encode(&looked), encode(&start));
        let workstation = Rc::make_mut(&mut looked.workstation);
        workstation.write_with_parents("/home/user/.kube/cached", "mine").unwrap();
        assert_eq!(decode(&encode(&looked)).unwrap().workstation.read("/home/user/.kube/cached"), Ok("mine"));
    }

    #[test]
    fn a_small_change_makes_a_short_link() {
        let link = encode(&changed());
        assert!(link.len() < 500, "{} characters", link.len());
    }

    #[test]
    fn a_world_that_no_difference_can_say_goes_whole() {
        let mut snapshot = changed();
        let world = Rc::make_mut(&mut snapshot.world);
        world.cluster_mut("eks-demo-cluster").unwrap().vpc = Some(json!({"subnetIds": [null]}));
        assert_eq!(decode(&encode(&snapshot)).unwrap(), snapshot);
    }

    #[test]
    fn damaged_links_say_what_is_wrong() {
        let link = encode(&changed());
        let check = |text: &str, expected: DecodeError| assert_eq!(decode(text).unwrap_err(), expected, "{text}");
        check("", DecodeError::NotALink);
        check("hello", DecodeError::NotALink);
        check("v9.abc.def", DecodeError::Newer("v9".into()));
        check(&link[..link.len() - 4], DecodeError::Damaged);
        check(&link[..20], DecodeError::Damaged);
        check(&link.replace("v1.", "v1.A"), DecodeError::Damaged);
        check(&"v1.".repeat(100_000), DecodeError::TooLong);
        let pack = |text: &str| {
            let packed = URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 10));
            format!("v1.{packed}.{}", check_sum(&packed))
        };
        assert!(matches!(decode(&pack("[1]")), Err(DecodeError::NotAWorld(_))));
        assert!(matches!(decode(&pack("{}")), Err(DecodeError::NotAWorld(_))));
        assert!(matches!(decode(&pack(r#"{"w":{"world":{"clusters":7}}}"#)), Err(DecodeError::NotAWorld(_))));
        assert!(matches!(
            decode(&pack(r##"{"w":{"world":{"clusters":{"#":99999999999}}}}"##)),
            Err(DecodeError::NotAWorld(_))
        ));
        assert!(matches!(decode(&pack(&"[".repeat(100_000))), Err(DecodeError::NotAWorld(_))));
        assert_eq!(decode(&pack(&" ".repeat(MAX_JSON_BYTES + 1))).unwrap_err(), DecodeError::TooLarge);
    }
}
