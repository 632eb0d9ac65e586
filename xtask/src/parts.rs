//! The program of a built site: in two parts, each named after its content.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use xtask::first_load::SECOND_PART;
use xtask::split;

use crate::process::{Error, Result, fail, say};

/// Names of the functions that the first screen needs, one a line: `cargo xtask first-part` writes it from what ran in
/// a browser. A name too many costs weight; a name too few costs a wait for the second part.
const FIRST_PART: &str = include_str!("first_part.txt");

/// Splits the program of the site in `dist`, and lets the page name both parts.
///
/// # Errors
/// The site is not as trunk builds it, or the program cannot be split.
pub fn split(dist: &Path) -> Result<()> {
    let page = dist.join("index.html");
    let html = std::fs::read_to_string(&page).map_err(|error| unreadable(&page, &error))?;
    let Some(name) = attribute(&html, "data-wasm").and_then(|path| path.strip_prefix("./")) else {
        return fail("the page names no program: no `data-wasm` in index.html");
    };
    let whole = dist.join(name);
    let program = std::fs::read(&whole).map_err(|error| unreadable(&whole, &error))?;
    let names: BTreeSet<&str> = FIRST_PART.lines().filter(|line| !line.starts_with('#')).collect();
    let parts = split::split(&program, &names).map_err(Error)?;
    let stem = name.rsplit_once('-').map_or(name, |(stem, _)| stem);
    let first = format!("{stem}-{}_bg.wasm", digest(&parts.first));
    let second = format!("{stem}-{}{SECOND_PART}", digest(&parts.second));
    let html = html.replace(name, &first).replacen("data-wasm=", &format!("data-second=\"./{second}\" data-wasm="), 1);
    std::fs::remove_file(&whole).map_err(|error| unreadable(&whole, &error))?;
    write(&dist.join(first), &parts.first)?;
    write(&dist.join(second), &parts.second)?;
    write(&page, html.as_bytes())?;
    say(format!(
        "the program in two parts: {} functions for the first screen, {} for later ({} doors between them)",
        parts.stayed, parts.moved, parts.doors
    ));
    if parts.unknown > 0 {
        say(format!(
            "{} functions named in xtask/src/first_part.txt are no more: `cargo xtask first-part` looks again",
            parts.unknown
        ));
    }
    Ok(())
}

/// The value of the first attribute of this name.
fn attribute<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = html.split_once(&format!("{name}=\""))?;
    Some(rest.split_once('"')?.0)
}

/// Names a file after what is in it, so that a browser never mixes two versions.
fn digest(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).map_err(|error| Error(format!("cannot write {}: {error}", path.display())))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error(format!("cannot read {}: {error}", path.display()))
}
