//! Rules as `auth can-i --list` and `describe` show them: one row for each group, resource and name (cli 9.7, 13.6).

use serde_json::Value;

use crate::formats::ordered::sort_by;
use crate::k8s::rules_review::RulesReview;

/// The headers of the table.
pub const HEADERS: [&str; 4] = ["Resources", "Non-Resource URLs", "Resource Names", "Verbs"];

/// A right.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    group: String,
    resource: String,
    name: Option<String>,
    url: Option<String>,
    verbs: Vec<String>,
}

/// A rule as lists of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    verbs: Vec<String>,
    groups: Vec<String>,
    resources: Vec<String>,
    names: Vec<String>,
    urls: Vec<String>,
}

/// The rules of a role object.
pub fn of_role(role: &Value) -> Vec<Rule> {
    let rules = role.get("rules").and_then(Value::as_array).into_iter().flatten();
    rules
        .map(|rule| Rule {
            verbs: texts(rule, "verbs"),
            groups: texts(rule, "apiGroups"),
            resources: texts(rule, "resources"),
            names: texts(rule, "resourceNames"),
            urls: texts(rule, "nonResourceURLs"),
        })
        .collect()
}

/// The rules of a rules review, resources first.
pub fn of_review(review: &RulesReview) -> Vec<Rule> {
    let resources = review.resource_rules.iter().map(|rule| Rule {
        verbs: rule.verbs.clone(),
        groups: rule.api_groups.clone(),
        resources: rule.resources.clone(),
        names: rule.resource_names.clone(),
        urls: Vec::new(),
    });
    let urls = review.non_resource_rules.iter().map(|rule| Rule {
        verbs: rule.verbs.clone(),
        urls: rule.non_resource_urls.clone(),
        ..Rule::default()
    });
    resources.chain(urls).collect()
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let list = value.get(key).and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

/// The rows: rules taken apart, verbs on the same object put together, sorted by what Go prints for them.
pub fn cells(rules: &[Rule]) -> Vec<[String; 4]> {
    let mut rows: Vec<Row> = Vec::new();
    let mut places = std::collections::BTreeMap::new();
    for rule in rules {
        for group in &rule.groups {
            for resource in &rule.resources {
                for verb in &rule.verbs {
                    let names: Vec<Option<&String>> =
                        if rule.names.is_empty() { vec![None] } else { rule.names.iter().map(Some).collect() };
                    for name in names {
                        let key = (group.clone(), resource.clone(), name.cloned());
                        let at = *places.entry(key).or_insert_with(|| {
                            rows.push(Row {
                                group: group.clone(),
                                resource: resource.clone(),
                                name: name.cloned(),
                                url: None,
                                verbs: Vec::new(),
                            });
                            rows.len() - 1
                        });
                        if let Some(row) = rows.get_mut(at).filter(|row| !row.verbs.contains(verb)) {
                            row.verbs.push(verb.clone());
                        }
                    }
                }
            }
        }
        for url in &rule.urls {
            for verb in &rule.verbs {
                rows.push(Row {
                    group: String::new(),
                    resource: String::new(),
                    name: None,
                    url: Some(url.clone()),
                    verbs: vec![verb.clone()],
                });
            }
        }
    }
    let mut rows: Vec<(String, Row)> = rows.into_iter().map(|row| (row.sort_key(), row)).collect();
    sort_by(&mut rows, &|a, b| a.0.cmp(&b.0));
    rows.iter().map(|(_, row)| row.cells()).collect()
}

impl Row {
    fn sort_key(&self) -> String {
        let one = |text: Option<&String>| text.map_or(String::new(), String::clone);
        format!(
            "Verbs:[{}],APIGroups:[{}],Resources:[{}],ResourceNames:[{}],NonResourceURLs:[{}]",
            self.verbs.join(" "),
            self.group,
            self.resource,
            one(self.name.as_ref()),
            one(self.url.as_ref())
        )
    }

    fn cells(&self) -> [String; 4] {
        let (resource, subresource) = match self.resource.split_once('/') {
            Some((resource, subresource)) => (resource, format!("/{subresource}")),
            None => (self.resource.as_str(), String::new()),
        };
        let group = if self.group.is_empty() { String::new() } else { format!(".{}", self.group) };
        let list = |text: Option<&String>| format!("[{}]", text.map_or("", String::as_str));
        [
            format!("{resource}{group}{subresource}"),
            list(self.url.as_ref()),
            list(self.name.as_ref()),
            format!("[{}]", self.verbs.join(" ")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(rules: Value, expected: &[[&str; 4]]) {
        assert_eq!(cells(&of_role(&json!({ "rules": rules }))), expected);
    }

    #[test]
    fn verbs_on_the_same_object_are_put_together() {
        check(
            json!([
                {"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get"]},
                {"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "get"]},
                {"apiGroups": ["apps"], "resources": ["deployments/scale"], "resourceNames": ["a", "b"], "verbs": ["*"]},
                {"nonResourceURLs": ["/x"], "verbs": ["get", "post"]},
            ]),
            &[
                ["deployments.apps/scale", "[]", "[a]", "[*]"],
                ["deployments.apps/scale", "[]", "[b]", "[*]"],
                ["pods", "[]", "[]", "[get list]"],
                ["", "[/x]", "[]", "[get]"],
                ["pods/log", "[]", "[]", "[get]"],
                ["", "[/x]", "[]", "[post]"],
            ],
        );
    }
}
