//! kubectl (sigs.k8s.io/yaml) printing rules.
