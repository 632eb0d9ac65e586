//! The one walk over bindings and rules (rbac 3 to 6).
