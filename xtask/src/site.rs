//! The static site: building it with trunk, weighing its first load, serving it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use xtask::first_load;
use xtask::static_server::Site;

use crate::parts;
use crate::process::{Error, Result, fail, output_of, path_with, run, say};
use crate::repository;
use crate::tools::{SiteTools, site_tools};

/// Where `serve` and `watch` begin to look for a free port.
const PORT: u16 = 8080;
/// How many ports are tried.
const PORTS: u16 = 20;

/// What was built.
pub struct Built {
    /// The folder of the site.
    pub dist: PathBuf,
    /// Bytes of the first load, compressed.
    pub first_load: u64,
}

/// Installs what is missing, builds the site and checks its size.
///
/// # Errors
/// A missing tool, a failed build, or a first load over the budget.
pub fn build() -> Result<Built> {
    build_with(&site_tools()?)
}

/// As [`build`], with the tools at hand.
pub fn build_with(tools: &SiteTools) -> Result<Built> {
    let dist = build_whole(tools)?;
    parts::split(&dist)?;
    let first_load = weigh(&dist, &tools.node)?;
    say(format!("the site is in {}", dist.display()));
    Ok(Built { dist, first_load })
}

/// Builds the site with the program in one piece, and the names of its functions in it. Returns its folder.
///
/// # Errors
/// A failed build.
pub fn build_whole(tools: &SiteTools) -> Result<PathBuf> {
    say("building the site in release mode (a minute or two the first time, seconds when little has changed)");
    run(trunk(tools)?.args(["build", "--release", "--offline", "true"]))?;
    Ok(repository().join("dist"))
}

fn trunk(tools: &SiteTools) -> Result<Command> {
    let mut command = Command::new(&tools.trunk);
    // trunk takes NO_COLOR for a yes-or-no option of its own and refuses the usual value, `1`.
    command.env_remove("NO_COLOR").env("TRUNK_SKIP_VERSION_CHECK", "true");
    command.current_dir(repository()).env("PATH", path_with(&tools.folders)?);
    Ok(command)
}

/// Prints the compressed size of each file of the first load, and of what is loaded later.
fn weigh(dist: &Path, node: &Path) -> Result<u64> {
    let files = first_load::files(dist).map_err(|error| Error(format!("cannot read {}: {error}", dist.display())))?;
    let sizes = compressed(files.iter().map(|file| dist.join(file)).collect(), node)?;
    say("first load, Brotli 11:");
    for (file, size) in files.iter().zip(&sizes) {
        say(format!("{:>10}  {file}", kilobytes(*size)));
    }
    let total = sizes.iter().sum();
    say(format!("{:>10}  of {} allowed", kilobytes(total), kilobytes(first_load::BUDGET)));
    let second = first_load::second_part(dist).ok().flatten().map(|file| dist.join(file));
    let later: u64 = compressed(second.into_iter().collect(), node)?.iter().sum();
    say(format!("{:>10}  more when the page is used: the program's second part", kilobytes(later)));
    within_budget(total, first_load::BUDGET)?;
    Ok(total)
}

/// The sizes of files, each compressed with Brotli 11.
fn compressed(files: Vec<PathBuf>, node: &Path) -> Result<Vec<u64>> {
    const SCRIPT: &str = "const { brotliCompressSync, constants } = require('node:zlib');
        for (const file of process.argv.slice(1)) {
            const bytes = require('node:fs').readFileSync(file);
            console.log(brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length);
        }";
    let Some(output) = output_of(Command::new(node).args(["-e", SCRIPT, "--"]).args(&files)) else {
        return fail("node could not compress the files of the site");
    };
    let sizes: Vec<u64> = output.lines().filter_map(|line| line.parse().ok()).collect();
    if sizes.len() != files.len() {
        return fail(format!("node gave {} sizes for {} files", sizes.len(), files.len()));
    }
    Ok(sizes)
}

fn within_budget(total: u64, budget: u64) -> Result<()> {
    if total <= budget {
        return Ok(());
    }
    fail(format!(
        "the first load is {}, which is {} bytes over the budget of {}: make it smaller, or raise `BUDGET` in \
         xtask/src/first_load.rs on purpose",
        kilobytes(total),
        total - budget,
        kilobytes(budget)
    ))
}

/// `54321` bytes as `54.3 KB`.
pub fn kilobytes(bytes: u64) -> String {
    format!("{}.{} KB", bytes / 1000, bytes % 1000 / 100)
}

/// Builds the site, then serves it until the process is stopped.
///
/// # Errors
/// As [`build`], or no free port.
pub fn serve(port: Option<u16>) -> Result<()> {
    let built = build()?;
    let listener = listen(port)?;
    let port = listener.local_addr().map_or(0, |address| address.port());
    say(format!("\nserving http://127.0.0.1:{port}/  (Ctrl+C stops)"));
    Site::new(built.dist, "/").serve(&listener);
    Ok(())
}

/// Serves a development build with trunk, which builds again when a file changes.
///
/// # Errors
/// A missing tool, no free port, or trunk's own failure.
pub fn watch(port: Option<u16>) -> Result<()> {
    let tools = site_tools()?;
    let listener = listen(port)?;
    let port = listener.local_addr().map_or(0, |address| address.port());
    drop(listener); // trunk binds it again at once
    say(format!("http://127.0.0.1:{port}/ is served when the first build is done; it is rebuilt when a file changes"));
    let mut command = trunk(&tools)?;
    // Not into `dist`: the release build that tests and `serve` use must stay what it is.
    command.args(["serve", "--offline", "true", "--dist", "target/watch", "--port", &port.to_string()]);
    run(&mut command)
}

fn listen(port: Option<u16>) -> Result<TcpListener> {
    let ports = match port {
        Some(port) => port..=port,
        None => PORT..=PORT + PORTS,
    };
    let (first, last) = (*ports.start(), *ports.end());
    match ports.into_iter().find_map(|port| TcpListener::bind(("127.0.0.1", port)).ok()) {
        Some(listener) => Ok(listener),
        None if first == last => fail(format!("port {first} is in use or not allowed; try another: `--port N`")),
        None => fail(format!("no free port from {first} to {last}; name one: `--port N`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_load_over_the_budget_is_an_error() {
        assert!(within_budget(200, 200).is_ok());
        let message = within_budget(201_500, 200_000).unwrap_err().to_string();
        assert!(message.starts_with("the first load is 201.5 KB, which is 1500 bytes over the budget of 200.0 KB"));
    }
}
