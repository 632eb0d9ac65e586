//! The page starts under any path, asks only for what is counted, and says why when it cannot start.

use std::collections::BTreeSet;

use e2e::{App, Files, Options};
use xtask::first_load::SECOND_PART;

#[test]
fn the_page_starts_below_a_sub_path() {
    let mut app = App::open("");
    app.wait_for_text("#app", "EKS Access Playground");
    let failed: Vec<_> = app.requests().into_iter().filter(|(_, status)| *status != 200).collect();
    assert!(failed.is_empty(), "{failed:?}");
    app.assert_no_console_errors();
}

#[test]
fn the_first_load_is_what_the_size_budget_counts() {
    let app = App::open("");
    let asked: BTreeSet<String> = app
        .requests()
        .into_iter()
        .map(|(path, _)| if path.is_empty() { "index.html".to_owned() } else { path })
        .collect();
    let counted: BTreeSet<String> = Files::built().first_load().into_iter().collect();
    let missed: Vec<_> = asked.difference(&counted).collect();
    assert!(
        missed.is_empty(),
        "the browser asked for files that the budget does not count: {missed:?} (the program's second part: the first \
         screen needs a function that is not in the first; `cargo xtask first-part` looks again)"
    );
    assert!(asked.iter().any(|path| path.ends_with("_bg.wasm")), "{asked:?}");
}

/// How often the browser asked for the program's second part.
fn asked_for_second_part(app: &App) -> usize {
    app.requests().iter().filter(|(path, _)| path.ends_with(SECOND_PART)).count()
}

#[test]
fn the_second_part_is_loaded_when_somebody_uses_the_page() {
    let mut app = App::open("");
    assert_eq!(asked_for_second_part(&app), 0);
    app.script("window.dispatchEvent(new PointerEvent('pointermove'))", Vec::new());
    app.wait_until("the second part to be asked for", |app| asked_for_second_part(app) == 1);
    app.type_line("kubectl auth can-i get pods");
    app.wait_for_text("[role=log]", "yes");
    assert_eq!(asked_for_second_part(&app), 1);
}

#[test]
fn leaving_an_unused_page_needs_no_second_part() {
    let mut app = App::open("");
    app.script("document.dispatchEvent(new Event('visibilitychange'))", Vec::new());
    app.reload();
    app.wait_for(".verdict");
    assert_eq!(asked_for_second_part(&app), 0);
}

#[test]
fn a_slow_machine_needs_no_second_part_either() {
    let mut app = App::open("");
    app.slow_down(20);
    app.reload();
    app.wait_for(".verdict");
    app.wait_until("the address to say what the page shows", |app| app.address().contains("?s="));
    app.script("document.dispatchEvent(new Event('visibilitychange'))", Vec::new());
    assert_eq!(asked_for_second_part(&app), 0);
}

#[test]
fn a_program_that_needs_the_second_part_at_once_waits_for_it() {
    let mut app = App::open("");
    app.script("location.hash = '#/history'", Vec::new());
    app.wait_for_text("h1", "History");
    assert_eq!(asked_for_second_part(&app), 1);
}

#[test]
fn a_second_part_that_cannot_be_downloaded_is_told() {
    let mut app = App::open_with("", damaged(|files| std::fs::remove_file(files.second_part()).unwrap()));
    app.script("location.hash = '#/history'", Vec::new());
    app.wait_for_text("[role=alert]", "A part of the playground could not be downloaded");
    assert!(!app.take_console_errors().is_empty());
}

/// A program that stops in the middle: eleven instructions that end with `unreachable`.
const TRAP: &str = "setTimeout(() => {
    const bytes = [0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,5,1,1,102,0,0,10,5,1,3,0,0,11];
    new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes))).exports.f();
})";

#[test]
fn a_program_that_stops_says_so_takes_no_input_and_tells_the_next_start() {
    let mut app = App::open("");
    app.type_line("kubectl create namespace kept");
    app.wait_for_text("[role=log]", "namespace/kept created");
    app.script(TRAP, Vec::new());
    app.wait_for_text("dialog[open][role=alertdialog]", "The playground stopped");
    app.wait_for_text("dialog[open] pre", "unreachable");
    assert_eq!(app.count("#app[inert]"), 1);
    app.wait_for_focus("Reload the page");
    app.take_console_errors();
    app.click_text("Reload the page");
    app.wait_for_text(".flash", "The playground stopped");
    app.type_line("kubectl get namespace kept -o name");
    app.wait_for_text("[role=log]", "namespace/kept");
}

#[test]
fn while_it_loads_the_page_says_what_it_is_and_that_it_loads() {
    // The program never arrives.
    let script = Some("WebAssembly.instantiateStreaming = () => new Promise(() => {});".to_owned());
    let mut app = App::open_with("", Options { script, no_wait: true, ..Options::default() });
    app.wait_for("#boot-progress");
    app.wait_for_text("#boot-status", "Loading the playground");
    app.wait_for_text("main", "IAM users and roles, access entries, EKS access policies");
    assert_eq!(app.count("#boot-status[data-cause]"), 0);
    // What search engines read stands in the page itself.
    let page = std::fs::read_to_string(Files::built().path("index.html")).unwrap();
    for text in ["<title>EKS Access Playground</title>", "name=\"description\"", "<h1", "<noscript>"] {
        assert!(page.contains(text), "{text}");
    }
}

/// Opens a damaged site: the page must name the cause in its own words.
fn check_failure(options: Options, cause: &str, text: &str) {
    let mut app = App::open_with("", Options { no_wait: true, ..options });
    app.wait_for(&format!("#boot-status[data-cause='{cause}']"));
    app.wait_for_text("#boot-status", text);
    let errors = app.take_console_errors();
    assert!(errors.iter().any(|error| error.contains(cause)), "{errors:#?}");
}

fn damaged(damage: impl FnOnce(&Files)) -> Options {
    let files = Files::copy();
    damage(&files);
    Options { files: Some(files), ..Options::default() }
}

#[test]
fn a_program_that_stops_while_it_starts_is_told() {
    let script = Some(
        "Document.prototype.getElementById = new Proxy(Document.prototype.getElementById, {
        apply(target, self, given) {
            if (given[0] === 'app') throw new Error('no such page');
            return Reflect.apply(target, self, given);
        },
    });"
        .to_owned(),
    );
    check_failure(Options { script, ..Options::default() }, "stopped", "The playground stopped while it was starting");
}

#[test]
fn without_web_assembly_the_page_says_so() {
    let script = Some("delete window.WebAssembly".to_owned());
    check_failure(Options { script, ..Options::default() }, "no-webassembly", "does not run WebAssembly");
}

#[test]
fn a_program_that_cannot_be_downloaded_is_told() {
    let options = damaged(|files| std::fs::remove_file(files.file_named("eks-playground-", "_bg.wasm")).unwrap());
    check_failure(options, "download-failed", "could not be downloaded");
}

#[test]
fn a_script_that_cannot_be_downloaded_is_told() {
    let options = damaged(|files| std::fs::remove_file(files.file_named("eks-playground-", ".js")).unwrap());
    check_failure(options, "download-failed", "could not be downloaded");
}

#[test]
fn a_page_in_place_of_the_program_is_told() {
    let sign_in = "<!doctype html><title>Sign in</title>";
    let options = damaged(|files| std::fs::write(files.file_named("eks-playground-", "_bg.wasm"), sign_in).unwrap());
    check_failure(options, "wrong-content", "is not the playground's program");
}
