//! The native command line (`eks-playground`): runs scripts and converts links with the engine of the page.
//!
//! Everything but reading files and printing is a pure function of the arguments, so that tests call it directly.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use serde_json::json;

use crate::session::{Session, Snapshot, scenario, share};
use crate::shell::io::Stream;
use crate::shell::terminal::Job;

const HELP: &str = "\
Runs aws, kubectl and shell commands against a simulated EKS cluster, as the page does.

Usage:
  eks-playground run [--json] [--state FILE|LINK] [--link [--site URL]] SCRIPT|-
  eks-playground link encode FILE|-
  eks-playground link decode LINK
  eks-playground --help | --version

run          runs the commands of SCRIPT (- for standard input) and prints `$ command` and its output
  --json     one object a command instead: {\"command\",\"stdout\",\"stderr\",\"exit\"}
  --state    start in this world (its JSON in a file, or a link) instead of the walkthrough's
  --link     print the final world's link as the last line; --site puts the address of a page before it
             The exit status is that of the last command.
link encode  prints the link of a world's JSON
link decode  prints the JSON of a link's world
";

/// How the program is to be used wrongly, or what it could not read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The arguments.
    #[error("{0}\nRun `eks-playground --help` for the usage.")]
    Usage(String),
    /// A file.
    #[error("cannot read `{0}`: {1}")]
    File(String, std::io::Error),
    /// A link or a world's JSON.
    #[error("cannot use `{0}`: {1}")]
    State(String, share::DecodeError),
    /// JSON that is none.
    #[error("`{0}` is no JSON: {1}")]
    Json(String, serde_json::Error),
    /// Standard output is gone.
    #[error("cannot print: {0}")]
    Print(std::io::Error),
}

/// Entry point of the native binary; the exit status is that of the last command run, 2 for a wrong use.
pub fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut out = std::io::stdout().lock();
    match run(&args, &mut out) {
        Ok(code) => ExitCode::from(code),
        Err(Error::Print(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be done if standard error is gone too.
            let _ = writeln!(std::io::stderr(), "eks-playground: {error}");
            ExitCode::from(2)
        }
    }
}

/// Does what `args` (without the program's name) say, and prints to `out`.
///
/// # Errors
/// A wrong use; a file or link that cannot be read.
pub fn run(args: &[String], out: &mut dyn std::io::Write) -> Result<u8, Error> {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["run", rest @ ..] => run_script(rest, out),
        ["link", "encode", file] => {
            let snapshot = from_json_text(file, &read(file)?)?;
            print(out, &format!("{}\n", share::encode(&snapshot)))
        }
        ["link", "decode", link] => {
            let snapshot = share::decode(link).map_err(|error| Error::State(short(link), error))?;
            print(out, &format!("{:#}\n", share::to_json(&snapshot)))
        }
        ["link", ..] => Err(Error::Usage("`link` takes `encode FILE` or `decode LINK`".to_owned())),
        ["--version" | "-V"] => print(out, &format!("eks-playground {}\n", env!("CARGO_PKG_VERSION"))),
        ["--help" | "-h" | "help"] => print(out, HELP),
        [] => Err(Error::Usage("no command given".to_owned())),
        [other, ..] => Err(Error::Usage(format!("unknown command `{other}`"))),
    }
}

fn print(out: &mut dyn std::io::Write, text: &str) -> Result<u8, Error> {
    out.write_all(text.as_bytes()).map_err(Error::Print)?;
    Ok(0)
}

/// A text that may be long, for messages.
fn short(text: &str) -> String {
    let start: String = text.chars().take(40).collect();
    if start.len() < text.len() { format!("{start}…") } else { start }
}

fn read(file: &str) -> Result<String, Error> {
    let failed = |error| Error::File(file.to_owned(), error);
    if file == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(failed)?;
        return Ok(text);
    }
    std::fs::read_to_string(file).map_err(failed)
}

fn from_json_text(name: &str, text: &str) -> Result<Snapshot, Error> {
    let value = serde_json::from_str(text).map_err(|error| Error::Json(name.to_owned(), error))?;
    share::from_json(value).map_err(|error| Error::State(name.to_owned(), error))
}

/// The world to start in: a file with JSON or a link in it, or a link itself.
fn state(argument: &str) -> Result<Snapshot, Error> {
    let is_file = std::path::Path::new(argument).exists() || argument == "-";
    let text = if is_file { read(argument)? } else { argument.to_owned() };
    if text.trim_start().starts_with('{') {
        return from_json_text(argument, &text);
    }
    share::decode(text.trim()).map_err(|error| Error::State(short(argument), error))
}

fn run_script(words: &[&str], out: &mut dyn std::io::Write) -> Result<u8, Error> {
    let (mut as_json, mut link, mut site, mut start, mut script) = (false, false, String::new(), None, None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| Error::Usage(format!("`{word}` needs a value")));
        match *word {
            "--json" => as_json = true,
            "--link" => link = true,
            "--site" => site = (*value()?).to_owned(),
            "--state" => start = Some(state(value()?)?),
            other if other.starts_with("--") => return Err(Error::Usage(format!("unknown option `{other}`"))),
            file if script.is_none() => script = Some(file),
            extra => return Err(Error::Usage(format!("one script at a time; `{extra}` is too many"))),
        }
    }
    let script = script.ok_or_else(|| Error::Usage("`run` needs a script, or `-` for standard input".to_owned()))?;
    let text = read(script)?;
    let mut session = Session::new(start.unwrap_or_else(scenario::walkthrough));
    let mut job = Job::new(text);
    let mut exit = 0;
    while let Some(ran) = job.step(&mut session) {
        exit = ran.exit;
        if as_json {
            let stream = |stream: Stream| -> String {
                ran.chunks.iter().filter(|chunk| chunk.stream == stream).map(|chunk| chunk.text.as_str()).collect()
            };
            let object = json!({
                "command": ran.command,
                "stdout": stream(Stream::Out),
                "stderr": stream(Stream::Err),
                "exit": ran.exit,
            });
            print(out, &format!("{object}\n"))?;
        } else {
            print(out, &transcript(&ran.command, ran.chunks.iter().map(|chunk| chunk.text.as_str())))?;
        }
    }
    if link {
        let separator = if site.is_empty() || site.contains('#') { "" } else { "#/?s=" };
        print(out, &format!("{site}{separator}{}\n", share::encode(session.now())))?;
    }
    Ok(u8::try_from(exit & 0xff).unwrap_or(1))
}

/// `$ command`, then its output; a last line without end gets one, so that the next prompt stands alone.
pub fn transcript<'a>(command: &str, output: impl Iterator<Item = &'a str>) -> String {
    let mut text = format!("$ {}\n", command.trim_end());
    text.extend(output);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(args: &[&str], expected: &str) {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        let mut out = Vec::new();
        let text = match run(&args, &mut out) {
            Ok(_) => String::from_utf8(out).unwrap(),
            Err(error) => error.to_string(),
        };
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn wrong_uses_say_what_is_wrong() {
        check(&[], "no command given");
        check(&["fly"], "unknown command `fly`");
        check(&["run"], "needs a script");
        check(&["run", "--state"], "`--state` needs a value");
        check(&["run", "--bogus", "x"], "unknown option `--bogus`");
        check(&["run", "/nonexistent/script"], "cannot read `/nonexistent/script`");
        check(&["run", "--state", "v1.x.y", "-"], "damaged or cut off");
        check(&["link", "decode", "nonsense"], "holds no saved world");
        check(&["--help"], "Usage:");
        check(&["--version"], "eks-playground 0.");
    }

    #[test]
    fn links_convert_both_ways() {
        let snapshot = scenario::walkthrough();
        let mut out = Vec::new();
        run(&["link".to_owned(), "decode".to_owned(), share::encode(&snapshot)], &mut out).unwrap();
        let back = from_json_text("-", std::str::from_utf8(&out).unwrap()).unwrap();
        assert_eq!(back, snapshot);
    }
}
