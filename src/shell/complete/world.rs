//! What exists: the lists of names that completion offers.

use std::collections::BTreeMap;

use super::Offers;
use crate::engine::world::uuid;
use crate::engine::{Cluster, World};
use crate::k8s::discovery::Resource;
use crate::session::{Session, Workstation};
use crate::shell::context::Context;
use crate::shell::io::Input;
use crate::shell::kubeconfig::{Kubeconfig, Overrides};
use crate::shell::profiles::Configuration;

/// The regions that have EKS.
const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// What completion looks at.
pub(super) struct Scene<'a> {
    session: &'a Session,
    /// AWS and the clusters.
    pub world: &'a World,
    /// Files and variables.
    pub desk: &'a Workstation,
    env: BTreeMap<String, String>,
}

impl<'a> Scene<'a> {
    /// The present state of a session.
    pub fn new(session: &'a Session) -> Self {
        let desk = session.workstation();
        Self { session, world: session.world(), desk, env: desk.environment() }
    }

    /// The cluster of this name; without one, all of them.
    pub fn clusters_named(&self, name: Option<&str>) -> Vec<&'a Cluster> {
        let clusters = self.world.clusters.iter().map(AsRef::as_ref);
        clusters.filter(|cluster: &&Cluster| name.is_none_or(|name| cluster.name == name)).collect()
    }

    /// Names of the clusters.
    pub fn clusters(&self, offers: &mut Offers) {
        for cluster in &self.world.clusters {
            offers.add(&cluster.name, cluster.mode.name());
        }
    }

    /// ARNs of the users and roles.
    pub fn principals(&self, users: bool, roles: bool, offers: &mut Offers) {
        let World { partition, account, .. } = self.world;
        for user in self.world.users.iter().filter(|_| users) {
            offers.add(&user.arn(partition, account), "user");
        }
        for role in self.world.roles.iter().filter(|_| roles) {
            offers.add(&role.arn(partition, account), "role");
        }
    }

    /// ARNs of the access policies.
    pub fn policies(&self, offers: &mut Offers) {
        for policy in self.world.policies() {
            offers.add(&policy.arn(&self.world.partition), "");
        }
    }

    /// ARNs of clusters and access entries: what can be tagged.
    pub fn resources(&self, offers: &mut Offers) {
        for cluster in &self.world.clusters {
            offers.add(&cluster.arn(self.world), "cluster");
            for entry in cluster.entries.values() {
                offers.add(&entry.arn(self.world, &cluster.name), "access entry");
            }
            for group in cluster.nodegroups.values() {
                offers.add(&group.arn(self.world), "node group");
            }
            for profile in cluster.fargate_profiles.values() {
                offers.add(&profile.arn(self.world), "Fargate profile");
            }
        }
    }

    /// Ids of the updates of a cluster.
    pub fn updates(&self, cluster: Option<&str>, offers: &mut Offers) {
        for update in self.clusters_named(cluster).iter().flat_map(|cluster| &cluster.updates) {
            offers.add(&uuid(update.serial), &update.what());
        }
    }

    /// Groups that bindings, access entries and aws-auth name; the stock ones only if `system:` was typed.
    pub fn groups(&self, clusters: &[&Cluster], offers: &mut Offers) {
        let stock = offers.partial.starts_with("system:");
        for cluster in clusters {
            for (_, binding) in cluster.objects.rbac().bindings() {
                for subject in binding.subjects.iter().filter(|subject| subject.kind == "Group") {
                    if stock || !subject.name.starts_with("system:") {
                        offers.add(&subject.name, "in a binding");
                    }
                }
            }
            for entry in cluster.entries.values() {
                for group in entry.groups.iter().filter(|group| stock || !group.starts_with("system:")) {
                    offers.add(group, "of an access entry");
                }
            }
            if stock {
                offers.add_all(["system:masters", "system:authenticated", "system:unauthenticated"]);
            }
        }
    }

    /// User names that bindings, access entries and aws-auth give; the stock ones only if `system:` was typed.
    pub fn users(&self, cluster: &Cluster, offers: &mut Offers) {
        let stock = offers.partial.starts_with("system:");
        for (_, binding) in cluster.objects.rbac().bindings() {
            for subject in binding.subjects.iter().filter(|subject| subject.kind == "User") {
                if stock || !subject.name.starts_with("system:") {
                    offers.add(&subject.name, "in a binding");
                }
            }
        }
        let fixed = |name: &&String| !name.contains("{{");
        for entry in cluster.entries.values() {
            if let Some(name) = Some(&entry.username).filter(fixed) {
                offers.add(name, "of an access entry");
            }
        }
        let (namespace, name) = crate::engine::authn::AWS_AUTH;
        let parsed = cluster.objects.config_map(namespace, name).map(|data| crate::aws::aws_auth::parse(&data));
        for mapping in parsed.iter().flat_map(|parsed| parsed.users.iter().chain(&parsed.roles)) {
            if let Some(name) = Some(&mapping.username).filter(fixed) {
                offers.add(name, "in aws-auth");
            }
        }
    }

    /// Names of the objects of a kind, in one namespace or in all, without those that are `taken`.
    pub fn objects(
        &self,
        cluster: &Cluster,
        kind: &Resource,
        namespace: Option<&str>,
        taken: &[&str],
        offers: &mut Offers,
    ) {
        for (_, name) in cluster.objects.names(kind, namespace) {
            if !taken.contains(&name) {
                offers.add(name, "");
            }
        }
    }

    /// `NAMESPACE:NAME` of the service accounts, with something before them.
    pub fn service_accounts(&self, cluster: &Cluster, before: &str, offers: &mut Offers) {
        let Some(kind) = cluster.objects.resource("", "serviceaccounts") else { return };
        for (namespace, name) in cluster.objects.names(&kind, None) {
            offers.add(&format!("{before}{namespace}:{name}"), "service account");
        }
    }

    /// Profiles of the AWS configuration.
    pub fn profiles(&self, offers: &mut Offers) {
        for (name, _) in Configuration::load(self.desk, &self.env).profiles {
            offers.add(&name, "");
        }
    }

    /// Regions, that of the world among them.
    pub fn regions(&self, offers: &mut Offers) {
        offers.add(&self.world.region, "where the clusters are");
        offers.add_all(REGIONS.iter().copied());
    }

    /// Names in a section of the kubeconfig.
    pub fn kubeconfig(&self, explicit: Option<&str>, section: &str, offers: &mut Offers) {
        self.with_kubeconfig(explicit, |config, _| {
            let current = config.current_context();
            for name in config.entries(section).into_keys() {
                offers.add(name, if section == "contexts" && name == current { "current" } else { "" });
            }
        });
    }

    /// The cluster that kubectl would call, and its namespace. If the kubeconfig leads nowhere, the first cluster.
    pub fn target(&self, overrides: &Overrides) -> (Option<&'a Cluster>, String) {
        let mut cluster = None;
        let mut namespace = "default".to_owned();
        self.with_kubeconfig(overrides.kubeconfig.as_deref(), |config, ctx| {
            cluster = config.connect(overrides, ctx).ok().and_then(|connection| connection.cluster);
            if let Ok(found) = config.namespace(overrides) {
                namespace = found;
            }
        });
        let found = cluster.and_then(|name| self.world.cluster(&name));
        let first = || self.world.clusters.first().map(AsRef::as_ref);
        (found.or_else(first), overrides.namespace.clone().unwrap_or(namespace))
    }

    fn with_kubeconfig(&self, explicit: Option<&str>, use_it: impl FnOnce(&Kubeconfig, &Context<'_>)) {
        // Reading a kubeconfig needs a session of its own; a snapshot is two shared pointers.
        let mut session = Session::new(self.session.now().clone());
        let ctx = Context { session: &mut session, env: &self.env, stdin: &Input::default() };
        if let Ok(config) = Kubeconfig::load(&ctx, explicit) {
            use_it(&config, &ctx);
        }
    }

    /// Files, and directories with a slash.
    pub fn files(&self, directories_only: bool, offers: &mut Offers) {
        let directory = offers.partial.rsplit_once('/').map(|(directory, _)| format!("{directory}/"));
        let directory = self.desk.expand_home(directory.as_deref().unwrap_or("."));
        offers.keep_to_last(&['/']);
        let hidden = offers.partial.starts_with('.');
        for (name, is_directory) in self.desk.list(&directory).unwrap_or_default() {
            match is_directory {
                _ if !hidden && name.starts_with('.') => {}
                true => offers.add_open(&format!("{name}/"), ""),
                false if !directories_only => offers.add(&name, ""),
                false => {}
            }
        }
    }
}
