//! Field errors, and the checks of names, labels and metadata that all kinds share.
//!
//! Sources: `apimachinery:pkg/util/validation`, `pkg/api/validation/objectmeta.go`, `pkg/api/validation/path/name.go`.

use std::collections::BTreeMap;
use std::fmt;

use crate::formats::go_text;

/// One problem of an object, with the text that the API server gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Path of the field, such as `rules[0].verbs`.
    pub field: String,
    /// The reason code of the cause in a Status, such as `FieldValueInvalid`.
    pub reason: &'static str,
    /// The text without the path, as the cause in a Status has it.
    pub message: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

impl FieldError {
    fn new(field: impl Into<String>, reason: &'static str, what: String, detail: &str) -> Self {
        let message = if detail.is_empty() { what } else { format!("{what}: {detail}") };
        Self { field: field.into(), reason, message }
    }

    /// A field that must be given.
    pub fn required(field: impl Into<String>, detail: &str) -> Self {
        Self::new(field, "FieldValueRequired", "Required value".to_owned(), detail)
    }

    /// A field that must not be given.
    pub fn forbidden(field: impl Into<String>, detail: &str) -> Self {
        Self::new(field, "FieldValueForbidden", "Forbidden".to_owned(), detail)
    }

    /// A text that is not accepted.
    pub fn invalid(field: impl Into<String>, value: &str, detail: &str) -> Self {
        Self::invalid_value(field, go_text::quote(value), detail)
    }

    /// A value that is not accepted, already written as Go does.
    pub fn invalid_value(field: impl Into<String>, value: String, detail: &str) -> Self {
        Self::new(field, "FieldValueInvalid", format!("Invalid value: {value}"), detail)
    }

    /// A text that is none of those known.
    pub fn unsupported(field: impl Into<String>, value: &str, supported: &[&str]) -> Self {
        let what = format!("Unsupported value: {}", go_text::quote(value));
        let detail = format!("supported values: {}", go_text::quote_joined(supported));
        Self::new(field, "FieldValueNotSupported", what, &detail)
    }

    /// A text or a map that is too long.
    pub fn too_long(field: impl Into<String>, most: usize) -> Self {
        let detail = format!("may not be more than {most} bytes");
        Self::new(field, "FieldValueTooLong", "Too long".to_owned(), &detail)
    }

    /// An invalid value for each of `problems`.
    pub fn each(field: &str, value: &str, problems: Vec<String>) -> Vec<Self> {
        problems.iter().map(|problem| Self::invalid(field, value, problem)).collect()
    }
}

/// The text of the status for an object with problems; `kind` is qualified, such as `Role.rbac.authorization.k8s.io`.
pub fn invalid_message(kind: &str, name: &str, errors: &[FieldError]) -> String {
    let problems = go_text::aggregate(errors.iter().map(ToString::to_string));
    format!("{kind} {} is invalid: {problems}", go_text::quote(name))
}

/// The metadata that validation looks at. What a user cannot set is not part of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Metadata<'a> {
    /// The name, empty if not given.
    pub name: &'a str,
    /// The beginning of a generated name, empty if not given.
    pub generate_name: &'a str,
    /// The namespace, empty if not given.
    pub namespace: &'a str,
    /// Labels.
    pub labels: Option<&'a BTreeMap<String, String>>,
    /// Annotations.
    pub annotations: Option<&'a BTreeMap<String, String>>,
}

/// What is wrong with the metadata of an object. `name_problems` says what is wrong with a name of that kind;
/// its second argument tells that the text is only the beginning of a name.
pub fn object_metadata(
    metadata: &Metadata<'_>,
    namespaced: bool,
    name_problems: fn(&str, bool) -> Vec<String>,
) -> Vec<FieldError> {
    let Metadata { name, generate_name, namespace, .. } = *metadata;
    let mut errors = Vec::new();
    if !generate_name.is_empty() {
        errors.extend(FieldError::each("metadata.generateName", generate_name, name_problems(generate_name, true)));
    }
    if name.is_empty() {
        errors.push(FieldError::required("metadata.name", "name or generateName is required"));
    } else {
        errors.extend(FieldError::each("metadata.name", name, name_problems(name, false)));
    }
    let field = "metadata.namespace";
    match (namespaced, namespace.is_empty()) {
        (true, true) => errors.push(FieldError::required(field, "")),
        (true, false) => errors.extend(FieldError::each(field, namespace, dns_label(namespace))),
        (false, true) => {}
        (false, false) => errors.push(FieldError::forbidden(field, "not allowed on this type")),
    }
    errors.extend(metadata.labels.into_iter().flat_map(|map| labels(map, "metadata.labels")));
    errors.extend(metadata.annotations.into_iter().flat_map(|map| annotations(map, "metadata.annotations")));
    errors
}

/// What is wrong with a map of labels.
pub(super) fn labels(labels: &BTreeMap<String, String>, path: &str) -> Vec<FieldError> {
    let problems = labels.iter().flat_map(|(key, value)| {
        let mut errors = FieldError::each(path, key, qualified_name(key));
        errors.extend(FieldError::each(path, value, label_value(value)));
        errors
    });
    problems.collect()
}

/// The most bytes that all annotations of an object may have.
const ANNOTATIONS_LIMIT: usize = 256 * 1024;

fn annotations(annotations: &BTreeMap<String, String>, path: &str) -> Vec<FieldError> {
    // The case of letters does not matter here, so a key is looked at in lower case.
    let keys = annotations.keys();
    let mut errors: Vec<_> =
        keys.flat_map(|key| FieldError::each(path, key, qualified_name(&key.to_lowercase()))).collect();
    if annotations.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>() > ANNOTATIONS_LIMIT {
        errors.push(FieldError::too_long(path, ANNOTATIONS_LIMIT));
    }
    errors
}

/// What is wrong with a text that becomes one segment of a path; almost anything goes.
pub fn path_segment(name: &str, beginning: bool) -> Vec<String> {
    if !beginning && (name == "." || name == "..") {
        return vec![format!("may not be '{name}'")];
    }
    ["/", "%"].iter().filter(|c| name.contains(**c)).map(|c| format!("may not contain '{c}'")).collect()
}

const NAME_PART: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const DNS_LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

/// What is wrong with a label key, an annotation key or another name with an optional prefix (`PREFIX/NAME`).
pub fn qualified_name(text: &str) -> Vec<String> {
    let rule = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
    let examples = ["MyName", "my.name", "123-abc"];
    let mut problems = Vec::new();
    let name = match text.split_once('/') {
        None => text,
        Some((_, name)) if name.contains('/') => {
            let pattern = regex_problem(&format!("a qualified name {rule}"), NAME_PART, &examples);
            return vec![format!(
                "{pattern} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
        Some(("", name)) => {
            problems.push("prefix part must be non-empty".to_owned());
            name
        }
        Some((prefix, name)) => {
            problems.extend(dns_subdomain(prefix).iter().map(|problem| format!("prefix part {problem}")));
            name
        }
    };
    if name.is_empty() {
        problems.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        problems.push(format!("name part {}", too_long(63)));
    }
    if !is_name_part(name) {
        problems.push(format!("name part {}", regex_problem(rule, NAME_PART, &examples)));
    }
    problems
}

/// What is wrong with the value of a label.
pub fn label_value(value: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if value.len() > 63 {
        problems.push(too_long(63));
    }
    if !value.is_empty() && !is_name_part(value) {
        let rule = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
        problems.push(regex_problem(rule, &format!("({NAME_PART})?"), &["MyValue", "my_value", "12345"]));
    }
    problems
}

/// What is wrong with a namespace or another lower-case DNS label.
pub fn dns_label(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if text.len() > 63 {
        problems.push(too_long(63));
    }
    if !is_dns_label(text) {
        problems.push(if is_dns_subdomain(text) {
            "must not contain dots".to_owned()
        } else {
            let rule = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
            regex_problem(rule, DNS_LABEL, &["my-name", "123-abc"])
        });
    }
    problems
}

/// What is wrong with a lower-case DNS subdomain, the form of most object names.
pub fn dns_subdomain(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if text.len() > 253 {
        problems.push(too_long(253));
    }
    if !is_dns_subdomain(text) {
        let rule = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
        problems.push(regex_problem(rule, &format!("{DNS_LABEL}(\\.{DNS_LABEL})*"), &["example.com"]));
    }
    problems
}

fn too_long(most: usize) -> String {
    format!("must be no more than {most} characters")
}

/// The blanks between the examples are the server's.
fn regex_problem(rule: &str, pattern: &str, examples: &[&str]) -> String {
    let examples: Vec<_> = examples.iter().map(|example| format!("'{example}', ")).collect();
    format!("{rule} (e.g. {}regex used for validation is '{pattern}')", examples.join(" or "))
}

fn is_name_part(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.chars().all(inner)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
}

fn is_dns_label(text: &str) -> bool {
    let outer = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.chars().all(|c| outer(c) || c == '-') && text.starts_with(outer) && text.ends_with(outer)
}

fn is_dns_subdomain(text: &str) -> bool {
    text.split('.').all(is_dns_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts for a part of this many letters.
    fn long(of: fn(&str) -> Vec<String>, letters: usize) -> Vec<String> {
        of(&"a".repeat(letters))
    }

    #[test]
    fn names_and_labels_have_a_longest_form() {
        // kubectl 1.33.1 says the same of labels on its own.
        let too_long = |most: usize| vec![format!("must be no more than {most} characters")];
        assert_eq!((long(label_value, 63), long(label_value, 64)), (vec![], too_long(63)));
        assert_eq!((long(dns_label, 63), long(dns_label, 64)), (vec![], too_long(63)));
        assert_eq!((long(dns_subdomain, 253), long(dns_subdomain, 254)), (vec![], too_long(253)));
        assert_eq!(long(qualified_name, 63), [""; 0]);
        assert_eq!(long(qualified_name, 64), ["name part must be no more than 63 characters"]);
    }

    #[test]
    fn a_label_begins_and_ends_with_a_letter_or_digit() {
        for (text, good) in [("a-b", true), ("1", true), ("-a", false), ("a-", false), ("A", false), ("", false)] {
            assert_eq!(is_dns_label(text), good, "{text}");
        }
    }

    #[test]
    fn annotations_have_qualified_keys_and_a_sum() {
        let told = |pairs: &[(&str, usize)]| {
            let pairs = pairs.iter().map(|(key, letters)| ((*key).to_owned(), "v".repeat(*letters))).collect();
            annotations(&pairs, "metadata.annotations").iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(told(&[("Example.com/Key", 1), ("k", ANNOTATIONS_LIMIT - 17)]), [""; 0]);
        let text = "metadata.annotations: Too long: may not be more than 262144 bytes";
        assert_eq!(told(&[("Example.com/Key", 1), ("k", ANNOTATIONS_LIMIT - 16)]), [text]);
        assert!(
            told(&[("a b", 1)])[0]
                .starts_with("metadata.annotations: Invalid value: \"a b\": name part must consist of")
        );
    }
}
