//! A session: the world, the workstation beside it, the log with undo and redo, and the share link.

pub mod workstation;
