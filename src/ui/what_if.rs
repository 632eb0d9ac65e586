//! What becomes of the answer if a text of the editor is saved, from keystroke to keystroke.

use yew::prelude::*;

use super::path::verdict;
use super::state::Store;
use crate::engine::Request;
use crate::view::access_path::answer;
use crate::view::what_if::answer_after;

/// What is not saved yet.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The call that saves it; none if there is nothing to save.
    pub request: Option<Request>,
}

/// The answer to the question after the call, if it is made by whom kubectl acts as.
#[function_component]
pub fn IfSaved(props: &Props) -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let (Some(request), Some(cluster)) = (&props.request, store.cluster_name()) else { return Html::default() };
    let caller = store.kubectl().acting.caller;
    let Some(path) = answer_after(store.now(), &cluster, &caller, request, &store.question) else {
        return Html::default();
    };
    let before = store.session.world().cluster(&cluster).map(|cluster| answer(store.now(), cluster, &store.question));
    let is_other = before.is_none_or(|before| before.verdict != path.verdict);
    html! {
        <section class={classes!("says", "if-saved", is_other.then_some("if-saved--other"))} aria-live="polite">
            <h3 class="card__subtitle">{ if is_other { "Once saved, the answer changes" } else { "Once saved, the answer stays" } }</h3>
            { verdict(path.verdict) }
            <p class="if-saved__sentence">{ path.sentence.clone() }</p>
        </section>
    }
}
