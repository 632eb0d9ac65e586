//! `eksctl create|get|delete accessentry` (eks 19), and making entries as eksctl does: through a stack of
//! CloudFormation each, all at once.
//!
//! The lines about stacks were seen in recorded output, except those of failed and deleted stacks, which are inferred.

use serde_json::{Value, json};

use super::checks::check;
use super::printer::{self, Format};
use super::tool::{Cluster, Level, Outcome, Tool};
use super::{config_file, required_cluster, stack};
use crate::aws::eks::AccessScope;
use crate::aws::exception::Exception;

/// An access entry to be made, with its policies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "members of the config file")]
pub struct NewEntry {
    pub principal_arn: String,
    /// Empty for `STANDARD`.
    pub kind: String,
    pub groups: Vec<String>,
    /// Empty for the default name.
    pub username: String,
    pub policies: Vec<Policy>,
}

/// A policy to be associated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "members of the config file")]
pub struct Policy {
    pub arn: String,
    pub scope: AccessScope,
}

const DISABLED: &str = "access entries API is not currently enabled; please enable it using `eksctl utils \
                        update-authentication-mode --cluster <> --authentication-mode=API_AND_CONFIG_MAP`";

/// Makes entries, as parallel tasks: one that fails does not keep the others from being made.
///
/// # Errors
/// What became of those that failed, a line each.
pub fn create_all(tool: &mut Tool<'_, '_>, cluster: &Cluster, entries: &[NewEntry]) -> Outcome {
    for entry in entries {
        tool.info(format!("creating access entry for principal ARN {:?}", entry.principal_arn));
    }
    let mut failures = Vec::new();
    for entry in entries {
        let arn = &entry.principal_arn;
        let stack = stack::name(&cluster.name, arn);
        tool.info(format!("deploying stack {stack:?}"));
        tool.info(format!("waiting for CloudFormation stack {stack:?}"));
        match create_one(tool, cluster, entry) {
            Ok(()) => tool.info(format!("created access entry for principal ARN {arn:?}")),
            Err((operation, exception)) => {
                explain(tool, &stack, operation, &exception);
                failures.push(format!("failed to create access entry for principal ARN {arn:?}"));
            }
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// The calls that the stack makes. If one fails, the stack takes back what it made.
fn create_one(tool: &mut Tool<'_, '_>, cluster: &Cluster, entry: &NewEntry) -> Result<(), (&'static str, Exception)> {
    let arn = &entry.principal_arn;
    let mut input = json!({ "clusterName": cluster.name, "principalArn": arn, "tags": stack::tags(&cluster.name) });
    if let Some(members) = input.as_object_mut() {
        let texts = [("type", &entry.kind), ("username", &entry.username)];
        let given = texts.into_iter().filter(|(_, text)| !text.is_empty());
        members.extend(given.map(|(name, text)| (name.to_owned(), text.clone().into())));
        if !entry.groups.is_empty() {
            members.insert("kubernetesGroups".to_owned(), entry.groups.clone().into());
        }
    }
    tool.try_aws(cluster, "CreateAccessEntry", input).map_err(|exception| ("CreateAccessEntry", exception))?;
    for policy in &entry.policies {
        let input = json!({ "clusterName": cluster.name, "principalArn": arn, "policyArn": policy.arn,
            "accessScope": policy.scope });
        if let Err(exception) = tool.try_aws(cluster, "AssociateAccessPolicy", input) {
            // The entry was made a moment ago: it can be deleted.
            let _ =
                tool.try_aws(cluster, "DeleteAccessEntry", json!({ "clusterName": cluster.name, "principalArn": arn }));
            return Err(("AssociateAccessPolicy", exception));
        }
    }
    Ok(())
}

/// Why a stack failed (inferred).
fn explain(tool: &mut Tool<'_, '_>, stack: &str, operation: &str, exception: &Exception) {
    tool.inferred();
    let status = "ROLLBACK_IN_PROGRESS";
    tool.log(
        Level::Critical,
        &format!("unexpected status {status:?} while waiting for CloudFormation stack {stack:?}"),
    );
    tool.info("fetching stack events in attempt to troubleshoot the root cause of the failure");
    let Exception { message, status, .. } = exception;
    tool.log(
        Level::Critical,
        &format!(
            "AWS::EKS::AccessEntry/AccessEntry: CREATE_FAILED – \"Resource handler returned message: \\\"{message} \
             (Service: Eks, Status Code: {status}, Operation: {operation})\\\"\""
        ),
    );
}

/// `eksctl create accessentry`.
///
/// # Errors
/// Faults of flags and file, a cluster without the entry API, entries that EKS refuses.
pub fn create(tool: &mut Tool<'_, '_>) -> Outcome {
    let parsed = tool.parsed;
    let (name, region, mode, entries) = match parsed.value("config-file") {
        Some(path) => {
            let config = config_file::read(tool, path)?;
            if config.entries.is_empty() {
                return Err("at least one access entry is required".to_owned());
            }
            (config.name, Some(config.region), config.mode, config.entries)
        }
        None => {
            let (name, region) = required_cluster(tool)?;
            if parsed.text("principal-arn").is_empty() {
                return Err("--principal-arn is required".to_owned());
            }
            let entry = NewEntry {
                principal_arn: parsed.text("principal-arn").to_owned(),
                kind: parsed.text("type").to_owned(),
                groups: parsed.list("kubernetes-groups"),
                username: parsed.text("kubernetes-username").to_owned(),
                policies: Vec::new(),
            };
            (name, region, String::new(), vec![entry])
        }
    };
    check(&mode, &entries)?;
    let cluster = tool.connect(&name, region.as_deref())?;
    enabled(&cluster)?;
    // Entries that have their stack already are left alone, even if they differ from what is asked for.
    let mut missing = Vec::new();
    for entry in entries {
        if !tool.owns_entry(&cluster, &entry.principal_arn) {
            missing.push(entry);
        }
    }
    if missing.is_empty() {
        tool.info("access entries already up-to-date");
        return Ok(());
    }
    create_all(tool, &cluster, &missing)
}

fn enabled(cluster: &Cluster) -> Outcome {
    if cluster.mode.uses_entries() { Ok(()) } else { Err(DISABLED.to_owned()) }
}

/// The principals of all entries.
///
/// # Errors
/// EKS refuses.
pub fn principals(tool: &mut Tool<'_, '_>, cluster: &Cluster) -> Outcome<Vec<String>> {
    let mut principals = Vec::new();
    let mut token = None::<String>;
    loop {
        let mut input = json!({ "clusterName": cluster.name });
        if let (Some(token), Some(members)) = (token.take(), input.as_object_mut()) {
            members.insert("nextToken".to_owned(), token.into());
        }
        let page = tool
            .eks(cluster, "ListAccessEntries", input)
            .map_err(|why| format!("calling EKS API to list access entries: {why}"))?;
        let items = page.get("accessEntries").and_then(Value::as_array);
        principals.extend(items.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        token = page.get("nextToken").and_then(Value::as_str).map(str::to_owned);
        if token.is_none() {
            return Ok(principals);
        }
    }
}

/// An entry in eksctl's own shape: principal, groups, policies.
fn summary(tool: &mut Tool<'_, '_>, cluster: &Cluster, principal: &str) -> Outcome<Value> {
    let input = json!({ "clusterName": cluster.name, "principalArn": principal });
    let entry = tool
        .eks(cluster, "DescribeAccessEntry", input.clone())
        .map_err(|why| format!("calling EKS API to describe access entry with principal ARN {principal}: {why}"))?;
    let policies = tool.eks(cluster, "ListAssociatedAccessPolicies", input).map_err(|why| {
        format!("calling EKS API to list associated access policies for entry with principal ARN {principal}: {why}")
    })?;
    let list =
        |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
    let policies: Vec<Value> = list(&policies, "/associatedAccessPolicies").iter().map(policy_shape).collect();
    let groups = list(&entry, "/accessEntry/kubernetesGroups");
    let mut summary = json!({ "principalARN": principal });
    if let Some(members) = summary.as_object_mut() {
        let lists = [("kubernetesGroups", groups), ("accessPolicies", policies)];
        let filled = lists.into_iter().filter(|(_, items)| !items.is_empty());
        members.extend(filled.map(|(name, items)| (name.to_owned(), Value::Array(items))));
    }
    Ok(summary)
}

fn policy_shape(policy: &Value) -> Value {
    let scope = policy.get("accessScope").cloned().unwrap_or_default();
    let mut shown = json!({ "type": scope.get("type") });
    let namespaces = scope.get("namespaces").filter(|names| names.as_array().is_some_and(|names| !names.is_empty()));
    if let (Some(namespaces), Some(members)) = (namespaces, shown.as_object_mut()) {
        members.insert("namespaces".to_owned(), namespaces.clone());
    }
    json!({ "policyARN": policy.get("policyArn"), "accessScope": shown })
}

/// `eksctl get accessentry`.
///
/// # Errors
/// A cluster without the entry API, no such entry.
pub fn get(tool: &mut Tool<'_, '_>) -> Outcome {
    let format = tool.format()?;
    let (name, region) = match tool.parsed.value("config-file") {
        Some(path) => config_file::read(tool, path).map(|config| (config.name, Some(config.region)))?,
        None => required_cluster(tool)?,
    };
    let cluster = tool.connect(&name, region.as_deref())?;
    enabled(&cluster)?;
    let lost = |why: String| format!("failed to retrieve access entries for cluster {name}: {why}");
    let principals = match tool.parsed.value("principal-arn") {
        Some(arn) => vec![arn.to_owned()],
        None => principals(tool, &cluster).map_err(lost)?,
    };
    let mut summaries = Vec::new();
    for principal in principals {
        summaries.push(summary(tool, &cluster, &principal).map_err(lost)?);
    }
    if format != Format::Table {
        tool.out.push_str(&printer::list(summaries, format));
        return Ok(());
    }
    tool.info(
        "to get a detailed view of Kubernetes groups or policies associated with each access entry, use --output \
         yaml or json",
    );
    let count =
        |summary: &Value, name: &str| summary.get(name).and_then(Value::as_array).map_or(0, Vec::len).to_string();
    let row = |summary: &Value| {
        let principal = summary.get("principalARN").and_then(Value::as_str).unwrap_or_default().to_owned();
        vec![principal, count(summary, "kubernetesGroups"), count(summary, "accessPolicies")]
    };
    let rows = summaries.iter().map(row).collect();
    let columns = ["PRINCIPAL ARN", "KUBERNETES GROUPS", "ACCESS POLICIES"];
    tool.out.push_str(&printer::table("accessentries", &columns, rows));
    Ok(())
}

/// `eksctl delete accessentry`.
///
/// # Errors
/// Faults of flags and file, a cluster without the entry API, an entry that does not exist.
pub fn delete(tool: &mut Tool<'_, '_>) -> Outcome {
    let parsed = tool.parsed;
    let (name, region, principals) = match parsed.value("config-file") {
        Some(path) => {
            let config = config_file::read(tool, path)?;
            if config.entries.is_empty() {
                return Err("no access entries specified".to_owned());
            }
            if config.entries.iter().any(|entry| entry.principal_arn.is_empty()) {
                return Err("must specify access entry principalArn".to_owned());
            }
            let principals: Vec<String> = config.entries.into_iter().map(|entry| entry.principal_arn).collect();
            (config.name, Some(config.region), principals)
        }
        None => {
            let (name, region) = required_cluster(tool)?;
            let principal = parsed.text("principal-arn");
            if principal.is_empty() {
                return Err("--principal-arn must be set".to_owned());
            }
            (name, region, vec![principal.to_owned()])
        }
    };
    let cluster = tool.connect(&name, region.as_deref())?;
    enabled(&cluster)?;
    let tasks: Vec<String> =
        principals.iter().map(|arn| format!("delete access entry for principal ARN {arn}")).collect();
    tool.info(match tasks.as_slice() {
        [only] => format!("1 task: {{ {only} }}"),
        all => format!("\n{} parallel tasks: {{ {} \n}}\n", all.len(), all.join(", ")),
    });
    let mut failures = Vec::new();
    for arn in &principals {
        if let Err(why) = delete_one(tool, &cluster, arn) {
            failures.push(format!("deleting access entry with principalARN {arn}: {why}"));
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    tool.info(format!("{} error(s) occurred while deleting accessentry(ies)", failures.len()));
    failures.iter().for_each(|why| tool.log(Level::Critical, why));
    Err("failed to delete accessentry(ies)".to_owned())
}

fn delete_one(tool: &mut Tool<'_, '_>, cluster: &Cluster, principal: &str) -> Outcome {
    let input = json!({ "clusterName": cluster.name, "principalArn": principal });
    let owned = tool.owns_entry(cluster, principal);
    if owned {
        tool.inferred();
        let stack = stack::name(&cluster.name, principal);
        tool.info(format!("will delete stack {stack:?}"));
        tool.info(format!("waiting for stack {stack:?} to get deleted"));
        tool.info(format!("waiting for CloudFormation stack {stack:?}"));
    }
    tool.eks(cluster, "DeleteAccessEntry", input)?;
    if !owned {
        tool.info(format!("started deleting access entry with principalARN {principal:?}"));
    }
    Ok(())
}
