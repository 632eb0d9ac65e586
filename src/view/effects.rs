//! Who gains and who loses rights between two states, in words: for a change that is about to be made, and for one that was.

use std::collections::BTreeSet;

use super::text::{and_list, last_name};
use crate::engine::answers::compare::{Block, ClusterChange, PrincipalChange, compare_worlds};
use crate::engine::answers::matrix::Target;
use crate::engine::answers::principals::{Principal, SESSION};
use crate::engine::{ApiError, Caller, Request, World};

/// How many names a sentence lists before it counts the rest.
const NAMES: usize = 6;

/// What changes for everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Those who gain or lose, one for each cluster that it happens on.
    pub people: Vec<Person>,
}

/// What changes for one principal on one cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name of the user, role, service account, or of the Kubernetes user or group that only a binding names.
    pub name: String,
    /// A remark on who that is; may be empty.
    pub note: &'static str,
    /// The ARN, or the Kubernetes user or group name.
    pub id: String,
    /// The cluster.
    pub cluster: String,
    /// Whether the principal can log in before and after.
    pub logged_in: (bool, bool),
    /// What it may do afterwards and might not before.
    pub gained: Vec<Right>,
    /// What it might do before and may not afterwards.
    pub lost: Vec<Right>,
}

/// A right in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    /// `get, list on pods in default`; of long lists the first names, and how many more there are.
    pub text: String,
    /// The same with all names, if `text` leaves some out.
    pub whole: Option<String>,
}

impl Person {
    /// Whether this is a part of the cluster itself: a service account of kube-system, or a user name of Kubernetes.
    pub fn is_system(&self) -> bool {
        match self.id.strip_prefix("system:serviceaccount:") {
            Some(account) => account.starts_with("kube-system:"),
            None => self.id.starts_with("system:"),
        }
    }

    /// Whether something was gained, and whether something was lost.
    pub fn direction(&self) -> (bool, bool) {
        let (before, after) = self.logged_in;
        (!self.gained.is_empty() || after && !before, !self.lost.is_empty() || before && !after)
    }

    /// What happened to the login, if anything did.
    pub fn login(&self) -> Option<&'static str> {
        match self.logged_in {
            (false, true) => Some("can log in now"),
            (true, false) => Some("can no longer log in (401)"),
            _ => None,
        }
    }
}

impl Effects {
    /// Those that people look for, and those of the system: controllers of the cluster and the API server's own, which
    /// change by the dozen when a cluster comes or goes.
    pub fn folded(&self) -> (Vec<&Person>, Vec<&Person>) {
        self.people.iter().partition(|person| !person.is_system())
    }

    /// True if nobody gains or loses anything.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// `k8s-dev gains, k8s-admin loses`, in a few words; empty if nothing changes.
    pub fn summary(&self) -> String {
        let names = |wanted: (bool, bool)| {
            let (people, system) = self.folded();
            let shown = if people.is_empty() { system } else { people };
            let people = shown.into_iter().filter(|person| person.direction() == wanted);
            people.map(|person| person.name.clone()).collect::<Vec<_>>()
        };
        let part = |names: Vec<String>, one: &str, many: &str| match names.len() {
            0 => None,
            1 => Some(format!("{} {one}", and_list(&names, ""))),
            n if n <= NAMES => Some(format!("{} {many}", and_list(&names, ""))),
            n => Some(format!("{n} principals {many}")),
        };
        let parts = [
            part(names((false, true)), "loses access", "lose access"),
            part(names((true, true)), "gains some and loses some", "gain some and lose some"),
            part(names((true, false)), "gains access", "gain access"),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

/// What changes from one state to the other. Those who lose come first.
pub fn between(before: &World, after: &World) -> Effects {
    let clusters = compare_worlds(before, after).clusters;
    let mut people: Vec<Person> = Vec::new();
    for ClusterChange { cluster, principals } in &clusters {
        let sides = [before, after].into_iter().filter_map(|world| world.cluster(cluster));
        let all: BTreeSet<String> = sides.flat_map(|side| side.objects.namespaces()).collect();
        people.extend(principals.iter().map(|change| person(cluster, change, &all)));
    }
    people.sort_by_key(|person| !person.direction().1);
    Effects { people }
}

/// What calls would change, without making them; updates that they start are let finish, and changes of entries arrive.
///
/// # Errors
/// The place of the first call that would be refused, and the refusal.
pub fn preview(world: &World, caller: &Caller, requests: &[Request]) -> Result<Effects, (usize, ApiError)> {
    let calls: Vec<_> = requests.iter().map(|request| (caller.clone(), request.clone())).collect();
    preview_each(world, &calls)
}

/// As [`preview`], each call with its own caller.
///
/// # Errors
/// As [`preview`].
pub fn preview_each(world: &World, calls: &[(Caller, Request)]) -> Result<Effects, (usize, ApiError)> {
    let mut after = world.clone();
    after.propagation_millis = 0;
    for (index, (caller, request)) in calls.iter().enumerate() {
        after.call(caller, request.clone()).map_err(|error| (index, error))?;
        let ends = after.clusters.iter().filter_map(|cluster| cluster.running_update().map(|update| update.ends_at.0));
        if let Some(last) = ends.max() {
            after.advance(last.saturating_sub(after.clock.0));
        }
    }
    Ok(between(world, &after))
}

fn person(cluster: &str, change: &PrincipalChange, all: &BTreeSet<String>) -> Person {
    let id = match &change.principal {
        Principal::User(arn) | Principal::Role { arn, .. } => arn.clone(),
        Principal::Static(key) => key.clone(),
        Principal::Stated(user) if user.username.is_empty() => user.groups.first().cloned().unwrap_or_default(),
        Principal::Stated(user) => user.username.clone(),
        Principal::Caller(_) => String::new(),
    };
    let is_group = matches!(&change.principal, Principal::Stated(user) if user.username.is_empty());
    let (name, note) = match (&change.principal, id.strip_prefix("system:serviceaccount:")) {
        (Principal::Stated(_), None) if is_group => (format!("Kubernetes group {id}"), "no IAM identity is in it"),
        (_, Some(account)) if account.contains(':') => (account.replacen(':', "/", 1), ""),
        (Principal::Stated(_), _) => (format!("Kubernetes user {id}"), "no IAM identity maps to it"),
        (Principal::Role { session, .. }, _) if session != SESSION => {
            (format!("{} (session {session})", last_name(&id)), "")
        }
        _ => (last_name(&id).to_owned(), ""),
    };
    Person {
        name,
        note,
        id,
        cluster: cluster.to_owned(),
        logged_in: change.logged_in,
        gained: rights(&change.gained, all),
        lost: rights(&change.lost, all),
    }
}

/// The blocks in words, the widest first. What a wider block says already is left out; `all` are all namespaces.
fn rights(blocks: &[Block], all: &BTreeSet<String>) -> Vec<Right> {
    let mut blocks: Vec<&Block> = blocks.iter().collect();
    let every_url = Target::Url("*".to_owned());
    blocks.sort_by_key(|block| {
        (!is_everything(block), !block.targets.contains(&every_url), !block.namespaces.contains(&None))
    });
    let mut told: Vec<Block> = Vec::new();
    for block in blocks {
        let is_told = |target: &&Target| told.iter().any(|wider| covers(wider, block, target, all));
        let targets: Vec<Target> = block.targets.iter().filter(|target| !is_told(target)).cloned().collect();
        if !targets.is_empty() {
            told.push(Block { targets, ..block.clone() });
        }
    }
    let right = |block: &Block| {
        let [text, whole] = [NAMES, usize::MAX].map(|most| block_text(block, all, most));
        Right { whole: Some(whole).filter(|whole| *whole != text), text }
    };
    told.iter().map(right).collect()
}

fn is_everything(block: &Block) -> bool {
    block.targets.contains(&Target::resource("*", "*")) && block.verbs.iter().any(|verb| verb == "*")
}

/// Whether `wider` says of a target all that `block` does.
fn covers(wider: &Block, block: &Block, target: &Target, all: &BTreeSet<String>) -> bool {
    let has_verb = |verb: &String| wider.verbs.contains(verb) || wider.verbs.iter().any(|verb| verb == "*");
    let is_meant = |other: &Target| match (other, target) {
        (Target::Resource { group, resource, .. }, Target::Resource { .. }) if group == "*" && resource == "*" => true,
        (Target::Url(path), Target::Url(_)) if path == "*" => true,
        _ => other == target,
    };
    let has_place = |place: &Option<String>| wider.namespaces.contains(place);
    let has_places = block.namespaces.iter().all(has_place) || has_place(&None) && is_everywhere(block, all);
    has_places && block.verbs.iter().all(has_verb) && wider.targets.iter().any(is_meant)
}

/// Whether a block names every namespace there is.
fn is_everywhere(block: &Block, all: &BTreeSet<String>) -> bool {
    all.iter().all(|name| block.namespaces.iter().flatten().any(|place| place == name))
}

/// `get, list on pods in default and dev`; `all` are all namespaces. Of each list, at most so many names.
fn block_text(block: &Block, all: &BTreeSet<String>, most: usize) -> String {
    let listed = |items: &[String]| listed(items, most);
    let verbs = if block.verbs.iter().any(|verb| verb == "*") { "everything".to_owned() } else { listed(&block.verbs) };
    let has_everything = block.targets.contains(&Target::resource("*", "*"));
    let is_told = |target: &&Target| has_everything && matches!(target, Target::Resource { .. });
    let mut targets: Vec<String> = block.targets.iter().filter(|target| !is_told(target)).map(target_text).collect();
    if has_everything {
        targets.insert(0, "every resource".to_owned());
    }
    let text = format!("{verbs} on {}", listed(&targets));
    if block.targets.iter().all(|target| matches!(target, Target::Url(_))) {
        text
    } else if block.namespaces.contains(&None) {
        format!("{text} cluster-wide")
    } else if is_everywhere(block, all) {
        format!("{text} in every namespace")
    } else {
        format!("{text} in {}", listed(&block.namespaces.iter().flatten().cloned().collect::<Vec<_>>()))
    }
}

/// `pods`, `deployments.apps/scale`, `secrets "token"`, `/healthz`.
fn target_text(target: &Target) -> String {
    match target {
        Target::Url(path) if path == "*" => "every URL".to_owned(),
        Target::Url(path) => path.clone(),
        Target::Resource { group, resource, subresource, name } => {
            let mut text = resource.clone();
            for (mark, part) in [(".", group), ("/", subresource)] {
                if !part.is_empty() {
                    text.push_str(mark);
                    text.push_str(part);
                }
            }
            if name.is_empty() { text } else { format!("{text} \"{name}\"") }
        }
    }
}

fn listed(items: &[String], most: usize) -> String {
    match items.get(most..) {
        None | Some([] | [_]) => items.join(", "),
        Some(rest) => format!("{} and {} more", items.get(..most).unwrap_or_default().join(", "), rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::eks::{AccessScope, AssociateAccessPolicyRequest, CreateAccessEntryRequest};
    use crate::engine::{AwsRequest, Credential};
    use crate::session::{Session, scenario};
    use crate::shell::terminal;

    fn entry(user: &str) -> Request {
        Request::Aws(AwsRequest::CreateAccessEntry(CreateAccessEntryRequest {
            cluster_name: "eks-demo-cluster".into(),
            principal_arn: format!("arn:aws:iam::111122223333:user/{user}"),
            ..CreateAccessEntryRequest::default()
        }))
    }

    fn of(requests: &[Request]) -> Effects {
        let world = scenario::walkthrough().world;
        let caller = Caller::new(Credential::AccessKey(world.users[0].access_key.clone()));
        preview(&world, &caller, requests).unwrap()
    }

    #[test]
    fn an_entry_without_rights_takes_those_of_aws_auth_away() {
        let effects = of(&[entry("k8s-admin")]);
        assert_eq!(effects.summary(), "k8s-admin loses access");
        let [admin] = effects.people.as_slice() else { panic!("{effects:?}") };
        assert_eq!((admin.login(), admin.gained.len()), (None, 0));
        let lost: Vec<&str> = admin.lost.iter().map(|right| right.text.as_str()).collect();
        assert_eq!(lost, ["everything on every resource cluster-wide", "everything on every URL"]);
    }

    #[test]
    fn a_policy_with_a_scope_gives_rights_there() {
        let policy = AssociateAccessPolicyRequest {
            cluster_name: "eks-demo-cluster".into(),
            principal_arn: "arn:aws:iam::111122223333:user/k8s-dev".into(),
            policy_arn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy".into(),
            access_scope: AccessScope { kind: "namespace".into(), namespaces: vec!["default".into()] },
        };
        let effects = of(&[entry("k8s-dev"), Request::Aws(AwsRequest::AssociateAccessPolicy(policy))]);
        let [dev] = effects.people.as_slice() else { panic!("{effects:?}") };
        assert_eq!(dev.login(), Some("can log in now"));
        let is_reading =
            |right: &&Right| right.text.starts_with("get, list, watch on ") && right.text.ends_with(" in default");
        let reading = dev.gained.iter().find(is_reading).unwrap();
        // Nothing is counted that cannot be read.
        let whole = reading.whole.as_ref().unwrap();
        assert!(reading.text.contains(" more in ") && !whole.contains(" more"), "{reading:?}");
        let (first, _) = reading.text.split_once(" and ").unwrap();
        assert!(whole.starts_with(first) && whole.ends_with(" in default"), "{whole}");
        assert_eq!(effects.summary(), "k8s-dev gains access");
    }

    #[test]
    fn subjects_that_no_iam_identity_maps_to_are_told() {
        let told = |script: &str, line: &str| {
            let mut session = Session::new(scenario::walkthrough());
            terminal::run(&mut session, script);
            let before = session.world().clone();
            terminal::run(&mut session, line);
            let people = between(&before, session.world()).people;
            people.into_iter().map(|person| (person.name.clone(), person.note, person.direction())).collect::<Vec<_>>()
        };
        let (user, group) = ("no IAM identity maps to it", "no IAM identity is in it");
        let bind = "kubectl create clusterrolebinding x --clusterrole=cluster-admin";
        let mallory = ("Kubernetes user mallory".to_owned(), user, (true, false));
        assert_eq!(told("", &format!("{bind} --user=mallory")), [mallory]);
        let lost = ("Kubernetes group ops".to_owned(), group, (false, true));
        assert_eq!(told(&format!("{bind} --group=ops"), "kubectl delete clusterrolebinding x"), [lost]);
        let entry =
            "aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333";
        let dev = ("k8s-dev".to_owned(), "", (true, false));
        let both = told(&format!("{entry}:user/k8s-dev --kubernetes-groups ops"), &format!("{bind} --group=ops"));
        assert_eq!(both, [dev]);
        // A role becomes another user with each session.
        let role = "aws iam create-role --role-name deployer --assume-role-policy-document \
                    '{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"111122223333\"},\"Action\":\"sts:AssumeRole\"}]}'";
        let line = format!("{entry}:role/deployer --username 'ci:{{{{SessionName}}}}'");
        let alice = ("deployer (session alice)".to_owned(), "", (true, false));
        let expected = std::slice::from_ref(&alice);
        assert_eq!(told(&format!("{role}\n{line}"), &format!("{bind} --user=ci:alice")), expected);
        // The mapping may come after the binding.
        let later = told(&format!("{role}\n{bind} --user=ci:alice"), &line);
        assert!(later.contains(&alice), "{later:?}");
    }

    #[test]
    fn a_refused_call_is_named_by_its_place() {
        let world = scenario::walkthrough().world;
        let caller = Caller::new(Credential::AccessKey(world.users[0].access_key.clone()));
        let refused = preview(&world, &caller, &[entry("k8s-dev"), entry("k8s-dev")]).unwrap_err();
        assert_eq!(refused.0, 1);
        assert!(of(&[]).is_empty() && of(&[]).summary().is_empty());
    }
}
