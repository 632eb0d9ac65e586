//! Caller identity and canonical ARNs (iam 2, 3).
