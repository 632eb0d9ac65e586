//! Links that must open for ever, and how long links are.

use std::path::Path;

use eks_access_playground::session::share::{self, Asked};
use eks_access_playground::session::{Session, Snapshot, scenario};
use eks_access_playground::shell::terminal;

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/links").join(name)).unwrap()
}

/// What is there after the commands of a file.
fn after(script: &str) -> Snapshot {
    let mut session = Session::new(scenario::walkthrough());
    terminal::run(&mut session, script);
    session.now().clone()
}

/// A number that stands for the whole JSON (FNV-1a).
fn digest(snapshot: &Snapshot) -> String {
    let text = share::to_json(snapshot).to_string();
    let hash = text
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
    format!("{hash:016x}")
}

#[track_caller]
fn check_length(what: &str, snapshot: &Snapshot, most: usize) {
    let link = share::encode(snapshot);
    let json = share::to_json(snapshot).to_string().len();
    println!("{what}: {json} bytes of JSON, {} characters", link.len());
    assert!(link.len() <= most, "{what}: {} characters instead of {most}", link.len());
    assert!(link.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)), "{link}");
    assert!(link.ends_with(|c: char| c.is_ascii_alphanumeric()), "{link}");
    // Caches of tools stay behind.
    assert_eq!(share::to_json(&share::decode(&link).unwrap()), share::to_json(snapshot), "{what}");
}

#[test]
fn old_links_open_for_ever() {
    let mut count = 0;
    for line in read("golden.txt").lines().filter(|line| !line.starts_with('#')) {
        let [name, expected, link] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let snapshot = share::decode(link).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(digest(&snapshot), expected, "{name}: the link opens, as another world: {link}");
        count += 1;
    }
    assert!(count >= 8);
}

#[test]
fn the_starting_world_is_the_base_of_links() {
    // Whoever changes the starting world adds a base to `session::share`: the old one stays as it is.
    assert!(share::encode(&scenario::walkthrough()).len() <= 12, "{}", share::encode(&scenario::walkthrough()));
}

#[test]
fn typical_links_are_short() {
    check_length("the walkthrough's end", &after(&read("walkthrough.sh")), 250);
    let renamed = read("walkthrough.sh").replace("pod-viewer", "log-watchers").replace("developer", "support-crew");
    check_length("the walkthrough with other names", &after(&renamed), 250);
    check_length("six principals, five entries, eight namespaces", &after(&read("sample.sh")), 550);
    check_length("twenty entries, ten roles and their bindings", &after(&read("twenty.sh")), 1_200);
}

#[test]
fn a_question_adds_little() {
    let now = after(&read("walkthrough.sh"));
    let asked = Asked {
        who: "arn:aws:iam::111122223333:user/k8s-dev".to_owned(),
        verb: "list".to_owned(),
        resource: "pods".to_owned(),
        namespace: "default".to_owned(),
        name: String::new(),
    };
    let link = share::encode_with(&now, Some(&asked));
    assert!(link.len() <= share::encode(&now).len() + 24, "{link}");
    assert_eq!(share::open(&link).unwrap().asked, Some(asked));
}
