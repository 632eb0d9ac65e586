//! The share dialog: a link to the present world, how long it is and where it fits, and what to paste elsewhere.

use yew::prelude::*;

use super::parts::{Copy, Dialog, icon};
use super::state::Store;
use super::{dom, link};
use crate::session::share as codec;
use crate::view::access_path::answer;
use crate::view::question::Question;
use crate::view::route::Route;
use crate::view::sharing;

/// The button that opens the dialog.
#[function_component]
pub fn Share() -> Html {
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
            <button type="button" class="button share" {onclick} title="Share this world" aria-haspopup="dialog">
                { icon("link") }<span class="share__label">{ "Share" }</span>
            </button>
            if *is_open { <ShareDialog {on_close} /> }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct ShareDialogProps {
    on_close: Callback<()>,
}

#[function_component]
fn ShareDialog(props: &ShareDialogProps) -> Html {
    let has_question = use_state(|| true);
    let has_page = use_state(|| true);
    let has_terminal = use_state(|| true);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let (now, question) = (store.now(), &store.question);
    let route = if *has_page { store.route.clone() } else { Route::Overview };
    let asked = if *has_question { question.clone() } else { Question::default() };
    let mut shown = now.clone();
    if !*has_terminal {
        let files = crate::session::scenario::walkthrough().workstation;
        shown.workstation = files;
    }
    let address = dom::address_with(&link::fragment(&route, &shown, &asked));
    let text = codec::encode(&shown);
    let card = store
        .cluster_name()
        .and_then(|name| now.world.cluster(&name).map(|cluster| sharing::card(&answer(now, cluster, question))));
    let card_address = dom::address_with(&link::fragment(&Route::Overview, &shown, question));
    let title = "EKS access playground";
    let toggle = |label: &'static str, hint: &'static str, state: &UseStateHandle<bool>| {
        let state = state.clone();
        let checked = *state;
        let onchange = Callback::from(move |_: Event| state.set(!checked));
        html! {
            <label class="share-dialog__choice">
                <input type="checkbox" {checked} {onchange} />
                <span>{ label }{ " " }<span class="share-dialog__hint">{ hint }</span></span>
            </label>
        }
    };
    let snippet = |label: &'static str, text: String| {
        html! {
            <div class="snippet">
                <span class="snippet__label">{ label }</span>
                <pre class="snippet__text" tabindex="0">{ text.clone() }</pre>
                <Copy {text} label={format!("Copy: {label}")} />
            </div>
        }
    };
    let (fitting, others) = sharing::places(address.len());
    let places = |heading: &'static str, sign: &'static str, places: &[&'static str]| {
        html! {
            if !places.is_empty() {
                <p class="place"><strong>{ heading }</strong></p>
                <ul class="places">{ for places.iter().map(|place| html! { <li key={*place} class="place">{ icon(sign) }{ *place }</li> }) }</ul>
            }
        }
    };
    let close = {
        let on_close = props.on_close.clone();
        Callback::from(move |_: MouseEvent| on_close.emit(()))
    };
    html! {
        <Dialog title="Share this world" on_close={props.on_close.clone()}>
            <p class="quiet">{ "The whole state is in the link. Nothing is stored on a server, and opening it runs no command." }</p>
            <fieldset class="share-dialog__choices">
                <legend>{ "What the link carries besides the world" }</legend>
                { toggle("The question", "of the question bar", &has_question) }
                { toggle("The open page", "instead of the first one", &has_page) }
                { toggle("The terminal's files and variables", "kubeconfig and profiles included", &has_terminal) }
            </fieldset>
            { snippet("Link", address.clone()) }
            <div class="share-dialog__fit">
                <p><strong class="share-dialog__length">{ format!("{} characters", address.len()) }</strong>{ format!(", {} of them the world.", text.len()) }</p>
                { places("It fits into", "check", &fitting) }
                { places("It is too long for", "cross", &others) }
                if fitting.is_empty() { <p class="quiet">{ "Save it to a file instead: that is under Saved work." }</p> }
            </div>
            if let Some(card) = card {
                <details class="share-dialog__more">
                    <summary>{ "The answer as a card" }</summary>
                    <p class="card-preview">{ card.question.clone() }{ " " }<strong>{ card.answer }</strong>{ ". " }{ card.reason.clone() }</p>
                    { snippet("Link to the question", card_address.clone()) }
                    { snippet("Text", card.text(&card_address)) }
                    { snippet("Markdown", card.markdown(&card_address)) }
                </details>
            }
            <details class="share-dialog__more">
                <summary>{ "Markdown and HTML" }</summary>
                { snippet("Markdown", sharing::markdown(title, &address)) }
                { snippet("HTML", sharing::anchor(title, &address)) }
                { snippet("Frame", sharing::frame(title, &address)) }
            </details>
            <details class="share-dialog__more">
                <summary>{ "QR code" }</summary>
                if let Some(qr) = sharing::qr(&address) {
                    <svg class="qr" viewBox={format!("0 0 {0} {0}", qr.size)} role="img" aria-label="QR code of the link">
                        <rect class="qr__paper" width={qr.size.to_string()} height={qr.size.to_string()} /><path class="qr__ink" d={qr.path} />
                    </svg>
                } else {
                    <p>{ "The link is too long for a QR code. Leave something out, or save to a file." }</p>
                }
            </details>
            <div class="dialog__actions"><button type="button" class="button" onclick={close}>{ "Close" }</button></div>
        </Dialog>
    }
}
