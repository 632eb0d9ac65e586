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

    /// A name with other characters than letters, digits, `-` and `_` (reported for `clusterName`, inferred for others).
    pub fn bad_characters(parameter: &str) -> Self {
        Self::invalid_parameter(format!(
            "The {parameter} parameter contains invalid characters. It should conform to the regular expression \
             \"^[0-9A-Za-z][A-Za-z0-9-_]*\"In other words, it should start with a number or letter, and can contain \
             numbers, letters, dashes, and underscores."
        ))
        .inferred()
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

    /// More than five selectors (MODEL, own wording).
    pub fn too_many_selectors() -> Self {
        Self::invalid_parameter("A Fargate Profile can have at most five selectors").own()
    }
}
