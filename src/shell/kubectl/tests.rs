//! Whole commands on the starting world, both streams on one terminal.

use crate::session::{Session, scenario};
use crate::shell::terminal;

/// Runs the lines; what the last one prints, log lines left out, and its exit code.
fn last(lines: &str) -> (String, i32) {
    let mut session = Session::new(scenario::walkthrough());
    let ran = terminal::run(&mut session, lines);
    let last = ran.last().unwrap();
    let all: String = last.chunks.iter().map(|chunk| chunk.text.as_str()).collect();
    let shown = all.lines().filter(|line| !line.contains("memcache.go")).map(|line| format!("{line}\n"));
    (shown.collect(), last.exit)
}

#[track_caller]
fn check(lines: &str, expected: &str, exit: i32) {
    assert_eq!(last(lines), (expected.to_owned(), exit), "{lines}");
}

/// A kubeconfig whose plugin is a command of the shell.
fn plugin(version: &str, rest: &str) -> String {
    format!(
        "cat >k <<'EOF'
clusters: [{{name: c, cluster: {{server: 'https://127.0.0.1:1'}}}}]
contexts: [{{name: x, context: {{cluster: c, user: u}}}}]
current-context: x
users: [{{name: u, user: {{exec: {{apiVersion: {version}, {rest}}}}}}}]
EOF
kubectl --kubeconfig k get --raw /version"
    )
}

const V1BETA1: &str = "client.authentication.k8s.io/v1beta1";

/// As kubectl 1.33 prints it with a plugin that answers so (recorded).
#[test]
fn a_plugin_that_fails_is_reported() {
    let answers = |answer: &str| format!("command: echo, args: ['{answer}']");
    let credential = |version: &str, rest: &str| {
        answers(&format!(r#"{{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/{version}"{rest}}}"#))
    };
    let returned = |version: &str| {
        format!(
            "exec plugin is configured to use API version {V1BETA1}, plugin returned version client.authentication.k8s.io/{version}"
        )
    };
    let not_json = r#"decoding stdout: couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#;
    let old = r#"decoding stdout: no kind "ExecCredential" is registered for version "client.authentication.k8s.io/v1alpha1" in scheme "pkg/client/auth/exec/exec.go:62""#;
    for (rest, why) in [
        ("command: bash, args: [-c, exit 3]".to_owned(), "exec: executable bash failed with exit code 3".to_owned()),
        ("command: 'false'".to_owned(), "exec: executable false failed with exit code 1".to_owned()),
        ("command: /opt/plugin".to_owned(), "exec: fork/exec /opt/plugin: no such file or directory".to_owned()),
        (answers("{}"), returned("__internal")),
        (credential("v1", ""), returned("v1")),
        (credential("v1alpha1", ""), old.to_owned()),
        (credential("v1beta1", ""), "exec plugin didn't return a status field".to_owned()),
        (credential("v1beta1", r#","status":{}"#), "exec plugin didn't return a token or cert/key pair".to_owned()),
        (answers("notjson"), not_json.to_owned()),
        (
            "command: echo, interactiveMode: Always".to_owned(),
            "exec plugin cannot support interactive mode: standard input is not a terminal".to_owned(),
        ),
        // A plugin that calls kubectl with itself as the plugin ends.
        (
            "command: kubectl, args: [--kubeconfig, k, get, --raw, /version]".to_owned(),
            "exec: executable kubectl failed with exit code 1".to_owned(),
        ),
    ] {
        let (printed, exit) = last(&plugin(V1BETA1, &rest));
        let expected = format!("Unable to connect to the server: getting credentials: {why}\n");
        assert!(printed.ends_with(&expected) && exit == 1, "{rest}\n{printed}\n{expected}");
    }
    let (printed, _) = last(&plugin(V1BETA1, "command: nosuch, installHint: Install it."));
    assert!(printed.contains("exec: executable nosuch not found\n\nIt looks like"), "{printed}");
    assert!(printed.ends_with("client-go-credential-plugins\n\nInstall it.\n"), "{printed}");
    let refused = "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n";
    check(&plugin(V1BETA1, &credential("v1beta1", r#","status":{"token":"t"}"#)), refused, 1);
}

#[test]
fn an_exec_section_is_checked_before_the_plugin_runs() {
    let (v1, needed) = ("client.authentication.k8s.io/v1", "must be specified for u to use exec authentication plugin");
    let alpha = "client.authentication.k8s.io/v1alpha1";
    let invalid = |version: &str| format!("error: exec plugin: invalid apiVersion {version:?}\n");
    let several =
        format!("Error in configuration: \n* command {needed}\n* apiVersion {needed}\n* interactiveMode {needed}\n");
    for (version, rest, expected) in [
        (alpha, "command: aws", invalid(alpha)),
        ("example.com/v1", "command: aws, interactiveMode: Never", invalid("example.com/v1")),
        (v1, "command: aws", format!("error: interactiveMode {needed}\n")),
        (v1, "command: aws, interactiveMode: Some", "error: invalid interactiveMode for u: \"Some\"\n".to_owned()),
        ("''", "command: aws, interactiveMode: Never", format!("error: apiVersion {needed}\n")),
        (V1BETA1, "command: ''", format!("error: command {needed}\n")),
        (V1BETA1, "command: aws, env: [{name: '', value: x}]", format!("error: env variable name {needed}\n")),
        ("''", "command: ''", several),
    ] {
        check(&plugin(version, rest), &expected, 1);
    }
}

#[test]
fn a_failed_aws_is_reported_with_its_words() {
    let role = "aws eks update-kubeconfig --name eks-demo-cluster --role-arn arn:aws:iam::111122223333:role/nope";
    let denied = "
aws: [ERROR]: An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::111122223333:user/cluster-creator is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/nope
";
    let failed = |code: i32| {
        format!(
            "Unable to connect to the server: getting credentials: exec: executable aws failed with exit code {code}\n"
        )
    };
    check(&format!("{role}\nkubectl get --raw /version"), &format!("{denied}{}", failed(254)), 1);
    // Each of the two attempts runs the plugin, and the review runs it again.
    let warning = "Warning: the server doesn't have a resource type 'pods'\n\n";
    let expected = format!("{denied}{denied}{warning}{denied}{}", failed(254));
    check(&format!("{role}\nkubectl auth can-i get pods"), &expected, 1);
    let profile = "aws eks update-kubeconfig --name eks-demo-cluster --profile k8s-dev-demo
rm ~/.aws/config ~/.aws/credentials
kubectl get --raw /version";
    let expected = format!("\naws: [ERROR]: The config profile (k8s-dev-demo) could not be found\n{}", failed(255));
    check(profile, &expected, 1);
}

/// As kubectl 1.33 prints it (recorded).
#[test]
fn an_editor_of_the_environment_runs() {
    for (editor, expected, exit) in [
        ("true", "Edit cancelled, no changes made.\n", 0),
        ("sed -i s/team-a/team-b/", "clusterrolebinding.rbac.authorization.k8s.io/x edited\n", 0),
        ("sed -i 's/team-a/team b/'", "clusterrolebinding.rbac.authorization.k8s.io/x edited\n", 0),
        ("sed -i d", "Edit cancelled, saved file was empty.\n", 0),
        ("false", "error: there was a problem with the editor \"false\"\n", 1),
        ("nosuch -w", "error: unable to launch the editor \"nosuch -w\"\n", 1),
        ("sed -i s/kind:/kind/", "\nerror: Edit cancelled, no valid changes were saved.\n", 1),
        ("sed -i s/^kind:.*/kind:\\ Foo/", "\nerror: Edit cancelled, no valid changes were saved.\n", 1),
        ("sed -i 's/  name: x$/  name: z/'", "error: At least one of apiVersion, kind and name was changed\n", 1),
        ("rm", ".yaml: no such file or directory\n", 1),
    ] {
        let lines = format!(
            "kubectl create clusterrolebinding x --clusterrole=view --group=team-a
KUBE_EDITOR={} kubectl edit clusterrolebinding x",
            crate::shell::render::quote(editor)
        );
        let (printed, code) = last(&lines);
        assert!(printed.contains(expected) && code == exit, "{editor}\n{printed}");
    }
    let changed = "kubectl create clusterrolebinding x --clusterrole=view --group=team-a
EDITOR='sed -i s/team-a/team-b/' kubectl edit clusterrolebinding x >/dev/null
kubectl get clusterrolebinding x -o jsonpath='{.subjects[0].name}'; ls /tmp";
    let mut session = Session::new(scenario::walkthrough());
    let all: String =
        terminal::run(&mut session, changed).iter().flat_map(|r| &r.chunks).map(|c| c.text.as_str()).collect();
    assert!(all.ends_with("team-b"), "{all}");
}

/// A refusal that the command got over is not the command's outcome.
#[test]
fn a_look_up_leaves_no_refusal() {
    let role = "arn:aws:iam::111122223333:role/eks-node-role";
    for (line, refused) in [
        ("kubectl create ns x --dry-run=client -o yaml | kubectl apply -f -".to_owned(), false),
        ("eksctl create accessentry --cluster eks-demo-cluster --principal-arn arn:aws:iam::111122223333:user/k8s-dev".to_owned(), false),
        (
            format!("kubectl delete cm aws-auth -n kube-system; eksctl create iamidentitymapping --cluster eks-demo-cluster --arn {role} --username x"),
            false,
        ),
        ("eksctl create iamidentitymapping --cluster eks-demo-cluster --service-name emr-containers --namespace default".to_owned(), false),
        ("kubectl get ns nosuch".to_owned(), true),
    ] {
        let mut session = Session::new(scenario::walkthrough());
        terminal::run(&mut session, &line);
        let found = session.log().iter().any(|entry| entry.calls.iter().any(|call| call.error.is_some()));
        assert_eq!(found, refused, "{line}");
    }
}

#[test]
fn a_pod_that_is_run_with_rm_goes_away() {
    let run = "kubectl run -it --rm p --image=nginx --restart=Never -- sh";
    let (printed, exit) = last(run);
    assert!(printed.ends_with("pod \"p\" deleted\n") && exit == 0, "{printed}");
    check(&format!("{run}\nkubectl get pod p"), "Error from server (NotFound): pods \"p\" not found\n", 1);
}
