//! What would turn a refusal into a yes: small changes as data, least privilege first.
//!
//! Nothing is offered on trust: each change is made on a copy of the world and the question is decided again there.
//! What else a change grants is counted by [`super::compare`], for everybody who is known.

mod admission;
mod grants;
mod objects;
mod rbac;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::compare::{self, PrincipalChange};
use super::principals::{Gate, Principal};
use crate::aws::iam::PrincipalArn;
use crate::aws::sts;
use crate::engine::authn::Lookup;
use crate::engine::authz::{self, Identity};
use crate::engine::world::{Cluster, World};
use crate::engine::{ApiError, Caller, Credential, Request, eks, iam};
use crate::formats::ordered::sort_by;
use crate::k8s::attributes::{Action, UserInfo};
use crate::k8s::rbac::SUPER_USER_GROUP;

/// The most fixes that are offered, beyond the best of each kind.
pub const MOST: usize = 20;

/// Who would carry a fix out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callers {
    /// Who calls AWS.
    pub aws: Caller,
    /// Who calls the cluster.
    pub kubectl: Caller,
}

impl Callers {
    /// Who makes this call.
    pub fn of(&self, request: &Request) -> &Caller {
        match request {
            Request::Kube { .. } => &self.kubectl,
            Request::Aws(_) | Request::Wait { .. } | Request::Propagation { .. } => &self.aws,
        }
    }
}

/// A change that turns a refusal into a yes.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What kind of change it is; of a fix in two steps, the one that grants.
    pub kind: Kind,
    /// What it does, in words.
    pub label: String,
    /// The calls, in order.
    pub requests: Vec<Request>,
    /// What else it grants and takes.
    pub effect: Effect,
    /// What the caller who would carry it out is answered, if that caller may not.
    pub refused: Option<String>,
}

/// Kinds of changes. The order decides between fixes that grant equally much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nothing but time: a change of the access entry is on its way (eks 14.1).
    Wait,
    /// An access entry, which is enough by itself.
    CreateEntry,
    /// An access entry made anew for a principal that was made anew (eks 14.4).
    RecreateEntry,
    /// An access entry goes that hides a line of aws-auth (eks 11).
    DeleteEntry,
    /// A line of aws-auth is put right.
    CorrectMapping,
    /// A new line of aws-auth.
    AddMapping,
    /// A wider scope for a policy that is associated already (eks 10).
    WidenScope,
    /// An access policy is associated.
    AssociatePolicy,
    /// A group for the entry or line, which a binding names.
    AddGroup,
    /// A new binding to a role that exists.
    BindRole,
    /// A role that a binding misses (rbac 4).
    CreateRole,
    /// A new role for exactly this, and a binding to it.
    CreateRoleAndBinding,
    /// Somebody more in a binding that exists.
    AddSubject,
    /// A further rule of a role that is bound already.
    AddRule,
    /// The right to impersonate (rbac 7).
    AllowImpersonation,
}

/// What a change does besides turning the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Effect {
    /// Answers that turn to yes, for everybody together: a verb on a resource in a place is one.
    pub gained: usize,
    /// Other known principals that gain something.
    pub others: usize,
    /// Answers that turn to no.
    pub lost: usize,
}

/// A change that may help.
#[derive(Clone, Debug, PartialEq)]
struct Draft {
    kind: Kind,
    label: String,
    requests: Vec<Request>,
}

impl Draft {
    fn new(kind: Kind, label: impl Into<String>, requests: Vec<Request>) -> Self {
        Self { kind, label: label.into(), requests }
    }

    /// This one, and then another.
    fn then(&self, next: Draft) -> Self {
        let requests = self.requests.iter().cloned().chain(next.requests).collect();
        let mut label = next.label;
        // The second sentence goes on from the first.
        if let Some(first) = label.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        Self { kind: next.kind, label: format!("{}, then {label}", self.label), requests }
    }
}

/// The question, on a world.
struct Case<'a> {
    world: &'a World,
    cluster: &'a Cluster,
    who: &'a Principal,
    action: &'a Action,
    /// How the caller was looked up; none for identities taken as stated.
    lookup: Option<Lookup>,
    /// Whom the request is decided for; `None` stands for 401, and for a refused impersonation.
    identity: Option<Identity>,
}

impl<'a> Case<'a> {
    fn of(world: &'a World, cluster: &str, who: &'a Principal, action: &'a Action) -> Option<Self> {
        let cluster = world.cluster(cluster)?;
        let gate = Gate::of(world, cluster);
        let (lookup, identity) = (gate.look_up(who), gate.identity(who));
        Some(Self { world, cluster, who, action, lookup, identity })
    }

    fn allowed(&self) -> bool {
        self.identity.as_ref().is_some_and(|identity| authz::decide(self.cluster, identity, self.action).allowed)
    }

    /// The user or role behind the request as STS knows it, and its ARN with path.
    fn principal(&self) -> Option<(&sts::Identity, String)> {
        let caller = self.lookup.as_ref()?.caller.as_ref()?;
        let World { partition, account, users, roles, .. } = self.world;
        let user = users.iter().find(|user| user.unique_id == caller.user_id).map(|user| user.arn(partition, account));
        let role = || roles.iter().find(|role| role.unique_id == caller.user_id).map(|r| r.arn(partition, account));
        let given = || self.who.arn().map(str::to_owned);
        Some((caller, user.or_else(role).or_else(given).unwrap_or_else(|| caller.canonical_arn.clone())))
    }

    /// True if the request is made as somebody else (eks 12.7).
    fn impersonates(&self) -> bool {
        matches!(self.who, Principal::Caller(Caller { impersonate: Some(_), .. }))
    }

    /// The wait for a change of the caller's entry that the API server does not know yet (eks 14.1).
    fn wait(&self) -> Option<Draft> {
        let until = self.lookup.as_ref()?.former_until?;
        let millis = until.0.saturating_sub(self.world.clock.0).div_euclid(1000).saturating_add(1).saturating_mul(1000);
        let label = format!("Wait {} seconds: a change of the access entry is on its way", millis / 1000);
        Some(Draft::new(Kind::Wait, label, vec![Request::Wait { millis }]))
    }

    fn drafts(&self) -> Vec<Draft> {
        self.wait().into_iter().chain(self.changes()).collect()
    }

    fn changes(&self) -> Vec<Draft> {
        let authenticated = self.lookup.as_ref().is_none_or(|lookup| lookup.outcome.is_ok());
        if !authenticated {
            return admission::drafts(self);
        }
        let mut drafts = rbac::impersonation(self);
        drafts.extend(grants::drafts(self));
        drafts.extend(rbac::drafts(self));
        drafts
    }
}

/// What would let `who` do `action` on a cluster, least privilege first: fewest other rights for all together, then
/// fewest other people. Nothing if it is allowed already, or if nothing known helps.
pub fn fixes(world: &World, cluster: &str, who: &Principal, action: &Action, by: &Callers) -> Vec<Fix> {
    let Some(case) = Case::of(world, cluster, who, action).filter(|case| !case.allowed()) else { return Vec::new() };
    let mut helpful: Vec<(Draft, World)> = Vec::new();
    let mut keep = |draft: Draft, after: World| {
        if !helpful.iter().any(|(known, _)| known.requests == draft.requests) {
            helpful.push((draft, after));
        }
    };
    for draft in case.drafts() {
        let Some(after) = carry_out(world, cluster, &draft.requests) else { continue };
        let Some(next) = Case::of(&after, cluster, who, action) else { continue };
        if next.allowed() {
            keep(draft, after);
        } else if case.identity.is_none() && next.identity.is_some() {
            for second in next.drafts() {
                let turned = carry_out(&after, cluster, &second.requests)
                    .filter(|last| Case::of(last, cluster, who, action).is_some_and(|case| case.allowed()));
                if let Some(last) = turned {
                    keep(draft.then(second), last);
                }
            }
        }
    }
    let effects = case.effects(helpful.iter().map(|(_, after)| after));
    let drafts = helpful.iter().map(|(draft, _)| draft.clone());
    let mut fixes: Vec<Fix> = drafts
        .zip(effects)
        .map(|(Draft { kind, label, requests }, effect)| {
            let refused = refusal(world, by, &requests);
            Fix { kind, label, requests, effect, refused }
        })
        .collect();
    // What mends the cause comes first, whatever it grants: waiting, and an entry for the principal of today.
    let mends = |fix: &Fix| fix.kind == Kind::Wait || is_recreation(&fix.requests);
    let key =
        |fix: &Fix| (!mends(fix), fix.effect.gained, fix.effect.others, fix.effect.lost, fix.requests.len(), fix.kind);
    sort_by(&mut fixes, &|a, b| key(a).cmp(&key(b)));
    // However long the list is, the best of each kind stays.
    let mut kinds = BTreeSet::new();
    let mut place = 0;
    fixes.retain(|fix| {
        place += 1;
        kinds.insert(fix.kind) || place <= MOST
    });
    fixes
}

impl Case<'_> {
    /// What each of the worlds grants and takes.
    fn effects<'w>(&self, afters: impl Iterator<Item = &'w World>) -> Vec<Effect> {
        let before = Gate::of(self.world, self.cluster);
        let gate = |after: &'w World| Some(Gate::of(after, after.cluster(&self.cluster.name)?));
        let afters: Vec<Gate<'_>> = afters.filter_map(gate).collect();
        // Whoever asks counts once, under the name of the question.
        let mut principals = super::subjects::everybody([&before].into_iter().chain(&afters));
        principals.retain(|principal| !self.is_asker(principal));
        principals.push(self.who.clone());
        let cells = |blocks: &[compare::Block]| blocks.iter().map(compare::Block::cells).sum::<usize>();
        let others = |change: &&PrincipalChange| change.principal != *self.who && !change.gained.is_empty();
        let effect = |changes: Vec<PrincipalChange>| Effect {
            gained: changes.iter().map(|change| cells(&change.gained)).sum(),
            others: changes.iter().filter(others).count(),
            lost: changes.iter().map(|change| cells(&change.lost)).sum(),
        };
        compare::compare_many(&before, &afters, &principals).into_iter().map(effect).collect()
    }

    fn is_asker(&self, principal: &Principal) -> bool {
        if principal == self.who {
            return true;
        }
        let canonical = principal.arn().and_then(|arn| Some(arn.parse::<PrincipalArn>().ok()?.canonical()));
        let caller = self.lookup.as_ref().and_then(|lookup| lookup.caller.as_ref());
        match (caller, canonical) {
            (Some(caller), Some(canonical)) => !self.impersonates() && caller.canonical_arn == canonical,
            _ => false,
        }
    }
}

/// Whether a fix begins with deleting and creating the access entry of an earlier principal (eks 14.4).
fn is_recreation(requests: &[Request]) -> bool {
    use crate::engine::AwsRequest::{CreateAccessEntry, DeleteAccessEntry};
    matches!(
        requests,
        [Request::Aws(DeleteAccessEntry(gone)), Request::Aws(CreateAccessEntry(made)), ..]
            if gone.principal_arn == made.principal_arn
    )
}

/// The access key of whoever may do everything on the copy of a world.
const ANYBODY: &str = "\0";

/// The world after calls that everybody is taken to be allowed; `None` if one of them fails all the same.
fn carry_out(world: &World, cluster: &str, requests: &[Request]) -> Option<World> {
    let mut after = world.clone();
    // What a change is good for is seen once it has arrived.
    after.propagation_millis = 0;
    let masters = UserInfo { groups: vec![SUPER_USER_GROUP.to_owned()], ..UserInfo::default() };
    after.cluster_mut(cluster)?.static_users.insert(ANYBODY.to_owned(), masters);
    let anybody = Caller::new(Credential::AccessKey(ANYBODY.to_owned()));
    for request in requests {
        match request {
            Request::Aws(request) => {
                let caller = sts::Caller::default();
                match iam::write(&mut after, &caller, request) {
                    Some(result) => result,
                    None => eks::write(&mut after, &caller, request),
                }
                .ok()?;
            }
            request => drop(after.call(&anybody, request.clone()).ok()?),
        }
    }
    after.cluster_mut(cluster)?.static_users.remove(ANYBODY);
    Some(after)
}

/// What the callers are answered when they may not make the calls.
fn refusal(world: &World, by: &Callers, requests: &[Request]) -> Option<String> {
    let mut world = world.clone();
    let mut call =
        |request: &Request| -> Result<(), ApiError> { world.call(by.of(request), request.clone()).map(drop) };
    requests.iter().find_map(|request| call(request).err()).map(|error| error.to_string())
}
