//! The access-policy catalogue, as versioned data with provenance (eks 9, 21).
