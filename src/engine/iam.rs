//! IAM and STS as far as access to clusters needs them: who is calling, which principals exist.

pub mod keys;
pub mod oidc;

use std::rc::Rc;

use serde_json::{Value, json};

use super::limits;
use super::request::{AwsRequest, Credential, NewRole};
use super::world::World;
use crate::aws::exception::Exception;
use crate::aws::iam::{
    IamRole, IamUser, PrincipalArn, PrincipalKind, SERVICE_LINKED_PATH, SSO_PATH, access_key_id, serial_of, unique_id,
};
use crate::aws::names::{NameKind, check_name};
use crate::aws::sts::Caller as CallerIdentity;
use crate::aws::trust;
use crate::formats::ordered::sort_by;
use crate::formats::time::Timestamp;

/// A user or role that an access entry may be for, and its unique id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalRef {
    /// The ARN, with path.
    pub arn: PrincipalArn,
    /// `AROA…` or `AIDA…`.
    pub unique_id: String,
}

/// The ARN of a principal, if the text has the form of one (eks 8.1, 8.3).
///
/// # Errors
/// The service's refusal.
pub fn principal_arn(text: &str) -> Result<PrincipalArn, Exception> {
    text.parse::<PrincipalArn>().map_err(|error| Exception::principal_format(error.is_elsewhere))
}

/// The principal that an access entry is to be made for (eks 8.1 to 8.3).
///
/// Principals of other accounts cannot be looked up here: a well-formed ARN is taken as that of an existing one.
///
/// # Errors
/// The service's refusal of what is no principal, or does not exist.
pub fn find_principal(world: &World, text: &str) -> Result<PrincipalRef, Exception> {
    let arn = principal_arn(text)?;
    if arn.account() != world.account {
        // The root user's id is the account's (iam 3).
        let is_root = arn.kind() == PrincipalKind::Root;
        let unique_id = if is_root { arn.account().to_owned() } else { unique_id(arn.kind(), serial_of(text)) };
        return Ok(PrincipalRef { arn, unique_id });
    }
    let id = match arn.kind() {
        PrincipalKind::Root => Some(&world.account).filter(|_| text == root_arn(world)),
        PrincipalKind::Role => {
            world.roles.iter().find(|r| r.arn(&world.partition, &world.account) == text).map(|r| &r.unique_id)
        }
        PrincipalKind::User => {
            world.users.iter().find(|u| u.arn(&world.partition, &world.account) == text).map(|u| &u.unique_id)
        }
    };
    let unique_id = id.ok_or_else(Exception::invalid_principal)?.clone();
    Ok(PrincipalRef { arn, unique_id })
}

/// ARN and unique id of the user or role behind a caller; of a role session those of the role, with its path (eks 2.7).
pub fn principal_of(world: &World, caller: &CallerIdentity) -> (String, String) {
    // The id of a federated user has a colon too, and no session behind it (iam 3).
    let session = caller.user_id.split_once(':').filter(|_| caller.arn.contains(":assumed-role/"));
    let id = session.map_or(caller.user_id.as_str(), |(id, _)| id);
    let role = world.roles.iter().find(|role| role.unique_id == id);
    let arn = role.map_or_else(|| caller.arn.clone(), |role| role.arn(&world.partition, &world.account));
    (arn, id.to_owned())
}

/// The ARN of the account's root user (iam 2).
pub fn root_arn(world: &World) -> String {
    format!("arn:{}:iam::{}:root", world.partition, world.account)
}

/// Who a call with this credential comes from.
///
/// # Errors
/// An unknown key; a role that does not exist.
pub fn identify(world: &World, credential: &Credential) -> Result<CallerIdentity, Exception> {
    let account = || world.account.clone();
    let user = |user: &IamUser, access_key_id: String| CallerIdentity {
        arn: user.arn(&world.partition, &world.account),
        account: account(),
        user_id: user.unique_id.clone(),
        access_key_id,
    };
    // The root user's id is the account's (iam 3).
    let root =
        |access_key_id| CallerIdentity { arn: root_arn(world), account: account(), user_id: account(), access_key_id };
    match credential {
        Credential::AccessKey(key) if world.root_access_key.as_ref() == Some(key) => Ok(root(key.clone())),
        Credential::AccessKey(key) => {
            let found = world.users.iter().find(|u| u.signs_with(key)).ok_or_else(Exception::unknown_key)?;
            Ok(user(found, key.clone()))
        }
        Credential::SignIn(arn) if *arn == root_arn(world) => Ok(root(temporary_key(arn))),
        Credential::SignIn(arn) => {
            let found = world.users.iter().find(|u| u.arn(&world.partition, &world.account) == *arn);
            Ok(user(found.ok_or_else(Exception::unknown_key)?, temporary_key(arn)))
        }
        Credential::FederatedUser { source, name, .. } => federate(world, &identify(world, source)?, name),
        Credential::RoleSession { role_arn, session } => {
            let role = world.roles.iter().find(|r| r.arn(&world.partition, &world.account) == *role_arn);
            Ok(role_session(world, role.ok_or_else(Exception::unknown_key)?, session))
        }
        Credential::IdentityCenter { account, permission_set, user } => {
            let is_it = |role: &&Rc<IamRole>| {
                let arn = role.arn(&world.partition, &world.account).parse::<PrincipalArn>();
                arn.is_ok_and(|arn| arn.sso_permission_set() == Some(permission_set))
            };
            let role = world.roles.iter().find(is_it).filter(|_| *account == world.account);
            Ok(role_session(world, role.ok_or_else(Exception::no_role_credentials)?, user))
        }
        Credential::AssumedRole { source, role_arn, session } => {
            let caller = identify(world, source)?;
            assume(world, &caller, role_arn, session)
        }
        Credential::Token(_) | Credential::Anonymous => Err(Exception::unknown_key()),
    }
}

impl AwsRequest {
    /// The service that is called, as actions in policies name it.
    pub fn service(&self) -> &'static str {
        match self {
            Self::GetCallerIdentity(_) | Self::AssumeRole(_) | Self::GetFederationToken(_) => "sts",
            _ if has(self) => "iam",
            _ => "eks",
        }
    }
}

/// Whether a call goes to STS or IAM.
pub fn has(request: &AwsRequest) -> bool {
    matches!(
        request,
        AwsRequest::GetCallerIdentity(_)
            | AwsRequest::AssumeRole(_)
            | AwsRequest::GetFederationToken(_)
            | AwsRequest::ListUsers(_)
            | AwsRequest::ListRoles(_)
            | AwsRequest::GetUser(_)
            | AwsRequest::GetRole(_)
            | AwsRequest::CreateUser(_)
            | AwsRequest::CreateRole(_)
            | AwsRequest::DeleteUser(_)
            | AwsRequest::DeleteRole(_)
            | AwsRequest::UpdateAssumeRolePolicy(_)
            | AwsRequest::CreateAccessKey(_)
            | AwsRequest::GetAccessKeyLastUsed(_)
            | AwsRequest::ListAccessKeys(_)
            | AwsRequest::UpdateAccessKey(_)
            | AwsRequest::DeleteAccessKey(_)
            | AwsRequest::CreateOpenIDConnectProvider(_)
            | AwsRequest::GetOpenIDConnectProvider(_)
            | AwsRequest::ListOpenIDConnectProviders(_)
            | AwsRequest::DeleteOpenIDConnectProvider(_)
            | AwsRequest::AddClientIDToOpenIDConnectProvider(_)
    )
}

/// What IAM itself forbids a caller. Policies are not simulated: whoever is of the account may do anything on AWS (eks 11.4),
/// but for those that get nothing of themselves: federated users without a session policy, and service-linked roles.
///
/// # Errors
/// The refusal of the service that is called.
pub fn permit(
    world: &World,
    credential: &Credential,
    caller: &CallerIdentity,
    request: &AwsRequest,
) -> Result<(), Exception> {
    let missing = match credential {
        Credential::FederatedUser { .. } if has(request) => {
            // Of STS they may call one operation, of IAM none.
            let is_sts = request.service() == "sts";
            return if is_sts { Ok(()) } else { Err(Exception::unknown_token()) };
        }
        Credential::FederatedUser { policy: false, .. } => "session policy",
        Credential::RoleSession { role_arn, .. } if role_arn.contains(SERVICE_LINKED_PATH) => "identity-based policy",
        _ => return Ok(()),
    };
    // STS asks nobody's policies who is calling.
    if matches!(request, AwsRequest::GetCallerIdentity(_)) {
        return Ok(());
    }
    let resource = resource(world, request);
    let action = format!("{}:{}", request.service(), request.operation());
    Err(Exception::not_authorized(&caller.arn, &action, &resource, missing))
}

/// What a refusal names as the resource of a call: the cluster, and for calls about one access entry that entry, whose
/// last part IAM does not know (eks 15.6).
fn resource(world: &World, request: &AwsRequest) -> String {
    let input = request.input();
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    let Some(cluster) = text("clusterName").or_else(|| text("name")).filter(|_| !has(request)) else {
        return "*".to_owned();
    };
    let eks = format!("arn:{}:eks:{}:{}", world.partition, world.region, world.account);
    match text("principalArn").filter(|_| !matches!(request, AwsRequest::CreateAccessEntry(_))) {
        None => format!("{eks}:cluster/{cluster}"),
        Some(principal) => {
            let arn = principal.parse::<PrincipalArn>().ok();
            let parts = arn.as_ref().map(|arn| (arn.kind().as_str(), arn.account(), arn.name()));
            let (kind, account, name) = parts.unwrap_or_default();
            format!("{eks}:access-entry/{cluster}/{kind}/{account}/{name}/*")
        }
    }
}

/// The id of a temporary key of `whose`.
fn temporary_key(whose: &str) -> String {
    access_key_id(PrincipalKind::Role, serial_of(whose))
}

/// The identity of a session of `role_arn`. Trust policies are not simulated: every existing role can be assumed, but
/// those that only their service or IAM Identity Center may use, and by nobody whom STS refuses as such. A role's own
/// session is no exception to what its trust policy says (iam 9.2).
fn assume(world: &World, caller: &CallerIdentity, role_arn: &str, session: &str) -> Result<CallerIdentity, Exception> {
    if caller.user_id == caller.account {
        return Err(Exception::root_cannot_assume());
    }
    let role = world.roles.iter().find(|r| r.arn(&world.partition, &world.account) == role_arn);
    let is_open = |role: &&Rc<IamRole>| {
        let closed = [SERVICE_LINKED_PATH, SSO_PATH].iter().any(|path| role.path.starts_with(path));
        let is_own = caller.user_id.strip_prefix(&role.unique_id).is_some_and(|rest| rest.starts_with(':'));
        let trusted = !is_own || role.trust.as_ref().is_some_and(|policy| trust::names(policy, role_arn));
        !closed && !caller.arn.contains(":federated-user/") && trusted
    };
    let role = role.filter(is_open).ok_or_else(|| Exception::cannot_assume(&caller.arn, role_arn))?;
    Ok(role_session(world, role, session))
}

fn role_session(world: &World, role: &IamRole, session: &str) -> CallerIdentity {
    CallerIdentity {
        // STS leaves the path out (iam 2).
        arn: format!("arn:{}:sts::{}:assumed-role/{}/{session}", world.partition, world.account, role.name),
        account: world.account.clone(),
        user_id: format!("{}:{session}", role.unique_id),
        access_key_id: temporary_key(&format!("{}/{session}", role.unique_id)),
    }
}

/// The identity of a federated user (iam 3): only long-term keys may vouch for one.
fn federate(world: &World, caller: &CallerIdentity, name: &str) -> Result<CallerIdentity, Exception> {
    if caller.access_key_id.starts_with("ASIA") {
        return Err(Exception::federation_needs_key());
    }
    let arn = format!("arn:{}:sts::{}:federated-user/{name}", world.partition, world.account);
    let access_key_id = temporary_key(&format!("{}/{name}", caller.user_id));
    Ok(CallerIdentity {
        arn,
        account: world.account.clone(),
        user_id: format!("{}:{name}", world.account),
        access_key_id,
    })
}

/// The answer's part with temporary credentials that live for so many seconds.
fn credentials(world: &World, identity: &CallerIdentity, seconds: i64) -> Value {
    let ends = Timestamp(world.clock.0.saturating_add(seconds.saturating_mul(1_000)));
    json!({
        "AccessKeyId": identity.access_key_id,
        "SecretAccessKey": "simulated",
        "SessionToken": "simulated",
        "Expiration": ends.whole_seconds().aws_text(),
    })
}

fn get_federation_token(world: &World, caller: &CallerIdentity, name: &str) -> Result<Value, Exception> {
    if check_name(NameKind::FederationTokenName, name).is_err() {
        return Err(Exception::validation(format!(
            "1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [\\w+=,.@-]*"
        )));
    }
    let identity = federate(world, caller, name)?;
    // The root user's federated users are let go after an hour.
    let seconds = if caller.user_id == caller.account { 3_600 } else { 43_200 };
    Ok(json!({
        "Credentials": credentials(world, &identity, seconds),
        "FederatedUser": { "FederatedUserId": identity.user_id, "Arn": identity.arn },
    }))
}

fn user_shape(world: &World, user: &IamUser) -> Value {
    json!({
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.unique_id,
        "Arn": user.arn(&world.partition, &world.account),
        "CreateDate": user.created_at.whole_seconds().aws_text(),
    })
}

/// What IAM shows the root user of itself: it has neither name nor path.
fn root_shape(world: &World) -> Value {
    let first = world.users.iter().map(|user| user.created_at).chain([world.clock]).min().unwrap_or(world.clock);
    json!({
        "UserId": world.account,
        "Arn": root_arn(world),
        "CreateDate": first.whole_seconds().aws_text(),
    })
}

/// The trust policy of a role that was made with another one than its own: the account decides who may assume it.
fn account_trust(world: &World) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": root_arn(world) },
            "Action": "sts:AssumeRole",
        }],
    })
}

/// The longest trust policy, in characters without white space.
const LONGEST_TRUST: usize = 2_048;

/// A trust policy as a role keeps it; `None` if it says what that of every role says here.
fn trust(world: &World, document: &str) -> Result<Option<Value>, Exception> {
    // The tools ask for a document; calls of the pages may leave it out.
    if document.is_empty() {
        return Ok(None);
    }
    let read: Value = serde_json::from_str(document).map_err(|_| Exception::not_a_policy())?;
    if document.chars().filter(|c| !c.is_whitespace()).count() > LONGEST_TRUST {
        return Err(Exception::over_quota("ACLSizePerRole", LONGEST_TRUST));
    }
    trust::check(&read, &|arn| find_principal(world, &arn.to_string()).is_ok())?;
    Ok(Some(read).filter(|read| *read != account_trust(world)))
}

fn role_shape(world: &World, role: &IamRole) -> Value {
    let mut shape = json!({
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.unique_id,
        "Arn": role.arn(&world.partition, &world.account),
        "CreateDate": role.created_at.whole_seconds().aws_text(),
        "AssumeRolePolicyDocument": role.trust.clone().unwrap_or_else(|| account_trust(world)),
        "Description": role.description,
        "MaxSessionDuration": 3600,
    });
    if let (true, Some(members)) = (role.description.is_empty(), shape.as_object_mut()) {
        members.shift_remove("Description");
    }
    shape
}

/// Answers an IAM or STS operation that reads; `None` if the operation is of another service.
pub fn read(world: &World, caller: &CallerIdentity, request: &AwsRequest) -> Option<Result<Value, Exception>> {
    Some(match request {
        AwsRequest::GetCallerIdentity(_) => {
            Ok(json!({ "UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn }))
        }
        AwsRequest::AssumeRole(input) => {
            let session = &input.role_session_name;
            if check_name(NameKind::RoleSessionName, session).is_err() {
                return Some(Err(Exception::validation(format!(
                    "1 validation error detected: Value '{session}' at 'roleSessionName' failed to satisfy constraint: \
                     Member must satisfy regular expression pattern: [\\w+=,.@-]*"
                ))));
            }
            assume(world, caller, &input.role_arn, session).map(|identity| {
                json!({
                    "Credentials": credentials(world, &identity, 3_600),
                    "AssumedRoleUser": { "AssumedRoleId": identity.user_id, "Arn": identity.arn },
                })
            })
        }
        AwsRequest::GetFederationToken(input) => get_federation_token(world, caller, &input.name),
        AwsRequest::ListUsers(_) => {
            let mut users: Vec<&Rc<IamUser>> = world.users.iter().collect();
            sort_by(&mut users, &|a, b| (&a.path, &a.name).cmp(&(&b.path, &b.name)));
            Ok(json!({ "Users": users.iter().map(|user| user_shape(world, user)).collect::<Vec<_>>() }))
        }
        AwsRequest::ListRoles(_) => {
            let mut roles: Vec<&Rc<IamRole>> = world.roles.iter().collect();
            sort_by(&mut roles, &|a, b| (&a.path, &a.name).cmp(&(&b.path, &b.name)));
            Ok(json!({ "Roles": roles.iter().map(|role| role_shape(world, role)).collect::<Vec<_>>() }))
        }
        AwsRequest::GetUser(input) => {
            let found = match &input.user_name {
                Some(name) => user(world, name).ok_or_else(|| Exception::no_user(name)),
                None if caller.user_id == caller.account => return Some(Ok(json!({ "User": root_shape(world) }))),
                None => {
                    let own = world.users.iter().find(|u| u.unique_id == caller.user_id);
                    own.ok_or_else(|| {
                        Exception::validation("Must specify userName when calling with non-User credentials")
                    })
                }
            };
            found.map(|user| json!({ "User": user_shape(world, user) }))
        }
        AwsRequest::GetRole(input) => {
            let found = role(world, &input.role_name).ok_or_else(|| Exception::no_role(&input.role_name));
            found.map(|role| json!({ "Role": role_shape(world, role) }))
        }
        _ => return keys::read(world, caller, request).or_else(|| oidc::read(world, request)),
    })
}

// Names are unique without regard to case (iam 9), and found so.
fn user<'a>(world: &'a World, name: &str) -> Option<&'a Rc<IamUser>> {
    world.users.iter().find(|user| user.name.eq_ignore_ascii_case(name))
}

fn role<'a>(world: &'a World, name: &str) -> Option<&'a Rc<IamRole>> {
    world.roles.iter().find(|role| role.name.eq_ignore_ascii_case(name))
}

/// Carries out an IAM operation that changes something; `None` if the operation is of another service.
pub fn write(world: &mut World, caller: &CallerIdentity, request: &AwsRequest) -> Option<Result<Value, Exception>> {
    Some(match request {
        AwsRequest::CreateUser(input) => create_user(world, &input.user_name, input.path.as_deref().unwrap_or("/")),
        AwsRequest::CreateRole(input) => create_role(world, input),
        AwsRequest::DeleteUser(input) => {
            let name = input.user_name.clone().unwrap_or_default();
            match world.users.iter().position(|user| user.name.eq_ignore_ascii_case(&name)) {
                None => Err(Exception::no_user(&name)),
                Some(at) if world.users.get(at).is_some_and(|user| !user.keys.is_empty()) => {
                    Err(Exception::user_has_keys())
                }
                Some(at) => {
                    world.users.remove(at);
                    Ok(Value::Null)
                }
            }
        }
        AwsRequest::DeleteRole(input) => {
            match world.roles.iter().position(|role| role.name.eq_ignore_ascii_case(&input.role_name)) {
                None => Err(Exception::no_role(&input.role_name)),
                Some(at) => {
                    world.roles.remove(at);
                    Ok(Value::Null)
                }
            }
        }
        AwsRequest::UpdateAssumeRolePolicy(input) => {
            let text = |member: &str| input.text(member).unwrap_or_default();
            let trust = trust(world, text("PolicyDocument"));
            let found = world.roles.iter_mut().find(|role| role.name.eq_ignore_ascii_case(text("RoleName")));
            match (found, trust) {
                (None, _) => Err(Exception::no_role(text("RoleName"))),
                (Some(_), Err(refusal)) => Err(refusal),
                (Some(role), Ok(trust)) => {
                    Rc::make_mut(role).trust = trust;
                    Ok(Value::Null)
                }
            }
        }
        _ => return keys::write(world, caller, request).or_else(|| oidc::write(world, request)),
    })
}

fn check_new(kind: &str, name: &str, path: &str, taken: bool) -> Result<(), Exception> {
    if check_name(if kind == "Role" { NameKind::RoleName } else { NameKind::UserName }, name).is_err() {
        return Err(Exception::bad_name(&kind.to_ascii_lowercase()));
    }
    if check_name(NameKind::Path, path).is_err() {
        return Err(Exception::validation(
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric \
             characters and/or / characters.",
        ));
    }
    if path.starts_with("/aws-service-role") {
        return Err(Exception::reserved_path());
    }
    if taken { Err(Exception::principal_exists(kind, name)) } else { Ok(()) }
}

/// Makes a user with a new unique id and access key.
fn create_user(world: &mut World, name: &str, path: &str) -> Result<Value, Exception> {
    check_new("User", name, path, user(world, name).is_some())?;
    if world.users.len() >= limits::USERS {
        return Err(Exception::over_quota("UsersPerAccount", limits::USERS));
    }
    let serial = world.next_serial();
    let made = IamUser {
        name: name.to_owned(),
        path: path.to_owned(),
        unique_id: unique_id(PrincipalKind::User, serial),
        access_key: access_key_id(PrincipalKind::User, serial),
        created_at: world.clock,
        keys: Vec::new(),
    };
    let shape = user_shape(world, &made);
    world.users.push(Rc::new(made));
    Ok(json!({ "User": shape }))
}

/// Makes a role with a new unique id.
fn create_role(world: &mut World, input: &NewRole) -> Result<Value, Exception> {
    let (name, path) = (&input.role_name, input.path.as_deref().unwrap_or("/"));
    check_new("Role", name, path, role(world, name).is_some())?;
    let trust = trust(world, &input.assume_role_policy_document)?;
    if world.roles.len() >= limits::ROLES {
        return Err(Exception::over_quota("RolesPerAccount", limits::ROLES));
    }
    let serial = world.next_serial();
    let made = IamRole {
        name: name.to_owned(),
        path: path.to_owned(),
        unique_id: unique_id(PrincipalKind::Role, serial),
        created_at: world.clock,
        description: input.description.clone().unwrap_or_default(),
        trust,
    };
    let shape = role_shape(world, &made);
    world.roles.push(Rc::new(made));
    Ok(json!({ "Role": shape }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::scenario;

    #[test]
    fn the_root_user_has_a_key_and_its_federated_users_an_hour() {
        // iam 3.
        let mut world = (*scenario::walkthrough().world).clone();
        world.root_access_key = Some("AKIAROOT".to_owned());
        let root = identify(&world, &Credential::AccessKey("AKIAROOT".to_owned())).unwrap();
        assert_eq!((root.arn.as_str(), root.user_id.as_str()), ("arn:aws:iam::111122223333:root", "111122223333"));
        let user = identify(&world, &Credential::AccessKey(world.users[0].access_key.clone())).unwrap();
        let ends = |caller: &CallerIdentity| {
            get_federation_token(&world, caller, "jane").unwrap()["Credentials"]["Expiration"].clone()
        };
        assert_eq!(
            (ends(&root), ends(&user)),
            (json!("2024-01-17T11:30:00+00:00"), json!("2024-01-17T22:30:00+00:00"))
        );
    }
}
