//! Messages above a page: what happened, the command that would have done the same, and the way back.

use crate::engine::ApiError;

/// What kind of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Kind {
    Success,
    Error,
    Info,
}

impl Kind {
    /// A word for class names.
    pub fn code(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::Info => "info",
        }
    }
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    /// What kind.
    pub kind: Kind,
    /// What happened.
    pub title: String,
    /// Details; may be empty.
    pub text: String,
    /// The command line that does the same.
    pub command: Option<String>,
    /// Whether undo takes it back.
    pub can_undo: bool,
    /// Whether it leaves after a while, and when the person goes to another page. What went wrong, and what one must
    /// know, stays until it is closed.
    pub passes: bool,
}

impl Flash {
    /// Something was done.
    pub fn done(title: impl Into<String>, command: String) -> Self {
        let (title, command) = (title.into(), Some(command));
        Self { kind: Kind::Success, title, text: String::new(), command, can_undo: true, passes: true }
    }

    /// Something was refused.
    pub fn refused(error: &ApiError, command: String) -> Self {
        Self {
            kind: Kind::Error,
            title: error_name(error),
            text: error.to_string(),
            command: Some(command),
            can_undo: false,
            passes: false,
        }
    }

    /// Whether its text is what a service or tool said, to be shown as it is.
    pub fn is_quoted(&self) -> bool {
        self.kind == Kind::Error && self.command.is_some()
    }

    /// Something to know.
    pub fn info(title: impl Into<String>, text: impl Into<String>) -> Self {
        let (title, text) = (title.into(), text.into());
        Self { kind: Kind::Info, title, text, command: None, can_undo: false, passes: false }
    }

    /// Something that was done and needs no answer.
    pub fn note(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self { passes: true, ..Self::info(title, text) }
    }

    /// Something went wrong that is no answer of a service.
    pub fn error(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self { kind: Kind::Error, ..Self::info(title, text) }
    }
}

/// The name of a refusal: an exception, or the reason of a status.
pub fn error_name(error: &ApiError) -> String {
    match error {
        ApiError::Aws(exception) => exception.code.to_owned(),
        ApiError::Kube(status) => status.reason.name().to_owned(),
    }
}
