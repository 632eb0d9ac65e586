//! The page of one object: its YAML in the editor, and beside it what it grants and whom it concerns.

use std::rc::Rc;

use yew::prelude::*;

use super::DeleteObject;
use crate::engine::World;
use crate::ui::access::no_cluster;
use crate::ui::apply::ApplyDialog;
use crate::ui::editor::{Editor, format_button, severity_sign};
use crate::ui::parts::{Copy, icon, prose};
use crate::ui::state::{SameNow, Store};
use crate::ui::what_if::IfSaved;
use crate::view::about::{self, Item, Line, Person, Section};
use crate::view::draft::{self, Sentence};
use crate::view::objects::{self, Kind};
use crate::view::route::{Route, Spot};
use crate::view::text::capital;

/// The object.
#[derive(Properties, PartialEq)]
pub struct ObjectProps {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace; empty for cluster-scoped kinds.
    pub namespace: AttrValue,
    /// Its name.
    pub name: AttrValue,
    /// The place that somebody was sent to.
    pub spot: Option<Spot>,
}

/// What is open above the page.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    Nothing,
    Apply,
    Delete,
}

/// The page.
#[function_component]
pub fn ObjectPage(props: &ObjectProps) -> Html {
    let draft = use_state(|| None::<AttrValue>);
    let open = use_state(|| Open::Nothing);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let world = store.session.world();
    let cluster_name = store.cluster_name().unwrap_or_default();
    let Some(cluster) = world.cluster(&cluster_name) else { return no_cluster() };
    let (kind, namespace, name) = (props.kind, &*props.namespace, &*props.name);
    // Printed once a world, not once a keystroke.
    let key = (SameNow(store.now().clone()), cluster_name.clone());
    let stored = use_memo(key, |(now, cluster)| {
        let cluster = now.0.world.cluster(cluster)?;
        objects::yaml(cluster, kind, namespace, name).map(AttrValue::from)
    });
    let Some(stored) = (*stored).clone() else { return missing(kind, name) };
    let text = (*draft).clone().unwrap_or_else(|| stored.clone());
    let caller = store.kubectl().acting.caller;
    let reading = draft::read(world, cluster, &caller, kind, Some((namespace, name)), &text);
    let is_changed = text != stored;
    // What nobody has changed yet is not tried: the present text is as the server has it.
    let marks =
        if is_changed { reading.marks } else { reading.marks.into_iter().filter(|mark| mark.line.is_some()).collect() };
    let can_format = reading.request.is_some();
    let request = reading.request.filter(|_| is_changed);
    let after = reading.outcome.and_then(Result::ok).filter(|_| is_changed);
    let shown = match props.spot {
        Some(Spot::Rule(number)) => draft::rule_lines(&text, number),
        Some(Spot::Line(number)) => Some((number, number)),
        None => None,
    };
    let set = |text: Option<AttrValue>| {
        let draft = draft.clone();
        Callback::from(move |_: MouseEvent| draft.set(text.clone()))
    };
    let show = |what: Open| {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(what))
    };
    let close = {
        let open = open.clone();
        Callback::from(move |()| open.set(Open::Nothing))
    };
    let on_done = {
        let draft = draft.clone();
        Callback::from(move |()| draft.set(None))
    };
    let on_input = {
        let draft = draft.clone();
        Callback::from(move |text: String| draft.set(Some(text.into())))
    };
    let title = if namespace.is_empty() { name.to_owned() } else { format!("{namespace}/{name}") };
    html! {
        <section class="card" aria-labelledby="object-title">
            <p class="crumbs"><a href={Route::Objects(kind).href()}>{ kind.label() }</a>{ icon("right") }{ title.clone() }</p>
            <header class="card__head">
                <h2 class="card__title" id="object-title"><span class="quiet">{ format!("{} ", capital(kind.singular())) }</span><code class="name">{ title }</code></h2>
                <div class="card__actions">
                    <Copy text={text.clone()} label="Copy the YAML" />
                    <button type="button" class="button button--danger" onclick={show(Open::Delete)}>{ "Delete" }</button>
                    if is_changed { <button type="button" class="button" onclick={set(None)}>{ "Discard" }</button> }
                    { format_button(&store, &text, can_format, draft::format, &on_input) }
                    <button type="button" class="button button--primary" disabled={request.is_none()} onclick={show(Open::Apply)}>{ "Save changes" }</button>
                </div>
            </header>
            <div class="split">
                <Editor id="object-text" label="The object, as YAML" text={text.clone()} {marks} {shown} {on_input} />
                <div class="reading">
                    <IfSaved {after} />
                    { grants(kind, &reading.sentences, Some((namespace, name))) }
                    <About {kind} namespace={props.namespace.clone()} name={props.name.clone()} />
                </div>
            </div>
            if let Some(request) = request.filter(|_| *open == Open::Apply) {
                <ApplyDialog title={format!("Save {name}")} verb="Save" done={format!("Saved {name}")} {request} old={stored} new={text} on_close={close.clone()} {on_done} />
            }
            if *open == Open::Delete { <DeleteObject {kind} namespace={namespace.to_owned()} name={name.to_owned()} on_close={close} /> }
        </section>
    }
}

fn missing(kind: Kind, name: &str) -> Html {
    let all = kind.label().to_lowercase();
    html! {
        <section class="card">
            <div class="empty"><h2 class="empty__title">{ "No such object" }</h2>
                <p class="empty__text">{ format!("There is no {name} among the {all} now. It may have been deleted, or an undo took it back.") }</p>
                <a class="button" href={Route::Objects(kind).href()}>{ format!("All {all}") }</a>
            </div>
        </section>
    }
}

/// What a text grants, sentence by sentence; of a stored object, each rule leads to its lines.
pub fn grants(kind: Kind, sentences: &[Sentence], object: Option<(&str, &str)>) -> Html {
    let title = match kind {
        Kind::ClusterRoles | Kind::Roles => "What it grants",
        Kind::ClusterRoleBindings | Kind::RoleBindings => "In plain English",
        _ => return Html::default(),
    };
    let sentence = |(index, sentence): (usize, &Sentence)| {
        let rule = sentence.rule.map(|number| {
            let label = format!("rule {number}");
            match object {
                Some((namespace, name)) => {
                    let route = Route::ObjectAt(kind, namespace.to_owned(), name.to_owned(), Spot::Rule(number));
                    html! { <a class="says__rule" href={route.href()}>{ label }</a> }
                }
                None => html! { <span class="says__rule">{ label }</span> },
            }
        });
        html! {
            <li class="says__item" key={index}>{ rule }<span>{ sentence.text.clone() }{ for sentence.notes.iter().map(|note| html! { <span class="line__reason">{ note.clone() }</span> }) }</span></li>
        }
    };
    html! {
        <section class="says" aria-live="polite">
            <h3 class="card__subtitle">{ title }</h3>
            if sentences.is_empty() { <p class="quiet">{ "Nothing: there are no rules." }</p> }
            <ul class="plain">{ for sentences.iter().enumerate().map(sentence) }</ul>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct AboutProps {
    kind: Kind,
    namespace: AttrValue,
    name: AttrValue,
}

/// What the object's text does not say. A part of its own: it is read once a world, not once a keystroke.
#[function_component]
fn About(props: &AboutProps) -> Html {
    let store = use_context::<Store>();
    let world = store.as_ref().map(|store| Rc::clone(&store.now().world));
    let cluster = store.as_ref().and_then(|store| store.cluster_name()).unwrap_or_default();
    let key = (Same(world), cluster, props.kind, props.namespace.clone(), props.name.clone());
    let sections = use_memo(key, |(Same(world), cluster, kind, namespace, name)| {
        let found = world.as_ref().and_then(|world| Some((world, world.cluster(cluster)?)));
        found.map(|(world, cluster)| about::about(world, cluster, *kind, namespace, name)).unwrap_or_default()
    });
    html! { <>{ for sections.iter().map(section) }</> }
}

/// A world, compared by pointer: a change always makes a new one.
struct Same(Option<Rc<World>>);

impl PartialEq for Same {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        }
    }
}

fn section(section: &Section) -> Html {
    html! {
        <section class="says" key={section.title}>
            <h3 class="card__subtitle">{ section.title }</h3>
            if section.items.is_empty() { <p class="quiet">{ section.empty }</p> }
            <ul class="plain">{ for section.items.iter().map(item) }</ul>
            if section.more > 0 { <p class="quiet">{ format!("and {} more", section.more) }</p> }
        </section>
    }
}

fn item(item: &Item) -> Html {
    html! {
        <li class="says__item says__item--tall">
            <span>
                if let Some(severity) = item.severity { { severity_sign(severity) }{ " " } }
                if let Some((name, route)) = &item.name { <a href={route.href()}><code class="name">{ name.clone() }</code></a>{ " " } }
                { prose(&item.text) }
            </span>
            if !item.lines.is_empty() { <ul class="says__lines">{ for item.lines.iter().map(line) }</ul> }
        </li>
    }
}

fn line(line: &Line) -> Html {
    html! {
        <li class="says__line">
            { line.text.clone() }
            if !line.people.is_empty() { <span class="chips">{ for line.people.iter().map(person) }</span> }
            if !line.note.is_empty() { <span class="line__reason">{ prose(&line.note) }</span> }
        </li>
    }
}

fn person(person: &Person) -> Html {
    let title = format!("{}, by {}", person.arn, person.via);
    let said = html! { <>{ icon("user") }{ person.name.clone() }<span class="hidden">{ format!(" by {}", person.via) }</span></> };
    match &person.route {
        Some(route) => html! { <a class="chip chip--person" href={route.href()} {title}>{ said }</a> },
        None => html! { <span class="chip chip--person" {title}>{ said }</span> },
    }
}
