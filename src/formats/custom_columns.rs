//! kubectl custom columns.
