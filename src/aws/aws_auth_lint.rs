//! A linter for the aws-auth ConfigMap: what its text makes of itself (iam 11).
//!
//! Only what the ConfigMap alone shows is here; what depends on the cluster's mode, entries and bindings is found by
//! the engine. The words are ours; the rules stand in [`rules`].

pub mod rules;
#[cfg(test)]
mod tests;
mod texts;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::aws_auth::{self, Entry, Problem, ProblemKind, Section};
use super::iam::PrincipalArn;
use super::names::{NameKind, check_name, reserved_prefix};
use crate::formats::ordered::{map_of, set_of};
use crate::formats::yaml::load::{self, Spanned};
use crate::formats::yaml::node::{self, Kind};
use rules::{RULES, Rule};
use texts::{Named, has_bare_placeholder, named, placeholders};

/// How bad a finding is. Sorts the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Breaks access.
    Error,
    /// Probably not meant, or a risk.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// The word for readers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// A place in aws-auth.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The key in `data`.
    pub key: String,
    /// The line in that key's text, from 1, if it is known.
    pub line: Option<usize>,
    /// The position of the entry in its list, from 0, if it concerns one.
    pub entry: Option<usize>,
}

/// A lint that struck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// Which.
    pub rule: &'static Rule,
    /// How bad this case is.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// What is the matter there.
    pub message: String,
}

/// Placeholders that come from a session.
const OF_SESSION: &[&str] = &["{{SessionName}}", "{{SessionNameRaw}}", "{{EC2PrivateDNSName}}"];
/// All placeholders that are filled in (iam 7).
const PLACEHOLDERS: &[&str] =
    &["{{EC2PrivateDNSName}}", "{{AccountID}}", "{{SessionName}}", "{{SessionNameRaw}}", "{{AccessKeyID}}"];
/// User name of nodes whose role can become a node-type entry (eks 20).
pub const NODE_USERNAME: &str = "system:node:{{EC2PrivateDNSName}}";

/// Everything that the text of the ConfigMap's `data` shows, in the order of its keys.
/// `partition` is that of the cluster.
pub fn lint(data: &BTreeMap<String, String>, partition: &str) -> Vec<Lint> {
    let mut found = Found(Vec::new());
    for (key, text) in data {
        match SECTIONS.iter().find(|section| section.as_str() == key) {
            None => unknown_section(key, &mut found),
            Some(_) if aws_auth::is_empty(text) => {}
            Some(Section::MapAccounts) => accounts(text, &mut found),
            Some(section) => entries(*section, text, partition, &mut found),
        }
    }
    found.0
}

const SECTIONS: [Section; 3] = [Section::MapRoles, Section::MapUsers, Section::MapAccounts];

/// What was found so far.
struct Found(Vec<Lint>);

impl Found {
    fn add(&mut self, id: &str, place: Place, message: String) {
        // Every id has its rule; a test holds that.
        if let Some(rule) = RULES.iter().find(|rule| rule.id == id) {
            self.0.push(Lint { rule, severity: rule.severity, place, message });
        }
    }

    fn add_as(&mut self, severity: Severity, id: &str, place: Place, message: String) {
        self.add(id, place, message);
        if let Some(last) = self.0.last_mut() {
            last.severity = severity;
        }
    }
}

/// Equal after lower-casing and without `-`, `_` and blanks, or one edit away from it.
pub fn near(a: &str, b: &str) -> bool {
    let plain = |text: &str| -> Vec<char> {
        text.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).flat_map(char::to_lowercase).collect()
    };
    let (a, b) = (plain(a), plain(b));
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    let skip = |text: &[char], n: usize| text.iter().skip(n).copied().collect::<Vec<char>>();
    let rest = skip(long, same + 1);
    skip(short, same) == rest || skip(short, same + 1) == rest
}

fn unknown_section(key: &str, found: &mut Found) {
    let place = Place { key: key.to_owned(), line: None, entry: None };
    match SECTIONS.iter().find(|section| near(key, section.as_str())) {
        Some(section) => {
            let message = format!("`{key}` is not read: did you mean `{}`?", section.as_str());
            found.add_as(Severity::Error, "unknown-section", place, message);
        }
        None => found.add("unknown-section", place, format!("`{key}` is not read")),
    }
}

/// Names the one part of a section that a message is about.
struct At<'a> {
    section: Section,
    spanned: &'a Spanned,
}

impl At<'_> {
    fn place(&self, entry: Option<usize>, pointer: &str) -> Place {
        let line =
            self.spanned.line(pointer).or_else(|| entry.and_then(|entry| self.spanned.line(&format!("/{entry}"))));
        Place { key: self.section.as_str().to_owned(), line, entry }
    }

    fn member(&self, entry: usize, key: &str) -> Place {
        self.place(Some(entry), &format!("/{entry}/{}", escaped(key)))
    }
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn entries(section: Section, text: &str, partition: &str, found: &mut Found) {
    let parsed = aws_auth::parse(&map_of([(section.as_str().to_owned(), text.to_owned())]));
    if let Some(problem) = parsed.problems.iter().find(|problem| problem.kind == ProblemKind::Syntax) {
        return unreadable(section, text, problem, found);
    }
    let Ok(spanned) = load::load_spanned(text) else { return };
    let at = At { section, spanned: &spanned };
    let items = match &spanned.value {
        Value::Array(items) => items,
        Value::Null => return,
        other => return not_a_list(section, other, found),
    };
    let kept: &[Entry] = if section == Section::MapRoles { &parsed.roles } else { &parsed.users };
    let kept = map_of(kept.iter().map(|entry| (entry.index, entry)));
    for (index, item) in items.iter().enumerate() {
        let place = at.place(Some(index), &format!("/{index}"));
        match item {
            Value::Object(members) => {
                fields(&at, index, members, kept.contains_key(&index), found);
                if let Some(entry) = kept.get(&index) {
                    entry_lints(&at, entry, members, partition, found);
                }
            }
            Value::Null => found.add("missing-arn", place, format!("entry {} is empty", index + 1)),
            other => {
                let message = format!("entry {} is {}, not a mapping", index + 1, type_name(other));
                found.add("wrong-type", place, message);
            }
        }
    }
    for problem in &parsed.problems {
        if let (ProblemKind::ArnAndSso | ProblemKind::BadSso, Some(index)) = (problem.kind, problem.entry) {
            let place = at.place(Some(index), &format!("/{index}/sso"));
            found.add_as(Severity::Error, "sso-field", place, format!("the entry is dropped: {}", problem.message));
        }
    }
    duplicates(&at, &kept, found);
}

fn unreadable(section: Section, text: &str, problem: &Problem, found: &mut Found) {
    let key = section.as_str();
    let place = |line| Place { key: key.to_owned(), line, entry: None };
    let depth = |line: &str| line.len() - line.trim_start().len();
    let dashes = || text.lines().filter(|line| line.trim_start().starts_with("- ") || line.trim() == "-");
    let outermost = dashes().map(depth).min().unwrap_or_default();
    let lost = match dashes().filter(|line| depth(line) == outermost).count() {
        1 => "its 1 entry is gone".to_owned(),
        count => format!("all its {count} entries are gone"),
    };
    let message = format!("{key} cannot be read, {lost}: {}", problem.message);
    found.add("section-unreadable", place(problem.line), message);
    for (index, line) in text.lines().enumerate() {
        let at = place(Some(index + 1));
        let blanks = line.get(..depth(line)).unwrap_or_default();
        if blanks.contains('\t') && !line.trim().is_empty() {
            found.add("tab-indent", at.clone(), format!("line {} is indented with a tab", index + 1));
        }
        if has_bare_placeholder(line) {
            let message = format!("line {}: `{{{{` begins a value without quotes", index + 1);
            found.add("unquoted-placeholder", at, message);
        }
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

fn not_a_list(section: Section, value: &Value, found: &mut Found) {
    let key = section.as_str();
    let place = Place { key: key.to_owned(), line: Some(1), entry: None };
    found.add("section-not-a-list", place, format!("{key} is {}, not a list", type_name(value)));
}

/// Keys and types of an entry, and whether it names somebody.
fn fields(at: &At<'_>, index: usize, members: &Map<String, Value>, kept: bool, found: &mut Found) {
    let (arn, other) = match at.section {
        Section::MapUsers => ("userarn", "rolearn"),
        _ => ("rolearn", "userarn"),
    };
    let mut known = vec![arn, "username", "groups", "userid"];
    if at.section == Section::MapRoles {
        known.push("sso");
    }
    let is = |key: &str, name: &str| aws_auth::fold(key) == name;
    let names_somebody = members.keys().any(|key| is(key, arn) || (is(key, "sso") && known.contains(&"sso")));
    // The key that was probably meant to name somebody.
    let meant = members.keys().find(|key| near(key, arn) || near(key, other) || near(key, "arn"));
    let meant = meant.filter(|_| !names_somebody);
    if !names_somebody || !kept && members.keys().all(|key| !is(key, "sso")) {
        let message = match meant {
            Some(key) => format!("entry {} has no `{arn}`: `{key}` is not read here", index + 1),
            None => format!("entry {} has no `{arn}`", index + 1),
        };
        found.add("missing-arn", at.place(Some(index), &format!("/{index}")), message);
    }
    for (key, value) in members {
        let place = at.member(index, key);
        let Some(name) = known.iter().find(|name| is(key, name)) else {
            if Some(key) != meant {
                found.add("unknown-field", place, unknown_field(key, &known));
            }
            continue;
        };
        match (*name, value) {
            (_, Value::Null) => {}
            ("groups", Value::Array(items)) => {
                for (item, value) in items.iter().enumerate() {
                    if !matches!(value, Value::String(_) | Value::Null) {
                        let place = at.place(Some(index), &format!("/{index}/{}/{item}", escaped(key)));
                        let message = format!("item {} of `{key}` is {}, not a text", item + 1, type_name(value));
                        found.add("wrong-type", place, message);
                    }
                }
            }
            ("groups", other) => {
                found.add("wrong-type", place, format!("`{key}` is {}, not a list", type_name(other)));
            }
            ("sso", Value::Object(_)) | (_, Value::String(_)) if *name != "sso" || value.is_object() => {}
            ("sso", other) => {
                found.add("wrong-type", place, format!("`{key}` is {}, not a mapping", type_name(other)));
            }
            (_, other) => found.add("wrong-type", place, format!("`{key}` is {}, not a text", type_name(other))),
        }
    }
}

fn unknown_field(key: &str, known: &[&str]) -> String {
    const ALIASES: &[(&str, &str)] = &[("user", "username"), ("name", "username"), ("groupnames", "groups")];
    let alias = ALIASES.iter().find(|(wrong, _)| near(key, wrong)).map(|(_, right)| *right);
    match known.iter().find(|name| near(key, name)).copied().or(alias) {
        Some(name) => format!("`{key}` is ignored: did you mean `{name}`?"),
        None => format!("`{key}` is ignored"),
    }
}

/// Lints of an entry that counts.
fn entry_lints(at: &At<'_>, entry: &Entry, members: &Map<String, Value>, partition: &str, found: &mut Found) {
    let index = entry.index;
    // Of keys that differ in case the one that sorts later decides.
    let key = |name: &str| members.keys().filter(|key| aws_auth::fold(key) == name).max();
    let place = |name: &str| match key(name) {
        Some(key) => at.member(index, key),
        None => at.place(Some(index), &format!("/{index}")),
    };
    if let Some(sso) = &entry.sso {
        let message = format!("`sso` for the permission set `{}` matches nobody by default", sso.permission_set_name);
        found.add("sso-field", place("sso"), message);
    } else {
        arn_lints(
            at.section,
            &entry.arn,
            &place(if at.section == Section::MapUsers { "userarn" } else { "rolearn" }),
            partition,
            found,
        );
    }
    let who = &entry.arn;
    if entry.username.is_empty() {
        found.add("empty-username", place("username"), format!("the entry for `{who}` has no user name"));
    }
    let group_place = |position: usize| match key("groups") {
        Some(key) => at.place(Some(index), &format!("/{index}/{}/{position}", escaped(key))),
        None => place("groups"),
    };
    let raw_groups = key("groups").and_then(|key| members.get(key)).and_then(Value::as_array);
    for (position, group) in entry.groups.iter().enumerate() {
        let readable = raw_groups.and_then(|raw| raw.get(position)).is_none_or(|v| v.is_string() || v.is_null());
        if readable && (group.is_empty() || group.contains([' ', ',', '<', '>'])) {
            let message = if group.is_empty() { "a group is empty".to_owned() } else { format!("odd group `{group}`") };
            found.add("odd-group", group_place(position), message);
        }
        if group == "system:masters" {
            found.add("masters", group_place(position), format!("`{who}` is in system:masters"));
        }
    }
    let names = [("username", &entry.username)].into_iter().chain(entry.groups.iter().map(|group| ("groups", group)));
    for (field, name) in names {
        for placeholder in placeholders(name).filter(|p| !PLACEHOLDERS.contains(p)) {
            let message = format!("`{placeholder}` in `{name}` is not filled in");
            found.add("unknown-placeholder", place(field), message);
        }
        let used = OF_SESSION.iter().find(|p| name.contains(**p));
        if let (Some(placeholder), Named::User | Named::Root) = (used, named(who)) {
            let message = format!("`{placeholder}` in `{name}`: `{who}` has no session");
            found.add("session-name-for-user", place(field), message);
        }
    }
    if matches!(entry.username.as_str(), "{{SessionName}}" | "{{SessionNameRaw}}") {
        let message = format!("the user name is only `{}`", entry.username);
        found.add("bare-session-name", place("username"), message);
    }
    if let Some(why) = not_migratable(entry) {
        let message = format!("`{who}` cannot become an access entry as it is: {why}");
        found.add("not-migratable", at.place(Some(index), &format!("/{index}")), message);
    }
}

fn arn_lints(section: Section, text: &str, place: &Place, partition: &str, found: &mut Found) {
    let mut add = |id: &str, message: String| found.add(id, place.clone(), message);
    let named = named(text);
    match &named {
        Named::Bad(why) => return add("bad-arn", format!("`{text}` is nobody's ARN: {why}")),
        Named::Foreign(what) => return add("not-a-principal", format!("`{text}` is {what}, never a caller")),
        Named::Session => add("assumed-role-arn", format!("`{text}` is the ARN of a session")),
        Named::Role(name, path) => {
            if *path {
                add("role-path", format!("`{text}` has a path: write `role/{name}`"));
            }
            if name.starts_with("AWSReservedSSO_") {
                add("sso-role-name", format!("`{name}` is made by IAM Identity Center"));
            }
        }
        Named::User | Named::Root | Named::Federated => {}
    }
    match (section, &named) {
        (Section::MapRoles, Named::User) => add("wrong-section", format!("the user `{text}` stands in mapRoles")),
        (Section::MapUsers, Named::Role(..)) => add("wrong-section", format!("the role `{text}` stands in mapUsers")),
        _ => {}
    }
    let other = text.split(':').nth(1).filter(|other| *other != partition);
    if let Some(other) = other {
        add("partition-mismatch", format!("`{text}` is of the partition `{other}`, the cluster is in `{partition}`"));
    }
}

/// Why an entry cannot become an access entry (eks 20).
fn not_migratable(entry: &Entry) -> Option<String> {
    if entry.arn.parse::<PrincipalArn>().is_ok_and(|arn| arn.is_service_linked()) {
        return Some("it is a service-linked role".to_owned());
    }
    if entry.username == NODE_USERNAME || entry.groups.iter().any(|group| group == "system:masters") {
        return None;
    }
    if let Some(group) = entry.groups.iter().find(|group| group.starts_with("system:")) {
        return Some(format!("the group `{group}` is reserved"));
    }
    let prefix = reserved_prefix(&entry.username)?;
    Some(format!("user names must not begin with `{prefix}`"))
}

/// Entries for the same ARN, case aside. Linear in the number of entries.
fn duplicates(at: &At<'_>, kept: &BTreeMap<usize, &Entry>, found: &mut Found) {
    let mut last: BTreeMap<String, &Entry> = BTreeMap::new();
    for entry in kept.values().filter(|entry| entry.sso.is_none()) {
        let Some(earlier) = last.insert(entry.arn.to_lowercase(), entry) else { continue };
        let set = |entry: &Entry| set_of(entry.groups.iter().cloned());
        let severity = if set(earlier) == set(entry) { Severity::Warning } else { Severity::Error };
        let winner = if at.section == Section::MapUsers && earlier.arn != entry.arn {
            "either may count".to_owned()
        } else {
            format!("entry {} counts", entry.index + 1)
        };
        let message = format!("entries {} and {} name `{}`: {winner}", earlier.index + 1, entry.index + 1, entry.arn);
        let place = at.place(Some(earlier.index), &format!("/{}", earlier.index));
        found.add_as(severity, "duplicate-arn", place, message);
    }
}

fn accounts(text: &str, found: &mut Found) {
    let section = Section::MapAccounts;
    let parsed = aws_auth::parse(&map_of([(section.as_str().to_owned(), text.to_owned())]));
    if let Some(problem) = parsed.problems.iter().find(|problem| problem.kind == ProblemKind::Syntax) {
        return unreadable(section, text, problem, found);
    }
    let Ok(document) = node::parse(text) else { return };
    let Some(root) = document.root().and_then(|root| document.resolved(root)) else { return };
    let Kind::Sequence(items) = &root.kind else {
        let value = load::load(text).unwrap_or_default();
        if !value.is_null() {
            not_a_list(section, &value, found);
        }
        return;
    };
    let place = |line, entry| Place { key: section.as_str().to_owned(), line: Some(line), entry };
    if !parsed.accounts.is_empty() {
        let message = format!("everybody of the accounts {} can log in", parsed.accounts.join(", "));
        found.add("account-rule", place(root.line, None), message);
        let message = "mapAccounts cannot become access entries".to_owned();
        found.add("not-migratable", place(root.line, None), message);
    }
    for (index, item) in items.iter().enumerate() {
        let (Some(written), Some(node)) = (document.node(*item), document.resolved(*item)) else { continue };
        let at = place(written.line, Some(index));
        let Kind::Scalar { text, plain, .. } = &node.kind else {
            found.add("wrong-type", at, format!("item {} of mapAccounts is not a text", index + 1));
            continue;
        };
        if check_name(NameKind::AccountId, text).is_err() {
            found.add("account-id-form", at, format!("`{text}` is not an account id of 12 digits"));
        } else if *plain && text.starts_with('0') {
            let message = format!("`{text}` works, but tools that read it as a number drop the zero");
            found.add_as(Severity::Info, "account-id-form", at, message);
        }
    }
}
