//! Runs the `rbac-validation` cases: objects and what the field validation says of them.

#![expect(clippy::indexing_slicing, reason = "a missing member of a JSON value reads as null")]

use std::collections::BTreeMap;
use std::path::Path;

use eks_access_playground::k8s::rbac::Binding;
use eks_access_playground::k8s::validate::{self, Metadata};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::report::{Report, json_files, read_json, same};

/// Runs every case of every file below `dir`.
pub fn run(dir: &Path, report: &mut Report) {
    for path in json_files(dir) {
        match read_json(&path) {
            Err(why) => report.case(path.display().to_string(), || Err(why)),
            Ok(file) => {
                for case in file["cases"].as_array().into_iter().flatten() {
                    report.case(case["id"].as_str().unwrap_or("no id"), || check(case));
                }
            }
        }
    }
}

fn check(case: &Value) -> Result<(), String> {
    let (kind, object) = (case["kind"].as_str().unwrap_or_default(), &case["object"]);
    let of = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
    let map = |field: &str| read::<Option<BTreeMap<String, String>>>(&object["metadata"][field]);
    let (labels, annotations) = (map("labels")?, map("annotations")?);
    let metadata = Metadata {
        name: of("name"),
        generate_name: of("generateName"),
        namespace: of("namespace"),
        labels: labels.as_ref(),
        annotations: annotations.as_ref(),
    };
    let mut errors = match kind {
        "Role" => validate::role(&metadata, &read(object)?),
        "ClusterRole" => validate::cluster_role(&metadata, &read(object)?),
        "RoleBinding" => validate::role_binding(&metadata, &binding(object)?),
        "ClusterRoleBinding" => validate::cluster_role_binding(&metadata, &binding(object)?),
        _ => return Err(format!("unknown kind {kind}")),
    };
    if kind.ends_with("Binding") && case["old"].is_object() {
        errors.extend(validate::binding_update(&binding(object)?, &binding(&case["old"])?));
    }
    let texts: Vec<_> = errors.iter().map(ToString::to_string).collect();
    same(&case["errors"], &json!(texts))?;
    if errors.is_empty() {
        return Ok(());
    }
    let kind = format!("{kind}.rbac.authorization.k8s.io");
    same(&case["message"], &json!(validate::invalid_message(&kind, metadata.name, &errors)))
}

fn binding(object: &Value) -> Result<Binding, String> {
    let mut binding: Binding = read(object)?;
    binding.apply_defaults();
    Ok(binding)
}

fn read<T: DeserializeOwned>(json: &Value) -> Result<T, String> {
    serde_json::from_value(json.clone()).map_err(|e| format!("{e}: {json}"))
}
