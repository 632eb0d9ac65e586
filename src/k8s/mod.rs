//! Plain Kubernetes, as its API server sees it. Nothing here knows EKS.

pub mod aggregation;
pub mod attributes;
pub mod bootstrap;
pub mod controllers;
pub mod cow_map;
pub mod discovery;
pub mod escalation;
pub mod names;
pub mod object;
pub mod rbac;
pub mod releases;
pub mod resolve;
pub mod rules;
pub mod rules_review;
pub mod schema;
pub mod size;
pub mod status;
pub mod store;
pub mod validate;
pub mod who_can;
