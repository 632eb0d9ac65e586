//! The ClusterConfig file of `-f`: the parts that concern access, node groups, add-ons (eks 19).
//!
//! Members that other commands use are known and passed over; unknown ones are refused, as eksctl does. How eksctl
//! words faults of the file is inferred.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::access_entry::{NewEntry, Policy};
use super::identity_mapping::NewMapping;
use super::irsa::NewServiceAccount;
use super::nodegroup::Group;
use super::tool::Tool;
use crate::aws::eks::AccessScope;
use crate::formats::arn::Arn;
use crate::formats::yaml::load::load;

/// The members at the top.
const MEMBERS: &[&str] = &[
    "accessConfig",
    "addons",
    "addonsConfig",
    "apiVersion",
    "autoModeConfig",
    "availabilityZones",
    "capabilities",
    "cloudWatch",
    "fargateProfiles",
    "gitops",
    "iam",
    "iamIdentityMappings",
    "identityProviders",
    "karpenter",
    "kind",
    "kubernetesNetworkConfig",
    "localZones",
    "managedNodeGroups",
    "metadata",
    "nodeGroups",
    "outpost",
    "privateCluster",
    "remoteNetworkConfig",
    "secretsEncryption",
    "upgradePolicy",
    "vpc",
    "zonalShiftConfig",
];

/// What the file says about access.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterConfig {
    /// `metadata.name`
    pub name: String,
    /// `metadata.region`
    pub region: String,
    /// `accessConfig.authenticationMode`, empty if missing.
    pub mode: String,
    /// `accessConfig.accessEntries`
    pub entries: Vec<NewEntry>,
    /// `iamIdentityMappings`
    pub mappings: Vec<NewMapping>,
    /// `metadata.version`
    pub version: String,
    /// `metadata.tags`
    pub tags: BTreeMap<String, String>,
    /// `accessConfig.bootstrapClusterCreatorAdminPermissions`
    pub bootstrap: Option<bool>,
    /// `iam.withOIDC`
    pub with_oidc: bool,
    /// `iam.serviceRoleARN`
    pub service_role: String,
    /// `iam.serviceAccounts`
    pub service_accounts: Vec<NewServiceAccount>,
    /// `nodeGroups` and `managedNodeGroups`
    pub groups: Vec<Group>,
    /// `addons`: name and version.
    pub addons: Vec<(String, String)>,
}

/// Reads the file that `-f` names; `-` is standard input.
///
/// # Errors
/// It cannot be read, is no ClusterConfig, or does not name its cluster and region.
pub fn read(tool: &mut Tool<'_, '_>, path: &str) -> Result<ClusterConfig, String> {
    let text = match path {
        "-" => tool.ctx.stdin.take().to_owned(),
        path => tool.ctx.session.workstation().read(path).map(str::to_owned).map_err(|error| {
            format!("reading config file {path:?}: open {path}: {}", error.to_string().to_lowercase())
        })?,
    };
    let config = parse(&text).map_err(|why| {
        tool.inferred();
        format!("loading config file {path:?}: {why}")
    })?;
    if config.name.is_empty() {
        return Err("metadata.name must be set".to_owned());
    }
    if config.region.is_empty() {
        return Err("metadata.region must be set".to_owned());
    }
    Ok(config)
}

fn parse(text: &str) -> Result<ClusterConfig, String> {
    let value = load(text).map_err(|error| format!("error converting YAML to JSON: {error}"))?;
    let (kind, version) = (string(&value, "kind")?, string(&value, "apiVersion")?);
    if kind != "ClusterConfig" || version != "eksctl.io/v1alpha5" {
        return Err(format!(
            "expected kind \"ClusterConfig\" of version \"eksctl.io/v1alpha5\", got kind {kind:?} of version {version:?}"
        ));
    }
    known(&value, MEMBERS)?;
    let none = Value::Null;
    let metadata = value.get("metadata").unwrap_or(&none);
    let access = value.get("accessConfig").unwrap_or(&none);
    let iam = value.get("iam").unwrap_or(&none);
    known(access, &["accessEntries", "authenticationMode", "bootstrapClusterCreatorAdminPermissions"])?;
    Ok(ClusterConfig {
        name: string(metadata, "name")?,
        region: string(metadata, "region")?,
        mode: string(access, "authenticationMode")?,
        entries: array(access, "accessEntries")?.iter().map(entry).collect::<Result<_, _>>()?,
        mappings: array(&value, "iamIdentityMappings")?.iter().map(mapping).collect::<Result<_, _>>()?,
        version: text_or_number(metadata, "version")?,
        tags: texts(metadata, "tags")?,
        bootstrap: boolean(access, "bootstrapClusterCreatorAdminPermissions")?,
        with_oidc: boolean(iam, "withOIDC")?.unwrap_or(false),
        service_role: string(iam, "serviceRoleARN")?,
        service_accounts: array(iam, "serviceAccounts")?.iter().map(service_account).collect::<Result<_, _>>()?,
        groups: {
            let own = array(&value, "nodeGroups")?.iter().map(|group| node_group(group, false));
            own.chain(array(&value, "managedNodeGroups")?.iter().map(|group| node_group(group, true)))
                .collect::<Result<_, _>>()?
        },
        addons: array(&value, "addons")?
            .iter()
            .map(|addon| Ok((string(addon, "name")?, string(addon, "version")?)))
            .collect::<Result<_, String>>()?,
    })
}

fn service_account(value: &Value) -> Result<NewServiceAccount, String> {
    let none = Value::Null;
    let metadata = value.get("metadata").unwrap_or(&none);
    let namespace = string(metadata, "namespace")?;
    Ok(NewServiceAccount {
        name: string(metadata, "name")?,
        namespace: if namespace.is_empty() { "default".to_owned() } else { namespace },
        role_name: string(value, "roleName")?,
        role_arn: string(value, "attachRoleARN")?,
        role_only: boolean(value, "roleOnly")?.unwrap_or(false),
        policies: strings(value, "attachPolicyARNs")?,
    })
}

fn node_group(value: &Value, managed: bool) -> Result<Group, String> {
    let none = Value::Null;
    let number = |name: &str| match member(value, name) {
        None => Ok(None),
        Some(number) => number.as_i64().map(Some).ok_or_else(|| wrong(number, name, "int")),
    };
    let mut instance_types = strings(value, "instanceTypes")?;
    instance_types.extend(Some(string(value, "instanceType")?).filter(|kind| !kind.is_empty()));
    let name = text_or_number(value, "name")?;
    if name.is_empty() {
        return Err(format!("{}.name must be set", if managed { "managedNodeGroups[0]" } else { "nodeGroups[0]" }));
    }
    Ok(Group {
        name,
        managed,
        instance_types,
        sizes: [number("minSize")?, number("maxSize")?, number("desiredCapacity")?],
        role: string(value.get("iam").unwrap_or(&none), "instanceRoleARN")?,
        labels: texts(value, "labels")?.into_iter().collect(),
        spot: boolean(value, "spot")?.unwrap_or(false),
    })
}

fn boolean(value: &Value, name: &str) -> Result<Option<bool>, String> {
    match member(value, name) {
        None => Ok(None),
        Some(flag) => flag.as_bool().map(Some).ok_or_else(|| wrong(flag, name, "bool")),
    }
}

/// A text that was written without quotes may look like a number or a truth value.
fn text_or_number(value: &Value, name: &str) -> Result<String, String> {
    match member(value, name) {
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(Value::Bool(flag)) => Ok(flag.to_string()),
        _ => string(value, name),
    }
}

fn texts(value: &Value, name: &str) -> Result<BTreeMap<String, String>, String> {
    match member(value, name) {
        None => Ok(BTreeMap::new()),
        Some(Value::Object(members)) => {
            members.keys().map(|key| Ok((key.clone(), text_or_number(&Value::Object(members.clone()), key)?))).collect()
        }
        Some(other) => Err(wrong(other, name, "map[string]string")),
    }
}

fn entry(value: &Value) -> Result<NewEntry, String> {
    known(value, &["accessPolicies", "kubernetesGroups", "kubernetesUsername", "principalARN", "type"])?;
    Ok(NewEntry {
        principal_arn: arn(value, "principalARN")?,
        kind: string(value, "type")?,
        groups: strings(value, "kubernetesGroups")?,
        username: string(value, "kubernetesUsername")?,
        policies: array(value, "accessPolicies")?.iter().map(policy).collect::<Result<_, _>>()?,
    })
}

fn policy(value: &Value) -> Result<Policy, String> {
    known(value, &["accessScope", "policyARN"])?;
    let scope = value.get("accessScope").unwrap_or(&Value::Null);
    known(scope, &["namespaces", "type"])?;
    let scope = AccessScope { kind: string(scope, "type")?, namespaces: strings(scope, "namespaces")? };
    Ok(Policy { arn: arn(value, "policyARN")?, scope })
}

fn mapping(value: &Value) -> Result<NewMapping, String> {
    known(value, &["account", "arn", "groups", "namespace", "noDuplicateARNs", "serviceName", "username"])?;
    Ok(NewMapping {
        arn: string(value, "arn")?,
        username: string(value, "username")?,
        groups: strings(value, "groups")?,
        account: string(value, "account")?,
        service_name: string(value, "serviceName")?,
        namespace: string(value, "namespace")?,
        no_duplicate_arns: value.get("noDuplicateARNs").and_then(Value::as_bool).unwrap_or(false),
    })
}

/// Refuses members with other names.
fn known(value: &Value, names: &[&str]) -> Result<(), String> {
    let members = match value {
        Value::Null => return Ok(()),
        Value::Object(members) => members,
        other => return Err(format!("json: cannot unmarshal {} into an object", kind_of(other))),
    };
    match members.keys().find(|key| !names.contains(&key.as_str())) {
        Some(key) => Err(format!("error unmarshaling JSON: while decoding JSON: json: unknown field {key:?}")),
        None => Ok(()),
    }
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.as_object().and_then(|members: &Map<String, Value>| members.get(name)).filter(|value| !value.is_null())
}

fn string(value: &Value, name: &str) -> Result<String, String> {
    match member(value, name) {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Err(wrong(other, name, "string")),
    }
}

fn array<'a>(value: &'a Value, name: &str) -> Result<&'a [Value], String> {
    match member(value, name) {
        None => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(other) => Err(wrong(other, name, "list")),
    }
}

fn strings(value: &Value, name: &str) -> Result<Vec<String>, String> {
    let item = |item: &Value| item.as_str().map(str::to_owned).ok_or_else(|| wrong(item, name, "string"));
    array(value, name)?.iter().map(item).collect()
}

fn arn(value: &Value, name: &str) -> Result<String, String> {
    let text = string(value, name)?;
    if member(value, name).is_some() {
        let said = |error| format!("error unmarshaling JSON: while decoding JSON: invalid ARN {text:?}: {error}");
        text.parse::<Arn>().map_err(said)?;
    }
    Ok(text)
}

fn wrong(found: &Value, name: &str, wanted: &str) -> String {
    let found = kind_of(found);
    format!(
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into field {name} of type {wanted}"
    )
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: c, region: r}\n";

    #[test]
    fn access_is_read_and_the_rest_passed_over() {
        let text = format!(
            "{HEAD}nodeGroups: [{{name: n}}]\naccessConfig:\n  authenticationMode: API\n  accessEntries:\n  - principalARN: \
             arn:aws:iam::1:role/r\n    accessPolicies:\n    - policyARN: arn:aws:eks::aws:cluster-access-policy/P\n      \
             accessScope: {{type: namespace, namespaces: [a, \"dev-*\"]}}\n"
        );
        let config = parse(&text).unwrap();
        assert_eq!((config.name.as_str(), config.mode.as_str()), ("c", "API"));
        assert_eq!(config.entries[0].policies[0].scope.namespaces, ["a", "dev-*"]);
    }

    #[test]
    fn faults_are_told() {
        let check = |text: &str, expected: &str| {
            let error = parse(&format!("{HEAD}{text}")).unwrap_err();
            assert!(error.contains(expected), "{error}");
        };
        check("accessEntry: []", "unknown field \"accessEntry\"");
        check("accessConfig: {accessEntries: [{principalArn: x}]}", "unknown field \"principalArn\"");
        check("accessConfig: {accessEntries: [{principalARN: x}]}", "invalid ARN \"x\": arn: invalid prefix");
        check("accessConfig: {accessEntries: x}", "cannot unmarshal string into field accessEntries");
        assert!(parse("kind: Pod").unwrap_err().contains("got kind \"Pod\""));
        assert!(parse("[").is_err());
    }
}
