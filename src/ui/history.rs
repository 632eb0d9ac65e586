//! The history page: what happened, and the way to any earlier moment.

use yew::prelude::*;

use super::parts::icon;
use super::state::{Action, Store};
use crate::view::history::{Row, changes, rows};
use crate::view::text::count;

/// The page.
#[function_component]
pub fn HistoryPage() -> Html {
    let with_reads = use_state(|| false);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let all = rows(&store.session);
    let made = changes(&store.session);
    let undone = store.session.undone().len();
    let travel = |steps: isize| {
        let store = store.clone();
        Callback::from(move |_: MouseEvent| store.dispatch(Action::Travel(steps)))
    };
    let start = isize::try_from(made).unwrap_or(isize::MAX);
    let toggle = {
        let with_reads = with_reads.clone();
        Callback::from(move |_: Event| with_reads.set(!*with_reads))
    };
    let shown: Vec<&Row> = all.iter().filter(|row| *with_reads || row.changed).collect();
    let row = |(index, row): (usize, &&Row)| {
        let first = row.line.lines().next().unwrap_or_default().to_owned();
        let rest = row.line.lines().count().saturating_sub(1);
        let action = if row.is_now {
            html! { <span class="history__now">{ icon("right") }{ "now" }</span> }
        } else if row.changed {
            let label = if row.undone { "Go forward to here" } else { "Go back to here" };
            html! { <button type="button" class="button button--small" onclick={travel(row.steps)}>{ label }</button> }
        } else {
            Html::default()
        };
        html! {
            <li key={index} class={classes!("history__row", row.undone.then_some("history__row--undone"), row.refused.then_some("history__row--refused"))}>
                <span class="history__time">{ row.time.clone() }</span>
                <span class="history__origin">{ icon(if row.origin == "terminal" { "terminal" } else { "screen" }) }{ row.origin }</span>
                <div class="history__what">
                    <code class="history__line" title={row.line.clone()}>{ first }</code>
                    if rest > 0 { <span class="quiet">{ format!("and {}", count(rest, "more line", "more lines")) }</span> }
                    <span class="line__reason">{ if row.undone { "taken back".to_owned() } else { row.effect.clone() } }</span>
                </div>
                <div class="history__action">{ action }</div>
            </li>
        }
    };
    html! {
        <section class="card" aria-labelledby="history-title">
            <header class="card__head">
                <div>
                    <h2 class="card__title" id="history-title">{ "History" }</h2>
                    <p class="card__text card__text--quiet">{ format!("{}, {} taken back. Times are those of the simulation.", count(made, "change", "changes"), undone) }</p>
                </div>
                <div class="card__actions">
                    <button type="button" class="button" disabled={made == 0} onclick={travel(1)}>{ icon("undo") }{ "Undo" }</button>
                    <button type="button" class="button" disabled={undone == 0} onclick={travel(-1)}>{ icon("redo") }{ "Redo" }</button>
                </div>
            </header>
            <label class="check"><input type="checkbox" checked={*with_reads} onchange={toggle} />{ "Show calls that only asked, or were refused" }</label>
            if shown.is_empty() {
                <div class="empty"><h3 class="empty__title">{ "Nothing has changed yet" }</h3>
                    <p class="empty__text">{ "Every command and every click that changes something stands here, and can be taken back." }</p></div>
            } else {
                <ol class="history">
                    { for shown.iter().enumerate().map(row) }
                    <li class="history__row">
                        <span class="history__time"></span><span class="history__origin"></span>
                        <div class="history__what">{ "The start" }</div>
                        <div class="history__action">if made > 0 { <button type="button" class="button button--small" onclick={travel(start)}>{ "Go back to the start" }</button> } else { <span class="history__now">{ icon("right") }{ "now" }</span> }</div>
                    </li>
                </ol>
            }
        </section>
    }
}
