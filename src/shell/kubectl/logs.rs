//! `kubectl logs` (cli 16.2): a simulated container has one line in its log, which says so.

use serde_json::Value;

use crate::engine::KubeRequest;
use crate::engine::request::GroupResource;
use crate::formats::time::Timestamp;
use crate::k8s::status::{Reason, Status};

use super::create_core::duration_seconds;
use super::describe::text;
use super::failure::{Failure, local, usage};
use super::flags::Parsed;
use super::pods::{self, State, Target};
use super::tool::{Outcome, Tool};

const EXPECTED: &str = "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";
/// Maximum number of logs that kubectl follows at once.
const FOLLOWED: i64 = 5;

/// `kubectl logs`.
///
/// # Errors
/// Faults of the command line and the server's refusals.
pub fn run(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let selector = parsed.text_or_empty("selector").to_owned();
    match parsed.args.len() {
        0 if selector.is_empty() => return Err(usage("kubectl logs", EXPECTED)),
        1 if !selector.is_empty() => {
            return Err(usage("kubectl logs", "only a selector (-l) or a POD name is allowed"));
        }
        3.. => return Err(usage("kubectl logs", EXPECTED)),
        _ => {}
    }
    let since = since(tool, parsed)?;
    let (namespace, _) = tool.namespace()?;
    let named = parsed.args.get(1).map(String::as_str).unwrap_or(parsed.text_or_empty("container")).to_owned();
    let all_pods = parsed.switch("all-pods");
    let mut pods = match parsed.args.first() {
        None => {
            let pods = pods::listed(tool, selector)?;
            if pods.is_empty() {
                tool.complain(format!("No resources found in {namespace} namespace."));
            }
            pods
        }
        Some(arg) => {
            let found = pods::target(tool, arg, "cannot get the logs from").map_err(|failure| match failure {
                Failure::Status(status) if status.reason == Reason::NotFound => {
                    local(format!("error from server (NotFound): {} in namespace {namespace:?}", status.message))
                }
                other => other,
            })?;
            check(parsed, &named)?;
            one_of(tool, found, all_pods)?
        }
    };
    check(parsed, &named)?;
    if all_pods {
        pods.sort_by_key(|pod| text(pod, "/metadata/name").to_owned());
    }
    let mut wanted = Vec::new();
    for pod in &pods {
        if parsed.switch("all-containers") {
            let is_first = |(member, _): &(&str, &Value)| *member != "initContainers";
            let mut all = pods::containers(pod);
            all.sort_by_key(is_first);
            wanted.extend(all.into_iter().map(|(_, container)| (pod, text(container, "/name").to_owned())));
            continue;
        }
        let name = if named.is_empty() { pods::default_container(tool, pod, all_pods) } else { named.clone() };
        if pods::container(pod, &name).is_none() {
            let of = text(pod, "/metadata/name");
            return Err(local(format!("container {name} is not valid for pod {of}")));
        }
        wanted.push((pod, name));
    }
    let follows = parsed.switch("follow");
    let most = parsed.text("max-log-requests").and_then(|text| text.parse().ok()).unwrap_or(FOLLOWED);
    if follows && wanted.len() > 1 && wanted.len() > usize::try_from(most).unwrap_or_default() {
        return Err(local(format!(
            "you are attempting to follow {} log streams, but maximum allowed concurrency is {most}, use --max-log-requests to increase the limit",
            wanted.len()
        )));
    }
    for (pod, container) in wanted {
        one(tool, parsed, (pod, &container), since)?;
    }
    if follows && tool.hint.is_none() {
        tool.hint =
            Some("Nothing more comes into this log, so -f ends here; the real command waits for more.".to_owned());
    }
    Ok(())
}

/// What the flags must not be, in kubectl's order. It looks for the object first.
fn check(parsed: &Parsed, container: &str) -> Outcome {
    let number = |flag: &str| parsed.text(flag).and_then(|text| text.parse::<i64>().ok());
    if parsed.given("since-time") && parsed.given("since") {
        return Err(local("at most one of `sinceTime` or `sinceSeconds` may be specified"));
    }
    if parsed.switch("all-containers") && !container.is_empty() {
        return Err(local(format!("--all-containers=true should not be specified with container name {container}")));
    }
    if parsed.given("container") && parsed.args.len() == 2 {
        return Err(local("only one of -c or an inline [CONTAINER] arg is allowed"));
    }
    if number("limit-bytes").is_some_and(|bytes| bytes < 0) {
        return Err(local("--limit-bytes must be greater than 0"));
    }
    if parsed.text("since").and_then(duration_seconds).is_some_and(|seconds| seconds < 0) {
        return Err(local("--since must be greater than 0"));
    }
    if number("tail").is_some_and(|lines| lines < -1) {
        return Err(local("--tail must be greater than or equal to -1"));
    }
    Ok(())
}

/// The time that lines must have reached to be shown.
fn since(tool: &Tool<'_, '_>, parsed: &Parsed) -> Result<Option<Timestamp>, Failure> {
    if let Some(text) = parsed.text("since-time").filter(|text| !text.is_empty()) {
        return Timestamp::parse(text).map(Some).map_err(|_| {
            local(format!("parsing time {text:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse {text:?} as \"2006\""))
        });
    }
    let seconds = parsed.text("since").and_then(duration_seconds).filter(|seconds| *seconds > 0);
    Ok(seconds.map(|seconds| Timestamp(tool.now().0.saturating_sub(seconds.saturating_mul(1000)))))
}

/// Of several pods the first one, unless all are wanted.
fn one_of(tool: &mut Tool<'_, '_>, found: Target, all: bool) -> Result<Vec<Value>, Failure> {
    let pod = found.pod()?.clone();
    if all {
        return Ok(found.pods);
    }
    if found.pods.len() > 1 {
        tool.complain(format!("Found {} pods, using pod/{}", found.pods.len(), text(&pod, "/metadata/name")));
    }
    Ok(vec![pod])
}

/// The log of one container.
fn one(
    tool: &mut Tool<'_, '_>,
    parsed: &Parsed,
    (pod, container): (&Value, &str),
    since: Option<Timestamp>,
) -> Outcome {
    let name = text(pod, "/metadata/name");
    tool.call(KubeRequest::Subresource {
        verb: "get".to_owned(),
        resource: GroupResource::new("", "pods"),
        subresource: "log".to_owned(),
        namespace: Some(text(pod, "/metadata/namespace").to_owned()),
        name: name.to_owned(),
    })?;
    if !pods::is_assigned(pod) {
        tool.hint = Some(format!("Pod {name} is on no node yet: it has no log, and kubectl prints nothing."));
        return Ok(());
    }
    let refused = |text: String| Err(Failure::Status(Status::bad_request(text)));
    if parsed.switch("previous") {
        return refused(format!("previous terminated container {container:?} in pod {name:?} not found"));
    }
    if let State::Waiting(reason) = pods::state(pod, container) {
        return refused(format!("container {container:?} in pod {name:?} is waiting to start: {reason}"));
    }
    let started = [text(pod, "/status/startTime"), text(pod, "/metadata/creationTimestamp")];
    let started = started.iter().find_map(|text| Timestamp::parse(text).ok()).unwrap_or_else(|| tool.now());
    let is_shown = since.is_none_or(|since| started >= since) && parsed.text("tail") != Some("0");
    if !is_shown {
        tool.hint = Some(format!("The only line of this log is of {}.", started.kubernetes_text()));
        return Ok(());
    }
    let image = pods::container(pod, container).map(|container| text(container, "/image")).unwrap_or_default();
    let mut line = format!(
        "Simulated container {container} of image {image}: no program runs here, and nothing else is logged.\n"
    );
    if parsed.switch("timestamps") {
        line = format!("{}.000000000Z {line}", started.kubernetes_text().trim_end_matches('Z'));
    }
    let most = parsed.text("limit-bytes").and_then(|text| text.parse::<usize>().ok()).filter(|bytes| *bytes > 0);
    if let Some(end) = most.map(|most| line.floor_char_boundary(most)) {
        line.truncate(end);
    }
    if parsed.switch("prefix") || parsed.switch("all-pods") && !parsed.given("prefix") {
        line = format!("[pod/{name}/{container}] {line}");
    }
    tool.out.push_str(&line);
    Ok(())
}
