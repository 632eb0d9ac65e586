//! The Access and IAM pages: what is told before a change, lists, and who acts.

use e2e::App;

const CREATOR: &str = "arn:aws:iam::111122223333:user/cluster-creator";

#[test]
fn the_mode_dialog_says_who_loses_before_it_is_confirmed() {
    let mut app = App::open("#/access");
    app.click_text("Manage access");
    assert_eq!(app.count(".effects__person"), 0);
    app.click("fieldset.choices label:nth-of-type(3)");
    app.wait_for_text(".dialog .effects", "k8s-admin");
    app.wait_for_text(".dialog .effects", "can no longer log in (401)");
    app.click_text("Cancel");
    app.wait_for_text(".mode-badge", "API_AND_CONFIG_MAP");
    app.assert_no_console_errors();
}

#[test]
fn entries_are_sorted_filtered_and_deleted_by_selection() {
    let mut app = App::open("#/access");
    app.wait_for("th[aria-sort='ascending']");
    app.click_text("Username");
    app.click_text("Username");
    app.wait_for("th[aria-sort='descending']");
    app.type_into(".search input", "nothing of the kind");
    app.wait_for_text(".empty", "No match");
    app.click_text("Clear the filters");
    app.wait_for(".entries__row");
    app.click("thead .tick input");
    app.click_text("Delete 2 selected");
    app.wait_for_text(".dialog .effects", "cluster-creator");
    app.click(".dialog .button--danger");
    app.wait_for_text(".empty", "No access entries");
    app.click("[aria-label='Undo']");
    app.wait_until("both entries to be back", |app| app.count(".entries__row") == 2);
    app.assert_no_console_errors();
}

#[test]
fn a_user_made_anew_leaves_a_dead_entry_that_can_be_mended() {
    let mut app = App::open("#/iam");
    // Nobody can go on as a user that was just deleted, so somebody else does it.
    app.click("[aria-label='Recreate: cluster-creator']");
    app.wait_for_text(".dialog", "This would be refused. InvalidClientTokenId");
    app.wait_for(".dialog .button--danger:disabled");
    app.click_text("Cancel");
    app.click("[aria-label='Both tools act by profile k8s-admin-demo']");
    app.wait_for_text(".acting", "k8s-admin");
    app.click("[aria-label='Recreate: cluster-creator']");
    app.wait_for_text(".dialog", "another unique ID");
    app.click(".dialog .button--danger");
    app.wait_for_text("#main", "Dead entry");
    app.wait_for_text("#main", "UnrecognizedClientException");
    app.goto(&format!("#/access/entries/{}", CREATOR.replace('/', "%2F")));
    app.click_text("Delete and create it again");
    app.wait_until("the warning to go", |app| app.count(".note--warn") == 0);
    // The dead profile gets the new user's key.
    app.goto("#/iam");
    app.click_text("Renew with the key of cluster-creator");
    app.wait_for_text(".profiles__row:first-of-type", "user/cluster-creator");
    app.wait_until("no dead profile", |app| app.count(".profiles__row .bad") == 0);
    app.assert_no_console_errors();
}

#[test]
fn a_policy_gets_another_scope() {
    let mut app = App::open(&format!("#/access/entries/{}", CREATOR.replace('/', "%2F")));
    app.wait_for_text(".added", "scope cluster");
    app.click_text("Change scope");
    app.wait_for(".dialog .button--primary:disabled");
    app.click(".dialog .choices label:nth-of-type(2)");
    app.type_into("#new-namespaces", "dev-*");
    app.wait_for_text(".dialog .effects", "cluster-creator");
    app.wait_for_text(".dialog .command__text", "--access-scope 'type=namespace,namespaces=dev-*'");
    app.click(".dialog .button--primary");
    app.wait_for_text(".added", "scope namespace dev-*");
    app.click("[aria-label='Undo']");
    app.wait_for_text(".added", "scope cluster");
    app.assert_no_console_errors();
}

#[test]
fn the_menu_switches_the_context_where_there_are_several() {
    let mut app = App::open("");
    app.click(".acting");
    app.wait_for(".personas__choice");
    assert!(!app.text(".personas__menu").contains("context"), "with one there is nothing to choose");
    app.press("\u{e00c}");
    app.wait_for_none(".personas__menu");
    app.type_line(
        "aws eks update-kubeconfig --name eks-demo-cluster --profile k8s-dev-demo --alias dev --user-alias dev",
    );
    app.wait_for_text(".acting", "k8s-dev");
    app.click(".acting");
    app.click(".personas ul:nth-of-type(2) li:first-of-type button");
    app.wait_for_text(".terminal__log", "kubectl config use-context arn:aws:eks");
    app.wait_until("kubectl to act as the creator again", |app| !app.text(".acting").contains("k8s-dev"));
    app.assert_no_console_errors();
}

#[test]
fn users_and_roles_are_filtered_and_sorted() {
    let mut app = App::open("#/iam");
    app.wait_for(".principals__row");
    let all = app.count(".principals__row");
    let choose = "const list = document.querySelector('.filter select'); list.value = 'role';
        list.dispatchEvent(new Event('change', { bubbles: true }))";
    app.script(choose, vec![]);
    app.wait_until("fewer rows", |app| app.count(".principals__row") < all);
    app.type_into(".search input", "no such name");
    app.wait_for_text(".empty", "No match");
    app.click_text("Clear the filters");
    app.wait_until("all rows", |app| app.count(".principals__row") == all);
    app.click_text("Kind");
    app.wait_for("th[aria-sort='ascending']");
    app.assert_no_console_errors();
}

#[test]
fn the_menu_switches_both_tools_and_undo_takes_it_back() {
    let mut app = App::open("");
    app.click(".acting");
    app.click(".personas li:nth-of-type(3) button");
    app.wait_for_text(".acting", "k8s-dev");
    app.wait_for(".verdict[data-verdict='unauthorized']");
    app.wait_for_text(".terminal__log", "export AWS_PROFILE=k8s-dev-demo");
    app.click("[aria-label='Undo']");
    app.wait_for_text(".acting", "cluster-creator");
    app.assert_no_console_errors();
}

#[test]
fn a_role_is_made_and_gets_a_profile() {
    let mut app = App::open("#/iam");
    app.click("input[name='iam-kind']:not(:checked)");
    app.type_into("#iam-name", "bad name");
    app.click_text("Create");
    app.wait_for_text("#iam-name-error", "ValidationError");
    app.script("document.querySelector('#iam-name').select()", vec![]);
    app.type_into("#iam-name", "ops");
    app.click_text("Create");
    app.click("[aria-label='Make profile: ops']");
    app.wait_for_text(".profiles__row:last-of-type", "assumed-role/ops/playground");
    app.assert_no_console_errors();
}
