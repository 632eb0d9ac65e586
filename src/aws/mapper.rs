//! The authenticator's chain of backends: canonical ARN to user name and groups (iam 5, 7, 8).
