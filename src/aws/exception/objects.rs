//! Refusals about access keys and OpenID Connect providers (iam 9.3, 9.4), and about the objects of eks 26.

use super::Exception;

impl Exception {
    /// An access key that is not the user's (IAM's wording, reported).
    pub fn no_access_key(id: &str) -> Self {
        Self::new("NoSuchEntity", 404, format!("The Access Key with id {id} cannot be found."))
    }

    /// A user that has access keys is not deleted (IAM's wording, reported).
    pub fn user_has_keys() -> Self {
        Self::new("DeleteConflict", 409, "Cannot delete entity, must delete access keys first.")
    }

    /// A quota of IAM (IAM's wording, reported).
    pub fn over_quota(quota: &str, most: usize) -> Self {
        Self::new("LimitExceeded", 409, format!("Cannot exceed quota for {quota}: {most}"))
    }

    /// A policy that is no JSON (IAM's wording, reported).
    pub fn not_a_policy() -> Self {
        Self::new("MalformedPolicyDocument", 400, "This policy contains invalid Json")
    }

    /// A URL that names no issuer (inferred).
    pub fn bad_oidc_url() -> Self {
        Self::new("ValidationError", 400, "Invalid Open ID Connect Provider URL").inferred()
    }

    /// A second provider of one URL (IAM's wording, reported).
    pub fn oidc_provider_exists(url: &str) -> Self {
        Self::new("EntityAlreadyExists", 409, format!("Provider with url {url} already exists."))
    }

    /// No such provider (IAM's wording, reported).
    pub fn no_oidc_provider(arn: &str) -> Self {
        Self::new("NoSuchEntity", 404, format!("OpenIDConnect Provider not found for arn {arn}"))
    }

    /// More fingerprints than a provider has (inferred).
    pub fn too_many_thumbprints() -> Self {
        Self::new("InvalidInput", 400, "Thumbprint list must contain fewer than 5 entries.").inferred()
    }

    /// The same exception with the members that the service gives about an add-on.
    pub fn with_addon(self, cluster: &str, addon: &str) -> Self {
        self.with_cluster(cluster).with_member("addonName", addon)
    }

    /// A parameter outside its pattern (eks 26, reported).
    pub fn parameter_characters(member: &str, pattern: &str) -> Self {
        Self::invalid_parameter(format!(
            "The parameter {member} contains invalid characters. It should conform to the regular expression {pattern}"
        ))
    }

    /// A role of another account (eks 26; the code is inferred).
    pub fn cross_account_role() -> Self {
        Self::new("AccessDeniedException", 403, "Cross-account pass role is not allowed.")
    }

    /// A role that does not exist (own wording).
    pub fn no_role_for_pods(role: &str) -> Self {
        Self::invalid_parameter(format!("The role {role} could not be found.")).own()
    }

    /// A role that pods cannot be given (eks 26, reported).
    pub fn pod_trust() -> Self {
        Self::invalid_parameter("Trust policy of the role provided is invalid.")
    }

    /// A session policy beside session tags (eks 26, reported).
    pub fn policy_needs_no_tags() -> Self {
        Self::invalid_parameter("When policy is specified, disableSessionTags must be set to true")
    }

    /// A second association of a service account (eks 26, reported).
    pub fn association_exists(id: &str) -> Self {
        Self::new("ResourceInUseException", 409, format!("Association already exists: {id}"))
    }

    /// No such association (own wording).
    pub fn no_association(id: &str) -> Self {
        Self::not_found(format!("No association found with ID: {id}.")).own()
    }

    /// An add-on that EKS does not have for this version of Kubernetes (inferred).
    pub fn unknown_addon(name: &str, version: &str) -> Self {
        Self::invalid_parameter(format!("Addon {name} specified is not supported in {version} kubernetes version"))
            .inferred()
    }

    /// A version that an add-on does not have (reported).
    pub fn addon_version() -> Self {
        Self::invalid_parameter("Addon version specified is not supported")
    }

    /// The cluster has the add-on (reported).
    pub fn addon_exists() -> Self {
        Self::new("ResourceInUseException", 409, "Addon already exists.")
    }

    /// The cluster does not have the add-on (reported).
    pub fn no_addon(cluster: &str, name: &str) -> Self {
        Self::not_found(format!("No addon: {name} found in cluster: {cluster}"))
    }

    /// A prefix that belongs to Kubernetes (eks 26, reported).
    pub fn reserved_oidc_prefix() -> Self {
        Self::invalid_parameter("The prefix system: is reserved for Kubernetes system use")
    }

    /// An issuer without TLS (eks 26, reported).
    pub fn oidc_issuer_scheme() -> Self {
        Self::invalid_parameter("IssuerURL must use https:// scheme.")
    }

    /// A second identity provider (own wording).
    pub fn one_identity_provider(cluster: &str) -> Self {
        Self::new("ResourceLimitExceededException", 400, format!("Cluster {cluster} already has an identity provider"))
            .own()
    }

    /// No such identity provider (own wording).
    pub fn no_identity_provider(name: &str) -> Self {
        Self::not_found(format!("No identity provider config found for name: {name}.")).own()
    }
}
