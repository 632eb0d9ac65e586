//! What links, saves and worlds are made of: the readers of stored state.
//!
//! Spoilt links and saves are fed as they are, which the check sum refuses, and sealed anew, which it cannot.

use std::cell::Cell;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use eks_access_playground::session::share::{self, Shared};
use eks_access_playground::session::{Session, Snapshot, saves, scenario};
use eks_access_playground::shell::terminal;
use eks_access_playground::view::question::Question;
use eks_access_playground::view::{access_path, problems};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

/// The words of JSON.
pub const JSON: &[&str] =
    &["{", "}", "[", "]", "\"", ":", ",", "null", "true", "1", "-1", "1e99", "\"\"", "\"#\":", "[1,"];

/// Differences from the starting world, as links hold them.
pub const CONTENTS: &[&str] = &[
    r##"{"world":{"clusters":{"0":{"entries":{"arn:aws:iam::111122223333:user/k8s-dev":{"groups":["developer"],"created_at":5,"serial":9}}}}}}"##,
    r##"{"world":{"clusters":{"#":2,"1":{"name":"other","mode":"API","objects":{"objects":{"pods default web":{"uid":7,"created":1,"object":{}}}}}}}}"##,
    r##"{"world":{"clusters":{"0":{"objects":{"writes":9,"objects":{"namespaces  dev":{"uid":3,"created":2,"object":{},"applied":true},"configmaps kube-system aws-auth":{"object":{"data":{"mapUsers":[40,"x",40]}}}}}}}}}"##,
    r##"{"world":{"propagation_millis":10000,"clusters":{"0":{"nodegroups":{"ng":{"serial":9,"created_at":5,"asked":{"subnets":["s"],"nodeRole":"arn:aws:iam::111122223333:role/eks-node-role"}}},"fargate_profiles":{"fp":{"serial":10,"created_at":5,"asked":{"podExecutionRoleArn":"x","selectors":[{}]},"failed":"CREATE_FAILED"}},"former":{"arn:aws:iam::111122223333:user/k8s-dev":{"until":1705487500000}}}}}}"##,
    r##"{"world":{"users":{"#":4,"3":{"name":"new","uniqueId":12,"createdAt":60}},"clock":120,"serial":12}}"##,
    r##"{"workstation":{"cwd":"/home/user","files":{"/home/user/a":"text"},"variables":{"A":"1"}},"ask":["","get","pods","",""]}"##,
];

/// The scripts whose ends are seeds.
const SCRIPTS: [&str; 2] = [include_str!("../it/links/walkthrough.sh"), include_str!("../it/links/sample.sh")];

/// What neither script does: nodes, a profile, and a change that is on its way.
const NODES: &str = "
aws eks create-nodegroup --cluster-name eks-demo-cluster --nodegroup-name ng --node-role arn:aws:iam::111122223333:role/eks-node-role --subnets s
aws eks create-fargate-profile --cluster-name eks-demo-cluster --fargate-profile-name fp --pod-execution-role-arn arn:aws:iam::111122223333:role/eks-node-role --selectors namespace=dev
propagation-delay 10
aws eks delete-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:role/eks-node-role";

fn after(script: &str) -> Snapshot {
    let mut session = Session::new(scenario::walkthrough());
    terminal::run(&mut session, script);
    session.now().clone()
}

/// Seeds of a target of this file.
pub fn seeds(target: &str) -> Vec<String> {
    let golden = include_str!("../it/links/golden.txt").lines().filter(|line| !line.starts_with('#'));
    let mut links = golden.filter_map(|line| line.split(' ').nth(2)).filter(|link| link.len() < 4_000);
    let ends = || std::iter::once(scenario::walkthrough()).chain(SCRIPTS.map(after));
    match target {
        "link" => links.filter(|link| link.starts_with("v1.") || link.len() < 120).map(str::to_owned).collect(),
        "packed" => links.map(str::to_owned).collect(),
        "content" => {
            let whole = ends().map(|end| share::to_json(&end).to_string());
            whole.chain(links.find_map(version_1_content)).collect()
        }
        "saved" => {
            let saved = ends().map(|end| saves::write(&saves::save("a", 1, &end, None)));
            saved.chain([share::to_json(&scenario::walkthrough()).to_string()]).collect()
        }
        "world" => ends().chain([after(NODES)]).map(|end| json!(*end.world).to_string()).collect(),
        _ => Vec::new(),
    }
}

/// The difference in a link of version 1.
fn version_1_content(link: &str) -> Option<String> {
    let packed = link.strip_prefix("v1.")?.split('.').next()?;
    let bytes = URL_SAFE_NO_PAD.decode(packed).ok()?;
    let content: Value = serde_json::from_slice(&miniz_oxide::inflate::decompress_to_vec(&bytes).ok()?).ok()?;
    content
        .get("w")
        .filter(|difference| difference.as_object().is_some_and(|members| !members.is_empty()))
        .map(Value::to_string)
}

/// A value that a place may not expect.
pub fn odd_value() -> impl Strategy<Value = Option<Value>> {
    let numbers = [json!(0), json!(-1), json!(1.5), json!(1e99), json!(i64::MAX), json!(i64::MIN), json!(u64::MAX)];
    let texts = [
        "",
        "a",
        "*",
        "\0",
        "<script>",
        "é€\u{1F600}",
        "arn:aws:iam::111122223333:role/a/b",
        "system:masters",
        "9".repeat(30).leak(),
    ];
    let lists = [
        json!([]),
        json!({}),
        json!([null]),
        json!({"": {}}),
        json!({"#": 99_999_999_999_u64}),
        json!([[], {}]),
        json!([1, "x", 2]),
    ];
    let values: Vec<Value> = [Value::Null, json!(true)]
        .into_iter()
        .chain(numbers)
        .chain(texts.map(Value::from))
        .chain(lists)
        .chain([json!("x".repeat(3_000)), json!(vec![0; 300])])
        .collect();
    prop_oneof![
        6 => prop::sample::select(values).prop_map(Some),
        2 => (0..2_000_i64).prop_map(|number| Some(json!(number))),
        1 => "[a-z*:/.-]{0,8}".prop_map(|text| Some(json!(text))),
        // Nothing: the value goes, or stands twice.
        2 => Just(None),
    ]
}

/// `value` with another value at one of its places. Without one, a member or item goes, or takes its neighbour's place.
pub fn altered(mut value: Value, at: Index, new: Option<Value>) -> Value {
    let mut place = at.index(count(&value));
    let twice = place.is_multiple_of(2);
    if let Some(found) = find(&mut value, &mut place) {
        match (new, found) {
            (Some(new), found) => *found = new,
            (None, Value::Array(items)) if twice => items.extend(items.first().cloned()),
            (None, Value::Array(items)) => drop(items.pop()),
            (None, Value::Object(members)) => {
                let key = members.keys().nth(at.index(members.len().max(1))).cloned().unwrap_or_default();
                let gone = members.shift_remove(&key);
                if let (true, Some(gone)) = (twice, gone) {
                    members.insert(format!("{key}x"), gone);
                }
            }
            (None, found) => *found = Value::Null,
        }
    }
    value
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// The value at a place, counted from the outside and from the beginning.
fn find<'a>(value: &'a mut Value, place: &mut usize) -> Option<&'a mut Value> {
    if *place == 0 {
        return Some(value);
    }
    *place -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| find(item, place)),
        Value::Object(members) => members.values_mut().find_map(|member| find(member, place)),
        _ => None,
    }
}

thread_local! {
    /// How often the readers were called: most inputs are fed in more than one form.
    pub static READINGS: Cell<u64> = const { Cell::new(0) };
}

/// FNV-1a.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811C_9DC5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The link with a right check sum in place of its own, and without what base64 does not hold.
fn sealed(link: &str) -> Option<String> {
    let (version, rest) = link.split_once('.')?;
    let clean =
        |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).collect::<String>();
    if version == "v1" {
        let packed = clean(rest.split('.').next()?);
        return Some(format!("v1.{packed}.{:06x}", (hash(&packed) >> 24 ^ hash(&packed)) & 0x00FF_FFFF));
    }
    let packed = clean(rest);
    let link = format!("{version}.{}", packed.get(..packed.len().checked_sub(3)?)?);
    let hash = hash(&link);
    let mut rest = (hash >> 16 ^ hash.wrapping_mul(0x9E37_79B1)) >> 3;
    let letters: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').collect();
    let mut letter = || {
        let at = rest as usize % letters.len();
        rest /= 62;
        letters[at]
    };
    Some(format!("{link}{}{}{}", letter(), letter(), letter()))
}

/// What is open can be told again. Packing takes its time, so that one text in sixteen has to prove it.
fn comes_back(text: &str, shared: &Shared) -> Result<usize, String> {
    if !hash(text).is_multiple_of(16) {
        return Ok(0);
    }
    let again = share::encode_with(&shared.snapshot, shared.asked.as_ref());
    let same = open(&again).is_ok_and(|back| back == *shared);
    if same { Ok(again.len()) } else { Err(format!("another world comes back: {again}")) }
}

fn open(text: &str) -> Result<Shared, share::DecodeError> {
    READINGS.set(READINGS.get() + 1);
    share::open(text)
}

fn opened(text: &str) -> Result<usize, String> {
    match open(text) {
        Err(error) => Ok(error.to_string().len()),
        Ok(shared) => comes_back(text, &shared),
    }
}

/// The text, and what may become of it on its way: cut off, a character lost, another one, a part doubled.
fn variants(text: &str) -> impl Iterator<Item = String> {
    let place =
        |n: u32| text.floor_char_boundary((hash(text).wrapping_mul(2 * n + 1) >> 4) as usize % (text.len() + 1));
    let spoilt = (0..VARIANTS).map(move |n| {
        let (start, rest) = text.split_at(place(n));
        let after = rest.char_indices().nth(1).map_or("", |(at, _)| &rest[at..]);
        match n % 4 {
            0 => start.to_owned(),
            1 => format!("{start}{after}"),
            2 => format!("{start}{}{after}", ["A", "_", "\"", "9", "é"][(n / 4) as usize % 5]),
            _ => format!("{start}{rest}{rest}"),
        }
    });
    std::iter::once(text.to_owned()).chain(spoilt)
}

/// How many of them.
const VARIANTS: u32 = 16;

/// A link's text as it is; sealed anew if it is not packed.
pub fn link(text: &str) -> Result<usize, String> {
    let mut size = 0;
    for text in variants(text) {
        size += opened(&text)?;
        if let Some(text) = sealed(&text).filter(|text| !text.starts_with("v2.")) {
            size += opened(&text)?;
        }
    }
    Ok(size)
}

/// A link's text, packed: any bytes are the packing of something.
pub fn packed(text: &str) -> Result<usize, String> {
    let rest = text.split_once('.').map_or(text, |(_, rest)| rest);
    sealed(&format!("v2.{rest}")).map_or(Ok(0), |text| opened(&text))
}

/// The JSON within a link: as a whole snapshot and as a difference, in both versions.
pub fn content(text: &str) -> Result<usize, String> {
    let encoded = |text: String| URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 1));
    let mut size = 0;
    for base in ["w", "0"] {
        let first = format!("v1.{}", encoded(format!("{{\"{base}\":{text}}}")));
        let second = format!("v2z.{}AAA", encoded(format!("{base}{text}")));
        for link in [first, second].iter().filter_map(|link| sealed(link)) {
            size += match open(&link) {
                Err(share::DecodeError::Damaged) => return Err(format!("a sealed link is refused: {link}")),
                Err(error) => error.to_string().len(),
                Ok(shared) => comes_back(&link, &shared)?,
            };
        }
    }
    Ok(size)
}

/// A kept or opened save, as it is and with its link sealed anew.
pub fn saved(text: &str) -> Result<usize, String> {
    let mut texts: Vec<String> = variants(text).collect();
    if let Ok(mut value) = serde_json::from_str::<Value>(text)
        && let Some(link) = value.get("link").and_then(Value::as_str).and_then(sealed)
        // Packed ones are slow, and have a target of their own.
        && (link.len() < 120 || link.len().is_multiple_of(16))
    {
        value["link"] = json!(link);
        texts.push(value.to_string());
    }
    let listed = saves::list(texts.iter().enumerate().map(|(n, text)| (saves::tab_key(&n.to_string()), text.clone())));
    let mut size = listed.len() + saves::surplus(&listed).len();
    for text in texts {
        READINGS.set(READINGS.get() + 1);
        size += match saves::open_file(&text) {
            Err(error) => error.to_string().len(),
            Ok(_) if !hash(&text).is_multiple_of(16) => 0,
            Ok((name, shared)) => {
                let again = saves::write(&saves::save(&name, 0, &shared.snapshot, shared.asked.as_ref()));
                if saves::open_file(&again) != Ok((name, shared)) {
                    return Err("another world comes back".to_owned());
                }
                again.len()
            }
        };
    }
    Ok(size)
}

/// Contents as long as a link may inflate to, and files as long as they may be.
pub fn largest() -> Vec<(&'static str, String)> {
    let most = share::MAX_JSON_BYTES - 100;
    let of = |open: &str, part: &str, close: &str| {
        format!("{open}{}{close}", part.repeat(most / part.len()).trim_end_matches(','))
    };
    let members = |value: &str| {
        let members: Vec<String> = (0..most / (12 + value.len())).map(|n| format!("\"{n:05}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    };
    let texts = vec![
        ("numbers", of("[", "1,", "]")),
        ("empty lists", of("[", "[],", "]")),
        ("empty objects", of("[", "{},", "]")),
        ("short texts", of("[", "\"a\",", "]")),
        ("one text", of("\"", "a", "\"")),
        ("members", members("1")),
        ("objects", members("{}")),
    ];
    let mut all = Vec::new();
    for (what, text) in texts {
        all.push((what, json_link(&format!("w{{\"world\":{{\"clusters\":{text}}}}}"))));
        all.push((what, format!("{{\"world\":{text}}}")));
    }
    all.push((
        "packed",
        sealed(&format!("v2.{}", "Z9Z9".repeat(share::MAX_LINK_CHARS / 4 - 10) + "AAA")).unwrap_or_default(),
    ));
    all
}

fn json_link(content: &str) -> String {
    let packed = URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(content.as_bytes(), 6));
    sealed(&format!("v2z.{packed}AAA")).unwrap_or_default()
}

/// What is said of one of them, as a link or as a file.
pub fn largest_answer(text: &str) -> String {
    let error = if text.starts_with('{') {
        saves::open_file(text).err().map(|error| error.to_string())
    } else {
        share::open(text).err().map(|error| error.to_string())
    };
    let mut said = error.unwrap_or_else(|| "opened".to_owned());
    said.truncate(said.floor_char_boundary(80));
    said
}

/// A world whose JSON was spoilt: if it is taken, it can be kept, asked and shown.
pub fn world(text: &str) -> Result<usize, String> {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return Ok(0) };
    READINGS.set(READINGS.get() + 1);
    let snapshot = match share::from_json(json!({ "world": value })) {
        Err(error) => return Ok(error.to_string().len()),
        Ok(snapshot) => snapshot,
    };
    let mut size = comes_back(text, &Shared { snapshot: snapshot.clone(), asked: None })?;
    for cluster in &snapshot.world.clusters {
        size += format!("{:?}", access_path::answer(&snapshot, cluster, &Question::default())).len();
        size += problems::problems(&snapshot.world, cluster).len();
    }
    let mut session = Session::new(snapshot);
    let line = "kubectl auth can-i --list; aws eks list-clusters; aws eks list-access-entries --cluster-name \
                eks-demo-cluster; aws eks describe-nodegroup --cluster-name eks-demo-cluster --nodegroup-name ng; aws eks \
                delete-nodegroup --cluster-name eks-demo-cluster --nodegroup-name ng; kubectl get pods -A; kubectl create \
                namespace x";
    let ran = terminal::run(&mut session, line);
    Ok(size + ran.iter().flat_map(|ran| &ran.chunks).map(|chunk| chunk.text.len()).sum::<usize>())
}
