//! What the commands of `cargo xtask` share with the whole-app tests: the static file server and the first load.

pub mod first_load;
pub mod split;
pub mod static_server;
