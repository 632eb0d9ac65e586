//! Access policies and their associations (eks 9).

use std::rc::Rc;

use serde_json::{Value, json};

use super::entries::changeable_principal;
use super::{change, cluster_with_entries, page, shape};
use crate::aws::access_policy;
use crate::aws::eks::{
    AccessPolicy, AccessScope, AssociateAccessPolicyRequest, AssociatedAccessPolicy, DisassociateAccessPolicyRequest,
    EntryType, ListAssociatedAccessPoliciesRequest, Paging,
};
use crate::aws::exception::Exception;
use crate::engine::iam;
use crate::engine::world::{Association, Cluster, Entry, World};

/// ListAccessPolicies: names no cluster and always works (eks 1.5).
pub fn list_access_policies(world: &World, input: &Paging) -> Result<Value, Exception> {
    let shown =
        |p: &&access_policy::AccessPolicy| shape(AccessPolicy { name: p.name.clone(), arn: p.arn(&world.partition) });
    let items = world.policies().iter().map(shown).collect();
    page("accessPolicies", items, input.max_results, input.next_token.as_deref(), &[])
}

fn entry<'a>(cluster: &'a Cluster, principal: &str) -> Result<&'a Rc<Entry>, Exception> {
    cluster.entries.get(principal).ok_or_else(Exception::no_entry)
}

/// Whether the text is an ARN of the service, whatever it names (eks 9.6).
pub fn is_policy_arn(arn: &str) -> bool {
    let mut parts = arn.split(':');
    parts.next() == Some("arn") && parts.nth(1) == Some("eks") && parts.next().is_some()
}

/// AssociateAccessPolicy. A policy already there gets the new scope, whole (eks 9.3).
pub fn associate(world: &mut World, input: &AssociateAccessPolicyRequest) -> Result<Value, Exception> {
    let now = world.clock;
    changeable_principal(&input.principal_arn)?;
    let cluster = cluster_with_entries(world, &input.cluster_name)?;
    let found = entry(cluster, &input.principal_arn)?;
    if !is_policy_arn(&input.policy_arn) {
        return Err(Exception::policy_format(input.policy_arn.starts_with("arn:")));
    }
    let listed = world.policies();
    let policy =
        listed.iter().find(|p| p.arn(&world.partition) == input.policy_arn).ok_or_else(Exception::no_policy)?;
    // eks 5.2; Auto Mode nodes take the one policy that is made for them (eks 5).
    let fits = match found.kind {
        EntryType::Standard => true,
        EntryType::Ec2 => policy.name == "AmazonEKSAutoNodePolicy",
        _ => false,
    };
    if !fits {
        return Err(Exception::only_standard());
    }
    if policy.service_linked_only() {
        return Err(Exception::reserved_policy());
    }
    let scope = check_scope(&input.access_scope)?;
    let mut changed = (**found).clone();
    let association = match changed.policies.iter_mut().find(|a| a.policy_arn == input.policy_arn) {
        Some(association) => {
            association.scope = scope;
            association.modified_at = now;
            association.clone()
        }
        None => {
            let association =
                Association { policy_arn: input.policy_arn.clone(), scope, associated_at: now, modified_at: now };
            changed.policies.push(association.clone());
            association
        }
    };
    change(world, &input.cluster_name)?.entries.insert(input.principal_arn.clone(), Rc::new(changed));
    Ok(json!({
        "clusterName": input.cluster_name,
        "principalArn": input.principal_arn,
        "associatedAccessPolicy": shape(describe(&association)),
    }))
}

fn check_scope(scope: &AccessScope) -> Result<AccessScope, Exception> {
    match (scope.kind.as_str(), scope.namespaces.is_empty()) {
        ("cluster", true) | ("namespace", false) => Ok(scope.clone()),
        ("cluster", false) => Err(Exception::scope_takes_no_namespaces()),
        ("namespace", true) => Err(Exception::scope_needs_namespaces()),
        (kind, _) => Err(Exception::scope_type(kind)),
    }
}

fn describe(association: &Association) -> AssociatedAccessPolicy {
    AssociatedAccessPolicy {
        policy_arn: association.policy_arn.clone(),
        access_scope: association.scope.clone(),
        associated_at: association.associated_at,
        modified_at: association.modified_at,
    }
}

/// DisassociateAccessPolicy.
pub fn disassociate(world: &mut World, input: &DisassociateAccessPolicyRequest) -> Result<Value, Exception> {
    changeable_principal(&input.principal_arn)?;
    let cluster = cluster_with_entries(world, &input.cluster_name)?;
    let mut changed = (**entry(cluster, &input.principal_arn)?).clone();
    let before = changed.policies.len();
    changed.policies.retain(|association| association.policy_arn != input.policy_arn);
    if changed.policies.len() == before {
        return Err(Exception::not_associated());
    }
    change(world, &input.cluster_name)?.entries.insert(input.principal_arn.clone(), Rc::new(changed));
    Ok(Value::Null)
}

/// ListAssociatedAccessPolicies.
pub fn list_associated(world: &World, input: &ListAssociatedAccessPoliciesRequest) -> Result<Value, Exception> {
    iam::principal_arn(&input.principal_arn)?;
    let found = entry(cluster_with_entries(world, &input.cluster_name)?, &input.principal_arn)?;
    let items = found.policies.iter().map(|association| shape(describe(association))).collect();
    let others = [("clusterName", json!(input.cluster_name)), ("principalArn", json!(input.principal_arn))];
    page("associatedAccessPolicies", items, input.max_results, input.next_token.as_deref(), &others)
}
