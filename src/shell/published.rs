//! Manifests for access that AWS publishes, by address: our own versions with the same names and rules, so that the
//! commands of AWS's documentation work without a network (cli 12.5).

/// The bucket of AWS under its addresses.
const BUCKETS: [&str; 4] = [
    "s3.us-west-2.amazonaws.com/amazon-eks/",
    "s3-us-west-2.amazonaws.com/amazon-eks/",
    "amazon-eks.s3.us-west-2.amazonaws.com/",
    "amazon-eks.s3-us-west-2.amazonaws.com/",
];

/// What is known, one address of each.
pub const ADDRESSES: [&str; 3] = [
    "https://s3.us-west-2.amazonaws.com/amazon-eks/docs/eks-console-full-access.yaml",
    "https://s3.us-west-2.amazonaws.com/amazon-eks/docs/eks-console-restricted-access.yaml",
    "https://s3.us-west-2.amazonaws.com/amazon-eks/cloudformation/2020-10-29/aws-auth-cm.yaml",
];

/// What the console reads of namespaced objects: API groups and resources.
const READ: &[(&str, &str)] = &[
    (
        "",
        "pods configmaps endpoints events limitranges persistentvolumeclaims podtemplates replicationcontrollers \
         resourcequotas secrets serviceaccounts services",
    ),
    ("apps", "deployments daemonsets statefulsets replicasets"),
    ("batch", "jobs cronjobs"),
    ("coordination.k8s.io", "leases"),
    ("discovery.k8s.io", "endpointslices"),
    ("events.k8s.io", "events"),
    ("extensions", "daemonsets deployments ingresses networkpolicies replicasets"),
    ("networking.k8s.io", "ingresses networkpolicies"),
    ("policy", "poddisruptionbudgets"),
    ("rbac.authorization.k8s.io", "rolebindings roles"),
    ("storage.k8s.io", "csistoragecapacities"),
];

const AWS_AUTH: &str = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: aws-auth
  namespace: kube-system
data:
  mapRoles: |
    - rolearn: <ARN of instance role (not instance profile)>
      username: system:node:{{EC2PrivateDNSName}}
      groups:
        - system:bootstrappers
        - system:nodes
";

/// The text at an address; `None` if the simulation does not have it.
pub fn find(url: &str) -> Option<String> {
    let address = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let path = BUCKETS.iter().find_map(|bucket| address.strip_prefix(bucket))?;
    match path {
        "docs/eks-console-full-access.yaml" => Some(full_access()),
        "docs/eks-console-restricted-access.yaml" => Some(restricted_access()),
        _ if path.rsplit('/').next() == Some("aws-auth-cm.yaml") => Some(AWS_AUTH.to_owned()),
        _ => None,
    }
}

/// What to say of an address that is not known.
pub fn unknown() -> String {
    format!("nothing leaves this page; known by address are {}", ADDRESSES.join(", "))
}

fn rules(rules: &[(&str, &str)]) -> String {
    let mut out = "rules:\n".to_owned();
    for (group, resources) in rules {
        let group = if group.is_empty() { "\"\"" } else { group };
        out.push_str(&format!("- apiGroups:\n  - {group}\n  resources:\n"));
        resources.split_whitespace().for_each(|resource| out.push_str(&format!("  - {resource}\n")));
        out.push_str("  verbs:\n  - get\n  - list\n");
    }
    out
}

fn head(kind: &str, name: &str, namespace: &str) -> String {
    let place = if namespace.is_empty() { String::new() } else { format!("\n  namespace: {namespace}") };
    format!("apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata:\n  name: {name}{place}\n")
}

fn grant(group: &str, kind: &str, role: &str) -> String {
    let api = "  apiGroup: rbac.authorization.k8s.io\n";
    format!("subjects:\n- kind: Group\n  name: {group}\n{api}roleRef:\n  kind: {kind}\n  name: {role}\n{api}")
}

fn full_access() -> String {
    let name = "eks-console-dashboard-full-access";
    let role = format!("{name}-clusterrole");
    let core = READ.first().map_or("", |(_, resources)| resources);
    let core = format!("nodes namespaces {core}");
    let all: Vec<(&str, &str)> = [("", core.as_str())].into_iter().chain(READ.iter().skip(1).copied()).collect();
    [
        head("ClusterRole", &role, ""),
        rules(&all),
        "---\n".to_owned(),
        head("ClusterRoleBinding", &format!("{name}-binding"), ""),
        grant(&format!("{name}-group"), "ClusterRole", &role),
    ]
    .concat()
}

fn restricted_access() -> String {
    let name = "eks-console-dashboard-restricted-access";
    let group = format!("{name}-group");
    let (cluster_role, role) = (format!("{name}-clusterrole"), format!("{name}-role"));
    [
        head("ClusterRole", &cluster_role, ""),
        rules(&[("", "nodes namespaces")]),
        "---\n".to_owned(),
        head("ClusterRoleBinding", &format!("{cluster_role}-binding"), ""),
        grant(&group, "ClusterRole", &cluster_role),
        "---\n".to_owned(),
        head("Role", &role, "default"),
        rules(READ),
        "---\n".to_owned(),
        head("RoleBinding", &format!("{role}-binding"), "default"),
        grant(&group, "Role", &role),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::yaml::load::load_stream;

    #[test]
    fn each_address_has_its_objects() {
        let kinds = |url: &str| {
            let (documents, fault) = load_stream(&find(url).unwrap());
            assert!(fault.is_none(), "{url}");
            documents.iter().map(|object| object["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
        };
        let [full, restricted, aws_auth] = ADDRESSES;
        assert_eq!(kinds(full), "ClusterRole ClusterRoleBinding");
        assert_eq!(kinds(restricted), "ClusterRole ClusterRoleBinding Role RoleBinding");
        assert_eq!(kinds(aws_auth), "ConfigMap");
        assert_eq!(
            kinds("https://amazon-eks.s3-us-west-2.amazonaws.com/1.10.3/2018-07-26/aws-auth-cm.yaml"),
            "ConfigMap"
        );
        for url in [
            "https://example.com/docs/eks-console-full-access.yaml",
            "ftp://x",
            "https://s3.us-west-2.amazonaws.com/amazon-eks/docs/x.yaml",
        ] {
            assert_eq!(find(url), None, "{url}");
        }
    }
}
