//! Label and field selectors of list requests.

use serde_json::Value;

use crate::k8s::status::Status;

/// One requirement of a label selector in text form (`app=web`, `app in (a,b)`, `!x`).
#[derive(Clone, Debug, PartialEq, Eq)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    DoesNotExist(String),
}

impl Requirement {
    fn holds(&self, labels: &Value) -> bool {
        let value = |key: &str| labels.get(key).and_then(Value::as_str);
        match self {
            Self::In(key, values) => value(key).is_some_and(|v| values.iter().any(|w| w == v)),
            Self::NotIn(key, values) => value(key).is_none_or(|v| values.iter().all(|w| w != v)),
            Self::Exists(key) => value(key).is_some(),
            Self::DoesNotExist(key) => value(key).is_none(),
        }
    }
}

/// A parsed label selector; all requirements must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector(Vec<Requirement>);

/// Cuts at commas outside parentheses.
fn terms(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut out) = (0_usize, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                out.extend(text.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    out.extend(text.get(start..));
    out
}

fn good_key(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
}

impl LabelSelector {
    /// Reads a selector.
    ///
    /// # Errors
    /// 400 for text that is none.
    pub fn parse(text: &str) -> Result<Self, Status> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let bad = || Status::bad_request(format!("unable to parse requirement: found '{text}', expected: identifier"));
        let set = |list: &str| -> Option<Vec<String>> {
            let inner = list.trim().strip_prefix('(')?.strip_suffix(')')?;
            Some(inner.split(',').map(|v| v.trim().to_owned()).collect())
        };
        let mut requirements = Vec::new();
        for term in terms(text) {
            let term = term.trim();
            let requirement = if let Some((key, value)) = term.split_once("!=") {
                Requirement::NotIn(key.trim().to_owned(), vec![value.trim().to_owned()])
            } else if let Some((key, value)) = term.split_once("==").or_else(|| term.split_once('=')) {
                Requirement::In(key.trim().to_owned(), vec![value.trim().to_owned()])
            } else if let Some((key, list)) = term.split_once(" notin ") {
                Requirement::NotIn(key.trim().to_owned(), set(list).ok_or_else(bad)?)
            } else if let Some((key, list)) = term.split_once(" in ") {
                Requirement::In(key.trim().to_owned(), set(list).ok_or_else(bad)?)
            } else if let Some(key) = term.strip_prefix('!') {
                Requirement::DoesNotExist(key.trim().to_owned())
            } else {
                Requirement::Exists(term.to_owned())
            };
            let (Requirement::In(key, _)
            | Requirement::NotIn(key, _)
            | Requirement::Exists(key)
            | Requirement::DoesNotExist(key)) = &requirement;
            if !good_key(key) {
                return Err(bad());
            }
            requirements.push(requirement);
        }
        Ok(Self(requirements))
    }

    /// Whether an object's labels satisfy the selector.
    pub fn matches(&self, object: &Value) -> bool {
        let labels = object.pointer("/metadata/labels").unwrap_or(&Value::Null);
        self.0.iter().all(|requirement| requirement.holds(labels))
    }
}

/// A parsed field selector: path, value, and whether it must be equal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSelector(Vec<(String, String, bool)>);

impl FieldSelector {
    /// Reads a selector such as `metadata.name=x,status.phase!=Running`.
    ///
    /// # Errors
    /// 400 for text that is none.
    pub fn parse(text: &str) -> Result<Self, Status> {
        let mut out = Vec::new();
        for term in text.split(',').map(str::trim).filter(|term| !term.is_empty()) {
            let parsed = if let Some((path, value)) = term.split_once("!=") {
                Some((path, value, false))
            } else {
                term.split_once("==").or_else(|| term.split_once('=')).map(|(path, value)| (path, value, true))
            };
            let (path, value, equal) = parsed.ok_or_else(|| {
                Status::bad_request(format!("invalid field selector: \"{term}\"; can't understand it"))
            })?;
            out.push((path.trim().to_owned(), value.trim().to_owned(), equal));
        }
        Ok(Self(out))
    }

    /// The name that the selector asks for; it counts as the request's name (rbac 1).
    pub fn name(&self) -> Option<&str> {
        self.0.iter().find(|(path, _, equal)| *equal && path == "metadata.name").map(|(_, value, _)| value.as_str())
    }

    /// Whether an object satisfies the selector.
    pub fn matches(&self, object: &Value) -> bool {
        self.0.iter().all(|(path, wanted, equal)| {
            let found = object.pointer(&format!("/{}", path.replace('.', "/")));
            let text = found.and_then(Value::as_str).unwrap_or_default();
            (text == wanted) == *equal
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn label_selectors() {
        let object = json!({"metadata": {"labels": {"app": "web", "tier": "front"}}});
        let check = |text: &str, expected: bool| {
            assert_eq!(LabelSelector::parse(text).unwrap().matches(&object), expected, "{text}");
        };
        check("", true);
        check("app=web", true);
        check("app==web,tier!=back", true);
        check("app in (api, web),tier", true);
        check("app notin (web)", false);
        check("!missing", true);
        check("!app", false);
        assert!(LabelSelector::parse("a b").is_err());
        assert!(LabelSelector::parse("app in web").is_err());
    }

    #[test]
    fn field_selectors() {
        let object = json!({"metadata": {"name": "web"}, "status": {"phase": "Running"}});
        let check = |text: &str, expected: bool| {
            assert_eq!(FieldSelector::parse(text).unwrap().matches(&object), expected, "{text}");
        };
        check("metadata.name=web", true);
        check("metadata.name==x", false);
        check("status.phase!=Running", false);
        assert_eq!(FieldSelector::parse("metadata.name=web").unwrap().name(), Some("web"));
        assert!(FieldSelector::parse("nonsense").is_err());
    }
}
