//! The browser user interface (Yew).
//!
//! One store ([`state`]) in a context; pages dispatch [`state::Action`]s and print the structs of `view`.
//! Calls to the browser are in [`dom`]; those of storage and focus have modules of their own.

mod access;
mod app;
mod apply;
mod aws_auth;
mod clusters;
mod dom;
mod editor;
mod effects;
mod entry;
mod entry_form;
mod entry_policies;
mod focus;
mod frame;
mod history;
mod iam;
mod kubernetes;
mod link;
mod listing;
pub mod parts;
pub mod path;
mod personas;
mod policy;
mod problems;
mod question;
mod rights;
mod saves;
mod share;
pub mod state;
mod steps;
mod storage;
pub mod terminal;
mod what_if;

pub use app::{Provided, mount};
