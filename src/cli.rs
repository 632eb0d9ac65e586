//! The native command line (`eks-playground`): runs scripts and converts links with the engine of the page.
//!
//! Everything but reading files and printing is a pure function of the arguments, so that tests call it directly.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use serde_json::json;

use crate::engine::findings::findings;
use crate::session::{Session, Snapshot, scenario, share};
use crate::shell::io::Stream;
use crate::shell::terminal::{Job, Ran};

const HELP: &str = "\
Runs aws, kubectl and shell commands against a simulated EKS cluster, as the page does.

Usage:
  eks-playground run [--json] [--hints] [--state FILE|LINK] [--link [--site URL]] SCRIPT|-
  eks-playground link encode FILE|-
  eks-playground link decode LINK
  eks-playground --help | --version

run          runs the lines of SCRIPT (- for standard input) and prints `$ line` and its output
  --json     one object a command instead: {\"command\",\"stdout\",\"stderr\",\"exit\"}
  --hints    print hints, and what a command made worth looking at (the page's Problems), as lines `# hint: …` on
             standard error; with --json as the member \"hints\"
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
    match run(&args, &mut out, &mut std::io::stderr()) {
        Ok(code) => ExitCode::from(code),
        Err(Error::Print(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be done if standard error is gone too.
            let _ = writeln!(std::io::stderr(), "eks-playground: {error}");
            ExitCode::from(2)
        }
    }
}

/// Does what `args` (without the program's name) say, and prints to `out`; hints go to `err`.
///
/// # Errors
/// A wrong use; a file or link that cannot be read.
pub fn run(args: &[String], out: &mut dyn std::io::Write, err: &mut dyn std::io::Write) -> Result<u8, Error> {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["run", rest @ ..] => run_script(rest, out, err),
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

fn run_script(words: &[&str], out: &mut dyn std::io::Write, err: &mut dyn std::io::Write) -> Result<u8, Error> {
    let (mut as_json, mut hints, mut link, mut site, mut start, mut script) =
        (false, false, false, String::new(), None, None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| Error::Usage(format!("`{word}` needs a value")));
        match *word {
            "--json" => as_json = true,
            "--hints" => hints = true,
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
    let mut job = Job::whole(text);
    let mut exit = 0;
    let mut transcript = Transcript::default();
    let mut known = if hints { found(&session) } else { Vec::new() };
    while let Some(ran) = job.step(&mut session) {
        exit = ran.exit;
        let mut remarks = Vec::new();
        if hints {
            remarks.extend(ran.hints.iter().map(|hint| hint.replace('\n', " ")));
            let now = found(&session);
            remarks.extend(now.iter().filter(|finding| !known.contains(finding)).cloned());
            known = now;
        }
        if as_json {
            let stream = |stream: Stream| -> String {
                ran.chunks.iter().filter(|chunk| chunk.stream == stream).map(|chunk| chunk.text.as_str()).collect()
            };
            let mut object = json!({
                "command": ran.command,
                "stdout": stream(Stream::Out),
                "stderr": stream(Stream::Err),
                "exit": ran.exit,
            });
            if let Some(object) = object.as_object_mut().filter(|_| hints) {
                object.insert("hints".to_owned(), json!(remarks));
            }
            print(out, &format!("{object}\n"))?;
        } else {
            print(out, &transcript.of(&ran))?;
            if !remarks.is_empty() {
                // Both streams may be one terminal or file.
                print(out, transcript.end())?;
                out.flush().map_err(Error::Print)?;
            }
            for remark in remarks {
                print(err, &format!("# hint: {remark}\n"))?;
            }
        }
    }
    print(out, transcript.end())?;
    if link {
        let separator = if site.is_empty() || site.contains('#') { "" } else { "#/?s=" };
        print(out, &format!("{site}{separator}{}\n", share::encode(session.now())))?;
    }
    Ok(u8::try_from(exit & 0xff).unwrap_or(1))
}

/// What the linter finds in the clusters of the world.
fn found(session: &Session) -> Vec<String> {
    let world = session.world();
    let each = world.clusters.iter().flat_map(|cluster| {
        let many = world.clusters.len() > 1;
        findings(world, cluster).into_iter().map(move |finding| {
            let place = if many { format!("{}: ", cluster.name) } else { String::new() };
            format!("{place}{}: {} ({})", finding.object, finding.message, finding.id).replace('\n', " ")
        })
    });
    each.collect()
}

/// A record of lines with their output: `$ line`, then what its commands printed.
#[derive(Debug, Default)]
pub struct Transcript {
    /// The last line has no end yet.
    open: bool,
}

impl Transcript {
    /// What one more command adds.
    pub fn of(&mut self, ran: &Ran) -> String {
        let mut text = String::new();
        if let Some(line) = &ran.line {
            text.push_str(self.end());
            text.push_str(&format!("$ {}\n", line.trim_end()));
        }
        text.extend(ran.chunks.iter().map(|chunk| chunk.text.as_str()));
        self.open = if text.is_empty() { self.open } else { !text.ends_with('\n') };
        text
    }

    /// The end of a last line that has none, so that what follows stands alone.
    pub fn end(&mut self) -> &'static str {
        if std::mem::take(&mut self.open) { "\n" } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(args: &[&str], expected: &str) {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        let mut out = Vec::new();
        let text = match run(&args, &mut out, &mut Vec::new()) {
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
    fn a_line_is_printed_once_and_hints_go_to_standard_error() {
        let file = std::env::temp_dir().join(format!("eks-playground-hints-{}.sh", std::process::id()));
        let script =
            "printf a; printf b\nkubectl create clusterrolebinding x --clusterrole=cluster-admin --user=m; terraform";
        std::fs::write(&file, script).unwrap();
        let name = file.display().to_string();
        let played = |options: &[&str]| {
            let args: Vec<String> =
                ["run"].iter().chain(options).map(|arg| (*arg).to_owned()).chain([name.clone()]).collect();
            let (mut out, mut err) = (Vec::new(), Vec::new());
            run(&args, &mut out, &mut err).unwrap();
            (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
        };
        let (out, err) = played(&["--hints"]);
        assert!(out.starts_with("$ printf a; printf b\nab\n$ kubectl create"), "{out}");
        assert_eq!(out.matches("$ ").count(), 2);
        let hints: Vec<&str> = err.lines().collect();
        assert!(hints[0].starts_with("# hint: ClusterRoleBinding x: User `m` may do everything"), "{err}");
        assert!(hints[1].starts_with("# hint: terraform is not simulated"), "{err}");
        assert_eq!((hints.len(), played(&[]).1.as_str()), (2, ""));
        let (out, err) = played(&["--hints", "--json"]);
        assert_eq!((out.lines().count(), err.as_str()), (4, ""));
        assert!(out.lines().nth(3).unwrap().contains("\"hints\":[\"terraform"), "{out}");
        std::fs::remove_file(file).unwrap();
    }

    #[test]
    fn links_convert_both_ways() {
        let snapshot = scenario::walkthrough();
        let mut out = Vec::new();
        run(&["link".to_owned(), "decode".to_owned(), share::encode(&snapshot)], &mut out, &mut Vec::new()).unwrap();
        let back = from_json_text("-", std::str::from_utf8(&out).unwrap()).unwrap();
        assert_eq!(back, snapshot);
    }
}
