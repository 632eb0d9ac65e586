//! Whole commands beyond the recorded sessions.

use std::collections::BTreeMap;

use super::*;
use crate::engine::{Credential, tokens};
use crate::session::{Session, scenario};
use crate::shell::io::Input;

const CLUSTER: &str = "eks-demo-cluster";

struct Terminal {
    session: Session,
    env: BTreeMap<String, String>,
}

impl Terminal {
    fn new() -> Self {
        let session = Session::new(scenario::walkthrough()).with_standing_clock();
        Self { session, env: BTreeMap::new() }
    }

    fn with(variables: &[(&str, &str)]) -> Self {
        let env = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { env, ..Self::new() }
    }

    fn run(&mut self, line: &str) -> CommandOutput {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        super::run(&words, &mut Context { session: &mut self.session, env: &self.env, stdin: &Input::default() })
    }

    /// The text of the stream that the exit code calls for.
    fn check(&mut self, line: &str, exit: i32, expected: &str) {
        let output = self.run(line);
        assert_eq!(output.exit, exit, "{line}\n{}{}", output.stdout, output.stderr);
        assert_eq!(if exit == 0 { output.stdout } else { output.stderr }, expected, "{line}");
    }

    /// The error behind its prefix.
    fn fails(&mut self, line: &str, exit: i32, expected: &str) {
        self.check(line, exit, &format!("\naws: [ERROR]: {expected}\n"));
    }
}

#[test]
fn global_prefixes_are_matched_before_those_of_the_operation() {
    let mut t = Terminal::new();
    t.fails("eks list-access-entries --p nobody --cluster x", 255, "The config profile (nobody) could not be found");
    t.check("--v", 0, &format!("{VERSION}\n"));
    let output = t.run("eks describe-cluster --cli x");
    assert!(output.stderr.contains("ambiguous option: --cli could match --cli-read-timeout, --cli-connect-timeout"));
}

#[test]
fn stray_words_are_named_last() {
    let output = Terminal::new().run("eks list-clusters a b --foo c");
    assert!(output.stderr.ends_with("\n\naws: [ERROR]: Unknown options: b, --foo, c, a\n"), "{}", output.stderr);
    assert_eq!(output.exit, 252);
}

#[test]
fn a_word_after_an_unknown_option_is_taken_for_the_operation() {
    let output = Terminal::new().run(&format!("eks --cluster-name {CLUSTER} list-access-entries"));
    assert!(output.stderr.contains("argument operation: Found invalid choice 'eks-demo-cluster'\n"));
}

#[test]
fn values_are_checked_as_the_client_checks_them() {
    let mut t = Terminal::new();
    t.fails("eks list-clusters --max-results abc", 255, "invalid literal for int() with base 10: 'abc'");
    t.fails(
        "sts assume-role --role-arn x --role-session-name y",
        252,
        "An error occurred (ParamValidation): Parameter validation failed:\n\
         Invalid length for parameter RoleArn, value: 1, valid min length: 20\n\
         Invalid length for parameter RoleSessionName, value: 1, valid min length: 2",
    );
    t.fails(
        "eks list-clusters --no-paginate --max-items 1",
        252,
        "An error occurred (ParamValidation): Cannot specify --no-paginate along with pagination arguments: --max-items",
    );
    t.fails(
        "eks create-access-entry --cli-input-json []",
        252,
        "An error occurred (ParamValidation): Error parsing parameter '--cli-input-json': Invalid type: expecting map, received <class 'list'>",
    );
}

#[test]
fn inputs_may_come_from_yaml_and_files() {
    let mut t = Terminal::new();
    let text = format!("clusterName: {CLUSTER}\nprincipalArn: arn:aws:iam::111122223333:user/k8s-dev\n");
    t.session.workstation_mut().write("in.yaml", &text).unwrap();
    t.check(
        "eks create-access-entry --cli-input-yaml file://in.yaml --query accessEntry.type --output text",
        0,
        "STANDARD\n",
    );
    t.session.workstation_mut().write("name", CLUSTER).unwrap();
    t.check("eks describe-cluster --name file://name --query cluster.name --output text", 0, &format!("{CLUSTER}\n"));
}

#[test]
fn skeletons_need_no_service() {
    let mut t = Terminal::with(&[("AWS_SHARED_CREDENTIALS_FILE", "none"), ("AWS_CONFIG_FILE", "none")]);
    t.check("eks describe-cluster --generate-cli-skeleton", 0, "{\n    \"name\": \"\"\n}\n");
    t.check(
        "eks describe-cluster --generate-cli-skeleton yaml-input --name x",
        0,
        "name: ''  # [REQUIRED] The name of the cluster.\n",
    );
    let output = t.run("sts get-caller-identity --generate-cli-skeleton output --output text");
    assert_eq!(output.stdout, "Account\tArn\tUserId\n");
}

#[test]
fn configuration_is_missed_before_the_call() {
    let mut t = Terminal::with(&[("AWS_SHARED_CREDENTIALS_FILE", "none"), ("AWS_CONFIG_FILE", "none")]);
    let region = "An error occurred (NoRegion): You must specify a region. You can also configure your region by running \"aws configure\".";
    t.fails("eks list-clusters", 253, region);
    let credentials = "An error occurred (NoCredentials): Unable to locate credentials. You can configure credentials by running \"aws login\".";
    t.fails("eks list-clusters --region ap-south-1", 253, credentials);
}

#[test]
fn another_region_has_no_clusters() {
    let mut t = Terminal::new();
    t.check("eks list-clusters --region us-east-1 --output text", 0, "");
    let output = t.run(&format!("eks describe-cluster --name {CLUSTER} --region us-east-1"));
    assert_eq!(output.exit, 254);
    assert!(output.stderr.contains(&format!("No cluster found for name: {CLUSTER}.")) && output.hint.is_some());
}

#[test]
fn errors_are_shown_in_the_wanted_format() {
    let mut t = Terminal::new();
    t.check(
        "eks describe-cluster --name no --cli-error-format text",
        254,
        "ResourceNotFoundException\tNo cluster found for name: no.\tno\tNo cluster found for name: no.\n",
    );
    let line = format!("eks update-cluster-config --name {CLUSTER} --access-config authenticationMode=CONFIG_MAP");
    assert!(t.run(&line).stderr.ends_with(&format!("\n\nAdditional error details:\nclusterName: {CLUSTER}\n")));
    assert!(!t.run(&format!("{line} --cli-error-format legacy")).stderr.contains("Additional"));
    t.env.insert("AWS_CLI_ERROR_FORMAT".to_owned(), "yaml".to_owned());
    assert!(t.run(&line).stderr.starts_with("Code: InvalidParameterException\n"));
}

#[test]
fn temporary_credentials_keep_their_identity() {
    let mut t = Terminal::new();
    let role = "arn:aws:iam::111122223333:role/eks-node-role";
    let output = t.run(&format!(
        "sts assume-role --role-arn {role} --role-session-name me --output text \
         --query Credentials.[AccessKeyId,SecretAccessKey,SessionToken]"
    ));
    let parts: Vec<String> = output.stdout.split_whitespace().map(str::to_owned).collect();
    let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
    t.env = names.iter().map(|name| (*name).to_owned()).zip(parts).collect();
    t.env.insert("AWS_REGION".to_owned(), "ap-south-1".to_owned());
    t.check(
        "sts get-caller-identity --query Arn --output text",
        0,
        "arn:aws:sts::111122223333:assumed-role/eks-node-role/me\n",
    );
}

/// As a person would: keys into the environment, then a token of the cluster (iam 3, eks 17.8).
#[test]
fn a_federated_user_may_only_ask_who_it_is() {
    let mut t = Terminal::new();
    let output = t.run(
        "sts get-federation-token --name bob --output text --query Credentials.[AccessKeyId,SecretAccessKey,SessionToken]",
    );
    let parts: Vec<String> = output.stdout.split_whitespace().map(str::to_owned).collect();
    let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
    t.env = names.iter().map(|name| (*name).to_owned()).zip(parts).collect();
    t.env.insert("AWS_REGION".to_owned(), "ap-south-1".to_owned());
    t.check(
        "sts get-caller-identity --query [UserId,Arn] --output text",
        0,
        "111122223333:bob\tarn:aws:sts::111122223333:federated-user/bob\n",
    );
    t.fails(
        &format!("eks describe-cluster --name {CLUSTER}"),
        254,
        "An error occurred (AccessDeniedException) when calling the DescribeCluster operation: User: \
         arn:aws:sts::111122223333:federated-user/bob is not authorized to perform: eks:DescribeCluster on resource: \
         arn:aws:eks:ap-south-1:111122223333:cluster/eks-demo-cluster because no session policy allows the eks:DescribeCluster action",
    );
    // The token is made without asking EKS.
    assert_eq!(t.run(&format!("eks get-token --cluster-name {CLUSTER}")).exit, 0);
    t.fails("sts get-federation-token --name bob", 254, "An error occurred (AccessDenied) when calling the GetFederationToken operation: Cannot call GetFederationToken with session credentials");
}

#[test]
fn profiles_sign_in_as_root_and_through_identity_center() {
    let mut t = Terminal::new();
    t.check("configure set login_session arn:aws:iam::111122223333:root --profile root", 0, "");
    let who = "sts get-caller-identity --query [UserId,Arn] --output text --region ap-south-1";
    t.check(&format!("{who} --profile root"), 0, "111122223333\tarn:aws:iam::111122223333:root\n");
    t.check("iam get-user --query User.Arn --output text --profile root", 0, "arn:aws:iam::111122223333:root\n");
    let path = "/aws-reserved/sso.amazonaws.com/ap-south-1/";
    let role = "AWSReservedSSO_Dev_0123456789abcdef";
    assert_eq!(
        t.run(&format!("iam create-role --role-name {role} --path {path} --assume-role-policy-document {{}}")).exit,
        0
    );
    t.fails(
        &format!("sts assume-role --role-arn arn:aws:iam::111122223333:role{path}{role} --role-session-name me"),
        254,
        &format!(
            "An error occurred (AccessDenied) when calling the AssumeRole operation: User: \
             arn:aws:iam::111122223333:user/cluster-creator is not authorized to perform: sts:AssumeRole on resource: \
             arn:aws:iam::111122223333:role{path}{role}"
        ),
    );
    t.check("configure set sso_role_name Dev --profile dev", 0, "");
    t.fails(
        &format!("{who} --profile dev"),
        255,
        "The profile \"dev\" is configured to use SSO but is missing required configuration: sso_start_url, sso_region, sso_account_id",
    );
    for setting in ["sso_start_url https://x", "sso_region ap-south-1", "sso_account_id 111122223333"] {
        t.check(&format!("configure set {setting} --profile dev"), 0, "");
    }
    let arn = format!("arn:aws:sts::111122223333:assumed-role/{role}/user@example.com");
    assert!(t.run(&format!("{who} --profile dev")).stdout.ends_with(&format!(":user@example.com\t{arn}\n")));
    t.check("configure set sso_role_name Nobody --profile dev", 0, "");
    t.fails(
        &format!("{who} --profile dev"),
        254,
        "An error occurred (ForbiddenException) when calling the GetRoleCredentials operation: No access",
    );
}

#[test]
fn tokens_carry_cluster_and_credential() {
    let mut t = Terminal::new();
    let line = format!("eks get-token --cluster-name {CLUSTER} --query status.token --output text");
    let (first, second) = (t.run(&line).stdout, t.run(&line).stdout);
    assert_eq!(first, second);
    let key = t.session.world().users.first().unwrap().access_key.clone();
    let own = Credential::AccessKey(key);
    assert_eq!(tokens::eks(t.session.world(), CLUSTER, first.trim()), Ok(own));
    let output = t.run(&format!("eks get-token --cluster-name {CLUSTER}"));
    assert!(
        output.stdout.contains("\"expirationTimestamp\": \"2024-01-17T10:44:00Z\"") && output.stdout.ends_with("}\n\n")
    );
}

#[test]
fn waiting_ends_at_once_or_says_why() {
    let mut t = Terminal::new();
    t.check(&format!("eks wait cluster-active --name {CLUSTER}"), 0, "");
    t.fails(
        "eks wait cluster-active --name no",
        255,
        "Waiter ClusterActive failed: An error occurred (ResourceNotFoundException): No cluster found for name: no.",
    );
    t.check("eks wait cluster-deleted --name no", 0, "");
    assert!(t.run("eks wait").stderr.contains("too few arguments"));
    assert_eq!(t.run("eks wait addon-active --cluster-name x").exit, 2);
    let group = format!("--cluster-name {CLUSTER} --nodegroup-name ng");
    t.run(&format!(
        "eks create-nodegroup {group} --node-role arn:aws:iam::111122223333:role/eks-node-role --subnets s"
    ));
    t.check(&format!("eks wait nodegroup-active {group}"), 0, "");
    let failed = |word: &str, why: &str| format!("Waiter Nodegroup{word} failed: {why}");
    let no = format!("eks wait nodegroup-active --cluster-name {CLUSTER} --nodegroup-name no");
    let missing = "An error occurred (ResourceNotFoundException): No node group found for name: no.";
    t.fails(&no, 255, &failed("Active", missing));
    // Nothing deletes it: the waiter gives up after its last try.
    t.fails(&format!("eks wait nodegroup-deleted {group}"), 255, &failed("Deleted", "Max attempts exceeded"));
    t.run(&format!("eks delete-nodegroup {group}"));
    t.check(&format!("eks wait nodegroup-deleted {group}"), 0, "");
    let profile = format!("--cluster-name {CLUSTER} --fargate-profile-name fp");
    t.check(&format!("eks wait fargate-profile-deleted {profile}"), 0, "");
}

#[test]
fn settings_are_listed_and_changed() {
    let mut t = Terminal::new();
    t.check("configure set region eu-west-1 --profile new", 0, "");
    t.check("configure get region --profile new", 0, "eu-west-1\n");
    t.check("configure get default.output", 0, "json\n");
    t.check("configure get nothing", 1, "");
    t.check("configure set aws_access_key_id AKIAX --profile new", 0, "");
    assert!(t.run("configure list-profiles").stdout.ends_with("new\n"));
    let listed = t.run("configure list").stdout;
    assert!(listed.starts_with("NAME       : VALUE                    : TYPE             : LOCATION\n"), "{listed}");
    assert!(listed.contains("region     : ap-south-1               : config-file      : ~/.aws/config\n"), "{listed}");
}

#[test]
fn help_is_made_from_the_table() {
    let mut t = Terminal::new();
    assert!(t.run("help").stdout.contains("  eks        Amazon Elastic Kubernetes Service\n"));
    assert!(t.run("eks help").stdout.contains("create-access-entry"));
    let page = t.run("eks associate-access-policy help").stdout;
    assert!(page.contains("Shorthand: type=cluster|namespace,namespaces=a,b"), "{page}");
    for service in model::SERVICES {
        for operation in service.operations {
            assert_eq!(t.run(&format!("{} {} help", service.name, operation.command())).exit, 0);
        }
    }
    assert_eq!(t.run("s3 ls").exit, 2);
    assert_eq!(t.run("eks create-capability --x").exit, 2);
}

/// The table and the API shapes say the same: what the table describes can be made into a request.
#[test]
fn every_operation_of_the_table_is_one_of_the_world() {
    for operation in model::SERVICES.iter().flat_map(|service| service.operations) {
        let mut input = skeleton::input(operation.input);
        let members = input.as_object_mut().unwrap();
        members.retain(|name, _| !operation.member(name).unwrap().inert);
        let request = crate::engine::AwsRequest::from_parts(operation.name, input);
        assert!(request.is_ok(), "{}: {request:?}", operation.name);
    }
}
