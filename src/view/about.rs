//! What an object means on this cluster: what a role grants and who has it, whom a binding reaches, what concerns a
//! service account or a namespace. Read from the stored world by the walks that decide.

use super::objects::Kind;
use super::route::{Route, Spot};
use super::rule_words;
use super::text::{count, last_name};
use crate::engine::answers::principals::service_account;
use crate::engine::answers::who_can::Named;
use crate::engine::answers::{Gate, Principal};
use crate::engine::authn::{AWS_AUTH, Via};
use crate::engine::authz::{Identity, pattern_matches};
use crate::engine::findings::{self, ObjectRef, Severity};
use crate::engine::{Cluster, World};
use crate::k8s::rbac::{Binding, BindingKey, Rbac, RoleRef};
use crate::k8s::resolve::resolve;

/// The most items that a section shows.
const MOST: usize = 50;

/// A part of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub title: &'static str,
    /// Said where there is nothing.
    pub empty: &'static str,
    /// What there is.
    pub items: Vec<Item>,
    /// How many more there are than shown.
    pub more: usize,
}

/// A thing that is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Its name, leading to its page.
    pub name: Option<(String, Route)>,
    /// How serious it is, if it is a remark.
    pub severity: Option<Severity>,
    /// A sentence.
    pub text: String,
    /// Further lines.
    pub lines: Vec<Line>,
}

/// A line of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Who or what.
    pub text: String,
    /// The people it means: a name, how they come in, and where to see it.
    pub people: Vec<Person>,
    /// Said where it means nobody, or too many to list.
    pub note: String,
}

/// Somebody with an IAM identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name at the end of the ARN.
    pub name: String,
    /// The whole ARN.
    pub arn: String,
    /// What lets them in.
    pub via: String,
    /// Where that is.
    pub route: Option<Route>,
}

/// Everything about an object that its own text does not say. Nothing for an object that is not there.
pub fn about(world: &World, cluster: &Cluster, kind: Kind, namespace: &str, name: &str) -> Vec<Section> {
    let people = People::of(world, cluster);
    let rbac = cluster.objects.rbac();
    let mut sections = match kind {
        Kind::ClusterRoles | Kind::Roles => vec![holders(&people, rbac, kind, namespace, name)],
        Kind::ClusterRoleBindings | Kind::RoleBindings => {
            let key = match kind {
                Kind::RoleBindings => BindingKey::namespaced(namespace, name),
                _ => BindingKey::cluster(name),
            };
            rbac.binding(&key).map(|binding| vec![granted(rbac, &key, binding), reached(&people, &key, binding)]).unwrap_or_default()
        }
        Kind::ServiceAccounts => service_account_sections(rbac, namespace, name),
        Kind::Namespaces => namespace_sections(cluster, name),
        Kind::ConfigMaps if (namespace, name) == AWS_AUTH => vec![Section {
            title: "What it is for",
            items: vec![Item {
                name: Some(("aws-auth".to_owned(), Route::AwsAuth)),
                text: "maps IAM roles and users to Kubernetes users and groups; its page shows what the authenticator reads.".to_owned(),
                ..Item::default()
            }],
            ..Section::default()
        }],
        Kind::ConfigMaps => Vec::new(),
    };
    let remarks = remarks(world, cluster, kind, namespace, name);
    if !remarks.items.is_empty() {
        sections.insert(0, remarks);
    }
    sections
}

/// What the linter says about the object.
fn remarks(world: &World, cluster: &Cluster, kind: Kind, namespace: &str, name: &str) -> Section {
    let resource = kind.resource(cluster);
    let is_it = |object: &ObjectRef| match object {
        ObjectRef::Object { kind, namespace: home, name: own } => {
            resource.as_ref().is_some_and(|resource| resource.kind == *kind) && home == namespace && own == name
        }
        _ => false,
    };
    let found = findings::findings(world, cluster);
    let item = |finding: &findings::Finding| {
        let remedy = finding.remedy.as_ref().map(|remedy| remedy.text.as_str()).unwrap_or_default();
        let note = format!("{} {remedy}", finding.reason).trim().to_owned();
        let line = Line { text: String::new(), people: Vec::new(), note };
        Item { severity: Some(finding.severity), text: finding.message.clone(), lines: vec![line], ..Item::default() }
    };
    // The editor beside it marks unknown names at their lines.
    let is_said = |finding: &&findings::Finding| finding.id != "unknown-name" && is_it(&finding.object);
    section("Remarks", "", found.iter().filter(is_said).map(item))
}

fn section(title: &'static str, empty: &'static str, items: impl Iterator<Item = Item>) -> Section {
    let mut items: Vec<Item> = items.collect();
    let more = items.len().saturating_sub(MOST);
    items.truncate(MOST);
    Section { title, empty, items, more }
}

/// The page of a binding.
fn binding_link(key: &BindingKey) -> (String, Route) {
    let route = match key.namespace.as_deref() {
        None => Route::Object(Kind::ClusterRoleBindings, String::new(), key.name.to_string()),
        Some(namespace) => Route::Object(Kind::RoleBindings, namespace.to_owned(), key.name.to_string()),
    };
    (key.name.to_string(), route)
}

/// The page of a role that a binding in `namespace` refers to.
fn role_route(role: &RoleRef, namespace: Option<&str>) -> Route {
    match role.kind.as_str() {
        "Role" => Route::Object(Kind::Roles, namespace.unwrap_or_default().to_owned(), role.name.clone()),
        _ => Route::Object(Kind::ClusterRoles, String::new(), role.name.clone()),
    }
}

/// Who has a role: the bindings that give it, and whom they mean.
fn holders(people: &People<'_>, rbac: &Rbac, kind: Kind, namespace: &str, name: &str) -> Section {
    let gives = |key: &BindingKey, binding: &Binding| match kind {
        Kind::Roles => binding.role_ref.kind == "Role" && key.namespace.as_deref() == Some(namespace),
        _ => binding.role_ref.kind == "ClusterRole",
    };
    let mut bindings: Vec<_> =
        rbac.bindings().filter(|(key, binding)| binding.role_ref.name == name && gives(key, binding)).collect();
    let more = bindings.len().saturating_sub(MOST);
    bindings.truncate(MOST);
    let item = |(key, binding): (&BindingKey, &std::rc::Rc<Binding>)| Item {
        name: Some(binding_link(key)),
        text: match key.namespace.as_deref() {
            None => "in every namespace".to_owned(),
            Some(namespace) => format!("in namespace {namespace}"),
        },
        lines: people.subjects(key, binding),
        ..Item::default()
    };
    let items = bindings.into_iter().map(item).collect();
    Section { title: "Who has it", empty: "Nobody: no binding gives it.", items, more }
}

/// The rules that a binding gives.
fn granted(rbac: &Rbac, key: &BindingKey, binding: &Binding) -> Section {
    let namespace = key.namespace.as_deref();
    let route = role_route(&binding.role_ref, namespace);
    let title = "What it gives";
    match resolve(rbac, &binding.role_ref, namespace) {
        Err(missing) => Section {
            title,
            items: vec![Item { text: format!("Nothing: {missing}"), ..Item::default() }],
            ..Section::default()
        },
        Ok(rules) => section(
            title,
            "Nothing: the role has no rules.",
            rules.iter().enumerate().map(|(index, rule)| {
                let at = match &route {
                    Route::Object(kind, namespace, name) => {
                        Route::ObjectAt(*kind, namespace.clone(), name.clone(), Spot::Rule(index + 1))
                    }
                    other => other.clone(),
                };
                let name = Some((format!("{} rule {}", binding.role_ref.name, index + 1), at));
                let notes = rule_words::surprises(rule);
                let line = |note| Line { text: String::new(), people: Vec::new(), note };
                Item {
                    name,
                    text: rule_words::sentence(rule),
                    lines: notes.into_iter().map(line).collect(),
                    ..Item::default()
                }
            }),
        ),
    }
}

fn reached(people: &People<'_>, key: &BindingKey, binding: &Binding) -> Section {
    let lines = people.subjects(key, binding);
    let item = |line: Line| Item { lines: vec![line], ..Item::default() };
    section("Whom it reaches", "Nobody: it has no subjects.", lines.into_iter().map(item))
}

fn service_account_sections(rbac: &Rbac, namespace: &str, name: &str) -> Vec<Section> {
    let Principal::Stated(user) = Principal::service_account(namespace, name) else { return Vec::new() };
    let means = |key: &BindingKey, binding: &Binding| {
        let named = binding.subjects.iter().filter_map(|subject| Named::of(subject, key.namespace.as_deref()));
        named.into_iter().any(|named| named.means(&user))
    };
    let found = rbac.bindings().filter(|(key, binding)| means(key, binding));
    let items = found.map(|(key, binding)| Item {
        name: Some(binding_link(key)),
        text: rule_words::binding(binding, key.namespace.as_deref()),
        ..Item::default()
    });
    let known = Item {
        text: format!("User {} in the groups {}.", user.username, super::text::and_list(&user.groups, "")),
        ..Item::default()
    };
    vec![
        Section { title: "Who it is for the API server", items: vec![known], ..Section::default() },
        section("What it is given", "Nothing: no binding names it or a group of it.", items),
    ]
}

fn namespace_sections(cluster: &Cluster, name: &str) -> Vec<Section> {
    let rbac = cluster.objects.rbac();
    let inside = Kind::ALL.into_iter().filter(|kind| kind.is_namespaced()).filter_map(|kind| {
        let n = cluster.objects.names(&kind.resource(cluster)?, Some(name)).len();
        let text = count(n, kind.singular(), &kind.label().to_lowercase());
        (n > 0).then(|| Item { name: Some((text, Route::Objects(kind))), ..Item::default() })
    });
    let bindings = rbac.bindings_in(Some(name)).map(|(key, binding)| Item {
        name: Some(binding_link(key)),
        text: rule_words::binding(binding, Some(name)),
        ..Item::default()
    });
    let covers = |scope: &crate::aws::eks::AccessScope| {
        scope.kind == "cluster" || scope.namespaces.iter().any(|pattern| pattern_matches(pattern, name))
    };
    let entries = cluster.entries.values().filter(|_| cluster.mode.uses_entries());
    let policies = entries.flat_map(|entry| {
        entry.policies.iter().filter(|policy| covers(&policy.scope)).map(|policy| Item {
            name: Some((last_name(&entry.principal_arn).to_owned(), Route::Entry(entry.principal_arn.clone()))),
            text: format!("{}, {}", last_name(&policy.policy_arn), super::details::scope_text(&policy.scope)),
            ..Item::default()
        })
    });
    let own: Vec<Item> = findings::own_bindings(&cluster.objects)
        .filter(|(key, _)| key.namespace.is_none() && !is_of_system(&key.name))
        .map(|(key, binding)| Item {
            name: Some(binding_link(key)),
            text: rule_words::binding(binding, None),
            ..Item::default()
        })
        .collect();
    let stock = rbac.bindings_in(None).count().saturating_sub(own.len());
    let stock = (stock > 0).then(|| Item {
        name: Some((
            count(stock, "cluster role binding", "cluster role bindings"),
            Route::Objects(Kind::ClusterRoleBindings),
        )),
        text:
            "that every EKS cluster has: those of its components, and of group system:masters, which may do everything."
                .to_owned(),
        ..Item::default()
    });
    vec![
        section("What is in it", "Nothing that matters for access.", inside),
        section("Who gets rights here by role bindings", "Nobody: there is no role binding in it.", bindings),
        section(
            "Who gets rights here by cluster role bindings",
            "Nobody: there is no cluster role binding.",
            own.into_iter().chain(stock),
        ),
        section("Who gets rights here by access policies", "Nobody: no access policy covers it.", policies),
    ]
}

/// Whether a cluster role binding is one of Kubernetes or EKS itself, by its name.
fn is_of_system(name: &str) -> bool {
    ["system:", "eks:"].iter().any(|prefix| name.starts_with(prefix))
}

/// Everybody who may call the cluster, looked up once.
struct People<'a> {
    known: Vec<(Principal, Via, Identity)>,
    cluster: &'a Cluster,
}

impl<'a> People<'a> {
    fn of(world: &World, cluster: &'a Cluster) -> Self {
        let gate = Gate::of(world, cluster);
        let known = gate.principals().into_iter().filter_map(|principal| {
            let (via, identity) = gate.admit(&principal)?.ok()?;
            Some((principal, via, identity))
        });
        Self { known: known.collect(), cluster }
    }

    /// Whom each subject of a binding means.
    fn subjects(&self, key: &BindingKey, binding: &Binding) -> Vec<Line> {
        let namespace = key.namespace.as_deref();
        let line = |subject: &crate::k8s::rbac::Subject| {
            let text = rule_words::subject(subject, namespace);
            let people = match Named::of(subject, namespace) {
                Some(Named::Group(group)) if group == "system:authenticated" => Vec::new(),
                Some(named) => self.meant(&named),
                None => Vec::new(),
            };
            let note = match (service_account(subject, namespace), people.is_empty()) {
                (Some((home, name)), _) => {
                    let resource = Kind::ServiceAccounts.resource(self.cluster);
                    let exists =
                        resource.is_some_and(|resource| self.cluster.objects.get(&resource, &home, &name).is_some());
                    if exists { String::new() } else { "no such service account exists".to_owned() }
                }
                (None, true) if subject.name == "system:authenticated" => {
                    count(self.known.len(), "IAM principal", "IAM principals")
                }
                (None, true) => "no IAM principal of this cluster is that".to_owned(),
                (None, false) => String::new(),
            };
            Line { text, people, note }
        };
        binding.subjects.iter().take(MOST).map(line).collect()
    }

    fn meant(&self, named: &Named) -> Vec<Person> {
        let is_meant = |(_, _, identity): &&(Principal, Via, Identity)| named.means(&identity.user);
        self.known.iter().filter(is_meant).take(MOST).map(|(principal, via, _)| person(principal, via)).collect()
    }
}

fn person(principal: &Principal, via: &Via) -> Person {
    let arn = principal.arn().unwrap_or_default().to_owned();
    let (via, route) = match via {
        Via::Entry(arn) => ("access entry".to_owned(), Some(Route::Entry(arn.clone()))),
        Via::Mapping(section, index) => (
            format!("aws-auth {}[{index}]", section.as_str()),
            Some(Route::AwsAuthEntry(section.as_str().to_owned(), *index)),
        ),
        Via::Account => ("aws-auth mapAccounts".to_owned(), Some(Route::AwsAuth)),
        Via::Creator => ("creator of the cluster".to_owned(), None),
        Via::Static => ("known without IAM".to_owned(), None),
        Via::ServiceAccount => ("token of a service account".to_owned(), None),
        Via::Anonymous => ("without credentials".to_owned(), None),
    };
    Person { name: last_name(&arn).to_owned(), arn, via, route }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Session, scenario};
    use crate::shell::terminal::run;

    fn after(commands: &str) -> Session {
        let mut session = Session::new(scenario::walkthrough());
        for ran in run(&mut session, commands) {
            assert_eq!(ran.exit, 0, "{ran:?}");
        }
        session
    }

    fn sections(session: &Session, kind: Kind, namespace: &str, name: &str) -> Vec<Section> {
        let world = session.world();
        about(world, world.clusters.first().unwrap(), kind, namespace, name)
    }

    #[test]
    fn a_role_names_the_people_behind_its_bindings() {
        let session = after(
            "kubectl create clusterrole pod-viewer --verb=get,list --resource=pods
             kubectl create clusterrolebinding pod-viewer --clusterrole=pod-viewer --group=developer
             aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:user/k8s-dev --kubernetes-groups developer",
        );
        let role = sections(&session, Kind::ClusterRoles, "", "pod-viewer");
        let holders = role.last().unwrap();
        assert_eq!(holders.title, "Who has it");
        let line = &holders.items[0].lines[0];
        assert_eq!((line.text.as_str(), line.people[0].name.as_str()), ("group developer", "k8s-dev"));
        assert_eq!(line.people[0].route, Some(Route::Entry("arn:aws:iam::111122223333:user/k8s-dev".to_owned())));
        let binding = sections(&session, Kind::ClusterRoleBindings, "", "pod-viewer");
        assert!(binding.iter().any(|section| section.items.iter().any(|item| item.text == "Get and list pods.")));
    }

    #[test]
    fn nobody_and_nothing_are_said() {
        let session = after(
            "kubectl create namespace dev
             kubectl create serviceaccount robot -n dev
             kubectl create rolebinding r --clusterrole=view --serviceaccount=dev:gone -n dev
             kubectl create role lonely --verb=get --resource=pods -n dev",
        );
        let lonely = sections(&session, Kind::Roles, "dev", "lonely");
        assert!(lonely.iter().any(|section| section.title == "Who has it" && section.items.is_empty()));
        let binding = sections(&session, Kind::RoleBindings, "dev", "r");
        let reached = binding.last().unwrap();
        assert_eq!(reached.items[0].lines[0].note, "no such service account exists");
        let robot = sections(&session, Kind::ServiceAccounts, "dev", "robot");
        assert!(robot[0].items[0].text.contains("system:serviceaccount:dev:robot"));
        let namespace = sections(&session, Kind::Namespaces, "", "dev");
        assert_eq!(namespace[1].items.len(), 1);
        assert!(!namespace[3].items.is_empty(), "cluster-wide policies cover it");
        let by_cluster = |session: &Session| {
            let of = sections(session, Kind::Namespaces, "", "dev").remove(2);
            of.items.into_iter().map(|item| item.name.unwrap().0).collect::<Vec<_>>()
        };
        let stock = by_cluster(&session);
        assert_eq!(stock.len(), 1, "{stock:?}");
        let bound = after(
            "kubectl create namespace dev
             kubectl create clusterrolebinding everywhere --clusterrole=view --group=team",
        );
        assert_eq!(by_cluster(&bound), ["everywhere".to_owned(), stock[0].clone()]);
    }
}
