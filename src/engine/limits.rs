//! How much a world may hold. Calls refuse what would pass a bound, and a world that is loaded is held against the same
//! bounds, so every world that calls can make opens again.
//!
//! Quotas of the services (eks 9.11, iam 9.1) come first; the other bounds are the simulator's.

/// Clusters of an account (eks 9.11).
pub const CLUSTERS: usize = 100;
/// Access entries of a cluster (eks 9.11).
pub const ENTRIES: usize = 3_000;
/// Managed node groups of a cluster (eks 9.11).
pub const NODEGROUPS: usize = 30;
/// Fargate profiles of a cluster (eks 9.11).
pub const FARGATE_PROFILES: usize = 10;
/// IAM users of an account (iam 9.1).
pub const USERS: usize = 5_000;
/// IAM roles of an account (iam 9.1).
pub const ROLES: usize = 1_000;
/// Access policies of an access entry: there are fewer policies than this.
pub const POLICIES: usize = 100;
/// Updates of a cluster; beyond that the oldest are forgotten.
pub const UPDATES: usize = 1_000;
