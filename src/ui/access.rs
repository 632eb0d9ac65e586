//! The Access page (eks 18.1, 18.2): the mode, and the list of access entries.

mod dialogs;
mod list;

use yew::prelude::*;

use super::parts::{icon, name};
use super::state::{Action, Store};
use crate::aws::eks::AuthenticationMode;
use crate::engine::{Cluster, Request};
use crate::view::clusters::{UpdateRow, updates};
use crate::view::entries;
use crate::view::route::Route;

pub use dialogs::{DeleteEntries, ModeDialog};
use list::EntryList;

/// The delay that the page offers; `propagation-delay` sets any.
const PROPAGATION_MILLIS: i64 = 10_000;

/// The page.
#[function_component]
pub fn AccessPage() -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let Some(cluster_name) = store.cluster_name() else { return no_cluster() };
    let Some(cluster) = store.session.world().cluster(&cluster_name) else { return no_cluster() };
    let open_mode = {
        let store = store.clone();
        Callback::from(move |_: MouseEvent| store.dispatch(Action::ModeDialog(true)))
    };
    let mode = cluster.mode;
    html! {
        <>
            <section class="card" aria-labelledby="mode-title">
                <p class="crumbs"><a href={Route::Clusters.href()}>{ "Clusters" }</a>{ icon("right") }{ name(&cluster_name, 48) }</p>
                <header class="card__head">
                    <div>
                        <h2 class="card__title" id="mode-title">{ "Authentication mode" }</h2>
                        <p class="card__text"><strong>{ mode.label() }</strong>{ " " }<code class="name">{ mode.name() }</code></p>
                        <p class="card__text card__text--quiet">{ about(mode) }</p>
                    </div>
                    <button type="button" class="button" onclick={open_mode.clone()}>{ "Manage access" }</button>
                </header>
                { updating(&store, &cluster_name) }
            </section>
            <section class="card" aria-labelledby="entries-title">
                <header class="card__head">
                    <h2 class="card__title" id="entries-title">{ "IAM access entries" }<span class="card__count">{ format!("({})", if mode.uses_entries() { cluster.entries.len() } else { 0 }) }</span></h2>
                    if mode.uses_entries() { <a class="button button--primary" href={Route::CreateEntry.href()}>{ icon("plus") }{ "Create access entry" }</a> }
                </header>
                if mode.uses_entries() {
                    <EntryList cluster={cluster_name.clone()} />
                    <p class="quiet"><a href={Route::Policies.href()}>{ "All access policies" }</a>{ " and the rules of each." }</p>
                    { propagation(&store, cluster) }
                } else {
                    <div class="empty">
                        <h3 class="empty__title">{ "This mode knows no access entries" }</h3>
                        <p class="empty__text">{ "In mode CONFIG_MAP only aws-auth decides who gets in. Switch to EKS API and ConfigMap to use access entries beside it." }</p>
                        <button type="button" class="button button--primary" onclick={open_mode}>{ "Manage access" }</button>
                    </div>
                }
            </section>
            <section class="card" aria-labelledby="oidc-title">
                <h2 class="card__title" id="oidc-title">{ "OIDC Identity Providers" }<span class="card__count">{ "(0)" }</span></h2>
                <p class="quiet">{ "None is associated with this cluster, and the playground simulates none. Whoever logs in by one comes without IAM: neither the mode nor access entries concern them, only role bindings do." }</p>
            </section>
            { history(&updates(cluster)) }
        </>
    }
}

/// Whether changes of entries take their time (eks 14.1), and those that are on their way.
fn propagation(store: &Store, cluster: &Cluster) -> Html {
    let checked = store.session.world().propagation_millis > 0;
    let onchange = {
        let store = store.clone();
        Callback::from(move |_: Event| {
            let millis = if checked { 0 } else { PROPAGATION_MILLIS };
            let title = if checked {
                "Changes of access entries take effect at once"
            } else {
                "Changes of access entries take their time"
            };
            store.dispatch(Action::Call(store.aws_caller(), vec![Request::Propagation { millis }], title.to_owned()));
        })
    };
    let arrive = entries::arrival_seconds(store.session.world(), cluster).map(|seconds| {
        let (store, line) = (store.clone(), format!("sleep {seconds}"));
        let title = line.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            store.dispatch(Action::Script(line.clone(), "The changes have arrived".to_owned()));
        });
        html! {
            <p class="note" role="status">{ icon("info") }
                <span>{ "The API server does not know all changes of access entries yet." }</span>
                <button type="button" class="button button--small" {onclick} {title}>{ "Wait for them" }</button>
            </p>
        }
    });
    html! {
        <>
            { for arrive }
            <label class="check"><input type="checkbox" {checked} {onchange} />{ "Propagation delay: a change reaches the API server some seconds later, as on AWS" }</label>
        </>
    }
}

/// The updates of the cluster so far.
fn history(updates: &[UpdateRow]) -> Html {
    let row = |(index, update): (usize, &UpdateRow)| {
        html! {
            <tr key={index}>
                <td data-label="Update">{ update.what.clone() }</td>
                <td data-label="Status">{ update.status }</td>
                <td data-label="Submission time" class="table__number">{ update.at.clone() }</td>
            </tr>
        }
    };
    html! {
        <section class="card" aria-labelledby="updates-title">
            <h2 class="card__title" id="updates-title">{ "Update history" }<span class="card__count">{ format!("({})", updates.len()) }</span></h2>
            if updates.is_empty() { <p class="quiet">{ "No update yet. Each change of the mode, the version or the configuration is listed here with its status." }</p> } else {
                <table class="table">
                    <thead><tr><th scope="col">{ "Update" }</th><th scope="col">{ "Status" }</th><th scope="col">{ "Submission time" }</th></tr></thead>
                    <tbody>{ for updates.iter().enumerate().map(row) }</tbody>
                </table>
            }
        </section>
    }
}

/// Says that an update runs, and offers to wait for its end.
fn updating(store: &Store, cluster: &str) -> Html {
    let running = store.session.world().cluster(cluster).and_then(|cluster| cluster.running_update());
    let Some(update) = running else { return Html::default() };
    let line = format!("aws eks wait cluster-active --name {cluster}");
    let wait = {
        let (store, line) = (store.clone(), line.clone());
        Callback::from(move |_: MouseEvent| {
            store.dispatch(Action::Script(line.clone(), "The update has ended".to_owned()));
        })
    };
    html! {
        <p class="note" role="status">{ icon("info") }
            <span>{ format!("{} in progress. Until it ends, the service refuses another update.", update.what()) }</span>
            <button type="button" class="button button--small" onclick={wait} title={line}>{ "Wait for its end" }</button>
        </p>
    }
}

/// Said by pages that need a cluster where there is none.
pub fn no_cluster() -> Html {
    html! {
        <div class="empty">
            <h2 class="empty__title">{ "No cluster" }</h2>
            <p class="empty__text">{ "This world has no cluster. Undo the deletion, or create one." }</p>
            <a class="button button--primary" href={Route::CreateCluster.href()}>{ icon("plus") }{ "Create cluster" }</a>
        </div>
    }
}

fn about(mode: AuthenticationMode) -> &'static str {
    match mode {
        AuthenticationMode::ConfigMap => "Only the aws-auth ConfigMap is read.",
        AuthenticationMode::ApiAndConfigMap => {
            "Access entries come first; aws-auth is read for principals that have none."
        }
        AuthenticationMode::Api => "Only access entries count; nobody reads aws-auth.",
    }
}

/// Groups as chips.
pub fn groups(groups: &[String]) -> Html {
    if groups.is_empty() {
        return html! { <span class="quiet">{ "none" }</span> };
    }
    html! { <span class="chips">{ for groups.iter().map(|group| html! { <code class="chip" key={group.clone()}>{ group.clone() }</code> }) }</span> }
}
