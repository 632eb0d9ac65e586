//! The authenticator's chain of backends: canonical ARN to user name and groups (iam 5, 7, 8).
//!
//! Backends are asked in order. A match ends the search, even if it ends in a refusal; so does a listed account.
//! Where the original walks a hash map, more than one answer may be right: see [`Outcome::alternatives`].

use std::collections::BTreeMap;

use super::aws_auth::{Mapping, Store};
use super::sts::{self, Caller, Identity};
use crate::formats::ordered::map_of;

/// A place that knows mappings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// Where its mappings come from.
    pub source: Source,
    /// User names may not begin with these, once placeholders are filled in. Groups are not looked at.
    pub reserved_username_prefixes: Vec<String>,
}

/// The kinds of backends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The aws-auth ConfigMap.
    ConfigMap(Store),
    /// A file that is read anew when it changes; EKS probably keeps access entries in one (iam 5.1, unconfirmed).
    DynamicFile(FileStore),
}

/// The name of the ConfigMap's backend.
pub const CONFIG_MAP: &str = "EKSConfigMap";

impl Source {
    /// The name in the authenticator's configuration and messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ConfigMap(_) => CONFIG_MAP,
            Self::DynamicFile(_) => "DynamicFile",
        }
    }
}

/// An entry of a [`FileStore`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// The ARN as given; its canonical form counts.
    pub arn: String,
    /// The unique id of the principal; empty if not known.
    pub user_id: String,
    /// User name and groups.
    pub mapping: Mapping,
}

/// What the file backend knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileStore {
    /// Roles; the later of two equal ones counts.
    pub roles: Vec<FileEntry>,
    /// Users; the later of two equal ones counts.
    pub users: Vec<FileEntry>,
    /// Accounts of which everybody is let in.
    pub accounts: Vec<String>,
    /// Look up by unique id, then compare ARNs without the role's path.
    pub user_id_strict: bool,
}

/// What the authenticator can ask of the world around it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Private DNS names of EC2 instances by their id. What is not listed cannot be found.
    pub ec2_private_dns_names: BTreeMap<String, String>,
    /// The feature gate SSORoleMatch (iam 4.4), off by default.
    pub sso_role_match: bool,
}

/// What became of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Let in.
    Mapped(Mapped),
    /// Refused.
    Denied(Denial),
}

/// Who a caller is to the API server (iam 8). The group `system:authenticated` is added there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// User name.
    pub username: String,
    /// Groups.
    pub groups: Vec<String>,
    /// `aws-iam-authenticator:ACCOUNT:USERID`
    pub uid: String,
    /// Extra fields.
    pub extra: BTreeMap<String, Vec<String>>,
    /// The position of the backend that answered, from 0.
    pub backend: usize,
    /// What in it answered.
    pub by: By,
}

/// What let a caller in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The role entry at this position of its section, from 0.
    Role(usize),
    /// The user entry at this position of its section, from 0.
    User(usize),
    /// The list of accounts.
    Account,
}

/// Why a caller is refused, in the authenticator's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// The caller has no identity.
    #[error("sts getCallerIdentity failed: {0}")]
    Identity(sts::Error),
    /// No backend knows the caller.
    #[error("identity is not mapped")]
    NotMapped,
    /// `{{EC2PrivateDNSName}}`, but the session is not named after an instance.
    #[error(
        "mapper {backend} renderTemplates error: error rendering {what} template {template:?}: SessionName did not contain an instance id"
    )]
    NotAnInstanceSession {
        /// The backend's name.
        backend: &'static str,
        /// `username` or `group`.
        what: &'static str,
        /// The text with the placeholder.
        template: String,
    },
    /// `{{EC2PrivateDNSName}}`, but there is no such instance.
    #[error(
        "mapper {backend} renderTemplates error: error rendering {what} template {template:?}: failed to find node {instance}"
    )]
    Ec2LookupFailed {
        /// The backend's name.
        backend: &'static str,
        /// `username` or `group`.
        what: &'static str,
        /// The text with the placeholder.
        template: String,
        /// The instance id.
        instance: String,
    },
    /// The user name has a reserved prefix.
    #[error("invalid username '{username}' for mapper {backend}: username must not begin with with the following prefixes: [{}]", .prefixes.join(" "))]
    ReservedUsernamePrefix {
        /// The backend's name.
        backend: &'static str,
        /// The user name, placeholders filled in.
        username: String,
        /// All reserved prefixes.
        prefixes: Vec<String>,
    },
    /// The unique id is known with another ARN.
    #[error("mapper {backend} Map error: ARN does not match User ID")]
    UserIdArnMismatch {
        /// The backend's name.
        backend: &'static str,
    },
}

impl Denial {
    /// A fixed word for each reason.
    pub fn code(&self) -> String {
        match self {
            Self::Identity(error) => return format!("identity:{}", error.code()),
            Self::NotMapped => "not-mapped",
            Self::NotAnInstanceSession { .. } => "template:not-an-instance-session",
            Self::Ec2LookupFailed { .. } => "template:ec2-lookup-failed",
            Self::ReservedUsernamePrefix { .. } => "reserved-username-prefix",
            Self::UserIdArnMismatch { .. } => "userid-arn-mismatch",
        }
        .to_owned()
    }
}

/// A decision, and whether it is fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Our choice, always the same for the same inputs.
    pub decision: Decision,
    /// Other decisions that the original may as well take. Empty: the outcome is fixed.
    pub alternatives: Vec<Decision>,
}

impl Outcome {
    /// True if the original always decides so.
    pub fn is_fixed(&self) -> bool {
        self.alternatives.is_empty()
    }

    fn fixed(decision: Decision) -> Self {
        Self { decision, alternatives: Vec::new() }
    }
}

/// Asks the backends who `caller` is.
pub fn authenticate(backends: &[Backend], caller: &Caller, around: &Surroundings) -> Outcome {
    match sts::identity(caller) {
        Ok(identity) => map_identity(backends, &identity, around),
        Err(error) => Outcome::fixed(Decision::Denied(Denial::Identity(error))),
    }
}

/// Asks the backends in order (iam 5).
pub fn map_identity(backends: &[Backend], identity: &Identity, around: &Surroundings) -> Outcome {
    let mut failed = None;
    for (position, backend) in backends.iter().enumerate() {
        let name = backend.source.name();
        let (found, accounts_hold) = match &backend.source {
            Source::ConfigMap(store) => {
                (Ok(find_in_config_map(store, identity, around)), store.accounts.contains(&identity.account_id))
            }
            Source::DynamicFile(store) => {
                (find_in_file(store, identity), store.accounts.contains(&identity.account_id))
            }
        };
        let found = found.unwrap_or_else(|IdMismatch| {
            failed.get_or_insert(Denial::UserIdArnMismatch { backend: name });
            Vec::new()
        });
        let decide = |(by, mapping): (By, &Mapping)| match fill_in(mapping, identity, around, name) {
            Ok((username, groups)) => check_reserved(backend, username, groups, identity, position, by),
            Err(denial) => Decision::Denied(denial),
        };
        let mut decisions = found.into_iter().map(decide);
        if let Some(decision) = decisions.next() {
            let mut alternatives: Vec<Decision> = Vec::new();
            for other in decisions {
                if !same_answer(&other, &decision) && !alternatives.iter().any(|known| same_answer(known, &other)) {
                    alternatives.push(other);
                }
            }
            return Outcome { decision, alternatives };
        }
        if accounts_hold {
            let username = identity.canonical_arn.clone();
            let mapped = mapped(username, Vec::new(), identity, position, By::Account);
            return Outcome::fixed(Decision::Mapped(mapped));
        }
    }
    Outcome::fixed(Decision::Denied(failed.unwrap_or(Denial::NotMapped)))
}

/// True if the API server sees no difference.
fn same_answer(one: &Decision, other: &Decision) -> bool {
    match (one, other) {
        (Decision::Mapped(one), Decision::Mapped(other)) => {
            (&one.username, &one.groups) == (&other.username, &other.groups)
        }
        _ => one == other,
    }
}

/// All entries of which the original may take any (iam 4.3): roles before users, our choice first.
pub fn find_in_config_map<'a>(store: &'a Store, identity: &Identity, around: &Surroundings) -> Vec<(By, &'a Mapping)> {
    let wanted = identity.canonical_arn.to_lowercase();
    let exact = store.roles.get(&wanted).filter(|mapping| !mapping.is_pattern);
    let patterns = store.roles.iter().filter(|(pattern, mapping)| {
        mapping.is_pattern && around.sso_role_match && sts::arn_like(&wanted, pattern) == Ok(true)
    });
    let role = |mapping: &'a Mapping| (By::Role(mapping.index), mapping);
    let roles: Vec<_> = exact.into_iter().chain(patterns.map(|(_, mapping)| mapping)).map(role).collect();
    if !roles.is_empty() {
        return roles;
    }
    let user = |mapping: &'a Mapping| (By::User(mapping.index), mapping);
    let as_written = store.users.get(&identity.canonical_arn);
    let others = store.users.iter().filter(|(arn, _)| **arn != identity.canonical_arn && arn.to_lowercase() == wanted);
    as_written.into_iter().chain(others.map(|(_, mapping)| mapping)).map(user).collect()
}

/// The unique id is known, the ARN is another.
struct IdMismatch;

fn find_in_file<'a>(store: &'a FileStore, identity: &Identity) -> Result<Vec<(By, &'a Mapping)>, IdMismatch> {
    let wanted = identity.canonical_arn.to_lowercase();
    let roles = store.roles.iter().rev().map(|entry| (By::Role(entry.mapping.index), entry));
    let users = store.users.iter().rev().map(|entry| (By::User(entry.mapping.index), entry));
    for (by, entry) in roles.chain(users) {
        // Ids are compared first: it is quick, and most entries are somebody else's.
        if store.user_id_strict && (entry.user_id.is_empty() || entry.user_id != identity.user_id) {
            continue;
        }
        if !store.user_id_strict {
            if sts::canonicalize(&entry.arn).is_ok_and(|(_, canonical)| canonical.to_lowercase() == wanted) {
                return Ok(vec![(by, &entry.mapping)]);
            }
            continue;
        }
        // The ARN is compared as it is written, but for the path. Without an ARN, the id alone decides.
        let differs = sts::strip_path(&entry.arn).is_ok_and(|stripped| stripped.to_lowercase() != wanted);
        return if differs { Err(IdMismatch) } else { Ok(vec![(by, &entry.mapping)]) };
    }
    Ok(Vec::new())
}

fn check_reserved(
    backend: &Backend,
    username: String,
    groups: Vec<String>,
    identity: &Identity,
    position: usize,
    by: By,
) -> Decision {
    let prefixes = &backend.reserved_username_prefixes;
    // An empty prefix reserves nothing.
    if prefixes.iter().any(|prefix| !prefix.is_empty() && username.starts_with(prefix.as_str())) {
        let (backend, prefixes) = (backend.source.name(), prefixes.clone());
        return Decision::Denied(Denial::ReservedUsernamePrefix { backend, username, prefixes });
    }
    Decision::Mapped(mapped(username, groups, identity, position, by))
}

fn mapped(username: String, groups: Vec<String>, identity: &Identity, backend: usize, by: By) -> Mapped {
    let extra = [
        ("arn", &identity.arn),
        ("canonicalArn", &identity.canonical_arn),
        ("sessionName", &identity.session_name),
        ("accessKeyId", &identity.access_key_id),
        ("principalId", &identity.user_id),
        ("sigs.k8s.io/aws-iam-authenticator/principalId", &identity.user_id),
    ];
    Mapped {
        username,
        groups,
        uid: format!("aws-iam-authenticator:{}:{}", identity.account_id, identity.user_id),
        extra: map_of(extra.map(|(key, value)| (key.to_owned(), vec![value.clone()]))),
        backend,
        by,
    }
}

/// User name and groups with their placeholders filled in (iam 7).
fn fill_in(
    mapping: &Mapping,
    identity: &Identity,
    around: &Surroundings,
    backend: &'static str,
) -> Result<(String, Vec<String>), Denial> {
    let fill = |template: &String, what| fill_in_text(template, what, identity, around, backend);
    let username = fill(&mapping.username, "username")?;
    let groups = mapping.groups.iter().map(|group| fill(group, "group")).collect::<Result<_, _>>()?;
    Ok((username, groups))
}

fn fill_in_text(
    template: &str,
    what: &'static str,
    identity: &Identity,
    around: &Surroundings,
    backend: &'static str,
) -> Result<String, Denial> {
    let mut text = template.to_owned();
    if text.contains("{{EC2PrivateDNSName}}") {
        let (template, session) = (template.to_owned(), &identity.session_name);
        if !is_instance_id(session) {
            return Err(Denial::NotAnInstanceSession { backend, what, template });
        }
        let Some(name) = around.ec2_private_dns_names.get(session) else {
            return Err(Denial::Ec2LookupFailed { backend, what, template, instance: session.clone() });
        };
        text = text.replace("{{EC2PrivateDNSName}}", name);
    }
    // In this order: text that one replacement puts in is seen by the next.
    Ok(text
        .replace("{{AccountID}}", &identity.account_id)
        .replace("{{SessionName}}", &identity.session_name.replace('@', "-"))
        .replace("{{SessionNameRaw}}", &identity.session_name)
        .replace("{{AccessKeyID}}", &identity.access_key_id))
}

/// `i-` and 8 or 17 word characters.
pub fn is_instance_id(session: &str) -> bool {
    session.strip_prefix("i-").is_some_and(|id| {
        matches!(id.len(), 8 | 17) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLER: &str = "arn:aws:iam::111122223333:user/Alice";

    fn decide(prefixes: &[&str], arn: &str, strict: bool) -> Result<String, String> {
        let mapping = Mapping { username: "alice".into(), groups: Vec::new(), index: 0, is_pattern: false };
        let user = FileEntry { arn: arn.into(), user_id: "AIDAX".into(), mapping };
        let store = FileStore { users: vec![user], user_id_strict: strict, ..FileStore::default() };
        let backend = Backend {
            source: Source::DynamicFile(store),
            reserved_username_prefixes: prefixes.iter().map(|prefix| (*prefix).to_owned()).collect(),
        };
        let caller = Caller {
            arn: CALLER.into(),
            account: "111122223333".into(),
            user_id: "AIDAX".into(),
            access_key_id: "AKIAX".into(),
        };
        match authenticate(&[backend], &caller, &Surroundings::default()).decision {
            Decision::Mapped(mapped) => Ok(mapped.username),
            Decision::Denied(denial) => Err(denial.code()),
        }
    }

    #[test]
    fn an_empty_prefix_reserves_nothing() {
        assert_eq!(decide(&["", "system:"], CALLER, false), Ok("alice".into()));
        assert_eq!(decide(&["", "al"], CALLER, false), Err("reserved-username-prefix".into()));
    }

    /// In strict mode the id finds the entry, and its ARN, if it is one, must be the caller's.
    #[test]
    fn an_entry_found_by_id_must_have_the_callers_arn_or_none() {
        for (arn, strict, loose) in [
            (CALLER, Ok("alice"), Ok("alice")),
            ("arn:aws:iam::111122223333:user/ALICE", Ok("alice"), Ok("alice")),
            ("", Ok("alice"), Err("not-mapped")),
            ("Alice", Ok("alice"), Err("not-mapped")),
            ("arn:nowhere:iam::111122223333:user/Alice", Ok("alice"), Err("not-mapped")),
            ("arn:aws:iam::111122223333:user/bob", Err("userid-arn-mismatch"), Err("not-mapped")),
            ("arn:aws:iam::111122223333:group/Alice", Err("userid-arn-mismatch"), Err("not-mapped")),
            ("arn:aws:s3:::Alice", Err("userid-arn-mismatch"), Err("not-mapped")),
            ("arn:aws:sts::111122223333:assumed-role/Alice", Err("userid-arn-mismatch"), Err("not-mapped")),
        ] {
            let text = |expected: Result<&str, &str>| expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(decide(&[], arn, true), text(strict), "strict, {arn}");
            assert_eq!(decide(&[], arn, false), text(loose), "not strict, {arn}");
        }
    }
}
