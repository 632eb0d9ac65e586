//! `--query`: JMESPath with the key order of the input kept.
