//! The fragment of the address: a route and, after `?s=`, the link text of a snapshot.

use crate::session::Snapshot;
use crate::session::share::{self, Shared};
use crate::view::question::Question;
use crate::view::route::Route;
use crate::view::sharing;

/// What an address asks for.
pub struct Opened {
    /// The page; there may be none of that name.
    pub route: Route,
    /// What the link carries, or what was wrong with it; `None` if there is no link text.
    pub shared: Option<Result<Shared, String>>,
}

/// Reads a fragment (without `#`).
pub fn open(fragment: &str) -> Opened {
    let (route, query) = fragment.split_once('?').unwrap_or((fragment, ""));
    let link = query.split('&').find_map(|part| part.strip_prefix("s="));
    Opened { route: Route::of(route), shared: link.map(|text| share::open(text).map_err(|error| error.to_string())) }
}

/// The fragment for a page, a snapshot and a question; the question that everybody starts with is left out.
pub fn fragment(route: &Route, now: &Snapshot, question: &Question) -> String {
    let asked = (*question != Question::default()).then(|| sharing::to_link(question));
    with_text(route, &share::encode_with(now, asked.as_ref()))
}

/// The fragment for a page and a link's text.
pub fn with_text(route: &Route, text: &str) -> String {
    format!("{route}?s={text}")
}
