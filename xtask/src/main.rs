//! `cargo xtask`: set-up, build, serve, test and measure, each in one command.
//!
//! Every command installs what it needs and does not find, says what and why, and goes on.
//! See `docs/development.md`.

mod checks;
mod parts;
mod process;
mod site;
mod tools;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use process::{Result, fail, run, say};

const HELP: &str = "\
Usage: cargo xtask COMMAND

  serve [--port N]     build the site in release mode and serve it on this machine
  build                build the static site into dist/ and check the size of its first load
  watch [--port N]     serve a development build and rebuild it when a file changes
  test [STEP…] [-- ARGS]
                       run every check, or only the named steps:
                       format, clippy, native, site, web, app
                       ARGS go to the test programs, for instance part of a test's name
  gallery [FOLDER]     pictures of every view, light and dark, wide and narrow (target/gallery)
  first-part           look in a browser which functions the first screen needs, and note them for the build
  bench [-- ARGS]      run the benchmarks
  help                 show this text

What is missing on the machine is installed first; a second run finds everything in place.
";

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let extra = match arguments.iter().position(|argument| argument == "--") {
        Some(at) => arguments.split_off(at).into_iter().skip(1).collect(),
        None => Vec::new(),
    };
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["serve", options @ ..] => port(options).and_then(site::serve),
        ["build"] => site::build().map(|_| ()),
        ["watch", options @ ..] => port(options).and_then(site::watch),
        ["test", steps @ ..] => checks::test(steps, &extra),
        ["gallery"] => checks::gallery("target/gallery"),
        ["gallery", folder] => checks::gallery(folder),
        ["first-part"] => checks::first_part(),
        ["bench"] => bench(&extra),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => fail(format!("`{}` is not a command of ours\n\n{HELP}", words.join(" "))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn port(options: &[&str]) -> Result<Option<u16>> {
    match options {
        [] => Ok(None),
        ["--port", number] => match number.parse() {
            Ok(port) => Ok(Some(port)),
            Err(_) => fail(format!("`{number}` is not a port number")),
        },
        _ => fail(format!("unknown option `{}`; there is `--port N`", options.join(" "))),
    }
}

fn bench(extra: &[String]) -> Result<()> {
    if !repository().join("benches").is_dir() {
        return fail("there is nothing to measure: no folder `benches`");
    }
    say("benchmarks: `cargo bench` compiles in release mode first");
    run(cargo().args(["bench", "--bench", "*", "--"]).args(extra))
}

/// The folder of the repository.
fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// cargo, in the repository; rustup gives the toolchain that runs us.
fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(repository());
    command
}
