//! The history page: what happened, who did it and what it changed, and the way to any earlier moment.

use std::rc::Rc;

use super::effects::{self, Effects};
use super::text::last_name;
use crate::session::{LogEntry, Origin, Session};
use crate::shell::render;

/// A row of the history.
#[derive(Clone, Debug)]
pub struct Row {
    /// Simulated time, as `HH:MM:SS`.
    pub time: String,
    /// Where it came from.
    pub origin: &'static str,
    /// The command line.
    pub line: String,
    /// Whether it changed anything.
    pub changed: bool,
    /// The refusal that it met, if it met one.
    pub refused: Option<String>,
    /// Whether it has been taken back.
    pub undone: bool,
    /// How many steps of undo (or, if negative, of redo) lead to the moment right after it.
    pub steps: isize,
    /// Whether that moment is now.
    pub is_now: bool,
    /// What happened.
    entry: Rc<LogEntry>,
}

impl PartialEq for Row {
    /// An entry of the log never changes, so the same entry at the same distance is the same row.
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.entry, &other.entry)
            && (self.undone, self.steps, self.is_now) == (other.undone, other.steps, other.is_now)
    }
}

impl Row {
    /// Who made its calls, by name; empty if it made none.
    pub fn who(&self) -> String {
        let mut names: Vec<String> = Vec::new();
        for call in &self.entry.calls {
            let arn = self.entry.before.world.identify(&call.caller.credential).map(|identity| identity.arn);
            let mut name = arn.map_or_else(|_| "nobody".to_owned(), |arn| last_name(&arn).to_owned());
            if let Some(wanted) = &call.caller.impersonate {
                name.push_str(&format!(" as {}", wanted.user));
            }
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    }

    /// Who gained and who lost by it.
    pub fn effects(&self) -> Effects {
        if !self.changed {
            return Effects::default();
        }
        effects::between(&self.entry.before.world, &self.entry.after.world)
    }
}

/// All rows, the latest first; on top those that have been taken back.
pub fn rows(session: &Session) -> Vec<Row> {
    let mut rows = Vec::new();
    let undone = session.undone();
    for (index, entry) in undone.iter().enumerate() {
        let steps = isize::try_from(undone.len() - index).unwrap_or(isize::MAX);
        rows.push(row(entry, -steps, true));
    }
    let mut later: isize = 0;
    for entry in session.log().iter().rev() {
        rows.push(row(entry, later, false));
        later += isize::from(entry.changed);
    }
    if let Some(now) = rows.iter_mut().find(|row| !row.undone && row.changed) {
        now.is_now = true;
    }
    rows
}

/// How many changes can be taken back in all.
pub fn changes(session: &Session) -> usize {
    session.log().iter().filter(|entry| entry.changed).count()
}

fn row(entry: &Rc<LogEntry>, steps: isize, undone: bool) -> Row {
    let text = entry.at.kubernetes_text();
    let time = text.split('T').nth(1).unwrap_or_default().trim_end_matches('Z').to_owned();
    Row {
        time,
        origin: match entry.origin {
            Origin::Terminal => "terminal",
            Origin::Console => "page",
        },
        line: entry.line.clone().unwrap_or_else(|| {
            let lines: Vec<String> = entry.calls.iter().map(|call| render::command(&call.request)).collect();
            lines.join("\n")
        }),
        changed: entry.changed,
        refused: entry.calls.iter().find_map(|call| call.error.as_ref()).map(ToString::to_string),
        undone,
        steps,
        is_now: false,
        entry: Rc::clone(entry),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::scenario;
    use crate::shell::terminal;

    #[test]
    fn a_row_says_who_did_what_and_what_came_of_it() {
        let mut session = Session::new(scenario::walkthrough());
        let entry = "aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:user/k8s-admin";
        terminal::run(&mut session, &format!("kubectl get pods\n{entry}\n{entry}"));
        let all = rows(&session);
        let [refused, made, asked] = all.as_slice() else { panic!("{all:?}") };
        assert!(refused.refused.as_ref().is_some_and(|text| text.contains("already in use")), "{refused:?}");
        assert_eq!((refused.changed, made.changed, asked.changed), (false, true, false));
        assert_eq!(
            (made.who().as_str(), made.effects().summary().as_str()),
            ("cluster-creator", "k8s-admin loses access")
        );
        assert!(made.is_now && asked.effects().is_empty());
        session.undo();
        let first = rows(&session).remove(0);
        assert!(first.undone && first.steps == -1 && first == first.clone());
    }
}
