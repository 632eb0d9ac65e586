//! Support for the whole-app browser tests.
