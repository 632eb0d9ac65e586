//! `cargo xtask test`: every check, what it counted, and a summary as the last lines.
//!
//! A check that cannot run is a failure, and a check that was not asked for is named as such.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::process::{Error, Result, fail, run, run_reading, say};
use crate::tools::{self, Browser, SiteTools};
use crate::{cargo, repository, site};

/// A check: the name to ask for it by, and what it is.
struct Step {
    name: &'static str,
    what: &'static str,
    run: fn(&mut Context) -> Result<Count>,
}

const STEPS: &[Step] = &[
    Step { name: "format", what: "formatting", run: format },
    Step { name: "clippy", what: "clippy, native and wasm32", run: clippy },
    Step { name: "native", what: "native tests", run: native },
    Step { name: "site", what: "site build and first load", run: build },
    Step { name: "web", what: "wasm-bindgen tests in headless Chromium", run: web },
    Step { name: "app", what: "whole-app tests in headless Chromium", run: app },
];

/// What the steps share. A tool that could not be had fails each step that needs it.
struct Context {
    lint_tools: Result<()>,
    site_tools: Result<SiteTools>,
    browser: Result<Browser>,
    axe: Result<PathBuf>,
    /// Whether this run built the site.
    built: bool,
    extra: Vec<String>,
}

/// What a step found out.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    passed: usize,
    failed: usize,
    ignored: usize,
    /// More to say in the summary.
    note: String,
    /// How the program that ran the tests ended, if not well.
    error: Option<String>,
}

impl Count {
    /// A check that is not made of tests.
    fn one(note: impl Into<String>) -> Self {
        Self { passed: 1, note: note.into(), ..Self::default() }
    }
}

/// Runs the named steps, or all.
///
/// # Errors
/// If any of them failed or could not run.
pub fn test(names: &[&str], extra: &[String]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        let known = STEPS.iter().map(|step| step.name).collect::<Vec<_>>().join(", ");
        return fail(format!("there is no step `{unknown}`; the steps are {known}"));
    }
    let wanted = |name: &str| names.is_empty() || names.contains(&name);
    let started = Instant::now();
    let unused = || Error("not set up".to_owned());
    let needs_site = wanted("site") || wanted("web") || wanted("app");
    let needs_browser = wanted("web") || wanted("app");
    let mut context = Context {
        lint_tools: if wanted("format") || wanted("clippy") { tools::lint_tools() } else { Err(unused()) },
        site_tools: if needs_site { tools::site_tools() } else { Err(unused()) },
        browser: if needs_browser { tools::browser() } else { Err(unused()) },
        axe: if wanted("app") { tools::axe() } else { Err(unused()) },
        built: false,
        extra: extra.to_vec(),
    };
    say(format!("tools are in place after {}", seconds(started.elapsed())));

    let mut rows = Vec::new();
    let mut total = Count::default();
    for step in STEPS {
        if !wanted(step.name) {
            rows.push(format!("not asked for  {}", step.what));
            continue;
        }
        say(format!("\n== {}: {}", step.name, step.what));
        let started = Instant::now();
        let outcome = (step.run)(&mut context);
        let row = match &outcome {
            Ok(count) => {
                total.passed += count.passed;
                total.failed += count.failed;
                total.ignored += count.ignored;
                let word = if count.failed == 0 { "ok    " } else { "FAILED" };
                let error = count.error.as_ref().map(|error| format!("; {error}")).unwrap_or_default();
                format!("{word}  {}: {}{error}", step.what, count.note)
            }
            Err(error) => {
                total.failed += 1;
                format!("FAILED  {}: {error}", step.what)
            }
        };
        rows.push(format!("{row} ({})", seconds(started.elapsed())));
    }

    say(format!("\nWhat ran, in {}:", seconds(started.elapsed())));
    for row in rows {
        say(format!("  {row}"));
    }
    let ignored = if total.ignored == 0 { String::new() } else { format!(", {} ignored", total.ignored) };
    say(format!("{} passed, {} failed{ignored}", total.passed, total.failed));
    if total.failed == 0 { Ok(()) } else { fail("not everything passed; see the list above") }
}

fn seconds(time: Duration) -> String {
    let tenths = time.as_millis() / 100;
    match tenths / 600 {
        0 => format!("{}.{} s", tenths / 10, tenths % 10),
        minutes => format!("{minutes} min {} s", tenths % 600 / 10),
    }
}

fn format(context: &mut Context) -> Result<Count> {
    context.lint_tools.clone()?;
    run(cargo().args(["fmt", "--all", "--check"]))
        .map_err(|error| Error(format!("{error}; `cargo fmt --all` repairs it")))?;
    Ok(Count::one("every file"))
}

fn clippy(context: &mut Context) -> Result<Count> {
    context.lint_tools.clone()?;
    let deny = ["--", "-D", "warnings"];
    let native = run(cargo().args(["clippy", "--workspace", "--all-targets"]).args(deny));
    // Native test programs mean nothing to a browser; `web` is the one that is compiled for it.
    let wasm = ["clippy", "--target", "wasm32-unknown-unknown", "--lib", "--bins", "--test", "web"];
    let wasm = run(cargo().args(wasm).args(deny));
    native.and(wasm)?;
    Ok(Count::one("no warning"))
}

fn native(context: &mut Context) -> Result<Count> {
    let mut command = cargo();
    command.args(["test", "--workspace", "--exclude", "e2e", "--no-fail-fast"]);
    if context.extra.is_empty() {
        return tests(&mut command);
    }
    // Arguments for test programs mean nothing to the harnesses of doc tests and the like.
    tests(command.arg("--tests").arg("--").args(&context.extra))
}

fn build(context: &mut Context) -> Result<Count> {
    let tools = context.site_tools.as_ref().map_err(Error::clone)?;
    let built = site::build_with(tools)?;
    context.built = true;
    Ok(Count::one(format!("first load {}, compressed", site::kilobytes(built.first_load))))
}

fn web(context: &mut Context) -> Result<Count> {
    let tools = context.site_tools.as_ref().map_err(Error::clone)?;
    let browser = context.browser.as_ref().map_err(Error::clone)?;
    let mut command = cargo();
    command.args(["test", "--target", "wasm32-unknown-unknown", "--test", "web"]);
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", &tools.test_runner);
    command.env("WASM_BINDGEN_TEST_TIMEOUT", "300");
    with_browser(&mut command, browser);
    if !context.extra.is_empty() {
        command.arg("--").args(&context.extra);
    }
    tests(&mut command)
}

fn app(context: &mut Context) -> Result<Count> {
    let browser = context.browser.as_ref().map_err(Error::clone)?.clone();
    let axe = context.axe.as_ref().map_err(Error::clone)?.clone();
    let dist = repository().join("dist");
    if !context.built {
        build(context)?;
    }
    let mut command = cargo();
    command.args(["test", "--package", "e2e", "--no-fail-fast"]);
    command.env("E2E_DIST", &dist).env("E2E_FLAGS", repository().join("webdriver.json")).env("E2E_AXE", axe);
    with_browser(&mut command, &browser);
    if !context.extra.is_empty() {
        command.arg("--").args(&context.extra);
    }
    tests(&mut command)
}

/// Builds the site and takes pictures of its views into `folder`.
///
/// # Errors
/// If a tool is missing, the site cannot be built, or a view does not come up.
pub fn gallery(folder: &str) -> Result<()> {
    let browser = tools::browser()?;
    crate::site::build()?;
    in_browser("gallery", &browser, Path::new(folder))
}

/// Notes which functions of the program the first screen needs, then builds the site with them.
///
/// # Errors
/// If a tool is missing, the site cannot be built, or it does not come up.
pub fn first_part() -> Result<()> {
    let browser = tools::browser()?;
    let tools = tools::site_tools()?;
    crate::site::build_whole(&tools)?;
    in_browser("first_part", &browser, &repository().join("xtask/src/first_part.txt"))?;
    // The list is compiled into the program that splits: another run of it builds the site.
    crate::process::run(cargo().args(["xtask", "build"]))
}

/// Runs a program of the package `e2e` on the built site; `output` is what it writes.
fn in_browser(program: &str, browser: &Browser, output: &Path) -> Result<()> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "e2e", "--bin", program, "--"]).arg(output);
    command.env("E2E_DIST", repository().join("dist")).env("E2E_FLAGS", repository().join("webdriver.json"));
    with_browser(&mut command, browser);
    crate::process::run(&mut command)
}

fn with_browser(command: &mut Command, Browser { browser, driver }: &Browser) {
    // Proxies are for the outside; the browser and its driver talk on this machine.
    command.env("CHROMEDRIVER", driver).env("CHROME", browser).env("NO_PROXY", "127.0.0.1,localhost");
}

/// Runs a command that runs tests, and counts them.
fn tests(command: &mut Command) -> Result<Count> {
    let known = std::fs::read_to_string(repository().join(KNOWN_FAILURES)).unwrap_or_default();
    let mut lines = Vec::new();
    let ended = run_reading(command, |line| lines.push(line.to_owned()));
    Ok(counted(&lines, &known, ended.err()))
}

/// The conformance cases that may fail.
const KNOWN_FAILURES: &str = "tests/conformance/known-failures.txt";

/// Adds up what test programs printed; a run in which nothing was tested has failed.
fn counted(lines: &[String], known: &str, error: Option<Error>) -> Count {
    let mut count = Count::default();
    let mut kinds = Vec::new();
    for line in lines {
        if let Some(result) = line.strip_prefix("test result: ") {
            // `ok. 3 passed; 0 failed; 0 ignored; …`
            count.passed += number_before(result, "passed");
            count.failed += number_before(result, "failed");
            count.ignored += number_before(result, "ignored");
        } else if let Some((kind, passed, failed)) = conformance(line) {
            // `rbac: 90 passed, 2 failed`
            let prefix = format!("{kind}/");
            let expected = known.lines().filter(|line| line.trim_start().starts_with(&prefix)).count().min(failed);
            count.passed += passed;
            count.failed += failed - expected;
            let rest = if expected > 0 { format!(", {expected} known failures") } else { String::new() };
            kinds.push(format!("{kind} {passed} of {}{rest}", passed + failed));
        }
    }
    count.error = error.map(|error| error.0);
    if count.error.is_none() && count.passed == 0 {
        count.error = Some("no test ran".to_owned());
    }
    if count.error.is_some() && count.failed == 0 {
        count.failed = 1;
    }
    count.note = format!("{} passed, {} failed, {} ignored", count.passed, count.failed, count.ignored);
    if !kinds.is_empty() {
        count.note += &format!("; of these, conformance: {}", kinds.join(", "));
    }
    count
}

/// The number before a word, as in `3 passed`; 0 if there is none.
fn number_before(text: &str, word: &str) -> usize {
    let words: Vec<&str> = text.split([' ', ';', ',', '.']).filter(|word| !word.is_empty()).collect();
    let pairs = words.windows(2).filter_map(|pair| match pair {
        [number, next] if *next == word => number.parse::<usize>().ok(),
        _ => None,
    });
    pairs.sum()
}

/// A line of the conformance harness: kind, passed, failed.
fn conformance(line: &str) -> Option<(&str, usize, usize)> {
    let (kind, rest) = line.split_once(": ")?;
    let (passed, failed) = rest.split_once(" passed, ")?;
    let failed = failed.strip_suffix(" failed")?;
    let plain = kind.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    plain.then_some((kind, passed.parse().ok()?, failed.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&str], known: &str, error: Option<&str>, expected: (usize, usize, &str)) {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let count = counted(&lines, known, error.map(|error| Error(error.to_owned())));
        assert_eq!((count.passed, count.failed, count.note.as_str()), expected);
    }

    #[test]
    fn results_of_several_programs_are_added_up() {
        check(
            &[
                "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.01s",
                "test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
            ],
            "",
            None,
            (7, 0, "7 passed, 0 failed, 1 ignored"),
        );
        check(
            &["test result: FAILED. 3 passed; 2 failed; 0 ignored"],
            "",
            Some("status 101"),
            (3, 2, "3 passed, 2 failed, 0 ignored"),
        );
    }

    #[test]
    fn known_failures_of_conformance_cases_are_not_failures() {
        let note = "90 passed, 0 failed, 0 ignored; of these, conformance: rbac 90 of 92, 2 known failures";
        check(&["rbac: 90 passed, 2 failed"], "# why\nrbac/a x\nrbac/b y\niam/c z", None, (90, 0, note));
        let note = "90 passed, 2 failed, 0 ignored; of these, conformance: rbac 90 of 92";
        check(&["rbac: 90 passed, 2 failed", "FAILED"], "", Some("status 1"), (90, 2, note));
    }

    #[test]
    fn a_run_without_tests_and_a_run_that_broke_off_are_failures() {
        check(&["test result: ok. 0 passed; 0 failed; 0 ignored"], "", None, (0, 1, "0 passed, 1 failed, 0 ignored"));
        check(
            &["test result: ok. 5 passed; 0 failed; 0 ignored"],
            "",
            Some("killed"),
            (5, 1, "5 passed, 1 failed, 0 ignored"),
        );
    }

    #[test]
    fn times_are_readable() {
        assert_eq!(seconds(Duration::from_millis(1260)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(185)), "3 min 5 s");
    }
}
