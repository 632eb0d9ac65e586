//! Whole commands that need no recorded session.

use std::collections::BTreeMap;

use super::*;
use crate::session::scenario;

fn session() -> crate::session::Session {
    let mut session = crate::session::Session::new(scenario::walkthrough()).with_standing_clock();
    session.begin(crate::session::Origin::Terminal, None);
    session
}
