//! Every recorded output of `text`, `table`, `yaml` and of `--query`, drawn again from its JSON twin: a step of the same
//! session that shows the same result as JSON.

use super::*;
use crate::formats::query::Query;

const SESSIONS: [&str; 9] = [
    include_str!("../../../tests/vectors/cli/aws/aws-associate-scopes.json"),
    include_str!("../../../tests/vectors/cli/aws/aws-blog-walkthrough.json"),
    include_str!("../../../tests/vectors/cli/aws/aws-clusters.json"),
    include_str!("../../../tests/vectors/cli/aws/aws-create-access-entry-forms.json"),
    include_str!("../../../tests/vectors/cli/aws/aws-describe-outputs.json"),
    include_str!("../../../tests/vectors/cli/aws/aws-identity.json"),
    include_str!("../../../tests/vectors/cli/aws/aws-list-access-entries.json"),
    include_str!("../../../tests/vectors/cli/aws/aws-tags.json"),
    include_str!("../../../tests/vectors/cli/aws/aws-yaml-quoting.json"),
];

/// A recorded read-only command: its words without `--output` and `--query`, and the values of these two.
struct Recorded<'a> {
    words: Vec<String>,
    format: Format,
    query: Option<String>,
    out: &'a str,
}

fn recorded(step: &Value) -> Option<Recorded<'_>> {
    let command = step["command"].as_str()?;
    // Simple commands only; the words need no more than quotes of one kind.
    let plain = command
        .strip_prefix("aws ")
        .filter(|rest| !rest.contains(['\n', ';', '$', '|']) || rest.contains("--query"))?;
    if step["exit"] != 0 || ["cut ", "tr ", " && "].iter().any(|other| plain.contains(other)) {
        return None;
    }
    let (mut words, mut quote, mut word) = (Vec::new(), None, String::new());
    for c in plain.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, ' ') => words.push(std::mem::take(&mut word)),
            _ => word.push(c),
        }
    }
    words.push(word);
    let mut take = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.remove(at);
        Some(words.remove(at))
    };
    let format = take("--output").map_or(Some(Format::Json), |name| Format::parse(&name))?;
    let query = take("--query");
    let reads =
        ["describe-", "list-", "get-"].iter().any(|verb| words.get(1).is_some_and(|word| word.starts_with(verb)));
    reads.then(|| Recorded { words, format, query, out: step["stdout"].as_str().unwrap_or_default() })
}

fn pascal_case(operation: &str) -> String {
    operation.split('-').map(|part| part[..1].to_uppercase() + &part[1..]).collect()
}

#[test]
fn recorded_outputs_come_out_of_their_json_twins() {
    let mut drawn = 0;
    for session in SESSIONS {
        let session: Value = serde_json::from_str(session).unwrap();
        // The latest full result of a command; a command that changes something makes the older ones worthless.
        let mut known: Vec<(Vec<String>, Value)> = Vec::new();
        let steps = session["steps"].as_array().unwrap();
        for (index, step) in steps.iter().enumerate() {
            let Some(step_read) = recorded(step) else {
                known.clear();
                continue;
            };
            let full = |later: &&Value| {
                let later = recorded(later).filter(|later| later.format == Format::Json && later.query.is_none())?;
                (later.words == step_read.words).then(|| serde_json::from_str(later.out).unwrap())
            };
            let result =
                steps[index..].iter().take_while(|later| recorded(later).is_some()).find_map(|later| full(&later));
            let earlier =
                known.iter().rev().find(|(words, _)| *words == step_read.words).map(|(_, value)| value.clone());
            let Some(result) = earlier.or(result) else { continue };
            known.push((step_read.words.clone(), result.clone()));
            let queried = match &step_read.query {
                Some(query) => match Query::parse(query).unwrap().search(&result) {
                    Ok(queried) => queried,
                    Err(error) => panic!("{}: {error}", step["id"]),
                },
                None => result,
            };
            let mut text = render(&queried, step_read.format, &pascal_case(&step_read.words[1])).unwrap();
            // Text shows the token after everything else.
            if let (Format::Text, Some(token)) = (step_read.format, queried.get("NextToken").and_then(Value::as_str)) {
                let mut page = queried.clone();
                page.as_object_mut().unwrap().shift_remove("NextToken");
                text = text::render(&page).unwrap() + &text::render(&text_next_token(token)).unwrap();
            }
            assert_eq!(text, step_read.out, "{}", step["id"]);
            drawn += 1;
        }
    }
    assert!(drawn >= 85, "only {drawn} outputs were drawn");
}

#[test]
fn recorded_quoting_of_tags() {
    let session: Value = serde_json::from_str(SESSIONS[8]).unwrap();
    let step = |index: usize| session["steps"][index]["stdout"].as_str().unwrap();
    let tags: Value = serde_json::from_str(step(1)).unwrap();
    assert_eq!(render(&tags, Format::Yaml, "").unwrap(), step(0));
    assert_eq!(render(&tags, Format::Text, "").unwrap(), step(2));
    assert_eq!(render(&tags, Format::Json, "").unwrap(), step(1));
    let root = json!({"accessEntry": {"tags": tags}});
    for index in 3..session["steps"].as_array().unwrap().len() {
        let step = &session["steps"][index];
        let Some(read) = recorded(step) else { continue };
        let found =
            read.query.map_or_else(|| root.clone(), |query| Query::parse(&query).unwrap().search(&root).unwrap());
        assert_eq!(render(&found, read.format, "DescribeAccessEntry").unwrap(), read.out, "{}", step["id"]);
    }
}

#[test]
fn results_that_no_drawing_fits() {
    let check = |value: Value, format: Format, expected: &str| {
        assert_eq!(render(&value, format, "X").unwrap_err().to_string(), expected);
    };
    check(json!([1, [2, 3]]), Format::Table, "Row should have 1 elements, instead it has 2");
    check(json!([{"a": 1}, null]), Format::Table, "'NoneType' object is not iterable");
    check(json!([{"a": 1}, "x"]), Format::Text, "'str' object has no attribute 'items'");
    for format in Format::ALL {
        assert_eq!(render(&json!({}), format.1, "X").unwrap(), "");
    }
    assert_eq!(render(&json!([]), Format::Json, "X").unwrap(), "[]\n");
    assert_eq!(render(&json!({"a": "b"}), Format::YamlStream, "X").unwrap(), "- a: b\n");
}
