//! The IAM page: who the AWS CLI can act as, and the users and roles of the account.

use yew::prelude::*;

use super::dom;
use super::effects::Preview;
use super::listing::{head, paged, pages};
use super::parts::{Dialog, command, described_by, field, icon, name, value_of};
use super::personas::switch;
use super::state::{Action, Store};
use crate::aws::iam::PrincipalKind;
use crate::engine::Request;
use crate::shell::render;
use crate::view::flash::error_name;
use crate::view::iam::{self, Access, Column, Origin, Principal, Profile, Query, Tools};
use crate::view::listing::List;
use crate::view::route::Route;
use crate::view::text::count;

/// A change to be confirmed: whether the principal is made anew.
#[derive(Clone, PartialEq)]
struct Asked {
    principal: Principal,
    is_made_anew: bool,
}

/// The page.
#[function_component]
pub fn IamPage() -> Html {
    let asked = use_state(|| None::<Asked>);
    let query = use_state(Query::default);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let now = store.now();
    let cluster = store.cluster_name().and_then(|name| now.world.cluster(&name));
    let all = iam::principals(now, cluster);
    let found = iam::list(&all, &query);
    let change = {
        let query = query.clone();
        Callback::from(move |new: Query| query.set(new))
    };
    let oninput = {
        let query = query.clone();
        Callback::from(move |event: InputEvent| {
            query.set(Query { text: value_of(&event), page: 0, ..(*query).clone() })
        })
    };
    let onkind = {
        let query = query.clone();
        Callback::from(move |event: Event| {
            let kind = match value_of(&event).as_str() {
                "user" => Some(PrincipalKind::User),
                "role" => Some(PrincipalKind::Role),
                _ => None,
            };
            query.set(Query { kind, page: 0, ..(*query).clone() });
        })
    };
    let unfilter = {
        let query = query.clone();
        Callback::from(move |_: MouseEvent| {
            query.set(Query { text: String::new(), kind: None, page: 0, ..(*query).clone() })
        })
    };
    let ask = {
        let asked = asked.clone();
        Callback::from(move |wanted: Asked| asked.set(Some(wanted)))
    };
    let close = {
        let asked = asked.clone();
        Callback::from(move |()| asked.set(None))
    };
    html! {
        <>
            { profiles(&store, &all) }
            <section class="card" aria-labelledby="principals-title">
                <h2 class="card__title" id="principals-title">{ "Users and roles" }<span class="card__count">{ format!("({})", all.len()) }</span></h2>
                <div class="card__tools">
                    <label class="search">{ icon("search") }<span class="hidden">{ "Find users and roles" }</span>
                        <input class="input" type="search" placeholder="Find by name or path" value={query.text.clone()} {oninput} />
                    </label>
                    <label class="filter"><span class="hidden">{ "Kind" }</span>
                        <select class="input" onchange={onkind}>
                            <option value="" selected={query.kind.is_none()}>{ "Users and roles" }</option>
                            <option value="user" selected={query.kind == Some(PrincipalKind::User)}>{ "Users" }</option>
                            <option value="role" selected={query.kind == Some(PrincipalKind::Role)}>{ "Roles" }</option>
                        </select>
                    </label>
                    <p class="hidden" role="status">{ count(found.matching, "user or role", "users and roles") }</p>
                </div>
                if all.is_empty() {
                    <div class="empty"><h3 class="empty__title">{ "No users and roles" }</h3><p class="empty__text">{ "Without an IAM user or role nobody reaches the cluster. Make one below." }</p></div>
                } else if found.matching == 0 {
                    <div class="empty"><h3 class="empty__title">{ "No match" }</h3>
                        <p class="empty__text">{ format!("None of {} is of this kind and holds this text.", count(found.total, "principal", "principals")) }</p>
                        <button type="button" class="button" onclick={unfilter}>{ "Clear the filters" }</button></div>
                } else {
                    { table(&store, &found, &query, &change, &ask) }
                    { pages(&found, paged(&query, &change)) }
                }
            </section>
            <CreatePrincipal />
            if let Some(asked) = &*asked { <Confirm asked={asked.clone()} on_close={close} /> }
        </>
    }
}

fn profiles(store: &Store, principals: &[Principal]) -> Html {
    let all = iam::profiles(store.now());
    let renew = |profile: &Profile, user: &Principal| {
        let (store, profile, user) = (store.clone(), profile.name.clone(), user.clone());
        let label = format!("Renew with the key of {}", user.name);
        let onclick = Callback::from(move |_: MouseEvent| {
            let line = iam::profile_line(store.now(), &user, &profile);
            store.dispatch(Action::Script(line, format!("Profile {profile} has the key of {}", user.name)));
        });
        html! { <button type="button" class="button button--small" {onclick}>{ label }</button> }
    };
    let row = |profile: &Profile| {
        let button = |tools: Tools, label: &'static str, is_on: bool| {
            html! { <button type="button" class="button button--small" disabled={is_on} onclick={switch(store, &profile.name, tools)} aria-label={format!("{label} {} by profile {}", if tools == Tools::Both { "act" } else { "acts" }, profile.name)}>{ label }</button> }
        };
        html! {
            <tr key={profile.name.clone()} class="profiles__row">
                <th scope="row" data-label="Profile"><span>{ name(&profile.name, 36) }
                    if profile.is_aws { { " " }<span class="tag">{ "aws" }</span> }
                    if profile.is_kubectl { { " " }<span class="tag">{ "kubectl" }</span> }
                </span></th>
                <td data-label="Acts as">
                    if let Some(error) = &profile.error { <span class="bad">{ icon("warn") }{ error.clone() }</span> } else { { name(profile.acting.arn.as_deref().unwrap_or("nobody"), 60) } }
                </td>
                <td data-label="Credentials">{ profile.source.clone() }</td>
                <td class="table__actions"><span class="card__actions">
                    { for iam::renewals(profile, principals).into_iter().map(|user| renew(profile, user)) }
                    { button(Tools::Both, "Both tools", profile.is_aws && profile.is_kubectl) }
                    { button(Tools::Aws, "aws", profile.is_aws) }
                    { button(Tools::Kubectl, "kubectl", profile.is_kubectl) }
                </span></td>
            </tr>
        }
    };
    html! {
        <section class="card" aria-labelledby="profiles-title">
            <h2 class="card__title" id="profiles-title">{ "Profiles of the AWS CLI" }<span class="card__count">{ format!("({})", all.len()) }</span></h2>
            <p class="quiet">{ "aws signs its calls by the profile in AWS_PROFILE. kubectl asks aws for a token by the profile that its kubeconfig names, else by the same one." }</p>
            if all.is_empty() {
                <div class="empty"><h3 class="empty__title">{ "No profiles" }</h3><p class="empty__text">{ "Without one, aws and kubectl act as nobody. Make a profile for a user below." }</p></div>
            } else {
                <table class="table">
                    <thead><tr><th scope="col">{ "Profile" }</th><th scope="col">{ "Acts as" }</th><th scope="col">{ "Credentials" }</th><th scope="col" class="table__actions">{ "Act by it" }</th></tr></thead>
                    <tbody>{ for all.iter().map(row) }</tbody>
                </table>
            }
        </section>
    }
}

fn table(
    store: &Store,
    found: &List<Principal>,
    query: &Query,
    change: &Callback<Query>,
    ask: &Callback<Asked>,
) -> Html {
    let row = |principal: &Principal| {
        let is_linked = principal.origin == Some(Origin::ServiceLinked);
        let wanted = |is_made_anew: bool| {
            let (ask, principal) = (ask.clone(), principal.clone());
            Callback::from(move |_: MouseEvent| ask.emit(Asked { principal: principal.clone(), is_made_anew }))
        };
        let make_profile = {
            let (store, principal) = (store.clone(), principal.clone());
            Callback::from(move |_: MouseEvent| {
                let profile = iam::profile_name(store.now(), &principal);
                let line = iam::profile_line(store.now(), &principal, &profile);
                store.dispatch(Action::Script(line, format!("Made profile {profile} for {}", principal.name)));
            })
        };
        let kind = match principal.kind {
            PrincipalKind::User => "User",
            PrincipalKind::Role => "Role",
            PrincipalKind::Root => "Root user",
        };
        let origin = principal.origin.as_ref().map(|origin| match origin {
            Origin::ServiceLinked => {
                "service-linked: only its AWS service deletes it; access entries refuse it".to_owned()
            }
            Origin::IdentityCenter(set) => format!("made by IAM Identity Center for permission set {set}"),
        });
        let label = principal.access.label();
        let entry = || Route::Entry(principal.arn.clone()).href();
        let access = match principal.access {
            Access::None => html! { <span class="quiet">{ label }</span> },
            Access::Entry => html! { <a href={entry()}>{ label }</a> },
            Access::StaleEntry => html! { <a class="bad" href={entry()}>{ icon("warn") }{ label }</a> },
            Access::Mapping(..) | Access::Account => html! { <a href={Route::AwsAuth.href()}>{ label }</a> },
            Access::Creator => html! { { label } },
        };
        let button = |label: &'static str, class: &'static str, onclick: Callback<MouseEvent>| {
            html! { <button type="button" class={classes!("button", "button--small", class)} {onclick} aria-label={format!("{label}: {}", principal.name)}>{ label }</button> }
        };
        html! {
            <tr key={principal.arn.clone()} class="principals__row">
                <th scope="row" data-label="Name"><span>{ name(&principal.name, 48) }
                    if principal.path != "/" { <span class="line__reason">{ format!("path {}", principal.path) }</span> }
                    if let Some(origin) = origin { <span class="line__reason">{ origin }</span> }
                </span></th>
                <td data-label="Kind">{ kind }</td>
                <td data-label="Profiles">{ if principal.profiles.is_empty() { html! { <span class="quiet">{ "none" }</span> } } else { html! { { principal.profiles.join(", ") } } } }</td>
                <td data-label="On the cluster">{ access }</td>
                <td data-label="Unique ID">{ name(&principal.unique_id, 24) }</td>
                <td class="table__actions"><span class="card__actions">
                    if !is_linked {
                        { button("Make profile", "", make_profile) }
                        { button("Recreate", "", wanted(true)) }
                        { button("Delete", "button--danger", wanted(false)) }
                    }
                </span></td>
            </tr>
        }
    };
    html! {
        <table class="table">
            <thead><tr>
                { for Column::ALL.iter().map(|(column, label)| head(query, *column, label, change)) }
                <th scope="col">{ "Unique ID" }</th><th scope="col"><span class="hidden">{ "Actions" }</span></th>
            </tr></thead>
            <tbody>{ for found.rows.iter().map(row) }</tbody>
        </table>
    }
}

#[derive(Properties, PartialEq)]
struct ConfirmProps {
    asked: Asked,
    on_close: Callback<()>,
}

/// The dialog before a principal is deleted or made anew.
#[function_component]
fn Confirm(props: &ConfirmProps) -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let Asked { principal, is_made_anew } = &props.asked;
    let account = &store.session.world().account;
    let requests: Vec<Request> =
        if *is_made_anew { iam::recreate(principal, account) } else { vec![iam::delete(principal)] };
    let lines = requests.iter().map(render::command).collect::<Vec<_>>().join("\n");
    // Whoever deletes itself cannot make the next call: nothing is done by half.
    let is_refused = store.trial(&store.aws_caller(), &requests).is_err();
    let (verb, done) = if *is_made_anew { ("Recreate", "Recreated") } else { ("Delete", "Deleted") };
    let go = {
        let (store, close, requests) = (store.clone(), props.on_close.clone(), requests.clone());
        let title = format!("{done} {}", principal.name);
        Callback::from(move |_: MouseEvent| {
            close.emit(());
            store.dispatch(Action::Call(store.aws_caller(), requests.clone(), title.clone()));
        })
    };
    let cancel = {
        let close = props.on_close.clone();
        Callback::from(move |_: MouseEvent| close.emit(()))
    };
    html! {
        <Dialog title={format!("{verb} {}", principal.name)} on_close={props.on_close.clone()}>
            if *is_made_anew {
                <p>{ "The same name and ARN, but another unique ID and another access key. EKS matches an access entry by the unique ID: an entry for the old principal stays and lets nobody in. A line of aws-auth names the ARN alone and goes on working." }</p>
            } else {
                <p>{ "An access entry for it stays until it is deleted itself, and lets nobody in. Profiles with its key stop working." }</p>
            }
            <Preview {requests} />
            { command(&lines, None) }
            <div class="dialog__actions">
                <button type="button" class="button" autofocus=true onclick={cancel}>{ "Cancel" }</button>
                <button type="button" class="button button--danger" disabled={is_refused} onclick={go}>{ verb }</button>
            </div>
        </Dialog>
    }
}

/// The form for a new user or role.
#[function_component]
fn CreatePrincipal() -> Html {
    let is_role = use_state(|| false);
    let typed = use_state(String::new);
    let path = use_state(String::new);
    let error = use_state(|| None::<(&'static str, String)>);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let input = |state: &UseStateHandle<String>| {
        let state = state.clone();
        Callback::from(move |event: InputEvent| state.set(value_of(&event)))
    };
    let kind_is = |value: bool| {
        let is_role = is_role.clone();
        Callback::from(move |_: Event| is_role.set(value))
    };
    let onsubmit = {
        let (store, is_role, typed, path, error) =
            (store.clone(), is_role.clone(), typed.clone(), path.clone(), error.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let kind = if *is_role { PrincipalKind::Role } else { PrincipalKind::User };
            let request = iam::create(kind, &typed, &path, &store.session.world().account);
            let caller = store.aws_caller();
            match store.trial(&caller, std::slice::from_ref(&request)) {
                Err((_, refusal)) => {
                    let text = refusal.to_string();
                    let id = if text.contains("path") { "iam-path" } else { "iam-name" };
                    error.set(Some((id, format!("{}: {text}", error_name(&refusal)))));
                    dom::focus_selector(&format!("#{id}"));
                }
                Ok(()) => {
                    error.set(None);
                    store.dispatch(Action::Call(caller, vec![request], format!("Created {}", typed.trim())));
                    typed.set(String::new());
                }
            }
        })
    };
    let error_at = |id: &str| error.as_ref().filter(|(at, _)| *at == id).map(|(_, text)| text.as_str());
    let control = |id: &'static str, state: &UseStateHandle<String>, placeholder: &'static str| {
        html! { <input class="input input--code" {id} autocomplete="off" spellcheck="false" {placeholder} value={(**state).clone()} oninput={input(state)}
        aria-invalid={error_at(id).is_some().to_string()} aria-describedby={described_by(id, true, error_at(id).is_some())} /> }
    };
    html! {
        <section class="card" aria-labelledby="create-principal">
            <h2 class="card__title" id="create-principal">{ "Create a user or role" }</h2>
            <form class="form" {onsubmit} novalidate=true>
                <fieldset class="choices choices--row">
                    <legend>{ "Kind" }</legend>
                    <label class="choice"><input type="radio" name="iam-kind" checked={!*is_role} onchange={kind_is(false)} /><span class="choice__label">{ "User" }</span></label>
                    <label class="choice"><input type="radio" name="iam-kind" checked={*is_role} onchange={kind_is(true)} /><span class="choice__label">{ "Role" }</span></label>
                </fieldset>
                { field("iam-name", "Name", "A role of IAM Identity Center is called AWSReservedSSO_SET_0123456789abcdef.", error_at("iam-name"), control("iam-name", &typed, "k8s-auditor")) }
                { field("iam-path", "Path", "Optional, as /team/. Access entries take the ARN with its path; aws-auth takes the ARN of a role without.", error_at("iam-path"), control("iam-path", &path, "/")) }
                <div class="form__actions"><button type="submit" class="button button--primary">{ "Create" }</button></div>
            </form>
        </section>
    }
}
