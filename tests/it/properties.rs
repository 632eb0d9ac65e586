//! The laws of the engine, over worlds made by chance.

use std::collections::BTreeSet;
use std::rc::Rc;

use eks_access_playground::engine::answers::Gate;
use eks_access_playground::engine::answers::compare::PrincipalChange;
use eks_access_playground::engine::answers::rights::On;
use eks_access_playground::engine::answers::who_can::Named;
use eks_access_playground::engine::answers::{
    Axes, Callers, Cell, Path, Principal, Target, Who, compare_worlds, fixes, matrix, near_misses, preview, rights,
    who_can,
};
use eks_access_playground::engine::authz::{self, Identity};
use eks_access_playground::engine::explain::explain;
use eks_access_playground::engine::request::GroupResource;
use eks_access_playground::engine::{
    AwsRequest, Caller, Cluster, Credential, Impersonate, KubeRequest, KubeResponse, Request, Response, World, kube,
};
use eks_access_playground::k8s::attributes::{Action, ResourceAction, UserInfo};
use eks_access_playground::k8s::rbac::{BindingKey, PolicyRule};
use eks_access_playground::k8s::resolve;
use eks_access_playground::k8s::rules::rules_allow;
use eks_access_playground::session::{Origin, Session, Snapshot, share};
use proptest::prelude::*;
use serde_json::json;

use crate::worlds::{self, CLUSTER};

fn cluster(world: &World) -> &Cluster {
    world.cluster(CLUSTER).unwrap()
}

/// A part of the usual number of cases, which `PROPTEST_CASES` sets.
fn one_in(part: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.div_ceil(part), ..usual }
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    prop::collection::vec(worlds::action(), 6)
}

/// Everybody, by credential and by name.
fn everybody(world: &World) -> Vec<Principal> {
    let callers = worlds::callers(world).into_iter().map(Principal::Caller);
    let known = Gate::of(world, cluster(world)).principals();
    callers.chain(known).chain([Principal::service_account("dev", "bot")]).collect()
}

fn axes(principals: Vec<Principal>) -> Axes {
    let mut targets: Vec<Target> =
        worlds::RESOURCES.iter().map(|(group, what)| Target::resource(group, what)).collect();
    let named = targets.iter().map(|target| match target.clone() {
        Target::Resource { group, resource, subresource, .. } => {
            Target::Resource { group, resource, subresource, name: "a".to_owned() }
        }
        url => url,
    });
    targets.extend(named.collect::<Vec<_>>());
    targets.extend(worlds::URLS.iter().map(|url| Target::Url((*url).to_owned())));
    let verbs = worlds::VERBS.iter().map(|verb| (*verb).to_owned()).collect();
    let places = worlds::NAMESPACES.iter().map(|name| Some((*name).to_owned()));
    Axes { principals, targets, verbs, namespaces: [None].into_iter().chain(places).collect() }
}

/// What single decisions say to a cell.
fn cell(cluster: &Cluster, identity: Option<&Identity>, target: &Target, verb: &str, namespace: Option<&str>) -> Cell {
    let Some(identity) = identity else { return Cell::NotLoggedIn };
    let action = target.action(verb, namespace);
    if authz::decide(cluster, identity, &action).allowed {
        return Cell::Yes;
    }
    let Action::Resource(asked) = action else { return Cell::No };
    let with_name = |name: &&str| {
        let mut asked = asked.clone();
        asked.name = (*name).to_owned();
        authz::decide(cluster, identity, &Action::Resource(asked)).allowed
    };
    let may = asked.name.is_empty() && (verb != "create" || !asked.subresource.is_empty());
    if may && worlds::NAMES.iter().any(with_name) { Cell::Partly } else { Cell::No }
}

proptest! {
    #![proptest_config(one_in(8))]

    #[test]
    fn explaining_and_deciding_agree(made in worlds::made(), actions in actions()) {
        let world = made.world();
        let cluster = cluster(&world);
        let gate = Gate::of(&world, cluster);
        for caller in worlds::callers(&world) {
            let identity = gate.identity(&Principal::Caller(caller.clone()));
            for action in &actions {
                let trace = explain(&world, cluster, &caller, action);
                let decision = identity.as_ref().map(|identity| authz::decide(cluster, identity, action));
                prop_assert_eq!(&trace.decision, &decision.unwrap_or_default());
                prop_assert_eq!(trace.some_record_allows(), trace.decision.allowed);
                prop_assert_eq!(trace.user.as_ref(), identity.as_ref().map(|identity| &identity.user));
                let misses = near_misses(cluster, &trace);
                prop_assert!(misses.is_empty() || !trace.decision.allowed);
                prop_assert!(misses.iter().enumerate().all(|(place, miss)| miss.rank == place + 1));
            }
        }
    }

    /// The two ways to ask the API server: as `auth can-i` does, and with an object.
    #[test]
    fn a_review_object_says_what_a_review_says(made in worlds::made(), actions in actions()) {
        let world = made.world();
        let kube = |request| Request::Kube { cluster: CLUSTER.to_owned(), request };
        for (caller, action) in worlds::callers(&world).into_iter().zip(actions.iter().cycle()) {
            let asked = world.read(&caller, &kube(KubeRequest::SelfSubjectAccessReview { action: action.clone() }));
            let spec = match action {
                Action::Url { verb, path } => json!({ "nonResourceAttributes": { "verb": verb, "path": path } }),
                Action::Resource(of) => json!({ "resourceAttributes": {
                    "verb": of.verb, "group": of.api_group, "resource": of.resource, "subresource": of.subresource,
                    "name": of.name, "namespace": of.namespace,
                } }),
            };
            let resource = GroupResource::new("authorization.k8s.io", "selfsubjectaccessreviews");
            let create = KubeRequest::Create { resource, namespace: None, object: json!({ "spec": spec }), dry_run: false, strict: true };
            let mut after = world.clone();
            let answer = after.call(&caller, kube(create));
            prop_assert_eq!(&after, &world);
            match (asked, answer) {
                (
                    Ok(Response::Kube(KubeResponse::AccessReview { allowed, reason, .. })),
                    Ok(Response::Kube(KubeResponse::Object(object))),
                ) => {
                    let status = &object["status"];
                    prop_assert_eq!(&status["allowed"], &json!(allowed));
                    prop_assert_eq!(status["reason"].as_str().unwrap_or_default(), reason);
                }
                (asked, answer) => prop_assert_eq!(asked.unwrap_err(), answer.unwrap_err()),
            }
        }
    }

    #[test]
    fn a_namespace_scope_never_leaks(made in worlds::made(), actions in actions()) {
        let world = made.world();
        let cluster = cluster(&world);
        for caller in worlds::callers(&world) {
            for action in &actions {
                let trace = explain(&world, cluster, &caller, action);
                for policy in trace.policies.iter().filter(|policy| policy.allows()) {
                    let scope = &policy.association.scope;
                    let inside = |namespace: &str| {
                        scope.namespaces.iter().any(|pattern| match pattern.strip_suffix('*') {
                            Some(head) => namespace.starts_with(head),
                            None => namespace == pattern,
                        })
                    };
                    prop_assert!(scope.kind == "cluster" || action.namespace().is_some_and(inside));
                }
            }
        }
    }

    #[test]
    fn impersonated_requests_ignore_policies(made in worlds::made(), actions in actions()) {
        let world = made.world();
        let cluster = cluster(&world);
        let gate = Gate::of(&world, cluster);
        for caller in worlds::callers(&world).into_iter().filter(|caller| caller.impersonate.is_some()) {
            let Some(identity) = gate.identity(&Principal::Caller(caller.clone())) else { continue };
            for action in &actions {
                let rbac = resolve::authorize(cluster.objects.rbac(), &identity.user, action);
                prop_assert_eq!(&authz::decide(cluster, &identity, action), &rbac);
                let trace = explain(&world, cluster, &caller, action);
                prop_assert!(trace.policies.is_empty());
            }
        }
    }

    #[test]
    fn the_matrix_says_what_decisions_say(made in worlds::made(), sample in 0..7_usize) {
        let world = made.world();
        let cluster = cluster(&world);
        let gate = Gate::of(&world, cluster);
        let matrix = matrix(&world, cluster, axes(everybody(&world)));
        for (p, principal) in matrix.axes.principals.iter().enumerate() {
            let identity = gate.identity(principal);
            for (t, target) in matrix.axes.targets.iter().enumerate() {
                for (v, verb) in matrix.axes.verbs.iter().enumerate() {
                    for (n, namespace) in matrix.axes.namespaces.iter().enumerate() {
                        // Every seventh cell: the others come with other worlds.
                        if (p + t + v + n) % 7 != sample {
                            continue;
                        }
                        let expected = cell(cluster, identity.as_ref(), target, verb, namespace.as_deref());
                        let found = matrix.cell(p, t, v, n);
                        prop_assert_eq!(found, expected, "{:?} {} {:?} {:?}", principal, verb, target, namespace);
                    }
                }
            }
        }
    }

    #[test]
    fn who_can_finds_exactly_those_who_can(made in worlds::made(), actions in actions()) {
        let world = made.world();
        let cluster = cluster(&world);
        let gate = Gate::of(&world, cluster);
        for action in &actions {
            let found = who_can(&world, cluster, action);
            for principal in gate.principals() {
                let identity = gate.identity(&principal);
                let may = identity.is_some_and(|identity| authz::decide(cluster, &identity, action).allowed);
                let holder = found.holders.iter().find(|holder| holder.who == Who::Principal(principal.clone()));
                let own = match &principal {
                    Principal::Role { session, .. } => Some(session),
                    _ => None,
                };
                let fits = |path: &Path| match path {
                    Path::As { session, .. } => session.is_none() || session.as_ref() == own,
                    _ => true,
                };
                let listed = holder.is_some_and(|holder| holder.through.iter().any(fits));
                prop_assert_eq!(listed, may, "{:?} {:?}", principal, action);
            }
            let plain = eks_access_playground::k8s::who_can::who_can(cluster.objects.rbac(), action);
            let named = |holder: &_| match holder {
                Who::Subject(named) => Some(named.clone()),
                Who::Principal(_) => None,
            };
            let subjects: Vec<Named> = found.holders.iter().filter_map(|holder| named(&holder.who)).collect();
            let unique: BTreeSet<&Named> = subjects.iter().collect();
            prop_assert_eq!(unique.len(), subjects.len());
            // In these worlds a service account is always named with its namespace.
            let expected: BTreeSet<Named> = plain.subjects.iter().filter_map(|subject| Named::of(subject, None)).collect();
            prop_assert_eq!(subjects.into_iter().collect::<BTreeSet<_>>(), expected);
        }
    }

    #[test]
    fn rights_are_what_decisions_rest_on(made in worlds::made(), actions in actions()) {
        let world = made.world();
        let cluster = cluster(&world);
        let gate = Gate::of(&world, cluster);
        for principal in everybody(&world) {
            let Some(identity) = gate.identity(&principal) else { continue };
            for action in &actions {
                let rights = rights(cluster, &identity, action.namespace());
                let rule = |row: &eks_access_playground::engine::answers::rights::Row| {
                    let verbs = row.verbs.iter().map(|right| right.verb.clone()).collect();
                    match row.on.clone() {
                        On::Url(url) => PolicyRule { verbs, non_resource_urls: vec![url], ..PolicyRule::default() },
                        On::Resource { group, resource, names } => PolicyRule {
                            verbs,
                            api_groups: vec![group],
                            resources: vec![resource],
                            resource_names: names,
                            ..PolicyRule::default()
                        },
                    }
                };
                let rules: Vec<PolicyRule> = rights.rows.iter().map(rule).collect();
                let may = authz::decide(cluster, &identity, action).allowed;
                prop_assert_eq!(rights.super_user || rules_allow(&rules, action), may, "{:?}", action);
                let sources = rights.rows.iter().flat_map(|row| &row.verbs).flat_map(|right| &right.sources);
                prop_assert!(sources.into_iter().all(|source| *source < rights.sources.len()));
            }
        }
    }

    #[test]
    fn more_never_takes_away(made in worlds::made(), more in prop_oneof![
        worlds::new_role(), worlds::new_binding(), worlds::new_association(),
    ]) {
        let before = made.world();
        // Associating a policy again sets its scope anew, which may take away.
        if let Request::Aws(AwsRequest::AssociateAccessPolicy(input)) = &more {
            let entry = cluster(&before).entries.get(&input.principal_arn);
            prop_assume!(!entry.is_some_and(|e| e.policies.iter().any(|a| a.policy_arn == input.policy_arn)));
        }
        let mut after = before.clone();
        let caller = worlds::caller_for(&before, &more);
        let refused = after.call(&caller, more).is_err();
        let principals = everybody(&before);
        let old = matrix(&before, cluster(&before), axes(principals.clone()));
        let new = matrix(&after, cluster(&after), axes(principals));
        for p in 0..old.axes.principals.len() {
            for t in 0..old.axes.targets.len() {
                for v in 0..old.axes.verbs.len() {
                    for n in 0..old.axes.namespaces.len() {
                        let (old, new) = (old.cell(p, t, v, n), new.cell(p, t, v, n));
                        prop_assert!(new == old || !refused && new > old);
                    }
                }
            }
        }
        let comparison = compare_worlds(&before, &after);
        let lost = comparison.clusters.iter().flat_map(|c| &c.principals).any(|p| !p.lost.is_empty());
        prop_assert!(!lost);
    }

    #[test]
    fn a_further_rule_never_takes_away(made in worlds::made(), actions in actions()) {
        let before = made.world();
        let mut after = before.clone();
        let rbac = cluster(&before).objects.rbac().clone();
        let mut rbac_more = rbac.clone();
        for (namespace, name, role) in rbac.roles() {
            let mut role = (**role).clone();
            let verbs = vec!["delete".to_owned()];
            let (api_groups, resources) = (vec![String::new()], vec!["secrets".to_owned()]);
            role.rules.insert(0, PolicyRule { verbs, api_groups, resources, ..PolicyRule::default() });
            rbac_more.insert_role(namespace, name, role);
        }
        let gate = Gate::of(&before, cluster(&before));
        after.advance(0);
        for principal in everybody(&before) {
            let Some(identity) = gate.identity(&principal) else { continue };
            for action in &actions {
                let old = resolve::authorize(&rbac, &identity.user, action);
                prop_assert!(!old.allowed || resolve::authorize(&rbac_more, &identity.user, action).allowed);
            }
        }
    }

    #[test]
    fn comparisons_are_sound(made in worlds::made(), next in worlds::call()) {
        let before = made.world();
        prop_assert!(compare_worlds(&before, &before).is_empty());
        let caller = worlds::caller_for(&before, &next);
        let mut after = before.clone();
        let called = after.call(&caller, next.clone());
        let comparison = match (preview(&before, &caller, next), called) {
            (Ok(comparison), Ok(_)) => comparison,
            (Err(one), Err(other)) => {
                prop_assert_eq!(one, other);
                return Ok(());
            }
            (one, other) => return Err(TestCaseError::fail(format!("{one:?} {other:?}"))),
        };
        let back = compare_worlds(&after, &before);
        prop_assert_eq!(comparison.clusters.len(), back.clusters.len());
        let (old, new) = (Gate::of(&before, cluster(&before)), Gate::of(&after, cluster(&after)));
        for (there, back) in comparison.clusters.iter().zip(&back.clusters) {
            prop_assert_eq!(there.principals.len(), back.principals.len());
            for change in &there.principals {
                let mirrored = back.principals.iter().find(|other| other.principal == change.principal).unwrap();
                prop_assert_eq!((&change.gained, &change.lost), (&mirrored.lost, &mirrored.gained));
                for (blocks, from, to) in [(&change.gained, &old, &new), (&change.lost, &new, &old)] {
                    let allows = |gate: &Gate<'_>, action: &Action| {
                        gate.identity(&change.principal)
                            .is_some_and(|identity| authz::decide(gate.cluster(), &identity, action).allowed)
                    };
                    for block in blocks.iter() {
                        for (target, verb, place) in cells(block) {
                            let action = target.action(verb, place);
                            prop_assert!(!allows(from, &action) && allows(to, &action), "{:?}", action);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn gains_of_subjects_are_told(
        made in worlds::made(), role in 0..8usize, user in "mallory|jane|dev:(alice|session)", group in "ops|developer|nobody",
    ) {
        let before = made.world();
        let mut after = before.clone();
        let objects = cluster(&before).objects.clone();
        let roles: Vec<String> = objects.rbac().cluster_roles().map(|(name, ..)| name.to_string()).collect();
        let Some(name) = roles.get(role * roles.len() / 8) else { return Ok(()) };
        let object = serde_json::json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "told"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
            "subjects": [{"kind": "User", "name": user}, {"kind": "Group", "name": group}],
        });
        let bind = KubeRequest::Create {
            resource: GroupResource::new("rbac.authorization.k8s.io", "clusterrolebindings"),
            namespace: None, object, dry_run: false, strict: true,
        };
        let request = Request::Kube { cluster: cluster(&before).name.clone(), request: bind };
        let caller = worlds::caller_for(&before, &request);
        prop_assume!(after.call(&caller, request).is_ok());
        let told = compare_worlds(&before, &after);
        let told: Vec<_> = told.clusters.iter().flat_map(|change| &change.principals).collect();
        let rules = &cluster(&after).objects.rbac().cluster_role(name).unwrap().rules;
        let gate = Gate::of(&after, cluster(&after));
        let stated = |user: &str, groups: &[&str]| kube::stated(&Impersonate {
            user: user.to_owned(), groups: groups.iter().map(|group| (*group).to_owned()).collect(), uid: String::new(),
        });
        for (subject, is_it) in [
            (stated(&user, &[]), Box::new(|found: &UserInfo| found.username == user) as Box<dyn Fn(&UserInfo) -> bool>),
            (stated("", &[&group]), Box::new(|found: &UserInfo| found.in_group(&group))),
        ] {
            let is_mapped = gate.principals().iter().any(|principal| {
                gate.identity(principal).is_some_and(|identity| is_it(&identity.user))
            });
            let identity = Identity { user: subject.clone(), holder: None };
            let gains = rules.iter().any(|rule| {
                let first = |list: &[String]| list.first().cloned();
                let asked = first(&rule.verbs).zip(first(&rule.resources)).zip(first(&rule.api_groups));
                asked.is_some_and(|((verb, resource), api_group)| {
                    let (resource, subresource) = resource.split_once('/').unwrap_or((&resource, ""));
                    let (resource, subresource) = (resource.to_owned(), subresource.to_owned());
                    let name = first(&rule.resource_names).unwrap_or_default();
                    let namespace = String::new();
                    let action =
                        Action::Resource(ResourceAction { verb, api_group, resource, subresource, name, namespace });
                    let decide = |world: &World| authz::decide(cluster(world), &identity, &action).allowed;
                    decide(&after) && !decide(&before)
                })
            });
            let has = |change: &&&PrincipalChange| change.principal == Principal::Stated(subject.clone());
            let change = told.iter().find(has);
            prop_assert!(!is_mapped || change.is_none_or(|change| change.gained.is_empty()), "{:?}", change);
            let by_session = told.iter().any(|change| {
                !change.gained.is_empty() && gate.identity(&change.principal).is_some_and(|identity| is_it(&identity.user))
            });
            prop_assert!(is_mapped || !gains || by_session, "{:?} gains {} untold", subject, name);
        }
    }

    #[test]
    fn a_refused_call_changes_nothing(made in worlds::made(), calls in worlds::calls()) {
        let mut world = made.world();
        let nobody = Caller::new(eks_access_playground::engine::Credential::Anonymous);
        for request in calls {
            let caller = worlds::caller_for(&world, &request);
            let before = world.clone();
            if world.call(&caller, request.clone()).is_err() {
                prop_assert_eq!(&world, &before);
            }
            let before = world.clone();
            if world.call(&nobody, request).is_err() {
                prop_assert_eq!(&world, &before);
            }
        }
    }
}

fn cells(block: &eks_access_playground::engine::answers::compare::Block) -> Vec<(&Target, &str, Option<&str>)> {
    let mut cells = Vec::new();
    for target in &block.targets {
        for verb in &block.verbs {
            cells.extend(block.namespaces.iter().map(|place| (target, verb.as_str(), place.as_deref())));
        }
    }
    cells
}

/// A session in which these calls were made, some of them together in one step.
fn session(calls: &[Request]) -> Session {
    let mut session = Session::new(worlds::start());
    for (number, request) in calls.iter().enumerate() {
        if number % 3 == 0 {
            session.begin(Origin::Terminal, Some(format!("line {number}")));
        }
        let caller = worlds::caller_for(session.world(), request);
        let _ = session.call(&caller, request.clone());
        if number % 3 == 1 {
            session.end();
        }
    }
    session.end();
    session
}

proptest! {
    #![proptest_config(one_in(16))]

    #[test]
    fn replaying_a_log_gives_an_equal_world(calls in worlds::calls()) {
        let session = session(&calls);
        let mut again = Session::new(worlds::start());
        for entry in session.log() {
            again.begin(entry.origin, entry.line.clone());
            for record in &entry.calls {
                let error = again.call(&record.caller, record.request.clone()).err();
                prop_assert_eq!(&error, &record.error);
            }
            again.end();
        }
        prop_assert_eq!(again.now(), session.now());
        prop_assert_eq!(again.log(), session.log());
    }

    #[test]
    fn undo_then_redo_is_the_identity(calls in worlds::calls(), steps in 1..6_usize) {
        let mut session = session(&calls);
        let states: Vec<Snapshot> = std::iter::once(worlds::start())
            .chain(session.log().iter().filter(|entry| entry.changed).map(|entry| entry.after.clone()))
            .collect();
        let now = session.now().clone();
        let undone = (0..steps).take_while(|_| session.undo().is_some()).count();
        prop_assert_eq!(undone, steps.min(states.len() - 1));
        prop_assert_eq!(session.now(), &states[states.len() - 1 - undone]);
        for _ in 0..undone {
            session.redo().unwrap();
        }
        prop_assert_eq!(session.now(), &now);
        prop_assert!(session.redo().is_none());
    }

    #[test]
    fn a_link_brings_the_same_world_back(made in worlds::made()) {
        let snapshot = Snapshot { world: Rc::new(made.world()), workstation: worlds::start().workstation };
        prop_assert_eq!(share::decode(&share::encode(&snapshot)).unwrap(), snapshot);
    }
}

/// Worlds made by chance must hold what the laws are about, or the laws hold for nothing.
#[test]
fn chance_meets_every_case() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut allowed, mut refused, mut strangers, mut partly, mut by_policy, mut bindings) = (0, 0, 0, 0, 0, 0);
    for _ in 0..48 {
        let world = worlds::made().new_tree(&mut runner).unwrap().current().world();
        let cluster = cluster(&world);
        bindings += usize::from(cluster.objects.rbac().binding(&BindingKey::namespaced("dev", "b1")).is_some());
        let matrix = matrix(&world, cluster, axes(everybody(&world)));
        for p in 0..matrix.axes.principals.len() {
            for (t, v) in (0..matrix.axes.targets.len()).flat_map(|t| (0..5).map(move |v| (t, v))) {
                match matrix.cell(p, t, v, 2) {
                    Cell::Yes => allowed += 1,
                    Cell::No => refused += 1,
                    Cell::NotLoggedIn => strangers += 1,
                    Cell::Partly => partly += 1,
                }
            }
        }
        let holds = |entry: &Rc<_>| {
            let entry: &eks_access_playground::engine::world::Entry = entry;
            entry.policies.iter().any(|a| a.scope.kind == "namespace")
        };
        by_policy += cluster.entries.values().filter(|entry| holds(entry)).count();
    }
    let counts = [allowed, refused, strangers, partly, by_policy, bindings];
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
}

proptest! {
    #![proptest_config(one_in(32))]

    #[test]
    fn every_fix_turns_the_answer(made in worlds::made(), action in worlds::action()) {
        let world = made.world();
        let anybody = |key: &str| Caller::new(Credential::AccessKey(key.to_owned()));
        let by = Callers { aws: anybody(&world.users[0].access_key), kubectl: anybody("root") };
        for caller in worlds::callers(&world) {
            let allowed = |world: &World| explain(world, cluster(world), &caller, &action).decision.allowed;
            let found = fixes(&world, CLUSTER, &Principal::Caller(caller.clone()), &action, &by);
            prop_assert!(found.is_empty() || !allowed(&world));
            for fix in &found {
                prop_assert_eq!(&fix.refused, &None);
                let mut after = world.clone();
                for request in &fix.requests {
                    let by = if matches!(request, Request::Kube { .. }) { &by.kubectl } else { &by.aws };
                    after.call(by, request.clone()).unwrap();
                }
                prop_assert!(allowed(&after), "{}", fix.label);
            }
            let key = |fix: &eks_access_playground::engine::answers::Fix| fix.effect;
            prop_assert!(found.is_sorted_by_key(key));
        }
    }
}
