//! Shell text into commands with byte ranges.
