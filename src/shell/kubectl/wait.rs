//! `kubectl wait` (cli 16.4). Controllers come to rest with each call: what has not come true by now does not come.

use serde_json::Value;

use crate::formats::jsonpath::Template;

use super::describe::text;
use super::failure::{self, Failure, NOTHING, local};
use super::flags::Parsed;
use super::resources::Wanted;
use super::rollout::{named, shown};
use super::tool::{Outcome, Tool};

/// What is waited for.
enum Goal {
    Condition { name: String, status: String },
    Path { template: Box<Template>, value: Option<String> },
    Create,
    Delete,
}

impl Goal {
    fn read(text: &str) -> Result<Self, Failure> {
        match text.to_lowercase().as_str() {
            "delete" => return Ok(Self::Delete),
            "create" => return Ok(Self::Create),
            _ => {}
        }
        if let Some(rest) = text.strip_prefix("condition=") {
            let (name, status) = rest.split_once('=').unwrap_or((rest, "true"));
            return Ok(Self::Condition { name: name.to_owned(), status: status.to_owned() });
        }
        if let Some(rest) = text.strip_prefix("jsonpath=") {
            return Self::path(rest);
        }
        Err(local(format!("unrecognized condition: {text:?}")))
    }

    /// `{.path}` or `{.path}=value`.
    fn path(text: &str) -> Result<Self, Failure> {
        if text.is_empty() {
            return Err(local("jsonpath expression cannot be empty"));
        }
        // Equal signs within braces belong to the path.
        let end = text.rfind('}').map_or(0, |at| at + 1);
        let at = text.get(end..).and_then(|rest| rest.find('=')).map(|at| end + at);
        let (path, value) = match at {
            Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
            None => (text, None),
        };
        let value = value.map(|value| value.trim_matches(['\'', '"']));
        if value == Some("") {
            return Err(local(
                "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
            ));
        }
        let template = Template::parse_relaxed(path).map_err(|error| local(error.to_string()))?;
        Ok(Self::Path { template: Box::new(template), value: value.map(str::to_owned) })
    }

    fn holds(&self, wanted: &Wanted, object: &Value) -> Result<bool, Failure> {
        match self {
            Self::Create => Ok(true),
            Self::Delete => Ok(false),
            Self::Condition { name, status } => {
                let all = object.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
                let is_it = |one: &&Value| text(one, "/type").eq_ignore_ascii_case(name);
                // Pods of saved worlds say only that they run.
                let is_bare = wanted.kind.kind == "Pod" && object.pointer("/status/conditions").is_none();
                let runs = is_bare && name.eq_ignore_ascii_case("ready") && text(object, "/status/phase") == "Running";
                let found = all.into_iter().find(is_it);
                Ok(runs || found.is_some_and(|one| text(one, "/status").eq_ignore_ascii_case(status)))
            }
            Self::Path { template, value } => {
                let found = template.find(object).unwrap_or_default();
                let Some(found) = found.first().filter(|found| !found.is_empty()) else { return Ok(false) };
                if found.len() > 1 {
                    return Err(local("given jsonpath expression matches more than one value"));
                }
                let Some(expected) = value else { return Ok(true) };
                match found.first() {
                    Some(Value::Object(_) | Value::Array(_)) => {
                        Err(local("jsonpath leads to a nested object or list which is not supported"))
                    }
                    Some(Value::String(seen)) => Ok(seen.trim() == expected.trim()),
                    Some(seen) => Ok(expected.trim() == seen.to_string().as_str()),
                    None => Ok(false),
                }
            }
        }
    }
}

/// `kubectl wait`.
///
/// # Errors
/// Faults of the command line, the server's refusals, and what has not come true.
pub fn run(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let goal = Goal::read(parsed.text_or_empty("for"))?;
    if parsed.args.is_empty() {
        return Err(local(NOTHING));
    }
    let is_named = parsed.args.len() > 1 || parsed.args.iter().any(|arg| arg.contains('/'));
    let selects = ["selector", "field-selector", "all", "all-namespaces"].iter().any(|flag| parsed.given(flag));
    if !is_named && !selects {
        return Err(local("resource(s) were provided, but no name was specified"));
    }
    let late = || local("timed out waiting for the condition");
    let found = match (named(tool, parsed, &parsed.args), &goal) {
        (Err(failure), Goal::Delete) if failure.is_not_found() => return Ok(()),
        (Err(failure), Goal::Create) if failure.is_not_found() => return Err(late()),
        (found, _) => found?,
    };
    if found.is_empty() {
        return match goal {
            Goal::Delete => Ok(()),
            Goal::Create => Err(late()),
            _ => Err(local("no matching resources found")),
        };
    }
    let mut failures = Vec::new();
    for (wanted, object) in found {
        match goal.holds(&wanted, &object) {
            Ok(true) if parsed.text("output") == Some("name") => tool.say(shown(&wanted)),
            Ok(true) => tool.say(format!("{} condition met", shown(&wanted))),
            Ok(false) => {
                let name = wanted.name.clone().unwrap_or_default();
                let at_once =
                    parsed.text("timeout").is_some_and(|text| text.trim_end_matches(char::is_alphabetic) == "0");
                let why = if at_once { "condition not met for" } else { "timed out waiting for the condition on" };
                failures.push(local(format!("{why} {}/{name}", wanted.kind.plural)));
            }
            Err(failure) => failures.push(failure),
        }
    }
    failure::all(failures)
}
