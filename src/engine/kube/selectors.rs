//! Field selectors of list requests.

use serde_json::Value;

use crate::k8s::status::Status;

/// The fields that a selector may name, besides `metadata.name` and `metadata.namespace`, for each resource that has
/// such.
const FIELDS: [(&str, &[&str]); 6] = [
    (
        "pods",
        &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.podIPs",
            "status.nominatedNodeName",
        ],
    ),
    ("nodes", &["spec.unschedulable"]),
    ("namespaces", &["status.phase"]),
    ("secrets", &["type"]),
    ("services", &["spec.clusterIP", "spec.type"]),
    (
        "events",
        &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
    ),
];

/// A parsed field selector: path, value, and whether it must be equal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSelector(Vec<(String, String, bool)>);

impl FieldSelector {
    /// Reads a selector such as `metadata.name=x,status.phase!=Running` over objects of a resource.
    ///
    /// # Errors
    /// 400 for text that is none, and for fields that the resource's objects cannot be selected by.
    pub fn parse(text: &str, resource: &str) -> Result<Self, Status> {
        let more = FIELDS.iter().find(|(name, _)| *name == resource).map(|(_, fields)| *fields);
        let mut out = Vec::new();
        for term in text.split(',').map(str::trim).filter(|term| !term.is_empty()) {
            let parsed = if let Some((path, value)) = term.split_once("!=") {
                Some((path, value, false))
            } else {
                term.split_once("==").or_else(|| term.split_once('=')).map(|(path, value)| (path, value, true))
            };
            let (path, value, equal) = parsed
                .ok_or_else(|| Status::bad_request(format!("invalid selector: '{text}'; can't understand '{term}'")))?;
            let path = path.trim();
            let known = ["metadata.name", "metadata.namespace"].contains(&path);
            if !known && !more.is_some_and(|more| more.contains(&path)) {
                let generic = || {
                    format!("{path:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")
                };
                return Err(Status::bad_request(
                    more.map_or_else(generic, |_| format!("field label not supported: {path}")),
                ));
            }
            out.push((path.to_owned(), value.trim().to_owned(), equal));
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
    fn field_selectors() {
        let object = json!({"metadata": {"name": "web"}, "status": {"phase": "Running"}});
        let check = |text: &str, expected: bool| {
            assert_eq!(FieldSelector::parse(text, "pods").unwrap().matches(&object), expected, "{text}");
        };
        check("metadata.name=web", true);
        check("metadata.name==x", false);
        check("status.phase!=Running", false);
        let name = |text: &str| FieldSelector::parse(text, "roles").unwrap().name().map(str::to_owned);
        assert_eq!(name("metadata.name=web"), Some("web".to_owned()));
        assert_eq!(name("metadata.namespace=dev,metadata.name==web"), Some("web".to_owned()));
        for other in ["", "metadata.name!=web", "metadata.namespace=web"] {
            assert_eq!(name(other), None, "{other}");
        }
        let fault = |text: &str, resource: &str| FieldSelector::parse(text, resource).unwrap_err().message;
        assert_eq!(fault("a=b", "pods"), "field label not supported: a");
        assert_eq!(fault("nonsense", "pods"), "invalid selector: 'nonsense'; can't understand 'nonsense'");
        assert_eq!(
            fault("status.phase=x", "roles"),
            r#""status.phase" is not a known field selector: only "metadata.name", "metadata.namespace""#
        );
    }
}
