//! `eksctl get|create|delete iamidentitymapping`: lines of the aws-auth ConfigMap (iam 4), read and written through the
//! Kubernetes API as the current IAM identity.
//!
//! What is written is what eksctl writes: `mapRoles` and `mapUsers` whole and in its own order of members, `[]` when
//! empty, without members that it does not know.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::printer::{self, Format};
use super::tool::{Cluster, Outcome, Tool};
use super::{config_file, decode, required_cluster, service};
use crate::aws::aws_auth::Section;
use crate::engine::KubeRequest;
use crate::engine::authn::AWS_AUTH;
use crate::engine::request::GroupResource;
use crate::formats::arn::Arn;
use crate::formats::yaml::emit::emit;

/// A mapping to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "members of the config file, and flags")]
pub struct NewMapping {
    pub arn: String,
    pub username: String,
    pub groups: Vec<String>,
    pub account: String,
    pub service_name: String,
    pub namespace: String,
    pub no_duplicate_arns: bool,
}

impl NewMapping {
    fn names_identity(&self) -> bool {
        !self.arn.is_empty() || !self.username.is_empty() || !self.groups.is_empty()
    }

    /// eksctl's own checks before it looks at the cluster's aws-auth (eks 19.1).
    fn check(&self) -> Outcome {
        let Self { arn, username, groups, account, service_name, namespace, .. } = self;
        let fault = if !service_name.is_empty() && !arn.is_empty() && !username.is_empty() && !groups.is_empty() {
            "cannot use arn, username, and groups with serviceName"
        } else if !service_name.is_empty() && namespace.is_empty() {
            "namespace is required when using serviceName"
        } else if service_name.is_empty() && !namespace.is_empty() {
            "serviceName is required when using namespace"
        } else if !account.is_empty() && (self.names_identity() || !service_name.is_empty()) {
            "account cannot be configured with any other options"
        } else {
            return Ok(());
        };
        Err(fault.to_owned())
    }
}

/// A line of mapRoles or mapUsers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The section it was found in decides whether its ARN is called `rolearn` or `userarn`.
    pub section: Section,
    /// The ARN.
    pub arn: String,
    /// The user name, or empty.
    pub username: String,
    /// The groups.
    pub groups: Vec<String>,
}

impl Mapping {
    /// `role` or `user`: the section decides, whatever the ARN says (eks 20.1).
    pub fn kind(&self) -> &'static str {
        if self.section == Section::MapUsers { "user" } else { "role" }
    }

    fn shape(&self) -> Value {
        let mut members = Map::new();
        let name = if self.section == Section::MapUsers { "userarn" } else { "rolearn" };
        members.insert(name.to_owned(), self.arn.clone().into());
        if !self.username.is_empty() {
            members.insert("username".to_owned(), self.username.clone().into());
        }
        if !self.groups.is_empty() {
            members.insert("groups".to_owned(), self.groups.clone().into());
        }
        Value::Object(members)
    }
}

/// The ConfigMap.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuthConfigMap {
    /// The object as the server has it; `None` if there is none, or none with data.
    object: Option<Value>,
    data: BTreeMap<String, String>,
    /// The lines of mapRoles, then those of mapUsers.
    pub mappings: Vec<Mapping>,
    /// The accounts of mapAccounts.
    pub accounts: Vec<String>,
}

fn config_maps() -> GroupResource {
    GroupResource::new("", "configmaps")
}

fn namespace() -> Option<String> {
    Some(AWS_AUTH.0.to_owned())
}

/// Gets the ConfigMap; it need not exist.
///
/// # Errors
/// The server refuses; a section cannot be read.
pub fn load(tool: &mut Tool<'_, '_>, cluster: &Cluster) -> Outcome<AuthConfigMap> {
    let request = KubeRequest::Get { resource: config_maps(), namespace: namespace(), name: AWS_AUTH.1.to_owned() };
    let found =
        tool.look_up(cluster, request).map_err(|status| format!("getting auth ConfigMap: {}", status.message))?;
    let Some(object) = found else { return Ok(AuthConfigMap::default()) };
    let Some(members) = object.get("data").and_then(Value::as_object) else { return Ok(AuthConfigMap::default()) };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let data = members.iter().map(|(key, value)| (key.clone(), text(value))).collect();
    read(data).map(|map| AuthConfigMap { object: Some(object), ..map })
}

/// Reads the sections. Unlike the authenticator, eksctl gives up on what it cannot read (eks 19.1).
fn read(data: BTreeMap<String, String>) -> Outcome<AuthConfigMap> {
    let text = |section: Section| data.get(section.as_str()).map(String::as_str).unwrap_or_default();
    let mut mappings = decode::mappings(Section::MapRoles, text(Section::MapRoles))?;
    mappings.extend(decode::mappings(Section::MapUsers, text(Section::MapUsers))?);
    let accounts = decode::accounts(text(Section::MapAccounts))?;
    Ok(AuthConfigMap { object: None, mappings, accounts, data })
}

/// The sections as eksctl writes them.
pub(super) fn write_mappings(map: &mut AuthConfigMap) {
    for section in [Section::MapRoles, Section::MapUsers] {
        let lines = map.mappings.iter().filter(|mapping| mapping.section == section).map(Mapping::shape).collect();
        map.data.insert(section.as_str().to_owned(), emit(&Value::Array(lines)));
    }
}

fn write_accounts(map: &mut AuthConfigMap) {
    map.data.insert(Section::MapAccounts.as_str().to_owned(), emit(&json!(map.accounts)));
}

pub(super) fn save(tool: &mut Tool<'_, '_>, cluster: &Cluster, map: &AuthConfigMap) -> Outcome {
    let data = json!(map.data);
    let (dry_run, strict, resource) = (false, false, config_maps());
    let request = match &map.object {
        Some(object) => {
            let mut object = object.clone();
            if let Some(members) = object.as_object_mut() {
                members.insert("data".to_owned(), data);
            }
            let name = AWS_AUTH.1.to_owned();
            KubeRequest::Update { resource, namespace: namespace(), name, object, dry_run, strict }
        }
        None => {
            let metadata = json!({ "name": AWS_AUTH.1, "namespace": AWS_AUTH.0 });
            let object = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data });
            KubeRequest::Create { resource, namespace: namespace(), object, dry_run, strict }
        }
    };
    tool.kube(cluster, request).map(|_| ()).map_err(|status| status.message)
}

/// `eksctl get iamidentitymapping`.
///
/// # Errors
/// See [`load`]; no line with the ARN asked for.
pub fn get(tool: &mut Tool<'_, '_>) -> Outcome {
    let format = tool.format()?;
    let (name, region) = required_cluster(tool)?;
    let cluster = tool.connect(&name, region.as_deref())?;
    let map = load(tool, &cluster)?;
    let wanted = tool.parsed.text("arn").to_owned();
    let chosen: Vec<&Mapping> = map.mappings.iter().filter(|m| wanted.is_empty() || m.arn == wanted).collect();
    let accounts: &[String] = if wanted.is_empty() { &map.accounts } else { &[] };
    if !wanted.is_empty() && chosen.is_empty() {
        return Err(format!("no iamidentitymapping with arn {wanted:?} found"));
    }
    if format == Format::Table {
        let line = |m: &Mapping| vec![m.arn.clone(), m.username.clone(), m.groups.join(","), String::new()];
        let mut rows: Vec<Vec<String>> = chosen.into_iter().map(line).collect();
        rows.extend(accounts.iter().map(|account| vec![String::new(), String::new(), String::new(), account.clone()]));
        tool.out.push_str(&printer::table("iamidentitymappings", &["ARN", "USERNAME", "GROUPS", "ACCOUNT"], rows));
        return Ok(());
    }
    let mut items: Vec<Value> = chosen.into_iter().map(Mapping::shape).collect();
    // How accounts look in JSON is inferred.
    items.extend(accounts.iter().map(|account| json!({ "account": account })));
    tool.out.push_str(&printer::list(items, format));
    Ok(())
}

/// `eksctl create iamidentitymapping`.
///
/// # Errors
/// What is to be mapped is incomplete or no user or role; see [`load`].
pub fn create(tool: &mut Tool<'_, '_>) -> Outcome {
    let parsed = tool.parsed;
    let (name, region, wanted) = match parsed.value("config-file") {
        Some(path) => {
            let config = config_file::read(tool, path)?;
            (config.name, Some(config.region), config.mappings)
        }
        None => {
            let (name, region) = required_cluster(tool)?;
            let mapping = NewMapping {
                arn: parsed.text("arn").to_owned(),
                username: parsed.text("username").to_owned(),
                groups: parsed.list("group"),
                account: parsed.text("account").to_owned(),
                service_name: parsed.text("service-name").to_owned(),
                namespace: parsed.text("namespace").to_owned(),
                no_duplicate_arns: parsed.on("no-duplicate-arns"),
            };
            (name, region, vec![mapping])
        }
    };
    let cluster = tool.connect(&name, region.as_deref())?;
    // The original asks for the kinds of the server first, and stumbles there if it is not let in.
    if let Err(status) = tool.kube(&cluster, KubeRequest::Discovery) {
        return Err(format!("getting list of API resources for raw REST client: {}", status.message));
    }
    wanted.iter().try_for_each(|mapping| create_checked(tool, &cluster, mapping))
}

/// Makes one mapping of a config file, after eksctl's own checks.
///
/// # Errors
/// See [`create`].
pub fn create_checked(tool: &mut Tool<'_, '_>, cluster: &Cluster, wanted: &NewMapping) -> Outcome {
    wanted.check()?;
    create_one(tool, cluster, wanted)
}

/// Adds a line.
///
/// # Errors
/// See [`load`].
pub fn add(tool: &mut Tool<'_, '_>, cluster: &Cluster, line: Mapping) -> Outcome {
    let mut map = load(tool, cluster)?;
    tool.info(format!("adding identity {:?} to auth ConfigMap", line.arn));
    map.mappings.push(line);
    write_mappings(&mut map);
    save(tool, cluster, &map)
}

fn create_one(tool: &mut Tool<'_, '_>, cluster: &Cluster, wanted: &NewMapping) -> Outcome {
    let mut map = load(tool, cluster)?;
    if !wanted.service_name.is_empty() {
        return service::grant(tool, cluster, &wanted.service_name, &wanted.namespace, map);
    }
    if !wanted.account.is_empty() {
        map.accounts.push(wanted.account.clone());
        map.accounts.sort();
        map.accounts.dedup();
        tool.info(format!("adding account {:?} to auth ConfigMap", wanted.account));
        write_accounts(&mut map);
        return save(tool, cluster, &map);
    }
    let new = identity(wanted)?;
    tool.info(format!("checking arn {} against entries in the auth ConfigMap", new.arn));
    for known in &map.mappings {
        if known.arn != new.arn {
            continue;
        }
        if wanted.no_duplicate_arns && known.username == new.username && known.groups == new.groups {
            tool.warn("found existing mapping that matches the one being created, skipping.");
            return Ok(());
        }
        if wanted.no_duplicate_arns {
            return Err(format!("found existing mapping with the same arn {:?} and shadowing is disabled", new.arn));
        }
        tool.warn(format!(
            "found existing mappings with same arn {:?} (which will be shadowed by your new mapping)",
            new.arn
        ));
        break;
    }
    tool.info(format!("adding identity {:?} to auth ConfigMap", new.arn));
    map.mappings.push(new);
    write_mappings(&mut map);
    save(tool, cluster, &map)
}

/// The line for what is wanted.
fn identity(wanted: &NewMapping) -> Outcome<Mapping> {
    let NewMapping { arn, username, groups, .. } = wanted;
    if arn.is_empty() {
        return Err("expected a valid arn but got empty string".to_owned());
    }
    if username.is_empty() && groups.is_empty() {
        return Err("neither username nor group are set for iam identity".to_owned());
    }
    let parsed = arn.parse::<Arn>().map_err(|error| error.to_string())?;
    let section = match parsed.kind() {
        "user" => Section::MapUsers,
        "role" => Section::MapRoles,
        _ => return Err("arn is neither user nor role".to_owned()),
    };
    Ok(Mapping { section, arn: arn.clone(), username: username.clone(), groups: groups.clone() })
}

/// `eksctl delete iamidentitymapping`.
///
/// # Errors
/// Nothing to delete was named, or it is not there; see [`load`].
pub fn delete(tool: &mut Tool<'_, '_>) -> Outcome {
    let parsed = tool.parsed;
    let (arn, account) = (parsed.text("arn").to_owned(), parsed.text("account").to_owned());
    if arn.is_empty() == account.is_empty() {
        return Err("either --arn or --account must be set".to_owned());
    }
    let (name, region) = required_cluster(tool)?;
    let cluster = tool.connect(&name, region.as_deref())?;
    let mut map = load(tool, &cluster)?;
    if !account.is_empty() {
        let Some(at) = map.accounts.iter().position(|known| *known == account) else {
            return Err(format!("account {account:?} not found in auth ConfigMap"));
        };
        tool.info(format!("removing account {account:?} from auth ConfigMap"));
        map.accounts.remove(at);
        write_accounts(&mut map);
        return save(tool, &cluster, &map);
    }
    let all = parsed.on("all");
    let mut kept = Vec::new();
    let mut removed = 0;
    for mapping in std::mem::take(&mut map.mappings) {
        if mapping.arn != arn || removed > 0 && !all {
            kept.push(mapping);
            continue;
        }
        removed += 1;
        // Groups as Go prints a list of texts with %q: ["a" "b"].
        let groups: Vec<String> = mapping.groups.iter().map(|group| format!("{group:?}")).collect();
        tool.info(format!(
            "removing identity {arn:?} from auth ConfigMap (username = {:?}, groups = [{}])",
            mapping.username,
            groups.join(" ")
        ));
    }
    if removed == 0 && !all {
        return Err(format!("instance identity ARN {arn:?} not found in auth ConfigMap"));
    }
    map.mappings = kept;
    write_mappings(&mut map);
    save(tool, &cluster, &map)?;
    let left = map.mappings.iter().filter(|mapping| mapping.arn == arn).count();
    if left > 0 {
        tool.warn(format!("there are {left} mappings left with same arn {arn:?} (use --all to delete them at once)"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(roles: &str, users: &str) -> BTreeMap<String, String> {
        [("mapRoles", roles), ("mapUsers", users)].map(|(key, text)| (key.to_owned(), text.to_owned())).into()
    }

    #[test]
    fn sections_are_written_whole_in_the_tools_own_order() {
        let roles = "- username: u\n  groups: [b, a]\n  rolearn: arn:aws:iam::1:role/r\n  sso: null\n  extra: x\n";
        let mut map = read(data(roles, "")).unwrap();
        write_mappings(&mut map);
        assert_eq!(map.data["mapRoles"], "- groups:\n  - b\n  - a\n  rolearn: arn:aws:iam::1:role/r\n  username: u\n");
        assert_eq!(map.data["mapUsers"], "[]\n");
    }

    #[test]
    fn a_line_stays_in_its_section_whatever_its_arn_says() {
        let mut map = read(data("[]", "- userarn: arn:aws:iam::1:role/r\n  username: u\n")).unwrap();
        write_mappings(&mut map);
        assert_eq!(map.data["mapUsers"], "- userarn: arn:aws:iam::1:role/r\n  username: u\n");
    }

    #[test]
    fn options_that_exclude_each_other_are_refused_in_eksctls_order() {
        // eks 19.1.
        let check = |members: [&str; 6], expected: &str| {
            let [arn, username, group, account, service_name, namespace] = members.map(str::to_owned);
            let groups = if group.is_empty() { Vec::new() } else { vec![group] };
            let mapping =
                NewMapping { arn, username, groups, account, service_name, namespace, no_duplicate_arns: false };
            assert_eq!(mapping.check().err().unwrap_or_default(), expected, "{mapping:?}");
        };
        check(["a", "u", "g", "1", "s", ""], "cannot use arn, username, and groups with serviceName");
        check(["a", "u", "", "", "s", ""], "namespace is required when using serviceName");
        check(["a", "u", "", "", "s", "n"], "");
        check(["", "", "", "1", "", "n"], "serviceName is required when using namespace");
        for members in [["a", "", "", "1", "", ""], ["", "", "g", "1", "", ""], ["", "", "", "1", "s", "n"]] {
            check(members, "account cannot be configured with any other options");
        }
        check(["", "", "", "1", "", ""], "");
    }
}
