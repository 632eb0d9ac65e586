//! Pod identity associations (eks 26): which role the pods of a service account get.

use std::rc::Rc;

use serde_json::{Value, json};

use super::integrations::{Made, arn, shown};
use super::{change, cluster, page};
use crate::aws::exception::Exception;
use crate::aws::iam::{IamRole, PrincipalArn, PrincipalKind, short_id};
use crate::engine::request::Members;
use crate::engine::world::World;

/// Who assumes the roles of associations.
const SERVICE: &str = "pods.eks.amazonaws.com";

fn describe(world: &World, cluster: &str, made: &Made) -> Value {
    let id = id(made);
    let member = |name: &str| made.input.get(name).cloned().unwrap_or_default();
    shown([
        ("clusterName", json!(cluster)),
        ("namespace", member("namespace")),
        ("serviceAccount", member("serviceAccount")),
        ("roleArn", member("roleArn")),
        ("associationArn", json!(arn(world, "podidentityassociation", cluster, &id))),
        ("associationId", json!(id)),
        ("tags", made.input.get("tags").cloned().unwrap_or_else(|| json!({}))),
        ("createdAt", json!(made.created_at.aws_text())),
        ("modifiedAt", json!(made.modified_at.aws_text())),
        ("ownerArn", member("ownerArn")),
        ("disableSessionTags", member("disableSessionTags")),
        ("targetRoleArn", member("targetRoleArn")),
        ("policy", member("policy")),
    ])
}

/// `a-` and 17 small letters and digits.
fn id(made: &Made) -> String {
    format!("a-{}", short_id(made.serial))
}

/// What is checked before the cluster is looked up.
fn check_form(world: &World, input: &Members) -> Result<(), Exception> {
    let is_label = |text: &str| {
        let ends = text.chars().next().into_iter().chain(text.chars().last());
        !text.is_empty()
            && !ends.into_iter().any(|c| c == '-')
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    if input.text("namespace").is_some_and(|text| !is_label(text)) {
        return Err(Exception::parameter_characters("namespace", "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"));
    }
    if input.text("serviceAccount").is_some_and(|text| !text.split('.').all(is_label)) {
        let pattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
        return Err(Exception::parameter_characters("serviceAccount", pattern));
    }
    check_account(world, input.text("roleArn"))
}

/// A role of another account cannot be passed.
pub(super) fn check_account(world: &World, role: Option<&str>) -> Result<(), Exception> {
    let arn = role.and_then(|role| role.parse::<PrincipalArn>().ok());
    match arn.filter(|arn| arn.account() != world.account) {
        Some(_) => Err(Exception::cross_account_role()),
        None => Ok(()),
    }
}

/// The role must exist, and EKS must be allowed to give it to pods.
fn check_role(world: &World, input: &Members) -> Result<(), Exception> {
    let Some(text) = input.text("roleArn") else { return Ok(()) };
    let arn = text.parse::<PrincipalArn>().ok().filter(|arn| arn.kind() == PrincipalKind::Role);
    let arn = arn.ok_or_else(|| Exception::no_role_for_pods(text))?;
    let role = world.roles.iter().find(|role| role.arn(&world.partition, &world.account) == arn.to_string());
    let role = role.ok_or_else(|| Exception::no_role_for_pods(text))?;
    let trusts = |action: &str| trusts_service(role, SERVICE, action);
    if trusts("sts:AssumeRole") && trusts("sts:TagSession") { Ok(()) } else { Err(Exception::pod_trust()) }
}

/// Whether the role's trust policy allows a service an action.
fn trusts_service(role: &IamRole, service: &str, action: &str) -> bool {
    let has = |value: Option<&Value>, wanted: &str| match value {
        Some(Value::String(text)) => text.eq_ignore_ascii_case(wanted),
        Some(Value::Array(items)) => items.iter().any(|item| item.as_str() == Some(wanted)),
        _ => false,
    };
    let statements = match role.trust.as_ref().and_then(|trust| trust.get("Statement")) {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    statements.iter().any(|statement| {
        statement.get("Effect").and_then(Value::as_str) == Some("Allow")
            && has(statement.pointer("/Principal/Service"), service)
            && has(statement.get("Action"), action)
    })
}

/// CreatePodIdentityAssociation.
pub fn create(world: &mut World, input: &Members) -> Result<Value, Exception> {
    check_form(world, input)?;
    let name = input.text("clusterName").unwrap_or_default();
    let found = cluster(world, name)?;
    if input.text("policy").is_some() && input.on("disableSessionTags") != Some(true) {
        return Err(Exception::policy_needs_no_tags());
    }
    check_role(world, input)?;
    let place = |input: &Members| ["namespace", "serviceAccount"].map(|member| input.text(member).map(str::to_owned));
    if let Some((id, _)) =
        found.integrations.pod_identities.iter().find(|(_, known)| place(&known.input) == place(input))
    {
        return Err(Exception::association_exists(id));
    }
    let made = Made::new(world, input);
    let answer = describe(world, name, &made);
    change(world, name)?.integrations.pod_identities.insert(id(&made), Rc::new(made));
    Ok(json!({ "association": answer }))
}

/// The association, or the service's refusal.
fn find<'a>(world: &'a World, input: &Members) -> Result<&'a Rc<Made>, Exception> {
    let found = cluster(world, input.text("clusterName").unwrap_or_default())?;
    let id = input.text("associationId").unwrap_or_default();
    found.integrations.pod_identities.get(id).ok_or_else(|| Exception::no_association(id))
}

/// DescribePodIdentityAssociation.
pub fn show(world: &World, input: &Members) -> Result<Value, Exception> {
    let made = find(world, input)?;
    Ok(json!({ "association": describe(world, input.text("clusterName").unwrap_or_default(), made) }))
}

/// ListPodIdentityAssociations, of a namespace or a service account if one is named.
pub fn list(world: &World, input: &Members) -> Result<Value, Exception> {
    let name = input.text("clusterName").unwrap_or_default();
    let found = cluster(world, name)?;
    let fits = |made: &&Rc<Made>| {
        ["namespace", "serviceAccount"]
            .iter()
            .all(|member| input.text(member).is_none_or(|wanted| made.input.text(member) == Some(wanted)))
    };
    let summary = |made: &Rc<Made>| {
        let mut whole = describe(world, name, made);
        if let Some(members) = whole.as_object_mut() {
            let kept = ["clusterName", "namespace", "serviceAccount", "associationArn", "associationId", "ownerArn"];
            members.retain(|member, _| kept.contains(&member.as_str()));
        }
        whole
    };
    let mut made: Vec<&Rc<Made>> = found.integrations.pod_identities.values().filter(fits).collect();
    made.sort_by_key(|made| made.serial);
    let items = made.into_iter().map(summary).collect();
    page("associations", items, input.count("maxResults"), input.text("nextToken"), &[])
}

/// UpdatePodIdentityAssociation.
pub fn update(world: &mut World, input: &Members) -> Result<Value, Exception> {
    check_account(world, input.text("roleArn"))?;
    let made = Rc::clone(find(world, input)?);
    check_role(world, input)?;
    let name = input.text("clusterName").unwrap_or_default();
    let mut made = (*made).clone();
    made.modified_at = world.clock;
    made.input.overlay(input, &["roleArn", "disableSessionTags", "targetRoleArn", "policy"]);
    let answer = describe(world, name, &made);
    change(world, name)?.integrations.pod_identities.insert(id(&made), Rc::new(made));
    Ok(json!({ "association": answer }))
}

/// DeletePodIdentityAssociation.
pub fn delete(world: &mut World, input: &Members) -> Result<Value, Exception> {
    let answer = show(world, input)?;
    let id = input.text("associationId").unwrap_or_default();
    change(world, input.text("clusterName").unwrap_or_default())?.integrations.pod_identities.remove(id);
    Ok(answer)
}
