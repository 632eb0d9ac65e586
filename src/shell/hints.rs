//! Hints: remarks of ours under an output whose cause is well known, drawn apart from it.
//!
//! One table, [`CAUSES`]: what a call looks like, and what to say. It reads the calls that a command made and
//! changes nothing of what it printed.

mod unknown_names;

use crate::aws::aws_auth;
use crate::aws::eks::EntryType;
use crate::aws::iam::{PrincipalArn, PrincipalKind};
use crate::engine::answers::near_misses::{self, Kind, NearMiss, Object, near_misses};
use crate::engine::authn::{AWS_AUTH, EntryFate, Lookup, MappingFate, Refusal, look_up};
use crate::engine::authz::{Published, scope_covers};
use crate::engine::explain::{NearWhy, Trace, explain};
use crate::engine::world::Association;
use crate::engine::{ApiError, AwsRequest, Caller, Cluster, KubeRequest, Request, World, iam};
use crate::formats::time::Timestamp;
use crate::k8s::attributes::{Action, ResourceAction};
use crate::k8s::rbac::PolicyRule;
use crate::k8s::status::Reason;
use crate::session::{CallRecord, Session};
use crate::shell::context::Context;
use crate::shell::io::Input;
use crate::shell::kubeconfig::{Kubeconfig, Overrides};

/// The most hints under one output.
const MAX_HINTS: usize = 3;
/// How many calls of one command are looked at; a loop may make thousands.
const MAX_CALLS: usize = 50;

/// How a well-known cause is found.
enum When {
    /// The AWS exception's text contains this.
    Exception(&'static str, &'static str),
    /// The call, and how it ended, is such that there is something to say.
    Call(fn(&Facts<'_>) -> Option<String>),
}

use When::{Call, Exception};

/// The well-known causes, each with the rule that it comes from.
const CAUSES: &[(&str, When)] = &[
    ("eks 1.5", Exception("authentication mode must be set to one of", MODE)),
    ("eks 1.2", Exception("Unsupported authentication mode update", ONE_WAY)),
    ("eks 3.3", Exception("currently has update", "An update takes a moment: `sleep 60` moves the simulated clock.")),
    ("eks 7.2", Exception("it cannot start with", RESERVED_GROUP)),
    ("eks 8.5", Exception("Service Linked Role", "Service-linked roles get their access entries from AWS itself.")),
    ("eks 5.2", Exception("with a type of \"STANDARD\"", NODE_TYPE)),
    ("eks 5.6", Exception("already in use on this cluster", DUPLICATE)),
    ("eks 9.4", Exception("principalArn could not be found", NO_ENTRY)),
    ("eks 8.3", Call(principal_format)),
    ("eks 8.3", Call(invalid_principal)),
    ("eks 5.1", Call(unknown_type)),
    ("eks 16.2", Call(comma_in_groups)),
    ("eks 14.1", Call(on_its_way)),
    ("iam 4.3", Call(aws_auth_written)),
    ("eks 11", Call(unauthorized)),
    ("rbac 2", Call(forbidden)),
    ("rbac 5", Call(unknown_names::find)),
    ("eks 11", Call(shadowed)),
    ("eks 12.7", Call(impersonated)),
    ("rbac 9", Call(list_without_policies)),
];

const MODE: &str = "In mode CONFIG_MAP access entries do not exist yet. Change the mode first: `aws eks update-cluster-config \
    --name CLUSTER --access-config authenticationMode=API_AND_CONFIG_MAP`.";
const ONE_WAY: &str = "Modes go one way only: CONFIG_MAP, API_AND_CONFIG_MAP, API, one step at a time and never back.";
const RESERVED_GROUP: &str = "Access entries take no groups that start with `system:`, `eks:`, `aws:`, `amazon:` or `iam:`. For what system:masters gives, associate \
    the access policy AmazonEKSClusterAdminPolicy with the entry; or bind a group of your own to the role.";
const NODE_TYPE: &str = "Entries for nodes have fixed groups and take no policies. Only STANDARD entries can be changed so; the \
    type of an entry cannot be changed, but the entry can be deleted and created anew.";
const DUPLICATE: &str = "A principal has at most one entry on a cluster. Change it with `aws eks update-access-entry`, or add a \
    policy with `aws eks associate-access-policy`.";
const NO_ENTRY: &str = "The ARN must be that of an entry, letter by letter and with the role's path: `aws eks \
    list-access-entries` shows them. A principal that only stands in aws-auth has no entry.";

/// A call with its surroundings.
struct Facts<'a> {
    session: &'a Session,
    world: &'a World,
    call: &'a CallRecord,
}

/// What is worth saying about the calls of a command that has ended and printed this. A refusal that the command got
/// over, such as an entry that it looked for before making it, is not shown and needs no hint.
pub fn of(session: &Session, calls: &[CallRecord], printed: &str) -> Vec<String> {
    let mut hints: Vec<String> = Vec::new();
    for call in calls.iter().rev().take(MAX_CALLS).rev() {
        let facts = Facts { session, world: session.world(), call };
        for (_, when) in CAUSES {
            let hint = match when {
                Exception(part, hint) => facts
                    .exception()
                    .filter(|text| text.contains(part) && printed.contains(part))
                    .map(|_| (*hint).to_owned()),
                Call(find) => find(&facts),
            };
            hints.extend(hint.filter(|hint| !hints.contains(hint)));
        }
    }
    hints.truncate(MAX_HINTS);
    hints
}

impl<'a> Facts<'a> {
    /// The text of the AWS exception, if the call ended with one.
    fn exception(&self) -> Option<&'a str> {
        match &self.call.error {
            Some(ApiError::Aws(exception)) => Some(&exception.message),
            _ => None,
        }
    }

    /// The reason of the API server's refusal.
    fn refusal(&self) -> Option<Reason> {
        match &self.call.error {
            Some(ApiError::Kube(status)) => Some(status.reason),
            _ => None,
        }
    }

    /// The cluster and the call to it.
    fn kube(&self) -> Option<(&'a Cluster, &'a KubeRequest)> {
        let Request::Kube { cluster, request } = &self.call.request else { return None };
        Some((self.world.cluster(cluster)?, request))
    }

    /// What the call was about, and the way to its decision.
    fn trace(&self) -> Option<(&'a Cluster, Action, Trace)> {
        let (cluster, request) = self.kube()?;
        let action = action(request)?;
        let trace = explain(self.world, cluster, &self.call.caller, &action);
        Some((cluster, action, trace))
    }
}

/// The attributes of a call (rbac 1); none for calls that everybody may make.
fn action(request: &KubeRequest) -> Option<Action> {
    let (verb, resource, subresource, namespace, name) = match request {
        KubeRequest::List { resource, namespace, .. } => ("list", resource, "", namespace, ""),
        KubeRequest::Get { resource, namespace, name } => ("get", resource, "", namespace, name.as_str()),
        KubeRequest::Create { resource, namespace, .. } => ("create", resource, "", namespace, ""),
        KubeRequest::Update { resource, namespace, name, .. } => ("update", resource, "", namespace, name.as_str()),
        KubeRequest::Patch { resource, namespace, name, .. } => ("patch", resource, "", namespace, name.as_str()),
        KubeRequest::Delete { resource, namespace, name, .. } => ("delete", resource, "", namespace, name.as_str()),
        KubeRequest::Subresource { verb, resource, subresource, namespace, name } => {
            (verb.as_str(), resource, subresource.as_str(), namespace, name.as_str())
        }
        KubeRequest::TokenRequest(wanted) => {
            let account = ResourceAction {
                verb: "create".to_owned(),
                resource: "serviceaccounts".to_owned(),
                subresource: "token".to_owned(),
                name: wanted.name.clone(),
                namespace: wanted.namespace.clone(),
                ..ResourceAction::default()
            };
            return Some(Action::Resource(account));
        }
        KubeRequest::Url { path } => return Some(Action::Url { verb: "get".to_owned(), path: path.clone() }),
        KubeRequest::SelfSubjectAccessReview { action } => return Some(action.clone()),
        _ => return None,
    };
    Some(Action::Resource(ResourceAction {
        verb: verb.to_owned(),
        api_group: resource.group.clone(),
        resource: resource.resource.clone(),
        subresource: subresource.to_owned(),
        name: name.to_owned(),
        namespace: namespace.clone().unwrap_or_default(),
    }))
}

/// ARN of the user or role behind a caller, with its path.
fn principal(world: &World, caller: &Caller) -> Option<String> {
    let identity = world.identify(&caller.credential).ok()?;
    Some(iam::principal_of(world, &identity).0)
}

fn invalid_principal(facts: &Facts<'_>) -> Option<String> {
    facts.exception().filter(|text| text.ends_with("invalid principal."))?;
    let Request::Aws(AwsRequest::CreateAccessEntry(input)) = &facts.call.request else { return None };
    let arn = input.principal_arn.parse::<PrincipalArn>().ok()?;
    let World { partition, account, .. } = facts.world;
    if arn.kind() == PrincipalKind::Root {
        return None;
    }
    let alike =
        facts.world.roles.iter().filter(|role| role.name == arn.name()).map(|role| role.arn(partition, account));
    match alike.into_iter().find(|other| *other != input.principal_arn) {
        Some(other) => Some(format!(
            "EKS looks the principal up by its full ARN. The role `{}` has a path, as those of IAM Identity Center (SSO) \
             have; its ARN is {other}. (aws-auth is the reverse: there the path must be left out.)",
            arn.name()
        )),
        None => Some(format!(
            "There is no {} `{}` in this world: `aws iam list-{}s` shows what there is. Unlike aws-auth, EKS checks that the \
             principal of an entry exists.",
            arn.kind().as_str(),
            arn.name(),
            arn.kind().as_str()
        )),
    }
}

/// A principal whose ARN has not the form of one (eks 8.3).
fn principal_format(facts: &Facts<'_>) -> Option<String> {
    facts.exception().filter(|text| text.starts_with("The principalArn parameter format is not valid"))?;
    let Request::Aws(request) = &facts.call.request else { return None };
    let input = request.input();
    let given = input.get("principalArn")?.as_str()?;
    let what = match given.split(':').nth(2) {
        Some("sts") => "This is the ARN of a session. An entry needs that of the role behind it",
        Some("eks") => "This is the ARN of an access entry. The option needs that of the entry's principal",
        Some("iam") if given.contains(":group/") => {
            "An IAM group is no principal. Make a role that its members may assume, and name that role"
        }
        _ => "An access entry is for an IAM role, an IAM user or the root user",
    };
    Some(format!("{what}: arn:aws:iam::ACCOUNT:role/[PATH/]NAME, or …:user/[PATH/]NAME for a user."))
}

/// A type in another spelling than the service's (eks 5.1).
fn unknown_type(facts: &Facts<'_>) -> Option<String> {
    facts.exception().filter(|text| text.starts_with("AccessEntry type must be one of"))?;
    let Request::Aws(AwsRequest::CreateAccessEntry(input)) = &facts.call.request else { return None };
    let given = input.kind.as_deref()?;
    let near = EntryType::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(given))?;
    Some(format!("Types are written as the service model has them: --type {}, not {given}.", near.name()))
}

fn comma_in_groups(facts: &Facts<'_>) -> Option<String> {
    let groups = match &facts.call.request {
        Request::Aws(AwsRequest::CreateAccessEntry(input)) => &input.kubernetes_groups,
        Request::Aws(AwsRequest::UpdateAccessEntry(input)) => &input.kubernetes_groups,
        _ => return None,
    };
    let one = groups.iter().flatten().find(|group| group.contains(','))?;
    let several = one.split(',').map(str::trim).collect::<Vec<_>>().join(" ");
    Some(format!("`{one}` is one group with a comma in its name. For several groups: --kubernetes-groups {several}"))
}

/// After a change of an access entry in a world where such changes take their time.
fn on_its_way(facts: &Facts<'_>) -> Option<String> {
    let Request::Aws(request) = &facts.call.request else { return None };
    if facts.call.error.is_some() || facts.call.request.is_read() || facts.world.propagation_millis == 0 {
        return None;
    }
    let input = request.input();
    let cluster = facts.world.cluster(input.get("clusterName")?.as_str()?)?;
    let roles = ["principalArn", "nodeRole", "podExecutionRoleArn"];
    let principal = roles.iter().find_map(|member| input.get(*member)?.as_str())?;
    let former = cluster.former.get(principal)?;
    let seconds = former.until.0.saturating_sub(facts.world.clock.0).div_euclid(1000).saturating_add(1);
    Some(format!("The API server does not know of it yet: `sleep {seconds}` moves the simulated clock that far."))
}

/// After aws-auth was written: lines that will not do what they seem to.
fn aws_auth_written(facts: &Facts<'_>) -> Option<String> {
    if facts.call.error.is_some() || facts.call.request.is_read() {
        return None;
    }
    let (cluster, request) = facts.kube()?;
    let is_it = match request {
        KubeRequest::Create { resource, object, dry_run: false, .. } => {
            resource.resource == "configmaps" && object.pointer("/metadata/name").is_some_and(|name| name == AWS_AUTH.1)
        }
        KubeRequest::Update { resource, name, dry_run: false, .. }
        | KubeRequest::Patch { resource, name, dry_run: false, .. } => {
            resource.resource == "configmaps" && name == AWS_AUTH.1
        }
        _ => false,
    };
    let parsed = aws_auth::parse(&cluster.objects.config_map(AWS_AUTH.0, AWS_AUTH.1).filter(|_| is_it)?);
    if let Some(problem) = parsed.problems.first() {
        return Some(format!(
            "EKS cannot read all of aws-auth, and nobody tells the person who writes it ({}: {}). Those whose lines are lost \
             get \"Unauthorized\" from now on.",
            problem.section.as_str(),
            problem.message
        ));
    }
    let with_path = parsed.roles.iter().find_map(|entry| {
        let arn = entry.arn.parse::<PrincipalArn>().ok()?;
        (arn.path() != "/").then_some(arn)
    })?;
    Some(format!("The role {with_path} will not be found with its path: aws-auth needs {}.", with_path.canonical()))
}

fn unauthorized(facts: &Facts<'_>) -> Option<String> {
    facts.refusal().filter(|reason| *reason == Reason::Unauthorized)?;
    let (cluster, _) = facts.kube()?;
    let lookup = look_up(facts.world, cluster, &facts.call.caller.credential);
    let who = principal(facts.world, &facts.call.caller);
    let why = match &lookup.outcome {
        Ok(_) => return None,
        Err(Refusal::Token(fault)) => format!("The bearer token is not taken: {fault}."),
        Err(Refusal::Aws(exception)) => format!("AWS itself does not know the caller: {}", exception.message),
        Err(Refusal::Authenticator(_)) => not_let_in(cluster, &lookup, &who.unwrap_or_default()),
    };
    Some(format!("401: {why}{}", shared_user_entry(facts.session).unwrap_or_default()))
}

/// Why the authenticator does not know a caller (eks 11).
fn not_let_in(cluster: &Cluster, lookup: &Lookup, who: &str) -> String {
    let mode = lookup.mode.name();
    if let Some(until) = lookup.former_until {
        return not_propagated(until);
    }
    if let Some(entry) = &lookup.entry {
        match &entry.fate {
            EntryFate::Stale { entry_id, caller_id } => {
                return format!(
                    "the access entry of {who} was made for an earlier principal of that name ({entry_id}, now {caller_id}). \
                     Delete the entry and create it anew."
                );
            }
            EntryFate::NotRead => {
                return format!("{who} has an access entry, but in mode {mode} only aws-auth is read.");
            }
            EntryFate::Decides => {}
        }
    }
    // The page names the same cause first.
    let first = near_misses::at_the_door(cluster, lookup).into_iter().next();
    let is_first = |wanted: Kind| first.as_ref().is_some_and(|miss| miss.kind == wanted);
    let fate = |wanted: MappingFate| lookup.mappings.iter().find(|mapping| mapping.fate == wanted);
    let slip = |kind: Kind, wanted: MappingFate| fate(wanted).filter(|_| is_first(kind));
    if let Some(mapping) = fate(MappingFate::Refuses) {
        let covered = if lookup.creator_covered {
            " The caller made the cluster, but a line of aws-auth comes before the rights that creators have in this mode."
        } else {
            ""
        };
        return format!(
            "the line of aws-auth for {} decides, and its placeholder {{{{EC2PrivateDNSName}}}} is for sessions of EC2 \
             instances that are nodes of the cluster.{covered}",
            mapping.arn
        );
    }
    if let Some(NearMiss { kind: Kind::TemplateUnfilled, lacks, .. }) = &first {
        return format!("what maps {who} lacks {lacks}.");
    }
    if let Some(mapping) = slip(Kind::MappingHasPath, MappingFate::HasPath) {
        return format!("aws-auth names {} with its path; there the path must be left out.", mapping.arn);
    }
    if let Some(mapping) = slip(Kind::MappingIsSession, MappingFate::IsSession) {
        return format!("aws-auth names the session {}; it must name the role.", mapping.arn);
    }
    if let Some(mapping) = slip(Kind::MappingOtherAccount, MappingFate::OtherAccount) {
        return format!("aws-auth names {}, which is in another account than {who}.", mapping.arn);
    }
    if is_first(Kind::MappingNotRead) {
        return format!("{who} stands in aws-auth, but in mode {mode} only access entries count.");
    }
    if let Some(problem) = lookup.problems.first() {
        return format!("aws-auth cannot be read ({}): {}", problem.section.as_str(), problem.message);
    }
    let name = &cluster.name;
    if lookup.mode.uses_entries() {
        let or = if lookup.mode.reads_config_map() { " and no line in aws-auth" } else { "" };
        return format!(
            "{who} has no access entry{or} on {name}, so that IAM rights do not matter. `aws eks create-access-entry \
             --cluster-name {name} --principal-arn {who}` lets it in."
        );
    }
    format!("{who} has no line in aws-auth, which is all that counts in mode {mode}.")
}

/// The user entry of the current context, if contexts share it and it has a profile of its own (cli 6.3, 6.4).
fn shared_user_entry(session: &Session) -> Option<String> {
    let env = session.workstation().environment();
    let mut copy = Session::new(session.now().clone());
    let ctx = Context { session: &mut copy, env: &env, stdin: &Input::default() };
    let config = Kubeconfig::load(&ctx, None).ok()?;
    let user = config.connect(&Overrides::default(), &ctx).ok()?.user;
    let exec_env = config.entry("users", &user)?.pointer("/exec/env")?.as_array()?;
    let is_profile = |variable: &&serde_json::Value| variable.get("name").is_some_and(|name| name == "AWS_PROFILE");
    let profile = exec_env.iter().find(is_profile)?.get("value")?.as_str()?;
    let uses_it = |body: &serde_json::Value| body.get("user").is_some_and(|name| *name == user);
    let contexts = config.entries("contexts");
    let sharing: Vec<&str> = contexts.iter().filter(|(_, body)| uses_it(body)).map(|(name, _)| *name).collect();
    if sharing.len() > 1 {
        return Some(format!(
            " The contexts {} share a user entry, which logs in with the profile {profile}: whichever was written last \
             decides for all; `--user-alias` keeps them apart.",
            sharing.join(", ")
        ));
    }
    // One context with the profile that was asked for is what it seems to be.
    env.get("AWS_PROFILE").filter(|asked| *asked != profile)?;
    Some(format!(" The user entry of this context logs in with the profile {profile}, whatever AWS_PROFILE says."))
}

fn forbidden(facts: &Facts<'_>) -> Option<String> {
    facts.refusal().filter(|reason| *reason == Reason::Forbidden)?;
    let (cluster, _, trace) = facts.trace()?;
    if trace.impersonation_refused.is_some() {
        return Some("403: the caller may not take this identity; it needs the verb `impersonate` on it.".to_owned());
    }
    // Other refusals that are not about the request itself say what is missing.
    if trace.decision.allowed {
        return escalation(facts, &trace);
    }
    if let Some(until) = trace.lookup.former_until {
        return Some(format!("403: {}", not_propagated(until)));
    }
    let near = nearest(cluster, &trace).map(|near| format!(" {near}")).unwrap_or_default();
    Some(format!("403: known, but not allowed.{near} The access path of the page shows every step."))
}

/// After a refusal of the escalation check (rbac 11): access policies do not count there (eks 12.8).
fn escalation(facts: &Facts<'_>, trace: &Trace) -> Option<String> {
    let Some(ApiError::Kube(status)) = &facts.call.error else { return None };
    if !status.message.contains("attempting to grant RBAC permissions not currently held") {
        return None;
    }
    let names: Vec<&str> = trace.policies.iter().map(|policy| short(&policy.association.policy_arn)).collect();
    let policies = if names.is_empty() {
        String::new()
    } else {
        format!(
            " Access policies ({}) do not count as held here, except that a policy may allow the verbs `bind` and `escalate`, \
             as AmazonEKSClusterAdminPolicy does for the whole cluster.",
            names.join(", ")
        )
    };
    Some(format!(
        "403: the caller may write the object, but may give only rights that it holds itself by RBAC (the escalation \
         check).{policies} A binding that gives the caller these rights, or the verb `bind` or `escalate` on the role, \
         lets it pass."
    ))
}

/// What to say while a change of the caller's entry is on its way (eks 14.1).
fn not_propagated(until: Timestamp) -> String {
    let until = until.kubernetes_text();
    format!("a change of the access entry reaches the API server at {until}; `sleep` moves the simulated clock.")
}

/// What came closest to allowing a request: what the page names first, too.
fn nearest(cluster: &Cluster, trace: &Trace) -> Option<String> {
    let miss = near_misses(cluster, trace).into_iter().next()?;
    if let Object::Policy { policy_arn, .. } = &miss.object
        && miss.kind == Kind::PolicyOutOfScope
    {
        let policy = trace.policies.iter().find(|policy| policy.association.policy_arn == *policy_arn)?;
        let scope = policy.association.scope.namespaces.join(", ");
        return Some(format!(
            "Nearest: {} would allow it, but its scope is the namespaces {scope}.",
            short(policy_arn)
        ));
    }
    let Object::Binding { namespace, name } = &miss.object else {
        return Some(format!("Nearest: {} lacks {}.", miss.object, miss.lacks));
    };
    let found = trace.near.iter().find(|near| (&near.namespace, &near.name) == (namespace, name));
    match found.map(|near| &near.why) {
        Some(NearWhy::OtherNamespace) => {
            Some(format!("Nearest: {} would allow it in its own namespace only.", miss.object))
        }
        Some(NearWhy::OtherSubject(Some(alike))) => {
            Some(format!("Nearest: {} would allow it, but names the {} {}.", miss.object, alike.kind, alike.name))
        }
        // A binding of somebody else altogether is no near miss.
        Some(NearWhy::OtherSubject(None)) => None,
        None => Some(format!("Nearest: {} lacks {}.", miss.object, miss.lacks)),
    }
}

fn short(policy_arn: &str) -> &str {
    policy_arn.rsplit('/').next().unwrap_or_default()
}

/// `no`, though a line in aws-auth reads as if it should be `yes`: the entry comes first (eks 11).
fn shadowed(facts: &Facts<'_>) -> Option<String> {
    let asks = matches!(facts.kube()?.1, KubeRequest::SelfSubjectAccessReview { .. });
    if facts.call.error.is_some() != (facts.refusal() == Some(Reason::Forbidden))
        || !(asks || facts.call.error.is_some())
    {
        return None;
    }
    let (_, _, trace) = facts.trace()?;
    if trace.decision.allowed || trace.impersonated {
        return None;
    }
    let line = trace.lookup.mappings.iter().find(|mapping| mapping.fate == MappingFate::Shadowed)?;
    Some(format!(
        "{} has an access entry and a line in aws-auth (groups: {}). The entry alone counts; nothing is merged.",
        line.arn,
        if line.groups.is_empty() { "none".to_owned() } else { line.groups.join(", ") }
    ))
}

/// `no` for somebody whose access policies would allow it: `--as` looks at RBAC alone (eks 12.7).
fn impersonated(facts: &Facts<'_>) -> Option<String> {
    let (cluster, action, trace) = facts.trace()?;
    let wanted = &facts.call.caller.impersonate.as_ref()?.user;
    if trace.decision.allowed || trace.impersonation_refused.is_some() {
        return None;
    }
    let entry = cluster.entries.values().find(|entry| entry.username == *wanted && !entry.policies.is_empty())?;
    let policies: Vec<&str> = entry.policies.iter().map(|association| short(&association.policy_arn)).collect();
    Some(format!(
        "`--as {wanted}` asks RBAC alone. The access policies of that entry ({}) belong to the IAM principal and count only \
         when it calls itself: ask `{}` under its own profile.",
        policies.join(", "),
        action.verb()
    ))
}

/// `auth can-i --list` cannot show what access policies allow (rbac 9).
fn list_without_policies(facts: &Facts<'_>) -> Option<String> {
    let (cluster, request) = facts.kube()?;
    if !matches!(request, KubeRequest::SelfSubjectRulesReview { .. }) || facts.call.caller.impersonate.is_some() {
        return None;
    }
    let identity = look_up(facts.world, cluster, &facts.call.caller.credential).outcome.ok()?;
    let entry = crate::engine::authz::entry(cluster, &identity).filter(|entry| !entry.policies.is_empty())?;
    let KubeRequest::SelfSubjectRulesReview { namespace } = request else { return None };
    let here = Action::Resource(ResourceAction { namespace: namespace.clone(), ..ResourceAction::default() });
    let grants = |association: &Association| {
        let name = short(&association.policy_arn);
        if !scope_covers(&association.scope, &here) {
            return format!("{name} nothing, because its scope does not cover {namespace}");
        }
        Published::with(|published| match published.of(&association.policy_arn) {
            Some(rules) => format!("{name} {}", rules_text(rules)),
            None => format!("{name} what AWS does not publish"),
        })
    };
    let policies: Vec<String> = entry.policies.iter().map(grants).collect();
    Some(format!(
        "The list shows RBAC only. Access policies allow more in namespace {namespace}: {}. The page Ask shows all rights; for \
         single actions ask `kubectl auth can-i VERB RESOURCE`.",
        policies.join("; ")
    ))
}

/// Rules in a few words; the first ones stand for all.
fn rules_text(rules: &[PolicyRule]) -> String {
    const RULES: usize = 3;
    const NAMES: usize = 6;
    let few = |names: &[String]| match names.get(NAMES..).unwrap_or_default().len() {
        0 | 1 => names.join(", "),
        more => format!("{} and {more} more", names.get(..NAMES).unwrap_or_default().join(", ")),
    };
    let rule = |rule: &PolicyRule| {
        let verbs = rule.verbs.join(", ");
        match rule.resources.as_slice() {
            [] => format!("{verbs} on URLs {}", few(&rule.non_resource_urls)),
            resources => format!("{verbs} on {}", few(resources)),
        }
    };
    let shown = rules.iter().take(RULES).map(rule).collect::<Vec<_>>().join(", ");
    match rules.len().saturating_sub(RULES) {
        0 => shown,
        1 => format!("{shown} and 1 more rule"),
        more => format!("{shown} and {more} more rules"),
    }
}

#[cfg(test)]
mod tests {
    use crate::session::{Session, scenario};
    use crate::shell::terminal;

    /// Runs the lines and looks at the hints of the last one.
    #[track_caller]
    fn check(lines: &str, expected: &[&str]) {
        let mut session = Session::new(scenario::walkthrough());
        let ran = terminal::run(&mut session, lines);
        let last = ran.last().unwrap();
        assert_eq!(last.hints.len(), expected.len(), "{lines}\n{last:#?}");
        for (hint, part) in last.hints.iter().zip(expected) {
            assert!(hint.contains(part), "{lines}\n{hint}");
        }
    }

    const CREATE: &str = "aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn";
    const DEV: &str = "arn:aws:iam::111122223333:user/k8s-dev";
    const ADMIN: &str = "arn:aws:iam::111122223333:user/k8s-admin";

    #[test]
    fn exceptions() {
        check(&format!("{CREATE} {DEV}\n{CREATE} {DEV}"), &["at most one entry"]);
        check(&format!("{CREATE} {DEV} --kubernetes-groups system:masters"), &["AmazonEKSClusterAdminPolicy"]);
        check(&format!("{CREATE} {DEV} --kubernetes-groups a,b"), &["--kubernetes-groups a b"]);
        check(&format!("{CREATE} {DEV} --kubernetes-groups a b"), &[]);
        check(&format!("{CREATE} arn:aws:iam::111122223333:role/nobody"), &["no role `nobody`"]);
        check(
            &format!(
                "aws iam create-role --role-name R --path /team/ --assume-role-policy-document '{{}}'\n{CREATE} arn:aws:iam::111122223333:role/R"
            ),
            &["arn:aws:iam::111122223333:role/team/R"],
        );
        let update = "aws eks update-cluster-config --name eks-demo-cluster --access-config authenticationMode";
        check(&format!("{update}=CONFIG_MAP"), &["one way only"]);
        check(
            "aws eks describe-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:user/k8s-dev",
            &["list-access-entries"],
        );
    }

    #[test]
    fn unauthorized() {
        let get = "AWS_PROFILE=k8s-dev-demo kubectl get pods";
        check(
            get,
            &[
                "create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:user/k8s-dev",
            ],
        );
        check(
            &format!(
                "{CREATE} {DEV}\naws iam delete-user --user-name k8s-dev\naws iam create-user --user-name k8s-dev\n{get}"
            ),
            &["401"],
        );
        check(
            "aws eks update-kubeconfig --name eks-demo-cluster --profile k8s-dev-demo --alias dev\nkubectl get pods",
            &["whichever was written last"],
        );
        check(
            "aws eks update-cluster-config --name eks-demo-cluster --access-config authenticationMode=API
             AWS_PROFILE=k8s-admin-demo kubectl get pods",
            &["only access entries count"],
        );
    }

    #[test]
    fn refusals_and_answers() {
        let entry = format!("{CREATE} {DEV} --kubernetes-groups developer");
        let dev = "AWS_PROFILE=k8s-dev-demo kubectl";
        check(&format!("{entry}\n{dev} get pods"), &["access path"]);
        let scoped = "aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:user/k8s-dev --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy --access-scope type=namespace,namespaces=dev";
        check(&format!("{entry}\n{scoped}\n{dev} get pods"), &["AmazonEKSViewPolicy would allow it"]);
        check(
            &format!(
                "{entry}\nkubectl create clusterrolebinding d --clusterrole view --group Developer\n{dev} get pods"
            ),
            &["names the Group Developer"],
        );
        check("kubectl get pods", &[]);
        check("kubectl auth can-i --list", &["AmazonEKSClusterAdminPolicy * on *, * on URLs *"]);
        check(
            &format!("{entry}\n{scoped}\n{dev} auth can-i --list"),
            &["AmazonEKSViewPolicy nothing, because its scope does not cover default"],
        );
        check(&format!("{entry}\n{dev} auth can-i --list"), &[]);
        check(
            &format!("{CREATE} {ADMIN}\nAWS_PROFILE=k8s-admin-demo kubectl auth can-i get pods"),
            &["The entry alone counts"],
        );
        check(&format!("{entry}\n{scoped}\nkubectl auth can-i get pods -n dev --as {DEV}"), &["asks RBAC alone"]);
        check("kubectl auth can-i get pods/log", &["--subresource=log"]);
    }

    #[test]
    fn aws_auth() {
        let patch = |text: &str| {
            format!(
                "kubectl patch cm aws-auth -n kube-system --type merge -p '{{\"data\":{{\"mapRoles\":\"{text}\"}}}}'"
            )
        };
        check(
            &patch("- rolearn: arn:aws:iam::111122223333:role/team/R"),
            &["aws-auth needs arn:aws:iam::111122223333:role/R"],
        );
        check(&patch("- rolearn: arn:aws:iam::111122223333:role/R"), &[]);
        check(&patch("- rolearn: [oops"), &["cannot read all of aws-auth"]);
        check(&format!("{} --dry-run=server", patch("- rolearn: [oops")), &[]);
    }
}
