//! The README's figures of recorded cases are those of a complete run.
//!
//! `UPDATE_README=1 cargo test --test conformance` writes them.

use std::path::Path;

/// The beginning of the sentence with the figures.
const BEGINS: &str = "- **It behaves as the real thing does, surprises included.** ";

/// Compares the README's sentence with the number of cases of each kind and of known failures, or rewrites it.
///
/// # Errors
/// What the README says and what it must say, or why it cannot be read or written.
pub fn check(file: &Path, counts: &[(&str, usize)], known_failures: usize) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let wanted = sentence(counts, known_failures);
    let line = text.lines().find(|line| line.starts_with(BEGINS));
    let line = line.ok_or_else(|| format!("{}: no line begins with {BEGINS:?}", file.display()))?;
    if line == wanted {
        return Ok(());
    }
    if std::env::var_os("UPDATE_README").is_some() {
        return std::fs::write(file, text.replace(line, &wanted))
            .map_err(|error| format!("{}: {error}", file.display()));
    }
    Err(format!(
        "README.md does not say what ran; `UPDATE_README=1 cargo test --test conformance` writes it\n  expected {wanted}\n  found {line}"
    ))
}

fn sentence(counts: &[(&str, usize)], known_failures: usize) -> String {
    let of = |kind: &str| counts.iter().find(|(name, _)| *name == kind).map_or(0, |(_, count)| *count);
    let total: usize = counts.iter().map(|(_, count)| count).sum();
    let fail = match known_failures {
        0 => "None of them fails.".to_owned(),
        1 => "One of them fails on purpose: `tests/conformance/known-failures.txt` says why.".to_owned(),
        n => format!("{n} of them fail on purpose: `tests/conformance/known-failures.txt` says why."),
    };
    format!(
        "{BEGINS}{} recorded cases hold it to that: {} decisions of the Kubernetes authorizer, {} of its validation, {} of \
         the aws-iam-authenticator, and {} command lines of the AWS CLI, kubectl, eksctl and the usual filters with their \
         exact output. {fail} What no source confirms is marked as inferred.",
        grouped(total),
        grouped(of("rbac")),
        grouped(of("rbac-validation")),
        grouped(of("iam")),
        grouped(of("cli")),
    )
}

/// `12,345`.
fn grouped(number: usize) -> String {
    if number < 1000 {
        return number.to_string();
    }
    format!("{},{:03}", grouped(number / 1000), number % 1000)
}
