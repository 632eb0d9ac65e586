//! The object store of one cluster.
