//! The question bar: who, verb, resource, name and namespace.

use yew::prelude::*;

use super::parts::value_of;
use super::state::{Action, SameNow, Store};
use crate::view::question::{Question, VERBS, resource_choices};
use crate::view::text::shorten;
use crate::view::who::{Who, who_choices};

/// Changes one field of the question.
fn change(store: &Store, set: fn(&mut Question, String)) -> impl Fn(Event) + use<> {
    let store = store.clone();
    move |event: Event| {
        let mut question = store.question.clone();
        set(&mut question, value_of(&event));
        store.dispatch(Action::Ask(question));
    }
}

/// A field that is typed into. Only `name` and `groups` may be empty.
fn typed(label: &str, part: &str, value: &str, list: Option<&'static str>, set: Callback<InputEvent>) -> Html {
    let placeholder = (part == "name").then_some("any name");
    let is_optional = part == "name" || part == "groups";
    let is_invalid = (!is_optional && value.trim().is_empty()).then_some("true");
    let part = if part == "groups" { "stated" } else { part };
    html! {
        <label key={label.to_owned()} class={classes!("question__part", format!("question__part--{part}"))}>
            <span class="question__label">{ label }</span>
            <input class="input input--code" {list} autocomplete="off" autocapitalize="none" spellcheck="false" {placeholder} aria-invalid={is_invalid}
                value={value.to_owned()} oninput={set} />
        </label>
    }
}

/// The question.
#[function_component]
pub fn QuestionBar() -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let question = &store.question;
    let input = |set: fn(&mut Question, String)| {
        let change = change(&store, set);
        Callback::from(move |event: InputEvent| change(event.into()))
    };
    let is_url = question.resource.starts_with('/');
    let cluster = store.cluster_name().unwrap_or_default();
    let now = SameNow(store.now().clone());
    html! {
        <form class="question" onsubmit={Callback::from(|event: SubmitEvent| event.prevent_default())}>
            <span class="question__word">{ "Can" }</span>
            <WhoField now={now.clone()} cluster={cluster.clone()} who={question.who.to_value()} />
            { stated(&question.who, &input) }
            if question.who.stated().is_some() { <span class="question__break"></span> }
            { typed("verb", "verb", &question.verb, Some("verbs"), input(|q, value| q.verb = value)) }
            { typed("resource or URL", "resource", &question.resource, Some("resources"), input(|q, value| q.resource = value)) }
            if !is_url {
                { typed("name", "name", &question.name, None, input(|q, value| q.name = value)) }
                <span class="question__word">{ "in" }</span>
                <NamespaceField {now} {cluster} namespace={question.namespace.clone()} />
            }
            <span class="question__word">{ "?" }</span>
            <Offers now={SameNow(store.now().clone())} cluster={store.cluster_name().unwrap_or_default()} />
        </form>
    }
}

/// The fields that name a Kubernetes identity.
fn stated(who: &Who, input: &impl Fn(fn(&mut Question, String)) -> Callback<InputEvent>) -> Html {
    match who {
        Who::Current | Who::Profile(_) | Who::Principal(_) => Html::default(),
        Who::ServiceAccount(namespace, name) => html! {
            <>
                { typed("of namespace", "stated", namespace, None, input(|q, value| if let Who::ServiceAccount(namespace, _) = &mut q.who { *namespace = value })) }
                { typed("service account", "stated", name, None, input(|q, value| if let Who::ServiceAccount(_, name) = &mut q.who { *name = value })) }
            </>
        },
        Who::User(name, groups) => html! {
            <>
                { typed("user name", "stated", name, None, input(|q, value| if let Who::User(name, _) = &mut q.who { *name = value })) }
                { typed("groups, with commas", "groups", groups, None, input(|q, value| if let Who::User(_, groups) = &mut q.who { *groups = value })) }
            </>
        },
        Who::Group(name) => typed(
            "group",
            "stated",
            name,
            None,
            input(|q, value| {
                if let Who::Group(name) = &mut q.who {
                    *name = value
                }
            }),
        ),
    }
}

#[derive(Properties, PartialEq)]
struct WhoProps {
    now: SameNow,
    cluster: String,
    who: String,
}

/// The list of everybody who can be asked about.
#[function_component]
fn WhoField(props: &WhoProps) -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let groups = use_memo((props.now.clone(), props.cluster.clone()), |(now, cluster)| {
        now.0.world.cluster(cluster).map(|cluster| who_choices(&now.0, cluster)).unwrap_or_default()
    });
    let onchange = {
        let store = store.clone();
        Callback::from(move |event: Event| {
            let cluster = store.cluster_name();
            if let Some(cluster) = cluster.as_deref().and_then(|name| store.session.world().cluster(name)) {
                let mut question = store.question.clone();
                question.who = Who::chosen(&value_of(&event), cluster);
                store.dispatch(Action::Ask(question));
            }
        })
    };
    let who = &props.who;
    let known = groups.iter().any(|group| group.items.iter().any(|item| item.value == *who));
    let shown = match store.question.who.stated() {
        Some(_) => store.question.who.name(&store.question.who.asker(store.now())),
        None => who.clone(),
    };
    html! {
        <label class="question__part question__part--who">
            <span class="question__label">{ "who" }</span>
            <select class="input" {onchange}>
                if !known { <option value={who.clone()} selected=true>{ shorten(&shown, 40) }</option> }
                { for groups.iter().map(|group| html! {
                    <optgroup key={group.label.clone()} label={group.label.clone()}>
                        { for group.items.iter().map(|item| html! {
                            <option key={item.value.clone()} selected={item.value == *who} value={item.value.clone()}>{ item.label.clone() }</option>
                        }) }
                    </optgroup>
                }) }
            </select>
        </label>
    }
}

#[derive(Properties, PartialEq)]
struct NamespaceProps {
    now: SameNow,
    cluster: String,
    namespace: String,
}

#[derive(Properties, PartialEq)]
struct OffersProps {
    now: SameNow,
    cluster: String,
}

/// What the fields offer to choose from.
#[function_component]
fn Offers(props: &OffersProps) -> Html {
    let resources = props.now.0.world.cluster(&props.cluster).map(resource_choices).unwrap_or_default();
    html! {
        <>
            <datalist id="verbs">{ for VERBS.iter().map(|verb| html! { <option value={*verb} /> }) }</datalist>
            <datalist id="resources">{ for resources.into_iter().map(|name| html! { <option value={name} /> }) }</datalist>
        </>
    }
}

/// The list of namespaces.
#[function_component]
fn NamespaceField(props: &NamespaceProps) -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let cluster = props.now.0.world.cluster(&props.cluster);
    let namespaces = cluster.map(|cluster| cluster.objects.namespaces()).unwrap_or_default();
    let namespace = &props.namespace;
    html! {
        <label class="question__part question__part--namespace">
            <span class="question__label">{ "namespace" }</span>
            <select class="input" onchange={Callback::from(change(&store, |q, value| q.namespace = value))}>
                <option value="" selected={namespace.is_empty()}>{ "all namespaces" }</option>
                if !namespace.is_empty() && !namespaces.contains(namespace) {
                    <option value={namespace.clone()} selected=true>{ format!("{namespace} (missing)") }</option>
                }
                { for namespaces.iter().map(|name| html! {
                    <option key={name.clone()} selected={name == namespace} value={name.clone()}>{ name.clone() }</option>
                }) }
            </select>
        </label>
    }
}
