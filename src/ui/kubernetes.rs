//! The Kubernetes page: lists of the kinds that matter for access, and single objects as YAML.

use yew::prelude::*;

use super::access::no_cluster;
use super::parts::{Copy, Dialog, command, icon, value_of};
use super::state::{Action, Store};
use crate::shell::render;
use crate::view::objects::{self, Kind, Row};
use crate::view::route::Route;
use crate::view::text::count;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The kind.
    pub kind: Kind,
    /// The object, by namespace and name; none for the list.
    #[prop_or_default]
    pub object: Option<(String, String)>,
}

/// The page.
#[function_component]
pub fn KubernetesPage(props: &Props) -> Html {
    let search = use_state(String::new);
    let with_stock = use_state(|| false);
    let deleted = use_state(|| None::<(String, String)>);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let cluster_name = store.cluster_name().unwrap_or_default();
    let Some(cluster) = store.session.world().cluster(&cluster_name) else { return no_cluster() };
    let kind = props.kind;
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
    let body = if let Some((namespace, name)) = &props.object {
        object(cluster, kind, namespace, name, &ask_delete)
    } else {
        let rows = objects::rows(cluster, kind, store.session.world().clock);
        let shown = objects::filtered(&rows, &search, *with_stock);
        let stock = rows.iter().filter(|row| row.is_stock).count();
        let oninput = {
            let search = search.clone();
            Callback::from(move |event: InputEvent| search.set(value_of(&event)))
        };
        let toggle = {
            let with_stock = with_stock.clone();
            Callback::from(move |_: Event| with_stock.set(!*with_stock))
        };
        html! {
            <>
                <p class="card__text card__text--quiet">{ kind.purpose() }</p>
                <div class="card__tools">
                    <label class="search">{ icon("search") }<span class="hidden">{ "Find objects" }</span>
                        <input class="input" type="search" placeholder="Find by name or content" value={(*search).clone()} {oninput} /></label>
                    if stock > 0 { <label class="check"><input type="checkbox" checked={*with_stock} onchange={toggle} />{ format!("Show {stock} that came with the cluster") }</label> }
                </div>
                if shown.is_empty() {
                    <div class="empty">
                        <h3 class="empty__title">{ if search.is_empty() { format!("No {} of your own", kind.label().to_lowercase()) } else { "No match".to_owned() } }</h3>
                        <p class="empty__text">{ if search.is_empty() { "Make one in the terminal:".to_owned() } else { format!("None of {} holds this text.", count(rows.len(), "object", "objects")) } }</p>
                        if search.is_empty() { { command(kind.example(), Some(insert.clone())) } }
                    </div>
                } else {
                    { table(kind, &shown, &ask_delete) }
                    <h2 class="card__subtitle">{ "Make another" }</h2>
                    { command(kind.example(), Some(insert.clone())) }
                }
            </>
        }
    };
    html! {
        <section class="card" aria-label={kind.label()}>
            <nav class="tabs" aria-label="Kinds">{ for Kind::ALL.into_iter().map(tab) }</nav>
            { body }
            if let Some((namespace, name)) = &*deleted { <DeleteObject {kind} namespace={namespace.clone()} name={name.clone()} on_close={close} /> }
        </section>
    }
}

fn table(kind: Kind, rows: &[Row], on_delete: &Callback<(String, String)>) -> Html {
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
                if kind.is_namespaced() { <th scope="col">{ "Namespace" }</th> }
                <th scope="col">{ "Name" }</th><th scope="col">{ "Content" }</th><th scope="col">{ "Age" }</th><th scope="col"><span class="hidden">{ "Actions" }</span></th>
            </tr></thead>
            <tbody>{ for rows.iter().map(row) }</tbody>
        </table>
    }
}

fn object(
    cluster: &crate::engine::Cluster,
    kind: Kind,
    namespace: &str,
    name: &str,
    on_delete: &Callback<(String, String)>,
) -> Html {
    let Some(yaml) = objects::yaml(cluster, kind, namespace, name) else {
        return html! {
            <div class="empty"><h2 class="empty__title">{ "No such object" }</h2>
                <p class="empty__text">{ format!("There is no {name} among the {} now.", kind.label().to_lowercase()) }</p>
                <a class="button" href={Route::Objects(kind).href()}>{ format!("All {}", kind.label().to_lowercase()) }</a>
            </div>
        };
    };
    let onclick = {
        let (on_delete, object) = (on_delete.clone(), (namespace.to_owned(), name.to_owned()));
        Callback::from(move |_: MouseEvent| on_delete.emit(object.clone()))
    };
    let title = if namespace.is_empty() { name.to_owned() } else { format!("{namespace}/{name}") };
    html! {
        <>
            <p class="crumbs"><a href={Route::Objects(kind).href()}>{ kind.label() }</a>{ icon("right") }{ title.clone() }</p>
            <header class="card__head">
                <h2 class="card__title"><code class="name">{ title }</code></h2>
                <div class="card__actions"><Copy text={yaml.clone()} label="Copy the YAML" /><button type="button" class="button button--danger" {onclick}>{ "Delete" }</button></div>
            </header>
            <pre class="yaml" tabindex="0">{ yaml }</pre>
        </>
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
            { command(&line, None) }
            <div class="dialog__actions">
                <button type="button" class="button" autofocus=true onclick={cancel}>{ "Cancel" }</button>
                <button type="button" class="button button--danger" onclick={delete}>{ "Delete" }</button>
            </div>
        </Dialog>
    }
}
