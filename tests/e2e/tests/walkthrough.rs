//! The walkthrough: by typing, by clicking, by link. What the page shows is held against the transcript that the native
//! tests hold, and the world it leaves against the world that the native program leaves.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

#[path = "../../it/commands.rs"]
mod transcript;

use std::path::Path;

use e2e::App;
use eks_access_playground::session::{Session, Snapshot, scenario, share};
use eks_access_playground::shell::terminal;
use serde_json::json;

/// The commands of the walkthrough's transcript.
fn commands() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../it/transcripts/walkthrough.txt");
    transcript::commands(&std::fs::read_to_string(path).unwrap())
}

/// Puts a text into the terminal's input as a paste does, and presses Enter.
fn paste(app: &mut App, text: &str) {
    let script = "const input = document.querySelector('.terminal__input'); input.focus();\
                  input.value = arguments[0]; input.dispatchEvent(new Event('input', { bubbles: true }));";
    app.script(script, vec![json!(text)]);
    app.type_into(".terminal__input", "\u{e007}");
}

/// The world that the page's address carries.
fn world_of(app: &mut App) -> Option<Snapshot> {
    let address = app.address();
    share::decode(address.rsplit_once("?s=")?.1).ok()
}

/// Runs the commands natively; what each printed, and the world in the end.
fn native(commands: &[String]) -> (Vec<String>, Snapshot) {
    let mut session = Session::new(scenario::walkthrough());
    let mut outputs = Vec::new();
    for command in commands {
        let mut job = terminal::Job::new(command.clone());
        let mut output = String::new();
        while let Some(ran) = job.step(&mut session) {
            output.extend(ran.chunks.into_iter().map(|chunk| chunk.text));
        }
        outputs.push(output);
    }
    (outputs, session.now().clone())
}

/// Lines without the blanks at their ends, which a browser's text does not keep.
fn trimmed(text: &str) -> String {
    text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn typed_commands_print_what_the_native_program_prints() {
    let commands = commands();
    let (outputs, end) = native(&commands);
    let mut app = App::open("");
    for (command, output) in commands.iter().zip(&outputs) {
        let before = app.count(".terminal__entry");
        paste(&mut app, command);
        app.wait_until("the command to end", |app| app.count(".terminal__entry[data-done]") > before);
        let shown = app.text(".terminal__entry:last-of-type");
        assert!(trimmed(&shown).contains(&trimmed(output)), "{command}\n--- expected\n{output}\n--- shown\n{shown}");
    }
    app.wait_until("the address to carry the world", |app| world_of(app).is_some_and(|now| now.world == end.world));
    app.assert_no_console_errors();
}

#[test]
fn the_access_path_follows_every_command() {
    let mut app = App::open("");
    let verdict = |app: &mut App, expected: &str| app.wait_for(&format!(".verdict[data-verdict='{expected}']"));
    verdict(&mut app, "yes");
    paste(&mut app, "AWS_PROFILE=k8s-dev-demo aws eks update-kubeconfig --name eks-demo-cluster");
    verdict(&mut app, "unauthorized");
    paste(
        &mut app,
        "aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::<ACCOUNTID>:user/k8s-dev",
    );
    verdict(&mut app, "no");
    paste(
        &mut app,
        "aws eks associate-access-policy --cluster-name eks-demo-cluster \\\n --principal-arn arn:aws:iam::<ACCOUNTID>:user/k8s-dev \\\n --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy --access-scope type=cluster",
    );
    verdict(&mut app, "yes");
    app.assert_no_console_errors();
}

#[test]
fn a_copied_address_restores_the_world_elsewhere() {
    let mut app = App::open("");
    let create = "kubectl create namespace carried-by-the-link".to_owned();
    paste(&mut app, &create);
    let (_, end) = native(&[create]);
    app.wait_until("the address to carry the world", |app| world_of(app).is_some_and(|now| now.world == end.world));
    let address = app.address();
    let mut other = App::open(&address);
    paste(&mut other, "kubectl get namespaces -o name");
    other.wait_for_text(".terminal__log", "namespace/carried-by-the-link");
    other.assert_no_console_errors();
}

#[test]
fn a_damaged_link_starts_the_default_world_and_says_why() {
    let mut app = App::open("#/?s=v1.abcdef.123456");
    app.wait_for_text("#app", "damaged or cut off");
    paste(&mut app, "aws eks list-clusters --output text");
    app.wait_for_text(".terminal__log", "eks-demo-cluster");
    app.assert_no_console_errors();
}

/// Rows 13 and 15: the console's flows lead to the state that the commands give.
#[test]
fn clicks_do_what_the_commands_do() {
    let mut app = App::open("#/access");
    assert_eq!(app.count(".entries__row"), 2);

    // Change the mode.
    app.click_text("Manage access");
    app.click("fieldset.choices label:nth-of-type(3)");
    app.click_text("Save changes");
    app.wait_for_text(".mode-badge", "API");

    // Create an entry in three steps.
    app.click_text("Create access entry");
    app.type_into("#principal", "arn:aws:iam::111122223333:user/k8s-dev");
    app.type_into("#groups", "developer\t");
    app.click_text("Next");
    app.click_text("AmazonEKSViewPolicy");
    app.click_text("Add policy");
    app.click_text("Next");
    app.click_text("Create");
    app.wait_until("the new entry", |app| {
        world_of(app).is_some_and(|now| now.world.clusters.iter().any(|cluster| cluster.entries.len() == 3))
    });

    // The same by command, on the same world: the entries agree but for their times.
    let mut session = Session::new(scenario::walkthrough());
    terminal::run(
        &mut session,
        "aws eks update-cluster-config --name eks-demo-cluster --access-config authenticationMode=API
         aws eks create-access-entry --cluster-name eks-demo-cluster --kubernetes-groups developer \
           --principal-arn arn:aws:iam::<ACCOUNTID>:user/k8s-dev
         aws eks associate-access-policy --cluster-name eks-demo-cluster --access-scope type=cluster \
           --principal-arn arn:aws:iam::<ACCOUNTID>:user/k8s-dev \
           --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
    );
    let entries = |snapshot: &Snapshot| -> Vec<(String, Vec<String>, String, Vec<String>)> {
        let all = snapshot.world.clusters.iter().flat_map(|cluster| cluster.entries.values());
        all.map(|entry| {
            let policies = entry.policies.iter().map(|p| format!("{} {}", p.policy_arn, p.scope.kind)).collect();
            (entry.principal_arn.clone(), entry.groups.clone(), entry.username.clone(), policies)
        })
        .collect()
    };
    let clicked = world_of(&mut app).unwrap();
    assert_eq!(entries(&clicked), entries(session.now()));
    assert_eq!(clicked.world.clusters[0].mode, session.world().clusters[0].mode);

    // It acts at once; deleting it takes that back.
    paste(&mut app, "AWS_PROFILE=k8s-dev-demo aws eks update-kubeconfig --name eks-demo-cluster");
    app.wait_for(".verdict[data-verdict='yes']");
    paste(&mut app, "kubectl auth can-i list pods");
    app.wait_for_text(".terminal__log", "yes");
    app.goto("#/access");
    app.wait_until("the list", |app| app.count(".entries__row") == 3);
    app.click("[aria-label='Delete the access entry of arn:aws:iam::111122223333:user/k8s-dev']");
    app.click("dialog .button--danger, [role='dialog'] .button--danger");
    app.wait_until("the entry to go", |app| app.count(".entries__row") == 2);
    app.wait_for(".verdict[data-verdict='unauthorized']");
    paste(&mut app, "kubectl get pods");
    app.wait_for_text(".terminal__log", "error: You must be logged in to the server (Unauthorized)");
    app.assert_no_console_errors();
}

#[test]
fn narrow_screens_cut_nothing_off() {
    let mut app = App::open("");
    paste(&mut app, "AWS_PROFILE=k8s-dev-demo aws eks update-kubeconfig --name eks-demo-cluster");
    app.wait_for(".verdict[data-verdict='unauthorized']");
    app.resize(360, 780);
    for route in ["#/", "#/access", "#/iam", "#/aws-auth", "#/kubernetes", "#/problems", "#/history"] {
        app.goto(route);
        app.wait_for(".verdict");
        let script = "return [...document.querySelectorAll('.top button, main button, main input, main select')]\
                      .filter(e => e.offsetParent && e.getBoundingClientRect().right > innerWidth + 0.5)\
                      .map(e => e.outerHTML.slice(0, 120));";
        assert_eq!(app.script(script, Vec::new()), json!([]), "{route}");
        let beyond = "return document.documentElement.scrollHeight - innerHeight";
        assert_eq!(app.script(beyond, Vec::new()), json!(0), "{route}: the window scrolls beside the page");
    }
    app.assert_no_console_errors();
}

#[test]
fn tab_completes_and_escape_leaves() {
    let mut app = App::open("");
    app.type_into(".terminal__input", "kubectl get clusterr\u{e004}");
    app.wait_until("the completion", |app| {
        app.property(".terminal__input", "value").is_some_and(|value| value.starts_with("kubectl get clusterrole"))
    });
    app.type_into(".terminal__input", "\u{e00c}\u{e004}");
    let left = app.script("return !document.activeElement.matches('.terminal__input')", Vec::new());
    assert_eq!(left, json!(true));
    app.assert_no_console_errors();
}
