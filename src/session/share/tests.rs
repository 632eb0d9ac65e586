//! Links and back, and links that hold what no link should.

use std::time::Instant;

use super::*;
use crate::aws::eks::CreateAccessEntryRequest;
use crate::engine::{AwsRequest, Caller, Credential, Request};
use crate::session::{Session, scenario};

/// Generous: debug builds on busy machines; a release build takes a twentieth.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(20);

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
    assert!(link.len() < 150, "{} characters", link.len());
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
    check("v2y.abc", DecodeError::Newer("v2y".into()));
    check(&link[..link.len() - 4], DecodeError::Damaged);
    check(&link[..7], DecodeError::Damaged);
    check(&link.replace("v2.", "v2.A"), DecodeError::Damaged);
    check(&"v1.".repeat(100_000), DecodeError::TooLong);
}

/// A link of version 1 with this content.
fn version_1_of(text: &str) -> String {
    let packed = URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 6));
    format!("v1.{packed}.{:06x}", (hash(&packed) >> 24 ^ hash(&packed)) & 0x00FF_FFFF)
}

/// A link with these bytes and a right check sum.
fn sealed(version: &str, bytes: &[u8]) -> String {
    let link = format!("{version}.{}", URL_SAFE_NO_PAD.encode(bytes));
    let check = check_letters(&link);
    link + &check
}

/// Links of both versions and both packings with this content: `base` is `w` or `0`.
fn links_of(base: &str, content: &str) -> [String; 3] {
    let text = format!("{base}{content}");
    let packed = if text.len() <= MAX_PACKED_BYTES { pack::pack(knowing_words(), text.as_bytes()) } else { Vec::new() };
    [
        version_1_of(&format!("{{\"{base}\":{content}}}")),
        sealed("v2z", &miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 6)),
        sealed("v2", &packed),
    ]
}

/// The content is refused, soon, and as no world.
#[track_caller]
fn refuses(base: &str, content: &str) {
    for link in links_of(base, content) {
        let start = Instant::now();
        let error = open(&link).unwrap_err();
        assert!(start.elapsed() < LONGEST, "{:?} for {}", start.elapsed(), &content[..content.len().min(60)]);
        assert!(
            matches!(error, DecodeError::NotAWorld(_) | DecodeError::TooLarge | DecodeError::TooLong),
            "{error} for {}",
            &content[..content.len().min(60)]
        );
        assert!(error.to_string().len() < 1_000, "{} characters", error.to_string().len());
    }
}

#[test]
fn contents_that_are_no_world_are_refused() {
    for base in ["w", "0"] {
        for content in [
            "[1]",
            "7",
            "null",
            "\"text\"",
            "{\"world\":7}",
            "{\"world\":{\"clusters\":7}}",
            "{\"world\":{\"clusters\":{\"#\":99999999999}}}",
            "{\"world\":{\"clusters\":{\"0\":{\"objects\":{\"objects\":{\"cats  tom\":{}}}}}}}",
            "{\"world\":{\"account\":\"<script>alert(1)</script>\"}}",
            "{\"world\":{\"clock\":\"never\"}}",
            "{\"world\":{\"clock\":1e999}}",
            "{\"world\":{\"unheard\":1}}",
            "{\"workstation\":{\"cwd\":\"../..\"}}",
            "{\"workstation\":{\"files\":{\"relative\":\"x\"}}}",
        ] {
            refuses(base, content);
        }
        refuses(base, &"[".repeat(100_000));
        // A reason does not quote all of it.
        refuses(base, &format!("{{\"world\":{{\"clusters\":\"{}\"}}}}", "a".repeat(100_000)));
        refuses(base, &format!("{{\"world\":{{\"account\":\"{}\"}}}}", "€".repeat(10_000)));
        refuses(base, &"{\"world\":".repeat(100_000));
    }
    for content in ["", "{}", "[]", "x", "{\"q\":{}}"] {
        assert!(matches!(open(&version_1_of(content)), Err(DecodeError::NotAWorld(_))), "{content}");
    }
}

#[test]
fn a_million_objects_are_refused() {
    let object = |n: usize| format!("\"pods default p{n}\":{{\"uid\":1,\"version\":1,\"created\":0,\"object\":{{}}}}");
    for count in [MAX_OBJECTS + 1, 1_000_000] {
        let objects: Vec<String> = (0..count).map(object).collect();
        let objects = objects.join(",");
        refuses(
            "w",
            &format!("{{\"world\":{{\"clusters\":{{\"0\":{{\"objects\":{{\"objects\":{{{objects}}}}}}}}}}}}}"),
        );
    }
}

#[test]
fn bombs_stay_small() {
    let blanks = " ".repeat(MAX_JSON_BYTES + 1);
    assert_eq!(open(&version_1_of(&blanks)).unwrap_err(), DecodeError::TooLarge);
    let bomb = miniz_oxide::deflate::compress_to_vec(blanks.as_bytes(), 6);
    assert_eq!(open(&sealed("v2z", &bomb)).unwrap_err(), DecodeError::TooLarge);
    let bomb = pack::pack(knowing_words(), " ".repeat(MAX_PACKED_BYTES + 1).as_bytes());
    assert!(bomb.len() < 200, "{} bytes", bomb.len());
    let start = Instant::now();
    assert_eq!(open(&sealed("v2", &bomb)).unwrap_err(), DecodeError::TooLarge);
    assert!(start.elapsed() < LONGEST);
}

#[test]
fn any_change_of_a_character_is_noticed() {
    let link = encode(&changed());
    for at in 3..link.len() {
        let mut other = link.clone().into_bytes();
        other[at] = if other[at] == b'A' { b'B' } else { b'A' };
        assert_eq!(decode(std::str::from_utf8(&other).unwrap()).unwrap_err(), DecodeError::Damaged, "at {at}");
    }
    for end in 3..link.len() {
        assert_eq!(decode(&link[..end]).unwrap_err(), DecodeError::Damaged, "cut at {end}");
    }
    assert_eq!(decode("v2.é€x").unwrap_err(), DecodeError::Damaged);
}

#[test]
fn a_question_travels() {
    let asked = Asked {
        who: "arn:aws:iam::111122223333:user/k8s-dev".to_owned(),
        verb: "get".to_owned(),
        resource: "pods/log".to_owned(),
        namespace: String::new(),
        name: "web".to_owned(),
    };
    let link = encode_with(&changed(), Some(&asked));
    assert_eq!(open(&link).unwrap(), Shared { snapshot: changed(), asked: Some(asked.clone()) });
    assert_eq!(open(&encode(&changed())).unwrap().asked, None);
    let long = Asked { name: "x".repeat(MAX_ASKED_BYTES + 1), ..asked };
    assert_eq!(open(&encode_with(&changed(), Some(&long))).unwrap().asked, None);
}

#[test]
fn worlds_beyond_packing_are_deflated() {
    let mut snapshot = changed();
    let text: String = (0..6_000).map(|n| format!("line {n}\n")).collect();
    Rc::make_mut(&mut snapshot.workstation).write("long", &text).unwrap();
    let link = encode(&snapshot);
    assert!(link.starts_with("v2z."), "{}", &link[..10]);
    assert!(link.ends_with(|c: char| c.is_ascii_alphanumeric()));
    assert_eq!(decode(&link).unwrap(), snapshot);
}

#[test]
fn texts_are_changed_at_their_ends_or_replaced() {
    let base = json!({"t": "the quick brown fox jumps over the lazy dög", "u": "short"});
    for new in [
        json!({"t": "the quick brown cat jumps over the lazy dög", "u": "sharp"}),
        json!({"t": "the quick brown fox jumps over the lazy dôg", "u": ""}),
        json!({"t": "the quick brown fox", "u": "shortshort"}),
        json!({"t": "the quick brown fox jumps over the lazy dögog", "u": "short"}),
    ] {
        let difference = difference(&base, &new).unwrap();
        assert_eq!(apply(base.clone(), &difference), new, "{difference}");
    }
    assert_eq!(difference(&base, &json!({"t": ["x"]})), None);
    // Found by `tests/fuzz`.
    assert_eq!(difference(&json!({"list": [1]}), &json!({"list": {}})), None);
    assert_eq!(difference(&json!([[1]]), &json!([{"0": 2}])), None);
    for hostile in [json!([1, "é", 99_999]), json!([45, "", 0]), json!(["a"]), json!([-1, "x", 2])] {
        assert_eq!(apply(base.clone(), &json!({"t": hostile}))["t"], hostile);
    }
}

#[test]
fn packing_is_undone() {
    let model = pack::Model::knowing(b"{\"name\":\"value\"}\0");
    for text in ["", "a", "{\"name\":\"value\"}", "Ä\u{1}\u{7f}\"", &"ab".repeat(5_000)] {
        let packed = pack::pack(model.clone(), text.as_bytes());
        assert_eq!(pack::unpack(model.clone(), &packed, text.len()).unwrap(), text.as_bytes(), "{text:.40}");
    }
}
