//! kubectl's JSONPath templates and custom columns.
