//! Every flow by keyboard alone: no click, and no focus that a script moves. A dialog takes the focus, keeps it, and gives
//! it back; what goes away hands it on.

use std::rc::Rc;

use e2e::App;
use e2e::keys::{BACK_TAB, CONTROL, DOWN, ENTER, ESCAPE, SHIFT, SPACE, TAB, UP};
use eks_access_playground::session::{Session, scenario, share};
use eks_access_playground::shell::terminal;

/// The name of the terminal's input.
const PROMPT: &str = "default~/work$Command";
const CREATOR: &str = "arn:aws:iam::111122223333:user/cluster-creator";

/// Opens a page in the starting world after a script.
fn open_after(page: &str, script: &str) -> App {
    let mut session = Session::new(scenario::walkthrough());
    terminal::run(&mut session, script);
    App::open(&format!("{page}?s={}", share::encode(session.now())))
}

fn entry_page(arn: &str) -> String {
    format!("#/access/entries/{}", arn.replace('/', "%2F"))
}

/// Tab goes round within the dialog, in both directions, and the page behind is out of reach.
fn assert_trapped(app: &mut App) {
    let inside =
        "return document.activeElement === document.body || Boolean(document.activeElement.closest('dialog[open]'))";
    for key in [TAB, BACK_TAB] {
        for _ in 0..12 {
            app.keys(key);
            assert_eq!(app.script(inside, vec![]), true, "the focus stays in the dialog, not on «{}»", app.focused());
        }
    }
}

/// Closes a dialog by Escape; the focus is back on what opened it.
fn escape_to(app: &mut App, opener: &str) {
    app.keys(ESCAPE);
    app.wait_for_none("dialog");
    app.wait_for_focus(opener);
}

#[test]
fn the_first_tab_skips_to_the_page() {
    let mut app = App::open("#/access");
    app.keys(TAB);
    assert_eq!(app.focused(), "Skip to the page");
    app.keys(ENTER);
    app.wait_for_focus("main");
    app.tab_to("Manage access");
}

#[test]
fn an_entry_is_created_in_three_steps() {
    let mut app = App::open("#/access");
    app.tab_to("Create access entry");
    app.keys(ENTER);
    app.wait_for_focus("main");
    app.tab_to("IAM principal");
    app.tab_to("Next");
    app.keys(ENTER);
    app.wait_for_text("#principal-error", "Choose or type a principal");
    app.wait_for_focus("IAM principal");
    app.keys("arn:aws:iam::111122223333:user/k8s-dev");
    app.tab_to("Groups");
    app.keys("developer");
    app.tab_to("Next");
    app.keys(ENTER);
    app.wait_for_focus("Step 2 of 3: Add access policy");
    app.tab_to("Policy name");
    app.keys("AmazonEKSV");
    app.tab_to("Cluster");
    app.keys(DOWN);
    app.wait_for_focus("Kubernetes namespace");
    app.tab_to("Namespace");
    app.keys("dev-*");
    app.tab_to("Add new namespace");
    app.keys(ENTER);
    app.wait_for_focus("Namespace 2");
    app.keys("qa");
    app.tab_to("Add new namespace");
    app.keys(ENTER);
    app.wait_for_focus("Namespace 3");
    app.tab_to("Remove namespace 3");
    app.keys(ENTER);
    app.wait_until("two fields", |app| app.count(".namespaces__row") == 2);
    app.assert_focus_is_kept();
    app.tab_to("Add policy");
    app.keys(ENTER);
    app.wait_for_text(".added", "namespaces dev-*, qa");
    app.wait_for_focus("Policy name");
    app.back_to("Remove AmazonEKSViewPolicy");
    app.keys(ENTER);
    app.wait_for_none(".added__row");
    app.assert_focus_is_kept();
    app.tab_to("Policy name");
    app.keys("AmazonEKSV");
    app.tab_to("Add policy");
    app.keys(ENTER);
    app.wait_for_text(".added", "scope cluster");
    app.tab_to("Previous");
    app.keys(ENTER);
    app.wait_for_focus("Step 1 of 3: Configure IAM access entry");
    app.tab_to("Next");
    app.keys(ENTER);
    app.wait_for_focus("Step 2 of 3: Add access policy");
    app.tab_to("Next");
    app.keys(ENTER);
    app.wait_for_focus("Step 3 of 3: Review and create");
    app.tab_to("Create");
    app.keys(ENTER);
    app.wait_for_text(".entries", "user/k8s-dev");
    app.wait_for_focus("main");
}

#[test]
fn an_entry_is_edited() {
    let mut app = App::open(&entry_page(CREATOR));
    app.tab_to("Edit");
    app.keys(ENTER);
    app.wait_for_focus("Username");
    app.tab_to("Cancel");
    app.keys(ENTER);
    app.wait_for_focus("Edit");
    app.keys(SPACE);
    app.tab_to("Groups");
    app.keys("system:x");
    app.tab_to("Save changes");
    app.keys(ENTER);
    app.wait_for_text(".field__error", "system:");
    app.wait_for_focus("Groups");
    app.keys(&format!("{CONTROL}a"));
    app.keys("team-a");
    app.tab_to("Save changes");
    app.keys(ENTER);
    app.wait_for_text(".facts", "team-a");
    app.wait_for_focus("Edit");
}

#[test]
fn policies_are_associated_rescoped_and_removed() {
    let mut app = App::open(&entry_page(CREATOR));
    app.tab_to("Policy name");
    app.keys("AmazonEKSV");
    app.tab_to("Add access policy");
    app.keys(ENTER);
    app.wait_for_text(".added", "AmazonEKSViewPolicy");
    app.wait_for_focus("Policy name");
    app.back_to("Change scope of AmazonEKSViewPolicy");
    app.keys(ENTER);
    app.wait_for("dialog");
    assert_trapped(&mut app);
    escape_to(&mut app, "Change scope of AmazonEKSViewPolicy");
    app.keys(ENTER);
    app.wait_for("dialog");
    app.tab_to("Cluster");
    app.keys(DOWN);
    app.tab_to("Namespace");
    app.keys("team-a");
    app.tab_to("Change scope");
    app.keys(ENTER);
    app.wait_for_text(".added", "namespace team-a");
    app.wait_for_focus("Change scope of AmazonEKSViewPolicy");
    app.tab_to("Remove AmazonEKSViewPolicy");
    app.keys(ENTER);
    app.wait_until("one policy", |app| app.count(".added__row") == 1);
    app.wait_for_focus("Remove AmazonEKSClusterAdminPolicy");
}

#[test]
fn entries_are_deleted_and_the_next_one_has_the_focus() {
    let mut app = App::open("#/access");
    app.tab_to("Delete the access entry of arn:aws:iam::111122223333:role/eks-node-role");
    app.keys(ENTER);
    app.wait_for_focus("Cancel");
    assert_trapped(&mut app);
    escape_to(&mut app, "Delete the access entry of arn:aws:iam::111122223333:role/eks-node-role");
    app.keys(ENTER);
    app.wait_for_focus("Cancel");
    app.tab_to("Delete");
    app.keys(ENTER);
    app.wait_until("one row", |app| app.count(".entries__row") == 1);
    app.wait_for_focus(&format!("Delete the access entry of {CREATOR}"));
    // By selection.
    app.back_to(&format!("Select {CREATOR}"));
    app.keys(SPACE);
    app.back_to("Delete 1 selected");
    app.keys(ENTER);
    app.wait_for_focus("Cancel");
    app.tab_to("Delete");
    app.keys(ENTER);
    app.wait_for_text(".empty", "No access entries");
    app.assert_focus_is_kept();
    app.keys(&format!("{CONTROL}z"));
    app.wait_for_text(".entries", "cluster-creator");
    app.assert_focus_is_kept();
}

#[test]
fn an_entry_is_deleted_on_its_page() {
    let mut app = App::open(&entry_page(CREATOR));
    app.tab_to("Delete");
    app.keys(ENTER);
    app.wait_for_focus("Cancel");
    app.tab_to("Delete");
    app.keys(ENTER);
    app.wait_until("the list", |app| app.count(".entries__row") == 1);
    app.wait_for_focus("main");
}

/// In the open dialog of the mode: chooses the one after the present one, sees who loses access, and saves.
fn save_the_next_mode(app: &mut App) {
    while !app.focused().starts_with("EKS API and ConfigMap") {
        app.keys(TAB);
    }
    app.keys(DOWN);
    app.wait_for_text(".dialog .effects", "k8s-admin");
    app.tab_to("Save changes");
    app.keys(ENTER);
    app.wait_for_none("dialog");
    app.wait_for_focus("Manage access");
}

#[test]
fn the_mode_is_changed_in_its_dialog() {
    let mut app = App::open("#/access");
    app.tab_to("Manage access");
    app.keys(ENTER);
    app.wait_for("dialog");
    assert_trapped(&mut app);
    escape_to(&mut app, "Manage access");
    app.keys(SPACE);
    app.wait_for("dialog");
    save_the_next_mode(&mut app);
    app.wait_for_text(".top__cluster .mode-badge", "API");
}

#[test]
fn the_end_of_an_update_is_waited_for() {
    let mut now = scenario::walkthrough();
    // Here a change of the mode takes its time, as on AWS.
    Rc::make_mut(&mut now.world).update_millis = 60_000;
    let mut app = App::open(&format!("#/access?s={}", share::encode(&now)));
    app.tab_to("Manage access");
    app.keys(ENTER);
    app.wait_for("dialog");
    save_the_next_mode(&mut app);
    app.wait_for_text(".note[role=status]", "Access config update: EKS API in progress");
    app.wait_for_text("[aria-labelledby=updates-title]", "Updating");
    app.wait_for_text(".top__cluster .mode-badge", "API_AND_CONFIG_MAP");
    app.tab_to("Wait for its end");
    app.keys(ENTER);
    app.wait_for_text(".flash", "The update has ended");
    app.wait_for_text("[aria-labelledby=updates-title]", "Successful");
    app.wait_for_none(".note[role=status]");
    // What was pressed is gone: its neighbour takes over.
    app.wait_for_focus("Manage access");
    // Back before its end, it can be waited for again.
    app.keys(&format!("{CONTROL}z"));
    app.wait_for_text("[aria-labelledby=updates-title]", "Updating");
    app.tab_to("Wait for its end");
}

#[test]
fn principals_are_created_recreated_and_deleted() {
    let mut app = App::open("#/iam");
    app.tab_to("User");
    app.keys(DOWN);
    app.wait_for_focus("Role");
    app.tab_to("Name");
    app.keys("bad name");
    app.keys(ENTER);
    app.wait_for_text("#iam-name-error", "ValidationError");
    app.wait_for_focus("Name");
    app.keys(&format!("{CONTROL}a"));
    app.keys("ops");
    app.keys(ENTER);
    app.wait_for_text(".flash", "Created ops");
    app.wait_for_focus("Name");
    app.back_to("Recreate: ops");
    app.keys(ENTER);
    app.wait_for_focus("Cancel");
    assert_trapped(&mut app);
    app.tab_to("Recreate");
    app.keys(ENTER);
    app.wait_for_text(".flash", "Recreated ops");
    app.wait_for_focus("Recreate: ops");
    app.tab_to("Delete: ops");
    let rows = app.count(".principals__row");
    app.keys(ENTER);
    app.wait_for_focus("Cancel");
    app.tab_to("Delete");
    app.keys(ENTER);
    app.wait_until("one row less", |app| app.count(".principals__row") + 1 == rows);
    assert!(app.focused().starts_with("Delete: "), "{}", app.focused());
    // A user gets a profile, by which both tools then act.
    app.tab_to("Name");
    app.back_to("Role");
    app.keys(UP);
    app.tab_to("Name");
    app.keys("eve\u{e007}");
    app.wait_for_text(".flash", "Created eve");
    app.back_to("Make profile: eve");
    app.keys(ENTER);
    app.wait_for_text(".profiles__row:last-of-type", "user/eve");
    app.assert_focus_is_kept();
    app.back_to("Both tools act by profile eve");
    app.keys(ENTER);
    app.wait_for_text(".acting", "eve");
    app.assert_focus_is_kept();
}

#[test]
fn the_persona_menu_opens_closes_and_switches() {
    let mut app = App::open("");
    app.tab_to("acting ascluster-creator: switch");
    app.keys(ENTER);
    app.wait_for(".personas__menu");
    app.keys(ESCAPE);
    app.wait_for_none(".personas__menu");
    app.wait_for_focus("acting ascluster-creator: switch");
    app.keys(SPACE);
    app.wait_for(".personas__menu");
    while !app.focused().contains("k8s-dev") {
        app.keys(TAB);
        app.assert_focus_is_kept();
    }
    app.keys(ENTER);
    app.wait_for_none(".personas__menu");
    app.wait_for_focus("acting ask8s-dev: switch");
    app.keys(ENTER);
    app.wait_for(".personas__menu");
    // Whoever goes on past the menu leaves no menu behind.
    app.tab_to("Undo");
    app.wait_for_none(".personas__menu");
}

#[test]
fn the_dialogs_of_the_top_bar_give_the_focus_back() {
    let mut app = App::open("");
    for (opener, inside) in [("API_AND_CONFIG_MAP", "Save changes"), ("Saved work", "Close"), ("Share", "Close")] {
        let opener = if inside == "Save changes" { "Authentication mode API_AND_CONFIG_MAP" } else { opener };
        app.tab_to(opener);
        app.keys(ENTER);
        app.wait_for("dialog");
        assert_trapped(&mut app);
        escape_to(&mut app, opener);
    }
    app.keys(ENTER);
    app.wait_for("dialog");
    app.tab_to("QR code");
    app.keys(ENTER);
    app.wait_for(".qr");
    app.tab_to("Close");
    app.keys(ENTER);
    app.wait_for_none("dialog");
    app.wait_for_focus("Share");
}

#[test]
fn work_is_saved_renamed_and_deleted() {
    let mut app = App::open("");
    app.tab_to("Saved work");
    app.keys(ENTER);
    app.wait_for("dialog");
    app.tab_to("Name");
    app.keys("one\u{e007}");
    app.wait_for_text(".saves__list", "one");
    app.assert_focus_is_kept();
    app.tab_to("Rename one");
    app.keys(ENTER);
    app.wait_for_focus("New name of one");
    app.keys("two\u{e007}");
    app.wait_for_text(".saves__list", "two");
    app.assert_focus_is_kept();
    app.tab_to("Delete two");
    app.keys(ENTER);
    // Not on what cannot be taken back.
    app.wait_for_focus("Keep");
    app.keys(ENTER);
    app.assert_focus_is_kept();
    app.tab_to("Delete two");
    app.keys(ENTER);
    app.tab_to("Delete for good");
    app.keys(ENTER);
    app.wait_until("no save", |app| app.count(".save") == 0);
    app.assert_focus_is_kept();
    app.keys(ESCAPE);
    app.wait_for_none("dialog");
    app.wait_for_focus("Saved work");
}

#[test]
fn aws_auth_is_edited_and_left() {
    let mut app = App::open("#/aws-auth");
    app.tab_to("Sections of aws-auth, as YAML");
    // Tab leads through an editor that nobody has typed in.
    app.keys(TAB);
    assert_ne!(app.focused(), "Sections of aws-auth, as YAML");
    app.back_to("Sections of aws-auth, as YAML");
    app.keys("\u{e009}\u{e010}");
    app.keys("  - userarn: arn:aws:iam::111122223333:user/k8s-dev\u{e007}");
    app.keys("  username: dev");
    app.keys(TAB);
    assert_eq!(app.focused(), "Sections of aws-auth, as YAML", "while one types, Tab indents");
    app.wait_for_text(".reading", "user/k8s-dev");
    app.keys(ESCAPE);
    app.keys(BACK_TAB);
    app.wait_for_focus("Save changes");
    app.keys(ENTER);
    app.wait_for_focus("Save");
    assert_trapped(&mut app);
    app.tab_to("Save");
    app.keys(ENTER);
    app.wait_for_text(".flash", "Saved aws-auth");
    app.assert_focus_is_kept();
    app.tab_to("Sections of aws-auth, as YAML");
    app.keys("x");
    app.wait_for(".remark__line");
    app.keys(ESCAPE);
    app.tab_to("Line 4");
    app.keys(ENTER);
    app.wait_for_focus("Sections of aws-auth, as YAML");
    app.keys(ESCAPE);
    app.back_to("Discard");
    app.keys(ENTER);
    app.wait_for_none(".remark--error");
    app.assert_focus_is_kept();
}

#[test]
fn a_role_and_a_binding_are_made_edited_and_deleted() {
    let mut app = App::open("#/kubernetes/clusterroles");
    app.tab_to("New cluster role");
    app.keys(ENTER);
    app.wait_for_focus("main");
    app.tab_to("Create");
    app.keys(ENTER);
    app.wait_for(".field--bad");
    app.wait_for_focus("Name");
    app.keys("reader");
    app.tab_to("get");
    app.keys(SPACE);
    app.tab_to("list");
    app.keys(ENTER);
    app.tab_to("Resources");
    app.keys("pods");
    app.tab_to("Add a rule");
    app.keys(ENTER);
    app.tab_to("Remove rule 2");
    app.keys(ENTER);
    app.wait_until("one rule", |app| app.count(".part") == 1);
    app.assert_focus_is_kept();
    app.tab_to("Create");
    app.keys(ENTER);
    app.wait_for_focus("Create");
    app.keys(ENTER);
    app.wait_for_text("#main", "reader");
    app.wait_for_focus("main");
    // The binding, by the tabs of the list.
    app.tab_to("Cluster role bindings");
    app.keys(ENTER);
    app.wait_for_text(".tabs__tab--current", "Cluster role bindings");
    app.assert_focus_is_kept();
    app.tab_to("New cluster role binding");
    app.keys(ENTER);
    app.tab_to("Name");
    app.keys("readers");
    app.tab_to("Role");
    app.keys("reader");
    app.tab_to("Kind");
    app.keys("User");
    app.tab_to("Name");
    app.keys("jane");
    app.tab_to("Create");
    app.keys(ENTER);
    app.wait_for("dialog");
    app.wait_for_focus("Create");
    app.keys(ENTER);
    app.wait_for_text(".table", "readers");
    app.tab_to("readers");
    app.keys(ENTER);
    app.wait_for_text("#object-title", "readers");
    app.assert_focus_is_kept();
    app.tab_to("The object, as YAML");
    app.keys(TAB);
    app.assert_focus_is_kept();
    app.back_to("Delete");
    app.keys(ENTER);
    app.wait_for_focus("Cancel");
    app.tab_to("Delete");
    app.keys(ENTER);
    app.wait_for_text(".flash", "Deleted readers");
    app.wait_for_focus("main");
}

#[test]
fn an_object_is_opened_edited_and_saved() {
    let mut app =
        open_after("#/kubernetes/clusterroles", "kubectl create clusterrole reader --verb=get --resource=pods");
    app.tab_to("reader");
    app.keys(ENTER);
    app.wait_for_text("#object-title", "reader");
    app.assert_focus_is_kept();
    app.tab_to("The object, as YAML");
    // One more verb, behind the last line.
    app.keys(&format!("{CONTROL}\u{e010}"));
    app.keys("  - watch");
    app.wait_for_text(".reading", "Get and watch pods.");
    app.keys(ESCAPE);
    app.back_to("Save changes");
    app.keys(ENTER);
    app.wait_for_text("dialog .diff__line--added", "- watch");
    app.wait_for_focus("Save");
    assert_trapped(&mut app);
    escape_to(&mut app, "Save changes");
    app.keys(ENTER);
    app.wait_for_focus("Save");
    app.keys(ENTER);
    app.wait_for_text(".flash", "Saved reader");
    app.wait_for_none("dialog");
    app.assert_focus_is_kept();
    app.wait_until("nothing to save", |app| {
        app.property(".card__actions .button--primary", "disabled").as_deref() == Some("true")
    });
    // What was typed, taken back before it is saved.
    app.tab_to("The object, as YAML");
    app.keys(&format!("{CONTROL}\u{e010}"));
    app.keys("x");
    app.wait_for(".remark--error");
    app.keys(ESCAPE);
    app.back_to("Discard");
    app.keys(ENTER);
    app.wait_for_none(".remark--error");
    app.wait_for_text(".reading", "Get and watch pods.");
    app.wait_until("a focus", |app| !app.focused().is_empty());
}

#[test]
fn a_narrow_screen_opens_the_question() {
    let mut app = App::open("#/access");
    app.resize(360, 740);
    let top = "return document.querySelector('#mode-title').getBoundingClientRect().bottom";
    app.wait_until("the page's heading in the first screen", |app| {
        app.script(top, vec![]).as_f64().is_some_and(|top| top < 300.0)
    });
    app.tab_to("The question");
    app.keys(TAB);
    assert_eq!(app.focused(), "Clusters", "closed, the fields are out of the way");
    app.back_to("The question");
    app.keys(ENTER);
    app.tab_to("who");
    app.tab_to("verb");
    app.keys(&format!("{CONTROL}a"));
    app.keys("frobnicate");
    app.wait_for_text(".answer__sentence", "frobnicate");
    app.back_to("The question");
    app.keys(SPACE);
    app.wait_for_none(".ask--open");
    app.assert_focus_is_kept();
}

#[test]
fn a_question_is_asked_mended_taken_back_and_made_again() {
    let mut app = App::open("");
    app.tab_to("who");
    while !app.script("return document.activeElement.selectedOptions[0].label", vec![]).to_string().contains("k8s-dev")
    {
        app.keys(DOWN);
    }
    app.wait_for(".verdict[data-verdict='unauthorized']");
    app.tab_to("verb");
    app.keys(&format!("{CONTROL}a"));
    app.keys("get");
    app.tab_to("resource or URL");
    app.keys(&format!("{CONTROL}a"));
    app.keys("secrets");
    app.tab_to("namespace");
    app.keys("kube-s");
    app.wait_for_text(".answer__sentence", "k8s-dev is not logged in");
    app.wait_for_text(".elsewhere", "The same question");
    app.tab_to("Apply");
    app.keys(ENTER);
    app.wait_for(".verdict[data-verdict='yes']");
    app.assert_focus_is_kept();
    app.keys(&format!("{CONTROL}z"));
    app.wait_for(".verdict[data-verdict='unauthorized']");
    app.keys(&format!("{CONTROL}{SHIFT}z"));
    app.wait_for(".verdict[data-verdict='yes']");
    while !app.focused().starts_with("Everything that was looked at") {
        app.keys(TAB);
    }
    app.keys(ENTER);
    app.wait_for(".looked[open]");
}

#[test]
fn the_history_goes_back_and_forth() {
    let mut app = App::open("");
    app.keys(&format!("{CONTROL}`"));
    app.keys("kubectl create ns team-a\u{e007}");
    app.wait_for_text(".terminal__log", "namespace/team-a created");
    app.keys("kubectl create ns team-b\u{e007}");
    app.wait_for_text(".terminal__log", "namespace/team-b created");
    app.keys(ESCAPE);
    app.tab_to("History2 changes");
    app.keys(ENTER);
    app.wait_for(".history");
    app.tab_to("Go back to here");
    app.keys(ENTER);
    app.wait_until("one row taken back", |app| app.count(".history__row--undone") == 1);
    app.assert_focus_is_kept();
    app.tab_to("Go back to the start");
    app.keys(ENTER);
    app.wait_until("both rows taken back", |app| app.count(".history__row--undone") == 2);
    app.assert_focus_is_kept();
    app.tab_to("Redo");
    app.keys(ENTER);
    app.wait_until("one row taken back", |app| app.count(".history__row--undone") == 1);
    app.keys(ENTER);
    app.wait_until("no row taken back", |app| app.count(".history__row--undone") == 0);
    app.assert_focus_is_kept();
}

#[test]
fn a_finding_is_mended_and_filters_are_pressed() {
    let mut app =
        open_after("#/problems", "kubectl create clusterrolebinding lost --clusterrole=none --group=developer");
    app.wait_for_text(".problems", "ClusterRoleBinding lost");
    let before = app.count(".problem");
    app.tab_to("Do it");
    app.keys(ENTER);
    app.wait_until("one problem less", |app| app.count(".problem") < before);
    app.assert_focus_is_kept();
    let all = app.count(".problem");
    app.tab_to(&format!("All {all}"));
    app.keys(TAB);
    app.keys(SPACE);
    app.assert_focus_is_kept();
}

#[test]
fn lists_are_searched_filtered_sorted_and_paged() {
    let lines: String = (0..45)
        .map(|number| {
            format!("kubectl create clusterrolebinding binding-{number:02} --clusterrole=view --user=u{number}\n")
        })
        .collect();
    let mut app = open_after("#/kubernetes/clusterrolebindings", &lines);
    app.tab_to("Next");
    app.keys(ENTER);
    app.wait_for_text(".pages__range", "21");
    app.keys(ENTER);
    // At the end there is no next page, and the focus goes to its neighbour.
    app.wait_for_text(".pages__range", "41");
    app.wait_for_focus("Previous");
    app.keys(ENTER);
    app.wait_for_text(".pages__range", "21");
    app.back_to("Name");
    app.keys(ENTER);
    app.wait_for("th[aria-sort='descending']");
    app.assert_focus_is_kept();
    app.back_to("Find objects");
    app.keys("nothing like it");
    app.wait_for_text(".empty", "No match");
    app.tab_to("Clear the search");
    app.keys(ENTER);
    app.wait_for_none(".empty");
    app.assert_focus_is_kept();
}

#[test]
fn entries_are_filtered_by_type() {
    let mut app = App::open("#/access");
    app.tab_to("Type");
    app.keys("EC2");
    app.wait_until("one row", |app| app.count(".entries__row") == 1);
    app.back_to("Find access entries");
    app.keys("zzz");
    app.wait_for_text(".empty", "No match");
    app.tab_to("Clear the filters");
    app.keys(ENTER);
    app.wait_until("both rows", |app| app.count(".entries__row") == 2);
    app.assert_focus_is_kept();
}

#[test]
fn the_terminal_is_reached_and_left() {
    let mut app = App::open("#/access");
    app.keys(&format!("{CONTROL}`"));
    app.wait_for_focus(PROMPT);
    app.keys("kubectl get po");
    app.keys(ESCAPE);
    app.keys(TAB);
    assert_ne!(app.focused(), PROMPT, "after Escape, Tab leaves");
    app.back_to("Height of the terminal");
    let height = app.property(".drawer__edge", "aria-valuenow");
    app.keys(UP);
    app.wait_until("a higher drawer", |app| app.property(".drawer__edge", "aria-valuenow") != height);
    app.tab_to("Collapse the terminal");
    app.keys(ENTER);
    app.wait_for(".drawer--closed");
    app.wait_for_focus("Open the terminal");
    app.keys(ENTER);
    app.wait_for_none(".drawer--closed");
    app.wait_for_focus("Collapse the terminal");
}

#[test]
fn a_message_is_dismissed_and_undone() {
    let mut app = App::open("#/access");
    app.tab_to(&format!("Delete the access entry of {CREATOR}"));
    app.keys(ENTER);
    app.wait_for_focus("Cancel");
    app.tab_to("Delete");
    app.keys(ENTER);
    app.wait_for_text(".flash", "Deleted the access entry");
    app.wait_until("one row", |app| app.count(".entries__row") == 1);
    app.assert_focus_is_kept();
    while app.focused() != "Undo"
        || app.script("return Boolean(document.activeElement.closest('.flash'))", vec![]) != true
    {
        app.keys(BACK_TAB);
    }
    app.keys(ENTER);
    app.wait_for_text(".flash", "Undid");
    app.assert_focus_is_kept();
    app.tab_to("Dismiss");
    app.keys(ENTER);
    app.wait_for_none(".flash");
    app.assert_focus_is_kept();
}

#[test]
fn a_cluster_is_created_and_another_one_shown() {
    let mut app = App::open("#/access");
    app.tab_to("Clusters");
    app.keys(ENTER);
    app.wait_for_focus("main");
    app.tab_to("Create cluster");
    app.keys(ENTER);
    app.wait_for_focus("main");
    app.tab_to("Create");
    app.keys(ENTER);
    app.wait_for_text("#cluster-name-error", "Give the cluster a name");
    app.wait_for_focus("Name");
    app.keys("second");
    app.tab_to("Allow cluster administrator access");
    app.keys(DOWN);
    app.wait_for_focus("Disallow cluster administrator access");
    app.tab_to("Create");
    app.keys(ENTER);
    app.wait_for_text(".top__cluster", "second");
    app.wait_for_text(".empty", "No access entries");
    app.wait_for(".verdict[data-verdict='unauthorized']");
    app.wait_for_focus("main");
    app.tab_to("Clusters");
    app.keys(ENTER);
    app.tab_to("Show eks-demo-cluster");
    app.keys(ENTER);
    app.wait_for_text(".top__cluster", "eks-demo-cluster");
    app.assert_focus_is_kept();
}
