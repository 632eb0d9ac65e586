//! The terminal: output as selectable text, and a prompt that is a real text field.

use gloo::timers::callback::Timeout;
use web_sys::{HtmlTextAreaElement, KeyboardEvent};
use yew::prelude::*;

use super::dom;
use super::parts::icon;
use super::state::{Action, Block, STOPS_ON_ERROR, Store};
use crate::shell::complete::{Candidate, complete};
use crate::shell::io::Stream;
use crate::shell::syntax::MAX_SCRIPT_BYTES;
use crate::shell::terminal::is_complete;
use crate::view::mentions::Mention;
use crate::view::welcome::SCRIPTS;

/// The terminal in its drawer.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whether the drawer is open.
    pub is_open: bool,
    /// Opens or closes the drawer.
    pub on_toggle: Callback<MouseEvent>,
    /// The prompt is wanted: the drawer must be open.
    pub on_wanted: Callback<()>,
}

/// A search in what was typed before.
#[derive(Clone, Default, PartialEq)]
struct Search {
    /// How many matches are passed over.
    skip: usize,
}

/// The terminal.
#[function_component]
pub fn Terminal(props: &Props) -> Html {
    let Some(store) = use_context::<Store>() else { return Html::default() };
    let log = use_node_ref();
    let input = use_node_ref();
    let text = use_state(String::new);
    // The place in what was typed before, counted from the end; 0 is the line being typed.
    let place = use_state(|| 0_usize);
    let search = use_state(|| None::<Search>);
    // What Tab found, where more than one thing fits.
    let offers = use_state(Vec::<Candidate>::new);
    let escaped = use_state(|| false);
    let is_running = store.terminal.job.is_some();

    // The next command runs when the browser has drawn the last one.
    {
        let dispatcher = store.dispatcher();
        use_effect_with((store.terminal.steps, is_running), move |(_, is_running)| {
            let timer = is_running.then(|| Timeout::new(0, move || dispatcher.dispatch(Action::Step)));
            move || drop(timer)
        });
    }
    {
        let log = log.clone();
        use_effect_with((store.terminal.steps, props.is_open), move |_| dom::scroll_to_end(&log));
    }
    // A page asks for a command in the prompt.
    {
        let (text, input, wanted) = (text.clone(), input.clone(), props.on_wanted.clone());
        let wish = store.terminal.insert.clone();
        use_effect_with(wish, move |(number, wish)| {
            if *number > 0 {
                wanted.emit(());
                text.set(wish.clone());
                dom::focus(&input);
            }
        });
    }
    {
        let (input, log) = (input.clone(), log.clone());
        use_effect_with((*text).clone(), move |text| {
            if let Some(area) = input.cast::<HtmlTextAreaElement>() {
                let lines = text.matches('\n').count() + 1;
                area.set_rows(u32::try_from(lines.min(14)).unwrap_or(14));
                dom::scroll_to_end(&log);
            }
        });
    }

    let found = search.as_ref().map(|search| find(&store.terminal.typed, &text, search.skip));
    let run = {
        let (store, text, place) = (store.clone(), text.clone(), place.clone());
        Callback::from(move |line: String| {
            text.set(String::new());
            place.set(0);
            store.dispatch(Action::Run(line));
        })
    };
    let onkeydown = {
        let (store, text, place, search, run, found, offers) =
            (store.clone(), text.clone(), place.clone(), search.clone(), run.clone(), found.clone(), offers.clone());
        let escaped = escaped.clone();
        Callback::from(move |event: KeyboardEvent| {
            let Some(area) = event.target_dyn_into::<HtmlTextAreaElement>() else { return };
            let key = event.key();
            let control = event.ctrl_key() && !event.alt_key() && !event.meta_key();
            if event.is_composing() {
                return;
            }
            if let Some(now) = &*search {
                match key.as_str() {
                    "r" if control => search.set(Some(Search { skip: now.skip + 1 })),
                    "Enter" | "Tab" | "ArrowRight" => {
                        search.set(None);
                        text.set(found.clone().flatten().unwrap_or_default());
                    }
                    "Escape" => {
                        search.set(None);
                        text.set(String::new());
                    }
                    "c" | "g" if control => {
                        search.set(None);
                        text.set(String::new());
                    }
                    _ => return,
                }
                event.prevent_default();
                return;
            }
            // After Escape, Tab leaves the terminal as it leaves any field.
            if !offers.is_empty() && key != "Tab" && key != "Shift" {
                offers.set(Vec::new());
            }
            match key.as_str() {
                "Escape" => escaped.set(true),
                "Tab" if !event.shift_key() && !control && !*escaped => {
                    let Some((value, at)) = dom::caret(&area).filter(|(value, _)| !value.trim().is_empty()) else {
                        return;
                    };
                    event.prevent_default();
                    let completion = complete(&store.session, &value, at);
                    let typed = value.get(completion.range.clone()).unwrap_or_default();
                    if completion.common == typed {
                        offers.set(completion.candidates);
                        return;
                    }
                    let mut whole = value.clone();
                    whole.replace_range(completion.range.clone(), &completion.common);
                    let caret = completion.range.start + completion.common.len();
                    // Into the field at once: what is typed next must find it there.
                    area.set_value(&whole);
                    dom::put_caret(&area, caret);
                    text.set(whole);
                }
                "Enter" if !event.shift_key() => {
                    let line = area.value();
                    if is_complete(&line) {
                        event.prevent_default();
                        run.emit(line);
                    }
                }
                "ArrowUp" | "ArrowDown" => {
                    let Some((value, at)) = dom::caret(&area) else { return };
                    let (before, after) = value.split_at_checked(at).unwrap_or((&value, ""));
                    let typed = &store.terminal.typed;
                    let next = match key.as_str() {
                        "ArrowUp" if !before.contains('\n') => (*place + 1).min(typed.len()),
                        "ArrowDown" if !after.contains('\n') => place.saturating_sub(1),
                        _ => return,
                    };
                    event.prevent_default();
                    if next != *place {
                        let line = if next == 0 { None } else { typed.iter().rev().nth(next - 1) };
                        place.set(next);
                        let line = line.cloned().unwrap_or_default();
                        area.set_value(&line);
                        dom::put_caret(&area, line.len());
                        text.set(line);
                    }
                }
                "r" if control => {
                    event.prevent_default();
                    text.set(String::new());
                    search.set(Some(Search::default()));
                }
                "l" if control => {
                    event.prevent_default();
                    store.dispatch(Action::Clear);
                }
                // With a selection it copies, as everywhere.
                "c" if control && !dom::has_selection() && dom::caret(&area).is_some() => {
                    event.prevent_default();
                    store.dispatch(Action::Interrupt(area.value()));
                    text.set(String::new());
                    place.set(0);
                }
                _ => {}
            }
        })
    };
    let oninput = {
        let (text, search, offers, escaped) = (text.clone(), search.clone(), offers.clone(), escaped.clone());
        let run = run.clone();
        Callback::from(move |event: InputEvent| {
            escaped.set(false);
            if !offers.is_empty() {
                offers.set(Vec::new());
            }
            if let Some(area) = event.target_dyn_into::<HtmlTextAreaElement>() {
                let value = area.value();
                // What is far too long is refused before the browser lays it out.
                if value.len() > MAX_SCRIPT_BYTES {
                    area.set_value("");
                    return run.emit(value);
                }
                text.set(value);
                if search.is_some() {
                    search.set(Some(Search::default()));
                }
            }
        })
    };
    let onfocus = {
        let wanted = props.on_wanted.clone();
        Callback::from(move |_: FocusEvent| wanted.emit(()))
    };
    let stop = {
        let store = store.clone();
        Callback::from(move |_: MouseEvent| store.dispatch(Action::Interrupt(String::new())))
    };
    let stops = store.terminal.stops_on_error;
    let stop_on_error = {
        let store = store.clone();
        Callback::from(move |_: MouseEvent| {
            dom::set_preference(STOPS_ON_ERROR, (!stops).into());
            store.dispatch(Action::StopOnError(!stops));
        })
    };
    let clear = {
        let store = store.clone();
        Callback::from(move |_: MouseEvent| store.dispatch(Action::Clear))
    };
    let to_prompt = {
        let input = input.clone();
        Callback::from(move |event: MouseEvent| {
            // A link leads elsewhere, and whoever selects text wants to copy it.
            if !dom::has_selection() && !dom::is_within(&event, "a, button") {
                dom::focus(&input);
            }
        })
    };
    let (toggle_sign, toggle_label) =
        if props.is_open { ("down", "Collapse the terminal") } else { ("up", "Open the terminal") };
    let continues = !text.is_empty() && !is_complete(&text);
    html! {
        <div class="terminal">
            <header class="terminal__head">
                { icon("terminal") }
                <h2 class="terminal__title">{ "Terminal" }</h2>
                <span class="terminal__keys">{ "Ctrl+` to get here · Tab completes, Esc Tab leaves · ↑ history · Ctrl+R search · Shift+Enter new line" }</span>
                <div class="terminal__tools">
                    if is_running { <button type="button" class="terminal__tool terminal__tool--stop" onclick={stop}>{ "Stop" }</button> }
                    if props.is_open {
                        <button type="button" class="terminal__tool" aria-pressed={stops.to_string()} onclick={stop_on_error}
                            title="A script ends with its first command that fails">{ "Stop on error" }if stops { <span aria-hidden="true">{ " ✓" }</span> }</button>
                    }
                    if props.is_open { <button type="button" class="terminal__tool" onclick={clear} title="Ctrl+L">{ "Clear" }</button> }
                    <button type="button" class="terminal__tool terminal__tool--icon" aria-expanded={props.is_open.to_string()} aria-label={toggle_label} title={toggle_label}
                        onclick={props.on_toggle.clone()}>{ icon(toggle_sign) }</button>
                </div>
            </header>
            <div class="terminal__body" hidden={!props.is_open} ref={log} onclick={to_prompt}>
                <div class="terminal__log" role="log" aria-label="Terminal output" tabindex="0">
                    if store.terminal.is_fresh { { welcome(&run) } }
                    { for (store.terminal.dropped..).zip(store.terminal.blocks.iter()).map(|(number, block)| html! { <Printed key={number} block={block.clone()} /> }) }
                </div>
                <div class={classes!("terminal__prompt", is_running.then_some("terminal__prompt--running"))}>
                    <label class="terminal__ps" for="terminal-input">
                        if search.is_some() { { "search" } } else if continues { { ">" } } else { { prompt(&store.prompt()) } }
                        <span class="hidden">{ "Command" }</span>
                    </label>
                    <textarea class="terminal__input" id="terminal-input" ref={input} rows="1" spellcheck="false" autocomplete="off"
                        autocapitalize="none" autocorrect="off" enterkeyhint="go" aria-describedby="terminal-found"
                        value={(*text).clone()} {oninput} {onkeydown} {onfocus} />
                </div>
                if !offers.is_empty() {
                    <ul class="terminal__offers" aria-label="What fits here" aria-live="polite">
                        { for offers.iter().map(|offer| html! { <li key={offer.text.clone()} title={offer.note.clone()}>{ offer.text.trim_end().to_owned() }</li> }) }
                    </ul>
                }
                <p class="terminal__found" id="terminal-found" aria-live="polite">
                    if let Some(found) = &found {
                        if let Some(line) = found { { "Enter takes: " }<code>{ line.clone() }</code> } else { { "Nothing typed before holds this." } }
                    }
                </p>
            </div>
        </div>
    }
}

/// The last line that holds `text`, after passing over `skip`.
fn find(typed: &[String], text: &str, skip: usize) -> Option<String> {
    typed.iter().rev().filter(|line| line.contains(text)).nth(skip).cloned()
}

fn prompt(prompt: &str) -> Html {
    let (profile, directory) = prompt.split_once(' ').unwrap_or((prompt, ""));
    html! {
        <><span class="terminal__profile">{ profile.to_owned() }</span><span class="terminal__cwd">{ directory.to_owned() }</span><span class="terminal__dollar">{ "$" }</span></>
    }
}

fn welcome(run: &Callback<String>) -> Html {
    html! {
        <div class="welcome">
            <p class="welcome__text">{ "Type or paste " }<code>{ "aws" }</code>{ " and " }<code>{ "kubectl" }</code>{ " commands, or whole scripts. Nothing leaves this page." }</p>
            <div class="welcome__scripts">
                { for SCRIPTS.iter().map(|script| {
                    let (run, text) = (run.clone(), script.text);
                    let onclick = Callback::from(move |event: MouseEvent| {
                        event.stop_propagation();
                        run.emit(text.to_owned());
                    });
                    html! { <button type="button" key={script.label} class="welcome__script" {onclick}>{ icon("right") }{ script.label }</button> }
                }) }
            </div>
        </div>
    }
}

/// A text with links in it.
fn linked(text: &str, links: &[Mention]) -> Html {
    let mut parts: Vec<Html> = Vec::new();
    let mut done = 0;
    for Mention { range, route } in links {
        parts.push(text.get(done..range.start).unwrap_or_default().to_owned().into());
        let shown = text.get(range.clone()).unwrap_or_default().to_owned();
        parts.push(html! { <a class="block__link" href={route.href()}>{ shown }</a> });
        done = range.end;
    }
    parts.push(text.get(done..).unwrap_or_default().to_owned().into());
    parts.into_iter().collect()
}

#[derive(Properties, PartialEq)]
struct PrintedProps {
    block: std::rc::Rc<Block>,
}

/// A command and what it printed. A component, so that earlier output is not drawn again.
#[function_component]
fn Printed(props: &PrintedProps) -> Html {
    let Block { prompt: before, ran, links } = &*props.block;
    html! {
        <div class={classes!("terminal__entry", (ran.exit != 0).then_some("terminal__entry--failed"))} data-done={ran.exit.to_string()}>
            if let Some(line) = &ran.line {
                <div class="block__line"><span class="terminal__ps" aria-hidden="true">{ prompt(before) }</span><pre class="block__command">{ line.clone() }</pre></div>
            }
            { for ran.chunks.iter().enumerate().map(|(index, chunk)| {
                let links = links.get(index).map(Vec::as_slice).unwrap_or_default();
                let class = match chunk.stream { Stream::Out => "block__out", Stream::Err => "block__out block__out--err" };
                html! { <pre {class}>{ linked(&chunk.text, links) }</pre> }
            }) }
            { for ran.hints.iter().map(|hint| html! { <p class="block__hint">{ icon("info") }<span>{ hint.clone() }</span></p> }) }
        </div>
    }
}
