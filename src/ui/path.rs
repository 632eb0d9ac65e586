//! The question bar and the access path.

use yew::prelude::*;

use super::effects::effects;
use super::parts::{Copy, breakable, command, icon, name, prose};
use super::question::QuestionBar;
use super::rights::RightsPanel;
use super::state::{Action, SameNow, Store};
use crate::view::access_path::{AccessPath, Deciding, Line, Stage, State, Tone, Verdict, answer};
use crate::view::details::{Group, Item};
use crate::view::effects::preview_each;
use crate::view::fixes::{Fix, fixes};
use crate::view::question::faults;
use crate::view::report;
use crate::view::route::Route;
use crate::view::text::{capital, count};

/// How much of the path is shown.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Stages with all their lines, and the details; otherwise a line of stages.
    pub is_whole: bool,
}

/// How many fixes are shown before the wider ones are folded away.
const FIXES: usize = 4;

/// The question with its answer: in reach on every page.
#[function_component]
pub fn Ask(props: &Props) -> Html {
    // On a narrow screen, whether it is more than a line.
    let is_open = use_state(|| false);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let path = use_memo((SameNow(store.now().clone()), store.question.clone()), |(_, question)| {
        let cluster = store.cluster_name()?;
        Some(answer(store.now(), store.session.world().cluster(&cluster)?, question))
    });
    let Some(path) = path.as_ref() else {
        return html! {
            <section class="ask" aria-label="Question">
                <p class="ask__none">{ "There is no cluster to ask. Undo, or " }<a href={Route::CreateCluster.href()}>{ "create a cluster" }</a>{ "." }</p>
            </section>
        };
    };
    let fold = || {
        let (is_open, open) = (*is_open, is_open.clone());
        let onclick = Callback::from(move |_: MouseEvent| open.set(!is_open));
        html! {
            <button type="button" class="ask__fold" {onclick} aria-expanded={is_open.to_string()}>
                { icon("down") }<span class="hidden">{ "The question" }</span>
            </button>
        }
    };
    let size = match (props.is_whole, *is_open) {
        (true, _) => "",
        (false, true) => "ask--compact ask--open",
        (false, false) => "ask--compact",
    };
    let faults = faults(&store.question);
    if !faults.is_empty() {
        return html! {
            <section class={classes!("ask", size)} aria-label="Question and answer">
                if !props.is_whole { { fold() } }
                <QuestionBar />
                // One child, as below: the question keeps its place, and its field the focus.
                <>
                    <div class="answer" role="status">
                        <p class="note note--error">{ icon("warn") }<span>{ faults.iter().map(|(_, text)| *text).collect::<Vec<_>>().join(" ") }</span></p>
                    </div>
                </>
            </section>
        };
    }
    html! {
        <section class={classes!("ask", size)} aria-label="Question and answer">
            if !props.is_whole { { fold() } }
            <QuestionBar />
            <>
            <div class="answer" role="status">
                { verdict(path.verdict) }
                <p class="answer__sentence">{ path.sentence.clone() }</p>
            </div>
            if let Some(Deciding { name, text, route }) = &path.deciding {
                <p class="answer__rule">{ icon("check") }<span><a href={route.href()}>{ capital(name) }</a>{ " decides: " }<code class="name">{ text.clone() }</code></span></p>
            }
            { for path.asked.notes.iter().map(|note| html! { <p class="ask__note" key={note.clone()}>{ icon("info") }<span>{ prose(note) }</span></p> }) }
            if props.is_whole { { whole(&store, path) } } else { { strip(path) } }
            </>
        </section>
    }
}

/// The answer as a badge.
pub fn verdict(verdict: Verdict) -> Html {
    let sign = match verdict {
        Verdict::Yes => "check",
        Verdict::No => "cross",
        Verdict::Unauthorized => "key",
    };
    html! {
        <div class={classes!("verdict", format!("verdict--{}", verdict.code()))} data-verdict={verdict.code()}>
            <span class="verdict__sign">{ icon(sign) }</span>
            <strong class="verdict__word">{ verdict.label() }</strong>
            <span class="verdict__status">{ verdict.status() }</span>
        </div>
    }
}

/// The stages in one line.
fn strip(path: &AccessPath) -> Html {
    let stage = |stage: &Stage| {
        html! {
            <li key={stage.id} class={classes!("strip__stage", format!("strip__stage--{}", stage.state.code()))}>
                { state_icon(stage.state) }
                <span class="strip__title">{ stage.title }</span>
                <span class="hidden">{ stage.state.label() }</span>
            </li>
        }
    };
    html! { <ol class="strip" aria-label="Access path">{ for path.stages.iter().chain(&path.authorizers).map(stage) }</ol> }
}

fn state_icon(state: State) -> Html {
    icon(match state {
        State::Passed | State::Decided => "check",
        State::Stopped => "cross",
        State::NoOpinion | State::NotReached => "minus",
    })
}

/// The stages with their lines, the way to change a refusal, and everything that was looked at.
fn whole(store: &Store, path: &AccessPath) -> Html {
    let insert = {
        let store = store.clone();
        Callback::from(move |text: String| store.dispatch(Action::Insert(text)))
    };
    html! {
        <>
            <div class={classes!("path", (path.stages.len() == 1).then_some("path--stated"))}>
                { for path.stages.iter().map(stage) }
                <div class="path__fork">{ for path.authorizers.iter().map(stage) }</div>
                <div class={classes!("path__end", format!("path__end--{}", path.verdict.code()))}>
                    { icon(match path.verdict { Verdict::Yes => "check", Verdict::No => "cross", Verdict::Unauthorized => "key" }) }
                    <strong>{ path.verdict.label() }</strong>
                    <span>{ path.verdict.status() }</span>
                </div>
            </div>
            if path.verdict != Verdict::Yes { <Fixes action={path.asked.action.clone()} insert={insert.clone()} /> }
            { details(&path.details) }
            <RightsPanel />
            { elsewhere(store, path, &insert) }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct FixesProps {
    action: crate::k8s::attributes::Action,
    insert: Callback<String>,
}

/// What would turn a refusal into a yes, the least right first: each with all that it would grant.
/// Found when the answer is a refusal and somebody looks at it whole.
#[function_component]
fn Fixes(props: &FixesProps) -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let key = (SameNow(store.now().clone()), store.question.who.clone(), props.action.clone());
    let found = use_memo(key, |(now, who, action)| {
        let cluster = store.cluster_name();
        let Some(cluster) = cluster.as_deref().and_then(|name| store.session.world().cluster(name)) else {
            return Vec::new();
        };
        fixes(&now.0, cluster, who, action, &store.callers())
    });
    let card = |(index, fix): (usize, &Fix)| {
        html! { <FixCard key={format!("{index} {}", fix.label)} fix={fix.clone()} insert={props.insert.clone()} /> }
    };
    let (first, rest) = found.split_at(found.len().min(FIXES));
    html! {
        <section class="fixes" aria-labelledby="fixes-title">
            <h2 class="fixes__title" id="fixes-title">{ "What would turn this into a yes" }<span class="quiet">{ "least right first" }</span></h2>
            if found.is_empty() { <p class="quiet">{ "No single change that the playground knows would." }</p> }
            <ol class="fixes__list">{ for first.iter().enumerate().map(card) }</ol>
            if !rest.is_empty() {
                <details>
                    <summary class="looked__summary">{ count(rest.len(), "wider change", "wider changes") }</summary>
                    <ol class="fixes__list" start={(FIXES + 1).to_string()}>{ for rest.iter().enumerate().map(card) }</ol>
                </details>
            }
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct FixProps {
    fix: Fix,
    insert: Callback<String>,
}

/// A change with its button. Who gains by it is found out when somebody asks.
#[function_component]
fn FixCard(props: &FixProps) -> Html {
    let is_open = use_state(|| false);
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let fix = &props.fix;
    let apply = {
        let (store, fix) = (store.clone(), fix.clone());
        Callback::from(move |_: MouseEvent| store.dispatch(Action::CallEach(fix.calls.clone(), fix.label.clone())))
    };
    let ontoggle = {
        let is_open = is_open.clone();
        Callback::from(move |_: Event| is_open.set(!*is_open))
    };
    let found = is_open.then(|| preview_each(store.session.world(), &fix.calls));
    let is_barred = fix.refused.is_some() && fix.made_by.is_none();
    html! {
        <li class="fix">
            <div class="fix__head">
                <h3 class="fix__title">{ fix.label.clone() }</h3>
                <button type="button" class="button button--small button--primary" disabled={is_barred} onclick={apply}>{ icon("check") }{ "Apply" }</button>
            </div>
            if let Some(made_by) = &fix.made_by {
                <p class="fix__note" title={fix.refused.clone()}>{ icon("user") }<span>{ "Made as " }<code class="name">{ made_by.clone() }</code>{ ": whoever acts now may not." }</span></p>
            } else if let Some(refused) = &fix.refused {
                <p class="fix__note fix__note--barred">{ icon("warn") }<span>{ "Nobody here may do this: " }{ refused.clone() }</span></p>
            }
            <details class="fix__more" {ontoggle}>
                <summary>{ fix.grants.clone() }</summary>
                if let Some(Ok(found)) = &found { { effects(found) } }
                { command(&fix.command, Some(props.insert.clone())) }
            </details>
        </li>
    }
}

/// The same question elsewhere: as commands, and with its answer as Markdown.
fn elsewhere(store: &Store, path: &AccessPath, insert: &Callback<String>) -> Html {
    let cluster = store.cluster_name();
    let Some(cluster) = cluster.as_deref().and_then(|name| store.session.world().cluster(name)) else {
        return Html::default();
    };
    let lines = report::commands(store.now(), cluster, &store.question);
    html! {
        <details class="elsewhere">
            <summary class="looked__summary">{ "The same question as a command, and the answer as text" }</summary>
            { command(&lines.join("\n"), Some(insert.clone())) }
            <p class="elsewhere__copy"><Copy text={report::markdown(path, &lines)} label="Copy the answer with its path as Markdown" />{ "Copy the answer with its path as Markdown" }</p>
        </details>
    }
}

fn stage(stage: &Stage) -> Html {
    let sign = match stage.id {
        "who" => "user",
        "lookup" => "search",
        "identity" => "id",
        "policies" => "shield",
        _ => "link",
    };
    html! {
        <section key={stage.id} class={classes!("stage", format!("stage--{}", stage.id), format!("stage--{}", stage.state.code()))}>
            <header class="stage__head">
                { icon(sign) }
                <h2 class="stage__title">{ stage.title }</h2>
                <span class="stage__state" title={stage.state.label()}>{ state_icon(stage.state) }<span class="hidden">{ stage.state.label() }</span></span>
            </header>
            if !stage.headline.is_empty() { <p class="stage__headline">{ breakable(&stage.headline) }</p> }
            <ul class="stage__lines">{ for stage.lines.iter().map(line) }</ul>
        </section>
    }
}

fn line(line: &Line) -> Html {
    let text = if line.is_name {
        name(&line.text, if line.text.starts_with("arn:") { 34 } else { 63 })
    } else {
        html! { <span>{ breakable(&line.text) }</span> }
    };
    let text = match line.tone {
        Tone::Shadowed => html! { <s>{ text }</s> },
        _ => text,
    };
    let text = match &line.route {
        Some(route) => html! { <a class="line__link" href={route.href()}>{ text }</a> },
        None => text,
    };
    let sign = match line.tone {
        Tone::Plain => None,
        Tone::Counts => Some("check"),
        Tone::Misses => Some("cross"),
        Tone::Shadowed | Tone::Absent => Some("minus"),
    };
    html! {
        <li class={classes!("line", format!("line--{}", line.tone.code()))}>
            if let Some(sign) = sign { { icon(sign) } }
            <span class="line__text">
                if let Some(label) = line.label { <span class="line__label">{ label }{ " " }</span> }
                { text }
                if line.tone == Tone::Shadowed { <span class="hidden">{ " (does not count)" }</span> }
                if let Some(reason) = &line.reason { <span class="line__reason">{ prose(reason) }</span> }
            </span>
        </li>
    }
}

fn details(groups: &[Group]) -> Html {
    if groups.is_empty() {
        return Html::default();
    }
    let total = groups.iter().map(|group| group.items.len()).sum();
    html! {
        <details class="looked">
            <summary class="looked__summary">{ "Everything that was looked at" }<span class="looked__count">{ count(total, "item", "items") }</span></summary>
            { for groups.iter().map(|group| html! {
                <section key={group.title} class="looked__group">
                    <h3 class="looked__title">{ group.title }</h3>
                    <ul class="looked__items">{ for group.items.iter().map(item) }</ul>
                </section>
            }) }
        </details>
    }
}

fn item(item: &Item) -> Html {
    let title = match &item.route {
        Some(route) => html! { <a href={route.href()}>{ item.name.clone() }</a> },
        None => html! { <span>{ item.name.clone() }</span> },
    };
    let rules = (!item.rules.is_empty()).then(|| html! {
        <details class="rules">
            <summary>{ count(item.rules.len(), "rule", "rules") }</summary>
            <ol class="rules__list" tabindex="0">
                { for item.rules.iter().map(|rule| html! {
                    <li key={rule.number} class={classes!("rules__rule", rule.lacks.is_none().then_some("rules__rule--matches"))}>
                        { icon(if rule.lacks.is_none() { "check" } else { "cross" }) }
                        <span><a class="rules__number" href={rule.route.href()}>{ format!("rule {}", rule.number) }</a>
                        <code class="name">{ rule.text.clone() }</code>
                        <span class="line__reason">{ prose(rule.lacks.as_deref().unwrap_or("matches")) }</span></span>
                    </li>
                }) }
            </ol>
        </details>
    });
    html! {
        <li class={classes!("looked__item", item.allows.then_some("looked__item--allows"))}>
            { icon(if item.allows { "check" } else { "cross" }) }
            <div class="looked__body"><span class="looked__name">{ title }</span><span class="line__reason">{ prose(&item.reason) }</span>{ rules }</div>
        </li>
    }
}
