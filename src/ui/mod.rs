//! The browser user interface (Yew).
//!
//! One store ([`state`]) in a context; pages dispatch [`state::Action`]s and print the structs of `view`.
//! Every call to the browser is in [`dom`].

mod access;
mod app;
mod apply;
mod aws_auth;
mod dom;
mod editor;
mod effects;
mod entry;
mod entry_form;
mod entry_policies;
mod frame;
mod history;
mod iam;
mod kubernetes;
mod link;
mod listing;
pub mod parts;
pub mod path;
mod personas;
mod problems;
mod question;
mod saves;
mod share;
pub mod state;
mod steps;
mod storage;
pub mod terminal;
mod what_if;

pub use app::{Provided, mount};
