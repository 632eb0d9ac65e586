//! Keeps the focus in sight: where the element that has it goes away or can no longer be used, the one that took its
//! place gets it, else its neighbour, else the page. Otherwise a deleted row would leave a keyboard nowhere.

use std::cell::RefCell;

use gloo::events::EventListener;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, HtmlElement, MutationObserver, MutationObserverInit};

use super::dom;

/// What can have the focus.
const FOCUSABLE: &str = "a[href], button, input, select, textarea, summary, [tabindex='0']";
/// Where the search for a neighbour ends: beyond it stands something else.
const PAGE: &str = ".page__inner, .frame";
/// Parts of a list: the next one is used as the last one was.
const ROW: &str = "li, tr";

/// Where an element stands, so that its place is known when it is gone.
#[derive(Clone)]
struct Trail {
    element: Element,
    /// The elements around it, inner ones first, each with the place of the one before.
    places: Vec<(Element, u32)>,
    /// Its place in its row of a list: the column, and the place among what can have the focus in that column.
    in_row: (u32, usize),
}

thread_local! {
    /// Who has the focus, and who had it before a dialog opened.
    static LAST: RefCell<Option<Trail>> = const { RefCell::new(None) };
    static OPENER: RefCell<Option<Trail>> = const { RefCell::new(None) };
}

impl Trail {
    fn of(element: Element) -> Self {
        let mut places = Vec::new();
        let mut inner = element.clone();
        while let Some(outer) = inner.parent_element() {
            let place = index_in(&outer, &inner);
            places.push((outer.clone(), place));
            inner = outer;
        }
        let row = element.closest(ROW).ok().flatten();
        let in_row = row.and_then(|row| place_in_row(&row, &element)).unwrap_or_default();
        Self { element, places, in_row }
    }

    fn is_in_dialog(&self) -> bool {
        self.element.closest("dialog").ok().flatten().is_some()
    }

    /// Moves the focus to the element, or to what is nearest to its place. False if there is nothing.
    fn take(&self) -> bool {
        if is_usable(&self.element) {
            return give(&self.element);
        }
        for (outer, place) in self.places.iter().filter(|(outer, _)| outer.is_connected()) {
            if matches(outer, PAGE) {
                return false;
            }
            let children = outer.children();
            let next = children.item(*place).and_then(|child| self.within(&child));
            let before = || {
                let place = children.item(place.checked_sub(1)?)?;
                if matches(&place, ROW) { self.within(&place) } else { within(&place).pop() }
            };
            if let Some(found) = next.or_else(before).or_else(|| within(outer).into_iter().next()) {
                return give(&found);
            }
        }
        false
    }

    /// What to use in an element that stands where the lost one stood.
    fn within(&self, place: &Element) -> Option<Element> {
        let (column, at) = self.in_row;
        let same = place.children().item(column).filter(|_| matches(place, ROW));
        let in_column = same.map(|column| within(&column)).unwrap_or_default();
        in_column.get(at).or(in_column.last()).cloned().or_else(|| within(place).into_iter().next())
    }
}

/// The column of a row in which an element stands, and its place among what can have the focus there.
fn place_in_row(row: &Element, element: &Element) -> Option<(u32, usize)> {
    let columns = row.children();
    let column =
        (0..columns.length()).find(|at| columns.item(*at).is_some_and(|column| column.contains(Some(element))))?;
    let at = within(&columns.item(column)?).iter().position(|each| each == element)?;
    Some((column, at))
}

fn index_in(outer: &Element, inner: &Element) -> u32 {
    let children = outer.children();
    (0..children.length()).find(|place| children.item(*place).as_ref() == Some(inner)).unwrap_or_default()
}

fn matches(element: &Element, selector: &str) -> bool {
    element.matches(selector).unwrap_or_default()
}

fn is_usable(element: &Element) -> bool {
    element.is_connected() && !matches(element, ":disabled") && element.get_client_rects().length() > 0
}

/// What can have the focus in an element, itself included.
fn within(element: &Element) -> Vec<Element> {
    let own = matches(element, FOCUSABLE).then(|| element.clone());
    let found = element.query_selector_all(FOCUSABLE).ok();
    let inner = found.iter().flat_map(|found| (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()));
    own.into_iter().chain(inner).filter(is_usable).collect()
}

fn give(element: &Element) -> bool {
    element.dyn_ref::<HtmlElement>().is_some_and(|element| element.focus().is_ok())
}

/// Gives the focus back where nobody has it any more.
fn mend() {
    let active = dom::document().and_then(|document| document.active_element());
    if active.is_some_and(|active| !matches(&active, "body, :disabled")) {
        return;
    }
    let Some(last) = LAST.with_borrow(Clone::clone).filter(|last| !is_usable(&last.element)) else { return };
    let is_dialog_open = last.places.iter().any(|(outer, _)| outer.is_connected() && matches(outer, "dialog"));
    let opener = OPENER.with_borrow(Clone::clone).filter(|_| !is_dialog_open);
    if !opener.unwrap_or(last).take() {
        dom::focus_selector("#main");
    }
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Begins to watch over the focus.
pub fn keep() {
    let Some(document) = dom::document() else { return };
    EventListener::new(&document, "focusin", |event| {
        let Some(trail) = target(event).map(Trail::of) else { return };
        let is_in_dialog = trail.is_in_dialog();
        let before = LAST.replace(Some(trail));
        match before {
            _ if !is_in_dialog => drop(OPENER.take()),
            Some(before) if !before.is_in_dialog() => drop(OPENER.replace(Some(before))),
            _ => {}
        }
    })
    .forget();
    // Who clicks beside everything wants it nowhere.
    EventListener::new(&document, "mousedown", |event| {
        let hit = target(event).and_then(|target| target.closest(&format!("{FOCUSABLE}, label")).ok().flatten());
        if hit.is_none() {
            LAST.take();
        }
    })
    .forget();
    let changed = Closure::<dyn Fn()>::new(mend);
    if let (Ok(observer), Some(body)) = (MutationObserver::new(changed.as_ref().unchecked_ref()), document.body()) {
        let wanted = MutationObserverInit::new();
        wanted.set_child_list(true);
        wanted.set_subtree(true);
        wanted.set_attribute_filter(&web_sys::js_sys::Array::of2(&"disabled".into(), &"hidden".into()));
        let _ = observer.observe_with_options(&body, &wanted);
        // It watches as long as the page is there.
        changed.forget();
    }
}
