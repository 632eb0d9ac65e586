//! The resource table: kinds, plural names, short names, groups, verbs, as a Kubernetes server's discovery lists them
//! (recorded from `kubectl api-resources` of 1.33; cli 8.1); [`SINCE`] says which other versions have what. Custom resource definitions add rows at run time.

use std::borrow::Cow;

use serde_json::Value;

use super::releases;

/// A kind of objects that the server serves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "members are those of the discovery API")]
pub struct Resource {
    /// API group, empty for core.
    pub group: Cow<'static, str>,
    pub version: Cow<'static, str>,
    pub plural: Cow<'static, str>,
    pub singular: Cow<'static, str>,
    pub kind: Cow<'static, str>,
    pub short_names: Vec<Cow<'static, str>>,
    pub namespaced: bool,
    pub verbs: &'static [&'static str],
    /// In the category `all` (`kubectl get all`).
    pub in_all: bool,
}

impl Resource {
    /// `v1` or `GROUP/VERSION`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_string() } else { format!("{}/{}", self.group, self.version) }
    }

    /// `plural` or `plural.group`.
    pub fn qualified(&self) -> String {
        super::status::qualified(&self.plural, &self.group)
    }
}

const FULL: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
/// Namespaces are deleted one by one.
const NO_COLLECTION: &[&str] = &["create", "delete", "get", "list", "patch", "update", "watch"];
const CREATE: &[&str] = &["create"];
const READ: &[&str] = &["get", "list"];

/// Group, version, plural, kind, short names, namespaced, verbs, in category `all`.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, bool, &'static [&'static str], bool);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    ("", "v1", "bindings", "Binding", "", true, CREATE, false),
    ("", "v1", "componentstatuses", "ComponentStatus", "cs", false, READ, false),
    ("", "v1", "configmaps", "ConfigMap", "cm", true, FULL, false),
    ("", "v1", "endpoints", "Endpoints", "ep", true, FULL, false),
    ("", "v1", "events", "Event", "ev", true, FULL, false),
    ("", "v1", "limitranges", "LimitRange", "limits", true, FULL, false),
    ("", "v1", "namespaces", "Namespace", "ns", false, NO_COLLECTION, false),
    ("", "v1", "nodes", "Node", "no", false, FULL, false),
    ("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", "pvc", true, FULL, false),
    ("", "v1", "persistentvolumes", "PersistentVolume", "pv", false, FULL, false),
    ("", "v1", "pods", "Pod", "po", true, FULL, true),
    ("", "v1", "podtemplates", "PodTemplate", "", true, FULL, false),
    ("", "v1", "replicationcontrollers", "ReplicationController", "rc", true, FULL, true),
    ("", "v1", "resourcequotas", "ResourceQuota", "quota", true, FULL, false),
    ("", "v1", "secrets", "Secret", "", true, FULL, false),
    ("", "v1", "serviceaccounts", "ServiceAccount", "sa", true, FULL, false),
    ("", "v1", "services", "Service", "svc", true, FULL, true),
    ("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", "", false, FULL, false),
    ("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", "", false, FULL, false),
    ("admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", "", false, FULL, false),
    ("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", "", false, FULL, false),
    ("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", "crd,crds", false, FULL, false),
    ("apiregistration.k8s.io", "v1", "apiservices", "APIService", "", false, FULL, false),
    ("apps", "v1", "controllerrevisions", "ControllerRevision", "", true, FULL, false),
    ("apps", "v1", "daemonsets", "DaemonSet", "ds", true, FULL, true),
    ("apps", "v1", "deployments", "Deployment", "deploy", true, FULL, true),
    ("apps", "v1", "replicasets", "ReplicaSet", "rs", true, FULL, true),
    ("apps", "v1", "statefulsets", "StatefulSet", "sts", true, FULL, true),
    ("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", "", false, CREATE, false),
    ("authentication.k8s.io", "v1", "tokenreviews", "TokenReview", "", false, CREATE, false),
    ("authorization.k8s.io", "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview", "", true, CREATE, false),
    ("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", "", false, CREATE, false),
    ("authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", "", false, CREATE, false),
    ("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", "", false, CREATE, false),
    ("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", "hpa", true, FULL, true),
    ("batch", "v1", "cronjobs", "CronJob", "cj", true, FULL, true),
    ("batch", "v1", "jobs", "Job", "", true, FULL, true),
    ("certificates.k8s.io", "v1", "certificatesigningrequests", "CertificateSigningRequest", "csr", false, FULL, false),
    ("coordination.k8s.io", "v1", "leases", "Lease", "", true, FULL, false),
    ("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", "", true, FULL, false),
    ("events.k8s.io", "v1", "events", "Event", "ev", true, FULL, false),
    ("flowcontrol.apiserver.k8s.io", "v1", "flowschemas", "FlowSchema", "", false, FULL, false),
    ("flowcontrol.apiserver.k8s.io", "v1", "prioritylevelconfigurations", "PriorityLevelConfiguration", "", false, FULL, false),
    ("networking.k8s.io", "v1", "ingressclasses", "IngressClass", "", false, FULL, false),
    ("networking.k8s.io", "v1", "ingresses", "Ingress", "ing", true, FULL, false),
    ("networking.k8s.io", "v1", "ipaddresses", "IPAddress", "ip", false, FULL, false),
    ("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", "netpol", true, FULL, false),
    ("networking.k8s.io", "v1", "servicecidrs", "ServiceCIDR", "", false, FULL, false),
    ("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", "", false, FULL, false),
    ("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", "pdb", true, FULL, false),
    ("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", "", false, FULL, false),
    ("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", "", false, FULL, false),
    ("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", "", true, FULL, false),
    ("rbac.authorization.k8s.io", "v1", "roles", "Role", "", true, FULL, false),
    ("resource.k8s.io", "v1", "deviceclasses", "DeviceClass", "", false, FULL, false),
    ("resource.k8s.io", "v1", "resourceclaims", "ResourceClaim", "", true, FULL, false),
    ("resource.k8s.io", "v1", "resourceclaimtemplates", "ResourceClaimTemplate", "", true, FULL, false),
    ("resource.k8s.io", "v1", "resourceslices", "ResourceSlice", "", false, FULL, false),
    ("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", "pc", false, FULL, false),
    ("storage.k8s.io", "v1", "csidrivers", "CSIDriver", "", false, FULL, false),
    ("storage.k8s.io", "v1", "csinodes", "CSINode", "", false, FULL, false),
    ("storage.k8s.io", "v1", "csistoragecapacities", "CSIStorageCapacity", "", true, FULL, false),
    ("storage.k8s.io", "v1", "storageclasses", "StorageClass", "sc", false, FULL, false),
    ("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", "", false, FULL, false),
    ("storage.k8s.io", "v1", "volumeattributesclasses", "VolumeAttributesClass", "vac", false, FULL, false),
];

/// Group, plural name and the first minor version that serves the kind by default; the other kinds are older than the
/// versions known here.
const SINCE: &[(&str, &str, u8)] = &[
    ("admissionregistration.k8s.io", "validatingadmissionpolicies", 30),
    ("admissionregistration.k8s.io", "validatingadmissionpolicybindings", 30),
    ("networking.k8s.io", "ipaddresses", 33),
    ("networking.k8s.io", "servicecidrs", 33),
    ("resource.k8s.io", "deviceclasses", 34),
    ("resource.k8s.io", "resourceclaims", 34),
    ("resource.k8s.io", "resourceclaimtemplates", 34),
    ("resource.k8s.io", "resourceslices", 34),
    ("storage.k8s.io", "volumeattributesclasses", 34),
];

/// Further group versions that a server lists besides those of its kinds (`kubectl api-versions`), and the last minor
/// version that does.
const FURTHER_VERSIONS: &[(&str, u8)] = &[("autoscaling/v1", u8::MAX), ("flowcontrol.apiserver.k8s.io/v1beta3", 31)];

/// The group versions that a server of Kubernetes 1.`minor` lists besides those of its kinds.
pub fn further_versions(minor: u8) -> impl Iterator<Item = &'static str> {
    FURTHER_VERSIONS.iter().filter(move |(_, last)| minor <= *last).map(|(version, _)| *version)
}

/// Whether a server of Kubernetes 1.`minor` serves a built-in kind.
pub fn is_served(resource: &Resource, minor: u8) -> bool {
    is_since(&resource.group, &resource.plural, minor)
}

fn is_since(group: &str, plural: &str, minor: u8) -> bool {
    SINCE.iter().find(|since| since.0 == group && since.1 == plural).is_none_or(|since| since.2 <= minor)
}

/// The kinds that every cluster of the usual version serves, in discovery order.
pub fn built_in() -> Vec<Resource> {
    built_in_of(releases::DEFAULT)
}

/// The kinds that every cluster of Kubernetes 1.`minor` serves, in discovery order.
pub fn built_in_of(minor: u8) -> Vec<Resource> {
    TABLE.iter().filter(|row| is_since(row.0, row.2, minor)).map(from_row).collect()
}

/// The built-in kind of any version with this group and plural name.
pub fn find(group: &str, plural: &str) -> Option<Resource> {
    TABLE.iter().find(|row| row.2 == plural && row.0 == group).map(from_row)
}

fn from_row(&(group, version, plural, kind, short, namespaced, verbs, in_all): &Row) -> Resource {
    Resource {
        group: group.into(),
        version: version.into(),
        plural: plural.into(),
        singular: kind.to_ascii_lowercase().into(),
        kind: kind.into(),
        short_names: short.split(',').filter(|s| !s.is_empty()).map(Cow::from).collect(),
        namespaced,
        verbs,
        in_all,
    }
}

/// The kind that a CustomResourceDefinition object adds; `None` if the definition lacks a needed member.
/// Of several versions the storage version counts.
pub fn from_definition(definition: &Value) -> Option<Resource> {
    let spec = definition.get("spec")?;
    let names = spec.get("names")?;
    let text = |from: &Value, key: &str| from.get(key).and_then(Value::as_str).map(|s| Cow::from(s.to_owned()));
    let versions = spec.get("versions")?.as_array()?;
    let stored = |v: &&Value| v.get("storage").and_then(Value::as_bool) == Some(true);
    let version = versions.iter().find(stored).or(versions.first())?;
    let kind = text(names, "kind")?;
    let short = names.get("shortNames").and_then(Value::as_array).into_iter().flatten();
    let all = names.get("categories").and_then(Value::as_array).into_iter().flatten().any(|c| c == "all");
    Some(Resource {
        group: text(spec, "group")?,
        version: text(version, "name")?,
        plural: text(names, "plural")?,
        singular: text(names, "singular").unwrap_or_else(|| kind.to_ascii_lowercase().into()),
        kind,
        short_names: short.filter_map(|s| s.as_str().map(|s| Cow::from(s.to_owned()))).collect(),
        namespaced: text(spec, "scope")? == "Namespaced",
        verbs: FULL,
        in_all: all,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_has_singulars_and_groups() {
        for row in built_in() {
            assert_eq!(find(&row.group, &row.plural).as_ref(), Some(&row));
        }
        assert_eq!(find("", "deployments"), None);
        let deployments = find("apps", "deployments").unwrap();
        assert_eq!(deployments.singular, "deployment");
        assert_eq!(deployments.qualified(), "deployments.apps");
        assert_eq!(deployments.short_names, ["deploy"]);
    }

    #[test]
    fn definitions_add_kinds() {
        let definition = serde_json::json!({"spec": {
            "group": "example.com", "scope": "Namespaced",
            "names": {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"]},
            "versions": [{"name": "v1alpha1", "storage": false}, {"name": "v1", "storage": true}],
        }});
        let widgets = from_definition(&definition).unwrap();
        assert_eq!((widgets.api_version().as_str(), widgets.singular.as_ref()), ("example.com/v1", "widget"));
        assert!(from_definition(&serde_json::json!({"spec": {"group": "x"}})).is_none());
    }
}
