//! The menu of the top bar that says who `aws` and `kubectl` act as, and switches it by the tools' own means.

use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;
use yew::prelude::*;

use super::dom;
use super::parts::icon;
use super::state::{Action, Store};
use crate::shell::render::quote;
use crate::view::acting::{self, Acting, KubeContext};
use crate::view::iam::{self, Profile, Tools};
use crate::view::route::Route;
use crate::view::text::shorten;

/// Makes the tools act by a profile: one line, one step of undo.
pub fn switch(store: &Store, profile: &str, tools: Tools) -> Callback<MouseEvent> {
    let (store, profile) = (store.clone(), profile.to_owned());
    Callback::from(move |_: MouseEvent| {
        let line = iam::switch_line(store.now(), &profile, tools, store.cluster_name().as_deref());
        let who = match tools {
            Tools::Both => "aws and kubectl act",
            Tools::Aws => "aws acts",
            Tools::Kubectl => "kubectl acts",
        };
        store.dispatch(Action::Script(line, format!("Now {who} by profile {profile}")));
    })
}

/// The menu.
#[function_component]
pub fn Personas() -> Html {
    let is_open = use_state(|| false);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let kubectl = store.kubectl().acting;
    let aws = store.aws();
    let tool = |tool: &'static str, acting: &Acting| {
        html! {
            <span class="acting__tool" title={acting.arn.clone().unwrap_or_default()}>
                <span class="acting__label">{ tool }</span><span class="acting__name">{ acting.name().to_owned() }</span>
            </span>
        }
    };
    let parts = if kubectl.arn == aws.arn {
        tool("acting as", &kubectl)
    } else {
        html! { <>{ tool("kubectl", &kubectl) }{ tool("aws", &aws) }</> }
    };
    let toggle = {
        let is_open = is_open.clone();
        Callback::from(move |_: MouseEvent| is_open.set(!*is_open))
    };
    let close = {
        let is_open = is_open.clone();
        Callback::from(move |_: MouseEvent| is_open.set(false))
    };
    let onkeydown = {
        let is_open = is_open.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && *is_open {
                event.stop_propagation();
                is_open.set(false);
                dom::focus_selector(".acting");
            }
        })
    };
    // Whoever goes on past the menu leaves it closed.
    let onfocusout = {
        let is_open = is_open.clone();
        Callback::from(move |event: FocusEvent| {
            let next = event.related_target().and_then(|next| next.dyn_into::<web_sys::Element>().ok());
            if next.is_some_and(|next| next.closest(".personas").ok().flatten().is_none()) {
                is_open.set(false);
            }
        })
    };
    let choice = |profile: &Profile| {
        let is_on = profile.is_aws && profile.is_kubectl;
        let pick = switch(&store, &profile.name, Tools::Both);
        let is_open = is_open.clone();
        let onclick = Callback::from(move |event: MouseEvent| {
            is_open.set(false);
            dom::focus_selector(".acting");
            pick.emit(event);
        });
        let reason = match &profile.error {
            Some(error) => format!("profile {} has no valid identity: {error}", profile.name),
            None => format!("profile {}, {}", profile.name, profile.source),
        };
        let who = profile.acting.name().to_owned();
        html! {
            <li key={profile.name.clone()}>
                <button type="button" class="personas__choice" aria-pressed={is_on.to_string()} disabled={is_on} {onclick}>
                    <span class="personas__sign">{ if is_on { icon("check") } else { Html::default() } }</span>
                    <span><span class="acting__name">{ who }</span><span class="line__reason">{ reason }</span></span>
                    if profile.is_aws { <span class="tag">{ "aws" }</span> }
                    if profile.is_kubectl { <span class="tag">{ "kubectl" }</span> }
                </button>
            </li>
        }
    };
    let context = |context: &KubeContext| {
        let (store, is_open, name) = (store.clone(), is_open.clone(), context.name.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            is_open.set(false);
            dom::focus_selector(".acting");
            let line = format!("kubectl config use-context {}", quote(&name));
            store.dispatch(Action::Script(line, format!("kubectl uses context {}", shorten(&name, 40))));
        });
        let who = context.acting.as_ref().map_or("leads nowhere", Acting::name).to_owned();
        html! {
            <li key={context.name.clone()}>
                <button type="button" class="personas__choice" aria-pressed={context.is_current.to_string()} disabled={context.is_current} {onclick}>
                    <span class="personas__sign">{ if context.is_current { icon("check") } else { Html::default() } }</span>
                    <span><span class="acting__name" title={context.name.clone()}>{ shorten(&context.name, 40) }</span><span class="line__reason">{ format!("acts as {who}") }</span></span>
                </button>
            </li>
        }
    };
    // With one context there is nothing to choose.
    let contexts = if *is_open { acting::contexts(store.now()) } else { Vec::new() };
    let contexts = if contexts.len() > 1 { contexts } else { Vec::new() };
    html! {
        <div class="personas" {onkeydown} {onfocusout}>
            <button type="button" class="acting" aria-expanded={is_open.to_string()} aria-controls="personas" onclick={toggle}>
                { icon("user") }{ parts }<span class="hidden">{ ": switch" }</span>{ icon("down") }
            </button>
            if *is_open {
                <div class="personas__outside" onclick={close.clone()}></div>
                <div class="personas__menu" id="personas">
                    <p class="personas__title">{ "Let aws and kubectl act as" }</p>
                    <ul>{ for iam::profiles(store.now()).iter().map(choice) }</ul>
                    if !contexts.is_empty() {
                        <p class="personas__title">{ "Let kubectl use context" }</p>
                        <ul>{ for contexts.iter().map(context) }</ul>
                    }
                    <a class="personas__more" href={Route::Iam.href()} onclick={close}>{ "One tool alone, more profiles: IAM" }</a>
                </div>
            }
        </div>
    }
}
