//! The fragment of the address: a route and, after `?s=`, the link text of a snapshot.

use crate::session::{Snapshot, share};
use crate::view::route::Route;

/// What an address asks for.
pub struct Opened {
    /// The page, or what was wrong with its name.
    pub route: Result<Route, String>,
    /// The snapshot of the link, or what was wrong with it; `None` if there is no link text.
    pub snapshot: Option<Result<Snapshot, String>>,
}

/// Reads a fragment (without `#`).
pub fn open(fragment: &str) -> Opened {
    let (route, query) = fragment.split_once('?').unwrap_or((fragment, ""));
    let link = query.split('&').find_map(|part| part.strip_prefix("s="));
    Opened {
        route: route.parse().map_err(|error: crate::view::route::UnknownRoute| error.to_string()),
        snapshot: link.map(|text| share::decode(text).map_err(|error| error.to_string())),
    }
}

/// The fragment for a page and a snapshot.
pub fn fragment(route: &Route, now: &Snapshot) -> String {
    format!("{route}?s={}", share::encode(now))
}
