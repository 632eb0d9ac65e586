//! Tokens that a cluster takes, and those it does not.

use super::*;
use crate::engine::authn::{self, Refusal, Via};
use crate::engine::request::GroupResource;
use crate::engine::{ApiError, Caller, KubeRequest, KubeResponse, Request, Response};
use crate::session::scenario;

const CLUSTER: &str = "eks-demo-cluster";

/// The walk-through with a namespace of two service accounts and a pod, all made by an administrator.
struct Bench(World);

impl Bench {
    fn new() -> Self {
        let mut world = (*scenario::walkthrough().world).clone();
        let groups = vec!["system:masters".to_owned()];
        let root = UserInfo { username: "root".into(), groups, ..UserInfo::default() };
        world.cluster_mut(CLUSTER).unwrap().static_users.insert("root".into(), root);
        let mut bench = Self(world);
        for (plural, name) in [("namespaces", "dev"), ("serviceaccounts", "app"), ("serviceaccounts", "other")] {
            bench.create(plural, name, json!({})).unwrap();
        }
        bench.create("pods", "web", json!({ "spec": { "serviceAccountName": "app" } })).unwrap();
        bench
    }

    fn call(&mut self, request: KubeRequest) -> Result<KubeResponse, Status> {
        let caller = Caller::new(Credential::AccessKey("root".into()));
        match self.0.call(&caller, Request::Kube { cluster: CLUSTER.to_owned(), request }) {
            Ok(Response::Kube(answer)) => Ok(answer),
            Err(ApiError::Kube(status)) => Err(status),
            other => panic!("{other:?}"),
        }
    }

    fn create(&mut self, plural: &str, name: &str, rest: Value) -> Result<Value, Status> {
        let group = if plural == "tokenreviews" { "authentication.k8s.io" } else { "" };
        let kind = self.cluster().objects.resource(group, plural).unwrap();
        let mut object = json!({ "apiVersion": kind.api_version(), "kind": kind.kind, "metadata": { "name": name } });
        object.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        let resource = GroupResource::new(group, plural);
        let namespace = kind.namespaced.then(|| "dev".to_owned());
        match self.call(KubeRequest::Create { resource, namespace, object, dry_run: false, strict: false })? {
            KubeResponse::Object(object) => Ok(object),
            other => panic!("{other:?}"),
        }
    }

    fn delete(&mut self, plural: &str, name: &str) {
        let (resource, namespace) = (GroupResource::new("", plural), Some("dev".to_owned()));
        self.call(KubeRequest::Delete { resource, namespace, name: name.to_owned(), orphan: false, dry_run: false })
            .unwrap();
    }

    fn cluster(&self) -> &Cluster {
        self.0.cluster(CLUSTER).unwrap()
    }

    fn ask(&mut self, wanted: Wanted) -> Result<Value, Status> {
        match self.call(KubeRequest::TokenRequest(wanted))? {
            KubeResponse::Object(object) => Ok(object),
            other => panic!("{other:?}"),
        }
    }

    fn token(&mut self, wanted: Wanted) -> String {
        self.ask(wanted).unwrap()["status"]["token"].as_str().unwrap().to_owned()
    }

    fn outcome(&self, token: &str) -> Result<UserInfo, Refusal> {
        let lookup = authn::look_up(&self.0, self.cluster(), &Credential::Token(token.to_owned()));
        lookup.outcome.map(|identity| identity.user)
    }

    fn fault(&self, token: &str) -> String {
        match self.outcome(token) {
            Err(Refusal::Token(fault)) => fault.to_string(),
            other => panic!("{other:?}"),
        }
    }

    fn wait(&mut self, seconds: i64) {
        self.0.clock.0 += seconds * 1000;
    }
}

fn app() -> Wanted {
    Wanted { namespace: "dev".into(), name: "app".into(), seconds: 600, ..Wanted::default() }
}

fn bound(kind: &str, name: &str, uid: &str) -> Wanted {
    Wanted { bound_to: Some((kind.into(), name.into(), uid.into())), ..app() }
}

#[test]
fn a_token_of_eks_is_taken_for_fifteen_minutes_by_one_cluster() {
    let mut bench = Bench::new();
    let key = Credential::AccessKey(bench.0.users[0].access_key.clone());
    let token = of_eks(&bench.0, CLUSTER, &key, "us-east-1");
    let by_key = authn::look_up(&bench.0, bench.cluster(), &key);
    let by_token = authn::look_up(&bench.0, bench.cluster(), &Credential::Token(token.clone()));
    assert!(by_key.outcome.is_ok());
    assert_eq!(by_token, by_key);
    assert_eq!(bench.fault(&of_eks(&bench.0, "other", &key, "us-east-1")), "it was made for cluster other");
    let unknown = of_eks(&bench.0, CLUSTER, &Credential::AccessKey("AKIAGONE".into()), "us-east-1");
    assert!(matches!(bench.outcome(&unknown), Err(Refusal::Aws(_))));
    bench.wait(15 * 60);
    assert!(bench.outcome(&token).is_ok());
    bench.wait(1);
    assert_eq!(bench.fault(&token), "it was made more than 15 minutes ago");
}

#[test]
fn what_nobody_gave_out_is_refused() {
    let bench = Bench::new();
    let long = format!("k8s-aws-v1.{}", "A".repeat(4086));
    assert_eq!(long.len(), 4097);
    assert_eq!(bench.fault(&long), "it is longer than 4096 bytes");
    for token in ["", "x", "k8s-aws-v1.", "k8s-aws-v1.x", "a.b.c", "a.e30.c", "k8s-aws-v1.w6k", &long[..4096]] {
        assert_eq!(bench.fault(token), "it is none that EKS or the cluster gives out", "{token}");
    }
    // A date that is cut inside a character is no date.
    let url =
        format!("?X-Amz-Date=202é&X-Amz-Security-Token={}&X-Amz-Signature=eA", of_session(&Credential::Anonymous));
    assert_eq!(read_eks(&format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(url))), None);
}

#[test]
fn a_token_of_a_service_account_stands_for_it() {
    let mut bench = Bench::new();
    let token = bench.token(app());
    let credential = Credential::Token(token.clone());
    let lookup = authn::look_up(&bench.0, bench.cluster(), &credential);
    assert_eq!(lookup.via, Some(Via::ServiceAccount));
    let user = lookup.outcome.unwrap().user;
    assert_eq!(user.username, "system:serviceaccount:dev:app");
    assert_eq!(user.groups, ["system:serviceaccounts", "system:serviceaccounts:dev", "system:authenticated"]);
    assert_eq!(user.uid, uid_of(bench.cluster(), "serviceaccounts", "dev", "app").unwrap());
    assert!(user.extra[CREDENTIAL_ID][0].starts_with("JTI="));
    // A minute is granted after the end.
    bench.wait(660);
    assert!(bench.outcome(&token).is_ok());
    bench.wait(1);
    assert_eq!(bench.fault(&token), "service account token has expired");
    bench.wait(-661 - 60);
    assert!(bench.outcome(&token).is_ok());
    bench.wait(-1);
    assert_eq!(bench.fault(&token), "service account token is not valid yet");
}

#[test]
fn a_token_dies_with_its_account_and_is_not_the_next_ones() {
    let mut bench = Bench::new();
    let token = bench.token(app());
    let old = uid_of(bench.cluster(), "serviceaccounts", "dev", "app").unwrap();
    bench.delete("serviceaccounts", "app");
    assert_eq!(bench.fault(&token), "serviceaccounts \"app\" not found");
    bench.create("serviceaccounts", "app", json!({})).unwrap();
    let new = uid_of(bench.cluster(), "serviceaccounts", "dev", "app").unwrap();
    assert_eq!(bench.fault(&token), format!("service account UID ({new}) does not match claim ({old})"));
}

#[test]
fn a_token_for_somebody_else_is_not_for_the_api_server() {
    let mut bench = Bench::new();
    let token = bench.token(Wanted { audiences: vec!["vault".into()], ..app() });
    let text = "token audiences [\"vault\"] is invalid for the target audiences [\"https://kubernetes.default.svc\"]";
    assert_eq!(bench.fault(&token), text);
    // One of another cluster has another issuer.
    let mut claims: Claims =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap();
    claims.iss = oidc_issuer(&bench.0.region, "other");
    let forged = format!("a.{}.b", URL_SAFE_NO_PAD.encode(serde_json::to_string(&claims).unwrap()));
    assert_eq!(bench.outcome(&forged), Err(Refusal::Token(Fault::Unknown)));
}

#[test]
fn a_bound_token_dies_with_what_it_is_bound_to() {
    let mut bench = Bench::new();
    let answer = bench.ask(bound("Pod", "web", "")).unwrap();
    let pod = uid_of(bench.cluster(), "pods", "dev", "web").unwrap();
    assert_eq!(answer["spec"]["boundObjectRef"], json!({"kind": "Pod", "apiVersion": "v1", "name": "web", "uid": pod}));
    let token = answer["status"]["token"].as_str().unwrap();
    let user = bench.outcome(token).unwrap();
    assert_eq!(user.extra["authentication.kubernetes.io/pod-name"], ["web"]);
    assert_eq!(user.extra["authentication.kubernetes.io/pod-uid"], [pod]);
    bench.delete("pods", "web");
    assert_eq!(bench.fault(token), "service account token has been invalidated");
}

#[test]
fn requests_for_tokens_are_checked_in_the_servers_order() {
    let mut bench = Bench::new();
    let mut text = |wanted: Wanted| bench.ask(wanted).unwrap_err().message;
    let invalid = |seconds: i64, why: &str| {
        format!(
            "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: {seconds}: may not specify a duration {why}"
        )
    };
    assert_eq!(text(Wanted { name: "gone".into(), seconds: 1, ..app() }), "serviceaccounts \"gone\" not found");
    assert_eq!(text(Wanted { seconds: 599, ..app() }), invalid(599, "less than 10 minutes"));
    assert_eq!(text(Wanted { seconds: (1 << 32) + 1, ..app() }), invalid((1 << 32) + 1, "larger than 2^32 seconds"));
    assert_eq!(text(bound("Secret", "gone", "")), "secrets \"gone\" not found");
    assert_eq!(text(bound("Node", "gone", "")), "nodes \"gone\" not found");
    assert_eq!(
        text(bound("Pod", "web", "x")),
        "Operation cannot be fulfilled on Pod \"web\": the UID in the bound object reference (x) does not match the UID in record. The object might have been deleted and then recreated"
    );
    assert_eq!(
        text(Wanted { name: "other".into(), ..bound("Pod", "web", "") }),
        "cannot bind token for serviceaccount \"other\" to pod running with different serviceaccount name."
    );
}

#[test]
fn a_token_review_is_answered_and_not_stored() {
    let mut bench = Bench::new();
    let token = bench.token(app());
    let before = bench.0.clone();
    let mut review = |spec: Value| bench.create("tokenreviews", "r", json!({ "spec": spec }));
    let answer = review(json!({ "token": token })).unwrap();
    assert_eq!(answer["metadata"], json!({ "creationTimestamp": null, "name": "r" }));
    assert_eq!(answer["spec"], json!({ "token": token }));
    let status = &answer["status"];
    assert_eq!((&status["authenticated"], &status["audiences"]), (&json!(true), &json!([API_AUDIENCE])));
    assert_eq!(status["user"]["username"], "system:serviceaccount:dev:app");
    let root = review(json!({ "token": "root" })).unwrap();
    assert_eq!(
        root["status"]["user"],
        json!({ "username": "root", "groups": ["system:masters", "system:authenticated"] })
    );

    let refused = |error: &str| json!({ "user": {}, "error": error });
    assert_eq!(review(json!({ "token": "x" })).unwrap()["status"], refused("invalid bearer token"));
    let elsewhere = json!({ "token": "root", "audiences": ["vault"] });
    assert_eq!(review(elsewhere).unwrap()["status"], refused("invalid bearer token"));
    let text = "[invalid bearer token, token audiences [\"https://kubernetes.default.svc\"] is invalid for the target audiences [\"vault\"]]";
    assert_eq!(review(json!({ "token": token, "audiences": ["vault"] })).unwrap()["status"], refused(text));
    for empty in [json!({}), json!({ "token": "" })] {
        let status = review(empty).unwrap_err();
        assert_eq!(
            (status.reason.code(), status.message.as_str()),
            (400, "token is required for TokenReview in authentication")
        );
    }
    assert_eq!(bench.0, before);
}
