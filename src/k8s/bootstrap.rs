//! Stock roles and bindings of a named Kubernetes version (rbac 13).
