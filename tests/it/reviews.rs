//! Reviews as objects: `kubectl create -f` of an access review and its kin answers with the status (rbac 1, 9).

use eks_access_playground::session::{Session, scenario};
use eks_access_playground::shell::terminal;

/// What `kubectl FLAGS create -f - OUTPUT` prints for a manifest, errors included.
fn create(session: &mut Session, flags: &str, output: &str, manifest: &str) -> String {
    let ran = terminal::run(session, &format!("kubectl {flags} create -f - {output} <<'EOF'\n{manifest}\nEOF"));
    ran.last().unwrap().chunks.iter().map(|chunk| chunk.text.as_str()).collect()
}

fn start() -> Session {
    Session::new(scenario::walkthrough())
}

#[track_caller]
fn check(flags: &str, manifest: &str, expected: &str) {
    let mut session = start();
    let before = session.world().clone();
    assert_eq!(create(&mut session, flags, "-o yaml", manifest), expected, "{manifest}");
    assert_eq!(*session.world(), before, "a review stores nothing");
}

const SELF: &str = "apiVersion: authorization.k8s.io/v1\nkind: SelfSubjectAccessReview\n";
const SUBJECT: &str = "apiVersion: authorization.k8s.io/v1\nkind: SubjectAccessReview\n";
const LOCAL: &str = "apiVersion: authorization.k8s.io/v1\nkind: LocalSubjectAccessReview\n";
const RULES: &str = "apiVersion: authorization.k8s.io/v1\nkind: SelfSubjectRulesReview\n";

#[test]
fn a_self_review_answers_for_the_caller_policies_included() {
    let mut session = start();
    let manifest = format!("{SELF}spec:\n  resourceAttributes: {{verb: list, resource: nodes, name: \"\"}}");
    let id = session.world().users[0].unique_id.clone();
    let policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";
    let reason = format!(
        "EKS Access Policy: allowed by ClusterRoleBinding \"arn:aws:iam::111122223333:user/cluster-creator+{policy}\" \
         of ClusterRole \"{policy}\" to User \"{id}\""
    );
    let answer = create(&mut session, "", "-o jsonpath='{.status}'", &manifest);
    let expected = serde_json::json!({ "allowed": true, "reason": reason });
    assert_eq!(serde_json::from_str::<serde_json::Value>(&answer).unwrap(), expected);
    assert_eq!(
        create(&mut session, "", "", &manifest),
        "selfsubjectaccessreview.authorization.k8s.io/<unknown> created\n"
    );
    // The server leaves empty members out of its answer. Another's policies do not count (eks 12.7).
    check(
        "--as jane --as-group viewers",
        &manifest,
        "apiVersion: authorization.k8s.io/v1\nkind: SelfSubjectAccessReview\nmetadata:\n  creationTimestamp: null\n\
         spec:\n  resourceAttributes:\n    resource: nodes\n    verb: list\nstatus:\n  allowed: false\n",
    );
}

#[test]
fn a_subject_review_takes_user_and_groups_as_stated() {
    check(
        "",
        &format!("{SUBJECT}spec:\n  groups: [system:masters]\n  nonResourceAttributes: {{verb: get, path: /x}}"),
        "apiVersion: authorization.k8s.io/v1\nkind: SubjectAccessReview\nmetadata:\n  creationTimestamp: null\n\
         spec:\n  groups:\n  - system:masters\n  nonResourceAttributes:\n    path: /x\n    verb: get\n\
         status:\n  allowed: true\n",
    );
    check(
        "",
        &format!(
            "{SUBJECT}spec:\n  user: jane\n  groups: [system:authenticated]\n  nonResourceAttributes: {{verb: get, path: /healthz}}"
        ),
        "apiVersion: authorization.k8s.io/v1\nkind: SubjectAccessReview\nmetadata:\n  creationTimestamp: null\n\
         spec:\n  groups:\n  - system:authenticated\n  nonResourceAttributes:\n    path: /healthz\n    verb: get\n  user: jane\n\
         status:\n  allowed: true\n  reason: 'RBAC: allowed by ClusterRoleBinding \"system:discovery\" of ClusterRole \"system:discovery\"\n    \
         to Group \"system:authenticated\"'\n",
    );
}

#[test]
fn a_local_review_is_about_its_own_namespace() {
    let review = |attributes: &str| format!("{LOCAL}metadata:\n  namespace: dev\nspec:\n  user: jane\n  {attributes}");
    // That the namespace exists is not asked: it would leak.
    check(
        "",
        &review("resourceAttributes: {verb: get, resource: pods, namespace: dev}"),
        "apiVersion: authorization.k8s.io/v1\nkind: LocalSubjectAccessReview\nmetadata:\n  creationTimestamp: null\n  \
         namespace: dev\nspec:\n  resourceAttributes:\n    namespace: dev\n    resource: pods\n    verb: get\n  user: jane\n\
         status:\n  allowed: false\n",
    );
    for (attributes, why) in [
        (
            "resourceAttributes: {verb: get, resource: pods, namespace: prod}",
            "spec.resourceAttributes.namespace: Invalid value: \"prod\": must match metadata.namespace",
        ),
        (
            "resourceAttributes: {verb: get, resource: pods}",
            "spec.resourceAttributes.namespace: Invalid value: \"\": must match metadata.namespace",
        ),
        (
            "nonResourceAttributes: {verb: get, path: /x}",
            "spec.nonResourceAttributes: Invalid value: authorization.NonResourceAttributes{Path:\"/x\", Verb:\"get\"}: disallowed on this kind of request",
        ),
    ] {
        check("", &review(attributes), &format!("The request is invalid: {why}\n"));
    }
}

#[test]
fn a_review_that_asks_too_little_or_too_much_is_refused() {
    let both = "resourceAttributes: {verb: get, resource: pods}\n  nonResourceAttributes: {verb: get, path: /x}";
    check(
        "",
        &format!("{SELF}spec:\n  {both}"),
        "The request is invalid: spec.nonResourceAttributes: Invalid value: \
         authorization.NonResourceAttributes{Path:\"/x\", Verb:\"get\"}: cannot be specified in combination with resourceAttributes\n",
    );
    check(
        "",
        &format!("{SUBJECT}spec: {{}}"),
        "The request is invalid: \n* spec.resourceAttributes: Invalid value: \"null\": exactly one of nonResourceAttributes \
         or resourceAttributes must be specified\n* spec.user: Invalid value: \"\": at least one of user or group must be specified\n",
    );
    check(
        "",
        &format!("{SELF}metadata:\n  labels: {{a: b}}\nspec:\n  resourceAttributes: {{verb: get, resource: pods}}"),
        "The request is invalid: metadata: Invalid value: v1.ObjectMeta{Name:\"\", GenerateName:\"\", Namespace:\"\", \
         SelfLink:\"\", UID:\"\", ResourceVersion:\"\", Generation:0, CreationTimestamp:time.Date(1, time.January, 1, 0, 0, 0, 0, time.UTC), \
         DeletionTimestamp:<nil>, DeletionGracePeriodSeconds:(*int64)(nil), Labels:map[string]string{\"a\":\"b\"}, \
         Annotations:map[string]string(nil), OwnerReferences:[]v1.OwnerReference(nil), Finalizers:[]string(nil), \
         ManagedFields:[]v1.ManagedFieldsEntry(nil)}: must be empty\n",
    );
    check(
        "",
        &format!("{SELF}spec:\n  resource: pods"),
        "Error from server (BadRequest): error when creating \"STDIN\": SelfSubjectAccessReview in version \"v1\" cannot be \
         handled as a SelfSubjectAccessReview: strict decoding error: unknown field \"spec.resource\"\n",
    );
}

#[test]
fn a_rules_review_lists_what_rbac_gives_and_says_that_there_is_more() {
    check(
        "",
        &format!("{RULES}spec: {{}}"),
        "Error from server (BadRequest): error when creating \"STDIN\": no namespace on request\n",
    );
    let mut session = start();
    let manifest = format!("{RULES}spec: {{namespace: dev}}");
    let answer = create(&mut session, "", "-o json", &manifest);
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["spec"], serde_json::json!({}));
    let status = answer["status"].as_object().unwrap();
    assert_eq!(
        status.keys().collect::<Vec<_>>(),
        ["evaluationError", "incomplete", "nonResourceRules", "resourceRules"]
    );
    assert_eq!(status["evaluationError"], "webhook authorizer does not support user rule resolution");
    assert!(!status["resourceRules"].as_array().unwrap().is_empty());
}

#[test]
fn a_review_of_oneself_says_who_and_when() {
    let answer = create(&mut start(), "", "-o yaml", "apiVersion: authentication.k8s.io/v1\nkind: SelfSubjectReview");
    let whoami = terminal::run(&mut start(), "kubectl auth whoami -o yaml");
    let whoami: String = whoami.last().unwrap().chunks.iter().map(|chunk| chunk.text.as_str()).collect();
    assert_eq!(answer, whoami);
}

#[test]
fn reviews_have_no_name_to_be_applied_by() {
    let manifest = format!("{SELF}spec:\n  resourceAttributes: {{verb: list, resource: nodes}}");
    let ran = terminal::run(&mut start(), &format!("kubectl apply -f - <<'EOF'\n{manifest}\nEOF"));
    let text: String = ran.last().unwrap().chunks.iter().map(|chunk| chunk.text.as_str()).collect();
    assert_eq!(
        text,
        "error: error when retrieving current configuration of:\nResource: \"authorization.k8s.io/v1, \
         Resource=selfsubjectaccessreviews\", GroupVersionKind: \"authorization.k8s.io/v1, Kind=SelfSubjectAccessReview\"\n\
         Name: \"\", Namespace: \"\"\nfrom server for: \"STDIN\": resource name may not be empty\n"
    );
}
