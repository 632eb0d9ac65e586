//! The editor of YAML texts: a real text area over its coloured copy, line numbers, and remarks at their lines.
//!
//! The copy gives the editor its size, so text area and copy never scroll apart.
//! Tab leads on to the next control until something was typed; then it indents, and Escape makes it lead on again.

use std::collections::BTreeMap;

use web_sys::{HtmlTextAreaElement, KeyboardEvent};
use yew::prelude::*;

use super::dom;
use super::parts::{icon, prose, value_of};
use crate::engine::findings::Severity;
use crate::view::diff::{self, Change};
use crate::view::highlight;
use crate::view::marks::{self, Mark};

/// Texts of more lines are shown without colours, so that typing stays quick.
const MOST_COLOURED: usize = 3000;
/// How many lines are looked at together: a keystroke compares the others as one.
const BLOCK: usize = 24;

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
    let area = use_node_ref();
    // Whether Tab indents.
    let indents = use_mut_ref(|| false);
    let go = {
        let (area, id, text) = (area.clone(), props.id.clone(), props.text.clone());
        Callback::from(move |line: usize| {
            let Some(area) = area.cast::<HtmlTextAreaElement>() else { return };
            let at: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
            let _ = area.focus();
            dom::put_caret(&area, at);
            dom::show_line(&format!("#{id}-lines > :nth-child({line})"));
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
    let lines: Vec<&str> = props.text.split('\n').collect();
    let count = lines.len();
    let is_coloured = count <= MOST_COLOURED;
    let worst = marks::by_line(&props.marks);
    let block = |(index, lines): (usize, &[&str])| {
        let first = index * BLOCK + 1;
        let numbers = first..first + lines.len();
        let worst: Vec<(usize, Severity)> = worst.range(numbers.clone()).map(|(line, worst)| (*line, *worst)).collect();
        let shown = props.shown.filter(|(first, last)| *first < numbers.end && *last >= numbers.start);
        html! { <Lines text={lines.join("\n")} {first} {worst} {shown} {is_coloured} /> }
    };
    let tally = marks::tally(&props.marks);
    html! {
        <div class="editor">
            <div class="editor__frame">
                <Numbers {count} worst={worst.clone()} />
                <div class="editor__pane">
                    <pre class="editor__paint" id={format!("{}-lines", props.id)} aria-hidden="true">{ for lines.chunks(BLOCK).enumerate().map(block) }</pre>
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

#[derive(Properties, PartialEq)]
struct NumbersProps {
    count: usize,
    worst: BTreeMap<usize, Severity>,
}

/// The numbers of the lines, those with remarks marked.
#[function_component]
fn Numbers(props: &NumbersProps) -> Html {
    let number = |line: usize| {
        let worst = props.worst.get(&line).map(|severity| format!("editor__mark editor__mark--{}", severity.as_str()));
        html! { <li class={classes!(worst)}>{ line }</li> }
    };
    html! { <ol class="editor__numbers" aria-hidden="true">{ for (1..=props.count).map(number) }</ol> }
}

#[derive(Properties, PartialEq)]
struct LinesProps {
    text: String,
    first: usize,
    worst: Vec<(usize, Severity)>,
    shown: Option<(usize, usize)>,
    is_coloured: bool,
}

/// Some lines of the coloured copy.
#[function_component]
fn Lines(props: &LinesProps) -> Html {
    let line = |(number, text): (usize, &str)| {
        let worst = props.worst.iter().find(|(line, _)| *line == number).map(|(_, worst)| *worst);
        let is_shown = props.shown.is_some_and(|(first, last)| (first..=last).contains(&number));
        html! { <Painted text={text.to_owned()} {worst} {is_shown} is_coloured={props.is_coloured} /> }
    };
    html! { { for (props.first..).zip(props.text.split('\n')).map(line) } }
}

#[derive(Properties, PartialEq)]
struct PaintedProps {
    text: String,
    worst: Option<Severity>,
    is_shown: bool,
    is_coloured: bool,
}

/// A line of the coloured copy. A component, so that a keystroke paints the lines that it changes.
#[function_component]
fn Painted(props: &PaintedProps) -> Html {
    let worst = props.worst.map(|severity| format!("editor__line--{}", severity.as_str()));
    html! {
        <span class={classes!("editor__line", worst, props.is_shown.then_some("editor__line--shown"))}>
            if props.is_coloured { { for highlight::line(&props.text).iter().map(span) } } else { { props.text.clone() } }
        </span>
    }
}

fn span(span: &highlight::Span<'_>) -> Html {
    html! { <span class={format!("paint-{}", span.paint.code())}>{ span.text.to_owned() }</span> }
}

/// The remarks below the text, each with the way to its line.
fn remarks(marks: &[Mark], go: &Callback<usize>) -> Html {
    let item = |(index, mark): (usize, &Mark)| {
        let sign = if mark.severity == Severity::Info { "info" } else { "warn" };
        let place = mark.line.map(|line| {
            let go = go.clone();
            let onclick = Callback::from(move |_: MouseEvent| go.emit(line));
            html! { <button type="button" class="remark__line" {onclick}>{ format!("Line {line}") }</button> }
        });
        html! {
            <li class={format!("remark remark--{}", mark.severity.as_str())} key={index}>
                { icon(sign) }
                <div class="remark__body">
                    <p>{ place }<span class="hidden">{ format!(" {}: ", mark.severity.as_str()) }</span>{ prose(&mark.text) }</p>
                    if !mark.advice.is_empty() { <p class="remark__advice">{ prose(&mark.advice) }</p> }
                </div>
            </li>
        }
    };
    html! { <ul class="remarks" aria-label="Remarks">{ for marks.iter().enumerate().map(item) }</ul> }
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
