//! The log as it is kept beside the world: what is read goes back and forth as before, whatever was done.

use std::rc::Rc;

use eks_access_playground::session::log::stored::{self, LogError, MAX_LOG_BYTES};
use eks_access_playground::session::{MAX_LOG_ENTRIES, Origin, Session, Snapshot, saves, scenario, share};
use eks_access_playground::shell::terminal;
use proptest::prelude::*;

use crate::worlds;

/// A state as a save holds it.
fn kept(state: &Snapshot) -> Snapshot {
    Snapshot { world: Rc::clone(&state.world), workstation: Rc::new(state.workstation.without_caches()) }
}

/// The session after it was written and read, as a reload does.
fn reloaded(session: &Session) -> Result<Session, LogError> {
    let link = share::encode(session.now());
    let now = share::from_json(share::to_json(session.now())).unwrap();
    stored::read(&stored::write(session, &link), &link, &now)
}

/// What undo, and then redo, leads through, with what the log says of each step.
fn way(session: &Session) -> Vec<(Snapshot, Vec<String>)> {
    let mut session = session.clone();
    let mut states = vec![(kept(session.now()), Vec::new())];
    let told = |entry: &eks_access_playground::session::LogEntry| {
        let mut told = vec![format!("{:?} {:?}", entry.at, entry.origin), entry.line.clone().unwrap_or_default()];
        told.extend([entry.title.clone(), entry.refused.clone().unwrap_or_default()]);
        told.extend(entry.by.iter().cloned());
        told
    };
    while let Some(entry) = session.undo() {
        states.push((kept(session.now()), told(&entry)));
    }
    while let Some(entry) = session.redo() {
        states.push((kept(session.now()), told(&entry)));
    }
    states
}

/// Lines that change what calls made by chance do not: files, variables, aliases, definitions, clusters, aws-auth.
const LINES: &[&str] = &[
    "cd /tmp",
    "cd ~/.aws",
    "export AWS_PROFILE=k8s-dev",
    "unset AWS_PROFILE; alias k=kubectl",
    "echo 'a \"text\" with `marks`' >> notes.txt",
    "rm -f notes.txt; false",
    "kubectl get pods -A",
    "kubectl get nosuch",
    "aws iam create-user --user-name new-user",
    "aws iam delete-user --user-name new-user",
    "aws eks update-kubeconfig --name eks-demo-cluster --alias again",
    "aws eks create-cluster --name second --role-arn arn:aws:iam::111122223333:role/eks-cluster-role --resources-vpc-config subnetIds=subnet-1,subnet-2",
    "aws eks delete-cluster --name second",
    "kubectl label namespace default team=a --overwrite",
    "kubectl create namespace other && kubectl create configmap words -n other --from-literal=text='one two three four five six seven'",
    "kubectl patch configmap words -n other -p '{\"data\":{\"text\":\"one two three for five six seven\"}}'",
    "kubectl delete namespace other",
    "kubectl create clusterrole reader --verb=get --resource=pods",
    "kubectl label clusterrole reader rbac.authorization.k8s.io/aggregate-to-view=true",
    "kubectl delete clusterrole view",
    "kubectl patch configmap aws-auth -n kube-system -p '{\"data\":{\"mapUsers\":\"[]\"}}'",
    "printf 'apiVersion: apiextensions.k8s.io/v1\\nkind: CustomResourceDefinition\\nmetadata: {name: zebras.example.org}\\nspec: {group: example.org, scope: Namespaced, names: {plural: zebras, kind: Zebra}, versions: [{name: v1, served: true, storage: true}]}\\n' | kubectl apply -f -",
    "printf 'apiVersion: apiextensions.k8s.io/v1\\nkind: CustomResourceDefinition\\nmetadata: {name: apes.example.org}\\nspec: {group: example.org, scope: Namespaced, names: {plural: apes, kind: Ape}, versions: [{name: v1, served: true, storage: true}]}\\n' | kubectl apply -f -",
    "printf 'apiVersion: example.org/v1\\nkind: Zebra\\nmetadata: {name: z}\\nstripes: null\\n' | kubectl apply -f -",
    "kubectl delete crd zebras.example.org",
];

/// What a person does.
#[derive(Clone, Debug)]
enum Move {
    Line(usize),
    Calls(Vec<eks_access_playground::engine::Request>),
    Undo(usize),
    Redo(usize),
    Reload,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        6 => (0..LINES.len()).prop_map(Move::Line),
        4 => prop::collection::vec(worlds::call(), 1..4).prop_map(Move::Calls),
        2 => (1..4_usize).prop_map(Move::Undo),
        1 => (1..3_usize).prop_map(Move::Redo),
        1 => Just(Move::Reload),
    ];
    prop::collection::vec(one, 1..25)
}

fn made(start: Snapshot, moves: &[Move]) -> Session {
    let mut session = Session::new(start);
    for step in moves {
        match step {
            Move::Line(index) => drop(terminal::run(&mut session, LINES[*index])),
            Move::Calls(calls) => {
                session.begin(Origin::Console, None);
                for call in calls {
                    let caller = worlds::caller_for(session.world(), call);
                    let _ = session.call(&caller, call.clone());
                }
                session.end();
            }
            Move::Undo(times) => (0..*times).for_each(|_| drop(session.undo())),
            Move::Redo(times) => (0..*times).for_each(|_| drop(session.redo())),
            Move::Reload => session = reloaded(&session).unwrap(),
        }
    }
    session
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(8), ..ProptestConfig::default() })]

    #[test]
    fn a_reload_changes_no_step(moves in moves(), is_walkthrough in any::<bool>()) {
        let start = if is_walkthrough { scenario::walkthrough() } else { worlds::start() };
        let session = made(start, &moves);
        let again = reloaded(&session).unwrap();
        prop_assert!(way(&again) == way(&session), "another way back or forth");
        prop_assert_eq!((again.log().len(), again.undone().len()), (session.log().len(), session.undone().len()));
        // What is read is written as it was.
        let link = share::encode(session.now());
        prop_assert_eq!(stored::write(&again, &link), stored::write(&session, &link));
    }

    #[test]
    fn damage_is_found_and_what_is_sealed_is_still_checked(
        moves in moves(), at in any::<prop::sample::Index>(), byte in 32..127_u8, is_sealed in any::<bool>(),
    ) {
        let session = made(scenario::walkthrough(), &moves);
        let link = share::encode(session.now());
        let good = stored::write(&session, &link);
        let mut bytes = good.clone().into_bytes();
        let from = if is_sealed { 18 } else { 0 };
        let at = from + at.index(bytes.len() - from);
        bytes[at] = byte;
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        if is_sealed {
            let json = text.get(18..).unwrap_or_default().to_owned();
            text = format!("{:08x}.{}", fnv(&json), &text[9..]);
        }
        // Neither panics nor takes what is no world; unsealed, nothing passes.
        match stored::read(&text, &link, session.now()) {
            Ok(read) => {
                prop_assert!(is_sealed || text == good);
                for (state, _) in way(&read) {
                    prop_assert_eq!(state.world.check(), Ok(()));
                    prop_assert_eq!(state.workstation.check(), Ok(()));
                }
            }
            Err(error) => prop_assert!(!error.to_string().is_empty() && text != good),
        }
    }
}

fn fnv(text: &str) -> u32 {
    text.bytes().fold(0x811C_9DC5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[test]
fn a_long_log_keeps_its_latest_steps_and_counts_the_others() {
    let mut session = Session::new(scenario::walkthrough());
    for n in 0..MAX_LOG_ENTRIES + 200 {
        terminal::run(&mut session, &format!("echo '{}' > notes-{}", "text ".repeat(n % 90), n % 7));
    }
    assert_eq!((session.log().len(), session.dropped()), (MAX_LOG_ENTRIES, 200));
    for _ in 0..100 {
        session.undo();
    }
    let link = share::encode(session.now());
    let text = stored::write(&session, &link);
    assert!(text.len() <= MAX_LOG_BYTES + 100, "{}", text.len());
    let again = stored::read(&text, &link, session.now()).unwrap();
    assert_eq!(again.log().len() + again.dropped(), session.log().len() + session.dropped());
    assert_eq!(again.undone().len() + again.forgotten(), 100);
    assert!(again.log().len() > 100, "{}", again.log().len());
    let (new, old) = (way(&again), way(&session));
    assert_eq!(new[..100], old[..100]);
}

#[test]
fn a_step_that_does_not_fit_ends_the_log() {
    let mut session = Session::new(scenario::walkthrough());
    let big = "seq 1 60000 > big";
    for line in ["export A=1", big, "rm big", "export B=1"] {
        terminal::run(&mut session, line);
    }
    // Back over `rm` the whole file would be needed.
    let again = reloaded(&session).unwrap();
    assert_eq!((again.log().len(), again.dropped()), (1, 3));
    session.undo();
    session.undo();
    // The file is part of the present state here: back is cheap.
    let again = reloaded(&session).unwrap();
    assert_eq!((again.log().len(), again.dropped(), again.undone().len()), (2, 0, 2));
}

#[test]
fn what_is_wrong_with_a_log_is_told() {
    let mut session = Session::new(scenario::walkthrough());
    terminal::run(&mut session, "kubectl create namespace a");
    let link = share::encode(session.now());
    let text = stored::write(&session, &link);
    let read = |text: &str, link: &str| stored::read(text, link, session.now()).map(drop).unwrap_err().to_string();
    let sealed = |json: &str| format!("{:08x}.{}.{json}", fnv(json), &text[9..17]);
    assert_eq!(read(&text[..text.len() - 1], &link), "it is damaged");
    assert_eq!(read("", &link), "it is damaged");
    assert_eq!(read(stored::LEFT_OUT, &link), "the browser's storage was full, so only the world was kept");
    assert_eq!(read(&text, "v2.other"), "it belongs to another state of the world");
    assert_eq!(read(&sealed("{\"v\":2}"), &link), "it was kept by a newer version of the playground");
    assert_eq!(read(&sealed("[]"), &link), "it is damaged");
    assert_eq!(read(&"x".repeat(MAX_LOG_BYTES * 2), &link), format!("it is longer than {MAX_LOG_BYTES} bytes"));
    let bad = sealed("{\"v\":1,\"done\":[{\"at\":0,\"step\":{\"w\":{\"~\":{\"account\":\"x\"}}}}]}");
    assert_eq!(read(&bad, &link), "step 1 leads to no world: the account `x` is not 12 digits");
    // Texts that each change doubles.
    let path = "/home/user/.kube/config";
    let length = session.workstation().files[path].len();
    let step = |n: u32| {
        let length = length << n;
        serde_json::json!({"at": 0, "step": {"d": {"~": {"files": {path: [length, "", length]}}}}}).to_string()
    };
    let many = format!("{{\"v\":1,\"done\":[{}]}}", (0..30).map(step).collect::<Vec<_>>().join(","));
    assert!(read(&sealed(&many), &link).contains("leads to no world"));
}

#[test]
fn the_work_of_a_tab_opens_with_its_history_and_without_one_that_is_damaged() {
    let mut session = Session::new(scenario::walkthrough());
    terminal::run(&mut session, "kubectl create namespace a");
    let mut save = saves::save("", 1, session.now(), None);
    save.log = Some(stored::write(&session, &save.link));
    let save = saves::read(&saves::write(&save)).unwrap();
    let opened = saves::open_with_history(&save).unwrap();
    assert_eq!((opened.session.log().len(), opened.lost), (1, None));
    let entry = &opened.session.log()[0];
    assert_eq!(entry.title, "Create Namespace a");
    assert_eq!(entry.by, ["arn:aws:iam::111122223333:user/cluster-creator"]);
    let damaged = saves::Save { log: Some("?".to_owned()), ..save.clone() };
    let opened = saves::open_with_history(&damaged).unwrap();
    assert_eq!((opened.session.now(), opened.lost), (session.now(), Some(LogError::Damaged)));
    let opened = saves::open_with_history(&saves::Save { log: None, ..save }).unwrap();
    assert_eq!((opened.session.log().len(), opened.lost), (0, None));
}
