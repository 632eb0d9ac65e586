//! Speed of decisions: that of the index against a plain linear scan of the same rules, with and without trace,
//! through the API, and what a write costs, on clusters of 100 to 100,000 bindings.
//!
//! First every answer is compared with that of the linear scan (and of the file that `BENCH_WORLD` names),
//! then a summary with ratios is printed, then divan measures each on its own.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first surprise"
)]

mod worlds;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::rc::Rc;
use std::time::{Duration, Instant};

use divan::Bencher;
use eks_access_playground::engine::answers::{self, Axes, Matrix, Principal, Target};
use eks_access_playground::engine::request::GroupResource;
use eks_access_playground::engine::{ApiError, Cluster, KubeRequest, Request, Response, authz, explain};
use eks_access_playground::k8s::attributes::{Action, UserInfo};
use eks_access_playground::k8s::rbac::{API_GROUP, Binding, BindingKey, Rbac, Subject};
use eks_access_playground::k8s::resolve::{self, Decision, Grant};
use eks_access_playground::k8s::rules::rule_matches;
use eks_access_playground::session::{Session, Snapshot, Workstation};
use serde_json::json;
use worlds::{Bench, CLUSTER, GROUPS, IDENTITIES, NAMESPACE, SIZES};

fn main() {
    // Without `--bench` the program is run as a test: the comparison alone, on the smaller clusters.
    let measures = std::env::args().any(|argument| argument == "--bench");
    for size in SIZES.into_iter().take(if measures { SIZES.len() } else { 2 }) {
        check(&world(size), &format!("{size} generated bindings"));
    }
    if let Some(path) = file() {
        check(&from_file(&path), &path);
    }
    if measures && !std::env::args().any(|argument| argument == "--list") {
        summary();
    }
    divan::main();
}

/// The file to measure besides the generated clusters.
fn file() -> Option<String> {
    std::env::var("BENCH_WORLD").ok().filter(|path| !path.is_empty())
}

/// The generated world of a size, built once.
fn world(size: usize) -> Rc<Bench> {
    thread_local! {
        static WORLDS: RefCell<BTreeMap<usize, Rc<Bench>>> = const { RefCell::new(BTreeMap::new()) };
    }
    WORLDS.with(|worlds| Rc::clone(worlds.borrow_mut().entry(size).or_insert_with(|| Rc::new(worlds::generated(size)))))
}

/// The world of a file, read once.
fn from_file(path: &str) -> Rc<Bench> {
    thread_local! {
        static WORLD: RefCell<Option<Rc<Bench>>> = const { RefCell::new(None) };
    }
    WORLD.with(|world| Rc::clone(world.borrow_mut().get_or_insert_with(|| Rc::new(worlds::from_file(path)))))
}

/// RBAC as it reads in the documentation: a look at every binding in turn.
struct Linear<'a> {
    rbac: &'a Rbac,
    bindings: Vec<(&'a BindingKey, &'a Binding)>,
}

impl<'a> Linear<'a> {
    fn new(cluster: &'a Cluster) -> Self {
        let rbac = cluster.objects.rbac();
        Self { rbac, bindings: rbac.bindings().map(|(key, binding)| (key, &**binding)).collect() }
    }

    fn decide(&self, user: &UserInfo, action: &Action) -> Decision {
        if user.in_group("system:masters") {
            return Decision { allowed: true, reason: String::new() };
        }
        let mut errors = Vec::new();
        for &(key, binding) in &self.bindings {
            let namespace = key.namespace.as_deref();
            if namespace.is_some() && namespace != action.namespace() {
                continue;
            }
            let Some(subject) = binding.subjects.iter().find(|subject| is_meant(user, subject, namespace)) else {
                continue;
            };
            match resolve::resolve(self.rbac, &binding.role_ref, namespace) {
                Ok(rules) if rules.iter().any(|rule| rule_matches(rule, action).is_ok()) => {
                    return Decision { allowed: true, reason: Grant { key, binding, subject }.reason() };
                }
                Ok(_) => {}
                Err(error) => errors.push(error),
            }
        }
        let reason = if errors.is_empty() { String::new() } else { resolve::unresolved_text(&errors) };
        let reason = if reason.is_empty() { reason } else { format!("RBAC: {reason}") };
        Decision { allowed: false, reason }
    }
}

fn is_meant(user: &UserInfo, subject: &Subject, namespace: Option<&str>) -> bool {
    match subject.kind.as_str() {
        "User" => user.username == subject.name,
        "Group" => user.in_group(&subject.name),
        "ServiceAccount" => {
            let own = subject.namespace.as_str();
            let home = if own.is_empty() { namespace.unwrap_or_default() } else { own };
            let rest = user.username.strip_prefix("system:serviceaccount:").and_then(|rest| rest.strip_prefix(home));
            !home.is_empty() && rest.and_then(|rest| rest.strip_prefix(':')) == Some(&subject.name)
        }
        _ => false,
    }
}

/// Holds the index, the linear scan, the trace and the known answers against each other.
fn check(bench: &Bench, name: &str) {
    let cluster = bench.cluster();
    let linear = Linear::new(cluster);
    let mut allowed = 0;
    for (caller, _, action, expected) in &bench.questions {
        let (caller, identity) = &bench.callers[*caller];
        let decision = authz::decide(cluster, identity, action);
        assert_eq!(decision, linear.decide(&identity.user, action), "{name}: {:?} {action:?}", identity.user);
        if let Some(expected) = expected {
            assert_eq!(decision, *expected, "{name}: {:?} {action:?}", identity.user);
        }
        // Identities of files have no group added on the way in; those that come in through the API do.
        if expected.is_none() {
            assert_eq!(
                decision,
                explain::explain(&bench.world, cluster, caller, action).decision,
                "{name}: {action:?}"
            );
        }
        allowed += usize::from(decision.allowed);
    }
    println!("{name}: {} questions answered alike by all, {allowed} allowed", bench.questions.len());
}

/// The time of one call of `run`: the least of several samples, each long enough for the clock.
/// What else the machine does only ever adds.
fn time<T>(mut run: impl FnMut() -> T) -> Duration {
    let mut sample = |rounds: u32| {
        let start = Instant::now();
        for _ in 0..rounds {
            black_box(run());
        }
        start.elapsed() / rounds
    };
    let once = sample(1).max(Duration::from_nanos(20));
    if once > Duration::from_millis(100) {
        return once;
    }
    let rounds = (Duration::from_millis(4).as_nanos() / once.as_nanos()).clamp(1, 100_000) as u32;
    (0..9).map(|_| sample(rounds)).min().unwrap_or(once)
}

/// The questions of one group, or of all.
fn of_group(bench: &Bench, group: Option<usize>) -> Vec<(usize, &Action)> {
    let wanted = bench.questions.iter().filter(|(_, g, ..)| group.is_none_or(|group| group == *g));
    wanted.map(|(caller, _, action, _)| (*caller, action)).collect()
}

/// The mean over `questions` of the time of one.
fn each(questions: &[(usize, &Action)], mut ask: impl FnMut(usize, &Action)) -> Duration {
    let all = time(|| questions.iter().for_each(|(caller, action)| ask(*caller, action)));
    all / u32::try_from(questions.len()).expect("few questions").max(1)
}

fn decide(bench: &Bench, questions: &[(usize, &Action)]) -> Duration {
    let cluster = bench.cluster();
    each(questions, |caller, action| drop(black_box(authz::decide(cluster, &bench.callers[caller].1, action))))
}

fn scan(bench: &Bench, questions: &[(usize, &Action)]) -> Duration {
    let linear = Linear::new(bench.cluster());
    each(questions, |caller, action| drop(black_box(linear.decide(&bench.callers[caller].1.user, action))))
}

fn trace(bench: &Bench, questions: &[(usize, &Action)]) -> Duration {
    let cluster = bench.cluster();
    each(questions, |caller, action| {
        drop(black_box(explain::explain(&bench.world, cluster, &bench.callers[caller].0, action)));
    })
}

fn review(bench: &Bench, questions: &[(usize, &Action)]) -> Duration {
    each(questions, |caller, action| drop(black_box(access_review(bench, caller, action))))
}

/// Through the API; where nobody may ask (a file without the stock roles), the refusal.
fn access_review(bench: &Bench, caller: usize, action: &Action) -> Result<Response, ApiError> {
    let request = KubeRequest::SelfSubjectAccessReview { action: action.clone() };
    let request = Request::Kube { cluster: CLUSTER.to_owned(), request };
    bench.world.read(&bench.callers[caller].0, &request)
}

fn session(bench: &Bench) -> Session {
    let workstation = Rc::new(Workstation::default());
    Session::new(Snapshot { world: Rc::new(bench.world.clone()), workstation })
}

/// A new binding, as kubectl sends it.
fn new_binding() -> Request {
    let object = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": {"name": "measured", "namespace": NAMESPACE},
        "roleRef": {"apiGroup": API_GROUP, "kind": "ClusterRole", "name": "role-000"},
        "subjects": [{"apiGroup": API_GROUP, "kind": "User", "name": "somebody"}],
    });
    let resource = GroupResource::new(API_GROUP, "rolebindings");
    let namespace = Some(NAMESPACE.to_owned());
    let request = KubeRequest::Create { resource, namespace, object, dry_run: false, strict: true };
    Request::Kube { cluster: CLUSTER.to_owned(), request }
}

/// A logged write on a session that keeps the world before it.
fn write(bench: &Bench) -> Duration {
    let (session, admin) = (session(bench), bench.admin());
    time(|| {
        let mut session = session.clone();
        session.call(&admin, new_binding()).expect("an administrator may");
        session
    })
}

/// Every cell of 100 principals × 60 resources × 8 verbs, in a namespace.
fn matrix(bench: &Bench) -> Matrix {
    const VERBS: [&str; 8] = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
    let cluster = bench.cluster();
    let resources = cluster.objects.resources();
    let people = bench.world.users.iter().filter(|user| user.name.starts_with("person-")).take(IDENTITIES);
    let axes = Axes {
        principals: people
            .filter_map(|user| Principal::iam(&user.arn(&bench.world.partition, &bench.world.account)))
            .collect(),
        targets: resources.iter().take(60).map(|kind| Target::resource(&kind.group, &kind.plural)).collect(),
        verbs: VERBS.map(str::to_owned).to_vec(),
        namespaces: vec![Some(NAMESPACE.to_owned())],
    };
    answers::matrix(&bench.world, cluster, axes)
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64().max(1e-9)
}

/// All figures side by side, and the ratios that are aimed at.
fn summary() {
    println!("\nmean time of one answer");
    println!(
        "{:>9} {:>22} {:>10} {:>10} {:>10} {:>10} {:>8}",
        "bindings", "", "decision", "linear", "review", "trace", "×"
    );
    let mut by_size = BTreeMap::new();
    let file = file().map(|path| from_file(&path));
    let worlds = SIZES.into_iter().map(|size| (size.to_string(), world(size)));
    for (name, bench) in worlds.chain(file.into_iter().map(|bench| ("file".to_owned(), bench))) {
        for (group, text) in GROUPS.iter().enumerate() {
            let questions = of_group(&bench, Some(group));
            if questions.is_empty() {
                continue;
            }
            let (fast, slow) = (decide(&bench, &questions), scan(&bench, &questions));
            let (asked, told) = (review(&bench, &questions), trace(&bench, &questions));
            let times = ratio(slow, fast);
            println!("{name:>9} {text:>22} {fast:>10.2?} {slow:>10.2?} {asked:>10.2?} {told:>10.2?} {times:>7.1}×");
        }
        let all = of_group(&bench, None);
        by_size.insert(name.clone(), (decide(&bench, &all), scan(&bench, &all)));
        let (fast, slow) = by_size[&name];
        println!("{name:>9} {:>22} {fast:>10.2?} {slow:>10.2?} {:>29.0}×", "all", ratio(slow, fast));
    }
    println!();
    for size in SIZES {
        println!("{size:>9} bindings: one logged write {:.2?}", write(&world(size)));
    }
    let small = worlds::generated(20);
    println!("       20 bindings: one traced decision {:.2?} (aim: < 20 µs)", trace(&small, &of_group(&small, None)));
    for size in [100, 1_000] {
        println!(
            "{size:>9} bindings: matrix of 100 × 60 × 8 cells {:.2?} (aim: < 100 ms)",
            time(|| matrix(&world(size)))
        );
    }
    let decision = |size: &str| by_size[size].0;
    println!("decision at 100,000 bindings / at 100: {:.2} (aim: ≤ 2)", ratio(decision("100000"), decision("100")));
    let (fast, slow) = by_size["10000"];
    println!("linear scan / decision at 10,000 bindings: {:.0} (aim: ≥ 100)\n", ratio(slow, fast));
}

/// The questions in turn.
fn in_turn(bench: &Bench, group: Option<usize>) -> impl FnMut() -> (usize, Action) {
    let questions: Vec<_> = of_group(bench, group).into_iter().map(|(c, a)| (c, a.clone())).collect();
    let mut next = 0;
    move || {
        next = (next + 1) % questions.len();
        questions[next].clone()
    }
}

#[divan::bench(args = SIZES)]
fn decision_denied(bencher: Bencher<'_, '_>, size: usize) {
    let bench = world(size);
    let ask = RefCell::new(in_turn(&bench, Some(5)));
    bencher
        .with_inputs(|| ask.borrow_mut()())
        .bench_local_refs(|(caller, action)| authz::decide(bench.cluster(), &bench.callers[*caller].1, action));
}

#[divan::bench(args = SIZES)]
fn decision_late(bencher: Bencher<'_, '_>, size: usize) {
    let bench = world(size);
    let ask = RefCell::new(in_turn(&bench, Some(4)));
    bencher
        .with_inputs(|| ask.borrow_mut()())
        .bench_local_refs(|(caller, action)| authz::decide(bench.cluster(), &bench.callers[*caller].1, action));
}

#[divan::bench(args = SIZES)]
fn linear_denied(bencher: Bencher<'_, '_>, size: usize) {
    let bench = world(size);
    let linear = Linear::new(bench.cluster());
    let ask = RefCell::new(in_turn(&bench, Some(5)));
    bencher
        .with_inputs(|| ask.borrow_mut()())
        .bench_local_refs(|(caller, action)| linear.decide(&bench.callers[*caller].1.user, action));
}

#[divan::bench(args = SIZES)]
fn traced(bencher: Bencher<'_, '_>, size: usize) {
    let bench = world(size);
    let ask = RefCell::new(in_turn(&bench, None));
    bencher.with_inputs(|| ask.borrow_mut()()).bench_local_refs(|(caller, action)| {
        explain::explain(&bench.world, bench.cluster(), &bench.callers[*caller].0, action)
    });
}

#[divan::bench(args = SIZES)]
fn self_subject_access_review(bencher: Bencher<'_, '_>, size: usize) {
    let bench = world(size);
    let ask = RefCell::new(in_turn(&bench, None));
    bencher
        .with_inputs(|| ask.borrow_mut()())
        .bench_local_refs(|(caller, action)| access_review(&bench, *caller, action));
}

#[divan::bench(args = SIZES)]
fn logged_write(bencher: Bencher<'_, '_>, size: usize) {
    let bench = world(size);
    let (session, admin) = (session(&bench), bench.admin());
    bencher.with_inputs(|| session.clone()).bench_local_refs(|session| session.call(&admin, new_binding()));
}

#[divan::bench(args = [100, 1_000], sample_count = 10)]
fn matrix_100_60_8(bencher: Bencher<'_, '_>, size: usize) {
    let bench = world(size);
    bencher.bench_local(|| matrix(&bench));
}
