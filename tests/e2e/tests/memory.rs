//! Work is never lost: reload, a second tab, links, names, files of other versions, a storage that is blocked.

use e2e::{App, Options};
use serde_json::json;

fn type_and_keep(app: &mut App, namespace: &str) {
    app.type_line(&format!("kubectl create namespace {namespace}"));
    app.wait_for_text(".terminal__log", &format!("namespace/{namespace} created"));
    // The terminal has answered before the address and the storage follow.
    let before = app.address();
    app.wait_until("the address to follow", |app| app.address() != before || app.address().len() > 30);
    app.wait_until("the work to be kept", |app| {
        let script = "const key = 'eks-access-playground/tab/' + sessionStorage.getItem('eks-access-playground/tab');
            const kept = JSON.parse(localStorage.getItem(key) || '{}');
            return kept.link && location.hash.includes(kept.link);";
        app.script(script, vec![]).as_bool() == Some(true)
    });
}

fn namespaces(app: &mut App) -> String {
    app.type_line("clear");
    app.type_line("kubectl get namespaces -o name");
    app.wait_for_text(".terminal__log", "namespace/default");
    app.text(".terminal__log")
}

#[test]
fn a_reload_and_a_bare_address_keep_the_work() {
    let mut app = App::open("");
    type_and_keep(&mut app, "kept");
    app.reload();
    assert!(namespaces(&mut app).contains("namespace/kept"));
    // The address without a link, as after typing it in.
    app.script("history.replaceState(null, '', location.pathname); location.reload()", vec![]);
    app.wait_for(".terminal__input");
    assert!(namespaces(&mut app).contains("namespace/kept"));
}

#[test]
fn fresh_starts_clean_and_a_reload_keeps_what_follows() {
    let mut app = App::open("");
    type_and_keep(&mut app, "before");
    app.goto("?fresh");
    app.wait_for(".terminal__input");
    assert!(!namespaces(&mut app).contains("namespace/before"));
    assert!(!app.address().contains("fresh"), "{}", app.address());
    assert_eq!(app.count(".flash"), 0, "nothing is said of the work before");
    type_and_keep(&mut app, "after");
    app.reload();
    assert!(namespaces(&mut app).contains("namespace/after"));
    app.click(".saved-work");
    app.wait_for_text(".saves__list", "Unnamed work");
}

#[test]
fn a_link_wins_and_the_work_before_can_be_opened() {
    let mut app = App::open("");
    type_and_keep(&mut app, "mine");
    app.goto("#/?s=v2.AgMWnZ");
    app.wait_until("the link to open", |app| !namespaces(app).contains("namespace/mine"));
    app.click(".saved-work");
    app.click("button[aria-label='Open Unnamed work']");
    app.wait_for_none("dialog");
    assert!(namespaces(&mut app).contains("namespace/mine"));
}

#[test]
fn saves_are_named_opened_renamed_and_deleted() {
    let mut app = App::open("");
    type_and_keep(&mut app, "lesson");
    app.click(".saved-work");
    app.type_into("#save-name", "Lesson 1\u{e007}");
    app.wait_for_text(".saves__said", "Saved as Lesson 1.");
    app.click_text("Reset to the starting world");
    app.click_text("Keep it");
    app.press("\u{e00c}");
    app.wait_for_none("dialog");
    assert!(namespaces(&mut app).contains("namespace/lesson"), "a reset asks first");
    app.click(".saved-work");
    app.click_text("Reset to the starting world");
    app.click_text("Replace this world");
    app.wait_for_none("dialog");
    assert!(!namespaces(&mut app).contains("namespace/lesson"));
    app.click(".saved-work");
    app.click("button[aria-label='Rename Lesson 1']");
    app.type_into("input[aria-label='New name of Lesson 1']", "Day one\u{e007}");
    app.wait_for_text(".saves__said", "Renamed to Day one.");
    app.click("button[aria-label='Open Day one']");
    app.wait_for_none("dialog");
    assert!(namespaces(&mut app).contains("namespace/lesson"));
    app.click(".saved-work");
    app.click("button[aria-label='Delete Day one']");
    app.click_text("Delete for good");
    app.wait_for_text(".saves__said", "Deleted Day one.");
    assert_eq!(app.count("button[aria-label='Open Day one']"), 0);
}

#[test]
fn a_save_is_replaced_only_when_the_person_says_so() {
    let mut app = App::open("");
    type_and_keep(&mut app, "first");
    app.click(".saved-work");
    app.type_into("#save-name", "Lesson\u{e007}");
    app.wait_for_text(".saves__said", "Saved as Lesson.");
    assert_eq!(app.property("#save-name", "value").as_deref(), Some(""), "the name was taken");
    app.press("\u{e00c}");
    type_and_keep(&mut app, "second");
    app.click(".saved-work");
    // Blanks around a name do not make it another one.
    app.type_into("#save-name", " Lesson \u{e007}");
    app.wait_for_text(".saves__question", "Lesson is there already, saved");
    app.click_text("Keep it");
    app.wait_for_none(".saves__question");
    // Another name needs no answer.
    app.type_into("#save-name", "\u{e007}");
    app.wait_for(".saves__question");
    app.type_into("#save-name", "2");
    app.wait_for_none(".saves__question");
    app.type_into("#save-name", "\u{e007}");
    app.wait_for_text(".saves__said", "Saved as Lesson 2.");
    app.click("button[aria-label='Open Lesson']");
    app.wait_for_none("dialog");
    assert!(!namespaces(&mut app).contains("namespace/second"), "the save is as it was");
    type_and_keep(&mut app, "third");
    app.click(".saved-work");
    app.type_into("#save-name", "Lesson\u{e007}");
    app.click_text("Replace it");
    app.wait_for_text(".saves__said", "Saved as Lesson.");
    app.click("button[aria-label='Open Lesson']");
    app.wait_for_none("dialog");
    assert!(namespaces(&mut app).contains("namespace/third"));
}

/// The value of this tab's work in the storage.
const KEPT: &str =
    "return localStorage.getItem('eks-access-playground/tab/' + sessionStorage.getItem('eks-access-playground/tab'))";

#[test]
fn a_change_is_kept_at_once_and_a_world_that_nobody_changed_is_not() {
    // The rest that the address waits for never ends: a crash within it. (On a busy machine a write may be put off
    // until the keys rest, by another time.)
    let script =
        "const after = setTimeout; window.setTimeout = (f, ms, ...rest) => ms === 250 ? 0 : after(f, ms, ...rest);";
    let mut app = App::open_with("", Options { script: Some(script.to_owned()), ..Options::default() });
    app.script("window.begun = performance.now()", vec![]);
    let is_rested = "return performance.now() > window.begun + 2000";
    app.wait_until("the page to rest", |app| app.script(is_rested, vec![]) == json!(true));
    assert_eq!(app.script(KEPT, vec![]), json!(null));
    app.type_line("kubectl create namespace quick");
    app.wait_for_text(".terminal__log", "namespace/quick created");
    app.wait_until("the work to be kept", |app| app.script(KEPT, vec![]) != json!(null));
    app.script("history.replaceState(null, '', location.pathname); location.reload()", vec![]);
    app.wait_for(".terminal__input");
    assert!(namespaces(&mut app).contains("namespace/quick"));
}

#[test]
fn what_waits_is_kept_when_the_page_is_left() {
    // Time stands still for the page and timers of that length do not run: after its start, nothing is written in passing.
    let script =
        "const after = setTimeout; window.setTimeout = (f, ms, ...rest) => ms === 250 ? 0 : after(f, ms, ...rest);
        Performance.prototype.now = () => 1000;";
    let mut app = App::open_with("", Options { script: Some(script.to_owned()), ..Options::default() });
    app.type_line("kubectl create namespace late");
    app.wait_for_text(".terminal__log", "namespace/late created");
    assert_eq!(app.script(KEPT, vec![]), json!(null), "it waits");
    app.script("document.dispatchEvent(new Event('visibilitychange'))", vec![]);
    assert_ne!(app.script(KEPT, vec![]), json!(null), "the page was hidden");
    app.type_line("kubectl create namespace later");
    app.wait_for_text(".terminal__log", "namespace/later created");
    app.reload();
    assert!(namespaces(&mut app).contains("namespace/later"));
}

#[test]
fn the_end_of_the_browser_loses_nothing() {
    let mut app = App::open_with("", Options { keeps_profile: true, ..Options::default() });
    type_and_keep(&mut app, "survivor");
    let kept = app.script(&format!("return JSON.parse((() => {{ {KEPT} }})()).link"), vec![]);
    app.wait_for_disk(kept.as_str().unwrap());
    app.kill_browser("");
    // A new tab: it does not take over what may be another tab's, but says where it is.
    app.wait_for_text(".flashes", "ago is under Saved work");
    app.click(".saved-work");
    app.click("button[aria-label='Open Unnamed work']");
    app.wait_for_none("dialog");
    assert!(namespaces(&mut app).contains("namespace/survivor"));
}

#[test]
fn two_tabs_keep_what_is_theirs() {
    let mut app = App::open("");
    type_and_keep(&mut app, "one");
    let first = app.open_tab("");
    app.wait_for_text(".flashes", "ago is under Saved work");
    assert!(!namespaces(&mut app).contains("namespace/one"));
    type_and_keep(&mut app, "two");
    let second = app.go_to_tab(first);
    type_and_keep(&mut app, "three");
    for (has, has_not, next) in [("three", "two", Some(second)), ("two", "three", None)] {
        app.script("history.replaceState(null, '', location.pathname); location.reload()", vec![]);
        app.wait_for(".terminal__input");
        let found = namespaces(&mut app);
        assert!(
            found.contains(&format!("namespace/{has}")) && !found.contains(&format!("namespace/{has_not}")),
            "{found}"
        );
        if let Some(next) = next {
            app.go_to_tab(next);
        }
    }
}

/// Golden links are of older versions, and so is what they are kept in.
#[test]
fn an_update_of_the_program_keeps_the_work() {
    let golden = include_str!("../../it/links/golden.txt");
    let old = golden.lines().find(|line| line.starts_with("v1-walkthrough-end ")).unwrap().split(' ').nth(2).unwrap();
    let save = |name: &str| json!({"format": "eks-access-playground", "version": 1, "name": name, "at": 1_700_000_000_000_u64, "link": old});
    let script = format!(
        "if (!sessionStorage.getItem('eks-access-playground/tab')) {{
            sessionStorage.setItem('eks-access-playground/tab', 'old');
            localStorage.setItem('eks-access-playground/tab/old', JSON.stringify({}));
            localStorage.setItem('eks-access-playground/save/Lesson', JSON.stringify({}));
        }}",
        save(""),
        save("Lesson")
    );
    let mut app = App::open_with("", Options { script: Some(script), ..Options::default() });
    app.wait_for_text(".mode-badge", "API");
    app.type_line("aws eks list-access-entries --cluster-name eks-demo-cluster");
    app.wait_for_text(".terminal__log", "user/k8s-admin");
    app.click(".saved-work");
    app.click("button[aria-label='Open Lesson']");
    app.wait_for_none("dialog");
    app.wait_for_text(".flashes", "Opened Lesson");
}

/// A duplicated tab begins with a copy of the first one's session storage while that is still open.
#[test]
fn a_second_tab_takes_a_place_of_its_own() {
    let mut app = App::open("");
    type_and_keep(&mut app, "first");
    let own = "return sessionStorage.getItem('eks-access-playground/tab')";
    let first = app.script(own, vec![]);
    let script = "addEventListener('pagehide', () => sessionStorage.setItem('eks-access-playground/open', '1'))";
    app.script(script, vec![]);
    app.reload();
    assert!(namespaces(&mut app).contains("namespace/first"), "the copy shows the same work");
    assert_ne!(app.script(own, vec![]), first);
    type_and_keep(&mut app, "second");
    let kept = app.script(
        "return JSON.parse(localStorage.getItem('eks-access-playground/tab/' + arguments[0])).link",
        vec![first],
    );
    let link = kept.as_str().unwrap().to_owned();
    // The address follows after a rest; going to the address that is still there would be no step.
    app.wait_until("the address to leave the first tab's world", |app| !app.address().ends_with(&link));
    app.goto(&format!("#/?s={link}"));
    app.wait_until("the first tab's world", |app| !namespaces(app).contains("namespace/second"));
}

#[test]
fn work_of_a_newer_version_is_left_alone() {
    let script = "if (!sessionStorage.getItem('eks-access-playground/tab')) {
        sessionStorage.setItem('eks-access-playground/tab', 'old');
        localStorage.setItem('eks-access-playground/tab/old', '{\"format\":\"eks-access-playground\",\"version\":9}');
    }";
    let mut app = App::open_with("", Options { script: Some(script.to_owned()), ..Options::default() });
    app.wait_for_text(".flashes", "made by a newer version");
    type_and_keep(&mut app, "new");
    let kept = app.script("return localStorage.getItem('eks-access-playground/tab/old')", vec![]);
    assert!(kept.as_str().unwrap().contains("\"version\":9"));
}

#[test]
fn a_storage_that_is_blocked_or_full_is_told_once_and_survived() {
    let blocked = "for (const name of ['localStorage', 'sessionStorage'])
        Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError'); } });";
    let full = "Storage.prototype.setItem = () => { throw new DOMException('no', 'QuotaExceededError'); };";
    // To the last byte, without a trick.
    let filled = "for (let size = 1 << 22, n = 0; size > 0;) {
            try { localStorage.setItem('fill' + n, 'x'.repeat(size)); n += 1; } catch { size >>= 1; }
        }";
    for (script, text) in
        [(blocked, "keeps no data"), (full, "storage for this site is full"), (filled, "storage for this site is full")]
    {
        let mut app = App::open_with("", Options { script: Some(script.to_owned()), ..Options::default() });
        app.wait_for_text(".flashes", text);
        app.type_line("kubectl get namespace default -o name");
        app.wait_for_text(".terminal__log", "namespace/default");
        app.assert_no_console_errors();
        // The address holds what was done.
        let before = app.address();
        app.type_line("kubectl create namespace addressed");
        app.wait_until("the address to follow", |app| app.address() != before);
        app.reload();
        assert!(namespaces(&mut app).contains("namespace/addressed"));
    }
}

#[test]
fn a_file_is_opened_and_a_bad_one_is_refused() {
    let choose = "const input = document.querySelector('.saves__file input');
        const files = new DataTransfer();
        files.items.add(new File([arguments[0]], 'x.json'));
        input.files = files.files;
        input.dispatchEvent(new Event('change', { bubbles: true }));";
    let mut app = App::open("");
    type_and_keep(&mut app, "filed");
    app.click(".saved-work");
    let file = app.property(".saves__files a", "href").unwrap();
    let text = app.script("return atob(arguments[0].split(',')[1])", vec![json!(file)]);
    app.script(choose, vec![json!("{\"hello\": 1}")]);
    app.wait_for_text(".saves__said", "could not be opened");
    app.click_text("Reset to the starting world");
    app.click_text("Replace this world");
    app.wait_for_none("dialog");
    app.click(".saved-work");
    app.script(choose, vec![text]);
    app.wait_for_none("dialog");
    assert!(namespaces(&mut app).contains("namespace/filed"));
}

/// What the first row of the history says.
fn latest(app: &mut App) -> String {
    app.wait_for(".history__row");
    app.text(".history__row")
}

#[test]
fn undo_redo_and_history_survive_a_reload() {
    let mut app = App::open("");
    type_and_keep(&mut app, "first");
    type_and_keep(&mut app, "second");
    app.reload();
    app.goto("#/history");
    app.wait_for_text(".history", "kubectl create namespace second");
    let row = latest(&mut app);
    assert!(row.contains("cluster-creator") && row.contains("now"), "{row}");
    app.click("button[aria-label='Undo']");
    app.wait_for_text(".flash", "Undid one change");
    assert!(!namespaces(&mut app).contains("namespace/second"));
    app.wait_until("the undone step to be kept", |app| {
        let script = format!("return JSON.parse((() => {{ {KEPT} }})()).log.includes('\"undone\":[{{')");
        app.script(&script, vec![]) == json!(true)
    });
    app.reload();
    app.click("button[aria-label='Redo']");
    app.wait_for_text(".flash", "Redid one change");
    assert!(namespaces(&mut app).contains("namespace/second"));
    app.click("button[aria-label='Undo']");
    app.click("button[aria-label='Undo']");
    assert!(!namespaces(&mut app).contains("namespace/first"));
}

#[test]
fn undo_survives_the_end_of_the_browser() {
    let mut app = App::open_with("", Options { keeps_profile: true, ..Options::default() });
    type_and_keep(&mut app, "survivor");
    let kept = app.script(&format!("return JSON.parse((() => {{ {KEPT} }})()).log.slice(0, 17)"), vec![]);
    app.wait_for_disk(kept.as_str().unwrap());
    app.kill_browser("");
    app.wait_for_text(".flashes", "ago is under Saved work");
    app.click(".saved-work");
    app.click("button[aria-label='Open Unnamed work']");
    app.wait_for_none("dialog");
    assert!(namespaces(&mut app).contains("namespace/survivor"));
    app.click("button[aria-label='Undo']");
    assert!(!namespaces(&mut app).contains("namespace/survivor"));
}

#[test]
fn a_damaged_history_is_told_and_the_world_opens() {
    let mut app = App::open("");
    type_and_keep(&mut app, "whole");
    // As the page goes, it writes what it has; the damage is done after that.
    let damage = format!(
        "const key = 'eks-access-playground/tab/' + sessionStorage.getItem('eks-access-playground/tab');
        window.addEventListener('unload', () => {{
            const kept = JSON.parse((() => {{ {KEPT} }})());
            localStorage.setItem(key, JSON.stringify({{...kept, log: kept.log.replace('whole', 'other')}}));
        }});"
    );
    app.script(&damage, vec![]);
    app.reload();
    app.wait_for_text(".flashes", "The history of this work could not be opened");
    app.wait_for_text(".flashes", "it is damaged");
    assert!(namespaces(&mut app).contains("namespace/whole"));
    assert_eq!(app.count("button[aria-label='Undo'][disabled]"), 1);
}
