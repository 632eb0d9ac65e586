//! The aws-auth page: the text of its sections in one editor, and what the authenticator makes of it (iam 4).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::comments;
use super::marks::{self, Mark, line_in_block};
use super::text::capital;
use crate::aws::aws_auth::{self, Section};
use crate::engine::authn::AWS_AUTH;
use crate::engine::findings::{self, Bound, Finding, ObjectRef};
use crate::engine::request::{GroupResource, PatchKind};
use crate::engine::world::{Cluster, World};
use crate::engine::{KubeRequest, Request};
use crate::formats::ordered::sort_by;
use crate::formats::yaml::emit;
use crate::formats::yaml::load::{self, Spanned};

/// What the text of the editor means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Lines that were read, in order.
    pub lines: Vec<MappingLine>,
    /// What is wrong with the text, or will surprise somebody, by line.
    pub marks: Vec<Mark>,
    /// Whether the text is no ConfigMap data at all.
    pub is_broken: bool,
    /// The `data` that it stands for.
    pub data: Option<BTreeMap<String, String>>,
}

/// A mapping that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingLine {
    /// `mapUsers[0]`.
    pub place: String,
    /// Its line in the editor.
    pub line: Option<usize>,
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
/// What keeps it from being a map of texts, at its line.
pub fn data(text: &str) -> Result<BTreeMap<String, String>, Mark> {
    spanned(text).map(|(data, _)| data)
}

fn spanned(text: &str) -> Result<(BTreeMap<String, String>, Spanned), Mark> {
    let spanned = load::load_spanned(text).map_err(|error| marks::syntax(text, &error))?;
    let members = match &spanned.value {
        Value::Null => &Map::new(),
        Value::Object(members) => members,
        _ => return Err(Mark::error(Some(1), "The text must be a map of sections: mapRoles, mapUsers, mapAccounts.")),
    };
    let text = |(key, value): (&String, &Value)| match value {
        Value::String(text) => Ok((key.clone(), text.clone())),
        Value::Null => Ok((key.clone(), String::new())),
        _ => Err(Mark::error(
            spanned.line(&pointer(key)),
            format!("{key} must be a text: write `{key}: |` and indent the list below it."),
        )),
    };
    let data = members.iter().map(text).collect::<Result<_, _>>()?;
    Ok((data, spanned))
}

fn pointer(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The text printed anew: sections in order, every list in the form of kubectl. A section that cannot be read, or that
/// holds comments, keeps its text.
pub fn format(text: &str) -> Option<String> {
    let mut data = data(text).ok()?;
    for (_, section) in data.iter_mut().filter(|(_, section)| !section.contains('#')) {
        if let Ok(value @ Value::Array(_)) = load::load(section) {
            *section = emit::emit(&value);
        }
    }
    if data.is_empty() {
        return Some(String::new());
    }
    Some(comments::keep(text, emit::emit(&json!(data))))
}

/// Where the sections and their entries stand in the text of the editor.
struct Places<'a> {
    text: &'a str,
    data: &'a BTreeMap<String, String>,
    spanned: &'a Spanned,
}

impl Places<'_> {
    /// The line of a line of a section.
    fn line(&self, key: &str, line: Option<usize>) -> Option<usize> {
        let key_line = self.spanned.line(&pointer(key))?;
        Some(line.map_or(key_line, |line| line_in_block(self.text, key_line, line)))
    }

    /// The lines of the entries of a section.
    fn entries(&self, section: Section) -> impl Fn(usize) -> Option<usize> {
        let inner = self.data.get(section.as_str()).and_then(|text| load::load_spanned(text).ok());
        let key_line = self.spanned.line(&pointer(section.as_str()));
        move |index| {
            let line = inner.as_ref()?.line(&format!("/{index}"))?;
            Some(line_in_block(self.text, key_line?, line))
        }
    }
}

/// The line of the editor at which an entry of a section begins.
pub fn entry_line(text: &str, section: &str, index: usize) -> Option<usize> {
    let (data, spanned) = spanned(text).ok()?;
    let section = [Section::MapRoles, Section::MapUsers, Section::MapAccounts]
        .into_iter()
        .find(|known| known.as_str() == section)?;
    Places { text, data: &data, spanned: &spanned }.entries(section)(index)
}

/// The last line of the list item that begins at a line: what follows and is indented deeper.
pub fn entry_end(text: &str, first: usize) -> usize {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = text.lines().skip(first.saturating_sub(1));
    let own = lines.next().map(indent).unwrap_or_default();
    first + lines.take_while(|line| !line.trim().is_empty() && indent(line) > own).count()
}

/// Reads the text of the editor as the authenticator would, with what the linter finds in it.
pub fn read(world: &World, cluster: &Cluster, bound: &Bound, text: &str) -> Reading {
    let (data, spanned) = match spanned(text) {
        Ok(read) => read,
        Err(mark) => return Reading { marks: vec![mark], is_broken: true, ..Reading::default() },
    };
    let places = Places { text, data: &data, spanned: &spanned };
    let parsed = aws_auth::parse(&data);
    let store = parsed.store();
    let unread =
        (!cluster.mode.reads_config_map()).then(|| format!("mode {} does not read aws-auth", cluster.mode.name()));
    let findings = findings::of_aws_auth(world, cluster, &data, bound);
    let is_shadowed = |section: Section, index: usize| {
        findings.iter().any(|finding| {
            let ObjectRef::AwsAuth(Some(place)) = &finding.object else { return false };
            finding.id == "shadowed-by-access-entry" && place.key == section.as_str() && place.entry == Some(index)
        })
    };
    let mut lines = Vec::new();
    let sections = [(Section::MapRoles, &parsed.roles), (Section::MapUsers, &parsed.users)];
    for (section, entries) in sections {
        let line_of = places.entries(section);
        for entry in entries {
            let who = entry.sso.as_ref().map_or_else(|| entry.arn.clone(), aws_auth::Sso::pattern);
            let kept = match section {
                Section::MapRoles => store.roles.get(&who.to_lowercase()),
                _ => store.users.get(&who),
            };
            let line = line_of(entry.index);
            let lost = unread.clone().or_else(|| {
                if is_shadowed(section, entry.index) {
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
                line,
                who,
                username: entry.username.clone(),
                groups: entry.groups.clone(),
                lost,
            });
        }
    }
    let line_of = places.entries(Section::MapAccounts);
    lines.extend(parsed.accounts.iter().enumerate().map(|(index, account)| MappingLine {
        place: format!("mapAccounts[{index}]"),
        line: line_of(index),
        who: account.clone(),
        username: String::new(),
        groups: Vec::new(),
        lost: unread.clone(),
    }));
    let mut marks: Vec<Mark> = findings.into_iter().map(|finding| mark(&places, finding)).collect();
    sort_by(&mut marks, &|a, b| (a.line, a.severity).cmp(&(b.line, b.severity)));
    Reading { lines, marks, is_broken: false, data: Some(data.clone()) }
}

/// A finding at its line.
fn mark(places: &Places<'_>, finding: Finding) -> Mark {
    let line = match &finding.object {
        ObjectRef::AwsAuth(Some(place)) => places.line(&place.key, place.line),
        _ => None,
    };
    let remedy = finding.remedy.map(|remedy| remedy.text).unwrap_or_default();
    Mark {
        line,
        severity: finding.severity,
        text: capital(&finding.message),
        advice: format!("{} {remedy}", finding.reason).trim().to_owned(),
    }
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
    use crate::engine::findings::Severity;
    use crate::session::scenario;

    fn reading(text: &str) -> Reading {
        let now = scenario::walkthrough();
        let cluster = now.world.clusters.first().unwrap();
        read(&now.world, cluster, &Bound::of(cluster.objects.rbac()), text)
    }

    #[test]
    fn what_the_rest_of_the_cluster_makes_of_a_line_stands_at_it() {
        let text = "mapUsers: |\n  - userarn: arn:aws:iam::111122223333:user/k8s-dev\n    username: k8s-dev\n    groups:\n    - developer\n\
                    mapRoles: |\n  - rolearn: arn:aws:iam::111122223333:role/eks-node-role\n    username: x\n";
        let found = reading(text);
        let at = |line: usize| {
            let marks = found.marks.iter().filter(move |mark| mark.line == Some(line));
            marks.map(|mark| mark.text.as_str()).collect::<Vec<_>>().join(" ")
        };
        assert!(at(2).contains("No binding names the group `developer`"), "{:?}", found.marks);
        assert!(at(7).contains("answers with the user name"), "{:?}", found.marks);
        let lost =
            |line: usize| found.lines.iter().find(|read| read.line == Some(line)).and_then(|read| read.lost.clone());
        assert_eq!((lost(2), lost(7).is_some()), (None, true));
    }

    #[test]
    fn the_text_is_read_as_the_authenticator_reads_it() {
        let now = scenario::walkthrough();
        let cluster = now.world.clusters.first().unwrap();
        let start = reading(&text(cluster).unwrap());
        assert_eq!((start.lines.len(), start.is_broken), (1, false));
        assert!(start.marks.iter().all(|mark| mark.severity != Severity::Error), "{:?}", start.marks);
        assert_eq!(start.lines[0].lost, None);
        let twice = reading(
            "mapUsers: |\n  - userarn: a\n    username: x\n  - userarn: a\n    username: other\n  - username: z\n",
        );
        assert!(twice.lines[0].lost.is_some() && twice.lines[1].lost.is_none());
        assert_eq!((twice.lines[0].line, twice.lines[1].line), (Some(2), Some(4)));
        assert!(twice.marks.iter().any(|mark| mark.line == Some(6)), "{:?}", twice.marks);
        let broken = reading("mapUsers:\n- a\n");
        assert!(broken.is_broken && broken.marks[0].text.contains("mapUsers: |"));
        let template = reading(&template("111122223333"));
        assert!(template.marks.iter().all(|mark| mark.severity != Severity::Error), "{:?}", template.marks);
    }

    #[test]
    fn errors_stand_at_their_line_of_the_editor() {
        let syntax = reading("mapAccounts: |\n  []\nmapRoles: |\n  - rolearn: a\n   username: x\n");
        assert_eq!(syntax.marks[0].line, Some(5), "{:?}", syntax.marks);
        let outer = reading("mapRoles: |\n  - a\n x: [");
        assert!(outer.is_broken && outer.marks[0].line == Some(3), "{:?}", outer.marks);
        assert_eq!(entry_line("mapUsers: |\n  # me\n  - userarn: a\n", "mapUsers", 0), Some(3));
        assert_eq!(entry_end("mapUsers: |\n  - userarn: a\n    username: b\n  - x\n", 2), 3);
    }

    #[test]
    fn formatting_keeps_the_meaning_and_comments() {
        let text = "mapUsers: |\n    - {username: x, userarn: a}\nmapRoles: |\n  # why\n  - rolearn:   b\n";
        let formatted = format(text).unwrap();
        assert_eq!(formatted, "mapRoles: |\n  # why\n  - rolearn:   b\nmapUsers: |\n  - userarn: a\n    username: x\n");
        assert_eq!(format(&formatted), Some(formatted));
        assert_eq!(format("a: ["), None);
        let heads = "# people\nmapUsers: |\n    - {userarn: a}\n";
        assert_eq!(format(heads).as_deref(), Some("# people\nmapUsers: |\n  - userarn: a\n"));
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
