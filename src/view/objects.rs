//! The Kubernetes page: lists of roles, bindings, namespaces and service accounts, and single objects as YAML.

use serde_json::Value;

use super::details::rule_text;
use super::listing::{self, List};
use super::text::count;
use crate::engine::request::GroupResource;
use crate::engine::world::Cluster;
use crate::engine::{KubeRequest, Request};
use crate::formats::time::Timestamp;
use crate::formats::yaml::emit;
use crate::k8s::discovery::Resource;
use crate::k8s::rbac::{API_GROUP, PolicyRule};

/// A kind that the page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the kinds")]
pub enum Kind {
    ClusterRoles,
    ClusterRoleBindings,
    Roles,
    RoleBindings,
    Namespaces,
    ServiceAccounts,
    ConfigMaps,
}

impl Kind {
    /// All kinds, in the order of the page's tabs.
    pub const ALL: [Kind; 7] = [
        Self::ClusterRoleBindings,
        Self::RoleBindings,
        Self::ClusterRoles,
        Self::Roles,
        Self::Namespaces,
        Self::ServiceAccounts,
        Self::ConfigMaps,
    ];

    /// The plural, as in an API path.
    pub fn plural(self) -> &'static str {
        match self {
            Self::ClusterRoles => "clusterroles",
            Self::ClusterRoleBindings => "clusterrolebindings",
            Self::Roles => "roles",
            Self::RoleBindings => "rolebindings",
            Self::Namespaces => "namespaces",
            Self::ServiceAccounts => "serviceaccounts",
            Self::ConfigMaps => "configmaps",
        }
    }

    /// The kind with this plural.
    pub fn parse(plural: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.plural() == plural)
    }

    /// The label of a tab.
    pub fn label(self) -> &'static str {
        match self {
            Self::ClusterRoles => "Cluster roles",
            Self::ClusterRoleBindings => "Cluster role bindings",
            Self::Roles => "Roles",
            Self::RoleBindings => "Role bindings",
            Self::Namespaces => "Namespaces",
            Self::ServiceAccounts => "Service accounts",
            Self::ConfigMaps => "Config maps",
        }
    }

    /// One of them, in words.
    pub fn singular(self) -> &'static str {
        match self {
            Self::ClusterRoles => "cluster role",
            Self::ClusterRoleBindings => "cluster role binding",
            Self::Roles => "role",
            Self::RoleBindings => "role binding",
            Self::Namespaces => "namespace",
            Self::ServiceAccounts => "service account",
            Self::ConfigMaps => "config map",
        }
    }

    /// Whether objects of the kind live in namespaces.
    pub fn is_namespaced(self) -> bool {
        matches!(self, Self::Roles | Self::RoleBindings | Self::ServiceAccounts | Self::ConfigMaps)
    }

    /// What such objects are for.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::ClusterRoles => {
                "A cluster role is a list of rules. It grants nothing until a binding gives it to somebody."
            }
            Self::ClusterRoleBindings => {
                "A cluster role binding gives a cluster role to users and groups, in every namespace."
            }
            Self::Roles => "A role is a list of rules for its own namespace.",
            Self::RoleBindings => {
                "A role binding gives a role or a cluster role to users and groups, in its own namespace."
            }
            Self::Namespaces => "A namespace holds objects; rights can be limited to it.",
            Self::ServiceAccounts => "A service account is who pods are for the API server.",
            Self::ConfigMaps => "A config map holds texts. Who may write kube-system/aws-auth decides who gets in.",
        }
    }

    /// A command that makes one, ready to be changed.
    pub fn example(self) -> &'static str {
        match self {
            Self::ClusterRoles => {
                "kubectl create clusterrole pod-viewer --verb=get,list,watch --resource=pods,pods/log"
            }
            Self::ClusterRoleBindings => {
                "kubectl create clusterrolebinding pod-viewer --clusterrole=pod-viewer --group=developer"
            }
            Self::Roles => "kubectl create role config-reader --verb=get,list --resource=configmaps -n default",
            Self::RoleBindings => "kubectl create rolebinding edit-web --clusterrole=edit --group=developer -n default",
            Self::Namespaces => "kubectl create namespace team-a",
            Self::ServiceAccounts => "kubectl create serviceaccount robot -n default",
            Self::ConfigMaps => "kubectl create configmap settings --from-literal=colour=blue -n default",
        }
    }

    fn group(self) -> &'static str {
        match self {
            Self::Namespaces | Self::ServiceAccounts | Self::ConfigMaps => "",
            _ => API_GROUP,
        }
    }

    /// The kind as the cluster serves it.
    pub fn resource(self, cluster: &Cluster) -> Option<Resource> {
        cluster.objects.resource(self.group(), self.plural())
    }

    /// Namespaces and names of the objects that there are.
    pub fn names(self, cluster: &Cluster) -> Vec<(&str, &str)> {
        self.resource(cluster).map(|resource| cluster.objects.names(&resource, None)).unwrap_or_default()
    }

    /// The call that deletes an object.
    pub fn delete(self, cluster: &str, namespace: &str, name: &str) -> Request {
        Request::Kube {
            cluster: cluster.to_owned(),
            request: KubeRequest::Delete {
                resource: GroupResource::new(self.group(), self.plural()),
                namespace: Some(namespace.to_owned()).filter(|namespace| !namespace.is_empty()),
                name: name.to_owned(),
                orphan: false,
                dry_run: false,
            },
        }
    }
}

/// A row of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Namespace; empty for cluster-scoped kinds.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// What it holds, in a few words.
    pub summary: String,
    /// Age, as kubectl prints it.
    pub age: String,
    /// Whether it came with the cluster.
    pub is_stock: bool,
}

/// All objects of a kind.
pub fn rows(cluster: &Cluster, kind: Kind, now: Timestamp) -> Vec<Row> {
    let Some(resource) = kind.resource(cluster) else { return Vec::new() };
    cluster.objects.list(&resource, None).iter().map(|object| row(kind, object, now)).collect()
}

/// The rows that hold `text` and, unless `with_stock`, did not come with the cluster.
pub fn filtered(rows: &[Row], text: &str, with_stock: bool) -> Vec<Row> {
    let text = text.trim().to_lowercase();
    let holds = |row: &&Row| {
        (with_stock || !row.is_stock)
            && [&row.name, &row.namespace, &row.summary].iter().any(|cell| cell.to_lowercase().contains(&text))
    };
    rows.iter().filter(holds).cloned().collect()
}

/// A column to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns")]
pub enum Column {
    Namespace,
    #[default]
    Name,
    Content,
}

impl Column {
    /// The columns of a kind that sort, with their labels.
    pub fn of(kind: Kind) -> &'static [(Self, &'static str)] {
        const ALL: &[(Column, &str)] =
            &[(Column::Namespace, "Namespace"), (Column::Name, "Name"), (Column::Content, "Content")];
        if kind.is_namespaced() { ALL } else { ALL.get(1..).unwrap_or_default() }
    }
}

/// What the person wants to see: nothing but the text filters.
pub type Query = listing::Query<(), Column>;

/// The page of the list that is wanted.
pub fn list(rows: &[Row], query: &Query, with_stock: bool) -> List<Row> {
    let mut found = filtered(rows, &query.text, with_stock);
    match query.column {
        Column::Namespace => found.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name))),
        Column::Name => found.sort_by(|a, b| (&a.name, &a.namespace).cmp(&(&b.name, &b.namespace))),
        Column::Content => found.sort_by(|a, b| (&a.summary, &a.name).cmp(&(&b.summary, &b.name))),
    }
    query.cut(found, rows.len())
}

fn row(kind: Kind, object: &Value, now: Timestamp) -> Row {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = text("/metadata/name");
    let namespace = text("/metadata/namespace");
    let created = Timestamp::parse(&text("/metadata/creationTimestamp")).map(|at| at.age(now)).unwrap_or_default();
    let stock_label = object.pointer("/metadata/labels/kubernetes.io~1bootstrapping").is_some();
    let stock_place = match kind {
        Kind::Namespaces => matches!(name.as_str(), "default" | "kube-system" | "kube-public" | "kube-node-lease"),
        Kind::ServiceAccounts => name == "default" || namespace.starts_with("kube-"),
        Kind::ConfigMaps => name == "kube-root-ca.crt" || namespace.starts_with("kube-") && name != "aws-auth",
        _ => false,
    };
    let summary = match kind {
        Kind::ClusterRoles | Kind::Roles => rules_summary(object),
        Kind::ClusterRoleBindings | Kind::RoleBindings => {
            let subjects = object.get("subjects").and_then(Value::as_array).into_iter().flatten();
            let part = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let subjects: Vec<String> = subjects.map(|s| format!("{} {}", part(s, "kind"), part(s, "name"))).collect();
            format!(
                "{} {} → {}",
                text("/roleRef/kind"),
                text("/roleRef/name"),
                super::text::and_list(&subjects, "nobody")
            )
        }
        Kind::Namespaces => text("/status/phase"),
        Kind::ServiceAccounts => String::new(),
        Kind::ConfigMaps => {
            let keys: Vec<String> = object
                .get("data")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .map(|(key, _)| key.clone())
                .collect();
            super::text::and_list(&keys, "no data")
        }
    };
    Row { namespace, name, summary, age: created, is_stock: stock_label || stock_place }
}

fn rules_summary(object: &Value) -> String {
    let rules: Vec<PolicyRule> =
        object.get("rules").and_then(|rules| serde_json::from_value(rules.clone()).ok()).unwrap_or_default();
    match rules.as_slice() {
        [] => "no rules".to_owned(),
        [rule] => rule_text(rule),
        [rule, rest @ ..] => format!("{} and {}", rule_text(rule), count(rest.len(), "more rule", "more rules")),
    }
}

/// The call that puts `object` in the place of the object of this name.
pub fn update(kind: Kind, cluster: &Cluster, namespace: &str, name: &str, object: &Value) -> Request {
    Request::Kube {
        cluster: cluster.name.clone(),
        request: KubeRequest::Update {
            resource: GroupResource::new(kind.group(), kind.plural()),
            namespace: Some(namespace.to_owned()).filter(|namespace| !namespace.is_empty()),
            name: name.to_owned(),
            object: object.clone(),
            dry_run: false,
            strict: true,
        },
    }
}

/// The call that makes `object`, in the namespace that it names or in `default`.
pub fn create(kind: Kind, cluster: &Cluster, object: &Value) -> Request {
    let own = object.pointer("/metadata/namespace").and_then(Value::as_str);
    Request::Kube {
        cluster: cluster.name.clone(),
        request: KubeRequest::Create {
            resource: GroupResource::new(kind.group(), kind.plural()),
            namespace: kind.is_namespaced().then(|| own.unwrap_or("default").to_owned()),
            object: object.clone(),
            dry_run: false,
            strict: true,
        },
    }
}

/// Kind, namespace and name of the object that a resource's plural, group and an object of it name, if the page
/// shows its kind.
pub fn page_of(group: &str, plural: &str, namespace: &str, name: &str) -> Option<super::route::Route> {
    let kind = Kind::parse(plural).filter(|kind| kind.group() == group)?;
    let namespace = if kind.is_namespaced() { namespace } else { "" };
    Some(super::route::Route::Object(kind, namespace.to_owned(), name.to_owned()))
}

/// An object as YAML; `None` if it is not there.
pub fn yaml(cluster: &Cluster, kind: Kind, namespace: &str, name: &str) -> Option<String> {
    let object = cluster.objects.get(&kind.resource(cluster)?, namespace, name)?;
    Some(emit::emit(&object))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::scenario;

    #[test]
    fn lists_hide_what_came_with_the_cluster() {
        let now = scenario::walkthrough();
        let cluster = now.world.clusters.first().unwrap();
        let all = rows(cluster, Kind::ClusterRoles, now.world.clock);
        assert!(all.len() > 50);
        assert!(filtered(&all, "", false).is_empty());
        assert!(filtered(&all, "cluster-admin", true).iter().any(|row| row.summary.contains("* on *")));
        let yaml = yaml(cluster, Kind::ClusterRoles, "", "view").unwrap();
        assert!(yaml.starts_with("aggregationRule:"), "{yaml}");
        assert!(super::yaml(cluster, Kind::Roles, "default", "none").is_none());
    }

    #[test]
    fn lists_are_sorted_and_cut() {
        let now = scenario::walkthrough();
        let all = rows(now.world.clusters.first().unwrap(), Kind::ClusterRoles, now.world.clock);
        let first = list(&all, &Query::default(), true);
        assert_eq!((first.rows.len(), first.total, first.matching), (listing::PAGE, all.len(), all.len()));
        let back = list(&all, &Query::default().sorted_by(Column::Name), true);
        assert_eq!(back.rows.first().unwrap().name, "view");
        assert_eq!(Column::of(Kind::ClusterRoles).len() + 1, Column::of(Kind::Roles).len());
    }
}
