//! The question, its fixes, the problems and the history, by clicking.

use e2e::App;
use serde_json::json;

/// Asks for k8s-dev, who is nobody on the cluster at the start.
fn ask_for_k8s_dev() -> App {
    let mut app = App::open("");
    app.click_text("Ask for k8s-dev");
    app.wait_for(".verdict[data-verdict='unauthorized']");
    app
}

#[test]
fn the_first_step_shows_a_401_and_a_fix_turns_it_into_a_yes() {
    let mut app = ask_for_k8s_dev();
    app.wait_for_text(".stage--lookup", "no access entry for this principal");
    app.wait_for_text(".fixes", "Grants");
    app.click(".fix .button--primary:not([disabled])");
    app.wait_for(".verdict[data-verdict='yes']");
    app.wait_for_text(".flash", "Undo");
    app.press("\u{e009}z\u{e000}");
    app.wait_for(".verdict[data-verdict='unauthorized']");
}

#[test]
fn a_fix_says_who_gains_before_it_is_made() {
    let mut app = ask_for_k8s_dev();
    app.click(".fix__more > summary");
    app.wait_for_text(".fix .effects", "k8s-dev");
    app.wait_for_text(".fix .effects", "can log in now");
    app.wait_for_text(".fix .command__text", "aws eks create-access-entry");
}

#[test]
fn the_same_question_stands_as_a_command_that_runs() {
    let mut app = ask_for_k8s_dev();
    app.click(".elsewhere > summary");
    app.wait_for_text(".elsewhere .command__text", "kubectl auth can-i list pods -n default");
    app.click(".elsewhere .command__actions .button--small");
    app.wait_until("the command to be in the prompt", |app| {
        app.property(".terminal__input", "value").is_some_and(|text| text.ends_with("can-i list pods -n default"))
    });
}

#[test]
fn a_problem_is_mended_by_one_click_and_leaves_the_list() {
    let mut app = App::open("");
    app.type_line("kubectl create clusterrolebinding lost --clusterrole=none --group=developer");
    app.wait_for_text(".terminal__log", "clusterrolebinding.rbac.authorization.k8s.io/lost created");
    app.click(".nav__link[href='#/problems']");
    let lost = "return [...document.querySelectorAll('.problem')].filter((e) => e.innerText.includes('ClusterRoleBinding lost')).length";
    app.wait_until("the problem", |app| app.script(lost, vec![]) == 1);
    let mend = "const item = [...document.querySelectorAll('.problem')].find((e) => e.innerText.includes('ClusterRoleBinding lost'));
        const button = item.querySelector('.problem__foot button'); if (button) button.click(); return Boolean(button)";
    assert_eq!(app.script(mend, vec![]), json!(true), "the problem has a remedy by click");
    app.wait_until("the problem to go away", |app| app.script(lost, vec![]) == 0);
}

#[test]
fn the_history_says_what_came_of_a_change_and_goes_back_to_it() {
    let mut app = App::open("");
    let entry = "aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::<ACCOUNTID>:user/k8s-admin";
    app.type_line(entry);
    app.wait_for_text(".terminal__log", "accessEntryArn");
    app.type_line("kubectl create namespace team-a");
    app.wait_for_text(".terminal__log", "namespace/team-a created");
    app.goto("#/history");
    app.wait_for_text(".history", "k8s-admin loses access");
    app.wait_for_text(".history", "cluster-creator");
    app.click_text("Go back to here");
    app.wait_for_text(".history", "taken back");
    app.click_text("Go back to the start");
    app.wait_until("everything to be taken back", |app| app.count(".history__row--undone") == 2);
}

/// Chooses in the list of the question bar; `value` is that of the option.
fn choose_who(app: &mut App, value: &str) {
    let choose = "const list = document.querySelector('.question__part--who select'); list.value = arguments[0];
        list.dispatchEvent(new Event('change', { bubbles: true })); return list.value";
    assert_eq!(app.script(choose, vec![json!(value)]), json!(value), "there is such a choice");
}

#[test]
fn a_service_account_is_asked_about_and_let_in_by_a_binding() {
    let mut app = App::open("");
    app.type_line("kubectl create serviceaccount ci");
    app.wait_for_text(".terminal__log", "serviceaccount/ci created");
    choose_who(&mut app, "system:serviceaccount:default:ci");
    app.wait_for(".verdict[data-verdict='no']");
    app.wait_for_text(".stage--identity", "system:serviceaccounts:default");
    assert_eq!((app.count(".stage--who"), app.count(".stage--lookup")), (0, 0), "no IAM on the way");
    app.click(".elsewhere > summary");
    app.wait_for_text(".elsewhere .command__text", "can-i list pods -n default --as=system:serviceaccount:default:ci");
    app.click(".fix .button--primary:not([disabled])");
    app.wait_for(".verdict[data-verdict='yes']");
    app.wait_for_text(".answer__sentence", "Service account default/ci can list pods");
}

#[test]
fn a_user_with_groups_is_named_and_goes_into_the_link() {
    let mut app = App::open("");
    app.type_line("kubectl create clusterrolebinding team --clusterrole=view --group=team");
    app.wait_for_text(".terminal__log", "created");
    choose_who(&mut app, "user:");
    app.wait_for_text(".answer__sentence", "User jane can list pods in namespace default: group team");
    let groups = "const input = [...document.querySelectorAll('.question__part--stated input')].at(-1);
        input.value = 'other'; input.dispatchEvent(new InputEvent('input', { bubbles: true }))";
    app.script(groups, vec![]);
    app.wait_for(".verdict[data-verdict='no']");
    app.wait_for_text(".answer__sentence", "User jane cannot list pods");
    choose_who(&mut app, "group:team");
    app.wait_for_text(".answer__sentence", "Members of group team can list pods");
    app.click(".share");
    let link = app.text(".snippet__text");
    let mut other = App::open(link.find('#').map_or("", |at| &link[at..]));
    other.wait_for_text(".answer__sentence", "Members of group team can list pods");
}

/// Types into a field of the question bar.
fn type_question(app: &mut App, part: &str, text: &str) {
    let script = "const input = document.querySelector(`.question__part--${arguments[0]} input`);
        input.value = arguments[1]; input.dispatchEvent(new InputEvent('input', { bubbles: true }))";
    app.script(script, vec![json!(part), json!(text)]);
}

#[test]
fn unknown_names_have_a_remark_and_empty_fields_an_error() {
    let mut app = App::open("");
    type_question(&mut app, "verb", "lst");
    app.wait_for_text(".ask__note", "Did you mean \"list\"?");
    type_question(&mut app, "verb", "get");
    type_question(&mut app, "resource", "deploymnts");
    app.wait_for_text(".ask__note", "Did you mean \"deployments\"?");
    type_question(&mut app, "resource", "/healthz");
    app.wait_for_none(".ask__note");
    app.wait_until("an answer without a namespace", |app| !app.text(".answer__sentence").contains("namespace"));
    type_question(&mut app, "verb", "");
    app.wait_for_text(".answer .note--error", "Type a verb");
    assert_eq!(app.count(".verdict"), 0, "a question without a verb has no answer");
    assert_eq!(app.property(".question__part--verb input", "ariaInvalid").as_deref(), Some("true"));
}

#[test]
fn the_question_has_visible_labels_on_every_page() {
    let mut app = App::open("#/access");
    choose_who(&mut app, "system:serviceaccount:default:default");
    let hidden = "return [...document.querySelectorAll('.question__label')].filter((e) => e.getBoundingClientRect().height < 8).length";
    app.wait_until("labels of the service account", |app| app.count(".question__part--stated .question__label") == 2);
    assert_eq!(app.script(hidden, vec![]), 0);
}

#[test]
fn the_rule_that_decides_leads_to_its_table() {
    let mut app = App::open("");
    choose_who(&mut app, "arn:aws:iam::111122223333:user/cluster-creator");
    app.wait_for_text(".answer__rule", "access policy AmazonEKSClusterAdminPolicy");
    app.click(".rights > summary");
    app.wait_for_text(".rights .note", "The list leaves out");
    app.click(".answer__rule a");
    app.wait_for_text("#policy-title", "AmazonEKSClusterAdminPolicy");
    app.wait_for_text(".policy__rule--shown", "rule 1");
    app.click_text("Access policies");
    app.wait_for_text("#policies-title", "Access policies");
}

#[test]
fn the_entry_form_shows_user_names_and_namespaces() {
    let mut app = App::open("#/access/create");
    app.type_into("#principal", "arn:aws:iam::111122223333:role/eks-node-role");
    app.type_into("#principal", "\u{e009}a\u{e000}arn:aws:iam::111122223333:user/k8s-dev");
    app.type_into("#username", "dev:{{AccountID}}");
    app.wait_for_text(".seen", "dev:111122223333");
    app.click_text("Next");
    app.click(".picker fieldset.choices label:nth-of-type(2)");
    app.wait_for("#namespaces");
    app.type_into("#namespaces", "kube-*");
    app.wait_for_text(".picker [role='status']", "kube-system");
    app.type_into("#namespaces", "x");
    app.wait_for_text(".picker .note--warn", "matches no namespace");
}
