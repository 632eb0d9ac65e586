//! Lines of mapRoles, added and taken away as EKS does it for node groups and Fargate profiles (eks 13.5).
//!
//! The section is written anew, members in the order of the alphabet; comments are lost.

use serde_json::{Value, json};

use super::aws_auth::is_empty;
use super::eks::EntryType;
use crate::formats::yaml::emit::emit;
use crate::formats::yaml::load::load;

/// The groups that a line for nodes of this type has.
fn groups(kind: EntryType) -> Vec<&'static str> {
    let own = match kind {
        EntryType::Ec2Windows => Some("eks:kube-proxy-windows"),
        EntryType::FargateLinux => Some("system:node-proxier"),
        _ => None,
    };
    ["system:bootstrappers", "system:nodes"].into_iter().chain(own).collect()
}

/// The section with a line for `role` and nodes of this type; a line of the role that is there already is kept.
/// `None` if the section is no list.
pub fn with_role(section: &str, role: &str, username: &str, kind: EntryType) -> Option<String> {
    let mut lines = lines(section)?;
    if lines.iter().any(|line| is_of(line, role)) {
        return Some(section.to_owned());
    }
    lines.push(json!({ "groups": groups(kind), "rolearn": role, "username": username }));
    Some(emit(&Value::Array(lines)))
}

/// The section without the lines of `role`, whoever wrote them. `None` if the section is no list.
pub fn without_role(section: &str, role: &str) -> Option<String> {
    let mut lines = lines(section)?;
    let before = lines.len();
    lines.retain(|line| !is_of(line, role));
    Some(if lines.len() == before { section.to_owned() } else { emit(&Value::Array(lines)) })
}

fn lines(section: &str) -> Option<Vec<Value>> {
    if is_empty(section) {
        return Some(Vec::new());
    }
    match load(section).ok()? {
        Value::Null => Some(Vec::new()),
        Value::Array(lines) => Some(lines),
        _ => None,
    }
}

fn is_of(line: &Value, role: &str) -> bool {
    line.get("rolearn").and_then(Value::as_str) == Some(role)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::111122223333:role/nodes";
    const NODE: &str = "system:node:{{EC2PrivateDNSName}}";

    #[test]
    fn a_line_joins_those_that_are_there() {
        let line = |own: &str, username: &str| {
            let groups = format!("  - system:bootstrappers\n  - system:nodes\n{own}");
            format!("- groups:\n{groups}  rolearn: {ROLE}\n  username: {username}\n")
        };
        let linux = line("", NODE);
        for empty in ["", "[]", "# nothing yet\n", "\"\""] {
            assert_eq!(with_role(empty, ROLE, NODE, EntryType::Ec2Linux).as_ref(), Some(&linux), "{empty}");
        }
        let windows = line("  - eks:kube-proxy-windows\n", NODE);
        assert_eq!(with_role("", ROLE, NODE, EntryType::Ec2Windows), Some(windows));
        let fargate = line("  - system:node-proxier\n", "system:node:{{SessionName}}");
        assert_eq!(with_role("", ROLE, "system:node:{{SessionName}}", EntryType::FargateLinux), Some(fargate));
        let other = "- rolearn: x\n  extra: 1\n";
        let both = format!("- extra: 1\n  rolearn: x\n{linux}");
        assert_eq!(with_role(other, ROLE, NODE, EntryType::Ec2Linux), Some(both));
    }

    #[test]
    fn a_line_of_the_role_is_kept_and_taken_away_whoever_wrote_it() {
        let own = format!("# mine\n- rolearn: {ROLE}\n  username: u\n- rolearn: x\n");
        assert_eq!(with_role(&own, ROLE, NODE, EntryType::Ec2Linux).as_ref(), Some(&own));
        assert_eq!(without_role(&own, ROLE).as_deref(), Some("- rolearn: x\n"));
        assert_eq!(without_role(&own, "y").as_ref(), Some(&own));
        assert_eq!(without_role(&format!("- rolearn: {ROLE}\n"), ROLE).as_deref(), Some("[]\n"));
    }

    #[test]
    fn what_is_no_list_is_left_alone() {
        for text in ["a: b", "- [", "word"] {
            assert_eq!(with_role(text, ROLE, NODE, EntryType::Ec2Linux), None, "{text}");
            assert_eq!(without_role(text, ROLE), None, "{text}");
        }
    }
}
