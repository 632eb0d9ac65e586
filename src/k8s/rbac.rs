//! Roles, bindings and the store that holds them.
