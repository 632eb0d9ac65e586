//! Which functions of the program the first screen needs: `cargo xtask first-part`.
//!
//! The argument names the file to write. The built site's program must be in one piece and hold its functions' names.
#![allow(clippy::expect_used, reason = "a failed expectation ends the run, and says which")]

use std::collections::BTreeSet;
use std::time::Duration;

use e2e::{App, Files, Options};
use eks_access_playground::session::{Session, saves, scenario, share};
use eks_access_playground::shell::terminal;
use serde_json::json;
use xtask::split::{PROBE, Probed, probe};

const HEAD: &str = "\
# The functions that ran while the first screen came up: written by `cargo xtask first-part`, which the build reads.
";

/// Keeps the program where this program can ask what ran.
const KEEP: &str = "
    const instantiate = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...given) => {
        const made = await instantiate.apply(WebAssembly, given);
        window.probed = made.instance.exports;
        return made;
    };";

/// What a page is told when it is left.
const LEAVE: &str = "
    document.dispatchEvent(new Event('visibilitychange'));
    window.dispatchEvent(new PageTransitionEvent('pagehide'));";

/// Keeps its argument as the work of this tab, and takes the link out of the address.
const KEPT: &str = "
    localStorage.setItem('eks-access-playground/tab/' + sessionStorage.getItem('eks-access-playground/tab'), arguments[0]);
    history.replaceState(null, '', location.pathname);";

/// Makes this tab one that was never here.
const FORGET: &str = "localStorage.clear(); sessionStorage.clear(); history.replaceState(null, '', location.pathname);";

/// After so long the page has written what is to be kept.
const WRITTEN: Duration = Duration::from_secs(3);

/// How many times slower a slow machine is.
const SLOW: u32 = 20;

fn main() {
    let output = std::env::args().nth(1).expect("the file to write");
    let files = Files::copy();
    let program = files.file_named("eks-playground-", "_bg.wasm");
    let bytes = std::fs::read(&program).expect("the program");
    let Probed { program: probed, names } = probe(&bytes).expect("a program as the build leaves it");
    assert!(!names.is_empty(), "the program holds no names");
    std::fs::write(&program, probed).expect("writing the program");

    let mut needed = BTreeSet::new();
    let mut app =
        App::open_with("", Options { files: Some(files), script: Some(KEEP.to_owned()), ..Options::default() });
    let mut look = |app: &mut App| needed.extend(ran(app).into_iter().filter_map(|index| names.get(&index).cloned()));
    // A slow machine takes ways that a quick one does not: drawing is interrupted, and what takes long is put off.
    for slowness in [1, SLOW] {
        app.slow_down(slowness);
        visit(&mut app, &mut look);
    }
    drop(app);

    let lines: Vec<&str> = needed.iter().map(String::as_str).collect();
    std::fs::write(&output, format!("{HEAD}{}\n", lines.join("\n"))).expect("writing the list");
    println!("{} functions by name", lines.len());
}

/// What somebody may do without using the page, each time with a look at what ran.
fn visit(app: &mut App, look: &mut impl FnMut(&mut App)) {
    app.script(FORGET, Vec::new());
    app.reload();
    app.wait_for(".verdict");
    // Leaving must not need the second part: a page that goes away may wait for nothing. What waits to be kept is written
    // then, unless that was long ago.
    app.script(LEAVE, Vec::new());
    look(app);
    app.reload();
    app.wait_for(".verdict");
    std::thread::sleep(WRITTEN);
    app.script(LEAVE, Vec::new());
    look(app);
    // A second visit finds work to take up again, without a link in the address.
    let mut session = Session::new(scenario::walkthrough());
    terminal::run(&mut session, "kubectl create namespace kept");
    let save = saves::write(&saves::save("", 0, session.now(), None));
    app.script(KEPT, vec![json!(save)]);
    app.reload();
    app.wait_for(".verdict");
    look(app);
    // A link brings its own world.
    let mut session = Session::new(scenario::walkthrough());
    terminal::run(
        &mut session,
        "aws eks delete-access-entry --cluster-name eks-demo-cluster --principal-arn x; aws iam create-user --user-name a",
    );
    app.goto(&format!("#/?s={}", share::encode(session.now())));
    app.reload();
    app.wait_for(".verdict");
    look(app);
}

/// The numbers of the functions that ran since the page was loaded.
fn ran(app: &mut App) -> Vec<u32> {
    let script = format!(
        "return Object.entries(window.probed).filter(([name, probe]) => name.startsWith('{PROBE}') && probe.value)
            .map(([name]) => Number(name.slice({})));",
        PROBE.len()
    );
    serde_json::from_value(app.script(&script, Vec::new())).expect("numbers")
}
