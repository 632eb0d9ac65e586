//! Runs the `cli` cases: recorded sessions of `aws` and `kubectl`, replayed through the terminal.
//!
//! A session is played from the top; every step is a case, and the steps after a failed one run all the same.
//! Format, initial states and placeholders: `tests/vectors/cli/README.md`.

#![allow(clippy::indexing_slicing, reason = "a case that cannot be read fails by panicking")]

mod compare;
mod initial;

use std::path::Path;

use eks_access_playground::session::Session;
use eks_access_playground::shell::io::Stream;
use eks_access_playground::shell::terminal;
use serde_json::Value;

use crate::report::{Report, json_files, read_json};
use compare::Ids;

/// Runs every case below `dir`.
pub fn run(dir: &Path, report: &mut Report) {
    for path in json_files(dir) {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        match read_json(&path) {
            Ok(recorded) => replay(&name, &recorded, report),
            Err(why) => report.case(name, || Err(why)),
        }
    }
}

fn replay(name: &str, recorded: &Value, report: &mut Report) {
    let steps = recorded["steps"].as_array().cloned().unwrap_or_default();
    let started = std::panic::catch_unwind(|| initial::state(&recorded["initial"]));
    let started = started.unwrap_or_else(|_| Err("panicked".to_owned()));
    let id = |step: &Value| step["id"].as_str().unwrap_or(name).to_owned();
    let (snapshot, known) = match started {
        Ok(state) => state,
        Err(why) => {
            for step in &steps {
                report.case(id(step), || Err(format!("initial state: {why}")));
            }
            return;
        }
    };
    let first = snapshot.workstation.clone();
    let mut session = Session::new(snapshot).with_standing_clock();
    let mut ids = Ids::new(known);
    for step in &steps {
        report.case(id(step), || {
            // Every step is a shell of its own: files stay, variables do not.
            let workstation = session.workstation_mut();
            workstation.variables = first.variables.clone();
            workstation.exported = first.exported.clone();
            workstation.aliases = first.aliases.clone();
            workstation.cwd = first.cwd.clone();
            workstation.last_status = 0;
            check(step, &mut session, &mut ids)
        });
    }
}

fn check(step: &Value, session: &mut Session, ids: &mut Ids) -> Result<(), String> {
    let text = |key: &str| step[key].as_str().unwrap_or_default();
    let (mut stdout, mut stderr, mut exit) = (String::new(), String::new(), 0);
    for ran in terminal::run(session, &ids.to_actual(text("command"))) {
        for chunk in &ran.chunks {
            match chunk.stream {
                Stream::Out => stdout.push_str(&chunk.text),
                Stream::Err => stderr.push_str(&chunk.text),
            }
        }
        exit = ran.exit;
    }
    let mut differences = Vec::new();
    for (name, expected, actual) in [("stdout", text("stdout"), &stdout), ("stderr", text("stderr"), &stderr)] {
        if let Err(difference) = ids.compare(expected, actual) {
            differences.push(format!("{name}:\n{difference}"));
        }
    }
    let expected = step["exit"].as_i64().unwrap_or(0);
    if expected != i64::from(exit) {
        differences.push(format!("exit: expected {expected}, actual {exit}"));
    }
    if differences.is_empty() { Ok(()) } else { Err(format!("$ {}\n{}", text("command"), differences.join("\n"))) }
}
