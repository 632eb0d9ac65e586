//! Stories told as transcripts: `$ command` lines and the full output that must follow.
//!
//! `UPDATE_TRANSCRIPTS=1 cargo test --test it` writes what came out; review the difference before keeping it.

use std::path::Path;

use eks_access_playground::cli::Transcript;
use eks_access_playground::session::{Session, scenario};
use eks_access_playground::shell::terminal::Job;

use crate::commands::commands;

fn play(text: &str) -> String {
    let mut session = Session::new(scenario::walkthrough());
    let mut out = String::new();
    // What stands before the first command says what the story is about.
    let about = text.lines().take_while(|line| !line.starts_with("$ "));
    for line in about {
        out.push_str(line);
        out.push('\n');
    }
    let mut transcript = Transcript::default();
    for command in commands(text) {
        let mut job = Job::new(command);
        while let Some(ran) = job.step(&mut session) {
            out.push_str(&transcript.of(&ran));
            out.push_str(if ran.exit == 0 && ran.hints.is_empty() { "" } else { transcript.end() });
            if ran.exit != 0 {
                out.push_str(&format!("[exit {}]\n", ran.exit));
            }
            for hint in &ran.hints {
                out.push_str(&format!("[hint] {hint}\n"));
            }
        }
        out.push_str(transcript.end());
    }
    out
}

fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/transcripts").join(name);
    let expected = std::fs::read_to_string(&path).unwrap();
    let actual = play(&expected);
    if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        std::fs::write(&path, &actual).unwrap();
        return;
    }
    if expected != actual {
        let differs = expected.lines().zip(actual.lines()).position(|(e, a)| e != a);
        let at = differs.unwrap_or_else(|| expected.lines().count().min(actual.lines().count()));
        let around = |text: &str| text.lines().skip(at.saturating_sub(3)).take(12).collect::<Vec<_>>().join("\n");
        panic!(
            "{name} differs at line {}\n--- expected\n{}\n--- actual\n{}",
            at + 1,
            around(&expected),
            around(&actual)
        );
    }
}

#[test]
fn eksctl_makes_clusters() {
    check("eksctl-clusters.txt");
}

#[test]
fn keys_providers_and_associations() {
    check("credentials.txt");
}

#[test]
fn the_walkthrough() {
    check("walkthrough.txt");
}

#[test]
fn tutorials() {
    check("tutorials.txt");
}

#[test]
fn eksctl() {
    check("eksctl.txt");
}

#[test]
fn tokens() {
    check("tokens.txt");
}

#[test]
fn nodes() {
    check("nodes.txt");
}

#[test]
fn workloads() {
    check("workloads.txt");
}

#[test]
fn propagation() {
    check("propagation.txt");
}

#[test]
fn the_lab() {
    for chapter in ["lab-1-managing.txt", "lab-2-associating.txt", "lab-3-rbac.txt", "lab-4-migrating.txt"] {
        check(chapter);
    }
}
