//! The in-page shell: words and scripts ([`syntax`]), running them ([`interp`]), and the imitated tools.

pub mod filters;
pub mod interp;
pub mod syntax;
