//! Scripts with what they print, most of them compared with the bash of this machine.

use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::*;
use crate::session::workstation::Workstation;

/// A host that knows one tool: `say` prints its arguments, `env:` what it sees of `X`, and its input with `-f -`.
#[derive(Default)]
pub(crate) struct TestHost {
    workstation: Workstation,
    slept: f64,
    cleared: bool,
    interactive: bool,
}

impl Host for TestHost {
    fn workstation(&mut self) -> &mut Workstation {
        &mut self.workstation
    }

    fn run(&mut self, argv: &[String], env: &BTreeMap<String, String>, stdin: &Input<'_>) -> Option<CommandOutput> {
        let (name, args) = argv.split_first()?;
        if name != "say" {
            return None;
        }
        let reads = args.iter().any(|arg| arg == "-");
        let input = if reads { stdin.take() } else { "" };
        let x = env.get("X").map_or("unset", String::as_str);
        Some(CommandOutput::new(format!("{} X={x} {input}\n", args.join("|")), "noise\n", 3))
    }

    fn knows(&self, name: &str) -> bool {
        name == "say"
    }

    fn now(&self) -> i64 {
        1_705_487_400
    }

    fn sleep(&mut self, seconds: f64) {
        self.slept += seconds;
    }

    fn history(&self) -> Vec<String> {
        vec!["one".to_owned(), "two".to_owned()]
    }

    fn help(&self) -> String {
        "help text\n".to_owned()
    }

    fn clear(&mut self) {
        self.cleared = true;
    }

    fn interactive(&self) -> bool {
        self.interactive
    }
}

/// Runs a script on a new workstation.
pub(crate) fn run(text: &str) -> ScriptOutput {
    run_script(&mut TestHost::default(), text)
}

#[track_caller]
fn check(text: &str, stdout: &str, stderr: &str, exit: i32) {
    let output = run(text);
    let found = (output.stdout.as_str(), output.stderr.as_str(), output.exit);
    assert_eq!(found, (stdout, stderr, exit), "{text}");
}

/// Runs each script of a file in bash and here, in a fresh home. Scripts are divided by lines of `%%`.
#[track_caller]
fn same_as_bash(scripts: &str) {
    let folder = std::env::temp_dir().join(format!("shell-test-{}-{:p}", std::process::id(), scripts));
    let mut wrong = String::new();
    let mut count = 0;
    for script in scripts.split("\n%%\n") {
        let script = script.trim_matches('\n');
        count += 1;
        let _ = std::fs::remove_dir_all(&folder);
        let work = folder.join("work");
        std::fs::create_dir_all(&work).unwrap();
        let real = Command::new("bash")
            .args(["-c", script])
            .current_dir(&work)
            .env_clear()
            .envs([("PATH", "/usr/bin:/bin"), ("LC_ALL", "C.UTF-8"), ("USER", "user")])
            .env("HOME", &folder)
            .stdin(Stdio::null())
            .output()
            .expect("bash, which every Debian machine has, is needed for this test");
        // The home differs; nothing else may.
        let home = folder.display().to_string();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&home, "/home/user");
        let expected = (text(&real.stdout), text(&real.stderr), real.status.code().unwrap_or(-1));
        let ours = run(script);
        let found = (ours.stdout, ours.stderr, ours.exit);
        if found != expected {
            wrong.push_str(&format!("--- {script}\n    bash {expected:?}\n    here {found:?}\n"));
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count > 10, "only {count} scripts were found");
}

#[test]
fn scripts_run_as_in_bash() {
    same_as_bash(include_str!("../../../tests/shell/scripts.txt"));
}

#[test]
fn options_traps_and_devices_are_those_of_bash() {
    same_as_bash(include_str!("../../../tests/shell/shell.txt"));
}

#[test]
fn tools_print_as_on_a_real_system() {
    same_as_bash(include_str!("../../../tests/shell/tools.txt"));
}

#[test]
fn jq_prints_as_the_real_one() {
    let version = Command::new("jq").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    if !version.starts_with(b"jq-1.6") {
        eprintln!("jq 1.6 is not on this machine: only the table in filters/tests.rs is checked");
        return;
    }
    same_as_bash(include_str!("../../../tests/shell/jq.txt"));
}

#[test]
fn the_host_runs_what_is_not_a_builtin() {
    check("say a 'b c'", "a|b c X=unset \n", "noise\n", 3);
    check("X=1 say a 2>/dev/null; say b 2>&1 >/dev/null", "a X=1 \nnoise\n", "", 3);
    check("X=1; say a 2>/dev/null; export X; say b 2>/dev/null", "a X=unset \nb X=1 \n", "", 3);
    check("say - 2>/dev/null <<EOF\n$((1+1))\nEOF", "- X=unset 2\n\n", "", 3);
    check("printf '1\\n2\\n' | while read n; do say $n 2>/dev/null; done", "1 X=unset \n2 X=unset \n", "", 3);
    check("printf '1\\n2\\n' | while read n; do say - $n 2>/dev/null; done", "-|1 X=unset 2\n\n", "", 3);
    check("alias s=say; s 1 2>&1", "1 X=unset \nnoise\n", "", 3);
    check("alias s='say x' t='s y'; t z 2>/dev/null", "x|y|z X=unset \n", "", 3);
    check(
        "which say nope jq; type say k",
        "/usr/bin/say\n/usr/bin/jq\nsay is /usr/bin/say\n",
        "bash: line 1: type: k: not found\n",
        1,
    );
    check("echo a b | xargs -n 1 say 2>/dev/null", "a X=unset \nb X=unset \n", "", 123);
    check("env X=7 say 1 2>/dev/null", "1 X=7 \n", "", 3);
    check("date; date +%F", "Wed Jan 17 10:30:00 UTC 2024\n2024-01-17\n", "", 0);
    check("history 1; help", "    2  two\nhelp text\n", "", 0);
    let mut host = TestHost::default();
    run_script(&mut host, "sleep 2 1m; clear");
    assert!(host.cleared && host.slept == 62.0);
}

/// In every recorded command line the shell itself has nothing to complain about, and the tools get to run.
#[test]
fn every_recorded_command_runs() {
    let mut count = 0;
    for folder in ["aws", "kubectl"] {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/cli").join(folder);
        for file in std::fs::read_dir(root).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let session: serde_json::Value = serde_json::from_str(&text).unwrap();
            for step in session["steps"].as_array().unwrap() {
                let command = step["command"].as_str().unwrap();
                let mut host = TestHost::default();
                if let Some(files) = session["initial"]["files"].as_object() {
                    for (name, text) in files {
                        host.workstation.write_with_parents(name, text.as_str().unwrap_or_default()).unwrap();
                    }
                }
                // The tools themselves are elsewhere: here an alias stands for them.
                for tool in ["aws", "kubectl"] {
                    host.workstation.aliases.insert(tool.to_owned(), "say".to_owned());
                }
                let output = run_script(&mut host, command);
                // Files that the tools would have written are missing.
                let expected = |line: &&str| *line == "noise" || line.ends_with(": No such file or directory");
                let complaints: Vec<&str> = output.stderr.lines().filter(|line| !expected(line)).collect();
                assert!(complaints.is_empty(), "{}: {complaints:?}", step["id"]);
                count += 1;
            }
        }
    }
    assert!(count >= 956, "only {count} commands were found");
}

#[test]
fn streams_keep_their_order() {
    let output = run("echo a; nope; echo b >&2; echo c");
    let chunks: Vec<_> = output.chunks.iter().map(|chunk| (chunk.stream, chunk.text.as_str())).collect();
    let error = "bash: line 1: nope: command not found\nb\n";
    assert_eq!(chunks, [(Stream::Out, "a\n"), (Stream::Err, error), (Stream::Out, "c\n")]);
}

#[test]
fn an_interactive_shell_leaves_out_the_line_number() {
    let mut host = TestHost { interactive: true, ..TestHost::default() };
    assert_eq!(run_script(&mut host, "nope").stderr, "bash: nope: command not found\n");
    assert_eq!(run_script(&mut host, "echo )").stderr, "bash: syntax error near unexpected token `)'\n");
}

#[test]
fn steps_run_one_command_at_a_time() {
    let mut host = TestHost::default();
    let mut script = Script::new("x=1; echo $x\nfalse && echo no\ncat <<E\n$x\nE\necho )\necho never");
    let mut steps = Vec::new();
    while let Some(step) = script.step(&mut host) {
        steps.push((step.source, step.output.stdout, step.output.exit, step.error.is_some()));
    }
    let expected = [
        ("x=1", "", 0, false),
        ("echo $x", "1\n", 0, false),
        ("false && echo no", "", 1, false),
        ("cat <<E\n$x\nE", "1\n", 0, false),
        ("echo )", "", 2, true),
    ];
    assert_eq!(steps, expected.map(|(source, out, exit, error)| (source.to_owned(), out.to_owned(), exit, error)));
}

#[test]
fn what_is_not_supported_says_so() {
    for (text, message) in [
        ("vi x", "bash: line 1: vi: not supported in this terminal; write the file with `cat > FILE <<'EOF'`\n"),
        ("echo a; coproc cat", "bash: line 1: `coproc` is not supported in this terminal; write the commands out\n"),
        (
            "aws --name <CLUSTER>",
            "bash: line 1: `<CLUSTER>` is a placeholder: replace it, with its angle brackets, by your own value and run the line again\n",
        ),
        ("set -k", "bash: line 1: set: `-k` is not supported in this terminal\n"),
        (
            "grep -z a x",
            "grep: `-z` is not supported in this terminal; supported: -E -F -G -P -i -v -c -l -L -n -o -q -s -w -x -h -H -r -e -A -B -C -m\n",
        ),
    ] {
        let output = run(text);
        assert_eq!((output.stderr.as_str(), output.exit), (message, 2), "{text}");
    }
}

#[track_caller]
fn bounded(text: &str, part: &str) {
    let started = std::time::Instant::now();
    let output = run(text);
    assert!(output.stderr.contains(part) && output.exit == 2, "{:.60}: {} {:.300}", text, output.exit, output.stderr);
    assert!(output.stdout.len() <= MAX_OUTPUT_BYTES);
    assert!(started.elapsed().as_secs() < 20, "{text:.60} took {:?}", started.elapsed());
}

#[test]
fn limits_hold() {
    bounded(&"echo a;".repeat(2_000_000), "longer than");
    bounded("while true; do :; done", "more than 20000 rounds");
    bounded("while :; do for x in 1 2 3; do echo $x; done; done", "rounds");
    bounded("x=a; while :; do x=$x$x; done", "No space left");
    bounded(
        "while :; do cat /dev/null >> f; echo 12345678901234567890 >> f; cat f f f f f f f f > g; cp g f; done",
        "No space",
    );
    bounded("echo {1..100}{1..100}{1..100}", "words");
    bounded("x=$(seq 60000); for i in $x; do :; done", "words");
    bounded("while :; do seq 90000; done", "printed more than");
    bounded("x=$(while :; do seq 90000; done)", "printed more than");
    bounded("a='eval \"$a\"'; eval \"$a\"", "deep");
    bounded("echo 'source f' > f; source f", "deep");
    bounded("f() { f; }; f", "call each other more than 16 deep");
    bounded("f() { g; }; g() { f $@ $@ x; }; f", "deep");
    bounded("for ((;;)); do :; done", "more than 20000 rounds");
    bounded("a=(x); while :; do a+=(\"${a[@]}\"); done", "No space left");
    bounded("set -- a b; while :; do set -- \"$@\" \"$@\"; done", "No space left");
    bounded("x=a; while :; do x=${x//a/aa}; done", "No space left");
    bounded("i=0; until (( i++ > 100000 )); do :; done", "rounds");
    bounded("echo 'bash s.sh' > s.sh; bash s.sh", "deep");
    bounded("bash -c 'while :; do :; done'", "rounds");
    bounded("while :; do cat <(seq 90000) > /dev/null; done", "handled more than");
    let (open, close) =
        ("( ".repeat(super::super::syntax::MAX_NESTING), " )".repeat(super::super::syntax::MAX_NESTING));
    bounded(&format!("echo '{open} . ./f {close}' > f; . ./f"), "commands run in each other more than 80 deep");
    assert_eq!(run(&format!("{open} echo in {close}")).stdout, "in\n");
    bounded("seq 100000 | xargs -n 1 true", "more than 100000 commands");
    bounded("a=$(seq 99000 | tr -d '\\n'); while :; do echo $a$a >/dev/null; done", "handled more than");
    bounded("a=$(seq 99000); while :; do ( : ); done", "handled more than");
    assert_eq!(run(&"echo '".repeat(100_001)).exit, 2);
}

#[test]
fn variables_of_a_stopped_script_are_kept() {
    let mut host = TestHost::default();
    run_script(&mut host, "X=1 env while; Y=2; exit 4");
    assert_eq!(host.workstation.variables.get("X"), None);
    assert_eq!(host.workstation.variables.get("Y").map(String::as_str), Some("2"));
    assert_eq!(run_script(&mut host, "echo $? $Y").stdout, "4 2\n");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn any_script_ends(pieces in proptest::collection::vec(
        proptest::sample::select(vec![
            "echo ", "a", " ", "\n", "'", "\"", "$x", "${x:-", "}", "$(", ")", "|", "&&", "||", ";", "x=", "x=$x$x", "<<E", "\nE\n", ">f", "<f",
            "for x in ", "{a,b}", "do ", "done", "while ", "if ", "then ", "fi", "( ", "true", "false", "*", "?", "[ ", "] ",
            "cat ", "grep ", "sed s/a/b/ ", "awk '{print $1}' ", "jq . ", "sort ", "tr a b ", "cut -f1 ", "head -n 1 ", "wc ",
            "case x in ", "x) ", ";;", "esac", "[[ ", " ]]", "==", "=~", "((", "f() { ", "f ", "a=(", "${a[@]}", "$@", "<(", "local ",
            "declare -A m", "m[x]=", "${x//a/b}", "${x:1:2}", "shift", "set -- a b", "return", "getopts a: o", "mapfile -t a", "bash -c ", "&",
            "eval ", "read x", "set -e", "$((", "1+", "))", "é", "-n ", "printf ", "%s", "xargs ", "~", "2>&1", "break", "exit ",
        ]), 0..30)) {
        let output = run(&pieces.concat());
        prop_assert!(output.stdout.len() + output.stderr.len() <= 2 * MAX_OUTPUT_BYTES);
    }

    #[test]
    fn any_program_of_a_tool_ends(tool in proptest::sample::select(vec!["sed", "awk", "jq", "grep -E", "grep", "tr", "cut -d", "sort -k", "printf", "date"]),
            program in "[ -~é\n]{0,30}", second in "[ -~]{0,6}") {
        let quoted = super::print::single_quoted(&program);
        let second = super::print::single_quoted(&second);
        let output = run(&format!("printf '{{\"a\":[1,\"b\"]}}\\nx y\\n' | {tool} {quoted} {second}"));
        prop_assert!(output.stdout.len() + output.stderr.len() <= 2 * MAX_OUTPUT_BYTES);
    }
}
