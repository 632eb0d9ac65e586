//! Lines with the cursor at `|`, and what may stand there.

use super::*;
use crate::session::scenario;
use crate::shell::terminal;

/// A session with a few more names than the walkthrough.
fn session() -> Session {
    let mut session = Session::new(scenario::walkthrough());
    terminal::run(
        &mut session,
        "kubectl create namespace development
         kubectl create namespace production
         kubectl create serviceaccount robot -n development
         kubectl create clusterrolebinding devs --clusterrole=view --group=developer --user=jane
         aws eks create-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:user/k8s-dev --kubernetes-groups developer
         mkdir rbac; echo x > rbac/role.yaml; echo x > rbac/binding.yaml; echo x > 'my notes.txt'
         LIST=(a b); hello() { echo hi; }
         GREETING='hello'
         alias k=kubectl",
    );
    session
}

/// Completes where `|` stands and compares the candidates; `…` at the end: these and more.
#[track_caller]
fn check(line: &str, expected: &[&str]) -> Completion {
    let session = session();
    let cursor = line.find('|').unwrap();
    let text = line.replacen('|', "", 1);
    let done = complete(&session, &text, cursor);
    let found: Vec<&str> = done.candidates.iter().map(|candidate| candidate.text.as_str()).collect();
    match expected.split_last() {
        Some((&"…", some)) => {
            for wanted in some {
                assert!(found.contains(wanted), "{line}: no {wanted} in {found:?}");
            }
            assert!(found.len() > some.len(), "{line}: {found:?}");
        }
        _ => assert_eq!(found, expected, "{line}"),
    }
    assert_eq!(done.range.end, cursor);
    done
}

/// The line after Tab was pressed once.
#[track_caller]
fn check_tab(line: &str, expected: &str) {
    let cursor = line.find('|').unwrap();
    let mut text = line.replacen('|', "", 1);
    let done = complete(&session(), &text, cursor);
    text.replace_range(done.range, &done.common);
    assert_eq!(text, expected, "{line}");
}

const ADMIN: &str = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";
const CREATOR: &str = "arn:aws:iam::111122223333:user/cluster-creator";

#[test]
fn commands() {
    check("kube|", &["kubectl"]);
    check("|", &["aws", "cat", "cd", "echo", "export", "jq", "k", "kubectl", "ls", "…"]);
    check("a|", &["alias", "awk", "aws"]);
    check("echo x; aw|", &["awk", "aws"]);
    check("true && aw|", &["awk", "aws"]);
    check("which kub|", &["kubectl"]);
    check("A=$(kub|", &["kubectl"]);
    check("nothing-like-it|", &[]);
}

#[test]
fn aws_commands_and_options() {
    check("aws |", &["configure", "eks", "help", "iam", "sts"]);
    check("aws sts |", &["assume-role", "get-caller-identity", "get-federation-token", "help"]);
    check(
        "aws eks list-a|",
        &["list-access-entries", "list-access-policies", "list-addons", "list-associated-access-policies"],
    );
    check("aws eks up|", &["update-access-entry", "update-addon", "update-cluster-config", "…"]);
    check("aws eks describe-access-entry --c|", &["--ca-bundle", "--cli-input-json", "--cluster-name", "…"]);
    check("aws eks describe-access-entry --cl|", &["--cluster-name", "…"]);
    check("aws eks describe-access-entry --cluster-name x --cluster|", &[]);
    check("aws eks update-kubeconfig --ro|", &["--role-arn"]);
    check("aws eks get-token --cluster-n|", &["--cluster-name"]);
    check("aws --output |", &["json", "off", "table", "text", "yaml", "yaml-stream"]);
    check("aws --output=t|", &["table", "text"]);
    check("aws configure |", &["get", "list", "list-profiles", "set"]);
    check("aws eks wait cluster-|", &["cluster-active", "cluster-deleted"]);
    check("aws eks wait nodegroup-|", &["nodegroup-active", "nodegroup-deleted"]);
    check("aws eks wait cluster-active --na|", &["--name"]);
    check("aws eks wait nodegroup-active --cluster-name |", &["eks-demo-cluster"]);
    check("aws eks create-nodegroup --ami-type WINDOWS_CORE_2022|", &["WINDOWS_CORE_2022_x86_64"]);
    check(
        "aws eks create-nodegroup --node-role arn:aws:iam::111122223333:role/eks-n|",
        &["arn:aws:iam::111122223333:role/eks-node-role"],
    );
    check("aws --profile k8s-dev-demo eks list-c|", &["list-clusters"]);
}

#[test]
fn aws_values() {
    check("aws eks describe-cluster --name |", &["eks-demo-cluster"]);
    check("aws eks update-kubeconfig --name |", &["eks-demo-cluster"]);
    check("aws eks list-access-entries --cluster |", &["eks-demo-cluster"]);
    check("aws eks list-access-entries --cluster-name=eks|", &["eks-demo-cluster"]);
    check("aws s3 --profile |", &["default", "k8s-admin-demo", "k8s-dev-demo"]);
    check("aws --region ap-south-|", &["ap-south-1", "ap-south-2"]);
    check("aws eks create-access-entry --type EC2|", &["EC2", "EC2_LINUX", "EC2_WINDOWS"]);
    check(
        "aws eks create-access-entry --principal-arn arn:aws:iam::111122223333:user/|",
        &[CREATOR, "arn:aws:iam::111122223333:user/k8s-admin", "arn:aws:iam::111122223333:user/k8s-dev"],
    );
    check(
        "aws eks delete-access-entry --cluster-name eks-demo-cluster --principal-arn arn:aws:iam::111122223333:user/|",
        &[CREATOR, "arn:aws:iam::111122223333:user/k8s-dev"],
    );
    check(
        "aws eks associate-access-policy --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterA|",
        &[ADMIN],
    );
    check(&format!("aws eks disassociate-access-policy --principal-arn {CREATOR} --policy-arn |"), &[ADMIN]);
    check("aws eks create-access-entry --kubernetes-groups |", &["developer"]);
    check("aws eks create-access-entry --kubernetes-groups viewer d|", &["developer"]);
    check("aws iam get-user --user-name k|", &["k8s-admin", "k8s-dev"]);
    check("aws iam create-user --user-name k|", &[]);
    check("aws iam create-role --assume-role-policy-document file://rb|", &["rbac/"]);
}

#[test]
fn aws_shorthand() {
    let line = "aws eks associate-access-policy --cluster-name eks-demo-cluster --access-scope";
    check(&format!("{line} |"), &["type=cluster", "type=namespace,namespaces="]);
    check(&format!("{line} type=|"), &["cluster", "namespace,namespaces="]);
    check(&format!("{line} type=namespace,namespaces=d|"), &["default", "development"]);
    check(&format!("{line} type=namespace,namespaces=default,p|"), &["production"]);
    check(&format!("{line} type=namespace,|"), &["namespaces="]);
    check_tab(&format!("{line} type=n|"), &format!("{line} type=namespace,namespaces="));
    check(
        "aws eks update-cluster-config --access-config |",
        &["authenticationMode=API", "authenticationMode=API_AND_CONFIG_MAP", "authenticationMode=CONFIG_MAP"],
    );
}

#[test]
fn kubectl_commands_and_flags() {
    check("kubectl a|", &["annotate", "api-resources", "api-versions", "apply", "attach", "auth"]);
    check("kubectl auth |", &["can-i", "reconcile", "whoami"]);
    check("kubectl create cl|", &["clusterrole", "clusterrolebinding"]);
    check("kubectl config use|", &["use-context"]);
    check("kubectl get --na|", &["--namespace"]);
    check("kubectl -n default get --name|", &[]);
    check("kubectl create rolebinding --gr|", &["--group"]);
    check("kubectl create rolebinding --group a --gr|", &["--group"]);
    check("k auth can|", &["can-i"]);
    check("AWS_PROFILE=x kubectl auth w|", &["whoami"]);
    check("kubectl help auth |", &["can-i", "reconcile", "whoami"]);
}

#[test]
fn kubectl_names() {
    check("kubectl get clusterrole edi|", &["edit"]);
    check("kubectl get pods web-|", &["web-5d8f7c9b6d-4xk2p", "web-5d8f7c9b6d-9qw7z"]);
    check("kubectl get pods web-5d8f7c9b6d-4xk2p |", &["web-5d8f7c9b6d-9qw7z"]);
    check("kubectl get pods -n development |", &[]);
    check("kubectl get pod/web-5d8f7c9b6d-4|", &["web-5d8f7c9b6d-4xk2p"]);
    check("kubectl -n kube-system describe cm aws|", &["aws-auth"]);
    check("kubectl get sa --namespace=development rob|", &["robot"]);
    check("kubectl logs web-5d8f7c9b6d-9|", &["web-5d8f7c9b6d-9qw7z"]);
    check("kubectl get clusterroleb|", &["clusterrolebinding", "clusterrolebindings"]);
    check("kubectl get deploy|", &["deploy", "deployment", "deployments"]);
    check("kubectl get pods,clusterroleb|", &["clusterrolebinding", "clusterrolebindings"]);
    check("kubectl get roles.r|", &["roles.rbac.authorization.k8s.io"]);
    check("kubectl get |", &["all", "configmaps", "pods", "…"]);
    check("kubectl -n de|", &["default", "development"]);
    check("kubectl -nde|", &["default", "development"]);
    check("kubectl get pods --namespace=de|", &["default", "development"]);
    check("kubectl delete ns dev|", &["development"]);
}

#[test]
fn kubectl_values() {
    check("kubectl auth can-i l|", &["list"]);
    check("kubectl auth can-i list rolebind|", &["rolebinding", "rolebindings"]);
    check("kubectl auth can-i get /hea|", &["/healthz"]);
    check("kubectl auth can-i get pods --subresource l|", &["log"]);
    check("kubectl auth can-i get pods --as ja|", &["jane"]);
    check(
        "kubectl auth can-i get pods --as system:serviceaccount:development:r|",
        &["system:serviceaccount:development:robot"],
    );
    check("kubectl auth can-i get pods --as jane --as-group=|", &["developer"]);
    check("kubectl get pods -o |", &["custom-columns=", "json", "jsonpath=", "name", "wide", "yaml"]);
    check("kubectl create ns x --dry-run=|", &["client", "none", "server"]);
    check("kubectl create role x --verb=get,li|", &["list"]);
    check("kubectl create role x --verb get --resource deploy|", &["deployments.apps"]);
    check("kubectl create rolebinding x --clusterrole ed|", &["edit"]);
    check("kubectl create rolebinding x --serviceaccount development:|", &["development:default", "development:robot"]);
    check("kubectl config use-context |", &["arn:aws:eks:ap-south-1:111122223333:cluster/eks-demo-cluster"]);
    check("kubectl patch cm x --type |", &["json", "merge", "strategic"]);
    check("kubectl apply -f rbac/|", &["binding.yaml", "role.yaml"]);
}

#[test]
fn kubectl_selectors_and_labels() {
    check("kubectl get pods -l |", &["app=", "pod-template-hash="]);
    check("kubectl get pods -l app=|", &["web"]);
    check("kubectl get ns -l kubernetes.io/metadata.name=kube-s,kub|", &["kubernetes.io/metadata.name="]);
    check("kubectl get pods --selector=app=w|", &["web"]);
    check("kubectl get ns --field-selector metadata.name=dev|", &["development"]);
    check("kubectl get pods --field-selector=metadata.n|", &["metadata.name=", "metadata.namespace="]);
    check("kubectl label pod web-5d8f7c9b6d-4xk2p ap|", &["app-", "app="]);
}

#[test]
fn eksctl_commands_flags_and_values() {
    check("eksctl |", &["create", "delete", "get", "help", "utils", "version"]);
    check("eksctl create |", &["accessentry", "cluster", "iamidentitymapping", "iamserviceaccount", "nodegroup"]);
    check("eksctl help get |", &["accessentry", "cluster", "iamidentitymapping", "iamserviceaccount", "nodegroup"]);
    check("eksctl utils m|", &["migrate-to-access-entry"]);
    check("eksctl delete cluster --name |", &["eks-demo-cluster"]);
    check("eksctl create accessentry --k|", &["--kubernetes-groups", "--kubernetes-username"]);
    check("eksctl get accessentry --cluster |", &["eks-demo-cluster"]);
    check("eksctl get accessentry -c |", &["eks-demo-cluster"]);
    check("eksctl get accessentry --cluster=eks|", &["eks-demo-cluster"]);
    check(
        "eksctl create accessentry --cluster eks-demo-cluster --principal-arn arn:aws:iam::111122223333:user/k8s-d|",
        &["arn:aws:iam::111122223333:user/k8s-dev"],
    );
    check("eksctl create accessentry --kubernetes-groups ops,dev|", &["developer"]);
    check(
        "eksctl utils update-authentication-mode --authentication-mode |",
        &["API", "API_AND_CONFIG_MAP", "CONFIG_MAP"],
    );
    check("eksctl get accessentry -o |", &["json", "table", "yaml"]);
    check("eksctl nonsense |", &[]);
}

#[test]
fn files_and_variables() {
    check("cat |", &["my\\ notes.txt", "rbac/"]);
    check("cat my\\ no|", &["my\\ notes.txt"]);
    check("cat 'my |", &["my notes.txt'"]);
    check("cd |", &["rbac/"]);
    check("ls ~/.k|", &[".kube/"]);
    check("echo x > rbac/r|", &["role.yaml"]);
    check("echo $GREE|", &["GREETING"]);
    check("echo \"x ${GREE|", &["GREETING}\""]);
    check("echo '$GREE|", &[]);
    check("echo ${LIS|", &["LIST}"]);
    check("hell|", &["hello"]);
    check("echo $BASH_F|", &[]);
    check("unset GR|", &["GREETING"]);
    check("AWS_PROFILE=k8s-a|", &["k8s-admin-demo"]);
    check("export AWS_PROFILE=|", &["default", "k8s-admin-demo", "k8s-dev-demo"]);
    check("AWS_REGION=us-w|", &["us-west-1", "us-west-2"]);
}

#[test]
fn tab_puts_in_what_all_have_in_common() {
    check_tab("kubec|", "kubectl ");
    check_tab("kubectl get pods we|", "kubectl get pods web-5d8f7c9b6d-");
    check_tab("kubectl get po| -n default", "kubectl get po -n default");
    check_tab("kubectl apply -f rb|", "kubectl apply -f rbac/");
    check_tab("cat 'my|", "cat 'my notes.txt' ");
    check_tab("cat \"my|", "cat \"my notes.txt\" ");
    check_tab("cat my|", "cat my\\ notes.txt ");
    check_tab("cat my\\ n|", "cat my\\ notes.txt ");
    check_tab("echo ${GREE|", "echo ${GREETING} ");
    check_tab("zzz|", "zzz");
}

#[test]
fn many_names_are_bounded_and_what_they_share_is_of_all() {
    let mut session = session();
    let manifest: String =
        (0..300).map(|n| format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: item-{n:04}}}\n")).collect();
    session.workstation_mut().write("many.yaml", &manifest).unwrap();
    let ran = terminal::run(&mut session, "kubectl create -f many.yaml");
    assert_eq!(ran.first().map(|ran| ran.exit), Some(0));
    let text = "kubectl get cm i";
    let done = complete(&session, text, text.len());
    assert_eq!(done.candidates.len(), MAX_CANDIDATES);
    assert_eq!(done.candidates[0].text, "item-0000");
    assert_eq!(done.common, "item-0");
    assert_eq!(complete(&session, "kubectl get cm item-02", 22).candidates.len(), 100);
}

#[test]
fn any_cursor_in_any_text_is_taken() {
    let session = session();
    for text in
        ["é 'ö", "echo $(((", "kubectl get -", "aws eks create-access-entry --tags =", "kubectl -é", "k --=", "\"$"]
    {
        for cursor in 0..text.len() + 3 {
            let done = complete(&session, text, cursor);
            assert!(text.get(done.range.clone()).is_some(), "{text} {cursor}");
        }
    }
}
