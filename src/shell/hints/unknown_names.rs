//! Verbs, API groups and resources that no server knows: RBAC takes every text (rbac 5). The page says the same sentences.

use serde_json::Value;

use super::Facts;
use crate::engine::{Cluster, KubeRequest};
use crate::k8s::attributes::Action;
use crate::k8s::names;
use crate::k8s::rbac::PolicyRule;

/// In a question, or in the rules of a role that was written.
pub fn find(facts: &Facts<'_>) -> Option<String> {
    if facts.call.error.is_some() {
        return None;
    }
    let (cluster, request) = facts.kube()?;
    let remarks = match request {
        KubeRequest::SelfSubjectAccessReview { action } => of_question(cluster, action),
        _ => rules(cluster, request)?
            .iter()
            .flat_map(|rule| names::remarks(&cluster.objects.resources(), rule))
            .collect(),
    };
    (!remarks.is_empty()).then(|| remarks.join(" "))
}

fn of_question(cluster: &Cluster, action: &Action) -> Vec<String> {
    let asked = match action {
        Action::Resource(asked) => asked,
        Action::Url { verb, .. } => {
            return names::check_url_verb(verb).map(|unknown| names::verb_remark(verb, &unknown)).into_iter().collect();
        }
    };
    let kinds = cluster.objects.resources();
    let is_known = kinds.iter().any(|kind| kind.plural == asked.resource && kind.group == asked.api_group);
    // What kubectl did not find is in the review as it was typed, with its group.
    let (resource, group) = match asked.resource.split_once('.') {
        _ if is_known => (asked.resource.as_str(), Some(asked.api_group.as_str())),
        Some((resource, group)) => (resource, Some(group)),
        None => (asked.resource.as_str(), Some(asked.api_group.as_str()).filter(|group| !group.is_empty())),
    };
    let written =
        if asked.subresource.is_empty() { resource.to_owned() } else { format!("{resource}/{}", asked.subresource) };
    names::question_remarks(&kinds, &asked.verb, group, &written)
}

/// The rules of a role, as the call has them; those of a patch as they are now.
fn rules(cluster: &Cluster, request: &KubeRequest) -> Option<Vec<PolicyRule>> {
    let of_object = |object: &Value| {
        let rules = object.get("rules").and_then(Value::as_array).into_iter().flatten();
        rules.map(|rule| serde_json::from_value(rule.clone()).unwrap_or_default()).collect()
    };
    let is_role = |resource: &str| ["roles", "clusterroles"].contains(&resource);
    match request {
        KubeRequest::Create { resource, object, .. } | KubeRequest::Update { resource, object, .. }
            if is_role(&resource.resource) =>
        {
            Some(of_object(object))
        }
        KubeRequest::Patch { resource, namespace, name, .. } if is_role(&resource.resource) => {
            let rbac = cluster.objects.rbac();
            match namespace {
                Some(namespace) => rbac.role(namespace, name).map(|role| role.rules.clone()),
                None => rbac.cluster_role(name).map(|role| role.rules.clone()),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::session::{Session, scenario};
    use crate::shell::terminal;

    /// The hints of the last line.
    fn hints(lines: &str) -> Vec<String> {
        let mut session = Session::new(scenario::walkthrough());
        terminal::run(&mut session, lines).pop().unwrap().hints
    }

    #[test]
    fn rules_of_roles_are_looked_at() {
        let verb = "No request has the verb \"lst\". Did you mean \"list\"?";
        let resource =
            "The cluster has no resource \"deploymnts\" in API group \"apps\". Did you mean \"deployments\"?";
        let manifest = "kubectl apply -f - <<'EOF'
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r}
rules: [{apiGroups: [apps], resources: [deploymnts], verbs: [get]}]
EOF";
        assert_eq!(hints("kubectl create role r --verb=lst --resource=pods"), [verb]);
        assert_eq!(hints("kubectl create clusterrole r --verb=lst,get --resource=pods"), [verb]);
        assert_eq!(hints(manifest), [resource]);
        assert_eq!(hints(&format!("kubectl create role r --verb=get --resource=pods\n{manifest}")), [resource]);
        assert!(hints("kubectl create role r --verb=get --resource=pods").is_empty());
    }
}
