//! Every call to the browser's own interfaces: address, clipboard, focus, storage, dialogs.
//!
//! All of them may be refused (private windows, strict settings); then nothing happens.

use std::cell::RefCell;

use gloo::timers::callback::Timeout;
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Document, Element, FileReader, HtmlDialogElement, HtmlDocument, HtmlElement, HtmlInputElement, HtmlTextAreaElement,
    ScrollIntoViewOptions, ScrollLogicalPosition, Window,
};
use yew::NodeRef;

/// Name of our value in local storage.
const STORAGE_KEY: &str = "eks-access-playground";
/// Marks the entries of the browser's history whose address we wrote.
const OURS: &str = "ours";

fn window() -> Option<Window> {
    web_sys::window()
}

/// The page's document.
pub fn document() -> Option<Document> {
    window()?.document()
}

fn root() -> Option<HtmlElement> {
    document()?.document_element()?.dyn_into().ok()
}

thread_local! {
    /// The fragment that was read or written last. Another one has been opened, and its event is on its way.
    static KNOWN_FRAGMENT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Reads the fragment, without `#`, to do what it says.
pub fn take_fragment() -> String {
    let fragment = fragment();
    KNOWN_FRAGMENT.replace(fragment.clone());
    fragment
}

/// The fragment of the address, without `#`.
pub fn fragment() -> String {
    let hash = window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    hash.strip_prefix('#').unwrap_or(&hash).to_owned()
}

/// Whether the present entry of the browser's history was written by us, not opened by a link.
pub fn is_own_entry() -> bool {
    let state = window().and_then(|window| window.history().ok()?.state().ok());
    state.and_then(|state| state.as_string()).is_some_and(|state| state == OURS)
}

/// Writes the fragment into the address: as a new entry of the history, or in place. In place of one that nobody has
/// read yet it is not written; then it answers false.
pub fn write_fragment(new: &str, as_new_entry: bool) -> bool {
    let Some(history) = window().and_then(|window| window.history().ok()) else { return true };
    if !as_new_entry && KNOWN_FRAGMENT.with_borrow(|known| *known != fragment()) {
        return false;
    }
    let (state, url) = (JsValue::from_str(OURS), format!("#{new}"));
    // A browser may refuse too many calls in a short time; the next change writes the address anyway.
    let _ = if as_new_entry {
        history.push_state_with_url(&state, "", Some(&url))
    } else {
        history.replace_state_with_url(&state, "", Some(&url))
    };
    take_fragment();
    true
}

/// Whether the address asks for a fresh start (`?fresh`). It is taken out of the address, so that a reload keeps the work.
pub fn take_fresh() -> bool {
    let Some(window) = window() else { return false };
    let query = window.location().search().unwrap_or_default();
    let parts = || query.trim_start_matches('?').split('&').filter(|part| !part.is_empty());
    let is_fresh = |part: &str| part.split('=').next() == Some("fresh");
    if !parts().any(is_fresh) {
        return false;
    }
    let rest: Vec<&str> = parts().filter(|part| !is_fresh(part)).collect();
    let path = window.location().pathname().unwrap_or_default();
    let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
    if let Ok(history) = window.history() {
        let url = format!("{path}{query}#{}", fragment());
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&url));
    }
    true
}

/// The whole address with another fragment.
pub fn address_with(fragment: &str) -> String {
    let href = window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    format!("{}#{fragment}", href.split('#').next().unwrap_or_default())
}

/// Puts a text into the clipboard. False if the browser has none here.
pub fn copy(text: &str) -> bool {
    let Some(window) = window() else { return false };
    // Without a secure context there is no clipboard.
    if !window.is_secure_context() {
        return false;
    }
    let _ = window.navigator().clipboard().write_text(text);
    true
}

/// The title of the browser's tab.
pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Chooses the theme: `light`, `dark`, or empty for the system's.
pub fn set_theme(theme: &str) {
    if let Some(root) = root() {
        let _ = if theme.is_empty() {
            root.remove_attribute("data-theme")
        } else {
            root.set_attribute("data-theme", theme)
        };
    }
}

/// Sets the drawer's height, as a custom property of the document.
pub fn set_drawer_height(pixels: i32) {
    if let Some(root) = root() {
        let _ = root.style().set_property("--drawer-height", &format!("{pixels}px"));
    }
}

/// Sets sizes of an element for the style sheets, as custom properties.
pub fn set_sizes(node: &NodeRef, sizes: &[(&str, usize)]) {
    if let Some(element) = node.cast::<HtmlElement>() {
        for (name, size) in sizes {
            let _ = element.style().set_property(name, &size.to_string());
        }
    }
}

/// How many of the `lines` that an element holds have been scrolled out of it.
pub fn lines_above(node: &NodeRef, lines: usize) -> usize {
    let Some(element) = node.cast::<Element>() else { return 0 };
    let size = |pixels: i32| usize::try_from(pixels).unwrap_or_default();
    size(element.scroll_top()) * lines / size(element.scroll_height()).max(1)
}

/// The height of the window in pixels.
pub fn window_height() -> i32 {
    let height = window().and_then(|window| window.inner_height().ok()).and_then(|height| height.as_f64());
    // Heights of windows are small numbers.
    height.map_or(800, |height| height as i32)
}

/// The width of the window in pixels.
pub fn window_width() -> i32 {
    let width = window().and_then(|window| window.inner_width().ok()).and_then(|width| width.as_f64());
    width.map_or(1280, |width| width as i32)
}

/// The browser's storage, if it lets us have it: asking may be an error in itself.
pub fn local_storage() -> Option<web_sys::Storage> {
    window()?.local_storage().ok().flatten()
}

fn preferences() -> Option<Value> {
    serde_json::from_str(&local_storage()?.get_item(STORAGE_KEY).ok()??).ok()
}

/// Milliseconds since the page began, for measuring how long something takes.
pub fn now() -> f64 {
    window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// Reads a preference.
pub fn preference(name: &str) -> Option<Value> {
    preferences()?.get(name).cloned()
}

/// Keeps a preference, if the browser lets us.
pub fn set_preference(name: &str, value: Value) {
    let mut all = preferences().filter(Value::is_object).unwrap_or_else(|| Value::Object(serde_json::Map::new()));
    if let Some(members) = all.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
    if let Some(storage) = local_storage() {
        let _ = storage.set_item(STORAGE_KEY, &all.to_string());
    }
}

/// Shows a dialog above the page; the browser moves the focus in and, when it closes, back.
pub fn open_dialog(node: &NodeRef) {
    if let Some(dialog) = node.cast::<HtmlDialogElement>().filter(|dialog| !dialog.open()) {
        let _ = dialog.show_modal();
    }
}

/// Reads the file that was chosen as text and hands it on; `None` if it is larger than `most` bytes or cannot be read.
pub fn read_file(input: &HtmlInputElement, most: usize, done: impl Fn(Option<String>) + 'static) {
    let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
    // The same file may be chosen again.
    let Ok(reader) = FileReader::new() else { return done(None) };
    if file.size() > most as f64 || reader.read_as_text(&file).is_err() {
        input.set_value("");
        return done(None);
    }
    let source = reader.clone();
    let ended = move |_: &web_sys::Event| done(source.result().ok().and_then(|text| text.as_string()));
    gloo::events::EventListener::once(&reader, "loadend", ended).forget();
    input.set_value("");
}

/// Closes a dialog.
pub fn close_dialog(node: &NodeRef) {
    if let Some(dialog) = node.cast::<HtmlDialogElement>().filter(|dialog| dialog.open()) {
        dialog.close();
    }
}

/// Moves the focus to an element.
pub fn focus(node: &NodeRef) {
    if let Some(element) = node.cast::<HtmlElement>() {
        let _ = element.focus();
    }
}

/// Moves the focus to the first element that `selector` finds.
pub fn focus_selector(selector: &str) {
    let _ = try_focus(selector);
}

fn try_focus(selector: &str) -> bool {
    let element = document().and_then(|document| document.query_selector(selector).ok().flatten());
    element.and_then(|element| element.dyn_into::<HtmlElement>().ok()).is_some_and(|element| element.focus().is_ok())
}

/// Gives the focus to the first element of the selector once the change of state before this is drawn, and before the
/// next key arrives: a timer would leave time in which a second press of Enter hits what stands in the old place.
pub fn focus_once_drawn(selector: impl Into<String>) {
    let selector = selector.into();
    // Yew draws in a task of the same queue, which is earlier in it, or after a timer of its own, which is older.
    yew::platform::spawn_local(async move {
        if !try_focus(&selector) {
            Timeout::new(0, move || focus_selector(&selector)).forget();
        }
    });
}

/// Whether something on the page matches.
pub fn matches(selector: &str) -> bool {
    document().is_some_and(|document| document.query_selector(selector).ok().flatten().is_some())
}

/// Whether the focus is where typing changes a text.
pub fn is_typing() -> bool {
    let Some(element) = document().and_then(|document| document.active_element()) else { return false };
    let kind = element.get_attribute("type").unwrap_or_default();
    match element.tag_name().to_lowercase().as_str() {
        "textarea" => true,
        "input" => !matches!(kind.as_str(), "checkbox" | "radio" | "button" | "submit"),
        _ => false,
    }
}

/// Whether some text on the page is selected.
pub fn has_selection() -> bool {
    let selection = window().and_then(|window| window.get_selection().ok().flatten());
    selection.is_some_and(|selection| !selection.is_collapsed())
}

/// Whether an event came from inside an element that `selector` finds.
pub fn is_within(event: &web_sys::Event, selector: &str) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| element.closest(selector).ok().flatten().is_some())
}

/// Scrolls an element to its end.
pub fn scroll_to_end(node: &NodeRef) {
    if let Some(element) = node.cast::<Element>() {
        element.set_scroll_top(element.scroll_height());
    }
}

/// Scrolls what scrolls around the first element that `selector` finds as far as the element needs to be in sight.
pub fn reveal(selector: &str) {
    if let Some(element) = document().and_then(|document| document.query_selector(selector).ok().flatten()) {
        // Scrolling makes the element the place from which Tab goes on, so what is in sight is left alone.
        let is_in_sight = element.closest("nav").ok().flatten().is_some_and(|around| {
            let (inner, outer) = (element.get_bounding_client_rect(), around.get_bounding_client_rect());
            inner.left() >= outer.left() && inner.right() <= outer.right()
        });
        if is_in_sight {
            return;
        }
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        options.set_inline(ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Scrolls an element to its beginning.
pub fn scroll_to_start(selector: &str) {
    if let Some(element) = document().and_then(|document| document.query_selector(selector).ok().flatten()) {
        element.set_scroll_top(0);
    }
}

/// The text of a text area with the place of the caret; `None` while something is selected.
pub fn caret(area: &HtmlTextAreaElement) -> Option<(String, usize)> {
    let start = area.selection_start().ok().flatten()?;
    let end = area.selection_end().ok().flatten()?;
    let text = area.value();
    if start != end {
        return None;
    }
    // The browser counts in UTF-16 units.
    let mut units = 0;
    let at = text.char_indices().find(|(_, c)| {
        let here = units >= start;
        units += u32::try_from(c.len_utf16()).unwrap_or(2);
        here
    });
    let at = at.map_or(text.len(), |(at, _)| at);
    Some((text, at))
}

/// Puts the caret at a byte of the text.
pub fn put_caret(area: &HtmlTextAreaElement, at: usize) {
    let text = area.value();
    let before = text.get(..at).unwrap_or(&text);
    let units = u32::try_from(before.encode_utf16().count()).unwrap_or(u32::MAX);
    let _ = area.set_selection_range(units, units);
}

/// Types a text at the caret, as the person would: the browser's own undo knows it.
pub fn type_text(text: &str) {
    let Some(document) = document().and_then(|document| document.dyn_into::<HtmlDocument>().ok()) else { return };
    // Old in name, but the only way that keeps the field's undo history.
    let _ = document.exec_command_with_show_ui_and_value("insertText", false, text);
}

/// Scrolls whatever scrolls around a line of an editor until the line is in the middle and its beginning in sight.
/// `selector` finds the editor's spot, which is moved there.
pub fn show_line(selector: &str, line: usize) {
    let element = document().and_then(|document| document.query_selector(selector).ok().flatten());
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.style().set_property("--line", &line.to_string());
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Center);
        options.set_inline(ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
        if let Ok(Some(frame)) = element.closest(".editor__frame") {
            frame.set_scroll_left(0);
        }
    }
}

/// The window, to listen to.
pub fn window_target() -> Option<web_sys::EventTarget> {
    window().map(Into::into)
}
