//! Who gains and who loses by a change, as a list.

use std::rc::Rc;

use yew::prelude::*;

use super::parts::{icon, name};
use super::state::Store;
use crate::engine::{Caller, Request};
use crate::view::effects::{Effects, Person, Right, preview};
use crate::view::flash::error_name;
use crate::view::text::count;

/// How many rights of one principal are shown before the rest is folded away.
const SHOWN: usize = 4;

/// The list; if access does not change, it says so.
pub fn effects(effects: &Effects) -> Html {
    if effects.is_empty() {
        return html! { <p class="effects effects--none">{ icon("info") }{ "Access does not change for any IAM identity, service account, Kubernetes user or group." }</p> };
    }
    let (people, system) = effects.folded();
    html! {
        <>
            if !people.is_empty() { <ul class="effects">{ for people.into_iter().map(person) }</ul> }
            if !system.is_empty() {
                <details class="effects__system">
                    <summary>{ count(system.len(), "system identity gains or loses", "system identities gain or lose") }</summary>
                    <ul class="effects">{ for system.into_iter().map(person) }</ul>
                </details>
            }
        </>
    }
}

fn person(person: &Person) -> Html {
    let (tone, word) = match person.direction() {
        (true, true) => ("both", "gains and loses"),
        (true, false) => ("gains", "gains"),
        _ => ("loses", "loses"),
    };
    html! {
        <li key={format!("{} {} {}", person.cluster, person.name, person.id)} class={classes!("effects__person", format!("effects__person--{tone}"))}>
            <p class="effects__who">
                <span title={person.id.clone()}>{ name(&person.name, 60) }</span>
                if !person.note.is_empty() { <span class="quiet">{ format!("({})", person.note) }</span> }
                <strong class="effects__word">{ word }</strong>
                if let Some(login) = person.login() { <span class="effects__login">{ login }</span> }
            </p>
            { rights("plus", "gains", &person.gained) }
            { rights("minus", "loses", &person.lost) }
        </li>
    }
}

fn rights(sign: &'static str, word: &'static str, rights: &[Right]) -> Html {
    let row = |right: &Right| {
        let text = html! { <><span class="hidden">{ word }{ " " }</span>{ right.text.clone() }</> };
        html! {
            <li key={right.text.clone()} class={classes!("effects__right", format!("effects__right--{word}"))}>
                { icon(sign) }
                if let Some(whole) = &right.whole {
                    <details class="effects__whole"><summary>{ text }</summary><p>{ whole.clone() }</p></details>
                } else {
                    <span>{ text }</span>
                }
            </li>
        }
    };
    let (first, rest) = rights.split_at(rights.len().min(SHOWN));
    html! {
        <>
            <ul>{ for first.iter().map(row) }</ul>
            if !rest.is_empty() {
                <details><summary>{ count(rest.len(), "more right", "more rights") }</summary><ul>{ for rest.iter().map(row) }</ul></details>
            }
        </>
    }
}

/// What a [`Preview`] tells about.
#[derive(Properties, PartialEq)]
pub struct PreviewProps {
    /// The calls, in order.
    pub requests: Vec<Request>,
    /// Who makes them, if not whoever acts on AWS pages.
    #[prop_or_default]
    pub caller: Option<Caller>,
}

/// Who would gain and who would lose by calls, told before they are made; a refusal is told, too.
#[function_component]
pub fn Preview(props: &PreviewProps) -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let world = Rc::clone(&store.now().world);
    let caller = props.caller.clone().unwrap_or_else(|| store.aws_caller());
    let key = (Rc::as_ptr(&world) as usize, caller, props.requests.clone());
    let told = use_memo(key, move |(_, caller, requests)| preview(&world, caller, requests));
    html! {
        <section class="preview" aria-label="Who gains and who loses">
            <h3 class="preview__title">{ "Who gains and who loses" }</h3>
            { match &*told {
                Ok(told) => effects(told),
                Err((_, refusal)) => html! { <p class="note note--error">{ icon("warn") }{ format!("This would be refused. {}: {refusal}", error_name(refusal)) }</p> },
            } }
        </section>
    }
}
