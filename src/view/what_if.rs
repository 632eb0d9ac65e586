//! What the answer to the question would be after a change that is not made yet.

use std::rc::Rc;

use super::access_path::{AccessPath, answer};
use super::question::Question;
use crate::engine::{Caller, Request};
use crate::session::Snapshot;

/// The answer once `request` has been made; none if it is refused.
pub fn answer_after(
    now: &Snapshot,
    cluster: &str,
    caller: &Caller,
    request: &Request,
    question: &Question,
) -> Option<AccessPath> {
    let mut world = (*now.world).clone();
    world.call(caller, request.clone()).ok()?;
    let after = Snapshot { world: Rc::new(world), ..now.clone() };
    Some(answer(&after, after.world.cluster(cluster)?, question))
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
            answer_after(&now, &cluster.name, &caller, &request, &question).unwrap().verdict
        };
        assert_eq!(answer(&now, cluster, &question).verdict, Verdict::Unauthorized);
        assert_eq!((after(""), after("system:masters")), (Verdict::No, Verdict::Yes));
    }
}
