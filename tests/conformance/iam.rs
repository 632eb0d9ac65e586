//! Runs the `iam` cases.

use std::path::Path;

use crate::report::{Report, json_files};

/// Runs every case below `dir`.
pub fn run(dir: &Path, report: &mut Report) {
    for path in json_files(dir) {
        report.case(path.display().to_string(), || Err("not run".to_owned()));
    }
}
