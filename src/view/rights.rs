//! Everything that an identity may do in a place, and which of it `kubectl auth can-i --list` leaves out.
//!
//! The list asks RBAC alone: the authorizers of EKS and of nodes cannot name their rules (rbac 9).

use std::collections::BTreeMap;

use super::details::scope_text;
use super::objects::Kind;
use super::route::Route;
use super::text::last_name;
use super::who::{Asker, Who};
use crate::engine::answers::rights::{self, On, Source};
use crate::engine::answers::{Gate, Principal};
use crate::engine::authz::{self, Identity};
use crate::engine::world::Cluster;
use crate::session::Snapshot;

/// What an identity may do in a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// True for members of `system:masters`, who may do everything.
    pub super_user: bool,
    /// The rights, those first that the list leaves out.
    pub rows: Vec<Row>,
    /// Names of the policies that count here and whose rules are not public.
    pub not_evaluated: Vec<String>,
}

/// Verbs on one resource or URL that come from the same places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The resource or URL: `deployments.apps`, `secrets named token`.
    pub on: String,
    /// The verbs.
    pub verbs: String,
    /// Where the right comes from: what it is called, and its page.
    pub sources: Vec<(String, Option<Route>)>,
    /// Whether `kubectl auth can-i --list` leaves it out.
    pub is_hidden: bool,
}

impl Rights {
    /// Number of rows that `kubectl auth can-i --list` leaves out.
    pub fn hidden(&self) -> usize {
        self.rows.iter().filter(|row| row.is_hidden).count()
    }
}

/// The rights of `who` in a namespace (empty: cluster-wide); `None` if the API server does not know the caller.
pub fn of(now: &Snapshot, cluster: &Cluster, who: &Who, namespace: &str) -> Option<Rights> {
    let identity = match who.asker(now) {
        Asker::Caller(acting) => Gate::of(&now.world, cluster).identity(&Principal::Caller(acting.caller))?,
        Asker::Stated(user) => Identity { user, holder: None },
    };
    let found = rights::rights(cluster, &identity, Some(namespace));
    let source = |index: &usize| found.sources.get(*index).map(|source| source_text(cluster, &identity, source));
    let mut rows = Vec::new();
    for row in &found.rows {
        let mut by_sources: BTreeMap<&[usize], Vec<&str>> = BTreeMap::new();
        for verb in &row.verbs {
            by_sources.entry(&verb.sources).or_default().push(&verb.verb);
        }
        for (sources, verbs) in by_sources {
            let is_rbac = |index: &usize| matches!(found.sources.get(*index), Some(Source::Binding { .. }));
            rows.push(Row {
                on: on_text(&row.on),
                verbs: verbs.join(", "),
                sources: sources.iter().filter_map(source).collect(),
                is_hidden: !sources.iter().any(is_rbac),
            });
        }
    }
    rows.sort_by_key(|row| !row.is_hidden);
    let not_evaluated = found.not_evaluated.iter().map(|arn| last_name(arn).to_owned()).collect();
    Some(Rights { super_user: found.super_user, rows, not_evaluated })
}

fn on_text(on: &On) -> String {
    match on {
        On::Url(path) => path.clone(),
        On::Resource { group, resource, names } => {
            let (kind, subresource) = resource.split_once('/').unwrap_or((resource, ""));
            let mut text = kind.to_owned();
            for (mark, part) in [(".", group.as_str()), ("/", subresource)] {
                if !part.is_empty() {
                    text.push_str(mark);
                    text.push_str(part);
                }
            }
            if names.is_empty() { text } else { format!("{text} named {}", names.join(", ")) }
        }
    }
}

fn source_text(cluster: &Cluster, identity: &Identity, source: &Source) -> (String, Option<Route>) {
    match source {
        Source::Node => ("node authorizer".to_owned(), None),
        Source::Policy { policy_arn, cluster_wide } => {
            let name = last_name(policy_arn);
            let entry = authz::entry(cluster, identity);
            let association = entry
                .into_iter()
                .flat_map(|entry| &entry.policies)
                .find(|policy| policy.policy_arn == *policy_arn && (policy.scope.kind == "cluster") == *cluster_wide);
            let scope = association.map(|found| format!(", {}", scope_text(&found.scope))).unwrap_or_default();
            (format!("access policy {name}{scope}"), Some(Route::Policy(name.to_owned(), None)))
        }
        Source::Binding { namespace, name, role } => {
            let (kind, place, home) = match namespace {
                None => (Kind::ClusterRoleBindings, String::new(), String::new()),
                Some(namespace) => (Kind::RoleBindings, format!("{namespace}/"), namespace.clone()),
            };
            let text = format!("{} {} by {place}{name}", role.kind, role.name);
            (text, Some(Route::Object(kind, home, name.clone())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Session, scenario};
    use crate::shell::terminal;

    #[test]
    fn what_the_list_leaves_out_comes_first() {
        let dev = "arn:aws:iam::111122223333:user/k8s-dev";
        let mut session = Session::new(scenario::walkthrough());
        let line = |command: &str| format!("aws eks {command} --cluster-name eks-demo-cluster --principal-arn {dev}");
        let script = format!(
            "{}\n{} --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy --access-scope type=namespace,namespaces=default",
            line("create-access-entry --kubernetes-groups ops"),
            line("associate-access-policy"),
        );
        terminal::run(&mut session, &script);
        terminal::run(&mut session, "kubectl create clusterrolebinding ops --clusterrole=view --group=ops");
        let cluster = session.world().clusters.first().unwrap();
        let who = Who::Principal(dev.to_owned());
        let rights = |who: &Who, namespace: &str| of(session.now(), cluster, who, namespace).unwrap();
        let here = rights(&who, "default");
        // The policy names more resources than the cluster role of that name, and fewer verbs on none.
        assert!(here.rows.iter().any(|row| row.on == "pods" && row.sources.len() == 2 && !row.is_hidden), "{here:?}");
        assert!(here.rows.iter().take(here.hidden()).all(|row| row.is_hidden));
        assert_eq!(rights(&who, "kube-system").hidden(), 0);
        assert!(of(session.now(), cluster, &Who::Principal(dev.replace("k8s-dev", "nobody")), "").is_none());
        let creator = Who::Principal(dev.replace("k8s-dev", "cluster-creator"));
        let all = rights(&creator, "");
        let first = &all.rows[0];
        assert_eq!((first.on.as_str(), first.verbs.as_str(), first.is_hidden), ("*.*", "*", true));
        assert_eq!(first.sources[0].0, "access policy AmazonEKSClusterAdminPolicy, scope cluster");
        assert!(rights(&Who::Group("system:masters".to_owned()), "").super_user);
    }
}
