//! The kube-system/aws-auth ConfigMap: text into mappings, with its real tolerance and destructiveness (iam 4).
//!
//! [`parse`] never fails: each section yields the entries that survive and what was wrong with the rest.
//! A section that cannot be read at all yields nothing, and what it yields replaces what was known before.
//! [`Store`] is what a lookup then sees.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::names::{NameKind, check_name};
use super::sts::PARTITIONS;
use crate::formats::ordered::{self, map_of, set_of};
use crate::formats::yaml::load;
use crate::formats::yaml::node::{self, Kind};
use crate::formats::yaml::scalar::{self, Scalar};

/// The three sections that count, by their exact names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// `mapUsers`
    MapUsers,
    /// `mapRoles`
    MapRoles,
    /// `mapAccounts`
    MapAccounts,
}

impl Section {
    /// The key in `data`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MapUsers => "mapUsers",
            Self::MapRoles => "mapRoles",
            Self::MapAccounts => "mapAccounts",
        }
    }
}

/// What kind of fault a [`Problem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// The whole section is lost.
    Syntax,
    /// A value has the wrong type; the rest is kept as far as it could be read. At most one per section.
    WrongType,
    /// An entry names nobody and is dropped.
    MissingArn,
    /// An entry has both `rolearn` and `sso` and is dropped.
    ArnAndSso,
    /// The `sso` of an entry is not well-formed; the entry is dropped.
    BadSso,
}

impl ProblemKind {
    /// A fixed word for each kind.
    pub fn code(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::WrongType => "wrong-type",
            Self::MissingArn => "missing-arn",
            Self::ArnAndSso => "arn-and-sso",
            Self::BadSso => "bad-sso",
        }
    }
}

/// A fault, in the authenticator's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it is.
    pub section: Section,
    /// What kind of fault it is.
    pub kind: ProblemKind,
    /// The words.
    pub message: String,
    /// The position in the list of the entry that is dropped or wrong, from 0, if it concerns one.
    pub entry: Option<usize>,
    /// The line in the section's text, from 1, if it is known.
    pub line: Option<usize>,
}

/// `sso: {permissionSetName, accountID, partition}` (iam 4.4).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sso {
    /// The name of the permission set.
    pub permission_set_name: String,
    /// The account, as text.
    pub account_id: String,
    /// The partition; empty if not given.
    pub partition: String,
}

impl Sso {
    /// The pattern that role ARNs are compared with, in lower case. A given partition is lost, so that the pattern
    /// matches nothing: a fault of the original that is kept (iam 4.4).
    pub fn pattern(&self) -> String {
        let partition = if self.partition.is_empty() { "aws" } else { "" };
        let Self { account_id, permission_set_name, .. } = self;
        format!("arn:{partition}:iam::{account_id}:role/AWSReservedSSO_{permission_set_name}_*").to_lowercase()
    }

    fn check(&self) -> Result<(), String> {
        if check_name(NameKind::AccountId, &self.account_id).is_err() {
            return Err(format!("AccountID '{}' is not a valid AWS Account ID", self.account_id));
        }
        if check_name(NameKind::PermissionSetName, &self.permission_set_name).is_err() {
            let name = &self.permission_set_name;
            return Err(format!("PermissionSetName '{name}' is not a valid AWS SSO PermissionSet Name"));
        }
        if !self.partition.is_empty() && !PARTITIONS.contains(&self.partition.as_str()) {
            return Err(format!("partition '{}' is not a valid AWS partition", self.partition));
        }
        Ok(())
    }
}

/// An entry of mapRoles or mapUsers that survived. Nothing in it is validated but `sso`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// `rolearn` or `userarn`, as written; empty if `sso` is given.
    pub arn: String,
    /// `sso`, in mapRoles only.
    pub sso: Option<Sso>,
    /// `username`; empty if missing.
    pub username: String,
    /// `groups`; empty if missing.
    pub groups: Vec<String>,
    /// `userid`; empty if missing. The ConfigMap does not use it.
    pub user_id: String,
    /// The position in the list as written, from 0.
    pub index: usize,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The surviving entries of mapRoles, in order.
    pub roles: Vec<Entry>,
    /// The surviving entries of mapUsers, in order.
    pub users: Vec<Entry>,
    /// The surviving items of mapAccounts, in order.
    pub accounts: Vec<String>,
    /// What was wrong, in the order mapUsers, mapRoles, mapAccounts.
    pub problems: Vec<Problem>,
}

/// Who is let in as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// User name, placeholders not filled in.
    pub username: String,
    /// Groups, placeholders not filled in.
    pub groups: Vec<String>,
    /// The position of the entry in its section, from 0.
    pub index: usize,
    /// True if the key is the pattern of an `sso` entry.
    pub is_pattern: bool,
}

/// What a lookup sees: entries by key, later entries replacing earlier ones (iam 4.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Store {
    /// By role ARN in lower case, or by pattern.
    pub roles: BTreeMap<String, Mapping>,
    /// By user ARN as written.
    pub users: BTreeMap<String, Mapping>,
    /// Accounts of which everybody is let in.
    pub accounts: BTreeSet<String>,
}

impl Parsed {
    /// The entries as a lookup sees them.
    pub fn store(&self) -> Store {
        let mapping = |entry: &Entry| Mapping {
            username: entry.username.clone(),
            groups: entry.groups.clone(),
            index: entry.index,
            is_pattern: entry.sso.is_some(),
        };
        let role_key = |entry: &Entry| match &entry.sso {
            Some(sso) => sso.pattern(),
            None => entry.arn.to_lowercase(),
        };
        Store {
            roles: map_of(self.roles.iter().map(|entry| (role_key(entry), mapping(entry)))),
            users: map_of(self.users.iter().map(|entry| (entry.arn.clone(), mapping(entry)))),
            accounts: set_of(self.accounts.iter().cloned()),
        }
    }
}

/// Reads the `data` of the ConfigMap (iam 4.1). Other keys than the three sections are ignored.
pub fn parse(data: &BTreeMap<String, String>) -> Parsed {
    let mut parsed = Parsed::default();
    let section = |section: Section| data.get(section.as_str()).filter(|text| !is_empty(text));
    if let Some(text) = section(Section::MapUsers) {
        parsed.users = entries(Section::MapUsers, text, &mut parsed.problems);
    }
    if let Some(text) = section(Section::MapRoles) {
        parsed.roles = entries(Section::MapRoles, text, &mut parsed.problems);
    }
    if let Some(text) = section(Section::MapAccounts) {
        parsed.accounts = accounts(text, &mut parsed.problems);
    }
    parsed
}

/// Texts that stand for nothing.
pub(super) fn is_empty(text: &str) -> bool {
    matches!(text.trim(), "" | "\"\"" | "''" | "``")
}

fn entries(section: Section, text: &str, problems: &mut Vec<Problem>) -> Vec<Entry> {
    let problem = |kind, message, entry, line| Problem { section, kind, message, entry, line };
    let value = match read(text) {
        Ok(value) => value,
        Err((message, line)) => {
            problems.push(problem(ProblemKind::Syntax, message, None, line));
            return Vec::new();
        }
    };
    let mut decoder = Decoder { section, wrong_type: None, entry: None };
    let candidates = decoder.list(&value);
    if let Some((message, entry)) = decoder.wrong_type {
        problems.push(problem(ProblemKind::WrongType, message, entry, None));
    }
    let mut kept = Vec::new();
    for entry in candidates {
        match check(section, &entry) {
            Ok(()) => kept.push(entry),
            Err((kind, message)) => problems.push(problem(kind, message, Some(entry.index), None)),
        }
    }
    kept
}

/// The text of a section as JSON: text that begins with `{` is JSON already, anything else is YAML.
fn read(text: &str) -> Result<Value, (String, Option<usize>)> {
    if text.trim_start().starts_with('{') {
        // What follows does not depend on the content of an object: it should have been a list.
        return match serde_json::from_str::<IgnoredAny>(text) {
            Ok(IgnoredAny) => Ok(Value::Object(Map::new())),
            Err(error) => Err((error.to_string(), Some(error.line()))),
        };
    }
    load::load(text).map_err(|error| (error.to_string(), Some(error.line).filter(|line| *line > 0)))
}

fn check(section: Section, entry: &Entry) -> Result<(), (ProblemKind, String)> {
    let fail = |kind, message: &str| Err((kind, message.to_owned()));
    if section == Section::MapUsers {
        if entry.arn.is_empty() {
            return fail(ProblemKind::MissingArn, "value for userarn must be supplied");
        }
        return Ok(());
    }
    match &entry.sso {
        None if entry.arn.is_empty() => fail(ProblemKind::MissingArn, "one of rolearn or SSO must be supplied"),
        Some(_) if !entry.arn.is_empty() => fail(ProblemKind::ArnAndSso, "only one of rolearn or SSO can be supplied"),
        Some(sso) => sso.check().map_err(|message| (ProblemKind::BadSso, message)),
        None => Ok(()),
    }
}

/// Decodes JSON into entries as Go does: keys match without regard to case, null changes nothing, a wrong type is
/// remembered once and changes nothing either.
struct Decoder {
    section: Section,
    wrong_type: Option<(String, Option<usize>)>,
    entry: Option<usize>,
}

impl Decoder {
    fn list(&mut self, value: &Value) -> Vec<Entry> {
        let record = if self.section == Section::MapUsers { "config.UserMapping" } else { "config.RoleMapping" };
        let items = match value {
            Value::Array(items) => items,
            Value::Null => return Vec::new(),
            other => {
                self.wrong(other, &format!("Go value of type []{record}"));
                return Vec::new();
            }
        };
        let mut entries = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            self.entry = Some(index);
            let mut entry = Entry { index, ..Entry::default() };
            match item {
                Value::Object(members) => self.members(members, &mut entry),
                Value::Null => {}
                other => self.wrong(other, &format!("Go value of type {record}")),
            }
            entries.push(entry);
        }
        entries
    }

    fn members(&mut self, members: &Map<String, Value>, entry: &mut Entry) {
        let (record, arn) = match self.section {
            Section::MapUsers => ("UserMapping", "userarn"),
            _ => ("RoleMapping", "rolearn"),
        };
        for (key, value) in ordered::members(members) {
            let field = |name: &str, kind: &str| format!("Go struct field {record}.{name} of type {kind}");
            match fold(key).as_str() {
                name if name == arn => self.text(value, &mut entry.arn, &field(arn, "string")),
                "username" => self.text(value, &mut entry.username, &field("username", "string")),
                "userid" => self.text(value, &mut entry.user_id, &field("userid", "string")),
                "groups" => self.groups(value, &mut entry.groups, &field("groups", "[]string")),
                "sso" if self.section == Section::MapRoles => {
                    self.sso(value, &mut entry.sso, &field("sso", "config.SSOARNMatcher"));
                }
                _ => {}
            }
        }
    }

    fn sso(&mut self, value: &Value, sso: &mut Option<Sso>, place: &str) {
        if value.is_null() {
            *sso = None;
            return;
        }
        // Go makes the record before it looks at the type.
        let sso = sso.get_or_insert_default();
        let Value::Object(members) = value else {
            self.wrong(value, place);
            return;
        };
        for (key, value) in ordered::members(members) {
            let place = |name: &str| format!("Go struct field SSOARNMatcher.sso.{name} of type string");
            match fold(key).as_str() {
                "permissionsetname" => self.text(value, &mut sso.permission_set_name, &place("permissionSetName")),
                "accountid" => self.text(value, &mut sso.account_id, &place("accountID")),
                "partition" => self.text(value, &mut sso.partition, &place("partition")),
                _ => {}
            }
        }
    }

    fn groups(&mut self, value: &Value, groups: &mut Vec<String>, place: &str) {
        let items = match value {
            Value::Array(items) => items,
            Value::Null => {
                groups.clear();
                return;
            }
            other => {
                self.wrong(other, place);
                return;
            }
        };
        // An item that is null or of a wrong type leaves what is there: nothing, or what a key in other case put there.
        groups.resize(items.len(), String::new());
        for (group, item) in groups.iter_mut().zip(items) {
            self.text(item, group, &place.replace("[]string", "string"));
        }
    }

    fn text(&mut self, value: &Value, text: &mut String, place: &str) {
        match value {
            Value::String(value) => text.clone_from(value),
            Value::Null => {}
            other => self.wrong(other, place),
        }
    }

    fn wrong(&mut self, value: &Value, place: &str) {
        if self.wrong_type.is_none() {
            let found = match value {
                Value::Null => "null",
                Value::Bool(_) => "bool",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                Value::Object(_) => "object",
            };
            self.wrong_type = Some((format!("json: cannot unmarshal {found} into {place}"), self.entry));
        }
    }
}

/// A key without its case, by Unicode's simple folding; two signs beyond ASCII fold to ASCII letters.
pub(super) fn fold(key: &str) -> String {
    let fold = |c: char| match c {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    };
    key.chars().map(fold).collect()
}

/// mapAccounts is decoded from YAML straight into a list of texts: numbers keep their digits.
fn accounts(text: &str, problems: &mut Vec<Problem>) -> Vec<String> {
    let section = Section::MapAccounts;
    let document = match node::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let line = Some(error.line).filter(|line| *line > 0);
            let (kind, message) = (ProblemKind::Syntax, error.to_string());
            problems.push(Problem { section, kind, message, entry: None, line });
            return Vec::new();
        }
    };
    let mut kept = Vec::new();
    let mut wrong: Vec<(String, usize, Option<usize>)> = Vec::new();
    match document.root().and_then(|root| document.resolved(root)) {
        None => {}
        Some(root) => match &root.kind {
            Kind::Sequence(items) => {
                for (index, item) in items.iter().enumerate() {
                    let (Some(place), Some(node)) = (document.node(*item), document.resolved(*item)) else { continue };
                    match item_text(&node.kind) {
                        Ok(text) => kept.push(text),
                        Err(tag) => {
                            wrong.push((format!("cannot unmarshal {tag} into string"), place.line, Some(index)));
                        }
                    }
                }
            }
            Kind::Scalar { text, plain: true, tag: None } if scalar::resolve(text) == Scalar::Null => {}
            Kind::Scalar { text, plain, .. } => {
                let tag = if *plain { scalar::resolve(text).tag() } else { "!!str" };
                let shown: String = if text.chars().count() > 10 {
                    text.chars().take(7).chain("...".chars()).collect()
                } else {
                    text.clone()
                };
                wrong.push((format!("cannot unmarshal {tag} `{shown}` into []string"), root.line, None));
            }
            _ => wrong.push(("cannot unmarshal !!map into []string".to_owned(), root.line, None)),
        },
    }
    if let Some((_, line, entry)) = wrong.first() {
        let lines: Vec<_> = wrong.iter().map(|(what, line, _)| format!("\n  line {line}: {what}")).collect();
        let message = format!("yaml: unmarshal errors:{}", lines.concat());
        let (line, entry) = (Some(*line), *entry);
        problems.push(Problem { section, kind: ProblemKind::WrongType, message, entry, line });
    }
    kept
}

/// An item of mapAccounts as text: what is written, or nothing for null. `Err` has the type of what is no scalar.
fn item_text(kind: &Kind) -> Result<String, &'static str> {
    match kind {
        Kind::Scalar { text, plain: true, tag: None } if scalar::resolve(text) == Scalar::Null => Ok(String::new()),
        Kind::Scalar { text, .. } => Ok(text.clone()),
        Kind::Sequence(_) => Err("!!seq"),
        Kind::Mapping(_) | Kind::Alias(_) => Err("!!map"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Parsed, parse};

    fn read(section: &str, text: &str) -> Parsed {
        parse(&BTreeMap::from([(section.to_owned(), text.to_owned())]))
    }

    fn codes(parsed: &Parsed) -> Vec<&'static str> {
        parsed.problems.iter().map(|problem| problem.kind.code()).collect()
    }

    #[test]
    fn a_key_in_other_case_with_null_changes_nothing() {
        let parsed = read("mapRoles", "- ROLEARN: a\n  rolearn: ~\n  GROUPS: [x, y]\n  groups: [~, z]\n");
        assert_eq!(parsed.roles[0].arn, "a");
        assert_eq!(parsed.roles[0].groups, ["x", "z"]);
    }

    #[test]
    fn an_sso_of_a_wrong_type_is_an_empty_one() {
        assert_eq!(codes(&read("mapRoles", "- sso: Admin\n")), ["wrong-type", "bad-sso"]);
    }

    #[test]
    fn problems_name_their_entry_and_line() {
        let parsed = read("mapUsers", "- userarn: a\n- username: b\n");
        assert_eq!(parsed.problems[0].entry, Some(1));
        let parsed = read("mapUsers", "- userarn: a\n  username: b: c\n");
        assert_eq!(parsed.problems[0].line, Some(2));
    }

    #[test]
    fn accounts_keep_their_digits() {
        assert_eq!(read("mapAccounts", "- 012345678901\n- ~\n- !!str ~\n").accounts, ["012345678901", "", "~"]);
    }

    #[test]
    fn two_signs_beyond_ascii_fold_to_letters() {
        assert_eq!(super::fold("\u{17f}\u{212a}Y\u{e9}"), "sky\u{e9}");
    }

    #[test]
    fn faults_are_told_as_the_authenticators_decoders_tell_them() {
        let told = |section: &str, text: &str| {
            let parsed = read(section, text);
            parsed.problems.first().map(|problem| (problem.message.clone(), problem.line)).unwrap()
        };
        let accounts =
            |what: &str| (format!("yaml: unmarshal errors:\n  line 1: cannot unmarshal {what} into []string"), Some(1));
        assert_eq!(told("mapAccounts", "abcdefghij"), accounts("!!str `abcdefghij`"));
        assert_eq!(told("mapAccounts", "abcdefghijk"), accounts("!!str `abcdefg...`"));
        assert_eq!(told("mapAccounts", "12"), accounts("!!int `12`"));
        assert_eq!(told("mapAccounts", "a: b"), accounts("!!map"));
        assert_eq!(read("mapAccounts", "~").problems, []);
        let records = [("mapUsers", "config.UserMapping"), ("mapRoles", "config.RoleMapping")];
        for (section, record) in records {
            assert!(told(section, "a: b").0.contains(record), "{section}: {}", told(section, "a: b").0);
        }
        let user = read("mapUsers", "- userarn: a\n  sso: {permissionSetName: p}\n");
        assert_eq!((user.problems.len(), user.users.len(), &user.users[0].sso), (0, 1, &None));
    }
}
