//! Starting worlds, as data.
