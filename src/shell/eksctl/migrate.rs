//! `eksctl utils update-authentication-mode` and `eksctl utils migrate-to-access-entry` (eks 20).
//!
//! What each line of aws-auth becomes is decided by [`plan`], which calls nothing.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::access_entry::{NewEntry, Policy, create_all, principals};
use super::checks::check_mode;
use super::identity_mapping::{self, Mapping};
use super::tool::{Cluster, Outcome, Tool};
use super::{config_file, required_cluster};
use crate::aws::eks::{AccessScope, AuthenticationMode};
use crate::engine::KubeRequest;
use crate::engine::authn::AWS_AUTH;
use crate::engine::request::GroupResource;
use crate::formats::arn::Arn;

const ADMIN_POLICY: &str = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";
const NODE_USERNAME: &str = "system:node:{{EC2PrivateDNSName}}";
const WINDOWS_GROUP: &str = "eks:kube-proxy-windows";

/// What becomes of the lines of aws-auth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Entries to be made, in the order of the lines.
    pub entries: Vec<NewEntry>,
    /// What is skipped, in eksctl's words.
    pub warnings: Vec<String>,
    /// ARNs whose later lines are dropped without a word.
    pub repeated: Vec<String>,
    /// A line has no entry to become: aws-auth must stay.
    pub incomplete: bool,
}

/// The rules of eks 20, in their order. ARNs have their IAM path already; `existing` are the principals of entries.
pub fn plan(mappings: &[Mapping], accounts: &[String], existing: &[String]) -> Plan {
    let mut plan = Plan::default();
    let mut seen = BTreeSet::new();
    for mapping in mappings {
        let arn = &mapping.arn;
        if !seen.insert(arn) {
            plan.repeated.push(arn.clone());
            continue;
        }
        if existing.contains(arn) {
            plan.warnings.push(format!("{arn} already exists in access entry, skipping"));
            continue;
        }
        let entry = match mapping.kind() {
            "role" if arn.contains(":role/aws-service-role/") => Err(format!(
                "found service-linked role iamidentitymapping \"{arn}\", can not create access entry, skipping"
            )),
            "role" if mapping.username == NODE_USERNAME => Ok(node_entry(mapping)),
            _ => standard_entry(mapping),
        };
        match entry {
            Ok(entry) => plan.entries.push(entry),
            Err(warning) => {
                plan.warnings.push(warning);
                plan.incomplete = true;
            }
        }
    }
    for account in accounts {
        plan.warnings
            .push(format!("found account iamidentitymapping {account:?}, cannot create access entry, skipping"));
        plan.incomplete = true;
    }
    plan
}

fn node_entry(mapping: &Mapping) -> NewEntry {
    let windows = mapping.groups.iter().any(|group| group == WINDOWS_GROUP);
    let kind = if windows { "EC2_WINDOWS" } else { "EC2_LINUX" };
    NewEntry { principal_arn: mapping.arn.clone(), kind: kind.to_owned(), ..NewEntry::default() }
}

fn standard_entry(mapping: &Mapping) -> Result<NewEntry, String> {
    let entry = NewEntry {
        principal_arn: mapping.arn.clone(),
        kind: "STANDARD".to_owned(),
        username: mapping.username.clone(),
        ..NewEntry::default()
    };
    if mapping.groups.iter().any(|group| group == "system:masters") {
        let policy = Policy { arn: ADMIN_POLICY.to_owned(), scope: AccessScope::cluster() };
        return Ok(NewEntry { policies: vec![policy], ..entry });
    }
    if mapping.groups.iter().any(|group| group.starts_with("system:")) {
        return Err(format!(
            "at least one group name associated with {:?} starts with \"system:\", can not create access entry, skipping",
            mapping.arn
        ));
    }
    Ok(NewEntry { groups: mapping.groups.clone(), ..entry })
}

/// `eksctl utils update-authentication-mode`.
///
/// # Errors
/// Faults of flags and file; EKS refuses.
pub fn update_mode(tool: &mut Tool<'_, '_>) -> Outcome {
    let (name, region, mode) = match tool.parsed.value("config-file") {
        Some(path) => config_file::read(tool, path).map(|config| (config.name, Some(config.region), config.mode))?,
        None => {
            let (name, region) = required_cluster(tool)?;
            (name, region, tool.parsed.text("authentication-mode").to_owned())
        }
    };
    if mode.is_empty() {
        return Err("--authentication-mode must be set".to_owned());
    }
    check_mode(&mode)?;
    let cluster = tool.connect(&name, region.as_deref())?;
    tool.info(format!("setting cluster's authentication mode to {mode}"));
    tool.change_mode(&cluster, &mode)
}

/// `eksctl utils migrate-to-access-entry`.
///
/// # Errors
/// An impossible target, aws-auth that cannot be read, a line whose role or user is gone, a task that fails.
pub fn migrate(tool: &mut Tool<'_, '_>) -> Outcome {
    let parsed = tool.parsed;
    let (name, region) = required_cluster(tool)?;
    let cluster = tool.connect(&name, region.as_deref())?;
    let target = match parsed.value("target-authentication-mode") {
        None | Some("API_AND_CONFIG_MAP") => AuthenticationMode::ApiAndConfigMap,
        Some("API") => AuthenticationMode::Api,
        Some(_) => {
            let text = "target authentication mode is invalid, must be either API or API_AND_CONFIG_MAP";
            return Err(text.to_owned());
        }
    };
    let approved = parsed.on("approve");
    perform(tool, &cluster, target, approved)?;
    if !approved {
        tool.warn("no changes were applied, run again with '--approve' to apply the changes");
    }
    Ok(())
}

fn perform(tool: &mut Tool<'_, '_>, cluster: &Cluster, target: AuthenticationMode, approved: bool) -> Outcome {
    let (old, new) = (cluster.mode.name(), target.name());
    if cluster.mode == AuthenticationMode::Api {
        tool.warn("cluster authentication mode is already API; there is no need to migrate to access entries");
        return Ok(());
    }
    tool.info(format!("current cluster authentication mode is {old}; target cluster authentication mode is {new}"));
    let existing = match principals(tool, cluster) {
        Ok(principals) => principals,
        Err(_) if cluster.mode == AuthenticationMode::ConfigMap => Vec::new(),
        Err(why) => return Err(format!("fetching existing access entries: {why}")),
    };
    let map = identity_mapping::load(tool, cluster)?;
    let mut mappings = map.mappings;
    for mapping in &mut mappings {
        complete(tool, cluster, mapping)?;
    }
    let plan = plan(&mappings, &map.accounts, &existing);
    plan.warnings.iter().for_each(|warning| tool.warn(warning));
    if let Some(arn) = plan.repeated.first() {
        tool.hint = Some(format!(
            "aws-auth has more than one line for {arn}: eksctl migrates the first, while logins use the last."
        ));
    }
    let (first, both, api) = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API");
    let step_up = cluster.mode == AuthenticationMode::ConfigMap;
    let finish = target == AuthenticationMode::Api && !plan.incomplete;
    if target == AuthenticationMode::Api && plan.incomplete {
        tool.warn(
            "one or more iamidentitymapping(s) could not be migrated to access entry, will not update authentication \
             mode to API",
        );
    }
    let mut tasks = Vec::new();
    if step_up {
        tasks.push(format!("update authentication mode from {first} to {both}"));
    }
    if !plan.entries.is_empty() {
        tasks.push(sub_tasks(&plan.entries));
    }
    if finish {
        tasks.push(format!("update authentication mode from {both} to {api}"));
        tasks.push("delete aws-auth configMap when authentication mode is API".to_owned());
    }
    tool.info(described(&tasks, !approved));
    if !approved {
        tool.info("all tasks were skipped");
        return Ok(());
    }
    if step_up {
        set_mode(tool, cluster, both)?;
    }
    create_all(tool, cluster, &plan.entries)?;
    if finish {
        set_mode(tool, cluster, api)?;
        let name = AWS_AUTH.1;
        tool.info(format!("deleting {name:?} ConfigMap as it is no longer needed in API mode"));
        let (resource, namespace) = (GroupResource::new("", "configmaps"), Some(AWS_AUTH.0.to_owned()));
        let request = KubeRequest::Delete { resource, namespace, name: name.to_owned(), orphan: false, dry_run: false };
        tool.kube(cluster, request).map_err(|status| status.message)?;
    }
    tool.info("all tasks were completed successfully");
    Ok(())
}

fn set_mode(tool: &mut Tool<'_, '_>, cluster: &Cluster, mode: &str) -> Outcome {
    tool.info(format!("updating cluster authentication mode to {mode}"));
    tool.change_mode(cluster, mode)
}

/// Puts the ARN that IAM has for a line's role or user in place of the line's own, which lacks the path of a role.
/// The section decides which of the two is looked up, under the text behind the last `/` (eks 20.1).
fn complete(tool: &mut Tool<'_, '_>, cluster: &Cluster, mapping: &mut Mapping) -> Outcome {
    let kind = mapping.kind();
    let name = mapping.arn.rsplit('/').next().unwrap_or_default().to_owned();
    if name.is_empty() {
        // The original looks nothing up then, and its ARN reader gives up on the line later (inferred).
        return match mapping.arn.parse::<Arn>() {
            Ok(_) => Ok(()),
            Err(error) => Err(format!("invalid ARN {:?}: {error}", mapping.arn)),
        };
    }
    let (operation, input, pointer) = match kind {
        "user" => ("GetUser", json!({ "UserName": name }), "/User/Arn"),
        _ => ("GetRole", json!({ "RoleName": name }), "/Role/Arn"),
    };
    match tool.try_aws(cluster, operation, input) {
        Ok(answer) => {
            if let Some(arn) = answer.pointer(pointer).and_then(Value::as_str) {
                mapping.arn = arn.to_owned();
            }
            Ok(())
        }
        Err(exception) if exception.code == "NoSuchEntity" => Err(format!(
            "{kind} {name:?} does not exists, either delete the iamidentitymapping using \"eksctl delete \
             iamidentitymapping --cluster {} --arn {}\" or create the {kind} in AWS",
            cluster.name, mapping.arn
        )),
        Err(exception) => Err(tool.framed("IAM", operation, &exception)),
    }
}

/// The entries to be made, as the task tree shows tasks below a task.
fn sub_tasks(entries: &[NewEntry]) -> String {
    let task = |entry: &NewEntry| format!("create access entry for principal ARN {}", entry.principal_arn);
    match entries {
        [only] => task(only),
        all => {
            let lines: String = all.iter().map(|entry| format!("        {},\n", task(entry))).collect();
            format!("\n    {} parallel sub-tasks: {{ \n{lines}    }}", all.len())
        }
    }
}

/// The tasks as the tree shows them. The original says `(plan)` only when there is more than one.
fn described(tasks: &[String], planned: bool) -> String {
    match tasks {
        [] => "no tasks".to_owned(),
        [only] => format!("1 task: {{ {only} }}"),
        all => {
            let mark = if planned { "(plan) " } else { "" };
            format!("{mark}\n{} sequential tasks: {{ {} \n}}\n", all.len(), all.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::aws_auth::Section;

    const ROLE: &str = "arn:aws:iam::111122223333:role/r";
    const USER: &str = "arn:aws:iam::111122223333:user/u";

    fn line(arn: &str, username: &str, groups: &[&str]) -> Mapping {
        Mapping {
            section: if arn.contains(":user/") { Section::MapUsers } else { Section::MapRoles },
            arn: arn.to_owned(),
            username: username.to_owned(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        }
    }

    /// Type, groups, user name and policies of what one line becomes; the warning if it becomes nothing.
    fn becomes(line: Mapping) -> String {
        let plan = plan(&[line], &[], &[]);
        assert_eq!(plan.incomplete, plan.entries.is_empty());
        let shown = |e: &NewEntry| {
            let policies: Vec<&str> = e.policies.iter().map(|p| p.arn.rsplit('/').next().unwrap()).collect();
            format!("{} {} [{}] {}", e.kind, e.username, e.groups.join(","), policies.join(","))
        };
        plan.entries.iter().map(shown).chain(plan.warnings.clone()).collect()
    }

    #[test]
    fn each_kind_of_line_becomes_its_kind_of_entry() {
        let nodes = ["system:bootstrappers", "system:nodes"];
        assert_eq!(becomes(line(ROLE, NODE_USERNAME, &nodes)), "EC2_LINUX  [] ");
        assert_eq!(becomes(line(ROLE, NODE_USERNAME, &[WINDOWS_GROUP, "system:nodes"])), "EC2_WINDOWS  [] ");
        assert_eq!(becomes(line(ROLE, NODE_USERNAME, &["system:masters"])), "EC2_LINUX  [] ");
        let admin = "STANDARD boss [] AmazonEKSClusterAdminPolicy";
        assert_eq!(becomes(line(ROLE, "boss", &["dev", "system:nodes", "system:masters"])), admin);
        assert_eq!(becomes(line(USER, "boss", &["system:masters"])), admin);
        assert_eq!(becomes(line(USER, "me", &["dev", "ops"])), "STANDARD me [dev,ops] ");
        assert_eq!(becomes(line(ROLE, "", &["a:system:b"])), "STANDARD  [a:system:b] ");
    }

    #[test]
    fn what_has_no_entry_is_skipped_and_keeps_aws_auth() {
        let fargate = ["system:bootstrappers", "system:nodes", "system:node-proxier"];
        let system = format!(
            "at least one group name associated with \"{ROLE}\" starts with \"system:\", can not create access entry, skipping"
        );
        assert_eq!(becomes(line(ROLE, "system:node:{{SessionName}}", &fargate)), system);
        assert_eq!(becomes(line(USER, NODE_USERNAME, &["system:nodes"])), system.replace(ROLE, USER));
        let linked = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/S";
        // The rule for service-linked roles comes before the one for nodes.
        let warning =
            format!("found service-linked role iamidentitymapping \"{linked}\", can not create access entry, skipping");
        assert_eq!(becomes(line(linked, NODE_USERNAME, &[])), warning);
        let accounts = plan(&[], &["111122223333".to_owned()], &[]);
        assert!(accounts.incomplete && accounts.entries.is_empty());
        assert_eq!(
            accounts.warnings,
            ["found account iamidentitymapping \"111122223333\", cannot create access entry, skipping"]
        );
    }

    #[test]
    fn repeated_lines_and_existing_entries_are_skipped_and_block_nothing() {
        let lines = [line(ROLE, "first", &["a"]), line(ROLE, "last", &["system:x"]), line(USER, "u", &["system:x"])];
        let plan = plan(&lines, &[], &[USER.to_owned()]);
        assert_eq!(plan.entries.iter().map(|e| e.username.as_str()).collect::<Vec<_>>(), ["first"]);
        assert_eq!(plan.warnings, [format!("{USER} already exists in access entry, skipping")]);
        assert_eq!(plan.repeated, [ROLE]);
        assert!(!plan.incomplete);
    }

    #[test]
    fn tasks_are_shown_as_a_tree() {
        let entry = |arn: &str| NewEntry { principal_arn: arn.to_owned(), ..NewEntry::default() };
        assert_eq!(described(&[], true), "no tasks");
        assert_eq!(
            described(&[sub_tasks(&[entry(ROLE), entry(USER)])], true),
            format!(
                "1 task: {{ \n    2 parallel sub-tasks: {{ \n        create access entry for principal ARN {ROLE},\n        \
                 create access entry for principal ARN {USER},\n    }} }}"
            )
        );
        assert_eq!(described(&["a".to_owned(), "b".to_owned()], true), "(plan) \n2 sequential tasks: { a, b \n}\n");
    }
}
