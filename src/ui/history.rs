//! The history page: what happened, and the way to any earlier moment.

use yew::prelude::*;

use super::effects::effects;
use super::parts::{command, icon};
use super::state::{Action, Store};
use crate::view::history::{Row, changes, rows};
use crate::view::text::count;

/// How many rows are shown at first, and how many more with each click: each compares two states.
const ROWS: usize = 25;

/// The page.
#[function_component]
pub fn HistoryPage() -> Html {
    let with_reads = use_state(|| false);
    let most = use_state(|| ROWS);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let made = changes(&store.session);
    let undone = store.session.undone().len();
    let travel = {
        let store = store.clone();
        Callback::from(move |steps: isize| store.dispatch(Action::Travel(steps)))
    };
    let click = |steps: isize| {
        let travel = travel.clone();
        Callback::from(move |_: MouseEvent| travel.emit(steps))
    };
    let start = isize::try_from(made).unwrap_or(isize::MAX);
    let (dropped, forgotten) = (store.session.dropped(), store.session.forgotten());
    let kept = match (dropped, forgotten) {
        (0, 0) => String::new(),
        (older, 0) => format!(" {} no longer kept: the oldest go first.", of_past(older, "older")),
        (0, later) => format!(" {} no longer kept.", of_past(later, "taken back")),
        (older, later) => {
            format!(
                " {} and {} no longer kept: the oldest go first.",
                count_of(older, "older"),
                of_past(later, "taken back")
            )
        }
    };
    let toggle = {
        let with_reads = with_reads.clone();
        Callback::from(move |_: Event| with_reads.set(!*with_reads))
    };
    let more = {
        let most = most.clone();
        Callback::from(move |_: MouseEvent| most.set(*most + ROWS))
    };
    let shown: Vec<Row> = rows(&store.session).into_iter().filter(|row| *with_reads || row.changed).collect();
    let hidden = shown.len().saturating_sub(*most);
    html! {
        <section class="card" aria-labelledby="history-title">
            <header class="card__head">
                <div>
                    <h2 class="card__title" id="history-title">{ "Every change, and what came of it" }</h2>
                    <p class="card__text card__text--quiet">{ format!("{}, {} taken back.{kept} Times are those of the simulation.", count(made, "change", "changes"), undone) }</p>
                </div>
                <div class="card__actions">
                    <button type="button" class="button" disabled={made == 0} onclick={click(1)}>{ icon("undo") }{ "Undo" }</button>
                    <button type="button" class="button" disabled={undone == 0} onclick={click(-1)}>{ icon("redo") }{ "Redo" }</button>
                </div>
            </header>
            <label class="check"><input type="checkbox" checked={*with_reads} onchange={toggle} />{ "Show calls that only asked, or were refused" }</label>
            if shown.is_empty() && dropped == 0 {
                <div class="empty"><h3 class="empty__title">{ "Nothing has changed yet" }</h3>
                    <p class="empty__text">{ "Every command and every click that changes something is listed here, and can be taken back, also after a reload." }</p></div>
            } else {
                <ol class="history">
                    { for shown.into_iter().take(*most).enumerate().map(|(index, row)| html! { <HistoryRow key={index} {row} on_travel={travel.clone()} /> }) }
                    <li class="history__row">
                        if hidden > 0 {
                            <button type="button" class="button button--small" onclick={more}>{ format!("Show earlier ({hidden})") }</button>
                        } else {
                            <span class="history__time"></span><span class="history__origin"></span>
                            <div class="history__what">{ if dropped > 0 { format!("Before the oldest change that is kept ({} earlier)", dropped) } else { "The start".to_owned() } }</div>
                            <div class="history__action">if made > 0 { <button type="button" class="button button--small" onclick={click(start)}>{ if dropped > 0 { "Go back to here" } else { "Go back to the start" } }</button> } else { <span class="history__now">{ icon("right") }{ "now" }</span> }</div>
                        }
                    </li>
                </ol>
            }
        </section>
    }
}

fn count_of(n: usize, which: &str) -> String {
    count(n, &format!("{which} change"), &format!("{which} changes"))
}

/// `1 older change is`, `2 older changes are`.
fn of_past(n: usize, which: &str) -> String {
    format!("{} {}", count_of(n, which), if n == 1 { "is" } else { "are" })
}

#[derive(Properties, PartialEq)]
struct RowProps {
    row: Row,
    on_travel: Callback<isize>,
}

/// A row. A component, so that states are compared once.
#[function_component]
fn HistoryRow(props: &RowProps) -> Html {
    let found = use_memo(props.row.clone(), |row| (row.who(), row.effects()));
    let (who, changed) = &*found;
    let row = &props.row;
    let first = row.line.lines().next().unwrap_or_default().to_owned();
    let is_long = row.line.lines().count() > 1;
    let what = match &row.title {
        Some(title) => html! {
            <>
                <p class="history__title">{ title.clone() }</p>
                if !row.line.is_empty() { <details class="history__command"><summary>{ "The command" }</summary>{ command(&row.line, None) }</details> }
            </>
        },
        None if is_long => html! {
            <details class="history__command">
                <summary><code class="history__line">{ first }</code>{ format!(" and {}", count(row.line.lines().count() - 1, "more line", "more lines")) }</summary>
                { command(&row.line, None) }
            </details>
        },
        None => html! { <p><code class="history__line" title={row.line.clone()}>{ first }</code></p> },
    };
    let action = if row.is_now {
        html! { <span class="history__now">{ icon("right") }{ "now" }</span> }
    } else if row.changed {
        let label = if row.undone { "Go forward to here" } else { "Go back to here" };
        let (travel, steps) = (props.on_travel.clone(), row.steps);
        let onclick = Callback::from(move |_: MouseEvent| travel.emit(steps));
        html! { <button type="button" class="button button--small" {onclick}>{ label }</button> }
    } else {
        Html::default()
    };
    let effect = if row.undone {
        html! { <span class="line__reason">{ "taken back" }</span> }
    } else if let Some(refused) = &row.refused {
        html! { <span class="line__reason">{ refused.clone() }</span> }
    } else if !row.changed {
        html! { <span class="line__reason">{ "asked only" }</span> }
    } else if changed.is_empty() {
        html! { <span class="line__reason">{ "changed; nobody gains or loses access" }</span> }
    } else {
        html! { <details class="history__effects"><summary>{ changed.summary() }</summary>{ effects(changed) }</details> }
    };
    html! {
        <li class={classes!("history__row", row.undone.then_some("history__row--undone"), row.refused.is_some().then_some("history__row--refused"))}>
            <span class="history__time">{ row.time.clone() }</span>
            <span class="history__origin">{ icon(if row.origin == "terminal" { "terminal" } else { "screen" }) }{ row.origin }</span>
            <div class="history__what">
                { what }
                if !who.is_empty() { <span class="history__who">{ icon("user") }{ who.clone() }</span> }
                { effect }
            </div>
            <div class="history__action">{ action }</div>
        </li>
    }
}
