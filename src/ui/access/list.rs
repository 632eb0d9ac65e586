//! The list of access entries: search, type, order, pages, selection.

use std::collections::BTreeSet;

use yew::prelude::*;

use super::dialogs::DeleteEntries;
use super::groups;
use crate::aws::eks::EntryType;
use crate::ui::listing::{head, paged, pages};
use crate::ui::parts::{breakable, command, icon, name, value_of};
use crate::ui::state::{Action, Store};
use crate::view::entries::{Policy, Row, type_label};
use crate::view::entry_list::{Column, Query, kinds, list};
use crate::view::listing::List;
use crate::view::route::Route;
use crate::view::text::count;

/// Of which cluster.
#[derive(Properties, PartialEq)]
pub struct ListProps {
    /// Its name.
    pub cluster: String,
}

/// The list.
#[function_component]
pub fn EntryList(props: &ListProps) -> Html {
    let query = use_state(Query::default);
    let selected = use_state(BTreeSet::<String>::new);
    let deleted = use_state(Vec::<String>::new);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let world = store.session.world();
    let Some(cluster) = world.cluster(&props.cluster) else { return Html::default() };
    let found = list(cluster, &query);
    if found.total == 0 {
        return nothing(&store, &props.cluster);
    }
    let change = {
        let query = query.clone();
        Callback::from(move |new: Query| query.set(new))
    };
    let oninput = {
        let query = query.clone();
        Callback::from(move |event: InputEvent| {
            query.set(Query { text: value_of(&event), page: 0, ..(*query).clone() });
        })
    };
    let onkind = {
        let query = query.clone();
        Callback::from(move |event: Event| {
            query.set(Query { kind: EntryType::parse(&value_of(&event)), page: 0, ..(*query).clone() });
        })
    };
    let unfilter = {
        let query = query.clone();
        Callback::from(move |_: MouseEvent| {
            query.set(Query { text: String::new(), kind: None, page: 0, ..(*query).clone() });
        })
    };
    // What was deleted elsewhere is selected no more.
    let chosen: Vec<String> = selected.iter().filter(|arn| cluster.entries.contains_key(*arn)).cloned().collect();
    let delete_chosen = {
        let (deleted, chosen) = (deleted.clone(), chosen.clone());
        Callback::from(move |_: MouseEvent| deleted.set(chosen.clone()))
    };
    let close = {
        let deleted = deleted.clone();
        Callback::from(move |()| deleted.set(Vec::new()))
    };
    let delete = {
        let deleted = deleted.clone();
        Callback::from(move |arn: String| deleted.set(vec![arn]))
    };
    let select = {
        let selected = selected.clone();
        Callback::from(move |(arns, on): (Vec<String>, bool)| {
            let mut new = (*selected).clone();
            for arn in arns {
                if on {
                    new.insert(arn)
                } else {
                    new.remove(&arn)
                };
            }
            selected.set(new);
        })
    };
    let kind_name = query.kind.map(EntryType::name).unwrap_or_default();
    html! {
        <>
            <div class="card__tools">
                <label class="search">{ icon("search") }<span class="hidden">{ "Find access entries" }</span>
                    <input class="input" type="search" placeholder="Find by principal, group or policy" value={query.text.clone()} {oninput} />
                </label>
                <label class="filter"><span class="hidden">{ "Type" }</span>
                    <select class="input" onchange={onkind}>
                        <option value="" selected={kind_name.is_empty()}>{ "Any type" }</option>
                        { for kinds(cluster).iter().map(|kind| html! { <option key={kind.name()} value={kind.name()} selected={kind.name() == kind_name}>{ type_label(*kind) }</option> }) }
                    </select>
                </label>
                <button type="button" class="button button--danger" disabled={chosen.is_empty()} onclick={delete_chosen}>{ if chosen.is_empty() { "Delete selected".to_owned() } else { format!("Delete {} selected", chosen.len()) } }</button>
                <p class="hidden" role="status">{ count(found.matching, "access entry", "access entries") }</p>
            </div>
            if found.matching == 0 {
                <div class="empty">
                    <h3 class="empty__title">{ "No match" }</h3>
                    <p class="empty__text">{ format!("None of {} is of this type and holds this text.", count(found.total, "entry", "entries")) }</p>
                    <button type="button" class="button" onclick={unfilter}>{ "Clear the filters" }</button>
                </div>
            } else {
                { table(&found, &query, &chosen, &change, &select, &delete) }
                { pages(&found, paged(&query, &change)) }
            }
            if !deleted.is_empty() { <DeleteEntries arns={(*deleted).clone()} on_close={close} /> }
        </>
    }
}

/// No entry at all: what one is for, and how to make the first.
fn nothing(store: &Store, cluster: &str) -> Html {
    let account = &store.session.world().account;
    let example = format!(
        "aws eks create-access-entry --cluster-name {cluster} --principal-arn arn:aws:iam::{account}:user/k8s-dev"
    );
    let insert = {
        let store = store.clone();
        Callback::from(move |text: String| store.dispatch(Action::Insert(text)))
    };
    html! {
        <div class="empty">
            <h3 class="empty__title">{ "No access entries" }</h3>
            <p class="empty__text">{ "An access entry lets an IAM user or role in, under a Kubernetes user name and groups, with or without access policies." }</p>
            <a class="button button--primary" href={Route::CreateEntry.href()}>{ icon("plus") }{ "Create access entry" }</a>
            { command(&example, Some(insert)) }
        </div>
    }
}

fn table(
    found: &List<Row>,
    query: &Query,
    chosen: &[String],
    change: &Callback<Query>,
    select: &Callback<(Vec<String>, bool)>,
    delete: &Callback<String>,
) -> Html {
    let on_this_page: Vec<String> = found.rows.iter().map(|row| row.principal_arn.clone()).collect();
    let all = on_this_page.iter().all(|arn| chosen.contains(arn));
    let select_all = {
        let select = select.clone();
        Callback::from(move |_: Event| select.emit((on_this_page.clone(), !all)))
    };
    let row = |row: &Row| {
        let arn = row.principal_arn.clone();
        let is_chosen = chosen.contains(&arn);
        let onselect = {
            let (select, arn) = (select.clone(), arn.clone());
            Callback::from(move |_: Event| select.emit((vec![arn.clone()], !is_chosen)))
        };
        let onclick = {
            let (delete, arn) = (delete.clone(), arn.clone());
            Callback::from(move |_: MouseEvent| delete.emit(arn.clone()))
        };
        html! {
            <tr class={classes!("entries__row", is_chosen.then_some("entries__row--chosen"))} key={arn.clone()}>
                <td class="entries__select"><label class="tick"><input type="checkbox" checked={is_chosen} onchange={onselect} aria-label={format!("Select {arn}")} /></label></td>
                <th scope="row" data-label="IAM principal ARN"><a href={Route::Entry(arn.clone()).href()}>{ name(&arn, 36) }</a></th>
                <td data-label="Type" class="entries__type">{ type_label(row.kind) }</td>
                <td data-label="Username">{ name(&row.username, 36) }</td>
                <td data-label="Group names">{ groups(&row.groups) }</td>
                <td data-label="Access policies">{ policies(&row.policies) }</td>
                <td class="table__actions"><button type="button" class="button button--small" {onclick} aria-label={format!("Delete the access entry of {arn}")}>{ "Delete" }</button></td>
            </tr>
        }
    };
    html! {
        <table class="table entries">
            <thead><tr>
                <th scope="col" class="entries__select"><label class="tick"><input type="checkbox" checked={all} onchange={select_all} aria-label="Select all on this page" /></label></th>
                { for Column::ALL.iter().map(|(column, label)| head(query, *column, label, change)) }
                <th scope="col"><span class="hidden">{ "Actions" }</span></th>
            </tr></thead>
            <tbody>{ for found.rows.iter().map(row) }</tbody>
        </table>
    }
}

fn policies(policies: &[Policy]) -> Html {
    if policies.is_empty() {
        return html! { <span class="quiet">{ "none" }</span> };
    }
    let policy = |policy: &Policy| {
        html! {
            <li key={policy.arn.clone()}><a href={Route::Policy(policy.name.clone(), None).href()}>{ breakable(&policy.name) }</a><span class="line__reason">{ policy.scope.clone() }</span></li>
        }
    };
    html! { <ul class="plain">{ for policies.iter().map(policy) }</ul> }
}
