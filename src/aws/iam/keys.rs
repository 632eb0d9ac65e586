//! Access keys that callers make, and OpenID Connect providers of the account.

use serde::{Deserialize, Serialize};

use super::{PrincipalKind, access_key_id, scrambled};
use crate::aws::tags::Tags;
use crate::formats::time::Timestamp;

/// An access key that CreateAccessKey made. Its id and its secret follow from its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessKey {
    /// The number that id and secret are made from.
    pub serial: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether AWS takes no calls that are signed with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inactive: bool,
}

impl AccessKey {
    /// `AKIA…`
    pub fn id(&self) -> String {
        access_key_id(PrincipalKind::User, self.serial)
    }

    /// The secret of 40 characters, which AWS shows once.
    pub fn secret(&self) -> String {
        let text = format!("{}{}", scrambled(self.serial.wrapping_mul(3), 20), scrambled(!self.serial, 20));
        // Upper and lower case take turns, as in base 64.
        text.char_indices().map(|(at, c)| if at % 3 == 1 { c.to_ascii_lowercase() } else { c }).collect()
    }

    /// `Active` or `Inactive`.
    pub fn status(&self) -> &'static str {
        if self.inactive { "Inactive" } else { "Active" }
    }
}

/// An IAM OpenID Connect provider: whose tokens AssumeRoleWithWebIdentity takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OidcProvider {
    /// The audiences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub client_ids: Vec<String>,
    /// Fingerprints of the certificates of the issuer's server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thumbprints: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}
