//! Bearer tokens: what `aws eks get-token` and `kubectl create token` give out, and what a cluster makes of them.
//!
//! Both have the form of the real ones. They carry their content in the open, since the signature of a simulated key
//! proves nothing; equal worlds give equal tokens.
//!
//! Sources: iam 1, eks 17.8; for service accounts `pkg/serviceaccount/{jwt,claims}.go` and
//! `pkg/registry/core/serviceaccount/storage/token.go` of Kubernetes, v1.33.

#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::eks::oidc_issuer;
use super::request::Credential;
use super::world::{Cluster, World};
use crate::formats::go_text;
use crate::formats::time::Timestamp;
use crate::k8s::attributes::UserInfo;
use crate::k8s::object::uid;
use crate::k8s::status::Status;

/// Whom a token for the API server is meant for.
pub const API_AUDIENCE: &str = "https://kubernetes.default.svc";
/// Extra field of a user that a token of a service account stands for: the token's id.
pub const CREDENTIAL_ID: &str = "authentication.kubernetes.io/credential-id";

/// How tokens of EKS begin.
const PREFIX: &str = "k8s-aws-v1.";
/// How session tokens of this simulation begin.
const SESSION_PREFIX: &str = "SIM";
/// Longest token of EKS that is looked at, in bytes (iam 1).
const LONGEST: usize = 4096;
/// How long STS honours a signed request, in milliseconds (iam 1).
const HONOURED: i64 = 15 * 60 * 1000;
/// How far clocks may differ when a service account's token is checked, in seconds.
const LEEWAY: i64 = 60;
/// The shortest and the longest life that can be asked for, in seconds.
const LIVES: (i64, i64) = (600, 1 << 32);

/// Why a cluster does not take a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Neither EKS nor the cluster gave it out, or it is meant for somebody else.
    #[error("it is none that EKS or the cluster gives out")]
    Unknown,
    /// Longer than is looked at.
    #[error("it is longer than {LONGEST} bytes")]
    TooLong,
    /// STS no longer honours it.
    #[error("it was made more than 15 minutes ago")]
    Expired,
    /// It was made for the cluster of this name.
    #[error("it was made for cluster {0}")]
    OtherCluster(String),
    /// The cluster's own word on a token of a service account.
    #[error("{0}")]
    ServiceAccount(String),
}

/// The session token of temporary credentials: it carries the credential, so that pasted keys keep their identity.
pub fn of_session(credential: &Credential) -> String {
    let text = serde_json::to_value(credential).unwrap_or_default().to_string();
    format!("{SESSION_PREFIX}{}", URL_SAFE_NO_PAD.encode(text))
}

/// The credential in a session token.
pub fn session(token: &str) -> Option<Credential> {
    let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(SESSION_PREFIX)?).ok()?;
    serde_json::from_value(serde_json::from_slice(&bytes).ok()?).ok()
}

/// A token of EKS for a cluster: a presigned call of `GetCallerIdentity`, made at the world's time.
pub fn of_eks(world: &World, cluster: &str, credential: &Credential, region: &str) -> String {
    let key = world.identify(credential).map(|caller| caller.access_key_id).unwrap_or_default();
    let date: String = world.clock.kubernetes_text().chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    let day = date.split('T').next().unwrap_or_default();
    let url = format!(
        "https://sts.{region}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15\
         &X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={key}%2F{day}%2F{region}%2Fsts%2Faws4_request\
         &X-Amz-Date={date}&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id\
         &X-Amz-Security-Token={}&X-Amz-Signature={}",
        of_session(credential),
        URL_SAFE_NO_PAD.encode(cluster),
    );
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(url))
}

/// The credential in a token of EKS that `cluster` takes now.
///
/// # Errors
/// Why it does not.
pub fn eks(world: &World, cluster: &str, token: &str) -> Result<Credential, Fault> {
    if token.len() > LONGEST {
        return Err(Fault::TooLong);
    }
    let (made_for, credential, made) = read_eks(token).ok_or(Fault::Unknown)?;
    if made_for != cluster {
        return Err(Fault::OtherCluster(made_for));
    }
    if world.clock.0.saturating_sub(made.0) > HONOURED { Err(Fault::Expired) } else { Ok(credential) }
}

/// Cluster, credential and time of a token of EKS.
fn read_eks(token: &str) -> Option<(String, Credential, Timestamp)> {
    let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
    let url = String::from_utf8(bytes).ok()?;
    let parameter = |name: &str| url.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
    let cluster = URL_SAFE_NO_PAD.decode(parameter("X-Amz-Signature")?).ok()?;
    // `20240117T103000Z`, as the signature's date is written.
    let mut date = parameter("X-Amz-Date")?.to_owned();
    for (at, sign) in [(4, '-'), (7, '-'), (13, ':'), (16, ':')] {
        date.is_char_boundary(at).then(|| date.insert(at, sign))?;
    }
    let made = Timestamp::parse(&date).ok()?;
    Some((String::from_utf8(cluster).ok()?, session(parameter("X-Amz-Security-Token")?)?, made))
}

/// A token that is asked for a service account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Namespace of the service account.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Whom the token is for; nobody stands for the API server.
    pub audiences: Vec<String>,
    /// How long it lives, in seconds.
    pub seconds: i64,
    /// Kind, name and uid (empty for any) of the object that the token dies with.
    pub bound_to: Option<(String, String, String)>,
}

/// What a token of a service account says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    aud: Vec<String>,
    exp: i64,
    iat: i64,
    iss: String,
    jti: String,
    #[serde(rename = "kubernetes.io")]
    private: Private,
    nbf: i64,
    sub: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Private {
    namespace: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    node: Option<Named>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pod: Option<Named>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<Named>,
    serviceaccount: Named,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Named {
    name: String,
    uid: String,
}

/// Gives out a token for a service account, after the server's checks in their order: the `TokenRequest` with its
/// status.
///
/// # Errors
/// The API server's status.
pub fn answer(world: &World, cluster: &Cluster, wanted: &Wanted) -> Result<Value, Status> {
    let Wanted { namespace, name, seconds, .. } = wanted;
    let owner = uid_of(cluster, "serviceaccounts", namespace, name)?;
    let lives = LIVES.0..=LIVES.1;
    if !lives.contains(seconds) {
        let bound =
            if *seconds < LIVES.0 { "less than 10 minutes".to_owned() } else { "larger than 2^32 seconds".to_owned() };
        let text = format!("spec.expirationSeconds: Invalid value: {seconds}: may not specify a duration {bound}");
        return Err(Status::invalid("TokenRequest", "authentication.k8s.io", "", vec![text]));
    }
    let mut private = Private {
        namespace: namespace.clone(),
        serviceaccount: Named { name: name.clone(), uid: owner.clone() },
        ..Private::default()
    };
    let mut bound = Value::Null;
    if let Some((kind, name, wanted_uid)) = &wanted.bound_to {
        let (plural, place) = match kind.as_str() {
            "Pod" => ("pods", &mut private.pod),
            "Secret" => ("secrets", &mut private.secret),
            _ => ("nodes", &mut private.node),
        };
        let found = uid_of(cluster, plural, if plural == "nodes" { "" } else { namespace }, name)?;
        if !wanted_uid.is_empty() && *wanted_uid != found {
            let text = format!(
                "the UID in the bound object reference ({wanted_uid}) does not match the UID in record. The object might have been deleted and then recreated"
            );
            return Err(Status::conflict(kind, "", name, &text));
        }
        let runs_as = || account_of_pod(cluster, namespace, name);
        if plural == "pods" && runs_as() != wanted.name {
            return Err(Status::bad_request(format!(
                "cannot bind token for serviceaccount {} to pod running with different serviceaccount name.",
                go_text::quote(&wanted.name)
            )));
        }
        bound = json!({ "kind": kind, "apiVersion": "v1", "name": name, "uid": found });
        *place = Some(Named { name: name.clone(), uid: found });
    }
    let issued = world.clock.0.div_euclid(1000);
    let audiences = if wanted.audiences.is_empty() { vec![API_AUDIENCE.to_owned()] } else { wanted.audiences.clone() };
    let claims = Claims {
        aud: audiences.clone(),
        exp: issued.saturating_add(*seconds),
        iat: issued,
        iss: oidc_issuer(&world.region, &cluster.name),
        jti: uid(issued.unsigned_abs()),
        private,
        nbf: issued,
        sub: format!("system:serviceaccount:{namespace}:{name}"),
    };
    let expires = Timestamp(world.clock.0.saturating_add(seconds.saturating_mul(1000)));
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(&json!({"alg": "RS256", "kid": "playground"}));
    let claims = part(&serde_json::to_value(&claims).unwrap_or_default());
    let token = format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode("not a signature"));
    Ok(json!({
        "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
        "metadata": {
            "name": name, "namespace": namespace, "creationTimestamp": world.clock.kubernetes_text(),
        },
        "spec": { "audiences": audiences, "expirationSeconds": seconds, "boundObjectRef": bound },
        "status": { "token": token, "expirationTimestamp": expires.kubernetes_text() },
    }))
}

/// Whom a token of a service account stands for, if it is meant for one of `audiences`; and for which of them.
///
/// # Errors
/// Why the cluster does not take it.
pub fn service_account(
    world: &World,
    cluster: &Cluster,
    token: &str,
    audiences: &[String],
) -> Result<(UserInfo, Vec<String>), Fault> {
    let mut parts = token.split('.');
    let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(Fault::Unknown);
    };
    let claims = URL_SAFE_NO_PAD.decode(claims).ok();
    let claims: Claims = claims.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or(Fault::Unknown)?;
    // A token of another cluster has another issuer: no authenticator of this one looks at it.
    if claims.iss != oidc_issuer(&world.region, &cluster.name) {
        return Err(Fault::Unknown);
    }
    let fault = |text: String| Err(Fault::ServiceAccount(text));
    let meant: Vec<String> = claims.aud.iter().filter(|audience| audiences.contains(audience)).cloned().collect();
    if meant.is_empty() {
        let [own, asked] = [&claims.aud[..], audiences].map(quoted_list);
        return fault(format!("token audiences {own} is invalid for the target audiences {asked}"));
    }
    let now = world.clock.0.div_euclid(1000);
    if now.saturating_sub(LEEWAY) > claims.exp {
        return fault("service account token has expired".to_owned());
    }
    if now.saturating_add(LEEWAY) < claims.nbf {
        return fault("service account token is not valid yet".to_owned());
    }
    let Private { namespace, serviceaccount: Named { name, uid: own }, .. } = &claims.private;
    let found =
        uid_of(cluster, "serviceaccounts", namespace, name).map_err(|status| Fault::ServiceAccount(status.message))?;
    if found != *own {
        return fault(format!("service account UID ({found}) does not match claim ({own})"));
    }
    let mut user = super::kube::stated(&super::Impersonate { user: claims.sub, ..Default::default() });
    let mut extra = vec![(CREDENTIAL_ID.to_owned(), format!("JTI={}", claims.jti))];
    let bound = [
        ("pods", "pod", &claims.private.pod),
        ("secrets", "secret", &claims.private.secret),
        ("nodes", "node", &claims.private.node),
    ];
    for (plural, word, object) in bound {
        let Some(object) = object else { continue };
        let place = if plural == "nodes" { "" } else { namespace };
        if uid_of(cluster, plural, place, &object.name).ok().as_ref() != Some(&object.uid) {
            return fault("service account token has been invalidated".to_owned());
        }
        if plural != "secrets" {
            extra.push((format!("authentication.kubernetes.io/{word}-name"), object.name.clone()));
            extra.push((format!("authentication.kubernetes.io/{word}-uid"), object.uid.clone()));
        }
    }
    user.uid = found;
    user.extra = crate::formats::ordered::map_of(extra.into_iter().map(|(key, value)| (key, vec![value])));
    Ok((user, meant))
}

/// Uid of an object of the core group.
fn uid_of(cluster: &Cluster, plural: &str, namespace: &str, name: &str) -> Result<String, Status> {
    let found = cluster.objects.resource("", plural).and_then(|kind| cluster.objects.find(&kind, namespace, name));
    found.map(|(meta, _)| uid(meta.uid)).ok_or_else(|| Status::not_found(plural, "", name))
}

/// The service account that a pod runs as.
fn account_of_pod(cluster: &Cluster, namespace: &str, name: &str) -> String {
    let pod = cluster.objects.resource("", "pods").and_then(|kind| cluster.objects.get(&kind, namespace, name));
    let account = pod.as_ref().and_then(|pod| pod.pointer("/spec/serviceAccountName")?.as_str());
    account.unwrap_or("default").to_owned()
}

/// Texts as Go prints a slice of them with `%q`.
fn quoted_list(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| go_text::quote(text)).collect();
    format!("[{}]", quoted.join(" "))
}
