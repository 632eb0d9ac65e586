//! YAML: kubectl's reading rules ([`load`]) and printing rules ([`emit`]).

pub mod emit;
pub mod load;
