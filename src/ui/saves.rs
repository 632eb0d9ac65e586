//! The dialog of saved work: named saves, the work of other tabs, files, and a new beginning.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::parts::{Dialog, field, icon, value_of};
use super::state::{Action, Store};
use super::{dom, storage};
use crate::formats::time::Timestamp;
use crate::session::saves::{self, Kept, Opened};
use crate::session::share::Shared;
use crate::session::{Session, scenario};
use crate::view::flash::Flash;
use crate::view::sharing;

/// The button that opens the dialog.
#[function_component]
pub fn SavedWork() -> Html {
    let is_open = use_state(|| false);
    let onclick = {
        let is_open = is_open.clone();
        Callback::from(move |_: MouseEvent| is_open.set(true))
    };
    let on_close = {
        let is_open = is_open.clone();
        Callback::from(move |()| is_open.set(false))
    };
    html! {
        <>
            <button type="button" class="button button--icon saved-work" {onclick} aria-label="Saved work" title="Saved work" aria-haspopup="dialog">{ icon("folder") }</button>
            if *is_open { <SavesDialog {on_close} /> }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct SavesDialogProps {
    on_close: Callback<()>,
}

/// What the person is asked about.
#[derive(Clone, PartialEq)]
enum Asking {
    Nothing,
    Delete(String),
    Rename(String),
    /// The save of that key, by the present world.
    Replace(String),
    Reset,
}

#[function_component]
fn SavesDialog(props: &SavesDialogProps) -> Html {
    let asking = use_state(|| Asking::Nothing);
    let name = use_state(String::new);
    let new_name = use_state(String::new);
    let said = use_state(|| (false, String::new()));
    let list = use_state(storage::others);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let asked = sharing::to_link(&store.question);
    let say = {
        let (said, list, asking) = (said.clone(), list.clone(), asking.clone());
        Callback::from(move |(is_error, text): (bool, String)| {
            said.set((is_error, text));
            list.set(storage::others());
            asking.set(Asking::Nothing);
        })
    };
    let ask = {
        let asking = asking.clone();
        Callback::from(move |what: Asking| asking.set(what))
    };
    let open = {
        let (store, close) = (store.clone(), props.on_close.clone());
        Callback::from(move |(Opened { session, asked, lost }, title): (Opened, String)| {
            // What was there stays among the saves.
            storage::begin_anew();
            store.dispatch(Action::Restore(Box::new(session), asked));
            let mut text = "What was here before is under Saved work.".to_owned();
            if let Some(error) = lost {
                text.push_str(&format!(" Its history could not be opened, so undo begins here: {error}."));
            }
            store.dispatch(Action::Show(Flash::info(title, text)));
            close.emit(());
        })
    };
    let save = {
        let (name, say, now, asked) = (name.clone(), say.clone(), store.now().clone(), asked.clone());
        Callback::from(move |()| {
            let clean = saves::clean_name(&name);
            let save = saves::save(&clean, storage::now(), &now, Some(&asked));
            match storage::put(&saves::named_key(&clean), &save) {
                Ok(()) => {
                    name.set(String::new());
                    say.emit((false, format!("Saved as {clean}.")));
                }
                Err(trouble) => say.emit((true, trouble.text().to_owned())),
            }
        })
    };
    let onsubmit = {
        let (name, say, ask, save) = (name.clone(), say.clone(), ask.clone(), save.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let clean = saves::clean_name(&name);
            let key = saves::named_key(&clean);
            if clean.is_empty() {
                say.emit((true, "Give it a name first.".to_owned()));
            } else if storage::others().iter().any(|kept| kept.key == key) {
                // Another tab may have saved it since the list was made.
                say.emit((false, String::new()));
                ask.emit(Asking::Replace(key));
            } else {
                save.emit(());
            }
        })
    };
    let replace = Callback::from(move |_: MouseEvent| save.emit(()));
    let row = |kept: &Kept| row(kept, &asking, &new_name, &ask, &say, &open);
    let onfile = {
        let (open, say) = (open.clone(), say.clone());
        Callback::from(move |event: Event| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
            let (open, say) = (open.clone(), say.clone());
            dom::read_file(&input, saves::MAX_SAVE_BYTES, move |text| {
                match text.ok_or(saves::SaveError::TooLong).and_then(|text| saves::open_file(&text)) {
                    Ok((name, shared)) => {
                        let title =
                            if name.is_empty() { "Opened the file".to_owned() } else { format!("Opened {name}") };
                        open.emit((without_history(shared), title));
                    }
                    Err(error) => {
                        say.emit((true, format!("The file could not be opened: {error}. Nothing was changed.")))
                    }
                }
            });
        })
    };
    let reset = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| {
            let shared = Shared { snapshot: scenario::walkthrough(), asked: None };
            open.emit((without_history(shared), "This is the starting world".to_owned()));
        })
    };
    let present = saves::save(&name, storage::now(), store.now(), Some(&asked));
    let file = format!("data:application/json;base64,{}", STANDARD.encode(saves::write(&present)));
    let replaced = list.iter().find(|kept| *asking == Asking::Replace(kept.key.clone()));
    let typed = (*name).clone();
    let oninput = {
        let ask = ask.clone();
        Callback::from(move |event: InputEvent| {
            name.set(value_of(&event));
            ask.emit(Asking::Nothing);
        })
    };
    let asks_reset = *asking == Asking::Reset;
    let ask_for = |what: Asking| {
        let ask = ask.clone();
        Callback::from(move |_: MouseEvent| ask.emit(what.clone()))
    };
    let close = {
        let on_close = props.on_close.clone();
        Callback::from(move |_: MouseEvent| on_close.emit(()))
    };
    let (named, tabs): (Vec<&Kept>, Vec<&Kept>) = list.iter().partition(|kept| !kept.is_tab);
    html! {
        <Dialog title="Saved work" on_close={props.on_close.clone()}>
            <p class="quiet">{ "This tab's work is kept in this browser by itself and survives a reload. Saves stay until you delete them." }</p>
            <form class="saves__new" {onsubmit}>
                { field("save-name", "Name", "", None, html! {
                    <input id="save-name" class="input" type="text" maxlength="60" autocomplete="off" value={typed} {oninput} />
                }) }
                <button type="submit" class="button button--primary">{ "Save" }</button>
            </form>
            if let Some(kept) = replaced {
                <div class="saves__question" role="alert">
                    <p>{ format!("{} is there already, saved {}. Replace it by this world?", title_of(kept), when_of(kept)) }</p>
                    <div class="saves__files">
                        <button type="button" class="button button--danger" onclick={replace}>{ "Replace it" }</button>
                        <button type="button" class="button" onclick={ask_for(Asking::Nothing)}>{ "Keep it" }</button>
                    </div>
                </div>
            }
            <p class={classes!("saves__said", said.0.then_some("saves__said--error"))} role="status">{ said.1.clone() }</p>
            <section class="saves__part">
                <h3 class="saves__title">{ "Saves" }</h3>
                if named.is_empty() { <p class="quiet">{ "None yet. Save a state that you want to come back to, such as the start of a lesson." }</p> }
                <ul class="saves__list">{ for named.into_iter().map(row) }</ul>
            </section>
            if !tabs.is_empty() {
                <section class="saves__part">
                    <h3 class="saves__title">{ "Earlier work and other tabs" }</h3>
                    <ul class="saves__list">{ for tabs.into_iter().map(row) }</ul>
                </section>
            }
            <section class="saves__part">
                <h3 class="saves__title">{ "Files" }</h3>
                <div class="saves__files">
                    <a class="button" href={file} download={saves::file_name(&present.name)}>{ "Save to a file" }</a>
                    <label class="button saves__file">{ "Open a file" }<input type="file" class="hidden" accept=".json,.txt,application/json,text/plain" onchange={onfile} /></label>
                </div>
            </section>
            <section class="saves__part">
                <h3 class="saves__title">{ "Begin anew" }</h3>
                if asks_reset {
                    <p>{ "Replace this world by the starting world? What is here now stays under Earlier work; undo does not reach behind it." }</p>
                    <div class="saves__files">
                        <button type="button" class="button button--danger" onclick={reset}>{ "Replace this world" }</button>
                        <button type="button" class="button" onclick={ask_for(Asking::Nothing)}>{ "Keep it" }</button>
                    </div>
                } else {
                    <div class="saves__files"><button type="button" class="button" onclick={ask_for(Asking::Reset)}>{ "Reset to the starting world" }</button></div>
                }
            </section>
            <div class="dialog__actions"><button type="button" class="button" onclick={close}>{ "Close" }</button></div>
        </Dialog>
    }
}

fn without_history(Shared { snapshot, asked }: Shared) -> Opened {
    Opened { session: Session::new(snapshot), asked, lost: None }
}

fn title_of(kept: &Kept) -> String {
    match &kept.save {
        Ok(save) if !save.name.is_empty() => save.name.clone(),
        Ok(_) => "Unnamed work".to_owned(),
        Err(_) => "A save that cannot be read".to_owned(),
    }
}

/// When it was kept, or why it cannot be read.
fn when_of(kept: &Kept) -> String {
    match &kept.save {
        Ok(save) => format!("{} ago", Timestamp(save.at).age(Timestamp(storage::now()))),
        Err(error) => error.to_string(),
    }
}

/// A save with what can be done with it.
fn row(
    kept: &Kept,
    asking: &Asking,
    new_name: &UseStateHandle<String>,
    ask: &Callback<Asking>,
    say: &Callback<(bool, String)>,
    open: &Callback<(Opened, String)>,
) -> Html {
    let (title, when) = (title_of(kept), when_of(kept));
    let ask_for = |what: Asking| {
        let ask = ask.clone();
        Callback::from(move |_: MouseEvent| {
            ask.emit(what.clone());
            // What is asked has the focus, and of two answers the one that does nothing.
            dom::focus_once_drawn(".saves__rename input, .saves__keep");
        })
    };
    let on_open = {
        let (kept, open, say, title) = (kept.clone(), open.clone(), say.clone(), title.clone());
        Callback::from(move |_: MouseEvent| {
            let Ok(save) = &kept.save else { return };
            match saves::open_with_history(save) {
                Ok(opened) => open.emit((opened, format!("Opened {title}"))),
                Err(error) => say.emit((true, format!("{title} could not be opened: {error}. Nothing was changed."))),
            }
        })
    };
    let on_delete = {
        let (key, say, title) = (kept.key.clone(), say.clone(), title.clone());
        Callback::from(move |_: MouseEvent| {
            storage::remove(&key);
            say.emit((false, format!("Deleted {title}.")));
        })
    };
    let on_rename = {
        let (kept, say, new_name) = (kept.clone(), say.clone(), new_name.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let name = saves::clean_name(&new_name);
            let Ok(save) = &kept.save else { return };
            let key = saves::named_key(&name);
            if name.is_empty() || key != kept.key && storage::others().iter().any(|other| other.key == key) {
                return say.emit((true, "That name is empty or taken.".to_owned()));
            }
            match storage::put(&key, &saves::Save { name: name.clone(), ..save.clone() }) {
                Ok(()) => {
                    if key != kept.key {
                        storage::remove(&kept.key);
                    }
                    say.emit((false, format!("Renamed to {name}.")));
                }
                Err(trouble) => say.emit((true, trouble.text().to_owned())),
            }
        })
    };
    let on_new_name = {
        let new_name = new_name.clone();
        Callback::from(move |event: InputEvent| new_name.set(value_of(&event)))
    };
    let is_asked = |what: Asking| *asking == what;
    let name_it = if kept.is_tab { "Name" } else { "Rename" };
    let actions = if is_asked(Asking::Delete(kept.key.clone())) {
        html! {
            <>
                <button type="button" class="button button--small saves__keep" onclick={ask_for(Asking::Nothing)}>{ "Keep" }</button>
                <button type="button" class="button button--small button--danger" onclick={on_delete}>{ "Delete for good" }</button>
            </>
        }
    } else if is_asked(Asking::Rename(kept.key.clone())) {
        html! {
            <form class="saves__rename" onsubmit={on_rename}>
                <input class="input" type="text" maxlength="60" aria-label={format!("New name of {title}")} oninput={on_new_name} />
                <button type="submit" class="button button--small">{ "Rename" }</button>
                <button type="button" class="button button--small" onclick={ask_for(Asking::Nothing)}>{ "Cancel" }</button>
            </form>
        }
    } else {
        html! {
            <>
                if kept.save.is_ok() {
                    <button type="button" class="button button--small" onclick={on_open} aria-label={format!("Open {title}")}>{ "Open" }</button>
                    <button type="button" class="button button--small" onclick={ask_for(Asking::Rename(kept.key.clone()))} aria-label={format!("{name_it} {title}")}>{ name_it }</button>
                }
                <button type="button" class="button button--small" onclick={ask_for(Asking::Delete(kept.key.clone()))} aria-label={format!("Delete {title}")}>{ "Delete" }</button>
            </>
        }
    };
    html! {
        <li key={kept.key.clone()} class="save">
            <span class="save__name">{ title.clone() }</span>
            <span class="save__when">{ when }</span>
            <span class="save__actions">{ actions }</span>
        </li>
    }
}
