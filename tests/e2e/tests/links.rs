//! Links: the share dialog, old and hostile links, and a page that asks nobody else for anything.

use e2e::{App, Options};
use serde_json::json;

#[test]
fn the_share_dialog_gives_link_card_snippets_and_qr_code() {
    let mut app = App::open("");
    app.click(".share");
    app.wait_for_text(".share-dialog__length", "characters");
    let link = app.text(".snippet__text");
    assert!(link.contains("#/?s=v2."), "{link}");
    for part in ["The answer as a card", "Markdown and HTML", "QR code"] {
        app.click_text(part);
    }
    app.wait_for_text(".card-preview", "Can cluster-creator list pods");
    app.wait_for_text("dialog", "<iframe src=");
    assert_eq!(app.count(".qr path"), 1);
    app.press("\u{e00c}");
    app.wait_for_none("dialog");
}

#[test]
fn a_question_travels_with_the_link() {
    let mut app = App::open("");
    app.type_line("kubectl create namespace asked");
    app.wait_for_text(".terminal__log", "created");
    app.click(".share");
    let with = app.text(".snippet__text");
    app.press("\u{e00c}");
    assert!(with.len() < 250, "{with}");
}

#[test]
fn old_links_and_bad_ones() {
    let golden = include_str!("../../it/links/golden.txt");
    let old = golden.lines().find(|line| line.starts_with("v1-walkthrough-end ")).unwrap().split(' ').nth(2).unwrap();
    let mut app = App::open(&format!("#/?s={old}"));
    app.wait_for_text(".mode-badge", "API");
    app.type_line("aws eks list-access-entries --cluster-name eks-demo-cluster");
    app.wait_for_text(".terminal__log", "user/k8s-admin");
    // Opening a bad link in a running page changes nothing.
    for (bad, text) in
        [(&old[..old.len() - 3], "damaged or cut off"), ("v7.abc", "newer version"), ("x", "holds no saved world")]
    {
        app.script("location.hash = arguments[0]", vec![json!(format!("/?s={bad}"))]);
        app.wait_for_text(".flashes", text);
        app.wait_for_text(".flashes", "nothing was changed");
        app.wait_for_text(".mode-badge", "API");
    }
}

#[test]
fn the_policy_is_in_force_and_nobody_else_is_asked() {
    let watch = "window.violations = [];
        document.addEventListener('securitypolicyviolation', (e) => window.violations.push(e.violatedDirective + ' ' + e.blockedURI));";
    let mut app = App::open_with("", Options { script: Some(watch.to_owned()), ..Options::default() });
    for selector in [".saved-work", ".share"] {
        app.click(selector);
        app.wait_for("dialog[open]");
        app.press("\u{e00c}");
        app.wait_for_none("dialog");
    }
    app.type_line("kubectl auth can-i --list");
    app.wait_for_text(".terminal__log", "Resources");
    assert_eq!(app.script("return window.violations", vec![]), json!([]));
    let others = "return performance.getEntriesByType('resource').map((e) => e.name)
        .filter((name) => !name.startsWith(location.origin) && !name.startsWith('data:'))";
    assert_eq!(app.script(others, vec![]), json!([]));
    // The policy does something: inline scripts and styles do nothing, and other places cannot be asked.
    let forbidden = "const script = document.createElement('script');
        script.textContent = 'window.ran = true';
        document.head.append(script);
        return fetch('https://example.org/').then(() => 'answered', () => window.ran ? 'ran' : 'refused')";
    assert_eq!(app.script(forbidden, vec![]), json!("refused"));
    app.wait_until("the violations to be reported", |app| {
        app.script("return window.violations.length", vec![]).as_u64() >= Some(2)
    });
    app.take_console_errors();
}
