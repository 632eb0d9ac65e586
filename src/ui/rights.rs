//! All rights of the one who is asked about, beside the answer: with those that `kubectl auth can-i --list` leaves out.

use yew::prelude::*;

use super::parts::icon;
use super::state::{SameNow, Store};
use crate::view::rights::{self, Rights, Row};
use crate::view::text::{and_list, count};

/// Maximum number of rows that are drawn.
const MOST: usize = 200;

/// The panel. The rights are read when it is opened.
#[function_component]
pub fn RightsPanel() -> Html {
    let is_open = use_state(|| false);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let question = &store.question;
    let namespace = if question.resource.starts_with('/') { String::new() } else { question.namespace.clone() };
    let key = (SameNow(store.now().clone()), store.cluster_name(), question.who.clone(), namespace.clone(), *is_open);
    let found = use_memo(key, |(now, cluster, who, namespace, is_open)| {
        let cluster = now.0.world.cluster(cluster.as_deref()?).filter(|_| *is_open)?;
        rights::of(&now.0, cluster, who, namespace)
    });
    let ontoggle = {
        let is_open = is_open.clone();
        Callback::from(move |_: Event| is_open.set(!*is_open))
    };
    let place = if namespace.is_empty() { "cluster-wide".to_owned() } else { format!("in namespace {namespace}") };
    html! {
        <details class="looked rights" {ontoggle}>
            <summary class="looked__summary">{ format!("All rights {place}, and what kubectl auth can-i --list leaves out") }</summary>
            if *is_open {
                { match &*found {
                    None => html! { <p class="quiet">{ "None: the API server does not know this caller (401)." }</p> },
                    Some(found) => table(found),
                } }
            }
        </details>
    }
}

fn table(rights: &Rights) -> Html {
    if rights.super_user {
        return html! { <p class="note">{ icon("info") }{ "Everything: members of system:masters are never refused. The list shows the rule of ClusterRole cluster-admin, which a binding gives to the group." }</p> };
    }
    let hidden = rights.hidden();
    let said = match hidden {
        0 => "The list leaves nothing out here: every right comes from role bindings.".to_owned(),
        n => format!(
            "The list leaves out {}: it asks RBAC alone, and the EKS authorizer does not name the rules of access policies.",
            count(n, "right", "rights")
        ),
    };
    html! {
        <>
            <p class="note">{ icon(if hidden == 0 { "check" } else { "warn" }) }<span>{ said }</span></p>
            if !rights.not_evaluated.is_empty() {
                <p class="note">{ icon("info") }<span>{ format!("AWS does not publish the rules of {}: they may give more.", and_list(&rights.not_evaluated, "")) }</span></p>
            }
            if rights.rows.is_empty() { <p class="quiet">{ "No right." }</p> } else {
                <table class="table">
                    <thead><tr><th scope="col">{ "Resource or URL" }</th><th scope="col">{ "Verbs" }</th><th scope="col">{ "From" }</th><th scope="col">{ "In the list" }</th></tr></thead>
                    <tbody>{ for rights.rows.iter().take(MOST).enumerate().map(row) }</tbody>
                </table>
            }
            if rights.rows.len() > MOST { <p class="quiet">{ format!("and {} more", rights.rows.len() - MOST) }</p> }
        </>
    }
}

fn row((index, row): (usize, &Row)) -> Html {
    let source = |(text, route): &(String, Option<crate::view::route::Route>)| {
        let said = match route {
            Some(route) => html! { <a href={route.href()}>{ text.clone() }</a> },
            None => html! { { text.clone() } },
        };
        html! { <li key={text.clone()}>{ said }</li> }
    };
    html! {
        <tr key={index} class={row.is_hidden.then_some("rights__row--hidden")}>
            <th scope="row"><code class="name">{ row.on.clone() }</code></th>
            <td data-label="Verbs">{ row.verbs.clone() }</td>
            <td data-label="From"><ul class="plain">{ for row.sources.iter().map(source) }</ul></td>
            <td data-label="In the list">{ if row.is_hidden { "no" } else { "yes" } }</td>
        </tr>
    }
}
