//! No view has a fault of accessibility that a machine can find, in either theme, wide or narrow; none scrolls sideways.

use e2e::App;
use eks_access_playground::session::{Session, scenario, share};
use eks_access_playground::shell::terminal;

/// Commands after which every view has something to show, problems and refusals included.
const STORY: &str = "\
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::<ACCOUNTID>:user/k8s-admin
aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::<ACCOUNTID>:user/k8s-dev --kubernetes-groups developer
aws eks associate-access-policy --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::<ACCOUNTID>:user/k8s-dev --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy --access-scope type=namespace,namespaces=dev-*
kubectl create role reader --verb=get --resource=configmaps
kubectl create rolebinding reader --role=reader --group=developer
kubectl create clusterrolebinding lost --clusterrole=none --group=developer
AWS_PROFILE=k8s-dev-demo aws eks update-kubeconfig --name eks-demo-cluster";

const VIEWS: &[&str] = &[
    "#/",
    "#/access",
    "#/access/create",
    "#/clusters",
    "#/clusters/create",
    "#/access/entries/arn:aws:iam::111122223333:user%2Fk8s-dev",
    "#/iam",
    "#/aws-auth/line/1",
    "#/kubernetes/new/roles",
    "#/kubernetes/clusterrolebindings",
    "#/kubernetes/clusterroles/view",
    "#/kubernetes/rolebindings/default/reader",
    "#/problems",
    "#/history",
];

/// What it is, its view, how it is opened, and what shows that it is.
type Opened = (&'static str, &'static str, fn(&mut App), &'static str);

/// What opens above or within a view.
const OPENED: &[Opened] = &[
    ("mode", "#/access", |app| open_mode(app), "dialog .effects"),
    ("delete an entry", "#/access", |app| app.click(".entries__row .button"), "dialog .effects"),
    ("create an entry, policies", "#/access/create", |app| create_entry(app, 1), "#namespaces-1"),
    ("create an entry, review", "#/access/create", |app| create_entry(app, 2), ".facts"),
    ("create an entry, refused", "#/access/create", |app| app.click_text("Next"), "#principal-error"),
    ("edit an entry", ENTRY, |app| app.click_text("Edit"), "#username"),
    ("change the scope", ENTRY, |app| change_scope(app), "dialog .effects"),
    ("create a cluster", "#/clusters/create", |app| app.type_into("#cluster-name", "second"), ".effects"),
    ("recreate a user", "#/iam", |app| app.click("[aria-label='Recreate: k8s-dev']"), "dialog .command"),
    ("delete a user", "#/iam", |app| app.click("[aria-label='Delete: k8s-dev']"), "dialog .command"),
    ("save aws-auth", "#/aws-auth", |app| save_text(app, "#aws-auth-text"), "dialog .diff"),
    ("save an object", OBJECT, |app| save_text(app, "#object-text"), "dialog .diff"),
    ("delete an object", OBJECT, |app| app.click(".card__actions .button--danger"), "dialog .command"),
    ("create an object", "#/kubernetes/new/namespaces", |app| create_namespace(app), "dialog .command"),
    ("no role yet", "#/kubernetes/new/clusterroles", |app| app.click_text("Create"), ".field--bad"),
    ("the question", "#/access", |app| open_question(app), ".ask--open"),
    ("who acts", "#/", |app| app.click(".acting"), ".personas__menu"),
    ("share", "#/", |app| app.click(".share"), "dialog .snippet"),
    ("saved work", "#/", |app| app.click(".saved-work"), "dialog .saves__list"),
    ("filtered to nothing", "#/access", |app| app.type_into(".search input", "zzz"), ".empty"),
];

const ENTRY: &str = "#/access/entries/arn:aws:iam::111122223333:user%2Fk8s-dev";
const OBJECT: &str = "#/kubernetes/rolebindings/default/reader";

fn open_mode(app: &mut App) {
    app.click_text("Manage access");
    app.click("fieldset.choices label:nth-of-type(3)");
}

fn create_entry(app: &mut App, steps: usize) {
    app.type_into("#principal", "arn:aws:iam::111122223333:role/eks-cluster-role");
    app.click_text("Next");
    app.click(".choices--row label:nth-of-type(2)");
    app.type_into("#namespaces", "dev");
    app.click_text("Add new namespace");
    if steps > 1 {
        app.click_text("Add policy");
        app.click_text("Next");
    }
}

fn change_scope(app: &mut App) {
    app.click_text("Change scope");
    app.click("dialog .choices label:nth-of-type(1)");
}

fn save_text(app: &mut App, id: &str) {
    app.type_into(id, "# a remark\n");
    app.click_text("Save changes");
}

/// Its button is there on narrow screens only.
fn open_question(app: &mut App) {
    app.script("document.querySelector('.ask__fold').click()", vec![]);
}

fn create_namespace(app: &mut App) {
    app.type_into("#name", "team-a");
    app.click_text("Create");
}

fn story() -> Session {
    let mut session = Session::new(scenario::walkthrough());
    terminal::run(&mut session, STORY);
    session
}

fn faults_at(app: &mut App, place: &str) -> Vec<String> {
    // Half-way between two themes, no colour is what it will be.
    app.wait_until("colours to stand still", |app| app.script("return document.getAnimations().length", vec![]) == 0);
    let mut faults: Vec<String> =
        app.accessibility_faults().into_iter().map(|fault| format!("{place}: {fault}")).collect();
    if app.script("return document.documentElement.scrollWidth > innerWidth", vec![]) == true {
        faults.push(format!("{place}: the page scrolls sideways"));
    }
    let cut = "const dialog = document.querySelector('dialog[open]'); return Boolean(dialog) && dialog.scrollWidth > dialog.clientWidth";
    if app.script(cut, vec![]) == true {
        faults.push(format!("{place}: the dialog scrolls sideways"));
    }
    faults
}

#[test]
fn nothing_that_opens_has_a_fault_in_any_theme_or_width() {
    let mut session = story();
    // An administrator: what is refused opens nothing.
    terminal::run(&mut session, "aws eks update-kubeconfig --name eks-demo-cluster --profile default");
    let link = share::encode(session.now());
    let mut app = App::open("");
    let mut faults = Vec::new();
    for (name, view, open, sign) in OPENED {
        app.resize(1280, 900);
        app.goto(&format!("{view}?s={link}"));
        app.reload();
        app.wait_for(".verdict");
        open(&mut app);
        app.wait_for(sign);
        app.script("document.querySelectorAll('dialog details').forEach((each) => { each.open = true; })", vec![]);
        for (dark, width) in [(false, 1280), (false, 320), (true, 320), (true, 1280)] {
            app.set_theme(dark);
            app.resize(width, 900);
            let theme = if dark { "dark" } else { "light" };
            faults.extend(faults_at(&mut app, &format!("{name}, {theme}, {width} px")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_view_has_a_fault_in_any_theme_or_width() {
    let session = story();
    let link = share::encode(session.now());
    let text = str::to_owned;
    let asked = share::Asked {
        who: text("user:jane\nteam"),
        verb: text("get"),
        resource: text("secrets"),
        namespace: text("default"),
        ..share::Asked::default()
    };
    let stated = format!("#/?s={}", share::encode_with(session.now(), Some(&asked)));
    let views: Vec<String> = VIEWS.iter().map(|view| format!("{view}?s={link}")).chain([stated]).collect();
    let mut app = App::open("");
    app.type_line("kubectl auth can-i list pods");
    let mut faults = Vec::new();
    for dark in [false, true] {
        app.set_theme(dark);
        for width in [320, 1280] {
            app.resize(width, 900);
            for view in &views {
                app.goto(view);
                // Otherwise only the fragment is another one, and the page may still be the one before.
                app.reload();
                app.wait_for(".verdict");
                app.script("document.querySelectorAll('details').forEach((each) => { each.open = true; })", vec![]);
                let theme = if dark { "dark" } else { "light" };
                let view = view.split('?').next().unwrap_or_default();
                faults.extend(faults_at(&mut app, &format!("{view}, {theme}, {width} px")));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn top_bar_and_question_stay_in_one_line_between_phone_and_desk() {
    let mut app = App::open("#/access");
    for width in [721, 768, 901, 1001, 1024, 1121, 1280] {
        app.resize(width, 900);
        let height =
            "return Math.max(...['.top', '.question'].map((each) => document.querySelector(each).offsetHeight))";
        app.wait_until(&format!("one line each at {width} px"), |app| {
            app.script(height, vec![]).as_u64().is_some_and(|height| height < 60)
        });
        assert_eq!(app.script("return document.documentElement.scrollWidth > innerWidth", vec![]), false, "{width} px");
    }
}

#[test]
fn a_fault_is_noticed() {
    let mut app = App::open("");
    app.script("document.querySelector('.page').append(document.createElement('button'))", vec![]);
    let faults = app.accessibility_faults();
    assert!(faults.iter().any(|fault| fault.starts_with("button-name")), "{faults:?}");
}
