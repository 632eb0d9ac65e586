//! Answers about a whole cluster: who can, what may somebody do, the matrix, comparisons, near misses.
//!
//! All of them read the walks that decide ([`super::authz`], [`crate::k8s::resolve`]) and so cannot disagree with a
//! decision; property tests hold them to it. Nothing here changes a world.

pub mod compare;
pub mod fixes;
pub mod grants;
pub mod matrix;
pub mod near_misses;
pub mod principals;
pub mod rights;
mod subjects;
pub mod who_can;

pub use compare::{Comparison, compare_principals, compare_worlds, preview};
pub use fixes::{Callers, Fix, fixes};
pub use matrix::{Axes, Cell, Matrix, Target, matrix};
pub use near_misses::{NearMiss, near_misses};
pub use principals::{Gate, Principal, principals};
pub use rights::{Rights, all_rights, rights};
pub use who_can::{Holder, Path, Who, WhoCan, who_can};

#[cfg(test)]
mod tests;
