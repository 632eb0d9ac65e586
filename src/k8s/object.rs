//! Kubernetes objects: metadata and bodies.
