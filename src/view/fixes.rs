//! What would turn a refusal into a yes, ready to be shown: the engine's fixes with their commands and their price.

use super::acting::Acting;
use super::question::Who;
use super::text::count;
use crate::engine::answers::fixes::{self, Callers, Effect};
use crate::engine::answers::principals::Principal;
use crate::engine::world::Cluster;
use crate::engine::{Caller, Request};
use crate::k8s::attributes::Action;
use crate::session::Snapshot;
use crate::shell::render;

/// A change that would turn a refusal into a yes.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What it does.
    pub label: String,
    /// The calls.
    pub requests: Vec<Request>,
    /// The same as command lines.
    pub command: String,
    /// How much else it grants, in words.
    pub grants: String,
    /// What the one who would carry it out is answered, if it would be refused.
    pub refused: Option<String>,
}

/// The changes that would let `who` do `action`, the least right first. `by` are those who would carry them out.
pub fn fixes(now: &Snapshot, cluster: &Cluster, who: &Who, acting: &Acting, action: &Action, by: &Callers) -> Vec<Fix> {
    let principal = match who {
        Who::Principal(arn) => Principal::iam(arn),
        Who::Current | Who::Profile(_) => None,
    };
    let principal = principal.unwrap_or_else(|| Principal::Caller(acting.caller.clone()));
    let found = fixes::fixes(&now.world, &cluster.name, &principal, action, by);
    found
        .into_iter()
        .map(|fix| {
            let lines: Vec<String> = fix.requests.iter().map(render::command).collect();
            Fix {
                label: fix.label,
                requests: fix.requests,
                command: lines.join("\n"),
                grants: grants(fix.effect),
                refused: fix.refused,
            }
        })
        .collect()
}

/// Who carries calls out, each with its own tool.
pub fn callers(aws: Caller, kubectl: Caller) -> Callers {
    Callers { aws, kubectl }
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
    use super::super::acting;
    use super::super::question::{Question, asked};
    use super::*;
    use crate::session::scenario;

    fn found(user: &str) -> Vec<Fix> {
        let now = scenario::walkthrough();
        let cluster = now.world.clusters.first().unwrap();
        let who = Who::Principal(format!("arn:aws:iam::111122223333:user/{user}"));
        let by = callers(acting::aws(&now).caller, acting::kubectl(&now).acting.caller);
        let action = asked(cluster, &Question::default()).action;
        fixes(&now, cluster, &who, &who.acting(&now), &action, &by)
    }

    #[test]
    fn a_refusal_has_fixes_with_commands_that_somebody_may_carry_out() {
        let fixes = found("k8s-dev");
        assert!(fixes.len() > 2, "{fixes:#?}");
        let lines = |fix: &Fix| fix.command.lines().count() >= fix.requests.len() && !fix.grants.is_empty();
        assert!(fixes.iter().all(lines));
        assert!(fixes.iter().any(|fix| fix.refused.is_none() && fix.command.contains("create-access-entry")));
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
