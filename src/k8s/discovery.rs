//! The resource table: kinds, plural names, short names, groups, verbs.
