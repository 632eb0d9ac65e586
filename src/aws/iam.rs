//! IAM principals: users, roles, their unique ids and paths (iam 2, 9; eks 8).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::names::{NameKind, check_name};
use super::sts::{Caller, PARTITIONS};
use crate::formats::arn::Arn;
use crate::formats::time::Timestamp;

mod keys;

pub use keys::{AccessKey, OidcProvider};

/// The path of service-linked roles.
pub const SERVICE_LINKED_PATH: &str = "/aws-service-role/";
/// The path of the roles that IAM Identity Center makes.
pub const SSO_PATH: &str = "/aws-reserved/sso.amazonaws.com/";
/// The longest name of a user that exists; new ones are shorter (iam 9).
const LONGEST_EXISTING_USER_NAME: usize = 128;

/// The kinds of principals that access entries take (eks 8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PrincipalKind {
    /// An IAM user.
    User,
    /// An IAM role.
    Role,
    /// The root user of an account.
    Root,
}

impl IamUser {
    /// The user's ARN, with its path.
    pub fn arn(&self, partition: &str, account: &str) -> String {
        format!("arn:{partition}:iam::{account}:user{}{}", self.path, self.name)
    }

    /// Whether calls that are signed with this key come from the user.
    pub fn signs_with(&self, key: &str) -> bool {
        self.access_key == key || self.keys.iter().any(|own| !own.inactive && own.id() == key)
    }
}

impl IamRole {
    /// The role's ARN, with its path.
    pub fn arn(&self, partition: &str, account: &str) -> String {
        format!("arn:{partition}:iam::{account}:role{}{}", self.path, self.name)
    }
}

impl PrincipalKind {
    /// The word in ARNs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Role => "role",
            Self::Root => "root",
        }
    }

    /// The first four letters of unique ids (iam 9); the root user's id is its account's (iam 3).
    pub fn id_prefix(self) -> &'static str {
        match self {
            Self::User => "AIDA",
            Self::Role => "AROA",
            Self::Root => "",
        }
    }
}

/// The ARN of an IAM user or role, path included, `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME` (iam 9), or of an account's
/// root user, `arn:PARTITION:iam::ACCOUNT:root`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PrincipalArn {
    partition: String,
    account: String,
    kind: PrincipalKind,
    /// `/` or `/a/b/`.
    path: String,
    name: String,
}

/// Why a text is not the ARN of a user, a role or a root user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{arn}` is not the ARN of an IAM user or role: {reason}")]
pub struct NotAPrincipal {
    /// The text.
    pub arn: String,
    /// What is wrong.
    pub reason: &'static str,
    /// True for the ARN of something in another service than IAM, such as a session or an access entry.
    pub is_elsewhere: bool,
}

/// What the service in a principal's ARN must be.
const SERVICE: &str = "the service must be `iam`, without a region";

impl FromStr for PrincipalArn {
    type Err = NotAPrincipal;

    fn from_str(text: &str) -> Result<Self, NotAPrincipal> {
        let refuse = |reason| Err(NotAPrincipal { arn: text.to_owned(), reason, is_elsewhere: false });
        let Ok(arn) = text.parse::<Arn>() else { return refuse("it has not the form of an ARN") };
        if !PARTITIONS.contains(&arn.partition.as_str()) {
            return refuse("the partition is not known");
        }
        if arn.service != "iam" {
            let is_session = arn.service == "sts";
            let reason = if is_session { "it names a session; name the role or user behind it" } else { SERVICE };
            return Err(NotAPrincipal { arn: text.to_owned(), reason, is_elsewhere: true });
        }
        if !arn.region.is_empty() {
            return refuse(SERVICE);
        }
        if check_name(NameKind::AccountId, &arn.account).is_err() {
            return refuse("the account id must have 12 digits");
        }
        if arn.resource == "root" {
            let (path, name) = ("/".to_owned(), arn.resource);
            return Ok(Self { partition: arn.partition, account: arn.account, kind: PrincipalKind::Root, path, name });
        }
        let Some((kind, rest)) = arn.resource.split_once('/') else {
            return refuse("the resource must be `user/NAME` or `role/NAME`");
        };
        let kind = match kind {
            "user" => PrincipalKind::User,
            "role" => PrincipalKind::Role,
            _ => return refuse("the resource must be `user/NAME` or `role/NAME`"),
        };
        let (path, name) = match rest.rsplit_once('/') {
            Some((path, name)) => (format!("/{path}/"), name),
            None => ("/".to_owned(), rest),
        };
        if check_name(NameKind::Path, &path).is_err() {
            return refuse("the path is not well-formed");
        }
        if !is_existing_name(kind, name) {
            return refuse("the name is not well-formed");
        }
        Ok(Self { partition: arn.partition, account: arn.account, kind, path, name: name.to_owned() })
    }
}

/// Names of new users are limited to 64 characters, but older users may have longer ones.
fn is_existing_name(kind: PrincipalKind, name: &str) -> bool {
    match kind {
        PrincipalKind::Role => check_name(NameKind::RoleName, name).is_ok(),
        // A group name has the same characters and the larger limit.
        PrincipalKind::User => {
            name.len() <= LONGEST_EXISTING_USER_NAME && check_name(NameKind::GroupName, name).is_ok()
        }
        PrincipalKind::Root => false,
    }
}

impl TryFrom<String> for PrincipalArn {
    type Error = NotAPrincipal;

    fn try_from(text: String) -> Result<Self, NotAPrincipal> {
        text.parse()
    }
}

impl From<PrincipalArn> for String {
    fn from(arn: PrincipalArn) -> Self {
        arn.to_string()
    }
}

impl fmt::Display for PrincipalArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, account, kind, path, name } = self;
        match kind {
            PrincipalKind::Root => write!(f, "arn:{partition}:iam::{account}:root"),
            PrincipalKind::User | PrincipalKind::Role => {
                write!(f, "arn:{partition}:iam::{account}:{}{path}{name}", kind.as_str())
            }
        }
    }
}

impl PrincipalArn {
    /// The partition: `aws`, `aws-cn`, …
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// The account id.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// User, role or root user.
    pub fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// The path, `/` if there is none.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The name without path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The ARN that the authenticator compares (iam 2): of a role without its path, of others unchanged.
    pub fn canonical(&self) -> String {
        match self.kind {
            PrincipalKind::User | PrincipalKind::Root => self.to_string(),
            PrincipalKind::Role => format!("arn:{}:iam::{}:role/{}", self.partition, self.account, self.name),
        }
    }

    /// True for `role/aws-service-role/…`, which EKS refuses to callers (eks 8.5).
    pub fn is_service_linked(&self) -> bool {
        self.kind == PrincipalKind::Role && self.path.starts_with(SERVICE_LINKED_PATH)
    }

    /// The permission set of a role made by IAM Identity Center: `AWSReservedSSO_SET_SUFFIX` under its path (iam 9).
    pub fn sso_permission_set(&self) -> Option<&str> {
        if self.kind != PrincipalKind::Role || !self.path.starts_with(SSO_PATH) {
            return None;
        }
        let (set, _suffix) = self.name.strip_prefix("AWSReservedSSO_")?.rsplit_once('_')?;
        Some(set)
    }

    /// The ARN of a session of this role: its path is left out (iam 2). `None` for users.
    pub fn session_arn(&self, session: &str) -> Option<String> {
        let Self { partition, account, name, .. } = self;
        (self.kind == PrincipalKind::Role)
            .then(|| format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session}"))
    }
}

/// An IAM user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IamUser {
    /// The name.
    pub name: String,
    /// The path, `/` if there is none.
    pub path: String,
    /// `AIDA…`
    pub unique_id: String,
    /// Id of the key that the simulation acts as the user with (iam 9.3).
    pub access_key: String,
    /// When the user was made.
    pub created_at: Timestamp,
    /// Access keys that callers made, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<AccessKey>,
}

/// An IAM role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IamRole {
    /// The name.
    pub name: String,
    /// The path, `/` if there is none.
    pub path: String,
    /// `AROA…`
    pub unique_id: String,
    /// When the role was made.
    pub created_at: Timestamp,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Who may assume it, if that is not the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust: Option<Value>,
}

/// Somebody who can call AWS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Principal {
    /// A user.
    User(IamUser),
    /// A role.
    Role(IamRole),
}

impl Principal {
    /// User or role.
    pub fn kind(&self) -> PrincipalKind {
        match self {
            Self::User(_) => PrincipalKind::User,
            Self::Role(_) => PrincipalKind::Role,
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        match self {
            Self::User(user) => &user.name,
            Self::Role(role) => &role.name,
        }
    }

    /// The path.
    pub fn path(&self) -> &str {
        match self {
            Self::User(user) => &user.path,
            Self::Role(role) => &role.path,
        }
    }

    /// The unique id.
    pub fn unique_id(&self) -> &str {
        match self {
            Self::User(user) => &user.unique_id,
            Self::Role(role) => &role.unique_id,
        }
    }

    /// The ARN of this principal in an account.
    ///
    /// # Errors
    /// If the name, the path, the partition or the account is not well-formed.
    pub fn arn(&self, partition: &str, account: &str) -> Result<PrincipalArn, NotAPrincipal> {
        format!("arn:{partition}:iam::{account}:{}{}{}", self.kind().as_str(), self.path(), self.name()).parse()
    }
}

/// What `sts get-caller-identity` answers to a principal (iam 3). A role is used through the session `session`;
/// for a user it is not looked at.
pub fn caller(arn: &PrincipalArn, unique_id: &str, session: &str, access_key_id: &str) -> Caller {
    let (arn_text, user_id) = match arn.session_arn(session) {
        Some(session_arn) => (session_arn, format!("{unique_id}:{session}")),
        None => (arn.to_string(), unique_id.to_owned()),
    };
    Caller { arn: arn_text, account: arn.account().to_owned(), user_id, access_key_id: access_key_id.to_owned() }
}

/// A made-up unique id: the prefix of the kind and 17 capital letters and digits that depend on `serial` alone (iam 9).
/// Different serials give different ids.
pub fn unique_id(kind: PrincipalKind, serial: u64) -> String {
    // Real ids use the letters of base 32.
    format!("{}{}", kind.id_prefix(), scrambled(serial, 17))
}

/// A made-up id of a temporary access key, `ASIA…`, or of a long-term one, `AKIA…`, for users.
pub fn access_key_id(kind: PrincipalKind, serial: u64) -> String {
    let prefix = match kind {
        PrincipalKind::User | PrincipalKind::Root => "AKIA",
        PrincipalKind::Role => "ASIA",
    };
    format!("{prefix}{}", scrambled(serial, 16))
}

/// A serial made from a text, for ids of things that have no counter (FNV-1a).
pub fn serial_of(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3))
}

/// 17 small letters and digits that depend on `serial` alone, as ids of associations have them.
pub fn short_id(serial: u64) -> String {
    scrambled(serial, 17).to_ascii_lowercase()
}

/// `length` letters of base 32 that look random. The first 13 hold all 64 bits of a one-to-one scrambling of `serial`.
fn scrambled(serial: u64, length: usize) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    // Odd multiplications and shifted exclusive-ors can be undone, so nothing is lost.
    let mut bits = serial.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^= bits >> 31;
    let low = bits.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    let wide = (u128::from(bits) << 64) | u128::from(low);
    (0..length)
        .map(|index| {
            let letter = (wide >> (128 - 5 * (index + 1))) & 31;
            LETTERS.get(usize::try_from(letter).unwrap_or_default()).copied().map_or('A', char::from)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{PrincipalArn, PrincipalKind, caller, unique_id};

    fn accepted(text: &str) -> bool {
        text.parse::<PrincipalArn>().is_ok_and(|arn| arn.to_string() == text)
    }

    #[test]
    fn users_and_roles_with_and_without_path() {
        assert!(accepted("arn:aws:iam::111122223333:role/dev"));
        assert!(accepted("arn:aws-cn:iam::012345678901:user/team/a/alice@example.com"));
        assert!(accepted("arn:aws:iam::111122223333:root"));
        assert!(accepted(&format!("arn:aws:iam::111122223333:user/{}", "u".repeat(128))));
        for text in [
            "",
            "dev",
            "arn:aws:iam::111122223333:root/x",
            "arn:aws:iam::root:root",
            "arn:aws:iam::111122223333:role",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:role//dev",
            "arn:aws:iam::111122223333:group/admins",
            "arn:aws:iam::1111:role/dev",
            "arn:aws:iam:us-east-1:111122223333:role/dev",
            "arn:aws-us-govt:iam::111122223333:role/dev",
            "arn:aws:iam::111122223333:role/dev*",
            "arn:aws:iam::111122223333:role/dev ",
            "arn:aws:sts::111122223333:assumed-role/dev/alice",
        ] {
            assert!(!accepted(text), "{text}");
        }
        assert!(!accepted(&format!("arn:aws:iam::111122223333:role/{}", "r".repeat(65))));
    }

    #[test]
    fn special_roles() {
        let sso = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_My_Set_0123456789abcdef";
        let sso: PrincipalArn = sso.parse().unwrap();
        assert_eq!(sso.sso_permission_set(), Some("My_Set"));
        assert_eq!(sso.canonical(), "arn:aws:iam::111122223333:role/AWSReservedSSO_My_Set_0123456789abcdef");
        let linked = "arn:aws:iam::111122223333:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS";
        assert!(linked.parse::<PrincipalArn>().unwrap().is_service_linked());
    }

    #[test]
    fn callers() {
        let role: PrincipalArn = "arn:aws:iam::111122223333:role/team/dev".parse().unwrap();
        let session = caller(&role, "AROAX", "alice", "ASIAX");
        assert_eq!(session.arn, "arn:aws:sts::111122223333:assumed-role/dev/alice");
        assert_eq!(session.user_id, "AROAX:alice");
        let user: PrincipalArn = "arn:aws:iam::111122223333:user/team/bob".parse().unwrap();
        assert_eq!(caller(&user, "AIDAX", "", "AKIAX").arn, "arn:aws:iam::111122223333:user/team/bob");
    }

    #[test]
    fn made_up_ids_have_the_form_of_real_ones_and_differ() {
        let ids: BTreeSet<String> = (0..2000).map(|serial| unique_id(PrincipalKind::Role, serial)).collect();
        assert_eq!(ids.len(), 2000);
        assert!(ids.iter().all(|id| {
            id.len() == 21 && id.starts_with("AROA") && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        }));
    }
}
