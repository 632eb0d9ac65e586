//! The frame around every page: top bar, navigation, page, terminal drawer.

use std::rc::Rc;

use gloo::timers::callback::Interval;
use serde_json::json;
use web_sys::{KeyboardEvent, PointerEvent};
use yew::prelude::*;

use super::access::{AccessPage, ModeDialog};
use super::aws_auth::AwsAuthPage;
use super::clusters::{ClustersPage, CreateClusterPage};
use super::dom;
use super::entry::EntryPage;
use super::entry_form::CreateEntryPage;
use super::history::HistoryPage;
use super::iam::IamPage;
use super::kubernetes::{KubernetesPage, NewObjectPage, ObjectPage};
use super::parts::{Copy, command, icon, name, prose};
use super::path::Ask;
use super::personas::Personas;
use super::policy::{PoliciesPage, PolicyPage};
use super::problems::ProblemsPage;
use super::saves::SavedWork;
use super::share::Share;
use super::state::{Action, Store};
use super::steps::steps;
use super::terminal::Terminal;
use crate::view::flash::{self, Flash};
use crate::view::history;
use crate::view::objects::Kind;
use crate::view::route::{Route, Section, Spot};
use crate::view::{problems, welcome};

/// The smallest drawer, and what must be left of the page above it, in pixels.
const DRAWER_MIN: i32 = 96;
const PAGE_MIN: i32 = 180;
/// After how many milliseconds a message that passes leaves.
const PASSES_AFTER: u32 = 8_000;
/// How far a key moves the drawer's edge.
const DRAWER_STEP: i32 = 32;

/// Everything on the screen.
#[function_component]
pub fn Frame() -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let page = match &store.route {
        Route::Overview => html! {},
        Route::Access => html! { <AccessPage /> },
        Route::Clusters => html! { <ClustersPage /> },
        Route::CreateCluster => html! { <CreateClusterPage /> },
        Route::CreateEntry => html! { <CreateEntryPage /> },
        Route::Entry(arn) => html! { <EntryPage key={arn.clone()} principal_arn={arn.clone()} /> },
        Route::Policies => html! { <PoliciesPage /> },
        Route::Policy(name, rule) => html! { <PolicyPage name={name.clone()} rule={*rule} /> },
        Route::Iam => html! { <IamPage /> },
        Route::AwsAuth => html! { <AwsAuthPage /> },
        Route::AwsAuthEntry(section, index) => html! { <AwsAuthPage entry={Some((section.clone(), *index))} /> },
        Route::AwsAuthLine(number) => html! { <AwsAuthPage line={Some(*number)} /> },
        Route::Objects(kind) => html! { <KubernetesPage key={kind.plural()} kind={*kind} /> },
        Route::Object(kind, namespace, name) => object(*kind, namespace, name, None),
        Route::ObjectAt(kind, namespace, name, spot) => object(*kind, namespace, name, Some(*spot)),
        Route::NewObject(kind) => html! { <NewObjectPage key={kind.plural()} kind={*kind} /> },
        Route::Problems => html! { <ProblemsPage /> },
        Route::History => html! { <HistoryPage /> },
        Route::Unknown(address) => unknown(address),
    };
    let is_overview = store.route == Route::Overview;
    let to_main = Callback::from(|event: MouseEvent| {
        event.prevent_default();
        dom::focus_selector("#main");
    });
    html! {
        <div class="frame">
            <a class="skip" href="#main" onclick={to_main}>{ "Skip to the page" }</a>
            <TopBar />
            <Navigation />
            <main class="page" id="main" tabindex="-1">
                <div class="page__inner">
                    <h1 class={classes!((!is_overview).then_some("hidden"), "page__title")}>{ if is_overview { "Who can do what on this cluster, and why" } else { store.route.title() } }</h1>
                    if is_overview { <p class="intro">{ welcome::INTRO }</p> }
                    if is_overview { { steps(&store) } }
                    <Message />
                    <Ask is_whole={is_overview} />
                    { page }
                </div>
            </main>
            <Drawer />
            if store.is_mode_dialog_open { <ModeDialog /> }
        </div>
    }
}

/// What an address leads to that is no page.
fn unknown(address: &str) -> Html {
    let page = |section: Section| html! { <li key={section.label()}><a href={section.route().href()}>{ section.label() }</a></li> };
    html! {
        <section class="card" aria-labelledby="unknown-title">
            <h2 class="card__title" id="unknown-title">{ "There is no such page" }</h2>
            <p class="card__text">{ "The address names the page " }{ name(address, 60) }{ ", which this program does not have. Your work is as it was. The pages are:" }</p>
            <ul class="plain">{ for Section::ALL.into_iter().map(page) }</ul>
        </section>
    }
}

fn object(kind: Kind, namespace: &str, name: &str, spot: Option<Spot>) -> Html {
    let key = format!("{}/{namespace}/{name}", kind.plural());
    html! { <ObjectPage {key} {kind} namespace={namespace.to_owned()} name={name.to_owned()} {spot} /> }
}

/// The parts of the page, with how much there is to see in them.
#[function_component]
fn Navigation() -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    // On narrow screens the list scrolls.
    use_effect_with(store.route.section(), |_| dom::reveal(".nav__link--current"));
    let changes = history::changes(&store.session);
    let problems = store.problems();
    let pressing = problems::pressing(&problems);
    let problems = problems.len();
    let item = |section: Section| {
        let current = store.route.section() == section && !matches!(store.route, Route::Unknown(_));
        let sign = match section {
            Section::Ask => "search",
            Section::Access => "key",
            Section::Iam => "user",
            Section::AwsAuth => "id",
            Section::Kubernetes => "link",
            Section::Problems => "warn",
            Section::History => "undo",
        };
        html! {
            <li key={section.label()}>
                <a class={classes!("nav__link", current.then_some("nav__link--current"))} href={section.route().href()}
                    aria-current={current.then_some("page")}>
                    { icon(sign) }{ section.label() }
                    if section == Section::History && changes > 0 { <span class="nav__count">{ changes }<span class="hidden">{ " changes" }</span></span> }
                    if section == Section::Problems && problems > 0 { <span class={classes!("nav__count", "nav__count--problems", (pressing > 0).then_some("nav__count--warn"))}>{ problems }<span class="hidden">{ format!(" found, {pressing} of them to look at") }</span></span> }
                </a>
            </li>
        }
    };
    html! { <nav class="nav" aria-label="Pages"><ul class="nav__list">{ for Section::ALL.into_iter().map(item) }</ul></nav> }
}

/// The bar at the top.
#[function_component]
fn TopBar() -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let send = |action: fn() -> Action| {
        let store = store.clone();
        Callback::from(move |_: MouseEvent| store.dispatch(action()))
    };
    let can_undo = store.session.log().iter().any(|entry| entry.changed);
    let can_redo = !store.session.undone().is_empty();
    let cluster = store.cluster_name();
    let cluster = cluster.as_deref().and_then(|name| store.session.world().cluster(name));
    html! {
        <header class="top">
            <a class="top__brand" href={Route::Overview.href()} aria-label="EKS Access Playground: ask">
                <svg class="top__mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M3 12h6M15 5h6M15 19h6M9 12c4 0 2-7 6-7M9 12c4 0 2 7 6 7" /><circle cx="9" cy="12" r="2.200" /></svg>
                <span class="top__name">{ "EKS Access Playground" }</span>
            </a>
            <div class="top__cluster">
                if let Some(cluster) = cluster {
                    <a class="top__clusters" href={Route::Clusters.href()} title="Clusters: show another one, or create one">{ name(&cluster.name, 28) }</a>
                    <span class="top__region">{ store.session.world().region.clone() }</span>
                    <button type="button" class="mode-badge" onclick={send(|| Action::ModeDialog(true))} title="Authentication mode: manage access">
                        { icon("lock") }<span class="hidden">{ "Authentication mode " }</span>{ cluster.mode.name() }
                    </button>
                } else {
                    <a class="top__clusters" href={Route::Clusters.href()}>{ "No cluster" }</a>
                }
            </div>
            <div class="top__tools">
                <Personas />
                <div class="top__group">
                    <button type="button" class="button button--icon" disabled={!can_undo} onclick={send(|| Action::Travel(1))} aria-label="Undo" title="Undo (Ctrl+Z)">{ icon("undo") }</button>
                    <button type="button" class="button button--icon" disabled={!can_redo} onclick={send(|| Action::Travel(-1))} aria-label="Redo" title="Redo (Ctrl+Shift+Z)">{ icon("redo") }</button>
                </div>
                <SavedWork />
                <Share />
                <Theme />
            </div>
        </header>
    }
}

/// Goes round the three themes.
#[function_component]
fn Theme() -> Html {
    let theme =
        use_state(|| dom::preference("theme").and_then(|theme| theme.as_str().map(str::to_owned)).unwrap_or_default());
    let (next, sign, label) = match theme.as_str() {
        "light" => ("dark", "sun", "Theme: light"),
        "dark" => ("", "moon", "Theme: dark"),
        _ => ("light", "screen", "Theme: as the system"),
    };
    let onclick = Callback::from(move |_: MouseEvent| {
        dom::set_theme(next);
        dom::set_preference("theme", json!(next));
        theme.set(next.to_owned());
    });
    html! { <button type="button" class="button button--icon" {onclick} aria-label={label} title={label}>{ icon(sign) }</button> }
}

/// The message above the page. One that passes leaves after a while, but not while it is pointed at or has the focus.
#[function_component]
fn Message() -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let passing = store.flash.as_ref().filter(|flash| flash.passes).map(|flash| Rc::as_ptr(flash) as usize);
    use_effect_with(passing, {
        let dispatcher = store.dispatcher();
        move |passing| {
            let is_used = || dom::matches(".flash:hover") || dom::matches(".flash:focus-within");
            let leave = move || {
                if !is_used() {
                    dispatcher.dispatch(Action::DismissFlash);
                }
            };
            let timer = passing.map(|_| Interval::new(PASSES_AFTER, leave));
            move || drop(timer)
        }
    });
    let Some(flash) = &store.flash else { return html! { <div class="flashes" aria-live="polite"></div> } };
    let flash: &Flash = flash;
    let send = |action: fn() -> Action| {
        let store = store.clone();
        Callback::from(move |_: MouseEvent| store.dispatch(action()))
    };
    let sign = match flash.kind {
        flash::Kind::Success => "check",
        flash::Kind::Error => "warn",
        flash::Kind::Info => "info",
    };
    html! {
        <div class="flashes" aria-live="polite">
            <div class={classes!("flash", format!("flash--{}", flash.kind.code()))}>
                { icon(sign) }
                <div class="flash__body">
                    <p class="flash__title">{ prose(&flash.title) }</p>
                    if flash.is_quoted() {
                        <p class="flash__text">{ flash.text.clone() }</p>
                    } else if !flash.text.is_empty() {
                        <p class="flash__text">{ prose(&flash.text) }</p>
                    }
                    if let Some(text) = &flash.command {
                        <details class="flash__command">
                            <summary>{ "The same as a command" }</summary>
                            { command(text, None) }
                        </details>
                    }
                </div>
                <div class="flash__actions">
                    if flash.can_undo { <button type="button" class="button button--small" onclick={send(|| Action::Travel(1))}>{ icon("undo") }{ "Undo" }</button> }
                    if let Some(text) = &flash.command { <Copy text={text.clone()} label="Copy the command" /> }
                    <button type="button" class="button button--icon" aria-label="Dismiss" onclick={send(|| Action::DismissFlash)}>{ icon("cross") }</button>
                </div>
            </div>
        </div>
    }
}

/// A height that fits into the window.
fn fitting(height: i32) -> i32 {
    height.clamp(DRAWER_MIN, (dom::window_height() - PAGE_MIN).max(DRAWER_MIN))
}

/// The terminal below the page, with an edge that can be moved.
#[function_component]
fn Drawer() -> Html {
    let start = || {
        let kept =
            dom::preference("drawer").and_then(|height| height.as_i64()).and_then(|height| i32::try_from(height).ok());
        fitting(kept.unwrap_or(dom::window_height() * 30 / 100))
    };
    let height = use_state(start);
    let is_open = use_state(|| {
        dom::preference("drawer-open").and_then(|open| open.as_bool()).unwrap_or(dom::window_width() >= 700)
    });
    let is_dragged = use_state(|| false);
    use_effect_with(*height, |height| dom::set_drawer_height(*height));
    let keep_open = {
        let is_open = is_open.clone();
        Callback::from(move |open: bool| {
            dom::set_preference("drawer-open", json!(open));
            is_open.set(open);
        })
    };
    let toggle = {
        let (keep_open, open) = (keep_open.clone(), *is_open);
        Callback::from(move |_: MouseEvent| keep_open.emit(!open))
    };
    let onfocusin = {
        let (keep_open, open) = (keep_open.clone(), *is_open);
        Callback::from(move |()| {
            if !open {
                keep_open.emit(true);
            }
        })
    };
    let onkeydown = {
        let height = height.clone();
        Callback::from(move |event: KeyboardEvent| {
            let next = match event.key().as_str() {
                "ArrowUp" => *height + DRAWER_STEP,
                "ArrowDown" => *height - DRAWER_STEP,
                "Home" => dom::window_height(),
                "End" => DRAWER_MIN,
                _ => return,
            };
            event.prevent_default();
            let next = fitting(next);
            dom::set_preference("drawer", json!(next));
            height.set(next);
        })
    };
    let onpointerdown = {
        let is_dragged = is_dragged.clone();
        Callback::from(move |event: PointerEvent| {
            if let Some(edge) = event.target_dyn_into::<web_sys::Element>() {
                let _ = edge.set_pointer_capture(event.pointer_id());
            }
            is_dragged.set(true);
        })
    };
    let onpointermove = {
        let (height, dragged) = (height.clone(), *is_dragged);
        Callback::from(move |event: PointerEvent| {
            if dragged {
                height.set(fitting(dom::window_height() - event.client_y()));
            }
        })
    };
    let onpointerup = {
        let (height, is_dragged) = (height.clone(), is_dragged.clone());
        Callback::from(move |_: PointerEvent| {
            dom::set_preference("drawer", json!(*height));
            is_dragged.set(false);
        })
    };
    let highest = dom::window_height() - PAGE_MIN;
    html! {
        <section class={classes!("drawer", (!*is_open).then_some("drawer--closed"))} aria-label="Terminal">
            if *is_open {
                <div class="drawer__edge" role="separator" aria-orientation="horizontal" aria-label="Height of the terminal" tabindex="0"
                    aria-valuenow={height.to_string()} aria-valuemin={DRAWER_MIN.to_string()} aria-valuemax={highest.to_string()}
                    {onkeydown} {onpointerdown} {onpointermove} onpointerup={onpointerup.clone()} onpointercancel={onpointerup}></div>
            }
            <Terminal is_open={*is_open} on_toggle={toggle} on_wanted={onfocusin} />
        </section>
    }
}
