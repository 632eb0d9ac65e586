//! What would turn a refusal into a yes, ready to be shown: the engine's fixes with their commands and their price.

use super::acting::{self, Acting};
use super::effects::preview_each;
use super::text::count;
use super::who::{Asker, Who};
use crate::engine::answers::fixes::{self, Callers, Effect};
use crate::engine::answers::principals::Principal;
use crate::engine::world::Cluster;
use crate::engine::{Caller, Request};
use crate::k8s::attributes::Action;
use crate::session::Snapshot;
use crate::shell::render::{self, quote};

/// A change that would turn a refusal into a yes.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What it does.
    pub label: String,
    /// The calls, each with who makes it.
    pub calls: Vec<(Caller, Request)>,
    /// The name of the profile that makes them, if those who act now may not.
    pub made_by: Option<String>,
    /// The same as command lines.
    pub command: String,
    /// How much else it grants, in words.
    pub grants: String,
    /// What the one who would carry it out is answered, if it would be refused.
    pub refused: Option<String>,
}

/// The changes that would let `who` do `action`, the least right first. `by` are those who would carry them out.
pub fn fixes(now: &Snapshot, cluster: &Cluster, who: &Who, action: &Action, by: &Callers) -> Vec<Fix> {
    let principal = if let Who::Principal(arn) = who { Principal::iam(arn) } else { None };
    let principal = principal.unwrap_or_else(|| match who.asker(now) {
        Asker::Caller(acting) => Principal::Caller(acting.caller),
        Asker::Stated(user) => Principal::Stated(user),
    });
    let found = fixes::fixes(&now.world, &cluster.name, &principal, action, by);
    let profiles: Vec<(String, Acting)> = acting::profiles(&now.workstation)
        .into_iter()
        .map(|name| (name.clone(), acting::of_profile(now, &name)))
        .filter(|(_, acting)| acting.arn.is_some())
        .collect();
    found.into_iter().map(|fix| ready(now, &cluster.name, fix, by, &profiles)).collect()
}

/// A fix with those who carry it out: who acts now, else the first profile that may.
fn ready(now: &Snapshot, cluster: &str, fix: fixes::Fix, by: &Callers, profiles: &[(String, Acting)]) -> Fix {
    let calls = |by: &Callers| -> Vec<(Caller, Request)> {
        fix.requests.iter().map(|request| (by.of(request).clone(), request.clone())).collect()
    };
    let with_kubectl = |acting: &Acting| Callers { aws: by.aws.clone(), kubectl: acting.caller.clone() };
    let other = fix.refused.as_ref().and_then(|_| {
        profiles.iter().find(|(_, acting)| preview_each(&now.world, &calls(&with_kubectl(acting))).is_ok())
    });
    let mut lines: Vec<String> = fix.requests.iter().map(render::command).collect();
    if let Some((profile, _)) = other {
        lines.insert(0, format!("aws eks update-kubeconfig --name {} --profile {}", quote(cluster), quote(profile)));
    }
    Fix {
        calls: other.map_or_else(|| calls(by), |(_, acting)| calls(&with_kubectl(acting))),
        made_by: other.map(|(_, acting)| acting.name().to_owned()),
        label: fix.label,
        command: lines.join("\n"),
        grants: grants(fix.effect),
        refused: fix.refused,
    }
}

/// `Grants 3 answers; nobody else gains.`
fn grants(effect: Effect) -> String {
    let mut text = match effect.gained {
        0 | 1 => "Grants just this".to_owned(),
        gained => format!("Grants this and {}", count(gained - 1, "more right", "more rights")),
    };
    if effect.others > 0 {
        text.push_str(&format!(", and {} too", count(effect.others, "other principal gains", "other principals gain")));
    }
    if effect.lost > 0 {
        text.push_str(&format!("; takes {} away", count(effect.lost, "right", "rights")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::question::{Question, asked};
    use super::*;
    use crate::session::{Session, scenario};
    use crate::shell::terminal;

    fn found(user: &str) -> Vec<Fix> {
        let now = scenario::walkthrough();
        let cluster = now.world.clusters.first().unwrap();
        let who = Who::Principal(format!("arn:aws:iam::111122223333:user/{user}"));
        let by = Callers { aws: acting::aws(&now).caller, kubectl: acting::kubectl(&now).acting.caller };
        let action = asked(cluster, &Question::default()).action;
        fixes(&now, cluster, &who, &action, &by)
    }

    #[test]
    fn a_refusal_has_fixes_with_commands_that_somebody_may_carry_out() {
        let fixes = found("k8s-dev");
        assert!(fixes.len() > 2, "{fixes:#?}");
        let lines = |fix: &Fix| fix.command.lines().count() >= fix.calls.len() && !fix.grants.is_empty();
        assert!(fixes.iter().all(lines));
        assert!(fixes.iter().any(|fix| fix.refused.is_none() && fix.command.contains("create-access-entry")));
    }

    #[test]
    fn what_the_one_who_asks_may_not_do_another_profile_does() {
        let mut session = Session::new(scenario::walkthrough());
        let arn = "arn:aws:iam::111122223333:user/k8s-dev";
        let script = format!(
            "aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn {arn}\n\
             aws eks update-kubeconfig --name eks-demo-cluster --profile k8s-dev-demo"
        );
        terminal::run(&mut session, &script);
        let now = session.now();
        let cluster = now.world.clusters.first().unwrap();
        let by = Callers { aws: acting::aws(now).caller, kubectl: acting::kubectl(now).acting.caller };
        let who = Who::Current;
        let action = asked(cluster, &Question::default()).action;
        let all = fixes(now, cluster, &who, &action, &by);
        let role = all.iter().find(|fix| fix.label.starts_with("Create Role")).unwrap();
        assert!(role.refused.as_ref().is_some_and(|text| text.contains("forbidden")), "{role:?}");
        assert_eq!(role.made_by.as_deref(), Some("cluster-creator"));
        assert!(role.command.starts_with("aws eks update-kubeconfig --name eks-demo-cluster --profile default\n"));
        assert!(preview_each(&now.world, &role.calls).is_ok());
    }

    #[test]
    fn what_is_allowed_needs_no_fix() {
        assert_eq!(found("cluster-creator"), []);
    }

    #[test]
    fn the_price_is_told_in_words() {
        let price = |gained, others, lost| grants(Effect { gained, others, lost });
        assert_eq!(price(1, 0, 0), "Grants just this");
        assert_eq!(price(3, 1, 0), "Grants this and 2 more rights, and 1 other principal gains too");
        assert_eq!(price(2, 2, 1), "Grants this and 1 more right, and 2 other principals gain too; takes 1 right away");
    }
}
