//! The pages and their addresses: the part of the fragment before `?`.
//!
//! `Route::to_string` and `str::parse` are inverse to each other; names in a path are percent-encoded.

use std::fmt;
use std::str::FromStr;

use super::objects::Kind;
use crate::shell::context::Edit;

/// A page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// The question and its access path.
    #[default]
    Overview,
    /// The cluster's Access tab: mode and access entries.
    Access,
    /// All clusters.
    Clusters,
    /// The form for a new cluster.
    CreateCluster,
    /// The form for a new access entry.
    CreateEntry,
    /// An access entry, by principal ARN.
    Entry(String),
    /// All access policies.
    Policies,
    /// An access policy by name, and a rule of it, from 1.
    Policy(String, Option<usize>),
    /// Users, roles and profiles.
    Iam,
    /// The aws-auth ConfigMap.
    AwsAuth,
    /// An entry of it, by section and position from 0.
    AwsAuthEntry(String, usize),
    /// A line of its text, from 1.
    AwsAuthLine(usize),
    /// Objects of a kind.
    Objects(Kind),
    /// An object: kind, namespace (empty for cluster-scoped kinds) and name.
    Object(Kind, String, String),
    /// What the linter finds.
    Problems,
    /// A place in the text of an object.
    ObjectAt(Kind, String, String, Spot),
    /// The form for a new object of a kind.
    NewObject(Kind),
    /// What happened.
    History,
    /// An address that is no page, as it was given.
    Unknown(String),
}

/// A place in the text of an object; both count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// A rule of a role.
    Rule(usize),
    /// A line.
    Line(usize),
}

/// An address that is no page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no page `{0}`")]
pub struct UnknownRoute(pub String);

/// The parts of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the parts")]
pub enum Section {
    Ask,
    Access,
    Iam,
    AwsAuth,
    Kubernetes,
    Problems,
    History,
}

impl Section {
    /// All parts, in the order of the navigation.
    pub const ALL: [Section; 7] =
        [Self::Ask, Self::Access, Self::Iam, Self::AwsAuth, Self::Kubernetes, Self::Problems, Self::History];

    /// What the navigation calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ask => "Ask",
            Self::Access => "Access",
            Self::Iam => "IAM",
            Self::AwsAuth => "aws-auth",
            Self::Kubernetes => "Kubernetes",
            Self::Problems => "Problems",
            Self::History => "History",
        }
    }

    /// Its first page.
    pub fn route(self) -> Route {
        match self {
            Self::Ask => Route::Overview,
            Self::Access => Route::Access,
            Self::Iam => Route::Iam,
            Self::AwsAuth => Route::AwsAuth,
            Self::Kubernetes => Route::Objects(Kind::ClusterRoleBindings),
            Self::Problems => Route::Problems,
            Self::History => Route::History,
        }
    }
}

impl Route {
    /// The part of the navigation that the page belongs to.
    pub fn section(&self) -> Section {
        match self {
            Self::Overview | Self::Unknown(_) => Section::Ask,
            Self::Access
            | Self::CreateEntry
            | Self::Entry(_)
            | Self::Policies
            | Self::Policy(..)
            | Self::Clusters
            | Self::CreateCluster => Section::Access,
            Self::Iam => Section::Iam,
            Self::AwsAuth | Self::AwsAuthEntry(..) | Self::AwsAuthLine(_) => Section::AwsAuth,
            Self::Objects(_) | Self::Object(..) | Self::ObjectAt(..) | Self::NewObject(_) => Section::Kubernetes,
            Self::Problems => Section::Problems,
            Self::History => Section::History,
        }
    }

    /// The page of an address, which may be none.
    pub fn of(address: &str) -> Self {
        address.parse().unwrap_or_else(|UnknownRoute(address)| Self::Unknown(address))
    }

    /// What the page is called.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "No such page",
            known => known.section().label(),
        }
    }

    /// The page that edits what `kubectl edit` names, if there is one.
    pub fn of_edit(edit: &Edit) -> Option<Self> {
        // At a line, so that the editor has the focus.
        if edit.is_aws_auth() {
            return Some(Self::AwsAuthLine(1));
        }
        let kind = Kind::parse(&edit.resource)?;
        Some(Self::ObjectAt(kind, edit.namespace.clone(), edit.name.clone(), Spot::Line(1)))
    }

    /// The address as a link on the page.
    pub fn href(&self) -> String {
        format!("#{self}")
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overview => f.write_str("/"),
            Self::Access => f.write_str("/access"),
            Self::Clusters => f.write_str("/clusters"),
            Self::CreateCluster => f.write_str("/clusters/create"),
            Self::CreateEntry => f.write_str("/access/create"),
            Self::Entry(arn) => write!(f, "/access/entries/{}", encode(arn)),
            Self::Policies => f.write_str("/access/policies"),
            Self::Policy(name, None) => write!(f, "/access/policies/{}", encode(name)),
            Self::Policy(name, Some(rule)) => write!(f, "/access/policies/{}/rule/{rule}", encode(name)),
            Self::Iam => f.write_str("/iam"),
            Self::AwsAuth => f.write_str("/aws-auth"),
            Self::AwsAuthEntry(section, index) => write!(f, "/aws-auth/{}/{index}", encode(section)),
            Self::AwsAuthLine(number) => write!(f, "/aws-auth/line/{number}"),
            Self::Objects(kind) => write!(f, "/kubernetes/{}", kind.plural()),
            Self::Object(kind, namespace, name) if namespace.is_empty() => {
                write!(f, "/kubernetes/{}/{}", kind.plural(), encode(name))
            }
            Self::Object(kind, namespace, name) => {
                write!(f, "/kubernetes/{}/{}/{}", kind.plural(), encode(namespace), encode(name))
            }
            Self::Problems => f.write_str("/problems"),
            Self::ObjectAt(kind, namespace, name, spot) => {
                let object = Self::Object(*kind, namespace.clone(), name.clone());
                match spot {
                    Spot::Rule(number) => write!(f, "{object}/rule/{number}"),
                    Spot::Line(number) => write!(f, "{object}/line/{number}"),
                }
            }
            Self::NewObject(kind) => write!(f, "/kubernetes/new/{}", kind.plural()),
            Self::History => f.write_str("/history"),
            Self::Unknown(address) => f.write_str(address),
        }
    }
}

impl FromStr for Route {
    type Err = UnknownRoute;

    fn from_str(text: &str) -> Result<Self, UnknownRoute> {
        let unknown = || UnknownRoute(text.to_owned());
        let parts: Vec<String> = text.split('/').filter(|part| !part.is_empty()).map(decode).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Ok(match parts.as_slice() {
            [] => Self::Overview,
            ["access"] => Self::Access,
            ["clusters"] => Self::Clusters,
            ["clusters", "create"] => Self::CreateCluster,
            ["access", "create"] => Self::CreateEntry,
            ["access", "entries", arn] => Self::Entry((*arn).to_owned()),
            ["access", "policies"] => Self::Policies,
            ["access", "policies", name] => Self::Policy((*name).to_owned(), None),
            ["access", "policies", name, "rule", number] => {
                Self::Policy((*name).to_owned(), Some(number.parse().map_err(|_| unknown())?))
            }
            ["iam"] => Self::Iam,
            ["aws-auth"] => Self::AwsAuth,
            ["aws-auth", "line", number] => Self::AwsAuthLine(number.parse().map_err(|_| unknown())?),
            ["aws-auth", section, index] => {
                Self::AwsAuthEntry((*section).to_owned(), index.parse().map_err(|_| unknown())?)
            }
            ["kubernetes", "new", kind] => Self::NewObject(Kind::parse(kind).ok_or_else(unknown)?),
            ["kubernetes"] => Section::Kubernetes.route(),
            ["kubernetes", kind] => Self::Objects(Kind::parse(kind).ok_or_else(unknown)?),
            ["kubernetes", kind, name] => {
                Self::Object(Kind::parse(kind).ok_or_else(unknown)?, String::new(), (*name).to_owned())
            }
            ["kubernetes", kind, namespace, name] => {
                Self::Object(Kind::parse(kind).ok_or_else(unknown)?, (*namespace).to_owned(), (*name).to_owned())
            }
            ["problems"] => Self::Problems,
            ["kubernetes", kind, object @ .., spot @ ("rule" | "line"), number] => {
                let kind = Kind::parse(kind).ok_or_else(unknown)?;
                let number = number.parse().map_err(|_| unknown())?;
                let spot = if *spot == "rule" { Spot::Rule(number) } else { Spot::Line(number) };
                match object {
                    [name] => Self::ObjectAt(kind, String::new(), (*name).to_owned(), spot),
                    [namespace, name] => Self::ObjectAt(kind, (*namespace).to_owned(), (*name).to_owned(), spot),
                    _ => return Err(unknown()),
                }
            }
            ["history"] => Self::History,
            _ => return Err(unknown()),
        })
    }
}

/// Percent-encodes everything but letters, digits and `-._~:`.
fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Undoes [`encode`]; what is no valid escape stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match (first, tail) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high * 16 + low),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(*first));
        rest = rest.get(if escaped.is_some() { 3 } else { 1 }..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kubectl_edit_opens_has_a_page() {
        let edit = |name: &str| Edit {
            resource: "configmaps".to_owned(),
            namespace: "kube-system".to_owned(),
            name: name.to_owned(),
        };
        assert_eq!(Route::of_edit(&edit("aws-auth")), Some(Route::AwsAuthLine(1)));
        for kind in Kind::ALL {
            let edit = Edit { resource: kind.plural().to_owned(), namespace: String::new(), name: "x".to_owned() };
            assert!(edit.has_page());
            assert_eq!(
                Route::of_edit(&edit),
                Some(Route::ObjectAt(kind, String::new(), "x".to_owned(), Spot::Line(1)))
            );
        }
    }

    #[test]
    fn addresses_and_back() {
        let routes = [
            Route::Overview,
            Route::Access,
            Route::Clusters,
            Route::CreateCluster,
            Route::CreateEntry,
            Route::Entry("arn:aws:iam::111122223333:role/team a/ä%?#".to_owned()),
            Route::Policies,
            Route::Policy("AmazonEKSViewPolicy".to_owned(), None),
            Route::Policy("AmazonEKSViewPolicy".to_owned(), Some(3)),
            Route::Iam,
            Route::AwsAuth,
            Route::AwsAuthEntry("mapRoles".to_owned(), 2),
            Route::AwsAuthLine(3),
            Route::NewObject(Kind::ConfigMaps),
            Route::ObjectAt(Kind::ClusterRoles, String::new(), "view".to_owned(), Spot::Rule(3)),
            Route::ObjectAt(Kind::Roles, "dev".to_owned(), "x/y".to_owned(), Spot::Line(12)),
            Route::Objects(Kind::Roles),
            Route::Object(Kind::ClusterRoles, String::new(), "system:node/x".to_owned()),
            Route::Object(Kind::RoleBindings, "dev".to_owned(), "a b".to_owned()),
            Route::Problems,
            Route::History,
        ];
        for route in routes {
            assert_eq!(route.to_string().parse(), Ok(route.clone()), "{route}");
            assert!(!route.to_string().contains(['?', '#']), "{route}");
        }
        for section in Section::ALL {
            assert_eq!(section.route().section(), section);
        }
    }

    #[test]
    fn other_addresses_are_refused() {
        for text in [
            "/nowhere",
            "/kubernetes/pods",
            "/access/entries",
            "/access/create/x",
            "/access/policies/x/rule/y",
            "/aws-auth/mapRoles/x",
            "/kubernetes/roles/a/b/rule/x",
        ] {
            assert_eq!(text.parse::<Route>(), Err(UnknownRoute(text.to_owned())));
            let page = Route::of(text);
            assert_eq!((page.to_string().as_str(), page.title()), (text, "No such page"));
        }
        assert_eq!(Route::of("/iam"), Route::Iam);
        assert_eq!("".parse(), Ok(Route::Overview));
        assert_eq!("/access/entries/%zz%".parse(), Ok(Route::Entry("%zz%".to_owned())));
    }
}
