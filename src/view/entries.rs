//! The Access page: the mode, the list of access entries, and the form for a new one (eks 18).

use super::details::scope_text;
use super::text::{last_name, words};
use crate::aws::access_policy::Associable;
use crate::aws::eks::{
    AccessScope, AssociateAccessPolicyRequest, AuthenticationMode, CreateAccessEntryRequest, EntryRef, EntryType,
    UpdateAccessConfig, UpdateClusterConfigRequest,
};
use crate::aws::iam::PrincipalArn;
use crate::aws::names;
use crate::aws::tags::Tags;
use crate::engine::answers::{Gate, Principal};
use crate::engine::authz::pattern_matches;
use crate::engine::eks::users_of;
use crate::engine::world::{Cluster, Entry, World};
use crate::engine::{AwsRequest, Caller, Request};

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The principal's ARN.
    pub principal_arn: String,
    /// The type.
    pub kind: EntryType,
    /// The user name, with its placeholders.
    pub username: String,
    /// The groups.
    pub groups: Vec<String>,
    /// The policies: name and scope.
    pub policies: Vec<Policy>,
}

/// An associated policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Where it counts, in words.
    pub scope: String,
    /// Where it counts.
    pub access_scope: AccessScope,
}

/// An entry with everything that its page shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Details {
    /// As in the list.
    pub row: Row,
    /// The entry's own ARN.
    pub arn: String,
    /// When it was made.
    pub created: String,
    /// When it was last changed.
    pub modified: String,
    /// The managed node groups and Fargate profiles that have their nodes log in with it (eks 13).
    pub used_by: Vec<String>,
    /// Tags.
    pub tags: Tags,
    /// A warning: the principal behind the ARN is gone or another one (eks 14.4), or a change is on its way (eks 14.1).
    pub warning: Option<String>,
    /// The calls that make the entry anew for today's principal, if it is for an earlier one.
    pub remedy: Vec<Request>,
}

/// The rows that hold `text`, in the order of ListAccessEntries; none while the mode knows no entries.
pub fn rows(cluster: &Cluster, text: &str) -> Vec<Row> {
    if !cluster.mode.uses_entries() {
        return Vec::new();
    }
    let text = text.trim().to_lowercase();
    let holds = |row: &Row| {
        let policies = row.policies.iter().map(|policy| policy.name.as_str());
        let cells = [row.principal_arn.as_str(), row.kind.name(), &row.username];
        let mut cells = cells.into_iter().chain(row.groups.iter().map(String::as_str)).chain(policies);
        cells.any(|cell| cell.to_lowercase().contains(&text))
    };
    cluster.entries.values().map(|entry| row(entry)).filter(holds).collect()
}

fn row(entry: &Entry) -> Row {
    let policy = |association: &crate::engine::world::Association| Policy {
        arn: association.policy_arn.clone(),
        name: last_name(&association.policy_arn).to_owned(),
        scope: scope_text(&association.scope),
        access_scope: association.scope.clone(),
    };
    Row {
        principal_arn: entry.principal_arn.clone(),
        kind: entry.kind,
        username: entry.username.clone(),
        groups: entry.groups.clone(),
        policies: entry.policies.iter().map(policy).collect(),
    }
}

/// The page of an entry; `None` if there is no such entry.
pub fn details(world: &World, cluster: &Cluster, principal_arn: &str) -> Option<Details> {
    let entry = cluster.entries.get(principal_arn).filter(|_| cluster.mode.uses_entries())?;
    let present = crate::engine::iam::find_principal(world, principal_arn);
    let warning = match &present {
        Err(_) => Some("This principal no longer exists. The entry stays until it is deleted.".to_owned()),
        Ok(principal) if principal.unique_id != entry.unique_id => Some(
            "This principal was deleted and made anew: the entry is for the earlier one and lets nobody in. Delete it and create it again."
                .to_owned(),
        ),
        Ok(_) => cluster.former.get(principal_arn).map(|former| {
            let until = former.until.kubernetes_text();
            format!("Not yet propagated: until {until} the API server decides by this entry's former state.")
        }),
    };
    let is_stale = present.is_ok_and(|principal| principal.unique_id != entry.unique_id);
    Some(Details {
        remedy: if is_stale { made_anew(&cluster.name, entry) } else { Vec::new() },
        row: row(entry),
        arn: entry.arn(world, &cluster.name),
        created: entry.created_at.kubernetes_text(),
        modified: entry.modified_at.kubernetes_text(),
        used_by: users_of(cluster, principal_arn).collect(),
        tags: entry.tags.clone(),
        warning,
    })
}

/// After how many seconds all changes of a cluster's entries have reached its API server; `None` if they have (eks 14.1).
pub fn arrival_seconds(world: &World, cluster: &Cluster) -> Option<i64> {
    let last = cluster.former.values().map(|former| former.until.0).max()?;
    Some(last.saturating_sub(world.clock.0).saturating_add(999).div_euclid(1000))
}

/// The calls that delete an entry and make one with the same settings.
fn made_anew(cluster: &str, entry: &Entry) -> Vec<Request> {
    let (cluster_name, principal_arn) = (cluster.to_owned(), entry.principal_arn.clone());
    let delete = Request::Aws(AwsRequest::DeleteAccessEntry(EntryRef { cluster_name, principal_arn }));
    let mut form = Form {
        principal: entry.principal_arn.clone(),
        kind: entry.kind,
        username: String::new(),
        groups: entry.groups.clone(),
        tags: entry.tags.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        policies: entry.policies.iter().map(|policy| (policy.policy_arn.clone(), policy.scope.clone())).collect(),
    };
    if entry.username != form.default_username() {
        form.username = entry.username.clone();
    }
    [delete].into_iter().chain(form.requests(cluster)).collect()
}

/// What a step to another mode means, for the dialog (eks 3.6, 3.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModeChoice {
    /// The mode.
    pub mode: AuthenticationMode,
    /// Whether the service allows the step from the present mode.
    pub is_offered: bool,
    /// What it means, or why it is not offered.
    pub text: &'static str,
}

/// The modes as the dialog shows them.
pub fn mode_choices(present: AuthenticationMode) -> Vec<ModeChoice> {
    let choice = |mode: AuthenticationMode| {
        let is_offered = present.next() == Some(mode);
        let text = match (is_offered, mode) {
            _ if mode == present => "In effect now.",
            (true, AuthenticationMode::ApiAndConfigMap) => {
                "Access entries come into effect; aws-auth is still read for principals without an entry. There is no way back."
            }
            (true, _) => {
                "aws-auth is no longer read: whoever is mapped only there gets 401 from then on. There is no way back."
            }
            (false, _) if mode < present => "The service allows no step back.",
            (false, _) => "Only one step at a time: first EKS API and ConfigMap.",
        };
        ModeChoice { mode, is_offered, text }
    };
    AuthenticationMode::ALL.into_iter().map(choice).collect()
}

/// The call of the dialog.
pub fn set_mode(cluster: &str, mode: AuthenticationMode) -> Request {
    Request::Aws(AwsRequest::UpdateClusterConfig(UpdateClusterConfigRequest {
        name: cluster.to_owned(),
        access_config: Some(UpdateAccessConfig { authentication_mode: Some(mode.name().to_owned()) }),
        ..UpdateClusterConfigRequest::default()
    }))
}

/// The label of a type, as the console has it (eks 18.3).
pub fn type_label(kind: EntryType) -> &'static str {
    match kind {
        EntryType::Standard => "Standard",
        EntryType::Ec2Linux => "EC2 Linux",
        EntryType::Ec2Windows => "EC2 Windows",
        EntryType::FargateLinux => "Fargate Linux",
        EntryType::HybridLinux => "Hybrid Linux",
        EntryType::HyperpodLinux => "HyperPod Linux",
        EntryType::Ec2 => "EC2 (Auto Mode)",
    }
}

/// The form for a new entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// The ARN as chosen or typed.
    pub principal: String,
    /// The type.
    pub kind: EntryType,
    /// The user name; empty for the service's default.
    pub username: String,
    /// Groups.
    pub groups: Vec<String>,
    /// Tags.
    pub tags: Vec<(String, String)>,
    /// Policies with their scopes.
    pub policies: Vec<(String, AccessScope)>,
}

impl Form {
    /// The calls that the form stands for, in order.
    pub fn requests(&self, cluster: &str) -> Vec<Request> {
        let standard = self.kind == EntryType::Standard;
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let create = CreateAccessEntryRequest {
            cluster_name: cluster.to_owned(),
            principal_arn: self.principal.trim().to_owned(),
            kubernetes_groups: Some(self.groups.clone()).filter(|groups| standard && !groups.is_empty()),
            tags: Some(self.tags.iter().cloned().collect::<Tags>()).filter(|tags| !tags.is_empty()),
            client_request_token: None,
            username: some(&self.username).filter(|_| standard),
            kind: (!standard).then(|| self.kind.name().to_owned()),
        };
        let mut requests = vec![Request::Aws(AwsRequest::CreateAccessEntry(create))];
        requests.extend(
            self.policies
                .iter()
                .filter(|_| takes_policies(self.kind))
                .map(|(policy_arn, scope)| associate(cluster, self.principal.trim(), policy_arn, scope)),
        );
        requests
    }

    /// The user name that the entry will have if none is given; empty while the ARN is none.
    pub fn default_username(&self) -> String {
        let arn = self.principal.trim().parse::<PrincipalArn>();
        arn.map(|arn| names::default_entry_username(&arn, self.kind.name())).unwrap_or_default()
    }
}

/// Whether entries of a type can have access policies (eks 5).
pub fn takes_policies(kind: EntryType) -> bool {
    matches!(kind, EntryType::Standard | EntryType::Ec2)
}

/// The call that associates a policy.
pub fn associate(cluster: &str, principal_arn: &str, policy_arn: &str, scope: &AccessScope) -> Request {
    Request::Aws(AwsRequest::AssociateAccessPolicy(AssociateAccessPolicyRequest {
        cluster_name: cluster.to_owned(),
        principal_arn: principal_arn.to_owned(),
        policy_arn: policy_arn.to_owned(),
        access_scope: scope.clone(),
    }))
}

/// A scope as filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeForm {
    /// The whole cluster, or namespaces.
    pub is_cluster: bool,
    /// The namespaces as typed; several in one field count, too.
    pub namespaces: Vec<String>,
}

impl ScopeForm {
    /// The form of a scope.
    pub fn of(scope: &AccessScope) -> Self {
        Self { is_cluster: scope.kind == "cluster", namespaces: scope.namespaces.clone() }
    }

    /// True if nothing is missing.
    pub fn is_complete(&self) -> bool {
        self.is_cluster || !self.words().is_empty()
    }

    /// The scope.
    pub fn access_scope(&self) -> AccessScope {
        if self.is_cluster {
            return AccessScope::cluster();
        }
        AccessScope { kind: "namespace".to_owned(), namespaces: self.words() }
    }

    /// The namespaces of `known` that each name or pattern of the scope matches now.
    pub fn matches(&self, known: &[String]) -> Vec<(String, Vec<String>)> {
        let of = |pattern: String| {
            let found = known.iter().filter(|name| pattern_matches(&pattern, name)).cloned().collect();
            (pattern, found)
        };
        if self.is_cluster { Vec::new() } else { self.words().into_iter().map(of).collect() }
    }

    fn words(&self) -> Vec<String> {
        self.namespaces.iter().flat_map(|field| words(field)).collect()
    }
}

/// A caller of an entry, and the user name by which Kubernetes sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The session name of a role; none of a user.
    pub session: Option<String>,
    /// The user name, or why the caller is refused.
    pub username: Result<String, String>,
}

/// Session names to show: a plain one, and one as IAM Identity Center gives it.
const SESSIONS: [&str; 2] = ["alice", "alice@example.com"];

/// How Kubernetes would see callers of `principal` after `requests`, which create or change its entry. Nothing if the
/// service refuses them.
///
/// Node roles are shown with a node of the cluster: their sessions have the names of instances.
pub fn seen_as(world: &World, cluster: &str, caller: &Caller, requests: &[Request], principal: &str) -> Vec<Seen> {
    let mut after = world.clone();
    after.propagation_millis = 0;
    let is_refused = requests.iter().any(|request| after.call(caller, request.clone()).is_err());
    let Some(cluster) = after.cluster(cluster).filter(|_| !is_refused) else { return Vec::new() };
    let gate = Gate::of(&after, cluster);
    let seen = |principal: &Principal, session: Option<&str>| {
        let username = match gate.admit(principal)? {
            Ok((_, identity)) => Ok(identity.user.username),
            Err(denial) => Err(denial.to_string()),
        };
        Some(Seen { session: session.map(str::to_owned), username })
    };
    match Principal::iam(principal) {
        Some(Principal::Role { arn, .. }) => {
            let of = |session: &str| Principal::Role { arn: arn.clone(), session: session.to_owned() };
            let nodes = gate.mappings().instances().map(str::to_owned).collect::<Vec<_>>();
            let is_node = cluster.entries.get(&arn).is_some_and(|entry| entry.username.contains("{{EC2"));
            let mut sessions: Vec<&str> =
                if is_node { nodes.iter().map(String::as_str).take(1).collect() } else { SESSIONS.to_vec() };
            if sessions.is_empty() {
                sessions.push("i-0123456789abcdef0");
            }
            let mut rows: Vec<Seen> = sessions.into_iter().filter_map(|name| seen(&of(name), Some(name))).collect();
            // Where the session does not matter, one row says it.
            if let [one, two] = rows.as_slice()
                && one.username == two.username
            {
                rows.truncate(1);
            }
            rows
        }
        Some(user) => seen(&user, None).into_iter().collect(),
        None => Vec::new(),
    }
}

/// A policy to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyChoice {
    /// The ARN.
    pub arn: String,
    /// The name.
    pub name: String,
    /// What it is for.
    pub summary: String,
    /// Whether its rules are public.
    pub is_published: bool,
}

/// The policies that an entry of a type may have: those for people first.
pub fn policy_choices(world: &World, kind: EntryType) -> Vec<PolicyChoice> {
    let mut policies = world.policies();
    policies.retain(|policy| match kind {
        EntryType::Ec2 => policy.associable == Associable::Ec2,
        _ => !matches!(policy.associable, Associable::Ec2 | Associable::ServiceLinked),
    });
    policies.sort_by_key(|policy| !policy.for_people);
    let choice = |policy: &&crate::aws::access_policy::AccessPolicy| PolicyChoice {
        arn: policy.arn(&world.partition),
        name: policy.name.clone(),
        summary: policy.summary.clone(),
        is_published: policy.rules.is_some(),
    };
    policies.iter().map(choice).collect()
}

/// The users and roles of the account that have no entry yet, as ARNs.
pub fn principals_without_entry(world: &World, cluster: &Cluster) -> Vec<String> {
    let users = world.users.iter().map(|user| user.arn(&world.partition, &world.account));
    let roles = world.roles.iter().map(|role| role.arn(&world.partition, &world.account));
    users.chain(roles).filter(|arn| !cluster.entries.contains_key(arn)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::scenario;

    #[test]
    fn rows_can_be_searched() {
        let now = scenario::walkthrough();
        let cluster = now.world.clusters.first().unwrap();
        let names = |text: &str| {
            rows(cluster, text).iter().map(|row| last_name(&row.principal_arn).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(""), ["eks-node-role", "cluster-creator"]);
        assert_eq!(names("clusteradmin"), ["cluster-creator"]);
        assert_eq!(names("system:NODES"), ["eks-node-role"]);
        assert_eq!(principals_without_entry(&now.world, cluster).len(), 3);
    }

    #[test]
    fn an_entry_for_an_earlier_principal_is_made_anew_with_its_settings() {
        let mut now = scenario::walkthrough();
        let world = std::rc::Rc::make_mut(&mut now.world);
        let name = world.clusters.first().unwrap().name.clone();
        let arn = "arn:aws:iam::111122223333:user/cluster-creator";
        let remedy = |world: &World| details(world, world.cluster(&name).unwrap(), arn).unwrap().remedy;
        assert_eq!(remedy(world), []);
        let caller =
            crate::engine::Caller::new(crate::engine::Credential::AccessKey(world.users[0].access_key.clone()));
        let entry = |world: &World| world.cluster(&name).unwrap().entries.get(arn).unwrap().as_ref().clone();
        let before = entry(world);
        let at = world.users.iter().position(|user| user.name == "cluster-creator").unwrap();
        let user = crate::aws::iam::IamUser { unique_id: "AIDAOTHER".into(), ..world.users[at].as_ref().clone() };
        world.users[at] = std::rc::Rc::new(user);
        let calls = remedy(world);
        assert_eq!(calls.len(), 3);
        for call in calls {
            world.call(&caller, call).unwrap();
        }
        let after = entry(world);
        assert_eq!((after.username, after.groups, after.policies.len()), (before.username, before.groups, 1));
        assert_eq!(remedy(world), []);
    }

    #[test]
    fn an_entry_says_which_nodes_use_it() {
        let mut now = scenario::walkthrough();
        let world = std::rc::Rc::make_mut(&mut now.world);
        let name = world.clusters.first().unwrap().name.clone();
        let role = "arn:aws:iam::111122223333:role/eks-node-role";
        let used_by = |world: &World| details(world, world.cluster(&name).unwrap(), role).unwrap().used_by;
        assert_eq!(used_by(world), Vec::<String>::new());
        let caller =
            crate::engine::Caller::new(crate::engine::Credential::AccessKey(world.users[0].access_key.clone()));
        for (operation, input) in [
            ("CreateNodegroup", serde_json::json!({ "nodegroupName": "ng", "nodeRole": role, "subnets": ["s"] })),
            (
                "CreateFargateProfile",
                serde_json::json!({ "fargateProfileName": "fp", "podExecutionRoleArn": role,
                    "selectors": [{ "namespace": "dev" }] }),
            ),
        ] {
            let mut input = input;
            input["clusterName"] = serde_json::json!(name);
            let request = AwsRequest::from_parts(operation, input).unwrap();
            world.call(&caller, Request::Aws(request)).unwrap();
        }
        assert_eq!(used_by(world), ["managed node group ng", "Fargate profile fp"]);
    }

    #[test]
    fn only_the_next_mode_is_offered() {
        for mode in AuthenticationMode::ALL {
            let offered: Vec<_> =
                mode_choices(mode).into_iter().filter(|choice| choice.is_offered).map(|c| c.mode).collect();
            assert_eq!(offered, mode.next().into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_scope_says_which_namespaces_it_matches() {
        let known = ["default", "dev-a", "dev-b"].map(str::to_owned);
        let form = |namespaces: &[&str]| ScopeForm {
            is_cluster: false,
            namespaces: namespaces.iter().map(|text| (*text).to_owned()).collect(),
        };
        let shown = |form: &ScopeForm| {
            let rows =
                form.matches(&known).into_iter().map(|(pattern, found)| format!("{pattern}: {}", found.join(" ")));
            rows.collect::<Vec<_>>()
        };
        assert_eq!(shown(&form(&["dev-*, default", "prod"])), ["dev-*: dev-a dev-b", "default: default", "prod: "]);
        assert_eq!(shown(&ScopeForm { is_cluster: true, ..form(&["x"]) }), [""; 0]);
    }

    #[test]
    fn a_template_is_shown_filled_in() {
        let now = scenario::walkthrough();
        let caller = Caller::new(crate::engine::Credential::AccessKey(now.world.users[0].access_key.clone()));
        let check = |principal: &str, kind: EntryType, username: &str, expected: &[(Option<&str>, &str)]| {
            let mut world = (*now.world).clone();
            let cluster = world.clusters[0].name.clone();
            let principal = format!("arn:aws:iam::111122223333:{principal}");
            let role = serde_json::json!({"RoleName": "deployer", "AssumeRolePolicyDocument": "{}"});
            let role = AwsRequest::from_parts("CreateRole", role).unwrap();
            world.call(&caller, Request::Aws(role)).unwrap();
            let form = Form { principal: principal.clone(), kind, username: username.to_owned(), ..Form::default() };
            let seen = seen_as(&world, &cluster, &caller, &form.requests(&cluster), &principal);
            let shown: Vec<(Option<&str>, &str)> = seen
                .iter()
                .map(|seen| (seen.session.as_deref(), seen.username.as_deref().unwrap_or_else(|error| error)))
                .collect();
            assert_eq!(shown, expected, "{username}");
        };
        use EntryType::Standard;
        check("user/k8s-dev", Standard, "dev:{{AccountID}}", &[(None, "dev:111122223333")]);
        check("role/deployer", Standard, "ci", &[(Some("alice"), "ci")]);
        let both = [(Some("alice"), "ci:alice"), (Some("alice@example.com"), "ci:alice-example.com")];
        check("role/deployer", Standard, "ci:{{SessionName}}", &both);
        let raw = [(Some("alice"), "ci:alice"), (Some("alice@example.com"), "ci:alice@example.com")];
        check("role/deployer", Standard, "ci:{{SessionNameRaw}}", &raw);
        // What the service refuses has no user name.
        check("role/deployer", Standard, "{{SessionName}}", &[]);
    }

    #[test]
    fn a_form_becomes_calls() {
        let form = Form {
            principal: " arn:aws:iam::111122223333:user/k8s-dev ".into(),
            groups: vec!["developer".into()],
            policies: vec![("p".into(), AccessScope::cluster())],
            ..Form::default()
        };
        assert_eq!(form.requests("c").len(), 2);
        assert_eq!(form.default_username(), "arn:aws:iam::111122223333:user/k8s-dev");
        let node = Form { kind: EntryType::Ec2Linux, ..form };
        let requests = node.requests("c");
        let [Request::Aws(AwsRequest::CreateAccessEntry(create))] = requests.as_slice() else { panic!("{requests:?}") };
        assert_eq!((create.kubernetes_groups.as_ref(), create.kind.as_deref()), (None, Some("EC2_LINUX")));
    }
}
