//! The JSON layouts of the imitated tools.
