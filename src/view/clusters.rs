//! Clusters: the list, the form for a new one (eks 2, 18.6), and the history of a cluster's updates (eks 3.2, 18.2).

use serde_json::json;

use crate::aws::eks::{AuthenticationMode, CreateAccessConfig, CreateClusterRequest, OFFERED_VERSIONS};
use crate::engine::world::{Cluster, World};
use crate::engine::{AwsRequest, Request};
use crate::k8s::releases;
use crate::shell::render;
use crate::shell::render::quote;

/// A cluster in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Its mode.
    pub mode: AuthenticationMode,
    /// `ACTIVE` or `UPDATING`.
    pub status: &'static str,
    /// The version of Kubernetes.
    pub version: String,
    /// How many access entries it has; none while its mode knows none.
    pub entries: Option<usize>,
    /// Whether the page shows it.
    pub is_shown: bool,
}

/// All clusters, in order of creation. `shown` is the one that the page shows.
pub fn rows(world: &World, shown: Option<&str>) -> Vec<Row> {
    let row = |cluster: &std::rc::Rc<Cluster>| Row {
        name: cluster.name.clone(),
        mode: cluster.mode,
        status: cluster.status(),
        version: cluster.version.clone(),
        entries: cluster.mode.uses_entries().then_some(cluster.entries.len()),
        is_shown: shown == Some(cluster.name.as_str()),
    };
    world.clusters.iter().map(row).collect()
}

/// The command after which kubectl, and so the page, shows a cluster.
pub fn show_line(cluster: &str) -> String {
    format!("aws eks update-kubeconfig --name {}", quote(cluster))
}

/// A change of the cluster, as the console's update history shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateRow {
    /// What it changes.
    pub what: String,
    /// How it stands.
    pub status: &'static str,
    /// When it began.
    pub at: String,
}

/// The updates of a cluster, the latest first.
pub fn updates(cluster: &Cluster) -> Vec<UpdateRow> {
    let row = |update: &crate::engine::world::ConfigUpdate| UpdateRow {
        what: update.what(),
        status: if update.done { "Successful" } else { "Updating" },
        at: update.created_at.kubernetes_text(),
    };
    cluster.updates.iter().rev().map(row).collect()
}

/// The form for a new cluster, as the console fills it in at first (eks 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterForm {
    /// The name.
    pub name: String,
    /// Whether its creator becomes an administrator.
    pub bootstraps: bool,
    /// The mode.
    pub mode: AuthenticationMode,
    /// The version of Kubernetes.
    pub version: &'static str,
}

impl Default for ClusterForm {
    fn default() -> Self {
        let default = format!("1.{}", releases::DEFAULT);
        let version = OFFERED_VERSIONS.into_iter().find(|version| *version == default).unwrap_or_default();
        Self { name: String::new(), bootstraps: true, mode: AuthenticationMode::ApiAndConfigMap, version }
    }
}

impl ClusterForm {
    /// The call that makes it.
    pub fn request(&self, world: &World) -> Request {
        let role = world.clusters.first().map(|cluster| cluster.role_arn.clone());
        let role =
            role.unwrap_or_else(|| format!("arn:{}:iam::{}:role/eks-cluster-role", world.partition, world.account));
        Request::Aws(AwsRequest::CreateCluster(Box::new(CreateClusterRequest {
            name: self.name.trim().to_owned(),
            version: Some(self.version.to_owned()),
            role_arn: role,
            // Networks are not simulated: the subnets of the starting world.
            resources_vpc_config: json!({ "subnetIds": ["subnet-0aaa0000000000001", "subnet-0aaa0000000000002"] }),
            logging: None,
            client_request_token: None,
            tags: None,
            access_config: Some(CreateAccessConfig {
                bootstrap_cluster_creator_admin_permissions: Some(self.bootstraps),
                authentication_mode: Some(self.mode.name().to_owned()),
            }),
            ..CreateClusterRequest::default()
        })))
    }

    /// The command line that makes it and shows it.
    pub fn line(&self, world: &World) -> String {
        format!("{} && {}", render::command(&self.request(world)), show_line(self.name.trim()))
    }

    /// What the chosen access means for whoever creates the cluster (eks 2.2 to 2.5).
    pub fn meaning(&self) -> &'static str {
        match (self.mode, self.bootstraps) {
            (AuthenticationMode::ConfigMap, true) => {
                "The creator is an administrator by configuration that no API shows. Everybody else gets in by aws-auth."
            }
            (AuthenticationMode::ConfigMap, false) => {
                "The service refuses this: without access entries, only the creator could let anybody in."
            }
            (_, true) => {
                "The creator gets an access entry with AmazonEKSClusterAdminPolicy. It can be changed and deleted as any other."
            }
            (_, false) => "Nobody can log in until somebody with IAM permission creates an access entry.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Session, scenario};
    use crate::shell::terminal;

    fn after(form: &ClusterForm) -> Session {
        let mut session = Session::new(scenario::walkthrough());
        let line = form.line(session.world());
        terminal::run(&mut session, &line);
        session
    }

    #[test]
    fn the_line_makes_a_cluster_and_shows_it() {
        let form = ClusterForm { name: " second ".to_owned(), ..ClusterForm::default() };
        let session = after(&form);
        let rows = rows(session.world(), crate::view::acting::kubectl(session.now()).cluster.as_deref());
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[1].name.as_str(), rows[1].entries, rows[1].is_shown), ("second", Some(1), true));
        assert_eq!(rows[1].mode, AuthenticationMode::ApiAndConfigMap);
    }

    #[test]
    fn without_bootstrap_there_is_no_entry_and_config_map_is_refused() {
        let form = ClusterForm { name: "second".to_owned(), bootstraps: false, ..ClusterForm::default() };
        assert_eq!(rows(after(&form).world(), None)[1].entries, Some(0));
        let form = ClusterForm { mode: AuthenticationMode::ConfigMap, ..form };
        assert_eq!(rows(after(&form).world(), None).len(), 1);
    }

    #[test]
    fn updates_are_listed_latest_first() {
        let mut session = Session::new(scenario::walkthrough());
        assert_eq!(updates(&session.world().clusters[0]), []);
        terminal::run(
            &mut session,
            "aws eks update-cluster-config --name eks-demo-cluster --access-config authenticationMode=API",
        );
        let found = updates(&session.world().clusters[0]);
        assert_eq!((found[0].what.as_str(), found[0].status), ("Access config update: EKS API", "Successful"));
    }
}
