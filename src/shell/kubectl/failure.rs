//! How kubectl says that something went wrong (cli 11.5, 12, 14).

use crate::k8s::status::{Reason, Status};

/// Why a command failed. Commands end with exit code 1 then (cli 7.4), but for [`Failure::Ended`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Already said; nothing more to print.
    Silent,
    /// A fault found by kubectl itself, printed behind `error: `.
    Local(String),
    /// A text that is printed as it stands.
    Plain(String),
    /// The server's refusal.
    Status(Status),
    /// The server cannot be reached.
    Unreachable(Unreachable),
    /// The command in a container ended with this exit code, which becomes that of kubectl (cli 16.1).
    Ended(i32),
    /// Several failures.
    Many(Vec<Failure>),
}

/// A call that never got to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreachable {
    /// `Get`, `Post`, …
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// `dial tcp …`
    pub why: String,
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

/// A fault found by kubectl itself.
pub fn local(text: impl Into<String>) -> Failure {
    Failure::Local(text.into())
}

/// A fault of the command line, with the command whose help says more.
pub fn usage(command: &str, text: &str) -> Failure {
    Failure::Local(format!("{text}\nSee '{command} -h' for help and examples"))
}

/// Neither resources nor files.
pub const NOTHING: &str = "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

/// The sentence of an unknown resource type as the resource builder says it (cli 8.2).
pub fn no_type(resource: &str) -> Failure {
    local(format!("the server doesn't have a resource type \"{resource}\""))
}

/// One failure as itself, several together; none is success.
pub fn all(mut failures: Vec<Failure>) -> Result<(), Failure> {
    match failures.len() {
        0 => Ok(()),
        1 => failures.pop().map_or(Ok(()), Err),
        _ => Err(Failure::Many(failures)),
    }
}

impl Failure {
    /// What is printed on standard error, newline included.
    pub fn printed(&self) -> String {
        let text = match self {
            Failure::Silent => return String::new(),
            Failure::Status(status) if status.reason == Reason::Invalid => invalid(status),
            Failure::Many(failures) => failures.iter().map(|f| format!("{}\n", f.in_a_list())).collect(),
            Failure::Local(text) if !text.starts_with("error: ") => format!("error: {text}"),
            other => other.in_a_list(),
        };
        if text.ends_with('\n') { text } else { format!("{text}\n") }
    }

    /// The failure among others, where nothing is put before kubectl's own words.
    fn in_a_list(&self) -> String {
        match self {
            Failure::Status(status) if status.reason == Reason::Unauthorized => {
                format!("error: You must be logged in to the server ({})", status.message)
            }
            Failure::Status(status) if status.reason.name().is_empty() => {
                format!("Error from server: {}", status.message)
            }
            Failure::Status(status) => format!("Error from server ({}): {}", status.reason.name(), status.message),
            Failure::Unreachable(u) => u.standard_message(),
            other => other.words(),
        }
    }

    /// The words of the failure without framing, as they appear inside other sentences.
    pub fn words(&self) -> String {
        match self {
            Failure::Silent => String::new(),
            Failure::Local(text) | Failure::Plain(text) => text.clone(),
            Failure::Status(status) => status.message.clone(),
            Failure::Ended(exit) => format!("command terminated with exit code {exit}"),
            Failure::Unreachable(u) => format!("{} \"{}\": {}", u.method, u.url, u.why),
            Failure::Many(failures) => {
                let all: Vec<String> = failures.iter().map(Failure::words).collect();
                format!("[{}]", all.join(", "))
            }
        }
    }

    /// The same failure with words before its text: `error when creating "x.yaml": …`.
    #[must_use]
    pub fn before(self, prefix: &str) -> Self {
        match self {
            Failure::Status(status) => {
                Failure::Status(Status { message: format!("{prefix}{}", status.message), ..status })
            }
            other => Failure::Local(format!("{prefix}{}", other.words())),
        }
    }

    /// The failure of an operation on an object read from `source`; arguments have no source.
    #[must_use]
    pub fn while_doing(self, verb: &str, source: &str) -> Self {
        if source.is_empty() { self } else { self.before(&format!("error when {verb} {source:?}: ")) }
    }

    /// `failed to create KIND: …`, a sentence of kubectl's own (cli 11.5).
    #[must_use]
    pub fn failed_to_create(self, kind: &str) -> Self {
        Failure::Local(format!("failed to create {kind}: {}", self.words()))
    }

    /// True for 404.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Failure::Status(status) if status.reason == Reason::NotFound)
    }

    /// True for 401.
    pub fn is_unauthorized(&self) -> bool {
        matches!(self, Failure::Status(status) if status.reason == Reason::Unauthorized)
    }
}

/// `The Role "x" is invalid: …`: one cause in the line, several each in its own.
fn invalid(status: &Status) -> String {
    let head = match (status.kind.as_str(), status.name.as_str()) {
        ("", "") => "The request is invalid".to_owned(),
        (kind, name) => format!("The {kind} {name:?} is invalid"),
    };
    match status.causes.as_slice() {
        [] if status.name.is_empty() => format!("{head}: {}", status.message),
        [] => head,
        [one] => format!("{head}: {one}\n"),
        many => {
            let lines: String = many.iter().map(|cause| format!("* {cause}\n")).collect();
            format!("{head}: \n{lines}")
        }
    }
}

impl Unreachable {
    /// The sentence users know.
    fn standard_message(&self) -> String {
        if self.why.contains("connection refused") {
            let host = self.url.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or(&self.url);
            return format!(
                "The connection to the server {host} was refused - did you specify the right host or port?"
            );
        }
        format!("Unable to connect to the server: {}", self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(failure: Failure, expected: &str) {
        assert_eq!(failure.printed(), expected);
    }

    #[test]
    fn framing_follows_the_reason() {
        check(local("no luck"), "error: no luck\n");
        check(Status::unauthorized().into(), "error: You must be logged in to the server (Unauthorized)\n");
        check(Status::not_found("pods", "", "x").into(), "Error from server (NotFound): pods \"x\" not found\n");
        check(
            Failure::from(Status::already_exists("roles", "g", "x")).while_doing("creating", "r.yaml"),
            "Error from server (AlreadyExists): error when creating \"r.yaml\": roles.g \"x\" already exists\n",
        );
        check(
            Failure::from(Status::already_exists("configmaps", "", "x")).failed_to_create("configmap"),
            "error: failed to create configmap: configmaps \"x\" already exists\n",
        );
    }

    #[test]
    fn invalid_objects_show_their_causes() {
        let status = |causes: &[&str]| {
            let causes = causes.iter().map(|c| (*c).to_owned()).collect();
            Failure::from(Status::invalid("Role", "g", "x", causes))
        };
        check(status(&["a: b"]), "The Role \"x\" is invalid: a: b\n");
        check(status(&["a", "b"]), "The Role \"x\" is invalid: \n* a\n* b\n");
        check(
            Failure::Many(vec![status(&["a"]), local("b")]),
            "Error from server (Invalid): Role.g \"x\" is invalid: a\nb\n",
        );
    }

    #[test]
    fn unreachable_servers_are_told_apart() {
        let at = |why: &str| {
            let url = "http://localhost:8080/api?timeout=32s".to_owned();
            Failure::Unreachable(Unreachable { method: "Get".to_owned(), url, why: why.to_owned() })
        };
        check(
            at("dial tcp 127.0.0.1:8080: connect: connection refused"),
            "The connection to the server localhost:8080 was refused - did you specify the right host or port?\n",
        );
        check(
            at("dial tcp: lookup x: no such host"),
            "Unable to connect to the server: dial tcp: lookup x: no such host\n",
        );
    }
}
