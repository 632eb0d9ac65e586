//! Runs the `iam` cases: one array of cases a file, the format by the file's name (`tests/vectors/iam/README.md`).

#![allow(clippy::indexing_slicing, reason = "a missing member of a JSON value reads as null")]

use std::collections::BTreeMap;
use std::path::Path;

use eks_access_playground::aws::aws_auth::{self, Entry, Mapping, Parsed};
use eks_access_playground::aws::iam::PrincipalArn;
use eks_access_playground::aws::mapper::{self, Backend, Decision, FileEntry, FileStore, Source, Surroundings};
use eks_access_playground::aws::names::{NameKind, check_entry_username, check_name, default_entry_username};
use eks_access_playground::aws::sts;
use serde_json::{Map, Value, json};

use crate::report::{Report, json_files, read_json, same};

/// Runs every case below `dir`.
pub fn run(dir: &Path, report: &mut Report) {
    for path in json_files(dir) {
        let file = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let cases = match read_json(&path) {
            Ok(Value::Array(cases)) => cases,
            Ok(_) => return report.case(file, || Err("not an array of cases".to_owned())),
            Err(why) => return report.case(file, || Err(why)),
        };
        for case in &cases {
            report.case(format!("{file}/{}", text(&case["id"])), || check(&file, &case["input"], &case["expected"]));
        }
    }
}

fn check(file: &str, input: &Value, expected: &Value) -> Result<(), String> {
    match file {
        "arn-canonicalize" => same(&words(expected), &canonicalize(input)),
        "arn-strip-path" => same(&words(expected), &strip_path(input)),
        "arn-like" => same(&words(expected), &arn_like(input)),
        "caller-identity" => same(&words(expected), &caller_identity(input)?),
        "name-validity" => same(expected, &name_validity(input)?),
        "access-entry-username" => same(expected, &entry_username(input)?),
        "aws-auth-parse" => same(&words(expected), &parsed(&aws_auth::parse(&strings(&input["data"])))),
        "aws-auth-mapping" | "mapper-chain" => mapping(input, expected),
        other => Err(format!("unknown file {other}")),
    }
}

/// What is expected, without the words of the original program.
fn words(expected: &Value) -> Value {
    match expected {
        Value::Object(members) => {
            Value::Object(members.iter().filter(|(k, _)| *k != "message").map(|(k, v)| (k.clone(), words(v))).collect())
        }
        Value::Array(items) => items.iter().map(words).collect(),
        other => other.clone(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|item| text(item).to_owned()).collect()
}

fn strings(value: &Value) -> BTreeMap<String, String> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), text(value).to_owned())).collect()
}

fn canonicalize(input: &Value) -> Value {
    match sts::canonicalize(text(&input["arn"])) {
        Ok((kind, arn)) => json!({"type": kind.as_str(), "canonicalArn": arn}),
        Err(error) => json!({"error": error.code()}),
    }
}

fn strip_path(input: &Value) -> Value {
    match sts::strip_path(text(&input["arn"])) {
        Ok(arn) => json!({"stripped": arn}),
        Err(error) => json!({"error": error.code()}),
    }
}

fn arn_like(input: &Value) -> Value {
    match sts::arn_like(text(&input["arn"]), text(&input["pattern"])) {
        Ok(matches) => json!({"match": matches}),
        Err(_) => json!({"error": "unparsable"}),
    }
}

fn caller(input: &Value) -> Result<sts::Caller, String> {
    serde_json::from_value(input["caller"].clone()).map_err(|error| error.to_string())
}

fn caller_identity(input: &Value) -> Result<Value, String> {
    match sts::identity(&caller(input)?) {
        Ok(identity) => serde_json::to_value(identity).map_err(|error| error.to_string()),
        Err(error) => Ok(json!({"error": error.code()})),
    }
}

fn name_validity(input: &Value) -> Result<Value, String> {
    let kind = match text(&input["kind"]) {
        "accountId" => NameKind::AccountId,
        "roleName" => NameKind::RoleName,
        "userName" => NameKind::UserName,
        "groupName" => NameKind::GroupName,
        "roleSessionName" => NameKind::RoleSessionName,
        "federationTokenName" => NameKind::FederationTokenName,
        "path" => NameKind::Path,
        "accessKeyId" => NameKind::AccessKeyId,
        "uniqueId" => NameKind::UniqueId,
        "permissionSetName" => NameKind::PermissionSetName,
        other => return Err(format!("unknown kind {other}")),
    };
    Ok(match check_name(kind, text(&input["value"])) {
        Ok(()) => json!({"valid": true}),
        Err(error) => json!({"valid": false, "reason": error.code()}),
    })
}

fn entry_username(input: &Value) -> Result<Value, String> {
    let principal: PrincipalArn = text(&input["principalArn"])
        .parse()
        .map_err(|error: eks_access_playground::aws::iam::NotAPrincipal| error.to_string())?;
    let Some(username) = input["username"].as_str() else {
        return Ok(json!({"username": default_entry_username(&principal, text(&input["type"]))}));
    };
    Ok(match check_entry_username(username) {
        Ok(()) => json!({"valid": true}),
        Err(error) => json!({"valid": false, "reason": error.code()}),
    })
}

fn parsed(parsed: &Parsed) -> Value {
    let entry = |entry: &Entry, arn: &str| {
        let mut shown = Map::new();
        match &entry.sso {
            Some(sso) => {
                let mut members = Map::new();
                members.insert("accountID".to_owned(), json!(sso.account_id));
                members.insert("permissionSetName".to_owned(), json!(sso.permission_set_name));
                if !sso.partition.is_empty() {
                    members.insert("partition".to_owned(), json!(sso.partition));
                }
                shown.insert("sso".to_owned(), Value::Object(members));
            }
            None => {
                shown.insert(arn.to_owned(), json!(entry.arn));
            }
        }
        if !entry.user_id.is_empty() {
            shown.insert("userid".to_owned(), json!(entry.user_id));
        }
        shown.insert("username".to_owned(), json!(entry.username));
        shown.insert("groups".to_owned(), json!(entry.groups));
        Value::Object(shown)
    };
    let store = parsed.store();
    let stored = |mappings: &BTreeMap<String, Mapping>| -> Map<String, Value> {
        let shown = |mapping: &Mapping| json!({"username": mapping.username, "groups": mapping.groups});
        mappings.iter().map(|(key, mapping)| (key.clone(), shown(mapping))).collect()
    };
    let problems = parsed.problems.iter().map(|p| json!({"section": p.section.as_str(), "kind": p.kind.code()}));
    json!({
        "roles": parsed.roles.iter().map(|role| entry(role, "rolearn")).collect::<Value>(),
        "users": parsed.users.iter().map(|user| entry(user, "userarn")).collect::<Value>(),
        "accounts": parsed.accounts,
        "errors": problems.collect::<Value>(),
        "store": {"roles": stored(&store.roles), "users": stored(&store.users), "accounts": store.accounts},
    })
}

fn mapping(input: &Value, expected: &Value) -> Result<(), String> {
    let backends: Result<Vec<Backend>, String> =
        input["backends"].as_array().into_iter().flatten().map(backend).collect();
    let around = Surroundings {
        ec2_private_dns_names: strings(&input["ec2PrivateDnsNames"]),
        sso_role_match: input["ssoRoleMatch"] == json!(true),
    };
    let outcome = mapper::authenticate(&backends?, &caller(input)?, &around);
    let chosen = decision(&outcome.decision);
    let Some(choices) = expected["oneOf"].as_array() else {
        if !outcome.is_fixed() {
            return Err(format!("not fixed, but it should be: {:?}", outcome.alternatives));
        }
        return same(&words(expected), &chosen);
    };
    // Exactly the decisions listed must be possible, and ours must be one of them.
    let mut possible: Vec<String> = outcome.alternatives.iter().map(decision).map(|d| sorted(&d)).collect();
    possible.push(sorted(&chosen));
    possible.sort();
    let mut wanted: Vec<String> = choices.iter().map(|choice| sorted(&words(choice))).collect();
    wanted.sort();
    if possible == wanted { Ok(()) } else { Err(format!("expected one of {wanted:?}\n  actual {possible:?}")) }
}

/// A value as text that does not depend on the order of members.
fn sorted(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    value.to_string()
}

fn decision(decision: &Decision) -> Value {
    match decision {
        Decision::Mapped(mapped) => json!({
            "decision": "mapped", "username": mapped.username, "groups": mapped.groups,
            "uid": mapped.uid, "extra": mapped.extra,
        }),
        Decision::Denied(denial) => json!({"decision": "denied", "reason": denial.code()}),
    }
}

fn backend(value: &Value) -> Result<Backend, String> {
    let source = match text(&value["mode"]) {
        "EKSConfigMap" => Source::ConfigMap(aws_auth::parse(&strings(&value["data"])).store()),
        "DynamicFile" => Source::DynamicFile(FileStore {
            roles: file_entries(&value["dynamic"]["mapRoles"], "rolearn"),
            users: file_entries(&value["dynamic"]["mapUsers"], "userarn"),
            accounts: texts(&value["dynamic"]["mapAccounts"]),
            user_id_strict: value["userIdStrict"] == json!(true),
        }),
        other => return Err(format!("unknown mode {other}")),
    };
    Ok(Backend { source, reserved_username_prefixes: texts(&value["reservedUsernamePrefixes"]) })
}

fn file_entries(value: &Value, arn: &str) -> Vec<FileEntry> {
    let entry = |(index, entry): (usize, &Value)| FileEntry {
        arn: text(&entry[arn]).to_owned(),
        user_id: text(&entry["userid"]).to_owned(),
        mapping: Mapping {
            username: text(&entry["username"]).to_owned(),
            groups: texts(&entry["groups"]),
            index,
            is_pattern: false,
        },
    };
    value.as_array().into_iter().flatten().enumerate().map(entry).collect()
}
