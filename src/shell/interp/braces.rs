//! Brace expansion: `{a,b}` and `{1..3}`, before all other expansions.

use super::super::syntax::ast::{Part, Word};
use super::MAX_FIELDS;

/// A piece of a word for brace expansion: a plain character, or something braces do not look into.
#[derive(Clone, Debug)]
enum Piece {
    Char(char),
    Part(Part),
}

/// `{a,b}` and `{1..3}` expanded; `None` if that makes too many words.
pub(super) fn braces(word: &Word) -> Option<Vec<Vec<Part>>> {
    if !word.parts.iter().any(|part| matches!(part, Part::Literal(text) if text.contains('{'))) {
        return Some(vec![word.parts.clone()]);
    }
    let mut pieces = Vec::new();
    for part in &word.parts {
        match part {
            Part::Literal(text) => pieces.extend(text.chars().map(Piece::Char)),
            part => pieces.push(Piece::Part(part.clone())),
        }
    }
    let mut todo = vec![(pieces, 0)];
    let mut done = Vec::new();
    let mut work = 0usize;
    while let Some((pieces, from)) = todo.pop() {
        work += pieces.len();
        if work > 2_000_000 || todo.len() + done.len() > MAX_FIELDS {
            return None;
        }
        match first_brace(&pieces, from) {
            None => done.push(parts_of(pieces)),
            Some((start, end, choices)) => {
                let (before, after) = (pieces.get(..start)?, pieces.get(end..)?);
                for choice in choices.into_iter().rev() {
                    todo.push(([before, &choice, after].concat(), start));
                }
            }
        }
    }
    Some(done)
}

/// The first brace expression at or after `from`: where it starts and ends, and its choices.
fn first_brace(pieces: &[Piece], from: usize) -> Option<(usize, usize, Vec<Vec<Piece>>)> {
    // Closing braces found for every opening one, in one pass.
    let mut stack: Vec<(usize, Vec<usize>)> = Vec::new();
    let mut best: Option<(usize, usize, Vec<usize>)> = None;
    for (at, piece) in pieces.iter().enumerate().skip(from) {
        match piece {
            Piece::Char('{') => stack.push((at, Vec::new())),
            Piece::Char(',') => {
                if let Some((_, commas)) = stack.last_mut() {
                    commas.push(at);
                }
            }
            Piece::Char('}') => {
                if let Some((start, commas)) = stack.pop() {
                    let counts = !commas.is_empty() || range(pieces.get(start + 1..at)?).is_some();
                    if counts && best.as_ref().is_none_or(|(first, ..)| start < *first) {
                        best = Some((start, at, commas));
                    }
                }
            }
            _ => {}
        }
        if stack.is_empty() && best.is_some() {
            break;
        }
    }
    let (start, end, commas) = best?;
    let choices = if commas.is_empty() {
        range(pieces.get(start + 1..end)?)?
    } else {
        let mut from = start + 1;
        let mut choices = Vec::new();
        for comma in commas.into_iter().chain([end]) {
            choices.push(pieces.get(from..comma)?.to_vec());
            from = comma + 1;
        }
        choices
    };
    Some((start, end + 1, choices))
}

/// `1..3` or `a..c`.
fn range(pieces: &[Piece]) -> Option<Vec<Vec<Piece>>> {
    if pieces.len() > 24 {
        return None;
    }
    let text: String =
        pieces.iter().map(|p| if let Piece::Char(c) = p { Some(*c) } else { None }).collect::<Option<_>>()?;
    let (from, to) = text.split_once("..")?;
    let word = |text: String| text.chars().map(Piece::Char).collect::<Vec<_>>();
    if let (Ok(from), Ok(to)) = (from.parse::<i32>(), to.parse::<i32>()) {
        if from.abs_diff(to) as usize > MAX_FIELDS {
            return None;
        }
        let step = if from <= to { 1 } else { -1 };
        return Some((0..=from.abs_diff(to) as i32).map(|n| word((from + n * step).to_string())).collect());
    }
    let letter = |text: &str| text.chars().next().filter(|c| text.len() == 1 && c.is_ascii_alphabetic());
    let (from, to) = (letter(from)?, letter(to)?);
    let letters: Vec<char> = if from <= to { (from..=to).collect() } else { (to..=from).rev().collect() };
    Some(letters.into_iter().map(|c| vec![Piece::Char(c)]).collect())
}

fn parts_of(pieces: Vec<Piece>) -> Vec<Part> {
    let mut parts = Vec::new();
    for piece in pieces {
        match (piece, parts.last_mut()) {
            (Piece::Char(c), Some(Part::Literal(text))) => text.push(c),
            (Piece::Char(c), _) => parts.push(Part::Literal(c.into())),
            (Piece::Part(part), _) => parts.push(part),
        }
    }
    parts
}
