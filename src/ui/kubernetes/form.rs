//! The form for a new object, with what it says in plain English and the command that makes the same.

use yew::prelude::*;

use super::object::grants;
use crate::formats::yaml::emit;
use crate::shell::render;
use crate::ui::access::no_cluster;
use crate::ui::apply::ApplyDialog;
use crate::ui::dom;
use crate::ui::editor::Editor;
use crate::ui::parts::{command, described_by, field, icon, value_of};
use crate::ui::state::{Action, Store};
use crate::ui::what_if::IfSaved;
use crate::view::draft;
use crate::view::object_form::{self, Field, ObjectForm, RuleForm, SubjectForm, VERBS};
use crate::view::objects::Kind;
use crate::view::question::resource_choices;
use crate::view::route::Route;
use crate::view::text::{capital, words};

/// The kind.
#[derive(Properties, PartialEq)]
pub struct NewProps {
    /// The kind.
    pub kind: Kind,
}

/// Changes a form by what was typed, at a place of a list.
type Change = fn(&mut ObjectForm, usize, String);

/// The page.
#[function_component]
pub fn NewObjectPage(props: &NewProps) -> Html {
    let kind = props.kind;
    let store = use_context::<Store>();
    let namespace = store.as_ref().map(|store| store.kubectl().namespace).unwrap_or_default();
    let form = use_state(|| ObjectForm::new(kind, &namespace));
    // The text, once YAML is written instead.
    let yaml = use_state(|| None::<String>);
    let is_tried = use_state(|| false);
    let is_asking = use_state(|| false);
    let Some(store) = store else { return Html::default() };
    let world = store.session.world();
    let cluster_name = store.cluster_name().unwrap_or_default();
    let Some(cluster) = world.cluster(&cluster_name) else { return no_cluster() };
    let caller = store.kubectl().acting.caller;
    let text = (*yaml).clone().unwrap_or_else(|| emit::emit(&form.object(cluster)));
    let reading = draft::read(world, cluster, &caller, kind, None, &text);
    let refusal = reading.outcome.as_ref().and_then(|outcome| outcome.as_ref().err());
    let found = refusal.filter(|_| *is_tried).map(|error| form.faults(cluster, error)).unwrap_or_default();
    let fault = |wanted: Field| {
        let texts: Vec<&str> =
            found.iter().filter(|(field, _)| *field == wanted).map(|(_, text)| text.as_str()).collect();
        (!texts.is_empty()).then(|| texts.join(" "))
    };
    let submit = {
        let (is_tried, is_asking, is_refused) =
            (is_tried.clone(), is_asking.clone(), refusal.is_some() || reading.request.is_none());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            is_tried.set(true);
            is_asking.set(!is_refused);
            if is_refused {
                // Once the refusal is shown, the first field that it is about has the focus.
                dom::focus_once_drawn("form [aria-invalid=true]");
            }
        })
    };
    let close = {
        let is_asking = is_asking.clone();
        Callback::from(move |()| is_asking.set(false))
    };
    let on_done = {
        let store = store.clone();
        Callback::from(move |()| store.dispatch(Action::Go(Route::Objects(kind))))
    };
    let switch = {
        let (yaml, text) = (yaml.clone(), text.clone());
        Callback::from(move |_: MouseEvent| yaml.set(if yaml.is_some() { None } else { Some(text.clone()) }))
    };
    let on_input = {
        let yaml = yaml.clone();
        Callback::from(move |text: String| yaml.set(Some(text)))
    };
    let line = match (&*yaml, form.command(), &reading.request) {
        (None, Some(line), _) => line,
        (Some(_), _, Some(request)) => render::command(request),
        // What has no name yet is made by no command.
        (None, None, Some(request)) if !form.name.trim().is_empty() => render::command(request),
        _ => String::new(),
    };
    let title = format!("New {}", kind.singular());
    html! {
        <section class="card" aria-labelledby="new-title">
            <p class="crumbs"><a href={Route::Objects(kind).href()}>{ kind.label() }</a>{ icon("right") }{ title.clone() }</p>
            <header class="card__head">
                <div>
                    <h2 class="card__title" id="new-title">{ title.clone() }</h2>
                    <p class="card__text card__text--quiet">{ kind.purpose() }</p>
                </div>
                <button type="button" class="button" onclick={switch}>{ if yaml.is_some() { "Back to the form" } else { "Write YAML instead" } }</button>
            </header>
            <form class="split" novalidate=true onsubmit={submit}>
                <div class="form">
                    if let Some(error) = fault(Field::Form) { <p class="note note--error" role="alert">{ icon("warn") }<span>{ error }</span></p> }
                    if yaml.is_some() {
                        <Editor id="new-text" label="The new object, as YAML" text={text.clone()} marks={reading.marks.clone()} {on_input} />
                    } else {
                        { fields(&form, cluster, &fault) }
                    }
                    <div class="form__actions">
                        <a class="button" href={Route::Objects(kind).href()}>{ "Cancel" }</a>
                        <button type="submit" class="button button--primary">{ "Create" }</button>
                    </div>
                </div>
                <div class="reading">
                    <IfSaved after={reading.outcome.as_ref().and_then(|outcome| outcome.as_ref().ok().cloned())} />
                    { grants(kind, &reading.sentences, None) }
                    if !line.is_empty() {
                        <section class="says">
                            <h3 class="card__subtitle">{ "The same as a command" }</h3>
                            { command(&line, None) }
                        </section>
                    }
                </div>
            </form>
            if let Some(request) = reading.request.filter(|_| *is_asking) {
                <ApplyDialog title={title} verb="Create" done={format!("Created {} {}", kind.singular(), form.name.trim())} {request} new={text} on_close={close} {on_done} />
            }
        </section>
    }
}

/// A callback for what is typed into a field.
fn typed(form: &UseStateHandle<ObjectForm>, at: usize, change: Change) -> Callback<InputEvent> {
    let form = form.clone();
    Callback::from(move |event: InputEvent| {
        let mut next = (*form).clone();
        change(&mut next, at, value_of(&event));
        form.set(next);
    })
}

/// A button that changes the form.
fn act(form: &UseStateHandle<ObjectForm>, at: usize, word: &str, change: Change) -> Callback<MouseEvent> {
    let (form, word) = (form.clone(), word.to_owned());
    Callback::from(move |_: MouseEvent| {
        let mut next = (*form).clone();
        change(&mut next, at, word.clone());
        form.set(next);
    })
}

/// A labelled text field.
fn input(
    id: &str,
    label: &str,
    hint: &str,
    error: Option<&str>,
    value: &str,
    list: Option<&'static str>,
    oninput: Callback<InputEvent>,
) -> Html {
    let control = html! {
        <input class="input input--code" id={id.to_owned()} value={value.to_owned()} spellcheck="false" autocomplete="off" autocapitalize="none"
            list={list} aria-invalid={error.map(|_| "true")} aria-describedby={described_by(id, !hint.is_empty(), error.is_some())} {oninput} />
    };
    field(id, label, hint, error, control)
}

fn datalist(id: &'static str, items: &[String]) -> Html {
    html! { <datalist {id}>{ for items.iter().map(|item| html! { <option value={item.clone()} /> }) }</datalist> }
}

fn fields(
    form: &UseStateHandle<ObjectForm>,
    cluster: &crate::engine::Cluster,
    fault: &dyn Fn(Field) -> Option<String>,
) -> Html {
    let kind = form.kind;
    let below = |what: Field| {
        fault(what).map(|text| html! { <p class="field__error" role="alert">{ icon("warn") }{ text }</p> })
    };
    let parts = match kind {
        Kind::ClusterRoles | Kind::Roles => html! {
            <>
                { for form.rules.iter().enumerate().map(|(at, one)| rule(form, at, one, fault)) }
                { below(Field::Rules) }
                <button type="button" class="button" onclick={act(form, 0, "", |form, _, _| form.rules.push(RuleForm::default()))}>{ icon("plus") }{ "Add a rule" }</button>
                { datalist("resource-choices", &resource_choices(cluster)) }
            </>
        },
        Kind::ClusterRoleBindings | Kind::RoleBindings => html! {
            <>
                { input("role", "Role", about_role(kind), fault(Field::Role).as_deref(), &form.role, Some("role-choices"),
                    typed(form, 0, |form, _, text| form.role = text)) }
                { for form.subjects.iter().enumerate().map(|(at, one)| subject(form, at, one, fault)) }
                { below(Field::Subjects) }
                <button type="button" class="button" onclick={act(form, 0, "", |form, _, _| form.subjects.push(SubjectForm::group()))}>{ icon("plus") }{ "Add a subject" }</button>
                { datalist("role-choices", &object_form::roles(cluster, kind, &form.namespace)) }
                { datalist("group-choices", &object_form::groups(cluster)) }
            </>
        },
        Kind::ConfigMaps => {
            let oninput = typed(form, 0, |form, _, text| form.entry.1 = text);
            let area = html! { <textarea class="input input--code" id="text" rows="4" spellcheck="false" value={form.entry.1.clone()} {oninput} /> };
            html! {
                <>
                    { input("key", "Key", "Further keys can be added as YAML.", fault(Field::Data).as_deref(), &form.entry.0, None, typed(form, 0, |form, _, text| form.entry.0 = text)) }
                    { field("text", "Text", "", None, area) }
                </>
            }
        }
        Kind::Namespaces | Kind::ServiceAccounts => Html::default(),
    };
    html! {
        <>
            { input("name", "Name", "", fault(Field::Name).as_deref(), &form.name, None, typed(form, 0, |form, _, text| form.name = text)) }
            if kind.is_namespaced() {
                { input("namespace", "Namespace", "", fault(Field::Namespace).as_deref(), &form.namespace, Some("namespace-choices"), typed(form, 0, |form, _, text| form.namespace = text)) }
                { datalist("namespace-choices", &cluster.objects.namespaces()) }
            }
            { parts }
        </>
    }
}

fn about_role(kind: Kind) -> &'static str {
    match kind {
        Kind::RoleBindings => "ClusterRole/NAME, or the name of a role of this namespace. It need not exist yet.",
        _ => "The name of a cluster role. It need not exist yet.",
    }
}

fn with_rule(form: &mut ObjectForm, at: usize, change: impl FnOnce(&mut RuleForm)) {
    if let Some(rule) = form.rules.get_mut(at) {
        change(rule);
    }
}

fn with_subject(form: &mut ObjectForm, at: usize, change: impl FnOnce(&mut SubjectForm)) {
    if let Some(subject) = form.subjects.get_mut(at) {
        change(subject);
    }
}

fn rule(
    form: &UseStateHandle<ObjectForm>,
    at: usize,
    rule: &RuleForm,
    fault: &dyn Fn(Field) -> Option<String>,
) -> Html {
    let bad = |member: &'static str| fault(Field::Rule(at, member));
    let id = |part: &str| format!("rule-{at}-{part}");
    let chosen = words(&rule.verbs);
    let verb = |verb: &str| {
        let is_on = chosen.iter().any(|own| own == verb);
        let onclick = act(form, at, verb, |form, at, verb| {
            with_rule(form, at, |rule| rule.verbs = object_form::toggled(&rule.verbs, &verb));
        });
        html! { <button type="button" key={verb.to_owned()} class="pick" aria-pressed={is_on.to_string()} {onclick}>{ verb.to_owned() }</button> }
    };
    let kind = |label: &'static str, is_url: bool, change: Change| {
        html! {
            <label class="check"><input type="radio" name={id("kind")} checked={rule.is_url == is_url} onclick={act(form, at, "", change)} />{ label }</label>
        }
    };
    let remove = act(form, at, "", |form, at, _| drop(form.rules.remove(at)));
    html! {
        <fieldset class="part" key={at}>
            <legend>{ format!("Rule {}", at + 1) }</legend>
            if form.kind == Kind::ClusterRoles {
                <div class="part__row">
                    { kind("Resources", false, |form, at, _| with_rule(form, at, |rule| rule.is_url = false)) }
                    { kind("URLs", true, |form, at, _| with_rule(form, at, |rule| rule.is_url = true)) }
                </div>
            }
            { input(&id("verbs"), "Verbs", "", bad("verbs").as_deref(), &rule.verbs, None, typed(form, at, |form, at, text| with_rule(form, at, |rule| rule.verbs = text))) }
            <div class="picks" role="group" aria-label="Verbs to add or take out">{ for VERBS.into_iter().map(verb) }</div>
            if rule.is_url {
                { input(&id("urls"), "URLs", "Paths such as /healthz; a * at the end stands for the rest.", bad("nonResourceURLs").as_deref(), &rule.urls, None, typed(form, at, |form, at, text| with_rule(form, at, |rule| rule.urls = text))) }
            } else {
                { input(&id("resources"), "Resources", "As in pods, pods/log, deployments; several with commas.", bad("resources").as_deref(), &rule.resources, Some("resource-choices"), typed(form, at, |form, at, text| with_rule(form, at, |rule| rule.resources = text))) }
                { input(&id("groups"), "API groups", "Empty: those of the resources on this cluster.", bad("apiGroups").as_deref(), &rule.groups, None, typed(form, at, |form, at, text| with_rule(form, at, |rule| rule.groups = text))) }
                { input(&id("names"), "Resource names", "Empty: all.", bad("resourceNames").as_deref(), &rule.names, None, typed(form, at, |form, at, text| with_rule(form, at, |rule| rule.names = text))) }
            }
            if form.rules.len() > 1 { <button type="button" class="button button--small" onclick={remove}>{ format!("Remove rule {}", at + 1) }</button> }
        </fieldset>
    }
}

fn subject(
    form: &UseStateHandle<ObjectForm>,
    at: usize,
    subject: &SubjectForm,
    fault: &dyn Fn(Field) -> Option<String>,
) -> Html {
    let bad = |member: &'static str| fault(Field::Subject(at, member));
    let id = |part: &str| format!("subject-{at}-{part}");
    let onchange = {
        let form = form.clone();
        Callback::from(move |event: Event| {
            let mut next = (*form).clone();
            with_subject(&mut next, at, |subject| subject.kind = value_of(&event));
            form.set(next);
        })
    };
    let choice = |kind: &'static str, label: &'static str| {
        html! { <option value={kind} selected={subject.kind == kind}>{ label }</option> }
    };
    let select = html! {
        <select class="input" id={id("kind")} {onchange}>{ choice("Group", "Group") }{ choice("User", "User") }{ choice("ServiceAccount", "Service account") }</select>
    };
    let remove = act(form, at, "", |form, at, _| drop(form.subjects.remove(at)));
    let list = (subject.kind == "Group").then_some("group-choices");
    html! {
        <fieldset class="part" key={at}>
            <legend>{ capital(&format!("subject {}", at + 1)) }</legend>
            { field(&id("kind"), "Kind", "", None, select) }
            { input(&id("name"), "Name", "", bad("name").as_deref(), &subject.name, list, typed(form, at, |form, at, text| with_subject(form, at, |subject| subject.name = text))) }
            if subject.kind == "ServiceAccount" {
                { input(&id("namespace"), "Namespace of the service account", "", bad("namespace").as_deref(), &subject.namespace, None, typed(form, at, |form, at, text| with_subject(form, at, |subject| subject.namespace = text))) }
            }
            if form.subjects.len() > 1 { <button type="button" class="button button--small" onclick={remove}>{ format!("Remove subject {}", at + 1) }</button> }
        </fieldset>
    }
}
