//! The dialogs of the Access page: a deletion, and the next step of the mode. Both say first who gains and who loses.

use yew::prelude::*;

use crate::aws::eks::{AuthenticationMode, EntryRef, EntryType};
use crate::engine::{AwsRequest, Request};
use crate::shell::render;
use crate::ui::effects::Preview;
use crate::ui::parts::{Dialog, command, icon, name};
use crate::ui::state::{Action, Store};
use crate::view::entries;
use crate::view::route::Route;
use crate::view::text::count;

/// What is to be deleted.
#[derive(Properties, PartialEq)]
pub struct DeleteProps {
    /// The principals of the entries.
    pub arns: Vec<String>,
    /// Closes the dialog.
    pub on_close: Callback<()>,
}

/// The confirmation of a deletion (eks 18.5), of one entry or several.
#[function_component]
pub fn DeleteEntries(props: &DeleteProps) -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let cluster_name = store.cluster_name().unwrap_or_default();
    let request = |arn: &String| {
        Request::Aws(AwsRequest::DeleteAccessEntry(EntryRef {
            cluster_name: cluster_name.clone(),
            principal_arn: arn.clone(),
        }))
    };
    let requests: Vec<Request> = props.arns.iter().map(request).collect();
    let cluster = store.session.world().cluster(&cluster_name);
    let kind = |arn: &String| cluster.and_then(|cluster| cluster.entries.get(arn)).map(|entry| entry.kind);
    let is_node = props.arns.iter().any(|arn| kind(arn).is_some_and(|kind| kind != EntryType::Standard));
    let lines = requests.iter().map(render::command).collect::<Vec<_>>().join("\n");
    let delete = {
        let (store, close, requests) = (store.clone(), props.on_close.clone(), requests.clone());
        let title = match props.arns.as_slice() {
            [arn] => format!("Deleted the access entry of {arn}"),
            arns => format!("Deleted {} access entries", arns.len()),
        };
        Callback::from(move |_: MouseEvent| {
            let caller = store.aws_caller();
            close.emit(());
            store.dispatch(Action::Call(caller, requests.clone(), title.clone()));
            if matches!(store.route, Route::Entry(_)) {
                store.dispatch(Action::Go(Route::Access));
            }
        })
    };
    let cancel = {
        let close = props.on_close.clone();
        Callback::from(move |_: MouseEvent| close.emit(()))
    };
    let title = if props.arns.len() == 1 {
        "Delete access entry".to_owned()
    } else {
        format!("Delete {}", count(props.arns.len(), "access entry", "access entries"))
    };
    html! {
        <Dialog {title} on_close={props.on_close.clone()}>
            <ul class="plain">{ for props.arns.iter().map(|arn| html! { <li key={arn.clone()}>{ name(arn, 60) }</li> }) }</ul>
            <p>{ "Policy associations go with an entry. Unless a line of aws-auth counts for a principal, it gets 401 from then on." }</p>
            if is_node { <p class="note note--warn">{ icon("warn") }{ "Nodes join by this entry. Without it, nodes with this role stop working." }</p> }
            <Preview {requests} />
            { command(&lines, None) }
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
