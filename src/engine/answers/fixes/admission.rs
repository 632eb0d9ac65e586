//! What lets a caller in whom the cluster does not know: 401.

use super::{Case, Draft, Kind, objects};
use crate::aws::aws_auth::Section;
use crate::aws::eks::{CreateAccessEntryRequest, UpdateAccessConfig, UpdateClusterConfigRequest};
use crate::aws::iam::PrincipalArn;
use crate::engine::authn::{AWS_AUTH, EntryFate, MappingFate};
use crate::engine::findings::remedy;
use crate::engine::{AwsRequest, Request};
use crate::formats::yaml::emit;

/// Entries and lines of aws-auth for the caller.
pub fn drafts(case: &Case<'_>) -> Vec<Draft> {
    let Some((caller, arn)) = case.principal() else { return Vec::new() };
    let mut drafts = Vec::new();
    entries(case, &arn, &mut drafts);
    if case.cluster.mode.reads_config_map() {
        corrections(case, &caller.canonical_arn, &mut drafts);
        drafts.extend(mapping(case, &caller.canonical_arn));
    }
    drafts
}

fn entries(case: &Case<'_>, arn: &str, drafts: &mut Vec<Draft>) {
    let (cluster, Some(lookup)) = (case.cluster, &case.lookup) else { return };
    let name = arn.rsplit('/').next().unwrap_or(arn);
    let seen = lookup.entry.as_ref();
    if let Some(entry) = seen.and_then(|seen| cluster.entries.get(&seen.principal_arn)) {
        if matches!(seen.map(|seen| &seen.fate), Some(EntryFate::Stale { .. })) {
            let steps = remedy::recreate_entry(cluster, entry);
            let requests = steps.into_iter().filter_map(|step| step.request).collect();
            let label = format!("Delete the access entry of the earlier {name} and create it anew");
            drafts.push(Draft::new(Kind::RecreateEntry, label, requests));
        }
        return;
    }
    let create = |groups: Vec<String>, username: Option<String>| {
        Request::Aws(AwsRequest::CreateAccessEntry(CreateAccessEntryRequest {
            cluster_name: cluster.name.clone(),
            principal_arn: arn.to_owned(),
            kubernetes_groups: Some(groups).filter(|groups| !groups.is_empty()),
            username,
            ..CreateAccessEntryRequest::default()
        }))
    };
    let label = format!("Create an access entry for {name}");
    if cluster.mode.uses_entries() {
        drafts.push(Draft::new(Kind::CreateEntry, label, vec![create(Vec::new(), None)]));
        // What aws-auth says of the caller and nobody reads.
        for line in lookup.mappings.iter().filter(|line| line.fate == MappingFate::NotRead) {
            let own = |group: &&String| !group.starts_with("system:");
            let groups: Vec<String> = line.groups.iter().filter(own).cloned().collect();
            let username = Some(line.username.clone()).filter(|name| !name.is_empty());
            if !groups.is_empty() {
                let label = format!("Create an access entry for {name} with the user name and groups of aws-auth");
                drafts.push(Draft::new(Kind::CreateEntry, label, vec![create(groups, username)]));
            }
        }
    } else if let Some(mode) = cluster.mode.next() {
        let mut requests = vec![Request::Aws(AwsRequest::UpdateClusterConfig(UpdateClusterConfigRequest {
            name: cluster.name.clone(),
            access_config: Some(UpdateAccessConfig { authentication_mode: Some(mode.name().to_owned()) }),
            ..UpdateClusterConfigRequest::default()
        }))];
        if case.world.update_millis > 0 {
            // The new mode counts when the update has ended.
            let millis = case.world.update_millis.div_euclid(1000).saturating_add(1).saturating_mul(1000);
            requests.push(Request::Wait { millis });
        }
        requests.push(create(Vec::new(), None));
        let label = format!("Change the mode to {}, create an access entry for {name}", mode.name());
        drafts.push(Draft::new(Kind::CreateEntry, label, requests));
    }
}

/// Lines of aws-auth that miss the caller narrowly (iam 4.3).
fn corrections(case: &Case<'_>, canonical: &str, drafts: &mut Vec<Draft>) {
    let texts = case.cluster.objects.config_map(AWS_AUTH.0, AWS_AUTH.1).unwrap_or_default();
    for line in case.lookup.iter().flat_map(|lookup| &lookup.mappings) {
        if !matches!(line.fate, MappingFate::HasPath | MappingFate::IsSession) {
            continue;
        }
        if let Some(text) = texts.get(line.section.as_str()) {
            let text = text.replace(&line.arn, canonical);
            let label = format!("Correct line {} of {} to {canonical}", line.index + 1, line.section.as_str());
            let request = objects::aws_auth(case.cluster, line.section.as_str(), &text);
            drafts.push(Draft::new(Kind::CorrectMapping, label, vec![request]));
        }
    }
}

/// A new line at the end of its section, written as the lines before it are.
fn mapping(case: &Case<'_>, canonical: &str) -> Option<Draft> {
    let arn = canonical.parse::<PrincipalArn>().ok()?;
    let is_user = canonical.contains(":user/");
    let (section, key) = if is_user { (Section::MapUsers, "userarn") } else { (Section::MapRoles, "rolearn") };
    let username = if is_user { arn.name().to_owned() } else { format!("{}:{{{{SessionName}}}}", arn.name()) };
    let texts = case.cluster.objects.config_map(AWS_AUTH.0, AWS_AUTH.1).unwrap_or_default();
    let old = texts.get(section.as_str()).map(String::as_str).unwrap_or_default();
    let old = if old.trim() == "[]" { "" } else { old };
    let dash = old.lines().find(|line| line.trim_start().starts_with("- ")).unwrap_or_default();
    let indent = " ".repeat(dash.len() - dash.trim_start().len());
    let end = if old.is_empty() || old.ends_with('\n') { "" } else { "\n" };
    let line = emit::emit(&serde_json::json!([{key: canonical, "username": username}]));
    let line: String = line.lines().map(|line| format!("{indent}{line}\n")).collect();
    let request = objects::aws_auth(case.cluster, section.as_str(), &format!("{old}{end}{line}"));
    let label = format!("Add {} to {} of aws-auth", arn.name(), section.as_str());
    Some(Draft::new(Kind::AddMapping, label, vec![request]))
}
