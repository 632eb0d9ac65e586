//! OIDC identity provider configurations of a cluster (eks 26). Tokens of such providers are not simulated.

use std::rc::Rc;

use serde_json::{Value, json};

use super::integrations::{Made, arn, shown, update};
use super::{change, cluster, page};
use crate::aws::exception::Exception;
use crate::engine::request::Members;
use crate::engine::world::{World, uuid};

const MEMBERS: [&str; 7] =
    ["issuerUrl", "clientId", "usernameClaim", "usernamePrefix", "groupsClaim", "groupsPrefix", "requiredClaims"];

fn name_of(config: Option<&Value>, member: &str) -> String {
    config.and_then(|config| config.get(member)).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// AssociateIdentityProviderConfig.
pub fn associate(world: &mut World, input: &Members) -> Result<Value, Exception> {
    let cluster_name = input.text("clusterName").unwrap_or_default();
    let found = cluster(world, cluster_name)?;
    let oidc = input.get("oidc");
    for member in ["usernamePrefix", "groupsPrefix"] {
        if name_of(oidc, member).starts_with("system:") {
            return Err(Exception::reserved_oidc_prefix());
        }
    }
    if !name_of(oidc, "issuerUrl").starts_with("https://") {
        return Err(Exception::oidc_issuer_scheme());
    }
    if !found.integrations.identity_providers.is_empty() {
        return Err(Exception::one_identity_provider(cluster_name));
    }
    let name = name_of(oidc, "identityProviderConfigName");
    let made = Made::new(world, input);
    change(world, cluster_name)?.integrations.identity_providers.insert(name.clone(), Rc::new(made));
    let tags = input.get("tags").cloned().unwrap_or_else(|| json!({}));
    Ok(json!({ "update": step(world, "AssociateIdentityProviderConfig", &name), "tags": tags }))
}

fn step(world: &mut World, kind: &str, name: &str) -> Value {
    let value = json!([{ "type": "oidc", "name": name }]).to_string();
    update(world, kind, &[("IdentityProviderConfig", value)])
}

fn find<'a>(world: &'a World, input: &Members) -> Result<(String, &'a Rc<Made>), Exception> {
    let found = cluster(world, input.text("clusterName").unwrap_or_default())?;
    let config = input.get("identityProviderConfig");
    let name = name_of(config, "name");
    let made = found.integrations.identity_providers.get(&name).filter(|_| name_of(config, "type") == "oidc");
    made.map(|made| (name.clone(), made)).ok_or_else(|| Exception::no_identity_provider(&name))
}

/// DescribeIdentityProviderConfig.
pub fn show(world: &World, input: &Members) -> Result<Value, Exception> {
    let (name, made) = find(world, input)?;
    let cluster_name = input.text("clusterName").unwrap_or_default();
    let path = format!("oidc/{name}/{}", uuid(made.serial));
    let oidc = made.input.get("oidc");
    let mut members = vec![
        ("identityProviderConfigName", json!(name)),
        ("identityProviderConfigArn", json!(arn(world, "identityproviderconfig", cluster_name, &path))),
        ("clusterName", json!(cluster_name)),
    ];
    members.extend(MEMBERS.map(|member| (member, oidc.and_then(|oidc| oidc.get(member)).cloned().unwrap_or_default())));
    members.push(("tags", made.input.get("tags").cloned().unwrap_or_else(|| json!({}))));
    members.push(("status", json!("ACTIVE")));
    Ok(json!({ "identityProviderConfig": { "oidc": shown(members) } }))
}

/// ListIdentityProviderConfigs.
pub fn list(world: &World, input: &Members) -> Result<Value, Exception> {
    let found = cluster(world, input.text("clusterName").unwrap_or_default())?;
    let items = found.integrations.identity_providers.keys().map(|name| json!({ "type": "oidc", "name": name }));
    page("identityProviderConfigs", items.collect(), input.count("maxResults"), input.text("nextToken"), &[])
}

/// DisassociateIdentityProviderConfig.
pub fn disassociate(world: &mut World, input: &Members) -> Result<Value, Exception> {
    let (name, _) = find(world, input)?;
    change(world, input.text("clusterName").unwrap_or_default())?.integrations.identity_providers.remove(&name);
    Ok(json!({ "update": step(world, "DisassociateIdentityProviderConfig", &name) }))
}
