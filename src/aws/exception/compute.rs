//! Refusals about managed node groups and Fargate profiles (eks 13.4).

use super::Exception;

impl Exception {
    /// The same exception with the members that the service gives about a node group.
    pub fn with_nodegroup(self, cluster: &str, nodegroup: &str) -> Self {
        self.with_cluster(cluster).with_member("nodegroupName", nodegroup)
    }

    /// The same exception with the members that the service gives about a Fargate profile.
    pub fn with_fargate_profile(self, cluster: &str, profile: &str) -> Self {
        self.with_cluster(cluster).with_member("fargateProfileName", profile)
    }

    /// A node group of that name exists (reported).
    pub fn nodegroup_exists(cluster: &str, name: &str) -> Self {
        let text = format!("NodeGroup already exists with name {name} and cluster name {cluster}");
        Self::new("ResourceInUseException", 409, text)
    }

    /// No such node group (reported).
    pub fn no_nodegroup(name: &str) -> Self {
        Self::not_found(format!("No node group found for name: {name}."))
    }

    /// A Fargate profile of that name exists (reported).
    pub fn fargate_profile_exists() -> Self {
        let text = "A Fargate Profile already exists with this name in this cluster.";
        Self::new("ResourceInUseException", 409, text)
    }

    /// No such Fargate profile (reported).
    pub fn no_fargate_profile(name: &str) -> Self {
        Self::not_found(format!("No Fargate Profile found with name: {name}."))
    }

    /// A cluster that is being changed takes neither node groups nor profiles (reported).
    pub fn cluster_not_active(name: &str) -> Self {
        Self::new("InvalidRequestException", 400, format!("Cluster '{name}' is not in ACTIVE status"))
    }

    /// A profile of a cluster that is being updated is to go (reported).
    pub fn profile_of_updating_cluster(profile: &str, cluster: &str) -> Self {
        let text = format!(
            "Cannot Delete Fargate Profile {profile} because cluster {cluster} currently has an update in progress"
        );
        Self::new("ResourceInUseException", 409, text)
    }

    /// A cluster with node groups is to go (reported).
    pub fn cluster_has_nodegroups() -> Self {
        Self::new("ResourceInUseException", 409, "Cluster has nodegroups attached")
    }

    /// A cluster with Fargate profiles is to go (reported).
    pub fn cluster_has_fargate_profiles() -> Self {
        Self::new("ResourceInUseException", 409, "Cluster has Fargate Profiles in ACTIVE/CREATING state")
    }

    /// A node group's name of more than 63 characters (reported).
    pub fn long_nodegroup_name() -> Self {
        Self::invalid_parameter("nodeGroupName can't be longer than 63 characters!")
    }

    /// A profile's name with other characters than letters, digits, `-` and `_` (reported).
    pub fn bad_profile_name() -> Self {
        Self::invalid_parameter(
            "The Fargate profile name parameter contains invalid characters. It should begin with letter or digit and \
             can have any of the following characters: the set of Unicode letters, digits, hyphens and underscores.",
        )
    }

    /// A profile's name of more than 100 letters (MODEL, own wording).
    pub fn long_profile_name() -> Self {
        Self::invalid_parameter("fargateProfileName can't be longer than 100 characters").own()
    }

    /// A profile's name with the prefix of the service's own (reported).
    pub fn reserved_profile_name() -> Self {
        Self::invalid_parameter("The fargate profile name starts with the reserved prefix: 'eks-'.")
    }

    /// Sizes in the wrong order (reported).
    pub fn size_order(less: &str, more: &str) -> Self {
        Self::invalid_parameter(format!("{less} can't be greater than {more}"))
    }

    /// A label or taint that Kubernetes would not take (reported).
    pub fn bad_label_value(value: &str) -> Self {
        Self::invalid_parameter(format!(
            "Invalid value: {value} : field must consist of alphanumeric characters, '-', '_' or '.', and must start \
             and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for \
             validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
        ))
    }

    /// A label's key that EKS keeps for itself (reported).
    pub fn reserved_label() -> Self {
        Self::invalid_parameter(
            "Label cannot start with reserved prefixes [kubernetes.io/, k8s.io/, eks.amazonaws.com/]",
        )
    }

    /// A taint's key that Kubernetes would not take (reported).
    pub fn bad_taint_key(key: &str) -> Self {
        Self::invalid_parameter(format!(
            "invalid taint spec: {key} , a qualified name must consist of alphanumeric characters, '-', '_' or '.', and \
             must start and end with an alphanumeric character (e.g. 'MyName', or 'my.name', or '123-abc', regex used \
             for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
        ))
    }

    /// A version of a node group that does not go with its cluster's (reported).
    pub fn nodegroup_version(cluster: &str, supported: &[String]) -> Self {
        Self::invalid_parameter(format!(
            "Cluster Kubernetes version {cluster} supports the following Nodegroup Kubernetes versions: [{}]",
            supported.join(", ")
        ))
    }

    /// A launch template with name and id (reported).
    pub fn template_named_twice() -> Self {
        Self::invalid_parameter("Either provide launch template ID or launch template name in the request.")
    }

    /// A launch template without name and id (reported).
    pub fn template_without_name() -> Self {
        Self::invalid_parameter(
            "Either a launch template ID or a launch template name must be specified in the request.",
        )
    }

    /// An AMI of one's own without the template that names it (reported).
    pub fn custom_without_template() -> Self {
        Self::invalid_parameter("Launch template details can't be null for Custom ami type node group")
    }

    /// Access by SSH beside a launch template (reported).
    pub fn remote_access_beside_template() -> Self {
        Self::invalid_parameter("Remote access configuration cannot be specified with a launch template.")
    }

    /// `updateConfig` without members (reported).
    pub fn empty_update_config() -> Self {
        Self::invalid_parameter("UpdateConfig cannot be empty if set in the request.")
    }

    /// `updateConfig` with a number and a percentage (reported).
    pub fn unavailable_twice() -> Self {
        Self::invalid_parameter("Either provide max-unavailable or max-unavailable-percentage in the request.")
    }

    /// `nodeRepairConfig` with a number and a percentage; the service says the same of both pairs (reported).
    pub fn repair_twice() -> Self {
        Self::invalid_parameter("Either provide max parallel nodes to repair count or percentage in the request.")
    }

    /// Instance types of another processor than the AMI's (reported for one type).
    pub fn instance_types(types: &[&str], ami_type: &str) -> Self {
        let text = format!("[{}] is not a valid instance type for requested amiType {ami_type}", types.join(", "));
        Self::invalid_parameter(text)
    }

    /// A release of the AMI for another Kubernetes version (reported).
    pub fn release_version(wanted: &str, allowed: &str) -> Self {
        Self::invalid_parameter(format!(
            "Requested Nodegroup release version {wanted} is invalid. Allowed release version is {allowed}"
        ))
    }

    /// A disk beside a launch template (reported).
    pub fn disk_beside_template() -> Self {
        Self::invalid_parameter("Disk size must be specified within the launch template.")
    }

    /// Another value of a node group that the service cannot take (MODEL says so, own wording).
    pub fn nodegroup_value(text: &str) -> Self {
        Self::invalid_parameter(text).own()
    }

    /// A text that is no role's ARN of the account (own wording).
    pub fn bad_role_arn(arn: &str) -> Self {
        Self::invalid_parameter(format!("Invalid Role Arn: '{arn}'")).own()
    }

    /// A role that does not exist: the service asks IAM, and hands on what IAM says (inferred).
    pub fn no_such_node_role(name: &str) -> Self {
        Self::invalid_parameter(Self::no_role(name).message).inferred()
    }

    /// A role that EC2 may not use as the nodes' (reported).
    pub fn role_not_for_nodes(arn: &str) -> Self {
        Self::invalid_parameter(format!(
            "Following required service principals [ec2.amazonaws.com] were not found in the trust relationships of \
             nodeRole {arn}"
        ))
    }

    /// A role that Fargate may not use (reported).
    pub fn role_not_for_fargate() -> Self {
        Self::invalid_parameter(
            "Misconfigured PodExecutionRole Trust Policy; \
             Please add the eks-fargate-pods.amazonaws.com Service Principal",
        )
    }

    /// A profile that selects nothing (reported).
    pub fn no_selectors() -> Self {
        Self::invalid_parameter("Fargate Profile requires at least one selector.")
    }

    /// A selector without a namespace (reported).
    pub fn selector_needs_namespace() -> Self {
        Self::invalid_parameter("Fargate Profile must have at least one selector with at least one namespace value.")
    }

    /// A selector with more than five labels (reported).
    pub fn too_many_selector_labels() -> Self {
        Self::invalid_parameter("Request contains Selector with more than 5 Label pairs")
    }

    /// More than five selectors (reported).
    pub fn too_many_selectors() -> Self {
        Self::invalid_parameter("Request contains more than 5 Selectors")
    }

    /// A namespace that cannot be (reported).
    pub fn selector_namespace() -> Self {
        Self::invalid_parameter("The namespace provided is invalid.")
    }

    /// A label that cannot be (reported).
    pub fn selector_label() -> Self {
        Self::invalid_parameter("Selector label provided is invalid.")
    }
}
