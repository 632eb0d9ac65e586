//! The terminal as it feels: keys, pastes, links, and how long things take.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use e2e::App;
use serde_json::json;

const INPUT: &str = ".terminal__input";
const CONTROL: char = '\u{e009}';
const RELEASE: char = '\u{e000}';
const TAB: &str = "\u{e004}";
const ESCAPE: &str = "\u{e00c}";
const ENTER: &str = "\u{e007}";
const UP: &str = "\u{e013}";
const DOWN: &str = "\u{e015}";

/// Presses a letter with Ctrl.
fn control(app: &mut App, letter: char) {
    app.type_into(INPUT, &format!("{CONTROL}{letter}{RELEASE}"));
}

fn input(app: &mut App) -> String {
    app.property(INPUT, "value").unwrap_or_default()
}

fn wait_for_input(app: &mut App, expected: &str) {
    app.wait_until(&format!("the prompt to hold {expected:?}"), |app| input(app) == expected);
}

/// Puts a text into the input as a paste does.
fn paste(app: &mut App, text: &str) {
    let script = "const input = document.querySelector('.terminal__input'); input.focus();\
                  input.value = arguments[0]; input.dispatchEvent(new Event('input', { bubbles: true }));";
    app.script(script, vec![json!(text)]);
}

/// Types a line and waits until it has run.
fn run(app: &mut App, line: &str) {
    let before = app.count(".terminal__entry");
    app.type_line(line);
    app.wait_until("the command to end", |app| app.count(".terminal__entry[data-done]") > before);
}

fn is_focused(app: &mut App, selector: &str) -> bool {
    app.script("return document.activeElement === document.querySelector(arguments[0])", vec![json!(selector)])
        == json!(true)
}

#[test]
fn history_goes_up_and_down_and_is_searched() {
    let mut app = App::open("");
    for line in ["echo first", "echo second", "echo third"] {
        run(&mut app, line);
    }
    app.type_into(INPUT, UP);
    wait_for_input(&mut app, "echo third");
    app.type_into(INPUT, UP);
    wait_for_input(&mut app, "echo second");
    app.type_into(INPUT, DOWN);
    wait_for_input(&mut app, "echo third");
    app.type_into(INPUT, DOWN);
    wait_for_input(&mut app, "");
    // Ctrl-R: the newest line that holds what is typed; again, the one before.
    control(&mut app, 'r');
    app.type_into(INPUT, "echo");
    app.wait_for_text(".terminal__found", "echo third");
    control(&mut app, 'r');
    app.wait_for_text(".terminal__found", "echo second");
    app.type_into(INPUT, ENTER);
    wait_for_input(&mut app, "echo second");
    control(&mut app, 'r');
    app.type_into(INPUT, "nowhere");
    app.wait_for_text(".terminal__found", "Nothing typed before holds this.");
    app.type_into(INPUT, ESCAPE);
    wait_for_input(&mut app, "");
    app.assert_no_console_errors();
}

#[test]
fn tab_completes_and_never_traps() {
    let mut app = App::open("");
    app.type_into(INPUT, "kubectl get clusterrole cluster-a");
    app.type_into(INPUT, TAB);
    wait_for_input(&mut app, "kubectl get clusterrole cluster-admin ");
    control(&mut app, 'c');
    wait_for_input(&mut app, "");
    // Several things fit: Tab shows them.
    app.type_into(INPUT, "aws eks describe-");
    app.type_into(INPUT, TAB);
    app.wait_for_text(".terminal__offers", "describe-access-entry");
    assert!(is_focused(&mut app, INPUT));
    // Escape, then Tab leaves; so does Shift+Tab, and Tab in an empty prompt.
    app.type_into(INPUT, ESCAPE);
    app.type_into(INPUT, TAB);
    assert!(!is_focused(&mut app, INPUT), "Escape and Tab must leave the prompt");
    control(&mut app, 'c');
    app.type_into(INPUT, "aws eks describe-");
    app.type_into(INPUT, &format!("\u{e008}{TAB}{RELEASE}"));
    assert!(!is_focused(&mut app, INPUT), "Shift+Tab must leave the prompt");
    control(&mut app, 'c');
    wait_for_input(&mut app, "");
    app.type_into(INPUT, TAB);
    assert!(!is_focused(&mut app, INPUT), "Tab in an empty prompt must leave it");
    app.assert_no_console_errors();
}

#[test]
fn endless_loops_are_stopped_and_the_screen_cleared_by_keys() {
    let mut app = App::open("");
    app.type_line("while true; do echo round; sleep 1; done");
    app.wait_for_text(".terminal__log", "round");
    control(&mut app, 'c');
    app.wait_for_none(".terminal__prompt--running");
    run(&mut app, "echo alive");
    app.wait_for_text(".terminal__log", "alive");
    control(&mut app, 'l');
    app.wait_until("the screen to be empty", |app| app.count(".terminal__entry") == 0);
    assert!(is_focused(&mut app, INPUT));
    app.assert_no_console_errors();
}

#[test]
fn a_pasted_script_shows_as_it_runs_and_can_stop_on_its_first_failure() {
    let mut app = App::open("");
    let script = "echo one\nkubectl get nothing-like-this\necho three";
    paste(&mut app, script);
    app.type_into(INPUT, ENTER);
    app.wait_for_text(".terminal__log", "three");
    // Each command stands above its own output, the failed one marked.
    assert_eq!(app.count(".terminal__entry"), 3);
    assert_eq!(app.count(".terminal__entry--failed"), 1);
    control(&mut app, 'l');
    app.click("[title='A script ends with its first command that fails']");
    app.wait_for(".terminal__tool[aria-pressed='true']");
    // The choice is kept.
    app.reload();
    app.wait_for(".terminal__tool[aria-pressed='true']");
    paste(&mut app, script);
    app.type_into(INPUT, ENTER);
    app.wait_for(".terminal__entry--failed");
    app.wait_for_none(".terminal__prompt--running");
    assert!(!app.text(".terminal__log").contains("\nthree"), "{}", app.text(".terminal__log"));
    app.assert_no_console_errors();
}

/// The namespaces of this test that the cluster has now, in the order of `all`.
fn namespaces<'n>(app: &mut App, all: &[&'n str]) -> Vec<&'n str> {
    control(app, 'l');
    app.wait_until("the screen to be empty", |app| app.count(".terminal__entry") == 0);
    run(app, "kubectl get namespaces -o name");
    let shown = app.text(".terminal__log");
    all.iter().copied().filter(|name| shown.lines().any(|line| line == format!("namespace/{name}"))).collect()
}

#[test]
fn commands_never_share_an_undo_step() {
    const ALL: [&str; 8] = ["t-one", "t-two", "t-three", "t-four", "t-five", "t-six", "t-seven", "t-eight"];
    let mut app = App::open("");
    // Typed one by one, several on one line, and pasted, with a read between two changes.
    run(&mut app, "kubectl create namespace t-one");
    run(&mut app, "kubectl create namespace t-two");
    app.type_line("kubectl create ns t-three; kubectl create ns t-four; kubectl create ns t-five");
    app.wait_for_text(".terminal__log", "namespace/t-five created");
    paste(
        &mut app,
        "kubectl create ns t-six\nkubectl get ns t-six\nkubectl create ns t-seven\n# a remark\nkubectl create ns t-eight",
    );
    app.type_into(INPUT, ENTER);
    app.wait_for_text(".terminal__log", "namespace/t-eight created");
    app.wait_for_none(".terminal__prompt--running");
    assert_eq!(namespaces(&mut app, &ALL), ALL);
    // Each undo takes back exactly one command, the newest first; what only asked is passed over.
    for left in (0..ALL.len()).rev() {
        app.click("[aria-label='Undo']");
        app.wait_until("one command to be taken back", |app| namespaces(app, &ALL) == ALL[..left]);
    }
    // All of them come back one by one as well.
    app.goto("#/history");
    app.wait_until("eight commands taken back", |app| app.count(".history__row--undone") == ALL.len());
    for back in 1..=ALL.len() {
        app.click("button[aria-label='Redo']");
        app.wait_until("one command to be made again", |app| app.count(".history__row--undone") == ALL.len() - back);
    }
    assert_eq!(namespaces(&mut app, &ALL), ALL);
    app.assert_no_console_errors();
}

#[test]
fn output_is_a_log_of_selectable_text_with_links_and_hints() {
    let mut app = App::open("");
    assert_eq!(app.property(".terminal__log", "role").as_deref(), Some("log"));
    run(&mut app, "kubectl get clusterrole view -o name");
    // Selecting output is no click into the prompt.
    app.script(
        "const text = document.querySelector('.terminal__entry:last-of-type .block__out');
         document.activeElement.blur(); getSelection().selectAllChildren(text); text.click();",
        vec![],
    );
    let selected = app.script("return getSelection().toString()", vec![]);
    assert!(selected.as_str().unwrap().contains("clusterrole.rbac.authorization.k8s.io/view"), "{selected}");
    assert!(!is_focused(&mut app, INPUT));
    app.script("getSelection().removeAllRanges()", vec![]);
    // A click beside a selection leads to the prompt, a link to what it names.
    app.click(".terminal__entry:last-of-type .block__link");
    app.wait_until("the page of the role", |app| app.address().contains("clusterroles/view"));
    assert!(!is_focused(&mut app, INPUT), "a link leaves the prompt alone");
    // A hint stands apart from what the tool says.
    run(&mut app, "kubectl auth can-i get pods/log");
    let hint = app.text(".terminal__entry:last-of-type .block__hint");
    assert!(hint.contains("log"), "{hint}");
    assert!(!app.text(".terminal__entry:last-of-type .block__out").contains(&hint));
    app.assert_no_console_errors();
}

#[test]
fn ten_megabytes_are_refused_at_once() {
    let mut app = App::open("");
    let script = "const input = document.querySelector('.terminal__input'); input.focus();
        const began = performance.now();
        input.value = 'echo ' + 'x'.repeat(10 * 1024 * 1024);
        input.dispatchEvent(new Event('input', { bubbles: true }));
        requestAnimationFrame(() => setTimeout(() => { window.took = performance.now() - began; }));";
    app.script(script, vec![]);
    app.wait_until("the paste to be dealt with", |app| !app.script("return window.took", vec![]).is_null());
    let took = app.script("return window.took", vec![]).as_f64().unwrap();
    println!("a paste of 10 MB is refused after {took:.0} ms");
    assert!(took < 10_000.0, "{took} ms");
    app.wait_for_text(".terminal__log", "longer than the 1000000 bytes");
    wait_for_input(&mut app, "");
    run(&mut app, "echo alive");
    app.wait_for_text(".terminal__log", "alive");
    app.assert_no_console_errors();
}

/// Milliseconds from Enter until the last command's entry is there, and laid out. The text begins with an empty screen.
fn measure(app: &mut App, text: &str, last: &str) -> f64 {
    control(app, 'l');
    app.wait_until("the screen to be empty", |app| app.count(".terminal__entry") == 0);
    paste(app, text);
    let script = "window.took = null;
        const input = document.querySelector('.terminal__input'), log = document.querySelector('.terminal__log');
        const began = performance.now();
        const look = () => {
            const shown = log.querySelector('.terminal__entry:last-of-type .block__command');
            const done = shown && shown.textContent.trim() === arguments[0]
                && !document.querySelector('.terminal__prompt--running');
            if (done) { void log.offsetHeight; window.took = performance.now() - began; observer.disconnect(); }
        };
        const observer = new MutationObserver(look);
        observer.observe(document.querySelector('.terminal'), { childList: true, subtree: true, attributes: true });
        input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));";
    app.script(script, vec![json!(last)]);
    app.wait_until("the commands to end", |app| !app.script("return window.took", vec![]).is_null());
    app.script("return window.took", vec![]).as_f64().unwrap()
}

/// Prints how long that took (`-- --nocapture`); what a machine that does other things needs is no test.
#[test]
fn a_script_of_500_lines_runs_to_its_end() {
    let mut app = App::open("");
    let typical = [
        "kubectl auth can-i get pods",
        "kubectl get pods -A",
        "aws eks list-access-entries --cluster-name eks-demo-cluster",
        "aws sts get-caller-identity",
        "kubectl get clusterroles",
    ];
    for line in typical {
        let mut times: Vec<f64> = (0..5).map(|_| measure(&mut app, line, line)).collect();
        times.sort_by(f64::total_cmp);
        println!("{line}: {:.1} ms", times[2]);
    }
    let mut script: Vec<&str> = (0..499).map(|at| typical[at % 4]).collect();
    script.push("echo the end");
    let whole = measure(&mut app, &script.join("\n"), "echo the end");
    println!("500 lines: {whole:.0} ms");
    app.assert_no_console_errors();
}
