//! Amazon Resource Names: parsing and printing.
//!
//! `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, cut at the first five colons; later colons belong to the resource.
//! Only the form is checked here; what the parts may hold depends on the service.

use std::fmt;
use std::str::FromStr;

/// An ARN in its parts. Every text of the right form is one, so the fields are open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arn {
    /// `aws`, `aws-cn`, …
    pub partition: String,
    /// `iam`, `sts`, `eks`, …
    pub service: String,
    /// Empty for global services.
    pub region: String,
    /// The owner's account id; `aws` or empty for what belongs to AWS.
    pub account: String,
    /// What comes last: `role/dev`, `cluster/demo`, …
    pub resource: String,
}

/// Why a text is no ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It does not begin with `arn:`, in lower case.
    #[error("arn: invalid prefix")]
    InvalidPrefix,
    /// It has fewer than six parts.
    #[error("arn: not enough sections")]
    NotEnoughSections,
}

impl FromStr for Arn {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let rest = text.strip_prefix("arn:").ok_or(Error::InvalidPrefix)?;
        let mut parts = rest.splitn(5, ':').map(str::to_owned);
        let mut part = || parts.next().ok_or(Error::NotEnoughSections);
        Ok(Self { partition: part()?, service: part()?, region: part()?, account: part()?, resource: part()? })
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

impl Arn {
    /// The part of the resource before the first `/`, which names its kind.
    pub fn kind(&self) -> &str {
        self.resource.split('/').next().unwrap_or_default()
    }

    /// The part of the resource after the last `/`: the name without path. The whole resource if it has no `/`.
    pub fn name(&self) -> &str {
        self.resource.rsplit('/').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Arn, Error};

    #[test]
    fn parts_and_back() {
        let text = "arn:aws:eks:us-east-1:111122223333:access-entry/demo/role/111122223333/dev/0:1:2";
        let arn: Arn = text.parse().unwrap();
        assert_eq!((arn.service.as_str(), arn.region.as_str()), ("eks", "us-east-1"));
        assert_eq!((arn.kind(), arn.name()), ("access-entry", "0:1:2"));
        assert_eq!(arn.to_string(), text);
    }

    #[test]
    fn errors() {
        assert_eq!("ARN:aws:iam::1:role/x".parse::<Arn>(), Err(Error::InvalidPrefix));
        assert_eq!("".parse::<Arn>(), Err(Error::InvalidPrefix));
        assert_eq!("arn:aws:iam:1:role/x".parse::<Arn>(), Err(Error::NotEnoughSections));
    }
}
