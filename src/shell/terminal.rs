//! The terminal: runs what is typed or pasted against a session, one top-level command at a time,
//! so that output appears as it goes and each command is one entry of the log.

use std::collections::BTreeMap;

use super::context::{self, Context, Edit};
use super::interp::{Host, Script};
use super::io::{Chunk, CommandOutput, Input};
use super::kubectl::edit;
use super::syntax::{self, placeholder};
use crate::engine::{Caller, Credential, Request};
use crate::session::{CallRecord, Origin, Session, Workstation};

/// What one top-level command did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// The command as typed.
    pub command: String,
    /// The whole line as typed, if this is its first command; the output of the others follows without a prompt.
    pub line: Option<String>,
    /// Output in the order printed.
    pub chunks: Vec<Chunk>,
    /// Exit status.
    pub exit: i32,
    /// Remarks of ours, to be drawn apart from the imitated output.
    pub hints: Vec<String>,
    /// The command asked for an empty screen (`clear`).
    pub clear: bool,
    /// The command asked for an editor on this object (`kubectl edit`).
    pub edit: Option<Edit>,
}

/// A text that is being run.
#[derive(Debug)]
pub struct Job {
    text: String,
    script: Option<Script>,
    /// Where the script that runs differs from the text: placeholders that were filled in.
    filled: Vec<Filled>,
    interactive: bool,
    stops_on_error: bool,
    /// Whether commands joined by `&&` and `||` are steps of undo of their own.
    splits: bool,
    /// Whether the shell ends with the text, so that `trap … EXIT` counts.
    ends: bool,
}

/// A placeholder that was filled in.
#[derive(Debug)]
struct Filled {
    /// Where the value stands in the script that runs.
    range: std::ops::Range<usize>,
    /// The placeholder as typed.
    typed: String,
}

impl Job {
    /// A job that runs `text` as a person types it: messages are those of an interactive shell.
    pub fn new(text: impl Into<String>) -> Self {
        let (script, filled) = (None, Vec::new());
        Self { text: text.into(), script, filled, interactive: true, stops_on_error: false, splits: true, ends: false }
    }

    /// A job that runs what a click on the page stands for: what is joined by `&&` is undone at once, as it was done.
    pub fn click(text: impl Into<String>) -> Self {
        Self { splits: false, ..Self::new(text) }
    }

    /// A job that runs `text` as `bash -c` does.
    pub fn batch(text: impl Into<String>) -> Self {
        Self { interactive: false, ends: true, ..Self::new(text) }
    }

    /// A job that runs `text` as a person types it, and then leaves the shell.
    pub fn whole(text: impl Into<String>) -> Self {
        Self { ends: true, ..Self::new(text) }
    }

    /// The same job, which ends with the first command that fails.
    #[must_use]
    pub fn stopping_on_error(self, stops: bool) -> Self {
        Self { stops_on_error: stops, ..self }
    }

    /// Runs the next top-level command; `None` when all have run.
    pub fn step(&mut self, session: &mut Session) -> Option<Ran> {
        let mut hints = Vec::new();
        if self.script.is_none() {
            let account = &session.world().account;
            let (text, filled) = fill_in_account(&self.text, account);
            if let Some(first) = filled.first() {
                hints.push(format!("{} was filled in with the account of this world, {account}.", first.typed));
            }
            self.filled = filled;
            self.script = Some(Script::new(text));
        }
        let script = self.script.as_mut()?;
        session.begin(Origin::Terminal, None);
        let (filled, calls) = (self.filled.as_slice(), Vec::new());
        let mut tools = Tools {
            session,
            hints,
            clear: false,
            edit: None,
            interactive: self.interactive,
            filled,
            calls,
            start: None,
            splits: self.splits,
            ends: self.ends,
        };
        let step = script.step(&mut tools);
        let Tools { session, mut hints, clear, edit, mut calls, start, .. } = tools;
        let Some(step) = step else {
            session.end();
            return None;
        };
        let command = as_typed(&step.source, step.range.start, &self.filled);
        let line = step.line.map(|range| as_typed(script.text(&range), range.start, &self.filled));
        // Of `a && b` the part before is an entry of its own.
        let rest = start.and_then(|start| {
            let from = start.checked_sub(step.range.start)?;
            let rest = step.source.get(from..)?.trim_start().trim_start_matches(['&', '|']).trim_start();
            Some(as_typed(rest, step.range.end.checked_sub(rest.len())?, &self.filled))
        });
        session.name_step(rest.as_ref().unwrap_or(&command).trim());
        session.end();
        // The command has just become the last entry of the log.
        calls.extend(session.log().last().map(|entry| entry.calls.clone()).unwrap_or_default());
        let printed = format!("{}{}", step.output.stdout, step.output.stderr);
        hints.extend(super::hints::of(session, &calls, &printed));
        if self.stops_on_error && step.output.exit != 0 && script.left() > 0 {
            script.end();
            hints.push("Stopped here, as `Stop on error` is on: the lines below this one did not run.".to_owned());
        }
        Some(Ran { command, line, chunks: step.output.chunks, exit: step.output.exit, hints, clear, edit })
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

/// Tutorials write `<ACCOUNTID>` where the reader's account belongs: the text with the account filled in, and where.
fn fill_in_account(text: &str, account: &str) -> (String, Vec<Filled>) {
    let (mut out, mut filled, mut done) = (String::new(), Vec::new(), 0);
    let accounts = placeholder::find_placeholders(text).into_iter().filter(placeholder::Placeholder::is_account_id);
    for placeholder in accounts {
        out.push_str(text.get(done..placeholder.range.start).unwrap_or_default());
        let start = out.len();
        out.push_str(account);
        let typed = text.get(placeholder.range.clone()).unwrap_or_default().to_owned();
        filled.push(Filled { range: start..out.len(), typed });
        done = placeholder.range.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    (out, filled)
}

/// A part of the script that runs, beginning at `start`, with the placeholders as they were typed.
fn as_typed(source: &str, start: usize, filled: &[Filled]) -> String {
    let mut out = source.to_owned();
    for Filled { range, typed } in filled.iter().rev() {
        let inside = range.start.checked_sub(start).zip(range.end.checked_sub(start));
        if let Some((from, to)) = inside.filter(|(_, to)| *to <= source.len()) {
            out.replace_range(from..to, typed);
        }
    }
    out
}

/// The tools of the in-page shell, working on a session.
struct Tools<'a> {
    session: &'a mut Session,
    hints: Vec<String>,
    clear: bool,
    edit: Option<Edit>,
    interactive: bool,
    filled: &'a [Filled],
    /// What was called by parts of the command that have ended.
    calls: Vec<CallRecord>,
    /// Where the last of those parts ends.
    start: Option<usize>,
    splits: bool,
    ends: bool,
}

/// A tool: what follows its name, and its surroundings.
type Tool = fn(&[String], &mut Context) -> context::CommandOutput;

const TOOLS: &[(&str, Tool)] = &[
    ("aws", super::aws::run),
    ("eksctl", super::eksctl::run),
    ("kubectl", super::kubectl::run),
    ("prepare-environment", super::lab::run),
    ("propagation-delay", super::propagation::run),
];

/// The names of the imitated tools.
pub fn tool_names() -> impl Iterator<Item = &'static str> {
    TOOLS.iter().map(|(name, _)| *name)
}

/// Tools that tutorials use and that are not simulated, and what does the same here.
const MISSING: &[(&str, &str)] = &[
    ("terraform", "terraform is not simulated: use `aws eks` and `kubectl` commands."),
    ("helm", "helm is not simulated: use `kubectl apply -f` with manifests."),
    ("vi", "There is no editor here: write files with `cat >FILE <<'EOF'`."),
    ("vim", "There is no editor here: write files with `cat >FILE <<'EOF'`."),
    ("nano", "There is no editor here: write files with `cat >FILE <<'EOF'`."),
    ("sudo", "There is no root here: run the command without sudo."),
];

impl Host for Tools<'_> {
    fn workstation(&mut self) -> &mut Workstation {
        self.session.workstation_mut()
    }

    fn run(&mut self, argv: &[String], env: &BTreeMap<String, String>, stdin: &Input<'_>) -> Option<CommandOutput> {
        let (name, args) = argv.split_first()?;
        let Some((_, tool)) = TOOLS.iter().find(|(known, _)| known == name) else {
            let missing = MISSING.iter().find(|(known, _)| known == name);
            self.hints.extend(missing.map(|(_, hint)| (*hint).to_owned()));
            return None;
        };
        let mut output = tool(args, &mut Context { session: self.session, env, stdin });
        if !self.interactive && output.edit.take().is_some() {
            // Only the page has an editor of its own.
            let failure = edit::no_editor(edit::DEFAULT_EDITOR).printed();
            output = context::CommandOutput::fail(1, format!("{}{failure}", output.stderr));
        }
        let chunks = output.chunks();
        self.hints.extend(output.hint);
        self.edit = output.edit.map(|edit| *edit).or(self.edit.take());
        Some(CommandOutput { chunks, exit: output.exit })
    }

    fn pipeline_ends(&mut self, source: &str, start: usize) {
        if !self.splits {
            return;
        }
        let before = self.session.log().len();
        self.session.name_step(as_typed(source, start, self.filled).trim());
        self.session.end();
        if self.session.log().len() > before {
            self.calls.extend(self.session.log().last().map(|entry| entry.calls.clone()).unwrap_or_default());
        }
        self.session.begin(Origin::Terminal, None);
        self.start = Some(start.saturating_add(source.len()));
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

    fn ends_with_script(&self) -> bool {
        self.ends
    }
}

const HELP: &str = "\
This shell runs in the page. It simulates one AWS account with its EKS clusters; nothing leaves the browser.

  aws eks …      access entries, access policies, authentication mode, kubeconfig
  aws sts|iam …  who you are; users and roles
  kubectl …      the cluster: auth can-i, get, describe, create, apply, delete, config
  eksctl …       iamidentitymapping, accessentry, utils update-authentication-mode, migrate-to-access-entry
  prepare-environment security/cam   the cluster of the EKS Workshop's access lab
  files          cat, ls, rm, mkdir, cp, mv; > and >> write files; here-documents work
  filters        grep, head, tail, wc, sort, uniq, cut, tr, sed, awk, jq, base64, diff, column,
                 paste, envsubst, xargs, comm, nl, xxd, md5sum, sha256sum, expr, date
  shell          variables, arrays, $( ), pipes, ; && ||, if, for, while, case, [[ ]], (( )), functions, bash FILE
  sleep 60       moves the simulated clock
  propagation-delay 10   changes of access entries take effect after 10 s, as on AWS; 0: at once
  history, clear, help
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::scenario;

    fn ran(text: &str) -> Vec<Ran> {
        run(&mut Session::new(scenario::walkthrough()), text)
    }

    fn output(ran: &Ran) -> String {
        ran.chunks.iter().map(|chunk| chunk.text.as_str()).collect()
    }

    #[test]
    fn kubectl_edit_asks_for_the_page_s_editor() {
        let text = "kubectl edit -n kube-system cm/aws-auth\nkubectl edit clusterrole view\nKUBE_EDITOR=true kubectl edit ns default";
        let mut session = Session::new(scenario::walkthrough());
        let mut job = Job::new(text);
        let all: Vec<Ran> = std::iter::from_fn(|| job.step(&mut session)).collect();
        let edit = |resource: &str, namespace: &str, name: &str| {
            Some(Edit { resource: resource.into(), namespace: namespace.into(), name: name.into() })
        };
        assert_eq!(all[0].edit, edit("configmaps", "kube-system", "aws-auth"));
        assert_eq!((all[1].edit.clone(), output(&all[1]).as_str()), (edit("clusterroles", "", "view"), ""));
        assert_eq!((all[2].edit.clone(), output(&all[2]).as_str()), (None, "Edit cancelled, no changes made.\n"));
        let native = ran("kubectl edit ns default");
        assert!(output(&native[0]).starts_with("error: unable to launch the editor \"vi\"\n") && native[0].exit == 1);
    }

    #[test]
    fn placeholders_are_filled_in_and_shown_as_typed() {
        let all = ran("echo é <ACCOUNTID>; echo '<your-account-id>'\necho done");
        let commands: Vec<&str> = all.iter().map(|r| r.command.as_str()).collect();
        assert_eq!(commands, ["echo é <ACCOUNTID>", "echo '<your-account-id>'", "echo done"]);
        let lines: Vec<_> = all.iter().map(|r| r.line.as_deref()).collect();
        assert_eq!(lines, [Some("echo é <ACCOUNTID>; echo '<your-account-id>'"), None, Some("echo done")]);
        assert_eq!(output(&all[0]), "é 111122223333\n");
        assert_eq!(output(&all[1]), "111122223333\n");
        assert_eq!(all[0].hints, ["<ACCOUNTID> was filled in with the account of this world, 111122223333."]);
        assert!(all[1].hints.is_empty());
    }

    #[test]
    fn only_what_asks_for_standard_input_takes_it() {
        let rounds = |command: &str| {
            let text = format!("printf '1\\n2\\n' > l\nwhile read x; do {command} > /dev/null 2>&1; echo $x; done < l");
            ran(&text).iter().map(output).collect::<String>()
        };
        let names = tool_names().chain(crate::shell::interp::builtin_names()).chain(crate::shell::filters::names());
        for name in names.filter(|name| !["break", "continue", "exit", "return", "tee", "tr", "read"].contains(name)) {
            assert!(["1\n2\n", "1\n1\n"].contains(&rounds(&format!("{name} --nothing")).as_str()), "{name}");
        }
        for command in [
            "aws eks list-clusters",
            "kubectl get ns",
            "kubectl create ns a",
            "eksctl version",
            "jq -n '[1,2]'",
            "jq . l",
            "awk 'BEGIN { print 1 }'",
            "grep 1 l",
            "sed p l",
            "bash -c true",
            "date",
            "date +%s",
            "env true",
            "( kubectl version )",
            "y=$(aws sts get-caller-identity)",
        ] {
            assert_eq!(rounds(command), "1\n2\n", "{command}");
        }
        for command in
            ["cat", "jq .", "jq -n input", "kubectl apply -f -", "eksctl create accessentry -f -", "awk 1", "xargs"]
        {
            assert_eq!(rounds(command), "1\n", "{command}");
        }
        // As the real one it leaves in a file what it has not printed.
        assert_eq!(
            output(&ran("printf '1\\n2\\n3\\n' > l\n{ head -n 1; read x; echo \"<$x>\"; head -c 1; } < l")[1]),
            "1\n<2>\n3"
        );
    }

    #[test]
    fn aws_configure_takes_its_answers_from_standard_input() {
        let text = "aws configure --profile new <<EOF\nAKIA1234567890ABCDEF\nsecretsecret\neu-west-1\njson\nEOF
printf '\\n\\nus-east-1\\n\\n' | aws configure --profile new
aws configure get region --profile new; aws configure get aws_secret_access_key --profile new
echo | aws configure --profile new 2>&1
aws configure";
        let all = ran(text);
        let none = "AWS Access Key ID [None]: AWS Secret Access Key [None]: Default region name [None]: Default output format [None]: ";
        let known = "AWS Access Key ID [****************CDEF]: AWS Secret Access Key [****************cret]: ";
        assert_eq!(output(&all[0]), none);
        assert_eq!(output(&all[1]), format!("{known}Default region name [eu-west-1]: Default output format [json]: "));
        assert_eq!(output(&all[2]) + &output(&all[3]), "us-east-1\nsecretsecret\n");
        assert!(output(&all[4]).starts_with(known) && output(&all[4]).contains("EOF when reading a line"));
        assert_eq!((all[4].exit, all[5].exit != 0), (255, true));
    }

    #[test]
    fn one_command_is_one_step_of_undo() {
        let mut session = Session::new(scenario::walkthrough());
        let start = session.now().clone();
        run(&mut session, "kubectl create ns a\nfalse\nkubectl get ns\nkubectl create ns b");
        let changes = session.log().iter().filter(|entry| entry.changed).count();
        assert_eq!((session.log().len(), changes), (4, 2));
        session.undo();
        session.undo();
        assert!(session.undo().is_none());
        assert_eq!(session.now().world, start.world);
        session.redo();
        assert_eq!(session.log().last().unwrap().line.as_deref(), Some("kubectl create ns a"));
    }

    #[test]
    fn commands_joined_by_conditions_are_steps_of_their_own() {
        let mut session = Session::new(scenario::walkthrough());
        let text = "kubectl create ns a && kubectl create ns a || ! kubectl create ns <ACCOUNTID> |\n cat && (kubectl create ns c)";
        let ran = run(&mut session, text);
        assert_eq!((ran.len(), ran[0].command.as_str()), (1, text));
        let lines: Vec<_> = session.log().iter().map(|entry| (entry.line.as_deref().unwrap(), entry.changed)).collect();
        let expected = [
            ("kubectl create ns a", true),
            ("kubectl create ns a", false),
            // What did not run belongs to what did last.
            ("! kubectl create ns <ACCOUNTID> |\n cat && (kubectl create ns c)", true),
        ];
        assert_eq!(lines, expected);
        run(&mut session, "for n in x y; do kubectl create ns $n && kubectl get ns $n; done && kubectl create ns z");
        let lines: Vec<_> = session.log().iter().skip(3).filter_map(|entry| entry.line.as_deref()).collect();
        let expected = ["for n in x y; do kubectl create ns $n && kubectl get ns $n; done", "kubectl create ns z"];
        assert_eq!(lines, expected);
        session.undo();
        let names = run(&mut session, "kubectl get ns -o name").remove(0).chunks.remove(0).text;
        assert!(names.contains("namespace/y\n") && !names.contains("namespace/z\n"), "{names}");
    }

    #[test]
    fn what_is_named_in_place_of_a_missing_tool_is_there() {
        let mut session = Session::new(scenario::walkthrough());
        for (name, hint) in MISSING {
            let ran = run(&mut session, name).remove(0);
            assert!(ran.exit != 0);
            assert_eq!(ran.hints, [*hint], "{name}");
        }
        let instead = "printf 'a b\\n' >f; cat -n f; uniq -u f; tr '\\n' ',' <f; xargs <f; echo $((1 + 2)); awk -F/ '{print $NF}' f";
        assert!(run(&mut session, instead).iter().all(|ran| ran.exit == 0));
    }

    #[test]
    fn a_job_can_stop_on_the_first_error() {
        let mut session = Session::new(scenario::walkthrough());
        let mut commands = |stops| {
            let mut job = Job::new("echo a\nfalse || true\nfalse\necho b").stopping_on_error(stops);
            let all: Vec<Ran> = std::iter::from_fn(|| job.step(&mut session)).collect();
            (all.len(), all.last().map(|ran| ran.hints.len()))
        };
        assert_eq!(commands(false), (4, Some(0)));
        assert_eq!(commands(true), (3, Some(1)));
    }

    #[test]
    fn reading_is_no_step_of_undo() {
        let mut session = Session::new(scenario::walkthrough());
        let link = crate::session::share::encode(session.now());
        run(
            &mut session,
            "kubectl get pods; kubectl auth can-i --list; kubectl auth whoami; kubectl api-resources; kubectl config view
             aws eks list-clusters; aws sts get-caller-identity; kubectl create ns x --dry-run=server; kubectl get nothing
             AWS_PROFILE=k8s-dev-demo kubectl get pods; kubectl describe cm -n kube-system; ls; cat ~/.kube/config; history",
        );
        assert!(session.workstation().files.keys().any(|path| path.contains("/.kube/cache/")));
        let changed: Vec<&str> = session.log().iter().filter(|e| e.changed).filter_map(|e| e.line.as_deref()).collect();
        assert_eq!(changed, Vec::<&str>::new());
        assert!(session.undo().is_none());
        let now = crate::session::share::to_json(session.now());
        assert_eq!(
            now["world"],
            crate::session::share::to_json(&crate::session::share::decode(&link).unwrap())["world"]
        );
    }

    #[test]
    fn unknown_tools_are_not_found_and_known_absences_explained() {
        let all = ran("terraform plan\nfrobnicate");
        assert_eq!((all[0].exit, output(&all[0]).as_str()), (127, "bash: line 1: terraform: command not found\n"));
        assert_eq!(all[0].hints.len(), 1);
        assert_eq!((all[1].exit, all[1].hints.len()), (127, 0));
    }
}
