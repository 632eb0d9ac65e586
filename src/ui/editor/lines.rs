//! The numbers and the coloured copy of the lines that are near those in sight.

use std::ops::Range;

use yew::prelude::*;

use crate::engine::findings::Severity;
use crate::view::highlight;

/// How many lines come and go together, and are compared as one at a keystroke.
const BLOCK: usize = 12;
/// How many blocks are there: the 29 lines that `.editor__frame` shows at most, and a block and more on either side.
const BLOCKS: usize = 6;

/// The block that the lines begin with that are there when so many are above those in sight.
pub fn block_of(above: usize) -> usize {
    (above / BLOCK).saturating_sub(1)
}

/// The lines that are there, of `count`, counted from 0.
pub fn near(block: usize, count: usize) -> Range<usize> {
    // Fewer lines than there were when it was last scrolled: the last ones.
    let start = block.min((count / BLOCK).saturating_sub(BLOCKS - 2)) * BLOCK;
    start..(start + BLOCKS * BLOCK).min(count)
}

/// How many columns the text is given: as many as its widest line may take (characters beyond ASCII may be wider than a
/// column), and some more, so that few keystrokes change the editor's width.
pub fn columns(text: &str) -> usize {
    let width = |c: char| match c {
        '\t' => 2,
        _ if c < '\u{1100}' => 1,
        _ if c <= '\u{ffff}' => 2,
        _ => 3,
    };
    let widest: usize = text.split('\n').map(|line| line.chars().map(width).sum()).max().unwrap_or_default();
    (widest + 1).next_multiple_of(8)
}

/// What the numbers are made from.
#[derive(Properties, PartialEq)]
pub struct NumbersProps {
    /// The first line, from 1.
    pub first: usize,
    /// The last line.
    pub last: usize,
    /// Lines with remarks.
    pub worst: Vec<(usize, Severity)>,
}

/// The numbers of the lines, those with remarks marked.
#[function_component]
pub fn Numbers(props: &NumbersProps) -> Html {
    let number = |line: usize| {
        let worst =
            worst_of(&props.worst, line).map(|severity| format!("editor__mark editor__mark--{}", severity.as_str()));
        html! { <li class={classes!(worst)}>{ line }</li> }
    };
    html! { <ol class="editor__numbers" aria-hidden="true">{ for (props.first..=props.last).map(number) }</ol> }
}

/// What the copy is made from.
#[derive(Properties, PartialEq)]
pub struct PaintProps {
    /// The lines.
    pub text: String,
    /// The number of the first, from 1.
    pub first: usize,
    /// Lines with remarks.
    pub worst: Vec<(usize, Severity)>,
    /// Lines that somebody was sent to: first and last.
    pub shown: Option<(usize, usize)>,
}

/// The coloured copy.
#[function_component]
pub fn Paint(props: &PaintProps) -> Html {
    let lines: Vec<&str> = props.text.split('\n').collect();
    let block = |(index, lines): (usize, &[&str])| {
        let first = props.first + index * BLOCK;
        let numbers = first..first + lines.len();
        let worst = props.worst.iter().filter(|(line, _)| numbers.contains(line)).copied().collect::<Vec<_>>();
        let shown = props.shown.filter(|(first, last)| *first < numbers.end && *last >= numbers.start);
        html! { <Block key={first} text={lines.join("\n")} {first} {worst} {shown} /> }
    };
    html! { <pre class="editor__paint" aria-hidden="true">{ for lines.chunks(BLOCK).enumerate().map(block) }</pre> }
}

/// Some lines of the copy.
#[function_component]
fn Block(props: &PaintProps) -> Html {
    let line = |(number, text): (usize, &str)| {
        let worst = worst_of(&props.worst, number);
        let is_shown = props.shown.is_some_and(|(first, last)| (first..=last).contains(&number));
        html! { <Line text={text.to_owned()} {worst} {is_shown} /> }
    };
    html! { { for (props.first..).zip(props.text.split('\n')).map(line) } }
}

#[derive(Properties, PartialEq)]
struct LineProps {
    text: String,
    worst: Option<Severity>,
    is_shown: bool,
}

/// A line of the copy. A component, so that a keystroke paints the lines that it changes.
#[function_component]
fn Line(props: &LineProps) -> Html {
    let worst = props.worst.map(|severity| format!("editor__line--{}", severity.as_str()));
    let span = |span: &highlight::Span<'_>| html! { <span class={format!("paint-{}", span.paint.code())}>{ span.text.to_owned() }</span> };
    html! {
        <span class={classes!("editor__line", worst, props.is_shown.then_some("editor__line--shown"))}>{ for highlight::line(&props.text).iter().map(span) }</span>
    }
}

fn worst_of(worst: &[(usize, Severity)], line: usize) -> Option<Severity> {
    worst.iter().find(|(number, _)| *number == line).map(|(_, severity)| *severity)
}
