//! Plain structs that the pages print: rows, steps, badges, sentences. No markup.
//!
//! Everything here is made from a session by pure functions, so that it can be tested without a browser.

pub mod about;
pub mod access_path;
pub mod acting;
pub mod aws_auth;
pub mod clusters;
pub mod comments;
pub mod details;
pub mod diff;
pub mod draft;
pub mod effects;
pub mod entries;
pub mod entry_list;
pub mod fixes;
pub mod flash;
pub mod highlight;
pub mod history;
pub mod iam;
pub mod listing;
pub mod marks;
pub mod mentions;
pub mod object_form;
pub mod objects;
pub mod policies;
pub mod problems;
pub mod question;
pub mod report;
pub mod rights;
pub mod route;
pub mod rule_words;
pub mod sharing;
pub mod text;
pub mod welcome;
pub mod what_if;
pub mod who;
