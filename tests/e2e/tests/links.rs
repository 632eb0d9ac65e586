//! Links: the share dialog, old and hostile links, and a page that asks nobody else for anything.

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use e2e::{App, Files, Options};
use eks_access_playground::session::share::{self, Asked, Shared};
use eks_access_playground::session::{Session, Snapshot, scenario};
use eks_access_playground::shell::terminal;
use serde_json::json;

/// The link that the open share dialog shows, from `#` on.
fn shown_link(app: &mut App) -> String {
    let text = app.text(".snippet__text");
    text.split_once('#').map(|(_, fragment)| format!("#{fragment}")).unwrap_or(text)
}

/// The verdict with the sentence below the question.
fn answer(app: &mut App) -> (String, String) {
    app.wait_for(".verdict");
    (app.text(".verdict"), app.text(".answer__sentence"))
}

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
    let usual = answer(&mut app);
    app.click_text("Ask for k8s-dev");
    app.wait_for(".verdict[data-verdict='unauthorized']");
    let asked = answer(&mut app);
    assert_ne!(asked, usual);
    app.click(".share");
    let with = shown_link(&mut app);
    app.click_text("The question of the question bar");
    app.wait_until("the link without the question", |app| shown_link(app) != with);
    let without = shown_link(&mut app);
    app.click_text("The answer as a card");
    let card = app.script("return document.querySelectorAll('.snippet__text')[1].innerText.split('#')[1]", vec![]);
    let card = format!("#{}", card.as_str().unwrap());
    assert!(without.len() < with.len() && with.len() < 60, "{with} {without}");
    // Browsers that know nothing of the first one.
    for (link, expected) in [(with, &asked), (without, &usual), (card, &asked)] {
        let mut other = App::open(&link);
        assert_eq!(&answer(&mut other), expected, "{link}");
        assert_eq!(other.count(".terminal__entry"), 0, "{link}");
    }
}

#[test]
fn page_and_files_travel_as_the_sharer_picks() {
    let mut app = App::open("#/access");
    app.type_line("echo mine > note");
    app.click(".share");
    app.wait_until("the link with the file", |app| shown_link(app).len() > 30);
    let all = shown_link(&mut app);
    assert!(all.starts_with("#/access?s=v2."), "{all}");
    app.click_text("The open page instead of the first one");
    app.wait_until("the link without the page", |app| shown_link(app).starts_with("#/?s="));
    app.click_text("The terminal's files and variables kubeconfig and profiles included");
    app.wait_until("the link without the file", |app| shown_link(app).len() < 30);
    let least = shown_link(&mut app);
    for (link, printed) in [(all, "mine"), (least, "No such file")] {
        let mut other = App::open(&link);
        other.type_line("cat note");
        other.wait_for_text(".terminal__log", printed);
    }
}

fn after(script: &str) -> Snapshot {
    let mut session = Session::new(scenario::walkthrough());
    terminal::run(&mut session, script);
    session.now().clone()
}

#[test]
fn a_link_never_runs_a_command() {
    // Everything that a shell could take for a command to run at its start.
    let delete = "kubectl delete namespace default";
    let mut snapshot =
        after("alias ls='kubectl delete namespace default'; export PROMPT_COMMAND='kubectl delete namespace default'");
    let workstation = Rc::make_mut(&mut snapshot.workstation);
    for file in [".bashrc", ".bash_profile", ".profile", ".kube/kuberc"] {
        workstation.write_with_parents(&format!("/home/user/{file}"), delete).unwrap();
    }
    let text = |text: &str| text.to_owned();
    let asked = Asked {
        who: text("profile:$(kubectl delete namespace default)"),
        verb: text("get; kubectl delete namespace default"),
        resource: text("pods"),
        namespace: text("default"),
        name: text("`kubectl delete namespace default`"),
    };
    let link = share::encode_with(&snapshot, Some(&asked));
    let mut app = App::open(&format!("#/?s={link}"));
    app.wait_for(".verdict");
    // The page writes its own address after a while: the world in it is the one of the link.
    let same = |app: &mut App| {
        let address = app.address();
        share::open(&address)
            .is_ok_and(|shared| shared == Shared { snapshot: snapshot.clone(), asked: Some(asked.clone()) })
    };
    app.wait_until("the address to be the page's own", |app| {
        app.script("return history.state", vec![]) == json!("ours")
    });
    assert!(same(&mut app), "{}", app.address());
    assert_eq!(app.count(".terminal__entry"), 0);
    app.goto("#/history");
    app.wait_for_text(".page", "History");
    assert_eq!(app.count(".nav__count:not(.nav__count--problems)"), 0, "no change was made");
    app.type_line("kubectl get namespace default -o name");
    app.wait_for_text(".terminal__log", "namespace/default");
}

#[test]
fn script_in_names_is_text() {
    let name = "<img src=x onerror=window.ran=1>";
    let script = format!(
        "aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::<ACCOUNTID>:user/k8s-dev --kubernetes-groups '{name}'
         kubectl create clusterrolebinding b --clusterrole=view --user='{name}'
         kubectl label namespace default a=b
         kubectl annotate namespace default 'note={name}'
         echo '{name}' > '{name}'"
    );
    let link = share::encode(&after(&script));
    let mut app = App::open(&format!("#/access?s={link}"));
    app.wait_for_text(".page", name);
    for page in ["#/", "#/kubernetes/clusterrolebindings/b", "#/problems", "#/kubernetes/namespaces/default"] {
        app.goto(page);
        app.wait_for(".page__inner");
    }
    app.type_line("ls; kubectl get clusterrolebinding b -o yaml");
    app.wait_for_text(".terminal__log", &format!("name: {name}"));
    assert_eq!(
        app.script("return [typeof window.ran, document.querySelectorAll('img').length]", vec![]),
        json!(["undefined", 0])
    );
}

/// A link of version 1 with this content and a right check sum.
fn sealed(content: &str) -> String {
    let packed = URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(content.as_bytes(), 9));
    let hash = packed.bytes().fold(0x811C_9DC5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("v1.{packed}.{:06x}", (hash >> 24 ^ hash) & 0x00FF_FFFF)
}

#[test]
fn hostile_links_are_refused_soon_and_the_work_before_is_there() {
    let objects: Vec<String> = (0..=share::MAX_OBJECTS)
        .map(|n| format!("\"pods default p{n}\":{{\"uid\":1,\"version\":1,\"created\":0,\"object\":{{}}}}"))
        .collect();
    let objects = format!(
        "{{\"w\":{{\"world\":{{\"clusters\":{{\"0\":{{\"objects\":{{\"objects\":{{{}}}}}}}}}}}}}}}",
        objects.join(",")
    );
    let hostile = [
        (sealed(&" ".repeat(share::MAX_JSON_BYTES + 1)), "holds more than 4000000 bytes"),
        (sealed(&objects), "more than 20000 objects"),
        (sealed(&"[".repeat(200_000)), "its content is no world"),
        (sealed("{\"w\":{\"world\":{\"account\":\"<script>alert(1)</script>\"}}}"), "is not 12 digits"),
        (sealed("{\"w\":{\"world\":{\"clusters\":7}}}"), "its content is no world"),
        ("v2.".to_owned() + &"A".repeat(share::MAX_LINK_CHARS), "longer than 200000 characters"),
    ];
    let mut app = App::open("");
    app.type_line("kubectl create namespace mine");
    app.wait_for_text(".terminal__log", "namespace/mine created");
    for (link, text) in hostile {
        // In the running page, which stays as it is, and as the first thing that a page opens.
        for is_first in [false, true] {
            if is_first {
                app.script("location.hash = '#/'; location.reload()", vec![]);
                app.wait_for(".terminal__input");
                let open = "history.replaceState(null, '', '#/?s=' + arguments[0]); location.reload()";
                app.script(open, vec![json!(link)]);
                app.wait_for_text(".flashes", "The link could not be opened, so this is your earlier work in this tab");
            } else {
                app.script("location.hash = '#/?s=' + arguments[0]", vec![json!(link)]);
                app.wait_for_text(".flashes", "The link could not be opened; nothing was changed");
            }
            app.wait_for_text(".flashes", text);
            app.type_line("clear");
            app.type_line("kubectl get namespace mine -o name");
            app.wait_for_text(".terminal__log", "namespace/mine");
        }
    }
    let mut app = App::open("#/?s=v2.AgMWnX");
    app.wait_for_text(".flashes", "The link could not be opened, so this is the starting world");
    app.wait_for_text(".flashes", "damaged or cut off");
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
    let pages = [
        "#/access",
        "#/access/create",
        "#/iam",
        "#/aws-auth",
        "#/aws-auth/mapUsers/0",
        "#/kubernetes/clusterroles",
        "#/kubernetes/clusterroles/view",
        "#/kubernetes/new/roles",
        "#/problems",
        "#/history",
        "#/",
    ];
    for page in pages {
        app.goto(page);
        app.wait_until("the page", |app| app.address().starts_with(page) && app.count(".page__inner") > 0);
        app.assert_no_console_errors();
    }
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
    assert!(app.requests().iter().all(|(_, status)| *status == 200), "{:?}", app.requests());
    // What it allows: no `unsafe-inline`, no `unsafe-eval`, no other origin; and it stands before anything else is asked for.
    let page = std::fs::read_to_string(Files::built().path("index.html")).unwrap();
    let (before, policy) = page.split_once("Content-Security-Policy").unwrap();
    let policy = policy.split('>').next().unwrap();
    assert!(!before.contains("<script") && !before.contains("<link"), "{before}");
    assert!(policy.contains("default-src 'none'") && policy.contains("'wasm-unsafe-eval'"), "{policy}");
    for forbidden in ["'unsafe-inline'", "'unsafe-eval'", "http:", "https:", "*"] {
        assert!(!policy.contains(forbidden), "{policy}");
    }
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
