//! What the AWS console calls its parts, the pages call so, too (eks 18): what is learned here is found there.

use e2e::App;
use serde_json::json;

/// Waits until a heading, label, button, link, column or choice is called exactly so.
fn assert_labels(app: &mut App, place: &str, labels: &[&str]) {
    // What only screen readers hear, counts and signs are left out.
    let script = "const texts = [...document.querySelectorAll('h1, h2, h3, h4, label, legend, button, a, th, dt, option')].map((each) => {
            const own = each.cloneNode(true);
            own.querySelectorAll('svg, .card__count, input, select, code.name, .choice__text, .hidden').forEach((part) => part.remove());
            return own.textContent.replace(/\\s+/g, ' ').trim();
        });
        return arguments[0].filter((label) => !texts.includes(label))";
    app.wait_until(&format!("every label of {place}: {labels:?}"), |app| {
        app.script(script, vec![json!(labels)]) == json!([])
    });
}

#[test]
fn the_access_tab() {
    let mut app = App::open("#/access");
    assert_labels(
        &mut app,
        "18.1",
        &["Access", "Authentication mode", "IAM access entries", "OIDC Identity Providers"],
    );
    assert_labels(
        &mut app,
        "18.1, columns",
        &["IAM principal ARN", "Type", "Username", "Group names", "Access policies"],
    );
    assert_labels(&mut app, "18.2", &["Manage access", "Update history", "Create access entry", "Delete"]);
    app.click_text("Manage access");
    assert_labels(&mut app, "18.2", &["Cluster authentication mode", "EKS API", "EKS API and ConfigMap", "ConfigMap"]);
    app.click("fieldset.choices label:nth-of-type(3)");
    app.click_text("Save changes");
    app.wait_for_text("[aria-labelledby='updates-title']", "Successful");
    app.click(".entries__row .button");
    app.wait_for_text("dialog .dialog__actions", "Delete");
}

#[test]
fn create_access_entry() {
    let mut app = App::open("#/access/create");
    assert_labels(
        &mut app,
        "18.3, step 1",
        &["Create access entry", "IAM principal", "Type", "Username", "Groups", "Tags"],
    );
    assert_labels(&mut app, "18.3, types", &["Standard", "EC2 Linux", "EC2 Windows", "Hybrid Linux"]);
    app.type_into("#type", "Hybrid");
    app.type_into("#principal", "arn:aws:iam::111122223333:role/hybrid");
    assert_labels(&mut app, "18.3, hybrid", &["Skip to review and create"]);
    app.goto("#/access");
    app.goto("#/access/create");
    app.type_into("#principal", "arn:aws:iam::111122223333:user/k8s-dev");
    app.click_text("Next");
    let second = ["Policy name", "Access scope", "Cluster", "Kubernetes namespace", "Add policy", "Previous", "Next"];
    assert_labels(&mut app, "18.3, step 2", &second);
    app.wait_for_text(".wizard__step[aria-current]", "Add access policy");
    app.click(".choices--row label:nth-of-type(2)");
    assert_labels(&mut app, "18.3, scope", &["Namespace", "Add new namespace"]);
    app.click_text("Next");
    assert_labels(&mut app, "18.3, step 3", &["Previous", "Create"]);
}

#[test]
fn the_page_of_an_entry() {
    let mut app = App::open("#/access/entries/arn:aws:iam::111122223333:user%2Fcluster-creator");
    let page = ["Edit", "Delete", "Associate access policy", "Policy name", "Access scope", "Add access policy"];
    assert_labels(&mut app, "18.4", &page);
    app.click_text("Edit");
    assert_labels(&mut app, "18.4", &["Username", "Groups", "Tags", "Save changes"]);
    app.goto("#/access/entries/arn:aws:iam::111122223333:role%2Feks-node-role");
    app.wait_for_text("#main", "take no access policies");
    let absent =
        "return [...document.querySelectorAll('h3')].some((each) => each.textContent === 'Associate access policy')";
    assert_eq!(app.script(absent, vec![]), json!(false), "not for other types");
}

#[test]
fn create_cluster() {
    let mut app = App::open("#/clusters/create");
    let labels = [
        "Create cluster",
        "Cluster access",
        "Bootstrap cluster administrator access",
        "Allow cluster administrator access",
        "Disallow cluster administrator access",
        "Cluster authentication mode",
        "EKS API",
        "EKS API and ConfigMap",
        "ConfigMap",
    ];
    assert_labels(&mut app, "18.6", &labels);
}
