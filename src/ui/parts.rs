//! Small parts of pages, as plain functions: icons, names, badges, fields; and the button that copies.

use gloo::timers::callback::Timeout;
use yew::prelude::*;

use super::dom;
use crate::view::text::shorten;

/// A drawing in the line of text, 16 units wide.
pub fn icon(name: &str) -> Html {
    let path = match name {
        "check" => "M3 8.5l3.2 3.2L13 4.8",
        "cross" => "M4 4l8 8M12 4l-8 8",
        "minus" => "M3.5 8h9",
        "lock" => "M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 015 0v2.5",
        "user" => "M8 8a2.7 2.7 0 100-5.4A2.7 2.7 0 008 8zM2.8 13.8c.6-2.5 2.6-3.9 5.2-3.9s4.600 1.400 5.200 3.900",
        "search" => "M7 11.500a4.500 4.500 0 100-9 4.500 4.500 0 000 9zM10.300 10.300L14 14",
        "id" => {
            "M2 3.500h12v9H2zM5.500 8a1.200 1.200 0 100-2.400 1.200 1.200 0 000 2.400zM3.800 10.800c.3-1 1-1.500 1.700-1.500s1.400.5 1.700 1.500M9.500 6.500h2.500M9.500 9.500h2.500"
        }
        "shield" => "M8 1.800l5 1.900v4c0 3.200-2.100 5.400-5 6.500-2.900-1.100-5-3.300-5-6.500v-4z",
        "link" => {
            "M6.500 9.500l3-3M7 4.600l1.200-1.200a2.900 2.900 0 014.100 4.100L11 8.800M9 11.400l-1.200 1.200a2.900 2.900 0 01-4.100-4.100L5 7.200"
        }
        "undo" => "M5.500 3L2.500 6l3 3M2.500 6h7a3.700 3.700 0 010 7.400H6",
        "redo" => "M10.500 3l3 3-3 3M13.500 6h-7a3.700 3.700 0 000 7.400H10",
        "sun" => {
            "M8 11a3 3 0 100-6 3 3 0 000 6zM8 1v1.500M8 13.500V15M1 8h1.500M13.500 8H15M3 3l1.100 1.100M11.900 11.900L13 13M13 3l-1.100 1.100M4.100 11.900L3 13"
        }
        "moon" => "M13.500 9.700A6 6 0 016.300 2.500a6 6 0 107.200 7.200z",
        "screen" => "M2 3h12v8H2zM6 14h4M8 11v3",
        "terminal" => "M3 4.500l3.500 3.500L3 11.500M8 12h5",
        "copy" => "M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3",
        "folder" => "M2 4h4.500l1.500 1.800H14v7.200H2z",
        "down" => "M4 6l4 4 4-4",
        "up" => "M4 10l4-4 4 4",
        "plus" => "M8 3v10M3 8h10",
        "right" => "M6 4l4 4-4 4",
        "warn" => "M8 2.200l6.300 11.300H1.700zM8 6.500v3.200M8 11.600v.2",
        "info" => "M8 14A6 6 0 108 2a6 6 0 000 12zM8 7.300v3.500M8 5.200v.2",
        "key" => {
            "M10.300 9A3.300 3.300 0 107 5.700c0 .4.100.800.200 1.200L2 12v2h2.500v-1.700h1.700v-1.700l1.400-1.400c.800.5 1.800.8 2.700.8zM11.300 4.700v.1"
        }
        _ => "",
    };
    html! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d={path.to_owned()} /></svg>
    }
}

/// A name that could be typed; long ones are cut in the middle and whole in the title.
pub fn name(text: &str, max: usize) -> Html {
    let short = shorten(text, max);
    let title = (short != text).then(|| AttrValue::from(text.to_owned()));
    html! { <code class="name" {title}>{ short }</code> }
}

/// A sentence in which names stand between backticks; with an odd number of them it is shown as it is.
pub fn prose(text: &str) -> Html {
    if text.matches('`').count() % 2 == 1 {
        return html! { { text.to_owned() } };
    }
    let part = |(index, part): (usize, &str)| {
        if index % 2 == 1 {
            html! { <code class="name">{ part.to_owned() }</code> }
        } else {
            html! { { part.to_owned() } }
        }
    };
    html! { { for text.split('`').enumerate().map(part) } }
}

/// A name that may break before each of its words: `Amazon|EKS|View|Policy`, `API_|AND_|CONFIG_|MAP`.
pub fn breakable(text: &str) -> Html {
    let mut parts: Vec<String> = vec![String::new()];
    let mut before = ' ';
    for c in text.chars() {
        if before == '_' || before.is_ascii_lowercase() && c.is_ascii_uppercase() {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
        before = c;
    }
    html! { { for parts.into_iter().enumerate().map(|(index, part)| html! { <>if index > 0 { <wbr /> }{ part }</> }) } }
}

/// What a [`Copy`] copies.
#[derive(Properties, PartialEq)]
pub struct CopyProps {
    /// The text.
    pub text: AttrValue,
    /// What it is, for people who do not see the icon.
    #[prop_or_default]
    pub label: AttrValue,
}

/// A button that copies a text and says so.
#[function_component]
pub fn Copy(props: &CopyProps) -> Html {
    let copied = use_state(|| None::<bool>);
    {
        let copied = copied.clone();
        use_effect_with((*copied).is_some(), move |shown| {
            let timer = shown.then(|| Timeout::new(1600, move || copied.set(None)));
            move || drop(timer)
        });
    }
    let onclick = {
        let (copied, text) = (copied.clone(), props.text.clone());
        Callback::from(move |_: MouseEvent| copied.set(Some(dom::copy(&text))))
    };
    let label = if props.label.is_empty() { AttrValue::from("Copy") } else { props.label.clone() };
    let said = match *copied {
        Some(true) => "Copied",
        Some(false) => "The browser does not allow it",
        None => "",
    };
    html! {
        <button type="button" class="button button--icon copy" aria-label={label.clone()} title={label} {onclick}>
            { icon(if said == "Copied" { "check" } else { "copy" }) }
            <span class="copy__said" role="status">{ said }</span>
        </button>
    }
}

/// A labelled field with a hint and an error below it.
pub fn field(id: &str, label: &str, hint: &str, error: Option<&str>, control: Html) -> Html {
    html! {
        <div class={classes!("field", error.is_some().then_some("field--bad"))}>
            <label class="field__label" for={id.to_owned()}>{ label }</label>
            if !hint.is_empty() { <p class="field__hint" id={format!("{id}-hint")}>{ hint }</p> }
            { control }
            if let Some(error) = error {
                <p class="field__error" id={format!("{id}-error")}>{ icon("warn") }{ error }</p>
            }
        </div>
    }
}

/// The ids that describe the control of a [`field`].
pub fn described_by(id: &str, hint: bool, error: bool) -> Option<AttrValue> {
    let parts: Vec<String> = [(hint, "hint"), (error, "error")]
        .into_iter()
        .filter(|(there, _)| *there)
        .map(|(_, what)| format!("{id}-{what}"))
        .collect();
    (!parts.is_empty()).then(|| AttrValue::from(parts.join(" ")))
}

/// The value of the input, select or text area behind an event.
pub fn value_of(event: &impl TargetCast) -> String {
    use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
    if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
        return input.value();
    }
    if let Some(area) = event.target_dyn_into::<HtmlTextAreaElement>() {
        return area.value();
    }
    event.target_dyn_into::<HtmlSelectElement>().map(|select| select.value()).unwrap_or_default()
}

/// A command in a box, with buttons to copy it and to put it into the prompt.
pub fn command(text: &str, insert: Option<Callback<String>>) -> Html {
    let to_prompt = insert.map(|insert| {
        let text = text.to_owned();
        let onclick = Callback::from(move |_: MouseEvent| insert.emit(text.clone()));
        html! {
            <button type="button" class="button button--small" {onclick}>{ icon("terminal") }{ "To the prompt" }</button>
        }
    });
    html! {
        <div class="command">
            <pre class="command__text" tabindex="0">{ text.to_owned() }</pre>
            <div class="command__actions">{ to_prompt }<Copy text={text.to_owned()} label="Copy the command" /></div>
        </div>
    }
}

/// A dialog above the page. Escape and a click on Cancel close it.
#[derive(Properties, PartialEq)]
pub struct DialogProps {
    /// The title.
    pub title: AttrValue,
    /// What it says.
    pub children: Html,
    /// Closes it.
    pub on_close: Callback<()>,
}

/// A dialog above the page, open as long as it is part of it.
#[function_component]
pub fn Dialog(props: &DialogProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            dom::open_dialog(&node);
            move || dom::close_dialog(&node)
        });
    }
    let oncancel = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: Event| {
            event.prevent_default();
            on_close.emit(());
        })
    };
    html! {
        <dialog class="dialog" ref={node} aria-labelledby="dialog-title" {oncancel}>
            <h2 class="dialog__title" id="dialog-title">{ props.title.clone() }</h2>
            { props.children.clone() }
        </dialog>
    }
}
