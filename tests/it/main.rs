//! Native tests of the whole library, in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod callers;
mod commands;
mod controllers;
mod history;
mod links;
mod propagation;
mod properties;
mod reviews;
mod transcripts;
mod truth;
mod worlds;
