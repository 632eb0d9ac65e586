//! Tests of the walk: texts, near misses, and properties over small worlds.
//! The vectors of `tests/vectors/rbac` cover the rules themselves.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::k8s::attributes::ResourceAction;
use crate::k8s::rbac::{API_GROUP, ClusterRole, Labels, Role};

fn user(name: &str, groups: &[&str]) -> UserInfo {
    UserInfo {
        username: name.to_owned(),
        groups: groups.iter().map(|g| (*g).to_owned()).collect(),
        ..UserInfo::default()
    }
}

fn get(resource: &str, namespace: &str) -> Action {
    Action::Resource(ResourceAction {
        verb: "get".to_owned(),
        resource: resource.to_owned(),
        namespace: namespace.to_owned(),
        ..ResourceAction::default()
    })
}

/// `KIND [NAMESPACE/]NAME`, as in the stock data.
fn subject(text: &str) -> Subject {
    let (kind, name) = text.split_once(' ').unwrap();
    let (namespace, name) = name.split_once('/').unwrap_or(("", name));
    let [kind, name, namespace] = [kind, name, namespace].map(str::to_owned);
    Subject { kind, api_group: String::new(), name, namespace }
}

fn bind(role: &str, subjects: &[&str]) -> Binding {
    let (kind, name) = role.split_once(' ').unwrap();
    let role_ref = RoleRef { api_group: API_GROUP.to_owned(), kind: kind.to_owned(), name: name.to_owned() };
    Binding { subjects: subjects.iter().map(|text| subject(text)).collect(), role_ref }
}

fn rule(verb: &str, resource: &str) -> PolicyRule {
    let [verbs, api_groups, resources] = [verb, "", resource].map(|text| vec![text.to_owned()]);
    PolicyRule { verbs, api_groups, resources, ..PolicyRule::default() }
}

fn cluster_role(rules: Vec<PolicyRule>) -> ClusterRole {
    ClusterRole { rules, aggregation_rule: None }
}

#[test]
fn super_users_are_the_members_of_the_group() {
    let rbac = Rbac::default();
    for (user, expected) in [(user("a", &["system:masters"]), true), (user("system:masters", &[]), false)] {
        assert_eq!(is_super_user(&user), expected);
        assert_eq!(authorize(&rbac, &user, &get("pods", "")), Decision { allowed: expected, reason: String::new() });
        assert!(!decide(&rbac, &user, &get("pods", "")).allowed);
    }
}

#[test]
fn unresolved_references_are_told_when_they_concern_the_caller() {
    let mut rbac = Rbac::default();
    rbac.insert_binding(BindingKey::cluster("a"), bind("ClusterRole gone", &["User ann"]));
    rbac.insert_binding(BindingKey::cluster("b"), bind("Group x", &["User ann"]));
    rbac.insert_binding(BindingKey::cluster("c"), bind("Role r", &["User bob"]));
    let check = |name: &str, expected: &str| {
        assert_eq!(decide(&rbac, &user(name, &[]), &get("pods", "")).reason, expected);
    };
    check(
        "ann",
        r#"RBAC: [clusterrole.rbac.authorization.k8s.io "gone" not found, unsupported role reference kind: "Group"]"#,
    );
    check("bob", r#"RBAC: role.rbac.authorization.k8s.io "r" not found"#);
    check("cy", "");
}

#[test]
fn the_index_follows_changes_of_a_binding() {
    let mut rbac = Rbac::default();
    rbac.insert_cluster_role("r", Labels::new(), cluster_role(vec![rule("get", "pods")]));
    let key = BindingKey::namespaced("dev", "b");
    let allowed = |rbac: &Rbac, name: &str| decide(rbac, &user(name, &[]), &get("pods", "dev")).allowed;
    rbac.insert_binding(key.clone(), bind("ClusterRole r", &["User ann", "User ann", "ServiceAccount ci"]));
    let before = rbac.clone();
    rbac.insert_binding(key.clone(), bind("ClusterRole r", &["User bob"]));
    assert_eq!(["ann", "bob"].map(|name| allowed(&rbac, name)), [false, true]);
    assert_eq!(["ann", "bob"].map(|name| allowed(&before, name)), [true, false]);
    assert!(allowed(&before, "system:serviceaccount:dev:ci"));
    assert!(rbac.remove_binding(&key).is_some());
    assert!(!allowed(&rbac, "bob"));
    assert_eq!(rbac, {
        let mut fresh = Rbac::default();
        fresh.insert_cluster_role("r", Labels::new(), cluster_role(vec![rule("get", "pods")]));
        fresh
    });
}

#[test]
fn near_misses_name_the_slip() {
    let mut rbac = Rbac::default();
    rbac.insert_cluster_role("r", Labels::new(), cluster_role(vec![rule("get", "pods")]));
    rbac.insert_cluster_role("other", Labels::new(), cluster_role(vec![rule("get", "nodes")]));
    for (key, role, subject) in [
        (BindingKey::cluster("a-strangers"), "ClusterRole r", "Group zoo"),
        (BindingKey::cluster("b-case"), "ClusterRole r", "Group Devs"),
        (BindingKey::cluster("c-kind"), "ClusterRole r", "User devs"),
        (BindingKey::cluster("d-role"), "ClusterRole other", "Group devs"),
        (BindingKey::namespaced("prod", "e-elsewhere"), "ClusterRole r", "Group devs"),
        (BindingKey::namespaced("prod", "f-both"), "ClusterRole r", "Group zoo"),
    ] {
        rbac.insert_binding(key, bind(role, &[subject]));
    }
    let (ann, action) = (user("ann", &["devs"]), get("pods", "dev"));
    let explanation = explain(&rbac, &ann, &action);
    assert!(!explanation.decision.allowed);
    let considered: Vec<_> = explanation.considered.iter().map(|c| (&*c.grant.key.name, c.rules.clone())).collect();
    let [("d-role", Ok(rules))] = considered.as_slice() else { panic!("{considered:?}") };
    assert_eq!(rules[0].outcome, Err(Mismatch::Resource));
    let found = near_misses(&rbac, &ann, &action, 10);
    let misses: Vec<_> = found.iter().map(|miss| (&*miss.key.name, miss.why)).collect();
    let (devs, named_devs) = (subject("Group Devs"), subject("User devs"));
    assert_eq!(
        misses,
        [
            ("e-elsewhere", WhyNot::Namespace),
            ("b-case", WhyNot::Subject(Some(&devs))),
            ("c-kind", WhyNot::Subject(Some(&named_devs))),
            ("a-strangers", WhyNot::Subject(None)),
        ]
    );
    assert_eq!(near_misses(&rbac, &ann, &action, 1).len(), 2);
    rbac.insert_binding(BindingKey::namespaced("test", "g-elsewhere"), bind("ClusterRole r", &["Group devs"]));
    let elsewhere = |most| {
        let found = near_misses(&rbac, &ann, &action, most);
        found.iter().filter(|miss| miss.why == WhyNot::Namespace).count()
    };
    assert_eq!((elsewhere(1), elsewhere(2), elsewhere(3)), (1, 2, 2));
}

/// A Role is looked up where its binding is; roles of one name in two namespaces are two.
#[test]
fn near_misses_go_through_roles_too() {
    let mut rbac = Rbac::default();
    for (namespace, resource) in [("prod", "pods"), ("test", "nodes")] {
        rbac.insert_role(namespace, "r", Role { rules: vec![rule("get", resource)] });
        rbac.insert_binding(BindingKey::namespaced(namespace, "b"), bind("Role r", &["User ann"]));
    }
    let (ann, action) = (user("ann", &[]), get("pods", "dev"));
    let found = near_misses(&rbac, &ann, &action, 10);
    let misses: Vec<_> = found.iter().map(|miss| (miss.key.namespace.as_deref(), miss.why)).collect();
    assert_eq!(misses, [(Some("prod"), WhyNot::Namespace)]);
}

/// Bindings of the system's components are nobody's slip.
#[test]
fn stock_bindings_of_others_are_no_near_misses() {
    let mut rbac = Rbac::default();
    rbac.insert_cluster_role("r", Labels::new(), cluster_role(vec![rule("get", "pods")]));
    rbac.insert_binding(BindingKey::cluster("system:part"), bind("ClusterRole r", &["User system:part"]));
    assert_eq!(near_misses(&rbac, &user("ann", &[]), &get("pods", "dev"), 10), []);
}

#[test]
fn slips_are_found_behind_any_number_of_other_bindings() {
    let mut rbac = Rbac::default();
    rbac.insert_cluster_role("r", Labels::new(), cluster_role(vec![rule("get", "pods")]));
    for number in 0..2 * FIRST {
        rbac.insert_binding(BindingKey::cluster(&format!("a-{number}")), bind("ClusterRole r", &["Group zoo"]));
    }
    rbac.insert_binding(BindingKey::cluster("b-case"), bind("ClusterRole r", &["User Ann"]));
    let robot = bind("ClusterRole r", &["ServiceAccount prod/bot"]);
    rbac.insert_binding(BindingKey::namespaced("dev", "c-robot"), robot);
    let action = get("pods", "dev");
    let first = |name: &str| {
        let user = user(name, &[]);
        assert!(!decide(&rbac, &user, &action).allowed);
        near_misses(&rbac, &user, &action, 2).iter().map(|miss| miss.key.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(first("ann"), ["b-case", "a-0"]);
    assert_eq!(first("system:serviceaccount:dev:bot"), ["c-robot", "a-0"]);
    assert_eq!(first("zed"), ["a-0", "a-1"]);
}

const NAMES: &[&str] = &["a", "A", "b", "c", "system:serviceaccount:dev:a", "system:serviceaccount:prod:b"];

fn any_rule() -> impl Strategy<Value = PolicyRule> {
    let lists = (vec(select(&["get", "list", "*"][..]), 0..3), vec(select(&["", "apps", "*"][..]), 0..3));
    let rest = (vec(select(&["pods", "pods/log", "*/log", "*"][..]), 0..3), vec(select(&["", "x"][..]), 0..2));
    (lists, rest, vec(select(&["/x", "/x/*", "*"][..]), 0..2)).prop_map(
        |((verbs, groups), (resources, names), urls)| {
            let [verbs, api_groups, resources, resource_names, non_resource_urls] =
                [verbs, groups, resources, names, urls].map(|list| list.into_iter().map(str::to_owned).collect());
            PolicyRule { verbs, api_groups, resources, resource_names, non_resource_urls }
        },
    )
}

fn any_binding() -> impl Strategy<Value = (BindingKey, Binding)> {
    let subject =
        (select(&["User", "Group", "ServiceAccount", "Robot"][..]), select(NAMES), select(&["", "dev", "prod"][..]));
    let role = (select(&["Role", "ClusterRole", "Group"][..]), select(&["r", "s", "gone"][..]));
    let key = (select(&[None, Some("dev"), Some("prod")][..]), select(&["1", "2", "3", "4", "5", "6"][..]));
    (key, role, vec(subject, 0..4)).prop_map(|((namespace, name), (kind, role), subjects)| {
        let subject = |(kind, name, namespace): &(&str, &str, &str)| {
            let [kind, name, namespace] = [*kind, *name, *namespace].map(str::to_owned);
            Subject { kind, api_group: String::new(), name, namespace }
        };
        let mut binding = bind(&format!("{kind} {role}"), &[]);
        binding.subjects = subjects.iter().map(subject).collect();
        (BindingKey { namespace: namespace.map(Into::into), name: name.into() }, binding)
    })
}

fn any_rbac() -> impl Strategy<Value = Rbac> {
    let rules = || vec(any_rule(), 0..3);
    let removed = vec(any_binding(), 0..4);
    (rules(), rules(), rules(), vec(any_binding(), 0..12), removed).prop_map(|(r, s, dev, bindings, removed)| {
        let mut rbac = Rbac::default();
        rbac.insert_cluster_role("r", Labels::new(), cluster_role(r));
        rbac.insert_cluster_role("s", Labels::new(), cluster_role(s));
        rbac.insert_role("dev", "r", Role { rules: dev });
        for (key, binding) in bindings {
            rbac.insert_binding(key, binding);
        }
        for (key, _) in removed {
            rbac.remove_binding(&key);
        }
        rbac
    })
}

fn any_user() -> impl Strategy<Value = UserInfo> {
    (select(NAMES), vec(select(NAMES), 0..4)).prop_map(|(name, groups)| user(name, &groups))
}

fn any_action() -> impl Strategy<Value = Action> {
    let resource = (
        select(&["get", "list", "*"][..]),
        select(&["", "apps"][..]),
        select(&["pods", "nodes"][..]),
        select(&["", "log"][..]),
        select(&["", "x"][..]),
        select(&["", "dev", "prod"][..]),
    );
    let resource = resource.prop_map(|(verb, group, resource, subresource, name, namespace)| {
        let [verb, api_group, resource, subresource, name, namespace] =
            [verb, group, resource, subresource, name, namespace].map(str::to_owned);
        Action::Resource(ResourceAction { verb, api_group, resource, subresource, name, namespace })
    });
    let url = select(&["/x", "/x/y", "/z"][..])
        .prop_map(|path| Action::Url { verb: "get".to_owned(), path: path.to_owned() });
    prop_oneof![4 => resource, 1 => url]
}

/// The decision by looking at all bindings in order, without the index.
fn scan(rbac: &Rbac, user: &UserInfo, action: &Action) -> Decision {
    let identity = Identity::of(user);
    let mut unresolved = Vec::new();
    for (key, binding) in rbac.bindings() {
        let namespace = key.namespace.as_deref();
        if namespace.is_some() && namespace != action.namespace() {
            continue;
        }
        let Some(subject) = identity.matching_subject(binding, namespace) else { continue };
        match resolve(rbac, &binding.role_ref, namespace) {
            Err(error) => unresolved.push(error),
            Ok(rules) if rules.iter().any(|rule| rule_matches(rule, action).is_ok()) => {
                return decision(Some(Grant { key, binding, subject }), &unresolved);
            }
            Ok(_) => {}
        }
    }
    decision(None, &unresolved)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_index_finds_what_a_scan_finds(rbac in any_rbac(), user in any_user(), action in any_action()) {
        prop_assert_eq!(decide(&rbac, &user, &action), scan(&rbac, &user, &action));
    }

    #[test]
    fn explaining_agrees_with_deciding(rbac in any_rbac(), user in any_user(), action in any_action()) {
        let explanation = explain(&rbac, &user, &action);
        prop_assert_eq!(&explanation.decision, &decide(&rbac, &user, &action));
        for miss in &near_misses(&rbac, &user, &action, 3) {
            prop_assert!(explanation.considered.iter().all(|considered| considered.grant.key != miss.key));
        }
    }

    #[test]
    fn a_new_binding_takes_nothing_away(
        rbac in any_rbac(), (key, binding) in any_binding(), user in any_user(), action in any_action()
    ) {
        prop_assume!(rbac.binding(&key).is_none());
        let before = decide(&rbac, &user, &action).allowed;
        let mut after = rbac.clone();
        after.insert_binding(key, binding);
        prop_assert!(decide(&after, &user, &action).allowed >= before);
        prop_assert_eq!(decide(&rbac, &user, &action).allowed, before);
    }
}
