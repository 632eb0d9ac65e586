//! The Kubernetes pages: lists of the kinds that matter for access, single objects, and forms for new ones.

mod form;
mod object;

use yew::prelude::*;

use super::access::no_cluster;
use super::dom;
use super::effects::Preview;
use super::listing::{head, paged, pages};
use super::parts::{Dialog, command, icon, value_of};
use super::state::{Action, SameNow, Store};
use crate::shell::render;
use crate::view::listing::List;
use crate::view::objects::{self, Column, Kind, Query, Row};
use crate::view::route::Route;
use crate::view::text::count;

pub use form::NewObjectPage;
pub use object::ObjectPage;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The kind.
    pub kind: Kind,
}

/// The list of a kind.
#[function_component]
pub fn KubernetesPage(props: &Props) -> Html {
    let query = use_state(Query::default);
    let with_stock = use_state(|| false);
    let deleted = use_state(|| None::<(String, String)>);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let cluster_name = store.cluster_name().unwrap_or_default();
    let kind = props.kind;
    use_effect_with(kind, |_| dom::reveal(".tabs__tab--current"));
    let rows = use_memo((SameNow(store.now().clone()), cluster_name.clone(), kind), |(now, name, kind)| {
        let world = &now.0.world;
        world.cluster(name).map(|cluster| objects::rows(cluster, *kind, world.clock)).unwrap_or_default()
    });
    if store.session.world().cluster(&cluster_name).is_none() {
        return no_cluster();
    }
    let tab = |each: Kind| {
        html! {
            <a key={each.plural()} class={classes!("tabs__tab", (each == kind).then_some("tabs__tab--current"))} href={Route::Objects(each).href()} aria-current={(each == kind).then_some("page")}>{ each.label() }</a>
        }
    };
    let insert = {
        let store = store.clone();
        Callback::from(move |text: String| store.dispatch(Action::Insert(text)))
    };
    let ask_delete = {
        let deleted = deleted.clone();
        Callback::from(move |object: (String, String)| deleted.set(Some(object)))
    };
    let close = {
        let deleted = deleted.clone();
        Callback::from(move |()| deleted.set(None))
    };
    let found = objects::list(&rows, &query, *with_stock);
    let change = {
        let query = query.clone();
        Callback::from(move |new: Query| query.set(new))
    };
    let stock = rows.iter().filter(|row| row.is_stock).count();
    let oninput = {
        let query = query.clone();
        Callback::from(move |event: InputEvent| {
            query.set(Query { text: value_of(&event), page: 0, ..(*query).clone() })
        })
    };
    let clear = {
        let query = query.clone();
        Callback::from(move |_: MouseEvent| query.set(Query { text: String::new(), page: 0, ..(*query).clone() }))
    };
    let toggle = {
        let with_stock = with_stock.clone();
        Callback::from(move |_: Event| with_stock.set(!*with_stock))
    };
    let all = kind.label().to_lowercase();
    let new = html! { <a class="button button--primary" href={Route::NewObject(kind).href()}>{ icon("plus") }{ format!("New {}", kind.singular()) }</a> };
    let body = if found.matching > 0 {
        html! { <>{ table(kind, &found, &query, &change, &ask_delete) }{ pages(&found, paged(&query, &change)) }</> }
    } else if !query.text.trim().is_empty() {
        let hidden = objects::filtered(&rows, &query.text, true).len();
        let show_stock = {
            let with_stock = with_stock.clone();
            Callback::from(move |_: MouseEvent| with_stock.set(true))
        };
        html! {
            <div class="empty">
                <h2 class="empty__title">{ "No match" }</h2>
                <p class="empty__text">{ format!("None of {} holds this text", count(rows.len() - if *with_stock { 0 } else { stock }, "object", "objects")) }
                    if hidden > 0 { { format!("; {hidden} that came with the cluster would") } }{ "." }</p>
                if hidden > 0 { <button type="button" class="button button--primary" onclick={show_stock}>{ "Show what came with the cluster" }</button> }
                <button type="button" class="button" onclick={clear}>{ "Clear the search" }</button>
            </div>
        }
    } else {
        html! {
            <div class="empty">
                <h2 class="empty__title">{ if stock > 0 && !*with_stock { format!("No {all} of your own") } else { format!("No {all}") } }</h2>
                <p class="empty__text">{ "Make one with the form, or in the terminal:" }</p>
                { command(kind.example(), Some(insert)) }
            </div>
        }
    };
    html! {
        <section class="card" aria-label={kind.label()}>
            <nav class="tabs" aria-label="Kinds">{ for Kind::ALL.into_iter().map(tab) }</nav>
            <p class="card__text card__text--quiet">{ kind.purpose() }</p>
            <div class="card__tools">
                <label class="search">{ icon("search") }<span class="hidden">{ "Find objects" }</span>
                    <input class="input" type="search" placeholder="Find by name or content" value={query.text.clone()} {oninput} /></label>
                <p class="hidden" role="status">{ count(found.matching, "object", "objects") }</p>
                if stock > 0 { <label class="check"><input type="checkbox" checked={*with_stock} onchange={toggle} />{ format!("Show {stock} that came with the cluster") }</label> }
                { new }
            </div>
            { body }
            if let Some((namespace, name)) = &*deleted { <DeleteObject {kind} namespace={namespace.clone()} name={name.clone()} on_close={close} /> }
        </section>
    }
}

fn table(
    kind: Kind,
    found: &List<Row>,
    query: &Query,
    change: &Callback<Query>,
    on_delete: &Callback<(String, String)>,
) -> Html {
    let row = |row: &Row| {
        let (on_delete, object) = (on_delete.clone(), (row.namespace.clone(), row.name.clone()));
        let onclick = Callback::from(move |_: MouseEvent| on_delete.emit(object.clone()));
        let route = Route::Object(kind, row.namespace.clone(), row.name.clone());
        html! {
            <tr key={format!("{}/{}", row.namespace, row.name)}>
                if kind.is_namespaced() { <td data-label="Namespace">{ row.namespace.clone() }</td> }
                <th scope="row" data-label="Name"><a href={route.href()}><code class="name">{ row.name.clone() }</code></a></th>
                <td data-label="Content"><span class="table__summary">{ row.summary.clone() }</span></td>
                <td data-label="Age" class="table__number">{ row.age.clone() }</td>
                <td class="table__actions"><button type="button" class="button button--small" {onclick} aria-label={format!("Delete {}", row.name)}>{ "Delete" }</button></td>
            </tr>
        }
    };
    html! {
        <table class="table">
            <thead><tr>
                { for Column::of(kind).iter().map(|(column, label)| head(query, *column, label, change)) }
                <th scope="col">{ "Age" }</th><th scope="col"><span class="hidden">{ "Actions" }</span></th>
            </tr></thead>
            <tbody>{ for found.rows.iter().map(row) }</tbody>
        </table>
    }
}

#[derive(Properties, PartialEq)]
struct DeleteProps {
    kind: Kind,
    namespace: String,
    name: String,
    on_close: Callback<()>,
}

/// The confirmation of a deletion, made as whom kubectl acts as.
#[function_component]
fn DeleteObject(props: &DeleteProps) -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let cluster = store.cluster_name().unwrap_or_default();
    let kubectl = store.kubectl().acting;
    let request = props.kind.delete(&cluster, &props.namespace, &props.name);
    let line = render::command(&request);
    let preview = vec![request.clone()];
    let is_namespace = props.kind == Kind::Namespaces;
    let delete = {
        let (store, close, kind, name, caller) =
            (store.clone(), props.on_close.clone(), props.kind, props.name.clone(), kubectl.caller.clone());
        Callback::from(move |_: MouseEvent| {
            close.emit(());
            let done = store.trial(&caller, std::slice::from_ref(&request)).is_ok();
            store.dispatch(Action::Call(caller.clone(), vec![request.clone()], format!("Deleted {name}")));
            if done {
                store.dispatch(Action::Go(Route::Objects(kind)));
            }
        })
    };
    let cancel = {
        let close = props.on_close.clone();
        Callback::from(move |_: MouseEvent| close.emit(()))
    };
    html! {
        <Dialog title={format!("Delete {}", props.name)} on_close={props.on_close.clone()}>
            <p>{ format!("Deletes it as {}, whom kubectl acts as now.", kubectl.name()) }{ if is_namespace { " Everything in the namespace goes with it." } else { "" } }</p>
            <Preview requests={preview} caller={Some(kubectl.caller.clone())} />
            { command(&line, None) }
            <div class="dialog__actions">
                <button type="button" class="button" autofocus=true onclick={cancel}>{ "Cancel" }</button>
                <button type="button" class="button button--danger" onclick={delete}>{ "Delete" }</button>
            </div>
        </Dialog>
    }
}
