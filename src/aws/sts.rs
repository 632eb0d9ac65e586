//! Caller identity and canonical ARNs (iam 2, 3), as the authenticator computes them from an answer of
//! `sts get-caller-identity`.

use serde::{Deserialize, Serialize};

use crate::formats::arn::{self, Arn};

/// The partitions that the authenticator knows (iam 2).
pub const PARTITIONS: &[&str] =
    &["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];

/// What kind of caller an ARN names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdentityType {
    /// An IAM role itself; callers never arrive as one.
    Role,
    /// An IAM user.
    User,
    /// The root user of an account.
    Root,
    /// A user of `GetFederationToken`.
    FederatedUser,
    /// A session of a role.
    AssumedRole,
}

impl IdentityType {
    /// The word that the authenticator has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::User => "user",
            Self::Root => "root",
            Self::FederatedUser => "federated-user",
            Self::AssumedRole => "assumed-role",
        }
    }
}

/// Why a caller has no canonical ARN or no identity. Each message is the authenticator's own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not an ARN.
    #[error("arn '{arn}' is invalid: '{source}'")]
    Invalid {
        /// The text.
        arn: String,
        /// What is wrong with it.
        source: arn::Error,
    },
    /// A partition that is not in [`PARTITIONS`].
    #[error("arn '{0}' does not have a recognized partition")]
    UnknownPartition(String),
    /// `assumed-role/NAME` without a session.
    #[error("assumed-role arn '{0}' does not have a role")]
    AssumedRoleWithoutSession(String),
    /// A resource of STS that is no caller.
    #[error("unrecognized resource {0} for service sts")]
    UnrecognizedStsResource(String),
    /// A resource of IAM that is no caller.
    #[error("unrecognized resource {0} for service iam")]
    UnrecognizedIamResource(String),
    /// Neither IAM nor STS.
    #[error("service {service} in arn {arn} is not a valid service for identities")]
    NotAnIdentityService {
        /// The service.
        service: String,
        /// The ARN.
        arn: String,
    },
    /// The user id of a role session is not `ID:SESSION`.
    #[error("malformed UserID \"{0}\"")]
    MalformedUserId(String),
}

impl Error {
    /// A fixed word for each kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { source: arn::Error::InvalidPrefix, .. } => "invalid-prefix",
            Self::Invalid { source: arn::Error::NotEnoughSections, .. } => "not-enough-sections",
            Self::UnknownPartition(_) => "unknown-partition",
            Self::AssumedRoleWithoutSession(_) => "assumed-role-without-session",
            Self::UnrecognizedStsResource(_) => "unrecognized-sts-resource",
            Self::UnrecognizedIamResource(_) => "unrecognized-iam-resource",
            Self::NotAnIdentityService { .. } => "not-an-identity-service",
            Self::MalformedUserId(_) => "malformed-user-id",
        }
    }
}

fn parse(text: &str) -> Result<Arn, Error> {
    let arn: Arn = text.parse().map_err(|source| Error::Invalid { arn: text.to_owned(), source })?;
    if !PARTITIONS.contains(&arn.partition.as_str()) {
        return Err(Error::UnknownPartition(text.to_owned()));
    }
    Ok(arn)
}

/// The canonical form of an identity's ARN (iam 2): a role session becomes its role, anything else stays as it is.
///
/// # Errors
/// Every ARN that no caller can have.
pub fn canonicalize(text: &str) -> Result<(IdentityType, String), Error> {
    let arn = parse(text)?;
    let unchanged = |kind| Ok((kind, text.to_owned()));
    match (arn.service.as_str(), arn.kind()) {
        ("iam", "role") => unchanged(IdentityType::Role),
        ("iam", "user") => unchanged(IdentityType::User),
        ("iam", "root") => unchanged(IdentityType::Root),
        ("iam", _) => Err(Error::UnrecognizedIamResource(arn.resource)),
        ("sts", "federated-user") => unchanged(IdentityType::FederatedUser),
        ("sts", "assumed-role") => {
            // Whatever lies between the first and the last slash is the role's name.
            let role = arn.resource.split_once('/').and_then(|(_, rest)| rest.rsplit_once('/'));
            let Some((role, _session)) = role else { return Err(Error::AssumedRoleWithoutSession(text.to_owned())) };
            let canonical = format!("arn:{}:iam::{}:role/{role}", arn.partition, arn.account);
            Ok((IdentityType::AssumedRole, canonical))
        }
        ("sts", _) => Err(Error::UnrecognizedStsResource(arn.resource)),
        _ => Err(Error::NotAnIdentityService { service: arn.service, arn: text.to_owned() }),
    }
}

/// The ARN of a role without the role's path; other ARNs stay as they are (iam 2). The service is not looked at.
///
/// # Errors
/// What is not an ARN, and an unknown partition.
pub fn strip_path(text: &str) -> Result<String, Error> {
    let arn = parse(text)?;
    if arn.kind() != "role" || !arn.resource.contains('/') {
        return Ok(text.to_owned());
    }
    Ok(format!("arn:{}:iam::{}:role/{}", arn.partition, arn.account, arn.name()))
}

/// Compares an ARN with a pattern part by part: `*` is any run of characters, `?` one or none (iam 4.4).
///
/// # Errors
/// If either has not the form of an ARN.
pub fn arn_like(arn: &str, pattern: &str) -> Result<bool, arn::Error> {
    let pattern: Arn = pattern.parse()?;
    let arn: Arn = arn.parse()?;
    let parts = [
        (&arn.partition, &pattern.partition),
        (&arn.service, &pattern.service),
        (&arn.region, &pattern.region),
        (&arn.account, &pattern.account),
        (&arn.resource, &pattern.resource),
    ];
    Ok(parts.iter().all(|(text, pattern)| glob(text, pattern)))
}

/// One pass over the pattern with the set of places in the text that it may have reached, so no pattern is slow.
fn glob(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // reached[i]: the pattern so far can match the first i characters.
    let mut reached = vec![false; text.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for wanted in pattern.chars() {
        let mut next = Vec::with_capacity(reached.len());
        let (mut before, mut any_before) = (false, false);
        for (index, here) in reached.iter().copied().enumerate() {
            any_before |= here;
            // Regular expressions, which the original uses, do not let these signs stand for a line break.
            let character = index.checked_sub(1).and_then(|i| text.get(i)).copied();
            next.push(match wanted {
                '*' => any_before,
                '?' => here || before && character.is_some_and(|c| c != '\n'),
                wanted => before && character == Some(wanted),
            });
            before = here;
        }
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

/// The answer of `sts get-caller-identity`, and the id of the key that signed the question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Caller {
    /// The caller's ARN.
    pub arn: String,
    /// The caller's account.
    pub account: String,
    /// The user id: `AIDA…`, `AROA…:SESSION`, …
    pub user_id: String,
    /// The access key id.
    pub access_key_id: String,
}

/// What the authenticator knows about a caller (iam 3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The caller's ARN as STS gave it.
    pub arn: String,
    /// The ARN that mappings are looked up by.
    pub canonical_arn: String,
    /// The account.
    pub account_id: String,
    /// The unique id, without a session name.
    pub user_id: String,
    /// The session name; empty for anything but role sessions.
    pub session_name: String,
    /// The access key id.
    pub access_key_id: String,
}

/// The identity of a caller.
///
/// # Errors
/// An ARN without canonical form, and the user id of a role session that is not `ID:SESSION`.
pub fn identity(caller: &Caller) -> Result<Identity, Error> {
    let (kind, canonical_arn) = canonicalize(&caller.arn)?;
    let (user_id, session_name) = match kind {
        IdentityType::Role | IdentityType::AssumedRole => caller
            .user_id
            .split_once(':')
            .filter(|(_, session)| !session.contains(':'))
            .ok_or_else(|| Error::MalformedUserId(caller.user_id.clone()))?,
        IdentityType::User | IdentityType::Root | IdentityType::FederatedUser => (caller.user_id.as_str(), ""),
    };
    Ok(Identity {
        arn: caller.arn.clone(),
        canonical_arn,
        account_id: caller.account.clone(),
        user_id: user_id.to_owned(),
        session_name: session_name.to_owned(),
        access_key_id: caller.access_key_id.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::{arn_like, canonicalize, strip_path};

    #[test]
    fn a_session_becomes_its_role_without_path() {
        let (kind, arn) = canonicalize("arn:aws:sts::111122223333:assumed-role/dev/alice").unwrap();
        assert_eq!((kind.as_str(), arn.as_str()), ("assumed-role", "arn:aws:iam::111122223333:role/dev"));
        assert_eq!(strip_path("arn:aws:iam::1:role/a/b").as_deref(), Ok("arn:aws:iam::1:role/b"));
    }

    #[test]
    fn patterns_with_many_stars_are_not_slow() {
        let pattern = format!("arn:aws:iam::1:{}b", "*a".repeat(200));
        assert_eq!(arn_like(&format!("arn:aws:iam::1:{}", "a".repeat(2000)), &pattern), Ok(false));
        assert_eq!(arn_like("arn:aws:iam::1:role/ab", "arn:aws:iam::1:role/a?b?"), Ok(true));
        assert_eq!(arn_like("arn:aws:iam::1:role/xyz", "arn:aws:iam::1:role/a?"), Ok(false));
        assert_eq!(arn_like("arn:aws:iam::1:role/a\n", "arn:aws:iam::1:role/a?"), Ok(false));
    }
}
