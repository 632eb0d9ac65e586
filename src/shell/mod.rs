//! The in-page shell: words and scripts ([`syntax`]), running them ([`interp`]), and the imitated tools.

pub mod aws;
pub mod child;
pub mod complete;
pub mod context;
pub(crate) mod dates;
pub mod eksctl;
pub mod files;
pub mod filters;
pub mod hints;
pub mod interp;
pub mod io;
pub mod kubeconfig;
pub mod kubectl;
pub mod lab;
pub(crate) mod numbers;
pub mod profiles;
pub mod propagation;
pub mod published;
pub mod render;
pub mod syntax;
pub mod terminal;
