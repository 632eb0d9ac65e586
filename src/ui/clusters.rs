//! The clusters, and the form for a new one (eks 18.6).

use yew::prelude::*;

use super::dom;
use super::effects::Preview;
use super::parts::{command, described_by, field, icon, value_of};
use super::state::{Action, Store};
use crate::aws::eks::{AuthenticationMode, OFFERED_VERSIONS};
use crate::view::clusters::{ClusterForm, Row, rows, show_line};
use crate::view::flash::error_name;
use crate::view::route::Route;

/// The list: which cluster the page shows, and the way to another one.
#[function_component]
pub fn ClustersPage() -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let all = rows(store.session.world(), store.cluster_name().as_deref());
    let create = || {
        html! { <a class="button button--primary" href={Route::CreateCluster.href()}>{ icon("plus") }{ "Create cluster" }</a> }
    };
    let row = |row: &Row| {
        let show = {
            let (store, line, name) = (store.clone(), show_line(&row.name), row.name.clone());
            Callback::from(move |_: MouseEvent| {
                store.dispatch(Action::Script(line.clone(), format!("kubectl and the page show {name}")));
            })
        };
        html! {
            <tr key={row.name.clone()}>
                <th scope="row" data-label="Cluster name"><span><code class="name">{ row.name.clone() }</code>if row.is_shown { { " " }<span class="tag">{ "shown" }</span> }</span></th>
                <td data-label="Status">{ row.status }</td>
                <td data-label="Kubernetes version">{ row.version.clone() }</td>
                <td data-label="Authentication mode">{ row.mode.label() }</td>
                <td data-label="Access entries" class="table__number">{ row.entries.map_or_else(|| "none in this mode".to_owned(), |number| number.to_string()) }</td>
                <td class="table__actions">
                    if row.is_shown { <a class="button button--small" href={Route::Access.href()}>{ "Open Access" }</a> }
                    else { <button type="button" class="button button--small" onclick={show} aria-label={format!("Show {}", row.name)}>{ "Show" }</button> }
                </td>
            </tr>
        }
    };
    html! {
        <section class="card" aria-labelledby="clusters-title">
            <header class="card__head">
                <div>
                    <h2 class="card__title" id="clusters-title">{ "Clusters" }<span class="card__count">{ format!("({})", all.len()) }</span></h2>
                    <p class="card__text card__text--quiet">{ "Every page shows the cluster of kubectl's context." }</p>
                </div>
                if !all.is_empty() { { create() } }
            </header>
            if all.is_empty() {
                <div class="empty">
                    <h3 class="empty__title">{ "No clusters" }</h3>
                    <p class="empty__text">{ "Without a cluster there is nothing to log in to. Undo brings a deleted one back." }</p>
                    { create() }
                </div>
            } else {
                <table class="table">
                    <thead><tr><th scope="col">{ "Cluster name" }</th><th scope="col">{ "Status" }</th><th scope="col">{ "Kubernetes version" }</th><th scope="col">{ "Authentication mode" }</th><th scope="col">{ "Access entries" }</th><th scope="col"><span class="hidden">{ "Actions" }</span></th></tr></thead>
                    <tbody>{ for all.iter().map(row) }</tbody>
                </table>
            }
        </section>
    }
}

/// The form.
#[function_component]
pub fn CreateClusterPage() -> Html {
    let form = use_state(ClusterForm::default);
    let error = use_state(|| None::<String>);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let world = store.session.world();
    let change = {
        let (form, error) = (form.clone(), error.clone());
        Callback::from(move |new: ClusterForm| {
            error.set(None);
            form.set(new);
        })
    };
    let oninput = {
        let (form, change) = (form.clone(), change.clone());
        Callback::from(move |event: InputEvent| change.emit(ClusterForm { name: value_of(&event), ..(*form).clone() }))
    };
    let onversion = {
        let (form, change) = (form.clone(), change.clone());
        Callback::from(move |event: Event| {
            let chosen = value_of(&event);
            if let Some(version) = OFFERED_VERSIONS.into_iter().find(|version| *version == chosen) {
                change.emit(ClusterForm { version, ..(*form).clone() });
            }
        })
    };
    let bootstrap = |label: &'static str, bootstraps: bool| {
        let (form, change) = (form.clone(), change.clone());
        let checked = form.bootstraps == bootstraps;
        let onchange = Callback::from(move |_: Event| change.emit(ClusterForm { bootstraps, ..(*form).clone() }));
        html! { <label class="choice"><input type="radio" name="bootstrap" {checked} {onchange} /><span class="choice__label">{ label }</span></label> }
    };
    let mode = |mode: AuthenticationMode| {
        let (form, change) = (form.clone(), change.clone());
        let checked = form.mode == mode;
        let onchange = Callback::from(move |_: Event| change.emit(ClusterForm { mode, ..(*form).clone() }));
        html! {
            <label class="choice" key={mode.name()}><input type="radio" name="new-mode" {checked} {onchange} />
                <span class="choice__label">{ mode.label() }{ " " }<code class="name">{ mode.name() }</code></span></label>
        }
    };
    let request = form.request(world);
    let line = form.line(world);
    let is_named = !form.name.trim().is_empty();
    let onsubmit = {
        let (store, form, error) = (store.clone(), form.clone(), error.clone());
        let (request, line) = (request.clone(), line.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let refusal = match store.trial(&store.aws_caller(), std::slice::from_ref(&request)) {
                _ if form.name.trim().is_empty() => "Give the cluster a name.".to_owned(),
                Err((_, refusal)) => format!("{}: {refusal}", error_name(&refusal)),
                Ok(()) => {
                    let title = format!("Created cluster {}; the page shows it", form.name.trim());
                    store.dispatch(Action::Script(line.clone(), title));
                    return store.dispatch(Action::Go(Route::Access));
                }
            };
            error.set(Some(refusal));
            dom::focus_selector("#cluster-name");
        })
    };
    html! {
        <section class="card" aria-labelledby="create-cluster">
            <p class="crumbs"><a href={Route::Clusters.href()}>{ "Clusters" }</a>{ icon("right") }{ "Create cluster" }</p>
            <h2 class="card__title" id="create-cluster">{ "Create cluster" }</h2>
            <form class="form" novalidate=true {onsubmit}>
                { field("cluster-name", "Name", "Letters, digits, - and _. Role and network are those of the starting world.", error.as_deref(), html! {
                    <input class="input input--code" id="cluster-name" autocomplete="off" spellcheck="false" value={form.name.clone()} {oninput}
                        aria-invalid={error.is_some().to_string()} aria-describedby={described_by("cluster-name", true, error.is_some())} />
                }) }
                { field("cluster-version", "Kubernetes version", "It decides the stock roles, the kinds and what kubectl version says.", None, html! {
                    <select class="input" id="cluster-version" onchange={onversion} aria-describedby={described_by("cluster-version", true, false)}>
                        { for OFFERED_VERSIONS.into_iter().rev().map(|version| html! { <option key={version} value={version} selected={version == form.version}>{ version }</option> }) }
                    </select>
                }) }
                <h3 class="card__subtitle">{ "Cluster access" }</h3>
                <fieldset class="choices">
                    <legend>{ "Bootstrap cluster administrator access" }</legend>
                    { bootstrap("Allow cluster administrator access", true) }
                    { bootstrap("Disallow cluster administrator access", false) }
                </fieldset>
                <fieldset class="choices">
                    <legend>{ "Cluster authentication mode" }</legend>
                    { for [AuthenticationMode::Api, AuthenticationMode::ApiAndConfigMap, AuthenticationMode::ConfigMap].map(mode) }
                </fieldset>
                <p class="note" role="status">{ icon("info") }{ form.meaning() }</p>
                if is_named { <Preview requests={vec![request]} />{ command(&line, None) } }
                <div class="form__actions">
                    <a class="button" href={Route::Clusters.href()}>{ "Cancel" }</a>
                    <button type="submit" class="button button--primary">{ "Create" }</button>
                </div>
            </form>
        </section>
    }
}
