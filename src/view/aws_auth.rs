//! The aws-auth page: the text of its sections in one editor, and what the authenticator makes of it (iam 4).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::aws::aws_auth::{self, Section};
use crate::engine::authn::AWS_AUTH;
use crate::engine::request::{GroupResource, PatchKind};
use crate::engine::world::Cluster;
use crate::engine::{KubeRequest, Request};
use crate::formats::yaml::{emit, load};

/// What the text of the editor means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Lines that were read, in order.
    pub lines: Vec<MappingLine>,
    /// What was lost, and why.
    pub problems: Vec<String>,
    /// Why the whole text is no ConfigMap data, if so.
    pub error: Option<String>,
}

/// A mapping that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingLine {
    /// `mapUsers[0]`.
    pub place: String,
    /// The ARN, pattern or account.
    pub who: String,
    /// The user name; empty for accounts.
    pub username: String,
    /// The groups.
    pub groups: Vec<String>,
    /// Why it does not count; `None` if it does.
    pub lost: Option<String>,
}

/// The text of the editor: the `data` of the ConfigMap, or `None` if there is none.
pub fn text(cluster: &Cluster) -> Option<String> {
    let data = cluster.objects.config_map(AWS_AUTH.0, AWS_AUTH.1)?;
    if data.is_empty() {
        return Some(String::new());
    }
    Some(emit::emit(&json!(data)))
}

/// A text to start with.
pub fn template(account: &str) -> String {
    format!(
        "mapRoles: |\n  - rolearn: arn:aws:iam::{account}:role/eks-node-role\n    username: system:node:{{{{EC2PrivateDNSName}}}}\n    groups:\n    - system:bootstrappers\n    - system:nodes\n\
         mapUsers: |\n  - userarn: arn:aws:iam::{account}:user/k8s-admin\n    username: k8s-admin\n    groups:\n    - system:masters\n"
    )
}

/// The `data` that the text of the editor stands for.
///
/// # Errors
/// What keeps it from being a map of texts.
pub fn data(text: &str) -> Result<BTreeMap<String, String>, String> {
    if text.trim().is_empty() {
        return Ok(BTreeMap::new());
    }
    let value = load::load(text).map_err(|error| error.to_string())?;
    let members = value.as_object().ok_or("The text must be a map of sections: mapRoles, mapUsers, mapAccounts.")?;
    let text = |(key, value): (&String, &Value)| match value {
        Value::String(text) => Ok((key.clone(), text.clone())),
        Value::Null => Ok((key.clone(), String::new())),
        _ => Err(format!("{key} must be a text: write `{key}: |` and indent the list below it.")),
    };
    members.iter().map(text).collect()
}

/// Reads the text of the editor as the authenticator would.
pub fn read(cluster: &Cluster, text: &str) -> Reading {
    let data = match data(text) {
        Ok(data) => data,
        Err(error) => return Reading { error: Some(error), ..Reading::default() },
    };
    let parsed = aws_auth::parse(&data);
    let store = parsed.store();
    let unread =
        (!cluster.mode.reads_config_map()).then(|| format!("mode {} does not read aws-auth", cluster.mode.name()));
    let has_entry = |arn: &str| cluster.mode.uses_entries() && cluster.entries.contains_key(arn);
    let mut lines = Vec::new();
    let sections = [(Section::MapRoles, &parsed.roles), (Section::MapUsers, &parsed.users)];
    for (section, entries) in sections {
        for entry in entries {
            let who = entry.sso.as_ref().map_or_else(|| entry.arn.clone(), aws_auth::Sso::pattern);
            let kept = match section {
                Section::MapRoles => store.roles.get(&who.to_lowercase()),
                _ => store.users.get(&who),
            };
            let lost = unread.clone().or_else(|| {
                if has_entry(&entry.arn) {
                    Some("an access entry is for this principal and comes first".to_owned())
                } else if kept.is_some_and(|mapping| mapping.index != entry.index) {
                    Some("a later line for the same ARN replaces it".to_owned())
                } else if section == Section::MapRoles && entry.arn.matches('/').count() > 1 {
                    Some("the role's path must be left out here: callers are looked up without".to_owned())
                } else {
                    None
                }
            });
            let place = format!("{}[{}]", section.as_str(), entry.index);
            lines.push(MappingLine {
                place,
                who,
                username: entry.username.clone(),
                groups: entry.groups.clone(),
                lost,
            });
        }
    }
    lines.extend(parsed.accounts.iter().enumerate().map(|(index, account)| MappingLine {
        place: format!("mapAccounts[{index}]"),
        who: account.clone(),
        username: String::new(),
        groups: Vec::new(),
        lost: unread.clone(),
    }));
    let problem = |problem: &aws_auth::Problem| {
        let entry = problem.entry.map(|index| format!("[{index}]")).unwrap_or_default();
        let line = problem.line.map(|line| format!(" (line {line} of the section)")).unwrap_or_default();
        let lost = if problem.kind == aws_auth::ProblemKind::Syntax { ": the whole section is lost" } else { "" };
        format!("{}{entry}{line}{lost}: {}", problem.section.as_str(), problem.message)
    };
    Reading { lines, problems: parsed.problems.iter().map(problem).collect(), error: None }
}

/// The call that makes the ConfigMap, or gives it new data: sections that are gone from the text go.
pub fn save(cluster: &Cluster, data: &BTreeMap<String, String>) -> Request {
    let resource = GroupResource::new("", "configmaps");
    let namespace = Some(AWS_AUTH.0.to_owned());
    let request = match cluster.objects.config_map(AWS_AUTH.0, AWS_AUTH.1) {
        None => KubeRequest::Create {
            resource,
            namespace,
            object: json!({
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": AWS_AUTH.1, "namespace": AWS_AUTH.0},
                "data": data,
            }),
            dry_run: false,
            strict: true,
        },
        Some(old) => {
            let mut change = Map::new();
            change.extend(old.keys().filter(|key| !data.contains_key(*key)).map(|key| (key.clone(), Value::Null)));
            change.extend(
                data.iter()
                    .filter(|(key, text)| old.get(*key) != Some(*text))
                    .map(|(key, text)| (key.clone(), json!(text))),
            );
            KubeRequest::Patch {
                resource,
                namespace,
                name: AWS_AUTH.1.to_owned(),
                kind: PatchKind::Merge,
                patch: json!({ "data": change }),
                dry_run: false,
                strict: true,
            }
        }
    };
    Request::Kube { cluster: cluster.name.clone(), request }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::scenario;

    #[test]
    fn the_text_is_read_as_the_authenticator_reads_it() {
        let now = scenario::walkthrough();
        let cluster = now.world.clusters.first().unwrap();
        let start = text(cluster).unwrap();
        let reading = read(cluster, &start);
        assert_eq!((reading.lines.len(), reading.problems.len()), (1, 0));
        assert_eq!(reading.lines[0].lost, None);
        let twice =
            "mapUsers: |\n  - userarn: a\n    username: x\n  - userarn: a\n    username: other\n  - username: z\n";
        let reading = read(cluster, twice);
        assert!(reading.lines[0].lost.is_some() && reading.lines[1].lost.is_none());
        assert_eq!(reading.problems.len(), 1, "{:?}", reading.problems);
        assert!(read(cluster, "mapUsers:\n- a\n").error.unwrap().contains("mapUsers: |"));
        assert!(read(cluster, &template("111122223333")).problems.is_empty());
    }

    #[test]
    fn saving_changes_only_what_changed() {
        let now = scenario::walkthrough();
        let cluster = now.world.clusters.first().unwrap();
        let data = BTreeMap::from([("mapRoles".to_owned(), "- rolearn: a\n".to_owned())]);
        let Request::Kube { request: KubeRequest::Patch { patch, .. }, .. } = save(cluster, &data) else { panic!() };
        assert_eq!(patch, json!({"data": {"mapUsers": null, "mapRoles": "- rolearn: a\n"}}));
    }
}
