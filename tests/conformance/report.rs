//! Counting and printing results.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// How many failing cases are shown in full.
const SHOWN: usize = 10;

/// The results of one kind of cases.
pub struct Report {
    kind: &'static str,
    passed: BTreeSet<String>,
    failed: Vec<(String, String)>,
}

impl Report {
    /// An empty report for `kind`.
    pub fn new(kind: &'static str) -> Self {
        Self { kind, passed: BTreeSet::new(), failed: Vec::new() }
    }

    /// Runs one case. `Err` says what differed; a panic counts as a failure. `id` must be unique within the kind.
    pub fn case(&mut self, id: impl Into<String>, run: impl FnOnce() -> Result<(), String>) {
        let id = id.into();
        let result = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err("panicked".to_owned()));
        match result {
            Ok(()) => {
                self.passed.insert(id);
            }
            Err(why) => self.failed.push((id, why)),
        }
    }

    /// Number of cases that ran.
    pub fn count(&self) -> usize {
        self.passed.len() + self.failed.len()
    }

    /// Prints the line of the kind and the first failures that are not known. True if nothing unexpected happened.
    pub fn finish(self, known: &[String]) -> bool {
        println!("{}: {} passed, {} failed", self.kind, self.passed.len(), self.failed.len());
        let prefixed = |id: &str| format!("{}/{id}", self.kind);
        let new: Vec<_> = self.failed.iter().filter(|(id, _)| !known.contains(&prefixed(id))).collect();
        for (id, why) in new.iter().take(SHOWN) {
            println!("  FAILED {}\n{}", prefixed(id), indent(why));
        }
        if new.len() > SHOWN {
            println!("  … and {} more", new.len() - SHOWN);
        }
        if let Ok(file) = std::env::var("CONFORMANCE_FAILURES") {
            let text: String =
                self.failed.iter().map(|(id, why)| format!("{}\n{}\n", prefixed(id), indent(why))).collect();
            if let Err(error) = std::fs::write(format!("{file}.{}", self.kind), text) {
                println!("  cannot write {file}: {error}");
            }
        }
        let stale: Vec<_> = self.passed.iter().filter(|id| known.contains(&prefixed(id))).collect();
        for id in &stale {
            println!("  listed as a known failure, but passes: {}", prefixed(id));
        }
        let empty = self.passed.is_empty() && self.failed.is_empty();
        if empty {
            println!("  no cases found");
        }
        new.is_empty() && stale.is_empty() && !empty
    }
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

/// The ids of the known failures: one a line, `kind/id`, then a blank and the reason. `#` starts a comment.
pub fn known_failures(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// All `.json` files below `dir`, in the order of their names.
pub fn json_files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<_> = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            found.extend(json_files(&path));
        } else if path.extension().is_some_and(|e| e == "json") {
            found.push(path);
        }
    }
    found
}

/// Reads a JSON file.
pub fn read_json(path: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
}

/// Compares expected and actual; `Err` shows both.
pub fn same(expected: &Value, actual: &Value) -> Result<(), String> {
    if expected == actual {
        return Ok(());
    }
    Err(format!("expected {expected}\n  actual {actual}"))
}
