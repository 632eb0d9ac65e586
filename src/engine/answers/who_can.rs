//! Who may do something, over both worlds: the subjects of bindings (rbac 10), the holders of access policies
//! (eks 12.2), nodes, and which IAM principals stand behind each subject (eks 11).

use std::ops::ControlFlow;

use super::principals::{Gate, Principal, service_account};
use crate::aws::aws_auth::Section;
use crate::aws::iam::PrincipalArn;
use crate::aws::names::{NameKind, check_name};
use crate::engine::authn::Via;
use crate::engine::authz::{self, Identity, PolicyEvent, Published};
use crate::engine::world::{Association, Cluster, World};
use crate::formats::ordered::map_of;
use crate::k8s::attributes::{Action, UserInfo};
use crate::k8s::rbac::{RoleRef, SUPER_USER_GROUP, Subject};
use crate::k8s::resolve::unresolved_text;
use crate::k8s::rules::rule_matches;
use crate::k8s::who_can::allowing_bindings;

/// Everybody who may do something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhoCan {
    /// Subjects first: the super-user group, then those of bindings; then principals.
    pub holders: Vec<Holder>,
    /// Policies that count for the request but whose rules are not public: their holders may be able, or not.
    pub not_evaluated: Vec<NotEvaluated>,
    /// References to roles that do not exist, in the authorizer's words; empty if there are none.
    pub error: String,
}

/// Somebody who may do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub who: Who,
    /// Every way, in the order of the authorizers.
    pub through: Vec<Path>,
}

/// Who may do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Somebody that RBAC can name.
    Subject(Named),
    /// Somebody who calls: an IAM user or role, or a user that the API server knows without IAM.
    Principal(Principal),
}

/// Somebody that RBAC can name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// A user name.
    User(String),
    /// A group.
    Group(String),
    /// A service account.
    ServiceAccount {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
}

/// A way by which somebody may do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// Membership of `system:masters` (rbac 2).
    SuperUser,
    /// A binding names them.
    Binding {
        /// Its namespace; none for a ClusterRoleBinding.
        namespace: Option<String>,
        /// Its name.
        name: String,
        /// The role.
        role: RoleRef,
        /// The place of the first rule that allows, in the role.
        rule: usize,
    },
    /// The node authorizer knows the principal as a node of this user name.
    Node {
        /// `system:node:NAME`.
        username: String,
    },
    /// An access policy of the principal's entry.
    Policy {
        /// ARN of the entry's principal.
        principal_arn: String,
        /// The association.
        association: Association,
        /// The place of the first rule that allows, in the published table.
        rule: usize,
    },
    /// The principal is taken for a subject, which is a holder of its own.
    As {
        /// The subject.
        subject: Named,
        /// What takes it for that.
        via: Via,
        /// The session name that it needs, if not any will do.
        session: Option<String>,
    },
}

/// An access policy whose rules are not public (eks 9.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotEvaluated {
    /// ARN of the entry's principal.
    pub principal_arn: String,
    /// The association.
    pub association: Association,
}

impl Named {
    /// Whom a subject of a binding in `namespace` means; `None` if it can match nobody.
    pub fn of(subject: &Subject, namespace: Option<&str>) -> Option<Self> {
        if let Some((namespace, name)) = service_account(subject, namespace) {
            return Some(Self::ServiceAccount { namespace, name });
        }
        match subject.kind.as_str() {
            "User" => Some(Self::User(subject.name.clone())),
            "Group" => Some(Self::Group(subject.name.clone())),
            _ => None,
        }
    }

    /// True if the API server takes `user` for this subject.
    pub fn means(&self, user: &UserInfo) -> bool {
        match self {
            Self::User(name) => user.username == *name,
            Self::Group(name) => user.in_group(name),
            Self::ServiceAccount { namespace, name } => {
                let rest = user.username.strip_prefix("system:serviceaccount:");
                rest.and_then(|rest| rest.split_once(':')) == Some((namespace, name))
            }
        }
    }
}

/// Finds everybody who may do `action` on a cluster.
pub fn who_can(world: &World, cluster: &Cluster, action: &Action) -> WhoCan {
    let gate = Gate::of(world, cluster);
    let (mut holders, error) = subjects(cluster, action);
    let named: Vec<Named> = holders
        .iter()
        .filter_map(|holder| match &holder.who {
            Who::Subject(named) => Some(named.clone()),
            Who::Principal(_) => None,
        })
        .collect();
    for principal in gate.principals() {
        let through = paths(&gate, &principal, action, &named);
        if !through.is_empty() {
            holders.push(Holder { who: Who::Principal(principal), through });
        }
    }
    WhoCan { holders, not_evaluated: not_evaluated(cluster, action), error }
}

/// The subjects of all bindings that allow, each once.
fn subjects(cluster: &Cluster, action: &Action) -> (Vec<Holder>, String) {
    let masters = Who::Subject(Named::Group(SUPER_USER_GROUP.to_owned()));
    let mut holders = vec![Holder { who: masters, through: vec![Path::SuperUser] }];
    let mut places = map_of([(Named::Group(SUPER_USER_GROUP.to_owned()), 0)]);
    let mut unresolved = Vec::new();
    for found in allowing_bindings(cluster.objects.rbac(), action) {
        let allowing = match found {
            Ok(allowing) => allowing,
            Err(error) => {
                unresolved.push(error);
                continue;
            }
        };
        let namespace = allowing.key.namespace.as_deref();
        let path = Path::Binding {
            namespace: namespace.map(str::to_owned),
            name: allowing.key.name.to_string(),
            role: allowing.binding.role_ref.clone(),
            rule: allowing.rule,
        };
        for named in allowing.binding.subjects.iter().filter_map(|subject| Named::of(subject, namespace)) {
            let place = *places.entry(named.clone()).or_insert(holders.len());
            match holders.get_mut(place) {
                Some(holder) if holder.through.last() == Some(&path) => {}
                Some(holder) => holder.through.push(path.clone()),
                None => holders.push(Holder { who: Who::Subject(named), through: vec![path.clone()] }),
            }
        }
    }
    (holders, unresolved_text(&unresolved))
}

/// Every way by which a principal may do it.
fn paths(gate: &Gate<'_>, principal: &Principal, action: &Action, named: &[Named]) -> Vec<Path> {
    let admitted = match principal {
        Principal::Static(_) => gate.identity(principal).map(|identity| (Via::Static, identity)),
        _ => gate.admit(principal).and_then(Result::ok),
    };
    let Some((via, identity)) = admitted else { return Vec::new() };
    let cluster = gate.cluster();
    let mut paths = Vec::new();
    if authz::node_allows(&identity.user, action) {
        paths.push(Path::Node { username: identity.user.username.clone() });
    }
    paths.extend(policies(cluster, &identity, action));
    let templates = Templates::of(gate, &via);
    for subject in named {
        let session = if subject.means(&identity.user) {
            // The session that happened to be asked for fits: it matters if another would not.
            templates.session(principal, subject)
        } else {
            let Some(session) = templates.session(principal, subject) else { continue };
            let Principal::Role { arn, .. } = principal else { continue };
            let other = Principal::Role { arn: arn.clone(), session: session.clone() };
            if !gate.identity(&other).is_some_and(|identity| subject.means(&identity.user)) {
                continue;
            }
            Some(session)
        };
        paths.push(Path::As { subject: subject.clone(), via: via.clone(), session });
    }
    paths
}

fn policies(cluster: &Cluster, identity: &Identity, action: &Action) -> Vec<Path> {
    let mut paths: Vec<Path> = Vec::new();
    let Some(entry) = authz::entry(cluster, identity) else { return paths };
    Published::with(|published| {
        authz::walk_policies(cluster, identity, action, published, |event| {
            if let PolicyEvent::Rule(association, rule, row) = event
                && rule_matches(row, action).is_ok()
                && !matches!(paths.last(), Some(Path::Policy { association: last, .. }) if last == association)
            {
                let (principal_arn, association) = (entry.principal_arn.clone(), association.clone());
                paths.push(Path::Policy { principal_arn, association, rule });
            }
            ControlFlow::<()>::Continue(())
        });
    });
    paths
}

/// Associations that count for the request, of entries that count, without public rules.
fn not_evaluated(cluster: &Cluster, action: &Action) -> Vec<NotEvaluated> {
    if !cluster.mode.uses_entries() || !cluster.eks_authorizer {
        return Vec::new();
    }
    let served = cluster.served();
    let all = served.values().flat_map(|entry| entry.policies.iter().map(move |policy| (entry, policy)));
    Published::with(|published| {
        let open = |association: &Association| {
            published.of(&association.policy_arn).is_none() && authz::scope_covers(&association.scope, action)
        };
        let item = |(entry, association): (&std::rc::Rc<crate::engine::world::Entry>, &Association)| NotEvaluated {
            principal_arn: entry.principal_arn.clone(),
            association: association.clone(),
        };
        all.filter(|(_, association)| open(association)).map(item).collect()
    })
}

/// User name and groups of an entry or line, placeholders not filled in.
#[derive(PartialEq, Eq)]
pub(super) struct Templates {
    username: String,
    groups: Vec<String>,
}

impl Templates {
    /// The templates of the entry or line by which a principal logs in.
    pub(super) fn of(gate: &Gate<'_>, via: &Via) -> Self {
        let parsed = gate.mappings().aws_auth();
        let line = |lines: &[crate::aws::aws_auth::Entry], index: usize| {
            lines.iter().find(|line| line.index == index).map(|line| (line.username.clone(), line.groups.clone()))
        };
        let found = match via {
            Via::Entry(arn) => {
                gate.cluster().served_entry(arn).map(|entry| (entry.username.clone(), entry.groups.clone()))
            }
            Via::Mapping(Section::MapRoles, index) => line(&parsed.roles, *index),
            Via::Mapping(Section::MapUsers, index) => line(&parsed.users, *index),
            _ => None,
        };
        let (username, groups) = found.unwrap_or_default();
        Self { username, groups }
    }

    /// True if the session name decides the user name or a group.
    pub(super) fn need_session(&self) -> bool {
        self.groups.iter().chain([&self.username]).any(|template| template.contains("{{SessionName"))
    }

    /// The session name by which a role becomes `subject`; `None` if it needs no certain one, or none would do.
    pub(super) fn session(&self, principal: &Principal, subject: &Named) -> Option<String> {
        let Principal::Role { arn, .. } = principal else { return None };
        let account = arn.parse::<PrincipalArn>().ok()?.account().to_owned();
        let session = |template: &str, text: &str| session_for(&template.replace("{{AccountID}}", &account), text);
        match subject {
            Named::User(name) => session(&self.username, name),
            // Everybody who is let in is in this one.
            Named::Group(name) if name == "system:authenticated" => None,
            Named::Group(name) if self.groups.iter().any(|group| group == name) => None,
            Named::Group(name) => self.groups.iter().find_map(|group| session(group, name)),
            Named::ServiceAccount { namespace, name } => {
                session(&self.username, &format!("system:serviceaccount:{namespace}:{name}"))
            }
        }
    }
}

/// The session name that turns a template into `text` (iam 7), if the template has a place for one.
fn session_for(template: &str, text: &str) -> Option<String> {
    let (head, tail) = ["{{SessionName}}", "{{SessionNameRaw}}"].iter().find_map(|place| template.split_once(place))?;
    let session = text.strip_prefix(head)?.strip_suffix(tail)?;
    check_name(NameKind::RoleSessionName, session).is_ok().then(|| session.to_owned())
}
