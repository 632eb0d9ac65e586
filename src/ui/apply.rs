//! The dialog before a change of an object: what changes in its text, for whom, as whom, and the command.

use yew::prelude::*;

use super::editor::difference;
use super::effects::Preview;
use super::parts::{Dialog, command};
use super::state::{Action, Store};
use crate::engine::Request;
use crate::shell::render;

/// A change to be confirmed.
#[derive(Properties, PartialEq)]
pub struct ApplyProps {
    /// The title of the dialog.
    pub title: AttrValue,
    /// What the button says.
    pub verb: AttrValue,
    /// What is said when it is done.
    pub done: AttrValue,
    /// The call.
    pub request: Request,
    /// The text before; empty if there is none.
    #[prop_or_default]
    pub old: AttrValue,
    /// The text after; empty if there is none.
    #[prop_or_default]
    pub new: AttrValue,
    /// Something to be said first.
    #[prop_or_default]
    pub children: Html,
    /// Closes the dialog.
    pub on_close: Callback<()>,
    /// The change was made.
    #[prop_or_default]
    pub on_done: Callback<()>,
}

/// The dialog. The call is tried before it can be made, so that a refusal shows here.
#[function_component]
pub fn ApplyDialog(props: &ApplyProps) -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let kubectl = store.kubectl().acting;
    let is_refused = store.trial(&kubectl.caller, std::slice::from_ref(&props.request)).is_err();
    let cancel = {
        let close = props.on_close.clone();
        Callback::from(move |_: MouseEvent| close.emit(()))
    };
    let apply = {
        let (store, close, on_done, request, done, caller) = (
            store.clone(),
            props.on_close.clone(),
            props.on_done.clone(),
            props.request.clone(),
            props.done.to_string(),
            kubectl.caller.clone(),
        );
        Callback::from(move |_: MouseEvent| {
            close.emit(());
            store.dispatch(Action::Call(caller.clone(), vec![request.clone()], done.clone()));
            on_done.emit(());
        })
    };
    html! {
        <Dialog title={props.title.clone()} on_close={props.on_close.clone()}>
            { props.children.clone() }
            if props.old != props.new { { difference(&props.old, &props.new) } }
            <Preview requests={vec![props.request.clone()]} caller={Some(kubectl.caller.clone())} />
            <p class="card__text--quiet">{ format!("Made as {}, whom kubectl acts as now:", kubectl.name()) }</p>
            { command(&render::command(&props.request), None) }
            <div class="dialog__actions">
                <button type="button" class="button" onclick={cancel}>{ "Cancel" }</button>
                <button type="button" class="button button--primary" autofocus=true disabled={is_refused} onclick={apply}>{ props.verb.clone() }</button>
            </div>
        </Dialog>
    }
}
