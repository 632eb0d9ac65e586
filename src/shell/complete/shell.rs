//! Completion of what the shell itself reads: commands, variables, assignments, files.

use super::world::Scene;
use super::{Offers, aws, eksctl, kubectl};
use crate::shell::syntax::cursor::AtCursor;
use crate::shell::syntax::is_name;
use crate::shell::{filters, interp, terminal};

/// Commands whose arguments are a command.
const BEFORE_COMMANDS: [&str; 5] = ["command", "env", "eval", "sudo", "xargs"];
/// How many aliases may lead to one another.
const MAX_ALIASES: usize = 8;

/// Offers what fits at the cursor. `raw` is the word as written.
pub(super) fn offer(scene: &Scene<'_>, at: &AtCursor, raw: &str, offers: &mut Offers) {
    if at.quote != Some('\'') && variables(scene, raw, offers) {
        return;
    }
    if at.redirection {
        return scene.files(false, offers);
    }
    let words = expanded(scene, &at.words);
    let mut words = words.as_slice();
    while let Some((first, rest)) = words.split_first()
        && BEFORE_COMMANDS.contains(&first.as_str())
    {
        let assigns = |word: &String| word.split_once('=').is_some_and(|(name, _)| is_name(name));
        words = rest.get(rest.iter().take_while(|word| assigns(word)).count()..).unwrap_or_default();
    }
    let Some((name, words)) = words.split_first() else { return command(scene, offers) };
    match name.as_str() {
        "aws" => aws::offer(scene, words, offers),
        "kubectl" => kubectl::offer(scene, words, offers),
        "eksctl" => eksctl::offer(scene, words, offers),
        "cd" => scene.files(true, offers),
        "export" if assignment(scene, offers) => {}
        "export" | "unset" | "printenv" => variable_names(scene, "", offers),
        "help" | "type" | "which" => commands(scene, offers),
        _ => scene.files(false, offers),
    }
}

/// The words with an alias at their head replaced by what it stands for.
fn expanded(scene: &Scene<'_>, words: &[String]) -> Vec<String> {
    let mut words = words.to_vec();
    for _ in 0..MAX_ALIASES {
        let Some(text) = words.first().and_then(|first| scene.desk.aliases.get(first)) else { break };
        let head: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let again = head.first() == words.first();
        words.splice(..1, head);
        if again {
            break;
        }
    }
    words
}

fn command(scene: &Scene<'_>, offers: &mut Offers) {
    if assignment(scene, offers) {
        return;
    }
    if offers.partial.contains('/') {
        return scene.files(false, offers);
    }
    commands(scene, offers);
}

fn commands(scene: &Scene<'_>, offers: &mut Offers) {
    for (name, text) in &scene.desk.aliases {
        offers.add(name, text);
    }
    for (name, body) in &scene.desk.variables {
        if let Some(name) = interp::function_name(name) {
            offers.add(name, body.lines().next().unwrap_or_default());
        }
    }
    let names = interp::builtin_names().chain(filters::names()).chain(terminal::tool_names());
    offers.add_all(names.filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic())));
}

/// Completes the value of `NAME=value`; false if the word is no assignment.
fn assignment(scene: &Scene<'_>, offers: &mut Offers) -> bool {
    let Some((name, _)) = offers.partial.split_once('=').filter(|(name, _)| is_name(name)) else { return false };
    let name = name.to_owned();
    offers.keep(name.len() + 1);
    match name.as_str() {
        "AWS_PROFILE" | "AWS_DEFAULT_PROFILE" => scene.profiles(offers),
        "AWS_REGION" | "AWS_DEFAULT_REGION" => scene.regions(offers),
        "AWS_DEFAULT_OUTPUT" => offers.add_all(["json", "table", "text", "yaml", "yaml-stream"]),
        "KUBECONFIG" => {
            offers.keep_to_last(&[':']);
            scene.files(false, offers);
        }
        _ => scene.files(false, offers),
    }
    true
}

/// Completes `$NAME` or `${NAME`; false if the cursor is behind neither.
fn variables(scene: &Scene<'_>, raw: &str, offers: &mut Offers) -> bool {
    let Some((before, typed)) = raw.rsplit_once('$') else { return false };
    let (brace, name) = typed.strip_prefix('{').map_or(("", typed), |name| ("}", name));
    let escaped = before.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
    if escaped || !(name.is_empty() || is_name(name)) || !offers.partial.ends_with(name) {
        return false;
    }
    offers.keep(offers.partial.len() - name.len());
    variable_names(scene, brace, offers);
    true
}

fn variable_names(scene: &Scene<'_>, after: &str, offers: &mut Offers) {
    let mut last = "";
    for (name, value) in &scene.desk.variables {
        let Some(name) = interp::typed_name(name).filter(|name| *name != last) else { continue };
        last = name;
        // A note is one short line.
        let note: String = value.lines().next().unwrap_or_default().chars().take(60).collect();
        offers.add(&format!("{name}{after}"), &note);
    }
}
