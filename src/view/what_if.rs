//! What the answer to the question would be after a change that is not made yet.

use std::rc::Rc;

use super::access_path::{AccessPath, answer};
use super::question::Question;
use crate::engine::{ApiError, Caller, Request, World};
use crate::session::Snapshot;

/// The world once `request` has been made.
///
/// # Errors
/// The refusal.
pub fn world_after(world: &World, caller: &Caller, request: &Request) -> Result<Rc<World>, ApiError> {
    let mut after = world.clone();
    after.call(caller, request.clone())?;
    Ok(Rc::new(after))
}

/// The answer to a question in another world than the present one.
pub fn answer_in(now: &Snapshot, world: &Rc<World>, cluster: &str, question: &Question) -> Option<AccessPath> {
    let then = Snapshot { world: Rc::clone(world), ..now.clone() };
    Some(answer(&then, world.cluster(cluster)?, question))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::access_path::Verdict;
    use super::super::who::Who;
    use super::super::{acting, aws_auth};
    use super::*;
    use crate::session::scenario;

    #[test]
    fn a_line_that_is_not_saved_yet_lets_somebody_in() {
        let now = scenario::walkthrough();
        let cluster = now.world.clusters.first().unwrap();
        let arn = "arn:aws:iam::111122223333:user/k8s-dev";
        let question = Question { who: Who::Principal(arn.to_owned()), ..Question::default() };
        let caller = acting::kubectl(&now).acting.caller;
        let after = |groups: &str| {
            let text = format!("- userarn: {arn}\n  username: dev\n  groups: [{groups}]\n");
            let request = aws_auth::save(cluster, &BTreeMap::from([("mapUsers".to_owned(), text)]));
            let world = world_after(&now.world, &caller, &request).unwrap();
            answer_in(&now, &world, &cluster.name, &question).unwrap().verdict
        };
        assert_eq!(answer(&now, cluster, &question).verdict, Verdict::Unauthorized);
        assert_eq!((after(""), after("system:masters")), (Verdict::No, Verdict::Yes));
    }
}
