//! Native tests of the whole library, in one binary.

mod transcripts;
mod truth;
