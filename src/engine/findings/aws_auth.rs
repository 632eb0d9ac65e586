//! aws-auth against the rest of the cluster: its mode, entries, nodes, bindings and callers (iam 11).

use std::collections::BTreeMap;

use super::bindings::Bound;
use super::{ObjectRef, Report, Severity, remedy};
use crate::aws::aws_auth::{self, Entry, Parsed, Section};
use crate::aws::aws_auth_lint::{self, NODE_USERNAME, Place};
use crate::aws::eks::{AuthenticationMode, EntryType};
use crate::aws::iam::PrincipalArn;
use crate::aws::mapper::is_instance_id;
use crate::aws::sts;
use crate::engine::authn::AWS_AUTH;
use crate::engine::eks::users_of;
use crate::engine::iam::find_principal;
use crate::engine::request::Credential;
use crate::engine::world::{self, Cluster, World};
use crate::formats::yaml::load::{self, Spanned};

/// Looks at the ConfigMap. In mode `API` its text does not matter, only that it is there.
pub fn check(world: &World, cluster: &Cluster, callers: &[Credential], report: &mut Report) {
    let data = cluster.objects.config_map(AWS_AUTH.0, AWS_AUTH.1);
    check_data(world, cluster, data.as_ref(), &Bound::of(cluster.objects.rbac()), callers, report);
}

/// The same for any data, stored or not.
pub fn check_data(
    world: &World,
    cluster: &Cluster,
    data: Option<&BTreeMap<String, String>>,
    bound: &Bound,
    callers: &[Credential],
    report: &mut Report,
) {
    let parsed = data.map(aws_auth::parse).unwrap_or_default();
    let lines = Lines::of(data, &parsed);
    if !cluster.mode.reads_config_map() {
        return not_read(world, cluster, &parsed, &lines, report);
    }
    for lint in data.into_iter().flat_map(|data| aws_auth_lint::lint(data, &world.partition)) {
        report.lint(lint);
    }
    for line in &lines.0 {
        rights(line, bound, report);
        if let Some(entry) = shadowing(world, cluster, line.entry) {
            let message = format!(
                "the entry of `{}` answers with the user name `{}` and {}",
                entry.principal_arn,
                entry.username,
                listed(&entry.groups)
            );
            report.add("shadowed-by-access-entry", line.object(), message);
        } else if is_node_line(line.entry) {
            node_line(world, cluster, line, report);
        }
    }
    persons(world, cluster, callers, &lines, report);
    no_node_line(cluster, &lines, report);
    creator(cluster, &parsed, &lines, report);
}

/// A line of aws-auth that counts, and where it stands.
struct Line<'a> {
    section: Section,
    entry: &'a Entry,
    at: Option<usize>,
}

impl Line<'_> {
    fn object(&self) -> ObjectRef {
        let key = self.section.as_str().to_owned();
        ObjectRef::AwsAuth(Some(Place { key, line: self.at, entry: Some(self.entry.index) }))
    }
}

struct Lines<'a>(Vec<Line<'a>>);

impl<'a> Lines<'a> {
    fn of(data: Option<&BTreeMap<String, String>>, parsed: &'a Parsed) -> Self {
        let spanned = |section: Section| -> Option<Spanned> { load::load_spanned(data?.get(section.as_str())?).ok() };
        let (roles, users) = (spanned(Section::MapRoles), spanned(Section::MapUsers));
        let line = |spanned: &Option<Spanned>, entry: &Entry| spanned.as_ref()?.line(&format!("/{}", entry.index));
        let of_roles = parsed.roles.iter().map(|entry| (Section::MapRoles, entry, line(&roles, entry)));
        let of_users = parsed.users.iter().map(|entry| (Section::MapUsers, entry, line(&users, entry)));
        Self(of_roles.chain(of_users).map(|(section, entry, at)| Line { section, entry, at }).collect())
    }
}

fn listed(groups: &[String]) -> String {
    if groups.is_empty() { "no groups".to_owned() } else { format!("the groups {}", groups.join(", ")) }
}

/// Mode `API` (eks 3.7).
fn not_read(world: &World, cluster: &Cluster, parsed: &Parsed, lines: &Lines<'_>, report: &mut Report) {
    let count = lines.0.len() + parsed.accounts.len();
    if count == 0 {
        return;
    }
    let entries = if count == 1 { "1 entry of it is".to_owned() } else { format!("{count} entries of it are") };
    report.add("ignored-in-api-mode", ObjectRef::AwsAuth(None), format!("{entries} not read in mode API"));
    for line in lines.0.iter().filter(|line| is_node_line(line.entry)) {
        if entry_for(cluster, &line.entry.arn).is_none() {
            lost_node_role(world, cluster, line, Severity::Error, report);
        }
    }
}

/// Groups and user name that nothing binds.
fn rights(line: &Line<'_>, bound: &Bound, report: &mut Report) {
    let Entry { arn, username, groups, .. } = line.entry;
    if groups.is_empty() && !bound.user(username) && !username.starts_with("system:") {
        report.add("no-groups", line.object(), format!("`{arn}` has no groups, and no binding names `{username}`"));
    }
    for group in groups.iter().filter(|group| !group.is_empty() && !bound.group(group)) {
        report.add("unbound-group", line.object(), format!("no binding names the group `{group}`"));
    }
}

/// The access entry for the principal of a line, paths aside.
fn entry_for<'a>(cluster: &'a Cluster, written: &str) -> Option<&'a world::Entry> {
    let canonical = |arn: &str| arn.parse::<PrincipalArn>().map(|arn| arn.canonical()).ok();
    let wanted = canonical(written)?;
    let same = |entry: &&world::Entry| canonical(&entry.principal_arn).is_some_and(|c| c.eq_ignore_ascii_case(&wanted));
    cluster.entries.values().map(|entry| &**entry).find(same)
}

/// The entry that answers before the line does. A stale one does not (eks 11.1).
fn shadowing<'a>(world: &World, cluster: &'a Cluster, line: &Entry) -> Option<&'a world::Entry> {
    let entry = entry_for(cluster, &line.arn).filter(|_| cluster.mode.uses_entries())?;
    let alive = find_principal(world, &entry.principal_arn).is_ok_and(|today| today.unique_id == entry.unique_id);
    alive.then_some(entry)
}

fn is_node_line(entry: &Entry) -> bool {
    let of_nodes = |group: &String| group == "system:nodes" || group == "system:bootstrappers";
    entry.username.starts_with("system:node:") || entry.groups.iter().any(of_nodes)
}

fn node_line(world: &World, cluster: &Cluster, line: &Line<'_>, report: &mut Report) {
    let Entry { arn, username, groups, .. } = line.entry;
    let mut wrong = Vec::new();
    // Fargate lines have the other form (eks 5).
    if username != NODE_USERNAME && username != "system:node:{{SessionName}}" {
        wrong.push(format!("the user name is `{username}`, not `{NODE_USERNAME}`"));
    }
    for group in ["system:bootstrappers", "system:nodes"] {
        if !groups.iter().any(|own| own == group) {
            wrong.push(format!("the group {group} is missing"));
        }
    }
    if !wrong.is_empty() {
        report.add("node-mapping", line.object(), format!("`{arn}`: {}", wrong.join("; ")));
    }
    lost_node_role(world, cluster, line, Severity::Warning, report);
}

/// A node role that only aws-auth maps (eks 13.1). The remedy is a call that the mode allows.
fn lost_node_role(world: &World, cluster: &Cluster, line: &Line<'_>, severity: Severity, report: &mut Report) {
    let arn = &line.entry.arn;
    let message = match cluster.mode {
        AuthenticationMode::Api => format!("nodes of `{arn}` have no way in: the role has no access entry"),
        _ => format!("nodes of `{arn}` would lose the cluster in mode API: the role has no access entry"),
    };
    let windows = line.entry.groups.iter().any(|group| group == "eks:kube-proxy-windows");
    let kind = match line.entry.username.as_str() {
        "system:node:{{SessionName}}" => EntryType::FargateLinux,
        _ if windows => EntryType::Ec2Windows,
        _ => EntryType::Ec2Linux,
    };
    // The line has no path; the entry wants the real one (eks 8.2).
    let real = world
        .roles
        .iter()
        .map(|role| role.arn(&world.partition, &world.account))
        .find(|real| real.parse::<PrincipalArn>().is_ok_and(|real| real.canonical().eq_ignore_ascii_case(arn)));
    // For nodes that it manages itself EKS makes the entry with the step from `CONFIG_MAP` (eks 3.6).
    let role = real.as_ref().unwrap_or(arn);
    if cluster.mode == AuthenticationMode::ConfigMap && users_of(cluster, role).next().is_some() {
        return;
    }
    let steps = match real {
        Some(real) if cluster.mode.uses_entries() => vec![remedy::create_entry(cluster, &real, kind, &[], "")],
        _ => Vec::new(),
    };
    report.add_with("node-role-lost-in-api-mode", line.object(), message, steps);
    if let Some(last) = report.found.last_mut() {
        last.severity = severity;
    }
}

/// People whose role is mapped as that of nodes.
fn persons(world: &World, cluster: &Cluster, callers: &[Credential], lines: &Lines<'_>, report: &mut Report) {
    for credential in callers {
        let Ok(caller) = world.identify(credential) else { continue };
        let Ok(identity) = sts::identity(&caller) else { continue };
        if is_instance_id(&identity.session_name) {
            continue;
        }
        for line in &lines.0 {
            let asks = |name: &str| name.contains("{{EC2PrivateDNSName}}");
            let asks = asks(&line.entry.username) || line.entry.groups.iter().any(|group| asks(group));
            let meant = asks && line.entry.arn.eq_ignore_ascii_case(&identity.canonical_arn);
            if meant && shadowing(world, cluster, line.entry).is_none() {
                let message = format!("`{}` is no instance, and is refused by this line", identity.arn);
                report.add("person-on-node-role", line.object(), message);
            }
        }
    }
}

/// Nodes, and nothing that lets nodes in.
fn no_node_line(cluster: &Cluster, lines: &Lines<'_>, report: &mut Report) {
    let nodes = cluster.objects.resource("", "nodes").map(|nodes| cluster.objects.list(&nodes, None).len());
    let nodes = nodes.unwrap_or_default();
    let by_entry = cluster.mode.uses_entries() && cluster.entries.values().any(|e| e.kind != EntryType::Standard);
    if nodes > 0 && !by_entry && !lines.0.iter().any(|line| is_node_line(line.entry)) {
        let nodes = if nodes == 1 { "has 1 node".to_owned() } else { format!("has {nodes} nodes") };
        let message = format!("the cluster {nodes}, and no role is mapped as that of nodes");
        report.add("node-mapping", ObjectRef::AwsAuth(None), message);
    }
}

/// The creator's hidden rights (eks 2.5), and what covers them (eks 2.10).
fn creator(cluster: &Cluster, parsed: &Parsed, lines: &Lines<'_>, report: &mut Report) {
    let Some(creator) = cluster.creator.as_ref().filter(|_| cluster.mode == AuthenticationMode::ConfigMap) else {
        return;
    };
    let arn = &creator.principal_arn;
    let principal = arn.parse::<PrincipalArn>().ok();
    let canonical = principal.as_ref().map_or_else(|| arn.clone(), PrincipalArn::canonical);
    let of_creator = |section: Section| {
        let mut lines = lines.0.iter().rev();
        lines.find(|line| line.section == section && line.entry.arn.eq_ignore_ascii_case(&canonical))
    };
    // The last of equal lines counts, those of roles before those of users (iam 4.2, 4.3).
    if let Some(line) = of_creator(Section::MapRoles).or_else(|| of_creator(Section::MapUsers)) {
        let Entry { username, groups, .. } = line.entry;
        let message = format!(
            "the creator `{arn}` has what this line gives and no more: the user name `{username}` and {}",
            listed(groups)
        );
        report.add("creator-covered", line.object(), message);
        return;
    }
    let account = principal.map(|arn| arn.account().to_owned());
    if account.is_some_and(|account| parsed.accounts.contains(&account)) {
        let message = format!("mapAccounts has the account of the creator `{arn}`, who has no groups by it");
        let place = Place { key: Section::MapAccounts.as_str().to_owned(), line: None, entry: None };
        report.add("creator-covered", ObjectRef::AwsAuth(Some(place)), message);
        return;
    }
    let message = format!("the creator `{arn}` is an administrator, and not in aws-auth");
    report.add("creator-not-listed", ObjectRef::Cluster(cluster.name.clone()), message);
}
