//! The AWS CLI's output formats (json, yaml, text, table) for an ordered JSON value.
