//! YAML: kubectl's reading rules ([`load`]) and printing rules ([`emit`]).
//!
//! Reading goes from text to a [`node::Document`] (syntax, positions), then to JSON ([`load`]) by the typing rules of
//! [`scalar`]. What goes wrong on the way is an [`error::Error`] with go-yaml's words.

pub mod block;
pub mod emit;
pub mod error;
pub mod load;
pub mod node;
pub mod scalar;
