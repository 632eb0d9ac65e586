//! Whom a question is about: somebody with an IAM identity, or a Kubernetes identity taken as stated.

use std::collections::BTreeSet;

use super::acting::{self, Acting};
use super::text::{last_name, words};
use crate::engine::answers::principals::service_accounts;
use crate::engine::iam::root_arn;
use crate::engine::world::Cluster;
use crate::engine::{Caller, Credential, Impersonate, kube};
use crate::k8s::attributes::UserInfo;
use crate::session::Snapshot;

/// Who is asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Who {
    /// Whom kubectl acts as now.
    #[default]
    Current,
    /// A profile of the workstation.
    Profile(String),
    /// An IAM user or role of the account, by ARN.
    Principal(String),
    /// A service account: namespace and name.
    ServiceAccount(String, String),
    /// A user as Kubernetes knows it: its name, and its groups as typed.
    User(String, String),
    /// Whoever is in a group.
    Group(String),
}

/// What the user names of service accounts begin with.
const ACCOUNT: &str = "system:serviceaccount:";
/// The name that commands give a member of a group; no matter which.
const MEMBER: &str = "someone";
/// How many names of a kind are there to choose from; others are typed.
const MOST: usize = 30;

/// What stands behind a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asker {
    /// Somebody who calls AWS or the cluster.
    Caller(Acting),
    /// An identity taken as stated.
    Stated(UserInfo),
}

/// A choice of a list field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What the field holds.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// A group of choices under a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
    /// The heading.
    pub label: String,
    /// The choices.
    pub items: Vec<Choice>,
}

impl Who {
    /// The value of a list field, and of links.
    pub fn to_value(&self) -> String {
        match self {
            Self::Current => String::new(),
            Self::Profile(name) => format!("profile:{name}"),
            Self::Principal(arn) => arn.clone(),
            Self::ServiceAccount(namespace, name) => format!("{ACCOUNT}{namespace}:{name}"),
            Self::User(name, groups) if groups.is_empty() => format!("user:{name}"),
            Self::User(name, groups) => format!("user:{name}\n{groups}"),
            Self::Group(name) => format!("group:{name}"),
        }
    }

    /// What a value of a list field stands for.
    pub fn from_value(value: &str) -> Self {
        if value.is_empty() {
            Self::Current
        } else if let Some(name) = value.strip_prefix("profile:") {
            Self::Profile(name.to_owned())
        } else if let Some(account) = value.strip_prefix(ACCOUNT) {
            let (namespace, name) = account.split_once(':').unwrap_or((account, ""));
            Self::ServiceAccount(namespace.to_owned(), name.to_owned())
        } else if let Some(user) = value.strip_prefix("user:") {
            let (name, groups) = user.split_once('\n').unwrap_or((user, ""));
            Self::User(name.to_owned(), groups.to_owned())
        } else if let Some(name) = value.strip_prefix("group:") {
            Self::Group(name.to_owned())
        } else {
            Self::Principal(value.to_owned())
        }
    }

    /// What somebody chose of the list: where that only says of which kind, with names to begin with.
    pub fn chosen(value: &str, cluster: &Cluster) -> Self {
        let group = || named(cluster).1.into_iter().next().unwrap_or_else(|| "developers".to_owned());
        match Self::from_value(value) {
            Self::ServiceAccount(namespace, name) if namespace.is_empty() && name.is_empty() => {
                Self::ServiceAccount("default".to_owned(), "default".to_owned())
            }
            Self::User(name, _) if name.is_empty() => Self::User("jane".to_owned(), group()),
            Self::Group(name) if name.is_empty() => Self::Group(group()),
            other => other,
        }
    }

    /// What stands behind it.
    pub fn asker(&self, now: &Snapshot) -> Asker {
        match self {
            Self::Current => Asker::Caller(acting::kubectl(now).acting),
            Self::Profile(name) => Asker::Caller(acting::of_profile(now, name)),
            Self::Principal(arn) => Asker::Caller(of_principal(now, arn)),
            Self::ServiceAccount(..) | Self::User(..) | Self::Group(_) => {
                Asker::Stated(kube::stated(&self.stated().unwrap_or_default()))
            }
        }
    }

    /// Whom `kubectl --as` would have to name; none for those who call by themselves. Of a member of a group nothing
    /// but the group counts.
    pub fn stated(&self) -> Option<Impersonate> {
        let (user, groups) = match self {
            Self::Current | Self::Profile(_) | Self::Principal(_) => return None,
            Self::ServiceAccount(namespace, name) => (format!("{ACCOUNT}{}:{}", namespace.trim(), name.trim()), vec![]),
            Self::User(name, groups) => (name.trim().to_owned(), words(groups)),
            Self::Group(name) => (String::new(), vec![name.trim().to_owned()]),
        };
        Some(Impersonate { user, groups, uid: String::new() })
    }

    /// The options of `kubectl` that ask for it, if it is taken as stated.
    pub fn options(&self) -> Vec<String> {
        let Some(Impersonate { user, groups, .. }) = self.stated() else { return Vec::new() };
        let user = if user.is_empty() { MEMBER } else { &user };
        let user = format!("--as={}", crate::shell::render::quote(user));
        let groups = groups.iter().map(|group| format!("--as-group={}", crate::shell::render::quote(group)));
        std::iter::once(user).chain(groups).collect()
    }

    /// A name for sentences: `k8s-dev`, `service account dev/ci`, `members of group developers`.
    pub fn name(&self, asker: &Asker) -> String {
        match (self, asker) {
            (_, Asker::Caller(acting)) => acting.name().to_owned(),
            (Self::ServiceAccount(namespace, name), _) => format!("service account {namespace}/{name}"),
            (Self::Group(name), _) => format!("members of group {name}"),
            (_, Asker::Stated(user)) => format!("user {}", user.username),
        }
    }
}

/// What calls of a user or role are signed with.
fn of_principal(now: &Snapshot, arn: &str) -> Acting {
    let world = &now.world;
    let user = world.users.iter().find(|user| user.arn(&world.partition, &world.account) == arn);
    let credential = match user {
        Some(user) => Credential::AccessKey(user.access_key.clone()),
        None if arn == root_arn(world) => Credential::SignIn(arn.to_owned()),
        None => Credential::RoleSession { role_arn: arn.to_owned(), session: session_name(now, arn) },
    };
    let identity = world.identify(&credential).ok();
    Acting { profile: String::new(), caller: Caller::new(credential), arn: identity.map(|identity| identity.arn) }
}

/// Sessions of node roles are named after their instance (iam 8); other sessions may have any name.
fn session_name(now: &Snapshot, arn: &str) -> String {
    let is_node = |cluster: &Cluster| cluster.entries.get(arn).is_some_and(|entry| entry.username.contains("{{EC2"));
    let instance = now.world.clusters.iter().filter(|cluster| is_node(cluster)).find_map(|cluster| {
        let nodes = cluster.objects.list(&cluster.objects.resource("", "nodes")?, None);
        nodes.iter().find_map(|node| node.pointer("/spec/providerID")?.as_str()?.rsplit('/').next().map(str::to_owned))
    });
    instance.unwrap_or_else(|| "session".to_owned())
}

/// Users and groups that bindings name, without those of Kubernetes itself.
fn named(cluster: &Cluster) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut users, mut groups) = (BTreeSet::new(), BTreeSet::new());
    for (_, binding) in cluster.objects.rbac().bindings() {
        for subject in binding.subjects.iter().filter(|subject| !subject.name.starts_with("system:")) {
            match subject.kind.as_str() {
                "User" => drop(users.insert(subject.name.clone())),
                "Group" => drop(groups.insert(subject.name.clone())),
                _ => {}
            }
        }
    }
    (users, groups)
}

/// Service accounts that exist, or that bindings name.
fn accounts(cluster: &Cluster) -> BTreeSet<(String, String)> {
    let mut found = service_accounts(cluster);
    let resource = cluster.objects.resource("", "serviceaccounts");
    for account in resource.iter().flat_map(|resource| cluster.objects.list(resource, None)) {
        let text = |path: &str| account.pointer(path).and_then(|text| text.as_str()).map(str::to_owned);
        found.extend(text("/metadata/namespace").zip(text("/metadata/name")));
    }
    found.retain(|(namespace, _)| namespace != "kube-system");
    found
}

/// Everybody who can be asked about, in groups. Whoever is not among them can be named.
pub fn who_choices(now: &Snapshot, cluster: &Cluster) -> Vec<Choices> {
    let world = &now.world;
    let current = acting::kubectl(now).acting;
    let choice = |who: Who, label: String| Choice { label, value: who.to_value() };
    let me = choice(Who::Current, format!("{} (kubectl now)", current.name()));
    let profiles = acting::profiles(&now.workstation).into_iter().map(|name| {
        let label = format!("{name} ({})", acting::of_profile(now, &name).name());
        choice(Who::Profile(name), label)
    });
    let principal = |arn: String| {
        let name = last_name(&arn).to_owned();
        choice(Who::Principal(arn), name)
    };
    let users = world.users.iter().map(|user| principal(user.arn(&world.partition, &world.account)));
    let users = users.chain([choice(Who::Principal(root_arn(world)), "root user".to_owned())]);
    let roles = world.roles.iter().map(|role| principal(role.arn(&world.partition, &world.account)));
    let none = String::new;
    let kinds = vec![
        choice(Who::ServiceAccount(none(), none()), "Service account…".to_owned()),
        choice(Who::User(none(), none()), "User with groups…".to_owned()),
        choice(Who::Group(none()), "Group…".to_owned()),
    ];
    let accounts = accounts(cluster).into_iter().map(|(namespace, name)| {
        let label = format!("{namespace}/{name}");
        choice(Who::ServiceAccount(namespace, name), label)
    });
    let (named_users, named_groups) = named(cluster);
    let named_users = named_users.into_iter().map(|name| choice(Who::User(name.clone(), none()), name));
    let named_groups = named_groups.into_iter().map(|name| choice(Who::Group(name.clone()), name));
    let group = |label: &str, items: Vec<Choice>| Choices { label: label.to_owned(), items };
    let groups = [
        group("Now", vec![me]),
        group("IAM users", users.collect()),
        group("IAM roles", roles.collect()),
        group("Profiles", profiles.collect()),
        group("Kubernetes identity, without IAM", kinds),
        group("Service accounts", accounts.take(MOST).collect()),
        group("Users that bindings name", named_users.take(MOST).collect()),
        group("Groups that bindings name", named_groups.take(MOST).collect()),
    ];
    groups.into_iter().filter(|group| !group.items.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Session, scenario};
    use crate::shell::terminal;

    #[test]
    fn everybody_has_an_identity() {
        let mut session = Session::new(scenario::walkthrough());
        let script = "kubectl create rolebinding a --clusterrole=view --serviceaccount=dev:ci --user=jane --group=team";
        terminal::run(&mut session, script);
        let (now, cluster) = (session.now(), session.world().clusters.first().unwrap());
        let choices: Vec<Choice> = who_choices(now, cluster).into_iter().flat_map(|group| group.items).collect();
        for choice in &choices {
            let who = Who::from_value(&choice.value);
            assert_eq!(who.to_value(), choice.value);
            match Who::chosen(&choice.value, cluster).asker(now) {
                Asker::Caller(acting) => assert!(acting.arn.is_some(), "{}", choice.label),
                Asker::Stated(user) => assert!(user.in_group("system:authenticated"), "{}", choice.label),
            }
        }
        for value in
            ["system:serviceaccount:dev:ci", "system:serviceaccount:default:default", "user:jane", "group:team"]
        {
            assert!(choices.iter().any(|choice| choice.value == value), "{value}");
        }
    }

    #[test]
    fn options_name_whom_kubectl_is_to_be_taken_for() {
        let options = |who: Who| who.options().join(" ");
        assert_eq!(options(Who::Current), "");
        assert_eq!(options(Who::ServiceAccount("dev".into(), "ci".into())), "--as=system:serviceaccount:dev:ci");
        assert_eq!(options(Who::User("jane".into(), "a, b".into())), "--as=jane --as-group=a --as-group=b");
        assert_eq!(options(Who::Group("team x".into())), "--as=someone --as-group='team x'");
    }
}
