//! Status objects: reasons, codes and message templates of the API server (rbac 2; cli 14).

use serde::{Deserialize, Serialize};

use super::attributes::{Action, ResourceAction, UserInfo};

/// Why a request failed, in the API's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "variants are the API's reasons")]
pub enum Reason {
    Unauthorized,
    Forbidden,
    NotFound,
    AlreadyExists,
    Conflict,
    Invalid,
    BadRequest,
    MethodNotAllowed,
    RequestEntityTooLarge,
    InternalError,
    /// The storage below the API server failed: the status has no reason.
    Unknown,
}

impl Reason {
    /// The HTTP status code of the reason.
    pub fn code(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::AlreadyExists | Self::Conflict => 409,
            Self::RequestEntityTooLarge => 413,
            Self::Invalid => 422,
            Self::InternalError | Self::Unknown => 500,
        }
    }

    /// The reason as kubectl prints it in `Error from server (…)`; empty if the status has none.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unauthorized => "Unauthorized",
            Self::Forbidden => "Forbidden",
            Self::NotFound => "NotFound",
            Self::AlreadyExists => "AlreadyExists",
            Self::Conflict => "Conflict",
            Self::Invalid => "Invalid",
            Self::BadRequest => "BadRequest",
            Self::MethodNotAllowed => "MethodNotAllowed",
            Self::RequestEntityTooLarge => "RequestEntityTooLarge",
            Self::InternalError => "InternalError",
            Self::Unknown => "",
        }
    }
}

/// A failed request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Why.
    pub reason: Reason,
    /// The whole message.
    pub message: String,
    /// Kind of the object for reason `Invalid` (`Role`), whose message kubectl frames as `The Role "x" is invalid: …`;
    /// plural resource otherwise; empty when there is none.
    pub kind: String,
    /// Name of the object, or empty.
    pub name: String,
    /// The single findings of reason `Invalid`.
    pub causes: Vec<String>,
}

/// `resource` or `resource.group`, as messages name a kind.
pub fn qualified(resource: &str, group: &str) -> String {
    if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") }
}

impl Status {
    fn new(reason: Reason, message: String) -> Self {
        Self { reason, message, kind: String::new(), name: String::new(), causes: Vec::new() }
    }

    fn about(self, kind: &str, name: &str) -> Self {
        Self { kind: kind.to_owned(), name: name.to_owned(), ..self }
    }

    /// 401: no authenticator accepts the caller (iam 10).
    pub fn unauthorized() -> Self {
        Self::new(Reason::Unauthorized, "Unauthorized".to_owned())
    }

    /// 403 of an authorizer (rbac 2); `reason` is that of the authorizer chain.
    pub fn forbidden(user: &UserInfo, action: &Action, reason: &str) -> Self {
        let tail = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        let who = &user.username;
        match action {
            Action::Url { verb, path } => {
                let text = format!("forbidden: User \"{who}\" cannot {verb} path \"{path}\"{tail}");
                Self::new(Reason::Forbidden, text)
            }
            Action::Resource(asked) => {
                let text = format!("User \"{who}\" cannot {}{tail}", describe(asked));
                Self::forbidden_object(&asked.resource, &asked.api_group, &asked.name, &text)
            }
        }
    }

    /// 403 with a text of its own: `RESOURCES.GROUP "NAME" is forbidden: TEXT`.
    pub fn forbidden_object(resource: &str, group: &str, name: &str, text: &str) -> Self {
        let kind = qualified(resource, group);
        let named = if name.is_empty() { String::new() } else { format!(" \"{name}\"") };
        Self::new(Reason::Forbidden, format!("{kind}{named} is forbidden: {text}")).about(resource, name)
    }

    /// 404 of an object.
    pub fn not_found(resource: &str, group: &str, name: &str) -> Self {
        let text = format!("{} \"{name}\" not found", qualified(resource, group));
        Self::new(Reason::NotFound, text).about(resource, name)
    }

    /// 404 of a kind that the server does not serve.
    pub fn no_such_resource() -> Self {
        Self::new(Reason::NotFound, "the server could not find the requested resource".to_owned())
    }

    /// 409: the name is taken.
    pub fn already_exists(resource: &str, group: &str, name: &str) -> Self {
        let text = format!("{} \"{name}\" already exists", qualified(resource, group));
        Self::new(Reason::AlreadyExists, text).about(resource, name)
    }

    /// 409: the object changed since it was read.
    pub fn modified(resource: &str, group: &str, name: &str) -> Self {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        Self::conflict(resource, group, name, why)
    }

    /// 409 for this reason.
    pub fn conflict(resource: &str, group: &str, name: &str, why: &str) -> Self {
        let text = format!("Operation cannot be fulfilled on {} \"{name}\": {why}", qualified(resource, group));
        Self::new(Reason::Conflict, text).about(resource, name)
    }

    /// 422: `KIND.GROUP "NAME" is invalid: …` (rbac 12). One cause stands alone, several as `[a, b]`.
    pub fn invalid(kind: &str, group: &str, name: &str, causes: Vec<String>) -> Self {
        let list = match causes.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        let text = format!("{} \"{name}\" is invalid: {list}", qualified(kind, group));
        Self { causes, ..Self::new(Reason::Invalid, text).about(kind, name) }
    }

    /// 400 with this text.
    pub fn bad_request(text: impl Into<String>) -> Self {
        Self::new(Reason::BadRequest, text.into())
    }

    /// 413: the request or the patch is larger than the server allows.
    pub fn too_large(text: &str) -> Self {
        Self::new(Reason::RequestEntityTooLarge, format!("Request entity too large: {text}"))
    }

    /// 422 without a cause: what the server answers to every JSON patch that it cannot apply.
    pub fn unprocessable() -> Self {
        Self::new(Reason::Invalid, "the server rejected our request due to an error in our request".to_owned())
    }

    /// 500 with a text of the storage below the API server.
    pub fn storage(text: &str) -> Self {
        Self::new(Reason::Unknown, text.to_owned())
    }

    /// 405: the kind has no such verb.
    pub fn method_not_allowed() -> Self {
        Self::new(
            Reason::MethodNotAllowed,
            "the server does not allow this method on the requested resource".to_owned(),
        )
    }

    /// 500 with this text.
    pub fn internal(text: impl Into<String>) -> Self {
        Self::new(Reason::InternalError, text.into())
    }
}

/// `VERB resource "RES" in API group "G" in the namespace "NS"`, the middle of every refusal (rbac 2).
pub fn describe(asked: &ResourceAction) -> String {
    let resource = match asked.subresource.as_str() {
        "" => asked.resource.clone(),
        sub => format!("{}/{sub}", asked.resource),
    };
    let place = match asked.namespace.as_str() {
        "" => "at the cluster scope".to_owned(),
        namespace => format!("in the namespace \"{namespace}\""),
    };
    format!("{} resource \"{resource}\" in API group \"{}\" {place}", asked.verb, asked.api_group)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> UserInfo {
        UserInfo { username: "jane".into(), ..UserInfo::default() }
    }

    fn action(name: &str, namespace: &str, group: &str) -> Action {
        Action::Resource(ResourceAction {
            verb: "list".into(),
            api_group: group.into(),
            resource: "pods".into(),
            subresource: String::new(),
            name: name.into(),
            namespace: namespace.into(),
        })
    }

    #[test]
    fn refusals_name_scope_and_reason() {
        let check = |action: Action, reason: &str, expected: &str| {
            assert_eq!(Status::forbidden(&user(), &action, reason).message, expected);
        };
        check(
            action("", "dev", ""),
            "",
            r#"pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "dev""#,
        );
        check(
            action("x", "", "apps"),
            "why",
            r#"pods.apps "x" is forbidden: User "jane" cannot list resource "pods" in API group "apps" at the cluster scope: why"#,
        );
        let url = Action::Url { verb: "get".into(), path: "/metrics".into() };
        check(url, "", r#"forbidden: User "jane" cannot get path "/metrics""#);
    }

    #[test]
    fn several_causes_stand_in_brackets() {
        let status = Status::invalid("Role", "rbac.authorization.k8s.io", "x", vec!["a".into(), "b".into()]);
        assert_eq!(status.message, r#"Role.rbac.authorization.k8s.io "x" is invalid: [a, b]"#);
        assert_eq!(status.reason.code(), 422);
    }
}
