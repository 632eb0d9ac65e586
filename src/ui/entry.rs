//! The page of an access entry (eks 18.4): its facts, its policies, and the form to edit it.

use yew::prelude::*;

use super::access::{DeleteEntries, groups, no_cluster};
use super::dom;
use super::entry_form::{SeenAs, bad_field, groups_field, tags_field};
use super::entry_policies::Policies;
use super::parts::{Copy, described_by, field, icon, name, prose, value_of};
use super::state::{Action, Store};
use crate::aws::eks::{EntryType, TagResourceRequest, UntagResourceRequest, UpdateAccessEntryRequest};
use crate::aws::tags::Tags;
use crate::engine::{AwsRequest, Request};
use crate::view::entries::{self, Details, type_label};
use crate::view::flash::error_name;
use crate::view::route::Route;
use crate::view::text::last_name;

/// Which entry.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its principal.
    pub principal_arn: String,
}

/// The page.
#[function_component]
pub fn EntryPage(props: &Props) -> Html {
    let is_editing = use_state(|| false);
    let is_deleting = use_state(|| false);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let cluster_name = store.cluster_name().unwrap_or_default();
    let Some(cluster) = store.session.world().cluster(&cluster_name) else { return no_cluster() };
    let arn = &props.principal_arn;
    let crumbs = html! { <p class="crumbs"><a href={Route::Access.href()}>{ "Access" }</a>{ icon("right") }{ name(arn, 48) }</p> };
    let Some(details) = entries::details(store.session.world(), cluster, arn) else {
        return html! {
            <section class="card">{ crumbs }
                <div class="empty">
                    <h2 class="empty__title">{ "No such access entry" }</h2>
                    <p class="empty__text">{ "There is no access entry for this principal now. Perhaps it was deleted, or the mode knows no entries." }</p>
                    <a class="button" href={Route::Access.href()}>{ "All access entries" }</a>
                </div>
            </section>
        };
    };
    let set = |state: &UseStateHandle<bool>, value: bool| {
        let state = state.clone();
        Callback::from(move |()| state.set(value))
    };
    let click = |state: &UseStateHandle<bool>, value: bool| {
        let set = set(state, value);
        Callback::from(move |_: MouseEvent| set.emit(()))
    };
    let done = {
        let is_editing = is_editing.clone();
        Callback::from(move |()| {
            is_editing.set(false);
            dom::focus_once_drawn("#edit-entry");
        })
    };
    html! {
        <>
            <section class="card" aria-labelledby="entry-title">
                { crumbs }
                <header class="card__head">
                    <h2 class="card__title" id="entry-title">{ last_name(arn).to_owned() }</h2>
                    <div class="card__actions">
                        if !*is_editing { <button type="button" class="button" id="edit-entry" onclick={click(&is_editing, true)}>{ "Edit" }</button> }
                        <button type="button" class="button button--danger" onclick={click(&is_deleting, true)}>{ "Delete" }</button>
                    </div>
                </header>
                if let Some(warning) = &details.warning { <p class="note note--warn">{ icon("warn") }<span>{ prose(warning) }</span>{ remedy(&store, &details) }</p> }
                if *is_editing {
                    <EditForm details={details.clone()} cluster={cluster_name.clone()} on_close={done} />
                } else {
                    { facts(&details) }
                }
            </section>
            <Policies details={details.clone()} cluster={cluster_name.clone()} />
            if *is_deleting { <DeleteEntries arns={vec![arn.clone()]} on_close={set(&is_deleting, false)} /> }
        </>
    }
}

/// Makes the entry anew for today's principal.
fn remedy(store: &Store, details: &Details) -> Html {
    if details.remedy.is_empty() {
        return Html::default();
    }
    let (store, requests, arn) = (store.clone(), details.remedy.clone(), details.row.principal_arn.clone());
    let onclick = Callback::from(move |_: MouseEvent| {
        let title = format!("Deleted and created the access entry of {arn}");
        store.dispatch(Action::Call(store.aws_caller(), requests.clone(), title));
    });
    html! { <button type="button" class="button button--small" {onclick}>{ "Delete and create it again" }</button> }
}

fn facts(details: &Details) -> Html {
    let copied = |text: &str, max: usize| html! { <>{ name(text, max) }<Copy text={text.to_owned()} /></> };
    let row = &details.row;
    html! {
        <dl class="facts">
            <dt>{ "IAM principal ARN" }</dt><dd>{ copied(&row.principal_arn, 64) }</dd>
            <dt>{ "Access entry ARN" }</dt><dd>{ copied(&details.arn, 56) }</dd>
            <dt>{ "Type" }</dt><dd>{ type_label(row.kind) }</dd>
            if !details.used_by.is_empty() { <dt>{ "Used by" }</dt><dd>{ details.used_by.join(", ") }</dd> }
            <dt>{ "Username" }</dt><dd>{ name(&row.username, 64) }</dd>
            <dt>{ "Groups" }</dt><dd>{ groups(&row.groups) }</dd>
            <dt>{ "Tags" }</dt><dd>{ if details.tags.is_empty() { html! { <span class="quiet">{ "none" }</span> } } else { html! {
                <span class="chips">{ for details.tags.iter().map(|(key, value)| html! { <code class="chip" key={key.to_owned()}>{ format!("{key}={value}") }</code> }) }</span>
            } } }</dd>
            <dt>{ "Created" }</dt><dd>{ details.created.clone() }</dd>
            <dt>{ "Modified" }</dt><dd>{ details.modified.clone() }</dd>
        </dl>
    }
}

#[derive(Properties, PartialEq)]
struct EditProps {
    details: Details,
    cluster: String,
    on_close: Callback<()>,
}

fn pairs(tags: &Tags) -> Vec<(String, String)> {
    tags.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Username, groups and tags.
#[function_component]
fn EditForm(props: &EditProps) -> Html {
    let row = &props.details.row;
    let username = use_state(|| row.username.clone());
    let new_groups = use_state(|| row.groups.clone());
    let tags = use_state(|| pairs(&props.details.tags));
    let error = use_state(|| None::<(&'static str, String)>);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let standard = row.kind == EntryType::Standard;
    use_effect_with(standard, |standard| dom::focus_selector(if *standard { "#username" } else { "#tags" }));
    let requests = {
        let mut requests = Vec::new();
        let changed_name = Some((*username).trim().to_owned()).filter(|name| *name != row.username);
        let changed_groups = Some((*new_groups).clone()).filter(|groups| *groups != row.groups);
        if standard && (changed_name.is_some() || changed_groups.is_some()) {
            requests.push(Request::Aws(AwsRequest::UpdateAccessEntry(UpdateAccessEntryRequest {
                cluster_name: props.cluster.clone(),
                principal_arn: row.principal_arn.clone(),
                kubernetes_groups: changed_groups,
                client_request_token: None,
                username: changed_name,
            })));
        }
        let old = pairs(&props.details.tags);
        let is_gone = |key: &String| !tags.iter().any(|(wanted, _)| wanted == key);
        let gone: Vec<String> = old.iter().map(|(key, _)| key).filter(|key| is_gone(key)).cloned().collect();
        let new: Tags = tags.iter().filter(|pair| !old.contains(pair)).cloned().collect();
        let resource_arn = props.details.arn.clone();
        if !gone.is_empty() {
            let request = UntagResourceRequest { resource_arn: resource_arn.clone(), tag_keys: gone };
            requests.push(Request::Aws(AwsRequest::UntagResource(request)));
        }
        if !new.is_empty() {
            requests.push(Request::Aws(AwsRequest::TagResource(TagResourceRequest { resource_arn, tags: new })));
        }
        requests
    };
    let changes = requests.clone();
    let save = {
        let (store, error, close) = (store.clone(), error.clone(), props.on_close.clone());
        let title = format!("Changed the access entry of {}", row.principal_arn);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let caller = store.aws_caller();
            if requests.is_empty() {
                return close.emit(());
            }
            match store.trial(&caller, &requests) {
                Ok(()) => {
                    store.dispatch(Action::Call(caller, requests.clone(), title.clone()));
                    close.emit(());
                }
                Err((_, refusal)) => {
                    let id = bad_field(&refusal.to_string());
                    error.set(Some((id, format!("{}: {refusal}", error_name(&refusal)))));
                    dom::focus_selector(&format!("#{id}"));
                }
            }
        })
    };
    let cancel = {
        let close = props.on_close.clone();
        Callback::from(move |_: MouseEvent| close.emit(()))
    };
    let oninput = {
        let username = username.clone();
        Callback::from(move |event: InputEvent| username.set(value_of(&event)))
    };
    let on_groups = {
        let state = new_groups.clone();
        Callback::from(move |groups| state.set(groups))
    };
    let on_tags = {
        let state = tags.clone();
        Callback::from(move |tags| state.set(tags))
    };
    let about = |id: &str| error.as_ref().filter(|(at, _)| *at == id).map(|(_, text)| text.as_str());
    let (about_name, about_groups, about_tags) = (about("username"), about("groups"), about("tags"));
    let is_placed = about_name.or(about_groups).or(about_tags).is_some();
    let about_all = error.as_ref().filter(|_| !is_placed).map(|(_, text)| text.clone());
    html! {
        <form class="form" onsubmit={save} novalidate=true>
            if let Some(error) = about_all { <p class="note note--error" role="alert">{ icon("warn") }{ error }</p> }
            if standard {
                { field("username", "Username", "", about_name, html! {
                    <input class="input input--code" id="username" autocomplete="off" spellcheck="false" value={(*username).clone()} {oninput}
                        aria-invalid={about_name.is_some().to_string()} aria-describedby={described_by("username", false, about_name.is_some())} />
                }) }
                <SeenAs requests={changes} principal_arn={row.principal_arn.clone()} />
                { groups_field(&new_groups, about_groups, on_groups) }
            }
            { tags_field(&tags, about_tags, on_tags) }
            <div class="form__actions">
                <button type="button" class="button" onclick={cancel}>{ "Cancel" }</button>
                <button type="submit" class="button button--primary">{ "Save changes" }</button>
            </div>
        </form>
    }
}
