//! What the API server makes of writes and lists, for a caller who may do little.

use serde_json::{Value, json};

use super::impersonate::service_account;
use super::patch;
use crate::engine::request::{GroupResource, PatchKind};
use crate::engine::{ApiError, Caller, Credential, Impersonate, KubeRequest, KubeResponse, Request, Response, World};
use crate::k8s::attributes::UserInfo;
use crate::k8s::status::{Reason, Status};
use crate::session::scenario;

const CLUSTER: &str = "eks-demo-cluster";
const RBAC: &str = "rbac.authorization.k8s.io";

/// The walk-through with a namespace `dev`, an administrator `root`, and a user `jane` with the rules of one ClusterRole.
struct Bench(World);

impl Bench {
    fn new(rules: Value) -> Self {
        let mut world = (*scenario::walkthrough().world).clone();
        let users = &mut world.cluster_mut(CLUSTER).unwrap().static_users;
        for (name, group) in [("root", "system:masters"), ("jane", "janes")] {
            let user = UserInfo { username: name.into(), groups: vec![group.into()], ..UserInfo::default() };
            users.insert(name.into(), user);
        }
        let mut bench = Self(world);
        bench.create("root", "", "namespaces", "", object("Namespace", "dev", json!({}))).unwrap();
        let role = object("ClusterRole", "janes", json!({ "rules": rules }));
        bench.create("root", RBAC, "clusterroles", "", role).unwrap();
        let subjects = json!([{ "kind": "Group", "name": "janes" }]);
        let binding = json!({ "subjects": subjects, "roleRef": role_ref("ClusterRole", "janes") });
        let binding = object("ClusterRoleBinding", "janes", binding);
        bench.create("root", RBAC, "clusterrolebindings", "", binding).unwrap();
        bench
    }

    fn call(&mut self, user: &str, request: KubeRequest) -> Result<KubeResponse, Status> {
        let caller = Caller::new(Credential::AccessKey(user.to_owned()));
        match self.0.call(&caller, Request::Kube { cluster: CLUSTER.to_owned(), request }) {
            Ok(Response::Kube(answer)) => Ok(answer),
            Err(ApiError::Kube(status)) => Err(status),
            other => panic!("{other:?}"),
        }
    }

    fn object(&mut self, user: &str, request: KubeRequest) -> Result<Value, Status> {
        self.call(user, request).map(|answer| match answer {
            KubeResponse::Object(object) => object,
            other => panic!("{other:?}"),
        })
    }

    fn create(&mut self, user: &str, group: &str, plural: &str, place: &str, object: Value) -> Result<Value, Status> {
        let resource = GroupResource::new(group, plural);
        let request = KubeRequest::Create { resource, namespace: some(place), object, dry_run: false, strict: false };
        self.object(user, request)
    }

    fn update(&mut self, user: &str, plural: &str, name: &str, object: Value) -> Result<Value, Status> {
        let group = if plural == "configmaps" { "" } else { RBAC };
        let namespace = some(if plural.starts_with("cluster") { "" } else { "dev" });
        let (resource, name) = (GroupResource::new(group, plural), name.to_owned());
        self.object(user, KubeRequest::Update { resource, namespace, name, object, dry_run: false, strict: false })
    }

    fn delete(&mut self, plural: &str, place: &str, name: &str, dry_run: bool) -> Result<KubeResponse, Status> {
        let (resource, name) = (GroupResource::new("", plural), name.to_owned());
        self.call("root", KubeRequest::Delete { resource, namespace: some(place), name, orphan: false, dry_run })
    }

    fn get(&mut self, group: &str, plural: &str, place: &str, name: &str) -> Result<Value, Status> {
        let (resource, name) = (GroupResource::new(group, plural), name.to_owned());
        self.object("root", KubeRequest::Get { resource, namespace: some(place), name })
    }

    /// The names of a list, or why it is refused.
    fn list(&mut self, field_selector: &str) -> Result<Vec<String>, Reason> {
        let (resource, label_selector) = (GroupResource::new("", "configmaps"), String::new());
        let field_selector = field_selector.to_owned();
        match self.call("jane", KubeRequest::List { resource, namespace: some("dev"), label_selector, field_selector })
        {
            Ok(KubeResponse::List { items }) => Ok(items.iter().map(name).collect()),
            Ok(other) => panic!("{other:?}"),
            Err(status) => Err(status.reason),
        }
    }
}

fn some(place: &str) -> Option<String> {
    Some(place.to_owned()).filter(|place| !place.is_empty())
}

fn name(object: &Value) -> String {
    object["metadata"]["name"].as_str().unwrap().to_owned()
}

fn role_ref(kind: &str, name: &str) -> Value {
    json!({ "apiGroup": RBAC, "kind": kind, "name": name })
}

fn object(kind: &str, name: &str, mut members: Value) -> Value {
    let version = if kind.contains("Role") { format!("{RBAC}/v1") } else { "v1".to_owned() };
    members["apiVersion"] = json!(version);
    members["kind"] = json!(kind);
    members["metadata"]["name"] = json!(name);
    members
}

fn rule(verbs: &[&str], group: &str, resources: &[&str]) -> Value {
    json!({ "verbs": verbs, "apiGroups": [group], "resources": resources })
}

/// The rules of somebody who writes roles and bindings and reads pods.
fn writer(more: &[Value]) -> Value {
    let kinds = ["roles", "clusterroles", "rolebindings", "clusterrolebindings"];
    let mut rules = vec![rule(&["create", "update"], RBAC, &kinds), rule(&["get"], "", &["pods"])];
    rules.extend(more.iter().cloned());
    json!(rules)
}

fn secrets() -> Value {
    json!({ "rules": [rule(&["get"], "", &["secrets"])] })
}

fn pods() -> Value {
    json!({ "rules": [rule(&["get"], "", &["pods"])] })
}

const HELD: &str = "user \"jane\" (groups=[\"janes\" \"system:authenticated\"]) is attempting to grant RBAC permissions \
                    not currently held:\n{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}";

#[test]
fn a_generated_name_is_the_prefix_and_five_letters_that_are_free() {
    let mut bench = Bench::new(json!([]));
    let prefixed = || json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "web-"}});
    let mut names = Vec::new();
    for _ in 0..60 {
        let made = bench.create("root", "", "configmaps", "dev", prefixed()).unwrap();
        // Kubernetes keeps what was asked for (rest.BeforeCreate).
        assert_eq!(made["metadata"]["generateName"], "web-");
        names.push(name(&made));
    }
    for name in &names {
        let letters = name.strip_prefix("web-").unwrap();
        let good = |c| "bcdfghjklmnpqrstvwxz2456789".contains(c);
        assert!(letters.len() == 5 && letters.chars().all(good), "{name}");
    }
    // Equal worlds give equal names, or links would lead elsewhere.
    assert_eq!(
        [0, 1, 26, 27, 54].map(|at: usize| names[at].as_str()),
        ["web-bkkkk", "web-ckkkk", "web-9kkkk", "web-blkkk", "web-bmkkk"]
    );
    let mut both = prefixed();
    both["metadata"]["name"] = json!("mine");
    assert_eq!(name(&bench.create("root", "", "configmaps", "dev", both).unwrap()), "mine");
    let neither = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": ""}});
    let status = bench.create("root", "", "configmaps", "dev", neither).unwrap_err();
    assert_eq!(status.causes, ["metadata.name: Required value: name or generateName is required"]);
}

#[test]
fn a_new_object_needs_its_namespace_and_a_free_name() {
    let mut bench = Bench::new(json!([]));
    let map = || object("ConfigMap", "a", json!({}));
    let status = bench.create("root", "", "configmaps", "nowhere", map()).unwrap_err();
    assert_eq!((status.reason, status.message.as_str()), (Reason::NotFound, "namespaces \"nowhere\" not found"));
    bench.create("root", "", "configmaps", "dev", map()).unwrap();
    let status = bench.create("root", "", "configmaps", "dev", map()).unwrap_err();
    assert_eq!((status.reason, status.message.as_str()), (Reason::AlreadyExists, "configmaps \"a\" already exists"));
    bench.create("root", "", "configmaps", "default", map()).unwrap();
    let mut elsewhere = object("ConfigMap", "b", json!({}));
    elsewhere["metadata"]["namespace"] = json!("default");
    assert_eq!(
        bench.create("root", "", "configmaps", "dev", elsewhere.clone()).unwrap_err().reason,
        Reason::BadRequest
    );
    bench.create("root", "", "configmaps", "default", elsewhere).unwrap();
}

#[test]
fn a_replacement_keeps_name_and_version() {
    let mut bench = Bench::new(json!([]));
    let made = bench.create("root", "", "configmaps", "dev", object("ConfigMap", "a", json!({}))).unwrap();
    let of_version = |version: &Value, text: &str| {
        let mut map = object("ConfigMap", "a", json!({"data": {"k": text}}));
        map["metadata"]["resourceVersion"] = version.clone();
        map
    };
    let first = made["metadata"]["resourceVersion"].clone();
    let second = bench.update("root", "configmaps", "a", of_version(&first, "1")).unwrap();
    assert_ne!(second["metadata"]["resourceVersion"], first);
    assert_eq!(second["metadata"]["uid"], made["metadata"]["uid"]);
    let status = bench.update("root", "configmaps", "a", of_version(&first, "2")).unwrap_err();
    assert_eq!(status.reason, Reason::Conflict);
    assert!(
        status.message.starts_with("Operation cannot be fulfilled on configmaps \"a\": the object has been modified")
    );
    assert_eq!(bench.get("", "configmaps", "dev", "a").unwrap()["data"], json!({"k": "1"}));
    // Without a version the last writer wins.
    bench.update("root", "configmaps", "a", of_version(&json!(""), "3")).unwrap();
    bench
        .update("root", "configmaps", "a", json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"k": "4"}}))
        .unwrap();
    assert_eq!(bench.get("", "configmaps", "dev", "a").unwrap()["data"], json!({"k": "4"}));

    let status = bench.update("root", "configmaps", "a", object("ConfigMap", "b", json!({}))).unwrap_err();
    let text = "the name of the object (b) does not match the name on the URL (a)";
    assert_eq!((status.reason, status.message.as_str()), (Reason::BadRequest, text));
    let status = bench.update("root", "configmaps", "b", object("ConfigMap", "b", json!({}))).unwrap_err();
    assert_eq!((status.reason, status.message.as_str()), (Reason::NotFound, "configmaps \"b\" not found"));
}

#[test]
fn a_patch_counts_its_own_version_alone() {
    let mut bench = Bench::new(json!([]));
    bench.create("root", "", "configmaps", "dev", object("ConfigMap", "a", json!({}))).unwrap();
    let mut patch = |patch: Value| {
        let (resource, namespace, name) = (GroupResource::new("", "configmaps"), some("dev"), "a".to_owned());
        let kind = PatchKind::Merge;
        bench.object(
            "root",
            KubeRequest::Patch { resource, namespace, name, kind, patch, dry_run: false, strict: false },
        )
    };
    assert_eq!(patch(json!({"data": {"k": "1"}})).unwrap()["data"], json!({"k": "1"}));
    assert_eq!(patch(json!({"data": {"l": "2"}})).unwrap()["data"], json!({"k": "1", "l": "2"}));
    let old = json!({"metadata": {"resourceVersion": "1"}, "data": {"k": "3"}});
    assert_eq!(patch(old).unwrap_err().reason, Reason::Conflict);
}

#[test]
fn three_namespaces_cannot_be_deleted() {
    let mut bench = Bench::new(json!([]));
    for kept in ["default", "kube-system", "kube-public"] {
        let status = bench.delete("namespaces", "", kept, false).unwrap_err();
        assert_eq!(status.reason, Reason::Forbidden);
        assert_eq!(status.message, format!("namespaces \"{kept}\" is forbidden: this namespace may not be deleted"));
    }
    bench.delete("namespaces", "", "dev", true).unwrap();
    bench.get("", "namespaces", "", "dev").unwrap();
    bench.delete("namespaces", "", "dev", false).unwrap();
    assert_eq!(bench.get("", "namespaces", "", "dev").unwrap_err().reason, Reason::NotFound);
    assert_eq!(bench.delete("namespaces", "", "dev", false).unwrap_err().reason, Reason::NotFound);
    // Other kinds may bear these names.
    bench.create("root", "", "configmaps", "default", object("ConfigMap", "default", json!({}))).unwrap();
    bench.delete("configmaps", "default", "default", false).unwrap();
}

#[test]
fn nobody_makes_a_role_of_what_they_do_not_hold() {
    // rbac 11, eks 12.8.
    let mut bench = Bench::new(writer(&[]));
    let status = bench.create("jane", RBAC, "roles", "dev", object("Role", "r", secrets())).unwrap_err();
    assert_eq!(status.reason, Reason::Forbidden);
    assert_eq!(status.message, format!("roles.{RBAC} \"r\" is forbidden: {HELD}"));
    let status = bench.create("jane", RBAC, "clusterroles", "", object("ClusterRole", "r", secrets())).unwrap_err();
    assert_eq!(status.message, format!("clusterroles.{RBAC} \"r\" is forbidden: {HELD}"));
    bench.create("jane", RBAC, "roles", "dev", object("Role", "r", pods())).unwrap();
    bench.create("jane", RBAC, "clusterroles", "", object("ClusterRole", "r", pods())).unwrap();
    // Members of system:masters are exempt.
    bench.create("root", RBAC, "roles", "dev", object("Role", "s", secrets())).unwrap();
}

#[test]
fn a_role_is_checked_again_when_it_changes_and_only_then() {
    // rbac 11.
    let mut bench = Bench::new(writer(&[]));
    bench.create("root", RBAC, "roles", "dev", object("Role", "r", secrets())).unwrap();
    bench.update("jane", "roles", "r", object("Role", "r", secrets())).unwrap();
    for member in ["labels", "annotations"] {
        let mut changed = object("Role", "r", secrets());
        changed["metadata"][member] = json!({"a": "b"});
        let status = bench.update("jane", "roles", "r", changed.clone()).unwrap_err();
        assert_eq!(status.message, format!("roles.{RBAC} \"r\" is forbidden: {HELD}"), "{member}");
        bench.update("root", "roles", "r", changed).unwrap();
        bench.update("root", "roles", "r", object("Role", "r", secrets())).unwrap();
    }
    bench.update("jane", "roles", "r", object("Role", "r", pods())).unwrap();
    let status = bench.update("jane", "roles", "r", object("Role", "r", secrets())).unwrap_err();
    assert_eq!(status.message, format!("roles.{RBAC} \"r\" is forbidden: {HELD}"));
}

#[test]
fn escalate_for_one_name_counts_once_the_role_has_it() {
    // A create carries no name, so that a rule with names does not cover it (rbac 1, 11).
    let mut escalate = rule(&["escalate"], RBAC, &["roles"]);
    escalate["resourceNames"] = json!(["r"]);
    let mut bench = Bench::new(writer(&[escalate]));
    let status = bench.create("jane", RBAC, "roles", "dev", object("Role", "r", secrets())).unwrap_err();
    assert_eq!(status.reason, Reason::Forbidden);
    bench.create("jane", RBAC, "roles", "dev", object("Role", "r", pods())).unwrap();
    bench.update("jane", "roles", "r", object("Role", "r", secrets())).unwrap();
    let mut bench = Bench::new(writer(&[rule(&["escalate"], RBAC, &["roles"])]));
    bench.create("jane", RBAC, "roles", "dev", object("Role", "r", secrets())).unwrap();
}

#[test]
fn nobody_binds_a_role_whose_rights_they_do_not_hold() {
    // rbac 11.
    let binding = |kind: &str, role_kind: &str, role: &str| {
        let subjects = json!([{ "kind": "User", "name": "joe" }]);
        object(kind, "b", json!({ "subjects": subjects, "roleRef": role_ref(role_kind, role) }))
    };
    let prepared = |rules| {
        let mut bench = Bench::new(rules);
        for (name, rules) in [("low", pods()), ("high", secrets())] {
            bench.create("root", RBAC, "clusterroles", "", object("ClusterRole", name, rules)).unwrap();
        }
        bench
    };
    let mut bench = prepared(writer(&[]));
    for (kind, plural, place) in
        [("RoleBinding", "rolebindings", "dev"), ("ClusterRoleBinding", "clusterrolebindings", "")]
    {
        let high = binding(kind, "ClusterRole", "high");
        let status = bench.create("jane", RBAC, plural, place, high.clone()).unwrap_err();
        assert_eq!(status.message, format!("{plural}.{RBAC} \"b\" is forbidden: {HELD}"));
        let status = bench.create("jane", RBAC, plural, place, binding(kind, "ClusterRole", "none")).unwrap_err();
        assert_eq!(
            (status.reason, status.message),
            (Reason::NotFound, format!("clusterroles.{RBAC} \"none\" not found"))
        );
        bench.create("jane", RBAC, plural, place, binding(kind, "ClusterRole", "low")).unwrap();
        let mut changed = binding(kind, "ClusterRole", "low");
        changed["subjects"][0]["name"] = json!("jim");
        bench.update("jane", plural, "b", changed).unwrap();
        // The role's rights may have grown since.
        bench.update("root", "clusterroles", "low", object("ClusterRole", "low", secrets())).unwrap();
        let status = bench.update("jane", plural, "b", binding(kind, "ClusterRole", "low")).unwrap_err();
        assert_eq!(status.message, format!("{plural}.{RBAC} \"b\" is forbidden: {HELD}"));
        bench.update("root", "clusterroles", "low", object("ClusterRole", "low", pods())).unwrap();
    }
    let mut bench = prepared(writer(&[rule(&["bind"], RBAC, &["clusterroles"])]));
    bench.create("jane", RBAC, "rolebindings", "dev", binding("RoleBinding", "ClusterRole", "high")).unwrap();
}

#[test]
fn an_aggregation_rule_needs_full_authority() {
    // rbac 11: what such a role comes to hold cannot be known.
    let aggregating = || {
        object(
            "ClusterRole",
            "sum",
            json!({"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]}}),
        )
    };
    let resources = rule(&["*"], "*", &["*"]);
    let urls = json!({"verbs": ["*"], "nonResourceURLs": ["*"]});
    // `*` contains `escalate`: it is left out here.
    let all_but = |verbs: &[&str]| rule(verbs, "*", &["*"]);
    let text = format!(
        "clusterroles.{RBAC} \"sum\" is forbidden: must have cluster-admin privileges to use the aggregationRule"
    );
    for rules in
        [writer(&[]), writer(std::slice::from_ref(&urls)), writer(&[urls.clone(), all_but(&["get", "list", "create"])])]
    {
        let mut bench = Bench::new(rules);
        let status = bench.create("jane", RBAC, "clusterroles", "", aggregating()).unwrap_err();
        assert_eq!((status.reason, &status.message), (Reason::Forbidden, &text));
        // An aggregating role may not even lose its rule.
        bench.create("root", RBAC, "clusterroles", "", aggregating()).unwrap();
        let status = bench.update("jane", "clusterroles", "sum", object("ClusterRole", "sum", json!({}))).unwrap_err();
        assert_eq!(status.message, text);
    }
    let mut bench = Bench::new(json!([resources, urls]));
    bench.create("jane", RBAC, "clusterroles", "", aggregating()).unwrap();
}

#[test]
fn a_list_by_name_counts_as_a_request_for_that_name() {
    // rbac 1.
    let mut named = rule(&["list"], "", &["configmaps"]);
    named["resourceNames"] = json!(["a"]);
    let mut bench = Bench::new(json!([named]));
    for name in ["a", "b"] {
        bench.create("root", "", "configmaps", "dev", object("ConfigMap", name, json!({}))).unwrap();
    }
    assert_eq!(bench.list("metadata.name=a"), Ok(vec!["a".to_owned()]));
    assert_eq!(bench.list("metadata.namespace=dev,metadata.name==a"), Ok(vec!["a".to_owned()]));
    assert_eq!(bench.list("metadata.namespace=prod,metadata.name=a"), Ok(Vec::new()));
    for refused in ["", "metadata.name=b", "metadata.name!=a", "metadata.namespace=a"] {
        assert_eq!(bench.list(refused), Err(Reason::Forbidden), "{refused}");
    }
}

#[test]
fn service_accounts_have_a_namespace_and_a_name() {
    // rbac 7.
    let good = |username, namespace, name| assert_eq!(service_account(username), Some((namespace, name)));
    good("system:serviceaccount:dev:bot", "dev", "bot");
    good("system:serviceaccount:team-1:a.b-2", "team-1", "a.b-2");
    for other in [
        "dev:bot",
        "system:serviceaccount:dev",
        "system:serviceaccount::bot",
        "system:serviceaccount:dev:",
        "system:serviceaccount:Dev:bot",
        "system:serviceaccount:dev:Bot",
        "system:serviceaccount:dev:bot:x",
        "system:serviceaccounts:dev:bot",
    ] {
        assert_eq!(service_account(other), None, "{other}");
    }
}

#[test]
fn groups_that_everybody_gets_are_added_to_who_is_impersonated() {
    // rbac 7.
    let groups = |user: &str, groups: &[&str]| {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        super::stated(&Impersonate { user: user.to_owned(), groups, uid: String::new() }).groups
    };
    assert_eq!(groups("jane", &["g"]), ["g", "system:authenticated"]);
    assert_eq!(groups("jane", &["system:authenticated"]), ["system:authenticated"]);
    assert_eq!(groups("jane", &["system:unauthenticated"]), ["system:unauthenticated"]);
    assert_eq!(groups("system:anonymous", &[]), ["system:unauthenticated"]);
    assert_eq!(groups("system:anonymous", &["system:unauthenticated"]), ["system:unauthenticated"]);
}

#[test]
fn lists_with_a_key_are_merged_by_it_and_others_replaced() {
    let merged = |old: Value, patch: Value| patch::apply(PatchKind::Strategic, &old, &patch).unwrap();
    let lists =
        [("containers", "name"), ("ports", "containerPort"), ("volumeMounts", "mountPath"), ("ownerReferences", "uid")];
    for (member, key) in lists {
        let old = json!({ member: [{ key: "a", "x": 1 }, { "x": 0 }] });
        let patch = json!({ member: [{ key: "a", "y": 2 }, { key: "b" }] });
        let new = json!({ member: [{ key: "a", "x": 1, "y": 2 }, { "x": 0 }, { key: "b" }] });
        assert_eq!(merged(old, patch), new, "{member}");
    }
    assert_eq!(merged(json!({ "rules": [1, 2] }), json!({ "rules": [3] })), json!({ "rules": [3] }));
}

#[test]
fn a_kind_that_can_only_be_made_cannot_be_changed() {
    let mut bench = Bench::new(json!([]));
    let (resource, name) = (GroupResource::new("authorization.k8s.io", "selfsubjectaccessreviews"), "x".to_owned());
    let object = json!({ "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview" });
    let update = KubeRequest::Update {
        resource: resource.clone(),
        namespace: None,
        name: name.clone(),
        object,
        dry_run: false,
        strict: false,
    };
    for request in [update, KubeRequest::Delete { resource, namespace: None, name, orphan: false, dry_run: false }] {
        let status = bench.call("root", request).unwrap_err();
        let text = "the server does not allow this method on the requested resource";
        assert_eq!((status.reason, status.message.as_str()), (Reason::MethodNotAllowed, text));
    }
}

#[test]
fn keys_of_data_have_letters_digits_and_three_signs() {
    let mut bench = Bench::new(json!([]));
    let longest = "k".repeat(253);
    for (at, key) in ["a-b_c.D9", "..a", &longest].iter().enumerate() {
        let map = object("ConfigMap", &format!("good-{at}"), json!({ "data": { *key: "v" } }));
        bench.create("root", "", "configmaps", "dev", map).unwrap();
    }
    for key in ["", "a b", "a/b", "\u{e9}", &format!("{longest}k")] {
        let map = object("ConfigMap", "bad", json!({ "data": { key: "v" } }));
        let status = bench.create("root", "", "configmaps", "dev", map).unwrap_err();
        let begin = format!("ConfigMap \"bad\" is invalid: data[{key}]: Invalid value: ");
        assert!(status.message.starts_with(&begin), "{}", status.message);
    }
}

#[test]
fn reviews_say_whom_and_what_they_leave_out() {
    let mut bench = Bench::new(json!([]));
    let asks = |username: &str, group: &str| KubeRequest::SubjectAccessReview {
        user: UserInfo {
            username: username.to_owned(),
            groups: some(group).into_iter().collect(),
            ..UserInfo::default()
        },
        action: crate::k8s::attributes::Action::Url { verb: "get".to_owned(), path: "/x".to_owned() },
    };
    assert!(bench.call("root", asks("jane", "")).is_ok() && bench.call("root", asks("", "g")).is_ok());
    let text = "spec.user: Invalid value: \"\": at least one of user or group must be specified";
    assert!(bench.call("root", asks("", "")).unwrap_err().message.ends_with(text));
    // rbac 9: one authorizer of the chain that lists no rules, or two.
    let errors = |username: &str, groups: &[&str]| {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        let user = UserInfo { username: username.to_owned(), groups, ..UserInfo::default() };
        super::reads::rules(bench.0.cluster(CLUSTER).unwrap(), &user, "dev").evaluation_error
    };
    let webhook = "webhook authorizer does not support user rule resolution";
    assert_eq!(errors("jane", &[]), webhook);
    let mut plain = bench.0.cluster(CLUSTER).unwrap().clone();
    plain.eks_authorizer = false;
    assert_eq!(super::reads::rules(&plain, &UserInfo::default(), "dev").evaluation_error, "");
    let node = "node authorizer does not support user rule resolution";
    assert_eq!(errors("system:node:a", &["system:nodes"]), format!("[{node}, {webhook}]"));
}

#[test]
fn the_version_is_told_in_parts() {
    let mut bench = Bench::new(json!([]));
    let answer = bench.call("root", KubeRequest::Url { path: "/version".to_owned() }).unwrap();
    let KubeResponse::Text(text) = answer else { panic!("{answer:?}") };
    let version: Value = serde_json::from_str(&text).unwrap();
    let git = bench.0.cluster(CLUSTER).unwrap().server_version.clone();
    assert_eq!(version, json!({ "major": "1", "minor": git.split('.').nth(1), "gitVersion": git }));
}

/// Roles and bindings of both scopes, held or not, by PUT and PATCH (rbac 11).
#[test]
fn a_write_that_leaves_an_object_as_it_is_is_no_escalation() {
    let kinds = ["roles", "clusterroles", "rolebindings", "clusterrolebindings"];
    let mut bench = Bench::new(writer(&[rule(&["patch"], RBAC, &kinds)]));
    let binding = |role: Value| json!({ "roleRef": role, "subjects": [{ "kind": "User", "name": "bob" }] });
    for (plural, kind, members) in [
        ("roles", "Role", secrets()),
        ("clusterroles", "ClusterRole", secrets()),
        ("rolebindings", "RoleBinding", binding(role_ref("ClusterRole", "gone"))),
        ("rolebindings", "RoleBinding", binding(role_ref("ClusterRole", "admin"))),
        ("clusterrolebindings", "ClusterRoleBinding", binding(role_ref("ClusterRole", "gone"))),
        ("clusterrolebindings", "ClusterRoleBinding", binding(role_ref("ClusterRole", "cluster-admin"))),
    ] {
        let place = if plural.starts_with("cluster") { "" } else { "dev" };
        let object_name = format!("x-{}", members["roleRef"]["name"].as_str().unwrap_or("role"));
        let made = bench.create("root", RBAC, plural, place, object(kind, &object_name, members)).unwrap();
        let mut attempt = |change: Value, allowed: bool| {
            let mut put = made.clone();
            put["metadata"].as_object_mut().unwrap().remove("resourceVersion");
            let put = patch::merge(put, &change);
            let (resource, namespace) = (GroupResource::new(RBAC, plural), some(place));
            let patch = KubeRequest::Patch {
                resource,
                namespace,
                name: object_name.clone(),
                kind: PatchKind::Merge,
                patch: change.clone(),
                dry_run: false,
                strict: false,
            };
            for answer in [bench.update("jane", plural, &object_name, put), bench.object("jane", patch)] {
                assert_eq!(answer.is_ok(), allowed, "{plural} {object_name} {change}: {answer:?}");
            }
        };
        attempt(json!({}), true);
        attempt(json!({ "metadata": { "finalizers": ["example.com/wait"] } }), true);
        let owner = json!({ "apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "u" });
        attempt(json!({ "metadata": { "finalizers": null, "ownerReferences": [owner] } }), true);
        attempt(json!({ "metadata": { "labels": { "a": "b" } } }), false);
        attempt(json!({ "metadata": { "annotations": { "a": "b" } } }), false);
    }
}
