//! The whole simulated state as one value: AWS identities, clusters, the clock.
//!
//! Invariants: a world changes only through [`World::call`] (and [`World::advance`], by which time passes);
//! a refused call leaves it as it was; equal worlds given equal calls stay equal.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::eks::{FargateProfile, Former, Integrations, Nodegroup};
use super::request::{ApiError, AwsRequest, Caller, Credential, KubeRequest, Request, Response};
use super::{control_plane, eks, iam, kube, limits};
use crate::aws::access_policy;
use crate::aws::eks::{AccessScope, AuthenticationMode, CreateAccessEntryRequest, EntryType};
use crate::aws::exception::Exception;
use crate::aws::iam::{IamRole, IamUser, OidcProvider};
use crate::aws::sts::Caller as CallerIdentity;
use crate::aws::tags::Tags;
use crate::formats::time::Timestamp;
use crate::k8s::attributes::UserInfo;
use crate::k8s::releases;
use crate::k8s::store::ObjectStore;

/// Everything that is simulated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct World {
    /// The simulated time.
    pub clock: Timestamp,
    /// AWS partition of the account.
    #[serde(default = "aws_partition", skip_serializing_if = "is_aws_partition")]
    pub partition: String,
    /// The account that owns the clusters; 12 digits.
    pub account: String,
    /// The region of the clusters.
    pub region: String,
    /// Id of the root user's access key; most accounts have none, and their root user signs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_access_key: Option<String>,
    /// IAM users of the account, in order of creation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<Rc<IamUser>>,
    /// IAM roles of the account, in order of creation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Rc<IamRole>>,
    /// IAM OpenID Connect providers by URL, without `https://`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub oidc_providers: BTreeMap<String, Rc<OidcProvider>>,
    /// Clusters, in order of creation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clusters: Vec<Rc<Cluster>>,
    /// Names of the access policies that the service lists, if not the whole catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_policies: Option<Vec<String>>,
    /// How long an update of a cluster's configuration runs, in milliseconds.
    /// 0: it is done before the next call (eks 3.1, a choice; minutes in reality).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub update_millis: i64,
    /// How long the API servers decide by the former state of an access entry that was changed, in milliseconds.
    /// 0: not at all (eks 14.1, a choice; several seconds in reality).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub propagation_millis: i64,
    /// Counts everything that gets an id.
    #[serde(default, skip_serializing_if = "is_zero_count")]
    pub serial: u64,
}

/// A cluster: its access configuration and its Kubernetes objects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// The name.
    pub name: String,
    /// Kubernetes version, as EKS states it (`1.33`).
    pub version: String,
    /// Platform version, such as `eks.1`.
    pub platform_version: String,
    /// When the cluster was made.
    pub created_at: Timestamp,
    /// The cluster's IAM role.
    pub role_arn: String,
    /// Tags of the cluster.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Subnets, security groups and endpoints; only shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<serde_json::Value>,
    /// Further configuration by the member's name in the API (`logging`, `computeConfig`); only shown.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// The mode in effect.
    pub mode: AuthenticationMode,
    /// The principal whose admin rights no API shows while the mode is `CONFIG_MAP` (eks 2.5, 2.6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<Creator>,
    /// Access entries by principal ARN.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub entries: BTreeMap<String, Rc<Entry>>,
    /// What the API server still takes for the state of access entries that were changed, by principal ARN (eks 14.1).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub former: BTreeMap<String, Former>,
    /// Managed node groups by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub nodegroups: BTreeMap<String, Rc<Nodegroup>>,
    /// Fargate profiles by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fargate_profiles: BTreeMap<String, Rc<FargateProfile>>,
    /// Add-ons and associations, which let no one in.
    #[serde(default, skip_serializing_if = "Integrations::is_empty")]
    pub integrations: Integrations,
    /// Updates of the configuration, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub updates: Vec<ConfigUpdate>,
    /// Kubernetes objects.
    #[serde(default)]
    pub objects: ObjectStore,
    /// Users that the API server knows without IAM, by access key or bearer token.
    /// EKS has none; recorded cases of plain Kubernetes do.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub static_users: BTreeMap<String, UserInfo>,
    /// Whether EKS's own authorizer stands in the chain, as it always does on EKS. Without it there are no
    /// access policies and rules reviews are complete.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub eks_authorizer: bool,
    /// Whether the cluster has what EKS puts into it, and controllers, a scheduler and nodes that act. Recorded cases
    /// of a bare API server have none of them.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub managed: bool,
    /// What the API server calls itself.
    #[serde(default = "server_version", skip_serializing_if = "is_server_version")]
    pub server_version: String,
}

/// Who made a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creator {
    /// The user's or role's ARN, with path.
    pub principal_arn: String,
    /// Its unique id.
    pub unique_id: String,
}

/// An access entry as the service keeps it (eks 4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// ARN of the user or role, with path.
    pub principal_arn: String,
    /// The principal's unique id at the time the entry was made: what callers are matched by (eks 8.6).
    pub unique_id: String,
    /// Number that the id in the entry's ARN is made from.
    pub serial: u64,
    /// Kubernetes groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// User name, possibly with placeholders.
    pub username: String,
    /// The type.
    #[serde(default, skip_serializing_if = "is_standard")]
    pub kind: EntryType,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// Tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Associated access policies, in order of association.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Association>,
    /// The call that made the entry, if it carried a `clientRequestToken`: the same call again is no error (eks 15.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<Rc<CreateAccessEntryRequest>>,
}

/// An access policy on an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Association {
    /// ARN of the policy.
    pub policy_arn: String,
    /// Where it counts.
    pub scope: AccessScope,
    /// When it was associated.
    pub associated_at: Timestamp,
    /// When its scope was last set.
    pub modified_at: Timestamp,
}

/// A change of a cluster's configuration or version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigUpdate {
    /// Number that the update's id is made from.
    pub serial: u64,
    /// The mode it sets, if it is one of the mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<AuthenticationMode>,
    /// What else it sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<ClusterChange>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it takes effect.
    pub ends_at: Timestamp,
    /// Whether it has taken effect.
    pub done: bool,
}

/// What an update sets, other than the mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ClusterChange {
    /// Which logs are kept: `clusterLogging`, as it was asked.
    Logging(serde_json::Value),
    /// Members of `resourcesVpcConfig` about endpoints.
    Endpoints(serde_json::Value),
    /// Members of `resourcesVpcConfig` about subnets and security groups.
    Vpc(serde_json::Value),
    /// `upgradePolicy`.
    UpgradePolicy(serde_json::Value),
    /// The Kubernetes version.
    Version(String),
}

fn aws_partition() -> String {
    "aws".to_owned()
}

fn is_aws_partition(partition: &str) -> bool {
    partition == "aws"
}

fn is_zero(n: &i64) -> bool {
    *n == 0
}

fn is_zero_count(n: &u64) -> bool {
    *n == 0
}

fn yes() -> bool {
    true
}

fn is_true(b: &bool) -> bool {
    *b
}

/// The version string of the API server whose stock roles are compiled in.
pub fn server_version() -> String {
    releases::git_version(releases::DEFAULT).map(eks_build).unwrap_or_default()
}

/// What the API server of a Kubernetes release calls itself on EKS.
pub fn eks_build(git_version: &str) -> String {
    format!("{git_version}-eks-1")
}

fn is_server_version(version: &str) -> bool {
    version == server_version()
}

fn is_standard(kind: &EntryType) -> bool {
    *kind == EntryType::Standard
}

/// An id of the usual form (36 characters, version 4) made from a number: equal worlds hand out equal ids.
pub fn uuid(serial: u64) -> String {
    // SplitMix64: spreads a counter over all bits; the ids need to look unrelated, not to be secret.
    let mix = |n: u64| {
        let z = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    };
    let (high, low) = (mix(serial.wrapping_mul(2).wrapping_add(1)), mix(serial.wrapping_mul(2).wrapping_add(2)));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff
    )
}

impl Request {
    /// True if the call cannot change a world. Dry runs are not reads: they take the way of the real write.
    pub fn is_read(&self) -> bool {
        match self {
            Request::Aws(request) => {
                let operation = request.operation();
                ["Get", "List", "Describe", "Assume"].iter().any(|verb| operation.starts_with(verb))
            }
            Request::Kube { request, .. } => !matches!(
                request,
                KubeRequest::Create { .. }
                    | KubeRequest::Update { .. }
                    | KubeRequest::Patch { .. }
                    | KubeRequest::Delete { .. }
            ),
            Request::Wait { .. } | Request::Propagation { .. } => false,
        }
    }
}

impl World {
    /// Makes a call.
    ///
    /// # Errors
    /// The API's refusal; the world is then unchanged.
    pub fn call(&mut self, caller: &Caller, request: Request) -> Result<Response, ApiError> {
        if request.is_read() {
            return self.read(caller, &request);
        }
        match request {
            Request::Wait { millis } => {
                self.advance(millis);
                Ok(Response::Done)
            }
            Request::Propagation { millis } => {
                eks::set_propagation(self, millis);
                control_plane::after_call(self);
                Ok(Response::Done)
            }
            Request::Aws(request) => {
                let identity = self.identify_for(caller, &request)?;
                let answer = match iam::write(self, &identity, &request) {
                    Some(result) => result,
                    None => eks::write(self, &identity, &request),
                }?;
                control_plane::after_call(self);
                Ok(Response::Aws(answer))
            }
            Request::Kube { cluster, request } => {
                kube::write(self, &cluster, caller, request).map(Response::Kube).map_err(ApiError::from)
            }
        }
    }

    /// Makes a call that reads ([`Request::is_read`]).
    ///
    /// # Errors
    /// The API's refusal.
    pub fn read(&self, caller: &Caller, request: &Request) -> Result<Response, ApiError> {
        match request {
            Request::Aws(request) => {
                let identity = self.identify_for(caller, request)?;
                match iam::read(self, &identity, request) {
                    Some(result) => result,
                    None => eks::read(self, request),
                }
                .map(Response::Aws)
                .map_err(ApiError::from)
            }
            Request::Kube { cluster, request } => {
                kube::read(self, cluster, caller, request).map(Response::Kube).map_err(ApiError::from)
            }
            Request::Wait { .. } | Request::Propagation { .. } => Ok(Response::Done),
        }
    }

    /// Lets time pass; updates and changes of entries whose time has come take effect. Negative spans count as none.
    pub fn advance(&mut self, millis: i64) {
        self.clock = Timestamp(self.clock.0.saturating_add(millis.max(0)));
        if eks::settle(self) {
            control_plane::after_call(self);
        } else {
            control_plane::after_pause(self);
        }
    }

    /// The next number for an id.
    pub fn next_serial(&mut self) -> u64 {
        self.serial = self.serial.saturating_add(1);
        self.serial
    }

    /// The cluster of this name.
    pub fn cluster(&self, name: &str) -> Option<&Cluster> {
        self.clusters.iter().find(|c| c.name == name).map(Rc::as_ref)
    }

    /// The cluster of this name, to be changed.
    pub fn cluster_mut(&mut self, name: &str) -> Option<&mut Cluster> {
        self.clusters.iter_mut().find(|c| c.name == name).map(Rc::make_mut)
    }

    /// Who an AWS call with this credential comes from, as STS says it (iam 3).
    ///
    /// # Errors
    /// What AWS answers to a key it does not know, or to a role that cannot be assumed because it does not exist.
    pub fn identify(&self, credential: &Credential) -> Result<CallerIdentity, Exception> {
        iam::identify(self, credential)
    }

    /// Who makes an AWS call; the services word an unknown key each in its own way.
    fn identify_for(&self, caller: &Caller, request: &AwsRequest) -> Result<CallerIdentity, Exception> {
        let identity = self.identify(&caller.credential).map_err(|refusal| {
            let is_unknown = refusal.code == Exception::unknown_key().code;
            if is_unknown && iam::has(request) { Exception::unknown_token() } else { refusal }
        })?;
        iam::permit(self, &caller.credential, &identity, request)?;
        Ok(identity)
    }

    /// The access policies that the service lists, in order: name and ARN.
    pub fn policies(&self) -> Vec<&'static access_policy::AccessPolicy> {
        let listed = |p: &&access_policy::AccessPolicy| {
            self.listed_policies.as_ref().is_none_or(|names| names.contains(&p.name))
        };
        access_policy::all().iter().filter(listed).collect()
    }
}

impl Cluster {
    /// The cluster's ARN.
    pub fn arn(&self, world: &World) -> String {
        format!("arn:{}:eks:{}:{}:cluster/{}", world.partition, world.region, world.account, self.name)
    }

    /// The update that is running, if any.
    pub fn running_update(&self) -> Option<&ConfigUpdate> {
        self.updates.iter().find(|update| !update.done)
    }

    /// `ACTIVE`, or `UPDATING` while an update runs.
    pub fn status(&self) -> &'static str {
        if self.running_update().is_some() { "UPDATING" } else { "ACTIVE" }
    }
}

impl Entry {
    /// The entry's own ARN (eks 4).
    pub fn arn(&self, world: &World, cluster: &str) -> String {
        let mut parts = self.principal_arn.splitn(6, ':').skip(4);
        let (account, resource) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let kind = resource.split('/').next().unwrap_or_default();
        let name = resource.rsplit('/').next().unwrap_or_default();
        format!(
            "arn:{}:eks:{}:{}:access-entry/{cluster}/{kind}/{account}/{name}/{}",
            world.partition,
            world.region,
            world.account,
            uuid(self.serial)
        )
    }
}

impl Serialize for World {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(&control_plane::slim(self), serializer)
    }
}

impl<'de> Deserialize<'de> for World {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut world = Self::deserialize(deserializer)?;
        control_plane::revive(&mut world);
        Ok(world)
    }
}

impl World {
    /// Holds a world that comes from outside (a link, a file) against the rules that calls keep.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self) -> Result<(), String> {
        use crate::aws::names::{NameKind, check_name};
        let word = |text: &str| {
            !text.is_empty()
                && text.len() <= 100
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        if check_name(NameKind::AccountId, &self.account).is_err() {
            return Err(format!("the account `{}` is not 12 digits", self.account));
        }
        if !crate::aws::sts::PARTITIONS.contains(&self.partition.as_str()) {
            return Err(format!("unknown partition `{}`", self.partition));
        }
        if !word(&self.region) {
            return Err("the region is not well-formed".to_owned());
        }
        if self.clusters.len() > limits::CLUSTERS {
            return Err(format!("more than {} clusters", limits::CLUSTERS));
        }
        if self.users.len() > limits::USERS || self.roles.len() > limits::ROLES {
            return Err(format!("more than {} users or {} roles", limits::USERS, limits::ROLES));
        }
        if self.users.iter().any(|user| user.keys.len() > iam::keys::MOST) {
            return Err(format!("a user has more than {} access keys", iam::keys::MOST));
        }
        if self.roles.iter().filter_map(|role| role.trust.as_ref()).any(|trust| trust.to_string().len() > 10_000) {
            return Err("the trust policy of a role is too long".to_owned());
        }
        let is_long = |text: &String| text.len() > 300;
        let is_large = |(url, provider): (&String, &Rc<OidcProvider>)| {
            let lists = [&provider.client_ids, &provider.thumbprints];
            is_long(url)
                || provider.tags.len() > 50
                || lists.iter().any(|list| list.len() > 100 || list.iter().any(is_long))
        };
        if self.oidc_providers.len() > iam::oidc::MOST || self.oidc_providers.iter().any(is_large) {
            return Err("there are too many OpenID Connect providers, or one is too large".to_owned());
        }
        let mut names = std::collections::BTreeSet::new();
        for cluster in &self.clusters {
            let name = &cluster.name;
            if !cluster.integrations.is_within_limits() {
                return Err(format!("cluster `{name}` has too many add-ons or associations, or one is too large"));
            }
            if !word(name) || !names.insert(name) {
                return Err("a cluster's name is not well-formed, or taken twice".to_owned());
            }
            if cluster.entries.len() > limits::ENTRIES || cluster.updates.len() > limits::UPDATES {
                return Err(format!("cluster `{name}` has too many access entries or updates"));
            }
            if cluster.nodegroups.len() > limits::NODEGROUPS
                || cluster.fargate_profiles.len() > limits::FARGATE_PROFILES
            {
                return Err(format!("cluster `{name}` has too many node groups or Fargate profiles"));
            }
            let groups = cluster.nodegroups.iter().map(|(key, group)| (key, &group.asked.nodegroup_name));
            let profiles = cluster.fargate_profiles.iter().map(|(key, made)| (key, &made.asked.fargate_profile_name));
            // Names of profiles have letters of any alphabet (eks 13.4).
            let plain = |key: &str| {
                (1..=100).contains(&key.chars().count())
                    && key.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
            };
            if let Some((key, _)) = groups.chain(profiles).find(|(key, own)| key != own || !plain(key)) {
                return Err(format!("`{key}` is not the name of a node group or Fargate profile"));
            }
            let former = |(key, former): &(&String, &Former)| {
                let own = former.entry.as_ref().map(|entry| &entry.principal_arn);
                key.parse::<crate::aws::iam::PrincipalArn>().is_err() || own.is_some_and(|own| own != *key)
            };
            if cluster.former.len() > limits::ENTRIES || cluster.former.iter().any(|each| former(&each)) {
                return Err(format!("cluster `{name}` has former access entries that are not well-formed"));
            }
            for (key, entry) in &cluster.entries {
                if *key != entry.principal_arn || key.parse::<crate::aws::iam::PrincipalArn>().is_err() {
                    return Err(format!("`{key}` is not the ARN of an access entry's user or role"));
                }
                if entry.policies.len() > limits::POLICIES {
                    return Err(format!("the entry of `{key}` has more than {} policies", limits::POLICIES));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_form_of_uuids_and_differ() {
        let ids: std::collections::BTreeSet<String> = (0..1000).map(uuid).collect();
        assert_eq!(ids.len(), 1000);
        for id in &ids {
            let dashes: Vec<usize> = id.match_indices('-').map(|(at, _)| at).collect();
            assert_eq!((id.len(), dashes), (36, vec![8, 13, 18, 23]), "{id}");
            assert_eq!(&id[14..15], "4");
            assert!("89ab".contains(&id[19..20]), "{id}");
        }
    }
}
