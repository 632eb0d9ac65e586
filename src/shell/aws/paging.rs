//! Paging on the client: pages are fetched and merged, `--max-items` cuts, `--starting-token` goes on (cli 4).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::args::Parsed;
use super::model::{Operation, Paging};
use super::usage::Failure;
use crate::formats::json::python_spaced;
use crate::formats::python_json;

/// The most pages that one command fetches.
const MAX_PAGES: usize = 1000;

/// The pages of a listing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pages {
    /// As the service answered them, cut where the client cuts.
    pub pages: Vec<Value>,
    /// What `--starting-token` takes to go on, if there is more.
    pub next: Option<String>,
}

/// What the options ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    max_items: Option<i64>,
    page_size: Option<i64>,
    start: Option<String>,
}

/// How to page, or nothing if the call is to be made as it is: with `--no-paginate` or a member that pages by hand.
///
/// # Errors
/// Paging options together with those.
pub fn plan(
    operation: &Operation,
    parsed: &Parsed,
    input: &Map<String, Value>,
    paginate: bool,
) -> Result<Option<(Paging, Plan)>, Failure> {
    let Some(paging) = operation.paging else { return Ok(None) };
    let by_hand = [paging.input_token, paging.limit].iter().any(|name| input.contains_key(*name));
    let used: Vec<&str> =
        ["--starting-token", "--page-size", "--max-items"].into_iter().filter(|flag| parsed.has(flag)).collect();
    if !paginate || by_hand {
        if used.is_empty() {
            return Ok(None);
        }
        return Err(Failure::Value(format!(
            "Cannot specify --no-paginate along with pagination arguments: {}",
            used.join(", ")
        )));
    }
    let number = |flag| parsed.value(flag).and_then(super::args::python_int);
    let start = parsed.value("--starting-token").map(str::to_owned);
    Ok(Some((paging, Plan { max_items: number("--max-items"), page_size: number("--page-size"), start })))
}

/// Fetches the pages with `call`.
///
/// # Errors
/// Those of `call`, and a starting token that is none.
pub fn fetch(
    paging: &Paging,
    plan: &Plan,
    input: &Map<String, Value>,
    mut call: impl FnMut(Map<String, Value>) -> Result<Value, Failure>,
) -> Result<Pages, Failure> {
    let mut input = input.clone();
    let (mut token, mut skip) = plan.start.as_deref().map_or(Ok((None, 0)), |text| starting_token(text, paging))?;
    if let Some(size) = plan.page_size {
        input.insert(paging.limit.to_owned(), size.into());
    }
    let mut done = Pages::default();
    let mut total = 0;
    for _ in 0..MAX_PAGES {
        match &token {
            Some(token) => _ = input.insert(paging.input_token.to_owned(), token.clone().into()),
            None => _ = input.remove(paging.input_token),
        }
        let mut page = call(input.clone())?;
        let items = page.get_mut(paging.result).and_then(Value::as_array_mut);
        let mut kept = 0;
        if let Some(items) = items {
            items.drain(..skip.min(items.len()));
            kept = items.len();
            let length = i64::try_from(kept).unwrap_or(i64::MAX);
            if let Some(room) = plan.max_items.map(|max| max - total).filter(|room| length > *room) {
                // Less than none is a slice from the end.
                let keep = if room < 0 { length + room } else { room };
                items.truncate(usize::try_from(keep).unwrap_or(0));
                let skipped = i64::try_from(skip).unwrap_or(i64::MAX);
                done.next = Some(encode(paging, token.as_deref(), Some(room.saturating_add(skipped))));
                done.pages.push(page);
                return Ok(done);
            }
        }
        total += i64::try_from(kept).unwrap_or(i64::MAX);
        skip = 0;
        token = page.get(paging.output_token).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
        done.pages.push(page);
        if token.is_none() {
            break;
        }
        if plan.max_items == Some(total) {
            done.next = Some(encode(paging, token.as_deref(), None));
            break;
        }
    }
    Ok(done)
}

/// The listing as one result: the list, the other members, `NextToken` (cli 3.3).
pub fn merge(paging: &Paging, pages: &Pages) -> Value {
    let mut out = Map::new();
    let mut all = Vec::new();
    for page in &pages.pages {
        all.extend(page.get(paging.result).and_then(Value::as_array).into_iter().flatten().cloned());
    }
    out.insert(paging.result.to_owned(), Value::Array(all));
    for (name, value) in rest(paging, pages) {
        out.insert(name, value);
    }
    if let Some(next) = &pages.next {
        out.insert("NextToken".to_owned(), next.clone().into());
    }
    Value::Object(out)
}

/// The results of `--output text`: one a page, the members that do not page with the first.
pub fn text_results(paging: &Paging, pages: &Pages) -> Vec<Value> {
    let mut results = Vec::new();
    for (at, page) in pages.pages.iter().enumerate() {
        let mut out: Map<String, Value> = if at == 0 { rest(paging, pages).into_iter().collect() } else { Map::new() };
        out.insert(paging.result.to_owned(), page.get(paging.result).cloned().unwrap_or_default());
        results.push(Value::Object(out));
    }
    if let Some(next) = &pages.next {
        results.push(crate::formats::aws_output::text_next_token(next));
    }
    results
}

fn rest(paging: &Paging, pages: &Pages) -> Vec<(String, Value)> {
    let first = pages.pages.first();
    let member = |name: &&str| first.and_then(|page| page.get(*name)).map(|value| ((*name).to_owned(), value.clone()));
    paging.rest.iter().filter_map(member).collect()
}

fn encode(paging: &Paging, token: Option<&str>, cut: Option<i64>) -> String {
    let mut value = Map::new();
    value.insert(paging.input_token.to_owned(), token.map_or(Value::Null, Into::into));
    if let Some(cut) = cut {
        value.insert("boto_truncate_amount".to_owned(), cut.into());
    }
    STANDARD.encode(python_spaced(&Value::Object(value)))
}

/// The service's token and the number of items to pass over. A text that is no token of ours is one of the service.
fn starting_token(text: &str, paging: &Paging) -> Result<(Option<String>, usize), Failure> {
    let ours = STANDARD
        .decode(text)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|decoded| python_json::parse(&decoded).ok());
    if let Some(Value::Object(ours)) = ours {
        let skip = ours.get("boto_truncate_amount").and_then(Value::as_u64).unwrap_or(0);
        let token = ours.get(paging.input_token).and_then(Value::as_str).filter(|t| *t != "None");
        return Ok((token.map(str::to_owned), usize::try_from(skip).unwrap_or(usize::MAX)));
    }
    // The form of older versions: `token___7`.
    let parts: Vec<&str> = text.split("___").collect();
    let (token, skip) = match parts.as_slice() {
        [token] => (*token, 0),
        [token, number] => match super::args::python_int(number) {
            Some(number) => (*token, usize::try_from(number).unwrap_or(0)),
            None => (text, 0),
        },
        _ => return Err(Failure::Other(format!("Bad starting token: {text}"))),
    };
    Ok((Some(token.to_owned()).filter(|t| t != "None"), skip))
}

/// A result of a call that was made as it is.
pub fn single(page: Value) -> Pages {
    Pages { pages: vec![if page.is_null() { json!({}) } else { page }], next: None }
}

#[cfg(test)]
mod tests {
    use super::super::model::service;
    use super::*;

    /// A service with six items and tokens `tok:N` in base64.
    fn answer(input: &Map<String, Value>) -> Value {
        let start = input.get("nextToken").and_then(Value::as_str).map_or(0, |token| {
            String::from_utf8(STANDARD.decode(token).unwrap()).unwrap().trim_start_matches("tok:").parse().unwrap()
        });
        let size = input.get("maxResults").and_then(Value::as_u64).unwrap_or(100) as usize;
        let end = (start + size).min(6);
        let mut out = json!({"accessEntries": (start..end).collect::<Vec<_>>()});
        if end < 6 {
            out["nextToken"] = STANDARD.encode(format!("tok:{end}")).into();
        }
        out
    }

    fn check(max_items: Option<i64>, page_size: Option<i64>, start: Option<&str>, items: Value, next: Option<Value>) {
        let paging = service("eks").and_then(|s| s.operation("list-access-entries")).unwrap().paging.unwrap();
        let plan = Plan { max_items, page_size, start: start.map(str::to_owned) };
        let pages = fetch(&paging, &plan, &Map::new(), |input| Ok(answer(&input))).unwrap();
        let merged = merge(&paging, &pages);
        assert_eq!(merged["accessEntries"], items);
        let token = merged.get("NextToken").map(|token| {
            python_json::parse(&String::from_utf8(STANDARD.decode(token.as_str().unwrap()).unwrap()).unwrap()).unwrap()
        });
        assert_eq!(token, next);
    }

    #[test]
    fn listings_are_cut_and_continued() {
        check(None, None, None, json!([0, 1, 2, 3, 4, 5]), None);
        check(None, Some(2), None, json!([0, 1, 2, 3, 4, 5]), None);
        check(Some(2), None, None, json!([0, 1]), Some(json!({"nextToken": null, "boto_truncate_amount": 2})));
        let start = STANDARD.encode("{\"nextToken\": null, \"boto_truncate_amount\": 2}");
        let next = json!({"nextToken": null, "boto_truncate_amount": 4});
        check(Some(2), None, Some(&start), json!([2, 3]), Some(next));
        let next = json!({"nextToken": "dG9rOjI=", "boto_truncate_amount": 1});
        check(Some(3), Some(2), None, json!([0, 1, 2]), Some(next));
        check(Some(4), Some(2), None, json!([0, 1, 2, 3]), Some(json!({"nextToken": "dG9rOjQ="})));
        check(Some(6), None, None, json!([0, 1, 2, 3, 4, 5]), None);
    }
}
