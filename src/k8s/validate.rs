//! Field validation of RBAC objects (rbac 12).
