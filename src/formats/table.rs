//! Column layouts: kubectl's tab writer.
