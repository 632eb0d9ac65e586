//! The link codec: a snapshot as text that fits into an address, and back.
//!
//! `v2.TEXTCHECK`: the version; the snapshot's JSON in its short form ([`short`]), as the difference from a built-in world
//! ([`difference`]), packed against words that both sides know ([`pack`]), in base64url; three letters or digits that
//! depend on all of it, so that a link that was cut off says so. `v2z` is the same with deflate, for large worlds.
//! Only `A-Z a-z 0-9 . _ -` occur, and the last character is a letter or digit, which keeps mail and chat programs from
//! dropping it. A link may carry a question too.
//!
//! `v1.TEXT.CHECK` is read for ever: the whole JSON's difference, deflated.
//!
//! Links are untrusted input: length, unpacked size, number of objects and the world's own limits are checked before
//! anything is taken. What is frozen with a version: the base world and the words (`src/data/link-*`), the difference,
//! the short form, the packing. `tests/it/links.rs` keeps links of each version.

pub(super) mod difference;
mod pack;
mod short;

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Snapshot, Workstation};
use crate::aws::iam::{PrincipalKind, access_key_id};
use crate::engine::World;
use difference::{apply, difference};

/// The longest link that is read, in characters.
pub const MAX_LINK_CHARS: usize = 200_000;
/// The largest JSON that a link may inflate to, in bytes.
pub const MAX_JSON_BYTES: usize = 4_000_000;
/// The longest text that is packed and not deflated, in bytes: packing takes its time for every byte.
pub const MAX_PACKED_BYTES: usize = 24_000;
/// The longest text that is deflated as well as can be, in bytes, and the levels before and after that.
const MAX_SLOW_BYTES: usize = 200_000;
const BEST: u8 = 10;
const QUICK: u8 = 3;
/// The most values in the JSON of a link or file: one of two bytes takes 150 in memory.
pub const MAX_VALUES: usize = 500_000;
/// The most saved objects of a cluster.
pub const MAX_OBJECTS: usize = 20_000;
/// Stands for the walkthrough's world as a base.
const WALKTHROUGH: &str = "w";
/// Stands for no base: the whole snapshot follows.
const WHOLE: &str = "0";
/// The walkthrough's world as links have it. It stays as it is; another starting world becomes another base.
const BASE: &str = include_str!("../data/link-base.json");
/// What differences from it are like: what the packing knows beforehand.
const WORDS: &str = include_str!("../data/link-words.txt");

/// What is wrong with a link or a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It does not begin with a version.
    #[error("the link holds no saved world: it should begin with `v2.`")]
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
    /// It holds too many values.
    #[error("it holds more than {MAX_VALUES} values")]
    TooMany,
    /// Its content is no snapshot.
    #[error("its content is no world: {0}")]
    NotAWorld(String),
}

/// A question as a link carries it, in the words of the question bar.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "[String; 5]", into = "[String; 5]")]
pub struct Asked {
    /// Who: empty for whomever kubectl acts as, `profile:NAME`, an ARN, `system:serviceaccount:NAMESPACE:NAME`,
    /// `user:NAME` with the groups on a second line, or `group:NAME`.
    pub who: String,
    /// Does what.
    pub verb: String,
    /// To what.
    pub resource: String,
    /// Where; empty for all namespaces.
    pub namespace: String,
    /// The object's name; empty for none.
    pub name: String,
}

impl From<[String; 5]> for Asked {
    fn from([who, verb, resource, namespace, name]: [String; 5]) -> Self {
        Self { who, verb, resource, namespace, name }
    }
}

impl From<Asked> for [String; 5] {
    fn from(asked: Asked) -> Self {
        [asked.who, asked.verb, asked.resource, asked.namespace, asked.name]
    }
}

/// The longest part of a question, in bytes.
const MAX_ASKED_BYTES: usize = 2_048;

/// All that a link carries.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    /// The world and the workstation.
    pub snapshot: Snapshot,
    /// The question, if the sharer took it in.
    pub asked: Option<Asked>,
}

/// The snapshot as a link's text.
pub fn encode(snapshot: &Snapshot) -> String {
    encode_with(snapshot, None)
}

/// The snapshot as a link's text, with a question.
pub fn encode_with(snapshot: &Snapshot, asked: Option<&Asked>) -> String {
    let world = world_text(snapshot);
    // Neither the difference nor the whole snapshot has a member of that name.
    let text = match (asked, world.strip_suffix('}')) {
        (Some(asked), Some(open)) if open.ends_with('{') => format!("{open}\"ask\":{}}}", json!(asked)),
        (Some(asked), Some(open)) => format!("{open},\"ask\":{}}}", json!(asked)),
        _ => (*world).to_owned(),
    };
    let sealed = |version: &str, packed: &[u8]| {
        let link = format!("{version}.{}", URL_SAFE_NO_PAD.encode(packed));
        let check = check_letters(&link);
        link + &check
    };
    if text.len() <= MAX_PACKED_BYTES {
        return sealed("v2", &pack::pack(knowing_words(), text.as_bytes()));
    }
    thread_local! {
        /// The last large link: pages change more often than worlds.
        static LAST: RefCell<Option<Large>> = const { RefCell::new(None) };
    }
    let same = |last: &&Large| Rc::ptr_eq(&last.world, &world) && last.asked.as_ref() == asked;
    if let Some(link) = LAST.with_borrow(|last| last.as_ref().filter(same).map(|last| last.link.clone())) {
        return link;
    }
    let deflated = |level| sealed("v2z", &miniz_oxide::deflate::compress_to_vec(text.as_bytes(), level));
    // Of a large world every level takes its time, and somebody may be typing.
    let quick = Some(text.len()).filter(|length| *length > MAX_SLOW_BYTES).map(|_| deflated(QUICK));
    let link = quick.filter(|link| link.len() <= MAX_LINK_CHARS / 2).unwrap_or_else(|| deflated(BEST));
    LAST.set(Some(Large { world, asked: asked.cloned(), link: link.clone() }));
    link
}

/// Makes the world's part of a link beforehand, so that somebody who types is not held up for all of it at once.
pub fn prepare(snapshot: &Snapshot) {
    drop(world_text(snapshot));
}

/// A link that took its time, with what it was made of.
struct Large {
    world: Rc<str>,
    asked: Option<Asked>,
    link: String,
}

/// The world's part of a link, unpacked: made once for many questions and pages.
fn world_text(snapshot: &Snapshot) -> Rc<str> {
    thread_local! {
        static LAST: RefCell<Option<(Snapshot, Rc<str>)>> = const { RefCell::new(None) };
    }
    let same = |known: &Snapshot| {
        Rc::ptr_eq(&known.world, &snapshot.world) && Rc::ptr_eq(&known.workstation, &snapshot.workstation)
    };
    let known = LAST.with_borrow(|last| last.as_ref().filter(|(of, _)| same(of)).map(|(_, text)| Rc::clone(text)));
    known.unwrap_or_else(|| {
        let mut whole = to_json(snapshot);
        short::shorten(&mut whole);
        let text: Rc<str> = match difference(&short_base(), &whole) {
            Some(difference) => format!("{WALKTHROUGH}{difference}").into(),
            None => format!("{WHOLE}{whole}").into(),
        };
        LAST.set(Some((snapshot.clone(), Rc::clone(&text))));
        text
    })
}

/// The snapshot of a link. An address or a fragment with a link in it is taken as well.
///
/// # Errors
/// What is wrong with the link, for the person who opened it.
pub fn decode(link: &str) -> Result<Snapshot, DecodeError> {
    open(link).map(|shared| shared.snapshot)
}

/// All that a link carries. An address or a fragment with a link in it is taken as well.
///
/// # Errors
/// What is wrong with the link, for the person who opened it.
pub fn open(link: &str) -> Result<Shared, DecodeError> {
    open_within(link, MAX_LINK_CHARS)
}

/// As [`open`], for links that are kept elsewhere than in an address.
pub(super) fn open_within(link: &str, most: usize) -> Result<Shared, DecodeError> {
    if link.len() > most {
        return Err(DecodeError::TooLong);
    }
    let text = link.rsplit_once("s=").map_or(link, |(_, text)| text).trim();
    let (version, packed) = text.split_once('.').unwrap_or((text, ""));
    let mut whole = match version {
        "v1" => version_1(packed)?,
        "v2" | "v2z" => version_2(text, packed, version == "v2z")?,
        _ => {
            let is_version = version.strip_prefix('v').is_some_and(|number| {
                number.len() < 8
                    && number.starts_with(|c: char| c.is_ascii_digit())
                    && number.bytes().all(|b| b.is_ascii_alphanumeric())
            });
            return Err(if is_version { DecodeError::Newer(version.to_owned()) } else { DecodeError::NotALink });
        }
    };
    let asked = whole.as_object_mut().and_then(|members| members.shift_remove("ask"));
    let asked: Option<Asked> = asked.and_then(|asked| serde_json::from_value(asked).ok());
    let asked = asked.filter(|asked| {
        [&asked.who, &asked.verb, &asked.resource, &asked.namespace, &asked.name]
            .into_iter()
            .all(|part| part.len() <= MAX_ASKED_BYTES)
    });
    Ok(Shared { snapshot: from_json(whole)?, asked })
}

/// The whole JSON of a link of version 1, without `v1.`.
fn version_1(rest: &str) -> Result<Value, DecodeError> {
    let (packed, check) = rest.split_once('.').ok_or(DecodeError::Damaged)?;
    if format!("{:06x}", (hash(packed) >> 24 ^ hash(packed)) & 0x00FF_FFFF) != check {
        return Err(DecodeError::Damaged);
    }
    let bytes = URL_SAFE_NO_PAD.decode(packed).map_err(|_| DecodeError::Damaged)?;
    let content: Value = parse(&inflate(&bytes)?)?;
    let Value::Object(content) = content else { return Err(DecodeError::NotAWorld("not an object".to_owned())) };
    match content.iter().next() {
        Some((base, whole)) if base == WHOLE => Ok(whole.clone()),
        Some((base, difference)) if base == WALKTHROUGH => Ok(apply(base_json(), difference)),
        Some((base, _)) => Err(DecodeError::NotAWorld(format!("unknown base `{base}`"))),
        None => Err(DecodeError::NotAWorld("empty".to_owned())),
    }
}

/// The whole JSON of a link of version 2; `packed` is the part after `v2.` or `v2z.`.
fn version_2(text: &str, packed: &str, is_deflated: bool) -> Result<Value, DecodeError> {
    let cut = |text: &str| text.len().checked_sub(3).filter(|at| text.is_char_boundary(*at));
    let ((Some(at), Some(end)), true) = ((cut(packed), cut(text)), text.is_ascii()) else {
        return Err(DecodeError::Damaged);
    };
    let ((packed, check), link) = (packed.split_at(at), text.split_at(end).0);
    if check_letters(link) != check {
        return Err(DecodeError::Damaged);
    }
    let bytes = URL_SAFE_NO_PAD.decode(packed).map_err(|_| DecodeError::Damaged)?;
    let content = if is_deflated {
        inflate(&bytes)?
    } else {
        pack::unpack(knowing_words(), &bytes, MAX_PACKED_BYTES).map_err(|_| DecodeError::TooLarge)?
    };
    let content = std::str::from_utf8(&content).map_err(|_| DecodeError::NotAWorld("not a text".to_owned()))?;
    let mut whole = if let Some(whole) = content.strip_prefix(WHOLE) {
        parse(whole.as_bytes())?
    } else if let Some(difference) = content.strip_prefix(WALKTHROUGH) {
        let difference: Value = parse(difference.as_bytes())?;
        apply(short_base(), &difference)
    } else {
        return Err(DecodeError::NotAWorld("unknown base".to_owned()));
    };
    short::lengthen(&mut whole);
    Ok(whole)
}

/// The JSON of a text from outside, if it has no more than [`MAX_VALUES`] values.
pub(super) fn parse(text: &[u8]) -> Result<Value, DecodeError> {
    if text.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count() > MAX_VALUES {
        return Err(DecodeError::TooMany);
    }
    serde_json::from_slice(text).map_err(not_json)
}

fn not_json(error: serde_json::Error) -> DecodeError {
    not_a_world(error.to_string())
}

/// What is wrong may quote a value of any length.
fn not_a_world(mut why: String) -> DecodeError {
    if why.len() > MAX_REASON_BYTES {
        why.truncate(why.floor_char_boundary(MAX_REASON_BYTES));
        why.push('…');
    }
    DecodeError::NotAWorld(why)
}

const MAX_REASON_BYTES: usize = 300;

fn inflate(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    miniz_oxide::inflate::decompress_to_vec_with_limit(bytes, MAX_JSON_BYTES).map_err(|error| match error.status {
        miniz_oxide::inflate::TINFLStatus::HasMoreOutput => DecodeError::TooLarge,
        _ => DecodeError::Damaged,
    })
}

fn base_json() -> Value {
    // Made-up keys look like real ones to whoever searches files for secrets.
    let key = |text: String, serial: u64| {
        text.replace(&format!("{{access-key-{serial}}}"), &access_key_id(PrincipalKind::User, serial))
    };
    serde_json::from_str(&(1..=3).fold(BASE.to_owned(), key)).unwrap_or_default()
}

fn short_base() -> Value {
    let mut base = base_json();
    short::shorten(&mut base);
    base
}

/// The packing's model that knows the base and the words; building it takes longer than packing a link.
fn knowing_words() -> pack::Model {
    thread_local! {
        static KNOWING: OnceCell<pack::Model> = const { OnceCell::new() };
    }
    // A byte 0 ends each text, as it does in links.
    let words = || format!("{WHOLE}{}\0{}", short_base(), WORDS.replace('\n', "\0"));
    KNOWING.with(|known| known.get_or_init(|| pack::Model::knowing(words().as_bytes())).clone())
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
    let Value::Object(mut members) = value else { return Err(DecodeError::NotAWorld("not an object".to_owned())) };
    let world = members.remove("world").ok_or_else(|| DecodeError::NotAWorld("no member `world`".to_owned()))?;
    let clusters = world.get("clusters").and_then(Value::as_array).into_iter().flatten();
    let objects = clusters.filter_map(|cluster| cluster.pointer("/objects/objects")?.as_object());
    if objects.map(serde_json::Map::len).sum::<usize>() > MAX_OBJECTS {
        return Err(DecodeError::NotAWorld(format!("more than {MAX_OBJECTS} objects")));
    }
    let world: World = serde_json::from_value(world).map_err(not_json)?;
    let workstation: Workstation = match members.remove("workstation") {
        Some(workstation) => serde_json::from_value(workstation).map_err(not_json)?,
        None => Workstation::default(),
    };
    world.check().map_err(not_a_world)?;
    workstation.check().map_err(|error| DecodeError::NotAWorld(format!("workstation: {error}")))?;
    Ok(Snapshot { world: Rc::new(world), workstation: Rc::new(workstation) })
}

/// A number that depends on every character (FNV-1a).
pub(super) fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811C_9DC5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Three letters or digits that depend on every character.
fn check_letters(text: &str) -> String {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let hash = hash(text);
    let mut rest = (hash >> 16 ^ hash.wrapping_mul(0x9E37_79B1)) >> 3;
    let mut letter = || {
        let at = (rest % 62) as usize;
        rest /= 62;
        char::from(LETTERS.get(at).copied().unwrap_or(b'A'))
    };
    [letter(), letter(), letter()].into_iter().collect()
}

#[cfg(test)]
mod tests;
