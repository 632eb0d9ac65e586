//! The history page: what happened, who did it and what it changed, and the way to any earlier moment.

use std::rc::Rc;

use super::effects::{self, Effects};
use super::text::last_name;
use crate::engine::World;
use crate::session::{LogEntry, Origin, Session};
use crate::shell::render;

/// A row of the history.
#[derive(Clone, Debug)]
pub struct Row {
    /// Simulated time, as `HH:MM:SS`.
    pub time: String,
    /// Where it came from.
    pub origin: &'static str,
    /// What it did, in words, where the command line does not say it at a glance.
    pub title: Option<String>,
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
        let name = |by: &String| match by.split_once(" as ") {
            Some((arn, wanted)) => format!("{} as {wanted}", last_name(arn)),
            None => last_name(by).to_owned(),
        };
        self.entry.by.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    /// Who gained and who lost by it.
    pub fn effects(&self) -> Effects {
        if !self.changed {
            return Effects::default();
        }
        effects::between(&settled(&self.entry.before.world), &settled(&self.entry.after.world))
    }
}

/// The world once changes of access entries that are on their way have arrived: what a change leads to, not what it
/// has led to so far.
fn settled(world: &Rc<World>) -> Rc<World> {
    if world.clusters.iter().all(|cluster| cluster.former.is_empty()) {
        return Rc::clone(world);
    }
    let mut settled = World::clone(world);
    settled.advance(world.propagation_millis);
    Rc::new(settled)
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

/// An entry in one line: what it did, or else its command.
pub fn heading(entry: &LogEntry) -> String {
    let line = entry.line.as_deref().unwrap_or_default();
    let is_plain = entry.origin == Origin::Terminal && line.lines().count() < 2;
    if is_plain || entry.title.is_empty() {
        line.lines().next().unwrap_or_default().to_owned()
    } else {
        entry.title.clone()
    }
}

fn row(entry: &Rc<LogEntry>, steps: isize, undone: bool) -> Row {
    let text = entry.at.kubernetes_text();
    let time = text.split('T').nth(1).unwrap_or_default().trim_end_matches('Z').to_owned();
    let line = entry.line.clone().unwrap_or_else(|| {
        let lines: Vec<String> = entry.calls.iter().map(|call| render::command(&call.request)).collect();
        lines.join("\n")
    });
    let is_plain = entry.origin == Origin::Terminal && line.lines().count() < 2;
    Row {
        time,
        origin: match entry.origin {
            Origin::Terminal => "terminal",
            Origin::Console => "page",
        },
        title: Some(&entry.title).filter(|title| !is_plain && !title.is_empty()).cloned(),
        line,
        changed: entry.changed,
        refused: entry.refused.clone(),
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

    fn only_row(session: &Session) -> Row {
        let [row] = <[Row; 1]>::try_from(rows(session)).unwrap();
        row
    }

    #[test]
    fn what_is_not_said_by_one_line_is_said_in_words() {
        let mut session = Session::new(scenario::walkthrough());
        let binding = "kubectl apply -f - <<'EOF'\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: readers\n  namespace: default\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}\nsubjects: [{kind: ServiceAccount, name: default, namespace: default}]\nEOF";
        terminal::run(&mut session, binding);
        let row = only_row(&session);
        assert_eq!(row.title.as_deref(), Some("Create RoleBinding default/readers"));
        // That there was none before is no refusal.
        assert_eq!((row.refused.as_deref(), row.changed), (None, true));
        assert_eq!(row.effects().summary(), "default/default gains access");
        let mut session = Session::new(scenario::walkthrough());
        terminal::run(&mut session, "kubectl create namespace a");
        assert_eq!(only_row(&session).title, None, "the line says it");
        // A form that is refused at its second call.
        let caller = session.log()[0].calls[0].caller.clone();
        let calls = session.log()[0].calls.clone();
        session.undo();
        session.begin(Origin::Console, Some("two".to_owned()));
        for _ in 0..2 {
            let _ = session.call(&caller, calls.last().unwrap().request.clone());
        }
        session.end();
        let row = only_row(&session);
        assert_eq!(row.title.as_deref(), Some("Create Namespace a"));
        assert!(row.refused.as_ref().is_some_and(|text| text.contains("already exists")), "{row:?}");
        assert_eq!(row.who(), "cluster-creator");
    }

    #[test]
    fn the_effect_of_a_change_that_is_on_its_way_is_told() {
        let mut session = Session::new(scenario::walkthrough());
        let entry = "aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:user/k8s-admin";
        terminal::run(&mut session, &format!("propagation-delay 60\n{entry}"));
        assert_eq!(rows(&session)[0].effects().summary(), "k8s-admin loses access");
    }
}
