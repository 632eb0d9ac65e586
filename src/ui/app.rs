//! The root: makes the store, keeps address and store in step, and listens to the keys that work everywhere.

use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;
use yew::prelude::*;

use super::frame::Frame;
use super::state::{Action, App, Store};
use super::storage::{self, Stopped, Work};
use super::{dom, focus, link};
use crate::formats::time::Timestamp;
use crate::session::log::stored::LogError;
use crate::session::saves::{Opened, Save};
use crate::session::{Session, scenario};
use crate::view::flash::Flash;
use crate::view::question::Question;
use crate::view::route::Route;
use crate::view::sharing;

/// How long the address waits for further changes, in milliseconds: browsers refuse more than a few writes a second.
const ADDRESS_DELAY: u32 = 250;
/// By how many milliseconds a write that would be felt is put off while somebody types, and how often.
const PUT_OFF: u32 = 200;
const MOST_PUT_OFF: u32 = 15;

/// The store at the start: what the address asks for, else the work of this tab, else the walkthrough's world.
/// Work that the address takes the place of stays among the saves.
fn start() -> App {
    let stopped = storage::take_stopped();
    // What stopped the program while it started is not opened again.
    let skips = stopped.as_ref().is_some_and(|stopped| stopped.is_start);
    let fragment = dom::take_fragment();
    let fragment = if skips { String::new() } else { fragment };
    storage::expect(fragment.len());
    let opened = link::open(&fragment);
    let is_fresh = dom::take_fresh() || skips;
    let kept = storage::begin(is_fresh);
    let is_own = dom::is_own_entry();
    let mut is_kept = false;
    let mut work = |kept: Opened| {
        is_kept = true;
        let flash = kept.lost.as_ref().map(without_history);
        (Some((kept.session, kept.asked)), flash)
    };
    let (opened_work, flash) = match (opened.shared, kept) {
        // After a reload the storage may be a little ahead of the address.
        (Some(Ok(_)), Some(Ok(kept))) if is_own => work(kept),
        (Some(Ok(linked)), Some(Ok(kept))) if linked.snapshot != *kept.session.now() => {
            storage::begin_anew();
            let text = "What you did in this tab before is under Saved work.";
            let flash = Flash::info("This world comes from the link", text);
            (Some((Session::new(linked.snapshot), linked.asked)), Some(flash))
        }
        (Some(Ok(linked)), Some(Ok(kept))) => work(Opened { asked: linked.asked, ..kept }),
        (Some(Ok(linked)), Some(Err(_))) => {
            is_kept = true;
            (Some((Session::new(linked.snapshot), linked.asked)), None)
        }
        (Some(Ok(linked)), None) => (Some((Session::new(linked.snapshot), linked.asked)), None),
        (Some(Err(error)), Some(Ok(kept))) => {
            let title = "The link could not be opened, so this is your earlier work in this tab";
            (work(kept).0, Some(Flash::error(title, error)))
        }
        (Some(Err(error)), _) => {
            (None, Some(Flash::error("The link could not be opened, so this is the starting world", error)))
        }
        (None, Some(Ok(kept))) => work(kept),
        (None, Some(Err(error))) => {
            let title = "The work kept in this tab could not be opened, so this is the starting world";
            (None, Some(Flash::error(title, format!("It stays in the browser's storage: {error}."))))
        }
        (None, None) => (None, (!is_fresh).then(storage::latest).flatten().map(earlier)),
    };
    let (session, asked) = opened_work.unwrap_or_else(|| (Session::new(scenario::walkthrough()), None));
    let mut app = App::new(session, opened.route, stopped.as_ref().map(after_stop).or(flash));
    if let Some(asked) = asked {
        app.question = sharing::from_link(&asked);
    }
    if !is_kept {
        storage::untouched(work_of(&app.session, &app.question));
    }
    app
}

/// Tells that the program stopped the last time, and what is there now.
fn after_stop(stopped: &Stopped) -> Flash {
    let message = &stopped.message;
    if stopped.is_start {
        let title = "The playground stopped while it opened the last state, so this is the starting world";
        return Flash::error(title, format!("The state is under Saved work. The fault said: {message}"));
    }
    let text = format!(
        "This is your work as it was kept. Undo goes back to the state before the last change. The fault said: {message}"
    );
    Flash { can_undo: true, ..Flash::error("The playground stopped", text) }
}

/// Tells that a history could not be kept or read.
pub fn without_history(error: &LogError) -> Flash {
    let text = format!("The world is as you left it. Undo and History begin again here: {error}.");
    Flash::info("The history of this work could not be opened", text)
}

/// Tells about work of a tab that was closed, or of another one.
fn earlier(save: Save) -> Flash {
    let ago = Timestamp(save.at).age(Timestamp(storage::now()));
    Flash::info("This is the starting world", format!("Your work of {ago} ago is under Saved work."))
}

/// What is kept of the store. The question that everybody starts with is left out.
fn work_of(session: &Rc<Session>, question: &Question) -> Rc<Work> {
    let asked = (*question != Question::default()).then(|| sharing::to_link(question));
    Work::new(Rc::clone(session), asked)
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

/// Writes soon, but so that nobody who types is held up: between two keys only what takes no time, and what takes long
/// in two parts. What is put off is still written when the page is hidden or left.
fn write_gently(work: Rc<Work>, write: impl Fn() + 'static, put_off: u32) {
    let is_put_off = storage::is_felt() && put_off < MOST_PUT_OFF;
    let when_due = move || {
        if is_put_off {
            write_gently(work, write, put_off + 1);
        } else if work.prepare() {
            Timeout::new(0, write).forget();
        } else {
            write();
        }
    };
    Timeout::new(if is_put_off { PUT_OFF } else { 0 }, when_due).forget();
}

/// Writes page, world and question into the address: a new page at once, a change after a short rest. Work is kept in
/// the browser's storage at once, if the last write was not just now, and in any case when the page is hidden or left.
/// A reload takes the address that was there before, so what the storage does not take goes into the address at once.
#[hook]
fn use_address(store: &Store) {
    let written = use_mut_ref(|| store.route.clone());
    // What the address does not say yet.
    let due = use_mut_ref(|| None::<(Route, Rc<Work>)>);
    let write = {
        let (due, dispatcher) = (Rc::clone(&due), store.dispatcher());
        move |with_address: bool| {
            let trouble = storage::flush();
            if (with_address || storage::is_losing())
                && let Some((route, work)) = due.take()
                && !dom::write_fragment(&link::with_text(&route, work.link()), false)
            {
                due.replace(Some((route, work)));
            }
            if let Some(trouble) = trouble {
                dispatcher.dispatch(Action::Show(Flash::info("Your work is not kept in this browser", trouble.text())));
            }
        }
    };
    let (session, route, question) = (Rc::clone(&store.session), store.route.clone(), store.question.clone());
    let key = (Rc::as_ptr(&session) as usize, route.clone(), question.clone());
    let leave = write.clone();
    use_effect_with(key, move |_| {
        let work = work_of(&session, &question);
        storage::change(Rc::clone(&work));
        let is_new_page = *written.borrow() != route;
        if is_new_page {
            written.replace(route.clone());
            // An anchor has already written the page into the address.
            if link::open(&dom::fragment()).route != route {
                dom::write_fragment(&link::with_text(&route, work.link()), true);
            }
            dom::scroll_to_start(".page");
        }
        dom::set_title(&format!("{} · EKS Access Playground", route.title()));
        due.replace(Some((route, Rc::clone(&work))));
        if storage::is_rested() {
            // What was done is drawn first. It must not wait for what follows.
            let write = write.clone();
            write_gently(Rc::clone(&work), move || write(false), 0);
        }
        let timer = Timeout::new(ADDRESS_DELAY, move || write_gently(work, move || write(true), 0));
        move || drop(timer)
    });
    use_effect_with((), move |()| {
        let listen = |target: Option<web_sys::EventTarget>, event: &'static str| {
            let leave = leave.clone();
            target.map(|target| EventListener::new(&target, event, move |_| leave(true)))
        };
        let hidden = listen(dom::document().map(Into::into), "visibilitychange");
        let left = listen(dom::window_target(), "pagehide");
        move || drop((hidden, left))
    });
}

/// Opens what the address asks for when the person changes it.
#[hook]
fn use_followed_address(store: &Store) {
    let dispatcher = store.dispatcher();
    use_effect_with((), move |()| {
        let listener = dom::window_target().map(|window| {
            EventListener::new(&window, "hashchange", move |_| {
                let opened = link::open(&dom::take_fragment());
                // Going back must not bring back an older world: only links of others carry one in.
                let is_own = dom::is_own_entry();
                match opened.shared {
                    Some(Ok(shared)) if !is_own => {
                        // What was there stays among the saves.
                        storage::begin_anew();
                        dispatcher.dispatch(Action::Restore(Box::new(Session::new(shared.snapshot)), shared.asked));
                    }
                    Some(Err(error)) if !is_own => {
                        dispatcher.dispatch(Action::Show(Flash::error(
                            "The link could not be opened; nothing was changed",
                            error,
                        )));
                    }
                    _ => {}
                }
                dispatcher.dispatch(Action::Follow(opened.route));
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
    focus::keep();
    match dom::document().and_then(|document| document.get_element_by_id("app")) {
        Some(app) => yew::Renderer::<Root>::with_root(app).render(),
        None => yew::Renderer::<Root>::new().render(),
    };
}
