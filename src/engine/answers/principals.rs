//! Everybody who may call a cluster, and who the API server takes them for.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::iam::{PrincipalArn, PrincipalKind, access_key_id, serial_of, unique_id};
use crate::aws::mapper::Denial;
use crate::aws::sts;
use crate::engine::authn::{self, Lookup, Mappings, Via};
use crate::engine::authz::Identity;
use crate::engine::kube;
use crate::engine::request::{Caller, Credential};
use crate::engine::world::{Cluster, World};
use crate::formats::ordered::{map_of, set_of};
use crate::k8s::attributes::UserInfo;
use crate::k8s::rbac::Subject;

/// The session name of role sessions where the question does not name one.
pub const SESSION: &str = "session";

/// Somebody whose rights can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// An IAM user, by ARN.
    User(String),
    /// A session of an IAM role.
    Role {
        /// The role's ARN, with its path.
        arn: String,
        /// The session name.
        session: String,
    },
    /// A user that the API server knows without IAM, by the key it shows.
    Static(String),
    /// An identity taken as stated: a service account, or somebody impersonated.
    Stated(UserInfo),
    /// Whoever calls with this credential, impersonation included.
    Caller(Caller),
}

impl Principal {
    /// The IAM user or role of this ARN; a role in a session called [`SESSION`].
    ///
    /// The root user of an account counts as a user. `None` if the text is no ARN of either.
    pub fn iam(arn: &str) -> Option<Self> {
        let kind = arn.parse::<PrincipalArn>().ok()?.kind();
        Some(match kind {
            PrincipalKind::User | PrincipalKind::Root => Self::User(arn.to_owned()),
            PrincipalKind::Role => Self::Role { arn: arn.to_owned(), session: SESSION.to_owned() },
        })
    }

    /// A service account, with the groups that the API server gives it (rbac 3).
    pub fn service_account(namespace: &str, name: &str) -> Self {
        Self::Stated(UserInfo {
            username: format!("system:serviceaccount:{namespace}:{name}"),
            groups: vec![
                "system:serviceaccounts".to_owned(),
                format!("system:serviceaccounts:{namespace}"),
                "system:authenticated".to_owned(),
            ],
            ..UserInfo::default()
        })
    }

    /// The ARN of an IAM user or role.
    pub fn arn(&self) -> Option<&str> {
        match self {
            Self::User(arn) | Self::Role { arn, .. } => Some(arn),
            Self::Static(_) | Self::Stated(_) | Self::Caller(_) => None,
        }
    }
}

/// The account whose root user an ARN names (iam 2).
fn root_account(text: &str) -> Option<String> {
    let arn = text.parse::<PrincipalArn>().ok()?;
    (arn.kind() == PrincipalKind::Root).then(|| arn.account().to_owned())
}

/// The door of one cluster: looks any number of principals up, reading entries and aws-auth once.
#[derive(Debug)]
pub struct Gate<'a> {
    world: &'a World,
    cluster: &'a Cluster,
    mappings: Mappings<'a>,
    /// Unique ids of the account's users and roles, by ARN.
    ids: BTreeMap<String, &'a str>,
}

impl<'a> Gate<'a> {
    /// The door of `cluster`.
    pub fn of(world: &'a World, cluster: &'a Cluster) -> Self {
        let World { partition, account, .. } = world;
        let users = world.users.iter().map(|user| (user.arn(partition, account), user.unique_id.as_str()));
        let roles = world.roles.iter().map(|role| (role.arn(partition, account), role.unique_id.as_str()));
        Self { world, cluster, mappings: Mappings::of(cluster), ids: map_of(users.chain(roles)) }
    }

    /// The cluster.
    pub fn cluster(&self) -> &'a Cluster {
        self.cluster
    }

    /// Entries and aws-auth, as read.
    pub fn mappings(&self) -> &Mappings<'a> {
        &self.mappings
    }

    /// Who the API server takes `principal` for; `None` stands for 401, or for a refused impersonation.
    pub fn identity(&self, principal: &Principal) -> Option<Identity> {
        match principal {
            Principal::User(_) | Principal::Role { .. } => self.admit(principal)?.ok().map(|(_, identity)| identity),
            Principal::Static(key) => {
                let caller = Credential::AccessKey(key.clone());
                self.cluster.static_users.get(key)?;
                authn::authenticate(self.world, self.cluster, &caller)
            }
            Principal::Stated(user) => Some(Identity { user: user.clone(), holder: None }),
            Principal::Caller(Caller { credential, impersonate }) => {
                let identity = authn::authenticate(self.world, self.cluster, credential)?;
                match impersonate {
                    None => Some(identity),
                    Some(wanted) => kube::impersonate(self.cluster, &identity, wanted).ok(),
                }
            }
        }
    }

    /// What becomes of an IAM user or role at the door; `None` if it does not exist, or is none.
    pub fn admit(&self, principal: &Principal) -> Option<Result<(Via, Identity), Denial>> {
        let caller = self.sts_caller(principal)?;
        match sts::identity(&caller) {
            Ok(identity) => Some(self.mappings.admit(&identity).outcome),
            Err(error) => Some(Err(Denial::Identity(error))),
        }
    }

    /// How a caller is looked up; `None` for identities taken as stated, and for principals that do not exist.
    pub fn look_up(&self, principal: &Principal) -> Option<Lookup> {
        let look_up = |credential: &Credential| authn::look_up(self.world, self.cluster, credential);
        match principal {
            Principal::User(_) | Principal::Role { .. } => {
                Some(authn::look_up_sts(self.cluster, &self.sts_caller(principal)?))
            }
            Principal::Static(key) => Some(look_up(&Credential::AccessKey(key.clone()))),
            Principal::Stated(_) => None,
            Principal::Caller(caller) => Some(look_up(&caller.credential)),
        }
    }

    /// How STS knows a user or role. Principals of other accounts are taken to exist, as EKS does (eks 8.1).
    fn sts_caller(&self, principal: &Principal) -> Option<sts::Caller> {
        let text = principal.arn()?;
        if let Some(account) = root_account(text) {
            // The root user's id is the account's (iam 3).
            let access_key_id = access_key_id(PrincipalKind::Role, serial_of(text));
            return Some(sts::Caller { arn: text.to_owned(), user_id: account.clone(), account, access_key_id });
        }
        let arn = text.parse::<PrincipalArn>().ok()?;
        let id = match self.ids.get(text) {
            Some(id) => (*id).to_owned(),
            None if arn.account() != self.world.account => unique_id(arn.kind(), serial_of(text)),
            None => return None,
        };
        let access_key_id = access_key_id(arn.kind(), serial_of(text));
        let account = arn.account().to_owned();
        Some(match principal {
            Principal::Role { session, .. } => sts::Caller {
                // STS leaves the path out (iam 2).
                arn: format!("arn:{}:sts::{account}:assumed-role/{}/{session}", arn.partition(), arn.name()),
                user_id: format!("{id}:{session}"),
                account,
                access_key_id,
            },
            _ => sts::Caller { arn: text.to_owned(), user_id: id, account, access_key_id },
        })
    }

    /// A role session that stands for all: node roles let in only sessions named after their instances (iam 7).
    fn sessions(&self, arn: &str) -> Vec<Principal> {
        let session = |session: &str| Principal::Role { arn: arn.to_owned(), session: session.to_owned() };
        let usual = session(SESSION);
        if !matches!(self.admit(&usual), Some(Err(Denial::NotAnInstanceSession { .. }))) {
            return vec![usual];
        }
        let nodes: Vec<_> = self.mappings.instances().map(session).collect();
        if nodes.is_empty() { vec![usual] } else { nodes }
    }

    /// Everybody with an IAM identity who is known: the account's users and roles, those of other accounts that an
    /// access entry or a line of aws-auth names, root users that one names, and users that the API server knows without IAM.
    pub fn principals(&self) -> Vec<Principal> {
        let World { partition, account, users, roles, .. } = self.world;
        let mut arns: Vec<String> = users.iter().map(|user| user.arn(partition, account)).collect();
        arns.extend(roles.iter().map(|role| role.arn(partition, account)));
        let parsed = self.mappings.aws_auth();
        let lines = parsed.users.iter().chain(&parsed.roles).map(|line| line.arn.as_str());
        let mut known = BTreeSet::new();
        let creator = self.cluster.creator.iter().map(|creator| creator.principal_arn.as_str());
        for text in self.cluster.served().keys().map(String::as_str).chain(lines).chain(creator) {
            // Root users are named seldom; each is asked for when somebody names it.
            if root_account(text).is_some() {
                if known.insert(text.to_owned()) {
                    arns.push(text.to_owned());
                }
                continue;
            }
            let Ok(arn) = text.parse::<PrincipalArn>() else { continue };
            if arn.account() != account && known.insert(arn.canonical()) {
                arns.push(text.to_owned());
            }
        }
        let iam = arns.iter().flat_map(|arn| match Principal::iam(arn) {
            Some(Principal::Role { arn, .. }) => self.sessions(&arn),
            other => other.into_iter().collect(),
        });
        iam.chain(self.cluster.static_users.keys().cloned().map(Principal::Static)).collect()
    }
}

/// Everybody who is known to be able to call the cluster (see [`Gate::principals`]).
pub fn principals(world: &World, cluster: &Cluster) -> Vec<Principal> {
    Gate::of(world, cluster).principals()
}

/// The service accounts that bindings name, by namespace and name.
pub fn service_accounts(cluster: &Cluster) -> BTreeSet<(String, String)> {
    let bindings = cluster.objects.rbac().bindings();
    let named = bindings.flat_map(|(key, binding)| {
        binding.subjects.iter().filter_map(|subject| service_account(subject, key.namespace.as_deref()))
    });
    set_of(named)
}

/// Namespace and name of the service account that a subject of a binding in `namespace` means, if it means one.
pub fn service_account(subject: &Subject, namespace: Option<&str>) -> Option<(String, String)> {
    match subject.kind.as_str() {
        "ServiceAccount" => {
            let home = Some(subject.namespace.as_str()).filter(|home| !home.is_empty()).or(namespace)?;
            Some((home.to_owned(), subject.name.clone()))
        }
        "User" => {
            let (namespace, name) = subject.name.strip_prefix("system:serviceaccount:")?.split_once(':')?;
            Some((namespace.to_owned(), name.to_owned()))
        }
        _ => None,
    }
}
