//! The terminal: runs what is typed or pasted against a session, one top-level command at a time,
//! so that output appears as it goes and each command is one entry of the log.

use std::collections::BTreeMap;

use super::context::{self, Context};
use super::interp::{Host, Script};
use super::io::{Chunk, CommandOutput};
use super::syntax::{self, placeholder};
use crate::engine::{Caller, Credential, Request};
use crate::session::{Origin, Session, Workstation};

/// What one top-level command did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// The command as typed.
    pub command: String,
    /// Output in the order printed.
    pub chunks: Vec<Chunk>,
    /// Exit status.
    pub exit: i32,
    /// Remarks of ours, to be drawn apart from the imitated output.
    pub hints: Vec<String>,
    /// The command asked for an empty screen (`clear`).
    pub clear: bool,
}

/// A text that is being run.
#[derive(Debug)]
pub struct Job {
    text: String,
    script: Option<Script>,
    interactive: bool,
}

impl Job {
    /// A job that runs `text` as a person types it: messages are those of an interactive shell.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), script: None, interactive: true }
    }

    /// A job that runs `text` as `bash -c` does.
    pub fn batch(text: impl Into<String>) -> Self {
        Self { interactive: false, ..Self::new(text) }
    }

    /// Runs the next top-level command; `None` when all have run.
    pub fn step(&mut self, session: &mut Session) -> Option<Ran> {
        let mut hints = Vec::new();
        let script = self.script.get_or_insert_with(|| {
            let account = session.world().account.clone();
            Script::new(fill_in_account(&self.text, &account, &mut hints))
        });
        session.begin(Origin::Terminal, None);
        let mut tools = Tools { session, hints, clear: false, interactive: self.interactive };
        let step = script.step(&mut tools);
        let Tools { session, hints, clear, .. } = tools;
        let Some(step) = step else {
            session.end();
            return None;
        };
        session.name_step(step.source.trim());
        session.end();
        Some(Ran { command: step.source, chunks: step.output.chunks, exit: step.output.exit, hints, clear })
    }
}

/// Whether a text is a complete script, so that Enter runs it instead of starting another line.
pub fn is_complete(text: &str) -> bool {
    syntax::needs_more(text).is_none()
}

/// Runs a whole text as `bash -c` does and gives what each of its commands did, in order.
pub fn run(session: &mut Session, text: &str) -> Vec<Ran> {
    let mut job = Job::batch(text);
    std::iter::from_fn(|| job.step(session)).collect()
}

/// Tutorials write `<ACCOUNTID>` where the reader's account belongs; it is filled in, and a hint says so.
fn fill_in_account(text: &str, account: &str, hints: &mut Vec<String>) -> String {
    let mut filled = text.to_owned();
    let placeholders = placeholder::find_placeholders(text);
    let accounts: Vec<_> = placeholders.into_iter().filter(placeholder::Placeholder::is_account_id).collect();
    for placeholder in accounts.iter().rev() {
        filled.replace_range(placeholder.range.clone(), account);
    }
    if let Some(first) = accounts.first() {
        hints.push(format!("<{}> was filled in with the account of this world, {account}.", first.name));
    }
    filled
}

/// The tools of the in-page shell, working on a session.
struct Tools<'a> {
    session: &'a mut Session,
    hints: Vec<String>,
    clear: bool,
    interactive: bool,
}

/// A tool: what follows its name, and its surroundings.
type Tool = fn(&[String], &mut Context) -> context::CommandOutput;

const TOOLS: &[(&str, Tool)] = &[("aws", super::aws::run), ("kubectl", super::kubectl::run)];

/// Tools that tutorials use and that are not simulated, and what does the same here.
const MISSING: &[(&str, &str)] = &[
    (
        "eksctl",
        "eksctl is not simulated yet: `aws eks create-access-entry`, `aws eks associate-access-policy` and `kubectl` do the same here.",
    ),
    ("terraform", "terraform is not simulated: use `aws eks` and `kubectl` commands."),
    ("helm", "helm is not simulated: use `kubectl apply -f` with manifests."),
    ("vi", "There is no editor here: write files with `cat >FILE <<'EOF'`."),
    ("vim", "There is no editor here: write files with `cat >FILE <<'EOF'`."),
    ("nano", "There is no editor here: write files with `cat >FILE <<'EOF'`."),
    ("curl", "The page reaches no network: paste the file's text with `cat >FILE <<'EOF'`."),
    ("wget", "The page reaches no network: paste the file's text with `cat >FILE <<'EOF'`."),
    ("sudo", "There is no root here: run the command without sudo."),
];

impl Host for Tools<'_> {
    fn workstation(&mut self) -> &mut Workstation {
        self.session.workstation_mut()
    }

    fn run(&mut self, argv: &[String], env: &BTreeMap<String, String>, stdin: &str) -> Option<CommandOutput> {
        let (name, args) = argv.split_first()?;
        let Some((_, tool)) = TOOLS.iter().find(|(known, _)| known == name) else {
            let missing = MISSING.iter().find(|(known, _)| known == name);
            self.hints.extend(missing.map(|(_, hint)| (*hint).to_owned()));
            return None;
        };
        let output = tool(args, &mut Context { session: self.session, env, stdin });
        self.hints.extend(output.hint);
        Some(CommandOutput { read_stdin: true, ..CommandOutput::new(output.stdout, output.stderr, output.exit) })
    }

    fn knows(&self, name: &str) -> bool {
        TOOLS.iter().any(|(known, _)| *known == name)
    }

    fn now(&self) -> i64 {
        self.session.world().clock.0.div_euclid(1000)
    }

    fn sleep(&mut self, seconds: f64) {
        // Saturates: a sleep of more than the clock can hold ends at its end.
        let millis = (seconds.max(0.0) * 1000.0) as i64;
        // Waiting is never refused.
        let _ = self.session.call(&Caller::new(Credential::Anonymous), Request::Wait { millis });
    }

    fn history(&self) -> Vec<String> {
        let lines = self.session.log().iter().filter(|entry| entry.origin == Origin::Terminal);
        lines.filter_map(|entry| entry.line.clone()).collect()
    }

    fn help(&self) -> String {
        HELP.to_owned()
    }

    fn clear(&mut self) {
        self.clear = true;
    }

    fn interactive(&self) -> bool {
        self.interactive
    }
}

const HELP: &str = "\
This shell runs in the page. It simulates one AWS account with its EKS clusters; nothing leaves the browser.

  aws eks …      access entries, access policies, authentication mode, kubeconfig
  aws sts|iam …  who you are; users and roles
  kubectl …      the cluster: auth can-i, get, describe, create, apply, delete, config
  files          cat, ls, rm, mkdir, cp, mv; > and >> write files; here-documents work
  filters        grep, head, tail, wc, sort, uniq, cut, tr, sed, awk, jq, base64
  shell          variables, export, $( ), pipes, ; && ||, if, for, while, functions are not supported
  sleep 60       moves the simulated clock
  history, clear, help
";
