//! The problems page: what the linter finds, live, each with its remedy.

use yew::prelude::*;

use super::access::no_cluster;
use super::parts::{command, icon, prose};
use super::state::{Action, Store};
use crate::engine::findings::Severity;
use crate::view::problems::{Problem, severity_label, summary};
use crate::view::text::count;

/// How many are shown at first, and how many more each time.
const MOST: usize = 30;

const SEVERITIES: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Info];

/// The page.
#[function_component]
pub fn ProblemsPage() -> Html {
    let only = use_state(|| None::<Severity>);
    let most = use_state(|| MOST);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let cluster_name = store.cluster_name().unwrap_or_default();
    if store.session.world().cluster(&cluster_name).is_none() {
        return no_cluster();
    }
    let all = store.problems();
    let chosen = (*only).filter(|severity| all.iter().any(|problem| problem.severity == *severity));
    let filter = |severity: Option<Severity>| {
        let number = all.iter().filter(|problem| severity.is_none_or(|wanted| problem.severity == wanted)).count();
        let label = severity.map_or("All", severity_label);
        let only = only.clone();
        let onclick = Callback::from(move |_: MouseEvent| only.set(severity));
        html! {
            <button type="button" key={label} class="pick" aria-pressed={(chosen == severity).to_string()} disabled={number == 0} {onclick}>{ format!("{label} {number}") }</button>
        }
    };
    let shown: Vec<&Problem> =
        all.iter().filter(|problem| chosen.is_none_or(|wanted| problem.severity == wanted)).collect();
    let left = shown.len().saturating_sub(*most);
    let more = {
        let most = most.clone();
        Callback::from(move |_: MouseEvent| most.set(*most + MOST))
    };
    html! {
        <section class="card" aria-labelledby="problems-title">
            <header class="card__head">
                <div>
                    <h2 class="card__title" id="problems-title">{ "What will surprise somebody" }</h2>
                    <p class="card__text card__text--quiet">{ if all.is_empty() { "Found anew after every change, whoever makes it.".to_owned() } else { format!("{}. Found anew after every change.", summary(&all)) } }</p>
                </div>
            </header>
            if all.is_empty() {
                <div class="empty">
                    <h3 class="empty__title">{ "No problem found" }</h3>
                    <p class="empty__text">{ "Lines of aws-auth that do not count, roles that are not there, groups nobody binds, entries without effect and rights that are too wide would stand here." }</p>
                </div>
            } else {
                <div class="picks picks--words" role="group" aria-label="Show">{ filter(None) }{ for SEVERITIES.map(|severity| filter(Some(severity))) }</div>
                <ul class="problems">{ for shown.iter().take(*most).enumerate().map(|(index, problem)| item(&store, index, problem)) }</ul>
                if left > 0 { <button type="button" class="button" onclick={more}>{ format!("Show {} of {left} more", left.min(MOST)) }</button> }
            }
        </section>
    }
}

fn item(store: &Store, index: usize, problem: &Problem) -> Html {
    let insert = {
        let store = store.clone();
        Callback::from(move |text: String| store.dispatch(Action::Insert(text)))
    };
    let apply = {
        let (store, requests, title) = (store.clone(), problem.requests.clone(), format!("Mended: {}", problem.object));
        Callback::from(move |_: MouseEvent| store.dispatch(Action::Apply(requests.clone(), title.clone())))
    };
    let sign = if problem.severity == Severity::Info { "info" } else { "warn" };
    let object = match &problem.route {
        Some(route) => html! { <a href={route.href()}>{ problem.object.clone() }</a> },
        None => html! { { problem.object.clone() } },
    };
    html! {
        <li key={format!("{index} {} {}", problem.id, problem.object)} class={classes!("problem", format!("problem--{}", problem.severity.as_str()))}>
            <div class="problem__head">
                <span class="problem__severity">{ icon(sign) }{ severity_label(problem.severity) }</span>
                <span class="problem__object">{ object }</span>
            </div>
            <h3 class="problem__message">{ prose(&problem.message) }</h3>
            <p class="problem__reason">{ prose(problem.reason) }</p>
            if !problem.remedy.is_empty() { <p class="problem__remedy"><strong>{ "Remedy: " }</strong>{ prose(&problem.remedy) }</p> }
            if !problem.commands.is_empty() { { command(&problem.commands.join("\n"), Some(insert)) } }
            <div class="problem__foot">
                if problem.is_mendable() {
                    <button type="button" class="button button--small button--primary" onclick={apply}>{ icon("check") }{ if problem.requests.len() > 1 { format!("Do it: {}", count(problem.requests.len(), "call", "calls")) } else { "Do it".to_owned() } }</button>
                }
                <span class="problem__source"><code class="name">{ problem.id }</code>{ format!(" · {}", problem.source) }</span>
            </div>
        </li>
    }
}
