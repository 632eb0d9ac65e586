//! YAML: kubectl's reading rules ([`load`]) and printing rules ([`emit`]).

pub mod block;
pub mod emit;
pub mod load;
