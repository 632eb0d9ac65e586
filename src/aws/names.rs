//! Well-formedness of identity names, and the default and allowed user names of access entries (iam 9, eks 6).

use super::iam::{PrincipalArn, PrincipalKind};

/// A kind of name with its own length and characters (iam 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// Twelve digits.
    AccountId,
    /// Of an IAM role.
    RoleName,
    /// Of an IAM user.
    UserName,
    /// Of an IAM group.
    GroupName,
    /// Of a session of a role.
    RoleSessionName,
    /// Of a session made by `GetFederationToken`.
    FederationTokenName,
    /// Of a role or user: `/` or `/a/b/`.
    Path,
    /// `AKIA…`, `ASIA…`.
    AccessKeyId,
    /// `AIDA…`, `AROA…`.
    UniqueId,
    /// Of IAM Identity Center.
    PermissionSetName,
}

/// Why a name is not well-formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Fewer characters than allowed.
    #[error("shorter than allowed")]
    TooShort,
    /// More characters than allowed.
    #[error("longer than allowed")]
    TooLong,
    /// A character that is not allowed.
    #[error("contains a character that is not allowed")]
    BadCharacter,
    /// A path that does not begin and end with `/`, or holds something but printable ASCII without blanks.
    #[error("must begin and end with `/`")]
    BadForm,
}

impl NameError {
    /// A fixed word for each reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooShort => "too-short",
            Self::TooLong => "too-long",
            Self::BadCharacter => "bad-character",
            Self::BadForm => "bad-form",
        }
    }
}

impl NameKind {
    /// The shortest and the longest allowed length.
    pub fn lengths(self) -> (usize, usize) {
        match self {
            Self::AccountId => (12, 12),
            Self::RoleName | Self::UserName => (1, 64),
            Self::GroupName => (1, 128),
            Self::RoleSessionName => (2, 64),
            Self::FederationTokenName => (2, 32),
            Self::Path => (1, 512),
            Self::AccessKeyId | Self::UniqueId => (16, 128),
            Self::PermissionSetName => (1, 32),
        }
    }
}

/// Checks a name: first its length, then its characters.
///
/// # Errors
/// The first rule that is broken.
pub fn check_name(kind: NameKind, value: &str) -> Result<(), NameError> {
    let (shortest, longest) = kind.lengths();
    let length = value.chars().count();
    if length < shortest {
        return Err(NameError::TooShort);
    }
    if length > longest {
        return Err(NameError::TooLong);
    }
    let well_formed = match kind {
        NameKind::AccountId => value.bytes().all(|b| b.is_ascii_digit()),
        NameKind::AccessKeyId | NameKind::UniqueId => value.bytes().all(is_word),
        NameKind::Path => return check_path(value),
        _ => value.bytes().all(|b| is_word(b) || b"+=,.@-".contains(&b)),
    };
    if well_formed { Ok(()) } else { Err(NameError::BadCharacter) }
}

/// `\w`, taken as ASCII (iam 9, unconfirmed).
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// `/`, or `/` and at least one printable character and `/`.
fn check_path(path: &str) -> Result<(), NameError> {
    let inner = path.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    let printable = inner.is_some_and(|inner| !inner.is_empty() && inner.bytes().all(|b| (0x21..=0x7e).contains(&b)));
    if path == "/" || printable { Ok(()) } else { Err(NameError::BadForm) }
}

/// What a user name or a group of an access entry may not begin with (eks 6.2, 7.2).
pub const RESERVED_PREFIXES: &[&str] = &["system:", "eks:", "aws:", "amazon:", "iam:"];

/// Why an access entry cannot have a user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsernameError {
    /// It begins with this reserved prefix (eks 6.2).
    ReservedPrefix(&'static str),
    /// A session placeholder has no colon before it (eks 6.3).
    SessionNameNeedsColon,
}

impl UsernameError {
    /// A fixed word for each reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::ReservedPrefix(_) => "reserved-prefix",
            Self::SessionNameNeedsColon => "session-name-needs-colon",
        }
    }
}

/// The reserved prefix that a user name or a group of an access entry begins with, if any.
pub fn reserved_prefix(name: &str) -> Option<&'static str> {
    RESERVED_PREFIXES.iter().copied().find(|prefix| name.starts_with(prefix))
}

/// Checks the user name that somebody gives to a STANDARD access entry.
///
/// # Errors
/// The first rule that is broken.
pub fn check_entry_username(username: &str) -> Result<(), UsernameError> {
    if let Some(prefix) = reserved_prefix(username) {
        return Err(UsernameError::ReservedPrefix(prefix));
    }
    let placeholder = ["{{SessionName}}", "{{SessionNameRaw}}"].iter().filter_map(|p| username.find(p)).min();
    if placeholder.is_some_and(|at| !username.get(..at).unwrap_or_default().contains(':')) {
        return Err(UsernameError::SessionNameNeedsColon);
    }
    Ok(())
}

/// The user name that EKS gives to an access entry (eks 5, 6.1). `entry_type` is the API's word.
///
/// The name of the type HYPERPOD_LINUX, and that of the root user, are unconfirmed (eks 5, 8.1).
pub fn default_entry_username(principal: &PrincipalArn, entry_type: &str) -> String {
    match (entry_type, principal.kind()) {
        ("EC2_LINUX" | "EC2_WINDOWS", _) => "system:node:{{EC2PrivateDNSName}}".to_owned(),
        ("FARGATE_LINUX" | "HYBRID_LINUX" | "HYPERPOD_LINUX" | "EC2", _) => "system:node:{{SessionName}}".to_owned(),
        (_, PrincipalKind::User | PrincipalKind::Root) => principal.to_string(),
        (_, PrincipalKind::Role) => {
            let (partition, account, name) = (principal.partition(), principal.account(), principal.name());
            format!("arn:{partition}:sts::{account}:assumed-role/{name}/{{{{SessionName}}}}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NameKind, check_name};

    #[test]
    fn paths_hold_printable_characters_alone() {
        for (path, good) in
            [("/", true), ("/a~/", true), ("/!/", true), ("/a b/", false), ("/a\u{7f}/", false), ("/\u{1}/", false)]
        {
            assert_eq!(check_name(NameKind::Path, path).is_ok(), good, "{path:?}");
        }
    }
}
