//! Privilege-escalation checks on writes of RBAC objects (rbac 11).
