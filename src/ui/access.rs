//! The Access page (eks 18.1, 18.2): the mode, and the list of access entries.

use yew::prelude::*;

use super::effects::Preview;
use super::parts::{Dialog, breakable, command, icon, name, value_of};
use super::state::{Action, Store};
use crate::aws::eks::{AuthenticationMode, EntryType};
use crate::shell::render;
use crate::view::entries::{self, Policy, Row};
use crate::view::route::Route;
use crate::view::text::count;

/// The page.
#[function_component]
pub fn AccessPage() -> Html {
    let search = use_state(String::new);
    let deleted = use_state(|| None::<String>);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let Some(cluster_name) = store.cluster_name() else { return no_cluster() };
    let Some(cluster) = store.session.world().cluster(&cluster_name) else { return no_cluster() };
    let all = entries::rows(cluster, "");
    let rows = entries::rows(cluster, &search);
    let open_mode = {
        let store = store.clone();
        Callback::from(move |_: MouseEvent| store.dispatch(Action::ModeDialog(true)))
    };
    let oninput = {
        let search = search.clone();
        Callback::from(move |event: InputEvent| search.set(value_of(&event)))
    };
    let unfilter = {
        let search = search.clone();
        Callback::from(move |_: MouseEvent| search.set(String::new()))
    };
    let insert = {
        let store = store.clone();
        Callback::from(move |text: String| store.dispatch(Action::Insert(text)))
    };
    let ask_delete = {
        let deleted = deleted.clone();
        Callback::from(move |arn: String| deleted.set(Some(arn)))
    };
    let close = {
        let deleted = deleted.clone();
        Callback::from(move |()| deleted.set(None))
    };
    let mode = cluster.mode;
    let list = if !mode.uses_entries() {
        html! {
            <div class="empty">
                <h3 class="empty__title">{ "This mode knows no access entries" }</h3>
                <p class="empty__text">{ "In mode CONFIG_MAP only aws-auth decides who gets in. Switch to EKS API and ConfigMap to use access entries beside it." }</p>
                <button type="button" class="button button--primary" onclick={open_mode.clone()}>{ "Manage access" }</button>
            </div>
        }
    } else if all.is_empty() {
        let example = format!(
            "aws eks create-access-entry --cluster-name {cluster_name} --principal-arn arn:aws:iam::{}:user/k8s-dev",
            store.session.world().account
        );
        html! {
            <div class="empty">
                <h3 class="empty__title">{ "No access entries" }</h3>
                <p class="empty__text">{ "An access entry lets an IAM user or role in, under a Kubernetes user name and groups, with or without access policies." }</p>
                <a class="button button--primary" href={Route::CreateEntry.href()}>{ icon("plus") }{ "Create access entry" }</a>
                { command(&example, Some(insert)) }
            </div>
        }
    } else if rows.is_empty() {
        html! {
            <div class="empty">
                <h3 class="empty__title">{ "No match" }</h3>
                <p class="empty__text">{ format!("None of {} holds this text.", count(all.len(), "entry", "entries")) }</p>
                <button type="button" class="button" onclick={unfilter}>{ "Clear the search" }</button>
            </div>
        }
    } else {
        table(&rows, &ask_delete)
    };
    html! {
        <>
            <section class="card" aria-labelledby="mode-title">
                <header class="card__head">
                    <div>
                        <h2 class="card__title" id="mode-title">{ "Authentication mode" }</h2>
                        <p class="card__text"><strong>{ mode.label() }</strong>{ " " }<code class="name">{ mode.name() }</code></p>
                        <p class="card__text card__text--quiet">{ about(mode) }</p>
                    </div>
                    <button type="button" class="button" onclick={open_mode}>{ "Manage access" }</button>
                </header>
            </section>
            <section class="card" aria-labelledby="entries-title">
                <header class="card__head">
                    <h2 class="card__title" id="entries-title">{ "IAM access entries" }<span class="card__count">{ format!("({})", all.len()) }</span></h2>
                    if mode.uses_entries() { <a class="button button--primary" href={Route::CreateEntry.href()}>{ icon("plus") }{ "Create access entry" }</a> }
                </header>
                if !all.is_empty() {
                    <div class="card__tools">
                        <label class="search">{ icon("search") }<span class="hidden">{ "Find access entries" }</span>
                            <input class="input" type="search" placeholder="Find by principal, group or policy" value={(*search).clone()} {oninput} />
                        </label>
                    </div>
                }
                { list }
            </section>
            if let Some(arn) = &*deleted { <DeleteEntry principal_arn={arn.clone()} on_close={close} /> }
        </>
    }
}

/// Said by pages that need a cluster where there is none.
pub fn no_cluster() -> Html {
    html! {
        <div class="empty">
            <h2 class="empty__title">{ "No cluster" }</h2>
            <p class="empty__text">{ "This world has no cluster. Undo the deletion, or create a cluster in the terminal." }</p>
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

fn table(rows: &[Row], on_delete: &Callback<String>) -> Html {
    let row = |row: &Row| {
        let (on_delete, arn) = (on_delete.clone(), row.principal_arn.clone());
        let onclick = Callback::from(move |_: MouseEvent| on_delete.emit(arn.clone()));
        html! {
            <tr class="entries__row" key={row.principal_arn.clone()}>
                <th scope="row" data-label="IAM principal ARN"><a href={Route::Entry(row.principal_arn.clone()).href()}>{ name(&row.principal_arn, 36) }</a></th>
                <td data-label="Type">{ entries::type_label(row.kind) }</td>
                <td data-label="Username">{ name(&row.username, 36) }</td>
                <td data-label="Group names">{ groups(&row.groups) }</td>
                <td data-label="Access policies">{ policies(&row.policies) }</td>
                <td class="table__actions"><button type="button" class="button button--small" {onclick} aria-label={format!("Delete the access entry of {}", row.principal_arn)}>{ "Delete" }</button></td>
            </tr>
        }
    };
    html! {
        <table class="table entries">
            <thead><tr>
                <th scope="col">{ "IAM principal ARN" }</th><th scope="col">{ "Type" }</th><th scope="col">{ "Username" }</th>
                <th scope="col">{ "Group names" }</th><th scope="col">{ "Access policies" }</th><th scope="col"><span class="hidden">{ "Actions" }</span></th>
            </tr></thead>
            <tbody>{ for rows.iter().map(row) }</tbody>
        </table>
    }
}

/// Groups as chips.
pub fn groups(groups: &[String]) -> Html {
    if groups.is_empty() {
        return html! { <span class="quiet">{ "none" }</span> };
    }
    html! { <span class="chips">{ for groups.iter().map(|group| html! { <code class="chip" key={group.clone()}>{ group.clone() }</code> }) }</span> }
}

fn policies(policies: &[Policy]) -> Html {
    if policies.is_empty() {
        return html! { <span class="quiet">{ "none" }</span> };
    }
    let policy = |policy: &Policy| {
        html! {
            <li key={policy.arn.clone()}>{ breakable(&policy.name) }<span class="line__reason">{ policy.scope.clone() }</span></li>
        }
    };
    html! { <ul class="plain">{ for policies.iter().map(policy) }</ul> }
}

/// What is to be deleted.
#[derive(Properties, PartialEq)]
pub struct DeleteProps {
    /// The entry's principal.
    pub principal_arn: String,
    /// Closes the dialog.
    pub on_close: Callback<()>,
}

/// The confirmation of a deletion (eks 18.5).
#[function_component]
pub fn DeleteEntry(props: &DeleteProps) -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let cluster = store.cluster_name().unwrap_or_default();
    let arn = props.principal_arn.clone();
    let request =
        crate::engine::Request::Aws(crate::engine::AwsRequest::DeleteAccessEntry(crate::aws::eks::EntryRef {
            cluster_name: cluster.clone(),
            principal_arn: arn.clone(),
        }));
    let entry = store.session.world().cluster(&cluster).and_then(|cluster| cluster.entries.get(&arn));
    let is_node = entry.is_some_and(|entry| entry.kind != EntryType::Standard);
    let line = render::command(&request);
    let requests = vec![request.clone()];
    let delete = {
        let (store, close) = (store.clone(), props.on_close.clone());
        let title = format!("Deleted the access entry of {arn}");
        Callback::from(move |_: MouseEvent| {
            let caller = store.aws_caller();
            close.emit(());
            store.dispatch(Action::Call(caller, vec![request.clone()], title.clone()));
            if matches!(store.route, Route::Entry(_)) {
                store.dispatch(Action::Go(Route::Access));
            }
        })
    };
    let cancel = {
        let close = props.on_close.clone();
        Callback::from(move |_: MouseEvent| close.emit(()))
    };
    html! {
        <Dialog title="Delete access entry" on_close={props.on_close.clone()}>
            <p>{ "Delete the access entry of " }{ name(&arn, 60) }{ "? Its policy associations go with it. Unless a line of aws-auth counts for this principal, it gets 401 from then on." }</p>
            if is_node { <p class="note note--warn">{ icon("warn") }{ "This entry lets nodes join. Without it, nodes with this role stop working." }</p> }
            <Preview {requests} />
            { command(&line, None) }
            <div class="dialog__actions">
                <button type="button" class="button" autofocus=true onclick={cancel}>{ "Cancel" }</button>
                <button type="button" class="button button--danger" onclick={delete}>{ "Delete" }</button>
            </div>
        </Dialog>
    }
}

/// The dialog for the next step of the mode.
#[function_component]
pub fn ModeDialog() -> Html {
    let chosen = use_state(|| None::<AuthenticationMode>);
    let error = use_state(|| None::<String>);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let close = {
        let store = store.clone();
        Callback::from(move |()| store.dispatch(Action::ModeDialog(false)))
    };
    let cancel = {
        let close = close.clone();
        Callback::from(move |_: MouseEvent| close.emit(()))
    };
    let cluster_name = store.cluster_name().unwrap_or_default();
    let Some(cluster) = store.session.world().cluster(&cluster_name) else { return Html::default() };
    let selected = chosen.unwrap_or(cluster.mode);
    let choice = |choice: &entries::ModeChoice| {
        let mode = choice.mode;
        let chosen = chosen.clone();
        let onchange = Callback::from(move |_: Event| chosen.set(Some(mode)));
        let is_present = mode == cluster.mode;
        html! {
            <label key={mode.name()} class={classes!("choice", (!choice.is_offered && !is_present).then_some("choice--off"))}>
                <input type="radio" name="mode" checked={selected == mode} disabled={!choice.is_offered && !is_present} {onchange} />
                <span class="choice__body">
                    <span class="choice__label">{ mode.label() }{ " " }<code class="name">{ mode.name() }</code></span>
                    <span class="choice__text">{ choice.text }</span>
                </span>
            </label>
        }
    };
    let request = entries::set_mode(&cluster_name, selected);
    let changes = selected != cluster.mode;
    let line = render::command(&request);
    let wanted = request.clone();
    let save = {
        let (store, close, error) = (store.clone(), close.clone(), error.clone());
        Callback::from(move |_: MouseEvent| {
            let caller = store.aws_caller();
            match store.trial(&caller, std::slice::from_ref(&request)) {
                Ok(()) => close.emit(()),
                Err((_, refusal)) => error.set(Some(refusal.to_string())),
            }
            store.dispatch(Action::Call(
                caller,
                vec![request.clone()],
                format!("Authentication mode is now {}", selected.name()),
            ));
        })
    };
    html! {
        <Dialog title="Manage access" on_close={close}>
            <fieldset class="choices">
                <legend>{ "Cluster authentication mode" }</legend>
                { for entries::mode_choices(cluster.mode).iter().map(choice) }
            </fieldset>
            if let Some(error) = &*error { <p class="note note--error" role="alert">{ icon("warn") }{ error.clone() }</p> }
            if changes { <Preview requests={vec![wanted]} />{ command(&line, None) } }
            if cluster.mode.next().is_none() { <p class="quiet">{ "This is the last mode. Undo, or another link, brings an earlier state of the simulation back." }</p> }
            <div class="dialog__actions">
                <button type="button" class="button" onclick={cancel}>{ "Cancel" }</button>
                <button type="button" class="button button--primary" disabled={!changes} onclick={save}>{ "Save changes" }</button>
            </div>
        </Dialog>
    }
}
