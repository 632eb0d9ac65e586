//! IAM as far as access needs it: users and roles, the profiles that act as them, and the lines that switch or make one.

use super::acting::{self, Acting};
use super::listing::{self, List};
use super::text::last_name;
use crate::aws::aws_auth::Section;
use crate::aws::iam::{PrincipalArn, PrincipalKind};
use crate::engine::answers::{self, Gate};
use crate::engine::authn::Via;
use crate::engine::request::{NewPrincipal, NewRole, RoleRefInput, UserRef};
use crate::engine::world::Cluster;
use crate::engine::{AwsRequest, Request};
use crate::session::Snapshot;
use crate::shell::profiles::{self, Configuration};
use crate::shell::render::quote;

/// A user or role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// User or role.
    pub kind: PrincipalKind,
    /// The name.
    pub name: String,
    /// The path, `/` if there is none.
    pub path: String,
    /// The ARN, with path.
    pub arn: String,
    /// `AIDA…` or `AROA…`.
    pub unique_id: String,
    /// Who made it, if not the person: IAM Identity Center, or a service that alone may delete it.
    pub origin: Option<Origin>,
    /// The profiles that act as it.
    pub profiles: Vec<String>,
    /// How it gets into the cluster.
    pub access: Access,
}

/// Who makes roles of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// IAM Identity Center, for a permission set (iam 9).
    IdentityCenter(String),
    /// A service; entries for such roles are refused (eks 8.5).
    ServiceLinked,
}

/// What maps a principal to a Kubernetes identity on the cluster (eks 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Its access entry.
    Entry,
    /// A mapping of aws-auth: the section, and the position in it from 0.
    Mapping(Section, usize),
    /// The list of accounts in aws-auth.
    Account,
    /// The rights of the cluster's creator, which no API shows (eks 2.5).
    Creator,
    /// An access entry for an earlier principal of the same name, which maps no caller (eks 8.6).
    StaleEntry,
    /// Nothing.
    None,
}

impl Access {
    fn of(gate: &Gate<'_>, kind: PrincipalKind, arn: &str, unique_id: &str) -> Self {
        let caller = match kind {
            PrincipalKind::Role => answers::Principal::Role { arn: arn.to_owned(), session: "session".to_owned() },
            _ => answers::Principal::User(arn.to_owned()),
        };
        match gate.admit(&caller) {
            Some(Ok((Via::Entry(_), _))) => return Self::Entry,
            Some(Ok((Via::Mapping(section, index), _))) => return Self::Mapping(section, index),
            Some(Ok((Via::Account, _))) => return Self::Account,
            Some(Ok((Via::Creator, _))) => return Self::Creator,
            _ => {}
        }
        // Entries and mappings of node roles only let sessions of instances in.
        match gate.cluster().entries.get(arn) {
            Some(entry) if entry.unique_id == unique_id => Self::Entry,
            Some(_) => Self::StaleEntry,
            None => Self::None,
        }
    }

    /// The words for it: `Access entry`, `aws-auth: mapUsers[0]`.
    pub fn label(self) -> String {
        match self {
            Self::Entry => "Access entry".to_owned(),
            Self::Mapping(section, index) => format!("aws-auth: {}[{index}]", section.as_str()),
            Self::Account => "aws-auth: mapAccounts".to_owned(),
            Self::Creator => "Cluster creator (no API shows it)".to_owned(),
            Self::StaleEntry => "Dead entry: for an earlier principal of this name".to_owned(),
            Self::None => "none".to_owned(),
        }
    }
}

/// Users, then roles, each by name.
pub fn principals(now: &Snapshot, cluster: Option<&Cluster>) -> Vec<Principal> {
    let world = &now.world;
    let acting = profiles(now);
    let gate = cluster.map(|cluster| Gate::of(world, cluster));
    let principal = |kind: PrincipalKind, name: &str, path: &str, arn: String, unique_id: &str| {
        let parsed = arn.parse::<PrincipalArn>().ok();
        let set = parsed.as_ref().and_then(|arn| arn.sso_permission_set());
        let origin = match &parsed {
            Some(arn) if arn.is_service_linked() => Some(Origin::ServiceLinked),
            _ => set.map(|set| Origin::IdentityCenter(set.to_owned())),
        };
        let access = gate.as_ref().map_or(Access::None, |gate| Access::of(gate, kind, &arn, unique_id));
        let profiles = acting.iter().filter(|profile| profile.unique_id.as_deref() == Some(unique_id));
        let profiles = profiles.map(|profile| profile.name.clone()).collect();
        let (name, path, unique_id) = (name.to_owned(), path.to_owned(), unique_id.to_owned());
        Principal { kind, name, path, arn, unique_id, origin, profiles, access }
    };
    let user = |user: &std::rc::Rc<crate::aws::iam::IamUser>| {
        let arn = user.arn(&world.partition, &world.account);
        principal(PrincipalKind::User, &user.name, &user.path, arn, &user.unique_id)
    };
    let role = |role: &std::rc::Rc<crate::aws::iam::IamRole>| {
        let arn = role.arn(&world.partition, &world.account);
        principal(PrincipalKind::Role, &role.name, &role.path, arn, &role.unique_id)
    };
    let mut all: Vec<Principal> = world.users.iter().map(user).chain(world.roles.iter().map(role)).collect();
    all.sort_by(|a, b| (a.kind == PrincipalKind::Role, &a.name).cmp(&(b.kind == PrincipalKind::Role, &b.name)));
    all
}

/// A column of the list to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns")]
pub enum Column {
    #[default]
    Name,
    Kind,
    Profiles,
    OnCluster,
}

impl Column {
    /// The columns that sort, with their labels.
    pub const ALL: [(Column, &'static str); 4] = [
        (Column::Name, "Name"),
        (Column::Kind, "Kind"),
        (Column::Profiles, "Profiles"),
        (Column::OnCluster, "On the cluster"),
    ];

    /// What a row is sorted by; the name breaks ties.
    fn key(self, principal: &Principal) -> (String, bool, &str) {
        let key = match self {
            Self::Name | Self::Kind => String::new(),
            Self::Profiles => principal.profiles.join(" "),
            Self::OnCluster => format!("{}{}", u8::from(principal.access == Access::None), principal.access.label()),
        };
        (key, self == Self::Kind && principal.kind == PrincipalKind::Role, &principal.name)
    }
}

/// What the person wants to see.
pub type Query = listing::Query<PrincipalKind, Column>;

/// The page of the list that is wanted.
pub fn list(principals: &[Principal], query: &Query) -> List<Principal> {
    let text = query.text.trim().to_lowercase();
    let holds = |principal: &&Principal| {
        query.kind.is_none_or(|kind| principal.kind == kind) && principal.arn.to_lowercase().contains(&text)
    };
    let mut found: Vec<Principal> = principals.iter().filter(holds).cloned().collect();
    found.sort_by(|a, b| query.column.key(a).cmp(&query.column.key(b)));
    query.cut(found, principals.len())
}

/// The call that makes a user or role. An empty path stands for none.
pub fn create(kind: PrincipalKind, name: &str, path: &str, account: &str) -> Request {
    let name = name.trim().to_owned();
    let path = Some(path.trim().to_owned()).filter(|path| !path.is_empty() && path != "/");
    Request::Aws(match kind {
        PrincipalKind::User | PrincipalKind::Root => AwsRequest::CreateUser(NewPrincipal { path, user_name: name }),
        PrincipalKind::Role => AwsRequest::CreateRole(NewRole {
            path,
            role_name: name,
            // Trust is not simulated; the command needs a document all the same.
            assume_role_policy_document: format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{account}:root"}},"Action":"sts:AssumeRole"}}]}}"#
            ),
            description: None,
        }),
    })
}

/// The call that deletes a principal.
pub fn delete(principal: &Principal) -> Request {
    let name = principal.name.clone();
    Request::Aws(match principal.kind {
        PrincipalKind::User | PrincipalKind::Root => AwsRequest::DeleteUser(UserRef { user_name: Some(name) }),
        PrincipalKind::Role => AwsRequest::DeleteRole(RoleRefInput { role_name: name }),
    })
}

/// The calls that delete a principal and make one of the same name: another unique id (eks 8.6, 14.4).
pub fn recreate(principal: &Principal, account: &str) -> Vec<Request> {
    vec![delete(principal), create(principal.kind, &principal.name, &principal.path, account)]
}

/// How many users are offered for a dead key.
const RENEWALS: usize = 3;

/// A profile of the AWS CLI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Whom it acts as.
    pub acting: Acting,
    /// The unique id of the user or role behind it.
    pub unique_id: Option<String>,
    /// Where its credentials come from.
    pub source: String,
    /// Whether that is an access key of its own.
    pub has_key: bool,
    /// Why it cannot be used.
    pub error: Option<String>,
    /// Whether `aws` acts by it now.
    pub is_aws: bool,
    /// Whether `kubectl` acts by it now.
    pub is_kubectl: bool,
}

/// All profiles, in the order of the files.
pub fn profiles(now: &Snapshot) -> Vec<Profile> {
    let env = now.workstation.environment();
    let (aws, kubectl) = (acting::aws(now), acting::kubectl(now).acting);
    let configuration = Configuration::load(&now.workstation, &env);
    let profile = |(name, settings): &(String, std::collections::BTreeMap<String, String>)| {
        let acting = acting::of_profile(now, name);
        let identity = now.world.identify(&acting.caller.credential);
        let error = match profiles::resolve(&now.workstation, &env, Some(name)) {
            Err(error) => Some(error.to_string()),
            Ok(_) => identity.as_ref().err().map(|refusal| format!("{}: {}", refusal.code, refusal.message)),
        };
        let source = match (settings.get("role_arn"), settings.get("source_profile")) {
            (Some(role), Some(source)) => format!("assumes {} with profile {source}", last_name(role)),
            (Some(role), None) => format!("assumes {}", last_name(role)),
            (None, _) => "access key".to_owned(),
        };
        Profile {
            is_aws: aws.profile == *name,
            is_kubectl: kubectl.profile == *name && kubectl.caller == acting.caller,
            unique_id: identity.ok().and_then(|id| id.user_id.split(':').next().map(str::to_owned)),
            name: name.clone(),
            acting,
            has_key: !settings.contains_key("role_arn"),
            source,
            error,
        }
    };
    configuration.profiles.iter().map(profile).collect()
}

/// Which tools a switch is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the tools")]
pub enum Tools {
    Both,
    Aws,
    Kubectl,
}

/// The line that makes the tools act by a profile. Keys in the environment would win over it, so they go.
pub fn switch_line(now: &Snapshot, profile: &str, tools: Tools, cluster: Option<&str>) -> String {
    let has_keys = now.workstation.environment().contains_key("AWS_ACCESS_KEY_ID");
    let profile = quote(profile);
    let unset = "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN && ";
    let unset = if has_keys && tools != Tools::Kubectl { unset } else { "" };
    let update = cluster.map(|name| format!("aws eks update-kubeconfig --name {}", quote(name)));
    match (tools, update) {
        (Tools::Both, Some(update)) => format!("{unset}export AWS_PROFILE={profile} && {update}"),
        (Tools::Kubectl, Some(update)) => format!("AWS_PROFILE={profile} {update}"),
        _ => format!("{unset}export AWS_PROFILE={profile}"),
    }
}

/// The users whose key could take the place of a profile's dead one: those that no profile acts as.
pub fn renewals<'a>(profile: &Profile, principals: &'a [Principal]) -> Vec<&'a Principal> {
    if profile.error.is_none() || !profile.has_key {
        return Vec::new();
    }
    let alone = |user: &&Principal| user.kind == PrincipalKind::User && user.profiles.is_empty();
    principals.iter().filter(alone).take(RENEWALS).collect()
}

/// A name for a new profile of a principal, one that is not taken.
pub fn profile_name(now: &Snapshot, principal: &Principal) -> String {
    let taken = acting::profiles(&now.workstation);
    let free = |name: &String| !taken.contains(name);
    let numbered = (2..100).map(|number| format!("{}-{number}", principal.name));
    [principal.name.clone()].into_iter().chain(numbered).find(free).unwrap_or_default()
}

/// The line that makes a profile for a user, or one that assumes a role; for a known name it renews what is there.
pub fn profile_line(now: &Snapshot, principal: &Principal, profile: &str) -> String {
    let mut settings: Vec<(&str, String)> = Vec::new();
    let user = now.world.users.iter().find(|user| user.unique_id == principal.unique_id);
    match user {
        Some(user) => {
            settings.push(("aws_access_key_id", user.access_key.clone()));
            settings.push(("aws_secret_access_key", "simulated".to_owned()));
        }
        None if matches!(principal.origin, Some(Origin::IdentityCenter(_))) => {
            let set = principal.arn.parse::<PrincipalArn>().ok();
            let set = set.as_ref().and_then(|arn| arn.sso_permission_set()).unwrap_or_default();
            settings.push(("sso_start_url", "https://example.awsapps.com/start".to_owned()));
            settings.push(("sso_region", now.world.region.clone()));
            settings.push(("sso_account_id", now.world.account.clone()));
            settings.push(("sso_role_name", set.to_owned()));
        }
        None => {
            let source = profiles(now).into_iter().find(|profile| {
                profile.error.is_none() && profile.acting.arn.as_ref().is_some_and(|arn| arn.contains(":user/"))
            });
            settings.push(("role_arn", principal.arn.clone()));
            settings.push(("source_profile", source.map_or_else(|| "default".to_owned(), |source| source.name)));
            settings.push(("role_session_name", "playground".to_owned()));
        }
    }
    settings.push(("region", now.world.region.clone()));
    let set = |(key, value): &(&str, String)| {
        format!("aws configure set {key} {} --profile {}", quote(value), quote(profile))
    };
    settings.iter().map(set).collect::<Vec<_>>().join(" && ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Caller;
    use crate::session::{Session, scenario};
    use crate::shell::terminal;

    fn find(now: &Snapshot, name: &str) -> Principal {
        principals(now, now.world.clusters.first().map(|cluster| &**cluster))
            .into_iter()
            .find(|p| p.name == name)
            .unwrap()
    }

    fn run(session: &mut Session, line: &str) {
        let before = session.log().len();
        let mut job = terminal::Job::click(line);
        while let Some(ran) = job.step(session) {
            assert_eq!(ran.exit, 0, "{line}\n{:?}", ran.chunks);
        }
        assert_eq!(session.log().len(), before + 1, "one line is one step of undo");
    }

    fn creator(session: &Session) -> Caller {
        acting::of_profile(session.now(), "default").caller
    }

    #[test]
    fn principals_know_their_profiles_and_entries() {
        let now = scenario::walkthrough();
        let dev = find(&now, "k8s-dev");
        assert_eq!((dev.profiles, dev.access), (vec!["k8s-dev-demo".to_owned()], Access::None));
        assert_eq!(find(&now, "cluster-creator").access, Access::Entry);
        // aws-auth makes this user an administrator.
        assert_eq!(find(&now, "k8s-admin").access.label(), "aws-auth: mapUsers[0]");
    }

    #[test]
    fn a_principal_made_anew_leaves_a_dead_entry_and_a_dead_key() {
        let mut session = Session::new(scenario::walkthrough());
        let (caller, old) = (creator(&session), find(session.now(), "cluster-creator"));
        let [delete, create] = recreate(&old, "111122223333").try_into().unwrap();
        session.call(&caller, delete).unwrap();
        let admin = acting::of_profile(session.now(), "k8s-admin-demo").caller;
        session.call(&admin, create).unwrap();
        let new = find(session.now(), "cluster-creator");
        assert_eq!((&new.arn, new.access), (&old.arn, Access::StaleEntry));
        assert_ne!(new.unique_id, old.unique_id);
        assert!(profiles(session.now()).first().unwrap().error.is_some());
        let dead = profiles(session.now()).into_iter().next().unwrap();
        let all = principals(session.now(), None);
        assert_eq!(
            renewals(&dead, &all).iter().map(|user| user.name.as_str()).collect::<Vec<_>>(),
            ["cluster-creator"]
        );
        let line = profile_line(session.now(), &new, "default");
        run(&mut session, &line);
        let alive = profiles(session.now()).into_iter().next().unwrap();
        assert!(renewals(&alive, &principals(session.now(), None)).is_empty());
        assert_eq!(profiles(session.now()).first().unwrap().error, None);
    }

    #[test]
    fn the_list_is_filtered_sorted_and_cut() {
        let now = scenario::walkthrough();
        let cluster = now.world.clusters.first().map(|cluster| &**cluster);
        let model = find(&now, "k8s-dev");
        let mut all = principals(&now, cluster);
        all.extend((0..30).map(|number| Principal { name: format!("z{number:02}"), ..model.clone() }));
        let names = |query: &Query| list(&all, query).rows.into_iter().map(|row| row.name).collect::<Vec<_>>();
        let first = names(&Query::default());
        assert_eq!((first.len(), first.first().map(String::as_str)), (listing::PAGE, Some("cluster-creator")));
        let back = Query::default().sorted_by(Column::Name);
        assert_eq!(names(&back).first().map(String::as_str), Some("z29"));
        let roles = Query { kind: Some(PrincipalKind::Role), ..Query::default() };
        assert!(names(&roles).iter().all(|name| name.starts_with("eks-")), "{:?}", names(&roles));
        assert_eq!(list(&all, &Query { text: "no such".into(), ..roles }).matching, 0);
    }

    #[test]
    fn a_switch_moves_the_tools_it_is_for() {
        let mut session = Session::new(scenario::walkthrough());
        let cluster = Some("eks-demo-cluster");
        let line = switch_line(session.now(), "k8s-dev-demo", Tools::Kubectl, cluster);
        run(&mut session, &line);
        let who = |session: &Session| {
            let names = (acting::aws(session.now()), acting::kubectl(session.now()).acting);
            (names.0.name().to_owned(), names.1.name().to_owned())
        };
        assert_eq!(who(&session), ("cluster-creator".into(), "k8s-dev".into()));
        let line = switch_line(session.now(), "k8s-admin-demo", Tools::Both, cluster);
        run(&mut session, &line);
        assert_eq!(who(&session), ("k8s-admin".into(), "k8s-admin".into()));
        session.undo();
        assert_eq!(who(&session), ("cluster-creator".into(), "k8s-dev".into()));
    }

    #[test]
    fn a_profile_that_assumes_a_role_acts_as_its_session() {
        let mut session = Session::new(scenario::walkthrough());
        let caller = creator(&session);
        session
            .call(
                &caller,
                create(
                    PrincipalKind::Role,
                    "AWSReservedSSO_Dev_0123456789abcdef",
                    "/aws-reserved/sso.amazonaws.com/",
                    "111122223333",
                ),
            )
            .unwrap();
        let role = find(session.now(), "AWSReservedSSO_Dev_0123456789abcdef");
        assert_eq!(role.origin, Some(Origin::IdentityCenter("Dev".into())));
        let line = profile_line(session.now(), &role, &profile_name(session.now(), &role));
        run(&mut session, &line);
        let role = find(session.now(), &role.name);
        assert_eq!(role.profiles, std::slice::from_ref(&role.name));
        assert_eq!(profile_name(session.now(), &role), "AWSReservedSSO_Dev_0123456789abcdef-2");
    }
}
