//! What single texts of aws-auth are: ARNs, placeholders, lines that YAML reads otherwise than meant.

use crate::aws::names::{NameKind, check_name};
use crate::aws::sts::PARTITIONS;
use crate::formats::arn::Arn;

/// What an ARN in an entry names.
pub enum Named {
    /// A role: its name, and whether a path stands before it.
    Role(String, bool),
    /// A user.
    User,
    /// The root user.
    Root,
    /// A federated user.
    Federated,
    /// A session of a role.
    Session,
    /// Something that never calls.
    Foreign(String),
    /// Nothing that a caller's ARN can equal, and why.
    Bad(&'static str),
}

/// Reads the ARN of an entry.
pub fn named(text: &str) -> Named {
    if text.chars().any(char::is_whitespace) {
        return Named::Bad("it contains a blank");
    }
    if text.contains(['"', '\'', '`']) {
        return Named::Bad("it contains a quote");
    }
    if text.contains(['*', '?']) {
        return Named::Bad("wildcards have no meaning here");
    }
    let Ok(arn) = text.parse::<Arn>() else {
        return Named::Bad("it is not of the form arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE");
    };
    if !PARTITIONS.contains(&arn.partition.as_str()) {
        return Named::Bad("the partition is not known");
    }
    if arn.service != "iam" && arn.service != "sts" {
        return Named::Foreign(format!("a resource of the service `{}`", arn.service));
    }
    if !arn.region.is_empty() {
        return Named::Bad("it names a region; ARNs of IAM have none");
    }
    if check_name(NameKind::AccountId, &arn.account).is_err() {
        return Named::Bad("the account is not 12 digits");
    }
    match (arn.service.as_str(), arn.kind()) {
        ("iam", "role") => Named::Role(arn.name().to_owned(), arn.resource.matches('/').count() > 1),
        ("iam", "user") => Named::User,
        ("iam", "root") => Named::Root,
        ("sts", "federated-user") => Named::Federated,
        ("sts", "assumed-role") => Named::Session,
        (_, kind) => Named::Foreign(match kind {
            "instance-profile" => "an instance profile".to_owned(),
            "group" => "an IAM group".to_owned(),
            "policy" => "an IAM policy".to_owned(),
            "saml-provider" | "oidc-provider" => "an identity provider".to_owned(),
            other => format!("a resource of the kind `{other}`"),
        }),
    }
}

/// True if `{{` stands where YAML takes it for a mapping: at the beginning of a plain value, or in brackets.
pub fn has_bare_placeholder(line: &str) -> bool {
    let (mut quote, mut in_brackets, mut before) = (None, false, "");
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') if before.is_empty() || before.ends_with([' ', '[', ',', ':']) => quote = Some(c),
            (None, '#') if before.is_empty() || before.ends_with(' ') => return false,
            (None, '[') => in_brackets = true,
            (None, ']') => in_brackets = false,
            (None, '{') if line.get(at..).is_some_and(|rest| rest.starts_with("{{")) => {
                let opens = before.trim_end();
                if in_brackets || before != opens && (opens.ends_with(':') || opens.trim_start() == "-") {
                    return true;
                }
            }
            (None, _) => {}
        }
        before = line.get(..at + c.len_utf8()).unwrap_or_default();
    }
    false
}

/// `{{…}}` in a name, braces included.
pub fn placeholders(name: &str) -> impl Iterator<Item = &str> {
    let starts = name.match_indices("{{").map(|(at, _)| at);
    starts.filter_map(|at| {
        let rest = name.get(at..)?;
        let end = rest.find("}}")? + 2;
        rest.get(..end).filter(|text| !text.get(2..).is_some_and(|inner| inner.contains("{{")))
    })
}
