//! What becomes of the answer if a text of the editor is saved, from keystroke to keystroke.

use std::rc::Rc;

use yew::prelude::*;

use super::path::verdict;
use super::state::{SameNow, Store};
use crate::engine::World;
use crate::view::access_path::answer;
use crate::view::what_if::answer_in;

/// What is not saved yet.
#[derive(Properties)]
pub struct Props {
    /// The world once it is saved; none if there is nothing to save.
    pub after: Option<Rc<World>>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        match (&self.after, &other.after) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        }
    }
}

/// The answer to the question in that world.
#[function_component]
pub fn IfSaved(props: &Props) -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let key = (SameNow(store.now().clone()), store.question.clone());
    let before = use_memo(key, |(now, question)| {
        let cluster = store.cluster_name()?;
        Some(answer(&now.0, now.0.world.cluster(&cluster)?, question).verdict)
    });
    let (Some(after), Some(cluster)) = (&props.after, store.cluster_name()) else { return Html::default() };
    let Some(path) = answer_in(store.now(), after, &cluster, &store.question) else { return Html::default() };
    let is_other = *before != Some(path.verdict);
    html! {
        <section class={classes!("says", "if-saved", is_other.then_some("if-saved--other"))} aria-live="polite">
            <h3 class="card__subtitle">{ if is_other { "Once saved, the answer changes" } else { "Once saved, the answer stays" } }</h3>
            { verdict(path.verdict) }
            <p class="if-saved__sentence">{ path.sentence.clone() }</p>
        </section>
    }
}
