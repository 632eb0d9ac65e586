//! Well-formedness of identity names, and the default and allowed user names of access entries (iam 9, eks 6).
