//! What eksctl checks of access entries before it calls anything (eks 19), in its own words.

use std::collections::BTreeSet;

use super::access_entry::{NewEntry, Policy};
use super::tool::Outcome;
use crate::aws::eks::{AccessScope, AuthenticationMode};
use crate::formats::arn::Arn;

/// Checks entries. `mode` is that of the config file, empty if it names none.
///
/// # Errors
/// The first fault.
pub fn check(mode: &str, entries: &[NewEntry]) -> Outcome {
    if mode == AuthenticationMode::ConfigMap.name() && !entries.is_empty() {
        // Wording inferred.
        return Err("accessConfig.accessEntries cannot be set when authentication mode is CONFIG_MAP".to_owned());
    }
    if !mode.is_empty() {
        check_mode(mode)?;
    }
    let mut seen = BTreeSet::new();
    for (at, entry) in entries.iter().enumerate() {
        let path = format!("accessEntries[{at}]");
        check_entry(&path, entry)?;
        if !seen.insert(&entry.principal_arn) {
            return Err(format!("duplicate access entry {path} with principal ARN {:?}", entry.principal_arn));
        }
    }
    Ok(())
}

/// Refuses what is no authentication mode.
///
/// # Errors
/// That refusal.
pub fn check_mode(mode: &str) -> Outcome {
    if AuthenticationMode::parse(mode).is_some() {
        return Ok(());
    }
    let [first, second, third] = AuthenticationMode::ALL.map(AuthenticationMode::name);
    Err(format!(
        "invalid value {mode:?} provided for authenticationMode, choose one of: {first:?}, {second:?}, {third:?}"
    ))
}

fn check_entry(path: &str, entry: &NewEntry) -> Outcome {
    if entry.principal_arn.is_empty() {
        return Err(format!("{path}.principalARN must be set to a valid AWS ARN"));
    }
    let kind = &entry.kind;
    match kind.as_str() {
        // EC2 (Auto Mode) has policies of its own (eks 5).
        "" | "STANDARD" | "EC2" => {}
        "EC2_LINUX" | "EC2_WINDOWS" | "FARGATE_LINUX" | "HYBRID_LINUX" => {
            if !entry.groups.is_empty() || !entry.username.is_empty() {
                return Err(format!(
                    "cannot specify {path}.kubernetesGroups nor {path}.kubernetesUsername when type is set to {kind}"
                ));
            }
            if !entry.policies.is_empty() {
                return Err(format!("cannot specify {path}.accessPolicies when type is set to {kind}"));
            }
        }
        _ => return Err(format!("invalid access entry type {kind:?} for {path}")),
    }
    entry.policies.iter().try_for_each(|policy| check_policy(path, policy))
}

fn check_policy(path: &str, policy: &Policy) -> Outcome {
    let Ok(arn) = policy.arn.parse::<Arn>() else {
        return Err(format!("{path}.policyARN must be set to a valid AWS ARN"));
    };
    match arn.resource.split_once('/') {
        None => return Err(format!("invalid {path}.policyARN")),
        Some(("cluster-access-policy", _)) => {}
        Some(_) => return Err(format!("{path}.policyARN must be a cluster-access-policy resource")),
    }
    let AccessScope { kind, namespaces } = &policy.scope;
    match (kind.as_str(), namespaces.is_empty()) {
        ("", _) => Err(format!("{path}.accessScope.type must be set to either \"namespace\" or \"cluster\"")),
        ("cluster", false) => {
            Err(format!("cannot specify {path}.accessScope.namespaces when accessScope is set to {kind}"))
        }
        ("namespace", true) => {
            Err(format!("at least one namespace must be specified when accessScope is set to {kind}: ({path})"))
        }
        ("cluster" | "namespace", _) => Ok(()),
        _ => Err(format!("invalid access scope type {kind:?} for {path}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: &str, policies: &[(&str, &str, &[&str])]) -> NewEntry {
        let policy = |(arn, kind, namespaces): &(&str, &str, &[&str])| Policy {
            arn: (*arn).to_owned(),
            scope: AccessScope {
                kind: (*kind).to_owned(),
                namespaces: namespaces.iter().map(|n| (*n).to_owned()).collect(),
            },
        };
        NewEntry {
            principal_arn: "arn:aws:iam::111122223333:role/r".to_owned(),
            kind: kind.to_owned(),
            policies: policies.iter().map(policy).collect(),
            ..NewEntry::default()
        }
    }

    #[test]
    fn faults_are_found_before_any_call() {
        let view = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";
        let says = |mode: &str, entries: &[NewEntry], expected: &str| {
            let said = check(mode, entries).err().unwrap_or_default();
            assert!(said.starts_with(expected) && said.is_empty() == expected.is_empty(), "{said}");
        };
        says("", &[entry("", &[(view, "cluster", &[])])], "");
        says("API", &[entry("EC2", &[(view, "cluster", &[])])], "");
        says("CONFIG_MAP", &[entry("", &[])], "accessConfig.accessEntries cannot be set");
        says("api", &[], "invalid value \"api\" provided for authenticationMode, choose one of: \"CONFIG_MAP\"");
        says("", &[NewEntry::default()], "accessEntries[0].principalARN must be set");
        says("", &[entry("ec2_linux", &[])], "invalid access entry type \"ec2_linux\" for accessEntries[0]");
        says(
            "",
            &[entry("EC2_LINUX", &[(view, "cluster", &[])])],
            "cannot specify accessEntries[0].accessPolicies when",
        );
        let named = NewEntry { username: "u".to_owned(), ..entry("FARGATE_LINUX", &[]) };
        says("", &[named], "cannot specify accessEntries[0].kubernetesGroups nor accessEntries[0].kubernetesUsername");
        says(
            "",
            &[entry("", &[("arn:aws:iam::aws:policy/x", "cluster", &[])])],
            "accessEntries[0].policyARN must be a",
        );
        says("", &[entry("", &[("arn:aws:iam::aws:x", "cluster", &[])])], "invalid accessEntries[0].policyARN");
        says("", &[entry("", &[("", "cluster", &[])])], "accessEntries[0].policyARN must be set to a valid AWS ARN");
        says("", &[entry("", &[(view, "", &[])])], "accessEntries[0].accessScope.type must be set to either");
        says("", &[entry("", &[(view, "cluster", &["a"])])], "cannot specify accessEntries[0].accessScope.namespaces");
        says("", &[entry("", &[(view, "namespace", &[])])], "at least one namespace must be specified when");
        says("", &[entry("", &[(view, "pod", &[])])], "invalid access scope type \"pod\" for accessEntries[0]");
        says("", &[entry("", &[]), entry("", &[])], "duplicate access entry accessEntries[1] with principal ARN");
    }
}
