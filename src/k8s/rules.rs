//! The small matching predicates: verb, group, resource, name, URL (rbac 5).
