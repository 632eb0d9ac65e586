//! Pictures of every view, light and dark, wide and narrow: `cargo xtask gallery`.
//!
//! The first argument names the folder to write to. Views are opened by address in the world that the walkthrough's
//! commands lead to, so that the pictures show more than empty lists.

use std::path::PathBuf;

use e2e::App;
use eks_access_playground::session::{Session, scenario, share};
use eks_access_playground::shell::terminal;

/// Commands that fill the world.
const STORY: &[&str] = &[
    "aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::<ACCOUNTID>:user/k8s-admin",
    "kubectl create clusterrole pod-viewer --verb=get,list,watch --resource=pods,pods/log",
    "kubectl create clusterrolebinding pod-viewer --clusterrole=pod-viewer --group=developer",
    "aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::<ACCOUNTID>:user/k8s-dev --kubernetes-groups developer",
    "AWS_PROFILE=k8s-dev-demo aws eks update-kubeconfig --name eks-demo-cluster",
    "kubectl auth can-i list pods",
];

/// Name and route of each view.
const VIEWS: &[(&str, &str)] = &[
    ("overview", "#/"),
    ("access", "#/access"),
    ("create-entry", "#/access/create"),
    ("entry", "#/access/entries/arn:aws:iam::111122223333:user%2Fk8s-dev"),
    ("iam", "#/iam"),
    ("aws-auth", "#/aws-auth"),
    ("kubernetes", "#/kubernetes"),
    ("role", "#/kubernetes/clusterroles/pod-viewer"),
    ("new-role", "#/kubernetes/new/roles"),
    ("problems", "#/problems"),
    ("history", "#/history"),
];

/// Name, width and height of each window.
const WINDOWS: &[(&str, u32, u32)] = &[("", 1280, 900), ("-phone", 360, 780)];

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/gallery".to_owned()));
    let mut app = App::open("");
    for line in STORY {
        app.type_line(line);
    }
    let mut session = Session::new(scenario::walkthrough());
    terminal::run(&mut session, &STORY.join("\n"));
    let link = share::encode(session.now());
    let text = str::to_owned;
    let asked = share::Asked {
        who: text("system:serviceaccount:default:default"),
        verb: text("list"),
        resource: text("pods"),
        namespace: text("default"),
        ..share::Asked::default()
    };
    let views = VIEWS.iter().map(|(name, route)| (*name, format!("{route}?s={link}")));
    let stated = ("service-account", format!("#/?s={}", share::encode_with(session.now(), Some(&asked))));
    let views: Vec<(&str, String)> = views.chain([stated]).collect();
    app.wait_until("the address to carry the world", |app| app.address().ends_with(&link));
    for dark in [false, true] {
        app.set_theme(dark);
        for (suffix, width, height) in WINDOWS {
            app.resize(*width, *height);
            for (name, address) in &views {
                app.goto(address);
                // Otherwise only the fragment is another one, and the page may still be the one before.
                app.reload();
                app.wait_for(".verdict");
                let theme = if dark { "dark" } else { "light" };
                let file = folder.join(format!("{name}-{theme}{suffix}.png"));
                app.screenshot(&file);
                println!("{}", file.display());
            }
        }
    }
    app.assert_no_console_errors();
}
