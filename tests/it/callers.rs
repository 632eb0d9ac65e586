//! Callers that are neither users nor assumed roles, from the terminal to the cluster (iam 2 to 4, eks 8, 13).

use eks_access_playground::engine::answers::{self, Principal};
use eks_access_playground::session::{Session, scenario};
use eks_access_playground::shell::terminal;

const CLUSTER: &str = "eks-demo-cluster";

struct Story(Session);

impl Story {
    fn new() -> Self {
        Self(Session::new(scenario::walkthrough()))
    }

    /// Runs lines and gives what the last one printed, errors included.
    fn run(&mut self, lines: &str) -> String {
        let ran = terminal::run(&mut self.0, lines);
        ran.last().unwrap().chunks.iter().map(|chunk| chunk.text.as_str()).collect::<String>().trim_end().to_owned()
    }

    #[track_caller]
    fn check(&mut self, lines: &str, expected: &str) {
        assert_eq!(self.run(lines), expected, "{lines}");
    }

    /// Puts a section into aws-auth.
    fn aws_auth(&mut self, section: &str, text: &str) {
        let patch = serde_json::json!({ "data": { section: text } });
        let line = format!("kubectl -n kube-system patch configmap aws-auth --type merge -p '{patch}'");
        self.check(&line, "configmap/aws-auth patched");
    }

    /// Makes kubectl act by a profile.
    fn act_as(&mut self, profile: &str) {
        self.run(&format!("AWS_PROFILE={profile} aws eks update-kubeconfig --name {CLUSTER}"));
    }
}

const SIGN_IN: &str = "aws configure set login_session arn:aws:iam::111122223333:root --profile root &&
    aws configure set region ap-south-1 --profile root";
const WHO: &str =
    "kubectl auth whoami -o jsonpath='{.status.userInfo.username} {.status.userInfo.groups} {.status.userInfo.uid}'";
const NOBODY: &str = "error: You must be logged in to the server (Unauthorized)";

#[test]
fn the_root_user_gets_in_by_its_own_line_alone() {
    let mut story = Story::new();
    story.run(SIGN_IN);
    story.act_as("root");
    assert!(story.run(WHO).contains("You must be logged in"));
    story.act_as("default");
    let lines = "- userarn: arn:aws:iam::111122223333:root\n  username: the-root\n  groups: [\"system:masters\"]\n";
    story.aws_auth("mapUsers", lines);
    story.act_as("root");
    let root = "the-root [\"system:masters\",\"system:authenticated\"] aws-iam-authenticator:111122223333:111122223333";
    story.check(WHO, root);
    // The line stands for the root user, not for the account (iam 4.3).
    story.act_as("k8s-dev-demo");
    story.check(WHO, NOBODY);
    let world = story.0.world();
    let root = Principal::User("arn:aws:iam::111122223333:root".to_owned());
    assert!(answers::principals(world, world.cluster(CLUSTER).unwrap()).contains(&root));
}

#[test]
fn a_federated_user_gets_in_by_its_own_line() {
    let mut story = Story::new();
    let arn = "arn:aws:sts::111122223333:federated-user/bob";
    story.aws_auth("mapUsers", &format!("- userarn: {arn}\n  username: bob\n  groups: [viewers]\n"));
    // The user itself may not ask EKS for the address: the token is handed over.
    let keys = "Credentials.[AccessKeyId,SecretAccessKey,SessionToken]";
    story.run(&format!("read K S T <<< $(aws sts get-federation-token --name bob --query {keys} --output text)"));
    story.run("export AWS_ACCESS_KEY_ID=$K AWS_SECRET_ACCESS_KEY=$S AWS_SESSION_TOKEN=$T");
    story.check("aws sts get-caller-identity --query Arn --output text", arn);
    story.check(WHO, "bob [\"viewers\",\"system:authenticated\"] aws-iam-authenticator:111122223333:111122223333:bob");
}

#[test]
fn an_account_rule_lets_the_root_user_in_under_its_arn() {
    let mut story = Story::new();
    story.run(SIGN_IN);
    story.aws_auth("mapAccounts", "- \"111122223333\"\n");
    story.act_as("root");
    let root =
        "arn:aws:iam::111122223333:root [\"system:authenticated\"] aws-iam-authenticator:111122223333:111122223333";
    story.check(WHO, root);
}

#[test]
fn entries_take_root_users_and_no_federated_ones() {
    // eks 8.1: the entry is for the root user alone, not for the account.
    let mut story = Story::new();
    story.run(SIGN_IN);
    story.act_as("root");
    let refused = "error: You must be logged in to the server (Unauthorized)";
    assert!(story.run(WHO).contains(refused), "{}", story.run(WHO));
    let create = format!("aws eks create-access-entry --cluster-name {CLUSTER} --principal-arn");
    let root = "arn:aws:iam::111122223333:root";
    story.run(&format!("{create} {root} --profile default --kubernetes-groups ops"));
    assert!(story.run(WHO).starts_with(&format!("{root} [\"ops\",\"system:authenticated\"]")), "{}", story.run(WHO));
    story.run("aws configure set role_arn arn:aws:iam::111122223333:role/eks-cluster-role --profile other");
    story.run("aws configure set source_profile default --profile other");
    story.run("aws configure set region ap-south-1 --profile other");
    story.act_as("other");
    assert!(story.run(WHO).contains(refused), "{}", story.run(WHO));
    let bob = story.run(&format!("{create} arn:aws:sts::111122223333:federated-user/bob --profile default"));
    assert!(bob.contains("The principalArn parameter format is not valid"), "{bob}");
}

#[test]
fn a_cluster_made_by_root_is_roots_in_config_map_mode() {
    let mut story = Story::new();
    story.run(SIGN_IN);
    let create = "aws eks create-cluster --profile root --role-arn arn:aws:iam::111122223333:role/eks-cluster-role \
                  --resources-vpc-config subnetIds=subnet-1,subnet-2 --region ap-south-1";
    story.run(&format!("{create} --name old"));
    story.run("AWS_PROFILE=root aws eks update-kubeconfig --name old --region ap-south-1");
    assert!(story.run(WHO).starts_with("kubernetes-admin [\"system:masters\",\"system:authenticated\"]"));
    // eks 2.11.
    story.run(&format!("{create} --name new --access-config authenticationMode=API"));
    story.check(
        "aws eks list-access-entries --cluster-name new --query accessEntries --output text",
        "arn:aws:iam::111122223333:root",
    );
    story.run("AWS_PROFILE=root aws eks update-kubeconfig --name new --region ap-south-1");
    assert!(story.run(WHO).starts_with("arn:aws:iam::111122223333:root [\"system:authenticated\"]"));
    story.check("kubectl auth can-i '*' '*'", "yes");
}

#[test]
fn a_person_of_identity_center_is_in_an_entry_with_the_roles_path() {
    let mut story = Story::new();
    let path = "/aws-reserved/sso.amazonaws.com/ap-south-1/";
    let role = "AWSReservedSSO_Dev_0123456789abcdef";
    story.run(&format!("aws iam create-role --role-name {role} --path {path} --assume-role-policy-document '{{}}'"));
    for setting in [
        "region ap-south-1",
        "sso_start_url https://x",
        "sso_region ap-south-1",
        "sso_account_id 111122223333",
        "sso_role_name Dev",
    ] {
        story.run(&format!("aws configure set {setting} --profile sso"));
    }
    let arn = format!("arn:aws:iam::111122223333:role{path}{role}");
    story.run(&format!("aws eks create-access-entry --cluster-name {CLUSTER} --principal-arn {arn}"));
    story.act_as("sso");
    // The mail address loses its sign (eks 6.5).
    let name = format!("arn:aws:sts::111122223333:assumed-role/{role}/user-example.com");
    assert!(story.run(WHO).starts_with(&format!("{name} [\"system:authenticated\"]")), "{}", story.run(WHO));
}

#[test]
fn a_nodes_session_is_its_instance() {
    let mut story = Story::new();
    let role = "arn:aws:iam::111122223333:role/eks-node-role";
    story.run(&format!("aws eks delete-access-entry --cluster-name {CLUSTER} --principal-arn {role}"));
    story.run(&format!("aws eks create-access-entry --cluster-name {CLUSTER} --principal-arn {role} --type EC2_LINUX"));
    for setting in ["region ap-south-1", "source_profile default", &format!("role_arn {role}")] {
        story.run(&format!("aws configure set {setting} --profile node"));
    }
    let mut session = |name: &str| {
        story.run(&format!("aws configure set role_session_name {name} --profile node"));
        story.act_as("node");
        story.run(WHO)
    };
    let who = session("i-0a1b2c3d4e5f60718");
    assert!(
        who.starts_with(
            "system:node:ip-10-0-1-10.ap-south-1.compute.internal [\"system:nodes\",\"system:authenticated\"]"
        ),
        "{who}"
    );
    // An instance that EC2 does not know, and a person on the role (iam 7).
    assert_eq!(session("i-00000000000000000"), NOBODY);
    assert_eq!(session("jane"), NOBODY);
}
