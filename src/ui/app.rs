//! The root: makes the store, keeps address and store in step, and listens to the keys that work everywhere.

use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;
use yew::prelude::*;

use super::frame::Frame;
use super::state::{Action, App, Store};
use super::{dom, link, storage};
use crate::session::scenario;
use crate::view::flash::Flash;
use crate::view::sharing;

/// How long the address waits for further changes, in milliseconds.
const ADDRESS_DELAY: u32 = 250;

/// The store at the start: what the address asks for, else the work of this tab, else the walkthrough's world.
/// Work that the address takes the place of stays among the saves.
fn start() -> App {
    let opened = link::open(&dom::fragment());
    let kept = storage::begin(dom::take_fresh());
    let is_own = dom::is_own_entry();
    let (shared, flash) = match (opened.shared, kept) {
        // After a reload the storage may be a little ahead of the address.
        (Some(Ok(_)), Some(Ok(kept))) if is_own => (Some(kept), None),
        (Some(Ok(linked)), Some(Ok(kept))) if linked.snapshot != kept.snapshot => {
            storage::begin_anew();
            let text = "What you did in this tab before is under Saved work.";
            (Some(linked), Some(Flash::info("This world comes from the link", text)))
        }
        (Some(Ok(linked)), _) => (Some(linked), None),
        (Some(Err(error)), Some(Ok(kept))) => (
            Some(kept),
            Some(Flash::error("The link could not be opened, so this is your earlier work in this tab", error)),
        ),
        (Some(Err(error)), _) => {
            (None, Some(Flash::error("The link could not be opened, so this is the starting world", error)))
        }
        (None, Some(Ok(kept))) => (Some(kept), None),
        (None, Some(Err(error))) => {
            let title = "The work kept in this tab could not be opened, so this is the starting world";
            (None, Some(Flash::error(title, format!("It stays in the browser's storage: {error}."))))
        }
        (None, None) => (None, None),
    };
    let lost = opened.route.as_ref().err().map(|error| Flash::error("This address leads nowhere", error.clone()));
    let now = shared.as_ref().map_or_else(scenario::walkthrough, |shared| shared.snapshot.clone());
    let mut app = App::new(now, opened.route.unwrap_or_default(), flash.or(lost));
    if let Some(asked) = shared.and_then(|shared| shared.asked) {
        app.question = sharing::from_link(&asked);
    }
    app
}

/// The whole page.
#[function_component]
fn Root() -> Html {
    let store = use_reducer(start);
    use_address(&store);
    use_followed_address(&store);
    use_keys(&store);
    html! { <ContextProvider<Store> context={store}><Frame /></ContextProvider<Store>> }
}

/// What [`Provided`] shows.
#[derive(Properties, PartialEq)]
pub struct ProvidedProps {
    /// The parts that read the store.
    pub children: Html,
}

/// A part of the page with a store of its own, for component tests.
#[function_component]
pub fn Provided(props: &ProvidedProps) -> Html {
    let store = use_reducer(App::walkthrough);
    html! { <ContextProvider<Store> context={store}>{ props.children.clone() }</ContextProvider<Store>> }
}

/// Writes page, world and question into the address: a new page at once, a change after a short rest. The world is then
/// kept in the browser's storage too.
#[hook]
fn use_address(store: &Store) {
    let written = use_mut_ref(|| store.route.clone());
    let (now, route, question) = (store.now().clone(), store.route.clone(), store.question.clone());
    let key = (Rc::as_ptr(&now.world) as usize, Rc::as_ptr(&now.workstation) as usize, route.clone(), question.clone());
    let dispatcher = store.dispatcher();
    use_effect_with(key, move |_| {
        let is_new_page = *written.borrow() != route;
        if is_new_page {
            written.replace(route.clone());
            // An anchor has already written the page into the address.
            if link::open(&dom::fragment()).route.as_ref() != Ok(&route) {
                dom::write_fragment(&link::fragment(&route, &now, &question), true);
            }
            dom::scroll_to_start(".page");
        }
        dom::set_title(&format!("{} · EKS Access Playground", route.section().label()));
        let timer = Timeout::new(ADDRESS_DELAY, move || {
            dom::write_fragment(&link::fragment(&route, &now, &question), false);
            if let Some(trouble) = storage::keep(&now, Some(&sharing::to_link(&question))) {
                dispatcher.dispatch(Action::Show(Flash::info("Your work is not kept in this browser", trouble.text())));
            }
        });
        move || drop(timer)
    });
}

/// Opens what the address asks for when the person changes it.
#[hook]
fn use_followed_address(store: &Store) {
    let dispatcher = store.dispatcher();
    use_effect_with((), move |()| {
        let listener = dom::window_target().map(|window| {
            EventListener::new(&window, "hashchange", move |_| {
                let opened = link::open(&dom::fragment());
                // Going back must not bring back an older world: only links of others carry one in.
                let is_own = dom::is_own_entry();
                match opened.shared {
                    Some(Ok(shared)) if !is_own => {
                        // What was there stays among the saves.
                        storage::begin_anew();
                        dispatcher.dispatch(Action::Restore(shared));
                    }
                    Some(Err(error)) if !is_own => {
                        dispatcher.dispatch(Action::Show(Flash::error(
                            "The link could not be opened; nothing was changed",
                            error,
                        )));
                    }
                    _ => {}
                }
                match opened.route {
                    Ok(route) => dispatcher.dispatch(Action::Go(route)),
                    Err(error) => dispatcher.dispatch(Action::Show(Flash::error("This address leads nowhere", error))),
                }
            })
        });
        move || drop(listener)
    });
}

/// Undo, redo, and the way to the terminal.
#[hook]
fn use_keys(store: &Store) {
    let dispatcher = store.dispatcher();
    use_effect_with((), move |()| {
        let listener = dom::window_target().map(|window| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&window, "keydown", options, move |event| {
                let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
                if !(event.ctrl_key() || event.meta_key()) || event.alt_key() {
                    return;
                }
                let steps = match (event.key().to_lowercase().as_str(), event.shift_key()) {
                    ("`", false) => {
                        event.prevent_default();
                        return dom::focus_selector(".terminal__input");
                    }
                    ("z", false) => 1,
                    ("z", true) | ("y", false) => -1,
                    _ => return,
                };
                // In a text field these keys belong to the text.
                if !dom::is_typing() {
                    event.prevent_default();
                    dispatcher.dispatch(Action::Travel(steps));
                }
            })
        });
        move || drop(listener)
    });
}

/// Mounts the page into the document's `#app` element, replacing what is in it; without one, into the body.
pub fn mount() {
    if let Some(theme) = dom::preference("theme").and_then(|theme| theme.as_str().map(str::to_owned)) {
        dom::set_theme(&theme);
    }
    match dom::document().and_then(|document| document.get_element_by_id("app")) {
        Some(app) => yew::Renderer::<Root>::with_root(app).render(),
        None => yew::Renderer::<Root>::new().render(),
    };
}
