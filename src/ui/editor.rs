//! The editor of YAML texts: a real text area over its coloured copy, line numbers, and remarks at their lines.
//!
//! Neither scrolls: the frame around both does, so they never part. Numbers and copy hold only the lines near those in
//! sight, which keeps a keystroke in a long text as quick as in a short one.
//! Tab leads on to the next control until something was typed; then it indents, and Escape makes it lead on again.

mod lines;

use web_sys::{HtmlTextAreaElement, KeyboardEvent};
use yew::prelude::*;

use self::lines::{Numbers, Paint};
use super::dom;
use super::parts::{icon, prose, value_of};
use super::state::{Action, Store};
use crate::engine::findings::Severity;
use crate::view::diff::{self, Change};
use crate::view::flash::Flash;
use crate::view::marks::{self, Mark};

/// An editor.
#[derive(Properties, PartialEq)]
pub struct EditorProps {
    /// The id of its text area.
    pub id: AttrValue,
    /// What the text is.
    pub label: AttrValue,
    /// The text.
    pub text: AttrValue,
    /// Remarks on it.
    pub marks: Vec<Mark>,
    /// Lines that somebody was sent to: first and last.
    #[prop_or_default]
    pub shown: Option<(usize, usize)>,
    /// Takes what was typed.
    pub on_input: Callback<String>,
}

/// An editor.
#[function_component]
pub fn Editor(props: &EditorProps) -> Html {
    let (area, frame) = (use_node_ref(), use_node_ref());
    // Where the lines begin that are there, in blocks.
    let block = use_state_eq(|| 0);
    let lines: Vec<&str> = props.text.split('\n').collect();
    let near = lines::near(*block, lines.len());
    use_effect_with((lines.len(), near.start, lines::columns(&props.text)), {
        let frame = frame.clone();
        move |(lines, above, columns)| {
            dom::set_sizes(&frame, &[("--lines", *lines), ("--above", *above), ("--columns", *columns)]);
        }
    });
    let onscroll = {
        let (frame, block, count) = (frame.clone(), block.clone(), lines.len());
        Callback::from(move |_: Event| block.set(lines::block_of(dom::lines_above(&frame, count + 1))))
    };
    // Whether Tab indents.
    let indents = use_mut_ref(|| false);
    let go = {
        let (area, id, text) = (area.clone(), props.id.clone(), props.text.clone());
        Callback::from(move |line: usize| {
            let Some(area) = area.cast::<HtmlTextAreaElement>() else { return };
            let at: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
            let _ = area.focus();
            dom::put_caret(&area, at);
            dom::show_line(&format!("#{id}-spot"), line);
        })
    };
    // Whoever is sent to a line goes on from there.
    {
        let go = go.clone();
        use_effect_with(props.shown, move |shown| {
            if let Some((first, _)) = shown {
                go.emit(*first);
            }
        });
    }
    let oninput = {
        let (on_input, indents) = (props.on_input.clone(), indents.clone());
        Callback::from(move |event: InputEvent| {
            indents.replace(true);
            on_input.emit(value_of(&event));
        })
    };
    let onfocus = {
        let indents = indents.clone();
        Callback::from(move |_: FocusEvent| {
            indents.replace(false);
        })
    };
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        let has_modifier = event.ctrl_key() || event.meta_key() || event.alt_key();
        if has_modifier || event.is_composing() {
            return;
        }
        let Some(area) = event.target_dyn_into::<HtmlTextAreaElement>() else { return };
        match event.key().as_str() {
            "Escape" => {
                indents.replace(false);
            }
            "Tab" if !event.shift_key() && *indents.borrow() => {
                event.prevent_default();
                dom::type_text("  ");
            }
            "Enter" if !event.shift_key() => {
                // The next line begins where this one does.
                let Some((text, at)) = dom::caret(&area) else { return };
                let line = text.get(..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
                let indent: String = line.chars().take_while(|c| *c == ' ').collect();
                if !indent.is_empty() {
                    event.prevent_default();
                    dom::type_text(&format!("\n{indent}"));
                }
            }
            _ => {}
        }
    });
    let worst = marks::by_line(&props.marks);
    let worst: Vec<(usize, Severity)> =
        worst.range(near.start + 1..=near.end).map(|(line, worst)| (*line, *worst)).collect();
    let text = lines.get(near.clone()).unwrap_or_default().join("\n");
    let tally = marks::tally(&props.marks);
    html! {
        <div class="editor">
            <div class="editor__frame" ref={frame} {onscroll}>
                <Numbers first={near.start + 1} last={near.end} worst={worst.clone()} />
                <div class="editor__pane">
                    <Paint {text} first={near.start + 1} {worst} shown={props.shown} />
                    <span class="editor__spot" id={format!("{}-spot", props.id)}></span>
                    <textarea class="editor__text" id={props.id.clone()} ref={area} aria-label={props.label.clone()} aria-describedby={format!("{}-keys {}-tally", props.id, props.id)}
                        spellcheck="false" autocapitalize="none" autocomplete="off" wrap="off" value={props.text.clone()} {oninput} {onkeydown} {onfocus} />
                </div>
            </div>
            <p class="editor__foot">
                <span class="editor__tally" id={format!("{}-tally", props.id)} role="status">{ if tally.is_empty() { "No remarks".to_owned() } else { tally } }</span>
                <span id={format!("{}-keys", props.id)}>{ "While you type, Tab indents; Esc, then Tab leaves" }</span>
            </p>
            if !props.marks.is_empty() { { remarks(&props.marks, &go) } }
        </div>
    }
}

/// How serious a remark is.
pub fn severity_sign(severity: Severity) -> Html {
    let sign = if severity == Severity::Info { "info" } else { "warn" };
    html! { <span class={format!("severity severity--{}", severity.as_str())}>{ icon(sign) }<span class="hidden">{ format!("{}: ", severity.as_str()) }</span></span> }
}

/// The remarks below the text, each with the way to its line.
fn remarks(marks: &[Mark], go: &Callback<usize>) -> Html {
    let item = |(index, mark): (usize, &Mark)| {
        let place = mark.line.map(|line| {
            let go = go.clone();
            let onclick = Callback::from(move |_: MouseEvent| go.emit(line));
            html! { <button type="button" class="remark__line" {onclick}>{ format!("Line {line}") }</button> }
        });
        html! {
            <li class={format!("remark remark--{}", mark.severity.as_str())} key={index}>
                { severity_sign(mark.severity) }
                <div class="remark__body">
                    <p>{ place }{ " " }{ prose(&mark.text) }</p>
                    if !mark.advice.is_empty() { <p class="remark__advice">{ prose(&mark.advice) }</p> }
                </div>
            </li>
        }
    };
    html! { <ul class="remarks" aria-label="Remarks">{ for marks.iter().enumerate().map(item) }</ul> }
}

/// The button that prints a text anew: looked for when it is pressed, as it takes longer than a keystroke may.
pub fn format_button(
    store: &Store,
    text: &str,
    can_format: bool,
    format: fn(&str) -> Option<String>,
    on_input: &Callback<String>,
) -> Html {
    let (store, text, on_input) = (store.clone(), text.to_owned(), on_input.clone());
    let onclick = Callback::from(move |_: MouseEvent| match format(&text) {
        Some(formatted) if formatted != text => on_input.emit(formatted),
        _ => store.dispatch(Action::Show(Flash::info(
            "Nothing to format",
            "The text already has the form in which kubectl prints it.",
        ))),
    });
    html! { <button type="button" class="button" disabled={!can_format} {onclick}>{ "Format" }</button> }
}

/// The difference of two texts, changed parts only.
pub fn difference(old: &str, new: &str) -> Html {
    let lines = diff::lines(old, new);
    let hunks = diff::hunks(&lines, 2);
    let line = |line: &diff::Line| {
        let (class, sign, word) = match line.change {
            Change::Same => ("diff__line", " ", ""),
            Change::Added => ("diff__line diff__line--added", "+", "added "),
            Change::Removed => ("diff__line diff__line--removed", "-", "removed "),
        };
        html! {
            <div {class}>
                <span class="diff__number" aria-hidden="true">{ line.number }</span>
                <span class="diff__sign" aria-hidden="true">{ sign }</span>
                if !word.is_empty() { <span class="hidden">{ word }</span> }
                <code class="diff__text">{ line.text.clone() }</code>
            </div>
        }
    };
    html! {
        <div class="diff" role="group" aria-label="What changes in the text" tabindex="0">
            { for hunks.into_iter().map(|hunk| html! { <div class="diff__hunk">{ for hunk.iter().map(line) }</div> }) }
        </div>
    }
}
