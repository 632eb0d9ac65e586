//! How a JSON value differs from another one, as JSON.
//!
//! Frozen: links of versions 1 and 2 hold such differences. Version 1 has no changes of texts.

use serde_json::{Map, Value, json};

/// The member that gives the length of a changed list.
const LENGTH: &str = "#";

/// How `new` differs from `base`, as an object: members that changed (nested), `null` for those that went;
/// lists as objects of changed items by position, with their new length under [`LENGTH`].
/// a text that keeps enough of its ends as `[kept at the start, text, kept at the end]`, counted in bytes.
/// `None` if this form cannot say it: a `null` in the content, or a member called [`LENGTH`].
pub fn difference(base: &Value, new: &Value) -> Option<Value> {
    match (base, new) {
        (Value::Object(base), Value::Object(new)) => {
            let mut out = Map::new();
            for (key, value) in new {
                if value.is_null() || key == LENGTH {
                    return None;
                }
                match base.get(key) {
                    Some(old) if old == value => {}
                    Some(old) if reads_as_change(old, value) => drop(out.insert(key.clone(), difference(old, value)?)),
                    _ => drop(out.insert(key.clone(), plain(value)?)),
                }
            }
            for key in base.keys().filter(|key| !new.contains_key(*key)) {
                out.insert(key.clone(), Value::Null);
            }
            Some(Value::Object(out))
        }
        (Value::Array(base), Value::Array(new)) => {
            let mut out = Map::new();
            if base.len() != new.len() {
                out.insert(LENGTH.to_owned(), json!(new.len()));
            }
            for (index, value) in new.iter().enumerate() {
                match base.get(index) {
                    Some(old) if old == value => {}
                    Some(old) if reads_as_change(old, value) => {
                        out.insert(index.to_string(), difference(old, value)?);
                    }
                    _ => drop(out.insert(index.to_string(), plain(value)?)),
                }
            }
            Some(Value::Object(out))
        }
        (Value::String(base), Value::String(new)) => Some(changed_text(base, new)),
        // A list in place of a text would be read as the text's change, an object in place of a list as the list's.
        (Value::String(_), Value::Array(_)) | (Value::Array(_), Value::Object(_)) => None,
        _ => plain(new),
    }
}

/// How much of a text must be kept for its change to be said by its ends.
const KEPT: usize = 24;

fn changed_text(base: &str, new: &str) -> Value {
    let same_start = base.char_indices().zip(new.chars()).take_while(|((_, a), b)| a == b).last();
    let start = same_start.map_or(0, |((at, c), _)| at + c.len_utf8());
    let (base_rest, new_rest) = (base.get(start..).unwrap_or_default(), new.get(start..).unwrap_or_default());
    let same_end = base_rest.chars().rev().zip(new_rest.chars().rev()).take_while(|(a, b)| a == b);
    let end: usize = same_end.map(|(c, _)| c.len_utf8()).sum();
    match new_rest.len().checked_sub(end).and_then(|length| new_rest.get(..length)) {
        Some(text) if start + end >= KEPT => json!([start, text, end]),
        _ => json!(new),
    }
}

/// A text with a change as [`changed_text`] says it.
fn edited(base: &str, change: &[Value]) -> Option<String> {
    let [start, text, end] = change else { return None };
    let count = |value: &Value| usize::try_from(value.as_u64()?).ok();
    let (start, end) = (count(start)?, base.len().checked_sub(count(end)?)?);
    Some(format!("{}{}{}", base.get(..start)?, text.as_str()?, base.get(end..)?))
}

/// Whether [`apply`] would read the new value as a change of the old one, so that it must be told as such.
fn reads_as_change(old: &Value, new: &Value) -> bool {
    match old {
        Value::Object(_) => new.is_object(),
        Value::Array(_) => new.is_array() || new.is_object(),
        Value::String(_) => new.is_string() || new.is_array(),
        _ => false,
    }
}

/// `value` itself, if it holds nothing that a difference uses for itself.
fn plain(value: &Value) -> Option<Value> {
    fn good(value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::Array(items) => items.iter().all(good),
            Value::Object(members) => members.iter().all(|(key, value)| key != LENGTH && good(value)),
            _ => true,
        }
    }
    good(value).then(|| value.clone())
}

/// `base` with a difference applied. Hostile differences give some other JSON, which is then checked as any.
pub fn apply(base: Value, difference: &Value) -> Value {
    match (base, difference) {
        (Value::Object(mut base), Value::Object(changes)) => {
            for (key, change) in changes {
                if change.is_null() {
                    base.shift_remove(key);
                } else {
                    let old = base.get(key).cloned().unwrap_or_default();
                    base.insert(key.clone(), apply(old, change));
                }
            }
            Value::Object(base)
        }
        (Value::Array(mut base), Value::Object(changes)) => {
            if let Some(length) = changes.get(LENGTH).and_then(Value::as_u64) {
                // A length beyond what the changes can fill would only add nulls.
                let most = base.len().saturating_add(changes.len());
                base.resize(usize::try_from(length).unwrap_or(usize::MAX).min(most), Value::Null);
            }
            for (key, change) in changes.iter().filter(|(key, _)| *key != LENGTH) {
                if let Some(item) = key.parse::<usize>().ok().and_then(|index| base.get_mut(index)) {
                    *item = apply(item.take(), change);
                }
            }
            Value::Array(base)
        }
        (Value::String(base), Value::Array(change)) => {
            edited(&base, change).map_or_else(|| Value::Array(change.clone()), Value::String)
        }
        (_, change) => change.clone(),
    }
}
