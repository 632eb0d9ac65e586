//! The simulated world and its one door, [`World::call`].

pub mod answers;
pub mod authn;
pub mod authz;
pub mod control_plane;
pub mod eks;
pub mod explain;
pub mod findings;
pub mod iam;
pub mod kube;
pub mod ledger;
pub mod limits;
pub mod request;
pub mod tokens;
pub mod world;

pub use request::{
    ApiError, AwsRequest, Caller, Credential, Impersonate, KubeRequest, KubeResponse, Request, Response,
};
pub use world::{Cluster, World};
