//! The programs the other commands need: found on PATH, found in the tool cache, or installed.
//!
//! The cache holds one folder per tool and version. A folder is filled elsewhere and renamed into place when it is
//! complete, so an interrupted installation leaves nothing that looks finished, and a compilation that was interrupted
//! goes on where it stopped. A lock file keeps two runs from installing at the same time.
//!
//! The tools come from the package registries (crates, npm, Debian). If `cargo-binstall` is there, it is asked first.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Error, Result, fail, find_on_path, is_executable, output_of, run, say};
use crate::{cargo, repository};

/// The last trunk that the pinned toolchain compiles.
const TRUNK: &str = "0.21.14";
/// The npm package `binaryen`, and the number `wasm-opt --version` prints.
const BINARYEN: &str = "132";
/// The npm package `axe-core`: looks for faults of accessibility in a page.
const AXE: &str = "4.14.1";
const WASM: &str = "wasm32-unknown-unknown";

/// What building the site takes.
pub struct SiteTools {
    /// The program that builds the site.
    pub trunk: PathBuf,
    /// Runs `wasm-opt`, and measures the size of the site.
    pub node: PathBuf,
    /// Runs tests compiled to WebAssembly in a browser.
    pub test_runner: PathBuf,
    /// Folders that must come first on PATH, so that trunk finds its own tools.
    pub folders: Vec<PathBuf>,
}

/// A browser that programs can steer.
#[derive(Clone)]
pub struct Browser {
    /// Chromium, or Chrome.
    pub browser: PathBuf,
    /// Its WebDriver server.
    pub driver: PathBuf,
}

/// Finds or installs what building the site takes.
///
/// # Errors
/// A tool that cannot be had: which, why, and what to do.
pub fn site_tools() -> Result<SiteTools> {
    wasm_target()?;
    let node = node()?;
    let optimizer = wasm_opt()?;
    let version = locked_version("wasm-bindgen")?;
    let bindgen = cargo_tool(
        &CargoTool { package: "wasm-bindgen-cli", version: &version, locked: false, minutes: 1 },
        &["wasm-bindgen", "wasm-bindgen-test-runner"],
    )?;
    let trunk = cargo_tool(&CargoTool { package: "trunk", version: TRUNK, locked: true, minutes: 3 }, &["trunk"])?;
    Ok(SiteTools {
        trunk: trunk.join("trunk"),
        node,
        test_runner: bindgen.join("wasm-bindgen-test-runner"),
        folders: vec![trunk, bindgen, optimizer],
    })
}

/// The exact version of a package in `Cargo.lock`.
fn locked_version(package: &str) -> Result<String> {
    let file = repository().join("Cargo.lock");
    let text = fs::read_to_string(&file).map_err(|error| Error(format!("cannot read {}: {error}", file.display())))?;
    match version_in_lock(&text, package) {
        Some(version) => Ok(version.to_owned()),
        None => fail(format!("{} does not name `{package}`", file.display())),
    }
}

fn version_in_lock<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let mut lines = lock.lines();
    lines.find(|line| line.strip_prefix("name = ").is_some_and(|name| name.trim_matches('"') == package))?;
    Some(lines.next()?.strip_prefix("version = ")?.trim_matches('"'))
}

/// Adds the WebAssembly target to the toolchain.
fn wasm_target() -> Result<()> {
    let libraries = output_of(Command::new("rustc").args(["--print", "target-libdir", "--target", WASM]));
    if libraries.is_some_and(|folder| Path::new(&folder).is_dir()) {
        return Ok(());
    }
    rustup(&["target", "add", WASM], "the site and its tests are compiled for WebAssembly")
}

/// Adds the formatter and the linter to the toolchain.
///
/// # Errors
/// If rustup is missing or fails.
pub fn lint_tools() -> Result<()> {
    for (command, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if output_of(cargo().args([command, "--version"])).is_none() {
            rustup(&["component", "add", component], "`cargo xtask test` checks with it")?;
        }
    }
    wasm_target()
}

fn rustup(arguments: &[&str], why: &str) -> Result<()> {
    let typed = format!("rustup {}", arguments.join(" "));
    if find_on_path("rustup").is_none() {
        return fail(format!("rustup is not on PATH, but `{typed}` is needed: {why}. Install Rust with rustup"));
    }
    say(format!("installing: {typed} ({why})"));
    run(Command::new("rustup").args(arguments).current_dir(repository()))
}

/// A program from the crate registry.
struct CargoTool<'a> {
    package: &'a str,
    version: &'a str,
    /// Whether to compile with the versions its authors compiled it with.
    locked: bool,
    /// Rough compile time on two cores.
    minutes: u32,
}

/// The folder of programs of a cargo package in exactly that version. The first of `programs` tells its version.
fn cargo_tool(tool: &CargoTool<'_>, programs: &[&str]) -> Result<PathBuf> {
    let CargoTool { package, version, .. } = *tool;
    if let Some(folder) = on_path(programs, version) {
        return Ok(folder);
    }
    let name = format!("{package}-{version}");
    install(&name, "bin", programs, |staging| {
        if find_on_path("cargo-binstall").is_some() {
            say(format!("installing {package} {version}: asking cargo-binstall for a compiled one"));
            let mut command = Command::new("cargo-binstall");
            command.args(["--no-confirm", "--no-track", "--disable-strategies", "compile", "--root"]).arg(staging);
            match run(command.arg(format!("{package}@{version}"))) {
                Ok(()) if all_present(&staging.join("bin"), programs) => return Ok(()),
                Ok(()) => say("cargo-binstall did not bring all programs; compiling instead"),
                Err(error) => say(format!("{error}; compiling instead")),
            }
        }
        say(format!(
            "installing {package} {version}: compiled from source, once; about {} min on two cores",
            tool.minutes
        ));
        let mut command = cargo();
        // These programs wait for others or copy files: half the compile time matters more than their own speed.
        for (setting, value) in [("OPT_LEVEL", "0"), ("LTO", "off"), ("CODEGEN_UNITS", "256"), ("DEBUG", "0")] {
            command.env(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
        }
        command.env("CARGO_TARGET_DIR", cache().join("build").join(&name)).env_remove("CARGO_BUILD_TARGET");
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        command.args(["install", package, "--version", version, "--no-default-features", "--root"]).arg(staging);
        if tool.locked {
            command.arg("--locked");
        }
        run(&mut command)
    })
}

/// The folder of `wasm-opt`.
fn wasm_opt() -> Result<PathBuf> {
    let programs = ["wasm-opt"];
    if let Some(folder) = on_path(&programs, BINARYEN) {
        return Ok(folder);
    }
    let package = format!("binaryen@{BINARYEN}.0.0");
    install(&format!("binaryen-{BINARYEN}"), "node_modules/.bin", &programs, |staging| {
        let npm = node_program("npm")?;
        say(format!("installing wasm-opt: npm package {package}, about 100 MB on disk; it makes the program smaller"));
        let mut command = Command::new(npm);
        command.args(["install", "--no-audit", "--no-fund", "--no-update-notifier", "--prefix"]).arg(staging);
        run(command.arg(&package).current_dir(staging))
    })
}

/// Finds or installs the script that looks for faults of accessibility.
///
/// # Errors
/// If npm cannot be had, or not the package.
pub fn axe() -> Result<PathBuf> {
    let folder = install(&format!("axe-core-{AXE}"), "node_modules/axe-core", &["axe.min.js"], |staging| {
        let npm = node_program("npm")?;
        let package = format!("axe-core@{AXE}");
        say(format!(
            "installing npm package {package}, about 3 MB on disk; the whole-app tests look for faults of accessibility with it"
        ));
        let mut command = Command::new(npm);
        command.args(["install", "--no-audit", "--no-fund", "--no-update-notifier", "--prefix"]).arg(staging);
        run(command.arg(&package).current_dir(staging))
    })?;
    Ok(folder.join("axe.min.js"))
}

fn node() -> Result<PathBuf> {
    node_program("node")
}

/// `node` or `npm`.
fn node_program(name: &str) -> Result<PathBuf> {
    if let Some(found) = find_on_path(name) {
        return Ok(found);
    }
    // Some packages of nodejs bring npm with them and do not tolerate Debian's: each is asked for only if missing.
    for (program, package) in [("node", "nodejs"), ("npm", "npm")] {
        if find_on_path(program).is_none() {
            debian(&[package], "node runs wasm-opt and measures the size of the site, npm installs wasm-opt")?;
        }
    }
    match find_on_path(name) {
        Some(found) => Ok(found),
        None => fail(format!("the Debian packages nodejs and npm are installed, but `{name}` is not on PATH")),
    }
}

/// Finds or installs Chromium and its WebDriver server.
///
/// # Errors
/// If they are not there and cannot be installed.
pub fn browser() -> Result<Browser> {
    let find = || {
        let named = |variable: &str| env::var_os(variable).map(PathBuf::from).filter(|file| is_executable(file));
        let beside = || env::var_os("CHROMEWEBDRIVER").map(|folder| PathBuf::from(folder).join("chromedriver"));
        let driver = named("CHROMEDRIVER")
            .or_else(|| find_on_path("chromedriver"))
            .or_else(|| beside().filter(|file| is_executable(file)))?;
        let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
        let browser = named("CHROME").or_else(|| names.iter().find_map(|name| find_on_path(name)))?;
        Some(Browser { browser, driver })
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    debian(&["chromium", "chromium-driver"], "the browser tests run in headless Chromium")?;
    match find() {
        Some(found) => Ok(found),
        None => fail(
            "the Debian packages chromium and chromium-driver are installed, but there is no chromium or no \
             chromedriver on PATH; name them with the variables CHROME and CHROMEDRIVER",
        ),
    }
}

/// Installs Debian packages when we may, and otherwise says what to type.
fn debian(packages: &[&str], why: &str) -> Result<()> {
    let list = packages.join(" ");
    if find_on_path("apt-get").is_none() {
        return fail(format!("missing: {list} ({why}). There is no apt-get here; install them in your system's way"));
    }
    let root = output_of(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
    if !root {
        return fail(format!(
            "missing: {list} ({why}). Only root may install them; run\n\n    sudo apt-get update && sudo apt-get install \
             --no-install-recommends {list}\n\nand then the same command again"
        ));
    }
    say(format!("installing the Debian packages {list}: {why}"));
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(["-q", "-o", "Acquire::Retries=3"]);
        command
    };
    run(apt().arg("update"))?;
    run(apt().args(["install", "-y", "--no-install-recommends"]).args(packages))
}

/// The folder on PATH with all the programs, if the first one prints the version wanted.
fn on_path(programs: &[&str], version: &str) -> Option<PathBuf> {
    let first = find_on_path(programs.first()?)?;
    let folder = first.parent()?.to_owned();
    let printed = output_of(Command::new(&first).arg("--version"))?;
    let right = printed.split_whitespace().any(|word| word == version);
    (right && all_present(&folder, programs)).then_some(folder)
}

fn all_present(folder: &Path, programs: &[&str]) -> bool {
    // A script is run by another program.
    let is_there = |file: &Path| {
        if file.extension().is_some_and(|end| end == "js") { file.is_file() } else { is_executable(file) }
    };
    programs.iter().all(|program| is_there(&folder.join(program)))
}

/// Where the tools are kept.
fn cache() -> PathBuf {
    if let Some(folder) = env::var_os("EKS_PLAYGROUND_TOOLS").filter(|folder| !folder.is_empty()) {
        return std::path::absolute(&folder).unwrap_or_else(|_| PathBuf::from(folder));
    }
    let caches = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let caches = caches.or_else(|| env::home_dir().map(|home| home.join(".cache")));
    // Without a home the tools live and die with the other build products.
    caches.unwrap_or_else(|| repository().join("target")).join("eks-access-playground").join("tools")
}

/// The folder `below` of the tool `name` in the cache; `fill` puts the tool into an empty folder if it is missing.
fn install(name: &str, below: &str, programs: &[&str], fill: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let cache = cache();
    let home = cache.join(name);
    let folder = home.join(below);
    if all_present(&folder, programs) {
        return Ok(folder);
    }
    let told = |what: &str, path: &Path, error: std::io::Error| {
        Error(format!("{name} cannot be installed: cannot {what} {}: {error}", path.display()))
    };
    fs::create_dir_all(&cache).map_err(|error| told("make", &cache, error))?;
    let lock_file = cache.join("lock");
    let lock = File::create(&lock_file).map_err(|error| told("open", &lock_file, error))?;
    if lock.try_lock().is_err() {
        say("waiting: another `cargo xtask` is installing tools");
        lock.lock().map_err(|error| told("lock", &lock_file, error))?;
    }
    if all_present(&folder, programs) {
        return Ok(folder); // the other one did it
    }
    let staging = cache.join("staging").join(name);
    remove(&staging).map_err(|error| told("empty", &staging, error))?;
    fs::create_dir_all(&staging).map_err(|error| told("make", &staging, error))?;
    fill(&staging).map_err(|error| {
        Error(format!(
            "{name} cannot be had: {error}. Is the package registry reachable? What was compiled so far is kept; the \
             same command goes on from there. A `{}` of this version on PATH is used as well",
            programs.first().unwrap_or(&name)
        ))
    })?;
    let staged = staging.join(below);
    if !all_present(&staged, programs) {
        return fail(format!("{name} was installed without {} in {}", programs.join(" and "), staged.display()));
    }
    remove(&home).map_err(|error| told("replace", &home, error))?;
    fs::rename(&staging, &home).map_err(|error| told("fill", &home, error))?;
    // Only compiled parts that nobody needs any more.
    let _ = remove(&cache.join("build").join(name));
    say(format!("installed {name} in {}", home.display()));
    Ok(folder)
}

fn remove(folder: &Path) -> std::io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_the_lock_file() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in_lock(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(version_in_lock(lock, "bindgen"), None);
    }
}
