//! The aws-auth page and the pages of Kubernetes objects: the editor, its keys, the way to a line, forms, refusals.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use e2e::App;
use eks_access_playground::session::{Snapshot, share};
use serde_json::json;

const TAB: &str = "\u{e004}";
const ESCAPE: &str = "\u{e00c}";

/// Puts a text into a field as a paste over everything does.
fn put(app: &mut App, selector: &str, text: &str) {
    app.wait_for(selector);
    let script = "const field = document.querySelector(arguments[0]); field.focus(); field.value = arguments[1];\
                  field.dispatchEvent(new Event('input', { bubbles: true }));";
    app.script(script, vec![json!(selector), json!(text)]);
}

fn value(app: &mut App, selector: &str) -> String {
    app.property(selector, "value").unwrap_or_default()
}

fn focused(app: &mut App) -> String {
    app.script("return document.activeElement.id", vec![]).as_str().unwrap_or_default().to_owned()
}

/// The world that the page's address carries.
fn world_of(app: &mut App) -> Option<Snapshot> {
    let address = app.address();
    share::decode(address.rsplit_once("?s=")?.1).ok()
}

#[test]
fn aws_auth_shows_mistakes_at_their_lines_and_what_changes_before_it_is_saved() {
    let mut app = App::open("#/aws-auth");
    let start = value(&mut app, "#aws-auth-text");
    let line = "mapRoles: |\n  - rolearn: arn:aws:iam::111122223333:role/k8s-ops\n    username: ops\n";
    put(&mut app, "#aws-auth-text", &format!("{start}{line}   groups: x\n"));
    app.wait_for(".editor__mark--error");
    app.wait_for_text(".editor__tally", "error");
    put(&mut app, "#aws-auth-text", &format!("{start}{line}"));
    app.wait_for_none(".editor__mark--error");
    app.wait_for_text(".reading", "role/k8s-ops");
    app.click_text("Save changes");
    app.wait_for(".diff__line--added");
    app.wait_for_text("dialog", "Who gains and who loses");
    app.click_text("Save");
    app.wait_for_text(".flash", "Saved aws-auth");
    app.wait_until("the line in the world", |app| {
        let now = world_of(app);
        now.and_then(|now| now.world.clusters[0].objects.config_map("kube-system", "aws-auth"))
            .is_some_and(|data| data.get("mapRoles").is_some_and(|text| text.contains("k8s-ops")))
    });
}

#[test]
fn the_answer_follows_the_text_before_it_is_saved() {
    let mut app = App::open("");
    app.click_text("Ask for k8s-dev");
    app.wait_for(".verdict[data-verdict='unauthorized']");
    app.type_line("kubectl edit cm aws-auth -n kube-system");
    app.wait_until("the focus in the editor", |app| focused(app) == "aws-auth-text");
    let start = value(&mut app, "#aws-auth-text");
    let line =
        "  - userarn: arn:aws:iam::111122223333:user/k8s-dev\n    username: dev\n    groups:\n    - nobodys-group\n";
    put(&mut app, "#aws-auth-text", &format!("{start}{line}"));
    app.wait_for(".if-saved .verdict[data-verdict='no']");
    app.wait_for_text(".if-saved", "the answer changes");
    app.wait_for_text(".remarks", "No binding names the group");
    assert!(!app.text(".remarks").contains('`'), "names are set apart");
    put(&mut app, "#aws-auth-text", &format!("{start}{}", line.replace("nobodys-group", "system:masters")));
    app.wait_for(".if-saved .verdict[data-verdict='yes']");
    app.wait_for(".answer .verdict[data-verdict='unauthorized']");
}

#[test]
fn formatting_keeps_comments() {
    let mut app = App::open("");
    app.type_line("kubectl create clusterrole pod-viewer --verb=get,list --resource=pods");
    app.type_line("kubectl edit clusterrole pod-viewer");
    app.wait_until("the role in the editor", |app| value(app, "#object-text").contains("name: pod-viewer"));
    let text = value(&mut app, "#object-text");
    let untidy = text.replace("rules:\n", "# whoever looks at pods\nrules:\n").replace("kind: ", "kind:   ");
    put(&mut app, "#object-text", &untidy);
    app.click_text("Format");
    app.wait_until("the form of kubectl", |app| {
        value(app, "#object-text") == text.replace("rules:\n", "# whoever looks at pods\nrules:\n")
    });
    app.click_text("Format");
    app.wait_for_text(".flash", "Nothing to format");
}

#[test]
fn the_coloured_copy_of_a_long_text_stays_in_step() {
    let mut app = App::open("");
    app.type_line("kubectl create clusterrole long --verb=get --resource=pods");
    app.type_line("kubectl edit clusterrole long");
    app.wait_until("the role in the editor", |app| value(app, "#object-text").contains("name: long"));
    let rule = |number: usize| {
        format!("- apiGroups: [\"\"]\n  resources: [pods]\n  resourceNames: [pod-{number}]\n  verbs: [get]\n")
    };
    let rules: String = (0..200).map(rule).collect();
    let mut text = value(&mut app, "#object-text");
    text.push_str(&rules);
    put(&mut app, "#object-text", &text);
    let count = text.split('\n').count();
    // The lines that are there with their numbers, and how far the copy is off the lines of the text area, at most.
    let look = "
        const [frame, area] = [document.querySelector('.editor__frame'), document.querySelector('#object-text')];
        const lines = area.value.split('\\n');
        const height = area.offsetHeight / (lines.length + 1);
        const [top, box] = [area.getBoundingClientRect().top, frame.getBoundingClientRect()];
        const painted = [...document.querySelectorAll('.editor__line')], numbers = [...document.querySelectorAll('.editor__numbers li')];
        const off = painted.map((line, index) => {
            const number = Number(numbers[index].textContent);
            const wrong = lines[number - 1] !== line.textContent;
            const right = top + (number - 0.5) * height;
            return wrong ? 1000 : Math.max(...[line, numbers[index]].map((each) => Math.abs(each.getBoundingClientRect().top - right)));
        });
        const first = painted[0].getBoundingClientRect(), last = painted.at(-1).getBoundingClientRect();
        const covers = (first.top <= box.top || numbers[0].textContent === '1')
            && (last.bottom >= box.bottom || Number(numbers.at(-1).textContent) === lines.length);
        return [painted.length === numbers.length && covers && Math.max(...off) < 1.5, numbers.length, Number(numbers.at(-1).textContent)]";
    let in_step = |app: &mut App, what: &str, last: &dyn Fn(u64) -> bool| {
        app.wait_until(what, |app| {
            let seen = app.script(look, vec![]);
            seen[0] == true && seen[1].as_u64().is_some_and(|lines| lines < 100) && seen[2].as_u64().is_some_and(last)
        });
    };
    in_step(&mut app, "the first lines", &|last| last < 100);
    app.script(
        "const frame = document.querySelector('.editor__frame'); frame.scrollTop = frame.scrollHeight / 2",
        vec![],
    );
    in_step(&mut app, "the lines in the middle", &|last| (400..600).contains(&last));
    app.script("const area = document.querySelector('#object-text'); area.focus(); area.setSelectionRange(area.value.length, area.value.length)", vec![]);
    app.press("x");
    in_step(&mut app, "the last lines", &|last| last == count as u64);
    // A remark's line is far from what is in sight.
    put(&mut app, "#object-text", &text.replace("[pod-50]\n  verbs:", "[pod-50]\n  verb:"));
    app.script("document.querySelector('.editor__frame').scrollTop = 1e6", vec![]);
    in_step(&mut app, "the last lines again", &|last| last == count as u64);
    app.click(".remark__line");
    app.wait_for(".editor__line--error");
    in_step(&mut app, "the remark's line", &|last| last < 400);
    app.wait_until("the focus in the editor", |app| focused(app) == "object-text");
    // Fewer lines than are above those in sight.
    app.script("document.querySelector('.editor__frame').scrollTop = 1e6", vec![]);
    app.click_text("Discard");
    in_step(&mut app, "the stored text", &|last| last < 30);
}

#[test]
fn tab_leaves_the_editor_until_something_is_typed_and_after_escape() {
    let mut app = App::open("#/aws-auth");
    app.wait_for("#aws-auth-text");
    let start = value(&mut app, "#aws-auth-text");
    app.script("document.querySelector('#aws-auth-text').focus()", vec![]);
    app.press(TAB);
    assert_ne!(focused(&mut app), "aws-auth-text", "nothing was typed");
    app.type_into("#aws-auth-text", "a");
    app.press(TAB);
    assert_eq!(focused(&mut app), "aws-auth-text");
    let typed = value(&mut app, "#aws-auth-text");
    assert_eq!(typed.len(), start.len() + 3, "{typed}");
    app.press(ESCAPE);
    app.press(TAB);
    assert_ne!(focused(&mut app), "aws-auth-text", "after Escape");
    app.wait_for_text(".card__actions", "Discard");
    app.click_text("Discard");
    app.wait_until("the stored text", |app| value(app, "#aws-auth-text") == start);
}

#[test]
fn an_address_leads_to_a_rule_and_the_text_says_what_it_grants() {
    let mut app = App::open("#/kubernetes/clusterroles/view/rule/2");
    app.wait_for(".editor__line--shown");
    app.wait_until("the focus in the editor", |app| focused(app) == "object-text");
    app.wait_for_text(".reading", "Who has it");
    app.type_line("kubectl create clusterrole pod-viewer --verb=get,list --resource=pods");
    app.type_line("kubectl edit clusterrole pod-viewer");
    app.wait_until("the role in the editor", |app| value(app, "#object-text").contains("name: pod-viewer"));
    app.wait_for_text(".reading", "Get and list pods.");
    let text = value(&mut app, "#object-text");
    // Wrong text: the server's words at the field's line.
    put(&mut app, "#object-text", &text.replace("verbs:", "verb:"));
    app.wait_for_text(".remarks", "Unknown field");
    put(&mut app, "#object-text", &text.replace("- list", "- watch"));
    app.wait_for_text(".reading", "Get and watch pods.");
    app.click_text("Save changes");
    app.wait_for(".diff__line--removed");
    app.click_text("Save");
    app.wait_for_text(".flash", "Saved pod-viewer");
}

#[test]
fn a_form_makes_a_binding_and_refusals_stand_at_its_fields() {
    let mut app = App::open("#/kubernetes/clusterrolebindings");
    app.click_text("New cluster role binding");
    put(&mut app, "#name", "developers");
    put(&mut app, "#subject-0-name", "developer");
    app.click_text("Create");
    app.wait_for(".field--bad #role");
    app.wait_until("the focus at the bad field", |app| focused(app) == "role");
    put(&mut app, "#role", "ClusterRole/view");
    app.wait_for_text(".reading", "Gives the cluster role view to group developer, in every namespace");
    app.wait_for_text(".reading", "kubectl create clusterrolebinding developers --clusterrole=view --group=developer");
    app.click_text("Create");
    app.wait_for_text("dialog", "Who gains and who loses");
    app.click("dialog .button--primary");
    app.wait_for_text(".table", "developers");
    app.wait_for_text(".table", "ClusterRole view → Group developer");
}

#[test]
fn lists_say_when_they_are_empty_and_when_nothing_matches() {
    let mut app = App::open("#/kubernetes/roles");
    app.wait_for_text(".empty", "of your own");
    app.click_text("Config maps");
    app.wait_for_text(".table", "aws-auth");
    put(&mut app, "input[type=search]", "zzz");
    app.wait_for_text(".empty", "No match");
    app.click_text("Clear the search");
    app.wait_for_text(".table", "aws-auth");
    // What came with the cluster is found where it is not shown.
    put(&mut app, "input[type=search]", "kube-root-ca");
    app.wait_for_text(".empty", "that came with the cluster would");
    app.click_text("Show what came with the cluster");
    app.wait_for_text(".table", "kube-root-ca");
    // On a narrow screen tabs and pages scroll to the present one.
    app.resize(360, 740);
    for (page, current) in [("#/kubernetes/namespaces", ".tabs__tab--current"), ("#/history", ".nav__link--current")] {
        app.goto(page);
        let is_seen = format!(
            "const box = document.querySelector('{current}').getBoundingClientRect(); return box.left >= -1 && box.right <= innerWidth + 1"
        );
        app.wait_until(&format!("{current} in sight on {page}"), |app| app.script(&is_seen, vec![]) == true);
    }
}
