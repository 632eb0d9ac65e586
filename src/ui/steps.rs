//! The first steps, on the first page, until something has been changed.

use yew::prelude::*;

use super::parts::icon;
use super::state::{Action, Store};
use crate::view::history;
use crate::view::route::Route;
use crate::view::welcome::{SCRIPTS, somebody_refused};

/// What to try first; nothing once the world has changed.
pub fn steps(store: &Store) -> Html {
    if history::changes(&store.session) > 0 {
        return Html::default();
    }
    let send = |action: fn(&Store) -> Option<Action>| {
        let store = store.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(action) = action(&store) {
                store.dispatch(action);
            }
        })
    };
    let ask = send(|store| somebody_refused(store.now()).map(|(_, question)| Action::Ask(question)));
    let run = send(|_| SCRIPTS.last().map(|script| Action::Run(script.text.to_owned())));
    html! {
        <nav class="steps" aria-label="First steps">
            <span class="steps__title">{ "Try this first:" }</span>
            if let Some((name, _)) = somebody_refused(store.now()) {
                <button type="button" class="steps__step" onclick={ask} title="It gets no further than the lookup: 401. The fixes below the answer let it in.">
                    { icon("search") }{ format!("Ask for {name}") }
                </button>
            }
            <a class="steps__step" href={Route::Access.href()} title="Access entries, access policies and the authentication mode, as in the AWS console">
                { icon("key") }{ "Open the Access page" }
            </a>
            <button type="button" class="steps__step" onclick={run} title="From aws-auth to access entries; undo takes each command back">
                { icon("terminal") }{ "Run the walkthrough" }
            </button>
        </nav>
    }
}
