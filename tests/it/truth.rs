//! The access policies against the truth table of eks 22, asked as a caller would ask.

use eks_access_playground::aws::eks::{AccessScope, AssociateAccessPolicyRequest, CreateAccessEntryRequest};
use eks_access_playground::engine::{
    AwsRequest, Caller, Credential, KubeRequest, KubeResponse, Request, Response, World,
};
use eks_access_playground::k8s::attributes::{Action, ResourceAction};
use eks_access_playground::session::scenario;

const COLUMNS: [&str; 6] = [
    "AmazonEKSViewPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSAdminPolicy",
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSSecretReaderPolicy",
];

/// Request, and a `+` or `-` for each column.
const TRUTH: &[(&str, &str)] = &[
    ("get pods", "+++++-"),
    ("get pods/log", "+++++-"),
    ("create pods", "--+++-"),
    ("delete pods", "--+++-"),
    ("create pods/exec", "--+++-"),
    ("get pods/exec", "-++++-"),
    ("create pods/portforward", "--+++-"),
    ("create pods/eviction", "----+-"),
    ("list deployments.apps", "+++++-"),
    ("create deployments.apps", "--+++-"),
    ("patch deployments/scale.apps", "--+++-"),
    ("update deployments/status.apps", "----+-"),
    ("list services", "+++++-"),
    ("create services", "--+++-"),
    ("get secrets", "-+++++"),
    ("create secrets", "--+++-"),
    ("list configmaps", "+++++-"),
    ("delete configmaps", "--+++-"),
    ("list events", "+++++-"),
    ("create events", "--+++-"),
    ("list serviceaccounts", "+++++-"),
    ("create serviceaccounts/token", "----+-"),
    ("impersonate serviceaccounts", "--+++-"),
    ("list namespaces", "+++++-"),
    ("create namespaces", "----+-"),
    ("list nodes", "-+--+-"),
    ("list persistentvolumes", "-+--+-"),
    ("list persistentvolumeclaims", "+++++-"),
    ("list storageclasses.storage.k8s.io", "-+--+-"),
    ("list ingresses.networking.k8s.io", "+++++-"),
    ("list ingressclasses.networking.k8s.io", "-+--+-"),
    ("list roles.rbac.authorization.k8s.io", "-+-++-"),
    ("create rolebindings.rbac.authorization.k8s.io", "---++-"),
    ("bind clusterroles.rbac.authorization.k8s.io", "----+-"),
    ("list clusterroles.rbac.authorization.k8s.io", "-+--+-"),
    ("list customresourcedefinitions.apiextensions.k8s.io", "-+--+-"),
    ("list servicemonitors.monitoring.coreos.com", "-+--+-"),
    ("list pods.metrics.k8s.io", "-+--+-"),
    ("list leases.coordination.k8s.io", "-+--+-"),
    ("create resourcequotas", "----+-"),
    ("get resourcequotas", "+++++-"),
    ("create localsubjectaccessreviews.authorization.k8s.io", "---++-"),
    ("list jobs.batch", "+++++-"),
    ("create cronjobs.batch", "--+++-"),
];

/// `VERB RESOURCE[/SUBRESOURCE][.GROUP]` as a request.
fn action(request: &str, namespace: &str) -> Action {
    let (verb, rest) = request.split_once(' ').unwrap();
    let (resource, group) = rest.split_once('.').unwrap_or((rest, ""));
    let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
    let [verb, api_group, resource, subresource, namespace] =
        [verb, group, resource, subresource, namespace].map(str::to_owned);
    Action::Resource(ResourceAction { verb, api_group, resource, subresource, name: String::new(), namespace })
}

/// A world whose user `k8s-dev` holds one policy and no group.
fn holder_of(policy: &str, scope: AccessScope) -> (World, Caller) {
    let mut world = (*scenario::walkthrough().world).clone();
    let caller = |world: &World, user: &str| {
        let key = world.users.iter().find(|u| u.name == user).unwrap().access_key.clone();
        Caller::new(Credential::AccessKey(key))
    };
    let admin = caller(&world, "cluster-creator");
    let cluster_name = "eks-demo-cluster".to_owned();
    let principal_arn = "arn:aws:iam::111122223333:user/k8s-dev".to_owned();
    let entry = CreateAccessEntryRequest {
        cluster_name: cluster_name.clone(),
        principal_arn: principal_arn.clone(),
        ..CreateAccessEntryRequest::default()
    };
    let policy_arn = format!("arn:aws:eks::aws:cluster-access-policy/{policy}");
    let association = AssociateAccessPolicyRequest { cluster_name, principal_arn, policy_arn, access_scope: scope };
    for request in [AwsRequest::CreateAccessEntry(entry), AwsRequest::AssociateAccessPolicy(association)] {
        world.call(&admin, Request::Aws(request)).unwrap();
    }
    let developer = caller(&world, "k8s-dev");
    (world, developer)
}

fn allows(world: &World, caller: &Caller, action: Action) -> bool {
    let request = KubeRequest::SelfSubjectAccessReview { action };
    let request = Request::Kube { cluster: "eks-demo-cluster".to_owned(), request };
    match world.read(caller, &request).unwrap() {
        Response::Kube(KubeResponse::AccessReview { allowed, .. }) => allowed,
        other => panic!("{other:?}"),
    }
}

/// A holder of each policy of [`COLUMNS`].
fn holders(scope: &AccessScope) -> Vec<(World, Caller)> {
    COLUMNS.iter().map(|policy| holder_of(policy, scope.clone())).collect()
}

fn answers(holders: &[(World, Caller)], request: &str, namespace: &str) -> String {
    let answer =
        |(world, caller): &(World, Caller)| if allows(world, caller, action(request, namespace)) { '+' } else { '-' };
    holders.iter().map(answer).collect()
}

#[test]
fn truth_table_at_cluster_scope() {
    let holders = holders(&AccessScope::cluster());
    for (request, expected) in TRUTH {
        assert_eq!(answers(&holders, request, ""), *expected, "{request}");
    }
}

#[test]
fn a_namespace_scope_counts_inside_its_namespaces_alone() {
    let holders = holders(&AccessScope { kind: "namespace".into(), namespaces: vec!["dev".into(), "team-*".into()] });
    assert_eq!(answers(&holders, "get pods", "dev"), "+++++-");
    assert_eq!(answers(&holders, "get secrets", "team-a"), "-+++++");
    for (request, _) in TRUTH {
        for namespace in ["", "prod", "team"] {
            assert_eq!(answers(&holders, request, namespace), "------", "{request} in `{namespace}`");
        }
    }
}
