//! Aggregated cluster roles (rbac 8).
