//! Conformance: cases decided by the real Kubernetes, authenticator, AWS CLI and kubectl.
//!
//! Reads `tests/vectors` and `tests/recorded`, or the folder that `CONFORMANCE_DIR` names, and prints one line per kind.
//! What cannot be run counts as failed. `tests/conformance/known-failures.txt` lists case ids, each with its reason,
//! that may fail; a listed case that passes is an error too, so the list only shrinks.
//! With `CONFORMANCE_DIR` set the list does not apply. A complete run holds the README's figures to what ran.

#![allow(
    clippy::indexing_slicing,
    reason = "a case that is not of its format fails; `Value` gives null for what is missing"
)]

mod cli;
mod iam;
mod rbac;
mod rbac_validation;
mod readme;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use report::Report;

/// A kind of cases: the name of its folder, and what runs it.
type Kind = (&'static str, fn(&Path, &mut Report));

const KINDS: &[Kind] =
    &[("rbac", rbac::run), ("rbac-validation", rbac_validation::run), ("iam", iam::run), ("cli", cli::run)];

fn main() -> ExitCode {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (roots, known) = match std::env::var_os("CONFORMANCE_DIR") {
        Some(dir) => (vec![PathBuf::from(dir)], Vec::new()),
        None => (
            vec![manifest.join("tests/vectors"), manifest.join("tests/recorded")],
            report::known_failures(&manifest.join("tests/conformance/known-failures.txt")),
        ),
    };
    // A filter, as test binaries take it: `cargo test --test conformance -- iam`.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let (mut good, mut counts) = (true, Vec::new());
    for (kind, run) in KINDS {
        let dirs: Vec<PathBuf> = roots.iter().map(|root| root.join(kind)).filter(|dir| dir.is_dir()).collect();
        if !wanted.is_empty() && !wanted.iter().any(|w| w == kind) || dirs.is_empty() {
            continue;
        }
        let mut report = Report::new(kind);
        dirs.iter().for_each(|dir| run(dir, &mut report));
        counts.push((*kind, report.count()));
        good &= report.finish(&known);
    }
    if counts.is_empty() {
        let kinds = KINDS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        eprintln!("no cases found below {}: expected a folder named {}", roots[0].display(), kinds);
        return ExitCode::FAILURE;
    }
    // A complete run of the project's own cases is what the README gives figures of.
    if counts.len() == KINDS.len()
        && std::env::var_os("CONFORMANCE_DIR").is_none()
        && let Err(why) = readme::check(&manifest.join("README.md"), &counts, known.len())
    {
        println!("{why}");
        good = false;
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
