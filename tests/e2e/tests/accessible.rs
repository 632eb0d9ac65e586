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

#[test]
fn no_view_has_a_fault_in_any_theme_or_width() {
    let mut session = Session::new(scenario::walkthrough());
    terminal::run(&mut session, STORY);
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
                let place = format!("{view}, {theme}, {width} px");
                faults.extend(app.accessibility_faults().into_iter().map(|fault| format!("{place}: {fault}")));
                if app.script("return document.documentElement.scrollWidth > innerWidth", vec![]) == true {
                    faults.push(format!("{place}: the page scrolls sideways"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_fault_is_noticed() {
    let mut app = App::open("");
    app.script("document.querySelector('.page').append(document.createElement('button'))", vec![]);
    let faults = app.accessibility_faults();
    assert!(faults.iter().any(|fault| fault.starts_with("button-name")), "{faults:?}");
}
