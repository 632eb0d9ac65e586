//! From an IAM caller to a Kubernetes identity, by authentication mode (eks 11, iam 1 to 8).
//!
//! [`look_up`] does it once and keeps everything that was looked at; [`authenticate`] takes only its outcome,
//! so that an explanation cannot disagree with the decision.

#[cfg(test)]
mod tests;

use std::rc::Rc;

use super::authz::{Holder, Identity};
use super::request::Credential;
use super::tokens::{self, Fault};
use super::world::{Cluster, Entry, World};
use crate::aws::aws_auth::{self, Parsed, Section};
use crate::aws::eks::AuthenticationMode;
use crate::aws::exception::Exception;
use crate::aws::iam::PrincipalArn;
use crate::aws::mapper::{self, Backend, By, Decision, Denial, FileEntry, FileStore, Mapped, Source, Surroundings};
use crate::aws::sts;
use crate::formats::ordered::map_of;
use crate::formats::time::Timestamp;
use crate::k8s::attributes::UserInfo;
use crate::k8s::rbac::SUPER_USER_GROUP;

/// Namespace and name of the ConfigMap.
pub const AWS_AUTH: (&str, &str) = ("kube-system", "aws-auth");
/// User name of a cluster's creator in `CONFIG_MAP` mode (often seen; iam 5.1, unconfirmed).
pub const CREATOR_USERNAME: &str = "kubernetes-admin";

/// How a caller was looked up, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup {
    /// The mode of the cluster.
    pub mode: AuthenticationMode,
    /// The caller as STS has it; `None` for a caller without IAM identity.
    pub caller: Option<sts::Identity>,
    /// The access entry for the caller's principal, if there is one.
    pub entry: Option<EntrySeen>,
    /// True for the creator of a cluster in `CONFIG_MAP` mode whose hidden rights aws-auth covers (eks 2.10).
    pub creator_covered: bool,
    /// Until when a change of that entry does not count yet, if there is such a change (eks 14.1).
    pub former_until: Option<Timestamp>,
    /// Lines of aws-auth that are about the caller, or nearly.
    pub mappings: Vec<MappingSeen>,
    /// What was wrong with aws-auth; empty if it is not read.
    pub problems: Vec<aws_auth::Problem>,
    /// What let the caller in.
    pub via: Option<Via>,
    /// Other outcomes that the real authenticator may as well have (iam 4.3); usually none.
    pub alternatives: usize,
    /// The identity, or why there is none.
    pub outcome: Result<Identity, Refusal>,
}

/// What let a caller in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// The access entry of this principal.
    Entry(String),
    /// A line of aws-auth: section, and position from 0.
    Mapping(Section, usize),
    /// The caller's account stands in mapAccounts.
    Account,
    /// The rights that no API shows of the cluster's creator, in `CONFIG_MAP` mode (eks 2.5), as long as aws-auth has no
    /// line for it (eks 2.10).
    Creator,
    /// A user that the API server knows without IAM.
    Static,
    /// A token of a service account.
    ServiceAccount,
    /// No credentials: `system:anonymous`.
    Anonymous,
}

/// An access entry for a caller's principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntrySeen {
    /// ARN of the entry's principal.
    pub principal_arn: String,
    /// Whether it counts.
    pub fate: EntryFate,
}

/// Whether an entry counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryFate {
    /// It decides who the caller is.
    Decides,
    /// It was made for a principal that has since been deleted and made anew: the ids differ (eks 14.4).
    Stale {
        /// Id in the entry.
        entry_id: String,
        /// Id of the caller.
        caller_id: String,
    },
    /// The mode knows no access entries.
    NotRead,
}

/// A line of aws-auth that is about a caller, or nearly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingSeen {
    /// The section.
    pub section: Section,
    /// The position in its section, from 0.
    pub index: usize,
    /// ARN as written.
    pub arn: String,
    /// User name as written.
    pub username: String,
    /// Groups as written.
    pub groups: Vec<String>,
    /// Whether it counts.
    pub fate: MappingFate,
}

/// Whether a line of aws-auth counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MappingFate {
    /// It decides who the caller is.
    Decides,
    /// The caller's access entry comes first (eks 11 step 1).
    Shadowed,
    /// The mode does not read aws-auth.
    NotRead,
    /// It is the caller's, and final, but its placeholders cannot be filled in (iam 7).
    Refuses,
    /// A later line for the same ARN replaces it, or a role line comes before it (iam 4.2, 4.3).
    Overridden,
    /// It names the role with its path; callers are looked up without (iam 4.3).
    HasPath,
    /// It names a session; callers are looked up by their role (iam 4.3).
    IsSession,
    /// The same name in another account.
    OtherAccount,
}

/// Why a caller has no Kubernetes identity; the API server answers 401 to all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// AWS itself does not know the caller.
    Aws(Exception),
    /// The authenticator refuses.
    Authenticator(Denial),
    /// A bearer token that the cluster does not take.
    Token(Fault),
}

/// Who the API server takes a caller for; `None` stands for 401.
pub fn authenticate(world: &World, cluster: &Cluster, credential: &Credential) -> Option<Identity> {
    look_up(world, cluster, credential).outcome.ok()
}

/// Looks a caller up.
pub fn look_up(world: &World, cluster: &Cluster, credential: &Credential) -> Lookup {
    let mut lookup = Lookup::nobody(cluster);
    if let Credential::AccessKey(key) = credential
        && let Some(user) = cluster.static_users.get(key)
    {
        lookup.known(user);
        return lookup;
    }
    match credential {
        Credential::Token(token) => return look_up_token(world, cluster, token, &[]).0,
        Credential::Anonymous => {
            let user = UserInfo {
                username: "system:anonymous".to_owned(),
                groups: vec!["system:unauthenticated".to_owned()],
                ..UserInfo::default()
            };
            lookup.via = Some(Via::Anonymous);
            lookup.outcome = Ok(Identity { user, holder: None });
        }
        Credential::AccessKey(_)
        | Credential::AssumedRole { .. }
        | Credential::RoleSession { .. }
        | Credential::IdentityCenter { .. }
        | Credential::SignIn(_)
        | Credential::FederatedUser { .. } => match world.identify(credential) {
            Err(exception) => lookup.outcome = Err(Refusal::Aws(exception)),
            Ok(caller) => look_up_caller(cluster, &caller, &mut lookup),
        },
    }
    lookup
}

/// Looks up whom a bearer token stands for (iam 1), and for which of `audiences` it is good; none asked for stands
/// for the API server's own.
pub fn look_up_token(world: &World, cluster: &Cluster, token: &str, audiences: &[String]) -> (Lookup, Vec<String>) {
    let own = [tokens::API_AUDIENCE.to_owned()];
    let audiences = if audiences.is_empty() { &own } else { audiences };
    let mut lookup = Lookup::nobody(cluster);
    match tokens::service_account(world, cluster, token, audiences) {
        Ok((user, meant)) => {
            lookup.via = Some(Via::ServiceAccount);
            lookup.outcome = Ok(Identity { user, holder: None });
            return (lookup, meant);
        }
        Err(Fault::Unknown) => {}
        Err(fault) => {
            lookup.outcome = Err(Refusal::Token(fault));
            return (lookup, Vec::new());
        }
    }
    // The other authenticators know nothing of audiences: theirs is the API server's.
    if !audiences.iter().any(|audience| own.contains(audience)) {
        return (lookup, Vec::new());
    }
    if let Some(user) = cluster.static_users.get(token) {
        lookup.known(user);
        return (lookup, own.to_vec());
    }
    match tokens::eks(world, &cluster.name, token).map(|credential| world.identify(&credential)) {
        Ok(Ok(caller)) => look_up_caller(cluster, &caller, &mut lookup),
        Ok(Err(exception)) => lookup.outcome = Err(Refusal::Aws(exception)),
        Err(fault) => lookup.outcome = Err(Refusal::Token(fault)),
    }
    (lookup, own.to_vec())
}

/// Looks a caller up whom STS knows, whether this world does or not.
pub fn look_up_sts(cluster: &Cluster, caller: &sts::Caller) -> Lookup {
    let mut lookup = Lookup::nobody(cluster);
    look_up_caller(cluster, caller, &mut lookup);
    lookup
}

impl Lookup {
    /// An identity that is taken as stated: nobody is looked up.
    pub fn stated(cluster: &Cluster, user: UserInfo) -> Self {
        Self { outcome: Ok(Identity { user, holder: None }), ..Self::nobody(cluster) }
    }

    /// A user that the API server knows by itself.
    fn known(&mut self, user: &UserInfo) {
        self.via = Some(Via::Static);
        self.outcome = Ok(Identity { user: authenticated(user.clone()), holder: None });
    }

    fn nobody(cluster: &Cluster) -> Self {
        Self {
            mode: cluster.mode,
            caller: None,
            entry: None,
            creator_covered: false,
            former_until: None,
            mappings: Vec::new(),
            problems: Vec::new(),
            via: None,
            alternatives: 0,
            outcome: Err(Refusal::Token(Fault::Unknown)),
        }
    }
}

fn look_up_caller(cluster: &Cluster, caller: &sts::Caller, lookup: &mut Lookup) {
    let identity = match sts::identity(caller) {
        Ok(identity) => identity,
        Err(error) => {
            lookup.outcome = Err(Refusal::Authenticator(Denial::Identity(error)));
            return;
        }
    };
    lookup.caller = Some(identity.clone());
    let mappings = Mappings::about(cluster, Some(&identity));
    let admitted = mappings.admit(&identity);
    lookup.alternatives = admitted.alternatives;
    match admitted.outcome {
        Err(denial) => lookup.outcome = Err(Refusal::Authenticator(denial)),
        Ok((via, mapped)) => {
            lookup.via = Some(via);
            lookup.outcome = Ok(mapped);
        }
    }
    lookup.entry = entry_seen(cluster, &identity, lookup.via.as_ref());
    lookup.creator_covered = is_hidden_admin(cluster, &identity) && lookup.via != Some(Via::Creator);
    let on_its_way = cluster.former.iter().find(|(arn, _)| is_principal(arn, &identity));
    lookup.former_until = on_its_way.filter(|_| cluster.mode.uses_entries()).map(|(_, former)| former.until);
    let decides = match (&lookup.via, &lookup.outcome) {
        (Some(Via::Mapping(section, index)), _) => Some((*section, *index)),
        (None, Err(Refusal::Authenticator(denial))) if is_final(denial) => mappings.line_of(&identity),
        _ => None,
    };
    lookup.mappings = mappings_seen(cluster.mode, &mappings.parsed, &identity, lookup.via.as_ref(), decides);
    if cluster.mode.reads_config_map() {
        lookup.problems.clone_from(&mappings.parsed.problems);
    }
}

/// Everything that tells who callers are on a cluster, read once for any number of them.
#[derive(Clone, Debug)]
pub struct Mappings<'a> {
    cluster: &'a Cluster,
    parsed: Rc<Parsed>,
    chain: Vec<Backend>,
    around: Surroundings,
}

/// What becomes of a caller: the outcome alone, without what was looked at on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Admitted {
    /// What let the caller in, and as whom; or why it is refused.
    pub outcome: Result<(Via, Identity), Denial>,
    /// Other outcomes that the real authenticator may as well have (iam 4.3).
    pub alternatives: usize,
}

impl<'a> Mappings<'a> {
    /// Reads the access entries, aws-auth and the nodes of a cluster.
    pub fn of(cluster: &'a Cluster) -> Self {
        Self::about(cluster, None)
    }

    /// Reads no more than one caller needs, if there is but one.
    fn about(cluster: &'a Cluster, one: Option<&sts::Identity>) -> Self {
        let parsed = cluster.objects.read_config_map(AWS_AUTH.0, AWS_AUTH.1, aws_auth::parse).unwrap_or_default();
        let chain = backends(cluster, &parsed, one);
        let around = if one.is_none_or(|one| names_instances(cluster, &parsed, one)) {
            surroundings(cluster)
        } else {
            Surroundings::default()
        };
        Self { cluster, parsed, chain, around }
    }

    /// What aws-auth says, whether the mode reads it or not.
    pub fn aws_auth(&self) -> &Parsed {
        &self.parsed
    }

    /// The line of aws-auth that is the caller's (iam 4.3).
    fn line_of(&self, identity: &sts::Identity) -> Option<(Section, usize)> {
        let found = self.chain.iter().find_map(|backend| match &backend.source {
            Source::ConfigMap(store) => {
                mapper::find_in_config_map(store, identity, &self.around).first().map(|line| line.0)
            }
            Source::DynamicFile(_) => None,
        });
        match found? {
            By::Role(index) => Some((Section::MapRoles, index)),
            By::User(index) => Some((Section::MapUsers, index)),
            By::Account => None,
        }
    }

    /// The instances that nodes of the cluster run on, by id.
    pub fn instances(&self) -> impl Iterator<Item = &str> {
        self.around.ec2_private_dns_names.keys().map(String::as_str)
    }

    /// Asks who a caller is.
    pub fn admit(&self, identity: &sts::Identity) -> Admitted {
        let cluster = self.cluster;
        let outcome = mapper::map_identity(&self.chain, identity, &self.around);
        let alternatives = outcome.alternatives.len();
        let outcome = match outcome.decision {
            // The creator's hidden rights come last: any line for the creator is final (eks 2.10).
            Decision::Denied(Denial::NotMapped) if is_hidden_admin(cluster, identity) => {
                Ok((Via::Creator, creator_identity(identity)))
            }
            Decision::Denied(denial) => Err(denial),
            Decision::Mapped(mapped) => {
                let via = via(cluster, &mapped);
                let identity = mapped_identity(cluster, identity, mapped, Some(&via));
                Ok((via, identity))
            }
        };
        Admitted { outcome, alternatives }
    }
}

/// Whether a caller is the creator of a cluster in `CONFIG_MAP` mode (eks 2.5).
fn is_hidden_admin(cluster: &Cluster, identity: &sts::Identity) -> bool {
    cluster.mode == AuthenticationMode::ConfigMap
        && cluster.creator.as_ref().is_some_and(|creator| creator.unique_id == identity.user_id)
}

/// Whether a line of aws-auth was found and refuses.
fn is_final(denial: &Denial) -> bool {
    matches!(
        denial,
        Denial::NotAnInstanceSession { backend: mapper::CONFIG_MAP, .. }
            | Denial::Ec2LookupFailed { backend: mapper::CONFIG_MAP, .. }
    )
}

/// The API server adds this group to whoever is authenticated (rbac 7).
fn authenticated(mut user: UserInfo) -> UserInfo {
    let group = "system:authenticated";
    if user.username != "system:anonymous" && !user.in_group(group) && !user.in_group("system:unauthenticated") {
        user.groups.push(group.to_owned());
    }
    user
}

fn creator_identity(identity: &sts::Identity) -> Identity {
    let extra = [("arn", &identity.arn), ("canonicalArn", &identity.canonical_arn)];
    let user = UserInfo {
        username: CREATOR_USERNAME.to_owned(),
        uid: format!("aws-iam-authenticator:{}:{}", identity.account_id, identity.user_id),
        groups: vec![SUPER_USER_GROUP.to_owned()],
        extra: map_of(extra.into_iter().map(|(key, value)| (key.to_owned(), vec![value.clone()]))),
    };
    Identity { user: authenticated(user), holder: None }
}

fn mapped_identity(cluster: &Cluster, identity: &sts::Identity, mapped: Mapped, via: Option<&Via>) -> Identity {
    let Mapped { username, groups, uid, extra, .. } = mapped;
    let holder = match via {
        Some(Via::Entry(principal_arn)) => cluster.served_entry(principal_arn).map(|entry| Holder {
            principal_arn: principal_arn.clone(),
            canonical_arn: identity.canonical_arn.clone(),
            unique_id: entry.unique_id.clone(),
        }),
        _ => None,
    };
    Identity { user: authenticated(UserInfo { username, uid, groups, extra }), holder }
}

/// The chain that a mode stands for (iam 5.1).
fn backends(cluster: &Cluster, parsed: &Parsed, one: Option<&sts::Identity>) -> Vec<Backend> {
    let mut chain = Vec::new();
    let plain = |source| Backend { source, reserved_username_prefixes: Vec::new() };
    if cluster.mode.uses_entries() {
        chain.push(plain(Source::DynamicFile(entry_store(cluster, one))));
    }
    if cluster.mode.reads_config_map() {
        chain.push(plain(Source::ConfigMap(parsed.store())));
    }
    chain
}

/// Access entries as the file backend in strict mode would hold them. They are matched by unique id (eks 8.6),
/// so those with another id than the one caller's are left out.
fn entry_store(cluster: &Cluster, one: Option<&sts::Identity>) -> FileStore {
    let mut store = FileStore { user_id_strict: true, ..FileStore::default() };
    let served = cluster.served();
    let entries = served.values().enumerate();
    for (index, entry) in entries.filter(|(_, entry)| one.is_none_or(|one| entry.unique_id == one.user_id)) {
        let Entry { principal_arn, unique_id, groups, username, .. } = &**entry;
        let mapping =
            aws_auth::Mapping { username: username.clone(), groups: groups.clone(), index, is_pattern: false };
        let file_entry = FileEntry { arn: principal_arn.clone(), user_id: unique_id.clone(), mapping };
        if principal_arn.contains(":user/") { store.users.push(file_entry) } else { store.roles.push(file_entry) }
    }
    store
}

/// Whether a mapping that may be `one`'s has a placeholder that only [`surroundings`] can fill in.
fn names_instances(cluster: &Cluster, parsed: &Parsed, one: &sts::Identity) -> bool {
    let has = |text: &String| text.contains("{{EC2PrivateDNSName}}");
    let served = cluster.served();
    let mut own = served.values().filter(|entry| entry.unique_id == one.user_id);
    own.any(|entry| has(&entry.username) || entry.groups.iter().any(has))
        || parsed.roles.iter().chain(&parsed.users).any(|line| has(&line.username) || line.groups.iter().any(has))
}

/// Private DNS names of the instances that are nodes of the cluster, for `{{EC2PrivateDNSName}}`.
fn surroundings(cluster: &Cluster) -> Surroundings {
    let nodes = cluster.objects.resource("", "nodes").map(|nodes| cluster.objects.list(&nodes, None));
    let name = |node: &serde_json::Value| {
        let text = |pointer: &str| node.pointer(pointer).and_then(serde_json::Value::as_str);
        let instance = text("/spec/providerID")?.rsplit('/').next()?.to_owned();
        Some((instance, text("/metadata/name")?.to_owned()))
    };
    let ec2_private_dns_names = map_of(nodes.iter().flatten().filter_map(name));
    Surroundings { ec2_private_dns_names, sso_role_match: false }
}

fn via(cluster: &Cluster, mapped: &Mapped) -> Via {
    let by_entry = cluster.mode.uses_entries() && mapped.backend == 0;
    match mapped.by {
        By::Role(index) | By::User(index) if by_entry => {
            Via::Entry(cluster.served().keys().nth(index).cloned().unwrap_or_default())
        }
        By::Role(index) => Via::Mapping(Section::MapRoles, index),
        By::User(index) => Via::Mapping(Section::MapUsers, index),
        By::Account => Via::Account,
    }
}

fn entry_seen(cluster: &Cluster, identity: &sts::Identity, via: Option<&Via>) -> Option<EntrySeen> {
    // The entry that decides goes before a stale one of a role that differed in the path alone.
    if let Some(Via::Entry(principal)) = via {
        return Some(EntrySeen { principal_arn: principal.clone(), fate: EntryFate::Decides });
    }
    let served = cluster.served();
    let entry = served.values().find(|entry| is_principal(&entry.principal_arn, identity))?;
    let fate = if !cluster.mode.uses_entries() {
        EntryFate::NotRead
    } else if entry.unique_id != identity.user_id {
        EntryFate::Stale { entry_id: entry.unique_id.clone(), caller_id: identity.user_id.clone() }
    } else {
        // The ids agree and yet the entry did not decide: its placeholders could not be filled in.
        EntryFate::Decides
    };
    Some(EntrySeen { principal_arn: entry.principal_arn.clone(), fate })
}

/// Whether an entry for `arn` is one for the caller's principal.
fn is_principal(arn: &str, identity: &sts::Identity) -> bool {
    // Canonical forms differ in the path alone; most names tell at once.
    arn.ends_with(last_part(&identity.canonical_arn))
        && arn.parse::<PrincipalArn>().is_ok_and(|arn| arn.canonical() == identity.canonical_arn)
}

fn mappings_seen(
    mode: AuthenticationMode,
    parsed: &Parsed,
    identity: &sts::Identity,
    via: Option<&Via>,
    decides: Option<(Section, usize)>,
) -> Vec<MappingSeen> {
    let wanted = identity.canonical_arn.to_lowercase();
    let sections = [(Section::MapRoles, &parsed.roles), (Section::MapUsers, &parsed.users)];
    let mut seen = Vec::new();
    for (section, entries) in sections {
        for entry in entries {
            let written = entry.arn.to_lowercase();
            // However a line misses the caller, it has the name.
            if !written.contains(last_part(&wanted)) {
                continue;
            }
            let fate = if written == wanted {
                match via {
                    _ if !mode.reads_config_map() => MappingFate::NotRead,
                    Some(_) if decides == Some((section, entry.index)) => MappingFate::Decides,
                    None if decides == Some((section, entry.index)) => MappingFate::Refuses,
                    Some(Via::Entry(_)) => MappingFate::Shadowed,
                    _ => MappingFate::Overridden,
                }
            } else {
                match near(&entry.arn, &identity.canonical_arn) {
                    Some(fate) => fate,
                    None => continue,
                }
            };
            seen.push(MappingSeen {
                section,
                index: entry.index,
                arn: entry.arn.clone(),
                username: entry.username.clone(),
                groups: entry.groups.clone(),
                fate,
            });
        }
    }
    seen
}

/// What follows the last slash: the name of a user or role.
fn last_part(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// How a line that does not match is nearly about the caller.
fn near(written: &str, canonical: &str) -> Option<MappingFate> {
    let same = |text: &str| text.eq_ignore_ascii_case(canonical);
    if let Ok((kind, of_session)) = sts::canonicalize(written)
        && kind == sts::IdentityType::AssumedRole
        && same(&of_session)
    {
        return Some(MappingFate::IsSession);
    }
    let arn = written.parse::<PrincipalArn>().ok()?;
    if arn.path() != "/" && same(&arn.canonical()) {
        return Some(MappingFate::HasPath);
    }
    let wanted = canonical.parse::<PrincipalArn>().ok()?;
    let same_name = arn.kind() == wanted.kind() && arn.name().eq_ignore_ascii_case(wanted.name());
    (same_name && arn.account() != wanted.account()).then_some(MappingFate::OtherAccount)
}
