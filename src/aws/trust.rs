//! Trust policies of roles, as far as IAM checks them when a role is made (iam 9.1).

use serde_json::Value;

use super::exception::Exception;
use super::iam::PrincipalArn;
use super::names::{NameKind, check_name};

/// The actions that a trust policy may name, upper and lower case included.
const ACTIONS: &[&str] = &[
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoleWithSAML",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:SetContext",
];

/// Checks the statements of a trust policy. `exists` tells whether a user or role is there; those of other accounts are
/// taken to be. A document without statements is not looked at.
///
/// # Errors
/// IAM's refusal.
pub fn check(policy: &Value, exists: &dyn Fn(&PrincipalArn) -> bool) -> Result<(), Exception> {
    for statement in list(policy.get("Statement")) {
        if let Some(field) = ["Resource", "NotResource"].iter().find(|field| statement.get(**field).is_some()) {
            return Err(Exception::prohibited_field(field));
        }
        let principal = statement.get("Principal");
        if principal.is_some_and(|principal| principal == "*") {
            return Err(Exception::star_principal());
        }
        for (kind, names) in principal.and_then(Value::as_object).into_iter().flatten() {
            for name in list(Some(names)).filter_map(Value::as_str) {
                let good = match kind.as_str() {
                    "AWS" => is_aws_principal(name, exists),
                    "Service" => !name.contains('*'),
                    _ => true,
                };
                if !good {
                    return Err(Exception::policy_principal(&kind.to_ascii_uppercase(), name));
                }
            }
        }
        if list(statement.get("Action")).filter_map(Value::as_str).any(|action| !ACTIONS.contains(&action)) {
            return Err(Exception::only_assume_role());
        }
    }
    Ok(())
}

/// Whether a trust policy allows a principal by its ARN, or every principal, to assume the role; conditions are not looked
/// at.
pub fn names(policy: &Value, arn: &str) -> bool {
    list(policy.get("Statement")).any(|statement| {
        let has = |value: Option<&Value>, wanted: &[&str]| {
            list(value).filter_map(Value::as_str).any(|text| wanted.contains(&text))
        };
        has(statement.get("Effect"), &["Allow"])
            && has(statement.get("Action"), &["sts:AssumeRole"])
            && has(statement.get("Principal").and_then(|principal| principal.get("AWS")), &["*", arn])
    })
}

/// `*`, an account's number or root user, a user or role that exists.
fn is_aws_principal(name: &str, exists: &dyn Fn(&PrincipalArn) -> bool) -> bool {
    name == "*"
        || check_name(NameKind::AccountId, name).is_ok()
        || name.parse::<PrincipalArn>().is_ok_and(|arn| exists(&arn))
}

/// A value, or the items of a list of them.
fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    match value {
        Some(Value::Array(items)) => items.iter(),
        Some(value) => std::slice::from_ref(value).iter(),
        None => [].iter(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn checked(statement: &str) -> Result<bool, String> {
        let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        let policy = serde_json::from_str(&document).unwrap();
        let open = names(&policy, "arn:aws:iam::444455556666:role/me");
        check(&policy, &|arn| arn.name() != "gone").map(|()| open).map_err(|exception| exception.message)
    }

    fn with_principal(principal: &str) -> Result<bool, String> {
        checked(&format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}"#))
    }

    #[test]
    fn principals() {
        for (principal, open) in [
            (r#"{"AWS":"*"}"#, true),
            (r#"{"AWS":["111122223333","arn:aws:iam::111122223333:root"]}"#, false),
            (r#"{"AWS":"arn:aws:iam::444455556666:role/a/b"}"#, false),
            (r#"{"AWS":["111122223333","arn:aws:iam::444455556666:role/me"]}"#, true),
            (r#"{"Service":["ec2.amazonaws.com","eks.amazonaws.com"]}"#, false),
            (r#"{"Federated":"arn:aws:iam::111122223333:oidc-provider/x"}"#, false),
        ] {
            assert_eq!(with_principal(principal), Ok(open), "{principal}");
        }
        for name in [
            "12345",
            "arn:aws:sts::111122223333:assumed-role/r/s",
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::*:root",
            " arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:group/g",
            "arn:aws:iam::111122223333:role/gone",
            "",
        ] {
            let text = format!("Invalid principal in policy: \"AWS\":\"{name}\"");
            assert_eq!(with_principal(&format!(r#"{{"AWS":["*","{name}"]}}"#)), Err(text));
        }
        let star = "AssumeRolepolicy contained an invalid principal: \"STAR\":\"*\"";
        assert_eq!(with_principal("\"*\""), Err(star.to_owned()));
        let service = "Invalid principal in policy: \"SERVICE\":\"*\"";
        assert_eq!(with_principal(r#"{"Service":"*"}"#), Err(service.to_owned()));
    }

    #[test]
    fn actions_and_fields() {
        let of = |members: &str| checked(&format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"*"}},{members}}}"#));
        assert_eq!(of(r#""Action":["sts:AssumeRole","sts:TagSession"]"#), Ok(true));
        assert_eq!(of(r#""Action":"sts:AssumeRoleWithSAML""#), Ok(false));
        let only = "AssumeRole policy may only specify STS AssumeRole actions.";
        for action in ["s3:GetObject", "sts:*", "*", "STS:AssumeRole", "sts:assumerole", "sts:GetCallerIdentity"] {
            assert_eq!(of(&format!(r#""Action":["sts:AssumeRole","{action}"]"#)), Err(only.to_owned()), "{action}");
        }
        assert_eq!(of(r#""Action":"sts:AssumeRole","Resource":"*""#), Err("Has prohibited field Resource".to_owned()));
        for policy in [json!({}), json!({ "Statement": [] }), json!([1]), json!({ "Statement": "x" })] {
            assert!(check(&policy, &|_| true).is_ok() && !names(&policy, "x"), "{policy}");
        }
    }
}
