//! Label selectors in text form: `app=web`, `app in (a,b)`, `!x`, joined by commas.
//!
//! The parser and its complaints are those of Kubernetes, recorded through `kubectl top -l`, which parses on the client.

use serde_json::Value;

use crate::k8s::status::Status;
use crate::k8s::validate::fields::{label_value, qualified_name};

/// One requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    DoesNotExist(String),
    /// More than the number (true), or less.
    Compared(String, bool, i64),
}

impl Requirement {
    fn holds(&self, labels: &Value) -> bool {
        let value = |key: &str| labels.get(key).and_then(Value::as_str);
        match self {
            Self::In(key, values) => value(key).is_some_and(|v| values.iter().any(|w| w == v)),
            Self::NotIn(key, values) => value(key).is_none_or(|v| values.iter().all(|w| w != v)),
            Self::Exists(key) => value(key).is_some(),
            Self::DoesNotExist(key) => value(key).is_none(),
            Self::Compared(key, more, than) => value(key)
                .and_then(|v| v.parse::<i64>().ok())
                .is_some_and(|v| if *more { v > *than } else { v < *than }),
        }
    }
}

/// A parsed label selector; all requirements must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector(Vec<Requirement>);

impl LabelSelector {
    /// Reads a selector.
    ///
    /// # Errors
    /// 400 for text that is none.
    pub fn parse(text: &str) -> Result<Self, Status> {
        let tokens = tokens(text);
        let mut parser = Parser { tokens: &tokens };
        parser.selector().map(Self).map_err(Status::bad_request)
    }

    /// Whether an object's labels satisfy the selector.
    pub fn matches(&self, object: &Value) -> bool {
        let labels = object.pointer("/metadata/labels").unwrap_or(&Value::Null);
        self.0.iter().all(|requirement| requirement.holds(labels))
    }
}

fn is_special(c: char) -> bool {
    "=!(),<>".contains(c)
}

/// Words, and runs of special characters cut into the longest operators.
fn tokens(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if is_special(first) {
            if ["==", "!="].iter().any(|two| rest.starts_with(two)) { 2 } else { 1 }
        } else {
            rest.find(|c: char| is_special(c) || c.is_whitespace()).unwrap_or(rest.len())
        };
        let (token, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        out.push(token);
        rest = after.trim_start();
    }
    out
}

/// What is left to read; the end is an empty token.
struct Parser<'t> {
    tokens: &'t [&'t str],
}

impl<'t> Parser<'t> {
    fn peek(&self) -> &'t str {
        self.tokens.first().copied().unwrap_or_default()
    }

    fn next(&mut self) -> &'t str {
        let token = self.peek();
        self.tokens = self.tokens.get(1..).unwrap_or_default();
        token
    }

    fn selector(&mut self) -> Result<Vec<Requirement>, String> {
        let mut out = Vec::new();
        loop {
            match self.peek() {
                "" => return Ok(out),
                token if is_word(token) || token == "!" => {
                    let requirement = self.requirement();
                    out.push(requirement.map_err(|why| format!("unable to parse requirement: {why}"))?);
                    match self.next() {
                        "" => return Ok(out),
                        "," => {
                            let next = self.peek();
                            if !is_word(next) && next != "!" {
                                return Err(format!("found '{next}', expected: identifier after ','"));
                            }
                        }
                        other => return Err(format!("found '{other}', expected: ',' or 'end of string'")),
                    }
                }
                other => return Err(format!("found '{other}', expected: !, identifier, or 'end of string'")),
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let negated = self.peek() == "!";
        if negated {
            self.next();
        }
        let key = self.next();
        if !is_word(key) {
            return Err(format!("found '{key}', expected: identifier"));
        }
        if let Some(problem) = qualified_name(key).first() {
            return Err(format!("<nil>: Invalid value: {key:?}: {problem}"));
        }
        let owned = key.to_owned();
        if negated {
            return Ok(Requirement::DoesNotExist(owned));
        }
        if matches!(self.peek(), "" | ",") {
            return Ok(Requirement::Exists(owned));
        }
        let operator = self.next();
        let values = match operator {
            "in" | "notin" => self.values()?,
            "=" | "==" | "!=" | ">" | "<" => vec![self.exact_value()?],
            other => return Err(format!("found '{other}', expected: in, notin, =, ==, !=, gt, lt")),
        };
        for (at, value) in values.iter().enumerate() {
            if let Some(problem) = label_value(value).first() {
                return Err(format!("values[{at}][{key}]: Invalid value: {value:?}: {problem}"));
            }
        }
        if let (">" | "<", [value]) = (operator, values.as_slice()) {
            let number = value.parse().map_err(|_| {
                format!("values[0]: Invalid value: {value:?}: for 'Gt', 'Lt' operators, the value must be an integer")
            })?;
            return Ok(Requirement::Compared(owned, operator == ">", number));
        }
        Ok(match operator {
            "notin" | "!=" => Requirement::NotIn(owned, values),
            _ => Requirement::In(owned, values),
        })
    }

    fn exact_value(&mut self) -> Result<String, String> {
        match self.peek() {
            "" | "," => Ok(String::new()),
            value if is_word(value) => Ok(self.next().to_owned()),
            other => Err(format!("found '{other}', expected: identifier")),
        }
    }

    /// `(a, b)`; an empty place between commas is an empty value.
    fn values(&mut self) -> Result<Vec<String>, String> {
        let open = self.next();
        if open != "(" {
            return Err(format!("found '{open}' expected: '('"));
        }
        let mut out = Vec::new();
        loop {
            match self.next() {
                ")" => {
                    out.push(String::new());
                    return Ok(out);
                }
                "," => out.push(String::new()),
                value if is_word(value) => {
                    out.push(value.to_owned());
                    match self.next() {
                        "," => {}
                        ")" => return Ok(out),
                        other => return Err(format!("found '{other}', expected: ',' or ')'")),
                    }
                }
                other => return Err(format!("found '{other}', expected: ',', ')' or identifier")),
            }
        }
    }
}

fn is_word(token: &str) -> bool {
    token.chars().next().is_some_and(|c| !is_special(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn label_selectors() {
        let object = json!({"metadata": {"labels": {"app": "web", "tier": "front", "n": "5"}}});
        let check = |text: &str, expected: bool| {
            assert_eq!(LabelSelector::parse(text).unwrap().matches(&object), expected, "{text}");
        };
        check("", true);
        check("app=web", true);
        check("app = web , tier", true);
        check("app==web,tier!=back", true);
        check("app in (api, web),tier", true);
        check("app in ()", false);
        check("app notin (web)", false);
        check("!missing", true);
        check("!app", false);
        check("app=", false);
        check("n>4,n<6", true);
        check("n>5", false);
        check("n<5", false);
        check("app in (api,,web)", true);
        check("app in (,)", false);
    }

    #[test]
    fn faults_are_told_in_the_words_of_kubernetes() {
        let check = |text: &str, expected: &str| {
            let message = LabelSelector::parse(text).unwrap_err().message;
            assert!(message.starts_with(expected), "{text}: {message}");
        };
        check("=web", "found '=', expected: !, identifier, or 'end of string'");
        check(",a", "found ',', expected: !, identifier, or 'end of string'");
        check("app in (web", "unable to parse requirement: found '', expected: ',' or ')'");
        check("a=(", "unable to parse requirement: found '(', expected: identifier");
        check("a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier");
        check("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt");
        check("app in web", "unable to parse requirement: found 'web' expected: '('");
        check("app in", "unable to parse requirement: found '' expected: '('");
        check("!", "unable to parse requirement: found '', expected: identifier");
        check("a=b,", "found '', expected: identifier after ','");
        check("a=b c", "found 'c', expected: ',' or 'end of string'");
        check("a/b/c=d", "unable to parse requirement: <nil>: Invalid value: \"a/b/c\": a qualified name must");
        check("a=b/c", "unable to parse requirement: values[0][a]: Invalid value: \"b/c\": a valid label must");
        check("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'");
    }
}
