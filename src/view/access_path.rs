//! The access path: how a request gets from an IAM identity to an answer, stage by stage.
//!
//! Made from the same trace that decides ([`explain`]), so that picture and answer cannot disagree.

mod sentence;

use super::acting::Acting;
use super::details::{self, Group};
use super::objects::Kind;
use super::question::{Asked, Question, asked};
use super::route::Route;
use super::text::{and_list, capital, last_name};
use super::who::{Asker, Who};
use crate::aws::eks::AuthenticationMode;
use crate::aws::iam::PrincipalKind;
use crate::engine::authn::{EntryFate, Lookup, MappingFate, MappingSeen, Refusal, Via};
use crate::engine::explain::{BindingSeen, PolicySeen, RuleSeen, Trace, explain, explain_stated};
use crate::engine::kube;
use crate::engine::world::Cluster;
use crate::session::Snapshot;
use sentence::sentence;

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Allowed.
    Yes,
    /// Refused: 403.
    No,
    /// Nobody stands behind the request: 401.
    Unauthorized,
}

impl Verdict {
    /// A word for attributes and class names.
    pub fn code(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unauthorized => "unauthorized",
        }
    }

    /// The word that is shown.
    pub fn label(self) -> &'static str {
        match self {
            Self::Yes => "Yes",
            Self::No => "No",
            Self::Unauthorized => "Not logged in",
        }
    }

    /// What the API server answers.
    pub fn status(self) -> &'static str {
        match self {
            Self::Yes => "allowed",
            Self::No => "403 Forbidden",
            Self::Unauthorized => "401 Unauthorized",
        }
    }
}

/// How far a stage takes the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The request goes on.
    Passed,
    /// This stage allows it.
    Decided,
    /// The request ends here.
    Stopped,
    /// This stage does not allow it; another one may.
    NoOpinion,
    /// The request does not get here.
    NotReached,
}

impl State {
    /// A word for class names.
    pub fn code(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Decided => "decided",
            Self::Stopped => "stopped",
            Self::NoOpinion => "no-opinion",
            Self::NotReached => "not-reached",
        }
    }

    /// The words that are shown.
    pub fn label(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Decided => "allows it",
            Self::Stopped => "stops here",
            Self::NoOpinion => "does not allow it",
            Self::NotReached => "not reached",
        }
    }
}

/// What a line of a stage says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Just so.
    Plain,
    /// This counts.
    Counts,
    /// This was looked at and does not help.
    Misses,
    /// This is there and does not count.
    Shadowed,
    /// Nothing is there.
    Absent,
}

impl Tone {
    /// A word for class names.
    pub fn code(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Counts => "counts",
            Self::Misses => "misses",
            Self::Shadowed => "shadowed",
            Self::Absent => "absent",
        }
    }
}

/// A line of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it says.
    pub tone: Tone,
    /// A small word before the text: `user`, `groups`.
    pub label: Option<&'static str>,
    /// The text; a name that could be typed if `is_name`.
    pub text: String,
    /// Whether the text is a name.
    pub is_name: bool,
    /// Why it does not count, or what it is.
    pub reason: Option<String>,
    /// Where to see more of it.
    pub route: Option<Route>,
}

impl Line {
    fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, label: None, text: text.into(), is_name: false, reason: None, route: None }
    }

    fn name(tone: Tone, label: &'static str, text: impl Into<String>) -> Self {
        Self { label: Some(label), is_name: true, ..Self::new(tone, text) }
    }

    fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    fn to(mut self, route: Route) -> Self {
        self.route = Some(route);
        self
    }
}

/// A stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// A word for class names.
    pub id: &'static str,
    /// The title.
    pub title: &'static str,
    /// How far it takes the request.
    pub state: State,
    /// What it says in a few words.
    pub headline: String,
    /// What it looked at.
    pub lines: Vec<Line>,
}

/// The rule that decides a yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deciding {
    /// Which: `rule 1 of ClusterRole view`.
    pub name: String,
    /// What it says: `get, list on pods`.
    pub text: String,
    /// Where to see it among the others.
    pub route: Route,
}

/// The whole path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessPath {
    /// Who asks, by name.
    pub who: String,
    /// What is asked.
    pub asked: Asked,
    /// The answer.
    pub verdict: Verdict,
    /// The answer and its reason in plain words.
    pub sentence: String,
    /// The rule that decides a yes, if one does.
    pub deciding: Option<Deciding>,
    /// Who, lookup, identity; of an identity taken as stated only the last.
    pub stages: Vec<Stage>,
    /// The two authorizers, side by side.
    pub authorizers: Vec<Stage>,
    /// Everything that was looked at, near misses first.
    pub details: Vec<Group>,
}

/// The answer to a question, with its path.
pub fn answer(now: &Snapshot, cluster: &Cluster, question: &Question) -> AccessPath {
    let asker = question.who.asker(now);
    let asked = asked(cluster, question);
    let trace = match &asker {
        Asker::Caller(acting) => explain(&now.world, cluster, &acting.caller, &asked.action),
        Asker::Stated(user) => explain_stated(cluster, user, &asked.action),
    };
    let verdict = match (trace.decision.allowed, trace.is_authenticated()) {
        (true, _) => Verdict::Yes,
        (false, true) => Verdict::No,
        (false, false) => Verdict::Unauthorized,
    };
    let name = question.who.name(&asker);
    // IAM names are written as they are.
    let subject = if matches!(asker, Asker::Stated(_)) { capital(&name) } else { name.clone() };
    let stages = match &asker {
        Asker::Caller(acting) => vec![who(acting, &trace), lookup(&trace.lookup), identity(&trace, Vec::new())],
        Asker::Stated(_) => vec![identity(&trace, vec![origin_of_stated(cluster, &question.who)])],
    };
    AccessPath {
        verdict,
        sentence: sentence(&subject, &asked, &trace, verdict),
        deciding: deciding(&trace),
        who: name,
        stages,
        authorizers: vec![policies(&trace), rbac(&trace)],
        details: details::groups(cluster, &trace),
        asked,
    }
}

/// Where an identity comes from that is taken as stated.
fn origin_of_stated(cluster: &Cluster, who: &Who) -> Line {
    let Who::ServiceAccount(namespace, name) = who else {
        return Line::new(Tone::Plain, "taken as stated")
            .because("as kubectl --as does: without IAM, access entries and aws-auth");
    };
    let resource = cluster.objects.resource("", "serviceaccounts");
    let exists = resource.is_some_and(|resource| cluster.objects.get(&resource, namespace, name).is_some());
    if exists {
        Line::new(Tone::Plain, "service account")
            .because("its pods show a token of the cluster, without IAM")
            .to(Route::Object(Kind::ServiceAccounts, namespace.clone(), name.clone()))
    } else {
        Line::new(Tone::Absent, "no such service account").because("bindings may name it before it exists")
    }
}

fn who(acting: &Acting, trace: &Trace) -> Stage {
    let mut lines = Vec::new();
    let refused = match &trace.lookup.outcome {
        Err(Refusal::Aws(exception)) => Some(exception.message.clone()),
        Err(Refusal::Token(fault)) => Some(format!("The bearer token is not taken: {fault}.")),
        _ => None,
    };
    let arn = acting.arn.clone().unwrap_or_default();
    let headline = match kind_of_caller(&arn) {
        Some(PrincipalKind::User) => format!("IAM user {}", acting.name()),
        Some(PrincipalKind::Role) => format!("IAM role {}", role_name(&arn)),
        Some(PrincipalKind::Root) | None => acting.profile.clone(),
    };
    if !arn.is_empty() {
        lines.push(Line::name(Tone::Plain, "ARN", arn));
    }
    if !acting.profile.is_empty() {
        lines.push(Line::name(Tone::Plain, "profile", acting.profile.clone()));
    }
    if let Some(text) = &refused {
        lines.push(Line::new(Tone::Misses, text.clone()));
    }
    let state = if refused.is_some() { State::Stopped } else { State::Passed };
    Stage { id: "who", title: "Who", state, headline, lines }
}

fn role_name(arn: &str) -> &str {
    let session = arn.split_once(":assumed-role/").map(|(_, rest)| rest.split('/').next().unwrap_or(rest));
    session.unwrap_or_else(|| last_name(arn))
}

/// User or role, from the ARN that STS gives to a caller.
fn kind_of_caller(arn: &str) -> Option<PrincipalKind> {
    if arn.contains(":user/") {
        Some(PrincipalKind::User)
    } else if arn.contains(":assumed-role/") || arn.contains(":role/") {
        Some(PrincipalKind::Role)
    } else {
        None
    }
}

fn lookup(lookup: &Lookup) -> Stage {
    let mode = lookup.mode;
    let mut lines = Vec::new();
    match &lookup.entry {
        Some(entry) => {
            let line = |tone| Line::new(tone, "access entry").to(Route::Entry(entry.principal_arn.clone()));
            lines.push(match &entry.fate {
                EntryFate::Decides => line(Tone::Counts),
                EntryFate::Stale { entry_id, caller_id } => line(Tone::Shadowed).because(format!(
                    "made for an earlier principal of this ARN: its id is {entry_id}, the caller's is {caller_id}"
                )),
                EntryFate::NotRead => {
                    line(Tone::Shadowed).because(format!("mode {} knows no access entries", mode.name()))
                }
            });
        }
        None if mode.uses_entries() && lookup.caller.is_some() => {
            lines.push(Line::new(Tone::Absent, "no access entry for this principal").to(Route::Access));
        }
        None => {}
    }
    if let Some(until) = lookup.former_until {
        lines.push(Line::new(Tone::Shadowed, "a change of the access entry").because(format!(
            "not yet propagated: until {} the API server decides by the former state",
            until.kubernetes_text()
        )));
    }
    lines.extend(lookup.mappings.iter().map(|mapping| mapping_line(mode, mapping)));
    if lookup.creator_covered {
        lines.push(Line::new(Tone::Shadowed, "cluster creator").because(
            "aws-auth is read first and has a line for the creator: the hidden system:masters does not count",
        ));
    }
    let about_config_map = match &lookup.via {
        Some(Via::Account) => Some(Line::new(Tone::Counts, "aws-auth mapAccounts lists the account")),
        Some(Via::Creator) => {
            Some(Line::new(Tone::Counts, "cluster creator").because("holds system:masters; no API shows it"))
        }
        Some(Via::Static) => Some(Line::new(Tone::Counts, "known to the API server without IAM")),
        Some(Via::ServiceAccount) => Some(Line::new(Tone::Counts, "token of a service account")),
        Some(Via::Anonymous) => Some(Line::new(Tone::Counts, "no credentials: anonymous")),
        _ if !mode.reads_config_map() && lookup.mappings.is_empty() => {
            Some(Line::new(Tone::Absent, "aws-auth is not read in this mode"))
        }
        _ if mode.reads_config_map() && lookup.mappings.is_empty() && lookup.caller.is_some() => {
            Some(Line::new(Tone::Absent, "no aws-auth line for this principal").to(Route::AwsAuth))
        }
        _ => None,
    };
    lines.extend(about_config_map);
    lines.extend(lookup.problems.iter().map(|problem| {
        let text = format!("aws-auth {} has a fault", problem.section.as_str());
        Line::new(Tone::Misses, text).because(problem.message.clone()).to(Route::AwsAuth)
    }));
    let state = match &lookup.outcome {
        Ok(_) => State::Passed,
        Err(Refusal::Authenticator(denial)) => {
            if lookup.entry.is_some() || !lookup.mappings.is_empty() {
                lines.push(Line::new(Tone::Misses, denial.to_string()));
            }
            State::Stopped
        }
        Err(_) => State::NotReached,
    };
    Stage { id: "lookup", title: "Mode and lookup", state, headline: mode.name().to_owned(), lines }
}

fn mapping_line(mode: AuthenticationMode, mapping: &MappingSeen) -> Line {
    let text = format!("aws-auth {}[{}]", mapping.section.as_str(), mapping.index);
    let (tone, reason) = match mapping.fate {
        MappingFate::Decides => (Tone::Counts, None),
        MappingFate::Refuses => (Tone::Misses, Some("it decides, and its placeholder cannot be filled in".to_owned())),
        MappingFate::Shadowed => (Tone::Shadowed, Some("the access entry comes first, nothing is merged".to_owned())),
        MappingFate::NotRead => (Tone::Shadowed, Some(format!("mode {} does not read aws-auth", mode.name()))),
        MappingFate::Overridden => (Tone::Shadowed, Some("another line for the same ARN replaces it".to_owned())),
        MappingFate::HasPath => (Tone::Shadowed, Some("the ARN has a path; callers are looked up without".to_owned())),
        MappingFate::IsSession => (Tone::Shadowed, Some("names a session; callers are looked up by role".to_owned())),
        MappingFate::OtherAccount => (Tone::Shadowed, Some("the same name in another account".to_owned())),
    };
    let place = Route::AwsAuthEntry(mapping.section.as_str().to_owned(), mapping.index);
    let mut line = Line::new(tone, text).to(place);
    line.reason = reason.or_else(|| Some(format!("groups {}", and_list(&mapping.groups, "none"))));
    if tone == Tone::Shadowed && !mapping.groups.is_empty() {
        let groups = and_list(&mapping.groups, "");
        line.reason = line.reason.map(|reason| format!("{reason}; would give {groups}"));
    }
    line
}

fn identity(trace: &Trace, origin: Vec<Line>) -> Stage {
    let title = "Kubernetes identity";
    let stage = |state, headline: &str, lines| Stage { id: "identity", title, state, headline: headline.into(), lines };
    if let Some(status) = &trace.impersonation_refused {
        let line = Line::new(Tone::Misses, status.message.clone());
        return stage(State::Stopped, "impersonation refused", vec![line]);
    }
    let Some(user) = &trace.user else { return stage(State::NotReached, "nobody", Vec::new()) };
    let named = Some(user.username.clone()).filter(|name| !name.is_empty());
    let mut lines: Vec<Line> = named.iter().map(|name| Line::name(Tone::Plain, "user", name.clone())).collect();
    lines.extend(user.groups.iter().map(|group| Line::name(Tone::Plain, "group", group.clone())));
    if trace.impersonated {
        lines.push(Line::new(Tone::Plain, "impersonated").because("access policies do not count"));
    }
    lines.extend(origin);
    let headline = match named.as_deref().or(user.groups.first().map(String::as_str)) {
        // The namespace stands in the line below.
        Some(name) if kube::service_account(name).is_some() => name.rsplit(':').next().unwrap_or(name),
        Some(name) => last_name(name),
        None => "nobody",
    };
    stage(State::Passed, &super::text::shorten(headline, 28), lines)
}

fn policies(trace: &Trace) -> Stage {
    let mut lines: Vec<Line> = trace.policies.iter().map(policy_line).collect();
    let reached = trace.user.is_some();
    let (state, headline) = if !reached {
        (State::NotReached, String::new())
    } else if trace.super_user || trace.node {
        lines.clear();
        (State::NotReached, "not asked".to_owned())
    } else if let Some(policy) = trace.policies.iter().find(|policy| policy.allows()) {
        (State::Decided, last_name(&policy.association.policy_arn).to_owned())
    } else if trace.policies.is_empty() {
        let via_entry = matches!(trace.lookup.via, Some(Via::Entry(_)));
        let text = match (trace.impersonated, via_entry) {
            (true, _) => "do not count here",
            (false, true) => "none associated",
            (false, false) => "only entries have them",
        };
        (State::NoOpinion, text.to_owned())
    } else {
        (State::NoOpinion, "none allows it".to_owned())
    };
    Stage { id: "policies", title: "Access policies", state, headline, lines }
}

fn policy_line(policy: &PolicySeen) -> Line {
    let name = last_name(&policy.association.policy_arn);
    let scope = details::scope_text(&policy.association.scope);
    let line = |tone| Line::new(tone, name).to(details::policy_route(policy));
    if policy.allows() {
        line(Tone::Counts).because(scope)
    } else if !policy.covers {
        line(Tone::Misses).because(format!("{scope} does not cover the request"))
    } else if !policy.published {
        line(Tone::Misses).because("its rules are not public, so it is not evaluated")
    } else {
        line(Tone::Misses).because("no rule of it allows this")
    }
}

fn rbac(trace: &Trace) -> Stage {
    let stage = |state, headline: String, lines| Stage { id: "rbac", title: "Kubernetes RBAC", state, headline, lines };
    if trace.user.is_none() {
        return stage(State::NotReached, String::new(), Vec::new());
    }
    if trace.super_user {
        let line = Line::new(Tone::Counts, "system:masters").because("may do everything; no rule is asked");
        return stage(State::Decided, "member of system:masters".to_owned(), vec![line]);
    }
    if trace.node {
        let line = Line::new(Tone::Counts, "node authorizer").because("what kubelets need");
        return stage(State::Decided, "a node of the cluster".to_owned(), vec![line]);
    }
    // Stock bindings of everybody say little; they are shown in the details.
    let notable = |binding: &&BindingSeen| binding.allows() || binding.subject.name != "system:authenticated";
    let lines: Vec<Line> = trace.bindings.iter().filter(notable).map(binding_line).collect();
    let allowing = trace.bindings.iter().find(|binding| binding.allows());
    let decided_before = trace.policies.iter().any(PolicySeen::allows);
    match allowing {
        Some(binding) if decided_before => stage(State::Passed, format!("{} allows it too", binding.name), lines),
        Some(binding) => stage(State::Decided, format!("{} {}", binding.role.kind, binding.role.name), lines),
        None if lines.is_empty() => stage(State::NoOpinion, "no binding for this identity".to_owned(), lines),
        None => stage(State::NoOpinion, "no binding allows it".to_owned(), lines),
    }
}

fn binding_line(binding: &BindingSeen) -> Line {
    let line = |tone| Line::new(tone, details::binding_name(binding)).to(details::binding_route(binding));
    if binding.allows() {
        return line(Tone::Counts)
            .because(format!("{} {} to {}", binding.role.kind, binding.role.name, binding.subject.name));
    }
    match &binding.rules {
        Err(missing) => line(Tone::Misses).because(missing.clone()),
        Ok(_) => line(Tone::Misses).because(format!("{} {} does not allow this", binding.role.kind, binding.role.name)),
    }
}

/// The rule that decides a yes. The super-user group and the node authorizer come first, and have no rule.
fn deciding(trace: &Trace) -> Option<Deciding> {
    let allows = |rules: &[RuleSeen]| rules.iter().find(|rule| rule.outcome.is_ok()).cloned();
    if !trace.decision.allowed || trace.super_user || trace.node {
        return None;
    }
    let (rule, owner, route) = match trace.policies.iter().find(|policy| policy.allows()) {
        Some(policy) => {
            let owner = format!("access policy {}", last_name(&policy.association.policy_arn));
            (allows(&policy.rules)?, owner, details::policy_route(policy))
        }
        None => {
            let binding = trace.bindings.iter().find(|binding| binding.allows())?;
            let rule = allows(binding.rules.as_deref().unwrap_or_default())?;
            let route = details::rule_route(binding, rule.index + 1);
            (rule, format!("{} {}", binding.role.kind, binding.role.name), route)
        }
    };
    let (number, text) = (rule.index + 1, details::rule_text(&rule.rule));
    Some(Deciding { name: format!("rule {number} of {owner}"), text, route })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{AwsRequest, Request};
    use crate::session::{Session, scenario};
    use serde_json::json;

    const ADMIN: &str = "arn:aws:iam::111122223333:user/k8s-admin";

    fn path(session: &Session, principal: &str) -> AccessPath {
        let question = Question { who: Who::Principal(principal.to_owned()), ..Question::default() };
        let cluster = session.world().clusters.first().unwrap();
        answer(session.now(), cluster, &question)
    }

    fn check(path: &AccessPath, verdict: Verdict, states: [State; 5], sentence: &str) {
        let found: Vec<State> = path.stages.iter().chain(&path.authorizers).map(|stage| stage.state).collect();
        assert_eq!((path.verdict, found.as_slice(), path.sentence.as_str()), (verdict, states.as_slice(), sentence));
    }

    fn call(session: &mut Session, operation: &str, input: serde_json::Value) {
        let caller = super::super::acting::aws(session.now()).caller;
        session.call(&caller, Request::Aws(AwsRequest::from_parts(operation, input).unwrap())).unwrap();
    }

    #[test]
    fn an_entry_takes_the_place_of_a_line_of_aws_auth() {
        use State::*;
        let mut session = Session::new(scenario::walkthrough());
        let yes =
            "k8s-admin can list pods in namespace default: group system:masters may do everything; aws-auth gives it.";
        check(&path(&session, ADMIN), Verdict::Yes, [Passed, Passed, Passed, NotReached, Decided], yes);
        let entry = json!({"clusterName": "eks-demo-cluster", "principalArn": ADMIN});
        call(&mut session, "CreateAccessEntry", entry);
        let refused = path(&session, ADMIN);
        let no = "k8s-admin cannot list pods in namespace default: its access entry has no access policy, and no binding \
                  of its user or groups allows it; the aws-auth line that gives system:masters no longer counts, since \
                  an access entry comes first.";
        check(&refused, Verdict::No, [Passed, Passed, Passed, NoOpinion, NoOpinion], no);
        assert!(refused.stages[1].lines.iter().any(|line| line.tone == Tone::Shadowed));
        let policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";
        let scope = json!({"type": "cluster"});
        let association = json!({"clusterName": "eks-demo-cluster", "principalArn": ADMIN, "policyArn": policy, "accessScope": scope});
        call(&mut session, "AssociateAccessPolicy", association);
        let yes = "k8s-admin can list pods in namespace default: access policy AmazonEKSClusterAdminPolicy of the access \
                   entry allows it, scope cluster, rule 1.";
        let by_policy = path(&session, ADMIN);
        check(&by_policy, Verdict::Yes, [Passed, Passed, Passed, Decided, NoOpinion], yes);
        let deciding = by_policy.deciding.unwrap();
        assert_eq!(deciding.name, "rule 1 of access policy AmazonEKSClusterAdminPolicy");
        assert_eq!(deciding.route, Route::Policy("AmazonEKSClusterAdminPolicy".to_owned(), Some(1)));
    }

    #[test]
    fn a_yes_names_a_namespace_only_where_there_is_one() {
        let mut session = Session::new(scenario::walkthrough());
        let script = "kubectl create clusterrole all --verb=get --resource=pods,nodes\n\
                      kubectl create clusterrolebinding all --clusterrole=all --user=jane";
        crate::shell::terminal::run(&mut session, script);
        let cluster = session.world().clusters.first().unwrap();
        for (resource, place) in [("pods", " in every namespace"), ("nodes", ""), ("/healthz", "")] {
            let who = Who::User("jane".to_owned(), String::new());
            let question = Question { who, verb: "get".into(), resource: resource.into(), ..Question::default() };
            let path = answer(session.now(), cluster, &question);
            assert!(path.sentence.ends_with(&format!("allows it{place}.")), "{}", path.sentence);
        }
    }

    #[test]
    fn a_change_that_has_not_arrived_is_told() {
        let mut session = Session::new(scenario::walkthrough()).with_standing_clock();
        let dev = "arn:aws:iam::111122223333:user/k8s-dev";
        let caller = super::super::acting::aws(session.now()).caller;
        session.call(&caller, Request::Propagation { millis: 10_000 }).unwrap();
        call(&mut session, "CreateAccessEntry", json!({"clusterName": "eks-demo-cluster", "principalArn": dev}));
        let told = |session: &Session| {
            let stages = path(session, dev).stages;
            let reasons = stages.iter().flat_map(|stage| &stage.lines).filter_map(|line| line.reason.clone());
            reasons.filter(|reason| reason.contains("propagated")).collect::<Vec<_>>()
        };
        let reason = "not yet propagated: until 2024-01-17T10:30:10Z the API server decides by the former state";
        assert_eq!(told(&session), [reason]);
        session.call(&caller, Request::Wait { millis: 10_000 }).unwrap();
        assert_eq!(told(&session), Vec::<String>::new());
    }

    #[test]
    fn nobody_is_told_apart_from_somebody_without_rights() {
        use State::*;
        let session = Session::new(scenario::walkthrough());
        let found = path(&session, "arn:aws:iam::111122223333:user/k8s-dev");
        let sentence = "k8s-dev is not logged in: no access entry and no line of aws-auth is for this principal.";
        check(&found, Verdict::Unauthorized, [Passed, Stopped, NotReached, NotReached, NotReached], sentence);
    }

    #[test]
    fn a_stated_identity_is_judged_from_the_kubernetes_side_on() {
        use State::*;
        let mut session = Session::new(scenario::walkthrough());
        let script = "kubectl create namespace dev && kubectl create serviceaccount ci -n dev && \
                      kubectl create rolebinding ci -n dev --clusterrole=view --serviceaccount=dev:ci --group=team";
        crate::shell::terminal::run(&mut session, script);
        let cluster = session.world().clusters.first().unwrap();
        let check = |who: Who, namespace: &str, states: [State; 3], sentence: &str| {
            let question = Question { who, namespace: namespace.to_owned(), ..Question::default() };
            let path = answer(session.now(), cluster, &question);
            let found: Vec<State> = path.stages.iter().chain(&path.authorizers).map(|stage| stage.state).collect();
            assert_eq!((found.as_slice(), path.sentence.as_str()), (states.as_slice(), sentence));
            path
        };
        let account = |name: &str| Who::ServiceAccount("dev".to_owned(), name.to_owned());
        let path = check(
            account("ci"),
            "dev",
            [Passed, NoOpinion, Decided],
            "Service account dev/ci can list pods in namespace dev: serviceaccount ci is bound to ClusterRole view by \
             RoleBinding dev/ci, whose rule 1 allows it in namespace dev.",
        );
        let deciding = path.deciding.clone().unwrap();
        assert_eq!(deciding.name, "rule 1 of ClusterRole view");
        let rule = super::super::route::Spot::Rule(1);
        assert_eq!(deciding.route, Route::ObjectAt(Kind::ClusterRoles, String::new(), "view".to_owned(), rule));
        let lines = |path: &AccessPath| path.stages.iter().flat_map(|stage| stage.lines.clone()).collect::<Vec<Line>>();
        let implicit = "system:serviceaccounts:dev";
        assert!(lines(&path).iter().any(|line| line.label == Some("group") && line.text == implicit));
        assert!(lines(&path).iter().any(|line| line.route.is_some()));
        let refused = check(
            account("cd"),
            "dev",
            [Passed, NoOpinion, NoOpinion],
            "Service account dev/cd cannot list pods in namespace dev: no binding of its user or groups allows it.",
        );
        assert!(lines(&refused).iter().any(|line| line.text == "no such service account"));
        assert!(!refused.details.is_empty());
        check(
            Who::Group("team".to_owned()),
            "dev",
            [Passed, NoOpinion, Decided],
            "Members of group team can list pods in namespace dev: group team is bound to ClusterRole view by \
             RoleBinding dev/ci, whose rule 1 allows it in namespace dev.",
        );
        check(
            Who::User("jane".to_owned(), "other".to_owned()),
            "",
            [Passed, NoOpinion, NoOpinion],
            "User jane cannot list pods in all namespaces: no binding of its user or groups allows it.",
        );
    }
}
