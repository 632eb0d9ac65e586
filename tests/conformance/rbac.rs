//! Runs the `rbac` cases: worlds of roles and bindings with questions (`tests/vectors/rbac/README.md`).

#![expect(clippy::indexing_slicing, reason = "a missing member of a JSON value reads as null")]

use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;

use eks_access_playground::k8s::attributes::{Action, UserInfo};
use eks_access_playground::k8s::escalation::{BindingWrite, RoleWrite, check_binding_write, check_role_write};
use eks_access_playground::k8s::rbac::{Binding, BindingKey, ClusterRole, PolicyRule, Rbac, Role};
use eks_access_playground::k8s::resolve::{authorize, explain, is_super_user};
use eks_access_playground::k8s::rules_review::rules_for;
use eks_access_playground::k8s::who_can::who_can;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::report::{Report, json_files, read_json, same};

/// Runs every question of every world below `dir`. A case is `FILE/LIST/INDEX`.
pub fn run(dir: &Path, report: &mut Report) {
    for path in json_files(dir) {
        let id = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let world = read_json(&path).and_then(|json| World::load(json, &id));
        let world = match world {
            Ok(world) => world,
            Err(why) => {
                report.case(id, || Err(why));
                continue;
            }
        };
        let mut each = |list: &str, check: fn(&World, &Value) -> Result<(), String>| {
            for (i, case) in items(&world.json, list).enumerate() {
                report.case(format!("{id}/{list}/{i}"), || check(&world, case));
            }
        };
        each("queries", World::query);
        each("rulesFor", World::rules_for);
        each("whoCan", World::who_can);
        each("grants", World::grant);
        for (name, rules) in world.json["aggregated"].as_object().into_iter().flatten() {
            report.case(format!("{id}/aggregated/{name}"), || {
                let role = world.rbac.cluster_role(name).ok_or("no such cluster role")?;
                same(&to_json(&read::<Vec<PolicyRule>>(rules)?), &to_json(&role.rules))
            });
        }
    }
}

struct World {
    json: Value,
    rbac: Rbac,
    users: Vec<UserInfo>,
}

impl World {
    fn load(json: Value, id: &str) -> Result<Self, String> {
        if json["format"] != "rbac-world/1" {
            return Err(format!("{id}: unknown format {}", json["format"]));
        }
        let mut rbac = if json["bootstrap"] == true { Rbac::bootstrap() } else { Rbac::default() };
        for role in items(&json, "clusterRoles") {
            let labels = if role["labels"].is_null() { Ok(Default::default()) } else { read(&role["labels"]) };
            rbac.insert_cluster_role(text(role, "name"), labels?, read::<ClusterRole>(role)?);
        }
        for role in items(&json, "roles") {
            rbac.insert_role(text(role, "namespace"), text(role, "name"), read::<Role>(role)?);
        }
        for list in ["clusterRoleBindings", "roleBindings"] {
            for binding in items(&json, list) {
                rbac.insert_binding(key(binding, list == "roleBindings"), read_binding(binding)?);
            }
        }
        let user = |s: &Value| {
            Ok(UserInfo { username: text(s, "user").to_owned(), groups: read(&s["groups"])?, ..UserInfo::default() })
        };
        let users = items(&json, "subjects").map(user).collect::<Result<_, String>>()?;
        Ok(Self { json, rbac, users })
    }

    fn user(&self, case: &Value) -> Result<&UserInfo, String> {
        let index = case["s"].as_u64().ok_or("no subject")?;
        self.users.get(usize::try_from(index).map_err(|e| e.to_string())?).ok_or_else(|| "no such subject".to_owned())
    }

    /// The decision; the explanation agrees, and names the same bindings as candidates as the case does.
    fn query(&self, case: &Value) -> Result<(), String> {
        let (user, action) = (self.user(case)?, action(case)?);
        let decision = authorize(&self.rbac, user, &action);
        let actual = json!({ "allowed": decision.allowed, "reason": decision.reason });
        same(&json!({ "allowed": case["allowed"], "reason": case["reason"] }), &actual)?;
        if is_super_user(user) {
            return Ok(());
        }
        let explanation = explain(&self.rbac, user, &action);
        if explanation.decision != decision {
            return Err(format!("decided {decision:?}\n  explained {:?}", explanation.decision));
        }
        if decision.allowed {
            let expected: BTreeSet<String> =
                items(case, "alt").chain([&case["reason"]]).map(read).collect::<Result<_, _>>()?;
            let allowing = explanation.considered.iter().filter(|considered| {
                considered.rules.as_ref().is_ok_and(|rules| rules.iter().any(|tried| tried.outcome.is_ok()))
            });
            // Cluster role bindings always come first, so only bindings of the same kind compete.
            let allowing: Vec<_> = allowing.map(|considered| considered.grant).collect();
            let kind = allowing.first().map(|grant| grant.key.kind());
            let found: BTreeSet<String> =
                allowing.iter().filter(|grant| Some(grant.key.kind()) == kind).map(|grant| grant.reason()).collect();
            same(&to_json(&expected), &to_json(&found))?;
        }
        Ok(())
    }

    fn rules_for(&self, case: &Value) -> Result<(), String> {
        let mut expected = case.clone();
        expected.as_object_mut().into_iter().for_each(|map| map.retain(|key, _| key != "s" && key != "namespace"));
        let review = rules_for(&self.rbac, self.user(case)?, text(case, "namespace"));
        same(&expected, &to_json(&review))
    }

    fn who_can(&self, case: &Value) -> Result<(), String> {
        let answer = who_can(&self.rbac, &action(case)?);
        let mut subjects = answer.subjects;
        subjects.iter_mut().for_each(|subject| subject.api_group.clear());
        let expected = json!({ "subjects": case["subjects"], "error": text(case, "error") });
        same(&expected, &json!({ "subjects": subjects, "error": answer.error }))
    }

    fn grant(&self, case: &Value) -> Result<(), String> {
        let user = self.user(case)?;
        let authorize = |user: &UserInfo, action: &Action| authorize(&self.rbac, user, action).allowed;
        let (namespaced, update) = (case["kind"] == "Role" || case["kind"] == "RoleBinding", case["op"] == "update");
        let result = if case["binding"].is_object() {
            let binding = read_binding(&case["binding"])?;
            let key = key(&case["binding"], namespaced);
            let unchanged = update && self.rbac.binding(&key).is_some_and(|old| **old == binding);
            let write = BindingWrite { key: &key, role_ref: &binding.role_ref, unchanged };
            check_binding_write(&self.rbac, user, &write, authorize)
        } else {
            let (name, role) = (text(&case["role"], "name"), read::<ClusterRole>(&case["role"])?);
            let old = self.rbac.cluster_role(name).filter(|_| update && !namespaced);
            let unchanged = if namespaced {
                let old = self.rbac.role(text(&case["role"], "namespace"), name).filter(|_| update);
                old.is_some_and(|old| old.rules == role.rules)
            } else {
                old.is_some_and(|old| **old == role)
            };
            let write = RoleWrite {
                namespace: namespaced.then(|| text(&case["role"], "namespace")),
                name,
                request_name: if update { name } else { "" },
                rules: &role.rules,
                unchanged,
                aggregates: !role.selectors().is_empty() || old.is_some_and(|old| !old.selectors().is_empty()),
            };
            check_role_write(&self.rbac, user, &write, authorize)
        };
        let error = result.as_ref().err().map(ToString::to_string).unwrap_or_default();
        let expected = json!({ "ok": case["ok"], "error": text(case, "error") });
        same(&expected, &json!({ "ok": result.is_ok(), "error": error }))
    }
}

fn action(case: &Value) -> Result<Action, String> {
    let url = || Action::Url { verb: text(case, "verb").to_owned(), path: text(case, "path").to_owned() };
    if case["path"].is_string() { Ok(url()) } else { read(case).map(Action::Resource) }
}

fn read_binding(json: &Value) -> Result<Binding, String> {
    let mut binding: Binding = read(json)?;
    binding.apply_defaults();
    Ok(binding)
}

fn key(json: &Value, namespaced: bool) -> BindingKey {
    let namespace: Option<Rc<str>> = namespaced.then(|| text(json, "namespace").into());
    BindingKey { namespace, name: text(json, "name").into() }
}

fn items<'a>(json: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    json[list].as_array().into_iter().flatten()
}

fn text<'a>(json: &'a Value, field: &str) -> &'a str {
    json[field].as_str().unwrap_or_default()
}

fn read<T: DeserializeOwned>(json: &Value) -> Result<T, String> {
    serde_json::from_value(json.clone()).map_err(|e| format!("{e}: {json}"))
}

fn to_json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
