//! Plain AWS: IAM and STS identities, EKS API shapes, aws-auth. Nothing here knows RBAC.

pub mod access_policy;
pub mod aws_auth;
pub mod aws_auth_edit;
pub mod aws_auth_lint;
pub mod eks;
pub mod exception;
pub mod iam;
pub mod mapper;
pub mod names;
pub mod sts;
pub mod tags;
pub mod trust;
