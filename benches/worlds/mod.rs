//! Clusters to measure on: generated ones of any size, and world files (`tests/vectors/rbac/README.md`).
//!
//! A generated cluster resembles a large real one: a fifth of its bindings are cluster-wide, namespaces and local roles
//! grow with it, and so do users and groups. An identity's own share therefore stays as it is while the cluster grows,
//! and what is measured is the cost of everything that is *not* about the caller.

#![allow(dead_code, reason = "each benchmark program uses its part")]

use std::rc::Rc;

use eks_access_playground::aws::eks::EntryType;
use eks_access_playground::aws::iam::{IamUser, PrincipalKind, access_key_id, unique_id};
use eks_access_playground::aws::tags::Tags;
use eks_access_playground::engine::authn;
use eks_access_playground::engine::authz::Identity;
use eks_access_playground::engine::world::Entry;
use eks_access_playground::engine::{Caller, Cluster, Credential, World};
use eks_access_playground::formats::time::Timestamp;
use eks_access_playground::k8s::attributes::{Action, ResourceAction, UserInfo};
use eks_access_playground::k8s::object::{Body, Meta};
use eks_access_playground::k8s::rbac::{API_GROUP, Binding, ClusterRole, PolicyRule, Role, RoleRef, Subject};
use eks_access_playground::k8s::resolve::Decision;
use eks_access_playground::k8s::store::ObjectStore;
use eks_access_playground::session::scenario;
use serde_json::{Value, json};

/// The sizes measured, in bindings.
pub const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];
/// The identities of a generated cluster; half of them ask.
pub const IDENTITIES: usize = 100;
/// The namespace of namespaced questions.
pub const NAMESPACE: &str = "ns-00000";
/// Name of the cluster.
pub const CLUSTER: &str = "eks-demo-cluster";

const NOW: Timestamp = Timestamp(1_705_487_400_000);

/// What a question is like; the names say where the binding stands that allows.
pub const GROUPS: [&str; 6] =
    ["early", "late", "denied", "early in namespace", "late in namespace", "denied in namespace"];

/// A world, who asks, and what is asked.
pub struct Bench {
    /// The world; [`CLUSTER`] is in it.
    pub world: World,
    /// The callers, and who the cluster takes them for.
    pub callers: Vec<(Caller, Identity)>,
    /// The questions: index of the caller, place in [`GROUPS`], action, and the known answer.
    pub questions: Vec<(usize, usize, Action, Option<Decision>)>,
}

impl Bench {
    /// The cluster.
    pub fn cluster(&self) -> &Cluster {
        self.world.cluster(CLUSTER).expect("the walkthrough has it")
    }

    /// The caller who may do anything.
    pub fn admin(&self) -> Caller {
        Caller::new(Credential::AccessKey(self.world.users.first().expect("its creator").access_key.clone()))
    }
}

/// SplitMix64: the same numbers every time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % below as u64).expect("below a usize")
    }
}

/// A cluster before its bindings, and the bindings: what memory is measured of.
pub struct Parts {
    objects: ObjectStore,
    bindings: Vec<(Option<String>, String, Binding)>,
    users: usize,
    groups: usize,
}

impl Parts {
    /// How many bindings [`Parts::fill`] adds.
    pub fn len(&self) -> usize {
        self.bindings.len()
    }

    /// A copy of the list of bindings.
    pub fn bindings(&self) -> impl Sized {
        self.bindings.clone()
    }

    /// The store with the bindings in it.
    pub fn fill(self) -> ObjectStore {
        let mut objects = self.objects;
        for (namespace, name, binding) in self.bindings {
            add_binding(&mut objects, namespace.as_deref(), &name, binding);
        }
        objects
    }
}

fn rule(verbs: &[&str], group: &str, resources: &[&str]) -> PolicyRule {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    PolicyRule {
        verbs: texts(verbs),
        api_groups: vec![group.to_owned()],
        resources: texts(resources),
        ..PolicyRule::default()
    }
}

fn rules(numbers: &mut Numbers) -> Vec<PolicyRule> {
    const VERBS: [&[&str]; 4] = [&["get"], &["get", "list", "watch"], &["create", "update", "patch", "delete"], &["*"]];
    const RESOURCES: [(&str, &[&str]); 6] = [
        ("", &["pods", "services"]),
        ("", &["configmaps", "events"]),
        ("apps", &["deployments", "replicasets", "statefulsets"]),
        ("batch", &["cronjobs", "jobs"]),
        ("networking.k8s.io", &["ingresses"]),
        ("example.com", &["widgets"]),
    ];
    (0..2 + numbers.next(3))
        .map(|_| {
            let (group, resources) = RESOURCES[numbers.next(RESOURCES.len())];
            rule(VERBS[numbers.next(VERBS.len())], group, resources)
        })
        .collect()
}

fn subject(kind: &str, name: String, namespace: &str) -> Subject {
    Subject { kind: kind.to_owned(), name, namespace: namespace.to_owned(), ..Subject::default() }
}

fn binding(role_kind: &str, role: &str, subjects: Vec<Subject>) -> Binding {
    let role_ref = RoleRef { api_group: API_GROUP.to_owned(), kind: role_kind.to_owned(), name: role.to_owned() };
    let mut binding = Binding { subjects, role_ref };
    binding.apply_defaults();
    binding
}

/// Puts an object in place.
fn add(objects: &mut ObjectStore, group: &str, plural: &str, namespace: &str, name: &str, body: Body) {
    let resource = objects.resource(group, plural).expect("a built-in kind");
    let meta = Meta { name: name.to_owned(), namespace: namespace.to_owned(), ..Meta::default() };
    if objects.find(&resource, namespace, name).is_some() {
        objects.replace(&resource, meta, body);
    } else {
        objects.create(&resource, meta, body, NOW);
    }
}

fn add_binding(objects: &mut ObjectStore, namespace: Option<&str>, name: &str, binding: Binding) {
    let plural = if namespace.is_some() { "rolebindings" } else { "clusterrolebindings" };
    add(objects, API_GROUP, plural, namespace.unwrap_or_default(), name, Body::Binding(binding));
}

/// The parts of a cluster of `size` bindings.
pub fn parts(size: usize) -> Parts {
    let mut numbers = Numbers(1);
    let (namespaces, groups, users) = ((size / 50).max(5), (size * 2 / 5).max(40), (size / 2).max(50));
    let mut objects = ObjectStore::stock(NOW);
    for i in 0..namespaces {
        add(&mut objects, "", "namespaces", "", &format!("ns-{i:05}"), Body::Json(serde_json::Map::new()));
        for j in 0..3 {
            let role = Role { rules: rules(&mut numbers) };
            add(&mut objects, API_GROUP, "roles", &format!("ns-{i:05}"), &format!("local-{j}"), Body::Role(role));
        }
    }
    let own = [
        ("node-reader", rule(&["get"], "", &["nodes"])),
        ("secret-keeper", rule(&["get"], "", &["secrets"])),
        ("claim-reader", rule(&["get"], "", &["persistentvolumeclaims"])),
        ("lease-reader", rule(&["get"], "coordination.k8s.io", &["leases"])),
    ];
    let roles = (0..200).map(|i| (format!("role-{i:03}"), rules(&mut numbers)));
    for (name, rules) in roles.chain(own.map(|(name, rule)| (name.to_owned(), vec![rule]))).collect::<Vec<_>>() {
        let role = ClusterRole { rules, aggregation_rule: None };
        add(&mut objects, API_GROUP, "clusterroles", "", &name, Body::ClusterRole(role));
    }
    let mut bindings = Vec::with_capacity(size);
    for k in 0..5 {
        let to = |group: &str| vec![subject("Group", format!("{group}-{k}"), "")];
        let place = Some(NAMESPACE.to_owned());
        bindings.push((None, format!("aa-early-{k}"), binding("ClusterRole", "node-reader", to("early"))));
        bindings.push((None, format!("zz-late-{k}"), binding("ClusterRole", "secret-keeper", to("late"))));
        bindings.push((place.clone(), format!("aa-early-{k}"), binding("ClusterRole", "claim-reader", to("early"))));
        bindings.push((place, format!("zz-late-{k}"), binding("ClusterRole", "lease-reader", to("late"))));
    }
    for i in bindings.len()..size.max(bindings.len()) {
        let subjects = (0..1 + numbers.next(3)).map(|_| match numbers.next(5) {
            0 | 1 => subject("User", format!("user-{:05}@example.com", numbers.next(users)), ""),
            2 | 3 => subject("Group", format!("group-{:05}", numbers.next(groups)), ""),
            _ => {
                let namespace = format!("ns-{:05}", numbers.next(namespaces));
                subject("ServiceAccount", format!("sa-{:02}", numbers.next(20)), &namespace)
            }
        });
        let subjects = subjects.collect();
        let cluster_role = format!("role-{:03}", numbers.next(200));
        bindings.push(if i % 5 == 0 {
            (None, format!("crb-{i:06}"), binding("ClusterRole", &cluster_role, subjects))
        } else {
            let local = format!("local-{}", numbers.next(3));
            let (kind, role) = if numbers.next(2) == 0 { ("Role", local) } else { ("ClusterRole", cluster_role) };
            (Some(format!("ns-{:05}", i % namespaces)), format!("rb-{i:06}"), binding(kind, &role, subjects))
        });
    }
    Parts { objects, bindings, users, groups }
}

/// A world with a cluster of `size` bindings. Its identities are IAM users with access entries, each with a user name,
/// five groups of the crowd, and one each of the groups whose bindings come first and last.
pub fn generated(size: usize) -> Bench {
    let mut numbers = Numbers(2);
    let parts = parts(size);
    let (users, groups) = (parts.users, parts.groups);
    let mut world = (*scenario::walkthrough().world).clone();
    let mut entries = Vec::new();
    for i in 0..IDENTITIES {
        let serial = world.next_serial();
        let user = IamUser {
            name: format!("person-{i:03}"),
            path: "/".to_owned(),
            unique_id: unique_id(PrincipalKind::User, serial),
            access_key: access_key_id(PrincipalKind::User, serial),
            created_at: NOW,
            keys: Vec::new(),
        };
        let mut own: Vec<String> = (0..5).map(|_| format!("group-{:05}", numbers.next(groups))).collect();
        own.extend([format!("early-{}", i % 5), format!("late-{}", i % 5)]);
        entries.push(Entry {
            principal_arn: user.arn(&world.partition, &world.account),
            unique_id: user.unique_id.clone(),
            serial,
            groups: own,
            username: format!("user-{:05}@example.com", numbers.next(users)),
            kind: EntryType::Standard,
            created_at: NOW,
            modified_at: NOW,
            tags: Tags::default(),
            made_by: Default::default(),
            policies: Vec::new(),
        });
        world.users.push(Rc::new(user));
    }
    let aws_auth = world.cluster(CLUSTER).and_then(|cluster| {
        let maps = cluster.objects.resource("", "configmaps")?;
        cluster.objects.find(&maps, authn::AWS_AUTH.0, authn::AWS_AUTH.1)
    });
    let cluster = world.cluster_mut(CLUSTER).expect("the walkthrough has it");
    cluster.objects = parts.fill();
    if let Some((_, body)) = aws_auth {
        add(&mut cluster.objects, "", "configmaps", authn::AWS_AUTH.0, authn::AWS_AUTH.1, body);
    }
    cluster.entries.extend(entries.into_iter().map(|entry| (entry.principal_arn.clone(), Rc::new(entry))));
    let people: Vec<Caller> = world.users.iter().filter(|user| user.name.starts_with("person-")).map(caller).collect();
    let callers = with_identities(&world, people);
    let ask = |verb: &str, group: &str, resource: &str, namespace: &str| {
        let [verb, api_group, resource, namespace] = [verb, group, resource, namespace].map(str::to_owned);
        Action::Resource(ResourceAction { verb, api_group, resource, namespace, ..ResourceAction::default() })
    };
    let questions = (0..IDENTITIES / 2).flat_map(|i| {
        let asked = [
            (0, ask("get", "", "nodes", "")),
            (1, ask("get", "", "secrets", "")),
            (2, ask("delete", "", "nodes", "")),
            (3, ask("get", "", "persistentvolumeclaims", NAMESPACE)),
            (4, ask("get", "coordination.k8s.io", "leases", NAMESPACE)),
            (5, ask("delete", "", "secrets", NAMESPACE)),
        ];
        asked.map(|(group, action)| (i, group, action, None))
    });
    let questions = questions.collect();
    Bench { world, callers, questions }
}

fn caller(user: &Rc<IamUser>) -> Caller {
    Caller::new(Credential::AccessKey(user.access_key.clone()))
}

fn with_identities(world: &World, callers: Vec<Caller>) -> Vec<(Caller, Identity)> {
    let cluster = world.cluster(CLUSTER).expect("the walkthrough has it");
    let known = |caller: Caller| {
        let identity = authn::authenticate(world, cluster, &caller.credential).expect("a mapped identity");
        (caller, identity)
    };
    callers.into_iter().map(known).collect()
}

/// The world of a file in the format `rbac-world/1`, with its questions and their known answers.
///
/// # Panics
/// If the file is none of these.
pub fn from_file(path: &str) -> Bench {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let file: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert_eq!(file["format"], "rbac-world/1", "{path}: unknown format");
    let items = |list: &str| file[list].as_array().cloned().unwrap_or_default();
    let text = |value: &Value, member: &str| value[member].as_str().unwrap_or_default().to_owned();
    let mut objects = ObjectStore::stock(NOW);
    if file["bootstrap"] != true {
        for plural in ["clusterroles", "roles", "clusterrolebindings", "rolebindings"] {
            let resource = objects.resource(API_GROUP, plural).expect("a built-in kind");
            for object in objects.list(&resource, None) {
                objects.remove(&resource, &text(&object["metadata"], "namespace"), &text(&object["metadata"], "name"));
            }
        }
    }
    for plural in ["clusterRoles", "roles", "clusterRoleBindings", "roleBindings"] {
        let resource = objects.resource(API_GROUP, &plural.to_lowercase()).expect("a built-in kind");
        for item in items(plural) {
            let metadata =
                json!({"metadata": {"name": item["name"], "namespace": item["namespace"], "labels": item["labels"]}});
            let mut meta = Meta::from_json(&metadata).unwrap_or_else(|error| panic!("{path}: {error}: {item}"));
            let mut item = item;
            item.as_object_mut().into_iter().for_each(|members| {
                members.retain(|member, _| !["name", "namespace", "labels"].contains(&member.as_str()));
            });
            let mut body = Body::from_json(&resource, &item).unwrap_or_else(|error| panic!("{path}: {error}: {item}"));
            if let Body::Binding(binding) = &mut body {
                binding.apply_defaults();
            }
            if !resource.namespaced {
                meta.namespace.clear();
            }
            if objects.find(&resource, &meta.namespace, &meta.name).is_some() {
                objects.replace(&resource, meta, body);
            } else {
                objects.create(&resource, meta, body, NOW);
            }
        }
    }
    let mut world = (*scenario::walkthrough().world).clone();
    let cluster = world.cluster_mut(CLUSTER).expect("the walkthrough has it");
    cluster.objects = objects;
    // The groups are complete as stated: nothing is to be added on the way in, so nobody comes in by IAM.
    let callers = items("subjects").into_iter().enumerate().map(|(i, subject)| {
        let groups = subject["groups"].as_array().into_iter().flatten().filter_map(|g| g.as_str().map(str::to_owned));
        let user = UserInfo { username: text(&subject, "user"), groups: groups.collect(), ..UserInfo::default() };
        let token = format!("subject-{i}");
        cluster.static_users.insert(token.clone(), user.clone());
        (Caller::new(Credential::Token(token)), Identity { user, holder: None })
    });
    let callers: Vec<_> = callers.collect();
    let questions = items("queries").into_iter().map(|query| {
        let action = if query["path"].is_string() {
            Action::Url { verb: text(&query, "verb"), path: text(&query, "path") }
        } else {
            let resource = serde_json::from_value(query.clone());
            Action::Resource(resource.unwrap_or_else(|error| panic!("{path}: {error}: {query}")))
        };
        let index = query["s"].as_u64().and_then(|s| usize::try_from(s).ok()).expect("the index of a subject");
        let allowed = query["allowed"] == true;
        let kind = if allowed { 1 } else { 2 };
        let group = if action.namespace().is_some() { kind + 3 } else { kind };
        (index, group, action, Some(Decision { allowed, reason: text(&query, "reason") }))
    });
    let questions = questions.collect();
    Bench { world, callers, questions }
}
