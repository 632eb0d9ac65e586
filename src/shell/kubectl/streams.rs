//! `kubectl exec`, `attach`, `port-forward` and `cp` (cli 16): kubectl's own checks, the server's, then what a simulated
//! container answers. Nothing that is permitted ends in an empty success.

use serde_json::Value;

use crate::engine::KubeRequest;
use crate::engine::request::GroupResource;
use crate::k8s::status::Status;

use super::container::{self, Ran};
use super::describe::text;
use super::failure::{Failure, local, usage};
use super::flags::Parsed;
use super::pods::{self, State};
use super::tool::{Outcome, Tool};

/// Asks the server for a stream to a container of a pod; it answers as the kubelet would.
fn connect(tool: &mut Tool<'_, '_>, pod: &Value, subresource: &str, container: &str) -> Outcome {
    let name = text(pod, "/metadata/name");
    tool.call(KubeRequest::Subresource {
        verb: "create".to_owned(),
        resource: GroupResource::new("", "pods"),
        subresource: subresource.to_owned(),
        namespace: Some(text(pod, "/metadata/namespace").to_owned()),
        name: name.to_owned(),
    })?;
    if subresource != "portforward" && pods::container(pod, container).is_none() {
        let text = format!("container {container} is not valid for pod {name}");
        return Err(Failure::Status(Status::bad_request(text)));
    }
    if !pods::is_assigned(pod) {
        return Err(Failure::Status(Status::bad_request(format!("pod {name} does not have a host assigned"))));
    }
    if subresource != "portforward" && pods::state(pod, container) != State::Running {
        return Err(local(format!("unable to upgrade connection: container not found ({container:?})")));
    }
    Ok(())
}

/// A pod that has ended has no containers to reach.
fn check_running(pod: &Value, what: &str) -> Outcome {
    match text(pod, "/status/phase") {
        phase @ ("Succeeded" | "Failed") => {
            Err(local(format!("cannot {what} a container in a completed pod; current phase is {phase}")))
        }
        _ => Ok(()),
    }
}

/// The container of the flag, or the pod's default.
fn chosen(tool: &mut Tool<'_, '_>, parsed: &Parsed, pod: &Value) -> String {
    match parsed.text_or_empty("container") {
        "" => pods::default_container(tool, pod, parsed.switch("quiet")),
        name => name.to_owned(),
    }
}

/// `kubectl exec`.
///
/// # Errors
/// Faults of the command line, the server's refusals, and the exit code of the command.
pub fn exec(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let command: Vec<String> = parsed.dash.map_or(Vec::new(), |dash| parsed.args.iter().skip(dash).cloned().collect());
    if parsed.dash.is_none() && parsed.args.len() > 1 {
        let text = "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead";
        return Err(usage("kubectl exec", text));
    }
    let Some(arg) = parsed.args.first().filter(|_| parsed.dash != Some(0)) else {
        return Err(local("pod, type/name or --filename must be specified"));
    };
    if command.is_empty() {
        return Err(local("you must specify at least one command for the container"));
    }
    let found = pods::target(tool, arg, "cannot attach to")?;
    let pod = found.pod()?;
    check_running(pod, "exec into")?;
    let name = chosen(tool, parsed, pod);
    let takes_input = parsed.switch("stdin");
    if takes_input && parsed.switch("tty") && tool.ctx.stdin.is_piped() && !parsed.switch("quiet") {
        tool.complain("Unable to use a TTY - input is not a terminal or the right kind of file");
    }
    connect(tool, pod, "exec", &name)?;
    let input = if takes_input { tool.ctx.stdin.take().to_owned() } else { String::new() };
    let Ran { out, err, exit } = match container::run(tool, pod, &name, &command, &input) {
        Ok(ran) => ran,
        Err(message) => {
            tool.hint = Some(format!(
                "The API server permits it. The container is simulated: it has {}, but no shell and no program of its image.",
                container::PROGRAMS
            ));
            return Err(local(message));
        }
    };
    tool.out.push_str(&out);
    tool.report(&err);
    if exit == 0 {
        if out.is_empty() {
            tool.hint = Some("The command in the simulated container ended without output.".to_owned());
        }
        return Ok(());
    }
    Err(Failure::Ended(exit))
}

/// `kubectl attach`.
///
/// # Errors
/// Faults of the command line, the server's refusals; what is permitted ends in saying that there is nothing to attach to.
pub fn attach(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let arg = match parsed.args.as_slice() {
        [] => return Err(local("at least 1 argument is required for attach")),
        [one] => one.clone(),
        [kind, name] => format!("{kind}/{name}"),
        more => {
            let (count, all) = (more.len(), more.join(" "));
            return Err(local(format!(
                "expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw {count}: [{all}]"
            )));
        }
    };
    let found = pods::target(tool, &arg, "cannot attach to")?;
    let pod = found.pod()?;
    check_running(pod, "attach")?;
    let name = chosen(tool, parsed, pod);
    let of = text(pod, "/metadata/name").to_owned();
    if pods::container(pod, &name).is_none() {
        return Err(local(format!("cannot attach to the container: container {name} not found in pod {of}")));
    }
    connect(tool, pod, "attach", &name)?;
    Err(local(format!(
        "the API server permits it, but container {name} of pod {of} is simulated: no program runs in it that could be attached to"
    )))
}

/// `kubectl port-forward`.
///
/// # Errors
/// Faults of the command line, the server's refusals; what is permitted ends in saying that nothing is forwarded.
pub fn port_forward(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let Some((arg, ports)) = parsed.args.split_first().filter(|(_, ports)| !ports.is_empty()) else {
        return Err(usage("kubectl port-forward", "TYPE/NAME and list of ports are required for port-forward"));
    };
    let found = pods::target(tool, arg, "cannot attach to")?;
    let pod = found.pod()?;
    let mut pairs = Vec::new();
    for port in ports {
        pairs.push(forwarded(port, &found.object, pod)?);
    }
    match text(pod, "/status/phase") {
        "Running" => {}
        phase => {
            return Err(local(format!("unable to forward port because pod is not running. Current status={phase}")));
        }
    }
    connect(tool, pod, "portforward", "")?;
    let [here, there] = pairs.first().cloned().unwrap_or_default();
    let of = text(pod, "/metadata/name").to_owned();
    Err(local(format!(
        "the API server permits it, but nothing is forwarded from port {here} to port {there} of pod {of}: the pod is simulated and nothing listens in it"
    )))
}

/// The local and the pod's port of `[LOCAL:]REMOTE`.
fn forwarded(port: &str, object: &Value, pod: &Value) -> Result<[String; 2], Failure> {
    let (here, there) = port.split_once(':').unwrap_or((port, port));
    let name = text(object, "/metadata/name");
    let ports = |of: &Value, pointer: &str| of.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
    let shown = |port: &Value, member: &str| match port.get(member) {
        Some(Value::String(name)) => name.clone(),
        Some(number) => number.to_string(),
        None => String::new(),
    };
    let in_pod = |wanted: &str| {
        let containers = pods::containers(pod);
        let mut all = containers.iter().flat_map(|(_, container)| ports(container, "/ports"));
        all.find(|port| shown(port, "name") == wanted).map(|port| shown(&port, "containerPort"))
    };
    let is_number = |text: &str| text.parse::<u16>().is_ok();
    let mut target = there.to_owned();
    if text(object, "/kind") == "Service" {
        let all = ports(object, "/spec/ports");
        let member = if is_number(there) { "port" } else { "name" };
        let Some(found) = all.iter().find(|port| shown(port, member) == there) else {
            return Err(local(if is_number(there) {
                format!("Service {name} does not have a service port {there}")
            } else {
                format!("Service '{name}' does not have a named port '{there}'")
            }));
        };
        target = Some(shown(found, "targetPort")).filter(|to| !to.is_empty()).unwrap_or_else(|| shown(found, "port"));
    }
    if !is_number(&target) {
        let of = text(pod, "/metadata/name");
        target = in_pod(&target).ok_or_else(|| local(format!("Pod '{of}' does not have a named port '{target}'")))?;
    }
    let here = if here == there && !port.contains(':') && !is_number(here) { target.clone() } else { here.to_owned() };
    Ok([if here.is_empty() { "a free one".to_owned() } else { here }, target])
}

/// `kubectl cp`.
///
/// # Errors
/// Faults of the command line, the server's refusals; what is permitted ends in what a container without tar says.
pub fn cp(tool: &mut Tool<'_, '_>, parsed: &Parsed) -> Outcome {
    let [from, to] = parsed.args.as_slice() else {
        return Err(local("source and destination are required"));
    };
    let remote = |text: &str| {
        let (pod, path) = text.split_once(':')?;
        (!pod.is_empty()).then(|| (pod.to_owned(), path.to_owned()))
    };
    let (pod, path) = match (remote(from), remote(to)) {
        (Some(_), Some(_)) => return Err(local("one of src or dest must be a local file specification")),
        (None, None) => return Err(local("one of src or dest must be a remote file specification")),
        (Some(found), None) => found,
        (None, Some(found)) => {
            let files = tool.ctx.session.workstation();
            if !files.is_file(from) && !files.is_directory(from) {
                return Err(local(format!("{from} doesn't exist in local filesystem")));
            }
            found
        }
    };
    if path.is_empty() {
        return Err(local("filepath can not be empty"));
    }
    if let Some((namespace, _)) = pod.split_once('/') {
        tool.overrides.namespace = Some(namespace.to_owned());
    }
    let name = pod.rsplit('/').next().unwrap_or_default().to_owned();
    let found = pods::target(tool, &name, "cannot attach to")?;
    let pod = found.pod()?;
    check_running(pod, "exec into")?;
    let container = chosen(tool, parsed, pod);
    connect(tool, pod, "exec", &container)?;
    tool.hint = Some("kubectl cp runs tar in the container; this container is simulated and has none.".to_owned());
    Err(local(container::not_found(pod, "tar")))
}
