//! Create access entry, in three steps (eks 18.3), and the parts of its form that the entry's own page uses too.

use yew::prelude::*;

use super::access::no_cluster;
use super::dom;
use super::effects::Preview;
use super::parts::{command, described_by, field, icon, name, value_of};
use super::state::{Action, Store};
use crate::aws::eks::{AccessScope, EntryType};
use crate::engine::Request;
use crate::shell::render;
use crate::view::details::scope_text;
use crate::view::entries::{
    Form, PolicyChoice, ScopeForm, Seen, policy_choices, principals_without_entry, seen_as, takes_policies, type_label,
};
use crate::view::flash::error_name;
use crate::view::route::Route;
use crate::view::text::{and_list, last_name, words};

/// A step of the form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Step {
    Principal,
    Policies,
    Review,
}

impl Step {
    const ALL: [(Step, &'static str); 3] = [
        (Step::Principal, "Configure IAM access entry"),
        (Step::Policies, "Add access policy"),
        (Step::Review, "Review and create"),
    ];
}

/// The page.
#[function_component]
pub fn CreateEntryPage() -> Html {
    let form = use_state(Form::default);
    let step = use_state(|| Step::Principal);
    let error = use_state(|| None::<(String, String)>);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let cluster_name = store.cluster_name().unwrap_or_default();
    let Some(cluster) = store.session.world().cluster(&cluster_name) else { return no_cluster() };
    let world = store.session.world();
    let change = {
        let (form, error) = (form.clone(), error.clone());
        Callback::from(move |new: Form| {
            error.set(None);
            form.set(new);
        })
    };
    // What the service would refuse about the first call is said where it can be put right.
    let to_policies = {
        let (store, form, step, error, cluster_name) =
            (store.clone(), form.clone(), step.clone(), error.clone(), cluster_name.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let create: Vec<_> = form.requests(&cluster_name).into_iter().take(1).collect();
            match store.trial(&store.aws_caller(), &create) {
                Err((_, refusal)) => {
                    let (id, message) = if form.principal.trim().is_empty() {
                        ("principal", "Choose or type a principal.".to_owned())
                    } else {
                        (bad_field(&refusal.to_string()), format!("{}: {refusal}", error_name(&refusal)))
                    };
                    error.set(Some((id.to_owned(), message)));
                    dom::focus_selector(&format!("#{id}"));
                }
                Ok(()) => step.set(if takes_policies(form.kind) { Step::Policies } else { Step::Review }),
            }
        })
    };
    let to = |target: Step| {
        let step = step.clone();
        Callback::from(move |_: MouseEvent| step.set(target))
    };
    let create = {
        let (store, form, cluster_name) = (store.clone(), form.clone(), cluster_name.clone());
        let error = error.clone();
        Callback::from(move |_: MouseEvent| {
            let caller = store.aws_caller();
            let requests = form.requests(&cluster_name);
            let trial = store.trial(&caller, &requests);
            let arn = form.principal.trim().to_owned();
            store.dispatch(Action::Call(caller, requests, format!("Created the access entry of {arn}")));
            match trial {
                Ok(()) => store.dispatch(Action::Go(Route::Access)),
                // The entry is there; only a policy was refused.
                Err((place, _)) if place > 0 => store.dispatch(Action::Go(Route::Entry(arn))),
                Err((_, refusal)) => error.set(Some((String::new(), refusal.to_string()))),
            }
        })
    };
    {
        // Another step: whoever works by keys or by ear goes on at its name.
        let is_first = use_mut_ref(|| true);
        use_effect_with(*step, move |_| {
            if !is_first.replace(false) {
                dom::focus_selector(".wizard__step[aria-current]");
            }
        });
    }
    let policies_step = *step == Step::Policies;
    let skips = !takes_policies(form.kind);
    html! {
        <section class="card wizard" aria-labelledby="wizard-title">
            <p class="crumbs"><a href={Route::Access.href()}>{ "Access" }</a>{ icon("right") }{ "Create access entry" }</p>
            <h2 class="card__title" id="wizard-title">{ "Create access entry" }</h2>
            <ol class="wizard__steps">
                { for Step::ALL.iter().enumerate().map(|(index, (each, label))| html! {
                    <li key={index} class={classes!("wizard__step", (*each < *step).then_some("wizard__step--done"))} aria-current={(*each == *step).then_some("step")} tabindex="-1">
                        <span class="wizard__number" aria-hidden="true">{ if *each < *step { icon("check") } else { html! { { index + 1 } } } }</span>
                        <span><span class="hidden">{ format!("Step {} of {}: ", index + 1, Step::ALL.len()) }</span>{ *label }</span>
                    </li>
                }) }
            </ol>
            { match *step {
                Step::Principal => html! {
                    <form class="form" onsubmit={to_policies} novalidate=true>
                        { principal_step(&form, &cluster_name, &principals_without_entry(world, cluster), error.as_ref(), &change) }
                        <div class="form__actions">
                            <a class="button" href={Route::Access.href()}>{ "Cancel" }</a>
                            <button type="submit" class="button button--primary">{ if skips { "Skip to review and create" } else { "Next" } }</button>
                        </div>
                    </form>
                },
                Step::Policies => html! {
                    <div class="form">
                        <p class="quiet">{ "Access policies are optional: groups with Kubernetes role bindings work without. Each policy can be added once." }</p>
                        <PolicyList form={(*form).clone()} choices={policy_choices(world, form.kind)} namespaces={cluster.objects.namespaces()} on_change={change} />
                        <div class="form__actions">
                            <button type="button" class="button" onclick={to(Step::Principal)}>{ "Previous" }</button>
                            <button type="button" class="button button--primary" onclick={to(Step::Review)}>{ "Next" }</button>
                        </div>
                    </div>
                },
                Step::Review => html! {
                    <div class="form">
                        if let Some((_, error)) = &*error { <p class="note note--error" role="alert">{ icon("warn") }{ error.clone() }</p> }
                        { review(&form) }
                        <Preview requests={form.requests(&cluster_name)} />
                        { command(&form.requests(&cluster_name).iter().map(render::command).collect::<Vec<_>>().join("\n"), None) }
                        <div class="form__actions">
                            <button type="button" class="button" onclick={to(if skips { Step::Principal } else { Step::Policies })}>{ "Previous" }</button>
                            <button type="button" class="button button--primary" onclick={create}>{ "Create" }</button>
                        </div>
                    </div>
                },
            } }
            if policies_step && form.policies.is_empty() && form.groups.is_empty() {
                <p class="note">{ icon("info") }{ "Without groups and policies the principal gets in, but may do next to nothing." }</p>
            }
        </section>
    }
}

/// The field that a refusal of the service is about.
pub fn bad_field(message: &str) -> &'static str {
    let text = message.to_lowercase();
    if text.contains("username") && !text.contains("kubernetesgroups") {
        "username"
    } else if text.contains("group") {
        "groups"
    } else if text.contains("tag") {
        "tags"
    } else if text.contains("type") {
        "type"
    } else {
        "principal"
    }
}

fn principal_step(
    form: &UseStateHandle<Form>,
    cluster: &str,
    principals: &[String],
    error: Option<&(String, String)>,
    change: &Callback<Form>,
) -> Html {
    let error_at = |id: &str| {
        error.filter(|(at, _)| at == id || (at.is_empty() && id == "principal")).map(|(_, text)| text.as_str())
    };
    let edit = |set: fn(&mut Form, String)| {
        let (form, change) = (form.clone(), change.clone());
        move |event: Event| {
            let mut new = (*form).clone();
            set(&mut new, value_of(&event));
            change.emit(new);
        }
    };
    let input = |set: fn(&mut Form, String)| {
        let edit = edit(set);
        Callback::from(move |event: InputEvent| edit(event.into()))
    };
    let set_type = Callback::from(edit(|form, value| form.kind = EntryType::parse(&value).unwrap_or_default()));
    let standard = form.kind == EntryType::Standard;
    let default_username = form.default_username();
    html! {
        <>
            { field("principal", "IAM principal", "The ARN of an IAM user or role. Choose one of this account without an entry, or type any.", error_at("principal"), html! {
                <>
                    <input class="input input--code" id="principal" list="principals" required=true autocomplete="off" spellcheck="false" placeholder="arn:aws:iam::111122223333:role/my-role"
                        value={form.principal.clone()} oninput={input(|form, value| form.principal = value)}
                        aria-invalid={error_at("principal").is_some().to_string()} aria-describedby={described_by("principal", true, error_at("principal").is_some())} />
                    <datalist id="principals">{ for principals.iter().map(|arn| html! { <option value={arn.clone()} /> }) }</datalist>
                    <div class="picks" role="group" aria-label="Principals without an entry">
                        { for principals.iter().take(8).map(|arn| {
                            let (form, change, value) = (form.clone(), change.clone(), arn.clone());
                            let onclick = Callback::from(move |_: MouseEvent| change.emit(Form { principal: value.clone(), ..(*form).clone() }));
                            html! { <button type="button" key={arn.clone()} class="pick" {onclick} title={arn.clone()}>{ last_name(arn).to_owned() }</button> }
                        }) }
                    </div>
                </>
            }) }
            { field("type", "Type", "Standard for people, pipelines and services; the others let nodes join.", error_at("type"), html! {
                <select class="input" id="type" onchange={set_type} aria-describedby={described_by("type", true, error_at("type").is_some())}>
                    { for EntryType::ALL.into_iter().map(|kind| html! {
                        <option key={kind.name()} value={kind.name()} selected={kind == form.kind}>{ type_label(kind) }</option>
                    }) }
                </select>
            }) }
            if standard {
                { field("username", "Username", "Optional. Kubernetes sees the principal under this name.", error_at("username"), html! {
                    <input class="input input--code" id="username" autocomplete="off" spellcheck="false" placeholder={default_username}
                        value={form.username.clone()} oninput={input(|form, value| form.username = value)}
                        aria-invalid={error_at("username").is_some().to_string()} aria-describedby={described_by("username", true, error_at("username").is_some())} />
                }) }
                <SeenAs requests={form.requests(cluster).into_iter().take(1).collect::<Vec<_>>()} principal_arn={form.principal.trim().to_owned()} />
                { groups_field(&form.groups, error_at("groups"), {
                    let (form, change) = (form.clone(), change.clone());
                    Callback::from(move |groups| change.emit(Form { groups, ..(*form).clone() }))
                }) }
            } else {
                <p class="note">{ icon("info") }{ format!("Entries of this type get the username {} and their groups from EKS.", if default_username.is_empty() { "of nodes" } else { &default_username }) }</p>
            }
            { tags_field(&form.tags, error_at("tags"), {
                let (form, change) = (form.clone(), change.clone());
                Callback::from(move |tags| change.emit(Form { tags, ..(*form).clone() }))
            }) }
        </>
    }
}

/// Groups, as a list in words.
pub fn groups_field(groups: &[String], error: Option<&str>, on_change: Callback<Vec<String>>) -> Html {
    let onchange = Callback::from(move |event: Event| on_change.emit(words(&value_of(&event))));
    let value = groups.join(", ");
    field(
        "groups",
        "Groups",
        "Optional, separated by commas. A role binding gives them their rights; EKS does not check that one exists.",
        error,
        html! {
            <input class="input input--code" id="groups" autocomplete="off" spellcheck="false" placeholder="developer" {value} {onchange}
                aria-invalid={error.is_some().to_string()} aria-describedby={described_by("groups", true, error.is_some())} />
        },
    )
}

/// Tags, as `key=value` in words.
pub fn tags_field(tags: &[(String, String)], error: Option<&str>, on_change: Callback<Vec<(String, String)>>) -> Html {
    let onchange = Callback::from(move |event: Event| {
        let pair = |word: &str| {
            let (key, value) = word.split_once('=').unwrap_or((word, ""));
            (key.trim().to_owned(), value.trim().to_owned())
        };
        on_change.emit(value_of(&event).split(',').map(str::trim).filter(|word| !word.is_empty()).map(pair).collect());
    });
    let value = tags.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ");
    field(
        "tags",
        "Tags",
        "Optional: key=value, separated by commas.",
        error,
        html! {
            <input class="input input--code" id="tags" autocomplete="off" spellcheck="false" placeholder="team=platform" {value} {onchange}
                aria-invalid={error.is_some().to_string()} aria-describedby={described_by("tags", true, error.is_some())} />
        },
    )
}

#[derive(Properties, PartialEq)]
struct PolicyListProps {
    form: Form,
    choices: Vec<PolicyChoice>,
    namespaces: Vec<String>,
    on_change: Callback<Form>,
}

/// The policies of the form, with a picker for the next one.
#[function_component]
fn PolicyList(props: &PolicyListProps) -> Html {
    let add = {
        let (form, on_change) = (props.form.clone(), props.on_change.clone());
        Callback::from(move |policy: (String, AccessScope)| {
            let mut form = form.clone();
            form.policies.push(policy);
            on_change.emit(form);
        })
    };
    let row = |(index, (arn, scope)): (usize, &(String, AccessScope))| {
        let (form, on_change) = (props.form.clone(), props.on_change.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            let mut form = form.clone();
            form.policies.remove(index);
            on_change.emit(form);
        });
        html! {
            <li class="added__row" key={arn.clone()}>
                <span class="added__name">{ last_name(arn).to_owned() }<span class="line__reason">{ scope_text(scope) }</span></span>
                <button type="button" class="button button--small" {onclick} aria-label={format!("Remove {}", last_name(arn))}>{ "Remove" }</button>
            </li>
        }
    };
    let left: Vec<PolicyChoice> = props
        .choices
        .iter()
        .filter(|choice| !props.form.policies.iter().any(|(arn, _)| *arn == choice.arn))
        .cloned()
        .collect();
    html! {
        <>
            if !props.form.policies.is_empty() { <ul class="added">{ for props.form.policies.iter().enumerate().map(row) }</ul> }
            <PolicyPicker key={props.form.policies.len()} choices={left} namespaces={props.namespaces.clone()} label="Add policy" on_pick={add} />
        </>
    }
}

/// The fields of a scope.
pub fn scope_fields(prefix: &'static str, scope: &ScopeForm, known: &[String], set: &Callback<ScopeForm>) -> Html {
    let kind = |is_cluster: bool| {
        let (set, namespaces) = (set.clone(), scope.namespaces.clone());
        Callback::from(move |_: Event| set.emit(ScopeForm { is_cluster, namespaces: namespaces.clone() }))
    };
    let choice = |label: &'static str, is_cluster: bool| {
        html! { <label class="choice"><input type="radio" name={format!("{prefix}scope")} checked={scope.is_cluster == is_cluster} onchange={kind(is_cluster)} /><span class="choice__label">{ label }</span></label> }
    };
    html! {
        <>
            <fieldset class="choices choices--row">
                <legend>{ "Access scope" }</legend>
                { choice("Cluster", true) }{ choice("Kubernetes namespace", false) }
            </fieldset>
            if !scope.is_cluster { { namespace_fields(prefix, scope, known, set) }{ matches(scope, known) } }
        </>
    }
}

/// Which namespaces each name or pattern of a scope matches now; a warning where it matches none.
fn matches(scope: &ScopeForm, known: &[String]) -> Html {
    let row = |(pattern, found): (String, Vec<String>)| {
        let text = if found.is_empty() {
            html! { <>{ name(&pattern, 63) }{ " matches no namespace of this cluster now: it grants nothing until one exists." }</> }
        } else {
            html! { <>{ name(&pattern, 63) }{ format!(" matches {} now.", and_list(&found, "")) }</> }
        };
        let class = if found.is_empty() { "note note--warn" } else { "note" };
        html! { <li key={pattern.clone()} {class}>{ icon(if found.is_empty() { "warn" } else { "check" }) }<span>{ text }</span></li> }
    };
    html! { <div role="status"><ul class="plain" aria-label="Namespaces that match">{ for scope.matches(known).into_iter().map(row) }</ul></div> }
}

/// How Kubernetes would see the callers of an entry.
#[derive(Properties, PartialEq)]
pub struct SeenProps {
    /// The calls that create or change the entry.
    pub requests: Vec<Request>,
    /// The principal's ARN.
    pub principal_arn: String,
}

/// The user names that a template gives, filled in.
#[function_component]
pub fn SeenAs(props: &SeenProps) -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let cluster = store.cluster_name().unwrap_or_default();
    let seen = seen_as(store.session.world(), &cluster, &store.aws_caller(), &props.requests, &props.principal_arn);
    if seen.is_empty() {
        return Html::default();
    }
    let row = |seen: &Seen| {
        let session = seen.session.as_ref().map(|session| format!("in session {session} "));
        let said = match &seen.username {
            Ok(username) => {
                html! { <>{ "Kubernetes sees this principal " }{ for session }{ "as " }{ name(username, 90) }</> }
            }
            Err(refusal) => {
                html! { <>{ "The API server refuses this principal " }{ for session }{ format!("(401): {refusal}") }</> }
            }
        };
        html! { <li key={seen.session.clone().unwrap_or_default()}>{ said }</li> }
    };
    html! { <div role="status"><ul class="plain seen" aria-label="User name that Kubernetes sees">{ for seen.iter().map(row) }</ul></div> }
}

/// A field for each namespace, and the button for one more.
fn namespace_fields(prefix: &'static str, scope: &ScopeForm, known: &[String], set: &Callback<ScopeForm>) -> Html {
    let id = format!("{prefix}namespaces");
    let list = format!("{prefix}namespace-names");
    let fields = if scope.namespaces.is_empty() { vec![String::new()] } else { scope.namespaces.clone() };
    let with = |change: fn(&mut Vec<String>, usize, String), at: usize| {
        let (set, fields) = (set.clone(), fields.clone());
        move |text: String| {
            let mut namespaces = fields.clone();
            change(&mut namespaces, at, text);
            set.emit(ScopeForm { is_cluster: false, namespaces });
        }
    };
    let id_at = |at: usize| if at == 0 { id.clone() } else { format!("{id}-{at}") };
    let one = |(at, text): (usize, &String)| {
        let put = with(
            |all, at, text| {
                if let Some(field) = all.get_mut(at) {
                    *field = text;
                }
            },
            at,
        );
        let oninput = Callback::from(move |event: InputEvent| put(value_of(&event)));
        let remove = with(|all, at, _| drop(all.remove(at)), at);
        let onclick = Callback::from(move |_: MouseEvent| remove(String::new()));
        let label = (at > 0).then(|| format!("Namespace {}", at + 1));
        html! {
            <div class="namespaces__row" key={at}>
                <input class="input input--code" id={id_at(at)} list={list.clone()} autocomplete="off" autocapitalize="none" spellcheck="false" placeholder="default"
                    value={text.clone()} {oninput} aria-label={label} aria-describedby={format!("{id}-hint")} />
                if fields.len() > 1 { <button type="button" class="button button--small" {onclick} aria-label={format!("Remove namespace {}", at + 1)}>{ "Remove" }</button> }
            </div>
        }
    };
    let add = with(|all, _, text| all.push(text), 0);
    let next = format!("#{}", id_at(fields.len()));
    let onclick = Callback::from(move |_: MouseEvent| {
        add(String::new());
        dom::focus_once_drawn(next.clone());
    });
    field(
        &id,
        "Namespace",
        "A name, or a pattern as dev-*. EKS does not check that it exists.",
        None,
        html! {
            <div class="namespaces">
                { for fields.iter().enumerate().map(one) }
                <datalist id={list.clone()}>{ for known.iter().map(|name| html! { <option value={name.clone()} /> }) }</datalist>
                <button type="button" class="button button--small" {onclick}>{ icon("plus") }{ "Add new namespace" }</button>
            </div>
        },
    )
}

/// What a [`PolicyPicker`] offers.
#[derive(Properties, PartialEq)]
pub struct PickerProps {
    /// The policies.
    pub choices: Vec<PolicyChoice>,
    /// Namespaces to suggest for a scope.
    pub namespaces: Vec<String>,
    /// The text of the button.
    pub label: &'static str,
    /// A policy with its scope was chosen.
    pub on_pick: Callback<(String, AccessScope)>,
}

/// Chooses a policy and its scope.
#[function_component]
pub fn PolicyPicker(props: &PickerProps) -> Html {
    let first = props.choices.first().map(|choice| choice.arn.clone()).unwrap_or_default();
    let chosen = use_state(|| None::<String>);
    let scope = use_state(|| ScopeForm::of(&AccessScope::cluster()));
    let arn = (*chosen).clone().filter(|arn| props.choices.iter().any(|choice| choice.arn == *arn)).unwrap_or(first);
    let policy = props.choices.iter().find(|choice| choice.arn == arn);
    let choose = {
        let chosen = chosen.clone();
        Callback::from(move |event: Event| chosen.set(Some(value_of(&event))))
    };
    let set_scope = {
        let scope = scope.clone();
        Callback::from(move |new: ScopeForm| scope.set(new))
    };
    let is_complete = policy.is_some() && scope.is_complete();
    let pick = {
        let (on_pick, arn, scope) = (props.on_pick.clone(), arn.clone(), scope.access_scope());
        Callback::from(move |_: MouseEvent| {
            on_pick.emit((arn.clone(), scope.clone()));
            // On to the next one.
            dom::focus_once_drawn("#policy");
        })
    };
    if props.choices.is_empty() {
        return html! { <p class="quiet">{ "Every policy that this entry can have is there." }</p> };
    }
    html! {
        <fieldset class="picker">
            <legend>{ "Access policy" }</legend>
            { field("policy", "Policy name", "", None, html! {
                <select class="input" id="policy" onchange={choose}>
                    { for props.choices.iter().map(|choice| html! {
                        <option key={choice.arn.clone()} value={choice.arn.clone()} selected={choice.arn == arn}>{ choice.name.clone() }</option>
                    }) }
                </select>
            }) }
            if let Some(policy) = policy {
                <p class="quiet">{ policy.summary.clone() }{ if policy.is_published { "" } else { " Its rules are not public, so the playground does not evaluate it." } }</p>
            }
            { scope_fields("", &scope, &props.namespaces, &set_scope) }
            <button type="button" class="button" disabled={!is_complete} onclick={pick}>{ icon("plus") }{ props.label }</button>
        </fieldset>
    }
}

fn review(form: &Form) -> Html {
    let username = if form.kind == EntryType::Standard && !form.username.trim().is_empty() {
        form.username.clone()
    } else {
        form.default_username()
    };
    html! {
        <dl class="facts">
            <dt>{ "IAM principal" }</dt><dd>{ name(form.principal.trim(), 70) }</dd>
            <dt>{ "Type" }</dt><dd>{ type_label(form.kind) }</dd>
            <dt>{ "Username" }</dt><dd>{ name(&username, 70) }</dd>
            <dt>{ "Groups" }</dt><dd>{ super::access::groups(&form.groups) }</dd>
            <dt>{ "Tags" }</dt><dd>{ if form.tags.is_empty() { html! { <span class="quiet">{ "none" }</span> } } else { html! { { form.tags.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(", ") } } } }</dd>
            <dt>{ "Access policies" }</dt>
            <dd>
                if form.policies.is_empty() || !takes_policies(form.kind) { <span class="quiet">{ "none" }</span> } else {
                    <ul class="plain">{ for form.policies.iter().map(|(arn, scope)| html! {
                        <li key={arn.clone()}>{ last_name(arn).to_owned() }<span class="line__reason">{ scope_text(scope) }</span></li>
                    }) }</ul>
                }
            </dd>
        </dl>
    }
}
