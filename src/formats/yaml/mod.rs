//! YAML: kubectl's reading rules ([`load`]) and printing rules ([`emit`]).
//!
//! Reading goes from text to tokens (`token`), to a [`node::Document`] with positions, then to JSON ([`load`]) by the
//! typing rules of [`scalar`]. What goes wrong on the way is an [`error::Error`] with go-yaml's words.
//! No YAML library is used: those for Rust follow YAML 1.2, which refuses texts that kubectl takes (a closing bracket at
//! the start of a line, a tab after a key), and have other words for faults.

pub mod block;
pub mod emit;
pub mod error;
pub mod load;
pub mod node;
pub mod scalar;
pub mod stream;
mod token;
