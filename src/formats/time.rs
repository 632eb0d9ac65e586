//! Timestamps as plain numbers, their ISO text, and kubectl ages.
